"""What the commands around connection files say: `crm try`, `crm connect`, `doctor --write`."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "word.incremental": ("read only what is new", "只读新内容"),
    "word.deletes": ("tell what was deleted", "告知删除"),
    "word.look_up": ("read records by their ids", "按标识读取"),
    "word.conflicts": ("refuse a write that comes too late", "拒绝过时的写入"),
    "word.describe": ("describe its fields", "说明自己的字段"),
    "word.voucher_files": ("give files of vouchers", "提供凭证附件"),
    "word.file_writes": ("take files of vouchers", "接收凭证附件"),
    "word.approvals": ("give approvals", "提供审批"),
    "command.crm": (
        "Connect a CRM: write and try a connection file, make its fields, let it send messages.",
        "连接 CRM：编写并试用连接文件，建立字段，让它发送消息。",
    ),
    "command.crm_try": (
        "Read one page of a kind through a connection file and show what became of it; write nothing.",
        "通过连接文件读取某类记录的一页并显示结果；不写入任何内容。",
    ),
    "command.crm_connect": (
        "Write a first connection file from a CRM's answers or its OpenAPI document; each guess is marked.",
        "根据 CRM 的应答或 OpenAPI 文档生成初始连接文件；每处推测都有标记。",
    ),
    "option.try_file": (
        "a connection file (.toml), one that is shipped, or a connection of the settings",
        "连接文件（.toml）、随软件提供的名称，或设置中的连接",
    ),
    "option.try_kind": ("the kind of record, like claim", "记录种类，例如 claim"),
    "option.try_crm": (
        "take values and secrets from this connection of the settings",
        "使用设置中此连接的值和密钥",
    ),
    "option.try_set": (
        "a value or the place of a secret, like url=https://crm.example.com or token_variable=CRM_TOKEN; "
        "may be repeated",
        "值或密钥的位置，例如 url=https://crm.example.com 或 token_variable=CRM_TOKEN；可重复",
    ),
    "option.private": (
        "the CRM may be at a private or local address",
        "CRM 可以位于内网或本机地址",
    ),
    "option.connect_file": (
        "the file to write; it must not be there yet",
        "要写入的文件；不得已存在",
    ),
    "option.connect_from": (
        "the address of a list of records, or an OpenAPI document (address or .json file); an address "
        "may be repeated, one for each list",
        "记录列表的地址，或 OpenAPI 文档（地址或 .json 文件）；地址可重复，每个列表一个",
    ),
    "option.token_variable": (
        "the environment variable that holds the token to ask with",
        "存放访问令牌的环境变量",
    ),
    "option.token_header": (
        "the header that carries the token; in Authorization it stands behind Bearer",
        "携带令牌的请求头；在 Authorization 中写在 Bearer 之后",
    ),
    "option.plain_http": (
        "http:// is meant, beyond this machine",
        "确实要使用 http://（不限于本机）",
    ),
    "crmtry.head": (
        "{title}, {object}: {rows} records on the first page, {read} understood as {kind}, {aside} set aside",
        "{title} 的 {object}：第一页 {rows} 条记录，{read} 条读作 {kind}，{aside} 条被搁置",
    ),
    "crmtry.empty": (
        "{title}, {object}: signed in, but there is no record, or none that this user may see. Put one "
        "in, then try again",
        "{title} 的 {object}：已登录，但没有记录，或该用户看不到任何记录。请先放入一条再试",
    ),
    "crmtry.ours": ("field", "字段"),
    "crmtry.theirs": ("in the CRM", "在 CRM 中"),
    "crmtry.first": ("first", "第一条"),
    "crmtry.second": ("second", "第二条"),
    "crmtry.third": ("third", "第三条"),
    "crmtry.aside": ("set aside {record}: {reasons}", "搁置 {record}：{reasons}"),
    "crmtry.more": ("... and {count} more", "……另有 {count} 条"),
    "crmtry.lacking": (
        "in no record of this page: {fields}. A slip in its name, or nobody has filled it in yet",
        "本页没有任何记录含：{fields}。可能是名称有误，或还没有人填写",
    ),
    "crmtry.untimed": (
        "{count} of {rows} records do not say when they changed, at the paths of [since]",
        "{rows} 条记录中有 {count} 条在 [since] 的路径上没有修改时间",
    ),
    "crmtry.unread": (
        "the CRM has these, and nothing reads them: {fields}",
        "CRM 还有以下字段未被读取：{fields}",
    ),
    "crmconnect.kind": ("{kind}: {path}, {count} fields", "{kind}：{path}，{count} 个字段"),
    "crmconnect.looks": (
        "{count} guesses are marked # LOOK. Look at each one; nothing else knows better than you",
        "有 {count} 处推测标有 # LOOK。请逐一核对",
    ),
    "crmconnect.todo": (
        "a person must fill in {count} things before the file can be used:",
        "使用前还须由人补充 {count} 处：",
    ),
    "crmconnect.settings": ("then, in {settings}:", "然后在 {settings} 中写："),
    "crmconnect.try": ("and try it: {command}", "并试用：{command}"),
    "draft.url": (
        "the address of the CRM, like https://crm.example.com",
        "CRM 的地址，例如 https://crm.example.com",
    ),
    "draft.user": ("the name of the service user", "服务用户的用户名"),
    "draft.password": ("the password of the service user", "服务用户的密码"),
    "draft.token": ("the token of the service user", "服务用户的令牌"),
    "draft.client_id": ("the id of the application that signs in", "登录应用的标识"),
    "draft.client_secret": ("the secret of the application that signs in", "登录应用的密钥"),
    "draft.refresh_token": ("the refresh token of the service user", "服务用户的刷新令牌"),
    "look.head": (
        "guessed from {source}: look at every line that is marked LOOK",
        "根据 {source} 推测：请核对每一处标有 LOOK 的内容",
    ),
    "look.head_next": (
        "try it with `crm-expenses crm try`, then `crm-expenses doctor`; every table and key stands in "
        "docs/reference/connection-files.md",
        "用 `crm-expenses crm try` 试用，再运行 `crm-expenses doctor`；所有表和键见 docs/reference/connection-files.md",
    ),
    "look.others": (
        "lists of which nobody could say what they are to us: {names}",
        "无法判断用途的列表：{names}",
    ),
    "look.origin": (
        "where it was found; the settings may say another one",
        "发现时的地址；设置中可另行指定",
    ),
    "look.scheme": (
        "the document names this way of signing in {name}",
        "文档中这种登录方式名为 {name}",
    ),
    "look.no_scheme": (
        "the document names no way of signing in that we know; most likely there is one (bearer, "
        "api_key, basic, login, oauth2_client_credentials ...)",
        "文档没有写明我们支持的登录方式；很可能需要一种（bearer、api_key、basic、login、oauth2_client_credentials 等）",
    ),
    "look.openid": (
        "{name} is OpenID Connect, which needs a browser; a token of a service user is written here",
        "{name} 为 OpenID Connect，需要浏览器；此处写的是服务用户的令牌",
    ),
    "look.open": (
        "it answered without anybody signing in; is that meant",
        "未登录即有应答；请确认是否有意如此",
    ),
    "look.asked": ("it answered to this token", "使用此令牌得到了应答"),
    "look.probe": (
        "add a call that only who is signed in is answered: else a token that is over may look like an "
        "empty CRM",
        "请添加一个只有登录者才有应答的调用：否则失效的令牌可能看起来像空的 CRM",
    ),
    "look.writes": (
        "writing is as the document says and was not tried; `crm-expenses doctor --write` tries it",
        "写入按文档填写，未经试用；可用 `crm-expenses doctor --write` 试用",
    ),
    "look.writes_untried": (
        "writing was not tried. If the CRM takes these calls, take the # away",
        "写入未经试用。如果 CRM 支持这些调用，请去掉 #",
    ),
    "look.records": (
        "where the list and one record stand in an answer",
        "列表和单条记录在应答中的位置",
    ),
    "look.cursor": (
        "by the name of the parameter {param} and of {place} in the answer",
        "根据参数名 {param} 和应答中的 {place}",
    ),
    "look.link": (
        "the answer has a link to the next page at {place}",
        "应答在 {place} 处有下一页的链接",
    ),
    "look.page": ("by the name of the parameter {param}", "根据参数名 {param}"),
    "look.offset": ("by the name of the parameter {param}", "根据参数名 {param}"),
    "look.header_link": (
        "the answer has a header Link to the next page",
        "应答的 Link 请求头指向下一页",
    ),
    "look.tried": (
        "asked with {param}, the CRM gave the records one by one",
        "用 {param} 请求时，CRM 逐条给出了记录",
    ),
    "look.too_few": (
        "there were too few records to find out how pages are asked for; without it only the first page "
        "is read",
        "记录太少，无法判断如何翻页；不写则只读第一页",
    ),
    "look.like_others": (
        "there were too few records to try it; the other lists are paged like this",
        "记录太少，无法试用；其他列表是这样翻页的",
    ),
    "look.put": (
        "this CRM updates with PUT, which may empty every field that is not sent: ask before you use it",
        "该 CRM 用 PUT 更新，可能会清空未发送的字段：使用前请确认",
    ),
    "look.no_paging": (
        "nobody knows how pages are asked for; without it only the first page is read",
        "不清楚如何翻页；不写则只读第一页",
    ),
    "look.no_changed": (
        "no field says when a record changed, so all is read each time",
        "没有字段表示修改时间，因此每次读取全部",
    ),
    "look.no_since": (
        "{field} says when a record changed, but nobody knows how to ask for what is new, so all is read "
        'each time. If there is a filter: [since] with kind = "filter", field, query with {since}',
        "{field} 表示修改时间，但不清楚如何只取新的记录，因此每次读取全部。如有筛选条件，请写 [since]："
        'kind = "filter"、field、含 {since} 的 query',
    ),
    "look.since": (
        "by the name of the parameter {param}; it must mean: changed at or after",
        "根据参数名 {param}；其含义须为：在该时刻或之后修改",
    ),
    "look.kind": ("{path} sounds like {kind}", "{path} 的名称像 {kind}"),
    "look.kind_loose": (
        "{path} may be {kind}, or something else: its name does not say it plainly",
        "{path} 可能是 {kind}，也可能不是：名称并不明确",
    ),
    "look.no_id": ("no field looks like an id", "没有字段像标识"),
    "look.id": ("by its name", "根据名称"),
    "look.nested": (
        "lines seem to stand inside each claim, in {name}",
        "明细似乎位于每张报销单的 {name} 之内",
    ),
    "look.constant": (
        "no field was found, so every record is the same",
        "没有找到字段，因此每条记录都相同",
    ),
    "look.missing": (
        "fill these in, there is no record without them. The CRM has left: {names}",
        "请补充以下字段，缺少则无法构成记录。CRM 中尚未使用的有：{names}",
    ),
    "look.left": ("the CRM has, and nothing reads: {names}", "CRM 还有以下字段未被读取：{names}"),
    "look.field": ("by its name", "根据名称"),
    "look.words": (
        "by its name; our words are {known}; theirs that nobody could translate: {unknown}",
        "根据名称；我们的词为 {known}；对方无法翻译的词：{unknown}",
    ),
    "look.reference": ("by its name and what stands there", "根据名称和内容"),
    "look.no_currency": (
        'by its name; no currency was found: add fixed_currency = "..." or currency = "..."',
        '根据名称；没有找到币种：请添加 fixed_currency = "..." 或 currency = "..."',
    ),
    "look.amount": ("by its name, with its currency", "根据名称，连同币种"),
    "option.doctor_write": (
        "also write a scratch record, read it back and delete it, where the connection can",
        "在连接支持时，另写入一条试写记录，读回比较后删除",
    ),
}
