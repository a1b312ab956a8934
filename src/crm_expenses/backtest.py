"""Back-test: what a changed policy would have decided on claims that are there already.

Here the claims of a file or a store go through the `run` reading of both policies, each with its
own windows, and their decisions into tables; `analytics.backtest` adds up.
"""

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files.spool import Sums
from crm_expenses.analytics.backtest import (
    FLIPS_MAX,
    RELATIONS,
    Backtest,
    BacktestFigures,
    DecidedTables,
    Pair,
    SweepFigures,
    SweepPoint,
    Swept,
)
from crm_expenses.analytics.backtest.aggregate import Where, title_of
from crm_expenses.analytics.backtest.figures import NEEDS_PERSON, Said
from crm_expenses.analytics.figures import Label
from crm_expenses.api import evaluator_of
from crm_expenses.core.claim import DECIDED_STATUSES
from crm_expenses.core.decision import Decision, Outcome, outcome_of
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Finding
from crm_expenses.core.rates import Rate
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import ConfigError
from crm_expenses.filecheck import CheckCount, CheckRun, file_facts
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.wording import finding_text
from crm_expenses.store import Store

Sourced = Iterator[tuple[Facts, Decision]]
"""Claims in the order of receipt, each with what the old policy decides on it."""

Progress = Callable[[str, int, int | None], None]

STAGE: Final = "backtest"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a back-test: two policies, a curve, a file for every flip."""

    old: Policy
    new: Policy
    swept: Swept | None = None
    flips: Path | None = None


class FileClaims:
    """The claims of one file, by time of submission; `count` says what was read.

    `tell` is given each row that cannot be read.

    Raises:
        ConfigError: the file cannot be read, a column is missing, or the mapping has mistakes.
    """

    def __init__(
        self,
        path: Path,
        asked: Asked,
        mapping: Path | None = None,
        *,
        rates: tuple[Rate, ...] = (),
        tell: Callable[[SetAside], None],
    ) -> None:
        claims = file_facts(path, (asked.old, asked.new), mapping, rates=rates)
        self._run = CheckRun(claims, evaluator_of(asked.old))
        self._tell = tell

    @property
    def count(self) -> CheckCount:
        """What was read so far."""
        return self._run.count

    def __iter__(self) -> Sourced:
        for found in self._run:
            if isinstance(found, SetAside):
                self._tell(found)
            elif self._run.facts is not None:
                yield self._run.facts, found


class StoreClaims:
    """The claims of a CRM as the store has them: decided ones in that order, then those that wait.

    Budgets stand as they stand today.
    """

    def __init__(self, store: Store, crm: str, old: Policy) -> None:
        self._store = store
        self._crm = crm
        self._old = old

    def __iter__(self) -> Sourced:
        decided = [row.claim for row in self._store.live_decisions(self._crm, viewer=SYSTEM)]
        claims = dict.fromkeys((*decided, *self._store.pending(self._crm)))
        with _Deciding(evaluator_of(self._old)) as deciding:
            for claim in claims:
                with self._store.work(self._crm) as work:
                    facts = work.facts(claim, self._old.currency, lambda _: ())
                yield facts, deciding.decide(facts)


def backtest(
    claims: Iterable[tuple[Facts, Decision]], asked: Asked, tell: Progress
) -> BacktestFigures:
    """Decide every claim by both policies, and give what differs.

    Raises:
        ConfigError: the policies decide in different currencies, or the file of flips cannot be
            written.
    """
    if asked.old.currency != asked.new.currency:
        raise ConfigError("backtest.currency", old=asked.old.currency, new=asked.new.currency)
    flips = _Flips(asked.old, asked.new)
    with ExitStack() as stack, DecidedTables() as tables:
        deciding = stack.enter_context(_Deciding(evaluator_of(asked.new)))
        curve = _Curve(asked.swept, stack) if asked.swept is not None else None
        for number, (facts, old) in enumerate(claims, start=1):
            pair = Pair(facts, old, deciding.decide(facts))
            tables.add(pair)
            if facts.claim.status in DECIDED_STATUSES:
                flips.add(pair)
                if curve is not None:
                    curve.add(facts)
            tell(STAGE, number, None)
        tables.flush()
        found = Backtest(tables.session, asked.old, asked.new, RELATIONS)
        if asked.flips is not None:
            write_flips(found, asked.flips)
        figures = found.figures(flips.told())
        return replace(figures, sweep=curve.figures()) if curve is not None else figures


def write_flips(found: Backtest, path: Path) -> None:
    """Write every decision that differs.

    Raises:
        ConfigError: the place cannot be written to.
    """
    if not path.absolute().parent.is_dir():
        detail = str(path.absolute().parent)
        raise ConfigError("backtest.flips_place", path=str(path), detail=detail)
    try:
        found.flips_to(path)
    except OSError as error:
        detail = error.strerror or str(error)
        raise ConfigError("backtest.flips_place", path=str(path), detail=detail) from error


class _Deciding:
    """A policy that decides claims one after the other, with what the earlier ones used up."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._used = Sums()

    def __enter__(self) -> Self:
        self._used.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._used.__exit__(*error)

    def decide(self, facts: Facts) -> Decision:
        """Decide a claim; one that counts uses up the windows of later ones."""
        bare = replace(facts, windows={})
        windows = self._used.find(self._evaluator.windows_of(bare))
        decision = self._evaluator.decide(replace(bare, windows=windows), digest=False)
        if facts.claim.status in DECIDED_STATUSES:
            amounts: Counter[str] = Counter()
            for carry in decision.carries:
                amounts[carry.window] += carry.amount
            self._used.add(amounts)
        return decision


