"""`crm-expenses policy sql`: print a policy as queries for an engine, fit to review."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.options import Options
from crm_expenses.cli.pagefile import write_page
from crm_expenses.cli.screen import visible
from crm_expenses.errors import ConfigError

if TYPE_CHECKING:
    import typer


class SqlDialect(StrEnum):
    """The engines that a policy can be written for."""

    DUCKDB = "duckdb"
    POSTGRES = "postgres"
    SPARK = "spark"
    SNOWFLAKE = "snowflake"
    BIGQUERY = "bigquery"


def add_sql(group: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def sql(
        file: Path = given.argument(..., "FILE", "option.policy_file"),
        dialect: SqlDialect = given.option(
            SqlDialect.DUCKDB, "--dialect", "option.sql_dialect", "|".join(SqlDialect)
        ),
        rounds: int | None = given.option(None, "--rounds", "option.sql_rounds", "N"),
        out: Path | None = given.option(None, "--out", "option.sql_out", "FILE"),
    ) -> None:
        from crm_expenses.policyfile import load_policy  # noqa: PLC0415  heavy
        from crm_expenses.rules.sql.show import (  # noqa: PLC0415  heavy
            ROUNDS,
            ROUNDS_MAX,
            sql_text,
        )

        count = ROUNDS if rounds is None else rounds
        if not 1 <= count <= ROUNDS_MAX:
            raise ConfigError("command.sql_rounds", value=str(count), limit=str(ROUNDS_MAX))
        page = sql_text(load_policy(file), dialect.value, given.language, rounds=count)
        if out is None:
            if visible(page) != page:  # it must not be changed, so it is not shown
                raise ConfigError("command.sql_signs", path=str(file))
            screen.say(page.rstrip("\n"))
        else:
            write_page(out, page)
            screen.say(screen.text("command.written", path=str(out)))

    given.add(group, "sql", sql, code="command.policy_sql")
