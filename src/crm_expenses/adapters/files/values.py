"""One cell's text to one value of the core: the ways of reading, each by its stated form.

Pure. A text that does not fit raises `Wrong` with a code and values; whoever knows the row and the
column makes a `Problem` of it. Numbers go through `core.money`, never through `Decimal` alone.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeVar

from crm_expenses.core.money import Money, read_number
from crm_expenses.errors import MappingError

YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2199
"""Years outside are taken for slips of the pen (0024, 20224), and set aside."""

COUNT_MAX: Final = 10_000
"""Largest count (nights, attendees): far above any true one, and it fits every store."""

VALUE_CHARS_MAX: Final = 40
_DATES_KEPT: Final = 4096

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
    r" ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?",
    re.ASCII,
)
_DIRECTIVE: Final = re.compile(r"%(.)", re.DOTALL)
_DIRECTIVES: Final = frozenset("YymbBdjHIpMSfz%")
_YES: Final = frozenset({"yes", "true", "y", "t", "1", "是", "对"})
_NO: Final = frozenset({"no", "false", "n", "f", "0", "否", "不"})
_OF_CORE: Final = {
    "record.amount": "record.cell_number",
    "record.amount_fine": "record.cell_fine",
    "record.amount_large": "record.cell_large",
    "record.currency": "record.cell_currency",
}
"""What the core calls a mistake, and our own text for it, which names the column."""

DayT = TypeVar("DayT", bound=date)
Read = Callable[[str], object]


class Wrong(Exception):  # noqa: N818  never leaves this folder: it becomes a Problem
    """This text does not fit; `code` and `values` say why."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def shown(value: str) -> str:
    r"""Give a value as a message shows it: cut, and made visible where it could hide something.

    >>> shown("a" * 50)[-3:], shown("x\u202ey")
    ('aa…', 'x\\u202ey')
    """
    cut = value if len(value) <= VALUE_CHARS_MAX else value[:VALUE_CHARS_MAX] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def of_core(error: MappingError) -> Wrong:
    """Turn what the core refuses into our own code, which will name the column."""
    problem = error.problems[0]
    return Wrong(_OF_CORE.get(problem.code, problem.code), **dict(problem.values))


def number_reader(
    *, decimal: str, group: str, scale: int, is_negative_refused: bool
) -> Callable[[str], Decimal]:
    """Make the reader of numbers of one stated form.

    >>> read = number_reader(decimal=",", group=".", scale=0, is_negative_refused=False)
    >>> read("-1.234,50")
    Decimal('-1234.50')
    """
    grouped = rf"[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{2,3}})*{re.escape(group)}[0-9]{{3}}|"
    whole = f"(?:{grouped if group else ''}[0-9]+)"
    form = re.compile(rf"-?{whole}(?:{re.escape(decimal)}[0-9]+)?", re.ASCII)
    example = f"-1{group}234{decimal}50"

    def read(text: str) -> Decimal:
        if not form.fullmatch(text):
            raise Wrong("record.cell_number", example=example)
        plain = text.replace(group, "") if group else text
        try:
            number = read_number(plain.replace(decimal, "."))
        except MappingError as error:
            raise Wrong("record.cell_number", example=example) from error
        if is_negative_refused and number < 0:
            raise Wrong("record.cell_negative")
        return number.scaleb(-scale) if scale else number

    return read


def money(number: Decimal, currency: str) -> Money:
    """Make money, or say what is wrong in our own words."""
    try:
        return Money.of(number, currency)
    except MappingError as error:
        raise of_core(error) from error


def read_count(read: Callable[[str], Decimal]) -> Read:
    """Make the reader of whole numbers from 0 up (3 and 3.0 are the same)."""

    def count(text: str) -> int:
        number = read(text)
        if number != number.to_integral_value() or not 0 <= number <= COUNT_MAX:
            raise Wrong("record.cell_whole", limit=str(COUNT_MAX))
        return int(number)

    return count


def read_yes_no(text: str) -> bool:
    """Read a yes or a no.

    >>> read_yes_no("TRUE"), read_yes_no("否")
    (True, False)
    """
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Wrong("record.cell_yes_no")


