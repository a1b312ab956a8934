"""Two readings of a policy side by side: what `run` decides, and what an engine gives for it.

A case is a policy and the claims that were received under it, in order. Results are compared as
bags of rows, table by table of `rules.sql.schema.RESULTS`; what differs is told with the policy's
rules, the claim and the line.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

from hypothesis import strategies as st

from crm_expenses.analytics.claimtables import ClaimTables, Row
from crm_expenses.analytics.engines import open_engine
from crm_expenses.core.claim import DECIDED_STATUSES, ClaimStatus
from crm_expenses.core.decision import Decision, Figure, outcome_of, worst_outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.lifecycle import UNCOUNTED, State, after, move_for
from crm_expenses.core.money import Money
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.trip import MealBy, Night, Trip, TripLeg, TripNote, trips_of
from crm_expenses.core.waiver import Waiver
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql.schema import RESULTS, TABLES, Column, Kind
from crm_expenses.rules.sql.script import Rounds, Script

sys.path.append(str(Path(__file__).parents[1] / "rules"))

from drawn import HEAD, coded, rules, written
from drawn_claims import APPROVALS, RATES, TRIPS, histories

SUBMITTED: Final = date(2026, 3, 20)
"""Day of submission of the first claim; each later one is submitted a day later."""

ROUNDS_MAX: Final = 10_000
CODE_AT: Final = {"findings": 3, "measures": 3}
"""Where the code of a rule stands in rows that may be of the claim itself."""


@dataclass(frozen=True)
class Case:
    """A policy's text, and claims in the order of receipt; with `wide` waivers name no claim."""

    text: str
    claims: tuple[Facts, ...]
    wide: bool = False


Loaded = Mapping[str, tuple[Sequence[Column], Sequence[Row]]]
"""Columns and rows by the name of their table."""

Results = Mapping[str, "Counter[Row]"]


class Engine(Protocol):
    """What runs a script over tables."""

    dialect: str

    def load(self, tables: Loaded) -> None:
        """Put rows in the place of what was loaded before."""

    def run(self, script: Script) -> Mapping[str, Sequence[Row]]:
        """Give the rows of each result."""


# What `run` decides


def decided(evaluator: Evaluator, claims: Sequence[Facts]) -> list[Decision]:
    """Decide claims in order, as a check of a file does; budgets have no say of their own."""
    used: dict[str, int] = {}
    found = []
    for bare in claims:
        held = {key: used[key] for key in evaluator.windows_of(bare) if key in used}
        decision = evaluator.decide(replace(bare, windows=held), digest=False)
        found.append(without_budgets(decision))
        status = bare.claim.status
        if status in DECIDED_STATUSES:
            move = move_for(status, decision.outcome, needs_person=False)
            if after(State.DECIDED, move) not in UNCOUNTED:
                for carry in decision.carries:
                    used[carry.window] = used.get(carry.window, 0) + carry.amount
    return found


def without_budgets(decision: Decision) -> Decision:
    """Leave out what budgets find; they read what was committed, which is not in the tables."""
    kept = tuple(one for one in decision.findings if not one.code.startswith("budget."))
    if len(kept) == len(decision.findings):
        return decision
    outcomes = (outcome_of(kept), *(line.outcome for line in decision.lines))
    return replace(decision, findings=kept, outcome=worst_outcome(outcomes))


def rows_of(claims: Sequence[Facts], decisions: Sequence[Decision]) -> dict[str, list[Row]]:
    """Give decisions as rows of the results."""
    rows: dict[str, list[Row]] = {name: [] for name in RESULTS}
    place = 0
    for facts, decision in zip(claims, decisions, strict=True):
        claim = facts.claim.id
        rows["decided_claims"].append(
            (claim, decision.outcome.value, decision.claimed.minor, decision.allowed.minor)
        )
        rows["findings"] += [(claim, None, None, *_found(one)) for one in decision.findings]
        rows["measures"] += [(claim, None, None, *_figure(one)) for one in decision.measures]
        places: dict[str, int] = {}
        for line in decision.lines:
            place += 1
            places[line.line] = place
            at = (place, claim, line.line)
            claimed = None if line.claimed is None else line.claimed.minor
            rows["decided_lines"].append((*at, line.outcome.value, claimed, line.allowed.minor))
            rows["findings"] += [(claim, line.line, place, *_found(one)) for one in line.findings]
            rows["entitlements"] += [
                (*at, part.component, part.amount.minor) for part in line.entitlements
            ]
            rows["measures"] += [(claim, line.line, place, *_figure(one)) for one in line.measures]
        rows["carries"] += [
            (places[one.line], claim, one.line, one.rule, one.amount) for one in decision.carries
        ]
    return rows


