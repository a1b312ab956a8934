"""A policy made ready: its rules by category and stage, and one line on its way through them."""

from collections.abc import Mapping, Sequence

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.decision import Entitlement, Figure
from crm_expenses.core.finding import Finding
from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.claim_context import ClaimContext
from crm_expenses.rules.compile import function, names
from crm_expenses.rules.fast import Fast, fast_path
from crm_expenses.rules.judge import RULE_FAILED, Of, Ready, failed, why
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.line_facts import FactTables, LineFacts
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.window import Counter, Window


class Counting:
    """A named window made ready to run. `needs` are names without which a line cannot count."""

    __slots__ = ("adds", "counter", "needs", "when")

    def __init__(self, counter: Counter, held: Mapping[str, object], policy: Policy) -> None:
        self.counter = counter
        self.adds = function(counter.adds, held)
        self.when = function(counter.when, held) if counter.when is not None else None
        self.needs = tuple(sorted(policy.catalogue.uncertain() & counter.reads))


class Prepared:
    """The compiled parts of a policy; `ready` has its rules by code, in the order of the codes."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.tables = FactTables(policy.facts)
        self.held = names(
            policy.parameters,
            policy.calendar,
            policy.values.values(),
            policy.catalogue.uncertain(),
        )
        self.ready: Mapping[str, Ready] = {
            rule.code: Ready(rule, self.held, policy.catalogue)
            for rule in sorted(policy.rules, key=lambda rule: rule.code)
        }
        self.counting = tuple(
            Counting(counter, self.held, policy) for counter in policy.counters.values()
        )


class Plan:
    """What a policy does with the lines of one category; None for one that it does not know."""

    __slots__ = ("allows", "counting", "fast", "is_covered", "judged", "measures", "stages")

    def __init__(self, prepared: Prepared, category: str | None) -> None:
        policy = prepared.policy
        on = [
            one
            for one in prepared.ready.values()
            if one.rule.scope is not RuleScope.CLAIM
            and (one.rule.on is None or (category is not None and one.rule.covers(category)))
        ]
        self.is_covered = category is not None and policy.covers(category)
        allows: dict[str, list[Ready]] = {}
        for one in on:
            if one.rule.kind is RuleKind.ALLOW:
                allows.setdefault(one.rule.component, []).append(one)
        self.allows = {component: allows[component] for component in sorted(allows)}
        self.measures = [one for one in on if one.rule.kind is RuleKind.MEASURE]
        rest = [one for one in on if one.rule.kind not in (RuleKind.ALLOW, RuleKind.MEASURE)]
        self.judged = [one for one in rest if one.rule.window is None]
        stages: dict[int, list[tuple[Ready, Window]]] = {}
        for one in rest:
            if one.rule.window is not None:
                stages.setdefault(one.rule.window.stage, []).append((one, one.rule.window))
        self.stages = [stages[stage] for stage in sorted(stages)]
        read = frozenset[str]().union(*(one.rule.reads for one in on))
        self.counting = [
            (one, is_counted)
            for one in prepared.counting
            for is_counted in [one.counter.covers(category or "")]
            if is_counted or one.counter.name in read
        ]
        counters = [(one.counter, is_counted) for one, is_counted in self.counting]
        self.fast: Fast | None = fast_path(
            on, counters, prepared.tables, prepared.held, policy, category
        )

    @property
    def windowed(self) -> list[Ready]:
        """The limits with a window, by stage."""
        return [one for stage in self.stages for one, _ in stage]


class LineState:
    """One line on its way through the stages; its facts are made when first needed."""

    __slots__ = (
        "_ctx",
        "_facts",
        "_tables",
        "_uses",
        "amount",
        "entitlements",
        "findings",
        "left",
        "measures",
        "plan",
        "record",
    )

    def __init__(
        self,
        record: ExpenseLine,
        plan: Plan,
        tables: FactTables,
        ctx: ClaimContext,
        uses: int,
    ) -> None:
        self.record = record
        self.plan = plan
        self.amount: int | None = None
        self.left = 0
        self.findings: list[Finding] = []
        self.entitlements: tuple[Entitlement, ...] = ()
        self.measures: tuple[Figure, ...] = ()
        self._uses = uses
        self._tables = tables
        self._ctx = ctx
        self._facts: LineFacts | None = None

    @property
    def facts(self) -> LineFacts:
        """The line's facts, as rules read them."""
        made = self._facts
        if made is None:
            made = self._facts = LineFacts(self._tables, self._ctx, self.record)
            made.set("voucher_uses_before", self._uses)
        return made

    def subjects(self, ready: Ready) -> Sequence[Of] | Finding:
        """Give what a rule looks at: the line, or the days of its trip; a finding without one."""
        of = self.facts
        if ready.rule.scope is RuleScope.LINE:
            return (of,)
        if ready.asks_for_trip and of.trip is None:
            return ()
        try:
            return of.parts(ready.rule.scope)
        except RULE_FAILED as error:
            return failed(ready, of, *why(error))
