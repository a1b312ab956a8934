"""Odoo's connection file against an imitation of its JSON-2 API."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from like_odoo import LikeOdoo
from likecrms import (
    KEY,
    Served,
    acks,
    claim_write,
    now,
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

OLD = datetime(2026, 11, 3, 4, 5, 6, 789_000, tzinfo=UTC)


def expense(crm: LikeOdoo, key: int, **more: object) -> None:
    """Put an expense there."""
    fields: dict[str, object] = {
        "employee_id": [3, "Ann Lee"], "state": "submitted", "name": "Dinner", "date": "2026-11-01",
        "product_id": [8, "Meals"], "total_amount_currency": 123.45, "currency_id": [1, "EUR"],
        "payment_mode": "own_account", "x_check_account_id": [21, "Acme"], "write_date": OLD,
    }  # fmt: skip
    crm.add("hr.expense", key, **{**fields, **more})


@pytest.fixture
def crm() -> LikeOdoo:
    """A company with two people, a customer, deals, and five expenses of one second."""
    made = LikeOdoo()
    made.add("hr.employee", 3, name="Ann Lee", department_id=[2, "Sales"], parent_id=[4, "Bo"])
    made.add("hr.employee", 4, name="Bo", job_title="Lead")
    made.add("res.partner", 21, name="Acme", is_company=True, x_check_owner_id=[3, "Ann Lee"])
    made.add("res.partner", 22, name="A person", is_company=False)
    deal = {
        "type": "opportunity", "x_check_owner_id": [3, "Ann"], "company_currency": [1, "EUR"],
        "partner_id": [21, "Acme"], "expected_revenue": 1200.0,
    }  # fmt: skip
    made.add("crm.lead", 31, name="Big", won_status="pending", **deal)
    made.add("crm.lead", 32, name="Lost", won_status="lost", active=False, **deal)
    made.add("crm.lead", 33, name="Cold", **{**deal, "type": "lead"})
    for key in range(41, 46):
        expense(made, key)
    return made


@pytest.fixture
def server(crm: LikeOdoo) -> Iterator[Served]:
    """The imitation, served."""
    with served(crm) as made:
        yield made


@pytest.fixture
def adapter(server: Served, tmp_path: Path) -> RestAdapter:
    """Odoo's connection, two records a page."""
    return small_pages(opened(tmp_path, "odoo", "api_key", url=server.url, database="crm"))


def test_doctor_signs_in_and_reads_every_kind(adapter: RestAdapter) -> None:
    """The probe names the user; every kind is read, and nothing is bad."""
    told = adapter.check()
    assert not [one.problem.describe() for one in told if one.level is Level.BAD]
    assert "Odoo knows who signs in" in told[0].problem.describe()


def test_all_kinds_over_several_pages(adapter: RestAdapter) -> None:
    """People, companies, deals (lost ones, too), and each expense as a claim with its line."""
    people = pulled(adapter, Kind.ACCOUNT_MANAGER).records
    assert people["3"] == AccountManager("3", "Ann Lee", team="Sales", manager="4")
    assert people["4"] == AccountManager("4", "Bo", grade="Lead")
    accounts = pulled(adapter, Kind.ACCOUNT).records
    assert accounts == {"21": Account("21", "Acme", owner="3", since=date(2026, 11, 2))}
    deals = pulled(adapter, Kind.OPPORTUNITY).records
    assert {key: deal.stage for key, deal in deals.items() if isinstance(deal, Opportunity)} == {
        "31": Stage.OPEN, "32": Stage.LOST,
    }  # fmt: skip
    claims, lines = pulled(adapter, Kind.CLAIM), pulled(adapter, Kind.LINE)
    assert (claims.pages >= 3, len(claims.records), claims.aside) == (True, 5, {})
    claim, line = claims.records["41"], lines.records["41"]
    assert isinstance(claim, Claim)
    assert (claim.person, claim.status, claim.title) == ("3", ClaimStatus.SUBMITTED, "Dinner")
    assert claim.submitted.isoformat() == "2026-11-02T09:02:03+08:00"
    assert isinstance(line, ExpenseLine)
    assert (line.claim, line.category, line.account) == ("41", "Meals", "21")
    assert (line.date, line.amount) == (date(2026, 11, 1), Money(12_345, "EUR"))
    assert (line.merchant, line.opportunity, line.city) == ("", "", "")


