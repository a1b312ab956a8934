"""The best DuckDB script that we could write by hand for the 28 rules of the workload.

    python benchmarks/bulk_hand.py FOLDER OUT [--groups N] [--memory SIZE]

It reads the Parquet files that `bulk_lines.py` writes and gives two: `lines.parquet` (line,
outcome, claimed, allowed, codes) and `carries.parquet` (line, code, amount). What made it quick
and lean, each measured:

- Lines are joined with claims and vouchers a few row groups at a time, with the bounds of their
  ids written into the query: the hash tables stay small, row groups elsewhere are not read. It is
  right in whatever order the files stand, and quick where they stand in one order.
- Texts become small whole numbers before the joins, by functions that DuckDB computes once for
  each entry of a dictionary; caps, rates and people come by joins on such numbers.
- A line's broken rules are the bits of one number; their text comes from a table of the numbers
  that occur; as an ENUM a word was once left out when it was written. Of a voucher number only a
  hash of 64 bits is kept.
- Windows run over narrow whole-number keys, and only over the lines that count; duplicates are
  looked for among hashes, a part of them at a time, and judged only where a hash occurs twice.
  What windows change is written over in place, so that nothing is joined while results are written.
- The writer of Parquet is told not to try dictionaries for columns of ids; outcomes are an ENUM.
"""

import argparse
import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import workload
from bulk_lines import is_flat

ROW_GROUPS: Final = 4
"""Row groups of lines that are joined at a time."""

PARTS: Final = 2_000_000
"""About so many hashes are grouped at a time."""

CATEGORIES: Final = tuple(workload.CATEGORIES)
REJECTS: Final = (1, 2, 3, 4, 6, 7, 12, 14, 15, 16, 17, 21, 22, 24, 25)
CAPS: Final = (8, 9, 10, 19)
REVIEWS: Final = (5, 11, 13, 18, 20, 23, 28)
_TURN: Final = date(2025, 1, 1)
_SWITCHES: Final = "FORMAT parquet, DICTIONARY_SIZE_LIMIT 1000"


def bits(*rules: int) -> int:
    """Give the number that has the bits of some rules.

    >>> bits(1, 3)
    5
    """
    return sum(1 << (rule - 1) for rule in rules)


def code_of(rule: int) -> str:
    """Give the code that our policy has for a rule.

    >>> code_of(5), code_of(26)
    ('currency.no_rate', 'r26')
    """
    return "currency.no_rate" if rule == 5 else f"r{rule:02}"


def run(db: duckdb.DuckDBPyConnection, data: Path, out: Path, groups: int = ROW_GROUPS) -> None:
    """Decide all lines of a folder."""
    for statement in statements(db, data, out, groups):
        db.execute(statement)


def statements(
    db: duckdb.DuckDBPyConnection, data: Path, out: Path, groups: int = ROW_GROUPS
) -> Iterator[str]:
    """Give the statements in order; some are written from what earlier ones found."""
    yield "SET parquet_metadata_cache = true"
    yield "SET preserve_insertion_order = false"
    yield "CREATE TYPE outcome AS ENUM ('pass', 'reduced', 'review', 'reject')"
    yield "CREATE TYPE carry AS ENUM ('#voucher', 'r26', 'r27', '@same_day', '@same_day_sum')"
    yield from _dictionaries(data)
    start = "CREATE TEMP TABLE decided AS"
    for bounds in _chunks(db, data, groups):
        yield f"{start} {_decided(data, *bounds)}"
        start = "INSERT INTO decided"
    yield from _duplicates(db)
    yield _CAPPED
    yield _SPLIT
    yield f"COPY ({_CARRIES}) TO '{out / 'carries.parquet'}' ({_SWITCHES})"
    yield _CHANGE
    yield from _codes()
    yield f"COPY ({_LINES}) TO '{out / 'lines.parquet'}' ({_SWITCHES})"


def _dictionaries(data: Path) -> Iterator[str]:
    held = workload.read_caps()
    rows = []
    for (category, grade, tier), steps in held.items():
        place = (CATEGORIES.index(category) * 5 + grade - 1) * 4 + workload.TIERS.index(tier)
        rows += [f"({place * 2 + n}, {cap}, {total})" for n, (_, cap, total) in enumerate(steps)]
    yield f"""CREATE TEMP TABLE caps AS
        SELECT k::SMALLINT AS cap_key, c::INTEGER AS cap, t::INTEGER AS total
        FROM (VALUES {", ".join(rows)}) AS v(k, c, t)"""
    yield f"""CREATE TEMP TABLE managers AS
        SELECT person, (row_number() OVER ())::INTEGER AS person_no,
            grade::TINYINT AS grade, coalesce(team IN ('support', 'admin'), false) AS is_barred,
            coalesce(active_from, DATE '0001-01-01') AS since,
            coalesce(active_to, DATE '9999-12-31') AS until
        FROM '{data}/people.parquet'"""
    yield f"""CREATE TEMP TABLE rates AS
        SELECT ({_month_key(_currency_no("currency"), "rate_day")}) AS rate_key,
            (rate * 1000000)::BIGINT AS millionths
        FROM '{data}/exchange_rates.parquet' WHERE into_currency = 'CNY'"""


