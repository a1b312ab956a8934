"""Many claims of several people with words of their own, decided under three policy versions."""

import random
from datetime import date, datetime, timedelta
from pathlib import Path

from small_company import AT, POLICY, SHANGHAI, job_on

from crm_expenses.adapters.memory import MemoryAdapter, MemoryCrm
from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.pipeline import sync
from crm_expenses.store import Store

WORDS = """
[[rule]]
code = "gift.purpose"
kind = "require"
on = ["gift"]
title = { en = "Purpose", zh = "用途" }
that = "present(purpose) and length(purpose) > 8"

[[rule]]
code = "gift.number"
kind = "flag"
on = ["gift"]
title = { en = "Number", zh = "编号" }
that = "present(merchant) and shape(merchant, 'No 9{1,4}')"
"""

VERSIONS = (
    POLICY.replace("[[approval]]", WORDS + "\n[[approval]]", 1),
    POLICY.replace('version = "1"', 'version = "2"').replace("is = 150", "is = 90"),
    POLICY.replace('version = "1"', 'version = "3"').replace("is = 400", "is = 350"),
)
"""What decides one after the other; the first of them reads words."""

PEOPLE = 7


def claims_of(number: int, chance: random.Random) -> list[Claim | ExpenseLine | Voucher]:
    """Give a claim with a few lines, each of which names its owner in its words."""
    person = f"P{number % PEOPLE}"
    day = date(2026, 1, 1) + timedelta(days=number % 80)
    at = datetime.combine(day, datetime.min.time(), SHANGHAI) + timedelta(days=5, minutes=number)
    made: list[Claim | ExpenseLine | Voucher] = []
    for at_line in range(chance.randint(1, 4)):
        name = f"L-{number}-{at_line}"
        category = chance.choice(("meal", "lodging", "gift", "gift", "alcohol", "pet"))
        voucher = ""
        if chance.random() < 0.3:
            made.append(Voucher(f"V-{name}", VoucherKind.FAPIAO, f"{chance.randint(1, 400):020}"))
            voucher = f"V-{name}"
        made.append(
            ExpenseLine(
                name,
                f"C-{number}",
                day,
                category,
                Money(chance.randint(-2_000, 90_000), "CNY"),
                nights=chance.choice((None, 1, 3)),
                voucher=voucher,
                merchant=chance.choice(("", f"No {number}", f"Inn of {person}")),
                purpose=chance.choice(("", "short", f"said by {person}: 拜访客户 {number}")),
                justification=chance.choice(("", "", f"{person} had to")),
            )
        )
    return [Claim(f"C-{number}", person, at, title=f"Trip of {person}"), *made]


def decided_in_rounds(folder: Path, count: int) -> MemoryCrm:
    """Decide so many claims, a third of them under each policy version; give the CRM."""
    chance = random.Random(7)
    crm = MemoryCrm()
    for number in range(PEOPLE):
        crm.put(AccountManager(f"P{number}", f"Name {number}", team="East", manager="P0"))
    year = (date(2026, 1, 1), date(2026, 12, 31))
    crm.put(Budget("B", BudgetScope.TEAM, *year, Money(count * 9_000, "CNY"), "East", hard=True))
    for part, policy in enumerate(VERSIONS):
        for number in range(part, count, len(VERSIONS)):
            for record in claims_of(number, chance):
                crm.put(record)
        with job_on(folder, MemoryAdapter("main", crm, page_size=500), policy) as job:
            sync(job, AT)
    return crm


def opened(folder: Path) -> Store:
    """Open the store of a folder."""
    from crm_expenses.store import open_store

    return open_store(folder / "store.sqlite3")
