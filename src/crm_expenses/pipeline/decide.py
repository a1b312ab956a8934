"""Decide: every claim that waits, in the order of submission, one transaction each."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_expenses.adapters.contract import ClaimResult, LineResult, ResultKind
from crm_expenses.api import evaluator_of
from crm_expenses.core.approval import content_code
from crm_expenses.core.budget import held_after, settle
from crm_expenses.core.claim import DECIDED_STATUSES, ClaimStatus
from crm_expenses.core.decision import Decision, LineDecision
from crm_expenses.core.facts import Facts
from crm_expenses.core.life import UNDECIDED, Life, after_closing, after_decision
from crm_expenses.core.lifecycle import State, after, move_for
from crm_expenses.core.record import canonical, digest
from crm_expenses.messages import Language, text
from crm_expenses.pipeline.hearing import hear
from crm_expenses.pipeline.turns import (
    Company,
    budget_writes,
    entries_for,
    frame_of,
    submitted,
    waiting_for,
    with_advances_of,
)
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.wording import finding_text
from crm_expenses.store import Decided, Store, Work
from crm_expenses.store.codec import read_as
from crm_expenses.store.work import Held, Write


@dataclass(frozen=True)
class DecideCount:
    """How many claims and lines were decided, with which outcomes and findings."""

    claims: int = 0
    lines: int = 0
    closed: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    findings: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> Mapping[str, object]:
        """Give the counts as plain values."""
        return {
            "claims": self.claims,
            "lines": self.lines,
            "closed": self.closed,
            "outcomes": dict(sorted(self.outcomes.items())),
            "findings": dict(sorted(self.findings.items())),
        }


def decide(
    store: Store,
    crm: str,
    company: Company,
    *,
    at: datetime,
    progress: Callable[[str, int, int | None], None],
) -> DecideCount:
    """Decide every claim that waits.

    Raises:
        StoreError: the policy's version was used before with another content.
    """
    policy = company.policy
    evaluator = evaluator_of(policy)
    waiting = store.pending(crm)
    outcomes: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    claims = lines = closed = 0
    if waiting:
        with store.work(crm) as work:
            use_policy(work, policy, at)
    number = 0
    while number < len(waiting):
        with store.work(crm) as work:
            # Whoever holds the lock has something to do with it: what others decided is left out.
            claim = work.first_pending(waiting[number:])
            if claim is None:
                break
            decision = decide_one(work, claim, evaluator, company, at)
        number = waiting.index(claim, number) + 1
        if decision is None:
            closed += 1
        else:
            claims += 1
            lines += len(decision.lines)
            outcomes[decision.outcome.value] += 1
            findings.update(f.code for f in decision.findings)
            findings.update(f.code for line in decision.lines for f in line.findings)
        progress("decide", number, len(waiting))
    return DecideCount(claims, lines, closed, outcomes, findings)


def use_policy(work: Work, policy: Policy, at: datetime) -> None:
    """Note that a policy decides here, with its text.

    Raises:
        StoreError: the same version was used before with another content.
    """
    names = [plug_in.name for plug_in in policy.plug_ins]
    work.use_policy(policy.ref, at, source=policy.source, plug_ins=names)


def decide_one(
    work: Work, claim: str, evaluator: Evaluator, company: Company, at: datetime
) -> Decision | None:
    """Decide one claim inside its transaction; None when it needs no decision."""
    found = work.facts(claim, evaluator.policy.currency, evaluator.windows_of)
    facts = evaluator.read(found)  # what is decided on is what is kept, and derived from again
    status = facts.claim.status
    before = work.life(claim)
    if status not in DECIDED_STATUSES:
        _close(work, claim, before, status, at)
        return None
    if before is not None and _waits_for_claimant(work, facts, before):
        work.done(claim)
        return None
    decision = evaluator.decide(facts)
    now = submitted(facts, decision, company)
    frame = frame_of(work, decision, company, at)
    turn = after_decision(before, work.given(claim), now, frame)
    turn = with_advances_of(work, before, turn, at, frame)
    decided = Decided(
        facts.claim,
        decision,
        turn.life.state,
        turn.left,
        entries_for(work, facts, decision, turn.life),
        _told_of(work, decision, turn.life, evaluator.policy),
        canonical(facts),
        turn,
    )
    moved = work.record(decided, at)
    work.send(budget_writes(moved.values()))
    hear(work, Held(decision, facts), company, at)
    return decision


def _waits_for_claimant(work: Work, facts: Facts, before: Life) -> bool:
    """Say whether a claim of our own was returned or rejected, and is not submitted again yet.

    Of a CRM's claim any change means that it was; of ours, its claimant says so.
    """
    if before.state not in UNDECIDED or before.claim not in work.reference.own:
        return False
    held = work.held(before.claim)
    return held is not None and held.facts.claim.submitted == facts.claim.submitted


def _close(work: Work, claim: str, before: Life | None, status: ClaimStatus, at: datetime) -> None:
    """Let a claim that is not submitted, or no longer, hold nothing."""
    held = work.held_by(claim)
    currencies = {entry.budget: entry.amount.currency for entry in held}
    entries = settle(claim, held_after(held), {}, status=status, currencies=currencies)
    turn = None
    if before is not None:
        turn = with_advances_of(work, before, after_closing(before, status, at), at)
    work.close(claim, entries, at, turn)
    told = work.last_result(ResultKind.CLAIM_RESULT.value, claim)
    work.send(_closed_write(status, told))
    work.send(budget_writes(work.positions(sorted(currencies))))


def _closed_write(status: ClaimStatus, told: str) -> tuple[Write, ...]:
    """Tell the CRM that nobody waits for a claim any more, where it was told otherwise."""
    if not told:
        return ()
    earlier: ClaimResult = read_as(ClaimResult, told)
    state = after(State.DECIDED, move_for(status, earlier.outcome, needs_person=False))
    result = replace(earlier, state=state, waiting_for="", approved=None, refused="")
    return (Write(ResultKind.CLAIM_RESULT.value, earlier.claim, canonical(result)),)


def _told_of(work: Work, decision: Decision, life: Life, policy: Policy) -> tuple[Write, ...]:
    """Give what the CRM is told; of a claim that was made here it knows nothing."""
    if decision.claim in work.reference.own:
        return ()
    return result_writes(decision, life, policy)


def result_writes(decision: Decision, life: Life, policy: Policy) -> tuple[Write, ...]:
    """Give what the CRM is told of a claim and its lines, as canonical JSON."""
    ref = decision.policy
    claim = ClaimResult(
        claim=decision.claim,
        outcome=decision.outcome,
        state=life.state,
        claimed=decision.claimed,
        allowed=decision.allowed,
        findings_en=_claim_text(decision, policy, "en"),
        findings_zh=_claim_text(decision, policy, "zh"),
        waiting_for=waiting_for(life),
        policy=f"{ref.id} {ref.version}",
        decision=digest(decision),
        content_code=content_code(life.content),
        approved=life.standing.due,
        refused=", ".join(life.standing.refused),
    )
    lines = [
        LineResult(
            line=line.line,
            claim=decision.claim,
            outcome=line.outcome,
            claimed=line.claimed,
            allowed=line.allowed,
            findings_en=_line_text(line, policy, "en"),
            findings_zh=_line_text(line, policy, "zh"),
        )
        for line in decision.lines
    ]
    return (
        Write(ResultKind.CLAIM_RESULT.value, decision.claim, canonical(claim)),
        *(Write(ResultKind.LINE_RESULT.value, r.line, canonical(r)) for r in lines),
    )


def _claim_text(decision: Decision, policy: Policy, language: Language) -> str:
    own = [finding_text(policy, finding, language) for finding in decision.findings]
    of_lines = [
        text("result.line", language, line=line.line, text=finding_text(policy, f, language))
        for line in decision.lines
        for f in line.findings
    ]
    return "\n".join([*own, *of_lines])


def _line_text(line: LineDecision, policy: Policy, language: Language) -> str:
    return "\n".join(finding_text(policy, finding, language) for finding in line.findings)
