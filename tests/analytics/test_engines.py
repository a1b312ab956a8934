"""DuckDB, a real PostgreSQL and a real Spark run the same scripts, and tell the same mistakes."""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from crm_expenses.analytics.engines import Attached, Engine, Progress, open_engine
from crm_expenses.analytics.engines.address import parse_address
from crm_expenses.errors import (
    AuthError,
    ConfigError,
    CrmExpensesError,
    RefusedError,
    RetryableError,
)
from crm_expenses.messages import LANGUAGES
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.sql.schema import CLAIMS, LEGS, LINES, RATES, TABLES, columns_of
from crm_expenses.rules.sql.script import Rounds, Script, Step
from servers import Server, postgres, spark  # noqa: F401  fixtures

ENGINES = ("duckdb", "postgres", pytest.param("spark", marks=pytest.mark.slow))

LINES_GIVEN = (
    "SELECT CAST(1 AS BIGINT) AS place, CAST('C-1' AS {text}) AS claim,"
    " CAST('1' AS {text}) AS line, DATE '2026-03-01' AS spent_on,"
    " CAST('meal' AS {text}) AS category, CAST(12050 AS BIGINT) AS amount,"
    " CAST('CNY' AS {text}) AS currency"
)
CLAIMS_GIVEN = (
    "SELECT CAST('C-1' AS {text}) AS claim, CAST('P-1' AS {text}) AS person,"
    " DATE '2026-03-04' AS submitted_on"
)
RATES_GIVEN = (
    "SELECT CAST('USD' AS {text}) AS currency, CAST('CNY' AS {text}) AS into_currency,"
    " DATE '2026-01-01' AS rate_day, CAST(7.0288 AS DECIMAL(12, 4)) AS rate"
)
GIVEN = {"expense_lines": LINES_GIVEN, "claims": CLAIMS_GIVEN}

