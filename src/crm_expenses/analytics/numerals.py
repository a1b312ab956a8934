"""Amounts, shares and foreign texts as a reader sees them."""

import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from crm_expenses.core.money import Money, Rounding, divide_whole, exponent

_WIDE: Final = Context(prec=60)

_LEFT_OUT: Final = {
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)]),
    **dict.fromkeys(map(ord, "\t\r\n"), " "),
}

EM_WIDE: Final = 100
EM_NARROW: Final = 62
"""Width of a character in hundredths of the font's size, full width and other: an estimate, so
that a chart does not depend on the fonts of the machine that draws it."""


def amount_text(minor: int, currency: str) -> str:
    """Write an amount in major units with thousands separators and all its decimals.

    >>> amount_text(-123456789, "CNY"), amount_text(1234567, "JPY")
    ('-1,234,567.89', '1,234,567')
    """
    return f"{Money(minor, currency).amount:,f}"


def short_amount_text(minor: int, currency: str) -> str:
    """Write an amount without decimals that are all zero, for the ticks of an axis.

    >>> short_amount_text(500000, "CNY"), short_amount_text(5, "CNY")
    ('5,000', '0.05')
    """
    places = exponent(currency)
    whole = minor % 10**places == 0
    return f"{minor // 10**places:,}" if whole else amount_text(minor, currency)


def percent_text(ratio: Decimal) -> str:
    """Write a ratio of four decimals as a percentage, without rounding again.

    >>> percent_text(Decimal("0.8650")), percent_text(Decimal("-12.3456"))
    ('86.50%', '-1,234.56%')
    """
    return f"{ratio.scaleb(2, _WIDE).quantize(Decimal('0.01'), context=_WIDE):,f}%"


def exact_percent_text(share: Decimal) -> str:
    """Write a share as a percentage with as many decimals as it has.

    >>> exact_percent_text(Decimal("0.30")), exact_percent_text(Decimal("0.125"))
    ('30%', '12.5%')
    """
    written = f"{share.scaleb(2, _WIDE):f}"
    return (written.rstrip("0").rstrip(".") if "." in written else written) + "%"


def score_text(mean: Decimal) -> str:
    """Write a mean score with two decimals.

    >>> score_text(Decimal("4.1250"))
    '4.13'
    """
    return f"{mean.quantize(Decimal('0.01'), ROUND_HALF_UP, _WIDE):f}"


def share_used(used: int, allocated: int) -> Decimal | None:
    """Give the used share of a budget to three decimals, or None where nothing is allocated.

    >>> share_used(8645, 10000), share_used(1, 0)
    (Decimal('0.865'), None)
    """
    if allocated <= 0:
        return None
    return Decimal(divide_whole(used * 1000, allocated, Rounding.HALF_UP)).scaleb(-3, _WIDE)


def share_text(share: Decimal) -> str:
    """Write a share of three decimals as a percentage.

    >>> share_text(Decimal("0.865"))
    '86.5%'
    """
    return f"{share.scaleb(2, _WIDE):,.1f}%"


def clean(text: str) -> str:
    r"""Make a foreign text safe to stand in a page.

    Control characters and lone surrogates are replaced. Controls that turn the direction of writing
    are left out: an isolate that a name opens and never closes would swallow the end of the `<bdi>`
    around it, and turn what follows on the page (seen in Chromium). The marks LRM and RLM stay.

    >>> clean("a\x00b"), clean("\u202egnp.exe")
    ('a�b', 'gnp.exe')
    """
    if text.isprintable():
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cs") else c
        for c in text.translate(_LEFT_OUT)
    )


def chart_label(text: str, width: int, size: int) -> str:
    """Fit a text into `width` pixels at a font size, with an ellipsis where it is too long.

    Every mark of direction is left out: nothing ends its reach in a chart.

    >>> chart_label("差旅费用（华东大区）", 60, 12), chart_label("Meals", 60, 12)
    ('差旅费用…', 'Meals')
    """
    plain = "".join(c for c in clean(text) if unicodedata.category(c) not in ("Cf", "Zl", "Zp"))
    if text_width(plain, size) <= width:
        return plain
    kept = plain
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def text_width(text: str, size: int) -> int:
    """Estimate the width of a text in pixels at a font size.

    >>> text_width("餐费", 12)
    24
    """
    ems = sum(
        EM_WIDE if unicodedata.east_asian_width(c) in "WF" or c == "…" else EM_NARROW for c in text
    )
    return ems * size // 100
