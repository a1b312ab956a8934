"""What is wrong with a link between records of several CRMs."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
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
