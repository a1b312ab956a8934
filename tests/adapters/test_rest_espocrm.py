"""EspoCRM's connection file against an imitation of its API."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from like_espocrm import API_KEY, LikeEspo
from likecrms import (
    Served,
    acks,
    claim_write,
    line_write,
    opened,
    pulled,
    served,
    small_pages,
    version_of,
)

from crm_expenses.adapters.contract import AckState, Change, Level, ResultKind, WriteBack
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.adapters.rest.specfile import SHIPPED
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import Kind
from crm_expenses.errors import AuthError

OLD = "2026-11-03 04:05:06"


@pytest.fixture
def crm() -> LikeEspo:
    """A company with people, a customer, deals, claims of one second, and lines."""
    made = LikeEspo()
    made.add("User", "u1", OLD, name="Ann Lee", type="regular", defaultTeamName="East")
    made.add("User", "u2", OLD, name="Bo", type="admin", title="Lead")
    made.add("User", "u-api", OLD, name="API", type="api")
    made.add("Account", "a1", OLD, name="Acme", assignedUserId="u1", billingAddressCity="Bonn")
    deal = {"assignedUserId": "u1", "accountId": "a1", "amountCurrency": "EUR"}
    made.add("Opportunity", "o1", OLD, name="Big", stage="Negotiation", amount=1200.1, **deal)
    made.add("Opportunity", "o2", OLD, name="Won", stage="Closed Won", amount="9.5000", **deal)
    for key in range(1, 6):
        claim = {"assignedUserId": "u1", "status": "Submitted", "name": f"Trip {key}"}
        made.add("CExpenseClaim", f"c{key}", OLD, submittedAt="2026-11-02 17:00:00", **claim)
    made.add("CExpenseClaim", "c6", OLD, assignedUserId="u2", status="Draft", name="New")
    line = {"claimId": "c1", "date": "2026-11-01", "accountId": "a1", "amountCurrency": "EUR"}
    made.add("CExpenseLine", "l1", OLD, name="Dinner", category="meal", amount=0.1 + 0.2, **line)
    made.add("CExpenseLine", "l2", OLD, name="Taxi", category="taxi", amount="123.4500", **line)
    return made


@pytest.fixture
def server(crm: LikeEspo) -> Iterator[Served]:
    """The imitation, served."""
    with served(crm) as made:
        yield made


@pytest.fixture
def adapter(server: Served, tmp_path: Path) -> RestAdapter:
    """EspoCRM's connection, two records a page."""
    return small_pages(opened(tmp_path, "espocrm", "api_key", url=server.url))


def test_doctor_signs_in_and_reads_every_kind(adapter: RestAdapter) -> None:
    """The probe names the user; every kind is read, and nothing is bad."""
    told = adapter.check()
    assert not [one.problem.describe() for one in told if one.level is Level.BAD]


def test_all_kinds_over_several_pages(adapter: RestAdapter) -> None:
    """People without the API user, customers, deals, claims and lines, money exact."""
    people = pulled(adapter, Kind.ACCOUNT_MANAGER).records
    assert people == {
        "u1": AccountManager("u1", "Ann Lee", team="East"),
        "u2": AccountManager("u2", "Bo", grade="Lead"),
    }
    accounts = pulled(adapter, Kind.ACCOUNT).records
    expected = Account("a1", "Acme", owner="u1", city="Bonn", since=date(2026, 11, 2))
    assert accounts == {"a1": expected}
    deals = pulled(adapter, Kind.OPPORTUNITY).records.values()
    stages = [(deal.stage, deal.amount) for deal in deals if isinstance(deal, Opportunity)]
    assert stages == [(Stage.OPEN, Money(120_010, "EUR")), (Stage.WON, Money(950, "EUR"))]
    claims = pulled(adapter, Kind.CLAIM)
    assert (len(claims.records), claims.aside) == (6, {})
    claim, draft = claims.records["c1"], claims.records["c6"]
    assert isinstance(claim, Claim)
    assert isinstance(draft, Claim)
    assert claim.submitted.isoformat() == "2026-11-03T01:00:00+08:00"
    assert draft.submitted.isoformat() == "2026-11-02T09:02:03+08:00"
    lines = pulled(adapter, Kind.LINE).records.values()
    amounts = [line.amount for line in lines if isinstance(line, ExpenseLine)]
    assert amounts == [Money(30, "EUR"), Money(12_345, "EUR")]


