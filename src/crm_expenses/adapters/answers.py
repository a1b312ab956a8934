"""What every adapter answers, ready to use: its refusals, the Ack of a write."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_expenses.adapters.contract import (
    Ack,
    AckState,
    Adapter,
    Capabilities,
    Change,
    Diagnosis,
    FileWrite,
    Level,
    Opening,
    WriteBack,
)
from crm_expenses.core.record import Kind
from crm_expenses.errors import (
    ConfigError,
    CrmExpensesError,
    Problem,
    RefusedError,
    RetryableError,
    UnsupportedError,
)

OVERLAP: Final = "crm.overlap"
"""Why an incremental reading is only partly one: the rows of its overlap come again."""

WRONG_ANSWER: Final = "crm.answer"
"""The code of an answer that is none; like `transport.MAY_HAVE_ACTED`, after it nobody knows."""

Written = WriteBack | FileWrite
"""What is answered with an Ack."""


def done(write: Written) -> Ack:
    """Say that a write stands there."""
    return Ack(write.key, AckState.DONE)


def refused(crm: str, write: Written, detail: str) -> Ack:
    """Say that the CRM said no, in its own words."""
    values = {"crm": crm, "record": _record(write), "detail": detail[:300] or "-"}
    return Ack(write.key, AckState.REFUSED, Problem("crm.refused", values))


def no_record(crm: str, write: Written) -> Ack:
    """Say that the record is not there any more."""
    problem = Problem("crm.no_record", {"crm": crm, "record": _record(write)})
    return Ack(write.key, AckState.REFUSED, problem)


def unmapped(write: WriteBack, error: CrmExpensesError) -> Ack:
    """Say that a result cannot be written in the CRM's fields, with the first reason."""
    return Ack(write.key, AckState.REFUSED, error.problems[0])


def conflict(crm: str, write: Written) -> Ack:
    """Say that a person has changed the record since the version that the write rests on."""
    problem = Problem("crm.conflict", {"crm": crm, "record": _record(write)})
    return Ack(write.key, AckState.CONFLICT, problem)


def unknown(crm: str, write: Written, detail: str) -> Ack:
    """Say that nobody knows whether it arrived: it will come again, marked `uncertain`."""
    values = {"crm": crm, "record": _record(write), "detail": detail[:300] or "-"}
    return Ack(write.key, AckState.UNKNOWN, Problem("crm.lost", values))


def good(crm: str, what: str) -> Diagnosis:
    """Say that the CRM answers."""
    return Diagnosis(Level.GOOD, Problem("crm.good", {"crm": crm, "what": what}))


def demand_read(crm: str, held: Capabilities, kind: Kind) -> None:
    """Refuse a kind that is not read.

    Raises:
        UnsupportedError: it is not.
    """
    if kind not in held.reads:
        known = ", ".join(sorted(held.reads)) or "-"
        raise UnsupportedError("crm.kind", crm=crm, kind=kind, known=known)


def demand_writes(adapter: Adapter, writes: Sequence[WriteBack]) -> None:
    """Refuse a batch that holds what is not written, or too much; nothing is sent then.

    Raises:
        UnsupportedError: it does.
    """
    held, crm = adapter.capabilities, adapter.name
    if len(writes) > held.batch_max:
        limit = str(held.batch_max)
        raise UnsupportedError("crm.batch", crm=crm, count=str(len(writes)), limit=limit)
    known = ", ".join(sorted(held.writes)) or "-"
    for write in writes:
        if write.kind not in held.writes:
            raise UnsupportedError("crm.result_kind", crm=crm, kind=write.kind, known=known)
        if isinstance(write.result, Change) and write.result.kind not in held.changes:
            changes = ", ".join(sorted(held.changes)) or "-"
            raise UnsupportedError("crm.no_change", crm=crm, kind=write.result.kind, known=changes)


def wrong_cursor(crm: str, cursor: str) -> RefusedError:
    """Make the error of a cursor that the adapter never gave out."""
    return RefusedError("crm.cursor", crm=crm, cursor=cursor[:40])


def wrong_answer(crm: str, detail: str) -> RetryableError:
    """Make the error of an answer that says success and is none (an HTML page, an error inside).

    A proxy or a limit that is used up is behind most of them: again later. A write that is answered
    so may have acted (`WRONG_ANSWER`).
    """
    return RetryableError(WRONG_ANSWER, crm=crm, detail=detail[:200] or "-")


def option(opening: Opening, name: str) -> str:
    """Give a text that the connection's settings must have; its value is shown nowhere.

    Raises:
        ConfigError: it is missing, or no text.
    """
    held = opening.options.get(name)
    if not isinstance(held, str) or not held:
        raise ConfigError("crm.option", crm=opening.name, option=name)
    return held


def zone(opening: Opening) -> ZoneInfo | None:
    """Give the company's zone, as the option `timezone` of the connection names it; None without.

    Raises:
        ConfigError: there is no such zone.
    """
    name = opening.options.get("timezone")
    if name is None:
        return None
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError("settings.timezone", value=str(name)[:60]) from error


def _record(write: Written) -> str:
    return write.record if isinstance(write, WriteBack) else f"{write.voucher}: {write.name}"
