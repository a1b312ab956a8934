"""A command that is cut off at any statement leaves the store as it was, and can be repeated."""

import itertools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from own_company import (
    AT,
    FINANCE,
    desk_at,
    drafted,
    gift,
    held,
    later,
    meal,
    noted,
    said,
    seen,
)
from sqlalchemy import event

from crm_expenses.core.money import Money
from crm_expenses.pipeline.advances import pay_out
from crm_expenses.pipeline.claims import new_claim, submit, withdraw
from crm_expenses.pipeline.desk import Desk
from crm_expenses.pipeline.payments import pay

ENDS = (
    ("draft", "None", 0),
    ("in_approval", "None", 57_000),
    ("partly_paid", "100.00 CNY", 57_000),
    ("partly_paid", "170.00 CNY", 57_000),
)
"""Where the claim stands after each act, as on paper."""

pytestmark = pytest.mark.usefixtures("database")


def cut_at_every_statement(desk: Desk, act: Callable[[], object]) -> int:
    """Cut an act off at each statement and each commit until it gets through; give how many.

    It is through once its transaction is; what it looks at afterwards changes nothing.
    """
    engine = desk.store._database.engine
    before = desk.store.dump()
    for blows_at in itertools.count(1):
        steps = itertools.count(1)

        def step(*_: object, end: int = blows_at, steps: "itertools.count[int]" = steps) -> None:
            if next(steps) == end:
                raise KeyboardInterrupt

        for name in ("before_cursor_execute", "commit"):
            event.listen(engine, name, step)
        try:
            act()
        except KeyboardInterrupt:
            is_through = False
        else:
            is_through = True
        finally:
            for name in ("before_cursor_execute", "commit"):
                event.remove(engine, name, step)
        if is_through or desk.store.dump() != before:
            break
    # What was written is all that an undisturbed act writes: nothing more comes of the log.
    assert desk.store.check_contents().broken is None
    assert desk.store.pending(desk.crm) == ()
    return blows_at


def ended(desk: Desk) -> tuple[str, str, int]:
    """Give where the first claim stands after it all: its state, what is paid, and the budget."""
    view = seen(desk, "EX-2026-00001")
    paid = view.life.standing.paid if view.life is not None else None
    return view.state.value, str(paid), held(desk)["B-P1"][0]


def test_no_half_of_a_command_is_left(tmp_path: Path) -> None:
    """A number, a submission with its decision, a yes that clears an advance, a payment: whole."""
    with desk_at(tmp_path) as desk:
        pay_out(desk, "P1", Money(10_000, "CNY"), by=FINANCE, at=AT)
        noted(desk, gift("450"), meal("120"))
        acts: tuple[Callable[[], object], ...] = (
            lambda: new_claim(desk, by="P1", at=AT),
            lambda: submit(desk, "EX-2026-00001", by="P1", at=AT),
            lambda: said(desk, "EX-2026-00001", at=later(1)),
            lambda: pay(desk, "EX-2026-00001", Decimal(70), by=FINANCE, at=later(2)),
        )
        for act, end in zip(acts, ENDS, strict=True):
            assert cut_at_every_statement(desk, act) > 10
            assert ended(desk) == end
        other = drafted(desk, meal("50", "2026-03-05"))
        submit(desk, other, by="P1", at=later(3))
        assert cut_at_every_statement(desk, lambda: withdraw(desk, other, by="P1", at=AT)) > 10
        assert desk.store.check_contents().broken is None
        assert desk.store.pending(desk.crm) == ()
