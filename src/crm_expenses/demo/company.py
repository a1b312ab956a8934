"""Hengyuan Instruments 恒远仪器: its people, teams, cities, limits and customers.

The limits are those of the demo's policy. They stand here too because ordinary spending must stay
below them and each planted fault above.
"""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Final

from crm_expenses.core.party import Account, AccountManager
from crm_expenses.demo.chance import pick
from crm_expenses.demo.names import (
    BRANDS,
    BRANDS_LATIN,
    LEGAL_FORMS,
    PEOPLE_ABROAD,
    PEOPLE_HOME,
    TRADES,
)

NAME: Final = "Hengyuan Instruments"
NAME_ZH: Final = "恒远仪器"
CURRENCY: Final = "CNY"
TIMEZONE: Final = "Asia/Shanghai"
TODAY: Final = date(2026, 6, 30)
SEED: Final = 7
MONTHS: Final = 24

SALES_DIRECTOR: Final = "P001"
TEAM_LEADERS: Final = {
    "East": "P002",
    "North": "P003",
    "South": "P004",
    "West": "P005",
    "International": "P006",
}
FINANCE: Final = ("P037", "P038")
ACCOUNT_MANAGERS: Final = tuple(f"P{n:03d}" for n in range(7, 37))
SPENDERS: Final = (SALES_DIRECTOR, *TEAM_LEADERS.values(), *ACCOUNT_MANAGERS)
ACCOUNTS_PER_MANAGER: Final = 4

GRADES: Final = ("junior", "senior", "lead", "director")
CITIES: Final = {
    "East": ("Shanghai", "Hangzhou", "Nanjing", "Suzhou", "Hefei", "Ningbo", "Wuxi"),
    "North": ("Beijing", "Tianjin", "Qingdao", "Jinan", "Shenyang", "Zhengzhou"),
    "South": ("Guangzhou", "Shenzhen", "Xiamen", "Changsha", "Wuhan"),
    "West": ("Chengdu", "Chongqing", "Xi'an", "Kunming"),
    "International": ("Hong Kong", "Munich", "Tokyo", "Chicago"),
}
"""Where each team's customers are; the first two are where its people live."""

CITY_NAMES_ZH: Final = {
    "Shanghai": "上海", "Hangzhou": "杭州", "Nanjing": "南京", "Suzhou": "苏州", "Hefei": "合肥",
    "Ningbo": "宁波", "Wuxi": "无锡", "Beijing": "北京", "Tianjin": "天津", "Qingdao": "青岛",
    "Jinan": "济南", "Shenyang": "沈阳", "Zhengzhou": "郑州", "Guangzhou": "广州",
    "Shenzhen": "深圳", "Xiamen": "厦门", "Changsha": "长沙", "Wuhan": "武汉", "Chengdu": "成都",
    "Chongqing": "重庆", "Xi'an": "西安", "Kunming": "昆明", "Hong Kong": "香港",
    "Munich": "慕尼黑", "Tokyo": "东京", "Chicago": "芝加哥", "Bangkok": "曼谷",
}  # fmt: skip
CITY_TIERS: Final = {
    **dict.fromkeys(("Beijing", "Shanghai", "Guangzhou", "Shenzhen"), 1),
    **dict.fromkeys(("Hong Kong", "Munich", "Tokyo", "Chicago", "Bangkok"), 1),
    **dict.fromkeys(("Hangzhou", "Nanjing", "Suzhou", "Chengdu", "Wuhan", "Xi'an"), 2),
    **dict.fromkeys(("Tianjin", "Chongqing", "Qingdao"), 2),
    **dict.fromkeys(("Hefei", "Ningbo", "Wuxi", "Jinan", "Shenyang", "Zhengzhou"), 3),
    **dict.fromkeys(("Xiamen", "Changsha", "Kunming"), 3),
}
CITY_CURRENCIES: Final = {"Hong Kong": "HKD", "Munich": "EUR", "Tokyo": "JPY", "Chicago": "USD"}

CATEGORIES: Final = (
    "meal",
    "lodging",
    "local_transport",
    "rail",
    "flight",
    "entertainment",
    "gift",
    "communication",
    "mileage",
    "office",
    "parking",
)
LODGING_NIGHT_MAX: Final = {
    "junior": (45_000, 35_000, 30_000),
    "senior": (55_000, 45_000, 38_000),
    "lead": (70_000, 55_000, 45_000),
    "director": (100_000, 80_000, 65_000),
}
"""Per night in fen, by grade and then by city tier 1, 2, 3."""

MEAL_DAY_MAX: Final = 15_000
TRANSPORT_MONTH_MAX: Final = 150_000
ENTERTAINMENT_HEAD_MAX: Final = 30_000
GIFT_ITEM_MAX: Final = 50_000
COMMUNICATION_MONTH_MAX: Final = 30_000
FAPIAO_FROM: Final = 20_000
MILEAGE_KM: Final = 120
SUBMIT_DAYS_MAX: Final = 60
CABIN_GRADE: Final = "director"
"""The only grade that may fly business or first class."""

