"""Return figures come into the CRM: of whole months, once a day at most, told once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from small_company import AT, adapter_on, filled, job_on

from crm_expenses.adapters.contract import ResultKind, ReturnResult
from crm_expenses.adapters.memory import CAPABILITIES, MemoryAdapter, MemoryCrm
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.crmsettings import CrmParts, SyncPart
from crm_expenses.pipeline import Job, sync
from crm_expenses.pipeline.exactly import exactly
from crm_expenses.pipeline.plan import make_plan
from crm_expenses.settings import Connection

APRIL = AT + timedelta(days=1)
"""The first day on which March 2026 has ended."""

Opened = Callable[..., AbstractContextManager[Job]]


@pytest.fixture
def crm() -> MemoryCrm:
    """The small company's CRM."""
    return filled(MemoryCrm())


@pytest.fixture
def opened(tmp_path: Path, crm: MemoryCrm) -> Opened:
    """Open the job on a CRM that has a place for return figures."""

    def made(**parts: int) -> AbstractContextManager[Job]:
        adapter = MemoryAdapter("main", crm, capabilities=CAPABILITIES)
        held = job_on(tmp_path, adapter)
        if not parts:
            return held
        return _with(held, SyncPart(**parts))

    return made


class _with(AbstractContextManager[Job]):  # noqa: N801  reads as a word
    """A job whose connection has settings of its own."""

    def __init__(self, held: AbstractContextManager[Job], part: SyncPart) -> None:
        self._held = held
        self._part = part

    def __enter__(self) -> Job:
        job = self._held.__enter__()
        one = Connection("main", "memory", {}, CrmParts(sync=self._part))
        return replace(job, settings=replace(job.settings, connections={"main": one}))

    def __exit__(self, *error: object) -> None:
        self._held.__exit__(*error)  # type: ignore[arg-type]


def told(crm: MemoryCrm) -> dict[str, ReturnResult]:
    """Give the figures that stand in the CRM, by person."""
    found = MemoryAdapter("main", crm).results.values()
    return {one.person: one for one in found if isinstance(one, ReturnResult)}


def count(crm: MemoryCrm) -> int:
    """Count how often figures were written."""
    return sum(kind is ResultKind.RETURN_RESULT for kind, *_ in crm.log)


def test_figures_of_whole_months_stand_in_the_crm(opened: Opened, crm: MemoryCrm) -> None:
    """Of everybody who sold or spent, as computed by hand; what is lacking says why."""
    with opened() as job:
        sync(job, APRIL)
    assert sorted(told(crm)) == ["P1", "P2", "P3", "P9"]
    one, two = told(crm)["P1"], told(crm)["P2"]
    assert one == ReturnResult(
        person="P1",
        start=date(2025, 4, 1),
        end=date(2026, 3, 31),
        cost=Money.of("5250.00", "CNY"),
        won=Money.of("20000.00", "CNY"),
        roi=Decimal("0.9048"),
        growth=Decimal("1.0000"),
        win_rate=Decimal("0.6667"),
        retention=Decimal("1.0000"),
        satisfaction=Decimal("4.0000"),
        customers_new=1,
    )
    assert (two.growth, two.retention, two.satisfaction) == (None, None, None)
    assert two.notes_en.splitlines() == [
        "Sales growth: not enough data: nothing won in the time before",
        "Retention: not enough data: too few cases",
        "Satisfaction: not enough data: too few cases",
    ]
    assert two.notes_zh.splitlines()[0] == "销售增长：数据不足：上一期间没有赢单金额"


def test_a_month_that_has_not_ended_does_not_count(opened: Opened, crm: MemoryCrm) -> None:
    """On the last day of March the figures end with February."""
    with opened() as job:
        sync(job, AT)
    assert {(one.start, one.end) for one in told(crm).values()} == {
        (date(2025, 3, 1), date(2026, 2, 28))
    }


def test_they_are_made_once_a_day_and_written_where_they_changed(
    opened: Opened, crm: MemoryCrm
) -> None:
    """Another deal of today comes with the figures of tomorrow, and only for whose it is."""
    with opened() as job:
        sync(job, APRIL)
        assert count(crm) == 4
        more = Opportunity(
            "O-9", "P2", Stage.WON, "A-3", amount=Money.of("100", "CNY"), closed=date(2026, 3, 1)
        )
        crm.put(more)
        sync(job, APRIL + timedelta(hours=2))
        assert count(crm) == 4
        sync(job, APRIL + timedelta(days=1))
    assert count(crm) == 5
    assert told(crm)["P2"].won == Money.of("7900.00", "CNY")


@pytest.mark.parametrize(("days", "expected"), [(0, 0), (7, 4)])
def test_how_often_is_set(opened: Opened, crm: MemoryCrm, days: int, expected: int) -> None:
    """0 is never; 7 is once a week, whatever changed since."""
    with opened(returns_every_days=days) as job:
        sync(job, APRIL)
        crm.put(Opportunity("O-9", "P2", Stage.LOST, "A-3", closed=date(2026, 3, 1)))
        sync(job, APRIL + timedelta(days=6))
        assert count(crm) == expected
        sync(job, APRIL + timedelta(days=7))
    assert count(crm) == expected + bool(expected)


def test_a_crm_without_a_place_is_told_nothing(tmp_path: Path, crm: MemoryCrm) -> None:
    """Where the adapter does not write them, none are made."""
    with job_on(tmp_path, adapter_on(crm)) as job:
        sync(job, APRIL)
        assert job.store.outbox_counts("main") == {"done": 23}
    assert count(crm) == 0


def test_a_plan_shows_them_and_is_carried_out(opened: Opened, crm: MemoryCrm) -> None:
    """What is planned has the figures; carrying it out writes these and no other."""
    with opened() as job:
        made = make_plan(job, APRIL)
        shown = [one for one in made.writes if one.kind == ResultKind.RETURN_RESULT.value]
        assert len(shown) == 4
        assert {why.code for one in shown for why in one.why} == {"plan.why_return"}
        exactly(job, made, APRIL)
    assert count(crm) == 4
