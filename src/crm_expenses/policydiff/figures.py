"""Figures of two policies compared by what is in force, by day and key."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from crm_expenses.messages import LANGUAGES
from crm_expenses.policydiff.changes import (
    ADDED,
    CHANGED,
    REMOVED,
    FigureChange,
    PartChange,
    Texts,
    ValueChange,
    both,
    same,
)
from crm_expenses.rules.figurewords import unit_name
from crm_expenses.rules.parameter import Bands, Held, InForce, Key, Parameter
from crm_expenses.rules.phrase import Phrases
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.tree import Sort, Type, combine_dims, unit_text


def figure_changes(old: Policy, new: Policy) -> Iterator[FigureChange]:
    """Give the parameters that differ, with each value that does."""
    for name in dict.fromkeys((*old.parameters, *new.parameters)):
        before, after = old.parameters.get(name), new.parameters.get(name)
        values = tuple(_values(old, new, before, after))
        parts = tuple(_described(old, new, before, after))
        if values or parts or before is None or after is None:
            how = CHANGED if before and after else (ADDED if after else REMOVED)
            yield FigureChange(name, how, parts, values)


def _described(
    old: Policy, new: Policy, before: Parameter | None, after: Parameter | None
) -> Iterator[PartChange]:
    """Give what changed beside the values: type, keys, sources, days of checking."""
    if before is None or after is None:
        return
    if (before.type.sort, before.type.dims) != (after.type.sort, after.type.dims) or (
        before.type.choice != after.type.choice
    ):
        types = [
            {one: type_words(Phrases(policy, one), kind, is_exact=False) for one in LANGUAGES}
            for policy, kind in ((old, before.type), (new, after.type))
        ]
        yield PartChange("type", *types)
    if _columns(before) != _columns(after):
        columns = [
            {one: _columns_words(Phrases(policy, one), parameter) for one in LANGUAGES}
            for policy, parameter in ((old, before), (new, after))
        ]
        yield PartChange("keys", *columns)
    if before.title != after.title:
        titles = [both(parameter.title or (parameter.name,) * 2) for parameter in (before, after)]
        yield PartChange("named", *titles)
    steps = {step.start: step for step in before.values}
    for step in after.values:
        earlier = steps.get(step.start)
        day = step.start.isoformat()
        if earlier is None:
            if step.source:
                yield PartChange(f"source {day}", same(""), same(step.source))
            continue
        if earlier.source != step.source:
            yield PartChange(f"source {day}", same(earlier.source), same(step.source))
        if earlier.checked != step.checked:
            one, other = (str(s.checked) if s.checked else "" for s in (earlier, step))
            yield PartChange(f"checked {day}", same(one), same(other))


def _columns(parameter: Parameter) -> str:
    names = [name for name, _ in parameter.keys]
    if parameter.band is not None:
        names.append(f"{parameter.band}{' (above)' if parameter.is_above else ''}")
    return ", ".join(names) or "-"


def _columns_words(own: Phrases, parameter: Parameter) -> str:
    """Say what a table is looked up by."""
    known = own.catalogue.names
    named = [
        own.noun(name).removeprefix("the ") if name in known else own.quoted(name)
        for name, _ in parameter.keys
    ]
    if parameter.band is not None:
        code = "handbook.band_above" if parameter.is_above else "handbook.band_from"
        unit = type_words(own, parameter.band)
        named.append(own.say("example.fact", noun=own.say(code), value=unit))
    return own.say("prose.comma").join(named) or own.say("diff.nothing")


def type_words(own: Phrases, kind: Type, *, is_exact: bool = True) -> str:
    """Say a type: an amount, a number and its unit, a word of a list; with its decimals.

    Whether decimals are told is for the caller to say: `is_exact`.
    """
    match kind.sort:
        case Sort.CHOICE:
            return own.say("diff.type_choice", name=own.quoted(kind.choice))
        case Sort.QUANTITY if kind.dims == ((own.currency, 1),):
            return own.say("type.money")
        case Sort.QUANTITY:
            said = own.say("type.number")
            if kind.dims:
                unit = unit_name(kind, own.language) or unit_text(kind.dims)
                said = own.say("type.unit", unit=unit)
            if is_exact and kind.scale:
                code = "diff.places_one" if kind.scale == 1 else "diff.places"
                return own.say(code, type=said, count=str(kind.scale))
            return said
        case Sort.FREE_TEXT:
            return own.say("type.text")
        case sort:
            return own.say(f"type.{sort.value}")


def _values(
    old: Policy, new: Policy, before: Parameter | None, after: Parameter | None
) -> Iterator[ValueChange]:
    """Give each day and key from which on another value is in force."""
    sides = ((old, before), (new, after))
    starts = {step.start for _, one in sides if one is not None for step in one.values}
    last: dict[Key | None, tuple[Any, Any]] = {}
    for start in sorted(starts):
        steps = [_in_force(one, start) for _, one in sides]
        keys: dict[Key | None, None] = {}
        for step in steps:
            if step is not None:
                keys.update(dict.fromkeys(step.table))
                keys.update({None: None} if step.otherwise is not None else {})
        gone = {key: None for key in last if key not in keys}
        for key in (*keys, *gone):
            one, other = (_held(step, key) for step in steps)
            pair = _exact(before, one), _exact(after, other)
            is_known = last.get(key) == pair
            last[key] = pair
            if pair[0] == pair[1] or is_known:
                continue
            yield ValueChange(
                start,
                _key(new if after else old, after or before, key),
                _shown(old, before, one),
                _shown(new, after, other),
            )


def _in_force(parameter: Parameter | None, day: date) -> InForce | None:
    if parameter is None:
        return None
    return next((step for step in reversed(parameter.values) if step.start <= day), None)


def _held(step: InForce | None, key: Key | None) -> Held | Bands | None:
    if step is None:
        return None
    return step.otherwise if key is None else step.table.get(key, step.otherwise)


def _exact(parameter: Parameter | None, value: Held | Bands | None) -> object:
    """Give a value that can be compared, however many decimals its parameter keeps."""
    if parameter is None or value is None:
        return None
    scale, band = parameter.type.scale, parameter.band
    if isinstance(value, Bands):
        places = band.scale if band is not None else 0
        return (
            tuple(Decimal(start).scaleb(-places) for start in value.starts),
            tuple(_scaled(held, scale) for held in value.values),
            tuple(Decimal(constant).scaleb(-scale - places) for constant in value.constants),
            parameter.is_above,
        )
    return _scaled(value, scale)


def _scaled(value: Held, scale: int) -> object:
    return Decimal(value).scaleb(-scale) if isinstance(value, int) else value


def _key(policy: Policy, parameter: Parameter | None, key: Key | None) -> Texts:
    found = {}
    for language in LANGUAGES:
        own = Phrases(policy, language)
        if key is None:
            found[language] = own.say("handbook.else")
        elif parameter is None or not key:
            found[language] = ""
        else:
            parts = [
                _called(own, kind, part)
                for part, (_, kind) in zip(key, parameter.keys, strict=False)
            ]
            found[language] = own.say("prose.comma").join(parts)
    return found


def _called(own: Phrases, kind: Type, word: str) -> str:
    """Give what people call a key of a table."""
    called = own.policy.words.get((kind.choice, word))
    if called is not None:
        return called[LANGUAGES.index(own.language)]
    return own.option("category", word) if kind.choice == "category" else word


def _shown(policy: Policy, parameter: Parameter | None, value: Held | Bands | None) -> Texts | None:
    if parameter is None or value is None:
        return None
    return {one: _words(Phrases(policy, one), parameter, value) for one in LANGUAGES}


def _words(own: Phrases, parameter: Parameter, value: Held | Bands) -> str:
    if not isinstance(value, Bands):
        return own.held(value, parameter.type)
    band = parameter.band or Type(Sort.QUANTITY)
    code = "prose.band_above" if parameter.is_above else "prose.band_from"
    dims = combine_dims(parameter.type.dims, band.dims, 1)
    total = Type(Sort.QUANTITY, dims, parameter.type.scale + band.scale)
    shown = []
    for number, (start, held) in enumerate(zip(value.starts, value.values, strict=True)):
        words = own.held(held, parameter.type)
        if value.constants:
            constant = own.quantity(value.constants[number], total)
            words = own.say("prose.scale_plus", a=words, b=constant)
        shown.append(own.say(code, a=words, start=own.quantity(start, band)))
    return own.say("prose.comma").join(shown)
