"""From cells to steps: what can be computed together, and in which order.

What lies on a circle of cells that need each other is solved in rounds (`rounds`); all else is
computed once, in the order that the needs give. Between steps only the columns that are still
needed are kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from crm_expenses.rules.sql.cell import FROM_OTHERS, Cell, CellKind
from crm_expenses.rules.sql.gather import Added, Gathering, claims_query
from crm_expenses.rules.sql.graph import CLAIMS, LINES, Graph, Node
from crm_expenses.rules.sql.lean import inlined, told_apart
from crm_expenses.rules.sql.plan import Plan
from crm_expenses.rules.sql.rounds import Around, Solved, solve
from crm_expenses.rules.sql.script import Rounds, Step
from crm_expenses.rules.sql.thin import Late, Thin, can_be_thin, without_plain
from crm_expenses.rules.sql.writing import IDENTITY, from_joins, layered, select, with_inner


@dataclass
class Made:
    """The steps so far, and the names of the relations as they stand."""

    steps: list[Step | Rounds] = field(default_factory=list)
    lines: str = ""
    claims: str = ""
    lines_has: set[str] = field(default_factory=set)
    claims_has: set[str] = field(default_factory=set)


class Scheduler:
    """Puts the cells of plans over the same relations into steps.

    `wanted` are the cells that results are made of.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        wanted_lines: frozenset[str],
        wanted_claims: frozenset[str],
    ) -> None:
        plan = plans[0]
        self._lines, self._claims = plan.lines, plan.claims
        self._gathering = Gathering(plan.lines, is_single=plan.is_single)
        self._graph = graph = self._drawn(wanted_lines, wanted_claims)
        self._thin = Thin(self._gathering) if can_be_thin(plan, graph) else None
        if plan.lines.is_lean:
            speed = told_apart(plan.lines, plans)
            graph = self._drawn(wanted_lines, wanted_claims)
            names = {name for grain, name in graph.nodes if grain == LINES}
            inlined(plan.lines, plan.claims, speed, names, wanted_lines)
            self._graph = self._drawn(wanted_lines, wanted_claims)
        self._made = Made()
        self._count = 0
        self._done: set[Node] = set()
        self._solved: set[Node] = set()

    def _drawn(self, wanted_lines: frozenset[str], wanted_claims: frozenset[str]) -> Graph:
        return Graph(
            self._lines.cells,
            self._claims.cells,
            wanted_lines=wanted_lines,
            wanted_claims=wanted_claims,
        )

    def run(self) -> Made:
        """Give the steps, and the relations at the end."""
        in_circle = {node for circle in self._graph.circles for node in circle}
        self._base()
        waiting = list(self._graph.circles)
        for _ in range(1_000):
            blocked = in_circle - self._solved
            if self._wave(blocked) or self._claims_wave(blocked):
                continue
            ready = next((c for c in waiting if self._is_ready(c)), None)
            if ready is None:
                break
            waiting.remove(ready)
            self._solved |= ready
            self._solve(ready)
        if self._thin is not None:
            self._made.lines = Late.by(self._thin.written, self._thin.kept)
        missing = [node for node in sorted(self._graph.nodes) if not self._is_done(node)]
        if missing:  # pragma: no cover  every cell has a place
            raise AssertionError(f"cells without a place: {missing}")
        return self._made

    # What is done, and what is still needed

    def _is_done(self, node: Node) -> bool:
        return node[1] in IDENTITY or node in self._done

    def _is_ready(self, circle: frozenset[Node]) -> bool:
        return all(
            self._is_done(need)
            for node in circle
            for need in self._graph.needs(node)
            if need not in circle
        )

    def _note_done(self, grain: str, names: Iterable[str]) -> None:
        self._done |= {(grain, name) for name in names}

    def _name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"

    def _live(self, grain: str, added: AbstractSet[str]) -> list[str]:
        """Give the columns of a relation that something still needs."""
        has = self._made.lines_has if grain == LINES else self._made.claims_has
        needed = set(self._graph.wanted[grain])
        for node in self._graph.nodes:
            if not self._is_done(node) and not (node[0] == grain and node[1] in added):
                needed.update(need for g, need in self._graph.needs(node) if g == grain)
        return sorted((has | added) & needed)

    def _row_closure(
        self,
        grain: str,
        has: AbstractSet[str],
        blocked: AbstractSet[str],
        more: AbstractSet[str] | None = None,
    ) -> set[str]:
        """Give the cells that can be computed from what is there, row by row."""
        cells = self._graph.cells(grain)
        kinds = {CellKind.ROW}
        if not has and more is None:
            kinds.add(CellKind.SOURCE)
        found: set[str] = set(more or ())
        while True:
            new = {
                name
                for g, name in self._graph.nodes
                if g == grain
                and name not in found
                and (grain, name) not in self._done
                and name not in blocked
                and name in cells
                and cells[name].kind in kinds
                and all(n in found or n in has or n in IDENTITY for n in cells[name].needs)
            }
            if not new:
                return found
            found |= new

    # Lines

    def _base(self) -> None:
        """Add the first relation: sources, and what follows from them in the row."""
        cells = self._lines.cells
        names = self._row_closure(
            LINES, set(), _names(LINES, (n for c in self._graph.circles for n in c))
        )
        sources = [n for n in sorted(names) if cells[n].kind is CellKind.SOURCE]
        rows = names - set(sources)
        joins = from_joins(self._lines, [cells[name] for name in sources])
        columns = ["l.place AS place", "l.claim AS claim", "l.line AS line"]
        columns += [f"{cells[name].text} AS {name}" for name in sources]
        start = select(columns, with_inner(self._lines, "l", "expense_lines AS l") + joins)
        keep = self._live(LINES, names)
        if self._thin is not None:
            keep = without_plain(cells, keep)
        query = layered(self._lines, start, {*sources, *IDENTITY}, rows, keep)
        name = self._name("lines")
        note = ("the facts of each line, and the rules that look at the line alone",)
        self._made.steps.append(Step(name, query, note))
        self._made.lines = name
        self._made.lines_has = set(keep)
        if self._thin is not None:
            self._thin.first, self._thin.kept = name, frozenset(keep)
            self._made.lines_has = set(names)
        self._note_done(LINES, names)

    def _wave(self, blocked: AbstractSet[Node]) -> bool:
        """Add what can be computed of lines now; say whether there was something."""
        cells = self._lines.cells
        has = self._made.lines_has
        ready = {
            name
            for grain, name in self._graph.nodes
            if grain == LINES
            and (LINES, name) not in self._done
            and (LINES, name) not in blocked
            and cells[name].kind in FROM_OTHERS
            and all(self._is_done(need) for need in self._graph.needs((LINES, name)))
        }
        names = self._row_closure(LINES, has, _names(LINES, blocked), ready)
        if not names:
            return False
        if self._thin is not None:
            self._add_sums(self._thin, ready, names)
            return True
        keep = self._live(LINES, names)
        source = self._made.lines
        gathered = self._gathering.of(source, ready, self._made.claims)
        start = select(
            [f"l.{name} AS {name}" for name in (*IDENTITY, *sorted(has))] + gathered.columns,
            f"{source} AS l" + "".join(gathered.joins),
        )
        there = {*IDENTITY, *has, *ready}
        query = layered(self._lines, start, there, names - ready, keep, before=gathered.parts)
        self._add_lines(query, note_of(cells, ready), keep)
        self._note_done(LINES, names)
        return True

    def _add_lines(self, query: str, note: tuple[str, ...], keep: Iterable[str]) -> None:
        name = self._name("lines")
        self._made.steps.append(Step(name, query, note))
        self._made.lines = name
        self._made.lines_has = set(keep)

    def _add_sums(self, thin: Thin, ready: AbstractSet[str], names: AbstractSet[str]) -> None:
        """Add what earlier lines add up to as small tables."""
        for group in thin.alike(ready):
            query = thin.sums(group)
            table = self._name("sums")
            note = ("sums over earlier lines, of the lines that have some",)
            self._made.steps.append(Step(table, query, note))
            thin.apart.update(dict.fromkeys(group, table))
        self._made.lines_has |= names
        self._note_done(LINES, names)

    # Claims

    def _claims_wave(self, blocked: AbstractSet[Node]) -> bool:
        """Add what can be computed of claims now; say whether there was something."""
        cells = self._claims.cells
        has = self._made.claims_has
        closed = _names(CLAIMS, blocked)
        ready = {
            name
            for grain, name in self._graph.nodes
            if grain == CLAIMS
            and (CLAIMS, name) not in self._done
            and name not in closed
            and cells[name].kind is CellKind.UP
            and all(self._is_done(need) for need in self._graph.needs((CLAIMS, name)))
        }
        is_first = not self._made.claims
        sources = self._claims_of(CellKind.SOURCE) if is_first else set()
        names = self._row_closure(CLAIMS, has, closed, ready | sources)
        # the first relation waits for what is known of the lines, if that is asked for
        if not names or (is_first and not ready and self._claims_of(CellKind.UP)):
            return False
        keep = self._live(CLAIMS, names)
        added = Added(has=has, ups=ready, sources=sources, names=names)
        query = claims_query(self._claims, self._made.claims, self._made.lines, added, keep)
        name = self._name("claims")
        self._made.steps.append(Step(name, query, ("what is known of each claim",)))
        self._made.claims = name
        self._made.claims_has = set(keep)
        self._note_done(CLAIMS, names)
        return True

    def _claims_of(self, kind: CellKind) -> set[str]:
        cells = self._claims.cells
        return {
            name
            for grain, name in self._graph.nodes
            if grain == CLAIMS and cells[name].kind is kind
        }

    # Circles

    def _solve(self, circle: frozenset[Node]) -> None:
        """Add the rounds that solve a circle."""
        around = Around(
            self._graph,
            self._gathering,
            self._claims,
            self._thin,
            self._made.lines,
            self._made.claims,
            frozenset(self._made.claims_has if self._made.claims else ()),
        )
        solved = solve(around, circle, self._name("solved"))
        self._made.steps += [*solved.before, solved.rounds]
        self._note_done(LINES, solved.sums)
        if self._thin is not None:
            self._thin.apart.update(dict.fromkeys(sorted(solved.sums), solved.rounds.state))
            self._made.lines_has |= solved.sums
        else:
            self._bring_back(solved)

    def _bring_back(self, solved: Solved) -> None:
        """Take what the rounds found to the lines; the rest follows from it again."""
        names, zero = solved.sums, self._lines.dialect.long(0)
        done = self._made.lines_has & set(self._live(LINES, names))
        columns = [f"l.{n} AS {n}" for n in (*IDENTITY, *sorted(done))]
        columns += [f"COALESCE(s.{n}, {zero}) AS {n}" for n in sorted(names)]
        kind = "LEFT JOIN" if solved.before else "JOIN"
        base = f"{self._made.lines} AS l\n{kind} {solved.rounds.state} AS s ON s.place = l.place"
        # what follows in the row comes along
        closed = _names(LINES, (n for c in self._graph.circles for n in c))
        closed -= _names(LINES, self._solved)
        rows = self._row_closure(LINES, done | names, closed, names) - names
        self._note_done(LINES, rows)
        final = self._live(LINES, names | rows)
        there = {*IDENTITY, *done, *names}
        query = layered(self._lines, select(columns, base), there, rows, final)
        self._add_lines(query, ("with what the rounds found",), final)


def _names(grain: str, nodes: Iterable[Node]) -> set[str]:
    return {name for g, name in nodes if g == grain}


def note_of(cells: Mapping[str, Cell], names: Iterable[str]) -> tuple[str, ...]:
    """Say what a step of lines adds."""
    kinds = {cells[name].kind for name in names}
    said = []
    if CellKind.WINDOW in kinds:
        said.append("sums over earlier lines, and the rules that read them")
    if CellKind.DAYS in kinds or CellKind.PAID_ONCE in kinds:
        said.append("the days of trips, and the rules on them")
    if CellKind.DOWN in kinds:
        said.append("what the claim says, and the rules that read it")
    return tuple(said) or ("the rules that follow",)
