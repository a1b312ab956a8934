"""Help pages and usage errors in the reader's language.

typer writes its own few words in English only: they are replaced where it puts them together.
"""

import re
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
)

_ERRORS: Final = (
    (re.compile(r"No such command '(?P<value>.*?)'\.?"), "usage.no_command"),
    (re.compile(r"No such option: (?P<value>\S+)"), "usage.no_option"),
    (re.compile(r"Missing \w+ '?(?P<value>.*?)'?\.(?: .*)?"), "usage.missing"),
    (re.compile(r"Option '(?P<value>.*?)' requires an argument\."), "usage.no_value"),
    (re.compile(r"Option '(?P<value>.*?)' does not take a value\."), "usage.no_value_taken"),
    (re.compile(r"Got unexpected extra arguments? \((?P<value>.*)\)"), "usage.extra"),
    (
        re.compile(r"Invalid value for (?P<name>.*?): (?P<value>.*)", re.DOTALL),
        "usage.value",
    ),
)


def translated(page: str, language: Language) -> str:
    """Replace typer's own words in a help page.

    >>> translated("Usage: crm-expenses [OPTIONS]", "zh")
    '用法：crm-expenses [OPTIONS]'
    """
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
            said = text(code, language, **found.groupdict())
            break
    near = getattr(error, "possibilities", None)
    if near:
        said += " " + text("usage.near", language, names=", ".join(sorted(near)))
    path = context.command_path if context is not None else "crm-expenses"
    return said + "\n" + text("usage.see", language, command=f"{path} --help")


def group_class(language: Language) -> Any:
    """Give the class of a group of commands whose help speaks a language."""
    from typer.core import TyperGroup  # noqa: PLC0415  an extra

    class Group(TyperGroup):
        def get_help(self, ctx: Any) -> str:
            return translated(super().get_help(ctx), language)

    return Group


def command_class(language: Language) -> Any:
    """Give the class of a single command whose help speaks a language."""
    from typer.core import TyperCommand  # noqa: PLC0415  an extra

    class Single(TyperCommand):
        def get_help(self, ctx: Any) -> str:
            return translated(super().get_help(ctx), language)

    return Single
