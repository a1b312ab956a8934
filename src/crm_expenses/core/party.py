"""People and customers: who spends, on whom, and how content they are."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_expenses.core.claim import Extra
from crm_expenses.core.money import Money


@dataclass(frozen=True, slots=True)
class AccountManager:
    """The person who spends (客户经理). `manager` is another person's id, empty at the top."""

    id: str
    name: str
    grade: str = ""
    team: str = ""
    city: str = ""
    manager: str = ""
    company: str = ""
    active_from: date | None = None
    active_to: date | None = None
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A customer (客户). `owner` is the account manager's id, `since` the first day as customer."""

    id: str
    name: str
    owner: str = ""
    industry: str = ""
    city: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True)
class SatisfactionScore:
    """A survey answer tied to an account and a day, on the company's own scale (say 1 to 5)."""

    id: str
    account: str
    day: date
    score: Decimal


@dataclass(frozen=True, slots=True)
class PersonCost:
    """What an account manager cost in the month of `month`, beside claims.

    `kind` is the company's word: salary, training, communication.
    """

    id: str
    person: str
    month: date
    kind: str
    amount: Money
