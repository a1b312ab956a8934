"""What may keep a run from running, or a plan from being carried out."""

TEXTS: dict[str, tuple[str, str]] = {
    "sync.held": (
        "{name} is being run by {holder} since {since}, until {until} unless it goes on. Try again "
        "later, or wait for it with --wait SECONDS. If that process is gone, its place is free at "
        "that time: `lease_seconds` in [crm.NAME.sync] says how long it takes",
        "{name} 正由 {holder} 运行，开始于 {since}，如不续期则到 {until} 为止。请稍后再试，"
        "或用 --wait SECONDS 等待。如果该进程已不存在，到期后即可运行："
        "期限由 [crm.NAME.sync] 中的 `lease_seconds` 规定",
    ),
    "sync.lease_lost": (
        "this run of {name}, begun at {since}, stood still for longer than `lease_seconds` in "
        "[crm.NAME.sync], and another one has taken its place. Nothing more was written; what was "
        "not finished, the other one does",
        "{name} 的本次运行开始于 {since}，停顿时间超过 [crm.NAME.sync] 中的 `lease_seconds`，"
        "已由另一个进程接替。此后未再写入任何内容；未完成的部分由接替者完成",
    ),
    "sync.stopped": (
        "the run of {crm} was asked to end. What was finished is kept; the next run goes on there",
        "{crm} 的运行已按要求结束。已完成的部分已保存，下次运行从该处继续",
    ),
    "sync.options": (
        "{given} cannot be given together with {other}",
        "{given} 不能与 {other} 同时使用",
    ),
    "sync.needs": (
        "{given} needs {other} beside it",
        "{given} 须与 {other} 一同使用",
    ),
    "sync.seconds": (
        "{given} is {value}, but whole seconds from {least} on are needed",
        "{given} 的值为 {value}，但须为不小于 {least} 的整数秒",
    ),
    "plan.no_file": (
        "the plan {path} cannot be read: {detail}. Make one with `crm-expenses sync --plan --out FILE`",
        "无法读取计划 {path}：{detail}。请用 `crm-expenses sync --plan --out FILE` 制定计划",
    ),
    "plan.damaged": (
        "{path} is no plan as `crm-expenses sync --plan --out FILE` wrote it: its digest does not fit, "
        "or parts are missing. Nothing was done. Plan anew",
        "{path} 不是 `crm-expenses sync --plan --out FILE` 写出的计划：摘要不符或内容不全。"
        "未执行任何操作。请重新制定计划",
    ),
    "plan.newer": (
        "the plan {path} has version {version}; this program knows {known}. Upgrade crm-expenses, or plan anew",
        "计划 {path} 的版本为 {version}，本程序只认识 {known}。请升级 crm-expenses，或重新制定计划",
    ),
    "sync.plan_without": (
        "the plan {path} has nothing for the CRM {name}. It has: {known}",
        "计划 {path} 中没有 CRM {name}。其中有：{known}",
    ),
    "worker.no_server": (
        "workers share a store on PostgreSQL, but the store is the file {path}. Name a schema of "
        'PostgreSQL under [store], like url = "postgres://user@host/database"; for one machine '
        "`crm-expenses sync --watch` needs no server",
        "worker 须共用 PostgreSQL 上的存储，而当前存储是文件 {path}。请在 [store] 下指定 PostgreSQL "
        '的模式，例如 url = "postgres://user@host/database"；单机运行请用 `crm-expenses sync --watch`，无需服务器',
    ),
    "worker.not_set_up": (
        "the queue has no tables yet (schema {schema}). Run `crm-expenses worker setup` once",
        "队列尚无数据表（模式 {schema}）。请先运行一次 `crm-expenses worker setup`",
    ),
    "worker.long_name": (
        "the store's schema {name} has a name of more than {most} bytes: that of the queue, with "
        "_worker behind it, would be cut off. Use a shorter one",
        "存储的模式名 {name} 超过 {most} 字节：队列的模式名须在其后加 _worker，会被截断。请使用更短的名称",
    ),
    "worker.server": (
        "the queue on {path} does not answer: {detail}. Look whether the server runs and lets us in",
        "{path} 上的队列没有响应：{detail}。请检查服务器是否运行、是否允许登录",
    ),
    "worker.cron": (
        "[worker] cron is {value}, but five fields of cron are needed, like */15 7-20 * * 1-5",
        "[worker] 的 cron 值为 {value}，但需要 cron 的五个字段，例如 */15 7-20 * * 1-5",
    ),
    "worker.both": (
        "[worker] gives every_minutes and cron; only one of them can be the schedule. Remove the other",
        "[worker] 同时给出了 every_minutes 与 cron；时间表只能是其中之一。请删除另一项",
    ),
    "worker.least": (
        "{given} is {value}, but at least {least} is needed",
        "{given} 的值为 {value}，但至少须为 {least}",
    ),
}
