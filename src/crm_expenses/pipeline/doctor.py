"""Doctor: look at settings, policy, store and CRM, and change nothing."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_expenses.adapters.contract import Diagnosis, Gate, Level
from crm_expenses.adapters.manners import CrmGate, OwnLedger
from crm_expenses.core.ownclaim import OWN
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import CrmExpensesError, Problem
from crm_expenses.pipeline.staff import connected
from crm_expenses.plugins import with_plug_ins
from crm_expenses.policyfile import load_policy
from crm_expenses.rules.policy import Policy
from crm_expenses.settings import Connection, Settings, load_settings
from crm_expenses.store import (
    SCHEMA_VERSION,
    Store,
    StoreLedger,
    name_of,
    open_store,
    version_of,
)


def diagnose(settings_file: Path, crm: str | None = None) -> Iterator[Diagnosis]:
    """Look at everything that a run needs; one part that is bad does not hide the next.

    Without `crm`, every connection of the settings is looked at.
    """
    try:
        settings = load_settings(settings_file)
        chosen = [settings.connection(crm)] if crm else list(settings.connections.values())
    except CrmExpensesError as error:
        yield from _bad(error)
        return
    names = ", ".join(settings.connections) or "-"
    yield _good("doctor.settings", path=str(settings.path), crms=names)
    if not chosen:
        yield Diagnosis(Level.WARNING, Problem("doctor.no_crm"))
    policy = yield from _policy(settings)
    yield from _store(settings, chosen)
    for connection in chosen:
        yield from _crm(settings, connection, policy)


def _policy(settings: Settings) -> Generator[Diagnosis, None, Policy | None]:
    try:
        policy = with_plug_ins(load_policy(settings.policy), settings.plug_ins)
    except CrmExpensesError as error:
        yield from _bad(error)
        return None
    yield _good("doctor.policy", id=policy.id, version=policy.version, rules=str(len(policy.rules)))
    return policy


def _store(settings: Settings, chosen: list[Connection]) -> Iterator[Diagnosis]:
    where = settings.store
    try:
        held = version_of(where)
        if 0 < held < SCHEMA_VERSION:  # to open it would change it
            values = {"path": name_of(where), "found": str(held), "known": str(SCHEMA_VERSION)}
            yield Diagnosis(Level.WARNING, Problem("doctor.store_old", values))
            return
        if held:
            with open_store(where) as store:
                yield from _of_store(store, chosen)
            return
    except CrmExpensesError as error:
        yield from _bad(error)
        return
    can_write = not isinstance(where, Path) or os.access(where.parent, os.W_OK)
    code, level = "doctor.store_none", Level.GOOD
    if not can_write:
        code, level = "doctor.store_nowhere", Level.BAD
    yield Diagnosis(level, Problem(code, {"path": name_of(where)}))


def _of_store(store: Store, chosen: list[Connection]) -> Iterator[Diagnosis]:
    whole = store.integrity()
    if whole == "ok":
        yield _good("doctor.store", path=store.name)
    else:
        values = {"path": store.name, "detail": whole[:200]}
        yield Diagnosis(Level.BAD, Problem("doctor.store_damaged", values))
    broken = store.log_broken_at()
    if broken is not None:
        yield Diagnosis(Level.BAD, Problem("doctor.log_broken", {"entry": str(broken)}))
    else:
        yield _good("doctor.log")
    for connection in chosen:
        crm = connection.name
        aside = len(store.set_aside(crm, viewer=SYSTEM))
        if aside:
            values = {"crm": crm, "rows": str(aside)}
            yield Diagnosis(Level.WARNING, Problem("doctor.set_aside", values))
        counts = store.outbox_counts(crm)
        if counts.get("refused"):
            values = {"crm": crm, "results": str(counts["refused"])}
            yield Diagnosis(Level.WARNING, Problem("doctor.refused", values))
        waiting = store.to_send(crm)
        if waiting:
            values = {"crm": crm, "results": str(waiting)}
            yield Diagnosis(Level.WARNING, Problem("doctor.to_send", values))


def _crm(settings: Settings, connection: Connection, policy: Policy | None) -> Iterator[Diagnosis]:
    if policy is None and connection.name == OWN:
        return  # its rates are in the policy's currency, and of the policy is told already
    try:
        currency = policy.currency if policy else ""
        with _gate(settings, connection) as gate:
            _, adapter = connected(settings, connection, currency, gate)
            try:
                yield from adapter.check()
                if Kind.APPROVAL in adapter.capabilities.reads:
                    how = adapter.capabilities.provenance.value
                    yield _good(f"doctor.approvals_{how}", crm=connection.name)
            finally:
                adapter.close()
    except CrmExpensesError as error:
        yield from _bad(error)


@contextmanager
def _gate(settings: Settings, connection: Connection) -> Iterator[Gate]:
    """Give the gate that looking at a CRM passes, too; no store is made or changed for it."""
    limits = connection.parts.limits
    try:
        is_there = version_of(settings.store) == SCHEMA_VERSION
    except CrmExpensesError:  # told already
        is_there = False
    if not is_there:
        yield CrmGate(connection.name, limits, OwnLedger())
        return
    ledger = StoreLedger(settings.store)
    try:
        yield CrmGate(connection.name, limits, ledger)
    finally:
        ledger.close()


def _bad(error: CrmExpensesError) -> Iterator[Diagnosis]:
    yield from (Diagnosis(Level.BAD, problem) for problem in error.problems)


def _good(code: str, **values: str) -> Diagnosis:
    return Diagnosis(Level.GOOD, Problem(code, values))
