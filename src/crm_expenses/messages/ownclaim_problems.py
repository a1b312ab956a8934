"""What is wrong with a claim that is made here, with a payment or with an advance."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "claims.no_person": (
        "nobody is known by the id {person}. Look at the people of the CRM, or at the file that people names under [claims]; give the right id with --as",
        "没有编号为 {person} 的人员。请查看 CRM 中的人员，或 [claims] 的 people 所指文件；用 --as 指明正确的编号",
    ),
    "claims.not_yours": (
        "{person} made no claim {claim} here, so {person} cannot change it. `crm-expenses claims list` shows those there are",
        "{person} 没有在此建立报销单 {claim}，不能修改。可用 `crm-expenses claims list` 查看",
    ),
    "claims.not_finance": (
        "{person} does not hold the role finance, which {what} needs; its holders: {known}. Ask one of them, or change [roles] in the settings",
        "{person} 不担任 finance 角色，无权办理 {what}；现任：{known}。请由其办理，或修改设置中的 [roles]",
    ),
    "claims.no_loose": (
        "{person} has no loose lines to make a claim of. Note some first: `crm-expenses claims add FILE`",
        "{person} 没有未归入的明细，无法生成报销单。请先登记：`crm-expenses claims add FILE`",
    ),
    "claims.no_lines": (
        "{claim} has no lines left to submit. Take some in with `crm-expenses claims change {claim} --add LINE`, or withdraw it",
        "{claim} 没有明细，无法提交。请用 `crm-expenses claims change {claim} --add LINE` 归入明细，或作废",
    ),
    "claims.no_line": (
        "there is no line {line} in {claim}; there are: {known}. `crm-expenses claims loose` and `claims show` list them",
        "{claim} 中没有明细 {line}；现有：{known}。可用 `crm-expenses claims loose` 与 `claims show` 查看",
    ),
    "claims.no_change": (
        "nothing of {claim} is to be changed. Give --title, --line with --set, or --add",
        "没有要修改的内容（{claim}）。请给出 --title、--line 与 --set，或 --add",
    ),
    "claims.line_claimed": (
        "the line {line} is in the claim {claim} already. Change it there: `crm-expenses claims change {claim} --line {line} --set ...`; if this is another spending, give it an id of its own: --set line=ID",
        "明细 {line} 已在报销单 {claim} 中。请在那里修改：`crm-expenses claims change {claim} --line {line} --set …`；若是另一笔花费，请另给编号：--set line=编号",
    ),
    "claims.line_of_other": (
        "the line {line} is of {other}, and {person} notes lines of their own only. Let {other} note it",
        "明细 {line} 属于 {other}，{person} 只能登记本人的明细。请由 {other} 登记",
    ),
    "claims.set": (
        "{value} is not of the form name=value. Write --set city=Beijing",
        "{value} 不是“名称=值”的形式。请写作 --set city=北京",
    ),
    "claims.which_lines": (
        "say which loose lines: --line ID (repeated), or --all",
        "请指明明细：--line 编号（可重复），或 --all",
    ),
    "claims.file_or_line": (
        "say either a FILE, or one line by --date, --category and --amount",
        "请给出文件 FILE，或用 --date、--category、--amount 登记一笔",
    ),
    "claims.one_line": (
        "--set changes fields of one line: name it with --line",
        "--set 修改某一笔明细的字段：请用 --line 指明",
    ),
    "claims.number_taken": (
        "{number} is the name of a claim of the CRM. Choose another prefix under [claims] in the settings than {prefix}",
        "{number} 是 CRM 中已有报销单的名称。请在设置的 [claims] 中更换前缀 {prefix}",
    ),
    "claims.amount": (
        "{value} is not an amount. Write 120.50",
        "{value} 不是金额。请写作 120.50",
    ),
    "claims.day": (
        "{value} is not a day. Write it like 2026-06-30",
        "{value} 不是日期。请写作 2026-06-30",
    ),
    "claims.state": (
        "{value} is no state of a claim. There are: {known}",
        "{value} 不是报销单的状态。可用：{known}",
    ),
    "claims.people_read": ("people in {path}: {count}", "{path} 中的人员：{count} 人"),
    "claims.people_columns": (
        "columns of people that nobody reads: {names}",
        "人员表中未使用的列：{names}",
    ),
    "claims.rates_read": ("exchange rates in {path}: {count}", "{path} 中的汇率：{count} 条"),
    "advance.none": (
        "there is no advance {advance}. `crm-expenses advances list` shows those there are",
        "没有预支款 {advance}。可用 `crm-expenses advances list` 查看",
    ),
    "advance.twice": (
        "there is an advance {advance} already. Choose another --id, or leave it out",
        "已有预支款 {advance}。请换一个 --id，或省略",
    ),
    "advance.not_positive": (
        "{amount} cannot be paid in advance: it must be above zero",
        "无法预支 {amount}：金额须大于零",
    ),
}
