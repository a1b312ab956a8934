"""Pipedrive's connection file against an imitation of its API."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from connectioncases import ConnectionCases
from like_pipedrive import KEYS, LikePipedrive
from likecrms import Served, acks, claim_write, opened, pulled, served, small_pages

from crm_expenses.adapters.contract import AckState
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import Kind
from crm_expenses.errors import AllowanceError, AuthError

OLD = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)


def connected(folder: Path, url: str, **more: str) -> RestAdapter:
    """Open Pipedrive's connection."""
    options = {"url": url, "claim_pipeline": "2", "sales_pipeline": "1"}
    options |= {f"field_{name}": key for name, key in KEYS.items()}
    return opened(folder, "pipedrive", "api_token", **options, **more)


class TestPipedrive(ConnectionCases):
    """Everything that is true of each, and what is Pipedrive's own."""

    claim, line = "31", ""

    @pytest.fixture
    def crm(self) -> LikePipedrive:
        """Users, an organization, deals of two pipelines."""
        made = LikePipedrive()
        made.users = [{"id": 1, "name": "Ann Lee"}, {"id": 2, "name": "Bo"}]
        made.add("organizations", 11, OLD, name="Acme", owner_id=1)
        deal = {"owner_id": 1, "org_id": 11, "currency": "EUR", "value": 1200.5, "pipeline_id": 1}
        made.add("deals", 21, OLD, title="Big", status="open", **deal)
        made.add(
            "deals", 22, OLD, title="Won", status="won", close_time="2026-10-01T20:00:00Z", **deal
        )
        for key in range(31, 36):
            own = {KEYS["date"]: "2026-11-01", KEYS["category"]: "meal", KEYS["outcome"]: None}
            fields = {**deal, "pipeline_id": 2, "value": 123.45, "custom_fields": own}
            made.add("deals", key, OLD, title="Dinner", status="open", **fields)
        return made

    @pytest.fixture
    def server(self, crm: LikePipedrive) -> Iterator[Served]:
        """The imitation, served."""
        with served(crm) as made:
            yield made

    @pytest.fixture
    def adapter(self, server: Served, tmp_path: Path) -> RestAdapter:
        """Pipedrive's connection, two records a page."""
        return small_pages(connected(tmp_path, server.url))

    def stranger(self, folder: Path, url: str) -> RestAdapter:
        """Open the connection with another token."""
        return connected(folder, url, key="wrong")

    def touch(self, crm: LikePipedrive, record: str) -> None:
        """Give an expense another title."""
        crm.add("deals", int(record), title="Dinner for two")

    def held(self, crm: LikePipedrive, kind: Kind, record: str) -> Mapping[str, object]:
        """Read what was written."""
        own = crm.rows["deals"][int(record)]["custom_fields"]
        return {name: own[KEYS[name]] for name in ("outcome", "allowed", "currency")}

    def test_all_kinds_over_several_pages(self, adapter: RestAdapter) -> None:
        """Users, organizations, deals of one pipeline, expenses of the other with their line."""
        people = pulled(adapter, Kind.ACCOUNT_MANAGER).records
        assert people == {"1": AccountManager("1", "Ann Lee"), "2": AccountManager("2", "Bo")}
        account = Account("11", "Acme", owner="1", since=date(2026, 11, 2))
        assert pulled(adapter, Kind.ACCOUNT).records == {"11": account}
        deals = pulled(adapter, Kind.OPPORTUNITY).records
        won = deals["22"]
        assert isinstance(won, Opportunity)
        assert (len(deals), won.stage, won.amount) == (2, Stage.WON, Money(120_050, "EUR"))
        claims = pulled(adapter, Kind.CLAIM)
        assert (len(claims.records), claims.pages, claims.aside) == (5, 3, {})
        line = pulled(adapter, Kind.LINE).records["31"]
        assert isinstance(line, ExpenseLine)
        assert (line.claim, line.category, line.account) == ("31", "meal", "11")
        assert (line.date, line.amount) == (date(2026, 11, 1), Money(12_345, "EUR"))

    def test_its_errors(self, adapter: RestAdapter, crm: LikePipedrive) -> None:
        """A key that there is not is refused; what the plan lacks, and used up calls, are told."""
        fields = adapter.sources[Kind.CLAIM].part.results.fields
        own = fields["policy"].field
        fields["policy"] = fields["policy"].model_copy(update={"field": "custom_fields.no"})
        (ack,) = acks(adapter, claim_write("31"))
        assert ack.state is AckState.REFUSED
        assert "unknown key" in str(ack.problem)
        fields["policy"] = fields["policy"].model_copy(update={"field": own})
        crm.status, crm.error = 403, "this feature is not in your plan"
        with pytest.raises(AuthError):
            pulled(adapter, Kind.CLAIM)
        crm.status, crm.error = 429, "Daily API token budget exceeded"
        with pytest.raises(AllowanceError):
            pulled(adapter, Kind.CLAIM)
