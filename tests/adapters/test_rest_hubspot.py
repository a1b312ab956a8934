"""HubSpot's connection file against an imitation of its API."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from connectioncases import ConnectionCases
from like_hubspot import CLAIMS, LINES, LikeHubSpot
from likecrms import Served, acks, claim_write, opened, pulled, served, small_pages

from crm_expenses.adapters.contract import AckState
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import Kind

OLD = datetime(2026, 11, 3, 4, 5, 6, 789_000, tzinfo=UTC)


def connected(folder: Path, url: str, key: str | None = None) -> RestAdapter:
    """Open HubSpot's connection."""
    options = {"url": url, "claim_object": CLAIMS, "line_object": LINES}
    more = {"key": key} if key else {}
    return opened(folder, "hubspot", "token", **options, **more)


class TestHubSpot(ConnectionCases):
    """Everything that is true of each, and what is HubSpot's own."""

    claim, line = "901", "951"
    reads = ("/search", "/batch/read")

    @pytest.fixture
    def crm(self) -> LikeHubSpot:
        """Owners over two pages, a company, deals, five claims of one moment, a line."""
        made = LikeHubSpot()
        made.owners = [
            {"id": "1", "firstName": "Ann", "lastName": "Lee", "teams": [{"name": "East"}]},
            {"id": "2", "firstName": "Bo", "lastName": ""},
            {"id": "3", "firstName": "Cy", "lastName": "Ng", "teams": []},
        ]
        created = "2026-01-05T16:30:00.000Z"
        made.add("companies", "11", OLD, name="Acme", hubspot_owner_id="1", createdate=created)
        deal = {"hubspot_owner_id": "1", "amount": "1200.50", "deal_currency_code": "EUR"}
        made.add("deals", "21", OLD, dealname="Big", dealstage="contractsent", **deal)
        made.add(
            "deals", "22", OLD, dealname="Won", dealstage="closedwon", closedate=created, **deal
        )
        for key in range(901, 906):
            fields = {"hubspot_owner_id": "1", "claim_status": "submitted", "title": "Trip"}
            made.add(CLAIMS, str(key), OLD, submitted_at=created, **fields)
        line = {"claim_id": "901", "expense_date": "2026-11-01", "category": "meal"}
        made.add(LINES, "951", OLD, amount="123.45", currency="EUR", company_id="11", **line)
        return made

    @pytest.fixture
    def server(self, crm: LikeHubSpot) -> Iterator[Served]:
        """The imitation, served."""
        with served(crm) as made:
            yield made

    @pytest.fixture
    def adapter(self, server: Served, tmp_path: Path) -> RestAdapter:
        """HubSpot's connection, two records a page."""
        return small_pages(connected(tmp_path, server.url))

    def stranger(self, folder: Path, url: str) -> RestAdapter:
        """Open the connection with another token."""
        return connected(folder, url, "wrong")

    def touch(self, crm: LikeHubSpot, record: str) -> None:
        """Give a claim another title."""
        crm.add(CLAIMS, record, title="Another trip")

    def held(self, crm: LikeHubSpot, kind: Kind, record: str) -> Mapping[str, object]:
        """Read what was written."""
        row = crm.objects[CLAIMS if kind is Kind.CLAIM else LINES][record]
        return {name: row[f"check_{name}"] for name in ("outcome", "allowed", "currency")}

    def test_all_kinds_over_several_pages(self, adapter: RestAdapter) -> None:
        """Owners, companies, deals, claims that share one moment, and lines."""
        people = pulled(adapter, Kind.ACCOUNT_MANAGER).records
        assert people["1"] == AccountManager("1", "Ann Lee", team="East")
        assert [*people] == ["1", "2", "3"]
        account = Account("11", "Acme", owner="1", since=date(2026, 1, 5))
        assert pulled(adapter, Kind.ACCOUNT).records == {"11": account}
        deals = pulled(adapter, Kind.OPPORTUNITY).records.values()
        stages = [(deal.stage, deal.amount) for deal in deals if isinstance(deal, Opportunity)]
        assert stages == [(Stage.OPEN, Money(120_050, "EUR")), (Stage.WON, Money(120_050, "EUR"))]
        claims = pulled(adapter, Kind.CLAIM)
        assert (len(claims.records), claims.aside) == (5, {})
        line = pulled(adapter, Kind.LINE).records["951"]
        assert isinstance(line, ExpenseLine)
        assert (line.claim, line.amount, line.account) == ("901", Money(12_345, "EUR"), "11")

    def test_a_batch_tells_of_each_record(
        self, adapter: RestAdapter, crm: LikeHubSpot, server: Served
    ) -> None:
        """A 207 has results and errors apart, in no order; each claim gets its own answer."""
        crm.refuse = {"902": "check_outcome was not one of the allowed options"}
        done, refused, third = acks(adapter, *(claim_write(k) for k in ("901", "902", "903")))
        assert [done.state, third.state] == [AckState.DONE, AckState.DONE]
        assert refused.state is AckState.REFUSED
        assert "allowed options" in str(refused.problem)
        assert [one.path.rpartition("/")[2] for one in server.writes()] == ["read", "update"]

    def test_one_alone_is_refused_in_its_words(
        self, adapter: RestAdapter, crm: LikeHubSpot
    ) -> None:
        """A 400 is a refusal and is not repeated."""
        crm.refuse = {"902": "no such option"}
        (ack,) = acks(adapter, claim_write("902"))
        assert ack.state is AckState.REFUSED
        assert "no such option" in str(ack.problem)
