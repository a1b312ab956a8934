"""Circles of managers and of substitutes, and names that lead to nobody."""

from collections.abc import Iterator, Mapping, Sequence

from crm_expenses.core.approval.authority import MANAGER, PERSON, ROLE, in_force
from crm_expenses.core.approval.candidates import named_by
from crm_expenses.core.approval.weakness import Plan, Weak, Weakness, Witness


def circles(plan: Plan) -> Iterator[Weakness]:
    """Say where managers, or those who act for each other on the day, go round in a circle."""
    firm = plan.organisation
    told: set[frozenset[str]] = set()
    managers = {one: (firm.manager_of(one),) for one in firm.people}
    for person in sorted(firm.people):
        ring = _ring(person, managers)
        if ring and frozenset(ring) not in told:
            told.add(frozenset(ring))
            yield Weakness(Weak.MANAGER_CIRCLE, Witness(path=ring), person)
    acting: dict[str, list[str]] = {}
    for one in firm.substitutes:
        if not one.claim and in_force(one.start, one.until, plan.day):
            acting.setdefault(one.instead_of, []).append(one.who)
    told.clear()
    for person in sorted(acting):
        ring = _ring(person, acting)
        if ring and frozenset(ring) not in told:
            told.add(frozenset(ring))
            yield Weakness(Weak.SUBSTITUTE_CIRCLE, Witness(path=ring), person)


def _ring(person: str, onward: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Give the shortest way from a person back to themselves, both ends included, or nothing."""
    came: dict[str, tuple[str, ...]] = {}
    waiting: list[tuple[str, ...]] = [(person,)]
    while waiting:
        path = waiting.pop(0)
        for there in onward.get(path[-1], ()):
            if there == person:
                return (*path, person)
            if there and there not in came:
                came[there] = path
                waiting.append((*path, there))
    return ()


def names(plan: Plan) -> Iterator[Weakness]:
    """Say which roles nobody holds, and which named people are not there."""
    firm = plan.organisation
    seen: set[str] = set()
    for step in plan.authorities:
        more = (step.deadline.escalate_to,) if step.deadline.escalate_after else ()
        for who in (*step.who, *more):
            if who == MANAGER or who in seen:
                continue
            seen.add(who)
            named = named_by(who, "", firm)
            known = [one for one in named if firm.is_active(one, plan.day)]
            if who.startswith(ROLE) and not known:
                yield Weakness(Weak.ROLE_EMPTY, Witness(step=step.code, path=named), who)
            strangers = [one for one in named if one not in firm.people or one not in known]
            if who.startswith(PERSON) and strangers:
                yield Weakness(Weak.PERSON_UNKNOWN, Witness(step=step.code, path=named), who)
    for person in sorted(firm.people):
        manager = firm.manager_of(person)
        if manager and manager not in firm.people:
            yield Weakness(Weak.MANAGER_UNKNOWN, Witness(person, path=(person, manager)), manager)
