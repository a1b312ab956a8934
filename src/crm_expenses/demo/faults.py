"""Faults that are planted in good data, each listed: what a demo must find, carry or set aside."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from crm_expenses.core.claim import DECIDED_STATUSES, Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import Kind
from crm_expenses.core.voucher import Voucher, VoucherKind
from crm_expenses.demo.company import (
    CABIN_GRADE,
    CITY_CURRENCIES,
    COMMUNICATION_MONTH_MAX,
    CURRENCY,
    ENTERTAINMENT_HEAD_MAX,
    FAPIAO_FROM,
    SUBMIT_DAYS_MAX,
    TRANSPORT_MONTH_MAX,
    lodging_night_max,
)
from crm_expenses.demo.names import REASONS
from crm_expenses.demo.spending import (
    WAITING_DAYS,
    Spending,
    not_round,
    numbered_voucher,
    voucher_for,
)


class FaultKind(StrEnum):
    """What is wrong, or remarkable, about a planted record."""

    LODGING_OVER = "lodging_over"
    MEAL_OVER = "meal_over"
    TRANSPORT_OVER = "transport_over"
    ENTERTAINMENT_OVER = "entertainment_over"
    ENTERTAINMENT_NO_ACCOUNT = "entertainment_no_account"
    ENTERTAINMENT_NO_ATTENDEES = "entertainment_no_attendees"
    ENTERTAINMENT_WEEKEND = "entertainment_weekend"
    CABIN_ABOVE_GRADE = "cabin_above_grade"
    GIFT_OVER = "gift_over"
    COMMUNICATION_OVER = "communication_over"
    NO_FAPIAO = "no_fapiao"
    FAPIAO_TWICE_OTHER_PERSON = "fapiao_twice_other_person"
    FAPIAO_TWICE_SAME_PERSON = "fapiao_twice_same_person"
    SUBMITTED_LATE = "submitted_late"
    AFTER_SUBMISSION = "after_submission"
    ROUND_AMOUNT = "round_amount"
    REFUND = "refund"
    FOREIGN_CURRENCY = "foreign_currency"
    NO_RATE = "no_rate"
    JUSTIFIED = "justified"
    # A row that is written badly, and must be set aside with its reason:
    WRONG_DATE = "wrong_date"
    WRONG_AMOUNT = "wrong_amount"
    FULL_WIDTH_AMOUNT = "full_width_amount"
    UNKNOWN_CURRENCY = "unknown_currency"
    UNKNOWN_VALUE = "unknown_value"
    DUPLICATE_ID = "duplicate_id"
    KEY_TWICE = "key_twice"
    NO_SUCH_CLAIM = "no_such_claim"
    # A text that must be carried safely:
    HTML_IN_NAME = "html_in_name"
    MARKUP_IN_NAME = "markup_in_name"
    RIGHT_TO_LEFT_MARK = "right_to_left_mark"
    FORMULA_CELL = "formula_cell"


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """One planted fault: its kind, and the record that shows it."""

    kind: FaultKind
    record_kind: Kind
    record: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """One line with all that a fault needs to know about it."""

    line: ExpenseLine
    claim: Claim
    person: AccountManager

    @property
    def submitted(self) -> date:
        return self.claim.submitted.date()

    @property
    def is_home(self) -> bool:
        return self.line.amount.currency == CURRENCY

    def of(self, *categories: str) -> bool:
        return self.line.category in categories and self.is_home


Change = Callable[[Random, _Seen], ExpenseLine]
Fits = Callable[[_Seen], bool]


def _amount(line: ExpenseLine, minor: int) -> ExpenseLine:
    return replace(line, amount=Money(minor, line.amount.currency))


def _lodging_over(rng: Random, seen: _Seen) -> ExpenseLine:
    cap = lodging_night_max(seen.person.grade, seen.line.city)
    night = cap * rng.randint(108, 165) // 100 // 10 * 10
    return _amount(seen.line, not_round(night * (seen.line.nights or 1)))


def _entertainment_over(rng: Random, seen: _Seen) -> ExpenseLine:
    head = ENTERTAINMENT_HEAD_MAX * rng.randint(106, 190) // 100
    return _amount(seen.line, not_round(head * (seen.line.attendees or 1)))


def _weekend(rng: Random, seen: _Seen) -> ExpenseLine:
    day = seen.line.date
    return replace(seen.line, date=day - timedelta(days=day.weekday() + rng.randint(1, 2)))


def _cabin(rng: Random, seen: _Seen) -> ExpenseLine:
    dearer = not_round(seen.line.amount.minor * rng.randint(19, 32) // 10 // 10 * 10)
    cabin = "first" if rng.random() < 0.25 else "business"
    return replace(_amount(seen.line, dearer), travel_class=cabin)


def _gift_over(rng: Random, seen: _Seen) -> ExpenseLine:
    line = _amount(seen.line, not_round(rng.randint(5_990, 26_800) * 10))
    purpose = rng.choice(("白酒两瓶", "Wine, two bottles"))
    return replace(line, merchant="陈年名酒专卖", purpose=purpose)


def _late(rng: Random, seen: _Seen) -> ExpenseLine:
    days = SUBMIT_DAYS_MAX + rng.randint(1, 60)
    return replace(seen.line, date=seen.submitted - timedelta(days=days), opportunity="")


def _after(rng: Random, seen: _Seen) -> ExpenseLine:
    return replace(seen.line, date=seen.submitted + timedelta(days=rng.randint(1, 6)))


def _round(_: Random, seen: _Seen) -> ExpenseLine:
    return _amount(seen.line, seen.line.amount.minor // 10_000 * 10_000)


def _no_rate(rng: Random, seen: _Seen) -> ExpenseLine:
    line = replace(seen.line, city="Bangkok", merchant="Airport Canteen", purpose="Transit")
    return replace(line, amount=Money(rng.randint(180, 620) * 100, "THB"))


_PLANS: Final[tuple[tuple[FaultKind, int, Fits, Change], ...]] = (
    (FaultKind.LODGING_OVER, 34, lambda s: s.of("lodging"), _lodging_over),
    (
        FaultKind.MEAL_OVER,
        24,
        lambda s: s.of("meal"),
        lambda rng, s: _amount(s.line, not_round(rng.randint(1_620, 3_300) * 10)),
    ),
    (
        FaultKind.TRANSPORT_OVER,
        5,
        lambda s: s.of("local_transport"),
        lambda rng, s: _amount(
            s.line, not_round(TRANSPORT_MONTH_MAX + rng.randint(100, 4_000) * 10)
        ),
    ),
    (
        FaultKind.ENTERTAINMENT_OVER,
        30,
        lambda s: s.of("entertainment"),
        _entertainment_over,
    ),
    (
        FaultKind.ENTERTAINMENT_NO_ACCOUNT,
        14,
        lambda s: s.of("entertainment"),
        lambda _, s: replace(s.line, account="", opportunity=""),
    ),
    (
        FaultKind.ENTERTAINMENT_NO_ATTENDEES,
        12,
        lambda s: s.of("entertainment"),
        lambda _, s: replace(s.line, attendees=None),
    ),
    (FaultKind.ENTERTAINMENT_WEEKEND, 18, lambda s: s.of("entertainment"), _weekend),
    (
        FaultKind.CABIN_ABOVE_GRADE,
        12,
        lambda s: s.of("flight") and s.person.grade != CABIN_GRADE,
        _cabin,
    ),
    (FaultKind.GIFT_OVER, 10, lambda s: s.of("gift"), _gift_over),
    (
        FaultKind.COMMUNICATION_OVER,
        15,
        lambda s: s.of("communication"),
        lambda rng, s: _amount(
            s.line, not_round(COMMUNICATION_MONTH_MAX + rng.randint(90, 2_400) * 10)
        ),
    ),
    (
        FaultKind.NO_FAPIAO,
        32,
        lambda s: s.is_home and s.line.amount.minor >= FAPIAO_FROM,
        lambda _, s: replace(s.line, voucher=""),
    ),
    (FaultKind.SUBMITTED_LATE, 22, lambda s: s.of("rail", "flight", "office"), _late),
    (
        FaultKind.AFTER_SUBMISSION,
        8,
        lambda s: s.of("rail", "flight", "office"),
        _after,
    ),
    (
        FaultKind.ROUND_AMOUNT,
        25,
        lambda s: s.of("entertainment", "office") and s.line.amount.minor >= FAPIAO_FROM,
        _round,
    ),
    (
        FaultKind.NO_RATE,
        5,
        lambda s: s.line.category == "meal" and s.line.city in CITY_CURRENCIES and not s.is_home,
        _no_rate,
    ),
)

_EXPLAINED: Final = frozenset(
    {FaultKind.LODGING_OVER, FaultKind.ENTERTAINMENT_OVER, FaultKind.MEAL_OVER}
)


@dataclass(slots=True)
class _Planting:
    """Spending while faults are put into it."""

    rng: Random
    claims: Mapping[str, Claim]
    people: Mapping[str, AccountManager]
    lines: dict[str, ExpenseLine]
    vouchers: dict[str, Voucher]
    faults: list[PlantedFault]
    taken: set[str]

    def seen(self) -> Iterable[_Seen]:
        """Give the lines that have no fault yet, in claims that count, in order."""
        for line in self.lines.values():
            claim = self.claims[line.claim]
            if line.id not in self.taken and claim.status in DECIDED_STATUSES:
                yield _Seen(line, claim, self.people[claim.person])

    def put(self, kind: FaultKind, line: ExpenseLine) -> None:
        """Put a changed line in its place, its voucher changed along, and list the fault."""
        before = self.lines[line.id]
        self.lines[line.id] = line
        self.taken.add(line.id)
        self.faults.append(PlantedFault(kind, Kind.LINE, line.id))
        voucher = self.vouchers.get(before.voucher)
        if voucher and not line.voucher:
            self._without_proof(voucher, line)
        elif voucher and (line.amount, line.date) != (before.amount, before.date):
            changed = replace(voucher, amount=line.amount, issued=line.date, seller=line.merchant)
            self.vouchers[voucher.id] = changed
        elif line.amount.minor >= FAPIAO_FROM and not voucher:
            serial = len(self.vouchers) + 1
            new = numbered_voucher(self.rng, voucher_for(self.rng, line), serial)
            self.vouchers[new.id] = new
            self.lines[line.id] = replace(line, voucher=new.id)

    def _without_proof(self, voucher: Voucher, line: ExpenseLine) -> None:
        """Let some say that there is none, by a voucher of that kind; the others say nothing."""
        if self.rng.random() < 0.4:
            self.vouchers[voucher.id] = Voucher(voucher.id, VoucherKind.NONE)
            self.lines[line.id] = replace(line, voucher=voucher.id)


def plant(
    rng: Random, spending: Spending, people: Iterable[AccountManager], today: date
) -> tuple[Spending, tuple[PlantedFault, ...]]:
    """Give the spending with faults in it, and the list of them.

    A quarter of each kind is sought among the claims still waiting, so that a person who tries the
    demo meets each kind in what is to be decided now.
    """
    work = _Planting(
        rng,
        {claim.id: claim for claim in spending.claims},
        {person.id: person for person in people},
        {line.id: line for line in spending.lines},
        {voucher.id: voucher for voucher in spending.vouchers},
        [],
        set(),
    )
    for kind, count, fits, change in _PLANS:
        candidates = [seen for seen in work.seen() if fits(seen)]
        waiting = [s for s in candidates if 7 < (today - s.submitted).days < WAITING_DAYS]
        settled = [s for s in candidates if (today - s.submitted).days >= WAITING_DAYS]
        few = rng.sample(waiting, min(len(waiting), count // 4))
        for seen in few + rng.sample(settled, min(len(settled), count - len(few))):
            line = change(rng, seen)
            if kind in _EXPLAINED and rng.random() < 0.4:
                line = replace(line, justification=rng.choice(REASONS))
                work.faults.append(PlantedFault(FaultKind.JUSTIFIED, Kind.LINE, line.id))
            work.put(kind, line)
    _plant_twice(work)
    _plant_refunds(work)
    work.faults += [
        PlantedFault(FaultKind.FOREIGN_CURRENCY, Kind.LINE, line.id)
        for line in work.lines.values()
        if line.amount.currency != CURRENCY
    ]
    by_id = sorted(work.lines.values(), key=lambda line: line.id)
    planted = Spending(spending.claims, tuple(by_id), tuple(work.vouchers.values()))
    return planted, tuple(work.faults)


def _plant_twice(work: _Planting) -> None:
    """Put the fapiao of an earlier line behind a later one, as two records with one number."""
    pool = [
        seen
        for seen in work.seen()
        if seen.of("office", "entertainment")
        and seen.line.amount.minor >= FAPIAO_FROM
        and seen.line.voucher in work.vouchers
    ]
    wanted = {FaultKind.FAPIAO_TWICE_OTHER_PERSON: 7, FaultKind.FAPIAO_TWICE_SAME_PERSON: 6}
    for later in work.rng.sample(pool, len(pool)):
        for earlier in pool:
            is_same = earlier.person == later.person
            kind = (
                FaultKind.FAPIAO_TWICE_SAME_PERSON
                if is_same
                else FaultKind.FAPIAO_TWICE_OTHER_PERSON
            )
            days = (later.submitted - earlier.line.date).days
            if (
                wanted.get(kind, 0)
                and earlier.claim.submitted < later.claim.submitted
                and days <= SUBMIT_DAYS_MAX - 5
                and earlier.line.category == later.line.category
                and not {earlier.line.id, later.line.id} & work.taken
            ):
                wanted[kind] -= 1
                _copy_fapiao(work, kind, earlier, later)
                break
        if not any(wanted.values()):
            return


def _copy_fapiao(work: _Planting, kind: FaultKind, earlier: _Seen, later: _Seen) -> None:
    first, own = work.vouchers[earlier.line.voucher], later.line.voucher
    copied = replace(
        later.line,
        amount=earlier.line.amount,
        date=earlier.line.date,
        merchant=earlier.line.merchant,
        attendees=earlier.line.attendees,
        opportunity="",
    )
    work.put(kind, copied)
    work.taken.add(earlier.line.id)
    work.vouchers[own] = replace(first, id=own)


def _plant_refunds(work: _Planting) -> None:
    """Add credit lines to claims: a ticket given back, less a fee."""
    tickets = [seen for seen in work.seen() if seen.of("rail", "flight")]
    last = {line.claim: line.id for line in work.lines.values()}
    for seen in work.rng.sample(tickets, min(9, len(tickets))):
        line, claim = seen.line, seen.claim.id
        number = int(last[claim].rpartition("-")[2]) + 1
        back = line.amount.minor * work.rng.randint(70, 95) // 100 // 10 * 10
        refund = replace(
            line,
            id=f"{claim}-{number:02d}",
            amount=Money(-not_round(back), CURRENCY),
            date=min(line.date + timedelta(days=1), seen.submitted),
            purpose="退票款 / ticket given back",
            voucher="",
        )
        last[claim] = refund.id
        work.lines[refund.id] = refund
        work.taken |= {line.id, refund.id}
        work.faults.append(PlantedFault(FaultKind.REFUND, Kind.LINE, refund.id))
