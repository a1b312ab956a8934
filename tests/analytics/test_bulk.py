"""Claims decided by queries, beside the same claims decided one by one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from crm_expenses.adapters.contract import SetAside
from crm_expenses.analytics.backtest import BacktestFigures
from crm_expenses.backtest import Asked, FileClaims
from crm_expenses.backtest import backtest as one_by_one
from crm_expenses.bulk import BulkCount, Source, backtest, check, opened
from crm_expenses.errors import ConfigError
from crm_expenses.filecheck import check_file
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql.schema import RESULTS
from servers import Server, postgres  # noqa: F401  a fixture

EXAMPLES = Path(__file__).parents[2] / "examples"
SALES = EXAMPLES / "crm-sales"
CHAMBER = EXAMPLES / "chamber"
CASES = ((SALES, "claims.csv"), (CHAMBER, "reimbursements.csv"))

Line = tuple[str, str, str, int | None, int, str]


def quiet(_stage: str, _done: int, _whole: int | None) -> None:
    """Tell nobody."""


def expected(folder: Path, file: str, policy: Policy) -> tuple[list[Line], Counter[str]]:
    """Give, one by one, each line's claim, id, outcome, amounts and codes; claims by outcome."""
    lines: list[Line] = []
    claims: Counter[str] = Counter()
    for found in check_file(folder / "sample" / file, policy, folder / "mapping.toml"):
        if isinstance(found, SetAside):
            continue
        claims[found.outcome.value] += 1
        for line in found.lines:
            codes = " ".join(sorted(finding.code for finding in line.findings))
            claimed = line.claimed.minor if line.claimed else None
            lines.append(
                (found.claim, line.line, line.outcome.value, claimed, line.allowed.minor, codes)
            )
    return sorted(lines), claims


def written(path: Path) -> list[Line]:
    """Read what a bulk check wrote."""
    query = (
        "SELECT claim, line, outcome, claimed, allowed, COALESCE(codes, '') FROM read_parquet(?)"
    )
    rows = duckdb.execute(query, [str(path)]).fetchall()
    return sorted((*row[:5], " ".join(sorted(row[5].split()))) for row in rows)


def in_bulk(source: Source, policy: Policy, out: Path) -> BulkCount:
    """Decide by queries; what cannot be read is left out, as it is one by one."""
    aside: list[SetAside] = []
    with opened(source, (policy,), aside=aside.append, tell=quiet) as claims:
        return check(claims, policy, out, quiet)


@pytest.mark.parametrize(("folder", "file"), CASES)
def test_a_file_is_decided_as_one_by_one(folder: Path, file: str, tmp_path: Path) -> None:
    """Each line of a file has the outcome, the amounts and the codes that `check` gives."""
    policy = load_policy(folder / "policy.toml")
    source = Source(str(folder / "sample" / file), mapping=folder / "mapping.toml")
    count = in_bulk(source, policy, tmp_path / "out.parquet")
    lines, claims = expected(folder, file, policy)
    assert written(tmp_path / "out.parquet") == lines
    assert count.claims == claims
    assert count.allowed == sum(line[4] for line in lines)
    assert sum(count.findings.values()) == sum(len(line[5].split()) for line in lines)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder with the tables of the sales example, as the input schema has them."""
    from crm_expenses.analytics.claimtables import batches
    from crm_expenses.analytics.engines import open_engine
    from crm_expenses.filecheck import file_facts
    from crm_expenses.rules.sql.schema import TABLES, columns_of

    policy = load_policy(SALES / "policy.toml")
    facts = {name: fact.of for name, fact in policy.facts.items()}
    read = file_facts(SALES / "sample" / "claims.csv", (policy,), SALES / "mapping.toml")
    claims = [found for found in read if not isinstance(found, SetAside)]
    folder = tmp_path / "tables"
    folder.mkdir()
    with open_engine() as engine:
        engine.add({name: (columns_of(TABLES[name], facts), ()) for name in TABLES})
        for rows in batches(claims, facts, policy.currency):
            engine.add(
                {name: (columns_of(TABLES[name], facts), held) for name, held in rows.items()}
            )
        for name in ("expense_lines", "claims", "people", "vouchers"):
            engine.write(f"SELECT * FROM {name}", folder / f"{name}.parquet")
    return folder


def test_a_folder_of_tables(tables: Path, tmp_path: Path) -> None:
    """A folder gives what the file gave; a folder to write to gets one file a result table."""
    policy = load_policy(SALES / "policy.toml")
    in_bulk(Source(str(tables)), policy, tmp_path / "out.parquet")
    lines, _ = expected(SALES, "claims.csv", policy)
    assert written(tmp_path / "out.parquet") == lines
    results = tmp_path / "results"
    results.mkdir()
    in_bulk(Source(str(tables)), policy, results)
    assert {path.stem for path in results.iterdir()} == set(RESULTS)
    (count,) = duckdb.execute(
        "SELECT COUNT(*) FROM read_parquet(?)", [str(results / "decided_lines.parquet")]
    ).fetchall()
    assert count == (len(lines),)


def test_a_rule_whose_table_is_absent_is_refused_by_name(tables: Path, tmp_path: Path) -> None:
    """Without people, a rule on grades is named, with the table that it needs."""
    (tables / "people.parquet").unlink()
    text = (SALES / "policy.toml").read_text(encoding="utf-8") + GRADED
    with pytest.raises(ConfigError) as caught:
        in_bulk(Source(str(tables)), parse_policy(text), tmp_path / "out.parquet")
    told = [(one.code, one.values["rule"], one.values["table"]) for one in caught.value.problems]
    assert told == [("sql.table_absent", "team.look", "people")]
    assert not (tmp_path / "out.parquet").exists()


GRADED = """
[[rule]]
code = "team.look"
kind = "flag"
title = { en = "Team", zh = "团队" }
that = "team == 'East'"
message = { en = "A line of the team.", zh = "该团队的明细。" }
"""


def stricter(folder: Path) -> Policy:
    """Give the example's policy with every limit of 60 or 180 lowered."""
    text = (folder / "policy.toml").read_text(encoding="utf-8")
    changed = text.replace("is = 60", "is = 45").replace("is = 180", "is = 150")
    assert changed != text
    return parse_policy(changed)


