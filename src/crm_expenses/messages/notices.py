"""What people are told of claims: that they are asked, what became void, what came of it."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "part.claimant": ("the claimant", "报销人"),
    "part.added": ("a line came", "新增明细"),
    "part.removed": ("a line went", "删除明细"),
    "part.amount": ("an amount", "金额"),
    "part.currency": ("a currency", "币种"),
    "part.allowed": ("what is allowed", "核准金额"),
    "part.category": ("a category", "费用类别"),
    "part.voucher": ("a voucher", "凭证"),
    "part.unknown": ("something that was not seen then", "当时未见的内容"),
    "notice.asked": (
        "{claim}: your approval is asked for ({step}).",
        "{claim}：请您审批（节点 {step}）。",
    ),
    "notice.not_asked": (
        "{claim}: your approval is no longer asked for ({step}).",
        "{claim}：不再需要您审批（节点 {step}）。",
    ),
    "notice.reminder": (
        "{claim}: your approval is still waited for ({step}).",
        "{claim}：仍在等待您审批（节点 {step}）。",
    ),
    "notice.escalated": (
        "{claim}: the step {step} has waited too long; your approval is asked for, too.",
        "{claim}：节点 {step} 已超时，现请您一并审批。",
    ),
    "notice.void": (
        "{claim}: your approval no longer counts, because it changed: {parts}.",
        "{claim}：内容已变更（{parts}），您此前的审批不再有效。",
    ),
    "notice.voided": (
        "{claim}: the approval of {who} no longer counts, because it changed: {parts}.",
        "{claim}：内容已变更（{parts}），{who} 的审批不再有效。",
    ),
    "notice.waiting_for_claimant": (
        "{claim}: something is missing; look at its findings and complete it.",
        "{claim}：资料不全，请查看问题并补充。",
    ),
    "notice.returned": ("{claim}: it was returned to you.", "{claim}：已退回给您。"),
    "notice.rejected": ("{claim}: it was rejected.", "{claim}：已被拒绝。"),
    "notice.approved": ("{claim}: {amount} is approved.", "{claim}：已批准 {amount}。"),
    "notice.partly_approved": (
        "{claim}: {amount} is approved; not approved: {lines}.",
        "{claim}：已批准 {amount}；未批准的明细：{lines}。",
    ),
    "notice.paid": ("{claim}: {amount} was paid.", "{claim}：已支付 {amount}。"),
    "notice.cleared": (
        "{claim}: {amount} of it clears what you were paid in advance ({advance}).",
        "{claim}：其中 {amount} 用于核销您的预支款（{advance}）。",
    ),
    "notice.not_counted": (
        "{claim}: an approval that was given in the CRM does not count: {why}",
        "{claim}：CRM 中给出的审批不予承认：{why}",
    ),
}
