"""A claim's life: what each thing that happens makes of it, who is asked, and who is told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from small_firm import AT, cny, decided, line, organisation

from crm_expenses.core.approval import (
    Approval,
    ApprovalTerms,
    Authority,
    Content,
    Deadline,
    LineContent,
    Organisation,
    Provenance,
    Verdict,
    Word,
    signature,
)
from crm_expenses.core.approval.content import content
from crm_expenses.core.approval.reroute import Moved
from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.life import (
    SETTLED,
    Frame,
    Life,
    Submitted,
    Turn,
    after_closing,
    after_decision,
    after_payment,
    after_time,
    word_counts,
)
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.payment import PaymentTerms
from crm_expenses.core.record import digest
from crm_expenses.errors import RefusedError

FIRM = organisation({"ann": "bob", "bob": "cid", "cid": "", "eve": "cid"}, {"finance": ["eve"]})
LINE = Authority("line", ("manager",), above=0)
GIFTS = Authority("gifts", ("role:finance",), on=frozenset({"gift"}))
LATE = replace(LINE, deadline=Deadline(1, 2))
Lines = dict[str, tuple[str, int]]
TWO: Lines = {"1": ("meal", 300), "2": ("meal", 200)}


def frame(
    decision: Decision,
    *steps: Authority,
    days: int = 0,
    firm: Organisation = FIRM,
    payment: PaymentTerms | None = None,
) -> Frame:
    """Give what a life is looked at with, so many days after the first."""
    terms, calendar = ApprovalTerms(), WorkCalendar()
    at = AT + timedelta(days=days)
    return Frame(decision, firm, at, steps, terms, payment or PaymentTerms(), calendar)


def content_of(lines: Lines, claimant: str = "ann") -> Content:
    """Give what there is to approve."""
    made = [LineContent(name, of, cny(minor), cny(minor)) for name, (of, minor) in lines.items()]
    return content("C", claimant, made)


def decision_of(lines: Lines, outcome: Outcome = Outcome.PASS) -> Decision:
    """Give the decision on lines; steps on some categories are due as the decision carries them."""
    made = decided(*(line(name, minor, outcome) for name, (_, minor) in lines.items()))
    has_gifts = any(of == "gift" for of, _ in lines.values())
    return replace(made, approvals=("gifts",) if has_gifts else ())


def now(
    lines: Lines,
    said: str = "",
    status: ClaimStatus = ClaimStatus.SUBMITTED,
    trusted: Provenance = Provenance.PLAIN_FIELD,
) -> Submitted:
    """Give a claim as it was submitted; `said` is what else stands in it."""
    mark = digest([sorted(lines.items()), said])
    return Submitted(status, mark, content_of(lines), trusted=trusted)


def spoken(
    turn: Turn, word: Word, of: Frame, given: tuple[Approval, ...] = ()
) -> tuple[Turn, tuple[Approval, ...]]:
    """Let somebody speak; give what comes of it, and the words that count then."""
    said = word_counts(turn.life, given, word, of)
    counting = (*given, said)
    return after_time(turn.life, counting, of), counting


def told(turn: Turn) -> list[tuple[str, str]]:
    """Give who was told what."""
    return [(one.person, one.code) for one in turn.notices]


def test_without_a_step_a_claim_is_approved_at_once() -> None:
    """What nobody must see is approved, due on the day of the cycle, and the claimant is told."""
    turn = after_decision(None, (), now(TWO), frame(decision_of(TWO)))
    assert (turn.life.state, turn.life.standing.due) == (State.APPROVED, cny(500))
    assert turn.life.due_on == date(2026, 3, 3)
    assert told(turn) == [("ann", "approved")]
    assert turn.left.steps == ()


def test_a_step_is_asked_and_answered() -> None:
    """The manager is asked and told; with the yes the claim is approved, and nobody is asked."""
    of = frame(decision_of(TWO), LINE)
    turn = after_decision(None, (), now(TWO), of)
    assert (turn.life.state, turn.life.asked, turn.life.open_step) == (
        State.IN_APPROVAL,
        ("bob",),
        "line",
    )
    assert told(turn) == [("bob", "asked")]
    assert [step.approver for step in turn.left.steps] == ["bob"]
    after, _ = spoken(turn, Word("bob", of.at), of)
    assert (after.life.state, after.life.asked, after.left.steps) == (State.APPROVED, (), ())
    assert told(after) == [("ann", "approved")]


def test_steps_follow_each_other() -> None:
    """After the first yes the second step is open, and its people are told."""
    lines: Lines = {"1": ("gift", 300)}
    of = frame(decision_of(lines), LINE, GIFTS)
    turn, given = spoken(after_decision(None, (), now(lines), of), Word("bob", of.at), of)
    assert (turn.life.asked, [one.code for one in turn.left.steps]) == (("eve",), ["gifts"])
    assert told(turn) == [("eve", "asked")]
    turn, _ = spoken(turn, Word("eve", of.at), of, given)
    assert turn.life.state is State.APPROVED


def test_a_change_voids_what_it_must() -> None:
    """A changed meal voids the line manager's yes, and keeps the one that covers gifts only."""
    lines: Lines = {"1": ("meal", 300), "2": ("gift", 100)}
    of = frame(decision_of(lines), GIFTS, LINE)
    turn, given = spoken(after_decision(None, (), now(lines), of), Word("eve", of.at), of)
    turn, given = spoken(turn, Word("bob", of.at), of, given)
    assert turn.life.state is State.APPROVED
    changed: Lines = {**lines, "1": ("meal", 301)}
    later = frame(decision_of(changed), GIFTS, LINE, days=1)
    turn = after_decision(turn.life, given, now(changed), later)
    assert [one.approval.approver for one in turn.voided] == ["bob"]
    assert (turn.life.state, turn.life.asked) == (State.IN_APPROVAL, ("bob",))
    assert (turn.life.standing.version, turn.life.since) == (2, later.at)
    assert told(turn) == [("bob", "void"), ("ann", "voided"), ("bob", "asked")]
    assert dict(turn.notices[0].values)["parts"] == "amount, allowed"


