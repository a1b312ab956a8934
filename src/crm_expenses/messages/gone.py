"""What is said of records that are no longer in the CRM, and of reading all of it again."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "sync.record_gone": (
        "the {kind} {record} is no longer in the CRM: there is nobody to tell",
        "CRM 中已没有 {kind} {record}，无需再写入",
    ),
    "sync.too_many_gone": (
        "{crm}: a reading of all records did not meet {missing} of {held} of the kind {kind}, and not more than {limit} "
        "are believed to be gone at once. Nothing was deleted here. Look whether the connection's credentials still show "
        "everything; if the records are really gone, say so once: crm-expenses sync {crm} --full --accept-gone",
        "{crm}：完整读取时，{held} 条 {kind} 记录中有 {missing} 条未出现，而一次最多认可 {limit} 条已删除。此处未删除任何内容。"
        "请检查该连接的凭据是否仍能看到全部记录；若记录确已删除，请确认一次：crm-expenses sync {crm} --full --accept-gone",
    ),
    "record.budget_gone": (
        "the budget {record} is no longer in the CRM. It goes on counting here, with all that is committed and spent. Put "
        "it back in the CRM, or let a plan take it over",
        "CRM 中已没有预算 {record}。此处仍继续计算该预算及其已占用和已支出的金额。请在 CRM 中恢复，或由预算计划接管",
    ),
    "record.paid_gone": (
        "the claim {record} was paid, and is no longer in the CRM. It stands here with its lines, as it was paid. Put it "
        "back in the CRM, or keep this as the record of the payment",
        "报销单 {record} 已支付，但 CRM 中已没有该单。此处保留该单及其明细，与支付时一致。请在 CRM 中恢复，或以此作为支付记录",
    ),
}
