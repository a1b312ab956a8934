"""SuiteCRM's connection file against an imitation of its V8 API."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from connectioncases import ConnectionCases
from like_suitecrm import LikeSuite
from likecrms import KEY, Served, acks, claim_write, opened, pulled, served, small_pages

from crm_expenses.adapters.contract import AckState
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import Kind

OLD = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)


def connected(folder: Path, url: str, key: str = KEY) -> RestAdapter:
    """Open SuiteCRM's connection."""
    options = {"url": url, "client_id": "c-1", "currency": "EUR"}
    return opened(folder, "suitecrm", "client_secret", key=key, **options)


class TestSuiteCrm(ConnectionCases):
    """Everything that is true of each, and what is SuiteCRM's own."""

    claim, line = "c1", "l1"

    @pytest.fixture
    def crm(self) -> LikeSuite:
        """People, an account, deals, five claims of one second, a line."""
        made = LikeSuite()
        made.add("Users", "u1", OLD, first_name="Ann", last_name="Lee", reports_to_id="u2")
        made.add("Users", "u2", OLD, first_name="", last_name="Bo", reports_to_id="")
        made.add("Accounts", "a1", OLD, name="Acme", assigned_user_id="u1", industry="Banking")
        deal = {"assigned_user_id": "u1", "account_id": "a1", "amount": "1200.500000"}
        made.add("Opportunities", "o1", OLD, name="Big", sales_stage="Prospecting", **deal)
        won = {"sales_stage": "Closed Won", "date_closed": "2026-10-01"}
        made.add("Opportunities", "o2", OLD, name="Won", **won, **deal)
        for key in range(1, 6):
            fields = {"assigned_user_id": "u1", "claim_status": "submitted", "name": "Trip"}
            made.add("EXP_Claims", f"c{key}", OLD, submitted_at="", **fields)
        line = {"claim_id": "c1", "expense_date": "2026-11-01", "category": "meal"}
        money = {"expense_amount": "123.45", "expense_currency": "EUR"}
        made.add("EXP_Lines", "l1", OLD, name="Dinner", account_id="a1", **money, **line)
        return made

    @pytest.fixture
    def server(self, crm: LikeSuite) -> Iterator[Served]:
        """The imitation, served."""
        with served(crm) as made:
            yield made

    @pytest.fixture
    def adapter(self, server: Served, tmp_path: Path) -> RestAdapter:
        """SuiteCRM's connection, two records a page."""
        return small_pages(connected(tmp_path, server.url))

    def stranger(self, folder: Path, url: str) -> RestAdapter:
        """Open the connection with another secret."""
        return connected(folder, url, "wrong")

    def touch(self, crm: LikeSuite, record: str) -> None:
        """Give a claim another title."""
        crm.add("EXP_Claims", record, name="Another trip")

    def held(self, crm: LikeSuite, kind: Kind, record: str) -> Mapping[str, object]:
        """Read what was written."""
        row = crm.modules["EXP_Claims" if kind is Kind.CLAIM else "EXP_Lines"][record]
        return {name: row[f"check_{name}"] for name in ("outcome", "allowed", "currency")}

    def test_all_kinds_over_several_pages(self, adapter: RestAdapter) -> None:
        """Attributes are unwrapped, names joined, amounts exact."""
        people = pulled(adapter, Kind.ACCOUNT_MANAGER).records
        ann = AccountManager("u1", "Ann Lee", manager="u2")
        assert people == {"u1": ann, "u2": AccountManager("u2", "Bo")}
        account = Account("a1", "Acme", "u1", "Banking", since=date(2026, 11, 2))
        assert pulled(adapter, Kind.ACCOUNT).records == {"a1": account}
        won = pulled(adapter, Kind.OPPORTUNITY).records["o2"]
        assert isinstance(won, Opportunity)
        assert (won.stage, won.amount, won.closed) == (
            Stage.WON, Money(120_050, "EUR"), date(2026, 10, 1),
        )  # fmt: skip
        claims = pulled(adapter, Kind.CLAIM)
        assert (len(claims.records), claims.aside) == (5, {})
        line = pulled(adapter, Kind.LINE).records["l1"]
        assert isinstance(line, ExpenseLine)
        assert (line.claim, line.date) == ("c1", date(2026, 11, 1))
        assert (line.amount, line.account) == (Money(12_345, "EUR"), "a1")

    def test_an_update_has_the_id_in_its_body(
        self, adapter: RestAdapter, crm: LikeSuite, server: Served
    ) -> None:
        """And its refusal is told in SuiteCRM's words."""
        crm.error = "The attribute check_outcome is too long"
        (ack,) = acks(adapter, claim_write("c1"))
        assert ack.state is AckState.REFUSED
        assert "too long" in str(ack.problem)
        sent = server.writes()[-1]
        assert (sent.path, sent.body["data"]["id"]) == ("/legacy/Api/V8/module", "c1")
        assert sent.headers["content-type"] == "application/vnd.api+json"
