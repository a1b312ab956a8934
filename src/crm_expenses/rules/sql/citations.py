"""What the vendors' documentation says of everything that is emitted for engines we cannot run.

`CITATIONS` has an entry for each function of the dialects' table, `WORDS_CITED` one for each way of
speaking that the queries rely on. `STANDARD` are the plain words that all dialects share.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crm_expenses.rules.sql.dialect import Fn

_SNOWFLAKE: Final = "https://docs.snowflake.com/en/sql-reference/"
_BIGQUERY: Final = "https://cloud.google.com/bigquery/docs/reference/standard-sql/"


@dataclass(frozen=True, slots=True)
class Citation:
    """A page of a vendor's documentation, and what it says, in our words (English, 中文)."""

    page: str
    url: str
    says: tuple[str, str]


def _snowflake(page: str, path: str, en: str, zh: str) -> Citation:
    return Citation(page, _SNOWFLAKE + path, (en, zh))


def _bigquery(page: str, path: str, en: str, zh: str) -> Citation:
    return Citation(page, _BIGQUERY + path, (en, zh))


STANDARD: Final = frozenset(
    """
    SELECT DISTINCT FROM WHERE GROUP BY HAVING WITH AS UNION ALL JOIN LEFT CROSS ON AND OR NOT IN IS
    NULL TRUE FALSE BETWEEN CASE WHEN THEN ELSE END CAST COALESCE NULLIF DATE DESC ORDER
    SUM COUNT MIN MAX ABS LEAST GREATEST LOWER
    OVER PARTITION ROWS ROW UNBOUNDED PRECEDING CURRENT ROW_NUMBER LAG LEAD
    """.split()
)
"""The plain words of SQL that queries may have beside the dialect's own functions and types."""

_MOD: Final = _snowflake(
    "MOD",
    "functions/mod",
    "The remainder of a division that truncates toward zero; it has the sign of the dividend. NULL "
    "gives NULL.",
    "向零截断除法的余数，符号与被除数相同。NULL 得 NULL。",
)
_QUOTIENT: Final = _snowflake(
    "Arithmetic operators",
    "operators-arithmetic",
    "A quotient has at least six decimals and is rounded, with 38 digits at most. So the remainder "
    "is taken off first and the quotient is whole: exact while the dividend has at most 32 digits, "
    "an error beyond. MOD is documented to truncate (functions/mod).",
    "商至少保留六位小数并四舍五入，总位数最多 38。因此先减去余数，使商为整数：被除数不超过 32 位时精确，"
    "超出则报错。MOD 的截断规则见 functions/mod。",
)
_SNOW_PART: Final = _snowflake(
    "EXTRACT", "functions/extract",
    "Gives a part of a date as a whole number; an alternative to DATE_PART.",
    "取日期的某一部分，为整数；等同 DATE_PART。",
)  # fmt: skip
_BIG_PART: Final = _bigquery(
    "Date functions: EXTRACT", "date_functions#extract",
    "Gives a part of a date as INT64.", "取日期的某一部分，为 INT64。",
)  # fmt: skip
_BIG_DIV: Final = _bigquery(
    "Mathematical functions: DIV",
    "mathematical_functions#div",
    "Integer division of INT64, NUMERIC or BIGNUMERIC, toward zero: DIV(12, -7) is -1. Zero as "
    "divisor is an error; NULL gives NULL.",
    "INT64、NUMERIC、BIGNUMERIC 的整除，向零截断：DIV(12, -7) 为 -1。除数为零报错；NULL 得 NULL。",
)
_BIG_MOD: Final = _bigquery(
    "Mathematical functions: MOD",
    "mathematical_functions#mod",
    "The remainder of INT64, NUMERIC or BIGNUMERIC, with the sign of the dividend. Zero as divisor "
    "is an error; NULL gives NULL.",
    "INT64、NUMERIC、BIGNUMERIC 的余数，符号与被除数相同。除数为零报错；NULL 得 NULL。",
)

