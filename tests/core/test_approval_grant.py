"""Whether a word counts, what it fills, and what comes out of a route."""

from dataclasses import replace
from datetime import timedelta

import pytest
from small_firm import AT, cny, decided, line, organisation, routed

from crm_expenses.core.approval import (
    Approval,
    Authority,
    Deadline,
    Group,
    Late,
    Provenance,
    Route,
    Substitute,
    Verdict,
    Word,
    admit,
    content_code,
    lateness,
    opened_at,
    progress,
    signature,
)
from crm_expenses.core.approval.content import LineContent, content
from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.lifecycle import Move
from crm_expenses.errors import RefusedError

CLAIM = content(
    "C", "ann", [LineContent("G", "gift", cny(5), cny(5)), LineContent("M", "meal", cny(7), cny(7))]
)
FIRM = organisation(
    {"ann": "bob", "bob": "cy"},
    {"finance": ["f", "g"], "legal": ["l", "ann"]},
    [Substitute("eve", "bob")],
)
LINE = Authority("line", ("manager",), above=0)
BOTH = Authority("both", ("role:finance", "role:legal"), above=0, group=Group.ALL)
GIFTS = Authority("gifts", ("role:legal",), on=frozenset({"gift"}))


def route(*steps: Authority) -> Route:
    """Give the route of a claim with a gift and a meal."""
    made = decided(line("G", 5), line("M", 7), approvals=("gifts",))
    return routed(made, steps, FIRM, categories={"G": "gift", "M": "meal"})


def refused(word: Word, of: Route, given: tuple[Approval, ...] = ()) -> str:
    """Give the code of the refusal of a word; it reads in both languages."""
    with pytest.raises(RefusedError) as caught:
        admit(word, of, CLAIM, given)
    assert caught.value.describe("zh") != caught.value.describe("en")
    assert "{" not in caught.value.describe("en")
    return caught.value.code


def test_in_sequence() -> None:
    """Steps open one after the other; each word fills its seat, and signs what the step covers."""
    whole = route(LINE, GIFTS)
    assert progress(whole, [], CLAIM).acts_next == ("eve", "bob")
    assert refused(Word("l", AT), whole) == "approvals.not_asked"
    assert refused(Word("l", AT, step="gifts"), whole) == "approvals.turn"
    assert refused(Word("bob", AT, step="cfo"), whole) == "approvals.no_step"
    first = admit(Word("bob", AT), whole, CLAIM, [])
    assert (first.seats, first.on, first.instead_of) == (("line manager",), None, "")
    assert first.signed == signature(CLAIM)
    here = progress(whole, [first], CLAIM)
    assert (here.done, here.acts_next, here.move) == (("line",), ("l",), None)
    assert refused(Word("bob", AT), whole, (first,)) == "approvals.not_asked"
    second = admit(Word("l", AT, step="gifts"), whole, CLAIM, [first])
    assert (second.on, second.signed) == (GIFTS.on, signature(CLAIM, GIFTS.on))
    done = progress(whole, [first, second], CLAIM)
    assert (done.move, done.approved, done.refused) == (Move.APPROVE, ("G", "M"), ())
    assert refused(Word("bob", AT), whole, (first, second)) == "approvals.nothing_open"


def test_a_substitute_says_for_whom() -> None:
    """A word of somebody who has no right of their own names whom they act for."""
    word = admit(Word("eve", AT), route(LINE), CLAIM, [])
    assert (word.approver, word.instead_of) == ("eve", "bob")


def test_all_of_a_group_in_any_order() -> None:
    """Each seat needs a yes; one yes of one person fills each seat that is theirs."""
    whole = route(BOTH)
    legal = admit(Word("l", AT), whole, CLAIM, [])
    here = progress(whole, [legal], CLAIM)
    assert (here.done, here.acts_next) == ((), ("f", "g"))
    finance = admit(Word("g", AT), whole, CLAIM, [legal])
    assert finance.seats == ("both role:finance",)
    assert progress(whole, [finance, legal], CLAIM).move is Move.APPROVE
    one = Authority("both", ("role:finance", "person:f"), above=0, group=Group.ALL)
    both = admit(Word("f", AT), route(one), CLAIM, [])
    assert both.seats == ("both role:finance", "both person:f")
    assert progress(route(one), [both], CLAIM).move is Move.APPROVE


def test_joined_steps_take_one_yes() -> None:
    """A yes for a step counts for the next one of the same people, and signs for both."""
    narrow = Authority(
        "narrow", ("manager",), on=frozenset({"gift"}), accepts=Provenance.CRM_PROCESS
    )
    made = decided(line("G", 5), line("M", 7), approvals=("narrow",))
    whole = routed(made, [narrow, LINE], FIRM, categories={"G": "gift", "M": "meal"})
    assert [one.is_joined for one in whole.steps] == [False, True]
    assert refused(Word("bob", AT), whole) == "approvals.provenance"
    code = content_code(CLAIM)
    word = Word("bob", AT, provenance=Provenance.CRM_PROCESS, step="line", seen=code)
    yes = admit(word, whole, CLAIM, [])
    assert (yes.seats, yes.on) == (("narrow manager", "line manager"), None)
    assert progress(whole, [yes], CLAIM).move is Move.APPROVE
    gifts = replace(narrow, accepts=None)
    meals = replace(gifts, code="gifts2", on=frozenset({"meal"}))
    made = decided(line("G", 5), line("M", 7), approvals=("narrow", "gifts2"))
    two = routed(made, [gifts, meals], FIRM, categories={"G": "gift", "M": "meal"})
    assert admit(Word("bob", AT), two, CLAIM, []).on == {"gift", "meal"}


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (Word("ann", AT), "approvals.own"),
        (Word("ann", AT, provenance=Provenance.CRM_PROCESS), "approvals.own"),
        (Word("cy", AT), "approvals.not_asked"),
        (Word("bob", AT, provenance=Provenance.PLAIN_FIELD), "approvals.provenance"),
        (Word("bob", AT, seen="0" * 16), "approvals.content"),
        (Word("bob", AT, provenance=Provenance.AUDITED_FIELD), "approvals.unseen"),
        (Word("bob", AT, provenance=Provenance.CRM_PROCESS), "approvals.unseen"),
        (Word("bob", AT, Verdict.REJECT), "approvals.reason"),
        (Word("bob", AT, Verdict.RETURN, reason=" "), "approvals.reason"),
        (Word("bob", AT, refused=("G",)), "approvals.reason"),
        (Word("bob", AT, refused=("X",), reason="no"), "approvals.line"),
    ],
)
def test_words_that_do_not_count(word: Word, code: str) -> None:
    """A word is refused with its reason, never silently taken or dropped."""
    assert refused(word, route(LINE)) == code


