"""What people said of a claim in the CRM: each word counts in its turn, or they are told why not.

A word that does not count now may do so later, when its turn comes; one that counted never counts
again, whatever voided it.
"""

from datetime import datetime

from crm_expenses.core.approval import Word, content_code
from crm_expenses.core.given_approval import GivenApproval, Verdict
from crm_expenses.core.life import after_time, word_counts
from crm_expenses.errors import Problem, RefusedError
from crm_expenses.pipeline.turns import Company, frame_of, write_turn
from crm_expenses.store import Work
from crm_expenses.store.hearing import source_of
from crm_expenses.store.work import Held


def hear(work: Work, held: Held, company: Company, at: datetime) -> int:
    """Let what was said of a claim in the CRM count; give for how many words something happened."""
    waiting = list(work.hearing.unheard(held.facts.claim.id))
    counted = 0
    while True:
        why: dict[str, Problem] = {}
        for one in waiting:
            problem = _counted(work, held, one, company, at)
            if problem is None:
                break
            why[one.id] = problem
        else:  # none of them counts any more
            break
        waiting.remove(one)
        counted += 1
    claimant = held.facts.claim.person
    return counted + sum(work.hearing.refuse(one, claimant, why[one.id], at) for one in waiting)


def _counted(
    work: Work, held: Held, one: GivenApproval, company: Company, at: datetime
) -> Problem | None:
    """Let one word count; give why it does not."""
    try:
        _count(work, held, one, company, at)
    except RefusedError as error:
        return error.problems[0]
    return None


def _count(work: Work, held: Held, one: GivenApproval, company: Company, at: datetime) -> None:
    life = work.life(one.claim)
    if life is None:
        raise RefusedError("approvals.no_claim", claim=one.claim)
    if one.at > at:
        raise RefusedError("approvals.future", claim=one.claim, at=one.at.isoformat())
    if one.verdict is not Verdict.APPROVE and one.at < held.facts.claim.submitted:
        raise RefusedError("approvals.earlier", claim=one.claim, at=one.at.isoformat())
    if not one.content_code:
        raise RefusedError("approvals.unseen", claim=one.claim, now=content_code(life.content))
    word = Word(
        by=one.approver,
        at=one.at,
        verdict=one.verdict,
        step=one.step,
        refused=one.refused_lines,
        reason=one.reason,
        provenance=company.provenance,
        seen=one.content_code,
    )
    given = work.given(one.claim)
    frame = frame_of(work, held.decision, company, one.at)
    approval = word_counts(life, given, word, frame)
    work.add_approval(approval, at, source_of(one))
    now = frame_of(work, held.decision, company, at)
    turn = after_time(life, work.given(one.claim), now)
    write_turn(work, held, life, turn, at, now)
