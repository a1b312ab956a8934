"""Decide: every claim that waits, in the order of submission, one transaction each."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_expenses.adapters.contract import BudgetResult, ClaimResult, LineResult, ResultKind
from crm_expenses.api import evaluator_of, route_for
from crm_expenses.core.approval import ApprovalRoute, Organisation
from crm_expenses.core.budget import BudgetPosition, held_after, settle
from crm_expenses.core.claim import DECIDED_STATUSES, Claim, ClaimStatus
from crm_expenses.core.commitment import Demand, demands, limit_steps, to_hold
from crm_expenses.core.decision import Decision, LineDecision
from crm_expenses.core.facts import Facts
from crm_expenses.core.lifecycle import UNCOUNTED, State, after, move_for
from crm_expenses.core.money import Money
from crm_expenses.core.record import canonical, digest
from crm_expenses.messages import Language, text
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.wording import finding_text
from crm_expenses.store import Decided, Store, Work
from crm_expenses.store.codec import read_as
from crm_expenses.store.work import Write


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
    policy: Policy,
    roles: Mapping[str, Sequence[str]],
    *,
    at: datetime,
    progress: Callable[[str, int, int | None], None],
) -> DecideCount:
    """Decide every claim that waits.

    Raises:
        StoreError: the policy's version was used before with another content.
    """
    evaluator = evaluator_of(policy)
    waiting = store.pending(crm)
    outcomes: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    claims = lines = closed = 0
    if waiting:
        with store.work(crm) as work:
            names = [plug_in.name for plug_in in policy.plug_ins]
            work.use_policy(policy.ref, at, source=policy.source, plug_ins=names)
    number = 0
    while number < len(waiting):
        with store.work(crm) as work:
            # Whoever holds the lock has something to do with it: what others decided is left out.
            claim = work.first_pending(waiting[number:])
            if claim is None:
                break
            decision = _decide_one(work, claim, evaluator, roles, at)
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


def _decide_one(
    work: Work,
    claim: str,
    evaluator: Evaluator,
    roles: Mapping[str, Sequence[str]],
    at: datetime,
) -> Decision | None:
    """Decide one claim inside its transaction; None when it needs no decision."""
    found = work.facts(claim, evaluator.policy.currency, evaluator.windows_of)
    facts = evaluator.read(found)  # what is decided on is what is kept, and derived from again
    held = held_after(work.held_by(claim))
    budgets = work.reference.budgets
    names = held.keys() | {budget.id for budget in facts.budgets}
    currencies = {name: budgets[name].amount.currency for name in names}
    status = facts.claim.status
    if status not in DECIDED_STATUSES:
        entries = settle(claim, held, {}, status=status, currencies=currencies)
        work.close(claim, entries, at)
        told = work.last_result(ResultKind.CLAIM_RESULT.value, claim)
        work.send(_closed_write(status, told))
        work.send(budget_writes(work.positions(sorted(held))))
        return None
    decision = evaluator.decide(facts)
    asked = demands(facts, decision.lines)
    organisation = Organisation(work.reference.people, roles)
    steps = _route(facts, decision, evaluator.policy, organisation, at, asked)
    state = after(State.DECIDED, move_for(status, decision.outcome, needs_person=bool(steps.steps)))
    wanted = {} if state in UNCOUNTED else to_hold(asked)
    entries = settle(claim, held, wanted, status=status, currencies=currencies)
    writes = result_writes(facts, decision, state, steps, evaluator.policy)
    decided = Decided(facts.claim, decision, state, steps, entries, writes, canonical(facts))
    moved = work.record(decided, at)
    work.send(budget_writes(moved.values()))
    return decision


def _closed_write(status: ClaimStatus, told: str) -> tuple[Write, ...]:
    """Tell the CRM that nobody waits for a claim any more, where it was told otherwise."""
    if not told:
        return ()
    earlier: ClaimResult = read_as(ClaimResult, told)
    state = after(State.DECIDED, move_for(status, earlier.outcome, needs_person=False))
    result = replace(earlier, state=state, waiting_for="")
    return (Write(ResultKind.CLAIM_RESULT.value, earlier.claim, canonical(result)),)


def _route(
    facts: Facts,
    decision: Decision,
    policy: Policy,
    organisation: Organisation,
    at: datetime,
    asked: Sequence[Demand],
) -> ApprovalRoute:
    """Compute the route; a claim that a person must see never goes without one.

    Budgets at their limit add their own steps behind those of the policy.
    """
    claim = facts.claim
    if claim.status is not ClaimStatus.SUBMITTED:
        return ApprovalRoute(claim.id)
    more = limit_steps(asked)
    return route_for(facts, decision, policy, organisation, at.date(), more).stored()


def result_writes(
    facts: Facts, decision: Decision, state: State, steps: ApprovalRoute, policy: Policy
) -> tuple[Write, ...]:
    """Give what the CRM is told of a claim and its lines, as canonical JSON."""
    ref = decision.policy
    claim = ClaimResult(
        claim=decision.claim,
        outcome=decision.outcome,
        state=state,
        claimed=decision.claimed,
        allowed=decision.allowed,
        findings_en=_claim_text(decision, policy, "en"),
        findings_zh=_claim_text(decision, policy, "zh"),
        waiting_for=_waiting_for(facts.claim, state, steps),
        policy=f"{ref.id} {ref.version}",
        decision=digest(decision),
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


def _waiting_for(claim: Claim, state: State, steps: ApprovalRoute) -> str:
    if state is State.WAITING_FOR_CLAIMANT:
        return claim.person
    if state is State.IN_APPROVAL and steps.steps:
        return steps.steps[0].approver
    return ""


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


def budget_writes(moved: Iterable[BudgetPosition]) -> tuple[Write, ...]:
    """Give what the CRM is told of budgets that moved, as canonical JSON."""
    writes = []
    for position in moved:
        currency = position.currency
        result = BudgetResult(
            budget=position.budget,
            allocated=Money(position.allocated, currency),
            committed=Money(position.committed, currency),
            spent=Money(position.spent, currency),
            available=Money(position.available, currency),
        )
        writes.append(Write(ResultKind.BUDGET_RESULT.value, position.budget, canonical(result)))
    return tuple(writes)
