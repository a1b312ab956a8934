"""One claim as `approvals show` shows it: for people line by line, for scripts as JSON."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from crm_expenses.cli.desk import called
from crm_expenses.core.approval.content import Change
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.record import to_json
from crm_expenses.messages import LANGUAGES, Language, text
from crm_expenses.pipeline import ShownClaim
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.routewords import route_lines
from crm_expenses.rules.wording import finding_text
from crm_expenses.store.desk import Said

GAP = "  "


def claim_lines(of: ShownClaim, policy: Policy, zone: tzinfo, language: Language) -> Iterator[str]:
    """Say a claim, a line of text at a time."""
    words = _Words(of, policy, zone, language)
    yield from words.head()
    yield words.say("approve.lines")
    yield from words.lines()
    yield words.say("approve.route")
    here = of.progress if of.life.route.steps else None
    opened, people = of.opened, of.names
    route = route_lines(of.life.route, policy, language, people=people, opened=opened, here=here)
    yield from (GAP + line for line in route)
    if of.is_approved_there:
        yield GAP + words.say("approve.there")
    if of.said:
        yield words.say("approve.said")
        for one in of.said:
            yield from words.said(one)
    yield from words.due()


class _Words:
    """The words for one claim, in one language."""

    def __init__(self, of: ShownClaim, policy: Policy, zone: tzinfo, language: Language) -> None:
        self._of = of
        self._policy = policy
        self._zone = zone
        self._language: Language = language
        self._comma = text("prose.comma", language)

    def say(self, code: str, /, **values: str) -> str:
        return text(code, self._language, **values)

    def person(self, person: str) -> str:
        return called(person, self._of.names)

    def at(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M}"

    def head(self) -> Iterator[str]:
        of, life = self._of, self._of.life
        state = self.say(f"word.{life.state.value}")
        version = str(life.standing.version)
        yield self.say("approve.head", claim=life.claim, state=state, version=version, code=of.code)
        yield GAP + self.say(
            "approve.of",
            person=self.person(life.person),
            at=self.at(of.claim.submitted),
            claimed=_shown(of.decision.claimed),
            allowed=_shown(of.decision.allowed),
        )
        yield from (
            GAP + finding_text(self._policy, one, self._language) for one in of.decision.findings
        )
        if of.is_pending:
            yield GAP + self.say("approve.is_pending")

    def lines(self) -> Iterator[str]:
        made = {one.line: one for one in self._of.decision.lines}
        for line in self._of.lines:
            decided = made[line.id]
            outcome = self.say(f"word.{decided.outcome.value}")
            if line.id in self._of.life.standing.refused:
                outcome = self._comma.join((outcome, self.say("approve.line_refused")))
            yield GAP + self.say(
                "approve.line",
                line=line.id,
                date=line.date.isoformat(),
                category=self._policy.title_of(line.category)[LANGUAGES.index(self._language)],
                amount=_shown(line.amount),
                allowed=_shown(decided.allowed),
                outcome=outcome,
            )
            for finding in decided.findings:
                yield GAP * 2 + finding_text(self._policy, finding, self._language)

    def said(self, one: Said) -> Iterator[str]:
        word = one.approval
        who = self.person(word.approver)
        if word.instead_of:
            other = self.person(word.instead_of)
            who = self.say("approve.acts_for", who=who, other=other)
        steps = self._comma.join(self.titles(word.seats))
        code = f"approve.said_{word.verdict.value}"
        yield GAP + self.say(code, at=self.at(word.at), who=who, steps=steps)
        source = self.say(f"approve.provenance_{word.provenance.value}")
        yield GAP * 2 + self.say("approve.from", provenance=source)
        if word.refused:
            yield GAP * 2 + self.say("approve.lines_refused", lines=self._comma.join(word.refused))
        if one.is_erased:
            yield GAP * 2 + self.say("approve.reason_erased")
        elif word.reason:
            yield GAP * 2 + self.say("approve.reason", reason=word.reason)
        is_older = word.version != self._of.life.standing.version
        if is_older:
            yield GAP * 2 + self.say("approve.earlier", version=str(word.version))
        if one.changes is not None:
            changes = "; ".join(self.change(change) for change in one.changes)
            yield GAP * 2 + self.say("approve.void", changes=changes)

    def titles(self, seats: tuple[str, ...]) -> Iterator[str]:
        """Give the titles of the steps that seats belong to, each once."""
        side = LANGUAGES.index(self._language)
        titles = {one.code: one.title[side] or one.code for one in self._policy.authorities}
        yield from dict.fromkeys(
            titles.get(code, code) for code in (seat.partition(" ")[0] for seat in seats)
        )

    def change(self, change: Change) -> str:
        values = {"line": change.line, "before": change.before, "after": change.after}
        values = {name: value or "-" for name, value in values.items()}
        part = self.say(f"part.{change.part.value}")
        code = "approve.change" if change.before or change.after else "approve.change_only"
        return self.say(code, part=part, **values)

    def due(self) -> Iterator[str]:
        life = self._of.life
        if life.state is State.WAITING_FOR_CLAIMANT:
            yield self.say("approve.waits_claimant", person=self.person(life.person))
        due = life.standing.due
        if due is None:
            return
        paid = _shown(life.standing.paid or Money(0, due.currency))
        code = "approve.due" if life.due_on else "approve.settled"
        yield self.say(code, due=_shown(due), paid=paid, day=f"{life.due_on}")


def _shown(amount: Money) -> str:
    return f"{amount.amount:,f} {amount.currency}"


def claim_json(of: ShownClaim, policy: Policy) -> dict[str, object]:
    """Give a claim as scripts read it; findings in both languages."""
    life, decided = of.life, {one.line: one for one in of.decision.lines}
    due, paid = life.standing.due, life.standing.paid
    return {
        "claim": life.claim,
        "person": life.person,
        "state": life.state.value,
        "version": life.standing.version,
        "content_code": of.code,
        "pending": of.is_pending,
        "outcome": of.decision.outcome.value,
        "claimed": _money(of.decision.claimed),
        "allowed": _money(of.decision.allowed),
        "approved": _money(due) if due is not None else None,
        "paid": _money(paid) if paid is not None else None,
        "due_on": life.due_on.isoformat() if life.due_on else None,
        "refused": list(life.standing.refused),
        "lines": [
            {
                "line": line.id,
                "date": line.date.isoformat(),
                "category": line.category,
                "amount": _money(line.amount),
                "allowed": _money(decided[line.id].allowed),
                "outcome": decided[line.id].outcome.value,
                "findings": [
                    {
                        "code": one.code,
                        "text": {at: finding_text(policy, one, at) for at in LANGUAGES},
                    }
                    for one in decided[line.id].findings
                ],
            }
            for line in of.lines
        ],
        "route": to_json(life.route),
        "done": list(of.progress.done),
        "approved_there": of.is_approved_there,
        "open": None
        if of.opened is None
        else {
            "step": life.open_step,
            "asked": list(life.asked),
            "since": of.opened.isoformat(),
            "reminder": of.reminder.isoformat() if of.reminder else None,
            "escalation": of.escalation.isoformat() if of.escalation else None,
        },
        "said": [_said_json(one) for one in of.said],
    }


def _said_json(one: Said) -> dict[str, object]:
    word = one.approval
    return {
        "number": one.number,
        "at": word.at.isoformat(),
        "approver": word.approver,
        "instead_of": word.instead_of,
        "verdict": word.verdict.value,
        "seats": list(word.seats),
        "refused": list(word.refused),
        "reason": None if one.is_erased else word.reason,
        "erased": one.is_erased,
        "provenance": word.provenance.value,
        "source": one.source,
        "version": word.version,
        "signed": word.signed,
        "counts": one.changes is None,
        "voided": None if one.changes is None else to_json(one.changes),
    }


def _money(amount: Money) -> dict[str, str]:
    return {"amount": f"{amount.amount:f}", "currency": amount.currency}
