"""What `policy new` asks, and what the policy that it writes says."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # The questions.
    "start.intro": (
        "A few questions, then {path} and its cases are written. Enter takes what stands in brackets; Ctrl-C ends, and nothing is written.",
        "回答几个问题后，将写出 {path} 及其用例。直接回车即采用方括号中的内容；按 Ctrl-C 结束，不写入任何内容。",
    ),
    "start.prompt": ("{question} [{default}]: ", "{question} [{default}]："),
    "start.option": ("  {number} {name}", "  {number} {name}"),
    "start.again": ("  Not taken: {reason}", "  未采用：{reason}"),
    "start.ask.company": ("Name of the company", "公司名称"),
    "start.ask.currency": ("Currency of the policy", "政策的币种（ISO 4217 代码）"),
    "start.ask.starts": ("First day on which the figures hold", "各项标准自哪天起生效"),
    "start.ask.grades": (
        "Grades of the people, as your CRM names them, with commas between",
        "员工职级（与 CRM 中的写法一致），用逗号分隔",
    ),
    "start.ask.categories": (
        "What is money spent on? Numbers, with commas between",
        "费用类别有哪些？填编号，用逗号分隔",
    ),
    "start.ask.tiers": (
        "Tiers of cities, the dearest first; the last one is for all other cities. One tier: all cities alike",
        "城市分档，最贵的在前，最后一档为其他所有城市；只填一档即不区分城市",
    ),
    "start.ask.cities": (
        "Cities of tier {tier}, with commas between; - for none yet",
        "{tier}的城市，用逗号分隔；暂无则填 -",
    ),
    "start.ask.lodging_night": (
        "Lodging per night, tier {tier}: at most so much for {grades}, in this order; one amount is for all of them",
        "{tier}住宿每晚上限，依次为{grades}；只填一个金额则全部相同",
    ),
    "start.ask.meal_day": ("Meals: at most so much per person and day", "餐费：每人每日上限"),
    "start.ask.local_transport_day": (
        "Local transport: at most so much per person and day",
        "市内交通：每人每日上限",
    ),
    "start.ask.intercity_review": (
        "Flights and rail: above how much for one ticket should a person look",
        "机票火车票：单张超过多少须人工复核",
    ),
    "start.ask.entertainment_head": (
        "Entertainment: at most so much per head",
        "业务招待：人均上限",
    ),
    "start.ask.entertainment_approval": (
        "Entertainment: above how much must it be approved before",
        "业务招待：单次超过多少须事前审批",
    ),
    "start.ask.gift_item": ("Gifts: at most so much for one", "礼品：单件上限"),
    "start.ask.gift_year": (
        "Gifts: at most so much for one customer in a year",
        "礼品：同一客户每年上限",
    ),
    "start.ask.communication_month": (
        "Communication: at most so much per person and month",
        "通讯费：每人每月上限",
    ),
    "start.ask.mileage_rate": ("Own car: how much per kilometre", "自驾：每公里标准"),
    "start.ask.voucher": ("What backs a spending", "须提供哪种凭证"),
    "start.ask.voucher_from": (
        "From which amount up is it needed (0: always)",
        "达到多少金额须提供凭证（0 表示一律须提供）",
    ),
    "start.ask.submit_days": (
        "Within how many days must a spending be submitted",
        "消费后多少天内须提交",
    ),
    "start.ask.manager_above": (
        "Above how much does the manager approve a claim",
        "报销单超过多少须经理审批",
    ),
    "start.ask.finance_above": (
        "Above how much does finance approve it, too",
        "超过多少还须财务审批",
    ),
    "start.pick.receipt": ("a receipt, ticket or fapiao", "收据、车票或发票均可"),
    "start.pick.fapiao": ("a fapiao or ticket", "发票或车票"),
    # What stands in brackets where nothing is known yet.
    "start.own.company": ("Our company", "本公司"),
    "start.own.grades": ("staff, manager, director", "员工, 经理, 总监"),
    "start.own.tiers": ("1, 2", "一线, 其他"),
    "start.own.cities.CNY": (
        "Beijing, Shanghai, Guangzhou, Shenzhen",
        "北京, 上海, 广州, 深圳",
    ),
    "start.own.cities.USD": (
        "New York, San Francisco, Boston, Washington",
        "纽约, 旧金山, 波士顿, 华盛顿",
    ),
    "start.own.cities.EUR": ("Paris, Munich, Amsterdam", "巴黎, 慕尼黑, 阿姆斯特丹"),
    "start.own.cities.GBP": ("London", "伦敦"),
    "start.own.cities.JPY": ("Tokyo, Osaka", "东京, 大阪"),
    # Names and titles in the policy.
    "start.title": ("Expense policy of {company}", "{company}费用报销制度"),
    "start.name.meal": ("Meals", "餐费"),
    "start.name.lodging": ("Lodging", "住宿"),
    "start.name.local_transport": ("Local transport", "市内交通"),
    "start.name.intercity": ("Flights and rail", "机票与火车票"),
    "start.name.entertainment": ("Business entertainment", "业务招待"),
    "start.name.gift": ("Gifts", "礼品"),
    "start.name.communication": ("Communication", "通讯费"),
    "start.name.mileage": ("Own car, by kilometre", "自驾里程"),
    "start.rule.meal.day": ("Meals per day", "餐费每日限额"),
    "start.rule.lodging.night": ("Lodging per night", "住宿每晚限额"),
    "start.rule.lodging.complete": ("Lodging: city and nights", "住宿须填城市与晚数"),
    "start.rule.lodging.nights": ("Lodging: number of nights", "住宿须填晚数"),
    "start.rule.local_transport.day": ("Local transport per day", "市内交通每日限额"),
    "start.rule.intercity.large": ("Expensive tickets", "大额机票与火车票"),
    "start.rule.entertainment.complete": (
        "Entertainment: customer and number of people",
        "招待须注明客户与人数",
    ),
    "start.rule.entertainment.head": ("Entertainment per head", "招待人均限额"),
    "start.rule.entertainment.approved": (
        "Entertainment approved before, above an amount",
        "超过金额的招待须事前审批",
    ),
    "start.rule.entertainment.rest_day": (
        "Entertainment on a day of rest",
        "休息日招待",
    ),
    "start.rule.gift.item": ("Gift, each", "单件礼品限额"),
    "start.rule.gift.customer": ("Customer of a gift", "礼品须注明客户"),
    "start.rule.gift.year": ("Gifts for a customer in a year", "同一客户每年礼品限额"),
    "start.rule.communication.month": ("Communication per month", "通讯费每月限额"),
    "start.rule.mileage.rate": ("Own car per kilometre", "自驾每公里标准"),
    "start.rule.mileage.complete": ("Own car: kilometres driven", "自驾须填里程"),
    "start.rule.voucher.receipt": ("A voucher from an amount up", "达到金额须有凭证"),
    "start.rule.voucher.fapiao": ("A fapiao from an amount up", "达到金额须有发票"),
    "start.rule.voucher.twice": ("A voucher is used once", "凭证只能使用一次"),
    "start.rule.approval.manager": ("Approval by the manager", "经理审批"),
    "start.rule.approval.finance": ("Approval by finance", "财务审批"),
    "start.rule.submit.days": ("Submitted in time", "按时提交"),
    # What a finding of these rules says; {names} are filled in when a claim is decided.
    "start.says.lodging.complete": (
        "the city or the number of nights is missing",
        "缺少城市或晚数",
    ),
    "start.says.lodging.nights": ("the number of nights is missing", "缺少晚数"),
    "start.says.intercity.large": (
        "{amount} is above {intercity_review}",
        "{amount} 超过 {intercity_review}",
    ),
    "start.says.entertainment.complete": (
        "the customer or the number of people is missing",
        "缺少客户或参加人数",
    ),
    "start.says.entertainment.approved": (
        "{amount} was not approved before it was spent; above {entertainment_approval} it must be",
        "{amount} 未经事前审批；超过 {entertainment_approval} 须事前审批",
    ),
    "start.says.entertainment.rest_day": (
        "{date} is not a working day",
        "{date} 不是工作日",
    ),
    "start.says.gift.customer": ("the customer is missing", "缺少客户"),
    "start.says.mileage.complete": (
        "the number of kilometres is missing",
        "缺少行驶公里数",
    ),
    "start.says.voucher.receipt": (
        "from {voucher_from} up a voucher is needed",
        "{voucher_from} 及以上须有凭证",
    ),
    "start.says.voucher.fapiao": (
        "from {voucher_from} up a fapiao or a ticket is needed",
        "{voucher_from} 及以上须有发票或车票",
    ),
    "start.says.voucher.twice": (
        "voucher {voucher_number} was used before",
        "凭证 {voucher_number} 此前已使用",
    ),
    "start.says.submit.days": (
        "submitted after {age_days} days; {submit_days} are allowed",
        "消费 {age_days} 天后提交，期限为 {submit_days} 天",
    ),
    # Comments of the two files.
    "start.note.head": (
        "An expense policy to begin with, made from your answers. Give it a new version with each change. "
        "`crm-expenses policy check {file}` tells every mistake with its line and how to mend it; the "
        "cases beside this file say what must come out.",
        "由您的回答生成的费用政策。每次修改都换一个版本号。`crm-expenses policy check {file}` "
        "会列出每个错误所在的行与改法；旁边的用例文件写明应得的结果。",
    ),
    "start.note.choices": (
        "Closed lists: the words that a person's grade may be, as your CRM writes them.",
        "封闭列表：职级的取值，须与 CRM 中的写法一致。",
    ),
    "start.note.categories": (
        "What money is spent on. A category that no rule covers always goes to a person.",
        "费用类别。没有规则覆盖的类别一律由人复核。",
    ),
    "start.note.figures": (
        "Figures, each in force from a day. To change one, add values with a later day below it: lines "
        "of earlier days keep the earlier figure.",
        "各项标准，各自从某日起生效。调整时在其下增加日期更晚的值，此前日期的明细仍按旧标准。",
    ),
    "start.note.cities": (
        "A city that is not listed is in the last tier. Add the spelling that your people use.",
        "未列出的城市归入最后一档。请补上员工常用的写法。",
    ),
    "start.note.rules": (
        "A limit caps what is allowed; `when` says where a rule applies. A fact that may be missing is "
        "read behind present().",
        "限额限制允许金额；when 写明适用条件。可能缺失的事实须先写 present()。",
    ),
    "start.note.windows": (
        "With per and period a limit is on all lines of a person and that time together.",
        "加上 per 与 period，限额就针对同一人在该时段内的全部明细。",
    ),
    "start.note.effects": (
        "The effect says what follows: note, cap, justify (a reason), review (a person), reject.",
        "effect 写明后果：note 提示，cap 限额，justify 说明理由，review 人工复核，reject 拒绝。",
    ),
    "start.note.everywhere": (
        "A rule without `on` is on every category.",
        "没有 on 的规则适用于所有类别。",
    ),
    "start.note.approvals": (
        "Who approves: manager, role:NAME or person:ID. Who holds a role stands in the settings.",
        "审批人：manager、role:角色 或 person:编号。角色由谁担任写在设置中。",
    ),
    "start.note.calendar": (
        "Days that differ from Monday to Friday. `crm-expenses policy calendar {file} --country CN --years 2026` "
        "writes a country's days of rest and make-up working days here.",
        "与周一至周五不同的日子。`crm-expenses policy calendar {file} --country CN --years 2026` "
        "会把该国的休息日与调休上班日写入此处。",
    ),
    "start.note.cases": (
        "What must come out of {file}: `crm-expenses policy test {file}` decides each claim and compares. "
        "Only what is named under expect is compared.",
        "{file} 应得的结果：`crm-expenses policy test {file}` 逐一审核并比较，只比较 expect 中写明的内容。",
    ),
    "start.figure.meal_day": ("Meals per day", "餐费每日上限"),
    "start.figure.local_transport_day": ("Local transport per day", "市内交通每日上限"),
    "start.figure.intercity_review": ("Fares that a person looks at", "须复核的票价"),
    "start.figure.entertainment_head": ("Entertainment per head", "招待人均上限"),
    "start.figure.entertainment_approval": (
        "Entertainment to approve in advance",
        "须事前审批的招待金额",
    ),
    "start.figure.gift_item": ("One gift", "单件礼品上限"),
    "start.figure.gift_year": ("Gifts per customer and year", "每客户每年礼品上限"),
    "start.figure.communication_month": ("Communication per month", "通讯费每月上限"),
    "start.figure.mileage_rate": ("Own car per kilometre", "自驾每公里标准"),
    "start.figure.voucher_from": ("Voucher needed from", "凭证起点金额"),
    "start.figure.submit_days": ("Days to submit", "报销期限"),
    "start.figure.city_tier": ("Tier of a city", "城市档次"),
    "start.figure.lodging_night": ("Lodging per night", "住宿每晚上限"),
    "start.source": ("answered when the policy was begun", "新建政策时填写"),
    # Names of the cases.
    "start.case.at": ("{title}: exactly at the limit", "{title}：恰为限额"),
    "start.case.above": ("{title}: just above the limit", "{title}：略超限额"),
    "start.case.missing": ("{title}: what must be there is missing", "{title}：缺少必填内容"),
    "start.case.below": ("{title}: just below the amount", "{title}：略低于该金额"),
    "start.case.from": ("{title}: at the amount, without one", "{title}：达到金额而无凭证"),
    "start.case.in_time": ("{title}: on the last day", "{title}：最后一天"),
    "start.case.late": ("{title}: a day late", "{title}：迟一天"),
    "start.case.weekend": ("{title}: a Saturday", "{title}：星期六"),
    "start.case.share": ("{title}: two lines share the limit", "{title}：两条明细共用限额"),
    "start.case.reason": (
        "{title}: a reason settles the item, not the year",
        "{title}：说明理由可放行单件，但不放行全年",
    ),
    "start.case.of": ("{name} ({of})", "{name}（{of}）"),
}
