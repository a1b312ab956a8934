"""Writing to an organisation of Zoho CRM: batches, outcomes row by row, conflicts, what is lost."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from zoho_bench import ZohoBench, organisation

from crm_expenses.adapters.contract import (
    Ack,
    AckState,
    Change,
    LineResult,
    ResultKind,
    ReturnResult,
    WriteBack,
)
from crm_expenses.adapters.zoho.client import ZohoAdapter
from crm_expenses.adapters.zoho.modules import RETURNS
from crm_expenses.adapters.zoho.outcomes import Became, outcomes
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.decision import Outcome
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind, digest
from crm_expenses.errors import AuthError, RetryableError
from crm_expenses.messages import LANGUAGES
from crm_expenses.testing.samples import write_back
from crm_expenses.testing.zohosim import Ask, Fault, Switches
from crm_expenses.testing.zohosim.rows import Row

BRISK = {"settle_seconds": 0, "overlap_seconds": 0}
CNY = Money.of("12.50", "CNY")
FIRST = 600_001_000_000_000_000
Made = Callable[..., ZohoBench]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """What makes an organisation with lines, with switches and options."""
    held: list[ZohoBench] = []

    def make(count: int = 3, **options: Any) -> ZohoBench:  # noqa: ANN401  any option
        switches = Switches(**options.pop("switches", {}))
        folder = tmp_path / str(len(held))
        folder.mkdir()
        bench = ZohoBench(folder, organisation(switches=switches), **{**BRISK, **options})
        bench.rows_max = 2_000
        held.append(bench)
        bench.seed(bench.sample({Kind.ACCOUNT_MANAGER, Kind.CLAIM}))
        lines(bench, count)
        return bench

    yield make
    for bench in held:
        bench.close()


def lines(bench: ZohoBench, count: int, at: int = 0) -> None:
    """Put lines of one claim into the organisation at once."""
    org, claim = bench.org, bench.named(Kind.CLAIM, "C-1")
    now = org.now()
    for number in range(at, at + count):
        values = {
            "Name": f"L-{number}",
            "Claim": claim,
            "Expense_Date": "2026-03-01",
            "Category": "meal",
            "Amount": Decimal(number),
            "Currency_Code": "CNY",
        }
        name = str(FIRST + number)
        org.shelf.put(Row(name, "Expense_Lines", values, now, now, org.admin, org.admin))


def line(number: int, text: str = "") -> WriteBack:
    """Make the result of a line."""
    result = LineResult(str(FIRST + number), "", Outcome.PASS, CNY, CNY, text, text)
    return write_back("main", result)


def pulled(bench: ZohoBench) -> ZohoAdapter:
    """Give an adapter that has read the lines, a while after they were made."""
    bench.later(600)
    adapter = bench.zoho()
    assert list(adapter.pull(Kind.LINE, None))
    bench.later(5)
    return adapter


def states(acks: Sequence[Ack]) -> list[AckState]:
    """Give how writes were answered."""
    return [ack.state for ack in acks]


def puts(bench: ZohoBench) -> int:
    """Count the writes that were sent."""
    return len(bench.sim.calls("^(PUT|POST) /crm/v8/(Expense|Accounts)"))


# --- results ---


def test_ten_records_cost_a_credit(made: Made) -> None:
    """1,005 results are eleven calls and 101 credits, and one credit to know the fields."""
    bench = made(1_005)
    adapter = pulled(bench)
    start = len(bench.sim.log)
    acks = adapter.push([line(number) for number in range(1_005)])
    assert set(states(acks)) == {AckState.DONE}
    log = bench.sim.log[start:]
    written = [one for one in log if one.method == "PUT"]
    assert (len(written), sum(one.credits for one in written)) == (11, 101)
    assert [one.path for one in log if one.method != "PUT"] == ["/crm/v8/settings/fields"]
    assert len(bench.written()) == 1_005


def test_workflows_are_not_set_off(made: Made) -> None:
    """What we write says that no workflow, approval or blueprint shall run for it."""
    bench = made()
    told = []
    bench.org.on_write(told.append)
    bench.zoho().push([line(0)])
    assert [one.triggers for one in told] == [False]


def test_what_stands_there_is_not_written_again(made: Made) -> None:
    """A result that may have arrived is read back: where it stands, nothing is sent."""
    bench = made()
    bench.zoho().push([line(0), line(1)])
    count = puts(bench)
    acks = bench.zoho().push([replace(line(0), uncertain=True), replace(line(2), uncertain=True)])
    assert set(states(acks)) == {AckState.DONE}
    assert puts(bench) == count + 1
    assert len(bench.written()) == 3


@pytest.mark.parametrize("status", [400, 202, 207])
def test_each_row_is_answered(made: Made, status: int) -> None:
    """Whatever status says that all failed, each row's own answer counts."""
    bench = made(switches={"all_failed_status": status})
    bench.org.locked.add(str(FIRST))
    bench.org.in_approval.add(str(FIRST + 1))
    acks = bench.zoho().push([line(0), line(1)])
    assert states(acks) == [AckState.REFUSED] * 2
    codes = [ack.problem.code for ack in acks if ack.problem]
    assert codes == ["zoho.record_locked", "zoho.not_approved"]
    for ack in acks:
        assert ack.problem
        assert len({ack.problem.describe(language) for language in LANGUAGES}) == 2


