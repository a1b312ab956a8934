"""What is written otherwise for speed: the rules on a line in branches, by category.

The states of the rules on a line alone become one number of bits, in which each rule is asked only
on lines of its categories. What follows from the states is read from that number, and not at all
where it is zero: most lines break no rule. A figure that one place reads is written there, so that
it is computed on no other lines.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from crm_expenses.rules.sql.base import among
from crm_expenses.rules.sql.cell import (
    FROM_OTHERS,
    QUOTED,
    Cell,
    CellKind,
    Window,
    closure,
    names_of,
)
from crm_expenses.rules.sql.claim_rows import Claims
from crm_expenses.rules.sql.line_rows import Lines
from crm_expenses.rules.sql.pair import renaming
from crm_expenses.rules.sql.script import Step
from crm_expenses.rules.sql.state import Branch, Plan, State
from crm_expenses.rules.sql.text import both
from crm_expenses.rules.sql.verdict import FAILED_FROM, FOUND
from crm_expenses.rules.sql.writing import IDENTITY

_LONGEST: Final = 60_000
"""Most signs that a figure takes up wherever it is written again."""

_AMONG: Final = re.compile(r"\b(\w+) IN \(([0-9]+(?:, [0-9]+)+)\)")
"""That a place is one of some: where these follow each other, two comparisons are quicker."""

_LIST: Final = re.compile(r"list_extract\((\[[-0-9:, A-Z]{300,}\]),")
"""A look-up in a list of so many signs: the engine makes a written list anew for each few rows."""

FIGURES: Final = "figures"
"""The table of one row that has long lists of figures, each a column."""

_BROKEN: Final = 0.25
"""About how many lines break a rule: what follows from that is asked of no others."""

_TEST: Final = rf"\w+ (?:= {FOUND}|> {FAILED_FROM})(?![0-9])"
_TESTS: Final = re.compile(rf"\b{_TEST}(?: OR {_TEST})*")


@dataclass(frozen=True, slots=True)
class Part:
    """What a word asks on lines of some categories; `share` is how many of all these are."""

    text: str
    share: float
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Field:
    """Where the state of a rule stands in a word."""

    word: str
    shift: int
    top: int

    @property
    def text(self) -> str:
        """Read it."""
        shifted = f"({self.word} >> {self.shift})" if self.shift else self.word
        return f"({shifted} & {self.top})"


@dataclass
class Speed:
    """What of the lines is asked only of some: parts of words, and cells, each with its share."""

    parts: dict[str, Part] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)


def told_apart(lines: Lines, plans: Sequence[Plan]) -> Speed:
    """Write the words of plans over the same lines in branches, and what follows from them."""
    cells, speed = lines.cells, Speed()
    quicker = _Quicker(lines)
    quicker.change_cells()
    for plan in plans:
        for name, on in plan.guarded.items():
            speed.shares[name] = _share(lines, on)
    words = {name: held for plan in plans for name, held in plan.early_words}
    states = [state for held in words.values() for state in held]
    fields = {cell: one for name, held in words.items() for cell, one in _fields(name, held)}
    quiet = {name: text for plan in plans for name, text in plan.quiet.items()}
    guarded = {
        name: sorted(
            {fields[one].word for one in closure(cells, frozenset({name})) & fields.keys()}
        )
        for name in quiet
        if name in cells and not _waits(cells, name)
    }
    free = {state.cell for state in states if state.branch is not None}
    for name, held in words.items():
        cells[name] = _word(lines, speed, quicker, name, held, free)
    quicker.add_table()
    for name in free:
        one = fields[name]
        cells[name] = Cell(name, CellKind.ROW, one.text, frozenset({one.word}))
    for name, needed in guarded.items():
        if needed:
            text = _plain_by_bits(cells[name].text, fields)
            _guard(lines, speed, name, text, quiet[name], needed)
    return speed


class _Quicker:
    """Writes parts of expressions in words that the engine is quicker at."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._lists: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        return _outside(_LIST, self._column, _outside(_AMONG, _by_range, text))

    def needs(self, text: str) -> frozenset[str]:
        """Give the columns of figures that a text reads."""
        return frozenset(self._lists.values()).intersection(names_of(text))

    def _column(self, found: re.Match[str]) -> str:
        name = self._lists.setdefault(found.group(1), f"{FIGURES}_{len(self._lists)}")
        return f"list_extract({name},"

    def change_cells(self) -> None:
        """Change all that follows from the line alone."""
        cells = self._lines.cells
        for cell in [cell for cell in cells.values() if cell.kind is CellKind.ROW]:
            text = self(cell.text)
            if text != cell.text and not _waits(cells, cell.name):
                needs = cell.needs | self.needs(text)
                cells[cell.name] = replace(cell, text=text, needs=needs)

    def add_table(self) -> None:
        """Add the table of the long lists."""
        if not self._lists:
            return
        lines = self._lines
        lines.join(FIGURES, f"CROSS JOIN {FIGURES}")
        for name in self._lists.values():
            lines.source(name, f"{FIGURES}.{name}", (FIGURES,))
        listed = ",\n  ".join(f"{text} AS {name}" for text, name in self._lists.items())
        note = ("the tables of figures of the rules",)
        lines.steps.add(Step(FIGURES, f"SELECT\n  {listed}", note))


