"""One claim, one transaction: what a decision reads, and all that it writes."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from stored_company import (
    AT,
    CRM,
    PERSON,
    REF,
    allow_all,
    budget,
    claim,
    cny,
    decide_pending,
    entries,
    line,
    page,
    put,
)

from crm_expenses.core.approval import ApprovalStep
from crm_expenses.core.budget import EntryKind
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.facts import Facts
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, canonical, digest
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.errors import StoreError
from crm_expenses.store import Store
from crm_expenses.store.codec import read_decision
from crm_expenses.store.log import read_log
from stores import refuse_inserts

STEPS = (ApprovalStep("line", "P2"), ApprovalStep("cfo", ""))


def facts_of(store: Store, name: str = "C-1", windows: tuple[str, ...] = ()) -> Facts:
    """Give the facts of a claim, and decide nothing."""
    with store.work(CRM) as work:
        return work.facts(name, "CNY", lambda _: windows)


def test_facts_hold_the_claim_and_nothing_else(store: Store) -> None:
    """Facts have the claim, its own lines by id, its person, and what these refer to."""
    vouchers = [Voucher(f"V-{n}", VoucherKind.FAPIAO, str(n)) for n in (1, 2, 3)]
    lines = [line(1, 5, name="L-b", voucher="V-2"), line(1, 7, name="L-a", voucher="V-9")]
    put(store, PERSON, replace(PERSON, id="P2"), *vouchers, claim(1), claim(2), *lines)
    put(store, line(2, 9, voucher="V-1"))
    assert facts_of(store) == Facts(claim(1), (lines[1], lines[0]), PERSON, vouchers=(vouchers[1],))


def test_a_claim_of_nobody_we_know(store: Store) -> None:
    """An unknown person and a claim without lines are facts, not errors."""
    put(store, claim(1, person="stranger"))
    assert facts_of(store) == Facts(claim(1, person="stranger"), ())


def test_facts_have_the_newest_versions(store: Store) -> None:
    """People, rates and budgets that change between two claims are read anew."""
    put(store, PERSON, budget(100), claim(1), line(1))
    assert facts_of(store).person == PERSON
    moved = replace(PERSON, team="West")
    put(store, moved, budget(300))
    facts = facts_of(store)
    assert facts.person == moved
    assert facts.budgets == (budget(300),)
    assert facts.positions[0].available == 300


DAY = date(2026, 3, 1)


def rate(name: str, currency: str, into: str, days: int) -> Rate:
    """Give a rate of some days after the first of March."""
    return Rate(name, currency, into, DAY + timedelta(days=days), Decimal(7), "ours")


def test_facts_have_the_rates_that_may_matter(store: Store) -> None:
    """Of each pair the rates in force on the lines' days and at submission; no others."""
    rates = [
        rate("old", "EUR", "CNY", -9),
        rate("spent", "EUR", "CNY", 0),
        rate("between", "EUR", "CNY", 1),
        rate("handed in", "EUR", "CNY", 3),
        rate("later", "EUR", "CNY", 5),
        rate("other", "USD", "CNY", 0),
        rate("back", "CNY", "EUR", 0),
    ]
    late = replace(claim(1), submitted=claim(1).submitted + timedelta(days=4))
    put(store, *rates, late, replace(line(1), amount=Money(5, "EUR")), claim(2), line(2))
    assert [r.id for r in facts_of(store).rates] == ["back", "handed in", "spent"]
    assert facts_of(store, "C-2").rates == ()
    put(store, replace(budget(5), amount=Money(5, "USD")))
    assert [r.id for r in facts_of(store, "C-2").rates] == ["other"]