def test_a_mixed_answer_is_read_row_by_row(made: Made) -> None:
    """Of four rows, two failed inside Zoho: they are unknown, and the others done."""
    bench = made(4)
    bench.sim.faults.add(Fault.PARTIAL_BATCH, "^PUT")
    acks = bench.zoho().push([line(number) for number in range(4)])
    assert states(acks).count(AckState.DONE) == 2
    assert states(acks).count(AckState.UNKNOWN) == 2
    assert len(bench.written()) == 2


def test_what_is_gone_meanwhile_is_told(made: Made) -> None:
    """A record that was deleted after it was read is no record any more; others are written."""
    bench = made()
    adapter = pulled(bench)
    bench.org.remove("Expense_Lines", str(FIRST + 1))
    acks = adapter.push([line(0), line(1), line(2)])
    assert states(acks) == [AckState.DONE, AckState.REFUSED, AckState.DONE]
    assert acks[1].problem
    assert acks[1].problem.code == "crm.no_record"


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.DROP_BEFORE, Fault.EMPTY_200])
def test_a_lost_answer_is_unknown(made: Made, fault: Fault) -> None:
    """Where the answer to a batch is lost, its rows are unknown, and others are still written."""
    bench = made(150)
    adapter = pulled(bench)
    bench.sim.faults.add(fault, "^PUT")
    acks = adapter.push([line(number) for number in range(150)])
    assert states(acks) == [AckState.UNKNOWN] * 100 + [AckState.DONE] * 50
    again = [replace(line(number), uncertain=True) for number in range(100)]
    assert set(states(bench.zoho().push(again))) == {AckState.DONE}
    assert len(bench.written()) == 150


def test_before_anything_is_done_an_error_is_raised(made: Made) -> None:
    """Where Zoho is down from the beginning, the push fails; after a batch, the rest is unknown."""
    bench = made(150)
    adapter = pulled(bench)
    bench.sim.faults.add(Fault.BUSY, "^PUT", times=99)
    with pytest.raises(RetryableError):
        adapter.push([line(number) for number in range(150)])
    bench.sim.faults.clear()
    bench.sim.faults.add(Fault.BUSY, "^PUT", times=99, skip=1)
    acks = adapter.push([line(number) for number in range(150)])
    assert states(acks) == [AckState.DONE] * 100 + [AckState.UNKNOWN] * 50


def test_who_may_not_write_is_told(made: Made) -> None:
    """A lacking permission is an error of the credentials, with its reason."""
    bench = made()
    bench.sim.faults.add(Fault.NO_PERMISSION, "^PUT", times=99)
    with pytest.raises(AuthError):
        bench.zoho().push([line(0)])


