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
    "rest.not_asked": (
        "{title} could not be asked who signs in: {detail}",
        "无法向 {title} 查询登录者：{detail}",
    ),
    "rest.no_results": (
        "results of {kinds} have no place in the connection file, so nobody sees them in the CRM. If "
        "they shall be seen, say where they go: results.fields in [kind.KIND]",
        "连接文件没有写明 {kinds} 的结果写到何处，因此在 CRM 中看不到。如需写入，请在 [kind.KIND] 的 results.fields 中写明",
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
        "{kind}: no scratch record could be created in {object}: {detail}. If the CRM asks for more "
        "fields, add them to scratch in [kind.{kind}]; if it has such a record already, an earlier one "
        "was left: look for {marks}",
        "{kind}：无法在 {object} 中创建试写记录：{detail}。如果 CRM 要求更多字段，请添加到 [kind.{kind}] 的 "
        "scratch；如果已有此记录，则是先前遗留的，请查找 {marks}",
    ),
    "rest.scratch_unknown": (
        "{kind}: nobody knows whether a scratch record was created in {object}: {detail}. Look there for "
        "{marks}, and delete it",
        "{kind}：无法确定是否已在 {object} 中创建试写记录：{detail}。请在其中查找 {marks} 并删除",
    ),
    "rest.scratch_no_id": (
        "{kind}: a scratch record was created in {object}, but the answer does not say its id, so it is "
        "STILL THERE: look for {marks}, and delete it. Say where the id is: id_path or id_header of "
        "calls.create",
        "{kind}：已在 {object} 中创建试写记录，但应答没有给出标识，因此该记录仍在 CRM 中：请查找 {marks} 并删除。"
        "请在 calls.create 的 id_path 或 id_header 中写明标识的位置",
    ),
    "rest.scratch_failed": (
        "{kind}: the scratch record could not be written to: {detail}",
        "{kind}：无法更新试写记录：{detail}",
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
        "{kind}：{object} 的试写记录 {record} 无法删除，仍在 CRM 中：{detail}。请手工删除",
    ),
    "rest.scratch_still": (
        "{kind}: {object} says that the scratch record {record} is deleted, and still shows it. If it "
        "is only marked, say so in [deletes]; else delete it by hand",
        "{kind}：{object} 表示已删除试写记录 {record}，但仍能读到。如果只是作了标记，请在 [deletes] 中说明；"
        "否则请手工删除",
    ),
    "trial.kind": (
        "{value} is no kind of record. Did you mean {near}? Known: {known}",
        "{value} 不是记录种类。是否指 {near}？可用的有：{known}",
    ),
    "trial.no_kind": (
        "{name} has no [kind.{kind}]. It has: {known}",
        "{name} 没有 [kind.{kind}]。已有：{known}",
    ),
    "trial.pair": (
        "{value} is no pair. Write --set NAME=VALUE, like --set url=https://crm.example.com",
        "{value} 不是“名称=值”。请写 --set NAME=VALUE，例如 --set url=https://crm.example.com",
    ),
    "trial.give": (
        "give what is missing with --set, like --set url=https://crm.example.com and "
        "--set token_variable=CRM_TOKEN, or name a connection of the settings with --crm",
        "请用 --set 给出所缺内容，例如 --set url=https://crm.example.com 和 --set token_variable=CRM_TOKEN，"
        "或用 --crm 指定设置中的连接",
    ),
    "trial.not_rest": (
        "the connection {crm} uses the adapter {adapter}; only those of the adapter rest have a "
        "connection file",
        "连接 {crm} 使用适配器 {adapter}；只有 rest 适配器的连接才有连接文件",
    ),
    "connect.exists": (
        "{path} is there already, and nothing is ever written over a file. Choose another name",
        "{path} 已存在，绝不覆盖文件。请换一个名称",
    ),
    "connect.name": (
        "{path} must end with .toml: that is how a connection file is told from one that is shipped",
        "{path} 必须以 .toml 结尾：以此区别于随软件提供的连接文件",
    ),
    "connect.version": (
        "{source} is an OpenAPI document of version {version}; 3.0 and 3.1 are read. Convert it first",
        "{source} 是版本 {version} 的 OpenAPI 文档；可读取 3.0 和 3.1。请先转换",
    ),
    "connect.no_paths": (
        "{source} is an OpenAPI document without paths, so there is nothing to connect to",
        "{source} 是没有 paths 的 OpenAPI 文档，没有可连接的内容",
    ),
    "connect.deep": (
        "the schemas of the document refer to each other too often: more than {limit} were followed. Cut "
        "the document down to the lists that matter",
        "文档中的结构互相引用过多：已超过 {limit} 个。请删减文档，只保留需要的列表",
    ),
    "connect.yaml": (
        "{source} is YAML, which is not read. Give the same document as JSON; most servers offer both, "
        "like openapi.json beside openapi.yaml",
        "{source} 是 YAML，无法读取。请提供 JSON 格式的同一文档；多数服务器两种都有，例如 openapi.yaml 旁的 openapi.json",
    ),
    "connect.no_source": (
        "{source} cannot be read: {detail}. Give an address that begins with https://, or a file",
        "无法读取 {source}：{detail}。请给出以 https:// 开头的地址，或一个文件",
    ),
    "connect.large": (
        "{source} has more than {limit} bytes. Cut it down to the lists that matter",
        "{source} 超过 {limit} 字节。请删减，只保留需要的列表",
    ),
    "connect.no_document": (
        "{source} is JSON, but no OpenAPI document: it has no member openapi. For a CRM without one, give "
        "the address of a list of records",
        "{source} 是 JSON，但不是 OpenAPI 文档：没有 openapi 成员。CRM 没有此文档时，请给出记录列表的地址",
    ),
    "connect.no_json": (
        "{source} did not give JSON: {detail}. Give the address that a program would call, not the page "
        "that people see",
        "{source} 给出的不是 JSON：{detail}。请给出供程序调用的地址，而不是供人查看的页面",
    ),
    "connect.no_list": (
        "the answer of {source} holds no list of records, and names none. Give the address of a list, "
        "like https://crm.example.com/api/claims",
        "{source} 的应答中没有记录列表，也没有指向列表的名称。请给出列表的地址，例如 "
        "https://crm.example.com/api/claims",
    ),
    "connect.empty": (
        "the list at {source} is empty, so there is nothing to guess from. Put one record in, or check "
        "whether this user may see any",
        "{source} 的列表为空，无从推测。请放入一条记录，或检查该用户是否有权查看",
    ),
    "connect.two_hosts": (
        "a connection file is of one host, but {first} and {second} were given. Write one file for each",
        "一个连接文件只对应一台主机，但给出了 {first} 和 {second}。请各写一个文件",
    ),
    "connect.private": (
        "{source} is at a private or local address. If that is meant, add --private",
        "{source} 位于内网或本机地址。如果确实如此，请加 --private",
    ),
    "connect.no_token": (
        "the environment variable {variable} is not set, or empty. Set it to the token, without Bearer",
        "环境变量 {variable} 未设置或为空。请设为令牌，不带 Bearer",
    ),
    "connect.needs_token": (
        "{source} answers only who signs in ({status}). Put a token into an environment variable, and "
        "name it: --token-variable CRM_TOKEN; if it does not go into Authorization, add --token-header",
        "{source} 只应答登录者（{status}）。请把令牌放入环境变量并写明：--token-variable CRM_TOKEN；"
        "如果令牌不放在 Authorization 中，另加 --token-header",
    ),
    "connect.no_kinds": (
        "nothing at {source} looks like records that we know, so no file was written. It has: {names}. "
        "Give the address of one list, like --from https://crm.example.com/api/claims",
        "{source} 中没有可识别的记录，因此没有写入文件。其中有：{names}。请给出一个列表的地址，例如 "
        "--from https://crm.example.com/api/claims",
    ),
}
