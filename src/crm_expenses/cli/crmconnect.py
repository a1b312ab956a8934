"""`crm-expenses crm connect`: write a first connection file, every guess in it marked."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.messages import LANGUAGES

if TYPE_CHECKING:
    import typer

    from crm_expenses.adapters.rest.discovered import Discovered

MARK: Final = "# LOOK:"
_NAME: Final = re.compile(r"[^a-z0-9_]+")


def add_connect(group: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def connect(
        file: Path = given.argument(..., "NEW.toml", "option.connect_file"),
        sources: list[str] = given.option(..., "--from", "option.connect_from", "URL|FILE"),
        token_variable: str = given.option("", "--token-variable", "option.token_variable", "NAME"),
        token_header: str = given.option(
            "Authorization", "--token-header", "option.token_header", "NAME"
        ),
        *,
        private: bool = given.option(False, "--private", "option.private"),
        plain_http: bool = given.option(False, "--plain-http", "option.plain_http"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.adapters.rest.draft import chosen, draft_text  # noqa: PLC0415  heavy
        from crm_expenses.adapters.rest.peek import Asking, looked_at  # noqa: PLC0415

        demand_new(file)
        found = looked_at(sources, Asking(token_variable, token_header, private, plain_http))
        if not chosen(found):
            names = ", ".join(found.others) or "-"
            raise ConfigError("connect.no_kinds", source=found.source, names=names[:600])
        made = draft_text(found, given.language)
        todo = problems_in(made, file.name)
        write_new(file, made)
        if as_json:
            screen.give(_json(file, found, made, todo))
        else:
            _show(screen, file, found, made, todo)
            _show_next(screen, file, found, token_variable, private=private)

    given.add(group, "connect", connect, code="command.crm_connect")


def problems_in(text: str, name: str) -> tuple[Problem, ...]:
    """Give what a person must still fill in, each with its place."""
    from crm_expenses.adapters.rest.specfile import connection_of  # noqa: PLC0415  heavy
    from crm_expenses.tomlfile import parse_toml  # noqa: PLC0415

    try:
        connection_of(parse_toml(text, name))
    except ConfigError as error:
        return error.problems
    return ()


def demand_new(path: Path) -> None:
    """Make sure that a file is not there, before anything is asked for it.

    Raises:
        ConfigError: it is there, or its name is none of a connection file.
    """
    if path.suffix != ".toml":
        raise ConfigError("connect.name", path=str(path))
    if path.exists() or path.is_symlink():
        raise ConfigError("connect.exists", path=str(path))


def write_new(path: Path, text: str) -> None:
    """Write a file that was not there; it is never written over another one.

    Raises:
        ConfigError: it has come to be there, or its folder cannot be written to.
    """
    try:
        with path.open("xb") as out:
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError as error:
        raise ConfigError("connect.exists", path=str(path)) from error
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise ConfigError("command.publish_place", path=str(path), detail=detail) from error


def _show(
    screen: Screen, file: Path, found: "Discovered", made: str, todo: tuple[Problem, ...]
) -> None:
    from crm_expenses.adapters.rest.draft import chosen  # noqa: PLC0415  heavy

    screen.say(screen.text("command.written", path=str(file)))
    for kind, (one, _) in chosen(found).items():
        values = {"kind": kind.value, "path": one.list_path, "count": str(len(one.fields))}
        screen.say(f"  {screen.text('crmconnect.kind', **values)}")
    screen.say(screen.text("crmconnect.looks", count=str(made.count(MARK))))
    if todo:
        screen.say(screen.text("crmconnect.todo", count=str(len(todo))))
        for problem in todo:
            screen.say(f"  {problem.describe(screen.language)}")


def _show_next(
    screen: Screen, file: Path, found: "Discovered", token_variable: str, *, private: bool
) -> None:
    """Say what to put into the settings, and how to go on."""
    from crm_expenses.adapters.rest.draft import chosen, credentials  # noqa: PLC0415  heavy
    from crm_expenses.settings import DEFAULT_FILE  # noqa: PLC0415

    values, secrets = credentials(found)
    name = _NAME.sub("_", file.stem.lower()).strip("_") or "main"
    screen.say()
    screen.say(screen.text("crmconnect.settings", settings=DEFAULT_FILE))
    screen.say(f"[crm.{name}]")
    screen.say('adapter = "rest"')
    screen.say(f'connection = "{file.name}"')
    if not found.origin:
        screen.say('url = "..."')
    for one in values:
        screen.say(f'{one} = "..."')
    for one in secrets:
        variable = token_variable if one == "token" and token_variable else f"CRM_{one.upper()}"
        screen.say(f'{one}_variable = "{variable}"')
    if private:
        screen.say("private_addresses = true")
    kind = next(iter(chosen(found))).value
    screen.say()
    screen.say(screen.text("crmconnect.try", command=f"crm-expenses crm try {name} {kind}"))


def _json(
    file: Path, found: "Discovered", made: str, todo: tuple[Problem, ...]
) -> dict[str, object]:
    from crm_expenses.adapters.rest.draft import chosen  # noqa: PLC0415  heavy

    return {
        "file": str(file),
        "kinds": {kind.value: one.list_path for kind, (one, _) in chosen(found).items()},
        "others": list(found.others),
        "looks": made.count(MARK),
        "todo": [
            {"code": p.code, "message": {lang: p.describe(lang) for lang in LANGUAGES}}
            for p in todo
        ],
    }
