"""Files beside vouchers: attachments, listed, streamed in and out, each once.

The platform keeps no digest of a file, and would take the same one again and again. So a file that
is put there from here carries a part of its digest in its name (`receipt~0123456789abcdef.pdf`);
with the size it tells whether the file stands there already. Who reads the list here gets the name
without it.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Ability, Ack, AckState, FileRef, FileWrite
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.exchange import Upload
from crm_expenses.adapters.writes import UNKNOWN_AFTER
from crm_expenses.adapters.zoho import query
from crm_expenses.adapters.zoho.asking import PAGES_MAX, Asking
from crm_expenses.adapters.zoho.judging import zoho_code
from crm_expenses.adapters.zoho.mapping import Source, id_of
from crm_expenses.adapters.zoho.outcomes import Became, outcomes
from crm_expenses.adapters.zoho.wire import Call
from crm_expenses.errors import RefusedError, RetryableError, UnsupportedError

NAME_CHARS: Final = 150
SIZE_MAX: Final = 100 * 1024 * 1024
MARK_CHARS: Final = 16
SEEN_FOR: Final = timedelta(seconds=30)
"""So long a list of what stands beside a voucher serves for the next file there."""
_MARK: Final = re.compile(r"~([0-9a-f]{16})(?=(\.[^.~/]{0,20})?\Z)", re.ASCII)
_FIELDS: Final = "id,File_Name,Size,Modified_Time"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What stands beside a voucher, as of a list and what was put there from here since."""

    voucher: str
    rows: tuple[Mapping[str, Value], ...]
    at: datetime

    def serves(self, write: FileWrite, now: datetime) -> bool:
        """Say whether this is still good enough to put another file beside the voucher."""
        is_same = self.voucher == write.voucher and not write.uncertain
        return is_same and abs(now - self.at) <= SEEN_FOR


