"""The commands of claims, payments and advances, as a company without a CRM uses them."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commandline import POLICY, Ran, child, environment, said

from crm_expenses.settings import load_settings
from crm_expenses.store import open_store

SETTINGS = """
[company]
name = "Small 小公司"
timezone = "Asia/Shanghai"

[policy]
file = "policy.toml"

[claims]
people = "people.csv"
rates = "rates.csv"
"""
PEOPLE = """id,name,team,manager,roles
P1,王芳,East,P3,
P2,Li Lei,East,P3,
P3,Zhao Min,Sales,,
P9,Chen Jie,Finance,P3,finance
"""
RATES = "date,currency,rate,source\n2026-03-01,USD,7.1,central parity\n"
LINES = """date,category,amount,currency,merchant,voucher_number
2026-03-02,meal,200,CNY,Inn,26310000000000000001
2026-03-04,gift,10,USD,Shop,
2026-03-05,gift,abc,CNY,,
"""
PAYMENT = "\n[payment]\nmonthly_on = [25]\n"
STEP = '\n[[approval]]\ncode = "line"\nwho = "manager"\nabove = 1000\n'
AT = "2026-03-10T09:00:00+08:00"
LATE = "2026-03-27T09:00:00+08:00"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A company without a CRM in a folder that is the current one."""
    for name, text in (
        ("crm_expenses.toml", SETTINGS),
        ("people.csv", PEOPLE),
        ("rates.csv", RATES),
        ("march.csv", LINES),
        ("policy.toml", POLICY + STEP + PAYMENT),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CRM_EXPENSES_PERSON", raising=False)
    return tmp_path


Say = pytest.CaptureFixture[str]


def claims(capsys: Say, *words: str, by: str = "P1", at: str = AT) -> Ran:
    """Run a command of claims as somebody."""
    return said(capsys, "claims", *words, "--as", by, "--at", at)


def submitted(capsys: Say, *more: str) -> None:
    """Note a meal down, make a claim of it and submit it."""
    row = ("--date", "2026-03-02", "--category", "meal", "--amount", "120", *more)
    assert claims(capsys, "add", *row).code == 0
    assert claims(capsys, "new", "--all", "--title", "Nordwind").code == 0
    assert claims(capsys, "submit", "EX-2026-00001").code == 0


def test_from_a_file_to_a_paid_claim(office: Path, capsys: Say) -> None:
    """From an empty folder: lines from a file, a document, its decision, its payment, its end."""
    added = claims(capsys, "add", "march.csv")
    assert added.code == 1  # one row could not be read
    assert "march.csv:4: amount is abc" in added.err
    assert "noted: 2 new, 0 changed, 0 known before; 1 could not be noted" in added.out
    assert "2 loose lines (200.00 CNY + 10.00 USD)" in added.out
    loose = claims(capsys, "loose")
    assert "Inn" in loose.out
    made = claims(capsys, "new", "--all", "--title", "Nordwind")
    assert made.code == 0
    for part in (
        "EX-2026-00001: a draft.",
        "2026-03-02  Meals  200.00 CNY: reduced, allowed 150.00 CNY",
        "Meals a day: 200.00 is over the limit of 150.00",
        "1 USD = 7.1 CNY of 2026-03-01, central parity",
        "claimed 271.00 CNY, allowed 221.00 CNY",
        "Next: 王芳 (P1) submits it: `crm-expenses claims submit EX-2026-00001`",
    ):
        assert part in made.out, part
    sent = claims(capsys, "submit", "EX-2026-00001")
    assert "EX-2026-00001: submitted as version 1." in sent.out
    assert "EX-2026-00001 · approved · version 1" in sent.out
    assert "Next: finance pays, by 2026-03-25" in sent.out
    due = claims(capsys, "due", "--overdue", by="P9", at=LATE)
    assert "221.00 CNY" in due.out
    assert "2026-03-25" in due.out
    assert due.out.rstrip().endswith("2")
    paid = claims(capsys, "pay", "EX-2026-00001", "100", "--reference", "4711", by="P9")
    assert paid.out == "EX-2026-00001: 100.00 CNY paid on 2026-03-10; 121.00 CNY is open.\n"
    rest = claims(capsys, "pay", "EX-2026-00001", "--day", "2026-03-11", by="P9")
    assert "121.00 CNY paid on 2026-03-11; 0.00 CNY is open" in rest.out
    assert claims(capsys, "close", "EX-2026-00001", by="P9").code == 0
    row = claims(capsys, "list", by="P9").out.splitlines()[-1]
    assert row.split()[:4] == ["EX-2026-00001", "王芳", "(P1)", "Nordwind"]
    assert "closed" in row
    shown = claims(capsys, "show", "EX-2026-00001", "--json")
    assert shown.json["state"] == "closed"
    assert shown.json["payments"][0]["reference"] == "4711"
    assert [one["rate"] for one in shown.json["lines"]] == [
        None,
        {"rate": "7.1", "day": "2026-03-01", "source": "central parity"},
    ]
    assert said(capsys, "audit", "verify").code == 0
    assert said(capsys, "doctor").code == 0
    assert "0 changes" in said(capsys, "sync").out


def test_in_chinese(office: Path, capsys: Say) -> None:
    """The same, for somebody who reads Chinese."""
    submitted(capsys)
    shown = claims(capsys, "show", "EX-2026-00001", "--lang", "zh")
    for part in (
        "EX-2026-00001 · 已批准 · 第 1 版",
        "王芳 (P1)，East，提交于 2026-03-10 09:00",
        "2026-03-02  餐费  120.00 CNY：通过，可报 120.00 CNY",
        "申报 120.00 CNY，可报 120.00 CNY",
        "下一步：由财务于 2026-03-25 前付款",
    ):
        assert part in shown.out, part
    refused = claims(capsys, "pay", "EX-2026-00001", "--lang", "zh")
    assert refused.code == 4
    assert "P1 不担任 finance 角色" in refused.err
    assert "没有应付款项" in claims(capsys, "due", "--lang", "zh", by="P2").out
    assert "没有报销单" in claims(capsys, "list", "--lang", "zh", by="P2").out


def test_changed_taken_back_and_withdrawn(office: Path, capsys: Say) -> None:
    """Each move of the claimant answers with the claim as it stands then."""
    submitted(capsys)
    lines = claims(capsys, "show", "EX-2026-00001", "--json").json["lines"]
    line = lines[0]["line"]
    changed = claims(capsys, "change", "EX-2026-00001", "--line", line, "--set", "amount=90")
    assert "EX-2026-00001: changed; it is version 2 now." in changed.out
    assert claims(capsys, "drop-line", "EX-2026-00001", line).code == 4  # none would be left
    back = claims(capsys, "take-back", "EX-2026-00001")
    assert "a draft again" in back.out
    assert "Not submitted: this is what would come of it now." in back.out
    dropped = claims(capsys, "drop-line", "EX-2026-00001", line)
    assert "changed; not submitted" in dropped.out
    assert "has no lines left" in claims(capsys, "submit", "EX-2026-00001").err
    assert claims(capsys, "change", "EX-2026-00001", "--add", line, "--title", "x").code == 0
    gone = claims(capsys, "withdraw", "EX-2026-00001")
    assert "EX-2026-00001: withdrawn." in gone.out
    again = claims(capsys, "withdraw", "EX-2026-00001")
    assert again.code == 4
    assert "allowed from there: submitted, taken back as a draft, changed" in again.err
    rows = claims(capsys, "list", "--state", "withdrawn", "--json").json["claims"]
    assert [row["claim"] for row in rows] == ["EX-2026-00001"]
    assert claims(capsys, "discard", "nothing").code == 4


def test_usage_mistakes_say_what_to_write(office: Path, capsys: Say) -> None:
    """What cannot be meant is told, with what to write; nothing is done."""
    submitted(capsys)
    row = ("--date", "2026-03-02", "--category", "meal", "--amount", "1,5")
    for words, code, told in (
        (("add",), 2, "say either a FILE, or one line"),
        (("add", "march.csv", "--amount", "5"), 2, "say either a FILE, or one line"),
        (row and ("add", *row), 2, "amount"),
        (("add", "--set", "city"), 2, "city is not of the form name=value"),
        (("new",), 2, "say which loose lines"),
        (("new", "--all"), 4, "P1 has no loose lines"),
        (("change", "EX-2026-00001"), 2, "nothing of EX-2026-00001 is to be changed"),
        (("change", "EX-2026-00001", "--set", "city=x"), 2, "name it with --line"),
        (("change", "EX-2026-00001", "--line", "7", "--set", "city=x"), 4, "no line 7"),
        (("list", "--state", "lost"), 2, "lost is no state of a claim"),
        (("show", "EX-2026-00002"), 4, "P1 may not see EX-2026-00002"),
        (("pay", "EX-2026-00001", "x"), 2, "x is not an amount"),
        (("pay", "EX-2026-00001", "--day", "soon"), 2, "soon is not a day"),
        (("close", "EX-2026-00001"), 4, "does not hold the role finance"),
    ):
        ran = claims(capsys, *words)
        assert (ran.code, told in ran.err) == (code, True), (words, ran.err)
    nobody = said(capsys, "claims", "loose")
    assert (nobody.code, "--as PERSON" in nobody.err) == (2, True)
    unknown = claims(capsys, "add", *row[:-1], "5", by="P77")
    assert (unknown.code, "nobody is known by the id P77" in unknown.err) == (4, True)


def test_advances_on_the_command_line(office: Path, capsys: Say) -> None:
    """Paid out, cleared by a claim, given back, listed and shown; each in its own words."""

    def advances(*words: str, by: str = "P9") -> Ran:
        return said(capsys, "advances", *words, "--as", by, "--at", AT)

    out = advances("pay-out", "P1", "300", "--reason", "trip")
    assert out.out == "ADV-00001: 300.00 CNY paid out to 王芳 (P1).\n"
    submitted(capsys)
    shown = claims(capsys, "show", "EX-2026-00001")
    assert "120.00 CNY cleared from the advance ADV-00001" in shown.out
    assert "EX-2026-00001 · paid · version 1" in shown.out
    back = advances("return", "ADV-00001", "30")
    assert back.out == "ADV-00001: 30.00 CNY came back; 150.00 CNY is left.\n"
    assert advances("return", "ADV-00001", "151").code == 4
    listed = advances("list", "--json", by="P1").json["advances"]
    assert [(one["advance"], one["left"]["amount"]) for one in listed] == [("ADV-00001", "150.00")]
    text = advances("show", "ADV-00001", by="P1").out
    assert "  EX-2026-00001 cleared 120.00 CNY" in text
    assert advances("show", "ADV-00001", by="P2").code == 4
    assert "没有预支款" in advances("list", "--lang", "zh", by="P2").out


def test_the_page_holds_what_a_voucher_needs(office: Path, capsys: Say) -> None:
    """The printed claim has number, person, amount in figures and capital numerals, and boxes."""
    submitted(capsys, "--set", "purpose=<b>Dinner</b>", "--set", "voucher_number=26310000000007")
    made = claims(capsys, "show", "EX-2026-00001", "--html", "claim.html", "--lang", "zh")
    assert made.code == 0
    page = (office / "claim.html").read_text(encoding="utf-8")
    for part in (
        "EX-2026-00001",
        "王芳 (P1)",
        "人民币壹佰贰拾元整",
        "26310000000007",
        "&lt;b&gt;Dinner&lt;/b&gt;",
        "报销人签字",
        "Small 小公司",
        'lang="zh-CN"',
    ):
        assert part in page, part
    assert "<b>Dinner" not in page
    assert claims(capsys, "show", "EX-2026-00001", "--html", "c.html", by="P2").code == 4
    assert not (office / "c.html").exists()


def test_a_crm_beside(office: Path, capsys: Say) -> None:
    """The name of our own connection is kept; looking makes no store."""
    settings = office / "crm_expenses.toml"
    looked = claims(capsys, "list")
    assert (looked.code, (office / "crm_expenses.sqlite3").exists()) == (2, False)
    settings.write_text(SETTINGS + '\n[crm.own]\nadapter = "files"\n', encoding="utf-8")
    told = claims(capsys, "list")
    assert (told.code, "the name own is kept" in told.err) == (2, True)
    settings.write_text(SETTINGS.partition("[claims]")[0], encoding="utf-8")
    told = claims(capsys, "new", "--all")
    assert (told.code, 'people = "people.csv"' in told.err) == (2, True)


def _killed(office: Path, words: tuple[str, ...], delay: float) -> None:
    """Start a command in a process of its own, and kill it after a while."""
    command = [sys.executable, "-m", "crm_expenses", *words]
    running = subprocess.Popen(
        command,
        cwd=office,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(delay)
    running.send_signal(signal.SIGKILL)
    running.wait()


@pytest.mark.parametrize("delay", [0.3, 0.6, 0.8, 1.0, 1.2])
def test_killed_nothing_is_half_written(office: Path, capsys: Say, delay: float) -> None:
    """Whenever `submit` and `pay` are killed, all of it happened or nothing, and it can go on."""
    row = ("--date", "2026-03-02", "--category", "meal", "--amount", "120")
    claims(capsys, "add", *row)
    claims(capsys, "new", "--all")
    number = "EX-2026-00001"
    _killed(office, ("claims", "submit", number, "--as", "P1", "--at", AT), delay)
    state = claims(capsys, "show", number, "--json").json["state"]
    assert state in {"draft", "approved"}
    if state == "draft":
        assert claims(capsys, "submit", number).code == 0
    _killed(office, ("claims", "pay", number, "50", "--as", "P9", "--at", AT), delay)
    shown = claims(capsys, "show", number, "--json").json
    paid = [one["amount"] for one in shown["payments"]]
    assert (shown["state"], paid) in [("approved", []), ("partly_paid", ["50.00"])]
    assert claims(capsys, "pay", number, by="P9").code == 0
    with open_store(load_settings(office / "crm_expenses.toml").store) as store:
        assert store.check_contents().broken is None
        assert store.log_broken_at() is None
    ended = json.loads(child("claims", "show", number, "--json", "--as", "P1", cwd=office).out)
    assert (ended["state"], ended["paid"]["amount"]) == ("paid", "120.00")
