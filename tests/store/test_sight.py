"""What a viewer gets from the store: what is theirs, and an error where they ask for more."""

from dataclasses import replace
from datetime import date

import pytest
from stored_company import AT, CRM, Bad, budget, claim, cny, decide_pending, line, page, put

from crm_expenses.core.approval import ApprovalStep
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.party import Account, AccountManager, PersonCost
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.record import Kind
from crm_expenses.core.trip import TripNote
from crm_expenses.core.viewer import SYSTEM, Viewer, viewer_of
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.core.waiver import Waiver
from crm_expenses.errors import RefusedError
from crm_expenses.store import Store
from crm_expenses.store.sight import PERSONAL

PEOPLE = (
    AccountManager("P1", "王芳", manager="P3"),
    AccountManager("P2", "Li Lei", manager="P9"),
    AccountManager("P3", "Zhao Min"),
)
ROLES = {"auditor": ("P8",)}


def looks(person: str) -> Viewer:
    """Give a person as a viewer."""
    return viewer_of(person, {p.id: p for p in PEOPLE}, ROLES)


@pytest.fixture
def company(store: Store) -> Store:
    """Two people with a claim each, and all that may belong to them; and a claim of nobody's."""
    day = date(2026, 3, 2)
    for n in (1, 2):
        put(store, replace(claim(n), person=f"P{n}"))
        put(store, replace(line(n), voucher=f"V-{n}", trip=f"T-{n}"), replace(line(n), id=f"M-{n}"))
        put(store, Voucher(f"V-{n}", VoucherKind.FAPIAO, f"{n}"))
        put(store, TripNote(f"N-{n}", f"T-{n}", day))
        put(store, PersonCost(f"X-{n}", f"P{n}", day, "salary", cny(5)))
        put(store, PreApproval(f"A-{n}", f"P{n}", "P9", day))
        put(store, Waiver(f"W-{n}", "r", "P9", day, person=f"P{n}"))
        put(store, GivenApproval(f"Y-{n}", f"C-{n}", "P4", AT))
        put(store, Waiver(f"U-{n}", "r", "P9", day, claim=f"C-{n}"))
    put(store, *PEOPLE, Account("K", "Nordwind", "P1"), budget(9_000))
    decide_pending(store)
    store.append(CRM, page(Kind.LINE, [Bad("x", "f:1")]), AT)
    return store


OWN = {
    Kind.CLAIM: ["C-{}"],
    Kind.LINE: ["L-{}", "M-{}"],
    Kind.VOUCHER: ["V-{}"],
    Kind.TRIP_NOTE: ["N-{}"],
    Kind.COST: ["X-{}"],
    Kind.PRE_APPROVAL: ["A-{}"],
    Kind.WAIVER: ["U-{}", "W-{}"],
    Kind.APPROVAL: ["Y-{}"],
}


@pytest.mark.parametrize(
    ("person", "sees"),
    [("P1", "1"), ("P2", "2"), ("P3", "1"), ("P9", "2"), ("P8", "12"), ("P7", ""), ("", "")],
)
def test_each_sees_their_own(company: Store, person: str, sees: str) -> None:
    """Of every kind that belongs to people a viewer gets what they may see, and no more."""
    viewer = looks(person)
    for kind, names in OWN.items():
        found = [record.id for record in company.records(CRM, kind, viewer=viewer)]
        assert sorted(found) == sorted(name.format(n) for n in sees for name in names)
    assert [d.claim for d in company.live_decisions(CRM, viewer=viewer)] == [f"C-{n}" for n in sees]
    for n in "12":
        if n in sees:
            held = company.claim(CRM, f"C-{n}", viewer=viewer)
            assert held is not None
            assert [record.id for record in (held[0], *held[1])] == [f"C-{n}", f"L-{n}", f"M-{n}"]
        else:
            with pytest.raises(RefusedError):
                company.claim(CRM, f"C-{n}", viewer=viewer)


def test_what_belongs_to_nobody_is_everybodys(company: Store) -> None:
    """Customers, people and budgets are read by all; each kind is one or the other."""
    for kind in set(Kind) - PERSONAL:
        mine = list(company.records(CRM, kind, viewer=looks("P7")))
        assert mine == list(company.records(CRM, kind, viewer=SYSTEM))
    assert OWN.keys() | {Kind.TRIP_LEG} == PERSONAL


def test_what_is_everybodys_is_refused(company: Store) -> None:
    """What was set aside, and what is on its way, is for those alone who see everything."""
    for viewer in map(looks, ("P1", "P3", "")):
        with pytest.raises(RefusedError):
            company.set_aside(CRM, viewer=viewer)
        with pytest.raises(RefusedError):
            company.waiting(CRM, viewer=viewer)
    assert len(company.set_aside(CRM, viewer=looks("P8"))) == 1
    assert company.waiting(CRM, viewer=looks("P8"))


def test_a_claim_that_is_not_there_is_refused_alike(company: Store) -> None:
    """Who may not see a claim cannot find out whether it exists."""
    said = []
    for name in ("C-2", "C-7"):
        with pytest.raises(RefusedError) as caught:
            company.claim(CRM, name, viewer=looks("P1"))
        said.append(str(caught.value).replace(name, "it"))
    assert said[0] == said[1]
    assert company.claim(CRM, "C-7", viewer=looks("P8")) is None


def test_steps_of_a_route(company: Store) -> None:
    """Who a claim waits for is told of the claims that a viewer may see."""
    from stored_company import allow_all

    for n in (1, 2):
        with company.work(CRM) as work:
            steps = (ApprovalStep("manager", "P9"),)
            work.record(allow_all(work, f"C-{n}", steps=steps)[0], AT)
    assert company.first_steps(CRM, viewer=looks("P1")) == {"C-1": ("manager", "P9")}
    assert company.first_steps(CRM, viewer=SYSTEM).keys() == {"C-1", "C-2"}


def test_a_claim_that_changes_hands(company: Store) -> None:
    """What counts is whose a claim is now."""
    put(company, replace(claim(1), person="P2"))
    assert list(company.records(CRM, Kind.CLAIM, viewer=looks("P1"))) == []
    assert len(list(company.records(CRM, Kind.LINE, viewer=looks("P2")))) == 4
