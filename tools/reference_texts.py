"""What the reference says in words, in English and Chinese; `make_reference.py` puts it in tables.

Names that the code has and this file lacks, or the other way round, make the generator fail.
"""

from typing import Final

Pair = tuple[str, str]

FILE_PARTS: Final[dict[str, Pair]] = {
    "policy.id": ("short name of the policy", "政策的简短名称"),
    "policy.version": (
        "names this content; changed content needs a new version",
        "对应唯一内容；内容改了就要换版本号",
    ),
    "policy.language": ("version of the policy language", "政策语言的版本"),
    "policy.currency": (
        "ISO 4217 code; every amount of the policy is in it",
        "ISO 4217 货币代码；政策中的所有金额均为此币种",
    ),
    "policy.title": ("name that people read", "供人阅读的名称"),
    "category.*.name": ("name that people read", "供人阅读的名称"),
    "choices.*": (
        "a closed list of words; `grade`, `team`, `payment` and `travel_class` become checked "
        'words once they stand here. A list is `tier = ["1", "2"]` or, with names that people '
        'read, `tier = { first = { en = "first tier", zh = "一线" } }`',
        "封闭的词表；`grade`、`team`、`payment`、`travel_class` 一旦列于此处，"
        "规则中的用词即受检查。"
        '词表写作 `tier = ["1", "2"]`，或带名称写作 '
        '`tier = { first = { en = "first tier", zh = "一线" } }`',
    ),
    "parameter.*.name": (
        "what people call it; without one its identifier is shown",
        "供人阅读的名称；不写则显示其标识",
    ),
    "value.*.name": ("what people call it", "供人阅读的名称"),
    "value.*.gives": (
        "expression that the name stands for; it may read the values above it",
        "该名称所代表的表达式；可读取写在其上方的值",
    ),
    "value.*.scope": (
        "what it looks at, as for a rule: `line`, `day`, `period` or `claim`",
        "针对什么，同规则：`line`、`day`、`period` 或 `claim`",
    ),
    "component.*.name": (
        "what people call a component of allow rules",
        "allow 规则某一组成部分供人阅读的名称",
    ),
    "parameter.*.type": (
        "`money`, `number`, `count`, or the name of a list of `[choices]`",
        "`money`、`number`、`count`，或 `[choices]` 中某个词表的名称",
    ),
    "parameter.*.unit": (
        "like `CNY/night`; money without a unit is plain money",
        "例如 `CNY/night`；不写则为纯金额",
    ),
    "parameter.*.keys": ("names of the table's columns", "表的各键列"),
    "parameter.*.band": (
        "unit of one more column, in which each row says from which quantity on its value holds; "
        "`number` for one without a unit",
        "再加一列，其单位写于此，各行注明自多少起适用该值；无单位写 `number`",
    ),
    "parameter.*.band_places": (
        "decimals of that column, 3 if not said",
        "该列的小数位数，不写为 3",
    ),
    "parameter.*.edge": (
        "whether a band holds `from` its start on, or only `above` it",
        "分段含起点（`from`）还是须超过起点（`above`）",
    ),
    "parameter.*.values": ("the values, oldest first", "各时期的值，从早到晚"),
    "values.from": ("first day on which these values hold", "自哪一天起生效"),
    "values.is": ("the one value, for a parameter without keys", "无键时的值"),
    "values.table": (
        "rows: one cell for each key, with bands the start of the band, then the value; with bands "
        "a constant may follow, for `along`",
        "各行：先写各键，有分段时再写分段起点，最后写值；有分段时其后还可写 `along` 用的常数",
    ),
    "values.else": ("the value for every key that has no row", "没有对应行的键所用的值"),
    "values.source": ("where the figure comes from", "数字的出处"),
    "values.checked": ("the day someone last checked the source", "最近一次核对出处的日期"),
    "fact.*.name": ("what people call it", "供人阅读的名称"),
    "fact.*.type": (
        "`yes_no`, `count`, `number`, `money`, `date`, `text`, or a list of `[choices]`",
        "`yes_no`、`count`、`number`、`money`、`date`、`text`，或 `[choices]` 中的词表",
    ),
    "fact.*.unit": ("unit of a number or count, like `mile`", "number 或 count 的单位，如 `mile`"),
    "fact.*.places": ("decimals of a number", "number 的小数位数"),
    "fact.*.of": ("whose fact it is", "属于谁"),
    "window.*.name": ("what people call it", "供人阅读的名称"),
    "window.*.on": ("categories whose lines count; none means all", "计入的类别；不写为全部"),
    "window.*.when": ("expression: which lines count", "表达式：哪些明细计入"),
    "window.*.adds": (
        "expression: what each line adds; without it lines are counted",
        "表达式：每行累加多少；不写则计行数",
    ),
    "window.*.per": ("one sum for each of these", "按哪些项分别累计"),
    "window.*.period": ("the length of time of a sum", "累计的时长"),
    "window.*.counts": (
        "`allowed` leaves out lines that a rule rejects, `eligible` counts every live line",
        "`allowed` 不计被规则拒绝的明细，`eligible` 计所有有效明细",
    ),
    "window.*.year_starts": ("as for a rule", "同规则"),
    "window.*.days": ("as for a rule", "同规则"),
    "window.*.gap_days": ("as for a rule", "同规则"),
    "rule.code": ("unique, like `lodging.cap`", "唯一代码，例如 `lodging.cap`"),
    "rule.kind": ("see Kinds above", "见上文“规则种类”"),
    "rule.on": ("categories; none means all", "适用的类别；不写为全部"),
    "rule.title": ("short name that people read", "供人阅读的短名"),
    "rule.message": (
        "what a finding says; `{names}` of facts and parameters that the rule reads are filled in, "
        "in a limit also `{claimed}`, `{limit}`, `{over}` and `{before}`",
        "问题的说明文字；可用 `{名称}` 填入规则读取的事实与标准，限额规则还可用 `{claimed}`、"
        "`{limit}`、`{over}`、`{before}`",
    ),
    "rule.effect": ("what a finding does; each kind has its default", "问题的效果；各种类有默认值"),
    "rule.clause": ("the clause of your handbook", "对应的制度条款"),
    "rule.when": ("expression: the rule applies only where it holds", "表达式：成立时规则才适用"),
    "rule.that": ("expression of require, forbid and flag", "require、forbid、flag 的条件"),
    "rule.at_most": ("expression of limit: the most that is allowed", "limit 的上限"),
    "rule.gives": ("expression of allow and measure: the amount", "allow 与 measure 给出的数额"),
    "rule.scope": (
        "what the rule looks at: each line, each `day` of the line's trip, each `period` of 24 "
        "hours from its departure, or the whole `claim`",
        "规则针对：每行明细、明细所属行程的每一天（`day`）、自出发起每 24 小时的时段（`period`），"
        "或整张报销单（`claim`）",
    ),
    "rule.component": (
        "of allow: components add up; of the rules on one component that apply the lowest counts",
        "用于 allow：各组成部分相加；同一部分有多条适用规则时取最低者",
    ),
    "rule.year_starts": (
        'of `period = "year"`: the day on which a year begins, like `04-06`',
        '用于 `period = "year"`：每年从哪一天起，例如 `04-06`',
    ),
    "rule.days": ('of `period = "rolling"`: how many days', '用于 `period = "rolling"`：多少天'),
    "rule.gap_days": (
        'of `period = "spell"`: a longer gap without a line ends the spell',
        '用于 `period = "spell"`：超过此天数无明细即告中断',
    ),
    "rule.per": ("a window keeps one sum for each of these", "累计时按哪些项分别求和"),
    "rule.period": ("the limit sums over this length of time", "按多长时间累计"),
    "rule.counts": (
        "what a window sums: what the rule left (`allowed`), or what it took in (`eligible`)",
        "累计的是规则核减后的金额（`allowed`）还是核减前的金额（`eligible`）",
    ),
    "approval.code": ("name of the step", "节点代码"),
    "approval.title": ("what people call the step", "节点名称"),
    "approval.who": (
        "`manager`, `role:NAME` or `person:ID`; or a list of them",
        "`manager`、`role:名称` 或 `person:编号`，或其列表",
    ),
    "approval.group": (
        "of several in `who`: whether `any` one is enough, or `all` must say yes, in any order",
        "`who` 有多项时：`any` 任一同意即可；`all` 每项均须同意，先后不限",
    ),
    "approval.above": ("due when more than this is allowed", "允许金额超过此数时触发"),
    "approval.outcome": ("due when the outcome is this or worse", "结论为此或更差时触发"),
    "approval.when": (
        "expression over the claim: due when it holds, or cannot be computed",
        "针对报销单的表达式：成立或无法计算时触发",
    ),
    "approval.findings": (
        "due when one of these findings was made, resolved ones too: codes of rules, or of the "
        "[package](findings.md)",
        "出现其中任一问题时触发（已说明理由的也算）：规则代码或[内置代码](findings.md)",
    ),
    "approval.budget": (
        "due when a budget has less than is asked for: `soft`, `hard`, or `any` of them",
        "预算余额不足时触发：软预算 `soft`、硬预算 `hard` 或任一 `any`",
    ),
    "approval.on": (
        "looks only at lines of these categories: their amount, outcome and findings; without "
        "another trigger, due for any such line",
        "仅就这些类别的明细判断金额、结论与问题；无其他触发条件时，有此类明细即触发",
    ),
    "approval.teams": (
        "only for claims of people in these teams; without another trigger, due for each of them",
        "仅限这些团队人员的报销单；无其他触发条件时，每张均触发",
    ),
    "approval.remind_after": (
        "whoever is asked is reminded after so many days",
        "多少天后提醒审批人",
    ),
    "approval.escalate_after": (
        "after so many days `escalate_to` is asked, too",
        "多少天后同时请 `escalate_to` 审批",
    ),
    "approval.escalate_to": (
        "`manager` (of whom it waits for, unless given), `role:NAME` or `person:ID`",
        "`manager`（审批人的上级，默认）、`role:名称` 或 `person:编号`",
    ),
    "approval.days": (
        "whether the time limits count working days of the calendar, or all days",
        "期限按日历的工作日 `working` 还是自然日 `calendar` 计",
    ),
    "approval.accepts": (
        "the least provenance of an approval of this step; without it, that of `[approvals]`",
        "此节点接受的最低审批来源；不写则按 `[approvals]`",
    ),
    "authority.who": (
        "`role:NAME`, `person:ID`, `grade:NAME` or `everyone`; of several the highest counts",
        "`role:名称`、`person:编号`、`grade:级别` 或 `everyone`；符合多项时取最高",
    ),
    "authority.up_to": (
        "the most that they may approve in one step; without it there is no limit. Once there is "
        "an `[[authority]]`, whom none names may approve nothing",
        "一个节点中可批准的最高金额；不写则不限。一旦写了 `[[authority]]`，未列明的人员无审批权限",
    ),
    "approvals.accepts": (
        "the least provenance that counts, from the least to the most: `plain_field`, `asserted`, "
        "`audited_field`, `crm_process`",
        "可接受的最低审批来源，由低到高：`plain_field`、`asserted`、`audited_field`、`crm_process`",
    ),
    "automatic.up_to": (
        "claims of which at most so much is allowed pass without a person, unless a step is due "
        "for another reason than the amount; all other claims need one",
        "允许金额不超过此数的报销单无须人工审批（因金额以外的原因须审批的除外）；其余均须人工审批",
    ),
    "automatic.outcome": ("the worst outcome that passes so", "可自动通过的最差结论"),
    "automatic.on": (
        "every line must be of one of these categories",
        "每条明细均须属于这些类别",
    ),
    "payment.days_after": (
        "paid at least so many days after the approval; at least one",
        "批准后至少多少天支付，最少一天",
    ),
    "payment.monthly_on": (
        "paid on the first of these days of a month that comes then",
        "在其后最近的这些日期支付",
    ),
    "payment.days": (
        "whether working days are counted, and paid on: a day off moves to the next working day",
        "按工作日 `working` 计，遇休息日顺延；或按自然日 `calendar` 计",
    ),
    "calendar.from": (
        "first day that the calendar covers; working days before it fail the rule",
        "日历涵盖的第一天；此前的工作日判断使规则无法计算",
    ),
    "calendar.until": (
        "last day that the calendar covers; working days after it fail the rule",
        "日历涵盖的最后一天；此后的工作日判断使规则无法计算",
    ),
    "calendar.rest_days": ("weekdays that are not worked", "工作日中的休息日"),
    "calendar.work_days": ("weekend days that are worked", "周末中的上班日（调休）"),
}

