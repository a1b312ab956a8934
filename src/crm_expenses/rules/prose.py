"""The `prose` reading: a policy's rules and windows as sentences for an employee.

The sentences are made from the same typed trees that decide claims, so what is read can never
differ from what is enforced. Nothing here knows of a page: who publishes a policy sets these
statements as paragraphs and lists.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crm_expenses.core.finding import Effect
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.rules.apart import are_apart
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.lookupwords import figure_words, newest_words
from crm_expenses.rules.phrase import Phrases, Said
from crm_expenses.rules.plainwords import implied, plain, spelled
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.sumwords import bounded, is_between, is_nothing
from crm_expenses.rules.tree import Node, Op, Sort, names_in, quantity, walk
from crm_expenses.rules.unfold import bare
from crm_expenses.rules.valuewords import terms_words
from crm_expenses.rules.window import PER_NAMES, Counter, Window, WindowPeriod

PARTS: Final = ("on", "when", "says", "window", "effect", "terms")
"""The parts of a rule's prose, in the order in which they are read."""


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


def rule_prose(
    policy: Policy, rule: Rule, language: Language, own: Phrases | None = None
) -> RuleProse:
    """Say a rule: what it is on, where it applies, what it says, what follows.

    `own` says it with other names of tables, as a handbook does that numbers them.
    """
    own = own.looking_at(rule.scope) if own else Phrases(policy, language, rule.scope)
    said = {
        "on": Said(_on(own, rule)),
        "when": _when(own, rule),
        "says": _says(own, rule),
        "window": _more(own, rule),
        "effect": Said(_effect(own, rule)),
        "terms": terms_words(own, rule.expressions),
    }
    parts = _told_once(own, rule, [(name, said[name]) for name in PARTS])
    return RuleProse(
        rule.code,
        own.say(f"kind.{rule.kind.value}"),
        rule.title[LANGUAGES.index(language)],
        rule.clause,
        tuple((name, part) for name, part in parts if part is not None and part.text),
    )


def condition_prose(policy: Policy, node: Node, language: Language) -> Said:
    """Say a condition as a clause."""
    return Phrases(policy, language).condition(plain(node))


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
        code = "prose.on_days" if rule.scope is RuleScope.DAY else "prose.on_periods"
        return own.say(code, list=listed)
    if rule.on is None:
        return own.say("prose.on_all")
    return own.say("prose.on", list=own.categories(sorted(rule.on)))


def _when(own: Phrases, rule: Rule) -> Said | None:
    if rule.when is None:
        return None
    code = "prose.when_days" if rule.scope.is_of_trip else "prose.when"
    return sentence(own, code, own.condition(plain(rule.when)), **_part_words(own, rule))


def _part_words(own: Phrases, rule: Rule) -> dict[str, str]:
    """Give the words for what a rule on a trip looks at: its days, or 24 hours each."""
    scope = rule.scope.value
    if not rule.scope.is_of_trip:
        return {}
    return {"part": own.say(f"piece.{scope}"), "parts": own.say(f"pieces.{scope}")}


_WHOLE: Final = {
    "prose.when": ("prose.when_all", "prose.when_any"),
    "prose.when_days": ("prose.when_days_all", "prose.when_days_any"),
    "prose.require": ("prose.require_all", "prose.require_any"),
    "prose.forbid": ("prose.forbid_all", "prose.forbid_any"),
    "prose.flag": ("prose.flag_all", "prose.flag_any"),
}
"""What a sentence becomes when all of a list must hold, or any of it."""

_BARE: Final = {
    (RuleKind.LIMIT, False): "prose.limit",
    (RuleKind.LIMIT, True): "prose.limit_days",
    (RuleKind.ALLOW, False): "prose.allow",
    (RuleKind.ALLOW, True): "prose.allow_days",
    (RuleKind.MEASURE, False): "prose.measure_of",
    (RuleKind.MEASURE, True): "prose.measure_days",
    (RuleKind.REQUIRE, False): "prose.require",
    (RuleKind.REQUIRE, True): "prose.require_days",
    (RuleKind.FORBID, False): "prose.forbid",
    (RuleKind.FORBID, True): "prose.forbid_days",
    (RuleKind.FLAG, False): "prose.flag",
    (RuleKind.FLAG, True): "prose.flag_days",
}
_SUMMED: Final = {
    (RuleKind.LIMIT, False): "prose.limit_window",
    (RuleKind.LIMIT, True): "prose.limit_window_days",
    (RuleKind.MEASURE, False): "prose.measure_window",
    (RuleKind.MEASURE, True): "prose.measure_window_days",
}
"""How each kind of rule is said on a line and, where true, on the days of a trip."""


