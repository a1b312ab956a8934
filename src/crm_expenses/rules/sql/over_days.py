"""What the days of a trip add up to for a line, and what a component pays once a day."""

from collections.abc import Sequence

from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.sql.cell import Cell, CellKind, Days, PaidOnce, closure
from crm_expenses.rules.sql.dialect import Fn
from crm_expenses.rules.sql.line_rows import Lines
from crm_expenses.rules.sql.schema import Kind
from crm_expenses.rules.sql.writing import IDENTITY, from_joins, indented, layered, select


def over_days(lines: Lines, source: str, scope: RuleScope, names: Sequence[str]) -> str:
    """Write what the days of the line's trip add up to."""
    cells = lines.cells
    wanted: set[str] = set()
    for name in names:
        data = cells[name].data
        if isinstance(data, Days):
            wanted |= data.cells | {n for n in cells[name].needs if n in data.text}
    inner = _day_rows(lines, source, scope, frozenset(wanted), ())
    columns = ["place"]
    for name in names:
        data = cells[name].data
        if isinstance(data, Days):
            columns.append(f"{data.text} AS {name}")
    listed = ",\n  ".join(columns)
    return f"SELECT\n  {listed}\nFROM (\n{indented(inner)}\n) AS days\nGROUP BY place"


def paid_once(lines: Lines, source: str, cell: Cell, data: PaidOnce) -> list[tuple[str, str]]:
    """Write what a component gives by day, less what earlier lines got for the same."""
    own, name = lines.dialect, cell.name
    zero = own.long(0)
    scope = RuleScope(data.scope)
    lines_read = {n for n in cell.needs if n not in IDENTITY}
    inner = _day_rows(lines, source, scope, data.cells | {cell.text}, sorted(lines_read))
    rows = f"""SELECT place, claim, {data.live} AS live, f_person, {cell.text} AS paid_for,
  {_lowest(data)} AS given
FROM (
{indented(inner)}
) AS days
WHERE NOT {data.is_out}"""
    by = "PARTITION BY f_person, paid_for"
    frame = "ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
    held = f"SELECT * FROM given_{name} WHERE given IS NOT NULL"
    marked = _marked(held, by, frame, can_be_negative=data.can_be_negative)
    before = f"""SELECT marked.*,
  COALESCE(MAX(live_code) OVER ({by} {frame}), 0) AS live_before,
  COALESCE(MAX(own_code) OVER ({by}, claim {frame}), 0) AS own_before
FROM ({indented(marked).strip()}) AS marked"""
    two = "2"
    code = (
        f"CASE WHEN NOT live AND {own(Fn.TRUNCATED, 'own_before', two)} >"
        f" {own(Fn.TRUNCATED, 'live_before', two)} THEN own_before ELSE live_before END"
    )
    half, odd = own(Fn.TRUNCATED, "code", two), own(Fn.REMAINDER, "code", two)
    more = f"CASE WHEN ABS(given) > ABS(earlier) THEN given - earlier ELSE {zero} END"
    total = own.cast(f"SUM({more})", Kind.WHOLE)
    result = f"""SELECT place, {total} AS {name}
FROM (
  SELECT place, given, CASE WHEN {odd} = 1 THEN -{half} ELSE {half} END AS earlier
  FROM (SELECT place, given, {code} AS code FROM before_{name}) AS coded
) AS paid
GROUP BY place"""
    return [(f"given_{name}", rows), (f"before_{name}", before), (f"sum_{name}", result)]


def _lowest(data: PaidOnce) -> str:
    """Write the lowest of what the rules of a component give for a day."""
    value = ""
    for test, given in data.parts:
        term = f"CASE WHEN {test} THEN {given} END"
        value = (
            term
            if not value
            else (
                f"(CASE WHEN ({value}) IS NULL OR ({term}) < ({value}) THEN ({term})"
                f" ELSE ({value}) END)"
            )
        )
    return value


def _marked(held: str, by: str, frame: str, *, can_be_negative: bool) -> str:
    """Write what was given as numbers of which the largest is the one farthest from 0."""
    coded = "ABS(given) * 2 + CASE WHEN given < 0 THEN 1 ELSE 0 END"
    if can_be_negative:
        return f"""SELECT held.*,
  CASE WHEN live AND ABS(given) > COALESCE(MAX(CASE WHEN live THEN ABS(given) END) OVER (
    {by} {frame}), 0) THEN {coded} END AS live_code,
  CASE WHEN ABS(given) > COALESCE(MAX(ABS(given)) OVER (
    {by}, claim {frame}), 0) THEN {coded} END AS own_code
FROM ({held}) AS held"""
    return (
        f"SELECT held.*, {coded} AS own_code,\n  CASE WHEN live THEN {coded} END AS live_code\n"
        f"FROM ({held}) AS held"
    )


def _day_rows(
    lines: Lines, source: str, scope: RuleScope, cells: frozenset[str], more: Sequence[str]
) -> str:
    """Write the rows of days with the cells that are asked for; `more` are columns of lines."""
    days = lines.days[scope]
    names = closure(days.cells, cells)
    own = [days.cells[name] for name in sorted(names)]
    sources = [cell for cell in own if cell.kind is CellKind.SOURCE]
    rows = {cell.name for cell in own if cell.kind is CellKind.ROW}
    parents = sorted({*days.parents(cells), *more} - set(IDENTITY))
    columns = ["l.place AS place", "l.claim AS claim"]
    columns += [f"l.{name} AS {name}" for name in parents]
    columns += [f"{cell.text} AS {cell.name}" for cell in sources]
    start = select(
        columns,
        f"{source} AS l\nJOIN {days.table} AS d ON d.trip = l.f_trip" + from_joins(days, sources),
    )
    base = {"place", "claim", *parents, *(cell.name for cell in sources)}
    return layered(days, start, base, rows, sorted(base | rows), identity=())
