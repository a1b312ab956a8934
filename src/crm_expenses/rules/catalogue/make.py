"""Puts the catalogue of one policy together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from crm_expenses.core.currencies import EXPONENTS, WITHDRAWN
from crm_expenses.core.trip import DayKind, MealBy, Night
from crm_expenses.core.voucher import VoucherKind
from crm_expenses.rules.catalogue.claim import claim_names
from crm_expenses.rules.catalogue.line import line_names
from crm_expenses.rules.catalogue.name import Catalogue, Name
from crm_expenses.rules.catalogue.trip import trip_names

CURRENCY_CODES: Final = tuple(sorted(EXPONENTS | WITHDRAWN))
MONTHS: Final = tuple(str(month) for month in range(1, 13))
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

OWN_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "currency": CURRENCY_CODES,
    "voucher_kind": tuple(kind.value for kind in VoucherKind),
    "day_kind": tuple(kind.value for kind in DayKind),
    "night": tuple(night.value for night in Night),
    "meal_by": tuple(by.value for by in MealBy),
    "month": MONTHS,
    "weekday": WEEKDAYS,
}
"""The closed lists of the language itself."""

CHOICES_TAKEN: Final = (
    *("category", *OWN_CHOICES),
    *("money", "number", "count", "date", "text", "yes_no"),
)
"""Lists that the language has itself, and types: no list of a policy may take these names."""


def catalogue(
    currency: str,
    categories: Sequence[str],
    choices: Mapping[str, tuple[str, ...]],
    more: Iterable[Name] = (),
) -> Catalogue:
    """Make the catalogue of a policy; `more` are the facts and windows of its own.

    >>> catalogue("CNY", ["meal"], {}).names["nights"].may_be_missing
    True
    """
    lists = {**choices, "category": tuple(categories), **OWN_CHOICES}
    entries = (
        *line_names(currency, lists),
        *trip_names(currency),
        *claim_names(currency),
        *more,
    )
    return Catalogue(currency, {entry.name: entry for entry in entries}, lists)
