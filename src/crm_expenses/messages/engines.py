"""What can go wrong with an engine that runs a policy's SQL, and how to mend it."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "engine.url": (
        "the address of the engine has no known form (it is not repeated here, since it may hold a password). Examples: {examples}",
        "引擎地址的格式无法识别（地址可能含密码，此处不再显示）。示例：{examples}",
    ),
    "engine.option": (
        "the address of the engine has an option that is not known. Known: {known}. Example: duckdb:///claims.duckdb?memory=2GB",
        "引擎地址中有未知的选项。可用选项：{known}。示例：duckdb:///claims.duckdb?memory=2GB",
    ),
    "engine.sslmode": (
        "sslmode in the address must be one of: {known}. Example: sslmode=verify-full",
        "地址中的 sslmode 须为以下之一：{known}。示例：sslmode=verify-full",
    ),
    "engine.setting": (
        "{engine} does not take a setting of its address: {detail}. Example of one that it takes: memory=2GB",
        "{engine} 不接受地址中的某项设置：{detail}。可用的写法示例：memory=2GB",
    ),
    "engine.no_file": (
        "there is no file {path}. Give the path of a DuckDB file; four slashes begin an absolute path: duckdb:////data/claims.duckdb",
        "文件 {path} 不存在。请给出 DuckDB 文件的路径；绝对路径以四个斜杠开头：duckdb:////data/claims.duckdb",
    ),
    "engine.no_folder": (
        "there is no folder {path}. Give a folder with the files expense_lines.parquet, claims.parquet …",
        "文件夹 {path} 不存在。请给出含有 expense_lines.parquet、claims.parquet 等文件的文件夹",
    ),
    "engine.no_source": (
        "where are the tables? Give their place, like: {example}",
        "未说明数据表在何处。请给出位置，例如：{example}",
    ),
    "engine.two_files": (
        "the table {table} is here more than once: {files}. Leave one of them",
        "数据表 {table} 在此处出现多次：{files}。请只保留其一",
    ),
    "engine.unreadable": (
        "cannot read {where}: {detail}. Write it anew, as Parquet or as CSV in UTF-8 with a line of column names",
        "无法读取 {where}：{detail}。请重新导出为 Parquet，或带列名行的 UTF-8 编码 CSV",
    ),
    "engine.path_signs": (
        "Spark reads no CSV file whose path has one of the signs [ ] { } * ?: {path}. Rename the folder, or give Parquet files",
        "Spark 无法读取路径中含有 [ ] { } * ? 等符号的 CSV 文件：{path}。请重命名文件夹，或改用 Parquet 文件",
    ),
    "engine.no_lines": (
        "there is no table {table}, without which nothing can be checked. Tables that are here: {known}",
        "缺少数据表 {table}，没有它无法检查。此处已有的数据表：{known}",
    ),
    "engine.no_table": (
        "the policy reads the table {table}, which is not there ({where}). It is needed for: {needed}. Add the table; it may be empty",
        "政策需要数据表 {table}，但它不存在（{where}）。用途：{needed}。请添加该表，可以为空表",
    ),
    "engine.no_column": (
        "the table {table} has no column {column}, which each of its rows needs. Add it, as {wanted}",
        "数据表 {table} 缺少每行必填的列 {column}。请添加该列，类型为 {wanted}",
    ),
    "engine.columns_alike": (
        "the table {table} has several columns {column}, which differ only in capitals: {names}. Leave one of them, as {wanted}",
        "数据表 {table} 有多个仅大小写不同的列 {column}：{names}。请只保留其一，类型为 {wanted}",
    ),
    "engine.column_type": (
        "the column {column} of {table} is of the type {found}, but {wanted} is needed. Export it as CAST({column} AS {wanted})",
        "数据表 {table} 的列 {column} 类型为 {found}，但需要 {wanted}。请以 CAST({column} AS {wanted}) 导出",
    ),
    "engine.bad_cell": (
        "the column {column} of {table} holds {value} in the row {row}, but {wanted} is needed, like {example}. Mend it in the file",
        "数据表 {table} 的列 {column} 在行 {row} 的值为 {value}，但需要 {wanted}，例如 {example}。请在文件中更正",
    ),
    "engine.empty_cells": (
        "the column {column} of {table} is empty in {count} rows, but each row needs it. Fill it, or leave these rows out",
        "数据表 {table} 的列 {column} 有 {count} 行为空，但每行必填。请补全，或去掉这些行",
    ),
    "engine.memory": (
        "DuckDB has not enough memory or disk for {step}: {detail}. Give it more, like duckdb://?memory=8GB&folder=/large/disk",
        "DuckDB 处理 {step} 时内存或磁盘空间不足：{detail}。请增加，例如 duckdb://?memory=8GB&folder=/large/disk",
    ),
    "engine.refused": (
        "{engine} refuses the step {step}: {detail}. Nothing was changed. Mend the data that this names, or tell us, with the policy",
        "{engine} 拒绝执行步骤 {step}：{detail}。数据未作任何改动。请更正所指的数据，或将此信息连同政策反馈给我们",
    ),
    "engine.rounds": (
        "the rounds of {table} did not end after {limit} of them (a limit of this package). Tell us, with the policy",
        "{table} 的反复计算在 {limit} 轮后仍未结束（本软件的限制）。请将此信息连同政策反馈给我们",
    ),
    "engine.away": (
        "the engine cannot be reached ({where}): {detail}. Try again later, or look at host and port of its address",
        "无法连接引擎（{where}）：{detail}。请稍后重试，或检查地址中的主机与端口",
    ),
    "engine.login": (
        "the engine refuses the login ({where}): {detail}. Look at the user of the address and at the password in PGPASSWORD",
        "引擎拒绝登录（{where}）：{detail}。请检查地址中的用户与 PGPASSWORD 中的密码",
    ),
    "engine.permission": (
        "the engine does not permit this ({step}): {detail}. The user needs SELECT on the tables, and TEMPORARY on the database",
        "引擎不允许此操作（{step}）：{detail}。该用户需要数据表的 SELECT 权限与数据库的 TEMPORARY 权限",
    ),
    "engine.result_type": (
        "the column {column} of a result is of the type {type}, which no Parquet file of ours has. Cast it to a whole number, a text or a date",
        "结果列 {column} 的类型为 {type}，无法写入 Parquet 文件。请转换为整数、文本或日期",
    ),
    "engine.java": (
        "Spark needs Java 17, which is not installed or not found. Install it, or say where it is in JAVA_HOME",
        "Spark 需要 Java 17，但未安装或未找到。请安装，或用 JAVA_HOME 指明其位置",
    ),
}
