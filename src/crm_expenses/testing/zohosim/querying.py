"""Queries carried out over what readers see."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from crm_expenses.testing.zohosim.asking import NO_CONTENT, Answer, Ask, json_answer
from crm_expenses.testing.zohosim.coql import (
    Comparison,
    Condition,
    Literal,
    Query,
    bad_column,
    over,
    parse,
)
from crm_expenses.testing.zohosim.credits import query_cost
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.refusal import RefusalError
from crm_expenses.testing.zohosim.rows import Row
from crm_expenses.testing.zohosim.schema import LINKS, PEOPLE, Field, Module, Type
from crm_expenses.testing.zohosim.values import ID, moment

_NUMBERS: Final = frozenset({Type.INTEGER, Type.BIGINT, Type.DOUBLE, Type.CURRENCY, Type.PERCENT})
_IN_SELECT_MAX: Final = 15
_IN_CONDITION_MAX: Final = 5
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def read_query(org: Org, ask: Ask) -> Query:
    """Read the query of a call, and refuse what is too much of it.

    Raises:
        RefusalError: it cannot be read, or asks for too much.
    """
    text = ask.json().get("select_query")
    if not isinstance(text, str):
        raise RefusalError("MANDATORY_NOT_FOUND", details={"api_name": "select_query"})
    switches = org.switches
    query = parse(text, nested_pairs=switches.coql_nested_pairs, backslash=switches.coql_backslash)
    if not 1 <= query.limit <= switches.coql_rows_max:
        raise over("limit", switches.coql_rows_max)
    if query.offset + query.limit > switches.coql_offset_max:
        raise over("offset", switches.coql_offset_max)
    each = list(_comparisons(query.condition))
    if len(each) > switches.coql_criteria_max:
        raise over("where", switches.coql_criteria_max)
    if any(len(one.values) > switches.coql_in_max for one in each):
        raise over("in", switches.coql_in_max)
    asked = {name.rpartition(".")[0] for name in query.columns if "." in name}
    compared = {one.column.rpartition(".")[0] for one in each if "." in one.column}
    if len(asked) > _IN_SELECT_MAX or len(compared) > _IN_CONDITION_MAX:
        raise over("join", _IN_SELECT_MAX)
    return query


def cost(org: Org, ask: Ask) -> int:
    """Give the credits of a query by what it asks for; one where it cannot be read."""
    try:
        return query_cost(read_query(org, ask).limit)
    except RefusalError:
        return 1


def queried(org: Org, ask: Ask) -> Answer:
    """Answer POST /coql."""
    query = read_query(org, ask)
    module = org.module(query.module)
    if module.parent and not org.switches.coql_subforms:
        raise RefusalError("INVALID_QUERY", "module not supported", {"module": module.name})
    for name in query.columns:
        if field_of(org, module, name).type is Type.SUBFORM:
            raise bad_column(name, "column not supported")
    holds = test_of(org, module, query.condition)
    with org.lock:
        rows = [row for row in org.shelf.all_seen(module.name, org.clock()) if holds(row)]
        rows.sort(key=lambda row: row.id)
        for name, order in reversed(query.orders):
            key = _sort_key(reader_of(org, module, name))
            rows.sort(key=key, reverse=order == "desc")
        part = rows[query.offset : query.offset + query.limit]
        if not part:
            return NO_CONTENT
        columns = [
            (name, field_of(org, module, name), reader_of(org, module, name))
            for name in query.columns
        ]
        data = [_shown(org, columns, row) for row in part]
    info = {"count": len(part), "more_records": len(rows) > query.offset + query.limit}
    return json_answer({"data": data, "info": info})


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, Comparison):
        yield condition
    else:
        yield from _comparisons(condition.left)
        yield from _comparisons(condition.right)


def field_of(org: Org, module: Module, name: str) -> Field:
    """Give the field that a column means, through lookups.

    Raises:
        RefusalError: there is none.
    """
    *steps, last = name.split(".")
    at = module
    for step in steps:
        held = at.fields.get(step)
        if held is None or held.type not in LINKS:
            raise bad_column(name)
        at = org.module("Users" if held.type in PEOPLE else held.module)
    held = at.fields.get(last)
    if held is None:
        raise bad_column(name)
    return held


def reader_of(org: Org, module: Module, name: str) -> Callable[[Row], Any]:
    """Say how the value of a column is read from a row; ids become numbers, to be compared."""
    *steps, last = name.split(".")
    targets: list[tuple[str, str]] = []
    at = module
    for step in steps:
        link = at.fields[step]
        at = org.module("Users" if link.type in PEOPLE else link.module)
        targets.append((step, at.name))
    held = field_of(org, module, name)
    is_id = held.name == "id" or held.type in LINKS

    def read(row: Row) -> Any:  # noqa: ANN401  of any type that a field may have
        here: Row | None = row
        for step, target in targets:
            if here is None:
                return None
            here = org.shelf.seen(target, str(here.get(step)), org.clock())
        value = None if here is None else here.get(last)
        return int(value) if is_id and isinstance(value, str) else value

    return read


def _sort_key(read: Callable[[Row], Any]) -> Callable[[Row], Any]:
    """Order rows by a value; what has none comes first."""

    def key(row: Row) -> Any:  # noqa: ANN401  likewise
        value = read(row)
        return (value is not None, 0 if value is None else value)

    return key


def test_of(org: Org, module: Module, condition: Condition) -> Callable[[Row], bool]:
    """Say how a condition is put to a row.

    Raises:
        RefusalError: a column is none, or a value does not fit it.
    """
    if isinstance(condition, Comparison):
        return _compare(org, module, condition)
    left, right = test_of(org, module, condition.left), test_of(org, module, condition.right)
    if condition.operator == "and":
        return lambda row: left(row) and right(row)
    return lambda row: left(row) or right(row)


def _compare(org: Org, module: Module, comparison: Comparison) -> Callable[[Row], bool]:
    held = field_of(org, module, comparison.column)
    read = reader_of(org, module, comparison.column)
    values = [_literal(held, comparison.column, one) for one in comparison.values]
    operator = comparison.operator
    if operator in {"is null", "is not null"}:
        return lambda row: (read(row) is None) == (operator == "is null")
    negated, plain = operator.startswith("not "), operator.removeprefix("not ")
    if plain == "like":
        wanted = re.compile(
            ".*".join(re.escape(part) for part in str(values[0]).split("%")),
            re.IGNORECASE | re.DOTALL,
        )
        return lambda row: (
            (value := read(row)) is not None
            and (wanted.fullmatch(str(value)) is not None) != negated
        )
    test = _TESTS[plain]
    return lambda row: (value := read(row)) is not None and test(value, values) != negated


_TESTS: Final[dict[str, Callable[[Any, list[Any]], bool]]] = {
    "=": lambda value, given: bool(value == given[0]),
    "!=": lambda value, given: bool(value != given[0]),
    ">": lambda value, given: bool(value > given[0]),
    ">=": lambda value, given: bool(value >= given[0]),
    "<": lambda value, given: bool(value < given[0]),
    "<=": lambda value, given: bool(value <= given[0]),
    "in": lambda value, given: value in given,
    "between": lambda value, given: bool(given[0] <= value <= given[1]),
}


def _literal(held: Field, column: str, given: Literal) -> object:
    """Read a literal as the field's type has it.

    Raises:
        RefusalError: it is of another type.
    """
    wrong = bad_column(column, "value given seems to be invalid for the column")
    if held.name == "id" or held.type in LINKS:
        if not ID.fullmatch(str(given)):
            raise wrong
        return int(str(given))
    if held.type is Type.BOOLEAN:
        if not isinstance(given, bool):
            raise wrong
        return given
    if held.type in _NUMBERS:
        return _number(given, wrong)
    if not isinstance(given, str):
        raise wrong
    if held.type is Type.DATETIME:
        read = moment(given)
        if read is None:
            raise wrong
        return read
    if held.type is Type.DATE:
        return _day(given, wrong)
    return given


def _number(given: Literal, wrong: RefusalError) -> Decimal:
    text = str(given)
    if isinstance(given, bool) or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text, re.ASCII):
        raise wrong
    return Decimal(text)


def _day(given: str, wrong: RefusalError) -> date:
    try:
        if _DATE.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise wrong


def _shown(
    org: Org, columns: Sequence[tuple[str, Field, Callable[[Row], Any]]], row: Row
) -> dict[str, object]:
    made: dict[str, object] = {}
    for name, held, read in columns:
        value = read(row)
        if held.name == "id" or held.type is Type.BIGINT:
            made[name] = None if value is None else str(value)
        elif held.type in LINKS:
            made[name] = _link(org, held, value)
        else:
            made[name] = org.show_value(held, value)
    made["id"] = row.id
    return made


def _link(org: Org, held: Field, value: object) -> dict[str, object] | None:
    if value is None:
        return None
    if held.type in PEOPLE and org.switches.user_lookups_in_coql_have_names:
        return org.reference(held, str(value))
    return {"id": str(value)}
