"""Figures as a person reads them: amounts, rates, counts, lengths of time, in two languages."""

import re
from collections.abc import Sequence
from typing import Final

from crm_expenses.messages import LANGUAGES, Language, table
from crm_expenses.rules.tree import Dims, Type, unit_text

UNITS: Final = (
    *("night", "line", "person", "km", "mile", "day", "month", "year"),
    *("minute", "hour", "use", "trip", "workday"),
)
"""The units that have words of their own; every other is written as the policy writes it."""

_FIELD: Final = re.compile(r"\{([a-z_]+)\}")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[A-Za-z0-9%−+-]")
_BRACKETS: Final = re.compile(r" ?([（）]) ?")
"""A full-width bracket has its own space."""


def words(code: str, language: Language, /, **values: str) -> str:
    """Give a text with its fields filled in; in Chinese, a space parts 汉字 from Latin signs.

    >>> words("prose.gt", "zh", a="金额", b="75 美元")
    '金额超过 75 美元'
    """
    template = table()[code][LANGUAGES.index(language)]
    pieces = _FIELD.split(template)
    filled = [values[piece] if at % 2 else piece for at, piece in enumerate(pieces)]
    said = joined(filled, language)
    return _BRACKETS.sub(r"\1", said) if language == "zh" else said


def joined(pieces: Sequence[str], language: Language) -> str:
    """Put pieces one behind the other, with a space at each seam that needs one.

    >>> joined(["超过", "75 美元"], "zh"), joined(["above ", "75 USD"], "en")
    ('超过 75 美元', 'above 75 USD')
    """
    text = ""
    for piece in pieces:
        if language == "zh" and text and piece and _needs_space(text[-1], piece[0]):
            text += " "
        text += piece
    return text


def _needs_space(left: str, right: str) -> bool:
    return bool(
        (_HAN.match(left) and _LATIN.match(right)) or (_LATIN.match(left) and _HAN.match(right))
    )


def digits(raw: int, scale: int, least: int = 0) -> str:
    """Write a raw value with separators; zeros at the end are left out, down to `least` decimals.

    >>> digits(123450, 2, 2), digits(1234500, 2), digits(-7250, 4, 2)
    ('1,234.50', '12,345', '-0.725')
    """
    sign, plain = ("-" if raw < 0 else ""), str(abs(raw)).rjust(scale + 1, "0")
    whole, behind = (plain[:-scale], plain[-scale:]) if scale else (plain, "")
    kept = behind.rstrip("0")
    if kept:
        kept = kept.ljust(least, "0")
    return f"{sign}{int(whole):,}" + (f".{kept}" if kept else "")


def unit_words(unit: str, raw: int, scale: int, language: Language) -> str:
    """Give the word of a unit, in the form that fits the number.

    >>> unit_words("night", 1, 0, "en"), unit_words("night", 20, 1, "en")
    ('night', 'nights')
    """
    if unit not in UNITS:
        return unit
    forms = words(f"unit.{unit}", language).split("|")
    return forms[0] if abs(raw) == 10**scale else forms[-1]


def currency_words(currency: str, language: Language) -> str:
    """Give a currency's name where the language has one, else its code.

    >>> currency_words("CNY", "zh"), currency_words("KWD", "zh")
    ('元', 'KWD')
    """
    code = f"currency.{currency}"
    return words(code, language) if code in table() else currency


