"""What a plan holds: the states of rules, what is kept by line, and how states are packed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from crm_expenses.core.finding import Effect
from crm_expenses.rules.sql.base import Steps
from crm_expenses.rules.sql.cell import FROM_OTHERS, Frame, closure
from crm_expenses.rules.sql.claim_rows import Claims
from crm_expenses.rules.sql.line_rows import Lines

WORD_TOP: Final = 2**62
RANKS: Final = {
    Effect.NOTE: 0, Effect.CAP: 1, Effect.JUSTIFY: 2, Effect.REVIEW: 3, Effect.REJECT: 4
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """Where the state of a rule is kept: its cell, how far it can go, what a finding does."""

    code: str
    cell: str
    top: int
    effect: Effect
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kept:
    """Something by line that results give under a code: a carry, an entitlement, a measure."""

    code: str
    value: str
    is_there: str
    total: str = ""


@dataclass(frozen=True, slots=True)
class Lower:
    """How a rule lowers the amount: when, to what; to nothing where it rejects."""

    test: str
    value: str
    needs: frozenset[str]
    is_zero: bool = False


@dataclass
class Plan:
    """All cells of a policy, and which of them results are made of."""

    lines: Lines
    claims: Claims
    steps: Steps
    states: list[State] = field(default_factory=list)
    claim_states: list[State] = field(default_factory=list)
    carries: list[Kept] = field(default_factory=list)
    entitlements: list[Kept] = field(default_factory=list)
    measures: list[Kept] = field(default_factory=list)
    claim_measures: list[Kept] = field(default_factory=list)
    is_single: bool = False
    has_claims: bool = True
    """Whether claims have a relation of their own."""
    names: dict[str, str] = field(default_factory=dict)
    """How cells are called that this plan does not share with another one."""

    words: list[tuple[str, list[State]]] = field(default_factory=list)
    claim_words: list[tuple[str, list[State]]] = field(default_factory=list)

    def pack(self) -> None:
        """Put the states of the rules together into few columns, once."""
        if not self.words:
            self.words = packed(self.lines, self.states, "word")
            frame = self.claims if self.has_claims else self.lines
            self.claim_words = packed(frame, self.claim_states, "k_word")

    def named(self, cell: str) -> str:
        """Give the name of a cell in the relations."""
        return self.names.get(cell, cell)


def packed(frame: Frame, states: Sequence[State], stem: str) -> list[tuple[str, list[State]]]:
    """Put the states of rules together into whole numbers, so that few columns are kept.

    What depends on earlier lines stands in words of its own: the rest is known sooner.
    """
    words: list[tuple[str, list[State]]] = []
    groups: dict[bool, list[State]] = {False: [], True: []}
    for state in states:
        groups[_is_late(frame, state)].append(state)
    for is_late in (False, True):
        held: list[State] = []
        size = 1
        for state in groups[is_late]:
            radix = state.top + 1
            if size * radix > WORD_TOP:
                words.append((f"{stem}_{len(words)}", held))
                held, size = [], 1
            held.append(state)
            size *= radix
        if held:
            words.append((f"{stem}_{len(words)}", held))
    for name, states_of in words:
        terms, size = [], 1
        for state in states_of:
            factor = frame.dialect.long(size)
            terms.append(state.cell if size == 1 else f"{state.cell} * {factor}")
            size *= state.top + 1
        needs = frozenset[str]().union(*(state.needs for state in states_of))
        frame.row(name, f"({' + '.join(terms)})", needs)
    return words


def _is_late(frame: Frame, state: State) -> bool:
    """Say whether a state waits for sums over earlier lines."""
    kinds = {frame.cells[name].kind for name in closure(frame.cells, state.needs)}
    return not kinds.isdisjoint(FROM_OTHERS)