def test_a_decision_writes_everything(store: Store) -> None:
    """Decision, budget entries, position, route, log and outbox are written together."""
    put(store, PERSON, budget(5_000), claim(1), line(1, 700), line(1, 300, name="L-x"))
    with store.work(CRM) as work:
        work.use_policy(REF, AT)
        made, _ = allow_all(work, "C-1", carry="w", steps=STEPS)
        moved = work.record(made, AT)
    assert {b: (p.committed, p.available) for b, p in moved.items()} == {"B": (1_000, 4_000)}
    [live] = store.live_decisions(CRM, viewer=SYSTEM)
    assert (live.claim, live.person, live.state) == ("C-1", "P1", State.APPROVED)
    assert live.submitted == claim(1).submitted
    assert read_decision(live.content) == made.decision
    assert [(e.kind, e.amount) for e in entries(store, "C-1")] == [(EntryKind.COMMIT, cny(1_000))]
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].available == 4_000
    assert store.first_steps(CRM, viewer=SYSTEM) == {"C-1": ("line", "P2")}
    assert store.pending(CRM) == ()
    assert store.to_send(CRM) == 1
    with store.reading() as connection:
        log = [(entry.action, entry.subject, entry.content) for entry in read_log(connection)]
    assert log[-3] == ("policy", "small 1", REF.digest)
    assert log[-2][:2] == ("budget", "C-1")
    assert log[-1] == ("decide", "C-1", digest(made.decision))


@pytest.mark.parametrize("after", ["facts", "record", "send", "use_policy", "close"])
def test_an_exception_undoes_everything(store: Store, after: str) -> None:
    """Whatever was done before an exception, the store is as it was, and the claim still waits."""
    put(store, PERSON, budget(5_000), claim(1), line(1))
    before = store.dump()
    with pytest.raises(RuntimeError, match="power"), store.work(CRM) as work:  # noqa: PT012
        work.use_policy(REF, AT)
        made, _ = allow_all(work, "C-1", carry="w", steps=STEPS)
        if after in ("record", "send"):
            work.record(made, AT)
        if after == "send":
            work.send([replace(made.writes[0], content='{"more":1}')])
        if after == "close":
            work.close("C-1", (), AT)
        raise RuntimeError("power")
    assert store.dump() == before
    assert store.pending(CRM) == ("C-1",)
    assert decide_pending(store) == ["C-1"]


def test_deciding_again_leaves_one_live_decision(store: Store) -> None:
    """A claim that changed is decided anew: the old decision stays, and no longer counts."""
    put(store, budget(5_000), claim(1), line(1, 700))
    decide_pending(store)
    put(store, line(1, 900))
    decide_pending(store)
    [live] = store.live_decisions(CRM, viewer=SYSTEM)
    assert read_decision(live.content).allowed == cny(900)
    with store.reading() as connection:
        states = connection.execute(text("select live, allowed from decision order by seq")).all()
    assert [tuple(row) for row in states] == [(0, 700), (1, 900)]
    kinds = [(e.kind, e.amount.minor) for e in entries(store, "C-1")]
    assert kinds == [
        (EntryKind.COMMIT, 700),
        (EntryKind.RELEASE, 700),
        (EntryKind.COMMIT, 900),
    ]
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].committed == 900


def test_deciding_again_starts_from_the_same_facts(store: Store) -> None:
    """What a claim itself holds and used is left out, so that it is not counted against itself."""
    put(store, budget(1_000, hard=True), claim(1), line(1, 800), claim(2), line(2, 100))
    first = facts_of(store, windows=("w",))
    with store.work(CRM) as work:
        work.record(allow_all(work, "C-1", carry="w")[0], AT)
    assert facts_of(store, windows=("w",)) == first
    other = facts_of(store, "C-2", windows=("w",))
    assert other.positions[0].available == 200
    assert other.windows == {"w": 800}


def test_windows_sum_what_live_claims_carry(store: Store) -> None:
    """A window sums the carries of other live claims; a claim that closes gives its room back."""
    put(store, *(claim(n) for n in (1, 2, 3)), *(line(n, 10 * n) for n in (1, 2, 3)))
    for name in ("C-1", "C-2"):
        with store.work(CRM) as work:
            work.record(allow_all(work, name, carry="w")[0], AT)
    assert facts_of(store, "C-3", ("w", "unused")).windows == {"w": 30}
    with store.work(CRM) as work:
        work.close("C-1", (), AT)
    assert facts_of(store, "C-3", ("w",)).windows == {"w": 20}


