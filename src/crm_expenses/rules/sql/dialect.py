"""The closed list of what the SQL reading can emit, and how each dialect writes it.

Beside these functions only the words of standard SQL are used that `citations.STANDARD` lists:
SELECT, joins, CASE, comparisons, COALESCE, LEAST, GREATEST, sums, and sums over windows.
`docs/reference/sql-functions.md` cites the vendor's documentation of each function for the engines
that our tests cannot run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from crm_expenses.rules.sql.schema import Kind


class Fn(StrEnum):
    """The closed list of functions."""

    TRUNCATED = "truncated"  # quotient of whole numbers toward zero
    REMAINDER = "remainder"  # its remainder, with the sign of the dividend
    TRUNCATED_WIDE = "truncated_wide"  # the same of wide numbers, as a whole number
    REMAINDER_WIDE = "remainder_wide"
    LENGTH = "length"  # characters of a text
    MATCHES = "matches"  # whether a whole text has a form
    SUBSTRING = "substring"  # text, first character from 1, length
    CONCAT = "concat"
    ORDERED = "ordered"  # a text in the order of its code points
    DAYS = "days"  # days from the first date to the second
    ADD_DAYS = "add_days"
    YEAR = "year"
    MONTH = "month"
    DAY_OF_MONTH = "day_of_month"
    FIRST_OF_MONTH = "first_of_month"  # date from year and month
    DATE_OF = "date_of"  # date of a moment
    MICROSECONDS = "microseconds"  # of a moment since 1970
    PLACE = "place"  # of a text in a constant list, from 1; 0 where it is not there
    LIST_AT = "list_at"  # element of a constant list, from 0; NULL outside of it
    STOP = "stop"  # an error with a text, in the place of a whole number


@dataclass(frozen=True, slots=True)
class Dialect:
    """One engine's words: its name, types, functions, and how it writes texts."""

    name: str
    types: Mapping[Kind, str]
    wide: str
    functions: Mapping[Fn, str]
    is_backslash_special: bool
    long_suffix: str = ""
    has_truncating_aggregates: bool = False

    def __call__(self, function: Fn, *args: str) -> str:
        """Write a call."""
        return self.functions[function].format(*args)

    def text(self, value: str) -> str:
        r"""Write a text as a literal that stands on one line: queries are moved to the right.

        >>> SPARK.text("it's"), DUCKDB.text("it's")
        ("'it\\'s'", "'it''s'")
        >>> print(DUCKDB.text("two\nlines"))
        E'two\nlines'
        """
        is_special = any(sign in value for sign in "\n\r\\")  # whoever reads a query finds its end
        if self.is_backslash_special or is_special:
            value = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        if self.is_backslash_special:
            return "'" + value.replace("'", "\\'") + "'"
        return ("E'" if is_special else "'") + value.replace("'", "''") + "'"

    def whole(self, value: int) -> str:
        """Write a whole number that stands beside another of 64 bits."""
        return str(value) if value >= 0 else f"({value})"

    def long(self, value: int) -> str:
        """Write a whole number as one of 64 bits.

        >>> DUCKDB.long(5), SPARK.long(-5), BIGQUERY.long(5)
        ('5::BIGINT', '(-5L)', '5')
        """
        written = f"{value}{self.long_suffix}"
        return written if value >= 0 else f"({written})"

    def day(self, value: date) -> str:
        """Write a date."""
        return f"DATE '{value.isoformat()}'"

    def null(self, kind: Kind) -> str:
        """Write a missing value of a type."""
        return f"CAST(NULL AS {self.types[kind]})"

    def cast(self, text: str, kind: Kind) -> str:
        """Write a change of type that cannot fail where it is reached."""
        return f"CAST({text} AS {self.types[kind]})"

    def widened(self, text: str) -> str:
        """Write a whole number of 38 digits."""
        return f"CAST({text} AS {self.wide})"

    def place(self, words: Sequence[str], text: str) -> str:
        """Write the place of a text among words, from 1; 0 where it is none of them."""
        listed = [self.text(word) for word in words]
        cases = " ".join(f"WHEN {word} THEN {n}" for n, word in enumerate(listed, start=1))
        return self(Fn.PLACE, cases, text, ", ".join(listed))

    def list_at(self, values: Sequence[str], index: str, kind: Kind) -> str:
        """Write the element of a constant list; NULL where the index is NULL or outside."""
        return self(Fn.LIST_AT, ", ".join(values), index, self.types[kind], str(len(values)))


_WHOLE: Final = "BIGINT"

