"""The log: any edit, removal, insertion or exchange of entries breaks the chain."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.audit import GENESIS, AuditEntry, entry, first_broken

AT = datetime(2026, 3, 31, 20, tzinfo=UTC)
WORDS = st.sampled_from(("sync", "decide", "C-1", "C-2", "00", "ff", "", "结论"))


def chain(parts: list[tuple[str, str, str, str]]) -> list[AuditEntry]:
    """Make a log of entries that follow each other."""
    made: list[AuditEntry] = []
    for number, (actor, action, subject, content) in enumerate(parts, start=1):
        previous = made[-1].digest if made else GENESIS
        at = AT + timedelta(seconds=number)
        made.append(
            entry(
                number,
                previous,
                at=at,
                actor=actor,
                action=action,
                subject=subject,
                content=content,
            )
        )
    return made


LOGS = st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), min_size=1, max_size=6).map(chain)


@given(LOGS)
def test_a_log_as_written_holds(log: list[AuditEntry]) -> None:
    """An untouched log holds, and so does every beginning of it."""
    assert first_broken([]) is None
    for end in range(len(log) + 1):
        assert first_broken(log[:end]) is None


EDITS = {
    "number": lambda value: value + 1,
    "at": lambda value: value + timedelta(microseconds=1),
    "actor": lambda value: f"{value} ",
    "action": lambda value: f"{value}x",
    "subject": lambda value: f"{value}x",
    "content": lambda value: f"{value}0",
    "previous": lambda value: value[::-1] if value != value[::-1] else "f" * 64,
    "digest": lambda value: value[::-1],
}


@pytest.mark.parametrize("field", [field.name for field in fields(AuditEntry)])
@given(log=LOGS, data=st.data())
def test_any_edit_breaks_the_chain(field: str, log: list[AuditEntry], data: st.DataObject) -> None:
    """Whichever part of whichever entry is edited, that entry is the first that does not fit."""
    place = data.draw(st.integers(0, len(log) - 1))
    edited = replace(log[place], **{field: EDITS[field](getattr(log[place], field))})
    assert first_broken([*log[:place], edited, *log[place + 1 :]]) == place + 1


@given(LOGS.filter(lambda log: len(log) > 1), st.data())
def test_an_edit_that_is_signed_anew_breaks_the_next(
    log: list[AuditEntry], data: st.DataObject
) -> None:
    """An entry made anew with its own right digest no longer fits the one after it."""
    place = data.draw(st.integers(0, len(log) - 2))
    old = log[place]
    made = entry(
        old.number,
        old.previous,
        at=old.at,
        actor=old.actor,
        action=old.action,
        subject=f"{old.subject}!",
        content=old.content,
    )
    assert first_broken([*log[:place], made, *log[place + 1 :]]) == place + 2


@given(LOGS.filter(lambda log: len(log) > 1), st.data())
def test_removal_insertion_and_exchange(log: list[AuditEntry], data: st.DataObject) -> None:
    """An entry that is taken out before the end, put in twice or moved is found at its place."""
    place = data.draw(st.integers(0, len(log) - 2))
    assert first_broken([*log[:place], *log[place + 1 :]]) == place + 1
    assert first_broken([*log[: place + 1], *log[place:]]) == place + 2
    swapped = [*log[:place], log[place + 1], log[place], *log[place + 2 :]]
    assert first_broken(swapped) == place + 1
