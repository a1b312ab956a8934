"""Random walks over budgets beside a model of a few dictionaries: sums, moves once, alerts once."""

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from planned_company import LATER, PEOPLE, Q1, Q2, at_work, codes, planned, quarter, take, told
from stored_company import CRM, claim, cny, decide_pending, line, put

from crm_expenses.core.budget import AtLimit, Budget, BudgetScope
from crm_expenses.core.budgetmove import CarryRule
from crm_expenses.core.claim import DECIDED_STATUSES, ClaimStatus
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import ConfigError
from crm_expenses.store import open_store
from crm_expenses.store.transfers import TransferState

SHARE = 50
NOW, NEXT = ("own", "east"), ("own-2", "east-2")
NAMES = (*NOW, *NEXT)
TOLD = {"own": ("P1", "P2"), "east": ("P3",)}
ALERTS = st.sampled_from([(), (80, 100), (50,), (50, 100)])


def budget_of(name: str, minor: int) -> Budget:
    """Give a budget of the walk: P1's freezes, East's goes below zero."""
    span = Q1 if name in NOW else Q2
    if name.startswith("own"):
        made = quarter(name, minor, span, scope=BudgetScope.PERSON, owner="P1", responsible="")
        return Budget(made.id, made.scope, *span, made.amount, made.owner, at_limit=AtLimit.FREEZE)
    return quarter(name, minor, span, scope=BudgetScope.TEAM, owner="East")


@dataclass
class Kept:
    """What the model knows of one budget."""

    planned: int = 0
    moved: int = 0
    committed: dict[str, int] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    alerts: tuple[int, ...] = (80, 100)
    crossed: frozenset[int] = frozenset()
    is_carried: bool = False

    @property
    def allocated(self) -> int:
        """What it may spend: its own, and what came and went."""
        return self.planned + self.moved

    @property
    def used(self) -> int:
        """What is held and spent."""
        return sum(self.committed.values()) + sum(self.spent.values())

    @property
    def left(self) -> int:
        """What is available."""
        return self.allocated - self.used


class BudgetMachine(RuleBasedStateMachine):
    """Plan, spend, carry over, transfer and fail, in any order."""

    @initialize()
    def begin(self) -> None:
        """Start with four budgets, each with a rule for its carry-over."""
        self.folder = TemporaryDirectory()
        self.store = open_store(Path(self.folder.name) / "store.sqlite3")
        self.model = {name: Kept(1_000) for name in NAMES}
        self.notices: list[tuple[str, str, str, str]] = []
        put(self.store, *PEOPLE)
        rows = [planned(budget_of(n, 1_000), carry=CarryRule(SHARE)) for n in NAMES]
        take(self.store, *rows)

    @rule(name=st.sampled_from(NAMES), minor=st.integers(0, 2_000), alerts=ALERTS)
    def plan(self, name: str, minor: int, alerts: tuple[int, ...]) -> None:
        """Finance writes another plan."""
        take(self.store, planned(budget_of(name, minor), alerts=alerts, carry=CarryRule(SHARE)))
        self.model[name].planned = minor
        self.model[name].alerts = alerts
        self.look()

    @rule(
        number=st.integers(1, 4),
        status=st.sampled_from(ClaimStatus),
        minor=st.integers(-300, 900),
    )
    def spend(self, number: int, status: ClaimStatus, minor: int) -> None:
        """A claim is submitted, changed, paid or taken back, and decided."""
        put(self.store, claim(number, status), line(number, minor))
        if not decide_pending(self.store):
            return
        name = f"C-{number}"
        for budget in NOW:
            of = self.model[budget]
            of.committed.pop(name, None)
            of.spent.pop(name, None)
            is_short = minor > max(0, of.left)
            if status in DECIDED_STATUSES and minor and not (budget == "own" and is_short):
                (of.spent if status is ClaimStatus.PAID else of.committed)[name] = minor
        self.look()

    @rule(fails=st.booleans())
    def carry(self, *, fails: bool) -> None:
        """The quarter is over; the power may fail before the end."""
        if fails:
            with pytest.raises(SystemError), at_work(self.store) as work:  # noqa: PT012
                work.carry_all(day=LATER, actor="P9", only_plan=False)
                raise SystemError
            return
        with at_work(self.store) as work:
            work.carry_all(day=LATER, actor="P9", only_plan=False)
        for old, new in zip(NOW, NEXT, strict=True):
            amount = max(0, self.model[old].left) * SHARE // 100
            if amount and not self.model[old].is_carried:
                self.model[old].is_carried = True
                self.move(old, new, amount)
        self.look()

    @rule(ends=st.permutations(NAMES), minor=st.integers(-1, 1_500), says_yes=st.booleans())
    def transfer(self, ends: list[str], minor: int, *, says_yes: bool) -> None:
        """Somebody asks; those who must, say yes, or one says no."""
        source, target = ends[:2]
        if not 0 < minor <= self.model[source].left:
            with pytest.raises(ConfigError) as caught, at_work(self.store) as work:
                work.ask(source, target, cny(minor), actor="P4", said="fair")
            assert codes(caught.value) == ["budgets.transfer_amount"]
            return
        with at_work(self.store) as work:
            row = work.ask(source, target, cny(minor), actor="P4", said="fair")
            approvers = work.approvers(row.transfer)
        name = row.transfer.id
        if not says_yes:
            with at_work(self.store) as work:
                work.refuse(name, actor=approvers[-1], said="no")
            return
        for number, who in enumerate(approvers, start=1):
            with at_work(self.store) as work:
                state = work.approve(name, actor=who).state
            assert (state is TransferState.MADE) == (number == len(approvers))
        self.move(source, target, minor)
        self.look()

    def move(self, source: str, target: str, amount: int) -> None:
        """Move money in the model."""
        self.model[source].moved -= amount
        self.model[target].moved += amount

    def look(self) -> None:
        """Tell in the model what has been crossed since the last time."""
        for name, of in self.model.items():
            is_used = of.used > 0 or of.allocated < 0
            now = frozenset(
                share for share in of.alerts if is_used and of.used * 100 >= share * of.allocated
            )
            people = TOLD[name.partition("-")[0]]
            told_now = [("up", share) for share in sorted(now - of.crossed)]
            told_now += [("back", share) for share in sorted(of.crossed - now, reverse=True)]
            self.notices += [(p, way, name, str(s)) for way, s in told_now for p in people]
            of.crossed = now

    @invariant()
    def stands(self) -> None:
        """Each budget stands where the model has it, and no move made money or lost any."""
        positions = self.store.budget_positions(CRM, viewer=SYSTEM)
        for name, of in self.model.items():
            at = positions[name]
            assert (at.allocated, at.committed + at.spent) == (of.allocated, of.used)
            assert at.spent == sum(of.spent.values())
        whole = sum(at.allocated for at in positions.values())
        assert whole == sum(of.planned for of in self.model.values())

    @invariant()
    def has_told(self) -> None:
        """Each crossing was told once, to the owner and the manager, and in no other way."""
        found = told(self.store)
        for name in NAMES:
            mine = [row for row in found if row[2] == name]
            assert mine == [row for row in self.notices if row[2] == name]

    def teardown(self) -> None:
        """The log holds, and what is kept is what it says."""
        if hasattr(self, "store"):
            assert self.store.log_broken_at() is None
            assert self.store.check_contents().broken is None
            self.store.close()
            self.folder.cleanup()


WALKS = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


def test_budget_machine() -> None:
    """Whatever is planned, spent and moved, the store holds what the model holds."""
    run_state_machine_as_test(BudgetMachine, settings=WALKS)
