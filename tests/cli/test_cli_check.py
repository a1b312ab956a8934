"""`check`, on files of every form."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb
import jsonschema
import pytest
import xlsxwriter
from commandline import Ran, contents, on_terminal, said

from crm_expenses.claimdata import decision_schema

Capsys = pytest.CaptureFixture[str]

HEADER: Final = "claim,person,submitted,status,line,date,category,amount,currency"
ROWS: Final = (
    # 120 and 80 of 150 a day; the first claim of the day in the file is the later one.
    "C-2,P1,2026-03-06T09:00:00+08:00,submitted,L-2,2026-03-02,meal,80,CNY",
    "C-1,P1,2026-03-05T09:00:00+08:00,submitted,L-1,2026-03-02,meal,120,CNY",
    "C-3,P2,2026-03-07T09:00:00+08:00,submitted,L-3,2026-03-03,alcohol,50,CNY",
    'C-3,P2,2026-03-07T09:00:00+08:00,submitted,L-4,2026-03-03,meal,"1,234.5x",CNY',
    "C-4,P2,2026-03-08T09:00:00+08:00,submitted,L-5,2026-03-03,meal,60,CNY",
    "C-4,P2,2026-03-08T09:00:00+08:00,submitted,L-5,2026-03-03,meal,60,CNY",
)
EXPECTED: Final = [
    ("C-1", "pass", "120.00", "120.00"),
    ("C-2", "reduced", "80.00", "30.00"),
    ("C-3", "reject", "50.00", "0.00"),
    ("C-4", "pass", "60.00", "60.00"),
]
"""The order of submission; L-4 cannot be read and the second L-5 is there twice."""

CLEAN: Final = (ROWS[1], ROWS[4])


def write_csv(path: Path, rows: tuple[str, ...] = ROWS) -> Path:
    """Write the claims as CSV."""
    made = path / "claims.csv"
    made.write_text("\n".join((HEADER, *rows, "")), encoding="utf-8")
    return made


def cells(rows: tuple[str, ...]) -> list[list[str]]:
    """Give the cells of rows; one has a comma inside quotes."""
    return [
        [c.replace(";", ",") for c in row.replace('"1,2', "1;2").replace('"', "").split(",")]
        for row in rows
    ]


def write_jsonl(path: Path, rows: tuple[str, ...] = ROWS) -> Path:
    """Write the claims as JSON Lines."""
    made = path / "claims.jsonl"
    names = HEADER.split(",")
    objects = (dict(zip(names, row, strict=True)) for row in cells(rows))
    made.write_text("".join(json.dumps(one) + "\n" for one in objects), encoding="utf-8")
    return made


def write_parquet(path: Path, rows: tuple[str, ...] = ROWS) -> Path:
    """Write the claims as Parquet, all of it text."""
    made = path / "claims.parquet"
    with duckdb.connect() as engine:
        columns = ", ".join(f"{name} VARCHAR" for name in HEADER.split(","))
        engine.execute(f"CREATE TABLE claims ({columns})")
        marks = ", ".join("?" * 9)
        engine.executemany(f"INSERT INTO claims VALUES ({marks})", cells(rows))  # noqa: S608
        engine.execute(f"COPY claims TO '{made}' (FORMAT parquet)")
    return made


def write_xlsx(path: Path, rows: tuple[str, ...] = ROWS) -> Path:
    """Write the claims as a spreadsheet, amounts as text."""
    made = path / "claims.xlsx"
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADER.split(","), *cells(rows)]):
            sheet.write_row(number, 0, row)
    return made


WRITERS: Final[dict[str, Callable[[Path, tuple[str, ...]], Path]]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
    "xlsx": write_xlsx,
}


def checked(capsys: Capsys, path: Path, *more: str) -> Ran:
    """Check a file by the small policy."""
    return said(capsys, "check", str(path), "--policy", "policy.toml", *more)


@pytest.mark.parametrize("form", WRITERS)
def test_one_decision_a_claim(company: Path, capsys: Capsys, form: str) -> None:
    """Each form gives the same decisions, in order of submission, in the published shape."""
    before = contents(company)
    path = WRITERS[form](company.parent, ROWS)
    ran = checked(capsys, path, "--json")
    assert ran.code == 1
    found = [(d["claim"], d["outcome"], d["claimed"], d["allowed"]) for d in ran.lines]
    assert found == EXPECTED
    validator = jsonschema.Draft202012Validator(decision_schema())
    for decision in ran.lines:
        validator.validate(decision)
    assert "6 rows = 4 lines decided + 2 set aside + 0 without a line" in ran.err
    assert "4 claims: pass 2, reduced 1, rejected 1" in ran.err
    assert contents(company) == before


@pytest.mark.parametrize("form", WRITERS)
def test_rows_set_aside_are_named(company: Path, capsys: Capsys, form: str) -> None:
    """What cannot be read is told on standard error with file and row, and answers 1."""
    path = WRITERS[form](company.parent, ROWS)
    ran = checked(capsys, path)
    aside = [line for line in ran.err.splitlines() if line.startswith("set aside: ")]
    number = {"csv": 5, "xlsx": 5}.get(form, 4)
    assert len(aside) == 2
    assert aside[0].startswith(f"set aside: {path.name}:{number}: amount is 1,234.5x")
    assert aside[1].startswith(f"set aside: {path.name}:{number + 2}: ")
    assert "L-5" in aside[1]
    assert "set aside" not in ran.out
    only = WRITERS[form](company.parent, (*CLEAN, ROWS[3].replace("C-3,P2", "C-9,P9")))
    assert checked(capsys, only).code == 1


@pytest.mark.parametrize("form", WRITERS)
def test_all_pass_answers_zero(company: Path, capsys: Capsys, form: str) -> None:
    """When every row is read and every claim passes, the answer is 0 and nothing is to say."""
    path = WRITERS[form](company.parent, CLEAN)
    ran = checked(capsys, path)
    assert (ran.code, ran.out) == (0, "")
    assert "2 claims: pass 2" in ran.err


@pytest.mark.parametrize(
    ("language", "told", "counts"),
    [
        (
            "en",
            "C-2: reduced, claimed 80.00, allowed 30.00 CNY\n"
            "  L-2  meal.day: Meals a day: 80.00 is over the limit of 150.00, of which 120.00 was "
            "used before, by 50.00\n"
            "C-3: rejected, claimed 50.00, allowed 0.00 CNY\n"
            "  L-3  alcohol.none: Alcohol: 50.00 for alcohol\n",
            "4 claims: pass 2, reduced 1, rejected 1\n",
        ),
        (
            "zh",
            "C-2：核减，申报 80.00，核准 30.00 CNY\n"
            "  L-2  meal.day: 每日餐费：80.00 超过限额 150.00（此前已用 120.00），超出 50.00\n"
            "C-3：拒绝，申报 50.00，核准 0.00 CNY\n"
            "  L-3  alcohol.none: 酒：酒 50.00\n",
            "4 张报销单：通过 2、核减 1、拒绝 1\n",
        ),
    ],
)
def test_a_person_reads_what_does_not_pass(
    company: Path, capsys: Capsys, language: str, told: str, counts: str
) -> None:
    """For a person the claims that do not pass are listed with their reasons, others counted."""
    ran = checked(capsys, write_csv(company.parent), "--lang", language)
    assert ran.code == 1
    assert ran.out == told
    assert ran.err.endswith(counts)


def test_json_is_the_same_in_every_language(company: Path, capsys: Capsys) -> None:
    """A decision as JSON has its messages in both languages, whoever asks."""
    path = write_csv(company.parent)
    english, chinese = (checked(capsys, path, "--json", "--lang", one) for one in ("en", "zh"))
    assert english.out == chinese.out
    (finding,) = english.lines[1]["lines"][0]["findings"]
    assert (finding["code"], finding["effect"]) == ("meal.day", "cap")
    assert finding["message"]["zh"].startswith("每日餐费")


@pytest.mark.parametrize("status", ["draft", "withdrawn", "returned", "rejected"])
def test_claims_that_do_not_count_use_nothing(company: Path, capsys: Capsys, status: str) -> None:
    """A draft, and what was taken back or refused, leaves the day's limit to the next claim."""
    first = ROWS[1].replace("submitted", status)
    ran = checked(capsys, write_csv(company.parent, (first, ROWS[0])), "--json")
    assert ran.code == 0
    assert [d["allowed"] for d in ran.lines] == ["120.00", "80.00"]


