"""A claim on a screen and as JSON: lines, steps with their owners, payments, what is next."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from crm_expenses.cli.desk import called, money_json, shown
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.core.ownclaim import Next, NextAction, Noted
from crm_expenses.messages import LANGUAGES
from crm_expenses.rules.routewords import route_lines
from crm_expenses.rules.wording import finding_text

if TYPE_CHECKING:
    from crm_expenses.core.approval import Approval
    from crm_expenses.pipeline.claimviews import ClaimRow, ClaimView, LineView, StepView
    from crm_expenses.rules.policy import Policy

ROW_COLUMNS = (
    Column("claims.column.number"),
    Column("claims.column.person"),
    Column("claims.column.title"),
    Column("claims.column.state"),
    Column("claims.column.version", is_number=True),
    Column("claims.column.due", is_number=True),
    Column("claims.column.paid", is_number=True),
    Column("claims.column.next"),
)
LOOSE_COLUMNS = (
    Column("claims.column.line"),
    Column("claims.column.date"),
    Column("claims.column.category"),
    Column("claims.column.merchant"),
    Column("claims.column.amount", is_number=True),
)


def say_claim(view: "ClaimView", policy: "Policy", screen: Screen, *, zone: tzinfo) -> None:
    """Print a claim."""
    for line in _Said(view, policy, screen, zone).lines():
        screen.say(line)


def say_rows(rows: "Sequence[ClaimRow]", people: Mapping[str, str], screen: Screen) -> None:
    """Print claims as a table."""
    screen.table(
        ROW_COLUMNS,
        [
            (
                one.claim,
                called(one.person, people),
                one.title,
                screen.text(f"word.{one.state.value}"),
                str(one.version) if one.version else "-",
                shown(one.due),
                shown(one.paid),
                _next(one.next, one.claim, people, screen, is_short=True),
            )
            for one in rows
        ],
    )


def say_loose(held: Sequence[Noted], policy: "Policy", screen: Screen) -> None:
    """Print loose lines as a table."""
    if not held:
        screen.say(screen.text("claims.none_loose"))
        return
    side = LANGUAGES.index(screen.language)
    screen.table(
        LOOSE_COLUMNS,
        [
            (
                one.line.id,
                one.line.date.isoformat(),
                _category(policy, one.line.category, side),
                one.line.merchant or one.line.purpose,
                shown(one.line.amount),
            )
            for one in held
        ],
    )


def _category(policy: "Policy", code: str, side: int) -> str:
    return policy.title_of(code)[side] if code in policy.categories else code


def _next(
    what: NextAction,
    claim: str,
    people: Mapping[str, str],
    screen: Screen,
    *,
    is_short: bool = False,
) -> str:
    """Say what is next of a claim, and who does it."""
    comma = screen.text("summary.comma")
    who = comma.join(called(one, people) for one in what.who) or screen.text("route.nobody")
    by = what.by.isoformat() if what.by else "-"
    if is_short:
        return screen.text(f"claims.next_short.{what.what.value}", who=who, by=by)
    return screen.text(f"claims.next.{what.what.value}", who=who, by=by, claim=claim)


class _Said:
    """A claim in words."""

    def __init__(self, view: "ClaimView", policy: "Policy", screen: Screen, zone: tzinfo) -> None:
        self._view = view
        self._policy = policy
        self._screen = screen
        self._zone = zone
        self._side = LANGUAGES.index(screen.language)

    def lines(self) -> Iterator[str]:
        view, say = self._view, self._screen.text
        yield self._head()
        if view.claim.title:
            yield view.claim.title
        yield self._who()
        if view.is_trial and view.life is not None:
            yield say("claims.trial")
        for line in view.lines:
            yield from self._line(line)
        if view.decision is not None:
            decision = view.decision
            for finding in decision.findings:
                yield f"  {finding.code}: {self._finding(finding)}"
            yield say(
                "claims.totals", claimed=shown(decision.claimed), allowed=shown(decision.allowed)
            )
        yield from self._route()
        yield from self._money()
        yield say(
            "claims.next",
            what=_next(view.next, view.claim.id, view.people, self._screen),
        )

    def _head(self) -> str:
        view = self._view
        state = self._screen.text(f"word.{view.state.value}")
        values = {"claim": view.claim.id, "state": state}
        if view.life is None:
            return self._screen.text("claims.head_draft", **values)
        version = str(view.life.standing.version)
        return self._screen.text("claims.head", **values, version=version)

    def _who(self) -> str:
        view = self._view
        person = called(view.claim.person, view.people)
        team = view.person.team if view.person and view.person.team else "-"
        if view.life is None or not view.life.submission:
            return self._screen.text("claims.who_draft", person=person, team=team)
        at = self._moment(view.claim.submitted)
        return self._screen.text("claims.who", person=person, team=team, at=at)

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}"

    def _line(self, of: "LineView") -> Iterator[str]:
        line, say = of.line, self._screen.text
        values = {
            "date": line.date.isoformat(),
            "category": _category(self._policy, line.category, self._side),
            "amount": shown(line.amount),
        }
        if of.decided is None:
            yield "  " + say("claims.line", **values)
        else:
            outcome = say(f"word.{of.decided.outcome.value}")
            allowed = shown(of.decided.allowed)
            yield "  " + say("claims.line_allowed", **values, outcome=outcome, allowed=allowed)
        beside = [say("claims.line_id", line=line.id), line.merchant, line.purpose]
        if of.voucher is not None and of.voucher.number:
            beside.append(say("claims.line_voucher", number=of.voucher.number))
        if of.is_refused:
            beside.append(say("claims.line_refused"))
        yield "      " + " · ".join(part for part in beside if part)
        if of.rate is not None:
            yield "      " + say(
                "claims.line_rate",
                currency=of.rate.currency,
                rate=f"{of.rate.rate:f}",
                into=of.rate.into,
                day=of.rate.day.isoformat(),
                source=of.rate.source or "-",
            )
        for finding in of.decided.findings if of.decided else ():
            yield f"      {finding.code}: {self._finding(finding)}"

    def _finding(self, finding: Any) -> str:
        return finding_text(self._policy, finding, self._screen.language)

    def _route(self) -> Iterator[str]:
        view = self._view
        if view.is_trial and view.route is not None:
            yield self._screen.text("claims.steps")
            said = route_lines(view.route, self._policy, self._screen.language, people=view.people)
            yield from (f"  {line}" for line in said)
        elif view.steps:
            yield self._screen.text("claims.steps")
            for number, step in enumerate(view.steps, start=1):
                yield f"  {self._step(number, step)}"
        elif view.life is not None and view.route is not None and view.route.automatic:
            said = route_lines(view.route, self._policy, self._screen.language, people=view.people)
            yield from said
        ended = view.ended_by
        if ended is not None and not any(ended in step.words for step in view.steps):
            yield self._word(ended)

    def _step(self, number: int, of: "StepView") -> str:
        say = self._screen.text
        title = of.step.title[self._side] or of.step.code
        who = say("summary.comma").join(called(one, self._view.people) for one in of.step.people)
        values = {"step": f"{number}. {title}", "who": who or say("route.nobody")}
        words = say("summary.comma").join(self._word(one) for one in of.words)
        if of.state.value == "done" or (of.words and of.state.value == "later"):
            return say("claims.step_done", words=words, **values)
        said = say(f"claims.step_{of.state.value}", **values)
        return f"{said} ({words})" if words else said

    def _word(self, one: "Approval") -> str:
        code = "partly" if one.refused else one.verdict.value
        return self._screen.text(
            f"claims.word_{code}",
            who=called(one.approver, self._view.people),
            at=self._moment(one.at),
            lines=", ".join(one.refused),
            reason=one.reason or "-",
        )

    def _money(self) -> Iterator[str]:
        view, say = self._view, self._screen.text
        standing = view.life.standing if view.life is not None else None
        if standing is not None and standing.due is not None:
            yield say("claims.approved", due=shown(standing.due))
        for advance, amount in view.cleared:
            yield "  " + say("claims.cleared", amount=shown(amount), advance=advance)
        for payment in view.payments:
            yield "  " + say(
                "claims.payment",
                day=payment.day.isoformat(),
                amount=shown(payment.amount),
                reference=payment.reference or "-",
                by=called(payment.by, view.people),
            )
        if standing is not None and standing.paid is not None and standing.due is not None:
            yield say("claims.paid_of", paid=shown(standing.paid), due=shown(standing.due))


def loose_json(one: Noted) -> dict[str, object]:
    """Give a loose line as a script reads it."""
    line = one.line
    return {
        "line": line.id,
        "date": line.date.isoformat(),
        "category": line.category,
        "spent": money_json(line.amount),
        "merchant": line.merchant,
        "purpose": line.purpose,
        "voucher": one.voucher.number if one.voucher else "",
    }


def row_json(one: "ClaimRow") -> dict[str, object]:
    """Give a claim of a list as a script reads it."""
    return {
        "claim": one.claim,
        "person": one.person,
        "title": one.title,
        "state": one.state.value,
        "version": one.version,
        "approved": money_json(one.due),
        "paid": money_json(one.paid),
        "next": _next_json(one.next),
    }


def view_json(view: "ClaimView", policy: "Policy") -> dict[str, object]:
    """Give a claim as a script reads it."""
    decision, life = view.decision, view.life
    standing = life.standing if life is not None else None
    return {
        "claim": view.claim.id,
        "person": view.claim.person,
        "title": view.claim.title,
        "state": view.state.value,
        "version": standing.version if standing else 0,
        "submitted": view.claim.submitted.isoformat() if life is not None else None,
        "trial": view.is_trial,
        "outcome": decision.outcome.value if decision else None,
        "claimed": money_json(decision.claimed if decision else None),
        "allowed": money_json(decision.allowed if decision else None),
        "findings": [_finding_json(one, policy) for one in decision.findings] if decision else [],
        "lines": [_line_json(one, policy) for one in view.lines],
        "steps": _steps_json(view),
        "reason": view.reason,
        "approved": money_json(standing.due if standing else None),
        "paid": money_json(standing.paid if standing else None),
        "due_on": life.due_on.isoformat() if life is not None and life.due_on else None,
        "payments": [
            {
                **(money_json(one.amount) or {}),
                "day": one.day.isoformat(),
                "by": one.by,
                "reference": one.reference,
            }
            for one in view.payments
        ],
        "cleared": [{"advance": name, **(money_json(one) or {})} for name, one in view.cleared],
        "next": _next_json(view.next),
    }


def _next_json(what: NextAction) -> dict[str, object]:
    by = what.by.isoformat() if what.by else None
    who = ["role:finance"] if what.what in (Next.PAY, Next.CLOSE) else list(what.who)
    return {"action": what.what.value, "who": who, "by": by}


def _line_json(of: "LineView", policy: "Policy") -> dict[str, object]:
    decided, rate = of.decided, of.rate
    return {
        "line": of.line.id,
        "date": of.line.date.isoformat(),
        "category": of.line.category,
        "spent": money_json(of.line.amount),
        "rate": None
        if rate is None
        else {"rate": f"{rate.rate:f}", "day": rate.day.isoformat(), "source": rate.source},
        "claimed": money_json(decided.claimed if decided else None),
        "allowed": money_json(decided.allowed if decided else None),
        "outcome": decided.outcome.value if decided else None,
        "refused": of.is_refused,
        "voucher": of.voucher.number if of.voucher else "",
        "findings": [_finding_json(one, policy) for one in decided.findings] if decided else [],
    }


def _finding_json(finding: Any, policy: "Policy") -> dict[str, object]:
    return {
        "code": finding.code,
        "effect": finding.effect.value,
        "message": {one: finding_text(policy, finding, one) for one in LANGUAGES},
    }


def _steps_json(view: "ClaimView") -> list[dict[str, object]]:
    if view.is_trial and view.route is not None:
        return [
            {"step": one.code, "state": "later", "who": list(one.people), "words": []}
            for one in view.route.steps
        ]
    return [
        {
            "step": one.step.code,
            "state": one.state.value,
            "who": list(one.step.people),
            "words": [
                {
                    "by": word.approver,
                    "at": word.at.isoformat(),
                    "verdict": word.verdict.value,
                    "refused": list(word.refused),
                    "reason": word.reason,
                }
                for word in one.words
            ],
        }
        for one in view.steps
    ]
