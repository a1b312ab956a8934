"""Reading a mapping file: every mistake in it at once, each with line, column and a fix.

What the shape of the models cannot say is checked here: that a field exists, that a required one is
there, that an option fits the field's type, that a constant and each translation can be read.
"""

import difflib
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import pydantic

from crm_expenses.adapters.files.encoding import AUTO, codec_name
from crm_expenses.adapters.files.mapping import (
    ELSE_DEPTH_MAX,
    Cell,
    FileMapping,
    Header,
    Source,
)
from crm_expenses.adapters.files.plan import alternatives, reader_of, template_columns
from crm_expenses.adapters.files.shape import (
    DATED,
    NUMERIC,
    FieldShape,
    FieldType,
    field_shape,
    mappable,
)
from crm_expenses.adapters.files.values import Wrong, format_fault, shown
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.tomlfile import TomlFile, read_toml, shape_problems

SUFFIXES: Final = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".xlsx")
"""The ends of the names of files that can be read."""

JSON_SUFFIXES: Final = (".jsonl", ".ndjson")

_NAMES: Final = tuple(
    sorted(
        {
            info.alias or name
            for model in (Cell, Source, Header, FileMapping)
            for name, info in model.model_fields.items()
        }
    )
)
_CLOSED: Final = frozenset({FieldType.CHOICE, FieldType.YES_NO, FieldType.CURRENCY})
Step = str | int
ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


def read_mapping(path: Path) -> FileMapping:
    """Read and check a mapping file.

    Raises:
        ConfigError: carries every mistake in it, with its place.
    """
    return mapping_of(read_toml(path))


def mapping_of(toml: TomlFile) -> FileMapping:
    """Check a mapping that was read.

    Raises:
        ConfigError: carries every mistake in it, with its place.
    """
    problems: list[Problem] = []
    header, found = _shaped(Header, toml.data.get("mapping"), toml, ("mapping",))
    problems += found
    if header is not None:
        problems += _header_problems(header, toml)
    zone = zone_of(header) if header is not None and not problems else None
    raw = toml.data.get("source", [])
    for name in toml.data.keys() - {"mapping", "source"}:
        problems.append(_at(toml, (name,), "toml.unknown_name", name=name, names="mapping, source"))
    if not isinstance(raw, list) or not raw:
        problems.append(_at(toml, ("source",), "files.no_source"))
        raw = []
    sources = []
    for number, table in enumerate(raw):
        source, found = _source(table, toml, ("source", number), zone)
        problems += found
        if source is not None:
            sources.append(source)
    if problems or header is None:
        raise ConfigError.of(problems)
    return FileMapping(mapping=header, source=tuple(sources))


def zone_of(header: Header) -> tzinfo | None:
    """Give the zone that a mapping names, or None where it names none."""
    return ZoneInfo(header.timezone) if header.timezone else None


def _shaped(
    model: type[ModelT], raw: object, toml: TomlFile, path: tuple[Step, ...]
) -> tuple[ModelT | None, list[Problem]]:
    try:
        return model.model_validate({} if raw is None else raw), []
    except pydantic.ValidationError as error:
        return None, shape_problems(error, toml, path, names=_NAMES)


def _at(toml: TomlFile, path: tuple[Step, ...], code: str, **values: str) -> Problem:
    return Problem(code, values, toml.place(*path))


def _header_problems(header: Header, toml: TomlFile) -> Iterator[Problem]:
    if header.timezone:
        try:
            ZoneInfo(header.timezone)
        except (KeyError, OSError, ValueError):  # not there, or no name of a zone at all
            path = ("mapping", "timezone")
            yield _at(toml, path, "files.timezone", value=shown(header.timezone))
    if header.encoding != AUTO and codec_name(header.encoding) is None:
        path = ("mapping", "encoding")
        yield _at(toml, path, "files.encoding", value=shown(header.encoding))


def _source(
    raw: object, toml: TomlFile, path: tuple[Step, ...], zone: tzinfo | None
) -> tuple[Source | None, list[Problem]]:
    """Check one source: its own shape, then field by field, so that one mistake hides no other."""
    given = raw if isinstance(raw, dict) else {}
    fields = given.get("fields", {})
    if not isinstance(fields, dict):
        fields = {}
    bare = {**given, "fields": {}} if "fields" in given else given
    source, problems = _shaped(Source, bare, toml, path)
    if source is not None:
        problems += _source_problems(source, toml, path)
    kind = _kind_of(given)
    cells: dict[str, Cell] = {}
    for name, value in fields.items():
        here = (*path, "fields", name)
        cell, found = _shaped(Cell, value, toml, here)
        shape = field_shape(kind, name) if kind else None
        if kind is not None and shape is None:
            found = [_unknown_field(name, kind, toml, here)]
        elif cell is not None and shape is not None:
            found += _cell_problems(cell, shape, toml, here, zone)
        problems += found
        if cell is not None:
            cells[name] = cell
    if kind is not None:
        problems += [
            _at(toml, (*path, "fields"), "files.field_missing", field=shape.name, kind=kind)
            for shape in _missing(kind, fields)
        ]
    if source is None or problems:
        return None, problems
    return source.model_copy(update={"fields": cells}), []


def _kind_of(given: Mapping[str, Any]) -> Kind | None:
    try:
        return Kind(given.get("kind", ""))
    except ValueError:
        return None


