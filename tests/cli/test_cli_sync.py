"""`sync`, on a small CRM in a folder and on CRMs that go wrong."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commandline import (
    AT,
    PATIENCE,
    RESULTS,
    ROWS,
    SECRET,
    child,
    connect,
    contents,
    environment,
    on_terminal,
    said,
)

from crm_expenses.store import open_store

Capsys = pytest.CaptureFixture[str]


def results(folder: Path, name: str) -> dict[str, dict[str, str]]:
    """Read a file of results by its key."""
    with (folder / "crm" / "results" / f"{name}.csv").open(encoding="utf-8-sig") as file:
        return {row[name.removesuffix("s")]: row for row in csv.DictReader(file)}


def test_a_run_decides_and_writes_back(company: Path, capsys: Capsys) -> None:
    """Outcome and allowed amount of each claim stand beside the input, as computed by hand."""
    ran = said(capsys, "sync", "--at", AT)
    assert (ran.code, ran.err) == (0, "")
    found = results(company, "claims")
    assert {key: (row["outcome"], row["state"], row["allowed"]) for key, row in found.items()} == {
        "C-1": ("reduced", "approved", "150.00"),
        "C-2": ("justify", "waiting_for_claimant", "500.00"),
        "C-3": ("reject", "rejected", "0.00"),
        "C-4": ("pass", "paid", "60.00"),
    }
    assert results(company, "budgets")["B-2"]["available"] == "2290.00"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            "CRM main\n"
            "  read         30 rows: 29 new or changed, 1 set aside\n"
            "  decided      4 claims with 5 lines; 1 closed\n"
            "               pass 1, reduced 1, reason needed 1, rejected 1\n"
            "               findings by rule (3 rules): alcohol.none 1, gift.item 1, meal.day 1\n"
            "  written back 11 results\n",
        ),
        (
            "zh",
            "CRM main\n"
            "  读取   30 行：新增或变化 29，搁置 1\n"
            "  审核   4 张报销单、5 条明细；1 张已关闭\n"
            "           通过 1、核减 1、待说明 1、拒绝 1\n"
            "           问题最多的规则（共 3 条）：alcohol.none 1、gift.item 1、meal.day 1\n"
            "  写回   11 条结果\n",
        ),
    ],
)
def test_a_run_is_told(company: Path, capsys: Capsys, language: str, expected: str) -> None:
    """What was read, decided and written back is told in the reader's language."""
    ran = said(capsys, "--lang", language, "sync", "--at", AT)
    told = [line.rstrip() for line in ran.out.splitlines()][:6]
    assert [" ".join(line.split()) for line in told] == [
        " ".join(line.split()) for line in expected.splitlines()
    ]
    assert "set aside" in ran.out or "搁置" in ran.out


def test_a_repeated_run_changes_nothing(company: Path, capsys: Capsys) -> None:
    """The second run over the same folder says so, and leaves every file of the CRM as it was."""
    said(capsys, "sync", "--at", AT)
    before = contents(company / "crm")
    for language, same in (("en", "0 changes"), ("zh", "0 处变化")):
        again = said(capsys, "sync", "--at", AT, "--lang", language)
        assert again.code == 0
        assert same in again.out
    assert contents(company / "crm") == before


def test_json_counts_the_run(company: Path, capsys: Capsys) -> None:
    """Each run is an object with its counts, and nothing else is on standard output."""
    ran = said(capsys, "sync", "main", "--at", AT, "--json")
    assert (ran.code, ran.err) == (0, "")
    (told,) = ran.json["runs"]
    counted = {"crm", "changes", "pulled", "decided", "pushed", "clashes", "set_aside"}
    assert set(told) == counted | {"calls", "seconds", "stopped", "files"}
    assert set(told["seconds"]) == {"pull", "decide", "push", "files"}
    assert (told["calls"]["calls"], told["stopped"]) == (0, None)
    assert (told["crm"], told["set_aside"]) == ("main", 1)
    assert (told["pulled"]["rows"], told["pulled"]["set_aside"]) == (ROWS, 1)
    assert told["decided"] == {
        "claims": 4,
        "lines": 5,
        "closed": 1,
        "outcomes": {"justify": 1, "pass": 1, "reduced": 1, "reject": 1},
        "findings": {"alcohol.none": 1, "gift.item": 1, "meal.day": 1},
    }
    assert told["pushed"] == {
        "sent": RESULTS,
        "refused": 0,
        "conflicts": 0,
        "unknown": 0,
        "stuck": 0,
    }
    again = said(capsys, "sync", "--at", AT, "--json")
    assert again.json["runs"][0]["changes"] == 0


def without(company: Path, kind: str, *ids: str) -> None:
    """Take rows out of a file of the CRM."""
    path = company / "crm" / f"{kind}.csv"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row for row in rows if row.split(",")[0] not in ids]
    path.write_text("".join(kept), encoding="utf-8")


