"""Reading an organisation of Zoho CRM: what comes, what it costs, and what goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from zoho_bench import OWN_NAMES, QUICK, ZohoBench, organisation

from crm_expenses.adapters.contract import Opening, Page
from crm_expenses.adapters.exchange import Clock
from crm_expenses.adapters.zoho.client import ZohoAdapter, open_zoho
from crm_expenses.adapters.zoho.modules import MODULES
from crm_expenses.adapters.zoho.wire import Answer
from crm_expenses.core.record import Kind
from crm_expenses.errors import (
    AuthError,
    ConfigError,
    CrmExpensesError,
    RefusedError,
    RetryableError,
)
from crm_expenses.testing.samples import edited
from crm_expenses.testing.zohosim import Fault, Switches, Type
from crm_expenses.testing.zohosim import Field as SimField
from crm_expenses.testing.zohosim.rows import Row

BRISK = {"settle_seconds": 0, "overlap_seconds": 0}
Made = Callable[..., ZohoBench]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """What makes an organisation, with switches and options; it ends with the test."""
    held: list[ZohoBench] = []

    def make(**options: Any) -> ZohoBench:  # noqa: ANN401  any option
        switches = Switches(**options.pop("switches", {}))
        folder = tmp_path / str(len(held))
        folder.mkdir()
        bench = ZohoBench(folder, organisation(switches=switches), **{**BRISK, **options})
        held.append(bench)
        return bench

    yield make
    for bench in held:
        bench.close()


def many(bench: ZohoBench, count: int, module: str = "Satisfaction_Scores") -> None:
    """Put many records into a module at once, as an import does."""
    org = bench.org
    account = bench.named(Kind.ACCOUNT, "A-1")
    if org.shelf.newest("Accounts", account) is None:
        org.put("Accounts", {"Account_Name": "A-1"}, id=account)
    now = org.now()
    for number in range(count):
        values = {"Name": f"S-{number}", "Account": account, "Day": "2026-01-01", "Score": 5}
        name = str(600_001_000_000_000_000 + number)
        at = now - timedelta(seconds=(count - number) // 7)
        org.shelf.put(Row(name, module, values, at, at, org.admin, org.admin))


def read(adapter: ZohoAdapter, kind: Kind, since: str | None = None) -> list[Page]:
    """Pull to the end."""
    return list(adapter.pull(kind, since))


def ids(pages: list[Page]) -> list[str]:
    """Give the ids of all facts, in order."""
    return [fact.record.id for page in pages for fact in page.facts]


def gone(pages: list[Page]) -> list[str]:
    """Give the ids of all that is gone."""
    return [one.origin.record for page in pages for one in page.gone]


def spent(bench: ZohoBench, start: int = 0) -> tuple[int, int]:
    """Give the calls and the credits since a number of calls, without those for tokens."""
    log = [one for one in bench.sim.log[start:] if "oauth" not in one.path]
    return len(log), sum(one.credits for one in log)


# --- what it costs ---


def test_a_load_costs_three_credits_for_two_thousand(made: Made) -> None:
    """N records come by ceil(N / 2000) queries of three credits each, and one more to count."""
    bench = made()
    bench.rows_max = 2_000
    many(bench, 10_000)
    pages = read(bench.zoho(), Kind.SATISFACTION)
    assert len(set(ids(pages))) == len(ids(pages)) == 10_000
    assert spent(bench) == (6, 16)
    assert 16 <= 15 * 1.1
    assert [page.restart for page in pages] == [True, False, False, False, False]


def test_an_idle_reading_costs_three_credits(made: Made) -> None:
    """Where nothing changed, a kind costs one credit, and two for what was deleted."""
    bench = made()
    bench.rows_max = 2_000
    many(bench, 300)
    bench.later(60)
    adapter = bench.zoho()
    cursor = read(adapter, Kind.SATISFACTION)[-1].cursor
    bench.later(60)
    cursor = read(adapter, Kind.SATISFACTION, cursor)[-1].cursor
    bench.later(60)
    start = len(bench.sim.log)
    pages = read(adapter, Kind.SATISFACTION, cursor)
    assert spent(bench, start) == (2, 3)
    assert not ids(pages)
    assert not pages[0].restart


def test_what_was_deleted_is_not_asked_for_more_often_than_said(made: Made) -> None:
    """With an interval, its two credits are paid once in it, and nothing is missed."""
    bench = made(deleted_seconds=3_600)
    bench.rows_max = 2_000
    many(bench, 3)
    bench.later(60)
    adapter = bench.zoho()
    cursor = read(adapter, Kind.SATISFACTION)[-1].cursor
    bench.org.remove("Satisfaction_Scores", "600001000000000001")
    start, told = len(bench.sim.log), []
    for _ in range(8):
        bench.later(600)
        pages = read(adapter, Kind.SATISFACTION, cursor)
        cursor, told = pages[-1].cursor, [*told, *gone(pages)]
    asked = [one for one in bench.sim.log[start:] if one.path.endswith("/deleted")]
    assert len(asked) == 1
    assert told == ["600001000000000001"]


def test_five_hundred_changes_cost_little(made: Made) -> None:
    """500 changes come by a small query and a larger one: three credits, and two for deletes."""
    bench = made()
    bench.rows_max = 2_000
    many(bench, 2_100)
    bench.later(600)
    adapter = bench.zoho()
    cursor = read(adapter, Kind.SATISFACTION)[-1].cursor
    bench.later(600)
    for number in range(500):
        name = str(600_001_000_000_000_000 + number)
        bench.org.put("Satisfaction_Scores", {"Score": 1}, id=name)
    bench.later(600)
    start = len(bench.sim.log)
    assert len(set(ids(read(adapter, Kind.SATISFACTION, cursor)))) == 500
    assert spent(bench, start) == (3, 5)


# --- pages ---


def test_a_smaller_limit_is_found_out_once(made: Made) -> None:
    """Where two thousand rows are refused, two hundred are asked for, and the refusal not again."""
    bench = made(switches={"coql_rows_max": 200})
    bench.rows_max = 2_000
    many(bench, 500)
    assert len(set(ids(read(bench.zoho(), Kind.SATISFACTION)))) == 500
    refused = [one for one in bench.sim.log if one.code == "LIMIT_EXCEEDED"]
    assert len(refused) == 1
    assert len(bench.sim.calls("/coql")) == 4


@pytest.mark.parametrize("paging", ["keyset", "offset"])
def test_a_list_goes_on_beyond_two_thousand(made: Made, paging: str) -> None:
    """By list, page tokens lead past record 2,000, whatever they are made of."""
    bench = made(read_by="list", switches={"paging": paging})
    bench.rows_max = 200
    many(bench, 2_450)
    found = ids(read(bench.zoho(), Kind.SATISFACTION))
    assert len(set(found)) == len(found) == 2_450
    assert {"page_token"} <= bench.sim.calls("/Satisfaction_Scores$")[-1].query.keys()


@pytest.mark.parametrize("inclusive", [True, False])
def test_a_list_of_what_is_new_loses_nothing(made: Made, *, inclusive: bool) -> None:
    """By list, what changed comes whole, in whichever way the platform takes its bound."""
    bench = made(read_by="list", switches={"modified_since_inclusive": inclusive})
    bench.rows_max = 200
    many(bench, 700)
    bench.later(600)
    adapter = bench.zoho()
    cursor = read(adapter, Kind.SATISFACTION)[-1].cursor
    bench.later(600)
    for number in range(450):
        name = str(600_001_000_000_000_000 + number)
        bench.org.put("Satisfaction_Scores", {"Score": 1}, id=name)
        if number % 100 == 0:
            bench.later(1)
    assert len(set(ids(read(adapter, Kind.SATISFACTION, cursor)))) == 450


@pytest.mark.parametrize("read_by", ["coql", "list"])
def test_a_record_that_changes_between_pages_is_not_lost(made: Made, read_by: str) -> None:
    """Each page's first record is changed after it: all come, the changed ones once more."""
    bench = made(read_by=read_by)
    bench.rows_max = 100
    many(bench, 950)
    bench.later(600)
    adapter = bench.zoho()
    cursor = read(adapter, Kind.SATISFACTION)[-1].cursor
    bench.later(600)
    for number in range(600):
        name = str(600_001_000_000_000_000 + number)
        bench.org.put("Satisfaction_Scores", {"Score": 1}, id=name)
        if number % 50 == 0:
            bench.later(1)
    bench.later(2)
    bench.sim.faults.add(Fault.CHANGED_BETWEEN_PAGES, "coql|Satisfaction_Scores$", times=5)
    found = ids(read(adapter, Kind.SATISFACTION, cursor))
    assert len(set(found)) == 600
    assert len(bench.sim.faults.happened) == 5


