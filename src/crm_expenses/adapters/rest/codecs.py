"""How one value of ours stands in a field, as a connection file says it. Pure.

Beside `adapters.fieldcodec`, which has what most CRMs do: dates in other forms, seconds since 1970,
times without a zone, tables of year and month, numbers that were floats over there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import ClassVar, Final, cast
from zoneinfo import ZoneInfo

from crm_expenses.adapters.contract import Form as Held
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.fieldcodec import (
    Amount,
    Choice,
    Codec,
    Currency,
    Day,
    Number,
    Pairs,
    Reference,
    Text,
    Unfit,
    Whole,
    YesNo,
    standard,
)
from crm_expenses.adapters.files.shape import FieldShape, FieldType
from crm_expenses.adapters.files.values import YEAR_MAX, YEAR_MIN
from crm_expenses.adapters.rest.speckind import FieldPart, Form
from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money
from crm_expenses.core.record import Json
from crm_expenses.errors import MappingError


@dataclass(frozen=True, slots=True)
class Zones:
    """The zone of times that carry none, and the company's, in which every time is seen."""

    naive: tzinfo
    seen: tzinfo


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS: Final = re.compile(r"-?[0-9]{1,16}")
_SECONDS_BOUND: Final = 10**16
"""No time has so many seconds, or milliseconds."""
_MICRO_PLACES: Final = 6
_WHOLE: Final = re.compile(r"-?[0-9]{1,24}")
_YEARS: Final = f"{YEAR_MIN}-{YEAR_MAX}"
_PARTS: Final = ("year", "month", "day", "hour", "minute", "second", "microsecond")
_OF_TYPE: Final[Mapping[FieldType, frozenset[Form]]] = {
    FieldType.ID: frozenset({Form.TEXT, Form.REFERENCE}),
    FieldType.TEXT: frozenset(
        {Form.TEXT, Form.REFERENCE, Form.INTEGER, Form.NUMBER, Form.CHOICE, Form.DATE}
    ),
    FieldType.DATE: frozenset({Form.DATE, Form.DATETIME, Form.EPOCH_S, Form.EPOCH_MS, Form.PARTS}),
    FieldType.TIME: frozenset({Form.DATETIME, Form.DATE, Form.EPOCH_S, Form.EPOCH_MS, Form.PARTS}),
    FieldType.MONEY: frozenset({Form.TEXT, Form.NUMBER, Form.FLOAT, Form.CENTS, Form.MICROS}),
    FieldType.NUMBER: frozenset({Form.TEXT, Form.NUMBER, Form.FLOAT}),
    FieldType.COUNT: frozenset({Form.INTEGER, Form.TEXT, Form.NUMBER}),
    FieldType.YES_NO: frozenset({Form.YES_NO, Form.CHOICE}),
    FieldType.CHOICE: frozenset({Form.CHOICE, Form.INTEGER}),
    FieldType.CURRENCY: frozenset({Form.TEXT, Form.CHOICE, Form.REFERENCE}),
}


def codec_fault(shape: FieldShape | None, part: FieldPart) -> str:
    """Give the code of what is wrong with how a field stands there, empty where nothing is.

    `shape` is None for a field of texts beside the known ones.
    """
    if shape is None:
        return "" if part.form in (None, Form.PAIRS) else "rest.form"
    if part.form is not None and part.form not in _OF_TYPE[shape.form]:
        return "rest.form"
    is_money = shape.form is FieldType.MONEY
    if is_money and not (part.currency or part.fixed_currency):
        return "rest.no_currency"
    if not is_money and (part.currency or part.fixed_currency):
        return "rest.not_money"
    if part.form is Form.FLOAT and part.scale is None:
        return "rest.no_scale"
    if part.words and shape.choices is not None:
        known = {str(each) for each in shape.choices}
        if not {*part.words.values(), *filter(None, [part.otherwise])} <= known:
            return "rest.words"
    if part.value is not None:
        try:
            codec_of(shape, part, Zones(UTC, UTC)).read(constant_of(part))
        except (Unfit, MappingError):
            return "rest.constant"
    return ""


