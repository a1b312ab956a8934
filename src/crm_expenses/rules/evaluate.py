"""The `run` reading: a policy compiled once, then a decision for each claim's facts.

Stages run from short to long: first the rules on single lines, then windows by day, week, month and
so on. A stage takes in what the shorter stages left. Within one stage every rule sees that same
input and the lowest result wins, so the order of the rules does not matter. Each window rule keeps
its own sum: what it alone would have left.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from crm_expenses.core.commitment import budget_findings, demands
from crm_expenses.core.decision import Carry, Decision, LineDecision, decide_claim, outcome_of
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Evidence, Finding
from crm_expenses.core.money import Money
from crm_expenses.core.period import Period
from crm_expenses.core.record import to_json
from crm_expenses.rules.compile import Compiled, DivisionByZeroError, function, names
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.line_facts import VOUCHER_WINDOW, LineFacts
from crm_expenses.rules.parameter import LookupMissedError
from crm_expenses.rules.policy import PER_NAMES, STAGES, Policy, Rule, Window, evidence_names
from crm_expenses.rules.tree import Node, Op, Sort, Type, walk

RULE_FAILED = (LookupMissedError, DivisionByZeroError)

UNCOVERED = "scope.uncovered"
NO_RATE = "currency.no_rate"
NO_PERSON = "person.unknown"
NO_LINES = "claim.empty"


@dataclass(frozen=True)
class _Shown:
    """One piece of a rule's evidence: its name, its type, what it needs, how to compute it."""

    name: str
    type: Type
    needs: frozenset[str]
    compute: Compiled


class _Ready:
    """A rule made ready to run."""

    __slots__ = ("at_most", "evidence", "reads", "rule", "that", "when")

    def __init__(self, rule: Rule, held: dict[str, object]) -> None:
        self.rule = rule
        self.reads = rule.reads
        self.when = function(rule.when, held) if rule.when is not None else None
        self.that = function(rule.that, held) if rule.that is not None else None
        self.at_most = function(rule.at_most, held) if rule.at_most is not None else None
        self.evidence = tuple(_shown(rule, held))


def _shown(rule: Rule, held: dict[str, object]) -> Iterable[_Shown]:
    nodes: dict[str, Node] = {}
    for tree in rule.expressions:
        for node in walk(tree):
            if node.op in (Op.NAME, Op.LOOKUP):
                nodes.setdefault(str(node.value), node)
    for name in evidence_names(rule):
        node = nodes[name]
        yield _Shown(name, node.type, _needs(node), function(node, held))


def _needs(node: Node) -> frozenset[str]:
    """Give the names without which a node has no value; its guard stands outside of it."""
    if node.op is Op.PRESENT:
        return frozenset()
    args = node.args[1:] if node.op is Op.DEFAULT else node.args
    own = {str(node.value)} if node.op is Op.NAME else set()
    return frozenset(own).union(*map(_needs, args))


@dataclass
class _Line:
    """One line on its way through the stages."""

    facts: LineFacts
    left: int = 0
    findings: list[Finding] = field(default_factory=list)