SETTINGS: Final[dict[str, Pair]] = {
    "company.name": ("shown in the report", "显示在报告中"),
    "company.timezone": (
        "IANA name; says which day it is when a report is written",
        "IANA 时区名；生成报告时据此确定日期",
    ),
    "policy.file": ("the policy that decides", "据以审核的政策文件"),
    "policy.plug_ins": (
        "names of the plug-in rules that may run; no other is loaded",
        "允许运行的插件规则名称；其余一概不加载",
    ),
    "store.file": ("SQLite file in which everything is kept", "保存全部数据的 SQLite 文件"),
    "store.url": (
        "instead of a file: a schema of PostgreSQL, "
        "`postgres://user@host:5432/database?schema=NAME`; the password is read from PGPASSWORD",
        "代替文件：PostgreSQL 的一个 schema，`postgres://user@host:5432/database?schema=NAME`；"
        "密码取自 PGPASSWORD",
    ),
    "store.files": (
        "folder of vouchers' files, beside the settings; back it up together with the store",
        "存放凭证附件的文件夹，在设置文件旁；请与存储一起备份",
    ),
    "store.file_bytes_max": (
        "a file with more bytes is not fetched",
        "超过此字节数的附件不下载",
    ),
    "claims.prefix": (
        "leads the numbers of claims that are made here: `EX-2026-00001`",
        "在此建立的报销单编号的前缀：`EX-2026-00001`",
    ),
    "claims.people": (
        "for a company without a CRM: a CSV file of people (id, name, team, grade, manager, roles, "
        "from, until); its connection is called `own`",
        "没有 CRM 的公司：人员 CSV 文件（id、name、team、grade、manager、roles、from、until）；"
        "其连接名为 `own`",
    ),
    "claims.rates": (
        "beside it, a file of exchange rates (date, currency, rate; into, source)",
        "同上，汇率文件（date、currency、rate；可有 into、source）",
    ),
    "report.file": ("where the page is written", "报告页面的位置"),
    "report.language": ("language that the page opens in", "页面打开时的语言"),
    "report.months": ("how many months it looks back", "向前看多少个月"),
    "return.numerator": (
        "what counts as return: `revenue`, or `margin` of it",
        "以何为回报：`revenue` 收入，或按毛利 `margin`",
    ),
    "return.margin": (
        "share of what was won that counts; 1 with `revenue`",
        "毛利率；`revenue` 时须为 1",
    ),
    "fiscal.start": (
        "first day of the fiscal year, month and day, the day 1 to 28",
        "财政年度的起始月日，日为 1 至 28",
    ),
    "fiscal.named": (
        "which calendar year it is called after: that of its first day, or of its last",
        "以首日还是末日所在的公历年命名",
    ),
    "fiscal.weeks": (
        "cuts quarters into months of whole weeks; without it, months are calendar months",
        "把季度按整周划分为月；省略则按公历月",
    ),
    "worker.every_minutes": (
        "how often workers run each CRM, by the clock in UTC; 0: only when it is due or deferred",
        "worker 运行各 CRM 的间隔（分钟，按 UTC 整点计）；0：仅在有更新或放入队列时运行",
    ),
    "worker.cron": (
        "instead of that, five fields of cron, in UTC, like `*/15 7-20 * * 1-5`",
        "或用 cron 的五个字段（UTC），例如 `*/15 7-20 * * 1-5`",
    ),
    "identity.person": (
        "id of the person who acts, where neither `--as` nor CRM_EXPENSES_PERSON says so",
        "操作人的编号；仅在未用 `--as` 与 CRM_EXPENSES_PERSON 指明时采用",
    ),
    "audit.key_file": (
        "PEM file with the Ed25519 private key that signs checkpoints",
        "为检查点签名的 Ed25519 私钥（PEM 文件）",
    ),
    "audit.key_variable": (
        "instead of a file: the environment variable that holds such a key",
        "代替文件：存放该密钥的环境变量",
    ),
    "roles.*": (
        "ids of the people who hold a role that the policy names as `role:NAME`",
        "担任政策中 `role:名称` 这一角色的人员编号",
    ),
    "crm.*.adapter": (
        "which adapter the connection uses, like `files`",
        "连接所用的适配器，例如 `files`",
    ),
}

