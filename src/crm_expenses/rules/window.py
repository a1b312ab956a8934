"""Windows: which earlier lines count together with a line.

A window is kept per some keys and over a length of time. What was used is held by key; a key is a
text that names the rule, the first day and the values of `per`. Rolling windows and spells hold one
key a day, and add up the days that belong to the line's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from crm_expenses.core.period import Period, PeriodKind
from crm_expenses.rules.tree import Node, Type, names_in

TextPair = tuple[str, str]

DAYS_KEPT: Final = 20_000
"""Most days of which a table of first days is kept."""

ROLLING_MAX: Final = 400
"""Most days of a rolling window, and farthest that a spell is followed back."""


class WindowPeriod(StrEnum):
    """The lengths of time of a window."""

    DAY = "day"
    TRIP = "trip"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ROLLING = "rolling"
    SPELL = "spell"
    ALL_TIME = "all_time"


WINDOW_SUM_MAX: Final = 10**15
"""Bound of what a named window of amounts may add up to, in minor units."""

QUANTITY_SUM_MAX: Final = 10**12
"""The same of other quantities, in raw units: small enough to be multiplied by a rate."""

LINES_SUM_MAX: Final = 10**9
"""The same of a number of lines."""

STAGES: Final = {
    WindowPeriod.DAY: 1,
    WindowPeriod.TRIP: 2,
    WindowPeriod.WEEK: 3,
    WindowPeriod.MONTH: 4,
    WindowPeriod.QUARTER: 5,
    WindowPeriod.YEAR: 6,
    WindowPeriod.SPELL: 7,
    WindowPeriod.ALL_TIME: 8,
}
"""Windows are judged short to long; what one stage leaves is what the next takes in."""

PER_NAMES: Final[dict[str, str]] = {
    "person": "person",
    "team": "team",
    "category": "category",
    "account": "account",
    "opportunity": "opportunity",
    "city": "city",
    "voucher": "voucher_number",
    "trip": "trip",
    "pre_approval": "pre_approval",
    "claim": "claim",
}
"""What a window can be kept per, and the fact that it reads."""

ALWAYS: Final = frozenset({"person", "claim", "category"})
"""What every line has."""

VOUCHER_WINDOW: Final = "#voucher"
"""What uses of voucher numbers are counted under; no rule can have such a code."""

_PLAIN: Final = {
    WindowPeriod.DAY: PeriodKind.DAY,
    WindowPeriod.WEEK: PeriodKind.WEEK,
    WindowPeriod.MONTH: PeriodKind.MONTH,
    WindowPeriod.QUARTER: PeriodKind.QUARTER,
    WindowPeriod.ALL_TIME: PeriodKind.ALL_TIME,
}


@dataclass(frozen=True, slots=True)
class Window:
    """One sum for each value of `per` in each `period`.

    With `counts_input` a limit counts what it took in, otherwise what it left. `year_starts` is the
    month and day on which a year begins, `days` the length of a rolling window, and `gap_days` the
    longest gap that does not end a spell.
    """

    per: tuple[str, ...]
    period: WindowPeriod
    counts_input: bool = False
    year_starts: tuple[int, int] = (1, 1)
    days: int = 0
    gap_days: int = 0

    @property
    def has_many_keys(self) -> bool:
        """Whether what was used is spread over the keys of many days."""
        return self.period in (WindowPeriod.ROLLING, WindowPeriod.SPELL)

    @property
    def stage(self) -> int:
        """When it is judged; a rolling window stands with the period of its length."""
        if self.period is not WindowPeriod.ROLLING:
            return STAGES[self.period]
        lengths = ((7, WindowPeriod.WEEK), (31, WindowPeriod.MONTH), (92, WindowPeriod.QUARTER))
        fitting = (STAGES[period] for days, period in lengths if self.days <= days)
        return next(fitting, STAGES[WindowPeriod.YEAR])

    @property
    def facts(self) -> tuple[str, ...]:
        """The names of the facts that its keys are made of."""
        own = ("trip",) if self.period is WindowPeriod.TRIP else ()
        return (*own, *(PER_NAMES.get(name, name) for name in self.per))


@dataclass(frozen=True, slots=True)
class Counter:
    """A window that a policy names: what earlier lines add up to, as a fact of its own.

    `name` is read in expressions; `on` and `when` say which lines count, `adds` what each adds, in
    raw units of `type`. Beyond `top`, on either side, the rules that read it fail. With
    `counts_input` its window counts every live line, otherwise none that is rejected.
    """

    name: str
    title: TextPair
    window: Window
    type: Type
    adds: Node
    when: Node | None = None
    on: frozenset[str] | None = None
    top: int = WINDOW_SUM_MAX

    @property
    def code(self) -> str:
        """What its sums are kept under; no rule can have such a code."""
        return f"@{self.name}"

    @property
    def reads(self) -> frozenset[str]:
        """The names of facts that counting a line needs."""
        return names_in(self.adds, self.when).union(self.window.facts)

    def covers(self, category: str) -> bool:
        """Say whether lines of a category count."""
        return self.on is None or category in self.on


def voucher_window(number: str) -> str:
    """Give the key under which uses of a voucher number are counted.

    >>> voucher_window("24312000000012345678")
    '#voucher|24312000000012345678'
    """
    return f"{VOUCHER_WINDOW}|{number}"


def own_key(code: str, window: Window, of: Any) -> str:  # noqa: ANN401  line facts by name
    """Give the key under which a line is counted.

    >>> from types import SimpleNamespace
    >>> line = SimpleNamespace(date=date(2026, 5, 9), person="P1")
    >>> own_key("meal.cap", Window(("person",), WindowPeriod.MONTH), line)
    'meal.cap|2026-05-01|2:P1'
    """
    return code + "|" + _first_day(window, of.date) + _values(window, of)


def _values(window: Window, of: Any) -> str:  # noqa: ANN401  line facts by name
    """Write the values with their lengths, so that no two rows of values give the same text."""
    held = [getattr(of, name) for name in window.facts]
    return "".join(["|-" if value is None else f"|{len(value)}:{value}" for value in held])


def key_text(code: str, window: Window, own: str, days: str) -> str:
    """Give the text of a Python expression that gives `own_key`, with a prefix before names.

    `days` names the window's table of first days.

    >>> key_text("meal.cap", Window(("person",), WindowPeriod.MONTH), "n_", "d")
    "f'meal.cap|{d[n_date]}|{len(n_person)}:{n_person}'"
    """
    text = f"{code}|{{{days}[{own}date]}}"
    for name in window.facts:
        value = f"{own}{name}"
        given = f"{{len({value})}}:{{{value}}}"
        if name in ALWAYS:
            text += f"|{given}"
        else:
            text += f'|{{f"{given}" if {value} is not None else "-"}}'
    return f"f{text!r}"


def before(code: str, window: Window, of: Any, used: Mapping[str, int]) -> int:  # noqa: ANN401
    """Give what earlier lines used of the window that a line falls in."""
    match window.period:
        case WindowPeriod.ROLLING:
            return sum(used.get(key, 0) for key in _day_keys(code, window, of, window.days))
        case WindowPeriod.SPELL:
            return _spell(code, window, of, used)
        case _:
            return used.get(own_key(code, window, of), 0)


def keys(code: str, window: Window, of: Any) -> Iterator[str]:  # noqa: ANN401
    """Give every key that `before` may ask for, and the line's own."""
    match window.period:
        case WindowPeriod.ROLLING:
            yield from _day_keys(code, window, of, window.days)
        case WindowPeriod.SPELL:
            yield from _day_keys(code, window, of, ROLLING_MAX)
        case _:
            yield own_key(code, window, of)


