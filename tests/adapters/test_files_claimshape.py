"""A file of claims in the published shape says the same as the same claims given as dicts."""

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from crm_expenses import Decision, check
from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files import jsonfile
from crm_expenses.claimdata import claim_schema, facts_from
from crm_expenses.core.money import Money
from crm_expenses.core.rates import Rate
from crm_expenses.errors import ConfigError
from crm_expenses.filecheck import check_file
from crm_expenses.policyfile import parse_policy

POLICY = parse_policy("""
[policy]
id = "p"
version = "1"
language = 1
currency = "CNY"
title = { en = "P", zh = "政策" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
rail = { name = { en = "Rail", zh = "火车" } }

[[rule]]
code = "voucher.ticket"
kind = "require"
title = { en = "Tickets", zh = "车票" }
that = "voucher_kind in ('ticket', 'fapiao') and present(voucher_number)"
message = { en = "no ticket: {voucher_kind}", zh = "无车票：{voucher_kind}" }

[[rule]]
code = "meal.cap"
kind = "limit"
on = ["meal"]
title = { en = "Meals", zh = "餐费" }
at_most = "divide(amount, 2, 0.01, half_up)"
""")
CLAIM: dict[str, Any] = {
    "claim": "C-1",
    "person": {"id": "P1", "name": "王芳", "grade": "senior", "city": "上海"},
    "submitted": "2026-05-03",
    "currency": "USD",
    "lines": [
        {
            "line": "1",
            "date": "2026-05-02",
            "category": "meal",
            "amount": "10.00",
            "voucher": {"kind": "fapiao", "number": "24312000000012345678", "amount": "10.00"},
        },
        {
            "line": "2",
            "date": "2026-05-01",
            "category": "rail",
            "amount": "7",
            "currency": "CNY",
            "voucher": {"kind": "receipt"},
        },
        {"line": "3", "date": "2025-12-01", "category": "rail", "amount": "7"},
    ],
    "rates": [
        {"currency": "USD", "rate": "7.2", "date": "2026-05-01", "source": "ours"},
        {"currency": "USD", "rate": "7.1", "date": "2026-01-01"},
    ],
}


def _without(name: str, *, of_line: bool = False) -> dict[str, Any]:
    claim = deepcopy(CLAIM)
    for part in claim["lines"] if of_line else [claim]:
        part.pop(name, None)
    return claim


@pytest.mark.parametrize(
    "claim",
    [CLAIM, _without("currency"), _without("rates"), _without("voucher", of_line=True)],
    ids=["whole", "no currency", "no rates", "no vouchers"],
)
def test_file_and_dict_agree(tmp_path: Path, claim: dict[str, Any]) -> None:
    """Outcome, amounts and findings of every line are the same either way."""
    path = tmp_path / "claims.jsonl"
    path.write_text(json.dumps(claim, ensure_ascii=False) + "\n", encoding="utf-8")
    run = check_file(path, POLICY)
    (from_file,) = run
    assert isinstance(from_file, Decision)
    from_dict = check(claim, POLICY)
    assert from_file.lines == from_dict.lines
    assert (from_file.outcome, from_file.findings) == (from_dict.outcome, from_dict.findings)
    assert run.count.unread == frozenset()
    assert run.count.rows == run.count.lines + run.count.without_line


def test_names_that_no_field_has(tmp_path: Path) -> None:
    """A misspelt name, of a claim, a line or a column, is told and not passed over."""
    claim = deepcopy(CLAIM) | {"projekt": "x"}
    claim["lines"][0]["atendees"] = 3
    path = tmp_path / "claims.jsonl"
    path.write_text(json.dumps(claim) + "\n", encoding="utf-8")
    run = check_file(path, POLICY)
    list(run)
    assert run.count.unread == {"projekt", "atendees"}
    table = tmp_path / "claims.csv"
    table.write_text(
        "claim,person,submitted,date,category,amount,currency,atendees\n"
        "C,P,2026-05-03,2026-05-02,meal,10,CNY,2\n",
        encoding="utf-8",
    )
    flat = check_file(table, POLICY)
    list(flat)
    assert flat.count.unread == {"atendees"}


