"""The log: any edit, removal, insertion or exchange shows, and so does a log rewritten whole."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.audit import (
    GENESIS,
    AuditEntry,
    Broken,
    Fault,
    LogCheck,
    check_log,
    digest_of,
)
from crm_expenses.core.checkpoint import Checkpoint, Kept, parts_of, parts_text
from crm_expenses.core.merkle import Tree, head_of, leaf
from crm_expenses.core.record import canonical

AT = datetime(2026, 3, 31, 20, tzinfo=UTC)
WORDS = st.sampled_from(("sync", "decide", "C-1", "C-2", "00", "ff", "", "结论", '"previous":"'))

Row = tuple[int, bytes, bytes]
Parts = tuple[str, str, str, str]


def row_of(entry: AuditEntry) -> Row:
    """Give an entry as it is kept."""
    return entry.number, entry.body, digest_of(entry.body)


def entry_of(number: int, parts: Parts, previous: str) -> AuditEntry:
    """Make an entry."""
    actor, action, subject, content = parts
    at = AT + timedelta(seconds=number)
    return AuditEntry(number, at, actor, action, subject, content, previous)


def chain(parts: list[Parts]) -> list[AuditEntry]:
    """Make a log of entries that follow each other."""
    made: list[AuditEntry] = []
    for number, part in enumerate(parts, start=1):
        made.append(entry_of(number, part, made[-1].digest if made else GENESIS))
    return made


def broken(log: list[AuditEntry] | list[Row], *kept: Kept) -> tuple[int, str] | None:
    """Give number and fault of the first entry that does not fit."""
    rows = [row_of(one) if isinstance(one, AuditEntry) else one for one in log]
    found = check_log(rows, kept).broken
    return (found.number, found.fault.value) if found else None


LOGS = st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), min_size=1, max_size=6).map(chain)


@given(LOGS)
def test_a_log_as_written_holds(log: list[AuditEntry]) -> None:
    """An untouched log holds, and so does every beginning of it, with the head of its tree."""
    for end in range(len(log) + 1):
        found = check_log(map(row_of, log[:end]))
        assert (found.entries, found.broken) == (end, None)
        assert found.tree.root() == head_of([leaf(entry.body) for entry in log[:end]])


@given(LOGS)
def test_an_entry_is_read_as_it_was_written(log: list[AuditEntry]) -> None:
    """The bytes of an entry give the entry again, with and without why and rows."""
    for entry in log:
        assert AuditEntry.of(entry.body) == entry
        more = replace(entry, why="~00", rows=(3, 9))
        assert AuditEntry.of(more.body) == more
        assert more.digest != entry.digest


EDITS = {
    "number": lambda value: value + 1,
    "at": lambda value: value + timedelta(microseconds=1),
    "actor": lambda value: f"{value} ",
    "action": lambda value: f"{value}x",
    "subject": lambda value: f"{value}x",
    "content": lambda value: f"{value}0",
    "previous": lambda value: value[::-1] if value != value[::-1] else "f" * 64,
    "why": lambda value: f"{value}1",
    "rows": lambda value: (*value, 1),
}


@pytest.mark.parametrize("field", [field.name for field in fields(AuditEntry)])
@given(log=LOGS, data=st.data())
def test_any_edit_breaks_the_chain(field: str, log: list[AuditEntry], data: st.DataObject) -> None:
    """Whichever part of whichever entry is edited, that entry is the first that does not fit."""
    place = data.draw(st.integers(0, len(log) - 1))
    old = log[place]
    edited = replace(old, **{field: EDITS[field](getattr(old, field))})
    rows = [row_of(entry) for entry in log]
    rows[place] = (old.number, edited.body, digest_of(old.body))
    assert broken(rows) == (place + 1, "changed")


@given(LOGS, st.data())
def test_any_byte_of_any_entry(log: list[AuditEntry], data: st.DataObject) -> None:
    """One byte changed in a body, a digest or a number: that entry is named."""
    rows = [row_of(entry) for entry in log]
    place = data.draw(st.integers(0, len(rows) - 1))
    number, *texts = rows[place]
    which = data.draw(st.sampled_from((0, 1, 2)))
    if which == 2:
        rows[place] = (number ^ (1 << data.draw(st.integers(0, 40))), *texts)
    else:
        changed = bytearray(texts[which])
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        texts[which] = bytes(changed)
        rows[place] = (number, *texts)
    assert broken(rows) == (place + 1, "missing" if which == 2 else "changed")


@given(LOGS.filter(lambda log: len(log) > 1), st.data())
def test_an_edit_that_is_hashed_anew_breaks_the_next(
    log: list[AuditEntry], data: st.DataObject
) -> None:
    """An entry made anew with its own right digest no longer fits the one after it."""
    place = data.draw(st.integers(0, len(log) - 2))
    made = replace(log[place], subject=f"{log[place].subject}!")
    assert broken([*log[:place], made, *log[place + 1 :]]) == (place + 2, "cut")


@given(LOGS.filter(lambda log: len(log) > 1), st.data())
def test_removal_insertion_and_exchange(log: list[AuditEntry], data: st.DataObject) -> None:
    """An entry that is taken out before the end, put in twice or moved is found at its place."""
    place = data.draw(st.integers(0, len(log) - 2))
    assert broken([*log[:place], *log[place + 1 :]]) == (place + 1, "missing")
    assert broken([*log[: place + 1], *log[place:]]) == (place + 2, "missing")
    swapped = [*log[:place], log[place + 1], log[place], *log[place + 2 :]]
    assert broken(swapped) == (place + 1, "missing")


@pytest.mark.parametrize(
    "damaged", [(2, None, None), (2, "text", b""), (2, 5, b"x"), (None, b"", 1)]
)
def test_what_a_damaged_file_gives(damaged: tuple[object, object, object]) -> None:
    """A value of another type is no reason to stop: the entry is named."""
    first, _, third = map(row_of, chain([("a", "b", "c", "d")] * 3))
    found = check_log([first, damaged, third]).broken
    assert found is not None
    assert found.number == 2


def test_entries_of_the_first_version() -> None:
    """An old entry is a list with a plain hash: it is read, checked, and followed by new ones."""
    body = canonical([1, AT, "sync", "pull", "main/claim", "00", GENESIS]).encode()
    old = (1, body, sha256(body).digest())
    assert AuditEntry.of(body) == AuditEntry(1, AT, "sync", "pull", "main/claim", "00", GENESIS)
    new = row_of(entry_of(2, ("a", "b", "c", "d"), old[2].hex()))
    assert broken([old, new]) is None
    assert broken([(1, body.replace(b"pull", b"full"), old[2]), new]) == (1, "changed")
    assert broken([(1, b"{" + body[1:], sha256(b"{" + body[1:]).digest())]) == (1, "changed")


# Checkpoints


def with_checkpoints(count: int, sizes: tuple[int, ...]) -> tuple[list[Row], list[Kept]]:
    """Make a log with checkpoints at sizes, each named by the entry after it."""
    rows: list[Row] = []
    kept: list[Kept] = []
    tree, previous = Tree(), GENESIS
    for number in range(1, count + 1):
        head = rows[-1][2].hex() if rows else GENESIS
        parts = ("a", "b", "c", f"{number:064}")
        if number - 1 in sizes:
            parts = ("sync", "checkpoint", str(number - 1), previous)
        rows.append(row_of(entry_of(number, parts, head)))
        tree.extend([rows[-1][2]])
        if number in sizes:
            made = Checkpoint(number, tree.root().hex(), AT, previous)
            previous = made.digest
            kept.append(Kept(number, made.body, tree.parts))
    return rows, kept


ROWS, KEPT = with_checkpoints(20, (4, 9, 10, 16))


def checked(rows: list[Row], kept: list[Kept], outside: tuple[Kept, ...] = ()) -> LogCheck:
    """Check a log."""
    return check_log(rows, kept, outside)


def test_checkpoints_agree() -> None:
    """A log agrees with its checkpoints, beside it and outside; what came after is counted."""
    found = checked(ROWS, KEPT, (KEPT[1], KEPT[3]))
    assert (found.entries, found.checkpoints, found.covered, found.broken) == (20, 6, 16, None)
    assert checked(ROWS[:17], KEPT).covered == 16
    assert checked(ROWS, []).covered == 0


@pytest.mark.parametrize("end", range(17))
def test_a_tail_that_was_cut_off(end: int) -> None:
    """A log that ends before a checkpoint, or before the entry that names it, is too short."""
    found = checked(ROWS[:end], KEPT).broken
    assert found is not None
    assert (found.number, found.fault) == (end + 1, Fault.SHORT)


def rewritten(rows: list[Row], place: int) -> list[Row]:
    """Change an entry and make every later one anew, as the log's owner could."""
    made = rows[:place]
    for number, body, _ in rows[place:]:
        entry = AuditEntry.of(body)
        subject = "changed" if number == place + 1 else entry.subject
        previous = made[-1][2].hex() if made else GENESIS
        made.append(row_of(replace(entry, subject=subject, previous=previous)))
    return made


