"""Which cells read which, and the circles of cells that need each other."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from crm_expenses.rules.sql.cell import Cell, CellKind
from crm_expenses.rules.sql.writing import IDENTITY

Node = tuple[str, str]
"""A cell: its grain, and its name."""

LINES: Final = "l"
CLAIMS: Final = "k"


class Graph:
    """The cells that are wanted, and all that these need."""

    def __init__(
        self,
        lines: Mapping[str, Cell],
        claims: Mapping[str, Cell],
        *,
        wanted_lines: frozenset[str],
        wanted_claims: frozenset[str],
    ) -> None:
        self.lines, self.claims = lines, claims
        self.wanted = {LINES: wanted_lines, CLAIMS: wanted_claims}
        self.nodes = self._reached()
        self.circles = _circles(self)

    def cells(self, grain: str) -> Mapping[str, Cell]:
        """Give the cells of lines or of claims."""
        return self.lines if grain == LINES else self.claims

    def needs(self, node: Node) -> Sequence[Node]:
        """Give what a cell reads; cells of other rows as well."""
        grain, name = node
        cell = self.cells(grain).get(name)
        if cell is None:
            return ()
        below = grain
        if cell.kind is CellKind.UP:
            below = "l"
        if cell.kind is CellKind.DOWN:
            below = "k"
        return [(below, need) for need in sorted(cell.needs) if need not in IDENTITY]

    def _reached(self) -> frozenset[Node]:
        """Give the cells that the wanted ones need, and themselves."""
        found: set[Node] = set()
        waiting = [(grain, name) for grain, names in self.wanted.items() for name in sorted(names)]
        while waiting:
            node = waiting.pop()
            if node not in found and node[1] not in IDENTITY:
                found.add(node)
                waiting += self.needs(node)
        return frozenset(found)


def rows_of(
    cells: Mapping[str, Cell], among: AbstractSet[str], there: AbstractSet[str]
) -> set[str]:
    """Give which of some cells follow from what is there, row by row."""
    found: set[str] = set()
    while True:
        new = {
            name
            for name in among - found
            if cells[name].kind is CellKind.ROW
            and all(n in there or n in found or n in IDENTITY for n in cells[name].needs)
        }
        if not new:
            return found
        found |= new


def _circles(graph: Graph) -> list[frozenset[Node]]:
    """Give the groups of cells that need each other (Tarjan), in the order to compute them."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    circles: list[frozenset[Node]] = []
    for root in sorted(graph.nodes):
        if root in index:
            continue
        work: list[tuple[Node, list[Node]]] = []
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work.append((root, list(graph.needs(root))))
        while work:
            node, rest = work[-1]
            if rest:
                other = rest.pop()
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, list(graph.needs(other))))
                elif other in on_stack:
                    low[node] = min(low[node], index[other])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                group = set()
                while True:
                    one = stack.pop()
                    on_stack.discard(one)
                    group.add(one)
                    if one == node:
                        break
                if len(group) > 1 or node in graph.needs(node):
                    circles.append(frozenset(group))
    return circles
