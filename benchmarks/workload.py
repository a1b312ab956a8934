"""The workload of the benchmarks: 28 rules over the lines of 2,000 account managers, three years.

The policy is written once as ours (`policy_text`) and once as plain figures (`Tables`) for the
peers. Lines are drawn from a seed. Amounts are whole minor units of currencies that have two
decimals. What our language says otherwise than the plain rules, and how results are compared:

- R05 (no rate in the month of the spending) is not a rule with us: it is our own finding
  `currency.no_rate`, and nothing is allowed. Rules on the amount then have nothing to say, as the
  plain ones have, to which such a line is worth 0.
- R28 flags from the line that crosses; a decision cannot know later lines.
- R26 and R27 count what the rules on lines left (`counts = "eligible"`).
"""

import csv
import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.rates import Rate
from crm_expenses.core.voucher import Voucher, VoucherKind

HERE: Final = Path(__file__).parent
FIRST: Final = date(2023, 1, 1)
DAYS: Final = 1_095
TIERS: Final = ("T1", "T2", "T3", "OS")
GRADES: Final = (1, 2, 3, 4, 5)
TEAMS: Final = ("sales", "presales", "service", "marketing", "product", "ops", "support", "admin")
CATEGORIES: Final = {
    "meal": (0.22, 80),
    "taxi": (0.20, 45),
    "lodging": (0.10, 520),
    "entertainment": (0.10, 700),
    "rail": (0.07, 320),
    "communication": (0.06, 80),
    "office": (0.06, 70),
    "air": (0.05, 1100),
    "mileage": (0.05, 90),
    "parking": (0.05, 18),
    "gift": (0.03, 180),
    "alcohol": (0.01, 160),
}
"""Share of the lines, and median amount in yuan."""