# --- conflicts ---


def test_conflicts_of_a_batch_are_found_by_one_query(made: Made) -> None:
    """What a person changed after our reading is a conflict; the others are written."""
    bench = made(300)
    bench.later(600)
    adapter = bench.zoho()
    versions = {
        fact.record.id: fact.origin.version
        for page in adapter.pull(Kind.LINE, None)
        for fact in page.facts
    }
    bench.later(5)
    bench.org.put("Expense_Lines", {"Amount": 99}, id=str(FIRST + 7))
    bench.org.put("Expense_Lines", {"Findings_EN": "by hand"}, id=str(FIRST + 8))
    writes = [replace(line(n), version=versions[str(FIRST + n)]) for n in range(300)]
    start = len(bench.sim.log)
    acks = adapter.push(writes)
    wrong = [number for number, ack in enumerate(acks) if ack.state is not AckState.DONE]
    assert wrong == [7]
    assert acks[7].state is AckState.CONFLICT
    queries = [one for one in bench.sim.log[start:] if one.path.endswith("/coql")]
    assert sum(one.credits for one in queries) == 2  # what changed, and that record itself


def test_a_version_from_before_an_earlier_reading_is_stale(made: Made) -> None:
    """A record that changed between two readings conflicts with a write that rests on the first."""
    bench = made(3)
    bench.later(600)
    adapter = bench.zoho()
    pages = list(adapter.pull(Kind.LINE, None))
    old = pages[0].facts[0].origin
    bench.later(60)
    bench.org.put("Expense_Lines", {"Amount": 99}, id=old.record)
    bench.later(60)
    assert list(adapter.pull(Kind.LINE, pages[-1].cursor))
    bench.later(60)
    acks = adapter.push([replace(line(0), record=old.record, version=old.version)])
    assert states(acks) == [AckState.CONFLICT]


def test_a_reading_that_was_broken_off_proves_nothing(made: Made) -> None:
    """After a pull that nobody read to its end, records are read before they are written."""
    bench = made(3)
    bench.later(600)
    adapter = bench.zoho()
    pages = list(adapter.pull(Kind.LINE, None))
    version = pages[0].facts[0].origin.version
    bench.later(60)
    bench.org.put("Expense_Lines", {"Amount": 99}, id=str(FIRST))
    bench.later(60)
    next(adapter.pull(Kind.LINE, pages[-1].cursor))  # and no further
    acks = adapter.push([replace(line(0), version=version)])
    assert states(acks) == [AckState.CONFLICT]


def test_too_many_changes_are_not_paged_through(made: Made) -> None:
    """Where more was changed than is worth looking through, the records themselves are read."""
    bench = made(60)
    adapter = pulled(bench)
    bench.rows_max = adapter.asking.rows_max = 10
    for number in range(60):
        bench.org.put("Expense_Lines", {"Amount": 99}, id=str(FIRST + number))
    acks = adapter.push([replace(line(n), version="0" * 32) for n in (3, 59)])
    assert states(acks) == [AckState.CONFLICT] * 2


def test_a_push_without_a_reading_costs_little_more(made: Made) -> None:
    """Where nothing was read, 2,000 records are read by a page, not by their ids."""
    bench = made(2_050)
    start = len(bench.sim.log)
    acks = bench.zoho().push([line(number) for number in range(20, 2_020)])
    assert set(states(acks)) == {AckState.DONE}
    assert sum(one.credits for one in bench.sim.log[start:] if "coql" in one.path) == 3
    assert len(bench.written()) == 2_000


def test_scattered_records_are_read_by_their_ids(made: Made) -> None:
    """Where others lie between, pages are given up before they cost more than the ids would."""
    bench = made(9_000)
    start = len(bench.sim.log)
    acks = bench.zoho().push([line(number * 20) for number in range(450)])
    assert set(states(acks)) == {AckState.DONE}
    spent = sum(one.credits for one in bench.sim.log[start:] if "coql" in one.path)
    assert spent <= 2 * 3 + 9