def test_a_mapping_names_the_columns(company: Path, capsys: Capsys) -> None:
    """With a mapping, a file with other columns is read, and the counts add up as well."""
    (company.parent / "export.csv").write_text(
        "No,Who,When,Day,What,Yuan\nC-1,P1,2026/03/05,2026/03/02,Food,160\n", encoding="utf-8"
    )
    (company.parent / "m.toml").write_text(
        '[mapping]\nversion = 1\ntimezone = "Asia/Shanghai"\n'
        '[[source]]\nkind = "claim"\nfiles = ["*.csv"]\ndistinct = true\n[source.fields]\n'
        'id = "No"\nperson = "Who"\nsubmitted = { column = "When", formats = ["%Y/%m/%d"] }\n'
        '[[source]]\nkind = "line"\nfiles = ["*.csv"]\n[source.fields]\n'
        'id = { template = "{No}-{row}" }\nclaim = "No"\n'
        'date = { column = "Day", formats = ["%Y/%m/%d"] }\n'
        'category = { column = "What", values = { Food = "meal" } }\n'
        'amount = "Yuan"\ncurrency = { value = "CNY" }\n',
        encoding="utf-8",
    )
    ran = checked(capsys, company.parent / "export.csv", "--json", "--mapping", "../m.toml")
    assert [(d["claim"], d["allowed"]) for d in ran.lines] == [("C-1", "150.00")]
    assert "1 rows = 1 lines decided" in ran.err


