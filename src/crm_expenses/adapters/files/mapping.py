"""The mapping file: which files hold which records, and which column is which field.

The models say the shape; `mappingfile` reads a file, checks what a shape cannot say, and reports
every mistake at once.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    model_validator,
)

from crm_expenses.adapters.files.encoding import AUTO
from crm_expenses.core.record import Kind

ELSE_DEPTH_MAX: Final = 8
"""Longest chain of `else`: a longer one is a mistake."""


def _constant(value: object) -> object:
    """Let a constant be written without quotes; it is read as the text of a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | date):
        return str(value)
    return value


class Cell(BaseModel):
    """Where one field comes from: a column, a template of columns, or a constant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str | None = Field(None, description="name of a column; nested JSON is dotted")
    template: str | None = Field(
        None, description="text with {Column} in it; {row}, {item} and {file} are always there"
    )
    value: Annotated[str | None, BeforeValidator(_constant)] = Field(
        None,
        description="a constant",
        json_schema_extra={"anyOf": [{"type": t} for t in ("string", "number", "boolean")]},
    )
    formats: tuple[str, ...] = Field((), description="forms of a date, like %Y/%m/%d")
    decimal: Literal[".", ","] = Field(".", description="sign before the decimals")
    group: Literal["", ",", ".", " ", "'", "’", "\u00a0", "\u202f"] = Field(
        "", description="sign between groups of three digits"
    )
    scale: StrictInt = Field(0, ge=0, le=9, description="2: the number counts hundredths")
    negative: Literal["credit", "refuse"] = Field("credit", description="amounts below zero")
    values: dict[str, str] = Field({}, description="translations: their word to ours")
    otherwise: str | None = Field(None, description="our word for every word not in `values`")
    strict: StrictBool = Field(False, description="set a row aside for a word not in `values`")
    other: "Cell | None" = Field(None, alias="else", description="used where this one is empty")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:  # noqa: ANN401  not checked yet
        return {"column": given} if isinstance(given, str) else given


class Source(BaseModel):
    """Files that hold one kind of record. A flat file may be named by several sources."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    files: tuple[str, ...] = Field(min_length=1, description="patterns below the folder")
    sheet: str = Field("", description="XLSX: name of the sheet, default the first")
    delimiter: str = Field(",", description="CSV: the sign between cells; \\t for a tab")
    distinct: StrictBool = Field(False, description="several rows may describe one record")
    explode: str = Field("", description="JSON: an array of objects, each of which is a row")
    optional: StrictBool = Field(False, description="a row without an id holds no such record")
    fields: dict[str, Cell]


class Header(BaseModel):
    """What is true of the whole mapping."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    timezone: str = Field("", description="zone of times that carry none, like Asia/Shanghai")
    encoding: str = Field(AUTO, description="auto, utf-8, gb18030, ...")


class FileMapping(BaseModel):
    """A whole mapping file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mapping: Header
    source: tuple[Source, ...] = Field(min_length=1)


def mapping_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a mapping file, so that editors complete it.

    >>> schema = mapping_schema()
    >>> schema["required"], {"type": "string"} in schema["$defs"]["Field"]["anyOf"]
    (['mapping', 'source'], True)
    """
    schema = FileMapping.model_json_schema(by_alias=True)
    parts = schema["$defs"]
    # A field may be written in short: the bare name of its column.
    parts["Field"] = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Cell"}]}
    parts["Source"]["properties"]["fields"]["additionalProperties"] = {"$ref": "#/$defs/Field"}
    parts["Cell"]["properties"]["else"] = {"$ref": "#/$defs/Field"}
    parts["Cell"]["properties"]["value"].pop("type", None)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema
