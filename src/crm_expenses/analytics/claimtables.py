"""Claims as rows of the tables that the SQL reading reads (`rules.sql.schema`).

Claims come in the order of receipt, each with its own facts; a table holds what is true of all of
them. So a record has one row whichever claims it came with. A voucher or a trip whose id means
something else in a later claim gets another id there, led by the claim's; what is counted by trip
is then counted apart, and `renamed` says how often that was. A waiver holds for the claim that it
came with, and has a row for each. Of a person there is a row for each stretch of days of submission
with the same facts, so two claims of one day must agree about their person.

Rows are taken out in batches. Kept are people, exchange rates, pre-approvals, and which ids there
were.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from itertools import groupby
from typing import Final, TypeVar

from crm_expenses.core.claim import ExpenseLine, Extra
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import Rate
from crm_expenses.core.trip import Trip, TripLeg, TripNote
from crm_expenses.core.voucher import Voucher
from crm_expenses.errors import MappingError
from crm_expenses.rules.catalogue.line import DISTANCE_SCALE
from crm_expenses.rules.claim_context import ClaimContext
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.sql.schema import (
    CLAIMS,
    LEGS,
    LINES,
    NOTES,
    PEOPLE,
    POSITIONS,
    PRE_APPROVALS,
    RATES,
    TABLES,
    TRIPS,
    VOUCHERS,
    WAIVERS,
    Column,
    columns_of,
)

Value = str | int | Decimal | date | datetime | bool | None
Row = tuple[Value, ...]
Rows = Mapping[str, Sequence[Row]]
"""Rows by the name of their table."""

LINES_MAX: Final = 100_000
"""Lines of one batch."""

IDS_MAX: Final = 500_000
"""Most voucher ids that are kept; later ones are all led by their claim's."""

_Named = TypeVar("_Named", Voucher, Trip)


def batches(
    claims: Iterable[Facts],
    facts: Mapping[str, FactOf],
    currency: str,
    *,
    lines_max: int = LINES_MAX,
) -> Iterator[Rows]:
    """Give the rows of claims, so many lines at a time; the last batch has the people.

    Raises:
        MappingError: two claims cannot both be right about a person, a rate or a pre-approval.
    """
    tables = ClaimTables(facts, currency)
    for claim in claims:
        tables.add(claim)
        if tables.lines_waiting >= lines_max:
            yield tables.take()
    yield tables.rest()


