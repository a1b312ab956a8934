"""People put, change, delete, merge and restore; whatever was read of it when, the end is the same.

At the end the store holds what the CRM has, and has decided it as a store does that reads it all
for the first time.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from small_company import AT, SMALL_BATCHES, claim, cny, job_on
from sqlalchemy import select

from crm_expenses.adapters.contract import Ability, Capabilities, Support
from crm_expenses.adapters.memory import Failure, Fault, MemoryAdapter, MemoryCrm, Step
from crm_expenses.adapters.textrow import from_row
from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import ClaimStatus, ExpenseLine
from crm_expenses.core.naming import renamed
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.core.waiver import Waiver
from crm_expenses.errors import RetryableError
from crm_expenses.pipeline import Job, Whole, decide_all, pull, quiet, sync
from crm_expenses.store import append, goneaway, mergednames
from crm_expenses.store import tables as t
from crm_expenses.store.readings import Readings

POLICY: Final = """
[policy]
id = "gone"
version = "1"
language = 1
currency = "CNY"
title = { en = "Gone", zh = "删除" }

[category]
gift = { name = { en = "Gifts", zh = "礼品" } }

[parameter.gift_item]
type = "money"
values = [{ from = 2020-01-01, is = 500 }]

[[rule]]
code = "gift.item"
kind = "limit"
on = ["gift"]
title = { en = "Gifts", zh = "礼品" }
at_most = "gift_item"

[[rule]]
code = "gift.voucher"
kind = "require"
on = ["gift"]
title = { en = "A voucher", zh = "凭证" }
that = "present(voucher_number)"
message = { en = "no voucher", zh = "无凭证" }

