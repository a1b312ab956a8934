"""The shape of a text as a regular expression that every dialect reads alike."""

from typing import Final

from crm_expenses.rules.shape import pieces_of
from crm_expenses.rules.sql.dialect import Dialect

_CLASSES: Final = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]", "*": "."}
_FORMS: Final = {
    "duckdb": "(?s){0}",
    "postgres": "^(?:{0})$",
    "spark": r"(?s)\A(?:{0})\z",
    "snowflake": "{0}",
    "bigquery": r"(?s)\A(?:{0})\z",
}
"""How the pattern is bound to the whole text; the dot takes every sign in each of them."""


def pattern_of(shape: str, dialect: Dialect) -> str:
    """Give the literal of the regular expression of a shape.

    >>> from crm_expenses.rules.sql.dialect import DUCKDB
    >>> pattern_of("9{2,3}-A", DUCKDB)
    "'(?s)[0-9]{2,3}[-][A-Z]'"
    """
    text = ""
    for piece in pieces_of(shape):
        text += _CLASSES[piece.sign] if piece.is_class else _plain(piece.sign)
        text += f"{{{piece.least},{piece.most}}}" if (piece.least, piece.most) != (1, 1) else ""
    return dialect.text(_FORMS[dialect.name].replace("{0}", text))


def length_of(shape: str) -> int | None:
    """Give the length of all texts of a shape; None where they differ.

    >>> length_of("9{8}-A"), length_of("9{1,3}")
    (10, None)
    """
    pieces = pieces_of(shape)
    if any(piece.least != piece.most for piece in pieces):
        return None
    return sum(piece.least for piece in pieces)


def _plain(sign: str) -> str:
    if sign.isalnum() or sign.isspace() or not sign.isascii():
        return sign
    return f"[{sign}]" if sign not in r"\^[]" else "\\" + sign