@pytest.mark.parametrize("paging", ["keyset", "offset"])
def test_a_record_that_is_deleted_while_a_list_is_read_hides_no_other(
    made: Made, paging: str
) -> None:
    """A deleted record may shift the pages after it: then they are read again, and all come."""
    bench = made(read_by="list", switches={"paging": paging})
    bench.rows_max = 200
    many(bench, 450)
    bench.sim.faults.add(Fault.DELETED_AFTER_LIST, "Satisfaction_Scores$")
    pages = read(bench.zoho(), Kind.SATISFACTION)
    assert len({*ids(pages)} - {"600001000000000000"}) == 449
    assert [page.restart for page in pages].count(True) == 1


def test_a_reading_that_was_cut_off_goes_on_where_it_was(made: Made) -> None:
    """The cursor of a page in the middle leads to the next one, not to the beginning."""
    bench = made()
    bench.rows_max = 200
    many(bench, 1_000)
    bench.later(600)
    adapter = bench.zoho()
    pages = read(adapter, Kind.SATISFACTION)
    rest = ids(read(bench.zoho(), Kind.SATISFACTION, pages[2].cursor))
    assert {*ids(pages[:3]), *rest} == {*ids(pages)}
    assert len(rest) < 500


def test_a_slow_commit_comes_with_a_later_reading(made: Made) -> None:
    """A record that is seen only a while after its stamp is not passed over."""
    bench = made(settle_seconds=60)
    bench.seed(bench.sample({Kind.ACCOUNT_MANAGER, Kind.ACCOUNT}))
    adapter = bench.zoho()
    bench.later(600)
    cursor = read(adapter, Kind.ACCOUNT)[-1].cursor
    org = bench.org
    late = org.put("Accounts", {"Account_Name": "late"}, visible_after=timedelta(seconds=40))
    bench.later(10)
    cursor = read(adapter, Kind.ACCOUNT, cursor)[-1].cursor
    bench.later(60)
    assert late in ids(read(adapter, Kind.ACCOUNT, cursor))


