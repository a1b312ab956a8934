"""The `prose` reading: a policy's rules, windows and approvals as sentences for an employee.

The sentences are made from the same typed trees that decide claims, so what is read can never
differ from what is enforced. Nothing here knows of a page: who publishes a policy sets these
statements as paragraphs and lists.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from crm_expenses.core.approval import MANAGER, PERSON, ROLE, Authority
from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.phrase import Phrases, Said
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.tree import Node, Op, names_in, quantity
from crm_expenses.rules.window import PER_NAMES, Counter, Window, WindowPeriod

PARTS: Final = ("on", "when", "says", "window", "effect")
"""The parts of a rule's prose, in the order in which they are read."""

_END: Final = ("。", ".", "：", ":")


@dataclass(frozen=True, slots=True)
class RuleProse:
    """A rule in words. `parts` are pairs of a part's name (of `PARTS`) and what it says."""

    code: str
    kind: str
    title: str
    clause: str
    parts: tuple[tuple[str, Said], ...]

    def part(self, name: str) -> Said | None:
        """Give one part, None where the rule has none."""
        return next((said for part, said in self.parts if part == name), None)

    def lines(self) -> list[str]:
        """Give the whole rule as lines of text."""
        return [line for _, said in self.parts for line in said.lines()]


def rule_prose(policy: Policy, rule: Rule, language: Language) -> RuleProse:
    """Say a rule: what it is on, where it applies, what it says, what follows."""
    own = Phrases(policy, language)
    said = {
        "on": Said(_on(own, rule)),
        "when": _when(own, rule),
        "says": _says(own, rule),
        "window": _more(own, rule),
        "effect": Said(_effect(own, rule)),
    }
    parts = tuple((name, said[name]) for name in PARTS)
    return RuleProse(
        rule.code,
        own.say(f"kind.{rule.kind.value}"),
        rule.title[LANGUAGES.index(language)],
        rule.clause,
        tuple((name, part) for name, part in parts if part is not None and part.text),
    )


def condition_prose(policy: Policy, node: Node, language: Language) -> Said:
    """Say a condition as a clause."""
    return Phrases(policy, language).condition(node)


def amount_words(policy: Policy, minor: int, language: Language) -> str:
    """Write an amount of the policy's currency, in minor units, as prose does."""
    own = Phrases(policy, language)
    return own.quantity(minor, policy.catalogue.names["amount"].type)


# Parts of a rule


def _on(own: Phrases, rule: Rule) -> str:
    if rule.scope is RuleScope.CLAIM:
        return own.say("prose.on_claim")
    if rule.scope is RuleScope.DAY:
        listed = own.categories(sorted(rule.on)) if rule.on else own.say("prose.every_category")
        return own.say("prose.on_days", list=listed)
    if rule.on is None:
        return own.say("prose.on_all")
    return own.say("prose.on", list=own.categories(sorted(rule.on)))


def _when(own: Phrases, rule: Rule) -> Said | None:
    if rule.when is None:
        return None
    return _sentence(own, "prose.when", own.condition(rule.when))


def _says(own: Phrases, rule: Rule) -> Said:
    is_days = rule.scope is RuleScope.DAY
    match rule.kind:
        case RuleKind.LIMIT if rule.window is not None:
            window = window_words(own, rule.window)
            return _sentence(own, "prose.limit_window", own.cases(rule.main), window=window)
        case RuleKind.LIMIT:
            code = "prose.limit_days" if is_days else "prose.limit"
            return _sentence(own, code, own.cases(rule.main))
        case RuleKind.ALLOW:
            code = "prose.allow_days" if is_days else "prose.allow"
            return _sentence(own, code, own.cases(rule.main))
        case RuleKind.MEASURE if rule.window is not None:
            window = window_words(own, rule.window)
            return _sentence(own, "prose.measure_window", own.cases(rule.main), window=window)
        case RuleKind.MEASURE:
            return _sentence(own, "prose.measure_of", own.cases(rule.main))
        case kind:
            return _sentence(own, f"prose.{kind.value}", own.condition(rule.main))


def _more(own: Phrases, rule: Rule) -> Said | None:
    """Say what a sum counts, or which component an entitlement is."""
    if rule.window is not None and rule.window.counts_input:
        return Said(own.say("prose.counts_input"))
    if rule.component:
        return Said(own.say("prose.component", name=own.table_name(rule.component)))
    return None


def _effect(own: Phrases, rule: Rule) -> str:
    if rule.kind in (RuleKind.ALLOW, RuleKind.MEASURE):
        return own.say("effect.none") if rule.kind is RuleKind.MEASURE else ""
    group = "forbid" if rule.kind is RuleKind.FLAG else rule.kind.value
    return own.say(f"effect.{group}.{rule.effect.value}")


def _sentence(own: Phrases, code: str, said: Said, **values: str) -> Said:
    """Make a sentence of a statement: a capital in front, a stop behind unless a list follows."""
    text = own.say(code, a=said.text, **values)
    text = text[:1].upper() + text[1:]
    if own.language == "zh":
        return Said(text + ("：" if said.parts else "。"), said.parts)
    return Said(text if said.parts else f"{text}.", said.parts)


# Windows