REST_OPTIONS: Final[dict[str, tuple[str, str, str]]] = {
    "connection": (
        "text",
        "a shipped connection file, like `pocketbase`, or a path that ends with `.toml`",
        "随软件提供的连接文件，例如 `pocketbase`，或以 `.toml` 结尾的路径",
    ),
    "NAME": (
        "text",
        "each value that the file declares in `[config.NAME]`, like `url`",
        "文件在 `[config.NAME]` 中声明的每个值，例如 `url`",
    ),
    "NAME_variable": (
        "text",
        "the environment variable that holds the secret of `[secret.NAME]`",
        "存放 `[secret.NAME]` 密钥的环境变量",
    ),
    "NAME_file": (
        "text",
        "or the file with nothing else in it",
        "或只含该密钥的文件",
    ),
    "timezone": (
        "text",
        "the company's zone, in which times of the CRM are seen; without it that of the file",
        "公司所在时区，CRM 的时间按此显示；不写则用连接文件的时区",
    ),
    "private_addresses": (
        "true / false",
        "the CRM may be at a private or local address",
        "CRM 可以位于内网或本机地址",
    ),
    "plain_http": (
        "true / false",
        "`http://` is meant, beyond this machine",
        "确实要使用 `http://`（不限于本机）",
    ),
}
"""Options of the adapter `rest`: what they must be, and their meaning."""

