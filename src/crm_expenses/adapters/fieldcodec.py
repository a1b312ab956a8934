"""How one value of the core stands in a field of a CRM: the codecs, each read in both directions.

Pure. A value is what `exchange.read_json` gives, so that no float exists; what is written is plain
JSON. A value that does not fit raises `Unfit`; `fieldmap`, which knows the field, makes a `Problem`
of it. Reading is strict: nothing is guessed, rounded or repaired.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Final, Protocol

from crm_expenses.adapters.contract import Form
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.files.shape import FieldShape, FieldType
from crm_expenses.adapters.files.values import COUNT_MAX, YEAR_MAX, YEAR_MIN, shown
from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money, exponent, read_number
from crm_expenses.core.record import Json
from crm_expenses.errors import MappingError

TEXT_CHARS_MAX: Final = 32_767
"""Longest text of a field: what a cell of a spreadsheet holds."""

ID_CHARS_MAX: Final = 255
"""Longest id, the same as in a file."""

_YEARS: Final = f"{YEAR_MIN}-{YEAR_MAX}"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})",
    re.ASCII,
)
_DIGITS_MAX: Final = 20
"""A number beyond so many digits is not even written out: 1e999999999 is a short text."""


class Unfit(Exception):  # noqa: N818  never leaves the folder: it becomes a Problem
    """This value does not fit its field; `code` and `values` say why."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Codec(Protocol):
    """How a value is read from a field, and written there. None is an empty field, and not read."""

    @property
    def form(self) -> Form:
        """What such a field holds."""

    def read(self, value: Value) -> object:
        """Read what stands there.

        Raises:
            Unfit: it is something else.
        """

    def write(self, value: Any) -> Json:  # noqa: ANN401  a value of the core, of the codec's type
        """Give what shall stand there.

        Raises:
            Unfit: the field cannot hold it.
        """


def told(value: Value) -> str:
    r"""Show a value that came from outside in a message: short, and harmless to see.

    >>> told("x\u202ey"), told({"a": 1}), told(True)
    ('x\\u202ey', '{…}', 'true')
    """
    match value:
        case dict():
            return "{…}"
        case list():
            return "[…]"
        case bool():
            return str(value).lower()
        case None:
            return "-"
        case _:
            return shown(str(value)) or "''"


@dataclass(frozen=True, slots=True)
class Text:
    """A text, as it is."""

    longest: int = TEXT_CHARS_MAX
    form: ClassVar[Form] = Form.TEXT

    def read(self, value: Value) -> str:
        """Read a text.

        >>> Text().read("东方贸易")
        '东方贸易'
        """
        if not isinstance(value, str) or len(value) > self.longest or "\x00" in value:
            raise Unfit("fieldmap.text", limit=str(self.longest))
        return value

    def write(self, value: str) -> Json:
        """Write it; one that is too long is never cut."""
        if len(value) > self.longest:
            raise Unfit("fieldmap.text", limit=str(self.longest))
        return value


@dataclass(frozen=True, slots=True)
class Reference:
    """The id of another record: a text, a whole number, or an object that has it under `key`."""

    key: str = ""
    form: ClassVar[Form] = Form.REFERENCE

    def read(self, value: Value) -> str:
        """Read the id.

        >>> Reference().read(7), Reference("id").read({"id": "A-1", "name": "东方贸易"})
        ('7', 'A-1')
        """
        held = value.get(self.key) if self.key and isinstance(value, dict) else value
        if isinstance(held, int) and not isinstance(held, bool):
            held = str(held)
        if not isinstance(held, str) or len(held) > ID_CHARS_MAX or "\x00" in held:
            raise Unfit("fieldmap.reference", limit=str(ID_CHARS_MAX))
        return held

    def write(self, value: str) -> Json:
        """Write it the way it is read."""
        return {self.key: value} if self.key else value