DUCKDB: Final = Dialect(
    "duckdb",
    {
        Kind.TEXT: "VARCHAR",
        Kind.WHOLE: _WHOLE,
        Kind.DECIMAL: "DECIMAL(28, 9)",
        Kind.DAY: "DATE",
        Kind.MOMENT: "TIMESTAMP",
        Kind.YES_NO: "BOOLEAN",
    },
    "HUGEINT",
    {
        Fn.TRUNCATED: "({0} // {1})",
        Fn.REMAINDER: "({0} % {1})",
        Fn.TRUNCATED_WIDE: "CAST({0} // {1} AS BIGINT)",
        Fn.REMAINDER_WIDE: "({0} % {1})",
        Fn.LENGTH: "length({0})",
        Fn.MATCHES: "regexp_full_match({0}, {1})",
        Fn.SUBSTRING: "substring({0}, {1}, {2})",
        Fn.CONCAT: "({0} || {1})",
        Fn.ORDERED: "{0}",
        Fn.DAYS: "({1} - {0})",
        Fn.ADD_DAYS: "({0} + CAST({1} AS INTEGER))",
        Fn.YEAR: "CAST(EXTRACT(YEAR FROM {0}) AS BIGINT)",
        Fn.MONTH: "CAST(EXTRACT(MONTH FROM {0}) AS BIGINT)",
        Fn.DAY_OF_MONTH: "CAST(EXTRACT(DAY FROM {0}) AS BIGINT)",
        Fn.FIRST_OF_MONTH: "make_date({0}, {1}, 1)",
        Fn.DATE_OF: "CAST({0} AS DATE)",
        Fn.MICROSECONDS: "epoch_us({0})",
        Fn.PLACE: "COALESCE(list_position([{2}], {1}), 0)",
        Fn.LIST_AT: "list_extract([{0}], {1} + 1)",
        Fn.STOP: "CAST(error({0}) AS BIGINT)",
    },
    is_backslash_special=False,
    long_suffix="::BIGINT",
)
POSTGRES: Final = Dialect(
    "postgres",
    {
        Kind.TEXT: "TEXT",
        Kind.WHOLE: _WHOLE,
        Kind.DECIMAL: "NUMERIC(28, 9)",
        Kind.DAY: "DATE",
        Kind.MOMENT: "TIMESTAMP",
        Kind.YES_NO: "BOOLEAN",
    },
    "NUMERIC(38, 0)",
    {
        Fn.TRUNCATED: "({0} / {1})",
        Fn.REMAINDER: "({0} % {1})",
        Fn.TRUNCATED_WIDE: "CAST(div({0}, {1}) AS BIGINT)",
        Fn.REMAINDER_WIDE: "mod({0}, {1})",
        Fn.LENGTH: "char_length({0})",
        Fn.MATCHES: "({0} ~ {1})",
        Fn.SUBSTRING: "substring({0} FROM {1} FOR {2})",
        Fn.CONCAT: "({0} || {1})",
        Fn.ORDERED: '({0} COLLATE "C")',
        Fn.DAYS: "CAST({1} - {0} AS BIGINT)",
        Fn.ADD_DAYS: "({0} + CAST({1} AS INTEGER))",
        Fn.YEAR: "CAST(EXTRACT(YEAR FROM {0}) AS BIGINT)",
        Fn.MONTH: "CAST(EXTRACT(MONTH FROM {0}) AS BIGINT)",
        Fn.DAY_OF_MONTH: "CAST(EXTRACT(DAY FROM {0}) AS BIGINT)",
        Fn.FIRST_OF_MONTH: "make_date(CAST({0} AS INTEGER), CAST({1} AS INTEGER), 1)",
        Fn.DATE_OF: "CAST({0} AS DATE)",
        Fn.MICROSECONDS: "CAST(EXTRACT(EPOCH FROM {0}) * 1000000 AS BIGINT)",
        Fn.PLACE: "(CASE {1} {0} ELSE 0 END)",
        Fn.LIST_AT: "(CAST(ARRAY[{0}] AS {2}[]))[CAST({1} AS INTEGER) + 1]",
        Fn.STOP: "CAST(CONCAT('', {0}) AS BIGINT)",
    },
    is_backslash_special=False,
    long_suffix="::BIGINT",
)
SPARK: Final = Dialect(
    "spark",
    {
        Kind.TEXT: "STRING",
        Kind.WHOLE: _WHOLE,
        Kind.DECIMAL: "DECIMAL(28, 9)",
        Kind.DAY: "DATE",
        Kind.MOMENT: "TIMESTAMP_NTZ",
        Kind.YES_NO: "BOOLEAN",
    },
    "DECIMAL(38, 0)",
    {
        Fn.TRUNCATED: "({0} div {1})",
        Fn.REMAINDER: "({0} % {1})",
        Fn.TRUNCATED_WIDE: "({0} div {1})",
        Fn.REMAINDER_WIDE: "({0} % {1})",
        Fn.LENGTH: "char_length({0})",
        Fn.MATCHES: "({0} RLIKE {1})",
        Fn.SUBSTRING: "substring({0}, {1}, {2})",
        Fn.CONCAT: "({0} || {1})",
        Fn.ORDERED: "{0}",
        Fn.DAYS: "CAST(datediff({1}, {0}) AS BIGINT)",
        Fn.ADD_DAYS: "date_add({0}, CAST({1} AS INT))",
        Fn.YEAR: "CAST(EXTRACT(YEAR FROM {0}) AS BIGINT)",
        Fn.MONTH: "CAST(EXTRACT(MONTH FROM {0}) AS BIGINT)",
        Fn.DAY_OF_MONTH: "CAST(EXTRACT(DAY FROM {0}) AS BIGINT)",
        Fn.FIRST_OF_MONTH: "make_date(CAST({0} AS INT), CAST({1} AS INT), 1)",
        Fn.DATE_OF: "CAST({0} AS DATE)",
        Fn.MICROSECONDS: "unix_micros(CAST({0} AS TIMESTAMP))",
        Fn.PLACE: "(CASE {1} {0} ELSE 0 END)",
        Fn.LIST_AT: "get(array({0}), CAST({1} AS INT))",
        Fn.STOP: "CAST(raise_error({0}) AS BIGINT)",
    },
    is_backslash_special=True,
    long_suffix="L",
)
SNOWFLAKE: Final = Dialect(
    "snowflake",
    {
        Kind.TEXT: "VARCHAR",
        Kind.WHOLE: "NUMBER(38, 0)",
        Kind.DECIMAL: "NUMBER(28, 9)",
        Kind.DAY: "DATE",
        Kind.MOMENT: "TIMESTAMP_NTZ",
        Kind.YES_NO: "BOOLEAN",
    },
    "NUMBER(38, 0)",
    {
        # a quotient of numbers is rounded there: only one without a remainder is exact
        Fn.TRUNCATED: "CAST(({0} - MOD({0}, {1})) / {1} AS NUMBER(38, 0))",
        Fn.REMAINDER: "MOD({0}, {1})",
        Fn.TRUNCATED_WIDE: "CAST(({0} - MOD({0}, {1})) / {1} AS NUMBER(38, 0))",
        Fn.REMAINDER_WIDE: "MOD({0}, {1})",
        Fn.LENGTH: "LENGTH({0})",
        Fn.MATCHES: "REGEXP_LIKE({0}, {1}, 's')",
        Fn.SUBSTRING: "SUBSTR({0}, {1}, {2})",
        Fn.CONCAT: "({0} || {1})",
        Fn.ORDERED: "{0}",
        Fn.DAYS: "DATEDIFF('day', {0}, {1})",
        Fn.ADD_DAYS: "DATEADD('day', {1}, {0})",
        Fn.YEAR: "EXTRACT(YEAR FROM {0})",
        Fn.MONTH: "EXTRACT(MONTH FROM {0})",
        Fn.DAY_OF_MONTH: "EXTRACT(DAY FROM {0})",
        Fn.FIRST_OF_MONTH: "DATE_FROM_PARTS({0}, {1}, 1)",
        Fn.DATE_OF: "TO_DATE({0})",
        Fn.MICROSECONDS: "DATE_PART(EPOCH_MICROSECOND, {0})",
        Fn.PLACE: "(CASE {1} {0} ELSE 0 END)",
        Fn.LIST_AT: "CAST(GET(ARRAY_CONSTRUCT({0}), {1}) AS {2})",
        Fn.STOP: "TO_NUMBER('' || {0})",
    },
    is_backslash_special=True,
)
BIGQUERY: Final = Dialect(
    "bigquery",
    {
        Kind.TEXT: "STRING",
        Kind.WHOLE: "INT64",
        Kind.DECIMAL: "NUMERIC",
        Kind.DAY: "DATE",
        Kind.MOMENT: "DATETIME",
        Kind.YES_NO: "BOOL",
    },
    "BIGNUMERIC",
    {
        Fn.TRUNCATED: "DIV({0}, {1})",
        Fn.REMAINDER: "MOD({0}, {1})",
        Fn.TRUNCATED_WIDE: "CAST(DIV({0}, {1}) AS INT64)",
        Fn.REMAINDER_WIDE: "MOD({0}, {1})",
        Fn.LENGTH: "CHAR_LENGTH({0})",
        Fn.MATCHES: "REGEXP_CONTAINS({0}, {1})",
        Fn.SUBSTRING: "SUBSTR({0}, {1}, {2})",
        Fn.CONCAT: "({0} || {1})",
        Fn.ORDERED: "{0}",
        Fn.DAYS: "DATE_DIFF({1}, {0}, DAY)",
        Fn.ADD_DAYS: "DATE_ADD({0}, INTERVAL {1} DAY)",
        Fn.YEAR: "EXTRACT(YEAR FROM {0})",
        Fn.MONTH: "EXTRACT(MONTH FROM {0})",
        Fn.DAY_OF_MONTH: "EXTRACT(DAY FROM {0})",
        Fn.FIRST_OF_MONTH: "DATE({0}, {1}, 1)",
        Fn.DATE_OF: "DATE({0})",
        Fn.MICROSECONDS: "UNIX_MICROS(TIMESTAMP({0}, 'UTC'))",
        Fn.PLACE: "(CASE {1} {0} ELSE 0 END)",
        Fn.LIST_AT: "ARRAY<{2}>[{0}][SAFE_OFFSET({1})]",
        Fn.STOP: "CAST(ERROR({0}) AS INT64)",
    },
    is_backslash_special=True,
)
DIALECTS: Final[Mapping[str, Dialect]] = {
    one.name: one for one in (DUCKDB, POSTGRES, SPARK, SNOWFLAKE, BIGQUERY)
}
