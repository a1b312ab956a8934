"""Dolibarr's connection file against an imitation of its API."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from like_dolibarr import LikeDolibarr, seconds
from likecrms import Served, acks, claim_write, opened, pulled, served, small_pages, version_of

from crm_expenses.adapters.contract import AckState, Level, ResultKind
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import Kind
from crm_expenses.errors import AuthError, ConfigError

OLD = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def crm() -> LikeDolibarr:
    """A company with people, a customer, projects, and four reports: one of each kind."""
    made = LikeDolibarr()
    ann = {"firstname": "Ann", "lastname": "Lee", "job": "Rep", "fk_user": "2"}
    made.add("users", 1, OLD, **ann, dateemployment=seconds("2020-05-01"), dateemploymentend="")
    made.add("users", 2, OLD, firstname="", lastname="Bo", fk_user=None, job=None)
    owner = {"options_expense_owner": "1"}
    created = seconds("2026-01-05 23:30:00")
    made.add("thirdparties", 5, OLD, name="Acme", town="Lyon", date_creation=created)
    made.objects["thirdparties"][5]["array_options"] = owner
    deal = {
        "usage_opportunity": 1,
        "user_author_id": "1",
        "socid": "5",
        "opp_amount": "1200.50000000",
    }
    made.add("projects", 7, OLD, title="Big", opp_status="3", **deal)
    made.add(
        "projects", 8, OLD, title="Won", opp_status=6, date_close=seconds("2026-10-01"), **deal
    )
    made.add("projects", 9, OLD, title="No deal", usage_opportunity=0)
    line = {"id": "31", "date": "2026-11-01", "type_fees_code": "TF_LUNCH", "fk_project": "7"}
    lines = [
        {**line, "total_ttc": "222.50000000", "comments": "Dinner"},
        {**line, "id": "32", "total_ttc": "0.30000000", "fk_project": "0", "comments": None},
    ]
    valid = seconds("2026-11-02 09:30:00")
    report = {"fk_user_author": "1", "date_create": seconds("2026-11-01 08:00:00")}
    made.add(
        "expensereports", 21, OLD, ref="ER-1", status="2", date_valid=valid, lines=lines, **report
    )
    made.add(
        "expensereports", 22, OLD, ref="(PROV22)", status="0", date_valid="", lines=[], **report
    )
    made.add(
        "expensereports", 23, OLD, ref="ER-3", fk_statut=99, date_valid=valid, lines=[], **report
    )
    made.add("expensereports", 24, OLD, ref="ER-4", status=6, date_valid=valid, lines=[], **report)
    return made


@pytest.fixture
def server(crm: LikeDolibarr) -> Iterator[Served]:
    """The imitation, served."""
    with served(crm) as made:
        yield made


def connected(folder: Path, url: str, **more: str) -> RestAdapter:
    """Open Dolibarr's connection."""
    options = {"url": url, "server_timezone": "Europe/Paris", "currency": "EUR", **more}
    return opened(folder, "dolibarr", "api_key", **options)


@pytest.fixture
def adapter(server: Served, tmp_path: Path) -> RestAdapter:
    """Dolibarr's connection, two records a page."""
    return small_pages(connected(tmp_path, server.url))


def test_doctor_signs_in_and_reads_every_kind(adapter: RestAdapter) -> None:
    """The probe names the user; every kind is read, and nothing is bad."""
    told = adapter.check()
    assert not [one.problem.describe() for one in told if one.level is Level.BAD]
    assert ResultKind.LINE_RESULT not in adapter.capabilities.writes


