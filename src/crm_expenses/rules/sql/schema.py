"""What the SQL reading reads and gives: the tables, their columns, and the version of both.

Money is in minor units of the currency named beside it, distances are in thousandths of a
kilometre, moments are those of the clock on the wall with their distance from UTC in minutes.
What is missing is NULL, an empty text as well. A fact of a policy's own stands as text in a column
`fact_NAME`, on the table of what it belongs to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.rules.own_fact import FactOf

SCHEMA_VERSION: Final = 1
"""Version of the tables that the SQL reading reads and gives."""


class Kind(StrEnum):
    """The types of a column; each dialect has one of its own for each."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    DAY = "day"
    MOMENT = "moment"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type, whether it must be there on every row; and what it means."""

    name: str
    kind: Kind
    meaning: tuple[str, str]
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, columns, what one row is, and whose own facts it carries."""

    name: str
    columns: tuple[Column, ...]
    meaning: tuple[str, str]
    facts_of: FactOf | None = None


def _text(name: str, en: str, zh: str, *, needed: bool = False) -> Column:
    return Column(name, Kind.TEXT, (en, zh), needed)


def _whole(name: str, en: str, zh: str, *, needed: bool = False) -> Column:
    return Column(name, Kind.WHOLE, (en, zh), needed)


def _day(name: str, en: str, zh: str, *, needed: bool = False) -> Column:
    return Column(name, Kind.DAY, (en, zh), needed)


