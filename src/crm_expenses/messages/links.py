"""Links between records of several CRMs: what the commands say."""

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
}
