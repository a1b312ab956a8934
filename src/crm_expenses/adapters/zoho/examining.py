"""An organisation's own words for its fields."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from crm_expenses.adapters.contract import (
    Description,
    Form,
)
from crm_expenses.adapters.fieldcodec import Choice
from crm_expenses.adapters.zoho.codecs import DayOf, Stages
from crm_expenses.adapters.zoho.mapping import Source
from crm_expenses.adapters.zoho.metadata import Metadata
from crm_expenses.core.record import Kind


def described(sources: Mapping[Kind, Source], metadata: Metadata) -> list[Description]:
    """Say which fields each module has, and which of them are mapped."""
    return [_description(source, metadata) for source in sources.values()]


def _description(source: Source, metadata: Metadata) -> Description:
    fields = metadata.fields(source.module)
    days = {one.theirs for one in source.map.fields if isinstance(one.codec, DayOf)}
    infos = [
        replace(one.info, form=Form.DAY if one.name in days else one.info.form)
        for one in fields.values()  # of a moment, too, its day is read
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
