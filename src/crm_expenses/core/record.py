"""The records that come from a CRM: their kinds, their canonical bytes, their digest.

Canonical means: the same content gives the same bytes on every run and machine. It is JSON with
sorted keys and no blanks; amounts, numbers and dates are text, absent values are left out.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final

from crm_expenses.core.budget import Budget
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.opportunity import Opportunity
from crm_expenses.core.party import Account, AccountManager, PersonCost, SatisfactionScore
from crm_expenses.core.rates import Rate
from crm_expenses.core.voucher import Voucher

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
    VOUCHER = "voucher"
    CLAIM = "claim"
    LINE = "line"


Record = (
    AccountManager
    | Account
    | Opportunity
    | SatisfactionScore
    | PersonCost
    | Rate
    | Budget
    | Voucher
    | Claim
    | ExpenseLine
)

TYPES: Final[dict[Kind, type[Record]]] = {
    Kind.ACCOUNT_MANAGER: AccountManager,
    Kind.ACCOUNT: Account,
    Kind.OPPORTUNITY: Opportunity,
    Kind.SATISFACTION: SatisfactionScore,
    Kind.COST: PersonCost,
    Kind.RATE: Rate,
    Kind.BUDGET: Budget,
    Kind.VOUCHER: Voucher,
    Kind.CLAIM: Claim,
    Kind.LINE: ExpenseLine,
}


def to_json(value: object) -> Json:
    """Turn a value of the core into plain JSON, the same way everywhere.

    >>> from crm_expenses.core.money import Money
    >>> to_json(Money(125, "CNY"))
    {'minor': 125, 'currency': 'CNY'}
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return to_json(value.value)
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(to_json(k)): to_json(v) for k, v in value.items() if v is not None}
    if isinstance(value, frozenset):
        return sorted((to_json(item) for item in value), key=str)
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if is_dataclass(value):
        found = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: to_json(held) for name, held in found if held is not None and held != ""}
    raise TypeError(f"{type(value).__name__} has no canonical form")


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
