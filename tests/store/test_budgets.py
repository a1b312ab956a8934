"""Budgets in the store: plans against the CRM, carry-over, transfers, alerts; on both databases."""

import json
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from planned_company import (
    LATER,
    PEOPLE,
    Q1,
    Q2,
    at_work,
    codes,
    planned,
    quarter,
    take,
    told,
)
from stored_company import (
    AT,
    CRM,
    claim,
    cny,
    decide_pending,
    line,
    page,
    put,
)

from crm_expenses.core.budget import AtLimit, BudgetScope
from crm_expenses.core.budgetmove import CarryRule
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM, Viewer, viewer_of
from crm_expenses.errors import ConfigError, RefusedError
from crm_expenses.store import Store
from crm_expenses.store.log import read_log
from crm_expenses.store.transfers import TransferState


def allocated(store: Store) -> dict[str, int]:
    """Give what each budget may spend."""
    found = store.budget_positions(CRM, viewer=SYSTEM)
    return {name: at.allocated for name, at in found.items()}


def last_entries(store: Store, count: int) -> list[tuple[str, str, str]]:
    """Give the last entries of the log: who, what, of what."""
    with store.reading() as connection:
        return [(e.actor, e.action, e.subject) for e in list(read_log(connection))[-count:]]


# Plans


def test_a_plan_is_written_once(store: Store) -> None:
    """Budgets, terms and who did it are kept; the same plan again changes nothing at all."""
    rows = (planned(quarter("a", 500), alerts=(50,), carry=CarryRule(30, cny(40))),)
    rows += (planned(quarter("b", 0, Q2)),)
    assert len(take(store, *rows).changes) == 2
    assert allocated(store) == {"a": 500, "b": 0}
    assert [b.id for b in store.records(CRM, Kind.BUDGET, viewer=SYSTEM)] == ["a", "b"]
    terms = store.budget_terms(CRM, viewer=SYSTEM)
    assert (terms["a"].alerts, terms["a"].carry) == ((50,), CarryRule(30, cny(40)))
    assert last_entries(store, 3) == [
        ("P9", "budget", "main/budget"),
        ("P9", "pull", "main/budget"),
        ("P9", "plan", "main/plan"),
    ]
    assert list(store.reasons(viewer=SYSTEM).values()) == ["year plan"]
    before = store.dump()
    found = take(store, *rows)
    assert (found.changes, found.same) == ((), 2)
    assert store.dump() == before
    assert store.check_contents().broken is None


def test_a_plan_is_taken_whole_or_not_at_all(store: Store) -> None:
    """One row that may not be taken, or cannot be kept, and nothing of the plan is."""
    put(store, quarter("crm", 100))
    before = store.dump()
    new = planned(quarter("new", 1, Q2))
    for bad, code in (
        (planned(quarter("crm", 200)), "budgets.import_crm"),
        (planned(quarter("n\0l", 200, scope=BudgetScope.TEAM, owner="E")), "record.nul"),
    ):
        with pytest.raises(ConfigError) as caught:
            take(store, new, bad)
        assert codes(caught.value) == [code]
        assert store.dump() == before


def test_the_crm_does_not_change_what_a_plan_brought(store: Store) -> None:
    """Other content is set aside with both amounts; the same content is no news, its mark is."""
    take(store, planned(quarter("a", 500)))
    for row in (quarter("a", 700), replace(quarter("a", 500), responsible="P9")):
        store.append(CRM, page(Kind.BUDGET, [row]), AT)
        (aside,) = store.set_aside(CRM, viewer=SYSTEM)
        (problem,) = json.loads(aside.problems)
        assert (aside.record, problem["code"]) == ("a", "record.budget_planned")
        assert problem["values"]["plan"] == "5.00 CNY"
    assert allocated(store) == {"a": 500}
    same = replace(quarter("a", 500), at_limit=AtLimit.NOTIFY)
    count = store.append(CRM, page(Kind.BUDGET, [same], version="v2"), AT)
    assert (count.same, count.set_aside) == (1, 0)
    assert store.set_aside(CRM, viewer=SYSTEM) == []


