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
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.phrase import Phrases, Said
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.tree import Node, Op, names_in, quantity
from crm_expenses.rules.unfold import bare, flat
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
    own = Phrases(policy, language, rule.scope)
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
    if rule.scope.is_of_trip:
        listed = own.categories(sorted(rule.on)) if rule.on else own.say("prose.every_category")
        return own.say(f"prose.on_{_SPANS[rule.scope]}", list=listed)
    if rule.on is None:
        return own.say("prose.on_all")
    return own.say("prose.on", list=own.categories(sorted(rule.on)))


def _when(own: Phrases, rule: Rule) -> Said | None:
    if rule.when is None:
        return None
    return _sentence(own, "prose.when", own.condition(rule.when))


_SPANS: Final = {RuleScope.DAY: "days", RuleScope.PERIOD: "periods"}


def _says(own: Phrases, rule: Rule) -> Said:
    if rule.kind not in _GIVING:
        return _sentence(own, f"prose.{rule.kind.value}", own.condition(rule.main))
    kind, span = rule.kind.value, _SPANS.get(rule.scope, "")
    if rule.window is not None:
        code = f"prose.{kind}_window_{span}" if span else f"prose.{kind}_window"
        if rule.kind is RuleKind.LIMIT and rule.window.period is WindowPeriod.ALL_TIME:
            code = f"prose.limit_ever_{span}" if span else "prose.limit_ever"
        window = window_words(own, rule.window)
        return _sentence(own, code, own.cases(rule.main), window=window)
    code = f"prose.{kind}_{span}" if span else f"prose.{kind}"
    if rule.kind is RuleKind.MEASURE and not span:
        code = "prose.measure_of"
    if rule.kind is RuleKind.ALLOW and "amount" in names_in(rule.main):
        own.claimed = True
        said = own.cases(rule.main)
        own.claimed = False
        return _sentence(own, "prose.allow_claimed", said)
    return _sentence(own, code, own.cases(rule.main))


_GIVING: Final = frozenset({RuleKind.LIMIT, RuleKind.ALLOW, RuleKind.MEASURE})


def _more(own: Phrases, rule: Rule) -> Said | None:
    """Say what a sum counts, or how an entitlement stands to others."""
    if rule.window is not None and rule.window.counts_input:
        return Said(own.say("prose.counts_input"))
    if rule.kind is not RuleKind.ALLOW:
        return None
    beside = [other for other in own.policy.rules if _meet(rule, other)]
    name = own.component_name(rule.component)
    said = []
    if any(other.component != rule.component for other in beside):
        if rule.component in own.policy.components:
            said.append(own.say("prose.component", name=name))
        if any(_takes_away(other.main) for other in (rule, *beside)):
            said.append(own.say("prose.never_below"))
    if any(other.component == rule.component for other in beside):
        code = f"prose.component_{_SPANS.get(rule.scope, 'several')}"
        said.append(own.say(code, name=name))
    return Said(own.sentences(said)) if said else None


def _takes_away(node: Node) -> bool:
    """Say whether a value may be less than nothing, as a deduction is; a walk on is none."""
    node = bare(node)
    if node.low >= 0:
        return False
    match node.op:
        case Op.NEGATE:
            return True
        case Op.SUBTRACT:
            return not all(bare(arg).op is Op.ALONG for arg in node.args)
        case Op.CONSTANT | Op.LOOKUP | Op.BAND:
            return True
        case Op.IF:
            return any(map(_takes_away, node.args[1:]))
        case Op.NAME:
            return False
        case _:
            return any(map(_takes_away, node.args))


def _meet(rule: Rule, other: Rule) -> bool:
    """Say whether another rule gives something for a category of this one."""
    if other.code == rule.code or other.kind is not RuleKind.ALLOW:
        return False
    return rule.on is None or other.on is None or bool(rule.on & other.on)


def _effect(own: Phrases, rule: Rule) -> str:
    if rule.kind in (RuleKind.ALLOW, RuleKind.MEASURE):
        return own.say("effect.none") if rule.kind is RuleKind.MEASURE else ""
    group = "forbid" if rule.kind is RuleKind.FLAG else rule.kind.value
    return own.say(f"effect.{group}.{rule.effect.value}")


def _sentence(own: Phrases, code: str, said: Said, **values: str) -> Said:
    """Make a sentence of a statement: a capital in front, a stop behind unless a list follows."""
    text = own.say(code, a=said.text, **values).replace("：：", "：")
    text = text[:1].upper() + text[1:]
    if own.language == "zh":
        return Said(text + ("：" if said.parts else "。"), said.parts)
    return Said(text if said.parts else f"{text}.", said.parts)


# Windows


def window_words(own: Phrases, window: Window) -> str:
    """Say over what a sum is kept: per person and calendar month, in any 30 days."""
    is_trip = window.period is WindowPeriod.TRIP
    keys = [_per(own, name) for name in window.per if not (is_trip and name == "trip")]
    day = quantity("day")
    behind = ""
    match window.period:
        case WindowPeriod.ROLLING:
            behind = own.say("prose.rolling", days=own.quantity(window.days, day))
        case WindowPeriod.SPELL:
            behind = own.say("prose.spell", days=own.quantity(window.gap_days, day))
        case WindowPeriod.ALL_TIME if own.language == "zh" and keys:
            same = [key.lstrip(_MEASURES) for key in keys]
            return own.say("prose.per_ever", keys=own.listed(same, "prose.both"))
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


_MEASURES: Final = "个次张"


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
    rejected = own.say(
        "prose.counter_eligible" if counter.window.counts_input else "prose.counter_left"
    )
    condition = own.condition(counter.when) if counter.when is not None else None
    if condition is not None:
        pieces.append(own.say("prose.counter_when", test=condition.text))
        if condition.parts:
            return Said(comma.join([*pieces[:-1], rejected, pieces[-1]]), condition.parts)
    return Said(comma.join([*pieces, rejected]) + own.say("prose.stop"))


# Approvals


def approval_prose(policy: Policy, step: Authority, language: Language) -> Said:
    """Say when a step of the approval route is due, and who takes it."""
    own = Phrases(policy, language)
    reasons = [Said(text) for text in _reasons(own, step)]
    if step.code in policy.asked:
        node = policy.asked[step.code]
        reasons += map(own.condition, flat(node, Op.OR) if node.op is Op.OR else [node])
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
            name = who.removeprefix(lead)
            called = own.policy.words.get(("role", name), (name, name))
            return own.say(code, name=own.quoted(called[LANGUAGES.index(own.language)]))
    return own.quoted(who)