def test_who_claims_by_the_content_is_refused_too() -> None:
    """The claimant is who the route says, and who the content says."""
    other = replace(route(LINE), claimant="somebody")
    assert refused(Word("ann", AT), other) == "approvals.own"


def test_lines_outside_the_step_cannot_be_refused() -> None:
    """Who looks at gifts only has no say about a meal."""
    word = Word("l", AT, refused=("M",), reason="no")
    assert refused(word, route(GIFTS)) == "approvals.line"


def test_the_code_that_was_seen() -> None:
    """An approval from a CRM counts with the code of the content that is there now."""
    seen = Word("bob", AT, provenance=Provenance.CRM_PROCESS, seen=content_code(CLAIM))
    assert admit(seen, route(LINE), CLAIM, []).provenance is Provenance.CRM_PROCESS


def test_no_and_back_end_the_route_for_their_version() -> None:
    """The last no or return of this version decides; those of earlier versions are history."""
    whole = route(LINE, GIFTS)
    yes = admit(Word("bob", AT), whole, CLAIM, [])
    back = admit(Word("l", AT, Verdict.RETURN, reason="which?"), whole, CLAIM, [yes])
    ended = progress(whole, [yes, back], CLAIM)
    assert (ended.move, ended.word, ended.open) == (Move.RETURN, back, None)
    later = replace(back, verdict=Verdict.REJECT, at=AT + timedelta(hours=1))
    assert progress(whole, [later, yes, back], CLAIM).move is Move.REJECT
    again = progress(whole, [yes, back], CLAIM, version=2)
    assert (again.move, again.done, again.acts_next) == (None, ("line",), ("l",))
    second = admit(Word("l", AT, version=2), whole, CLAIM, [yes, back])
    assert progress(whole, [yes, back, second], CLAIM, version=2).move is Move.APPROVE


@pytest.mark.parametrize(
    ("by_line", "by_gifts", "move", "approved"),
    [
        ((), (), Move.APPROVE, ("G", "M")),
        (("G",), (), Move.APPROVE_PARTLY, ("M",)),
        ((), ("G",), Move.APPROVE_PARTLY, ("M",)),
        (("M",), ("G",), Move.REJECT, ()),
        (("G", "M"), (), Move.REJECT, ()),
    ],
)
def test_line_by_line(
    by_line: tuple[str, ...], by_gifts: tuple[str, ...], move: Move, approved: tuple[str, ...]
) -> None:
    """A line that any step refuses is not approved; without any line left the claim is rejected."""
    whole = route(LINE, GIFTS)
    first = admit(Word("bob", AT, refused=by_line, reason="r"), whole, CLAIM, [])
    second = admit(Word("l", AT, refused=by_gifts, reason="r"), whole, CLAIM, [first])
    done = progress(whole, [first, second], CLAIM)
    assert (done.move, done.approved) == (move, approved)
    assert set(done.approved) | set(done.refused) == {"G", "M"}


def test_when_a_step_opened_and_how_late_it_is() -> None:
    """A step opens with the last yes before it, or when the claim came; then its time runs."""
    limits = Deadline(2, 3, is_working=False)
    whole = route(LINE, replace(GIFTS, deadline=limits))
    first = progress(whole, [], CLAIM)
    assert opened_at(whole, [], first, AT) == AT
    yes = admit(Word("bob", AT + timedelta(hours=5)), whole, CLAIM, [])
    here = progress(whole, [yes], CLAIM)
    opened = opened_at(whole, [yes], here, AT)
    assert opened == AT + timedelta(hours=5)
    assert opened_at(whole, [yes], here, AT + timedelta(days=9)) == AT + timedelta(days=9)
    assert here.open is not None
    for hours, expected in ((0, "not_yet"), (47, "not_yet"), (48, "remind"), (72, "escalate")):
        at = opened + timedelta(hours=hours)
        assert lateness(here.open, opened, at, WorkCalendar()).value == expected
    assert first.open is not None
    never = lateness(first.open, AT, AT + timedelta(days=999), WorkCalendar())
    assert never is Late.NOT_YET
    only = replace(first.open, deadline=Deadline(None, 1, is_working=False))
    assert lateness(only, AT, AT + timedelta(days=1), WorkCalendar()) is Late.ESCALATE
    back = admit(Word("l", AT + timedelta(days=5), Verdict.RETURN, reason="r"), whole, CLAIM, [yes])
    assert opened_at(whole, [yes, back], here, AT) == opened