def test_what_changed_comes(adapter: RestAdapter, crm: LikeEspo, server: Served) -> None:
    """The filter is sent in UTC without a zone, in the brackets of EspoCRM."""
    first = pulled(adapter, Kind.CLAIM)
    crm.add("CExpenseClaim", "c3", status="Withdrawn")
    server.asked.clear()
    second = pulled(adapter, Kind.CLAIM, first.cursor)
    assert [*second.records] == ["c3"]
    assert server.asked[0].one("where[0][type]") == "greaterThanOrEquals"


def test_results_of_claim_and_line_are_written_once(
    adapter: RestAdapter, crm: LikeEspo, server: Served
) -> None:
    """Fields beside the claim and beside its line; a repetition sends nothing."""
    write, line = claim_write("c1", version_of(adapter, Kind.CLAIM, "c1")), line_write("l2", "c1")
    assert [ack.state for ack in acks(adapter, write, line)] == [AckState.DONE, AckState.DONE]
    assert crm.types["CExpenseClaim"]["c1"]["checkAllowed"] == "100.50"
    assert crm.types["CExpenseLine"]["l2"]["checkClaimed"] == "123.45"
    assert [one.headers["x-version-number"] for one in server.writes()] == ["1", "1"]
    server.asked.clear()
    assert [ack.state for ack in acks(adapter, write, line)] == [AckState.DONE, AckState.DONE]
    assert not server.writes()


def test_who_comes_in_between_is_a_conflict(adapter: RestAdapter, crm: LikeEspo) -> None:
    """The version that was read goes along, and EspoCRM refuses what is older."""
    crm.meddles = True
    assert acks(adapter, claim_write("c1"))[0].state is AckState.CONFLICT
    crm.meddles = False
    version = version_of(adapter, Kind.CLAIM, "c2")
    crm.add("CExpenseClaim", "c2", name="Another trip")
    assert acks(adapter, claim_write("c2", version))[0].state is AckState.CONFLICT


def test_a_change_of_ours_is_written_in_its_words(adapter: RestAdapter, crm: LikeEspo) -> None:
    """A status goes out as the option that EspoCRM has for it."""
    (fact,) = adapter.look(Kind.CLAIM, ["c1"]).facts
    assert isinstance(fact.record, Claim)
    changed = replace(fact.record, status=ClaimStatus.APPROVED)
    change = Change(Kind.CLAIM, changed, ("status",))
    write = WriteBack("k", ResultKind.CHANGE, "c1", change, version=fact.origin.version)
    assert acks(adapter, write)[0].state is AckState.DONE
    assert crm.types["CExpenseClaim"]["c1"]["status"] == "Approved"


def test_its_errors(adapter: RestAdapter, crm: LikeEspo, server: Served, tmp_path: Path) -> None:
    """Bodies are empty or short; a refusal stays one, and a missing record is none."""
    crm.status = 400
    ack, missing = acks(adapter, claim_write("c1"), claim_write("no-such"))
    assert (ack.state, missing.state) == (AckState.REFUSED, AckState.REFUSED)
    assert "fieldShouldBeLess" in str(ack.problem)
    assert adapter.look(Kind.CLAIM, ["no-such"]).gone
    with pytest.raises(AuthError):
        pulled(opened(tmp_path, "espocrm", "api_key", key="wrong", url=server.url), Kind.CLAIM)


def test_calls_may_be_signed_instead(server: Served, tmp_path: Path) -> None:
    """With the table [auth] of the page in a copy of the file, every call carries its signature."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "connections" / "espocrm.md"
    (table,) = re.findall(r"^```text\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)  # noqa: FURB167
    text = (SHIPPED / "espocrm.toml").read_text("utf-8")
    start, end = text.index("[secret]"), text.index("[since]")
    (tmp_path / "signed.toml").write_text(text[:start] + table + "\n" + text[end:])
    options = {"url": server.url, "api_key": API_KEY}
    adapter = opened(tmp_path, "signed.toml", "secret_key", **options)
    assert len(pulled(adapter, Kind.CLAIM).records) == 6
    assert acks(adapter, claim_write("c1"))[0].state is AckState.DONE
    with pytest.raises(AuthError):
        pulled(opened(tmp_path, "signed.toml", "secret_key", key="wrong", **options), Kind.CLAIM)
