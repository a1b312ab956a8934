"""Reads an organisation from tables: people with their managers and roles, and substitutes.

CSV files in UTF-8 with a header, as a directory or a CRM exports them. Other columns are left
alone and named, so that a misspelt one does not go unseen.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from crm_expenses.core.approval import Organisation, Substitute
from crm_expenses.core.party import AccountManager
from crm_expenses.errors import ConfigError, Place, Problem

PEOPLE: Final = ("id", "name", "manager", "team", "grade", "roles", "from", "until")
SUBSTITUTES: Final = ("who", "instead_of", "from", "until", "claim")
ROLES_PARTED_BY: Final = ";"


@dataclass(frozen=True, slots=True)
class OrganisationRead:
    """The organisation, and the columns that were left alone."""

    organisation: Organisation
    ignored: tuple[str, ...]


def read_organisation(
    people: Path, substitutes: Path | None = None, roles: Mapping[str, Sequence[str]] | None = None
) -> OrganisationRead:
    """Read people, and who acts for whom; `roles` are held beside those that the people's file has.

    Raises:
        ConfigError: a file cannot be read; all its mistakes at once, each with its row.
    """
    problems: list[Problem] = []
    found: dict[str, AccountManager] = {}
    held: dict[str, list[str]] = {role: list(holders) for role, holders in (roles or {}).items()}
    ignored: list[str] = []
    for place, row in _rows(people, PEOPLE, ("id",), ignored):
        person = _person(row, place, problems)
        if person.id in found:
            problems.append(Problem("people.twice", {"id": person.id}, place))
        found[person.id] = person
        for role in filter(None, map(str.strip, row.get("roles", "").split(ROLES_PARTED_BY))):
            if person.id not in held.setdefault(role, []):
                held[role].append(person.id)
    acting = []
    if substitutes is not None:
        needed = ("who", "instead_of")
        for place, row in _rows(substitutes, SUBSTITUTES, needed, ignored):
            acting.append(_substitute(row, place, problems))
    if problems:
        raise ConfigError.of(problems)
    return OrganisationRead(Organisation(found, held, tuple(acting)), tuple(ignored))


def _person(row: Mapping[str, str], place: Place, problems: list[Problem]) -> AccountManager:
    return AccountManager(
        id=_needed(row, "id", place, problems),
        name=row.get("name", ""),
        grade=row.get("grade", ""),
        team=row.get("team", ""),
        manager=row.get("manager", ""),
        active_from=_day(row, "from", place, problems),
        active_to=_day(row, "until", place, problems),
    )


def _substitute(row: Mapping[str, str], place: Place, problems: list[Problem]) -> Substitute:
    return Substitute(
        _needed(row, "who", place, problems),
        _needed(row, "instead_of", place, problems),
        _day(row, "from", place, problems),
        _day(row, "until", place, problems),
        row.get("claim", ""),
    )


def _needed(row: Mapping[str, str], name: str, place: Place, problems: list[Problem]) -> str:
    value = row.get(name, "")
    if not value:
        problems.append(Problem("people.empty", {"name": name}, place))
    return value


def _day(row: Mapping[str, str], name: str, place: Place, problems: list[Problem]) -> date | None:
    value = row.get(name, "")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        problems.append(Problem("people.day", {"name": name, "value": value[:40]}, place))
        return None


def _rows(
    path: Path, known: Sequence[str], needed: Iterable[str], ignored: list[str]
) -> Iterator[tuple[Place, Mapping[str, str]]]:
    """Give the rows of a file with their places; blank ones are left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("people.encoding", path=str(path)) from None
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise ConfigError("people.no_file", path=str(path), detail=detail) from None
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        head = [cell.strip() for cell in next(reader, [])]
        missing = [name for name in needed if name not in head]
        if missing:
            values = {"name": missing[0], "known": ", ".join(head)[:200] or "-"}
            raise ConfigError("people.column", place=Place(str(path), 1), **values)
        ignored += [name for name in head if name and name not in known and name not in ignored]
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield (
                    Place(str(path), reader.line_num),
                    dict(zip(head, (cell.strip() for cell in cells), strict=False)),
                )
    except csv.Error as error:
        place = Place(str(path), reader.line_num)
        raise ConfigError("people.csv", place=place, detail=str(error)) from None
