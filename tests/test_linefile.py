"""Lines from files: the shape that `check` reads, with the claim's columns or without."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_expenses.core.money import Money
from crm_expenses.core.ownclaim import UNNAMED
from crm_expenses.errors import ConfigError
from crm_expenses.linefile import LinesRead, read_lines
from crm_expenses.policyfile import parse_policy

POLICY = parse_policy("""
[policy]
id = "t"
version = "1"
language = 1
currency = "CNY"
title = { en = "T", zh = "测" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
[fact.guest]
of = "line"
type = "text"
name = { en = "Guest", zh = "客人" }
[[rule]]
code = "meal.some"
kind = "flag"
on = ["meal"]
title = { en = "M", zh = "餐" }
that = "amount > 1000"
""")
AT = datetime(2026, 3, 6, 9, tzinfo=UTC)
MAPPING = """
[mapping]
version = 1
timezone = "Asia/Shanghai"

[[source]]
kind = "claim"
files = ["*.csv"]
distinct = true
[source.fields]
id = "No"
person = "Who"
submitted = "Sent"

[[source]]
kind = "line"
files = ["*.csv"]
[source.fields]
id = { template = "{No}-{row}" }
claim = "No"
date = "Day"
category = { value = "meal" }
amount = "Sum"
currency = { value = "CNY" }
"""


def read(path: Path, content: str, mapping: Path | None = None) -> LinesRead:
    """Write a file and read its lines as P1."""
    path.write_text(content, encoding="utf-8")
    return read_lines(path, mapping, "P1", POLICY, AT)


def test_a_table_without_the_claim(tmp_path: Path) -> None:
    """Day, category and amount are enough; the currency is the policy's, the person who notes."""
    found = read(
        tmp_path / "lines.csv",
        "date,category,amount,citty,voucher_number,guest\n"
        "2026-03-02,meal,12.50,x,26310000000000000001,Wang\n"
        "2026-03-03,meal,1e9,x,,\n",
    )
    (one,) = found.lines
    assert one.line.amount == Money(1250, "CNY")
    assert one.line.id.startswith(UNNAMED)
    assert one.line.extra == (("guest", "Wang"),)
    assert one.voucher is not None
    assert one.voucher.number == "26310000000000000001"
    assert [(p.code, p.place.line) for p in found.problems] == [("record.cell_number", 3)]
    assert found.unread == ("citty",)


def test_a_table_with_ids_and_people(tmp_path: Path) -> None:
    """Ids of the file count; lines of others are told and left out."""
    found = read(
        tmp_path / "lines.csv",
        "line,person,date,category,amount,currency\n"
        "7,P1,2026-03-02,meal,12.50,USD\n"
        "8,P2,2026-03-02,meal,12.50,USD\n",
    )
    assert [one.line.id for one in found.lines] == ["7"]
    (problem,) = found.problems
    assert (problem.code, problem.values["line"]) == ("claims.line_of_other", "8")


def test_objects(tmp_path: Path) -> None:
    """JSON Lines of lines, and a claim in the published shape, are read alike."""
    line = {"date": "2026-03-02", "category": "meal", "amount": "5"}
    loose = read(tmp_path / "lines.jsonl", json.dumps(line) + "\n")
    assert [one.line.amount.minor for one in loose.lines] == [500]
    claim = {
        "claim": "C",
        "person": "P1",
        "submitted": "2026-03-04",
        "lines": [{**line, "line": "1"}],
    }
    whole = read(tmp_path / "claims.json", json.dumps([claim]))
    assert [one.line.id for one in whole.lines] == ["1"]


def test_a_mapping_says_it_all(tmp_path: Path) -> None:
    """With a mapping the file is read as `check` reads it."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    found = read(
        tmp_path / "export.csv",
        "No,Who,Sent,Day,Sum\nC-1,P1,2026-03-05,2026-03-02,9\nC-2,P2,2026-03-05,2026-03-02,9\n",
        mapping,
    )
    assert [one.line.id for one in found.lines] == ["C-1-2"]
    assert [problem.code for problem in found.problems] == ["claims.line_of_other"]


def test_a_column_that_is_needed_is_named(tmp_path: Path) -> None:
    """Without an amount there is no line; the claim's columns are not asked for."""
    with pytest.raises(ConfigError) as error:
        read(tmp_path / "lines.csv", "date,category\n2026-03-02,meal\n")
    assert [p.values["column"] for p in error.value.problems] == ["amount"]