def test_a_row_that_vanished_is_gone(company: Path, capsys: Capsys) -> None:
    """A line that is taken out of its file no longer counts; the run says so, then nothing more."""
    said(capsys, "sync", "--at", AT)
    without(company, "line", "L-2")
    ran = said(capsys, "sync", "--at", AT)
    assert "gone 1 records are no longer in the CRM" in " ".join(ran.out.split())
    assert results(company, "claims")["C-1"]["allowed"] == "120.00"
    full = said(capsys, "--lang", "zh", "sync", "--at", AT, "--full")
    assert "0 处变化" in full.out
    assert "重读 8 类：发现增量遗漏 0 条" in " ".join(full.out.split())


def test_too_much_that_is_missing_is_not_believed(company: Path, capsys: Capsys) -> None:
    """A file that lost all its claims deletes nothing, run after run, until somebody says so."""
    said(capsys, "sync", "--at", AT)
    without(company, "claim", *(f"C-{number}" for number in range(1, 6)))
    for arguments in ((), (), ("--full",)):
        ran = said(capsys, "sync", "--at", AT, *arguments)
        assert ran.code == 0
        assert "did not meet 5 of 5 of the kind claim" in ran.err
        assert "--accept-gone" in ran.err
    ran = said(capsys, "sync", "--at", AT, "--accept-gone", "--json")
    (told,) = ran.json["runs"]
    assert (ran.err, told["pulled"]["gone"], told["pulled"]["doubts"]) == ("", 5, [])
    assert told["pulled"]["full"]["gone"] == 5
    assert told["decided"]["closed"] == 4  # C-4 was paid, and stands
    assert "claims" in told["decided"]


def test_a_plan_before_the_first_run_makes_no_store(company: Path, capsys: Capsys) -> None:
    """Where nothing was synced yet, a plan shows every write and leaves the folder as it was."""
    before = contents(company)
    ran = said(capsys, "sync", "--plan", "--at", AT)
    assert ran.code == 0
    assert contents(company) == before
    assert "main claim_result C-1\n" in ran.out
    assert "  allowed: - → 150.00 CNY\n" in ran.out
    assert "- → -" not in ran.out
    assert ran.err == f"main: {RESULTS} writes planned, none made\n"


def test_a_plan_after_a_run_shows_the_difference_only(company: Path, capsys: Capsys) -> None:
    """Of a claim that changed, the fields that differ are shown; no byte is written anywhere."""
    said(capsys, "sync", "--at", AT)
    lines = company / "crm" / "line.csv"
    changed = lines.read_text(encoding="utf-8").replace("meal,60", "meal,70")
    lines.write_text(changed, encoding="utf-8")
    before = contents(company)
    ran = said(capsys, "sync", "--plan", "--at", AT, "--json")
    assert contents(company) == before
    assert ran.code == 0
    fields = {(row["crm"], row["kind"], row["record"]): row["fields"] for row in ran.lines}
    assert set(fields) == {
        ("main", "claim_result", "C-4"),
        ("main", "line_result", "L-5"),
        ("main", "budget_result", "B-2"),
    }
    assert fields["main", "line_result", "L-5"] == {
        "allowed": ["60.00 CNY", "70.00 CNY"],
        "claimed": ["60.00 CNY", "70.00 CNY"],
    }
    said(capsys, "sync", "--at", AT)
    assert results(company, "lines")["L-5"]["allowed"] == "70.00"


@pytest.mark.parametrize(("what", "code"), [("findings", 1), ("conflicts", 0), ("set-aside", 1)])
def test_fail_on_answers_one(company: Path, capsys: Capsys, what: str, code: int) -> None:
    """A run with findings and a row set aside answers 1 to who asks for these, and else 0."""
    assert said(capsys, "sync", "--at", AT, "--fail-on", what).code == code


def test_fail_on_findings_is_about_this_run(company: Path, capsys: Capsys) -> None:
    """A run that decides nothing has no findings; a row that is still set aside still counts."""
    said(capsys, "sync", "--at", AT)
    assert said(capsys, "sync", "--at", AT, "--fail-on", "findings").code == 0
    both = ("--fail-on", "findings", "--fail-on", "set-aside")
    assert said(capsys, "sync", "--at", AT, *both).code == 1


def test_fail_on_conflicts(plugged: Path, capsys: Capsys) -> None:
    """A write that the CRM answers with a conflict is told, and answers 1 to who asks for it."""
    connect(plugged, other="quarrel")
    ran = said(capsys, "sync", "--at", AT, "--fail-on", "findings")
    assert ran.code == 0
    assert "conflicts 1" in ran.out
    (plugged / "store.sqlite3").unlink()
    assert said(capsys, "sync", "--at", AT, "--fail-on", "conflicts").code == 1


