"""Builds the commands and turns what goes wrong into a message and an exit code."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from crm_expenses.errors import ConfigError, CrmExpensesError, exit_code
from crm_expenses.messages import LANGUAGES, Language, text

if TYPE_CHECKING:
    import typer


def run(arguments: Sequence[str]) -> int:
    """Run one command; give its exit code."""
    rest, language = take_language(arguments)
    try:
        app = build_app(language)
        return int(app(args=rest, prog_name="crm-expenses", standalone_mode=True) or 0)
    except CrmExpensesError as error:
        print(error.describe(language), file=sys.stderr)  # noqa: T201
        return exit_code(error)
    except SystemExit as end:
        return int(end.code or 0)


def take_language(arguments: Sequence[str]) -> tuple[list[str], Language]:
    """Take `--lang` out of the arguments, wherever it stands; else the locale decides.

    >>> take_language(["demo", "--lang", "zh", "x"])
    (['demo', 'x'], 'zh')
    """
    rest: list[str] = []
    chosen = ""
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--lang" and waiting:
            chosen = waiting.pop(0)
        elif word.startswith("--lang="):
            chosen = word.partition("=")[2]
        else:
            rest.append(word)
    if not chosen:
        names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        spoken = next((name for name in names if name), "")
        chosen = "zh" if spoken.lower().startswith("zh") else "en"
    for language in LANGUAGES:
        if chosen == language:
            return rest, language
    raise ConfigError("command.language", value=chosen[:20])


def build_app(language: Language) -> "typer.Typer":
    """Build the commands with their help in one language."""
    try:
        import typer  # noqa: PLC0415
    except ImportError:
        raise ConfigError("extra.missing", package="typer", extra="cli") from None

    app = typer.Typer(
        help=text("command.help", language),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback()
    def top() -> None:
        pass

    @app.command(help=text("command.demo", language))
    def demo(
        folder: Annotated[Path, typer.Argument()] = Path("crm-expenses-demo"),
        seed: Annotated[int, typer.Option("--seed")] = 7,
    ) -> None:
        from crm_expenses.cli.demo import show_demo  # noqa: PLC0415

        show_demo(folder, seed, language)

    return app
