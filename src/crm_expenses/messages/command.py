"""What the command line says."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "command.no_line": (
        "{path} has no line {line}. Give the id of a line in it, as the list of findings shows it",
        "{path} 中没有明细 {line}。请给出其中某条明细的编号，问题列表中可见",
    ),
    "command.help": (
        "Expense policy, budgets, approvals and return on spending, inside your CRM.",
        "在您的 CRM 中管理费用政策、预算、审批与费用回报。",
    ),
    "command.language": (
        "there is no language {value}; use --lang en or --lang zh",
        "没有语言 {value}；请用 --lang en 或 --lang zh",
    ),
    "command.at": (
        "--at is {value}, but a time with its zone is needed, like 2026-06-30T20:00:00+08:00",
        "--at 的值是 {value}，但需要带时区的时间，例如 2026-06-30T20:00:00+08:00",
    ),
    "command.stopped": (
        "stopped. Nothing is half-written: run the same command again to go on",
        "已停止。没有任何写到一半的内容：再次运行同一命令即可继续",
    ),
    "command.fault": (
        "a fault of ours: {kind} at {place}. Nothing is half-written. Please report it, with what "
        "{variable}=1 in the environment shows (it may hold private data: look before you send it)",
        "本软件出错：{kind}，位于 {place}。没有任何写到一半的内容。请报告此问题，"
        "并附上设置环境变量 {variable}=1 后的输出（其中可能有私密数据，发送前请检查）",
    ),
    "command.no_version": (
        "(a source folder, not installed)",
        "（源码文件夹，未安装）",
    ),
    "command.same": (
        "0 changes: everything is as the last run left it.",
        "0 处变化：一切与上次运行后相同。",
    ),
    "command.report_at": ("Report: {path}", "报告：{path}"),
    "command.report_place": (
        "the report cannot be written to {path}: {detail}. Make its folder, or name another place with --out",
        "无法将报告写入 {path}：{detail}。请建立其文件夹，或用 --out 指定其他位置",
    ),
    "command.demo": (
        "Make a company in FOLDER, run the whole job on it, and write a report.",
        "在文件夹中生成一家公司，完整运行一遍，并生成报告。",
    ),
    "command.approvals": (
        "Answer claims, see what waits, name substitutes; check that an organisation can approve at all.",
        "审批报销单、查看待办、指定代理人；检查组织架构能否完成审批。",
    ),
    "command.approvals_route": (
        "Show, before a claim is submitted, each step of its route: who, why, until when, who acts next.",
        "提交之前查看报销单审批流的每个节点：由谁审批、原因、期限、下一步。",
    ),
    "command.approvals_list": (
        "Show the claims that wait for you, or all in approval that you may see.",
        "显示等待您审批的报销单，或您可查看的全部审批中的报销单。",
    ),
    "command.approvals_show": (
        "Show one claim: its lines, its route, who said what when, what was voided and why, who is next.",
        "查看一张报销单：明细、审批流、谁何时给出何意见、哪些已失效及原因、下一步。",
    ),
    "command.approvals_approve": (
        "Say yes to claims, or to all lines of one but some.",
        "同意报销单，或同意其中部分明细。",
    ),
    "command.approvals_reject": ("Say no to a claim.", "驳回报销单。"),
    "command.approvals_return": (
        "Send a claim back to whoever claims it.",
        "将报销单退回报销人。",
    ),
    "command.approvals_delegate": (
        "Name who acts for you, from one day to another, for all claims or one.",
        "指定代理人：起止日期，适用于全部或一张报销单。",
    ),
    "command.approvals_delegates": (
        "Show who acts for whom by our own command.",
        "显示由本命令指定的代理关系。",
    ),
    "command.approvals_undelegate": (
        "End what delegate began.",
        "终止由 delegate 指定的代理。",
    ),
    "command.notices": (
        "Show what people were told of claims, for whoever brings it to them.",
        "显示就报销单发给人员的通知，供转发程序读取。",
    ),
    "option.crm_name": ("Which connection of the settings.", "使用设置中的哪个连接。"),
    "option.approvals_all": ("All that you may see.", "显示您可查看的全部。"),
    "option.claim_id": ("The id of the claim.", "报销单编号。"),
    "option.claim_ids": ("The ids of the claims.", "报销单编号，可多个。"),
    "option.refuse": (
        "A line that you do not approve, while the others are; may stand several times.",
        "不予批准的明细，其余批准；可多次使用。",
    ),
    "option.say_reason": ("Why, in your words.", "理由。"),
    "option.step": (
        "The step that you answer; else the one that is open.",
        "所审批的节点；省略则为当前节点。",
    ),
    "option.seen": (
        "The content code that list or show printed: what you looked at. If the claim is another by now, your answer is refused.",
        "list 或 show 显示的内容代码，即您所查看的内容；若报销单已变更，则不予接受。",
    ),
    "option.delegate_to": ("The id of who acts for you.", "代理人编号。"),
    "option.delegate_from": ("First day; today, if left out.", "第一天；省略则为今天。"),
    "option.delegate_until": ("Last day; open, if left out.", "最后一天；省略则不限。"),
    "option.delegate_claim": ("Only for this claim.", "仅限此报销单。"),
    "option.delegate_number": ("Its number, as delegates shows it.", "编号，见 delegates。"),
    "option.notice_person": (
        "Only what this person was told; else your own, or all where you may see everything.",
        "仅此人的通知；否则为您本人的，有权查看全部者为全部。",
    ),
    "option.notice_since": (
        "Only what came after this number, which the last call gave.",
        "仅此编号之后的通知；编号由上一次调用给出。",
    ),
    "command.approvals_check": (
        "Look for claims that nobody could approve: circles, missing approvers, authority that does not "
        "reach, somebody away. Each finding names a claim that shows it.",
        "查找无人可审批的报销单：上下级循环、缺少审批人、权限不足、有人外出。每个问题都附一张可复现的报销单。",
    ),
    "option.people": (
        "A CSV file of people: id, name, manager, team, grade, roles (parted by ;), from, until.",
        "人员 CSV 文件：id、name、manager、team、grade、roles（以 ; 分隔）、from、until。",
    ),
    "option.substitutes": (
        "A CSV file of substitutes: who, instead_of, from, until.",
        "代理人 CSV 文件：who、instead_of、from、until。",
    ),
    "option.roles": (
        "A settings file whose [roles] say who holds which role.",
        "设置文件，其 [roles] 写明谁担任哪个角色。",
    ),
    "option.day": (
        "The day to look at (2026-06-30); today, if left out.",
        "以哪一天为准（2026-06-30）；省略则为今天。",
    ),
    "option.greatest": (
        "The greatest amount that can come; without it, somebody's authority must have no limit.",
        "可能出现的最大金额；不写则须有人的审批权限不限金额。",
    ),
    "command.policy": (
        "Begin, check, publish and compare policies; ask about one; print the JSON Schema.",
        "新建、检查、发布、比较费用政策；据其出题；输出 JSON Schema。",
    ),
    "command.policy_check": (
        "Check a policy file: all its mistakes at once, with line, column and fix.",
        "检查费用政策文件：一次列出全部错误，附行、列与改法。",
    ),
    "command.policy_schema": (
        "Print the JSON Schema of a policy file, for editors.",
        "输出费用政策文件的 JSON Schema，供编辑器使用。",
    ),
    "command.policy_new": (
        "Begin a policy by a few questions: write a commented FILE with its rules, and its cases beside it.",
        "回答几个问题，新建政策：写出带注释的政策文件，并在旁边写出用例文件。",
    ),
    "command.policy_calendar": (
        "Write the days of rest and the make-up working days of some years into the policy's [calendar].",
        "把若干年份的休息日与调休上班日写入政策的 [calendar]。",
    ),
    "command.policy_publish": (
        "Publish a policy as a handbook, made from its rules, with worked examples.",
        "将政策发布为手册：由规则本身生成，附带示例。",
    ),
    "command.policy_sql": (
        "Print a policy as queries for an engine, each rule beside its columns, fit to review.",
        "将政策写成某一引擎的查询脚本，各规则注于其列旁，可供审阅。",
    ),
    "command.policy_quiz": (
        "Ask questions on a policy; the answers are what the policy decides.",
        "就政策出题；答案即政策的审核结果。",
    ),
    "command.policy_diff": (
        "Say what changed between two policies, and which examples are decided otherwise.",
        "说明两份政策之间的变化，以及哪些示例的结论改变。",
    ),
    "command.published": ("Handbook: {path}", "手册：{path}"),
    "command.written": ("Written: {path}", "已写入：{path}"),
    "command.policy_next": (
        "Read it through, then run: crm-expenses policy check {path}",
        "请通读一遍，然后运行：crm-expenses policy check {path}",
    ),
    "command.policy_exists": (
        "{path} is there already and is not overwritten. Name another file",
        "{path} 已存在，不会被覆盖。请换一个文件名",
    ),
    "command.publish_place": (
        "{path} cannot be written: {detail}. Name another place",
        "无法写入 {path}：{detail}。请换一个位置",
    ),
    "command.sql_rounds": (
        "--rounds is {value}, but 1 to {limit} rounds can be written out",
        "--rounds 为 {value}，但轮数须在 1 至 {limit} 之间",
    ),
    "command.sql_signs": (
        "the queries of {path} hold signs that a terminal would obey. Write them to a file: --out FILE",
        "{path} 的查询中含有会被终端执行的控制字符。请写入文件：--out FILE",
    ),
    "command.quiz_count": (
        "--count is {value}, but 1 to {limit} questions can be asked",
        "--count 为 {value}，但题数须在 1 至 {limit} 之间",
    ),
    "command.policy_good": (
        "{path}: policy {id}, version {version}: {rules} rules and {parameters} parameters, no mistakes.",
        "{path}：政策 {id}，版本 {version}：{rules} 条规则、{parameters} 项标准，没有错误。",
    ),
    "command.policy_bad": ("{path}: {count} mistakes.", "{path}：{count} 处错误。"),
    "command.check": (
        "Decide the claims of a file by a policy; no store and no settings are needed.",
        "按政策审核一个文件中的报销单；不需要存储与设置。",
    ),
    "command.sync": (
        "Pull, decide and push; safe to kill and to repeat.",
        "拉取、审核并写回；可随时中断，可重复运行。",
    ),
    "command.budgets": (
        "Show where the budgets stand; import and export plans; carry over, transfer, alerts.",
        "显示预算执行情况；导入与导出预算计划；结转、调剂与预警。",
    ),
    "command.budgets_list": (
        "Show where the budgets stand; also without the word list.",
        "显示预算执行情况；可省略 list。",
    ),
    "command.budgets_import": (
        "Write a plan of budgets (CSV or XLSX) into the store; or only check it.",
        "将预算计划（CSV 或 XLSX）写入存储，或仅检查。",
    ),
    "command.budgets_export": (
        "Write the budgets of the store as a plan (CSV or XLSX).",
        "将存储中的预算导出为预算计划（CSV 或 XLSX）。",
    ),
    "command.roi": (
        "Show the return on spending by account manager.",
        "显示各客户经理的投入产出。",
    ),
    "command.report": (
        "Write the report page: budgets, findings, waiting claims, return.",
        "生成报告页面：预算、问题、待处理的报销单与投入产出。",
    ),
    "command.doctor": (
        "Look at settings, policy, store and CRM; change nothing, but for a scratch record with --write.",
        "检查设置、政策、存储与 CRM；不做任何改动（--write 会写入一条试写记录）。",
    ),
    "option.lang": ("Language of what is printed: en or zh.", "输出语言：en 或 zh。"),
    "option.version": ("Print the version and stop.", "输出版本号后结束。"),
    "option.plan_file": ("The plan: a CSV or XLSX file.", "预算计划：CSV 或 XLSX 文件。"),
    "option.plan_out": (
        "The file to write: .csv, .tsv or .xlsx.",
        "要写入的文件：.csv、.tsv 或 .xlsx。",
    ),
    "option.plan_sheet": (
        "The sheet of a workbook; the first one else.",
        "工作簿中的工作表；默认第一个。",
    ),
    "option.plan_check": (
        "Check and show the file alone; no store is looked at.",
        "仅检查并显示文件本身，不读取存储。",
    ),
    "option.year_start": (
        "The day on which the fiscal year begins, day 1 to 28; else as [fiscal] in the settings says.",
        "财政年度的起始月日，日为 1 至 28；默认取设置中的 [fiscal]。",
    ),
    "option.year_named": (
        "Whether a fiscal year is called after its first or its last day.",
        "财政年度以首日还是末日所在年份命名。",
    ),
    "option.weeks": (
        "Months of whole weeks in each quarter: 4-4-5, 4-5-4 or 5-4-4. The year begins on the Monday "
        "nearest to its start.",
        "每季度按整周划分月份：4-4-5、4-5-4 或 5-4-4。年度从最接近起始日的星期一开始。",
    ),
    "option.crm": (
        "A connection of the settings; may be left out where there is one only.",
        "设置中的连接名称；只有一个时可省略。",
    ),
    "option.settings": ("The settings file.", "设置文件。"),
    "option.at": (
        "The time to work at, with its zone (2026-06-30T20:00:00+08:00); now, if left out.",
        "以何时为准，需带时区（2026-06-30T20:00:00+08:00）；省略则为当前时间。",
    ),
    "option.json": ("Print JSON for scripts.", "输出供脚本读取的 JSON。"),
    "option.demo_folder": (
        "The folder of the demo: new, empty, or one that a demo made before (default: crm-expenses-demo).",
        "演示文件夹：新的、空的或此前演示所建的（默认 crm-expenses-demo）。",
    ),
    "option.seed": ("The same number gives the same company.", "相同的数字生成相同的公司。"),
    "option.policy_file": ("A policy file.", "费用政策文件。"),
    "option.policy_old": ("The policy as it was.", "原政策文件。"),
    "option.answers": (
        "Answers as TOML, by the names of the questions; what it leaves out is asked.",
        "TOML 格式的回答，以问题名称为键；未回答的仍会提问。",
    ),
    "option.yes": (
        "Take every default without asking.",
        "不提问，全部采用默认值。",
    ),
    "option.calendar_country": (
        "The country whose days they are, like CN, DE or DE-BY.",
        "采用哪个国家的日子，例如 CN、DE 或 DE-BY。",
    ),
    "option.calendar_years": (
        "The years: one, or the first and the last, like 2025-2026.",
        "年份：一个，或首尾两个，例如 2025-2026。",
    ),
    "option.calendar_file": (
        "A table of days with the columns date,kind (rest or work): alone, or on top of a country's.",
        "日子的表，列为 date,kind（rest 或 work）：可单独使用，也可叠加在国家的日子之上。",
    ),
    "option.calendar_plan": (
        "Only print what would change; write nothing.",
        "只列出将要改动的内容，不写入。",
    ),
    "days.covered": (
        "{path}: the calendar covers {after} (before: {before})",
        "{path}：日历涵盖 {after}（原为 {before}）",
    ),
    "days.rest_added": (
        "  days of rest added ({count}): {list}",
        "  新增休息日（{count}）：{list}",
    ),
    "days.rest_removed": (
        "  days of rest removed ({count}): {list}",
        "  删去休息日（{count}）：{list}",
    ),
    "days.work_added": (
        "  make-up working days added ({count}): {list}",
        "  新增调休上班日（{count}）：{list}",
    ),
    "days.work_removed": (
        "  make-up working days removed ({count}): {list}",
        "  删去调休上班日（{count}）：{list}",
    ),
    "days.same": (
        "{path}: these days stand there already; nothing to change.",
        "{path}：这些日子已在其中，无需改动。",
    ),
    "days.plan": ("Only planned: nothing was written.", "仅为计划，未写入。"),
    "days.version": (
        "Written: {path}. The content is another one now: give the policy a new version.",
        "已写入：{path}。内容已变：请给政策换一个版本号。",
    ),
    "option.policy_new": ("The policy as it is to be.", "新政策文件。"),
    "option.policy_start": (
        "The file to write; it must not be there yet.",
        "要写出的文件；必须尚不存在。",
    ),
    "option.check_out": (
        "Decide by queries, for many lines: write what became of each line to this Parquet file, or all tables of results into a folder.",
        "以查询方式批量审核：将每条明细的结论写入该 Parquet 文件；若为文件夹，则写出全部结果表。",
    ),
    "option.engine": (
        "Where the queries run: duckdb (if not said), postgres://user@host/database?schema=…, spark://local or spark://host:port.",
        "查询在何处运行：duckdb（默认）、postgres://user@host/database?schema=…、spark://local 或 spark://host:port。",
    ),
    "bulk.written": (
        "{lines} lines of {claims} claims decided; claimed {claimed}, allowed {allowed} {currency}. Written: {path}",
        "已审核 {claims} 张报销单、{lines} 条明细；申报 {claimed}，允许 {allowed} {currency}。已写入：{path}",
    ),
    "option.sql_dialect": (
        "The engine to write for; Databricks reads spark.",
        "目标引擎；Databricks 用 spark。",
    ),
    "option.sql_rounds": (
        "How many rounds are written out where who counts depends on who is rejected (4 if not said).",
        "当计入与拒绝互相依赖时写出的轮数（不写为 4）。",
    ),
    "option.sql_out": (
        "Write the queries to this file, not to standard output.",
        "写入该文件，而不是标准输出。",
    ),
    "option.publish_out": (
        "A folder, which gets one file a language, or a file, which gets it all.",
        "文件夹（每种语言一个文件）或文件（全部写入其中）。",
    ),
    "option.publish_format": (
        "A page (html) or Markdown (md); if left out, the file's name says it, else html.",
        "网页（html）或 Markdown（md）；省略则按文件名判断，否则为 html。",
    ),
    "option.publish_language": (
        "The language of the handbook, or both; that of the command, if left out.",
        "手册语言，或 both（两种都要）；省略则与命令的语言相同。",
    ),
    "option.quiz_seed": (
        "The same number gives the same questions.",
        "相同的数字给出相同的题目。",
    ),
    "option.quiz_count": ("How many questions.", "题数。"),
    "option.diff_format": (
        "Plain text (text) or Markdown (md).",
        "纯文本（text）或 Markdown（md）。",
    ),
    "option.claims": (
        "A file of claims: CSV, JSON, JSON Lines, Parquet or XLSX.",
        "报销单文件：CSV、JSON、JSON Lines、Parquet 或 XLSX。",
    ),
    "option.policy": ("The policy that decides.", "据以审核的费用政策。"),
    "option.mapping": (
        "Which column is which field; if left out, columns are named like the fields, and JSON "
        "is as published.",
        "列与字段的对应关系；省略则列名即字段名，JSON 为公布的格式。",
    ),
    "option.explain": (
        "Show how the decision on this line came about, as a tree.",
        "以树状显示此明细的结论由来。",
    ),
    "option.rates": (
        "Exchange rates into the policy's currency: a file with the columns date, currency and rate.",
        "折算为政策币种的汇率：含 date、currency、rate 三列的文件。",
    ),
    "option.plan": (
        "Show every write that a sync would make, and make none.",
        "列出同步将做的每一处写入，但不执行。",
    ),
    "option.fail_on": (
        "Answer 1 when there are findings, conflicts or rows set aside: WHAT is findings, conflicts "
        "or set-aside (may be repeated).",
        "存在问题（findings）、冲突（conflicts）或搁置的行（set-aside）时以 1 退出；"
        "WHAT 为括号中的词（可多次使用）。",
    ),
    "option.out": (
        "Where to write the page; the settings say it if left out.",
        "页面写到何处；省略则按设置。",
    ),
    "usage.usage": ("Usage: ", "用法："),
    "usage.options": ("Options:", "选项："),
    "usage.arguments": ("Arguments:", "参数："),
    "usage.commands": ("Commands:", "命令："),
    "usage.required": ("[required]", "[必填]"),
    "usage.default": ("[default: {value}]", "[默认：{value}]"),
    "usage.help": ("Show this message and exit.", "显示本帮助后结束。"),
    "usage.no_command": ("there is no command {value}.", "没有命令 {value}。"),
    "usage.no_option": ("there is no option {value}.", "没有选项 {value}。"),
    "usage.missing": ("{value} is missing.", "缺少 {value}。"),
    "usage.no_value": ("the option {value} needs a value.", "选项 {value} 需要一个值。"),
    "usage.no_value_taken": ("the option {value} takes no value.", "选项 {value} 不带值。"),
    "usage.extra": ("more was given than the command takes: {value}.", "多出的参数：{value}。"),
    "usage.value": ("the value of {name} does not fit: {value}", "{name} 的值不合适：{value}"),
    "usage.some_options": ("[OPTIONS]", "[选项]"),
    "usage.some_command": ("COMMAND [ARGS]...", "命令 [参数]..."),
    "usage.whole": ("a whole number is needed, like 7.", "需要整数，例如 7。"),
    "usage.choice": ("it must be one of: {names}.", "只能是：{names}。"),
    "usage.near": ("Near: {names}.", "相近的有：{names}。"),
    "usage.see": ("See: {command}", "参见：{command}"),
    "stage.generate": ("Making the company", "生成公司"),
    "stage.pull": ("Reading the CRM", "读取 CRM"),
    "stage.decide": ("Deciding claims", "审核报销单"),
    "stage.push": ("Writing results", "写回结果"),
    "stage.load": ("Reading claims", "读取报销单"),
    "stage.sweep": ("Values tried", "已试取值"),
    "stage.report": ("Writing the report", "生成报告"),
    "stage.check": ("Checking claims", "检查报销单"),
    "summary.crm": ("CRM {crm}", "CRM {crm}"),
    "summary.pulled": (
        "  read         {rows} rows: {changes} new or changed, {set_aside} set aside",
        "  读取   {rows} 行：新增或变化 {changes}，搁置 {set_aside}",
    ),
    "summary.decided": (
        "  decided      {claims} claims with {lines} lines; {closed} closed",
        "  审核   {claims} 张报销单、{lines} 条明细；{closed} 张已关闭",
    ),
    "summary.outcomes": ("             {list}", "         {list}"),
    "summary.findings": (
        "             findings by rule ({count} rules): {list}",
        "         问题最多的规则（共 {count} 条）：{list}",
    ),
    "summary.comma": (", ", "、"),
    "summary.pushed": ("  written back {sent} results", "  写回   {sent} 条结果"),
    "summary.not_pushed": (
        "             refused {refused}, conflicts {conflicts}, answer unknown {unknown}",
        "         拒绝 {refused}、冲突 {conflicts}、未知 {unknown}",
    ),
    "summary.stuck": (
        "             waiting no longer {stuck}: see `crm-expenses retry --list`",
        "         已停止发送 {stuck}：请看 `crm-expenses retry --list`",
    ),
    "summary.clashes": (
        "{fields} fields were changed on both sides: see `crm-expenses conflicts list`.",
        "有 {fields} 个字段双方都有修改：请看 `crm-expenses conflicts list`。",
    ),
    "summary.aside_now": (
        "{rows} rows are set aside; the report names each with its reason.",
        "有 {rows} 行被搁置；报告中列出每行及原因。",
    ),
    "demo.aside": (
        "  set aside    {rows} rows, each with its reason in the report",
        "  搁置   {rows} 行，原因见报告",
    ),
    "demo.waiting": (
        "  waiting      {claims} claims wait for a person",
        "  待办   {claims} 张报销单等待人工处理",
    ),
    "demo.next": (
        "Look further:\n"
        "  crm-expenses budgets --settings {settings} --at {at}\n"
        "  crm-expenses roi --settings {settings} --at {at}\n"
        "  crm-expenses doctor --settings {settings}",
        "接下来可以看：\n"
        "  crm-expenses budgets --settings {settings} --at {at}\n"
        "  crm-expenses roi --settings {settings} --at {at}\n"
        "  crm-expenses doctor --settings {settings}",
    ),
    "check.aside": ("set aside: {text}", "搁置：{text}"),
    "check.unread": (
        "not read, because no field has this name: {names}. Correct a misspelt name, or write a mapping",
        "未读取（没有这些名称的字段）：{names}。请更正拼写，或编写映射文件",
    ),
    "check.absent": (
        "not read, because no file that the mapping names for it is there: {kinds}. Put the file "
        "where the mapping says, seen from the file of claims",
        "未读取（映射文件为其指定的文件不存在）：{kinds}。请把文件放到映射文件所写的位置（相对于报销单文件）",
    ),
    "check.claim": (
        "{claim}: {outcome}, claimed {claimed}, allowed {allowed} {currency}",
        "{claim}：{outcome}，申报 {claimed}，核准 {allowed} {currency}",
    ),
    "check.counts": (
        "{rows} rows = {lines} lines decided + {set_aside} set aside + {without} without a line",
        "{rows} 行 = 审核明细 {lines} + 搁置 {set_aside} + 无明细 {without}",
    ),
    "check.claims": ("{claims} claims: {list}", "{claims} 张报销单：{list}"),
    "plan.field": ("{name}: {before} → {after}", "{name}：{before} → {after}"),
    "plan.count": (
        "{crm}: {count} writes planned, none made",
        "{crm}：计划写入 {count} 处，均未执行",
    ),
    "figures.currency": ("Currency", "币种"),
    "figures.until": ("Until", "截止"),
    "figures.available": ("Available", "可用"),
    "plan.scope": ("Scope", "范围"),
    "plan.narrowed": ("Only for", "仅限"),
    "plan.start": ("From", "开始"),
    "plan.at_limit": ("At the limit", "达到上限时"),
    "plan.sum": ("{scope}: {count} budgets, {amount}", "{scope}：{count} 项预算，{amount}"),
    "plan.good": (
        "{path} is a plan of {count} budgets. Nothing was written",
        "{path} 是有效的预算计划，共 {count} 项预算。未写入任何内容",
    ),
    "plan.bad": (
        "{path} has {count} mistakes; nothing of it would be taken",
        "{path} 有 {count} 处错误，全部不会采用",
    ),
    "plan.written": ("{count} budgets written to {path}", "已将 {count} 项预算写入 {path}"),
    "figures.no_budget": (
        "None of the {count} budgets is in force on {day}: they run from {first} to {last}. "
        "Ask for another day with --at",
        "{day} 没有生效的预算：共 {count} 项预算，期间为 {first} 至 {last}。可用 --at 指定其他时间",
    ),
    "figures.zero_base": ("no base", "无基数"),
    "figures.no_deal": ("no deals", "无商机"),
    "figures.no_cost": ("no cost", "无成本"),
    "figures.too_few": ("too few", "样本太少"),
    "doctor.good": ("[ok]  ", "[正常]"),
    "doctor.warning": ("[look]", "[注意]"),
    "doctor.bad": ("[BAD] ", "[错误]"),
    "doctor.sum": (
        "{good} good, {warning} to look at, {bad} bad.",
        "正常 {good} 项，注意 {warning} 项，错误 {bad} 项。",
    ),
    "doctor.settings": ("settings {path}; connections: {crms}", "设置 {path}；连接：{crms}"),
    "doctor.no_crm": (
        'the settings have no connection. Add [crm.NAME] with adapter = "files"',
        '设置中没有连接。请加上 [crm.名称] 及 adapter = "files"',
    ),
    "doctor.policy": (
        "policy {id}, version {version}, {rules} rules",
        "政策 {id}，版本 {version}，{rules} 条规则",
    ),
    "doctor.store_old": (
        "the store {path} was written by an older version (schema {found}, now {known}); the next command that opens it, a sync for one, brings it up to date. Copy it first if in doubt",
        "存储 {path} 由较旧的版本写入（结构 {found}，现为 {known}）；下一个打开它的命令（例如 sync）会将其升级。如有疑虑，请先备份",
    ),
    "doctor.store_none": (
        "the store {path} is not there yet; the first sync makes it",
        "存储 {path} 尚不存在；首次同步时建立",
    ),
    "doctor.store_nowhere": (
        "the store {path} is not there and cannot be made: its folder is missing or may not be written. "
        "Make the folder, or change [store] file",
        "存储 {path} 不存在且无法建立：其文件夹不存在或不可写。请建立文件夹，或修改 [store] 的 file",
    ),
    "doctor.store": ("the store {path} is whole", "存储 {path} 完好"),
    "doctor.store_damaged": (
        "the store {path} is damaged: {detail}. Stop all runs and restore it from a copy",
        "存储 {path} 已损坏：{detail}。请停止所有任务并从副本恢复",
    ),
    "doctor.approvals_plain_field": (
        "{crm}: approvals are read from a field that anybody may edit (plain_field); they count only where the policy accepts that",
        "{crm}：审批取自任何人均可编辑的字段（plain_field），仅在政策认可时有效",
    ),
    "doctor.approvals_asserted": (
        "{crm}: approvals are read as asserted",
        "{crm}：审批按所声明的身份读取（asserted）",
    ),
    "doctor.approvals_audited_field": (
        "{crm}: approvals are read from a field whose changes the CRM records (audited_field), say the settings",
        "{crm}：审批取自由 CRM 记录修改历史的字段（audited_field，依设置所述）",
    ),
    "doctor.approvals_crm_process": (
        "{crm}: approvals are read from an approval process of the CRM (crm_process), say the settings",
        "{crm}：审批取自 CRM 的审批流程（crm_process，依设置所述）",
    ),
    "doctor.log": ("every entry of the log fits the one before", "日志各条目前后相符"),
    "doctor.log_broken": (
        "entry {entry} of the log does not fit the one before: it was changed or removed. Keep the file and ask who had access",
        "日志第 {entry} 条与前一条不符：被改动或删除。请保留文件并查明何人有权访问",
    ),
    "doctor.allowance": (
        "{crm}: of the {limit} calls of a day, or credits that they cost, {left} are left, and {reserve} more for others",
        "{crm}：每天的 {limit} 次调用（或其消耗的额度）还剩 {left}，另有 {reserve} 留给其他用途",
    ),
    "doctor.set_aside": (
        "{crm}: {rows} rows are set aside. The report names each with its reason",
        "{crm}：有 {rows} 行被搁置。报告中列出每行及原因",
    ),
    "doctor.refused": (
        "{crm}: {results} results were refused by the CRM. See why by `crm-expenses retry --list`, mend it, then `crm-expenses retry`",
        "{crm}：{results} 条结果被 CRM 拒绝。原因请看 `crm-expenses retry --list`，排除后运行 `crm-expenses retry`",
    ),
    "doctor.stuck": (
        "{crm}: {results} results conflicted or stayed unknown too often and wait no longer. See `crm-expenses retry --list`",
        "{crm}：{results} 条结果多次冲突或未得答复，已停止发送。请看 `crm-expenses retry --list`",
    ),
    "doctor.conflicts": (
        "{crm}: {fields} fields were changed on both sides and wait for a person. See `crm-expenses conflicts list`",
        "{crm}：{fields} 个字段双方都有修改，等待人工裁定。请看 `crm-expenses conflicts list`",
    ),
    "doctor.to_send": (
        "{crm}: {results} results wait to be written. Run `crm-expenses sync`",
        "{crm}：{results} 条结果待写回。请运行 `crm-expenses sync`",
    ),
    "command.policy_test": (
        "Decide the cases beside each policy, and say what came out otherwise than expected.",
        "审核各政策旁的用例，指出与预期不符之处。",
    ),
    "option.policy_files": (
        "policy files; the cases of NAME.toml stand in NAME.cases.toml beside it",
        "政策文件；NAME.toml 的用例位于旁边的 NAME.cases.toml",
    ),
    "option.explain_cases": (
        "show below each failed case how the decision on its lines came about",
        "在每个未通过的用例下，显示相关明细结论的由来",
    ),
    "option.cases": ("the cases, where they stand elsewhere", "用例文件（不在默认位置时）"),
    "test.sum": (
        "{path}: {passed} cases passed, {failed} failed.",
        "{path}：通过 {passed} 个用例，未通过 {failed} 个。",
    ),
    "test.none": (
        "{path} has no case, so it proves nothing. Add one: [[case]] with a claim and what to expect",
        "{path} 没有用例，什么也证明不了。请添加 [[case]]，写明报销单与预期结果",
    ),
    "test.failed": ("{place}: {name}", "{place}：{name}"),
    "test.source": ("  source: {source}", "  来源：{source}"),
    "test.certainty": ("  certainty: {certainty}", "  可信度：{certainty}"),
    "test.of_line": ("line {line}: {what}", "明细 {line}：{what}"),
    "test.difference": (
        "  {where}: expected {expected}, got {got}",
        "  {where}：预期 {expected}，实得 {got}",
    ),
    "test.made_of_days": (
        "line {line}: {component} {amount} by {rules}: {days}",
        "明细 {line}：{component} {amount}（{rules}）：{days}",
    ),
    "test.made_of": (
        "line {line}: {component} {amount} by {rules}",
        "明细 {line}：{component} {amount}（{rules}）",
    ),
    "test.of_lines": (
        "lines have it: {lines}. Directly under expect stand the claim's own measures; expect it "
        "under lines",
        "明细有此数值：{lines}。直接写在 expect 之下的是报销单整体的数值；请写在 lines 之下",
    ),
    "test.of_claim": (
        "the claim itself has it: {value}. Expect it directly under expect",
        "报销单整体有此数值：{value}。请直接写在 expect 之下",
    ),
    "test.what.outcome": ("outcome", "结论"),
    "test.what.allowed": ("allowed", "允许金额"),
    "test.what.findings": ("findings", "问题"),
    "test.what.approvals": ("approvals", "审批节点"),
    "test.what.entitlements": ("entitlement {of}", "应得额 {of}"),
    "test.what.measures": ("measure {of}", "数值 {of}"),
    "test.what.totals": ("total of {of}", "{of} 累计"),
    "test.empty": ("nothing", "无"),
}
