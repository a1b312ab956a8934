"""What can be wrong with a connection file, and with what it is used on."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "rest.no_connection": (
        "there is no connection file {name}. These are shipped: {known}; the nearest is {near}. A "
        'file of your own is a path that ends with .toml, like connection = "my-crm.toml"',
        "没有连接文件 {name}。随软件提供的有：{known}；最接近的是 {near}。自己的文件请写以 .toml 结尾的路径，"
        '例如 connection = "my-crm.toml"',
    ),
    "rest.placeholder": (
        "{name} is no placeholder. Inside braces stands one name, like {config.url} or {id}; a "
        "brace itself is written twice",
        "{name} 不是占位符。花括号内只能写一个名称，例如 {config.url} 或 {id}；花括号本身请写两次",
    ),
    "rest.unknown_placeholder": (
        "there is no {name} at this place. Known here: {known}. A value of the settings is declared "
        "in a table [config.NAME], a secret in [secret.NAME]",
        "此处没有 {name}。可用的有：{known}。来自设置的值请在 [config.NAME] 表中声明，密钥在 [secret.NAME] 中声明",
    ),
    "rest.rule_for_all": (
        "an error rule must say when it fits, or it would fit every answer. Add status, body, "
        "message or header, like status = 429",
        "错误规则必须写明何时适用，否则会适用于所有应答。请添加 status、body、message 或 header，例如 status = 429",
    ),
    "rest.files_of_nothing": (
        "[files] says where files of vouchers are, but there is no [kind.voucher]. Add it, or leave "
        "[files] out",
        "[files] 写明了凭证文件的位置，但没有 [kind.voucher]。请添加该表，或删除 [files]",
    ),
    "rest.lacks": (
        "{part} needs {needs} as well (one of them, where several are named)",
        "{part} 还需要 {needs}（列出多个时写其中一个即可）",
    ),
    "rest.two_bodies": (
        "a call sends either body (JSON) or form, not both. Leave one of them out",
        "一次调用只能发送 body（JSON）或 form 之一。请删除其中一个",
    ),
    "rest.no_parent": (
        "{value} cannot hold rows of this kind: there is no [kind.{value}] that is read by itself",
        "{value} 不能包含此类记录的行：没有可单独读取的 [kind.{value}]",
    ),
    "rest.field": (
        "a {kind} has no field {ours}. Did you mean {near}? Known: {known}",
        "{kind} 没有字段 {ours}。是否指 {near}？可用的有：{known}",
    ),
    "rest.field_missing": (
        "a {kind} cannot be without {ours}: say in which field of the CRM it stands, or give a "
        'constant, like {ours} = { value = "..." }',
        '{kind} 不能没有 {ours}：请写明它在 CRM 的哪个字段中，或给出常量，例如 {ours} = { value = "..." }',
    ),
    "rest.no_place": (
        "a field needs the path of the CRM's field, or a constant value",
        "字段需要写明 CRM 字段的路径，或一个常量 value",
    ),
    "rest.wrap": (
        'wrap must hold the text "{value}" exactly once, and no other placeholder',
        'wrap 必须恰好包含一次文本 "{value}"，且不得有其他占位符',
    ),
    "rest.result": (
        "no result of a {kind} has a field {ours}. Did you mean {near}? Known: {known}",
        "{kind} 的结果没有字段 {ours}。是否指 {near}？可用的有：{known}",
    ),
    "rest.keyset": (
        "{part} is paged by keyset, which needs rows in the order of their time and a filter: "
        'sorted = true and kind = "filter" in [since]',
        '{part} 使用 keyset 分页，需要按时间排序的行和筛选条件：请在 [since] 中写 sorted = true 和 kind = "filter"',
    ),
    "rest.after": (
        "{part} is paged by keyset, so the filter of [since] must name {after}, the id of the last "
        "record, beside {since}: rows of one time would be lost or come for ever without it",
        "{part} 使用 keyset 分页，因此 [since] 的筛选条件除 {since} 外还须写 {after}（上一条记录的标识），"
        "否则同一时间的行会丢失或反复出现",
    ),
    "rest.each": (
        '{each} stands for one of several values, inside a table like { encode = "each", of = '
        '"ids", value = "id={each}", join = "|" }. Known for `of` here: {known}',
        '{each} 代表多个值中的一个，只能用在这样的表中：{ encode = "each", of = "ids", '
        'value = "id={each}", join = "|" }。此处 of 可用：{known}',
    ),
    "rest.format": (
        "{value} is no form of a time. Write one like %Y-%m-%d %H:%M:%S, or one of these words: "
        "{known}",
        "{value} 不是时间格式。请写 %Y-%m-%d %H:%M:%S 这样的格式，或以下词之一：{known}",
    ),
    "rest.host": (
        "{value} is no host. Write its name alone, with a port where it has another one, like "
        "files.example.com or files.example.com:8443",
        "{value} 不是主机。请只写主机名，端口不同时加端口，例如 files.example.com 或 files.example.com:8443",
    ),
    "rest.encode": (
        "encode is {value}, which is none of: {known}",
        "encode 为 {value}，不是以下之一：{known}",
    ),
    "rest.path": (
        "{value} is no path: {detail}. Write one like data.items[0].name; a point that belongs to a "
        "name is written \\\\.",
        "{value} 不是路径：{detail}。请写 data.items[0].name 这样的路径；属于名称的点写作 \\\\.",
    ),
    "rest.regex": (
        "{value} is no regular expression: {detail}",
        "{value} 不是正则表达式：{detail}",
    ),
    "rest.timezone": (
        "{value} is no time zone. Write an IANA name, like Asia/Shanghai",
        "{value} 不是时区。请写 IANA 名称，例如 Asia/Shanghai",
    ),
    "rest.form": (
        "the field {ours} of a {kind} cannot stand there in this form (`as`). The page on connection "
        "files lists the forms of each type",
        "{kind} 的字段 {ours} 不能采用此形式（`as`）。连接文件的参考页列出了每种类型可用的形式",
    ),
    "rest.no_currency": (
        "the amount {ours} of a {kind} needs its currency: currency is the path of the field that "
        'has it, fixed_currency one that it always has, like fixed_currency = "CNY"',
        "{kind} 的金额 {ours} 需要币种：currency 写所在字段的路径，固定币种写 fixed_currency，"
        '例如 fixed_currency = "CNY"',
    ),
    "rest.not_money": (
        "the field {ours} of a {kind} is no amount, so it has no currency. Leave currency and "
        "fixed_currency out",
        "{kind} 的字段 {ours} 不是金额，因此没有币种。请删除 currency 和 fixed_currency",
    ),
    "rest.no_scale": (
        "the field {ours} of a {kind} is a float over there: scale must say how many decimals count, "
        "like scale = 2",
        "{kind} 的字段 {ours} 在对方是浮点数：必须用 scale 写明保留几位小数，例如 scale = 2",
    ),
    "rest.words": (
        "words of {ours} of a {kind} translate into something that {ours} cannot be. On the right "
        "stands one of our words",
        "{kind} 的 {ours} 的 words 译成了 {ours} 不能取的值。等号右边须是本软件的词",
    ),
    "rest.constant": (
        "the constant of {ours} of a {kind} cannot be read as one",
        "{kind} 的 {ours} 的常量无法识别",
    ),
    "rest.unsafe_path": (
        "the CRM {crm} gave an id that would lead to another address: {value}. Nothing was sent",
        "CRM {crm} 给出的标识会指向另一个地址：{value}。没有发送任何内容",
    ),
    "rest.unsafe_value": (
        "{value} holds a quote or a control character and cannot be put into a filter of the CRM "
        "{crm}. If the CRM knows how to write quotes, say so: escape in [connection]",
        "{value} 含有引号或控制字符，不能放入 CRM {crm} 的筛选条件。如果该 CRM 有引号的写法，"
        "请在 [connection] 中用 escape 说明",
    ),
    "rest.which_connection": (
        "[crm.{crm}] does not say which connection file it uses. Write one that is shipped, like "
        'connection = "pocketbase", or a path that ends with .toml',
        '[crm.{crm}] 没有写明使用哪个连接文件。请写随软件提供的名称，例如 connection = "pocketbase"，'
        "或以 .toml 结尾的路径",
    ),
    "rest.no_value": (
        "[crm.{crm}] lacks {name}: {help}",
        "[crm.{crm}] 缺少 {name}：{help}",
    ),
    "rest.no_text": (
        "{name} of [crm.{crm}] must be a text in quotes: {help}",
        "[crm.{crm}] 的 {name} 必须是带引号的文本：{help}",
    ),
    "rest.value": (
        "{name} of [crm.{crm}] is {value}, which the connection file does not allow: {help}",
        "[crm.{crm}] 的 {name} 为 {value}，连接文件不允许：{help}",
    ),
    "rest.flag": (
        "{name} of [crm.{crm}] must be true or false",
        "[crm.{crm}] 的 {name} 必须是 true 或 false",
    ),
    "rest.secret_place": (
        "[crm.{crm}] must say where the secret {name} is ({help}): {name}_variable names an "
        "environment variable, {name}_file a file with nothing else in it; one of the two. The "
        "secret itself never stands in the settings",
        "[crm.{crm}] 须写明密钥 {name} 在何处（{help}）：{name}_variable 为环境变量名，"
        "{name}_file 为只含该密钥的文件，二选一。密钥本身不得写在设置中",
    ),
    "rest.no_secret": (
        "the secret {name} of [crm.{crm}] is not in {place}: it is not set, empty, or cannot be read",
        "[crm.{crm}] 的密钥 {name} 不在 {place} 中：未设置、为空或无法读取",
    ),
    "rest.unknown_option": (
        "[crm.{crm}] has {name}, which the connection file does not know. Known: {known}",
        "[crm.{crm}] 中有 {name}，连接文件不认识。可用的有：{known}",
    ),
    "rest.no_token": (
        "signing in to the CRM {crm} was answered without a token at {path} (token_path in [auth]). "
        "Check the credentials and the path",
        "登录 CRM {crm} 的应答在 {path} 处没有令牌（[auth] 中的 token_path）。请检查凭据和路径",
    ),
    "rest.nobody": (
        "the CRM {crm} answers, but does not know who asks: {path} in the answer to [auth.probe] is "
        "not what it must be. Renew the credentials. Nothing was read, because a CRM may show a "
        "stranger an empty list",
        "CRM {crm} 有应答，但不认识请求者：[auth.probe] 的应答中 {path} 与要求不符。请更新凭据。"
        "没有读取任何内容，因为 CRM 可能向陌生人显示空列表",
    ),
    "rest.body_no_object": (
        "the call {path} of the CRM {crm} sends its page in the body, but the body is no table",
        "CRM {crm} 的调用 {path} 在请求体中发送分页，但请求体不是表",
    ),
    "rest.validation": (
        "the CRM {crm} refused {request} with {status}: {detail}. Sending it again does not help. Look at the "
        "field and its rules in the CRM",
        "CRM {crm} 以 {status} 拒绝了 {request}：{detail}。重发无用。请查看 CRM 中的字段及其规则",
    ),
    "rest.duplicate": (
        "the CRM {crm} has such a record already and refused {request} with {status}: {detail}",
        "CRM {crm} 已有这样的记录，以 {status} 拒绝了 {request}：{detail}",
    ),
    "rest.quota": (
        "the CRM {crm} says that its calls are used up ({request}): {detail}. What was read and "
        "decided is kept; run again later",
        "CRM {crm} 表示调用额度已用完（{request}）：{detail}。已读取和审核的内容都已保存；请稍后再次运行",
    ),
    "rest.config": (
        "the CRM {crm} cannot do what {request} asks: {detail}. Mend the connection file or the CRM's "
        "settings",
        "CRM {crm} 无法执行 {request}：{detail}。请修改连接文件或 CRM 的设置",
    ),
    "rest.not_kept": (
        "the CRM {crm} took the result of {record} without an error, and did not keep: {fields}. Most "
        "likely there are no such fields, or nobody may write them. `crm-expenses crm try` shows "
        "which fields there are",
        "CRM {crm} 接受了 {record} 的结果而没有报错，但没有保存：{fields}。很可能没有这些字段，或不允许写入。"
        "`crm-expenses crm try` 可显示有哪些字段",
    ),
    "rest.no_search": (
        "the connection file of the CRM {crm} has no call `search` for {kind}: results in records of "
        "their own are found by it",
        "CRM {crm} 的连接文件没有 {kind} 的 `search` 调用：独立记录中的结果要靠它查找",
    ),
    "rest.no_read": (
        "the connection file of the CRM {crm} has no call `read` for {kind}",
        "CRM {crm} 的连接文件没有 {kind} 的 `read` 调用",
    ),
    "rest.no_files": (
        "the connection file says nothing about this",
        "连接文件没有说明这一点",
    ),
    "rest.some_kinds": (
        "only some kinds of record tell what was deleted",
        "只有部分记录类型会告知删除",
    ),
    "rest.not_atomic": (
        "a record is read and compared before it is written, but nothing keeps others out in between",
        "写入前会读取并比较记录，但其间无法阻止他人修改",
    ),
    "rest.no_probe": (
        "the connection file of {title} does not say how to ask who is signed in ([auth.probe]), so a "
        "token that is over may look like an empty CRM",
        "{title} 的连接文件没有说明如何查询登录者（[auth.probe]），因此失效的令牌可能看起来像空的 CRM",
    ),
    "rest.signed_in": (
        "{title} knows who signs in",
        "{title} 认识登录者",
    ),
    "rest.not_signed_in": (
        "{title} does not know who signs in. {detail}",
        "{title} 不认识登录者。{detail}",
    ),
    "rest.cannot_read": (
        "{kind} cannot be read. {detail}",
        "无法读取 {kind}。{detail}",
    ),
    "rest.empty": (
        "{kind}: signed in and read, but there is no record, or none that this user may see",
        "{kind}：已登录并读取，但没有记录，或该用户看不到任何记录",
    ),
    "rest.read": (
        "{kind}: of the {rows} records of the first page, {read} were understood",
        "{kind}：第一页的 {rows} 条记录中，读懂了 {read} 条",
    ),
    "rest.aside": (
        "{kind}: {count} would be set aside, the first of them {record}: {detail}",
        "{kind}：{count} 条会被搁置，第一条为 {record}：{detail}",
    ),
    "rest.lacking": (
        "{kind}: no record of the first page has the field {fields}. A slip in its name, or nobody "
        "has filled it in yet",
        "{kind}：第一页没有任何记录含字段 {fields}。可能是名称有误，或还没有人填写",
    ),
    "rest.unsorted": (
        "{crm}, {kind}: the connection file says sorted = true, but {count} of {rows} records come "
        "before an older one. A sync would lose records: say how the CRM sorts in order_query or "
        "order_body of [since], or leave sorted out",
        "{crm}，{kind}：连接文件写明 sorted = true，但 {rows} 条记录中有 {count} 条排在更早的记录之前。同步会丢失记录："
        "请在 [since] 的 order_query 或 order_body 中写明排序方式，或删除 sorted",
    ),
    "rest.untimed": (
        "{kind}: {count} of {rows} records do not say when they changed, at the paths of [since]",
        "{kind}：{rows} 条记录中有 {count} 条在 [since] 的路径上没有修改时间",
    ),
    "rest.abilities": (
        "what this connection cannot do: {lacking}. Only partly: {partly}",
        "此连接不能做的：{lacking}。只能部分做到：{partly}",
    ),
    "rest.other_bytes": (
        "the bytes of the file {name} are others than those that were kept for it. It was not sent to "
        "the CRM {crm} as a whole. Fetch the file again",
        "文件 {name} 的内容与保存时不同。没有完整发送到 CRM {crm}。请重新获取该文件",
    ),
}
