"""Builds the commands and turns what goes wrong into a message and an exit code."""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from crm_expenses.cli.fault import fault_text
from crm_expenses.cli.screen import visible
from crm_expenses.errors import ConfigError, CrmExpensesError, exit_code
from crm_expenses.messages import LANGUAGES, Language, text

if TYPE_CHECKING:
    import typer

STOPPED: Final = 130
PIPE_CLOSED: Final = 141
"""What a shell gives for a program that a signal ended: 128 and the signal's number."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; give its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _answered(arguments)
    except BrokenPipeError:
        _let_go()
        return PIPE_CLOSED


def _answered(arguments: Sequence[str]) -> int:
    language: Language = _of_locale()
    try:
        rest, language = take_language(arguments)
        code = _run_command(rest, language)
        sys.stdout.flush()
    except CrmExpensesError as error:
        _tell(error.describe(language))
        return exit_code(error)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        _tell(text("command.stopped", language))
        return STOPPED
    except Exception as error:  # noqa: BLE001  the outermost place: the last one that can tell
        _tell(fault_text(error, language))
        return exit_code(error)
    return code


def _run_command(arguments: Sequence[str], language: Language) -> int:
    app = build_app(language)
    import typer  # noqa: PLC0415  an extra; build_app has said so when it is missing
    from typer.main import get_command  # noqa: PLC0415

    command = get_command(app)
    try:
        with command.make_context("crm-expenses", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        return STOPPED
    except typer.TyperException as error:
        from crm_expenses.cli.usage import usage_text  # noqa: PLC0415

        _tell(usage_text(error, language))
        return 2
    return 0


def _let_go() -> None:
    """Turn a stream whose reader has gone to nowhere; the interpreter writes at its end, too."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def version_text(language: Language) -> str:
    """Say which version this is; a source folder that was never installed has none."""
    try:
        return version("crm-expenses")
    except PackageNotFoundError:
        return text("command.no_version", language)


def _tell(line: str) -> None:
    print(visible(line), file=sys.stderr, flush=True)  # noqa: T201


def take_language(arguments: Sequence[str]) -> tuple[list[str], Language]:
    """Take `--lang` out of the arguments, wherever it stands; else the locale decides.

    >>> take_language(["demo", "--lang", "zh", "x"])
    (['demo', 'x'], 'zh')
    """
    rest: list[str] = []
    chosen: str | None = None
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            rest += [word, *waiting]
            break
        if word == "--lang":
            chosen = waiting.pop(0) if waiting else ""
        elif word.startswith("--lang="):
            chosen = word.partition("=")[2]
        else:
            rest.append(word)
    if chosen is None:
        return rest, _of_locale()
    for language in LANGUAGES:
        if chosen == language:
            return rest, language
    raise ConfigError("command.language", value=chosen[:20] or "-")


def _of_locale() -> Language:
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    spoken = next((name for name in names if name), "")
    return "zh" if spoken.lower().startswith("zh") else "en"


def build_app(language: Language) -> "typer.Typer":
    """Build the commands with their help in one language.

    Raises:
        ConfigError: the packages of the extra `cli` are not installed.
    """
    try:
        import typer  # noqa: PLC0415
    except ImportError:
        raise ConfigError("extra.missing", package="typer", extra="cli") from None
    from crm_expenses.cli import (  # noqa: PLC0415
        advances,
        approvals,
        audit,
        backtest,
        budgets,
        check,
        claims,
        conflicts,
        crm,
        demo,
        doctor,
        figures,
        links,
        policy,
        records,
        retry,
        status,
        sync,
        vouchers,
        webhook,
        worker,
    )
    from crm_expenses.cli.options import Options  # noqa: PLC0415
    from crm_expenses.cli.usage import group_class  # noqa: PLC0415

    app = typer.Typer(
        cls=group_class(language),
        help=text("command.help", language),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    def tell_version(*, asked: bool) -> None:
        if asked:
            print(f"crm-expenses {version_text(language)}")  # noqa: T201
            raise typer.Exit

    @app.callback()
    def top(
        *,
        version: bool = typer.Option(
            False,
            "--version",
            is_eager=True,
            callback=tell_version,
            help=text("option.version", language),
        ),
        lang: str = typer.Option("", "--lang", metavar="en|zh", help=text("option.lang", language)),
    ) -> None:
        pass

    given = Options(language)
    for part in (
        *(demo, policy, check, claims, approvals, advances, sync, budgets),
        *(figures, backtest, audit, doctor, status, webhook, worker),
        *(records, conflicts, retry),
        *(vouchers, links, crm),
    ):  # fmt: skip
        part.register(app, given)
    return app