# --- what is gone ---


def test_after_a_longer_gap_all_is_read(made: Made) -> None:
    """Where deletes are forgotten meanwhile, the reading begins anew and says so."""
    bench = made(deleted_days=30)
    many(bench, 3)
    cursor = read(bench.zoho(), Kind.SATISFACTION)[-1].cursor
    assert not read(bench.zoho(), Kind.SATISFACTION, cursor)[0].restart
    late = Clock(wall=lambda: QUICK.wall() + 31 * 86_400, sleep=QUICK.sleep)
    adapter = open_zoho(bench.opening(), clock=late)
    pages = read(adapter, Kind.SATISFACTION, cursor)
    assert pages[0].restart
    assert len(ids(pages)) == 3


def test_deletes_come_in_pages(made: Made) -> None:
    """More deleted records than a page holds are all told, each once."""
    bench = made()
    bench.rows_max = 200
    many(bench, 450)
    bench.later(5)
    adapter = bench.zoho()
    cursor = read(adapter, Kind.SATISFACTION)[-1].cursor
    for number in range(430):
        bench.org.remove("Satisfaction_Scores", str(600_001_000_000_000_000 + number))
    told = gone(read(adapter, Kind.SATISFACTION, cursor))
    assert len(set(told)) == len(told) == 430


def test_clocks_that_differ_lose_no_delete(made: Made) -> None:
    """Where the organisation's clock is ahead of ours, what was deleted is still asked for."""
    bench = made()
    many(bench, 3)
    bench.later(7_200)
    cursor = read(bench.zoho(), Kind.SATISFACTION)[-1].cursor
    bench.org.remove("Satisfaction_Scores", "600001000000000001")
    assert gone(read(bench.zoho(), Kind.SATISFACTION, cursor)) == ["600001000000000001"]


# --- people, subforms, shared modules ---


