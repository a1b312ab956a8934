"""One page of one kind, read through a connection file: for who writes such a file."""

import difflib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crm_expenses.adapters.contract import Opening
from crm_expenses.adapters.rest.client import RestAdapter, open_rest
from crm_expenses.adapters.rest.examining import Sample, sample
from crm_expenses.adapters.rest.speckind import KindPart
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.pipeline.doctor import polite
from crm_expenses.settings import Connection, Settings, load_settings

REST: Final = "rest"
_FILE: Final = ".toml"
_NEEDED: Final = ("rest.no_value", "rest.secret_place")
"""What is missing where nobody has said which settings are meant."""


@dataclass(frozen=True)
class Trial:
    """What became of a page: the CRM's title, the kind as the file says it, and the sample."""

    title: str
    kind: Kind
    part: KindPart
    sample: Sample


@dataclass(frozen=True)
class Given:
    """What is tried: a file or a name, and where its values and secrets come from.

    `crm` names a connection of the settings; `values` are given beside it, by name.
    """

    name: str
    crm: str | None
    values: Mapping[str, str]
    private: bool


def try_kind(settings_file: Path, given: Given, kind: str) -> Trial:
    """Read the first page of a kind; nothing is written anywhere.

    Raises:
        ConfigError: there is no such file, kind or connection, or it has mistakes.
        CrmExpensesError: the CRM could not be read.
    """
    chosen = _kind(kind)
    with _opened(settings_file, given) as adapter:
        held, source = adapter.wire.held, adapter.sources.get(chosen)
        if source is None:
            known = ", ".join(held.kind)
            raise ConfigError("trial.no_kind", name=given.name, kind=chosen.value, known=known)
        found = sample(adapter.wire, source)
        if not found.rows:
            adapter.wire.demand_signed_in()  # a stranger may be shown an empty list
        return Trial(held.connection.title, chosen, held.kind[chosen], found)


def _kind(name: str) -> Kind:
    known = [kind.value for kind in Kind]
    if name not in known:
        near = "".join(difflib.get_close_matches(name, known, n=1, cutoff=0.0))
        raise ConfigError("trial.kind", value=name[:40], near=near, known=", ".join(known))
    return Kind(name)


@contextmanager
def _opened(settings_file: Path, given: Given) -> Iterator[RestAdapter]:
    settings = load_settings(settings_file) if given.crm or settings_file.exists() else None
    connection = _connection(settings, given)
    options: dict[str, object] = dict(connection.options) if connection else {}
    if connection is None or given.name != connection.name:
        is_file = given.name.endswith(_FILE)
        options["connection"] = str(Path(given.name).resolve()) if is_file else given.name
    options |= {
        name: str(Path(value).resolve()) if name.endswith("_file") else value
        for name, value in given.values.items()
    }
    if given.private:
        options["private_addresses"] = True
    if settings is None or connection is None:
        try:
            adapter = open_rest(Opening(Path(given.name).stem, options))
        except ConfigError as error:
            told = [one for one in error.problems if one.code in _NEEDED]
            more = [Problem("trial.give")] if told else []
            raise ConfigError.of([*error.problems, *more]) from error
        yield from _closing(adapter)
        return
    with polite(settings, connection) as gate:
        opening = Opening(connection.name, options, settings.base, gate, connection.parts.fields)
        yield from _closing(open_rest(opening))


def _closing(adapter: RestAdapter) -> Iterator[RestAdapter]:
    try:
        yield adapter
    finally:
        adapter.close()


def _connection(settings: Settings | None, given: Given) -> Connection | None:
    """Give the connection of the settings whose values are used, None for none."""
    if settings is None:
        return None
    if given.crm or given.name in settings.connections:
        held = settings.connection(given.crm or given.name)
        if held.adapter != REST:
            raise ConfigError("trial.not_rest", crm=held.name, adapter=held.adapter)
        return held
    using = [one for one in settings.connections.values() if _uses(settings, one, given.name)]
    return using[0] if len(using) == 1 and not given.values else None


def _uses(settings: Settings, connection: Connection, name: str) -> bool:
    held = str(connection.options.get("connection", ""))
    if connection.adapter != REST or name.endswith(_FILE) != held.endswith(_FILE):
        return False
    if not name.endswith(_FILE):
        return held == name
    return (settings.base / held).resolve() == Path(name).resolve()
