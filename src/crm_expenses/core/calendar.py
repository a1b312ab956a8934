"""Working days, make-up days included (a Chinese Sunday may be a working day).

A calendar is dated data that a company owns; it is part of the policy, so that a package update
never changes an old decision.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked: weekdays, less `rest_days`, plus `work_days` (make-up days).

    >>> spring = WorkCalendar(rest_days=frozenset({date(2026, 2, 16)}),
    ...                       work_days=frozenset({date(2026, 2, 14)}))
    >>> spring.is_working_day(date(2026, 2, 14)), spring.is_working_day(date(2026, 2, 16))
    (True, False)
    """

    rest_days: frozenset[date] = frozenset()
    work_days: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Say whether `day` is worked."""
        if day in self.work_days:
            return True
        return day.weekday() < 5 and day not in self.rest_days

    def working_days(self, first: date, second: date) -> int:
        """Count the days worked after `first`, up to and with `second`; below zero backwards.

        >>> WorkCalendar().working_days(date(2026, 3, 6), date(2026, 3, 10))
        2
        """
        if second < first:
            return -self.working_days(second, first)
        weeks, more = divmod((second - first).days, 7)
        after = first.weekday()
        count = weeks * 5 + sum((after + n) % 7 < 5 for n in range(1, more + 1))
        rest = self.rest_days - self.work_days
        count -= sum(first < day <= second and day.weekday() < 5 for day in rest)
        return count + sum(first < day <= second and day.weekday() >= 5 for day in self.work_days)
