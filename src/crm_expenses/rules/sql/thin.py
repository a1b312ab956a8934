"""Lines of which few columns are kept: a first relation, and small tables of sums beside it.

What follows from these is written out again where it is read.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from crm_expenses.rules.sql.cell import Cell, CellKind, Window
from crm_expenses.rules.sql.gather import Gathering, is_spread
from crm_expenses.rules.sql.graph import LINES, Graph
from crm_expenses.rules.sql.plan import Plan
from crm_expenses.rules.sql.writing import IDENTITY, indented, layered, select

_PLAIN: Final = 160
"""Length up to which an expression is written again instead of kept."""

_KINDS: Final = frozenset({CellKind.SOURCE, CellKind.ROW, CellKind.WINDOW})


class Late(str):
    """A relation that is not kept, but written out for the columns that are read."""

    __slots__ = ("_kept", "_write")
    _write: Callable[[Iterable[str]], str]
    _kept: frozenset[str]

    @classmethod
    def by(cls, write: Callable[[Iterable[str]], str], kept: frozenset[str]) -> "Late":
        """Give the relation that a function writes; `kept` are the columns of its first part."""
        made = cls("")
        made._write = write
        made._kept = kept
        return made

    def is_kept(self, name: str) -> bool:
        """Say whether a column can be read without computing anything."""
        return name in self._kept

    def of(self, names: Iterable[str]) -> str:
        """Write it for some columns."""
        return self._write(names)


class Thin:
    """The first relation with what is kept of it, and by sum over earlier lines its table."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self._cells = gathering.lines.cells
        self._own = gathering.lines.dialect
        self.first = ""
        self.kept: frozenset[str] = frozenset()
        # by a cell that came from other lines, the table that has it; all else is read from the
        # first relation, and computed again where it is asked for
        self.apart: dict[str, str] = {}

    @classmethod
    def over(cls, plan: Plan, table: str, kept: Iterable[str]) -> Late:
        """Give lines of which a table has some columns; the others follow from these."""
        thin = cls(Gathering(plan.lines, is_single=plan.is_single))
        thin.first, thin.kept = table, frozenset(kept)
        return Late.by(thin.written, thin.kept)

    def written(self, names: Iterable[str]) -> str:
        """Write the lines with some columns: from the first relation and the tables of sums."""
        cells = self._cells
        rows: set[str] = set()
        there: set[str] = set()
        waiting = [name for name in names if name in cells]
        asked = sorted(set(waiting))
        while waiting:
            name = waiting.pop()
            if name in there or name in rows or name in IDENTITY:
                continue
            if name in self.kept or name in self.apart:
                there.add(name)
            else:
                rows.add(name)
                waiting += cells[name].needs
        columns = [f"l.{n} AS {n}" for n in (*IDENTITY, *sorted(there & self.kept))]
        joins: dict[str, str] = {}
        for name in sorted(there - self.kept):
            table = self.apart[name]
            joins[table] = f"\nLEFT JOIN {table} ON {table}.place = l.place"
            columns.append(f"COALESCE({table}.{name}, {self._own.long(0)}) AS {name}")
        start = select(columns, f"{self.first} AS l" + "".join(joins.values()))
        query = layered(self._gathering.lines, start, {*IDENTITY, *there}, rows, asked)
        return f"(\n{indented(query)}\n)"

    def alike(self, names: AbstractSet[str]) -> list[list[str]]:
        """Put sums together that can stand in one table: those with the same keys."""
        groups: dict[tuple[object, ...], list[str]] = {}
        for name in sorted(names):
            window = self._window(name)
            key = (name,) if is_spread(window) else (window.keys, window.relevant, window.live)
            groups.setdefault(key, []).append(name)
        return list(groups.values())

    def sums(self, group: Sequence[str]) -> str:
        """Write what earlier lines add up to: only where it is not zero."""
        windows = [self._window(name) for name in group]
        read: set[str] = set()
        for name in group:
            read |= self._cells[name].needs
        source = self.written(read)
        if len(group) == 1 and is_spread(windows[0]):
            inner = self._gathering.window_query(source, group[0], windows[0])
        else:
            sums = ",\n  ".join(
                f"{self._gathering.summed(window)} AS {name}"
                for name, window in zip(group, windows, strict=True)
            )
            relevant = windows[0].relevant
            where = f"\nWHERE {relevant}" if relevant != "TRUE" else ""
            inner = f"SELECT place,\n  {sums}\nFROM {source}{where}"
        some = " OR ".join(f"{name} <> 0" for name in group)
        listed = ", ".join(group)
        return f"SELECT place, {listed}\nFROM (\n{indented(inner)}\n) AS summed\nWHERE {some}"

    def _window(self, name: str) -> Window:
        data = self._cells[name].data
        if not isinstance(data, Window):  # pragma: no cover  asked only of windows
            raise TypeError(name)
        return data


def can_be_thin(plan: Plan, graph: Graph) -> bool:
    """Say whether all that is computed stands on lines, and comes from rows or earlier lines."""
    return (
        plan.is_single
        and plan.lines.is_lean
        and all(grain == LINES and graph.lines[name].kind in _KINDS for grain, name in graph.nodes)
    )


def without_plain(cells: Mapping[str, Cell], keep: Sequence[str]) -> list[str]:
    """Leave out what follows from other columns that are kept in few words."""
    kept = set(keep)
    left_out: set[str] = set()
    for name in sorted(kept):
        cell = cells[name]
        if cell.kind is not CellKind.ROW or len(cell.text) > _PLAIN or not cell.needs:
            continue
        # needs that were left out themselves follow from what is kept
        if all(need in kept or need in left_out or need in IDENTITY for need in cell.needs):
            left_out.add(name)
    # two cells never follow from each other, so all that was left out can be found again
    return sorted(kept - left_out)
