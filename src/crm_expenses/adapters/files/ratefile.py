"""Exchange rates from one file with the columns `date`, `currency` and `rate`."""

from pathlib import Path
from typing import Final

from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files.encoding import survey
from crm_expenses.adapters.files.mapping import Source
from crm_expenses.adapters.files.mappingfile import SUFFIXES
from crm_expenses.adapters.files.plan import RecordPlan, columns_of
from crm_expenses.adapters.files.reading import (
    NOT_TEXT,
    Layout,
    check_columns,
    columns_in,
    read_rows,
)
from crm_expenses.adapters.files.rows import Found
from crm_expenses.core.origin import Origin
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, Problem

OPTIONAL: Final = ("into", "source")
"""Columns that may be there: the other currency (else the policy's own), and who says so."""


def rates_in(path: Path, into: str) -> tuple[tuple[Rate, ...], tuple[SetAside, ...]]:
    """Give the rates of a file: one unit of `currency` is worth `rate` units of `into` from `date`.

    A second rate for the same pair and day is set aside, like a row that cannot be read.

    Raises:
        ConfigError: the file cannot be read, or a column is missing.
    """
    if not path.is_file():
        raise ConfigError("files.no_rates_file", path=str(path))
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError("files.suffix", path=str(path), names=", ".join(SUFFIXES))
    found = Found(path, path.name)
    surveyed = survey(path, is_text=found.suffix not in NOT_TEXT)
    there = columns_in(found, surveyed, Layout()) or OPTIONAL
    source = _source(into, frozenset(there))
    wanted = columns_of(source)
    check_columns([(found, surveyed, wanted, Layout())])
    plan = RecordPlan(source, wanted, None)
    rates: dict[str, Rate] = {}
    places: dict[str, str] = {}
    aside: list[SetAside] = []
    for row in read_rows(found, surveyed, wanted, Layout()):
        read = plan.read(row)
        problems = read if isinstance(read, tuple) else ()
        if isinstance(read, Rate):
            if read.id not in rates:
                rates[read.id], places[read.id] = read, str(row.place)
                continue
            values = {"kind": str(Kind.RATE), "id": read.id, "first": places[read.id]}
            problems = (Problem("record.duplicate", values, row.place),)
        aside.append(SetAside(Origin("", plan.id_of(row), str(row.place)), problems))
    return tuple(rates.values()), tuple(aside)


def _source(into: str, there: frozenset[str]) -> Source:
    named: dict[str, object] = {"template": f"{{currency}}/{into}/{{date}}"}
    other: dict[str, object] = {"value": into}
    if "into" in there:
        named = {"template": "{currency}/{into}/{date}", "else": named}
        other = {"column": "into", "else": other}
    fields: dict[str, object] = {
        "id": named,
        "currency": "currency",
        "into": other,
        "day": "date",
        "rate": "rate",
        "source": "source" if "source" in there else {"value": "file"},
    }
    return Source.model_validate({"kind": Kind.RATE, "files": ["*"], "fields": fields})