FILES_OPTIONS: Final[dict[str, Pair]] = {
    "folder": ("folder of the exports", "导出文件所在的文件夹"),
    "mapping": ("the mapping file", "映射文件"),
    "results": (
        "where results are written; default: `results` in the folder",
        "结果写到何处；默认为该文件夹下的 `results`",
    ),
    "results_format": ("form of the results", "结果文件的格式"),
    "approvals": (
        "what the company says of approvals in these files, which this package cannot see: "
        "`plain_field`, whoever edits the record could have written them; `audited_field`, the CRM "
        "keeps who changed the field; `crm_process`, only who was asked could answer",
        "公司对这些文件中审批的说明，本软件无从得知：`plain_field` 任何能编辑记录的人都可写入；"
        "`audited_field` 由 CRM 记录字段的修改人；`crm_process` 只有被请求的人能答复",
    ),
}

MAPPING: Final[dict[str, Pair]] = {
    "mapping.version": ("version of the mapping's form", "映射文件格式的版本"),
    "mapping.timezone": (
        "zone of times that carry none; without it such a time is set aside",
        "未写时区的时间所属的时区；不写则这样的时间会被搁置",
    ),
    "mapping.encoding": (
        "`auto` tells UTF-8, UTF-16 and GB18030 apart",
        "`auto` 自动区分 UTF-8、UTF-16 与 GB18030",
    ),
    "source.kind": ("which kind of record the files hold", "文件中是哪一种记录"),
    "source.files": ("names or patterns below the folder", "文件夹内的文件名或模式"),
    "source.sheet": ("XLSX: name of the sheet, default the first", "XLSX 工作表名，默认第一张"),
    "source.delimiter": ("CSV: the sign between cells", "CSV 的分隔符"),
    "source.distinct": ("several equal rows describe one record", "多行相同内容描述同一条记录"),
    "source.explode": (
        "JSON: an array of objects, each of which is a row",
        "JSON：其中每个对象各成一行的数组",
    ),
    "source.optional": ("a row without an id holds no such record", "没有编号的行即没有此种记录"),
    "source.fields": ("our field = where it comes from", "我们的字段 = 取自何处"),
    "field.column": ("name of a column; nested JSON is dotted", "列名；嵌套的 JSON 用点号"),
    "field.template": (
        "text with `{Column}` in it; `{row}`, `{item}` and `{file}` are always there",
        "含 `{列名}` 的文本；`{row}`、`{item}`、`{file}` 始终可用",
    ),
    "field.value": ("a constant", "固定值"),
    "field.formats": (
        "forms of a date, like `%Y/%m/%d`; none means ISO 8601",
        "日期写法，例如 `%Y/%m/%d`；不写为 ISO 8601",
    ),
    "field.decimal": ("sign before the decimals", "小数点"),
    "field.group": ("sign between groups of digits", "千位分隔符"),
    "field.scale": ("2: the number counts hundredths", "2 表示数字以百分之一为单位"),
    "field.negative": (
        "an amount below zero is a `credit` line, or `refuse` sets the row aside",
        "负数作为冲销明细（`credit`），或将该行搁置（`refuse`）",
    ),
    "field.values": ("translations: their word = ours", "用词翻译：对方用词 = 我们的用词"),
    "field.otherwise": (
        "our word for every word not in `values`",
        "不在 `values` 中的词一律译为此词",
    ),
    "field.strict": (
        "a word not in `values` sets the row aside",
        "不在 `values` 中的词使该行被搁置",
    ),
    "field.else": ("used where this one is empty", "此处为空时改用的来源"),
}