Source = Callable[[dict[str, str]], str]
"""Makes tables of queries where the engine finds them; gives the place."""


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine, open."""
    if request.param == "duckdb":
        url = "duckdb"
    elif request.param == "postgres":
        url = request.getfixturevalue("postgres").url()
    else:
        request.getfixturevalue("spark")
        url = "spark://local"
    with open_engine(url) as opened:
        assert opened.dialect == request.param
        yield opened


@pytest.fixture
def source(engine: Engine, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """The place where the engine finds tables: a folder of Parquet files, or a schema."""
    if engine.dialect != "postgres":

        def in_folder(tables: dict[str, str]) -> str:
            for name, query in tables.items():
                target = tmp_path / f"{name}.parquet"
                duckdb.sql(f"COPY ({query.format(text='VARCHAR')}) TO '{target}'")
            return str(tmp_path)

        yield in_folder
        return

    server: Server = request.getfixturevalue("postgres")

    def in_schema(tables: dict[str, str]) -> str:
        server.run('CREATE SCHEMA "their Books"')
        for name, query in tables.items():
            server.run(f'CREATE TABLE "their Books".{name} AS {query.format(text="text")}')
        return "their Books"

    try:
        yield in_schema
    finally:
        engine.clear()
        server.run('DROP SCHEMA IF EXISTS "their Books" CASCADE')


def script(
    *steps: Step | Rounds,
    tables: tuple[str, ...] = (),
    results: dict[str, str] | None = None,
    dialect: str = "duckdb",
) -> Script:
    """A script written by hand."""
    return Script(dialect, frozenset(tables), steps, results or {})


def all_rows(engine: Engine, query: str) -> list[tuple[object, ...]]:
    """Give all rows of a query."""
    return [tuple(row) for batch in engine.rows(query) for row in batch]


def row_of(table: str, **values: object) -> tuple[object, ...]:
    """Give a row of a table with the values named, and NULL elsewhere."""
    return tuple(values.get(column.name) for column in TABLES[table].columns)


def three_lines() -> dict[str, object]:
    """Give three lines of one claim as an engine loads them."""
    rows = [
        row_of(LINES.name, place=n, claim="C-1", line=str(n), spent_on=date(2026, 3, n),
               category="meal", amount=n * 100, currency="CNY")
        for n in (1, 2, 3)
    ]  # fmt: skip
    return {LINES.name: (LINES.columns, rows), CLAIMS.name: (CLAIMS.columns, [])}


def told(error: CrmExpensesError) -> str:
    """Give all that an error says, in both languages and as Python shows it."""
    return "\n".join([*(error.describe(language) for language in LANGUAGES), repr(error)])


# Rows


def test_values_come_back_as_they_went_in(engine: Engine) -> None:
    """Texts with any sign, empty texts, NULL, days, moments and decimals pass unchanged."""
    texts = ["it's", 'a "b", c', "", None, "two\nlines\r\n", "餐费", "\\N", "\\.", "{x}", ":a %s"]
    lines = [
        row_of(LINES.name, place=n, claim="C", line=str(n), spent_on=date(2026, 2, 28),
               category="meal", amount=-n, currency="CNY", purpose=text, pre_approved=n % 2 == 0)
        for n, text in enumerate(texts)
    ]  # fmt: skip
    moment = datetime(2026, 3, 1, 23, 59, 59)  # noqa: DTZ001  the clock on the wall
    leg = row_of(LEGS.name, trip="T", leg="1", departs=moment, departs_offset=-60, arrives=moment,
                 arrives_offset=480)  # fmt: skip
    rate = row_of(RATES.name, currency="KWD", into_currency="CNY", rate_day=date(2026, 1, 1),
                  rate=Decimal("23.123456789"))  # fmt: skip
    engine.load(
        {
            LINES.name: (LINES.columns, lines),
            LEGS.name: (LEGS.columns, [leg]),
            RATES.name: (RATES.columns, [rate]),
        }
    )
    assert all_rows(engine, "SELECT * FROM expense_lines ORDER BY place") == lines
    assert all_rows(engine, "SELECT * FROM trip_legs") == [leg]
    assert all_rows(engine, "SELECT rate FROM exchange_rates") == [(Decimal("23.123456789"),)]


def test_many_rows_are_loaded_and_come_in_batches(engine: Engine) -> None:
    """More rows than one batch come whole, and two queries can be read in turn."""
    rows = [row_of(CLAIMS.name, claim=f"C-{n}", person='"', submitted_on=date(2026, 1, 1))
            for n in range(12_000)]  # fmt: skip
    engine.load({CLAIMS.name: (CLAIMS.columns, rows)})
    engine.add({CLAIMS.name: (CLAIMS.columns, rows[:5])})
    first = engine.rows("SELECT * FROM claims")
    second = engine.rows("SELECT COUNT(*) AS n FROM claims")
    begun = len(next(first))
    assert [list(batch) for batch in second] == [[(12_005,)]]
    assert 0 < begun < 12_005
    assert begun + sum(len(batch) for batch in first) == 12_005


def test_loading_replaces_all_that_was_there(engine: Engine) -> None:
    """After a second load neither tables nor steps of before are there."""
    engine.load({CLAIMS.name: (CLAIMS.columns, []), RATES.name: (RATES.columns, [])})
    engine.make("mine", "SELECT 1 AS a")
    engine.load({CLAIMS.name: (CLAIMS.columns, [])})
    for gone in ("mine", RATES.name):
        with pytest.raises(RefusedError):
            all_rows(engine, f"SELECT * FROM {gone}")
        engine.load({CLAIMS.name: (CLAIMS.columns, [])})
    assert all_rows(engine, "SELECT * FROM claims") == []


def test_a_float_is_not_loaded(engine: Engine) -> None:
    """A float among the rows is a fault of ours, and no engine takes it."""
    row = row_of(RATES.name, currency="USD", rate=7.1)
    with pytest.raises(TypeError, match="float"):
        engine.load({RATES.name: (RATES.columns, [row])})


# Scripts


def test_steps_run_in_order(engine: Engine) -> None:
    """A later step reads an earlier one, results read them all, and progress is told."""
    engine.load(three_lines())
    reached: list[Progress] = []
    engine.run(
        script(
            Step("doubled", "SELECT place, amount * 2 AS twice FROM expense_lines"),
            Step("over", "SELECT place FROM doubled WHERE twice > 200 AND twice < 900"),
            tables=(LINES.name,),
            results={"decided_lines": "SELECT o.place FROM over AS o"},
        ),
        reached.append,
    )
    assert all_rows(engine, "SELECT place FROM over ORDER BY place") == [(2,), (3,)]
    assert reached == [Progress(0, 2, "doubled"), Progress(1, 2, "over"), Progress(2, 2)]


def test_a_table_ends_with_its_last_reader(engine: Engine) -> None:
    """What no later step and no result reads is dropped; what is to be kept stays."""
    engine.load(three_lines())
    steps = (
        Step("first", "SELECT place FROM expense_lines"),
        Step("second", "SELECT place FROM first"),
        Step("third", "SELECT place FROM second"),
    )
    engine.run(script(*steps, results={"x": "SELECT * FROM third"}), keep=["first"])
    assert len(all_rows(engine, "SELECT * FROM third")) == 3
    assert len(all_rows(engine, "SELECT * FROM first")) == 3
    with pytest.raises(RefusedError):
        all_rows(engine, "SELECT * FROM second")


COUNTING = Rounds(
    "reached",
    "reached_next",
    Step("reached", "SELECT place, CAST(0 AS BIGINT) AS n FROM expense_lines"),
    (
        Step("steps", "SELECT place, n + 1 AS n FROM reached"),
        Step(
            "reached_next",
            "SELECT s.place, CASE WHEN s.n > s.place THEN s.place ELSE s.n END AS n FROM steps s",
        ),
    ),
    "SELECT COUNT(*) FROM reached a JOIN reached_next b ON a.place = b.place WHERE a.n <> b.n",
)
"""Each line counts up to its own place, so the rounds end after the last place."""


def test_rounds_repeat_until_nothing_changes(engine: Engine) -> None:
    """State is what the last round gave; its inner tables are gone, and it can run again."""
    engine.load(three_lines())
    counting = script(COUNTING, tables=(LINES.name,), results={"x": "SELECT * FROM reached"})
    for _ in range(2):
        reached: list[Progress] = []
        engine.run(counting, reached.append)
        assert sorted(all_rows(engine, "SELECT place, n FROM reached")) == [(1, 1), (2, 2), (3, 3)]
        assert [one.round for one in reached] == [1, 2, 3, 4, 0]
    with pytest.raises(RefusedError):
        all_rows(engine, "SELECT * FROM steps")


def test_rounds_that_do_not_end_are_stopped(engine: Engine) -> None:
    """After the limit an error says which rounds, and the limit."""
    engine.load(three_lines())
    endless = Rounds(
        "reached",
        "reached_next",
        COUNTING.start,
        (Step("reached_next", "SELECT place, n + 1 AS n FROM reached"),),
        COUNTING.differs,
    )
    with pytest.raises(RefusedError) as caught:
        engine.run(script(endless), rounds_max=3)
    assert caught.value.code == "engine.rounds"
    assert "reached" in told(caught.value)
    assert "3" in told(caught.value)


def test_many_rounds_gather_nothing_in_postgres(postgres: Server) -> None:  # noqa: F811
    """Hundreds of rounds take no more locks than one: the server has room for few."""
    with open_engine(postgres.url()) as engine:
        row = row_of(LINES.name, place=300, claim="C", line="1", spent_on=date(2026, 3, 1),
                     category="meal", amount=1, currency="CNY")  # fmt: skip
        engine.load({LINES.name: (LINES.columns, [row])})
        engine.run(script(COUNTING, results={"x": "SELECT * FROM reached"}))
        assert all_rows(engine, "SELECT n FROM reached") == [(300,)]


@pytest.mark.parametrize(
    "query",
    ["SELECT nothing_of_that_name FROM expense_lines", "SELEC 1", "SELECT * FROM nowhere",
     "SELECT amount * 9223372036854775807 AS a FROM expense_lines"],
    ids=["column", "syntax", "table", "overflow"],
)  # fmt: skip
def test_sql_that_is_refused_names_the_step(engine: Engine, query: str) -> None:
    """An engine's refusal becomes our error with the step, and the session can go on."""
    engine.load(three_lines())
    steps = Step("broken_step", query)
    with pytest.raises(RefusedError) as caught:
        engine.run(script(steps), keep=["broken_step"])
    assert caught.value.code == "engine.refused"
    assert "broken_step" in told(caught.value)
    assert caught.value.__cause__ is not None
    engine.load(three_lines())
    assert len(all_rows(engine, "SELECT * FROM expense_lines")) == 3


