"""What calls to the simulator cost, how many there may be, and what is noted of them."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from zohosim_caller import Caller, Moments, small_org

from crm_expenses.testing.zohosim import Ask, Fault, Org, OrgSettings, ZohoSim


@pytest.fixture
def clock() -> Moments:
    """Give a clock that a test moves."""
    return Moments()


@pytest.fixture
def sim(clock: Moments) -> Iterator[ZohoSim]:
    """Give a running simulator."""
    with ZohoSim(small_org(clock)) as running:
        yield running


@pytest.fixture
def caller(sim: ZohoSim) -> Iterator[Caller]:
    """Give who calls it."""
    with Caller(sim) as held:
        yield held


@pytest.mark.parametrize(("rows", "price"), [(1, 1), (10, 1), (11, 2), (100, 10)])
def test_what_a_write_costs(caller: Caller, rows: int, price: int) -> None:
    """One for each ten rows that were begun, refused or not."""
    for method, path in (("POST", "Claims"), ("PUT", "Claims"), ("POST", "Claims/upsert")):
        caller.write(method, path, *[{}] * rows)
        assert caller.sim.log[-1].credits == price


@pytest.mark.parametrize(
    ("path", "price"),
    [
        ("Claims?fields=Name", 1),
        ("Claims?fields=Name&cvid=1", 3),
        ("Claims/400001000000900001", 1),
        ("Claims/deleted", 2),
        ("users", 1),
        ("org", 1),
        ("settings/fields?module=Claims", 1),
    ],
)
def test_what_reading_costs(caller: Caller, path: str, price: int) -> None:
    """As the table has it; signing in costs nothing."""
    caller.get(path)
    assert caller.sim.log[-1].credits == price


def test_the_window_rolls(caller: Caller, sim: ZohoSim, clock: Moments) -> None:
    """What was spent comes back 24 hours later, not at midnight."""
    sim.credits.total = 4
    sim.site.desk.life = timedelta(days=9)
    caller.token = sim.site.desk.new_access()
    for _ in range(4):
        assert caller.get("org").status == 200
        clock.on(hours=1)
    got = caller.get("org")
    assert (got.status, got.code) == (429, "TOO_MANY_REQUESTS")
    assert "retry-after" not in got.headers
    clock.on(hours=20)
    assert caller.get("org").status == 200
    assert caller.get("org").status == 429
    clock.on(hours=1)
    assert caller.get("org").status == 200


def test_what_is_left_is_told_late(caller: Caller, sim: ZohoSim) -> None:
    """The header comes once half of the credits are used."""
    sim.credits.total = 4
    seen = [caller.get("org").headers.get("x-api-credits-remaining") for _ in range(4)]
    assert seen == [None, "2", "1", "0"]


def test_a_call_that_costs_more_than_is_left_does_nothing(caller: Caller, sim: ZohoSim) -> None:
    """It is refused before it has an effect, and a cheaper one is not."""
    sim.credits.total = 5
    assert caller.write("POST", "Claims", *[{"Name": "C"}] * 60).status == 429
    assert sim.org.listing("Claims") == []
    assert caller.write("POST", "Claims", {"Name": "C"}).status == 201


def test_editions_differ() -> None:
    """The allowance grows with the edition and the licences."""
    totals = []
    for edition in ("free", "enterprise"):
        with ZohoSim(Org(OrgSettings(edition=edition, users=10), clock=Moments())) as sim:
            totals.append((sim.credits.total, sim.site.turnstile.most))
    assert totals == [(5_000, 5), (60_000, 20)]


def crowd(sim: ZohoSim, size: int, call: Callable[[Caller], int]) -> list[int]:
    """Let several call at once, and hold those who are let in until all have been seen."""
    seen, started = threading.Semaphore(0), threading.Event()
    statuses: list[int] = []

    def inside(_ask: Ask) -> None:
        seen.release()
        started.wait(10)

    def one() -> None:
        with Caller(sim) as caller:
            statuses.append(call(caller))
            seen.release()

    sim.inside = inside
    threads = [threading.Thread(target=one) for _ in range(size)]
    for thread in threads:
        thread.start()
    for _ in range(size):
        assert seen.acquire(timeout=10)
    started.set()
    for thread in threads:
        thread.join()
    sim.inside = None
    return sorted(statuses)


def test_so_many_at_once() -> None:
    """Five calls run at once in the smallest edition; the others are told the same as without
    credits.
    """
    with ZohoSim(Org(OrgSettings(edition="free"), clock=Moments())) as sim:
        statuses = crowd(sim, 8, lambda caller: caller.get("org").status)
        assert statuses == [200] * 5 + [429] * 3
        assert sim.site.turnstile.running == 0


def test_ten_heavy_ones_at_once(sim: ZohoSim) -> None:
    """Queries, sorted lists and writes of more than ten rows share ten places in any edition."""
    query = "select id from Claims where id is not null"
    assert crowd(sim, 12, lambda caller: caller.query(query).status) == [204] * 10 + [429] * 2
    rows = [{"Name": "C"}] * 11
    statuses = crowd(sim, 11, lambda caller: caller.write("POST", "Claims", *rows).status)
    assert statuses == [201] * 10 + [429]
    statuses = crowd(sim, 11, lambda caller: caller.write("POST", "Claims", *rows[1:]).status)
    assert statuses == [201] * 11


def test_the_log(caller: Caller, sim: ZohoSim) -> None:
    """Each call is noted with status, credits, token, connection and code; no secret is."""
    caller.get("Claims")
    caller.get("Claims?fields=Name")
    with Caller(sim) as other:
        other.get("org")
    first, second, third = sim.log
    assert (first.call, first.status, first.code) == (
        "GET /crm/v8/Claims",
        400,
        "REQUIRED_PARAM_MISSING",
    )
    assert first.connection == second.connection != third.connection
    assert (first.token, third.token) == (1, 2)
    assert sim.calls("/org$") == [third]
    for secret in (*sim.secrets.values(), caller.token):
        assert secret not in repr(sim.log)


def test_credits_run_out_on_demand(caller: Caller, sim: ZohoSim) -> None:
    """Nothing is left from a call on."""
    sim.faults.add(Fault.NO_CREDITS, "users")
    assert caller.get("org").status == 200
    assert caller.get("users").status == 429
    assert caller.get("org").status == 429
