"""Claims with their lines and vouchers, all of them within the demo's policy.

What breaks the policy is planted afterwards, in `faults`, so that it can be listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_DOWN, Decimal
from random import Random
from typing import Final

from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.period import month_end
from crm_expenses.core.rates import Rate, in_force
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.demo.chance import clamp, is_worked, log_normal, pick, worked_from
from crm_expenses.demo.company import (
    CABIN_GRADE,
    CATEGORIES,
    CITIES,
    CITY_CURRENCIES,
    CITY_NAMES_ZH,
    COMMUNICATION_MONTH_MAX,
    CURRENCY,
    ENTERTAINMENT_HEAD_MAX,
    FAPIAO_FROM,
    GIFT_ITEM_MAX,
    MEAL_DAY_MAX,
    MILEAGE_KM,
    lodging_night_max,
    months_until,
)
from crm_expenses.demo.names import MERCHANTS, PURPOSES

SHANGHAI: Final = timezone(timedelta(hours=8))
"""China's time, without summer time since 1991; a fixed offset needs no zone database."""

WAITING_DAYS: Final = 35
"""Claims submitted in the last five weeks are still on their way; older ones are settled."""

_USUAL: Final = {
    "meal": (6_600, "0.40", 1_500, MEAL_DAY_MAX - 110),
    "local_transport": (3_200, "0.50", 900, 14_800),
    "rail": (17_500, "0.60", 2_000, 120_000),
    "flight": (98_000, "0.35", 35_000, 320_000),
    "entertainment": (16_500, "0.30", 6_000, ENTERTAINMENT_HEAD_MAX - 600),
    "gift": (20_500, "0.40", 5_000, GIFT_ITEM_MAX - 900),
    "communication": (12_000, "0.35", 3_800, COMMUNICATION_MONTH_MAX - 700),
    "office": (13_000, "0.80", 1_200, 180_000),
    "parking": (1_500, "0.60", 500, 9_000),
}
"""By category: middle, spread, least and most in fen (entertainment per head)."""

_PROOF_SHARE: Final = {"parking": 40, "local_transport": 55, "meal": 75, "mileage": 0}
"""How many in a hundred small lines have a voucher anyway; 90 where not named."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line with the voucher that backs it, before both have their ids."""

    line: ExpenseLine
    voucher: Voucher | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim before it has its number."""

    person: AccountManager
    submitted: datetime
    items: tuple[Item, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Spending:
    """All claims, lines and vouchers, in the order of submission."""

    claims: tuple[Claim, ...]
    lines: tuple[ExpenseLine, ...]
    vouchers: tuple[Voucher, ...]


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What one person's spending is made from."""

    accounts: Sequence[Account]
    deals: Mapping[str, Sequence[Opportunity]]
    rates: tuple[Rate, ...]
    today: date


def make_spending(
    rng: Random,
    people: Sequence[AccountManager],
    accounts: Sequence[Account],
    opportunities: Sequence[Opportunity],
    rates: tuple[Rate, ...],
    today: date,
) -> Spending:
    """Make about 3,000 claims with about 10,000 lines, submitted up to `today`."""
    deals: dict[str, list[Opportunity]] = {}
    for deal in opportunities:
        deals.setdefault(deal.account, []).append(deal)
    drafts: list[Draft] = []
    for person in people:
        own = [a for a in accounts if a.owner == person.id]
        of_team = [a for a in accounts if a.city in CITIES.get(person.team, ())]
        around = _Surroundings(own or of_team or accounts, deals, rates, today)
        for month in months_until(today):
            if person.active_from is None or person.active_from <= month:
                drafts += _month(rng, person, month, around)
    drafts = [draft for draft in drafts if draft.submitted.date() <= today]
    drafts.sort(key=lambda draft: (draft.submitted, draft.person.id))
    return _numbered(rng, drafts, today)


def voucher_for(rng: Random, line: ExpenseLine) -> Voucher:
    """Make the voucher that one would have for this line; its ids come later."""
    kind = VoucherKind.E_FAPIAO if rng.random() < 0.85 else VoucherKind.FAPIAO
    if line.amount.currency != CURRENCY:
        kind = VoucherKind.RECEIPT
    elif line.category in ("rail", "flight"):
        kind = VoucherKind.TICKET
    issued = line.date + timedelta(days=rng.randint(0, 1))
    return Voucher("", kind, amount=line.amount, issued=issued, seller=line.merchant)


def not_round(minor: int) -> int:
    """Move an amount off the multiples of fifty yuan: round amounts are one of the faults.

    >>> not_round(50_000), not_round(50_010)
    (49970, 50010)
    """
    return minor - 30 if minor >= 10_000 and minor % 5_000 == 0 else minor