def test_a_missing_table_is_named_with_what_needs_it(engine: Engine) -> None:
    """A script that reads a table which is not there does not begin, and says for what."""
    engine.load(three_lines())
    needing = script(
        Step("a", "SELECT place FROM expense_lines", ("nothing",)),
        Step("b", "SELECT trip FROM trips", ("meal.per_trip: Meals per trip",)),
        tables=(LINES.name, "trips", "waivers"),
        results={"findings": "SELECT * FROM waivers"},
    )
    with pytest.raises(ConfigError) as caught:
        engine.run(needing)
    assert [problem.code for problem in caught.value.problems] == ["engine.no_table"] * 2
    said = told(caught.value)
    assert "trips" in said
    assert "meal.per_trip: Meals per trip" in said
    assert "waivers" in said
    assert "findings" in said
    assert "nothing" not in said


# Tables of the user


def test_tables_are_attached(engine: Engine, source: Source) -> None:
    """Present tables are found, absent ones reported, absent optional columns are NULL."""
    place = source({**GIVEN, "exchange_rates": RATES_GIVEN})
    attached = engine.attach(place, facts={"project": FactOf.LINE})
    assert isinstance(attached, Attached)
    assert set(attached.found) == {"expense_lines", "claims", "exchange_rates"}
    assert attached.absent == frozenset(TABLES) - set(attached.found)
    names = ", ".join(one.name for one in columns_of(LINES, {"project": FactOf.LINE}))
    (row,) = all_rows(engine, f"SELECT {names} FROM expense_lines")
    assert row[:7] == (1, "C-1", "1", date(2026, 3, 1), "meal", 12050, "CNY")
    assert set(row[7:]) == {None}
    assert all_rows(engine, "SELECT rate FROM exchange_rates") == [(Decimal("7.0288"),)]


