"""The peers that a programmer would write by hand: plain, and tuned as far as Python goes.

All take a line and the look-up tables, and give the numbers of the broken rules and the allowed
amount in hundredths of a yuan; whole numbers throughout, no object beside a tuple. `plain` and
`tuned` read a flat record that has all at hand, `typed` the records that our engine reads.
"""

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP
from typing import Final

from workload import Line, Tables, in_force

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.voucher import Voucher, VoucherKind

Result = tuple[list[int], int]
_CASHED: Final = ("fapiao", "e_fapiao")


def plain(line: Line, held: Tables, *, seen: set[str] | None = None) -> Result:
    """Decide a line by R01 to R24; with `seen`, the invoice numbers so far, by R25 too."""
    broken = []
    rejected = False
    person = held.people[line.person]
    grade, tier = person.grade, held.tiers[line.city]
    category, voucher, day = line.category, line.voucher, line.day
    if line.currency == "CNY":
        cny, has_rate = line.amount, True
    else:
        rate = held.rates.get((line.currency, day.replace(day=1)))
        has_rate = rate is not None
        cny = (line.amount * rate + 500_000) // 1_000_000 if rate is not None else 0
    allowed = cny
    age_days = (line.submitted - day).days
    weekend = day.weekday() >= 5
    step = in_force(held.caps.get((category, grade, tier), ()), day)
    cap = step[1] if step else 0
    if line.amount <= 0:
        broken.append(1)
        rejected = True
    if age_days < 0:
        broken.append(2)
        rejected = True
    if age_days > 60:
        broken.append(3)
        rejected = True
    if category == "alcohol":
        broken.append(4)
        rejected = True
    if not has_rate:
        broken.append(5)
        rejected = True
    if cny > 5_000 and voucher == "none":
        broken.append(6)
        rejected = True
    if cny > 20_000 and tier != "OS" and voucher not in _CASHED:
        broken.append(7)
        rejected = True
    if category == "lodging":
        if cny > cap * line.nights:
            broken.append(9)
            allowed = min(allowed, cap * line.nights)
    elif category == "entertainment":
        if cny > cap * line.attendees:
            broken.append(10)
            allowed = min(allowed, cap * line.attendees)
        if line.attendees < 2:
            broken.append(11)
        if line.customer is None:
            broken.append(12)
            rejected = True
        if line.purpose is None:
            broken.append(13)
        if weekend and not line.pre_approved:
            broken.append(14)
            rejected = True
        if cny > 200_000 and not line.pre_approved:
            broken.append(15)
            rejected = True
    elif step is not None and cny > cap:
        broken.append(8)
        allowed = min(allowed, cap)
    if category == "gift":
        if line.purpose is None:
            broken.append(13)
        if cny > 30_000 and not line.pre_approved:
            broken.append(16)
            rejected = True
    if category in ("air", "rail") and (
        (line.travel_class == "business" and grade < 4)
        or (line.travel_class == "first" and grade < 5)
    ):
        broken.append(17)
        rejected = True
    if category == "taxi" and weekend and line.customer is None:
        broken.append(18)
    if category == "mileage":
        rate_km = held.km_rates[1][1] if day >= held.km_rates[1][0] else held.km_rates[0][1]
        if cny > line.km * rate_km:
            broken.append(19)
            allowed = min(allowed, line.km * rate_km)
    if line.pay == "cash":
        if cny > 50_000 and line.amount % 10_000 == 0:
            broken.append(20)
        if cny > 100_000:
            broken.append(21)
            rejected = True
    if not person.active_from <= day <= person.active_to:
        broken.append(22)
        rejected = True
    if voucher in _CASHED:
        number = line.invoice or ""
        if not (len(number) in (8, 20) and number.isascii() and number.isdigit()):
            broken.append(23)
    if category in ("entertainment", "gift") and person.team in ("support", "admin"):
        broken.append(24)
        rejected = True
    if seen is not None and line.invoice:
        if line.invoice in seen:
            broken.append(25)
            rejected = True
        seen.add(line.invoice)
    return broken, 0 if rejected else allowed


def plain_claim(of_claim: list[Line], held: Tables) -> list[Result]:
    """Decide the lines of a claim by all 28 rules, with windows that start empty."""
    seen: set[str] = set()
    by_day: dict[tuple[int, date], int] = {}
    by_month: dict[tuple[int, date], int] = {}
    groups: dict[tuple[int, date, str], tuple[int, int]] = {}
    results = []
    for line in of_claim:
        broken, allowed = plain(line, held, seen=seen)
        person, day = line.person, line.day
        if line.category in ("meal", "communication"):
            used = by_day if line.category == "meal" else by_month
            key = (person, day if line.category == "meal" else day.replace(day=1))
            tier = held.tiers[line.city]
            step = in_force(held.caps[line.category, held.people[person].grade, tier], day)
            before = used.get(key, 0)
            used[key] = before + allowed
            if step is not None and allowed > 0 and before + allowed > step[2]:
                broken.append(26 if line.category == "meal" else 27)
                allowed = max(0, step[2] - before)
        elif line.category == "entertainment" and line.customer is not None:
            cny = line.amount
            if line.currency != "CNY":
                rate = held.rates.get((line.currency, day.replace(day=1)))
                cny = (line.amount * rate + 500_000) // 1_000_000 if rate is not None else 0
            group = (person, day, line.customer)
            count, total = groups.get(group, (0, 0))
            if count and total + cny > 200_000:
                broken.append(28)
            groups[group] = (count + 1, total + cny)
        results.append((broken, allowed))
    return results


