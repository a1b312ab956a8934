"""An adapter from a package of its own, really built and installed, over real HTTP."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_company import RECORDS, UNREADABLE, adapter_on, settled, synced
from tiny_bench import TOKEN, TinyBench, claim_result, line_result, save
from tiny_company import EXAMPLE, SOURCE, TinyCompany, install
from tiny_crm import open_adapter
from tiny_crm.mapping import OBJECTS

from crm_expenses.adapters.contract import Opening, ResultKind
from crm_expenses.adapters.memory import MemoryCrm
from crm_expenses.core.record import TYPES, Kind
from crm_expenses.errors import AdapterError, AuthError, RetryableError
from crm_expenses.testing.tinycrm import TinyCrm
from crm_expenses.testing.tinyserver import Failing, TinyServer

READ = tuple(TYPES[kind] for kind in OBJECTS)
HERE = [record for record in RECORDS if isinstance(record, READ)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the example's wheel is installed."""
    return install(tmp_path_factory.mktemp("outside"))


@pytest.fixture
def server() -> Iterator[TinyServer]:
    """A server with the small company, one of whose lines cannot be read."""
    crm = TinyCrm()
    for record in HERE:
        save(crm, record)
        if record.id == "L-1b":
            bad = {"report": "C-1", "day": "2026-03-02", "category": "gift"}
            crm.put("items", {**bad, "id": UNREADABLE["id"], "amount": UNREADABLE["amount"]})
    with TinyServer(crm, token=TOKEN) as server:
        yield server
    crm.close()


@pytest.fixture
def company(tmp_path: Path, server: TinyServer, site: Path) -> TinyCompany:
    """The company of that server."""
    return TinyCompany(tmp_path / "company", server, site)


