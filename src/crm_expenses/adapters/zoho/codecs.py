"""How the platform writes values, each read in both directions; beside `adapters.fieldcodec`. Pure.

Numbers go out as JSON numbers, exactly: `exchange.json_bytes` refuses one that a double would
change. What would be cut, rounded or dropped is refused here, before it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import ClassVar, Final, cast

from crm_expenses.adapters.contract import Form
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.fieldcodec import (
    TEXT_CHARS_MAX,
    Amount,
    Day,
    Moment,
    Number,
    Reference,
    Text,
    Unfit,
)
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Stage
from crm_expenses.core.record import Json

NONE_CHOSEN: Final = "-None-"
"""What a picklist shows where nothing is chosen; in an answer it means the same as null."""
BETWEEN: Final = "; "
"""Between the values of a multi-select field, as we show them."""


def number_of(value: Decimal) -> Json:
    """Give a number for JSON: whole ones without a point.

    >>> number_of(Decimal("1500.00")), number_of(Decimal("0.10"))
    (1500, Decimal('0.10'))
    """
    is_whole = value == value.to_integral_value()
    return int(value) if is_whole else cast("Json", value)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, of whatever field: of a picklist its value, of a lookup its name, of several all.

    Written is only a text: whoever maps a lookup here cannot change it from here.
    """

    longest: int = TEXT_CHARS_MAX
    form: ClassVar[Form] = Form.TEXT

    def read(self, value: Value) -> str:
        """Read it.

        >>> Shown().read({"name": "East", "id": "7"}), Shown().read(["a", "b"]), Shown().read(12)
        ('East', 'a; b', '12')
        """
        match value:
            case str() if value == NONE_CHOSEN:
                return ""
            case dict() if isinstance(value.get("name"), str):
                return self.read(value["name"])
            case list() if all(isinstance(one, str | dict) for one in value):
                return Text().read(BETWEEN.join(self.read(one) for one in value))
            case int() | Decimal() if not isinstance(value, bool):
                return Text().read(f"{value:f}" if isinstance(value, Decimal) else str(value))
        return Text().read(value)

    def write(self, value: str) -> Json:
        """Write it; one that is too long is never cut."""
        return Text(self.longest).write(value)


@dataclass(frozen=True, slots=True)
class State:
    """Whether a user is active: nothing where so, which is the usual."""

    form: ClassVar[Form] = Form.TEXT

    def read(self, value: Value) -> str:
        """Read it.

        >>> State().read("active"), State().read("disabled")
        ('', 'disabled')
        """
        said = Shown().read(value)
        return "" if said == "active" else said

    def write(self, value: str) -> Json:
        """Write it."""
        return value or "active"


@dataclass(frozen=True, slots=True)
class Link:
    """The id of another record or of a user: `{"id", "name"}`, or the id alone."""

    form: ClassVar[Form] = Form.REFERENCE

    def read(self, value: Value) -> str:
        """Read the id.

        >>> Link().read({"name": "东方贸易", "id": "7"}), Link().read("7"), Link().read(7)
        ('7', '7', '7')
        """
        return Reference("id" if isinstance(value, dict) else "").read(value)

    def write(self, value: str) -> Json:
        """Write it as the platform takes lookups and owners."""
        return {"id": value}


@dataclass(frozen=True, slots=True)
class DayOf:
    """A day; of a moment the day on which it is seen in the company's zone."""

    zone: tzinfo
    form: ClassVar[Form] = Form.DAY

    def read(self, value: Value) -> date:
        """Read it.

        >>> from datetime import UTC
        >>> DayOf(UTC).read("2026-03-01T00:30:00+08:00"), DayOf(UTC).read("2026-03-01")
        (datetime.date(2026, 2, 28), datetime.date(2026, 3, 1))
        """
        if isinstance(value, str) and "T" in value:
            return Moment(self.zone).read(value).date()
        return Day().read(value)

    def write(self, value: date) -> Json:
        """Write a day."""
        return Day().write(value)


@dataclass(frozen=True, slots=True)
class Second:
    """A moment, which the platform keeps to the second; seen in the company's zone."""

    zone: tzinfo
    form: ClassVar[Form] = Form.MOMENT

    def read(self, value: Value) -> datetime:
        """Read it.

        >>> from datetime import UTC
        >>> Second(UTC).read("2026-03-01T23:59:59+08:00").isoformat()
        '2026-03-01T15:59:59+00:00'
        """
        return Moment(self.zone).read(value)

    def write(self, value: datetime) -> Json:
        """Write it with its offset; a fraction of a second would be dropped without a word."""
        if value.microsecond:
            raise Unfit("zoho.fraction")
        return value.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Figure:
    """An exact number: a JSON number in both directions."""

    form: ClassVar[Form] = Form.NUMBER

    def read(self, value: Value) -> Decimal:
        """Read it.

        >>> Figure().read(Decimal("12.5")), Figure().read("12.50")
        (Decimal('12.5'), Decimal('12.50'))
        """
        return Number().read(value)

    def write(self, value: Decimal) -> Json:
        """Write a number."""
        return number_of(value)


@dataclass(frozen=True, slots=True)
class Sum(Amount):
    """Money in major units, as a JSON number; its currency stands beside it or is the home one."""

    def write(self, value: Money) -> Json:
        """Write the amount alone.

        >>> Sum().write(Money.of("12.50", "CNY")), Sum().write(Money.of("1500", "JPY"))
        (Decimal('12.50'), 1500)
        """
        return number_of(value.amount)


@dataclass(frozen=True, slots=True)
class Maybe:
    """Yes, no or not said: a list of two words, or a box that is ticked."""

    form: ClassVar[Form] = Form.YES_NO

    def read(self, value: Value) -> bool:
        """Read it.

        >>> Maybe().read("Yes"), Maybe().read(False)
        (True, False)
        """
        if isinstance(value, bool):
            return value
        if value in ("Yes", "No"):
            return value == "Yes"
        raise Unfit("fieldmap.yes_no", allowed="Yes, No, true, false")

    def write(self, value: bool) -> Json:  # noqa: FBT001  the codec's one value
        """Write one of the two words."""
        return "Yes" if value else "No"


@dataclass(frozen=True, slots=True)
class Stages:
    """The stage of a deal, by the organisation's names; one that nobody knows is not guessed."""

    words: Mapping[str, Stage]
    crm: str
    form: ClassVar[Form] = Form.CHOICE

    def read(self, value: Value) -> Stage:
        """Read it.

        >>> Stages({"Closed Won": Stage.WON}, "main").read("Closed Won")
        <Stage.WON: 'won'>
        """
        found = self.words.get(value) if isinstance(value, str) else None
        if found is None:
            raise Unfit("zoho.stage", crm=self.crm)
        return found

    def write(self, value: Stage) -> Json:
        """Write the first stage that means this."""
        for name, meant in self.words.items():
            if meant is value:
                return name
        raise Unfit("zoho.no_stage", crm=self.crm, stage=value.value)
