"""Bulk jobs of Zoho CRM: when they pay, what they say of each row, and that they end."""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from test_zoho_writing import FIRST, line, lines, states
from zoho_bench import ZohoBench, organisation

from crm_expenses.adapters.contract import AckState
from crm_expenses.adapters.exchange import Clock
from crm_expenses.adapters.zoho import bulkread, bulkwrite, reading, writing
from crm_expenses.adapters.zoho import credits as prices
from crm_expenses.adapters.zoho.bulkjobs import BulkJobs
from crm_expenses.adapters.zoho.client import ZohoAdapter, open_zoho
from crm_expenses.core.record import Kind
from crm_expenses.errors import RetryableError
from crm_expenses.testing.zohosim import Fault, Switches

Made = Callable[..., ZohoBench]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """What makes an organisation with lines, with switches and options."""
    held: list[ZohoBench] = []

    def make(count: int = 3, **options: Any) -> ZohoBench:  # noqa: ANN401  any option
        switches = Switches(**options.pop("switches", {}))
        folder = tmp_path / str(len(held))
        folder.mkdir()
        bench = ZohoBench(folder, organisation(switches=switches), **options)
        bench.rows_max = 2_000
        held.append(bench)
        bench.seed(bench.sample({Kind.ACCOUNT_MANAGER, Kind.CLAIM}))
        lines(bench, count)
        return bench

    yield make
    for bench in held:
        bench.close()


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a job pay for a few records already."""
    monkeypatch.setattr(reading, "BREAK_EVEN", 2_000)
    monkeypatch.setattr(writing, "BREAK_EVEN", 10)


def amounts(adapter: ZohoAdapter) -> dict[str, Decimal]:
    """Read all lines; give their amounts by id."""
    found = [fact.record for page in adapter.pull(Kind.LINE, None) for fact in page.facts]
    return {one.id: one.amount.amount for one in found}  # type: ignore[union-attr]


# --- reading ---


def test_a_job_gives_what_a_query_gives(made: Made) -> None:
    """Read by a job, every record of every kind is as a query has it: amounts, boxes, lookups.

    Tables may be fetched ten a minute: for the others, a minute is waited.
    """
    bench = made()
    kinds = set(Kind) - {Kind.ACCOUNT_MANAGER, Kind.CLAIM}
    bench.seed(bench.sample(kinds))
    adapters = []
    for read_by in ("coql", "bulk"):
        bench.options["read_by"] = read_by
        waiting = Clock(sleep=lambda seconds: bench.later(int(seconds)))
        adapters.append(open_zoho(bench.opening(), clock=waiting))
    for kind in set(Kind) - {Kind.ACCOUNT_MANAGER}:
        found = []
        for adapter in adapters:
            pages = list(adapter.pull(kind, None))
            assert not [one for page in pages for one in page.set_aside]
            facts = [fact for page in pages for fact in page.facts]
            found.append(sorted(facts, key=lambda fact: fact.record.id))
        assert found[0] == found[1], kind
    assert len(bench.sim.calls("/bulk/v8/read$")) == len(Kind) - 1


def test_a_job_costs_fifty_credits_and_its_questions(made: Made) -> None:
    """One job is 50 credits, one for each question and one for its table: the lower bound."""
    bench = made(500, read_by="bulk", switches={"bulk_polls": 1})
    assert len(amounts(bench.zoho())) == 500
    log = [one for one in bench.sim.log if "oauth" not in one.path and "settings" not in one.path]
    assert sum(one.credits for one in log) == 50 + 2 + 1


def test_more_than_a_job_holds(made: Made) -> None:
    """Where a job cannot hold all, others follow, and nothing is lost."""
    bench = made(1_050, read_by="bulk", switches={"bulk_rows_max": 400})
    assert len(amounts(bench.zoho())) == 1_050
    assert len(bench.sim.calls("/bulk/v8/read$")) == 3


def test_the_column_of_ids_has_two_names(made: Made) -> None:
    """The ids of a table are found under either of the names that are documented."""
    bench = made(3, read_by="bulk", switches={"bulk_id_column": "Id"})
    assert amounts(bench.zoho())[str(FIRST + 2)] == 2


def test_a_job_is_made_where_it_pays(made: Made, cheap: None) -> None:
    """Where many records are counted behind the first page, a job reads all; else queries do."""
    bench = made(2_500)
    assert len(amounts(bench.zoho())) == 2_500
    assert len(bench.sim.calls("/coql")) == 1
    small = made(2_000)
    assert len(amounts(small.zoho())) == 2_000
    assert not small.sim.calls("bulk|count")
    never = made(2_500, bulk_seconds=0)
    assert len(amounts(never.zoho())) == 2_500
    assert not never.sim.calls("bulk|count")


def test_one_below_the_break_even_is_queried(made: Made, cheap: None, monkeypatch: Any) -> None:  # noqa: ANN401
    """At the break-even itself, queries cost no more: no job is made."""
    monkeypatch.setattr(reading, "BREAK_EVEN", 2_500)
    bench = made(2_500)
    assert len(amounts(bench.zoho())) == 2_500
    assert bench.sim.calls("count")
    assert not bench.sim.calls("bulk")


@pytest.mark.parametrize(
    "fault", [Fault.BULK_FAILURE, Fault.BULK_STUCK, Fault.ZIP_TRUNCATED, Fault.SCOPE_MISSING]
)
def test_a_job_that_fails_is_done_without(made: Made, cheap: None, fault: Fault) -> None:
    """Where the job fails, hangs or leaves half a zip, queries read on, and nothing is lost."""
    bench = made(4_100)
    bench.sim.faults.add(fault, "result" if fault is Fault.ZIP_TRUNCATED else "bulk", times=9)
    assert len(amounts(bench.zoho())) == 4_100
    assert len(bench.sim.calls("/coql")) == 3


@pytest.mark.parametrize("fault", [Fault.BULK_FAILURE, Fault.BULK_STUCK, Fault.ZIP_TRUNCATED])
def test_where_only_jobs_are_wanted_their_failure_is_told(made: Made, fault: Fault) -> None:
    """With read_by = "bulk" a job that fails is an error, and not an empty module."""
    bench = made(3, read_by="bulk")
    bench.sim.faults.add(fault, "result" if fault is Fault.ZIP_TRUNCATED else "bulk", times=9)
    with pytest.raises(RetryableError):
        amounts(bench.zoho())


def test_a_stuck_job_is_waited_for_so_long_and_no_longer(made: Made) -> None:
    """All waits together stay within bulk_seconds."""
    bench = made(3, read_by="bulk", bulk_seconds=120)
    bench.sim.faults.add(Fault.BULK_STUCK, "bulk")
    slept: list[float] = []
    adapter = open_zoho(bench.opening(), clock=Clock(sleep=slept.append))
    with pytest.raises(RetryableError) as caught:
        amounts(adapter)
    assert caught.value.code == "zoho.bulk_slow"
    assert 60 < sum(slept) <= 120
    assert "120" in caught.value.describe()


def shorter(content: bytes) -> bytes:
    """Leave out the last row of the one table in a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        rows = held.read(held.namelist()[0]).splitlines(keepends=True)
    return zipped(a_csv=b"".join(rows[:-1]))


