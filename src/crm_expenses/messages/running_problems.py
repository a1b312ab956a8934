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
}
