"""What can go wrong on the way to a CRM, in choosing an adapter, and in the CRM in memory."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "http.base_url": (
        "the address of the CRM {crm} cannot be used: {detail}. "
        "Write it like https://crm.example.com/api/ in the settings, without user, query or #",
        "CRM {crm} 的地址无法使用：{detail}。请在设置中写成 https://crm.example.com/api/，"
        "不带用户名、参数或 #",
    ),
    "http.plain": (
        "the address of the CRM {crm} ({host}) is http://, which anybody on the way can read; it "
        "is accepted for this machine only (a limit of this package). Use https://",
        "CRM {crm} 的地址（{host}）是 http://，途中任何人都能读到；本软件只允许本机使用。"
        "请改用 https://",
    ),
    "http.header": (
        "the header {header} for the CRM {crm} holds a character that no header may hold (a line "
        "break, or not Latin). Copy the value again, without blanks around it",
        "发往 CRM {crm} 的请求头 {header} 含有不允许的字符（换行或非拉丁字符）。"
        "请重新复制该值，前后不要有空白",
    ),
    "http.private": (
        "{host}, where the CRM {crm} is said to be, is at a private or local address, and the "
        "connection does not say that this is meant. If it is, write private_addresses = true in "
        "[connection] of the connection file, or in [crm.{crm}] of the settings",
        "CRM {crm} 的主机 {host} 位于私有或本机地址，而连接没有说明这是有意的。如确实如此，请在连接文件的 "
        "[connection] 或设置的 [crm.{crm}] 中写 private_addresses = true",
    ),
    "http.number_digits": (
        "{value} has more digits than a JSON number keeps (about fifteen). Nothing was sent. Let the "
        "field be a text over there",
        "{value} 的位数超过 JSON 数字能保留的位数（约十五位）。没有发送任何内容。请在对方改用文本字段",
    ),
    "http.elsewhere": (
        "the CRM {crm} sends us to {host}, which is not among its hosts: {allowed}. Nothing was "
        "sent there. If that host is right, add it to the connection's allowed hosts",
        "CRM {crm} 让我们访问 {host}，但它不在允许的主机之列：{allowed}。没有向其发送任何内容。"
        "若该主机无误，请加入此连接的允许主机",
    ),
    "http.redirect": (
        "the CRM {crm} answered {request} with {status}, a redirect to {host}; redirects are not "
        "followed, so that the token stays home. Put the final address into the settings",
        "CRM {crm} 对 {request} 返回 {status}，要求转到 {host}；为保护令牌，不自动跟随跳转。"
        "请在设置中填写最终地址",
    ),
    "http.unreachable": (
        "the CRM {crm} cannot be reached for {request} ({detail}); nothing was sent. "
        "Check address, network and proxy, then try again",
        "无法连接 CRM {crm} 执行 {request}（{detail}）；没有发送任何内容。"
        "请检查地址、网络和代理后重试",
    ),
    "http.tls": (
        "the certificate of the CRM {crm} at {host} is not valid ({detail}). Verification is never "
        "switched off: mend the certificate, or name your company's CA in REQUESTS_CA_BUNDLE",
        "CRM {crm} 的主机 {host} 的证书无效（{detail}）。证书校验不可关闭："
        "请修复证书，或用 REQUESTS_CA_BUNDLE 指定公司的 CA",
    ),
    "http.lost": (
        "the reply of the CRM {crm} to {request} was lost ({detail}); the request may have had its "
        "effect. Read back before sending it again",
        "CRM {crm} 对 {request} 的答复丢失（{detail}）；请求可能已生效。再次发送前请先回读",
    ),
    "http.timeout": (
        "the CRM {crm} did not finish {request} within {limit} seconds (limit of the connection); "
        "the request may have had its effect. Try again later, or raise the limit",
        "CRM {crm} 未能在 {limit} 秒内（连接的限制）完成 {request}；请求可能已生效。"
        "请稍后再试，或调高限制",
    ),
    "http.busy": (
        "the CRM {crm} asks us to wait: {request} gave {status}. Try again later, or make fewer "
        "calls",
        "CRM {crm} 要求稍候：{request} 返回 {status}。请稍后再试，或减少调用次数",
    ),
    "http.server": (
        "the CRM {crm} failed on {request} with {status}; the request may have had its effect. "
        "Try again later",
        "CRM {crm} 处理 {request} 时出错（{status}）；请求可能已生效。请稍后再试",
    ),
    "http.auth": (
        "the CRM {crm} does not accept our credentials: {request} gave {status}. Renew them, then "
        "run `crm-expenses doctor`",
        "CRM {crm} 不接受我们的凭据：{request} 返回 {status}。请更新后运行 `crm-expenses doctor`",
    ),
    "http.permission": (
        "the CRM {crm} does not permit {request} to this user ({status}). Ask its administrator "
        "for the permission, then run `crm-expenses doctor`",
        "CRM {crm} 不允许此用户执行 {request}（{status}）。请向管理员申请权限后运行 "
        "`crm-expenses doctor`",
    ),
    "http.conflict": (
        "the record has changed in the CRM {crm} meanwhile: {request} gave {status}. "
        "Pull it and decide anew",
        "记录在 CRM {crm} 中已被修改：{request} 返回 {status}。请重新拉取并再次审核",
    ),
    "http.unsupported": (
        "the CRM {crm} cannot do {request} ({status}). Check its version and edition",
        "CRM {crm} 不支持 {request}（{status}）。请检查其版本",
    ),
    "http.not_found": (
        "the CRM {crm} has nothing at {request} ({status}). Check the address and the names of "
        "objects in the settings; the record may have been deleted",
        "CRM {crm} 中没有 {request}（{status}）。请检查设置中的地址和对象名；记录也可能已被删除",
    ),
    "http.refused": (
        "the CRM {crm} refused {request} with {status}. The same request will not succeed: "
        "mend what it asks for",
        "CRM {crm} 拒绝了 {request}（{status}）。同样的请求不会成功：请修正其内容",
    ),
    "http.large": (
        "the reply of the CRM {crm} to {request} is larger than {limit} bytes (limit of the "
        "connection). Ask for smaller pages",
        "CRM {crm} 对 {request} 的答复超过 {limit} 字节（连接的限制）。请减小每页条数",
    ),
    "http.not_json": (
        "the reply is not JSON as RFC 8259 has it: {detail}. Check that the address is that of the "
        "API and not of a page for people",
        "答复不是 RFC 8259 规定的 JSON：{detail}。请确认地址是 API 而不是网页",
    ),
    "http.json_twice": (
        "the reply holds the key {key} twice in one object, so its meaning is not certain. Nothing "
        "of it is used; report it to the CRM's maker",
        "答复的同一对象中两次出现键 {key}，含义不确定。整个答复不予采用；请向 CRM 厂商反映",
    ),
    "http.json_number": (
        "the reply holds {value}, which is not a number in JSON. Nothing of it is used; "
        "mend the record in the CRM",
        "答复中含有 {value}，它不是 JSON 的数字。整个答复不予采用；请在 CRM 中修正该记录",
    ),
    "registry.unknown": (
        "the connection {crm} asks for the adapter {kind}, which is not installed. Installed: "
        "{known}. Nearest: {near}. Mend the name, or install the package that brings it",
        "连接 {crm} 需要适配器 {kind}，但没有安装。已安装：{known}。最接近的是：{near}。"
        "请修正名称，或安装提供它的软件包",
    ),
    "registry.claimed_twice": (
        "the adapter name {kind} is claimed by several packages: {distributions}. Uninstall all "
        "but one",
        "适配器名称 {kind} 被多个软件包占用：{distributions}。请只保留一个",
    ),
    "registry.broken": (
        "the adapter {kind} of the package {distribution} cannot be imported from {target}: "
        "{detail}. Reinstall or update that package",
        "软件包 {distribution} 的适配器 {kind} 无法从 {target} 导入：{detail}。"
        "请重新安装或更新该软件包",
    ),
    "registry.not_callable": (
        "the adapter {kind} of the package {distribution} names {target}, which cannot be called. "
        "It must be a function of name, options and base",
        "软件包 {distribution} 的适配器 {kind} 指向 {target}，但它不可调用。"
        "它必须是接收 name、options、base 的函数",
    ),
    "registry.no_adapter": (
        "what the adapter {kind} of the package {distribution} opened is not an adapter: it lacks "
        "{missing}. Update that package",
        "软件包 {distribution} 的适配器 {kind} 打开的对象不是适配器：缺少 {missing}。"
        "请更新该软件包",
    ),
    "memory.reads": (
        "the CRM {crm} has no records of the kind {kind}. Leave that kind out",
        "CRM {crm} 没有 {kind} 类记录。请不要读取该类",
    ),
    "memory.writes": (
        "the CRM {crm} has no place for results of the kind {kind}. Leave that kind out",
        "CRM {crm} 无处存放 {kind} 类结果。请不要写入该类",
    ),
    "memory.changes": (
        "records of the kind {kind} cannot be changed in the CRM {crm}. Leave that kind out",
        "CRM {crm} 中不能修改 {kind} 类记录。请不要修改该类",
    ),
    "memory.batch": (
        "{count} writes at once are more than {limit} (the adapter's batch size). Split them",
        "一次写入 {count} 条，超过 {limit} 条（适配器的批量上限）。请分批写入",
    ),
    "crm.cursor": (
        "the connection {crm} did not make the cursor {cursor}. Read all again: sync --full",
        "游标 {cursor} 不是连接 {crm} 生成的。请重新读取全部记录：sync --full",
    ),
    "memory.cursor": (
        "the CRM {crm} did not give out the cursor {cursor}. Read from the beginning",
        "游标 {cursor} 不是 CRM {crm} 给出的。请从头读取",
    ),
    "memory.no_record": (
        "the CRM {crm} has no record {record} any more. Pull again",
        "CRM {crm} 中已没有记录 {record}。请重新拉取",
    ),
    "memory.refused": (
        "the CRM {crm} refused {record}, as its script says. Mend the record",
        "CRM {crm} 按脚本拒绝了 {record}。请修正该记录",
    ),
    "memory.conflict": (
        "{record} has changed in the CRM {crm} meanwhile. Pull it and decide anew",
        "{record} 在 CRM {crm} 中已被修改。请重新拉取并再次审核",
    ),
    "memory.file_digest": (
        "the CRM {crm} did not take the file for {record}: its bytes are not those of the digest that came with it. Look "
        "whether the copy here was changed: crm-expenses doctor",
        "CRM {crm} 未接收 {record} 的文件：内容与随附的摘要不符。请用 crm-expenses doctor 检查本地副本是否被改动",
    ),
    "memory.lost": (
        "the reply of the CRM {crm} about {record} was lost. Read back before sending it again",
        "CRM {crm} 关于 {record} 的答复丢失。再次发送前请先回读",
    ),
    "memory.good": (
        "{crm}: {rows} records and {results} results in memory",
        "{crm}：内存中有 {rows} 条记录、{results} 条结果",
    ),
    "memory.missing": (
        "the column {column} is missing or empty. Fill it in",
        "列 {column} 缺失或为空。请填写",
    ),
    "memory.value": (
        "{column} is {value}, which does not fit this column. Write dates like 2026-01-31, "
        "whole numbers like 3, yes or no as true or false, choices as listed",
        "{column} 的值 {value} 不符合该列要求。日期请写成 2026-01-31，整数如 3，是否写 true 或 "
        "false，选项按列表填写",
    ),
    "memory.no_zone": (
        "{column} is {value}, a time without a zone. Add it, like 2026-01-31T09:00:00+08:00",
        "{column} 的值 {value} 是没有时区的时间。请加上时区，例如 2026-01-31T09:00:00+08:00",
    ),
}
