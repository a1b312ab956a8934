"""Files of vouchers in the store: what is known of each, and which vouchers are to be listed.

The bytes stand on the shelf (`store.shelf`), under the digest that a row has. What a row says of a
file is in the log whenever it changes, the latest entry for it being what it says now; how far a
file has come (`state`, `reason`, `tries`) is not.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from crm_expenses.core.ownclaim import OWN
from crm_expenses.core.record import Kind, canonical, digest
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.keeping import NAME_MAX, SAID_MAX, shown
from crm_expenses.store.latestproof import NOTHING
from crm_expenses.store.log import SYNC, write_log

OURS: Final = "own:"
"""Leads the id of a file that was put here; its digest follows."""

FILE_NAME_MAX: Final = 400
LISTING: Final = ""
"""The id of a row that says why a voucher's files could not be listed."""

ACTION: Final = "file"
"""What the log calls a change of what is known of a file."""


class FileState(StrEnum):
    """How far a file has come: from the CRM to us, or, one of ours, from us to the CRM."""

    HELD = "held"
    FAILED = "failed"
    REFUSED = "refused"
    GONE = "gone"
    TO_SEND = "to_send"
    SENDING = "sending"
    SENT = "sent"


IN_SENDING: Final = (FileState.TO_SEND, FileState.SENDING)


@dataclass(frozen=True, slots=True)
class FileRow:
    """What is known of a file; `digest` is empty before there is a copy of it.

    `version` and `size` are those of our copy.
    """

    crm: str
    voucher: str
    id: str
    name: str
    type: str
    size: int
    version: str
    digest: str
    state: FileState
    reason: str = ""
    tries: int = 0

    @property
    def is_ours(self) -> bool:
        """Whether somebody put it here."""
        return self.id.startswith(OURS)

    @property
    def key(self) -> str:
        """What a write of this file is known by, however often it is sent."""
        return digest([self.crm, ACTION, self.voucher, self.digest])

    @property
    def subject(self) -> str:
        """What the log calls it; its name, which may say who somebody is, stays outside."""
        return f"{self.crm}/{self.voucher}/{self.id}"

    @property
    def mark(self) -> str:
        """What the log says of it."""
        return digest(
            [
                *(self.crm, self.voucher, self.id, self.name),
                *(self.type, self.size, self.version, self.digest),
            ]
        )


@dataclass(frozen=True, slots=True)
class ToList:
    """A voucher whose files are to be listed, at a version of it."""

    voucher: str
    seq: int
    version: str


def to_list(connection: Connection, crm: str, *, after: int, limit: int) -> list[ToList]:
    """Give the next vouchers that are new or changed since their files were listed, in order.

    A voucher that was made here is not in the CRM, and so has no files there.
    """
    its = t.latest.c
    same = and_(t.listed.c.crm == its.crm, t.listed.c.voucher == its.id)
    current = and_(t.listed.c.seq == its.seq, t.listed.c.version == its.version)
    is_ours = t.record.c.origin.startswith(canonical({"crm": OWN})[:-1], autoescape=True)
    joined = t.latest.join(t.record, t.record.c.seq == its.seq).outerjoin(
        t.listed, and_(same, current)
    )
    rows = connection.execute(
        select(its.id, its.seq, its.version)
        .select_from(joined)
        .where((its.crm == crm) & (its.kind == Kind.VOUCHER.value) & (its.seq > after))
        .where(t.listed.c.voucher.is_(None) & ~is_ours)
        .order_by(its.seq)
        .limit(limit)
    )
    return [ToList(row.id, row.seq, row.version) for row in rows]


def mark_listed(connection: Connection, crm: str, vouchers: Iterable[ToList]) -> None:
    """Keep at which version vouchers were listed."""
    rows = {
        one.voucher: {
            "crm": crm,
            "voucher": one.voucher,
            "seq": one.seq,
            "version": one.version,
        }
        for one in vouchers
    }
    list_again(connection, crm, rows)
    if rows:
        connection.execute(t.listed.insert(), list(rows.values()))


def list_again(connection: Connection, crm: str, vouchers: Collection[str] | None = None) -> None:
    """Have the files of some vouchers listed again, or of all."""
    gone = delete(t.listed).where(t.listed.c.crm == crm)
    if vouchers is None:
        connection.execute(gone)
        return
    for names in s.portions(vouchers):
        connection.execute(gone.where(t.listed.c.voucher.in_(names)))


def now_listed(connection: Connection, crm: str, vouchers: Collection[str]) -> None:
    """Forget why vouchers could not be listed: they were."""
    blank = (t.file.c.crm == crm) & (t.file.c.id == LISTING)
    for names in s.portions(vouchers):
        connection.execute(delete(t.file).where(blank & t.file.c.voucher.in_(names)))


def files_of(
    connection: Connection, crm: str, vouchers: Collection[str] | None = None
) -> list[FileRow]:
    """Give what is known of the files of some vouchers, or of all."""
    order = (t.file.c.voucher, t.file.c.id)
    every = select(t.file).where(t.file.c.crm == crm).order_by(*order)
    if vouchers is None:
        return [_row(row) for row in connection.execute(every)]
    return [
        _row(row)
        for names in s.portions(vouchers)
        for row in connection.execute(every.where(t.file.c.voucher.in_(names)))
    ]


