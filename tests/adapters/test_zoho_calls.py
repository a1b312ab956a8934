"""What jobs cost at an organisation of Zoho CRM, call by call: so that it does not drift."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import calls_zoho as jobs
import pytest
from calls_zoho import Cost, Found, Meter

from crm_expenses.adapters.zoho import reading, writing


@pytest.fixture
def meter(tmp_path: Path) -> Iterator[Meter]:
    """An organisation that counts."""
    made = Meter(tmp_path)
    yield made
    made.close()


def costs(found: Iterable[Found]) -> list[tuple[int, int, int, int]]:
    """Give calls and credits, ours and the least."""
    return [(*pair(one.ours), *pair(one.bound)) for one in found]


def pair(cost: Cost) -> tuple[int, int]:
    """Give calls and credits."""
    return cost.calls, cost.credits


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        # A page of 2,000 is 3 credits; behind the first one the records are counted.
        (lambda meter: jobs.loaded(meter, 1_999), (1, 3, 1, 3)),
        (lambda meter: jobs.loaded(meter, 4_000), (3, 7, 2, 6)),
        # Fields are looked up once; what changed since the last reading is asked for once.
        (lambda meter: jobs.results(meter, 300), (5, 32, 3, 30)),
        # Ten conditions are ten calls; before them their records and the fields are read.
        (lambda meter: jobs.edits(meter, 10), (12, 12, 10, 10)),
        # Fifty people are looked for in a call.
        (lambda meter: jobs.figures(meter, 60), (4, 9, 1, 6)),
        (lambda meter: jobs.attachments(meter, 6, 1), (12, 12, 12, 12)),
        (lambda meter: jobs.attachments(meter, 6, 3), (8, 8, 8, 8)),
    ],
    ids=["load one page", "load two pages", "results", "changes", "figures", "files", "files of 3"],
)
def test_a_job_costs_what_it_cost(
    meter: Meter, act: Callable[[Meter], Iterable[Found]], expected: tuple[int, ...]
) -> None:
    """Calls and credits of each job, and the least of both, are these, no more and no less."""
    assert costs(act(meter)) == [expected]


def test_what_is_new_costs_what_it_cost(meter: Meter) -> None:
    """A sync without news costs three credits a kind, two for the people; much news one more."""
    assert costs(jobs.incremental(meter, (0, 1, 201))) == [
        (2, 3, 2, 3),
        (30, 44, 30, 44),
        (2, 3, 2, 3),
        (30, 44, 30, 44),
        (3, 5, 2, 4),
        (31, 46, 30, 45),
    ]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        # Before the job a page, the count and the fields; then job, three questions, table.
        (lambda meter: jobs.loaded(meter, 2_100), (3 + 5, 5 + 54)),
        # Before the job what changed, and the fields; then file, job, three questions, table.
        (lambda meter: jobs.results(meter, 200), (2 + 6, 2 + 505)),
    ],
    ids=["read", "write"],
)
def test_bulk_jobs_cost_what_they_cost(
    meter: Meter,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Meter], Iterable[Found]],
    expected: tuple[int, int],
) -> None:
    """What comes before a bulk job, and the job itself, cost this."""
    monkeypatch.setattr(reading, "BREAK_EVEN", 2_000)
    monkeypatch.setattr(writing, "BREAK_EVEN", 100)
    (found,) = act(meter)
    assert pair(found.ours) == expected


def test_the_bounds() -> None:
    """The formulas give what they give for one record more than a page, a batch or a job."""
    assert jobs.load(200, 0) == Cost(1, 1)
    assert jobs.load(200_001, 0) == Cost(4, 102)
    assert jobs.renewed(2_001) == Cost(3, 6)
    assert jobs.written(11, 0) == Cost(1, 2)
    assert jobs.written(25_001, 0) == Cost(6, 1_004)