def test_our_own_changes_are_no_conflict(made: Made) -> None:
    """A result that rests on the version before our own change is written."""
    bench = made()
    adapter = pulled(bench)
    (fact,) = adapter.look(Kind.LINE, [str(FIRST)]).facts
    assert states(adapter.push([change(fact.record, version=fact.origin.version)])) == [
        AckState.DONE
    ]
    acks = adapter.push([replace(line(0), version=fact.origin.version)])
    assert states(acks) == [AckState.DONE]


# --- changes of fields ---


def change(record: Any, version: str = "", **fields: Any) -> WriteBack:  # noqa: ANN401  any record
    """Make a change of some fields of a record."""
    fields = fields or {"purpose": "ours"}
    held = Change(
        Kind.LINE if isinstance(record, ExpenseLine) else Kind.CLAIM,
        replace(record, **fields),
        tuple(fields),
    )
    key = digest(["main", held])
    return WriteBack(key, ResultKind.CHANGE, record.id, held, version=version)


def test_a_change_in_the_last_moment_is_a_conflict(made: Made) -> None:
    """A person who saves between our reading and our writing wins: nothing is overwritten."""
    bench = made()
    adapter = bench.zoho()
    (fact,) = adapter.look(Kind.LINE, [str(FIRST)]).facts

    def meanwhile(ask: Ask) -> None:
        if ask.method == "PUT":
            bench.later(2)
            bench.org.put("Expense_Lines", {"Purpose": "theirs"}, id=str(FIRST))

    bench.sim.heard = meanwhile
    acks = adapter.push([change(fact.record, version=fact.origin.version)])
    assert states(acks) == [AckState.CONFLICT]
    held = bench.org.record("Expense_Lines", str(FIRST)) or {}
    assert held["Purpose"] == "theirs"


def test_changes_go_one_by_one(made: Made) -> None:
    """Each change is a call of its own, on the condition that nobody wrote meanwhile."""
    bench = made(4)
    adapter = bench.zoho()
    found = adapter.look(Kind.LINE, [str(FIRST + n) for n in range(4)]).facts
    acks = adapter.push([change(fact.record) for fact in found])
    assert set(states(acks)) == {AckState.DONE}
    assert puts(bench) == 4


def test_a_name_cannot_be_emptied(made: Made) -> None:
    """What Zoho demands to be filled is not emptied; its own reason is told."""
    bench = made()
    adapter = bench.zoho()
    (fact,) = adapter.look(Kind.CLAIM, [bench.named(Kind.CLAIM, "C-2")]).facts
    (ack,) = adapter.push([change(fact.record, title="")])
    assert ack.state is AckState.REFUSED
    assert ack.problem
    assert "Name" in ack.problem.describe()


# --- what would be lost ---


def refusal(bench: ZohoBench, write: WriteBack) -> str:
    """Push one write that is refused before it is sent; give the code."""
    (ack,) = bench.zoho().push([write])
    assert ack.state is AckState.REFUSED
    assert ack.problem
    assert puts(bench) == 0
    assert len({ack.problem.describe(language) for language in LANGUAGES}) == 2
    return ack.problem.code


def test_a_field_that_is_not_there_is_not_written(made: Made) -> None:
    """Zoho would say success and keep nothing: the write is refused, and the fix is named."""
    bench = made()
    del bench.org.module("Expense_Lines").fields["Findings_ZH"]
    assert refusal(bench, line(0)) == "zoho.no_field"


def test_a_text_is_never_cut(made: Made) -> None:
    """A text that is longer than its field is refused before it is sent."""
    bench = made()
    assert refusal(bench, line(0, "x" * 32_001)) == "zoho.long_text"
    assert states(bench.zoho().push([line(0, "x" * 32_000)])) == [AckState.DONE]


