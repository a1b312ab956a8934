"""The lines of the bulk benchmark, as Parquet files in the schema that the SQL reading reads.

    python benchmarks/bulk_lines.py FOLDER --lines 1000000

Each draw is a hash of the seed, the line's place and the name of the draw, so that DuckDB makes
the lines without holding them: equal seeds give equal files on one version of DuckDB. Lines stand
in order of submission; each is a claim of its own. Managers, cities, rates and caps are those of
`workload.py`. About 23 % of a million lines break some rule, and each rule is broken somewhere.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import duckdb
import workload

from crm_expenses.rules.sql.schema import TABLES, Column, Kind, Table

SEED: Final = 7
TABLES_MADE: Final = ("expense_lines", "claims", "people", "vouchers", "exchange_rates")
_TYPES: Final = {
    Kind.TEXT: "VARCHAR",
    Kind.WHOLE: "BIGINT",
    Kind.DECIMAL: "DECIMAL(18, 6)",
    Kind.DAY: "DATE",
    Kind.MOMENT: "TIMESTAMP",
    Kind.YES_NO: "BOOLEAN",
}
_OVER_BOUND: Final = 60_000
_SPREADS: Final = (0.45, 0.5, 0.45, 0.7, 0.6, 0.45, 0.7, 0.6, 0.5, 0.6, 0.7, 0.8)
"""Sigma of the amounts by category."""

_MEMORY: Final = "4GB"


def write_lines(
    folder: Path, count: int, *, people: int = 2_000, flat: bool = False, seed: int = SEED
) -> None:
    """Write the tables into a folder; what stands there already is kept.

    With fewer `people` than all, more lines fall in one window. `flat` lines carry the columns of
    their claims and vouchers, which then are no tables of their own.
    """
    if (folder / "done").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    held = workload.tables()
    with duckdb.connect() as db:
        db.execute(f"SET memory_limit = '{_MEMORY}'")
        db.execute(_macros(count, people, seed))
        parts = {"claims": _CLAIMS, "vouchers": _VOUCHERS}
        wanted = {"people": _people(held), "exchange_rates": _rates(held)}
        wanted |= {"expense_lines": _LINES} if flat else {"expense_lines": _LINES, **parts}
        for name, query in wanted.items():
            more = _OF_OTHERS if flat and name == "expense_lines" else ""
            shown = _shaped(TABLES[name], query.format(count=count, more=more), more)
            db.execute(f"COPY ({shown}) TO '{folder / name}.parquet' (FORMAT parquet)")
    (folder / "done").touch()


def is_flat(folder: Path) -> bool:
    """Say whether lines carry the columns of their claims and vouchers."""
    return not (folder / "claims.parquet").exists()


def read_lines(folder: Path, count: int) -> list[workload.Line]:
    """Read the first lines as the peers in Python see them."""
    joined = f"""
            JOIN '{folder}/claims.parquet' USING (claim)
            LEFT JOIN '{folder}/vouchers.parquet' USING (voucher)"""
    joined = "" if is_flat(folder) else joined
    with duckdb.connect() as db:
        rows = db.execute(f"""
            SELECT lines.line, person[2:]::INTEGER, category, spent_on, submitted_on, lines.amount,
                lines.currency, city, account, attendees, nights, distance // 1000,
                coalesce(kind, 'none'), number, pre_approved, purpose, travel_class, payment
            FROM '{folder}/expense_lines.parquet' AS lines{joined}
            WHERE place <= {count} ORDER BY place""").fetchall()
    return [workload.Line(*row) for row in rows]


def _shaped(table: Table, query: str, more: str = "") -> str:
    """Give each column of the schema its type and place; what the query lacks is NULL."""
    made = query.partition("--columns:")[2].partition("\n")[0].split()

    def text(column: Column) -> str:
        value = column.name if column.name in made else "NULL"
        return f"{value}::{_TYPES[column.kind]} AS {column.name}"

    others = "".join(f", {part.rpartition(' AS ')[2]}" for part in more.split(",\n") if part)
    return f"SELECT {', '.join(map(text, table.columns))}{others} FROM ({query})"


def _macros(count: int, people: int, seed: int) -> str:
    """Write the draws as macros of the place `i` of a line."""
    cut = _steps(share for share, _ in workload.CATEGORIES.values())
    names = list(workload.CATEGORIES)
    visits = [1 / (rank + 1) ** 0.7 for rank in range(60)]
    total = sum(visits)
    known = list(workload.RATES)
    medians = [median for _, median in workload.CATEGORIES.values()]
    worth = [*workload.RATES.values(), 8.0]
    first = f"DATE '{workload.FIRST}'"
    return f"""
    CREATE MACRO u(i, k) AS (hash(i, k, {seed}) >> 11)::DOUBLE / {1 << 53};
    CREATE MACRO normal(i, k) AS
        sqrt(-2 * ln(1 - u(i, k))) * cos(6.283185307179586 * u(i, k + 1));
    CREATE MACRO person_no(i) AS floor(u(i, 1) * {people})::INTEGER;
    CREATE MACRO category_no(i) AS {_choice(cut, "u(i, 2)")};
    CREATE MACRO category_name(n) AS {_names(names)}[n];
    CREATE MACRO submitted(i) AS {first} + (i * {workload.DAYS} // {count})::INTEGER;
    CREATE MACRO age(i) AS CASE WHEN u(i, 3) < 0.001 THEN -1 - floor(u(i, 4) * 3)
        ELSE least(70, floor(-12 * ln(1 - u(i, 4)))) END::INTEGER;
    CREATE MACRO spent(i) AS greatest({first}, submitted(i) - age(i));
    CREATE MACRO currency_no(i) AS
        CASE WHEN u(i, 5) < 0.9 THEN 0 ELSE 1 + floor(u(i, 6) * {len(known) + 1})::INTEGER END;
    CREATE MACRO currency_name(n) AS {_names(["CNY", *known, workload.NO_RATE])}[n + 1];
    CREATE MACRO drawn(i) AS greatest(1, round(100 * {medians}[category_no(i)]
        * exp(normal(i, 7) * {list(_SPREADS)}[category_no(i)])))::BIGINT;
    CREATE MACRO rounded(i) AS CASE WHEN u(i, 10) < 0.02
        THEN coalesce(nullif(drawn(i) // 10000 * 10000, 0), {_OVER_BOUND}) ELSE drawn(i) END;
    CREATE MACRO paid(i) AS
        greatest(1, round(rounded(i) / {[1.0, *worth]}[currency_no(i) + 1]))::BIGINT;
    CREATE MACRO amount_of(i) AS CASE WHEN u(i, 11) < 0.002 THEN -paid(i) ELSE paid(i) END;
    CREATE MACRO city_no(i) AS {_choice(_steps(v / total for v in visits), "u(i, 12)")} - 1;
    CREATE MACRO account_no(i) AS hash(person_no(i), floor(u(i, 13) * 6)) % 5000;
    CREATE MACRO kind_no(i) AS CASE WHEN u(i, 14) < 0.70 THEN 1 WHEN u(i, 14) < 0.96 THEN 2
        WHEN u(i, 14) < 0.99 THEN 3 ELSE 0 END;
    CREATE MACRO first_number(i) AS CASE WHEN u(i, 15) < 0.6
        THEN lpad((i * 48271639 % 10000000000)::VARCHAR, 10, '0')
            || lpad(floor(u(i, 16) * 10000000000)::BIGINT::VARCHAR, 10, '0')
        ELSE lpad((i * 48271639 % 100000000)::VARCHAR, 8, '0') END;
    CREATE MACRO number_of(i) AS CASE
        WHEN u(i, 17) < 0.005 THEN first_number(i)[:-2]
        WHEN u(i, 17) < 0.010 THEN first_number(floor(u(i, 18) * i)::BIGINT)
        ELSE first_number(i) END;
    """


def _steps(shares: Iterable[float]) -> list[float]:
    found, total = [], 0.0
    for share in shares:
        total += share
        found.append(round(total, 9))
    return found[:-1]


def _choice(steps: list[float], value: str) -> str:
    """Write which part of the whole a draw falls in, counted from 1, by halving."""

    def part(low: int, high: int) -> str:
        if low == high:
            return str(low + 1)
        middle = (low + high) // 2
        below, above = part(low, middle), part(middle + 1, high)
        return f"CASE WHEN {value} < {steps[middle]} THEN {below} ELSE {above} END"

    return f"({part(0, len(steps))})"


def _names(names: Iterable[str]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"


_MADE: Final = (
    "place claim line spent_on category amount currency city account purpose voucher payment"
    " travel_class nights attendees distance pre_approved"
)
_LINES: Final = f"""
--columns: {_MADE}
SELECT i + 1 AS place, lpad(i::VARCHAR, 8, '0') AS line, line AS claim, spent(i) AS spent_on,
    category_name(c) AS category, amount_of(i) AS amount, currency_name(currency_no(i)) AS currency,
    'city' || lpad(city_no(i)::VARCHAR, 2, '0') AS city,
    CASE WHEN u(i, 20) < CASE WHEN c = 4 THEN 0.99 ELSE 0.8 END THEN 'A' || account_no(i) END
        AS account,
    CASE WHEN u(i, 21) < 0.97 THEN 'visit' END AS purpose,
    CASE WHEN kind_no(i) > 0 THEN 'V' || line END AS voucher,
    CASE WHEN u(i, 22) < 0.7 THEN 'card' WHEN u(i, 22) < 0.92 THEN 'corporate' ELSE 'cash' END
        AS payment,
    CASE WHEN c NOT IN (5, 8) THEN NULL WHEN u(i, 23) < 0.93 THEN 'economy'
        WHEN u(i, 23) < 0.98 THEN 'business' ELSE 'first' END AS travel_class,
    CASE WHEN c = 3 THEN 1 + floor(u(i, 24) * 3) ELSE 0 END AS nights,
    CASE WHEN c <> 4 OR u(i, 25) < 0.02 THEN 1 ELSE 2 + floor(u(i, 26) * 8) END AS attendees,
    CASE WHEN c = 9 THEN 1000 * greatest(1, ceil(paid(i) / (130 + 25 * u(i, 28)))) ELSE 0 END
        AS distance,
    u(i, 27) < 0.8 AS pre_approved{{more}}
FROM (SELECT i, category_no(i) AS c FROM range({{count}}) AS r(i))
"""
_OF_OTHERS: Final = """,
    'P' || lpad(person_no(i)::VARCHAR, 4, '0') AS person,
    submitted(i) AS submitted_on,
    NULL::VARCHAR AS status,
    ['e_fapiao', 'fapiao', 'receipt'][kind_no(i)] AS kind,
    CASE WHEN kind_no(i) IN (1, 2) THEN number_of(i) END AS number,
    NULL::VARCHAR AS code"""
_CLAIMS: Final = """
--columns: claim person submitted_on
SELECT lpad(i::VARCHAR, 8, '0') AS claim, 'P' || lpad(person_no(i)::VARCHAR, 4, '0') AS person,
    submitted(i) AS submitted_on
FROM range({count}) AS r(i)
"""
_VOUCHERS: Final = """
--columns: voucher kind number
SELECT 'V' || lpad(i::VARCHAR, 8, '0') AS voucher,
    ['e_fapiao', 'fapiao', 'receipt'][kind_no(i)] AS kind,
    CASE WHEN kind_no(i) < 3 THEN number_of(i) END AS number
FROM range({count}) AS r(i)
WHERE kind_no(i) > 0
"""


def _people(held: workload.Tables) -> str:
    rows = ", ".join(
        f"('P{n:04}', '{p.grade}', '{p.team}', DATE '{p.active_from}', DATE '{p.active_to}')"
        for n, p in enumerate(held.people)
    )
    named = "person, grade, team, active_from, active_to"
    return f"--columns: {named.replace(',', '')}\nSELECT * FROM (VALUES {rows}) AS t({named})"


def _rates(held: workload.Tables) -> str:
    rows = ", ".join(
        f"('{currency}', 'CNY', DATE '{day}', {ppm // 10**6}.{ppm % 10**6:06}, 'ours')"
        for (currency, day), ppm in held.rates.items()
    )
    named = "currency, into_currency, rate_day, rate, source"
    return f"--columns: {named.replace(',', '')}\nSELECT * FROM (VALUES {rows}) AS t({named})"


def main() -> None:
    """Write the files of one size."""
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("folder", type=Path)
    given.add_argument("--lines", type=int, default=1_000_000)
    given.add_argument("--people", type=int, default=2_000)
    given.add_argument("--flat", action="store_true", help="claims and vouchers on the lines")
    asked = given.parse_args()
    write_lines(asked.folder, asked.lines, people=asked.people, flat=asked.flat)


if __name__ == "__main__":
    main()
