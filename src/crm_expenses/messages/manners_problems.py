"""What can go wrong with manners: allowances used up, a CRM that wants peace, webhooks."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "manners.calls_max": (
        "this run has made the {limit} calls to the CRM {crm} that it may make (`--max-calls`). "
        "What was read and decided is kept; run again to go on",
        "本次运行对 CRM {crm} 的调用已达上限 {limit} 次（`--max-calls`）。已读取和审核的内容都已保存；"
        "再次运行即可继续",
    ),
    "manners.day": (
        "the calls to the CRM {crm} of {day} are used up: it allows {limit} a day, of which "
        "{reserve} are left for others (`calls_per_day` and `reserve` in the settings). What was "
        "read and decided is kept; run again after {until}",
        "CRM {crm} 在 {day} 的调用次数已用完：每天允许 {limit} 次，其中 {reserve} 次留给其他用途"
        "（设置中的 `calls_per_day` 和 `reserve`）。已读取和审核的内容都已保存；请在 {until} 之后再次运行",
    ),
    "manners.rolling": (
        "what may be spent on calls to the CRM {crm} in 24 hours is used up: it allows {limit}, of "
        "which {reserve} are left for others (`calls_per_day` and `reserve` in the settings, or what "
        "the CRM's edition allows). What was read and decided is kept; run again after {until}",
        "CRM {crm} 在 24 小时内可用的调用额度已用完：允许 {limit}，其中 {reserve} 留给其他用途"
        "（设置中的 `calls_per_day` 和 `reserve`，或 CRM 版本所允许的额度）。"
        "已读取和审核的内容都已保存；请在 {until} 之后再次运行",
    ),
    "manners.told": (
        "the CRM {crm} says that {left} of its allowance are left, and a call for {cost} would touch "
        "the {reserve} that are left for others (`reserve` in the settings). What was read and "
        "decided is kept; what it says is believed for {minutes} minutes, so run again then",
        "CRM {crm} 称剩余额度为 {left}，而一次消耗 {cost} 的调用会动用留给其他用途的 {reserve}"
        "（设置中的 `reserve`）。已读取和审核的内容都已保存；该数字在 {minutes} 分钟内有效，请届时再次运行",
    ),
    "manners.away": (
        "the next call to the CRM {crm} may be made in {seconds} seconds, and a call waits for "
        "{limit} at most (a limit of this package). The CRM asked to be left alone, or "
        "`calls_per_second` in the settings is too low for those who share it. Run again later",
        "对 CRM {crm} 的下一次调用要等 {seconds} 秒，而一次调用最多等 {limit} 秒（本软件的限制）。"
        "可能是 CRM 要求暂停访问，或设置中的 `calls_per_second` 对共用者来说太低。请稍后再次运行",
    ),
    "settings.reserve": (
        "reserve is {value}, but calls_per_day of the CRM {crm} is {limit}, so that no call would "
        "be left to make. Write fewer, like calls_per_day = 10000 and reserve = 2000",
        "reserve 为 {value}，而 CRM {crm} 的 calls_per_day 为 {limit}，这样一次调用也不能发出。"
        "请写小一些，例如 calls_per_day = 10000、reserve = 2000",
    ),
    "settings.day_zone": (
        "day_zone of the CRM {crm} is {value}, which is no time zone. Write an IANA name, like "
        "America/Los_Angeles, or rolling where any 24 hours are bounded",
        "CRM {crm} 的 day_zone 为 {value}，不是时区。请写 IANA 名称，例如 America/Los_Angeles；"
        "若 CRM 限制的是任意 24 小时，请写 rolling",
    ),
    "sync.max_calls": (
        "--max-calls is {value}, but a run needs 1 call at least. Write a whole number like 1000, or "
        "leave it out",
        "--max-calls 为 {value}，而一次运行至少需要调用 1 次。请写 1000 这样的整数，或省略",
    ),
    "status.minutes": (
        "--stale-after is {value}, but no time is shorter than 0 minutes. Write a whole number like "
        "60",
        "--stale-after 为 {value}，而时间不能少于 0 分钟。请写 60 这样的整数",
    ),
    "webhook.none": (
        "no connection in the settings has a webhook. Add a table like [crm.NAME.webhook] with "
        "secret_variable and signature_header (or token_field, where the CRM cannot sign)",
        "设置中没有任何连接配置了 webhook。请添加 [crm.NAME.webhook] 表，"
        "写明 secret_variable 和 signature_header（CRM 不能签名时写 token_field）",
    ),
    "webhook.proof": (
        "the webhook of the CRM {crm} needs one of signature_header (the CRM signs its messages) and "
        "token_field (it cannot, and sends the secret in this field of its JSON), like "
        'signature_header = "X-Signature"',
        "CRM {crm} 的 webhook 须在 signature_header（CRM 对消息签名）和 token_field（CRM 不能签名，"
        '密钥放在 JSON 的此字段中）中二选一，例如 signature_header = "X-Signature"',
    ),
    "webhook.secret_place": (
        "the webhook of the CRM {crm} needs one of secret_variable (an environment variable) and "
        "secret_file (a file with nothing else in it), and has {count}. The secret itself never "
        "stands in the settings",
        "CRM {crm} 的 webhook 须在 secret_variable（环境变量）和 secret_file（只含密钥的文件）中二选一，"
        "现在有 {count} 个。密钥本身不得写在设置中",
    ),
    "webhook.secret": (
        "the secret of the webhook of the CRM {crm} in {path} cannot be used: {detail}. Put the "
        "secret there that the CRM signs with, or sends, at least {limit} bytes of it",
        "CRM {crm} 的 webhook 密钥（位于 {path}）无法使用：{detail}。"
        "请放入 CRM 签名所用（或随消息发送）的密钥，至少 {limit} 字节",
    ),
    "webhook.timestamp": (
        "the webhook of the CRM {crm} signs timestamp.body, but no timestamp_header is named. Write "
        "the header in which the CRM sends the time, like X-Timestamp",
        "CRM {crm} 的 webhook 的签名内容为 timestamp.body，但没有写 timestamp_header。"
        "请写明 CRM 发送时间的请求头，例如 X-Timestamp",
    ),
    "webhook.listen": (
        "cannot listen on {value}: {detail}. Write an address of this machine and a free port, "
        "like 127.0.0.1:8080",
        "无法监听 {value}：{detail}。请写本机地址和空闲端口，例如 127.0.0.1:8080",
    ),
    "webhook.url_or_stop": (
        "give either the address for messages, like --url https://hooks.example.com/main, or --stop to "
        "end them",
        "请给出消息地址（例如 --url https://hooks.example.com/main），或用 --stop 停止发送，二者选一",
    ),
    "webhook.url": (
        "{value} is no address for messages: the secret stands in them, so it must begin with https://, "
        "like https://hooks.example.com/main",
        "{value} 不能作为消息地址：消息中含有密钥，所以必须以 https:// 开头，例如 https://hooks.example.com/main",
    ),
    "webhook.no_token": (
        "the connection {crm} has no webhook that knows a message by its token. Add "
        '[crm.{crm}.webhook] with secret_variable and token_field = "token"',
        "连接 {crm} 没有以令牌识别消息的 webhook。请添加 [crm.{crm}.webhook]，"
        '写明 secret_variable 和 token_field = "token"',
    ),
}