KINDS: Final[dict[str, Pair]] = {
    "account_manager": ("people who spend", "客户经理"),
    "account": ("customers", "客户"),
    "opportunity": ("deals", "商机"),
    "satisfaction": ("survey answers", "满意度评分"),
    "cost": ("what a person costs beside claims", "报销以外的人员成本"),
    "rate": ("exchange rates", "汇率"),
    "budget": ("budgets", "预算"),
    "waiver": ("who lets a rule pass, for what, until when", "豁免：谁对何事放行至何时"),
    "pre_approval": (
        "what somebody approved in advance: for whom, for what, until when, up to which amount",
        "事前审批单：谁批准何人为何事支出、至何时、最多多少",
    ),
    "trip_leg": ("ways of a trip: from, to, when", "行程段：起讫地点与时间"),
    "trip_note": ("what is known of one day of a trip", "行程中某一天的情况"),
    "voucher": ("receipts, fapiao, tickets", "凭证"),
    "claim": ("claims", "报销单"),
    "line": ("expense lines", "费用明细"),
    "approval": ("what was said of claims in the CRM", "在 CRM 中给出的审批"),
}

RECORD_FIELDS: Final[dict[str, Pair]] = {
    "id": ("unique among records of its kind", "在同种记录中唯一的编号"),
    "name": ("name that people read", "名称"),
    "currency": ("ISO 4217 code of the amounts", "金额的 ISO 4217 货币代码"),
    "account_manager.grade": ("grade, as the policy calls it", "职级，用政策中的词"),
    "account_manager.team": ("team", "团队"),
    "account_manager.city": ("home city", "常驻城市"),
    "account_manager.manager": ("id of the manager", "直属上级的编号"),
    "account_manager.company": ("employing company", "所属公司"),
    "account_manager.active_from": ("first day of employment", "入职日期"),
    "account_manager.active_to": ("last day of employment", "离职日期"),
    "account.owner": ("id of the account manager", "客户经理编号"),
    "account.industry": ("industry", "行业"),
    "account.city": ("city", "城市"),
    "account.since": ("first day as customer", "成为客户的日期"),
    "opportunity.owner": ("id of the account manager", "客户经理编号"),
    "opportunity.stage": ("where the deal stands", "商机阶段"),
    "opportunity.account": ("id of the customer", "客户编号"),
    "opportunity.amount": ("value of the deal", "商机金额"),
    "opportunity.opened": ("day it was opened", "创建日期"),
    "opportunity.closed": ("day it was won or lost", "赢单或丢单日期"),
    "satisfaction.account": ("id of the customer", "客户编号"),
    "satisfaction.day": ("day of the answer", "评分日期"),
    "satisfaction.score": ("the answer, on your own scale", "分数，用公司自己的分制"),
    "cost.person": ("id of the person", "人员编号"),
    "cost.month": ("a day of the month", "所属月份中的一天"),
    "cost.kind": ("your word: salary, training ...", "成本类别：工资、培训等"),
    "cost.amount": ("amount", "金额"),
    "rate.currency": ("from this currency", "原币种"),
    "rate.into": ("into this currency", "折算为何币种"),
    "rate.day": ("first day on which it holds", "自哪一天起有效"),
    "rate.rate": ("worth of one unit", "一单位的价值"),
    "rate.source": ("where it comes from", "来源"),
    "budget.scope": ("whom it is for", "预算归属"),
    "budget.start": ("first day", "开始日期"),
    "budget.end": ("last day", "结束日期"),
    "budget.amount": ("what is allocated", "分配金额"),
    "budget.owner": (
        "id of the person, team or customer; empty for the company",
        "人员、团队或客户编号；公司级为空",
    ),
    "budget.category": ("only this category; empty is every one", "仅限此类别；空为全部"),
    "budget.account": ("only this customer; empty is every one", "仅限此客户；空为全部"),
    "budget.hard": (
        "never overdrawn: the short form of `at_limit` = freeze",
        "硬预算，不得超支：即 `at_limit` 为 freeze 的简写",
    ),
    "budget.at_limit": (
        "what happens when it is too small; where given, `hard` is not read",
        "预算不足时如何处理；填写后不再读取 `hard`",
    ),
    "budget.responsible": ("whom to ask when it runs out", "预算用尽时找谁"),
    "waiver.rule": ("code of the rule that it lets pass", "放行的规则代码"),
    "waiver.granted_by": (
        "id of the person who granted it; nobody can grant one to themselves",
        "批准人编号；不能为自己豁免",
    ),
    "waiver.until": ("last day on which it holds", "有效期最后一天"),
    "waiver.start": ("first day on which it holds", "有效期第一天"),
    "waiver.person": ("only for this person", "仅限此人"),
    "waiver.claim": ("only for this claim", "仅限此报销单"),
    "waiver.line": ("only for this line", "仅限此明细"),
    "pre_approval.person": ("id of who may spend", "获准支出者编号"),
    "pre_approval.granted_by": (
        "id of the person who approved it; nobody can approve their own",
        "批准人编号；不能为自己批准",
    ),
    "pre_approval.until": ("last day of spending", "支出日期的最后一天"),
    "pre_approval.start": ("first day of spending", "支出日期的第一天"),
    "pre_approval.category": ("only this category", "仅限此类别"),
    "pre_approval.account": ("only for this customer", "仅限此客户"),
    "pre_approval.opportunity": ("only for this deal", "仅限此商机"),
    "pre_approval.trip": ("only for this trip", "仅限此次出差"),
    "pre_approval.amount": (
        "most that may be spent under it in all; empty: no limit",
        "合计最多支出多少；空为不限",
    ),
    "trip_leg.trip": ("id of the trip", "行程编号"),
    "trip_leg.departs": ("when the place was left", "出发时间"),
    "trip_leg.arrives": ("when the next place was reached", "到达时间"),
    "trip_leg.origin": ("place that was left; the first is home", "出发地；首段为常驻地"),
    "trip_leg.destination": ("place that was reached", "到达地"),
    "trip_note.trip": ("id of the trip", "行程编号"),
    "trip_note.day": ("the day", "日期"),
    "trip_note.night": ("where the night after the day was spent", "当晚住宿方式"),
    "trip_note.place": ("place of the day, instead of what the legs say", "当日地点，优先于行程段"),
    "trip_note.breakfast": ("who provided it", "早餐由谁提供"),
    "trip_note.lunch": ("who provided it", "午餐由谁提供"),
    "trip_note.dinner": ("who provided it", "晚餐由谁提供"),
    "trip_note.breakfast_paid": ("what the traveller paid towards it", "本人为早餐支付"),
    "trip_note.lunch_paid": ("what the traveller paid towards it", "本人为午餐支付"),
    "trip_note.dinner_paid": ("what the traveller paid towards it", "本人为晚餐支付"),
    "line.trip": ("id of the trip that the line belongs to", "所属行程编号"),
    "voucher.kind": ("what it is", "凭证类型"),
    "voucher.number": ("its number", "号码"),
    "voucher.code": ("code beside the number, on older fapiao", "旧版发票的代码"),
    "voucher.amount": ("its total", "总额"),
    "voucher.issued": ("day of issue", "开具日期"),
    "voucher.seller": ("who issued it", "销售方"),
    "claim.person": ("id of who submitted it", "提交人编号"),
    "claim.submitted": ("when it was submitted", "提交时间"),
    "claim.status": ("where it stands in the CRM", "在 CRM 中的状态"),
    "claim.title": ("title", "标题"),
    "approval.claim": ("id of the claim", "报销单编号"),
    "approval.approver": ("id of who said it", "审批人编号"),
    "approval.at": ("when it was said", "审批时间"),
    "approval.verdict": ("what was said", "审批意见"),
    "approval.step": ("code of the step; empty: the one that is open", "节点代码；空为当前节点"),
    "approval.refused": (
        "ids of lines that are not approved, with commas between",
        "不予批准的明细编号，以逗号分隔",
    ),
    "approval.reason": ("why, where it is no plain yes", "理由；不是单纯同意时必填"),
    "approval.content_code": (
        "the `content_code` that stood beside the claim where it was said",
        "审批时报销单上的 `content_code`",
    ),
    "line.claim": ("id of its claim", "所属报销单编号"),
    "line.date": ("day of the spending", "消费日期"),
    "line.category": ("category, as the policy calls it", "费用类别，用政策中的词"),
    "line.amount": (
        "amount in the currency that was spent; below zero is a refund",
        "原币金额；负数为退款",
    ),
    "line.city": ("where it was spent", "消费城市"),
    "line.account": ("id of the customer", "客户编号"),
    "line.opportunity": ("id of the deal", "商机编号"),
    "line.merchant": ("who was paid", "商户"),
    "line.purpose": ("what it was for", "用途"),
    "line.justification": ("reason for an exception", "例外说明"),
    "line.voucher": ("id of the voucher", "凭证编号"),
    "line.payment": ("how it was paid", "支付方式"),
    "line.travel_class": ("class of travel", "舱位或席别"),
    "line.nights": ("nights of a stay", "住宿晚数"),
    "line.attendees": ("people at the table", "参加人数"),
    "line.distance": ("kilometres driven", "行驶公里数"),
    "line.pre_approved": ("approved before it was spent", "是否事前审批"),
}

