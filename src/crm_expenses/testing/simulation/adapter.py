"""Our side of the simulated CRM: an adapter as a careful author would write it for a real one.

It reads by the time of change (`adapters.timecursor`), turns whatever the network makes of an
answer into the contract's errors and Acks, and reads back what may have arrived before it sends
again: not at once, but when nothing that was sent can arrive any more.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from crm_expenses.adapters.contract import (
    RESULTS,
    Ability,
    Ack,
    AckState,
    Adapter,
    Capabilities,
    Change,
    Cursor,
    Diagnosis,
    Gate,
    Gone,
    Level,
    Open,
    Page,
    Received,
    ResultKind,
    SetAside,
    Support,
    WriteBack,
    unsupported,
)
from crm_expenses.adapters.textrow import Row, from_row, to_row
from crm_expenses.adapters.timecursor import Spot, TimeCursor
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import TYPES, Kind
from crm_expenses.errors import AuthError, MappingError, Problem, RetryableError
from crm_expenses.testing.simulation.crm import PARENT, SimCrm, State, Write
from crm_expenses.testing.simulation.network import Answer, Effect, LostError, Network
from crm_expenses.testing.simulation.world import START, World

NAME: Final = "main"
TRIES: Final = 3
PAGES_MAX: Final = 10_000
WAIT_MAX: Final = timedelta(seconds=30)
"""Longest time that the adapter itself waits where it is told to; else its caller is told."""


def capabilities_of(world: World) -> Capabilities:
    """Say what a world's CRM can do."""
    abilities = {Ability.INCREMENTAL: Support.YES}
    if world.scenario.versions:
        abilities[Ability.CONFLICTS] = Support.YES
    if world.scenario.deletes:
        abilities[Ability.DELETES] = Support.YES
    if world.scenario.looks:
        abilities[Ability.LOOK_UP] = Support.YES
    changes = frozenset({Kind.CLAIM, Kind.LINE}) if world.scenario.versions else frozenset()
    return Capabilities(
        reads=frozenset(world.scenario.reads),
        writes=RESULTS | ({ResultKind.CHANGE} if changes else frozenset()),
        changes=changes,
        batch_max=world.scenario.batch_rows,
        abilities=abilities,
    )


