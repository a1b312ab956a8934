"""What is sent to a CRM over HTTP and what comes back, and their bounds: pure values.

`transport` moves them. JSON is read exactly: no float, no key twice, nothing that RFC 8259 does
not know.
"""

import json
import math
import random
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from typing import Final, NoReturn

from crm_expenses.errors import CrmExpensesError, RefusedError

Received = None | bool | int | Decimal | str | list["Received"] | dict[str, "Received"]
"""What a JSON reply is read into: no float anywhere."""

REPEATABLE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class Secret:
    """A text that shows itself only to who asks by name.

    >>> Secret("token"), f"{Secret('token')}", Secret("token").reveal()
    (***, '***', 'token')
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the text itself."""
        return self._value

    def __repr__(self) -> str:
        return "***"


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a connection.

    `connect_seconds` and `read_seconds` bound one wait for the network, `call_seconds` one call
    from first to last byte, `total_seconds` a call with all its repetitions and waits.
    """

    connect_seconds: float = 10
    read_seconds: float = 30
    call_seconds: float = 120
    total_seconds: float = 300
    attempts_max: int = 5
    wait_seconds_first: float = 0.5
    wait_seconds_max: float = 60
    body_bytes_max: int = 50_000_000
    chunk_bytes: int = 65_536


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time and chance come from; a test gives its own. `wall` is seconds since 1970."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `target` is relative to the base address, or a link that the CRM gave.

    `repeatable` states whether it may be sent again after a failure; unstated, reading methods may.
    A status in `accept` is given back as a reply instead of raised; where there is a `judge`, it
    says what each reply means. A value of the `query` may be several. `json` may hold Decimal,
    which is written as a number, exactly. `upload` is a body of any size, sent as it is read. What
    each sending takes of the CRM's allowance is its `cost`.
    """

    method: str
    target: str
    query: Mapping[str, str | Sequence[str]] = field(default_factory=dict, repr=False)
    json: object = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeatable: bool | None = None
    accept: Collection[int] = ()
    judge: "Judge | None" = field(default=None, repr=False)
    upload: "Upload | None" = field(default=None, repr=False)
    cost: int = 1

    @property
    def may_repeat(self) -> bool:
        """Whether sending it twice does no harm.

        >>> Request("GET", "claims").may_repeat, Request("POST", "claims").may_repeat
        (True, False)
        """
        return self.method in REPEATABLE_METHODS if self.repeatable is None else self.repeatable


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Received:
        """Read the body as JSON, exactly."""
        return read_json(self.body)


Judge = Callable[[Reply, Callable[[], CrmExpensesError]], CrmExpensesError | None]
"""Says what a reply means: None for a good one, or an error. It is given what makes the usual error
of the reply's status."""


class Upload:
    """A body whose length is known and whose bytes come in portions, for one sending.

    >>> body = Upload(3, iter([b"ab", b"c"]))
    >>> body.read(2), body.read(2), body.read(2), len(body)
    (b'ab', b'c', b'', 3)
    """

    def __init__(self, length: int, portions: Iterator[bytes]) -> None:
        self._length = length
        self._portions = portions
        self._held = b""

    def __len__(self) -> int:
        return self._length

    def __bool__(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Give at most so many bytes, none at the end."""
        while not self._held:
            portion = next(self._portions, None)
            if portion is None:
                return b""
            self._held = portion
        if size < 0:
            size = len(self._held)
        given, self._held = self._held[:size], self._held[size:]
        return given


@dataclass(frozen=True, slots=True)
class Counts:
    """What a transport has done so far: every attempt is a call, `seconds` are spent in calls."""

    calls: int = 0
    retries: int = 0
    bytes_received: int = 0
    seconds: float = 0.0


def retry_after_seconds(value: str, now: float) -> int | None:
    """Read a Retry-After header: seconds, or an HTTP date; `now` is seconds since 1970.

    >>> retry_after_seconds("120", 0), retry_after_seconds("soon", 0)
    (120, None)
    >>> retry_after_seconds("Thu, 01 Jan 1970 00:01:30 GMT", 60)
    30
    """
    if _SECONDS.fullmatch(value):
        return int(value)
    import email.utils  # noqa: PLC0415  seldom needed, and not small

    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:  # RFC 9110: an HTTP date is in GMT
        moment = moment.replace(tzinfo=UTC)
    return max(0, math.ceil(moment.timestamp() - now))


def json_bytes(value: object, *, is_compact: bool = False) -> bytes:
    """Write JSON: a Decimal as a number, exactly; without blanks where it goes into an address.

    Raises:
        RefusedError: a Decimal that no JSON number of the other side would keep.

    >>> json_bytes({"total": Decimal("12.50")})
    b'{"total": 12.5}'
    """
    marks = (",", ":") if is_compact else None
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, default=_as_float, separators=marks
    )
    return text.encode()


def _as_float(value: object) -> float:
    """Give the float whose text is this number; it exists up to fifteen digits."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is nothing that JSON knows")
    made = float(value)
    if Decimal(repr(made)) != value:
        raise RefusedError("http.number_digits", value=str(value)[:60])
    return made


def read_json(body: bytes) -> Received:
    """Read JSON as RFC 8259 has it; numbers with a point are Decimal.

    Raises:
        RefusedError: not JSON, not UTF-8, a key twice in one object, NaN or Infinity, half a
            surrogate pair, or nested beyond what the parser allows.

    >>> read_json(b'{"amount": 10.10}')
    {'amount': Decimal('10.10')}
    """
    detail = ""
    try:
        read: Received = json.loads(
            body.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_once,
        )
        if _SURROGATE.search(body):
            json.dumps(read, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        detail = "half a surrogate pair"
    except UnicodeDecodeError as error:
        detail = f"not UTF-8 at byte {error.start}"
    except json.JSONDecodeError as error:
        detail = f"{error.msg}, line {error.lineno} column {error.colno}"
    except RecursionError:
        detail = "nested too deep"
    except (ValueError, ArithmeticError):  # a whole number of more digits than Python reads
        detail = "a number is too long"
    else:
        return read
    # Raised out here: the parser's error carries the whole body.
    raise RefusedError("http.not_json", detail=detail)


def _no_number(value: str) -> NoReturn:
    raise RefusedError("http.json_number", value=value)


def _once(pairs: list[tuple[str, Received]]) -> dict[str, Received]:
    read = dict(pairs)
    if len(read) == len(pairs):
        return read
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise RefusedError("http.json_twice", key=key[:60])
        seen.add(key)
    return read
