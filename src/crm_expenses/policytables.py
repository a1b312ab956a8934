"""The figures of a policy as tables: by date, by key, and by band."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from crm_expenses.messages import LANGUAGES
from crm_expenses.rules.bandwords import edge_words, is_past_hour
from crm_expenses.rules.parameter import Bands, Held, InForce, Key, Parameter
from crm_expenses.rules.phrase import Phrases
from crm_expenses.rules.policy import Policy, Rule
from crm_expenses.rules.tree import Node, Op, Sort, Type, combine_dims
from crm_expenses.rules.valuewords import reached

COLUMNS_MAX: Final = 8
"""Most values of the second key that stand side by side."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as texts. `numbers` are the columns of figures; `end` is None where it is open."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int]
    start: date
    end: date | None
    step: InForce


def validity(parameter: Parameter) -> list[tuple[date, date | None, InForce]]:
    """Give the steps of a parameter with their first and last days; None is an open end."""
    ends = [step.start - timedelta(days=1) for step in parameter.values[1:]]
    return [
        (step.start, end, step) for step, end in zip(parameter.values, (*ends, None), strict=True)
    ]


def rows_of(step: InForce) -> int:
    """Give the number of rows of a table, the one for all others with them."""
    bands = (v for v in step.table.values() if isinstance(v, Bands))
    return (
        len(step.table)
        + sum(len(bands_of.starts) - 1 for bands_of in bands)
        + (step.otherwise is not None)
    )


def used_by(policy: Policy, parameter: Parameter) -> list[str]:
    """Give the codes of the rules that look a parameter up, in values and windows, too."""
    return [rule.code for rule in policy.rules if parameter.name in looked_up(policy, rule)]


def asked_by(policy: Policy, parameter: Parameter) -> list[str]:
    """Give the codes of the approval steps that look a parameter up."""
    return [
        code for code, node in policy.asked.items() if parameter.name in _tables(policy, (node,))
    ]


def looked_up(policy: Policy, rule: Rule) -> tuple[str, ...]:
    """Give the names of the parameters that a rule looks up, in the order of its text."""
    return _tables(policy, rule.expressions)


def _tables(policy: Policy, trees: Iterable[Node]) -> tuple[str, ...]:
    nodes = reached(policy, trees)
    return tuple(dict.fromkeys(str(node.value) for node in nodes if node.op in _LOOKS))


_LOOKS: Final = frozenset({Op.LOOKUP, Op.BAND, Op.ALONG})


def value_words(own: Phrases, parameter: Parameter, step: InForce) -> str:
    """Say the value of a parameter without keys."""
    return own.held(_plain(step.table[()]), parameter.type)


def latest_grid(own: Phrases, parameter: Parameter) -> Grid:
    """Give the newest table of a parameter."""
    return parameter_grids(own, parameter)[0]


def parameter_grids(own: Phrases, parameter: Parameter) -> list[Grid]:
    """Give the tables of a parameter, the newest first."""
    return [_grid(own, parameter, *found) for found in reversed(validity(parameter))]


def _grid(own: Phrases, parameter: Parameter, start: date, end: date | None, step: InForce) -> Grid:
    keys = [_key_words(own, *key) for key in parameter.keys]
    if parameter.band is not None:
        head, rows, numbers = _banded(own, parameter, step, keys)
    elif len(keys) == 2 and _is_wide(step):
        head, rows, numbers = _matrix(own, parameter, step, keys)
    else:
        head, rows, numbers = _plain_rows(own, parameter, step, keys)
    return Grid(tuple(head), tuple(rows), frozenset(numbers), start, end, step)


def _key_words(own: Phrases, name: str, kind: Type) -> str:
    """Give the heading of a key: the fact's noun, or the name of what gives a word of its list."""
    if name in own.catalogue.names:
        words = own.noun(name).removeprefix("the ")
    else:
        words = _giver_of(own, kind) or name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _giver_of(own: Phrases, kind: Type) -> str:
    """Give the title of the table, or of the value, that says which word of a list holds."""
    side = LANGUAGES.index(own.language)
    for parameter in own.policy.parameters.values():
        if kind.choice and parameter.type == kind and parameter.title is not None:
            return parameter.title[side]
    for value in own.policy.values.values():
        if kind.choice and value.node.type == kind:
            return value.title[side]
    return ""


def _cell(own: Phrases, kind: Type, value: str) -> str:
    """Give a key as a reader knows it, without quotes: it stands in a cell of its own."""
    return own.word(kind.choice, value) if kind.sort is Sort.CHOICE else value