RATES: Final = {"USD": 7.1, "EUR": 7.7, "GBP": 9.0, "HKD": 0.91, "SGD": 5.3, "AUD": 4.7}
NO_RATE: Final = "CHF"
_BASES: Final = {"lodging": "night", "entertainment": "person"}
_CAPPED: Final = ("meal", "taxi", "gift", "communication", "office", "parking")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the peers see it; amounts in hundredths, absent values None."""

    id: str
    person: int
    category: str
    day: date
    submitted: date
    amount: int
    currency: str
    city: str
    customer: str | None
    attendees: int
    nights: int
    km: int
    voucher: str
    invoice: str | None
    pre_approved: bool
    purpose: str | None
    travel_class: str | None
    pay: str


@dataclass(frozen=True, slots=True)
class Person:
    """An account manager; employed from the first day to the last, both included."""

    grade: int
    team: str
    active_from: date
    active_to: date


@dataclass(frozen=True, slots=True)
class Tables:
    """What the rules look up: people, tiers of cities, rates by month, caps by date."""

    people: tuple[Person, ...]
    tiers: dict[str, str]
    rates: dict[tuple[str, date], int]
    caps: dict[tuple[str, int, str], tuple[tuple[date, int, int], ...]]
    km_rates: tuple[tuple[date, int], ...] = ((FIRST, 150), (date(2025, 1, 1), 160))


def read_caps() -> dict[tuple[str, int, str], tuple[tuple[date, int, int], ...]]:
    """Give, by category, grade and tier, the caps in force from each date: cap and sum."""
    found: dict[tuple[str, int, str], list[tuple[date, int, int]]] = {}
    with (HERE / "caps.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["category"], int(row["grade"]), row["tier"])
            start = date.fromisoformat(row["valid_from"])
            found.setdefault(key, []).append((start, int(row["cap"]), int(row["agg_cap"])))
    return {key: tuple(sorted(steps)) for key, steps in found.items()}


def tables(seed: int = 1) -> Tables:
    """Draw the people, and make the other tables."""
    draw = random.Random(seed)
    people = []
    for _ in range(2_000):
        grade = draw.choices(GRADES, (30, 30, 20, 15, 5))[0]
        start, end = date(2015, 1, 1), date(2099, 12, 31)
        if draw.random() < 0.04:
            start = FIRST + timedelta(days=draw.randrange(DAYS))
        if draw.random() < 0.03:
            end = FIRST + timedelta(days=draw.randrange(DAYS))
        people.append(Person(grade, draw.choice(TEAMS), start, end))
    tiers = {f"city{n:02}": TIERS[min(3, n // 15)] for n in range(60)}
    rates = {}
    for currency, base in RATES.items():
        for month in range(36):
            day = date(2023 + month // 12, month % 12 + 1, 1)
            rates[currency, day] = round(base * 1_000_000 * (1 + draw.uniform(-0.03, 0.03)))
    return Tables(tuple(people), tiers, rates, read_caps())


def lines(count: int, held: Tables, seed: int = 2) -> list[Line]:
    """Draw lines in order of submission."""
    draw = random.Random(seed)
    names = list(CATEGORIES)
    shares = [share for share, _ in CATEGORIES.values()]
    cities = list(held.tiers)
    visits = [1 / (rank + 1) ** 0.7 for rank in range(len(cities))]
    currencies = [*RATES, NO_RATE]
    invoices: list[str] = []
    made = []
    for number in range(count):
        category = draw.choices(names, shares)[0]
        median = CATEGORIES[category][1]
        amount = max(1, round(100 * median * math.exp(draw.gauss(0, draw.uniform(0.45, 0.8)))))
        if draw.random() < 0.02:
            amount = amount // 10_000 * 10_000 or 60_000
        currency = "CNY" if draw.random() < 0.9 else draw.choice(currencies)
        if currency != "CNY":
            amount = max(1, round(amount / RATES.get(currency, 8)))
        day = FIRST + timedelta(days=draw.randrange(DAYS))
        voucher = draw.choices(("e_fapiao", "fapiao", "receipt", "none"), (70, 26, 3, 1))[0]
        invoice = None
        if voucher in ("fapiao", "e_fapiao"):
            invoice = f"{draw.randrange(10**20):020}" if draw.random() < 0.6 else None
            invoice = invoice or f"{draw.randrange(10**8):08}"
            if draw.random() < 0.005:
                invoice = invoice[:-1]
            if invoices and draw.random() < 0.005:
                invoice = draw.choice(invoices)
            invoices.append(invoice)
        guests = category == "entertainment"
        made.append(
            Line(
                id=f"{number:08}",
                person=draw.randrange(2_000),
                category=category,
                day=day,
                submitted=day + timedelta(days=min(70, int(draw.expovariate(1 / 12)))),
                amount=amount if draw.random() > 0.002 else -amount,
                currency=currency,
                city=draw.choices(cities, visits)[0],
                customer=f"A{draw.randrange(5_000)}" if guests or draw.random() < 0.8 else None,
                attendees=draw.randint(2, 9) if guests else 1,
                nights=draw.randint(1, 3) if category == "lodging" else 0,
                km=max(1, round(amount / 150)) if category == "mileage" else 0,
                voucher=voucher,
                invoice=invoice,
                pre_approved=draw.random() < 0.8,
                purpose="visit" if draw.random() < 0.97 else None,
                travel_class=draw.choices(("economy", "business", "first"), (93, 5, 2))[0]
                if category in ("air", "rail")
                else None,
                pay=draw.choices(("card", "corporate", "cash"), (70, 22, 8))[0],
            )
        )
    return made


def claims(count: int, size: int, held: Tables, seed: int = 3) -> list[list[Line]]:
    """Draw claims of one person each, whose lines lie within a month, so that windows matter."""
    draw = random.Random(seed)
    drawn = lines(count * size, held, seed)
    made = []
    for number in range(count):
        person, first = draw.randrange(2_000), FIRST + timedelta(days=draw.randrange(DAYS - 31))
        customers = [f"A{draw.randrange(5_000)}" for _ in range(2)]
        of_claim = []
        for line in drawn[number * size : (number + 1) * size]:
            values = {name: getattr(line, name) for name in Line.__slots__}
            day = first + timedelta(days=draw.randrange(8))
            customer = draw.choice(customers) if line.customer else None
            values |= {"person": person, "day": day, "customer": customer}
            values["submitted"] = first + timedelta(days=20)
            of_claim.append(Line(**values))
        made.append(of_claim)
    return made


# The same as typed facts


def person_of(number: int, held: Tables) -> AccountManager:
    """Give an account manager as our records have them."""
    known = held.people[number]
    return AccountManager(
        f"P{number:04}",
        f"P{number:04}",
        grade=str(known.grade),
        team=known.team,
        active_from=known.active_from,
        active_to=known.active_to,
    )


def facts_of(of_claim: list[Line], held: Tables, number: int) -> Facts:
    """Give the snapshot that a decision reads, as a store would hand it over."""
    claim = f"C{number:06}"
    first = of_claim[0]
    made, vouchers, rates = [], [], {}
    for line in of_claim:
        key = "" if line.voucher == "none" else f"V{line.id}"
        if key:
            kind = VoucherKind(line.voucher)
            vouchers.append(Voucher(key, kind, line.invoice or ""))
        month = line.day.replace(day=1)
        ppm = held.rates.get((line.currency, month))
        if ppm is not None:
            name = f"{line.currency}/{month}"
            rate = Decimal(ppm).scaleb(-6)
            rates[name] = Rate(name, line.currency, "CNY", month, rate, "ours")
        made.append(
            ExpenseLine(
                id=line.id,
                claim=claim,
                date=line.day,
                category=line.category,
                amount=Money(line.amount, line.currency),
                city=line.city,
                account=line.customer or "",
                purpose=line.purpose or "",
                voucher=key,
                payment=line.pay,
                travel_class=line.travel_class or "",
                nights=line.nights,
                attendees=line.attendees,
                distance=Decimal(line.km),
                pre_approved=line.pre_approved,
            )
        )
    day = first.submitted
    submitted = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Facts(
        Claim(claim, f"P{first.person:04}", submitted),
        tuple(made),
        person_of(first.person, held),
        tuple(vouchers),
        tuple(rates.values()),
    )


# The policy in our language


def policy_text(*, windows: bool) -> str:
    """Write the policy: 24 rules on lines, with `windows` all 28."""
    parts = [head_text(), _RULES]
    if windows:
        parts.append(_WINDOWS)
    return "\n".join(parts)


def head_text() -> str:
    """Write the policy without its rules: choices, categories, tiers and caps."""
    return "\n".join([_HEAD, _lists(), _tiers(), _caps(read_caps())])


def _lists() -> str:
    def words(values: object) -> str:
        return ", ".join(f'"{value}"' for value in values)  # type: ignore[attr-defined]

    names = "\n".join(f'{c} = {{ name = {{ en = "{c}", zh = "{c}" }} }}' for c in CATEGORIES)
    return (
        f"[choices]\ngrade = [{words(GRADES)}]\ntier = [{words(TIERS)}]\nteam = [{words(TEAMS)}]\n"
        'travel_class = ["economy", "business", "first"]\n'
        'payment = ["card", "corporate", "cash"]\n'
        f"[category]\n{names}"
    )


def _tiers() -> str:
    rows = ", ".join(f'["city{n:02}", "{TIERS[min(3, n // 15)]}"]' for n in range(60))
    return (
        '[parameter.tier_of]\ntype = "tier"\nkeys = ["city"]\n'
        f'values = [{{ from = 2023-01-01, table = [{rows}], else = "T3" }}]'
    )


def _caps(held: dict[tuple[str, int, str], tuple[tuple[date, int, int], ...]]) -> str:
    parts = [
        _cap_table("cap", held, _CAPPED, 1, "", else_zero=True),
        _cap_table("sum_cap", held, ("meal", "communication"), 2, "", else_zero=True),
    ]
    for category, unit in _BASES.items():
        parts.append(_cap_table(f"{category}_cap", held, (category,), 1, unit, else_zero=False))
    parts.append(
        '[parameter.km_rate]\ntype = "money"\nunit = "CNY/km"\n'
        'values = [{ from = 2023-01-01, is = "1.50" }, { from = 2025-01-01, is = "1.60" }]'
    )
    return "\n".join(parts)


def _cap_table(
    name: str,
    held: dict[tuple[str, int, str], tuple[tuple[date, int, int], ...]],
    categories: tuple[str, ...],
    place: int,
    unit: str,
    *,
    else_zero: bool,
) -> str:
    keys = '["grade", "tier"]' if len(categories) == 1 else '["category", "grade", "tier"]'
    per = f'unit = "CNY/{unit}"\n' if unit else ""
    text = f'[parameter.{name}]\ntype = "money"\n{per}keys = {keys}\n'
    starts = sorted({step[0] for steps in held.values() for step in steps})
    for start in starts:
        rows = []
        for (category, grade, tier), steps in held.items():
            if category not in categories:
                continue
            value = next(step for step in steps if step[0] == start)[place]
            first = "" if len(categories) == 1 else f'"{category}", '
            rows.append(f'[{first}"{grade}", "{tier}", "{value // 100}.{value % 100:02}"]')
        other = "else = 0\n" if else_zero else ""
        text += f"[[parameter.{name}.values]]\nfrom = {start}\n{other}table = [{', '.join(rows)}]\n"
    return text


_HEAD: Final = """
[policy]
id = "bench"
version = "1"
language = 1
currency = "CNY"
title = { en = "Workload", zh = "基准" }
"""


def _rule(number: int, kind: str, expression: str, on: str = "", more: str = "") -> str:
    part = "at_most" if kind == "limit" else "that"
    where = f"on = [{', '.join(repr(c) for c in on.split())}]\n" if on else ""
    return (
        f'[[rule]]\ncode = "r{number:02}"\nkind = "{kind}"\n{where}'
        f'title = {{ en = "R{number:02}", zh = "R{number:02}" }}\n{part} = "{expression}"\n{more}'
    )


_IN_CITY: Final = 'when = "present(city)"\n'
_RULES: Final = "\n".join(
    (
        _rule(1, "forbid", "amount_original <= 0"),
        _rule(2, "forbid", "age_days < 0"),
        _rule(3, "forbid", "age_days > 60"),
        _rule(4, "forbid", "category == 'alcohol'"),
        _rule(6, "forbid", "amount > 50 and voucher_kind == 'none'"),
        _rule(
            7,
            "forbid",
            "tier_of[city] != 'OS' and voucher_kind not in ('fapiao', 'e_fapiao')",
            more='when = "present(city) and amount > 200"\n',
        ),
        _rule(8, "limit", "cap[category, grade, tier_of[city]]", " ".join(_CAPPED), _IN_CITY),
        _rule(
            9,
            "limit",
            "lodging_cap[grade, tier_of[city]] * nights",
            "lodging",
            'when = "present(city) and present(nights)"\n',
        ),
        _rule(
            10,
            "limit",
            "entertainment_cap[grade, tier_of[city]] * attendees",
            "entertainment",
            'when = "present(city) and present(attendees)"\n',
        ),
        _rule(11, "flag", "default(attendees, 0) < 2", "entertainment"),
        _rule(12, "forbid", "not present(account)", "entertainment"),
        _rule(13, "flag", "not present(purpose)", "entertainment gift"),
        _rule(14, "forbid", "is_weekend(date) and not pre_approved", "entertainment"),
        _rule(15, "forbid", "amount > 2000 and not pre_approved", "entertainment"),
        _rule(16, "forbid", "amount > 300 and not pre_approved", "gift"),
        _rule(
            17,
            "forbid",
            "(travel_class == 'business' and grade in ('1', '2', '3'))"
            " or (travel_class == 'first' and grade != '5')",
            "air rail",
            'when = "present(travel_class)"\n',
        ),
        _rule(18, "flag", "is_weekend(date) and not present(account)", "taxi"),
        _rule(
            19,
            "limit",
            "round(km_rate * distance, 0.01, half_up)",
            "mileage",
            'when = "present(distance)"\n',
        ),
        _rule(
            20,
            "flag",
            "payment == 'cash' and amount > 500 and amount_original % 100 == 0",
            more='when = "present(payment)"\n',
        ),
        _rule(
            21, "forbid", "payment == 'cash' and amount > 1000", more='when = "present(payment)"\n'
        ),
        _rule(22, "forbid", "not person_active"),
        _rule(
            23,
            "flag",
            "not (present(voucher_number) and (shape(voucher_number, '9{8}')"
            " or shape(voucher_number, '9{20}')))",
            more="when = \"voucher_kind in ('fapiao', 'e_fapiao')\"\n",
        ),
        _rule(24, "forbid", "team in ('support', 'admin')", "entertainment gift"),
    )
)
_WINDOWS: Final = "\n".join(
    (
        """
