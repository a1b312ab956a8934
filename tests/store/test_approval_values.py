"""What approvals, routes and lives are made of goes through the store's own form unchanged."""

from datetime import UTC, datetime

import pytest

from crm_expenses.core.advance import AdvanceEntry, AdvanceKind
from crm_expenses.core.approval import (
    Approval,
    Authority,
    Content,
    LineContent,
    Organisation,
    Provenance,
    Route,
    Substitute,
    Verdict,
)
from crm_expenses.core.approval.candidates import Barred, Candidate, Via
from crm_expenses.core.approval.due import Reason, Why
from crm_expenses.core.approval.route import Passed, Seat, Step
from crm_expenses.core.lifecycle import Standing, State
from crm_expenses.core.money import Money
from crm_expenses.core.record import canonical
from crm_expenses.store.codec import read_as

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIVE = Money(500, "CNY")
GIFTS = frozenset({"gift"})
PASSED = (("P2", Barred.AUTHORITY),)
SEAT = Seat("s manager", ("manager",), (Candidate("P3", Via.ABOVE, "P2", PASSED),))
STEP = Step("s", ("S", "节点"), (SEAT,), (Reason(Why.AMOUNT, (("above", "1"),)),), FIVE, GIFTS)
VALUES = (
    Approval("C", ("s manager",), "P3", AT, "00"),
    Approval(
        *("C", ("s manager",), "P3", AT, "00", GIFTS, Verdict.RETURN, ("L",), "why", "P2"),
        provenance=Provenance.CRM_PROCESS,
        version=2,
    ),
    Route("C", "P1", (STEP,)),
    Route("C", "P1", automatic=Passed.AUTOMATIC, evidence=(("up_to", "3.00"),)),
    Content("C", "P1", (LineContent("L", "gift", FIVE, FIVE, "aa"),)),
    Standing(State.PARTLY_PAID, 2, "why", FIVE, Money(1, "CNY"), ("L",)),
    AdvanceEntry("A", AdvanceKind.CLEAR, FIVE, "C"),
    Substitute("P4", "P3", AT.date(), AT.date(), "C"),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_out_and_back(value: object) -> None:
    """What is written as canonical JSON is read back as the equal value."""
    assert read_as(type(value), canonical(value)) == value


def test_who_there_is_is_looked_up_not_stored() -> None:
    """An organisation, with its index of substitutes, compares by what it was made from."""
    one, two = (Organisation({}, {}, (Substitute("a", "b"),)) for _ in range(2))
    assert one.acting_for("b", AT.date(), "") == ("a",)
    assert one == two
    assert Authority("s", ("manager",)) == Authority("s", ("manager",))