def tuned(held: Tables) -> Callable[[Line], tuple[int, int]]:
    """Give R01 to R24 as one closure: look-ups bound, a bit a rule, branches by category first."""
    barred_teams = ("support", "admin")
    people = [(p.grade, p.team in barred_teams, p.active_from, p.active_to) for p in held.people]
    tiers, rates, caps = held.tiers, held.rates, held.caps
    turn, second = held.km_rates[1]
    first = held.km_rates[0][1]
    change = next(iter(caps.values()))[1][0]

    def decide(line: Line) -> tuple[int, int]:
        mask = 0
        grade, barred, active_from, active_to = people[line.person]
        category, day, amount = line.category, line.day, line.amount
        tier = tiers[line.city]
        if line.currency == "CNY":
            cny = amount
        else:
            rate = rates.get((line.currency, day.replace(day=1)))
            if rate is None:
                cny, mask = 0, 1 << 4
            else:
                cny = (amount * rate + 500_000) // 1_000_000
        voucher = line.voucher
        age = (line.submitted - day).days
        if not 0 <= age <= 60:
            mask |= 2 if age < 0 else 4
        if amount <= 0:
            mask |= 1
        is_cashed = voucher == "e_fapiao" or voucher == "fapiao"
        if not is_cashed:
            if cny > 5_000 and voucher == "none":
                mask |= 1 << 5
            if cny > 20_000 and tier != "OS":
                mask |= 1 << 6
        else:
            number = line.invoice or ""
            if not (len(number) in (8, 20) and number.isdigit()):
                mask |= 1 << 22
        allowed = cny
        steps = caps.get((category, grade, tier))
        if steps is not None:
            cap = (steps[1] if day >= change else steps[0])[1]
            if category == "lodging":
                cap *= line.nights
                bit = 1 << 8
            elif category == "entertainment":
                cap *= line.attendees
                bit = 1 << 9
            else:
                bit = 1 << 7
            if cny > cap:
                mask |= bit
                allowed = cap
        if category == "entertainment":
            if line.attendees < 2:
                mask |= 1 << 10
            if line.customer is None:
                mask |= 1 << 11
            if line.purpose is None:
                mask |= 1 << 12
            if not line.pre_approved:
                if day.weekday() >= 5:
                    mask |= 1 << 13
                if cny > 200_000:
                    mask |= 1 << 14
            if barred:
                mask |= 1 << 23
        elif category == "taxi":
            if line.customer is None and day.weekday() >= 5:
                mask |= 1 << 17
        elif category == "gift":
            if line.purpose is None:
                mask |= 1 << 12
            if cny > 30_000 and not line.pre_approved:
                mask |= 1 << 15
            if barred:
                mask |= 1 << 23
        elif category == "air" or category == "rail":
            travel = line.travel_class
            if (travel == "business" and grade < 4) or (travel == "first" and grade < 5):
                mask |= 1 << 16
        elif category == "mileage":
            cap = line.km * (second if day >= turn else first)
            if cny > cap:
                mask |= 1 << 18
                allowed = cap
        elif category == "alcohol":
            mask |= 1 << 3
        if line.pay == "cash" and cny > 50_000:
            if amount % 10_000 == 0:
                mask |= 1 << 19
            if cny > 100_000:
                mask |= 1 << 20
        if not active_from <= day <= active_to:
            mask |= 1 << 21
        return mask, 0 if mask & REJECTS else allowed

    return decide


REJECTS: Final = sum(
    1 << (rule - 1) for rule in (1, 2, 3, 4, 5, 6, 7, 12, 14, 15, 16, 17, 21, 22, 24)
)
"""The bits of the rules that reject."""


# From the same typed facts as ours


def typed(held: Tables) -> Callable[[Facts], Result]:
    """Give R01 to R24 over a claim of one line, as one would write it on our records."""

    def decide(facts: Facts) -> Result:
        vouchers = {voucher.id: voucher for voucher in facts.vouchers}
        broken, allowed, _, _ = _typed_line(facts.lines[0], facts, vouchers, held)
        return broken, allowed

    return decide


