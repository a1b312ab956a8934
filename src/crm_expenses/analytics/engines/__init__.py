"""Engines that run a policy's SQL where the claims lie: DuckDB, PostgreSQL, Spark."""

from crm_expenses.analytics.engines.address import parse_address
from crm_expenses.analytics.engines.contract import Attached, Engine, Progress

__all__ = ["Attached", "Engine", "Progress", "open_engine"]


def open_engine(url: str = "duckdb") -> Engine:
    """Open the engine of an address; close it when done, or use it in a `with`.

    - `duckdb` in this process; `duckdb:///folder/file.duckdb` reads the tables of a file
      (`duckdb:////folder/file.duckdb` where the path is absolute);
    - `postgres://user@host:5432/database?schema=finance&prefix=crm_`, with the password in the
      variable `PGPASSWORD` of the environment;
    - `spark://local`, or `spark://host:7077` for a cluster.

    Raises:
        ConfigError: the address is wrong, or the extra of the engine is not installed.
        AdapterError: the engine cannot be reached, or refuses the login.
    """
    address = parse_address(url)
    match address.engine:
        case "postgres":
            from crm_expenses.analytics.engines.postgres import open_postgres  # noqa: PLC0415

            return open_postgres(address)
        case "spark":
            from crm_expenses.analytics.engines.spark import open_spark  # noqa: PLC0415

            return open_spark(address)
        case _:
            from crm_expenses.analytics.engines.duckdb import open_duckdb  # noqa: PLC0415

            return open_duckdb(address)
