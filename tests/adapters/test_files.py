"""The files adapter as a whole: folders in, pages out, what is wrong told row by row."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm_expenses.adapters.contract import Ability, Level, Opening, Page, SetAside, Support
from crm_expenses.adapters.files import FilesAdapter, open_adapter
from crm_expenses.adapters.files import client as client_module
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Problem, UnsupportedError
from crm_expenses.messages import fields as unfilled

HEADER = '[mapping]\nversion = 1\ntimezone = "Asia/Shanghai"\n'
LINES = """
[[source]]
kind = "line"
files = ["lines*"]
[source.fields]
id = "No"
claim = "Claim"
date = { column = "Date", formats = ["%Y/%m/%d"] }
category = { column = "Type", values = { "餐费" = "meal" } }
amount = { column = "Amount", group = "," }
currency = "Cur"
merchant = "Shop"
"""
TITLES = "No,Claim,Date,Type,Amount,Cur,Shop\n"
GOOD = 'L-1,C-1,2026/01/31,餐费,"1,234.50",CNY,Café\n'


def folder(base: Path, files: Mapping[str, str | bytes], mapping: str = HEADER + LINES) -> Path:
    """Write files and a mapping."""
    patterned = mapping.replace('"lines*"', '"lines*.csv", "lines*.jsonl", "lines*.xlsx"')
    (base / "mapping.toml").write_text(patterned, encoding="utf-8")
    for name, content in files.items():
        path = base / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    (base / "in").mkdir(exist_ok=True)
    return base


def opened(base: Path, **more: object) -> FilesAdapter:
    """Open the folder."""
    return open_adapter(Opening("main", {"folder": "in", "mapping": "mapping.toml", **more}, base))


def pulled(adapter: FilesAdapter, kind: Kind = Kind.LINE) -> tuple[list[object], list[SetAside]]:
    """Pull everything: the records, and what was set aside."""
    pages = list(adapter.pull(kind, None))
    for page in pages:
        assert page.rows == len(page.facts) + len(page.set_aside)
    return (
        [fact.record for page in pages for fact in page.facts],
        [one for page in pages for one in page.set_aside],
    )


def lines_of(
    base: Path, rows: str, mapping: str = HEADER + LINES
) -> tuple[list[object], list[SetAside]]:
    """Read one CSV of lines."""
    return pulled(opened(folder(base, {"lines.csv": TITLES + rows}, mapping)))


def said(problem: Problem) -> str:
    """Give the sentence; each language has its own, and no field is left unfilled."""
    english, chinese = problem.describe("en"), problem.describe("zh")
    assert english != chinese
    given = unfilled("".join(problem.values.values()))
    assert unfilled(english) | unfilled(chinese) <= given, english
    return english


# --- reading ---


def test_row_becomes_record_with_its_place(tmp_path: Path) -> None:
    """A row is mapped field by field, and its Origin names connection, id, file and row."""
    adapter = opened(folder(tmp_path, {"lines.csv": TITLES + GOOD}))
    (page,) = adapter.pull(Kind.LINE, None)
    (fact,) = page.facts
    assert fact.record == ExpenseLine(
        "L-1", "C-1", date(2026, 1, 31), "meal", Money(123450, "CNY"), merchant="Café"
    )
    assert (fact.origin.crm, fact.origin.record, fact.origin.place) == (
        "main",
        "L-1",
        "lines.csv:2",
    )


def test_texts_are_kept_exactly(tmp_path: Path) -> None:
    """Markup, brackets, right-to-left marks and line breaks in a cell are data."""
    text = '<script>alert(1)</script> [red]\u202e{x} "q"\nnext'
    quoted = text.replace('"', '""')
    records, aside = lines_of(tmp_path, f'L-1,C-1,2026/01/31,x,1,CNY,"{quoted}"\n')
    assert not aside
    assert [r.merchant for r in records if isinstance(r, ExpenseLine)] == [text]


AMOUNTS = [
    "1,234.5x",
    "1_000",
    "１２.５",
    "NaN",
    "1E+9999999",
    "Infinity",
    "12,34",
    "+5",
    "--1",
    "1e2",
]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_bad_amount_is_set_aside(tmp_path: Path, amount: str) -> None:
    """What is not an amount in the stated form sets its row aside, naming column and value."""
    rows = f'L-0,C-1,2026/01/31,x,"{amount}",CNY,\n' + GOOD
    records, (one,) = lines_of(tmp_path, rows)
    assert len(records) == 1
    (problem,) = one.problems
    assert (problem.code, str(problem.place)) == ("record.cell_number", "lines.csv:2")
    sentence = said(problem)
    assert "Amount" in sentence
    assert amount in sentence


BAD_CELLS = {
    "wrong date": ("L-0,C-1,2026/13/45,x,1,CNY,", {"record.cell_date"}),
    "full-width digits in a date": ("L-0,C-1,２０２６/01/01,x,1,CNY,", {"record.cell_date"}),
    "a year out of range": ("L-0,C-1,0026/01/01,x,1,CNY,", {"record.cell_year"}),
    "unknown currency": ("L-0,C-1,2026/01/31,x,1,RMB,", {"record.cell_currency"}),
    "too many decimals": ("L-0,C-1,2026/01/31,x,1.005,CNY,", {"record.cell_fine"}),
    "far too large": ("L-0,C-1,2026/01/31,x,99999999999999,CNY,", {"record.cell_large"}),
    "no claim": ("L-0,,2026/01/31,x,1,CNY,", {"record.no_claim"}),
    "no amount": ("L-0,C-1,2026/01/31,x,,CNY,", {"record.missing"}),
    "too few cells": ("L-0,C-1,2026/01/31", {"record.cells_few"}),
    "too many cells": ("L-0,C-1,2026/01/31,x,1,CNY,a,b", {"record.cells_many"}),
    "text behind a closing quote": ('L-0,C-1,2026/01/31,x,1,CNY,"a"b', {"record.csv"}),
    "NUL": ("L-0,C-1,2026/01/31,x,1,CNY,a\0b", {"record.cell_nul"}),
    "a cell too long": ("L-0,C-1,2026/01/31,x,1,CNY," + "x" * 40_000, {"record.cell_long"}),
    "a line too long": ("L-0,C-1,2026/01/31,x,1,CNY," + "x" * 140_000, {"record.line_long"}),
    "an id too long": ("L" * 300 + ",C-1,2026/01/31,x,1,CNY,", {"record.id_long"}),
    "everything": (
        "L-0,,31.01.26,x,1_0,XXY,",
        {"record.no_claim", "record.cell_date", "record.cell_number"},
    ),
}


@pytest.mark.parametrize(("row", "codes"), BAD_CELLS.values(), ids=BAD_CELLS.keys())
def test_bad_row_is_set_aside_with_all_that_is_wrong(
    tmp_path: Path, row: str, codes: set[str]
) -> None:
    """A row that cannot be read is set aside with every problem; the rows around it go on."""
    records, (one,) = lines_of(tmp_path, GOOD + row + "\n" + GOOD.replace("L-1", "L-2"))
    assert len(records) == 2
    assert {problem.code for problem in one.problems} == codes
    for problem in one.problems:
        assert said(problem).startswith("lines.csv:3: ")


def test_negative_amount_is_a_credit_unless_refused(tmp_path: Path) -> None:
    """A negative amount is a credit line; a mapping that refuses it sets it aside."""
    row = "L-0,C-1,2026/01/31,x,-5,CNY,\n"
    (record,), _ = lines_of(tmp_path, row)
    assert isinstance(record, ExpenseLine)
    assert record.amount == Money(-500, "CNY")
    refusing = (HEADER + LINES).replace('group = ","', 'group = ",", negative = "refuse"')
    records, (one,) = lines_of(tmp_path, row, refusing)
    assert (records, one.problems[0].code) == ([], "record.cell_negative")
    said(one.problems[0])


def test_duplicate_id_names_the_first(tmp_path: Path) -> None:
    """Of rows with one id the first stands, in whichever file; the others say where it is."""
    files = {"lines1.csv": TITLES + GOOD, "lines2.csv": TITLES + GOOD + GOOD.replace("L-1", "L-2")}
    records, (one,) = pulled(opened(folder(tmp_path, files)))
    assert len(records) == 2
    assert one.problems[0].code == "record.duplicate"
    assert one.origin.place == "lines2.csv:2"
    assert "lines1.csv:2" in said(one.problems[0])


CLAIMS = """
[[source]]
kind = "claim"
files = ["claims.csv"]
distinct = true
[source.fields]
id = "Claim"
person = "Who"
submitted = "When"
"""


def test_distinct_records_come_once(tmp_path: Path) -> None:
    """Rows that say the same of one claim give it once; one that differs is set aside."""
    rows = "Claim,Who,When\nC-1,P-1,2026-01-31\nC-1,P-1,2026-01-31\nC-1,P-2,2026-01-31\n"
    adapter = opened(folder(tmp_path, {"claims.csv": rows}, HEADER + CLAIMS))
    records, (one,) = pulled(adapter, Kind.CLAIM)
    assert len(records) == 1
    assert one.problems[0].code == "record.differs"
    assert "claims.csv:2" in said(one.problems[0])
    counts = adapter.counts[Kind.CLAIM]
    assert (counts.rows, counts.taken, counts.repeated, counts.set_aside) == (3, 1, 1, 1)


def test_claims_come_by_submission(tmp_path: Path) -> None:
    """Claims come in the order in which windows fill: by instant, then by id."""
    rows = (
        "Claim,Who,When\nC-3,P,2026-01-02T00:00:00+08:00\nC-2,P,2026-01-01T17:00:00Z\n"
        "C-1,P,2026-01-02T00:00:00+08:00\n"
    )
    adapter = opened(folder(tmp_path, {"claims.csv": rows}, HEADER + CLAIMS))
    records, _ = pulled(adapter, Kind.CLAIM)
    assert [r.id for r in records if isinstance(r, Claim)] == ["C-1", "C-3", "C-2"]


TIMES = {
    "2026-01-31": datetime(2026, 1, 30, 16, tzinfo=UTC),
    "2026-01-31 09:30": datetime(2026, 1, 31, 1, 30, tzinfo=UTC),
    "2026-01-31T09:30:00Z": datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
    "2026-01-31T23:30:00.000+0000": datetime(2026, 1, 31, 23, 30, tzinfo=UTC),
    "2026-01-31T09:30:00.123456789+08": datetime(2026, 1, 31, 1, 30, 0, 123456, tzinfo=UTC),
}


@pytest.mark.parametrize(("text", "moment"), TIMES.items())
def test_times_come_in_the_company_zone(tmp_path: Path, text: str, moment: datetime) -> None:
    """A time is the same instant in the mapping's zone, so that its date is the company's day."""
    rows = f"Claim,Who,When\nC-1,P-1,{text}\n"
    adapter = opened(folder(tmp_path, {"claims.csv": rows}, HEADER + CLAIMS))
    (claim,), aside = pulled(adapter, Kind.CLAIM)
    assert not aside
    assert isinstance(claim, Claim)
    assert claim.submitted == moment
    assert claim.submitted.date() == moment.astimezone(ZoneInfo("Asia/Shanghai")).date()


@pytest.mark.parametrize("text", ["2026-01-31", "2026-01-31 09:30"])
def test_time_without_zone_is_set_aside(tmp_path: Path, text: str) -> None:
    """Without a zone in the mapping or in the cell, nothing is assumed."""
    mapping = "[mapping]\nversion = 1\n" + CLAIMS
    rows = f"Claim,Who,When\nC-1,P-1,{text}\nC-2,P-1,2026-01-31T09:30:00+08:00\n"
    records, (one,) = pulled(opened(folder(tmp_path, {"claims.csv": rows}, mapping)), Kind.CLAIM)
    assert len(records) == 1
    assert one.problems[0].code == "record.cell_time_zone"
    assert 'timezone = "Asia/Shanghai"' in said(one.problems[0])


def test_unclosed_quote_takes_one_line_only(tmp_path: Path) -> None:
    """A quote that is never closed sets its own line aside and no other."""
    good = [GOOD.replace("L-1", f"L-{n}") for n in range(1, 300)]
    rows = "".join(good[:5]) + 'L-0,C-1,2026/01/31,x,1,CNY,"open\n' + "".join(good[5:])
    records, (one,) = lines_of(tmp_path, rows)
    assert len(records) == 299
    assert (one.problems[0].code, one.origin.place) == ("record.quote", "lines.csv:7")
    said(one.problems[0])


def test_unclosed_quote_before_a_quoted_cell(tmp_path: Path) -> None:
    """A lost quote that the next quoted cell seems to close still takes its own line only."""
    rows = (
        'L-0,C-1,2026/01/31,x,1,CNY,"open\n'
        'L-1,C-1,2026/01/31,x,1,CNY,"fine, really"\n'
        "L-2,C-1,2026/01/31,x,1,CNY,z\n"
        'L-3,C-1,2026/01/31,x,1,CNY,"at the end'
    )
    records, aside = lines_of(tmp_path, rows)
    assert [r.id for r in records if isinstance(r, ExpenseLine)] == ["L-1", "L-2"]
    assert [one.origin.place for one in aside] == ["lines.csv:2", "lines.csv:5"]


def test_missing_column_names_the_nearest(tmp_path: Path) -> None:
    """A column that is not there stops the pull before the first page, all files at once."""
    files = {
        "lines1.csv": TITLES + GOOD,
        "lines2.csv": TITLES.replace("Amount", "Amonut").replace("Shop", "Shop,Shop"),
    }
    pages = opened(folder(tmp_path, files)).pull(Kind.LINE, None)
    with pytest.raises(ConfigError) as caught:
        next(pages)
    codes = [problem.code for problem in caught.value.problems]
    assert sorted(codes) == ["files.column", "files.column_twice"]
    sentences = [said(problem) for problem in caught.value.problems]
    assert any("Amonut" in sentence and "lines2.csv" in sentence for sentence in sentences)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", TITLES.encode(), b"\n\n \r\n"])
def test_empty_file_is_no_rows_and_a_warning(tmp_path: Path, content: bytes) -> None:
    """An empty file gives no rows, and `check` warns of it."""
    adapter = opened(folder(tmp_path, {"lines.csv": content}))
    assert pulled(adapter) == ([], [])
    warned = [one.problem for one in adapter.check() if one.level is Level.WARNING]
    assert [problem.code for problem in warned] == ["files.empty"]
    said(warned[0])


def test_spreadsheet_leftovers_are_no_rows(tmp_path: Path) -> None:
    """Blank rows and empty cells behind the last column, which spreadsheets leave, are nothing."""
    records, aside = lines_of(tmp_path, "\n,,,,,,\n" + GOOD.strip() + ",,,\n,,,,,,,,\n")
    assert (len(records), aside) == (1, [])


# --- JSON ---

JSON_ROW = '{"No":"%s","Claim":"C-1","Date":"2026/01/31","Type":"x","Amount":%s,"Cur":"CNY"}'
BAD_JSON = {
    "the same key twice": ('{"No":"L-0","No":"L-9"}', "record.json_twice"),
    "NaN": (JSON_ROW % ("L-0", "NaN"), "record.json_constant"),
    "not an object": ("[1]", "record.json_object"),
    "not JSON": ("{", "record.json"),
    "nested too deep": ("[" * 100_000, "record.json"),
    "an exponent": (JSON_ROW % ("L-0", "1E+9999999"), "record.cell_number"),
    "half a character": (JSON_ROW % ("\\ud800", "1"), "record.cell_surrogate"),
    "an escaped NUL": (JSON_ROW % ("\\u0000", "1"), "record.cell_nul"),
}


@pytest.mark.parametrize(("line", "code"), BAD_JSON.values(), ids=BAD_JSON.keys())
def test_bad_json_line_is_set_aside(tmp_path: Path, line: str, code: str) -> None:
    """A line that is not a sound object is set aside; the lines around it go on."""
    content = "\n".join([JSON_ROW % ("L-1", "12.50"), line, "", JSON_ROW % ("L-2", "100")])
    records, (one,) = pulled(opened(folder(tmp_path, {"lines.jsonl": content})))
    amounts = [r.amount.minor for r in records if isinstance(r, ExpenseLine)]
    assert amounts == [1250, 10000]
    assert [problem.code for problem in one.problems] == [code]
    assert said(one.problems[0]).startswith("lines.jsonl:2: ")


NESTED = """
[[source]]
kind = "line"
files = ["c.jsonl"]
explode = "lines"
[source.fields]
id = { template = "{claim}-{item}" }
claim = "claim"
date = "lines.date"
category = "lines.type.name"
amount = "lines.amount"
currency = { column = "lines.currency", else = "currency" }
[[source]]
kind = "claim"
files = ["c.jsonl"]
[source.fields]
id = "claim"
person = "person.id"
submitted = "submitted"
"""


def test_arrays_explode_into_rows(tmp_path: Path) -> None:
    """Each object of the array is a row: its own names dotted, its parent's beside them."""
    claim = {
        "claim": "C-1",
        "person": {"id": "P-1"},
        "submitted": "2026-01-31",
        "currency": "CNY",
        "lines": [
            {"date": "2026-01-30", "amount": 12.5, "type": {"name": "meal"}},
            {"date": "2026-01-30", "amount": "3", "type": {"name": "taxi"}, "currency": "JPY"},
        ],
    }
    wrong = {**claim, "claim": "C-2", "lines": [1]}
    content = f"{json.dumps(claim)}\n{json.dumps(wrong)}\n"
    adapter = opened(folder(tmp_path, {"c.jsonl": content}, HEADER + NESTED))
    records, (one,) = pulled(adapter)
    found = [(r.id, str(r.amount), r.category) for r in records if isinstance(r, ExpenseLine)]
    assert found == [("C-1-1", "12.50 CNY", "meal"), ("C-1-2", "3 JPY", "taxi")]
    assert one.problems[0].code == "record.json_array"
    said(one.problems[0])
    claims, _ = pulled(adapter, Kind.CLAIM)
    assert [c.person for c in claims if isinstance(c, Claim)] == ["P-1", "P-1"]