def _currency_no(column: str) -> str:
    return f"list_position({['CNY', *workload.RATES, workload.NO_RATE]}, {column})"


def _month_key(currency_no: str, day: str) -> str:
    return f"({currency_no} * 60 + (year({day}) - 2023) * 12 + month({day}))::INTEGER"


def _chunks(
    db: duckdb.DuckDBPyConnection, data: Path, groups: int
) -> Iterator[tuple[str, str, str]]:
    """Give conditions on the lines of each chunk, on their claims and on their vouchers.

    The statistics of the file say them. Where places of row groups overlap, all is one chunk, and
    so it is where lines are flat.
    """
    if is_flat(data):
        yield "true", "", ""
        return
    found = db.execute(f"""
        SELECT path_in_schema, row_group_id // {groups} AS chunk,
            min(TRY_CAST(stats_min_value AS BIGINT)), max(TRY_CAST(stats_max_value AS BIGINT)),
            min(stats_min_value), max(stats_max_value), count(*) = count(stats_min_value)
        FROM parquet_metadata('{data}/expense_lines.parquet')
        WHERE path_in_schema IN ('place', 'claim', 'voucher')
        GROUP BY ALL ORDER BY chunk""").fetchall()
    places = [row[2:4] for row in found if row[0] == "place"]
    if any(before[1] >= after[0] for before, after in itertools.pairwise(places)):
        yield "true", "true", "true"
        return
    ids = {
        (name, chunk): f"{name} BETWEEN '{low}' AND '{high}'" if is_known else "true"
        for name, chunk, _, _, low, high, is_known in found
    }
    for chunk, (first, last) in enumerate(places):
        lines = f"place BETWEEN {first} AND {last}"
        yield lines, ids["claim", chunk], ids["voucher", chunk]


# The rules on one line


_VOUCHER: Final = """CASE WHEN number IS NOT NULL THEN hash(number) END AS hash,
                CASE WHEN kind NOT IN ('fapiao', 'e_fapiao') THEN (kind <> 'none')::TINYINT
                    WHEN strlen(number) IN (8, 20) AND regexp_full_match(number, '[0-9]*') THEN 3
                    WHEN kind IS NOT NULL THEN 2 END::TINYINT AS kind_no"""


