"""The small surface for integration developers: check one claim, look at the decision."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from crm_expenses.core.approval import About, Authority, Organisation, Route, compute_route
from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.policy import Policy

if TYPE_CHECKING:
    from crm_expenses.claimdata import DecisionJson

_READY: Final[dict[str, Evaluator]] = {}
_READY_MAX: Final = 64


def evaluator_of(policy: Policy) -> Evaluator:
    """Give the policy made ready to decide; made once for each content of a policy."""
    found = _READY.get(policy.digest)
    if found is None:
        if len(_READY) >= _READY_MAX:
            _READY.clear()
        found = _READY[policy.digest] = Evaluator(policy)
    return found


def check(claim: Mapping[str, Any] | Facts, policy: Policy) -> Decision:
    """Decide one claim.

    `claim` is a plain dict in the shape of `docs/reference/schemas/claim.json`, or typed facts. A
    claim alone has no history: windows start empty unless the facts fill them.

    Raises:
        MappingError: the dict does not fit; carries every problem.
    """
    if not isinstance(claim, Facts):
        from crm_expenses.claimdata import facts_from  # noqa: PLC0415  dicts only need pydantic

        claim = facts_from(claim, policy.currency)
    return evaluator_of(policy).decide(claim)


def route_of(
    facts: Facts, policy: Policy, organisation: Organisation, day: date
) -> tuple[Decision, Route]:
    """Decide a claim that is submitted, or may be; give its route in the organisation of a day."""
    decision = evaluator_of(policy).decide(facts)
    return decision, route_for(facts, decision, policy, organisation, day)


def route_for(
    facts: Facts,
    decision: Decision,
    policy: Policy,
    organisation: Organisation,
    day: date,
    more: Sequence[Authority] = (),
) -> Route:
    """Give the route of a decided claim in the organisation of a day.

    `more` are steps beside those of the policy, such as a budget at its limit asks for.
    """
    categories = {line.id: line.category for line in facts.lines}
    about = About(facts.claim.person, categories, day)
    return compute_route(decision, (*policy.authorities, *more), organisation, about, policy.terms)


def decision_dict(decision: Decision, policy: Policy) -> "DecisionJson":
    """Give a decision as plain values for JSON, with its messages in English and Chinese."""
    from crm_expenses.claimdata import decision_json  # noqa: PLC0415  needed for output only

    return decision_json(decision, policy)