FINDINGS: Final[dict[str, tuple[str, str, str]]] = {
    # code: (effect, what to do, 怎么办)
    "scope.uncovered": (
        "review",
        "add a rule for the category to the policy, or correct the line's category",
        "在政策中为该类别加一条规则，或更正明细的类别",
    ),
    "currency.no_rate": (
        "review",
        "give the rate of that currency, from the line's day or earlier, to the CRM or the claim",
        "在 CRM 或报销单中补充该币种在消费当日或之前的汇率",
    ),
    "person.unknown": (
        "review",
        "add the person to the CRM's people, or correct the claim's person",
        "在 CRM 中补充该人员，或更正报销单的提交人",
    ),
    "claim.empty": ("review", "add the lines, or withdraw the claim", "补充明细，或撤回该单"),
    "budget.exceeded": (
        "review",
        "raise or move budget, or reject the claim; a hard budget is never overdrawn",
        "追加或调剂预算，或驳回该单；硬预算不会透支",
    ),
    "budget.overdrawn": (
        "note",
        "talk to the person responsible for the budget; the claim goes on",
        "告知预算负责人；报销单照常进行",
    ),
    "budget.approval": (
        "review",
        "the person responsible for the budget approves going beyond it, or the claim is rejected",
        "由预算负责人批准超出部分，或驳回该单",
    ),
    "budget.no_rate": (
        "review",
        "give a rate into the budget's currency, or keep the budget in the policy's currency",
        "补充折算为预算币种的汇率，或改用政策币种编制预算",
    ),
}

