"""What an entry of the catalogue says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.rules.tree import Type, quantity

COUNT_MAX: Final = 10_000
"""Most of anything that is counted on one line."""

TextPair = tuple[str, str]


class RuleScope(StrEnum):
    """What a rule looks at: a line, each day or period of the line's trip, or the claim.

    A day is a day of the calendar, a period is 24 hours counted from the departure.
    """

    LINE = "line"
    DAY = "day"
    PERIOD = "period"
    CLAIM = "claim"

    @property
    def is_of_trip(self) -> bool:
        """Whether it is a part of a trip."""
        return self in DAY_ONLY


DAY_ONLY: Final = frozenset({RuleScope.DAY, RuleScope.PERIOD})
LINE_AND_DAY: Final = DAY_ONLY | {RuleScope.LINE}
CLAIM_ONLY: Final = frozenset({RuleScope.CLAIM})
EVERYWHERE: Final = frozenset(RuleScope)


@dataclass(frozen=True, slots=True)
class Name:
    """One readable name. `low` and `high` bound a quantity's raw value.

    `scopes` says which rules may read it. `is_certain` is false of a fact that should be there and
    may not be: reading it then fails the rule. `is_claimants` marks a fact that the claimant may
    change. `is_shown` is false of free text, which never leaves the record that it stands in.
    `is_result` marks what rules have left so far: only some rules can know it.
    """

    name: str
    type: Type
    meaning: TextPair
    may_be_missing: bool = False
    low: int = 0
    high: int = 0
    scopes: frozenset[RuleScope] = LINE_AND_DAY
    is_certain: bool = True
    is_claimants: bool = False
    is_shown: bool = True
    is_result: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The names of one policy, its closed lists, and its currency."""

    currency: str
    names: Mapping[str, Name]
    choices: Mapping[str, tuple[str, ...]]

    def readable(self, scope: RuleScope) -> dict[str, Name]:
        """Give the names that rules of a scope may read."""
        return {key: name for key, name in self.names.items() if scope in name.scopes}

    def having(self, more: Iterable[Name]) -> "Catalogue":
        """Give the catalogue with more names."""
        names = {**self.names, **{entry.name: entry for entry in more}}
        return Catalogue(self.currency, names, self.choices)

    def uncertain(self) -> frozenset[str]:
        """Give the names that every line should have, and may not."""
        return frozenset(key for key, name in self.names.items() if not name.is_certain)


def count(name: str, unit: str, meaning: TextPair, **more: object) -> Name:
    """Make the entry of a whole number from 0 up."""
    held: dict[str, object] = {"low": 0, "high": COUNT_MAX, **more}
    return Name(name, quantity(unit), meaning, **held)  # type: ignore[arg-type]
