"""The words of an explanation: how the decision on one line came about."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "explain.line": (
        "line {line}: {outcome}; claimed {claimed}, allowed {allowed} {currency}",
        "明细 {line}：{outcome}；申报 {claimed}，允许 {allowed} {currency}",
    ),
    "explain.fact": ("{name} = {value}   {meaning}", "{name} = {value}   {meaning}"),
    "explain.entitlement": (
        "entitlement {component} = {amount} {currency}",
        "应得额 {component} = {amount} {currency}",
    ),
    "explain.measure": ("{title} ({code}) = {value}{unit}", "{title}（{code}）= {value}{unit}"),
    "explain.measure_total": ("so far in its period: {total}", "本期累计：{total}"),
    "explain.rule": ("{code}  {title}: {verdict}", "{code}  {title}：{verdict}"),
    "explain.clause": ("clause {clause}", "条款 {clause}"),
    "explain.passes": ("nothing to say", "无问题"),
    "explain.not_applied": ("does not apply", "不适用"),
    "explain.found": ("{effect}. {text}", "{effect}。{text}"),
    "explain.taken_in": ("amount taken in {amount}", "本规则核定前 {amount}"),
    "explain.before": ("used before in its period {amount}", "本期此前已用 {amount}"),
    "explain.left": ("leaves {amount}", "本规则核定后 {amount}"),
    "explain.when": ("applies when {text}: {value}", "适用条件 {text}：{value}"),
    "explain.that": ("must hold: {text}: {value}", "必须成立：{text}：{value}"),
    "explain.that_not": ("must not hold: {text}: {value}", "不得成立：{text}：{value}"),
    "explain.that_flag": (
        "a person looks when {text}: {value}",
        "需人工查看的条件 {text}：{value}",
    ),
    "explain.at_most": ("at most {text} = {value}", "最多 {text} = {value}"),
    "explain.gives": ("gives {text} = {value}", "给出 {text} = {value}"),
    "explain.part": ("{text} = {value}", "{text} = {value}"),
    "explain.day": ("day {day}", "日期 {day}"),
    "explain.table": (
        "in force from {start}; {source}",
        "自 {start} 起生效；{source}",
    ),
    "explain.stands_for": ("stands for: {text}", "即：{text}"),
    "explain.table_bare": ("in force from {start}", "自 {start} 起生效"),
    "explain.yes": ("yes", "是"),
    "explain.no": ("no", "否"),
    "explain.unknown": ("cannot be computed", "无法计算"),
    "explain.change": ("it would pass with {name} = {value}", "若 {name} = {value}，即可通过"),
    "explain.change_any": ("it would pass if {name} were given", "若填写{name}，即可通过"),
    "explain.claim": ("the claim as a whole", "报销单整体"),
    "explain.approvals": ("approval steps due: {steps}", "须经的审批节点：{steps}"),
}
