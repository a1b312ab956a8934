"""What the reference page of Zoho CRM says in words, in both languages."""

from typing import Final

from reference_texts import Pair

TOP: Final[Pair] = (
    '`[crm.NAME]` with `adapter = "zoho"`. Step by step: [Connect Zoho '
    "CRM](../tutorials/connect-zoho.md), "
    "[Set Zoho CRM up](../how-to/set-up-zoho.md). Why it is so: [Zoho "
    "CRM](../explanation/zoho.md).",
    '设置中的 `[crm.NAME]`，`adapter = "zoho"`。循序操作见[接入 Zoho '
    "CRM](../zh-CN/tutorials/connect-zoho.md)、"
    "[初始化 Zoho CRM](../zh-CN/how-to/set-up-zoho.md)；设计缘由见[关于 Zoho "
    "CRM](../zh-CN/explanation/zoho.md)。",
)

KEYS: Final[dict[str, tuple[str, str, str, str]]] = {
    "data_centre": (
        "text 文本",
        "needed 必填",
        "Where the organisation is: {centres}. A token is good in its own data centre only. For "
        "another one give all "
        "three addresses",
        "组织所在的数据中心：{centres}。令牌只在所属数据中心有效。其他数据中心请写全三个地址",
    ),
    "environment": (
        "text 文本",
        "`production`",
        "`production`, `sandbox` or `developer`",
        "`production`、`sandbox`（沙盒）或 `developer`",
    ),
    "addresses": (
        "table 表",
        "",
        "`accounts`, `api`, `content`: addresses over those of the data centre: for the United "
        "Kingdom, the Emirates, a new one, "
        "or the simulator",
        "`accounts`、`api`、`content`：代替数据中心地址的自定义地址，用于英国、阿联酋、新增的数据"
        "中心或模拟组织",
    ),
    "client_id": (
        "text 文本",
        "needed 必填",
        "The client of the API console. Not for a token that is given",
        "API 控制台中的客户端编号。使用现成令牌时不需要",
    ),
    "client_secret_variable": (
        "text 文本",
        "this or the next 与下一项二选一",
        "The environment variable that holds the client secret",
        "存放客户端密钥的环境变量",
    ),
    "client_secret_file": (
        "path 路径",
        "",
        "The file that holds it",
        "存放客户端密钥的文件",
    ),
    "refresh_token_variable": (
        "text 文本",
        "this or the next 与下一项二选一",
        "The environment variable that holds the refresh token, which `crm sign-in` prints",
        "存放刷新令牌的环境变量；令牌由 `crm sign-in` 打印",
    ),
    "refresh_token_file": (
        "path 路径",
        "",
        "The file that holds it",
        "存放刷新令牌的文件",
    ),
    "access_token_variable": (
        "text 文本",
        "",
        "Instead of client and refresh token: an access token that somebody else makes. It is "
        "not renewed",
        "代替客户端和刷新令牌：由他人生成的访问令牌，不会续期",
    ),
    "access_token_file": ("path 路径", "", "The file that holds it", "存放访问令牌的文件"),
    "edition": (
        "text 文本",
        "`enterprise`",
        "{editions}: credits of a day, calls at once, own modules ([editions](#editions-版本))",
        "{editions}：决定每日额度、同时调用数、能否自定义模块（见[版本](#editions-版本)）",
    ),
    "users": (
        "number 数字",
        "1",
        "Licences: the credits grow with them",
        "许可数：额度随之增加",
    ),
    "organisation": (
        "text 文本",
        "",
        "The number of the organisation (zgid). `doctor` refuses another one",
        "组织编号（zgid）。若不是该组织，`doctor` 报错",
    ),
    "timezone": (
        "text 文本",
        "needed 必填",
        "The company's zone: days are days there",
        "公司所在时区：日期按此计算",
    ),
    "currency": (
        "text 文本",
        "",
        "The home currency: of amounts without a field for the currency, or where that is empty. "
        "Without it such a record is set aside",
        "本位币：金额没有币种字段或该字段为空时使用。不写则搁置此类记录",
    ),
    "version": (
        "text 文本",
        "`v8`",
        "The version of the API for records. What goes through the SDK is always of version 8",
        "读写记录所用的 API 版本。经由 SDK 的调用总是第 8 版",
    ),
    "read_by": (
        "text 文本",
        "`auto`",
        "`auto`: queries, a bulk job for very many records, lists where queries are not allowed. "
        "`coql`, `list`, `bulk`: only so",
        "`auto`：用查询读取，记录极多时用批量作业，不许查询时用列表。`coql`、`list`、`bulk`：只用"
        "这一种",
    ),
    "modules": (
        "table 表",
        "",
        "The module of a kind of record, under its API name; empty: the kind is not read "
        "([modules](#modules-and-fields-模块与字段))",
        "某类记录所在的模块（API 名称）；为空表示不读取（见[模块与字段](#modules-and-fields-模块"
        "与字段)）",
    ),
    "returns": (
        "text 文本",
        "`Return_Figures`",
        "The module for return figures; empty: none are written",
        "写入回报数据的模块；为空表示不写",
    ),
    "stages": (
        "table 表",
        "",
        'What a stage of a deal means: `"Signed" = "won"` ({stages}), beside the stages that '
        "Zoho ships",
        '商机阶段的含义，例如 `"已签约" = "won"`（{stages}）；Zoho 自带的阶段已知',
    ),
    "settle_seconds": (
        "number 数字",
        "60",
        "The longest time between the stamp of a change and its being seen by every reader",
        "变更的时间戳与所有读取方都能看到该变更之间的最长间隔",
    ),
    "overlap_seconds": (
        "number 数字",
        "60",
        "How much earlier than that a reading begins again",
        "在此之外，每次读取再往前多读的时间",
    ),
    "deleted_seconds": (
        "number 数字",
        "0; 3600 (`free`)",
        "How often what was deleted is asked for at most: it costs two credits a kind",
        "两次查询已删除记录之间的最短间隔：每类消耗两个额度",
    ),
    "deleted_days": (
        "number 数字",
        "59",
        "How long the organisation remembers what was deleted. After a longer pause everything "
        "is read anew",
        "组织保留删除记录的天数。中断时间更长时重新读取全部记录",
    ),
    "bulk_seconds": (
        "number 数字",
        "1800",
        "How long a bulk job is waited for; 0: there are none",
        "等待批量作业的最长时间；0 表示不用批量作业",
    ),
    "private_addresses": (
        "yes or no 是否",
        "no 否",
        "Private and local addresses are allowed: for the simulator",
        "允许私有和本机地址：供模拟组织使用",
    ),
    "plain_http": (
        "yes or no 是否",
        "no 否",
        "HTTP without TLS to another machine is allowed: for the simulator",
        "允许不经 TLS 连接其他机器：供模拟组织使用",
    ),
}
"""A key: the form of its value, its default, and its meaning."""

