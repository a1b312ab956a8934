"""The connection file of Dynamics 365 against an imitation of Dataverse's Web API."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from connectioncases import ConnectionCases
from like_dataverse import LikeDataverse
from likecrms import KEY, Served, acks, claim_write, opened, pulled, served

from crm_expenses.adapters.contract import Ability, AckState, Support
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import Kind

OLD = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)
CLAIMS, LINES = "acme_expenseclaims", "acme_expenselines"


def connected(folder: Path, url: str, key: str = KEY) -> RestAdapter:
    """Open the connection."""
    options = {"url": url, "login": url, "tenant": "tenant-1", "client_id": "app-1"}
    return opened(folder, "dynamics365", "client_secret", key=key, prefix="acme", **options)


class TestDynamics365(ConnectionCases):
    """Everything that is true of each, and what is Dataverse's own."""

    claim, line = "c1", "l1"

    @pytest.fixture
    def crm(self) -> LikeDataverse:
        """People, an account, deals of a currency, five claims, a line."""
        made = LikeDataverse()
        made.add("systemusers", "u1", OLD, fullname="Ann Lee", isdisabled=False, title="Rep")
        made.add("systemusers", "u2", OLD, fullname="Gone", isdisabled=True)
        made.add("accounts", "a1", OLD, name="Acme", _ownerid_value="u1", address1_city="Bonn")
        money = {"estimatedvalue": 1200.5, "transactioncurrencyid": {"isocurrencycode": "EUR"}}
        deal = {"_ownerid_value": "u1", "_parentaccountid_value": "a1", **money}
        made.add("opportunities", "o1", OLD, name="Big", statecode=0, **deal)
        made.add(
            "opportunities",
            "o2",
            OLD,
            name="Won",
            statecode=1,
            actualclosedate="2026-10-01",
            **deal,
        )
        for key in range(1, 6):
            fields = {"_ownerid_value": "u1", "acme_status": "submitted", "acme_name": "Trip"}
            made.add(CLAIMS, f"c{key}", OLD, acme_submittedon="2026-11-02T08:00:00Z", **fields)
        line = {"_acme_claim_value": "c1", "acme_date": "2026-11-01", "acme_category": "meal"}
        made.add(LINES, "l1", OLD, acme_amount=123.45, acme_currency="EUR", **line)
        return made

    @pytest.fixture
    def server(self, crm: LikeDataverse) -> Iterator[Served]:
        """The imitation, served; its links lead to where it is."""
        with served(crm) as made:
            crm.url = made.url
            yield made

    @pytest.fixture
    def adapter(self, server: Served, tmp_path: Path) -> RestAdapter:
        """The connection; the imitation gives two rows a page."""
        return connected(tmp_path, server.url)

    def stranger(self, folder: Path, url: str) -> RestAdapter:
        """Open the connection with another secret."""
        return connected(folder, url, "wrong")

    def touch(self, crm: LikeDataverse, record: str) -> None:
        """Give a claim another title."""
        crm.add(CLAIMS, record, acme_name="Another trip")

    def held(self, crm: LikeDataverse, kind: Kind, record: str) -> Mapping[str, object]:
        """Read what was written."""
        row = crm.tables[CLAIMS if kind is Kind.CLAIM else LINES][record]
        return {name: row[f"acme_check{name}"] for name in ("outcome", "allowed", "currency")}

    def test_all_kinds_over_several_pages(self, adapter: RestAdapter, crm: LikeDataverse) -> None:
        """Only who is not disabled; the currency of a deal is read along; one token is enough."""
        people = pulled(adapter, Kind.ACCOUNT_MANAGER).records
        assert people == {"u1": AccountManager("u1", "Ann Lee", "Rep")}
        account = Account("a1", "Acme", owner="u1", city="Bonn", since=date(2026, 11, 2))
        assert pulled(adapter, Kind.ACCOUNT).records == {"a1": account}
        won = pulled(adapter, Kind.OPPORTUNITY).records["o2"]
        assert isinstance(won, Opportunity)
        assert (won.stage, won.amount, won.closed) == (
            Stage.WON, Money(120_050, "EUR"), date(2026, 10, 1),
        )  # fmt: skip
        claims = pulled(adapter, Kind.CLAIM)
        assert (len(claims.records), claims.pages, claims.aside) == (5, 3, {})
        line = pulled(adapter, Kind.LINE).records["l1"]
        assert isinstance(line, ExpenseLine)
        assert (line.claim, line.amount.amount) == ("c1", Decimal("123.45"))
        assert crm.tokens == 1

    def test_what_was_deleted_is_told(self, adapter: RestAdapter, crm: LikeDataverse) -> None:
        """The delta link gives the ids of rows that are gone."""
        assert adapter.capabilities.support(Ability.DELETES) is Support.PARTLY
        first = pulled(adapter, Kind.CLAIM)
        crm.remove(CLAIMS, "c2")
        second = pulled(adapter, Kind.CLAIM, first.cursor)
        assert (second.gone, second.records) == ({"c2"}, {})

    def test_who_comes_in_between_is_a_conflict(
        self, adapter: RestAdapter, crm: LikeDataverse, server: Served
    ) -> None:
        """The ETag that was read goes along, and Dataverse answers 412 to an older one."""
        crm.meddles = "somebody was here"
        assert acks(adapter, claim_write("c1"))[0].state is AckState.CONFLICT
        assert server.writes()[-1].headers["if-match"] == 'W/"1"'

    def test_a_token_that_is_over_is_renewed(
        self, adapter: RestAdapter, crm: LikeDataverse
    ) -> None:
        """A 401 asks for a new token once."""
        pulled(adapter, Kind.ACCOUNT)
        adapter.wire._signin._asked = -1000.0  # as if it were long ago
        crm.tokens += 1
        assert pulled(adapter, Kind.ACCOUNT).records
        assert crm.tokens == 3

    def test_its_errors(self, adapter: RestAdapter, crm: LikeDataverse) -> None:
        """A 400 is a refusal in its words."""
        crm.error = "A validation error occurred: the column is too short"
        (ack,) = acks(adapter, claim_write("c1"))
        assert ack.state is AckState.REFUSED
        assert "too short" in str(ack.problem)
