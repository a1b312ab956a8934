"""A policy as it was written: plain values, with the path in the file where each stands."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from crm_expenses.core.approval import BudgetLack, Group, Provenance
from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.errors import MappingError, Place, Problem
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.policy import TextPair
from crm_expenses.rules.window import WindowPeriod

Path = tuple[str | int, ...]
Locate = Callable[[Path, int | None], Place]
"""Gives the place of a value of the file, or of a character inside a text value."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
CODE: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)*", re.ASCII)

Written = Decimal | int | str


@dataclass(frozen=True, slots=True)
class ValuesText:
    """The values of a parameter from one day on, as written."""

    start: date
    value: Written | None = None
    table: tuple[tuple[Written, ...], ...] = ()
    otherwise: Written | None = None
    source: str = ""
    checked: date | None = None


@dataclass(frozen=True, slots=True)
class ParameterText:
    """A parameter as written: `type` is money, number, count or the name of a closed list."""

    name: str
    type: str
    unit: str
    keys: tuple[str, ...]
    values: tuple[ValuesText, ...]
    title: TextPair | None = None
    band: str = ""
    band_places: int | None = None
    is_above: bool = False


@dataclass(frozen=True, slots=True)
class WindowText:
    """What a sum is kept over, as written."""

    per: tuple[str, ...] = ()
    period: WindowPeriod | None = None
    counts: str = "allowed"
    year_starts: str = ""
    days: int = 0
    gap_days: int = 0


@dataclass(frozen=True, slots=True)
class FactText:
    """A fact of the policy's own, as written."""

    name: str
    title: TextPair
    type: str
    unit: str = ""
    places: int = 0
    of: FactOf = FactOf.LINE


@dataclass(frozen=True, slots=True)
class ValueText:
    """A named expression, as written."""

    name: str
    title: TextPair
    gives: str
    scope: RuleScope = RuleScope.LINE


@dataclass(frozen=True, slots=True)
class CounterText:
    """A named window, as written."""

    name: str
    title: TextPair
    window: WindowText
    on: tuple[str, ...] = ()
    when: str = ""
    adds: str = ""


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as written; absent parts are empty, and so are those in `wrong`: already told."""

    path: Path
    code: str
    kind: RuleKind
    on: tuple[str, ...]
    title: TextPair
    message: TextPair
    effect: Effect | None = None
    clause: str = ""
    when: str = ""
    that: str = ""
    at_most: str = ""
    gives: str = ""
    scope: RuleScope = RuleScope.LINE
    component: str = ""
    window: WindowText = WindowText()
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AuthorityText:
    """An approval step as written; the parts in `wrong` were told already and left out.

    `is_list` says that `who` stands in square brackets.
    """

    path: Path
    code: str
    who: tuple[str, ...]
    above: Written | None = None
    outcome: Outcome | None = None
    when: str = ""
    group: Group = Group.ANY
    on: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    findings: tuple[str, ...] = ()
    budget: BudgetLack | None = None
    remind_after: int | None = None
    escalate_after: int | None = None
    escalate_to: str = ""
    is_working: bool = True
    accepts: Provenance | None = None
    title: TextPair | None = None
    is_list: bool = False
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LimitText:
    """Up to how much somebody may approve, as written."""

    path: Path
    who: str
    up_to: Written | None = None


@dataclass(frozen=True, slots=True)
class TermsText:
    """What holds for all steps, as written; without `automatic_up_to` nothing is automatic."""

    accepts: Provenance = Provenance.ASSERTED
    automatic_up_to: Written | None = None
    automatic_outcome: Outcome = Outcome.PASS
    automatic_on: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PaymentText:
    """The cycle of payments, as written."""

    days_after: int = 0
    monthly_on: tuple[int, ...] = ()
    is_working: bool = True


@dataclass(frozen=True, slots=True)
class CalendarText:
    """The calendar as written; `start` and `until` are the ends of what it covers."""

    rest_days: frozenset[date] = frozenset()
    work_days: frozenset[date] = frozenset()
    start: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class PolicyText:
    """A whole policy as written. `broken` are parameters whose shape was already refused."""

    id: str
    version: str
    digest: str
    title: TextPair
    currency: str
    categories: Mapping[str, TextPair]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[tuple[str, str], TextPair] = field(default_factory=dict)
    components: Mapping[str, TextPair] = field(default_factory=dict)
    facts: tuple[FactText, ...] = ()
    counters: tuple[CounterText, ...] = ()
    values: tuple[ValueText, ...] = ()
    parameters: tuple[ParameterText, ...] = ()
    rules: tuple[RuleText, ...] = ()
    authorities: tuple[AuthorityText, ...] = ()
    limits: tuple[LimitText, ...] = ()
    terms: TermsText = TermsText()
    payment: PaymentText = PaymentText()
    calendar: CalendarText = CalendarText()
    broken: frozenset[str] = frozenset()


def as_text(value: Written) -> str:
    """Give a figure's digits; a small decimal without the exponent that Python would write.

    >>> as_text(Decimal("0.0000001")), as_text(5)
    ('0.0000001', '5')
    """
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def placed(error: MappingError, place: Place) -> list[Problem]:
    """Give an error's problems with the place in the file where the value stands."""
    return [Problem(p.code, p.values, place) for p in error.problems]