TRAVEL = parse_policy("""
[policy]
id = "p"
version = "1"
language = 1
currency = "EUR"
title = { en = "P", zh = "政策" }

[category]
per_diem = { name = { en = "Daily allowance", zh = "每日补贴" } }
meal = { name = { en = "Meals", zh = "餐费" } }

[fact.project]
name = { en = "project", zh = "项目" }
type = "text"
of = "claim"

[fact.remote]
name = { en = "works from home", zh = "居家办公" }
type = "yes_no"
of = "person"

[fact.covers]
name = { en = "covers", zh = "份数" }
type = "number"

[fact.visit]
name = { en = "visit on the day", zh = "当日拜访" }
type = "yes_no"
of = "day"

[parameter.usual]
type = "money"
values = [{ from = 2020-01-01, is = 14 }]

[parameter.visited]
type = "money"
values = [{ from = 2020-01-01, is = 20 }]

[[rule]]
code = "day.flat"
kind = "allow"
on = ["per_diem"]
scope = "day"
component = "flat"
title = { en = "A day", zh = "一天" }
gives = "(visited if default(visit, False) else usual) - breakfast_paid"

[[rule]]
code = "meal.cap"
kind = "limit"
effect = "reject"
on = ["meal"]
title = { en = "Meals", zh = "餐费" }
at_most = "25"

[[rule]]
code = "project.known"
kind = "flag"
scope = "claim"
title = { en = "Project", zh = "项目" }
that = "present(project) and project == 'X-1'"

[[rule]]
code = "remote.meal"
kind = "flag"
on = ["meal"]
title = { en = "Remote", zh = "居家" }
that = "default(remote, False) and default(covers, 0) > 1"
""")
EVERY: dict[str, Any] = {
    "claim": "C-9",
    "title": "Lyon",
    "status": "submitted",
    "person": {
        "id": "P1",
        "name": "Ana",
        "grade": "senior",
        "team": "South",
        "city": "Bonn",
        "manager": "P9",
        "active_from": "2020-01-01",
        "active_to": "2030-01-01",
        "extra": {"remote": True},
    },
    # In Bonn it is the 10th already, in London the 9th.
    "submitted": "2026-03-10T00:30:00+01:00",
    "currency": "USD",
    "extra": {"project": "X-1"},
    "lines": [
        {
            "line": "1",
            "date": "2026-03-04",
            "category": "per_diem",
            "amount": "90",
            "currency": "EUR",
            "trip": "T-1",
        },
        {
            "line": "2",
            "date": "2026-03-03",
            "category": "meal",
            "amount": "40.00",
            "city": "Lyon",
            "account": "A-1",
            "opportunity": "O-1",
            "merchant": "Chez",
            "purpose": "Lunch",
            "justification": "Late",
            "payment": "card",
            "travel_class": "second",
            "nights": 0,
            "attendees": 3,
            "distance": "1.5",
            "pre_approved": True,
            "trip": "T-1",
            "extra": {"covers": 3},
            "voucher": {
                "kind": "fapiao",
                "number": "123",
                "code": "3100",
                "amount": "40.00",
                "currency": "USD",
                "issued": "2026-03-03",
                "seller": "Chez SA",
            },
        },
    ],
    "rates": [
        {"currency": "USD", "rate": "0.9", "date": "2026-03-01", "source": "ours"},
        {"currency": "GBP", "rate": "1.2", "date": "2026-03-01"},
    ],
    "trips": [
        {
            "trip": "T-1",
            "legs": [
                {
                    "departs": "2026-03-02T23:30:00+01:00",
                    "arrives": "2026-03-03T06:00:00+01:00",
                    "from": "Bonn",
                    "to": "Lyon",
                },
                {
                    "departs": "2026-03-04T18:00:00+01:00",
                    "arrives": "2026-03-04T23:30:00+01:00",
                    "from": "Lyon",
                    "to": "Bonn",
                },
            ],
            "days": [
                {
                    "date": "2026-03-03",
                    "night": "private",
                    "place": "Lyon",
                    "breakfast": "host",
                    "lunch": "employer",
                    "dinner": "none",
                    "breakfast_paid": "2.50",
                    "lunch_paid": "0",
                    "dinner_paid": "0",
                    "currency": "GBP",
                    "extra": {"visit": True},
                }
            ],
        },
        {
            "trip": "T-2",
            "legs": [
                {"departs": "2026-03-04T23:40:00+01:00", "arrives": "2026-03-04T23:50:00+01:00"}
            ],
        },
    ],
    "waivers": [
        {
            "waiver": "W-1",
            "rule": "meal.cap",
            "granted_by": "P9",
            "from": "2026-01-01",
            "until": "2026-12-31",
            "person": "P1",
            "claim": "C-9",
            "line": "2",
        },
        {"waiver": "W-0", "rule": "day.flat", "granted_by": "P9", "until": "2026-12-31"},
    ],
    "pre_approvals": [
        {
            "pre_approval": "A-2",
            "granted_by": "P9",
            "from": "2026-01-01",
            "until": "2026-12-31",
            "category": "meal",
            "account": "A-1",
            "opportunity": "O-1",
            "trip": "T-1",
            "amount": "50.00",
            "currency": "USD",
        },
        {"pre_approval": "A-1", "granted_by": "P9", "until": "2026-12-31"},
    ],
}


