"""What a difference between two policies holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from crm_expenses.core.decision import Decision
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.rules.examples import Example
from crm_expenses.rules.policy import Policy

Texts = Mapping[Language, str]

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part that reads otherwise; either side is empty where there was, or is, nothing."""

    part: str
    old: Texts
    new: Texts


@dataclass(frozen=True, slots=True)
class Change:
    """Something with a name that was added, removed or changed, and in which parts.

    `used` are the codes of the rules and approval steps that read it.
    """

    name: str
    how: str
    title: Texts
    parts: tuple[PartChange, ...] = ()
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A figure that differs from a day on, for one key; None where none is in force."""

    start: date
    key: Texts
    old: Texts | None
    new: Texts | None


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A parameter that was added, removed or changed, with each value that differs."""

    name: str
    how: str
    parts: tuple[PartChange, ...]
    values: tuple[ValueChange, ...]


@dataclass(frozen=True, slots=True)
class ExampleChange:
    """An example that the two policies decide otherwise."""

    example: Example
    claim: Texts
    old: Decision
    new: Decision
    result_old: Texts
    result_new: Texts


@dataclass(frozen=True, slots=True)
class PolicyDiff:
    """All that changed from one policy to another. `compared` counts the examples looked at."""

    old: Policy
    new: Policy
    head: tuple[PartChange, ...]
    categories: tuple[Change, ...]
    rules: tuple[Change, ...]
    values: tuple[Change, ...]
    parameters: tuple[FigureChange, ...]
    components: tuple[Change, ...]
    approvals: tuple[Change, ...]
    windows: tuple[Change, ...]
    facts: tuple[Change, ...]
    lists: tuple[Change, ...]
    calendar: tuple[PartChange, ...]
    plug_ins: tuple[Change, ...]
    examples: tuple[ExampleChange, ...]
    compared: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing but the version differs."""
        found = (self.categories, self.rules, self.parameters, self.approvals, self.windows)
        of_words = (self.values, self.components, self.plug_ins)
        more = (*of_words, self.facts, self.lists, self.calendar, self.examples)
        named = any(part.part != "version" for part in self.head)
        return not (named or any(found) or any(more))


NOTHING: Final[Texts] = dict.fromkeys(LANGUAGES, "")


def both(pair: Sequence[str]) -> Texts:
    """Give a pair as texts by language."""
    return dict(zip(LANGUAGES, pair, strict=True))


def same(text: str) -> Texts:
    """Give a text that is the same in every language."""
    return dict.fromkeys(LANGUAGES, text)
