"""What a report shows: all of it, as plain values. A page is a pure function of these.

Amounts are whole minor units of the currency named beside them. The order of the parts does not
matter: a page sorts them itself.
"""

from dataclasses import dataclass
from datetime import date

from crm_expenses.core.budget import NoBudget
from crm_expenses.core.budgetforecast import Forecast, NoForecast
from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.core.period import Period
from crm_expenses.core.roi import PersonReturn
from crm_expenses.messages import Language


@dataclass(frozen=True, slots=True)
class Label:
    """A name or a sentence in both languages.

    >>> Label("Meals", "餐费").of("zh")
    '餐费'
    """

    en: str
    zh: str

    def of(self, language: Language) -> str:
        """Give the text in one language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole of the period: counts, and amounts in the report's currency."""

    claims: int
    lines: int
    claimed: int
    allowed: int
    set_aside: int

    @property
    def saved(self) -> int:
        """What was claimed and not allowed."""
        return self.claimed - self.allowed


@dataclass(frozen=True, slots=True)
class BudgetFigure:
    """Where one budget stands. `owner` and `responsible` are names of people or teams.

    `forecast` is what it comes to at its end, or why nobody can say; `budget` is its id.
    """

    name: str
    owner: str
    period: Period
    currency: str
    allocated: int
    committed: int
    spent: int
    hard: bool = False
    responsible: str = ""
    budget: str = ""
    forecast: Forecast | NoForecast | None = None

    @property
    def used(self) -> int:
        """Committed and spent together."""
        return self.committed + self.spent

    @property
    def ahead(self) -> Forecast | None:
        """The forecast, None where there is none."""
        return self.forecast if isinstance(self.forecast, Forecast) else None


@dataclass(frozen=True, slots=True)
class UncoveredFigure:
    """What one person spent in a category that no budget covers, and why there is none.

    A budget of zero covers a spending, so that it is not here. `amount` is what was allowed, in the
    report's currency.
    """

    person: str
    category: str
    name: Label
    reason: NoBudget
    lines: int
    amount: int


@dataclass(frozen=True, slots=True)
class SpendFigure:
    """What was allowed in one month (any day of it) and category, in the report's currency."""

    month: date
    category: str
    name: Label
    allowed: int


@dataclass(frozen=True, slots=True)
class FindingFigure:
    """How often one rule spoke, and the claimed amount of the lines it spoke on (at stake)."""

    code: str
    title: Label
    effect: Effect
    lines: int
    claims: int
    at_stake: int


@dataclass(frozen=True, slots=True)
class WaitingFigure:
    """One claim that waits. `waiting_for` is a person's name, empty where nobody was found.

    `step` is the approval step's code, empty when the claim waits for the claimant.
    """

    claim: str
    claimant: str
    waiting_for: str
    step: str
    submitted: date
    days_waiting: int
    allowed: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ReturnFigure:
    """One account manager's return; what was won and what it cost stand inside `figures`."""

    name: str
    team: str
    figures: PersonReturn


@dataclass(frozen=True, slots=True)
class SetAsideFigure:
    """One row that could not be read: its place (file and row) and why."""

    place: str
    reason: Label


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """Everything that the report prints.

    `waiting` holds every claim that waits; `set_aside` may hold only the first rows, their whole
    number stands in `totals`.
    """

    company: str
    as_of: date
    period: Period
    currency: str
    policy_id: str
    policy_version: str
    totals: Totals
    budgets: tuple[BudgetFigure, ...] = ()
    spend: tuple[SpendFigure, ...] = ()
    findings: tuple[FindingFigure, ...] = ()
    waiting: tuple[WaitingFigure, ...] = ()
    returns: tuple[ReturnFigure, ...] = ()
    set_aside: tuple[SetAsideFigure, ...] = ()
    uncovered: tuple[UncoveredFigure, ...] = ()