def _names_of(schema: dict[str, Any], part: dict[str, Any]) -> set[str]:
    """Give every name that a part of the published shape has."""
    found = set()
    if "$ref" in part:
        return _names_of(schema, schema["$defs"][part["$ref"].rpartition("/")[2]])
    for name, inner in part.get("properties", {}).items():
        found |= {name} | _names_of(schema, inner)
    for inner in (*part.get("oneOf", ()), *part.get("anyOf", ()), part.get("items")):
        found |= _names_of(schema, inner) if isinstance(inner, dict) else set()
    return found


def _names_in(value: object) -> set[str]:
    if isinstance(value, list):
        return {name for part in value for name in _names_in(part)}
    if isinstance(value, dict):
        inside = {name for part in value.values() for name in _names_in(part)}
        return set(value) | inside
    return set()


def test_the_claim_below_uses_the_whole_shape() -> None:
    """There is no name in the published shape that the claim of the next test does not use."""
    schema = claim_schema()
    jsonschema.Draft202012Validator(schema).validate(EVERY)
    assert _names_of(schema, schema) <= _names_in(EVERY)


@pytest.mark.parametrize("form", ["jsonl", "object", "array"])
def test_every_field_is_read_as_in_the_library(tmp_path: Path, form: str) -> None:
    """A claim with every field of the shape is decided from a file as from a dict, fact by fact."""
    path = tmp_path / ("claims.jsonl" if form == "jsonl" else "claims.json")
    path.write_text(json.dumps([EVERY] if form == "array" else EVERY), encoding="utf-8")
    run = check_file(path, TRAVEL)
    (from_file,) = run
    from_dict = check(EVERY, TRAVEL)
    assert run.facts == facts_from(EVERY, "EUR")
    assert from_file == from_dict
    assert run.count.unread == frozenset()
    assert (run.count.rows, run.count.lines) == (2, 2)
    flat, meal = from_dict.lines
    # Two days at 14 and one with a visit at 20, less 2.50 pounds at 1.2.
    assert f"{flat.allowed.amount:f}" == "45.00"
    assert {(f.code, f.resolved_by) for f in meal.findings} == {
        ("meal.cap", "waiver"),
        ("remote.meal", ""),
    }
    assert [f.code for f in from_dict.findings] == ["project.known"]


