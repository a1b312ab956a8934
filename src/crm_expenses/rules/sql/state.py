"""What a plan holds: the states of rules, what is kept by line, and how states are packed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
class Branch:
    """How the state of a rule follows on lines of its categories; `on` None: on all.

    `settled` are conditions and the states that they settle, `hit` says whether the rule is broken
    and `found` which state that is. `needs` are the cells that these texts name.
    """

    on: frozenset[str] | None
    settled: tuple[tuple[str, int | str], ...]
    hit: str
    found: str
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class State:
    """Where the state of a rule is kept: its cell, how far it can go, what a finding does.

    `branch` says how it follows, where that is told apart by category.
    """

    code: str
    cell: str
    top: int
    effect: Effect
    needs: frozenset[str]
    branch: Branch | None = None


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

    quiet: dict[str, str] = field(default_factory=dict)
    """What cells are where no rule of the line alone says anything, by their names."""

    guarded: dict[str, frozenset[str]] = field(default_factory=dict)
    """The categories of lines on which cells ask for more than the category, by their names."""

    words: list[tuple[str, list[State]]] = field(default_factory=list)
    claim_words: list[tuple[str, list[State]]] = field(default_factory=list)

    def pack(self) -> None:
        """Put the states of the rules together into few columns, once."""
        if not self.words:
            self.words = packed(self.lines, self.states, "word")
        self.pack_claims()

    def pack_claims(self) -> None:
        """Put the states of the rules on claims together, once."""
        if not self.claim_words:
            frame = self.claims if self.has_claims else self.lines
            self.claim_words = packed(frame, self.claim_states, "k_word")

    @property
    def early_words(self) -> list[tuple[str, list[State]]]:
        """Those words of the lines that wait for no other rows."""
        return [(name, held) for name, held in self.words if not is_late(self.lines, held[0])]

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
        # a state that fills whole bits is read from a word by its bits
        top = 2 ** state.top.bit_length() - 1 if is_lean(frame) else state.top
        groups[is_late(frame, state)].append(replace(state, top=top))
    for waits in (False, True):
        held: list[State] = []
        size = 1
        for state in groups[waits]:
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


def pack_both(first: Plan, second: Plan) -> None:
    """Pack two plans over the same relations: what they share stands in words of its own."""

    def key(state: State) -> tuple[str, str, int]:
        return state.cell, state.code, state.top

    shared = {key(state) for state in first.states} & {key(state) for state in second.states}
    both = packed(first.lines, [state for state in first.states if key(state) in shared], "word")
    for plan, stem in ((first, "word_old"), (second, "word_new")):
        rest = [state for state in plan.states if key(state) not in shared]
        mine = {state.cell: state for state in plan.states}
        # what a finding does can be another thing in each
        plan.words = [
            (name, [replace(mine[state.cell], top=state.top) for state in held])
            for name, held in both
        ] + packed(first.lines, rest, stem)


def is_lean(frame: Frame) -> bool:
    """Say whether a relation is that of lines in a script that is written for speed."""
    return isinstance(frame, Lines) and frame.is_lean


def is_late(frame: Frame, state: State) -> bool:
    """Say whether a state waits for sums over earlier lines."""
    kinds = {frame.cells[name].kind for name in closure(frame.cells, state.needs)}
    return not kinds.isdisjoint(FROM_OTHERS)
