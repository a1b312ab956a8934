"""A circle of cells, solved in rounds.

A claim that is rejected counts for nothing, and what counts decides who is rejected.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from crm_expenses.rules.sql.cell import FROM_OTHERS, CellKind, PaidOnce, Window
from crm_expenses.rules.sql.claim_rows import Claims
from crm_expenses.rules.sql.dialect import Dialect
from crm_expenses.rules.sql.gather import Added, Gathered, Gathering, claims_query
from crm_expenses.rules.sql.graph import CLAIMS, LINES, Graph, Node, rows_of
from crm_expenses.rules.sql.script import Rounds, Step
from crm_expenses.rules.sql.thin import Thin
from crm_expenses.rules.sql.writing import IDENTITY, indented, layered, select


@dataclass(frozen=True, slots=True)
class Around:
    """What a circle stands in: the graph, and the relations so far with the columns of claims."""

    graph: Graph
    gathering: Gathering
    frame: Claims
    thin: Thin | None
    lines: str
    claims: str
    of_claims: frozenset[str]


@dataclass(frozen=True, slots=True)
class Circle:
    """The cells of a circle: its sums over earlier lines, what they are fed, what is given."""

    lines: frozenset[str]
    claims: frozenset[str]
    sums: frozenset[str]
    fed: tuple[str, ...]
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Solved:
    """The steps that solve a circle, and the sums that their last relation has."""

    before: tuple[Step, ...]
    rounds: Rounds
    sums: frozenset[str]


def solve(around: Around, nodes: AbstractSet[Node], state: str) -> Solved:
    """Write the rounds that solve a circle; its sums over earlier lines are what is kept."""
    circle = _circle(around.graph, nodes)
    following = f"{state}_next"
    touched, begin = _begin(around, circle, state)
    walk = _Walk(around, circle, state)
    inner = walk.last()
    changed = " OR ".join(_differs(name) for name in circle.fed)
    keep_next = [*circle.given, *circle.fed, *sorted(circle.sums)]
    query = (
        "SELECT place, claim, line, "
        + ", ".join(keep_next)
        + f",\n  CASE WHEN {changed} THEN 1 ELSE 0 END AS changed\n"
        + f"FROM (\n{indented(inner)}\n) AS turned"
    )
    body = (*walk.body, Step(following, query))
    differs = f"SELECT COUNT(*) FROM {following} WHERE changed = 1"
    note = ("repeated until no line changes: who counts depends on who is rejected",)
    rounds = Rounds(state, following, begin, body, differs, note)
    return Solved(tuple(touched), rounds, circle.sums)


def _circle(graph: Graph, nodes: AbstractSet[Node]) -> Circle:
    """Say what each cell of a circle is in its rounds."""
    cells = graph.lines
    mine = frozenset(name for grain, name in nodes if grain == LINES)
    of_claims = frozenset(name for grain, name in nodes if grain == CLAIMS)
    sums = {n for n in mine if cells[n].kind in (CellKind.WINDOW, CellKind.PAID_ONCE)}
    fed = {need for name in sums for need in cells[name].needs if need in mine}
    given = {
        need
        for node in nodes
        for grain, need in graph.needs(node)
        if grain == LINES and need not in mine
    }
    return Circle(mine, of_claims, frozenset(sums), tuple(sorted(fed)), tuple(sorted(given)))


def _begin(around: Around, circle: Circle, state: str) -> tuple[list[Step], Step]:
    """Write what is taken for granted before the first round, of the lines that take part."""
    own = around.gathering.lines.dialect
    start = [*IDENTITY, *circle.given]
    start += [f"{_initial(around.graph, own, name)} AS {name}" for name in circle.fed]
    # the same columns as those of a later round, so that the two can change places
    start += [f"{own.long(0)} AS {name}" for name in sorted(circle.sums)]
    start.append("1 AS changed")
    lines = around.lines
    if around.thin is not None:
        cells = around.graph.lines
        needs = {need for name in circle.sums for need in cells[name].needs}
        lines = around.thin.written({*circle.given, *(needs - circle.lines)})
    touched, source = _touched(around, circle, state, lines)
    return touched, Step(state, select(start, source), ("before the first round",))


def _initial(graph: Graph, own: Dialect, name: str) -> str:
    """Give what is taken for granted before the first round: that all count, and nothing yet."""
    data = [cell.data for cell in graph.lines.values() if cell.data is not None]
    if any(isinstance(one, Window | PaidOnce) and one.live == name for one in data):
        return "TRUE"
    if any(isinstance(one, Window) and one.carried == name for one in data):
        return "FALSE"
    if name.startswith(("dead", "rejects", "has_", "eh_")):
        return "FALSE"
    return own.long(0)


def _differs(name: str) -> str:
    """Write whether a value is another one than in the round before; either may be missing."""
    old = f"old_{name}"
    return (
        f"{old} <> {name} OR ({old} IS NULL AND {name} IS NOT NULL)"
        f" OR ({old} IS NOT NULL AND {name} IS NULL)"
    )


def _touched(around: Around, circle: Circle, state: str, lines: str) -> tuple[list[Step], str]:
    """Write which lines a circle can change at all: those that share a key with another line.

    For all others the sums are 0. A claim that has one such line is taken whole.
    """
    of = "claim" if circle.claims else "place"
    parts = []
    for name in sorted(circle.sums):
        window = around.graph.lines[name].data
        if not isinstance(window, Window) or not window.keys:
            return [], lines
        if around.thin is not None:
            parts.append(_sharing_hash(window, lines))
        else:
            parts.append(_sharing(window, lines, of))
    name = f"{state}_touched"
    every = "\nUNION ALL\n".join(parts)
    query = f"SELECT DISTINCT id\nFROM (\n{indented(every)}\n) AS sharing"
    if len(parts) == 1:
        query = parts[0].replace("SELECT b", "SELECT DISTINCT b", 1)
    step = Step(name, query, ("lines that share something with an earlier or a later one",))
    return [step], f"{lines} AS l\nWHERE l.{of} IN (SELECT id FROM {name})"


def _sharing_hash(window: Window, lines: str) -> str:
    """Write which lines share a hash; two keys with one only mean that more lines take part."""
    where = f" WHERE {window.relevant}" if window.relevant != "TRUE" else ""
    keys = ", ".join(window.keys)
    return (
        f"SELECT place AS id\nFROM {lines} AS b\nWHERE hash({keys}) IN (\n"
        f"  SELECT hash({keys}) FROM {lines} AS g{where}\n"
        f"  GROUP BY hash({keys}) HAVING COUNT(*) > 1\n)"
    )


def _sharing(window: Window, lines: str, of: str) -> str:
    where = f" WHERE {window.relevant}" if window.relevant != "TRUE" else ""
    keys = ", ".join(window.keys)
    same = " AND ".join(
        f"(b.{key} = g.{key} OR (b.{key} IS NULL AND g.{key} IS NULL))"
        if not window.is_certain
        else f"b.{key} = g.{key}"
        for key in window.keys
    )
    return (
        f"SELECT b.{of} AS id\nFROM {lines} AS b\nJOIN (\n"
        f"  SELECT {keys} FROM {lines}{where} GROUP BY {keys} HAVING COUNT(*) > 1\n"
        f") AS g ON {same}"
    )


class _Walk:
    """One round of a circle: sums from the state, then what follows, query by query."""

    def __init__(self, around: Around, circle: Circle, state: str) -> None:
        self._around, self._circle, self._state = around, circle, state
        self._gathered = around.gathering.of(state, circle.sums, around.claims)
        columns = [f"l.{n} AS {n}" for n in (*IDENTITY, *circle.given)]
        columns += [f"l.{name} AS old_{name}" for name in circle.fed]
        self._relation = _joined(columns, state, self._gathered)
        self._there = {*circle.given, *circle.sums, *(f"old_{name}" for name in circle.fed)}
        self._pending = set(circle.lines - circle.sums)
        self._claims, self._claims_has = around.claims, set(around.of_claims)
        self._claims_pending = set(circle.claims)
        self.body: list[Step] = []

    def last(self) -> str:
        """Walk around the circle; give the query that has all of its cells."""
        for turn in range(100):
            names = rows_of(self._around.graph.lines, self._pending, self._there)
            self._pending -= names
            self._there |= names
            query = self._query(names)
            if not self._pending and not self._claims_pending:
                return query
            step = f"{self._state}_lines_{turn}"
            self.body.append(Step(step, query))
            rows = self._walk_claims(step, f"{self._state}_claims_{turn}")
            gathered = {name for name in self._pending if self._is_gathered(name)}
            if not names and not rows and not gathered:  # pragma: no cover  no such circle
                break
            self._gather(step, gathered)
        raise AssertionError(f"a circle that cannot be walked: {self._circle}")  # pragma: no cover

    def _query(self, names: AbstractSet[str]) -> str:
        return layered(
            self._around.gathering.lines,
            self._relation,
            {*self._there, *IDENTITY} - names,
            set(names),
            sorted(self._there),
            before=self._gathered.parts,
        )

    def _walk_claims(self, lines: str, named: str) -> set[str]:
        """Add a relation of claims, if something of them can be computed now; give what."""
        graph = self._around.graph
        has, pending = self._claims_has, self._claims_pending
        ups = {
            n
            for n in pending
            if graph.claims[n].kind is CellKind.UP
            and all(need in self._there for _, need in graph.needs((CLAIMS, n)))
        }
        rows = rows_of(graph.claims, pending, has | ups) | ups
        if rows:
            added = Added(has=has, ups=ups, sources=frozenset(), names=rows)
            query = claims_query(self._around.frame, self._claims, lines, added, sorted(has | rows))
            self.body.append(Step(named, query))
            self._claims = named
            self._claims_has = has | rows
            self._claims_pending = pending - rows
        return rows

    def _is_gathered(self, name: str) -> bool:
        """Say whether a cell that comes from other rows can be computed in a round now."""
        cell = self._around.graph.lines[name]
        if cell.kind is CellKind.DOWN:
            return cell.needs <= self._claims_has
        return cell.kind in FROM_OTHERS and cell.needs <= self._there | set(IDENTITY)

    def _gather(self, source: str, names: AbstractSet[str]) -> None:
        """Bring the lines together with other rows again."""
        self._gathered = self._around.gathering.of(source, names, self._claims)
        columns = [f"l.{n} AS {n}" for n in (*IDENTITY, *sorted(self._there))]
        self._relation = _joined(columns, source, self._gathered)
        self._there |= names
        self._pending -= names


def _joined(columns: list[str], source: str, gathered: Gathered) -> str:
    return select(columns + gathered.columns, f"{source} AS l" + "".join(gathered.joins))
