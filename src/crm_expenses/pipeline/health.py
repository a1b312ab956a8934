"""Health: how each connection stands, told from the store alone; no CRM is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_expenses.adapters.manners import allowance_of, cost_so_far, days_of
from crm_expenses.pipeline.alone import lease_name
from crm_expenses.pipeline.job import demand_store
from crm_expenses.pipeline.limits import limits_of
from crm_expenses.settings import Connection, Settings
from crm_expenses.store import StoreLedger, open_store
from crm_expenses.store.health import Standing, standing


@dataclass(frozen=True)
class Health:
    """How a connection stands at a moment; `allowance` is None where there is no limit.

    Where it `is_rolling` the calls of today are those of the last 24 hours, by what they cost.
    """

    crm: str
    at: datetime
    standing: Standing
    calls_today: int
    allowance: int | None
    is_rolling: bool = False

    @property
    def age(self) -> timedelta | None:
        """How long ago a run succeeded, None for never."""
        run = self.standing.run
        if run is None or run.succeeded_at is None:
            return None
        return max(timedelta(), self.at - run.succeeded_at)

    @property
    def waiting(self) -> int:
        """Results that are to be sent."""
        return sum(self.standing.outbox.get(state, 0) for state in ("waiting", "sending"))

    @property
    def allowance_left(self) -> int | None:
        """Calls that may still be made on the CRM's day, or credits to be spent on them."""
        return None if self.allowance is None else max(0, self.allowance - self.calls_today)

    def is_stale(self, minutes: int) -> bool:
        """Say whether the last success is longer ago than so many minutes; never is, too."""
        return self.age is None or self.age > timedelta(minutes=minutes)

    def as_json(self) -> Mapping[str, object]:
        """Give it as plain values; times in ISO 8601, durations in seconds."""
        held, run = self.standing, self.standing.run
        return {
            "crm": self.crm,
            "at": self.at.isoformat(),
            "last_run": None
            if run is None
            else {
                "at": run.at.isoformat(),
                "error": run.code or None,
                **run.figures,
                "seconds": dict(run.seconds),
            },
            "last_success": _iso(run.succeeded_at if run is not None else None),
            "age_seconds": None if self.age is None else round(self.age.total_seconds()),
            "totals": dict(run.totals) if run is not None else {},
            "outbox": dict(held.outbox),
            "waiting": self.waiting,
            "set_aside": held.set_aside,
            "conflicts": held.conflicts,
            "dead_letters": held.dead_letters,
            "due_since": _iso(held.due_since),
            "held_by": held.holder or None,
            "held_since": _iso(held.held_since),
            "held_until": _iso(held.held_until),
            "calls_today": self.calls_today if self.allowance is not None else None,
            "allowance_left": self.allowance_left,
        }


def healths(settings: Settings, crm: str | None, at: datetime) -> tuple[Health, ...]:
    """Give how one connection stands, or each of the settings.

    Raises:
        ConfigError: there is no such connection, or no store yet.
        StoreError: the store cannot be read.
    """
    chosen = [settings.connection(crm)] if crm else list(settings.connections.values())
    demand_store(settings)
    ledger = StoreLedger(settings.store)
    try:
        with open_store(settings.store) as store, store.reading() as connection:
            held = {c.name: standing(connection, c.name, lease_name(c.name), at) for c in chosen}
        return tuple(_health(one, held[one.name], ledger, at) for one in chosen)
    finally:
        ledger.close()


def _health(connection: Connection, held: Standing, ledger: StoreLedger, at: datetime) -> Health:
    limits = limits_of(connection)
    allowance = allowance_of(limits)
    calls = cost_so_far(ledger, connection.name, limits, at) if allowance is not None else 0
    return Health(
        connection.name, at, held, calls, allowance, is_rolling=days_of(limits).is_rolling
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
