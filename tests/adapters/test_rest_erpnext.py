"""ERPNext's connection file against an imitation of Frappe's REST API."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from like_erpnext import LikeErpNext
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

from crm_expenses.adapters.contract import AckState, Level
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import Kind
from crm_expenses.errors import AuthError, ConfigError

OLD = "2026-11-03 04:05:06.789000"
CLAIM = "HR-EXP-2026-00001"


@pytest.fixture
def crm() -> LikeErpNext:
    """A company with two people, a customer, a deal, and a claim of three rows."""
    made = LikeErpNext()
    made.add("Employee", "HR-EMP-1", OLD, employee_name="Ann Lee", reports_to="HR-EMP-2", grade="B")
    made.add("Employee", "HR-EMP-2", OLD, employee_name="Bo", relieving_date="2026-12-31")
    made.add("Customer", "Acme & Sons", OLD, customer_name="Acme", custom_expense_owner="HR-EMP-1")
    deal = {"custom_expense_owner": "HR-EMP-1", "opportunity_amount": 1200.5, "currency": "EUR"}
    made.add("Opportunity", "CRM-OPP-1", OLD, title="Big", status="Quotation", **deal)
    made.add("Opportunity", "CRM-OPP-2", OLD, title="Won", status="Converted", **deal)
    made.add("Expense Claim", CLAIM, OLD, employee="HR-EMP-1", status="Draft", remark="Trip")
    made.add("Expense Claim", "HR-EXP-2026-00002", OLD, employee="HR-EMP-2", status="Unpaid")
    row = {"parent": CLAIM, "expense_date": "2026-11-01", "custom_customer": "Acme & Sons"}
    for key, amount in (("r1", 0.1 + 0.2), ("r2", 123.45), ("r3", 7)):
        made.add("Expense Claim Detail", key, OLD, expense_type="Meals", amount=amount, **row)
    return made


@pytest.fixture
def server(crm: LikeErpNext) -> Iterator[Served]:
    """The imitation, served."""
    with served(crm) as made:
        yield made


def connected(folder: Path, url: str, **more: str) -> RestAdapter:
    """Open ERPNext's connection."""
    options = {"url": url, "site_timezone": "Asia/Kolkata", "currency": "EUR", **more}
    return opened(folder, "erpnext", "api_token", **options)


@pytest.fixture
def adapter(server: Served, tmp_path: Path) -> RestAdapter:
    """ERPNext's connection, two records a page."""
    return small_pages(connected(tmp_path, server.url))


def test_doctor_signs_in_and_reads_every_kind(adapter: RestAdapter) -> None:
    """The probe names the user; every kind is read, and nothing is bad."""
    told = adapter.check()
    assert not [one.problem.describe() for one in told if one.level is Level.BAD]


def test_all_kinds_over_several_pages(adapter: RestAdapter) -> None:
    """People, customers, deals, claims in the site's zone, and their rows."""
    people = pulled(adapter, Kind.ACCOUNT_MANAGER).records
    assert people["HR-EMP-1"] == AccountManager(
        "HR-EMP-1", "Ann Lee", grade="B", manager="HR-EMP-2"
    )
    accounts = pulled(adapter, Kind.ACCOUNT).records
    expected = Account("Acme & Sons", "Acme", owner="HR-EMP-1", since=date(2026, 11, 2))
    assert accounts == {"Acme & Sons": expected}
    deals = pulled(adapter, Kind.OPPORTUNITY).records.values()
    stages = [(deal.stage, deal.amount) for deal in deals if isinstance(deal, Opportunity)]
    assert stages == [(Stage.OPEN, Money(120_050, "EUR")), (Stage.WON, Money(120_050, "EUR"))]
    claim = pulled(adapter, Kind.CLAIM).records[CLAIM]
    assert isinstance(claim, Claim)
    assert claim.submitted.isoformat() == "2026-11-02T09:02:03.000001+08:00"
    assert (claim.person, claim.status) == ("HR-EMP-1", ClaimStatus.SUBMITTED)
    lines = pulled(adapter, Kind.LINE)
    assert (len(lines.records), lines.aside) == (3, {})
    line = lines.records["r1"]
    assert isinstance(line, ExpenseLine)
    assert (line.claim, line.amount, line.account) == (CLAIM, Money(30, "EUR"), "Acme & Sons")


