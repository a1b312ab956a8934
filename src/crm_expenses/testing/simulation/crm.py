"""The other side: a CRM as real ones are, with a coarse clock, slow commits and old replicas.

Each record is a chain of states. A state is stamped when it is written and seen from `visible_at`
on; whoever reads sees the world as it was some time ago. Our results are fields of the record, so
that writing them changes its time and version, as in a real CRM.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from crm_expenses.adapters.contract import ResultKind
from crm_expenses.adapters.textrow import Row
from crm_expenses.adapters.timecursor import Spot
from crm_expenses.core.record import Kind
from crm_expenses.testing.simulation.world import World

PARENT: Final = {
    ResultKind.CLAIM_RESULT: Kind.CLAIM,
    ResultKind.LINE_RESULT: Kind.LINE,
    ResultKind.BUDGET_RESULT: Kind.BUDGET,
}
"""On which kind of record each kind of result is written."""


@dataclass(frozen=True, slots=True)
class State:
    """A record as it was from one moment on; `edited` is the version that a person made last.

    `result` and `key` are what we wrote; `into` names the record that it was merged into.
    """

    row: Row
    version: int
    edited: int
    stamp: datetime
    visible_at: datetime
    is_alive: bool = True
    into: str = ""
    key: str = ""
    result: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Write:
    """One result as it is sent: `version` is what it rests on, empty for any.

    `of` is the kind of the record. The row of a change has the fields of the record that it sets.
    """

    kind: ResultKind
    of: Kind
    record: str
    key: str
    row: Row
    version: str = ""


class SimCrm:
    """Records by kind and id, each with all its states.

    `effects` counts by key how many requests have written it; a request that the network doubled
    counts once, and so does a change that a person took back in between. `told` has the key and
    content of every write that had an effect, in order.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.chains: dict[Kind, dict[str, list[State]]] = {kind: {} for kind in Kind}
        self.effects: Counter[str] = Counter()
        self.told: list[Write] = []
        self.calls: Counter[str] = Counter()
        self.edits = 0
        self._seen: set[tuple[int, str]] = set()
        self._made: dict[str, int] = {}

    # People

    def save(self, kind: Kind, row: Row, *, delay: timedelta = timedelta(0)) -> None:
        """Let a person save a record, new or changed; it is seen after a delay."""
        before = self.newest(kind, row["id"])
        self.edits += 1
        if before is None:
            self._add(kind, row["id"], State(dict(row), 1, 1, self._stamp(), self.world.now), delay)
            return
        version = before.version + 1
        after = replace(before, row=dict(row), version=version, edited=version, is_alive=True)
        self._add(kind, row["id"], replace(after, into=""), delay)

    def remove(self, kind: Kind, record: str, into: str = "") -> None:
        """Let a person delete a record, or merge it into another one."""
        before = self.chains[kind][record][-1]
        self.edits += 1
        version = before.version + 1
        after = replace(before, version=version, edited=version, is_alive=False, into=into)
        self._add(kind, record, after, timedelta(0))

    def newest(self, kind: Kind, record: str) -> State | None:
        """Give a record as whoever writes sees it; None where it never was."""
        chain = self.chains[kind].get(record)
        return chain[-1] if chain else None

    def alive(self, kind: Kind) -> dict[str, State]:
        """Give the records that are there, by id."""
        newest = {name: chain[-1] for name, chain in self.chains[kind].items()}
        return {name: state for name, state in newest.items() if state.is_alive}

    def survivor(self, kind: Kind, record: str) -> str:
        """Give what a name stands for: the record that it was merged into, or itself."""
        for _ in self.chains[kind]:
            state = self.newest(kind, record)
            if state is None or state.is_alive or not state.into:
                break
            record = state.into
        return record

    def commits_by(self) -> datetime:
        """Give the moment at which everything that was written is seen."""
        last = (
            chain[-1].visible_at for chains in self.chains.values() for chain in chains.values()
        )
        return max(last, default=self.world.now)

    def _add(self, kind: Kind, record: str, state: State, delay: timedelta) -> None:
        chain = self.chains[kind].setdefault(record, [])
        seen = self.world.now + delay
        if chain:  # whoever saves it next waits for the one before
            seen = max(seen, chain[-1].visible_at)
        chain.append(replace(state, stamp=self._stamp(), visible_at=seen))

    def _stamp(self) -> datetime:
        """Give the time by the CRM's own, coarse clock."""
        now, step = self.world.now, int(self.world.scenario.step.total_seconds())
        return now.replace(second=now.second - now.second % step, microsecond=0)

    # What the API does, each at one moment

    def read(self, kind: Kind, behind: Spot | None, rows: int, as_of: datetime) -> list[State]:
        """Give the first rows behind a spot, by time of change and id, as of a moment."""
        found = []
        for name, chain in self.chains[kind].items():
            state = _seen(chain, as_of)
            if state is None or not state.is_alive:
                continue
            spot = Spot(state.stamp, name)
            if behind is None or spot > behind:
                found.append((spot, state))
        return [state for _, state in sorted(found, key=lambda pair: pair[0])[:rows]]

    def removed(self, kind: Kind, behind: Spot | None, rows: int, as_of: datetime) -> list[State]:
        """Give the first records behind a spot that are not there, as of a moment."""
        seen = {name: _seen(chain, as_of) for name, chain in self.chains[kind].items()}
        gone = [
            (Spot(state.stamp, name), state)
            for name, state in seen.items()
            if state is not None and not state.is_alive
        ]
        left = [pair for pair in gone if behind is None or pair[0] > behind]
        return [state for _, state in sorted(left, key=lambda pair: pair[0])[:rows]]

    def look(self, kind: Kind, records: Sequence[str], as_of: datetime) -> dict[str, State]:
        """Give records by id, as of a moment; what is not there is left out."""
        found = {name: _seen(self.chains[kind].get(name, ()), as_of) for name in records}
        return {name: state for name, state in found.items() if state is not None}

    def _taken_back(self, write: Write, before: State) -> bool:
        """Say whether a person took back a change that is made again.

        Where its answer was lost, nobody can tell that from one that never arrived.
        """
        made = self._made.get(write.key)
        is_shown = all(before.row.get(name, "") == text for name, text in write.row.items())
        return (
            write.kind is ResultKind.CHANGE
            and made is not None
            and before.edited > made
            and not is_shown
        )

    def write(self, request: int, write: Write) -> str:
        """Write a result into its record: ok, conflict, or missing."""
        kind = write.of
        held = self.newest(kind, write.record)
        if held is not None and held.visible_at > self.world.now:  # somebody is saving it
            self.world.sleep(held.visible_at - self.world.now)
        before = self.newest(kind, write.record)
        if before is None or not before.is_alive:
            return "missing"
        if write.version and int(write.version) < before.edited:
            return "conflict"
        if (request, write.key) in self._seen:
            return "ok"
        self._seen.add((request, write.key))
        if not self._taken_back(write, before):
            self.effects[write.key] += 1
        self._made[write.key] = before.version + 1
        self.told.append(write)
        after = replace(before, version=before.version + 1)
        if write.kind is ResultKind.CHANGE:
            after = replace(after, row={**before.row, **write.row})
        else:
            after = replace(after, key=write.key, result=dict(write.row))
        self._add(kind, write.record, after, timedelta(0))
        return "ok"


def _seen(chain: Sequence[State], as_of: datetime) -> State | None:
    return next((state for state in reversed(chain) if state.visible_at <= as_of), None)


def results(crm: SimCrm) -> Mapping[tuple[ResultKind, str], State]:
    """Give what stands in the CRM of our results, by kind and record."""
    return {
        (made, name): state
        for made, kind in PARENT.items()
        for name, state in crm.alive(kind).items()
        if state.key
    }
