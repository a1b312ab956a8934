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
}