class Evaluator:
    """A policy made ready to decide. Make one for each policy and keep it; it holds no state."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        held = names(policy.parameters, policy.calendar)
        ready = [_Ready(rule, held) for rule in sorted(policy.rules, key=lambda r: r.code)]
        self._windows = [
            (stage, [r for r in ready if r.rule.window and r.rule.window.period is stage])
            for stage in STAGES
        ]
        in_lines = [r for r in ready if r.rule.window is None]
        self._by_category = {
            category: tuple(r for r in in_lines if r.rule.covers(category))
            for category in policy.categories
        }
        self._anywhere = tuple(r for r in in_lines if r.rule.on is None)

    def windows_of(self, facts: Facts) -> tuple[str, ...]:
        """Give the keys of the windows that the claim's lines fall in, sorted.

        Whoever makes the facts fills in what earlier lines already used of each.
        """
        keys = set()
        for line in facts.lines:
            of = LineFacts(facts, line, self.policy.currency)
            for _, ready_rules in self._windows:
                for ready in ready_rules:
                    if ready.rule.covers(line.category) and ready.rule.window:
                        keys.add(window_key(ready.rule.code, ready.rule.window, of))
            if self.policy.counts_vouchers and of.voucher_number:
                keys.add(voucher_window(of.voucher_number))
        return tuple(sorted(keys))

    def decide(self, facts: Facts) -> Decision:
        """Decide one claim from its facts. Pure: equal facts give an equal decision."""
        currency = self.policy.currency
        lines = [_Line(LineFacts(facts, line, currency)) for line in facts.lines]
        amounts = [line.facts.amount for line in lines]
        known = [amount for amount in amounts if amount is not None]
        total = sum(known) if len(known) == len(amounts) else None
        used = dict(facts.windows)
        carries: list[Carry] = []
        for line in lines:
            line.facts.with_claim_total(total)
            carries += self._count_voucher(line.facts, used)
            self._judge_line(line)
        for _, ready_rules in self._windows:
            if ready_rules:
                carries += self._judge_stage(lines, ready_rules, used)
        decided = [self._line_decision(line) for line in lines]
        return decide_claim(
            facts.claim.id,
            decided,
            (*_claim_findings(facts), *budget_findings(demands(facts, decided))),
            carries=tuple(carries),
            currency=currency,
            policy=self.policy.ref,
            facts_digest=facts.digest(),
        )

    def _count_voucher(self, of: LineFacts, used: dict[str, int]) -> list[Carry]:
        if not (self.policy.counts_vouchers and of.voucher_number):
            return []
        key = voucher_window(of.voucher_number)
        of.voucher_uses_before = used.get(key, 0)
        used[key] = of.voucher_uses_before + 1
        return [Carry(VOUCHER_WINDOW, key, of.line.id, 1)]

    def _judge_line(self, line: _Line) -> None:
        of = line.facts
        if of.amount is None:
            evidence: Evidence = (
                ("currency", of.line.amount.currency),
                ("date", of.date.isoformat()),
            )
            line.findings.append(Finding(NO_RATE, Effect.REVIEW, evidence=evidence))
        line.left = of.amount or 0
        if not self.policy.covers(of.category):
            evidence = (("category", of.category),)
            line.findings.append(Finding(UNCOVERED, Effect.REVIEW, evidence=evidence))
        claimed = line.left
        for ready in self._by_category.get(of.category, self._anywhere):
            finding, left = self._judge(ready, of, claimed)
            if finding is not None:
                line.findings.append(finding)
            line.left = min(line.left, left)

    def _judge_stage(
        self, lines: Sequence[_Line], ready_rules: Sequence[_Ready], used: dict[str, int]
    ) -> list[Carry]:
        carries = []
        for line in lines:
            of, taken_in = line.facts, line.left
            for ready in ready_rules:
                window = ready.rule.window
                if window is None or not ready.rule.covers(of.category):
                    continue
                key = window_key(ready.rule.code, window, of)
                before = used.get(key, 0)
                finding, left = self._judge(ready, of, taken_in, before)
                if finding is None and left == _NOT_APPLIED:
                    continue
                if finding is not None:
                    line.findings.append(finding)
                line.left = min(line.left, left)
                counted = taken_in if window.counts_input else left
                used[key] = before + counted
                carries.append(Carry(ready.rule.code, key, of.line.id, counted))
        return carries

    def _judge(
        self, ready: _Ready, of: LineFacts, taken_in: int, before: int = 0
    ) -> tuple[Finding | None, int]:
        """Give what one rule says of one line, and what it leaves of the amount taken in."""
        rule = ready.rule
        if of.absent and not ready.reads.isdisjoint(of.absent):
            if of.amount is None and "amount" in ready.reads:
                return None, taken_in  # the missing rate is a finding of its own
            absent = ", ".join(sorted(ready.reads & of.absent))
            return _failed(ready, of, "missing", (("missing", absent),)), taken_in
        try:
            if ready.when is not None and not ready.when(of):
                return None, taken_in if rule.window is None else _NOT_APPLIED
            if ready.at_most is not None:
                return self._judge_limit(ready, of, taken_in, before)
            holds = bool(ready.that(of)) if ready.that is not None else False
        except RULE_FAILED as error:
            why, evidence = _why(error)
            return _failed(ready, of, why, evidence), taken_in
        broken = not holds if rule.kind is RuleKind.REQUIRE else holds
        if not broken:
            return None, taken_in
        finding = _finding(ready, of, self._evidence(ready, of))
        return finding, 0 if finding.effect is Effect.REJECT else taken_in

    def _judge_limit(
        self, ready: _Ready, of: LineFacts, taken_in: int, before: int
    ) -> tuple[Finding | None, int]:
        limit = max(0, int(ready.at_most(of))) if ready.at_most is not None else 0
        room = max(0, limit - before)
        if taken_in <= room or taken_in <= 0:
            return None, taken_in
        figures: list[tuple[str, str]] = [
            ("claimed", self._amount(taken_in)),
            ("limit", self._amount(limit)),
        ]
        if ready.rule.window is not None:
            figures.append(("before", self._amount(before)))
        figures.append(("over", self._amount(taken_in - room)))
        finding = _finding(ready, of, (*figures, *self._evidence(ready, of)))
        if finding.effect is Effect.REJECT:
            return finding, 0
        return finding, room if finding.effect in (Effect.CAP, Effect.JUSTIFY) else taken_in

    def _evidence(self, ready: _Ready, of: LineFacts) -> Evidence:
        shown = []
        for piece in ready.evidence:
            if any(getattr(of, name) is None for name in piece.needs):
                continue
            with suppress(*RULE_FAILED):  # a look-up in a branch that was not taken
                shown.append((piece.name, show(piece.compute(of), piece.type)))
        return tuple(shown)

    def _amount(self, minor: int) -> str:
        return f"{Money(minor, self.policy.currency).amount:f}"

    def _line_decision(self, line: _Line) -> LineDecision:
        currency = self.policy.currency
        findings = tuple(sorted(line.findings, key=lambda f: f.code))
        amount = line.facts.amount
        return LineDecision(
            line.facts.line.id,
            outcome_of(findings),
            None if amount is None else Money(amount, currency),
            Money(line.left, currency),
            findings,
        )


_NOT_APPLIED = -(10**18)
"""What a window rule leaves when its guard says that the line is none of its business."""


def _claim_findings(facts: Facts) -> Iterable[Finding]:
    if facts.person is None:
        yield Finding(NO_PERSON, Effect.REVIEW, evidence=(("person", facts.claim.person),))
    if not facts.lines:
        yield Finding(NO_LINES, Effect.REVIEW)


def _finding(ready: _Ready, of: LineFacts, evidence: Evidence) -> Finding:
    rule = ready.rule
    if rule.effect is Effect.JUSTIFY and of.justification:
        return Finding(
            rule.code, Effect.NOTE, rule.clause, evidence, Effect.JUSTIFY, "justification"
        )
    return Finding(rule.code, rule.effect, rule.clause, evidence)


def _failed(ready: _Ready, of: LineFacts, why: str, more: Evidence) -> Finding:
    evidence = (("date", of.date.isoformat()), *more)
    return Finding(ready.rule.code, Effect.REVIEW, ready.rule.clause, evidence, failed=why)


def _why(error: LookupMissedError | DivisionByZeroError) -> tuple[str, Evidence]:
    """Give why a rule failed, as a word that messages know, and what belongs to it."""
    if isinstance(error, LookupMissedError):
        return "no_value", (("table", error.parameter), ("key", ", ".join(error.key)))
    return "zero", ()


def window_key(rule: str, window: Window, of: LineFacts) -> str:
    """Give the key of the window that a line falls in: rule, first day, values of `per`."""
    start = Period.of(window.period, of.date).start
    values = [getattr(of, PER_NAMES[name]) for name in window.per]
    return json.dumps([rule, start.isoformat(), *values], ensure_ascii=False, separators=(",", ":"))


def voucher_window(number: str) -> str:
    """Give the key under which uses of a voucher number are counted.

    >>> voucher_window("24312000000012345678")
    '["#voucher","24312000000012345678"]'
    """
    return json.dumps([VOUCHER_WINDOW, number], ensure_ascii=False, separators=(",", ":"))


def show(raw: object, kind: Type) -> str:
    """Write a raw value as evidence shows it: all its decimals, dates by ISO 8601.

    >>> from crm_expenses.rules.tree import quantity
    >>> show(45000, quantity("CNY/night", 2))
    '450.00'
    """
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if kind.sort is Sort.QUANTITY and isinstance(raw, int):
        sign, digits = ("-" if raw < 0 else ""), str(abs(raw)).rjust(kind.scale + 1, "0")
        if not kind.scale:
            return sign + digits
        return f"{sign}{digits[: -kind.scale]}.{digits[-kind.scale :]}"
    return str(to_json(raw))