_EMPLOYER: Final = "恒远仪器（上海）有限公司"
_EMPLOYER_ABROAD: Final = "Hengyuan Instruments (Hong Kong) Limited"


def months_until(today: date) -> tuple[date, ...]:
    """Give the first days of the demo's months, the last being the month of `today`.

    >>> months = months_until(date(2026, 6, 30))
    >>> months[0], months[-1], len(months)
    (datetime.date(2024, 7, 1), datetime.date(2026, 6, 1), 24)
    """
    last = today.year * 12 + today.month - 1
    numbers = range(last - MONTHS + 1, last + 1)
    return tuple(date(number // 12, number % 12 + 1, 1) for number in numbers)


def lodging_night_max(grade: str, city: str) -> int:
    """Give what a night may cost, in fen.

    >>> lodging_night_max("senior", "Wuhan")
    45000
    """
    return LODGING_NIGHT_MAX[grade][CITY_TIERS[city] - 1]


def make_people(rng: Random, today: date) -> tuple[AccountManager, ...]:
    """Make the sales director, five team leaders, thirty account managers and two of finance."""
    home = rng.sample(PEOPLE_HOME, len(PEOPLE_HOME))
    abroad = rng.sample(PEOPLE_ABROAD, len(PEOPLE_ABROAD))
    first = months_until(today)[0]
    top = AccountManager(
        SALES_DIRECTOR, home.pop(), "director", "Sales", "Shanghai", "", _EMPLOYER, date(2016, 3, 1)
    )
    people = [top]
    for team, leader in TEAM_LEADERS.items():
        name = abroad.pop() if team == "International" else home.pop()
        grade = "director" if team in ("East", "International") else "lead"
        person = AccountManager(
            leader, name, grade, team, _home_city(rng, team), SALES_DIRECTOR, _employer(team)
        )
        people.append(replace(person, active_from=_joined(rng, first)))
    teams = [team for team in TEAM_LEADERS for _ in range(6)]
    for number, (person_id, team) in enumerate(zip(ACCOUNT_MANAGERS, teams, strict=True)):
        international = team == "International"
        name = abroad.pop() if international else home.pop()
        grades = GRADES[1:3] if international else GRADES[:3]
        grade = pick(rng, grades, [2, 3] if international else [5, 4, 1])
        joined = _joined(rng, first)
        if number in (4, 17):  # two came later, so that their first months are empty
            joined = (first + timedelta(days=rng.randint(150, 400))).replace(day=1)
        person = AccountManager(
            person_id,
            name,
            grade,
            team,
            _home_city(rng, team),
            TEAM_LEADERS[team],
            _employer(team),
            joined,
        )
        people.append(person)
    people += [
        AccountManager(
            person_id, home.pop(), "senior", "Finance", "Shanghai", "", _EMPLOYER, date(2018, 9, 3)
        )
        for person_id in FINANCE
    ]
    return tuple(people)


def make_accounts(rng: Random, people: tuple[AccountManager, ...], today: date) -> list[Account]:
    """Make four customers for each account manager; about a quarter have no first day yet.

    Those are won during the demo's months, or not at all: `deals.with_first_wins`.
    """
    first = months_until(today)[0]
    stems = [(brand, trade) for brand in BRANDS for trade in TRADES]
    stems_latin = [(brand, trade) for brand in BRANDS_LATIN for trade in TRADES]
    rng.shuffle(stems)
    rng.shuffle(stems_latin)
    owners = [p for p in people if p.id in ACCOUNT_MANAGERS]
    accounts: list[Account] = []
    for owner in (p for p in owners for _ in range(ACCOUNTS_PER_MANAGER)):
        city = rng.choice(CITIES[owner.team])
        latin = city in CITY_CURRENCIES or rng.random() < 0.15
        brand, trade = stems_latin.pop() if latin else stems.pop()
        word, word_latin = TRADES[trade]
        form = LEGAL_FORMS.get(city, "Co., Ltd.")
        name = (
            f"{brand} {word_latin} {form}"
            if latin
            else f"{CITY_NAMES_ZH[city]}{brand}{word}有限公司"
        )
        since = None if rng.random() < 0.27 else first - timedelta(days=rng.randint(30, 2800))
        number = f"A{len(accounts) + 1:04d}"
        accounts.append(Account(number, name, owner.id, trade, city, since))
    return accounts


def _home_city(rng: Random, team: str) -> str:
    if team == "International":
        return pick(rng, ("Shanghai", "Hong Kong"), [3, 1])
    return rng.choice(CITIES[team][:3])


def _employer(team: str) -> str:
    return _EMPLOYER_ABROAD if team == "International" else _EMPLOYER


def _joined(rng: Random, first: date) -> date:
    return (first - timedelta(days=rng.randint(60, 2900))).replace(day=1)
