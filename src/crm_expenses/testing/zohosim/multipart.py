"""Bodies of several parts, as forms with files send them."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from crm_expenses.testing.zohosim.asking import Ask
from crm_expenses.testing.zohosim.refusal import RefusalError

_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?')
_NAME: Final = re.compile(r'[; ]name="([^"]*)"')
_FILE: Final = re.compile(r'filename="([^"]*)"')
_FILE_CODED: Final = re.compile(r"filename\*=(?:utf-8|UTF-8)''([^;\r\n]+)")


@dataclass(frozen=True, slots=True)
class Part:
    """One part."""

    name: str
    file: str
    content: bytes = field(repr=False)


def parts(ask: Ask) -> list[Part]:
    r"""Read the parts of a body.

    >>> body = b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n--x--'
    >>> head = {"content-type": "multipart/form-data; boundary=x"}
    >>> [part.file for part in parts(Ask("POST", "/", headers=head, body=body))]
    ['b']

    Raises:
        RefusalError: the body is none of this kind.
    """
    found = _BOUNDARY.search(ask.headers.get("content-type", ""))
    if ask.content_type != "multipart/form-data" or found is None:
        raise RefusalError("INVALID_REQUEST", "multipart/form-data is expected", status=415)
    mark = b"--" + found[1].encode()
    made: list[Part] = []
    for piece in (b"\r\n" + ask.body).split(b"\r\n" + mark)[1:]:
        head, separator, content = piece.partition(b"\r\n\r\n")
        if not separator:
            continue
        text = head.decode("utf-8", errors="replace")
        name, file, coded = (one.search(text) for one in (_NAME, _FILE, _FILE_CODED))
        shown = unquote(coded[1]) if coded else file[1] if file else ""
        made.append(Part(name[1] if name else "", shown, content))
    return made