@dataclass(frozen=True, slots=True)
class Whole:
    """A count, as a number or as digits."""

    most: int = COUNT_MAX
    form: ClassVar[Form] = Form.WHOLE

    def read(self, value: Value) -> int:
        """Read it.

        >>> Whole().read(3), Whole().read("3"), Whole().read(Decimal("3.0"))
        (3, 3, 3)
        """
        limit = str(self.most)
        number = _number(value, "fieldmap.whole", limit=limit)
        if number != number.to_integral_value() or not 0 <= number <= self.most:
            raise Unfit("fieldmap.whole", limit=limit)
        return int(number)

    def write(self, value: int) -> Json:
        """Write a number."""
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number: read from a JSON number or a text, written as a text, never a float."""

    form: ClassVar[Form] = Form.NUMBER

    def read(self, value: Value) -> Decimal:
        """Read it.

        >>> Number().read("12.50"), Number().read(Decimal("0.1")), Number().read(3)
        (Decimal('12.50'), Decimal('0.1'), Decimal('3'))
        """
        return _number(value, "fieldmap.number")

    def write(self, value: Decimal) -> Json:
        """Write its digits."""
        return f"{value:f}"


@dataclass(frozen=True, slots=True)
class YesNo:
    """Yes or no: JSON's own, or two words."""

    yes: bool | str = True
    no: bool | str = False
    form: ClassVar[Form] = Form.YES_NO

    def read(self, value: Value) -> bool:
        """Read one of the two.

        >>> YesNo().read(True), YesNo("Y", "N").read("N")
        (True, False)
        """
        for said, meant in ((self.yes, True), (self.no, False)):
            if type(value) is type(said) and value == said:
                return meant
        raise Unfit("fieldmap.yes_no", allowed=f"{told(self.yes)}, {told(self.no)}")

    def write(self, value: bool) -> Json:  # noqa: FBT001  the codec's one value
        """Write one of the two."""
        return self.yes if value else self.no


