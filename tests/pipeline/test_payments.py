"""Payments and advances: never more than is due, by whoever may, with budgets in step."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from own_company import (
    AT,
    DOLLARS,
    FINANCE,
    desk_at,
    drafted,
    gift,
    held,
    later,
    meal,
    put,
    said,
    seen,
)

from crm_expenses.core.approval import Verdict
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.ownclaim import Next
from crm_expenses.core.record import canonical
from crm_expenses.core.viewer import Viewer
from crm_expenses.errors import ConfigError, MappingError, RefusedError
from crm_expenses.pipeline import decide
from crm_expenses.pipeline.advances import give_back, list_advances, pay_out, show_advance
from crm_expenses.pipeline.audit import verify
from crm_expenses.pipeline.claims import Edit, change, submit, withdraw
from crm_expenses.pipeline.desk import Desk
from crm_expenses.pipeline.payments import close, due, pay
from crm_expenses.pipeline.summary import quiet

pytestmark = pytest.mark.usefixtures("database")
SEES_ALL = Viewer(FINANCE, sees_all=True)


def cny(minor: int) -> Money:
    """Give fen."""
    return Money(minor, "CNY")


def approved(desk: Desk, *, refused: bool = False) -> str:
    """Give a claim of 450 for a gift and 120 for a meal that was approved, or the meal of it."""
    number = drafted(desk, gift("450"), meal("120"))
    submit(desk, number, by="P1", at=AT)
    lines = [one.line.id for one in seen(desk, number).lines if one.line.category == "gift"]
    why = "private" if refused else ""
    said(desk, number, refused=tuple(lines) if refused else (), reason=why)
    return number


def test_paid_in_parts_and_closed(tmp_path: Path) -> None:
    """Each payment is kept; budgets hold it as committed until the last one, then as spent."""
    with desk_at(tmp_path) as desk:
        number = approved(desk)
        assert held(desk)["B-P1"] == (57_000, 0)
        first = pay(desk, number, Decimal(200), by=FINANCE, at=AT, reference=" 4711 ")
        assert (first.life.state, held(desk)["B-P1"]) == (State.PARTLY_PAID, (57_000, 0))
        assert (first.payment.day, first.payment.reference) == (date(2026, 3, 10), "4711")
        with pytest.raises(RefusedError) as error:
            close(desk, number, by=FINANCE, at=AT)
        assert error.value.code == "lifecycle.move"
        last = pay(desk, number, by=FINANCE, at=later(1), day=date(2026, 3, 9))
        assert (last.payment.amount, last.life.state) == (cny(37_000), State.PAID)
        assert held(desk)["B-P1"] == (0, 57_000)
        assert [one.amount.minor for one in seen(desk, number).payments] == [20_000, 37_000]
        assert seen(desk, number).next.what is Next.CLOSE
        assert close(desk, number, by=FINANCE, at=later(2)).state is State.CLOSED
        assert seen(desk, number).next.what is Next.NOTHING
        assert held(desk)["B-P1"] == (0, 57_000)
        assert desk.store.check_contents().broken is None


def test_what_cannot_be_paid(tmp_path: Path) -> None:
    """Not by others, not too much, not nothing, not before it is approved; nothing is written."""
    with desk_at(tmp_path) as desk:
        number = approved(desk, refused=True)
        draft = drafted(desk, meal("10"))
        waiting = drafted(desk, gift("499"), meal("30"))
        submit(desk, waiting, by="P1", at=later(1))
        before = desk.store.dump()
        for person in ("P1", "P3", "P77"):
            with pytest.raises(RefusedError) as error:
                pay(desk, number, by=person, at=AT)
            assert error.value.code == "claims.not_finance"
        for amount in ("120.01", "0", "-1"):
            with pytest.raises(RefusedError) as error:
                pay(desk, number, Decimal(amount), by=FINANCE, at=AT)
            assert error.value.code == "lifecycle.payment"
        with pytest.raises(MappingError):
            pay(desk, number, Decimal("0.001"), by=FINANCE, at=AT)
        with pytest.raises(RefusedError) as error:
            pay(desk, waiting, by=FINANCE, at=AT)
        assert error.value.code == "lifecycle.move"
        for other in (draft, "C-404"):
            with pytest.raises(RefusedError) as error:
                pay(desk, other, by=FINANCE, at=AT)
            assert error.value.code == "approvals.no_claim"
        assert desk.store.dump() == before


def test_what_is_due_and_late(tmp_path: Path) -> None:
    """By the policy's cycle, approved claims are due on the 25th, and late from the day after."""
    with desk_at(tmp_path) as desk:
        number = approved(desk)
        found = due(desk, viewer=SEES_ALL, today=date(2026, 3, 25))
        assert [(one.claim, one.amount, one.due_on) for one in found] == [
            (number, cny(57_000), date(2026, 3, 25))
        ]
        assert due(desk, viewer=SEES_ALL, today=date(2026, 3, 25), only_overdue=True) == ()
        late = due(desk, viewer=SEES_ALL, today=date(2026, 3, 27), only_overdue=True)
        assert [one.days_late(date(2026, 3, 27)) for one in late] == [2]
        assert due(desk, viewer=desk.viewer("P2"), today=date(2026, 3, 25)) == ()
        pay(desk, number, by=FINANCE, at=AT)
        assert due(desk, viewer=SEES_ALL, today=date(2026, 3, 27)) == ()


