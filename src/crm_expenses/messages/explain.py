"""The words of an explanation: how the decision on one line came about."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "explain.line": (
        "line {line}: {outcome}; claimed {claimed}, allowed {allowed}",
        "明细 {line}：{outcome}；申报{claimed}，核准{allowed}",
    ),
    "explain.fact": (
        "{noun} ({name}): {value}",
        "{noun}（{name}）：{value}",
    ),
    "explain.entitlement": (
        "{title} ({code}) gives {amount}",
        "{title}（{code}）：应发{amount}",
    ),
    "explain.measure": (
        "{title} ({code}): {value}",
        "{title}（{code}）：{value}",
    ),
    "explain.measure_total": (
        "so far in its period: {total}",
        "本期累计：{total}",
    ),
    "explain.rule": (
        "{title} ({code}): {verdict}",
        "{title}（{code}）：{verdict}",
    ),
    "explain.clause": ("clause {clause}", "条款 {clause}"),
    "explain.passes": (
        "nothing against it",
        "符合",
    ),
    "explain.not_applied": ("does not apply", "不适用"),
    "explain.found": ("{effect}. {text}", "{effect}。{text}"),
    "explain.taken_in": (
        "amount that it looks at: {amount}",
        "审核金额：{amount}",
    ),
    "explain.before": (
        "already used in its period: {amount}",
        "本期此前已用：{amount}",
    ),
    "explain.left": (
        "amount that it leaves: {amount}",
        "核准金额：{amount}",
    ),
    "explain.when": (
        "applies where {text}: {value}",
        "适用条件：{text}——{value}",
    ),
    "explain.that": (
        "required: {text}: {value}",
        "要求：{text}——{value}",
    ),
    "explain.that_not": (
        "not allowed: {text}: {value}",
        "不得出现：{text}——{value}",
    ),
    "explain.that_flag": (
        "flagged: {text}: {value}",
        "标记情形：{text}——{value}",
    ),
    "explain.at_most": (
        "at most {text} = {value}",
        "限额：{text} = {value}",
    ),
    "explain.gives": (
        "gives {text} = {value}",
        "应发：{text} = {value}",
    ),
    "explain.part": ("{text} = {value}", "{text} = {value}"),
    "explain.day": (
        "day {day}",
        "日期：{day}",
    ),
    "explain.table": (
        "in force from {start}; source: {source}",
        "自{start}起生效；来源：{source}",
    ),
    "explain.table_bare": (
        "in force from {start}",
        "自{start}起生效",
    ),
    "explain.stands_for": (
        "that is: {text}",
        "即：{text}",
    ),
    "explain.yes": ("yes", "是"),
    "explain.no": ("no", "否"),
    "explain.unknown": ("cannot be computed", "无法计算"),
    "explain.change": (
        "it would pass if {name} were {value}",
        "若{name}为 {value}，即可通过",
    ),
    "explain.change_any": (
        "it would pass if {name} were given",
        "若填写{name}，即可通过",
    ),
    "explain.claim": (
        "the claim as a whole",
        "整张报销单",
    ),
    "explain.approvals": (
        "approval steps due: {steps}",
        "须经的审批节点：{steps}",
    ),
    "explain.figure": (
        "comes to {text} = {value}",
        "统计：{text} = {value}",
    ),
}
