"""The life of a claim: which move leads where, who may make it, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crm_expenses.core.claim import DECIDED_STATUSES, ClaimStatus
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import (
    BY,
    NEEDS_REASON,
    UNCOUNTED,
    Move,
    Side,
    Standing,
    State,
    after,
    move_for,
    moves,
)
from crm_expenses.core.money import Money
from crm_expenses.errors import RefusedError
from crm_expenses.messages import LANGUAGES, text

ORDER = (
    *("submit", "take_back", "decide", "ask_claimant", "ask_approval", "return", "approve"),
    *("approve_partly", "reject", "pay_part", "pay", "close", "change", "withdraw"),
)
SHORT = {
    "DR": State.DRAFT,
    "SU": State.SUBMITTED,
    "DE": State.DECIDED,
    "WA": State.WAITING_FOR_CLAIMANT,
    "IA": State.IN_APPROVAL,
    "RE": State.RETURNED,
    "AP": State.APPROVED,
    "PA": State.PARTLY_APPROVED,
    "RJ": State.REJECTED,
    "PP": State.PARTLY_PAID,
    "PD": State.PAID,
    "CL": State.CLOSED,
    "WD": State.WITHDRAWN,
}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        # submit take_back decide ask_claimant ask_approval return approve approve_partly reject
        # pay_part pay close change withdraw
        ("DR", "SU -- -- -- -- -- -- -- -- -- -- -- -- WD"),
        ("SU", "-- DR DE -- -- RE -- -- -- -- -- -- SU WD"),
        ("DE", "-- DR -- WA IA RE AP -- RJ PP PD -- SU WD"),
        ("WA", "-- DR -- -- -- RE -- -- -- -- -- -- SU WD"),
        ("IA", "-- DR -- -- -- RE AP PA RJ -- -- -- SU WD"),
        ("RE", "SU DR -- -- -- -- -- -- -- -- -- -- SU WD"),
        ("AP", "-- DR -- -- -- RE -- -- -- PP PD CL SU WD"),
        ("PA", "-- DR -- -- -- RE -- -- -- PP PD CL SU WD"),
        ("RJ", "SU DR -- -- -- -- -- -- -- -- -- -- SU WD"),
        ("PP", "-- -- -- -- -- -- -- -- -- PP PD -- SU --"),
        ("PD", "-- -- -- -- -- -- -- -- -- -- -- CL SU --"),
        ("CL", "-- -- -- -- -- -- -- -- -- -- -- -- SU --"),
        ("WD", "SU DR -- -- -- -- -- -- -- -- -- -- SU --"),
    ],
)
def test_the_table_of_moves(state: str, expected: str) -> None:
    """Each state allows these moves and no others; a refusal names the ones allowed."""
    assert sorted(ORDER) == sorted(Move)
    here = SHORT[state]
    for name, there in zip(ORDER, expected.split(), strict=True):
        move = Move(name)
        assert (move in moves(here)) == (there != "--")
        if there != "--":
            assert after(here, move) is SHORT[there]
            continue
        with pytest.raises(RefusedError) as caught:
            after(here, move)
        assert caught.value.code == "lifecycle.move"
        for language in LANGUAGES:
            said = caught.value.describe(language)
            assert all(text(f"move.{one}", language) in said for one in (move, *moves(here)))


def test_every_state_is_reached_and_none_is_a_dead_end() -> None:
    """Every state can be reached from a draft, and from everywhere one leads on."""
    reached = {State.DRAFT}
    for _ in State:
        reached |= {after(state, move) for state in reached for move in moves(state)}
    assert reached == set(State) == set(SHORT.values())
    assert all(moves(state) for state in State)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("side", Side)
def test_who_may_move(state: State, side: Side) -> None:
    """A side makes only its own moves, and is told which; everybody together makes all."""
    own = moves(state, side)
    assert own == tuple(move for move in moves(state) if side in BY[move])
    for move in set(moves(state)) - set(own):
        with pytest.raises(RefusedError) as caught:
            after(state, move, side)
        assert caught.value.code == "lifecycle.side"
        said = caught.value.describe("zh")
        assert text(f"side.{side}", "zh") in said
        assert all(text(f"move.{allowed}", "zh") in said for allowed in own)


def test_what_nobody_may_do_for_others() -> None:
    """A claimant never approves or pays, an approver never submits, changes or pays."""
    claimants = {Move.SUBMIT, Move.TAKE_BACK, Move.CHANGE, Move.WITHDRAW}
    approvers = {Move.RETURN, Move.APPROVE, Move.APPROVE_PARTLY, Move.REJECT}
    assert {move for move in Move if Side.CLAIMANT in BY[move]} == claimants
    assert {move for move in Move if Side.APPROVER in BY[move]} == approvers
    assert set(BY) == set(Move)


@pytest.mark.parametrize(
    ("status", "outcome", "needs_person", "expected"),
    [
        ("submitted", "pass", False, "approved"),
        ("submitted", "pass", True, "in_approval"),
        ("submitted", "reduced", False, "approved"),
        ("submitted", "reduced", True, "in_approval"),
        ("submitted", "justify", True, "waiting_for_claimant"),
        ("submitted", "review", True, "in_approval"),
        ("submitted", "reject", True, "rejected"),
        ("approved", "reject", True, "approved"),
        ("paid", "reject", True, "paid"),
        ("rejected", "pass", False, "rejected"),
        ("draft", "pass", False, "draft"),
        ("returned", "pass", False, "returned"),
        ("withdrawn", "review", True, "withdrawn"),
    ],
)
def test_the_state_of_a_claim_just_decided(
    status: str,
    outcome: str,
    needs_person: bool,  # noqa: FBT001  a case of the table
    expected: str,
) -> None:
    """What the CRM says of a claim comes first, then the decision, then the route."""
    move = move_for(ClaimStatus(status), Outcome(outcome), needs_person=needs_person)
    assert after(State.DECIDED, move) is State(expected)


@pytest.mark.parametrize("status", ClaimStatus)
@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("needs_person", [True, False])
def test_every_claim_decided_has_a_state(
    status: ClaimStatus,
    outcome: Outcome,
    needs_person: bool,  # noqa: FBT001  a case
) -> None:
    """Whatever comes in finds a move that is allowed; what does not count holds nothing."""
    state = after(State.DECIDED, move_for(status, outcome, needs_person=needs_person))
    if status not in DECIDED_STATUSES:
        assert state in UNCOUNTED
    if state is State.REJECTED:
        assert outcome is Outcome.REJECT or status is ClaimStatus.REJECTED


# One claim's standing


def cny(minor: int) -> Money:
    """Give an amount in fen."""
    return Money(minor, "CNY")


def refused(code: str, standing: Standing, move: Move, by: Side | None, reason: str = "") -> None:
    """Expect a move to be refused."""
    with pytest.raises(RefusedError) as caught:
        standing.moved(move, by, reason=reason)
    assert caught.value.code == code
    assert caught.value.describe("zh") != caught.value.describe("en")


def test_a_return_needs_a_reason_and_makes_a_new_version() -> None:
    """Who returns says why; what is submitted again is the next version, without that reason."""
    sent = Standing().moved(Move.SUBMIT, Side.CLAIMANT).moved(Move.DECIDE).moved(Move.ASK_APPROVAL)
    assert (sent.state, sent.version) == (State.IN_APPROVAL, 1)
    refused("lifecycle.reason", sent, Move.RETURN, Side.APPROVER, " ")
    refused("lifecycle.reason", sent, Move.REJECT, Side.APPROVER)
    back = sent.moved(Move.RETURN, Side.APPROVER, reason="no receipt")
    assert (back.state, back.version, back.reason) == (State.RETURNED, 1, "no receipt")
    again = back.moved(Move.SUBMIT, Side.CLAIMANT)
    assert (again.state, again.version, again.reason) == (State.SUBMITTED, 2, "")
    program = sent.moved(Move.RETURN, Side.PROGRAM)
    assert (program.state, program.reason) == (State.RETURNED, "")


def test_approved_line_by_line() -> None:
    """Lines may be refused with a reason; then the claim is partly approved."""
    asked = Standing(State.IN_APPROVAL, 1)
    whole = asked.approved(cny(1000))
    assert (whole.state, whole.due, whole.refused) == (State.APPROVED, cny(1000), ())
    part = asked.approved(cny(600), ("L-2",), reason="private")
    assert (part.state, part.refused, part.reason) == (State.PARTLY_APPROVED, ("L-2",), "private")
    with pytest.raises(RefusedError, match="reason"):
        asked.approved(cny(600), ("L-2",))


@pytest.mark.parametrize(
    ("due", "parts", "states"),
    [
        (1000, [1000], ["paid"]),
        (1000, [1, 998, 1], ["partly_paid", "partly_paid", "paid"]),
        (-500, [-200, -300], ["partly_paid", "paid"]),  # the claimant owes
    ],
)
def test_payments(due: int, parts: list[int], states: list[str]) -> None:
    """Several payments add up exactly; the last one makes the claim paid, then it is closed."""
    here = Standing(State.APPROVED, 1, due=cny(due))
    for minor, expected in zip(parts, states, strict=True):
        here = here.after_payment(cny(minor))
        assert here.state is State(expected)
    assert (here.paid, here.open_amount) == (cny(due), 0)
    assert here.moved(Move.CLOSE, Side.PAYER).state is State.CLOSED


@pytest.mark.parametrize(
    ("standing", "amount"),
    [
        (Standing(State.APPROVED, 1, due=cny(1000)), cny(1001)),
        (Standing(State.APPROVED, 1, due=cny(1000)), cny(0)),
        (Standing(State.APPROVED, 1, due=cny(1000)), cny(-1)),
        (Standing(State.PARTLY_PAID, 1, due=cny(1000), paid=cny(999)), cny(2)),
        (Standing(State.APPROVED, 1, due=cny(1000)), Money(1000, "USD")),
        (Standing(State.APPROVED, 1), cny(5)),
    ],
)
def test_payments_that_are_refused(standing: Standing, amount: Money) -> None:
    """Never more than is open, never nothing, never another currency, never without an approval."""
    with pytest.raises(RefusedError) as caught:
        standing.after_payment(amount)
    assert caught.value.code == "lifecycle.payment"


def test_once_money_has_moved() -> None:
    """A claimant changes no paid claim; what the CRM corrects keeps what was paid."""
    paid = Standing(State.APPROVED, 1, due=cny(1000)).after_payment(cny(1000))
    refused("lifecycle.paid", paid, Move.CHANGE, Side.CLAIMANT)
    corrected = paid.moved(Move.CHANGE, Side.PROGRAM).moved(Move.DECIDE)
    assert (corrected.version, corrected.paid) == (2, cny(1000))
    refused("lifecycle.paid", corrected, Move.WITHDRAW, Side.CLAIMANT)
    less = corrected.approved(cny(800))
    assert less.open_amount == -200
    refused("lifecycle.unpaid", less, Move.CLOSE, Side.PAYER)
    assert less.after_payment(cny(-200)).state is State.PAID
    equal = corrected.approved(cny(1000))
    assert equal.moved(Move.CLOSE).state is State.CLOSED


class Life(RuleBasedStateMachine):
    """Random moves on one claim, against a model that is a few plain numbers and a list."""

    def __init__(self) -> None:
        super().__init__()
        self.here = Standing()
        self.submitted = 0
        self.due = 0
        self.payments: list[int] = []

    @rule(
        move=st.sampled_from(Move),
        side=st.sampled_from((None, *Side)),
        reason=st.sampled_from("x "),
    )
    def move(self, move: Move, side: Side | None, reason: str) -> None:
        """Try any move by anybody: made exactly when the table, the side and the reason fit."""
        if move in (Move.PAY, Move.PAY_PART):
            return
        allowed = move in moves(self.here.state) and (side is None or side in BY[move])
        speaks = move not in NEEDS_REASON or side is Side.PROGRAM or reason.strip()
        late = move in (Move.CHANGE, Move.TAKE_BACK, Move.WITHDRAW) and sum(self.payments)
        settled = move is not Move.CLOSE or self.due == sum(self.payments)
        fits = allowed and speaks and settled and (not late or side is Side.PROGRAM)
        try:
            self.here = self.here.moved(move, side, reason=reason)
        except RefusedError:
            assert not fits
            return
        assert fits
        if move in (Move.SUBMIT, Move.CHANGE):
            self.submitted += 1
            self.due = 0

    @rule(minor=st.integers(-3, 9), lines=st.sampled_from(((), ("L",))))
    def approve(self, minor: int, lines: tuple[str, ...]) -> None:
        """Approve some amount, with or without refused lines."""
        with suppress(RefusedError):
            self.here = self.here.approved(cny(minor), lines, reason="because")
            self.due = minor

    @rule(minor=st.integers(-9, 9))
    def pay(self, minor: int) -> None:
        """Pay some amount: accepted exactly when it is a part of what is open."""
        rest = self.due - sum(self.payments)
        payable = Move.PAY_PART in moves(self.here.state) and self.here.due is not None
        fits = payable and minor and (0 < minor <= rest or rest <= minor < 0)
        try:
            self.here = self.here.after_payment(cny(minor))
        except RefusedError:
            assert not fits
            return
        assert fits
        self.payments.append(minor)

    @invariant()
    def sums_are_exact(self) -> None:
        """What was paid is the sum of payments; a paid claim is paid to the last fen."""
        assert (self.here.paid.minor if self.here.paid else 0) == sum(self.payments)
        assert self.here.version == self.submitted
        if self.here.state in (State.PAID, State.CLOSED):
            assert self.due == sum(self.payments)
        if self.here.state is State.PARTLY_PAID:
            assert self.due != sum(self.payments)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
