"""The days of trips, and their periods of 24 hours: where each fact of them comes from."""

from collections.abc import Mapping
from typing import Final

from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.own_fact import FactOf, OwnFact
from crm_expenses.rules.sql.base import Base, replace_name
from crm_expenses.rules.sql.line_tables import LineTables
from crm_expenses.rules.sql.schema import own_column
from crm_expenses.rules.sql.text import Sql, failure_if
from crm_expenses.rules.sql.trips import DAYS, MEALS, PERIODS, calendar_days, periods
from crm_expenses.rules.tree import Node

_PLAIN: Final[Mapping[str, tuple[str, bool]]] = {
    "as_of": ("day", False),
    "day": ("day", False),
    "day_kind": ("kind", False),
    "day_number": ("number", False),
    "minutes_away": ("minutes_away", False),
    "is_longest_day": ("is_longest", False),
    "leaves_at": ("leaves", True),
    "returns_at": ("returns", True),
    "night": ("night", False),
    "night_before": ("night_before", False),
    "place": ("place", True),
    "place_before": ("place_before", True),
    "breakfast": ("breakfast", False),
    "lunch": ("lunch", False),
    "dinner": ("dinner", False),
    "begins_minute": ("begins_minute", False),
}
"""By the name of a fact its column, and whether it can lack."""


class DayRows(Base):
    """The days, or the periods of 24 hours, of the lines' trips; what lines have is read too."""

    def __init__(self, lines: LineTables, scope: RuleScope) -> None:
        super().__init__(lines.policy, lines.dialect, lines.lookups, lines.steps)
        self.lines = lines
        self.scope = scope
        self.prefix = "d_" if scope is RuleScope.DAY else "h_"
        self._values: dict[str, Sql] = {}

    @property
    def table(self) -> str:
        """The table of the rows."""
        return DAYS if self.scope is RuleScope.DAY else PERIODS

    def prepare(self) -> None:
        """Add the tables that the rows need."""
        self.lines.trips()
        facts = list(self.policy.facts.values())
        make = calendar_days if self.scope is RuleScope.DAY else periods
        self.steps.add(make(self.dialect, facts), "trip_days")

    def parents(self, cells: frozenset[str]) -> frozenset[str]:
        """Give the cells of the line that cells of a day need."""
        found: set[str] = set()
        waiting, seen = list(cells), set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self.cells:
                waiting += self.cells[name].needs
            else:
                found.add(name)
        return frozenset(found)

    def read(self, name: str) -> Sql:
        """Give a fact of the day, or of the line."""
        known = self._values.get(name)
        if known is None:
            known = self._values[name] = self._read(name)
        return known

    def _read(self, name: str) -> Sql:
        self.prepare()
        head = self.prefix
        fact = self.policy.facts.get(name)
        if fact is not None and fact.of is FactOf.DAY:
            return self._own(fact)
        if name in _PLAIN:
            column, lacks = _PLAIN[name]
            return self.column(f"{head}{name}", f"d.{column}", lacks=lacks)
        for meal, _ in MEALS:
            if name == f"{meal}_paid":
                return self._paid(meal)
        return self.lines.read(name)

    def _own(self, fact: OwnFact) -> Sql:
        made = replace_name(fact, f"{self.prefix}{fact.name}")
        return self.own_fact(made, f"d.{own_column(fact.name)}")

    def _paid(self, meal: str) -> Sql:
        own, home = self.dialect, self.policy.currency
        rate = self.rate_join(f"r_{meal}", f"d.{meal}_currency", "d.day")
        is_ours = f"d.{meal}_currency = {own.text(home)}"
        text = (
            f"(CASE WHEN d.{meal}_paid IS NULL THEN {own.long(0)}"
            f" WHEN {is_ours} THEN d.{meal}_paid"
            f" ELSE {self.converted(f'd.{meal}_paid', rate)} END)"
        )
        found = self.column(f"{self.prefix}{meal}_paid", text, rate)
        return Sql(found.text, found.needs, failure_if(f"{found.text} IS NULL", "missing"), True)

    def place(self, name: str, words: tuple[str, ...]) -> Sql | None:
        """Give the place of a word of the line."""
        return self.lines.place(name, words)

    def each(self, node: Node) -> Sql:
        """Give the sum or count over all days of the trip."""
        return self.lines.each(node)

    def of_lines(self, node: Node) -> Sql:
        """Give the sum or count of the claim's lines."""
        return self.lines.of_lines(node)
