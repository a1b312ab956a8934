"""Who does what a page on a shipped connection says has read, decided and written on that CRM."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ADAPTERS = Path(__file__).parents[1] / "adapters"
sys.path.append(str(ADAPTERS))  # the imitations stand beside the tests of the connection files

from like_dolibarr import LikeDolibarr, seconds  # noqa: E402
from like_erpnext import LikeErpNext  # noqa: E402
from like_espocrm import LikeEspo  # noqa: E402
from like_odoo import LikeOdoo  # noqa: E402
from likecrms import KEY, Likeness, served  # noqa: E402

from crm_expenses.cli import run  # noqa: E402

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "connections"
SETTINGS = re.compile(r"^```toml crm_expenses\.toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
POLICY = """
[policy]
id = "acme"
version = "1"
language = 1
currency = "EUR"
title = { en = "Expenses", zh = "费用" }

[category]
CATEGORY = { name = { en = "Meals", zh = "餐费" } }

[parameter.meal_day]
type = "money"
values = [{ from = 2026-01-01, is = 100 }]

[[rule]]
code = "meal.day"
kind = "limit"
on = ["CATEGORY"]
title = { en = "Meals per day", zh = "餐费每日限额" }
per = ["person"]
period = "day"
at_most = "meal_day"

[[approval]]
code = "line_manager"
who = "manager"
above = 1000
outcome = "review"
"""
AT = "2026-11-30T09:00:00+00:00"


@dataclass(frozen=True)
class Case:
    """A CRM with one person and one meal of 123.45 EUR; `told` reads the allowed amount there."""

    page: str
    category: str
    crm: Likeness
    told: Callable[[], Any]
    settings: tuple[tuple[str, str], ...] = ()


def _odoo() -> Case:
    crm = LikeOdoo()
    crm.add("hr.employee", 3, name="Ann")
    meal = {"date": "2026-11-01", "product_id": [8, "Meals"], "total_amount_currency": 123.45}
    more = {"employee_id": [3, "Ann"], "state": "submitted", "currency_id": [1, "EUR"]}
    crm.add("hr.expense", 41, name="Dinner", **meal, **more)
    held = crm.models["hr.expense"][41]
    return Case("odoo", "Meals", crm, lambda: held["x_check_allowed"], (("database", "crm"),))


def _erpnext() -> Case:
    crm = LikeErpNext()
    crm.add("Employee", "HR-EMP-1", employee_name="Ann")
    crm.add("Expense Claim", "C-1", employee="HR-EMP-1", status="Draft")
    meal = {"parent": "C-1", "expense_date": "2026-11-01", "expense_type": "Meals"}
    crm.add("Expense Claim Detail", "r1", amount=123.45, **meal)
    row = crm.types["Expense Claim Detail"]["r1"]
    settings = (("site_timezone", "Asia/Kolkata"), ("currency", "EUR"))
    return Case("erpnext", "Meals", crm, lambda: row["custom_check_allowed"], settings)


def _espocrm() -> Case:
    crm = LikeEspo()
    crm.add("User", "u1", name="Ann", type="regular")
    crm.add("CExpenseClaim", "c1", name="Trip", assignedUserId="u1", status="Submitted")
    meal = {"claimId": "c1", "date": "2026-11-01", "category": "meal", "amount": 123.45}
    crm.add("CExpenseLine", "l1", name="Dinner", amountCurrency="EUR", **meal)
    return Case("espocrm", "meal", crm, lambda: crm.types["CExpenseLine"]["l1"]["checkAllowed"])


def _dolibarr() -> Case:
    crm = LikeDolibarr()
    crm.add("users", 1, firstname="Ann", lastname="Lee")
    line = {"id": "31", "date": "2026-11-01", "type_fees_code": "TF_LUNCH", "total_ttc": "123.45"}
    valid = seconds("2026-11-02 09:30:00")
    more = {"status": "2", "date_valid": valid, "lines": [line]}
    crm.add("expensereports", 21, ref="ER-1", fk_user_author="1", **more)
    held = crm.objects["expensereports"][21]
    return Case("dolibarr", "TF_LUNCH", crm, lambda: held["array_options"]["options_check_allowed"])


@pytest.mark.parametrize("made", [_odoo, _erpnext, _espocrm, _dolibarr])
def test_the_first_commands_of_a_page(
    made: Callable[[], Case],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The settings of the page, with another address: doctor, a plan, a sync, and nothing more."""
    case = made()
    monkeypatch.chdir(tmp_path)
    (text,) = SETTINGS.findall((PAGES / f"{case.page}.md").read_text("utf-8"))
    (variable,) = re.findall(r'_variable = "(\w+)"', text)
    monkeypatch.setenv(variable, KEY)
    Path("policy.toml").write_text(POLICY.replace("CATEGORY", case.category), encoding="utf-8")
    with served(case.crm) as server:
        given = (("url", server.url), *case.settings)
        for name, value in given:
            text = re.sub(rf"^{name} = .*$", f'{name} = "{value}"', text, flags=re.MULTILINE)
        text = text.replace('adapter = "rest"', 'adapter = "rest"\nprivate_addresses = true')
        text = text.replace("calls_per_second = 5", "calls_per_second = 0")
        Path("crm_expenses.toml").write_text(text, encoding="utf-8")
        assert run(["doctor"]) == 0
        assert "0 bad" in capsys.readouterr().out
        assert run(["sync", "--plan", "--at", AT]) == 0
        assert run(["sync", "--at", AT]) == 0
        assert case.told() == "100.00"
        server.asked.clear()
        assert run(["sync", "--at", AT]) == 0
    assert "0 changes" in capsys.readouterr().out
    assert not [one for one in server.asked if one.method in ("PUT", "PATCH")]