def constant_of(part: FieldPart) -> Value:
    """Give the constant of a field as it would come from the CRM."""
    return cast("Value", part.value)


def codec_of(shape: FieldShape | None, part: FieldPart, zones: Zones) -> Codec:
    """Give the codec of a field.

    >>> from crm_expenses.adapters.files.shape import shapes
    >>> from crm_expenses.core.record import Kind
    >>> cents = FieldPart.model_validate({"field": "total", "as": "cents", "fixed_currency": "CNY"})
    >>> codec_of(shapes(Kind.LINE)["amount"], cents, Zones(UTC, UTC)).read(1250)
    Money(minor=1250, currency='CNY')
    """
    if shape is None:
        return Pairs()
    own = Zones(ZoneInfo(part.timezone), zones.seen) if part.timezone else zones
    match shape.form:
        case FieldType.MONEY:
            return _amount(part)
        case FieldType.DATE | FieldType.TIME:
            return _time(shape.form, part, own)
        case FieldType.CHOICE if shape.choices is not None:
            return _choice(shape.choices, part)
        case FieldType.CURRENCY:
            return Words(part.words) if part.words else Currency()
        case FieldType.YES_NO:
            return YesWords(part.words) if part.words else YesNo()
        case FieldType.NUMBER:
            scale = part.scale if part.form is Form.FLOAT else None
            return AsNumber(scale) if part.form in (Form.NUMBER, Form.FLOAT) else Number()
        case FieldType.COUNT:
            return CountText() if part.form is Form.TEXT else Whole()
        case _ if part.words:
            return Words(part.words, part.otherwise)
        case _ if part.form in (Form.REFERENCE, Form.INTEGER):
            return IdNumber() if part.form is Form.INTEGER else Reference()
        case _ if part.form is Form.NUMBER:
            return NumberText()
        case _:
            return standard(shape)


def _amount(part: FieldPart) -> Amount:
    if part.form is Form.MICROS:
        return MicroAmount(currency=part.fixed_currency)
    if part.form in (Form.NUMBER, Form.FLOAT):
        scale = part.scale if part.form is Form.FLOAT else None
        return NumberAmount(currency=part.fixed_currency, scale=scale)
    return Amount(is_minor=part.form is Form.CENTS, currency=part.fixed_currency)


def _time(form: FieldType, part: FieldPart, zones: Zones) -> Codec:
    if part.form in (Form.EPOCH_S, Form.EPOCH_MS):
        moment: Codec = EpochMoment(zones, is_milli=part.form is Form.EPOCH_MS)
    elif part.form is Form.PARTS:
        moment = PartsMoment(zones, form is FieldType.DATE)
    elif form is FieldType.DATE and part.form in (None, Form.DATE) and not part.format:
        return Day()
    else:
        moment = FormatMoment(zones, part.format, is_day=part.form is Form.DATE)
    return DayOf(moment, zones.naive) if form is FieldType.DATE else moment


def _choice(made: type[StrEnum], part: FieldPart) -> Codec:
    words = {theirs: made(ours) for theirs, ours in part.words.items()}
    otherwise = made(part.otherwise) if part.otherwise else None
    return OpenChoice(made, words, otherwise, is_number=part.form is Form.INTEGER)