def test_json_name_that_never_appears_is_warned_of(tmp_path: Path) -> None:
    """JSON has no header, so `check` says which names no object has."""
    adapter = opened(folder(tmp_path, {"lines.jsonl": JSON_ROW % ("L-1", "1")}))
    warned = [one.problem for one in adapter.check() if one.level is Level.WARNING]
    assert [(p.code, p.values["column"]) for p in warned] == [("files.never_filled", "Shop")]
    said(warned[0])


# --- Parquet and XLSX ---

TYPED = """
[[source]]
kind = "line"
files = ["*.parquet", "*.xlsx"]
[source.fields]
id = "no"
claim = "claim"
date = { column = "day", formats = ["%d.%m.%Y"] }
category = { value = "meal" }
amount = "amount"
currency = { value = "CNY" }
nights = "nights"
pre_approved = "ok"
distance = "km"
"""
TYPED_LINE = ExpenseLine(
    "7",
    "C-1",
    date(2026, 1, 31),
    "meal",
    Money(30, "CNY"),
    nights=2,
    distance=Decimal("12.5"),
    pre_approved=True,
)


def test_parquet_types_become_exact_values(tmp_path: Path) -> None:
    """Parquet's dates, decimals, floats and truth values are read exactly, empty ones as absent."""
    import duckdb

    base = folder(tmp_path, {}, HEADER + TYPED)
    duckdb.sql(
        "SELECT 7 AS no, 'C-1' AS claim, DATE '2026-01-31' AS day, 0.3::DOUBLE AS amount,"
        " 2::SMALLINT AS nights, true AS ok, 12.5::FLOAT AS km UNION ALL"
        " SELECT 8, 'C-1', DATE '2026-01-31', 1e17, NULL, NULL, NULL UNION ALL"
        " SELECT 9, 'C-1', DATE '2026-01-31', 'nan'::DOUBLE, NULL, NULL, NULL"
    ).write_parquet(str(base / "in" / "a[1].parquet"))
    records, aside = pulled(opened(base))
    assert records == [TYPED_LINE]
    assert [one.problems[0].code for one in aside] == ["record.cell_number"] * 2
    assert aside[0].origin.place == "a[1].parquet:2"


