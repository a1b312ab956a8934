"""The `run` reading: a policy compiled once, then a decision for each claim's facts.

Stages run from short to long: first the rules on single lines, then windows by day, trip, week,
month and so on. A stage takes in what the shorter stages left. Within one stage every rule sees
that same input and the lowest result wins, so the order of the rules does not matter. Each window
rule keeps its own sum: what it alone would have left.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date
from typing import Final

from crm_expenses.core.approval.due import restricted_due
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
    Of,
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
from crm_expenses.rules.reading import reading_of
from crm_expenses.rules.tree import names_in
from crm_expenses.rules.window import (
    VOUCHER_WINDOW,
    Counter,
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
        self.read: Callable[[Facts], Facts] = reading_of(policy)
        """Leaves of facts what the policy can read of a person's words."""
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
        self._restricted = tuple(one for one in policy.authorities if one.is_restricted)

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
            windows = [(one.rule.code, one.rule.window) for one in (*plan.measures, *plan.windowed)]
            windows += [(one.counter.code, one.counter.window) for one, _ in plan.counting]
            for code, window in windows:
                with suppress(*RULE_FAILED):  # what cannot be read makes its rule fail
                    found.update(keys(code, window, of) if window is not None else ())
            if plan.allows and not of.is_credit:
                found.update(_component_keys(plan, of))
            if self.policy.counts_vouchers and of.voucher_number:
                found.add(voucher_window(of.voucher_number))
        return tuple(sorted(found))

    def facts_of(self, facts: Facts, decision: Decision) -> list[LineFacts]:
        """Give the facts of the claim's lines as the rules read them, and what rules left."""
        lines = self._line_facts(facts)
        used = dict(facts.windows)
        for of, decided in zip(lines, decision.lines, strict=True):
            uses = self._count_voucher(of.line.id, of.voucher_number, used, [])
            of.set("voucher_uses_before", uses)
            _counted(self._count(of, self._plan(of.category), used, []), decided, used)
            of.set("allowed", decided.allowed.minor)
            if decided.entitlements:
                given = sum(part.amount.minor for part in decided.entitlements)
                of.set("entitled", max(0, given))
        return lines

    def decide(self, facts: Facts, *, digest: bool = True) -> Decision:
        """Decide one claim from its facts. Pure: equal facts give an equal decision.

        Without `digest` the decision says nothing of the facts' digest, which costs more to compute
        than the decision itself. The digest is that of the facts as the policy can read them.
        """
        return self._run(facts, self.read(facts).digest() if digest else "", None)

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
            findings, measures = self._judge_claim(
                ctx, judge or Judge(self._currency, facts, seen), lines
            )
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
            self._approvals(ctx, lines) if self._asked else (),
        )
        if self._plug_ins:
            decision = with_remarks(decision, facts, self._plug_ins)
        return self._with_restricted(decision, facts) if self._restricted else decision

    def _plan(self, category: str) -> Plan:
        return self._plans.get(category, self._elsewhere)

    def _line_facts(self, facts: Facts) -> list[LineFacts]:
        ctx = ClaimContext(facts, self.policy.currency)
        return [LineFacts(self._prepared.tables, ctx, line) for line in facts.lines]

    # Windows that are read as facts

    def _count(
        self, of: LineFacts, plan: Plan, used: Mapping[str, int], findings: list[Finding]
    ) -> list[tuple[Carry, Counter]]:
        """Set what earlier lines add up to; give what the line adds, once it is decided."""
        adding = []
        for counting, is_counted in plan.counting:
            counter = counting.counter
            value: int | None = None
            with suppress(*RULE_FAILED):  # a key that cannot be read
                value = before(counter.code, counter.window, of, used)
            if value is not None and abs(value) > counter.top:
                value = None
            added = _added(counting, of) if is_counted else None
            if isinstance(added, Finding):
                findings.append(added)
                value = None
            elif added is not None:
                key = own_key(counter.code, counter.window, of)
                adding.append((Carry(counter.code, key, of.line.id, added), counter))
            of.set(counter.name, value)
        return adding

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
        adding: list[tuple[Carry, Counter]] = []
        if plan.counting:
            adding = self._count(line.facts, plan, used, line.findings)
        line.amount = line.facts.amount
        line.left = line.amount or 0
        if line.amount is None:
            shown = (("currency", line.facts.currency), ("date", line.facts.date.isoformat()))
            line.findings.append(Finding(NO_RATE, Effect.REVIEW, evidence=shown))
        if not plan.is_covered:
            category = (("category", record.category),)
            line.findings.append(Finding(UNCOVERED, Effect.REVIEW, evidence=category))
        if plan.allows and not line.facts.is_credit:
            self._entitle(line, judge, used, carries)
        if line.amount is not None:
            line.facts.set("entitled", line.left)
        taken_in = line.left
        for ready in plan.judged:
            left = _apply(line, ready, judge, taken_in)
            if left is not None and left < line.left:
                line.left = left
        for stage in plan.stages:
            self._judge_stage(line, stage, judge, used, carries)
        if plan.measures:
            line.facts.set("allowed", line.left)
            self._measure(line, judge, used, carries)
        decided = self._line_decision(line)
        carries += _counted(adding, decided, used)
        return decided

    def _entitle(
        self, line: LineState, judge: Judge, used: dict[str, int], carries: list[Carry]
    ) -> None:
        """Set the amount to what the components add up to.

        Of the rules on one component that apply, the lowest counts, on a trip day by day. A day is
        paid once: what an earlier line got for it is taken off.
        """
        made = []
        for component, rules in line.plan.allows.items():
            lowest: dict[tuple[str, date] | None, int] = {}
            codes, has_failed = [], False
            for ready in rules:
                values = judge.value(ready, line.facts, line.subjects(ready))
                if isinstance(values, Finding):
                    line.findings.append(values)
                    has_failed = True
                    continue
                if values:
                    codes.append(ready.rule.code)
                for of, value in values:
                    part = component_part(component, of)
                    lowest[part] = min(value, lowest.get(part, value))
            if has_failed:
                lowest.clear()
            days: list[tuple[date, int]] = []
            for part, value in lowest.items():
                if part is not None:
                    key, day = part
                    earlier = used.get(key, 0)
                    more = value - earlier if abs(value) > abs(earlier) else 0
                    lowest[part] = more
                    used[key] = earlier + more
                    carries.append(Carry(f"+{component}", key, line.record.id, more))
                    if more or not earlier:
                        days.append((day, more))
            total = Money(sum(lowest.values()), self._currency)
            made.append(Entitlement(component, tuple(codes), total, tuple(days)))
        line.entitlements = tuple(made)
        line.left = max(0, sum(part.amount.minor for part in made))

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
            try:
                earlier = before(code, window, line.facts, used)
            except RULE_FAILED:  # a key that cannot be read: so says the rule, where it is asked
                _apply(line, ready, judge, taken_in)
                continue
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
        self, ctx: ClaimContext, judge: Judge, lines: Sequence[LineDecision]
    ) -> tuple[tuple[Finding, ...], tuple[Figure, ...]]:
        findings = _claim_findings(ctx.facts)
        if not self._of_claim:
            return tuple(findings), ()
        measures: list[Figure] = []
        of = ClaimFacts(self._prepared.tables, ctx)
        of.set("claim_allowed", sum(line.allowed.minor for line in lines))
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

    def _approvals(self, ctx: ClaimContext, lines: Sequence[LineDecision]) -> tuple[str, ...]:
        """Give the steps whose condition holds; one that cannot be computed counts as holding."""
        of = ClaimFacts(self._prepared.tables, ctx)
        of.set("claim_allowed", sum(line.allowed.minor for line in lines))
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

    def _with_restricted(self, decision: Decision, facts: Facts) -> Decision:
        """Put the restricted steps that are due in the place of those whose condition holds."""
        due = restricted_due(
            self._restricted,
            decision,
            categories={line.id: line.category for line in facts.lines},
            team=facts.person.team if facts.person is not None else "",
            asked=decision.approvals,
        )
        restricted = {one.code for one in self._restricted}
        others = (code for code in decision.approvals if code not in restricted)
        return replace(decision, approvals=tuple(sorted({*others, *due})))


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


