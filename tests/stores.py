"""Stores for tests, in SQLite and in PostgreSQL alike.

A test names its stores by paths. On SQLite these are the files; on PostgreSQL each path is a schema
of its own, made when it is opened and dropped after the test.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Connection

from servers import Server

DATABASES: Final = ("sqlite", "postgres")

_server: list[Server] = []
_schemas: set[str] = set()


def where(path: Path) -> Path | str:
    """Give what opens the store that a test names by a path, in the database of the test."""
    if not _server:
        return path
    schema = "s" + hashlib.sha256(str(path).encode()).hexdigest()[:24]
    _schemas.add(schema)
    return _server[0].url(options=f"?schema={schema}")


def refuse_inserts(connection: Connection, table: str) -> None:
    """Make every insert into a table fail from now on, as a full disk would."""
    if connection.dialect.name == "sqlite":
        no_more = "begin select raise(abort, 'no more'); end"
        statements = [f"create trigger no_more before insert on {table} {no_more}"]
    else:
        body = "begin raise exception 'no more'; end"
        statements = [
            f"create function no_more() returns trigger language plpgsql as $$ {body} $$",
            f"create trigger no_more before insert on {table} execute function no_more()",
        ]
    for statement in statements:
        connection.exec_driver_sql(statement)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test on each database; what it made is gone afterwards."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    server: Server = request.getfixturevalue("store_server")
    _server.append(server)
    try:
        yield "postgres"
    finally:
        _server.clear()
        for schema in sorted(_schemas):  # each on its own: all together would need many locks
            server.run(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        _schemas.clear()
