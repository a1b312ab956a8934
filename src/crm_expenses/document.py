"""A document of headings, paragraphs, lists and tables; written as HTML, Markdown or plain text.

What a document says comes partly from a policy file, and so from outside: every text is escaped
for the form that it is written in, and markup exists only as the closed list of blocks below.
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Final

from crm_expenses.messages import Language

TAGS: Final[dict[Language, str]] = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text: plain, a `code`, a `chip` (a short mark), or a link to an anchor."""

    text: str
    look: str = ""
    to: str = ""


Inline = str | Span | tuple[str | Span, ...]
"""What stands in a paragraph, an item or a cell."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a level from 1 to 4; `anchor` is what links lead to."""

    level: int
    text: Inline
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; its look is empty, `note` or `about`."""

    text: Inline
    look: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list, with the items below it."""

    text: Inline
    items: tuple["Item", ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; its look is empty, `contents`, or `steps`: things in their order."""

    items: tuple[Item, ...]
    look: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: headings, rows of as many cells, and a caption. `numbers` are columns of figures.

    The first cell of a row names the row. `label` says what the table is to whoever cannot see it.
    """

    head: tuple[Inline, ...]
    rows: tuple[tuple[Inline, ...], ...]
    caption: str = ""
    numbers: frozenset[int] = frozenset()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """Blocks that belong together, set apart from the rest."""

    blocks: tuple["Block", ...]
    anchor: str = ""


Block = Heading | Paragraph | Listing | Table | Card


@dataclass(frozen=True, slots=True)
class Document:
    """A document in one language."""

    title: str
    language: Language
    blocks: tuple[Block, ...]


def clean(text: str) -> str:
    r"""Leave out what could turn a line around or move a terminal; white space becomes a blank.

    >>> clean("a\x00b\u202ec\nd")
    'abc d'
    """
    if text.isprintable():
        return text
    kept = (" " if c in "\t\r\n" else c for c in text)
    return "".join(c for c in kept if c not in _TURNS and unicodedata.category(c) not in _UNSEEN)


_UNSEEN: Final = ("Cc", "Cs", "Zl", "Zp")
_TURNS: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def spans(text: Inline) -> tuple[Span, ...]:
    """Give what stands in a line as stretches."""
    parts = text if isinstance(text, tuple) else (text,)
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def anchor_of(*words: str) -> str:
    """Make an anchor of words: what no anchor may hold becomes a hyphen.

    >>> anchor_of("rule", "lodging.cap")
    'rule-lodging.cap'
    """
    return "-".join(re.sub(r"[^A-Za-z0-9_.]+", "-", word) for word in words)


# HTML


def html(documents: Sequence[Document]) -> str:
    """Write a page that needs nothing from outside; two languages share one page with a switch.

    The same documents give the same bytes. The page forbids itself every address, and names its
    one style sheet by digest.
    """
    first = documents[0]
    style = files("crm_expenses").joinpath("document.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{TAGS[first.language]}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_escaped(first.title)}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
    ]
    if len(documents) > 1:
        lines += _switch(documents)
    lines.append('<div class="page">')
    if len(documents) > 1:
        lines += _labels(documents)
    for number, document in enumerate(documents):
        lead = f"{document.language}-" if number else ""
        tag = TAGS[document.language]
        lines.append(f'<main class="{document.language}" lang="{tag}">')
        for block in document.blocks:
            lines += _html_block(block, lead)
        lines.append("</main>")
    lines += ["</div>", "</body>", "</html>", ""]
    return "\n".join(lines)


_NAMES: Final[dict[Language, str]] = {"en": "English", "zh": "中文"}


def _switch(documents: Sequence[Document]) -> Iterator[str]:
    for number, document in enumerate(documents):
        checked = "" if number else " checked"
        ident = f"lang-{document.language}"
        yield (
            f'<input class="pick" type="radio" name="language" id="{ident}" '
            f'autocomplete="off" aria-label="{_NAMES[document.language]}"{checked}>'
        )


def _labels(documents: Sequence[Document]) -> Iterator[str]:
    labels = (
        f'<label for="lang-{of.language}" lang="{TAGS[of.language]}">{_NAMES[of.language]}</label>'
        for of in documents
    )
    yield f'<div class="switch">{"".join(labels)}</div>'


def _html_block(block: Block, lead: str) -> Iterator[str]:
    match block:
        case Heading():
            ident = f' id="{_escaped(lead + block.anchor)}"' if block.anchor else ""
            yield f"<h{block.level}{ident}>{_html_line(block.text, lead)}</h{block.level}>"
        case Paragraph():
            look = f' class="{block.look}"' if block.look else ""
            yield f"<p{look}>{_html_line(block.text, lead)}</p>"
        case Listing():
            if block.look == "contents":
                yield '<nav class="contents">'
            yield from _html_items(block.items, lead, "ol" if block.look == "steps" else "ul")
            if block.look == "contents":
                yield "</nav>"
        case Table():
            yield from _html_table(block, lead)
        case Card():
            ident = f' id="{_escaped(lead + block.anchor)}"' if block.anchor else ""
            yield f'<section class="card"{ident}>'
            for inner in block.blocks:
                yield from _html_block(inner, lead)
            yield "</section>"


def _html_items(items: Sequence[Item], lead: str, tag: str = "ul") -> Iterator[str]:
    yield f"<{tag}>"
    for item in items:
        if item.items:
            yield f"<li>{_html_line(item.text, lead)}"
            yield from _html_items(item.items, lead)
            yield "</li>"
        else:
            yield f"<li>{_html_line(item.text, lead)}</li>"
    yield f"</{tag}>"


def _html_table(table: Table, lead: str) -> Iterator[str]:
    label = _escaped(table.caption or table.label)
    region = f' role="region" aria-label="{label}"' if label else ""
    yield f'<div class="scroll" tabindex="0"{region}>'
    yield "<table>"
    if table.caption:
        yield f"<caption><span>{_escaped(table.caption)}</span></caption>"

    def cell(tag: str, column: int, text: Inline, more: str = "") -> str:
        number = ' class="num"' if column in table.numbers else ""
        return f"<{tag}{more}{number}>{_html_line(text, lead)}</{tag}>"

    head = "".join(cell("th", n, text, ' scope="col"') for n, text in enumerate(table.head))
    yield f"<thead><tr>{head}</tr></thead>"
    yield "<tbody>"
    for row in table.rows:
        first = cell("th", 0, row[0], ' scope="row"')
        yield f"<tr>{first}" + "".join(cell("td", n, row[n]) for n in range(1, len(row))) + "</tr>"
    yield "</tbody>"
    yield "</table>"
    yield "</div>"


def _html_line(text: Inline, lead: str) -> str:
    return "".join(_html_span(span, lead) for span in spans(text))


def _html_span(span: Span, lead: str) -> str:
    inner = f"<bdi>{_escaped(span.text)}</bdi>" if span.look == "foreign" else _escaped(span.text)
    if span.look == "code":
        inner = f"<code>{inner}</code>"
    elif span.look and span.look != "foreign":
        inner = f'<span class="{_escaped(span.look)}">{inner}</span>'
    return f'<a href="#{_escaped(lead + span.to)}">{inner}</a>' if span.to else inner


def _escaped(text: str) -> str:
    return escape(clean(text), quote=True)


# Markdown


def markdown(documents: Sequence[Document]) -> str:
    """Write Markdown, one document behind the other; links lead within the page."""
    parts = []
    for number, document in enumerate(documents):
        lead = f"{document.language}-" if number else ""
        lines = [line for block in document.blocks for line in _md_block(block, lead)]
        parts.append(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n")
    return "\n---\n\n".join(parts)


def _md_block(block: Block, lead: str) -> Iterator[str]:
    match block:
        case Heading():
            if block.anchor:
                yield f'<a id="{_escaped(lead + block.anchor)}"></a>'
                yield ""
            yield "#" * block.level + " " + _md_line(block.text, lead)
            yield ""
        case Paragraph():
            yield _md_line(block.text, lead)
            yield ""
        case Listing():
            yield from _md_items(block.items, lead, 0, "1." if block.look == "steps" else "-")
            yield ""
        case Table():
            yield from _md_table(block, lead)
        case Card():
            if block.anchor:
                yield f'<a id="{_escaped(lead + block.anchor)}"></a>'
                yield ""
            for inner in block.blocks:
                yield from _md_block(inner, lead)


def _md_items(items: Sequence[Item], lead: str, depth: int, mark: str = "-") -> Iterator[str]:
    for item in items:
        yield " " * depth + f"{mark} " + _md_line(item.text, lead)
        yield from _md_items(item.items, lead, depth + len(mark) + 1)


def _md_table(table: Table, lead: str) -> Iterator[str]:
    if table.caption:
        yield f"*{_md_text(table.caption)}*"
        yield ""
    yield "| " + " | ".join(_md_line(cell, lead) for cell in table.head) + " |"
    rules = ("---:" if n in table.numbers else "---" for n in range(len(table.head)))
    yield "| " + " | ".join(rules) + " |"
    for row in table.rows:
        yield "| " + " | ".join(_md_line(cell, lead) for cell in row) + " |"
    yield ""


def _md_line(text: Inline, lead: str) -> str:
    return "".join(_md_span(span, lead) for span in spans(text))


def _md_span(span: Span, lead: str) -> str:
    if span.look == "code":
        inner = _md_code(span.text)
    else:
        inner = _md_text(span.text)
        inner = f"**{inner}**" if span.look.startswith("chip") and inner else inner
    return f"[{inner}](#{lead + span.to})" if span.to else inner


_MD_SIGNS: Final = re.compile(r"([\\`*_\[\]<>|#~])")
_MD_ADDRESS: Final = re.compile(r"(?i)(?<=\w)(?=://)|(?<=\bwww)(?=\.)|(?<=\w)(?=@\w)")
"""Where a reader of Markdown would make a link of plain text."""

_MD_START: Final = re.compile(r"^(\s*)([-+]|\d+[.)])(\s)")


def _md_text(text: str) -> str:
    r"""Escape a text for Markdown.

    >>> _md_text("a*b | <i>"), _md_text("- 1"), _md_text("see https://a.b")
    ('a\\*b \\| \\<i\\>', '\\- 1', 'see https\\://a.b')
    """
    escaped = _MD_SIGNS.sub(r"\\\1", clean(text).replace("&", "&amp;"))
    escaped = _MD_ADDRESS.sub(r"\\", escaped)
    return _MD_START.sub(r"\1\\\2\3", escaped)


def _md_code(text: str) -> str:
    plain = clean(text).replace("`", "'").replace("|", "\\|")
    return f"`{plain}`"


# Plain text


def plain_text(document: Document) -> str:
    """Write a document as plain text for a terminal."""
    lines = [line for block in document.blocks for line in _text_block(block)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _text_block(block: Block) -> Iterable[str]:
    match block:
        case Heading():
            text = _text_line(block.text)
            yield ""
            yield text
            if block.level <= 2:
                yield "-" * sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
        case Paragraph():
            yield _text_line(block.text)
        case Listing():
            yield from _text_items(block.items, 0, is_numbered=block.look == "steps")
        case Table():
            if block.caption:
                yield block.caption
            for row in block.rows:
                pairs = zip(block.head, row, strict=True)
                cells = [(_text_line(head), _text_line(cell)) for head, cell in pairs]
                yield "  " + " · ".join(f"{head} {cell}".strip() for head, cell in cells if cell)
        case Card():
            for inner in block.blocks:
                yield from _text_block(inner)


def _text_items(items: Sequence[Item], depth: int, *, is_numbered: bool = False) -> Iterator[str]:
    for number, item in enumerate(items, start=1):
        mark = f"{number}." if is_numbered else "-"
        yield "  " * depth + f"{mark} " + _text_line(item.text)
        yield from _text_items(item.items, depth + 1)


def _text_line(text: Inline) -> str:
    return "".join(
        f"[{clean(span.text)}]" if span.look.startswith("chip") else clean(span.text)
        for span in spans(text)
    )
