"""What people were told, in words."""

from collections.abc import Mapping
from typing import Final

from crm_expenses.core.notice import Notice
from crm_expenses.messages import LANGUAGES, Language, table, text

CODED: Final = {"parts": "part.", "why": ""}
"""Values that are codes of texts, with commas between, and what leads the code in the tables."""


def notice_text(
    notice: Notice, language: Language, steps: Mapping[str, tuple[str, str]] | None = None
) -> str:
    """Say a notice in a language; `steps` are the titles of steps by their codes.

    >>> notice_text(Notice("P", "returned", "C-1"), "en")
    'C-1: it was returned to you.'
    """
    values = {"claim": notice.subject} | dict(notice.values)
    step = (steps or {}).get(values.get("step", ""), ("", ""))[LANGUAGES.index(language)]
    if step:
        values["step"] = step
    for name, start in CODED.items():
        if name in values:
            values[name] = _said(values, name, start, language)
    return text(f"notice.{notice.code}", language, **values)


def _said(values: Mapping[str, str], name: str, start: str, language: Language) -> str:
    said = (f"{start}{code}" for code in values[name].split(", "))
    between = text("prose.comma", language)
    return between.join(
        text(code, language, **values) if code in table() else code.removeprefix(start)
        for code in said
    )
