"""How rows are brought together: earlier lines, days of trips, and the lines of a claim."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.sql.cell import CellKind, Days, PaidOnce, Window
from crm_expenses.rules.sql.claim_rows import Claims
from crm_expenses.rules.sql.dialect import Dialect, Fn
from crm_expenses.rules.sql.line_rows import Lines
from crm_expenses.rules.sql.over_days import over_days, paid_once
from crm_expenses.rules.sql.schema import Kind
from crm_expenses.rules.sql.writing import from_joins, layered, select


@dataclass(slots=True)
class Gathered:
    """What brings rows together: named parts, columns, and joins to the lines."""

    parts: list[tuple[str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)

    def add_sum(self, name: str, otherwise: str) -> None:
        """Read a sum from the part that has it."""
        self.joins.append(f"\nLEFT JOIN sum_{name} ON sum_{name}.place = l.place")
        self.columns.append(f"COALESCE(sum_{name}.{name}, {otherwise}) AS {name}")


@dataclass(frozen=True, slots=True)
class Gathering:
    """Writes how lines are brought together with other rows."""

    lines: Lines
    is_single: bool

    def of(self, source: str, names: AbstractSet[str], claims: str) -> Gathered:
        """Write what cells that come from other rows need."""
        cells = self.lines.cells
        made = Gathered()
        for name in sorted(names):
            cell = cells[name]
            if cell.kind is CellKind.WINDOW and isinstance(cell.data, Window):
                self._add_window(made, source, name, cell.data)
            elif cell.kind is CellKind.PAID_ONCE and isinstance(cell.data, PaidOnce):
                made.parts += paid_once(self.lines, source, cell, cell.data)
                made.add_sum(name, cell.fallback)
        down = sorted(name for name in names if cells[name].kind is CellKind.DOWN)
        if down:
            made.joins.append(f"\nLEFT JOIN {claims} AS k ON k.claim = l.claim")
            made.columns += [f"k.{cells[name].text} AS {name}" for name in down]
        for scope in (RuleScope.DAY, RuleScope.PERIOD):
            of_days = sorted(
                name
                for name in names
                if isinstance(data := cells[name].data, Days) and data.scope == scope.value
            )
            if of_days:
                table = f"over_{scope.value}s"
                made.parts.append((table, over_days(self.lines, source, scope, of_days)))
                made.joins.append(f"\nLEFT JOIN {table} ON {table}.place = l.place")
                made.columns += [f"{table}.{name} AS {name}" for name in of_days]
        return made

    def _add_window(self, made: Gathered, source: str, name: str, window: Window) -> None:
        if window.relevant == "TRUE" and not is_spread(window):
            made.columns.append(f"{self.summed(window, 'l.')} AS {name}")
            return
        made.parts.append((f"sum_{name}", self.window_query(source, name, window)))
        made.add_sum(name, "0")

    def window_query(self, source: str, name: str, window: Window) -> str:
        """Write a query of the lines with a sum over earlier ones."""
        if is_spread(window):
            return _spread(self.lines.dialect, source, name, window)
        where = f"\nWHERE {window.relevant}" if window.relevant != "TRUE" else ""
        return f"SELECT place, {self.summed(window)} AS {name}\nFROM {source}{where}"

    def summed(self, window: Window, head: str = "") -> str:
        """Write the sum over earlier lines that count, and over earlier lines of the same claim."""
        own = self.lines.dialect
        zero = own.long(0)

        def total(term: str, *more: str) -> str:
            keys = [f"{head}{key}" for key in (*window.keys, *more)]
            by = f"PARTITION BY {', '.join(keys)} " if keys else ""
            frame = f"ORDER BY {head}place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
            summed = f"SUM({term}) OVER ({by}{frame})"
            return f"COALESCE({own.cast(summed, Kind.WHOLE)}, {zero})"

        adds, live = f"{head}{window.adds}", f"{head}{window.live}"
        counted = total(f"CASE WHEN {live} THEN {adds} ELSE {zero} END")
        if self.is_single:
            return counted
        mine = total(f"CASE WHEN {live} THEN {zero} ELSE {adds} END", "claim")
        return f"({counted} + CASE WHEN {live} THEN {zero} ELSE {mine} END)"


def is_spread(window: Window) -> bool:
    """Say whether a sum is over the days that belong to the line's own, not over one period."""
    return bool(window.spans) or window.gap >= 0


