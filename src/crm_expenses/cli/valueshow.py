"""Values of fields as people read them: of records that were changed, and of conflicts."""

import json
from typing import TYPE_CHECKING

from crm_expenses.core.money import Money

if TYPE_CHECKING:
    from crm_expenses.core.record import Json


def value_text(value: "Json") -> str:
    """Write a value for a person; nothing is a dash.

    >>> value_text({"minor": 12050, "currency": "CNY"}), value_text(""), value_text(True)
    ('120.50 CNY', '-', 'true')
    """
    match value:
        case None | "":
            return "-"
        case str():
            return value
        case {"minor": int(minor), "currency": str(currency)}:
            amount = Money(minor, currency)
            return f"{amount.amount:,f} {currency}"
        case _:
            return json.dumps(value, ensure_ascii=False)
