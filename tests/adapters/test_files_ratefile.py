"""Rates from a file of their own, and claims in other currencies decided by them."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm_expenses.adapters.files import rates_in
from crm_expenses.core.decision import Decision
from crm_expenses.errors import ConfigError
from crm_expenses.filecheck import check_file
from crm_expenses.policyfile import parse_policy

POLICY = """
[policy]
id = "p"
version = "1"
language = 1
currency = "CNY"
title = { en = "P", zh = "政策" }

[category]
rail = { name = { en = "Rail", zh = "火车" } }

[[rule]]
code = "any.purpose"
kind = "flag"
effect = "note"
that = "amount < 0"
message = { en = "a refund", zh = "退款" }
title = { en = "Refunds", zh = "退款" }
"""
CLAIMS = """\
claim,person,submitted,line,date,category,amount,currency
C1,P1,2026-05-03,1,2026-05-02,rail,10.00,USD
C1,P1,2026-05-03,2,2026-04-30,rail,10.00,USD
C1,P1,2026-05-03,3,2025-12-31,rail,10.00,USD
C1,P1,2026-05-03,4,2026-05-02,rail,10.00,CNY
"""
RATES = """\
date,currency,rate
2026-01-01,USD,7.1
2026-05-01,USD,7.2
2026-05-01,USD,9.9
2026-06-01,USD,x
2026-02-30,USD,7.0
"""


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_rates_by_day(tmp_path: Path) -> None:
    """Each good row is a rate into the policy's currency; each other row is set aside, told why."""
    rates, aside = rates_in(_written(tmp_path, "r.csv", RATES), "CNY")
    assert [(r.currency, r.into, r.day, r.rate) for r in rates] == [
        ("USD", "CNY", date(2026, 1, 1), Decimal("7.1")),
        ("USD", "CNY", date(2026, 5, 1), Decimal("7.2")),
    ]
    assert [(a.origin.place, a.problems[0].code) for a in aside] == [
        ("r.csv:4", "record.duplicate"),
        ("r.csv:5", "record.cell_number"),
        ("r.csv:6", "record.cell_date"),
    ]


def test_columns_that_may_be_there(tmp_path: Path) -> None:
    """A file may name the other currency and the source; an empty cell is the policy's currency."""
    text = "date,currency,into,rate,source\n2026-01-01,EUR,USD,1.1,ECB\n2026-01-01,EUR,,8.2,ours\n"
    rates, aside = rates_in(_written(tmp_path, "r.csv", text), "CNY")
    assert aside == ()
    assert [(r.into, r.source) for r in rates] == [("USD", "ECB"), ("CNY", "ours")]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("r.csv", "date,rate\n2026-01-01,7\n", "files.column"),
        ("r.pdf", RATES, "files.suffix"),
        ("", "", "files.no_rates_file"),
    ],
)
def test_file_that_is_no_table_of_rates(tmp_path: Path, name: str, text: str, code: str) -> None:
    """A missing file, another suffix and a missing column each say so."""
    path = _written(tmp_path, name, text) if name else tmp_path / "none.csv"
    with pytest.raises(ConfigError) as caught:
        rates_in(path, "CNY")
    assert caught.value.code == code


def test_lines_are_converted_by_the_rate_of_their_day(tmp_path: Path) -> None:
    """A line takes the newest rate not after its day; before the first there is none."""
    rates, _ = rates_in(_written(tmp_path, "r.csv", RATES), "CNY")
    policy = parse_policy(POLICY)
    (decision,) = check_file(_written(tmp_path, "c.csv", CLAIMS), policy, rates=rates)
    assert isinstance(decision, Decision)
    claimed = [line.claimed.amount if line.claimed else None for line in decision.lines]
    assert claimed == [Decimal("72.00"), Decimal("71.00"), None, Decimal("10.00")]
    codes = [[f.code for f in line.findings] for line in decision.lines]
    assert codes == [[], [], ["currency.no_rate"], []]


def test_facts_hold_the_rates_that_count(tmp_path: Path) -> None:
    """A rate that no line needs changes nothing of what is kept of a decision."""
    claims = _written(tmp_path, "c.csv", CLAIMS)
    policy = parse_policy(POLICY)
    needed, _ = rates_in(_written(tmp_path, "r.csv", RATES), "CNY")
    more = _written(tmp_path, "m.csv", RATES + "2026-01-01,EUR,8.2\n2026-05-03,USD,7.4\n")
    known, _ = rates_in(more, "CNY")
    assert len(known) == len(needed) + 2
    decisions = [next(check_file(claims, policy, rates=r)) for r in (needed, known)]
    assert decisions[0] == decisions[1]
