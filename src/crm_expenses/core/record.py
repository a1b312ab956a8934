"""The records that come from a CRM: their kinds, their canonical bytes, their digest.

Canonical means: the same content gives the same bytes on every run and machine. It is JSON with
sorted keys and no blanks; amounts, numbers and dates are text; what is absent or empty is left out.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from typing import Any, Final

from crm_expenses.core.budget import Budget
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.opportunity import Opportunity
from crm_expenses.core.party import Account, AccountManager, PersonCost, SatisfactionScore
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.trip import TripLeg, TripNote
from crm_expenses.core.voucher import Voucher
from crm_expenses.core.waiver import Waiver

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


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


def to_json(value: object) -> Json:
    """Turn a value of the core into plain JSON, the same way everywhere.

    >>> from crm_expenses.core.money import Money
    >>> to_json(Money(125, "CNY"))
    {'minor': 125, 'currency': 'CNY'}
    """
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return plain(value)
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, Mapping):
        return {str(to_json(k)): to_json(v) for k, v in value.items() if v is not None}
    if isinstance(value, frozenset):
        return sorted((to_json(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if is_dataclass(value):
        kind: Any = type(value)
        found = ((name, getattr(value, name), kept) for name, kept in _fields(kind))
        return {n: to_json(held) for n, held, kept in found if kept or held not in (None, "", ())}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _itself(value: Any) -> Json:  # noqa: ANN401  dispatched by type
    same: Json = value
    return same


def _iso(value: date) -> Json:
    return value.isoformat()


def _digits(value: Decimal) -> Json:
    return f"{value:f}"


_PLAIN: Final[dict[type, Callable[[Any], Json]]] = {
    type(None): _itself,
    bool: _itself,
    int: _itself,
    str: _itself,
    Decimal: _digits,
    date: _iso,
    datetime: _iso,
}
"""What each plain type becomes; by exact type, because this runs for every value of every fact."""


def canonical(value: object) -> str:
    """Give the canonical JSON text of a value.

    >>> canonical({"b": 1, "a": date(2026, 1, 2)})
    '{"a":"2026-01-02","b":1}'
    """
    return json.dumps(to_json(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: object) -> str:
    """Give the SHA-256 of the canonical text, in hexadecimal.

    >>> digest({"a": 1})[:16]
    '015abd7f5cc57a2d'
    """
    return hashlib.sha256(canonical(value).encode()).hexdigest()


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:  # noqa: ANN401  any dataclass
    """Give the names of a type's fields; True for one without a default: always written."""
    return tuple(
        (f.name, f.default is MISSING and f.default_factory is MISSING) for f in fields(kind)
    )
