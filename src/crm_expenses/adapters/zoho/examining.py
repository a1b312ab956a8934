"""What `doctor` finds out about an organisation, and its own words for its fields."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import (
    Capabilities,
    Description,
    Diagnosis,
    Form,
    Level,
)
from crm_expenses.adapters.fieldcheck import compare
from crm_expenses.adapters.fieldcodec import Choice
from crm_expenses.adapters.zoho.asking import EMPTY, Asking
from crm_expenses.adapters.zoho.codecs import DayOf, Stages
from crm_expenses.adapters.zoho.mapping import Source
from crm_expenses.adapters.zoho.metadata import Metadata
from crm_expenses.adapters.zoho.wire import Call
from crm_expenses.core.record import Kind
from crm_expenses.errors import CrmExpensesError, Problem


def described(sources: Mapping[Kind, Source], metadata: Metadata) -> list[Description]:
    """Say which fields each module has, and which of them are mapped."""
    return [_description(source, metadata) for source in sources.values()]


def examined(
    asking: Asking,
    sources: Mapping[Kind, Source],
    metadata: Metadata,
    capabilities: Capabilities,
) -> list[Diagnosis]:
    """Look at the organisation and at each module; nothing is changed."""
    crm = asking.wire.crm
    try:
        found = [_organisation(asking)]
    except CrmExpensesError as error:
        values = {"crm": crm, "detail": error.describe()}
        return [Diagnosis(Level.BAD, Problem("zoho.no_answer", values))]
    descriptions: list[Description] = []
    for kind, source in sources.items():
        try:
            descriptions.append(_description(source, metadata))
        except CrmExpensesError as error:
            told = {"crm": crm, "kind": kind.value, "module": source.module}
            problem = Problem("zoho.no_module", {**told, "detail": error.describe()})
            found.append(Diagnosis(Level.BAD, problem))
    return [*found, *compare(crm, descriptions, capabilities.changes)]


def _organisation(asking: Asking) -> Diagnosis:
    """Say who answers, and whether it is the organisation that the settings mean."""
    answer = asking.wire.send(Call("GET", asking.path("org")))
    held = answer.body.get("org") if isinstance(answer.body, dict) else None
    if answer.status in EMPTY or not isinstance(held, list) or not held:
        raise answers.wrong_answer(asking.wire.crm, f"{answer.status} without an organisation")
    org = held[0] if isinstance(held[0], dict) else {}
    number, wanted = str(org.get("zgid") or "-"), asking.wire.settings.organisation
    if wanted and number != wanted:
        values = {"crm": asking.wire.crm, "found": number, "expected": wanted}
        return Diagnosis(Level.BAD, Problem("zoho.other_organisation", values))
    return answers.good(asking.wire.crm, f"Zoho CRM, {number}")


def _description(source: Source, metadata: Metadata) -> Description:
    fields = metadata.fields(source.module)
    days = {one.theirs for one in source.map.fields if isinstance(one.codec, DayOf)}
    infos = [
        replace(one.info, form=Form.DAY if one.name in days else one.info.form)
        for one in fields.values()  # of a moment, too, its day is read
    ]
    made = source.map.description(source.module, infos)
    options = {**made.options, **dict(_more(source))}
    mapped = {ours: theirs for ours, theirs in made.mapped.items() if "." not in theirs}
    return Description(source.kind, made.name, made.fields, mapped, options)


def _more(source: Source) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in source.map.fields:
        if isinstance(one.codec, Stages):
            yield one.ours, tuple(one.codec.words)
        elif isinstance(one.codec, Choice):
            yield one.ours, one.codec.options