def zipped(**files: bytes) -> bytes:
    """Pack some files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("_", "."), content)
    return held.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        zipped(a_csv=b"id\r\n" + b"1\r\n" * 20_000_000),
        zipped(a_csv=b"id\r\n1\r\n", b_csv=b"id\r\n1\r\n"),
        zipped(a_txt=b"id\r\n1\r\n"),
        zipped(a_csv=b""),
        zipped(a_csv=b"id,id\r\n1,2\r\n"),
        zipped(a_csv=b"id,Name\r\n1\r\n"),
        zipped(a_csv=b"id\r\n\xff\r\n"),
        zipped(a_csv=b"id\r\n1\r\n")[:-30],
        b"",
    ],
    ids=["bomb", "two", "none", "empty", "twice", "short", "letters", "cut", "nothing"],
)
def test_what_is_no_sound_table_is_not_unpacked(made: Made, content: bytes) -> None:
    """A zip that swells, has other than one table, or is cut, is an error and no rows."""
    bench = made(0)
    adapter = bench.zoho()
    adapter.wire.stream = lambda _call: iter([content])  # type: ignore[method-assign]
    jobs = BulkJobs(adapter.asking, 60)
    with pytest.raises(RetryableError), jobs.table("x") as rows:
        list(rows)


def test_a_table_with_fewer_rows_than_told_is_none(made: Made) -> None:
    """A table that lacks rows which the job counted is an error: they are not gone."""
    bench = made(3, read_by="bulk")
    adapter = bench.zoho()
    stream = adapter.wire.stream
    adapter.wire.stream = lambda call: iter([shorter(b"".join(stream(call)))])  # type: ignore[method-assign]
    with pytest.raises(RetryableError) as caught:
        amounts(adapter)
    assert "rows in a table of" in caught.value.describe()


# --- writing ---


def test_very_many_results_go_by_a_job(made: Made) -> None:
    """Beyond the break-even, results go up as a table: some 503 credits instead of one for ten."""
    count = bulkwrite.BREAK_EVEN + 1
    bench = made(count)
    acks = bench.zoho().push([line(number, "问题\n2") for number in range(count)])
    assert {*states(acks)} == {AckState.DONE}
    assert not bench.sim.calls("^PUT")
    spent = sum(one.credits for one in bench.sim.calls("bulk|upload"))
    assert 501 <= spent <= 505
    held = bench.written()
    assert len(held) == count
    assert {one.findings_zh for one in held} == {"问题\n2"}  # type: ignore[union-attr]


def test_at_the_break_even_rows_are_written(made: Made, cheap: None) -> None:
    """As many results as cost the same either way go by calls."""
    bench = made(10)
    bench.zoho().push([line(number) for number in range(10)])
    assert not bench.sim.calls("bulk")


def test_each_row_of_a_job_is_answered(made: Made, cheap: None) -> None:
    """What the job skipped is refused with its reason; who is gone is told; others are done."""
    bench = made(20)
    adapter = bench.zoho()
    bench.later(600)
    assert list(adapter.pull(Kind.LINE, None))
    bench.org.locked.add(str(FIRST + 4))
    bench.org.remove("Expense_Lines", str(FIRST + 7))
    acks = adapter.push([line(number) for number in range(20)])
    assert len([ack for ack in acks if ack.state is AckState.DONE]) == 18
    told = [ack.problem.code for ack in acks if ack.problem]
    assert told == ["zoho.record_locked", "crm.no_record"]


def test_an_empty_value_empties_its_field(made: Made, cheap: None) -> None:
    """A result that is empty now is emptied by a job, as it is by a call."""
    bench = made(20)
    for text in ("before", ""):
        bench.later(5)
        bench.zoho().push([line(number, text) for number in range(20)])
    assert {one.findings_en for one in bench.written()} == {""}  # type: ignore[union-attr]


@pytest.mark.parametrize("fault", [Fault.BULK_FAILURE, Fault.BULK_STUCK, Fault.DROP_AFTER])
def test_after_a_job_has_begun_nobody_knows(made: Made, cheap: None, fault: Fault) -> None:
    """A job that fails, hangs, or whose beginning is not answered leaves its rows unknown."""
    bench = made(20)
    bench.sim.faults.add(fault, "/write$")
    acks = bench.zoho().push([line(number) for number in range(20)])
    assert {*states(acks)} == {AckState.UNKNOWN}
    assert not bench.sim.calls("^PUT")
    again = [replace(line(number), uncertain=True) for number in range(20)]
    assert {*states(bench.zoho().push(again))} == {AckState.DONE}
    assert len(bench.written()) == 20


@pytest.mark.parametrize("match", ["/upload$", "/write$"])
def test_before_a_job_has_begun_rows_are_written(made: Made, cheap: None, match: str) -> None:
    """Where no job can be begun, the results go by calls as ever."""
    bench = made(20)
    bench.sim.faults.add(Fault.SCOPE_MISSING, match)
    acks = bench.zoho().push([line(number) for number in range(20)])
    assert {*states(acks)} == {AckState.DONE}
    assert bench.sim.calls("^PUT")


def test_the_organisation_is_asked_for_its_number(made: Made, cheap: None) -> None:
    """Where the settings do not say whose organisation it is, it says so itself, once."""
    bench = made(20)
    del bench.options["organisation"]
    adapter = bench.zoho()
    for text in ("a", "b"):
        adapter.push([line(number, text) for number in range(20)])
    assert len(bench.sim.calls("/org$")) == 1
    assert len(bench.written()) == 20


def test_break_evens_are_those_of_the_credits() -> None:
    """A job pays where fifty credits are less than three for two thousand, 503 less than tenths."""
    assert 3 * -(-bulkread.BREAK_EVEN // 2_000) > prices.BULK_READ
    assert prices.cost_of_writes(bulkwrite.BREAK_EVEN) == prices.BULK_WRITE + 3
