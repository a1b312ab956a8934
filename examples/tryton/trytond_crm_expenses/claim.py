"""Claims, their lines and vouchers, and what approvers said; beside each, what was decided of it.

Records name each other by their codes, not by references of the database: claims come from phones
and other programs, in any order, and a claim may be there before its person.
"""

from trytond.model import ModelSQL, ModelView, fields

from .words import Coded, Words


class Claim(Coded, ModelSQL, ModelView):
    """A claim of expenses."""

    __name__ = "crm_expenses.claim"
    _rec_name = "title"

    person = Words("Person", required=True)
    title = Words("Title")
    submitted = fields.DateTime("Submitted")
    status = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("withdrawn", "Withdrawn"),
            ("returned", "Returned"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("paid", "Paid"),
        ],
        "Status",
        required=True,
    )
    check_outcome = Words("Outcome")
    check_state = Words("State")
    check_currency = Words("Currency")
    check_claimed = fields.Numeric("Claimed")
    check_allowed = fields.Numeric("Allowed")
    check_approved = fields.Numeric("Approved")
    check_findings_en = Words("Findings (English)")
    check_findings_zh = Words("Findings (Chinese)")
    check_waiting_for = Words("Waiting for")
    check_policy = Words("Policy")
    check_decision = Words("Decision")
    check_code = Words("Code of the content")
    check_refused = Words("Refused approvals")


class Line(Coded, ModelSQL, ModelView):
    """One expense of a claim."""

    __name__ = "crm_expenses.line"
    _rec_name = "code"

    claim = Words("Claim", required=True)
    day = fields.Date("Day")
    category = Words("Category")
    amount = fields.Numeric("Amount")
    currency = Words("Currency")
    city = Words("City")
    account = Words("Account")
    opportunity = Words("Opportunity")
    merchant = Words("Merchant")
    purpose = Words("Purpose")
    justification = Words("Justification")
    voucher = Words("Voucher")
    payment = Words("Payment")
    travel_class = Words("Travel class")
    nights = fields.Integer("Nights")
    attendees = fields.Integer("Attendees")
    distance = fields.Numeric("Distance")
    pre_approved = fields.Selection([(None, ""), ("yes", "Yes"), ("no", "No")], "Approved before")
    trip = Words("Trip")
    check_outcome = Words("Outcome")
    check_currency = Words("Currency")
    check_claimed = fields.Numeric("Claimed")
    check_allowed = fields.Numeric("Allowed")
    check_findings_en = Words("Findings (English)")
    check_findings_zh = Words("Findings (Chinese)")


class Voucher(Coded, ModelSQL, ModelView):
    """A receipt or an invoice; its files are attachments of it."""

    __name__ = "crm_expenses.voucher"
    _rec_name = "number"

    kind = Words("Kind", required=True)
    number = Words("Number")
    invoice_code = Words("Code of the invoice")
    issued = fields.Date("Issued")
    seller = Words("Seller")
    amount = fields.Numeric("Amount")
    currency = Words("Currency")


class Approval(Coded, ModelSQL, ModelView):
    """What an approver said of a claim."""

    __name__ = "crm_expenses.approval"
    _rec_name = "code"

    claim = Words("Claim", required=True)
    approver = Words("Approver", required=True)
    at = fields.DateTime("At")
    verdict = Words("Verdict", required=True)
    step = Words("Step")
    refused = Words("Refused lines")
    reason = Words("Reason")
    content_code = Words("Code of the content")