LINES: Final = Table(
    "expense_lines",
    (
        _whole(
            "place",
            "place in the order of receipt over all lines; the lines of a claim follow each other",
            "在全部明细中的收单顺序；同一报销单的明细相连",
            needed=True,
        ),
        _text("claim", "id of the claim", "报销单编号", needed=True),
        _text("line", "id of the line within its claim", "明细在单内的编号", needed=True),
        _day("spent_on", "day of the spending", "消费日期", needed=True),
        _text("category", "code of the category", "费用类别代码", needed=True),
        _whole("amount", "minor units of `currency`", "金额，以原币最小单位计", needed=True),
        _text("currency", "code by ISO 4217", "币种代码（ISO 4217）", needed=True),
        _text("city", "where it was spent", "消费城市"),
        _text("account", "id of the customer", "客户编号"),
        _text("opportunity", "id of the deal", "商机编号"),
        _text("merchant", "who was paid", "商户"),
        _text("purpose", "what it was for", "用途"),
        _text("justification", "reason for an exception", "例外说明"),
        _text("voucher", "id in `vouchers`", "`vouchers` 中的凭证编号"),
        _text("payment", "how it was paid", "支付方式"),
        _text("travel_class", "class of travel", "舱位或席别"),
        _whole("nights", "nights of a stay", "住宿晚数"),
        _whole("attendees", "people at the table", "参加人数"),
        _whole("distance", "thousandths of a kilometre", "里程，千分之一公里"),
        Column("pre_approved", Kind.YES_NO, ("approved before it was spent", "已事前审批")),
        _text("trip", "id in `trips`", "`trips` 中的出差编号"),
    ),
    ("one line of a claim", "一行为一条费用明细"),
    FactOf.LINE,
)
CLAIMS: Final = Table(
    "claims",
    (
        _text("claim", "id of the claim", "报销单编号", needed=True),
        _text("person", "id of the account manager", "客户经理编号", needed=True),
        _day("submitted_on", "day of submission", "提交日期", needed=True),
        _text("status", "where it stands; NULL is `submitted`", "状态；缺失视为 `submitted`"),
    ),
    ("one claim", "一行为一张报销单"),
    FactOf.CLAIM,
)
PEOPLE: Final = Table(
    "people",
    (
        _text("person", "id of the account manager", "客户经理编号", needed=True),
        _day(
            "valid_from", "first day of submission for which the row holds", "本行适用的最早提交日"
        ),
        _day("valid_until", "last day of submission for which it holds", "本行适用的最晚提交日"),
        _text("grade", "grade", "职级"),
        _text("team", "team", "团队"),
        _text("city", "home city", "常驻城市"),
        _day("active_from", "first day of employment", "入职日期"),
        _day("active_to", "last day of employment", "离职日期"),
    ),
    ("a person from one day to another", "一行为某人在一段时间内的情况"),
    FactOf.PERSON,
)
VOUCHERS: Final = Table(
    "vouchers",
    (
        _text("voucher", "id of the voucher", "凭证编号", needed=True),
        _text("kind", "what it is: none, receipt, fapiao …", "凭证类型", needed=True),
        _text("number", "its number", "凭证号码"),
        _text("code", "its code beside the number", "凭证代码"),
        _whole("amount", "total, minor units of `currency`", "合计，以原币最小单位计"),
        _text("currency", "code by ISO 4217", "币种代码"),
        _day("issued_on", "day of issue", "开票日期"),
    ),
    ("one voucher", "一行为一张凭证"),
)
RATES: Final = Table(
    "exchange_rates",
    (
        _text("currency", "code by ISO 4217", "币种代码", needed=True),
        _text("into_currency", "code by ISO 4217", "目标币种代码", needed=True),
        _day("rate_day", "from this day on", "生效日期", needed=True),
        Column("rate", Kind.DECIMAL, ("worth of one unit", "一单位的价值"), is_needed=True),
        _text("source", "who published it", "发布者"),
    ),
    ("one exchange rate", "一行为一条汇率"),
)
TRIPS: Final = Table(
    "trips",
    (
        _text("trip", "id of the trip", "出差编号", needed=True),
        _text("person", "who travelled", "出差人编号", needed=True),
    ),
    ("one trip of a person", "一行为一次出差"),
)
LEGS: Final = Table(
    "trip_legs",
    (
        _text("trip", "id of the trip", "出差编号", needed=True),
        _text("leg", "id of the leg", "行程段编号", needed=True),
        Column(
            "departs", Kind.MOMENT, ("leaves, clock on the wall", "出发，当地时间"), is_needed=True
        ),
        _whole(
            "departs_offset", "minutes ahead of UTC there", "当地与 UTC 相差的分钟数", needed=True
        ),
        Column(
            "arrives", Kind.MOMENT, ("arrives, clock on the wall", "到达，当地时间"), is_needed=True
        ),
        _whole(
            "arrives_offset", "minutes ahead of UTC there", "当地与 UTC 相差的分钟数", needed=True
        ),
        _text("origin", "place that was left", "出发地"),
        _text("destination", "place that was reached", "到达地"),
    ),
    ("one leg of a trip", "一行为行程的一段"),
)
NOTES: Final = Table(
    "trip_days",
    (
        _text("trip", "id of the trip", "出差编号", needed=True),
        _day("trip_day", "the day", "日期", needed=True),
        _text(
            "night",
            "where the night after was spent; NULL is `hotel`",
            "当晚住宿；缺失视为 `hotel`",
        ),
        _text("place", "place that overrules that of the legs", "地点，优先于行程段"),
        *(
            column
            for meal, zh in (("breakfast", "早餐"), ("lunch", "午餐"), ("dinner", "晚餐"))
            for column in (
                _text(
                    meal, f"who provided {meal}; NULL is `none`", f"{zh}由谁提供；缺失视为 `none`"
                ),
                _whole(
                    f"{meal}_paid", "minor units that the traveller paid", "本人支付的最小单位金额"
                ),
                _text(f"{meal}_currency", "code by ISO 4217", "币种代码"),
            )
        ),
    ),
    ("what is known of one day of a trip", "一行为行程某日的记录"),
    FactOf.DAY,
)
WAIVERS: Final = Table(
    "waivers",
    (
        _text("waiver", "id of the waiver", "豁免编号", needed=True),
        _text("rule_code", "code of the rule", "规则代码", needed=True),
        _text("granted_by", "who granted it", "批准人编号", needed=True),
        _day("ends_on", "last day", "截止日期", needed=True),
        _day("starts_on", "first day", "起始日期"),
        _text("person", "whom it is for", "适用人员"),
        _text("claim", "which claim it is for", "适用报销单"),
        _text("line", "which line it is for", "适用明细"),
    ),
    ("one waiver", "一行为一项豁免"),
)
PRE_APPROVALS: Final = Table(
    "pre_approvals",
    (
        _text("pre_approval", "id of the pre-approval", "事前审批单编号", needed=True),
        _text("person", "who spends", "使用人编号", needed=True),
        _text("granted_by", "who granted it", "批准人编号", needed=True),
        _day("ends_on", "last day", "截止日期", needed=True),
        _day("starts_on", "first day", "起始日期"),
        _text("category", "which category, NULL for all", "费用类别；缺失为全部"),
        _text("account", "which customer, NULL for all", "客户；缺失为全部"),
        _text("opportunity", "which deal, NULL for all", "商机；缺失为全部"),
        _text("trip", "which trip, NULL for all", "出差；缺失为全部"),
        _whole("amount", "minor units of `currency`, NULL without a limit", "金额上限；缺失为不限"),
        _text("currency", "code by ISO 4217", "币种代码"),
    ),
    ("one pre-approval", "一行为一张事前审批单"),
)
POSITIONS: Final = Table(
    "budget_positions",
    (
        _text("claim", "id of the claim", "报销单编号", needed=True),
        _text("line", "id of the line within its claim", "明细在单内的编号", needed=True),
        _whole("available", "what the tightest budget had left", "最紧预算的余额", needed=True),
        _whole("allocated", "what was allocated to it", "该预算的分配总额", needed=True),
    ),
    (
        "the tightest budget of a line before its claim, minor units of the policy's currency",
        "一行为某明细在本单之前最紧预算的情况，以政策币种最小单位计",
    ),
)
TABLES: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        *(LINES, CLAIMS, PEOPLE, VOUCHERS, RATES, TRIPS, LEGS, NOTES, WAIVERS, PRE_APPROVALS),
        POSITIONS,
    )
}
"""What may be read; only `expense_lines` and `claims` are always needed."""