ERRORS: Final[dict[str, tuple[str, str]]] = {
    # class: (what to do next, 接下来做什么)
    "CrmExpensesError": ("catch this to catch them all", "捕获它即捕获全部"),
    "ConfigError": ("mend the settings, the command or the installation", "修正设置、命令或安装"),
    "PolicyError": (
        "mend the policy file; `.problems` holds every mistake",
        "修正政策文件；`.problems` 含全部错误",
    ),
    "MappingError": ("set this one record aside and go on", "搁置这一条记录，继续其余"),
    "UnsupportedError": (
        "do without: this CRM, engine or plan cannot do it",
        "放弃该操作：此 CRM、引擎或方案不支持",
    ),
    "AdapterError": ("base of what goes wrong with the other side", "CRM 一侧各种错误的基类"),
    "RetryableError": (
        "try again, after `.retry_after` seconds where given",
        "稍后重试；`.retry_after` 为建议的秒数",
    ),
    "AllowanceError": (
        "let it be until the CRM's next day, or run again; what was read and decided is kept",
        "等到 CRM 的下一天，或再次运行；已读取和审核的内容都已保存",
    ),
    "AuthError": ("renew the credentials or grant the permission", "更新凭据或授予权限"),
    "RefusedError": ("do not try the same again; read the reason", "不要原样重试；先看原因"),
    "ConflictError": ("pull the record, decide anew", "重新拉取该记录后再审核"),
    "StoreError": (
        "check the store's file or server, and the package's version",
        "检查存储文件或服务器，以及软件版本",
    ),
    "StoreAwayError": ("try again later", "稍后重试"),
}