def _allows_nothing(rule: Rule) -> bool:
    return rule.kind is RuleKind.LIMIT and rule.effect is Effect.CAP and is_nothing(rule.main)


_AMOUNTS: Final = frozenset({RuleKind.LIMIT, RuleKind.ALLOW, RuleKind.MEASURE})


def _says(own: Phrases, rule: Rule) -> Said:
    main = plain(rule.main, implied(rule.when))
    if _allows_nothing(rule):
        return sentence(own, "prose.limit_nothing", Said(""))
    kind = (rule.kind, rule.scope.is_of_trip)
    parts = _part_words(own, rule)
    if rule.window is not None:
        window = window_words(own, rule.window)
        return sentence(own, _SUMMED[kind], own.cases(main), window=window, **parts)
    if rule.kind not in _AMOUNTS:
        return sentence(own, _BARE[kind], own.condition(main), **parts)
    code = _BARE[kind]
    if code == "prose.allow" and "amount" in names_in(main):
        own.claimed, code = True, "prose.allow_claimed"
    said = own.cases(main)
    own.claimed = False
    return sentence(own, code, said, **parts)


def _more(own: Phrases, rule: Rule) -> Said | None:
    """Say what a sum counts, or which other rules an entitlement goes together with."""
    if rule.window is not None and rule.window.counts_input:
        return Said(own.say("prose.counts_input"))
    if rule.kind is not RuleKind.ALLOW:
        return None
    others = [
        other
        for other in own.policy.rules
        if other.kind is RuleKind.ALLOW and other is not rule and _meet(own.policy, rule, other)
    ]
    said = []
    for code, is_same in (("prose.lowest_with", True), ("prose.added_to", False)):
        titles = [
            own.quoted(other.title[LANGUAGES.index(own.language)])
            for other in others
            if (other.component == rule.component) is is_same
        ]
        if titles:
            said.append(own.say(code, titles=own.listed(titles, own.enumeration)))
    if any(other.component != rule.component for other in others) and any(
        _takes_away(one.main) for one in (rule, *others)
    ):
        said.append(own.say("prose.never_below"))
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


def _meet(policy: Policy, one: Rule, other: Rule) -> bool:
    """Say whether two rules can give something for the same, as far as their words show it.

    Days of one trip are added up, so rules on different days meet, unless the lowest counts.
    """
    if not any(one.covers(code) and other.covers(code) for code in policy.categories):
        return False
    is_added = one.component != other.component and one.scope.is_of_trip
    return is_added or one.scope is not other.scope or not are_apart(one.when, other.when)


def _effect(own: Phrases, rule: Rule) -> str:
    if rule.kind is RuleKind.MEASURE:
        return own.say("effect.none")
    if rule.kind is RuleKind.ALLOW:
        if rule.scope.is_of_trip:
            return own.say("effect.allow.once", **_part_words(own, rule))
        return own.say("effect.allow.line") if rule.when is not None else ""
    if _allows_nothing(rule):
        return ""
    group = "forbid" if rule.kind is RuleKind.FLAG else rule.kind.value
    return own.say(f"effect.{group}.{rule.effect.value}")


def sentence(own: Phrases, code: str, said: Said, **values: str) -> Said:
    """Make a sentence of a statement: a capital in front, a stop behind unless a list follows."""
    all_of, any_of = _WHOLE.get(code, (code, code))
    if said.parts and said.text == own.say("prose.all"):
        code = all_of
    elif said.parts and said.text == own.say("prose.any"):
        code = any_of
    text = own.say(code, a=said.text, **values)
    text = text[:1].upper() + text[1:]
    if own.language == "zh":
        return Said(text + ("：" if said.parts else "。"), said.parts)
    return Said(text if said.parts else f"{text}.", said.parts)


