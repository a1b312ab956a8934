"""Two policies compared, part by part, and by what they decide."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from crm_expenses.core.decision import Decision
from crm_expenses.messages import LANGUAGES, Language, text
from crm_expenses.policydiff.changes import (
    ADDED,
    CHANGED,
    NOTHING,
    REMOVED,
    Change,
    ExampleChange,
    PartChange,
    PolicyDiff,
    Texts,
    both,
    same,
)
from crm_expenses.policydiff.figures import figure_changes, type_words
from crm_expenses.rules.approvalwords import approval_prose, payment_prose, terms_prose
from crm_expenses.rules.catalogue.make import OWN_CHOICES
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import Example, examples_of
from crm_expenses.rules.examplewords import result_words, situation_words, value_words
from crm_expenses.rules.phrase import Phrases, Said
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.prose import counter_prose, rule_prose
from crm_expenses.rules.scope import NamedValue
from crm_expenses.rules.tree import Node, Op, Sort
from crm_expenses.rules.unparse import unparse
from crm_expenses.rules.valuewords import NAMED_OPS, reached
from crm_expenses.rules.wording import finding_title


def compare(old: Policy, new: Policy) -> PolicyDiff:
    """Compare two policies."""
    examples, compared = _examples(old, new)
    return PolicyDiff(
        old,
        new,
        tuple(_head(old, new)),
        _changes(_categories(old), _categories(new)),
        _changes(_rules(old), _rules(new)),
        _value_changes(old, new),
        tuple(figure_changes(old, new)),
        _changes(_components(old), _components(new)),
        tuple(_approvals(old, new)),
        _changes(_windows(old), _windows(new)),
        _changes(_facts(old), _facts(new)),
        _changes(_lists(old), _lists(new)),
        tuple(_calendar(old, new)),
        _changes(_plug_ins(old), _plug_ins(new)),
        examples,
        compared,
    )


# Things with a name and parts


@dataclass(frozen=True, slots=True)
class _Part:
    """A part to compare: `key` says when two are the same, `texts` how it reads.

    `written` is how the policy writes it: it is added where the words of both sides are the same.
    """

    key: object
    texts: Texts
    written: str = ""


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something to compare: its title and its parts."""

    title: Texts
    parts: Mapping[str, _Part]


_NO_PART: Final = _Part(None, NOTHING)


def _plain(text: str) -> _Part:
    return _Part(text, same(text))


def _pair(pair: Sequence[str]) -> _Part:
    return _Part(tuple(pair), both(pair))


def _changes(old: Mapping[str, _Thing], new: Mapping[str, _Thing]) -> tuple[Change, ...]:
    found = []
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        thing = after or before
        parts = tuple(_parts(before.parts if before else {}, after.parts if after else {}))
        if thing is not None and parts:
            how = CHANGED if before and after else (ADDED if after else REMOVED)
            found.append(Change(name, how, thing.title, parts))
    return tuple(found)


def _parts(old: Mapping[str, _Part], new: Mapping[str, _Part]) -> Iterator[PartChange]:
    for part in dict.fromkeys((*old, *new)):
        before, after = old.get(part, _NO_PART), new.get(part, _NO_PART)
        if before.key != after.key:
            yield PartChange(part, _told_apart(before, after), _told_apart(after, before))


def _told_apart(part: _Part, other: _Part) -> Texts:
    """Give the words of a part, with its expression where the other one reads the same."""
    if part.written == other.written or part.texts != other.texts:
        return part.texts
    return {one: f"{said} [{part.written}]" for one, said in part.texts.items()}


def _shape_of(node: Node | None) -> object:
    """Give what a tree says, without places and without changes of scale.

    So a rule is the same while the figures of the tables change that it looks up, and while what
    its named values stand for does: those are compared by themselves.
    """
    if node is None:
        return None
    if node.op is Op.RESCALE:
        return _shape_of(node.args[0])
    if node.op in NAMED_OPS:
        return (node.op, node.value)
    value: object = node.value
    is_figure = node.op in (Op.CONSTANT, Op.ROUND, Op.DIVIDE) and type(value) is int
    if is_figure and node.type.sort is Sort.QUANTITY:
        value = Decimal(str(node.value)).scaleb(-node.type.scale).normalize()
    return (node.op, node.type.dims, value, node.mode, tuple(map(_shape_of, node.args)))


