"""Writes the rest days and make-up days of whole years into a policy file's calendar.

The days come from a package that knows a country's, from a company's own list, or from both. Only
the calendar changes: every other byte of the file stays, and what is written is read again before.
"""

import os
import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.errors import ConfigError, Place, PolicyError
from crm_expenses.policycalendar.rewrite import with_calendar
from crm_expenses.policycalendar.sources import YearDays, days_of
from crm_expenses.policyfile import parse_policy
from crm_expenses.tomlfile import FILE_BYTES_MAX


@dataclass(frozen=True)
class CalendarChange:
    """What becomes of a policy file: its bytes before and after, and both calendars."""

    path: Path
    old: bytes
    new: bytes
    before: WorkCalendar
    after: WorkCalendar

    @property
    def is_same(self) -> bool:
        """Whether nothing is to be written."""
        return self.old == self.new


def plan_calendar(
    path: Path, years: Sequence[int], *, country: str = "", file: Path | None = None
) -> CalendarChange:
    """Say what the calendar of a policy file becomes with the days of some years.

    Raises:
        ConfigError: a year is not known, a list has mistakes, or the file is not written in a way
            that can be changed; PolicyError: the policy has mistakes of its own.
    """
    raw = _read(path)
    before = _calendar_of(raw, path)
    found = days_of(years, country=country, file=file)
    after = _joined(before, years, found)
    new = raw if after == before else with_calendar(raw, after, str(path))
    if _calendar_of(new, path) != after or _rest_of(raw) != _rest_of(new):
        raise ConfigError("calendar.form", path=str(path))
    return CalendarChange(path, raw, new, before, after)


def write_calendar(change: CalendarChange) -> None:
    """Put the new file in the place of the old one, in one step.

    Raises:
        ConfigError: the file has changed meanwhile, or cannot be written.
    """
    path = change.path.resolve()
    beside = path.with_name(f".crm-expenses-{os.getpid()}.part")
    try:
        with beside.open("xb") as out:
            out.write(change.new)
            out.flush()
            os.fsync(out.fileno())
        shutil.copymode(path, beside)
        if path.read_bytes() != change.old:
            raise ConfigError("calendar.changed", path=str(change.path))
        beside.replace(path)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise ConfigError("command.publish_place", path=str(change.path), detail=detail) from error
    finally:
        beside.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError("toml.no_file", path=str(path), detail=error.strerror or "") from error
    if len(raw) > FILE_BYTES_MAX:
        size, limit = str(len(raw)), str(FILE_BYTES_MAX)
        raise ConfigError("toml.large", path=str(path), size=size, limit=limit)
    return raw


def _calendar_of(raw: bytes, path: Path) -> WorkCalendar:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PolicyError("toml.encoding", place=Place(str(path))) from error
    return parse_policy(text, str(path)).calendar


def _rest_of(raw: bytes) -> dict[str, object]:
    """Give all that a file says but the calendar."""
    data = tomllib.loads(raw.decode("utf-8-sig").replace("\r\n", "\n"))
    return {name: value for name, value in data.items() if name != "calendar"}


def _joined(before: WorkCalendar, years: Sequence[int], found: YearDays) -> WorkCalendar:
    """Replace the named years; what is covered grows by them, without a gap."""
    named = frozenset(years)
    rest = frozenset(day for day in before.rest_days if day.year not in named)
    work = frozenset(day for day in before.work_days if day.year not in named)
    kept = {day.year for day in (*rest, *work)}
    first, last = date(min(years), 1, 1), date(max(years), 12, 31)
    if before.first is None and before.last is None:
        # What was listed by hand, with no word on what it covers, is taken for whole years.
        whole = kept | named
        _demand_no_gap(set(range(min(whole), max(whole) + 1)) - whole, whole)
        first, last = date(min(whole), 1, 1), date(max(whole), 12, 31)
        return WorkCalendar(rest | found.rest, work | found.work, first, last)
    missing: set[int] = set()
    if before.first is not None:
        is_whole = (before.first.month, before.first.day) == (1, 1)
        missing |= set(range(max(years) + 1, before.first.year + (not is_whole)))
    if before.last is not None:
        is_whole = (before.last.month, before.last.day) == (12, 31)
        missing |= set(range(before.last.year + is_whole, min(years)))
    _demand_no_gap(missing, named | missing)
    return replace(
        before,
        rest_days=rest | found.rest,
        work_days=work | found.work,
        first=None if before.first is None else min(before.first, first),
        last=None if before.last is None else max(before.last, last),
    )


def _demand_no_gap(missing: set[int], whole: frozenset[int] | set[int]) -> None:
    if missing:
        listed = ", ".join(map(str, sorted(missing)))
        raise ConfigError("calendar.gap", years=listed, whole=f"{min(whole)}-{max(whole)}")