[[rule]]
code = "gift.account"
kind = "forbid"
effect = "justify"
on = ["gift"]
title = { en = "Customer two", zh = "客户二" }
when = "present(account)"
that = "account == 'A-2'"
message = { en = "not for this one", zh = "不可" }
"""

READS: Final = frozenset(
    {
        *(Kind.ACCOUNT_MANAGER, Kind.ACCOUNT, Kind.BUDGET, Kind.WAIVER),
        *(Kind.VOUCHER, Kind.CLAIM, Kind.LINE),
    }
)
OPEN: Final = [status for status in ClaimStatus if status is not ClaimStatus.PAID]
NUMBERS: Final = st.integers(1, 3)
PREFIX: Final = {
    Kind.ACCOUNT_MANAGER: "P",
    Kind.ACCOUNT: "A",
    Kind.WAIVER: "W",
    Kind.VOUCHER: "V",
    Kind.CLAIM: "C",
    Kind.LINE: "L",
}
GOING: Final = st.sampled_from(list(PREFIX))
DELETED: Final = st.sampled_from([kind for kind in PREFIX if kind is not Kind.ACCOUNT_MANAGER])
"""Claims of a person that is gone stay as they were decided: a new store would decide otherwise."""


def able(deletes: Support, look_up: Support, incremental: Support) -> Capabilities:
    """Give what the CRM can do."""
    abilities = {
        **SMALL_BATCHES.abilities,
        Ability.DELETES: deletes,
        Ability.LOOK_UP: look_up,
        Ability.INCREMENTAL: incremental,
    }
    return replace(SMALL_BATCHES, reads=READS, abilities=abilities)


YES, NO = Support.YES, Support.NO
ABLE: Final = st.sampled_from(
    [
        able(YES, YES, YES),
        able(YES, NO, YES),
        able(NO, YES, YES),
        able(NO, NO, YES),
        able(NO, YES, NO),
    ]
)


class GoneMachine(RuleBasedStateMachine):
    """A CRM where people do as they like, and runs of every kind, some of them cut off."""

    @initialize(capabilities=ABLE)
    def begin(self, capabilities: Capabilities) -> None:
        """Begin with people, customers, a large budget and a claim."""
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(TemporaryDirectory()))
        self.capabilities = capabilities
        self.tells = capabilities.support(Ability.DELETES) is YES
        self.crm = MemoryCrm()
        self.left: list[tuple[Kind, dict[str, str]]] = []
        for number in (1, 2, 3):
            self.crm.put(AccountManager(f"P-{number}", f"Person {number}"))
            self.crm.put(Account(f"A-{number}", f"Customer {number}"))
            self.crm.put(Voucher(f"V-{number}", VoucherKind.FAPIAO, f"2631000000000000000{number}"))
            self.crm.put(claim(number, f"P-{number}"))
            self.crm.put(self.line(number, number, 700, number, number))
        span = (date(2026, 1, 1), date(2026, 12, 31))
        self.crm.put(Budget("B", BudgetScope.COMPANY, *span, cny("1000000")))
        self.job = self.stack.enter_context(job_on(self.folder, self.adapter(), POLICY))

    def adapter(self, *faults: Fault) -> MemoryAdapter:
        """Open the CRM with small pages."""
        return MemoryAdapter(
            "main", self.crm, page_size=2, capabilities=self.capabilities, faults=faults
        )

    @rule(number=NUMBERS, status=st.sampled_from(OPEN), person=NUMBERS)
    def put_claim(self, number: int, status: ClaimStatus, person: int) -> None:
        """A person saves a claim, new, changed, or restored."""
        self.crm.put(claim(number, f"P-{person}", status))

    @rule(number=NUMBERS, owner=NUMBERS, yuan=st.sampled_from([100, 700]), by=NUMBERS, to=NUMBERS)
    def put_line(self, number: int, owner: int, yuan: int, by: int, to: int) -> None:
        """A person saves a line, maybe in another claim than before."""
        self.crm.put(self.line(number, owner, yuan, by, to))

    @rule(number=NUMBERS, kind=st.sampled_from(VoucherKind))
    def put_voucher(self, number: int, kind: VoucherKind) -> None:
        """A person saves a voucher."""
        self.crm.put(Voucher(f"V-{number}", kind, f"2631000000000000000{number}"))

    @rule(number=NUMBERS, name=st.sampled_from(["x", "y"]))
    def put_account(self, number: int, name: str) -> None:
        """A person saves a customer."""
        self.crm.put(Account(f"A-{number}", name))

    @rule(number=NUMBERS)
    def put_person(self, number: int) -> None:
        """A person is restored, or saved as they were."""
        self.crm.put(AccountManager(f"P-{number}", f"Person {number}"))

    @rule(number=NUMBERS, of=NUMBERS)
    def put_waiver(self, number: int, of: int) -> None:
        """Somebody lets a claim off the voucher."""
        self.crm.put(
            Waiver(f"W-{number}", "gift.voucher", "P-9", date(2026, 12, 31), claim=f"C-{of}")
        )

    @rule(number=NUMBERS, yuan=st.sampled_from([200, 900]))
    def change_quietly(self, number: int, yuan: int) -> None:
        """A line is changed so that no pull gives it."""
        held = self.crm.rows(Kind.LINE).get(f"L-{number}")
        if held is not None:
            now = from_row(ExpenseLine, held)
            self.crm.put_quietly(replace(now, amount=cny(str(yuan))))

    @rule(kind=DELETED, data=st.data())
    def delete(self, kind: Kind, data: st.DataObject) -> None:
        """A person deletes a record."""
        there = self.crm.rows(kind)
        if there:
            name = data.draw(st.sampled_from(sorted(there)))
            self.left.append((kind, dict(there[name])))
            self.crm.delete(kind, name)

    @precondition(lambda self: self.left)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """A person restores a record as it was when it went."""
        kind, row = self.left.pop(data.draw(st.integers(0, len(self.left) - 1)))
        self.crm.put_row(kind, row)

    @rule(kind=GOING, data=st.data(), moves=st.booleans())
    def merge(self, kind: Kind, data: st.DataObject, *, moves: bool) -> None:
        """A person merges a record into another; a CRM that does not tell of it moves the names."""
        there = self.crm.rows(kind)
        if len(there) > 1:
            lost, kept = data.draw(st.permutations(sorted(there)))[:2]
            self.left.append((kind, dict(there[lost])))
            self.crm.merge(kind, lost, kept, moves=moves or not self.tells)

    @rule(full=st.booleans(), accept=st.booleans())
    def run(self, *, full: bool, accept: bool) -> None:
        """A run goes through."""
        self.sync(Whole(now=full, accept=full and accept))

    @rule(full=st.booleans(), step=st.integers(1, 12), look=st.booleans())
    def run_and_die(self, *, full: bool, step: int, look: bool) -> None:
        """A run is cut off at a page, or at a look."""
        fault = Fault(Step.LOOK, 1, Failure.UNAVAILABLE)
        faults = (fault,) if look else (Fault(Step.PULL, step, Failure.UNAVAILABLE),)
        with suppress(RetryableError):
            sync(replace(self.job, adapter=self.adapter(*faults)), AT, whole=Whole(now=full))

    @precondition(lambda self: hasattr(self, "job"))
    @rule()
    def settle(self) -> None:
        """All is read again, twice: the store holds what the CRM has, decided as if it were new."""
        self.sync(Whole())
        self.sync(Whole(now=True, accept=True))
        self.sync(Whole(now=True, accept=True))
        held = self.held(self.job)
        assert held == self.in_crm()
        assert not [name for kind, name in self.gone() if name in self.crm.rows(kind)]
        with TemporaryDirectory() as folder, job_on(Path(folder), self.adapter(), POLICY) as fresh:
            pull(fresh.store, fresh.adapter, AT, quiet)
            decide_all(fresh, fresh.store, AT)
            assert held == self.held(fresh)
            assert self.decided(self.job) == self.decided(fresh)
            ours, theirs = (
                job.store.budget_positions("main", viewer=SYSTEM) for job in (self.job, fresh)
            )
            assert ours == theirs

    def teardown(self) -> None:
        """At the end of every walk, too; and the log holds."""
        if hasattr(self, "job"):
            self.settle()
            assert self.job.store.log_broken_at() is None
            assert self.job.store.check_contents().broken is None
            assert not Readings(self.job.store, "main").doubted()
            self.stack.close()

    def sync(self, whole: Whole) -> None:
        """Run once, as a new process would."""
        sync(replace(self.job, adapter=self.adapter()), AT, whole=whole)

    def line(self, number: int, owner: int, yuan: int, by: int, to: int) -> ExpenseLine:
        """Give a line."""
        return ExpenseLine(
            f"L-{number}",
            f"C-{owner}",
            date(2026, 3, 2),
            "gift",
            cny(str(yuan)),
            account=f"A-{to}",
            voucher=f"V-{by}",
        )

    def held(self, job: Job) -> dict[Kind, dict[str, Record]]:
        """Give what is held by kind, without claims that are gone, and so withdrawn."""
        there = {kind: self.crm.rows(kind).keys() for kind in READS}
        return {
            kind: {
                one.id: one
                for one in job.store.records("main", kind, viewer=SYSTEM)
                if one.id in there[kind] or not self.is_withdrawn(one)
            }
            for kind in READS
        }

    def gone(self) -> list[tuple[Kind, str]]:
        """Give what is said to be gone."""
        with self.job.store.reading() as connection:
            rows = connection.execute(select(t.gone.c.kind, t.gone.c.id))
            return [(Kind(row.kind), row.id) for row in rows]

    def is_withdrawn(self, record: Record) -> bool:
        """Say whether it is a claim that is withdrawn."""
        return getattr(record, "status", None) is ClaimStatus.WITHDRAWN

    def in_crm(self) -> dict[Kind, dict[str, Record]]:
        """Give what the CRM has, with the names of merged records followed."""
        return {
            kind: {
                name: renamed(from_row(TYPES[kind], row), self.survivor)
                if self.tells
                else from_row(TYPES[kind], row)
                for name, row in self.crm.rows(kind).items()
            }
            for kind in READS
        }

    def survivor(self, name: tuple[Kind, str]) -> str:
        """Follow merges."""
        kind, now = name
        while into := self.crm.left_of(kind, now):
            now = into
        return now

    def decided(self, job: Job) -> dict[str, Mapping[str, Any]]:
        """Give the decisions that count, without what names the facts they were made on."""
        found = {}
        for live in job.store.live_decisions("main", viewer=SYSTEM):
            made = json.loads(live.content)
            made.pop("facts_digest")
            found[live.claim] = made
        return found


WALKS = settings(
    max_examples=10,
    stateful_step_count=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
LONG_WALKS = settings(WALKS, max_examples=60, stateful_step_count=30)


def test_gone_machine(database: str) -> None:
    """Whatever people do and whenever it is read, the end is what the CRM has."""
    walks = WALKS if database == "sqlite" else settings(WALKS, max_examples=3)
    run_state_machine_as_test(GoneMachine, settings=walks)


@pytest.mark.slow
def test_gone_machine_long(database: str) -> None:
    """The same for long."""
    run_state_machine_as_test(GoneMachine, settings=LONG_WALKS)


def _nothing(*_: object, **__: object) -> Any:  # noqa: ANN401  whatever is asked for
    return set()


def _return(walk: GoneMachine) -> None:
    row = walk.crm.rows(Kind.LINE)["L-1"]
    walk.crm.delete(Kind.LINE, "L-1")
    walk.sync(Whole())
    walk.crm.put_row(Kind.LINE, row)


def _merge(walk: GoneMachine) -> None:
    walk.crm.merge(Kind.ACCOUNT, "A-1", "A-2", moves=False)
    walk.sync(Whole())
    walk.crm.put(walk.line(1, 1, 900, 1, 1))


def _chain(walk: GoneMachine) -> None:
    walk.crm.merge(Kind.ACCOUNT, "A-1", "A-2", moves=False)
    walk.crm.merge(Kind.ACCOUNT, "A-2", "A-3", moves=False)


def _delete(walk: GoneMachine) -> None:
    walk.crm.delete(Kind.LINE, "L-1")


Bug = tuple[Any, str, Callable[..., Any], Callable[[GoneMachine], None]]
BUGS: Final[Mapping[str, Bug]] = {
    "a return is no news": (append, "come_back", lambda *_, **__: None, _return),
    "names are as they come": (append, "with_survivors", lambda *a: a[2], _merge),
    "chains are not followed": (mergednames, "_end_of", lambda name, into: into[name], _chain),
    "nothing is decided again": (goneaway, "_leave", _nothing, _delete),
}


@pytest.mark.slow
@pytest.mark.parametrize("bug", [None, *BUGS])
def test_planted_bugs_are_found(monkeypatch: pytest.MonkeyPatch, bug: str | None) -> None:
    """What a walk checks at its end tells each of these, and nothing where there is none."""
    walk = GoneMachine()
    walk.begin(able(YES, YES, YES))
    walk.sync(Whole())
    if bug is None:
        for _, _, _, act in BUGS.values():
            with suppress(KeyError):
                act(walk)
        walk.teardown()
        return
    where, name, wrong, act = BUGS[bug]
    monkeypatch.setattr(where, name, wrong)
    act(walk)
    with pytest.raises(AssertionError):
        walk.settle()
    walk.stack.close()
