"""An organisation's own words for its fields."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from crm_expenses.adapters.contract import (
    Description,
    Form,
)
from crm_expenses.adapters.fieldcodec import Choice
from crm_expenses.adapters.zoho.codecs import DayOf, Stages
from crm_expenses.adapters.zoho.judging import zoho_code
from crm_expenses.adapters.zoho.mapping import Source
from crm_expenses.adapters.zoho.metadata import Metadata
from crm_expenses.core.record import Kind
from crm_expenses.errors import RefusedError

NO_MODULE: Final = "INVALID_MODULE"
"""Zoho's word for a module that it does not know, or does not show to whoever signed in."""


def described(sources: Mapping[Kind, Source], metadata: Metadata) -> list[Description]:
    """Say which fields each module has, and which of them are mapped.

    A module that is not there has nothing to tell; that it is lacking, `describing` says.
    """
    made: list[Description] = []
    for source in sources.values():
        try:
            made.append(_description(source, metadata))
        except RefusedError as error:
            if zoho_code(error) != NO_MODULE:
                raise
    return made


def _description(source: Source, metadata: Metadata) -> Description:
    fields = metadata.fields(source.module)
    days = {one.theirs for one in source.map.fields if isinstance(one.codec, DayOf)}
    infos = [
        # Of a moment, too, its day is read. Such records are changed from here and never made: what
        # must be filled in is for whoever makes them.
        replace(one.info, form=Form.DAY if one.name in days else one.info.form, required=False)
        for one in fields.values()
    ]
    made = source.map.description(source.module, infos)
    options = {**made.options, **dict(_more(source))}
    own = source.map.mapped if source.is_users else made.mapped  # their figures stand elsewhere
    mapped = {ours: theirs for ours, theirs in own.items() if "." not in theirs}
    return Description(source.kind, made.name, made.fields, mapped, options)


def _more(source: Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in source.map.fields:
        if isinstance(one.codec, Stages):
            yield one.ours, tuple(one.codec.words)
        elif isinstance(one.codec, Choice):
            yield one.ours, one.codec.options
