"""Approvals as sentences: who takes a step, when it is due, and within which time.

Likewise who may approve how much, what passes by itself, what an approval must come from, and when
what is approved is paid.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from crm_expenses.core.approval import (
    MANAGER,
    PERSON,
    ROLE,
    Authority,
    AuthorityLimit,
    Group,
    Provenance,
)
from crm_expenses.core.approval.authority import EVERYONE, GRADE
from crm_expenses.core.decision import Outcome
from crm_expenses.messages import Language, table
from crm_expenses.rules.phrase import Phrases, Said
from crm_expenses.rules.plainwords import plain, spelled
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.prose import sentence
from crm_expenses.rules.tree import Node, Op
from crm_expenses.rules.unfold import flat
from crm_expenses.rules.valuewords import terms_words


def approval_prose(
    policy: Policy, step: Authority, language: Language, own: Phrases | None = None
) -> Said:
    """Say when a step of the approval route is due, who takes it, and within which time."""
    own = own or Phrases(policy, language)
    said = _when_due(own, policy, step)
    lead = [own.say("prose.step_title", a=step.title[own.side])] if any(step.title) else []
    if step.on is not None:
        lead.append(own.say("prose.step_on", list=own.categories(sorted(step.on))))
    if step.teams is not None:
        teams = own.listed([own.quoted(team) for team in sorted(step.teams)], "prose.or")
        lead.append(own.say("prose.step_teams", list=teams))
    more = list(_conditions(own, step))
    pieces = [*lead, *more, said.text] if said.parts else [*lead, said.text, *more]
    return Said(own.sentences(pieces), said.parts)


def terms_prose(policy: Policy, language: Language, own: Phrases | None = None) -> Said:
    """Say what holds for all steps; nothing where the policy says nothing of its own.

    The parts are the limits of authority, one each.
    """
    own = own or Phrases(policy, language)
    terms = policy.terms
    pieces = []
    if terms.automatic is not None:
        worst = table()[f"word.{terms.automatic.outcome.value}"][own.side]
        code = "prose.automatic" if terms.automatic.on is None else "prose.automatic_on"
        pieces.append(
            own.say(
                code,
                amount=_money(own, terms.automatic.up_to),
                outcome=own.quoted(worst),
                list=own.categories(sorted(terms.automatic.on or ())),
            )
        )
    if terms.accepts is not Provenance.ASSERTED:
        pieces.append(own.say("prose.accepts", least=own.say(f"provenance.{terms.accepts.value}")))
    limits = tuple(Said(_limit(own, one)) for one in terms.limits)
    if limits:
        pieces.append(own.say("prose.limits"))
    return Said(own.sentences(pieces), limits)


def payment_prose(policy: Policy, language: Language, own: Phrases | None = None) -> str:
    """Say when what is approved is paid; nothing where the policy has no cycle."""
    own = own or Phrases(policy, language)
    terms = policy.payment
    if not terms.monthly_on and not terms.days_after:
        return ""
    days = days_words(own, max(1, terms.days_after), is_working=terms.is_working)
    if not terms.monthly_on:
        return own.say("prose.paid_after", days=days)
    on = [own.say("prose.pay_day", n=str(day)) for day in sorted(set(terms.monthly_on))]
    said = own.say("prose.paid_monthly", list=own.listed(on, "prose.both"), days=days)
    return own.sentences([said, own.say("prose.paid_next")]) if terms.is_working else said


def who_words(own: Phrases, who: str) -> str:
    """Give whom `manager`, `role:NAME`, `person:ID`, `grade:NAME` or `everyone` is."""
    if who in (MANAGER, EVERYONE):
        return own.say(f"prose.who_{who}")
    leads = (
        (ROLE, "role", "prose.who_role"),
        (GRADE, "grade", "prose.who_grade"),
        (PERSON, "person", "prose.who_person"),
    )
    for lead, words_of, code in leads:
        if who.startswith(lead):
            name = who.removeprefix(lead)
            called = own.policy.words.get((words_of, name), (name, name))
            return own.say(code, name=own.quoted(called[own.side]))
    return own.quoted(who)


def days_words(own: Phrases, days: int, *, is_working: bool) -> str:
    """Give a number of days, working days or all days."""
    one, many = own.say("prose.days_worked" if is_working else "prose.days_all").split("|")
    return (one if days == 1 else many).replace("#", str(days))


def finding_title(own: Phrases, code: str) -> str:
    """Give what a finding is called: its rule's title, or our own word."""
    rule = own.policy.rule(code)
    return rule.title[own.side] if rule is not None else table()[f"title.{code}"][own.side]