def test_who_is_deactivated_is_not_gone(made: Made) -> None:
    """A user who is deactivated comes as changed; one who is deleted is gone."""
    bench = made()
    people = bench.sample({Kind.ACCOUNT_MANAGER})
    bench.seed(people)
    bench.later(60)
    adapter = bench.zoho()
    cursor = read(adapter, Kind.ACCOUNT_MANAGER)[-1].cursor
    bench.later(60)
    bench.org.put("Users", {"status": "disabled"}, id=people[0].id)
    bench.delete(Kind.ACCOUNT_MANAGER, people[1].id)
    pages = read(adapter, Kind.ACCOUNT_MANAGER, cursor)
    (fact,) = (fact for page in pages for fact in page.facts)
    assert fact.record.extra == (("status", "disabled"),)  # type: ignore[union-attr]
    assert gone(pages) == [people[1].id]


def test_people_who_did_not_change_cost_little(made: Made) -> None:
    """Nobody changed: one credit for people, one for those who were deleted."""
    bench = made()
    bench.seed(bench.sample({Kind.ACCOUNT_MANAGER}))
    bench.later(60)
    adapter = bench.zoho()
    cursor = read(adapter, Kind.ACCOUNT_MANAGER)[-1].cursor
    start = len(bench.sim.log)
    bench.later(60)
    assert not ids(read(adapter, Kind.ACCOUNT_MANAGER, cursor))
    assert spent(bench, start) == (2, 2)
    assert {one.status for one in bench.sim.log[start:]} == {304}


def subform(made: Made) -> ZohoBench:
    """Make an organisation whose lines are rows of a subform."""
    bench = made(modules={Kind.LINE.value: "Lines_Rows"})
    fields = [
        SimField("Expense_Date", Type.DATE),
        SimField("Category"),
        SimField("Amount", Type.CURRENCY),
    ]
    bench.org.add_subform("Expense_Claims", "Lines", "Lines_Rows", fields)
    return bench


def over_subform(bench: ZohoBench) -> ZohoAdapter:
    """Open an adapter that reads lines from it."""
    keep = {"claim": "Parent_Id", "date": "Expense_Date", "amount_currency": ""}
    lacking = set(MODULES[Kind.LINE].names) - {"id", "category", "amount", *keep}
    names = {**keep, **dict.fromkeys(lacking, "")}
    own = {kind: OWN_NAMES[kind] for kind in (Kind.ACCOUNT, Kind.OPPORTUNITY)}
    own = {**own, Kind.LINE: names}
    adapter = open_zoho(Opening("main", bench.options, fields=own), clock=QUICK)
    adapter.asking.page_rows = 2
    return adapter


def test_rows_of_a_subform_are_read_as_a_whole(made: Made) -> None:
    """Lines in a subform come with their claim; each reading gives all, so that none stays."""
    bench = subform(made)
    line = {"Expense_Date": "2026-03-01", "Category": "meal", "Amount": 12}
    claim = {"Name": "c", "Submitted_At": "2026-03-01T10:00:00+08:00", "Status": "Submitted"}
    name = bench.org.put("Expense_Claims", {**claim, "Lines": [line, line, line]})
    adapter = over_subform(bench)
    pages = read(adapter, Kind.LINE)
    assert len(ids(pages)) == 3
    assert {fact.record.claim for page in pages for fact in page.facts} == {name}  # type: ignore[union-attr]
    again = read(adapter, Kind.LINE, pages[-1].cursor)
    assert again[0].restart
    assert ids(again) == ids(pages)
    found = adapter.look(Kind.LINE, [ids(pages)[0], "5"])
    assert [fact.record.id for fact in found.facts] == [ids(pages)[0]]
    assert [one.origin.record for one in found.gone] == ["5"]
    assert Kind.LINE not in adapter.capabilities.changes
    assert "line_result" not in adapter.capabilities.writes


def test_scores_in_accounts(made: Made) -> None:
    """Where an account's field is the score, accounts without one are none, and may lose it."""
    bench = made(modules={Kind.SATISFACTION.value: "Accounts"})
    bench.org.add_fields(
        "Accounts", [SimField("Happiness", Type.DOUBLE), SimField("Asked_On", Type.DATE)]
    )
    own = {Kind.SATISFACTION: {"account": "id", "day": "Asked_On", "score": "Happiness"}}
    fields = {"Happiness": 4, "Asked_On": "2026-01-05"}
    happy = bench.org.put("Accounts", {"Account_Name": "A-1", **fields})
    bench.org.put("Accounts", {"Account_Name": "A-2"})
    bench.later(60)
    adapter = open_zoho(Opening("main", bench.options, fields=own), clock=QUICK)
    pages = read(adapter, Kind.SATISFACTION)
    assert ids(pages) == [happy]
    assert not gone(pages)
    bench.later(60)
    bench.org.put("Accounts", {"Happiness": None}, id=happy)
    assert gone(read(adapter, Kind.SATISFACTION, pages[-1].cursor)) == [happy]
    assert [one.origin.record for one in adapter.look(Kind.SATISFACTION, [happy]).gone] == [happy]