def test_an_amount_is_never_rounded(made: Made) -> None:
    """An amount finer than its field is refused before it is sent."""
    bench = made()
    fields = bench.org.module("Expense_Lines").fields
    fields["Claimed"] = replace(fields["Claimed"], decimals=2)
    dinar = Money.of("0.125", "KWD")
    result = LineResult(str(FIRST), "", Outcome.PASS, dinar, dinar, "", "")
    assert refusal(bench, write_back("main", result)) == "zoho.decimals"


def test_a_field_that_cannot_be_written_is_told(made: Made) -> None:
    """A field that is only read there is not written to."""
    bench = made()
    fields = bench.org.module("Expense_Lines").fields
    fields["Allowed"] = replace(fields["Allowed"], read_only=True)
    assert refusal(bench, line(0)) == "zoho.read_only"


def test_a_number_does_not_go_into_a_text(made: Made) -> None:
    """An amount whose field is a text there is refused: Zoho would not take it."""
    bench = made()
    module = bench.org.module("Expense_Lines")
    module.fields["Claimed"] = replace(module.fields["Findings_EN"], name="Claimed")
    assert refusal(bench, line(0)) == "zoho.no_number"


def test_a_moment_with_a_fraction_is_told(made: Made) -> None:
    """A fraction of a second has no place there."""
    bench = made()
    claim = next(one for one in bench.sample({Kind.CLAIM}) if isinstance(one, Claim))
    at = claim.submitted.replace(microsecond=5)
    assert refusal(bench, change(claim, submitted=at)) == "zoho.fraction"


# --- records of our own ---


def figures(bench: ZohoBench, number: int, cost: str = "100") -> WriteBack:
    """Make the return figures of a person."""
    day = date(2026, 2, 28)
    person = bench.named(Kind.ACCOUNT_MANAGER, f"P-{number}")
    money, share = Money.of(cost, "CNY"), Decimal("0.3333")
    result = ReturnResult(person, day, day, money, money, share, None, share, share, None, 2)
    return write_back("main", result)


def test_own_records_are_known_by_their_external_id(made: Made) -> None:
    """A second sending renews the figures of a person, and nobody's are doubled or merged."""
    bench = made(0)
    adapter = bench.zoho()
    for cost in ("100", "200"):
        acks = adapter.push([figures(bench, number, cost) for number in range(1, 6)])
        assert {*states(acks)} == {AckState.DONE}
    held = bench.written()
    assert len(held) == 5
    assert {one.cost.amount for one in held} == {200}  # type: ignore[union-attr]
    assert len(bench.sim.calls("/upsert")) == 2
    rows = bench.org.listing(RETURNS.name)
    assert {row["External_Id"] for row in rows} == {row["Person"]["id"] for row in rows}  # type: ignore[index]


def test_figures_of_many_people_are_read_in_pages(made: Made) -> None:
    """What stands of 120 people is read by one credit; of it nothing is written again."""
    bench = made(0)
    for number in range(10, 130):
        name = bench.named(Kind.ACCOUNT_MANAGER, f"P-{number}")
        bench.org.put("Users", {"last_name": "x", "full_name": "x", "status": "active"}, id=name)
    writes = [figures(bench, number) for number in range(10, 130)]
    assert set(states(bench.zoho().push(writes))) == {AckState.DONE}
    start = len(bench.sim.log)
    adapter = bench.zoho()
    assert set(states(adapter.push(writes))) == {AckState.DONE}
    log = [one for one in bench.sim.log[start:] if "oauth" not in one.path]
    assert [(one.path.rpartition("/")[2], one.credits) for one in log] == [
        ("fields", 1),
        ("coql", 1),
    ]
    bench.rows_max = 50  # and so in several pages
    start = puts(bench)
    assert set(states(bench.zoho().push(writes))) == {AckState.DONE}
    assert puts(bench) == start
    assert len(bench.written()) == 120


