"""The whole job on a simulated organisation of Zoho CRM: the command, its settings, HTTP."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from small_company import AT, LINES, adapter_on, claim, job_on, line, march
from zoho_bench import ZohoBench
from zoho_company import ZohoCompany

from crm_expenses.adapters.contract import ClaimResult, Result, ReturnResult
from crm_expenses.adapters.memory import MemoryCrm
from crm_expenses.core.claim import ClaimStatus, ExpenseLine
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.record import Kind
from crm_expenses.pipeline import sync

BRISK: Final = {"settle_seconds": 0, "overlap_seconds": 0}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[ZohoCompany]:
    """The small company in an organisation of its own."""
    bench = ZohoBench(tmp_path)
    made = ZohoCompany(tmp_path / "company", bench)
    bench.seed(made.records())
    yield made
    bench.close()


# --- from nothing ---


def test_a_sync_decides_as_with_any_other_crm(company: ZohoCompany, tmp_path: Path) -> None:
    """What stands in Zoho after the command is what stands in the CRM in memory."""
    company.bench.break_record(Kind.LINE)
    run = company.sync()
    assert run["pulled"]["set_aside"] == 1
    crm = MemoryCrm()
    for record in company.records():
        crm.put(company.bench.kept(record))
    (tmp_path / "memory").mkdir()
    with job_on(tmp_path / "memory", adapter_on(crm)) as job:
        roles = {"finance": (company.id(Kind.ACCOUNT_MANAGER, "P9"),)}
        own = replace(job, settings=replace(job.settings, roles=roles))
        while sync(own, AT).changes:
            pass
    expected = {known(one) for one in crm.results().values()}
    written = company.bench.written()
    found = {known(one) for one in written if not isinstance(one, ReturnResult)}
    assert len(found) > 20
    assert found == {one for one in expected if not isinstance(one, ReturnResult)}
    figures = {one for one in written if isinstance(one, ReturnResult)}
    assert {one.person for one in figures} >= {company.id(Kind.ACCOUNT_MANAGER, "P1")}
    assert run["pushed"]["sent"] == len(written)


def test_the_second_sync_is_quiet(company: ZohoCompany) -> None:
    """When both sides agree, a run only reads; not even a time of change moves."""
    first = company.sync()
    assert first["pushed"]["sent"] > 20
    before, effects = company.times(), len(company.effects())
    for _ in range(2):
        run = company.sync()
        assert (run["changes"], run["pushed"]["sent"], run["decided"]["claims"]) == (0, 0, 0)
    assert company.times() == before
    assert len(company.effects()) == effects


def test_only_what_is_new_is_read(company: ZohoCompany) -> None:
    """Once the past is past, a run reads what a person changed since, and nothing else."""
    company.own = BRISK
    company.write_settings()
    company.sync()
    company.sync()
    company.bench.later(10)
    company.sync()
    company.bench.later(10)
    assert company.sync()["pulled"]["rows"] == 0
    company.bench.later(10)
    new = (claim(12, "P1"), line("L-12", "gift", "40", march(9)))
    company.bench.seed([company.theirs(one) for one in new])
    edit(company, replace(line_of("L-3"), amount=line_of("L-1a").amount))
    run = company.sync()
    assert (run["pulled"]["rows"], run["pulled"]["changes"]) == (3, 3)
    assert run["decided"]["claims"] == 2
    assert result(company, "C-12").outcome is Outcome.PASS
    assert result(company, "C-3").claimed == line_of("L-1a").amount


# --- edits ---


def test_an_edit_in_the_crm_is_decided_anew(company: ZohoCompany) -> None:
    """A person's edit moves what is allowed and what the budget has; nobody else is told."""
    company.sync()
    edit(company, line("L-2", "lodging", "600", march(4), nights=2, voucher="V-1"))
    run = company.sync()
    assert (run["pulled"]["changes"], run["decided"]["claims"]) == (1, 1)
    assert result(company, "C-2").allowed.amount == 600
    assert run["pushed"]["sent"] == 4
    edit(company, claim(2, "P1", ClaimStatus.PAID))
    company.sync()
    assert result(company, "C-2").state is State.PAID


def test_an_edit_from_here_is_written(company: ZohoCompany) -> None:
    """A field that is changed from here stands in Zoho after a sync, and others are kept."""
    company.sync()
    name, of = company.id(Kind.LINE, "L-3"), company.id(Kind.CLAIM, "C-3")
    company.run("records", "change", "line", name, 'purpose=拜访 "Nordwind"', *by(company))
    company.run("records", "change", "claim", of, "title=Munich", *by(company))
    run = company.sync()
    assert run["pushed"]["refused"] == run["pushed"]["conflicts"] == 0
    changed = replace(line_of("L-3"), purpose='拜访 "Nordwind"')
    assert there(company, Kind.LINE, "L-3") == company.theirs(changed)
    assert company.sync()["changes"] == 0


