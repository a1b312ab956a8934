"""What is said of budgets by commands and the report: forecasts, alerts, moves."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "command.budgets_carry": (
        "Carry what is left of a budget that ended into the next one, once.",
        "将已结束预算的余额结转到下一期，仅一次。",
    ),
    "command.budgets_transfer": (
        "Ask that money goes from one budget into another; others approve.",
        "申请在两个预算之间调剂资金，由他人审批。",
    ),
    "command.budgets_transfers": (
        "Show the transfers, and who must still say yes.",
        "显示调剂申请及尚待何人审批。",
    ),
    "command.budgets_approve": (
        "Say yes to a transfer; the last yes makes it.",
        "批准调剂；最后一人批准后即执行。",
    ),
    "command.budgets_refuse": (
        "Say no to a transfer, or take back your own.",
        "拒绝调剂，或撤回自己的申请。",
    ),
    "command.budgets_alerts": (
        "Show who was told that a budget's use crossed a threshold, up or back.",
        "显示预算使用越过阈值（上升或回落）时通知了谁。",
    ),
    "option.as": (
        "Who you are, by id; else the environment's CRM_EXPENSES_PERSON, else the settings' [identity].",
        "您的人员编号；默认取环境变量 CRM_EXPENSES_PERSON，再取设置中的 [identity]。",
    ),
    "option.budget_reason": (
        "Why, in your own words; they are kept beside the log and can be erased.",
        "原因；保存在日志之外，可以抹除。",
    ),
    "option.plan_only": (
        "Show what would change; nothing is written.",
        "仅显示将发生的变化，不写入。",
    ),
    "option.take_over": (
        "Let the plan take over budgets that the CRM brought; from then on the plan's version counts.",
        "由计划接管来自 CRM 的预算；此后以计划为准。",
    ),
    "option.carry_old": ("The budget that ended.", "已结束的预算。"),
    "option.carry_new": ("The budget that receives.", "接收余额的预算。"),
    "option.carry_all": (
        "Every budget that ended and has a rule, into the next of the same scope.",
        "所有已结束且有结转规则的预算，结转到同一范围的下一期。",
    ),
    "option.transfer_from": ("The budget that gives.", "调出的预算。"),
    "option.transfer_to": ("The budget that receives.", "调入的预算。"),
    "option.transfer_amount": (
        "How much, in the currency of the two budgets.",
        "金额，以两个预算的币种计。",
    ),
    "option.transfer": ("The transfer, like T-1.", "调剂编号，例如 T-1。"),
    "option.alerts_since": (
        "Only what came after this number.",
        "只显示此序号之后的内容。",
    ),
    "plan.change_new": (
        "new: {budget}, {after}",
        "新增：{budget}，{after}",
    ),
    "plan.change_changed": (
        "changed: {budget}, {fields}",
        "变更：{budget}，{fields}",
    ),
    "plan.change_taken_over": (
        "taken over from the CRM: {budget}, {fields}",
        "从 CRM 接管：{budget}，{fields}",
    ),
    "plan.change_terms": (
        "alerts or carry-over: {budget}, {fields}",
        "预警或结转：{budget}，{fields}",
    ),
    "plan.no_field": ("no other content", "内容不变"),
    "plan.would_take": (
        "{path}: {count} budgets would change, {same} are so already. Nothing was written",
        "{path}：将变更 {count} 项预算，{same} 项不变。未写入任何内容",
    ),
    "plan.taken": (
        "{path}: {count} budgets written, {same} were so already",
        "{path}：已写入 {count} 项预算，{same} 项不变",
    ),
    "carry.made": (
        "{old}: {amount} carried into {new}",
        "{old}：{amount} 已结转至 {new}",
    ),
    "carry.would": (
        "{old}: {amount} would go into {new}",
        "{old}：将有 {amount} 结转至 {new}",
    ),
    "carry.none": (
        "No budget that ended waits for its carry-over",
        "没有待结转的已结束预算",
    ),
    "carry.done": (
        "{old}: was carried over before; it is done once",
        "{old}：此前已结转，仅结转一次",
    ),
    "carry.nothing": (
        "{old}: nothing is left that its rule would carry over",
        "{old}：按其规则没有可结转的余额",
    ),
    "carry.which": (
        "{old}: more than one budget could be the next ({new}). Say which: crm-expenses budgets carry {old} NEW",
        "{old}：下一期有多个候选（{new}）。请指明：crm-expenses budgets carry {old} 新预算",
    ),
    "carry.no_next": (
        "{old}: no budget of the same scope, category and currency begins after it. Plan one, then repeat",
        "{old}：其后没有同一范围、类别与币种的预算。请先编制，再重新结转",
    ),
    "transfer.id": ("Transfer", "调剂"),
    "transfer.from": ("From", "调出"),
    "transfer.to": ("To", "调入"),
    "transfer.amount": ("Amount", "金额"),
    "transfer.by": ("Asked by", "申请人"),
    "transfer.on": ("On", "日期"),
    "transfer.state": ("State", "状态"),
    "transfer.waiting_for": ("Waits for", "待审批"),
    "transfer.why": ("Why", "原因"),
    "transfer.state_asked": ("asked", "审批中"),
    "transfer.state_made": ("made", "已执行"),
    "transfer.state_refused": ("refused", "已拒绝"),
    "transfer.erased": ("(erased)", "（已抹除）"),
    "transfer.none": ("Nobody has asked for a transfer", "没有调剂申请"),
    "transfer.asked_now": (
        "{transfer}: {amount} from {source} to {target} asked for. It waits for {names}",
        "{transfer}：已申请从 {source} 向 {target} 调剂 {amount}，待 {names} 审批",
    ),
    "transfer.approved_now": (
        "{transfer}: approved. It still waits for {names}",
        "{transfer}：已批准，尚待 {names} 审批",
    ),
    "transfer.made_now": (
        "{transfer}: {amount} went from {source} to {target}",
        "{transfer}：已从 {source} 向 {target} 调剂 {amount}",
    ),
    "transfer.refused_now": ("{transfer}: refused", "{transfer}：已拒绝"),
    "notice.budget.alert_up": (
        "{budget}: {used} of {allocated} {currency} used; {threshold} % is reached",
        "{budget}：已使用 {used}，预算额 {allocated} {currency}；达到 {threshold}%",
    ),
    "notice.budget.alert_back": (
        "{budget}: {used} of {allocated} {currency} used; back below {threshold} %",
        "{budget}：已使用 {used}，预算额 {allocated} {currency}；回落到 {threshold}% 以下",
    ),
    "alert.line": ("{seq}  {at}  to {person}: {text}", "{seq}  {at}  通知 {person}：{text}"),
    "alert.nobody": ("(nobody known)", "（无已知接收人）"),
    "alert.none": ("No budget crossed a threshold", "没有预算越过阈值"),
    "forecast.burn_rate": ("A working day", "每工作日"),
    "forecast.at_end": ("By the end", "期末预计"),
    "forecast.left": ("Left then", "期末结余"),
    "forecast.until": ("Lasts until", "可用至"),
    "forecast.lasts": ("the end", "期末"),
    "forecast.used_up": ("used up", "已用完"),
    "forecast.nothing_allocated": ("nothing allocated", "未分配预算"),
    "forecast.not_begun": ("not begun", "尚未开始"),
    "forecast.too_few_days": ("too few days", "天数太少"),
    "forecast.no_calendar": ("no calendar", "日历未覆盖"),
    "figures.uncovered": (
        "Spent without a budget since {first}, in {currency}:",
        "自 {first} 起无预算的支出（{currency}）：",
    ),
    "no_budget.none_known": ("no budget is known", "没有任何预算"),
    "no_budget.not_for_it": ("no budget is for it", "没有适用的预算"),
    "no_budget.not_then": ("no budget of that time", "该期间没有预算"),
}
