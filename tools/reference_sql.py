"""Pages of the reference about the SQL reading: its tables, and what it emits."""

from collections.abc import Iterator

from reference_files import code, page, rows

from crm_expenses.rules.sql.citations import CITATIONS, STANDARD, WORDS_CITED, Citation
from crm_expenses.rules.sql.dialect import DIALECTS, Fn
from crm_expenses.rules.sql.results import SUMMARY
from crm_expenses.rules.sql.schema import RESULTS, SCHEMA_VERSION, TABLES, Kind, Table

_ARGUMENTS = ("a", "b", "c", "d")


def sql_schema() -> str:
    """Give the page of the tables that are read and given."""
    kinds = rows(
        ("type 类型", *(code(name) for name in DIALECTS)),
        [(kind.value, *(code(own.types[kind]) for own in DIALECTS.values())) for kind in Kind],
    )
    return page(
        "Tables of the SQL reading SQL 数据表",
        [
            f"Version {SCHEMA_VERSION} of the tables. Money is in minor units of the currency "
            "named beside it: 12.30 CNY is 1230. What is missing is NULL; an empty text counts as "
            "missing. A fact of a policy's own stands as text in a column `fact_NAME` of the table "
            "of what it belongs to. How to make them: "
            "[run in a warehouse](../how-to/run-in-a-warehouse.md).",
            "",
            f"数据表版本 {SCHEMA_VERSION}。金额以旁列币种的最小单位计：12.30 CNY 为 1230。"
            "缺失为 NULL，空文本视为缺失。"
            "政策自有的事实以文本存于其所属表的 `fact_NAME` 列。",
            "",
            *kinds,
        ],
        ["## Read 读取", ""],
        *(_table(table) for table in TABLES.values()),
        ["## Given 给出", ""],
        *(_table(table) for table in RESULTS.values()),
        [
            f"{code(SUMMARY)} has `place`, `claim`, `line`, `outcome`, `claimed` and `allowed`, "
            "and `codes`: the codes of the line's findings with spaces between them.",
            "",
            f"{code(SUMMARY)} 含 `place`、`claim`、`line`、`outcome`、`claimed`、`allowed` 与 "
            "`codes`：该明细的问题代码，以空格分隔。",
        ],
    )


def _table(table: Table) -> Iterator[str]:
    en, zh = table.meaning
    yield from (f"### {table.name}", "", f"One row: {en}. {zh}。", "")
    if table.facts_of is not None:
        yield from (f'Own facts 自有事实: `of = "{table.facts_of.value}"`', "")
    yield from rows(
        ("column 列", "type 类型", "needed 必填", "meaning", "含义"),
        [
            (code(c.name), c.kind.value, "needed 必填" if c.is_needed else "", *c.meaning)
            for c in table.columns
        ],
    )


def sql_functions() -> str:
    """Give the page of what the dialects emit, with the vendors' pages."""
    emitted = rows(
        ("function 函数", *(code(name) for name in DIALECTS)),
        [(f.value, *(_form(own.functions[f]) for own in DIALECTS.values())) for f in Fn],
    )
    cited: list[str] = []
    for name, by_function in CITATIONS.items():
        cited += [f"## {name}", ""]
        cited += rows(
            ("function 函数", "emitted 写法", "page 文档", "it says", "文档所述"),
            [
                (f.value, _form(DIALECTS[name].functions[f]), _link(c), *c.says)
                for f, c in by_function.items()
            ],
        )
        cited += rows(
            ("words 用语", "about 关于", "page 文档", "it says", "文档所述"),
            [
                (code(one.name), f"{one.topic[0]} {one.topic[1]}", _link(c), *c.says)
                for one in WORDS_CITED
                for c in [one.snowflake if name == "snowflake" else one.bigquery]
            ],
        )
    return page(
        "What the SQL reading emits SQL 写法",
        [
            "The list is closed: a test walks the queries of every shipped policy and refuses any "
            "other function or keyword. The queries are run on DuckDB, PostgreSQL and Spark by our "
            "tests. They were **not run on Snowflake and BigQuery** by us; for these, each entry "
            "cites the vendor's documentation, in our words.",
            "",
            "清单是封闭的：测试会检查全部附带政策的查询，拒绝任何其他函数或关键字。查询在 DuckDB、"
            "PostgreSQL 与 Spark 上经测试运行；我们**未在 Snowflake 与 BigQuery 上运行**，"
            "故逐项引用厂商文档（以我们的话转述）。",
            "",
            *emitted,
            "Plain words 普通用语: " + ", ".join(code(word) for word in sorted(STANDARD)) + ".",
            "",
        ],
        cited,
    )


def _form(form: str) -> str:
    """Give a form with names for what stands in it."""
    for number, name in enumerate(_ARGUMENTS):
        form = form.replace(f"{{{number}}}", name)
    return code(form)


def _link(citation: Citation) -> str:
    return f"[{citation.page}]({citation.url})"