def test_lines_are_numbered_in_their_claim(tmp_path: Path) -> None:
    """Two claims may both have a line 1, as in the library; a claim that comes twice may not."""
    path = tmp_path / "claims.jsonl"
    claims = [CLAIM, {**CLAIM, "claim": "C-2"}, {**CLAIM, "title": "again"}]
    path.write_text("\n".join(json.dumps(one) for one in claims), encoding="utf-8")
    run = check_file(path, POLICY)
    aside, *decisions = run
    assert [d.claim for d in decisions if isinstance(d, Decision)] == ["C-1", "C-2"]
    assert isinstance(aside, SetAside)
    assert [(p.code, str(p.place)) for p in aside.problems] == [
        ("record.duplicate", "claims.jsonl:3")
    ]
    assert (run.count.rows, run.count.lines, run.count.set_aside) == (7, 6, 1)


def _aside(tmp_path: Path, claim: dict[str, Any]) -> tuple[list[str], list[Decision]]:
    """Check one claim from a file: what was set aside with its place, and the decision."""
    path = tmp_path / "claims.jsonl"
    path.write_text(json.dumps(claim), encoding="utf-8")
    run = check_file(path, POLICY)
    found = list(run)
    aside = [one for one in found if isinstance(one, SetAside)]
    count = run.count
    assert count.rows == count.lines + count.set_aside + count.without_line
    told = [f"{p.place} {p.code}" for one in aside for p in one.problems]
    return told, [one for one in found if isinstance(one, Decision)]


def test_a_line_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """Each such line is set aside with its reasons, by its own number; the rest is decided."""
    claim = deepcopy(CLAIM)
    first, second, third = claim["lines"]
    claim["lines"] = [
        {**first, "amount": "x", "date": "soon"},
        second,
        {**third, "colour": "red", "city": 5, "trip": "T-9"},
        5,
        {**third, "line": "2"},
        {**third, "line": "6", "purpose": None},
    ]
    told, (decision,) = _aside(tmp_path, claim)
    head = "claims.jsonl:1:lines"
    assert told == [
        f"{head}.0.amount record.amount",
        f"{head}.0.date claim.date",
        f"{head}.2.trip claim.no_trip",
        f"{head}.3 claim.object",
        f"{head}.4 claim.line_twice",
    ]
    assert [line.line for line in decision.lines] == ["2", "6"]


def test_a_claim_that_cannot_be_read_is_set_aside_once(tmp_path: Path) -> None:
    """What is wrong with the claim itself is told once, with what is wrong with its lines."""
    claim = {**deepcopy(CLAIM), "submitted": "soon", "b.c": {"d": 1}}
    claim["lines"][0]["amount"] = "x"
    told, decisions = _aside(tmp_path, claim)
    assert told == [
        "claims.jsonl:1:submitted claim.submitted",
        "claims.jsonl:1:lines.0.amount record.amount",
    ]
    assert decisions == []


def test_no_line_is_left(tmp_path: Path) -> None:
    """A claim none of whose lines can be read is not decided as one without lines."""
    claim = {**CLAIM, "lines": [{"line": "1"}]}
    told, decisions = _aside(tmp_path, claim)
    assert len(told) == 3
    assert decisions == []


def test_text_that_no_text_may_hold(tmp_path: Path) -> None:
    """A text with a zero byte or half a sign, also as a name, sets the claim aside."""
    for bad in ({"title": "a\0b"}, {"title": "\ud800"}, {"ti\0tle": "x"}):
        (told,), decisions = _aside(tmp_path, {**CLAIM, **bad})
        assert told.startswith("claims.jsonl:1 record.cell_")
        assert decisions == []