OUT_LINES: Final = Table(
    "decided_lines",
    (
        _whole("place", "place in the order of receipt", "收单顺序", needed=True),
        _text("claim", "id of the claim", "报销单编号", needed=True),
        _text("line", "id of the line", "明细编号", needed=True),
        _text("outcome", "pass, reduced, justify, review or reject", "结论", needed=True),
        _whole("claimed", "minor units; NULL without a rate", "申报金额；无汇率时缺失"),
        _whole("allowed", "minor units", "允许金额", needed=True),
    ),
    ("the decision on a line", "一行为一条明细的结论"),
)
OUT_CLAIMS: Final = Table(
    "decided_claims",
    (
        _text("claim", "id of the claim", "报销单编号", needed=True),
        _text("outcome", "pass, reduced, justify, review or reject", "结论", needed=True),
        _whole("claimed", "minor units", "申报金额", needed=True),
        _whole("allowed", "minor units", "允许金额", needed=True),
    ),
    ("the decision on a claim", "一行为一张报销单的结论"),
)
OUT_FINDINGS: Final = Table(
    "findings",
    (
        _text("claim", "id of the claim", "报销单编号", needed=True),
        _text("line", "id of the line; NULL for the claim itself", "明细编号；缺失表示整单"),
        _whole("place", "place of the line; NULL for the claim itself", "明细的收单顺序"),
        _text("code", "code of the rule", "规则代码", needed=True),
        _text(
            "effect", "what counts: note, cap, justify, review, reject", "生效的后果", needed=True
        ),
        _text("resolved_by", "justification or waiver; NULL where nothing resolved it", "化解依据"),
        _text(
            "failed", "why the rule could not be computed; NULL where it could", "无法计算的原因"
        ),
    ),
    ("one finding", "一行为一个问题"),
)
OUT_CARRIES: Final = Table(
    "carries",
    (
        _whole("place", "place of the line", "明细的收单顺序", needed=True),
        _text("claim", "id of the claim", "报销单编号", needed=True),
        _text("line", "id of the line", "明细编号", needed=True),
        _text(
            "code", "the rule, `@window`, `+component` or `#voucher`", "规则或窗口代码", needed=True
        ),
        _whole("amount", "what the line counts, in raw units", "计入数值", needed=True),
    ),
    ("what a line counts in a window", "一行为某明细计入某窗口的数值"),
)
OUT_ENTITLEMENTS: Final = Table(
    "entitlements",
    (
        _whole("place", "place of the line", "明细的收单顺序", needed=True),
        _text("claim", "id of the claim", "报销单编号", needed=True),
        _text("line", "id of the line", "明细编号", needed=True),
        _text("component", "name of the component", "组成部分", needed=True),
        _whole("amount", "minor units", "金额", needed=True),
    ),
    ("what a component entitles a line to", "一行为某明细某组成部分的应得额"),
)
OUT_MEASURES: Final = Table(
    "measures",
    (
        _text("claim", "id of the claim", "报销单编号", needed=True),
        _text("line", "id of the line; NULL for the claim itself", "明细编号；缺失表示整单"),
        _whole("place", "place of the line; NULL for the claim itself", "明细的收单顺序"),
        _text("code", "code of the rule", "规则代码", needed=True),
        _whole("value", "raw units of the measure's scale", "数值", needed=True),
        _whole("total", "with what came before in its window; NULL without one", "含此前累计"),
    ),
    ("what a measure gives", "一行为一个衡量值"),
)
RESULTS: Final[Mapping[str, Table]] = {
    table.name: table
    for table in (
        *(OUT_LINES, OUT_CLAIMS, OUT_FINDINGS, OUT_CARRIES, OUT_ENTITLEMENTS, OUT_MEASURES),
    )
}
"""What is given."""


def own_column(fact: str) -> str:
    """Give the column of a fact of a policy's own."""
    return f"fact_{fact}"


def columns_of(table: Table, facts: Mapping[str, FactOf]) -> Sequence[Column]:
    """Give a table's columns with those of the policy's own facts, which are texts."""
    mine = [name for name, of in facts.items() if of is table.facts_of]
    return (
        *table.columns,
        *(Column(own_column(name), Kind.TEXT, (name, name)) for name in sorted(mine)),
    )
