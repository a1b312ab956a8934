"""The functions of the language: a closed list."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FunctionShape:
    """How a function is called: least and most arguments, the written form, its meaning."""

    arguments: tuple[int, int]
    form: str
    meaning: tuple[str, str]


FUNCTIONS: Final[dict[str, FunctionShape]] = {
    "present": FunctionShape((1, 1), "present(name)", ("the fact is there", "该事实存在")),
    "default": FunctionShape(
        (2, 2),
        "default(name, value)",
        ("the fact, or the value where it is missing", "该事实；缺失时取给定值"),
    ),
    "length": FunctionShape((1, 1), "length(text)", ("number of characters", "字符数")),
    "days_between": FunctionShape(
        (2, 2), "days_between(first, second)", ("days from first to second", "从前者到后者的天数")
    ),
    "is_weekend": FunctionShape(
        (1, 1), "is_weekend(date)", ("a Saturday or Sunday", "星期六或星期日")
    ),
    "is_working_day": FunctionShape(
        (1, 1),
        "is_working_day(date)",
        (
            "worked, by the policy's calendar; fails on a day outside of its from and until",
            "按政策日历为工作日；在其 from 与 until 之外则规则无法计算",
        ),
    ),
    "working_days": FunctionShape(
        (2, 2),
        "working_days(first, second)",
        (
            "working days after first, up to and with second, by the policy's calendar; fails "
            "where one of them lies outside of its from and until",
            "从前者次日到后者（含）的工作日数，按政策日历；"
            "任一日期在其 from 与 until 之外则规则无法计算",
        ),
    ),
    "add_days": FunctionShape(
        (2, 2), "add_days(date, 30)", ("the day so many days later", "若干天之后的日期")
    ),
    "add_months": FunctionShape(
        (2, 2),
        "add_months(date, 3)",
        (
            "the same day so many months later, or the last day of a shorter month",
            "若干个月之后的同一天；该月较短时为其最后一天",
        ),
    ),
    "months_between": FunctionShape(
        (2, 2),
        "months_between(first, second)",
        ("whole months from first to second", "从前者到后者的整月数"),
    ),
    "date": FunctionShape((1, 1), "date('2026-01-31')", ("a day of the calendar", "一个具体日期")),
    "year": FunctionShape((1, 1), "year(date)", ("the year, a number", "年份")),
    "month": FunctionShape((1, 1), "month(date)", ("'1' to '12'", "月份，'1' 至 '12'")),
    "weekday": FunctionShape((1, 1), "weekday(date)", ("'mon' to 'sun'", "星期，'mon' 至 'sun'")),
    "day_of_month": FunctionShape(
        (1, 1), "day_of_month(date)", ("1 to 31, a number", "当月第几天，1 至 31")
    ),
    "at": FunctionShape(
        (1, 1),
        "at('09:30')",
        ("a time of day, as minutes since midnight", "时刻，以零点起的分钟计"),
    ),
    "hours": FunctionShape(
        (1, 1), "hours(12)", ("so many hours, as minutes", "若干小时，以分钟计")
    ),
    "number": FunctionShape(
        (1, 1), "number(day_number)", ("a quantity without its unit", "去掉单位的数值")
    ),
    "shape": FunctionShape(
        (2, 2),
        "shape(text, '9{20}')",
        (
            "the whole text has the form: 9 a digit, A a capital, a a small letter, * any sign, "
            "{20} or {1,5} times, \\ before a sign takes it as it is",
            "整个文本符合格式：9 数字，A 大写字母，a 小写字母，* 任意字符，{20} 或 {1,5} 为次数；"
            "前加 \\ 表示该字符本身",
        ),
    ),
    "along": FunctionShape(
        (2, 2),
        "along(scale[key], quantity)",
        (
            "what is due for the whole quantity, band by band; or rate x quantity + constant",
            "按分段累计的应得额；若各段有常数，则为费率×数量＋常数",
        ),
    ),
    "total_of": FunctionShape(
        (1, 20),
        "total_of('meal', 'gift')",
        (
            "claimed sum of the claim's lines of these categories; or `total_of(value)`: the sum "
            "of a `[value.NAME]` over the days or periods of the trip, on the claim over its lines",
            "本单这些类别明细的申报合计；或 `total_of(value)`：某 `[value.NAME]` "
            "在行程各日或各时段之和，针对报销单时为各明细之和",
        ),
    ),
    "count_of": FunctionShape(
        (1, 20),
        "count_of('meal', 'gift')",
        (
            "number of the claim's lines of these categories; or `count_of(value)`: on how many "
            "days, periods or lines a yes-or-no `[value.NAME]` holds",
            "本单这些类别的明细条数；或 `count_of(value)`：某是非 `[value.NAME]` "
            "在多少天、时段或明细上成立",
        ),
    ),
    "min": FunctionShape((2, 8), "min(a, b)", ("the least", "最小值")),
    "max": FunctionShape((2, 8), "max(a, b)", ("the greatest", "最大值")),
    "abs": FunctionShape((1, 1), "abs(a)", ("without its sign", "绝对值")),
    "round": FunctionShape(
        (3, 3),
        "round(a, 0.01, half_up)",
        ("rounded to a multiple of the step, in the way named", "按步长与方式取整"),
    ),
    "divide": FunctionShape(
        (4, 4),
        "divide(a, b, 0.01, half_up)",
        ("the quotient, rounded likewise", "商，按步长与方式取整"),
    ),
}