def test_types_that_hold_the_same_values_are_taken(engine: Engine, source: Source) -> None:
    """Small whole numbers, decimals without decimals and names in capitals are read."""
    written = LINES_GIVEN.replace("CAST(1 AS BIGINT) AS place", "CAST(1 AS INTEGER) AS place")
    written = written.replace("CAST(12050 AS BIGINT)", "CAST(12050 AS DECIMAL(18, 0))")
    written += ", CAST('p-7' AS {text}) AS fact_project, CAST(2 AS SMALLINT) AS nights"
    engine.attach(source({**GIVEN, "expense_lines": written}), facts={"project": FactOf.LINE})
    query = "SELECT place, amount, fact_project, nights FROM expense_lines"
    assert all_rows(engine, query) == [(1, 12050, "p-7", 2)]


def test_columns_that_do_not_fit_are_all_told(engine: Engine, source: Source) -> None:
    """Wrong types and missing columns of every table come at once, with place, type and fix."""
    wrong = LINES_GIVEN.replace("CAST(12050 AS BIGINT)", "CAST(120.5 AS DECIMAL(18, 2))")
    wrong = wrong.replace("DATE '2026-03-01'", "CAST('2026-03-01' AS {text})")
    wrong += ", CAST(1.5 AS DOUBLE PRECISION) AS distance"
    short = CLAIMS_GIVEN.replace(" AS person", " AS somebody")
    place = source({"expense_lines": wrong, "claims": short})
    with pytest.raises(ConfigError) as caught:
        engine.attach(place)
    codes = [(one.code, one.values["column"]) for one in caught.value.problems]
    assert sorted(codes) == [
        ("engine.column_type", "amount"),
        ("engine.column_type", "distance"),
        ("engine.column_type", "spent_on"),
        ("engine.no_column", "person"),
    ]
    for said in map(caught.value.describe, LANGUAGES):
        assert place in said
        assert "AS BIGINT)" in said
        assert "18,2" in said.replace(" ", "")


def test_empty_cells_that_every_row_needs_are_counted(engine: Engine, source: Source) -> None:
    """A NULL in a needed column is told with the number of rows."""
    two = f"{CLAIMS_GIVEN} UNION ALL SELECT NULL, NULL, DATE '2026-03-05'"
    with pytest.raises(ConfigError) as caught:
        engine.attach(source({**GIVEN, "claims": two}))
    assert [
        (one.code, one.values["column"], one.values["count"]) for one in caught.value.problems
    ] == [
        ("engine.empty_cells", "claim", "1"),
        ("engine.empty_cells", "person", "1"),
    ]


