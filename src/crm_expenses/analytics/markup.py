"""Parts of a page in both languages: the style shows one of the two, and foreign text is inert.

A page asks for nothing from outside, says so in its content security policy, and names its style
and its script by digest.
"""

import base64
import hashlib
import os
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crm_expenses.analytics.bars import SHADES
from crm_expenses.analytics.figures import Label
from crm_expenses.analytics.numerals import clean
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES, Language, fill, table

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TAGS: Final[dict[Language, str]] = {"en": "en", "zh": "zh-CN"}


def environment() -> "Environment":
    """Give what renders templates: everything escaped and cleaned, no name left undefined.

    Raises:
        ConfigError: the packages of the extra `report` are not installed.
    """
    try:
        import jinja2  # noqa: PLC0415  an extra, needed only here
    except ImportError as error:
        raise ConfigError("extra.missing", package="jinja2", extra="report") from error
    return jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalize,
    )


def parts(style: str = "") -> dict[str, Any]:
    """Give what every template reads; `style` comes after that of all pages."""
    own = files("crm_expenses.analytics")
    whole = own.joinpath("report.css").read_text("utf-8") + shade_rules() + style
    script = own.joinpath("report.js").read_text("utf-8")
    return {
        "tags": TAGS,
        "style": markup(whole),
        "script": markup(script),
        "style_digest": digest(whole),
        "script_digest": digest(script),
        "t": both,
        "bdi": bdi,
        "day": day,
        "name": label,
    }


def both(code: str, **values: str) -> "Markup":
    """Give a text in both languages, one of which the style hides."""
    made = []
    for language, template in zip(LANGUAGES, table()[code], strict=True):
        filled = fill(template, {name: escaped(value) for name, value in values.items()})
        made.append(f'<span class="{language}" lang="{TAGS[language]}">{filled}</span>')
    return markup("".join(made))


def label(of: Label) -> "Markup":
    """Give a foreign text that may differ by language."""
    if of.en == of.zh:
        return bdi(of.en)
    return markup(
        "".join(
            f'<span class="{one}" lang="{TAGS[one]}"><bdi>{escaped(of.of(one))}</bdi></span>'
            for one in LANGUAGES
        )
    )


def bdi(foreign: str) -> "Markup":
    """Set a foreign text apart, so that its direction of writing ends with it."""
    return markup(f"<bdi>{escaped(foreign)}</bdi>")


def day(of: date) -> "Markup":
    """Write a day, never broken."""
    return markup(f'<span class="date">{of.isoformat()}</span>')


def escaped(value: str) -> str:
    """Escape a value, unless it is markup that we made."""
    from markupsafe import escape  # noqa: PLC0415  comes with jinja2

    return str(escape(finalize(value)))


def markup(safe: str) -> "Markup":
    """Say that a text is markup: every part of it is ours, or went through `escaped`."""
    from markupsafe import Markup  # noqa: PLC0415  comes with jinja2

    return Markup(safe)  # noqa: S704


def finalize(value: object) -> object:
    """Clean each text that goes into the page; markup of ours is left as it is."""
    return clean(value) if type(value) is str else value


def shade_rules() -> str:
    """Give the colours of a legend's keys."""
    return "".join(
        f".key.{shade} {{ background: {fill_}; border-color: {line}; }}\n"
        for shade, (fill_, line) in SHADES.items()
    )


def digest(content: str) -> str:
    """Give a digest as a content security policy names it."""
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def write_page(page: str, path: Path) -> bool:
    """Write a page when it differs from what stands there; say whether it did.

    It is written beside its place and moved there, so that nobody ever reads half a page. The name
    beside is always the same: what a killed run leaves there, the next run takes away.
    """
    content = page.encode()
    beside = path.with_name(f".{path.name}.part")
    beside.unlink(missing_ok=True)
    if path.is_file() and path.read_bytes() == content:
        return False
    with beside.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)
    return True
