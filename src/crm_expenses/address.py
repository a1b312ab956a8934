"""The address of a database, with a password that no text ever shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from crm_expenses.errors import ConfigError

POSTGRES_PORT: Final = 5432
STORE_EXAMPLE: Final = "postgres://user@host:5432/database?schema=crm_expenses"
STORE_OPTIONS: Final = frozenset({"schema", "sslmode", "host"})
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is. Password and options are never shown: options may hold keys."""

    engine: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> str:
        """The address of a server as people may read it: without password and keys.

        >>> Address("postgres", "db.example", None, "ada", "s3cret", "books").shown
        'postgres://ada@db.example:5432/books'
        """
        server = f"{self.host or self.socket}:{self.port or POSTGRES_PORT}"
        schema = self.options.get("schema")
        query = f"?schema={schema}" if schema else ""
        return f"{self.engine}://{self.user}@{server}/{self.path}{query}"

    @property
    def socket(self) -> str:
        """The folder of a socket on this machine, where the options name one; else empty."""
        return self.options.get("host", "")

    @property
    def sslmode(self) -> str:
        """How a connection is secured: verified where nothing else is said, but for this machine.

        >>> Address("postgres", "db.example").sslmode, Address("postgres", "localhost").sslmode
        ('verify-full', 'disable')
        """
        is_here = not self.host or self.host in _LOOPBACK
        return self.options.get("sslmode", "disable" if is_here else "verify-full")


def split_address(url: str, engines: Mapping[str, str]) -> Address:
    """Take an address apart; `engines` has the schemes that are known, each with its engine.

    Raises:
        ValueError: it has no known form. Neither text nor cause repeats it: it may hold a password.

    >>> split_address("postgres://ada:s3cret@db.example:5433/books", {"postgres": "postgres"})
    Address(engine='postgres', host='db.example', port=5433, user='ada', path='books')
    """
    try:
        parts = urlsplit(url if "://" in url else f"{url}://")
        return Address(
            engines[parts.scheme],
            parts.hostname or "",
            parts.port,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            unquote(parts.path.removeprefix("/")),
            dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)),
        )
    except (ValueError, KeyError):
        raise ValueError from None


def store_address(url: str) -> Address:
    """Read the address of a store on a server.

    >>> store_address("postgres://ada:s3cret@db.example/books?schema=crm").shown
    'postgres://ada@db.example:5432/books?schema=crm'

    Raises:
        ConfigError: it has no known form. It is not repeated: it may hold a password.
    """
    try:
        address = split_address(url, {"postgres": "postgres", "postgresql": "postgres"})
    except ValueError:
        raise ConfigError("store.url", example=STORE_EXAMPLE) from None
    if not names_a_server(address) or address.options.keys() - STORE_OPTIONS:
        raise ConfigError("store.url", example=STORE_EXAMPLE)
    return address


def names_a_server(address: Address) -> bool:
    """Say whether an address of PostgreSQL has all that a login needs.

    >>> names_a_server(Address("postgres", "db.example", user="ada", path="books"))
    True
    """
    return bool(address.user and address.path and (address.host or address.socket))


def ssl_of(address: Address) -> object:
    """Give how a connection is secured: verified, but for this machine itself."""
    import ssl  # noqa: PLC0415  only where a server is asked

    match address.sslmode:
        case "disable":
            return False
        case "require":
            return True
        case "verify-full":
            return ssl.create_default_context()
        case _:
            raise ConfigError("engine.sslmode", known="disable, require, verify-full")
