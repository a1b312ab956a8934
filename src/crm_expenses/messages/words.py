"""Single words that a person reads: outcomes, effects, states."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "word.pass": ("pass", "通过"),
    "word.reduced": ("reduced", "核减"),
    "word.justify": ("reason needed", "待说明"),
    "word.review": ("review", "待复核"),
    "word.reject": ("rejected", "拒绝"),
    "word.note": ("note", "提示"),
    "word.cap": ("capped", "限额"),
    "word.draft": ("draft", "草稿"),
    "word.submitted": ("submitted", "已提交"),
    "word.decided": ("decided", "已审核"),
    "word.in_approval": ("in approval", "审批中"),
    "word.waiting_for_claimant": ("waiting for the claimant", "待报销人补充"),
    "word.returned": ("returned", "已退回"),
    "word.approved": ("approved", "已批准"),
    "word.partly_approved": ("partly approved", "部分批准"),
    "word.rejected": ("rejected", "已驳回"),
    "word.partly_paid": ("partly paid", "部分支付"),
    "word.paid": ("paid", "已支付"),
    "word.closed": ("closed", "已关闭"),
    "word.withdrawn": ("withdrawn", "已撤回"),
    "word.justification": ("the reason given", "已给出理由"),
    "word.waiver": ("a waiver", "豁免"),
}
