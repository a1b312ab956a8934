"""Training questions drawn from the boundaries of a policy, each answered by `run`.

A question is a concrete claim and "what happens?" or "how much is allowed?". The claims are worked
examples of the policy's rules, and variations of their amounts; the answer and the reason are what
the policy decides. The same policy, seed and count give the same questions.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from typing import Any, Final

from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect
from crm_expenses.core.money import Money, exponent
from crm_expenses.messages import LANGUAGES, Language, text
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.compile import function
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.examples import Example, Side, examples_of, finding_of
from crm_expenses.rules.examplewords import figure_of, reasons_words, situation_words
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.phrase import Phrases
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.prose import amount_words, rule_prose
from crm_expenses.rules.tree import quantity

COUNT: Final = 10
"""How many questions are asked unless somebody says otherwise."""

COUNT_MAX: Final = 200

OPTIONS_MAX: Final = 4
"""Most answers that an amount is chosen from."""

OUTSIDE_SHARE: Final = 0.6
"""How often the first question on a rule is one with which it finds fault."""

_KEYS: Final = "abcdef"

Texts = dict[Language, str]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers to choose from."""

    key: str
    text: Texts


@dataclass(frozen=True, slots=True)
class Question:
    """A claim, what is asked of it, the answers to choose from, which is right, and why.

    `example` holds the facts and the decision that the answer was taken from.
    """

    rule: str
    claim: Texts
    asked: Texts
    options: tuple[Option, ...]
    answer: str
    reasons: dict[Language, list[str]]
    example: Example

    @property
    def right(self) -> Option:
        """The answer that is right."""
        return next(option for option in self.options if option.key == self.answer)


def questions(policy: Policy, *, seed: int = 0, count: int = COUNT) -> list[Question]:
    """Make questions; fewer than `count` only where the policy has fewer different examples.

    The rules take turns, so that a short quiz asks of many of them.
    """
    chance = Random(seed)
    evaluator = Evaluator(policy)
    by_rule: dict[str, list[Example]] = {}
    for example in examples_of(evaluator):
        by_rule.setdefault(example.rule, []).append(example)
    for code, known in by_rule.items():
        known[:] = [example for example in known if _is_clear(example)] or known
        known += [e for e in _varied(evaluator, code, known, chance) if _is_clear(e)]
        chance.shuffle(known)
        first = Side.OUTSIDE if chance.random() < OUTSIDE_SHARE else Side.INSIDE
        known.sort(key=lambda example: example.side is not first)
    codes = list(by_rule)
    chance.shuffle(codes)
    found: list[Question] = []
    for example in islice(_in_turn(policy, [by_rule[code] for code in codes]), COUNT_MAX):
        if len(found) == count:
            break
        found.append(_question(evaluator, example, by_rule[example.rule], chance))
    return found


def _in_turn(policy: Policy, groups: Sequence[Sequence[Example]]) -> Iterator[Example]:
    """Give an example of each rule, then another of each: none that was asked about already."""
    told: set[tuple[str, str]] = set()
    waiting = [iter(group) for group in groups]
    while waiting:
        for group in list(waiting):
            for example in group:
                read = _told(policy, example)
                if read not in told:
                    told.add(read)
                    yield example
                    break
            else:
                waiting.remove(group)


def _told(policy: Policy, example: Example) -> tuple[str, str]:
    """Give what is read of a question; a figure is asked for by its name."""
    figure = _figure(policy, example)
    return _claim(policy, example, "en"), figure.code if figure is not None else ""


# Claims to ask about


def _is_clear(example: Example) -> bool:
    """Say whether the rule that is asked about settles the claim: no other has its word in it."""
    decision = example.decision
    of_lines = (finding for line in decision.lines for finding in line.findings)
    others = (f for f in (*decision.findings, *of_lines) if f.code != example.rule)
    return all(f.effect is Effect.NOTE and not f.failed for f in others)