def test_a_source_without_lines_is_no_source(engine: Engine, source: Source) -> None:
    """Without lines nothing can be checked: the error names what is there."""
    with pytest.raises(ConfigError) as caught:
        engine.attach(source({"claims": CLAIMS_GIVEN}))
    assert caught.value.code == "engine.no_lines"
    assert "expense_lines" in told(caught.value)


# Results


def test_results_are_written_exactly(engine: Engine, tmp_path: Path) -> None:
    """Sums, large numbers, NULL, empty texts and one NULL alone stand in the file unchanged."""
    engine.load(three_lines())
    query = (
        "SELECT place, SUM(amount) OVER (ORDER BY place) * 10000000000000 AS total, "
        "CASE WHEN place = 1 THEN '' WHEN place = 2 THEN 'a \"b\", c' END AS word, spent_on "
        "FROM expense_lines ORDER BY place"
    )
    engine.write(query, tmp_path / "out.parquet")
    read = duckdb.sql(f"SELECT place, total, word, spent_on FROM '{tmp_path}/out.parquet'")
    assert read.fetchall() == [
        (1, 10**15, "", date(2026, 3, 1)),
        (2, 3 * 10**15, 'a "b", c', date(2026, 3, 2)),
        (3, 6 * 10**15, None, date(2026, 3, 3)),
    ]
    assert not any("DOUBLE" in str(kind) for kind in read.types)
    engine.write("SELECT city FROM expense_lines", tmp_path / "out.parquet")
    assert duckdb.sql(f"SELECT * FROM '{tmp_path}/out.parquet'").fetchall() == [(None,)] * 3
    columns = [LINES.columns[0], LINES.columns[5]]
    engine.write("SELECT SUM(amount) AS amount, 7 AS place FROM expense_lines",
                 tmp_path / "out.parquet", columns)  # fmt: skip
    typed = duckdb.sql(f"SELECT * FROM '{tmp_path}/out.parquet'")
    assert [str(kind) for kind in typed.types] == ["BIGINT", "BIGINT"]
    assert typed.fetchall() == [(7, 600)]


def test_a_file_that_fails_is_not_written(engine: Engine, tmp_path: Path) -> None:
    """An error leaves the file of before, and nothing beside it."""
    engine.load(three_lines())
    path = tmp_path / "out.parquet"
    engine.write("SELECT 1 AS a", path)
    before = path.read_bytes()
    with pytest.raises(RefusedError):
        engine.write("SELECT amount * 9223372036854775807 AS a FROM expense_lines", path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


# Files of text, for the engines that read folders


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.slow)])
def reader(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine that reads a folder, open."""
    if request.param == "spark":
        request.getfixturevalue("spark")
    with open_engine("spark://local" if request.param == "spark" else "duckdb") as opened:
        yield opened


HEADER = "place,claim,line,spent_on,category,amount,currency,purpose,pre_approved"
CLAIMS_TEXT = "claim,person,submitted_on\nC-1,P-1,2026-03-04\n"


def put(folder: Path, *rows: str, name: str = "q1 2026") -> Path:
    """Write the lines and one claim as CSV into a folder."""
    place = folder / name
    place.mkdir()
    (place / "expense_lines.csv").write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    (place / "claims.csv").write_text(CLAIMS_TEXT, "utf-8")
    return place


def test_csv_is_read_by_the_schema(reader: Engine, tmp_path: Path) -> None:
    """Texts become the types of the schema; empty cells are NULL, also in quotes."""
    place = put(
        tmp_path,
        '1,C-1,1,2026-03-01,meal,12050,CNY,"two\nlines, ""so""",yes',
        '2,C-1,2,2026-02-28,meal,-5,CNY,"",',
    )
    reader.attach(str(place))
    query = (
        "SELECT place, spent_on, amount, purpose, pre_approved FROM expense_lines ORDER BY place"
    )
    assert all_rows(reader, query) == [
        (1, date(2026, 3, 1), 12050, 'two\nlines, "so"', True),
        (2, date(2026, 2, 28), -5, None, None),
    ]


