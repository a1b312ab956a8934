"""The whole job on a real CRM, by its connection file and the command: to subclass, per CRM."""

import json
import time
from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

from rest_company import RestCompany
from small_company import LINES, ORPHAN, RECORDS, adapter_on, claim, line, march, settled

from crm_expenses.adapters.contract import ClaimResult, Result
from crm_expenses.adapters.memory import MemoryCrm
from crm_expenses.adapters.rest.speckind import ConnectionFile
from crm_expenses.core.claim import ClaimStatus, ExpenseLine
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.record import TYPES, Kind, Record

BY: Final = ("--as", "P9", "--why", "typing error")
BY_ID: Final = {record.id: record for record in LINES}
UNTIL_OLD_SECONDS: Final = 4


def held_by(file: ConnectionFile) -> list[Record]:
    """Give the records of the small company for which a CRM has a place."""
    kinds = tuple(TYPES[kind] for kind in file.kind)
    return [one for one in RECORDS if isinstance(one, kinds) and one.id != ORPHAN.id]


class MainJob(ABC):
    """The tests; a subclass gives the fixture `company`, not yet synced, and its file."""

    file: ClassVar[ConnectionFile]

    @abstractmethod
    def brisk(self) -> str:
        """Give the connection file's text, but that it reads again no minute of the past."""

    # --- from nothing ---

    def test_a_sync_decides_as_with_any_other_crm(
        self, company: RestCompany, tmp_path: Path
    ) -> None:
        """What stands in the CRM after the command is what stands in the CRM in memory."""
        broken = company.bench.break_record(Kind.LINE)
        run = company.sync()
        assert run["pulled"]["set_aside"] == int(broken)
        crm = MemoryCrm()
        for record in held_by(self.file):
            crm.put(company.bench.kept(record))
        (tmp_path / "memory").mkdir()
        settled(tmp_path / "memory", lambda: adapter_on(crm))
        kinds = company_kinds(self.file)
        expected = {one for place, one in crm.results().items() if place[0].value in kinds}
        found = {known(one) for one in company.bench.written()}
        assert len(found) > 20
        assert found == {known(one) for one in expected}
        assert run["pushed"]["sent"] == len(found)

    def test_the_second_sync_is_quiet(self, company: RestCompany) -> None:
        """When both sides agree, a run only reads; not even a time of change moves."""
        first = company.sync()
        assert first["pushed"]["sent"] > 20
        before, effects = company.bench.dump(times=True), len(company.effects())
        for _ in range(2):
            run = company.sync()
            assert (run["changes"], run["pushed"]["sent"], run["decided"]["claims"]) == (0, 0, 0)
        assert company.bench.dump(times=True) == before
        assert len(company.effects()) == effects
        assert run["calls"]["calls"] < first["calls"]["calls"]

    def test_only_what_is_new_is_read(self, company: RestCompany) -> None:
        """Once the past is past, a run reads what a person changed since, and nothing else."""
        (company.folder / "brisk.toml").write_text(self.brisk(), encoding="utf-8")
        company.own = {"connection": "brisk.toml"}
        company.write_settings()
        company.sync()
        company.sync()
        time.sleep(UNTIL_OLD_SECONDS)
        assert company.sync()["pulled"]["rows"] == 0
        company.bench.seed([claim(12, "P1"), line("L-12", "gift", "40", march(9))])
        company.bench.edit(replace(line_of("L-3"), amount=line_of("L-1a").amount))
        run = company.sync()
        assert (run["pulled"]["rows"], run["pulled"]["changes"]) == (3, 3)
        assert run["decided"]["claims"] == 2
        assert result(company, "C-12").outcome is Outcome.PASS
        assert result(company, "C-3").claimed == line_of("L-1a").amount

    # --- edits ---

    def test_an_edit_in_the_crm_is_decided_anew(self, company: RestCompany) -> None:
        """A person's edit moves what is allowed and what the budget has; nobody else is told."""
        company.sync()
        company.bench.edit(line("L-2", "lodging", "600", march(4), nights=2, voucher="V-1"))
        run = company.sync()
        assert (run["pulled"]["changes"], run["decided"]["claims"]) == (1, 1)
        assert result(company, "C-2").allowed.amount == 600
        assert run["pushed"]["sent"] == 4
        company.bench.edit(claim(2, "P1", ClaimStatus.PAID))
        company.sync()
        assert result(company, "C-2").state is State.PAID

    def test_an_edit_from_here_is_written(self, company: RestCompany) -> None:
        """A field that is changed from here stands in the CRM after a sync, and others are kept."""
        company.sync()
        company.run("records", "change", "line", "L-3", 'purpose=拜访 "Nordwind"', *BY)
        company.run("records", "change", "claim", "C-3", "title=Munich", *BY)
        run = company.sync()
        assert run["pushed"]["refused"] == run["pushed"]["conflicts"] == 0
        changed = replace(line_of("L-3"), purpose='拜访 "Nordwind"')
        assert there(company, Kind.LINE, "L-3") == changed
        assert company.sync()["changes"] == 0

    def test_both_sides_edit(self, company: RestCompany) -> None:
        """Other fields are both kept; for the same field a person is asked, and is obeyed."""
        company.sync()
        company.run("records", "change", "line", "L-3", "purpose=ours", "city=北京", *BY)
        company.bench.edit(replace(line_of("L-3"), merchant="theirs", city="成都"))
        run = company.sync()
        assert run["clashes"] == 1
        seen = there(company, Kind.LINE, "L-3")
        assert (seen.purpose, seen.merchant, seen.city) == ("ours", "theirs", "成都")
        told = json.loads(company.run("conflicts", "list", "--as", "P9", "--json"))["conflicts"]
        assert [(one["theirs"], one["ours"]) for one in told] == [("成都", "北京")]
        company.run("conflicts", "resolve", "1", "--take", "ours", *BY)
        company.sync()
        assert there(company, Kind.LINE, "L-3").city == "北京"
        company.settle()
        assert company.sync()["clashes"] == 0

    # --- what is gone ---

    def test_what_is_deleted_is_found_by_a_full_reading(self, company: RestCompany) -> None:
        """A line that is deleted is found when all is read, and its claim is decided without it."""
        company.sync()
        assert company.bench.delete(Kind.LINE, "L-1b")
        assert company.sync()["pulled"]["gone"] == 0
        full = company.sync("--full")
        assert (full["pulled"]["full"]["gone"], full["decided"]["claims"]) == (1, 1)
        assert result(company, "C-1").claimed.amount == 120
        assert company.sync("--full")["changes"] == 0

    # --- the rest ---

    def test_doctor_has_nothing_bad_to_say(self, company: RestCompany) -> None:
        """Signing in is proved, each kind is read, and nothing is written."""
        before = company.bench.dump(times=True)
        out = company.run("doctor")
        assert self.file.connection.title in out
        assert company.bench.dump(times=True) == before


