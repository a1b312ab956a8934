"""From the text of an expression to its typed tree.

The text is parsed with the standard `ast` module and then checked against a closed list of forms
(`checker.py`): nothing else gets through, so an expression can neither reach an attribute nor call
what is not in the list, and its size and depth are bounded before anything is parsed. Every problem
has the offset in the text where it stands.
"""

import ast
import re
import warnings
from typing import Final

from crm_expenses.rules.checker import DEPTH_MAX, Checker
from crm_expenses.rules.scope import BrokenParameterError, ExpressionError, Scope
from crm_expenses.rules.tree import MONEY_MAX, YES_NO, Node, Sort, Type
from crm_expenses.rules.units import adopt, certain, rescale, widest

__all__ = ["BrokenParameterError", "ExpressionError", "Scope", "certain", "parse"]

TEXT_MAX: Final = 2_000


def parse(
    text: str, scope: Scope, *, known: frozenset[str] = frozenset(), wanted: Type | None = None
) -> Node:
    """Turn a text into a typed tree.

    `known` are names that are certain to be present (a guard has seen to it). `wanted` is the type
    that the whole must have; a quantity is brought to its scale, if it has no more decimals.

    Raises:
        ExpressionError: with the offset of the problem.
        BrokenParameterError: it names a parameter that could not be read.

    >>> from crm_expenses.rules.catalogue import catalogue
    >>> scope = Scope(catalogue("CNY", ["meal"], {}), {})
    >>> str(parse("present(nights) and nights > 3", scope).type)
    'yes_no'
    """
    tree = _syntax(text)
    node = Checker(text, scope).check(tree, known, 0)
    return node if wanted is None else _fit(node, wanted)


def _syntax(text: str) -> ast.expr:
    if len(text) > TEXT_MAX:
        raise ExpressionError("expression.long", 0, length=str(len(text)), limit=str(TEXT_MAX))
    if not text.strip():
        raise ExpressionError("expression.empty", 0)
    start = len(text) - len(text.lstrip())
    if text.count("(") + text.count("[") > 5 * DEPTH_MAX:
        raise ExpressionError("expression.deep", start, limit=str(DEPTH_MAX))
    flat = text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return ast.parse(flat.strip(), mode="eval").body
    except SyntaxError as error:
        _signs(text)
        # offset 0 is the parser's word for the end of the text
        offset = start + error.offset - 1 if error.offset else len(text.rstrip())
        raise ExpressionError("expression.syntax", offset, near=_near(text, offset)) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("expression.syntax", start, near=_near(text, start)) from None


def _near(text: str, offset: int) -> str:
    """Give what stands at an offset, for a message."""
    return " ".join(text[offset : offset + 20].split()) or "…"


_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_FULL_WIDTH: Final = {
    **{chr(0xFF01 + n): chr(0x21 + n) for n in range(94)},
    "\u3000": " ",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "、": ",",
    "。": ".",
    "《": "<",
    "》": ">",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "×": "*",
    "−": "-",
    "–": "-",
}
_WORDS: Final = {
    "并且": "and",
    "且": "and",
    "和": "and",
    "或者": "or",
    "或": "or",
    "不是": "not",
    "非": "not",
    "&&": "and",
    "||": "or",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
}
_SLIPS: Final = (
    ("expression.date_bare", re.compile(r"\b[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\b", re.ASCII)),
    ("expression.clock_bare", re.compile(r"\b[0-9]{1,2}:[0-9]{2}\b", re.ASCII)),
    ("expression.percent", re.compile(r"[0-9]\s*%\s*(?=$|[)\],]|and\b|or\b)", re.ASCII)),
    ("expression.equals", re.compile(r"(?<![=!<>:])=(?!=)")),
)
"""What people write who know other languages; each has a better message than a parser gives."""


def _signs(text: str) -> None:
    """Tell of full-width signs, of words for `and`, and of dates and times without quotes."""
    bare = _QUOTED.sub(lambda found: " " * len(found.group()), text)
    for at, sign in enumerate(bare):
        if sign in _FULL_WIDTH:
            raise ExpressionError("expression.sign", at, sign=sign, instead=_FULL_WIDTH[sign])
    for word, instead in _WORDS.items():
        at = bare.find(word)
        whole = word.isascii() and word.isalpha()
        if whole:
            found = re.search(rf"\b{word}\b", bare)
            at = found.start() if found else -1
        if at >= 0:
            raise ExpressionError("expression.sign", at, sign=word, instead=instead)
    for code, slip in _SLIPS:
        match = slip.search(bare)
        if match:
            raise ExpressionError(code, match.start(), value=match.group().strip()[:40])


def _fit(node: Node, wanted: Type) -> Node:
    """Bring the whole to the type that its place demands."""
    if wanted.sort is not Sort.QUANTITY or node.type.sort is not Sort.QUANTITY:
        if node.type != wanted:
            given = {"wanted": str(wanted), "given": str(node.type)}
            code = "expression.no_condition" if wanted == YES_NO else "expression.wanted"
            raise ExpressionError(code, node.at, **given)
        return node
    node = adopt(node, wanted.dims)
    if node.type.dims != wanted.dims:
        raise ExpressionError(
            "expression.wanted", node.at, wanted=str(wanted), given=str(node.type)
        )
    if node.type.scale > wanted.scale:
        raise ExpressionError(
            "expression.round_first", node.at, places=str(node.type.scale), limit=str(wanted.scale)
        )
    node = rescale(node, wanted.scale)
    if max(abs(node.low), abs(node.high)) > MONEY_MAX:
        raise ExpressionError("expression.bounds", node.at, limit="10^15", **widest(node))
    return node
