"""The fields of one kind in a first connection file: one line each, and the reason beside it. Pure.

A field without which there is no record of its kind, and which nothing was found for, is named with
what the CRM has left: a person fills it in.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from crm_expenses.adapters.files.shape import FieldShape, FieldType, shapes
from crm_expenses.adapters.rest.discovered import Collection as Listed
from crm_expenses.adapters.rest.discovered import Why
from crm_expenses.adapters.rest.drafttext import quoted
from crm_expenses.adapters.rest.guess import (
    Seen,
    currency_of,
    escaped,
    field_of,
    fields_guessed,
    id_of_names,
    plain,
    unwrap_of,
    words_of,
)
from crm_expenses.adapters.rest.guesswords import CONSTANT, OTHERWISE
from crm_expenses.core.record import Kind

LEFT_MAX: Final = 40
_EXAMPLES: Final[Mapping[FieldType, str]] = {
    FieldType.MONEY: '{ field = "...", currency = "..." }',
    FieldType.CHOICE: '{ field = "...", words = { THEIRS = "OURS" } }',
}
_CENTS: Final = ("cents", "minor", "cent")
_ITSELF: Final = ("id", "uuid")

Say = Callable[[Why], str]


def unwrap_in(one: Listed) -> str:
    """Give the object that the fields of a list's records stand in, empty for none."""
    return unwrap_of(one.fields)


def field_lines(
    kind: Kind, fields: Mapping[str, Seen], key: str, say: Say, given: Collection[str] = ()
) -> Iterator[str]:
    """Write the fields of a kind; `key` is that of the id, `given` are fields known otherwise."""
    used: set[str] = {key}
    missing: list[FieldShape] = []
    for ours, shape in shapes(kind).items():
        if ours == "id" or ours in given:
            continue
        free = [name for name in fields if name not in used]
        theirs = field_of(kind, ours, free) if ours in fields_guessed(kind) else ""
        line = _line(kind, shape, theirs, fields, say) if theirs else ""
        if line:
            used.add(theirs)
            if shape.form is FieldType.MONEY:
                used.add(currency_of(fields))
            yield line
        elif (kind, ours) in CONSTANT:
            why = say(Why("look.constant"))
            yield f'{ours} = {{ value = "{CONSTANT[kind, ours]}" }}  # LOOK: {why}'
        elif shape.is_required:
            missing.append(shape)
    left = [name for name in fields if name not in used]
    if missing:
        names = ", ".join(left[:LEFT_MAX]) or "-"
        yield f"# LOOK: {say(Why('look.missing', {'names': names}))}"
        for shape in missing:
            yield f"# {shape.name} = {_EXAMPLES.get(shape.form, quoted('...'))}"
    elif left:
        yield f"# {say(Why('look.left', {'names': ', '.join(left[:LEFT_MAX])}))}"


def _line(kind: Kind, shape: FieldShape, theirs: str, fields: Mapping[str, Seen], say: Say) -> str:
    """Write one field, empty where what stands there cannot be it."""
    held, why, parts = fields[theirs], Why("look.field"), dict[str, str]()
    match shape.form:
        case FieldType.MONEY:
            made = _money(theirs, held, fields)
            if made is None:
                return ""
            parts, why = made
        case FieldType.CHOICE if shape.choices is not None:
            words = words_of(kind, shape.name, held.words)
            otherwise = OTHERWISE.get((kind, shape.name), "")
            known = [str(each) for each in shape.choices]
            if not words and not otherwise:
                if not shape.is_required:
                    return ""
                words = {word: word for word in known}
            unknown = [word for word in held.words if word not in words]
            told = {"known": ", ".join(known), "unknown": ", ".join(unknown) or "-"}
            why = Why("look.words", told)
            inside = ", ".join(f"{quoted(t)} = {quoted(o)}" for t, o in words.items())
            is_ours = not unknown and all(word == mine for word, mine in words.items())
            parts = {"words": f"{{ {inside} }}"} if words and not is_ours else {}
            if otherwise:
                parts["otherwise"] = quoted(otherwise)
        case FieldType.TEXT | FieldType.ID:
            made_text = _reference(held)
            if made_text is None:
                return ""
            parts = made_text
            why = Why("look.reference") if parts else why
        case FieldType.DATE | FieldType.TIME:
            parts = _time(shape.form, held)
        case FieldType.NUMBER if held.form in ("number", "integer"):
            parts = {"as": '"number"'}
        case FieldType.COUNT if held.form == "string":
            parts = {"as": '"text"'}
        case _:
            pass
    place = quoted(escaped(theirs))
    inside = ", ".join(f"{name} = {value}" for name, value in parts.items())
    value = f"{{ field = {place}, {inside} }}" if parts else place
    return f"{shape.name} = {value}  # LOOK: {say(why)}"


def _money(
    theirs: str, held: Seen, fields: Mapping[str, Seen]
) -> tuple[dict[str, str], Why] | None:
    if held.form in ("object", "array", "boolean"):
        return None
    parts: dict[str, str] = {}
    if plain(theirs).endswith(_CENTS):
        parts["as"] = '"cents"'
    elif held.form in ("number", "integer"):
        parts["as"] = '"number"'
    coin = currency_of(fields)
    if not coin:
        return parts, Why("look.no_currency")
    inner = fields[coin].form == "object"
    parts["currency"] = quoted(f"{escaped(coin)}.code" if inner else escaped(coin))
    return parts, Why("look.amount")


def _reference(held: Seen) -> dict[str, str] | None:
    """Say how a text or the id of another record stands there, None where it cannot."""
    match held.form:
        case "object":
            key = id_of_names(held.inner)
            return {"as": '"reference"', "key": quoted(escaped(key))} if key else None
        case "array":
            return None if held.inner else {"as": '"reference"', "key": '"[0]"'}
        case "integer":
            return {"as": '"integer"'}
        case "number":
            return {"as": '"number"'}
        case "boolean":
            return None
        case _:
            return {}


def _time(form: FieldType, held: Seen) -> dict[str, str]:
    if held.format.startswith("epoch"):
        return {"as": quoted(held.format)}
    if form is FieldType.DATE and held.format == "date-time":
        return {"as": '"datetime"'}
    if form is FieldType.TIME and held.format == "date":
        return {"as": '"date"'}
    return {"as": '"epoch_s"'} if held.form == "integer" else {}
