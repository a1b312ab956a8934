"""What is wrong with a policy, a settings file, a command or a store, and how to mend it."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "plug_in.unknown": (
        "the settings allow the plug-in {name}, which is not installed. Installed: {known}. Install its package, or remove it from plug_ins",
        "设置允许插件 {name}，但未安装。已安装：{known}。请安装其软件包，或从 plug_ins 中删去",
    ),
    "plug_in.twice": (
        "two packages claim the plug-in {name}: {packages}. Remove one of them",
        "两个软件包都声明了插件 {name}：{packages}。请卸载其一",
    ),
    "plug_in.broken": (
        "the plug-in {name} cannot be loaded: {detail}. Mend or remove it",
        "插件 {name} 无法加载：{detail}。请修复或移除",
    ),
    "plug_in.none": (
        "the plug-in {name} lacks: {missing}. See rules.plug_in.PlugIn",
        "插件 {name} 缺少：{missing}。见 rules.plug_in.PlugIn",
    ),
    "plug_in.name": (
        "the plug-in {name} calls itself {own}. Both must be one name of small letters, digits and _",
        "插件 {name} 自称 {own}。两者须为同一名称（小写字母、数字和 _）",
    ),
    "plug_in.code": (
        "the policy has a rule {code}, whose name is that of the plug-in {name}. Rename the rule",
        "政策中有规则 {code}，与插件 {name} 同名。请为规则改名",
    ),
    "toml.no_file": (
        "cannot read {path}: {detail}. Give the path of an existing TOML file",
        "无法读取 {path}：{detail}。请给出一个存在的 TOML 文件的路径",
    ),
    "toml.large": (
        "{path} has {size} bytes; a TOML file may have at most {limit} (a limit of this package). "
        "Move large tables into several files",
        "{path} 有 {size} 字节；TOML 文件最多 {limit} 字节（本软件的限制）。请把大表拆成多个文件",
    ),
    "toml.encoding": (
        "this file is not UTF-8, which TOML demands. Save it as UTF-8",
        "文件不是 UTF-8 编码，而 TOML 要求 UTF-8。请另存为 UTF-8",
    ),
    "toml.syntax": (
        'not valid TOML: {detail}. Example of a line that is: code = "meal.cap"',
        '不是有效的 TOML。请检查引号、括号与等号是否为半角且成对，中文名称须加引号。有效的写法示例：code = "meal.cap"（{detail}）',
    ),
    "toml.missing": (
        "{name} is missing. Add it to this table",
        "缺少 {name}。请在此表中加上",
    ),
    "toml.unknown_name": (
        "{name} is not a known name here. Known and near: {names}",
        "此处没有名为 {name} 的项。相近的可用名称：{names}",
    ),
    "toml.not_text": (
        '{name} is {value}, but a text in quotes is needed, like "500.00"',
        '{name} 的值是 {value}，但需要加引号的文本，例如 "500.00"',
    ),
    "toml.not_whole": (
        "{name} is {value}, but a whole number is needed, like 3",
        "{name} 的值是 {value}，但需要整数，例如 3",
    ),
    "toml.not_yes_no": (
        "{name} is {value}, but true or false is needed",
        "{name} 的值是 {value}，但需要 true 或 false",
    ),
    "toml.not_list": (
        '{name} is {value}, but a list is needed, like ["meal"]',
        '{name} 的值是 {value}，但需要列表，例如 ["meal"]',
    ),
    "toml.not_table": (
        '{name} is {value}, but a table is needed, like { en = "Meals", zh = "餐费" }',
        '{name} 的值是 {value}，但需要一张表，例如 { en = "Meals", zh = "餐费" }',
    ),
    "toml.not_date": (
        "{name} is {value}, but a date without quotes is needed, like 2026-01-31",
        "{name} 的值是 {value}，但需要不加引号的日期，例如 2026-01-31",
    ),
    "toml.not_choice": (
        "{name} is {value}, but must be one of: {expected}",
        "{name} 的值是 {value}，但只能是：{expected}",
    ),
    "toml.name": (
        "{name} is {value}, but a short name is needed: small letters, digits, and _ . - inside, "
        "at most 80, like sales-2026",
        "{name} 的值是 {value}，但需要简短名称：小写字母、数字，中间可用 _ . -，最多 80 个字符，"
        "例如 sales-2026",
    ),
    "toml.empty": ("{name} is empty. Fill it in", "{name} 为空。请填写"),
    "toml.long": (
        "{name} has more than {limit} characters (a limit of this package). Shorten it",
        "{name} 超过 {limit} 个字符（本软件的限制）。请缩短",
    ),
    "toml.value": (
        "{name} is {value}, which does not fit: {detail}",
        "{name} 的值 {value} 不符合要求：{detail}",
    ),
    "settings.no_file": (
        "there is no settings file {path}. Make one with `crm-expenses demo FOLDER`, or name yours "
        "with --settings",
        "没有设置文件 {path}。可用 `crm-expenses demo 文件夹` 生成一份，或用 --settings 指定",
    ),
    "extra.missing": (
        "this needs the package {package}, which is not installed. "
        "Install it with: pip install 'crm-expenses[{extra}]'",
        "此功能需要软件包 {package}，但尚未安装。请运行：pip install 'crm-expenses[{extra}]'",
    ),
    "crm.auth": (
        "the CRM {crm} does not accept our credentials. Renew them, then run `crm-expenses doctor`",
        "CRM {crm} 不接受我们的凭据。请更新后运行 `crm-expenses doctor`",
    ),
    "crm.no_ability": (
        "{crm} cannot do this: {ability} (reason: {reason}). `crm-expenses doctor` lists what it can.",
        "{crm} 做不到：{ability}（原因：{reason}）。`crm-expenses doctor` 会列出它能做的。",
    ),
    "crm.unavailable": (
        "the CRM {crm} cannot be reached: {detail}. Try again later",
        "无法连接 CRM {crm}：{detail}。请稍后再试",
    ),
    "money.mixed": (
        "amounts in {one} and {other} cannot be added or compared. Convert one of them first",
        "{one} 与 {other} 的金额不能直接相加或比较。请先换算其中之一",
    ),
    "lifecycle.move": (
        "the claim is {word:state}: it cannot be {move:move}; allowed from there: {move:allowed}",
        "报销单的状态为“{word:state}”，不能{move:move}；此时允许：{move:allowed}",
    ),
    "lifecycle.side": (
        "the claim is {word:state}: {side:side} may not have it {move:move}; allowed to them: {move:allowed}",
        "报销单的状态为“{word:state}”，{side:side}不能{move:move}；其可执行：{move:allowed}",
    ),
    "lifecycle.reason": (
        "a claim that is {word:state} can be {move:move} only with a reason, for the claimant to read. Say it",
        "对状态为“{word:state}”的报销单执行“{move:move}”须说明理由，供报销人查看。请补上理由",
    ),
    "lifecycle.paid": (
        "{paid} of this claim was paid already, so that it cannot be {move:move} by the claimant. Correct it with lines below zero in another claim",
        "此报销单已支付 {paid}，报销人不能再{move:move}。请在另一张报销单中用负数明细更正",
    ),
    "lifecycle.unpaid": (
        "due is {amount}, paid {paid}: a claim is closed once they are equal. Pay the rest, or take back what is too much",
        "应付 {amount}，已付 {paid}：两者相等后方可关闭。请支付余额或收回多付部分",
    ),
    "lifecycle.payment": (
        "{amount} cannot be paid: due is {due}, paid so far {paid}. Pay what is open, or a part of it, in the currency that is due",
        "无法支付 {amount}：应付 {due}，已付 {paid}。请按应付币种支付未付金额或其中一部分",
    ),
    "advance.other": (
        "{amount} is no entry of the advance {advance}, which is in another currency or has another id. Name the right advance",
        "{amount} 不是预支款 {advance} 的记录（币种或编号不同）。请指定正确的预支款",
    ),
    "advance.entry": (
        "{kind} of {amount} is no entry of an advance: it must be above zero, and name a claim exactly where it clears or restores",
        "预支款记录 {kind} {amount} 有误：金额须大于零；核销与恢复须写明报销单，其他不得写",
    ),
    "advance.too_much": (
        "{kind} of {amount} is more than the {room} that are left of advance {advance}. What claims cleared and what was returned is never more than what was paid out",
        "{kind} {amount} 超过预支款 {advance} 的余额 {room}。核销与归还合计不得超过已支付的预支款",
    ),
    "record.orphan": (
        "line {line} belongs to claim {claim}, which the CRM does not have. Add the claim, or correct the line",
        "明细 {line} 属于报销单 {claim}，但 CRM 中没有该单。请补上报销单或更正明细",
    ),
    "answer.no_terminal": (
        "`policy new` asks questions, but standard input is no terminal. Answer them with --answers FILE.toml, or take every default with --yes. Not answered: {names}",
        "`policy new` 需要提问，但标准输入不是终端。请用 --answers FILE.toml 回答，或用 --yes 采用全部默认值。尚未回答：{names}",
    ),
    "answer.ended": (
        "the input ended before the last question was answered, so nothing was written. Run the command again",
        "问题尚未答完，输入已结束，因此未写入任何内容。请重新运行命令",
    ),
    "answer.tries": (
        "after {count} answers that do not fit, nothing was written. Look up what is meant with --help, then run the command again",
        "连续 {count} 次回答不符合要求，未写入任何内容。请用 --help 查看说明后重新运行命令",
    ),
    "answer.unknown": (
        "{name} answers no question that is asked. Questions: {names}",
        "没有名为 {name} 的问题。会问到的问题：{names}",
    ),
    "answer.text": (
        "{value} is no text that can be used: 1 to {limit} characters are needed, all of them printable",
        "{value} 不是可用的文本：须为 1 至 {limit} 个可显示的字符",
    ),
    "answer.words": (
        "this must be a list of {least} to {most} different names, like: {example}",
        "须为 {least} 至 {most} 个互不相同的名称，例如：{example}",
    ),
    "answer.twice": (
        "{value} stands in another tier already. Keep it in one",
        "{value} 已在另一档中。请只保留一处",
    ),
    "answer.currency": (
        "{value} is no currency of ISO 4217. Write its code, like CNY, USD or EUR",
        "{value} 不是 ISO 4217 货币。请写代码，例如 CNY、USD 或 EUR",
    ),
    "answer.day": (
        "{value} is no day from 1900 to 2199. Write it like 2026-01-01",
        "{value} 不是 1900 至 2199 年间的日期。请写成 2026-01-01 的形式",
    ),
    "answer.pick": (
        "{value} is not in the list. There is: {names}",
        "列表中没有 {value}。可选：{names}",
    ),
    "answer.pick_none": (
        "nothing is chosen. Choose at least one of: {names}",
        "没有选择任何一项。请至少选择一项：{names}",
    ),
    "answer.amount": (
        "{value} is no amount that fits: digits with at most {places} decimals, from {least} to {most}, like {example}",
        "{value} 不是合适的金额：须为数字，最多 {places} 位小数，介于 {least} 与 {most} 之间，例如 {example}",
    ),
    "answer.amounts": (
        "there are {given} amounts, but {count} are needed, one for each of {names}, or one for all",
        "给出了 {given} 个金额，但需要 {count} 个（{names} 各一个），或一个通用金额",
    ),
    "answer.count": (
        "{value} is no number that fits: a whole number from {least} to {most}",
        "{value} 不是合适的数字：须为 {least} 至 {most} 之间的整数",
    ),
    "answer.order": (
        "{value} is less than {least}, which was answered before: {name}. Raise it to that at least",
        "{value} 小于此前回答的 {least}（{name}）。请至少与之相同",
    ),
    "calendar.years": (
        "{value} names no years. Write one year, or the first and the last, like --years 2025-2026 (at most {limit}, a limit of this package)",
        "{value} 不是年份。请写一个年份，或首尾两年，例如 --years 2025-2026（最多 {limit} 年，本软件的限制）",
    ),
    "calendar.source": (
        "nothing says where the days come from. Add --country CN, or --file days.csv with the columns date,kind, or both",
        "没有写明日子从哪里来。请加 --country CN，或 --file days.csv（列为 date,kind），或两者都写",
    ),
    "calendar.country": (
        "{value} is no country or part of one that the package {package} knows. Write ISO 3166 codes, like CN, DE or DE-BY, or give the days by --file days.csv",
        "软件包 {package} 不认识国家或地区 {value}。请写 ISO 3166 代码，例如 CN、DE 或 DE-BY，或用 --file days.csv 给出日子",
    ),
    "calendar.unknown_year": (
        "the package {package} does not know the days of {year}: it knows {first} to {last}, and {last} is its last year. "
        "Update it once they are published, write the days into [calendar] by hand, or give them by "
        "--file days.csv with the columns date,kind (rest or work)",
        "软件包 {package} 没有 {year} 年的放假安排：它涵盖 {first} 至 {last} 年，最后一年是 {last}。"
        "请在安排公布后升级该软件包，或把日子手工写入 [calendar]，或用 --file days.csv 给出（列为 date,kind，取值 rest 或 work）",
    ),
    "calendar.estimated": (
        "the package {package} only estimates some days of {year}: {days}. Give the days that were announced by --file days.csv with the columns date,kind (rest or work)",
        "软件包 {package} 对 {year} 年的部分日子只是估算：{days}。请用 --file days.csv 给出正式公布的日子（列为 date,kind，取值 rest 或 work）",
    ),
    "calendar.no_file": (
        "there is no file {path}. Give the path of a table with the columns date,kind",
        "没有文件 {path}。请给出一张含 date,kind 两列的表的路径",
    ),
    "calendar.columns": (
        "{path} needs the columns date and kind; it has: {names}",
        "{path} 需要 date 与 kind 两列，现有：{names}",
    ),
    "calendar.date": (
        "{value} is no date, or can be read in two ways. Write the year first, like 2026-02-14",
        "{value} 不是日期，或有两种读法。请先写年份，例如 2026-02-14",
    ),
    "calendar.kind": (
        "{value} is no kind of day. Write rest or work",
        "{value} 不是日子的类型。请写 rest（休息）或 work（上班）",
    ),
    "calendar.other_year": (
        "{value} lies outside of the years named, {years}. Name its year with --years, or remove the row",
        "{value} 不在指定的年份 {years} 之内。请用 --years 写上该年，或删去此行",
    ),
    "calendar.twice": (
        "{value} stands in the list as rest and as work. Keep one of the rows",
        "{value} 在表中既是 rest 又是 work。请保留一行",
    ),
    "calendar.no_row": (
        "{path} has no day of {year}, so the year would be plain weekdays. List its days, or do not name the year",
        "{path} 没有 {year} 年的日子，该年就只剩普通的周一至周五。请列出该年的日子，或不要指定该年",
    ),
    "calendar.gap": (
        "nothing is known of {years}, between the years of the calendar and those named. Name them, too: --years {whole}",
        "日历已有的年份与指定的年份之间，{years} 没有任何数据。请一并指定：--years {whole}",
    ),
    "calendar.form": (
        "the calendar of {path} cannot be changed safely, because it is not a table of its own. Write it as [calendar], with rest_days = [] below it",
        "无法安全地修改 {path} 的日历，因为它不是单独的表。请写成 [calendar]，其下写 rest_days = []",
    ),
    "calendar.changed": (
        "{path} was changed by someone meanwhile, so nothing was written. Run the command again",
        "{path} 在此期间被他人修改，因此未写入任何内容。请重新运行命令",
    ),
    "settings.which_crm": (
        'the settings name several CRMs or none ({known}). Say which one, or add [crm.NAME]; a company without a CRM writes people = "people.csv" under [claims]',
        '设置中有多个或没有 CRM（{known}）。请指明，或加上 [crm.名称]；没有 CRM 的公司请在 [claims] 下写 people = "people.csv"',
    ),
    "settings.no_crm": (
        "the settings have no CRM named {name}. Known: {known}",
        "设置中没有名为 {name} 的 CRM。已有：{known}",
    ),
    "settings.no_adapter": (
        '[crm.{name}] does not say which adapter it is for. Add adapter = "files"',
        '[crm.{name}] 没有写明适配器。请加 adapter = "files"',
    ),
    "settings.own_name": (
        "[crm.{name}]: the name {name} is kept for claims of a company without a CRM. Choose another name",
        "[crm.{name}]：名称 {name} 保留给没有 CRM 的公司的报销单。请换一个名称",
    ),
    "settings.timezone": (
        "{value} is not a time zone. Use an IANA name, like Asia/Shanghai",
        "{value} 不是时区。请使用 IANA 名称，例如 Asia/Shanghai",
    ),
    "settings.margin": (
        'margin is {value}, but with revenue as numerator it must be 1. Set numerator = "margin"',
        'margin 是 {value}，但分子为收入时必须是 1。请设 numerator = "margin"',
    ),
    "identity.none": (
        "nobody is named who acts. Give --as PERSON, set {variable}, or write person under [identity] in {path}",
        "未指明操作人。请使用 --as PERSON，或设置环境变量 {variable}，或在 {path} 的 [identity] 下填写 person",
    ),
}