def test_a_plan_takes_over_when_told_to(store: Store) -> None:
    """From then on the plan's version counts; what the CRM has marked stays marked."""
    store.append(CRM, page(Kind.BUDGET, [quarter("a", 100)], version="v7"), AT)
    found = take(store, planned(quarter("a", 250)), take_over=True)
    assert [c.kind.value for c in found.changes] == ["taken_over"]
    assert allocated(store) == {"a": 250}
    assert store.append(CRM, page(Kind.BUDGET, [quarter("a", 100)]), AT).set_aside == 1
    assert allocated(store) == {"a": 250}
    assert "'v7'" in store.dump()


def test_terms_of_a_budget_of_the_crm(store: Store) -> None:
    """A plan may say when to alert for the CRM's budget, which the CRM goes on changing."""
    put(store, quarter("a", 100))
    found = take(store, planned(quarter("a", 100), alerts=(10,)))
    assert [c.kind.value for c in found.changes] == ["terms"]
    put(store, quarter("a", 300))
    assert allocated(store) == {"a": 300}
    assert store.budget_terms(CRM, viewer=SYSTEM)["a"].alerts == (10,)


def test_a_budget_keeps_its_currency(store: Store) -> None:
    """Another currency is set aside from the CRM, and refused from a plan; nothing is booked."""
    put(store, quarter("a", 100))
    euro = replace(quarter("a", 100), amount=Money(100, "EUR"))
    count = store.append(CRM, page(Kind.BUDGET, [euro]), AT)
    assert (count.changed, count.set_aside) == (0, 1)
    (aside,) = store.set_aside(CRM, viewer=SYSTEM)
    (problem,) = json.loads(aside.problems)
    assert problem["code"] == "record.budget_currency"
    assert problem["values"] == {"budget": "a", "before": "CNY", "currency": "EUR"}
    with pytest.raises(ConfigError) as caught:
        take(store, planned(euro), take_over=True)
    assert codes(caught.value) == ["budgets.import_currency"]
    twice = [quarter("b", 1, Q2), replace(quarter("b", 1, Q2), amount=Money(1, "EUR"))]
    assert store.append(CRM, page(Kind.BUDGET, twice), AT).set_aside == 1
    assert allocated(store) == {"a": 100, "b": 1}


# Carry-over


def test_what_is_left_is_carried_once(store: Store) -> None:
    """Half of what is left, up to the limit; again, nothing; a changed budget keeps what came."""
    rule = CarryRule(50, cny(300))
    take(store, planned(quarter("q1", 1_000), carry=rule), planned(quarter("q2", 1_000, Q2)))
    put(store, claim(1), line(1, 200))
    decide_pending(store)
    with at_work(store) as work:
        (found,) = work.carry_all(day=LATER, actor="P9", only_plan=True)
        assert (found.new, found.amount) == ("q2", cny(300))
    assert allocated(store) == {"q1": 1_000, "q2": 1_000}
    with at_work(store) as work:
        (found,) = work.carry_all(day=LATER, actor="P9", only_plan=False)
        assert (found.new, found.amount) == ("q2", cny(300))
        assert work.moved.keys() == {"q1", "q2"}
    with at_work(store) as work:
        assert work.carry_all(day=LATER, actor="P9", only_plan=False) == ()
        again = work.carry("q1", "q2", day=LATER, actor="P9", only_plan=False)
        assert (again.amount, again.why) == (None, "carry.done")
    assert allocated(store) == {"q1": 700, "q2": 1_300}
    assert last_entries(store, 1) == [("P9", "budget", "carry_over:q1")]
    take(store, planned(quarter("q2", 1_500, Q2)))
    assert allocated(store) == {"q1": 700, "q2": 1_800}
    assert store.check_contents().broken is None


def test_a_chain_of_periods(store: Store) -> None:
    """What comes into a budget that ended, too, goes on with what is left of it."""
    spans = [(date(2026, m, 1), date(2026, m, 28)) for m in (1, 2, 3)]
    rows = [planned(quarter(f"m{n}", 100, span), carry=CarryRule()) for n, span in enumerate(spans)]
    take(store, *rows)
    for only_plan in (True, False):
        with at_work(store) as work:
            made = work.carry_all(day=date(2026, 3, 2), actor="P9", only_plan=only_plan)
        assert [(c.old, c.amount) for c in made] == [("m0", cny(100)), ("m1", cny(200))]
    assert allocated(store) == {"m0": 0, "m1": 0, "m2": 300}