def choice_reader(choices: type[StrEnum]) -> Read:
    """Make the reader of one of a closed list; capital letters do not matter."""
    known = {str(choice).casefold(): choice for choice in choices}
    allowed = ", ".join(choices)

    def read(text: str) -> StrEnum:
        found = known.get(text.casefold())
        if found is None:
            raise Wrong("record.cell_choice", allowed=allowed)
        return found

    return read


def translator(
    values: Mapping[str, str], *, otherwise: str | None, is_strict: bool
) -> Callable[[str], str]:
    """Make the translation of a cell's words into ours.

    >>> translator({"Taxi": "taxi"}, otherwise="other", is_strict=False)("Bus")
    'other'
    """
    allowed = ", ".join(list(values)[:12])

    def translate(text: str) -> str:
        found = values.get(text)
        if found is not None:
            return found
        if is_strict:
            raise Wrong("record.cell_unlisted", allowed=allowed)
        return text if otherwise is None else otherwise

    return translate


def format_fault(pattern: str, *, needs_date: bool = True) -> str:
    """Say what is wrong with a date format, in a word of ours; empty when it is good.

    >>> format_fault("%Y/%m/%d"), format_fault("%Q-%d"), format_fault("%d.%m.")
    ('', '%Q', '%Y')
    """
    used = _DIRECTIVE.findall(pattern)
    for directive in used:
        if directive not in _DIRECTIVES:
            return f"%{directive}"
    if not needs_date:
        return ""
    if not {"Y", "y"} & set(used):
        return "%Y"
    if "j" not in used and not {"m", "b", "B"} & set(used):
        return "%m"
    return "" if {"d", "j"} & set(used) else "%d"


def date_reader(formats: Sequence[str], zone: tzinfo | None) -> Read:
    """Make the reader of days. A time with a zone falls on the day that it is in `zone`.

    ISO 8601 is read beside the formats named, because a spreadsheet's or Parquet's own dates come
    so; unless a format of its own begins like it.
    """

    @lru_cache(_DATES_KEPT)
    def read(text: str) -> date:
        if not formats and _DATE.fullmatch(text):
            return _iso_day(text)
        found = _moment(text, formats)
        if found.tzinfo is None:
            return found.date()
        return _in_zone(found, zone).date()

    return read


def time_reader(formats: Sequence[str], zone: tzinfo | None) -> Read:
    """Make the reader of instants. A bare day is its midnight in `zone`; nothing is assumed."""

    @lru_cache(_DATES_KEPT)
    def read(text: str) -> datetime:
        if not formats and _DATE.fullmatch(text):
            return _in_zone(datetime.combine(_iso_day(text), time()), zone)
        return _in_zone(_moment(text, formats), zone)

    return read


def _iso_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Wrong("record.cell_date", formats="2026-01-31") from error
    return _sane(day)


def _moment(text: str, formats: Sequence[str]) -> datetime:
    if not formats:
        iso = _iso_moment(text)
        if iso is not None:
            return iso
        raise Wrong("record.cell_date", formats="2026-01-31, 2026-01-31T09:30:00+08:00")
    if text.isascii() or not any(c.isdigit() and not c.isascii() for c in text):
        for pattern in formats:
            try:
                # A format without %z gives a time without a zone on purpose: the mapping's counts.
                return _sane(datetime.strptime(text, pattern))  # noqa: DTZ007
            except ValueError:
                continue
    if not any(pattern.startswith("%Y-") for pattern in formats):
        iso = _iso_moment(text)
        if iso is not None:
            return iso
    raise Wrong("record.cell_date", formats=", ".join(formats))


def _iso_moment(text: str) -> datetime | None:
    if not _DATE.fullmatch(text) and not _TIME.fullmatch(text):
        return None
    try:
        return _sane(datetime.fromisoformat(text.replace(" +", "+").replace(" Z", "Z")))
    except ValueError:
        return None


def _sane(day: DayT) -> DayT:
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise Wrong("record.cell_year", limit=f"{YEAR_MIN}-{YEAR_MAX}")
    return day


def _in_zone(moment: datetime, zone: tzinfo | None) -> datetime:
    if zone is None:
        if moment.tzinfo is None:
            raise Wrong("record.cell_time_zone")
        return moment
    if moment.tzinfo is None:
        # By way of UTC, so that an hour that a change of clocks left out becomes one that exists.
        return moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return moment.astimezone(zone)
