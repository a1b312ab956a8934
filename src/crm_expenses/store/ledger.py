"""Budget entries and the positions that are their sums."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from crm_expenses.core.budget import BudgetEntry, BudgetPosition, EntryKind
from crm_expenses.core.money import Money
from crm_expenses.core.record import digest
from crm_expenses.store import statements as s
from crm_expenses.store.log import SYNC, write_log


def positions(
    connection: Connection, crm: str, budgets: Sequence[str]
) -> dict[str, BudgetPosition]:
    """Give where each budget stands; a budget without entries is left out."""
    if not budgets:
        return {}
    found = connection.execute(s.POSITIONS, {"of_crm": crm, "of_names": list(budgets)})
    return {
        row.budget: BudgetPosition(
            row.budget, row.currency, row.allocated, row.committed, row.spent
        )
        for row in found
    }


def entries_of(connection: Connection, crm: str, claim: str) -> tuple[BudgetEntry, ...]:
    """Give all entries that a claim made, in their order."""
    found = connection.execute(s.ENTRIES, {"of_crm": crm, "of_claim": claim})
    return tuple(
        BudgetEntry(
            row.budget, EntryKind(row.kind), Money(row.amount, row.currency), row.claim, row.move
        )
        for row in found
    )


def allocated_of(
    connection: Connection, crm: str, budgets: Sequence[str]
) -> dict[str, tuple[int, str]]:
    """Give what each budget was given by its owner, moves left aside, and in which currency."""
    return {
        row.budget: (int(row.amount), row.currency)
        for names in s.portions(budgets)
        for row in connection.execute(s.ALLOCATED, {"of_crm": crm, "of_names": names})
    }


def moves_digest(rows: Iterable[Any]) -> str:
    """Give what the log says of budget entries, read from their rows.

    A move is part of it where there is one, so that entries of older versions keep their digest.
    """
    return digest(
        [
            [r.crm, r.budget, r.kind, r.amount, r.currency, r.claim, r.at, *filter(None, [r.move])]
            for r in rows
        ]
    )


def _log(connection: Connection, before: int, crm: str, actor: str) -> None:
    rows = connection.execute(s.ENTRIES_AFTER, {"of_seq": before}).all()
    write_log(
        connection,
        at=datetime.fromisoformat(rows[0].at),
        actor=actor,
        action="budget",
        subject=rows[0].claim or rows[0].move or f"{crm}/budget",
        content=moves_digest(rows),
        rows=(rows[0].seq, rows[-1].seq),
    )


def add_entries(
    connection: Connection,
    crm: str,
    entries: Iterable[BudgetEntry],
    stamp: str,
    *,
    actor: str = SYNC,
) -> dict[str, BudgetPosition]:
    """Add entries, to the log too, and bring the positions up to date; give those that changed."""
    added = list(entries)
    if not added:
        return {}
    last = connection.execute(s.NEWEST_ENTRY).scalar() or 0
    connection.execute(
        s.ADD_ENTRIES,
        [
            {
                "seq": seq,
                "crm": crm,
                "budget": entry.budget,
                "kind": entry.kind.value,
                "amount": entry.amount.minor,
                "currency": entry.amount.currency,
                "claim": entry.claim,
                "at": stamp,
                "move": entry.move,
            }
            for seq, entry in enumerate(added, start=last + 1)
        ],
    )
    _log(connection, last, crm, actor)
    touched = sorted({entry.budget for entry in added})
    held = positions(connection, crm, touched)
    for entry in added:
        before = held.get(entry.budget) or BudgetPosition(entry.budget, entry.amount.currency)
        held[entry.budget] = before.after(entry)
    connection.execute(s.NO_POSITIONS, {"of_crm": crm, "of_names": touched})
    connection.execute(
        s.ADD_POSITIONS,
        [
            {
                "crm": crm,
                "budget": position.budget,
                "currency": position.currency,
                "allocated": position.allocated,
                "committed": position.committed,
                "spent": position.spent,
            }
            for position in held.values()
        ],
    )
    return held
