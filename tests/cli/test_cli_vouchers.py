"""`vouchers` and `links` as people and scripts run them."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import AT, SETTINGS, said

Capsys = pytest.CaptureFixture[str]
MODULE = "filed_crms"
CODE = """
from datetime import UTC, date, datetime

from crm_expenses.adapters.memory import MemoryAdapter, MemoryCrm
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.party import AccountManager
from crm_expenses.core.voucher import Voucher, VoucherKind

CRMS = {"main": MemoryCrm(), "hr": MemoryCrm()}
main, hr = CRMS["main"], CRMS["hr"]
for number, person in ((1, "P1"), (2, "P2")):
    main.put(Voucher(f"V-{number}", VoucherKind.RECEIPT))
    main.put(Claim(f"C-{number}", person, datetime(2026, 3, 5, 9, tzinfo=UTC)))
    day, amount = date(2026, 3, 2), Money.of("20", "CNY")
    main.put(ExpenseLine(f"L-{number}", f"C-{number}", day, "meal", amount, voucher=f"V-{number}"))
main.put_file("V-1", "F-1", b"dinner", name="../Dinner 晚餐.pdf")
main.put_file("V-2", "F-2", b"dinner")
main.put_file("V-2", "F-3", b"x" * 2_000)
hr.put(AccountManager("P1", "Ann", team="East"))
hr.put(AccountManager("H-2", "Bo", team="East", extra=(("email", "bo@nord.cn"),)))


def filed(opening):
    return MemoryAdapter(opening.name, CRMS[opening.name])
"""
MORE = """
[roles]
finance = ["P9"]

[crm.main]
adapter = "filed"

