"""On which day return figures were last made for a CRM."""

from datetime import date

from sqlalchemy import Connection, delete, select

from crm_expenses.core.record import digest
from crm_expenses.store import tables as t


def returns_day(connection: Connection, crm: str) -> date | None:
    """Give the day, None where they were never made."""
    held = connection.execute(select(t.meta.c.value).where(t.meta.c.name == _name(crm))).scalar()
    return date.fromisoformat(held) if held else None


def keep_returns_day(connection: Connection, crm: str, day: date) -> None:
    """Keep the day, in the transaction that sends the figures."""
    connection.execute(delete(t.meta).where(t.meta.c.name == _name(crm)))
    connection.execute(t.meta.insert(), {"name": _name(crm), "value": day.isoformat()})


def _name(crm: str) -> str:
    return f"returns:{digest(crm)[:32]}"