def _outside(pattern: re.Pattern[str], change: Callable[[re.Match[str]], str], text: str) -> str:
    """Change what a pattern finds, but nothing inside of texts in quotes."""
    pieces = QUOTED.split(text)
    kept = [*QUOTED.findall(text), ""]
    return "".join(
        pattern.sub(change, piece) + held for piece, held in zip(pieces, kept, strict=True)
    )


def _by_range(found: re.Match[str]) -> str:
    return among(found.group(1), map(int, found.group(2).split(", ")))


def _share(lines: Lines, on: AbstractSet[str]) -> float:
    return len(on) / max(1, len(lines.policy.categories))


def _waits(cells: Mapping[str, Cell], name: str) -> bool:
    return any(cells[one].kind in FROM_OTHERS for one in closure(cells, frozenset({name})))


def _fields(word: str, states: Sequence[State]) -> Iterator[tuple[str, Field]]:
    shift = 0
    for state in states:
        yield state.cell, Field(word, shift, state.top)
        shift += state.top.bit_length()


# Words in branches


def _word(
    lines: Lines,
    speed: Speed,
    quicker: _Quicker,
    name: str,
    states: Sequence[State],
    free: AbstractSet[str],
) -> Cell:
    """Write a word: what is asked of all lines, and branches of categories beside each other."""
    own, size = lines.dialect, 1
    terms: list[str] = []
    needs = frozenset[str]()
    of_all: list[tuple[Branch, int]] = []
    by_category: dict[frozenset[str], list[tuple[Branch, int]]] = {}
    for state in states:
        branch = state.branch
        if state.cell not in free or branch is None:
            terms.append(state.cell if size == 1 else f"{state.cell} * {own.long(size)}")
            needs |= state.needs
        elif branch.on is None:
            of_all.append((branch, size))
        else:
            by_category.setdefault(branch.on, []).append((branch, size))
        size *= state.top + 1
    if of_all:
        terms += [quicker(_scaled(lines, branch, scale)) for branch, scale in of_all]
        text = " ".join(terms)
        needs |= _named(text, of_all) | quicker.needs(text)
    for chosen in _beside(list(by_category)):
        cases = ""
        for on in chosen:
            test = lines.is_category(on)
            part = f"part_{len(speed.parts)}_of_{name}"
            text = quicker(_together(lines, by_category[on]))
            read = _named(text, by_category[on]) | quicker.needs(text)
            speed.parts[part] = Part(text, _share(lines, on), read)
            cases += f" WHEN {test.text} THEN {part}"
            needs |= test.needs | read
        terms.append(f"(CASE{cases} ELSE {own.long(0)} END)")
    return Cell(name, CellKind.ROW, f"({' + '.join(terms)})", needs)


def _named(text: str, states: Iterable[tuple[Branch, int]]) -> frozenset[str]:
    needs = frozenset[str]().union(*(branch.needs for branch, _ in states))
    return needs & frozenset(names_of(text))


def _together(lines: Lines, states: Sequence[tuple[Branch, int]]) -> str:
    return " + ".join(_scaled(lines, branch, size) for branch, size in states)