def to_send(connection: Connection, crm: str, limit: int, after: tuple[str, str]) -> list[FileRow]:
    """Give the next files of ours that wait to be sent; `after` is a voucher and an id."""
    voucher, name = after
    later = (t.file.c.voucher > voucher) | ((t.file.c.voucher == voucher) & (t.file.c.id > name))
    rows = connection.execute(
        select(t.file)
        .where((t.file.c.crm == crm) & t.file.c.state.in_([one.value for one in IN_SENDING]))
        .where(later)
        .order_by(t.file.c.voucher, t.file.c.id)
        .limit(limit)
    )
    return [_row(row) for row in rows]


def waiting(connection: Connection, crm: str) -> list[FileRow]:
    """Give every file of ours that waits to be sent."""
    return [row for row in files_of(connection, crm) if row.state in IN_SENDING]


def keep_file(connection: Connection, row: FileRow, at: datetime, *, actor: str = SYNC) -> None:
    """Keep what is known of a file, and say so in the log where that is news."""
    row = replace(row, name=shown(row.name, FILE_NAME_MAX), type=shown(row.type, NAME_MAX))
    before = _read(connection, row)
    put_file(connection, row)
    if before is None or before.mark != row.mark:
        _log(connection, row, row.mark, at, actor)


def put_file(connection: Connection, row: FileRow) -> None:
    """Keep how far a file has come; what the log says of it stays as it is."""
    connection.execute(delete(t.file).where(_is(row)))
    kept = {
        "name": shown(row.name, FILE_NAME_MAX),
        "type": shown(row.type, NAME_MAX),
        "reason": shown(row.reason, SAID_MAX),
        "state": row.state.value,
    }
    connection.execute(t.file.insert(), {**asdict(row), **kept})


def drop_file(connection: Connection, row: FileRow, at: datetime, *, actor: str = SYNC) -> None:
    """Forget a file of ours that the CRM lists under its own name now; the log says so."""
    connection.execute(delete(t.file).where(_is(row)))
    _log(connection, row, NOTHING, at, actor)


def try_again(connection: Connection, crm: str, vouchers: Collection[str] | None = None) -> int:
    """Let files that were given up be tried again; give how many."""
    again = [one for one in files_of(connection, crm, vouchers) if one.state is FileState.REFUSED]
    for one in again:
        state = FileState.TO_SEND if one.is_ours else FileState.FAILED
        put_file(connection, replace(one, state=state, tries=0))
    list_again(connection, crm, {one.voucher for one in again if not one.is_ours})
    return len(again)


def duplicates(connection: Connection) -> list[tuple[FileRow, ...]]:
    """Give the files whose very bytes stand behind more than one voucher, of all CRMs.

    An empty file says nothing.
    """
    has_bytes = (t.file.c.digest != "") & (t.file.c.size > 0)
    vouchers = select(t.file.c.digest, t.file.c.crm, t.file.c.voucher).where(has_bytes).distinct()
    of = vouchers.subquery()
    twice = select(of.c.digest).group_by(of.c.digest).having(func.count() > 1)
    rows = connection.execute(
        select(t.file)
        .where(t.file.c.digest.in_(twice))
        .order_by(t.file.c.digest, t.file.c.crm, t.file.c.voucher, t.file.c.id)
    )
    found: dict[str, list[FileRow]] = {}
    for row in rows:
        found.setdefault(row.digest, []).append(_row(row))
    return [tuple(some) for some in found.values()]


def counts(connection: Connection, crm: str) -> dict[FileState, int]:
    """Count files by how far they have come."""
    rows = connection.execute(
        select(t.file.c.state, func.count().label("number"))
        .where(t.file.c.crm == crm)
        .group_by(t.file.c.state)
    )
    return {FileState(row.state): row.number for row in rows}


def digests(connection: Connection) -> Iterator[tuple[str, int]]:
    """Give each digest of which there must be a file, with its size."""
    rows = connection.execute(
        select(t.file.c.digest, func.max(t.file.c.size).label("size"))
        .where(t.file.c.digest != "")
        .group_by(t.file.c.digest)
        .order_by(t.file.c.digest)
    )
    for row in rows:
        yield row.digest, row.size


def marks(connection: Connection) -> Iterator[tuple[str, str]]:
    """Give what the log says of each file of which there is a copy."""
    for row in connection.execute(select(t.file).where(t.file.c.digest != "")):
        of = _row(row)
        yield of.subject, of.mark


def _log(connection: Connection, row: FileRow, content: str, at: datetime, actor: str) -> None:
    write_log(connection, at=at, actor=actor, action=ACTION, subject=row.subject, content=content)


def _read(connection: Connection, row: FileRow) -> FileRow | None:
    found = connection.execute(select(t.file).where(_is(row))).first()
    return None if found is None or not found.digest else _row(found)


def _is(row: FileRow) -> ColumnElement[bool]:
    return and_(t.file.c.crm == row.crm, t.file.c.voucher == row.voucher, t.file.c.id == row.id)


def _row(row: Any) -> FileRow:  # noqa: ANN401  a row
    return FileRow(**row._asdict() | {"state": FileState(row.state)})
