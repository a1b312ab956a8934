"""What must hold of a world that has come to rest, whatever went wrong before.

Each check gives what is wrong as a sentence; nothing is wrong where none does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crm_expenses.adapters.contract import ResultKind
from crm_expenses.adapters.textrow import Row, from_row, to_row
from crm_expenses.core.claim import DECIDED_STATUSES, ClaimStatus
from crm_expenses.core.record import TYPES, Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.store import Store
from crm_expenses.testing.simulation.adapter import NAME
from crm_expenses.testing.simulation.crm import SimCrm, results
from crm_expenses.testing.simulation.desk import Desk
from crm_expenses.testing.simulation.world import World

Results = Mapping[tuple[ResultKind, str], Row]


@dataclass(frozen=True)
class Rest:
    """A world at rest: its CRM, our store, and what an undisturbed store says of such a CRM."""

    world: World
    crm: SimCrm
    store: Store
    desk: Desk
    expected: Results


def broken(rest: Rest) -> Iterator[str]:
    """Give everything that does not hold."""
    yield from edits_stand(rest)
    yield from our_edits_arrived(rest)
    yield from decisions_arrived(rest)
    yield from nothing_waits(rest)
    yield from acks_are_true(rest)
    yield from nothing_doubled(rest)
    yield from echoes_are_no_news(rest)
    yield from log_holds(rest)


def edits_stand(rest: Rest) -> Iterator[str]:
    """What people saved last is what our store has, and nothing beside it.

    What we changed stands here while its write waits for a person, who sees that it was refused.
    """
    dead = rest.desk.dead(rest.store)
    for kind in rest.world.scenario.reads:
        theirs = {name: _named(rest, state.row) for name, state in rest.crm.alive(kind).items()}
        ours = {one.id: one for one in rest.store.records(NAME, kind, viewer=SYSTEM)}
        for name in sorted(theirs.keys() | ours.keys()):
            if name not in ours:
                yield f"{kind.value} {name} is not in the store"
            elif name not in theirs:
                if getattr(ours[name], "status", None) is not ClaimStatus.WITHDRAWN:
                    yield f"{kind.value} {name} is in the store and not in the CRM"
            elif (f"{kind.value}_change", name) in dead:
                continue
            elif from_row(TYPES[kind], theirs[name]) != ours[name]:
                yield f"{kind.value} {name} is {theirs[name]} there and {to_row(ours[name])} here"


def _named(rest: Rest, row: Row) -> Row:
    """Give a row with the names of merged records read as what they were merged into."""
    if "account" not in row or Kind.ACCOUNT not in rest.world.scenario.reads:
        return row
    return {**row, "account": rest.crm.survivor(Kind.ACCOUNT, row["account"])}


def our_edits_arrived(rest: Rest) -> Iterator[str]:
    """What we changed came to the CRM, or both values are listed, or that it was refused."""
    listed, dead = rest.desk.listed(rest.store), rest.desk.dead(rest.store)
    last = {(edit.kind, edit.record, edit.field): edit for edit in rest.desk.made}
    for of, edit in last.items():
        chain = rest.crm.chains[edit.kind][edit.record]
        was_there = any(state.row.get(edit.field, "") == edit.value for state in chain)
        is_told = of in listed or (f"{edit.kind.value}_change", edit.record) in dead
        if chain[-1].is_alive and not was_there and not is_told:
            yield f"our {edit.field}={edit.value} of {edit.record} never came to the CRM"


def decisions_arrived(rest: Rest) -> Iterator[str]:
    """The CRM has what a store would write that read nothing but the end.

    The digest of the decision may differ: it names all facts, where budgets stood among them.
    """
    held = {of: _compared(state.result) for of, state in results(rest.crm).items()}
    expected = {of: _compared(row) for of, row in rest.expected.items()}
    dead = rest.desk.dead(rest.store)
    for (kind, name), row in expected.items():
        if (kind.value, name) not in dead and held.get((kind, name)) != row:
            yield f"{kind.value} {name} should be {_apart(row, held.get((kind, name), {}))}"
    for (kind, name), row in held.items():
        if (kind, name) not in expected and _counts(rest, kind, name, row):
            yield f"{kind.value} {name} stands without a decision: {row}"


def _compared(row: Row) -> Row:
    return {name: text for name, text in row.items() if name != "decision"}


def _counts(rest: Rest, kind: ResultKind, name: str, row: Row) -> bool:
    """Say whether a result speaks of something that counts, though nothing was decided of it."""
    match kind:
        case ResultKind.CLAIM_RESULT:
            return bool(row["waiting_for"]) or "approved" in row
        case ResultKind.LINE_RESULT:
            claims = rest.crm.alive(Kind.CLAIM)
            claim = claims.get(rest.crm.alive(Kind.LINE)[name].row["claim"])
            return claim is not None and claim.row["status"] in DECIDED_STATUSES
        case _:
            amount = rest.crm.alive(Kind.BUDGET)[name].row["amount"]
            return (row["allocated"], row["committed"], row["spent"]) != (amount, "0.00", "0.00")


def nothing_waits(rest: Rest) -> Iterator[str]:
    """Nothing is left to decide, to send or to read again."""
    if rest.store.pending(NAME):
        yield f"waits to be decided: {rest.store.pending(NAME)}"
    left = {s: n for s, n in rest.store.outbox_counts(NAME).items() if s in ("waiting", "sending")}
    if left:
        yield f"waits to be sent: {left}"
    claims = rest.crm.alive(Kind.CLAIM)
    for row in rest.store.set_aside(NAME, viewer=SYSTEM):
        line = rest.crm.alive(Kind.LINE).get(row.record)
        if "record.orphan" in row.problems and line and line.row["claim"] not in claims:
            continue
        yield f"set aside, though all can be read: {row}"


def acks_are_true(rest: Rest) -> Iterator[str]:
    """What the engine was told to be there was written, or a change whose fields stood there."""
    for key, state in rest.world.acked.items():
        if state == "done" and not rest.crm.effects[key] and key not in rest.world.stood:
            yield f"write {key[:6]} was acknowledged and never made"


def nothing_doubled(rest: Rest) -> Iterator[str]:
    """No write had its effect twice."""
    for key, count in rest.crm.effects.items():
        if count > 1:
            yield f"write {key[:6]} had its effect {count} times"


def echoes_are_no_news(rest: Rest) -> Iterator[str]:
    """No more was taken for news than people saved; an old replica may show a save twice.

    A record that was merged gives another name to each line that names it.
    """
    versions = rest.store.check_contents().records
    accounts = rest.crm.chains[Kind.ACCOUNT].values()
    merges = sum(state.into != "" for chain in accounts for state in chain)
    most = rest.crm.edits + merges * len(rest.crm.chains[Kind.LINE]) + 2 * len(rest.desk.made)
    if not rest.world.scenario.lag and versions > most:
        yield f"{versions} rows were news, but people saved {rest.crm.edits} times"


def log_holds(rest: Rest) -> Iterator[str]:
    """The log is whole, and what is kept is what it says."""
    check, contents = rest.store.check_log(), rest.store.check_contents()
    if check.broken is not None:
        yield f"the log is broken: {check.broken}"
    if contents.broken is not None:
        yield f"what is kept is not what the log says: {contents.broken}"


def _apart(wanted: Row, held: Row) -> str:
    names = sorted(wanted.keys() | held.keys())
    parts = [
        f"{name}={wanted.get(name)!r} and is {held.get(name)!r}"
        for name in names
        if wanted.get(name) != held.get(name)
    ]
    return ", ".join(parts)