def test_what_changed_comes_and_nothing_of_one_second_is_lost(
    adapter: RestAdapter, crm: LikeOdoo, server: Served
) -> None:
    """The filter is sent as Odoo wants it, in UTC without a zone."""
    first = pulled(adapter, Kind.CLAIM)
    expense(crm, 43, state="approved", write_date=now())
    server.asked.clear()
    second = pulled(adapter, Kind.CLAIM, first.cursor)
    assert {key: claim.status for key, claim in second.records.items()} == {"43": "approved"}
    ((name, sign, value),) = server.asked[0].body["domain"]
    assert (name, sign) == ("write_date", ">=")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value)


def test_a_result_is_written_once(adapter: RestAdapter, crm: LikeOdoo, server: Served) -> None:
    """The fields beside the expense get the result; a repetition sends nothing."""
    version = version_of(adapter, Kind.CLAIM, "42")
    write = claim_write("42", version)
    assert acks(adapter, write)[0].state is AckState.DONE
    held = crm.models["hr.expense"][42]
    assert (held["x_check_outcome"], held["x_check_allowed"]) == ("reduced", "100.50")
    assert (held["x_check_currency"], held["x_check_code"]) == ("EUR", "c0de")
    assert held["x_check_approved"] is False
    server.asked.clear()
    assert acks(adapter, write)[0].state is AckState.DONE
    assert not [one for one in server.asked if one.path.endswith("/write")]


def test_what_a_person_changed_meanwhile_is_a_conflict(adapter: RestAdapter, crm: LikeOdoo) -> None:
    """A result that rests on what was there before is not written."""
    version = version_of(adapter, Kind.CLAIM, "42")
    expense(crm, 42, name="Dinner for two")
    assert acks(adapter, claim_write("42", version))[0].state is AckState.CONFLICT


def test_its_errors(adapter: RestAdapter, crm: LikeOdoo) -> None:
    """A rule of Odoo's is a refusal in its words, without the traceback; a deleted one is gone."""
    crm.refuse = "Only draft expenses can have a total of 0."
    ack, missing = acks(adapter, claim_write("42"), claim_write("99"))
    assert (ack.state, missing.state) == (AckState.REFUSED, AckState.REFUSED)
    assert ack.problem is not None
    assert crm.refuse in ack.problem.describe()
    assert "Traceback" not in ack.problem.describe()
    assert adapter.look(Kind.CLAIM, ["no-number"]).gone[0].origin.record == "no-number"


def test_who_is_not_signed_in_reads_nothing(server: Served, tmp_path: Path) -> None:
    """A wrong key is told as one, and no other secret stands in what is told."""
    options = {"url": server.url, "database": "crm"}
    stranger = opened(tmp_path, "odoo", "api_key", key="wrong", **options)
    with pytest.raises(AuthError) as caught:
        pulled(stranger, Kind.CLAIM)
    assert "wrong" not in caught.value.describe()
    (told,) = (one for one in stranger.check() if one.level is Level.BAD)
    assert KEY not in told.problem.describe()


def test_a_field_that_there_is_not_is_no_passing_failure(server: Served, tmp_path: Path) -> None:
    """Odoo answers 500 to it; repeating does not help, and the message names the field."""
    options = {"url": server.url, "database": "crm"}
    adapter = opened(tmp_path, "odoo", "api_key", **options)
    source = adapter.sources[Kind.CLAIM]
    object.__setattr__(source, "asked", (*source.asked, "x_no_such"))
    with pytest.raises(ConfigError) as caught:
        pulled(adapter, Kind.CLAIM)
    assert "x_no_such" in caught.value.describe()


def test_money_is_exact(adapter: RestAdapter, crm: LikeOdoo) -> None:
    """Floats are read to the third decimal, which is what the finest currency has."""
    for key, amount, code in ((51, 0.1 + 0.2, "EUR"), (52, 1200.0, "JPY"), (53, 1.235, "KWD")):
        expense(crm, key, total_amount_currency=amount, currency_id=[9, code])
    lines = pulled(adapter, Kind.LINE).records
    amounts = [lines[str(key)].amount.amount for key in (51, 52, 53)]
    assert amounts == [Decimal("0.30"), Decimal(1200), Decimal("1.235")]