def test_once_paid_a_claim_is_no_longer_changed_by_its_claimant(tmp_path: Path) -> None:
    """Money has moved: what is wrong is corrected in another claim."""
    with desk_at(tmp_path) as desk:
        number = approved(desk)
        pay(desk, number, Decimal(1), by=FINANCE, at=AT)
        with pytest.raises(RefusedError) as error:
            withdraw(desk, number, by="P1", at=AT)
        assert error.value.code == "lifecycle.move"
        (line,) = [one.line.id for one in seen(desk, number).lines if one.line.category == "meal"]
        with pytest.raises(RefusedError) as error:
            change(desk, number, Edit(lines={line: {"amount": "1"}}), by="P1", at=AT)
        assert error.value.code == "lifecycle.paid"


def test_money_comes_back_where_less_is_due(tmp_path: Path) -> None:
    """Where a paid line is worth less, as the facts say now, the claimant owes, and pays back."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, meal("100"))
        submit(desk, number, by="P1", at=AT)
        pay(desk, number, by=FINANCE, at=AT)
        line = replace(seen(desk, number).lines[0].line, amount=cny(6_000))
        put(desk.store, desk.crm, line)
        decide(desk.store, desk.crm, desk.company, at=later(1), progress=quiet)
        owed = seen(desk, number)
        assert (owed.state, owed.next.what) == (State.PARTLY_PAID, Next.PAY_BACK)
        (open_,) = due(desk, viewer=SEES_ALL, today=date(2026, 5, 1))
        assert (open_.amount, open_.due_on) == (cny(-4_000), None)
        back = pay(desk, number, Decimal(-15), by=FINANCE, at=later(2))
        assert back.life.state is State.PARTLY_PAID
        with pytest.raises(RefusedError):
            pay(desk, number, Decimal(-26), by=FINANCE, at=later(2))
        done = pay(desk, number, by=FINANCE, at=later(3))
        assert (done.payment.amount, done.life.state) == (cny(-2_500), State.PAID)
        assert held(desk)["B-P1"] == (0, 6_000)


def test_advances_are_cleared_when_a_claim_is_approved(tmp_path: Path) -> None:
    """The oldest advance first, in the transaction of the yes; what remains is to be paid."""
    with desk_at(tmp_path) as desk:
        one = pay_out(desk, "P1", cny(30_000), by=FINANCE, at=AT, reason="trip to Nordwind")
        other = pay_out(desk, "P1", cny(20_000), by=FINANCE, at=AT, name="spring")
        pay_out(desk, "P2", cny(90_000), by=FINANCE, at=AT)
        assert (one.id, other.id) == ("ADV-00001", "spring")
        number = drafted(desk, gift("450"), meal("120"))
        submit(desk, number, by="P1", at=AT)
        assert seen(desk, number).cleared == ()
        life = said(desk, number)
        assert (life.state, life.standing.paid) == (State.PARTLY_PAID, cny(50_000))
        view = seen(desk, number)
        assert view.cleared == (("ADV-00001", cny(30_000)), ("spring", cny(20_000)))
        (open_,) = due(desk, viewer=SEES_ALL, today=date(2026, 3, 25))
        assert (open_.amount, open_.due_on) == (cny(7_000), date(2026, 3, 25))
        assert pay(desk, number, by=FINANCE, at=later(1)).payment.amount == cny(7_000)
        left = list_advances(desk, viewer=SEES_ALL, person="P1")
        assert [found.position.outstanding for found in left] == [0, 0]
        assert list_advances(desk, viewer=desk.viewer("P2"))[0].person == "P2"
        assert desk.store.check_contents().broken is None


def test_a_change_of_the_claimant_moves_the_advance_with_it(tmp_path: Path) -> None:
    """No money moved for what an advance cleared: the claim can be changed, and withdrawn."""
    with desk_at(tmp_path) as desk:
        pay_out(desk, "P1", cny(30_000), by=FINANCE, at=AT, name="A")
        number = drafted(desk, meal("140"))
        assert submit(desk, number, by="P1", at=AT).state is State.PAID
        (line,) = (one.line.id for one in seen(desk, number).lines)
        life = change(desk, number, Edit(lines={line: {"amount": "90"}}), by="P1", at=later(1))
        assert life is not None
        assert (life.state, life.standing.paid) == (State.PAID, cny(9_000))
        assert show_advance(desk, "A", viewer=SEES_ALL).position.outstanding == 21_000
        withdraw(desk, number, by="P1", at=later(2))
        back = show_advance(desk, "A", viewer=SEES_ALL)
        assert back.position.outstanding == 30_000
        kinds = [entry.kind.value for entry in back.entries]
        assert kinds == ["pay_out", "clear", "restore", "clear", "restore"]
        assert held(desk)["B-P1"] == (0, 0)


def test_a_decision_that_rejects_gives_the_advance_back(tmp_path: Path) -> None:
    """Where a yes is void by a change, what it cleared is owed again until the next yes."""
    with desk_at(tmp_path) as desk:
        pay_out(desk, "P1", cny(30_000), by=FINANCE, at=AT, name="A")
        number = approved(desk)
        assert show_advance(desk, "A", viewer=SEES_ALL).position.outstanding == 0
        (line,) = [one.line.id for one in seen(desk, number).lines if one.line.category == "gift"]
        change(desk, number, Edit(lines={line: {"amount": "460"}}), by="P1", at=later(1))
        assert show_advance(desk, "A", viewer=SEES_ALL).position.outstanding == 30_000
        said(desk, number, verdict=Verdict.REJECT, reason="no", at=later(2))
        assert show_advance(desk, "A", viewer=SEES_ALL).position.outstanding == 30_000


def test_what_advances_refuse(tmp_path: Path) -> None:
    """Not twice the same, not below zero, not by others, not more back than is left."""
    with desk_at(tmp_path) as desk:
        pay_out(desk, "P1", cny(30_000), by=FINANCE, at=AT, name="A")
        back = give_back(desk, "A", Decimal(100), by=FINANCE, at=AT)
        assert back.position.outstanding == 20_000
        before = desk.store.dump()
        refused = (
            (lambda: pay_out(desk, "P1", cny(1), by=FINANCE, at=AT, name="A"), "advance.twice"),
            (lambda: pay_out(desk, "P1", cny(0), by=FINANCE, at=AT), "advance.not_positive"),
            (lambda: pay_out(desk, "P77", cny(1), by=FINANCE, at=AT), "claims.no_person"),
            (lambda: pay_out(desk, "P1", cny(1), by="P1", at=AT), "claims.not_finance"),
            (lambda: give_back(desk, "A", Decimal(201), by=FINANCE, at=AT), "advance.too_much"),
            (lambda: give_back(desk, "A", Decimal(-1), by=FINANCE, at=AT), "advance.entry"),
            (lambda: give_back(desk, "B", None, by=FINANCE, at=AT), "advance.none"),
            (lambda: show_advance(desk, "A", viewer=desk.viewer("P2")), "viewer.refused"),
            (lambda: show_advance(desk, "B", viewer=desk.viewer("P2")), "viewer.refused"),
        )
        for act, code in refused:
            with pytest.raises((RefusedError, ConfigError)) as error:
                act()
            assert error.value.code == code
        assert desk.store.dump() == before
        assert give_back(desk, "A", None, by=FINANCE, at=AT).position.outstanding == 0


def test_the_rate_of_the_day_stays_with_the_line(tmp_path: Path) -> None:
    """A correction of the rates reaches no line that was converted before: not in what is shown,

    nor where the claim is decided again for another reason, nor where it is derived again. A line
    of another day has the rate of the table, in the same claim.
    """
    with desk_at(tmp_path) as desk:
        number = drafted(desk, meal("10", currency="USD"))
        submit(desk, number, by="P1", at=AT)
        before = canonical(seen(desk, number).decision)
        put(desk.store, desk.crm, replace(DOLLARS, rate=Decimal(9), source="corrected"))
        assert seen(desk, number).lines[0].rate == DOLLARS
        assert canonical(seen(desk, number).decision) == before
        (line,) = (one.line.id for one in seen(desk, number).lines)
        for again in (later(1), later(2)):  # what was kept is kept on
            purpose = {"purpose": f"{again:%d}", "merchant": "Inn"}
            life = change(desk, number, Edit(lines={line: purpose}), by="P1", at=again)
            assert life is not None
            assert (life.state, life.standing.due) == (State.APPROVED, cny(7_100))
        pay(desk, number, by=FINANCE, at=later(3))
        (shown,) = seen(desk, number).lines
        assert shown.rate is not None
        assert (shown.rate.rate, shown.rate.day, shown.rate.source) == (
            DOLLARS.rate,
            DOLLARS.day,
            DOLLARS.source,
        )
        other = drafted(desk, meal("11", currency="USD"), meal("1", "2026-03-03", currency="USD"))
        submit(desk, other, by="P1", at=later(4))
        assert [one.rate and one.rate.rate for one in seen(desk, other).lines] == [9, 9]
        (day,) = [one.line.id for one in seen(desk, other).lines if one.line.date.day == 3]
        put(desk.store, desk.crm, replace(DOLLARS, rate=Decimal(8)))
        moved = Edit(lines={day: {"date": "2026-03-04"}})
        change(desk, other, moved, by="P1", at=later(5))
        assert [one.rate and one.rate.rate for one in seen(desk, other).lines] == [9, 8]
        found = verify(desk.store, outside=(), key=None, quick=False, progress=quiet)
        assert found.holds
