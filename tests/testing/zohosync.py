"""A world whose CRM is a simulated organisation of Zoho, spoken to over HTTP by the real adapter.

People change the model of the world (`SimCrm`) as ever, and each change is made in the
organisation, too. What the adapter writes there comes back into the model, which so knows
everything that the invariants ask for. The model names records as people do (`C1`), the
organisation by eighteen digits; `Naming` stands between them, and changes nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from zoho_bench import ZohoBench, organisation

from crm_expenses.adapters.contract import (
    Ack,
    AckState,
    Adapter,
    Capabilities,
    Change,
    Cursor,
    Diagnosis,
    Page,
    Received,
    ResultKind,
    SetAside,
    WriteBack,
)
from crm_expenses.adapters.exchange import Clock, Limits
from crm_expenses.adapters.textrow import Row, from_row, to_row
from crm_expenses.adapters.zoho.client import ZohoAdapter, open_zoho
from crm_expenses.adapters.zoho.mapping import Source, change_row, result_row
from crm_expenses.adapters.zoho.modules import MODULES
from crm_expenses.core.origin import Origin
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import TYPES, Kind
from crm_expenses.testing.samples import renamed
from crm_expenses.testing.simulation import company
from crm_expenses.testing.simulation.adapter import _row_of
from crm_expenses.testing.simulation.crm import PARENT, SimCrm, State, Write
from crm_expenses.testing.simulation.people import UNREADABLE, People
from crm_expenses.testing.simulation.process import Machine, Workshop
from crm_expenses.testing.simulation.running import Outcome, Simulation
from crm_expenses.testing.simulation.world import START, World
from crm_expenses.testing.zohosim import Fault
from crm_expenses.testing.zohosim.asking import Ask
from crm_expenses.testing.zohosim.faults import FaultPlan
from crm_expenses.testing.zohosim.holding import Change as OrgChange

QUICK: Final = timedelta(seconds=1)
KINDS: Final = {module.name: kind for kind, module in MODULES.items()}
BOUNDED: Final = Limits(call_seconds=60, total_seconds=120, wait_seconds_max=20)
LOST: Final = (
    *(Fault.BUSY, Fault.BUSY_OLD, Fault.BUSY_RATE, Fault.ERROR_500, Fault.HTML_502),
    *(Fault.EMPTY_503, Fault.HTML_200, Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.TRUNCATED),
    *(Fault.CUT, Fault.EMPTY_200, Fault.TOKEN_REFUSED, Fault.TOKENS_REVOKED),
)
LATE: Final = "arrives late"
TWICE: Final = "arrives twice"


class Naming(Adapter):
    """An adapter whose records have the names that people gave them."""

    def __init__(self, inner: Adapter, crm: "ZohoCrm") -> None:
        self._inner = inner
        self._crm = crm

    @property
    def name(self) -> str:
        """The name of the connection."""
        return self._inner.name

    @property
    def capabilities(self) -> Capabilities:
        """What the adapter can do, of the kinds that there are in this world."""
        held, reads = self._inner.capabilities, frozenset(self._crm.world.scenario.reads)
        writes = {one for one in held.writes if one in PARENT or one is ResultKind.CHANGE}
        most = self._crm.world.scenario.batch_rows
        changes = frozenset({Kind.CLAIM, Kind.LINE})
        return replace(held, reads=reads, writes=frozenset(writes), batch_max=most, changes=changes)

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give the pages of the adapter."""
        for page in self._inner.pull(kind, since):
            self._crm.world.say(f"page of {kind.value}: {_told(self._page(page))}")
            yield self._page(page)

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        """Read some records."""
        theirs = [self._crm.bench.named(kind, name) for name in records]
        return self._page(self._inner.look(kind, theirs))

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write, and tell the model what was sent and answered."""
        sent = [self._crm.sent(write) for write in writes]
        names = " ".join(f"{one.record}={one.key[:6]}" for one in writes)
        self._crm.world.say(f"push {names}")
        acks = self._inner.push([one.write for one in sent])
        for one, ack in zip(sent, acks, strict=True):
            self._crm.answered(one, ack)
        self._crm.world.say(f"push {names}: {' '.join(ack.state.value for ack in acks)}")
        return acks

    def check(self) -> Sequence[Diagnosis]:
        """Say what the adapter says."""
        return self._inner.check()

    def close(self) -> None:
        """Let go of the connection."""
        self._inner.close()

    def _page(self, page: Page) -> Page:
        kind = page.kind
        return replace(
            page,
            facts=tuple(
                Received(
                    renamed(one.record, self._crm.name_of),
                    self._origin(kind, one.origin),
                    one.changed_at,
                )
                for one in page.facts
            ),
            set_aside=tuple(
                SetAside(self._origin(kind, one.origin), one.problems) for one in page.set_aside
            ),
            gone=tuple(replace(one, origin=self._origin(kind, one.origin)) for one in page.gone),
        )

    def _origin(self, kind: Kind, origin: Origin) -> Origin:
        return replace(origin, record=self._crm.name_of(kind, origin.record))


@dataclass(frozen=True)
class Sent:
    """A write as it went to the organisation, and the fields that it sets there."""

    own: WriteBack
    write: WriteBack
    fields: Mapping[str, Any] = field(repr=False)


class ZohoCrm(SimCrm):
    """The model of an organisation: what people do here, they do there."""

    def __init__(self, world: World, folder: Path, settle_seconds: int | None) -> None:
        super().__init__(world)
        org = organisation()
        org.clock = lambda: world.now
        slow = int((world.scenario.slow + timedelta(seconds=2)).total_seconds())
        self.bench = ZohoBench(
            folder,
            org,
            settle_seconds=slow if settle_seconds is None else settle_seconds,
            overlap_seconds=5 if settle_seconds is None else 0,
        )
        self.sources: Mapping[Kind, Source] = self.bench.sources()
        for name in (*company.MANAGERS, *company.PEOPLE):  # whom the first records name
            self.bench.put(AccountManager(self.bench.named(Kind.ACCOUNT_MANAGER, name), name))
        for name in ("A1", "A2"):
            self.bench.put(Account(self.bench.named(Kind.ACCOUNT, name), name))
        self._sent: dict[tuple[Kind, str], list[Sent]] = {}
        self._is_ours = False
        org.on_write(self._heard)

    # --- people ---

    def save(self, kind: Kind, row: Row, *, delay: timedelta = timedelta(0)) -> None:
        """Let a person save a record; nobody can choose a record that is deleted."""
        held = self.newest(kind, row["id"])
        is_kept = held is not None and held.is_alive and held.row.get("claim") == row.get("claim")
        if kind is Kind.LINE and not is_kept and not self._is_there(row["claim"]):
            self.world.say(f"person cannot choose {row['claim']}")
            return
        super().save(kind, row, delay=delay)

    def _is_there(self, claim: str) -> bool:
        held = self.newest(Kind.CLAIM, claim)
        return held is not None and held.is_alive

    def _add(self, kind: Kind, record: str, state: State, delay: timedelta) -> None:
        super()._add(kind, record, state, delay)
        if self._is_ours:
            return
        name, org = self.bench.named(kind, record), self.bench.org
        later = delay or None
        if not state.is_alive:
            org.remove(MODULES[kind].name, name, visible_after=later)
            return
        self._restore(MODULES[kind].name, name)
        row = dict(state.row)
        is_bad = row.get("amount") == UNREADABLE
        if is_bad:
            row["amount"] = "1.00"
        made = renamed(from_row(TYPES[kind], row), self.bench.named)
        kept = ("claim",) if kind is Kind.LINE and not self._is_there(row["claim"]) else ()
        self.bench.put(
            made, visible_after=later, empty=("amount",) if is_bad else (), left_out=kept
        )

    def _restore(self, module: str, record: str) -> None:
        """Take a record out of the bin, with all that it had."""
        held = self.bench.org.shelf.ever(module, record)
        if held is not None and held.deleted_at is not None:
            now = self.bench.org.now()
            back = replace(held, deleted_at=None, modified_at=now, visible_at=None, before=None)
            self.bench.org.shelf.put(back)

    def name_of(self, kind: Kind, record: str) -> str:
        """Give the name that people use."""
        return self.bench.given(kind, record)

    # --- what the adapter writes ---

    def sent(self, write: WriteBack) -> Sent:
        """Keep what is about to be sent."""
        kind = write.result.kind if isinstance(write.result, Change) else PARENT[write.kind]
        result = renamed(write.result, self.bench.named)
        there = replace(write, record=self.bench.named(kind, write.record), result=result)
        source = self.sources[kind]
        if isinstance(result, Change):
            fields = change_row(source, result)
        else:
            fields = result_row(source, result)
        made = Sent(write, there, fields)
        self._sent.setdefault((kind, there.record), []).append(made)
        return made

    def answered(self, one: Sent, ack: Ack) -> None:
        """Keep what was answered; what is done stands there, whoever wrote it."""
        self.world.acked[ack.key] = ack.state.value
        kind = _kind(one.own)
        if ack.state is AckState.DONE and self._holds(kind, one):  # for whichever reason
            self.world.stood.add(ack.key)
            self._take(kind, one)

    def _heard(self, change: OrgChange) -> None:
        """Take into the model what came over the wire."""
        if change.triggers or not change.fields:
            return
        kind = KINDS[change.module]
        for one in reversed(self._sent.get((kind, change.id), [])):
            if one.fields.keys() >= {*change.fields} and self._holds(kind, one):
                before = self.chains[kind][one.own.record][-1]
                write = Write(one.own.kind, kind, one.own.record, one.own.key, _row_of(one.own))
                if not self._taken_back(write, before):
                    self.effects[write.key] += 1
                self._made[write.key] = before.version + 1
                self._take(kind, one)
                self.world.say(f"{write.record}={write.key[:6]} is there: {change.fields}")
                return
        raise AssertionError(f"{change} is nothing that was sent")

    def _holds(self, kind: Kind, one: Sent) -> bool:
        row = self.bench.org.shelf.newest(MODULES[kind].name, one.write.record)
        if row is None:
            return False
        made = self.bench.org.show(row, one.fields)
        return all(_same(made.get(name), value) for name, value in one.fields.items())

    def _take(self, kind: Kind, one: Sent) -> None:
        write = one.own
        before = self.chains[kind][write.record][-1]
        after = replace(before, version=before.version + 1)
        if isinstance(write.result, Change):
            after = replace(after, row={**before.row, **_row_of(write)})
        else:
            after = replace(after, key=write.key, result=to_row(write.result))
        self._is_ours = True
        try:
            self._add(kind, write.record, after, timedelta(0))
        finally:
            self._is_ours = False


class Weather(FaultPlan):
    """What goes wrong on the way, drawn from the seed."""

    def __init__(self, crm: ZohoCrm) -> None:
        super().__init__()
        self._crm = crm
        self._world = crm.world
        self._is_inside = False

    def take(self, ask: Ask) -> frozenset[Fault]:
        """Let time pass, and say how a call fails."""
        if self._is_inside:
            return frozenset()
        world = self._world
        world.sleep(timedelta(seconds=0.1) + world.seconds(QUICK))
        is_write = ask.method == "PUT"
        rate = world.scenario.write_faults if is_write else world.scenario.faults
        if "/oauth/" in ask.path or not world.happens(rate):
            return frozenset()
        fault = world.chance.choice((*LOST, *([LATE, TWICE] if is_write else [])))
        world.say(f"{ask.call[:60]}: {fault}")
        if isinstance(fault, Fault):
            return frozenset({fault})
        if fault == LATE:
            world.later(world.seconds(world.scenario.late), lambda: self._again(ask))
            return frozenset({Fault.DROP_BEFORE})
        self._again(ask)
        return frozenset()

    def _again(self, ask: Ask) -> None:
        """Let a call act whose answer nobody waits for."""
        self._is_inside = True
        try:
            self._crm.bench.sim.answer(ask)
        finally:
            self._is_inside = False


@dataclass
class Gate:
    """The gate of a process of the world: it may die before each call, and behind it."""

    world: World

    def enter(self, credits: int = 1) -> None:  # noqa: A002  the contract's name
        """Let others act, or die."""
        self.world.step("call")

    def closed(self, seconds: int) -> None:
        """Take no notice."""

    def done(self, *, sent: int, received: int, seconds: float, is_retry: bool) -> None:
        """Let others act, or die."""
        self.world.step("answer")


class ZohoSimulation(Simulation):
    """A world with an organisation of Zoho in it."""

    def __init__(self, seed: int, shop: Workshop, folder: Path, settle_seconds: int | None) -> None:
        super().__init__(seed, shop)
        scenario = replace(
            self.world.scenario,
            step=timedelta(seconds=1),
            lag=timedelta(0),
            versions=True,
            deletes=True,
            looks=True,
        )
        self.world.scenario = scenario
        crm = ZohoCrm(self.world, folder, settle_seconds)
        self.zoho, self.crm = crm, crm
        crm.bench.sim.faults = Weather(crm)
        self.network = _Calls(crm)  # type: ignore[assignment]  it only counts
        self.people = People(crm)
        # Zoho does not tell what a record was merged into.
        self.people._deeds = tuple(
            deed for deed in self.people._deeds if deed.__name__ != "_merge_accounts"
        )
        self.opened: list[ZohoAdapter] = []

    def _machine(self, name: str = "process") -> Machine:
        def adapter() -> Adapter:
            made = self._opened_one()
            self.opened.append(made)
            return Naming(made, self.zoho)

        held = super()._machine(name)
        return replace(held, adapter=adapter)

    def _opened_one(self) -> ZohoAdapter:
        world = self.world

        def seconds() -> float:
            return (world.now - START).total_seconds()

        def wall() -> float:
            return world.now.timestamp()

        def wait(time: float) -> None:
            world.sleep(timedelta(seconds=time))

        clock = Clock(seconds, wall, wait, world.chance.random)
        bench = self.zoho.bench
        opening = replace(bench.opening(), gate=Gate(world))
        made = open_zoho(opening, clock=clock, limits=BOUNDED)
        rows = world.scenario.page_rows
        made.asking.rows_max = made.asking.page_rows = rows
        return made

    def close(self) -> None:
        """Let go of all connections, and of the organisation."""
        for one in self.opened:
            one.close()
        self.zoho.bench.close()


class _Calls:
    """Counts the calls that came."""

    def __init__(self, crm: ZohoCrm) -> None:
        self._crm = crm

    @property
    def calls(self) -> int:
        """Calls for data; a token costs none."""
        return len(self._crm.bench.sim.calls("/crm/"))


def simulate(seed: int, shop: Workshop, *, settle_seconds: int | None = None) -> Outcome:
    """Run one seed against an organisation.

    `settle_seconds` is what the settings say of the longest delay of a commit, None for the truth.
    """
    with TemporaryDirectory() as folder:
        made = ZohoSimulation(seed, shop, Path(folder), settle_seconds)
        try:
            return made.outcome()
        finally:
            made.close()


def _kind(write: WriteBack) -> Kind:
    return write.result.kind if isinstance(write.result, Change) else PARENT[write.kind]


def _told(page: Page) -> str:
    names = [*(one.origin.record for one in page.facts)]
    names += [f"{one.origin.record}?" for one in page.set_aside]
    names += [f"{one.origin.record}!" for one in page.gone]
    return " ".join(names) or "nothing"


def _same(held: object, value: object) -> bool:
    if isinstance(held, Mapping):
        held = held.get("id")
    if isinstance(value, Mapping):
        value = value.get("id")
    if held in (None, "") or value in (None, ""):
        return held in (None, "") and value in (None, "")
    try:
        return Decimal(str(held)) == Decimal(str(value))
    except ArithmeticError:
        return str(held) == str(value)
