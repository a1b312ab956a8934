"""The gate of a CRM: rate, allowance of the day, Retry-After and the most calls of a run.

What several processes share stands in a `Ledger`, which the store has; each call takes its turn
there in one small transaction, so that a process that is killed loses one call at most. The day is
the CRM's own. A call in the last minute of a day counts for the next day, too: nobody can say on
which of them the CRM sees it arrive. Where a CRM bounds any 24 hours (`day_zone = "rolling"`),
calls are kept by the hour and counted for 24 hours and the rest of their own: never too few.

For any number of threads.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from crm_expenses.adapters.exchange import Clock
from crm_expenses.core.pace import (
    SECOND,
    Asked,
    Away,
    Pace,
    Rate,
    Turn,
    UsedUp,
    close,
    take_turn,
)
from crm_expenses.crmsettings import ROLLING, LimitsPart
from crm_expenses.errors import AllowanceError, RetryableError

PATIENCE_SECONDS: Final = 300
"""How long a call waits for its turn; what is further off is for the next run."""
TURNS_MAX: Final = 1_000
"""How many turns may be lost by waking too late before a call gives up."""
NAPS_MAX: Final = 1_000
BOTH_DAYS_SECONDS: Final = 60
LATE_SECONDS_MAX: Final = 15
"""A call that wakes up later takes another turn: its day may be another one by now."""
WINDOW_HOURS: Final = 24
TOLD_SECONDS: Final = 600
"""What a CRM says is left of its allowance is believed for so long: some of it comes back."""

_HOUR: Final = "%Y%m%d%H"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Ledger(Protocol):
    """What all who call a CRM share, wherever they run. Each method is one transaction."""

    def take(self, crm: str, asked: Asked) -> Turn | Away | UsedUp:
        """Take the next turn (`core.pace.take_turn`), and count it on its days."""

    def close_to(self, crm: str, now: int, seconds: int) -> None:
        """Keep everybody away for so many seconds from now."""

    def closed_until(self, crm: str) -> int:
        """Give until when everybody stays away."""

    def calls(self, crm: str, day: str) -> int:
        """Count what the calls of a day cost."""


class OwnLedger:
    """A ledger of this process alone, in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}
        self._calls: dict[tuple[str, str], int] = {}

    def take(self, crm: str, asked: Asked) -> Turn | Away | UsedUp:
        """Take the next turn."""
        with self._lock:
            calls = {day: self.calls(crm, day) for day in asked.days_near}
            self._paces[crm], taken = take_turn(self._paces.get(crm, Pace()), calls, asked)
            if isinstance(taken, Turn):
                for day in taken.days:
                    self._calls[crm, day] = calls[day] + asked.cost
            return taken

    def close_to(self, crm: str, now: int, seconds: int) -> None:
        """Keep everybody away."""
        with self._lock:
            self._paces[crm] = close(self._paces.get(crm, Pace()), now, seconds)

    def closed_until(self, crm: str) -> int:
        """Give until when everybody stays away."""
        return self._paces.get(crm, Pace()).closed_until

    def calls(self, crm: str, day: str) -> int:
        """Count what the calls of a day cost."""
        return self._calls.get((crm, day), 0)


@dataclass(frozen=True, slots=True)
class CallCount:
    """What went through a gate; `seconds` were spent in calls, `waited` before them."""

    calls: int = 0
    retries: int = 0
    sent: int = 0
    received: int = 0
    seconds: float = 0.0
    waited: float = 0.0

    def as_json(self) -> dict[str, int | float]:
        """Give the counts as plain values; seconds to the thousandth."""
        return {
            "calls": self.calls,
            "retries": self.retries,
            "bytes_sent": self.sent,
            "bytes_received": self.received,
            "seconds": round(self.seconds, 3),
            "seconds_waited": round(self.waited, 3),
        }