def window_words(own: Phrases, window: Window) -> str:
    """Say over what a sum is kept: per person and calendar month, in any 30 days."""
    keys = [_per(own, name) for name in window.per]
    day = quantity("day")
    behind = ""
    match window.period:
        case WindowPeriod.ROLLING:
            behind = own.say("prose.rolling", days=own.quantity(window.days, day))
        case WindowPeriod.SPELL:
            behind = own.say("prose.spell", days=own.quantity(window.gap_days, day))
        case WindowPeriod.ALL_TIME:
            behind = own.say("prose.all_time")
        case WindowPeriod.YEAR if window.year_starts != (1, 1):
            keys.append(own.say("prose.year_from", day=_month_day(own, window.year_starts)))
        case period:
            keys.append(own.say(f"period.{period.value}"))
    if own.language == "zh":
        ahead = "".join(own.say("prose.per", keys=key) for key in keys)
    else:
        ahead = own.say("prose.per", keys=own.listed(keys, "prose.both")) if keys else ""
    comma = own.say("prose.window_comma") if ahead and behind and own.language == "en" else ""
    return f"{ahead}{comma}{behind}"


def _per(own: Phrases, name: str) -> str:
    if name in PER_NAMES:
        return own.say(f"per.{name}")
    noun = own.noun(name)
    return noun.removeprefix("the ")


def _month_day(own: Phrases, starts: tuple[int, int]) -> str:
    month, day = starts
    name = own.option("month", str(month))
    return own.say("prose.month_day", day=str(day), month=name)


def counter_prose(policy: Policy, counter: Counter, language: Language) -> Said:
    """Say a named window: what earlier lines add up to, which of them, over what."""
    own = Phrases(policy, language)
    title = own.quoted(counter.title[LANGUAGES.index(language)])
    is_count = counter.adds.op is Op.CONSTANT and counter.type == quantity("line")
    if is_count:
        text = own.say("prose.counter_lines", title=title)
    else:
        text = own.say("prose.counter_sum", title=title, adds=own.value(counter.adds))
    comma = own.say("prose.window_comma")
    pieces = [text, window_words(own, counter.window)]
    if counter.on is not None:
        pieces.append(own.say("prose.counter_on", list=own.categories(sorted(counter.on))))
    condition = own.condition(counter.when) if counter.when is not None else None
    if condition is not None:
        pieces.append(own.say("prose.counter_when", test=condition.text))
        if condition.parts:
            return Said(comma.join(pieces), condition.parts)
    return Said(comma.join(pieces) + own.say("prose.stop"))


# Approvals


def approval_prose(policy: Policy, step: Authority, language: Language) -> Said:
    """Say when a step of the approval route is due, and who takes it."""
    own = Phrases(policy, language)
    reasons = [Said(text) for text in _reasons(own, step)]
    if step.code in policy.asked:
        reasons.append(own.condition(policy.asked[step.code]))
    who = _who(own, step.who)
    if len(reasons) == 1:
        return _sentence(own, "prose.step", reasons[0], who=who)
    head = Said(own.say("prose.any"), tuple(reasons))
    if len(reasons) == 2 and not any(reason.parts for reason in reasons):
        head = Said(own.listed([reason.text for reason in reasons], "prose.or"))
    return _sentence(own, "prose.step", head, who=who)


def _reasons(own: Phrases, step: Authority) -> Iterable[str]:
    if step.above is not None:
        amount = own.quantity(step.above, own.catalogue.names["amount"].type)
        yield own.say("prose.above", amount=amount)
    if step.outcome is not None:
        yield own.say(_OUTCOMES[step.outcome])


_OUTCOMES: Final = {
    Outcome.PASS: "prose.outcome_pass",
    Outcome.REDUCED: "prose.outcome_reduced",
    Outcome.JUSTIFY: "prose.outcome_justify",
    Outcome.REVIEW: "prose.outcome_review",
    Outcome.REJECT: "prose.outcome_reject",
}


def _who(own: Phrases, who: str) -> str:
    if who == MANAGER:
        return own.say("prose.who_manager")
    for lead, code in ((ROLE, "prose.who_role"), (PERSON, "prose.who_person")):
        if who.startswith(lead):
            return own.say(code, name=own.quoted(who.removeprefix(lead)))
    return own.quoted(who)


# What a claimant must give


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact that the claimant gives for a category.

    `demanded_by` are the codes of the rules that find fault with a line that lacks it, or has it
    otherwise; `read_by` those of the other rules that look at it.
    """

    name: str
    demanded_by: tuple[str, ...]
    read_by: tuple[str, ...]


def asked_of(policy: Policy, category: str) -> tuple[Asked, ...]:
    """Give the facts that the rules of a category read and the claimant gives.

    The amount, the day and the category of a line are always given, and are left out.
    """
    names = policy.catalogue.names
    demanded: dict[str, set[str]] = {}
    read: dict[str, set[str]] = {}
    for rule in policy.rules:
        if rule.scope is RuleScope.CLAIM or not rule.covers(category):
            continue
        asked = set(rule.reads)
        for counter in policy.counters.values():
            if counter.name in asked:
                asked |= counter.reads
        if rule.effect is Effect.JUSTIFY:
            asked.add("justification")
        demands = names_in(rule.main) if rule.kind is RuleKind.REQUIRE else frozenset()
        for name in asked:
            if name != "amount" and name in names and names[name].is_claimants:
                read.setdefault(name, set()).add(rule.code)
                if name in demands:
                    demanded.setdefault(name, set()).add(rule.code)
    return tuple(
        Asked(
            name,
            tuple(sorted(demanded.get(name, ()))),
            tuple(sorted(read[name] - demanded.get(name, set()))),
        )
        for name in names
        if name in read
    )
