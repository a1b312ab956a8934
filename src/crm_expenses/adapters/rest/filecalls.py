"""Files beside vouchers: listed, streamed in, sent as a form, each once."""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, cast

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Ability, Ack, FileRef, FileWrite
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.exchange import Upload
from crm_expenses.adapters.rest.fieldpaths import path_values
from crm_expenses.adapters.rest.looking import Looking, Row
from crm_expenses.adapters.rest.path import NOT_THERE, found
from crm_expenses.adapters.rest.rows import Source
from crm_expenses.adapters.rest.spec import Call
from crm_expenses.adapters.rest.speckind import FilesPart
from crm_expenses.adapters.rest.wire import Wire
from crm_expenses.adapters.writes import UNKNOWN_AFTER
from crm_expenses.core.record import Json
from crm_expenses.errors import ConflictError, RefusedError, RetryableError, UnsupportedError

NAME_CHARS: Final = 200
PORTION_BYTES: Final = 256 * 1024


class FileCalls:
    """The files of the vouchers of one CRM."""

    def __init__(self, wire: Wire, source: Source | None, looking: Looking) -> None:
        self._wire = wire
        self._source = source
        self._looking = looking

    def listed(self, vouchers: Sequence[str]) -> Iterator[FileRef]:
        """List the files beside some vouchers; a voucher that is not there has none."""
        part, source = self._parts()
        if part.list is None:
            for name, row in self._looking.rows(source, vouchers).items():
                held = found(row.raw, part.field)
                names = held if isinstance(held, list) else [held]
                for file in names:
                    if isinstance(file, str) and file:
                        yield FileRef(name, file, file, version=file)
            return
        records = part.list.records or self._wire.held.records_of(source.kind)
        for name, address in self._addresses(source, vouchers):
            values: dict[str, Json] = {
                "object": source.part.object,
                "id": name,
                "address": address,
                "field_list": "",
                "field_names": [],
                **path_values(self._wire.held, source.kind, source.shape.parts),
            }
            try:
                answer = self._wire.call(part.list, values)
            except RefusedError as error:
                if error.code != "http.not_found":
                    raise
                continue
            for one in self._wire.rows(answer, records):
                yield self._ref(part, name, one)

    def read(self, ref: FileRef) -> Iterator[bytes]:
        """Give the bytes of a file in portions."""
        part, source = self._parts()
        if part.download is None:
            raise self._unsupported(Ability.VOUCHER_FILES)
        file, _, stored = ref.id.partition("/") if part.stored_path else (ref.id, "", ref.name)
        values: dict[str, Json] = {
            "object": source.part.object,
            "id": ref.voucher,
            "file": file,
            "stored": stored,
            "name": ref.name,
        }
        if part.content_path:
            return self._decoded(part, part.download, values)
        return (portion for portion in self._wire.stream(part.download, values) if portion)

    def write(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        """Put a file beside a voucher, unless one with the same bytes is there."""
        part, source = self._parts()
        crm = self._wire.crm
        if part.upload is None:
            raise self._unsupported(Ability.FILE_WRITES)
        row = self._looking.rows(source, [write.voucher]).get(write.voucher)
        if row is None:
            return answers.no_record(crm, write)
        if any(self._is_it(ref, write) for ref in self.listed([write.voucher])):
            return answers.done(write)
        values: dict[str, Json] = {
            "object": source.part.object,
            "id": write.voucher,
            "name": write.name,
            "address": _address(source, write.voucher, row),
            "size": write.size,
            "type": write.type,
        }
        if part.upload.body is not None:
            return self._in_json(part.upload, write, values, portions)
        boundary = f"crm-expenses-{write.digest[:32]}"
        head, tail = _form(part, write, boundary, self._filled(part, values))
        length = len(head) + write.size + len(tail)
        body = Upload(length, _chained(head, self._counted(write, portions), tail))
        kind = f"multipart/form-data; boundary={boundary}"
        upload = part.upload
        return self._acked(write, lambda: self._wire.upload(upload, values, body, kind))

    def _in_json(
        self, call: Call, write: FileWrite, values: dict[str, Json], portions: Iterable[bytes]
    ) -> Ack:
        """Send a file inside JSON. It is held whole, which its size in the settings bounds."""
        try:
            content = b"".join(self._counted(write, portions))
        except RefusedError as error:
            return answers.refused(self._wire.crm, write, error.describe())
        held = {**values, "content": b64encode(content).decode()}
        return self._acked(write, lambda: self._wire.call(call, held))

    def _acked(self, write: FileWrite, send: Callable[[], object]) -> Ack:
        crm = self._wire.crm
        try:
            send()
        except ConflictError:
            return answers.conflict(crm, write)
        except RefusedError as error:
            return answers.refused(crm, write, error.describe())
        except RetryableError as error:
            if error.code not in UNKNOWN_AFTER:
                raise
            return answers.unknown(crm, write, error.describe())
        return answers.done(write)

    def _addresses(self, source: Source, vouchers: Sequence[str]) -> Iterator[tuple[str, Json]]:
        """Give the vouchers by which calls name them; one that is not there is left out."""
        if not source.part.address:
            yield from ((name, name) for name in vouchers)
            return
        for name, row in self._looking.rows(source, vouchers).items():
            yield name, _address(source, name, row)

    def _decoded(self, part: FilesPart, call: Call, values: dict[str, Json]) -> Iterator[bytes]:
        """Give the bytes that stand in an answer; an empty file may be nothing there.

        Raises:
            RetryableError: they are no base64.
        """
        held = found(self._wire.call(call, values).body, part.content_path)
        if held is None or held is NOT_THERE:
            return
        try:
            content = b64decode("".join(str(held).split()), validate=True)
        except ValueError as error:
            detail = f"{part.content_path} is no base64"
            raise answers.wrong_answer(self._wire.crm, detail) from error
        for at in range(0, len(content), PORTION_BYTES):
            yield content[at : at + PORTION_BYTES]

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
            raise RefusedError("rest.other_bytes", crm=self._wire.crm, name=write.name[:100])

    def _filled(self, part: FilesPart, values: dict[str, Json]) -> dict[str, str]:
        known = {**self._wire.user.values, **values}
        filler = self._wire.filler
        return {name: filler.text(text, known) for name, text in part.upload_form.items()}

    def _is_it(self, ref: FileRef, write: FileWrite) -> bool:
        """Say whether a file that is there has the bytes that are to be written."""
        if ref.size is not None and ref.size != write.size:
            return False
        hashed = hashlib.sha256()
        size = 0
        for portion in self.read(ref):
            size += len(portion)
            if size > write.size:
                return False
            hashed.update(portion)
        return hashed.hexdigest() == write.digest

    def _ref(self, part: FilesPart, voucher: str, row: Value) -> FileRef:
        size = found(row, part.size_path) if part.size_path else None
        is_whole = isinstance(size, int) and not isinstance(size, bool)
        name = _text(found(row, part.id_path))
        if part.stored_path:
            name = f"{name}/{_text(found(row, part.stored_path))}"
        return FileRef(
            voucher,
            name,
            _text(found(row, part.name_path)) or name,
            cast("int", size) if is_whole else None,
            _text(found(row, part.type_path)) if part.type_path else "",
            (_text(found(row, part.version_path)) if part.version_path else "") or name,
        )

    def _parts(self) -> tuple[FilesPart, Source]:
        part = self._wire.held.files
        if part is None or self._source is None:
            raise self._unsupported(Ability.VOUCHER_FILES)
        return part, self._source

    def _unsupported(self, ability: Ability) -> UnsupportedError:
        return UnsupportedError(
            "crm.no_ability", crm=self._wire.crm, ability=ability, reason="rest.no_files"
        )


def _address(source: Source, name: str, row: Row) -> Json:
    address = source.part.address
    return cast("Json", found(row.whole, address)) if address else name


def _chained(head: bytes, portions: Iterable[bytes], tail: bytes) -> Iterator[bytes]:
    yield head
    yield from portions
    yield tail


def _form(
    part: FilesPart, write: FileWrite, boundary: str, fields: dict[str, str]
) -> tuple[bytes, bytes]:
    """Give what stands before and behind the file in the form.

    The boundary is made of the file's own digest, so that it does not stand in it by chance.
    """
    lines: list[str] = []
    for name, text in fields.items():
        lines += [
            f"--{boundary}",
            f'Content-Disposition: form-data; name="{_quoted(name)}"',
            "",
            text,
        ]
    disposition = (
        f'Content-Disposition: form-data; name="{_quoted(part.upload_field)}"; '
        f'filename="{_quoted(write.name)}"'
    )
    kind = write.type if _is_plain(write.type) else "application/octet-stream"
    lines += [f"--{boundary}", disposition, f"Content-Type: {kind}", "", ""]
    return "\r\n".join(lines).encode(), f"\r\n--{boundary}--\r\n".encode()


def _quoted(text: str) -> str:
    """Write a name as browsers do, so that it can end neither its quotes nor its line."""
    short = text[:NAME_CHARS]
    return short.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _is_plain(kind: str) -> bool:
    return kind.isascii() and kind.isprintable() and "/" in kind


def _text(held: object) -> str:
    if held is NOT_THERE or held is None or isinstance(held, bool):
        return ""
    return str(held) if isinstance(held, str | int) else ""