def test_why_nothing_is_carried(store: Store) -> None:
    """No next budget, more than one, nothing left: each is said, and nothing is guessed."""
    rule = CarryRule()
    take(
        store,
        planned(quarter("alone", 9, scope=BudgetScope.TEAM, owner="E"), carry=rule),
        planned(quarter("empty", 0, scope=BudgetScope.TEAM, owner="F"), carry=rule),
        planned(quarter("empty2", 0, Q2, scope=BudgetScope.TEAM, owner="F")),
        planned(quarter("two", 9), carry=rule),
        planned(quarter("x", 9, Q2)),
        planned(quarter("y", 9, (Q2[0], date(2026, 4, 30)))),
    )
    with at_work(store) as work:
        made = work.carry_all(day=LATER, actor="P9", only_plan=False)
        assert [(c.old, c.new, c.why) for c in made] == [
            ("alone", "", "carry.no_next"),
            ("empty", "empty2", "carry.nothing"),
            ("two", "x, y", "carry.which"),
        ]
        told_which = work.carry("two", "y", day=LATER, actor="P9", only_plan=False)
        assert told_which.amount == cny(9)
        nothing = work.carry("empty", "empty2", day=LATER, actor="P9", only_plan=False)
        assert nothing.why == "carry.nothing"
        assert work.carry_all(day=Q1[1], actor="P9", only_plan=False) == ()
        for old, code in (("x", "budgets.carry_no_rule"), ("none", "budgets.unknown")):
            with pytest.raises(ConfigError) as caught:
                work.carry(old, "y", day=LATER, actor="P9", only_plan=False)
            assert codes(caught.value) == [code]


# Transfers


def with_two(store: Store) -> None:
    """Put people and two budgets into a store: P1's own, whose manager is P2, and East's, P3's."""
    put(store, *PEOPLE)
    own = quarter("own", 100, scope=BudgetScope.PERSON, owner="P1", responsible="")
    take(store, planned(own), planned(quarter("east", 1_000, scope=BudgetScope.TEAM, owner="East")))


def test_a_transfer_is_made_with_the_last_yes(store: Store) -> None:
    """Both sides say yes, in any order; then the pair of entries is there, and only then."""
    with_two(store)
    with at_work(store) as work:
        row = work.ask("east", "own", cny(400), actor="P1", said="trade fair")
        assert work.view(row).waiting_for == ("P3", "P2")
    with at_work(store) as work:
        row = work.approve("T-1", actor="P2")
        assert (row.state, work.view(row).waiting_for) == (TransferState.ASKED, ("P3",))
    assert allocated(store) == {"own": 100, "east": 1_000}
    with at_work(store) as work:
        assert work.approve("T-1", actor="P3").state is TransferState.MADE
    assert allocated(store) == {"own": 500, "east": 600}
    (one,) = store.transfers(CRM, viewer=SYSTEM)
    assert (one.row.state, one.row.said, one.waiting_for) == (TransferState.MADE, "trade fair", ())
    assert [a.approver for a in one.row.approvals] == ["P2", "P3"]
    put(store, replace(quarter("own", 100, scope=BudgetScope.PERSON, owner="P1"), name="New"))
    assert allocated(store) == {"own": 500, "east": 600}
    assert store.check_contents().broken is None


def test_who_may_not_approve(store: Store) -> None:
    """Not the one who asks, not a stranger, nobody twice; and what is closed stays closed."""
    with_two(store)
    with at_work(store) as work:
        work.ask("east", "own", cny(400), actor="P2", said="fair")
    # P2 asked, and manages P1: it goes up to P3, who is responsible for East, too.
    for who, code in (("P2", "transfer_not_yours"), ("P4", "transfer_not_yours")):
        with pytest.raises(ConfigError) as caught, at_work(store) as work:
            work.approve("T-1", actor=who)
        assert codes(caught.value) == [f"budgets.{code}"]
    with at_work(store) as work:
        assert work.approve("T-1", actor="P3").state is TransferState.MADE
    with at_work(store) as work:
        for act in (work.approve, partial(work.refuse, said="no")):
            with pytest.raises(ConfigError) as caught:
                act("T-1", actor="P3")
            assert codes(caught.value) == ["budgets.transfer_closed"]
    with at_work(store) as work:
        work.ask("east", "own", cny(1), actor="P1", said="more")
        work.approve("T-2", actor="P2")
        with pytest.raises(ConfigError) as caught:
            work.approve("T-2", actor="P2")
        assert codes(caught.value) == ["budgets.transfer_twice"]