def test_parquet_missing_column_and_damage(tmp_path: Path) -> None:
    """A Parquet file without a column, or that is none, is a clear error."""
    import duckdb

    base = folder(tmp_path, {}, HEADER + TYPED)
    duckdb.sql("SELECT 7 AS nr").write_parquet(str(base / "in" / "a.parquet"))
    with pytest.raises(ConfigError) as caught:
        list(opened(base).pull(Kind.LINE, None))
    assert {problem.code for problem in caught.value.problems} == {"files.column"}
    (base / "in" / "a.parquet").write_bytes(b"PAR1 no such thing")
    with pytest.raises(ConfigError) as caught:
        list(opened(base).pull(Kind.LINE, None))
    assert caught.value.code == "files.unreadable"
    said(caught.value.problems[0])


def test_xlsx_types_become_exact_values(tmp_path: Path) -> None:
    """A spreadsheet's floats, dates and truth values are read as they are shown there."""
    import xlsxwriter

    base = folder(tmp_path, {}, HEADER + TYPED)
    book = xlsxwriter.Workbook(str(base / "in" / "a.xlsx"))
    sheet = book.add_worksheet("One")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(2, 1, ["no", "claim", "day", "amount", "nights", "ok", "km"])
    sheet.write_row(4, 1, [7, "C-1", "", 0.1 + 0.2, 2, True, 12.5])
    sheet.write_datetime(4, 3, datetime(2026, 1, 31), day)  # noqa: DTZ001  a sheet has no zones
    sheet.write_row(5, 1, [8, "C-1", "31.13.2026", 1, 2, True, 12.5])
    book.close()
    records, (one,) = pulled(opened(base))
    assert records == [TYPED_LINE]
    assert (one.problems[0].code, one.origin.place) == ("record.cell_date", "a.xlsx:6")


