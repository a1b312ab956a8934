"""What people do with files of vouchers: attach, list, save, and see which stand twice."""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from crm_expenses.adapters.contract import Ability, Adapter, Support
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.ownclaim import OWN
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM, Viewer
from crm_expenses.errors import ConfigError, StoreError
from crm_expenses.store import Store, files
from crm_expenses.store.files import OURS, FileRow, FileState
from crm_expenses.store.shelf import Shelf, portions_of

NAME_BYTES_MAX: Final = 150
SAME_NAMES_MAX: Final = 10_000
_ENDING_MAX: Final = 10
_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{one}{n}" for one in ("com", "lpt") for n in range(1, 10))}
)
"""Names that stand for no file on Windows."""


def attach(
    store: Store,
    adapter: Adapter,
    shelf: Shelf,
    *,
    voucher: str,
    path: Path,
    viewer: Viewer,
    at: datetime,
) -> FileRow:
    """Put somebody's file on the shelf for a voucher; it is sent where the CRM takes files.

    The same file twice is one.

    Raises:
        ConfigError: the file cannot be read.
        MappingError: it is too large.
        RefusedError: the voucher is not there, or not theirs.
    """
    crm = adapter.name
    _demand_theirs(store, crm, voucher, viewer)
    try:
        kept = shelf.keep(portions_of(path), name=path.name)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise ConfigError("vouchers.unreadable", path=str(path), detail=detail) from error
    kind = mimetypes.guess_type(path.name)[0] or ""
    takes = adapter.capabilities.support(Ability.FILE_WRITES) is not Support.NO
    is_there = takes and crm != OWN
    state = FileState.TO_SEND if is_there else FileState.HELD
    row = FileRow(
        crm,
        voucher,
        f"{OURS}{kept.digest}",
        path.name,
        kind,
        kept.size,
        version="",
        digest=kept.digest,
        state=state,
    )
    with store.writing() as connection:
        for before in files.files_of(connection, crm, [voucher]):
            if before.digest == row.digest and before.state is not FileState.GONE:
                return before
        files.keep_file(connection, row, at, actor=viewer.person)
    return row


def known_files(
    store: Store, crm: str, *, viewer: Viewer, voucher: str = ""
) -> tuple[FileRow, ...]:
    """Give what is known of the files of vouchers that a viewer may see.

    Raises:
        RefusedError: one voucher was asked for, and they may not see it, or it is not there.
    """
    seen = {one.id for one in store.records(crm, Kind.VOUCHER, viewer=viewer)}
    if voucher and voucher not in seen:
        viewer.refuse(voucher)
    with store.reading() as connection:
        held = files.files_of(connection, crm, [voucher] if voucher else None)
    return tuple(row for row in held if viewer.sees_all or row.voucher in seen)


def try_again(store: Store, crm: str, *, viewer: Viewer, voucher: str = "") -> int:
    """Let the files that were given up be tried again by the next run; give how many.

    Raises:
        RefusedError: a voucher was named that is not theirs, or none, and they do not see all.
    """
    if voucher:
        _demand_theirs(store, crm, voucher, viewer)
    else:
        viewer.demand("", "vouchers")
    with store.writing() as connection:
        return files.try_again(connection, crm, {voucher} if voucher else None)


def save(shelf: Shelf, rows: Sequence[FileRow], folder: Path) -> list[tuple[FileRow, Path]]:
    """Write copies of files into a folder, under safe names; one that is there already stays.

    Raises:
        ConfigError: the folder cannot be written.
        StoreError: a file is missing on the shelf.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [(row, _saved(shelf, row, folder)) for row in rows if row.digest]
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise ConfigError("vouchers.folder", path=str(folder), detail=detail) from error


def safe_name(name: str) -> str:
    """Give a name that stands for a file in whatever folder it is put into, on any system.

    >>> safe_name("../../etc/pass:wd"), safe_name(".."), safe_name("发票 1.pdf")
    ('pass_wd', 'file', '发票 1.pdf')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last)
    plain = plain.strip(" .")
    if len(plain.encode(errors="replace")) > NAME_BYTES_MAX:
        stem, _, ending = plain.rpartition(".")
        kept = (stem or plain).encode(errors="replace")[: NAME_BYTES_MAX - 4 * _ENDING_MAX]
        plain = f"{kept.decode(errors='ignore')}.{ending[:_ENDING_MAX]}"
    if plain.partition(".")[0].lower() in _DEVICES:
        plain = f"_{plain}"
    return plain or "file"