@dataclass(frozen=True, slots=True)
class Day:
    """A day, as 2026-01-31."""

    form: ClassVar[Form] = Form.DAY

    def read(self, value: Value) -> date:
        """Read it.

        >>> Day().read("2026-01-31")
        datetime.date(2026, 1, 31)
        """
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                day = date.fromisoformat(value)
            except ValueError:
                day = date.min
            if YEAR_MIN <= day.year <= YEAR_MAX:
                return day
        raise Unfit("fieldmap.day", limit=_YEARS)

    def write(self, value: date) -> Json:
        """Write it."""
        return value.isoformat()


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment with its zone; `zone`, where given, is the one that it is seen in here.

    A day that is counted by the company's clock (when a claim was submitted) needs the company's
    zone.
    """

    zone: tzinfo | None = None
    form: ClassVar[Form] = Form.MOMENT

    def read(self, value: Value) -> datetime:
        """Read it.

        >>> Moment().read("2026-01-31T09:30:00+08:00").isoformat()
        '2026-01-31T09:30:00+08:00'
        """
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            try:
                moment: datetime | None = datetime.fromisoformat(value)
                moment = moment.astimezone(self.zone) if moment and self.zone else moment
            except (ValueError, OverflowError):
                moment = None
            if moment is not None and YEAR_MIN <= moment.year <= YEAR_MAX:
                return moment
        raise Unfit("fieldmap.moment", limit=_YEARS)

    def write(self, value: datetime) -> Json:
        """Write it with its zone."""
        return value.isoformat()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list. `words` has, by the CRM's option, what it means here.

    Several options may mean the same; the first of them is the one that is written.
    """

    made: type[StrEnum]
    words: Mapping[str, StrEnum] = field(default_factory=dict)
    form: ClassVar[Form] = Form.CHOICE

    @property
    def options(self) -> tuple[str, ...]:
        """The options that can be read."""
        return tuple(self._words)

    def read(self, value: Value) -> StrEnum:
        """Read one.

        >>> from crm_expenses.core.opportunity import Stage
        >>> Choice(Stage, {"Closed Won": Stage.WON}).read("Closed Won")
        <Stage.WON: 'won'>
        """
        found = self._words.get(value) if isinstance(value, str) else None
        if found is None:
            raise Unfit("fieldmap.choice", allowed=", ".join(self.options)[:300])
        return found

    def write(self, value: StrEnum) -> Json:
        """Write the first option that means this."""
        for option, meant in self._words.items():
            if meant is value:
                return option
        raise Unfit("fieldmap.no_word", allowed=", ".join(self.options)[:300])

    @property
    def _words(self) -> Mapping[str, StrEnum]:
        return self.words or {str(each): each for each in self.made}


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of ISO 4217."""

    form: ClassVar[Form] = Form.TEXT

    def read(self, value: Value) -> str:
        """Read one, known today or long ago.

        >>> Currency().read("CNY")
        'CNY'
        """
        try:
            exponent(value if isinstance(value, str) else "")
        except MappingError as error:
            raise Unfit("fieldmap.currency") from error
        return str(value)

    def write(self, value: str) -> Json:
        """Write it."""
        return value


@dataclass(frozen=True, slots=True)
class Pairs:
    """Whatever a CRM keeps beside the known fields: an object of texts."""

    form: ClassVar[Form] = Form.OTHER

    def read(self, value: Value) -> tuple[tuple[str, str], ...]:
        """Read the pairs, by name; an empty text is none.

        >>> Pairs().read({"why": "rain", "miles": "12.5", "none": ""})
        (('miles', '12.5'), ('why', 'rain'))
        """
        if not isinstance(value, dict):
            raise Unfit("fieldmap.pairs")
        pairs = []
        for name, held in sorted(value.items()):
            if held is None or held == "":
                continue
            if not isinstance(held, str) or len(held) > TEXT_CHARS_MAX or "\x00" in name + held:
                raise Unfit("fieldmap.pairs")
            pairs.append((name, held))
        return tuple(pairs)

    def write(self, value: tuple[tuple[str, str], ...]) -> Json:
        """Write them as an object."""
        return dict(value)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money: in major units as text or number, or as a whole number of minor units.

    Its currency stands in a field of its own (`fieldmap.Mapped.currency`), or is always the same;
    with both, `currency` is that of a record whose field is empty.
    """

    is_minor: bool = False
    currency: str = ""

    @property
    def form(self) -> Form:
        """What such a field holds."""
        return Form.WHOLE if self.is_minor else Form.NUMBER

    def read(self, value: Value) -> Money:
        """Read an amount of the one currency.

        >>> Amount(currency="CNY").read("12.50"), Amount(is_minor=True, currency="CNY").read(1250)
        (Money(minor=1250, currency='CNY'), Money(minor=1250, currency='CNY'))
        """
        return self.read_in(value, self.currency)

    def read_in(self, value: Value, currency: str) -> Money:
        """Read an amount of a currency, exactly."""
        code = "fieldmap.minor" if self.is_minor else "fieldmap.amount"
        limit = str(AMOUNT_MINOR_MAX)
        try:
            places = exponent(currency)
            number = _number(value, code)
            return Money.of(number.scaleb(-places) if self.is_minor else number, currency)
        except (MappingError, Unfit) as error:
            raise Unfit(code, currency=shown(currency) or "-", limit=limit) from error

    def write(self, value: Money) -> Json:
        """Write the amount alone; its currency is written beside it."""
        return value.minor if self.is_minor else f"{value.amount:f}"


def standard(shape: FieldShape) -> Codec:
    """Give the codec for a field of the core where nobody names another.

    >>> from crm_expenses.adapters.files.shape import shapes
    >>> from crm_expenses.core.record import Kind
    >>> standard(shapes(Kind.LINE)["nights"])
    Whole(most=10000)
    """
    if shape.choices is not None:
        return Choice(shape.choices)
    return _STANDARD[shape.form]


_STANDARD: Final[Mapping[FieldType, Codec]] = {
    FieldType.ID: Text(ID_CHARS_MAX),
    FieldType.TEXT: Text(),
    FieldType.DATE: Day(),
    FieldType.TIME: Moment(),
    FieldType.MONEY: Amount(),
    FieldType.NUMBER: Number(),
    FieldType.COUNT: Whole(),
    FieldType.YES_NO: YesNo(),
    FieldType.CURRENCY: Currency(),
}


def _number(value: Value, code: str, **values: str) -> Decimal:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
        is_short = number.is_finite() and abs(number.adjusted()) <= _DIGITS_MAX
        value = f"{number:f}" if is_short else ""
    if not isinstance(value, str):
        raise Unfit(code, **values)
    try:
        return read_number(value)
    except MappingError as error:
        raise Unfit(code, **values) from error
