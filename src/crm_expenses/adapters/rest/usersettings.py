"""What the user says in `[crm.NAME]` of a connection file's CRM: its values and its secrets."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Opening
from crm_expenses.adapters.exchange import Secret
from crm_expenses.adapters.rest.settled import settled
from crm_expenses.adapters.rest.spec import Setting
from crm_expenses.adapters.rest.specfile import read_connection
from crm_expenses.adapters.rest.speckind import ConnectionFile
from crm_expenses.core.record import Json
from crm_expenses.crmsettings import PARTS
from crm_expenses.errors import ConfigError, Problem

SECRET_BYTES_MAX: Final = 20_000
_OWN: Final = ("adapter", "connection", "timezone", "private_addresses", "plain_http", *PARTS)


@dataclass(frozen=True, slots=True)
class UserSettings:
    """A connection file, and what the user says beside it.

    `values` has `config.NAME`; `secrets` has `secret.NAME` and shows none. `zone` is the company's.
    """

    crm: str
    held: ConnectionFile
    values: Mapping[str, Json]
    secrets: Mapping[str, Secret] = field(repr=False)
    private_addresses: bool = False
    plain_http: bool = False
    zone: ZoneInfo | None = None

    def revealed(self) -> dict[str, Json]:
        """Give all values and secrets, for the templates of signing in."""
        return {**self.values, **{name: held.reveal() for name, held in self.secrets.items()}}


def user_settings(opening: Opening) -> UserSettings:
    """Read the connection file that the settings name, and check what they say beside it.

    Raises:
        ConfigError: with every mistake: no such file, a value that is missing, unknown or of the
            wrong form, a secret that is nowhere.
    """
    name = opening.options.get("connection")
    if not isinstance(name, str) or not name:
        raise ConfigError("rest.which_connection", crm=opening.name)
    held = read_connection(name, opening.base)
    problems: list[Problem] = []
    values = _values(opening, held, problems)
    secrets = _secrets(opening, held, problems)
    problems += _unknown(opening, held)
    flags = {flag: opening.options.get(flag, False) for flag in ("private_addresses", "plain_http")}
    problems += [
        Problem("rest.flag", {"crm": opening.name, "name": flag})
        for flag, value in flags.items()
        if not isinstance(value, bool)
    ]
    if problems:
        raise ConfigError.of(problems)
    return UserSettings(
        opening.name,
        settled(held, {name: str(value) for name, value in values.items()}),
        values,
        secrets,
        private_addresses=flags["private_addresses"] is True or held.connection.private_addresses,
        plain_http=flags["plain_http"] is True or held.connection.plain_http,
        zone=answers.zone(opening),
    )


def _values(opening: Opening, held: ConnectionFile, problems: list[Problem]) -> dict[str, Json]:
    values: dict[str, Json] = {}
    for name, setting in held.config.items():
        given = opening.options.get(name, setting.default)
        told = {"crm": opening.name, "name": name, "help": setting.help}
        if given is None:
            problems.append(Problem("rest.no_value", told))
        elif not isinstance(given, str | int) or isinstance(given, bool):
            problems.append(Problem("rest.no_text", told))
        elif not all(re.fullmatch(one, str(given)) for one in _patterns(setting)):
            problems.append(Problem("rest.value", {**told, "value": str(given)[:60]}))
        elif setting.whole_number:
            values[f"config.{name}"] = int(given)
        else:
            values[f"config.{name}"] = str(given)
    return values


def _patterns(setting: Setting) -> list[str]:
    """Give the regular expressions that a value must fit."""
    own = [setting.pattern] if setting.pattern else []
    return [*own, "-?[0-9]{1,18}"] if setting.whole_number else own


def _secrets(opening: Opening, held: ConnectionFile, problems: list[Problem]) -> dict[str, Secret]:
    found: dict[str, Secret] = {}
    for name, part in held.secret.items():
        variable = opening.options.get(f"{name}_variable")
        file = opening.options.get(f"{name}_file")
        told = {"crm": opening.name, "name": name, "help": part.help}
        if (variable is None) == (file is None):
            if variable is not None or not part.optional:
                problems.append(Problem("rest.secret_place", told))
            elif part.optional:
                found[f"secret.{name}"] = Secret("")
            continue
        text = _from_file(opening.base / str(file)) if file else os.environ.get(str(variable), "")
        if not text:
            problems.append(Problem("rest.no_secret", {**told, "place": str(file or variable)}))
        found[f"secret.{name}"] = Secret(text)
    return found


def _from_file(path: Path) -> str:
    """Read a secret; what cannot be read is none, and is told as missing."""
    try:
        with path.open("rb") as file:
            return file.read(SECRET_BYTES_MAX).decode().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _unknown(opening: Opening, held: ConnectionFile) -> list[Problem]:
    known = [*_OWN, *held.config]
    for name in held.secret:
        known += [f"{name}_variable", f"{name}_file"]
    return [
        Problem(
            "rest.unknown_option", {"crm": opening.name, "name": name, "known": ", ".join(known)}
        )
        for name in opening.options
        if name not in known
    ]