@pytest.mark.parametrize("place", range(20))
def test_a_log_that_was_rewritten_whole(place: int) -> None:
    """A chain that holds in itself is caught by the first checkpoint after the change."""
    forged = rewritten(ROWS, place)
    assert check_log(forged).broken is None
    sizes = [one.size for one in KEPT if one.size > place]
    before = [one.size for one in KEPT if one.size <= place]
    found = checked(forged, KEPT).broken
    expected = Broken((before or [0])[-1] + 1, Fault.REWRITTEN, sizes[0]) if sizes else None
    assert found == expected
    outside = (KEPT[3],)
    assert (checked(forged, [], outside).broken is not None) == (place < 16)


@pytest.mark.parametrize("which", range(4))
@given(data=st.data())
def test_any_byte_of_a_checkpoint(which: int, data: st.DataObject) -> None:
    """One byte changed in a checkpoint that stands beside the log, or in its parts, is told."""
    one = KEPT[which]
    body, parts = bytearray(one.body), b"".join(one.parts)
    place = data.draw(st.integers(0, len(body) + len(parts) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    if place < len(body):
        body[place] ^= bit
    else:
        changed = bytearray(parts)
        changed[place - len(body)] ^= bit
        parts = bytes(changed)
    split = tuple(parts[at : at + 32] for at in range(0, len(parts), 32))
    kept = [*KEPT[:which], replace(one, body=bytes(body), parts=split), *KEPT[which + 1 :]]
    found = checked(ROWS, kept).broken
    assert found is not None
    assert found.fault in (Fault.CHECKPOINT, Fault.REWRITTEN)
    assert found.size == one.size


def test_a_checkpoint_that_is_missing_or_moved() -> None:
    """A checkpoint taken out breaks the next one's place; one of another size is none."""
    found = checked(ROWS, [KEPT[0], *KEPT[2:]]).broken
    assert found == Broken(10, Fault.CHECKPOINT, 10)
    moved = replace(KEPT[0], size=5)
    assert checked(ROWS, [moved, *KEPT[1:]]).broken == Broken(5, Fault.CHECKPOINT, 5)


def test_a_checkpoint_that_the_log_does_not_name() -> None:
    """A checkpoint of the right head, made by somebody else, is not the one of the log."""
    last = Checkpoint.of(KEPT[3].body)
    other = replace(last, at=last.at + timedelta(days=1))
    found = checked(ROWS, [*KEPT[:3], replace(KEPT[3], body=other.body)]).broken
    assert found == Broken(16, Fault.CHECKPOINT, 16)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"size":1}',
        KEPT[0].body + b" ",
        KEPT[0].body.replace(b'"size":4', b'"size":0'),
        KEPT[0].body.replace(b'"size":4', b'"size":"4"'),
        KEPT[0].body.replace(b"2026", b"20x6"),
        KEPT[0].body.replace(b'"previous"', b'"previews"'),
    ],
)
def test_what_is_no_checkpoint(body: bytes) -> None:
    """Bytes that are no checkpoint are refused, whatever they are."""
    with pytest.raises(ValueError):  # noqa: PT011  of our own or of the readers of JSON and times
        Checkpoint.of(body)
    assert Kept(4, body).read() is None


def test_parts_are_written_and_read() -> None:
    """A tree is written as text and goes on from it."""
    assert parts_of(parts_text(KEPT[1].parts)) == KEPT[1].parts
    assert parts_of("") == ()
