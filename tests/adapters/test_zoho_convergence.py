"""Whatever people do while Zoho CRM is read, what is held here becomes what stands there."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from zoho_bench import ZohoBench, organisation

from crm_expenses.adapters.contract import Page
from crm_expenses.adapters.zoho.client import ZohoAdapter
from crm_expenses.core.record import Kind
from crm_expenses.testing.zohosim import Switches

MODULE = "Expense_Vouchers"
SETTLE = 20
WAYS = {
    "query": ({}, {}),
    "list": ({"read_by": "list"}, {}),
    "list by offset": ({"read_by": "list"}, {"paging": "offset"}),
    "list, the bound too": ({"read_by": "list"}, {"modified_since_inclusive": True}),
}


class Mirror:
    """What is held here of one kind, as the engine of the sync keeps it."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}
        self.cursor: str | None = None
        self.unseen: set[str] = set()

    def take(self, page: Page) -> None:
        """Take in a page, and its cursor with it."""
        if page.restart:
            self.unseen = {*self.held}
        for fact in page.facts:
            self.held[fact.record.id] = fact.record.seller  # type: ignore[union-attr]
            self.unseen.discard(fact.record.id)
        for one in page.gone:
            self.held.pop(one.origin.record, None)
        self.cursor = page.cursor

    def pull(self, adapter: ZohoAdapter, chance: random.Random) -> None:
        """Pull, perhaps not to the end."""
        was_whole = self.cursor is None or "again" in self.cursor
        for page in adapter.pull(Kind.VOUCHER, self.cursor):
            self.take(page)
            if chance.random() < 0.1:
                return
        if was_whole:
            for name in self.unseen:
                self.held.pop(name, None)


def act(bench: ZohoBench, chance: random.Random) -> None:
    """Let somebody do something, or time pass."""
    org = bench.org
    there = [str(row["id"]) for row in org.listing(MODULE)]
    late = timedelta(seconds=chance.randint(0, SETTLE - 2)) if chance.random() < 0.2 else None
    match chance.choice(["make", "make", "edit", "edit", "edit", "delete", "wait", "many"]):
        case "make":
            given = {"Name": "v", "Voucher_Kind": "Receipt", "Seller": str(chance.random())}
            org.put(MODULE, given, visible_after=late)
        case "edit" if there:
            seller = str(chance.random())
            org.put(MODULE, {"Seller": seller}, id=chance.choice(there), visible_after=late)
        case "delete" if there:
            org.remove(MODULE, chance.choice(there))
        case "many":
            for _ in range(chance.randint(3, 9)):
                org.put(MODULE, {"Name": "v", "Voucher_Kind": "Receipt", "Seller": "x"})
        case "wait":
            bench.later(chance.choice([0, 1, 1, 5, 40]))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(6))
def test_what_is_held_becomes_what_is_there(tmp_path: Path, way: str, seed: int) -> None:
    """Edits, late commits, deletes and pulls that are cut off leave no difference in the end."""
    chance = random.Random(seed)
    options, switches = WAYS[way]
    org = organisation(switches=Switches(**switches))  # type: ignore[arg-type]
    bench = ZohoBench(tmp_path, org, settle_seconds=SETTLE, overlap_seconds=0, **options)
    bench.rows_max = chance.choice([1, 2, 3, 7])
    adapter, mirror = bench.zoho(), Mirror()
    people = iter(lambda: chance.random() < 0.5, None)
    bench.sim.heard = lambda _ask: act(bench, chance) if next(people) else None
    for _ in range(25):
        act(bench, chance)
        mirror.pull(adapter, chance)
    bench.sim.heard = None
    bench.later(10 * SETTLE)
    never = random.Random(0)
    never.random = lambda: 1.0  # type: ignore[method-assign]
    mirror.pull(adapter, never)
    bench.later(10 * SETTLE)
    mirror.pull(adapter, never)
    there = {str(row["id"]): row["Seller"] for row in bench.org.listing(MODULE)}
    bench.close()
    assert mirror.held == there
