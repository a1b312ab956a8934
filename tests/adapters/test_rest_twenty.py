"""Twenty's connection file against an imitation of its REST API."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from connectioncases import ConnectionCases
from like_twenty import LikeTwenty
from likecrms import KEY, Served, acks, claim_write, opened, pulled, served

from crm_expenses.adapters.contract import AckState
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import Kind

OLD = datetime(2026, 11, 3, 4, 5, 6, 789_000, tzinfo=UTC)


class TestTwenty(ConnectionCases):
    """Everything that is true of each, and what is Twenty's own."""

    claim, line = "c1", "l1"

    @pytest.fixture
    def crm(self) -> LikeTwenty:
        """Members, a company, deals, five claims of one moment, a line."""
        made = LikeTwenty()
        made.add("workspaceMembers", "m1", OLD, name={"firstName": "Ann", "lastName": "Lee"})
        made.add("workspaceMembers", "m2", OLD, name={"firstName": "Bo", "lastName": ""})
        address = {"addressCity": "Bonn"}
        made.add("companies", "a1", OLD, name="Acme", accountOwnerId="m1", address=address)
        money = {"amountMicros": 1_200_500_000, "currencyCode": "EUR"}
        deal = {"ownerId": "m1", "companyId": "a1", "amount": money}
        made.add("opportunities", "o1", OLD, name="Big", stage="MEETING", **deal)
        made.add("opportunities", "o2", OLD, name="Won", stage="CUSTOMER", **deal)
        for key in range(1, 6):
            fields = {"claimantId": "m1", "claimStatus": "SUBMITTED", "name": "Trip"}
            made.add("expenseClaims", f"c{key}", OLD, submittedAt=None, **fields)
        spent = {"amountMicros": "123450000", "currencyCode": "EUR"}
        line = {"claimId": "c1", "spentOn": "2026-11-01", "category": "meal", "amount": spent}
        made.add("expenseLines", "l1", OLD, name="Dinner", **line)
        return made

    @pytest.fixture
    def server(self, crm: LikeTwenty) -> Iterator[Served]:
        """The imitation, served."""
        with served(crm) as made:
            yield made

    @pytest.fixture
    def adapter(self, server: Served, tmp_path: Path) -> RestAdapter:
        """Twenty's connection; the imitation cuts every page to two records."""
        return opened(tmp_path, "twenty", "api_key", url=server.url)

    def stranger(self, folder: Path, url: str) -> RestAdapter:
        """Open the connection with another key."""
        return opened(folder, "twenty", "api_key", key=f"no {KEY}", url=url)

    def touch(self, crm: LikeTwenty, record: str) -> None:
        """Give a claim another title."""
        crm.add("expenseClaims", record, name="Another trip")

    def held(self, crm: LikeTwenty, kind: Kind, record: str) -> Mapping[str, object]:
        """Read what was written."""
        row = crm.objects["expenseClaims" if kind is Kind.CLAIM else "expenseLines"][record]
        names = {"outcome": "checkOutcome", "allowed": "checkAllowed", "currency": "checkCurrency"}
        return {ours: row[theirs] for ours, theirs in names.items()}

    def test_all_kinds_over_several_pages(self, adapter: RestAdapter) -> None:
        """A clamped page is no last page; millionths are exact; names are joined."""
        people = pulled(adapter, Kind.ACCOUNT_MANAGER).records
        assert people == {"m1": AccountManager("m1", "Ann Lee"), "m2": AccountManager("m2", "Bo")}
        account = Account("a1", "Acme", owner="m1", city="Bonn", since=date(2026, 11, 2))
        assert pulled(adapter, Kind.ACCOUNT).records == {"a1": account}
        won = pulled(adapter, Kind.OPPORTUNITY).records["o2"]
        assert isinstance(won, Opportunity)
        assert (won.stage, won.amount) == (Stage.WON, Money(120_050, "EUR"))
        claims = pulled(adapter, Kind.CLAIM)
        assert (len(claims.records), claims.pages, claims.aside) == (5, 3, {})
        line = pulled(adapter, Kind.LINE).records["l1"]
        assert isinstance(line, ExpenseLine)
        assert (line.claim, line.amount) == ("c1", Money(12_345, "EUR"))

    def test_a_field_that_there_is_not_is_refused_in_its_words(self, adapter: RestAdapter) -> None:
        """Twenty names the field."""
        fields = adapter.sources[Kind.CLAIM].part.results.fields
        fields["policy"] = fields["policy"].model_copy(update={"field": "checkNone"})
        (ack,) = acks(adapter, claim_write("c1"))
        assert ack.state is AckState.REFUSED
        assert "checkNone" in str(ack.problem)