@pytest.mark.parametrize(
    ("cells", "column", "value"),
    [
        ("1,C-1,9,2026-03-01,meal,120.50,CNY,,", "amount", "120.50"),
        ("1,C-1,9,2026-02-30,meal,120,CNY,,", "spent_on", "2026-02-30"),
        ("1,C-1,9,01/03/2026,meal,120,CNY,,", "spent_on", "01/03/2026"),
        ("1,C-1,9,2026-03-01,meal,1_000,CNY,,", "amount", "1_000"),
        ("1,C-1,9,2026-03-01,meal,\uff11,CNY,,", "amount", "\uff11"),
        ("1,C-1,9,2026-03-01,meal,1,CNY,,maybe", "pre_approved", "maybe"),
    ],
)
def test_a_cell_that_does_not_fit_is_told(
    reader: Engine, tmp_path: Path, cells: str, column: str, value: str
) -> None:
    """A value of the wrong form is told with file, column, value and its row, never rounded."""
    with pytest.raises(ConfigError) as caught:
        reader.attach(str(put(tmp_path, "2,C-1,2,2026-03-01,meal,5,CNY,,", cells)))
    (problem,) = caught.value.problems
    assert problem.code == "engine.bad_cell"
    assert problem.values["column"] == column
    for said in map(caught.value.describe, LANGUAGES):
        assert "expense_lines.csv" in said
        assert value in said
        assert "C-1, 9" in said


def test_a_path_is_no_pattern(reader: Engine, tmp_path: Path) -> None:
    """A folder whose name has signs of patterns is read; what Spark cannot read there is told."""
    place = put(tmp_path, "1,C-1,1,2026-03-01,meal,5,CNY,,", name="q[1-2] {a,b}*")
    if reader.dialect == "spark":
        with pytest.raises(ConfigError) as caught:
            reader.attach(str(place))
        assert caught.value.code == "engine.path_signs"
        assert str(place) in told(caught.value)
        for name, query in GIVEN.items():
            (place / f"{name}.csv").unlink()
            duckdb.sql(query.format(text="VARCHAR")).write_parquet(str(place / f"{name}.parquet"))
    reader.attach(str(place))
    assert all_rows(reader, "SELECT place FROM expense_lines") == [(1,)]


def test_parts_in_a_folder_are_one_table(reader: Engine, tmp_path: Path) -> None:
    """A folder named after the table, as engines write it, is read whole; two forms are refused."""
    parts = tmp_path / "expense_lines"
    parts.mkdir()
    for name in ("part-0.parquet", "part-1.parquet"):
        duckdb.sql(f"COPY ({LINES_GIVEN.format(text='VARCHAR')}) TO '{parts / name}'")
    (tmp_path / "claims.csv").write_text(CLAIMS_TEXT, "utf-8")
    reader.attach(str(tmp_path))
    assert all_rows(reader, "SELECT COUNT(*) FROM expense_lines") == [(2,)]
    (tmp_path / "expense_lines.csv").write_text(HEADER, "utf-8")
    with pytest.raises(ConfigError) as caught:
        reader.attach(str(tmp_path))
    assert caught.value.code == "engine.two_files"


@pytest.mark.parametrize("content", [b"PAR1 not really", b""])
def test_a_file_that_is_none_is_told(reader: Engine, tmp_path: Path, content: bytes) -> None:
    """A damaged file is told by name; the user's data is not at fault for anything else."""
    (tmp_path / "expense_lines.parquet").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        reader.attach(str(tmp_path))
    assert caught.value.code == "engine.unreadable"
    assert "expense_lines.parquet" in told(caught.value)


def test_no_folder_is_told(reader: Engine, tmp_path: Path) -> None:
    """A folder that is not there, and none at all, are told."""
    with pytest.raises(ConfigError) as caught:
        reader.attach(str(tmp_path / "nowhere"))
    assert caught.value.code == "engine.no_folder"
    with pytest.raises(ConfigError) as caught:
        reader.attach()
    assert caught.value.code == "engine.no_source"


# Each engine's own


