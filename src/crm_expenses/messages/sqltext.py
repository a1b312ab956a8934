"""What a printed script of queries says to who reviews it."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "sqltext.head": (
        "Policy {id}, version {version}, as queries for {dialect}.",
        "政策 {id}（版本 {version}）的 {dialect} 查询脚本。",
    ),
    "sqltext.title": ("Title: {title}", "名称：{title}"),
    "sqltext.digest": ("Digest of the policy: {digest}", "政策摘要：{digest}"),
    "sqltext.versions": (
        "Version of the policy language: {language}. Version of the tables: {schema}.",
        "政策语言版本：{language}。数据表版本：{schema}。",
    ),
    "sqltext.reads": ("Reads the tables: {tables}.", "读取的数据表：{tables}。"),
    "sqltext.gives": (
        "Gives, by the queries at the end: {tables}.",
        "由末尾的查询给出：{tables}。",
    ),
    "sqltext.run": (
        "Run the statements in their order, in one session which has no tables of these names yet. Generated: change the policy, not this text.",
        "请在同一会话中按顺序执行各语句，该会话中尚不得有同名的表。本文件自动生成：请修改政策，而不是本文件。",
    ),
    "sqltext.not_run": (
        "The package was tested on DuckDB, PostgreSQL and Spark. It was not run on {dialect}: docs/reference/sql-functions.md cites the vendor's documentation of each function.",
        "本软件在 DuckDB、PostgreSQL 与 Spark 上经过测试，未在 {dialect} 上运行：docs/reference/sql-functions.md 逐一引用了厂商文档。",
    ),
    "sqltext.states": (
        "A column x… says what a rule found: 0 nothing, 1 a finding, 2 one that is justified, 3 one that is waived; from 5 on why the rule could not be computed: {reasons}.",
        "列 x… 表示规则的结果：0 无问题，1 有问题，2 已说明理由，3 已豁免；5 及以上为无法计算的原因：{reasons}。",
    ),
    "sqltext.step": ("{name}: {note}", "{name}：{note}"),
    "sqltext.rules": ("Rules here: {rules}.", "此处的规则：{rules}。"),
    "sqltext.parameter": (
        "The parameter {name} stands here as a list of constants{title}: {type}; from {dates}.",
        "标准 {name} 在此以常量列表写出{title}：{type}；生效日期 {dates}。",
    ),
    "sqltext.parameter_title": (" ({title})", "（{title}）"),
    "sqltext.parameter_keys": (
        "Its order: first the day from which values hold, then {keys}.",
        "顺序：先按生效日期，再按 {keys}。",
    ),
    "sqltext.parameter_key": ("{name} ({words})", "{name}（{words}）"),
    "sqltext.parameter_band": ("the bands of {unit}", "{unit} 的分段"),
    "sqltext.rule": ("{code}: {title}", "{code}：{title}"),
    "sqltext.rule_is": ("{kind}, effect {effect}", "{kind}，后果 {effect}"),
    "sqltext.rule_on": ("categories {on}", "类别 {on}"),
    "sqltext.rule_scope": ("looks at each {scope}", "逐个查看 {scope}"),
    "sqltext.rule_clause": ("Clause: {clause}", "条款：{clause}"),
    "sqltext.cell.x": ("{name}: what {code} finds", "{name}：{code} 的结果"),
    "sqltext.cell.a": ("{name}: whether {code} gives a value", "{name}：{code} 是否给出数值"),
    "sqltext.cell.room": ("{name}: what {code} leaves room for", "{name}：{code} 还可允许的金额"),
    "sqltext.cell.h": ("{name}: whether the line counts for {code}", "{name}：是否计入 {code}"),
    "sqltext.cell.c": ("{name}: what the line counts for {code}", "{name}：计入 {code} 的数值"),
    "sqltext.cell.b": (
        "{name}: what earlier lines count for {code}",
        "{name}：此前明细计入 {code} 的数值",
    ),
    "sqltext.cell.p_b": ("{name}: the period of {code}", "{name}：{code} 的周期"),
    "sqltext.cell.t": (
        "{name}: the total of {code} with this line",
        "{name}：{code} 含本行的累计",
    ),
    "sqltext.cell.v_a": ("{name}: what {code} gives", "{name}：{code} 给出的数值"),
    "sqltext.cell.waived": (
        "{name}: whether a waiver covers {code}",
        "{name}：{code} 是否有豁免",
    ),
    "sqltext.cell.left": (
        "{name}: what is left of the amount",
        "{name}：至此剩余的允许金额",
    ),
    "sqltext.cell.word": (
        "{name}: what several rules found, as one number",
        "{name}：多条规则的结果合为一个数",
    ),
    "sqltext.rounds": (
        "{name}: who counts depends on who is rejected, and who is rejected on who counts. Each round takes what the one before found; what a line counts depends on earlier lines only, so there is one end.",
        "{name}：谁计入取决于谁被拒绝，谁被拒绝又取决于谁计入。每一轮以上一轮的结果为起点；一行计入多少只取决于更早的明细，因此结果唯一。",
    ),
    "sqltext.rounds_count": (
        "Plain SQL cannot loop, so {rounds} rounds are written out. After the last one a guard stops the script if something still changed in it: nothing is approximated. Print the script with more --rounds then.",
        "普通 SQL 不能循环，因此这里写出 {rounds} 轮。若最后一轮仍有变化，其后的检查语句会使脚本报错停止：绝不近似。届时请以更大的 --rounds 重新生成。",
    ),
    "sqltext.round": ("Round {number} of {rounds}.", "第 {number} 轮，共 {rounds} 轮。"),
    "sqltext.guard": (
        "Stops with an error if the last round still changed something.",
        "若最后一轮仍有变化，则报错停止。",
    ),
    "sqltext.stop": (
        "{name}: not ended after {rounds} rounds, print it with more --rounds. Lines that change: ",
        "{name}：{rounds} 轮后仍未结束，请以更大的 --rounds 重新生成。仍变化的明细数：",
    ),
    "sqltext.result": ("Result {name}: {meaning}", "结果 {name}：{meaning}"),
    "sqltext.result_summary": (
        "one line with its outcome and the codes of its findings",
        "一行为一条明细的结论及其问题代码",
    ),
    "sqltext.note.facts": (
        "the facts of each line, and the rules that look at the line alone",
        "每条明细的事实，以及只看该明细的规则",
    ),
    "sqltext.note.sums": (
        "sums over earlier lines, and the rules that read them",
        "此前明细的累计，以及读取累计的规则",
    ),
    "sqltext.note.days": (
        "the days of trips, and the rules on them",
        "出差的各日，以及针对各日的规则",
    ),
    "sqltext.note.claim": (
        "what the claim says, and the rules that read it",
        "整单的情况，以及读取它的规则",
    ),
    "sqltext.note.follow": ("the rules that follow", "随后的规则"),
    "sqltext.note.claims": ("what is known of each claim", "每张报销单的情况"),
    "sqltext.note.found": ("with what the rounds found", "并入反复计算的结果"),
    "sqltext.note.touched": (
        "lines that share something with an earlier or a later one",
        "与更早或更晚的明细有共同之处的明细",
    ),
    "sqltext.note.before": ("before the first round", "第一轮之前"),
    "sqltext.note.numbers": ("numbers from 0 up, to count days", "从 0 起的整数，用于数日"),
    "sqltext.note.spans": (
        "each trip from its first departure to its last arrival",
        "每次出差自首次出发至最后到达",
    ),
    "sqltext.note.calendar": ("the calendar days of each trip", "每次出差的各个日历日"),
    "sqltext.note.periods": (
        "the periods of 24 hours of each trip, from its departure",
        "每次出差自出发起的各个 24 小时",
    ),
    "sqltext.note.rates": (
        "rates into the policy's currency, each until the next",
        "折算为政策币种的汇率，各至下一条为止",
    ),
    "sqltext.note.approved": (
        "the pre-approval that covers a line: the largest amount, then the first by id",
        "适用于该明细的事前审批单：取金额最大者，再取编号最前者",
    ),
    "sqltext.note.waived": (
        "the rules that a waiver lets pass, by line",
        "各明细因豁免而放行的规则",
    ),
    "sqltext.note.waived_claims": (
        "the rules that a waiver lets pass, by claim",
        "各报销单因豁免而放行的规则",
    ),
    "sqltext.note.words": (
        "words of a list and their places in the constants below",
        "词表中的词及其在下文常量中的位置",
    ),
    "sqltext.note.other": ("a step on the way", "中间步骤"),
}
