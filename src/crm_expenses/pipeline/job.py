"""A job: settings with everything that they name, opened and ready to run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from crm_expenses.adapters.contract import Adapter
from crm_expenses.adapters.manners import CrmGate
from crm_expenses.crmsettings import CrmParts
from crm_expenses.errors import ConfigError
from crm_expenses.pipeline.limits import limits_of
from crm_expenses.pipeline.staff import connected
from crm_expenses.plugins import with_plug_ins
from crm_expenses.policyfile import load_policy
from crm_expenses.rules.policy import Policy
from crm_expenses.settings import Settings
from crm_expenses.store import Store, StoreLedger, has_store, name_of, open_store


@dataclass(frozen=True)
class Job:
    """What a run works with; `gate` is the one that calls to the CRM pass.

    `monotonic` is where the time of its stages comes from, None for the machine's own clock.
    """

    settings: Settings
    policy: Policy
    store: Store
    adapter: Adapter
    gate: CrmGate | None = None
    monotonic: Callable[[], float] | None = None

    @property
    def parts(self) -> CrmParts:
        """What the settings tell the engine of the CRM; of one that they do not name, nothing."""
        held = self.settings.connections.get(self.adapter.name)
        return held.parts if held is not None else CrmParts()


def demand_store(settings: Settings) -> None:
    """Make sure that there is a store; none is made.

    Raises:
        ConfigError: there is none yet.
        StoreError: what is there is no store of ours, or cannot be reached.
    """
    if not has_store(settings.store):
        raise ConfigError("store.none", path=name_of(settings.store))


@contextmanager
def open_job(
    settings: Settings, crm: str | None = None, *, calls_max: int | None = None
) -> Iterator[Job]:
    """Open a company's policy, store and CRM; all are let go of at the end.

    `calls_max` bounds the calls of each run to the CRM.

    Raises:
        ConfigError, PolicyError, StoreError: what to mend first.
    """
    connection = settings.connection(crm)
    policy = with_plug_ins(load_policy(settings.policy), settings.plug_ins)
    ledger = StoreLedger(settings.store)
    gate = CrmGate(connection.name, limits_of(connection), ledger, calls_max=calls_max)
    settings, adapter = connected(settings, connection, policy.currency, gate)
    try:
        with open_store(settings.store) as store:
            store.winners[connection.name] = connection.parts.sync.of
            yield Job(settings, policy, store, adapter, gate)
    finally:
        adapter.close()
        ledger.close()
