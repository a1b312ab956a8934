"""The query language, a part of it: text to a tree, or a refusal.

    select COLUMN, LOOKUP.COLUMN from MODULE where CONDITION
    [order by COLUMN [asc|desc], ...] [limit OFFSET, COUNT | limit COUNT [offset OFFSET]]

A condition compares a column with literals; two of them are joined by `and` or `or`, and more than
two are nested in pairs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from crm_expenses.testing.zohosim.refusal import RefusalError

ROWS_UNSAID: Final = 200
COLUMNS_MAX: Final = 50
ORDERS_MAX: Final = 10
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<number>-?[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<name>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)|(?P<sign>!=|<>|>=|<=|=|>|<|\(|\)|,|\*))",
    re.ASCII,
)
_TOKEN_PLAIN: Final = re.compile(_TOKEN.pattern.replace(r"(?:[^'\\]|\\.)*", r"[^']*"), re.ASCII)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_SIGNS: Final = ("=", "!=", ">", ">=", "<", "<=")
_CLAUSES: Final = {"select", "from", "where", "order", "group", "by", "limit", "offset"}
_OPERATORS: Final = {"and", "or", "in", "not", "between", "is", "null", "like"}
_KEYWORDS: Final = frozenset(_CLAUSES | _OPERATORS)

Literal = str | int | Decimal | bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column against literals; `operator` is like `=`, `not in`, `is null`."""

    column: str
    operator: str
    values: tuple[Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """Two conditions, with `and` or `or` between them."""

    left: "Condition"
    operator: str
    right: "Condition"


Condition = Comparison | Joined


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read."""

    columns: tuple[str, ...]
    module: str
    condition: Condition
    orders: tuple[tuple[str, str], ...]
    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "name" else ""


def parse(text: str, *, nested_pairs: bool = True, backslash: bool = True) -> Query:
    """Read a query.

    >>> parse("select id from Deals where Stage = 'Won' limit 10").limit
    10

    Raises:
        RefusalError: it is none of this language, or of this part of it.
    """
    reader = _Reader(_tokens(text, backslash=backslash), nested_pairs, backslash)
    return reader.query()


def _tokens(text: str, *, backslash: bool) -> list[_Token]:
    made: list[_Token] = []
    at = 0
    pattern = _TOKEN if backslash else _TOKEN_PLAIN
    end = len(text.rstrip())
    while at < end:
        found = pattern.match(text, at)
        if found is None or found.lastgroup is None:
            raise syntax(text[at : at + 20])
        made.append(_Token(found.lastgroup, found[found.lastgroup], at))
        at = found.end()
    return made


def syntax(near: str) -> RefusalError:
    """Refuse a query that cannot be read."""
    return RefusalError("SYNTAX_ERROR", f"error occurred near {near}", {"near": near})


def bad_column(name: str, reason: str = "column given seems to be invalid") -> RefusalError:
    """Refuse a query for one of its columns."""
    details = {"column_name": name, "reason": reason}
    return RefusalError("INVALID_QUERY", "invalid query formed", details)


def over(name: str, limit: int) -> RefusalError:
    """Refuse a query for what it has too much of."""
    return RefusalError(
        "LIMIT_EXCEEDED", f"{name} limit exceeded", {"limit": limit, "clause": name}
    )


class _Reader:
    def __init__(self, tokens: Sequence[_Token], nested_pairs: object, backslash: object) -> None:
        self._tokens = tokens
        self._at = 0
        self._nested_pairs = bool(nested_pairs)
        self._backslash = bool(backslash)

    def query(self) -> Query:
        self._expect("select")
        columns = [self._name()]
        while self._takes(","):
            columns.append(self._name())
        self._expect("from")
        module = self._name()
        if "." in module:
            raise syntax(module)
        if not self._takes("where"):
            raise RefusalError("SYNTAX_ERROR", "missing clause", {"clause": "where"})
        condition = self._condition()
        orders = self._orders()
        offset, limit = self._limit()
        if self._at < len(self._tokens):
            raise syntax(self._tokens[self._at].text)
        if len(columns) > COLUMNS_MAX:
            raise over("select", COLUMNS_MAX)
        if len(set(columns)) < len(columns):
            raise bad_column(max(columns, key=columns.count), "duplicate columns")
        if len(orders) > ORDERS_MAX:
            raise over("order by", ORDERS_MAX)
        return Query(tuple(columns), module, condition, tuple(orders), offset, limit)

    def _peek(self) -> _Token:
        if self._at < len(self._tokens):
            return self._tokens[self._at]
        return _Token("end", "", -1)

    def _next(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _takes(self, what: str) -> bool:
        token = self._peek()
        if token.word == what or (token.kind == "sign" and token.text == what):
            self._at += 1
            return True
        return False

    def _expect(self, what: str) -> None:
        if not self._takes(what):
            raise syntax(self._peek().text or what)

    def _name(self) -> str:
        token = self._next()
        if token.kind != "name" or token.word in _KEYWORDS:
            raise syntax(token.text)
        return token.text

    def _condition(self) -> Condition:
        left = self._term()
        joined = 0
        while (word := self._peek().word) in {"and", "or"}:
            joined += 1
            if joined > 1 and self._nested_pairs:
                raise syntax(self._peek().text)
            self._at += 1
            left = Joined(left, word, self._term())
        return left

    def _term(self) -> Condition:
        if self._takes("("):
            held = self._condition()
            self._expect(")")
            return held
        return self._comparison()

    def _comparison(self) -> Comparison:
        column = self._name()
        if self._takes("is"):
            negated = "not " if self._takes("not") else ""
            self._expect("null")
            return Comparison(column, f"is {negated}null")
        negated = "not " if self._takes("not") else ""
        if self._takes("in"):
            return Comparison(column, f"{negated}in", self._listed())
        if self._takes("between"):
            low = self._literal()
            self._expect("and")
            return Comparison(column, f"{negated}between", (low, self._literal()))
        if self._takes("like"):
            return Comparison(column, f"{negated}like", (self._literal(),))
        token = self._next()
        sign = "!=" if token.text == "<>" else token.text
        if negated or sign not in _SIGNS:
            raise syntax(token.text or column)
        return Comparison(column, sign, (self._literal(),))

    def _listed(self) -> tuple[Literal, ...]:
        self._expect("(")
        held = [self._literal()]
        while self._takes(","):
            held.append(self._literal())
        self._expect(")")
        return tuple(held)

    def _literal(self) -> Literal:
        token = self._next()
        if token.kind == "text":
            inner = token.text[1:-1]
            return _ESCAPE.sub(r"\1", inner) if self._backslash else inner
        if token.kind == "number":
            return Decimal(token.text) if "." in token.text else int(token.text)
        if token.word in {"true", "false"}:
            return token.word == "true"
        raise syntax(token.text)

    def _orders(self) -> list[tuple[str, str]]:
        if not self._takes("order"):
            return []
        self._expect("by")
        made: list[tuple[str, str]] = []
        while True:
            name = self._name()
            order = "desc" if self._takes("desc") else "asc"
            if order == "asc":
                self._takes("asc")
            made.append((name, order))
            if not self._takes(","):
                return made

    def _limit(self) -> tuple[int, int]:
        if not self._takes("limit"):
            return 0, ROWS_UNSAID
        first = self._count()
        if self._takes(","):
            return first, self._count()
        return (self._count() if self._takes("offset") else 0), first

    def _count(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdecimal():
            raise syntax(token.text)
        return int(token.text)