class CrmGate:
    """The gate of a CRM for one run (`contract.Gate`); `calls_max` bounds the calls of the run."""

    def __init__(
        self,
        crm: str,
        limits: LimitsPart,
        ledger: Ledger,
        *,
        clock: Clock | None = None,
        calls_max: int | None = None,
    ) -> None:
        self._crm = crm
        self._limits = limits
        self._ledger = ledger
        self._clock = clock if clock is not None else Clock()
        self._calls_max = calls_max
        self._rate = Rate.of(limits.calls_per_second)
        self._days = days_of(limits)
        self._lock = threading.Lock()
        self._count = CallCount()
        self._entering = 0
        self._told: tuple[float, int] | None = None

    @property
    def crm(self) -> str:
        """Whose gate it is."""
        return self._crm

    def allowance_left(self) -> int | None:
        """Give what may still be spent now, None where nothing bounds it."""
        limit = allowance_of(self._limits)
        if limit is None:
            return None
        at = EPOCH + timedelta(microseconds=self._now())
        left = limit - cost_so_far(self._ledger, self._crm, self._limits, at)
        with self._lock:
            if self._told is not None and self._clock.monotonic() - self._told[0] < TOLD_SECONDS:
                left = min(left, self._told[1] - self._limits.reserve)
        return max(0, left)

    @property
    def count(self) -> CallCount:
        """What went through so far."""
        return self._count

    def begin(self) -> None:
        """Begin a run: count anew."""
        with self._lock:
            self._count = CallCount()

    def enter(self, cost: int = 1) -> None:
        """Wait for a turn, and count a call; of the allowance it takes what it costs.

        Raises:
            AllowanceError: the calls of the day, or of this run, are used up but for the reserve.
            RetryableError: the CRM asked to be left alone for longer than a call waits.
        """
        self._demand_call()
        try:
            self._demand_left(cost)
            begun = self._clock.monotonic()
            self._wait(self._now(), cost)
            with self._lock:
                waited = self._count.waited + self._clock.monotonic() - begun
                self._count = replace(self._count, calls=self._count.calls + 1, waited=waited)
        finally:
            with self._lock:
                self._entering -= 1

    def closed(self, seconds: int) -> None:
        """Keep everybody away for so many seconds."""
        self._ledger.close_to(self._crm, self._now(), seconds)

    def left(self, credits_left: int) -> None:
        """Believe for some minutes what the CRM says is left: others call it, too."""
        with self._lock:
            self._told = (self._clock.monotonic(), credits_left)

    def done(self, *, sent: int, received: int, seconds: float, is_retry: bool) -> None:
        """Count what a call moved."""
        with self._lock:
            held = self._count
            self._count = replace(
                held,
                retries=held.retries + is_retry,
                sent=held.sent + sent,
                received=held.received + received,
                seconds=held.seconds + seconds,
            )

    def _demand_call(self) -> None:
        """Begin to enter, where the run may make one more call beside those that are entering."""
        with self._lock:
            begun = self._count.calls + self._entering
            if self._calls_max is not None and begun >= self._calls_max:
                limit = str(self._calls_max)
                raise AllowanceError("manners.calls_max", crm=self._crm, limit=limit)
            self._entering += 1

    def _demand_left(self, cost: int) -> None:
        """Leave the reserve alone, where the CRM itself says that no more is left."""
        with self._lock:
            if self._told is None or not cost:
                return
            at, left = self._told
            age = self._clock.monotonic() - at
            if age >= TOLD_SECONDS or left >= cost + self._limits.reserve:
                self._told = (at, left - cost)
                return
        raise AllowanceError(
            "manners.told",
            retry_after=max(1, int(TOLD_SECONDS - age)),
            crm=self._crm,
            left=str(max(0, left)),
            cost=str(cost),
            reserve=str(self._limits.reserve),
            minutes=str(TOLD_SECONDS // 60),
        )

    def _wait(self, begun: int, cost: int) -> None:
        """Take a turn and wait for it.

        Who wakes up too late for it takes another one, and so does who finds the CRM closed then.
        """
        counted: frozenset[str] = frozenset()
        for _ in range(TURNS_MAX):
            now = self._now()
            patience = max(0, PATIENCE_SECONDS * SECOND - max(0, now - begun))
            days, limit = self._days, allowance_of(self._limits)
            taken = self._ledger.take(
                self._crm,
                Asked(now, patience, self._rate, days.at, limit, counted, cost, days.window),
            )
            match taken:
                case UsedUp(day):
                    raise self._used_up(day, now)
                case Away(until):
                    raise self._away(until - now)
                case Turn(at, days_taken):
                    counted |= set(days_taken)
            if not self._rate.spacing and at > now:  # or all who stayed away come back at once
                at += int(self._clock.jitter() * SECOND)
            self._sleep_until(at)
            is_closed = at > now and self._ledger.closed_until(self._crm) > at
            if not is_closed and self._is_in_time(at):  # the clock is looked at last of all
                return
        raise self._away(SECOND)

    def _sleep_until(self, at: int) -> None:
        for _ in range(NAPS_MAX):
            left = at - self._now()
            if not 0 < left <= 2 * PATIENCE_SECONDS * SECOND:  # beyond: the clock was set back
                return
            self._clock.sleep(left / SECOND)

    def _is_in_time(self, at: int) -> bool:
        late = self._now() - at
        most = self._rate.lateness if self._rate.spacing else LATE_SECONDS_MAX * SECOND
        return 0 <= late <= most

    def _now(self) -> int:
        return int(self._clock.wall() * SECOND)

    def _used_up(self, day: str, now: int) -> AllowanceError:
        end = self._days.end(day)
        return AllowanceError(
            "manners.rolling" if self._days.is_rolling else "manners.day",
            retry_after=max(1, -((now - _micros(end)) // SECOND)),
            crm=self._crm,
            limit=str(self._limits.calls_per_day),
            reserve=str(self._limits.reserve),
            day="" if self._days.is_rolling else day,
            until=end.isoformat(),
        )

    def _away(self, left: int) -> RetryableError:
        seconds = max(1, -(-left // SECOND))
        return RetryableError(
            "manners.away",
            retry_after=seconds,
            crm=self._crm,
            seconds=str(seconds),
            limit=str(PATIENCE_SECONDS),
        )


def allowance_of(limits: LimitsPart) -> int | None:
    """Give the calls of a day that are ours: what the CRM allows less the reserve; None for any.

    >>> allowance_of(LimitsPart(calls_per_day=1000, reserve=200)), allowance_of(LimitsPart())
    (800, None)
    """
    return limits.calls_per_day - limits.reserve if limits.calls_per_day else None


class Days:
    """How a CRM's allowance is counted: by its own days, or over any 24 hours by their hours.

    >>> by_day, by_hour = Days("UTC"), Days("rolling")
    >>> by_day.at(86_399 * SECOND), by_hour.at(3_599 * SECOND)
    (('1970-01-01', '1970-01-02'), ('1970010101',))
    >>> by_hour.window is not None and by_hour.window("1970010200")[::24]
    ('1970010100', '1970010200')
    """

    def __init__(self, day_zone: str) -> None:
        self.is_rolling = day_zone == ROLLING
        self._zone = ZoneInfo("UTC" if self.is_rolling else day_zone)
        self.at = _hour_at if self.is_rolling else days_in(self._zone)
        self.window = _hours_until if self.is_rolling else None

    def end(self, day: str) -> datetime:
        """Give when a day, or an hour, counts no longer."""
        if not self.is_rolling:
            return day_end(day, self._zone)
        return _hour(day) + timedelta(hours=WINDOW_HOURS + 1, seconds=-BOTH_DAYS_SECONDS)

    def summed(self, at: datetime) -> tuple[str, ...]:
        """Give the days, or hours, that count against the allowance at a moment."""
        if not self.is_rolling:
            return (day_of(at, self._zone),)
        return tuple(each for hour in self.at(_micros(at)) for each in _hours_until(hour))


def days_of(limits: LimitsPart) -> Days:
    """Give how the allowance of a CRM is counted."""
    return Days(limits.day_zone)


def cost_so_far(ledger: Ledger, crm: str, limits: LimitsPart, at: datetime) -> int:
    """Give what the calls cost that count against the allowance at a moment."""
    return sum(ledger.calls(crm, day) for day in days_of(limits).summed(at))


def _hour_at(at: int) -> tuple[str, ...]:
    """Give the hour in which the CRM has surely seen a call that is made now."""
    moment = EPOCH + timedelta(microseconds=at, seconds=BOTH_DAYS_SECONDS)
    return (moment.strftime(_HOUR),)


def _hours_until(hour: str) -> tuple[str, ...]:
    """Give an hour and the 24 before it, the oldest first."""
    last = _hour(hour)
    return tuple(
        (last - timedelta(hours=back)).strftime(_HOUR) for back in range(WINDOW_HOURS, -1, -1)
    )


def _hour(name: str) -> datetime:
    return datetime.strptime(name, _HOUR).replace(tzinfo=UTC)


def day_of(at: datetime, zone: ZoneInfo) -> str:
    """Give the CRM's day at a moment.

    >>> day_of(datetime(2026, 6, 30, 20, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    '2026-07-01'
    """
    return at.astimezone(zone).date().isoformat()


def day_end(day: str, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day ends.

    >>> day_end("2026-06-30", ZoneInfo("Asia/Shanghai")).isoformat()
    '2026-07-01T00:00:00+08:00'
    """
    date = datetime.fromisoformat(day).date() + timedelta(days=1)
    return datetime.combine(date, time(), zone)


def days_in(zone: ZoneInfo) -> Callable[[int], tuple[str, ...]]:
    """Give the days on which a call at a moment (microseconds since 1970) may count.

    >>> days = days_in(ZoneInfo("UTC"))
    >>> days(86_000 * SECOND), days(86_399 * SECOND)
    (('1970-01-01',), ('1970-01-01', '1970-01-02'))
    """

    def days(at: int) -> tuple[str, ...]:
        moment = EPOCH + timedelta(microseconds=at)
        later = moment + timedelta(seconds=BOTH_DAYS_SECONDS)
        return tuple(sorted({day_of(moment, zone), day_of(later, zone)}))

    return days


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
