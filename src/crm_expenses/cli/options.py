"""What the commands share: options with their help in one language, and how a command is added."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from crm_expenses.cli.screen import Screen
from crm_expenses.cli.usage import command_class, group_class
from crm_expenses.messages import Language, text
from crm_expenses.settings import DEFAULT_FILE

if TYPE_CHECKING:
    import typer


class Options:
    """Options that several commands have: each attribute is a default as typer reads it."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.screen = Screen(language)
        self._single = command_class(language)
        self.crm = self.argument(None, "CRM", "option.crm")
        self.settings = self.option(DEFAULT_FILE, "--settings", "option.settings", "FILE")
        self.at = self.option("", "--at", "option.at", "TIME")
        self.json = self.option(False, "--json", "option.json")

    def argument(self, default: object, metavar: str, code: str) -> Any:
        """Give an argument; `...` as default says that it is needed."""
        import typer  # noqa: PLC0415  an extra, needed only here

        return typer.Argument(
            default, metavar=metavar, help=text(code, self.language), show_default=False
        )

    def option(self, default: object, name: str, code: str, metavar: str | None = None) -> Any:
        """Give an option; `...` as default says that it is needed."""
        import typer  # noqa: PLC0415  an extra, needed only here

        shown = bool(default) and default is not ...
        told = text(code, self.language)
        return typer.Option(default, name, metavar=metavar, help=told, show_default=shown)

    def group(self, app: "typer.Typer", name: str, *, default: str = "") -> "typer.Typer":
        """Add a group of commands; its help has the code `command.NAME`.

        `default` is the command that the group's name alone stands for.
        """
        import typer  # noqa: PLC0415  an extra, needed only here

        told = text(f"command.{name}", self.language)
        group = typer.Typer(
            cls=group_class(self.language, default),
            help=told,
            no_args_is_help=not default,
            rich_markup_mode=None,
        )
        app.add_typer(group, name=name)
        return group

    def leave(self, code: int) -> NoReturn:
        """End the command with an exit code; everything has been said."""
        import typer  # noqa: PLC0415  an extra, needed only here

        raise typer.Exit(code)

    def add(
        self, app: "typer.Typer", name: str, command: Callable[..., None], *, code: str = ""
    ) -> None:
        """Add a command to a group; its help is `command.NAME`, or the code given."""
        told = text(code or f"command.{name}", self.language)
        app.command(name, cls=self._single, help=told, short_help=told)(command)
