"""From a rule as written to one whose expressions, scope, window and message fit together."""

import re
from collections.abc import Sequence
from typing import Final

from crm_expenses.core.money import exponent
from crm_expenses.errors import Place, Problem
from crm_expenses.rules.build_window import build_window, categories
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.expression import BrokenParameterError, ExpressionError, certain, parse
from crm_expenses.rules.kinds import KINDS, PARTS, RuleKind
from crm_expenses.rules.policy import Rule, evidence_names
from crm_expenses.rules.scope import Scope
from crm_expenses.rules.tree import YES_NO, Node, Sort, Type, quantity
from crm_expenses.rules.window import Window
from crm_expenses.rules.written import CODE, Locate, Path, RuleText


def build_rules(
    texts: Sequence[RuleText], scope: Scope, locate: Locate, problems: list[Problem]
) -> tuple[Rule, ...]:
    """Give the rules that can be made; tell of every problem in the others."""
    rules = []
    first_at: dict[str, Place] = {}
    for written in texts:
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
    _components_fit(rules, texts, locate, problems)
    return tuple(rules)


def _components_fit(
    rules: Sequence[Rule], texts: Sequence[RuleText], locate: Locate, problems: list[Problem]
) -> None:
    """Tell of components whose rules do not look at the same thing."""
    scopes: dict[str, RuleScope] = {}
    paths = {text.code: text.path for text in texts}
    for rule in rules:
        if rule.component and scopes.setdefault(rule.component, rule.scope) is not rule.scope:
            place = locate((*paths[rule.code], "scope"), None)
            values = {"component": rule.component}
            problems.append(Problem("policy.component_mixed", values, place))


_IN_BRACES: Final = re.compile(r"\{([^{}]*)\}")
"""What looks like a field of a message, whatever stands in it."""


def _results(text: RuleText) -> frozenset[str]:
    """Give what rules left that a rule may read: it must be known before the rule is judged."""
    if text.scope is RuleScope.CLAIM:
        return frozenset({"claim_allowed"})
    match text.kind:
        case RuleKind.ALLOW:
            return frozenset()
        case RuleKind.MEASURE:
            return frozenset({"entitled", "allowed"})
        case _:
            return frozenset({"entitled"})


class _RuleBuilder:
    """Checks one rule; collects its problems."""

    def __init__(self, text: RuleText, scope: Scope, locate: Locate) -> None:
        self._text = text
        self._scope = scope.within(text.scope, _results(text))
        self._locate = locate
        self._broken = False
        self._has_bad_guard = False
        self._spec = KINDS[text.kind]
        self.problems: list[Problem] = []

    def build(self) -> Rule | None:
        text, spec = self._text, self._spec
        if not CODE.fullmatch(text.code):
            self._say("policy.code", ("code",), code=text.code)
        effect = text.effect or spec.default
        if (text.effect or spec.effects) and effect not in spec.effects:
            allowed = spec.allowed_text
            self._say("policy.effect", ("effect",), effect=effect, kind=text.kind, allowed=allowed)
        categories(text.on, self._scope.catalogue, self._say)
        self._scope_fits()
        when = self._expression("when", text.when, YES_NO, frozenset()) if text.when else None
        known = certain(when, when=True) if when is not None else frozenset()
        main = self._main(known)
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
            scope=text.scope,
            when=when,
            that=main if spec.part == "that" else None,
            at_most=main if spec.part == "at_most" else None,
            gives=main if spec.part == "gives" else None,
            component=(text.component or text.code) if text.kind is RuleKind.ALLOW else "",
            window=window,
        )
        self._message(rule)
        return rule

    def _main(self, known: frozenset[str]) -> Node | None:
        text, wanted = self._text, self._spec.part
        for other in PARTS:
            if other != wanted and getattr(text, other):
                self._say("policy.part_extra", (other,), kind=text.kind, part=other, wanted=wanted)
        if not getattr(text, wanted):
            if wanted not in text.wrong:
                self._say("policy.part_missing", (), kind=text.kind, part=wanted)
            return None
        currency = self._scope.catalogue.currency
        money = quantity(currency, exponent(currency))
        kind: Type | None = YES_NO if wanted == "that" else money
        if text.kind is RuleKind.MEASURE:
            kind = None
        main = self._expression(wanted, getattr(text, wanted), kind, known)
        if kind is None and main is not None and main.type.sort is not Sort.QUANTITY:
            self._say("expression.quantity", (wanted,), given=str(main.type))
        return main

    def _scope_fits(self) -> None:
        text, spec = self._text, self._spec
        if text.scope not in spec.scopes:
            allowed = ", ".join(sorted(spec.scopes))
            self._say("policy.scope", ("scope",), scope=text.scope, kind=text.kind, allowed=allowed)
        if text.scope is RuleScope.CLAIM and text.on:
            self._say("policy.claim_on", ("on",))
        if text.component and text.kind is not RuleKind.ALLOW:
            self._say("policy.component", ("component",), kind=text.kind)

    def _say(self, code: str, path: Path, /, **values: str) -> None:
        place = self._locate((*self._text.path, *path), None)
        self.problems.append(Problem(code, values, place))

    def _expression(
        self, part: str, text: str, wanted: Type | None, known: frozenset[str]
    ) -> Node | None:
        try:
            return parse(text, self._scope, known=known, wanted=wanted)
        except BrokenParameterError:
            self._broken = True
        except ExpressionError as error:
            if error.code == "expression.missing" and part != "when" and self._has_bad_guard:
                self._broken = True  # the guard has a mistake, and may well have been for this
                return None
            self._has_bad_guard = part == "when"
            place = self._locate((*self._text.path, part), error.at)
            self.problems.append(Problem(error.code, error.values, place))
        return None

    def _window(self, known: frozenset[str]) -> Window | None:
        text = self._text
        window = build_window(text.window, self._scope.catalogue, known, self._say)
        if window is None:
            return None
        if not self._spec.has_window or text.scope is RuleScope.CLAIM:
            self._say("policy.window_kind", ("period",), kind=text.kind)
        if window.counts_input and text.kind is not RuleKind.LIMIT:
            self._say("policy.counts_limit", ("counts",))
        return window

    def _message(self, rule: Rule) -> None:
        allowed = {*evidence_names(rule, self._scope.catalogue)}
        if rule.scope is not RuleScope.CLAIM:
            allowed.add("claimed")
        if rule.scope.is_of_trip:
            allowed.add("day")
        if rule.kind is RuleKind.LIMIT:
            allowed |= {"limit", "over"} | ({"before"} if rule.window else set())
        for text, language in zip(rule.message, ("en", "zh"), strict=True):
            for name in sorted(set(_IN_BRACES.findall(text)) - allowed):
                options = ", ".join(sorted(allowed))
                self._say("policy.field", ("message", language), name=name, options=options)
