"""Check: decide the claims of one file, with no store; windows are kept while the file lasts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files import (
    ClaimBundle,
    ClaimRead,
    ClaimStream,
    ReadClaim,
    claims_in,
)
from crm_expenses.adapters.files.spool import Sums
from crm_expenses.api import evaluator_of
from crm_expenses.claimdata import facts_from
from crm_expenses.core.claim import DECIDED_STATUSES
from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.lifecycle import UNCOUNTED, State, after, move_for
from crm_expenses.core.rates import Rate, in_force
from crm_expenses.errors import MappingError, Place, Problem
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.policy import Policy


@dataclass(slots=True)
class CheckCount:
    """What a check has seen so far: rows = lines + set aside + without a line.

    `unread` has the names that are no field, where the file has no mapping; `absent` the kinds of
    record that the mapping reads from other files, of which none is there.
    """

    rows: int = 0
    lines: int = 0
    set_aside: int = 0
    without_line: int = 0
    unread: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    claims: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)

    @property
    def is_clean(self) -> bool:
        """Whether every row was read and every claim passes."""
        return not self.set_aside and set(self.outcomes) <= {Outcome.PASS.value}

    def as_json(self) -> dict[str, object]:
        """Give the counts as plain values."""
        return {
            "rows": self.rows,
            "lines": self.lines,
            "set_aside": self.set_aside,
            "without_line": self.without_line,
            "unread": sorted(self.unread),
            "absent": sorted(self.absent),
            "claims": self.claims,
            "outcomes": dict(sorted(self.outcomes.items())),
            "findings": dict(sorted(self.findings.items())),
        }


class FileFacts(Iterator["Facts | SetAside"]):
    """What is wrong with rows first, then the facts of each claim; `count` grows as it is read."""

    def __init__(self, stream: ClaimStream, currency: str, rates: tuple[Rate, ...] = ()) -> None:
        self.count = CheckCount()
        self._currency = currency
        self._rates = rates
        self._items = self._run(stream)

    def __next__(self) -> "Facts | SetAside":
        return next(self._items)

    def _run(self, stream: ClaimStream) -> "Iterator[Facts | SetAside]":
        for found in stream:
            self._take_counts(stream)
            yield found if isinstance(found, SetAside) else self._facts(found)
        self._take_counts(stream)

    def _take_counts(self, stream: ClaimStream) -> None:
        counts, mine = stream.counts, self.count
        mine.rows, mine.lines = counts.rows, counts.lines
        mine.set_aside, mine.without_line = counts.set_aside, counts.without_line
        mine.unread = counts.unread
        mine.absent = frozenset(kind.value for kind in counts.absent)

    def _facts(self, found: ClaimBundle) -> Facts:
        return Facts(
            found.claim,
            found.lines,
            found.person,
            found.vouchers,
            self._rates_of(found),
            trips=found.trips,
            waivers=found.waivers,
            pre_approvals=found.pre_approvals,
        )

    def _rates_of(self, found: ClaimBundle) -> tuple[Rate, ...]:
        """Give the rates in force on the days of a claim's foreign amounts, and no others.

        A claim that stands whole in an object keeps its own, as it would alone.
        """
        own = found.rates if found.is_whole else ()
        if found.is_whole and not self._rates:
            return own
        known = (*self._rates, *found.rates)
        if not known:
            return ()
        held = (in_force(known, *pair) for pair in sorted(_foreign(found, self._currency)))
        chosen = (rate for rate in held if rate is not None)
        return tuple({rate.id: rate for rate in (*own, *chosen)}.values())


class CheckRun(Iterator["Decision | SetAside"]):
    """What is wrong with rows first, then a decision a claim; `count` grows as it is read.

    `facts` are those of the decision that came last.
    """

    def __init__(self, claims: FileFacts, evaluator: Evaluator) -> None:
        self.count = claims.count
        self.facts: Facts | None = None
        self._evaluator = evaluator
        self._items = self._run(claims)

    def __next__(self) -> "Decision | SetAside":
        return next(self._items)

    def _run(self, claims: FileFacts) -> "Iterator[Decision | SetAside]":
        count = self.count
        with Sums() as used:
            for found in claims:
                if isinstance(found, SetAside):
                    yield found
                    continue
                decision = self._decide(found, used)
                count.claims += 1
                count.outcomes[decision.outcome.value] += 1
                count.findings.update(f.code for f in decision.findings)
                count.findings.update(f.code for line in decision.lines for f in line.findings)
                yield decision

    def _decide(self, bare: Facts, used: Sums) -> Decision:
        keys = self._evaluator.windows_of(bare)
        self.facts = replace(bare, windows=used.find(keys))
        decision = self._evaluator.decide(self.facts)
        status = bare.claim.status
        if status in DECIDED_STATUSES:
            state = after(State.DECIDED, move_for(status, decision.outcome, needs_person=False))
            if state not in UNCOUNTED:
                amounts: Counter[str] = Counter()
                for carry in decision.carries:
                    amounts[carry.window] += carry.amount
                used.add(amounts)
        return decision


def _foreign(found: ClaimBundle, into: str) -> set[tuple[str, str, date]]:
    """Give what must be converted: currency, into which, on which day."""
    paid = {
        (amount.currency, note.day)
        for trip in found.trips
        for note in trip.notes
        for amount in (note.breakfast_paid, note.lunch_paid, note.dinner_paid)
        if amount is not None
    }
    spent = {(line.amount.currency, line.date) for line in found.lines}
    approved = {
        (one.amount.currency, line.date)
        for one in found.pre_approvals
        for line in found.lines
        if one.amount is not None
    }
    converted = spent | paid | approved
    return {(currency, into, day) for currency, day in converted if currency != into}


def check_file(
    path: Path, policy: Policy, mapping: Path | None = None, *, rates: tuple[Rate, ...] = ()
) -> CheckRun:
    """Decide the claims of a CSV, JSON, JSON Lines, Parquet or XLSX file, by time of submission.

    Without a mapping, JSON holds claims in the shape of `docs/reference/schemas/claim.json`, and
    columns are named like its fields. What earlier claims of the file used of a window counts for
    later ones, as it would in the store. Amounts in other currencies are converted by `rates`.

    Raises:
        ConfigError: the file cannot be read, a column is missing, or the mapping has mistakes.
    """
    return CheckRun(file_facts(path, (policy,), mapping, rates=rates), evaluator_of(policy))


def file_facts(
    path: Path,
    policies: Sequence[Policy],
    mapping: Path | None = None,
    *,
    rates: tuple[Rate, ...] = (),
) -> FileFacts:
    """Give the facts of the claims of a file, with what any of some policies may read of them.

    Raises:
        ConfigError: as for `check_file`.
    """
    currency = policies[0].currency
    extras = {name: fact.of.value for one in policies for name, fact in one.facts.items()}
    stream = claims_in(path, mapping, read_claim=claim_reader(currency), extras=extras)
    return FileFacts(stream, currency, rates)


# A claim that stands whole in an object


def claim_reader(currency: str) -> ReadClaim:
    """Make the reader of objects in the shape of `docs/reference/schemas/claim.json`.

    What it reads is what `check` of the library reads. Beyond that, names that no field has are
    told and left out, and so is a line that cannot be read; `currency` is the policy's.
    """

    def read(given: Mapping[str, object]) -> ClaimRead:
        return _Object(given, currency).read()

    return read


class _Object:
    """One claim on its way in: what is left of it to read, and what was left out."""

    def __init__(self, given: Mapping[str, object], currency: str) -> None:
        self._given: dict[str, Any] = _filled(given)
        self._currency = currency
        lines = self._given.get("lines")
        self._lines: list[Any] = lines if isinstance(lines, list) else []
        self._kept = list(range(len(self._lines)))
        self._aside: dict[int, list[Problem]] = {}
        self._unread: set[str] = set()

    def read(self) -> ClaimRead:
        """Read what can be read; each turn leaves something out, so that there is a last one."""
        while True:
            if self._lines:
                self._given["lines"] = [self._lines[number] for number in self._kept]
            try:
                facts = facts_from(self._given, self._currency)
            except MappingError as error:
                problems = [self._placed(problem) for problem in error.problems]
                of_claim = [p for p in problems if not self._leave_out(p)]
                if of_claim:
                    told = [p for some in self._aside.values() for p in some]
                    return self._result(None, (tuple(of_claim + told),))
                self._kept = [number for number in self._kept if number not in self._aside]
                if self._lines and not self._kept:
                    return self._result(None)
            else:
                return self._result(facts)

    def _result(
        self, facts: Facts | None, aside: tuple[tuple[Problem, ...], ...] = ()
    ) -> ClaimRead:
        lines = (tuple(problems) for _, problems in sorted(self._aside.items()))
        return ClaimRead(facts, aside or tuple(lines), frozenset(self._unread))

    def _placed(self, problem: Problem) -> Problem:
        """Put a problem of a line where the line stood before others were left out."""
        head, number, *rest = (*problem.place.file.split(".", 2), "", "")[:3]
        if head != "lines" or not number.isdecimal():
            return problem
        path = ".".join(part for part in (head, str(self._kept[int(number)]), *rest) if part)
        return Problem(problem.code, problem.values, Place(path))

    def _leave_out(self, problem: Problem) -> bool:
        """Leave out what a problem concerns: a name or a line; False where it is the claim."""
        path = problem.place.file
        head, _, rest = path.partition(".")
        number, _, inner = rest.partition(".")
        is_of_line = head == "lines" and number.isdecimal()
        if problem.code == "claim.unknown_name":
            within = self._lines[int(number)] if is_of_line else self._given
            name = inner if is_of_line else path
            if _remove(within, name):
                steps = name.split(".")
                self._unread.add(".".join(step for step in steps if not step.isdecimal()))
                return True
        if is_of_line:
            self._aside.setdefault(int(number), []).append(problem)
        return is_of_line


_DEPTH: Final = 8
"""Deeper than any field of the shape: what stands below is refused anyway."""


def _filled(value: Any, depth: int = 0) -> Any:  # noqa: ANN401  what JSON holds
    """Copy an object without its nulls: a field that is null is a field that is not there."""
    if depth < _DEPTH and isinstance(value, Mapping):
        return {k: _filled(v, depth + 1) for k, v in value.items() if v is not None}
    if depth < _DEPTH and isinstance(value, list):
        return [_filled(part, depth + 1) for part in value]
    return value


def _remove(within: Any, path: str) -> bool:  # noqa: ANN401  what JSON holds
    """Take a name out of an object, and say whether it was there; a name may have dots."""
    if isinstance(within, list):
        number, _, rest = path.partition(".")
        return number.isdecimal() and _remove(within[int(number)], rest)
    if not isinstance(within, dict):
        return False
    if path in within:
        del within[path]
        return True
    heads = [name for name in within if path.startswith(f"{name}.")]
    return any(_remove(within[name], path.removeprefix(f"{name}.")) for name in heads)