def _day_keys(code: str, window: Window, of: Any, days: int) -> Iterator[str]:  # noqa: ANN401
    tail = _values(window, of)
    for back in range(min(days, of.date.toordinal())):  # no day is before the first of all
        yield f"{code}|{(of.date - timedelta(days=back)).isoformat()}{tail}"


def _spell(code: str, window: Window, of: Any, used: Mapping[str, int]) -> int:  # noqa: ANN401
    """Add up the days back to the first gap that is longer than allowed."""
    total = gap = 0
    for number, key in enumerate(_day_keys(code, window, of, ROLLING_MAX)):
        if key in used:
            total += used[key]
            gap = 0
        elif number:
            gap += 1
            if gap > window.gap_days:
                break
    return total


def _first_day(window: Window, day: date) -> str:
    return first_days(window)[day]


@lru_cache(maxsize=1_000)
def first_days(window: Window) -> "FirstDays":
    """Give the table of first days of a window, shared by equal windows."""
    return FirstDays(window)


class FirstDays(dict[date, str]):
    """The first day of the period that a day falls in, as a key has it; computed when asked."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window

    def __missing__(self, day: date) -> str:
        if len(self) >= DAYS_KEPT:
            self.clear()
        found = self[day] = self._compute(day)
        return found

    def _compute(self, day: date) -> str:
        match self._window.period:
            case WindowPeriod.TRIP:
                return ""
            case WindowPeriod.ROLLING | WindowPeriod.SPELL:
                return day.isoformat()
            case WindowPeriod.YEAR:
                starts = self._window.year_starts
                year = day.year if (day.month, day.day) >= starts else day.year - 1
                return f"{year:04}-{starts[0]:02}-{starts[1]:02}"
            case period:
                return Period.of(_PLAIN[period], day).start.isoformat()
