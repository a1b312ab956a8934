"""Why a record from a CRM or a file cannot be read, and how to mend it."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "record.amount": (
        "{value} is not an amount: digits with an optional minus, point and at most 9 decimals are "
        "accepted, like -1234.50",
        "{value} 不是金额：只接受数字，可带负号、小数点和最多 9 位小数，例如 -1234.50",
    ),
    "record.amount_fine": (
        "{value} has more decimals than {currency} has ({places}). Round it in the source",
        "{value} 的小数位多于 {currency} 的最小单位（{places} 位）。请在来源处取整",
    ),
    "record.amount_large": (
        "{value} is beyond the largest amount of a line, {limit} minor units (a limit of this "
        "package). Check the value",
        "{value} 超过单行金额上限 {limit} 个最小货币单位（本软件的限制）。请核对",
    ),
    "record.currency": (
        "{value} is not a currency of ISO 4217. Use a three-letter code, like CNY",
        "{value} 不是 ISO 4217 的货币代码。请使用三个字母的代码，例如 CNY",
    ),
    "record.missing": (
        "{field} is missing: {column} is empty, and a record of kind {kind} needs it. "
        "Fill it in, or give {field} an `else` in the mapping",
        "缺少 {field}：{column} 为空，而 {kind} 记录必须有它。请填写，或在映射文件中为 "
        "{field} 指定 `else`",
    ),
    "record.no_claim": (
        "this line names no claim: {column} is empty. Fill in the claim's number, or "
        "map `claim` from another column",
        "此明细没有所属报销单：{column} 为空。请填写报销单编号，或在映射文件中从其他列取得 `claim`",
    ),
    "record.no_such_claim": (
        "this row belongs to the claim {claim}, which is not in the file. Add the "
        "claim, or correct its number",
        "此行属于报销单 {claim}，但文件中没有该报销单。请补充报销单，或更正编号",
    ),
    "record.id_long": (
        "{column} has more than {limit} characters (a limit of this package for "
        "{field}): {value}. Use a shorter id",
        "{column} 超过 {limit} 个字符（本软件对 {field} 的限制）：{value}。请使用较短的编号",
    ),
    "record.cell_number": (
        "{column} is {value}, which is not a number for {field}: ASCII digits are "
        "needed in the form that the mapping states, like {example}, at most 15 before "
        "the decimals and 9 of them, no exponent. Correct the cell, or state `decimal` "
        "and `group` in the mapping",
        "{column} 的值 {value} 不是 {field} 所需的数字：须为半角数字，"
        "写法以映射文件为准，例如 {example}，整数最多 15 位、小数最多 9 位，不用指数。"
        "请更正单元格，或在映射文件中写明 `decimal` 和 `group`",
    ),
    "record.cell_fine": (
        "{column} is {value}, which has more decimals than {currency} has ({places}, "
        "by ISO 4217). Round it in the source",
        "{column} 的值 {value} 的小数位多于 {currency} 的最小单位（按 ISO 4217 为 "
        "{places} 位）。请在来源处取整",
    ),
    "record.cell_large": (
        "{column} is {value}, beyond the largest amount of {limit} minor units (a "
        "limit of this package). Check the value, and `scale` in the mapping",
        "{column} 的值 {value} 超过上限 {limit} 个最小货币单位（本软件的限制）。"
        "请核对该值以及映射文件中的 `scale`",
    ),
    "record.cell_currency": (
        "{column} is {value}, which is not a currency of ISO 4217. Use a three-letter "
        'code, like CNY, or translate it in the mapping: values = { "RMB" = "CNY" }',
        "{column} 的值 {value} 不是 ISO 4217 的货币代码。请使用三个字母的代码，例如 "
        'CNY，或在映射文件中翻译：values = { "RMB" = "CNY" }',
    ),
    "record.cell_negative": (
        "{column} is {value}, and the mapping refuses amounts below zero for {field}. "
        'Correct the cell, or take refunds as credit lines: negative = "credit"',
        "{column} 的值为 {value}，而映射文件不允许 {field} 为负。请更正单元格；"
        '若退款应作为冲销明细，请写 negative = "credit"',
    ),
    "record.cell_whole": (
        "{column} is {value}, but {field} is a count: a whole number from 0 to {limit} "
        "(a limit of this package), like 2",
        "{column} 的值为 {value}，而 {field} 是计数：须为 0 到 {limit} "
        "的整数（本软件的限制），例如 2",
    ),
    "record.cell_date": (
        "{column} is {value}, which is not a date for {field} in a form that the "
        "mapping states: {formats}. Correct the cell, or add its form to `formats`, "
        'like "%d/%m/%Y"',
        "{column} 的值 {value} 不是 {field} 的日期，映射文件规定的写法为：{formats}。"
        '请更正单元格，或在 `formats` 中加上其写法，例如 "%d/%m/%Y"',
    ),
    "record.cell_year": (
        "{column} is {value}: the year is outside {limit} (a limit of this package), "
        "most likely a slip. Correct the cell",
        "{column} 的值为 {value}：年份不在 {limit} 之内（本软件的限制），很可能是笔误。"
        "请更正单元格",
    ),
    "record.cell_time_zone": (
        "{column} is {value}, a time without a zone, and the mapping names none. Write "
        "the zone behind the time, like 2026-01-31T09:30:00+08:00, or name it: "
        'timezone = "Asia/Shanghai" in [mapping]',
        "{column} 的值 {value} 没有时区，映射文件也没有指定。请在时间后写明时区，例如 "
        '2026-01-31T09:30:00+08:00，或在 [mapping] 中写 timezone = "Asia/Shanghai"',
    ),
    "record.cell_yes_no": (
        "{column} is {value}, but {field} is a yes or a no: yes, no, true, false, 1, "
        "0, 是, 否. Correct the cell, or translate it with `values` in the mapping",
        "{column} 的值为 {value}，而 {field} 只能是：yes、no、true、false、1、0、是、"
        "否。请更正单元格，或在映射文件中用 `values` 翻译",
    ),
    "record.cell_choice": (
        "{column} is {value}, but {field} is one of: {allowed}. Correct the cell, or "
        'translate it in the mapping: values = { "their word" = "ours" }',
        "{column} 的值为 {value}，而 {field} 只能是：{allowed}。请更正单元格，"
        '或在映射文件中翻译：values = { "对方用语" = "本系统用语" }',
    ),
    "record.cell_unlisted": (
        "{column} is {value}, which is not in the mapping's `values` for {field} "
        "({allowed}), and the mapping is strict. Add it there, or correct the cell",
        "{column} 的值 {value} 不在映射文件 {field} 的 `values` 中（{allowed}），"
        "且该映射为严格模式。请在其中加上，或更正单元格",
    ),
    "record.cell_long": (
        "{column} has {size} characters; a cell may have at most {limit} (what a "
        "spreadsheet's cell holds). Shorten it",
        "{column} 有 {size} 个字符；单元格最多 {limit} 个（电子表格单元格的上限）。请缩短",
    ),
    "record.cell_nul": (
        "{column} holds a NUL character, which no text may hold: {value}. Remove it in the source",
        "{column} 含有 NUL 字符，文本中不允许：{value}。请在来源处删除",
    ),
    "record.cell_surrogate": (
        "{column} holds half of a character (a lone surrogate): {value}. Export the "
        "file again as UTF-8",
        "{column} 含有半个字符（孤立的代理码元）：{value}。请重新以 UTF-8 导出文件",
    ),
    "record.cells_few": (
        "this row has {cells} cells, the header has {width}. Add what is missing, and "
        "quote cells that hold the delimiter",
        "此行有 {cells} 个单元格，而表头有 {width} 个。请补齐，含分隔符的单元格请加引号",
    ),
    "record.cells_many": (
        "this row has {cells} cells, the header has {width}. Quote cells that hold the "
        'delimiter, like "1,234.50"',
        '此行有 {cells} 个单元格，而表头有 {width} 个。含分隔符的单元格请加引号，例如 "1,234.50"',
    ),
    "record.quote": (
        "a quote is opened in this line and not closed as it should be within "
        "{limit_lines} lines and {limit_bytes} bytes (limits of this package); only "
        "this line is set aside. Close the quote, or write a quote inside a cell twice",
        "此行的引号在 {limit_lines} 行、{limit_bytes} "
        "字节之内没有正确闭合（本软件的限制）；只搁置这一行。请闭合引号；"
        "单元格内的引号须写两次",
    ),
    "record.csv": (
        "a quoted cell of this row goes on behind its closing quote. Write a quote "
        'inside a cell twice, like "a ""b"" c"',
        '此行中加引号的单元格在右引号之后还有文字。单元格内的引号须写两次，例如 "a ""b"" c"',
    ),
    "record.line_long": (
        "this line has more than {limit_bytes} bytes (a limit of this package). Split "
        "the record, or correct its line end",
        "此行超过 {limit_bytes} 字节（本软件的限制）。请拆分记录，或更正换行",
    ),
    "record.undecodable": (
        "the bytes of this line are not text in the file's encoding. Save the file as "
        'UTF-8, or name its encoding: encoding = "gb18030" in [mapping]',
        "此行的字节不符合文件的编码。请将文件另存为 UTF-8，或在 [mapping] 中写明编码："
        'encoding = "gb18030"',
    ),
    "record.json": (
        "this line is not JSON: {detail}, at character {at}. Write one object a line, "
        'like {"claim": "C-1"}',
        '此行不是 JSON：第 {at} 个字符处 {detail}。请每行写一个对象，例如 {"claim": "C-1"}',
    ),
    "record.json_object": (
        "this line is JSON, but not an object: {value}. Write one object a line, like "
        '{"claim": "C-1"}',
        '此行是 JSON 但不是对象：{value}。请每行写一个对象，例如 {"claim": "C-1"}',
    ),
    "record.json_element": (
        "this element of the array is not an object: {value}. Write a claim, like "
        '{"claim": "C-1", "person": "P-1", ...}',
        '数组的此元素不是对象：{value}。请写成报销单，例如 {"claim": "C-1", "person": "P-1", ...}',
    ),
    "record.json_twice": (
        "the key {column} stands twice in one object, so its value is not certain. "
        "Keep one of them",
        "同一对象中键 {column} 出现两次，其值无法确定。请只保留一个",
    ),
    "record.json_constant": (
        "{value} is not a JSON number. Write a number, or null where there is none",
        "{value} 不是 JSON 数字。请写数字；没有值时写 null",
    ),
    "record.json_array": (
        "{column} is not an array of objects, which the mapping explodes into rows. "
        'Write it like [{"amount": "12.50"}]',
        '{column} 不是对象数组，而映射文件要把它展开为行。请写成 [{"amount": "12.50"}]',
    ),
    "record.duplicate": (
        "the id {id} of kind {kind} stands already in {first}, and the first one "
        "counts. Give each record its own id; the mapping can compose one: id = { "
        'template = "{Claim}-{Line}" }',
        "{kind} 的编号 {id} 已出现在 {first}，以先出现者为准。"
        '请让每条记录有自己的编号；映射文件可以组合：id = { template = "{Claim}-{Line}" '
        "}",
    ),
    "record.differs": (
        "the record {id} of kind {kind} is described otherwise in {first}, and the "
        "first one counts. Make the rows agree, or give this one its own id",
        "{kind} 记录 {id} 在 {first} 中的内容不同，以先出现者为准。请使各行一致，"
        "或为此行指定自己的编号",
    ),
    "record.rate": (
        "an exchange rate of {value} cannot be: a rate is above zero. Correct it",
        "汇率 {value} 不成立：汇率须大于零。请更正",
    ),
    "record.period": (
        "the budget starts on {start}, after its end on {end}. Correct one of the dates",
        "预算的开始日 {start} 晚于结束日 {end}。请更正其中一个日期",
    ),
    "files.option_value": (
        "the option {option} of the connection {crm} does not fit: {detail}. The "
        "options are: {names}",
        "连接 {crm} 的选项 {option} 不符合要求：{detail}。可用选项：{names}",
    ),
    "files.folder": (
        "the connection {crm} names the folder {path}, which is not there. Make it, or "
        "correct `folder`",
        "连接 {crm} 指定的文件夹 {path} 不存在。请创建，或更正 `folder`",
    ),
    "files.results_place": (
        "the connection {crm} would write its results into {path}, which holds the "
        'input itself. Name another folder: results = "results"',
        '连接 {crm} 会把结果写进 {path}，而输入文件就在其中。请另指定文件夹：results = "results"',
    ),
    "files.results_foreign": (
        "{path} is not a file of results that this version wrote. Move it away, and run again",
        "{path} 不是此版本写出的结果文件。请移走后重新运行",
    ),
    "files.not_writable": (
        "results cannot be written to {path}: no permission. Grant it, or name another "
        "folder with `results`",
        "无法写入结果文件夹 {path}：没有权限。请授权，或用 `results` 指定其他文件夹",
    ),
    "files.writable": (
        "results can be written to {path}",
        "可以写入结果文件夹 {path}",
    ),
    "files.write": (
        "results cannot be written to {path}: {detail}. Make room or mend the disk, and run again",
        "无法写入结果文件夹 {path}：{detail}。请腾出空间或修复磁盘后重新运行",
    ),
    "files.spool": (
        "the temporary file that large inputs need cannot grow: {detail}. Make room in "
        "the temporary folder, or name another with the variable SQLITE_TMPDIR, and "
        "run again",
        "处理大文件所需的临时文件无法增长：{detail}。请在临时文件夹中腾出空间，"
        "或用环境变量 SQLITE_TMPDIR 指定其他位置，然后重新运行",
    ),
    "files.unreadable": (
        "{path} cannot be read: {detail}. Check that it is there, whole, and of the "
        "kind that its name says",
        "无法读取 {path}：{detail}。请确认文件存在、完整，且格式与扩展名一致",
    ),
    "files.large": (
        "{path} has {size} bytes; an XLSX file may have at most {limit} (a limit of "
        "this package, because its sheets are held in memory). Save it as CSV",
        "{path} 有 {size} 字节；XLSX 文件最多 {limit} 字节（本软件的限制，"
        "因为工作表须放入内存）。请另存为 CSV",
    ),
    "files.sheet": (
        "{path} has no sheet named {sheet}. Its sheets: {names}. Correct `sheet` in the mapping",
        "{path} 没有名为 {sheet} 的工作表。现有：{names}。请更正映射文件中的 `sheet`",
    ),
    "files.outside": (
        "{path} leads out of the folder {folder}. Put the file itself there, not a link",
        "{path} 指向文件夹 {folder} 之外。请把文件本身放入，而不是链接",
    ),
    "files.header": (
        "the header of this file cannot be read. Write the names of the columns in the "
        "first line, each quote closed",
        "无法读取此文件的表头。请在第一行写出列名，引号须闭合",
    ),
    "files.column": (
        "there is no column {column}, which the mapping names. Nearest: {nearest}. "
        "Columns of this file: {names}. Correct the mapping, or its `delimiter`, or "
        "the export",
        "没有映射文件所指的列 {column}。最接近：{nearest}。此文件的列：{names}。"
        "请更正映射文件、其中的 `delimiter`，或导出文件",
    ),
    "files.column_twice": (
        "the column {column} stands {count} times in the header, so its value is not "
        "certain. Rename all but one",
        "列 {column} 在表头中出现 {count} 次，其值无法确定。请只保留一个，其余改名",
    ),
    "files.identity_column": (
        "there is no column {column}, which a file without a mapping needs. Nearest: "
        "{nearest}. Columns of this file: {names}. Rename the column, or write a "
        "mapping file and name it with --mapping",
        "没有列 {column}，而不用映射文件时必须有它。最接近：{nearest}。此文件的列："
        "{names}。请改列名，或写映射文件并用 --mapping 指定",
    ),
    "files.no_claims_file": (
        "there is no file {path}. Give the path of a CSV, JSON, JSON Lines, Parquet or XLSX "
        "file of claims",
        "没有文件 {path}。请给出 CSV、JSON、JSON Lines、Parquet 或 XLSX 报销文件的路径",
    ),
    "files.no_rates_file": (
        "there is no file {path}. Give the path of a file of rates with the columns date, currency and rate",
        "没有文件 {path}。请给出汇率文件的路径，其列为 date、currency、rate",
    ),
    "files.suffix": (
        "{path} is not a file that can be read: its name must end in one of {names}",
        "{path} 无法读取：文件名须以下列之一结尾：{names}",
    ),
    "files.not_in_mapping": (
        "the mapping {mapping} names no source of {missing} for {path}; its patterns: "
        "{patterns}. Add the file's name to `files` of such a source",
        "映射文件 {mapping} 没有为 {path} 指定 {missing} 的来源；其文件模式："
        "{patterns}。请把文件名加入相应来源的 `files`",
    ),
    "files.kind_twice": (
        "the mapping {mapping} reads {path} twice as {kinds}; one file alone is read "
        "once for each kind. Split the sources, or use `sync` on a folder",
        "映射文件 {mapping} 把 {path} 两次读作 {kinds}；单个文件对每种记录只读一次。"
        "请拆分来源，或对文件夹使用 `sync`",
    ),
    "files.fields": (
        "[crm.{crm}.fields] is not for the adapter `files`: its mapping file says which column is "
        "which field. Write the names there",
        "适配器 `files` 不使用 [crm.{crm}.fields]：各列对应哪个字段由其映射文件说明。请写入映射文件",
    ),
    "files.kind": (
        "the connection {crm} has no files of kind {kind}; its mapping names: {names}. "
        'Add a [[source]] with kind = "{kind}"',
        '连接 {crm} 没有 {kind} 类的文件；其映射包含：{names}。请添加 kind = "{kind}" '
        "的 [[source]]",
    ),
    "files.no_source": (
        "the mapping names no source. Add one: [[source]] with kind, files and [source.fields]",
        "映射文件没有来源。请添加 [[source]]，写明 kind、files 和 [source.fields]",
    ),
    "files.timezone": (
        "{value} is not a time zone of the IANA database on this machine. Example: "
        'timezone = "Asia/Shanghai" (on Windows, install the package tzdata)',
        "{value} 不是本机 IANA 数据库中的时区。示例：timezone = "
        '"Asia/Shanghai"（Windows 上请安装软件包 tzdata）',
    ),
    "files.encoding": (
        "{value} is not an encoding that can be read line by line. Use auto, utf-8, "
        "utf-16, gb18030, big5, cp1252 or another one that Python knows",
        "{value} 不是可逐行读取的编码。请使用 auto、utf-8、utf-16、gb18030、big5、"
        "cp1252 或 Python 支持的其他编码",
    ),
    "files.pattern_outside": (
        "{value} leads out of the folder. Write a pattern below it, with /, like "
        '"exports/lines*.csv"',
        '{value} 指向文件夹之外。请写文件夹之内的模式，用 / 分隔，例如 "exports/lines*.csv"',
    ),
    "files.pattern_suffix": (
        "{value} does not say which format its files have. End it with one of {names}, "
        'like "lines*.csv"',
        '{value} 没有说明文件格式。请以下列之一结尾：{names}，例如 "lines*.csv"',
    ),
    "files.json_shape": (
        "a .json file holds one claim, in braces, or an array of claims, in square brackets; "
        "this one begins otherwise. For one object a line, let its name end in .jsonl",
        ".json 文件应为一张报销单（花括号）或报销单数组（方括号），此文件开头不同。"
        "若每行一个对象，请以 .jsonl 结尾命名",
    ),
    "files.json_broken": (
        "this file is not JSON: {detail}. Correct it there",
        "此文件不是 JSON：{detail}。请更正该处",
    ),
    "files.json_large": (
        "this file has {size} MiB, and a .json file may have {limit} (a limit of this package). "
        "Write one claim a line, and let its name end in .jsonl: such a file may have any size",
        "此文件有 {size} MiB，.json 文件最多 {limit} MiB（本软件的限制）。"
        "请每行写一张报销单并以 .jsonl 结尾命名：此类文件大小不限",
    ),
    "files.json_mapping": (
        "{path} is read without a mapping, as claims in the published shape. For a mapping write "
        "one object a line, and let its name end in .jsonl",
        "{path} 不用映射文件，按公布的报销单格式读取。若要用映射文件，请每行写一个对象，以 .jsonl 结尾命名",
    ),
    "files.explode": (
        "{value} is not JSON Lines, and only arrays of JSON can be exploded. Remove "
        "`explode`, or name .jsonl files",
        "{value} 不是 JSON Lines，只有 JSON 数组可以展开。请删除 `explode`，或指定 .jsonl 文件",
    ),
    "files.delimiter": (
        '{value} is not a delimiter: one character is needed, like ";" or "\\t"',
        '{value} 不是分隔符：须为一个字符，例如 ";" 或 "\\t"',
    ),
    "files.field_unknown": (
        "a record of kind {kind} has no field {field}. Nearest or all: {names}",
        "{kind} 记录没有字段 {field}。相近或全部字段：{names}",
    ),
    "files.field_missing": (
        "a record of kind {kind} needs the field {field}, which has no mapping. Add "
        'it, like {field} = "Column"',
        '{kind} 记录必须有字段 {field}，但没有映射。请添加，例如 {field} = "列名"',
    ),
    "files.cell_origin": (
        "{field} needs exactly one of `column`, `template` and `value`, and not an "
        'empty one. Example: {field} = { column = "Column" }',
        "{field} 须恰好有 `column`、`template`、`value` 之一，且不为空。示例：{field} "
        '= { column = "列名" }',
    ),
    "files.template": (
        "the template {value} of {field} is not well formed: each column stands in its "
        'own braces, like "{Claim No}-{Line}"',
        '{field} 的模板 {value} 写法不对：每个列名须各自放在花括号中，例如 "{Claim No}-{Line}"',
    ),
    "files.option": (
        "`{option}` does not fit {field}, which is read as {form}. Remove it",
        "`{option}` 不适用于 {field}（按 {form} 读取）。请删除",
    ),
    "files.format": (
        "the format {value} of {field} does not work, because of {directive}, which is "
        'unknown or missing. A date needs year, month and day, like "%Y-%m-%d"',
        "{field} 的格式 {value} 不可用：{directive} 未知或缺少。日期须有年、月、日，"
        '例如 "%Y-%m-%d"',
    ),
    "files.group": (
        "{field} has {value} both between groups and before the decimals. State two "
        "different signs",
        "{field} 的千位分隔和小数点都是 {value}。请写两个不同的符号",
    ),
    "files.no_values": (
        "{field} has `strict` or `otherwise`, but no `values` to which they belong. "
        'Add them, like values = { "Taxi" = "taxi" }',
        "{field} 有 `strict` 或 `otherwise`，却没有对应的 `values`。请添加，例如 "
        'values = { "Taxi" = "taxi" }',
    ),
    "files.strict_otherwise": (
        "{field} has both `strict` and `otherwise`; a word that is not listed cannot "
        "be both refused and replaced. Keep one",
        "{field} 同时有 `strict` 和 `otherwise`；未列出的词不能既拒绝又替换。请只保留一个",
    ),
    "files.else_deep": (
        "the chain of `else` is longer than {limit} (a limit of this package). Shorten it",
        "`else` 链超过 {limit} 层（本软件的限制）。请缩短",
    ),
    "files.else_after_value": (
        "{field} has an `else` behind a constant, which is never empty. Remove one of them",
        "{field} 在常量之后有 `else`，而常量从不为空。请删除其中之一",
    ),
    "files.incremental": (
        "all files are read again when one of them has changed, because a file does "
        "not say which of its rows are new",
        "任一文件变动时会重新读取全部文件，因为文件不会说明哪些行是新的",
    ),
    "files.no_files": (
        "no file in {folder} is named like {patterns}, so there are no records of kind "
        "{kind}. Put the export there, or correct `files` in the mapping",
        "{folder} 中没有名称符合 {patterns} 的文件，因此没有 {kind} 记录。"
        "请放入导出文件，或更正映射文件中的 `files`",
    ),
    "files.empty": (
        "this file has no rows. If that is not meant, export it again",
        "此文件没有数据行。若非本意，请重新导出",
    ),
    "files.sampled": (
        "read {rows} rows as {kind}, {aside} of them would be set aside; encoding {encoding}",
        "按 {kind} 读取了 {rows} 行，其中 {aside} 行会被搁置；编码 {encoding}",
    ),
    "files.never_filled": (
        "the mapping names {column}, which none of the first {rows} objects has. Check the name",
        "映射文件所指的 {column} 在前 {rows} 个对象中从未出现。请核对名称",
    ),
    "record.budget_currency": (
        "the budget {budget} is kept in {before} and has entries; now it comes in {currency}. A budget keeps its "
        "currency: set it back in the CRM, or make a new budget with another id",
        "预算 {budget} 已按 {before} 记账，现以 {currency} 传来。预算的币种不可更改：请在 CRM 中改回，或以新编号另建预算",
    ),
    "record.budget_planned": (
        "the budget {budget} was brought by a plan ({plan}), and the CRM says otherwise ({amount}). The plan's version "
        "counts: change the plan and import it, or correct the record in the CRM",
        "预算 {budget} 由预算计划导入（{plan}），CRM 中的内容不一致（{amount}）。以计划为准：请修改计划并重新导入，或更正 CRM 中的记录",
    ),
}
