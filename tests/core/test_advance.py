"""Advances: paid out, cleared by claims, returned; never more than there is."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crm_expenses.core.advance import (
    AdvanceEntry,
    AdvanceKind,
    AdvancePosition,
    clear,
    position_of,
    restore,
)
from crm_expenses.core.money import Money
from crm_expenses.errors import RefusedError


def entry(kind: str, minor: int, claim: str = "", currency: str = "CNY") -> AdvanceEntry:
    """Give an entry of the advance A."""
    return AdvanceEntry("A", AdvanceKind(kind), Money(minor, currency), claim)


START = [entry("pay_out", 1000), entry("clear", 300, "C-1"), entry("return", 200)]


def test_where_an_advance_stands() -> None:
    """Outstanding is what was paid out, less what claims cleared, less what was returned."""
    here = position_of("A", "CNY", START)
    assert (here.paid_out, dict(here.cleared), here.returned) == (1000, {"C-1": 300}, 200)
    assert here.outstanding == 500
    assert here.after(entry("restore", 300, "C-1")).outstanding == 800
    assert here.after(entry("pay_out", 1)).outstanding == 501


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("advance.too_much", entry("return", 501)),
        ("advance.too_much", entry("clear", 501, "C-2")),
        ("advance.too_much", entry("restore", 301, "C-1")),
        ("advance.too_much", entry("restore", 1, "C-2")),
        ("advance.entry", entry("clear", 5)),
        ("advance.entry", entry("restore", 5)),
        ("advance.entry", entry("return", 5, "C-1")),
        ("advance.entry", entry("pay_out", 5, "C-1")),
        ("advance.entry", entry("return", 0)),
        ("advance.entry", entry("pay_out", -5)),
        ("advance.other", entry("return", 5, currency="USD")),
        ("advance.other", AdvanceEntry("B", AdvanceKind.RETURN, Money(5, "CNY"))),
    ],
)
def test_what_is_refused(code: str, wrong: AdvanceEntry) -> None:
    """An entry that does not fit changes nothing and says why in both languages."""
    here = position_of("A", "CNY", START)
    with pytest.raises(RefusedError) as caught:
        here.after(wrong)
    assert caught.value.code == code
    assert f"{wrong.amount.amount:f}" in caught.value.describe("en")
    assert caught.value.describe("zh") != caught.value.describe("en")


def test_a_claim_clears_in_order() -> None:
    """What is due is taken from the advances in turn; those in another currency are left alone."""
    advances = [
        AdvancePosition("A", "CNY", 300),
        AdvancePosition("B", "USD", 900),
        AdvancePosition("C", "CNY", 500, 500),
        AdvancePosition("D", "CNY", 900),
    ]
    made = clear("C-1", Money(1000, "CNY"), advances)
    assert [(one.advance, one.amount.minor) for one in made] == [("A", 300), ("D", 700)]
    assert clear("C-1", Money(-5, "CNY"), advances) == ()
    after = advances[0].after(made[0])
    assert [one.kind.value for one in restore("C-1", [after, advances[1]])] == ["restore"]
    assert after.after(restore("C-1", [after])[0]).outstanding == 300


class Advances(RuleBasedStateMachine):
    """Random entries against plain sums."""

    def __init__(self) -> None:
        super().__init__()
        self.here = AdvancePosition("A", "CNY")
        self.out = self.back = 0
        self.by_claim = {"C-1": 0, "C-2": 0}

    @rule(minor=st.integers(-2, 20))
    def pay_out(self, minor: int) -> None:
        """Any amount above zero may be paid out."""
        if self._made(entry("pay_out", minor), fits=minor > 0):
            self.out += minor

    @rule(minor=st.integers(-2, 20))
    def give_back(self, minor: int) -> None:
        """No more comes back than is left."""
        if self._made(entry("return", minor), fits=0 < minor <= self._left()):
            self.back += minor

    @rule(minor=st.integers(-2, 20), claim=st.sampled_from(("C-1", "C-2")))
    def clear(self, minor: int, claim: str) -> None:
        """No claim clears more than is left."""
        if self._made(entry("clear", minor, claim), fits=0 < minor <= self._left()):
            self.by_claim[claim] += minor

    @rule(minor=st.integers(-2, 20), claim=st.sampled_from(("C-1", "C-2")))
    def restore(self, minor: int, claim: str) -> None:
        """No claim gives back more than it cleared."""
        if self._made(entry("restore", minor, claim), fits=0 < minor <= self.by_claim[claim]):
            self.by_claim[claim] -= minor

    def _left(self) -> int:
        return self.out - self.back - sum(self.by_claim.values())

    def _made(self, one: AdvanceEntry, *, fits: bool) -> bool:
        try:
            self.here = self.here.after(one)
        except RefusedError:
            assert not fits
            return False
        assert fits
        return True

    @invariant()
    def never_more_than_was_paid_out(self) -> None:
        """What claims cleared and what came back never exceeds what was paid out."""
        assert self.here.outstanding == self._left() >= 0


TestAdvances = Advances.TestCase
TestAdvances.settings = settings(max_examples=100, deadline=None)