CITATIONS: Final[Mapping[str, Mapping[Fn, Citation]]] = {
    "snowflake": {
        Fn.TRUNCATED: _QUOTIENT,
        Fn.REMAINDER: _MOD,
        Fn.TRUNCATED_WIDE: _QUOTIENT,
        Fn.REMAINDER_WIDE: _MOD,
        Fn.LENGTH: _snowflake(
            "LENGTH", "functions/length",
            "Counts the characters of a text, not its bytes. NULL gives NULL.",
            "按字符（而非字节）计数。NULL 得 NULL。",
        ),
        Fn.MATCHES: _snowflake(
            "REGEXP_LIKE", "functions/regexp_like",
            "The pattern (POSIX extended) is bound to both ends of the text. The parameter s lets "
            "the dot take an end of line; case matters unless i is given, and without m the ends are "
            "those of the whole text. NULL gives NULL.",
            "模式（POSIX 扩展）自动锚定文本两端。参数 s 使点号可匹配换行；不给 i 则区分大小写，"
            "不给 m 则两端为整个文本的两端。NULL 得 NULL。",
        ),
        Fn.SUBSTRING: _snowflake(
            "SUBSTR", "functions/substr",
            "Characters, the first of which is 1; what is beyond the end is left out. NULL gives "
            "NULL.",
            "按字符，从 1 起；超出末尾的部分不取。NULL 得 NULL。",
        ),
        Fn.CONCAT: _snowflake(
            "CONCAT, ||", "functions/concat",
            "Joins texts; NULL if one of them is NULL.", "连接文本；任一为 NULL 则为 NULL。",
        ),
        Fn.ORDERED: _snowflake(
            "Collation support", "collation",
            "Texts without a collation are compared by their bytes in UTF-8, which is the order of "
            "their code points. The columns must have no collation.",
            "未指定排序规则的文本按 UTF-8 字节比较，即码点顺序。相关列不得指定排序规则。",
        ),
        Fn.DAYS: _snowflake(
            "DATEDIFF", "functions/datediff",
            "The second date less the first, in whole days; it may be negative. NULL gives NULL.",
            "第二个日期减第一个日期，以整日计，可为负。NULL 得 NULL。",
        ),
        Fn.ADD_DAYS: _snowflake(
            "DATEADD", "functions/dateadd",
            "A date plus whole days is a date.", "日期加整日仍为日期。",
        ),
        Fn.YEAR: _SNOW_PART,
        Fn.MONTH: _SNOW_PART,
        Fn.DAY_OF_MONTH: _SNOW_PART,
        Fn.FIRST_OF_MONTH: _snowflake(
            "DATE_FROM_PARTS", "functions/date_from_parts",
            "A date from year, month and day. Values outside of the usual range move it; none is "
            "handed over here.",
            "由年、月、日构造日期。超出常规范围的值会顺延；此处不会传入这样的值。",
        ),
        Fn.DATE_OF: _snowflake(
            "TO_DATE", "functions/to_date",
            "The date of a timestamp. NULL gives NULL.", "时间戳的日期。NULL 得 NULL。",
        ),
        Fn.MICROSECONDS: _snowflake(
            "DATE_PART", "functions/date_part",
            "The part epoch_microsecond of a timestamp: a whole number of microseconds since 1970. "
            "Not supported of a DATE; the columns are TIMESTAMP_NTZ.",
            "时间戳的 epoch_microsecond 部分：自 1970 年起的微秒整数。DATE 不支持；相关列为 TIMESTAMP_NTZ。",
        ),
        Fn.PLACE: _snowflake(
            "CASE", "functions/case",
            "The first word that is equal decides; ELSE where none is, or where the text is NULL.",
            "取第一个相等的词；均不相等或文本为 NULL 时取 ELSE。",
        ),
        Fn.LIST_AT: _snowflake(
            "GET", "functions/get",
            "The element of a semi-structured array, counted from 0; NULL outside of it, or where "
            "the index is NULL. ARRAY_CONSTRUCT keeps a NULL as an element; a VARIANT is cast to the "
            "type that is wanted.",
            "半结构化数组的元素，从 0 起；越界或下标为 NULL 时为 NULL。ARRAY_CONSTRUCT 保留 NULL 元素；"
            "取出的 VARIANT 再转换为所需类型。",
        ),
        Fn.STOP: _snowflake(
            "TO_NUMBER", "functions/to_decimal",
            "A text that is no number is an error which repeats the text; NULL gives NULL.",
            "不是数字的文本会报错并带出该文本；NULL 得 NULL。",
        ),
    },
    "bigquery": {
        Fn.TRUNCATED: _BIG_DIV,
        Fn.REMAINDER: _BIG_MOD,
        Fn.TRUNCATED_WIDE: _BIG_DIV,
        Fn.REMAINDER_WIDE: _BIG_MOD,
        Fn.LENGTH: _bigquery(
            "String functions: CHAR_LENGTH", "string_functions#char_length",
            "Counts the characters of a text. NULL gives NULL.", "按字符计数。NULL 得 NULL。",
        ),
        Fn.MATCHES: _bigquery(
            "String functions: REGEXP_CONTAINS", "string_functions#regexp_contains",
            "Whether a part of the text has the form; the syntax is that of RE2, which knows \\A and "
            "\\z for both ends, and (?s). NULL gives NULL.",
            "文本的某一部分是否符合模式；语法为 RE2，支持以 \\A、\\z 锚定两端以及 (?s)。NULL 得 NULL。",
        ),
        Fn.SUBSTRING: _bigquery(
            "String functions: SUBSTR", "string_functions#substr",
            "Characters, the first of which is 1; what is beyond the end is left out. NULL gives "
            "NULL.",
            "按字符，从 1 起；超出末尾的部分不取。NULL 得 NULL。",
        ),
        Fn.CONCAT: _bigquery(
            "Operators: concatenation", "operators#concatenation_operator",
            "Joins texts; NULL if one of them is NULL.", "连接文本；任一为 NULL 则为 NULL。",
        ),
        Fn.ORDERED: _bigquery(
            "Working with collation", "collation-concepts",
            "Texts without a collation are ordered by their code points. The columns must have no "
            "collation.",
            "未指定排序规则的文本按码点排序。相关列不得指定排序规则。",
        ),
        Fn.DAYS: _bigquery(
            "Date functions: DATE_DIFF", "date_functions#date_diff",
            "The first date less the second, in whole days; it may be negative. NULL gives NULL.",
            "第一个日期减第二个日期，以整日计，可为负。NULL 得 NULL。",
        ),
        Fn.ADD_DAYS: _bigquery(
            "Date functions: DATE_ADD", "date_functions#date_add",
            "A date plus INT64 days; an error beyond year 9999.",
            "日期加 INT64 天；超出 9999 年则报错。",
        ),
        Fn.YEAR: _BIG_PART,
        Fn.MONTH: _BIG_PART,
        Fn.DAY_OF_MONTH: _BIG_PART,
        Fn.FIRST_OF_MONTH: _bigquery(
            "Date functions: DATE", "date_functions#date",
            "A date from year, month and day.", "由年、月、日构造日期。",
        ),
        Fn.DATE_OF: _bigquery(
            "Date functions: DATE", "date_functions#date",
            "The date of a DATETIME.", "DATETIME 的日期。",
        ),
        Fn.MICROSECONDS: _bigquery(
            "Timestamp functions: UNIX_MICROS", "timestamp_functions#unix_micros",
            "Whole microseconds since 1970. TIMESTAMP(datetime, 'UTC') takes the clock on the wall "
            "for one of UTC.",
            "自 1970 年起的微秒整数。TIMESTAMP(datetime, 'UTC') 把当地时间当作 UTC。",
        ),
        Fn.PLACE: _bigquery(
            "Conditional expressions: CASE expr", "conditional_expressions#case_expr",
            "The first word that is equal decides; ELSE where none is, or where the text is NULL.",
            "取第一个相等的词；均不相等或文本为 NULL 时取 ELSE。",
        ),
        Fn.LIST_AT: _bigquery(
            "Operators: array subscript", "operators#array_subscript_operator",
            "SAFE_OFFSET counts from 0 and gives NULL outside of the array. An array may hold NULL "
            "inside of a query.",
            "SAFE_OFFSET 从 0 起，越界为 NULL。查询内部的数组可含 NULL。",
        ),
        Fn.STOP: _bigquery(
            "Debugging functions: ERROR", "debugging_functions#error",
            "Stops the query with the text. The type follows from where it stands; a branch of CASE "
            "is not evaluated where another one is taken.",
            "以该文本报错并停止查询。类型由所处位置推断；CASE 未取的分支不求值。",
        ),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spoken:
    """A way of speaking that queries rely on, and what each vendor says of it."""

    name: str
    topic: tuple[str, str]
    snowflake: Citation
    bigquery: Citation


WORDS_CITED: Final = (
    Spoken(
        "LEAST, GREATEST", ("NULL among the values", "参数含 NULL"),
        _snowflake(
            "GREATEST", "functions/greatest",
            "NULL if any value is NULL. DuckDB, PostgreSQL and Spark leave NULL out; our tests show "
            "that no result depends on it.",
            "任一参数为 NULL 则为 NULL。DuckDB、PostgreSQL、Spark 则忽略 NULL；测试表明结果不受影响。",
        ),
        _bigquery(
            "Mathematical functions: GREATEST", "mathematical_functions#greatest",
            "NULL if any value is NULL.", "任一参数为 NULL 则为 NULL。",
        ),
    ),
    Spoken(
        "+ - *", ("whole numbers, and what is beyond their range", "整数运算与越界"),
        _snowflake(
            "Arithmetic operators", "operators-arithmetic",
            "Fixed-point numbers have 38 digits at most; a product of whole numbers is whole. More "
            "is an error.",
            "定点数最多 38 位；整数之积为整数。越界报错。",
        ),
        _bigquery(
            "Operators: arithmetic", "operators#arithmetic_operators",
            "INT64 with INT64 gives INT64, with BIGNUMERIC gives BIGNUMERIC. Beyond the range is an "
            "error.",
            "INT64 之间得 INT64，与 BIGNUMERIC 得 BIGNUMERIC。越界报错。",
        ),
    ),
    Spoken(
        "SUM", ("sums of whole numbers", "整数求和"),
        _snowflake(
            "SUM", "functions/sum",
            "Leaves NULL out; NULL where there is nothing else. The sum of numbers has the same "
            "type or a larger one.",
            "忽略 NULL；全为 NULL 时为 NULL。和的类型相同或更大。",
        ),
        _bigquery(
            "Aggregate functions: SUM", "aggregate_functions#sum",
            "Leaves NULL out; NULL where there is nothing else. The sum of INT64 is INT64, and an "
            "error beyond its range.",
            "忽略 NULL；全为 NULL 时为 NULL。INT64 之和为 INT64，越界报错。",
        ),
    ),
    Spoken(
        "OVER (… ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)",
        ("what stands before a row", "当前行之前的各行"),
        _snowflake(
            "Window function syntax and usage", "functions-window-syntax",
            "ROWS BETWEEN UNBOUNDED PRECEDING AND n PRECEDING is one of the frames.",
            "ROWS BETWEEN UNBOUNDED PRECEDING AND n PRECEDING 是可用的窗口框架之一。",
        ),
        _bigquery(
            "Window function calls", "window-function-calls",
            "A frame may begin at UNBOUNDED PRECEDING and end at a number of rows PRECEDING.",
            "框架可始于 UNBOUNDED PRECEDING，止于若干行 PRECEDING。",
        ),
    ),
    Spoken(
        "LEFT JOIN … ON", ("conditions of outer joins", "外连接条件"),
        _snowflake(
            "JOIN", "constructs/join",
            "Any condition may stand behind ON.", "ON 之后可为任意条件。",
        ),
        _bigquery(
            "Query syntax: join types", "query-syntax#join_types",
            "The engine refuses an outer join without an equality between both sides. Each of ours "
            "has one; a test says so.",
            "外连接若无两侧的等值条件会被引擎拒绝。我们的每个外连接都有，并有测试保证。",
        ),
    ),
    Spoken(
        "CASE", ("branches that are not taken", "未取的分支"),
        _snowflake(
            "CASE", "functions/case",
            "The first condition that is true decides. The page does not promise that no other "
            "branch is computed: so none of ours can fail, and the guard's text is NULL where it is "
            "not needed.",
            "取第一个为真的条件。文档未保证其他分支不被计算：因此我们的分支都不会失败，检查语句的文本在不需要时为 NULL。",
        ),
        _bigquery(
            "Conditional expressions: CASE", "conditional_expressions#case_expr",
            "Conditions and results behind the one that is taken are not evaluated.",
            "所取条件之后的条件与结果不再求值。",
        ),
    ),
    Spoken(
        "'text'", ("escapes in texts", "文本的转义"),
        _snowflake(
            "String & binary data types", "data-types-text",
            "A backslash begins an escape: \\\\, \\' and \\n are among them.",
            "反斜杠引出转义，包括 \\\\、\\' 与 \\n。",
        ),
        _bigquery(
            "Lexical structure: quoted literals", "lexical#quoted_literals",
            "A backslash begins an escape; an end of line must be written \\n.",
            "反斜杠引出转义；换行须写作 \\n。",
        ),
    ),
    Spoken(
        "DATE '2026-01-31'", ("dates as constants", "日期常量"),
        _snowflake(
            "Date & time data types", "data-types-datetime",
            "Read by the session's DATE_INPUT_FORMAT, which must be AUTO (its default) or "
            "YYYY-MM-DD.",
            "按会话参数 DATE_INPUT_FORMAT 解析，须为默认值 AUTO 或 YYYY-MM-DD。",
        ),
        _bigquery(
            "Lexical structure: date literals", "lexical#date_literals",
            "In the form YYYY-MM-DD.", "格式为 YYYY-MM-DD。",
        ),
    ),
    Spoken(
        "CAST", ("to whole numbers and decimals", "转换为整数与小数"),
        _snowflake(
            "TO_NUMBER", "functions/to_decimal",
            "Fewer decimals are rounded, half away from zero; beyond the range is an error.",
            "小数位减少时四舍五入（远离零）；越界报错。",
        ),
        _bigquery(
            "Conversion functions: CAST", "conversion_functions#cast",
            "A decimal cast to INT64 is rounded, half away from zero; one cast to BIGNUMERIC keeps "
            "its decimals. NUMERIC has 29 digits before the point and 9 behind it.",
            "小数转 INT64 时四舍五入（远离零）；转 BIGNUMERIC 保留小数。NUMERIC 小数点前 29 位、后 9 位。",
        ),
    ),
    Spoken(
        "CREATE TEMP TABLE … AS", ("tables of a session", "会话内的临时表"),
        _snowflake(
            "CREATE TABLE", "sql/create-table",
            "CREATE TEMPORARY TABLE … AS SELECT makes a table that lasts as long as the session.",
            "CREATE TEMPORARY TABLE … AS SELECT 所建的表随会话结束而消失。",
        ),
        _bigquery(
            "Data definition language: CREATE TABLE", "data-definition-language#create_table_statement",
            "CREATE TEMP TABLE … AS SELECT makes a table of the multi-statement query or session.",
            "CREATE TEMP TABLE … AS SELECT 所建的表属于该多语句查询或会话。",
        ),
    ),
    Spoken(
        "LOWER, ABS, LAG, LEAD, ROW_NUMBER, COALESCE, NULLIF", ("the rest", "其余"),
        _snowflake(
            "All functions", "functions-all",
            "As in standard SQL.", "与标准 SQL 相同。",
        ),
        _bigquery(
            "All functions", "functions-all",
            "As in standard SQL.", "与标准 SQL 相同。",
        ),
    ),
)  # fmt: skip
"""Beside the functions: what else the queries rely on."""

RESERVED: Final[Mapping[str, frozenset[str]]] = {
    "snowflake": frozenset(
        """
        ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONSTRAINT CREATE CROSS CURRENT
        CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DELETE DISTINCT DROP ELSE EXISTS FALSE
        FOLLOWING FOR FROM FULL GRANT GROUP HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS JOIN
        LATERAL LEFT LIKE LOCALTIME LOCALTIMESTAMP MINUS NATURAL NOT NULL OF ON OR ORDER QUALIFY REGEXP
        REVOKE RIGHT RLIKE ROW ROWS SAMPLE SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER TRUE
        TRY_CAST UNION UNIQUE UPDATE USING VALUES WHEN WHENEVER WHERE WINDOW WITH
        """.split()
    ),
    "bigquery": frozenset(
        """
        ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE
        CROSS CUBE CURRENT DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT
        FALSE FETCH FOLLOWING FOR FROM FULL GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT
        INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOOKUP MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR
        ORDER OUTER OVER PARTITION PRECEDING PROTO QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS
        SELECT SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST USING WHEN WHERE
        WINDOW WITH WITHIN
        """.split()
    ),
}
"""Words that no column or table may have as its name (Snowflake: reserved-keywords; BigQuery:
lexical#reserved_keywords)."""