def test_never_more_than_is_there(store: Store) -> None:
    """Too much is not asked for; what is gone by the last yes is not given, nor that yes kept."""
    with_two(store)
    with pytest.raises(ConfigError) as caught, at_work(store) as work:
        work.ask("east", "own", cny(1_001), actor="P1", said="fair")
    assert codes(caught.value) == ["budgets.transfer_amount"]
    with at_work(store) as work:
        work.ask("east", "own", cny(900), actor="P2", said="fair")
    put(store, claim(1), line(1, 200))
    decide_pending(store)
    before = store.dump()
    with pytest.raises(ConfigError) as caught, at_work(store) as work:
        work.approve("T-1", actor="P3")
    assert codes(caught.value) == ["budgets.transfer_amount"]
    assert store.dump() == before
    put(store, claim(1, ClaimStatus.WITHDRAWN))
    decide_pending(store)
    with at_work(store) as work:
        assert work.approve("T-1", actor="P3").state is TransferState.MADE


def test_a_transfer_is_refused_or_taken_back(store: Store) -> None:
    """An approver refuses, the asker takes back, a stranger may do neither; no money moves."""
    with_two(store)
    with at_work(store) as work:
        for _ in range(2):
            work.ask("east", "own", cny(400), actor="P1", said="fair")
        with pytest.raises(ConfigError) as caught:
            work.refuse("T-1", actor="P4", said="no")
        assert codes(caught.value) == ["budgets.transfer_not_yours"]
        assert work.refuse("T-1", actor="P3", said="not now").state is TransferState.REFUSED
        assert work.refuse("T-2", actor="P1", said="settled").state is TransferState.REFUSED
        for name in ("T-9", ""):
            with pytest.raises(ConfigError) as caught:
                work.approve(name, actor="P3")
            assert codes(caught.value) == ["budgets.transfer_none"]
    assert allocated(store) == {"own": 100, "east": 1_000}
    assert list(store.reasons(viewer=SYSTEM).values())[1:] == ["fair", "fair", "not now", "settled"]
    assert store.check_contents().broken is None


def test_a_transfer_that_nobody_could_approve_is_not_asked_for(store: Store) -> None:
    """Where nobody is responsible, or a budget does not exist, it is said when it is asked."""
    with_two(store)
    take(store, planned(quarter("free", 10, responsible="")))
    wrong = {"free": "transfer_nobody", "none": "unknown", "east": "transfer_ends"}
    for target, code in wrong.items():
        with pytest.raises(ConfigError) as caught, at_work(store) as work:
            work.ask("east", target, cny(1), actor="P1", said="fair")
        assert codes(caught.value)[0] == f"budgets.{code}"
    assert store.transfers(CRM, viewer=SYSTEM) == []


# Alerts


def test_a_crossing_is_told_once_and_back(store: Store) -> None:
    """The owner and the manager, once up and once back, however often it is decided again."""
    with_two(store)
    put(store, claim(1), line(1, 80))
    decide_pending(store)
    up = [("P1", "up", "own", "80"), ("P2", "up", "own", "80")]
    assert told(store) == up
    put(store, replace(line(1, 80), purpose="again"))
    decide_pending(store)
    assert told(store) == up
    put(store, line(1, 79))
    decide_pending(store)
    back = [(person, "back", name, share) for person, _, name, share in up]
    assert told(store) == up + back
    put(store, claim(1, ClaimStatus.WITHDRAWN))
    decide_pending(store)
    assert told(store) == up + back
    put(store, claim(1), line(1, 100))
    decide_pending(store)
    full = [(p, "up", "own", share) for share in ("80", "100") for p in ("P1", "P2")]
    assert told(store) == up + back + full
    (row, *_) = store.budget_alerts(CRM, viewer=SYSTEM, since=4)
    assert row.values == {
        "budget": "own",
        "threshold": "80",
        "used": "1.00",
        "allocated": "1.00",
        "currency": "CNY",
    }
    assert len(store.budget_alerts(CRM, viewer=Viewer("P1"))) == 4