def typed_claim(held: Tables) -> Callable[[Facts], list[Result]]:
    """Give all 28 rules over a claim, with windows that start empty."""

    def decide(facts: Facts) -> list[Result]:
        vouchers = {voucher.id: voucher for voucher in facts.vouchers}
        seen: set[str] = set()
        used: dict[tuple[str, date], int] = {}
        groups: dict[tuple[date, str], tuple[int, int]] = {}
        results = []
        for line in facts.lines:
            broken, allowed, cny, tier = _typed_line(line, facts, vouchers, held)
            voucher = vouchers.get(line.voucher)
            if voucher is not None and voucher.number:
                if voucher.number in seen:
                    broken.append(25)
                    allowed = 0
                seen.add(voucher.number)
            day, category = line.date, line.category
            if category in ("meal", "communication"):
                key = (category, day if category == "meal" else day.replace(day=1))
                grade = int(facts.person.grade) if facts.person else 0
                step = in_force(held.caps[category, grade, tier], day)
                before = used.get(key, 0)
                used[key] = before + allowed
                if step is not None and allowed > 0 and before + allowed > step[2]:
                    broken.append(26 if category == "meal" else 27)
                    allowed = max(0, step[2] - before)
            elif category == "entertainment" and line.account:
                count, total = groups.get((day, line.account), (0, 0))
                if count and total + cny > 200_000:
                    broken.append(28)
                groups[day, line.account] = (count + 1, total + cny)
            results.append((broken, allowed))
        return results

    return decide


def _typed_line(
    line: ExpenseLine, facts: Facts, vouchers: dict[str, Voucher], held: Tables
) -> tuple[list[int], int, int, str]:
    """Give the broken rules, the allowed amount, the amount in yuan and the tier."""
    broken = []
    rejected = False
    person = facts.person
    assert person is not None
    grade, tier = int(person.grade), held.tiers[line.city]
    category, day, amount = line.category, line.date, line.amount.minor
    if line.amount.currency == "CNY":
        cny = amount
    else:
        cny, found = 0, None
        for rate in facts.rates:
            if rate.currency == line.amount.currency and rate.day <= day:
                found = rate if found is None or rate.day > found.day else found
        if found is None:
            broken.append(5)
            rejected = True
        else:
            cny = int((amount * found.rate).to_integral_value(ROUND_HALF_UP))
    allowed = cny
    voucher = vouchers.get(line.voucher)
    kind = voucher.kind if voucher is not None else VoucherKind.NONE
    is_cashed = kind is VoucherKind.FAPIAO or kind is VoucherKind.E_FAPIAO
    age_days = (facts.claim.submitted.date() - day).days
    weekend = day.weekday() >= 5
    step = in_force(held.caps.get((category, grade, tier), ()), day)
    cap = step[1] if step else 0
    if amount <= 0:
        broken.append(1)
        rejected = True
    if age_days < 0:
        broken.append(2)
        rejected = True
    if age_days > 60:
        broken.append(3)
        rejected = True
    if category == "alcohol":
        broken.append(4)
        rejected = True
    if cny > 5_000 and kind is VoucherKind.NONE:
        broken.append(6)
        rejected = True
    if cny > 20_000 and tier != "OS" and not is_cashed:
        broken.append(7)
        rejected = True
    if category == "lodging":
        if cny > cap * (line.nights or 0):
            broken.append(9)
            allowed = min(allowed, cap * (line.nights or 0))
    elif category == "entertainment":
        attendees = line.attendees or 0
        if cny > cap * attendees:
            broken.append(10)
            allowed = min(allowed, cap * attendees)
        if attendees < 2:
            broken.append(11)
        if not line.account:
            broken.append(12)
            rejected = True
        if not line.purpose:
            broken.append(13)
        if weekend and not line.pre_approved:
            broken.append(14)
            rejected = True
        if cny > 200_000 and not line.pre_approved:
            broken.append(15)
            rejected = True
    elif step is not None and cny > cap:
        broken.append(8)
        allowed = min(allowed, cap)
    if category == "gift":
        if not line.purpose:
            broken.append(13)
        if cny > 30_000 and not line.pre_approved:
            broken.append(16)
            rejected = True
    if category in ("air", "rail") and (
        (line.travel_class == "business" and grade < 4)
        or (line.travel_class == "first" and grade < 5)
    ):
        broken.append(17)
        rejected = True
    if category == "taxi" and weekend and not line.account:
        broken.append(18)
    if category == "mileage" and line.distance is not None:
        rate_km = held.km_rates[1][1] if day >= held.km_rates[1][0] else held.km_rates[0][1]
        most = int(line.distance * rate_km)
        if cny > most:
            broken.append(19)
            allowed = min(allowed, most)
    if line.payment == "cash":
        if cny > 50_000 and amount % 10_000 == 0:
            broken.append(20)
        if cny > 100_000:
            broken.append(21)
            rejected = True
    is_active = person.active_from is None or person.active_from <= day
    if not (is_active and (person.active_to is None or day <= person.active_to)):
        broken.append(22)
        rejected = True
    if is_cashed:
        number = voucher.number if voucher is not None else ""
        if not (len(number) in (8, 20) and number.isascii() and number.isdigit()):
            broken.append(23)
    if category in ("entertainment", "gift") and person.team in ("support", "admin"):
        broken.append(24)
        rejected = True
    return broken, 0 if rejected else allowed, cny, tier
