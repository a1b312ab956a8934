"""The address of an engine, with a password that no text ever shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from crm_expenses.errors import ConfigError

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


@dataclass(frozen=True, slots=True)
class Address:
    """Where an engine is. Password and options are never shown: options may hold keys."""

    engine: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


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
        parts = urlsplit(url if "://" in url else f"{url}://")
        engine = _ENGINES[parts.scheme]
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
        address = Address(
            engine,
            parts.hostname or "",
            parts.port,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            unquote(parts.path.removeprefix("/")),
            options,
        )
    except (ValueError, KeyError):
        # not chained: its text can hold a part of the password
        raise ConfigError("engine.url", examples=EXAMPLES) from None
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
            return bool(address.user and address.path and (address.host or _socket(address)))
        case _:
            return bool(address.host) and not address.path and not address.user


def _socket(address: Address) -> str:
    return address.options.get("host", "")
