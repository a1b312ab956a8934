"""Approvals on what the store holds: somebody speaks, time passes, the organisation changes."""

from datetime import datetime
from typing import Final

from crm_expenses.core.approval import Word
from crm_expenses.core.life import Life, Turn, after_time, word_counts
from crm_expenses.core.lifecycle import State
from crm_expenses.errors import RefusedError
from crm_expenses.pipeline.hearing import hear
from crm_expenses.pipeline.turns import Company, frame_of, write_turn
from crm_expenses.store import Store, Work
from crm_expenses.store.work import Held

AT_ONCE: Final = 100
"""How many claims are looked at again in one transaction."""


def speak(store: Store, crm: str, claim: str, word: Word, company: Company) -> Life:
    """Let somebody's word on a claim count, at the moment that it names; give the life afterwards.

    Raises:
        RefusedError: there is no such claim, it changed and is not decided yet, or the word does
            not count.
    """
    with store.work(crm) as work:
        life, held = decided_claim(work, claim)
        given = work.given(claim)
        frame = frame_of(work, held.decision, company, word.at)
        approval = word_counts(life, given, word, frame)
        work.add_approval(approval, word.at)
        turn = after_time(life, work.given(claim), frame)
        turn = write_turn(work, held, life, turn, word.at, frame)
        hear(work, held, company, word.at)  # whoever was too early in the CRM may be next now
        return work.life(claim) or turn.life


def decided_claim(work: Work, claim: str) -> tuple[Life, Held]:
    """Give a claim that was decided, and has not changed since.

    Raises:
        RefusedError: there is no such claim, or it waits to be decided.
    """
    if work.is_pending(claim):
        raise RefusedError("approvals.pending", claim=claim)
    life = work.life(claim)
    held = work.held(claim) if life is not None else None
    if life is None or held is None:
        raise RefusedError("approvals.no_claim", claim=claim)
    return life, held


def review(store: Store, crm: str, company: Company, at: datetime) -> int:
    """Look at every claim that waits for approval again; give how many moved.

    Who has left, who acts for whom, and what has waited too long are as of `at`.
    """
    with store.work(crm) as work:
        open_claims, spoken_of = work.in_approval(), work.hearing.open_claims()
    moved = 0
    for start in range(0, len(open_claims), AT_ONCE):
        with store.work(crm) as work:
            for claim in open_claims[start : start + AT_ONCE]:
                moved += _review_one(work, claim, company, at, hears=claim in spoken_of)
    return moved


def _review_one(work: Work, claim: str, company: Company, at: datetime, *, hears: bool) -> bool:
    life, held = work.life(claim), work.held(claim)
    if life is None or held is None or life.state is not State.IN_APPROVAL:
        return False
    if work.is_pending(claim):  # what changed is looked at with its decision
        return False
    frame = frame_of(work, held.decision, company, at)
    turn = after_time(life, work.given(claim), frame)
    is_news = _is_news(life, turn)
    if is_news:
        write_turn(work, held, life, turn, at, frame)
    return (hears and hear(work, held, company, at) > 0) or is_news


def _is_news(life: Life, turn: Turn) -> bool:
    return bool(turn.notices or turn.moves) or turn.life != life
