"""Help pages and usage errors in the reader's language.

typer writes its own few words in English only: they are replaced where it puts them together.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from crm_expenses.messages import Language, text

if TYPE_CHECKING:
    import typer

_WORDS: Final = (
    (re.compile(r"^Usage: ", re.MULTILINE), "usage.usage"),
    (re.compile(r"^Options:$", re.MULTILINE), "usage.options"),
    (re.compile(r"^Arguments:$", re.MULTILINE), "usage.arguments"),
    (re.compile(r"^Commands:$", re.MULTILINE), "usage.commands"),
    (re.compile(r"\[required\]"), "usage.required"),
    (re.compile(r"Show this message and exit\."), "usage.help"),
    (re.compile(r"\[default: (?P<value>[^\]]*)\]"), "usage.default"),
    (re.compile(r"\[OPTIONS\]"), "usage.some_options"),
    (re.compile(r"COMMAND \[ARGS\]\.\.\."), "usage.some_command"),
)

_ERRORS: Final = (
    (re.compile(r"No such command '(?P<value>.*?)'\.?"), "usage.no_command"),
    (re.compile(r"No such option: (?P<value>\S+)"), "usage.no_option"),
    (re.compile(r"Missing \w+ '?(?P<value>.*?)'?\.(?: .*)?"), "usage.missing"),
    (re.compile(r"Option '(?P<value>.*?)' requires an argument\."), "usage.no_value"),
    (re.compile(r"Option '(?P<value>.*?)' does not take a value\."), "usage.no_value_taken"),
    (re.compile(r"Got unexpected extra argument\S* \((?P<value>.*)\)"), "usage.extra"),
    (
        re.compile(r"Invalid value for '?(?P<name>.*?)'?: (?P<value>.*)", re.DOTALL),
        "usage.value",
    ),
)

_VALUES: Final = (
    (re.compile(r".* is not one of (?P<names>.*?)\.?", re.DOTALL), "usage.choice"),
    (re.compile(r".*\binteger\b.*", re.DOTALL), "usage.whole"),
)
"""What is wrong with a value, in the words of what typer checks it with."""

_NEEDED: Final = re.compile(r"\{(\w+)\}")
_NEAR: Final = re.compile(r"Did you mean (?P<names>.*)\?")


def translated(page: str, language: Language) -> str:
    """Replace typer's own words in a help page, and its braces around what is needed.

    >>> translated("Usage: crm-expenses check [OPTIONS] {CLAIMS}", "zh")
    '用法：crm-expenses check [选项] CLAIMS'
    """
    page = _NEEDED.sub(r"\1", page)
    for pattern, code in _WORDS:
        page = pattern.sub(
            lambda found, code=code: text(code, language, **found.groupdict()),  # type: ignore[misc]
            page,
        )
    return page


def usage_text(error: "typer.TyperException", language: Language) -> str:
    """Say what is wrong with a command line, and where its help is."""
    context: Any = getattr(error, "ctx", None)
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(message)
    said = message
    for pattern, code in _ERRORS:
        found = pattern.match(message)
        if found is not None:
            values = found.groupdict()
            if code == "usage.value":
                values["value"] = _value_text(values["value"], language)
            said = text(code, language, **values)
            break
    near = _near(error, message)
    if near:
        space = " " if language == "en" else ""
        said += space + text("usage.near", language, names=", ".join(near))
    path = context.command_path if context is not None else "crm-expenses"
    return said + "\n" + text("usage.see", language, command=f"{path} --help")


def _value_text(detail: str, language: Language) -> str:
    for pattern, code in _VALUES:
        found = pattern.fullmatch(detail)
        if found is not None:
            values = {name: value.replace("'", "") for name, value in found.groupdict().items()}
            return text(code, language, **values)
    return detail


def _near(error: "typer.TyperException", message: str) -> list[str]:
    """Give the names that typer takes for what was meant."""
    given: Sequence[str] | None = getattr(error, "possibilities", None)
    if given:
        return sorted(given)
    found = _NEAR.search(message)
    return re.findall(r"'(.*?)'", found["names"]) if found else []


def group_class(language: Language, default: str = "") -> Any:
    """Give the class of a group of commands whose help speaks a language.

    `default` is the command that is meant where the next word is none of its commands.
    """
    from typer.core import TyperGroup  # noqa: PLC0415  an extra

    class Group(TyperGroup):
        default_command = default

        def get_help(self, ctx: Any) -> str:
            return translated(super().get_help(ctx), language)

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            if default and (not args or args[0] not in (*self.commands, "--help")):
                args = [default, *args]
            with _placed(ctx):
                parsed: list[str] = super().parse_args(ctx, args)
                return parsed

    return Group


def command_class(language: Language) -> Any:
    """Give the class of a single command whose help speaks a language."""
    from typer.core import TyperArgument, TyperCommand  # noqa: PLC0415  an extra

    class Single(TyperCommand):
        def get_help(self, ctx: Any) -> str:
            for param in self.params:
                if isinstance(param, TyperArgument):
                    vars(param)["display_type_rich"] = _no_type
            return translated(super().get_help(ctx), language)

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            with _placed(ctx):
                parsed: list[str] = super().parse_args(ctx, args)
                return parsed

    return Single


def _no_type(ctx: Any) -> None:
    """Show no Python type beside an argument: a person reads what it is in its help."""


@contextmanager
def _placed(context: Any) -> Iterator[None]:
    """Let an error know of which command it is; for an option without a value typer does not."""
    from typer import TyperException  # noqa: PLC0415  an extra

    try:
        yield
    except TyperException as error:
        if getattr(error, "ctx", None) is None:
            vars(error)["ctx"] = context
        raise
