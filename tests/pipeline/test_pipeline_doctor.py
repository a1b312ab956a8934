"""Diagnoses of settings, policy, store and CRM, each part broken in turn."""

import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest
from small_company import AT, POLICY, filled

from crm_expenses.adapters.contract import Adapter, Diagnosis, Level, Opening
from crm_expenses.adapters.memory import Failure, Fault, MemoryAdapter, MemoryCrm, Step
from crm_expenses.core.record import Kind
from crm_expenses.errors import AuthError, RetryableError
from crm_expenses.messages import LANGUAGES
from crm_expenses.messages import fields as unfilled
from crm_expenses.pipeline import open_job, sync
from crm_expenses.pipeline.doctor import diagnose
from crm_expenses.settings import load_settings
from servers import Server

SETTINGS: Final = """
[company]
name = "Small"
timezone = "Asia/Shanghai"

[policy]
file = "policy.toml"

[store]
file = "store.sqlite3"

[crm.main]
adapter = "small"

[crm.away]
adapter = "small"
fails = "away"

[crm.shut]
adapter = "small"
fails = "shut"
"""


class Failing(MemoryAdapter):
    """A CRM that cannot even be looked at."""

    def check(self) -> list[Diagnosis]:
        """Fail as the connection's name says."""
        if self.name == "away":
            raise RetryableError("crm.unavailable", crm=self.name, detail="no route")
        raise AuthError("crm.auth", crm=self.name)


@pytest.fixture
def crm() -> MemoryCrm:
    """The CRM of the small company."""
    return filled(MemoryCrm())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crm: MemoryCrm) -> Path:
    """Settings and policy, with three connections to CRMs of an installed plug-in."""
    info = tmp_path / "plug_ins" / "small_crm-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: small-crm\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[crm_expenses.adapters]\nsmall = small_crm:make\n")
    monkeypatch.syspath_prepend(str(info.parent))
    module = ModuleType("small_crm")

    def make(opening: Opening) -> Adapter:
        made = Failing if opening.options else MemoryAdapter
        return made(opening.name, crm)

    vars(module)["make"] = make
    monkeypatch.setitem(sys.modules, "small_crm", module)
    home = tmp_path / "home"
    home.mkdir()
    (home / "crm_expenses.toml").write_text(SETTINGS, encoding="utf-8")
    (home / "policy.toml").write_text(POLICY, encoding="utf-8")
    return home


def found(folder: Path, crm: str | None = "main") -> dict[str, Diagnosis]:
    """Look at everything; every diagnosis is a whole sentence in both languages."""
    diagnoses = list(diagnose(folder / "crm_expenses.toml", crm))
    for one in diagnoses:
        said = [one.problem.describe(language) for language in LANGUAGES]
        assert said[0] != said[1]
        assert not unfilled("".join(said))
    return {one.problem.code: one for one in diagnoses}


def levels(diagnoses: Mapping[str, Diagnosis]) -> dict[str, Level]:
    """Give the level of each code."""
    return {code: one.level for code, one in diagnoses.items()}


def run(folder: Path) -> None:
    """Sync once."""
    with open_job(load_settings(folder / "crm_expenses.toml"), "main") as job:
        sync(job, AT)


def test_before_the_first_run(folder: Path) -> None:
    """All is well, there is no store yet, and none is made."""
    assert levels(found(folder)) == {
        "doctor.settings": Level.GOOD,
        "doctor.policy": Level.GOOD,
        "doctor.store_none": Level.GOOD,
        "memory.good": Level.GOOD,
        "doctor.approvals_plain_field": Level.GOOD,
    }
    assert not (folder / "store.sqlite3").exists()


def test_after_a_run(folder: Path) -> None:
    """The store is whole, its log holds together, and what is set aside is to look at."""
    run(folder)
    before = (folder / "store.sqlite3").read_bytes()
    diagnoses = found(folder)
    assert levels(diagnoses) == {
        "doctor.settings": Level.GOOD,
        "doctor.policy": Level.GOOD,
        "doctor.store": Level.GOOD,
        "doctor.log": Level.GOOD,
        "doctor.set_aside": Level.WARNING,
        "memory.good": Level.GOOD,
        "doctor.approvals_plain_field": Level.GOOD,
    }
    # A row that cannot be read, and a line without a claim.
    assert diagnoses["doctor.set_aside"].problem.values["rows"] == "2"
    assert (folder / "store.sqlite3").read_bytes() == before