def test_both_sides_edit(company: ZohoCompany) -> None:
    """Other fields are both kept; for the same field a person is asked, and is obeyed."""
    company.sync()
    name = company.id(Kind.LINE, "L-3")
    company.run("records", "change", "line", name, "purpose=ours", "city=北京", *by(company))
    edit(company, replace(line_of("L-3"), merchant="theirs", city="成都"))
    run = company.sync()
    assert run["clashes"] == 1
    seen = there(company, Kind.LINE, "L-3")
    assert (seen.purpose, seen.merchant, seen.city) == ("ours", "theirs", "成都")
    told = json.loads(company.run("conflicts", "list", *by(company)[:2], "--json"))["conflicts"]
    assert [(one["theirs"], one["ours"]) for one in told] == [("成都", "北京")]
    company.run("conflicts", "resolve", "1", "--take", "ours", *by(company))
    company.sync()
    assert there(company, Kind.LINE, "L-3").city == "北京"
    company.settle()
    assert company.sync()["clashes"] == 0


# --- what is gone ---


def test_what_is_deleted_is_told_by_the_next_sync(company: ZohoCompany) -> None:
    """A line that is deleted is gone with the next sync, and its claim is decided without it."""
    company.sync()
    assert company.bench.delete(Kind.LINE, company.id(Kind.LINE, "L-1b"))
    run = company.sync()
    assert (run["pulled"]["gone"], run["decided"]["claims"]) == (1, 1)
    assert result(company, "C-1").claimed.amount == 120
    assert company.sync("--full")["changes"] == 0


# --- the rest ---


def test_files_come_and_go(company: ZohoCompany) -> None:
    """A file in Zoho is kept here, one that is attached here is there, each once."""
    content = bytes(range(256)) * 1000
    voucher = company.id(Kind.VOUCHER, "V-1")
    company.bench.attach("V-1", "发票 1.pdf", content)
    run = company.sync()
    assert (run["files"]["kept"], run["files"]["bytes"]) == (1, len(content))
    (company.folder / "more.png").write_bytes(b"picture")
    to = ("--crm", "main", "--as", company.id(Kind.ACCOUNT_MANAGER, "P1"))
    company.run("vouchers", "attach", voucher, "more.png", *to)
    company.sync()
    assert company.bench.attached("V-1") == {"发票 1.pdf": content, "more.png": b"picture"}
    company.settle()
    assert len(company.bench.attached("V-1")) == 2
    company.run("vouchers", "save", voucher, "out", *to)
    assert (company.folder / "out" / "发票 1.pdf").read_bytes() == content
    company.run("audit", "verify")


def test_doctor_has_nothing_bad_to_say(company: ZohoCompany) -> None:
    """The organisation answers, each module and field is there, and nothing is written."""
    before = company.times()
    out = company.run("doctor")
    assert company.bench.org.id in out
    assert company.times() == before


def test_no_secret_is_seen(company: ZohoCompany) -> None:
    """Neither output, nor settings, nor store, nor any file but their own holds a secret."""
    company.sync()
    secrets = [one.encode() for one in company.bench.secrets]
    for path in company.folder.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert not any(secret in held for secret in secrets), path.name


def by(company: ZohoCompany) -> tuple[str, ...]:
    """Say who changes something, and why."""
    return "--as", company.id(Kind.ACCOUNT_MANAGER, "P9"), "--why", "typing error"


def known(one: Result) -> Result:
    """Leave out what differs between two CRMs: which version of which record was decided."""
    if isinstance(one, ClaimResult):
        return replace(one, decision="", content_code="")
    return one


def edit(company: ZohoCompany, record: Any) -> None:  # noqa: ANN401  any record
    """Let a person change a record of the small company."""
    company.bench.edit(company.theirs(record))


def there(company: ZohoCompany, kind: Kind, name: str) -> Any:  # noqa: ANN401  any record
    """Give a record as it stands in Zoho, read by an adapter that has seen nothing before."""
    adapter = company.bench.adapter()
    (fact,) = adapter.look(kind, [company.id(kind, name)]).facts
    adapter.close()
    return fact.record


def result(company: ZohoCompany, name: str) -> ClaimResult:
    """Give what stands beside a claim."""
    held = (one for one in company.bench.written() if isinstance(one, ClaimResult))
    return next(one for one in held if one.claim == company.id(Kind.CLAIM, name))


def line_of(name: str) -> ExpenseLine:
    """Give a line of the small company."""
    return next(one for one in LINES if one.id == name)