Parts = list[tuple[str, Said | None]]


def _told_once(own: Phrases, rule: Rule, parts: Parts) -> Parts:
    """Say since when a figure holds, and how a value is bounded, where it is named first only."""
    for pair in dict.fromkeys(_longer(own, rule)):
        is_told, made = False, []
        for part, said in parts:
            changed, is_told = _shortened(said, pair, is_told=is_told) if said else (said, is_told)
            made.append((part, changed))
        parts = made
    return parts


def _longer(own: Phrases, rule: Rule) -> Iterator[tuple[str, str]]:
    """Give what is said in full once, with what stands for it later."""
    for tree in rule.expressions:
        for node in walk(plain(tree, implied(rule.when))):
            if node.op is Op.LOOKUP and not node.args and node.type.sort is not Sort.CHOICE:
                parameter = own.policy.parameters[str(node.value)]
                if len(parameter.values) > 1:
                    yield figure_words(own, parameter), newest_words(own, parameter)
            elif is_between(node):
                yield own.value(node), own.within(bounded(bounded(node)[1])[1])


def _shortened(said: Said, pair: tuple[str, str], *, is_told: bool) -> tuple[Said, bool]:
    long, short = pair
    head, found, rest = said.text.partition(long)
    if found and not is_told:
        head, is_told = head + found, True
        text = head + rest.replace(long, short)
    else:
        text = said.text.replace(long, short)
    inner = []
    for part in said.parts:
        made, is_told = _shortened(part, pair, is_told=is_told)
        inner.append(made)
    return Said(text, tuple(inner)), is_told


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
        case WindowPeriod.ALL_TIME:
            behind = own.say("prose.all_time")
        case WindowPeriod.YEAR if window.year_starts != (1, 1):
            keys.append(own.say("prose.year_from", day=_month_day(own, window.year_starts)))
        case period:
            keys.append(own.say(f"period.{period.value}"))
    if own.language == "zh":
        return "".join(own.say("prose.per", keys=key) for key in keys) + behind
    ahead = own.say("prose.per", keys=own.listed(keys, "prose.both")) if keys else ""
    return own.say("prose.window_comma").join(part for part in (ahead, behind) if part)


def _per(own: Phrases, name: str) -> str:
    if name in PER_NAMES:
        return own.say(f"per.{name}")
    noun = own.noun(name)
    return noun.removeprefix("the ")


def _month_day(own: Phrases, starts: tuple[int, int]) -> str:
    month, day = starts
    name = own.option("month", str(month))
    return own.say("prose.month_day", day=str(day), month=name)


def counter_prose(
    policy: Policy, counter: Counter, language: Language, own: Phrases | None = None
) -> Said:
    """Say a named window: what earlier lines add up to, which of them, over what."""
    own = own or Phrases(policy, language)
    title = own.quoted(counter.title[LANGUAGES.index(language)])
    is_count = counter.adds.op is Op.CONSTANT and counter.type == quantity("line")
    given = implied(counter.when)
    values = {"title": title, "window": window_words(own, counter.window)}
    if is_count:
        text = own.say("prose.counter_lines", **values)
    else:
        text = own.say("prose.counter_sum", **values, adds=own.value(plain(counter.adds, given)))
    pieces = [text]
    if counter.on is not None:
        pieces.append(own.say("prose.counter_on", list=own.categories(sorted(counter.on))))
    parts: tuple[Said, ...] = ()
    takes = "eligible" if counter.window.counts_input else "left"
    pieces.append(own.say(f"prose.counter_{takes}"))
    if counter.when is not None:
        condition = own.condition(plain(spelled(counter.when)))
        parts = condition.parts
        pieces.append(own.say("prose.counter_when", test=condition.text))
    said = own.say("prose.counter_joint").join(pieces)
    return Said(said, parts) if parts else Said(said + own.say("prose.stop"))
