"""What findings say that no policy words for itself."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "rule.limit": (
        "{claimed} is over the limit of {limit} by {over}",
        "{claimed} 超过限额 {limit}，超出 {over}",
    ),
    "rule.window": (
        "{claimed} is over the limit of {limit}, of which {before} was used before, by {over}",
        "{claimed} 超过限额 {limit}（此前已用 {before}），超出 {over}",
    ),
    "rule.require": ("a requirement is not met", "未满足要求"),
    "rule.forbid": ("this is not allowed", "不允许"),
    "rule.flag": ("a person should look at this", "需要人工查看"),
    "result.line": ("[{line}] {text}", "[{line}] {text}"),
    "rule.failed.missing": (
        "the rule cannot be computed without {missing}, so a person must look",
        "缺少{missing}，规则无法计算，需人工查看",
    ),
    "missing.trip.legs": (
        "the trip that the line names, whose legs are not known",
        "明细所指的行程（没有该行程的行程段）",
    ),
    "missing.trip.span": (
        "the days of the trip, which ends before it begins or lasts too long",
        "行程的日期（该行程结束早于开始，或时间过长）",
    ),
    "rule.failed.no_value": (
        "{table} has no value for [{key}] on {date}, so a person must look",
        "{table} 在 {date} 没有 [{key}] 的值，需人工查看",
    ),
    "rule.gone": (
        "rule {code} of an earlier version of the policy",
        "政策早期版本中的规则 {code}",
    ),
    "rule.failed.beyond": (
        "a sum goes beyond 10^15 (a limit of the language), so a person must look",
        "合计超过 10^15（语言的限制），需人工查看",
    ),
    "rule.failed.zero": (
        "the rule divides by zero, so a person must look",
        "规则的除数为零，需人工查看",
    ),
    "rule.failed.date": (
        "a date lies beyond the calendar, so a person must look",
        "日期超出日历范围，需人工查看",
    ),
    "rule.failed.calendar": (
        "the policy's calendar covers {covered}, and {day} lies outside, so a person must look; "
        "bring it up to date with `crm-expenses policy calendar`",
        "政策的工作日历涵盖 {covered}，{day} 不在其中，需人工查看；请用 `crm-expenses policy calendar` 更新日历",
    ),
    "rule.failed.unreadable": (
        "{fact} cannot be read: it does not fit its type, so a person must look",
        "{fact} 无法读取：与其类型不符，需人工查看",
    ),
    "rule.failed.plug_in": (
        "the plug-in could not judge ({error}), so a person must look",
        "插件无法判断（{error}），需人工查看",
    ),
    "rule.allow": ("the entitlement could not be computed", "无法计算应得额"),
    "rule.measure": ("the figure could not be computed", "无法计算该数字"),
    "rule.resolved": ("{text} (settled: {by})", "{text}（已解决：{by}）"),
    "scope.uncovered": (
        "no rule of the policy covers the category {category}",
        "政策没有任何规则覆盖类别 {category}",
    ),
    "currency.no_rate": (
        "there is no exchange rate for {currency} on {date}",
        "没有 {currency} 在 {date} 的汇率",
    ),
    "person.unknown": ("the CRM does not know the person {person}", "CRM 中没有人员 {person}"),
    "claim.empty": ("the claim has no lines", "报销单没有明细"),
    "budget.exceeded": (
        "{budget}: {available} is left, but {needed} is needed; nothing was committed to it",
        "{budget}：余额 {available}，需要 {needed}，未占用该预算",
    ),
    "budget.no_rate": (
        "there is no exchange rate into {currency}, the currency of {budget}; nothing was committed to it",
        "没有折算为 {currency}（{budget} 的币种）的汇率，未占用该预算",
    ),
    "budget.overdrawn": (
        "{budget}: {available} is left, but {needed} is needed; the budget is soft and goes below zero",
        "{budget}：余额 {available}，需要 {needed}；该预算为软预算，已透支",
    ),
    "budget.approval": (
        "{budget}: {available} is left, but {needed} is needed; beyond its limit one more approval is needed",
        "{budget}：余额 {available}，需要 {needed}；超出部分需加签一次审批",
    ),
    "title.scope.uncovered": ("Category without a rule", "类别无规则"),
    "title.currency.no_rate": ("No exchange rate", "缺少汇率"),
    "title.person.unknown": ("Unknown person", "人员未知"),
    "title.claim.empty": ("Claim without lines", "报销单无明细"),
    "title.budget.exceeded": ("Budget too small", "预算不足"),
    "title.budget.overdrawn": ("Budget overdrawn", "预算透支"),
    "title.budget.approval": ("Budget at its limit", "预算已达上限"),
    "title.budget.no_rate": ("No rate for the budget", "缺少预算汇率"),
}
