"""Doctor: look at settings, policy, store and CRM; change nothing, but for a scratch record."""

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from crm_expenses.adapters.contract import Ability, Adapter, Diagnosis, Level, Support
from crm_expenses.adapters.fieldcheck import compare
from crm_expenses.adapters.manners import CrmGate, OwnLedger
from crm_expenses.core.ownclaim import OWN
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.crmsettings import LimitsPart
from crm_expenses.errors import CrmExpensesError, Problem
from crm_expenses.pipeline.limits import limits_of
from crm_expenses.pipeline.links import lost_links
from crm_expenses.pipeline.shelfcheck import check_shelf, shelf_of
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
from crm_expenses.store.deadletters import count_dead
from crm_expenses.store.edits import open_clashes
from crm_expenses.store.files import FileState
from crm_expenses.store.files import counts as file_counts
from crm_expenses.store.merging import DEAD

SCARCE: Final = 20
"""An allowance of which less than one part in so many is left is worth a warning."""


def diagnose(
    settings_file: Path, crm: str | None = None, *, write: bool = False
) -> Iterator[Diagnosis]:
    """Look at everything that a run needs; one part that is bad does not hide the next.

    Without `crm`, every connection of the settings is looked at. With `write`, a scratch record is
    written to each, read back and deleted.
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
        yield from _crm(settings, connection, policy, write=write)


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
                yield from _files(store, settings, chosen)
                yield from _links(store)
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
        yield from _for_people(store, crm)
        waiting = store.to_send(crm)
        if waiting:
            values = {"crm": crm, "results": str(waiting)}
            yield Diagnosis(Level.WARNING, Problem("doctor.to_send", values))


def _for_people(store: Store, crm: str) -> Iterator[Diagnosis]:
    """Tell what waits for a person: dead letters, and fields that both sides changed."""
    with store.reading() as connection:
        dead = count_dead(connection, crm)
        asked = open_clashes(connection, crm)
    for state in DEAD:
        if dead.get(state):
            values = {"crm": crm, "results": str(dead[state])}
            yield Diagnosis(Level.WARNING, Problem(f"doctor.{state}", values))
    if asked:
        values = {"crm": crm, "fields": str(asked)}
        yield Diagnosis(Level.WARNING, Problem("doctor.conflicts", values))


def _files(store: Store, settings: Settings, chosen: list[Connection]) -> Iterator[Diagnosis]:
    """Look whether the files of vouchers are there, each with its size, and only for us to see."""
    shelf = shelf_of(settings)
    path = str(shelf.folder)
    found = check_shelf(store, shelf, quick=True)
    if not found.holds:
        wrong = {"missing": str(len(found.missing)), "altered": str(len(found.altered))}
        yield Diagnosis(Level.BAD, Problem("doctor.files_wrong", {"path": path, **wrong}))
    elif found.whole:
        yield _good("doctor.files", path=path, count=str(found.whole))
    if os.name == "posix" and shelf.folder.is_dir() and shelf.folder.stat().st_mode & 0o077:
        yield Diagnosis(Level.WARNING, Problem("doctor.files_open", {"path": path}))
    for connection in chosen:
        with store.reading() as reading:
            count = file_counts(reading, connection.name).get(FileState.REFUSED, 0)
        if count:
            values = {"crm": connection.name, "count": str(count)}
            yield Diagnosis(Level.WARNING, Problem("doctor.files_refused", values))


def _links(store: Store) -> Iterator[Diagnosis]:
    """Tell links whose record is gone."""
    for group, member, into in lost_links(store):
        values = {"kind": group.kind.value, "record": str(member)}
        if into:
            told = Problem("doctor.links_merged", {**values, "into": into})
        else:
            told = Problem("doctor.links_gone", values)
        yield Diagnosis(Level.WARNING, told)


def _crm(
    settings: Settings, connection: Connection, policy: Policy | None, *, write: bool
) -> Iterator[Diagnosis]:
    if policy is None and connection.name == OWN:
        return  # its rates are in the policy's currency, and of the policy is told already
    try:
        currency = policy.currency if policy else ""
        with polite(settings, connection) as gate:
            _, adapter = connected(settings, connection, currency, gate)
            try:
                yield from _looked_at(adapter, write=write)
            finally:
                adapter.close()
            yield from _allowance(gate, limits_of(connection))
    except CrmExpensesError as error:
        yield from _bad(error)


def _looked_at(adapter: Adapter, *, write: bool) -> Iterator[Diagnosis]:
    """Look at an adapter, up to the first error."""
    try:
        checked = adapter.check()
        yield from checked
        yield from _fields(adapter)
        if write:
            yield from _written(adapter, checked)
    except CrmExpensesError as error:
        yield from _bad(error)
        return
    if Kind.APPROVAL in adapter.capabilities.reads:
        how = adapter.capabilities.provenance.value
        yield _good(f"doctor.approvals_{how}", crm=adapter.name)


def _allowance(gate: CrmGate, limits: LimitsPart) -> Iterator[Diagnosis]:
    """Tell what may still be spent on calls, where that is bounded."""
    left = gate.allowance_left()
    if left is None:
        return
    level = Level.GOOD if left * SCARCE > limits.calls_per_day else Level.WARNING
    values = {
        "crm": gate.crm,
        "limit": f"{limits.calls_per_day:,}",
        "left": f"{left:,}",
        "reserve": f"{limits.reserve:,}",
    }
    yield Diagnosis(level, Problem("doctor.allowance", values))


def _written(adapter: Adapter, checked: Sequence[Diagnosis]) -> Iterator[Diagnosis]:
    """Try to write, unless something is wrong already: then nothing is put into the CRM."""
    if any(one.level is Level.BAD for one in checked):
        values = {"crm": adapter.name}
        yield Diagnosis(Level.WARNING, Problem("doctor.not_written", values))
        return
    yield from adapter.try_writing()


@contextmanager
def polite(settings: Settings, connection: Connection) -> Iterator[CrmGate]:
    """Give the gate that looking at a CRM passes, too; no store is made or changed for it."""
    limits = limits_of(connection)
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


def _fields(adapter: Adapter) -> Iterator[Diagnosis]:
    """Hold what is mapped against what the CRM says of its own fields, where it says so."""
    held = adapter.capabilities
    if held.support(Ability.DESCRIBE) is not Support.NO:
        yield from compare(adapter.name, adapter.describe(), held.changes)


def _bad(error: CrmExpensesError) -> Iterator[Diagnosis]:
    yield from (Diagnosis(Level.BAD, problem) for problem in error.problems)


def _good(code: str, **values: str) -> Diagnosis:
    return Diagnosis(Level.GOOD, Problem(code, values))