def _saved(shelf: Shelf, row: FileRow, folder: Path) -> Path:
    """Write one copy; a name that is taken gets a number, and nothing is ever written over."""
    name = safe_name(row.name)
    stem, dot, ending = name.rpartition(".")
    for number in range(1, SAME_NAMES_MAX):
        numbered = f"{stem or name} ({number}){dot}{ending}" if dot else f"{name} ({number})"
        path = folder / (name if number == 1 else numbered)
        if path.is_file() and _is_copy(shelf, row, path):
            return path
        try:
            with path.open("xb") as file:  # not through a link, and not over anything
                for portion in shelf.read(row.digest):
                    file.write(portion)
        except FileExistsError:
            continue
        except StoreError:
            path.unlink(missing_ok=True)
            raise
        return path
    raise ConfigError("vouchers.folder", path=str(folder), detail=name)


def _is_copy(shelf: Shelf, row: FileRow, path: Path) -> bool:
    """Say whether a file is a whole copy already."""
    if path.stat().st_size != row.size:
        return False
    return all(
        mine == theirs
        for mine, theirs in zip(portions_of(path), shelf.read(row.digest), strict=False)
    )


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file behind several vouchers: each with the claims that its lines are in, and whose."""

    digest: str
    size: int
    places: tuple["DuplicatePlace", ...]


@dataclass(frozen=True, slots=True)
class DuplicatePlace:
    """Where a file stands that stands elsewhere, too."""

    file: FileRow
    claims: tuple[str, ...]
    people: tuple[str, ...]


def duplicate_files(store: Store, *, viewer: Viewer) -> tuple[Duplicate, ...]:
    """Give the files whose very bytes stand behind more than one voucher.

    Raises:
        RefusedError: they are everybody's, so only who sees everything may.
    """
    viewer.demand("", "vouchers")
    with store.reading() as connection:
        found = files.duplicates(connection)
    crms = sorted({row.crm for rows in found for row in rows})
    claims = {crm: _claims_of(store, crm) for crm in crms}
    return tuple(
        Duplicate(
            rows[0].digest,
            rows[0].size,
            tuple(DuplicatePlace(row, *claims[row.crm].get(row.voucher, ((), ()))) for row in rows),
        )
        for rows in found
    )


def _claims_of(store: Store, crm: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Give, by voucher, the claims that it backs, and whose they are."""
    found = store.records(crm, Kind.CLAIM, viewer=SYSTEM)
    persons = {claim.id: claim.person for claim in found if isinstance(claim, Claim)}
    named: dict[str, set[str]] = {}
    for line in store.records(crm, Kind.LINE, viewer=SYSTEM):
        if isinstance(line, ExpenseLine) and line.voucher:
            named.setdefault(line.voucher, set()).add(line.claim)
    return {
        voucher: (
            tuple(sorted(claims)),
            tuple(sorted({persons[one] for one in claims if one in persons})),
        )
        for voucher, claims in named.items()
    }


def _demand_theirs(store: Store, crm: str, voucher: str, viewer: Viewer) -> None:
    """Make sure that a voucher is somebody's own, or that they see everything."""
    own = viewer if viewer.sees_all else Viewer(viewer.person)
    if voucher not in {one.id for one in store.records(crm, Kind.VOUCHER, viewer=own)}:
        viewer.refuse(voucher)
