"""Our side of `initial_load.py`: a small adapter, `pipeline.pull`, a store in SQLite."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import requests  # noqa: F401  what is loaded late is not to be counted
import tenacity  # noqa: F401  likewise

from crm_expenses.adapters.contract import (
    Ack,
    Adapter,
    Capabilities,
    Cursor,
    Diagnosis,
    Page,
    Received,
    SetAside,
    WriteBack,
)
from crm_expenses.adapters.exchange import Request
from crm_expenses.adapters.transport import Transport
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.quick import quick_maker
from crm_expenses.core.record import Kind
from crm_expenses.errors import CrmExpensesError, MappingError
from crm_expenses.pipeline.pull import pull
from crm_expenses.store import open_store

CRM: Final = "rest"
END: Final = "end"
_line, _origin, _received = map(quick_maker, (ExpenseLine, Origin, Received))
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Rest(Adapter):
    """Reads expense lines from a server, a page a call."""

    def __init__(self, url: str) -> None:
        self._transport = Transport(CRM, url)

    @property
    def name(self) -> str:
        """The name of the connection."""
        return CRM

    @property
    def capabilities(self) -> Capabilities:
        """It reads lines and nothing else."""
        return Capabilities(frozenset({Kind.LINE}), frozenset(), 1_000)

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give all lines after a cursor."""
        after = since or "0"
        while after != END:
            reply = self._transport.send(Request("GET", "lines", {"after": after}))
            read: Any = reply.json()
            place, facts, aside = f"lines?after={after}", [], []
            for row in read["lines"]:
                origin = _origin(CRM, str(row.get("id"))[:200], place, str(row.get("modified")))
                try:
                    facts.append(_received(line(row), origin))
                except CrmExpensesError as error:
                    aside.append(SetAside(origin, error.problems))
            is_first, after = after == "0", read["next"] or END
            yield Page(kind, tuple(facts), tuple(aside), after, restart=is_first)

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write nothing."""
        raise NotImplementedError

    def check(self) -> Sequence[Diagnosis]:
        """Find nothing."""
        return ()

    def close(self) -> None:
        """Let go of the connection."""
        self._transport.close()


def line(row: Mapping[str, Any]) -> ExpenseLine:
    """Read a row.

    Raises:
        MappingError: something in it is missing or of the wrong form.
    """
    amount = row.get("amount")
    if type(amount) not in (int, Decimal):
        raise MappingError("record.amount", value=str(amount)[:40])
    made: ExpenseLine = _line(
        _name(row, "id"),
        _name(row, "claim"),
        _day(row, "spent_on"),
        _name(row, "category"),
        Money.of(amount, _name(row, "currency")),
        _text(row, "city"),
        _text(row, "customer"),
        _text(row, "opportunity"),
        _text(row, "merchant"),
        _text(row, "purpose"),
        _text(row, "justification"),
        _text(row, "voucher"),
        _text(row, "payment"),
        _text(row, "travel_class"),
        _whole(row, "nights"),
        _whole(row, "attendees"),
        _number(row, "distance"),
        _yes_no(row, "pre_approved"),
        _text(row, "trip"),
    )
    return made


def _name(row: Mapping[str, Any], key: str) -> str:
    found = row.get(key)
    if not isinstance(found, str) or not found:
        raise MappingError("memory.missing", column=key)
    return found


def _text(row: Mapping[str, Any], key: str) -> str:
    found = row.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise MappingError("memory.value", column=key, value=str(found)[:40])
    return found


def _whole(row: Mapping[str, Any], key: str) -> int | None:
    found = row.get(key)
    if found is None or type(found) is int:
        return found
    raise MappingError("memory.value", column=key, value=str(found)[:40])


def _number(row: Mapping[str, Any], key: str) -> Decimal | None:
    found = row.get(key)
    if found is None or type(found) is Decimal:
        return found
    if type(found) is int:
        return Decimal(found)
    raise MappingError("memory.value", column=key, value=str(found)[:40])


def _yes_no(row: Mapping[str, Any], key: str) -> bool | None:
    found = row.get(key)
    if found is None or type(found) is bool:
        return found
    raise MappingError("memory.value", column=key, value=str(found)[:40])


def _day(row: Mapping[str, Any], key: str) -> date:
    found = row.get(key)
    if not isinstance(found, str) or not _DAY.fullmatch(found):
        raise MappingError("memory.value", column=key, value=str(found)[:40])
    try:
        return date.fromisoformat(found)
    except ValueError as error:
        raise MappingError("memory.value", column=key, value=found) from error


def load(url: str, file: Path, at: datetime) -> int:
    """Load all pages; give the number of rows."""
    adapter = Rest(url)
    with open_store(file) as store:
        count = pull(store, adapter, at, lambda *_: None)
    adapter.close()
    assert not count.set_aside
    return count.rows