def _scaled(lines: Lines, branch: Branch, size: int) -> str:
    """Write the state of a rule at its place in a word.

    A condition that is asked of all lines at once is quicker than one behind another.
    """
    own = lines.dialect
    zero = own.long(0)

    def at(value: int | str) -> str:
        if str(value).isdigit():
            return own.long(int(value) * size)
        return f"({value}) * {own.long(size)}"

    first = next((n for n, (_, state) in enumerate(branch.settled) if state != 0), None)
    passed = [test for test, _ in branch.settled[:first]]
    hit = _bare(branch.hit)
    if first is None and _COMPARED.fullmatch(hit):
        wanted = [_not(test) for test in passed if not _is_strict(hit, test)]
        return f"(CASE WHEN {both([*wanted, hit])} THEN {at(branch.found)} ELSE {zero} END)"
    rest = [] if first is None else branch.settled[first:]
    merged: list[tuple[list[str], int | str]] = []
    for test, value in rest:
        if merged and merged[-1][1] == value:
            merged[-1][0].append(test)
        else:
            merged.append(([test], value))
    cases = "".join(f" WHEN {' OR '.join(tests)} THEN {at(value)}" for tests, value in merged)
    text = f"(CASE{cases} WHEN {hit} THEN {at(branch.found)} ELSE {zero} END)"
    if passed:
        text = f"(CASE WHEN {both(map(_not, passed))} THEN {text} ELSE {zero} END)"
    return text


_COMPARED: Final = re.compile(r"(?:[\w ()<>=,%]|'[^']*')*")
"""What is computed without errors, whatever the values are: comparisons and remainders."""


def _bare(test: str) -> str:
    """Write a condition that only asks whether it holds; what is not known does not hold."""
    if test.startswith("COALESCE(") and test.endswith(", FALSE)") and _is_one_call(test):
        return test.removeprefix("COALESCE(").removesuffix(", FALSE)")
    return test


def _not(test: str) -> str:
    """Write that a condition that is always known does not hold."""
    if found := re.fullmatch(r"(\w+) IS NULL", test):
        return f"{found.group(1)} IS NOT NULL"
    if found := re.fullmatch(r"NOT (\(.*\))", test):
        inner = found.group(1)
        return inner if _is_one_call(inner) else f"NOT ({test})"
    if found := re.fullmatch(r"NOT (COALESCE\(.*, FALSE\))", test):
        return _bare(found.group(1)) if _is_one_call(found.group(1)) else f"NOT ({test})"
    return f"NOT ({test})"


def _is_strict(hit: str, test: str) -> bool:
    """Say whether a condition does not hold where another one says that a name is missing.

    >>> _is_strict("((a > 5) AND (b = 1))", "a IS NULL"), _is_strict("(a > 5 OR b)", "a IS NULL")
    (True, False)
    """
    found = re.fullmatch(r"(\w+) IS NULL", test)
    if found is None or re.search(r"\b(?:OR|NOT|IS|CASE)\b|\w\(", QUOTED.sub("", hit)):
        return False
    return found.group(1) in names_of(hit)


def _is_one_call(text: str) -> bool:
    """Say whether the bracket that a call opens is closed at its end."""
    depth = 0
    plain = QUOTED.sub(lambda found: " " * len(found.group()), text)
    for at, sign in enumerate(plain):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign == ")":
            return at == len(plain) - 1
    return False


def _beside(sets: Iterable[frozenset[str]]) -> list[list[frozenset[str]]]:
    """Put sets together that share nothing: on one line only one of them is asked.

    >>> [len(group) for group in _beside([frozenset("ab"), frozenset("bc"), frozenset("c")])]
    [2, 1]
    """
    groups: list[list[frozenset[str]]] = []
    for one in sets:
        for group in groups:
            if all(one.isdisjoint(other) for other in group):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


# What follows from words


def _guard(
    lines: Lines, speed: Speed, name: str, text: str, quiet: str, words: Sequence[str]
) -> None:
    """Write a cell so that it is asked only where some word is not zero."""
    cells = lines.cells
    needs = frozenset(n for n in names_of(text) if n in cells)
    part = f"part_{len(speed.parts)}_of_{name}"
    speed.parts[part] = Part(text, _BROKEN, needs)
    test = " AND ".join(f"{word} = 0" for word in words)
    text = f"(CASE WHEN {test} THEN {quiet} ELSE {part} END)"
    more = frozenset(n for n in names_of(quiet) if n in cells)
    cells[name] = replace(cells[name], text=text, needs=needs | more | frozenset(words))


def _plain_by_bits(text: str, fields: Mapping[str, Field]) -> str:
    """Read states from the words that they stand in."""

    def told(found: re.Match[str]) -> str:
        return " OR ".join(_by_bits(found.group().split(" OR "), fields))

    return renaming({name: one.text for name, one in fields.items()})(_TESTS.sub(told, text))


