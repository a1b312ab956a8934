"""Texts of what is published from a policy: the handbook, the quiz, the differences."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # Worked examples
    "example.fact": ("{noun}: {value}", "{noun}：{value}"),
    "example.line": ("{category}, {amount}", "{category}，{amount}"),
    "example.foreign": ("{foreign}, worth {amount}", "{foreign}（折合{amount}）"),
    "example.lines_one": ("{category}: 1 line of {amount}", "{category}：1 条，{amount}"),
    "example.lines": (
        "{category}: {count} lines of {amount} each",
        "{category}：{count} 条，每条{amount}",
    ),
    "example.not_given": ("not given", "未填写"),
    "example.yes": ("yes", "是"),
    "example.no": ("no", "否"),
    "example.signs": ("{count} characters", "{count} 个字符"),
    "example.signs_one": ("1 character", "1 个字符"),
    "example.day": ("{day} ({weekday})", "{day}（{weekday}）"),
    "example.submitted": ("submitted {days} later", "{days}后提交"),
    "example.submitted_before": ("submitted {days} earlier", "提前{days}提交"),
    "example.submitted_same": ("submitted on the same day", "当日提交"),
    "example.before": (
        "already used of the limit: {amount}",
        "此前已用额度：{amount}",
    ),
    "example.trip_day": (
        "a trip within one day, from {leaves} to {returns} ({length})",
        "当日往返，{leaves} 出发、{returns} 返回（{length}）",
    ),
    "example.trip": (
        "a trip of {days} days, leaving at {leaves} and back at {returns} on the last",
        "出差 {days} 天，首日 {leaves} 出发，末日 {returns} 返回",
    ),
    "example.meals": (
        "every meal {by}",
        "各餐均{by}",
    ),
    "example.nights": ("the nights {where}", "夜间{where}"),
    "example.pass": ("Paid in full: {allowed}", "全额报销：{allowed}"),
    "example.reduced": ("Reduced to {allowed}", "核减为{allowed}"),
    "example.justify": (
        "A reason is needed; without it {allowed} is paid",
        "须说明理由，否则只报销{allowed}",
    ),
    "example.justify_full": ("A reason is needed", "须说明理由"),
    "example.review": (
        "A person reviews it",
        "转人工复核",
    ),
    "example.reject": ("Not paid", "不予报销"),
    "example.due": (
        "Due: {allowed}",
        "应发：{allowed}",
    ),
    "example.part": ("{component}: {amount}", "{component}：{amount}"),
    "example.figure": ("{title}: {amount}", "{title}：{amount}"),
    "example.allows": ("{outcome} ({amount} claimed)", "{outcome}（申报{amount}）"),
    # The handbook
    "handbook.about": (
        "Policy {id}, version {version}. Amounts are in {currency} unless stated otherwise.",
        "政策编号 {id}，版本 {version}。除另有说明外，金额单位为{currency}。",
    ),
    "handbook.made": (
        "This handbook is made from the rules that decide claims, and every example was decided by them. Digest of the policy: {digest}.",
        "本手册由系统审核报销单所用的规则自动生成，示例结果均由同一套规则审核得出。政策摘要：{digest}。",
    ),
    "handbook.contents": ("Contents", "目录"),
    "handbook.outcomes": (
        "What can happen to a line",
        "审核结论",
    ),
    "handbook.asked": (
        "What to fill in, by category",
        "各类别填报内容",
    ),
    "handbook.asked_about": (
        "Besides the amount, the date and the category. What a rule requires must be there, or the line is not simply paid.",
        "除金额、日期和类别外，还须填报以下内容。规则要求的内容如未填写，该明细不会直接通过。",
    ),
    "handbook.demanded": (
        "required by ",
        "要求见",
    ),
    "handbook.read": (
        "used by ",
        "用于",
    ),
    "handbook.colon": (": ", "："),
    "handbook.rules": ("Rules", "规则"),
    "handbook.of_claim": ("The claim as a whole", "整张报销单"),
    "handbook.of_all": (
        "Every category",
        "所有类别",
    ),
    "handbook.clause": ("clause {clause}", "条款 {clause}"),
    "handbook.examples": ("Examples", "示例"),
    "handbook.arrow": (" → ", " → "),
    "handbook.semicolon": ("; ", "；"),
    "handbook.table_see": (
        "{name} ({rows} rows)",
        "{name}（共{rows}行）",
    ),
    "handbook.windows": (
        "Running totals that rules read",
        "规则所用的累计口径",
    ),
    "handbook.approvals": (
        "Who approves",
        "审批",
    ),
    "handbook.approvals_about": (
        "The steps are taken in this order. Nobody approves their own claim.",
        "按下列顺序逐级审批；任何人不得审批本人的报销单。",
    ),
    "handbook.parameters": (
        "Figures",
        "标准一览",
    ),
    "handbook.parameters_about": (
        "A line is judged by the figures of its own date, the claim as a whole by those of the submission date.",
        "明细按其消费日期当时的标准审核，整张报销单按提交日期当时的标准审核。",
    ),
    "handbook.name": (
        "Name in the policy",
        "政策中的代码",
    ),
    "handbook.from": ("From", "自"),
    "handbook.until": ("Until", "至"),
    "handbook.open": (
        "further notice",
        "长期",
    ),
    "handbook.value": (
        "Figure",
        "标准",
    ),
    "handbook.rows": (
        " ({count} rows)",
        "（{count} 行）",
    ),
    "handbook.source": ("Source", "来源"),
    "handbook.checked": ("Checked on", "核对日期"),
    "handbook.used": (
        "Used by",
        "适用规则",
    ),
    "handbook.else": ("all others", "其他"),
    "handbook.band_from": (
        "From",
        "起点",
    ),
    "handbook.band_above": ("Above", "超过"),
    "handbook.constant": (
        "Plus",
        "另加",
    ),
    "handbook.facts": (
        "Fields particular to this policy",
        "本政策的自定义字段",
    ),
    "handbook.meaning": (
        "Field",
        "字段",
    ),
    "handbook.kind": (
        "Type",
        "类型",
    ),
    "handbook.of": (
        "Belongs to",
        "所属对象",
    ),
    "handbook.lists": (
        "Lists of values",
        "可选值",
    ),
    "handbook.words": (
        "Values",
        "可选值",
    ),
    "handbook.calendar": ("Calendar", "日历"),
    "handbook.covered": (
        "The calendar covers {covered}; where a rule asks for the working days of another time, a person reviews it.",
        "日历涵盖 {covered}；规则涉及其他日期的工作日时，转人工复核。",
    ),
    "diff.covered": ("The calendar covers {list}", "日历涵盖 {list}"),
    "handbook.rest_days": (
        "Days off that would be working days: {list}",
        "放假日（原为工作日）：{list}",
    ),
    "handbook.work_days": (
        "Weekend days that are worked: {list}",
        "调休上班日（原为周末）：{list}",
    ),
    "handbook.span": ("{first} to {last}", "{first} 至 {last}"),
    "outcome.pass": (
        "paid as claimed, or as the allowance says",
        "按申报金额报销，补贴按标准发放",
    ),
    "outcome.reduced": (
        "paid up to the limit; the rest is not",
        "按限额报销，超出部分核减",
    ),
    "outcome.justify": (
        "waits for a reason from the claimant, then it is decided anew",
        "待报销人说明理由，说明后重新审核",
    ),
    "outcome.review": (
        "a person looks at it and decides",
        "由审核人员人工复核后决定",
    ),
    "outcome.reject": (
        "not paid",
        "不予报销",
    ),
    "of.line": (
        "the line",
        "明细",
    ),
    "of.claim": ("the claim", "报销单"),
    "of.person": ("the person", "人员"),
    "of.day": (
        "a day of the trip",
        "出差的某一天",
    ),
    "type.yes_no": (
        "yes or no",
        "是或否",
    ),
    "type.date": (
        "date",
        "日期",
    ),
    "type.text": (
        "text",
        "文本",
    ),
    "type.number": (
        "number",
        "数字",
    ),
    "type.unit": (
        "number ({unit})",
        "数字（{unit}）",
    ),
    "type.choice": (
        "a value of “{name}”",
        "“{name}”中的一项",
    ),
    # The quiz
    "quiz.title": (
        "Questions on {title}",
        "{title}：测试题",
    ),
    "quiz.what": (
        "What happens to this claim?",
        "审核结论是什么？",
    ),
    "quiz.how_much": (
        "How much is paid?",
        "报销多少？",
    ),
    "quiz.question": ("Question {number}. {claim}", "第 {number} 题：{claim}"),
    "quiz.full": (
        "It is paid in full",
        "全额报销",
    ),
    "quiz.reduced": (
        "Only a part of it is paid",
        "核减，只报销一部分",
    ),
    "quiz.justify": (
        "A reason must be given first",
        "须先说明理由",
    ),
    "quiz.review": (
        "A person reviews it",
        "转人工复核",
    ),
    "quiz.reject": (
        "It is not paid",
        "不予报销",
    ),
    "quiz.entitled": (
        "It is paid as the allowance says",
        "按补贴标准发放",
    ),
    "quiz.option": ("  {key}) {option}", "  {key}) {option}"),
    "quiz.answers": ("Answers", "答案"),
    "quiz.answer": ("{number}. {key}) {option}", "{number}. {key}) {option}"),
    "quiz.because": ("   {text}", "   {text}"),
    "quiz.nothing": (
        "It keeps to every rule.",
        "符合全部规则。",
    ),
    "quiz.rule": (
        "Rule: {title} ({code})",
        "规则：{title}（{code}）",
    ),
    "quiz.none": (
        "{path}: the policy has no rule of which an example was found, so there is nothing to ask",
        "{path}：未能为该政策的任何规则找到示例，无法出题",
    ),
    # What changed between two policies
    "diff.title": (
        "From {old} to {new}",
        "从 {old} 到 {new}",
    ),
    "diff.same": ("Nothing changed.", "没有变化。"),
    "diff.head": (
        "The policy",
        "政策本身",
    ),
    "diff.part": ("{name}: {old} → {new}", "{name}：{old} → {new}"),
    "diff.id": ("id", "编号"),
    "diff.version": ("version", "版本"),
    "diff.currency": ("currency", "币种"),
    "diff.title_of": (
        "title",
        "名称",
    ),
    "diff.categories": ("Categories", "类别"),
    "diff.rules": ("Rules", "规则"),
    "diff.parameters": (
        "Figures",
        "标准",
    ),
    "diff.approvals": (
        "Approvals",
        "审批",
    ),
    "diff.windows": (
        "Running totals that rules read",
        "规则所用的累计口径",
    ),
    "diff.facts": (
        "Fields particular to the policy",
        "政策的自定义字段",
    ),
    "diff.lists": (
        "Lists of values",
        "可选值",
    ),
    "diff.calendar": ("Calendar", "日历"),
    "diff.examples": (
        "Examples that are decided differently",
        "结论有变化的示例",
    ),
    "diff.examples_none": (
        "None of the {count} worked examples is decided differently.",
        "{count} 个示例的结论均无变化。",
    ),
    "diff.examples_currency": (
        "The currencies differ, so no example can be compared.",
        "币种不同，无法比较示例。",
    ),
    "diff.examples_some": (
        "{changed} of {count} worked examples are decided differently.",
        "{count} 个示例中，{changed} 个的结论有变化。",
    ),
    "diff.added": ("added", "新增"),
    "diff.removed": ("removed", "删除"),
    "diff.changed": ("changed", "修改"),
    "diff.before": (
        "before",
        "原",
    ),
    "diff.after": (
        "now",
        "现",
    ),
    "diff.nothing": ("nothing", "无"),
    "diff.approval_terms": ("what holds for all steps", "对所有节点的规定"),
    "diff.payment": ("payment", "支付"),
    "diff.steps": (
        "order of the steps",
        "审批顺序",
    ),
    "diff.from": ("From {day}", "自{day}起"),
    "diff.key": (
        "Key",
        "项目",
    ),
    "diff.old": (
        "Before",
        "原标准",
    ),
    "diff.new": (
        "Now",
        "新标准",
    ),
    "diff.type": ("type and unit: {old} → {new}", "类型与单位：{old} → {new}"),
    "diff.keys": (
        "keys: {old} → {new}",
        "查找条件：{old} → {new}",
    ),
    "diff.source": (
        "from {day}, source: {old} → {new}",
        "自{day}起的标准，来源：{old} → {new}",
    ),
    "diff.checked": (
        "from {day}, checked on: {old} → {new}",
        "自{day}起的标准，核对日期：{old} → {new}",
    ),
    "example.on": (
        "on {day}",
        "消费日期：{day}",
    ),
    "example.given": (
        "given",
        "已填写",
    ),
    "example.on_trip": (
        "during a trip",
        "出差期间",
    ),
    "example.no_trip": (
        "not on a trip",
        "非出差期间",
    ),
    "example.days": (
        "day by day: {list}",
        "逐日：{list}",
    ),
    "example.other": (
        "{name} (in no table)",
        "{name}（表中未列）",
    ),
    "handbook.always": (
        "A line also goes to review when no rule covers its category, when a fact that a rule needs (such as the grade) is missing, or when a table has no row for it. Where several rules apply, the strictest outcome and the lowest amount count.",
        "此外，明细所属类别没有规则覆盖、规则所需信息（如职级）缺失、标准表中查不到对应行的，一律转人工复核。多条规则同时适用时，结论取最严者，金额取最低者。",
    ),
    "handbook.uncovered": (
        "No rule covers these categories: {list}.",
        "以下类别没有规则覆盖：{list}。",
    ),
    "handbook.excused": (
        "asked for when these rules are not met: ",
        "不符合下列规则时填写：",
    ),
    "handbook.comma": (
        "; ",
        "；",
    ),
    "handbook.effect.note": (
        "note only",
        "仅提示",
    ),
    "handbook.effect.cap": (
        "excess cut",
        "超出核减",
    ),
    "handbook.effect.justify": (
        "reason needed",
        "须说明理由",
    ),
    "handbook.effect.review": (
        "review",
        "人工复核",
    ),
    "handbook.effect.reject": (
        "not paid",
        "不予报销",
    ),
    "handbook.figures_of": (
        "{name}: {list}",
        "{name}：{list}",
    ),
    "handbook.figure": (
        "{value}, {validity}",
        "{value}，{validity}",
    ),
    "handbook.since": (
        "from {day} on",
        "自{day}起",
    ),
    "handbook.source_is": (
        "source: {source}",
        "来源：{source}",
    ),
    "handbook.checked_on": (
        "checked on {day}",
        "{day}核对",
    ),
    "handbook.in_brackets": (
        " ({a})",
        "（{a}）",
    ),
    "handbook.table_title": (
        "{table}: {title}",
        "{table}：{title}",
    ),
    "handbook.sorted": (
        "{name} by {keys}",
        "{keys}对照表（{name}）",
    ),
    "handbook.unit": (
        ", in {unit}",
        "（{unit}）",
    ),
    "handbook.earlier": (
        "Earlier figures",
        "此前的标准",
    ),
    "handbook.no_rule": (
        "no rule",
        "（无）",
    ),
    "handbook.list": (
        "List",
        "清单",
    ),
    "key.month": (
        "month",
        "月份",
    ),
    "key.weekday": (
        "weekday",
        "星期",
    ),
    "quiz.about": (
        "Whatever a question does not mention is in order.",
        "题目未提及的事项均符合规定。",
    ),
    "quiz.limit": (
        "The limit here is {amount}.",
        "此处限额为{amount}。",
    ),
    "quiz.not_applied": (
        "The rule does not apply here.",
        "该规则在此不适用。",
    ),
    "diff.because": (
        "{result} ({rules})",
        "{result}（{rules}）",
    ),
    "handbook.explained": (
        "The meaning of {list} stands under ",
        "{list}的含义见",
    ),
    "handbook.figure_word": (
        "Figure",
        "标准",
    ),
    "handbook.approval_of": (
        "approval step {number}",
        "第 {number} 级审批",
    ),
    "handbook.parameters_days": (
        "A rule on the days of a trip takes, for each day, the figures of that day.",
        "按出差逐日计算的规则，各日按当日的标准计算。",
    ),
    "handbook.parameters_periods": (
        "A rule on each 24 hours of a trip takes the figures of the day on which the 24 hours begin.",
        "按每 24 小时计算的规则，各时段按其开始之日的标准计算。",
    ),
    "handbook.band_length": (
        "Length of time",
        "时长",
    ),
    "handbook.length_from": (
        "from {start}",
        "{start}起",
    ),
    "handbook.length_above": (
        "over {start}",
        "超过{start}",
    ),
    "diff.values": (
        "What names stand for",
        "名称所指的内容",
    ),
    "diff.components": (
        "Components",
        "组成部分",
    ),
    "diff.plug_ins": (
        "Plug-ins",
        "插件",
    ),
    "diff.stands_for": (
        "stands for",
        "所指",
    ),
    "diff.scope": (
        "looked at",
        "计算对象",
    ),
    "diff.scope_line": (
        "each line",
        "每条明细",
    ),
    "diff.scope_day": (
        "each day of the trip",
        "出差的每一天",
    ),
    "diff.scope_period": (
        "each 24 hours of the trip",
        "出差的每 24 小时",
    ),
    "diff.scope_claim": (
        "the claim as a whole",
        "整张报销单",
    ),
    "diff.counts": (
        "lines that count",
        "计入的明细",
    ),
    "diff.counts_accepted": (
        "those that no rule rejects",
        "未被任何规则拒绝的明细",
    ),
    "diff.counts_eligible": (
        "all that fit, rejected ones, too",
        "所有符合条件的明细，包括被拒绝的",
    ),
    "diff.messages": (
        "messages",
        "提示语",
    ),
    "diff.type_choice": (
        "a word of the list {name}",
        "列表{name}中的一个",
    ),
    "diff.places_one": (
        "{type}, with 1 decimal",
        "{type}，1 位小数",
    ),
    "diff.places": (
        "{type}, with {count} decimals",
        "{type}，{count} 位小数",
    ),
    "diff.other_language": (
        "{name}: only the Chinese text changed",
        "{name}：仅英文文本有变化",
    ),
    "diff.named": (
        "name: {old} → {new}",
        "名称：{old} → {new}",
    ),
    "quiz.figure": (
        "How much is “{title}”?",
        "“{title}”是多少？",
    ),
    "example.refund": (
        "{category}, a refund of {amount}",
        "{category}，退款{amount}",
    ),
    "example.nothing_due": (
        "Nothing is due",
        "无应发金额",
    ),
    "type.money": (
        "an amount",
        "金额",
    ),
    "diff.source_new": (
        "from {day}, source: {new}",
        "自{day}起的标准，来源：{new}",
    ),
}