def test_rates_convert_foreign_amounts(company: Path, capsys: Capsys) -> None:
    """Without rates a foreign amount goes to a person; with them it is decided."""
    path = write_csv(company.parent, (ROWS[1].replace("120,CNY", "20,EUR"),))
    assert [d["outcome"] for d in checked(capsys, path, "--json").lines] == ["review"]
    rates = company.parent / "rates.csv"
    rates.write_text("date,currency,rate\n2026-01-01,EUR,7.8\n", encoding="utf-8")
    ran = checked(capsys, path, "--json", "--rates", str(rates))
    # 20 at 7.8 is 156, of which a day allows 150.
    assert [(d["outcome"], d["claimed"], d["allowed"]) for d in ran.lines] == [
        ("reduced", "156.00", "150.00")
    ]
    rates.write_text("date,currency,rate\n2026-01-01,EUR,x\n", encoding="utf-8")
    broken = checked(capsys, path, "--rates", str(rates))
    assert broken.code == 1
    assert "set aside: rates.csv:2: " in broken.err


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("none.csv", "there is no file"),
        ("crm", "--out FILE.parquet"),
        ("policy.toml", ".parquet"),
        ("crm/account.csv", "--mapping"),
    ],
)
def test_a_file_of_something_else(company: Path, capsys: Capsys, name: str, told: str) -> None:
    """No file, a form that is not read, columns of something else: 2, with what to do."""
    for language in ("en", "zh"):
        ran = checked(capsys, company / name, "--lang", language)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err or language == "zh"