[crm.hr]
adapter = "filed"
"""
DINNER = hashlib.sha256(b"dinner").hexdigest()


@pytest.fixture
def here(company: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys) -> Iterator[Path]:
    """The company with two CRMs, the files of the one fetched; files have 1,000 bytes at most."""
    folder = company.parent / "filed"
    info = folder / f"{MODULE}-1.0.dist-info"
    info.mkdir(parents=True)
    metadata = "Metadata-Version: 2.1\nName: filed-crms\nVersion: 1.0\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    points = f"[crm_expenses.adapters]\nfiled = {MODULE}:filed\n"
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    (folder / f"{MODULE}.py").write_text(CODE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    settings = SETTINGS.partition("[crm.main]")[0] + MORE
    more = 'files = "receipts"\nfile_bytes_max = 1000\n'
    limited = settings.replace('.sqlite3"\n', f'.sqlite3"\n{more}')
    (company / "crm_expenses.toml").write_text(limited, encoding="utf-8")
    monkeypatch.setenv("CRM_EXPENSES_PERSON", "P9")
    first = said(capsys, "sync", "--at", AT)
    assert first.code == 0
    assert "files        2 fetched (12 bytes), 0 sent" in first.out
    assert "0 failed and are tried again, 1 given up" in first.out
    yield company
    sys.modules.pop(MODULE, None)


def test_files_are_listed_for_whom_they_are(here: Path, capsys: Capsys) -> None:
    """Each sees the files of their own vouchers, with state and reason; scripts see all of it."""
    told = said(capsys, "vouchers", "files", "--crm", "main")
    assert told.code == 0
    assert "Dinner 晚餐.pdf" in told.out
    assert "given up" in told.out
    assert "at most 1000 are kept (file_bytes_max under [store]" in told.out
    mine = said(capsys, "vouchers", "files", "--crm", "main", "--as", "P1", "--json")
    (row,) = mine.json["files"]
    assert (row["voucher"], row["sha256"], row["state"], row["size"]) == ("V-1", DINNER, "held", 6)
    other = said(capsys, "vouchers", "files", "V-2", "--crm", "main", "--as", "P1")
    assert (other.code, "may not see V-2" in other.err) == (4, True)
    none = said(capsys, "vouchers", "files", "--crm", "hr", "--lang", "zh")
    assert none.out == "没有附件。\n"


def test_copies_are_saved(here: Path, capsys: Capsys) -> None:
    """`save` writes copies under safe names."""
    told = said(capsys, "vouchers", "save", "V-1", "out/V-1", "--crm", "main", "--as", "P1")
    assert told.code == 0
    assert "1 files are in out/V-1" in told.out
    assert (here / "out" / "V-1" / "Dinner 晚餐.pdf").read_bytes() == b"dinner"
    as_json = said(capsys, "vouchers", "save", "V-1", "out/V-1", "--crm", "main", "--json")
    assert [one["path"] for one in as_json.json["saved"]] == ["out/V-1/Dinner 晚餐.pdf"]


def test_a_file_is_attached_and_sent(here: Path, capsys: Capsys) -> None:
    """`attach` keeps a file, and the next sync sends it."""
    (here / "more.png").write_bytes(b"picture")
    told = said(capsys, "vouchers", "attach", "V-1", "more.png", "--crm", "main", "--as", "P1")
    assert told.code == 0
    assert "more.png is kept for V-1 (7 bytes" in told.out
    assert "The next `crm-expenses sync` sends it" in told.out
    listed = said(capsys, "vouchers", "files", "V-1", "--crm", "main")
    assert "waits to be sent" in listed.out
    run = said(capsys, "sync", "main", "--at", AT, "--json").json["runs"][0]
    assert (run["files"]["sent"], run["files"]["bytes_sent"]) == (1, 7)
    where = ("--crm", "main", "--as", "P1", "--json")
    again = said(capsys, "vouchers", "attach", "V-1", "more.png", *where)
    assert again.json["state"] == "sent"
    missing = said(capsys, "vouchers", "attach", "V-1", "none.png", "--crm", "main", "--as", "P1")
    assert (missing.code, "none.png cannot be read" in missing.err) == (2, True)
    theirs = said(capsys, "vouchers", "attach", "V-2", "more.png", "--crm", "main", "--as", "P1")
    assert theirs.code == 4


def test_duplicates_are_for_those_who_see_all(here: Path, capsys: Capsys) -> None:
    """The same bytes behind two vouchers are told with claims and people."""
    told = said(capsys, "vouchers", "duplicates", "--crm", "main")
    assert told.code == 0
    assert "6 bytes, stands behind 2 vouchers" in told.out
    assert "claims: C-2  people: P2" in told.out
    (one,) = said(capsys, "vouchers", "duplicates", "--crm", "main", "--json").json["duplicates"]
    assert (one["sha256"], [place["claims"] for place in one["places"]]) == (
        DINNER,
        [["C-1"], ["C-2"]],
    )
    assert said(capsys, "vouchers", "duplicates", "--crm", "main", "--as", "P1").code == 4


def test_what_was_given_up_is_tried_again(here: Path, capsys: Capsys) -> None:
    """After the limit is raised, `retry` has the file fetched."""
    settings = here / "crm_expenses.toml"
    raised = settings.read_text("utf-8").replace("file_bytes_max = 1000", "file_bytes_max = 3000")
    settings.write_text(raised, encoding="utf-8")
    warned = said(capsys, "doctor", "main")
    assert "main: 1 files of vouchers were given up" in warned.out
    told = said(capsys, "vouchers", "retry", "--crm", "main")
    assert "1 files are tried again" in told.out
    run = said(capsys, "sync", "main", "--at", AT, "--json").json["runs"][0]
    assert run["files"]["kept"] == 1
    assert said(capsys, "vouchers", "retry", "V-2", "--crm", "main", "--json").json == {"again": 0}
    assert said(capsys, "vouchers", "retry", "--crm", "main", "--as", "P1").code == 4


def test_audit_and_doctor_look_at_the_files(here: Path, capsys: Capsys) -> None:
    """A file that was altered fails the audit; one that is missing is bad to the doctor, too."""
    whole = said(capsys, "audit", "verify")
    assert (whole.code, "All 1 files of vouchers are as they came." in whole.out) == (0, True)
    assert "1 files of vouchers stand in" in said(capsys, "doctor", "main").out
    path = here / "receipts" / DINNER[:2] / DINNER
    path.write_bytes(b"dInner")
    altered = said(capsys, "audit", "verify")
    assert (altered.code, f"SHA-256 {DINNER}" in altered.out) == (1, True)
    assert said(capsys, "audit", "verify", "--json").json["files"]["altered"] == [DINNER]
    assert said(capsys, "audit", "verify", "--quick").code == 0
    path.unlink()
    assert said(capsys, "audit", "verify", "--json").json["files"]["missing"] == [DINNER]
    told = said(capsys, "doctor", "main")
    assert (told.code, "1 are missing and 0 have another size" in told.out) == (2, True)


def test_a_folder_that_others_may_open_is_told(here: Path, capsys: Capsys) -> None:
    """The doctor warns where other users of the machine may look at the files."""
    assert "other users" not in said(capsys, "doctor", "main").out
    (here / "receipts").chmod(0o755)
    told = said(capsys, "doctor", "main")
    assert "other users of this machine may look into" in told.out
    assert "chmod 700" in told.out


def test_links_are_matched_listed_and_taken_back(here: Path, capsys: Capsys) -> None:
    """`links` says who is who in two CRMs, and the claims know their people after the next sync."""
    assert said(capsys, "links", "list").out == "Nothing is linked.\n"
    by_id = ("links", "match", "--kind", "account_manager", "--by", "id")
    plan = said(capsys, *by_id, "--plan", "--at", AT)
    assert plan.out.splitlines() == [
        "hr:P1 = main:P1",
        "1 would be linked, 0 are linked already, 0 not clear.",
    ]
    assert said(capsys, "links", "list", "--json").json == {"links": []}
    made = said(capsys, *by_id, "--at", AT, "--json")
    assert made.json == {
        "planned": False,
        "pairs": [["hr:P1", "main:P1"]],
        "known": 0,
        "ambiguous": [],
    }
    reason = ("--kind", "account-manager", "--reason", "same person", "--at", AT)
    added = said(capsys, "links", "add", "main:P2", "hr:H-2", *reason)
    assert "main:P2 and hr:H-2 are one thing" in added.out
    twice = said(capsys, "links", "add", "main:P2", "hr:H-2", *reason)
    assert "linked already" in twice.out
    listed = said(capsys, "links", "list")
    assert listed.out.splitlines() == [
        "account_manager",
        "  hr:H-2  Bo  (person)",
        "  main:P2  not held here  (person)",
        "account_manager",
        "  hr:P1  Ann  (id)",
        "  main:P1  not held here  (id)",
    ]
    run = said(capsys, "sync", "main", "--at", AT, "--json").json["runs"][0]
    assert run["decided"]["claims"] == 2
    removed = said(capsys, "links", "remove", "main:P2", *reason)
    assert "main:P2 is on its own again" in removed.out
    wrong = said(capsys, "links", "remove", "main:P2", *reason)
    assert (wrong.code, "links list" in wrong.err) == (2, True)
    log = said(capsys, "audit", "log", "--action", "unlink")
    assert "same person" in log.out
    assert said(capsys, "audit", "verify").code == 0


def test_a_link_that_says_too_much_is_refused(here: Path, capsys: Capsys) -> None:
    """Two records of one CRM are never linked; wrong words are told."""
    reason = ("--kind", "account_manager", "--reason", "x", "--at", AT)
    assert said(capsys, "links", "add", "main:P1", "hr:P1", *reason).code == 0
    two = said(capsys, "links", "add", "main:P1", "hr:H-2", *reason)
    assert (two.code, "H-2 and P1 of the CRM hr" in two.err) == (2, True)
    for words in (("P1", "hr:P1"), ("main:", "hr:P1"), ("else:1", "hr:P1")):
        told = said(capsys, "links", "add", *words, *reason)
        assert (told.code, "CRM:ID" in told.err) == (2, True)
