"""How the connection to a CRM stands: its last run, and what waits for a person or for a run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select, update

from crm_expenses.store import outbox, queries
from crm_expenses.store import tables as t
from crm_expenses.store.deadletters import count_dead
from crm_expenses.store.keeping import shown

FIGURES: Final = (
    *("rows", "changes", "claims", "sent"),
    *("calls", "retries", "bytes_sent", "bytes_received"),
)
"""What a run counts, and what is added up over all runs."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a CRM. `code` is that of the error that ended it, empty for none.

    `totals` are over all runs, `runs` and `failed_runs` among them. `seconds` are by stage.
    """

    at: datetime
    succeeded_at: datetime | None
    code: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is kept of a CRM, counted. A lease that is not held has no holder."""

    run: LastRun | None
    outbox: Mapping[str, int]
    set_aside: int
    conflicts: int
    dead_letters: int
    due_since: datetime | None
    holder: str = ""
    held_since: datetime | None = None
    held_until: datetime | None = None


def keep_run(
    connection: Connection,
    crm: str,
    at: datetime,
    *,
    code: str,
    succeeded: bool,
    figures: Mapping[str, int],
    seconds: Mapping[str, float],
) -> None:
    """Keep a run in the place of the one before, and add it to the totals."""
    before = last_run(connection, crm)
    totals = dict(before.totals) if before is not None else {}
    counted = {**figures, "runs": 1, "failed_runs": int(not succeeded)}
    totals |= {name: totals.get(name, 0) + number for name, number in counted.items()}
    last = before.succeeded_at if before is not None else None
    success = at if succeeded else last
    made = {
        "code": shown(code, 200),
        "figures": dict(figures),
        "seconds": {stage: round(spent, 3) for stage, spent in seconds.items()},
        "totals": totals,
    }
    values = {
        "at": at.isoformat(),
        "succeeded_at": success.isoformat() if success is not None else "",
        "content": json.dumps(made, ensure_ascii=False, sort_keys=True),
    }
    held = connection.execute(update(t.last_run).where(t.last_run.c.crm == crm).values(values))
    if not held.rowcount:
        connection.execute(t.last_run.insert(), {"crm": crm, **values})


def last_run(connection: Connection, crm: str) -> LastRun | None:
    """Give the last run of a CRM, None where there was none."""
    row = connection.execute(select(t.last_run).where(t.last_run.c.crm == crm)).first()
    if row is None:
        return None
    made: dict[str, Any] = json.loads(row.content)
    return LastRun(
        datetime.fromisoformat(row.at),
        _moment(row.succeeded_at),
        made["code"],
        made["figures"],
        made["seconds"],
        made["totals"],
    )


def standing(connection: Connection, crm: str, lease: str, at: datetime) -> Standing:
    """Count what is kept of a CRM; `lease` is the name of the lease of its runs."""
    held = connection.execute(select(t.lease).where(t.lease.c.name == lease)).first()
    until = _moment(held.until) if held is not None else None
    is_held = held is not None and bool(held.holder) and until is not None and until > at
    due = connection.execute(select(t.due.c.since).where(t.due.c.crm == crm)).scalar()
    open_clashes = (t.clash.c.crm == crm) & (t.clash.c.winner == "") & (t.clash.c.settled == 0)
    return Standing(
        last_run(connection, crm),
        outbox.counts(connection, crm),
        len(queries.set_aside(connection, crm)),
        connection.execute(select(func.count()).where(open_clashes)).scalar_one(),
        sum(count_dead(connection, crm).values()),
        _moment(due),
        held.holder if held is not None and is_held else "",
        _moment(held.since) if held is not None and is_held else None,
        until if is_held else None,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
