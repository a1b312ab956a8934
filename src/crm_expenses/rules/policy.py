"""A policy: rules, parameters, categories, approvals, under one version and one digest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from crm_expenses.core.approval import ApprovalTerms, Authority
from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.decision import PolicyRef
from crm_expenses.core.finding import Effect
from crm_expenses.core.payment import PaymentTerms
from crm_expenses.rules.catalogue import Catalogue, RuleScope
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.own_fact import OwnFact
from crm_expenses.rules.parameter import Parameter
from crm_expenses.rules.plug_in import PlugIn
from crm_expenses.rules.scope import NamedValue
from crm_expenses.rules.tree import Node, Op, names_in, walk
from crm_expenses.rules.window import Counter, Window

LANGUAGE_VERSION: Final = 1
"""Version of the policy language that this package reads."""

TextPair = tuple[str, str]
"""The same text in English and Chinese."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, its expressions as typed trees. `on` is None for every category."""

    code: str
    kind: RuleKind
    effect: Effect
    on: frozenset[str] | None
    title: TextPair
    message: TextPair
    clause: str = ""
    scope: RuleScope = RuleScope.LINE
    when: Node | None = None
    that: Node | None = None
    at_most: Node | None = None
    gives: Node | None = None
    component: str = ""
    window: Window | None = None

    @property
    def expressions(self) -> tuple[Node, ...]:
        """The trees that the rule has."""
        trees = (self.when, self.that, self.at_most, self.gives)
        return tuple(node for node in trees if node is not None)

    @property
    def main(self) -> Node:
        """The tree that its kind has: `at_most`, `that` or `gives`."""
        return next(node for node in (self.at_most, self.that, self.gives) if node is not None)

    @property
    def reads(self) -> frozenset[str]:
        """The names of facts that the rule reads; a limit reads the amount."""
        found = names_in(*self.expressions).union(self.window.facts if self.window else ())
        return found | {"amount"} if self.kind is RuleKind.LIMIT else found

    def covers(self, category: str) -> bool:
        """Say whether the rule is on a category."""
        return self.on is None or category in self.on


@dataclass(frozen=True)
class Policy:
    """A policy that has proved complete: every name known, every table without a gap.

    `facts` are those of its own, `counters` its named windows, `values` its named expressions in
    the order in which they may read each other, `words` what people call the words of its lists (by
    list and word), `components` what they call those of entitlements, `asked` the conditions of
    approval steps by the step's code, `plug_ins` look at what the rules decided, `terms` hold for
    all approval steps, and `payment` says when what is approved is paid. `source` is the text of
    the file that it was read from.
    """

    id: str
    version: str
    digest: str
    title: TextPair
    catalogue: Catalogue
    categories: Mapping[str, TextPair]
    parameters: Mapping[str, Parameter]
    rules: tuple[Rule, ...]
    authorities: tuple[Authority, ...] = ()
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    facts: Mapping[str, OwnFact] = field(default_factory=dict)
    counters: Mapping[str, Counter] = field(default_factory=dict)
    values: Mapping[str, NamedValue] = field(default_factory=dict)
    words: Mapping[tuple[str, str], TextPair] = field(default_factory=dict)
    components: Mapping[str, TextPair] = field(default_factory=dict)
    asked: Mapping[str, Node] = field(default_factory=dict)
    plug_ins: tuple[PlugIn, ...] = ()
    terms: ApprovalTerms = field(default_factory=ApprovalTerms)
    payment: PaymentTerms = field(default_factory=PaymentTerms)
    source: str = field(default="", repr=False, compare=False)

    @property
    def currency(self) -> str:
        """The currency of every amount that the policy decides."""
        return self.catalogue.currency

    @cached_property
    def ref(self) -> PolicyRef:
        """What a decision says of the policy that made it."""
        return PolicyRef(self.id, self.version, self.digest, LANGUAGE_VERSION)

    def covers(self, category: str) -> bool:
        """Say whether some rule is on a category that the policy knows."""
        return category in self.categories and any(
            rule.covers(category)
            for rule in self.rules
            if rule.scope is not RuleScope.CLAIM and rule.kind is not RuleKind.MEASURE
        )

    @cached_property
    def counts_vouchers(self) -> bool:
        """Whether some rule asks how often a voucher was used before."""
        reads = [one.reads for one in self.rules] + [one.reads for one in self.counters.values()]
        return any("voucher_uses_before" in names for names in reads)

    def rule(self, code: str) -> Rule | None:
        """Give the rule of a code, or None for a finding that no rule of the policy made."""
        return next((rule for rule in self.rules if rule.code == code), None)

    def title_of(self, category: str) -> TextPair:
        """Give a category's name in both languages; its code where the policy has no name."""
        return self.categories.get(category, (category, category))


def evidence_names(rule: Rule, catalogue: Catalogue) -> tuple[str, ...]:
    """Give what a finding of the rule shows, in order: facts that may be shown, then figures.

    Free text never leaves the record that it stands in. The names are those that the rule's message
    may use as fields, beside `limit`, `before` and `over` of a limit.
    """
    seen: dict[str, None] = {}
    for tree in rule.expressions:
        for node in walk(tree):
            if node.op in SHOWN_OPS:
                seen.setdefault(str(node.value))
    names = catalogue.names
    return tuple(name for name in seen if name not in names or names[name].is_shown)


SHOWN_OPS: Final = frozenset(
    {Op.NAME, Op.LOOKUP, Op.BAND, Op.ALONG, Op.VALUE, Op.TOTAL_EACH, Op.COUNT_EACH}
)
"""What evidence shows: facts, figures, and what the policy gives a name."""