def test_words_beside_the_amounts_void_nothing() -> None:
    """Where only something changed that nobody signs, the version and the yes stay."""
    of = frame(decision_of(TWO), LINE)
    turn, given = spoken(after_decision(None, (), now(TWO), of), Word("bob", of.at), of)
    later = frame(decision_of(TWO), LINE, days=1)
    again = after_decision(turn.life, given, now(TWO, "another purpose"), later)
    assert (again.life.state, again.life.standing.version) == (State.APPROVED, 1)
    assert (again.voided, again.notices, again.life.since) == ((), (), turn.life.since)


@pytest.mark.parametrize(
    ("verdict", "state"), [(Verdict.RETURN, State.RETURNED), (Verdict.REJECT, State.REJECTED)]
)
def test_a_no_stands_until_it_is_submitted_anew(verdict: Verdict, state: State) -> None:
    """Decided again, a returned claim stays returned; submitted anew it is the next version."""
    lines: Lines = {"1": ("gift", 300), "2": ("meal", 100)}
    of = frame(decision_of(lines), GIFTS, LINE)
    turn, given = spoken(after_decision(None, (), now(lines), of), Word("eve", of.at), of)
    word = Word("bob", of.at, verdict, reason="no voucher")
    turn, given = spoken(turn, word, of, given)
    assert (turn.life.state, turn.life.standing.version) == (state, 1)
    assert turn.life.standing.reason == "no voucher"
    assert told(turn) == [("ann", state.value)]
    same = after_decision(turn.life, given, now(lines), of)
    assert (same.life.state, same.notices) == (state, ())
    again = after_decision(turn.life, given, now(lines, "with its voucher"), of)
    assert (again.life.state, again.life.standing.version) == (State.IN_APPROVAL, 2)
    assert again.life.asked == ("bob",)  # what eve said of the first version still stands
    assert again.life.standing.reason == ""


