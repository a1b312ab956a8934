"""Decisions of the `run` reading as tables, so that one set of queries counts both readings.

Only the columns that a back-test reads are filled. A claim carries its team as its facts had it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Final, Self

from crm_expenses.analytics.backtest.queries import COUNTED, LEFT_OUT, Relations
from crm_expenses.analytics.engines import Engine, open_engine
from crm_expenses.analytics.engines.contract import Row
from crm_expenses.core.decision import Decision, LineDecision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Finding
from crm_expenses.rules.sql.schema import (
    CLAIMS,
    LINES,
    OUT_CLAIMS,
    OUT_FINDINGS,
    OUT_LINES,
    Column,
    Kind,
    Table,
)

AT_ONCE: Final = 50_000
"""Rows that are kept before they go into a table."""

SIDES: Final = ("old", "new")


def _columns(table: Table, *names: str) -> Sequence[Column]:
    return [column for column in table.columns if not names or column.name in names]


_TEAMS: Final = [Column(name, Kind.TEXT, (name, name)) for name in ("claim", "team")]
_TABLES: Final[dict[str, Sequence[Column]]] = {
    "expense_lines": _columns(LINES, "place", "claim", "line", "spent_on", "category"),
    "claims": _columns(CLAIMS),
    "bt_teams": _TEAMS,
    **{
        f"{side}_{table.name}": _columns(table)
        for side in SIDES
        for table in (OUT_LINES, OUT_CLAIMS, OUT_FINDINGS)
    },
}

RELATIONS: Final = Relations(
    claims="SELECT c.claim, c.person, t.team FROM claims c JOIN bt_teams t ON t.claim = c.claim "
    f"WHERE c.status IN ({COUNTED})",
    left_out=LEFT_OUT,
)
"""The team of a claim stands with it, because facts are as of the claim."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and what two policies decide on it."""

    facts: Facts
    old: Decision
    new: Decision


class DecidedTables:
    """Takes decisions one by one; they are in the tables once `flush` has run."""

    def __init__(self) -> None:
        self.session: Engine = open_engine()
        self._place = 0
        self._held: dict[str, list[Row]] = {name: [] for name in _TABLES}
        self._count = 0
        self.session.load({name: (columns, ()) for name, columns in _TABLES.items()})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.session.close()

    def add(self, pair: Pair) -> None:
        """Take a claim."""
        facts, claim = pair.facts, pair.facts.claim
        self._put("claims", claim.id, claim.person, claim.submitted.date(), claim.status.value)
        self._put("bt_teams", claim.id, facts.person.team if facts.person else "")
        places = {}
        for line in facts.lines:
            self._place += 1
            places[line.id] = self._place
            self._put("expense_lines", self._place, claim.id, line.id, line.date, line.category)
        for side, decision in (("old", pair.old), ("new", pair.new)):
            self._decision(side, decision, places)
        if self._count >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Put what is held into the tables."""
        self.session.add({name: (_TABLES[name], rows) for name, rows in self._held.items() if rows})
        self._held = {name: [] for name in _TABLES}
        self._count = 0

    def _decision(self, side: str, decision: Decision, places: dict[str, int]) -> None:
        amounts = (decision.claimed.minor, decision.allowed.minor)
        self._put(f"{side}_decided_claims", decision.claim, decision.outcome.value, *amounts)
        for line in decision.lines:
            place = places[line.line]
            self._line(side, decision.claim, place, line)
            for finding in line.findings:
                self._finding(side, decision.claim, (line.line, place), finding)
        for finding in decision.findings:
            self._finding(side, decision.claim, (None, None), finding)

    def _line(self, side: str, claim: str, place: int, line: LineDecision) -> None:
        claimed = line.claimed.minor if line.claimed is not None else None
        values = (place, claim, line.line, line.outcome.value, claimed, line.allowed.minor)
        self._put(f"{side}_decided_lines", *values)

    def _finding(
        self, side: str, claim: str, at: tuple[str, int] | tuple[None, None], finding: Finding
    ) -> None:
        by, failed = finding.resolved_by or None, finding.failed or None
        values = (claim, *at, finding.code, finding.effect.value, by, failed)
        self._put(f"{side}_findings", *values)

    def _put(self, name: str, *values: str | int | date | None) -> None:
        self._held[name].append(values)
        self._count += 1
