"""What can go wrong with Zoho CRM: its settings, signing in, its answers."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # WIRE: settings, tokens, answers, credits
    "zoho.text": (
        "{name} of [crm.{crm}] is not of the form that it must have. Write it in quotes, as Zoho "
        'shows it, without blanks around it, like client_id = "1000.ABC"',
        "[crm.{crm}] 的 {name} 格式不正确。请按 Zoho 显示的内容写在引号中，前后不要有空白，"
        '例如 client_id = "1000.ABC"',
    ),
    "zoho.flag": (
        "{name} of [crm.{crm}] must be true or false",
        "[crm.{crm}] 的 {name} 必须是 true 或 false",
    ),
    "zoho.whole": (
        "{name} of [crm.{crm}] must be a whole number from {least} to {limit}",
        "[crm.{crm}] 的 {name} 必须是 {least} 到 {limit} 的整数",
    ),
    "zoho.table": (
        "{name} of [crm.{crm}] must be a table, like [crm.{crm}.{name}] on a line of its own",
        "[crm.{crm}] 的 {name} 必须是一个表，例如单独一行写 [crm.{crm}.{name}]",
    ),
    "zoho.choice": (
        "{name} of [crm.{crm}] is {value}, which is not among what it may be: {known}",
        "[crm.{crm}] 的 {name} 为 {value}，可用的值为：{known}",
    ),
    "zoho.unknown_option": (
        "[crm.{crm}] has {name}, which a connection to Zoho CRM does not know. Near: {near}. Mend "
        "the name or leave it out",
        "[crm.{crm}] 中有 {name}，Zoho CRM 的连接不认识。相近的有：{near}。请修正名称或删除",
    ),
    "zoho.centre": (
        "data_centre of [crm.{crm}] is {value}. The addresses of these are known: {known}. For any "
        "other write all three of them in [crm.{crm}.addresses]: accounts, api and content",
        "[crm.{crm}] 的 data_centre 为 {value}。已知地址的数据中心有：{known}。其他数据中心请在 "
        "[crm.{crm}.addresses] 中写明全部三个地址：accounts、api、content",
    ),
    "zoho.address": (
        "the address {name} of [crm.{crm}.addresses] cannot be used. Write it like "
        "https://www.zohoapis.com, with https:// and without user, query or #",
        "[crm.{crm}.addresses] 的地址 {name} 无法使用。请写成 https://www.zohoapis.com 的形式，"
        "以 https:// 开头，不带用户名、参数或 #",
    ),
    "zoho.address_plain": (
        "the address {name} of [crm.{crm}.addresses] ({host}) is http://, which anybody on the way "
        "can read. Use https://, or say plain_http = true where that is meant",
        "[crm.{crm}.addresses] 的地址 {name}（{host}）是 http://，途中任何人都能读到。请改用 https://；"
        "如确有此意，请写 plain_http = true",
    ),
    "zoho.currency": (
        "currency of [crm.{crm}] is {value}, which is no currency. Write the organisation's home "
        "currency by ISO 4217, like CNY",
        "[crm.{crm}] 的 currency 为 {value}，不是货币。请写组织本位币的 ISO 4217 代码，例如 CNY",
    ),
    "zoho.module": (
        "the module of {name} in [crm.{crm}.modules] is {value}, which is no API name. Write it as "
        "Zoho shows it under API names, like Expense_Claims, or leave it empty",
        "[crm.{crm}.modules] 中 {name} 的模块为 {value}，不是 API 名称。请写 Zoho 的 API 名称中显示的内容，"
        "例如 Expense_Claims，或留空",
    ),
    "zoho.lacks": (
        "[crm.{crm}] lacks {name}. Copy it from the self client in Zoho's API console",
        "[crm.{crm}] 缺少 {name}。请从 Zoho API 控制台的 Self Client 中复制",
    ),
    "zoho.secret_place": (
        "[crm.{crm}] must say where the secret {name} is: {name}_variable names an environment "
        "variable, {name}_file a file with nothing else in it; one of the two. The secret itself "
        "never stands in the settings",
        "[crm.{crm}] 须写明密钥 {name} 在何处：{name}_variable 为环境变量名，{name}_file 为只含该密钥的文件，"
        "二选一。密钥本身不得写在设置中",
    ),
    "zoho.no_secret": (
        "the secret {name} of [crm.{crm}] is not in {place}: it is not set, empty, or cannot be "
        "read. A refresh token is made with `crm-expenses crm sign-in {crm}`",
        "[crm.{crm}] 的密钥 {name} 不在 {place} 中：未设置、为空或无法读取。"
        "刷新令牌可用 `crm-expenses crm sign-in {crm}` 取得",
    ),
    "zoho.secret_form": (
        "the secret {name} of [crm.{crm}] in {place} holds a blank or a character that no token of "
        "Zoho's has. Copy it again",
        "[crm.{crm}] 的密钥 {name}（位于 {place}）含有空白或 Zoho 令牌中不会出现的字符。请重新复制",
    ),
    "signin.no_grant": (
        "no grant token for the CRM {crm} was given, or what was given holds a blank. Generate a code "
        "of the self client in Zoho's API console and give it on standard input, or type it",
        "没有为 CRM {crm} 提供授权令牌，或其中含有空白。请在 Zoho API 控制台用 Self Client 生成代码，"
        "由标准输入提供或手动输入",
    ),
    "zoho.two_tokens": (
        "[crm.{crm}] names both an access token and a refresh token. Leave one out: an access token "
        "that is given is never renewed",
        "[crm.{crm}] 同时写了访问令牌和刷新令牌。请删除其中一个：直接给出的访问令牌不会被更新",
    ),
    "zoho.given_none": (
        "no access token was given for the CRM {crm}: what gives it gave an empty text",
        "没有为 CRM {crm} 提供访问令牌：提供者给出了空文本",
    ),
    "zoho.given_over": (
        "the CRM {crm} does not take the access token that was given, and tokens that are given are "
        "not renewed here. Give a new one, or name a refresh token in the settings",
        "CRM {crm} 不接受所提供的访问令牌，而直接给出的令牌不会在此更新。请提供新的令牌，"
        "或在设置中写明刷新令牌",
    ),
    "zoho.token_over": (
        "the CRM {crm} does not take the access token, though it was just made ({request}: "
        "{zoho_code}). Its data centre may be another one than data_centre says, or the user is not "
        "active any more",
        "CRM {crm} 不接受刚取得的访问令牌（{request}：{zoho_code}）。数据中心可能与 data_centre 所写不同，"
        "或该用户已停用",
    ),
    "zoho.token_budget": (
        "a token for the CRM {crm} was asked for {limit} times in {minutes} minutes, which is all "
        "that one process asks for (Zoho makes ten for all). Wait, and look why tokens do not last",
        "CRM {crm} 的令牌在 {minutes} 分钟内已请求 {limit} 次，达到单个进程的上限（Zoho 总共只发十个）。"
        "请稍候，并检查令牌为何很快失效",
    ),
    "zoho.token_throttled": (
        "Zoho makes no more tokens for the CRM {crm} for now ({word}): more than ten were asked for "
        "in ten minutes, by whoever uses this refresh token. Run again in ten minutes",
        "Zoho 暂时不再为 CRM {crm} 发放令牌（{word}）：使用此刷新令牌的各方在十分钟内请求了十次以上。"
        "请十分钟后再次运行",
    ),
    "zoho.revoked": (
        "{host} does not take the refresh token of the CRM {crm} ({word}): it was revoked, or is of "
        "another client or data centre. Make a new one with `crm-expenses crm sign-in {crm}`",
        "{host} 不接受 CRM {crm} 的刷新令牌（{word}）：已被吊销，或属于其他客户端或数据中心。"
        "请用 `crm-expenses crm sign-in {crm}` 重新取得",
    ),
    "zoho.grant_over": (
        "{host} does not take the grant token for the CRM {crm} ({word}): it was used already, its "
        "minutes are over, or it is of another client or data centre. Make a new one in Zoho's API "
        "console and be quick",
        "{host} 不接受 CRM {crm} 的授权令牌（{word}）：已用过、已过期，或属于其他客户端或数据中心。"
        "请在 Zoho API 控制台重新生成并尽快使用",
    ),
    "zoho.client": (
        "{host} does not know the client of the CRM {crm} ({word}). Compare client_id and the client "
        "secret with the self client in the API console of the same data centre",
        "{host} 不认识 CRM {crm} 的客户端（{word}）。请将 client_id 和客户端密钥与同一数据中心 API 控制台中的 "
        "Self Client 核对",
    ),
    "zoho.token_refused": (
        "{host} gives no token for the CRM {crm}; its word for it is {word}. Look at the self client "
        "in Zoho's API console",
        "{host} 没有为 CRM {crm} 发放令牌，其说明为 {word}。请检查 Zoho API 控制台中的 Self Client",
    ),
    "zoho.no_token": (
        "{host} answered without a token for the CRM {crm}. Check the address accounts",
        "{host} 的应答中没有 CRM {crm} 的令牌。请检查 accounts 地址",
    ),
    "zoho.no_refresh_token": (
        "the grant token for the CRM {crm} was taken, but no refresh token came back. Make a new "
        "grant token of a self client, for offline access",
        "CRM {crm} 的授权令牌已被接受，但没有返回刷新令牌。请用 Self Client 重新生成可离线访问的授权令牌",
    ),
    "zoho.elsewhere": (
        "the token of the CRM {crm} is one for {host}, but the settings say that the API is at "
        "{ours}. Nothing was sent to either. Set data_centre, environment or the addresses to where "
        "the token belongs",
        "CRM {crm} 的令牌属于 {host}，而设置中的 API 地址为 {ours}。没有向任何一方发送内容。"
        "请将 data_centre、environment 或地址改为令牌所属之处",
    ),
    "zoho.scope": (
        "the token of the CRM {crm} has no scope for {request} ({status}, {zoho_code}). Make a grant "
        "token with all scopes that the how-to lists, then `crm-expenses crm sign-in {crm}`",
        "CRM {crm} 的令牌没有执行 {request} 的权限范围（{status}，{zoho_code}）。请按操作指南列出的全部 scope "
        "生成授权令牌，再运行 `crm-expenses crm sign-in {crm}`",
    ),
    "zoho.auth": (
        "the CRM {crm} does not accept our credentials for {request} ({status}, {zoho_code}: "
        "{detail})",
        "CRM {crm} 不接受我们执行 {request} 的凭据（{status}，{zoho_code}：{detail}）",
    ),
    "zoho.permission": (
        "the CRM {crm} does not permit {request} to this user ({status}, {zoho_code}: {detail}). Ask "
        "its administrator for the permission in the user's profile",
        "CRM {crm} 不允许此用户执行 {request}（{status}，{zoho_code}：{detail}）。"
        "请管理员在该用户的简档中授予权限",
    ),
    "zoho.changed": (
        "the record has changed in the CRM {crm} meanwhile: {request} gave {status} ({detail}). Pull "
        "it and decide anew",
        "记录在 CRM {crm} 中已被修改：{request} 返回 {status}（{detail}）。请重新拉取并再次审核",
    ),
    "zoho.refused": (
        "the CRM {crm} refused {request} with {status}, {zoho_code}: {detail}. The same request will "
        "not succeed: mend what it names",
        "CRM {crm} 拒绝了 {request}（{status}，{zoho_code}：{detail}）。同样的请求不会成功：请修正其指出之处",
    ),
    "zoho.upload_again": (
        "the token of the CRM {crm} was over while a file was sent to it; nothing was kept of the "
        "file. There is a new token: send it again",
        "向 CRM {crm} 发送文件时令牌失效，文件没有被保存。已取得新令牌：请重新发送",
    ),
    "zoho.slots": (
        "all calls that may run at once to the CRM {crm} are under way, and none ended in {seconds} "
        "seconds. Run fewer things at once",
        "CRM {crm} 允许同时进行的调用已全部占用，{seconds} 秒内没有结束的。请减少同时运行的任务",
    ),
    # end of WIRE
    # CORE: queries, values, records, files
    "zoho.no_zone": (
        "[crm.{crm}] must name the company's zone: the days of claims are counted by it. Write "
        'timezone = "Asia/Shanghai", or whatever it is',
        '[crm.{crm}] 须写明公司所在时区，报销单的日期按其计算。请写 timezone = "Asia/Shanghai" 或实际时区',
    ),
    "zoho.many_fields": (
        "{kind} of [crm.{crm}] has more fields than one call can ask for ({limit}). Leave some out "
        'in [crm.{crm}.fields.{kind}], like merchant = ""',
        "[crm.{crm}] 的 {kind} 字段超过一次调用可读取的数量（{limit}）。请在 [crm.{crm}.fields.{kind}] 中去掉一些，"
        '例如 merchant = ""',
    ),
    "zoho.query_value": (
        "{value} cannot stand in a query to Zoho CRM: how a quote, a backslash or a control "
        "character is written there is documented nowhere. Use the id of the record instead",
        "{value} 不能用于 Zoho CRM 的查询：引号、反斜杠、控制字符的写法没有文档说明。请改用记录的 ID",
    ),
    "zoho.query_name": (
        "{value} is no API name of a module or a field. Copy it from Zoho's page of API names, like "
        "Expense_Claims",
        "{value} 不是模块或字段的 API 名称。请从 Zoho 的 API 名称页面复制，例如 Expense_Claims",
    ),
    "zoho.query_size": (
        "a query to Zoho CRM has {count} in {what}, and must have 1 to {limit}",
        "对 Zoho CRM 的查询在 {what} 中有 {count} 项，须为 1 到 {limit} 项",
    ),
    "zoho.stage": (
        "the stage {value} of a deal ({theirs}) has no meaning here yet. Say what it is in "
        '[crm.{crm}.stages], like "{value}" = "open", or "won", or "lost"',
        "商机阶段 {value}（{theirs}）在此尚无含义。请在 [crm.{crm}.stages] 中说明，"
        '例如 "{value}" = "open"，或 "won"、"lost"',
    ),
    "zoho.no_stage": (
        "no stage of a deal means {stage} in [crm.{crm}.stages]. Add one, by the name that {theirs} "
        'has for it: "Closed Won" = "won"',
        "[crm.{crm}.stages] 中没有含义为 {stage} 的阶段。请按 {theirs} 的名称添加，例如 "
        '"Closed Won" = "won"',
    ),
    "zoho.fraction": (
        "{theirs} would be {value}, and Zoho CRM keeps whole seconds only: the fraction would be "
        "lost. Give {ours} in whole seconds",
        "{theirs} 将写为 {value}，但 Zoho CRM 只保存整秒，小数部分会丢失。请以整秒给出 {ours}",
    ),
    "zoho.two_currencies": (
        "amounts of one result are in several currencies, {currency} among them, and they share one "
        "field for it ({theirs})",
        "同一结果的金额有多种货币（包括 {currency}），而它们共用一个货币字段（{theirs}）",
    ),
    "zoho.no_fields": (
        "the module {module} of the CRM {crm} lacks fields that are read: {fields}. Create them with "
        "`crm-expenses crm setup {crm}`, or name others in [crm.{crm}.fields.KIND]",
        "CRM {crm} 的模块 {module} 缺少要读取的字段：{fields}。请用 `crm-expenses crm setup {crm}` 创建，"
        "或在 [crm.{crm}.fields.KIND] 中指定其他字段",
    ),
    "zoho.no_field": (
        "the module {module} of the CRM {crm} has no field {field}: Zoho would drop the value and "
        "say it was written. Create it with `crm-expenses crm setup {crm}`, or name another in "
        "[crm.{crm}.fields.KIND]",
        "CRM {crm} 的模块 {module} 没有字段 {field}：Zoho 会丢弃该值却答复已写入。"
        "请用 `crm-expenses crm setup {crm}` 创建，或在 [crm.{crm}.fields.KIND] 中指定其他字段",
    ),
    "zoho.read_only": (
        "{field} of the module {module} cannot be written in the CRM {crm}. Name another field in "
        "[crm.{crm}.fields.KIND]",
        "CRM {crm} 的模块 {module} 的字段 {field} 不可写。请在 [crm.{crm}.fields.KIND] 中指定其他字段",
    ),
    "zoho.long_text": (
        "{field} of the module {module} in the CRM {crm} takes {limit} characters, and {length} are "
        "to be written. Make it longer there, or name a larger field in [crm.{crm}.fields.KIND]",
        "CRM {crm} 的模块 {module} 的字段 {field} 最多 {limit} 个字符，而要写入 {length} 个。"
        "请在 CRM 中加长，或在 [crm.{crm}.fields.KIND] 中指定更大的字段",
    ),
    "zoho.decimals": (
        "{field} of the module {module} in the CRM {crm} keeps {limit} decimals, so {value} would be "
        "rounded. Give it more decimals there (3 are enough for every currency in use)",
        "CRM {crm} 的模块 {module} 的字段 {field} 保留 {limit} 位小数，{value} 会被舍入。"
        "请在 CRM 中增加小数位数（3 位足够所有在用货币）",
    ),
    "zoho.digits": (
        "{field} of the module {module} in the CRM {crm} takes {limit} digits before the point, and "
        "{value} has more",
        "CRM {crm} 的模块 {module} 的字段 {field} 小数点前最多 {limit} 位，{value} 超出",
    ),
    "zoho.no_number": (
        "{field} of the module {module} in the CRM {crm} is of the type {type}, and a number is to be "
        "written. Make it a currency or a decimal, or name another field in [crm.{crm}.fields.KIND]",
        "CRM {crm} 的模块 {module} 的字段 {field} 类型为 {type}，而要写入数字。请改为货币或小数类型，"
        "或在 [crm.{crm}.fields.KIND] 中指定其他字段",
    ),
    "zoho.record_locked": (
        "the record {record} is locked in the CRM {crm} ({detail}). Unlock it there; the result is "
        "written with a later sync",
        "CRM {crm} 中记录 {record} 已锁定（{detail}）。请在 CRM 中解锁，结果会在之后的同步中写入",
    ),
    "zoho.not_approved": (
        "the record {record} waits for an approval in the CRM {crm}, and Zoho lets nobody write it "
        "meanwhile ({detail}). End its approval or review there first",
        "CRM {crm} 中记录 {record} 正在等待审批，期间 Zoho 不允许写入（{detail}）。请先在 CRM 中完成审批或审核",
    ),
    "zoho.duplicate_data": (
        "the record {record} cannot be written in the CRM {crm}: another one has the same value in a "
        "unique field ({detail}). Mend one of the two there",
        "CRM {crm} 中记录 {record} 无法写入：另有记录在唯一字段中有相同的值（{detail}）。请在 CRM 中更正其一",
    ),
    "zoho.mandatory_not_found": (
        "the record {record} cannot be written in the CRM {crm}: a field that must be filled is "
        "empty ({detail}). Fill it there",
        "CRM {crm} 中记录 {record} 无法写入：必填字段为空（{detail}）。请在 CRM 中填写",
    ),
    "zoho.no_permission": (
        "the CRM {crm} does not permit us to write the record {record} ({detail}). Share it with the "
        "user of this connection, or give the permission in the user's profile",
        "CRM {crm} 不允许我们写入记录 {record}（{detail}）。请将其共享给此连接的用户，或在该用户的简档中授予权限",
    ),
    "zoho.other_bytes": (
        "the file {name} changed while it was sent to the CRM {crm}: its bytes are not those that "
        "were announced. Nothing of it was kept; send it again",
        "文件 {name} 在发送到 CRM {crm} 时发生了变化：内容与声明不符。没有保存任何内容，请重新发送",
    ),
    "zoho.deletes_late": (
        "what was deleted is asked for only now and then, because it costs credits, and rows of a "
        "subform are missed only when all is read",
        "查询删除记录要耗用额度，因此只偶尔进行；子表单的行只有在全部读取时才会发现缺失",
    ),
    "zoho.no_answer": (
        "the CRM {crm} does not answer as it should: {detail}",
        "CRM {crm} 没有正常应答：{detail}",
    ),
    "zoho.no_module": (
        "the module {module} of {kind} cannot be read in the CRM {crm}: {detail}. Create it with "
        "`crm-expenses crm setup {crm}`, or name another one in [crm.{crm}.modules]",
        "CRM {crm} 中 {kind} 的模块 {module} 无法读取：{detail}。请用 `crm-expenses crm setup {crm}` 创建，"
        "或在 [crm.{crm}.modules] 中指定其他模块",
    ),
    "zoho.other_organisation": (
        "organisation {found} answers, but [crm.{crm}] means {expected}. Use a token of that "
        "organisation, or mend the option organisation",
        "应答的是组织 {found}，但 [crm.{crm}] 指的是 {expected}。请使用该组织的令牌，或更正 organisation 选项",
    ),
    "zoho.bulk_failed": (
        "the bulk job {job} of the CRM {crm} failed there. Sync again; if it fails again, write "
        "bulk_seconds = 0 in [crm.{crm}] to do without such jobs",
        "CRM {crm} 的批量任务 {job} 在其一侧失败。请再次同步；若仍失败，请在 [crm.{crm}] 中写 bulk_seconds = 0 "
        "以不使用批量任务",
    ),
    "zoho.bulk_slow": (
        "the bulk job {job} of the CRM {crm} has not ended in {seconds} seconds (its state is "
        "{state}). Sync again later, or give it more with bulk_seconds in [crm.{crm}]",
        "CRM {crm} 的批量任务 {job} 在 {seconds} 秒内没有结束（状态为 {state}）。请稍后再次同步，"
        "或在 [crm.{crm}] 中用 bulk_seconds 延长等待",
    ),
    # end of CORE
}
