"""A company small enough to decide by hand: its policy, its CRM, and a job on both.

Every expected figure in these tests was computed on paper from what stands here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from crm_expenses.adapters.contract import Adapter, Result, ResultKind
from crm_expenses.adapters.memory import CAPABILITIES, MemoryAdapter, MemoryCrm
from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager, PersonCost, SatisfactionScore
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.roi import Numerator
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.pipeline import Job, RunSummary, sync
from crm_expenses.policyfile import parse_policy
from crm_expenses.settings import Settings
from crm_expenses.store import open_store
from stores import where

SHANGHAI: Final = timezone(timedelta(hours=8))
AT: Final = datetime(2026, 3, 31, 20, tzinfo=SHANGHAI)
DECIDED: Final = CAPABILITIES.writes - {ResultKind.RETURN_RESULT}
"""What this CRM is told, but where a test says otherwise."""
SMALL_BATCHES: Final = replace(CAPABILITIES, writes=DECIDED, batch_max=7)

POLICY: Final = """
[policy]
id = "small"
version = "1"
language = 1
currency = "CNY"
title = { en = "Small", zh = "小" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
lodging = { name = { en = "Lodging", zh = "住宿" } }
gift = { name = { en = "Gifts", zh = "礼品" } }
alcohol = { name = { en = "Alcohol", zh = "酒" } }

[parameter.meal_day]
type = "money"
values = [{ from = 2020-01-01, is = 150 }]

[parameter.lodging_night]
type = "money"
unit = "CNY/night"
values = [{ from = 2020-01-01, is = 400 }]

[parameter.gift_item]
type = "money"
values = [{ from = 2020-01-01, is = 500 }]

[[rule]]
code = "meal.day"
kind = "limit"
on = ["meal"]
title = { en = "Meals a day", zh = "每日餐费" }
per = ["person"]
period = "day"
at_most = "meal_day"

[[rule]]
code = "lodging.night"
kind = "limit"
on = ["lodging"]
title = { en = "A night", zh = "每晚住宿" }
when = "present(nights)"
at_most = "lodging_night * nights"

[[rule]]
code = "gift.item"
kind = "limit"
effect = "justify"
on = ["gift"]
title = { en = "Gifts", zh = "礼品" }
at_most = "gift_item"

[[rule]]
code = "alcohol.none"
kind = "forbid"
on = ["alcohol"]
title = { en = "Alcohol", zh = "酒" }
that = "amount > 0"
message = { en = "{amount} for alcohol", zh = "酒 {amount}" }

[[rule]]
code = "voucher.twice"
kind = "forbid"
on = ["meal", "lodging", "gift"]
title = { en = "Once", zh = "一次" }
when = "present(voucher_number) and not is_credit"
that = "voucher_uses_before > 0"

[[approval]]
code = "line_manager"
who = "manager"
above = 500
outcome = "review"

[[approval]]
code = "finance"
who = "role:finance"
above = 2000
"""


def cny(amount: str) -> Money:
    """Give yuan."""
    return Money.of(amount, "CNY")


def claim(number: int, person: str, status: ClaimStatus = ClaimStatus.SUBMITTED) -> Claim:
    """Give the claim of a number; it is submitted in March, the number later than the first."""
    submitted = datetime(2026, 3, 4, 9, tzinfo=SHANGHAI) + timedelta(days=number)
    return Claim(f"C-{number}", person, submitted, status)


def line(
    name: str,
    category: str,
    amount: str,
    day: date,
    *,
    nights: int | None = None,
    voucher: str = "",
    currency: str = "CNY",
) -> ExpenseLine:
    """Give a line; its claim is in its name."""
    number = name.removeprefix("L-").rstrip("ab")
    money = Money.of(amount, currency)
    return ExpenseLine(name, f"C-{number}", day, category, money, nights=nights, voucher=voucher)


def march(day: int) -> date:
    """Give a day of March 2026."""
    return date(2026, 3, day)


PEOPLE: Final = (
    AccountManager("P1", "王芳", team="East", manager="P3"),
    AccountManager("P2", "Li Lei", team="East", manager="P3"),
    AccountManager("P3", "Zhao Min", team="Sales"),
    AccountManager("P9", "Chen Jie", team="Finance", manager="P3"),
)

DEALS: Final = (
    Opportunity("O-1", "P1", Stage.WON, "A-1", amount=cny("10000"), closed=date(2024, 6, 10)),
    Opportunity("O-2", "P1", Stage.WON, "A-1", amount=cny("15000"), closed=date(2025, 9, 1)),
    Opportunity("O-3", "P1", Stage.WON, "A-2", amount=cny("5000"), closed=date(2025, 10, 1)),
    Opportunity("O-4", "P1", Stage.LOST, "A-2", amount=cny("70000"), closed=date(2025, 11, 1)),
    Opportunity(
        "O-5", "P2", Stage.WON, "A-3", amount=Money.of("1000", "EUR"), closed=date(2026, 2, 1)
    ),
    Opportunity("O-6", "P2", Stage.OPEN, "A-3", amount=cny("99999")),
)

AROUND: Final = (
    Account("A-1", "东方贸易", "P1"),
    Account("A-2", "Nordwind GmbH", "P1"),
    Account("A-3", "<script>alert(1)</script>", "P2"),
    *(
        SatisfactionScore(f"S-{n}", account, day, Decimal(score))
        for n, (account, day, score) in enumerate(
            (
                ("A-1", date(2025, 5, 1), "4"),
                ("A-1", date(2025, 8, 1), "5"),
                ("A-1", date(2026, 1, 1), "3"),
                ("A-1", date(2025, 3, 31), "1"),
                ("A-3", date(2026, 1, 1), "5"),
            )
        )
    ),
    PersonCost("X-1", "P1", date(2026, 2, 1), "salary", cny("4000")),
    PersonCost("X-2", "P1", date(2024, 5, 1), "salary", cny("9000")),
    PersonCost("X-3", "P2", date(2026, 1, 1), "salary", cny("1000")),
    Rate("R-1", "EUR", "CNY", date(2026, 1, 1), Decimal("7.8"), "ECB"),
)

BUDGETS: Final = (
    Budget(
        "B-P1",
        BudgetScope.PERSON,
        date(2026, 1, 1),
        date(2026, 12, 31),
        cny("1000"),
        "P1",
        hard=True,
        responsible="P3",
        name="王芳 2026",
    ),
    Budget("B-EAST", BudgetScope.TEAM, date(2026, 1, 1), date(2026, 12, 31), cny("3000"), "East"),
)

VOUCHERS: Final = (
    Voucher("V-1", VoucherKind.FAPIAO, "26310000000000000001"),
    Voucher("V-2", VoucherKind.FAPIAO, "26310000000000000002"),
    Voucher("V-3", VoucherKind.FAPIAO, "26310000000000000003"),
    Voucher("V-4", VoucherKind.E_FAPIAO, "26310000000000000001"),
)

CLAIMS: Final = (
    claim(1, "P1"),
    claim(2, "P1"),
    claim(3, "P1"),
    claim(4, "P2", ClaimStatus.PAID),
    claim(5, "P2"),
    claim(6, "P2"),
    claim(7, "P2", ClaimStatus.DRAFT),
    claim(8, "P2"),
    claim(9, "P2"),
    claim(10, "P3"),
    claim(11, "P9"),
)

LINES: Final = (
    line("L-1a", "meal", "120", march(2)),
    line("L-1b", "meal", "80", march(2)),
    line("L-2", "lodging", "900", march(4), nights=2, voucher="V-1"),
    line("L-3", "gift", "300", march(5), voucher="V-2"),
    line("L-4", "meal", "20", march(3), currency="EUR"),
    line("L-5", "alcohol", "50", march(3)),
    line("L-6", "gift", "700", march(3), voucher="V-3"),
    line("L-7", "meal", "30", march(3)),
    line("L-8", "pet", "40", march(3)),
    line("L-9", "meal", "60", march(5), voucher="V-4"),
    line("L-10", "lodging", "3900", date(2026, 2, 20), nights=10),
    line("L-11", "lodging", "3000", march(6), nights=8),
)

ORPHAN: Final = line("L-99", "meal", "10", march(3))
UNREADABLE: Final = {
    "id": "L-bad",
    "claim": "C-1",
    "date": "2026-03-02",
    "category": "gift",
    "amount": "1,234.5x",
    "amount_currency": "CNY",
}

RECORDS: Final[tuple[Record, ...]] = (
    *PEOPLE,
    *AROUND,
    *DEALS,
    *BUDGETS,
    *VOUCHERS,
    *CLAIMS,
    *LINES,
    ORPHAN,
)


def filled(crm: MemoryCrm) -> MemoryCrm:
    """Put the whole company into a CRM, with one row that cannot be read in the middle."""
    for record in RECORDS:
        crm.put(record)
        if record.id == "L-1b":
            crm.put_row(Kind.LINE, UNREADABLE)
    return crm


def adapter_on(crm: MemoryCrm) -> MemoryAdapter:
    """Open the CRM with small pages and batches, so that there are several."""
    return MemoryAdapter("main", crm, page_size=4, capabilities=SMALL_BATCHES)


@contextmanager
def job_on(folder: Path, adapter: Adapter, policy: str = POLICY) -> Iterator[Job]:
    """Open the job on a CRM with the store of a folder."""
    settings = Settings(
        path=folder / "crm_expenses.toml",
        company="小公司 Small",
        zone=ZoneInfo("Asia/Shanghai"),
        policy=folder / "policy.toml",
        store=folder / "store.sqlite3",
        report=folder / "report.html",
        language="en",
        months=12,
        numerator=Numerator.MARGIN,
        margin=Decimal("0.5"),
        roles={"finance": ("P9",)},
        connections={},
    )
    with open_store(where(folder / "store.sqlite3")) as store:
        yield Job(settings, parse_policy(policy), store, adapter)


def synced(folder: Path, adapter: Adapter, policy: str = POLICY) -> RunSummary:
    """Run once, as a new process would."""
    with job_on(folder, adapter, policy) as job:
        return sync(job, AT)


def dumped(folder: Path, adapter: Adapter) -> str:
    """Give the logical content of the store."""
    with job_on(folder, adapter) as job:
        return job.store.dump()


def told(crm: MemoryCrm, kind: ResultKind, record: str) -> Result:
    """Give the result that a record of the CRM holds."""
    return crm.results()[kind, record]


def settled(folder: Path, open_adapter: Callable[[], Adapter]) -> str:
    """Run until a run changes nothing, each time anew; give the store's logical content.

    A run that ended well leaves the echo of its own writes to the next one, so that two are needed.
    """
    for _ in range(10):
        with job_on(folder, open_adapter()) as job:
            before = job.store.dump()
            changes = sync(job, AT).changes
            after = job.store.dump()
        if not changes and before == after:
            return after
    raise AssertionError("the runs do not come to rest")