def test_the_policy_rejects_and_changes_its_mind() -> None:
    """What the policy rejects is rejected without anybody's reason; decided again it may pass."""
    turn = after_decision(None, (), now(TWO), frame(decision_of(TWO, Outcome.REJECT), LINE))
    assert (turn.life.state, told(turn)) == (State.REJECTED, [("ann", "rejected")])
    again = after_decision(turn.life, (), now(TWO), frame(decision_of(TWO), LINE))
    assert (again.life.state, again.life.standing.version) == (State.IN_APPROVAL, 1)


def test_the_claimant_is_waited_for_first() -> None:
    """While something is missing nobody is asked; completed, it is the same version."""
    turn = after_decision(None, (), now(TWO), frame(decision_of(TWO, Outcome.JUSTIFY), LINE))
    assert (turn.life.state, turn.life.asked) == (State.WAITING_FOR_CLAIMANT, ())
    assert told(turn) == [("ann", "waiting_for_claimant")]
    with pytest.raises(RefusedError) as caught:
        word_counts(turn.life, (), Word("bob", AT), frame(decision_of(TWO), LINE))
    assert caught.value.code == "lifecycle.move"
    again = after_decision(turn.life, (), now(TWO, "why"), frame(decision_of(TWO), LINE))
    assert (again.life.state, again.life.standing.version) == (State.IN_APPROVAL, 1)


def test_nobody_speaks_of_what_is_approved() -> None:
    """A return of an approved claim is refused: nothing is open."""
    of = frame(decision_of(TWO))
    turn = after_decision(None, (), now(TWO), of)
    with pytest.raises(RefusedError) as caught:
        word_counts(turn.life, (), Word("bob", AT, Verdict.RETURN, reason="x"), of)
    assert caught.value.code == "approvals.nothing_open"


@pytest.mark.parametrize(
    ("least", "trusted", "state"),
    [
        (Provenance.PLAIN_FIELD, Provenance.PLAIN_FIELD, State.APPROVED),
        (Provenance.ASSERTED, Provenance.PLAIN_FIELD, State.IN_APPROVAL),
        (Provenance.AUDITED_FIELD, Provenance.CRM_PROCESS, State.APPROVED),
    ],
)
def test_a_status_of_the_crm_counts_as_far_as_it_is_trusted(
    least: Provenance, trusted: Provenance, state: State
) -> None:
    """`approved` in the CRM is an approval only where every step accepts such a field."""
    of = frame(decision_of(TWO), replace(LINE, accepts=least))
    turn = after_decision(None, (), now(TWO, status=ClaimStatus.APPROVED, trusted=trusted), of)
    assert turn.life.state is state


def test_what_the_crm_has_paid_is_paid() -> None:
    """A claim that the CRM says is paid waits for nobody, and nothing is due."""
    of = frame(decision_of(TWO), LINE)
    turn = after_decision(None, (), now(TWO, status=ClaimStatus.PAID), of)
    standing = turn.life.standing
    assert (standing.state, standing.open_amount, turn.life.due_on) == (State.PAID, 0, None)
    assert (turn.left.steps, turn.notices) == ((), ())


def approved_in_part() -> tuple[Turn, tuple[Approval, ...], Frame]:
    """Give a claim of which the second line was refused."""
    of = frame(decision_of(TWO), LINE)
    word = Word("bob", of.at, refused=("2",), reason="private")
    turn, given = spoken(after_decision(None, (), now(TWO), of), word, of)
    return turn, given, of


def test_lines_are_refused_one_by_one() -> None:
    """What is due is the sum of the lines that were approved."""
    turn, _, _ = approved_in_part()
    assert (turn.life.state, turn.life.standing.due) == (State.PARTLY_APPROVED, cny(300))
    assert turn.life.standing.refused == ("2",)
    assert [dict(one.values)["lines"] for one in turn.notices] == ["2"]


