"""The parts of an audit bundle: written and read again, and what they prove."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.audit import GENESIS, AuditEntry, digest_of
from crm_expenses.core.bundle import (
    MANIFEST,
    Marked,
    Proved,
    decision_line,
    head_of,
    same_bytes,
    unlisted,
)
from crm_expenses.core.checkpoint import Checkpoint, Kept
from crm_expenses.core.merkle import Prover
from crm_expenses.core.record import canonical

AT = datetime(2026, 3, 31, 20, tzinfo=UTC)


def log(count: int) -> list[AuditEntry]:
    """Make a log."""
    made: list[AuditEntry] = []
    for number in range(1, count + 1):
        previous = made[-1].digest if made else GENESIS
        made.append(AuditEntry(number, AT, "sync", "x", f"报销 {number}", "0", previous))
    return made


ENTRIES = log(11)
PROVER = Prover([digest_of(entry.body) for entry in ENTRIES])


def checkpoint(size: int) -> Checkpoint:
    """Give the checkpoint of a size."""
    return Checkpoint(size, PROVER.root(size).hex(), AT, GENESIS)


def kept(size: int) -> Kept:
    """Give it as it is kept."""
    return Kept(size, checkpoint(size).body, (), b"k", b"s")


@pytest.mark.parametrize("index", range(11))
def test_an_entry_proves_itself(index: int) -> None:
    """An entry written and read leads to the head; another number, byte or path does not."""
    made = Proved(ENTRIES[index].body, PROVER.inclusion(index))
    again = Proved.of(made.line())
    assert again == made
    assert again.holds(checkpoint(11)) == ENTRIES[index]
    assert again.holds(checkpoint(10)) is None
    moved = replace(ENTRIES[index], number=(index + 1) % 11 + 1)
    assert Proved(moved.body, made.path).holds(checkpoint(11)) is None
    assert Proved(ENTRIES[index].body, made.path[1:]).holds(checkpoint(11)) is None


@pytest.mark.parametrize("size", range(1, 12))
def test_a_checkpoint_begins_a_later_one(size: int) -> None:
    """A checkpoint written and read is shown to be the beginning of a later one, and no other."""
    made = Marked(kept(size), PROVER.consistency(size))
    again = Marked.of(made.plain())
    assert again == made
    assert again.begins(checkpoint(11))
    other = replace(checkpoint(size), root="0" * 64)
    assert not Marked(Kept(size, other.body), made.path).begins(checkpoint(11))
    assert not Marked(Kept(size, b"{}"), made.path).begins(checkpoint(11))


def test_the_largest_is_the_head() -> None:
    """Proofs lead to the largest checkpoint, wherever it stands; what is none is passed over."""
    marks = [Marked(kept(4)), Marked(kept(9)), Marked(kept(7)), Marked(Kept(99, b"{}"))]
    assert head_of(marks) == checkpoint(9)
    assert head_of([]) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_canonical_bytes_come_back(value: dict[str, object]) -> None:
    """What was written canonically is read and written to the same bytes, inside a line too."""
    import json

    written = canonical(value)
    assert same_bytes(json.loads(written)) == written
    line = decision_line(entry=1, crm="报", decision=written, facts=written, erased=False)
    read = json.loads(line)
    assert same_bytes(read["decision"]) == same_bytes(read["facts"]) == written
    assert (read["entry"], read["crm"], read["erased"]) == (1, "报", False)


def test_files_that_come_and_go() -> None:
    """Files that are listed and missing are told apart from those that are there unlisted."""
    assert unlisted(["a", "b"], ["b", "c", MANIFEST]) == ({"a"}, {"c"})
