"""A line given by the names of its fields, and a line of ours in that shape again.

The shape is that of a line in `docs/reference/schemas/claim.json`; what stands inside an object
there is led by its name here: `voucher_number`, `extra.NAME`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, Final

from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.voucher import Voucher

VOUCHER: Final = "voucher_"
EXTRA: Final = "extra."
_YES_NO: Final = {"yes": True, "no": False, "true": True, "false": False}


def plain_line(values: Mapping[str, str]) -> dict[str, Any]:
    """Put named values into the shape of a line.

    >>> plain_line({"amount": "5", "voucher_number": "26", "extra.ward": "7"})
    {'amount': '5', 'voucher': {'number': '26', 'kind': 'other'}, 'extra': {'ward': '7'}}
    """
    made: dict[str, Any] = {}
    voucher: dict[str, str] = {}
    extra: dict[str, str] = {}
    for name, value in values.items():
        if name.startswith(VOUCHER):
            voucher[name.removeprefix(VOUCHER)] = value
        elif name.startswith(EXTRA):
            extra[name.removeprefix(EXTRA)] = value
        elif name == "pre_approved":
            made[name] = _YES_NO.get(value.lower(), value)
        else:
            made[name] = value
    if voucher:
        made["voucher"] = {**voucher, "kind": voucher.get("kind") or "other"}
    return {**made, "extra": extra} if extra else made


def values_of(line: ExpenseLine, voucher: Voucher | None) -> dict[str, str]:
    """Give a line by the names of its fields, so that some of them can be changed."""
    made = {"line": line.id, "amount": f"{line.amount.amount:f}", "currency": line.amount.currency}
    for field in fields(line):
        held = getattr(line, field.name)
        if field.name in ("id", "claim", "voucher", "amount", "extra") or held in (None, ""):
            continue
        made[field.name] = _text(held)
    made |= {f"{EXTRA}{name}": value for name, value in line.extra}
    if voucher is not None:
        for field in fields(voucher):
            held = getattr(voucher, field.name)
            if field.name != "id" and held not in (None, ""):
                made[f"{VOUCHER}{field.name}"] = _text(held)
        if voucher.amount is not None:
            made[f"{VOUCHER}currency"] = voucher.amount.currency
    return made


def claim_dict(claim: str, person: str, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put lines into the shape of a claim; the day of its submission is of no account."""
    return {"claim": claim, "person": person, "submitted": "2000-01-01", "lines": list(lines)}


def _text(held: object) -> str:
    match held:
        case bool():
            return "yes" if held else "no"
        case Money():
            return f"{held.amount:f}"
        case Decimal():
            return f"{held:f}"
        case date():
            return held.isoformat()
        case _:
            return str(getattr(held, "value", held))
