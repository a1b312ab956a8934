"""Links between records of several CRMs: what the commands say, and what is wrong."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "command.links": (
        "Records of several CRMs that are one and the same thing.",
        "多个 CRM 中指同一对象的记录。",
    ),
    "command.links_list": ("List what is linked.", "列出已关联的记录。"),
    "command.links_add": (
        "Say that two records, each written as CRM:ID, are one thing.",
        "关联两条记录（写作 CRM:ID），表示是同一对象。",
    ),
    "command.links_remove": (
        "Say that a record, written as CRM:ID, is not the same thing as others.",
        "取消一条记录（写作 CRM:ID）的关联。",
    ),
    "command.links_match": (
        "Link records whose value in a field is the same, where that is clear.",
        "关联某字段值相同的记录（只关联不会混淆的）。",
    ),
    "option.links_kind": (
        "account_manager, account, opportunity or pre_approval",
        "account_manager、account、opportunity 或 pre_approval",
    ),
    "option.links_member": ("a record, written as CRM:ID", "记录，写作 CRM:ID"),
    "option.links_reason": ("why, in your words", "原因"),
    "option.links_by": (
        "the field that is compared: id, name, or a field of your own like email",
        "用来比较的字段：id、name，或自有字段如 email",
    ),
    "option.links_plan": (
        "show what would be linked, and link nothing",
        "只显示将关联的记录，不作改动",
    ),
    "links.none": ("Nothing is linked.", "没有关联。"),
    "links.record": ("  {record}  {title}  ({how})", "  {record}  {title}  （{how}）"),
    "links.record_not_held": (
        "  {record}  not held here  ({how})",
        "  {record}  本地无此记录  （{how}）",
    ),
    "links.added": (
        "{one} and {other} are one thing. Claims that read something else by that are decided again by the next `crm-expenses sync`.",
        "{one} 与 {other} 已关联。受影响的报销单将在下次 `crm-expenses sync` 时重新判定。",
    ),
    "links.known": ("{one} and {other} are linked already.", "{one} 与 {other} 此前已关联。"),
    "links.removed": (
        "{one} is on its own again. Claims that read something else by that are decided again by the next `crm-expenses sync`.",
        "已取消 {one} 的关联。受影响的报销单将在下次 `crm-expenses sync` 时重新判定。",
    ),
    "links.ambiguous": (
        "not linked, because {value} does not say which: {records}",
        "未关联，{value} 无法区分：{records}",
    ),
    "links.matched": (
        "{made} linked, {known} were linked already, {ambiguous} not clear.",
        "新关联 {made} 对，此前已关联 {known} 对，无法区分 {ambiguous} 组。",
    ),
    "links.planned": (
        "{made} would be linked, {known} are linked already, {ambiguous} not clear.",
        "将关联 {made} 对，此前已关联 {known} 对，无法区分 {ambiguous} 组。",
    ),
    # What is wrong
    "links.two_of_one_crm": (
        "{one} and {other} of the CRM {crm} would be one {kind} by this, but links join records of different CRMs: within one CRM, merge them there. Remove a link first: crm-expenses links remove",
        "这样会使 CRM {crm} 的 {one} 与 {other} 成为同一个 {kind}；关联只用于不同 CRM 之间，同一 CRM 内请在其中合并。请先取消一个关联：crm-expenses links remove",
    ),
    "links.no_record": (
        "neither {one} nor {other} is a {kind} that is held. Look for slips in the ids, or run `crm-expenses sync` first",
        "{one} 与 {other} 都不是已有的 {kind}。请检查编号，或先运行 `crm-expenses sync`",
    ),
    "links.none_to_remove": (
        "{one} is no {kind} that is linked. `crm-expenses links list` shows what is",
        "{one} 不是已关联的 {kind}。可用 `crm-expenses links list` 查看",
    ),
    "links.kind": (
        "{value} is no kind whose records can be linked; there are: {known}",
        "{value} 不是可以关联的种类；可用：{known}",
    ),
    "links.member": (
        "{value} is not of the form CRM:ID with a CRM of the settings: {known}. Write sales:P1",
        "{value} 不是“CRM:编号”的形式，或设置中没有该 CRM（现有：{known}）。请写作 sales:P1",
    ),
    "links.by": (
        "a {kind} has no field {value} to compare; there are: {known}",
        "{kind} 没有可比较的字段 {value}；可用：{known}",
    ),
    "doctor.links_gone": (
        "the {kind} {record} is linked, but is no longer there. Link what took its place, or remove the link: crm-expenses links remove --kind {kind} {record} --reason TEXT",
        "已关联的 {kind} {record} 已不存在。请关联替代它的记录，或取消关联：crm-expenses links remove --kind {kind} {record} --reason 原因",
    ),
    "doctor.links_merged": (
        "the {kind} {record} is linked, and was merged into {into}, which is read in its place. Link that one instead",
        "已关联的 {kind} {record} 已并入 {into}，读取时以后者为准。请改为关联 {into}",
    ),
}