def _month(
    rng: Random, person: AccountManager, month: date, around: _Surroundings
) -> Iterator[Draft]:
    yield _monthly(rng, person, month)
    trips = pick(rng, (0, 1, 2), [3, 5, 2])
    starts = [month.replace(day=rng.randint(2, 7)), month.replace(day=rng.randint(15, 20))]
    for start in rng.sample(starts, trips):
        yield _trip(rng, person, worked_from(start), around)
    for _ in range(pick(rng, (0, 1, 2), [3, 4, 3])):
        yield _customer_visit(rng, person, month, around)
    if rng.random() < 0.42:
        yield _drive(rng, person, month)
    if rng.random() < 0.42:
        day = worked_from(month.replace(day=rng.randint(1, 25)))
        lines = [_line(rng, person.city, "office", day) for _ in range(rng.randint(1, 2))]
        yield _draft(rng, person, lines, f"{month.month}月办公用品")


def _monthly(rng: Random, person: AccountManager, month: date) -> Draft:
    """One claim a month for the phone, taxis at home, and meals when work went late."""
    lines = [_line(rng, person.city, "communication", month.replace(day=rng.randint(5, 20)))]
    for _ in range(rng.randint(1, 3)):
        day = worked_from(month.replace(day=rng.randint(1, 26)))
        lines.append(_line(rng, person.city, "local_transport", day))
    # Days 13, 14 and from 26 on are never days of a trip: one meal line a person and day.
    for number in rng.sample((13, 14, 26, 27, 28), rng.randint(0, 2)):
        day = month.replace(day=number)
        if is_worked(day):
            lines.append(_line(rng, person.city, "meal", day))
    lines.sort(key=lambda line: line.date)
    return _draft(rng, person, lines, f"{month.month}月日常费用", not_before=month_end(month))


