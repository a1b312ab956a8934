"""Looks at a whole organisation: whether every claim that may come finds somebody to approve it.

For each person who may claim, each amount at which something changes, each category and each step
that may be due there, the seats are computed as for a real claim. What is found names a witness: a
claim that shows it, so that people can look it up and correct it.

Amounts are those where a step becomes due, a limit ends or what is automatic ends, and one minor
unit above each: between two of them nothing differs. The highest stands for all that is above it,
so that it asks for somebody whose authority has no limit, unless the greatest amount that can come
is given.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crm_expenses.core.approval.authority import Authority, Group
from crm_expenses.core.approval.candidates import (
    Asking,
    Candidate,
    Via,
    candidates,
    escalated,
    named_by,
)
from crm_expenses.core.approval.circles import circles, names
from crm_expenses.core.approval.route import LAST_RESORT
from crm_expenses.core.approval.weakness import Checked, Plan, Weak, Weakness, Witness
from crm_expenses.core.decision import Outcome


def check_organisation(plan: Plan) -> Checked:
    """Look at everybody who may claim, every amount, category and step.

    >>> from datetime import date
    >>> from crm_expenses.core.approval import ApprovalTerms, Organisation
    >>> from crm_expenses.core.party import AccountManager
    >>> people = {n: AccountManager(n, n, manager=m) for n, m in (("a", "b"), ("b", ""))}
    >>> plan = Plan([Authority("line", ("manager",), above=0)], ApprovalTerms(), ["meal"],
    ...             Organisation(people, {}), date(2026, 1, 1))
    >>> [(w.kind.value, w.who, w.witness.claimant) for w in check_organisation(plan).found]
    [('nobody', 'line', 'b'), ('away', 'b', 'a')]
    """
    look = _Look.over(plan)
    found = [
        *_own_claims(look),
        *circles(plan),
        *names(plan),
        *_unanswered(look),
        *_mutual(look),
        *_away(look),
        *_no_step(plan, look.amounts),
    ]
    return Checked(
        len(look.claimants), look.amounts, tuple(look.categories), len(look.seats), tuple(found)
    )


def amounts_of(plan: Plan) -> tuple[int, ...]:
    """Give the amounts at which something may change, rising; nothing is claimed below one.

    >>> from datetime import date
    >>> from crm_expenses.core.approval import ApprovalTerms, Organisation
    >>> steps = [Authority("a", ("manager",), above=100)]
    >>> amounts_of(Plan(steps, ApprovalTerms(), [], Organisation({}, {}), date(2026, 1, 1)))
    (1, 100, 101)
    """
    edges = {one.above for one in plan.authorities if one.above is not None}
    edges |= {one.up_to for one in plan.terms.limits if one.up_to is not None}
    if plan.terms.automatic is not None:
        edges.add(plan.terms.automatic.up_to)
    found = {1, *(edge + more for edge in edges for more in (0, 1))}
    if plan.greatest is not None:
        found = {one for one in found if one <= plan.greatest} | {plan.greatest}
    return tuple(sorted(one for one in found if one > 0))


@dataclass(frozen=True, slots=True)
class _Seat:
    """One seat of one claim that may come."""

    claimant: str
    amount: int
    category: str
    step: Authority
    who: tuple[str, ...]
    asking: Asking
    candidates: tuple[Candidate, ...]

    def witness(self, path: Iterable[str] = (), also: int = 0) -> Witness:
        return Witness(self.claimant, self.amount, self.category, self.step.code, tuple(path), also)

    @property
    def own(self) -> tuple[str, ...]:
        """Who may act by their own right."""
        return tuple(one.person for one in self.candidates if one.via is not Via.SUBSTITUTE)


@dataclass(frozen=True, slots=True)
class _Look:
    """All seats of all claims that may come."""

    plan: Plan
    claimants: tuple[str, ...]
    amounts: tuple[int, ...]
    categories: tuple[str, ...]
    seats: tuple[_Seat, ...]

    @classmethod
    def over(cls, plan: Plan) -> "_Look":
        firm, amounts = plan.organisation, amounts_of(plan)
        claimants = tuple(sorted(p for p in firm.people if firm.is_active(p, plan.day)))
        categories = tuple(plan.categories) or ("",)
        seats: list[_Seat] = []
        for claimant in claimants:
            for step in plan.authorities:
                if step.teams is None or firm.people[claimant].team in step.teams:
                    seats += _seats(plan, claimant, step, categories, amounts)
            seats += _last_seats(plan, claimant, categories, amounts)
        return cls(plan, claimants, amounts, categories, tuple(seats))


def _last_seats(
    plan: Plan, claimant: str, categories: Sequence[str], amounts: Sequence[int]
) -> Iterator[_Seat]:
    """Give the seats of claims that must be seen, or are not automatic, where no step is due."""
    team = plan.organisation.people[claimant].team
    for amount in amounts:
        for category in categories:
            if _may_be_last(plan, category, team, amount):
                asking = Asking(
                    "", claimant, amount, plan.day, plan.organisation, plan.terms.limits
                )
                who = LAST_RESORT.who
                found = candidates(who, asking)
                yield _Seat(claimant, amount, category, LAST_RESORT, who, asking, found)
                break


def _may_be_last(plan: Plan, category: str, team: str, amount: int) -> bool:
    """Say whether some claim needs a person although no step is due for it."""
    steps = [one for one in plan.authorities if _sees(one, category, team)]
    if any(_is_sure(one, category, team, amount) for one in steps):
        return False
    automatic = plan.terms.automatic
    return any(
        outcome is Outcome.REVIEW
        or (
            automatic is not None
            and not automatic.lets(allowed=amount, outcome=outcome, categories=[category])
        )
        for outcome in Outcome
        if outcome is not Outcome.REJECT
        and not any(one.outcome is not None and one.outcome.rank <= outcome.rank for one in steps)
    )


def _seats(
    plan: Plan, claimant: str, step: Authority, categories: Sequence[str], amounts: Sequence[int]
) -> Iterator[_Seat]:
    """Give the seats of a step; of its categories one stands for all, for none of them matters."""
    category = next((one for one in categories if step.covers(one)), None)
    if category is None:
        return
    only_by_amount = step.above is not None and not _has_other_trigger(step)
    forms = [step.who] if step.group is Group.ANY else [(one,) for one in step.who]
    for amount in amounts:
        if only_by_amount and amount <= (step.above or 0):
            continue
        asking = plan.asking(claimant, amount)
        for form in forms:
            yield _Seat(claimant, amount, category, step, form, asking, candidates(form, asking))


def _has_other_trigger(step: Authority) -> bool:
    return step.is_asked or bool(step.findings) or step.outcome is not None or bool(step.budget)


# Own claims


def _own_claims(look: _Look) -> Iterator[Weakness]:
    """Say where somebody could approve their own claim: nowhere, and here it is looked up."""
    for seat in look.seats:
        late = escalated(
            seat.step.deadline.escalate_to,
            seat.candidates,
            seat.asking,
        )
        if seat.claimant in {one.person for one in (*seat.candidates, *late)}:
            yield Weakness(Weak.SELF, seat.witness((seat.claimant,)), seat.claimant)


# Seats without anybody


def _unanswered(look: _Look) -> Iterator[Weakness]:
    """Say which seats nobody may take: at all, or only because no authority reaches so far.

    Of the claims that show the same, the smallest of the first claimant stands for all.
    """
    groups: dict[tuple[Weak, str, tuple[str, ...]], list[_Seat]] = {}
    firm = look.plan.organisation
    for seat in look.seats:
        if seat.candidates:
            continue
        unlimited = candidates(seat.who, _without_limits(seat.asking))
        kind = Weak.AUTHORITY if unlimited else Weak.NOBODY
        groups.setdefault((kind, seat.step.code, seat.who), []).append(seat)
    for (kind, code, who), seats in groups.items():
        first = min(seats, key=lambda seat: (seat.amount, seat.claimant))
        path = [
            person
            for form in who
            for named in named_by(form, first.claimant, firm)
            for person in (named, *firm.above(named))
        ]
        also = len({seat.claimant for seat in seats}) - 1
        yield Weakness(kind, first.witness(dict.fromkeys(path), also), code)


def _without_limits(asking: Asking) -> Asking:
    return Asking(asking.claim, asking.claimant, asking.amount, asking.day, asking.organisation)


def _mutual(look: _Look) -> Iterator[Weakness]:
    """Say which two people may be each other's only approvers.

    Looked at is the least that is asked: the steps that are sure for an amount and a category;
    where none is, each of the others by itself.
    """
    by_claim: dict[tuple[str, int], list[_Seat]] = {}
    for seat in look.seats:
        by_claim.setdefault((seat.claimant, seat.amount), []).append(seat)
    only: dict[tuple[str, str], _Seat] = {}
    for (claimant, amount), held in by_claim.items():
        team = look.plan.organisation.people[claimant].team
        for category in look.categories:
            for seats in _least(held, category, team, amount):
                people = {person for seat in seats for person in seat.own}
                if len(people) == 1 and all(seat.own for seat in seats):
                    only.setdefault((claimant, people.pop()), seats[0])
    for (one, other), seat in sorted(only.items(), key=lambda pair: pair[0]):
        if one < other and (other, one) in only:
            yield Weakness(Weak.MUTUAL, seat.witness((one, other, one)), other)


def _least(
    held: Sequence[_Seat], category: str, team: str, amount: int
) -> Iterator[Sequence[_Seat]]:
    """Give the smallest sets of seats that a claim may need."""
    seats = [seat for seat in held if seat.step.covers(category)]
    sure = [seat for seat in seats if _is_sure(seat.step, category, team, amount)]
    if sure:
        yield sure
        return
    for code in dict.fromkeys(seat.step.code for seat in seats):
        yield [seat for seat in seats if seat.step.code == code]


# Somebody is away


def _away(look: _Look) -> Iterator[Weakness]:
    """Say for each person on whom a seat hangs alone what happens when they are away.

    A substitute stands in, except for claims of their own; else the step waits until it is
    escalated to somebody; else nobody can approve it.
    """
    hanging: dict[str, list[_Seat]] = {}
    for seat in look.seats:
        if len(seat.own) == 1:
            hanging.setdefault(seat.own[0], []).append(seat)
    for person in sorted(hanging):
        helped: dict[str, list[_Seat]] = {}
        for seat in hanging[person]:
            helped.setdefault(_stands_in(look, person, seat), []).append(seat)
        for who, seats in sorted(helped.items()):
            first = min(seats, key=lambda seat: (seat.amount, seat.claimant))
            also = len({seat.claimant for seat in seats}) - 1
            kind = _kind_of_help(look, person, who, first)
            path = (person, who) if who else (person,)
            yield Weakness(kind, first.witness(path, also), person)


def _stands_in(look: _Look, person: str, seat: _Seat) -> str:
    """Give who takes a seat when its only candidate is away, or nothing."""
    plan = look.plan
    acting = [
        one.who
        for one in plan.organisation.substitutes
        if one.instead_of == person
        and not one.claim
        and (one.until is None or plan.day <= one.until)
        and one.who not in (seat.claimant, person)
        and plan.organisation.is_active(one.who, plan.day)
    ]
    if acting:
        return acting[0]
    limit = seat.step.deadline
    if limit.escalate_after is None:
        return ""
    more = escalated(limit.escalate_to, seat.candidates, seat.asking)
    return next((one.person for one in more if one.person != person), "")


def _kind_of_help(look: _Look, person: str, who: str, seat: _Seat) -> Weak:
    if who:
        return Weak.COVERED
    own = any(
        one.instead_of == person and one.who == seat.claimant
        for one in look.plan.organisation.substitutes
    )
    return Weak.SELF_SUBSTITUTE if own else Weak.AWAY


# Claims for which no step is due


def _no_step(plan: Plan, amounts: Sequence[int]) -> Iterator[Weakness]:
    """Say which claims pass without a person, by the policy's word or because no step is due.

    Only steps that are due by amount, or for all lines of a category, count here: whether the
    others are due depends on more than who claims how much for what, and where such a step has a
    condition, that is told. Where the policy says what is automatic, somebody looks at all else.
    """
    automatic = plan.terms.automatic
    if automatic is not None:
        yield Weakness(Weak.PASSES, Witness(amount=automatic.up_to), "[automatic]")
        return
    teams = sorted({one.team for one in plan.organisation.people.values()}) or [""]
    groups: dict[tuple[Weak, int], list[tuple[str, str]]] = {}
    for category in tuple(plan.categories) or ("",):
        for team in teams:
            steps = [one for one in plan.authorities if _sees(one, category, team)]
            passing = [
                amount
                for amount in amounts
                if not any(_is_sure(one, category, team, amount) for one in steps)
            ]
            if not passing:
                continue
            kind = Weak.NO_STEP if passing[-1] == amounts[-1] else Weak.PASSES
            if any(one.is_asked for one in steps):
                kind = Weak.DEPENDS
            groups.setdefault((kind, passing[-1]), []).append((category, team))
    for (kind, amount), held in sorted(groups.items(), key=lambda pair: pair[0][1]):
        codes = dict.fromkeys(category for category, _ in held)
        only_of = {team for _, team in held}
        path = sorted(only_of) if only_of != set(teams) else ()
        asked = [one.code for one in plan.authorities if one.is_asked]
        step = ", ".join(asked) if kind is Weak.DEPENDS else ""
        witness = Witness("", amount, held[0][0], step, tuple(path))
        yield Weakness(kind, witness, ", ".join(codes))


def _is_sure(step: Authority, category: str, team: str, amount: int) -> bool:
    if not _sees(step, category, team):
        return False
    by_amount = step.above is not None and amount > step.above
    return by_amount or (step.is_restricted and not step.has_trigger)


def _sees(step: Authority, category: str, team: str) -> bool:
    return step.covers(category) and (step.teams is None or team in step.teams)