def test_elements_of_an_array_one_by_one(tmp_path: Path) -> None:
    """An element that cannot be read is set aside by its number; the rest go on."""
    path = tmp_path / "claims.json"
    good, other = json.dumps(CLAIM), json.dumps({**CLAIM, "claim": "C-2"})
    flat = json.dumps(
        {
            "claim": "C-3",
            "person": "P1",
            "submitted": "2026-05-03",
            "date": "2026-05-02",
            "category": "rail",
            "amount": "5",
            "currency": "CNY",
        }
    )
    parts = (good, "5", '{"claim": NaN}', '{"a": 1, "a": 2}', flat, flat, other)
    path.write_text("\ufeff [\n" + ",".join(parts) + "\r\n]\n", encoding="utf-8")
    run = check_file(path, POLICY)
    found = list(run)
    aside = [one for one in found if isinstance(one, SetAside)]
    assert [(one.origin.place, one.problems[0].code) for one in aside] == [
        ("claims.json:2", "record.json_element"),
        ("claims.json:3", "record.json_constant"),
        ("claims.json:4", "record.json_twice"),
    ]
    decisions = [one for one in found if isinstance(one, Decision)]
    assert [(d.claim, len(d.lines)) for d in decisions] == [("C-1", 3), ("C-2", 3), ("C-3", 2)]


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("", "files.json_shape", "claims.json:1:1"),
        ('\n  "claim"', "files.json_shape", "claims.json:2:3"),
        ('{"claim": ', "files.json_broken", "claims.json:1:11"),
        ("[{}\n{}]", "files.json_broken", "claims.json:2:1"),
        ("[{}, ]", "files.json_broken", "claims.json:1:6"),
        ("[{}", "files.json_broken", "claims.json:1:4"),
        ("[] []", "files.json_broken", "claims.json:1:4"),
        ("{} x", "files.json_broken", "claims.json:1:4"),
        ("[" * 100_000, "files.json_broken", "claims.json"),
    ],
)
def test_a_json_file_that_is_none(tmp_path: Path, content: str, code: str, place: str) -> None:
    """A file that is no JSON, or neither an object nor an array, is told with its place."""
    path = tmp_path / "claims.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        check_file(path, POLICY)
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.place)) == (code, place)
    assert problem.describe("zh") != problem.describe("en")


def test_an_empty_array_has_no_claims(tmp_path: Path) -> None:
    """No claims is an answer."""
    path = tmp_path / "claims.json"
    path.write_text(" [ ] ", encoding="utf-8")
    assert list(check_file(path, POLICY)) == []


def test_a_json_file_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .json file above the limit is refused with what to do; as JSON Lines it is read."""
    monkeypatch.setattr(jsonfile, "BYTES_MAX", 1024 * 1024)
    path = tmp_path / "claims.json"
    path.write_text(json.dumps(CLAIM) + " " * 1024 * 1024, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        check_file(path, POLICY)
    assert caught.value.code == "files.json_large"
    assert ".jsonl" in caught.value.describe()
    path.rename(tmp_path / "claims.jsonl")
    assert len(list(check_file(tmp_path / "claims.jsonl", POLICY))) == 1


def test_a_json_file_takes_no_mapping(tmp_path: Path) -> None:
    """With a mapping, JSON is read line by line; a .json file is refused with what to do."""
    path = tmp_path / "claims.json"
    path.write_text("[]", encoding="utf-8")
    (tmp_path / "m.toml").write_text(
        '[mapping]\nversion = 1\n[[source]]\nkind = "line"\nfiles = ["*.csv"]\n'
        '[source.fields]\nid = "a"\nclaim = "a"\ndate = "a"\ncategory = "a"\namount = "a"\n'
        'currency = "a"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        check_file(path, POLICY, tmp_path / "m.toml")
    assert caught.value.code == "files.json_mapping"


def test_rates_of_a_file_come_beside_those_of_the_claim(tmp_path: Path) -> None:
    """A claim keeps its own rates; a file of rates fills what they lack, and the newest counts."""
    path = tmp_path / "claims.jsonl"
    claim = _without("rates")
    path.write_text(json.dumps(claim), encoding="utf-8")
    newer = (Rate("N", "USD", "CNY", date(2026, 5, 2), Decimal(8), "file"),)
    run = check_file(path, POLICY, rates=newer)
    (decision,) = run
    assert isinstance(decision, Decision)
    assert [line.claimed and f"{line.claimed.amount:f}" for line in decision.lines] == [
        "80.00",
        "7.00",
        None,
    ]
    path.write_text(json.dumps(CLAIM), encoding="utf-8")
    run = check_file(path, POLICY, rates=newer)
    (decision,) = run
    assert run.facts is not None
    assert len(run.facts.rates) == 3
    assert isinstance(decision, Decision)
    assert decision.lines[0].claimed == Money(8000, "CNY")
