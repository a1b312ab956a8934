"""Reading a connection file: every mistake in it at once, each with line, column and a fix."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pydantic

from crm_expenses.adapters.contract import ClaimResult
from crm_expenses.adapters.fieldmap import PARENTS, RESULT_TYPES
from crm_expenses.adapters.files.shape import EXTRA, field_shape, has_extra, shapes
from crm_expenses.adapters.rest.codecs import codec_fault
from crm_expenses.adapters.rest.path import steps_of
from crm_expenses.adapters.rest.settled import settled_texts
from crm_expenses.adapters.rest.spec import (
    Auth,
    AuthKind,
    Call,
    DeletesKind,
    Paging,
    PagingKind,
    Since,
    SinceKind,
    Stop,
)
from crm_expenses.adapters.rest.speckind import (
    MODELS,
    ConflictStyle,
    ConnectionFile,
    FieldPart,
    Form,
    KindPart,
    MatchKind,
)
from crm_expenses.adapters.rest.specsense import senseless
from crm_expenses.adapters.rest.template import Template, faults
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.tomlfile import TomlFile, parse_toml, read_toml, shape_problems

SHIPPED: Final = files("crm_expenses.adapters.rest") / "connections"
Step = str | int
At = tuple[Step, ...]

_NAMES: Final = tuple(
    sorted({info.alias or name for model in MODELS for name, info in model.model_fields.items()})
)
_FIELDS: Final = ("field_list", "field_names", "field_paths", "id_field")
_CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    "list": ("object", "after", *_FIELDS),
    "read": ("object", "id", *_FIELDS),
    "find": ("object", "ids", *_FIELDS),
    "search": ("object", "key", "key_field", *_FIELDS),
    "create": ("object", "fields", "key"),
    "update": ("object", "id", "address", "fields", "version"),
    "upsert": ("object", "key", "key_field", "fields"),
    "delete": ("object", "id"),
    "download": ("object", "id", "file", "stored", "name"),
    "files": ("object", "id", "address", *_FIELDS),
    "upload": ("object", "id", "address", "name", "size", "type", "content"),
}
"""What each call may name in its templates, beside config.*."""
_ENCODE: Final = ("json", "base64url_json", "each", "integers", "items", "text")
_RESULT_NAMES: Final = {
    PARENTS[kind]: tuple(one for one in made.__dataclass_fields__ if one != "claim")
    for kind, made in RESULT_TYPES.items()
} | {Kind.CLAIM: (*ClaimResult.__dataclass_fields__,)}


def shipped_names() -> tuple[str, ...]:
    """Give the names of the connection files that come with the package."""
    found = (one.name for one in SHIPPED.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def read_connection(name: str, base: Path = Path()) -> ConnectionFile:
    """Read a connection file: one of those that are shipped, or a path that ends with `.toml`.

    Raises:
        ConfigError: carries every mistake in it, with its place.
    """
    return connection_of(connection_toml(name, base))


def connection_toml(name: str, base: Path = Path()) -> TomlFile:
    """Read the text of a connection file.

    Raises:
        ConfigError: there is none of this name, or it is no TOML.
    """
    if name.endswith(".toml"):
        return read_toml(base / name)
    known = shipped_names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
        raise ConfigError(
            "rest.no_connection", name=name[:60], known=", ".join(known), near="".join(near)
        )
    return parse_toml((SHIPPED / f"{name}.toml").read_text("utf-8"), f"{name}.toml")


def connection_of(toml: TomlFile) -> ConnectionFile:
    """Check a connection file that was read.

    Raises:
        ConfigError: carries every mistake in it, with its place.
    """
    try:
        held = ConnectionFile.model_validate(dict(toml.data))
    except pydantic.ValidationError as error:
        raise ConfigError.of(shape_problems(error, toml, names=_NAMES)) from error
    found = [*_Check(held, toml).problems(), *senseless(held, toml, _CALLS)]
    if found:
        raise ConfigError.of(found)
    return held


@dataclass(frozen=True, slots=True)
class _Check:
    """Looks at what the shape of the file cannot say."""

    held: ConnectionFile
    toml: TomlFile

    def problems(self) -> list[Problem]:
        return [*self._whole(), *self._auth(), *self._kinds()]

    def _at(self, at: At, code: str, **values: str) -> Problem:
        return Problem(code, values, self.toml.place(*at))

    # --- the whole file ---

    def _whole(self) -> Iterator[Problem]:
        held = self.held
        for place, text in settled_texts(held):
            yield from self._template(text, (), place)
        yield from self._zone(held.connection.timezone, ("connection", "timezone"))
        yield from self._template(held.connection.base_url, (), ("connection", "base_url"))
        for name, text in held.connection.headers.items():
            yield from self._template(text, ("secret.*",), ("connection", "headers", name))
        for name, setting in held.config.items():
            yield from self._regex(setting.pattern, ("config", name, "pattern"))
        for path in held.success.body:
            yield from self._path(path, ("success", "body", path))
        for number, rule in enumerate(held.error):
            at: At = ("error", number)
            for path in rule.body:
                yield from self._path(path, (*at, "body", path))
            yield from self._regex(rule.message, (*at, "message"))
            for name, text in rule.header.items():
                yield from self._regex(text, (*at, "header", name))
            yield from self._path(rule.detail, (*at, "detail"))
            if not (rule.status or rule.body or rule.message or rule.header):
                yield self._at(at, "rest.rule_for_all")
        yield from self._paging(held.paging, ("paging",))
        yield from self._since(held.since, ("since",))
        for name in Calls_:
            yield from self._call(getattr(held.calls, name), name, ("calls", name))
        yield from self._files()

    def _files(self) -> Iterator[Problem]:
        part = self.held.files
        if part is None:
            return
        if Kind.VOUCHER not in self.held.kind:
            yield self._at(("files",), "rest.files_of_nothing")
        if part.list is None and not part.field:
            yield self._at(("files",), "rest.lacks", part="files", needs="list, field")
        if part.download is None:
            yield self._at(("files",), "rest.lacks", part="files", needs="download")
        yield from self._call(part.list, "files", ("files", "list"))
        yield from self._call(part.download, "download", ("files", "download"))
        yield from self._call(part.upload, "upload", ("files", "upload"))
        yield from self._template(
            dict(part.upload_form), _CALLS["upload"], ("files", "upload_form")
        )
        for name in (
            "name_path",
            "id_path",
            "stored_path",
            "size_path",
            "type_path",
            "version_path",
            "field",
            "content_path",
        ):
            yield from self._path(getattr(part, name), ("files", name))

    # --- signing in ---

    def _auth(self) -> Iterator[Problem]:
        part = self.held.auth
        for name, value in _auth_templates(part):
            known = {"carry": ("answer.*",), "message": ("method", "path", "body")}
            known |= {"signature": ("signature",)}
            yield from self._template(value, ("secret.*", *known.get(name, ())), ("auth", name))
        if part.kind.value.startswith(("oauth2", "login")):
            if not part.path:
                yield self._at(("auth",), "rest.lacks", part="auth", needs="path")
            yield from self._path(part.token_path, ("auth", "token_path"))
            yield from self._path(part.expires_in_path, ("auth", "expires_in_path"))
        if part.kind is AuthKind.LOGIN and part.body is None and part.form is None:
            yield self._at(("auth",), "rest.lacks", part="auth", needs="body, form")
        if part.kind is AuthKind.HMAC and not part.message:
            yield self._at(("auth",), "rest.lacks", part="auth", needs="message")
        if part.probe is not None:
            probe = part.probe
            for template in (probe.query, probe.body):
                yield from self._template(template, (), ("auth", "probe"))
            for path, text in probe.expect.items():
                yield from self._path(path, ("auth", "probe", "expect", path))
                yield from self._regex(text, ("auth", "probe", "expect", path))

    # --- calls, paging, what is new ---

    def _call(self, call: Call | None, name: str, at: At) -> Iterator[Problem]:
        if call is None:
            return
        known = _CALLS[name]
        for part in ("path", "query", "headers", "body", "form"):
            yield from self._template(getattr(call, part), known, (*at, part))
        yield from self._path(call.id_path, (*at, "id_path"))
        if call.records is not None:
            yield from self._path(call.records.path or "", (*at, "records", "path"))
        if call.body is not None and call.form is not None:
            yield self._at((*at, "form"), "rest.two_bodies")

    def _paging(self, part: Paging, at: At) -> Iterator[Problem]:
        needs: dict[PagingKind, tuple[str, ...]] = {
            PagingKind.PAGE_NUMBER: ("param",),
            PagingKind.OFFSET: ("param",),
            PagingKind.CURSOR: ("param", "cursor_path"),
            PagingKind.JSON_LINK: ("link_path",),
            PagingKind.KEY: ("key",),
        }
        for name in needs.get(part.kind, ()):
            if not getattr(part, name):
                yield self._at(at, "rest.lacks", part=".".join(map(str, at)), needs=name)
        if part.ends is Stop.HAS_MORE and not part.more_path:
            yield self._at(at, "rest.lacks", part=".".join(map(str, at)), needs="more_path")
        for name in ("cursor_path", "link_path", "more_path", "key"):
            yield from self._path(getattr(part, name), (*at, name))
        for fault in faults(part.range, ("start", "end", "last")):
            yield self._at((*at, "range"), fault.code, name=fault.name, known="start, end, last")
        if part.place == "body":
            for name in ("param", "size_param"):
                yield from self._path(getattr(part, name), (*at, name))

    def _since(self, part: Since, at: At) -> Iterator[Problem]:
        for name in ("query", "body"):
            yield from self._template(
                getattr(part, name), ("object", "since", "after"), (*at, name)
            )
        for name in ("order_query", "order_body"):
            yield from self._template(getattr(part, name), ("object",), (*at, name))
        for path in part.field:
            yield from self._path(path, (*at, "field"))
        needs = {
            SinceKind.FILTER: (("query", "body"),),
            SinceKind.DELTA_LINK: (("link_path",),),
        }
        for names in needs.get(part.kind, ()):
            if not any(getattr(part, name) for name in names):
                where = ".".join(map(str, at))
                yield self._at(at, "rest.lacks", part=where, needs=", ".join(names))
        if part.sorted and not part.field:
            yield self._at(at, "rest.lacks", part=".".join(map(str, at)), needs="field")

    # --- kinds ---

    def _kinds(self) -> Iterator[Problem]:
        for kind, part in self.held.kind.items():
            at: At = ("kind", kind.value)
            yield from self._kind(kind, part, at)
            for name in Calls_:
                yield from self._call(getattr(part.calls, name), name, (*at, "calls", name))
            if part.paging is not None:
                yield from self._paging(part.paging, (*at, "paging"))
            if part.since is not None:
                yield from self._since(part.since, (*at, "since"))
            yield from self._fields(kind, part.fields, (*at, "fields"))
            yield from self._results(kind, part, at)

    def _kind(self, kind: Kind, part: KindPart, at: At) -> Iterator[Problem]:
        held, name = self.held, ".".join(map(str, at))
        yield from self._path(part.id, (*at, "id"))
        yield from self._path(part.address, (*at, "address"))
        yield from self._kind_paths(part, at)
        nested = part.nested
        if nested is None and held.call(kind, "list") is None:
            yield self._at(at, "rest.lacks", part=name, needs="calls.list")
        if nested is not None:
            yield from self._path(nested.path, (*at, "nested", "path"))
            if nested.parent not in held.kind or held.kind[nested.parent].nested is not None:
                yield self._at((*at, "nested", "parent"), "rest.no_parent", value=nested.parent)
            if nested.parent_field not in shapes(kind):
                known = ", ".join(shapes(kind))
                values = {"kind": kind.value, "ours": nested.parent_field, "known": known}
                yield self._at((*at, "nested", "parent_field"), "rest.field", **values, near="")
        paging, since = held.paging_of(kind), held.since_of(kind)
        if paging.kind is PagingKind.KEYSET and not (
            since.sorted and since.kind is SinceKind.FILTER
        ):
            yield self._at(at, "rest.keyset", part=name)
        deletes = held.deletes_of(kind)
        if deletes.kind is DeletesKind.LIST and deletes.list is None:
            yield self._at(at, "rest.lacks", part="deletes", needs="list")
        if deletes.kind is DeletesKind.FLAG and not deletes.path:
            yield self._at(at, "rest.lacks", part="deletes", needs="path")
        if part.conflict.style is not ConflictStyle.NONE and not (
            part.conflict.path or part.conflict.header
        ):
            yield self._at((*at, "conflict"), "rest.lacks", part=name, needs="path, header")
        if part.match is not MatchKind.NONE and not part.external_id:
            yield self._at(at, "rest.lacks", part=name, needs="external_id")
        yield from self._batch(part, at)

    def _kind_paths(self, part: KindPart, at: At) -> Iterator[Problem]:
        for name in ("only", "scratch"):
            for path in getattr(part, name):
                yield from self._path(path, (*at, name, path))
        for path in part.whole:
            yield from self._path(path, (*at, "whole"))

    def _batch(self, part: KindPart, at: At) -> Iterator[Problem]:
        batch = part.batch
        if batch is None:
            return
        here: At = (*at, "batch")
        for name in ("path", "query"):
            yield from self._template(getattr(batch, name), ("object",), (*here, name))
        yield from self._template(
            batch.item, ("object", "id", "address", "fields", "version"), (*here, "item")
        )
        yield from self._template(batch.body, ("object", "items"), (*here, "body"))
        for name in (
            "results_path", "result_id_path", "status_path", "errors_path", "error_ids_path",
        ):  # fmt: skip
            yield from self._path(getattr(batch, name) or "", (*here, name))
        if batch.results_path is None and not batch.atomic:
            yield self._at(here, "rest.lacks", part="batch", needs="results_path, atomic")

    def _fields(self, kind: Kind, held: Mapping[str, FieldPart], at: At) -> Iterator[Problem]:
        known = shapes(kind)
        for name, part in held.items():
            here = (*at, name)
            shape = known.get(name) or (field_shape(kind, name) if "." in name else None)
            if shape is None and not (name == EXTRA and has_extra(kind)):
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
                values = {"kind": kind.value, "ours": name, "near": "".join(near)}
                yield self._at(here, "rest.field", **values, known=", ".join(known))
                continue
            yield from self._field(part, here)
            fault = codec_fault(shape, part)
            if fault:
                yield self._at(here, fault, ours=name, kind=kind.value)
        nested = self.held.kind[kind].nested
        for name, shape in known.items():
            is_given = name == "id" or (nested is not None and nested.parent_field == name)
            if shape.is_required and name not in held and not is_given:
                yield self._at(at, "rest.field_missing", kind=kind.value, ours=name)

    def _field(self, part: FieldPart, at: At) -> Iterator[Problem]:
        if not part.field and part.value is None:
            yield self._at(at, "rest.no_place")
        yield from self._path(part.field, (*at, "field"))
        yield from self._path(part.currency, (*at, "currency"))
        for path in (part.fallback, *part.also):
            yield from self._path(path, (*at, "fallback" if path == part.fallback else "also"))
        if part.timezone:
            yield from self._zone(part.timezone, (*at, "timezone"))
        beside = [] if part.form is Form.PARTS else ["{value}"]
        if part.wrap and list(_whole_values(part.wrap)) != beside:
            yield self._at((*at, "wrap"), "rest.wrap")

    def _results(self, kind: Kind, part: KindPart, at: At) -> Iterator[Problem]:
        held = part.results
        known = _RESULT_NAMES.get(kind, ())
        for name, field in held.fields.items():
            here = (*at, "results", "fields", name)
            if name not in known and name != "key":
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
                values = {"kind": kind.value, "ours": name, "near": "".join(near)}
                yield self._at(here, "rest.result", **values, known=", ".join(known) or "-")
            yield from self._field(field, here)
        if held.fields and not held.object and not self._can_update(kind):
            yield self._at((*at, "results"), "rest.lacks", part=str(kind), needs="calls.update")
        if part.changes and not self._can_update(kind):
            yield self._at((*at, "changes"), "rest.lacks", part=str(kind), needs="calls.update")
        if held.object and (held.match is MatchKind.NONE or not held.external_id):
            needs = "external_id, match"
            yield self._at((*at, "results"), "rest.lacks", part="results", needs=needs)

    def _can_update(self, kind: Kind) -> bool:
        held = self.held
        nested = held.kind[kind].nested
        if nested is not None:
            return nested.write == "rows" and held.call(nested.parent, "update") is not None
        can_write = held.call(kind, "update") is not None or held.kind[kind].batch is not None
        return can_write and any(held.call(kind, name) for name in ("read", "find"))

    # --- the smallest parts ---

    def _template(self, template: Template, names: Iterable[str], at: At) -> Iterator[Problem]:
        known = frozenset(names)
        config = {f"config.{name}" for name in self.held.config}
        if "secret.*" in known:
            config |= {f"secret.{name}" for name in self.held.secret}
        allowed = (known - {"secret.*"}) | config
        for fault in faults(template, {*allowed, "each"}):
            shown = ", ".join(sorted(allowed)) or "-"
            yield self._at(at, fault.code, name=fault.name, known=shown)
        for encoding in _encodings(template):
            if encoding not in _ENCODE:
                values = {"value": str(encoding)[:60], "known": ", ".join(_ENCODE)}
                yield self._at(at, "rest.encode", **values)

    def _path(self, path: str, at: At) -> Iterator[Problem]:
        try:
            steps_of(path)
        except ValueError as error:
            yield self._at(at, "rest.path", value=path[:60], detail=str(error))

    def _regex(self, text: str, at: At) -> Iterator[Problem]:
        try:
            re.compile(text)
        except re.error as error:
            yield self._at(at, "rest.regex", value=text[:60], detail=str(error))

    def _zone(self, name: str, at: At) -> Iterator[Problem]:
        if "{" in name:
            return  # the user's, and looked at when it is known
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError):
            yield self._at(at, "rest.timezone", value=name[:60])


Calls_: Final = ("list", "read", "find", "search", "create", "update", "upsert", "delete")


def _auth_templates(part: Auth) -> Iterator[tuple[str, Template]]:
    """Give the templates that a kind of signing in uses."""
    used: Mapping[AuthKind, tuple[str, ...]] = {
        AuthKind.BEARER: ("token",),
        AuthKind.API_KEY: ("token",),
        AuthKind.BASIC: ("user", "password"),
        AuthKind.LOGIN: ("path", "body", "form", "carry"),
        AuthKind.OAUTH2_CLIENT_CREDENTIALS: ("path", "client_id", "client_secret", "scope"),
        AuthKind.OAUTH2_REFRESH_TOKEN: (
            "path", "client_id", "client_secret", "refresh_token", "scope",
        ),
        AuthKind.OAUTH2_PASSWORD: (
            "path", "client_id", "client_secret", "user", "password", "scope",
        ),
        AuthKind.HMAC: ("secret", "message", "signature"),
    }  # fmt: skip
    for name in used.get(part.kind, ()):
        yield name, getattr(part, name)


def _whole_values(template: Any) -> Iterator[str]:  # noqa: ANN401  any table of the file
    if isinstance(template, dict):
        for each in template.values():
            yield from _whole_values(each)
    elif isinstance(template, str) and "{" in template:
        yield template


def _encodings(template: Template) -> Iterator[Template]:
    match template:
        case list():
            for each in template:
                yield from _encodings(each)
        case dict():
            if "encode" in template:
                yield template["encode"]
            for each in template.values():
                yield from _encodings(each)
        case _:
            return