def _found(one: Any) -> Row:  # noqa: ANN401  a finding
    return (one.code, one.effect.value, one.resolved_by or None, one.failed or None)


def _figure(one: Figure) -> Row:
    return (one.code, _raw(one.value), _raw(one.total) if one.total else None)


def _raw(written: str) -> int:
    return int(written.replace(".", ""))


# Comparing


def normal(rows: Mapping[str, Sequence[Row]]) -> Results:
    """Give rows as bags; what a line counts is added up by code, and left out where it is zero."""
    bags = {name: Counter(map(_whole, rows.get(name, ()))) for name in RESULTS}
    sums: Counter[Row] = Counter()
    for row in rows.get("carries", ()):
        *key, amount = _whole(row)
        sums[tuple(key)] += amount  # type: ignore[operator]
    bags["carries"] = Counter((*key, amount) for key, amount in sums.items() if amount)
    return bags


def _whole(row: Row) -> Row:
    """Give a row with the whole numbers that an engine calls decimals."""
    return tuple(int(v) if isinstance(v, Decimal) and v == int(v) else v for v in row)


def differences(case: Case, ours: Results, theirs: Results, *, name: str = "sql") -> str:
    """Tell what is in one reading only; an empty text where they agree."""
    told = []
    for table in RESULTS:
        mine, other = ours[table] - theirs[table], theirs[table] - ours[table]
        if not mine and not other:
            continue
        told.append(f"table {table}")
        told += [f"  only run: {row} × {count}" for row, count in sorted(mine.items(), key=str)]
        told += [f"  only {name}: {row} × {count}" for row, count in sorted(other.items(), key=str)]
    if not told:
        return ""
    rows = [row for table in RESULTS for row in (ours[table] - theirs[table])]
    rows += [row for table in RESULTS for row in (theirs[table] - ours[table])]
    named = {part for row in rows for part in row if isinstance(part, str)}
    shown = [_claim_text(facts) for facts in case.claims if facts.claim.id in named]
    policy = case.text.removeprefix(HEAD)
    return "\n".join(["", "policy:", policy.strip(), "", *shown, *told])


def _claim_text(facts: Facts) -> str:
    head = facts.claim
    lines = [
        f"claim {head.id} of {head.person}, {head.submitted.date()}, {head.status}, {head.extra}",
        f"  person {facts.person}",
        *(f"  {line}" for line in facts.lines),
    ]
    lines += [f"  {waiver}" for waiver in facts.waivers]
    return "\n".join(lines)


class Agreement:
    """Runs cases through both readings; `script` makes the script of a policy for a dialect."""

    def __init__(self, engine: Engine, script: Any) -> None:  # noqa: ANN401  rules.sql.script
        self.dialect = engine.dialect
        self._engine = engine
        self._script = lru_cache(maxsize=64)(lambda text: script(policy_of(text), engine.dialect))

    def differences(self, case: Case) -> str:
        """Give what differs, for people; an empty text where nothing does."""
        evaluator = evaluator_of(case.text)
        ours = normal(rows_of(case.claims, decided(evaluator, case.claims)))
        script = self._script(case.text)
        self._engine.load(tables_of(evaluator.policy, case))
        theirs = normal(self._engine.run(script))
        return differences(case, ours, theirs, name=self._engine.dialect)


@lru_cache(maxsize=64)
def policy_of(text: str) -> Policy:
    """Read a policy."""
    return parse_policy(text)


@lru_cache(maxsize=64)
def evaluator_of(text: str) -> Evaluator:
    """Make a policy ready to decide."""
    return Evaluator(policy_of(text))


def tables_of(policy: Policy, case: Case) -> Loaded:
    """Give a case's claims as tables; those that are empty, too."""
    own = {name: fact.of for name, fact in policy.facts.items()}
    tables = ClaimTables(own, policy.currency)
    for facts in case.claims:
        tables.add(facts)
    rows = dict(tables.rest())
    if case.wide:
        known = {one.id: one for facts in case.claims for one in facts.waivers}
        rows["waivers"] = [
            (w.id, w.rule, w.granted_by, w.until, w.start, *_names(w)) for w in known.values()
        ]
    return {name: (tables.columns(name), rows.get(name, ())) for name in TABLES}


def _names(waiver: Waiver) -> Row:
    return (waiver.person or None, waiver.claim or None, waiver.line or None)


# Cases to draw

EAST: Final = timezone(timedelta(hours=5, minutes=30))
WINTER: Final = timezone(timedelta(hours=1))
SUMMER: Final = timezone(timedelta(hours=2))


def _leg(name: str, departs: datetime, arrives: datetime, *places: str) -> TripLeg:
    return TripLeg(name, name[:2], departs, arrives, *places)


