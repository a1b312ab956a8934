"""What an approval signs, and exactly what voids it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_firm import AT, cny, decided, line

from crm_expenses.core.approval import Approval, Content, LineContent, Part, content_code, voided
from crm_expenses.core.approval.content import content, content_of, signature
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.voucher import Voucher, VoucherKind

HOTEL = LineContent("L-1", "lodging", cny(40000), cny(36000), "aa")
MEAL = LineContent("L-2", "meal", Money(2500, "USD"), cny(18000), "bb")
GIFT = LineContent("L-3", "gift", cny(9900), cny(9900))
CLAIM = content("C", "ann", [HOTEL, MEAL, GIFT])


def signed(of: Content, *categories: str, by: str = "bob") -> Approval:
    """Give a yes to the lines of some categories, or to all."""
    on = frozenset(categories) if categories else None
    return Approval(
        "C", (f"{'+'.join(categories) or 'all'} manager",), by, AT, signature(of, on), on
    )


ALL, MEALS, GIFTS = signed(CLAIM), signed(CLAIM, "meal"), signed(CLAIM, "gift", "book")


def having(changed: LineContent) -> Content:
    """Give the claim with one line in another form."""
    return content(
        "C", "ann", [changed if one.line == changed.line else one for one in CLAIM.lines]
    )


@pytest.mark.parametrize(
    ("new", "void", "parts"),
    [
        (CLAIM, [], []),
        (content("C", "ann", reversed(CLAIM.lines)), [], []),
        (having(replace(MEAL, amount=Money(2600, "USD"))), [ALL, MEALS], [Part.AMOUNT]),
        (having(replace(MEAL, amount=Money(2400, "USD"))), [ALL, MEALS], [Part.AMOUNT]),
        (having(replace(MEAL, amount=Money(2500, "EUR"))), [ALL, MEALS], [Part.CURRENCY]),
        (having(replace(MEAL, allowed=cny(18001))), [ALL, MEALS], [Part.ALLOWED]),
        (having(replace(MEAL, voucher="cc")), [ALL, MEALS], [Part.VOUCHER]),
        (having(replace(MEAL, voucher="")), [ALL, MEALS], [Part.VOUCHER]),
        (having(replace(MEAL, category="gift")), [ALL, MEALS, GIFTS], [Part.CATEGORY]),
        (having(replace(MEAL, category="taxi")), [ALL, MEALS], [Part.CATEGORY]),
        (having(replace(HOTEL, category="taxi")), [ALL], [Part.CATEGORY]),
        (having(replace(GIFT, category="book")), [ALL, GIFTS], [Part.CATEGORY]),
        (content("C", "ann", [HOTEL, GIFT]), [ALL, MEALS], [Part.REMOVED]),
        (
            content("C", "ann", [*CLAIM.lines, replace(MEAL, line="L-4")]),
            [ALL, MEALS],
            [Part.ADDED],
        ),
        (content("C", "ann", [*CLAIM.lines, replace(HOTEL, line="L-4")]), [ALL], [Part.ADDED]),
        (content("C", "eve", CLAIM.lines), [ALL, MEALS, GIFTS], [Part.CLAIMANT]),
        (
            having(replace(MEAL, amount=cny(1), allowed=cny(1), voucher="")),
            [ALL, MEALS],
            [Part.CURRENCY, Part.ALLOWED, Part.VOUCHER],
        ),
    ],
)
def test_what_a_change_voids(new: Content, void: list[Approval], parts: list[Part]) -> None:
    """A change voids the approvals whose step covers the line, before or after, and no others."""
    found = voided([ALL, MEALS, GIFTS], CLAIM, new)
    assert [one.approval for one in found] == void
    for one in found:
        assert [change.part for change in one.changes] == parts
    assert (content_code(new) == content_code(CLAIM)) == (not void)


def test_a_reason_names_the_line_and_both_sides() -> None:
    """Why an approval is void is told with the line, what stood there and what stands there."""
    [found] = voided([MEALS], CLAIM, having(replace(MEAL, amount=Money(2600, "USD"))))
    [change] = found.changes
    assert (change.line, change.before, change.after) == ("L-2", "25.00 USD", "26.00 USD")


def test_an_approval_of_another_content() -> None:
    """What was signed of something else than the content before is void, and says so."""
    stranger = replace(ALL, signed="0" * 64)
    [found] = voided([stranger], CLAIM, CLAIM)
    assert [change.part for change in found.changes] == [Part.UNKNOWN]


def test_the_content_of_a_decided_claim() -> None:
    """The content has what was spent, what is allowed and the digest of the voucher; no words."""
    claim = Claim("C", "ann", AT)
    spent = ExpenseLine("L-1", "C", date(2026, 3, 1), "meal", cny(500), voucher="V-1", purpose="x")
    voucher = Voucher("V-1", VoucherKind.FAPIAO, "123")
    facts = Facts(claim, (spent,), vouchers=(voucher,))
    made = content_of(facts, decided(line("L-1", 300)))
    [one] = made.lines
    assert (made.person, one.line, one.category) == ("ann", "L-1", "meal")
    assert (one.amount, one.allowed) == (cny(500), cny(300))

    def code(changed: Facts) -> str:
        return content_code(content_of(changed, decided(line("L-1", 300))))

    same = [
        replace(facts, lines=(replace(spent, purpose="y", city="Z", merchant="m"),)),
        replace(facts, claim=replace(claim, title="t", submitted=AT.replace(hour=20))),
    ]
    other = [
        replace(facts, lines=(replace(spent, voucher=""),)),
        replace(facts, vouchers=()),
        replace(facts, vouchers=(replace(voucher, number="124"),)),
        replace(facts, lines=(replace(spent, category="gift"),)),
    ]
    assert [code(one) == content_code(made) for one in same] == [True, True]
    assert [code(one) == content_code(made) for one in other] == [False] * 4
    assert len({code(one) for one in other}) == 4


# Against a plain model


MINOR = st.integers(0, 3)
LINES = st.dictionaries(
    st.sampled_from(("1", "2", "3")),
    st.tuples(
        st.sampled_from(("meal", "gift")),
        st.builds(Money, MINOR, st.sampled_from(("CNY", "USD"))),
        st.builds(cny, MINOR),
        st.sampled_from(("", "aa")),
    ),
)
COVERS = st.sampled_from((None, frozenset({"meal"}), frozenset({"gift"}), frozenset({"x"})))


@given(LINES, LINES, st.booleans(), st.lists(COVERS, max_size=4))
def test_exactly_the_approvals_that_cover_what_changed(
    old: dict[str, tuple[str, Money, Money, str]],
    new: dict[str, tuple[str, Money, Money, str]],
    moved: bool,  # noqa: FBT001  drawn
    covers: list[frozenset[str] | None],
) -> None:
    """An approval is void exactly when a line that it covers, then or now, is another one."""
    before, after = (
        content("C", who, [_line(name, *parts) for name, parts in of.items()])
        for who, of in (("ann", old), ("eve" if moved else "ann", new))
    )
    given_words = [
        Approval("C", ("s manager",), f"p{n}", AT, signature(before, on), on)
        for n, on in enumerate(covers)
    ]
    expected = [
        one
        for one in given_words
        if moved
        or any(
            old.get(name) != new.get(name)
            and any(of[name][0] in one.on for of in (old, new) if name in of)
            if one.on is not None
            else old.get(name) != new.get(name)
            for name in {*old, *new}
        )
    ]
    found = voided(given_words, before, after)
    assert [one.approval for one in found] == expected
    for one in found:
        assert Part.UNKNOWN not in {change.part for change in one.changes}
    assert voided(given_words, before, before) == ()


def _line(name: str, category: str, amount: Money, allowed: Money, voucher: str) -> LineContent:
    return LineContent(name, category, amount, allowed, voucher)
