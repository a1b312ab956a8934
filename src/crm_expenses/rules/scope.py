"""What an expression may name, and how a problem in one is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from crm_expenses.rules.catalogue import Catalogue, RuleScope
from crm_expenses.rules.parameter import Parameter
from crm_expenses.rules.tree import Node

TextPair = tuple[str, str]


class ExpressionError(Exception):
    """One problem in an expression: a code of `messages.problems`, values, and the offset."""

    def __init__(self, code: str, at: int, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.at = at
        self.values = values


@dataclass(frozen=True, slots=True)
class NamedValue:
    """An expression under a name, and what it looks at."""

    name: str
    title: TextPair
    of: RuleScope
    node: Node

    def can_be_read(self, of: RuleScope) -> bool:
        """Say whether an expression that looks at `of` may name it."""
        return of is self.of or (self.of is RuleScope.LINE and of.is_of_trip)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name: the catalogue, and the parameters of its policy.

    What stands in `broken` has its own problem already; whoever names it is not told again. `of`
    says what the expression looks at: names of another scope are refused. `values` are expressions
    that have a name, `states` the names that depend on the line's place among others, `results`
    those of what rules left that may be read here.
    """

    catalogue: Catalogue
    parameters: Mapping[str, Parameter]
    broken: frozenset[str] = frozenset()
    of: RuleScope = RuleScope.LINE
    values: Mapping[str, NamedValue] = field(default_factory=dict)
    states: frozenset[str] = frozenset()
    results: frozenset[str] = frozenset()
    below: frozenset[str] = frozenset()
    """Values that stand further below, and cannot be read yet."""

    def within(self, of: RuleScope, results: Iterable[str] = ()) -> "Scope":
        """Give the same names for an expression that looks at something else."""
        return replace(self, of=of, results=frozenset(results))


class BrokenParameterError(Exception):
    """The expression names a parameter, fact or window that has a problem of its own."""