def _plain(value: Held | Bands) -> Held:
    """Give a value of a table without bands, which holds no other."""
    return value if not isinstance(value, Bands) else value.values[0]


def _value(own: Phrases, kind: Type, value: Held) -> str:
    return own.held(value, kind) if isinstance(value, int) else _cell(own, kind, value)


Rows = tuple[list[str], list[tuple[str, ...]], Iterable[int]]


def _plain_rows(own: Phrases, parameter: Parameter, step: InForce, keys: list[str]) -> Rows:
    kinds = [kind for _, kind in parameter.keys]
    rows = [
        (
            *(_cell(own, *pair) for pair in zip(kinds, key, strict=True)),
            _value(own, parameter.type, _plain(value)),
        )
        for key, value in step.table.items()
    ]
    if step.otherwise is not None:
        rest = own.say("handbook.else")
        blanks = [rest, *([""] * (len(keys) - 1))]
        rows.append((*blanks, _value(own, parameter.type, step.otherwise)))
    return [*keys, own.say("handbook.value")], rows, _numbers(parameter, len(keys))


def _numbers(parameter: Parameter, *columns: int) -> tuple[int, ...]:
    return columns if parameter.type.sort is Sort.QUANTITY else ()


def _is_wide(step: InForce) -> bool:
    firsts, seconds = _sides(step)
    full = len(firsts) * len(seconds)
    is_worth = len(seconds) <= COLUMNS_MAX and len(firsts) > 1 and len(seconds) > 1
    return is_worth and (len(step.table) == full or step.otherwise is not None)


def _sides(step: InForce) -> tuple[list[str], list[str]]:
    firsts = list(dict.fromkeys(key[0] for key in step.table))
    seconds = list(dict.fromkeys(key[1] for key in step.table))
    return firsts, seconds


def _matrix(own: Phrases, parameter: Parameter, step: InForce, keys: list[str]) -> Rows:
    """Set the second key side by side."""
    firsts, seconds = _sides(step)
    one, two = (kind for _, kind in parameter.keys)
    head = [f"{keys[0]} / {keys[1]}", *(_cell(own, two, second) for second in seconds)]

    def at(key: Key) -> str:
        held = step.table.get(key, step.otherwise)
        return "—" if held is None else _value(own, parameter.type, _plain(held))

    rows = [
        (_cell(own, one, first), *(at((first, second)) for second in seconds)) for first in firsts
    ]
    if step.otherwise is not None:
        rest = _value(own, parameter.type, step.otherwise)
        rows.append((own.say("handbook.else"), *([rest] * len(seconds))))
        head.append(own.say("handbook.else"))
        rows = [(*row, rest) for row in rows]
    return head, rows, _numbers(parameter, *range(1, len(head)))


def _banded(own: Phrases, parameter: Parameter, step: InForce, keys: list[str]) -> Rows:
    band = parameter.band or Type(Sort.QUANTITY)
    kinds = [kind for _, kind in parameter.keys]
    total = Type(
        Sort.QUANTITY,
        combine_dims(parameter.type.dims, band.dims, 1),
        parameter.type.scale + band.scale,
    )
    has_constants = any(isinstance(v, Bands) and v.constants for v in step.table.values())
    starts = [n for v in step.table.values() if isinstance(v, Bands) for n in v.starts]
    is_length = any(is_past_hour(band, start) for start in starts)
    rows: list[tuple[str, ...]] = []
    for key, value in step.table.items():
        if not isinstance(value, Bands):  # pragma: no cover  a table with bands holds bands
            continue
        lead = tuple(_cell(own, *pair) for pair in zip(kinds, key, strict=True))
        for number, (start, held) in enumerate(zip(value.starts, value.values, strict=True)):
            more: tuple[str, ...] = ()
            if has_constants:
                more = (own.quantity(value.constants[number], total),)
            edge = own.quantity(start, band)
            if is_length:
                is_above, edge = edge_words(own, parameter, start)
                edge = own.say(f"handbook.length_{'above' if is_above else 'from'}", start=edge)
            row = (edge, _value(own, parameter.type, held), *more)
            rows.append((*lead, *row))
    edge = "handbook.band_above" if parameter.is_above else "handbook.band_from"
    edge = "handbook.band_length" if is_length else edge
    head = [*keys, own.say(edge), own.say("handbook.value")]
    if has_constants:
        head.append(own.say("handbook.constant"))
    columns = range(len(keys), len(head))
    return head, rows, columns