@pytest.mark.parametrize(
    ("adapter", "code", "en", "zh"),
    [
        ("away", 3, "Try again later", "请稍后再试"),
        ("shut", 4, "Renew them", "请更新"),
        ("closed", 4, "other", "other"),
    ],
)
def test_a_crm_that_fails_has_its_exit_code(
    plugged: Path, capsys: Capsys, adapter: str, code: int, en: str, zh: str
) -> None:
    """Unavailable is 3, refused is 4; the reason is on standard error in the reader's language."""
    connect(plugged, other=adapter)
    for language, words in (("en", en), ("zh", zh)):
        (plugged / "store.sqlite3").unlink(missing_ok=True)
        ran = said(capsys, "sync", "--at", AT, "--lang", language)
        assert ran.code == code
        assert words in ran.err
        assert ran.out == ""


@pytest.mark.parametrize("order", [("gone", "main"), ("main", "there")])
def test_one_crm_away_does_not_keep_the_other(
    plugged: Path, capsys: Capsys, order: tuple[str, str]
) -> None:
    """Of two CRMs one is away, first or last: the other is synced, and the exit code is 3."""
    connect(plugged, **{name: "files" if name == "main" else "away" for name in order})
    planned = said(capsys, "sync", "--plan", "--at", AT, "--json")
    assert planned.code == 3
    assert len(planned.lines) == RESULTS
    ran = said(capsys, "sync", "--at", AT, "--json", "--fail-on", "findings")
    assert ran.code == 3
    assert [told["crm"] for told in ran.json["runs"]] == ["main"]
    assert "Try again later" in ran.err
    assert results(plugged, "claims")["C-1"]["allowed"] == "150.00"
    # The one that was asked for by its name answers for itself.
    assert said(capsys, "sync", "main", "--at", AT).code == 0


def test_a_fault_of_a_plug_in_is_seventy(
    plugged: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an exception carries is told only to who asks for the trace."""
    connect(plugged, other="faulty")
    for language, words in (
        ("en", "a fault of ours: ValueError"),
        ("zh", "本软件出错：ValueError"),
    ):
        ran = said(capsys, "sync", "--at", AT, "--lang", language)
        assert (ran.code, ran.out) == (70, "")
        assert words in ran.err
        assert SECRET not in ran.err
        assert "Traceback" not in ran.err
    monkeypatch.setenv("CRM_EXPENSES_TRACE", "1")
    traced = said(capsys, "sync", "--at", AT)
    assert traced.code == 70
    assert f"ValueError: {SECRET}" in traced.err


def test_settings_without_a_crm(plugged: Path, capsys: Capsys) -> None:
    """Settings that connect nothing are a mistake of the settings."""
    ran = said(capsys, "sync")
    assert ran.code == 2
    assert "[crm.NAME]" in ran.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("sync", "mian"), "Known: main"),
        (("sync", "--settings", "none.toml"), "there is no settings file none.toml"),
        (("sync", "--at", "2026-03-31"), "--at is 2026-03-31"),
        (("sync", "--at", "2026-03-31T20:00:00"), "with its zone is needed"),
        (("sync", "--at", "soon"), "--at is soon"),
    ],
)
def test_wrong_settings_are_two(
    company: Path, capsys: Capsys, words: tuple[str, ...], told: str
) -> None:
    """A CRM that is not there, no settings, a time without a zone: said, and nothing is made."""
    ran = said(capsys, *words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert not (company / "store.sqlite3").exists()


def test_progress_is_shown_to_who_watches(company: Path) -> None:
    """On a terminal the stages have bars; into a pipe or file goes the answer and nothing else."""
    watched = on_terminal("sync", "--at", AT, cwd=company)
    assert watched.code == 0
    for stage in ("Reading the CRM", "Deciding claims", "Writing results"):
        assert stage in watched.err
    assert "━" in watched.err
    (company / "store.sqlite3").unlink()
    piped = child("sync", "--at", AT, cwd=company)
    assert (piped.code, piped.err) == (0, "")
    assert "━" not in piped.out


def test_an_interrupt_leaves_a_whole_store(plugged: Path) -> None:
    """Ctrl-C in the middle of a write ends with 130 and a word; the store is whole, and goes on."""
    connect(plugged, other="slow")
    paths = os.pathsep.join([str(plugged.parent / "plug_ins"), environment()["PYTHONPATH"]])
    running = subprocess.Popen(
        [sys.executable, "-m", "crm_expenses", "sync", "--at", AT],
        cwd=plugged,
        env=environment() | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        end = time.monotonic() + PATIENCE
        while not (plugged / "pushing").exists() and time.monotonic() < end:
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE)
    finally:
        running.kill()
        running.wait()
    assert (running.returncode, out) == (130, "")
    assert err == "stopped. Nothing is half-written: run the same command again to go on\n"
    with open_store(plugged / "store.sqlite3") as store:
        assert store.integrity() == "ok"
        assert store.log_broken_at() is None
        assert store.to_send("other") == 2
