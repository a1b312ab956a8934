"""Why an approval does not count, and mistakes in the tables of an organisation."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "approvals.own": (
        "{person} claims {claim} and cannot approve it, nor act for who may. Somebody else of the step must",
        "{person} 是报销单 {claim} 的报销人，不能审批，也不能代他人审批此单。须由该节点的其他人审批",
    ),
    "approvals.content": (
        "the approval of {claim} was given of the content {seen}, but the content is {now} by now. Look at it again, and approve anew",
        "报销单 {claim} 的审批针对的内容是 {seen}，而当前内容为 {now}。请重新查看后再审批",
    ),
    "approvals.unseen": (
        "the approval of {claim} was given in the CRM without the content code that says what was looked at; it is {now} by now. Write the code into the record, and approve again",
        "报销单 {claim} 的审批来自 CRM，但没有表明所见内容的内容代码；当前代码为 {now}。请将代码写入记录后重新审批",
    ),
    "approvals.reason": (
        "who says no to {claim}, or to lines of it ({verdict}), says why. Give a reason",
        "对报销单 {claim} 或其明细不予批准（{verdict}）时须说明理由。请补上理由",
    ),
    "approvals.not_asked": (
        "{person} is not asked in the step {step} of {claim}, or has answered already. Asked are: {asked}",
        "报销单 {claim} 的节点 {step} 不由 {person} 审批，或其已审批。该节点的审批人：{asked}",
    ),
    "approvals.nothing_open": (
        "no step of {claim} is open: everything was said, or no person is needed",
        "报销单 {claim} 没有待审批的节点：均已审批，或无须人工审批",
    ),
    "approvals.no_step": (
        "{step} is no step of the route of {claim}. Its steps: {steps}",
        "{step} 不是报销单 {claim} 审批流的节点。其节点：{steps}",
    ),
    "approvals.turn": (
        "the step {step} of {claim} is not open: {open} comes before it, or it is done",
        "报销单 {claim} 的节点 {step} 未开放：须先完成 {open}，或该节点已完成",
    ),
    "approvals.provenance": (
        "the approval comes from {provenance}, but the step {step} accepts {least} or better, says the policy (accepts). Approve there",
        "该审批来自 {provenance}，但政策（accepts）规定节点 {step} 至少须为 {least}。请按要求的方式审批",
    ),
    "approvals.line": (
        "{line} is no line of {claim} that this step covers. It covers: {lines}",
        "{line} 不是报销单 {claim} 中此节点所涉的明细。所涉明细：{lines}",
    ),
    "approvals.day": (
        "{value} is not a day. Give one like 2026-06-30",
        "{value} 不是日期。请按 2026-06-30 的写法给出",
    ),
    "approvals.greatest": (
        "{value} is not an amount above zero in {currency}. Give one like 50000",
        "{value} 不是大于零的 {currency} 金额。请按 50000 的写法给出",
    ),
    "people.no_file": (
        "{path} cannot be read: {detail}. Name a CSV file",
        "无法读取 {path}：{detail}。请指定 CSV 文件",
    ),
    "people.encoding": (
        "{path} is not in UTF-8. Save it as CSV in UTF-8",
        "{path} 不是 UTF-8 编码。请另存为 UTF-8 的 CSV",
    ),
    "people.csv": (
        "this row is no CSV: {detail}. Close its quotes",
        "此行不是有效的 CSV：{detail}。请补全引号",
    ),
    "people.column": (
        "there is no column {name}; there are: {known}. Name it so",
        "缺少列 {name}；现有：{known}。请按此命名",
    ),
    "people.empty": ("{name} is empty. Fill it in", "{name} 为空。请填写"),
    "people.twice": (
        "the id {id} stands twice. Each person has an id of their own",
        "编号 {id} 出现两次。每人须有自己的编号",
    ),
    "people.day": (
        "{name} is {value}, which is not a day. Give one like 2026-06-30",
        "{name} 的值 {value} 不是日期。请按 2026-06-30 的写法给出",
    ),
    "approvals.future": (
        "the approval of {claim} names the moment {at}, which is yet to come. It counts from then on; correct the moment if it is wrong",
        "报销单 {claim} 的审批时间 {at} 尚未到来。届时方可生效；如时间有误请更正",
    ),
    "approvals.earlier": (
        "the answer to {claim} of {at} came before the claim was submitted as it is now, so that it is about an earlier version. Answer anew",
        "对报销单 {claim} 的意见（{at}）早于本次提交，属于以前的版本。请重新给出意见",
    ),
    "approvals.pending": (
        "{claim} has changed since it was decided, so nobody can say yet what there is to approve. Run `crm-expenses sync`, and look at it again",
        "{claim} 自上次判定后有变更，尚不能确定审批内容。请先运行 `crm-expenses sync`，再查看",
    ),
    "approvals.no_claim": (
        "there is no decided claim {claim}. `crm-expenses approvals list` shows those that wait",
        "没有已判定的报销单 {claim}。可用 `crm-expenses approvals list` 查看待审批的报销单",
    ),
    "delegate.self": (
        "{person} cannot act for themselves. Name somebody else",
        "{person} 不能代理本人。请指定他人",
    ),
    "delegate.unknown": (
        "{person} is nobody of the CRM's people, and holds no role of the settings. Correct the id",
        "{person} 不在 CRM 人员中，也未担任设置中的任何角色。请更正编号",
    ),
    "delegate.days": (
        "from {start} until {until} is over, or the wrong way round; today is {today}. Correct the days",
        "{start} 至 {until} 已经过去，或先后颠倒；今天是 {today}。请更正日期",
    ),
    "delegate.twice": (
        "{who} acts so already, by number {number}. End that one first, or leave it",
        "已有相同的代理（编号 {number}，代理人 {who}）。请先终止，或保持不变",
    ),
    "delegate.none": (
        "{person} has named no substitute with the number {number} that is in force. `crm-expenses approvals delegates` lists them",
        "{person} 没有编号为 {number} 的有效代理。可用 `crm-expenses approvals delegates` 查看",
    ),
    "identity.unknown": (
        "{person} is nobody of the CRM's people, and holds no role of the settings. Correct the id, or run `crm-expenses sync` first",
        "{person} 不在 CRM 人员中，也未担任设置中的任何角色。请更正编号，或先运行 `crm-expenses sync`",
    ),
    "approve.one_only": (
        "{option} is about one claim, but {count} are named. Name one",
        "{option} 只能用于一张报销单，但给出了 {count} 张。请只指定一张",
    ),
}
