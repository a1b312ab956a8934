"""From stored JSON back to typed values; the way out is `core.record.canonical`."""

from typing import Any

from crm_expenses.core.decision import Decision
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.corejson import read_as

__all__ = ["read_as", "read_decision", "read_record"]


def read_record(kind: Kind, content: str) -> Record:
    """Read a stored record of a kind."""
    of: Any = TYPES[kind]
    found: Record = read_as(of, content)
    return found


def read_decision(content: str) -> Decision:
    """Read a stored decision."""
    found: Decision = read_as(Decision, content)
    return found