def test_all_lines_refused_is_a_rejection() -> None:
    """Where no line is left the claim is rejected."""
    of = frame(decision_of(TWO), LINE)
    word = Word("bob", of.at, refused=("1", "2"), reason="private")
    turn, _ = spoken(after_decision(None, (), now(TWO), of), word, of)
    assert (turn.life.state, turn.life.standing.due) == (State.REJECTED, None)


def test_it_is_paid_in_parts() -> None:
    """Each payment is told; the last one ends what is due; more than is open is refused."""
    turn, _, _ = approved_in_part()
    half = after_payment(turn.life, cny(100))
    assert (half.life.state, half.life.due_on) == (State.PARTLY_PAID, turn.life.due_on)
    assert told(half) == [("ann", "paid")]
    with pytest.raises(RefusedError):
        after_payment(half.life, cny(201))
    whole = after_payment(half.life, cny(200))
    assert (whole.life.state, whole.life.due_on) == (State.PAID, None)


def test_decided_again_what_was_paid_stays_paid() -> None:
    """A decision that changes nothing leaves payments, and a closed claim closed."""
    turn, given, of = approved_in_part()
    for amount, state in ((100, State.PARTLY_PAID), (200, State.PAID)):
        turn = after_payment(turn.life, cny(amount))
        again = after_decision(turn.life, given, now(TWO, "x"), of)
        assert (again.life.state, again.life.standing.paid) == (state, turn.life.standing.paid)
    closed = replace(turn.life, standing=replace(turn.life.standing, state=State.CLOSED))
    assert after_decision(closed, given, now(TWO, "y"), of).life.state is State.CLOSED


def test_a_change_after_payment_asks_for_the_rest_back() -> None:
    """Approved for less than was paid, the difference is open the other way."""
    of = frame(decision_of(TWO))
    paid = after_payment(after_decision(None, (), now(TWO), of).life, cny(500))
    less: Lines = {"1": ("meal", 300)}
    turn = after_decision(paid.life, (), now(less), frame(decision_of(less)))
    assert (turn.life.state, turn.life.standing.open_amount) == (State.PARTLY_PAID, -200)
    back = after_payment(turn.life, cny(-200))
    assert (back.life.state, back.life.standing.paid) == (State.PAID, cny(300))


def test_another_currency_of_the_policy_leaves_payments_alone() -> None:
    """What was paid in another currency is not taken for a part of what is due now."""
    of = frame(decision_of(TWO))
    life = after_decision(None, (), now(TWO), of).life
    paid = replace(life, standing=replace(life.standing, paid=Money(100, "EUR")))
    again = after_decision(paid, (), now(TWO, "x"), of)
    assert (again.life.state, again.life.standing.paid) == (State.APPROVED, Money(100, "EUR"))


def test_whoever_waits_is_reminded_once_and_then_others_are_asked() -> None:
    """A reminder after a day, once; after two days those above are asked, too, once."""
    start = after_decision(None, (), now(TWO), frame(decision_of(TWO), LATE))
    turns = [start]
    for days in (0, 1, 1, 2, 2, 3):
        of = frame(decision_of(TWO), LATE, days=days)
        turns.append(after_time(turns[-1].life, (), of))
    assert [told(one) for one in turns] == [
        [("bob", "asked")],
        [],
        [("bob", "reminder")],
        [],
        [("cid", "escalated")],
        [],
        [],
    ]
    last = turns[-1].life
    assert (last.asked, last.escalated, last.reminded) == (("bob", "cid"), ("line",), ("line",))
    of = frame(decision_of(TWO), LATE, days=3)
    done, _ = spoken(turns[-1], Word("cid", of.at), of)
    assert done.life.state is State.APPROVED