def test_a_duckdb_file_is_only_read(tmp_path: Path) -> None:
    """Tables of a DuckDB file are read where they lie, and the file stays as it was."""
    path = tmp_path / "books.duckdb"
    with duckdb.connect(str(path)) as theirs:
        for name, query in GIVEN.items():
            theirs.execute(f"CREATE TABLE {name} AS {query.format(text='VARCHAR')}")
    before = path.read_bytes()
    with open_engine(f"duckdb:///{path}") as engine:
        engine.attach()
        steps = Step("a", "SELECT place FROM expense_lines")
        engine.run(script(steps, results={"x": "SELECT * FROM a"}))
        assert all_rows(engine, "SELECT place FROM a") == [(1,)]
        with pytest.raises(RefusedError):
            engine.make("b", "SELECT 1; DELETE FROM crm_expenses_source.main.claims")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["books.duckdb"]
    with pytest.raises(ConfigError) as caught:
        open_engine("duckdb:///nowhere.duckdb")
    assert caught.value.code == "engine.no_file"


def test_duckdb_spills_within_its_memory(tmp_path: Path) -> None:
    """Tables larger than the memory allowed go to a folder, which is removed at the end."""
    with open_engine(f"duckdb://?memory=48MiB&threads=1&folder={tmp_path}") as engine:
        engine.make("large", "SELECT range AS n, 'x' || hash(range) AS t FROM range(1500000)")
        engine.make("sorted", "SELECT * FROM large ORDER BY t")
        assert all_rows(engine, "SELECT COUNT(*) FROM sorted") == [(1_500_000,)]
        assert any(path.is_file() for path in tmp_path.rglob("*"))
    assert not list(tmp_path.iterdir())


def test_duckdb_without_room_says_what_to_give(tmp_path: Path) -> None:
    """Too little memory is told as such, with the option that gives more."""
    with open_engine(f"duckdb://?memory=4MiB&threads=1&folder={tmp_path}") as engine:
        with pytest.raises(ConfigError) as caught:
            engine.make("large", "SELECT list(hash(range)) AS t FROM range(8000000)")
        assert caught.value.code == "engine.memory"
        assert "memory=" in told(caught.value)


def test_postgres_keeps_nothing_and_writes_nothing(postgres: Server) -> None:  # noqa: F811
    """After a session the catalogue is as before, and the tables of the user unchanged."""
    postgres.run("CREATE SCHEMA books")
    try:
        for name, query in GIVEN.items():
            postgres.run(f"CREATE TABLE books.crm_{name} AS {query.format(text='text')}")
        catalogue = "SELECT relname FROM pg_class WHERE relname !~ '^pg_toast' ORDER BY 1"
        before = postgres.run(catalogue), postgres.run("SELECT xmin FROM books.crm_claims")
        with open_engine(postgres.url(options="?schema=books&prefix=crm_")) as engine:
            found = engine.attach().found
            assert found["claims"] == "books.crm_claims"
            engine.run(script(COUNTING, results={"x": "SELECT * FROM reached"}))
            assert all_rows(engine, "SELECT n FROM reached") == [(1,)]
        assert (
            postgres.run(catalogue),
            postgres.run("SELECT xmin FROM books.crm_claims"),
        ) == before
    finally:
        postgres.run("DROP SCHEMA books CASCADE")


def test_postgres_sees_one_moment(postgres: Server) -> None:  # noqa: F811
    """What others write while a script runs is not seen until the tables are attached again."""
    postgres.run("CREATE SCHEMA books")
    try:
        for name, query in GIVEN.items():
            postgres.run(f"CREATE TABLE books.{name} AS {query.format(text='text')}")
        with open_engine(postgres.url(options="?schema=books")) as engine:
            engine.attach()
            postgres.run("UPDATE books.expense_lines SET amount = 1")
            assert all_rows(engine, "SELECT amount FROM expense_lines") == [(12050,)]
            engine.attach()
            assert all_rows(engine, "SELECT amount FROM expense_lines") == [(1,)]
    finally:
        postgres.run("DROP SCHEMA books CASCADE")


