"""The `run` reading: a policy compiled once, then a decision for each claim's facts.

Stages run from short to long: first the rules on single lines, then windows by day, trip, week,
month and so on. A stage takes in what the shorter stages left. Within one stage every rule sees
that same input and the lowest result wins, so the order of the rules does not matter. Each window
rule keeps its own sum: what it alone would have left.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.commitment import budget_findings, demands
from crm_expenses.core.decision import (
    Carry,
    Decision,
    Entitlement,
    Figure,
    LineDecision,
    Outcome,
    decide_claim,
    outcome_of,
)
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.claim_context import ClaimContext
from crm_expenses.rules.compile import Compiled, function
from crm_expenses.rules.judge import (
    NO_RATE,
    RULE_FAILED,
    UNCOVERED,
    Judge,
    Ready,
    Seen,
    figure,
    why,
)
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.line_facts import ClaimFacts, DayFacts, LineFacts
from crm_expenses.rules.plan import Counting, LineState, Plan, Prepared
from crm_expenses.rules.plug_in import with_remarks
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.tree import names_in
from crm_expenses.rules.window import (
    VOUCHER_WINDOW,
    WINDOW_SUM_MAX,
    Window,
    before,
    keys,
    own_key,
    voucher_window,
)

NO_PERSON: Final = "person.unknown"
NO_LINES: Final = "claim.empty"


class Evaluator:
    """A policy made ready to decide. Make one for each policy and keep it; it holds no state."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._prepared = prepared = Prepared(policy)
        self._plans = {category: Plan(prepared, category) for category in policy.categories}
        self._elsewhere = Plan(prepared, None)
        self._of_claim = [
            one for one in prepared.ready.values() if one.rule.scope is RuleScope.CLAIM
        ]
        self._counts_vouchers = policy.counts_vouchers
        self._currency = policy.currency
        self._ref = policy.ref
        self._plug_ins = policy.plug_ins
        self._asked: Mapping[str, Compiled] = {
            code: function(node, prepared.held) for code, node in policy.asked.items()
        }

    @property
    def held(self) -> Mapping[str, object]:
        """The names that compiled expressions use."""
        return self._prepared.held

    @property
    def ready(self) -> Mapping[str, Ready]:
        """The rules made ready, by code."""
        return self._prepared.ready

    def windows_of(self, facts: Facts) -> tuple[str, ...]:
        """Give the keys of the windows that the claim's lines fall in, sorted.

        Whoever makes the facts fills in what earlier lines already used of each.
        """
        found: set[str] = set()
        for of in self._line_facts(facts):
            plan = self._plan(of.category)
            for ready in (*plan.measures, *plan.windowed):
                window = ready.rule.window
                if window is not None:
                    found.update(keys(ready.rule.code, window, of))
            for counting, _ in plan.counting:
                found.update(keys(counting.counter.code, counting.counter.window, of))
            if self.policy.counts_vouchers and of.voucher_number:
                found.add(voucher_window(of.voucher_number))
        return tuple(sorted(found))

    def facts_of(self, facts: Facts) -> list[LineFacts]:
        """Give the facts of the claim's lines as the rules read them, named windows filled in."""
        lines = self._line_facts(facts)
        used = dict(facts.windows)
        for of in lines:
            uses = self._count_voucher(of.line.id, of.voucher_number, used, [])
            of.set("voucher_uses_before", uses)
            self._count(of, self._plan(of.category), used)
        return lines

    def days_of(self, of: LineFacts) -> Sequence[DayFacts]:
        """Give the facts of each day of a line's trip; none where it has no trip."""
        try:
            return tuple(DayFacts(self._prepared.tables, of, day) for day in of.days())
        except RULE_FAILED:
            return ()

    def decide(self, facts: Facts, *, digest: bool = True) -> Decision:
        """Decide one claim from its facts. Pure: equal facts give an equal decision.

        Without `digest` the decision says nothing of the facts' digest, which costs more to compute
        than the decision itself.
        """
        return self._run(facts, facts.digest() if digest else "", None)

    def trace(self, facts: Facts) -> tuple[Decision, Sequence[Seen]]:
        """Decide one claim, and give every word that the rules said on the way."""
        seen: list[Seen] = []
        return self._run(facts, "", seen), seen

    def _run(self, facts: Facts, digest: str, seen: list[Seen] | None) -> Decision:
        """Decide line by line, each through all its stages, then the claim as a whole."""
        ctx = ClaimContext(facts, self._currency)
        used = {**facts.windows}
        carries: list[Carry] = []
        judge: Judge | None = None
        is_quick = seen is None and not facts.waivers
        plans, lines = self._plans, []
        for record in facts.lines:
            plan = plans.get(record.category, self._elsewhere)
            decided = None
            if is_quick and plan.fast is not None:
                try:
                    decided = plan.fast(ctx, record, used, carries)
                except Exception:  # noqa: BLE001  the judge computes it again and says what is wrong
                    decided = None
            if decided is None:
                if judge is None:
                    judge = Judge(self._currency, facts, seen)
                decided = self._judge_line(record, plan, ctx, judge, used, carries)
            lines.append(decided)
        findings: Sequence[Finding] = ()
        measures: tuple[Figure, ...] = ()
        if self._of_claim or facts.person is None or not lines:
            findings, measures = self._judge_claim(ctx, judge or Judge(self._currency, facts, seen))
        if facts.budgets:
            findings = (*findings, *budget_findings(demands(facts, lines)))
        decision = decide_claim(
            facts.claim.id,
            lines,
            tuple(findings),
            tuple(carries),
            self._currency,
            self._ref,
            digest,
            measures,
            self._approvals(ctx) if self._asked else (),
        )
        return with_remarks(decision, facts, self._plug_ins) if self._plug_ins else decision

    def _plan(self, category: str) -> Plan:
        return self._plans.get(category, self._elsewhere)

    def _line_facts(self, facts: Facts) -> list[LineFacts]:
        ctx = ClaimContext(facts, self.policy.currency)
        return [LineFacts(self._prepared.tables, ctx, line) for line in facts.lines]

    # Windows that are read as facts

    def _count(self, of: LineFacts, plan: Plan, used: dict[str, int]) -> Sequence[Carry | Finding]:
        """Set what earlier lines add up to, then count the line itself; give what it adds."""
        found: list[Carry | Finding] = []
        for counting, is_counted in plan.counting:
            counter = counting.counter
            value: int | None = before(counter.code, counter.window, of, used)
            if value is not None and abs(value) > WINDOW_SUM_MAX:
                value = None
            added = _added(counting, of) if is_counted else None
            if isinstance(added, Finding):
                found.append(added)
                value = None
            elif added is not None:
                key = own_key(counter.code, counter.window, of)
                used[key] = used.get(key, 0) + added
                found.append(Carry(counter.code, key, of.line.id, added))
            of.set(counter.name, value)
        return found

    def _count_voucher(
        self, line: str, number: str | None, used: dict[str, int], carries: list[Carry]
    ) -> int:
        """Give how often a voucher was used before, and count this use."""
        if not number or not self._counts_vouchers:
            return 0
        key = voucher_window(number)
        uses = used.get(key, 0)
        used[key] = uses + 1
        carries.append(Carry(VOUCHER_WINDOW, key, line, 1))
        return uses

    # Lines, one rule after the other

    def _judge_line(
        self,
        record: ExpenseLine,
        plan: Plan,
        ctx: ClaimContext,
        judge: Judge,
        used: dict[str, int],
        carries: list[Carry],
    ) -> LineDecision:
        uses = 0
        if self._counts_vouchers:
            uses = self._count_voucher(record.id, ctx.number_of(record), used, carries)
        line = LineState(record, plan, self._prepared.tables, ctx, uses)
        if plan.counting:
            for found in self._count(line.facts, plan, used):
                if isinstance(found, Carry):
                    carries.append(found)
                else:
                    line.findings.append(found)
        line.amount = line.facts.amount
        line.left = line.amount or 0
        if line.amount is None:
            shown = (("currency", line.facts.currency), ("date", line.facts.date.isoformat()))
            line.findings.append(Finding(NO_RATE, Effect.REVIEW, evidence=shown))
        if not plan.is_covered:
            category = (("category", record.category),)
            line.findings.append(Finding(UNCOVERED, Effect.REVIEW, evidence=category))
        if plan.allows and not line.facts.is_credit:
            self._entitle(line, judge)
        taken_in = line.left
        for ready in plan.judged:
            left = _apply(line, ready, judge, taken_in)
            if left is not None and left < line.left:
                line.left = left
        if plan.measures:
            self._measure(line, judge, used, carries)
        for stage in plan.stages:
            self._judge_stage(line, stage, judge, used, carries)
        return self._line_decision(line)

    def _entitle(self, line: LineState, judge: Judge) -> None:
        """Set the amount to what the components add up to; of one component the lowest wins."""
        found: dict[str, Entitlement] = {}
        for ready in line.plan.allows:
            rule = ready.rule
            values = judge.value(ready, line.facts, line.subjects(ready))
            days: tuple[tuple[date, int], ...] = ()
            total = 0
            if isinstance(values, Finding):
                line.findings.append(values)
            else:
                total = sum(value for _, value in values)
                if rule.scope is RuleScope.DAY:
                    days = tuple((of.as_of, value) for of, value in values)
            known = found.get(rule.component)
            if known is None or total < known.amount.minor:
                money = Money(total, self.policy.currency)
                found[rule.component] = Entitlement(rule.component, rule.code, money, days)
        line.entitlements = tuple(found[component] for component in sorted(found))
        line.left = max(0, sum(part.amount.minor for part in line.entitlements))

    def _measure(
        self, line: LineState, judge: Judge, used: dict[str, int], carries: list[Carry]
    ) -> None:
        of, figures = line.facts, []
        for ready in line.plan.measures:
            rule = ready.rule
            values = judge.value(ready, of, line.subjects(ready))
            if isinstance(values, Finding):
                line.findings.append(values)
                continue
            if not values:
                continue
            value, total = sum(value for _, value in values), None
            if rule.window is not None:
                total = before(rule.code, rule.window, of, used) + value
                key = own_key(rule.code, rule.window, of)
                used[key] = used.get(key, 0) + value
                carries.append(Carry(rule.code, key, of.line.id, value))
            figures.append(figure(rule, value, total))
        line.measures = tuple(figures)

    def _judge_stage(
        self,
        line: LineState,
        stage: Sequence[tuple[Ready, Window]],
        judge: Judge,
        used: dict[str, int],
        carries: list[Carry],
    ) -> None:
        """Run the rules of one stage on what the shorter ones left; the lowest result wins."""
        taken_in = line.left
        for ready, window in stage:
            code = ready.rule.code
            earlier = before(code, window, line.facts, used)
            left = _apply(line, ready, judge, taken_in, earlier)
            if left is None:
                continue
            line.left = min(line.left, left)
            counted = taken_in if window.counts_input else left
            key = own_key(code, window, line.facts)
            used[key] = used.get(key, 0) + counted
            carries.append(Carry(code, key, line.record.id, counted))

    def _line_decision(self, line: LineState) -> LineDecision:
        currency = self.policy.currency
        left = Money(line.left, currency)
        claimed: Money | None = left
        if line.amount != line.left:
            claimed = None if line.amount is None else Money(line.amount, currency)
        findings, outcome = tuple(line.findings), Outcome.PASS
        if findings:
            findings = tuple(sorted(findings, key=lambda finding: finding.code))
            outcome = outcome_of(findings)
        return LineDecision(
            line.record.id, outcome, claimed, left, findings, line.entitlements, line.measures
        )

    # The claim as a whole

    def _judge_claim(
        self, ctx: ClaimContext, judge: Judge
    ) -> tuple[tuple[Finding, ...], tuple[Figure, ...]]:
        findings = _claim_findings(ctx.facts)
        if not self._of_claim:
            return tuple(findings), ()
        measures: list[Figure] = []
        of = ClaimFacts(self._prepared.tables, ctx)
        for ready in self._of_claim:
            if ready.rule.kind is RuleKind.MEASURE:
                values = judge.value(ready, of, (of,))
                if isinstance(values, Finding):
                    findings.append(values)
                else:
                    measures += [figure(ready.rule, value, None) for _, value in values]
                continue
            judged = judge.judge(ready, of, (of,), 0)
            if judged.finding is not None:
                findings.append(judged.finding)
        return tuple(findings), tuple(measures)

    def _approvals(self, ctx: ClaimContext) -> tuple[str, ...]:
        """Give the steps whose condition holds; one that cannot be computed counts as holding."""
        of = ClaimFacts(self._prepared.tables, ctx)
        uncertain = self.policy.catalogue.uncertain()
        asked = []
        for code, holds in self._asked.items():
            needs = uncertain & names_in(self.policy.asked[code])
            try:
                is_asked = any(getattr(of, name) is None for name in needs) or bool(holds(of))
            except RULE_FAILED:
                is_asked = True
            if is_asked:
                asked.append(code)
        return tuple(sorted(asked))