def told_nothing(found: SetAside) -> None:
    """Fail: no row of the examples is unreadable."""
    raise AssertionError(found)


@pytest.fixture
def asked() -> Asked:
    """Two policies of the sales example."""
    return Asked(load_policy(SALES / "policy.toml"), stricter(SALES))


def without_words(figures: BacktestFigures) -> tuple[BacktestFigures, list[tuple[object, ...]]]:
    """Give figures without flips, and those without sentences, which only `run` can say."""
    flips: list[tuple[object, ...]] = [
        (flip.claim, flip.before.outcome, flip.after.outcome, flip.difference)
        for flip in figures.flips
    ]
    return replace(figures, flips=()), flips


def test_a_back_test_by_queries_has_the_same_figures(asked: Asked, tables: Path) -> None:
    """Whatever decides, the money, the claims, the people and the outcomes are the same."""
    claims = FileClaims(
        SALES / "sample" / "claims.csv", asked, SALES / "mapping.toml", tell=told_nothing
    )
    plain = one_by_one(claims, asked, quiet)
    with opened(
        Source(str(tables)), (asked.old, asked.new), aside=told_nothing, tell=quiet
    ) as held:
        queried = backtest(held, asked, quiet)
    assert plain.totals.touched.lines > 0
    assert without_words(queried) == without_words(plain)


@pytest.fixture
def warehouse(tables: Path, postgres: Server) -> Iterator[str]:
    """A PostgreSQL that holds the tables in a schema of their own."""
    import pg8000.native

    from crm_expenses.rules.sql.dialect import POSTGRES
    from crm_expenses.rules.sql.schema import TABLES

    schema = "finance"
    postgres.run(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
    connection = pg8000.native.Connection(
        "tester",
        host="127.0.0.1",
        port=postgres.port,
        password=postgres.password,
        database="postgres",
    )
    for path in sorted(tables.glob("*.parquet")):
        columns = TABLES[path.stem].columns
        listed = ", ".join(f"{c.name} {POSTGRES.types[c.kind]}" for c in columns)
        connection.run(f"CREATE TABLE {schema}.{path.stem} ({listed})")
        names = ", ".join(c.name for c in columns)
        for row in duckdb.execute(f"SELECT {names} FROM read_parquet(?)", [str(path)]).fetchall():
            marks = ", ".join(f":v{n}" for n in range(len(row)))
            values = {f"v{n}": value for n, value in enumerate(row)}
            connection.run(f"INSERT INTO {schema}.{path.stem} VALUES ({marks})", **values)
    connection.close()
    yield postgres.url(options=f"?schema={schema}")
    postgres.run(f"DROP SCHEMA {schema} CASCADE")


def test_in_a_warehouse(asked: Asked, tables: Path, warehouse: str, tmp_path: Path) -> None:
    """In a real PostgreSQL the lines and the back-test are those of the folder."""
    lines, _ = expected(SALES, "claims.csv", asked.old)
    # the schema stands in the address, or is named as where the claims are
    for source in (Source("-", warehouse), Source("finance", warehouse.partition("?")[0])):
        in_bulk(source, asked.old, tmp_path / "out.parquet")
        assert written(tmp_path / "out.parquet") == lines
    both = (asked.old, asked.new)
    with opened(Source("-", warehouse), both, aside=told_nothing, tell=quiet) as held:
        there = backtest(held, asked, quiet)
    with opened(Source(str(tables)), both, aside=told_nothing, tell=quiet) as held:
        here = backtest(held, asked, quiet)
    assert there == here