def _when_due(own: Phrases, policy: Policy, step: Authority) -> Said:
    reasons = [Said(text) for text in _reasons(own, step)]
    if step.code in policy.asked:
        asked = plain(spelled(policy.asked[step.code]))
        parts = flat(asked, Op.OR) if asked.op is Op.OR else [asked]
        reasons += [_with_terms(own, part) for part in parts]
    is_all = step.group is Group.ALL and len(step.who) > 1
    who = own.listed([who_words(own, one) for one in step.who], _JOINTS[is_all])
    each = "step_each" if is_all else "step"
    if not reasons:
        return sentence(own, f"prose.{each}_always", Said(""), who=who)
    if len(reasons) == 1 and reasons[0].text == own.say("prose.all"):
        return sentence(own, f"prose.{each}_all", reasons[0], who=who)
    if len(reasons) == 1:
        return sentence(own, f"prose.{each}", reasons[0], who=who)
    return sentence(own, f"prose.{each}_any", Said("", tuple(reasons)), who=who)


_JOINTS: Final = {True: "prose.both", False: "prose.or"}


def _with_terms(own: Phrases, node: Node) -> Said:
    """Say a condition, and below it what the named expressions in it stand for."""
    said, terms = own.condition(node), terms_words(own, (node,))
    return Said(said.text, (*said.parts, *(terms.parts if terms is not None else ())))


def _reasons(own: Phrases, step: Authority) -> Iterable[str]:
    if step.above is not None:
        yield own.say("prose.above", amount=_money(own, step.above))
    if step.outcome is not None:
        yield own.say(_OUTCOMES[step.outcome])
    for code in sorted(step.findings):
        yield own.say("prose.found", title=own.quoted(finding_title(own, code)))
    if step.budget is not None:
        yield own.say(f"prose.budget_{step.budget.value}")


_OUTCOMES: Final = {
    Outcome.PASS: "prose.outcome_pass",
    Outcome.REDUCED: "prose.outcome_reduced",
    Outcome.JUSTIFY: "prose.outcome_justify",
    Outcome.REVIEW: "prose.outcome_review",
    Outcome.REJECT: "prose.outcome_reject",
}


def _conditions(own: Phrases, step: Authority) -> Iterator[str]:
    """Say the time limits of a step, and what it accepts beside what holds for all."""
    limit = step.deadline
    if limit.remind_after is not None:
        days = days_words(own, limit.remind_after, is_working=limit.is_working)
        yield own.say("prose.reminded", days=days)
    if limit.escalate_after is not None:
        days = days_words(own, limit.escalate_after, is_working=limit.is_working)
        if limit.escalate_to == MANAGER:
            yield own.say("prose.escalated_up", days=days)
        else:
            yield own.say("prose.escalated", days=days, who=who_words(own, limit.escalate_to))
    if step.accepts is not None:
        yield own.say("prose.accepts", least=own.say(f"provenance.{step.accepts.value}"))


def _limit(own: Phrases, limit: AuthorityLimit) -> str:
    who = who_words(own, limit.who)
    if limit.up_to is None:
        said = own.say("prose.limit_none", who=who)
    else:
        said = own.say("prose.limit_of", who=who, amount=_money(own, limit.up_to))
    return said[:1].upper() + said[1:]


def _money(own: Phrases, minor: int) -> str:
    return own.quantity(minor, own.catalogue.names["amount"].type)
