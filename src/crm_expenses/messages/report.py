"""The page that people look at, and the words for figures that the data does not support."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "roi.zero_base": (
        "not enough data: nothing won in the time before",
        "数据不足：上一期间没有赢单金额",
    ),
    "roi.no_deal": (
        "not enough data: no deal closed in the period",
        "数据不足：本期没有成交或失败的商机",
    ),
    "roi.no_cost": ("not enough data: no cost in the period", "数据不足：本期没有成本"),
    "roi.too_few": ("not enough data: too few cases", "数据不足：样本太少"),
    "report.title": ("{company}: expense report", "{company}：费用报告"),
    "report.as_of": ("As of {date}", "截至 {date}"),
    "report.period": ("Period {start} to {end}", "期间 {start} 至 {end}"),
    "report.policy": ("Policy {id}, version {version}", "费用政策 {id}，版本 {version}"),
    "report.currency": ("Amounts in {currency}", "金额单位 {currency}"),
    "report.headline": ("At a glance", "概览"),
    "report.claims": ("Claims", "报销单"),
    "report.lines": ("Lines decided", "已处理明细"),
    "report.claimed": ("Claimed", "申报金额"),
    "report.allowed": ("Allowed", "核准金额"),
    "report.saved": ("Saved (claimed less allowed)", "节省（申报减核准）"),
    "report.waiting_count": ("Claims waiting", "待处理报销单"),
    "report.set_aside_count": ("Rows set aside", "搁置的行"),
    "report.chart_table": (
        "All figures of this chart stand in the table below it.",
        "本图的全部数据见其下方的表格。",
    ),
    "report.first_of": (
        "The chart shows the first {shown} of {count}; the table has all.",
        "图中显示 {count} 项中的前 {shown} 项；表格列出全部。",
    ),
    "report.none_budgets": (
        "No budget covers this period. Spending without a budget is not limited by one.",
        "本期没有预算。没有预算的支出不受预算限制。",
    ),
    "report.none_spend": ("Nothing was allowed in this period.", "本期没有核准的支出。"),
    "report.none_findings": ("No rule found anything.", "没有规则发现问题。"),
    "report.none_waiting": ("No claim is waiting.", "没有待处理的报销单。"),
    "report.none_returns": (
        "No account manager with figures in this period.",
        "本期没有客户经理的数据。",
    ),
    "report.none_set_aside": ("Every row could be read.", "所有行均可读取。"),
    "report.budgets": ("Spend against budget", "预算执行情况"),
    "report.budgets_about": (
        "One row a budget: the share of the allocated amount that is spent and committed, then "
        "the allocated amount. Bars end at 200%.",
        "每行一个预算：已支出与已占用金额占预算额的比例，其后为预算额。条形最长显示到 200%。",
    ),
    "report.budgets_caption": (
        "Budgets, the most used first. Used is spent and committed.",
        "预算，按使用比例从高到低。已使用为已支出加已占用。",
    ),
    "report.forecast_about": (
        "The forecast goes on at the rate of the working days so far; with too few of them there is "
        "none.",
        "预测按至今各工作日的使用速度推算；天数太少时不作预测。",
    ),
    "report.uncovered": ("Spending without a budget", "无预算的支出"),
    "report.uncovered_about": (
        "No budget covers these, so that none limits them. A budget of zero is another thing: it "
        "covers a spending and has nothing left.",
        "这些支出没有任何预算覆盖，因此不受限制。金额为零的预算与此不同：它覆盖支出，只是没有余额。",
    ),
    "report.uncovered_more": (
        "The first {shown} of {count}, the largest first; crm-expenses budgets lists all.",
        "共 {count} 行，按金额从大到小列出前 {shown} 行；crm-expenses budgets 列出全部。",
    ),
    "report.none_uncovered": (
        "Every spending is covered by some budget.",
        "每笔支出都有预算覆盖。",
    ),
    "report.category": ("Category", "类别"),
    "report.no_budget_why": ("Why none", "原因"),
    "report.budget": ("Budget", "预算"),
    "report.owner": ("Owner", "归属"),
    "report.allocated": ("Allocated", "预算额"),
    "report.committed": ("Committed", "已占用"),
    "report.spent": ("Spent", "已支出"),
    "report.used": ("Used", "已使用"),
    "report.state": ("State", "状态"),
    "report.state_within": ("within budget", "预算内"),
    "report.state_near": ("▲ above 80%", "▲ 超过 80%"),
    "report.state_over": ("■ above 100%", "■ 超过 100%"),
    "report.state_unallocated": ("nothing allocated", "未分配预算"),
    "report.hard": ("hard budget", "刚性预算"),
    "report.soft": ("soft budget", "弹性预算"),
    "report.responsible": ("Responsible", "负责人"),
    "report.spend": ("Spend by month and category", "按月份和类别的支出"),
    "report.spend_about": (
        "One row a month: the allowed amount, by category. Each category has a number; refunds "
        "stand left of zero.",
        "每行一个月：按类别划分的核准金额。每个类别有编号；退款在零线左侧。",
    ),
    "report.spend_caption": (
        "Allowed amounts by month and category, in {currency}.",
        "按月份和类别的核准金额，单位 {currency}。",
    ),
    "report.spend_months": (
        "The chart shows the last {shown} months; the table has all {count}.",
        "图中显示最近 {shown} 个月；表格列出全部 {count} 个月。",
    ),
    "report.spend_others": ("all other categories", "其余类别"),
    "report.month": ("Month", "月份"),
    "report.total": ("Total", "合计"),
    "report.findings": ("Findings by rule", "各规则发现的问题"),
    "report.findings_about": (
        "One row a rule: the number of lines that it spoke on. Beside the bar: lines, and their "
        "claimed amount (at stake).",
        "每行一条规则：涉及的明细行数。条形旁：行数及其申报金额（涉及金额）。",
    ),
    "report.findings_caption": (
        "Findings by rule, the most frequent first. At stake is the claimed amount of the lines.",
        "各规则发现的问题，按次数从多到少。涉及金额为相关明细的申报金额。",
    ),
    "report.rule": ("Rule", "规则"),
    "report.code": ("Code", "代码"),
    "report.effect": ("Effect", "处理"),
    "report.lines_count": ("Lines", "明细"),
    "report.claims_count": ("Claims", "报销单"),
    "report.at_stake": ("At stake", "涉及金额"),
    "report.waiting": ("Claims waiting, and for whom", "待处理的报销单及处理人"),
    "report.waiting_caption": (
        "Claims waiting, by the person they wait for, oldest first.",
        "待处理的报销单，按处理人分组，最早的在前。",
    ),
    "report.waiting_first": (
        "The table has the {shown} oldest claims, one by one. {rest} more are waiting; they are "
        "counted in the heading of each person.",
        "表格逐一列出最早的 {shown} 张报销单。另有 {rest} 张待处理，已计入每位处理人的小计。",
    ),
    "report.waiting_group": (
        "{count} waiting, {amount} {currency}, the oldest for {days} days",
        "{count} 张待处理，共 {amount} {currency}，最长等待 {days} 天",
    ),
    "report.waiting_rest": ("and {count} more", "另有 {count} 张"),
    "report.nobody": ("nobody found: assign someone", "未找到处理人：请指定"),
    "report.claim": ("Claim", "报销单"),
    "report.claimant": ("Claimant", "报销人"),
    "report.step": ("Step", "审批节点"),
    "report.step_claimant": ("reason from the claimant", "待报销人说明"),
    "report.submitted": ("Submitted", "提交日期"),
    "report.days": ("Days", "天数"),
    "report.outcome": ("Outcome", "结论"),
    "report.returns": ("Return by account manager", "客户经理投入产出"),
    "report.returns_about": (
        "One row an account manager: return on the loaded cost. 0% means that the cost came back "
        "exactly; left of zero it did not.",
        "每行一位客户经理：全部成本的回报率。0% 表示刚好收回成本；零线左侧表示未收回。",
    ),
    "report.returns_caption": (
        "Return by account manager, the highest first. Below each figure its 95% interval; n is the "
        "number of cases.",
        "客户经理投入产出，按回报率从高到低。数值下方为 95% 区间；n 为样本数。",
    ),
    "report.returns_left": (
        "{count} of {all} have not enough data for a return and stand in the table only.",
        "{all} 人中有 {count} 人数据不足以计算回报率，仅列于表格。",
    ),
    "report.person": ("Account manager", "客户经理"),
    "report.cost": ("Cost", "成本"),
    "report.won": ("Won", "赢单金额"),
    "report.return": ("Return", "回报率"),
    "report.growth": ("Sales growth", "销售增长"),
    "report.win_rate": ("Win rate", "赢单率"),
    "report.retention": ("Retention", "客户留存率"),
    "report.customers_new": ("New customers", "新客户"),
    "report.satisfaction": ("Satisfaction", "客户满意度"),
    "report.definitions": ("How these figures are defined", "指标定义"),
    "report.define_cost": (
        "Cost: what was allowed on claims in the period, and the other costs of the person (such "
        "as salary, training, communication).",
        "成本：本期报销核准金额，加上该人员的其他成本（如工资、培训、通讯）。",
    ),
    "report.define_won": (
        "Won: the amount of the opportunities won in the period.",
        "赢单金额：本期赢得的商机金额。",
    ),
    "report.define_return_revenue": (
        "Return: (won - cost) ÷ cost. What counts as return is revenue.",
        "回报率：（赢单金额 - 成本）÷ 成本。产出口径为收入。",
    ),
    "report.define_return_margin": (
        "Return: (won × {margin} - cost) ÷ cost. What counts as return is margin: {margin} of the "
        "won amount.",
        "回报率：（赢单金额 × {margin} - 成本）÷ 成本。产出口径为毛利：赢单金额的 {margin}。",
    ),
    "report.define_growth": (
        "Sales growth: won in the period ÷ won in the same length of time just before it, less 1. "
        "Not given when nothing was won before.",
        "销售增长：本期赢单金额 ÷ 之前同样长度期间的赢单金额 - 1。之前没有赢单时不给出。",
    ),
    "report.define_win_rate": (
        "Win rate: opportunities won ÷ opportunities won or lost in the period; Wilson interval.",
        "赢单率：本期赢得的商机数 ÷ 本期赢得与输掉的商机数；Wilson 区间。",
    ),
    "report.define_retention": (
        "Retention: customers at the start of the period that are still active at its end ÷ "
        "customers at the start; new customers count in neither; Wilson interval.",
        "客户留存率：期初客户中期末仍活跃的数量 ÷ 期初客户数；新客户均不计入；Wilson 区间。",
    ),
    "report.define_customers_new": (
        "New customers: those who became customers in the period.",
        "新客户：本期成为客户的数量。",
    ),
    "report.define_satisfaction": (
        "Satisfaction: mean of the survey scores in the period, on the company's own scale; t "
        "interval. Not given for fewer than {least} answers.",
        "客户满意度：本期调查得分的平均值，采用公司自己的量表；t 区间。少于 {least} 份时不给出。",
    ),
    "report.set_aside": ("Rows set aside, and why", "搁置的行及原因"),
    "report.set_aside_about": (
        "These rows could not be read, so that nothing in this report counts them. Mend them in "
        "the source and run again.",
        "这些行无法读取，因此本报告未计入。请在来源处修正后重新运行。",
    ),
    "report.set_aside_caption": ("Rows set aside.", "搁置的行。"),
    "report.set_aside_first": (
        "The first {shown} of {count} rows are listed.",
        "列出 {count} 行中的前 {shown} 行。",
    ),
    "report.place": ("Place", "位置"),
    "report.reason": ("Reason", "原因"),
}