def test_xlsx_sheet_that_is_not_there(tmp_path: Path) -> None:
    """A sheet that is not there is an error that names those that are; so is a damaged file."""
    import xlsxwriter

    mapping = (HEADER + TYPED).replace('kind = "line"', 'kind = "line"\nsheet = "Two"')
    base = folder(tmp_path, {}, mapping)
    book = xlsxwriter.Workbook(str(base / "in" / "a.xlsx"))
    book.add_worksheet("One")
    book.close()
    with pytest.raises(ConfigError) as caught:
        list(opened(base).pull(Kind.LINE, None))
    assert caught.value.code == "files.sheet"
    assert "One" in said(caught.value.problems[0])
    (base / "in" / "a.xlsx").write_bytes(b"PK\x03\x04 no such thing")
    with pytest.raises(ConfigError) as caught:
        list(opened(base).pull(Kind.LINE, None))
    assert caught.value.code == "files.unreadable"


@pytest.mark.parametrize(
    ("suffix", "package", "extra"),
    [("parquet", "duckdb", "duckdb"), ("xlsx", "python_calamine", "excel")],
)
def test_missing_extra_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, package: str, extra: str
) -> None:
    """A format whose library is not installed says which extra brings it."""
    monkeypatch.setitem(sys.modules, package, None)
    base = folder(tmp_path, {f"a.{suffix}": "x"}, HEADER + TYPED)
    with pytest.raises(ConfigError) as caught:
        list(opened(base).pull(Kind.LINE, None))
    assert f"crm-expenses[{extra}]" in said(caught.value.problems[0])


