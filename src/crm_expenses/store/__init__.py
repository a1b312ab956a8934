"""What is kept: facts as they came, decisions, budgets, routes, the outbox, the log."""

from crm_expenses.errors import ConfigError

try:
    import sqlalchemy as _sqlalchemy  # noqa: F401  only to say which extra is missing
except ImportError:
    raise ConfigError("extra.missing", package="sqlalchemy", extra="sql") from None

from crm_expenses.store.lease import Lease, Leases
from crm_expenses.store.manners import StoreLedger
from crm_expenses.store.store import (
    AppendCount,
    Store,
    has_store,
    name_of,
    open_store,
    version_of,
)
from crm_expenses.store.tables import SCHEMA_VERSION
from crm_expenses.store.work import Decided, OutboxRow, Work

__all__ = [
    "SCHEMA_VERSION",
    "AppendCount",
    "Decided",
    "Lease",
    "Leases",
    "OutboxRow",
    "Store",
    "StoreLedger",
    "Work",
    "has_store",
    "name_of",
    "open_store",
    "version_of",
]
