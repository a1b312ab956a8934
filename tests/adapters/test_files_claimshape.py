"""A file of claims in the published shape says the same as the same claims given as dicts."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from crm_expenses import Decision, check
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