@dataclass(frozen=True, slots=True)
class OpenChoice(Choice):
    """One of a list, as a text or a whole number; options beyond it mean `otherwise`, if given."""

    otherwise: StrEnum | None = None
    is_number: bool = False

    def read(self, value: Value) -> StrEnum:
        """Read one.

        >>> from crm_expenses.core.opportunity import Stage
        >>> stages = OpenChoice(Stage, {"6": Stage.WON, "7": Stage.LOST}, Stage.OPEN)
        >>> [stages.read(held).value for held in ("6", 7, 2)]
        ['won', 'lost', 'open']
        """
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, int | Decimal):
            value = f"{Decimal(value).normalize():f}"
        if isinstance(value, str) and value not in self.options and self.otherwise is not None:
            return self.otherwise
        return Choice.read(self, value)

    def write(self, value: StrEnum) -> Json:
        """Write the first option that means this."""
        text = Choice.write(self, value)
        return int(str(text)) if self.is_number else text


@dataclass(frozen=True, slots=True)
class Words:
    """A text whose words are translated: theirs to ours; others stay, or mean `otherwise`."""

    words: Mapping[str, str]
    otherwise: str = ""
    form: ClassVar[Held] = Held.CHOICE

    def read(self, value: Value) -> str:
        """Read one.

        >>> Words({"Flight": "airfare"}).read("Flight"), Words({}).read("taxi")
        ('airfare', 'taxi')
        """
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        text = Text().read(value)
        return self.words.get(text, self.otherwise or text)

    def write(self, value: str) -> Json:
        """Write the first word that means this."""
        return next((theirs for theirs, ours in self.words.items() if ours == value), value)


@dataclass(frozen=True, slots=True)
class YesWords:
    """Yes or no as words: theirs to `yes` or `no`."""

    words: Mapping[str, str]
    form: ClassVar[Held] = Held.CHOICE

    def read(self, value: Value) -> bool:
        """Read one.

        >>> YesWords({"1": "yes", "0": "no"}).read(1)
        True
        """
        text = str(value).lower() if isinstance(value, bool) else str(value)
        meant = self.words.get(text)
        if meant not in ("yes", "no"):
            raise Unfit("fieldmap.choice", allowed=", ".join(self.words)[:300])
        return meant == "yes"

    def write(self, value: bool) -> Json:  # noqa: FBT001  the codec's one value
        """Write the first word that means this."""
        meant = "yes" if value else "no"
        for theirs, ours in self.words.items():
            if ours == meant:
                return theirs
        raise Unfit("fieldmap.no_word", allowed=", ".join(self.words)[:300])


@dataclass(frozen=True, slots=True)
class IdNumber:
    """An id that is a whole number there and a text here."""

    form: ClassVar[Held] = Held.WHOLE

    def read(self, value: Value) -> str:
        """Read it.

        >>> IdNumber().read(17), IdNumber().write("17")
        ('17', 17)
        """
        return Reference().read(value)

    def write(self, value: str) -> Json:
        """Write it as a number."""
        if not (value.isascii() and value.isdecimal() and len(value) <= 18):
            raise Unfit("fieldmap.whole", limit=str(10**18 - 1))
        return int(value)


@dataclass(frozen=True, slots=True)
class NumberText:
    """A text here that is a number there, like the digits of a voucher."""

    form: ClassVar[Held] = Held.NUMBER

    def read(self, value: Value) -> str:
        """Read it as it was written, without a float in between."""
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return f"{Decimal(value):f}"
        return Text().read(value)

    def write(self, value: str) -> Json:
        """Write it."""
        return _as_number(Number().read(value))


@dataclass(frozen=True, slots=True)
class CountText:
    """A whole number that stands there as a text."""

    form: ClassVar[Held] = Held.TEXT

    def read(self, value: Value) -> int:
        """Read it.

        >>> CountText().read("12"), CountText().write(12)
        (12, '12')
        """
        number = (
            int(value)
            if isinstance(value, str) and value.isascii() and value.isdecimal()
            else value
        )
        return Whole().read(number)

    def write(self, value: int) -> Json:
        """Write it as a text."""
        return str(value)