@pytest.mark.timeout(600)
def test_the_package_passes_its_own_tests(site: Path, tmp_path: Path) -> None:
    """The shipped suite, run from the package's own test file, has nothing to say against it."""
    for path in (EXAMPLE / "tests").glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), encoding="utf-8")
    (tmp_path / "test_home.py").write_text(
        "import tiny_crm\n\ndef test_home():\n"
        f"    assert tiny_crm.__file__.startswith({str(site)!r})\n",
        encoding="utf-8",
    )
    path = os.pathsep.join((str(site), str(SOURCE)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "failed" not in done.stdout


def test_a_sync_decides_as_with_any_other_crm(company: TinyCompany, tmp_path: Path) -> None:
    """What stands in the CRM after the command is what stands in the CRM in memory."""
    run = company.sync()
    assert run["pulled"]["set_aside"] == 1
    crm = MemoryCrm()
    for record in HERE:
        crm.put(record)
    (tmp_path / "memory").mkdir()
    settled(tmp_path / "memory", lambda: adapter_on(crm))
    expected = crm.results()
    held = company.server.crm
    reports = [i for i in held.changed("reports", "", "", 99) if "claim_result" in i.keys]
    items = [i for i in held.changed("items", "", "", 99) if "line_result" in i.keys]
    found = {(ResultKind.CLAIM_RESULT, i.id): claim_result(i) for i in reports}
    lines = {(ResultKind.LINE_RESULT, i.id): line_result(i) for i in items}
    assert len(found) > 8
    assert len(lines) > 8
    both = {**found, **lines}
    assert both == {place: expected[place] for place in both}
    beside = {place for place in expected if place[0] is not ResultKind.BUDGET_RESULT}
    assert both.keys() == beside


@pytest.fixture
def bench() -> Iterator[TinyBench]:
    """The small company in a server of its own, for the adapter in this process."""
    bench = TinyBench()
    bench.seed(HERE)
    yield bench
    bench.close()


def test_a_second_sync_writes_nothing(bench: TinyBench, tmp_path: Path) -> None:
    """When both sides agree, a run calls the CRM only to read."""
    settled(tmp_path, bench.adapter)
    before = bench.crm.dump()
    batches = bench.server.counts["POST /api/batch"]
    run = synced(tmp_path, bench.adapter())
    assert run.changes == run.pushed.sent == 0
    assert bench.server.counts["POST /api/batch"] == batches
    assert bench.crm.dump() == before


@pytest.mark.parametrize("how", [Failing.LOST_AFTER, Failing.CUT, Failing.HTML, Failing.HIDDEN])
def test_an_answer_that_is_lost_is_read_back(
    bench: TinyBench, tmp_path: Path, how: Failing
) -> None:
    """Whatever becomes of the answer to a batch, each result acts once, at the next run."""
    bench.server.fail("POST /api/batch", how)
    first = synced(tmp_path, bench.adapter())
    assert first.pushed.unknown > 0
    settled(tmp_path, bench.adapter)
    effects = bench.crm.effects()
    assert len(set(effects)) == len(effects)
    assert {slot for _, _, slot, _ in effects} >= {"claim_result", "line_result"}


@pytest.mark.parametrize(
    ("how", "error"),
    [
        (Failing.BUSY, RetryableError),
        (Failing.BROKEN, RetryableError),
        (Failing.HTML, RetryableError),
        (Failing.HIDDEN, RetryableError),
        (Failing.EXPIRED, AuthError),
    ],
)
def test_a_crm_that_says_no_ends_the_run(
    bench: TinyBench, tmp_path: Path, how: Failing, error: type[AdapterError]
) -> None:
    """A CRM that stays busy, fails or does not know us ends the run with an error of its class."""
    bench.server.fail("GET /api/records/customers", how, times=4)
    with pytest.raises(error) as caught:
        synced(tmp_path, bench.adapter())
    assert TOKEN not in caught.value.describe()
    bench.server.heal()
    assert synced(tmp_path, bench.adapter()).pushed.sent > 0


def test_a_passing_failure_is_not_noticed(bench: TinyBench, tmp_path: Path) -> None:
    """A reading that fails once is repeated, and nobody hears of it."""
    for how in (Failing.LOST_BEFORE, Failing.BROKEN, Failing.CUT):
        bench.server.fail("GET /api/records/items", how)
    assert synced(tmp_path, bench.adapter()).pulled.set_aside == 0


def test_a_name_of_the_settings_is_read(tmp_path: Path) -> None:
    """A field that the settings name is read instead of the adapter's own."""
    bench = TinyBench()
    bench.seed(HERE)
    (held,) = bench.crm.found("items", ["L-5"])
    bench.crm.put("items", {**held.fields, "merchant": "gift", "category": "nothing"})
    names = {Kind.LINE: {"category": "merchant"}}
    synced(tmp_path, open_adapter(Opening("main", bench.options, fields=names)))
    (item,) = bench.crm.found("items", ["L-5"])
    assert item.fields["check_outcome"] == "pass"
    bench.close()


def test_doctor_holds_the_fields_against_the_crm(company: TinyCompany) -> None:
    """Fields that fit are good; a name of the settings that the CRM lacks is told with the nearest.

    One of another type, too.
    """
    assert "items in main (line): all 28 fields that are mapped" in company.run("doctor")
    wrong = TinyCompany(
        company.folder.parent / "wrong",
        company.server,
        company.site,
        more='[crm.main.fields.line]\ncity = "citty"\ndistance = "asked_before"\n',
    )
    out = wrong.run("doctor", code=2)
    assert "no field citty" in out
    assert "Near to it: city" in out
    assert "asked_before of items" in out
    typo = TinyCompany(
        company.folder.parent / "typo",
        company.server,
        company.site,
        more='[crm.main.fields.line]\namonut = "total"\n',
    )
    assert "Did you mean amount?" in typo.run("doctor", code=2)


def test_it_is_the_installed_package_that_runs(company: TinyCompany, tmp_path: Path) -> None:
    """Without the installed package there is no such adapter."""
    company.site = tmp_path / "empty"
    with company.start("sync") as child:
        _, error = child.communicate(timeout=60)
    assert child.returncode == 2
    assert "tiny" in error