# --- cursors ---


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three records a page."""
    monkeypatch.setattr(client_module, "PAGE_RECORDS", 3)


def _many(number: int) -> str:
    rows = [GOOD.replace("L-1", f"L-{n}") for n in range(number)]
    rows[2] = rows[2].replace("2026", "x")
    return TITLES + "".join(rows)


def test_pages_are_bounded_and_always_the_same(tmp_path: Path, small_pages: None) -> None:
    """A repeat gives the same pages; a cursor resumes behind its page; the last one ends it."""
    base = folder(tmp_path, {"lines.csv": _many(10)})
    pages: list[Page] = list(opened(base).pull(Kind.LINE, None))
    assert [page.rows for page in pages] == [3, 3, 3, 1]
    assert list(opened(base).pull(Kind.LINE, None)) == pages
    for number, page in enumerate(pages, 1):
        assert list(opened(base).pull(Kind.LINE, page.cursor)) == pages[number:]


@pytest.mark.parametrize("change", ["content", "name", "mapping"])
def test_change_starts_again(tmp_path: Path, small_pages: None, change: str) -> None:
    """Other content, another name or another mapping gives everything again."""
    base = folder(tmp_path, {"lines.csv": _many(10)})
    cursor = list(opened(base).pull(Kind.LINE, None))[-1].cursor
    path = base / "in" / "lines.csv"
    match change:
        case "content":
            path.write_text(_many(11), encoding="utf-8")
        case "name":
            path.rename(path.with_name("lines2.csv"))
        case "mapping":
            toml = (base / "mapping.toml").read_text(encoding="utf-8")
            new = toml.replace('"meal"', '"food"')
            (base / "mapping.toml").write_text(new, encoding="utf-8")
    rows = sum(page.rows for page in opened(base).pull(Kind.LINE, cursor))
    assert rows == (11 if change == "content" else 10)


def test_finished_cursor_reads_no_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unchanged files cost their hashing and nothing else."""
    base = folder(tmp_path, {"lines.csv": _many(10)})
    cursor = list(opened(base).pull(Kind.LINE, None))[-1].cursor

    def no_reading(*_: object) -> Iterator[object]:
        raise AssertionError("rows were read")

    monkeypatch.setattr(client_module, "items_of", no_reading)
    assert list(opened(base).pull(Kind.LINE, cursor)) == []