def _counted(
    adding: Sequence[tuple[Carry, Counter]], decided: LineDecision, used: dict[str, int]
) -> list[Carry]:
    """Count a decided line in named windows; one that is rejected only where all lines count."""
    is_rejected = decided.outcome is Outcome.REJECT
    counted = [carry for carry, counter in adding if counter.window.counts_input or not is_rejected]
    for carry in counted:
        used[carry.window] = used.get(carry.window, 0) + carry.amount
    return counted


def _component_keys(plan: Plan, of: LineFacts) -> Iterator[str]:
    """Give the keys under which the days of a line's trip are paid."""
    for component, rules in plan.allows.items():
        scope = rules[0].rule.scope
        if scope.is_of_trip:
            try:
                parts = of.parts(scope)
            except RULE_FAILED:
                return
            for part in parts:
                paid = component_part(component, part)
                if paid is not None:
                    yield paid[0]


def component_part(component: str, of: Of) -> tuple[str, date] | None:
    """Give under which key a day or period of a trip is paid, and its date; None for a line."""
    if not isinstance(of, DayFacts):
        return None
    person, day = of.person, of.day
    begins = of.begins
    of_what = day.isoformat() if begins is None else f"{begins.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return f"+{component}|{of_what}|{len(person)}:{person}", day


def _claim_findings(facts: Facts) -> list[Finding]:
    findings = []
    if facts.person is None:
        shown = (("person", facts.claim.person),)
        findings.append(Finding(NO_PERSON, Effect.REVIEW, evidence=shown))
    if not facts.lines:
        findings.append(Finding(NO_LINES, Effect.REVIEW))
    return findings
