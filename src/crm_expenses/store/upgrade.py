"""Bringing a store that an older version wrote up to date, in the transaction that opens it.

`meta` says which version the tables have. The steps from one to the next are Alembic's; its own
table of versions is made when the first of them is taken.
"""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect

from crm_expenses.errors import ConfigError
from crm_expenses.store.links import rebuild

if TYPE_CHECKING:
    from alembic.config import Config

STEPS: Final = Path(__file__).parent / "migrations"
VERSIONS: Final = "alembic_version"

_one_at_a_time = Lock()
"""Alembic works for one store at a time in a process."""


def upgrade(connection: Connection, held: int) -> None:
    """Change the tables, and what is kept in them, from version `held` to the newest."""
    migrate(connection, held)
    if held < 2:
        rebuild(connection)


def migrate(connection: Connection, held: int, to: str = "head") -> None:
    """Take the steps from a version, 0 for an empty database, to another.

    Raises:
        ConfigError: Alembic is not installed.
    """
    try:
        from alembic import command  # noqa: PLC0415  slow to import, and rarely needed
    except ImportError:
        raise ConfigError("extra.missing", package="alembic", extra="sql") from None
    config = steps(connection)
    with _one_at_a_time:
        if held and VERSIONS not in inspect(connection).get_table_names():
            command.stamp(config, str(held))
        command.upgrade(config, to)


def steps(connection: Connection) -> "Config":
    """Give what Alembic must know: where the steps are, and on which connection to take them."""
    from alembic.config import Config  # noqa: PLC0415  slow to import, and rarely needed

    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
