"""Working days, make-up days included (a Chinese Sunday may be a working day).

A calendar is dated data that a company owns; it is part of the policy, so that a package update
never changes an old decision. It may say which days it covers: whoever asks about another day is
told so, for plain weekdays would be a guess there.
"""

from dataclasses import dataclass
from datetime import date, timedelta


class CalendarEndError(Exception):
    """A day lies outside of what the calendar covers: the rule fails, the line goes to a person."""

    def __init__(self, day: date, covered: str) -> None:
        super().__init__(f"{day} is outside of {covered}")
        self.day = day
        self.covered = covered


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked: weekdays, less `rest_days`, plus `work_days` (make-up days).

    `first` and `last` are the ends of what it covers; None is an open end.

    >>> spring = WorkCalendar(rest_days=frozenset({date(2026, 2, 16)}),
    ...                       work_days=frozenset({date(2026, 2, 14)}))
    >>> spring.is_working_day(date(2026, 2, 14)), spring.is_working_day(date(2026, 2, 16))
    (True, False)
    """

    rest_days: frozenset[date] = frozenset()
    work_days: frozenset[date] = frozenset()
    first: date | None = None
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Say whether the calendar knows about `day`.

        >>> WorkCalendar(last=date(2026, 12, 31)).covers(date(2027, 1, 1))
        False
        """
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    @property
    def covered(self) -> str:
        """What is covered, as messages show it.

        >>> WorkCalendar(last=date(2026, 12, 31)).covered
        '… – 2026-12-31'
        """
        ends = ("…" if end is None else end.isoformat() for end in (self.first, self.last))
        return " – ".join(ends)

    def is_working_day(self, day: date) -> bool:
        """Say whether `day` is worked.

        Raises:
            CalendarEndError: the calendar does not cover the day.
        """
        self._demand(day)
        if day in self.work_days:
            return True
        return day.weekday() < 5 and day not in self.rest_days

    def working_days(self, first: date, second: date) -> int:
        """Count the days worked after `first`, up to and with `second`; below zero backwards.

        Raises:
            CalendarEndError: the calendar does not cover both days.

        >>> WorkCalendar().working_days(date(2026, 3, 6), date(2026, 3, 10))
        2
        """
        self._demand(first)
        self._demand(second)
        if second < first:
            return -self.working_days(second, first)
        weeks, more = divmod((second - first).days, 7)
        after = first.weekday()
        count = weeks * 5 + sum((after + n) % 7 < 5 for n in range(1, more + 1))
        rest = self.rest_days - self.work_days
        count -= sum(first < day <= second and day.weekday() < 5 for day in rest)
        return count + sum(first < day <= second and day.weekday() >= 5 for day in self.work_days)

    def on_or_after(self, day: date) -> date:
        """Give the first day worked that is not before `day`.

        Raises:
            CalendarEndError: the calendar does not cover the days up to it.

        >>> WorkCalendar().on_or_after(date(2026, 3, 7))
        datetime.date(2026, 3, 9)
        """
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def add_working(self, day: date, count: int) -> date:
        """Give the day on which `count` further days have been worked since `day`.

        Raises:
            CalendarEndError: the calendar does not cover the days up to it.

        >>> WorkCalendar().add_working(date(2026, 3, 6), 2)
        datetime.date(2026, 3, 10)
        """
        for _ in range(count):
            day = self.on_or_after(day + timedelta(days=1))
        return day

    def open_ended(self) -> "WorkCalendar":
        """Give the same days without ends: beyond them Monday to Friday are worked.

        For what harms nobody when it is a day off, like a reminder; never for a rule.
        """
        return WorkCalendar(self.rest_days, self.work_days)

    def _demand(self, day: date) -> None:
        if not self.covers(day):
            raise CalendarEndError(day, self.covered)
