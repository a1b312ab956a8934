"""A file of claims decided without a store: windows, counts, rates."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_expenses.adapters.contract import SetAside
from crm_expenses.api import check
from crm_expenses.core.decision import Decision
from crm_expenses.core.rates import Rate
from crm_expenses.errors import ConfigError
from crm_expenses.filecheck import CheckRun, check_file
from crm_expenses.policyfile import parse_policy

POLICY: Final = parse_policy("""
[policy]
id = "file"
version = "1"
language = 1
currency = "CNY"
title = { en = "File", zh = "文件" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
gift = { name = { en = "Gifts", zh = "礼品" } }

[parameter.meal_day]
type = "money"
values = [{ from = 2020-01-01, is = 100 }]

[parameter.gift_month]
type = "money"
values = [{ from = 2020-01-01, is = 300 }]

[[rule]]
code = "meal.day"
kind = "limit"
on = ["meal"]
title = { en = "Meals a day", zh = "每日餐费" }
per = ["person"]
period = "day"
at_most = "meal_day"

[[rule]]
code = "gift.month"
kind = "limit"
effect = "reject"
on = ["gift"]
title = { en = "Gifts a month", zh = "每月礼品" }
per = ["person"]
period = "month"
at_most = "gift_month"

[[rule]]
code = "voucher.twice"
kind = "forbid"
on = ["meal", "gift"]
title = { en = "Once", zh = "一次" }
when = "present(voucher_number)"
that = "voucher_uses_before > 0"
""")

HEADER: Final = (
    "claim,person,submitted,status,line,date,category,amount,currency,voucher_kind,voucher_number"
)


def row(  # noqa: PLR0913  a row has its cells
    claim: str,
    line: str,
    amount: str,
    *,
    person: str = "P1",
    day: str = "2026-03-02",
    at: int = 1,
    category: str = "meal",
    currency: str = "CNY",
    status: str = "submitted",
    voucher: str = "",
) -> str:
    """Give a row; `at` is the minute of submission."""
    submitted = f"2026-03-05T09:{at:02}:00+08:00"
    kind = "fapiao" if voucher else ""
    cells = (claim, person, submitted, status, line, day, category, amount, currency, kind, voucher)
    return ",".join(cells)


def written(folder: Path, *rows: str) -> Path:
    """Write rows as CSV."""
    path = folder / "claims.csv"
    path.write_text("\n".join((HEADER, *rows, "")), encoding="utf-8")
    return path


def decided(run: CheckRun) -> dict[str, Decision]:
    """Read to the end; the counts must add up."""
    found = list(run)
    decisions = {one.claim: one for one in found if isinstance(one, Decision)}
    aside = [one for one in found if isinstance(one, SetAside)]
    count = run.count
    assert count.rows == count.lines + count.set_aside + count.without_line
    assert count.lines == sum(len(one.lines) for one in decisions.values())
    assert (count.claims, count.set_aside) == (len(decisions), len(aside))
    assert sum(count.outcomes.values()) == count.claims
    return decisions


def allowed(run: CheckRun) -> dict[str, str]:
    """Give what is allowed of each claim."""
    return {name: f"{one.allowed.amount:f}" for name, one in decided(run).items()}


def test_two_claims_of_a_day_share_its_limit(tmp_path: Path) -> None:
    """What an earlier claim of the file used of a day is not there for a later one."""
    path = written(tmp_path, row("C-2", "b", "70", at=2), row("C-1", "a", "60"))
    assert allowed(check_file(path, POLICY)) == {"C-1": "60.00", "C-2": "40.00"}


@pytest.mark.parametrize(
    "other",
    [
        row("C-2", "b", "70", at=2, person="P2"),
        row("C-2", "b", "70", at=2, day="2026-03-03"),
        row("C-2", "b", "70", at=2, category="gift"),
    ],
)
def test_windows_of_others_are_their_own(tmp_path: Path, other: str) -> None:
    """Another person, another day and another category have a limit of their own."""
    path = written(tmp_path, row("C-1", "a", "60"), other)
    assert allowed(check_file(path, POLICY)) == {"C-1": "60.00", "C-2": "70.00"}


APPROVED: Final = parse_policy("""
[policy]
id = "approved"
version = "1"
language = 1
currency = "CNY"
title = { en = "Approved", zh = "审批" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
[[rule]]
code = "meal.approved"
kind = "limit"
on = ["meal"]
title = { en = "All under one", zh = "同一审批单合计" }
when = "present(pre_approval) and present(pre_approved_amount)"
per = ["pre_approval"]
period = "all_time"
at_most = "pre_approved_amount"
""")
MAPPING: Final = """
[mapping]
version = 1
timezone = "Asia/Shanghai"
[[source]]
kind = "claim"
files = ["claims.csv"]
distinct = true
fields = { id = "claim", person = "person", submitted = "submitted", status = "status" }
[[source]]
kind = "line"
files = ["claims.csv"]
[source.fields]
id = "line"
claim = "claim"
date = "date"
category = "category"
amount = "amount"
currency = "currency"
[[source]]
kind = "pre_approval"
files = ["approved.csv"]
[source.fields]
id = "No"
person = "Who"
granted_by = "By"
until = "Until"
amount = "Up to"
currency = "Currency"
"""


def test_what_was_approved_in_a_file_beside(tmp_path: Path) -> None:
    """Claims of a file share what was approved, converted by rates that no line needs."""
    path = written(
        tmp_path,
        row("C-1", "a", "600"),
        row("C-2", "b", "300", at=2),
        row("C-3", "c", "900", at=3, person="P2"),
        row("C-4", "d", "900", at=4, person="P3"),
        row("C-5", "e", "900", at=5, day="2026-03-03"),
    )
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    approvals = ("No,Who,By,Until,Up to,Currency", "A,P1,P9,2026-03-02,100,EUR")
    more = ("B,P2,P2,2026-12-31,1,CNY", "C,P3,P9,2026-12-31,,CNY", "")
    (tmp_path / "approved.csv").write_text("\n".join((*approvals, *more)), encoding="utf-8")
    rates = tuple(
        Rate(str(n), "EUR", "CNY", date(2026, 3, n), Decimal(7 + n), "bank") for n in (1, 3)
    )
    run = check_file(path, APPROVED, tmp_path / "m.toml", rates=rates)
    assert allowed(run) == {
        "C-1": "600.00",
        "C-2": "200.00",  # of 800
        "C-3": "900.00",  # approved by P2 for P2: none
        "C-4": "900.00",  # without an amount
        "C-5": "900.00",  # a day late
    }


def test_order_is_that_of_submission(tmp_path: Path) -> None:
    """However the rows stand in the file, the claim that came first is served first."""
    rows = (row("C-3", "c", "50", at=3), row("C-1", "a", "50"), row("C-2", "b", "50", at=2))
    expected = {"C-1": "50.00", "C-2": "50.00", "C-3": "0.00"}
    for turned in (rows, rows[::-1], rows[1:] + rows[:1]):
        assert allowed(check_file(written(tmp_path, *turned), POLICY)) == expected


@pytest.mark.parametrize(
    ("status", "left"),
    [
        ("submitted", "40.00"),
        ("approved", "40.00"),
        ("paid", "40.00"),
        ("draft", "90.00"),
        ("withdrawn", "90.00"),
        ("returned", "90.00"),
        ("rejected", "90.00"),
    ],
)
def test_only_live_claims_fill_a_window(tmp_path: Path, status: str, left: str) -> None:
    """A claim that is not handed in, or was taken back or refused, leaves its room to the next."""
    path = written(tmp_path, row("C-1", "a", "60", status=status), row("C-2", "b", "90", at=2))
    assert allowed(check_file(path, POLICY))["C-2"] == left


def test_a_rejected_claim_fills_no_window(tmp_path: Path) -> None:
    """A claim that the policy itself rejects uses nothing, not even of its other lines' windows."""
    path = written(
        tmp_path,
        row("C-1", "a", "60"),
        row("C-1", "g", "400", category="gift"),
        row("C-2", "b", "90", at=2),
        row("C-2", "h", "300", at=2, category="gift"),
    )
    found = decided(check_file(path, POLICY))
    assert found["C-1"].outcome.value == "reject"
    assert f"{found['C-2'].allowed.amount:f}" == "390.00"
    assert found["C-2"].outcome.value == "pass"


def test_a_voucher_counts_once_in_a_file(tmp_path: Path) -> None:
    """The second line with a voucher's number is refused; that of a draft does not count."""
    path = written(
        tmp_path,
        row("C-0", "z", "1", at=0, status="draft", voucher="123"),
        row("C-1", "a", "10", voucher="123"),
        row("C-2", "b", "10", at=2, voucher="123"),
    )
    outcomes = {name: one.outcome.value for name, one in decided(check_file(path, POLICY)).items()}
    assert outcomes == {"C-0": "pass", "C-1": "pass", "C-2": "reject"}


def test_counts_tell_rows_lines_and_findings(tmp_path: Path) -> None:
    """Rows are lines decided or rows set aside; outcomes and findings are counted by code."""
    path = written(
        tmp_path,
        row("C-1", "a", "160"),
        row("C-1", "b", "x"),
        row("C-2", "c", "20", person="P2", at=2, category="pet"),
        row("C-3", "d", "5", person="P3", at=3),
    )
    run = check_file(path, POLICY)
    decided(run)
    assert run.count.as_json() == {
        "rows": 4,
        "lines": 3,
        "set_aside": 1,
        "without_line": 0,
        "unread": [],
        "absent": [],
        "claims": 3,
        "outcomes": {"pass": 1, "reduced": 1, "review": 1},
        "findings": {"meal.day": 1, "scope.uncovered": 1},
    }
    assert not run.count.is_clean


def test_columns_that_are_no_field_are_named(tmp_path: Path) -> None:
    """Without a mapping, a column that is no field is not read, and the counts name it."""
    path = tmp_path / "claims.csv"
    path.write_text(f"{HEADER},colour\n{row('C-1', 'a', '60')},red\n", encoding="utf-8")
    run = check_file(path, POLICY)
    decided(run)
    assert run.count.as_json()["unread"] == ["colour"]
    assert run.count.is_clean


def test_clean_is_all_read_and_all_pass(tmp_path: Path) -> None:
    """A file is clean when every row was read and every claim passes; an empty one is, too."""
    for rows, clean in (
        ((), True),
        ((row("C-1", "a", "60"),), True),
        ((row("C-1", "a", "160"),), False),
        ((row("C-1", "a", "60"), row("C-1", "b", "y")), False),
    ):
        run = check_file(written(tmp_path, *rows), POLICY)
        decided(run)
        assert run.count.is_clean is clean


def test_rates_in_force_convert_a_line(tmp_path: Path) -> None:
    """A foreign amount takes the newest rate not later than its day; without one it is reviewed."""
    rates = tuple(
        Rate(f"R{n}", "EUR", "CNY", date(2026, 3, day), Decimal(rate), "ECB")
        for n, (day, rate) in enumerate(((1, "2"), (2, "3"), (3, "9")))
    )
    path = written(
        tmp_path,
        row("C-1", "a", "20", currency="EUR"),
        row("C-2", "b", "20", currency="EUR", day="2026-03-01", at=2),
        row("C-3", "c", "20", currency="EUR", day="2026-02-28", at=3),
    )
    assert allowed(check_file(path, POLICY, rates=rates)) == {
        "C-1": "60.00",
        "C-2": "40.00",
        "C-3": "0.00",
    }
    found = decided(check_file(path, POLICY))
    assert {one.outcome.value for one in found.values()} == {"review"}


def test_other_rates_do_not_touch_the_facts(tmp_path: Path) -> None:
    """A decision's facts name the rates that it used and no others."""
    euro, dollar = (
        Rate(f"R-{name}", name, "CNY", date(2026, 1, 1), Decimal(7), "ECB")
        for name in ("EUR", "USD")
    )
    path = written(tmp_path, row("C-1", "a", "2", currency="EUR"))
    one = decided(check_file(path, POLICY, rates=(euro,)))["C-1"]
    both = decided(check_file(path, POLICY, rates=(dollar, euro)))["C-1"]
    assert one.facts_digest == both.facts_digest
    local = written(tmp_path, row("C-1", "a", "2"))
    without = decided(check_file(local, POLICY))["C-1"]
    assert decided(check_file(local, POLICY, rates=(dollar,)))["C-1"] == without


def test_no_file_is_a_mistake(tmp_path: Path) -> None:
    """A file that is not there is told before anything is decided."""
    with pytest.raises(ConfigError) as caught:
        check_file(tmp_path / "none.csv", POLICY)
    assert caught.value.code == "files.no_claims_file"


AMOUNTS = st.integers(-20_000, 20_000).map(lambda minor: f"{Decimal(minor).scaleb(-2):f}")
ENTRIES = st.lists(
    st.tuples(
        st.sampled_from("12345"),
        st.sampled_from(("meal", "gift")),
        st.sampled_from(("2026-03-01", "2026-03-02")),
        AMOUNTS,
    ),
    max_size=12,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ENTRIES)
def test_a_claim_with_a_file_of_its_own_is_decided_as_alone(
    tmp_path: Path, entries: list[tuple[str, str, str, str]]
) -> None:
    """The first claim of a file is decided as the library decides it; none gets too much."""
    rows = [
        row(f"C-{claim}", f"L-{n}", amount, at=int(claim), category=category, day=day)
        for n, (claim, category, day, amount) in enumerate(entries)
    ]
    found = decided(check_file(written(tmp_path, *rows), POLICY))
    assert set(found) == {f"C-{claim}" for claim, *_ in entries}
    for one in found.values():
        for line in one.lines:
            assert line.claimed is not None
            assert line.allowed.minor <= max(0, line.claimed.minor) or line.claimed.minor < 0
    if not found:
        return
    first = min(found)
    alone = check(
        {
            "claim": first,
            "person": {"id": "P1", "name": "P1"},
            "submitted": f"2026-03-05T09:0{first[-1]}:00+08:00",
            "lines": [
                {
                    "line": f"L-{n}",
                    "date": day,
                    "category": category,
                    "amount": amount,
                    "currency": "CNY",
                }
                for n, (claim, category, day, amount) in enumerate(entries)
                if f"C-{claim}" == first
            ],
        },
        POLICY,
    )
    assert [(x.line, x.outcome, x.allowed) for x in alone.lines] == [
        (x.line, x.outcome, x.allowed) for x in found[first].lines
    ]