def test_a_policy_with_mistakes_decides_nothing(company: Path, capsys: Capsys) -> None:
    """A policy that must be mended is wrong settings, and all its mistakes are told."""
    path = write_csv(company.parent)
    policy = company / "policy.toml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("forbid", "forbit"), "utf-8")
    ran = checked(capsys, path, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "policy.toml:" in ran.err


HOSTILE: Final = "\x1b[31mx\x9b2J[red]\u202egpj\u2066"


def test_data_cannot_move_the_terminal(company: Path, capsys: Capsys) -> None:
    """Escape sequences, markup and marks of direction in claims come out as plain text."""
    row = f"C-1,P1,2026-03-05,submitted,L-{HOSTILE},2026-03-02,{HOSTILE},{HOSTILE},CNY"
    other = f"C-[bold]2,P1,2026-03-05,submitted,[red]L,2026-03-02,[blink]{HOSTILE},10,CNY"
    path = write_csv(company.parent, (row, other))
    for more in ((), ("--json",)):
        ran = checked(capsys, path, *more)
        assert ran.code == 1
        assert not {"\x1b", "\x9b", "\u202e", "\u2066"} & set(ran.out + ran.err)
        assert "C-[bold]2" in ran.out
    shown = on_terminal("check", str(path), "--policy", "policy.toml", cwd=company).err
    assert not {"\x9b", "\u202e", "\u2066"} & set(shown)
    assert "\x1b[31m" not in shown
    assert "\\x1b[31mx\\x9b2J[red]\\u202egpj" in shown
    assert "C-[bold]2" in shown


TRAVEL: Final = """
[policy]
id = "travel"
version = "1"
language = 1
currency = "EUR"
title = { en = "Travel", zh = "差旅" }

[category]
per_diem = { name = { en = "Daily allowance", zh = "每日补贴" } }

[[rule]]
code = "day.flat"
kind = "allow"
on = ["per_diem"]
scope = "day"
component = "flat"
title = { en = "A day", zh = "一天" }
gives = "28"
"""
MAPPING: Final = """
[mapping]
version = 1
timezone = "Europe/Lisbon"
[[source]]
kind = "claim"
files = ["claims.csv"]
distinct = true
[source.fields]
id = "Claim"
person = "Who"
submitted = "When"
[[source]]
kind = "account_manager"
files = ["claims.csv"]
distinct = true
[source.fields]
id = "Who"
name = "Who"
[[source]]
kind = "line"
files = ["claims.csv"]
[source.fields]
id = "Line"
claim = "Claim"
date = "When"
category = { value = "per_diem" }
amount = "Amount"
currency = { value = "EUR" }
trip = "Trip"
[[source]]
kind = "trip_leg"
files = ["legs.csv"]
[source.fields]
id = { template = "{Trip}/{Left}" }
trip = "Trip"
departs = "Left"
arrives = "Reached"
"""


@pytest.fixture
def travel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with claims, legs, a mapping of both and a policy on days of trips."""
    monkeypatch.chdir(tmp_path)
    Path("policy.toml").write_text(TRAVEL, encoding="utf-8")
    Path("m.toml").write_text(MAPPING, encoding="utf-8")
    Path("claims.csv").write_text(
        "Claim,Who,When,Line,Amount,Trip\nC-1,P1,2026-03-05,L-1,0,T-1\n", encoding="utf-8"
    )
    Path("legs.csv").write_text(
        "Trip,Left,Reached\n"
        "T-1,2026-03-02T08:00,2026-03-02T10:00\n"
        "T-1,2026-03-03T18:00,2026-03-03T20:00\n",
        encoding="utf-8",
    )
    return Path("claims.csv")


def test_trips_of_a_mapping_are_decided_and_explained(travel: Path, capsys: Capsys) -> None:
    """Legs in a file of their own give the days of a line's trip."""
    ran = checked(capsys, travel, "--mapping", "m.toml", "--json")
    assert (ran.code, [d["allowed"] for d in ran.lines]) == (0, ["56.00"])
    assert "3 rows = 1 lines decided + 0 set aside + 2 without a line" in ran.err
    ran = checked(capsys, travel, "--mapping", "m.toml", "--explain", "L-1")
    assert ran.code == 0
    assert "day 2026-03-02" in ran.out
    assert "A day (flat) gives 56 EUR" in ran.out


@pytest.mark.parametrize(
    ("language", "told", "note"),
    [
        ("en", "without the trip that the line names, whose legs are not known", "trip_leg"),
        ("zh", "缺少明细所指的行程（没有该行程的行程段）", "trip_leg"),
    ],
)
def test_a_trip_that_is_not_known(
    travel: Path, capsys: Capsys, language: str, told: str, note: str
) -> None:
    """A line that names a trip without legs is told so, and that no file of legs was there."""
    Path("legs.csv").unlink()
    for more in ((), ("--explain", "L-1")):
        ran = checked(capsys, travel, "--mapping", "m.toml", "--lang", language, *more)
        assert ran.code == 1
        assert told in ran.out
        assert "the trip's id" not in ran.out
        assert note in ran.err


def test_a_line_without_a_trip_lacks_its_id(travel: Path, capsys: Capsys) -> None:
    """A line that names no trip is told that it is the id that is missing."""
    travel.write_text(travel.read_text(encoding="utf-8").replace("T-1", ""), encoding="utf-8")
    assert "without the trip's id" in checked(capsys, travel, "--mapping", "m.toml").out


def test_a_trip_that_lasts_too_long(travel: Path, capsys: Capsys) -> None:
    """A trip of two years is told to be too long, not to be missing."""
    legs = Path("legs.csv")
    legs.write_text(legs.read_text(encoding="utf-8").replace("2026-03-03", "2028-03-03"), "utf-8")
    assert "lasts too long" in checked(capsys, travel, "--mapping", "m.toml").out


@pytest.mark.parametrize("line", ["L-1", "L-2", "L-3", "L-5"])
def test_explaining_answers_as_checking_does(company: Path, capsys: Capsys, line: str) -> None:
    """With --explain the exit code is that of the whole file, and what was not read is told."""
    for rows, code in ((ROWS, 1), ((*CLEAN, ROWS[1].replace("C-1", "C-9")), 1), (CLEAN, 0)):
        path = write_csv(company.parent, rows)
        content = path.read_text(encoding="utf-8")
        head, _, rest = content.partition("\n")
        filled = "\n".join(f"{row},red" for row in rest.splitlines())
        path.write_text(f"{head},colour\n{filled}\n", encoding="utf-8")
        assert checked(capsys, path).code == code
        ran = checked(capsys, path, "--explain", line)
        if f",{line}," not in content:
            assert (ran.code, ran.out) == (2, "")
        else:
            assert ran.code == code
        assert "not read, because no field has this name: colour" in ran.err


def test_a_claim_of_json_with_its_trip(travel: Path, capsys: Capsys) -> None:
    """A .json file with one claim in the published shape is decided with its trips."""
    claim = {
        "claim": "C-1",
        "person": "P1",
        "submitted": "2026-03-05",
        "lines": [
            {"line": "1", "date": "2026-03-03", "category": "per_diem", "amount": 0, "trip": "T"}
        ],
        "trips": [
            {
                "trip": "T",
                "legs": [
                    {"departs": "2026-03-02T08:00+01:00", "arrives": "2026-03-03T20:00+01:00"}
                ],
                "days": [{"date": "2026-03-04"}],
            }
        ],
    }
    path = travel.with_name("claim.json")
    path.write_text(json.dumps(claim), encoding="utf-8")
    ran = checked(capsys, path, "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "claim.json:1:trips.0.days.0.date: the day 2026-03-04 lies outside the trip T" in ran.err
    assert "from 2026-03-02 to 2026-03-03" in ran.err
    claim["trips"][0]["days"] = []  # type: ignore[index]
    path.write_text(json.dumps(claim), encoding="utf-8")
    ran = checked(capsys, path, "--json")
    assert (ran.code, [d["allowed"] for d in ran.lines]) == (0, ["56.00"])
