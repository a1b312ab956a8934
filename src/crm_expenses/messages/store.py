"""What is said of the store: a file of SQLite or a schema of PostgreSQL."""

TEXTS: dict[str, tuple[str, str]] = {
    "store.none": (
        "there is no store {path} yet. Run `crm-expenses sync` first",
        "存储 {path} 尚不存在。请先运行 `crm-expenses sync`",
    ),
    "store.open": (
        "the store {path} cannot be opened: {detail}. Check the path and the file's permissions",
        "无法打开存储 {path}：{detail}。请检查路径与文件权限",
    ),
    "store.foreign": (
        "{path} is a database of another program (it holds the tables {found}), not a store of crm-expenses; "
        "nothing in it was changed. Name another file under [store]",
        "{path} 是其他程序的数据库（含有表 {found}），不是 crm-expenses 的存储；其中内容未作任何改动。请在 [store] 下指定另一个文件",
    ),
    "store.newer": (
        "the store {path} was written by a newer version (schema {found}; this version knows {known}). Upgrade crm-expenses",
        "存储 {path} 由更新的版本写入（结构 {found}，本版本只认识 {known}）。请升级 crm-expenses",
    ),
    "store.kind": (
        "the store holds something else under the claim id {name}. Run `crm-expenses doctor`",
        "存储中报销单编号 {name} 下不是报销单。请运行 `crm-expenses doctor`",
    ),
    "store.policy_version": (
        "policy {policy} version {version} was used before with another content. A version names a content: give the changed policy a new version",
        "政策 {policy} 的版本 {version} 此前已用于不同的内容。版本对应唯一内容：请为修改后的政策换一个版本号",
    ),
    "store.url": (
        "the address of the store has no known form (it is not repeated, because it may hold a password). Example: {example}",
        "存储地址的形式无法识别（地址可能含有密码，故不重复显示）。示例：{example}",
    ),
    "store.both": (
        "[store] names a file and a url; only one of them can hold the store. Remove the other",
        "[store] 同时指定了 file 与 url；存储只能在其中一处。请删除另一项",
    ),
    "store.busy": (
        "the store {path} is in use by another process and did not become free within {seconds} seconds: {detail}. What was not finished was undone. Try again",
        "存储 {path} 正被另一进程使用，{seconds} 秒内未能空出：{detail}。未完成的操作已撤销。请重试",
    ),
    "store.away": (
        "the store {path} cannot be reached: {detail}. What was not finished was undone. Try again later",
        "无法连接存储 {path}：{detail}。未完成的操作已撤销。请稍后重试",
    ),
    "store.full": (
        "the store {path} cannot grow: {detail}. What was not finished was undone. Make room on the disk, then try again",
        "存储 {path} 无法继续写入：{detail}。未完成的操作已撤销。请腾出磁盘空间后重试",
    ),
    "store.login": (
        "the server does not accept the login for the store {path}: {detail}. Check user and database, and the password in PGPASSWORD",
        "服务器不接受存储 {path} 的登录：{detail}。请检查用户与数据库，以及 PGPASSWORD 中的密码",
    ),
    "store.permission": (
        "the store {path} may not be changed by this user: {detail}. Grant the right to it, or name another user or schema",
        "当前用户无权修改存储 {path}：{detail}。请授予权限，或改用其他用户或 schema",
    ),
    "store.damaged": (
        "the store {path} is damaged: {detail}. Restore it from a backup, and run `crm-expenses doctor`",
        "存储 {path} 已损坏：{detail}。请从备份恢复，并运行 `crm-expenses doctor`",
    ),
    "store.failed": (
        "the store {path} could not do what was asked: {detail}. What was not finished was undone. Run `crm-expenses doctor`",
        "存储 {path} 无法完成所请求的操作：{detail}。未完成的操作已撤销。请运行 `crm-expenses doctor`",
    ),
    "viewer.refused": (
        "{viewer} may not see {what}: people see their own claims, managers those of the people below them, and the roles finance and auditor (in the settings) all. Ask somebody who may",
        "{viewer} 无权查看 {what}：本人只能查看自己的报销单，主管可查看下属的，设置中 finance 与 auditor 角色可查看全部。请联系有权限的人",
    ),
    "record.nul": (
        "the record {value} holds a NUL character in one of its texts, which no text may hold. Remove it in the CRM",
        "记录 {value} 的某个文本含有 NUL 字符，文本中不允许。请在 CRM 中删除",
    ),
    "record.surrogate": (
        "a text of the record holds half of a character ({value}, a lone surrogate), which cannot be stored. Write the text in the CRM again",
        "记录的某个文本含有半个字符（{value}，孤立的代理码元），无法保存。请在 CRM 中重新填写",
    ),
    "record.name_long": (
        "{field} has more than {limit} characters (a limit of this package for names by which a record is found again): {value}…. Shorten it in the CRM",
        "{field} 超过 {limit} 个字符（本软件对检索用名称的限制）：{value}…。请在 CRM 中缩短",
    ),
}