def test_all_kinds_over_several_pages(adapter: RestAdapter, server: Served) -> None:
    """Names are joined, numbers are texts, days fall in the server's zone, a 404 ends the pages."""
    people = pulled(adapter, Kind.ACCOUNT_MANAGER).records
    ann = AccountManager("1", "Ann Lee", "Rep", manager="2", active_from=date(2020, 5, 1))
    assert people == {"1": ann, "2": AccountManager("2", "Bo")}
    accounts = pulled(adapter, Kind.ACCOUNT).records
    assert accounts == {"5": Account("5", "Acme", owner="1", city="Lyon", since=date(2026, 1, 5))}
    deals = pulled(adapter, Kind.OPPORTUNITY).records
    assert [*deals] == ["7", "8"]
    won = deals["8"]
    assert isinstance(won, Opportunity)
    assert (won.stage, won.amount, won.closed) == (
        Stage.WON, Money(120_050, "EUR"), date(2026, 10, 1),
    )  # fmt: skip
    claims = pulled(adapter, Kind.CLAIM)
    assert claims.aside == {}
    statuses = {k: c.status for k, c in claims.records.items() if isinstance(c, Claim)}
    assert statuses == {
        "21": ClaimStatus.SUBMITTED, "22": ClaimStatus.DRAFT, "23": ClaimStatus.REJECTED,
        "24": ClaimStatus.PAID,
    }  # fmt: skip
    claim = claims.records["21"]
    assert isinstance(claim, Claim)
    assert claim.submitted.isoformat() == "2026-11-02T16:30:00+08:00"
    assert [page for asked in server.asked if (page := asked.one("page"))][-1] == "2"
    lines = pulled(adapter, Kind.LINE).records
    line = lines["21:31"]
    assert isinstance(line, ExpenseLine)
    assert (line.claim, line.category, line.opportunity) == ("21", "TF_LUNCH", "7")
    assert (line.date, line.amount) == (date(2026, 11, 1), Money(22_250, "EUR"))


def test_what_changed_comes_though_no_record_says_when(
    adapter: RestAdapter, crm: LikeDolibarr, server: Served
) -> None:
    """The filter is on a field that is never shown, in the zone of the server."""
    first = pulled(adapter, Kind.CLAIM)
    crm.add("expensereports", 22, status="2")
    server.asked.clear()
    second = pulled(adapter, Kind.CLAIM, first.cursor)
    assert [*second.records] == ["22"]
    assert server.asked[0].one("sqlfilters").startswith("(t.tms:>=:'2026")


def test_a_result_is_written_once_and_others_attributes_stay(
    adapter: RestAdapter, crm: LikeDolibarr, server: Served
) -> None:
    """Dolibarr replaces all attributes, so what others keep there is sent back."""
    held = crm.objects["expensereports"][21]
    held["array_options"] = {"options_own": "keep me", "options_check_outcome": None}
    write = claim_write("21", version_of(adapter, Kind.CLAIM, "21"))
    assert acks(adapter, write)[0].state is AckState.DONE
    assert held["array_options"]["options_own"] == "keep me"
    assert held["array_options"]["options_check_allowed"] == "100.50"
    server.asked.clear()
    assert acks(adapter, write)[0].state is AckState.DONE
    assert not server.writes()


def test_what_a_person_changed_meanwhile_is_a_conflict(
    adapter: RestAdapter, crm: LikeDolibarr
) -> None:
    """A result that rests on what was there before is not written."""
    version = version_of(adapter, Kind.CLAIM, "21")
    crm.add("expensereports", 21, status="4")
    assert acks(adapter, claim_write("21", version))[0].state is AckState.CONFLICT


def test_its_errors(
    adapter: RestAdapter, crm: LikeDolibarr, server: Served, tmp_path: Path
) -> None:
    """A 404 of a record is no end of pages; a 500 may have acted; a bad filter is no bad moment."""
    assert adapter.look(Kind.CLAIM, ["99"]).gone
    crm.fails = "SQL error"
    ack, missing = acks(adapter, claim_write("21"), claim_write("99"))
    assert (ack.state, missing.state) == (AckState.UNKNOWN, AckState.REFUSED)
    with pytest.raises(AuthError):
        pulled(connected(tmp_path, server.url, key="wrong"), Kind.CLAIM)
    held = adapter.wire.held
    since = held.since.model_copy(update={"query": {"sqlfilters": "t.tms >= {since}"}})
    first = pulled(adapter, Kind.CLAIM)
    adapter.wire.held = held.model_copy(update={"since": since})
    with pytest.raises(ConfigError) as caught:
        pulled(adapter, Kind.CLAIM, first.cursor)
    assert "sqlfilters" in caught.value.describe()


def test_an_attribute_that_was_not_made_is_told(adapter: RestAdapter, crm: LikeDolibarr) -> None:
    """Dolibarr takes an attribute that it does not know without a word."""
    write = claim_write("21")
    adapter.sources[Kind.CLAIM].part.results.fields["policy"] = (
        adapter.sources[Kind.CLAIM]
        .part.results.fields["policy"]
        .model_copy(update={"field": "array_options.options_check_none"})
    )
    (ack,) = acks(adapter, write)
    assert ack.problem is not None
    assert "options_check_none" in ack.problem.values["fields"]
