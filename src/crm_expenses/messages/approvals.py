"""What `approvals` says of an organisation: what nobody could approve, and who stands in."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "approvals.note": ("note: {text}", "提示：{text}"),
    "approvals.bad": ("wrong: {text}", "问题：{text}"),
    "approvals.ignored": (
        "columns left alone: {names}",
        "未使用的列：{names}",
    ),
    "approvals.sound": (
        "{people} people, {seats} approvals looked at: each claim finds its approvers, whoever is away.",
        "共 {people} 人、{seats} 项审批：每张报销单都有审批人，任何一人外出亦然。",
    ),
    "approvals.unsound": (
        "{people} people, {seats} approvals looked at: {count} findings to mend.",
        "共 {people} 人、{seats} 项审批：有 {count} 个问题需要处理。",
    ),
    "organisation.also": (
        "{text} The same holds for {count} other claimants.",
        "{text}另有 {count} 名报销人情况相同。",
    ),
    "organisation.self": (
        "{claimant} could approve their own claim of {amount} in the step {step}. This is a fault of ours: report it.",
        "{claimant} 可在节点 {step} 审批本人 {amount} 的报销单。这是本软件的错误，请报告。",
    ),
    "organisation.manager_circle": (
        "the managers go round in a circle: {path}. Correct the manager of one of them.",
        "上下级关系成环：{path}。请更正其中一人的上级。",
    ),
    "organisation.substitute_circle": (
        "substitutes go round in a circle: {path}. End one of these substitutions.",
        "代理关系成环：{path}。请终止其中一项代理。",
    ),
    "organisation.self_substitute": (
        "while {who} is away, {claimant}, who acts for them, would have to approve their own claim of {amount} in the step {step}: nobody else can. Name a second substitute, or escalate_after.",
        "{who} 外出期间由 {claimant} 代理，其本人 {amount} 的报销单在节点 {step} 无其他人可审批。请指定第二代理人，或设定 escalate_after。",
    ),
    "organisation.mutual": (
        "two people are each other's only approvers: {path} (claims of {amount}). Add a step that somebody else takes.",
        "两人互为唯一审批人：{path}（{amount} 的报销单）。请增加由他人审批的节点。",
    ),
    "organisation.nobody": (
        "nobody can take the step {step} for a claim of {claimant} of {amount} ({category}); looked at: {path}. Give them a manager, or the role a holder.",
        "{claimant} 金额 {amount}（{category}）的报销单在节点 {step} 无人可审批；已查找：{path}。请为其设定上级，或为该角色指定人员。",
    ),
    "organisation.authority": (
        "no authority reaches {amount} in the step {step} for a claim of {claimant} ({category}); looked at: {path}. Raise a limit under [[authority]], or name the greatest amount with --greatest.",
        "{claimant}（{category}）的报销单在节点 {step} 无人的审批权限达到 {amount}；已查找：{path}。请在 [[authority]] 中提高权限，或用 --greatest 指明最大金额。",
    ),
    "organisation.no_step": (
        "no step is due for {who}, whatever the amount; witness: a claim of {amount} (teams: {path}). Add an [[approval]], or say under [automatic] what passes.",
        "{who} 无论金额多少均不触发任何审批节点；例如 {amount} 的报销单（团队：{path}）。请增加 [[approval]]，或在 [automatic] 中写明可自动通过的范围。",
    ),
    "organisation.role_empty": (
        "nobody holds {who}, which the step {step} names. Give it a holder.",
        "节点 {step} 所指的 {who} 无人担任。请指定人员。",
    ),
    "organisation.person_unknown": (
        "{who} is not among the people, or has left, but the step {step} names them. Correct the id, or name somebody else.",
        "节点 {step} 指定的 {who} 不在人员名单中或已离职。请更正编号或另行指定。",
    ),
    "organisation.manager_unknown": (
        "the manager of {claimant}, {who}, is not among the people. Correct the id, or add the person.",
        "{claimant} 的上级 {who} 不在人员名单中。请更正编号或补上该人员。",
    ),
    "organisation.away": (
        "while {who} is away, nobody can take the step {step} for a claim of {claimant} of {amount} ({category}). Name a substitute, or escalate_after.",
        "{who} 外出期间，{claimant} 金额 {amount}（{category}）的报销单在节点 {step} 无人可审批。请指定代理人，或设定 escalate_after。",
    ),
    "organisation.passes": (
        "{who}: up to {amount} a claim may pass without a person (teams: {path}).",
        "{who}：不超过 {amount} 的报销单可无须人工审批（团队：{path}）。",
    ),
    "organisation.depends": (
        "{who}: whether a step is due up to {amount} depends on the conditions of the steps {step} (teams: {path}). Prove it with cases: crm-expenses policy test.",
        "{who}：不超过 {amount} 时是否触发节点，取决于节点 {step} 的条件（团队：{path}）。请用 crm-expenses policy test 的用例验证。",
    ),
    "organisation.every_team": ("all", "全部"),
    "organisation.covered": (
        "while {who} is away, the step {step} of a claim of {claimant} goes this way: {path}.",
        "{who} 外出期间，{claimant} 的报销单的节点 {step} 改为：{path}。",
    ),
    "route.claim": ("{claim}:", "{claim}："),
    "route.step": ("{number}. {title}: {who}", "{number}. {title}：{who}"),
    "route.reason": ("because {text}", "原因：{text}"),
    "route.nobody": (
        "nobody is found, so that it waits for somebody to correct the organisation",
        "找不到审批人，须先更正组织架构",
    ),
    "route.joined": (
        "the same people as in the step before: one answer counts for both",
        "与上一节点审批人相同，一次审批即可",
    ),
    "route.each": ("each of: {list}", "以下每项均须同意：{list}"),
    "route.any": ("one of: {list}", "以下任一人：{list}"),
    "route.next": ("Next: {list}", "下一步：{list}"),
    "route.acts_for": ("{who} (for {other})", "{who}（代 {other}）"),
    "route.above": ("{who} (above {other})", "{who}（{other} 的上级）"),
    "route.late": ("{who} (escalated)", "{who}（超期升级）"),
    "route.passed_claimant": ("{who} claims it", "{who} 为报销人"),
    "route.passed_left": ("{who} has left", "{who} 已离职"),
    "route.passed_authority": (
        "the authority of {who} ends below the amount",
        "{who} 的审批权限不足",
    ),
    "route.passed": ("passed: {list}", "已越过：{list}"),
    "route.done": ("done", "已完成"),
    "route.since": ("open since {at}", "自 {at} 起待审批"),
    "route.remind": ("reminder {at}", "提醒 {at}"),
    "route.escalate": ("escalation {at}", "升级 {at}"),
    "route.why_amount": (
        "more than {above} {currency} is allowed: {amount}",
        "核准金额 {amount} 超过 {above} {currency}",
    ),
    "route.why_outcome": ("the outcome is {outcome}", "结论为{outcome}"),
    "route.why_finding": ("there is the finding {title}", "有问题{title}"),
    "route.why_budget": (
        "the budget {budget} has less than is asked for",
        "预算 {budget} 余额不足",
    ),
    "route.why_condition": (
        "the policy's condition on the claim holds",
        "符合政策对报销单规定的条件",
    ),
    "route.why_categories": ("it has lines in {list}", "含{list}的明细"),
    "route.why_teams": ("it is of the team {list}", "属于团队{list}"),
    "route.why_last_resort": (
        "a person must look, and the policy names nobody else",
        "须由人工查看，而政策未指定其他人",
    ),
    "route.not_due": (
        "No person is needed: no step is due for {allowed} {currency}.",
        "无须人工审批：{allowed} {currency} 不触发任何审批节点。",
    ),
    "route.automatic": (
        "No person is needed: {allowed} {currency} with the outcome {outcome} is within the {up_to} {currency} that the policy lets pass.",
        "无须人工审批：{allowed} {currency}、结论为{outcome}，在政策允许自动通过的 {up_to} {currency} 之内。",
    ),
    "route.rejected": (
        "Nobody is asked: the policy rejects the claim.",
        "无须审批：报销单已被政策拒绝。",
    ),
}
