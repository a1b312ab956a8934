"""Back-tests: the page, the summary and the command."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "backtest.title": ("Back-test: {new} against {old}", "政策回测：{new} 对比 {old}"),
    "backtest.counted": (
        "{claims} claims with {lines} lines of {people} people",
        "{people} 人的 {claims} 张报销单，共 {lines} 条明细",
    ),
    "backtest.span": ("spent from {first} to {last}", "消费月份 {first} 至 {last}"),
    "backtest.left_out": (
        "{claims} more claims take no part: they are drafts, or were withdrawn, returned or rejected.",
        "另有 {claims} 张报销单不参与：草稿，或已撤回、退回、拒绝。",
    ),
    "backtest.difference": ("Difference in allowed", "核准金额的差额"),
    "backtest.allowed_before": ("Allowed before", "原政策核准"),
    "backtest.allowed_after": ("Allowed after", "新政策核准"),
    "backtest.touched": ("Claims decided otherwise", "结论有变的报销单"),
    "backtest.touched_more": (
        "with {lines} lines of {people} people",
        "涉及 {people} 人的 {lines} 条明细",
    ),
    "backtest.now_person": ("Claims that now need a person", "新增需人工处理的报销单"),
    "backtest.no_person": ("Claims that no longer need one", "不再需人工处理的报销单"),
    "backtest.person": ("Claims for a person", "需人工处理的报销单"),
    "backtest.person_shown": ("{shown} of {count}", "共 {count} 张，列出 {shown} 张"),
    "backtest.none_now": (
        "No claim would newly need a person.",
        "没有新增需人工处理的报销单。",
    ),
    "backtest.none_no_longer": (
        "No claim would need a person no longer.",
        "没有不再需人工处理的报销单。",
    ),
    "backtest.worth": ("{amount} {currency} claimed", "申报 {amount} {currency}"),
    "backtest.no_flips": (
        "Both policies decide every claim alike.",
        "两版政策对每张报销单的结论相同。",
    ),
    "backtest.before": ("Before", "原政策"),
    "backtest.after": ("After", "新政策"),
    "backtest.lines": ("Lines", "明细"),
    "backtest.touched_lines": ("Lines that differ", "有变的明细"),
    "backtest.touched_claims": ("Claims that differ", "有变的报销单"),
    "backtest.touched_people": ("People touched", "涉及人数"),
    "backtest.bar": ("{amount} · {lines} lines", "{amount} · {lines} 条"),
    "backtest.rules": ("By rule", "按规则"),
    "backtest.rules_about": (
        "What each rule accounts for of the difference, the biggest first.",
        "各规则在差额中的份额，由大到小。",
    ),
    "backtest.rules_caption": (
        "How often a rule speaks, and the lines that differ on its account. Amounts in {currency}.",
        "规则提出问题的次数，以及因其而有变的明细。金额单位 {currency}。",
    ),
    "backtest.none_rules": ("No rule speaks on any line.", "没有规则对任何明细提出问题。"),
    "backtest.no_rule": (
        "No rule speaks: amounts that rules give",
        "没有规则提出问题：由规则给出的金额",
    ),
    "backtest.spoke_before": ("Findings before", "原问题数"),
    "backtest.spoke_after": ("Findings after", "新问题数"),
    "backtest.categories": ("By category", "按费用类别"),
    "backtest.categories_head": ("Category", "费用类别"),
    "backtest.categories_about": (
        "The difference of each category, the biggest first.",
        "各费用类别的差额，由大到小。",
    ),
    "backtest.teams": ("By team", "按团队"),
    "backtest.teams_head": ("Team", "团队"),
    "backtest.teams_about": (
        "The difference of each team, the biggest first.",
        "各团队的差额，由大到小。",
    ),
    "backtest.no_team": ("Without a team", "无团队"),
    "backtest.months": ("By month of spending", "按消费月份"),
    "backtest.months_head": ("Month", "月份"),
    "backtest.months_about": (
        "The difference of each month; the last months where there are many.",
        "各月的差额；月份较多时只列最近的月份。",
    ),
    "backtest.groups_caption": (
        "All lines, what both policies allow on them, and what differs. Amounts in {currency}.",
        "全部明细、两版政策的核准金额以及有变的部分。金额单位 {currency}。",
    ),
    "backtest.rows_shown": (
        "The table shows {shown} of {count} rows; JSON has all.",
        "表格显示 {count} 行中的 {shown} 行；JSON 列出全部。",
    ),
    "backtest.changes": ("From outcome to outcome", "结论的变化"),
    "backtest.changes_caption": (
        "Lines, and below them claims, by their outcome before and after. Red: stricter, blue: milder.",
        "按原结论与新结论统计的明细，其下为报销单。红色：更严；蓝色：更宽。",
    ),
    "backtest.cell_claims": ("{claims} claims", "{claims} 张报销单"),
    "backtest.flips": ("Decisions that differ", "有变的结论"),
    "backtest.flips_about": (
        "{shown} of {count} claims, the biggest differences first. --flips FILE.parquet writes all of them.",
        "共 {count} 张，按差额由大到小列出 {shown} 张。用 --flips FILE.parquet 可写出全部。",
    ),
    "backtest.more_lines": ("and {count} more lines", "以及另外 {count} 条明细"),
    "backtest.nothing_found": ("No rule speaks.", "没有规则提出问题。"),
    "backtest.counting": ("How it is counted", "统计口径"),
    "backtest.define_counted": (
        "Claims count that were submitted, approved or paid. Each policy decides them in the order of receipt, with its own limits by day, month or year used up by what it allowed itself.",
        "统计已提交、已批准或已付款的报销单。两版政策各自按收单顺序处理，各自的日、月、年额度由其本身核准的金额占用。",
    ),
    "backtest.define_touched": (
        "A line differs when its outcome or its allowed amount differs; a claim, when its own do or one of its lines differs.",
        "明细的结论或核准金额不同即为有变；报销单本身的结论或金额不同，或其任一明细有变，即为有变。",
    ),
    "backtest.define_rules": (
        "Every line that differs counts for one rule, so the rules add up to the whole: first a rule that began or ceased to speak or speaks more or less strongly, then the stronger word, then the code.",
        "每条有变的明细只计入一条规则，因此各规则合计等于总额：优先计入开始或不再提出问题、或力度有变的规则，其次为力度较强者，再次按代码。",
    ),
    "backtest.define_people": (
        "A person or a claim that differs in two categories counts in both: only lines and amounts add up.",
        "同一人或同一报销单在两个类别中有变时分别计数：只有明细数与金额可以相加。",
    ),
    "backtest.define_person": (
        "A claim needs a person when its outcome is that a reason is missing or that someone must review it. Steps of approval by amount are not counted.",
        "结论为待说明或需复核的报销单需人工处理。按金额设置的审批步骤不计入。",
    ),
    "backtest.define_claims": (
        "Where a rule rejects a claim as a whole, nothing is allowed on any of its lines.",
        "规则拒绝整张报销单时，其全部明细的核准金额为零。",
    ),
    "backtest.define_history": (
        "People would have spent otherwise under another policy: a back-test says what the rules would have done, not what people would have.",
        "政策不同，员工的消费也会不同：回测只说明规则会如何处理，不预测员工会如何消费。",
    ),
    "backtest.sweep": ("Where to set the figure", "数值定在哪里"),
    "backtest.sweep_about": (
        "{name} ({target}) takes each value in turn from {since} on. The new policy has {now} {unit} (◆, dashed line).",
        "{name}（{target}）自 {since} 起依次取各数值。新政策为 {now} {unit}（◆，虚线）。",
    ),
    "backtest.sweep_allowed": ("Money allowed", "核准金额"),
    "backtest.sweep_exceptions": ("Lines that do not pass", "未直接通过的明细"),
    "backtest.sweep_caption": (
        "What each value leads to. Amounts in {currency}.",
        "各数值的结果。金额单位 {currency}。",
    ),
    "backtest.against_before": ("Against the old policy", "与原政策的差额"),
    "backtest.value": ("Value", "数值"),
    "backtest.exceptions": ("Exceptions", "例外"),
    # The summary on a terminal
    "backtest.line_whole": (
        "{claims} claims with {lines} lines: claimed {claimed}, allowed {before} before and {after} after: {difference} {currency} {share}",
        "{claims} 张报销单，{lines} 条明细：申报 {claimed}，原政策核准 {before}，新政策核准 {after}：{difference} {currency} {share}",
    ),
    "backtest.line_touched": (
        "decided otherwise: claims {claims}, lines {lines}, people {people}",
        "结论有变：{claims} 张报销单，{lines} 条明细，{people} 人",
    ),
    "backtest.line_person": (
        "claims that now need a person: {now}; that no longer do: {no_longer}",
        "新增需人工处理：{now} 张；不再需要：{no_longer} 张",
    ),
    "backtest.line_written": ("written: {path}", "已写入：{path}"),
    "backtest.and_more": (
        "{count} more that differ; --html and --json have them",
        "另有 {count} 项有变；见 --html 与 --json",
    ),
    "stage.backtest": ("claims decided twice", "已用两版政策处理的报销单"),
    # The command
    "command.backtest": (
        "Say what a changed policy would have decided on earlier claims, before it decides any.",
        "在启用新政策之前，说明它对以往的报销单会得出什么结论。",
    ),
    "option.backtest_data": (
        "A file of claims, or the settings of a store (crm_expenses.toml).",
        "报销单文件，或系统设置文件（crm_expenses.toml）。",
    ),
    "option.backtest_new": ("The new policy.", "新政策。"),
    "option.backtest_old": (
        "The policy it is tested against; with a store, by default the one of its settings.",
        "对比的原政策；使用系统设置时默认为其中的政策。",
    ),
    "option.backtest_html": (
        "Write a page with charts in both languages.",
        "写出含图表的双语页面。",
    ),
    "option.backtest_flips": (
        "Write every decision that differs to a Parquet file.",
        "把所有有变的结论写入 Parquet 文件。",
    ),
    "option.backtest_sweep": (
        "Let one figure of the new policy take many values: meal_day=80:200:10",
        "让新政策的一个数值依次取多个值：meal_day=80:200:10",
    ),
    "option.backtest_crm": ("Which CRM of the settings.", "设置中的哪个 CRM。"),
}
