"""One question: what is asked, what Enter takes, and how an answer is read.

An answer is a text that a person typed, or a value of a TOML file; both are read alike, and either
fits or says why not.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Generic, Protocol, TypeVar

from crm_expenses.core.money import exponent, read_number
from crm_expenses.errors import ConfigError, MappingError

NAME_CHARS_MAX: Final = 100
WORD_CHARS_MAX: Final = 40
MINOR_DIGITS_MAX: Final = 10
"""Most digits of an amount with its decimals, so that products with nights and people have room."""

RATE_MAX: Final = Decimal(50_000)
RATE_PLACES: Final = 4
NONE: Final = "-"
"""What a person types for an empty list; an empty answer takes the default."""

_COMMAS: Final = re.compile(r"[,，、;；\n]")

Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)


@dataclass(frozen=True)
class Question(Generic[Value_co]):
    """What is asked. `path` names it in a file of answers, `code` and `values` give its text."""

    path: tuple[str, ...]
    default: Value_co
    read: Callable[[object], Value_co]
    shown: str
    values: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()

    @property
    def code(self) -> str:
        """The code of its text."""
        return f"start.ask.{self.path[0]}"


class Asker(Protocol):
    """Gets an answer to a question, from a person or from a file."""

    def ask(self, question: Question[Value]) -> Value:
        """Give an answer that fits."""
        ...


def read_name(answer: object) -> str:
    r"""Read a name of any kind; white space of every sort becomes one space.

    >>> read_name("Acme\n  Ltd")
    'Acme Ltd'
    """
    return _text(answer, NAME_CHARS_MAX)


def _text(answer: object, limit: int) -> str:
    if isinstance(answer, int | Decimal) and not isinstance(answer, bool):
        answer = str(answer)
    text = " ".join(answer.split()) if isinstance(answer, str) else ""
    text = unicodedata.normalize("NFC", text)
    if not 1 <= len(text) <= limit or not text.isprintable():
        raise ConfigError("answer.text", value=_cut(answer), limit=str(limit))
    return text


def _cut(answer: object) -> str:
    shown = ascii(answer) if isinstance(answer, str) and not answer.isprintable() else str(answer)
    return shown[:60] or "-"


def read_words(least: int, most: int, example: str) -> Callable[[object], tuple[str, ...]]:
    """Make the reader of a list of different names.

    >>> read_words(1, 3, "a, b")("staff， manager")
    ('staff', 'manager')
    """

    def read(answer: object) -> tuple[str, ...]:
        words = tuple(_text(part, WORD_CHARS_MAX) for part in _parts(answer))
        if not least <= len(words) <= most or len(set(words)) < len(words):
            raise ConfigError("answer.words", example=example, least=str(least), most=str(most))
        return words

    return read


def _parts(answer: object) -> Sequence[object]:
    if isinstance(answer, list | tuple):
        return answer
    if not isinstance(answer, str):
        return (answer,)
    if answer.strip() == NONE:
        return ()
    return [part for part in _COMMAS.split(answer) if part.strip()]


def read_currency(answer: object) -> str:
    """Read the code of a currency, in letters of either size.

    >>> read_currency("cny")
    'CNY'
    """
    code = answer.strip().upper() if isinstance(answer, str) else ""
    try:
        exponent(code)
    except MappingError:
        raise ConfigError("answer.currency", value=_cut(answer)) from None
    return code


def read_day(answer: object) -> date:
    """Read a day.

    >>> read_day("2026-01-01")
    datetime.date(2026, 1, 1)
    """
    found: date | None = None
    if isinstance(answer, date) and not isinstance(answer, datetime):
        found = answer
    elif isinstance(answer, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", answer.strip(), re.ASCII):
        try:
            found = date.fromisoformat(answer.strip())
        except ValueError:
            found = None
    if found is None or not 1900 <= found.year <= 2199:
        raise ConfigError("answer.day", value=_cut(answer))
    return found


def read_picks(options: Mapping[str, Sequence[str]]) -> Callable[[object], tuple[str, ...]]:
    """Make the reader of a checklist: numbers, words or names, in the order of the list.

    >>> read_picks({"meal": ("Meals", "餐费"), "gift": ("Gifts", "礼品")})("2, 餐费")
    ('meal', 'gift')
    """
    known = {
        word.casefold(): key
        for number, (key, names) in enumerate(options.items(), 1)
        for word in (str(number), key, *names)
    }
    listed = ", ".join(options)

    def read(answer: object) -> tuple[str, ...]:
        chosen = set()
        for part in _parts(answer):
            key = known.get(str(part).strip().casefold())
            if key is None:
                raise ConfigError("answer.pick", value=_cut(part), names=listed)
            chosen.add(key)
        if not chosen:
            raise ConfigError("answer.pick_none", names=listed)
        return tuple(key for key in options if key in chosen)

    return read


def read_pick(options: Mapping[str, Sequence[str]]) -> Callable[[object], str]:
    """Make the reader of one of a list."""
    several = read_picks(options)

    def read(answer: object) -> str:
        found = several(answer)
        if len(found) > 1:
            raise ConfigError("answer.pick", value=_cut(answer), names=", ".join(options))
        return found[0]

    return read


def read_amount(
    places: int, example: Decimal, *, least: Decimal | None = None, most: Decimal | None = None
) -> Callable[[object], Decimal]:
    """Make the reader of an amount; without `least` it must be above zero.

    >>> read_amount(2, Decimal(100))("1500.5")
    Decimal('1500.5')
    """
    lowest = Decimal(1).scaleb(-places) if least is None else least
    highest = Decimal(10 ** (MINOR_DIGITS_MAX - places)) if most is None else most

    def read(answer: object) -> Decimal:
        found = None
        if isinstance(answer, int | str | Decimal) and not isinstance(answer, bool):
            text = f"{answer:f}" if isinstance(answer, Decimal) else str(answer).strip()
            try:
                found = read_number(text)
            except MappingError:
                found = None
        if found is not None and lowest <= found <= highest:
            found = Decimal(f"{found.normalize():f}")
            if -int(found.as_tuple().exponent) <= places:
                return found
        raise ConfigError(
            "answer.amount",
            value=_cut(answer),
            places=str(places),
            least=f"{lowest:f}",
            most=f"{highest:f}",
            example=f"{example:f}",
        )

    return read


def read_amounts(
    one: Callable[[object], Decimal], names: Sequence[str]
) -> Callable[[object], tuple[Decimal, ...]]:
    """Make the reader of an amount for each name: in order, by name, or one for all of them."""

    def read(answer: object) -> tuple[Decimal, ...]:
        if isinstance(answer, Mapping):
            extra = next((name for name in answer if name not in names), None)
            if extra is not None:
                raise ConfigError("answer.pick", value=_cut(extra), names=", ".join(names))
            answer = [answer[name] for name in names if name in answer]
            parts: Sequence[object] = answer if len(answer) != 1 or len(names) == 1 else ()
        else:
            parts = _parts(answer)
        found = tuple(one(part) for part in parts)
        if len(found) == 1:
            return found * len(names)
        if len(found) != len(names):
            listed, count = ", ".join(names), str(len(names))
            raise ConfigError("answer.amounts", names=listed, count=count, given=str(len(found)))
        return found

    return read


def read_count(least: int, most: int) -> Callable[[object], int]:
    """Make the reader of a whole number.

    >>> read_count(1, 365)("60")
    60
    """

    def read(answer: object) -> int:
        text = str(answer).strip() if not isinstance(answer, bool) else ""
        if re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) and least <= int(text) <= most:
            return int(text)
        raise ConfigError("answer.count", value=_cut(answer), least=str(least), most=str(most))

    return read


def at_least(
    read: Callable[[object], Decimal], least: Decimal, name: str
) -> Callable[[object], Decimal]:
    """Make a reader that refuses less than what was answered to another question."""

    def checked(answer: object) -> Decimal:
        found = read(answer)
        if found < least:
            raise ConfigError("answer.order", name=name, value=f"{found:f}", least=f"{least:f}")
        return found

    return checked