def _march(day: int, hour: int, minute: int = 0, zone: timezone = WINTER) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=zone)


CLOCKS: Final[tuple[Trip, ...]] = trips_of(
    [
        _leg("T1a", _march(1, 23, 30), _march(2, 9, 15, EAST), "Bonn", "Pune"),
        _leg("T1b", _march(3, 1, 5, EAST), _march(3, 4, 30), "Pune", "Bonn"),
        _leg("T2a", _march(28, 22), _march(29, 1, 30), "Bonn", "Rome"),
        _leg("T2b", _march(29, 4, 0, SUMMER), _march(29, 12, 30, SUMMER), "Rome", "Bonn"),
        _leg("T3a", _march(4, 10, 0, EAST), _march(4, 10, 0, SUMMER), "", "Kyiv"),
        _leg("T4a", _march(2, 20, 0), _march(3, 1, 0), "", ""),
        _leg("T4b", _march(3, 2, 0), _march(3, 2, 0), "Rome", "Kyiv"),
        _leg("T4c", _march(5, 20, 1), _march(5, 20, 1), "Kyiv", ""),
    ],
    [
        TripNote("N1", "T1", date(2026, 3, 1), Night.PRIVATE, lunch=MealBy.CARRIER),
        TripNote("N2", "T1", date(2026, 3, 2), dinner=MealBy.HOST, dinner_paid=Money(9, "JPY")),
        TripNote("N3", "T2", date(2026, 3, 29), Night.NONE, "Pisa", MealBy.HOTEL),
        TripNote("N4", "T4", date(2026, 3, 3), breakfast=MealBy.EMPLOYER, lunch=MealBy.HOST),
        TripNote(
            "N5", "T4", date(2026, 3, 5), Night.EMPLOYER, breakfast=MealBy.HOTEL,
            breakfast_paid=Money(250, "CNY"), extra=(("shift", "late"),),
        ),
        TripNote("N6", "T3", date(2026, 3, 9), lunch=MealBy.HOST),
    ],
)  # fmt: skip
"""Clocks that are changed on the way, a trip that takes no time, one back before it left."""

TRIPS_OF: Final = (TRIPS, TRIPS[:3], TRIPS[:1], CLOCKS, (TRIPS[0], CLOCKS[1], TRIPS[2]), ())
APPROVALS_OF_Q: Final = (
    PreApproval("A5", "Q", "P", date(2026, 12, 31), trip="QT1"),
    PreApproval("A6", "Q", "P", date(2026, 3, 4), category="meal", amount=Money(2_500, "JPY")),
    PreApproval("A7", "Q", "P", date(2026, 12, 31), account="A1", amount=Money(-100, "CNY")),
)
STATUSES: Final = (
    *((ClaimStatus.SUBMITTED,) * 8),
    *(ClaimStatus.PAID, ClaimStatus.APPROVED, ClaimStatus.DRAFT, ClaimStatus.RETURNED),
    *(ClaimStatus.WITHDRAWN, ClaimStatus.REJECTED),
)


@dataclass(frozen=True)
class World:
    """What the claims of a case share, as numbers of the options above."""

    persons: tuple[bool, ...]
    statuses: tuple[ClaimStatus, ...]
    trips: tuple[int, int]
    rates: int
    approvals: int
    wide: bool


def worlds(claims: int) -> st.SearchStrategy[World]:
    """Draw what so many claims share."""
    return st.builds(
        World,
        st.tuples(*(st.sampled_from((False, False, True)) for _ in range(claims))),
        st.tuples(*(st.sampled_from(STATUSES) for _ in range(claims))),
        st.tuples(*(st.integers(0, len(TRIPS_OF) - 1) for _ in range(2))),
        st.sampled_from((3, 3, 3, 2, 0)),
        st.sampled_from((0, 1, 4)),
        st.booleans(),
    )


def adapted(claims: Sequence[Facts], world: World) -> tuple[Facts, ...]:
    """Put drawn claims into one world: what one says of a day, all say."""
    waivers = tuple(
        replace(waiver, id=f"W{number}")
        for number, waiver in enumerate([one for facts in claims for one in facts.waivers][:4])
    )
    mine = TRIPS_OF[world.trips[0]]
    theirs = tuple(_renamed(trip) for trip in TRIPS_OF[world.trips[1]])
    made = []
    for number, facts in enumerate(claims):
        is_q = world.persons[number]
        moment = datetime(2026, 3, 20, 9, tzinfo=SUMMER) + timedelta(days=number)
        head = replace(
            facts.claim,
            id=f"C{number}",
            person="Q" if is_q else "P",
            submitted=moment,
            status=world.statuses[number],
        )
        lines = tuple(
            replace(line, claim=head.id, trip=f"Q{line.trip}" if is_q and line.trip else line.trip)
            for line in facts.lines
        )
        approvals = APPROVALS_OF_Q[: world.approvals] if is_q else APPROVALS[: world.approvals]
        made.append(
            replace(
                facts,
                claim=head,
                lines=lines,
                trips=theirs if is_q else mine,
                rates=RATES[: world.rates],
                waivers=waivers,
                pre_approvals=approvals,
            )
        )
    return tuple(made)


