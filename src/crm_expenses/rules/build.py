"""From a policy as written to a policy that has proved complete.

Takes plain values (the file's shape is checked already) and gives either a `Policy` or every
problem at once, each with its place. What names a part that has a problem of its own is not
reported a second time.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from crm_expenses.core.approval import MANAGER, PERSON, ROLE, Authority
from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.money import Money, exponent, read_number
from crm_expenses.errors import MappingError, Place, PolicyError, Problem
from crm_expenses.messages import fields
from crm_expenses.rules.build_parameter import ParameterBuilder
from crm_expenses.rules.catalogue import CHOICES_TAKEN, Catalogue, catalogue
from crm_expenses.rules.expression import (
    BrokenParameterError,
    ExpressionError,
    Scope,
    certain,
    parse,
)
from crm_expenses.rules.kinds import KINDS, RuleKind
from crm_expenses.rules.parameter import Parameter
from crm_expenses.rules.policy import PER_NAMES, Policy, Rule, Window, evidence_names
from crm_expenses.rules.tree import YES_NO, Node, Type, quantity
from crm_expenses.rules.written import CODE, Locate, Path, PolicyText, RuleText, as_text, placed

STAND_IN: Final = "USD"
"""The currency in which the rest of a policy is checked when its own is not known."""


def build(text: PolicyText, locate: Locate, already: Sequence[Problem] = ()) -> Policy:
    """Build a policy.

    Raises:
        PolicyError: with `already` and every further problem, in the order of their places.
    """
    problems = list(already)
    try:
        exponent(text.currency)
    except MappingError as error:
        problems += placed(error, locate(("policy", "currency"), None))
        text = _in_another_currency(text)
    names = catalogue(text.currency, tuple(text.categories), text.choices)
    problems += [
        Problem("policy.name_taken", {"name": name}, locate(("choices", name), None))
        for name in text.choices
        if name in CHOICES_TAKEN
    ]
    parameters, broken = _parameters(text, names, locate, problems)
    scope = Scope(names, parameters, broken | text.broken)
    rules = _rules(text, scope, locate, problems)
    authorities = _authorities(text, locate, problems)
    if problems:
        raise PolicyError.of(problems)
    return Policy(
        id=text.id,
        version=text.version,
        digest=text.digest,
        title=text.title,
        catalogue=names,
        categories=dict(text.categories),
        parameters=parameters,
        rules=rules,
        authorities=authorities,
        calendar=WorkCalendar(text.rest_days, text.work_days),
    )


def _in_another_currency(text: PolicyText) -> PolicyText:
    """Put a currency that exists in the place of one that does not, so that all else is checked."""

    def mended(unit: str) -> str:
        _, slash, below = unit.partition("/")
        return f"{STAND_IN}{slash}{below}"

    parameters = tuple(
        replace(p, unit=mended(p.unit)) if p.type == "money" and p.unit else p
        for p in text.parameters
    )
    return replace(text, currency=STAND_IN, parameters=parameters)


def _parameters(
    text: PolicyText, names: Catalogue, locate: Locate, problems: list[Problem]
) -> tuple[dict[str, Parameter], frozenset[str]]:
    good: dict[str, Parameter] = {}
    broken = set()
    for written in text.parameters:
        found = ParameterBuilder(written, names, locate)
        parameter = found.build()
        problems += found.problems
        if parameter is None:
            broken.add(written.name)
        else:
            good[written.name] = parameter
    return good, frozenset(broken)


# Rules


def _rules(
    text: PolicyText, scope: Scope, locate: Locate, problems: list[Problem]
) -> tuple[Rule, ...]:
    rules = []
    first_at: dict[str, Place] = {}
    for written in text.rules:
        place = locate((*written.path, "code"), None)
        if written.code in first_at:
            values = {"code": written.code, "first": str(first_at[written.code])}
            problems.append(Problem("policy.code_twice", values, place))
        first_at.setdefault(written.code, place)
        found = _RuleBuilder(written, scope, locate)
        rule = found.build()
        problems += found.problems
        if rule is not None:
            rules.append(rule)
    return tuple(rules)


class _RuleBuilder:
    """Checks one rule; collects its problems."""

    def __init__(self, text: RuleText, scope: Scope, locate: Locate) -> None:
        self._text = text
        self._scope = scope
        self._locate = locate
        self._broken = False
        self.problems: list[Problem] = []

    def build(self) -> Rule | None:
        text = self._text
        spec = KINDS[text.kind]
        if not CODE.fullmatch(text.code):
            self._say("policy.code", ("code",), code=text.code)
        effect = text.effect or spec.default
        if effect not in spec.effects:
            self._say(
                "policy.effect",
                ("effect",),
                effect=effect,
                kind=text.kind,
                allowed=spec.allowed_text,
            )
        self._categories()
        when = self._expression("when", text.when, YES_NO, frozenset()) if text.when else None
        known = certain(when, when=True) if when is not None else frozenset()
        is_limit = text.kind is RuleKind.LIMIT
        wanted, other = ("at_most", "that") if is_limit else ("that", "at_most")
        if getattr(text, other):
            self._say("policy.part_extra", (other,), kind=text.kind, part=other, wanted=wanted)
        if not getattr(text, wanted):
            if wanted not in text.wrong:
                self._say("policy.part_missing", (), kind=text.kind, part=wanted)
            return None
        currency = self._scope.catalogue.currency
        kind = quantity(currency, exponent(currency)) if is_limit else YES_NO
        main = self._expression(wanted, getattr(text, wanted), kind, known)
        window = self._window(known)
        if self.problems or self._broken or main is None:
            return None
        rule = Rule(
            code=text.code,
            kind=text.kind,
            effect=effect,
            on=frozenset(text.on) if text.on else None,
            title=text.title,
            message=text.message,
            clause=text.clause,
            when=when,
            that=None if is_limit else main,
            at_most=main if is_limit else None,
            window=window,
        )
        self._message(rule)
        return rule

    def _say(self, code: str, path: Path, /, **values: str) -> None:
        place = self._locate((*self._text.path, *path), None)
        self.problems.append(Problem(code, values, place))

    def _categories(self) -> None:
        known = self._scope.catalogue.choices["category"]
        for index, category in enumerate(self._text.on):
            if category not in known:
                self._say(
                    "policy.category", ("on", index), value=category, options=", ".join(known)
                )

    def _expression(self, part: str, text: str, wanted: Type, known: frozenset[str]) -> Node | None:
        try:
            return parse(text, self._scope, known=known, wanted=wanted)
        except BrokenParameterError:
            self._broken = True
        except ExpressionError as error:
            place = self._locate((*self._text.path, part), error.at)
            self.problems.append(Problem(error.code, error.values, place))
        return None

    def _window(self, known: frozenset[str]) -> Window | None:
        text = self._text
        if text.period is None:
            for part in ("per", "counts"):
                if getattr(text, part) not in ((), "allowed"):
                    self._say("policy.no_period", (part,), part=part)
            return None
        if text.kind is not RuleKind.LIMIT:
            self._say("policy.window_kind", ("period",), kind=text.kind)
        for index, name in enumerate(text.per):
            fact = PER_NAMES.get(name)
            if fact is None:
                self._say("policy.per", ("per", index), value=name, options=", ".join(PER_NAMES))
                continue
            entry = self._scope.catalogue.names.get(fact)
            if entry is not None and entry.may_be_missing and fact not in known:
                self._say("policy.per_missing", ("per", index), value=name, name=fact)
        return Window(text.per, text.period, counts_input=text.counts == "eligible")

    def _message(self, rule: Rule) -> None:
        allowed = {*evidence_names(rule), "claimed"}
        if rule.kind is RuleKind.LIMIT:
            allowed |= {"limit", "over"} | ({"before"} if rule.window else set())
        for text, language in zip(rule.message, ("en", "zh"), strict=True):
            for name in sorted(fields(text) - allowed):
                self._say(
                    "policy.field",
                    ("message", language),
                    name=name,
                    options=", ".join(sorted(allowed)),
                )


# Approvals


def _authorities(
    text: PolicyText, locate: Locate, problems: list[Problem]
) -> tuple[Authority, ...]:
    result = []
    for written in text.authorities:
        who = written.who
        named = who.startswith((ROLE, PERSON)) and who.partition(":")[2]
        if who != MANAGER and not named:
            place = locate((*written.path, "who"), None)
            problems.append(Problem("policy.who", {"value": who}, place))
        above = None
        if written.above is not None:
            try:
                above = Money.of(read_number(as_text(written.above)), text.currency).minor
            except MappingError as error:
                problems += placed(error, locate((*written.path, "above"), None))
        elif written.outcome is None and written.wrong.isdisjoint(("above", "outcome")):
            problems.append(
                Problem("policy.step_never", {"code": written.code}, locate(written.path, None))
            )
        result.append(Authority(written.code, who, above, written.outcome))
    return tuple(result)
