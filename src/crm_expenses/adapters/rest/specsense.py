"""What a connection file must make sense of beyond single values: formats, hosts, calls, paths."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crm_expenses.adapters.rest.path import steps_of
from crm_expenses.adapters.rest.spec import Call, Deletes, PagingKind, Records, Since
from crm_expenses.adapters.rest.speckind import (
    ConnectionFile,
    FieldPart,
    KindPart,
    MatchKind,
    ResultsPart,
)
from crm_expenses.adapters.rest.template import Template, faults, placeholders
from crm_expenses.core.record import Kind
from crm_expenses.errors import Problem
from crm_expenses.tomlfile import TomlFile

At = tuple[str | int, ...]

CALL_NAMES: Final = ("list", "read", "find", "search", "create", "update", "upsert", "delete")
_FIELDS: Final = ("field_list", "field_names")
_OF_SEVERAL: Final = ("each", "items", "integers")
"""The encodings that are of several values."""
_SINCE_WORDS: Final = ("iso8601", "epoch_s", "epoch_ms", "parts")
_HOST: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_NO_TEMPLATES: Final = ("config", "secret")
_NEEDS: Final[Mapping[MatchKind, tuple[str, ...]]] = {
    MatchKind.SEARCH_THEN_CREATE: ("search", "create", "update"),
    MatchKind.CLIENT_ID: ("read", "create", "update"),
    MatchKind.SERVER_UPSERT: ("upsert",),
}


def senseless(
    held: ConnectionFile, toml: TomlFile, known: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    """Give what makes no sense, each with its place; `known` are the values of each call."""
    yield from _Senses(held, toml, known).problems()


def is_format(text: str) -> bool:
    """Say whether a text is a form in which times can be written and read.

    >>> is_format("%d.%m.%Y"), is_format("iso"), is_format("%Q")
    (True, False, False)
    """
    moment = datetime(2026, 3, 1, 13, 4, 5)  # noqa: DTZ001  only its text counts
    try:
        datetime.strptime(moment.strftime(text), text)  # noqa: DTZ007
    except ValueError:
        return False
    return "%" in text


@dataclass(frozen=True, slots=True)
class _Senses:
    held: ConnectionFile
    toml: TomlFile
    known: Mapping[str, tuple[str, ...]]

    def problems(self) -> Iterator[Problem]:
        held = self.held
        for number, host in enumerate(held.connection.allowed_hosts):
            if not _HOST.fullmatch(host):
                at: At = ("connection", "allowed_hosts", number)
                yield self._at(at, "rest.host", value=host[:100])
        yield from self._records(held.records, ("records",))
        yield from self._since(held.since, ("since",))
        yield from self._deletes(held.deletes, ("deletes",))
        for name in CALL_NAMES:
            yield from self._call(getattr(held.calls, name), ("calls", name))
        for kind, part in held.kind.items():
            yield from self._kind(kind, part, ("kind", kind.value))
        if held.files is not None:
            for name in ("list", "download", "upload"):
                yield from self._call(getattr(held.files, name), ("files", name))
        if held.auth.probe is not None:
            yield from self._template(held.auth.probe.path, (), ("auth", "probe", "path"))
        yield from self._each(dict(self.toml.data), ())

    def _kind(self, kind: Kind, part: KindPart, at: At) -> Iterator[Problem]:
        for name in CALL_NAMES:
            yield from self._call(getattr(part.calls, name), (*at, "calls", name))
        if part.records is not None:
            yield from self._records(part.records, (*at, "records"))
        if part.since is not None:
            yield from self._since(part.since, (*at, "since"))
        if part.deletes is not None:
            yield from self._deletes(part.deletes, (*at, "deletes"))
        for name in ("path", "send_path"):
            yield from self._path(getattr(part.conflict, name), (*at, "conflict", name))
        yield from self._path(part.external_id, (*at, "external_id"))
        for name, field in part.fields.items():
            yield from self._field(field, (*at, "fields", name))
        yield from self._results(kind, part.results, (*at, "results"))
        since = self.held.since_of(kind)
        if self.held.paging_of(kind).kind is PagingKind.KEYSET and "after" not in (
            *placeholders(since.query), *placeholders(since.body),
        ):  # fmt: skip
            where = (*at, "since") if part.since is not None else ("since",)
            yield self._at(where, "rest.after", part=".".join(map(str, at)))

    def _results(self, kind: Kind, part: ResultsPart, at: At) -> Iterator[Problem]:
        yield from self._path(part.external_id, (*at, "external_id"))
        for name, field in part.fields.items():
            yield from self._field(field, (*at, "fields", name))
        yield from self._template(part.defaults, ("object", "key"), (*at, "defaults"))
        if not part.object:
            return
        for name in _NEEDS.get(part.match, ()):
            if self.held.call(kind, name) is None:
                needs = f"calls.{name}"
                yield self._at((*at, "match"), "rest.lacks", part=part.match.value, needs=needs)

    def _field(self, part: FieldPart, at: At) -> Iterator[Problem]:
        yield from self._path(part.key, (*at, "key"))
        if part.format and not is_format(part.format):
            yield self._at((*at, "format"), "rest.format", value=part.format[:60], known="")

    def _since(self, part: Since, at: At) -> Iterator[Problem]:
        for name in ("link_path", "removed_path", "removed_id_path"):
            yield from self._path(getattr(part, name), (*at, name))
        if part.format not in _SINCE_WORDS and not is_format(part.format):
            known = ", ".join(_SINCE_WORDS)
            yield self._at((*at, "format"), "rest.format", value=part.format[:60], known=known)
        for name, text in part.headers.items():
            yield from self._template(text, ("object",), (*at, "headers", name))

    def _deletes(self, part: Deletes, at: At) -> Iterator[Problem]:
        for name in ("path", "id_path"):
            yield from self._path(getattr(part, name), (*at, name))
        call = part.list
        if call is None:
            return
        yield from self._call(call, (*at, "list"))
        for name in ("path", "query", "headers", "body", "form"):
            names = ("object", "since", *_FIELDS)
            yield from self._template(getattr(call, name), names, (*at, "list", name))

    def _call(self, call: Call | None, at: At) -> Iterator[Problem]:
        if call is None:
            return
        if call.records is not None:
            yield from self._records(call.records, (*at, "records"))
        for path in call.success.body if call.success is not None else ():
            yield from self._path(path, (*at, "success", "body", path))

    def _records(self, part: Records, at: At) -> Iterator[Problem]:
        for name in ("path", "single_path", "unwrap"):
            yield from self._path(getattr(part, name) or "", (*at, name))

    # --- each ---

    def _each(self, held: object, at: At) -> Iterator[Problem]:
        """Look for `each`: it needs what it is of, and {each} stands inside it only."""
        if isinstance(held, str):
            if "{each}" in held:
                yield self._at(at, "rest.each", known=", ".join(self._values_at(at)))
        elif isinstance(held, Mapping):
            if held.get("encode") in _OF_SEVERAL:
                yield from self._one_each(held, at)
                return
            for name, value in held.items():
                if at or name not in _NO_TEMPLATES:
                    yield from self._each(value, (*at, name))
        elif isinstance(held, list):
            for number, value in enumerate(held):
                yield from self._each(value, (*at, number))

    def _one_each(self, held: Mapping[str, object], at: At) -> Iterator[Problem]:
        known = (*self._values_at(at), *(f"config.{name}" for name in self.held.config))
        is_text = held["encode"] != "each" or isinstance(held.get("value"), str)
        if held.get("of") not in known or not is_text:
            yield self._at(at, "rest.each", known=", ".join(known))

    def _values_at(self, at: At) -> tuple[str, ...]:
        """Give the values of which `each` may be at a place of the file."""
        if "calls" in at[:-1]:
            return self.known.get(str(at[at.index("calls") + 1]), ())
        return ("object", "items", "id", *_FIELDS)

    # --- the smallest parts ---

    def _at(self, at: At, code: str, **values: str) -> Problem:
        return Problem(code, values, self.toml.place(*at))

    def _template(self, template: Template, names: Sequence[str], at: At) -> Iterator[Problem]:
        known = {*names, "each", *(f"config.{name}" for name in self.held.config)}
        for fault in faults(template, known):
            yield self._at(at, fault.code, name=fault.name, known=", ".join(sorted(known)))

    def _path(self, path: str, at: At) -> Iterator[Problem]:
        try:
            steps_of(path)
        except ValueError as error:
            yield self._at(at, "rest.path", value=path[:60], detail=str(error))