class FileCalls:
    """The files of the vouchers of one organisation."""

    def __init__(self, asking: Asking, source: Source | None) -> None:
        self._asking = asking
        self._wire = asking.wire
        self._crm = asking.wire.crm
        self._source = source
        self._seen: _Seen | None = None

    def listed(self, vouchers: Sequence[str]) -> Iterator[FileRef]:
        """List the files beside some vouchers; a voucher that is not there has none."""
        for voucher in vouchers:
            if not query.is_id(voucher):
                continue
            for row in self._rows(voucher):
                name = str(row.get("File_Name") or id_of(row))
                size = _size(row.get("Size"))
                yield FileRef(voucher, id_of(row), unmarked(name), size, version=id_of(row))

    def read(self, ref: FileRef) -> Iterator[bytes]:
        """Give the bytes of a file in portions."""
        call = Call("GET", self._asking.path(self._place(ref.voucher, ref.id)))
        return (portion for portion in self._wire.stream(call) if portion)

    def write(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        """Put a file beside a voucher, unless one with the same bytes is there."""
        if not query.is_id(write.voucher):
            return answers.no_record(self._crm, write)
        if write.size > SIZE_MAX:
            detail = f"{write.size} bytes, over {SIZE_MAX}"
            return answers.refused(self._crm, write, detail)
        there, listed_at = self._there(write)
        if any(self._is_it(row, write) for row in there):
            return answers.done(write)
        boundary = f"crm-expenses-{write.digest[:32]}"
        head, tail = _form(write, boundary)
        length = len(head) + write.size + len(tail)
        body = Upload(length, _chained(head, self._counted(write, portions), tail))
        call = Call(
            "POST",
            self._asking.path(self._place(write.voucher)),
            repeatable=False,
            upload=body,
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        ack = self._acked(write, call)
        if ack.state is AckState.DONE:
            name = marked(write.name, write.digest)
            mine: Mapping[str, Value] = {"File_Name": name, "Size": write.size}
            self._seen = _Seen(write.voucher, (*there, mine), listed_at)
        return ack

    def _there(self, write: FileWrite) -> tuple[tuple[Mapping[str, Value], ...], datetime]:
        """Give what stands beside a voucher, and when that was listed.

        Several files in a row are put beside a voucher after one list, to which only those are
        added that came there from here, for sure.
        """
        seen, now = self._seen, self._wire.now()
        self._seen = None  # until this write is sure, too
        is_good = seen is not None and seen.serves(write, now)
        if seen is not None and is_good and not any(self._is_it(row, write) for row in seen.rows):
            return seen.rows, seen.at  # what seems to stand there is looked for again
        return tuple(self._rows(write.voucher)), now

    def _acked(self, write: FileWrite, call: Call) -> Ack:
        try:
            answer = self._wire.send(call)
        except RefusedError as error:
            if zoho_code(error) in ("INVALID_DATA", "INVALID_URL_PATTERN"):
                return answers.no_record(self._crm, write)
            return answers.refused(self._crm, write, error.describe())
        except RetryableError as error:
            if error.code not in UNKNOWN_AFTER:
                raise
            return answers.unknown(self._crm, write, error.describe())
        (told,) = outcomes(answer.body, 1)
        match told.became:
            case Became.WRITTEN:
                return answers.done(write)
            case Became.NOT_THERE:
                return answers.no_record(self._crm, write)
            case Became.UNKNOWN:
                return answers.unknown(self._crm, write, told.detail)
        return answers.refused(self._crm, write, f"{told.code}: {told.detail}")

    def _rows(self, voucher: str) -> Iterator[Mapping[str, Value]]:
        token = ""
        for number in range(1, PAGES_MAX):
            more = {"page_token": token} if token else {"page": str(number)}
            try:
                found = self._asking.page(self._place(voucher), {"fields": _FIELDS, **more})
            except RefusedError as error:
                if error.code == "http.not_found" or zoho_code(error) == "INVALID_DATA":
                    return  # no such voucher
                raise
            yield from found.rows
            if not found.has_more:
                return
            token = found.token

    def _is_it(self, row: Mapping[str, Value], write: FileWrite) -> bool:
        """Say whether a file that is there has the bytes that are to be written."""
        if _size(row.get("Size")) not in (None, write.size):
            return False
        mark = _MARK.search(str(row.get("File_Name") or ""))
        if mark is not None:
            return mark[1] == write.digest[:MARK_CHARS]
        hashed, size = hashlib.sha256(), 0
        for portion in self.read(FileRef(write.voucher, id_of(row), "")):
            size += len(portion)
            if size > write.size:
                return False
            hashed.update(portion)
        return hashed.hexdigest() == write.digest

    def _counted(self, write: FileWrite, portions: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the bytes on; where they are others than was said, the end of the form is not sent.

        Raises:
            RefusedError: their number or their digest is another.
        """
        hashed, size = hashlib.sha256(), 0
        for portion in portions:
            size += len(portion)
            hashed.update(portion)
            yield portion
        if size != write.size or hashed.hexdigest() != write.digest:
            raise RefusedError("zoho.other_bytes", crm=self._crm, name=write.name[:100])

    def _place(self, voucher: str, file: str = "") -> str:
        if self._source is None or not query.is_id(voucher) or (file and not query.is_id(file)):
            raise UnsupportedError(
                "crm.no_ability", crm=self._crm, ability=Ability.VOUCHER_FILES, reason="-"
            )
        rest = f"{self._source.module}/{voucher}/Attachments"
        return f"{rest}/{file}" if file else rest


def marked(name: str, digest: str) -> str:
    """Put a part of the digest into a name, before its last point.

    >>> marked("发票 1.pdf", "0123456789abcdef0123")
    '发票 1~0123456789abcdef.pdf'
    """
    mark = f"~{digest[:MARK_CHARS]}"
    stem, point, end = name.rpartition(".")
    if not stem or not end or len(end) > 20 or "~" in end or "/" in end:
        return f"{name[:NAME_CHARS]}{mark}"
    return f"{stem[:NAME_CHARS]}{mark}{point}{end}"


def unmarked(name: str) -> str:
    """Give a name as it was before it was marked.

    >>> unmarked("发票 1~0123456789abcdef.pdf"), unmarked("plain.pdf")
    ('发票 1.pdf', 'plain.pdf')
    """
    return _MARK.sub("", name)


def _form(write: FileWrite, boundary: str) -> tuple[bytes, bytes]:
    """Give what stands before and behind the file in the form.

    The boundary is made of the file's own digest, so that it does not stand in it by chance.
    """
    name = _quoted(marked(write.name, write.digest))
    kind = write.type if _is_plain(write.type) else "application/octet-stream"
    lines = [
        f"--{boundary}",
        f'Content-Disposition: form-data; name="file"; filename="{name}"',
        f"Content-Type: {kind}",
        "",
        "",
    ]
    return "\r\n".join(lines).encode(), f"\r\n--{boundary}--\r\n".encode()


def _chained(head: bytes, portions: Iterable[bytes], tail: bytes) -> Iterator[bytes]:
    yield head
    yield from portions
    yield tail


def _quoted(text: str) -> str:
    """Write a name as browsers do, so that it can end neither its quotes nor its line."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _is_plain(kind: str) -> bool:
    return kind.isascii() and kind.isprintable() and "/" in kind


def _size(held: Value) -> int | None:
    text = str(held) if isinstance(held, int | str) and not isinstance(held, bool) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 13 else None