def quantity_words(raw: int, kind: Type, language: Language, *, currency: str = "") -> str:
    """Write a quantity with its unit; `currency` says which of the units is the money.

    >>> from crm_expenses.rules.tree import quantity
    >>> quantity_words(18000, quantity("USD/night", 2), "en", currency="USD")
    '180 USD per night'
    >>> quantity_words(18000, quantity("USD/night", 2), "zh", currency="USD")
    '每晚 180 美元'
    >>> quantity_words(90, quantity("minute"), "en"), quantity_words(5, quantity("minute", 1), "en")
    ('1 hour 30 minutes', '0.5 minutes')
    """
    dims, scale = kind.dims, kind.scale
    above = [name for name, power in dims if power == 1]
    below = [name for name, power in dims if power == -1]
    if len(above) + len(below) != len(dims) or len(above) > 1 or len(below) > 1:
        return words(
            "prose.measure", language, number=digits(raw, scale), unit=_spaced(unit_text(dims))
        )
    if not above:
        plain = digits(raw, scale)
    elif above == ["minute"] and not below and raw % 10**scale == 0:
        return duration_words(raw // 10**scale, language)
    elif above == [currency]:
        unit = currency_words(currency, language)
        plain = f"{digits(raw, scale, 2)} {unit}"
    elif above[0] in UNITS:
        unit = unit_words(above[0], raw, scale, language)
        plain = f"{digits(raw, scale)} {unit}"
    else:
        plain = f"{digits(raw, scale)} {above[0]}"
    if not below:
        return plain
    unit = unit_words(below[0], 1, 0, language)
    return words("prose.rate", language, a=plain, unit=unit)


def unit_name(kind: Type, language: Language) -> str:
    """Give the unit of a quantity as a caption has it; empty for bare numbers and lengths of time.

    >>> from crm_expenses.rules.tree import quantity
    >>> unit_name(quantity("CNY/night", 2), "zh"), unit_name(quantity("USD/night"), "en")
    ('元/晚', 'USD per night')
    """
    above = [name for name, power in kind.dims if power == 1]
    below = [name for name, power in kind.dims if power == -1]
    is_simple = len(above) == 1 and len(below) <= 1 and len(above) + len(below) == len(kind.dims)
    if not is_simple or (above == ["minute"] and not below):
        return ""
    (unit,) = above
    said = unit_words(unit, 0, 0, language) if unit in UNITS else currency_words(unit, language)
    if not below:
        return said
    per = unit_words(below[0], 1, 0, language)
    return f"{said}/{per}" if language == "zh" else words("prose.rate", language, a=said, unit=per)


def _spaced(unit: str) -> str:
    return f" {unit}" if unit else ""


def duration_words(minutes: int, language: Language) -> str:
    """Write a length of time in hours and minutes.

    >>> duration_words(480, "en"), duration_words(721, "zh"), duration_words(0, "en")
    ('8 hours', '12 小时 1 分钟', '0 minutes')
    """
    sign, (hours, rest) = ("-" if minutes < 0 else ""), divmod(abs(minutes), 60)
    parts = []
    if hours:
        parts.append(f"{hours:,} {unit_words('hour', hours, 0, language)}")
    if rest or not hours:
        parts.append(f"{rest} {unit_words('minute', rest, 0, language)}")
    return sign + " ".join(parts)


def clock_words(minute: int) -> str:
    """Write a minute of the day as a clock shows it.

    >>> clock_words(570)
    '09:30'
    """
    return f"{minute // 60:02d}:{minute % 60:02d}"


def ordinal_words(number: int, language: Language) -> str:
    """Give a place in a row.

    >>> ordinal_words(1, "en"), ordinal_words(22, "en"), ordinal_words(112, "en")
    ('first', '22nd', '112th')
    """
    if language == "zh":
        return str(number)
    if 1 <= number <= len(_FIRST):
        return _FIRST[number - 1]
    teen = 11 <= number % 100 <= 13
    return f"{number}{'th' if teen else _ENDS.get(number % 10, 'th')}"


_FIRST: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_ENDS: Final = {1: "st", 2: "nd", 3: "rd"}


def is_money(dims: Dims, currency: str) -> bool:
    """Say whether dimensions are those of an amount of the currency."""
    return dims == ((currency, 1),)


def listing(parts: Sequence[str], joint: str, language: Language) -> str:
    """Put a list into a sentence; `joint` is the code of what stands before the last.

    >>> listing(["A", "B", "C"], "prose.or", "en"), listing(["甲", "乙"], "prose.both", "zh")
    ('A, B or C', '甲和乙')
    """
    if len(parts) < 2:
        return parts[0] if parts else ""
    comma = words("prose.comma", language)
    head = joined([piece for part in parts[:-1] for piece in (part, comma)][:-1], language)
    return joined([head, words(joint, language), parts[-1]], language)
