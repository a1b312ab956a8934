"""A claim's route in words: each step, who takes it, why it is due, until when, who acts next.

What the claimant sees before submitting, and everybody afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from crm_expenses.core.approval import Progress, Route, Step
from crm_expenses.core.approval.candidates import Candidate, Via
from crm_expenses.core.approval.due import Reason, Why
from crm_expenses.messages import Language, table
from crm_expenses.rules.approvalwords import finding_title
from crm_expenses.rules.phrase import Phrases
from crm_expenses.rules.policy import Policy


def route_lines(
    route: Route,
    policy: Policy,
    language: Language,
    *,
    people: Mapping[str, str] | None = None,
    opened: datetime | None = None,
    here: Progress | None = None,
) -> tuple[str, ...]:
    """Say a route, a line a step with its details below.

    `people` are what people are called, by their ids. `here` is how far the claim is; without it,
    the first step is to come. With `opened`, the moment when that step opens, its reminder and
    escalation are told.
    """
    words = _Words(Phrases(policy, language), people or {})
    if route.automatic is not None:
        values = dict(route.evidence)
        values["outcome"] = words.outcome(values.get("outcome", ""))
        return (words.own.say(f"route.{route.automatic.value}", **values),)
    lines: list[str] = []
    next_step = route.steps[0] if here is None else here.open
    for number, step in enumerate(route.steps, start=1):
        lines.append(words.step(number, step))
        lines += [f"   - {detail}" for detail in words.details(step)]
        if here is not None and step.code in here.done:
            lines.append(f"   - {words.own.say('route.done')}")
        if next_step is not None and step.code == next_step.code and opened is not None:
            if here is not None:
                lines.append(f"   - {words.own.say('route.since', at=_at(opened))}")
            lines += [f"   - {detail}" for detail in words.times(step, opened)]
    if next_step is None:
        return tuple(lines)
    asked = route.acts_next if here is None else here.acts_next
    called = words.list(words.person(one) for one in asked)
    return (*lines, words.own.say("route.next", list=called or words.own.say("route.nobody")))


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


class _Words:
    """The words of one policy and its people, in one language."""

    def __init__(self, own: Phrases, people: Mapping[str, str]) -> None:
        self.own = own
        self._people = people

    def person(self, person: str) -> str:
        name = self._people.get(person, "")
        return f"{name} ({person})" if name and name != person else person

    def list(self, parts: Iterator[str] | Sequence[str]) -> str:
        return self.own.say("prose.comma").join(parts)

    def outcome(self, outcome: str) -> str:
        return self.own.quoted(table()[f"word.{outcome}"][self.own.side]) if outcome else ""

    def step(self, number: int, step: Step) -> str:
        title = step.title[self.own.side] or step.code
        seats = [self._seat(seat.candidates) for seat in step.seats]
        who = seats[0] if len(seats) == 1 else self.own.say("route.each", list="; ".join(seats))
        return self.own.say("route.step", number=str(number), title=title, who=who)

    def _seat(self, candidates: Sequence[Candidate]) -> str:
        if not candidates:
            return self.own.say("route.nobody")
        asked = [self._candidate(one) for one in candidates]
        return asked[0] if len(asked) == 1 else self.own.say("route.any", list=self.list(asked))

    def _candidate(self, one: Candidate) -> str:
        who, other = self.person(one.person), self.person(one.instead_of)
        match one.via:
            case Via.SUBSTITUTE:
                return self.own.say("route.acts_for", who=who, other=other)
            case Via.ABOVE:
                return self.own.say("route.above", who=who, other=other)
            case Via.ESCALATION:
                return self.own.say("route.late", who=who)
            case Via.NAMED:  # pragma: no branch  every kind stands above
                return who

    def details(self, step: Step) -> Iterator[str]:
        """Give why a step is due, whom the search passed, and whether it is one with the last."""
        reasons = self.list([self.reason(one) for one in step.reasons])
        yield self.own.say("route.reason", text=reasons)
        passed = [
            self.own.say(f"route.passed_{why.value}", who=self.person(person))
            for seat in step.seats
            for one in seat.candidates
            for person, why in one.passed
        ]
        if passed:
            yield self.own.say("route.passed", list=self.list(list(dict.fromkeys(passed))))
        if step.is_joined:
            yield self.own.say("route.joined")

    def times(self, step: Step, opened: datetime) -> Iterator[str]:
        moments = step.deadline.times(opened, self.own.policy.calendar)
        for code, at in zip(("route.remind", "route.escalate"), moments, strict=True):
            if at is not None:
                yield self.own.say(code, at=_at(at))

    def reason(self, reason: Reason) -> str:
        """Say one reason with its figures."""
        values = dict(reason.evidence)
        match reason.why:
            case Why.OUTCOME:
                values["outcome"] = self.outcome(values["outcome"])
            case Why.FINDING:
                values["title"] = self.own.quoted(finding_title(self.own, values["code"]))
            case Why.RESTRICTION:
                return self._restriction(values)
            case _:
                pass
        return self.own.say(f"route.why_{reason.why.value}", **values)

    def _restriction(self, values: Mapping[str, str]) -> str:
        said = []
        if "categories" in values:
            titles = self.own.categories(values["categories"].split(", "))
            said.append(self.own.say("route.why_categories", list=titles))
        if "teams" in values:
            said.append(self.own.say("route.why_teams", list=values["teams"]))
        return self.list(said)