# --- what goes wrong ---


def lost_in_the_end(adapter: ZohoAdapter, kind: Kind) -> CrmExpensesError:
    """Pull, and give the error that it ends with."""
    with pytest.raises(CrmExpensesError) as caught:
        read(adapter, kind)
    return caught.value


@pytest.mark.parametrize("fault", [Fault.TRUNCATED, Fault.EMPTY_200, Fault.HTML_200])
def test_an_answer_that_is_none_is_never_nothing(made: Made, fault: Fault) -> None:
    """A success that is cut, empty, or a page for people is an error, not an empty module."""
    bench = made()
    many(bench, 3)
    bench.sim.faults.add(fault, "coql", times=99)
    assert isinstance(lost_in_the_end(bench.zoho(), Kind.SATISFACTION), RetryableError)
    bench.sim.faults.clear()
    assert len(ids(read(bench.zoho(), Kind.SATISFACTION))) == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"info": {"more_records": False}},
        {"data": {}},
        {"data": None},
        {"data": [{"Name": "x"}]},
    ],
)
def test_a_success_without_a_list_of_records_is_an_error(made: Made, body: Any) -> None:  # noqa: ANN401
    """An answer that has the right form and no list, or a row without an id, is no empty module."""
    adapter = made().zoho()
    adapter.wire.send = lambda _call: Answer(200, body, {}, None)  # type: ignore[method-assign]
    for kind in (Kind.CLAIM, Kind.ACCOUNT_MANAGER):
        with pytest.raises(RetryableError):
            read(adapter, kind)
    with pytest.raises(RetryableError):
        adapter.look(Kind.CLAIM, ["1"])


def test_an_answer_for_others_is_an_error(made: Made) -> None:
    """A look that is answered with records that nobody asked for does not let the others go."""
    adapter = made().zoho()
    body: Any = {"data": [{"id": "2"}], "info": {"more_records": False}}
    adapter.wire.send = lambda _call: Answer(200, body, {}, None)  # type: ignore[method-assign]
    with pytest.raises(RetryableError):
        adapter.look(Kind.CLAIM, ["1"])


@pytest.mark.parametrize(
    "fault", [Fault.BUSY, Fault.BUSY_OLD, Fault.ERROR_500, Fault.HTML_502, Fault.CUT]
)
def test_what_heals_is_read_again(made: Made, fault: Fault) -> None:
    """One answer that fails in passing costs one more call, and no record."""
    bench = made()
    many(bench, 5)
    bench.sim.faults.add(fault, "coql", skip=1)
    assert len(set(ids(read(bench.zoho(), Kind.SATISFACTION)))) == 5


def test_one_malformed_record_takes_no_other_with_it(made: Made) -> None:
    """A record with a date that is none is set aside with its reason; the page goes on."""
    bench = made()
    bench.rows_max = 200
    bench.seed(bench.sample({Kind.ACCOUNT_MANAGER, Kind.ACCOUNT, Kind.OPPORTUNITY}))
    bench.sim.faults.add(Fault.MALFORMED_RECORD, "coql")
    pages = read(bench.zoho(), Kind.OPPORTUNITY)
    assert len(ids(pages)) == 4
    (aside,) = (one for page in pages for one in page.set_aside)
    assert [one.code for one in aside.problems] == ["fieldmap.moment"]


def test_unknown_fields_and_values(made: Made) -> None:
    """A field that nobody knows is passed over; a picklist value that nobody knows is not."""
    bench = made()
    bench.rows_max = 200
    people = {Kind.ACCOUNT_MANAGER, Kind.ACCOUNT, Kind.OPPORTUNITY}
    bench.seed(bench.sample(people))
    bench.sim.faults.add(Fault.UNKNOWN_FIELD, "coql")
    assert len(ids(read(bench.zoho(), Kind.OPPORTUNITY))) == 5
    bench.sim.faults.add(Fault.UNKNOWN_PICKLIST, "coql")
    pages = read(bench.zoho(), Kind.OPPORTUNITY)
    assert not ids(pages)
    codes = {one.problems[0].code for page in pages for one in page.set_aside}
    assert codes == {"zoho.stage"}