def test_whoever_is_newly_asked_is_not_reminded() -> None:
    """Asked of a step that is late already, nobody is told two things at once."""
    turn = after_decision(None, (), now(TWO), frame(decision_of(TWO), LATE))
    firm = organisation({"ann": "bob", "bob": "cid", "cid": ""}, gone=["bob"])
    moved = after_time(turn.life, (), frame(decision_of(TWO), LATE, days=1, firm=firm))
    assert told(moved) == [("cid", "asked"), ("bob", "not_asked")]


def test_a_new_version_is_not_late() -> None:
    """A change begins the time anew: whoever stood above is asked no longer."""
    turn = after_decision(None, (), now(TWO), frame(decision_of(TWO), LATE))
    turn = after_time(turn.life, (), frame(decision_of(TWO), LATE, days=3))
    assert turn.life.asked == ("bob", "cid")
    changed: Lines = {"1": ("meal", 9)}
    of = frame(decision_of(changed), LATE, days=3)
    again = after_decision(turn.life, (), now(changed), of)
    assert (again.life.asked, again.life.escalated, again.life.reminded) == (("bob",), (), ())
    assert told(again) == [("cid", "not_asked")]


def test_the_organisation_changes() -> None:
    """When the manager has left, the one above is asked; both are told, and the move says why."""
    turn = after_decision(None, (), now(TWO), frame(decision_of(TWO), LINE))
    firm = organisation({"ann": "bob", "bob": "cid", "cid": ""}, gone=["bob"])
    moved = after_time(turn.life, (), frame(decision_of(TWO), LINE, firm=firm))
    assert moved.life.asked == ("cid",)
    assert told(moved) == [("cid", "asked"), ("bob", "not_asked")]
    assert moved.moves[0].gone == (("bob", Moved.LEFT),)
    assert after_time(moved.life, (), frame(decision_of(TWO), LINE, firm=firm)).notices == ()


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (ClaimStatus.WITHDRAWN, State.WITHDRAWN),
        (ClaimStatus.DRAFT, State.DRAFT),
        (ClaimStatus.RETURNED, State.RETURNED),
        (ClaimStatus.REJECTED, State.REJECTED),
    ],
)
def test_the_crm_ends_it(status: ClaimStatus, state: State) -> None:
    """Whoever was asked is told; submitted again, even unchanged, it is the next version."""
    of = frame(decision_of(TWO), LINE)
    turn = after_decision(None, (), now(TWO), of)
    closed = after_closing(turn.life, status, of.at)
    assert (closed.life.state, closed.life.asked, closed.left.steps) == (state, (), ())
    assert told(closed) == [("bob", "not_asked")]
    again = after_decision(closed.life, (), now(TWO), of)
    assert (again.life.state, again.life.standing.version) == (State.IN_APPROVAL, 2)


def test_after_closing_a_paid_claim_what_was_paid_is_known() -> None:
    """A claim that the CRM takes back after payment keeps what was paid of it."""
    of = frame(decision_of(TWO))
    paid = after_payment(after_decision(None, (), now(TWO), of).life, cny(500))
    closed = after_closing(paid.life, ClaimStatus.WITHDRAWN, of.at)
    assert (closed.life.state, closed.life.standing.paid) == (State.WITHDRAWN, cny(500))
    again = after_decision(closed.life, (), now(TWO), of)
    assert (again.life.state, again.life.standing.version) == (State.PAID, 2)


