"""Texts of a draft: quoted for TOML, on one line, with braces that are no placeholders. Pure."""

import json
from typing import Final

LINE_MAX: Final = 500


def braces(value: str) -> str:
    """Keep braces from being read as a template's.

    >>> braces("a{b}")
    'a{{b}}'
    """
    return value.replace("{", "{{").replace("}", "}}")


def quoted(value: str) -> str:
    r"""Write a text as TOML.

    >>> print(quoted('a "b"'))
    "a \"b\""
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def one_line(value: str) -> str:
    r"""Keep what comes from outside on the line of its comment.

    >>> one_line("a\nb = 1")
    'a b = 1'
    """
    shown = "".join(sign if sign.isprintable() else " " for sign in value)
    return shown if len(shown) <= LINE_MAX else f"{shown[:LINE_MAX]}…"


def table_lines(inline: str) -> list[str]:
    """Write an inline table of ours as lines; only commas between its own keys part it.

    >>> table_lines('{ a = "x, y", b = { c = 1, d = 2 } }')
    ['a = "x, y"', 'b = { c = 1, d = 2 }']
    """
    lines, depth, in_quotes, line = list[str](), 0, False, ""
    for at, sign in enumerate(inline[1:-1]):
        in_quotes ^= sign == '"' and inline[at] != "\\"
        depth += 0 if in_quotes else (sign in "{[") - (sign in "}]")
        if sign == "," and not in_quotes and not depth:
            lines.append(line.strip())
            line = ""
        else:
            line += sign
    return [one for one in (*lines, line.strip()) if one]