def _apply(
    line: LineState, ready: Ready, judge: Judge, taken_in: int, earlier: int = 0
) -> int | None:
    """Judge a line by one rule; give what it leaves, None where it does not apply."""
    subjects = line.subjects(ready)
    if isinstance(subjects, Finding):
        line.findings.append(subjects)
        return None
    judged = judge.judge(ready, line.facts, subjects, taken_in, earlier)
    if judged.finding is not None:
        line.findings.append(judged.finding)
    return judged.left


def _added(counting: Counting, of: LineFacts) -> int | Finding | None:
    """Give what a line adds to a named window; None where it does not count."""
    code, day = counting.counter.code, ("date", of.date.isoformat())
    missing = [name for name in counting.needs if getattr(of, name) is None]
    if missing == ["amount"]:
        return None  # the missing rate is a finding of its own
    if missing:
        lacks = ("missing", ", ".join(missing))
        return Finding(code, Effect.REVIEW, evidence=(day, lacks), failed="missing")
    try:
        if counting.when is not None and not counting.when(of):
            return None
        return int(counting.adds(of))
    except RULE_FAILED as error:
        reason, *more = why(error)
        return Finding(code, Effect.REVIEW, evidence=(day, *more), failed=reason)


def _claim_findings(facts: Facts) -> list[Finding]:
    findings = []
    if facts.person is None:
        shown = (("person", facts.claim.person),)
        findings.append(Finding(NO_PERSON, Effect.REVIEW, evidence=shown))
    if not facts.lines:
        findings.append(Finding(NO_LINES, Effect.REVIEW))
    return findings