def _categories(policy: Policy) -> dict[str, _Thing]:
    return {
        code: _Thing(both(title), {"title": _pair(title)})
        for code, title in policy.categories.items()
    }


def _rules(policy: Policy) -> dict[str, _Thing]:
    return {rule.code: _rule(policy, rule) for rule in policy.rules}


def _rule(policy: Policy, rule: Rule) -> _Thing:
    prose = {language: rule_prose(policy, rule, language) for language in LANGUAGES}
    keys: dict[str, object] = {
        "on": (rule.scope, rule.on),
        "when": _shape_of(rule.when),
        "says": (rule.kind, _shape_of(rule.main), rule.window),
        "window": (rule.component, rule.window is not None and rule.window.counts_input),
        "effect": (rule.kind, rule.effect),
    }
    parts = {"title": _pair(rule.title)}
    for name, key in keys.items():
        said = {one: prose[one].part(name) for one in LANGUAGES}
        texts = {one: "\n".join(s.lines()) if s is not None else "" for one, s in said.items()}
        tree = {"when": rule.when, "says": rule.main}.get(name)
        if any(texts.values()):
            parts[name] = _Part(key, texts, unparse(tree) if tree is not None else "")
    parts["message"] = _pair(rule.message)
    if rule.clause:
        parts["clause"] = _plain(rule.clause)
    return _Thing(both(rule.title), parts)


def _windows(policy: Policy) -> dict[str, _Thing]:
    return {
        name: _Thing(
            both(counter.title),
            {
                "title": _pair(counter.title),
                "says": _Part(
                    (
                        replace(counter.window, counts_input=False),
                        _shape_of(counter.adds),
                        _shape_of(counter.when),
                        counter.on,
                    ),
                    _lines({one: counter_prose(policy, counter, one) for one in LANGUAGES}),
                    "; ".join(unparse(tree) for tree in (counter.adds, counter.when) if tree),
                ),
                "counts": _said(
                    f"diff.counts_{'eligible' if counter.window.counts_input else 'accepted'}"
                ),
            },
        )
        for name, counter in policy.counters.items()
    }


def _lines(said: Mapping[Language, Said]) -> Texts:
    return {one: "\n".join(statement.lines()) for one, statement in said.items()}


def _facts(policy: Policy) -> dict[str, _Thing]:
    names = policy.catalogue.names
    return {
        name: _Thing(
            both(names[name].meaning),
            {
                "title": _pair(names[name].meaning),
                "type": _Part(
                    (fact.type, fact.options),
                    {one: type_words(Phrases(policy, one), fact.type) for one in LANGUAGES},
                ),
                "of": _said(f"of.{fact.of.value}"),
            },
        )
        for name, fact in policy.facts.items()
    }


def _lists(policy: Policy) -> dict[str, _Thing]:
    """Give the lists, each word with what people call it."""
    return {
        name: _Thing(
            same(name),
            {
                "words": _Part(
                    tuple((word, policy.words.get((name, word))) for word in words),
                    {one: _words(policy, name, words, one) for one in LANGUAGES},
                )
            },
        )
        for name, words in policy.catalogue.choices.items()
        if name != "category" and name not in OWN_CHOICES
    }


def _words(policy: Policy, name: str, words: Sequence[str], language: Language) -> str:
    own = Phrases(policy, language)
    shown = []
    for word in words:
        called = policy.words.get((name, word))
        title = called[LANGUAGES.index(language)] if called is not None else word
        in_brackets = own.say("prose.brackets", a=word)
        gap = " " if language == "en" else ""
        shown.append(word if title == word else f"{title}{gap}{in_brackets}")
    return own.say("prose.comma").join(shown)


