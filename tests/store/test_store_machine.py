"""Random walks over the store beside a model of a few dictionaries."""

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from stored_company import AT, CRM, budget, claim, decide_one, line, open_at, page, put

from crm_expenses.core.claim import DECIDED_STATUSES, Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.store import OutboxRow

NUMBERS = st.integers(1, 4)
ROOM = 1_000


@dataclass
class Model:
    """What the store should hold, in the plainest form."""

    claims: dict[str, Claim]
    lines: dict[str, ExpenseLine]
    waiting: set[str]
    held: dict[str, int]
    spent: dict[str, int]
    decided: set[str]
    told: dict[str, str]

    def wanted(self, name: str) -> int:
        """Give what a claim asks of the budget."""
        return sum(x.amount.minor for x in self.lines.values() if x.claim == name)

    def decide(self, name: str) -> None:
        """Decide a claim: hold what there is room for."""
        self.waiting.discard(name)
        status = self.claims[name].status
        self.held.pop(name, None)
        self.spent.pop(name, None)
        if status not in DECIDED_STATUSES:
            self.decided.discard(name)
            return
        self.decided.add(name)
        amount = self.wanted(name)
        self.told[name] = f'{{"allowed":{amount},"claim":"{name}"}}'
        room = ROOM - sum(self.held.values()) - sum(self.spent.values())
        if amount and amount <= max(0, room):
            (self.spent if status is ClaimStatus.PAID else self.held)[name] = amount


class StoreMachine(RuleBasedStateMachine):
    """Append, decide, push, fail and reopen, in any order."""

    @initialize()
    def begin(self) -> None:
        """Start from an empty store with a hard budget."""
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "store.sqlite3"
        self.store = open_at(self.path)
        self.model = Model({}, {}, set(), {}, {}, set(), {})
        self.way: list[OutboxRow] = []
        self.arrived: dict[str, str] = {}
        put(self.store, budget(ROOM, hard=True))

    @rule(number=NUMBERS, status=st.sampled_from(ClaimStatus))
    def put_claim(self, number: int, status: ClaimStatus) -> None:
        """A person saves a claim."""
        made = claim(number, status)
        count = self.store.append(CRM, page(Kind.CLAIM, [made]), AT)
        before = self.model.claims.get(made.id)
        assert (count.new, count.same) == (before is None, before == made)
        self.model.claims[made.id] = made
        if before != made:
            self.model.waiting.add(made.id)

    @rule(number=NUMBERS, owner=NUMBERS, minor=st.integers(0, 600))
    def put_line(self, number: int, owner: int, minor: int) -> None:
        """A person saves a line, maybe in another claim than before."""
        made = replace(line(number, minor), claim=f"C-{owner}")
        before = self.model.lines.get(made.id)
        count = self.store.append(CRM, page(Kind.LINE, [made]), AT)
        assert (count.new, count.same) == (before is None, before == made)
        self.model.lines[made.id] = made
        if before != made:
            self.model.waiting |= {made.claim} | ({before.claim} if before else set())

    @precondition(lambda self: self.pending)
    @rule(data=st.data(), fails=st.booleans())
    def decide_one_claim(self, data: st.DataObject, fails: bool) -> None:  # noqa: FBT001
        """One claim that waits is decided, unless the power fails before the end."""
        name = data.draw(st.sampled_from(self.pending))
        if fails:
            with pytest.raises(SystemError), self.store.work(CRM) as work:  # noqa: PT012
                decide_one(work, name)
                raise SystemError
            return
        with self.store.work(CRM) as work:
            decide_one(work, name)
        self.model.decide(name)

    @rule(limit=st.integers(1, 3))
    def take(self, limit: int) -> None:
        """Results are sent; what was taken before and not answered is uncertain."""
        unanswered = {row.key for row in self.way}
        rows = self.store.take(CRM, limit)
        assert all(row.uncertain == (row.key in unanswered) for row in rows)
        taken = {row.key for row in rows}
        self.way = [*rows, *(row for row in self.way if row.key not in taken)]

    @precondition(lambda self: self.way)
    @rule(state=st.sampled_from(("done", "refused", "conflict")))
    def answer(self, state: str) -> None:
        """The CRM answers one result."""
        row = self.way.pop(0)
        self.store.answer(CRM, [(row.key, state, "")])
        if state == "done":
            assert self.arrived.setdefault(row.key, row.content) == row.content

    @rule()
    def reopen(self) -> None:
        """The process ends, and another one opens the store."""
        self.store.close()
        self.store = open_at(self.path)

    @property
    def pending(self) -> list[str]:
        """The claims that wait and are there."""
        return sorted(self.model.waiting & self.model.claims.keys())

    @invariant()
    def waits(self) -> None:
        """The claims that wait are those of the model, by time of submission."""
        assert list(self.store.pending(CRM)) == self.pending

    @invariant()
    def adds_up(self) -> None:
        """The budget holds what the live claims hold, and is never overdrawn."""
        position = self.store.budget_positions(CRM, viewer=SYSTEM)["B"]
        held, spent = sum(self.model.held.values()), sum(self.model.spent.values())
        assert (position.allocated, position.committed, position.spent) == (ROOM, held, spent)
        assert position.available >= 0

    @invariant()
    def knows(self) -> None:
        """Records, live decisions and orphans are those of the model."""
        facts = SimpleNamespace(
            **{k.value: list(self.store.records(CRM, k, viewer=SYSTEM)) for k in Kind}
        )
        assert {x.id: x for x in facts.claim} == self.model.claims
        assert {x.id: x for x in facts.line} == self.model.lines
        assert {
            live.claim for live in self.store.live_decisions(CRM, viewer=SYSTEM)
        } == self.model.decided
        orphans = {x.id for x in self.model.lines.values() if x.claim not in self.model.claims}
        assert {row.record for row in self.store.set_aside(CRM, viewer=SYSTEM)} == orphans

    @invariant()
    def will_tell(self) -> None:
        """Of each record the newest result says what was decided last."""
        newest = {row.record: row.content for row, _ in self.store.waiting(CRM, viewer=SYSTEM)}
        for name, content in newest.items():
            assert content == self.model.told[name]

    def teardown(self) -> None:
        """The log holds and the file is whole."""
        if hasattr(self, "store"):
            assert self.store.log_broken_at() is None
            assert self.store.integrity() == "ok"
            self.store.close()
            self.folder.cleanup()


# Without shrinking: a walk of 20 steps can be read as it is, and making it shorter takes minutes.
WALKS = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def test_store_machine(database: str) -> None:
    """Whatever happens in whatever order, the store holds what the model holds."""
    run_state_machine_as_test(StoreMachine, settings=WALKS)
