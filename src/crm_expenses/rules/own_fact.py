"""Facts that a policy names itself: read from what a CRM keeps beside the known fields."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from crm_expenses.core.money import read_number
from crm_expenses.errors import MappingError
from crm_expenses.rules.tree import Sort, Type

Raw = int | str | bool | date

_YES: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
TEXT_MAX: Final = 200


class FactOf(StrEnum):
    """What a fact belongs to."""

    LINE = "line"
    CLAIM = "claim"
    PERSON = "person"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class OwnFact:
    """A fact of the policy's own: its name, type, whose it is, and the raw bound of a quantity."""

    name: str
    type: Type
    of: FactOf
    top: int = 0
    options: tuple[str, ...] = ()

    def read(self, written: str) -> Raw | None:
        """Give the raw value of a text; None where it is empty or does not fit.

        >>> from crm_expenses.rules.tree import quantity
        >>> OwnFact("miles", quantity("mile", 1), FactOf.LINE, 10**9).read("12.5")
        125
        """
        if not written:
            return None
        match self.type.sort:
            case Sort.QUANTITY:
                return self._quantity(written)
            case Sort.DATE:
                return _date(written)
            case Sort.YES_NO:
                return _YES.get(written.lower())
            case Sort.CHOICE:
                return written if written in self.options else None
            case _:
                return written[:TEXT_MAX]

    def _quantity(self, written: str) -> int | None:
        try:
            raw = read_number(written).scaleb(self.type.scale)
        except MappingError:
            return None
        if raw != raw.to_integral_value() or abs(raw) > self.top:
            return None
        return int(raw)


def _date(written: str) -> date | None:
    if not _DAY.fullmatch(written):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