class ClaimTables:
    """Takes claims in the order of receipt, gives rows.

    `facts` are those of the policies' own, each with what it belongs to; `currency` is the
    policies'. `renamed` counts, by table, the records that got another id.

    >>> from crm_expenses.core.claim import Claim
    >>> lunch = ExpenseLine("1", "C", date(2026, 3, 2), "meal", Money(1250, "CNY"))
    >>> tables = ClaimTables({}, "CNY")
    >>> tables.add(Facts(Claim("C", "P", datetime.fromisoformat("2026-03-04T09:00Z")), (lunch,)))
    >>> tables.rest()["expense_lines"][0][:6]
    (1, 'C', '1', datetime.date(2026, 3, 2), 'meal', 1250)
    """

    def __init__(self, facts: Mapping[str, FactOf], currency: str) -> None:
        self.renamed: Counter[str] = Counter()
        self._own = {of: _own_names(facts, of) for of in FactOf}
        self._facts = facts
        self._currency = currency
        self._rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self._place = 0
        self._vouchers = _Ids(IDS_MAX)
        self._trips = _Ids(None)
        self._people: dict[str, _Stretches] = {}
        self._rates: dict[tuple[str, str, date], Rate] = {}
        self._approvals: dict[str, PreApproval] = {}

    def columns(self, table: str) -> Sequence[Column]:
        """Give the columns of a table, in the order of the values of its rows."""
        return columns_of(TABLES[table], self._facts)

    @property
    def lines_waiting(self) -> int:
        """Number of lines whose rows have not been taken."""
        return len(self._rows[LINES.name])

    def add(self, claim: Facts) -> None:
        """Add one claim; one that is refused leaves nothing behind.

        Raises:
            MappingError: an earlier claim says otherwise about its person on the same day, about
                the same rate, or the same pre-approval.
        """
        self._demand_agreement(claim)
        day = claim.claim.submitted.date()
        stretches = self._people.setdefault(claim.claim.person, _Stretches())
        stretches.add(day, self._person(claim.person))
        self._add_rates(claim.rates)
        self._add_approvals(claim.pre_approvals)
        head = claim.claim
        own = self._own_values(FactOf.CLAIM, head.extra)
        self._rows[CLAIMS.name].append((head.id, head.person, day, head.status.value, *own))
        vouchers = {one.id: self._voucher(head.id, one) for one in _by_id(claim.vouchers)}
        trips = {one.id: self._trip(claim, one) for one in _by_id(claim.trips)}
        for line in claim.lines:
            self._place += 1
            self._rows[LINES.name].append(
                self._line(
                    line, head.id, vouchers.get(line.voucher), trips.get(line.trip, line.trip)
                )
            )
        self._rows[WAIVERS.name] += _waivers(claim)
        if claim.budgets and claim.positions:
            ctx = ClaimContext(claim, self._currency)
            for line in claim.lines:
                held = ctx.tightest(line)
                if held is not None:
                    row = (head.id, line.id, held.available, held.allocated)
                    self._rows[POSITIONS.name].append(row)

    def take(self) -> Rows:
        """Give the rows that came since the last time, and forget them; none of people yet."""
        taken = {name: rows for name, rows in self._rows.items() if rows}
        self._rows = {name: [] for name in TABLES}
        return taken

    def rest(self) -> Rows:
        """Give what has not been taken, and the people."""
        taken = dict(self.take())
        people = [
            (person, first, last, *known)
            for person, stretches in self._people.items()
            for first, last, known in stretches.spans()
            if known is not None
        ]
        return {**taken, PEOPLE.name: people} if people else taken

    def _demand_agreement(self, claim: Facts) -> None:
        day, key = claim.claim.submitted.date(), claim.claim.person
        known = self._people.get(key)
        if known is not None and not known.agrees(day, self._person(claim.person)):
            raise MappingError("bulk.person_differs", person=key[:40], day=day.isoformat())
        for rate in claim.rates:
            held = self._rates.get(_rate_key(rate))
            if held is not None and (held.rate, held.source) != (rate.rate, rate.source):
                raise MappingError(
                    "bulk.rate_differs",
                    pair=f"{rate.currency}/{rate.into}",
                    day=rate.day.isoformat(),
                )
        for approval in claim.pre_approvals:
            if self._approvals.get(approval.id, approval) != approval:
                raise MappingError("bulk.pre_approval_differs", value=approval.id[:40])

    # Records that claims share

    def _add_rates(self, rates: Iterable[Rate]) -> None:
        for one in rates:
            key = _rate_key(one)
            if key not in self._rates:
                self._rates[key] = one
                row = (one.currency, one.into, one.day, one.rate, one.source or None)
                self._rows[RATES.name].append(row)

    def _add_approvals(self, approvals: Iterable[PreApproval]) -> None:
        for one in approvals:
            if one.id not in self._approvals:
                self._approvals[one.id] = one
                self._rows[PRE_APPROVALS.name].append(_approval(one))

    def _person(self, one: AccountManager | None) -> Row | None:
        if one is None:
            return None
        texts = (one.grade or None, one.team or None, one.city or None)
        own = self._own_values(FactOf.PERSON, one.extra)
        return (*texts, one.active_from, one.active_to, *own)

    # Records of one claim

    def _voucher(self, claim: str, one: Voucher) -> str:
        """Give the id of a voucher of a claim; its row where it is not there yet."""
        texts = (one.number or None, one.code or None)
        content = (one.kind.value, *texts, *_money(one.amount), one.issued)
        name, is_new = self._vouchers.name(one.id, claim, content)
        if is_new:
            self._rows[VOUCHERS.name].append((name, *content))
            self.renamed[VOUCHERS.name] += name != one.id
        return name

    def _trip(self, claim: Facts, one: Trip) -> str:
        """Give the id of a trip of a claim; its rows where it is not there yet."""
        person = claim.claim.person
        legs = [_leg(leg) for leg in one.legs]
        notes = [self._note(note) for note in {note.day: note for note in one.notes}.values()]
        name, is_new = self._trips.name(one.id, claim.claim.id, (person, legs, notes))
        if is_new:
            self._rows[TRIPS.name].append((name, person))
            self._rows[LEGS.name] += [(name, *leg) for leg in legs]
            self._rows[NOTES.name] += [(name, *note) for note in notes]
            self.renamed[TRIPS.name] += name != one.id
        return name

    def _note(self, note: TripNote) -> Row:
        return (
            note.day,
            note.night.value,
            note.place or None,
            note.breakfast.value,
            *_money(note.breakfast_paid),
            note.lunch.value,
            *_money(note.lunch_paid),
            note.dinner.value,
            *_money(note.dinner_paid),
            *self._own_values(FactOf.DAY, note.extra),
        )

    def _line(self, line: ExpenseLine, claim: str, voucher: str | None, trip: str) -> Row:
        amount = line.amount
        return (
            self._place,
            claim,
            line.id,
            line.date,
            line.category,
            amount.minor,
            amount.currency,
            line.city or None,
            line.account or None,
            line.opportunity or None,
            line.merchant or None,
            line.purpose or None,
            line.justification or None,
            voucher,
            line.payment or None,
            line.travel_class or None,
            line.nights,
            line.attendees,
            None if line.distance is None else int(line.distance.scaleb(DISTANCE_SCALE)),
            line.pre_approved,
            trip or None,
            *self._own_values(FactOf.LINE, line.extra),
        )

    def _own_values(self, of: FactOf, extra: Extra) -> Row:
        names = self._own[of]
        if not names:
            return ()
        held: dict[str, str] = {}
        for key, written in extra:
            held.setdefault(key, written)
        return tuple(held.get(name) or None for name in names)