@pytest.mark.parametrize("cursor", ["", "no", "[]", "{}", '{"version":1}', '{"version":9}'])
def test_cursor_of_nobody_starts_again(tmp_path: Path, cursor: str) -> None:
    """A cursor that is not ours hides no record."""
    base = folder(tmp_path, {"lines.csv": TITLES + GOOD})
    assert len(list(opened(base).pull(Kind.LINE, cursor))) == 1


def test_change_within_one_adapter_is_seen(tmp_path: Path) -> None:
    """An open adapter surveys a file again when the file has changed."""
    base = folder(tmp_path, {"lines.csv": TITLES + GOOD})
    adapter = opened(base)
    cursor = list(adapter.pull(Kind.LINE, None))[-1].cursor
    (base / "in" / "lines.csv").write_text(TITLES + GOOD.replace("L-1", "L-22"), encoding="utf-8")
    (page,) = adapter.pull(Kind.LINE, cursor)
    assert page.facts[0].origin.record == "L-22"


# --- which files ---


def test_results_hidden_and_other_files_are_not_read(tmp_path: Path) -> None:
    """Patterns read below the folder, sorted, and never results, hidden files or a store."""
    files = {
        "b/lines.csv": TITLES + GOOD.replace("L-1", "B"),
        "a/lines.csv": TITLES + GOOD.replace("L-1", "A"),
        "results/lines.csv": TITLES + GOOD.replace("L-1", "R"),
        ".hidden/lines.csv": TITLES + GOOD.replace("L-1", "H"),
        "a/.lines.csv": TITLES + GOOD.replace("L-1", "T"),
        "store.sqlite": "x",
    }
    mapping = (HEADER + LINES).replace('"lines*"', '"**/*.csv"')
    records, _ = pulled(opened(folder(tmp_path, files, mapping)))
    assert [r.id for r in records if isinstance(r, ExpenseLine)] == ["A", "B"]