def _unknown_field(name: str, kind: Kind, toml: TomlFile, path: tuple[Step, ...]) -> Problem:
    known = list(mappable(kind))
    names = ", ".join(difflib.get_close_matches(name, known, n=1) or known)
    return _at(toml, path, "files.field_unknown", field=name, kind=kind, names=names)


def _missing(kind: Kind, fields: Mapping[str, object]) -> list[FieldShape]:
    known = mappable(kind)
    has_amount = any(n in fields for n, s in known.items() if s.form is FieldType.MONEY)
    return [
        shape
        for shape in known.values()
        if shape.name not in fields
        and (shape.is_required or (shape.name == "currency" and has_amount))
    ]


def _source_problems(source: Source, toml: TomlFile, path: tuple[Step, ...]) -> Iterator[Problem]:
    for number, pattern in enumerate(source.files):
        here = (*path, "files", number)
        parts = Path(pattern).parts
        if Path(pattern).is_absolute() or ".." in parts or "\\" in pattern or not parts:
            yield _at(toml, here, "files.pattern_outside", value=shown(pattern))
        elif not pattern.lower().endswith(SUFFIXES):
            names = ", ".join(SUFFIXES)
            yield _at(toml, here, "files.pattern_suffix", value=shown(pattern), names=names)
        elif source.explode and not pattern.lower().endswith(JSON_SUFFIXES):
            yield _at(toml, here, "files.explode", value=shown(pattern))
    if len(source.delimiter) != 1 or source.delimiter in '"\r\n\0':
        yield _at(toml, (*path, "delimiter"), "files.delimiter", value=shown(source.delimiter))


def _cell_problems(
    cell: Cell,
    shape: FieldShape,
    toml: TomlFile,
    path: tuple[Step, ...],
    zone: tzinfo | None,
) -> list[Problem]:
    chain = alternatives(cell)
    problems = []
    if len(chain) > ELSE_DEPTH_MAX:
        problems.append(_at(toml, path, "files.else_deep", limit=str(ELSE_DEPTH_MAX)))
    for depth, part in enumerate(chain[:ELSE_DEPTH_MAX]):
        here = (*path, *("else",) * depth)
        found = [
            *_origin_problems(part, shape, toml, here),
            *_option_problems(part, shape, toml, here),
        ]
        problems += found or _sample_problems(part, shape, toml, here, zone)
        if part.value is not None and part.other is not None:
            problems.append(_at(toml, (*here, "else"), "files.else_after_value", field=shape.name))
    return problems


def _origin_problems(
    cell: Cell, shape: FieldShape, toml: TomlFile, path: tuple[Step, ...]
) -> Iterator[Problem]:
    given = [name for name in (cell.column, cell.template, cell.value) if name is not None]
    if len(given) != 1 or not given[0].strip():
        yield _at(toml, path, "files.cell_origin", field=shape.name)
    if cell.template is not None and template_columns(cell.template) is None:
        here = (*path, "template")
        yield _at(toml, here, "files.template", field=shape.name, value=shown(cell.template))


def _option_problems(
    cell: Cell, shape: FieldShape, toml: TomlFile, path: tuple[Step, ...]
) -> Iterator[Problem]:
    """Find options that do not fit the field's type, or each other."""
    misfits = {"formats"} if shape.form not in DATED else set()
    if shape.form not in NUMERIC:
        misfits |= {"decimal", "group", "scale", "negative"}
    name = shape.name
    for option in sorted(cell.model_fields_set & misfits):
        here = (*path, option)
        yield _at(toml, here, "files.option", option=option, field=name, form=shape.form)
    for number, pattern in enumerate(cell.formats):
        fault = format_fault(pattern)
        if fault:
            here = (*path, "formats", number)
            yield _at(toml, here, "files.format", field=name, value=shown(pattern), directive=fault)
    if cell.group and cell.group == cell.decimal:
        yield _at(toml, (*path, "group"), "files.group", field=name, value=cell.group)
    if (cell.strict or cell.otherwise is not None) and not cell.values:
        yield _at(toml, path, "files.no_values", field=name)
    if cell.strict and cell.otherwise is not None:
        yield _at(toml, path, "files.strict_otherwise", field=name)


def _sample_problems(
    cell: Cell,
    shape: FieldShape,
    toml: TomlFile,
    path: tuple[Step, ...],
    zone: tzinfo | None,
) -> list[Problem]:
    """Read what the mapping itself states: its constant, and its translations."""
    problems = []
    if cell.value is not None:
        try:
            reader_of(shape, cell, zone)(cell.value)
        except Wrong as wrong:
            problems.append(_sample(wrong, shape, cell.value, toml, (*path, "value")))
    if shape.form not in _CLOSED:
        return problems
    targets = {word: (*path, "values", word) for word in cell.values}
    words = [(cell.values[word], here) for word, here in targets.items()]
    if cell.otherwise is not None:
        words.append((cell.otherwise, (*path, "otherwise")))
    read = reader_of(shape, cell.model_copy(update={"values": {}}), zone)
    for word, here in words:
        try:
            read(word)
        except Wrong as wrong:
            problems.append(_sample(wrong, shape, word, toml, here))
    return problems


def _sample(
    wrong: Wrong, shape: FieldShape, text: str, toml: TomlFile, path: tuple[Step, ...]
) -> Problem:
    values = {**wrong.values, "field": shape.name, "column": "value", "value": shown(text)}
    return Problem(wrong.code, values, toml.place(*path))
