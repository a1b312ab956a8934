"""How a connection is: the calls of a run, the state that it is in, the commands that say so."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "summary.calls": (
        "  called       {calls} times ({retries} again), {sent} bytes sent, {received} received, "
        "{seconds} s",
        "  调用   {calls} 次（其中重试 {retries} 次），发送 {sent} 字节，接收 {received} 字节，{seconds} 秒",
    ),
    "summary.stopped": ("  stopped early: {reason}", "  提前结束：{reason}"),
    "option.max_calls": (
        "Make at most so many calls to each CRM; what is not done then is for the next run.",
        "对每个 CRM 最多调用这么多次；未完成的留待下次运行。",
    ),
    "option.metrics": (
        "Write metrics in the text format of Prometheus to this file, whole or not at all.",
        "把 Prometheus 文本格式的指标写入此文件，要么完整写入，要么不写。",
    ),
    "option.due": (
        "Sync only those that said, by a webhook, that something changed.",
        "只同步通过 webhook 告知有变化的 CRM。",
    ),
    "option.status_metrics": (
        "Write metrics in the text format of Prometheus.",
        "输出 Prometheus 文本格式的指标。",
    ),
    "option.stale_after": (
        "Answer 1 where the last success is longer ago than so many minutes.",
        "最近一次成功距今超过这么多分钟时，退出码为 1。",
    ),
    "command.status": (
        "Show how each connection stands, without calling a CRM: last run, what waits, who runs.",
        "显示每个连接的状况，不访问 CRM：最近运行、待办、谁在运行。",
    ),
    "command.webhook": (
        "Take webhooks for trying out; for real work put crm_expenses.webhook behind a server.",
        "试用：接收 webhook；正式使用时请把 crm_expenses.webhook 部署在真正的服务器之后。",
    ),
    "option.listen": ("Address and port to listen on.", "监听的地址和端口。"),
    "webhook.listening": (
        "listening on {url} for: {crms}. Stop with Ctrl-C",
        "正在 {url} 上接收：{crms}。按 Ctrl-C 停止",
    ),
    "sync.none_due": ("no CRM is due", "没有需要同步的 CRM"),
    "status.never": ("never", "从未"),
    "status.run": ("  last run      {at}: {how}", "  最近运行   {at}：{how}"),
    "status.good": ("done", "完成"),
    "status.failed": ("ended with {code}", "结束于 {code}"),
    "status.success": (
        "  last success  {at}, {minutes} minutes ago",
        "  最近成功   {at}，{minutes} 分钟前",
    ),
    "status.waiting": (
        "  waiting       {waiting} results; {dead} wait for a person",
        "  待写回     {waiting} 条结果；{dead} 条等待人工处理",
    ),
    "status.aside": (
        "  set aside     {rows} rows; {conflicts} open conflicts",
        "  搁置       {rows} 行；{conflicts} 个未决冲突",
    ),
    "status.due": ("  due           since {at}", "  应同步     自 {at} 起"),
    "status.held": (
        "  running now   {holder}, since {since}, until {until}",
        "  正在运行   {holder}，自 {since}，至 {until}",
    ),
    "status.allowance": (
        "  calls today   {calls} of {limit}",
        "  今日调用   {calls} / {limit} 次",
    ),
    "status.credits": (
        "  credits       {calls} of {limit} in 24 hours",
        "  额度       24 小时内 {calls} / {limit}",
    ),
    "status.stale": (
        "{crm}: the last success is longer ago than {minutes} minutes (--stale-after)",
        "{crm}：最近一次成功距今已超过 {minutes} 分钟（--stale-after）",
    ),
    "metric.last_run_timestamp_seconds": (
        "When the last run began, 0 for never.",
        "最近一次运行的开始时间，0 表示从未运行。",
    ),
    "metric.last_success_timestamp_seconds": (
        "When the last run that succeeded began, 0 for never.",
        "最近一次成功运行的开始时间，0 表示从未成功。",
    ),
    "metric.last_run_success": ("Whether the last run succeeded.", "最近一次运行是否成功。"),
    "metric.last_run_seconds": ("Time of the last run by stage.", "最近一次运行各阶段的用时。"),
    "metric.last_run_rows": ("Rows that the last run read.", "最近一次运行读取的行数。"),
    "metric.last_run_changes": (
        "What changed on either side in the last run.",
        "最近一次运行中两侧的变化数。",
    ),
    "metric.last_run_calls": (
        "Calls to the CRM in the last run, repetitions among them.",
        "最近一次运行对 CRM 的调用次数，含重试。",
    ),
    "metric.last_run_retries": ("Repeated calls in the last run.", "最近一次运行的重试次数。"),
    "metric.runs_total": ("Runs.", "运行次数。"),
    "metric.failed_runs_total": ("Runs that did not succeed.", "未成功的运行次数。"),
    "metric.rows_total": ("Rows that were read.", "读取的行数。"),
    "metric.changes_total": ("What changed on either side.", "两侧的变化数。"),
    "metric.claims_total": ("Claims that were decided.", "审核的报销单数。"),
    "metric.sent_total": ("Results that were written back.", "写回的结果数。"),
    "metric.calls_total": ("Calls to the CRM.", "对 CRM 的调用次数。"),
    "metric.retries_total": ("Repeated calls.", "重试次数。"),
    "metric.bytes_sent_total": ("Bytes of the bodies that were sent.", "发送的正文字节数。"),
    "metric.bytes_received_total": (
        "Bytes of the bodies that were received.",
        "接收的正文字节数。",
    ),
    "metric.set_aside": ("Rows that are set aside now.", "当前搁置的行数。"),
    "metric.outbox": ("Results by their state.", "各状态的结果数。"),
    "metric.open_conflicts": (
        "Fields that both sides changed and that wait for a person.",
        "两侧都改过、等待人工处理的字段数。",
    ),
    "metric.dead_letters": (
        "Results that are not sent again before a person has looked.",
        "需人工处理后才会再次发送的结果数。",
    ),
    "metric.due_seconds": (
        "How long ago a webhook said that something changed, if no run came since.",
        "webhook 告知有变化以来的秒数（其后尚无运行时）。",
    ),
    "metric.lease_age_seconds": (
        "How long the present run has been going on.",
        "当前运行已持续的秒数。",
    ),
    "metric.allowance_left": (
        "Calls that are left of the day's allowance, without the reserve.",
        "今日剩余的调用次数，不含预留。",
    ),
}