@dataclass(frozen=True, slots=True)
class AsNumber:
    """A number that is a JSON number there; with a `scale`, a float that is rounded to it."""

    scale: int | None = None
    form: ClassVar[Held] = Held.NUMBER

    def read(self, value: Value) -> Decimal:
        """Read it.

        >>> AsNumber(2).read(Decimal("0.30000000000000004"))
        Decimal('0.30')
        """
        return Number().read(_rounded(value, self.scale))

    def write(self, value: Decimal) -> Json:
        """Write it as a number."""
        return _as_number(value)


@dataclass(frozen=True, slots=True)
class NumberAmount(Amount):
    """Money that is a JSON number there; with a `scale`, a float that is rounded to it."""

    scale: int | None = None

    def read_in(self, value: Value, currency: str) -> Money:
        """Read an amount of a currency.

        >>> NumberAmount(currency="CNY", scale=2).read(Decimal("12.499999999999998"))
        Money(minor=1250, currency='CNY')
        """
        return Amount.read_in(self, _rounded(value, self.scale), currency)

    def write(self, value: Money) -> Json:
        """Write the amount as a number."""
        return _as_number(value.amount)


@dataclass(frozen=True, slots=True)
class MicroAmount(Amount):
    """Money that is a whole number of millionths there."""

    def read_in(self, value: Value, currency: str) -> Money:
        """Read an amount of a currency.

        >>> MicroAmount(currency="CNY").read(12_500_000)
        Money(minor=1250, currency='CNY')
        >>> MicroAmount(currency="JPY").read("3000000")
        Money(minor=3, currency='JPY')
        """
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not (isinstance(text, str) and _WHOLE.fullmatch(text)):
            raise Unfit("fieldmap.amount", currency=currency or "-", limit=str(AMOUNT_MINOR_MAX))
        return Amount.read_in(self, Decimal(text).scaleb(-_MICRO_PLACES), currency)

    def write(self, value: Money) -> Json:
        """Write the amount in millionths."""
        return micros(value)


def micros(value: Money) -> int:
    """Give an amount in millionths of its major unit.

    >>> micros(Money(1250, "CNY"))
    12500000
    """
    return int(value.amount.scaleb(_MICRO_PLACES))


@dataclass(frozen=True, slots=True)
class FormatMoment:
    """A time as a text of some form. `is_day`: a day alone.

    With no form: ISO 8601, with a blank or a T, and with or without a zone. A time that does not
    say its zone and falls into the hour that a clock has twice is the earlier one.
    """

    zones: Zones
    text: str = ""
    is_day: bool = False
    form: ClassVar[Held] = Held.MOMENT

    def read(self, value: Value) -> datetime:
        """Read it.

        >>> FormatMoment(Zones(UTC, UTC)).read("2026-11-23 08:13:00.000Z").isoformat()
        '2026-11-23T08:13:00+00:00'
        >>> FormatMoment(Zones(UTC, UTC), "%d.%m.%Y").read("23.11.2026").isoformat()
        '2026-11-23T00:00:00+00:00'
        """
        if not isinstance(value, str) or len(value) > 60:
            raise Unfit("fieldmap.moment", limit=_YEARS)
        try:
            if self.text:
                moment = datetime.strptime(value, self.text)  # noqa: DTZ007  its zone comes below
            else:
                moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise Unfit("fieldmap.moment", limit=_YEARS) from error
        return _sound(moment, self.zones)

    def write(self, value: datetime) -> Json:
        """Write it in the same form, in the zone."""
        held = value.astimezone(self.zones.naive)
        if self.text:
            return held.strftime(self.text)
        return held.date().isoformat() if self.is_day else held.isoformat()


