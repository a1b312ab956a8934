"""What the commands say that run again and again, beside others, or exactly as planned."""

TEXTS: dict[str, tuple[str, str]] = {
    "option.wait": (
        "Wait so many seconds for another run of the same CRM to end; without it, answer 3 at once.",
        "同一 CRM 的另一次运行尚未结束时最多等待的秒数；不给出则立即以 3 退出。",
    ),
    "option.watch": (
        "Run again and again, so many seconds after each other, until SIGINT or SIGTERM; at once "
        "where a CRM said that there is something new.",
        "反复运行，间隔为给出的秒数，直到收到 SIGINT 或 SIGTERM；CRM 通知有更新时立即运行。",
    ),
    "watch.run": (
        "{at} {crm}: {changes} changes (read {rows}, decided {claims}, written back {sent}, "
        "set aside {aside})",
        "{at} {crm}：{changes} 处变化（读取 {rows}，审核 {claims}，写回 {sent}，搁置 {aside}）",
    ),
    "watch.failed": (
        "{at} {crm}: {told} (again at {again})",
        "{at} {crm}：{told}（{again} 再试）",
    ),
    "watch.ended": (
        "ended by a signal. What was in hand is finished",
        "已按信号结束，正在进行的部分已完成",
    ),
    "option.out_plan": (
        "Keep the plan in FILE, for --exactly.",
        "将计划保存到 FILE，供 --exactly 使用。",
    ),
    "option.exactly": (
        "Do exactly what the plan in FILE shows; where that is no longer what there is to do, write "
        "nothing, say what has changed and answer 1.",
        "严格按 FILE 中的计划执行；如情况已有变化，则不写入任何内容，说明变化并以 1 退出。",
    ),
    "plan.why": ("because: {why}", "原因：{why}"),
    "plan.why_decided": ("claim {claim} is decided anew", "报销单 {claim} 重新审核"),
    "plan.why_read": ("read: {records}", "读取了：{records}"),
    "plan.why_read_more": (
        "read: {records} and {more} more",
        "读取了：{records} 等，另有 {more} 条",
    ),
    "plan.why_edit": (
        "{field} was changed here (entry {number} of the log)",
        "字段 {field} 已在本方修改（日志第 {number} 条）",
    ),
    "plan.why_file": (
        "{name} was put here and is not beside the voucher in the CRM yet",
        "{name} 在本方附上，CRM 中的凭证旁尚无此文件",
    ),
    "plan.why_return": (
        "it is the return on spending over the whole months that have ended",
        "这是截至上一整月的费用回报",
    ),
    "plan.why_waits": (
        "it waits since an earlier run, or the claim moved on",
        "自此前的运行起等待写入，或报销单状态有变化",
    ),
    "plan.move.allocate": ("{amount} allocated", "分配 {amount}"),
    "plan.move.commit": ("{amount} committed for claim {claim}", "为报销单 {claim} 占用 {amount}"),
    "plan.move.release": (
        "{amount} released, of claim {claim}",
        "释放报销单 {claim} 占用的 {amount}",
    ),
    "plan.move.spend": ("{amount} spent for claim {claim}", "报销单 {claim} 支出 {amount}"),
    "plan.move.unspend": (
        "{amount} no longer spent, of claim {claim}",
        "撤销报销单 {claim} 的支出 {amount}",
    ),
    "plan.move.carry_over": ("{amount} carried over", "结转 {amount}"),
    "plan.move.transfer": ("{amount} transferred", "调剂 {amount}"),
    "plan.kept": (
        "kept in {path}. `crm-expenses sync --exactly {path}` does exactly this, or nothing",
        "已保存到 {path}。`crm-expenses sync --exactly {path}` 严格照此执行，否则不执行",
    ),
    "exactly.stopped": (
        "{crm}: this is no longer what was planned. Nothing was written to the CRM. Plan anew",
        "{crm}：情况与计划不符，未向 CRM 写入任何内容。请重新制定计划",
    ),
    "exactly.settings": ("changed: {names}", "已更改：{names}"),
    "exactly.added": ("not planned ({count}): {list}", "计划之外（{count}）：{list}"),
    "exactly.gone": (
        "no longer to be written ({count}): {list}",
        "不再需要写入（{count}）：{list}",
    ),
    "exactly.other": ("with another content ({count}): {list}", "内容不同（{count}）：{list}"),
    "exactly.records": (
        "read otherwise than for the plan ({count}): {list}",
        "读取结果与制定计划时不同（{count}）：{list}",
    ),
    "command.worker": (
        "Share the runs of all CRMs among several processes, by a queue on PostgreSQL.",
        "通过 PostgreSQL 上的队列，由多个进程分担各 CRM 的运行。",
    ),
    "command.worker_run": (
        "Work until SIGINT or SIGTERM: run each CRM by the schedule of [worker], and where it is due.",
        "持续工作直到收到 SIGINT 或 SIGTERM：按 [worker] 的时间表、以及在有更新时运行各 CRM。",
    ),
    "command.worker_setup": (
        "Make the tables of the queue, once; to repeat it does nothing.",
        "创建队列的数据表；只需一次，重复运行无影响。",
    ),
    "command.worker_defer": (
        "Put a run of each CRM into the queue, or of one.",
        "将各 CRM（或其中一个）的一次运行放入队列。",
    ),
    "option.jobs": (
        "How many CRMs this process runs at once.",
        "本进程同时运行的 CRM 数量。",
    ),
    "option.dead_after": (
        "A worker that is not heard of for so many seconds loses its jobs to others.",
        "worker 超过该秒数没有消息，其任务即转交其他进程。",
    ),
    "worker.made": ("the queue is ready in schema {schema}", "队列已就绪，位于模式 {schema}"),
    "worker.there": (
        "the queue was there already, in schema {schema}",
        "队列此前已存在，位于模式 {schema}",
    ),
    "worker.put": ("{crm}: a run is in the queue", "{crm}：已放入队列"),
    "worker.waits": ("{crm}: a run waits in the queue already", "{crm}：队列中已有一次等待的运行"),
    "worker.ready": ("at work; SIGTERM ends it well", "开始工作；收到 SIGTERM 后正常结束"),
    "worker.failed": ("{at} {crm}: {told}", "{at} {crm}：{told}"),
    "option.full": (
        "Read all records again, so that what the pulls have missed is found.",
        "重新读取全部记录，以找出增量读取遗漏的内容。",
    ),
    "option.accept_gone": (
        "Believe that whatever is missing in this reading of all is gone, however much; implies --full.",
        "认可本次完整读取中缺少的记录均已删除，不论多少；同时启用 --full。",
    ),
    "summary.gone": (
        "  gone         {gone} records are no longer in the CRM",
        "  删除   {gone} 条记录在 CRM 中已不存在",
    ),
    "summary.full": (
        "  read again   {kinds} kinds: {found} records that the pulls had missed, {gone} gone, {missed} to be missed twice",
        "  重读   {kinds} 类：发现增量遗漏 {found} 条，已删除 {gone} 条，另有 {missed} 条待下次确认",
    ),
}
