"""What calls cost, what an edition allows, and what is left of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.registry import usual_limits
from crm_expenses.adapters.zoho import credits as ours
from crm_expenses.adapters.zoho.settings import Edition
from crm_expenses.crmsettings import ROLLING, CrmParts, LimitsPart
from crm_expenses.errors import ConfigError, RetryableError
from crm_expenses.pipeline.limits import limits_of
from crm_expenses.settings import Connection
from crm_expenses.testing.zohosim import credits as theirs

SPENDING = st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 500)), max_size=40)


@given(st.sampled_from(Edition), st.integers(1, 20_000))
def test_the_allowance_of_an_edition(edition: Edition, users: int) -> None:
    """Ours is what the simulator allows, for every edition and number of users."""
    assert ours.allowance(edition, users) == theirs.allowance(edition.value, users)


@given(st.integers(1, 100), st.integers(1, 2_000))
def test_what_calls_cost(records: int, limit: int) -> None:
    """A write and a query cost what the simulator takes for them."""
    assert ours.cost_of_writes(records) == theirs.rows_cost(records)
    assert ours.cost_of_coql(limit) == theirs.query_cost(limit)


@given(SPENDING)
def test_the_ledger_never_counts_too_little(spending: list[tuple[int, int]]) -> None:
    """What was spent in the last 24 hours is counted, and no more than two minutes longer."""
    now = [1_000.0]
    ledger = ours.CreditLedger(10_000, lambda: now[0])
    spent: list[tuple[float, int]] = []
    for pause, cost in spending:
        now[0] += pause
        ledger.spend(cost)
        spent.append((now[0], cost))
        exact = sum(cost for at, cost in spent if now[0] - at < ours.DAY_SECONDS)
        longer = sum(cost for at, cost in spent if now[0] - at < ours.DAY_SECONDS + 120)
        assert exact <= ledger.spent() <= longer
        assert ledger.left() == max(0, 10_000 - ledger.spent())


@pytest.mark.parametrize("begun", [0.0, 1.0, 59.0, 59.9])
def test_the_ledger_keeps_the_last_minute_of_the_day(begun: float) -> None:
    """What was spent a moment less than 24 hours ago counts, at any second of a minute."""
    now = [begun]
    ledger = ours.CreditLedger(10, lambda: now[0])
    ledger.spend(4)
    now[0] = begun + ours.DAY_SECONDS - 0.05
    assert ledger.spent() == 4
    now[0] = begun + ours.DAY_SECONDS + 120
    assert ledger.spent() == 0


def test_the_smaller_of_ours_and_theirs_is_left() -> None:
    """What Zoho said is left counts until a day is over, less what we have spent since."""
    now = [0.0]
    ledger = ours.CreditLedger(1_000, lambda: now[0])
    ledger.spend(100)
    ledger.told(300)
    assert (ledger.spent(), ledger.left()) == (100, 300)
    ledger.spend(50)
    assert (ledger.spent(), ledger.left()) == (150, 250)
    ledger.told(5_000)
    assert ledger.left() == 850
    ledger.told(0)
    ledger.spend(1)
    assert ledger.left() == 0
    now[0] = 2 * ours.DAY_SECONDS
    assert (ledger.spent(), ledger.left()) == (0, 1_000)


def test_a_slot_that_does_not_come_free() -> None:
    """Who waits too long for a slot is told; the slots that were held come free again."""
    slots = ours.Slots(Edition.FREE)
    held = [slots.taken("main", 1, is_heavy=True) for _ in range(5)]
    for one in held:
        one.__enter__()
    with (
        pytest.raises(RetryableError) as caught,
        slots.taken("main", 0.01, is_heavy=False),
    ):
        raise AssertionError
    assert caught.value.code == "zoho.slots"
    for one in held:
        one.__exit__(None, None, None)
    with slots.taken("main", 0.01, is_heavy=True):
        pass


def test_an_edition_is_the_limit_where_none_is_said() -> None:
    """The engine takes the edition's allowance in any 24 hours; what the settings say stands."""
    options = {"edition": "standard", "users": 40}
    usual = limits_of(Connection("main", "zoho", options))
    assert (usual.calls_per_day, usual.day_zone, usual.reserve) == (60_000, ROLLING, 0)
    given = CrmParts(limits=LimitsPart(reserve=10_000, calls_per_second=5))
    made = limits_of(Connection("main", "zoho", options, given))
    assert (made.calls_per_day, made.reserve, made.calls_per_second) == (60_000, 10_000, 5)
    none = CrmParts(limits=LimitsPart(calls_per_day=0))
    assert limits_of(Connection("main", "zoho", options, none)).calls_per_day == 0
    own = CrmParts(limits=LimitsPart(calls_per_day=9, day_zone="UTC"))
    made = limits_of(Connection("main", "zoho", options, own))
    assert (made.calls_per_day, made.day_zone) == (9, "UTC")


def test_a_reserve_of_everything_is_refused() -> None:
    """Where the reserve is all that the edition allows, no call would be left."""
    given = CrmParts(limits=LimitsPart(reserve=5_000))
    with pytest.raises(ConfigError) as caught:
        limits_of(Connection("main", "zoho", {"edition": "free"}, given))
    assert caught.value.code == "settings.reserve"
    with pytest.raises(ConfigError):
        limits_of(Connection("main", "files", {"folder": "x"}, CrmParts(limits=given.limits)))


@pytest.mark.parametrize("options", [{"edition": "gold"}, {"users": "many"}, {"edition": 7}])
def test_mistakes_are_told_elsewhere(options: dict[str, object]) -> None:
    """What is wrong with the settings is told when the adapter is opened, not by its limits."""
    assert limits_of(Connection("main", "zoho", options)).calls_per_day == 51_000


@pytest.mark.parametrize("adapter", ["files", "rest", "no-such-adapter"])
def test_other_adapters_know_no_limit(adapter: str) -> None:
    """An adapter without such knowledge, or none at all, leaves the settings as they are."""
    assert usual_limits(adapter, {}) is None
    assert limits_of(Connection("main", adapter, {})) == LimitsPart()
