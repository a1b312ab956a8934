"""Budgets: moves between them, alerts, forecasts, plans."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "budgets.carry_early": (
        "{budget} runs until {end}; on {day} nothing can be carried over yet. Do it after its last day",
        "{budget} 的期间到 {end}，{day} 尚不能结转。请在最后一天之后进行",
    ),
    "budgets.carry_order": (
        "{new} does not begin after {old} ends. What is left goes into a later budget: name one",
        "{new} 的开始日不在 {old} 的结束日之后。余额只能结转到之后的预算：请指定",
    ),
    "budgets.carry_rule": (
        "the carry-over of {budget} is {share} % up to {limit}: the share is 0 to 100, the limit not "
        "below zero. Correct the plan",
        "{budget} 的结转规则为 {share}%，上限 {limit}：比例须为 0 至 100，上限不得为负。请更正预算计划",
    ),
    "budgets.mixed": (
        "{old} and {new} are not of one currency ({list}). Money moves within a currency only: choose "
        "another budget",
        "{old} 与 {new} 币种不一致（{list}）。资金只能在同一币种内调剂：请另选预算",
    ),
    "budgets.transfer_ends": (
        "transfer {transfer}: it goes from {source} to {target}, which are not the two budgets looked at, "
        "or are one and the same. Name two budgets",
        "调剂 {transfer}：从 {source} 到 {target}，与所查的两个预算不符，或二者相同。请指定两个不同的预算",
    ),
    "budgets.transfer_amount": (
        "transfer {transfer}: {amount} is asked of {budget}, which has {available} available. Ask for more "
        "than zero and at most that",
        "调剂 {transfer}：申请从 {budget} 调出 {amount}，其可用余额为 {available}。金额须大于零且不超过余额",
    ),
    "budgets.transfer_nobody": (
        "transfer {transfer}: nobody can approve for {budget}. Name the person responsible for it, or the "
        "owner's manager",
        "调剂 {transfer}：没有人可以为 {budget} 审批。请指定其负责人，或归属人的上级",
    ),
    "budgets.transfer_open": (
        "transfer {transfer}: {approver} has not approved exactly this for {budget}. Ask for the approval; one "
        "of another amount or budget does not count",
        "调剂 {transfer}：{approver} 尚未就 {budget} 批准此内容。请提请审批；对其他金额或预算的批准无效",
    ),
    "budgets.year_start": (
        "{value} is no first day of a year: month and day, the day 1 to 28, like 04-01",
        "{value} 不是年度起始日：请写月和日，日为 1 至 28，例如 04-01",
    ),
    "budgets.plan_file": (
        "{path} is not there. Name the plan: a CSV or XLSX file",
        "{path} 不存在。请指定预算计划文件：CSV 或 XLSX",
    ),
    "budgets.plan_suffix": (
        "{path}: a plan is a CSV or XLSX file, by the end of its name ({names}). Save it as one of these",
        "{path}：预算计划须为 CSV 或 XLSX 文件，以扩展名为准（{names}）。请另存为其中一种",
    ),
    "budgets.plan_none": (
        "the plan has no budgets. Below the headings, write one row a budget",
        "预算计划中没有预算。请在标题行下每行写一项预算",
    ),
    "budgets.plan_rows": (
        "the plan has more than {limit} rows (a limit of this package). Split it",
        "预算计划超过 {limit} 行（本软件的限制）。请拆分",
    ),
    "budgets.plan_column": (
        "the column {column} is missing. Add it to the headings in the first row",
        "缺少列 {column}。请在第一行标题中补上",
    ),
    "budgets.plan_column_twice": (
        "the column {column} is there twice. Remove one of the two",
        "列 {column} 出现两次。请删除其中一列",
    ),
    "budgets.plan_unknown": (
        "there is no column {column} in a plan. Remove it, or use one of: {names}",
        "预算计划没有列 {column}。请删除，或使用：{names}",
    ),
    "budgets.plan_beside": (
        "{value} stands in a column without a heading. Remove it, or give its column a heading",
        "{value} 所在的列没有标题。请删除，或为该列加上标题",
    ),
    "budgets.plan_formula": (
        "{column} is {value}, which a spreadsheet takes for a formula. Write the value itself; a text that "
        "begins with = + - @ needs an apostrophe before it, like '-x",
        "{column} 的值 {value} 会被电子表格当作公式。请填写数值本身；以 = + - @ 开头的文字前须加撇号，例如 '-x",
    ),
    "budgets.plan_long": (
        "{column} has more than {limit} characters (a limit of this package). Shorten it",
        "{column} 超过 {limit} 个字符（本软件的限制）。请缩短",
    ),
    "budgets.plan_empty": (
        "{column} is empty, and every budget needs it. Fill it in; the days may be given as a period, like "
        "FY2026-Q1",
        "{column} 为空，每项预算都必须填写。请补上；起止日期也可写成期间，例如 FY2026-Q1",
    ),
    "budgets.plan_choice": (
        "{column} is {value}, which is none of: {names}. Use one of these",
        "{column} 的值 {value} 不在可选范围内：{names}。请选用其一",
    ),
    "budgets.plan_negative": (
        "{column} is {value}, and a plan allocates nothing below zero. Correct it",
        "{column} 的值为 {value}，预算计划不得为负。请更正",
    ),
    "budgets.plan_period": (
        "{column} is {value}, which names no period. Write a year, half-year, quarter or month, like FY2026, "
        "FY2026-H1, FY2026-Q1, FY2026-M03",
        "{column} 的值 {value} 不是期间。请写年、半年、季度或月，例如 FY2026、FY2026-H1、FY2026-Q1、FY2026-M03",
    ),
    "budgets.plan_both": (
        "{column} is {value}, and days are given, too. Keep either the period or the days",
        "{column} 的值为 {value}，同时又填写了起止日期。请只保留其一",
    ),
    "budgets.plan_day": (
        "{column} is {value}, which is no day. Write the year first, like 2026-01-31",
        "{column} 的值 {value} 不是日期。请按年月日书写，例如 2026-01-31",
    ),
    "budgets.plan_backwards": (
        "{column} is {value}, before the start on {start}. Correct one of the two days",
        "{column} 的值 {value} 早于开始日 {start}。请更正其中一个日期",
    ),
    "budgets.plan_owner": (
        "{column} is empty, and a budget of scope {scope} needs its owner's id. Fill it in",
        "{column} 为空，范围为 {scope} 的预算须写明归属编号。请补上",
    ),
    "budgets.plan_account": (
        "{column} is {value}, but the budget is that of the customer {owner}, so that nothing would count "
        "against it. Leave {column} empty",
        "{column} 的值为 {value}，而该预算属于客户 {owner}，不会有任何支出计入。请将 {column} 留空",
    ),
    "budgets.plan_alerts": (
        "{column} is {value}: thresholds are whole per cents from 1 to {limit} with a space between them, like "
        "80 100, or none",
        "{column} 的值为 {value}：预警阈值为 1 至 {limit} 的整数百分比，以空格分隔，例如 80 100；不预警写 none",
    ),
    "budgets.plan_carry_over": (
        "{column} is {value}: the share of what is left is a whole per cent from 0 to 100, like 50. Empty "
        "carries nothing over",
        "{column} 的值为 {value}：结转比例为 0 至 100 的整数百分比，例如 50；留空表示不结转",
    ),
    "budgets.plan_carry_limit": (
        "{column} is {value}, but carry_over is empty, so that nothing is carried over. Fill in both, or none",
        "{column} 的值为 {value}，但 carry_over 为空，不会结转。请两项都填，或都留空",
    ),
    "budgets.plan_twice": (
        "the budget {value} stands in row {row} already. Give each its own id",
        "预算 {value} 已在第 {row} 行出现。请使用不同的编号",
    ),
    "budgets.plan_same": (
        "{value} is for the same owner, category, customer, currency and days as {other}: every spending would "
        "count against both. Keep one",
        "{value} 与 {other} 的归属、类别、客户、币种和期间完全相同，每笔支出会重复计入。请只保留一项",
    ),
    "budgets.unknown": (
        "there is no budget {budget}. Look at the ids: crm-expenses budgets list --json",
        "没有编号为 {budget} 的预算。可用 crm-expenses budgets list --json 查看编号",
    ),
    "budgets.import_crm": (
        "the budget {budget} comes from the CRM, with {before}, and the plan says otherwise ({amount}). Change it in "
        "the CRM, or import with --take-over: from then on the plan's version counts",
        "预算 {budget} 来自 CRM（{before}），与计划（{amount}）不一致。请在 CRM 中修改，或用 --take-over 导入：此后以计划为准",
    ),
    "budgets.import_currency": (
        "the budget {budget} is kept in {before} and has entries; the plan has {amount}. A budget keeps its currency: "
        "plan a new one with another id",
        "预算 {budget} 已按 {before} 记账，计划却为 {amount}。预算的币种不可更改：请以新编号另建预算",
    ),
    "budgets.import_same": (
        "{budget} is for the same owner, category, customer, currency and days as {other}, which is known already: "
        "every spending would count against both. Use the id {other}",
        "{budget} 与已有的 {other} 归属、类别、客户、币种和期间完全相同，每笔支出会重复计入。请使用编号 {other}",
    ),
    "budgets.carry_no_rule": (
        "{budget} has no rule for carrying over. Give it one in a plan, in the columns carry_over and carry_limit, "
        "and import it",
        "{budget} 没有结转规则。请在预算计划的 carry_over 与 carry_limit 列中填写并导入",
    ),
    "budgets.carry_names": (
        "name the budget that ended and the one that receives, or --all for every one that ended and has a rule",
        "请写明已结束的预算与接收的预算，或用 --all 处理所有已结束且有结转规则的预算",
    ),
    "budgets.transfer_none": (
        "there is no transfer {transfer}. Look at them: crm-expenses budgets transfers",
        "没有调剂 {transfer}。可用 crm-expenses budgets transfers 查看",
    ),
    "budgets.transfer_closed": (
        "transfer {transfer} is closed already: {state}. Ask for a new one",
        "调剂 {transfer} 已结束：{state}。请重新申请",
    ),
    "budgets.transfer_twice": (
        "transfer {transfer}: {who} said yes already. Others still must: crm-expenses budgets transfers",
        "调剂 {transfer}：{who} 已批准。尚待他人：crm-expenses budgets transfers",
    ),
    "budgets.transfer_not_yours": (
        "transfer {transfer} is not for {who} to decide on, but for {approvers}: the manager of a person's budget, the "
        "person responsible for any other, and nobody for their own request. Ask one of them",
        "调剂 {transfer} 不由 {who} 决定，而由 {approvers} 决定：个人预算由其上级、其他预算由负责人审批，本人不得审批自己的申请。请联系其中一位",
    ),
    "budgets.transfer_why": (
        "say why the money should move, or should not: --reason TEXT",
        "请说明原因：--reason 文字",
    ),
}
