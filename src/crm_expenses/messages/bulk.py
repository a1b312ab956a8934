"""What goes wrong when claims are decided in bulk, and how to mend it."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "sql.dialect": (
        "there is no dialect {dialect}. Known: {known}. Example: --dialect duckdb",
        "没有方言 {dialect}。可用：{known}。示例：--dialect duckdb",
    ),
    "sql.table_absent": (
        "rule {rule} needs the table {table}, which is not there. Add the table (it may be empty), or take the rule out",
        "规则 {rule} 需要数据表 {table}，但它不存在。请添加该表（可以为空），或去掉该规则",
    ),
    "sql.plug_in": (
        "the rules of the plug-in {rule} are written in Python, which no query can say. Check without --out, or name a policy without them",
        "插件 {rule} 的规则以 Python 编写，无法写成查询。请不带 --out 检查，或使用不含该插件的政策",
    ),
    "bulk.no_source": (
        "there is no file or folder {path}. Give a file of claims, or a folder with expense_lines.parquet, claims.parquet …",
        "文件或文件夹 {path} 不存在。请给出报销文件，或含有 expense_lines.parquet、claims.parquet 等的文件夹",
    ),
    "bulk.out_place": (
        "cannot write {path}: {detail}. Name a place that exists and can be written to",
        "无法写入 {path}：{detail}。请给出存在且可写的位置",
    ),
    "bulk.needs_out": (
        "{path} on {engine}: tables are decided by queries. Name what to write: --out FILE.parquet",
        "{path}（{engine}）：数据表以查询方式审核。请指定输出：--out FILE.parquet",
    ),
    "bulk.not_with_out": (
        "{option} explains claims one by one and does not go with --out. Leave one of them out",
        "{option} 逐单说明，不能与 --out 同用。请去掉其一",
    ),
    "bulk.person_differs": (
        "the claims of {person} that were submitted on {day} say different things of the person. Correct one of them, or give people as a table with dates",
        "{person} 于 {day} 提交的报销单中，人员信息不一致。请更正其一，或以带日期的人员表给出",
    ),
    "bulk.rate_differs": (
        "two claims give different rates of {pair} for {day}. Keep one rate a day, in --rates FILE",
        "两张报销单对 {day} 的 {pair} 给出了不同的汇率。请每天只保留一个汇率，写入 --rates FILE",
    ),
    "bulk.pre_approval_differs": (
        "the pre-approval {value} stands in two claims with different content. Give the later one another id",
        "事前审批单 {value} 在两张报销单中内容不同。请为后者另设编号",
    ),
}