def test_postgres_settings_are_ours(postgres: Server) -> None:  # noqa: F811
    """Days, decimals and texts mean the same whatever the database's own settings are."""
    postgres.run(
        "ALTER ROLE tester SET TimeZone TO 'Asia/Shanghai';"
        "ALTER ROLE tester SET DateStyle TO 'German';"
        "ALTER ROLE tester SET standard_conforming_strings TO off"
    )
    try:
        with open_engine(postgres.url()) as engine:
            query = (
                "SELECT DATE '2026-03-01', '2026-03-01'::date::text, 'a\\b', "
                "current_setting('TimeZone')"
            )
            assert all_rows(engine, query) == [(date(2026, 3, 1), "2026-03-01", "a\\b", "UTC")]
    finally:
        postgres.run("ALTER ROLE tester RESET ALL")


def test_a_password_is_never_shown(
    postgres: Server,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither a refused login nor a wrong address nor a log nor a repr has the password."""
    caplog.set_level(logging.DEBUG)
    secret = "h0rse-battery"  # noqa: S105  made up
    with pytest.raises(AuthError) as refused:
        open_engine(postgres.url(password=secret))
    assert "PGPASSWORD" in told(refused.value)
    with pytest.raises(RetryableError) as away:
        open_engine(f"postgres://tester:{secret}@127.0.0.1:1/books")
    shown = [told(refused.value), told(away.value)]
    for url in (
        f"postgres://tester:{secret}/x@127.0.0.1/books",
        f"postgres://tester:a?{secret}=b@127.0.0.1/books",
        f"postgres://tester:{secret}@127.0.0.1",
        f"postgres://tester:{secret}@127.0.0.1/books?{secret}=1",
        f"mysql://tester:{secret}@127.0.0.1/books",
        f"duckdb://tester:{secret}@127.0.0.1/books",
    ):
        with pytest.raises(ConfigError) as wrong:
            open_engine(url)
        assert wrong.value.__cause__ is None
        shown.append(told(wrong.value))
    monkeypatch.setenv("PGPASSWORD", postgres.password)
    address = postgres.url().replace(f":{postgres.password}", "")
    with open_engine(address) as engine:
        shown += [repr(engine), str(vars(engine)), repr(parse_address(postgres.url()))]
    for text in (*shown, caplog.text):
        assert secret not in text
        assert postgres.password not in text


def test_postgres_permission_is_told(postgres: Server) -> None:  # noqa: F811
    """A user who may not read a table is told which permission is missing."""
    postgres.run("CREATE SCHEMA books; CREATE ROLE guest LOGIN PASSWORD 'guest'")
    try:
        for name, query in GIVEN.items():
            postgres.run(f"CREATE TABLE books.{name} AS {query.format(text='text')}")
        postgres.run("GRANT USAGE ON SCHEMA books TO guest")
        url = postgres.url(user="guest", password="guest", options="?schema=books")  # noqa: S106
        with open_engine(url) as engine, pytest.raises(AuthError) as caught:
            engine.attach()
        assert caught.value.code == "engine.permission"
        assert "SELECT" in told(caught.value)
    finally:
        postgres.run("DROP SCHEMA books CASCADE; DROP ROLE guest")


def test_postgres_may_take_its_time(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """The limit of the login is none of a query."""
    monkeypatch.setattr("crm_expenses.analytics.engines.postgres.CONNECT_SECONDS", 1)
    with open_engine(postgres.url()) as engine:
        begun = time.monotonic()
        engine.make("slept", "SELECT 1 AS a FROM pg_sleep(1.5)")
        assert time.monotonic() - begun > 1.4


@pytest.mark.parametrize(
    "url",
    ["", "mysql://a@b/c", "postgres://host/db", "postgres://user@host", "spark://", "duckdb://host",
     "postgres://u@host:port/db", "duckdb:///a?memory", "spark://h/path"],
)  # fmt: skip
def test_an_address_of_no_known_form_is_told(url: str) -> None:
    """What is no address of an engine is told with examples."""
    with pytest.raises(ConfigError) as caught:
        open_engine(url)
    assert caught.value.code == "engine.url"
    assert "postgres://user@host" in told(caught.value)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("duckdb://?colour=red", "engine.option"),
        ("duckdb://?memory=plenty", "engine.setting"),
        ("postgres://u@host/db?sslmode=perhaps", "engine.sslmode"),
    ],
)
def test_an_option_that_is_not_known_is_told(url: str, code: str) -> None:
    """Options are a closed list, and their values are checked."""
    with pytest.raises(ConfigError) as caught:
        open_engine(url)
    assert caught.value.code == code