class FilesJob:
    """The job with files of vouchers, for a CRM that keeps them."""

    def test_files_come_and_go(self, company: RestCompany) -> None:
        """A file in the CRM is kept here, one that is attached here is there, each once."""
        content = bytes(range(256)) * 1000
        company.bench.attach("V-1", "发票 1.pdf", content)
        run = company.sync()
        assert (run["files"]["kept"], run["files"]["bytes"]) == (1, len(content))
        (company.folder / "more.png").write_bytes(b"picture")
        company.run("vouchers", "attach", "V-1", "more.png", "--crm", "main", "--as", "P1")
        company.sync()
        assert company.bench.attached("V-1") == {"发票 1.pdf": content, "more.png": b"picture"}
        company.settle()
        assert len(company.bench.attached("V-1") or {}) == 2
        company.run("vouchers", "save", "V-1", "out", "--crm", "main", "--as", "P1")
        assert (company.folder / "out" / "发票 1.pdf").read_bytes() == content
        company.run("audit", "verify")


def company_kinds(file: ConnectionFile) -> set[str]:
    """Give the kinds of results that a CRM takes."""
    taken = {Kind.CLAIM: "claim_result", Kind.LINE: "line_result", Kind.BUDGET: "budget_result"}
    return {
        name for kind, name in taken.items() if kind in file.kind and file.kind[kind].results.fields
    }


def known(one: Result) -> Result:
    """Leave out what differs between two CRMs: which version of which record was decided."""
    if isinstance(one, ClaimResult):
        return replace(one, decision="", content_code="")
    return one


def there(company: RestCompany, kind: Kind, name: str) -> Any:  # noqa: ANN401  any record
    """Give a record as it stands in the CRM, read by an adapter that has seen nothing before."""
    adapter = company.bench.adapter()
    (fact,) = adapter.look(kind, [name]).facts
    adapter.close()
    return fact.record


def result(company: RestCompany, name: str) -> ClaimResult:
    """Give what stands beside a claim."""
    held = (one for one in company.bench.written() if isinstance(one, ClaimResult))
    return next(one for one in held if one.claim == name)


def line_of(name: str) -> ExpenseLine:
    """Give a line of the small company."""
    return BY_ID[name]