def test_every_entry_may_cross(store: Store) -> None:
    """A raised amount, a transfer, a carry-over and a new threshold are looked at like a claim."""
    with_two(store)
    put(store, claim(1), line(1, 90))
    decide_pending(store)
    assert told(store)[-1] == ("P2", "up", "own", "80")
    own = quarter("own", 200, scope=BudgetScope.PERSON, owner="P1", responsible="")
    take(store, planned(own))
    assert told(store, since=2) == [("P1", "back", "own", "80"), ("P2", "back", "own", "80")]
    with at_work(store) as work:
        work.ask("own", "east", cny(100), actor="P2", said="less")
        work.approve("T-1", actor="P3")
    assert told(store, since=4) == [("P1", "up", "own", "80"), ("P2", "up", "own", "80")]
    take(store, planned(own, alerts=(90,)))
    assert told(store, since=6) == [
        *(("P1", "up", "own", "90"), ("P2", "up", "own", "90")),
        *(("P1", "back", "own", "80"), ("P2", "back", "own", "80")),
    ]
    take(store, planned(own, alerts=()))
    assert told(store, since=10) == [("P1", "back", "own", "90"), ("P2", "back", "own", "90")]


def test_whom_a_customers_budget_tells(store: Store) -> None:
    """The account manager who owns the customer, and theirs; where nobody is known, it is seen."""
    put(store, *PEOPLE)
    of = {"scope": BudgetScope.ACCOUNT, "responsible": ""}
    take(
        store,
        planned(quarter("known", 10, owner="A-1", **of)),  # type: ignore[arg-type]
        planned(quarter("lost", 10, owner="A-2", **of)),  # type: ignore[arg-type]
    )
    lines = [replace(line(n, 9), account=f"A-{n}") for n in (1, 2)]
    put(store, claim(1), claim(2), *lines)
    decide_pending(store)
    assert told(store) == [
        ("P1", "up", "known", "80"),
        ("P2", "up", "known", "80"),
        ("", "up", "lost", "80"),
    ]


# Who sees


def test_who_sees_which_budgets(store: Store) -> None:
    """One's own, those below, one's team's, those one answers for, customers' and the company's."""
    put(store, *PEOPLE)
    of = {"responsible": ""}
    person, team, account = BudgetScope.PERSON, BudgetScope.TEAM, BudgetScope.ACCOUNT
    take(
        store,
        planned(quarter("all", 1, **of)),  # type: ignore[arg-type]
        planned(quarter("p1", 1, scope=person, owner="P1", **of)),  # type: ignore[arg-type]
        planned(quarter("p4", 1, scope=person, owner="P4", **of)),  # type: ignore[arg-type]
        planned(quarter("east", 1, scope=team, owner="East", **of)),  # type: ignore[arg-type]
        planned(quarter("west", 1, scope=team, owner="West", responsible="P2")),
        planned(quarter("cust", 1, scope=account, owner="A-1", **of)),  # type: ignore[arg-type]
    )
    staff = {one.id: one for one in PEOPLE[:4]}  # type: ignore[misc]
    seen = {
        name: set(store.budget_positions(CRM, viewer=viewer_of(name, staff, {"auditor": ["P8"]})))  # type: ignore[arg-type]
        for name in ("P1", "P2", "P4", "P8", "P7")
    }
    assert seen == {
        "P1": {"all", "p1", "east", "cust"},
        "P2": {"all", "p1", "west", "cust"},
        "P4": {"all", "p4", "west"},
        "P8": {"all", "p1", "p4", "east", "west", "cust"},
        "P7": {"all"},
    }
    assert store.budget_terms(CRM, viewer=Viewer("P7")).keys() == {"all"}


def test_who_sees_which_transfers(store: Store) -> None:
    """Who asked, who is above them, and who must approve; nobody else."""
    with_two(store)
    with at_work(store) as work:
        work.ask("east", "own", cny(4), actor="P1", said="fair")
    for viewer, count in ((Viewer("P1"), 1), (Viewer("P3"), 1), (Viewer("P4"), 0)):
        assert len(store.transfers(CRM, viewer=viewer)) == count
    with pytest.raises(RefusedError):
        store.reasons(viewer=Viewer("P1"))
