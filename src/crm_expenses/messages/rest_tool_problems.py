"""What is found where a CRM with a REST API is set up: scratch records, drafts of files."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "doctor.no_scratch": (
        "{crm}: this adapter has no scratch record to write; nothing was written",
        "{crm}：该适配器没有试写记录；没有写入任何内容",
    ),
    "doctor.not_written": (
        "{crm}: nothing was written, because something above is wrong. Mend it first",
        "{crm}：由于上述错误，没有写入任何内容。请先排除",
    ),
    "rest.scratch_none": (
        "the connection file of {title} has no scratch values, so nothing was written. Add them to a "
        'kind, like scratch = { title = "delete me" } in [kind.claim]: the fields without which the CRM '
        "takes no record",
        "{title} 的连接文件没有 scratch 值，因此没有写入任何内容。请在某类记录中添加，例如在 [kind.claim] 中写 "
        'scratch = { title = "delete me" }：即 CRM 新建记录必需的字段',
    ),
    "rest.scratch_cannot": (
        "{kind}: no scratch record, because the connection file has no {needs} for it, or its rows stand "
        "in other records",
        "{kind}：没有试写，因为连接文件没有对应的 {needs}，或其行位于其他记录之内",
    ),
    "rest.scratch_good": (
        "{kind}: a scratch record of {object} was created, updated, read back ({count} fields, all as "
        "sent) and deleted",
        "{kind}：{object} 的试写记录已创建、更新、读回（{count} 个字段均与所写一致）并删除",
    ),
    "rest.scratch_refused": (
        "{kind}: no scratch record could be created in {object}. {detail}. If the CRM asks for more "
        "fields, add them to scratch in [kind.{kind}]; if it has such a record already, an earlier one "
        "was left: look for {marks}",
        "{kind}：无法在 {object} 中创建试写记录。{detail}。如果 CRM 要求更多字段，请添加到 [kind.{kind}] 的 "
        "scratch；如果已有此记录，则是先前遗留的，请查找 {marks}",
    ),
    "rest.scratch_unknown": (
        "{kind}: nobody knows whether a scratch record was created in {object}. {detail}. Look there for "
        "{marks}, and delete it",
        "{kind}：无法确定是否已在 {object} 中创建试写记录。{detail}。请在其中查找 {marks} 并删除",
    ),
    "rest.scratch_no_id": (
        "{kind}: a scratch record was created in {object}, but the answer does not say its id, so it is "
        "STILL THERE: look for {marks}, and delete it. Say where the id is: id_path or id_header of "
        "calls.create",
        "{kind}：已在 {object} 中创建试写记录，但应答没有给出标识，因此该记录仍在 CRM 中：请查找 {marks} 并删除。"
        "请在 calls.create 的 id_path 或 id_header 中写明标识的位置",
    ),
    "rest.scratch_failed": (
        "{kind}: the scratch record could not be written to. {detail}",
        "{kind}：无法更新试写记录。{detail}",
    ),
    "rest.scratch_unseen": (
        "{kind}: the scratch record {record} of {object} was created, but cannot be read back",
        "{kind}：{object} 的试写记录 {record} 已创建，但无法读回",
    ),
    "rest.scratch_lost": (
        "{kind}: {object} took these fields without an error, and did not keep them: {fields}. There are "
        "no such fields, or this user may not write them. Add them to the CRM, or mend their names",
        "{kind}：{object} 接受了以下字段而没有报错，但没有保存：{fields}。没有这些字段，或该用户无权写入。"
        "请在 CRM 中添加字段，或更正名称",
    ),
    "rest.scratch_other": (
        "{kind}: {object} keeps these fields otherwise than they were sent: {fields}. A sync would find "
        "them changed each time. Choose another form for them (as, format, scale)",
        "{kind}：{object} 保存的内容与所写不同：{fields}。同步每次都会认为它们有变化。请为其选择其他形式"
        "（as、format、scale）",
    ),
    "rest.scratch_left": (
        "{kind}: the scratch record {record} of {object} could not be deleted and is STILL THERE. "
        "{detail}. Delete it by hand",
        "{kind}：{object} 的试写记录 {record} 无法删除，仍在 CRM 中。{detail}。请手工删除",
    ),
    "rest.scratch_still": (
        "{kind}: {object} says that the scratch record {record} is deleted, and still shows it. If it "
        "is only marked, say so in [deletes]; else delete it by hand",
        "{kind}：{object} 表示已删除试写记录 {record}，但仍能读到。如果只是作了标记，请在 [deletes] 中说明；"
        "否则请手工删除",
    ),
}
