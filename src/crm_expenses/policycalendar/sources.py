"""Where the days of a year come from: a package that knows a country's, or a company's own list.

A year that is not known is refused. Statutory days alone would be a guess: a government moves days
of rest and adds working days by a yearly notice.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.core.period import read_day
from crm_expenses.errors import ConfigError, Place, Problem

if TYPE_CHECKING:
    import holidays

YEARS_MAX: Final = 30
_YEARS: Final = re.compile(r"([12][0-9]{3})(?:\s*[-–—~]\s*([12][0-9]{3}))?", re.ASCII)
_COUNTRY: Final = re.compile(r"([A-Z]{2})(?:-(.{1,40}))?", re.ASCII)
_REST: Final = ("rest", "休", "休息")
_WORK: Final = ("work", "班", "上班")
_COLUMNS: Final = (("date", "日期"), ("kind", "类型"))

_CN: Final = "CN"
_CN_PACKAGE: Final = "chinesecalendar"
_MADE_UP_FROM: Final = 2000
"""From when on the yearly lists of make-up days of a country are looked for."""


@dataclass(frozen=True, slots=True)
class YearDays:
    """Weekdays that are not worked, and weekend days that are."""

    rest: frozenset[date]
    work: frozenset[date]


def years_of(text: str) -> tuple[int, ...]:
    """Read years: one, or the first and the last.

    Raises:
        ConfigError: the text is neither, runs backwards, or names too many.

    >>> years_of("2025-2026"), years_of("2026")
    ((2025, 2026), (2026,))
    """
    found = _YEARS.fullmatch(text.strip())
    if found is not None:
        first = int(found[1])
        last = int(found[2] or first)
        if first <= last < first + YEARS_MAX:
            return tuple(range(first, last + 1))
    raise ConfigError("calendar.years", value=text[:40] or "-", limit=str(YEARS_MAX))


def days_of(years: Sequence[int], *, country: str = "", file: Path | None = None) -> YearDays:
    """Give the days of whole years: a country's, changed by those of a list where there is one.

    Raises:
        ConfigError: neither is named, a year is not known, or the list has mistakes.
    """
    if not country and file is None:
        raise ConfigError("calendar.source")
    works: Callable[[date], bool] = _is_weekday
    if country:
        works = _country(country, years)
    listed = {} if file is None else _listed(file, years, is_all=not country)
    worked = {day: listed.get(day, works(day)) for day in _each_day(years)}
    return YearDays(
        frozenset(day for day, is_worked in worked.items() if _is_weekday(day) and not is_worked),
        frozenset(day for day, is_worked in worked.items() if is_worked and not _is_weekday(day)),
    )


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5


def _each_day(years: Sequence[int]) -> Iterator[date]:
    for year in years:
        day = date(year, 1, 1)
        while day.year == year:
            yield day
            day += timedelta(days=1)


# Countries


def _country(asked: str, years: Sequence[int]) -> Callable[[date], bool]:
    found = _COUNTRY.fullmatch(asked.strip())
    if found is None:
        raise ConfigError("calendar.country", value=asked[:40], package="holidays")
    if asked.strip() == _CN:
        return _china(years)
    return _elsewhere(found[1], found[2] or "", years)


def _china(years: Sequence[int]) -> Callable[[date], bool]:
    try:
        import chinese_calendar  # noqa: PLC0415  an extra
    except ImportError:
        raise ConfigError("extra.missing", package=_CN_PACKAGE, extra="cn") from None
    known = [day.year for day in chinese_calendar.holidays]
    _demand_known(years, (min(known), max(known)), _CN_PACKAGE)

    def works(day: date) -> bool:
        return bool(chinese_calendar.is_workday(day))

    return works


def _elsewhere(country: str, part: str, years: Sequence[int]) -> Callable[[date], bool]:
    try:
        import holidays  # noqa: PLC0415  an extra
    except ImportError:
        raise ConfigError("extra.missing", package="holidays", extra="holidays") from None
    known = holidays.list_supported_countries()
    if country == _CN or country not in known or (part and part not in known[country]):
        value = f"{country}-{part}" if part else country
        raise ConfigError("calendar.country", value=value, package="holidays")
    # The years beside them, too: a make-up day may stand in the year before its holiday.
    span = range(min(years) - 1, max(years) + 2)
    days = holidays.country_holidays(country, subdiv=part or None, years=span)
    last = days.end_year
    if getattr(days, "has_substituted_holidays", False):
        whole = holidays.country_holidays(
            country, subdiv=part or None, years=range(_MADE_UP_FROM, max(years) + 2)
        )
        last = max((day.year for day in whole.weekend_workdays), default=_MADE_UP_FROM - 1)
    _demand_known(years, (days.start_year, last), "holidays")
    _demand_no_estimate(days, years)
    return days.is_working_day


def _demand_known(years: Sequence[int], known: tuple[int, int], package: str) -> None:
    first, last = known
    for year in years:
        if not first <= year <= last:
            raise ConfigError(
                "calendar.unknown_year",
                year=str(year),
                first=str(first),
                last=str(last),
                package=package,
            )


def _demand_no_estimate(days: "holidays.HolidayBase", years: Sequence[int]) -> None:
    """Refuse days that wait for the moon: the package reckons them, a government names them."""
    label = getattr(days, "estimated_label", "")
    mark = days.tr(label).replace("%s", "").strip() if label else ""
    guessed = sorted(d for d, name in days.items() if mark and d.year in years and mark in name)
    if guessed:
        listed = ", ".join(day.isoformat() for day in guessed)
        raise ConfigError(
            "calendar.estimated", year=str(guessed[0].year), days=listed, package="holidays"
        )


# A company's list


def _listed(path: Path, years: Sequence[int], *, is_all: bool) -> dict[date, bool]:
    """Read a list of days; `is_all` says that it is the only source, so each year must be in it."""
    worked: dict[date, bool] = {}
    problems: list[Problem] = []
    for place, cells in _rows(path, problems):
        day, kind = read_day(cells[0]), cells[1].strip().lower()
        if not any(cell.strip() for cell in cells):
            continue
        shown = {"value": cells[0][:40]}
        if day is None:
            problems.append(Problem("calendar.date", shown, place))
        elif day.year not in years:
            named = f"{min(years)}-{max(years)}"
            problems.append(Problem("calendar.other_year", {**shown, "years": named}, place))
        elif kind not in (*_REST, *_WORK):
            problems.append(Problem("calendar.kind", {"value": cells[1][:40]}, place))
        elif worked.setdefault(day, kind in _WORK) is not (kind in _WORK):
            problems.append(Problem("calendar.twice", {"value": day.isoformat()}, place))
    if not problems and is_all:
        found = {day.year for day in worked}
        problems += [
            Problem("calendar.no_row", {"path": path.name, "year": str(year)})
            for year in years
            if year not in found
        ]
    if problems:
        raise ConfigError.of(problems)
    return worked


def _rows(path: Path, problems: list[Problem]) -> Iterator[tuple[Place, Sequence[str]]]:
    from crm_expenses.adapters.files.encoding import survey  # noqa: PLC0415  only with a list
    from crm_expenses.adapters.files.mappingfile import SUFFIXES  # noqa: PLC0415
    from crm_expenses.adapters.files.reading import (  # noqa: PLC0415
        NOT_TEXT,
        Layout,
        columns_in,
        read_rows,
    )
    from crm_expenses.adapters.files.rows import Found  # noqa: PLC0415

    if not path.is_file():
        raise ConfigError("calendar.no_file", path=str(path))
    found = Found(path, path.name)
    if found.suffix not in SUFFIXES:
        raise ConfigError("files.suffix", path=str(path), names=", ".join(SUFFIXES))
    surveyed = survey(path, is_text=found.suffix not in NOT_TEXT)
    for layout in (Layout(), Layout(";"), Layout("\t")):
        there = columns_in(found, surveyed, layout)
        wanted = _columns(there)
        if wanted:
            break
    else:
        raise ConfigError("calendar.columns", path=path.name, names=", ".join(there or ()) or "-")
    for row in read_rows(found, surveyed, wanted, layout):
        problems.extend(row.problems)
        if not row.problems:
            yield row.place, row.cells


def _columns(there: Sequence[str] | None) -> tuple[str, ...]:
    """Give the names of the two columns as the file has them; none where one is not there."""
    if there is None:  # JSON Lines: each row has names of its own
        return tuple(names[0] for names in _COLUMNS)
    by: Mapping[str, str] = {name.strip().lower(): name for name in there}
    found = [next((by[n] for n in names if n in by), "") for names in _COLUMNS]
    return tuple(found) if all(found) else ()
