"""The simulator is proved able to fail: each fault planted here is found by a seed."""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm_expenses.adapters.contract import Ack, WriteBack
from crm_expenses.store import AppendCount, OutboxRow, Store, append, sorting, statements
from crm_expenses.store import store as store_module
from crm_expenses.store.append import PulledPage
from crm_expenses.store.lease import Lease, Leases
from crm_expenses.store.readings import Readings, Way
from crm_expenses.testing.simulation import BrittleStore, Simulation, Workshop
from crm_expenses.testing.simulation import adapter as sim_adapter

SEEDS_MAX = 200


@pytest.fixture(scope="module")
def shop() -> Iterator[Workshop]:
    """A folder for stores."""
    with Workshop() as made:
        yield made


def found(shop: Workshop, *fragments: str, made: type[BrittleStore] = BrittleStore) -> bool:
    """Say whether a seed finds something that does not hold, in these words."""
    for seed in range(SEEDS_MAX):
        broken = Simulation(seed, shop, made=made).outcome().broken
        if any(fragment in line for line in broken for fragment in fragments):
            return True
    return False


def test_a_cursor_saved_before_its_page(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who dies between the cursor and its page has lost the page."""
    plain_append, plain_keep = BrittleStore.append, Readings.keep

    def first(store: Store, crm: str, page: PulledPage) -> None:
        with store.writing() as connection:
            append._save_cursor(connection, crm, page.kind, page.cursor)

    def appended(self: BrittleStore, crm: str, page: PulledPage, at: datetime) -> AppendCount:
        first(self, crm, page)
        return plain_append(self, crm, page, at)

    def kept(self: Readings, page: PulledPage, way: Way, at: datetime, **more: bool) -> AppendCount:
        if way is Way.NEW:
            first(self._store, self._crm, page)
        return plain_keep(self, page, way, at, **more)

    monkeypatch.setattr(BrittleStore, "append", appended)
    monkeypatch.setattr(Readings, "keep", kept)
    assert found(shop, "is not in the store", "there and")


def test_a_retry_without_reading_back(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may have arrived and is sent again without a look arrives twice."""
    pushing = importlib.import_module("crm_expenses.pipeline.push")
    plain = pushing.write_back

    def certain(row: OutboxRow) -> WriteBack:
        return replace(plain(row), uncertain=False)

    monkeypatch.setattr(pushing, "write_back", certain)
    assert found(shop, "had its effect 2 times")


def test_no_check_of_echoes(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a look at what is held, our own writes come back as news."""
    plain = sorting._held

    def forgetful(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401  as it is called
        return {name: ("-", *one[1:]) for name, one in plain(*arguments).items()}

    monkeypatch.setattr(sorting, "_held", forgetful)
    assert found(shop, "rows were news", "still changes")


class Hopeful(BrittleStore):
    """Closes what it hands out, before anybody has answered."""

    def take(self, crm: str, limit: int, after: int = 0) -> tuple[OutboxRow, ...]:
        """Give the next results, and count them as done."""
        rows = super().take(crm, limit, after)
        self.answer(crm, [(row.key, "done", "") for row in rows])
        return rows


def test_an_outbox_closed_before_the_ack(shop: Workshop) -> None:
    """A result that counts as done before its answer is lost with its request."""
    assert found(shop, "result", made=Hopeful)


def test_no_way_back_from_the_newest_row(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursor that goes as far as the newest row passes rows that become visible later."""
    plain = sim_adapter.TimeCursor

    def hasty(crm: str, **_: timedelta) -> object:
        return plain(crm, settle=timedelta(0))

    monkeypatch.setattr(sim_adapter, "TimeCursor", hasty)
    assert found(shop, "is not in the store", "there and")


def test_an_older_content_is_no_news(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where any content that was held before is dropped, who takes something back is not heard."""
    seen: set[object] = set()
    plain = append.sort_out

    def deaf(connection: object, crm: str, kind: object, readable: Sequence, *rest: Any) -> object:  # noqa: ANN401
        kept = [one for one in readable if one[1] not in seen]
        seen.update(texts for _, texts in readable)
        return plain(connection, crm, kind, kept, *rest)

    monkeypatch.setattr(append, "sort_out", deaf)
    plain_renew = Workshop.renew

    def renew(self: Workshop, name: str) -> None:
        seen.clear()
        plain_renew(self, name)

    monkeypatch.setattr(Workshop, "renew", renew)
    assert found(shop, "there and")


def test_two_results_on_their_way(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An uncertain result that stays beside a newer one undoes it when it is sent again."""
    pushing = importlib.import_module("crm_expenses.pipeline.push")
    monkeypatch.setattr(statements, "OVERTAKEN", statements.NEWEST_WRITE)
    monkeypatch.setattr(pushing, "_unsettled", lambda rows, acks: set())
    assert found(shop, "should be", "2 times")


def test_a_lease_that_is_ignored(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two processes run at once, what one sends the other sends, too."""

    def taken(self: Leases, name: str, holder: str, at: datetime, seconds: int) -> Lease:
        return Lease(name, holder, at, at + timedelta(seconds=seconds), 1)

    monkeypatch.setattr(Leases, "take", taken)
    monkeypatch.setattr(Leases, "renew", lambda self, lease, at, seconds: lease)
    monkeypatch.setattr(store_module, "demand", lambda connection, lease: None)
    assert found(shop, "2 times", "should be")


def test_a_conflict_that_counts_as_done(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that a person was quicker than is lost where its conflict closes it."""
    pushing = importlib.import_module("crm_expenses.pipeline.push")
    plain = pushing._answers

    def satisfied(acks: Sequence[Ack]) -> list[tuple[str, str, str]]:
        given = plain(acks)
        return [(key, "done" if word == "conflict" else word, why) for key, word, why in given]

    monkeypatch.setattr(pushing, "_answers", satisfied)
    assert found(shop, "result")