class SimAdapter(Adapter):
    """An adapter of one process to the CRM of a world."""

    def __init__(self, crm: SimCrm, network: Network, gate: Gate | None = None) -> None:
        self._crm = crm
        self._network = network
        self._world = crm.world
        self._gate = gate or Open()
        scenario = crm.world.scenario
        self.times = TimeCursor(NAME, settle=scenario.settle, overlap=timedelta(seconds=5))
        self._capabilities = capabilities_of(crm.world)

    @property
    def name(self) -> str:
        """The name of the connection."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """What this CRM can do."""
        return self._capabilities

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give what changed since the cursor; what changes meanwhile comes next time."""
        rows, gone = _parts(since)
        yield from self._changed(kind, rows, gone)

    def _changed(self, kind: Kind, rows: Cursor | None, gone: Cursor | None) -> Iterator[Page]:
        """Give the rows that changed, then what went meanwhile or before, where that is told."""
        spot = self.times.begin(rows)
        started: datetime | None = None
        begins = rows is None
        for _ in range(PAGES_MAX):
            states, now = self._read(kind, spot)
            started = started or now
            wanted = [state for state in states if state.stamp <= started]
            is_last = len(wanted) < self._world.scenario.page_rows
            if wanted:
                spot = Spot(wanted[-1].stamp, wanted[-1].row["id"])
                rows = self.times.end(started) if is_last else self.times.after(spot, started)
            if wanted or rows is None:
                rows = rows or self.times.end(started)
                yield replace(self._page(kind, wanted, _pair(rows, gone)), restart=begins)
                begins = False
            if is_last:
                break
        if self._world.scenario.deletes and rows is not None:
            yield from self._gone(kind, rows, gone)

    def _gone(self, kind: Kind, rows: Cursor, gone: Cursor | None) -> Iterator[Page]:
        spot = self.times.begin(gone)
        started: datetime | None = None
        for _ in range(PAGES_MAX):
            states, now = self._read(kind, spot, is_gone=True)
            started = started or now
            is_last = len(states) < self._world.scenario.page_rows
            if not states:
                return
            spot = Spot(states[-1].stamp, states[-1].row["id"])
            gone = self.times.end(started) if is_last else self.times.after(spot, started)
            yield self._page(kind, states, _pair(rows, gone))
            if is_last:
                return

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        """Read records by their ids."""
        if not self._world.scenario.looks:
            raise unsupported(self, Ability.LOOK_UP)

        def effect(_: int) -> Mapping[str, Any]:
            as_of = self._world.now - self._world.seconds(self._world.scenario.lag)
            found = self._crm.look(kind, records, as_of)
            return {"rows": [_sent(state) for state in found.values()]}

        body, _ = self._ask(f"look {kind.value}", effect)
        states = [_got(one) for one in body["rows"]]
        there = {state.row["id"] for state in states}
        lost = [_never(name) for name in records if name not in there]
        self._world.say(f"look up {' '.join(records)}: {_names(states)}")
        return self._page(kind, [*states, *lost], "")

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write results; those that may be there already are read back before."""
        there = self._read_back([write for write in writes if write.uncertain])
        # A change is there where its fields are, and another change of ours may have set them.
        self._world.stood |= {
            write.key for write in writes if write.key in there and isinstance(write.result, Change)
        }
        left = [write for write in writes if write.key not in there]
        given = self._write(left) if left else {}
        acks = [given.get(write.key) or Ack(write.key, AckState.DONE) for write in writes]
        self._world.acked |= {ack.key: ack.state.value for ack in acks}
        return acks

    def check(self) -> Sequence[Diagnosis]:
        """Say how often it was called."""
        values = {"crm": NAME, "rows": "0", "results": str(self._network.calls)}
        return [Diagnosis(Level.GOOD, Problem("memory.good", values))]

    def close(self) -> None:
        """Hold nothing."""

    def _page(self, kind: Kind, states: Sequence[State], cursor: Cursor) -> Page:
        return _page(kind, states, cursor, versions=self._world.scenario.versions)

    # Calls

    def _read(
        self, kind: Kind, spot: Spot | None, *, is_gone: bool = False
    ) -> tuple[list[State], datetime]:
        what = f"{'deleted ' if is_gone else ''}{kind.value}"

        def effect(_: int) -> Mapping[str, Any]:
            as_of = self._world.now - self._world.seconds(self._world.scenario.lag)
            rows = self._world.scenario.page_rows
            if is_gone:
                found = self._crm.removed(kind, spot, rows, as_of)
            else:
                found = self._crm.read(kind, spot, rows, as_of)
            return {"rows": [_sent(state) for state in found]}

        body, now = self._ask(f"read {what}", effect)
        rows = [_got(one) for one in body["rows"]]
        self._world.say(f"read {what} behind {_shown(spot)}: {_names(rows)}")
        return rows, now

    def _read_back(self, writes: Sequence[WriteBack]) -> set[str]:
        """Give the keys of the writes that stand in the CRM."""
        there: set[str] = set()
        if writes:  # what is still under way arrives before, and every replica has seen it
            scenario = self._world.scenario
            self._world.sleep(scenario.late + scenario.lag)
        for kind in dict.fromkeys(_record_kind(write) for write in writes):
            some = [write for write in writes if _record_kind(write) is kind]
            names = [write.record for write in some]

            def effect(_: int, kind: Kind = kind, names: list[str] = names) -> Mapping[str, Any]:
                as_of = self._world.now - self._world.seconds(self._world.scenario.lag)
                found = self._crm.look(kind, names, as_of)
                return {"there": {name: [one.key, one.row] for name, one in found.items()}}

            body, _ = self._ask(f"read back {kind.value}", effect)
            there |= {one.key for one in some if _is_there(one, body["there"].get(one.record))}
        if writes:
            self._world.say(f"read back {len(writes)}: {len(there)} are there")
        return there

    def _write(self, writes: Sequence[WriteBack]) -> dict[str, Ack]:
        sent = [
            Write(
                write.kind,
                _record_kind(write),
                write.record,
                write.key,
                _row_of(write),
                write.version if self._world.scenario.versions else "",
            )
            for write in writes
        ]

        def effect(number: int) -> Mapping[str, Any]:
            return {"said": [self._crm.write(number, write) for write in sent]}

        names = " ".join(f"{one.record}={one.key[:6]}" for one in sent)
        try:
            body = _body(self._call(f"write {names}", effect, self._world.scenario.write_faults))
        except (LostError, _UnclearError):
            self._world.say(f"write {names}: unknown")
            return {write.key: _ack(write, AckState.UNKNOWN, "memory.lost") for write in writes}
        self._world.say(f"write {names}: {' '.join(body['said'])}")
        return {
            write.key: _ACKS[said](write) for write, said in zip(writes, body["said"], strict=True)
        }

    def _ask(self, name: str, effect: Effect) -> tuple[Mapping[str, Any], datetime]:
        """Ask what changes nothing, again where that may help."""
        for _ in range(TRIES):
            try:
                answer = self._call(name, effect, self._world.scenario.faults)
                return _body(answer), datetime.fromisoformat(answer.headers["date"])
            except (LostError, _UnclearError):
                self._world.sleep(timedelta(seconds=1))
        raise RetryableError("crm.unavailable", crm=NAME, detail=name)

    def _call(self, name: str, effect: Effect, rate: int) -> Answer:
        """Make one call, again while the CRM asks to wait and that is short.

        Raises:
            LostError: nobody knows what became of it.
            AdapterError: it had no effect.
        """
        for _ in range(TRIES):
            self._gate.enter()
            self._world.step(f"call {name}")
            before = self._world.now
            answer = self._network.send(name, effect, rate)
            self._world.step(f"answer {name}")
            took = (self._world.now - before).total_seconds()
            self._gate.done(sent=0, received=len(answer.text), seconds=took, is_retry=False)
            if answer.status != 429:
                return answer
            wait = int(answer.headers["retry-after"])
            self._gate.closed(wait)
            if timedelta(seconds=wait) > WAIT_MAX:
                raise RetryableError("crm.unavailable", retry_after=wait, crm=NAME, detail="429")
            self._world.sleep(timedelta(seconds=wait))
        raise RetryableError("crm.unavailable", crm=NAME, detail="429")


class PlainAdapter(Adapter):
    """The CRM as it is, without a network and without faults; what is written is only kept here."""

    def __init__(self, crm: SimCrm) -> None:
        self._crm = crm
        self.results: dict[tuple[ResultKind, str], Row] = {}

    @property
    def name(self) -> str:
        """The name of the connection."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """What this CRM can do."""
        return replace(capabilities_of(self._crm.world), batch_max=1000)

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give all there is in one page, once."""
        if since is None:
            chains = sorted(self._crm.chains[kind].items())
            states = [chain[-1] for _, chain in chains if chain[-1].is_alive or chain[-1].into]
            yield _page(kind, states, "all", versions=False)

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Keep results."""
        self.results |= {(write.kind, write.record): to_row(write.result) for write in writes}
        return [Ack(write.key, AckState.DONE) for write in writes]

    def check(self) -> Sequence[Diagnosis]:
        """Say nothing."""
        return ()

    def close(self) -> None:
        """Hold nothing."""


class _UnclearError(Exception):
    """An answer came that says nothing of what became of the request."""


def _body(answer: Answer) -> Mapping[str, Any]:
    """Read an answer.

    Raises:
        _UnclearError: it may have had its effect or not.
        AdapterError: it had no effect.
    """
    match answer.status:
        case 401:
            raise AuthError("crm.auth", crm=NAME)
        case status if status >= 500:
            raise _UnclearError
    try:
        body = json.loads(answer.text)
    except ValueError as error:
        raise _UnclearError from error
    if not isinstance(body, dict):
        raise _UnclearError
    if "error" in body:
        raise RetryableError("crm.unavailable", crm=NAME, detail=str(body["error"]))
    return body


def _page(kind: Kind, states: Sequence[State], cursor: Cursor, *, versions: bool) -> Page:
    facts: list[Received] = []
    aside: list[SetAside] = []
    gone: list[Gone] = []
    for state in states:
        name = state.row["id"]
        origin = Origin(NAME, name, f"{kind.value}/{name}", str(state.version) if versions else "")
        if not state.is_alive:
            gone.append(Gone(origin, state.into))
            continue
        try:
            facts.append(Received(from_row(TYPES[kind], state.row), origin, state.stamp))
        except MappingError as error:
            aside.append(SetAside(origin, error.problems))
    return Page(kind, tuple(facts), tuple(aside), cursor, gone=tuple(gone))


def _pair(rows: Cursor, gone: Cursor | None) -> Cursor:
    return json.dumps([rows, gone])


def _parts(cursor: Cursor | None) -> tuple[Cursor | None, Cursor | None]:
    """Give how far rows were read, and how far what is gone."""
    if cursor is None:
        return None, None
    rows, gone = json.loads(cursor)
    return rows, gone


def _never(name: str) -> State:
    """Give a record of which the CRM knows nothing."""
    return State({"id": name}, 0, 0, START, START, is_alive=False)


def _record_kind(write: WriteBack) -> Kind:
    return write.result.kind if isinstance(write.result, Change) else PARENT[write.kind]


def _row_of(write: WriteBack) -> Row:
    """Give what is written: a result whole, of a change the fields that it names."""
    if not isinstance(write.result, Change):
        return to_row(write.result)
    row = to_row(write.result.record)
    columns = [name for field in write.result.fields for name in (field, f"{field}_currency")]
    return {name: row.get(name, "") for name in columns if name in row or name[-9:] != "_currency"}


def _is_there(write: WriteBack, found: Sequence[Any] | None) -> bool:
    """Say whether a record holds a write: its key, or all fields of a change."""
    if found is None:
        return False
    key, row = found
    if isinstance(write.result, Change):
        return all(row.get(name, "") == text for name, text in _row_of(write).items())
    return bool(key == write.key)


def _sent(state: State) -> Mapping[str, Any]:
    return {
        "row": state.row,
        "version": state.version,
        "stamp": state.stamp.isoformat(),
        "alive": state.is_alive,
        "into": state.into,
    }


def _got(one: Mapping[str, Any]) -> State:
    stamp = datetime.fromisoformat(one["stamp"])
    return State(one["row"], one["version"], 0, stamp, stamp, one["alive"], one["into"])


def _ack(write: WriteBack, state: AckState, code: str) -> Ack:
    return Ack(write.key, state, Problem(code, {"crm": NAME, "record": write.record}))


_ACKS: Final = {
    "ok": lambda write: Ack(write.key, AckState.DONE),
    "conflict": lambda write: _ack(write, AckState.CONFLICT, "memory.conflict"),
    "missing": lambda write: _ack(write, AckState.REFUSED, "memory.no_record"),
}


def _shown(spot: Spot | None) -> str:
    return f"{spot.time:%H:%M:%S} {spot.id}".rstrip() if spot else "-"


def _names(states: Sequence[State]) -> str:
    shown = (f"{one.row['id']}v{one.version}{'' if one.is_alive else '†'}" for one in states)
    return " ".join(shown) or "nothing"
