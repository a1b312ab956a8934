"""What is kept: facts as they came, decisions, budgets, routes, the outbox, the log."""

from crm_expenses.store.store import AppendCount, Store, open_store
from crm_expenses.store.work import Decided, OutboxRow, Work

__all__ = ["AppendCount", "Decided", "OutboxRow", "Store", "Work", "open_store"]
