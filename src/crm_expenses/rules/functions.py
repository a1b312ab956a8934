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
        ("worked, by the policy's calendar", "按政策日历为工作日"),
    ),
    "working_days": FunctionShape(
        (2, 2),
        "working_days(first, second)",
        (
            "working days after first, up to and with second, by the policy's calendar",
            "从前者次日到后者（含）的工作日数，按政策日历",
        ),
    ),
    "add_days": FunctionShape(
        (2, 2), "add_days(date, 30)", ("the day so many days later", "若干天之后的日期")
    ),
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
    "shape": FunctionShape(
        (2, 2),
        "shape(text, '9{20}')",
        (
            "the whole text has the form: 9 a digit, A a capital, a a small letter, * any sign, "
            "{20} or {1,5} times",
            "整个文本符合格式：9 数字，A 大写字母，a 小写字母，* 任意字符，{20} 或 {1,5} 为次数",
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
        ("sum of the claim's lines of these categories", "本单这些类别的明细合计"),
    ),
    "count_of": FunctionShape(
        (1, 20),
        "count_of('meal', 'gift')",
        ("number of the claim's lines of these categories", "本单这些类别的明细条数"),
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
