"""A company whose claims wait for people: who reports to whom, its policy, and what is said there.

P1 and P2 report to P3, P3 to P5; P9 is finance; P7 has nothing to do with any of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from small_company import AT, cny, job_on

from crm_expenses.adapters.memory import MemoryAdapter, MemoryCrm
from crm_expenses.core.approval import Provenance, Verdict, Word, content_code
from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.life import Life
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import Record
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.pipeline import Job, company_of, speak, sync
from crm_expenses.pipeline.notices import notice_text
from crm_expenses.store.desk import Said, ToldNotice

POLICY: Final = """
[policy]
id = "spoken"
version = "1"
language = 1
currency = "CNY"
title = { en = "Spoken", zh = "审批" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
gift = { name = { en = "Gifts", zh = "礼品" } }

[approvals]
accepts = "ACCEPTS"

[automatic]
up_to = 100

[[approval]]
code = "gifts"
title = { en = "Gifts", zh = "礼品" }
who = "role:finance"
on = ["gift"]

[[approval]]
code = "line"
title = { en = "Line manager", zh = "直属上级" }
who = "manager"
above = 0
remind_after = 1
escalate_after = 3

[[approval]]
code = "money"
title = { en = "Finance", zh = "财务" }
who = "role:finance"
above = 1000
"""

PEOPLE: Final = (
    AccountManager("P1", "王芳", team="East", manager="P3"),
    AccountManager("P2", "Li Lei", team="East", manager="P3"),
    AccountManager("P3", "Zhao Min", manager="P5"),
    AccountManager("P5", "Sun Li"),
    AccountManager("P7", "He Wei"),
    AccountManager("P9", "Chen Jie", manager="P5"),
)
BUDGET: Final = Budget(
    "B", BudgetScope.PERSON, date(2026, 1, 1), date(2026, 12, 31), cny("9000"), "P1"
)
SUBMITTED: Final = AT - timedelta(days=2)


def claim(number: int = 1, person: str = "P1", *, days: int = 0, title: str = "") -> Claim:
    """Give a claim; it is submitted two days before the first run, and so many later."""
    submitted = SUBMITTED + timedelta(days=days)
    return Claim(f"C-{number}", person, submitted, ClaimStatus.SUBMITTED, title)


def line(name: str, amount: str, category: str = "meal", number: int = 1) -> ExpenseLine:
    """Give a line of a claim."""
    return ExpenseLine(name, f"C-{number}", date(2026, 3, 20), category, cny(amount))


@dataclass
class Spoken:
    """The job on such a company, with what a test does to it and asks of it."""

    job: Job
    crm: MemoryCrm
    at: datetime = AT

    def put(self, *records: Record) -> None:
        """Let people save records in the CRM."""
        for record in records:
            self.crm.put(record)

    def sync(self, *, days: int = 0) -> None:
        """Run, so many days later."""
        self.at += timedelta(days=days)
        sync(self.job, self.at)

    def say(self, by: str, number: int = 1, verdict: str = "approve", **more: object) -> Life:
        """Let somebody say something by our own command, a minute later."""
        self.at += timedelta(minutes=1)
        word: Word = replace(Word(by, self.at, Verdict(verdict)), **more)  # type: ignore[arg-type]
        return speak(self.job.store, "main", f"C-{number}", word, company_of(self.job))

    def tell(self, name: str, by: str, number: int = 1, **more: object) -> GivenApproval:
        """Let somebody say something in the CRM, a minute later, of what there is to approve."""
        self.at += timedelta(minutes=1)
        seen = content_code(self.life(number).content)
        made = GivenApproval(name, f"C-{number}", by, self.at, content_code=seen)
        told: GivenApproval = replace(made, **more)  # type: ignore[arg-type]
        self.put(told)
        return told

    def life(self, number: int = 1) -> Life:
        """Give where a claim stands."""
        with self.job.store.desk("main", viewer=SYSTEM) as desk:
            found = desk.life(f"C-{number}")
        assert found is not None
        return found

    def said(self, number: int = 1) -> tuple[Said, ...]:
        """Give what was said of a claim and counted."""
        with self.job.store.desk("main", viewer=SYSTEM) as desk:
            return desk.said(self.life(number))

    def told(self, person: str = "") -> list[ToldNotice]:
        """Give what people were told."""
        with self.job.store.desk("main", viewer=SYSTEM) as desk:
            return [one for one in desk.notices() if person in ("", one.notice.person)]

    def texts(self, person: str, language: str = "en") -> list[str]:
        """Give what a person was told, in words."""
        return [notice_text(one.notice, language) for one in self.told(person)]  # type: ignore[arg-type]

    def budget(self) -> tuple[int, int]:
        """Give what is committed and spent of the budget."""
        position = self.job.store.budget_positions("main", viewer=SYSTEM)["B"]
        return position.committed, position.spent


@contextmanager
def spoken(
    folder: Path,
    *records: Record,
    provenance: Provenance = Provenance.AUDITED_FIELD,
    accepts: str = "asserted",
) -> Iterator[Spoken]:
    """Open the company with records in its CRM, synced once."""
    crm = MemoryCrm()
    for record in (*PEOPLE, BUDGET, *records):
        crm.put(record)
    folder.mkdir(exist_ok=True)
    adapter = MemoryAdapter("main", crm, provenance=provenance)
    with job_on(folder, adapter, POLICY.replace("ACCEPTS", accepts)) as job:
        made = Spoken(job, crm)
        made.sync()
        yield made
