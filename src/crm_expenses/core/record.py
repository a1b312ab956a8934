"""The records that come from a CRM: their kinds, their canonical bytes, their digest.

Canonical means: the same content gives the same bytes on every run and machine. It is JSON with
sorted keys and no blanks; amounts, numbers and dates are text; what is absent or empty is left out.
"""

import hashlib
from enum import StrEnum
from typing import Final

from crm_expenses.core.budget import Budget
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.jsontext import Json, quoted, text_of, to_json
from crm_expenses.core.opportunity import Opportunity
from crm_expenses.core.party import Account, AccountManager, PersonCost, SatisfactionScore
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.trip import TripLeg, TripNote
from crm_expenses.core.voucher import Voucher
from crm_expenses.core.waiver import Waiver

__all__ = [
    "TYPES",
    "Json",
    "Kind",
    "Record",
    "canonical",
    "content_digest",
    "digest",
    "to_json",
]


class Kind(StrEnum):
    """The kinds of record that are pulled, parents before children."""

    ACCOUNT_MANAGER = "account_manager"
    ACCOUNT = "account"
    OPPORTUNITY = "opportunity"
    SATISFACTION = "satisfaction"
    COST = "cost"
    RATE = "rate"
    BUDGET = "budget"
    WAIVER = "waiver"
    PRE_APPROVAL = "pre_approval"
    TRIP_LEG = "trip_leg"
    TRIP_NOTE = "trip_note"
    VOUCHER = "voucher"
    CLAIM = "claim"
    LINE = "line"
    APPROVAL = "approval"


Record = (
    AccountManager
    | Account
    | Opportunity
    | SatisfactionScore
    | PersonCost
    | Rate
    | Budget
    | Waiver
    | PreApproval
    | TripLeg
    | TripNote
    | Voucher
    | Claim
    | ExpenseLine
    | GivenApproval
)

TYPES: Final[dict[Kind, type[Record]]] = {
    Kind.ACCOUNT_MANAGER: AccountManager,
    Kind.ACCOUNT: Account,
    Kind.OPPORTUNITY: Opportunity,
    Kind.SATISFACTION: SatisfactionScore,
    Kind.COST: PersonCost,
    Kind.RATE: Rate,
    Kind.BUDGET: Budget,
    Kind.WAIVER: Waiver,
    Kind.PRE_APPROVAL: PreApproval,
    Kind.TRIP_LEG: TripLeg,
    Kind.TRIP_NOTE: TripNote,
    Kind.VOUCHER: Voucher,
    Kind.CLAIM: Claim,
    Kind.LINE: ExpenseLine,
    Kind.APPROVAL: GivenApproval,
}


def canonical(value: object) -> str:
    """Give the canonical JSON text of a value.

    >>> from datetime import date
    >>> canonical({"b": 1, "a": date(2026, 1, 2)})
    '{"a":"2026-01-02","b":1}'
    """
    return text_of(value)


def digest(value: object) -> str:
    """Give the SHA-256 of the canonical text, in hexadecimal.

    >>> digest({"a": 1})[:16]
    '015abd7f5cc57a2d'
    """
    return hashlib.sha256(text_of(value).encode()).hexdigest()


def content_digest(kind: str, content: str) -> str:
    """Give the digest of a kind and the canonical text of a record, by which equal ones are known.

    >>> content_digest("claim", '{"id":"C"}') == digest(["claim", '{"id":"C"}'])
    True
    """
    return hashlib.sha256(f"[{quoted(kind)},{quoted(content)}]".encode()).hexdigest()
