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
