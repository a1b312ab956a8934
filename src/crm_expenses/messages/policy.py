"""What is wrong with a policy or an expression, and how to mend it."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "expression.long": (
        "the expression has {length} characters; at most {limit} are read (a limit of the language). Split the rule",
        "表达式有 {length} 个字符，最多 {limit} 个（语言的限制）。请拆分规则",
    ),
    "expression.empty": (
        "the expression is empty. Example: amount > 200",
        "表达式为空。示例：amount > 200",
    ),
    "expression.deep": (
        "the expression is nested deeper than {limit} (a limit of the language). Split the rule",
        "表达式嵌套超过 {limit} 层（语言的限制）。请拆分规则",
    ),
    "expression.syntax": (
        "this cannot be read from here on: {near}. Expressions are written like: amount > 200 and grade in ('junior', 'senior')",
        "从此处起无法识别：{near}。表达式的写法例如：amount > 200 and grade in ('junior', 'senior')",
    ),
    "expression.sign": (
        "{sign} stands here, but expressions are written with {instead}",
        "此处写的是 {sign}，表达式中请改用半角的 {instead}",
    ),
    "expression.date_bare": (
        "{value} is a date without quotes. Write it like date('2026-01-31')",
        "{value} 是没有加引号的日期。请写成 date('2026-01-31')",
    ),
    "expression.clock_bare": (
        "{value} is a time without quotes. Write it like at('09:30')",
        "{value} 是没有加引号的时刻。请写成 at('09:30')",
    ),
    "expression.percent": (
        "{value} is a percentage. Write it as a number: 20 % is 0.2",
        "{value} 是百分数。请写成小数：20% 写作 0.2",
    ),
    "expression.equals": (
        "one = stands here, but equality is written with two: grade == 'junior'",
        "此处只有一个 =，判断相等要写两个：grade == 'junior'",
    ),
    "expression.no_condition": (
        "this is {given}, but a condition is needed here, something that holds or not, like amount > 200",
        "这是 {given}，但此处需要条件，即成立或不成立的判断，例如 amount > 200",
    ),
    "expression.form": (
        "the language has no {form}. It has names, numbers, texts, + - * %, comparisons, in, and, or, not, a if b else c, tables[key] and functions",
        "语言中没有 {form}。可用：名称、数字、文本、+ - * %、比较、in、and、or、not、a if b else c、表[键] 和函数",
    ),
    "expression.number": (
        "{value} is not a number of the language: up to 15 digits, a point, up to 9 decimals",
        "{value} 不是语言中的数字：最多 15 位整数、小数点和 9 位小数",
    ),
    "expression.unknown": (
        "there is no fact or parameter {name}. Near: {near}",
        "没有名为 {name} 的事实或标准。相近：{near}",
    ),
    "expression.no_parameter": (
        "there is no parameter {name}. Near: {near}",
        "没有名为 {name} 的标准。相近：{near}",
    ),
    "expression.missing": (
        "{name} may be missing. Guard it: present({name}) and ..., or default({name}, value)",
        "{name} 可能缺失。请加保护：present({name}) and ...，或 default({name}, 值)",
    ),
    "expression.keys": (
        "{name} is looked up by [{wanted}], but {given} keys are given. Write {name}[{wanted}]",
        "{name} 按 [{wanted}] 查表，但给了 {given} 个键。请写 {name}[{wanted}]",
    ),
    "expression.key_type": (
        "key {key} of {name} is {wanted}, but {given} is given",
        "{name} 的键 {key} 是 {wanted}，但给的是 {given}",
    ),
    "expression.yes_no": (
        "this is {given}, but a condition is needed, like amount > 200",
        "这是 {given}，但需要条件，例如 amount > 200",
    ),
    "expression.chain": (
        "comparisons cannot be chained. Write a < b and b < c",
        "比较不能连写。请写 a < b and b < c",
    ),
    "expression.compare": (
        "{left} cannot be compared or combined with {right}. Bring both to one type and unit",
        "{left} 不能与 {right} 比较或运算。请统一类型与单位",
    ),
    "expression.order": (
        "{left} has no order; only == and != and in compare it",
        "{left} 没有大小之分，只能用 ==、!= 和 in",
    ),
    "expression.in": (
        'after `in` comes a list of texts in brackets, like category in ("meal", "gift")',
        '`in` 之后是括号中的文本列表，例如 category in ("meal", "gift")',
    ),
    "expression.choice": (
        '"{value}" is not in the list {choice}. Near: {near}',
        "“{value}”不在列表 {choice} 中。相近：{near}",
    ),
    "expression.quantity": (
        "this is {given}, but a number or amount is needed",
        "这是 {given}，但需要数字或金额",
    ),
    "expression.slash": (
        "there is no bare /. Say where precision ends: divide(a, b, 0.01, half_up)",
        "不能直接用 /。请说明取整方式：divide(a, b, 0.01, half_up)",
    ),
    "expression.remainder": (
        "the right side of % must be a number above zero, like amount % 100",
        "% 的右边必须是大于零的数字，例如 amount % 100",
    ),
    "expression.function": (
        "there is no function {name}. Near: {near}",
        "没有函数 {name}。相近：{near}",
    ),
    "expression.arguments": ("{name} is called like this: {form}", "{name} 的写法：{form}"),
    "expression.text": ("this is {given}, but a text is needed", "这是 {given}，但需要文本"),
    "expression.date": (
        "this is {given}, but a date is needed, like date or submitted",
        "这是 {given}，但需要日期，例如 date 或 submitted",
    ),
    "expression.mode": ("the way of rounding must be one of: {modes}", "取整方式只能是：{modes}"),
    "expression.step": (
        "the step of a rounding must be a number above zero, like 0.01",
        "取整步长必须是大于零的数字，例如 0.01",
    ),
    "expression.scale": (
        "the result has {places} decimals; at most {limit} are kept (a limit of the language). Use round(...)",
        "结果有 {places} 位小数，最多 {limit} 位（语言的限制）。请用 round(...)",
    ),
    "expression.bounds": (
        "the result can go beyond {limit} (a limit of the language, so that every engine computes it exactly). What reaches farthest is {name}, from {low} to {high}: narrow it with min(..., most) or max(..., least)",
        "结果可能超过 {limit}（语言的限制，以便各引擎精确计算）。其中范围最大的是 {name}，从 {low} 到 {high}：请用 min(..., 上限) 或 max(..., 下限) 收窄",
    ),
    "expression.wanted": (
        "the whole is {given}, but {wanted} is needed here. Check units: nights times CNY/night gives CNY",
        "整个表达式是 {given}，但此处需要 {wanted}。请检查单位：晚数乘以 CNY/night 得 CNY",
    ),
    "expression.round_first": (
        "the result has {places} decimals, but the currency has {limit}. Write round(..., 0.01, half_up)",
        "结果有 {places} 位小数，而币种只有 {limit} 位。请写 round(..., 0.01, half_up)",
    ),
    "expression.band_places": (
        "the quantity has {places} decimals, and the bands of {name} have {limit}. Write band_places = {places} in [parameter.{name}]",
        "该数量有 {places} 位小数，而 {name} 的分段只有 {limit} 位。请在 [parameter.{name}] 中写 band_places = {places}",
    ),
    "expression.result": (
        "{name} is known only after the rules that set it: allowed in measures, entitled in all kinds but allow, claim_allowed on the claim. Read it there",
        "{name} 要在相关规则之后才知道：allowed 用于 measure，entitled 用于除 allow 外的各类规则，claim_allowed 用于报销单规则。请在这些地方读取",
    ),
    "expression.below": (
        "the value {name} stands further below, and a value can read only those above it. Move [value.{name}] up; a value cannot read itself",
        "值 {name} 写在更下方，而值只能读取写在其上方的值。请把 [value.{name}] 移到上方；值不能读取自身",
    ),
    "expression.each": (
        "total_of and count_of cannot go over {name} here: it looks at a {of}, and this expression at a {scope}. On a line or a part of its trip give a value of scope day or period, on the claim one of scope line",
        "此处 total_of 与 count_of 不能用于 {name}：它针对 {of}，而此表达式针对 {scope}。针对明细或行程各段时请用 scope 为 day 或 period 的值，针对报销单时请用 scope 为 line 的值",
    ),
    "expression.each_state": (
        "{name} cannot be summed over the claim's lines, because it reads {state}, which depends on the order of lines. Leave it out of the value",
        "{name} 不能按报销单各明细累计，因为它读取 {state}，而后者取决于明细的先后。请勿在该值中使用",
    ),
    "expression.day": (
        "{value} is not a date. Write it like date('2026-01-31')",
        "{value} 不是日期。请写成 date('2026-01-31')",
    ),
    "expression.hours": (
        "{value} is not a number of hours that makes whole minutes, up to 400 days. Write hours(12) or hours(7.5)",
        "{value} 不是能折合整分钟的小时数（至多 400 天）。请写成 hours(12) 或 hours(7.5)",
    ),
    "policy.component_mixed": (
        "component {component} is given by the day, the period and the line at once. Give all its rules one scope, or use two components",
        "{component} 这一组成部分同时按日、按时段或按明细给出。请让其规则使用同一 scope，或分成两个组成部分",
    ),
    "expression.scope": (
        "{name} is a fact of another scope ({scopes}), and this expression looks at: {of}. Change the rule's scope, or the fact",
        "{name} 属于其他对象（{scopes}），而此表达式针对 {of}。请改规则的 scope，或换一个事实",
    ),
    "expression.shape": (
        "{value} is not a form of text: 9 a digit, A a capital, a a small letter, * any sign, {20} or {1,5} times. Example: 9{20}",
        "{value} 不是文本格式：9 数字，A 大写字母，a 小写字母，* 任意字符，{20} 或 {1,5} 为次数。示例：9{20}",
    ),
    "expression.clock": (
        "{value} is not a time of day. Write hours and minutes in quotes, like at('09:30')",
        "{value} 不是时刻。请用引号写小时和分钟，例如 at('09:30')",
    ),
    "expression.category": (
        "{value} is not a category. Write categories in quotes, like total_of('meal', 'gift')",
        "{value} 不是类别。请用引号写类别，例如 total_of('meal', 'gift')",
    ),
    "expression.no_bands": (
        'the parameter {name} has no bands to walk along. Give it band = "km" and the column where bands begin',
        '标准 {name} 没有分段，无法累计。请为其加 band = "km" 以及分段起点列',
    ),
    "policy.name": (
        "{name} is not a name: small letters, digits and _, starting with a letter",
        "{name} 不是有效名称：小写字母、数字和 _，以字母开头",
    ),
    "policy.name_taken": (
        "{name} is already a fact, list, type or function of the language. Choose another name",
        "{name} 已是语言中的事实、列表、类型或函数。请换名",
    ),
    "policy.no_values": (
        "parameter {name} has no values. Add [[parameter.{name}.values]] with from = and is =",
        "标准 {name} 没有值。请加 [[parameter.{name}.values]]，写明 from = 与 is =",
    ),
    "policy.date_order": (
        "{name}: values from {value} stand after those from {before}. Put them in order of date, each date once",
        "{name}：自 {value} 起的值排在自 {before} 起的值之后。请按日期排列，每个日期一次",
    ),
    "policy.unit": (
        "a money parameter is in the policy's currency {currency}, but its unit is {unit}. Example: {currency}/night",
        "金额标准须用政策币种 {currency}，但单位是 {unit}。示例：{currency}/night",
    ),
    "policy.type": ("{value} is not a type. Known: {options}", "{value} 不是类型。可用：{options}"),
    "policy.key": (
        "{value} cannot be a key. Keys are lists of [choices] or text facts: {options}",
        "{value} 不能作键。键可以是 [choices] 的列表或文本事实：{options}",
    ),
    "policy.scalar": (
        "{name} has no keys, so it needs exactly is = VALUE",
        "{name} 没有键，只需写 is = 值",
    ),
    "policy.table": (
        "{name} has the keys {keys}, so it needs table = [[...]] or else = VALUE, and no is =",
        "{name} 有键 {keys}，需要 table = [[...]] 或 else = 值，不能用 is =",
    ),
    "policy.row": (
        "this row has {given} cells, but the columns are: {columns}",
        "此行有 {given} 格，但列为：{columns}",
    ),
    "policy.row_key": (
        "{value} is not in the list {key}: {options}",
        "{value} 不在列表 {key} 中：{options}",
    ),
    "policy.row_twice": ("there are two rows for {key}. Keep one", "{key} 有两行。请保留一行"),
    "policy.no_else": (
        "{name} is keyed by a free text, so it needs else = VALUE for texts without a row",
        "{name} 以自由文本为键，需写 else = 值，用于没有对应行的文本",
    ),
    "policy.rows_missing": (
        "{count} rows are missing from {start} on, such as: {missing}. Add them, or else = VALUE",
        "自 {start} 起缺 {count} 行，例如：{missing}。请补上，或写 else = 值",
    ),
    "policy.count": (
        "{value} does not fit: a count is a whole number, and no figure is beyond 10^12",
        "{value} 不符合：计数须为整数，且任何数值不超过 10^12",
    ),
    "policy.code": (
        "{code} is not a code: small letters, digits, _ and points, like lodging.cap",
        "{code} 不是有效代码：小写字母、数字、_ 和点，例如 lodging.cap",
    ),
    "policy.code_twice": (
        "the code {code} stands already at {first}. Each rule needs its own",
        "代码 {code} 已在 {first} 使用。每条规则须有自己的代码",
    ),
    "policy.effect": (
        "a rule of kind {kind} cannot have the effect {effect}. It can have: {allowed}",
        "{kind} 类规则不能有效果 {effect}。可用：{allowed}",
    ),
    "policy.part_extra": (
        "a rule of kind {kind} has no {part}; it has {wanted}",
        "{kind} 类规则没有 {part}，应写 {wanted}",
    ),
    "policy.part_missing": (
        'a rule of kind {kind} needs {part} = "..."',
        '{kind} 类规则需要 {part} = "..."',
    ),
    "policy.no_period": (
        '{part} is for rules that sum over a time. Add period = "month", or remove {part}',
        '{part} 只用于按时段累计的规则。请加 period = "month"，或删去 {part}',
    ),
    "policy.window_kind": (
        "only a limit or a measure on lines sums over a time, and this is a {kind}. Name the sum: [window.x], and read x",
        "只有针对明细的 limit 与 measure 可按时段累计，而这是 {kind}。请用 [window.x] 命名该累计，再读取 x",
    ),
    "policy.window_period": (
        'a window needs a period, like period = "month"',
        '窗口需要时段，例如 period = "month"',
    ),
    "policy.part_of_period": (
        '{part} belongs to period = "{wanted}", and this one is {period}. Remove it, or change the period',
        '{part} 只用于 period = "{wanted}"，而此处为 {period}。请删去，或改时段',
    ),
    "policy.days": (
        "{part} is {value}, but a number of days from 1 to {limit} is needed here (a limit of the language)",
        "{part} 为 {value}，但此处需要 1 到 {limit} 之间的天数（语言的限制）",
    ),
    "policy.year_starts": (
        '{value} is not a day on which each year can begin. Write month and day, like "04-06"',
        '{value} 不能作为每年的起始日。请写月和日，例如 "04-06"',
    ),
    "policy.counts_limit": (
        "counts is for limits with a period; this sums what its own expression says",
        "counts 只用于带时段的 limit；此处按自己的表达式累计",
    ),
    "policy.scope": (
        "a rule of kind {kind} cannot have the scope {scope}. It can have: {allowed}",
        "{kind} 类规则不能以 {scope} 为对象。可用：{allowed}",
    ),
    "policy.claim_on": (
        "a rule on the claim is on no category. Remove on, and use total_of('meal') or count_of('meal')",
        "针对报销单的规则没有类别。请删去 on，并使用 total_of('meal') 或 count_of('meal')",
    ),
    "policy.component": (
        "only a rule of kind allow has a component, and this is a {kind}. Remove it",
        "只有 allow 类规则有 component，而这是 {kind}。请删去",
    ),
    "policy.places": (
        "{value} decimals do not fit here; a number has 0 to {limit} (a limit of the language), other types none",
        "此处不能有 {value} 位小数；number 可有 0 到 {limit} 位（语言的限制），其他类型没有",
    ),
    "policy.no_unit": (
        "a fact of type {type} has no unit; number and count have one",
        "{type} 类型的事实没有单位；number 和 count 才有",
    ),
    "policy.no_band": (
        '{part} belongs to a table with bands. Add band = "km" (the unit of the column), or remove {part}',
        '{part} 只用于分段的表。请加 band = "km"（该列的单位），或删去 {part}',
    ),
    "policy.bands": (
        "{name} has bands, so it needs table = [[...]] with the columns {columns}, and neither is = nor else =",
        "{name} 有分段，需要 table = [[...]]，列为 {columns}，不能用 is = 或 else =",
    ),
    "policy.band_key": (
        "{name} has bands, so each of its keys must be a list of [choices], not a free text",
        "{name} 有分段，因此每个键必须是 [choices] 的列表，不能是自由文本",
    ),
    "policy.band_order": (
        "a band begins at {value}, not above the one before it. Put the bands of a key in rising order, each start once",
        "分段从 {value} 开始，未高于前一段。请将同一键的分段按升序排列，每个起点一次",
    ),
    "policy.constants": (
        "{name}: some rows have a constant and others of the same key have none. Give all of them one (0 is one)",
        "{name}：同一键的部分行有常数，部分没有。请全部写上（可写 0）",
    ),
    "policy.step_twice": (
        "the approval step {code} stands twice. Each step needs its own code",
        "审批节点 {code} 出现两次。每个节点须有自己的代码",
    ),
    "policy.per": (
        "a sum cannot be kept per {value}. Known: {options}",
        "不能按 {value} 累计。可用：{options}",
    ),
    "policy.per_missing": (
        '{name} may be missing, so a sum per {value} needs when = "present({name})"',
        '{name} 可能缺失，因此按 {value} 累计需写 when = "present({name})"',
    ),
    "policy.field": (
        "the message names {name}, which this rule does not know. Known: {options}",
        "信息中的 {name} 不是此规则的内容。可用：{options}",
    ),
    "policy.category": (
        "{value} is not a category of this policy: {options}. Add [category.{value}]",
        "{value} 不是本政策的类别：{options}。请加 [category.{value}]",
    ),
    "policy.choices": (
        '{name} is {value}, but a closed list needs different texts, like ["junior", "senior"]',
        '{name} 的值是 {value}，但封闭列表需要互不相同的文本，例如 ["junior", "senior"]',
    ),
    "policy.who": (
        "{value} is nobody that can be found. Write manager, role:finance or person:P001",
        "找不到 {value}。请写 manager、role:finance 或 person:P001",
    ),
    "policy.calendar_ends": (
        "the calendar covers nothing: its until = {until} lies before its from = {start}. Exchange them",
        "日历未涵盖任何日期：until = {until} 早于 from = {start}。请对调",
    ),
    "policy.calendar_day": (
        "{name} lists {day}, but the calendar covers {covered}. Remove the day, or move from or until once the whole year is listed",
        "{name} 列有 {day}，但日历涵盖 {covered}。请删去该日；如全年的日子已列全，请调整 from 或 until",
    ),
    "policy.who_twice": (
        "{value} stands twice in who. Name each once",
        "who 中 {value} 出现两次。每项只写一次",
    ),
    "policy.step_never": (
        'step {code} is never due. Give above = AMOUNT or outcome = "review"; or on = [CATEGORIES], if it is due for each of their lines',
        '步骤 {code} 永远不会触发。请写 above = 金额 或 outcome = "review"；如须审批某些类别的全部明细，请写 on = [类别]',
    ),
    "policy.step_of_nothing": (
        "{name} is an empty list, so that the step looks at nothing. Fill it in, or leave it out to look at everything",
        "{name} 是空列表，该节点不涉及任何内容。请填写；如不限制，请删去此项",
    ),
    "policy.finding": (
        "{value} is no finding of this policy. Known: {options}",
        "{value} 不是本政策的问题代码。可用：{options}",
    ),
    "policy.time_limit": (
        "{value} is not a number of days from {least} to {most} (a limit of this package)",
        "{value} 不是 {least} 到 {most} 之间的天数（本软件的限制）",
    ),
    "policy.deadline_order": (
        "the step escalates after {escalate} days, not later than it reminds, after {remind}. Exchange them, or leave one out",
        "升级期限（{escalate} 天）不晚于提醒期限（{remind} 天）。请对调，或删去其一",
    ),
    "policy.escalate_alone": (
        "escalate_to = {value} has no effect without a time limit. Give escalate_after = DAYS, too",
        "只写 escalate_to = {value} 而没有期限，不起作用。请同时写 escalate_after = 天数",
    ),
    "policy.authority_who": (
        "{value} is nobody whose authority can be limited. Write role:finance, person:P001, grade:senior or everyone",
        "无法限制 {value} 的审批权限。请写 role:finance、person:P001、grade:senior 或 everyone",
    ),
    "policy.authority_twice": (
        "the authority of {value} stands twice. Keep one of them",
        "{value} 的审批权限出现两次。请保留其一",
    ),
    "policy.below_zero": (
        "{value} is below zero. Give the highest amount that is allowed",
        "{value} 小于零。请写允许的最高金额",
    ),
    "policy.day_of_month": (
        "{value} is not a day of a month, 1 to 31. A day that a month does not have is its last",
        "{value} 不是每月的日期（1 到 31）。当月没有的日期按最后一天",
    ),
}
