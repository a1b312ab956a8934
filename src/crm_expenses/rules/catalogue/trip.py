"""The names of a line's trip, and of each of its days."""

from typing import Final

from crm_expenses.core.money import AMOUNT_MINOR_MAX, exponent
from crm_expenses.core.trip import DAY_MINUTES, DAYS_MAX
from crm_expenses.rules.catalogue.name import DAY_ONLY, Name, TextPair, count
from crm_expenses.rules.tree import DATE, TEXT, YES_NO, Sort, Type, quantity

MEALS: Final = (("breakfast", "早餐"), ("lunch", "午餐"), ("dinner", "晚餐"))


def trip_names(currency: str) -> list[Name]:
    """Give the names: those of the trip may be read on a line that has one."""
    missing = {"may_be_missing": True}
    most = DAYS_MAX * DAY_MINUTES
    trip = [
        count(
            "trip_minutes",
            "minute",
            ("minutes from leaving to coming back", "从出发到返回的分钟数"),
            high=most,
            **missing,
        ),
        count("trip_days", "day", ("calendar days of the trip", "出差的日历天数"), **missing),
        count(
            "trip_nights",
            "night",
            ("nights away with rest", "在外过夜的晚数"),
            **missing,
        ),
        Name("trip_departs", DATE, ("day of leaving", "出发日期"), may_be_missing=True),
        Name("trip_returns", DATE, ("day of coming back", "返回日期"), may_be_missing=True),
        Name(
            "trip_place", TEXT, ("first place that was reached", "首个目的地"), may_be_missing=True
        ),
    ]
    return [*trip, *_day(currency)]


def _day(currency: str) -> list[Name]:
    def choice(name: str, of: str, meaning: TextPair) -> Name:
        return Name(name, Type(Sort.CHOICE, choice=of), meaning, scopes=DAY_ONLY)

    def minute(name: str, meaning: TextPair, *, missing: bool) -> Name:
        return count(
            name, "minute", meaning, high=DAY_MINUTES, scopes=DAY_ONLY, may_be_missing=missing
        )

    money = quantity(currency, exponent(currency))
    days = [
        Name("day", DATE, ("the day of the trip", "出差当日日期"), scopes=DAY_ONLY),
        choice("day_kind", "day_kind", ("only, first, full or last", "当日、首日、全天、末日")),
        count("day_number", "day", ("1 for the first day", "第几天"), scopes=DAY_ONLY),
        minute("minutes_away", ("minutes away on the day", "当日离开分钟数"), missing=False),
        Name(
            "is_longest_day",
            YES_NO,
            ("the day with the largest share of the trip", "行程时间最长的一天"),
            scopes=DAY_ONLY,
        ),
        minute("leaves_at", ("minute of the day of leaving", "出发时刻（分钟）"), missing=True),
        minute(
            "returns_at", ("minute of the day of coming back", "返回时刻（分钟）"), missing=True
        ),
        choice("night", "night", ("where the night after was spent", "当晚住宿方式")),
        choice("night_before", "night", ("where the night before was spent", "前一晚住宿方式")),
        Name(
            "place",
            TEXT,
            (
                "where the night after was spent; on the last day, what was left",
                "当晚所在地；末日为离开的地点",
            ),
            may_be_missing=True,
            scopes=DAY_ONLY,
        ),
        Name(
            "place_before",
            TEXT,
            ("place of the day before", "前一日所在地"),
            may_be_missing=True,
            scopes=DAY_ONLY,
        ),
    ]
    for meal, zh in MEALS:
        days.append(choice(meal, "meal_by", (f"who provided {meal}", f"{zh}由谁提供")))
        days.append(
            Name(
                f"{meal}_paid",
                money,
                (
                    f"what the traveller paid towards a {meal} provided",
                    f"本人为所提供{zh}支付的金额",
                ),
                high=AMOUNT_MINOR_MAX,
                scopes=DAY_ONLY,
            )
        )
    return days