@dataclass(slots=True)
class _Tally:
    """One value of a sweep, and what it has led to so far."""

    value: str
    deciding: _Deciding
    lines: Counter[Outcome] = field(default_factory=Counter)
    allowed: int = 0
    claims_for_person: int = 0


class _Curve:
    """What each value of a sweep leads to, added up claim by claim."""

    def __init__(self, of: Swept, stack: ExitStack) -> None:
        self._of = of
        self._each = [
            _Tally(value, stack.enter_context(_Deciding(Evaluator(policy))))
            for value, policy in of.policies.items()
        ]

    def add(self, facts: Facts) -> None:
        """Take a claim that counts."""
        for tally in self._each:
            decision = tally.deciding.decide(facts)
            tally.lines.update(line.outcome for line in decision.lines)
            tally.allowed += decision.allowed.minor
            tally.claims_for_person += decision.outcome in NEEDS_PERSON

    def figures(self) -> SweepFigures:
        """Give the curve."""
        return sweep_figures(
            self._of,
            tuple(
                SweepPoint(of.value, of.allowed, dict(of.lines), of.claims_for_person)
                for of in self._each
            ),
        )


def sweep_figures(of: Swept, points: tuple[SweepPoint, ...]) -> SweepFigures:
    """Give the figures of a sweep from its points."""
    return SweepFigures(of.sweep.target, of.title, of.unit, of.newest.start, of.now, points)


Order = tuple[int, int, str]


class _Flips:
    """Keeps the claims with the biggest differences, to say them in whole sentences."""

    def __init__(self, old: Policy, new: Policy) -> None:
        self._policies = (("old", old), ("new", new))
        self._kept: list[tuple[Order, Pair]] = []

    def add(self, pair: Pair) -> None:
        """Keep a claim that differs, as long as it is among the first."""
        lines = sum(
            before != after for before, after in zip(paid(pair.old), paid(pair.new), strict=True)
        )
        difference = pair.new.allowed.minor - pair.old.allowed.minor
        if not lines and not difference and pair.old.outcome is pair.new.outcome:
            return
        order = (-abs(difference), -lines, pair.facts.claim.id)
        insort(self._kept, (order, pair), key=lambda kept: kept[0])
        del self._kept[FLIPS_MAX:]

    def told(self) -> dict[Where, tuple[Said, ...]]:
        """Say what both policies found on the claims that were kept."""
        made: dict[Where, tuple[Said, ...]] = {}
        for _, pair in self._kept:
            made |= _sentences(pair, self._policies)
        return made


def _sentences(
    pair: Pair, policies: tuple[tuple[str, Policy], tuple[str, Policy]]
) -> dict[Where, tuple[Said, ...]]:
    made: dict[Where, tuple[Said, ...]] = {}
    for (side, policy), decision in zip(policies, (pair.old, pair.new), strict=True):
        made[decision.claim, "", side] = _said(policy, decision.findings)
        for line in decision.lines:
            made[decision.claim, line.line, side] = _said(policy, line.findings)
    return made


def paid(decision: Decision) -> list[tuple[Outcome, int]]:
    """Give the outcome of each line and what is paid for it: nothing where the claim is rejected.

    A claim is rejected as a whole by a finding of its own.
    """
    is_rejected = outcome_of(decision.findings) is Outcome.REJECT
    return [(line.outcome, 0 if is_rejected else line.allowed.minor) for line in decision.lines]


def _said(policy: Policy, findings: Iterable[Finding]) -> tuple[Said, ...]:
    return tuple(
        Said(
            code=finding.code,
            effect=finding.effect,
            title=title_of(policy, finding.code),
            clause=finding.clause,
            resolved_by=finding.resolved_by,
            failed=finding.failed,
            text=Label(finding_text(policy, finding, "en"), finding_text(policy, finding, "zh")),
        )
        for finding in findings
    )