@dataclass(frozen=True, slots=True)
class EpochMoment:
    """Seconds or milliseconds since 1970, as a number or a text; a number may have a fraction."""

    zones: Zones
    is_milli: bool = False
    form: ClassVar[Held] = Held.MOMENT

    def read(self, value: Value) -> datetime:
        """Read it.

        >>> EpochMoment(Zones(UTC, UTC), is_milli=True).read(1763885580000).isoformat()
        '2025-11-23T08:13:00+00:00'
        """
        if isinstance(value, str):
            value = int(value) if _SECONDS.fullmatch(value) else None
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            raise Unfit("fieldmap.moment", limit=_YEARS)
        if not -_SECONDS_BOUND < value < _SECONDS_BOUND:
            raise Unfit("fieldmap.moment", limit=_YEARS)
        micros = int(value * (1000 if self.is_milli else 1_000_000))
        try:
            return _sound(_EPOCH + timedelta(microseconds=micros), self.zones)
        except OverflowError as error:
            raise Unfit("fieldmap.moment", limit=_YEARS) from error

    def write(self, value: datetime) -> Json:
        """Write it; a part of a second is cut off where there is no room for it."""
        return (value - _EPOCH) // timedelta(milliseconds=1 if self.is_milli else 1000)


@dataclass(frozen=True, slots=True)
class PartsMoment:
    """A table of year, month, day and so on to the microsecond; `is_day` has no hours."""

    zones: Zones
    is_day: bool = False
    form: ClassVar[Held] = Held.OTHER

    def read(self, value: Value) -> datetime:
        """Read it.

        >>> PartsMoment(Zones(UTC, UTC)).read({"year": 2026, "month": 11, "day": 23}).isoformat()
        '2026-11-23T00:00:00+00:00'
        """
        if not isinstance(value, dict):
            raise Unfit("fieldmap.moment", limit=_YEARS)
        parts = [value.get(name, 0) for name in _PARTS]
        if not all(isinstance(part, int) and not isinstance(part, bool) for part in parts):
            raise Unfit("fieldmap.moment", limit=_YEARS)
        try:
            return _sound(datetime(*cast("list[int]", parts)), self.zones)  # type: ignore[arg-type]  # noqa: DTZ001
        except (ValueError, OverflowError) as error:
            raise Unfit("fieldmap.moment", limit=_YEARS) from error

    def write(self, value: datetime) -> Json:
        """Write it as a table."""
        held = value.astimezone(self.zones.naive)
        names = _PARTS[:3] if self.is_day else _PARTS
        return {name: getattr(held, name) for name in names}


@dataclass(frozen=True, slots=True)
class DayOf:
    """A day that stands there as a time: the day on which it falls in the zone."""

    moment: Codec
    zone: tzinfo
    form: ClassVar[Held] = Held.DAY

    def read(self, value: Value) -> date:
        """Read it.

        >>> DayOf(EpochMoment(Zones(UTC, UTC)), UTC).read(86_400).isoformat()
        '1970-01-02'
        """
        read = cast("datetime", self.moment.read(value))
        return read.astimezone(self.zone).date()

    def write(self, value: date) -> Json:
        """Write the beginning of the day."""
        return self.moment.write(datetime.combine(value, time(), self.zone))


def _sound(moment: datetime, zones: Zones) -> datetime:
    """Give a moment with its zone, seen in ours; refuse years that no record has."""
    try:
        known = moment.replace(tzinfo=zones.naive) if moment.tzinfo is None else moment
        told = known.astimezone(zones.seen)
    except (OverflowError, ValueError) as error:
        raise Unfit("fieldmap.moment", limit=_YEARS) from error
    if not YEAR_MIN <= told.year <= YEAR_MAX:
        raise Unfit("fieldmap.moment", limit=_YEARS)
    return told


def _rounded(value: Value, scale: int | None) -> Value:
    """Round a float of the other side; a text, and what is no number, stay for the codec."""
    if scale is None or not isinstance(value, Decimal) or not value.is_finite():
        return value
    if abs(value.adjusted()) > 20:
        return value
    return value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_EVEN)


def _as_number(value: Decimal) -> Json:
    """Give a number for JSON: whole where it is whole; `exchange.json_bytes` writes the others."""
    return int(value) if value == value.to_integral_value() else cast("Json", value)