def _by_bits(tests: Sequence[str], fields: Mapping[str, Field]) -> Iterator[str]:
    """Put tests of states together that ask for some bits of the same word."""
    masks: dict[str, int] = {}
    for test in tests:
        name, sign, _ = test.split(" ")
        one = fields.get(name)
        if one is not None and sign == "=" and one.top == FOUND:
            masks[one.word] = masks.get(one.word, 0) | 1 << one.shift
        elif one is not None and sign == ">":
            # of the states up to 3 none says that the rule failed, and none is 4
            masks[one.word] = masks.get(one.word, 0) | (one.top & ~3) << one.shift
        else:
            yield test
    for word, mask in masks.items():
        yield f"({word} & {mask}) <> 0"


# Figures where they are read


def inlined(
    lines: Lines, claims: Claims, speed: Speed, read: AbstractSet[str], wanted: AbstractSet[str]
) -> None:
    """Write figures where they are read, if that computes them no more often.

    `read` are all cells that are needed, `wanted` those that stay as they are.
    """
    cells = lines.cells
    pinned = set(wanted) | _pinned(lines, claims)
    late = {name for name in read if _waits(cells, name)}
    known = {name: cells[name] for name in read if name in cells and name not in late}
    counts = {n: Counter(names_of(c.text)) for n, c in known.items() if c.kind is CellKind.ROW}
    needs = {name: cells[name].needs for name in counts}
    shares = dict(speed.shares)
    for name, part in speed.parts.items():
        counts[name], shares[name] = Counter(names_of(part.text)), part.share
        needs[name] = part.needs
    pinned.update(need for name in late & cells.keys() for need in cells[name].needs)
    lengths = {name: len(cells[name].text) for name in known}
    gone: set[str] = set()
    for name in _users_first(known):
        if name in pinned or known[name].kind is not CellKind.ROW:
            continue
        if "list_extract(" in known[name].text:
            # a look-up for all lines costs less than one for some of each few
            continue
        users = {user: counts[user][name] for user in counts if name in needs[user]}
        users = {user: times for user, times in users.items() if times}
        total = sum(shares.get(user, 1.0) * times for user, times in users.items())
        if not users or total > 1.001 or lengths[name] * sum(users.values()) > _LONGEST:
            continue
        for user, times in users.items():
            del counts[user][name]
            for inner, inner_times in counts[name].items():
                counts[user][inner] += inner_times * times
            needs[user] = (needs[user] - {name}) | needs[name]
            lengths[user] = lengths.get(user, 0) + lengths[name] * times
        del counts[name]
        gone.add(name)
    _write(lines, speed, counts.keys(), gone)


def _write(
    lines: Lines,
    speed: Speed,
    kept: Iterable[str],
    gone: AbstractSet[str],
) -> None:
    """Write the texts of what is gone where they are read."""
    cells, told = lines.cells, dict[str, str]()

    def text_of(name: str) -> str:
        if name not in told:
            of = speed.parts[name].text if name in speed.parts else cells[name].text
            inner = {n for n in names_of(of) if n in gone or n in speed.parts}
            held = renaming({n: text_of(n) for n in inner})(of) if inner else of
            told[name] = held if name not in gone else f"({held})"
        return told[name]

    for name in list(kept):
        if name in speed.parts:
            continue
        text = text_of(name)
        read = frozenset(n for n in names_of(text) if n in cells or n in IDENTITY)
        cells[name] = replace(cells[name], text=text, needs=read)


def _pinned(lines: Lines, claims: Claims) -> set[str]:
    """Give the cells that are read by more than the texts of rows."""
    found: set[str] = set()
    for cell in lines.cells.values():
        if cell.kind is not CellKind.ROW:
            found |= cell.needs
        if isinstance(cell.data, Window):
            data = cell.data
            found.update((*data.keys, data.adds, data.carried, data.live, data.day))
            found.update(names_of(data.relevant))
    for frame in (claims, *lines.days.values()):
        for cell in frame.cells.values():
            found |= cell.needs
            found.update(names_of(cell.text))
    return found


def _users_first(cells: Mapping[str, Cell]) -> list[str]:
    """Give cells in an order in which each stands after all that read it."""
    order: list[str] = []
    seen: set[str] = set()
    for root in sorted(cells):
        waiting = [(root, False)]
        while waiting:
            name, is_done = waiting.pop()
            if is_done:
                order.append(name)
            elif name not in seen and name in cells:
                seen.add(name)
                waiting.append((name, True))
                waiting += [(need, False) for need in sorted(cells[name].needs)]
    return order[::-1]