SCOPES: Final[dict[str, Pair]] = {
    "ZohoCRM.modules.ALL": (
        "records of all modules, their attachments, what was deleted. Without it nothing works",
        "所有模块的记录、附件和已删除记录。缺少时无法使用",
    ),
    "ZohoCRM.coql.READ": (
        "queries. Without it lists are read, at ten times the calls",
        "查询。缺少时改读列表，调用次数约十倍",
    ),
    "ZohoCRM.users.READ": ("account managers", "客户经理"),
    "ZohoCRM.org.READ": (
        "which organisation answers, under which edition",
        "确认是哪个组织、什么版本",
    ),
    "ZohoCRM.settings.modules.READ": (
        "`doctor`, `crm setup`",
        "`doctor`、`crm setup`",
    ),
    "ZohoCRM.settings.fields.READ": (
        "`doctor`, `crm setup`, and before each module is first written: what would be lost is "
        "refused",
        "`doctor`、`crm setup`，以及首次写入某个模块之前：会丢失的内容拒绝写入",
    ),
    "ZohoCRM.settings.layouts.READ": (
        "whether people see the fields",
        "用户能否看到字段",
    ),
    "ZohoCRM.settings.currencies.READ": (
        "decimals of foreign currencies, where the organisation has some (`doctor`)",
        "有多币种时，核对外币的小数位（`doctor`）",
    ),
    "ZohoCRM.settings.modules.CREATE": (
        "`crm setup`. Take it away afterwards",
        "`crm setup`。用后可撤回",
    ),
    "ZohoCRM.settings.fields.CREATE": (
        "`crm setup`. Take it away afterwards",
        "`crm setup`。用后可撤回",
    ),
    "ZohoCRM.notifications.ALL": (
        "messages at changes (`crm notify`)",
        "变更通知（`crm notify`）",
    ),
    "ZohoSearch.securesearch.READ": (
        "counting a module before its first load. Without it no bulk job is chosen by itself",
        "首次载入前统计模块的记录数。缺少时不会自动选用批量作业",
    ),
    "ZohoCRM.bulk.ALL": (
        "first loads beyond 35,000 records, pushes beyond 5,030 results. Without it queries and "
        "small writes do",
        "超过 35,000 条记录的首次载入、超过 5,030 条结果的写入。缺少时用查询和小批写入",
    ),
    "ZohoFiles.files.ALL": (
        "the upload of such a push",
        "上述写入所需的文件上传",
    ),
}

COSTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("`crm sign-in`, tokens 令牌", "0", "0"),
    (
        "`doctor`",
        "8, and 2 for each module that is read; as delivered 28",
        "8，另加每个读取的模块 2；按默认设置共 28",
    ),
    (
        "`crm setup --plan`",
        "1, and 2 for each module that is there",
        "1，另加每个现有模块 2",
    ),
    (
        "`crm setup`",
        "besides: {module} for each module that is made, 1 for each five fields of one module, "
        "and some to look at what was made",
        "此外：每建一个模块 {module}，同一模块每五个字段 1，另有少量用于核对",
    ),
    (
        "`crm notify`",
        "1 to look, 1 where channels are made, 1 where some are replaced",
        "查看 1；有新建时 1；有替换时 1",
    ),
    (
        "`sync`, first time 首次",
        "for each kind 3 for each 2,000 records; beyond 35,000 records {read} and some for each "
        "200,000. People: 1 for each 200",
        "每类记录每 2,000 条 3；超过 35,000 条时每 200,000 条 {read} 加少量。人员每 200 名 1",
    ),
    (
        "`sync`, nothing new 无变化",
        "for each kind 1, and {deleted} for what was deleted (at most every `deleted_seconds`); "
        "people 2. With the usual ten kinds 29",
        "每类 1，查询已删除记录每类 {deleted}（最多每 `deleted_seconds` 一次）；人员 2。默认十类"
        "记录共 29",
    ),
    (
        "`sync`, changes 有变化",
        "for each kind, up to 200 changed records 1, up to 1,000 2 more, then 3 for each 2,000",
        "每类 200 条变化以内 1，至 1,000 条再加 2，此后每 2,000 条 3",
    ),
    (
        "results 结果",
        "1 for each ten records, a hundred a call; before it 1 for each module to see what "
        "changed meanwhile, and 1 a run for its "
        "fields. Beyond 5,030 of one module {write} and some for each 25,000",
        "每十条记录 1，每次调用一百条；写入前每个模块 1 用于查看期间的变化，每次运行另加 1 用于读"
        "取字段。"
        "同一模块超过 5,030 条时每 25,000 条 {write} 加少量",
    ),
    (
        "changes of fields that people edit 修改由人填写的字段",
        "1 a record, and 1 for each 50 to read them before",
        "每条记录 1；写入前读取每 50 条 1",
    ),
    (
        "files of vouchers 凭证附件",
        "1 for each voucher to list them, 1 for each file",
        "每张凭证列出附件 1，每个文件 1",
    ),
    (
        "`sync` with a webhook 启用 webhook",
        "1 to look at the channels, 1 where some end soon",
        "查看通道 1；有即将到期的再加 1",
    ),
)
"""What is done, and what it costs."""

NOT_THERE: Final[tuple[Pair, ...]] = (
    (
        "**Approvals by Zoho's approval process.** No call decides one. Approvals are read from "
        "a module of records, which anybody may edit "
        "whom its profile lets; so they count only where the policy accepts `plain_field`",
        "**Zoho 的审批流程。** 没有可作审批决定的接口。审批从一个模块的记录读取，有权限者都能编"
        "辑；所以仅在政策认可 `plain_field` 时有效",
    ),
    (
        "**Writing into subforms.** Rows can be read (`Parent_Id`), with all of them each time; "
        "a write that is sent twice would double them",
        "**写入子表单。** 可以读取（`Parent_Id`），但每次全部读取；重发的写入会使子表单的行加倍",
    ),
    (
        "**Merged records.** Zoho tells a merge as a deletion of one and a change of the other",
        "**合并的记录。** Zoho 只显示其中一条被删除、另一条有变化",
    ),
    (
        "**Changing types, layouts, profiles, uniqueness of a field that is there.** No call "
        "does; `crm setup` prints the steps",
        "**更改现有字段的类型、唯一性，以及布局和权限。** 没有相应接口；`crm setup` 会列出步骤",
    ),
    (
        "**Own modules in Free, Standard and Professional.** Zoho has none there; name modules "
        "that are there, or leave kinds out",
        "**Free、Standard、Professional 版的自定义模块。** Zoho 不提供；请指定现有模块，或不读取"
        "相应的记录",
    ),
    (
        "**Search.** Its index lags, and `equals` finds what merely contains",
        "**搜索接口。** 索引有延迟，`equals` 也会匹配“包含”",
    ),
    (
        "**Values with a quote or a backslash in a query.** How they are escaped is written "
        "nowhere, so they are refused. Only ids, times "
        "and names of the settings go into queries",
        "**查询中含引号或反斜杠的值。** 转义方法没有文档，所以拒绝。查询中只有编号、时间和设置中"
        "的名称",
    ),
    (
        "**Files in fields** (file upload): attachments are used",
        "**字段中的文件**（文件上传字段）：使用附件",
    ),
    (
        "**A proxy in the settings**: the usual environment variables are used, as everywhere",
        "**设置中的代理**：与其他连接一样，使用通常的环境变量",
    ),
)

