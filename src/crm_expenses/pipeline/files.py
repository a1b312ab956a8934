"""Files of vouchers: from the CRM onto the shelf, and ours from the shelf to the CRM.

A decision reads no file, so this comes last in a run: what the CRM allows of calls goes to facts
and results first. Each file is a transaction of its own, and one that fails never stops the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final

from crm_expenses.adapters.contract import (
    Ability,
    Ack,
    AckState,
    Adapter,
    FileRef,
    FileWrite,
    Support,
)
from crm_expenses.errors import (
    AllowanceError,
    ConflictError,
    CrmExpensesError,
    MappingError,
    RefusedError,
    RetryableError,
    StoreError,
)
from crm_expenses.pipeline.summary import FileCount, Progress, quiet
from crm_expenses.store import Store, files
from crm_expenses.store.files import LISTING, FileRow, FileState, ToList
from crm_expenses.store.keeping import short
from crm_expenses.store.shelf import Shelf, too_large

VOUCHERS_AT_ONCE: Final = 50
"""Most vouchers whose files are listed at once."""

FILES_MAX: Final = 10_000
"""Most files that one listing may give."""

ROUNDS_MAX: Final = 1_000_000
AWAY_AFTER: Final = 3
"""After so many files in a row that the CRM could not give, it is away: the rest waits."""

_FAILING: Final = (RefusedError, MappingError, RetryableError, ConflictError)


class _AwayError(Exception):
    """The CRM does not answer any more."""


@dataclass
class _Run:
    """One run over the files of a CRM, and how far it is.

    `in_a_row` are the files that the CRM could not give since the last one that it gave: where it
    was away, that is nobody's fault, and no try of theirs is counted.
    """

    store: Store
    adapter: Adapter
    shelf: Shelf
    at: datetime
    tries_max: int
    progress: Progress
    count: FileCount = field(default_factory=FileCount)
    in_a_row: list[tuple[FileRow, CrmExpensesError]] = field(default_factory=list)

    @property
    def crm(self) -> str:
        """The name of the connection."""
        return self.adapter.name

    def add(self, **counts: int) -> None:
        """Count."""
        self.count += FileCount(**counts)


def pull_files(
    store: Store,
    adapter: Adapter,
    shelf: Shelf,
    at: datetime,
    *,
    tries_max: int = 10,
    progress: Progress = quiet,
) -> FileCount:
    """Fetch the files of vouchers that are new or changed, where the CRM gives files.

    A voucher with a file that failed is listed again by the next run, until the file was tried
    `tries_max` times: then it is `refused`, with its reason, and waits for a person.
    """
    run = _Run(store, adapter, shelf, at, tries_max, progress)
    shelf.clear()
    if adapter.capabilities.support(Ability.VOUCHER_FILES) is Support.NO:
        return run.count
    last = 0
    try:
        for _ in range(ROUNDS_MAX):
            with store.reading() as connection:
                some = files.to_list(connection, run.crm, after=last, limit=VOUCHERS_AT_ONCE)
            if not some:
                break
            last = some[-1].seq
            _portion(run, some)
    except _AwayError:
        run.in_a_row.clear()
    return run.count


def push_files(
    store: Store,
    adapter: Adapter,
    shelf: Shelf,
    at: datetime,
    *,
    tries_max: int = 10,
    progress: Progress = quiet,
) -> FileCount:
    """Send the files that were put here, each once, where the CRM takes files.

    A row is marked before its file is sent. What was cut off is uncertain: the adapter looks
    whether it is there before it sends again.
    """
    run = _Run(store, adapter, shelf, at, tries_max, progress)
    if adapter.capabilities.support(Ability.FILE_WRITES) is Support.NO:
        return run.count
    last = ("", "")
    for _ in range(ROUNDS_MAX):
        with store.reading() as connection:
            rows = files.to_send(connection, run.crm, VOUCHERS_AT_ONCE, last)
        if not rows:
            break
        last = (rows[-1].voucher, rows[-1].id)
        try:
            for row in rows:
                _send(run, row)
        except RetryableError:  # what was on its way stays marked, the rest waits
            run.add(failed=1)
            break
    return run.count


# From the CRM


def _portion(run: _Run, some: Sequence[ToList]) -> None:
    """List the files of some vouchers, and fetch those that we do not have."""
    names = [one.voucher for one in some]
    with run.store.reading() as connection:
        held = {(row.voucher, row.id): row for row in files.files_of(connection, run.crm, names)}
    listed, untold = _listed(run, names)
    wanted = {(ref.voucher, short(ref.id)): ref for ref in listed if ref.voucher in set(names)}
    for key, ref in wanted.items():
        before = held.get(key)
        if before is not None and _is_same(before, ref):
            run.add(known=1)
        else:
            _fetch(run, ref, before)
    for voucher, error in untold.items():
        blank = _blank(run, FileRef(voucher, LISTING, LISTING))
        _failed(run, held.get((voucher, LISTING), blank), error)
    _settle(run)
    with run.store.writing() as connection:
        files.now_listed(connection, run.crm, set(names) - untold.keys())
        for key, row in held.items():
            if row.id and not row.is_ours and key not in wanted and row.voucher not in untold:
                files.put_file(connection, replace(row, state=FileState.GONE, reason=""))
        now = files.files_of(connection, run.crm, names)
        waiting = {row.voucher for row in now if row.state is FileState.FAILED}
        done = [one for one in some if one.voucher not in waiting]
        files.mark_listed(connection, run.crm, done)
    run.add(vouchers=len(some))


def _listed(
    run: _Run, vouchers: Sequence[str]
) -> tuple[list[FileRef], dict[str, CrmExpensesError]]:
    """List the files of vouchers; those that cannot be listed, by halves, with the reason."""
    try:
        return list(islice(run.adapter.files(vouchers), FILES_MAX)), {}
    except RetryableError:
        run.add(failed=1)
        raise _AwayError from None
    except (RefusedError, MappingError, ConflictError) as error:
        if len(vouchers) == 1:
            return [], {vouchers[0]: error}
    middle = len(vouchers) // 2
    first, wrong = _listed(run, vouchers[:middle])
    second, more = _listed(run, vouchers[middle:])
    return [*first, *second], {**wrong, **more}


def _is_same(row: FileRow, ref: FileRef) -> bool:
    """Say whether what is listed is what we hold, or what we gave up on."""
    tells = bool(ref.version) or ref.size is not None
    same = row.version == short(ref.version) and ref.size in (None, row.size)
    return tells and same and row.state in {FileState.HELD, FileState.REFUSED}


def _fetch(run: _Run, ref: FileRef, before: FileRow | None) -> None:
    """Put a file on the shelf, and keep where it stands."""
    row = _blank(run, ref)
    try:
        if ref.size is not None and ref.size > run.shelf.bytes_max:
            raise too_large(ref.name, str(ref.size), run.shelf.bytes_max)
        kept = run.shelf.keep(run.adapter.read_file(ref), name=ref.name, size_told=ref.size)
    except AllowanceError:
        run.add(failed=1)
        raise _AwayError from None
    except _FAILING as error:
        is_large = error.code == "vouchers.too_large"
        _failed(run, _with_copy(row, before), error, for_good=is_large)
        return
    _settle(run)
    found = replace(row, size=kept.size, digest=kept.digest, state=FileState.HELD)
    with run.store.writing() as connection:
        files.keep_file(connection, found, run.at)
        for other in files.files_of(connection, run.crm, [ref.voucher]):
            if _is_echo(other, found):
                files.drop_file(connection, other, run.at)
    run.add(kept=1, bytes=kept.size)
    run.progress("files", run.count.kept, None)


def _is_echo(ours: FileRow, theirs: FileRow) -> bool:
    """Say whether a file that the CRM lists is one that we sent."""
    is_sent = ours.is_ours and ours.state is FileState.SENT
    return is_sent and not theirs.is_ours and ours.digest == theirs.digest


def _blank(run: _Run, ref: FileRef) -> FileRow:
    size, version = ref.size or 0, short(ref.version)
    return FileRow(
        run.crm,
        ref.voucher,
        short(ref.id),
        ref.name,
        ref.type,
        size,
        version,
        digest="",
        state=FileState.FAILED,
    )


def _with_copy(row: FileRow, before: FileRow | None) -> FileRow:
    """Give the row of a file that did not come; the copy of an older version stays ours."""
    if before is None:
        return row
    return before if before.digest else replace(row, tries=before.tries)


def _failed(run: _Run, row: FileRow, error: CrmExpensesError, *, for_good: bool = False) -> None:
    """Keep why a file did not come, once it is known that the CRM is not simply away."""
    if isinstance(error, RetryableError):
        run.in_a_row.append((row, error))
        if len(run.in_a_row) >= AWAY_AFTER:
            run.add(failed=len(run.in_a_row))
            raise _AwayError
        return
    _settle(run)
    _keep_failed(run, row, error, for_good=for_good)


def _settle(run: _Run) -> None:
    """Count the tries of the files that failed before one that did not."""
    waiting, run.in_a_row = run.in_a_row, []
    for row, error in waiting:
        _keep_failed(run, row, error, for_good=False)


def _keep_failed(run: _Run, row: FileRow, error: CrmExpensesError, *, for_good: bool) -> None:
    tries = row.tries + 1
    is_over = for_good or tries >= run.tries_max
    state = FileState.REFUSED if is_over else FileState.FAILED
    with run.store.writing() as connection:
        kept = replace(row, state=state, reason=error.describe("en"), tries=tries)
        files.put_file(connection, kept)
    run.add(refused=int(is_over), failed=int(not is_over))


# To the CRM


def _send(run: _Run, row: FileRow) -> None:
    uncertain = row.state is FileState.SENDING
    with run.store.writing() as connection:
        files.put_file(connection, replace(row, state=FileState.SENDING))
    write = FileWrite(
        row.key, row.voucher, row.name, row.type, row.size, row.digest, uncertain=uncertain
    )
    try:
        ack = run.adapter.write_file(write, run.shelf.read(row.digest))
    except StoreError as error:  # our copy is not there any more
        ack = Ack(row.key, AckState.REFUSED, error.problems[0])
    except (RefusedError, MappingError) as error:
        ack = Ack(row.key, AckState.REFUSED, error.problems[0])
    except ConflictError as error:
        ack = Ack(row.key, AckState.CONFLICT, error.problems[0])
    _close(run, row, ack)


def _close(run: _Run, row: FileRow, ack: Ack) -> None:
    """Keep what became of a file that was sent."""
    reason = ack.problem.describe("en") if ack.problem else ""
    tries = row.tries + 1
    match ack.state:
        case AckState.DONE:
            now = replace(row, state=FileState.SENT, reason="", tries=0)
            run.add(sent=1, bytes_sent=row.size)
            run.progress("files", run.count.sent, None)
        case AckState.UNKNOWN | AckState.CONFLICT if tries < run.tries_max:
            is_unknown = ack.state is AckState.UNKNOWN
            state = FileState.SENDING if is_unknown else FileState.TO_SEND
            now = replace(row, state=state, reason=reason, tries=tries)
            run.add(failed=1)
        case _:
            now = replace(row, state=FileState.REFUSED, reason=reason, tries=tries)
            run.add(refused=1)
    with run.store.writing() as connection:
        files.put_file(connection, now)
        beside = files.files_of(connection, run.crm, [row.voucher])
        if any(_is_echo(now, other) for other in beside if other.state is FileState.HELD):
            files.drop_file(connection, now, run.at)