SUBJECTS: Final[dict[str, Pair]] = {
    "claims": ("claims that are made here", "在此建立的报销单"),
    "backtest": ("a back-test", "政策回测"),
    "bulk": ("a check in bulk", "批量审核"),
    "engine": ("an engine: DuckDB, PostgreSQL, Spark", "引擎：DuckDB、PostgreSQL、Spark"),
    "sql": ("a policy as queries", "写成查询的政策"),
    "toml": ("any TOML file: policy, settings, mapping", "各种 TOML 文件：政策、设置、映射"),
    "settings": ("the settings file", "设置文件"),
    "policy": ("the policy file", "政策文件"),
    "expression": ("an expression of a rule", "规则中的表达式"),
    "cases": ("the cases of a policy", "政策的用例"),
    "claim": ("a claim given as a plain dict", "以字典给出的报销单"),
    "record": ("a record from a file or a CRM", "来自文件或 CRM 的记录"),
    "fieldmap": ("a field of a CRM does not fit", "CRM 的字段不符"),
    "fieldcheck": ("a CRM's description of its fields", "CRM 对字段的说明"),
    "files": ("the adapter `files`, and single files", "适配器 `files` 与单个文件"),
    "store": ("the store", "存储"),
    "vouchers": ("files of vouchers", "凭证附件"),
    "links": ("links between several CRMs", "多个 CRM 之间的关联"),
    "audit": ("the log, checkpoints, keys, erasing", "日志、检查点、密钥与抹除"),
    "bundle": ("an audit bundle", "审计包"),
    "viewer": ("who may see what", "查看权限"),
    "budgets": ("moves between budgets, plans of budgets", "预算调剂、预算计划"),
    "money": ("amounts", "金额"),
    "lifecycle": ("the life of a claim", "报销单的状态流转"),
    "identity": ("who acts by a command", "命令的操作人"),
    "advance": ("money paid out in advance", "预支款"),
    "approvals": ("whether an approval counts", "审批是否有效"),
    "approve": ("answering several claims at once", "一次审批多张报销单"),
    "delegate": ("who acts for whom", "审批代理"),
    "people": ("tables of people and substitutes", "人员与代理人表"),
    "answer": ("the answers to `policy new`", "`policy new` 的回答"),
    "calendar": ("`policy calendar`", "`policy calendar`"),
    "extra": ("a package that is not installed", "未安装的软件包"),
    "crm": ("a CRM", "CRM"),
    "http": ("calls to a CRM over HTTP", "通过 HTTP 访问 CRM"),
    "registry": ("choosing an adapter", "选择适配器"),
    "memory": ("the adapter `memory`", "适配器 `memory`"),
    "demo": ("the demo", "演示"),
    "command": ("the command line", "命令行"),
    "plug_in": ("plug-in rules in Python", "Python 插件规则"),
    "doctor": ("what `doctor` reports", "`doctor` 的检查结果"),
    "sync": ("runs of a sync", "同步的运行"),
    "plan": ("plans of a sync", "同步计划"),
    "worker": ("workers", "worker（分担运行的进程）"),
    "manners": ("how often a CRM may be called", "调用 CRM 的频率与次数"),
    "status": ("`status`", "`status`"),
    "webhook": ("webhooks", "webhook"),
    "edits": ("records that are changed here", "在这里修改的记录"),
    "clash": ("fields that both sides changed", "双方都修改过的字段"),
    "push": ("writing to a CRM", "写入 CRM"),
    "retry": ("results that wait for a person", "待人工处理的结果"),
    "rest": ("a connection file, and the CRM behind it", "连接文件及其所连的 CRM"),
    "trial": ("`crm try`", "`crm try`"),
    "connect": ("`crm connect`", "`crm connect`"),
    "zoho": ("Zoho CRM: its settings, its tokens, its answers", "Zoho CRM：设置、令牌与应答"),
    "signin": ("`crm sign-in`", "`crm sign-in`"),
}

CRM_PARTS: Final[dict[str, Pair]] = {
    "limits.calls_per_second": (
        "most calls a second of all processes together; 0 is no limit",
        "所有进程合计每秒最多的调用次数；0 为不限",
    ),
    "limits.calls_per_day": (
        "calls that the CRM allows a day, or the credits that they cost; 0 is no limit. Left out, "
        "it is what the CRM's edition allows, where the adapter knows that",
        "CRM 每天允许的调用次数，或其消耗的额度；0 为不限。"
        "省略时，若适配器知道该 CRM 版本所允许的额度，则按其执行",
    ),
    "limits.reserve": (
        "of these, left for others and never touched",
        "其中留给其他用途、绝不动用的次数",
    ),
    "limits.day_zone": (
        "the time zone in which the CRM's day begins; `rolling` where the CRM bounds any 24 hours",
        "CRM 的一天按哪个时区开始；若 CRM 限制的是任意 24 小时，则为 `rolling`",
    ),
    "webhook.secret_variable": (
        "the environment variable that holds the secret; this or secret_file",
        "存放密钥的环境变量；与 secret_file 二选一",
    ),
    "webhook.secret_file": (
        "a file with the secret and nothing else",
        "只含密钥的文件",
    ),
    "webhook.signature_header": (
        "the header with the signature; this or token_field",
        "签名所在的请求头；与 token_field 二选一",
    ),
    "webhook.token_field": (
        "of a CRM that cannot sign: the field of the JSON in which it sends the secret",
        "CRM 不能签名时：JSON 中存放密钥的字段",
    ),
    "webhook.timestamp_header": (
        "the header with the time of the message, if there is one",
        "消息时间所在的请求头（如有）",
    ),
    "webhook.prefix": ("what stands before the signature", "签名之前的固定文字"),
    "webhook.encoding": ("how the signature is written", "签名的写法"),
    "webhook.signed": (
        "what is signed: the body, or the time, a point and the body",
        "签名的内容：正文，或“时间.正文”",
    ),
    "webhook.replay_seconds": (
        "how old, or early, a message may be",
        "消息时间与现在最多相差的秒数",
    ),
}

ABILITIES: Final[dict[str, Pair]] = {
    "incremental": ("reads only what changed", "只读取有变化的记录"),
    "deletes": ("tells what was deleted", "能得知删除"),
    "look_up": ("reads some records by their ids", "按编号读取若干记录"),
    "conflicts": ("notices that a person changed the record", "能发现记录已被人修改"),
    "describe": ("says which fields the CRM has", "说明 CRM 有哪些字段"),
    "voucher_files": ("reads the files of vouchers", "读取凭证附件"),
    "file_writes": ("puts files beside a voucher", "在凭证旁存放文件"),
    "approvals": ("takes approvals that were given in the CRM", "采用 CRM 中的审批"),
}