def test_a_rejected_claim_fills_no_window(store: Store) -> None:
    """A decision in a state that does not count carries nothing."""
    put(store, claim(1), line(1), claim(2), line(2))
    with store.work(CRM) as work:
        made, _ = allow_all(work, "C-1", carry="w")
        work.record(replace(made, state=State.REJECTED), AT)
    assert facts_of(store, "C-2", ("w",)).windows == {}


def test_closing_takes_a_claim_out(store: Store) -> None:
    """A closed claim has no live decision, no route, no budget, and waits no more."""
    put(store, budget(5_000), claim(1), line(1))
    with store.work(CRM) as work:
        work.record(allow_all(work, "C-1", steps=STEPS)[0], AT)
    put(store, claim(1, ClaimStatus.WITHDRAWN))
    with store.work(CRM) as work:
        held = work.held_by("C-1")
        work.close("C-1", [replace(held[0], kind=EntryKind.RELEASE)], AT)
    assert store.live_decisions(CRM, viewer=SYSTEM) == []
    assert store.first_steps(CRM, viewer=SYSTEM) == {}
    assert store.pending(CRM) == ()
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].available == 5_000


def test_a_route_is_written_anew(store: Store) -> None:
    """The steps of a claim are those of its newest decision."""
    put(store, claim(1), line(1))
    for steps in (STEPS, STEPS[1:], ()):
        with store.work(CRM) as work:
            work.record(allow_all(work, "C-1", steps=steps)[0], AT)
        expected = {"C-1": (steps[0].code, steps[0].approver)} if steps else {}
        assert store.first_steps(CRM, viewer=SYSTEM) == expected


def test_who_waits_is_asked_inside_the_transaction(store: Store) -> None:
    """A claim that somebody else decided meanwhile no longer waits, and comes back when changed."""
    put(store, claim(1), line(1))
    with store.work(CRM) as work:
        assert work.is_pending("C-1")
        work.done("C-1")
        assert not work.is_pending("C-1")
    with store.work("other") as work:
        assert not work.is_pending("C-1")
    put(store, line(1, 5))
    with store.work(CRM) as work:
        assert work.is_pending("C-1")


def test_a_version_names_a_content(store: Store) -> None:
    """A policy version is used again with the same content only, and the error says which."""
    for ref in (REF, REF, replace(REF, version="2"), replace(REF, id="other", digest="b" * 64)):
        with store.work(CRM) as work:
            work.use_policy(ref, AT)
    before = store.dump()
    with pytest.raises(StoreError) as caught, store.work(CRM) as work:
        work.use_policy(replace(REF, digest="c" * 64), AT)
    assert caught.value.code == "store.policy_version"
    for language in ("en", "zh"):
        assert "small" in caught.value.describe(language)
    assert store.dump() == before
    with store.reading() as connection:
        logged = [entry.subject for entry in read_log(connection)]
        assert list(logged) == ["small 1", "small 2", "other 1"]


def test_the_decision_is_canonical_json(store: Store) -> None:
    """What is stored of a decision is its canonical form, beside the columns that are searched."""
    put(store, claim(1), line(1, 700))
    with store.work(CRM) as work:
        made, _ = allow_all(work, "C-1")
        work.record(made, AT)
    with store.reading() as connection:
        row = connection.execute(text("select * from decision")).one()
    assert row.content == canonical(made.decision)
    assert json.loads(row.content)["outcome"] == row.outcome == "pass"
    assert (row.claimed, row.allowed, row.currency) == (700, 700, "CNY")
    assert (row.digest, row.decided_at) == (digest(made.decision), AT.isoformat())


