"""Check: decide the claims of one file, with no store; windows are kept while the file lasts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files import ClaimBundle, ClaimStream, claims_in
from crm_expenses.adapters.files.spool import Sums
from crm_expenses.api import evaluator_of
from crm_expenses.core.claim import DECIDED_STATUSES
from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.lifecycle import UNCOUNTED, State, after, move_for
from crm_expenses.core.rates import Rate, in_force
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.policy import Policy


@dataclass(slots=True)
class CheckCount:
    """What a check has seen so far: rows = lines + set aside + without a line.

    `unread` has the names of columns that are no field, where the file has no mapping.
    """

    rows: int = 0
    lines: int = 0
    set_aside: int = 0
    without_line: int = 0
    unread: frozenset[str] = frozenset()
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
            "claims": self.claims,
            "outcomes": dict(sorted(self.outcomes.items())),
            "findings": dict(sorted(self.findings.items())),
        }


class CheckRun(Iterator["Decision | SetAside"]):
    """What is wrong with rows first, then a decision a claim; `count` grows as it is read.

    `facts` are those of the decision that came last.
    """

    def __init__(
        self, stream: ClaimStream, evaluator: Evaluator, rates: tuple[Rate, ...] = ()
    ) -> None:
        self.count = CheckCount()
        self.facts: Facts | None = None
        self._evaluator = evaluator
        self._rates = rates
        self._items = self._run(stream)

    def __next__(self) -> "Decision | SetAside":
        return next(self._items)

    def _run(self, stream: ClaimStream) -> "Iterator[Decision | SetAside]":
        count = self.count
        with Sums() as used:
            for found in stream:
                self._take_counts(stream)
                if isinstance(found, SetAside):
                    yield found
                    continue
                decision = self._decide(found, used)
                count.claims += 1
                count.outcomes[decision.outcome.value] += 1
                count.findings.update(f.code for f in decision.findings)
                count.findings.update(f.code for line in decision.lines for f in line.findings)
                yield decision
        self._take_counts(stream)

    def _take_counts(self, stream: ClaimStream) -> None:
        counts, mine = stream.counts, self.count
        mine.rows, mine.lines = counts.rows, counts.lines
        mine.set_aside, mine.without_line = counts.set_aside, counts.without_line
        mine.unread = counts.unread

    def _decide(self, found: ClaimBundle, used: Sums) -> Decision:
        rates = self._rates_of(found)
        bare = Facts(found.claim, found.lines, found.person, found.vouchers, rates)
        keys = self._evaluator.windows_of(bare)
        self.facts = replace(bare, windows=used.find(keys))
        decision = self._evaluator.decide(self.facts)
        status = found.claim.status
        if status in DECIDED_STATUSES:
            state = after(State.RECEIVED, move_for(status, decision.outcome, needs_person=False))
            if state not in UNCOUNTED:
                amounts: Counter[str] = Counter()
                for carry in decision.carries:
                    amounts[carry.window] += carry.amount
                used.add(amounts)
        return decision

    def _rates_of(self, found: ClaimBundle) -> tuple[Rate, ...]:
        """Give the rates in force on the days of a claim's foreign lines, and no others."""
        known = (*self._rates, *found.rates)
        if not known:
            return ()
        into = self._evaluator.policy.currency
        wanted = {
            (line.amount.currency, line.date)
            for line in found.lines
            if line.amount.currency != into
        }
        held = (in_force(known, currency, into, day) for currency, day in sorted(wanted))
        return tuple({rate.id: rate for rate in held if rate is not None}.values())


def check_file(
    path: Path, policy: Policy, mapping: Path | None = None, *, rates: tuple[Rate, ...] = ()
) -> CheckRun:
    """Decide the claims of a CSV, JSON Lines, Parquet or XLSX file, by time of submission.

    Without a mapping, the columns are those of `docs/reference/schemas/claim.json`. What earlier
    claims of the file used of a window counts for later ones, as it would in the store. Amounts in
    other currencies are converted by `rates`.

    Raises:
        ConfigError: the file cannot be read, a column is missing, or the mapping has mistakes.
    """
    extras = {name: fact.of.value for name, fact in policy.facts.items()}
    stream = claims_in(path, mapping, currency=policy.currency, extras=extras)
    return CheckRun(stream, evaluator_of(policy), rates)
