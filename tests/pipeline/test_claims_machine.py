"""One claim through its whole life in the store, against a model that a child could keep.

The model knows amounts and who said what. It knows neither routes nor digests, and no code of ours.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from own_company import AT, FAR, FINANCE, PAID_MONTHLY, desk_at, drafted, held, said, seen

from crm_expenses.core.approval import Verdict
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.viewer import Viewer
from crm_expenses.errors import RefusedError
from crm_expenses.pipeline.advances import give_back, list_advances, pay_out
from crm_expenses.pipeline.audit import verify
from crm_expenses.pipeline.claims import Edit, change, submit, take_back, withdraw
from crm_expenses.pipeline.payments import close, pay
from crm_expenses.pipeline.summary import quiet

LIMIT: Final = 500
"""Above it the manager has to say yes."""

UNSENT: Final = {State.DRAFT, State.RETURNED, State.REJECTED, State.WITHDRAWN}
APPROVED: Final = {
    *(State.APPROVED, State.PARTLY_APPROVED, State.PARTLY_PAID, State.PAID, State.CLOSED),
}
SEES_ALL: Final = Viewer(FINANCE, sees_all=True)


@dataclass
class Model:
    """A claim as somebody with paper and pencil would follow it; amounts in yuan."""

    lines: dict[str, int]
    state: State = State.DRAFT
    version: int = 0
    decided_on: dict[str, int] = field(default_factory=dict)
    yes: tuple[dict[str, int], frozenset[str]] | None = None
    refused: frozenset[str] = frozenset()
    cash: int = 0
    cleared: int = 0
    out: int = 0
    returned: int = 0

    @property
    def due(self) -> int:
        """What is approved and due; zero where it is not approved."""
        if self.state not in APPROVED:
            return 0
        return sum(a for name, a in self.decided_on.items() if name not in self.refused)

    @property
    def is_money_moved(self) -> bool:
        """Whether the claimant may no longer touch it."""
        return self.cash != 0

    def decide(self, *, is_new_version: bool) -> None:
        """Look at the claim as it is now."""
        was = self.due
        was_closed = self.state is State.CLOSED
        self.version += is_new_version
        self.decided_on = dict(self.lines)
        if self.yes is not None and self.yes[0] != self.lines:
            self.yes = None
        needs = sum(self.lines.values()) > LIMIT
        self.refused = self.yes[1] if self.yes is not None and needs else frozenset()
        self.state = State.IN_APPROVAL if needs and self.yes is None else State.APPROVED
        self._settle(was, stays_closed=was_closed and not is_new_version)

    def _settle(self, was: int, *, stays_closed: bool = False) -> None:
        """Let advances take what is due, where that changed."""
        if self.due != was:
            left = self.out - self.returned
            self.cleared = min(max(0, self.due - self.cash), left)
        if self.state in APPROVED:
            paid = self.cash + self.cleared
            self.state = State.PARTLY_APPROVED if self.refused else State.APPROVED
            if paid:
                over = State.CLOSED if stays_closed else State.PAID
                self.state = over if paid == self.due else State.PARTLY_PAID

    def end(self, state: State) -> None:
        """Let it hold nothing."""
        was, self.state = self.due, state
        self._settle(was)

    def speak(self, state: State, refused: frozenset[str] = frozenset()) -> None:
        """Let the manager say yes, in whole or in part."""
        was = self.due
        self.yes, self.refused, self.state = (dict(self.lines), refused), refused, state
        self._settle(was)


class Claims(RuleBasedStateMachine):
    """Everything that can happen to a claim, in any order, whether it is allowed or not."""

    @initialize(
        amounts=st.lists(st.integers(150, 400), min_size=1, max_size=3),
        advance=st.sampled_from([0, 300, 2000]),
        is_sent=st.booleans(),
    )
    def begin(self, amounts: list[int], advance: int, is_sent: bool) -> None:  # noqa: FBT001
        """Open a desk, and make a claim of a few gifts; often it is sent, and paid in advance."""
        self.rest = ExitStack()
        folder = Path(self.rest.enter_context(tempfile.TemporaryDirectory()))
        self.desk = self.rest.enter_context(desk_at(folder, policy=PAID_MONTHLY, records=(FAR,)))
        self.now = AT
        rows = [
            {"category": "gift", "amount": str(amount), "line": str(number)}
            for number, amount in enumerate(amounts)
        ]
        self.number = drafted(self.desk, *rows)
        self.model = Model({f"P1/{n}": amount for n, amount in enumerate(amounts)})
        if advance:
            self.advance(advance)
        if is_sent:
            self.send()

    def attempt(self, act: Callable[[], object], *, is_allowed: bool) -> bool:
        """Do something a little later; see that it is refused exactly where it has to be."""
        self.now += timedelta(minutes=1)
        before = self.desk.store.dump() if not is_allowed else ""
        if is_allowed:
            act()
            return True
        with pytest.raises(RefusedError):
            act()
        assert self.desk.store.dump() == before
        return False

    @rule()
    def submit(self) -> None:
        """Submit it, for the first time or again."""
        self.send()

    def send(self) -> None:
        """Submit it."""
        if self.attempt(
            lambda: submit(self.desk, self.number, by="P1", at=self.now),
            is_allowed=self.model.state in UNSENT,
        ):
            self.model.decide(is_new_version=True)

    @rule(which=st.integers(0, 2), amount=st.integers(1, 400))
    def change_an_amount(self, which: int, amount: int) -> None:
        """Change one line; before it is sent nothing comes of that."""
        model = self.model
        name = f"P1/{which % len(model.lines)}"
        edit = Edit(lines={name: {"amount": str(amount)}})
        is_allowed = model.state in UNSENT or not model.is_money_moved
        if not self.attempt(
            lambda: change(self.desk, self.number, edit, by="P1", at=self.now),
            is_allowed=is_allowed,
        ):
            return
        model.lines[name] = amount
        if model.state not in UNSENT:
            model.decide(is_new_version=model.lines != model.decided_on)

    @rule()
    def take_back(self) -> None:
        """Make it a draft again."""
        model = self.model
        if self.attempt(
            lambda: take_back(self.desk, self.number, by="P1", at=self.now),
            is_allowed=model.state not in {State.DRAFT, State.CLOSED} and not model.is_money_moved,
        ):
            model.end(State.DRAFT)

    @rule()
    def withdraw(self) -> None:
        """Give it up."""
        model = self.model
        over = {State.WITHDRAWN, State.CLOSED}
        if self.attempt(
            lambda: withdraw(self.desk, self.number, by="P1", at=self.now),
            is_allowed=model.state not in over and not model.is_money_moved,
        ):
            model.end(State.WITHDRAWN)

    @rule(verdict=st.sampled_from([Verdict.RETURN, Verdict.REJECT]))
    def say_no(self, verdict: Verdict) -> None:
        """Let the manager return or reject it."""
        if self.attempt(
            lambda: said(self.desk, self.number, verdict=verdict, reason="no", at=self.now),
            is_allowed=self.model.state is State.IN_APPROVAL,
        ):
            self.model.end(State.RETURNED if verdict is Verdict.RETURN else State.REJECTED)

    @rule(which=st.integers(0, 2), is_partly=st.booleans())
    def say_yes(self, which: int, is_partly: bool) -> None:  # noqa: FBT001  drawn by its name
        """Let the manager approve it, or all of it but one line."""
        model = self.model
        refused = frozenset[str]()
        if is_partly and len(model.lines) > 1:
            refused = frozenset({f"P1/{which % len(model.lines)}"})
        if self.attempt(
            lambda: said(self.desk, self.number, refused=tuple(refused), reason="why", at=self.now),
            is_allowed=model.state is State.IN_APPROVAL,
        ):
            model.speak(State.APPROVED, refused)

    @rule(amount=st.one_of(st.none(), st.integers(-50, 1300)))
    def pay(self, amount: int | None) -> None:
        """Pay a part, or all that is open."""
        model = self.model
        left = model.due - model.cash - model.cleared
        asked = left if amount is None else amount
        payable = {State.APPROVED, State.PARTLY_APPROVED, State.PARTLY_PAID}
        given = None if amount is None else Decimal(amount)
        if self.attempt(
            lambda: pay(self.desk, self.number, given, by=FINANCE, at=self.now),
            is_allowed=model.state in payable and 0 < asked <= left,
        ):
            model.cash += asked
            model.state = State.PAID if asked == left else State.PARTLY_PAID
            assert model.cash + model.cleared <= model.due

    @rule()
    def close(self) -> None:
        """Close it, once all is paid."""
        if self.attempt(
            lambda: close(self.desk, self.number, by=FINANCE, at=self.now),
            is_allowed=self.model.state is State.PAID,
        ):
            self.model.state = State.CLOSED

    @rule(amount=st.integers(1, 600))
    def pay_out(self, amount: int) -> None:
        """Pay the claimant in advance."""
        self.advance(amount)

    def advance(self, amount: int) -> None:
        """Pay so much in advance."""
        money = Money.of(str(amount), "CNY")
        self.attempt(
            lambda: pay_out(self.desk, "P1", money, by=FINANCE, at=self.now), is_allowed=True
        )
        self.model.out += amount

    @rule(amount=st.integers(1, 300))
    def give_back(self, amount: int) -> None:
        """Take a part of the oldest advance back."""
        found = list_advances(self.desk, viewer=SEES_ALL)
        if not found:
            return
        left = found[0].position.outstanding
        if self.attempt(
            lambda: give_back(self.desk, found[0].id, Decimal(amount), by=FINANCE, at=self.now),
            is_allowed=amount * 100 <= left,
        ):
            self.model.returned += amount

    @invariant()
    def it_stands_where_the_model_says(self) -> None:
        """State and version are the model's, and what is shown adds up."""
        if not hasattr(self, "model"):
            return
        model, view = self.model, seen(self.desk, self.number, at=self.now)
        version = view.life.standing.version if view.life is not None else 0
        assert (view.state, version) == (model.state, model.version)
        standing = view.life.standing if view.life is not None else None
        paid = standing.paid.minor if standing is not None and standing.paid is not None else 0
        assert paid == (model.cash + model.cleared) * 100
        if model.state in APPROVED:
            assert standing is not None
            assert standing.due is not None
            assert standing.due.minor == model.due * 100
        assert sum(one.amount.minor for one in view.payments) == model.cash * 100
        assert sum(amount.minor for _, amount in view.cleared) == model.cleared * 100

    @invariant()
    def its_budget_holds_what_is_approved(self) -> None:
        """Committed and spent are what is not refused; spent once all is paid."""
        if not hasattr(self, "model"):
            return
        model = self.model
        whole = sum(model.decided_on.values()) if model.state is State.IN_APPROVAL else model.due
        is_spent = model.state in {State.PAID, State.CLOSED}
        expected = (0, whole * 100) if is_spent else (whole * 100, 0)
        assert held(self.desk)["B-P1"] == expected

    @invariant()
    def advances_add_up(self) -> None:
        """What was cleared and what came back is never more than what was paid out."""
        if not hasattr(self, "model"):
            return
        found = [one.position for one in list_advances(self.desk, viewer=SEES_ALL)]
        model = self.model
        assert sum(one.paid_out for one in found) == model.out * 100
        assert sum(one.returned for one in found) == model.returned * 100
        assert sum(sum(one.cleared.values()) for one in found) == model.cleared * 100
        assert all(one.outstanding >= 0 for one in found)

    def teardown(self) -> None:
        """See that the log fits all that is kept, and that every decision derives again."""
        if hasattr(self, "rest"):
            found = verify(self.desk.store, outside=(), key=None, quick=False, progress=quiet)
            assert found.holds
            self.rest.close()


def test_any_life_follows_the_model(database: str) -> None:
    """On both databases: whatever happens to a claim, in whatever order."""
    examples, steps = (25, 20) if database == "sqlite" else (5, 20)
    run_state_machine_as_test(
        Claims,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_many_lives_follow_the_model(database: str) -> None:
    """The same, longer."""
    run_state_machine_as_test(
        Claims,
        settings=settings(
            max_examples=300 if database == "sqlite" else 60,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