def test_budgets_of_owner_team_and_company(store: Store) -> None:
    """A claim is judged against its person's, its team's and the company's budgets, by id."""
    own = replace(budget(1, name="own"), scope="person", owner="P1")
    team = replace(budget(1, name="a team"), scope="team", owner="East")
    not_ours = [
        replace(own, id="x1", owner="P2"),
        replace(team, id="x2", owner="West"),
        replace(budget(1, name="x3"), category="taxi"),
        replace(budget(1, name="x4"), end=date(2026, 2, 28)),
    ]
    odd = replace(budget(1, name="company"), owner="whoever")
    store.append(CRM, page(Kind.BUDGET, [own, team, odd, *not_ours]), AT)
    put(store, PERSON, claim(1), line(1), claim(2, person="P9"), line(2))
    assert [b.id for b in facts_of(store).budgets] == ["a team", "company", "own"]
    assert [b.id for b in facts_of(store, "C-2").budgets] == ["company"]


def test_budgets_of_customers(store: Store) -> None:
    """A claim is judged against the budgets of the customers that its lines name, no other's."""
    one = replace(budget(1, name="one"), scope="account", owner="A-1")
    other = replace(one, id="other", owner="A-2")
    own = replace(budget(1, name="own"), scope="person", owner="P1", account="A-1")
    store.append(CRM, page(Kind.BUDGET, [one, other, own]), AT)
    put(store, PERSON, claim(1), replace(line(1), account="A-1"), claim(2), line(2))
    assert [b.id for b in facts_of(store).budgets] == ["one", "own"]
    assert facts_of(store, "C-2").budgets == ()


def test_a_claim_that_leaves_a_budget_gives_it_back(store: Store) -> None:
    """A budget that no longer covers the claim is no fact of it any more, and gets all back."""
    meals = replace(budget(5_000), category="meal")
    put(store, meals, claim(1), line(1, 700))
    decide_pending(store)
    put(store, replace(line(1, 700), category="taxi"))
    facts = facts_of(store)
    assert (facts.budgets, facts.positions) == ((), ())
    decide_pending(store)
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].available == 5_000


def test_where_budgets_stand_inside_the_transaction(store: Store) -> None:
    """Positions asked for inside the transaction have what it has written so far, by name."""
    put(store, budget(5_000), budget(9_000, name="A"), claim(1), line(1, 700))
    with store.work(CRM) as work:
        work.record(allow_all(work, "C-1")[0], AT)
        found = [(p.budget, p.available) for p in work.positions(["B", "none", "A"])]
    assert found == [("A", 8_300), ("B", 4_300)]


def test_the_newest_result_of_a_record(store: Store) -> None:
    """What a record was told last is known, whether it was sent or still waits."""
    put(store, claim(1), line(1, 700))
    with store.work(CRM) as work:
        assert work.last_result("claim_result", "C-1") == ""
    decide_pending(store)
    [row] = store.take(CRM, 1)
    store.answer(CRM, [(row.key, "done", "")])
    put(store, line(1, 900))
    decide_pending(store)
    with store.work(CRM) as work:
        assert work.last_result("claim_result", "C-1") == '{"allowed":900,"claim":"C-1"}'
        assert work.last_result("line_result", "C-1") == ""


@pytest.mark.parametrize(
    "table",
    ["decision", "carry", "budget_entry", "budget_position", "route_step", "audit", "outbox"],
)
def test_a_decision_is_kept_whole_or_not_at_all(store: Store, table: str) -> None:
    """Whichever write of a decision fails, nothing of it is kept, and the claim still waits."""
    put(store, PERSON, budget(5_000), claim(1), line(1))
    before = store.dump()
    with store.writing() as connection:
        refuse_inserts(connection, table)
    with pytest.raises(StoreError, match="no more"), store.work(CRM) as work:
        work.record(allow_all(work, "C-1", carry="w", steps=STEPS)[0], AT)
    assert store.dump() == before
    assert store.pending(CRM) == ("C-1",)
