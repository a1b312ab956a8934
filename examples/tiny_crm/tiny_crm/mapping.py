"""Which field of the CRM is which of ours: one table a kind, read in both directions."""

from collections.abc import Mapping
from datetime import tzinfo

from crm_expenses.adapters.fieldcodec import Choice, Moment, Reference
from crm_expenses.adapters.fieldmap import FieldMap, field_map
from crm_expenses.core.opportunity import Stage
from crm_expenses.core.record import Kind

OBJECTS: Mapping[Kind, str] = {
    Kind.ACCOUNT_MANAGER: "people",
    Kind.ACCOUNT: "customers",
    Kind.OPPORTUNITY: "deals",
    Kind.RATE: "rates",
    Kind.BUDGET: "budgets",
    Kind.VOUCHER: "receipts",
    Kind.CLAIM: "reports",
    Kind.LINE: "items",
    Kind.APPROVAL: "sign_offs",
}
"""What the CRM calls the records of each kind."""

STAGES = {"prospecting": Stage.OPEN, "closed_won": Stage.WON, "closed_lost": Stage.LOST}

CLAIM_RESULT = {
    "claim_result.outcome": "check_outcome",
    "claim_result.state": "check_state",
    "claim_result.claimed": "check_claimed",
    "claim_result.claimed_currency": "check_claimed_currency",
    "claim_result.allowed": "check_allowed",
    "claim_result.allowed_currency": "check_allowed_currency",
    "claim_result.findings_en": "check_findings_en",
    "claim_result.findings_zh": "check_findings_zh",
    "claim_result.waiting_for": "check_waiting_for",
    "claim_result.policy": "check_policy",
    "claim_result.decision": "check_decision",
    "claim_result.content_code": "check_code",
    "claim_result.approved": "check_approved",
    "claim_result.approved_currency": "check_approved_currency",
    "claim_result.refused": "check_refused",
}
LINE_RESULT = {
    "line_result.outcome": "check_outcome",
    "line_result.claimed": "check_claimed",
    "line_result.claimed_currency": "check_claimed_currency",
    "line_result.allowed": "check_allowed",
    "line_result.allowed_currency": "check_allowed_currency",
    "line_result.findings_en": "check_findings_en",
    "line_result.findings_zh": "check_findings_zh",
}
BUDGET_RESULT = {
    f"budget_result.{name}{end}": f"{name}{end}"
    for name in ("allocated", "committed", "spent", "available")
    for end in ("", "_currency")
}


def tables(zone: tzinfo | None = None) -> dict[Kind, FieldMap]:
    """Give the table of each kind; moments are seen in the company's zone, where one is given."""
    link, moment = Reference(), Moment(zone)
    return {
        Kind.ACCOUNT_MANAGER: field_map(
            Kind.ACCOUNT_MANAGER,
            {
                "id": "id",
                "name": "name",
                "grade": "grade",
                "team": "team",
                "city": "city",
                "manager": "boss",
                "company": "firm",
                "active_from": "active_from",
                "active_to": "active_to",
                "extra": "more",
            },
            {"manager": link},
        ),
        Kind.ACCOUNT: field_map(
            Kind.ACCOUNT,
            {
                "id": "id",
                "name": "title",
                "owner": "owner",
                "industry": "industry",
                "city": "city",
                "since": "since",
            },
            {"owner": link},
        ),
        Kind.OPPORTUNITY: field_map(
            Kind.OPPORTUNITY,
            {
                "id": "id",
                "owner": "owner",
                "stage": "stage",
                "account": "customer",
                "name": "title",
                "amount": "value",
                "amount_currency": "value_currency",
                "opened": "opened",
                "closed": "closed",
            },
            {"owner": link, "account": link, "stage": Choice(Stage, STAGES)},
        ),
        Kind.RATE: field_map(
            Kind.RATE,
            {
                "id": "id",
                "currency": "base",
                "into": "quote",
                "day": "day",
                "rate": "rate",
                "source": "source",
            },
        ),
        Kind.BUDGET: field_map(
            Kind.BUDGET,
            {
                "id": "id",
                "scope": "scope",
                "start": "starts",
                "end": "ends",
                "amount": "amount",
                "amount_currency": "amount_currency",
                "owner": "owner",
                "category": "category",
                "hard": "is_hard",
                "responsible": "contact",
                "name": "title",
                "account": "customer",
                "at_limit": "at_limit",
            },
            {"responsible": link, "account": link},
            BUDGET_RESULT,
        ),
        Kind.VOUCHER: field_map(
            Kind.VOUCHER,
            {
                "id": "id",
                "kind": "kind",
                "number": "number",
                "code": "code",
                "amount": "amount",
                "amount_currency": "amount_currency",
                "issued": "issued",
                "seller": "seller",
            },
        ),
        Kind.CLAIM: field_map(
            Kind.CLAIM,
            {
                "id": "id",
                "person": "owner",
                "submitted": "sent_at",
                "status": "status",
                "title": "title",
                "extra": "more",
            },
            {"person": link, "submitted": moment},
            CLAIM_RESULT,
        ),
        Kind.LINE: field_map(
            Kind.LINE,
            {
                "id": "id",
                "claim": "report",
                "date": "day",
                "category": "category",
                "amount": "amount",
                "amount_currency": "amount_currency",
                "city": "city",
                "account": "customer",
                "opportunity": "deal",
                "merchant": "merchant",
                "purpose": "purpose",
                "justification": "excuse",
                "voucher": "receipt",
                "payment": "paid_by",
                "travel_class": "class",
                "nights": "nights",
                "attendees": "guests",
                "distance": "km",
                "pre_approved": "asked_before",
                "trip": "trip",
                "extra": "more",
            },
            {"claim": link, "account": link, "opportunity": link, "voucher": link},
            LINE_RESULT,
        ),
        Kind.APPROVAL: field_map(
            Kind.APPROVAL,
            {
                "id": "id",
                "claim": "report",
                "approver": "person",
                "at": "at",
                "verdict": "said",
                "step": "step",
                "refused": "refused",
                "reason": "reason",
                "content_code": "code",
            },
            {"claim": link, "approver": link, "at": moment},
        ),
    }