def test_results_that_wait_or_were_refused(
    folder: Path, crm: MemoryCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the CRM refused, and what did not get through, is counted."""
    faults = [Fault(Step.WRITE, 1, Failure.REFUSED), Fault(Step.WRITE, 2, Failure.LOST_BEFORE)]
    adapter = MemoryAdapter("main", crm, faults=faults)
    monkeypatch.setattr(sys.modules["small_crm"], "make", lambda opening: adapter)
    run(folder)
    diagnoses = found(folder)
    assert diagnoses["doctor.refused"].problem.values["results"] == "1"
    assert diagnoses["doctor.to_send"].problem.values["results"] == "1"
    assert {diagnoses[f"doctor.{code}"].level for code in ("refused", "to_send")} == {Level.WARNING}


def test_a_log_that_was_changed(folder: Path) -> None:
    """An entry of the log that somebody changed is bad, and is named."""
    run(folder)
    with closing(sqlite3.connect(folder / "store.sqlite3")) as store, store:
        store.execute("UPDATE audit SET body = CAST('another' AS BLOB) WHERE number = 2")
    diagnosis = found(folder)["doctor.log_broken"]
    assert diagnosis.level is Level.BAD
    assert diagnosis.problem.values["entry"] == "2"


def test_a_store_that_is_none(folder: Path) -> None:
    """A file that is no store, and a folder in its place, are bad; the rest is looked at."""
    (folder / "store.sqlite3").write_bytes(b"not a database, " * 100)
    diagnoses = found(folder)
    assert diagnoses["store.open"].level is Level.BAD
    assert "memory.good" in diagnoses
    (folder / "store.sqlite3").unlink()
    (folder / "store.sqlite3").mkdir()
    assert found(folder)["store.open"].level is Level.BAD


def test_a_store_that_cannot_be_made(folder: Path) -> None:
    """A store in a folder that is not there is bad, with what to do."""
    settings = folder / "crm_expenses.toml"
    settings.write_text(SETTINGS.replace("store.sqlite3", "none/store.sqlite3"), encoding="utf-8")
    assert found(folder)["doctor.store_nowhere"].level is Level.BAD
    assert not (folder / "none").exists()


def test_a_policy_with_mistakes_hides_nothing(folder: Path) -> None:
    """Every mistake of the policy is told, and store and CRM are looked at all the same."""
    bad = POLICY.replace('kind = "limit"', 'kind = "limt"')
    (folder / "policy.toml").write_text(bad, encoding="utf-8")
    diagnoses = list(diagnose(folder / "crm_expenses.toml", "main"))
    wrong = [one for one in diagnoses if one.level is Level.BAD]
    assert len(wrong) == POLICY.count('kind = "limit"')
    assert {"doctor.store_none", "memory.good"} <= {one.problem.code for one in diagnoses}


def test_crms_that_cannot_be_looked_at(folder: Path) -> None:
    """A CRM that is away or does not let us in is bad, and the others are looked at."""
    diagnoses = found(folder, None)
    assert {code for code, one in diagnoses.items() if one.level is Level.BAD} == {
        "crm.unavailable",
        "crm.auth",
    }
    assert diagnoses["memory.good"].problem.values["crm"] == "main"
    assert "away, shut" in diagnoses["doctor.settings"].problem.values["crms"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("[crm.main]", "[crm.other]"), "settings.no_crm"),
        (("Asia/Shanghai", "Asia/Shanhai"), "settings.timezone"),
        (('adapter = "small"\n\n[crm.away]', "\n[crm.away]"), "settings.no_adapter"),
    ],
)
def test_settings_that_are_wrong(folder: Path, change: tuple[str, str], code: str) -> None:
    """Wrong settings are all that can be told."""
    settings = folder / "crm_expenses.toml"
    settings.write_text(SETTINGS.replace(*change), encoding="utf-8")
    assert levels(found(folder)) == {code: Level.BAD}


def test_an_adapter_that_is_not_installed(folder: Path) -> None:
    """An adapter of an unknown kind is bad for its connection."""
    settings = folder / "crm_expenses.toml"
    changed = SETTINGS.replace('adapter = "small"\n\n[crm.away]', 'adapter = "smal"\n\n[crm.away]')
    settings.write_text(changed, encoding="utf-8")
    assert found(folder)["registry.unknown"].level is Level.BAD


def test_no_settings_and_no_crm(folder: Path) -> None:
    """No file is bad; settings that connect nothing are something to look at."""
    assert levels(found(folder / "none")) == {"settings.no_file": Level.BAD}
    settings = folder / "crm_expenses.toml"
    settings.write_text(SETTINGS.partition("[crm.main]")[0], encoding="utf-8")
    assert levels(found(folder, None))["doctor.no_crm"] is Level.WARNING


def test_nothing_is_pulled(folder: Path, crm: MemoryCrm) -> None:
    """A look reads no page and writes nothing into the CRM."""
    before = crm.sequence, len(crm.log)
    found(folder)
    assert (crm.sequence, len(crm.log)) == before
    assert crm.changed(Kind.CLAIM, 0, 1)


def test_a_store_of_an_older_version(folder: Path) -> None:
    """A store that an older version wrote is told of and left as it is."""
    run(folder)
    path = folder / "store.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update meta set value = '1'")
        connection.commit()
    before = path.read_bytes()
    diagnoses = found(folder)
    assert levels(diagnoses)["doctor.store_old"] is Level.WARNING
    assert "doctor.store" not in diagnoses
    assert path.read_bytes() == before


def test_a_store_on_a_server(folder: Path, store_server: Server) -> None:
    """A store on a server is not there, then whole, then out of reach; its password never shows."""
    url = store_server.url(options="?schema=doctor")
    settings = folder / "crm_expenses.toml"
    settings.write_text(SETTINGS.replace('file = "store.sqlite3"', f'url = "{url}"'), "utf-8")
    assert levels(found(folder))["doctor.store_none"] is Level.GOOD
    assert levels(found(folder))["doctor.store_none"] is Level.GOOD  # looking made none
    run(folder)
    diagnoses = found(folder)
    assert levels(diagnoses)["doctor.store"] is Level.GOOD
    assert levels(diagnoses)["doctor.log"] is Level.GOOD
    away = url.replace(f":{store_server.port}/", ":1/")
    settings.write_text(SETTINGS.replace('file = "store.sqlite3"', f'url = "{away}"'), "utf-8")
    diagnoses |= found(folder)
    assert diagnoses["store.away"].level is Level.BAD
    for one in diagnoses.values():
        assert store_server.password not in one.problem.describe("en")
        assert store_server.password not in one.problem.describe("zh")
    assert store_server.password not in repr(load_settings(settings))
    store_server.run("DROP SCHEMA doctor CASCADE")
