"""The questions from which a policy is begun, in order; which are asked follows from answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from crm_expenses.core.money import exponent
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES, Language, table, text
from crm_expenses.policystart.question import (
    RATE_MAX,
    RATE_PLACES,
    Asker,
    Question,
    at_least,
    read_amount,
    read_amounts,
    read_count,
    read_currency,
    read_day,
    read_name,
    read_pick,
    read_picks,
    read_words,
)

CATEGORIES: Final = (
    "meal",
    "lodging",
    "local_transport",
    "intercity",
    "entertainment",
    "gift",
    "communication",
    "mileage",
)
USUAL: Final = CATEGORIES[:5]
GRADES_MAX: Final = 20
TIERS_MAX: Final = 10
CITIES_MAX: Final = 200
DAYS_MAX: Final = 3650

CURRENCIES: Final[Mapping[Language, str]] = {"en": "USD", "zh": "CNY"}

_CNY: Final = "CNY"
_FIGURES: Final[Mapping[str, tuple[str, str]]] = {
    # For CNY, and for one US dollar's worth of anything else.
    "meal_day": ("100", "60"),
    "lodging_night": ("500", "200"),
    "local_transport_day": ("80", "50"),
    "intercity_review": ("3000", "800"),
    "entertainment_head": ("200", "75"),
    "entertainment_approval": ("2000", "500"),
    "gift_item": ("300", "75"),
    "gift_year": ("1000", "300"),
    "communication_month": ("100", "50"),
    "mileage_rate": ("1", "0.7"),
    "voucher_from": ("100", "25"),
    "manager_above": ("500", "200"),
    "finance_above": ("10000", "5000"),
}
_WORTH: Final[Mapping[str, int]] = {
    "HKD": 10,
    "INR": 50,
    "JPY": 100,
    "KRW": 1000,
    "THB": 30,
    "TWD": 30,
    "VND": 20000,
}
"""Roughly what a dollar is worth, where that is far from one: only defaults rest on it."""


@dataclass(frozen=True)
class Answers:
    """All that was answered; `figures` hold what was asked for the chosen categories."""

    company: str
    currency: str
    starts: date
    grades: tuple[str, ...]
    categories: tuple[str, ...]
    submit_days: int
    figures: Mapping[str, Decimal]
    voucher: str = ""
    tiers: tuple[str, ...] = ()
    cities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lodging: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)

    @property
    def needs_voucher(self) -> bool:
        """Whether there is anything that a voucher could back; a distance has none."""
        return self.categories != ("mileage",)


def interview(asker: Asker, language: Language, today: date) -> Answers:
    """Ask all that is needed for a policy."""
    asked = _Asked(asker, language)
    company = asked.text("company", read_name, text("start.own.company", language))
    asked.currency = asked.text("currency", read_currency, CURRENCIES[language])
    starts = asker.ask(
        Question(("starts",), date(today.year, 1, 1), read_day, f"{today.year}-01-01")
    )
    grades = asked.words("grades", 1, GRADES_MAX)
    categories = asked.checklist("categories", CATEGORIES, USUAL)
    tiers: tuple[str, ...] = ()
    cities: dict[str, tuple[str, ...]] = {}
    lodging: dict[str, tuple[Decimal, ...]] = {}
    if "lodging" in categories:
        tiers = asked.words("tiers", 1, TIERS_MAX)
        for tier in tiers[:-1]:
            cities[tier] = asked.cities(tier, cities)
        for index, tier in enumerate(tiers):
            lodging[tier] = asked.by_grade(tier, index, grades)
    for category in categories:
        _figures_of(category, asked)
    voucher = ""
    if categories != ("mileage",):
        voucher = asked.pick("voucher", ("receipt", "fapiao"), asked.currency == _CNY)
        asked.amount("voucher_from", least=Decimal(0))
    submit_days = asker.ask(Question(("submit_days",), 30, read_count(1, DAYS_MAX), "30"))
    asked.amount("manager_above", least=Decimal(0))
    asked.amount("finance_above", above="manager_above")
    return Answers(
        company=company,
        currency=asked.currency,
        starts=starts,
        grades=grades,
        categories=categories,
        submit_days=submit_days,
        figures=asked.figures,
        voucher=voucher,
        tiers=tiers,
        cities=cities,
        lodging=lodging,
    )


def _figures_of(category: str, asked: "_Asked") -> None:
    match category:
        case "meal":
            asked.amount("meal_day")
        case "local_transport":
            asked.amount("local_transport_day")
        case "intercity":
            asked.amount("intercity_review", least=Decimal(0))
        case "entertainment":
            asked.amount("entertainment_head")
            asked.amount("entertainment_approval", least=Decimal(0))
        case "gift":
            asked.amount("gift_item")
            asked.amount("gift_year", above="gift_item")
        case "communication":
            asked.amount("communication_month")
        case "mileage":
            asked.rate("mileage_rate")
        case _:
            pass  # lodging: asked by tier, before


class _Asked:
    """Puts questions with their defaults, and keeps the figures that were answered."""

    def __init__(self, asker: Asker, language: Language) -> None:
        self._asker = asker
        self._language = language
        self.currency = ""
        self.figures: dict[str, Decimal] = {}

    def text(self, name: str, read: Callable[[object], str], default: str) -> str:
        return self._asker.ask(Question((name,), default, read, default))

    def words(self, name: str, least: int, most: int) -> tuple[str, ...]:
        default = text(f"start.own.{name}", self._language)
        read = read_words(least, most, default)
        return self._asker.ask(Question((name,), read(default), read, default))

    def checklist(
        self, name: str, options: tuple[str, ...], default: tuple[str, ...]
    ) -> tuple[str, ...]:
        names = {o: [text(f"start.name.{o}", one) for one in LANGUAGES] for o in options}
        shown = ", ".join(str(options.index(one) + 1) for one in default)
        labels = [text(f"start.name.{o}", self._language) for o in options]
        return self._asker.ask(Question((name,), default, read_picks(names), shown, options=labels))

    def pick(self, name: str, options: tuple[str, str], is_second: bool) -> str:  # noqa: FBT001  private
        default = options[is_second]
        labels = [text(f"start.pick.{o}", self._language) for o in options]
        names = {o: [text(f"start.pick.{o}", one) for one in LANGUAGES] for o in options}
        shown = str(options.index(default) + 1)
        return self._asker.ask(Question((name,), default, read_pick(names), shown, options=labels))

    def cities(self, tier: str, before: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        taken = {city for cities in before.values() for city in cities}
        code = f"start.own.cities.{self.currency}"
        usual = () if before or code not in table() else _each(code)
        plain = read_words(0, CITIES_MAX, ", ".join(_each("start.own.cities.CNY")))

        def read(answer: object) -> tuple[str, ...]:
            found = plain(answer)
            twice = next((city for city in found if city in taken), None)
            if twice is not None:
                raise ConfigError("answer.twice", value=twice)
            return found

        shown = ", ".join(usual) or "-"
        return self._asker.ask(Question(("cities", tier), usual, read, shown, {"tier": tier}))

    def by_grade(self, tier: str, index: int, grades: tuple[str, ...]) -> tuple[Decimal, ...]:
        base = self._usual("lodging_night")
        first = max(base / 2, base - base * index / 5)
        default = tuple(_tens(first * (4 + grade) / 4) for grade in range(len(grades)))
        read = read_amounts(read_amount(exponent(self.currency), base), grades)
        shown = ", ".join(f"{amount:f}" for amount in default)
        values = {"tier": tier, "grades": ", ".join(grades)}
        return self._asker.ask(Question(("lodging_night", tier), default, read, shown, values))

    def amount(self, name: str, *, least: Decimal | None = None, above: str = "") -> None:
        default = self._usual(name)
        read = read_amount(exponent(self.currency), default, least=least)
        if above:
            floor = self.figures[above]
            default = max(default, floor)
            plain = read_amount(exponent(self.currency), default, least=Decimal(0))
            read = at_least(plain, floor, text(f"start.ask.{above}", self._language))
        self._keep(name, default, read)

    def rate(self, name: str) -> None:
        default = self._usual(name)
        self._keep(name, default, read_amount(RATE_PLACES, default, most=RATE_MAX))

    def _keep(self, name: str, default: Decimal, read: Callable[[object], Decimal]) -> None:
        question = Question((name,), default, read, f"{default:f}", {"currency": self.currency})
        self.figures[name] = self._asker.ask(question)

    def _usual(self, name: str) -> Decimal:
        yuan, dollars = map(Decimal, _FIGURES[name])
        return yuan if self.currency == _CNY else dollars * _WORTH.get(self.currency, 1)


def _each(code: str) -> tuple[str, ...]:
    """Give cities by their names in both languages: people write both."""
    return tuple(city for one in LANGUAGES for city in text(code, one).split(", "))


def _tens(amount: Decimal) -> Decimal:
    return (amount / 10).quantize(Decimal(1), ROUND_HALF_UP) * 10