def test_records_of_one_name_are_not_merged(made: Made) -> None:
    """A record of a person's with the same name is left alone: the name decides nothing."""
    bench = made(0)
    name = bench.named(Kind.ACCOUNT_MANAGER, "P-1")
    theirs = bench.org.put(RETURNS.name, {"Name": name, "Notes_EN": "by hand"})
    assert states(bench.zoho().push([figures(bench, 1)])) == [AckState.DONE]
    assert len(bench.org.listing(RETURNS.name)) == 2
    assert (bench.org.record(RETURNS.name, theirs) or {})["Notes_EN"] == "by hand"


def test_without_a_place_for_figures_only_they_are_refused(made: Made) -> None:
    """Where their module is not there, figures are refused with the fix; results are written."""
    bench = made()
    del bench.org.modules[RETURNS.name]
    acks = bench.zoho().push([figures(bench, 1), line(0)])
    assert states(acks) == [AckState.REFUSED, AckState.DONE]
    assert acks[0].problem
    assert acks[0].problem.code == "zoho.no_returns"
    bench.options["returns"] = ""
    assert ResultKind.RETURN_RESULT not in bench.zoho().capabilities.writes


def test_figures_lose_no_value(made: Made) -> None:
    """A share finer than its field is refused before anything is sent."""
    bench = made(0)
    fields = bench.org.module(RETURNS.name).fields
    fields["ROI"] = replace(fields["ROI"], decimals=2)
    (ack,) = bench.zoho().push([figures(bench, 1)])
    assert ack.problem
    assert ack.problem.code == "zoho.decimals"
    assert not bench.sim.calls("/upsert")


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.DROP_BEFORE])
def test_lost_figures_are_settled(made: Made, fault: Fault) -> None:
    """Where the answer is lost, the figures are unknown, and the next sending settles them."""
    bench = made(0)
    bench.sim.faults.add(fault, "/upsert")
    assert states(bench.zoho().push([figures(bench, 1)])) == [AckState.UNKNOWN]
    again = replace(figures(bench, 1), uncertain=True)
    assert states(bench.zoho().push([again])) == [AckState.DONE]
    assert len(bench.written()) == 1


# --- answers, without calls ---


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"data": {}},
        {"data": []},
        {"data": [{"code": "SUCCESS", "status": "success", "details": {"id": "7"}}] * 2},
        {"data": ["x"]},
        {"data": [{"code": "SUCCESS"}]},
        {"data": [{"status": "success", "code": "ODD", "details": {"id": "7"}}]},
        {"data": [{"status": "success", "code": "SUCCESS", "details": {"id": "8"}}]},
        {"data": [{"status": "error", "code": "INTERNAL_ERROR"}]},
        {"data": [{"status": "error", "code": "TOO_MANY_REQUESTS"}]},
        {"data": [{"status": "error"}]},
    ],
)
def test_what_is_not_clearly_said_is_unknown(body: Any) -> None:  # noqa: ANN401  any answer
    """An answer without a result for the row, for another record, or of no known word."""
    assert [one.became for one in outcomes(body, 1, ids=["7"])] == [Became.UNKNOWN]


def test_the_words_of_a_refusal_are_kept() -> None:
    """Code, field and message of a refusal are told, and nothing that cannot be printed."""
    row = {
        "status": "error",
        "code": "INVALID_DATA",
        "message": "in\nvalid",
        "details": {"api_name": "Amount", "expected_data_type": "double"},
    }
    (one,) = outcomes({"data": [row]}, 1)
    assert one.became is Became.REFUSED
    assert one.detail == "in valid; api_name Amount; expected_data_type double"
    gone = {**row, "details": {"api_name": "id", "json_path": "$.data[0].id"}}
    assert outcomes({"data": [gone]}, 1)[0].became is Became.NOT_THERE
    other = {**row, "details": {"id": "7", "api_name": "Claim"}}
    assert outcomes({"data": [other]}, 1)[0].became is Became.REFUSED
    newer = {**row, "code": "ALREADY_MODIFIED"}
    assert outcomes({"data": [newer]}, 1)[0].became is Became.CHANGED
