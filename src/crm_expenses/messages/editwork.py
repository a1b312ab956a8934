"""What the commands `records`, `conflicts` and `retry` say."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "command.records": (
        "Look at the past of a record of the CRM, and change it from here.",
        "查看 CRM 记录的历史，并从这里修改。",
    ),
    "command.records_show": (
        "Show every version of a record: where it came from, who changed it here, and why.",
        "显示一条记录的所有版本：来自何处、谁在这里修改、原因为何。",
    ),
    "command.records_change": (
        "Change fields of a record; it counts at once, and the next sync writes it (role finance).",
        "修改记录的字段；立即生效，下次同步写回（finance 角色）。",
    ),
    "command.conflicts": (
        "Look at fields that both sides changed, and say whose value shall stand.",
        "查看双方都修改过的字段，并裁定取哪一方的值。",
    ),
    "command.conflicts_list": (
        "List the fields that both sides changed and that wait for a person.",
        "列出双方都修改过、等待裁定的字段。",
    ),
    "command.conflicts_show": (
        "Show one conflict with all three values.",
        "显示一处冲突及其三个值。",
    ),
    "command.conflicts_resolve": (
        "Settle a conflict: the CRM's value, ours, or another (role finance).",
        "裁定一处冲突：取 CRM 的值、我方的值或另一值（finance 角色）。",
    ),
    "command.retry": (
        "List results that the CRM refused or that wait no longer, and send them again.",
        "列出被 CRM 拒绝或已停止发送的结果，并重新发送。",
    ),
    "option.record_kind": (
        "Kind of record: claim, line, account, opportunity, …",
        "记录类别：claim、line、account、opportunity 等。",
    ),
    "option.record_id": ("Id of the record in the CRM.", "记录在 CRM 中的编号。"),
    "option.record_values": (
        'Fields and their new values: city=Beijing amount="120.50 CNY"; empty takes the value out.',
        '字段及新值：city=北京 amount="120.50 CNY"；留空表示清除。',
    ),
    "option.record_why": ("Why, in your own words.", "原因，用自己的话说明。"),
    "option.conflicts_all": (
        "Also those that are settled.",
        "同时列出已裁定的。",
    ),
    "option.conflict": (
        "Number of the conflict, as `conflicts list` shows it.",
        "冲突的编号，见 `conflicts list`。",
    ),
    "option.conflict_take": (
        "Whose value stands: crm, ours, or another value.",
        "取哪一方的值：crm、ours，或另一个值。",
    ),
    "option.retry_words": (
        "Connection in the settings (not needed where there is only one), and keys, or their beginnings.",
        "设置中的连接（只有一个时不必写），以及键或键的开头。",
    ),
    "option.retry_all": (
        "Everything that `--list` shows.",
        "`--list` 所列的全部。",
    ),
    "option.retry_list": (
        "Only list them, each with its reason.",
        "只列出，每条附原因。",
    ),
    "records.column.field": ("field", "字段"),
    "records.column.before": ("before", "原值"),
    "records.column.ours": ("changed to", "改为"),
    "records.column.state": ("state", "状态"),
    "records.column.at": ("at", "时间"),
    "records.version": (
        "version {number}, {at}, by {by} ({place})",
        "第 {number} 版，{at}，{by}（{place}）",
    ),
    "records.why": ("why: {why}", "原因：{why}"),
    "records.same": (
        "{record} has these values already; nothing was changed.",
        "{record} 已是这些值；未作修改。",
    ),
    "records.changed": (
        "{record} is changed here; the next `crm-expenses sync` writes it to the CRM.",
        "已在这里修改 {record}；下次 `crm-expenses sync` 会写入 CRM。",
    ),
    "edits.state.waiting": ("waits", "待写入"),
    "edits.state.done": ("in the CRM", "已写入"),
    "edits.state.lost": ("the CRM's value stands", "以 CRM 为准"),
    "edits.state.asked": ("a person is asked", "待裁定"),
    "edits.state.again": ("waits as a later change", "以新的修改继续"),
    "edits.state.overtaken": ("overtaken", "已被后续修改取代"),
    "edits.state.ended": ("the record is gone", "记录已不存在"),
    "edits.state.erased": ("erased", "已清除"),
    "conflicts.column.number": ("no.", "编号"),
    "conflicts.column.record": ("record", "记录"),
    "conflicts.column.field": ("field", "字段"),
    "conflicts.column.base": ("before", "原值"),
    "conflicts.column.theirs": ("in the CRM", "CRM 的值"),
    "conflicts.column.ours": ("ours", "我方的值"),
    "conflicts.column.winner": ("stands", "取值"),
    "conflicts.column.at": ("found", "发现于"),
    "conflicts.none": (
        "no field waits: both sides agree.",
        "没有待裁定的字段：双方一致。",
    ),
    "conflicts.now": ("now", "当前值"),
    "conflicts.by": ("changed here by {by}: {why}", "由 {by} 在这里修改：{why}"),
    "conflicts.next": (
        "Settle it: crm-expenses conflicts resolve {number} --take crm|ours|VALUE --why TEXT",
        "裁定：crm-expenses conflicts resolve {number} --take crm|ours|VALUE --why 原因",
    ),
    "conflicts.settled": (
        "conflict {number} is settled: {field} of {record} is {value}.",
        "冲突 {number} 已裁定：{record} 的 {field} 为 {value}。",
    ),
    "clash.winner.asked": ("asked", "待裁定"),
    "clash.winner.crm": ("the CRM's", "CRM 的值"),
    "clash.winner.ours": ("ours", "我方的值"),
    "clash.winner.third": ("another", "另一值"),
    "clash.winner.gone": ("none: the record is gone", "无：记录已不存在"),
    "clash.winner.erased": ("none: erased", "无：已清除"),
    "retry.column.key": ("key", "键"),
    "retry.column.kind": ("kind", "类别"),
    "retry.column.record": ("record", "记录"),
    "retry.column.state": ("state", "状态"),
    "retry.column.since": ("since", "自"),
    "retry.column.tries": ("tries", "次数"),
    "retry.column.reason": ("reason", "原因"),
    "retry.state.refused": ("refused", "被拒绝"),
    "retry.state.stuck": ("given up", "已停止"),
    "retry.none": ("{crm}: no result waits for a person.", "{crm}：没有待人工处理的结果。"),
    "retry.again": (
        "{crm}: {count} results wait to be sent again. Run `crm-expenses sync`.",
        "{crm}：{count} 条结果将重新发送。请运行 `crm-expenses sync`。",
    ),
}
