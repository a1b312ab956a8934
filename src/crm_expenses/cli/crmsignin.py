"""`crm-expenses crm sign-in`: exchange a grant token for the refresh token that is kept."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.errors import ConfigError

if TYPE_CHECKING:
    import typer

    from crm_expenses.adapters.zoho.tokens import Granted
    from crm_expenses.settings import Connection, Settings

ADAPTER: Final = "zoho"
GRANT_CHARS_MAX: Final = 2_000
_GRANT: Final = re.compile(r"[\x21-\x7e]+")


def add_sign_in(group: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def sign_in(
        name: str = given.argument(..., "NAME", "option.sign_in_crm"),
        settings: Path = given.settings,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.settings import load_settings  # noqa: PLC0415  heavy

        held = load_settings(settings)
        connection = held.connection(name)
        if connection.adapter != ADAPTER:
            adapter = connection.adapter
            screen.warn(screen.text("signin.not_needed", crm=name, adapter=adapter))
            return
        granted = _exchanged(screen, held, connection)
        if as_json:
            token = granted.refresh_token.reveal()
            screen.give({"crm": name, "refresh_token": token, "scope": granted.scope})
        else:
            screen.say(granted.refresh_token.reveal())
        screen.warn(_advice(screen, connection))

    given.add(group, "sign-in", sign_in, code="command.crm_sign_in")


def _exchanged(screen: Screen, held: "Settings", connection: "Connection") -> "Granted":
    from crm_expenses.adapters.contract import Opening  # noqa: PLC0415  heavy
    from crm_expenses.adapters.exchange import Secret  # noqa: PLC0415
    from crm_expenses.adapters.zoho.settings import Needs, zoho_settings  # noqa: PLC0415
    from crm_expenses.adapters.zoho.tokens import exchange_grant  # noqa: PLC0415
    from crm_expenses.pipeline.doctor import polite  # noqa: PLC0415

    with polite(held, connection) as gate:
        opening = Opening(connection.name, connection.options, held.base, gate)
        settings = zoho_settings(opening, Needs.CLIENT)  # before anything is asked of a person
        return exchange_grant(settings, Secret(_grant(screen, connection.name)), gate=gate)


def _grant(screen: Screen, crm: str) -> str:
    """Ask for the grant token, unseen; or read it where it is piped.

    Raises:
        ConfigError: there is none, or what is there is none.
    """
    if sys.stdin.isatty():
        from getpass import getpass  # noqa: PLC0415  only here

        screen.warn(screen.text("signin.how", crm=crm))
        said = getpass(f"{screen.text('signin.ask')} ", stream=sys.stderr)
    else:
        said = sys.stdin.readline(GRANT_CHARS_MAX)
    said = said.strip()
    if not _GRANT.fullmatch(said):
        raise ConfigError("signin.no_grant", crm=crm)
    return said


def _advice(screen: Screen, connection: "Connection") -> str:
    """Say where the refresh token is to be kept, as the settings name the place."""
    crm = connection.name
    variable = connection.options.get("refresh_token_variable")
    file = connection.options.get("refresh_token_file")
    if isinstance(variable, str):
        return screen.text("signin.keep_variable", crm=crm, variable=variable)
    if isinstance(file, str):
        return screen.text("signin.keep_file", crm=crm, path=file)
    return screen.text("signin.keep_somewhere", crm=crm)