class Lives(RuleBasedStateMachine):
    """A claim through random lives, against what must hold of each."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: Lines = dict(TWO)
        self.said = 0
        self.days = 0
        self.outcome = Outcome.PASS
        self.life: Life | None = None
        self.given: tuple[Approval, ...] = ()
        self.turn: Turn | None = None

    def frame(self) -> Frame:
        """Give the frame of now."""
        return frame(decision_of(self.lines, self.outcome), LATE, GIFTS, days=self.days)

    def follow(self, turn: Turn) -> None:
        """Keep what a turn makes, as the store does."""
        gone = {one.approval for one in turn.voided}
        self.given = tuple(one for one in self.given if one not in gone)
        assert self.life is None or turn.life.standing.version >= self.life.standing.version
        self.life, self.turn = turn.life, turn

    @rule(outcome=st.sampled_from((*(Outcome.PASS,) * 4, Outcome.JUSTIFY, Outcome.REJECT)))
    def decide(self, outcome: Outcome) -> None:
        """It is decided as it is."""
        self.outcome = outcome
        self.follow(after_decision(self.life, self.given, now(self.lines, str(self.said)),
                                   self.frame()))  # fmt: skip

    @rule(
        name=st.sampled_from("123"),
        of=st.sampled_from(("meal", "gift")),
        minor=st.integers(1, 900),
    )
    def change(self, name: str, of: str, minor: int) -> None:
        """A line comes or changes."""
        self.lines[name] = (of, minor)
        self.decide(Outcome.PASS)

    @rule()
    def resubmit(self) -> None:
        """The claimant submits it anew, with other words."""
        self.said += 1
        self.decide(Outcome.PASS)

    @rule(
        by=st.sampled_from(("ann", "bob", "cid", "eve")),
        verdict=st.sampled_from((*(Verdict.APPROVE,) * 4, Verdict.REJECT, Verdict.RETURN)),
        refused=st.sets(st.sampled_from("12")),
    )
    def speak(self, by: str, verdict: Verdict, refused: set[str]) -> None:
        """Somebody speaks; who is not asked does not count."""
        if self.life is None:
            return
        of = self.frame()
        lines = tuple(refused) if verdict is Verdict.APPROVE else ()
        word = Word(by, of.at, verdict, refused=lines, reason="r")
        try:
            said = word_counts(self.life, self.given, word, of)
        except RefusedError:
            return
        assert by in self.life.asked or self.days
        self.given = (*self.given, said)
        self.follow(after_time(self.life, self.given, of))

    @rule(days=st.integers(1, 3))
    def wait(self, days: int) -> None:
        """Time passes."""
        self.days += days
        if self.life is not None and self.life.state is State.IN_APPROVAL:
            self.follow(after_time(self.life, self.given, self.frame()))

    @rule(part=st.integers(1, 4))
    def pay(self, part: int) -> None:
        """A part of what is open is paid, or comes back."""
        if self.life is None or self.life.state not in SETTLED - {State.PAID, State.CLOSED}:
            return
        amount = self.life.standing.open_amount // part
        if amount:
            self.follow(after_payment(self.life, cny(amount)))

    @rule(status=st.sampled_from((ClaimStatus.WITHDRAWN, ClaimStatus.DRAFT)))
    def close(self, status: ClaimStatus) -> None:
        """The claimant takes it back."""
        if self.life is not None:
            self.follow(after_closing(self.life, status, self.frame().at))

    @invariant()
    def only_who_waits_is_asked(self) -> None:
        """Somebody is asked exactly while it is in approval, and never the claimant."""
        if self.life is not None:
            assert bool(self.life.asked) == (self.life.state is State.IN_APPROVAL)
            assert "ann" not in self.life.asked

    @invariant()
    def what_is_approved_was_approved(self) -> None:
        """Each word that counts signs what stands now; approved is what every step said yes to."""
        if self.life is None:
            return
        yes = [one for one in self.given if one.verdict is Verdict.APPROVE]
        assert all(one.signed == signature(self.life.content, one.on) for one in yes)
        standing = self.life.standing
        if standing.state not in SETTLED:
            assert standing.due is None
            return
        seats = {seat for one in yes for seat in one.seats}
        assert {seat.id for step in self.life.route.steps for seat in step.seats} <= seats
        kept = [m for name, (_, m) in self.lines.items() if name not in standing.refused]
        assert standing.due == cny(sum(kept))
        assert (standing.state is State.PAID) == (bool(standing.paid) and not standing.open_amount)

    @invariant()
    def nobody_is_told_twice_in_one_turn(self) -> None:
        """One turn tells each person each thing once."""
        if self.turn is not None:
            assert len(self.turn.notices) == len(set(self.turn.notices))


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
