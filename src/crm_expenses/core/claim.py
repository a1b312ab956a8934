"""A claim and its lines: what is submitted, decided, approved and paid together."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from crm_expenses.core.money import Money
from crm_expenses.core.quick import quick_init

Extra = tuple[tuple[str, str], ...]
"""What a CRM keeps beside the known fields: pairs of name and text, sorted by name."""


class ClaimStatus(StrEnum):
    """Where a claim stands, as the CRM says."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PAID = "paid"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


DECIDED_STATUSES = frozenset({ClaimStatus.SUBMITTED, ClaimStatus.APPROVED, ClaimStatus.PAID})
"""A claim in one of these counts: it is decided, fills windows and commits budget."""


@quick_init
@dataclass(frozen=True, slots=True)
class ExpenseLine:
    """One spending in a claim.

    `amount` is in the currency that was spent; below zero it is a refund (a credit line).
    `voucher` is the id of the voucher that backs it, `trip` that of the trip it belongs to.
    `distance` is in kilometres. Texts are empty
    and counts are None where the CRM says nothing.
    """

    id: str
    claim: str
    date: date
    category: str
    amount: Money
    city: str = ""
    account: str = ""
    opportunity: str = ""
    merchant: str = ""
    purpose: str = ""
    justification: str = ""
    voucher: str = ""
    payment: str = ""
    travel_class: str = ""
    nights: int | None = None
    attendees: int | None = None
    distance: Decimal | None = None
    pre_approved: bool | None = None
    trip: str = ""
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim (报销单): who submitted it, when, and where it stands.

    `submitted` carries the company's zone, so that its date is the day of submission there.
    """

    id: str
    person: str
    submitted: datetime
    status: ClaimStatus = ClaimStatus.SUBMITTED
    title: str = ""
    extra: Extra = ()
