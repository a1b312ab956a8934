"""The sync simulation against a simulated organisation of Zoho, over HTTP."""

from collections.abc import Iterator

import pytest
from zohosync import simulate

from crm_expenses.testing.simulation import Workshop

SEEDS = 10
SLOW_SEEDS = 300


@pytest.fixture(scope="module")
def shop() -> Iterator[Workshop]:
    """A folder for stores."""
    with Workshop() as made:
        yield made


def broken_in(seeds: range, shop: Workshop) -> dict[int, tuple[str, ...]]:
    """Give what does not hold, by seed."""
    found = {seed: simulate(seed, shop).broken for seed in seeds}
    return {seed: broken for seed, broken in found.items() if broken}


def test_both_sides_come_together(shop: Workshop) -> None:
    """Whatever the network, people, slow commits and deaths do, nothing is lost or doubled."""
    assert not broken_in(range(SEEDS), shop)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_both_sides_come_together_for_long(shop: Workshop) -> None:
    """The same for three hundred seeds."""
    assert not broken_in(range(SLOW_SEEDS), shop)


def test_a_seed_repeats(shop: Workshop) -> None:
    """A seed happens the same way each time, threads and sockets or not."""
    assert simulate(5, shop).trace == simulate(5, shop).trace


def test_a_cursor_that_hurries_is_found(shop: Workshop) -> None:
    """Told that commits are never late, the adapter loses an edit, and the simulation says so."""
    found = (simulate(seed, shop, settle_seconds=0).broken for seed in range(60))
    assert any(found)
