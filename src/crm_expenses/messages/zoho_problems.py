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
}