[window.same_day]
name = { en = "lines for the customer on the day", zh = "当日该客户明细数" }
on = ["entertainment"]
when = "present(account)"
per = ["person", "account"]
period = "day"
counts = "eligible"

[window.same_day_sum]
name = { en = "amounts for the customer on the day", zh = "当日该客户金额" }
on = ["entertainment"]
when = "present(account)"
adds = "amount"
per = ["person", "account"]
period = "day"
counts = "eligible"
""",
        _rule(25, "forbid", "voucher_uses_before > 0", more='when = "present(voucher_number)"\n'),
        _rule(
            26,
            "limit",
            "sum_cap['meal', grade, tier_of[city]]",
            "meal",
            _IN_CITY + 'per = ["person"]\nperiod = "day"\ncounts = "eligible"\n',
        ),
        _rule(
            27,
            "limit",
            "sum_cap['communication', grade, tier_of[city]]",
            "communication",
            _IN_CITY + 'per = ["person"]\nperiod = "month"\ncounts = "eligible"\n',
        ),
        _rule(
            28,
            "flag",
            "same_day >= 1 and same_day_sum + amount > 2000",
            "entertainment",
            'when = "present(account)"\n',
        ),
    )
)


def in_force(steps: tuple[tuple[date, int, int], ...], day: date) -> tuple[date, int, int] | None:
    """Give the step that holds on a day, None before the first."""
    index = bisect_right(steps, (day, 1 << 60, 1 << 60)) - 1
    return steps[index] if index >= 0 else None