def _renamed(trip: Trip) -> Trip:
    name = f"Q{trip.id}"
    legs = tuple(replace(leg, id=f"Q{leg.id}", trip=name) for leg in trip.legs)
    return Trip(name, legs, tuple(replace(note, trip=name) for note in trip.notes))


CLAIMS_MAX: Final = 6


def cases(*, claims: int = CLAIMS_MAX, most: int = 4) -> st.SearchStrategy[Case]:
    """Draw a policy with the claims that were received under it."""
    return st.builds(
        lambda drawn, held, world: Case(written(coded(drawn)), adapted(held, world), world.wide),
        rules(),
        histories(claims=claims, most=most),
        worlds(claims),
    )


# DuckDB, as it is

_TYPES: Final = {
    Kind.TEXT: "VARCHAR",
    Kind.WHOLE: "BIGINT",
    Kind.DECIMAL: "DECIMAL(24, 9)",
    Kind.DAY: "DATE",
    Kind.MOMENT: "TIMESTAMP",
    Kind.YES_NO: "BOOLEAN",
}


class DuckDb:
    """DuckDB in memory. A table is filled again only where its rows are not those of before."""

    dialect = "duckdb"

    def __init__(self) -> None:
        import duckdb

        self._held = duckdb.connect(":memory:", config={"threads": 1})
        self._loaded: dict[str, tuple[Sequence[Column], Sequence[Row]]] = {}

    def load(self, tables: Loaded) -> None:
        """Put rows in the place of what was loaded before."""
        run = self._held.execute
        for name, (columns, rows) in tables.items():
            known = self._loaded.get(name)
            if known == (columns, rows):
                continue
            if known is None or known[0] != columns:
                kinds = ", ".join(f"{column.name} {_TYPES[column.kind]}" for column in columns)
                run(f"CREATE OR REPLACE TABLE {name} ({kinds})")
            elif known[1]:
                run(f"DELETE FROM {name}")  # noqa: S608  our own names
            if rows:
                one = f"({', '.join('?' * len(columns))})"
                places = ", ".join([one] * len(rows))
                values = [value for row in rows for value in row]
                run(f"INSERT INTO {name} VALUES {places}", values)  # noqa: S608  likewise
            self._loaded[name] = (columns, rows)

    def run(self, script: Script) -> Mapping[str, Sequence[Row]]:
        """Run the steps, then ask for the results; what they made is dropped again."""
        made: list[str] = []
        try:
            for step in script.steps:
                if isinstance(step, Rounds):
                    self._rounds(step, made)
                else:
                    self._make(step.name, step.query, made)
            return {name: self._held.execute(q).fetchall() for name, q in script.results.items()}
        finally:
            for name in made:
                self._held.execute(f"DROP TABLE {name}")

    def _make(self, name: str, query: str, made: list[str]) -> None:
        self._held.execute(f"CREATE TEMP TABLE {name} AS {query}")
        made.append(name)

    def _rounds(self, rounds: Rounds, made: list[str]) -> None:
        run = self._held.execute
        self._make(rounds.state, rounds.start.query, made)
        for _ in range(ROUNDS_MAX):
            for step in rounds.body:
                self._make(step.name, step.query, made)
            ((differing,),) = run(rounds.differs).fetchall()
            run(f"DROP TABLE {rounds.state}")
            run(f"ALTER TABLE {rounds.next} RENAME TO {rounds.state}")
            made.remove(rounds.next)
            for step in rounds.body[:-1]:
                run(f"DROP TABLE {step.name}")
                made.remove(step.name)
            if not differing:
                return
        raise AssertionError(f"no end after {ROUNDS_MAX} rounds")


class Through:
    """An engine of the package, opened by its address, in the form that is asked for here."""

    def __init__(self, url: str) -> None:
        self._held = open_engine(url)
        self.dialect = self._held.dialect

    def close(self) -> None:
        """End the session."""
        self._held.close()

    def load(self, tables: Loaded) -> None:
        """Put rows in the place of what was loaded before."""
        self._held.load(tables)

    def run(self, script: Script) -> Mapping[str, Sequence[Row]]:
        """Run the steps, then ask for the results."""
        self._held.run(script)
        return {
            name: [row for batch in self._held.rows(query) for row in batch]
            for name, query in script.results.items()
        }
