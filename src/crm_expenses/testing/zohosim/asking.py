"""One request as it came, and one answer as it goes: values without sockets."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from crm_expenses.testing.zohosim.refusal import RefusalError

JSON_TYPE: Final = "application/json;charset=UTF-8"
_MARKED: Final = re.compile(rb'"\\u0000([^"]*)"')


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. Names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    connection: int = 0
    wanted: str = ""
    """How this call shall fail inside: `partial`, `locked`, `stuck` or `failure`."""

    @property
    def steps(self) -> tuple[str, ...]:
        """The parts of the path, read."""
        return tuple(unquote(step) for step in self.path.strip("/").split("/"))

    @property
    def call(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    def json(self) -> Any:  # noqa: ANN401  JSON that nobody has looked at yet
        """Read the body; numbers with a point are exact.

        Raises:
            RefusalError: it is no JSON object.
        """
        try:
            read = json.loads(self.body, parse_float=Decimal)
        except ValueError:
            raise RefusalError("INVALID_REQUEST", "unable to parse the body") from None
        if not isinstance(read, dict):
            raise RefusalError("INVALID_DATA", "body", {"expected_data_type": "jsonobject"})
        return read

    def form(self) -> dict[str, str]:
        """Read the body as a form; empty where it is none."""
        if self.content_type not in {"application/x-www-form-urlencoded", ""}:
            return {}
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))

    @property
    def content_type(self) -> str:
        """The type of the body, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer."""

    status: int = 200
    body: bytes = field(default=b"", repr=False)
    type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()


def json_text(value: object) -> bytes:
    """Write JSON; a Decimal becomes a number, digit by digit.

    >>> json_text({"Amount": Decimal("12.50"), "Name": "上海"}).decode()
    '{"Amount":12.50,"Name":"上海"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_marked)
    return _MARKED.sub(rb"\1", text.encode())


def _marked(value: object) -> str:
    if isinstance(value, Decimal):
        return "\0" + format(value, "f")
    raise TypeError(type(value).__name__)


def json_answer(value: object, status: int = 200) -> Answer:
    """Answer with JSON."""
    return Answer(status, json_text(value))


def refusal_answer(error: RefusalError) -> Answer:
    """Answer a request that was refused as a whole."""
    return json_answer(error.as_json(), error.status)


NO_CONTENT: Final = Answer(204, b"", "")
NOT_MODIFIED: Final = Answer(304, b"", "")
