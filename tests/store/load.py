"""Several processes on one store, against budgets that are too small.

    python -m load STORE --seconds S | --claims N

A worker does what a sync does, round after round: it appends claims and their lines, changes the
status of earlier ones, raises a budget now and then, and decides all that waits, its own and the
others'. Between two rounds the manager says yes, no, or sends back, and claims are paid, whole or
in parts. It says on a line of its own what has been committed, so that somebody who kills it knows
what may not be lost. It begins when it reads a line: its slot, and the first round. A round that
was done already adds nothing.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Final

from racing import POLICY
from stored_company import AT, CRM, claim, cny, line, page, put

from crm_expenses.core.approval import Verdict, Word
from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import Kind, Record
from crm_expenses.errors import RefusedError
from crm_expenses.pipeline import Company, decide, speak
from crm_expenses.pipeline.desk import FINANCE, Desk
from crm_expenses.pipeline.payments import pay
from crm_expenses.pipeline.summary import quiet
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.policy import Policy
from crm_expenses.store import Store, open_store

PEOPLE: Final = tuple(
    AccountManager(f"P{n}", f"P{n}", team=f"T{n % 3}", manager="P0") for n in range(9)
)
PER_ROUND: Final = 3
LAG: Final = 2
"""After so many rounds something happens to a claim."""
RAISED_EVERY: Final = 4
"""In every so manieth round a worker raises a budget."""


MANAGER: Final = "P0"
PAYER: Final = "P-pays"
APPROVALS: Final = """
[[approval]]
code = "line"
who = "manager"
above = 15
outcome = "review"
"""


@cache
def rules() -> Policy:
    """Give the policy: windows that are kept and never full, so that the budgets decide."""
    return parse_policy(POLICY.replace("is = 300 ", "is = 100000000 ") + APPROVALS)


def company() -> Company:
    """Give what claims are looked at with."""
    return Company(rules(), {FINANCE: (PAYER,)})


def budgets(times: int = 0, workers: int = 1) -> tuple[Budget, ...]:
    """Give the budgets, raised so often: a hard one for each team, a soft one for the company.

    A round of each worker asks for about 7,500; a third of it is there.
    """
    year = (datetime(2026, 1, 1).date(), datetime(2026, 12, 31).date())  # noqa: DTZ001  days only
    hard = (
        Budget(
            f"B-{team}",
            BudgetScope.TEAM,
            *year,
            cny(20_000 + 3_500 * workers * times),
            owner=team,
            hard=True,
        )
        for team in ("T0", "T1", "T2")
    )
    return (*hard, Budget("B-ALL", BudgetScope.COMPANY, *year, cny(100_000)))


def number_of(slot: int, turn: int, place: int) -> int:
    """Give the number of a claim: no two workers and no two rounds have one in common."""
    return slot * 10_000_000 + turn * PER_ROUND + place


def made(slot: int, turn: int) -> tuple[list[Claim], list[ExpenseLine]]:
    """Give the claims of a round, each with a line."""
    numbers = [number_of(slot, turn, place) for place in range(PER_ROUND)]
    submitted = AT - timedelta(days=20)
    claims = [
        replace(claim(0, person=f"P{n % 9}"), id=f"C-{n}", submitted=submitted) for n in numbers
    ]
    lines = [line(n, 500 + 977 * n % 4_100) for n in numbers]
    return claims, lines


def later(slot: int, turn: int) -> tuple[list[Claim], list[ExpenseLine]]:
    """Give what happens to the claims of a round: paid, withdrawn, changed, or nothing."""
    claims, lines = made(slot, turn)
    fates = [(turn + place) % 5 for place in range(PER_ROUND)]
    new: dict[int, ClaimStatus] = {
        0: ClaimStatus.PAID,
        1: ClaimStatus.WITHDRAWN,
        2: ClaimStatus.PAID,
    }
    moved = [replace(c, status=new[f]) for c, f in zip(claims, fates, strict=True) if f in new]
    changed = [
        replace(x, amount=cny(x.amount.minor + 700))
        for x, f in zip(lines, fates, strict=True)
        if f == 3
    ]
    return moved, changed


def begin(where: str | Path) -> None:
    """Make the store, with people and budgets."""
    with open_store(where) as store:
        put(store, *PEOPLE, *budgets())


def work(store: Store, slot: int, turn: int, workers: int = 1) -> None:
    """Do one round."""
    moved, changed = later(slot, turn - LAG) if turn >= LAG else ([], [])
    claims, lines = made(slot, turn)
    at = AT + timedelta(seconds=turn)
    append(store, Kind.CLAIM, [*moved, *claims], at)
    say(f"claims {turn}")
    append(store, Kind.LINE, [*changed, *lines], at)
    say(f"lines {turn}")
    if slot == 0 and turn % RAISED_EVERY == 0:  # one alone, so that it is never lowered
        append(store, Kind.BUDGET, budgets(turn // RAISED_EVERY, workers), at)
    done = decide(store, CRM, company(), at=at, progress=quiet)
    say(f"decided {done.claims} {done.closed}")
    speak_of(store, slot, turn, at)
    pay_of(store, slot, turn, at)
    rows = store.take(CRM, 20)
    store.answer(CRM, [(row.key, "done", "") for row in rows])


def speak_of(store: Store, slot: int, turn: int, at: datetime) -> None:
    """Let the manager speak of the claims of this round and the one before, as far as they may."""
    verdicts = (*(Verdict.APPROVE,) * 3, Verdict.REJECT, Verdict.RETURN)
    for number in range(number_of(slot, turn - 1, 0), number_of(slot, turn + 1, 0)):
        verdict = verdicts[number % 5]
        reason = "" if verdict is Verdict.APPROVE else "why"
        with suppress(RefusedError):  # another worker changed it meanwhile, or nobody is asked
            speak(store, CRM, f"C-{number}", Word(MANAGER, at, verdict, reason=reason), company())


def pay_of(store: Store, slot: int, turn: int, at: datetime) -> None:
    """Pay the claims of this round and the one before, as far as they are approved."""
    desk = Desk(store, CRM, company())
    for number in range(number_of(slot, turn - 1, 0), number_of(slot, turn + 1, 0)):
        amount = Decimal(1) if number % 2 else None
        with suppress(RefusedError):  # not approved, changed, or paid already
            pay(desk, f"C-{number}", amount, by=PAYER, at=at)


def append(store: Store, kind: Kind, records: Sequence[Record], at: datetime) -> None:
    """Keep a page, as a pull would."""
    store.append(CRM, page(kind, records, cursor=""), at)


def say(words: str) -> None:
    """Tell what has been committed."""
    print(words, flush=True)  # noqa: T201  this is what the others wait for


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--claims", type=int, default=10**9)
    given = parser.parse_args()
    with open_store(given.store) as store:
        rules()
        say("ready")
        slot, first = map(int, sys.stdin.readline().split())
        end = monotonic() + given.seconds
        turn = first
        while monotonic() < end and (turn - first) * PER_ROUND < given.claims:
            work(store, slot, turn, given.workers)
            turn += 1
        decide(store, CRM, company(), at=AT, progress=quiet)
        say(f"end {turn}")


if __name__ == "__main__":
    main()
