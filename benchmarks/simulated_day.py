"""Calls to a CRM beside the fewest that could be: 50 people edit for two simulated hours.

The world is that of `crm_expenses.testing.simulation`, larger: nothing fails in it, so that what is
counted is the engine's own. Each account manager saves something every four minutes on the average;
a sync runs every minute. The figures are of simulated time, and the same on every machine.

What there must be at least, for an adapter that reads by the time of change and writes in batches:

- two calls a kind and sync, because only a call tells that nothing changed, and another one that
  nothing went (CRMs list deletions apart);
- one call more for each further full page of rows that people saved since the sync before;
- one call for each full batch of results that were written in a sync.

Our own writes change their records, which come back once as echoes: those calls are counted, and
not in the fewest.

    python benchmarks/simulated_day.py [PEOPLE] [HOURS]
"""

import sys
import time
from collections import Counter
from datetime import timedelta
from random import Random

from crm_expenses.adapters.textrow import to_row
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import Kind
from crm_expenses.pipeline.reconcile import Whole
from crm_expenses.testing.simulation import Scenario, Workshop
from crm_expenses.testing.simulation.adapter import SimAdapter
from crm_expenses.testing.simulation.company import first_records
from crm_expenses.testing.simulation.crm import SimCrm
from crm_expenses.testing.simulation.network import Network
from crm_expenses.testing.simulation.people import People
from crm_expenses.testing.simulation.process import BrittleStore, Machine
from crm_expenses.testing.simulation.world import World

PAGE = 200
BATCH = 200
EVERY = timedelta(minutes=1)
BETWEEN_SAVES = timedelta(minutes=4)
KINDS = (Kind.ACCOUNT_MANAGER, Kind.ACCOUNT, Kind.BUDGET, Kind.CLAIM, Kind.LINE)
DAY = timedelta(days=1)


def scenario() -> Scenario:
    """Give a world in which nothing fails: commits and replicas are a little late."""
    return Scenario(
        reads=KINDS,
        step=timedelta(seconds=1),
        slow=timedelta(seconds=5),
        lag=timedelta(seconds=5),
        late=timedelta(0),
        versions=True,
        page_rows=PAGE,
        batch_rows=BATCH,
        faults=0,
        write_faults=0,
        deaths=0,
        rounds=0,
        edits=0,
        deletes=True,
        looks=True,
    )


def calls_up(count: int, at_once: int) -> int:
    """Give how many calls carry so many."""
    return -(-count // at_once)


def simulated(managers: int, hours: int) -> None:
    """Run, and print."""
    world = World(7, scenario(), Random(7))
    crm, began = SimCrm(world), time.perf_counter()
    network, people = Network(world), People(crm)
    people.begin(first_records(world.chance, KINDS))
    for number in range(managers):
        made = AccountManager(f"M{number}", f"客户经理 {number}", team="East", manager="P8")
        crm.save(Kind.ACCOUNT_MANAGER, to_row(made))
    world.sleep(timedelta(minutes=1))
    length = timedelta(hours=hours)
    for _ in range(managers):
        at = world.chance.expovariate(1) * BETWEEN_SAVES
        while at < length:
            world.later(at, people.act)
            at += world.chance.expovariate(1) * BETWEEN_SAVES
    syncs, least = length // EVERY, Counter[str]()
    with Workshop() as shop:
        shop.renew("store")
        sync_once(shop, world, crm, network)  # the first reading of all is not of this day
        network.calls, before_edits, before_told, start = 0, crm.edits, len(crm.told), world.now
        saved = crm.edits
        for number in range(1, syncs + 1):
            world.sleep(max(start + number * EVERY - world.now, timedelta(0)))
            news, saved, told = crm.edits - saved, crm.edits, len(crm.told)
            sync_once(shop, world, crm, network)
            least["to know that nothing changed"] += len(KINDS)
            least["to know that nothing went"] += len(KINDS)
            least["further pages"] += max(0, calls_up(news, PAGE) - 1)
            least["batches of results"] += calls_up(len(crm.told) - told, BATCH)
    whole = sum(least.values())
    a_day = DAY / length
    print(f"{managers} account managers, {hours} h, a sync every {EVERY.seconds} s: {syncs} syncs")
    print(f"saved by people: {crm.edits - before_edits:,}; results written: "
          f"{len(crm.told) - before_told:,}")  # fmt: skip
    for name, count in least.items():
        print(f"  at least {count:6,}  {name}")
    print(f"calls: {network.calls:,}; at least {whole:,}; factor {network.calls / whole:.2f}")
    print(f"a day: {network.calls * a_day:,.0f}; at least {whole * a_day:,.0f}")
    print(f"took {time.perf_counter() - began:.0f} s here")


def sync_once(shop: Workshop, world: World, crm: SimCrm, network: Network) -> None:
    """Sync as a process of its own."""
    machine = Machine(world, shop, BrittleStore, lambda: SimAdapter(crm, network))
    if machine.run(Whole()) is None:
        raise RuntimeError("a sync failed where nothing fails")


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    simulated(*(given + [50, 2][len(given) :]))
