"""The address of an engine, with a password that no text ever shows."""

from collections.abc import Mapping
from typing import Final

from crm_expenses.address import Address, names_a_server, split_address
from crm_expenses.errors import ConfigError

__all__ = ["Address", "parse_address"]

EXAMPLES: Final = (
    "duckdb, duckdb:///claims.duckdb, postgres://user@host:5432/database?schema=finance, "
    "spark://local, spark://host:7077"
)
_ENGINES: Final = {
    "duckdb": "duckdb",
    "postgres": "postgres",
    "postgresql": "postgres",
    "spark": "spark",
}
OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "duckdb": frozenset({"memory", "threads", "folder"}),
    "postgres": frozenset({"schema", "prefix", "sslmode", "host"}),
    "spark": frozenset({"memory"}),
}
"""What may follow the `?`; for Spark also any setting of its own, `spark.…`."""


def parse_address(url: str) -> Address:
    """Read an address.

    >>> parse_address("postgres://ada:s3cret@db.example:5433/books?schema=finance")
    Address(engine='postgres', host='db.example', port=5433, user='ada', path='books')
    >>> parse_address("duckdb:///data/claims.duckdb").path
    'data/claims.duckdb'

    Raises:
        ConfigError: it has no known form. What was given is not repeated: it may hold a password.
    """
    try:
        address = split_address(url, _ENGINES)
    except ValueError:
        raise ConfigError("engine.url", examples=EXAMPLES) from None
    engine, options = address.engine, address.options
    known = OPTIONS[engine]
    if any(
        name not in known and not (engine == "spark" and name.startswith("spark."))
        for name in options
    ):
        raise ConfigError("engine.option", known=", ".join(sorted(known)))
    if not _is_whole(address):
        raise ConfigError("engine.url", examples=EXAMPLES)
    return address


def _is_whole(address: Address) -> bool:
    match address.engine:
        case "duckdb":
            return not address.host and not address.user
        case "postgres":
            return names_a_server(address)
        case _:
            return bool(address.host) and not address.path and not address.user