CONFIRM: Final[tuple[tuple[str, str, str, str, str, str], ...]] = (
    (
        "If-Modified-Since in the same second",
        "If-Modified-Since 的同一秒",
        "Edit a record, ask the list with the very second: does it come? We ask from a second "
        "earlier, so both answers are right",
        "编辑一条记录，用同一秒查询列表：是否返回？我们提前一秒查询，两种结果都正确",
        "`overlap_seconds`",
        "`overlap_seconds`",
    ),
    (
        "How late a change is seen",
        "变更多久后可见",
        "Two windows: save in one, query in the other at once. Longer than a minute? Raise it",
        "开两个窗口，一边保存、一边立即查询。超过一分钟就调大",
        "`settle_seconds`",
        "`settle_seconds`",
    ),
    (
        "Page tokens: by key or by offset",
        "page_token 按键值还是按偏移",
        'With `read_by = "list"`: delete a record of the first page while the second one is '
        "read. By "
        "offset a row slips to a page that was read. So we look at what was deleted, and read all "
        "pages once more",
        '设 `read_by = "list"`，读第二页时删除第一页的记录。按偏移时会有一行移到已读的页。'
        "所以我们查看期间的删除，必要时再读一遍",
        '`read_by = "coql"`',
        '`read_by = "coql"`',
    ),
    (
        "Rows of one query: 2,000 or 200",
        "单次查询 2,000 行还是 200 行",
        "One page of the documents says 200. On `LIMIT_EXCEEDED` we ask for 200 from then on",
        "文档中有一页写 200。遇到 `LIMIT_EXCEEDED` 后改为每次 200",
        "`version`",
        "`version`",
    ),
    (
        "Quotes in queries",
        "查询中的引号",
        "We escape nothing and refuse such values; no setting makes us send them",
        "我们不转义，直接拒绝；没有设置可以放行",
        "-",
        "-",
    ),
    (
        "COQL on the rows of a subform",
        "用 COQL 查询子表单",
        "We list them as a module instead: `GET /{subform}?fields=Parent_Id`",
        "我们改为按模块列出：`GET /{subform}?fields=Parent_Id`",
        "`modules`",
        "`modules`",
    ),
    (
        "Does the edit of a subform row change its record's Modified_Time?",
        "编辑子表单的行是否更新主记录的 Modified_Time",
        "Edit a row, look at the record. We read subforms whole each time, so it does not matter",
        "编辑一行后查看主记录。子表单每次全部读取，所以没有影响",
        "`modules`",
        "`modules`",
    ),
    (
        "Pages of /deleted, and what they cost",
        "/deleted 的分页与费用",
        "An older table says 2 credits a page. Compare what `status` says with Zoho's page on "
        "API usage after an idle `sync`",
        "旧表写每页 2 个额度。空跑一次 `sync` 后，比较 `status` 与 Zoho 的 API 用量页面",
        "`deleted_seconds`",
        "`deleted_seconds`",
    ),
    (
        "How long /deleted remembers",
        "/deleted 保留多久",
        "The pages say 60 days in the recycle bin, 120 after a deletion for good",
        "文档：回收站 60 天，彻底删除后 120 天",
        "`deleted_days`",
        "`deleted_days`",
    ),
    (
        "The list of deleted users",
        "已删除用户的列表",
        "`GET /users?type=DeletedUsers`. Where it is refused, `sync --full` finds who is gone",
        "`GET /users?type=DeletedUsers`。若被拒绝，由 `sync --full` 发现",
        "-",
        "-",
    ),
    (
        "Decimals beyond those of a currency field",
        "超出货币字段小数位的金额",
        "Write 1.2345 into a field with 2 decimals by hand: refused, or rounded? We refuse "
        "before sending",
        "手工向两位小数的字段写入 1.2345：拒绝还是四舍五入？我们在发送前就拒绝",
        "`crm setup` makes 3 decimals",
        "`crm setup` 建立的字段为 3 位小数",
    ),
    (
        "Unique fields and case",
        "唯一字段是否区分大小写",
        "Our external ids are digits, so it does not matter. It does for your own",
        "我们的外部标识只有数字，没有影响；自己的编号则需确认",
        "`External_Id`",
        "`External_Id`",
    ),
    (
        "Unlisted options of a picklist",
        "下拉列表中未列出的值",
        "Some modules accept them. What is not known here is set aside when it is read",
        "有些模块会接受。读到不认识的值时搁置该记录",
        "`fields`, `stages`",
        "`fields`、`stages`",
    ),
    (
        "Actual or displayed value of an option on a write",
        "写入选项时用实际值还是显示值",
        "Give an option another displayed value, then change the field from here. Our own "
        "options have both equal",
        "把某个选项改成不同的显示值，再从这里修改该字段。我们建立的选项两者相同",
        "`stages`",
        "`stages`",
    ),
    (
        "If-Unmodified-Since in batches",
        "批量写入时的 If-Unmodified-Since",
        "We send it with single records only. Results are compared before they are sent",
        "我们只在单条写入时使用。结果在发送前比较",
        "-",
        "-",
    ),
    (
        "X-EXTERNAL in an upsert",
        "upsert 中的 X-EXTERNAL",
        "We do not send it: records know one another by Zoho's ids",
        "我们不使用：记录之间以 Zoho 编号互相引用",
        "-",
        "-",
    ),
    (
        "Status when all rows of a write are refused: 202, 207 or 400",
        "整批写入被拒时的状态码：202、207 还是 400",
        "We read each row, whatever the status",
        "无论状态码是什么，都逐行读取结果",
        "-",
        "-",
    ),
    (
        "The head of the id column of a bulk read",
        "批量读取中编号列的表头",
        "`id` or `Id`: both are read. Without one the job is given up and queries are used",
        "`id` 或 `Id` 都能读取；没有则放弃作业，改用查询",
        "`bulk_seconds = 0`",
        "`bulk_seconds = 0`",
    ),
    (
        "The name of a new field in the API",
        "新字段的 API 名称",
        "Its label with underscores? `crm setup` reads back what it made and says where a name "
        "differs",
        "是否为标签加下划线？`crm setup` 会读回并指出不同之处",
        "`fields`",
        "`fields`",
    ),
    (
        "`unique` and `external` in one call, and the layout of a new field",
        "一次调用中同时要求 `unique` 和 `external`，以及新字段的布局",
        "`crm setup` prints a step by hand for what did not come out so",
        "未能实现的部分，`crm setup` 会列为手工步骤",
        "-",
        "-",
    ),
    (
        "How many channels of notifications there may be, and whether users can be watched",
        "通知通道的数量上限，能否监听用户",
        "`crm notify --plan`, then without. What is refused is named; `sync` reads it anyway",
        "先 `crm notify --plan`，再正式运行。被拒绝的会列出；`sync` 照常读取",
        "-",
        "-",
    ),
    (
        "Credits of a day, by edition",
        "各版本的每日额度",
        "Compare `doctor` with Zoho's page on API usage; other programs spend from the same "
        "credits",
        "比较 `doctor` 与 Zoho 的 API 用量页面；其他程序也从同一额度中扣除",
        "`edition`, `users`, `[crm.NAME.limits]`",
        "`edition`、`users`、`[crm.NAME.limits]`",
    ),
    (
        "The data centres of the United Kingdom and the Emirates",
        "英国和阿联酋的数据中心",
        "The SDK knows none. Ask Zoho for the three addresses",
        "SDK 中没有。请向 Zoho 索取三个地址",
        "`addresses`",
        "`addresses`",
    ),
    (
        "Which `api_domain` Zoho names for a token of a sandbox",
        "沙盒令牌的应答中 `api_domain` 是什么",
        "If it is not the address of the sandbox, the token is refused, and nothing is sent",
        "若不是沙盒的地址，则拒绝该令牌，什么都不会发送",
        "`environment`, `addresses`",
        "`environment`、`addresses`",
    ),
    (
        "The names of scopes for making modules and fields",
        "建立模块和字段所需范围的名称",
        "`crm setup` is refused with the name of what lacks",
        "`crm setup` 被拒绝时会指出缺少的范围",
        "-",
        "-",
    ),
)
"""What is open, in both languages; how to see it, in both; which setting changes what we do."""