def _trip(rng: Random, person: AccountManager, start: date, around: _Surroundings) -> Draft:
    """A journey of two to four days: there and back, a hotel, meals, taxis, maybe a dinner."""
    account = rng.choice(around.accounts)
    city, nights = account.city, rng.randint(1, 3)
    end = start + timedelta(days=nights)
    far = city in CITY_CURRENCIES or rng.random() < 0.3
    way = "flight" if far else "rail"
    cabin = "second" if way == "rail" else "economy"
    if far and person.grade == CABIN_GRADE and rng.random() < 0.3:
        cabin = "business"
    lines = [replace(_line(rng, person.city, way, day), travel_class=cabin) for day in (start, end)]
    cap = lodging_night_max(person.grade, city)
    if city not in CITY_CURRENCIES or person.grade in ("lead", "director"):
        night = clamp(log_normal(rng, cap * 78 // 100, "0.13"), cap // 3, cap - 790)
        hotel = _line(rng, city, "lodging", end, minor=night * nights)
        lines.append(replace(hotel, nights=nights))
    days = [start + timedelta(days=n) for n in range(nights + 1)]
    meals = rng.sample(days, rng.randint(1, len(days)))
    lines += [_line(rng, city, "meal", day) for day in meals]
    lines += [
        _line(rng, city, "local_transport", rng.choice(days)) for _ in range(rng.randint(0, 2))
    ]
    if rng.random() < 0.3:
        lines += _entertainment(rng, person, city, worked_from(start))
    lines.sort(key=lambda line: (line.date, CATEGORIES.index(line.category)))
    lines = _for_customer(rng, [_abroad(line, around.rates) for line in lines], account, around)
    return _draft(rng, person, lines, f"出差 {CITY_NAMES_ZH[city]} {start:%m/%d}-{end:%m/%d}")


def _customer_visit(
    rng: Random, person: AccountManager, month: date, around: _Surroundings
) -> Draft:
    """A dinner with a customer or a gift for one, with the way there."""
    account = rng.choice(around.accounts)
    day = worked_from(month.replace(day=rng.randint(1, 28)))
    city = person.city if account.city in CITY_CURRENCIES else account.city
    lines = _entertainment(rng, person, city, day) if rng.random() < 0.82 else []
    if not lines or rng.random() < 0.12:
        lines.append(_line(rng, city, "gift", day))
    if rng.random() < 0.6:
        way = rng.choice(("local_transport", "parking"))
        lines.append(_line(rng, city, way, day))
    lines = _for_customer(rng, lines, account, around)
    return _draft(rng, person, lines, f"客户拜访 {account.name}")


def _drive(rng: Random, person: AccountManager, month: date) -> Draft:
    lines: list[ExpenseLine] = []
    for _ in range(rng.randint(1, 2)):
        day = worked_from(month.replace(day=rng.randint(1, 26)))
        tenths = clamp(log_normal(rng, 600, "0.5", step=1), 80, 1_600)
        distance = Decimal(tenths).scaleb(-1)
        line = _line(rng, person.city, "mileage", day, minor=tenths * MILEAGE_KM // 10)
        lines.append(replace(line, distance=distance))
        if rng.random() < 0.5:
            lines.append(_line(rng, person.city, "parking", day))
    return _draft(rng, person, lines, f"{month.month}月自驾 mileage")


def _entertainment(rng: Random, person: AccountManager, city: str, day: date) -> list[ExpenseLine]:
    heads = rng.randint(2, 10 if person.grade in ("lead", "director") else 7)
    middle, spread, least, most = _USUAL["entertainment"]
    per_head = clamp(log_normal(rng, middle, spread), least, most)
    line = _line(rng, city, "entertainment", day, minor=per_head * heads)
    return [replace(line, attendees=heads, pre_approved=rng.random() < 0.7)]


def _line(
    rng: Random, city: str, category: str, day: date, *, minor: int | None = None
) -> ExpenseLine:
    if minor is None:
        middle, spread, least, most = _USUAL[category]
        minor = clamp(log_normal(rng, middle, spread), least, most)
    if category != "mileage":
        minor = not_round(minor)
    return ExpenseLine(
        "",
        "",
        day,
        category,
        Money(minor, CURRENCY),
        city,
        merchant=rng.choice(MERCHANTS[category]),
        purpose=rng.choice(PURPOSES[category]),
        payment="company_card" if rng.random() < 0.2 else "personal",
    )


def _abroad(line: ExpenseLine, rates: tuple[Rate, ...]) -> ExpenseLine:
    """What was paid on the spot abroad was paid in the money of that place."""
    currency = CITY_CURRENCIES.get(line.city)
    rate = in_force(rates, currency, CURRENCY, line.date) if currency else None
    if rate is None:
        return line
    step = Decimal(10) if currency == "JPY" else Decimal("0.1")
    units = (line.amount.amount / rate.rate / step).to_integral_value(ROUND_DOWN)
    return replace(line, amount=Money.of(units * step, rate.currency))


def _for_customer(
    rng: Random, lines: Sequence[ExpenseLine], account: Account, around: _Surroundings
) -> list[ExpenseLine]:
    """Say for which customer the lines are, and mostly for which deal that was open then."""
    day = lines[0].date
    opened = [
        deal
        for deal in around.deals.get(account.id, ())
        if deal.opened and deal.opened <= day and (not deal.closed or deal.closed >= day)
    ]
    deal = rng.choice(opened).id if opened and rng.random() < 0.75 else ""
    return [replace(line, account=account.id, opportunity=deal) for line in lines]


def _draft(
    rng: Random,
    person: AccountManager,
    lines: Sequence[ExpenseLine],
    title: str,
    *,
    not_before: date = date.min,
) -> Draft:
    last = max(not_before, *(line.date for line in lines))
    day = worked_from(last + timedelta(days=rng.randint(1, 9 if not_before > date.min else 18)))
    hour = time(rng.randint(9, 18), rng.randint(0, 59), tzinfo=SHANGHAI)
    items = []
    for line in lines:
        share = _PROOF_SHARE.get(line.category, 90)
        large = line.amount.minor >= FAPIAO_FROM or line.amount.currency != CURRENCY
        proven = large or rng.randrange(100) < share
        items.append(Item(line, voucher_for(rng, line) if proven else None))
    return Draft(person, datetime.combine(day, hour), tuple(items), title)


def _status(rng: Random, submitted: date, today: date) -> ClaimStatus:
    if (today - submitted).days < WAITING_DAYS:
        on_their_way = (ClaimStatus.SUBMITTED, ClaimStatus.APPROVED, ClaimStatus.RETURNED)
        return pick(rng, on_their_way, [88, 10, 2])
    settled = (ClaimStatus.PAID, ClaimStatus.REJECTED, ClaimStatus.WITHDRAWN)
    return pick(rng, settled, [968, 18, 14])


def _numbered(rng: Random, drafts: Sequence[Draft], today: date) -> Spending:
    """Give claims, lines and vouchers their numbers, in the order of submission."""
    claims: list[Claim] = []
    lines: list[ExpenseLine] = []
    vouchers: list[Voucher] = []
    in_month: dict[str, int] = {}
    for draft in drafts:
        month = f"{draft.submitted:%Y%m}"
        in_month[month] = in_month.get(month, 0) + 1
        number = f"BX{month}-{in_month[month]:04d}"
        status = _status(rng, draft.submitted.date(), today)
        claims.append(Claim(number, draft.person.id, draft.submitted, status, draft.title))
        for position, item in enumerate(draft.items, 1):
            line = replace(item.line, id=f"{number}-{position:02d}", claim=number)
            if item.voucher:
                vouchers.append(numbered_voucher(rng, item.voucher, len(vouchers) + 1))
                line = replace(line, voucher=vouchers[-1].id)
            lines.append(line)
    return Spending(tuple(claims), tuple(lines), tuple(vouchers))


def numbered_voucher(rng: Random, voucher: Voucher, serial: int) -> Voucher:
    """Give a voucher its id and a number of the form that its kind has; the serial keeps it unique.

    A fully digital fapiao has 20 digits; a paper one has 8, beside a code of 12.
    """
    year = f"{voucher.issued:%y}" if voucher.issued else "00"
    number, code = f"{year}31{rng.randrange(10**8):08d}{serial:08d}", ""
    if voucher.kind is VoucherKind.FAPIAO:
        number, code = f"{serial:08d}", f"0310{year}{rng.randrange(10**6):06d}"
    elif voucher.kind is VoucherKind.TICKET:
        number = f"E{rng.randrange(10**5):05d}{serial:08d}"
    elif voucher.kind is VoucherKind.RECEIPT:
        number = f"R-{serial:06d}"
    return replace(voucher, id=f"V{serial:06d}", number=number, code=code)