def test_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A link that leads out of the folder is not followed."""
    base = folder(tmp_path, {})
    (base / "secret.csv").write_text(TITLES + GOOD, encoding="utf-8")
    (base / "in" / "lines.csv").symlink_to(base / "secret.csv")
    with pytest.raises(ConfigError) as caught:
        list(opened(base).pull(Kind.LINE, None))
    assert caught.value.code == "files.outside"
    said(caught.value.problems[0])
    assert [d.problem.code for d in opened(base).check() if d.level is Level.BAD] == [
        "files.outside"
    ]


def test_kind_without_files_is_unsupported(tmp_path: Path) -> None:
    """A kind that the mapping does not name is refused at once; one without files is a warning."""
    adapter = opened(folder(tmp_path, {}))
    with pytest.raises(UnsupportedError) as caught:
        adapter.pull(Kind.CLAIM, None)
    said(caught.value.problems[0])
    assert list(adapter.pull(Kind.LINE, None)) == []
    warned = [one.problem for one in adapter.check() if one.level is Level.WARNING]
    assert [problem.code for problem in warned] == ["files.no_files"]
    said(warned[0])


def test_check_reads_a_sample(tmp_path: Path) -> None:
    """`check` says how each file would be read, and changes nothing."""
    base = folder(tmp_path, {"lines.csv": _many(5)})
    found = opened(base).check()
    assert [(one.level, one.problem.code) for one in found] == [
        (Level.WARNING, "files.sampled"),
        (Level.WARNING, "record.cell_date"),
        (Level.GOOD, "files.writable"),
    ]
    for one in found:
        said(one.problem)
    assert not (base / "in" / "results").exists()


OPTIONS: dict[str, tuple[dict[str, object], set[str]]] = {
    "nothing": ({}, {"files.option_value"}),
    "unknown": ({"folder": "in", "mapping": "mapping.toml", "x": 1}, {"files.option_value"}),
    "no folder": ({"folder": "out", "mapping": "mapping.toml"}, {"files.folder"}),
    "no mapping": ({"folder": "in", "mapping": "m.toml"}, {"toml.no_file"}),
    "results on the input": (
        {"folder": "in", "mapping": "mapping.toml", "results": "in"},
        {"files.results_place"},
    ),
    "results above the input": (
        {"folder": "in", "mapping": "mapping.toml", "results": "."},
        {"files.results_place"},
    ),
}


def test_fields_are_named_in_the_mapping_file_alone(tmp_path: Path) -> None:
    """Names of fields in the settings are told to be in the wrong place, and not passed over."""
    fields = {Kind.LINE: {"city": "Ort"}}
    options = {"folder": "in", "mapping": "m.toml"}
    with pytest.raises(ConfigError) as caught:
        open_adapter(Opening("main", options, tmp_path, fields=fields))
    assert caught.value.code == "files.fields"


@pytest.mark.parametrize(("options", "codes"), OPTIONS.values(), ids=OPTIONS.keys())
def test_wrong_options_are_told(
    tmp_path: Path, options: dict[str, object], codes: set[str]
) -> None:
    """Mistakes in the settings of the connection are errors that name them."""
    base = folder(tmp_path, {})
    with pytest.raises(ConfigError) as caught:
        open_adapter(Opening("main", options, base))
    assert {problem.code for problem in caught.value.problems} == codes
    for problem in caught.value.problems:
        said(problem)


def test_capabilities(tmp_path: Path) -> None:
    """What the adapter declares: the mapping's kinds, and no ability that files lack."""
    held = opened(folder(tmp_path, {})).capabilities
    assert held.reads == {Kind.LINE}
    assert held.batch_max == 10_000
    assert held.support(Ability.INCREMENTAL) is Support.PARTLY
    assert held.support(Ability.DELETES) is Support.NO


def test_package_is_light_to_import() -> None:
    """Importing the package loads neither pydantic nor an engine."""
    code = (
        "import sys, crm_expenses.adapters.files as f; print(sorted({'pydantic', 'duckdb',"
        " 'python_calamine', 'sqlite3'} & set(sys.modules)), f.open_adapter.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] open_adapter"


def test_status_and_other_choices(tmp_path: Path) -> None:
    """Choices are read whatever their capitals; what is not one lists those that are."""
    mapping = HEADER + CLAIMS + 'status = "State"\n'
    rows = "Claim,Who,When,State\nC-1,P,2026-01-31,Approved\nC-2,P,2026-01-31,done\n"
    adapter = opened(folder(tmp_path, {"claims.csv": rows}, mapping))
    (claim,), (one,) = pulled(adapter, Kind.CLAIM)
    assert isinstance(claim, Claim)
    assert claim.status is ClaimStatus.APPROVED
    assert "withdrawn" in said(one.problems[0])
