"""How the decision on one line came about, as a tree that a person reads.

Every value in it is computed from the same trees and facts as the decision itself. Expressions are
told in words; a long one stands as the policy writes it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from crm_expenses.core.approval import due_for
from crm_expenses.core.decision import Decision, LineDecision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Finding
from crm_expenses.messages import LANGUAGES, Language, table, text
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.change import Change, smallest_change
from crm_expenses.rules.compile import function
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.rules.figurewords import clock_words
from crm_expenses.rules.judge import RULE_FAILED, Of, Seen, show
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.line_facts import LineFacts
from crm_expenses.rules.phrase import Phrases, unquoted
from crm_expenses.rules.plainwords import plain
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.tree import Node, Op, Sort, names_in
from crm_expenses.rules.unparse import unparse
from crm_expenses.rules.wording import finding_text, finding_title

WORDS_MAX: Final = 320
"""From so many signs on (half of it in Chinese) an expression stands as the policy writes it."""

DAYS_SHOWN: Final = 40
"""Most days of a trip whose working is shown one by one."""

CLOCKS: Final = frozenset({"leaves_at", "returns_at"})
_TABLES: Final = frozenset({Op.LOOKUP, Op.BAND, Op.ALONG})
_SHOWN: Final = _TABLES | {Op.VALUE, Op.TOTAL_EACH, Op.COUNT_EACH}
_NAMED: Final = frozenset({Op.VALUE, Op.TOTAL_EACH, Op.COUNT_EACH})
_SAID: Final = {
    RuleKind.LIMIT: "explain.at_most",
    RuleKind.ALLOW: "explain.gives",
    RuleKind.MEASURE: "explain.figure",
    RuleKind.REQUIRE: "explain.that",
    RuleKind.FORBID: "explain.that_not",
    RuleKind.FLAG: "explain.that_flag",
}


@dataclass(frozen=True, slots=True)
class Branch:
    """One statement, and what it rests on."""

    text: str
    inner: tuple["Branch", ...] = ()

    def lines(self) -> list[str]:
        r"""Draw the tree, one statement a line.

        >>> print("\n".join(Branch("a", (Branch("b", (Branch("c"),)), Branch("d"))).lines()))
        a
        ├─ b
        │  └─ c
        └─ d
        """
        drawn = [self.text]
        for number, branch in enumerate(self.inner, start=1):
            is_last = number == len(self.inner)
            first, *rest = branch.lines()
            drawn.append(("└─ " if is_last else "├─ ") + first)
            drawn += [("   " if is_last else "│  ") + line for line in rest]
        return drawn


def explain_line(evaluator: Evaluator, facts: Facts, line: str, language: Language) -> Branch:
    """Give the whole derivation of the decision on one line.

    Raises:
        KeyError: the claim has no such line.
    """
    decision, seen = evaluator.trace(facts)
    return _Explainer(evaluator, facts, decision, seen, language).line(line)


def explain_claim(evaluator: Evaluator, facts: Facts, language: Language) -> Branch:
    """Give what the rules on the claim as a whole say."""
    decision, seen = evaluator.trace(facts)
    return _Explainer(evaluator, facts, decision, seen, language).claim()


def change_text(policy: Policy, change: Change, language: Language) -> str:
    """Say what would have to be otherwise for a finding to go."""
    side, noun = LANGUAGES.index(language), f"noun.{change.name}"
    entry = policy.catalogue.names.get(change.name)
    name = entry.meaning[side] if entry is not None else change.name
    if noun in table():
        name = text(noun, language)
    if not change.value:
        return text("explain.change_any", language, name=name)
    return text("explain.change", language, name=name, value=change.value)


class _Explainer:
    def __init__(
        self,
        evaluator: Evaluator,
        facts: Facts,
        decision: Decision,
        seen: Sequence[Seen],
        language: Language,
    ) -> None:
        self._evaluator = evaluator
        self._policy = evaluator.policy
        self._facts = facts
        self._decision = decision
        self._seen = seen
        self._language = language
        self._side = LANGUAGES.index(language)
        self._own = Phrases(evaluator.policy, language)

    def _say(self, code: str, /, **values: str) -> str:
        return self._own.say(code, **values)

    def line(self, line: str) -> Branch:
        """Explain one line."""
        at = next((n for n, one in enumerate(self._decision.lines) if one.line == line), None)
        if at is None:
            raise KeyError(line)
        decided = self._decision.lines[at]
        seen = [s for s in self._seen if s.of.scope is RuleScope.LINE and s.of.line.id == line]
        inner = [
            *self._entitlements(decided),
            *(self._rule(one, decided) for one in seen),
            *self._without_rule(decided, {s.rule.code for s in seen}),
            *self._measures(decided),
        ]
        claimed = decided.claimed
        head = self._say(
            "explain.line",
            line=line,
            outcome=self._say(f"word.{decided.outcome.value}"),
            claimed="—" if claimed is None else self._money(claimed.minor),
            allowed=self._money(decided.allowed.minor),
        )
        return Branch(head, tuple(inner))

    def claim(self) -> Branch:
        """Explain the rules on the claim."""
        seen = [s for s in self._seen if s.of.scope is RuleScope.CLAIM]
        inner = [self._rule(one, None) for one in seen]
        told = {s.rule.code for s in seen}
        inner += [
            self._finding(finding)
            for finding in self._decision.findings
            if finding.code not in told
        ]
        due = due_for(self._decision, self._policy.authorities)
        if due:
            steps = self._say("prose.comma").join(step.code for step in due)
            inner.append(Branch(self._say("explain.approvals", steps=steps)))
        return Branch(self._say("explain.claim"), tuple(inner))

    # What rules say

    def _rule(self, seen: Seen, decided: LineDecision | None) -> Branch:
        rule, judged = seen.rule, seen.judged
        inner = []
        if rule.clause:
            inner.append(Branch(self._say("explain.clause", clause=rule.clause)))
        if rule.kind is RuleKind.LIMIT:
            inner.append(Branch(self._say("explain.taken_in", amount=self._money(seen.taken_in))))
            if rule.window is not None:
                before = self._money(seen.before)
                inner.append(Branch(self._say("explain.before", amount=before)))
        inner += self._workings(rule, seen.subjects)
        if rule.kind is RuleKind.LIMIT and judged.left is not None:
            inner.append(Branch(self._say("explain.left", amount=self._money(judged.left))))
        verdict = self._say("explain.passes")
        if judged.finding is not None:
            verdict = self._verdict(judged.finding)
            inner += self._change(judged.finding, decided)
        elif judged.left is None:
            verdict = self._say("explain.not_applied")
        title = rule.title[self._side]
        return Branch(
            self._say("explain.rule", code=rule.code, title=title, verdict=verdict), tuple(inner)
        )

    def _verdict(self, finding: Finding) -> str:
        words = finding_text(self._policy, finding, self._language)
        title = finding_title(self._policy, finding.code, self._language)
        words = words.removeprefix(title).lstrip(":： ")
        effect = self._say(f"handbook.effect.{finding.effect.value}")
        return self._say("explain.found", effect=effect, text=words)

    def _finding(self, finding: Finding) -> Branch:
        title = finding_title(self._policy, finding.code, self._language)
        verdict = self._verdict(finding)
        return Branch(self._say("explain.rule", code=finding.code, title=title, verdict=verdict))

    def _change(self, finding: Finding, decided: LineDecision | None) -> Iterator[Branch]:
        if decided is None:
            return
        found = smallest_change(
            self._evaluator, self._facts, self._decision, decided.line, finding.code
        )
        if found is not None:
            yield Branch(change_text(self._policy, found, self._language))

    def _without_rule(self, decided: LineDecision, told: set[str]) -> Iterator[Branch]:
        """Say the findings that no judged rule made: no rate, no rule, no trip."""
        for finding in decided.findings:
            if finding.code not in told:
                yield self._finding(finding)

    # Amounts and figures

    def _entitlements(self, decided: LineDecision) -> Iterator[Branch]:
        for part in decided.entitlements:
            rules = [rule for code in part.rules if (rule := self._policy.rule(code)) is not None]
            head = self._say(
                "explain.entitlement",
                title=self._own.component_name(part.component, part.rules),
                code=part.component,
                amount=self._money(part.amount.minor),
            )
            inner = [
                Branch(self._titled(rule), self._of_line(rule, decided.line)) for rule in rules
            ]
            yield Branch(head, tuple(inner))

    def _titled(self, rule: Rule) -> str:
        gap = "" if self._language == "zh" else " "
        code = self._own.say("prose.brackets", a=rule.code)
        return f"{rule.title[self._side]}{gap}{code}"

    def _of_line(self, rule: Rule, line: str) -> tuple[Branch, ...]:
        """Show the working of a rule that gives an amount to a line."""
        at = [one.line for one in self._decision.lines].index(line)
        of = self._evaluator.facts_of(self._facts, self._decision)[at]
        subjects: Sequence[Of] = (of,)
        if rule.scope.is_of_trip:
            try:
                subjects = of.parts(rule.scope)
            except RULE_FAILED:
                subjects = ()
        return tuple(self._workings(rule, subjects))

    def _measures(self, decided: LineDecision) -> Iterator[Branch]:
        for figure in decided.measures:
            rule = next(one for one in self._policy.rules if one.code == figure.code)
            title = rule.title[self._side]
            value = self._figure(rule, figure.value)
            head = self._say("explain.measure", title=title, code=figure.code, value=value)
            inner = self._of_line(rule, decided.line)
            if figure.total:
                total = self._figure(rule, figure.total)
                inner = (*inner, Branch(self._say("explain.measure_total", total=total)))
            yield Branch(head, inner)

    def _figure(self, rule: Rule, written: str) -> str:
        return self._own.quantity(int(written.replace(".", "")), rule.main.type)

    # Workings: expressions with their values

    def _workings(self, rule: Rule, subjects: Sequence[Of]) -> Iterator[Branch]:
        if not rule.scope.is_of_trip:
            for of in subjects:
                yield from self._working(rule, of)
            return
        for of in subjects[:DAYS_SHOWN]:
            day = self._say("explain.day", day=of.as_of.isoformat())
            yield Branch(day, tuple(self._working(rule, of)))

    def _working(self, rule: Rule, of: Of) -> Iterator[Branch]:
        if rule.when is not None:
            yield self._part("explain.when", rule.when, of)
            if self._value(rule.when, of) is not True:
                return
        yield self._part(_SAID[rule.kind], rule.main, of)

    def _part(self, code: str, node: Node, of: Of) -> Branch:
        head = self._say(code, text=self._words(node), value=self._shown(node, of))
        return Branch(head, tuple(self._below(node, of)))

    def _words(self, node: Node) -> str:
        """Say an expression; a long one as the policy writes it."""
        if node.op is Op.LOOKUP and not node.args:
            return self._own.table_name(str(node.value))
        if node.op is Op.VALUE:
            return self._own.value_name(str(node.value))
        simple = plain(node)
        is_condition = node.type.sort is Sort.YES_NO
        words = self._own.clause(simple) if is_condition else self._own.value(simple)
        is_short = len(words) < WORDS_MAX // (1 + self._side) and _choices(simple) <= 1
        return words if is_short else unparse(node)

    def _below(self, node: Node, of: Of) -> Iterator[Branch]:
        """Show what a value rests on: look-ups with their table, facts with their meaning."""
        told: set[str] = set()
        for part in self._pieces(node, of):
            words = unparse(part)
            if words in told:
                continue
            told.add(words)
            if part.op is Op.NAME:
                yield self._fact(part, of)
            else:
                inner = (*self._each(part, of), *self._below_all(part.args, of))
                value = self._shown(part, of)
                head = self._say("explain.part", text=self._words(part), value=value)
                yield Branch(head, (*self._table(part, of), *inner))

    def _pieces(self, node: Node, of: Of) -> Iterator[Node]:
        """Give the facts and look-ups right below a node that its value rests on."""
        if node.op is Op.NAME or node.op in _SHOWN:
            yield node
            return
        args = node.args
        if node.op is Op.IF:
            test, then, other = args
            chosen = self._value(test, of)
            args = (test, then) if chosen is True else (test, other)
        for arg in args:
            yield from self._pieces(arg, of)

    def _each(self, node: Node, of: Of) -> Iterator[Branch]:
        """Show what a named expression is, or its value on each part that it is summed over."""
        value = self._policy.values.get(str(node.value))
        if node.op not in _NAMED or value is None:
            return
        yield Branch(self._say("explain.stands_for", text=self._words(value.node)))
        if node.op is Op.VALUE:
            return
        try:
            parts = of.parts(value.of)
        except RULE_FAILED:
            return
        for part in parts[:DAYS_SHOWN]:
            of_part = part.line.id if isinstance(part, LineFacts) else part.as_of.isoformat()
            shown = self._shown(value.node, part)
            yield Branch(self._say("explain.part", text=of_part, value=shown))

    def _below_all(self, nodes: Iterable[Node], of: Of) -> Iterator[Branch]:
        for node in nodes:
            yield from self._below(node, of)

    def _fact(self, node: Node, of: Of) -> Branch:
        name = str(node.value)
        value = self._shown(node, of) if self._policy.catalogue.names[name].is_shown else "…"
        noun = unquoted(self._own, self._own.noun(name).removeprefix("the "))
        return Branch(self._say("explain.fact", name=name, noun=noun, value=value))

    def _table(self, node: Node, of: Of) -> Iterator[Branch]:
        if node.op not in _TABLES:
            return
        steps = self._policy.parameters[str(node.value)].values
        step = next((one for one in reversed(steps) if one.start <= of.as_of), None)
        if step is None:
            return
        start = step.start.isoformat()
        if step.source:
            yield Branch(self._say("explain.table", start=start, source=step.source))
        else:
            yield Branch(self._say("explain.table_bare", start=start))

    def _value(self, node: Node, of: Of) -> object:
        try:
            return function(node, self._evaluator.held)(of)
        except (*RULE_FAILED, TypeError, AttributeError):
            return None  # a fact is missing in a part that its guard keeps from being computed

    def _shown(self, node: Node, of: Of) -> str:
        value = self._value(node, of)
        if value is None:
            return self._say("explain.unknown") if node.op is not Op.NAME else "—"
        if isinstance(value, bool):
            return self._say("explain.yes" if value else "explain.no")
        if isinstance(value, int) and names_in(node) <= CLOCKS and node.op is Op.NAME:
            return clock_words(value)
        if isinstance(value, int):
            return self._own.held(value, node.type)
        if node.type.sort is Sort.CHOICE:
            return unquoted(self._own, self._own.option(node.type.choice, str(value)))
        return show(value, node.type)

    def _money(self, minor: int) -> str:
        return self._own.quantity(minor, self._policy.catalogue.names["amount"].type)


def _choices(node: Node) -> int:
    """Count the choices in an expression, but for those that have a name."""
    if node.op is Op.VALUE:
        return 0
    return (node.op is Op.IF) + sum(map(_choices, node.args))