def _components(policy: Policy) -> dict[str, _Thing]:
    return {
        name: _Thing(both(title), {"title": _pair(title)})
        for name, title in policy.components.items()
    }


def _plug_ins(policy: Policy) -> dict[str, _Thing]:
    found = {}
    for plug_in in policy.plug_ins:
        says = {
            one: "\n".join(f"{code}: {plug_in.messages[code][at]}" for code in plug_in.messages)
            for at, one in enumerate(LANGUAGES)
        }
        parts = {
            "title": _pair(plug_in.title),
            "version": _plain(plug_in.version),
            "messages": _Part(tuple(sorted(plug_in.messages.items())), says),
        }
        found[plug_in.name] = _Thing(both(plug_in.title), parts)
    return found


# What has a name in the policy


def _value_changes(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Give the named values that stand for something else, and who reads them."""
    return tuple(
        replace(change, used=_users(new if change.name in new.values else old, change.name))
        for change in _changes(_values(old), _values(new))
    )


def _values(policy: Policy) -> dict[str, _Thing]:
    return {
        name: _Thing(
            both(value.title),
            {
                "title": _pair(value.title),
                "scope": _said(f"diff.scope_{value.of.value}"),
                "stands_for": _Part(
                    _shape_of(value.node),
                    _lines({one: _stands_for(policy, value, one) for one in LANGUAGES}),
                    unparse(value.node),
                ),
            },
        )
        for name, value in policy.values.items()
    }


def _stands_for(policy: Policy, value: NamedValue, language: Language) -> Said:
    own = Phrases(policy, language)
    is_condition = value.node.type.sort is Sort.YES_NO
    return own.condition(value.node) if is_condition else own.cases(value.node)


def _users(policy: Policy, name: str) -> tuple[str, ...]:
    """Give what reads a named value, also by way of another one."""
    trees: dict[str, tuple[Node, ...]] = {rule.code: rule.expressions for rule in policy.rules}
    for code, tree in policy.asked.items():
        trees[code] = (*trees.get(code, ()), tree)
    for code, counter in policy.counters.items():
        trees[code] = tuple(tree for tree in (counter.adds, counter.when) if tree is not None)
    return tuple(
        code
        for code, of in trees.items()
        if any(node.op in NAMED_OPS and node.value == name for node in reached(policy, of))
    )


def _said(code: str) -> _Part:
    """Make a part of one of our own texts."""
    return _Part(code, {one: text(code, one) for one in LANGUAGES})


def _approvals(old: Policy, new: Policy) -> Iterator[Change]:
    yield from _changes(_steps(old), _steps(new))
    orders = [[step.code for step in policy.authorities] for policy in (old, new)]
    if orders[0] != orders[1] and sorted(orders[0]) == sorted(orders[1]):
        before, after = (same(", ".join(order)) for order in orders)
        yield Change("", CHANGED, NOTHING, (PartChange("steps", before, after),))
    if parts := tuple(_terms(old, new)):
        yield Change("", CHANGED, NOTHING, parts)


def _terms(old: Policy, new: Policy) -> Iterator[PartChange]:
    """Compare what holds for all steps, and when what is approved is paid."""
    if old.terms != new.terms:
        before, after = (
            _lines({one: terms_prose(policy, one) for one in LANGUAGES}) for policy in (old, new)
        )
        yield PartChange("approval_terms", before, after)
    if old.payment != new.payment:
        before, after = (
            {one: payment_prose(policy, one) for one in LANGUAGES} for policy in (old, new)
        )
        yield PartChange("payment", before, after)


def _steps(policy: Policy) -> dict[str, _Thing]:
    return {
        step.code: _Thing(
            same(step.code),
            {
                "says": _Part(
                    (step, _shape_of(policy.asked.get(step.code))),
                    _lines({one: approval_prose(policy, step, one) for one in LANGUAGES}),
                )
            },
        )
        for step in policy.authorities
    }


def _head(old: Policy, new: Policy) -> Iterator[PartChange]:
    pairs = (
        ("id", same(old.id), same(new.id)),
        ("version", same(old.version), same(new.version)),
        ("currency", same(old.currency), same(new.currency)),
        ("title_of", both(old.title), both(new.title)),
    )
    for part, before, after in pairs:
        if before != after:
            yield PartChange(part, before, after)


def _calendar(old: Policy, new: Policy) -> Iterator[PartChange]:
    if old.calendar.covered != new.calendar.covered:
        yield PartChange("covered", same(old.calendar.covered), same(new.calendar.covered))
    for name in ("rest_days", "work_days"):
        before: frozenset[date] = getattr(old.calendar, name)
        after: frozenset[date] = getattr(new.calendar, name)
        if before != after:
            gone, come = (
                ", ".join(day.isoformat() for day in sorted(days))
                for days in (before - after, after - before)
            )
            yield PartChange(name, same(gone), same(come))


# Examples


def _examples(old: Policy, new: Policy) -> tuple[tuple[ExampleChange, ...], int]:
    """Decide the examples of both policies by both; give those that come out otherwise."""
    if old.currency != new.currency:
        return (), 0
    judges = (Evaluator(old), Evaluator(new))
    known: dict[tuple[object, ...], tuple[Policy, Example]] = {}
    for policy, judge in zip((old, new), judges, strict=True):
        for example in examples_of(judge):
            key = (example.facts.lines, example.facts.claim, *_rest(example))
            known.setdefault(key, (policy, example))
    told: dict[tuple[object, ...], ExampleChange] = {}
    for policy, example in known.values():
        before, after = (judge.decide(example.facts, digest=False) for judge in judges)
        change = _example(old, new, policy, example, (before, after))
        sides = (change.claim, change.result_old, change.result_new)
        key = tuple(said for side in sides for said in side.values())
        if _verdict(before) != _verdict(after) or key not in told:
            told[key] = change
    found = [one for one in told.values() if _verdict(one.old) != _verdict(one.new)]
    return tuple(found), len(told)


def _rest(example: Example) -> tuple[object, ...]:
    facts = example.facts
    windows = tuple(sorted(facts.windows.items()))
    return (facts.person, facts.vouchers, facts.rates, windows, facts.positions, facts.trips)


def _verdict(decision: Decision) -> tuple[object, ...]:
    """Give what counts of a decision: outcomes, amounts, and which rules find fault."""
    return (
        decision.outcome,
        decision.allowed,
        tuple((f.code, f.effect) for f in decision.findings),
        tuple(
            (line.outcome, line.allowed, tuple((f.code, f.effect) for f in line.findings))
            for line in decision.lines
        ),
    )


def _example(
    old: Policy, new: Policy, of: Policy, example: Example, decisions: tuple[Decision, Decision]
) -> ExampleChange:
    before, after = decisions
    return ExampleChange(
        example,
        {one: _dated(of, example, one) for one in LANGUAGES},
        before,
        after,
        {one: _result(old, before, one) for one in LANGUAGES},
        {one: _result(new, after, one) for one in LANGUAGES},
    )


def _claim(policy: Policy, example: Example, language: Language) -> str:
    joint = Phrases(policy, language).say("handbook.semicolon")
    return joint.join(situation_words(policy, example, language))


def _dated(policy: Policy, example: Example, language: Language) -> str:
    """Say the claim of an example with its day: figures hold from a day on."""
    own = Phrases(policy, language)
    claim, day = _claim(policy, example, language), example.facts.lines[0].date
    if day.isoformat() in claim:
        return claim
    on = own.say("example.on", day=value_words(own, "date", day))
    return own.say("handbook.semicolon").join((claim, on))


def _result(policy: Policy, decision: Decision, language: Language) -> str:
    own = Phrases(policy, language)
    found = (*decision.findings, *(f for line in decision.lines for f in line.findings))
    said = result_words(policy, decision, language)
    titles = [finding_title(policy, finding.code, language) for finding in found]
    told = own.say("handbook.semicolon").join(dict.fromkeys(titles))
    return own.say("diff.because", result=said, rules=told) if titles else said