def test_what_changed_comes_in_the_zone_of_the_site(
    adapter: RestAdapter, crm: LikeErpNext, server: Served
) -> None:
    """A claim that was approved comes again; the other, unchanged, does not."""
    first = pulled(adapter, Kind.CLAIM)
    crm.add("Expense Claim", CLAIM, status="Unpaid")
    server.asked.clear()
    second = pulled(adapter, Kind.CLAIM, first.cursor)
    assert [*second.records] == [CLAIM]
    assert "modified" in server.asked[0].one("filters")


def test_results_of_claim_and_line_are_written_once(
    adapter: RestAdapter, crm: LikeErpNext, server: Served
) -> None:
    """Fields beside the claim and beside its row; a repetition sends nothing."""
    write = claim_write(CLAIM, version_of(adapter, Kind.CLAIM, CLAIM))
    line = line_write("r2", CLAIM)
    assert [ack.state for ack in acks(adapter, write, line)] == [AckState.DONE, AckState.DONE]
    held, row = crm.types["Expense Claim"][CLAIM], crm.types["Expense Claim Detail"]["r2"]
    assert (held["custom_check_outcome"], held["custom_check_allowed"]) == ("reduced", "100.50")
    assert (row["custom_check_claimed"], row["custom_check_currency"]) == ("123.45", "EUR")
    server.asked.clear()
    assert [ack.state for ack in acks(adapter, write, line)] == [AckState.DONE, AckState.DONE]
    assert not server.writes()


def test_who_comes_in_between_is_a_conflict(
    adapter: RestAdapter, crm: LikeErpNext, server: Served
) -> None:
    """The `modified` that was read goes along, and Frappe refuses what is older."""
    version = version_of(adapter, Kind.CLAIM, CLAIM)
    crm.meddled = "2026-11-30 01:01:01.000000"
    assert acks(adapter, claim_write(CLAIM, version))[0].state is AckState.CONFLICT
    assert server.writes()[0].body["modified"] == OLD
    crm.meddled = ""
    crm.add("Expense Claim", CLAIM, remark="Another trip")
    assert acks(adapter, claim_write(CLAIM, version))[0].state is AckState.CONFLICT


def test_its_errors(adapter: RestAdapter, crm: LikeErpNext, server: Served, tmp_path: Path) -> None:
    """A 417 is a refusal in its words; a field that was not made is told; a stranger is one."""
    crm.refuse = "Expense Approver is mandatory"
    ack, missing = acks(adapter, claim_write(CLAIM), claim_write("HR-EXP-0"))
    assert (ack.state, missing.state) == (AckState.REFUSED, AckState.REFUSED)
    assert ack.problem is not None
    assert crm.refuse in ack.problem.describe()
    assert "Traceback" not in ack.problem.describe()
    with pytest.raises(AuthError):
        pulled(connected(tmp_path, server.url, key="wrong"), Kind.CLAIM)
    source = adapter.sources[Kind.CLAIM]
    object.__setattr__(source, "asked", (*source.asked, "custom_none"))
    with pytest.raises(ConfigError) as caught:
        pulled(adapter, Kind.CLAIM)
    assert "custom_none" in caught.value.describe()


def test_a_field_that_was_not_made_is_told(adapter: RestAdapter, crm: LikeErpNext) -> None:
    """Frappe drops what it does not know without a word: the answer shows that it is not there."""
    crm.forgets = "custom_check_policy"
    (ack,) = acks(adapter, claim_write(CLAIM))
    assert ack.problem is not None
    assert (ack.state, ack.problem.values["fields"]) == (AckState.REFUSED, "custom_check_policy")