def test_a_token_that_ends_in_the_middle(made: Made) -> None:
    """Where all tokens end between two pages, one new one is fetched, and nothing is lost."""
    bench = made()
    many(bench, 7)
    bench.sim.faults.add(Fault.TOKENS_REVOKED, "coql", skip=2)
    assert len(set(ids(read(bench.zoho(), Kind.SATISFACTION)))) == 7
    assert len(bench.sim.calls("oauth")) == 2


def test_who_may_not_query_lists(made: Made) -> None:
    """Where the scope for queries is lacking, records are listed; where it is demanded, told."""
    bench = made()
    many(bench, 5)
    bench.sim.faults.add(Fault.SCOPE_MISSING, "coql", times=99)
    assert len(set(ids(read(bench.zoho(), Kind.SATISFACTION)))) == 5
    bench.options["read_by"] = "coql"
    assert isinstance(lost_in_the_end(bench.zoho(), Kind.SATISFACTION), AuthError)


@pytest.mark.parametrize("read_by", ["coql", "list"])
def test_a_field_that_is_not_there_is_told(made: Made, read_by: str) -> None:
    """A mapped field that the module lacks is an error, also where the list would hide it."""
    bench = made(read_by=read_by)
    many(bench, 1)
    del bench.org.module("Satisfaction_Scores").fields["Day"]
    error = lost_in_the_end(bench.zoho(), Kind.SATISFACTION)
    assert isinstance(error, RefusedError)
    assert "Day" in error.describe()


def test_what_a_list_leaves_out_is_told(made: Made) -> None:
    """A field whose values lists never give is an error by list, not an empty field."""
    bench = made(read_by="list")
    many(bench, 1)
    fields = bench.org.module("Satisfaction_Scores").fields
    fields["Day"] = replace(fields["Day"], type=Type.SUBFORM, module="Satisfaction_Scores")
    assert "Day" in lost_in_the_end(bench.zoho(), Kind.SATISFACTION).describe()


def test_a_strangers_cursor_is_refused(made: Made) -> None:
    """A cursor that nobody made is an error of ours, of whichever form it is."""
    bench = made()
    adapter = bench.zoho()
    for cursor in ("", "{}", '["a"]', '["a", "b"]', "[1, 2]", '["again", "x"]', "null"):
        for kind in (Kind.CLAIM, Kind.ACCOUNT_MANAGER):
            with pytest.raises(RefusedError):
                read(adapter, kind, cursor)
    assert not [one for one in bench.sim.log if "oauth" not in one.path]


def test_the_companys_zone_must_be_said(made: Made) -> None:
    """Without a zone nobody knows on which day a claim was submitted: an error of the settings."""
    bench = made()
    del bench.options["timezone"]
    with pytest.raises(ConfigError) as caught:
        bench.zoho()
    assert caught.value.code == "zoho.no_zone"


# --- looks ---


def test_a_look_asks_for_no_more_than_it_needs(made: Made) -> None:
    """120 records are looked up by three calls of a credit each; what is no id is not asked for."""
    bench = made()
    bench.rows_max = 2_000
    many(bench, 120)
    names = [str(600_001_000_000_000_000 + number) for number in range(120)]
    page = bench.zoho().look(Kind.SATISFACTION, [*names, "nobody", "' or '"])
    assert len(page.facts) == 120
    assert [one.origin.record for one in page.gone] == ["nobody", "' or '"]
    assert spent(bench) == (3, 3)


def test_an_edit_is_seen_at_once(made: Made) -> None:
    """What was just changed is what a look gives, with another version."""
    bench = made()
    claims = bench.sample({Kind.ACCOUNT_MANAGER, Kind.CLAIM})
    bench.seed(claims)
    adapter = bench.zoho()
    first = adapter.look(Kind.CLAIM, [claims[-1].id]).facts[0]
    bench.edit(edited(claims[-1]))
    second = adapter.look(Kind.CLAIM, [claims[-1].id]).facts[0]
    assert first.origin.version != second.origin.version
    assert second.record == edited(claims[-1])
    assert first.record == claims[-1]
