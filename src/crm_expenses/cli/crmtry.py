"""`crm-expenses crm try`: read one page through a connection file, and show what became of it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.core.money import Money
from crm_expenses.core.record import Record, canonical
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES

if TYPE_CHECKING:
    import typer

    from crm_expenses.adapters.contract import SetAside
    from crm_expenses.pipeline.trial import Trial

SHOWN: Final = (Column("crmtry.first"), Column("crmtry.second"), Column("crmtry.third"))
"""The records that are shown: enough to see whether a field is the right one."""

ASIDE_MAX: Final = 5
UNREAD_MAX: Final = 60
VALUE_CHARS_MAX: Final = 40


def add_try(group: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def try_(
        file: str = given.argument(..., "FILE|NAME", "option.try_file"),
        kind: str = given.argument(..., "KIND", "option.try_kind"),
        crm: str | None = given.option(None, "--crm", "option.try_crm", "NAME"),
        values: list[str] = given.option([], "--set", "option.try_set", "NAME=VALUE"),
        settings: Path = given.settings,
        *,
        private: bool = given.option(False, "--private", "option.private"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.trial import Given, try_kind  # noqa: PLC0415  heavy

        pairs = dict(map(pair_of, values))
        trial = try_kind(settings, Given(file, crm, pairs, private), kind)
        if as_json:
            screen.give(_json(trial))
        else:
            _show(screen, trial)
        if trial.sample.page.set_aside and not trial.sample.page.facts:
            given.leave(1)

    given.add(group, "try", try_, code="command.crm_try")


def pair_of(text: str) -> tuple[str, str]:
    """Take `NAME=VALUE` apart.

    >>> pair_of("url=https://crm.example.com/?a=b")
    ('url', 'https://crm.example.com/?a=b')

    Raises:
        ConfigError: it is no such pair.
    """
    name, sign, value = text.partition("=")
    if not name or not sign:
        raise ConfigError("trial.pair", value=text[:40])
    return name.strip(), value


def _show(screen: Screen, trial: "Trial") -> None:
    held, page = trial.sample, trial.sample.page
    counts = {"rows": str(held.rows), "read": str(len(page.facts))}
    told = {"title": trial.title, "object": trial.part.object, "kind": trial.kind.value}
    if not held.rows:
        screen.say(screen.text("crmtry.empty", **told))
        return
    aside = str(len(page.set_aside))
    screen.say(screen.text("crmtry.head", **told, **counts, aside=aside))
    records = [fact.record for fact in page.facts[: len(SHOWN)]]
    if records:
        screen.say()
        columns = (Column("crmtry.ours"), Column("crmtry.theirs"), *SHOWN[: len(records)])
        screen.table(columns, list(_rows(trial, records)))
    for one in page.set_aside[:ASIDE_MAX]:
        reasons = "; ".join(p.describe(screen.language) for p in one.problems)
        screen.say(screen.text("crmtry.aside", record=one.origin.record or "?", reasons=reasons))
    if len(page.set_aside) > ASIDE_MAX:
        screen.say(screen.text("crmtry.more", count=str(len(page.set_aside) - ASIDE_MAX)))
    if held.lacking:
        screen.say(screen.text("crmtry.lacking", fields=", ".join(held.lacking)))
    if held.untimed:
        screen.say(screen.text("crmtry.untimed", count=str(held.untimed), **counts))
    if held.unmapped:
        names = list(held.unmapped)
        more = f", … {len(names) - UNREAD_MAX}" if len(names) > UNREAD_MAX else ""
        screen.say(screen.text("crmtry.unread", fields=", ".join(names[:UNREAD_MAX]) + more))


def _rows(trial: "Trial", records: Sequence[Record]) -> Iterator[tuple[str, ...]]:
    """Give a row for each mapped field: our name, theirs, and the values of the first records."""
    part = trial.part
    places = {"id": part.id}
    if part.nested is not None:
        places[part.nested.parent_field] = "↑"
    for name, one in part.fields.items():
        coin = one.currency or one.fixed_currency
        shown = one.field if one.value is None else f"= {one.value}"
        places[name] = f"{shown} ({coin})" if coin else shown
    for name, place in places.items():
        yield (name, place, *(_text(_of(record, name)) for record in records))


def _of(record: Record, name: str) -> object:
    if name.startswith("extra."):
        return dict(getattr(record, "extra", ())).get(name.removeprefix("extra."))
    return getattr(record, name, None)


def _text(value: object) -> str:
    """Write a value of a record for a person.

    >>> _text(Money(1250, "CNY")), _text(None), _text((("a", "b"),))
    ('12.50 CNY', '-', 'a = b')
    """
    match value:
        case None | "":
            return "-"
        case Money():
            return f"{value.amount:,f} {value.currency}"
        case StrEnum():
            text = value.value
        case date():
            text = value.isoformat()
        case tuple():
            text = ", ".join(f"{name} = {held}" for name, held in value) or "-"
        case _:
            text = str(value)
    return text if len(text) <= VALUE_CHARS_MAX else f"{text[:VALUE_CHARS_MAX]}…"


def _json(trial: "Trial") -> dict[str, object]:
    held, page = trial.sample, trial.sample.page
    return {
        "title": trial.title,
        "kind": trial.kind.value,
        "object": trial.part.object,
        "rows": held.rows,
        "records": [_plain(fact.record) for fact in page.facts],
        "set_aside": [_aside(one) for one in page.set_aside],
        "lacking": list(held.lacking),
        "unread": dict(held.unmapped),
        "untimed": held.untimed,
    }


def _plain(record: Record) -> dict[str, object]:
    """Give a record as a script reads it; what is empty is left out."""
    written: dict[str, object] = json.loads(canonical(record))
    names = {one.name for one in fields(record)}
    return {n: v for n, v in written.items() if n in names and v not in (None, "", [], {})}


def _aside(one: "SetAside") -> dict[str, object]:
    problems = [
        {"code": p.code, "message": {language: p.describe(language) for language in LANGUAGES}}
        for p in one.problems
    ]
    return {"record": one.origin.record, "problems": problems}