def _decided(data: Path, lines: str, claims: str, vouchers: str) -> str:
    """Write the rules on lines, over the lines of one chunk; flat ones have no claims apart."""
    cities = [f"city{n:02}" for n in range(60)]
    tiers = [min(3, n // 15) for n in range(60)]
    joined = f"""
        JOIN (SELECT claim, person, submitted_on
            FROM '{data}/claims.parquet' WHERE {claims}) USING (claim)
        LEFT JOIN (SELECT voucher, {_VOUCHER}
            FROM (SELECT voucher, kind, number FROM '{data}/vouchers.parquet' WHERE {vouchers})
            ) USING (voucher)"""
    is_joined = bool(claims)
    joined = joined if is_joined else ""
    return f"""
    SELECT place::UINTEGER AS place, line, cny, broken, cap_key, hash, account,
        CASE WHEN cny IS NULL THEN 0 WHEN cny <= 0 THEN cny
            WHEN broken & {bits(*REJECTS)} <> 0 THEN 0
            WHEN broken & {bits(*CAPS)} <> 0 THEN most ELSE cny END AS counted,
        CASE WHEN category_no IN (1, 4) THEN person_no * 2048 + (spent_on - DATE '2022-01-01')
            WHEN category_no = 6
            THEN -64 * person_no - 12 * (year(spent_on) - 2022) - month(spent_on) END::INTEGER
            AS window_key
    FROM (SELECT *, {_BROKEN} AS broken FROM (
        SELECT *, CASE category_no WHEN 3 THEN cap * nights WHEN 4 THEN cap * attendees
            WHEN 9 THEN distance
                * CASE WHEN spent_on >= DATE '{_TURN}' THEN 160 ELSE 150 END // 1000
            ELSE cap END AS most
        FROM (
        SELECT place, line, spent_on, amount, purpose, nights, attendees, distance, pre_approved,
            travel_class, payment, category_no, tier, submitted_on, kind_no, hash, person_no, grade,
            is_barred, since, until, has_account,
            CASE WHEN category_no = 4 THEN account END AS account,
            CASE WHEN currency_no = 1 THEN amount
                ELSE (amount * millionths + CASE WHEN amount < 0 THEN -500000 ELSE 500000 END)
                    // 1000000 END AS cny,
            ((((category_no - 1) * 5 + grade - 1) * 4 + tier) * 2
                + (spent_on >= DATE '{_TURN}')::INTEGER)::SMALLINT AS cap_key
        FROM (
            SELECT *, CASE WHEN currency_no > 1
                THEN {_month_key("currency_no", "spent_on")} END AS rate_key
            FROM (
                SELECT place, line, spent_on, amount, purpose, nights, attendees,
                    distance, pre_approved, travel_class, payment, account,
                    account IS NOT NULL AS has_account,
                    list_position({list(CATEGORIES)}, category) AS category_no,
                    {_currency_no("currency")} AS currency_no,
                    list_extract({tiers}, list_position({cities}, city)) AS tier,
                    {"claim, voucher" if is_joined else f"person, submitted_on, {_VOUCHER}"}
                FROM '{data}/expense_lines.parquet' WHERE {lines})){joined}
        JOIN managers USING (person)
        LEFT JOIN rates USING (rate_key)
    ) LEFT JOIN caps USING (cap_key)))"""


def _when(condition: str, *rules: int) -> str:
    return f"CASE WHEN {condition} THEN {bits(*rules)} ELSE 0 END"


def _all_of(*parts: str) -> str:
    return " | ".join(parts)


_TRAVEL: Final = _when(
    "(travel_class = 'business' AND grade < 4) OR (travel_class = 'first' AND grade < 5)", 17
)
_OVER: Final = _when("cny > most", 8)
_BY_CATEGORY: Final = {
    2: _all_of(_OVER, _when("NOT has_account AND isodow(spent_on) >= 6", 18)),
    3: _when("cny > most", 9),
    4: _all_of(
        _when("cny > most", 10),
        _when("attendees < 2", 11),
        _when("NOT has_account", 12),
        _when("purpose IS NULL", 13),
        f"CASE WHEN pre_approved THEN 0"
        f" ELSE {_when('isodow(spent_on) >= 6', 14)} | {_when('cny > 200000', 15)} END",
        _when("is_barred", 24),
    ),
    5: _TRAVEL,
    8: _TRAVEL,
    9: _when("cny > most", 19),
    11: _all_of(
        _OVER,
        _when("purpose IS NULL", 13),
        _when("cny > 30000 AND NOT pre_approved", 16),
        _when("is_barred", 24),
    ),
    12: str(bits(4)),
}
_CASHED: Final = (
    "CASE kind_no WHEN 3 THEN 0"
    f" WHEN 2 THEN {bits(23)}"
    f" ELSE {_when('cny > 5000 AND coalesce(kind_no, 0) = 0', 6)}"
    f" | {_when('cny > 20000 AND tier <> 3', 7)} END"
)
_CASH: Final = (
    "CASE WHEN payment = 'cash' AND cny > 50000"
    f" THEN {_when('amount % 10000 = 0', 20)} | {_when('cny > 100000', 21)} ELSE 0 END"
)
_AGE: Final = (
    f"CASE WHEN submitted_on < spent_on THEN {bits(2)}"
    f" WHEN submitted_on - spent_on > 60 THEN {bits(3)} ELSE 0 END"
)
_BROKEN: Final = _all_of(
    _when("amount <= 0", 1),
    _AGE,
    _when("cny IS NULL", 5),
    _CASHED,
    _CASH,
    _when("spent_on NOT BETWEEN since AND until", 22),
    f"CASE category_no {' '.join(f'WHEN {n} THEN {text}' for n, text in _BY_CATEGORY.items())}"
    f" ELSE {_OVER} END",
)


# The rules across lines


def _duplicates(db: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Write which lines come after one that used the same voucher number and was not rejected."""
    ((count,),) = db.execute("SELECT count(*) FROM decided").fetchall()
    parts = -(-count // PARTS)
    start = "CREATE TEMP TABLE twice AS"
    for part in range(parts):
        mine = f" AND hash % {parts} = {part}" if parts > 1 else ""
        yield f"""{start} SELECT hash FROM decided WHERE hash IS NOT NULL{mine}
            GROUP BY hash HAVING count(*) > 1"""
        start = "INSERT INTO twice"
    yield f"""CREATE TEMP TABLE used AS
        SELECT place FROM (
            SELECT place, min(place) FILTER ({_LIVE}) OVER (PARTITION BY hash) AS first
            FROM decided SEMI JOIN twice USING (hash))
        WHERE place > first"""
    yield f"""UPDATE decided SET broken = broken | {bits(25)}, counted = least(counted, 0)
        FROM used WHERE decided.place = used.place"""


_LIVE: Final = f"broken & {bits(*REJECTS)} = 0"
_DAY_OR_MONTH: Final = "cap_key < 40 OR cap_key >= 200 AND cap_key < 240"
_GUESTS: Final = "cap_key >= 120 AND cap_key < 160 AND account IS NOT NULL"
_CAPPED: Final = f"""CREATE TEMP TABLE capped AS
    SELECT place, greatest(0, total - before)::BIGINT AS allowed,
        CASE WHEN window_key > 0 THEN {bits(26)} ELSE {bits(27)} END AS bit
    FROM (
        SELECT place, window_key, counted, cap_key, coalesce(sum(counted) OVER (
            PARTITION BY window_key ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM decided WHERE ({_DAY_OR_MONTH}) AND counted > 0)
    JOIN caps USING (cap_key) WHERE before + counted > total"""
_SPLIT: Final = f"""CREATE TEMP TABLE split AS
    SELECT place FROM (
        SELECT place, cny, count(*) FILTER (is_live) OVER earlier AS lines,
            coalesce(sum(cny) FILTER (is_live) OVER earlier, 0) AS before
        FROM (
            SELECT place, window_key, account, cny, {_LIVE} AS is_live
            FROM decided SEMI JOIN (
                SELECT window_key FROM decided WHERE {_GUESTS}
                GROUP BY window_key HAVING count(*) > 1 AND sum(greatest(cny, 0)) > 200000)
                USING (window_key)
            WHERE {_GUESTS})
        WINDOW earlier AS (PARTITION BY window_key, account ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
    WHERE lines > 0 AND before + cny > 200000"""
_CHANGE: Final = f"""UPDATE decided
    SET broken = broken | more, counted = CASE WHEN most < counted THEN most ELSE counted END
    FROM (
        SELECT place, bit AS more, allowed AS most FROM capped
        UNION ALL SELECT place, {bits(28)}, NULL FROM split) AS changed
    WHERE decided.place = changed.place"""


# What is written


def _codes() -> Iterator[str]:
    """Write the table of the rules' codes for each number that occurs."""
    each = ", ".join(
        f"CASE WHEN broken & {bits(rule)} <> 0 THEN '{code_of(rule)}' END"
        for rule in sorted(range(1, 29), key=code_of)
    )
    yield f"""CREATE TEMP TABLE masks AS SELECT broken, concat_ws(' ', {each}) AS codes
        FROM decided WHERE broken <> 0 GROUP BY broken"""


_LINES: Final = f"""
    SELECT line, CASE WHEN broken = 0 THEN 'pass'::outcome
            WHEN broken & {bits(*REJECTS)} <> 0 THEN 'reject'::outcome
            WHEN broken & {bits(*REVIEWS)} <> 0 THEN 'review'::outcome
            ELSE 'reduced'::outcome END AS outcome,
        cny AS claimed, counted AS allowed, codes
    FROM decided LEFT JOIN masks USING (broken)"""
_CARRIES: Final = f"""
    SELECT line, '#voucher'::carry AS code, 1::BIGINT AS amount
    FROM decided WHERE {_LIVE} AND hash IS NOT NULL
    UNION ALL
    SELECT line, CASE WHEN cap_key < 40 THEN 'r26'::carry ELSE 'r27'::carry END, counted
    FROM decided WHERE {_LIVE} AND ({_DAY_OR_MONTH})
    UNION ALL SELECT line, '@same_day'::carry, 1 FROM decided WHERE {_LIVE} AND {_GUESTS}
    UNION ALL SELECT line, '@same_day_sum'::carry, cny
    FROM decided WHERE {_LIVE} AND {_GUESTS} AND cny IS NOT NULL"""


def main() -> None:
    """Decide the lines of one folder."""
    given = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    given.add_argument("data", type=Path)
    given.add_argument("out", type=Path)
    given.add_argument("--groups", type=int, default=ROW_GROUPS)
    given.add_argument("--memory", default="")
    asked = given.parse_args()
    with duckdb.connect() as db:
        if asked.memory:
            db.execute(f"SET memory_limit = '{asked.memory}'")
        run(db, asked.data, asked.out, asked.groups)


if __name__ == "__main__":
    main()