def _varied(
    evaluator: Evaluator, code: str, known: Sequence[Example], chance: Random
) -> Iterator[Example]:
    """Give one more example for each one of a limit: the same claim with another round amount."""
    rule = evaluator.policy.rule(code)
    if rule is None or rule.kind is not RuleKind.LIMIT:
        return
    currency = evaluator.policy.currency
    unit = 10 ** exponent(currency)
    for example in known:
        (line, *others) = example.facts.lines
        if others or example.differs != "amount" or line.amount.currency != currency:
            continue
        share = chance.choice((60, 80, 110, 125, 150))
        minor = max(unit, line.amount.minor * share // 100 // unit * unit)
        changed = replace(line, amount=Money(minor, line.amount.currency))
        facts = replace(example.facts, lines=(changed,))
        yield _decided(evaluator, example, facts, minor)


def _decided(evaluator: Evaluator, example: Example, facts: Facts, minor: int) -> Example:
    decision = evaluator.decide(facts, digest=False)
    side = Side.OUTSIDE if finding_of(decision, example.rule) else Side.INSIDE
    shown = tuple((n, minor if n == "amount" else value) for n, value in example.shown)
    return replace(example, side=side, shown=shown, facts=facts, decision=decision)


# Questions


def _question(
    evaluator: Evaluator, example: Example, others: Sequence[Example], chance: Random
) -> Question:
    policy, decision = evaluator.policy, example.decision
    is_reduced = decision.outcome is Outcome.REDUCED and chance.random() < 0.5
    is_amount = is_reduced or (decision.outcome is Outcome.PASS and _is_due(decision))
    figure = _figure(policy, example)
    if figure is not None:
        texts, right = _figures(policy, example, others, chance)
        asked = {
            one: Phrases(policy, one).say("quiz.figure", title=title)
            for one, title in zip(LANGUAGES, figure.title, strict=True)
        }
    else:
        code = "quiz.how_much" if is_amount else "quiz.what"
        entries = _amounts(policy, example, others, chance) if is_amount else _outcomes(decision)
        texts, right = entries
        asked = {language: Phrases(policy, language).say(code) for language in LANGUAGES}
    options = tuple(Option(key, said) for key, said in zip(_KEYS, texts, strict=False))
    return Question(
        example.rule,
        {language: _claim(policy, example, language) for language in LANGUAGES},
        asked,
        options,
        options[right].key,
        {language: _reasons(evaluator, example, language) for language in LANGUAGES},
        example,
    )


def _claim(policy: Policy, example: Example, language: Language) -> str:
    joint = Phrases(policy, language).say("handbook.semicolon")
    return joint.join(situation_words(policy, example, language))


def _reasons(evaluator: Evaluator, example: Example, language: Language) -> list[str]:
    policy = evaluator.policy
    own = Phrases(policy, language)
    found = reasons_words(policy, example, language)
    rule = policy.rule(example.rule)
    if rule is not None:
        if example.side is Side.INSIDE and not found:
            found = list(_quiet(own, evaluator, rule, example))
        prose = rule_prose(policy, rule, language)
        found.append(own.say("quiz.rule", code=rule.code, title=prose.title))
        said = [part for name, part in prose.parts if name in ("when", "says", "effect", "terms")]
        found += [line for part in said for line in part.lines()]
    return found


def _quiet(own: Phrases, evaluator: Evaluator, rule: Rule, example: Example) -> Iterator[str]:
    """Say why a rule has nothing against a claim: it does not apply, or the limit is not passed."""
    if rule.scope is RuleScope.LINE:
        (of, *_) = evaluator.facts_of(example.facts, example.decision)
        if rule.when is not None and function(rule.when, evaluator.held)(of) is False:
            yield own.say("quiz.not_applied")
            return
        if rule.kind is RuleKind.LIMIT:
            minor = int(str(function(rule.main, evaluator.held)(of)))
            yield own.say("quiz.limit", amount=amount_words(own.policy, minor, own.language))
    yield own.say("quiz.nothing")


_SAID: Final = {
    Outcome.PASS: "quiz.full",
    Outcome.REDUCED: "quiz.reduced",
    Outcome.JUSTIFY: "quiz.justify",
    Outcome.REVIEW: "quiz.review",
    Outcome.REJECT: "quiz.reject",
}


def _outcomes(decision: Decision) -> tuple[list[Texts], int]:
    """Give an answer for each outcome, and the place of the right one."""
    texts: list[Texts] = []
    for outcome, code in _SAID.items():
        is_due = outcome is Outcome.PASS and _is_due(decision)
        said = "quiz.entitled" if is_due else code
        texts.append({language: text(said, language) for language in LANGUAGES})
    return texts, list(_SAID).index(decision.outcome)


def _is_due(decision: Decision) -> bool:
    return any(line.entitlements for line in decision.lines)


def _amounts(
    policy: Policy, example: Example, others: Sequence[Example], chance: Random
) -> tuple[list[Texts], int]:
    """Give amounts to choose from: what was claimed, what is allowed, and others near it."""
    decision = example.decision
    known = [other.decision.allowed.minor for other in others]
    unit = 10 ** exponent(policy.currency)
    claimed = [decision.claimed.minor] if decision.claimed.minor else []
    choices, right = _choices(decision.allowed.minor, (*claimed, *known), unit, chance)
    texts: list[Texts] = [
        {language: amount_words(policy, minor, language) for language in LANGUAGES}
        for minor in choices
    ]
    return texts, right


def _figure(policy: Policy, example: Example) -> Rule | None:
    """Give the rule of an example that is about a figure, where it comes to one."""
    rule = policy.rule(example.rule)
    is_figure = rule is not None and rule.kind is RuleKind.MEASURE
    return rule if is_figure and figure_of(example) is not None else None


def _figures(
    policy: Policy, example: Example, others: Sequence[Example], chance: Random
) -> tuple[list[Texts], int]:
    """Give figures to choose from, in the unit of the rule."""
    rule = policy.rule(example.rule)
    right = figure_of(example) or 0
    kind = rule.main.type if rule is not None else quantity()
    known = [figure for other in others if (figure := figure_of(other)) is not None]
    minor = example.decision.claimed.minor
    claimed = [minor] if minor and kind.dims == ((policy.currency, 1),) else []
    choices, at = _choices(right, (*claimed, *known), 10**kind.scale, chance)
    texts: list[Texts] = [
        {language: Phrases(policy, language).quantity(raw, kind) for language in LANGUAGES}
        for raw in choices
    ]
    return texts, at


def _choices(right: int, known: Sequence[int], unit: int, chance: Random) -> tuple[list[int], int]:
    """Give values to choose from and the place of the right one: first those that are known.

    What is made up lies a tenth or a half away, in whole units where the right one is.
    """
    base = right or max((n for n in known if n > 0), default=20 * unit)
    step = 1 if base % unit else unit
    tenth = (base // 10 // step or 1) * step
    made = (base, base + tenth, base // 2 // step * step, 2 * base, base + 5 * unit)
    near = [n for n in dict.fromkeys((*known, *made)) if n != right and (n > 0 or n in known)]
    choices = sorted({right, *near[: OPTIONS_MAX - 1]})
    chance.shuffle(choices)
    return choices, choices.index(right)


# Output


def _once(policy: Policy, question: Question, own: Phrases, told: Collection[str]) -> list[str]:
    """Give the reasons of an answer; a rule that was told before only by its title."""
    reasons = question.reasons[own.language]
    rule = policy.rule(question.rule)
    if rule is None or question.rule not in told:
        return reasons
    title = own.say("quiz.rule", code=rule.code, title=rule.title[LANGUAGES.index(own.language)])
    return reasons[: reasons.index(title) + 1]


def quiz_json(policy: Policy, asked: Sequence[Question], *, seed: int) -> dict[str, Any]:
    """Give the questions as plain values, with both languages."""
    side = {language: number for number, language in enumerate(LANGUAGES)}
    return {
        "policy": {
            "id": policy.id,
            "version": policy.version,
            "digest": policy.digest,
            "title": {language: policy.title[side[language]] for language in LANGUAGES},
        },
        "seed": seed,
        "questions": [
            {
                "number": number,
                "rule": question.rule,
                "claim": question.claim,
                "question": question.asked,
                "options": [{"key": o.key, **o.text} for o in question.options],
                "answer": question.answer,
                "outcome": question.example.decision.outcome.value,
                "allowed": f"{question.example.decision.allowed.amount:f}",
                "reasons": question.reasons,
            }
            for number, question in enumerate(asked, start=1)
        ],
    }


def quiz_text(policy: Policy, asked: Sequence[Question], language: Language) -> str:
    """Give the questions as text, with the answers behind all of them."""
    own = Phrases(policy, language)
    title = policy.title[LANGUAGES.index(language)]
    lines = [own.say("quiz.title", title=title), "", own.say("quiz.about"), ""]
    for number, question in enumerate(asked, start=1):
        claim = question.claim[language]
        lines.append(own.say("quiz.question", number=str(number), claim=claim))
        lines.append(question.asked[language])
        lines += [
            own.say("quiz.option", key=option.key, option=option.text[language])
            for option in question.options
        ]
        lines.append("")
    lines += [own.say("quiz.answers"), ""]
    told: set[str] = set()
    for number, question in enumerate(asked, start=1):
        right = question.right
        values = {"number": str(number), "key": right.key, "option": right.text[language]}
        lines.append(own.say("quiz.answer", **values))
        lines += [own.say("quiz.because", text=said) for said in _once(policy, question, own, told)]
        told.add(question.rule)
    return "\n".join(lines) + "\n"
