"""What cases written by hand are made of: lines, claims, and policies of drawn rules."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, Final

from agreement import (
    STATUSES,
    World,
    adapted,
)
from drawn import (
    HEAD,
    Drawn,
    Sums,
    coded,
    written,
)
from drawn_claims import (
    AMOUNTS,
    BUDGETS,
    CURRENCIES,
    DAYS,
    FIRST,
    LINES,
    PEOPLE,
    POSITIONS,
    TRIPS,
    VOUCHERS,
)
from drawn_claims import RATES as DRAWN_RATES

from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.rules.window import WindowPeriod

YEAR_END: Final = date(2026, 12, 31)
MODES: Final = ("half_up", "half_even", "up", "down", "floor", "ceiling")
PERSON: Final = AccountManager("P", "P", "senior", "East", "Bonn", extra=(("rank", "5"),))


def line(number: int, amount: object = 50, day: date = FIRST, **more: Any) -> ExpenseLine:  # noqa: ANN401
    """Make a line; a bare amount is of the policy's currency."""
    money = amount if isinstance(amount, Money) else Money.of(str(amount), "CNY")
    return ExpenseLine(str(number), "", day, more.pop("category", "meal"), money, **more)


def claim(number: int, lines: Iterable[ExpenseLine], **more: Any) -> Facts:  # noqa: ANN401
    """Make a claim that is submitted on a day of its own."""
    name, status = f"C{number}", more.pop("status", ClaimStatus.SUBMITTED)
    submitted = datetime(2026, 3, 20, 9, tzinfo=UTC) + timedelta(days=number)
    of, extra = more.pop("of", "P"), more.pop("extra", ())
    given: dict[str, Any] = {"person": replace(PERSON, id=of), "vouchers": VOUCHERS} | more
    given = {"rates": DRAWN_RATES, "trips": TRIPS} | given
    head = Claim(name, of, submitted, status, extra=extra)
    return Facts(head, tuple(replace(one, claim=name) for one in lines), **given)


def single(lines: Iterable[ExpenseLine], **more: Any) -> tuple[Facts, ...]:  # noqa: ANN401
    """Make claims of one line each, in the order of the lines."""
    return tuple(claim(number, [one], **more) for number, one in enumerate(lines))


def dense(seed: int, *, claims: int = 7, lines: int = 9) -> tuple[Facts, ...]:
    """Make claims that have of everything something."""
    dice, made = Random(seed), []
    for number in range(claims):
        held = [
            replace(
                dice.choice(LINES),
                id=str(at),
                amount=Money(dice.choice(AMOUNTS), dice.choice(CURRENCIES)),
                date=dice.choice(DAYS),
            )
            for at in range(lines)
        ]
        budgets = dice.random() < 0.5
        made.append(
            claim(
                number,
                held,
                person=dice.choice((PEOPLE[0], PEOPLE[0], *PEOPLE)),
                budgets=BUDGETS if budgets else (),
                positions=POSITIONS if budgets else (),
                extra=(("project", "A"),) if dice.random() < 0.3 else (),
            )
        )
    world = World(
        tuple(dice.random() < 0.3 for _ in range(claims)),
        tuple(dice.choice(STATUSES) for _ in range(claims)),
        (dice.randrange(6), dice.randrange(6)),
        3,
        4,
        wide=False,
    )
    return adapted(made, world)


def policy(rules: Iterable[Drawn], head: str = HEAD) -> str:
    """Write a policy of drawn rules."""
    return written(coded(list(rules)), head)


def chunks(parts: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Give parts so many at a time."""
    held = iter(parts)
    while some := list(islice(held, size)):
        yield some


def window_of(period: WindowPeriod, per: str) -> Sums:
    """Write a window of a period, per some keys."""
    more = {
        WindowPeriod.YEAR: '\nyear_starts = "03-02"',
        WindowPeriod.ROLLING: "\ndays = 3",
        WindowPeriod.SPELL: "\ngap_days = 1",
    }.get(period, "")
    guard = "present(trip)" if period is WindowPeriod.TRIP else ""
    return Sums(0, f'per = [{per}]\nperiod = "{period}"{more}', guard)
