"""Alone on a CRM, on a clock that is given: renewing, waiting, letting go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
from small_company import AT, adapter_on, filled, job_on

from crm_expenses.adapters.memory import MemoryCrm
from crm_expenses.errors import StoreAwayError
from crm_expenses.pipeline import Job, RunSummary, Stopped, alone, sync_alone
from crm_expenses.store import Lease

NAME = "sync:main"
SECONDS = 60
"""How long a lease lasts where the settings say nothing."""


@dataclass
class Given:
    """A clock that is moved by hand, and by waiting."""

    at: datetime = AT
    is_over: bool = False

    def now(self) -> datetime:
        """Give the time."""
        return self.at

    def wait(self, seconds: float) -> None:
        """Go on."""
        self.at += timedelta(seconds=seconds)

    def is_stopped(self) -> bool:
        """Say whether somebody asked to stop."""
        return self.is_over


def held(job: Job) -> Lease | None:
    """Give who holds the lease."""
    return job.store.leases.held(NAME)


def test_it_is_held_during_a_run_and_free_afterwards(tmp_path: Path) -> None:
    """While a run goes on its lease is ours; after it, and after a failure, it is nobody's."""
    clock = Given()
    with job_on(tmp_path, adapter_on(filled(MemoryCrm()))) as job:
        with alone(job, clock, holder="a", keeps=False):
            found = held(job)
            assert found is not None
            assert (found.holder, found.until) == ("a", AT + timedelta(seconds=SECONDS))
        assert held(job) is None
        with pytest.raises(ValueError, match="power"), alone(job, clock):
            raise ValueError("power")
        assert held(job) is None
        assert isinstance(sync_alone(job, AT, clock), RunSummary)
        assert held(job) is None


def test_each_step_renews_it(tmp_path: Path) -> None:
    """A step after a third of the time renews; one before does not."""
    clock, told = Given(), list[str]()
    with (
        job_on(tmp_path, adapter_on(MemoryCrm())) as job,
        alone(job, clock, keeps=False) as mine,
    ):
        tell = mine.telling(lambda stage, _done, _whole: told.append(stage))
        clock.wait(19)
        tell("pull", 1, None)
        assert mine.lease.until == AT + timedelta(seconds=60)
        clock.wait(2)
        tell("push", 1, None)
        assert mine.lease.until == AT + timedelta(seconds=81)
        assert held(job) == mine.lease
    assert told == ["pull", "push"]


def test_a_lost_lease_ends_the_run(tmp_path: Path) -> None:
    """Once somebody else has it, the next step says so, and the other one keeps it."""
    clock = Given()
    with job_on(tmp_path, adapter_on(MemoryCrm())) as job:
        with alone(job, clock, holder="a", keeps=False) as mine:
            clock.wait(SECONDS + 1)
            job.store.leases.take(NAME, "b", clock.now(), SECONDS)
            with pytest.raises(StoreAwayError) as caught:
                mine.telling(lambda *_: None)("pull", 1, None)
        assert caught.value.code == "sync.lease_lost"
        found = held(job)
        assert found is not None
        assert found.holder == "b"


def test_waiting_is_as_long_as_was_asked(tmp_path: Path) -> None:
    """It is taken as soon as it is free; at the end of the wait the holder is named."""
    clock = Given()
    with job_on(tmp_path, adapter_on(MemoryCrm())) as job:
        job.store.leases.take(NAME, "other", AT, SECONDS)
        with pytest.raises(StoreAwayError, match="other"), alone(job, clock, wait=30):
            pass
        assert clock.now() == AT + timedelta(seconds=30)
        with alone(job, clock, holder="a", wait=31, keeps=False) as mine:
            assert mine.lease.holder == "a"
        assert clock.now() == AT + timedelta(seconds=SECONDS)
        job.store.leases.take(NAME, "other", clock.now(), SECONDS)
        clock.is_over = True
        with pytest.raises(StoreAwayError), alone(job, clock, wait=1000):
            pass
        assert clock.now() == AT + timedelta(seconds=SECONDS)


def test_a_stop_comes_after_a_step(tmp_path: Path) -> None:
    """Asked to stop, a run ends where it tells how far it is: what was finished is kept."""
    crm, clock = filled(MemoryCrm()), Given(is_over=True)
    with job_on(tmp_path, adapter_on(crm)) as job:
        with pytest.raises(Stopped):
            sync_alone(job, AT, clock)
        assert held(job) is None
        assert job.store.dump().count("account_manager") > 0
        assert crm.log == []
        clock.is_over = False
        sync_alone(job, AT, clock)
    assert len(crm.log) == 23


def test_a_run_that_is_not_heard_of_renews_no_more(tmp_path: Path) -> None:
    """For an hour a thread keeps the lease during a long call; then it lets it run out."""
    clock = Given()
    with job_on(tmp_path, adapter_on(MemoryCrm())) as job, alone(job, clock, keeps=False) as mine:
        clock.wait(59 * 60)
        mine.seconds = 1
        thread = Thread(target=mine.keep)
        thread.start()
        while mine.lease.until < clock.now():
            sleep(0.01)
        clock.wait(61)
        thread.join(30)
        assert not thread.is_alive()


def test_words_that_were_heard_are_done_with(tmp_path: Path) -> None:
    """A run takes away the mark that was there when it began, and only if it went well."""
    clock = Given()
    with job_on(tmp_path, adapter_on(filled(MemoryCrm()))) as job:
        job.store.mark_due("main", AT)
        clock.is_over = True
        with pytest.raises(Stopped):
            sync_alone(job, AT, clock)
        assert job.store.due() == {"main": 1}
        clock.is_over = False
        sync_alone(job, AT, clock)
        assert job.store.due() == {}