class _Ids:
    """Which id stands for what. `most` bounds how many are kept."""

    def __init__(self, most: int | None) -> None:
        self._held: dict[str, bytes] = {}
        self._most = most

    def name(self, given: str, claim: str, content: object) -> tuple[str, bool]:
        """Give the id to use for a record of a claim, and whether it is a new one."""
        if self._most is not None and len(self._held) >= self._most:
            return f"{claim}/{given}", True
        mark = blake2b(repr(content).encode(), digest_size=16).digest()
        name, again = given, 1
        while self._held.get(name, mark) != mark:
            name = f"{claim}/{given}" if again == 1 else f"{claim}/{given}/{again}"
            again += 1
        is_new = name not in self._held
        self._held[name] = mark
        return name, is_new


class _Stretches:
    """What is known of one person, by the days on which claims were submitted."""

    def __init__(self) -> None:
        self._days: dict[Row | None, array[int]] = {}

    def agrees(self, day: date, known: Row | None) -> bool:
        """Say whether no claim of the same day says otherwise."""
        number = day.toordinal()
        return all(told == known or not _has(days, number) for told, days in self._days.items())

    def add(self, day: date, known: Row | None) -> None:
        """Note what a claim of a day says; None where it knows nothing of the person."""
        days, number = self._days.setdefault(known, array("i")), day.toordinal()
        at = bisect_left(days, number)
        if at == len(days) or days[at] != number:
            days.insert(at, number)

    def spans(self) -> Iterator[tuple[date | None, date | None, Row | None]]:
        """Give each stretch with its first and last day; open ends where nothing ever changed."""
        if len(self._days) == 1:
            yield None, None, next(iter(self._days))
            return
        told = sorted(
            ((day, known) for known, days in self._days.items() for day in days),
            key=lambda pair: pair[0],
        )
        for known, stretch in groupby(told, key=lambda pair: pair[1]):
            days = [date.fromordinal(day) for day, _ in stretch]
            yield days[0], days[-1], known


def _has(days: "array[int]", number: int) -> bool:
    at = bisect_left(days, number)
    return at < len(days) and days[at] == number


def _own_names(facts: Mapping[str, FactOf], of: FactOf) -> tuple[str, ...]:
    return tuple(sorted(name for name, belongs in facts.items() if belongs is of))


def _by_id(records: Iterable[_Named]) -> Iterable[_Named]:
    """Give the last record of each id, as the other reading looks them up."""
    return {one.id: one for one in records}.values()


def _rate_key(rate: Rate) -> tuple[str, str, date]:
    return rate.currency, rate.into, rate.day


def _money(amount: Money | None) -> tuple[int | None, str | None]:
    return (None, None) if amount is None else (amount.minor, amount.currency)


def _leg(leg: TripLeg) -> Row:
    ends = (*_on_the_wall(leg.departs), *_on_the_wall(leg.arrives))
    return (leg.id, *ends, leg.origin or None, leg.destination or None)


def _on_the_wall(moment: datetime) -> tuple[datetime, int]:
    """Give a moment by the clock on the wall, and the minutes that it is ahead of UTC."""
    ahead = moment.utcoffset() or timedelta()
    return moment.replace(tzinfo=None, fold=0), ahead // timedelta(minutes=1)


def _waivers(claim: Facts) -> Iterator[Row]:
    """Give the rows of a claim's waivers: each names it, so that none holds for another claim."""
    mine = claim.claim.id
    for one in claim.waivers:
        if (one.person or one.claim or one.line) and one.claim in ("", mine):
            days, named = (one.until, one.start), (one.person or None, mine, one.line or None)
            yield (one.id, one.rule, one.granted_by, *days, *named)


def _approval(one: PreApproval) -> Row:
    days = (one.until, one.start)
    texts = (one.category, one.account, one.opportunity, one.trip)
    of = (text or None for text in texts)
    return (one.id, one.person, one.granted_by, *days, *of, *_money(one.amount))
