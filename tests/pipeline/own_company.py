"""The small company without a CRM: its people, its desk, and what they spend.

Every expected figure in these tests was computed on paper from what stands here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from small_company import BUDGETS, PEOPLE, POLICY, SHANGHAI

from crm_expenses.adapters.contract import Page, Received
from crm_expenses.core.approval import Verdict, Word
from crm_expenses.core.life import Life
from crm_expenses.core.origin import Origin
from crm_expenses.core.ownclaim import OWN
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.core.viewer import SYSTEM, Viewer
from crm_expenses.pipeline import Company, speak
from crm_expenses.pipeline.claims import new_claim
from crm_expenses.pipeline.claimviews import ClaimView, show_claim
from crm_expenses.pipeline.desk import Desk
from crm_expenses.pipeline.loose import add_lines, line_of
from crm_expenses.policyfile import parse_policy
from crm_expenses.store import Store, open_store
from stores import where

AT: Final = datetime(2026, 3, 10, 9, tzinfo=SHANGHAI)
FINANCE: Final = "P9"
ROLES: Final = {"finance": (FINANCE,)}
DOLLARS: Final = Rate("USD-1", "USD", "CNY", date(2026, 3, 1), Decimal("7.1"), "central parity")
PAID_MONTHLY: Final = f"{POLICY}\n[payment]\nmonthly_on = [25]\n"
"""Meals up to 150 a day, nights up to 400, gifts up to 500 without a reason; the manager (P3) says
yes above 500 or to a review, finance above 2,000. Budgets: 1,000 for P1 (hard), 3,000 for East."""

FAR: Final = replace(BUDGETS[0], amount=replace(BUDGETS[0].amount, minor=10_000_00))
"""P1's own budget, so large that it is never short."""


@contextmanager
def desk_at(
    folder: Path, *, crm: str = OWN, policy: str = PAID_MONTHLY, records: tuple[Record, ...] = ()
) -> Iterator[Desk]:
    """Open the desk with the store of a folder."""
    with open_store(where(folder / "store.sqlite3")) as store:
        put(store, crm, *PEOPLE, DOLLARS, *BUDGETS, *records)
        company = Company(parse_policy(policy), ROLES, SHANGHAI)
        yield Desk(store, crm, company)


def put(store: Store, crm: str, *records: Record) -> None:
    """Keep records as they would be pulled; equal ones are no news."""
    for kind in Kind:
        found = [one for one in records if type(one) is TYPES[kind]]
        facts = tuple(Received(one, Origin(crm, one.id)) for one in found)
        if facts:
            store.append(crm, Page(kind, facts, (), ""), AT)


def noted(
    desk: Desk, *rows: Mapping[str, str], by: str = "P1", at: datetime = AT
) -> tuple[str, ...]:
    """Note lines down; give the ids of those that are new."""
    policy = desk.company.policy
    lines = [line_of({"date": "2026-03-02", **row}, by, policy) for row in rows]
    added = add_lines(desk, lines, by=by, at=at)
    assert not added.problems
    return added.new


def drafted(desk: Desk, *rows: Mapping[str, str], by: str = "P1", at: datetime = AT) -> str:
    """Note lines down and make a claim of them; give its number."""
    return new_claim(desk, by=by, at=at, lines=noted(desk, *rows, by=by, at=at))


def meal(amount: str, day: str = "2026-03-02", **more: str) -> dict[str, str]:
    """Give a meal as it is noted down."""
    return {"category": "meal", "amount": amount, "date": day, **more}


def gift(amount: str, **more: str) -> dict[str, str]:
    """Give a gift as it is noted down."""
    return {"category": "gift", "amount": amount, **more}


def later(days: int) -> datetime:
    """Give the same hour, so many days later."""
    return AT + timedelta(days=days)


def said(
    desk: Desk,
    number: str,
    by: str = "P3",
    verdict: Verdict = Verdict.APPROVE,
    *,
    refused: tuple[str, ...] = (),
    reason: str = "",
    at: datetime = AT,
) -> Life:
    """Let somebody speak on a claim."""
    word = Word(by, at, verdict, refused=refused, reason=reason)
    return speak(desk.store, desk.crm, number, word, desk.company)


def seen(desk: Desk, number: str, *, by: str = FINANCE, at: datetime = AT) -> ClaimView:
    """Look at a claim as finance does."""
    return show_claim(desk, number, viewer=Viewer(by, sees_all=True), at=at)


def held(desk: Desk) -> dict[str, tuple[int, int]]:
    """Give, by budget, what is committed and what is spent, in fen."""
    positions = desk.store.budget_positions(desk.crm, viewer=SYSTEM)
    return {name: (one.committed, one.spent) for name, one in positions.items()}
