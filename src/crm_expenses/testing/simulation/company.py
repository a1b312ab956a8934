"""A company as small as a world can be: its policy, its people, its first claims; and a job on it.

What is decided depends on nothing but what stands: no windows, no budget that runs out, so that a
store that reads the end decides what a store decides that saw everything happen.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from crm_expenses.adapters.contract import Adapter
from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.core.roi import Numerator
from crm_expenses.pipeline import Job
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.policy import Policy
from crm_expenses.settings import Settings
from crm_expenses.store import Store

POLICY: Final = """
[policy]
id = "simulated"
version = "1"
language = 1
currency = "CNY"
title = { en = "Simulated", zh = "模拟" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
gift = { name = { en = "Gifts", zh = "礼品" } }
alcohol = { name = { en = "Alcohol", zh = "酒" } }

[parameter.meal_most]
type = "money"
values = [{ from = 2020-01-01, is = 150 }]

[parameter.gift_most]
type = "money"
values = [{ from = 2020-01-01, is = 500 }]

[[rule]]
code = "meal.most"
kind = "limit"
on = ["meal"]
title = { en = "A meal", zh = "一餐" }
at_most = "meal_most"

[[rule]]
code = "gift.most"
kind = "limit"
effect = "justify"
on = ["gift"]
title = { en = "A gift", zh = "一件礼品" }
at_most = "gift_most"

[[rule]]
code = "alcohol.none"
kind = "forbid"
on = ["alcohol"]
title = { en = "Alcohol", zh = "酒" }
that = "amount > 0"
message = { en = "{amount} for alcohol", zh = "酒 {amount}" }

[[approval]]
code = "line_manager"
who = "manager"
above = 300
"""

PEOPLE: Final = ("P1", "P2")
MANAGERS: Final = ("P8", "P9")
CATEGORIES: Final = ("meal", "gift", "alcohol", "parking")
CITIES: Final = ("上海", "杭州", "成都")
_DAY: Final = date(2026, 3, 1)
_SUBMITTED: Final = datetime(2026, 3, 2, 8, tzinfo=ZoneInfo("Asia/Shanghai"))


@cache
def policy() -> Policy:
    """Give the policy, read once."""
    return parse_policy(POLICY)


def job_on(store: Store, adapter: Adapter) -> Job:
    """Give the job on a store and a CRM."""
    base = Path("simulated")
    settings = Settings(
        path=base / "crm_expenses.toml",
        company="Simulated",
        zone=ZoneInfo("Asia/Shanghai"),
        policy=base / "policy.toml",
        store=base / "store.sqlite3",
        report=base / "report.html",
        language="en",
        months=12,
        numerator=Numerator.REVENUE,
        margin=Decimal(1),
        roles={},
        connections={},
    )
    return Job(settings, policy(), store, adapter)


def first_records(chance: Random, kinds: Collection[Kind]) -> tuple[Record, ...]:
    """Draw what is there when a world begins, parents before children."""
    wanted = tuple(TYPES[kind] for kind in kinds)
    claims = [claim(chance, number) for number in range(1, chance.randint(1, 3) + 1)]
    made = (
        *(AccountManager(name, f"客户经理 {name}", team="East", manager="P8") for name in PEOPLE),
        *(AccountManager(name, f"经理 {name}", team="Sales") for name in MANAGERS),
        Account("A1", "东方贸易", "P1", city="上海"),
        Account("A2", "Nordwind GmbH", "P2", city="杭州"),
        budget("B-P1", "P1", BudgetScope.PERSON, 1_000_000),
        budget("B-EAST", "East", BudgetScope.TEAM, 9_000_000),
        *claims,
        *(
            line(chance, f"L{one.id[1:]}{letter}", one.id)
            for one in claims
            for letter in "ab"[: chance.randint(1, 2)]
        ),
    )
    return tuple(one for one in made if isinstance(one, wanted))


def budget(name: str, owner: str, scope: BudgetScope, yuan: int) -> Budget:
    """Give a budget of a year that says so when it runs out, and refuses nothing."""
    amount = Money(yuan * 100, "CNY")
    return Budget(name, scope, date(2026, 1, 1), date(2026, 12, 31), amount, owner, name=name)


def claim(chance: Random, number: int) -> Claim:
    """Draw a claim; most are submitted."""
    status = chance.choice((ClaimStatus.SUBMITTED, ClaimStatus.SUBMITTED, ClaimStatus.DRAFT))
    at = _SUBMITTED + timedelta(minutes=number)
    return Claim(f"C{number}", chance.choice(PEOPLE), at, status, f"报销 {number}")


def line(chance: Random, name: str, of: str) -> ExpenseLine:
    """Draw a line of a claim."""
    category, amount = chance.choice(CATEGORIES), Money(chance.randint(1, 800) * 100, "CNY")
    return ExpenseLine(
        name, of, _DAY, category, amount, account=chance.choice(("A1", "A2")), purpose="拜访"
    )
