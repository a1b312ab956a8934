"""Records that are changed here, fields that both sides changed, results that wait for a person."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "edits.own": (
        "the {kind} {record} was made here and is in no CRM. Change it by `crm-expenses claims change`",
        "{kind} {record} 在本软件中建立，不在任何 CRM 中。请用 `crm-expenses claims change` 修改",
    ),
    "edits.approval": (
        "{record} is what somebody said in the CRM {crm}; nobody else's word is changed here. Say it by `crm-expenses approvals`",
        "{record} 是某人在 CRM {crm} 中的审批意见；本软件不修改他人的意见。请用 `crm-expenses approvals` 表态",
    ),
    "edits.no_record": (
        "there is no {kind} {record} of the CRM {crm} here. Check kind and id, or run `crm-expenses sync` first",
        "这里没有 CRM {crm} 的 {kind} {record}。请核对类别与编号，或先运行 `crm-expenses sync`",
    ),
    "edits.id": (
        "the id of a {kind} is the CRM's own and cannot be changed. Fields that can: {known}",
        "{kind} 的编号由 CRM 决定，不能修改。可修改的字段：{known}",
    ),
    "edits.field": (
        "a {kind} has no field {field}. Fields that can be changed: {known}. Example: city=Beijing",
        "{kind} 没有字段 {field}。可修改的字段：{known}。示例：city=北京",
    ),
    "edits.value": (
        '{value} does not fit the field {field} of a {kind}. Write dates like 2026-01-31, amounts like "120.50 CNY", whole numbers like 3, yes or no as true or false, choices as listed',
        '{value} 不符合 {kind} 的字段 {field}。日期请写成 2026-01-31，金额如 "120.50 CNY"，整数如 3，是否写 true 或 false，选项按列表填写',
    ),
    "edits.planned": (
        "the budget {budget} was brought by a plan, which alone changes it. Change the plan, then run `crm-expenses budgets plan`",
        "预算 {budget} 来自预算计划，只能由计划修改。请修改计划后运行 `crm-expenses budgets plan`",
    ),
    "edits.asked": (
        "both sides changed {field} of {record}, and a person is asked whose value shall stand. Say it first: `crm-expenses conflicts resolve {clash} --take crm|ours|VALUE --why TEXT`",
        "双方都修改了 {record} 的 {field}，尚待裁定。请先运行：`crm-expenses conflicts resolve {clash} --take crm|ours|VALUE --why 原因`",
    ),
    "edits.erased": (
        "the words in {record} ({field}) were erased on request, and none are kept of it again. Leave that field out",
        "{record} 的文字（{field}）已应要求清除，不再保存。请不要填写该字段",
    ),
    "edits.not_there": (
        "records of the kind {kind} cannot be changed in the CRM {crm} from here; those that can: {known}. Change it in the CRM, and the next `crm-expenses sync` brings it",
        "不能从这里修改 CRM {crm} 中的 {kind}；可修改的类别：{known}。请在 CRM 中修改，下次 `crm-expenses sync` 会读入",
    ),
    "edits.kind": (
        "{value} is no kind of record. Kinds: {known}",
        "{value} 不是记录类别。类别：{known}",
    ),
    "edits.none": (
        "no field is named. Name at least one, like city=Beijing",
        "没有给出字段。请至少给出一个，例如 city=北京",
    ),
    "clash.none": (
        "there is no conflict {clash} of the CRM {crm}. List them: `crm-expenses conflicts list --all`",
        "CRM {crm} 没有冲突 {clash}。请查看：`crm-expenses conflicts list --all`",
    ),
    "clash.settled": (
        "the conflict {clash} is settled already (winner: {winner}). Change the record by `crm-expenses records change`",
        "冲突 {clash} 已经裁定（胜方：{winner}）。请用 `crm-expenses records change` 修改记录",
    ),
    "edits.why": (
        "say why, so that whoever reads the log understands: --why TEXT",
        "请说明原因，以便日志的读者理解：--why 原因",
    ),
    "push.acks": (
        "the adapter of the CRM {crm} answered {given} of {sent} writes as it should ({detail}). Nothing is taken as written; the next run reads back before it sends again. Report it to the adapter's maker",
        "CRM {crm} 的适配器对 {sent} 条写入只正确答复了 {given} 条（{detail}）。一律不视为已写入；下次运行会先回读再发送。请向适配器的作者反映",
    ),
    "push.stuck": (
        "tried {tries} times (tries_max under [crm.NAME.sync] in the settings), last: {detail}. See `crm-expenses retry --list`",
        "已尝试 {tries} 次（设置 [crm.NAME.sync] 的 tries_max），最近一次：{detail}。请查看 `crm-expenses retry --list`",
    ),
    "retry.unknown": (
        "{key} is no key of a result that waits for a person. List them: `crm-expenses retry --list`",
        "{key} 不是待处理结果的键。请查看：`crm-expenses retry --list`",
    ),
    "retry.which": (
        "say which: keys as `crm-expenses retry --list` shows them, or --all",
        "请指明哪些：`crm-expenses retry --list` 所列的键，或 --all",
    ),
}
