"""Statements that PostgreSQL has read once and runs many times, in one round trip each.

The driver asks the server to read each statement anew, and waits for it twice; in a transaction
that holds the store's one lock, the time counts for everybody.
"""

from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event

STATEMENTS_MAX: Final = 300
"""How many are kept for a connection; the others take the driver's usual way."""

VALUES_MAX: Final = 40
"""Longer lists of values are rarely of the same length twice."""

Kept = tuple[bytes, Any, Any]
"""A statement's name at the server, the columns of its result, how each is read."""


def prepare_statements(engine: Engine) -> None:
    """Let the connections of an engine keep their statements."""
    from pg8000.core import make_params  # noqa: PLC0415  an extra
    from pg8000.dbapi import convert_paramstyle  # noqa: PLC0415  an extra

    kept: WeakKeyDictionary[Any, dict[str, Kept]] = WeakKeyDictionary()

    def run(cursor: Any, statement: str, values: Any, _: object) -> bool:  # noqa: ANN401
        """Run a statement in the driver's place; False where the driver does it."""
        connection = getattr(cursor, "_c", None)  # none where rows are fetched by a server's cursor
        if connection is None or not connection._in_transaction:  # noqa: SLF001
            return False
        if not 0 < len(values) <= VALUES_MAX:
            return False
        held = kept.setdefault(connection, {})
        if statement not in held:
            if len(held) >= STATEMENTS_MAX:
                return False
            numbered, _values = convert_paramstyle("format", statement, values)
            held[statement] = connection.prepare_statement(numbered, ())
        name, columns, readers = held[statement]
        params = make_params(connection.py_types, values)
        answer = connection.execute_named(name, params, columns, readers, statement)
        cursor._context = answer  # noqa: SLF001  as the driver's own `execute` does
        cursor._row_iter = iter(answer.rows or ())  # noqa: SLF001  likewise
        return True

    event.listen(engine, "do_execute", run)
