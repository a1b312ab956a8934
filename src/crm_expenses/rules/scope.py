"""What an expression may name, and how a problem in one is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from crm_expenses.rules.catalogue import Catalogue, RuleScope
from crm_expenses.rules.parameter import Parameter


class ExpressionError(Exception):
    """One problem in an expression: a code of `messages.problems`, values, and the offset."""

    def __init__(self, code: str, at: int, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.at = at
        self.values = values


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name: the catalogue, and the parameters of its policy.

    What stands in `broken` has its own problem already; whoever names it is not told again. `of`
    says what the expression looks at: names of another scope are refused.
    """

    catalogue: Catalogue
    parameters: Mapping[str, Parameter]
    broken: frozenset[str] = frozenset()
    of: RuleScope = RuleScope.LINE

    def within(self, of: RuleScope) -> "Scope":
        """Give the same names for an expression that looks at something else."""
        return replace(self, of=of)


class BrokenParameterError(Exception):
    """The expression names a parameter, fact or window that has a problem of its own."""
