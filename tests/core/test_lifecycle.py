"""The life of a claim: which move leads where, and what is refused."""

import pytest

from crm_expenses.core.claim import DECIDED_STATUSES, ClaimStatus
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import UNCOUNTED, Move, State, after, move_for, moves
from crm_expenses.errors import RefusedError


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("received", "in_approval waiting_for_claimant approved rejected paid closed -"),
        ("in_approval", "- - approved rejected - closed received"),
        ("waiting_for_claimant", "- - - - - closed received"),
        ("approved", "- - - - paid closed received"),
        ("rejected", "- - - - - closed received"),
        ("paid", "- - - - - closed received"),
        ("closed", "- - - - - - received"),
    ],
)
def test_the_table_of_moves(state: str, expected: str) -> None:
    """Each state allows these moves and no others; a refusal names the ones allowed."""
    order = ("ask_approval", "ask_claimant", "approve", "reject", "pay", "close", "change")
    here = State(state)
    for name, there in zip(order, expected.split(), strict=True):
        move = Move(name)
        assert (move in moves(here)) == (there != "-")
        if there != "-":
            assert after(here, move) is State(there)
            continue
        with pytest.raises(RefusedError) as caught:
            after(here, move)
        assert caught.value.code == "lifecycle.move"
        for language in ("en", "zh"):
            said = caught.value.describe(language)
            assert name in said
            assert all(str(allowed) in said for allowed in moves(here))


def test_no_state_is_a_dead_end() -> None:
    """From everywhere a changed claim is received anew, and every state can be reached."""
    reached = {State.RECEIVED}
    for _ in State:
        reached |= {after(state, move) for state in reached for move in moves(state)}
    assert reached == set(State)
    for state in set(State) - {State.RECEIVED}:
        assert after(state, Move.CHANGE) is State.RECEIVED


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
        ("draft", "pass", False, "closed"),
        ("returned", "pass", False, "closed"),
        ("withdrawn", "review", True, "closed"),
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
    assert after(State.RECEIVED, move) is State(expected)


@pytest.mark.parametrize("status", ClaimStatus)
@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("needs_person", [True, False])
def test_every_claim_received_has_a_state(
    status: ClaimStatus,
    outcome: Outcome,
    needs_person: bool,  # noqa: FBT001  a case
) -> None:
    """Whatever comes in finds a move that is allowed; what does not count holds nothing."""
    state = after(State.RECEIVED, move_for(status, outcome, needs_person=needs_person))
    if status not in DECIDED_STATUSES:
        assert state in UNCOUNTED
    if state is State.REJECTED:
        assert outcome is Outcome.REJECT or status is ClaimStatus.REJECTED
