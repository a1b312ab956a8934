"""Whether a word counts: who says it, on what authority, of which content, in which turn."""

from collections.abc import Sequence

from crm_expenses.core.approval.authority import Provenance
from crm_expenses.core.approval.candidates import Candidate, Via
from crm_expenses.core.approval.content import Content, content_code, signature
from crm_expenses.core.approval.progress import progress
from crm_expenses.core.approval.route import Route, Step
from crm_expenses.core.approval.verdict import Approval, Word
from crm_expenses.core.given_approval import Verdict
from crm_expenses.errors import RefusedError


def admit(word: Word, route: Route, of: Content, given: Sequence[Approval]) -> Approval:
    """Give the approval that a word makes: what it fills, and what it signs.

    `route` is that of the day of the word; `given` are the words that count already.

    Raises:
        RefusedError: the word does not count, with the reason: it is the claimant's own, is not
            trusted enough, was said of another content, out of turn, by somebody who is not asked,
            or without the reason that it needs.

    >>> from crm_expenses.core.approval.content import content
    >>> from datetime import UTC, datetime
    >>> word = Word("p", datetime(2026, 1, 1, tzinfo=UTC))
    >>> try:
    ...     admit(word, Route("C", "p"), content("C", "p", []), [])
    ... except RefusedError as refused:
    ...     print(refused.code)
    approvals.own
    """
    if word.by in (route.claimant, of.person):
        raise RefusedError("approvals.own", person=word.by, claim=route.claim)
    steps = _steps(word, route, of, given)
    _demand_trust(word.provenance, steps)
    now = content_code(of)
    if not word.seen and word.provenance is not Provenance.ASSERTED:
        raise RefusedError("approvals.unseen", claim=route.claim, now=now)
    if word.seen not in ("", now):
        raise RefusedError("approvals.content", claim=route.claim, seen=word.seen, now=now)
    if word.verdict is not Verdict.APPROVE and not word.reason.strip():
        raise RefusedError("approvals.reason", claim=route.claim, verdict=word.verdict.value)
    filled = {seat for one in given if one.verdict is Verdict.APPROVE for seat in one.seats}
    mine = [
        (seat.id, one)
        for step in steps
        for seat in step.seats
        for one in seat.candidates
        if one.person == word.by and seat.id not in filled
    ]
    if not mine:
        asked = ", ".join(steps[0].people) or "-"
        raise RefusedError(
            "approvals.not_asked",
            person=word.by,
            step=steps[0].code,
            claim=route.claim,
            asked=asked,
        )
    seats = {seat for seat, _ in mine}
    taken = [step for step in steps if seats & {seat.id for seat in step.seats}]
    on = _signed_categories(taken)
    _demand_lines(word, of, on)
    return Approval(
        claim=route.claim,
        seats=tuple(seat for seat, _ in mine),
        approver=word.by,
        at=word.at,
        signed=signature(of, on),
        on=on,
        verdict=word.verdict,
        refused=tuple(sorted(set(word.refused))),
        reason=word.reason,
        instead_of=_instead_of([one for _, one in mine]),
        provenance=word.provenance,
        version=word.version,
    )


def _steps(word: Word, route: Route, of: Content, given: Sequence[Approval]) -> tuple[Step, ...]:
    """Give the open step, with those joined to it; the word must be about it."""
    here = progress(route, given, of, version=word.version)
    if here.open is None:
        raise RefusedError("approvals.nothing_open", claim=route.claim)
    if word.step and route.step(word.step) is None:
        known = ", ".join(one.code for one in route.steps)
        raise RefusedError("approvals.no_step", step=word.step, claim=route.claim, steps=known)
    together = route.together(here.open.code)
    if word.step and word.step not in {one.code for one in together}:
        raise RefusedError("approvals.turn", step=word.step, claim=route.claim, open=here.open.code)
    return together


def _demand_trust(provenance: Provenance, steps: Sequence[Step]) -> None:
    least = max((one.accepts for one in steps), key=lambda one: one.rank)
    if provenance.rank < least.rank:
        raise RefusedError(
            "approvals.provenance",
            provenance=provenance.value,
            least=least.value,
            step=steps[0].code,
        )


def _signed_categories(steps: Sequence[Step]) -> frozenset[str] | None:
    """Give the categories that steps cover together; None where one covers all."""
    if any(step.on is None for step in steps):
        return None
    return frozenset().union(*(step.on or () for step in steps))


def _demand_lines(word: Word, of: Content, on: frozenset[str] | None) -> None:
    """Lines that are refused must be covered; whoever refuses some says why."""
    known = {one.line for one in of.covered(on)}
    strange = sorted(set(word.refused) - known)
    if strange:
        raise RefusedError(
            "approvals.line",
            line=", ".join(strange),
            claim=of.claim,
            lines=", ".join(sorted(known)),
        )
    if word.refused and not word.reason.strip():
        raise RefusedError("approvals.reason", claim=of.claim, verdict=Verdict.REJECT.value)


def _instead_of(candidates: Sequence[Candidate]) -> str:
    """Give whom the approver acts for, where they have no right of their own."""
    if any(one.via is not Via.SUBSTITUTE for one in candidates):
        return ""
    return candidates[0].instead_of
