"""A policy: rules, parameters, categories, approvals, under one version and one digest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from crm_expenses.core.approval import Authority
from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.decision import PolicyRef
from crm_expenses.core.finding import Effect
from crm_expenses.core.period import PeriodKind
from crm_expenses.rules.catalogue import Catalogue
from crm_expenses.rules.kinds import RuleKind
from crm_expenses.rules.parameter import Parameter
from crm_expenses.rules.tree import Node, Op, names_in, walk

LANGUAGE_VERSION: Final = 1
"""Version of the policy language that this package reads."""

TextPair = tuple[str, str]
"""The same text in English and Chinese."""

PER_NAMES: Final[dict[str, str]] = {
    "person": "person",
    "team": "team",
    "category": "category",
    "account": "account",
    "opportunity": "opportunity",
    "city": "city",
    "voucher": "voucher_number",
}
"""What a window can be kept per, and the fact that it reads."""

STAGES: Final = tuple(PeriodKind)
"""Windows are judged short to long; what one stage leaves is what the next takes in."""


@dataclass(frozen=True, slots=True)
class Window:
    """Over which lines a limit sums: one sum for each value of `per` in each `period`.

    With `counts_input` the rule counts what it took in, otherwise what it left.
    """

    per: tuple[str, ...]
    period: PeriodKind
    counts_input: bool = False


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
    when: Node | None = None
    that: Node | None = None
    at_most: Node | None = None
    window: Window | None = None

    @property
    def expressions(self) -> tuple[Node, ...]:
        """The trees that the rule has."""
        return tuple(node for node in (self.when, self.that, self.at_most) if node is not None)

    @property
    def reads(self) -> frozenset[str]:
        """The names of facts that the rule reads; a limit reads the amount."""
        found = names_in(*self.expressions)
        return found | {"amount"} if self.kind is RuleKind.LIMIT else found

    def covers(self, category: str) -> bool:
        """Say whether the rule is on a category."""
        return self.on is None or category in self.on


@dataclass(frozen=True)
class Policy:
    """A policy that has proved complete: every name known, every table without a gap."""

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
        return category in self.categories and any(rule.covers(category) for rule in self.rules)

    @cached_property
    def counts_vouchers(self) -> bool:
        """Whether some rule asks how often a voucher was used before."""
        return any("voucher_uses_before" in rule.reads for rule in self.rules)

    def rule(self, code: str) -> Rule | None:
        """Give the rule of a code, or None for a finding that no rule of the policy made."""
        return next((rule for rule in self.rules if rule.code == code), None)

    def title_of(self, category: str) -> TextPair:
        """Give a category's name in both languages; its code where the policy has no name."""
        return self.categories.get(category, (category, category))


def evidence_names(rule: Rule) -> tuple[str, ...]:
    """Give what a finding of the rule shows, in order: facts that may be shown, then figures.

    Free text never leaves the record that it stands in. The names are those that the rule's message
    may use as fields, beside `limit`, `before` and `over` of a limit.
    """
    seen: dict[str, None] = {}
    for tree in rule.expressions:
        for node in walk(tree):
            if node.op in (Op.NAME, Op.LOOKUP):
                seen.setdefault(str(node.value))
    hidden = {"merchant", "purpose", "justification"}
    return tuple(name for name in seen if name not in hidden)
