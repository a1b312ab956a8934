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
    # SDK: Zoho's own SDK, set-up, doctor, channels of notifications
    "zoho.no_sdk": (
        "the connection {crm} needs Zoho's SDK ({known}), which is not installed. Install it with "
        "`pip install 'crm-expenses[zoho]'`",
        "连接 {crm} 需要 Zoho 的 SDK（{known}），尚未安装。请运行 `pip install 'crm-expenses[zoho]'`",
    ),
    "zoho.sdk_version": (
        "the connection {crm} needs Zoho's SDK in the version {known}, and {found} is installed: each "
        "version changes its insides. Install the right one with `pip install 'crm-expenses[zoho]'`",
        "连接 {crm} 需要的 Zoho SDK 版本是 {known}，现在安装的是 {found}：各版本的内部实现不同。"
        "请运行 `pip install 'crm-expenses[zoho]'`",
    ),
    "zoho.sdk_twice": (
        "beside {known} the package {found} is installed, and both put their files into the same "
        "folder. Remove it, then install again: `pip uninstall zohocrmsdk7-0`, "
        "`pip install --force-reinstall 'crm-expenses[zoho]'` (connection {crm})",
        "除 {known} 外还安装了 {found}，两者的文件在同一文件夹中。请先卸载再重新安装："
        "`pip uninstall zohocrmsdk7-0`，`pip install --force-reinstall 'crm-expenses[zoho]'`（连接 {crm}）",
    ),
    "zoho.sdk_refused": (
        "{crm}: Zoho's SDK did not make the call ({detail}). This is a fault of ours or of the SDK: "
        "please report it with this line",
        "{crm}：Zoho 的 SDK 没有发出调用（{detail}）。这是本软件或 SDK 的缺陷，请附上这一行报告",
    ),
    "zoho.notify_token": (
        "the secret of [crm.{crm}.webhook] is longer than the {limit} characters that Zoho sends back "
        "in a message. Take a shorter one, say of 32 characters",
        "[crm.{crm}.webhook] 的密钥超过 Zoho 能随消息发回的 {limit} 个字符。请改用较短的密钥，例如 32 个字符",
    ),
    "zoho.notify_new": (
        "messages for {events} go to {url} until {ends}, and are renewed by every sync",
        "{events} 的消息发送到 {url}，有效至 {ends}，每次同步时自动续期",
    ),
    "zoho.notify_changed": (
        "messages for {events} go to {url} and last until {ends}",
        "{events} 的消息改为发送到 {url}，有效期延至 {ends}",
    ),
    "zoho.notify_ended": (
        "no more messages for {events}",
        "不再发送 {events} 的消息",
    ),
    "zoho.notify_good": (
        "{crm}: {count} channels tell of changes, the first of them until {ends}; sync renews them",
        "{crm}：{count} 个通知通道有效，最早到期 {ends}；同步时会续期",
    ),
    "zoho.notify_over": (
        "{crm}: nobody tells of changes of {names} any more: the channel has ended or was never made. "
        "Nothing is lost, for every sync asks; to be told at once, run `crm-expenses crm notify {crm} "
        "--url https://…`",
        "{crm}：{names} 的变更不再有通知：通道已到期或从未建立。不会丢失数据，因为每次同步都会查询；"
        "如需即时通知，请运行 `crm-expenses crm notify {crm} --url https://…`",
    ),
    "zoho.signed_in": (
        "{crm}: signed in to {name} (organisation {id}, edition {edition})",
        "{crm}：已登录 {name}（组织 {id}，版本 {edition}）",
    ),
    "zoho.organisation_unset": (
        '{crm}: the settings do not say which organisation is meant. Add organisation = "{id}" to '
        "[crm.{crm}], so that a token of another one is noticed",
        '{crm}：设置未写明是哪个组织。请在 [crm.{crm}] 中添加 organisation = "{id}"，以便发现属于其他组织的令牌',
    ),
    "zoho.organisation_other": (
        "{crm}: the organisation {id} ({name}) answers, and the settings say {wanted}. Use a refresh "
        "token of the right one, or correct organisation in [crm.{crm}]",
        "{crm}：答复的是组织 {id}（{name}），而设置中写的是 {wanted}。"
        "请使用正确组织的刷新令牌，或更正 [crm.{crm}] 的 organisation",
    ),
    "zoho.edition_other": (
        "{crm}: the organisation is of the edition {edition}, and the settings say {wanted}: the "
        'allowance of calls is reckoned from it. Correct it in [crm.{crm}], like edition = "standard"',
        "{crm}：组织的版本是 {edition}，设置中写的是 {wanted}：调用额度由此计算。"
        '请更正 [crm.{crm}]，例如 edition = "standard"',
    ),
    "zoho.currency_other": (
        "{crm}: the organisation's home currency is {found}, and the settings say {wanted}. Amounts "
        'without a currency of their own would be read wrongly. Write currency = "{found}"',
        "{crm}：组织的本位币是 {found}，设置中写的是 {wanted}。没有写明币种的金额会读错。"
        '请写 currency = "{found}"',
    ),
    "zoho.currency_decimals": (
        "{crm}: the organisation keeps {found} decimals of {currency}, which has {needed}: amounts would "
        "be rounded there. Change its format in Zoho, under Setup, Company Settings, Currencies",
        "{crm}：组织对 {currency} 只保留 {found} 位小数，而该币种有 {needed} 位：金额会在那里被四舍五入。"
        "请在 Zoho 的“设置”、“公司设置”、“货币”中更改其格式",
    ),
    "zoho.scope_currencies": (
        "{crm}: the token lacks the scope {scope}: whether amounts in foreign currencies are rounded is not "
        "known. Make a new grant with it: `crm-expenses crm sign-in {crm}`",
        "{crm}：令牌缺少权限范围 {scope}：无法得知外币金额是否会被四舍五入。"
        "请用包含它的范围重新授权：`crm-expenses crm sign-in {crm}`",
    ),
    "zoho.credits": (
        "{crm}: {left} of {allowance} credits of any 24 hours are left, as far as we know; {at_once} "
        "calls at once",
        "{crm}：据目前所知，24 小时内的额度 {allowance} 还剩 {left}；同时调用上限 {at_once}",
    ),
    "zoho.scopes": (
        "{crm}: the token is good for records, queries, users, layouts and notifications",
        "{crm}：令牌可用于记录、查询、用户、布局和通知",
    ),
    "zoho.scope_org": (
        "{crm}: the token lacks the scope {scope}: which organisation answers, its edition and its "
        "currency are not known. Make a new grant with it: `crm-expenses crm sign-in {crm}`",
        "{crm}：令牌缺少权限范围 {scope}：无法得知是哪个组织、其版本和币种。"
        "请用包含它的范围重新授权：`crm-expenses crm sign-in {crm}`",
    ),
    "zoho.scope_records": (
        "{crm}: the token lacks the scope {scope}: records can be neither read nor written. Make a new "
        "grant with it: `crm-expenses crm sign-in {crm}`",
        "{crm}：令牌缺少权限范围 {scope}：不能读写记录。"
        "请用包含它的范围重新授权：`crm-expenses crm sign-in {crm}`",
    ),
    "zoho.scope_queries": (
        "{crm}: the token lacks the scope {scope}: records are read by lists, which costs more calls. "
        "Make a new grant with it: `crm-expenses crm sign-in {crm}`",
        "{crm}：令牌缺少权限范围 {scope}：只能按列表读取记录，调用次数更多。"
        "请用包含它的范围重新授权：`crm-expenses crm sign-in {crm}`",
    ),
    "zoho.scope_users": (
        "{crm}: the token lacks the scope {scope}: account managers cannot be read. Make a new grant "
        "with it: `crm-expenses crm sign-in {crm}`",
        "{crm}：令牌缺少权限范围 {scope}：不能读取客户经理。"
        "请用包含它的范围重新授权：`crm-expenses crm sign-in {crm}`",
    ),
    "zoho.scope_notifications": (
        "{crm}: the token lacks the scope {scope}: Zoho cannot be asked to tell of changes; sync asks "
        "by itself. Make a new grant with it if you want messages: `crm-expenses crm sign-in {crm}`",
        "{crm}：令牌缺少权限范围 {scope}：不能请 Zoho 通知变更；同步会自行查询。"
        "如需通知，请用包含它的范围重新授权：`crm-expenses crm sign-in {crm}`",
    ),
    "zoho.scope_layouts": (
        "{crm}: the token lacks the scope {scope}: whether people see the fields is not known. Make a "
        "new grant with it before `crm-expenses crm setup {crm}`: `crm-expenses crm sign-in {crm}`",
        "{crm}：令牌缺少权限范围 {scope}：无法得知用户能否看到字段。"
        "运行 `crm-expenses crm setup {crm}` 前请用包含它的范围重新授权：`crm-expenses crm sign-in {crm}`",
    ),
    "zoho.scope_modules": (
        "{crm}: the token lacks the scope {scope}: which modules there are is not known. Make a new "
        "grant with it: `crm-expenses crm sign-in {crm}`",
        "{crm}：令牌缺少权限范围 {scope}：无法得知有哪些模块。"
        "请用包含它的范围重新授权：`crm-expenses crm sign-in {crm}`",
    ),
    "zoho.scope_fields": (
        "{crm}: the token lacks the scope {scope}: which fields there are is not known. Make a new "
        "grant with it: `crm-expenses crm sign-in {crm}`",
        "{crm}：令牌缺少权限范围 {scope}：无法得知有哪些字段。"
        "请用包含它的范围重新授权：`crm-expenses crm sign-in {crm}`",
    ),
    "zoho.lacks_module": (
        "{crm}: the module {module} (for {kind}) is not there. Run `crm-expenses crm setup {crm}`, or name "
        "your own module in [crm.{crm}.modules]",
        "{crm}：没有模块 {module}（用于 {kind}）。请运行 `crm-expenses crm setup {crm}`，"
        "或在 [crm.{crm}.modules] 中写明自己的模块",
    ),
    "zoho.no_own_module": (
        "{crm}: the module {module}, which the settings name for {kind}, is not there, or the person who "
        "signed in may not see it. Correct [crm.{crm}.modules], or grant the permission to the profile",
        "{crm}：设置为 {kind} 指定的模块 {module} 不存在，或登录者无权查看。"
        "请更正 [crm.{crm}.modules]，或给该角色授予权限",
    ),
    "zoho.module_hidden": (
        "{crm}: programs may not use the module {module} (for {kind}). Name another in "
        "[crm.{crm}.modules]",
        "{crm}：程序不能使用模块 {module}（用于 {kind}）。请在 [crm.{crm}.modules] 中改用其他模块",
    ),
    "zoho.module_read_only": (
        "{crm}: the person who signed in may not make or edit records of {module} (for {kind}): nothing "
        "can be written back there. Grant create and edit to the profile",
        "{crm}：登录者无权新建或编辑 {module}（用于 {kind}）的记录：不能写回结果。请给该角色授予新建和编辑权限",
    ),
    "zoho.lacks_fields": (
        "{crm}: {count} fields are lacking in {module} (for {kind}): {fields}. Run `crm-expenses crm setup "
        "{crm}`",
        "{crm}：{module}（用于 {kind}）缺少 {count} 个字段：{fields}。请运行 `crm-expenses crm setup {crm}`",
    ),
    "zoho.no_external": (
        "{crm}: {field} of {module} is not a unique external id of the type org: records made from "
        "outside would be doubled. `crm-expenses crm setup {crm}` says what to do",
        "{crm}：{module} 的 {field} 不是唯一的 org 类型外部标识：从外部建立的记录会重复。"
        "`crm-expenses crm setup {crm}` 会说明如何处理",
    ),
    "zoho.field_type": (
        "{crm}: {field} of {module} is of the type {found}, and must be {type}. `crm-expenses crm setup "
        "{crm}` says what to do",
        "{crm}：{module} 的 {field} 类型为 {found}，应为 {type}。`crm-expenses crm setup {crm}` 会说明如何处理",
    ),
    "zoho.no_options": (
        "{crm}: the list {field} of {module} lacks: {options}. `crm-expenses crm setup {crm}` says what "
        "to do",
        "{crm}：{module} 的列表 {field} 缺少选项：{options}。`crm-expenses crm setup {crm}` 会说明如何处理",
    ),
    "zoho.setup_module": (
        "the module “{plural}” (one of it: “{singular}”)",
        "模块“{plural}”（单数名称“{singular}”）",
    ),
    "zoho.setup_external": (
        "the field “{label}”: text of {length}, unique, external id of the type org",
        "字段“{label}”：文本，长度 {length}，唯一，org 类型外部标识",
    ),
    "zoho.setup_options": (
        "the field “{label}”: list of {options}",
        "字段“{label}”：列表，选项为 {options}",
    ),
    "zoho.setup_lookup": (
        "the field “{label}”: lookup to {target}",
        "字段“{label}”：查找 {target}",
    ),
    "zoho.setup_number": (
        "the field “{label}”: {type} with {decimals} decimals",
        "字段“{label}”：{type}，{decimals} 位小数",
    ),
    "zoho.setup_text": (
        "the field “{label}”: {type} of {length}",
        "字段“{label}”：{type}，长度 {length}",
    ),
    "zoho.setup_plain": ("the field “{label}”: {type}", "字段“{label}”：{type}"),
    "zoho.setup_refused": (
        "{crm} refused {name}: {detail}. Mend what it names, and run the command again",
        "{crm} 拒绝了 {name}：{detail}。请更正后再次运行该命令",
    ),
    "zoho.setup_other_name": (
        "{crm}: {name} was made, but is not there under this name: Zoho gave it another one. Look it up "
        "in Zoho, and name it in [crm.{crm}.modules] or [crm.{crm}.fields.{kind}]",
        "{crm}：{name} 已建立，但 Zoho 给了它另一个名称。请在 Zoho 中查看，"
        "并写入 [crm.{crm}.modules] 或 [crm.{crm}.fields.{kind}]",
    ),
    "zoho.setup_no_module": (
        "{crm}: its module {module} could not be made",
        "{crm}：所属模块 {module} 未能建立",
    ),
    "zoho.hand_edition": (
        "The edition {edition} has no modules of one's own, so {module} (for {kind}) cannot be made. Either "
        "move to Enterprise or Ultimate, or name a module that is there in [crm.NAME.modules], or leave "
        'the kind out: {kind} = ""',
        "{edition} 版不能有自定义模块，所以无法建立 {module}（用于 {kind}）。请升级到 Enterprise 或 Ultimate，"
        '或在 [crm.NAME.modules] 中写明已有的模块，或不读取此类记录：{kind} = ""',
    ),
    "zoho.hand_no_module": (
        "The settings name the module {module} for {kind}, and it is not there. Make it in Zoho under "
        "Setup, Customization, Modules and Fields, or correct [crm.NAME.modules]",
        "设置为 {kind} 指定了模块 {module}，但它不存在。请在 Zoho 的“设置”、“自定义”、“模块和字段”中建立，"
        "或更正 [crm.NAME.modules]",
    ),
    "zoho.hand_profiles": (
        "When the modules are made: in Setup, Security Control, Profiles, grant view, create and edit of "
        "{modules} to the profile of the person who signed in here, and what they shall do with claims to "
        "the profiles of others",
        "模块建立后：在“设置”、“安全控制”、“角色权限”中，给此处登录者的角色授予 {modules} 的"
        "查看、新建和编辑权限，并按需要给其他角色授权",
    ),
    "zoho.hand_permission": (
        "In Setup, Security Control, Profiles, grant view, create and edit of {module} to the profile of "
        "the person who signed in here: without it nothing can be written back",
        "在“设置”、“安全控制”、“角色权限”中，给此处登录者的角色授予 {module} 的查看、新建和编辑权限："
        "否则无法写回结果",
    ),
    "zoho.hand_no_field": (
        "{module} should have the standard field {name} ({type}), and has not: it is hidden from the "
        "profile, or this module has another. Show it, or name the right one in [crm.NAME.fields]",
        "{module} 应有标准字段 {name}（{type}），但没有：可能对该角色隐藏，或此模块使用其他字段。"
        "请显示该字段，或在 [crm.NAME.fields] 中写明正确的字段",
    ),
    "zoho.hand_subform": (
        "Add the field “{label}” ({type}) to the subform {module} in its layout: no program can add "
        "fields to a subform",
        "在布局中给子表单 {module} 添加字段“{label}”（{type}）：程序不能给子表单添加字段",
    ),
    "zoho.hand_fields_full": (
        "{module} would have {count} own fields, and this edition allows {limit}. Delete some that nobody "
        "uses, or leave results out in [crm.NAME.fields]",
        "{module} 将有 {count} 个自定义字段，此版本最多 {limit} 个。请删除不用的字段，"
        "或在 [crm.NAME.fields] 中省去部分结果字段",
    ),
    "zoho.hand_uniques_full": (
        "{module} has two unique fields already ({names}), which is all that Zoho allows, so “{label}” cannot "
        "be made. Take the mark “do not allow duplicate values” from one of them, and run the command again",
        "{module} 已有两个唯一字段（{names}），这是 Zoho 的上限，因此无法建立“{label}”。"
        "请取消其中一个的“不允许重复值”，再运行该命令",
    ),
    "zoho.hand_type": (
        "{name} of {module} is of the type {found}, and must be {type}. A type cannot be changed: rename "
        "the field in Zoho and run the command again, or name another field in [crm.NAME.fields]",
        "{module} 的 {name} 类型为 {found}，应为 {type}。类型不能更改：请在 Zoho 中给该字段改名后再运行该命令，"
        "或在 [crm.NAME.fields] 中写明其他字段",
    ),
    "zoho.hand_unique": (
        "In Setup, Customization, Modules and Fields, {module}: edit the field “{label}” and mark “do not "
        "allow duplicate values”",
        "在“设置”、“自定义”、“模块和字段”、{module} 中：编辑字段“{label}”，选中“不允许重复值”",
    ),
    "zoho.hand_external": (
        "In Setup, Customization, Modules and Fields, {module}: edit the field “{label}” and make it an "
        "external field of the type org (not of the type user: others would not see it)",
        "在“设置”、“自定义”、“模块和字段”、{module} 中：编辑字段“{label}”，"
        "将其设为 org 类型的外部字段（不是 user 类型，否则其他人看不到）",
    ),
    "zoho.hand_lookup": (
        "{name} of {module} points to {found}, and must point to {target}. Rename it in Zoho and run the "
        "command again, or name another field in [crm.NAME.fields]",
        "{module} 的 {name} 指向 {found}，应指向 {target}。请在 Zoho 中给它改名后再运行该命令，"
        "或在 [crm.NAME.fields] 中写明其他字段",
    ),
    "zoho.hand_options": (
        "In Setup, Customization, Modules and Fields, {module}: edit the list “{label}” and add the "
        "options {options}",
        "在“设置”、“自定义”、“模块和字段”、{module} 中：编辑列表“{label}”，添加选项 {options}",
    ),
    "zoho.hand_length": (
        "In Setup, Customization, Modules and Fields, {module}: edit the field “{label}” and let it hold "
        "{needed} characters instead of {length}: longer findings are cut or refused",
        "在“设置”、“自定义”、“模块和字段”、{module} 中：编辑字段“{label}”，"
        "把长度由 {length} 改为 {needed}：否则较长的审核结果会被拒绝",
    ),
    "zoho.hand_layout": (
        "In Setup, Customization, Modules and Fields, {module}, Layouts: drag these fields from “unused” "
        "onto the layout, or nobody sees them: {fields}",
        "在“设置”、“自定义”、“模块和字段”、{module}、“布局”中：把这些字段从“未使用”拖到布局上，"
        "否则没有人能看到：{fields}",
    ),
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
        "the module {module} of the CRM {crm} lacks fields that are read, or its list leaves them out "
        "(subforms, lookups of several): {fields}. Create them with `crm-expenses crm setup {crm}`, or "
        "name others in [crm.{crm}.fields.KIND]",
        "CRM {crm} 的模块 {module} 缺少要读取的字段，或其列表不返回这些字段（子表单、多选查找）：{fields}。"
        "请用 `crm-expenses crm setup {crm}` 创建，"
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
    "zoho.no_returns": (
        "return figures have no place in the CRM {crm}: its module {module} cannot be read ({detail}). "
        "Create it with `crm-expenses crm setup {crm}`, name another one with returns in [crm.{crm}], "
        'or write returns = "" to leave them out',
        "CRM {crm} 中没有存放回报数据的位置：模块 {module} 无法读取（{detail}）。请用 "
        "`crm-expenses crm setup {crm}` 创建，或在 [crm.{crm}] 中用 returns 指定其他模块，"
        '或写 returns = "" 不写入',
    ),
    # end of CORE
}
