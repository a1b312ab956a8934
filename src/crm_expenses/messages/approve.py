"""What `approvals list`, `show`, `approve`, `delegate` and `notices` say, and why they refuse."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "approve.claim": ("claim", "报销单"),
    "approve.person": ("claimant", "报销人"),
    "approve.allowed": ("allowed", "核准金额"),
    "approve.currency": ("currency", "币种"),
    "approve.step": ("step", "节点"),
    "approve.since": ("open since", "开始等待"),
    "approve.asked": ("asked", "审批人"),
    "approve.code": ("content code", "内容代码"),
    "approve.none": ("Nothing waits for {person}.", "没有等待 {person} 审批的报销单。"),
    "approve.none_all": (
        "No claim that {person} may see is in approval.",
        "在 {person} 可查看的范围内没有审批中的报销单。",
    ),
    "approve.changed": ("{claim} (changed, not decided yet)", "{claim}（有变更，尚未判定）"),
    "approve.head": (
        "{claim}: {state}; version {version}; content code {code}",
        "{claim}：{state}；第 {version} 版；内容代码 {code}",
    ),
    "approve.of": (
        "{person}, submitted {at}: {claimed} claimed, {allowed} allowed",
        "{person}，{at} 提交：申报 {claimed}，核准 {allowed}",
    ),
    "approve.is_pending": (
        "It has changed since it was decided: run `crm-expenses sync` before anybody answers.",
        "自判定后有变更：请先运行 `crm-expenses sync`，再审批。",
    ),
    "approve.lines": ("Lines:", "明细："),
    "approve.line": (
        "{line}  {date}  {category}  {amount}, allowed {allowed}: {outcome}",
        "{line}  {date}  {category}  {amount}，核准 {allowed}：{outcome}",
    ),
    "approve.line_refused": ("not approved", "未批准"),
    "approve.route": ("Route:", "审批流："),
    "approve.there": (
        "Approved by the CRM's own status, which the policy accepts (plain_field).",
        "由 CRM 自身的状态批准，政策认可该来源（plain_field）。",
    ),
    "approve.said": ("What was said:", "审批记录："),
    "approve.said_approve": ("{at}  {who}: yes ({steps})", "{at}  {who}：同意（{steps}）"),
    "approve.said_reject": ("{at}  {who}: no ({steps})", "{at}  {who}：驳回（{steps}）"),
    "approve.said_return": ("{at}  {who}: sent back ({steps})", "{at}  {who}：退回（{steps}）"),
    "approve.acts_for": ("{who} for {other}", "{who}（代 {other}）"),
    "approve.from": ("source: {provenance}", "来源：{provenance}"),
    "approve.provenance_plain_field": (
        "a field of the CRM that anybody may edit",
        "CRM 中可由任何人编辑的字段",
    ),
    "approve.provenance_asserted": (
        "our own command, as the person whom it was told",
        "本软件命令，以所声明的身份",
    ),
    "approve.provenance_audited_field": (
        "a field whose changes the CRM records",
        "由 CRM 记录修改历史的字段",
    ),
    "approve.provenance_crm_process": ("an approval process of the CRM", "CRM 的审批流程"),
    "approve.lines_refused": ("not approved: {lines}", "未批准的明细：{lines}"),
    "approve.reason": ("reason: {reason}", "理由：{reason}"),
    "approve.reason_erased": ("reason: erased", "理由：已删除"),
    "approve.earlier": ("of version {version}", "针对第 {version} 版"),
    "approve.void": ("void, because it changed: {changes}", "已失效，内容有变更：{changes}"),
    "approve.change": (
        "{part} ({line}): {before} → {after}",
        "{part}（{line}）：{before} → {after}",
    ),
    "approve.change_only": ("{part}", "{part}"),
    "approve.due": (
        "{due} is approved; {paid} of it is paid; to be paid on {day}.",
        "已批准 {due}，已支付 {paid}，付款日 {day}。",
    ),
    "approve.settled": (
        "{due} is approved; {paid} of it is paid.",
        "已批准 {due}，已支付 {paid}。",
    ),
    "approve.waits_claimant": (
        "It waits for {person}, who is to complete it.",
        "等待 {person} 补充资料。",
    ),
    "approve.counted": (
        "{claim}: your answer counts ({verdict}).",
        "{claim}：您的意见已生效（{verdict}）。",
    ),
    "approve.verdict_approve": ("yes", "同意"),
    "approve.verdict_reject": ("no", "驳回"),
    "approve.verdict_return": ("sent back", "退回"),
    "approve.next": ("It is {state}; next: {list}.", "当前状态：{state}；下一步：{list}。"),
    "approve.now": ("It is {state}.", "当前状态：{state}。"),
    "approve.now_due": ("It is {state}: {due}.", "当前状态：{state}，{due}。"),
    "approve.refused": ("not counted: {text}", "未生效：{text}"),
    "approve.tell": (
        "The CRM is told with the next `crm-expenses sync`.",
        "结果将在下一次 `crm-expenses sync` 时写回 CRM。",
    ),
    "delegate.made": (
        "{number}: {who} acts for {other} {days}.",
        "{number}：{who} 代 {other} 审批，{days}。",
    ),
    "delegate.days_from": ("from {start}", "自 {start} 起"),
    "delegate.days_to": ("from {start} to {until}", "{start} 至 {until}"),
    "delegate.for_claim": ("{text} Only for {claim}.", "{text}仅限报销单 {claim}。"),
    "delegate.ended": (
        "{number}: {who} acts for {other} no longer.",
        "{number}：{who} 不再代 {other} 审批。",
    ),
    "delegate.nobody": (
        "Nobody acts for {person}, and {person} for nobody, by our own command.",
        "{person} 未指定代理人，也未代理他人（仅就本命令而言）。",
    ),
    "notices.line": ("{number}  {at}  {person}  {text}", "{number}  {at}  {person}  {text}"),
    "notices.none": ("Nobody was told anything after {since}.", "编号 {since} 之后没有通知。"),
}
