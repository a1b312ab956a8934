"""How fast a CRM may be called, and how often a day: exact arithmetic on whole microseconds.

A call costs something of the day's allowance, mostly one. Where a CRM bounds any 24 hours and not
its own day, the allowance is kept by the hour, and the hours of a window are summed.

Calls are given turns, each `spacing` after the one before (GCRA without a burst). A turn that is
used more than `lateness` late is lost, and another one is taken. So the number of calls in any
window of time is bounded, whoever makes them, and however late a process wakes up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

SECOND: Final = 1_000_000
"""Microseconds."""

CLOSED_SECONDS_MAX: Final = 86_400
"""A CRM that asks to be left alone for longer is asked again after a day."""

_SHARE_LATE: Final = Fraction(1, 50)
"""How much of the window of the rate a call may be late; turns lie further apart by as much."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Turns `spacing` apart, each to be used at most `lateness` late; spacing 0 is no rate."""

    spacing: int = 0
    lateness: int = 0

    @classmethod
    def of(cls, calls_per_second: Decimal) -> "Rate":
        """Give the rate of so many calls a second; 0 is none.

        In the time that `n` calls stand for (a second, of a whole number `n` of calls a second; for
        a fraction, that of its whole part or of one call) there are never more than `n`.

        >>> Rate.of(Decimal(10))
        Rate(spacing=102000, lateness=20000)
        >>> Rate.of(Decimal("0.5"))
        Rate(spacing=2040000, lateness=40000)
        """
        if not calls_per_second:
            return cls()
        interval = SECOND / Fraction(calls_per_second)
        calls = max(1, int(calls_per_second))
        late = min(int(interval * calls * _SHARE_LATE), SECOND)
        return cls(spacing=-int(-(interval + Fraction(late, calls)) // 1), lateness=late)


@dataclass(frozen=True, slots=True)
class Pace:
    """What all who call a CRM share: when the next turn is, until when everybody stays away."""

    next_at: int = 0
    closed_until: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks for: the next turn, at most `patience` from `now`.

    `days` gives the days on which a call at a moment may count, one or at midnight two; on each
    there may be `calls_max`, None for any number. Those in `counted` have counted this call, which
    counts for as many as it costs. Where `window` is there, days are spans of which it gives those
    that are summed with a day, the oldest first and the day last: their sum is bounded.
    """

    now: int
    patience: int
    rate: Rate
    days: Callable[[int], tuple[str, ...]]
    calls_max: int | None = None
    counted: frozenset[str] = frozenset()
    cost: int = 1
    window: Callable[[str], tuple[str, ...]] | None = None

    def summed(self, day: str) -> tuple[str, ...]:
        """The days whose calls are bounded together with those of a day."""
        return (day,) if self.window is None else self.window(day)

    @property
    def takes_nothing(self) -> bool:
        """Whether there is nothing to share but that everybody stays away."""
        return not self.rate.spacing and self.calls_max is None

    @property
    def days_near(self) -> tuple[str, ...]:
        """The days on which the turn may be, and those that are summed with them."""
        days = {*self.days(self.now), *self.days(self.now + self.patience)}
        return tuple(sorted({each for day in days for each in self.summed(day)}))


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn at a moment; `days` are those on which the call is counted now."""

    at: int
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Away:
    """No turn was taken: the next one is at a moment that is too far off."""

    until: int


@dataclass(frozen=True, slots=True)
class UsedUp:
    """No turn was taken: the calls of a day are used up, or those of the window that it is in.

    In a window it is the day after which enough of it is over.
    """

    day: str


def take_turn(
    pace: Pace, calls: Mapping[str, int], asked: Asked
) -> tuple[Pace, Turn | Away | UsedUp]:
    """Take the next turn, where it is near enough and its day has calls left.

    >>> asked = Asked(5 * SECOND, 9 * SECOND, Rate.of(Decimal(1)), lambda at: ("monday",), 2)
    >>> pace, first = take_turn(Pace(), {}, asked)
    >>> pace, second = take_turn(pace, {"monday": 1}, asked)
    >>> first.at, second.at, take_turn(pace, {"monday": 2}, asked)[1]
    (5000000, 6020000, UsedUp(day='monday'))
    """
    at = _next_turn(pace, asked)
    if at - asked.now > asked.patience:
        return pace, Away(at)
    days = tuple(day for day in asked.days(at) if day not in asked.counted)
    if asked.calls_max is not None:
        for day in days:
            over = _over(day, calls, asked, asked.calls_max)
            if over:
                return pace, UsedUp(over)
    spacing = asked.rate.spacing
    after = replace(pace, next_at=at + spacing) if spacing else pace
    return after, Turn(at, days if asked.calls_max is not None else ())


def _over(day: str, calls: Mapping[str, int], asked: Asked, calls_max: int) -> str:
    """Give the day that must be over before this call may be made, empty where it may be now."""
    summed = asked.summed(day)
    excess = sum(calls.get(each, 0) for each in summed) + asked.cost - calls_max
    if excess <= 0 or not asked.cost:
        return ""
    for each in summed:
        excess -= calls.get(each, 0)
        if excess <= 0:
            return each
    return summed[-1]


def _next_turn(pace: Pace, asked: Asked) -> int:
    """Give the moment of the next turn.

    Nobody takes a turn beyond their patience, and nobody closes for more than a day. What lies
    twice as far off was written by a clock that was wrong, and does not count.
    """
    now, patience = asked.now, asked.patience
    until = pace.closed_until
    if until > now + 2 * CLOSED_SECONDS_MAX * SECOND:
        until = 0
    next_at = pace.next_at if asked.rate.spacing else 0
    if next_at > max(now, until) + 2 * patience + asked.rate.spacing:
        next_at = 0
    return max(now, next_at, until)


def close(pace: Pace, now: int, seconds: int) -> Pace:
    """Keep everybody away for so many seconds, a day at most, or longer where that was said before.

    >>> close(Pace(closed_until=90 * SECOND), 10 * SECOND, 30).closed_until // SECOND
    90
    """
    until = now + min(seconds, CLOSED_SECONDS_MAX) * SECOND
    return replace(pace, closed_until=max(pace.closed_until, until))