def _spread(own: Dialect, source: str, name: str, window: Window) -> str:
    """Write a sum over days that belong to the line's own: the last ones, or a spell."""
    day = window.day
    same = "".join(
        f"\n  AND (b.{key} = a.{key} OR (b.{key} IS NULL AND a.{key} IS NULL))"
        for key in window.keys
    )
    days = window.spans or 400
    apart = own(Fn.DAYS, f"b.{day}", f"a.{day}")
    counts = f"(b.{window.live} OR b.claim = a.claim)"
    pairs = (
        f"{source} AS a\nJOIN {source} AS b ON b.place < a.place AND b.{window.carried}"
        f"\n  AND {counts}\n  AND {apart} BETWEEN 0 AND {days - 1}{same}"
    )
    if window.gap < 0:
        total = own.cast(f"SUM(b.{window.adds})", Kind.WHOLE)
        return f"SELECT a.place, {total} AS {name}\nFROM {pairs}\nGROUP BY a.place"
    total = own.cast(f"SUM(b.{window.adds})", Kind.WHOLE)
    return f"""SELECT place, {own.cast("SUM(amount)", Kind.WHOLE)} AS {name}
FROM (
  SELECT place, amount, SUM(CASE WHEN gap > {window.gap} THEN 1 ELSE 0 END) OVER (
    PARTITION BY place ORDER BY apart ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS breaks
  FROM (
    SELECT place, amount, apart,
      apart - COALESCE(LAG(apart) OVER (PARTITION BY place ORDER BY apart), 0) - 1 AS gap
    FROM (
      SELECT a.place, {apart} AS apart, {total} AS amount
      FROM {pairs}
      GROUP BY a.place, {apart}
    ) AS by_day
  ) AS with_gaps
) AS with_breaks
WHERE breaks = 0
GROUP BY place"""


@dataclass(frozen=True, slots=True)
class Added:
    """Columns of claims: those there are, those from lines, from tables, and all that is added."""

    has: AbstractSet[str]
    ups: AbstractSet[str]
    sources: AbstractSet[str]
    names: AbstractSet[str]


def claims_query(frame: Claims, claims: str, lines: str, added: Added, keep: Sequence[str]) -> str:
    """Write a relation of claims with more columns; the first one where there is none yet."""
    cells = frame.cells
    columns = ["c.claim AS claim"]
    if claims:
        columns += [f"c.{name} AS {name}" for name in sorted(added.has)]
        base = f"{claims} AS c"
    else:
        held = [cells[name] for name in sorted(added.sources)]
        columns += [f"{cell.text} AS {cell.name}" for cell in held]
        base = f"{frame.table} AS c" + from_joins(frame, held)
    if added.ups:
        listed = ", ".join(f"{cells[name].text} AS {name}" for name in sorted(added.ups))
        base += (
            f"\nLEFT JOIN (SELECT claim, {listed} FROM {lines} GROUP BY claim) AS of_lines"
            " ON of_lines.claim = c.claim"
        )
        for name in sorted(added.ups):
            back = cells[name].fallback
            text = f"COALESCE(of_lines.{name}, {back})" if back else f"of_lines.{name}"
            columns.append(f"{text} AS {name}")
    start = select(columns, base)
    rows = {name for name in added.names if cells[name].kind is CellKind.ROW}
    there = {"claim", *added.has, *added.ups, *added.sources}
    return layered(frame, start, there, rows, keep, identity=("claim",))
