"""Training questions drawn from the boundaries of a policy, each answered by `run`.

A question is a concrete claim and "what happens?" or "how much is allowed?". The claims are worked
examples of the policy's rules, and variations of their amounts; the answer and the reason are what
the policy decides. The same policy, seed and count give the same questions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money, exponent
from crm_expenses.messages import LANGUAGES, Language, text
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
        known += list(_varied(evaluator, code, known, chance))
        chance.shuffle(known)
        first = Side.OUTSIDE if chance.random() < OUTSIDE_SHARE else Side.INSIDE
        known.sort(key=lambda example: example.side is not first)
    codes = list(by_rule)
    chance.shuffle(codes)
    found: dict[tuple[str, ...], Question] = {}
    turn = 0
    while len(found) < min(count, COUNT_MAX):
        asked = [by_rule[code][turn] for code in codes if turn < len(by_rule[code])]
        if not asked:
            break
        for example in asked:
            question = _question(policy, example, by_rule[example.rule], chance)
            found.setdefault(_text_of(question), question)
        turn += 1
    return list(found.values())[:count]


def _text_of(question: Question) -> tuple[str, ...]:
    """Give what is read of a question; of two that read the same, one is asked."""
    return (*question.claim.values(), *question.asked.values())


# Claims to ask about


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
    policy: Policy, example: Example, others: Sequence[Example], chance: Random
) -> Question:
    decision = example.decision
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
        {language: _reasons(policy, example, language) for language in LANGUAGES},
        example,
    )


def _claim(policy: Policy, example: Example, language: Language) -> str:
    joint = Phrases(policy, language).say("handbook.semicolon")
    return joint.join(situation_words(policy, example, language))


def _reasons(policy: Policy, example: Example, language: Language) -> list[str]:
    own = Phrases(policy, language)
    found = reasons_words(policy, example, language) or [own.say("quiz.nothing")]
    rule = policy.rule(example.rule)
    if rule is not None:
        prose = rule_prose(policy, rule, language)
        found.append(own.say("quiz.rule", code=rule.code, title=prose.title))
        said = [part for name, part in prose.parts if name in ("when", "says")]
        found += [line for part in said for line in part.lines()]
    return found


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
    lines = [own.say("quiz.title", title=title), ""]
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
    for number, question in enumerate(asked, start=1):
        right = question.right
        values = {"number": str(number), "key": right.key, "option": right.text[language]}
        lines.append(own.say("quiz.answer", **values))
        lines += [own.say("quiz.because", text=said) for said in question.reasons[language]]
    return "\n".join(lines) + "\n"
