"""Plans written into the store, carry-over, transfers, alerts: as commands, in both languages."""

import re
from pathlib import Path

import pytest
from commandline import AT, connect, said

Capsys = pytest.CaptureFixture[str]
HEADER = (
    "budget,scope,owner,period,amount,currency,at_limit,responsible,alerts,carry_over,carry_limit\n"
)
NEXT_YEAR = "2027-02-01T09:00:00+08:00"


@pytest.fixture
def synced(company: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The company after its first run; P9 of finance works with it."""
    monkeypatch.setenv("CRM_EXPENSES_PERSON", "P9")
    assert said(capsys, "sync", "--at", AT).code == 0
    return company


def write(company: Path, *rows: str) -> str:
    """Write a plan beside the settings."""
    path = company / "plan.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return str(path)


NEW = (
    "N-26,team,West,FY2026,5000,CNY,freeze,P3,50 90,20,300",
    "N-27,team,West,FY2027,6000,CNY,freeze,P3,50 90,,",
)


@pytest.mark.parametrize(
    ("language", "would", "taken"),
    [
        (
            "en",
            "2 budgets would change, 0 are so already. Nothing was written",
            "2 budgets written",
        ),
        ("zh", "将变更 2 项预算，0 项不变。未写入任何内容", "已写入 2 项预算"),
    ],
)
def test_a_plan_is_shown_then_written(
    synced: Path, capsys: Capsys, language: str, would: str, taken: str
) -> None:
    """--plan only shows; the import writes; the same file again writes nothing."""
    path = write(synced, *NEW)
    words = ("budgets", "import", path, "--at", AT, "--lang", language)
    before = (synced / "store.sqlite3").read_bytes()
    shown = said(capsys, *words, "--plan")
    assert (shown.code, shown.err) == (0, "")
    assert would in shown.out
    assert "N-26" in shown.out
    assert "5000.00 CNY" in shown.out
    assert (synced / "store.sqlite3").read_bytes() == before
    done = said(capsys, *words, "--reason", "the year's plan")
    assert (done.code, done.err) == (0, "")
    assert taken in done.out
    again = said(capsys, *words, "--json")
    assert (again.code, again.json["changes"], again.json["same"]) == (0, [], 2)
    listed = said(capsys, "budgets", "--at", AT, "--json").json["budgets"]
    assert [b["budget"] for b in listed] == ["B-2", "N-26", "B-1"]
    log = said(capsys, "audit", "log", "--action", "plan")
    assert "P9" in log.out
    assert "the year's plan" in log.out


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_what_is_exported_changes_nothing(synced: Path, capsys: Capsys, suffix: str) -> None:
    """Alerts and carry-over go out and come in again, beside the budgets of the CRM."""
    assert said(capsys, "budgets", "import", write(synced, *NEW), "--at", AT).code == 0
    out = str(synced / f"out.{suffix}")
    assert said(capsys, "budgets", "export", out).code == 0
    again = said(capsys, "budgets", "import", out, "--plan", "--json")
    assert (again.code, again.json["changes"], again.json["same"]) == (0, [], 4)
    shown = said(capsys, "budgets", "import", out, "--check", "--json").json["budgets"]
    found = {row["budget"]: (row["alerts"], row["carry_over"], row["carry_limit"]) for row in shown}
    assert found["N-26"] == ("50 90", "20", "300.00")
    assert found["B-1"] == ("80 100", "", "")


@pytest.mark.parametrize(("language", "word"), [("en", "comes from the CRM"), ("zh", "来自 CRM")])
def test_the_crms_budgets_are_taken_over_only_when_told(
    synced: Path, capsys: Capsys, language: str, word: str
) -> None:
    """Refused with the row; taken over with the option; then the CRM's version is set aside."""
    path = write(synced, "B-2,team,East,FY2026,4000,CNY,,,,,")
    words = ("budgets", "import", path, "--at", AT, "--lang", language)
    for more, code in (((), 2), (("--plan",), 1)):
        told = said(capsys, *words, *more)
        assert told.code == code
        assert "plan.csv:2" in told.err
        assert word in told.err
    done = said(capsys, *words, "--take-over", "--json")
    assert [change["kind"] for change in done.json["changes"]] == ["taken_over"]
    budgets = synced / "crm" / "budget.csv"
    budgets.write_text(budgets.read_text(encoding="utf-8").replace("3000", "3500"), "utf-8")
    assert said(capsys, "sync", "--at", AT).code == 0
    listed = said(capsys, "budgets", "--at", AT, "--json").json["budgets"]
    assert listed[0]["allocated"] == "4000.00"
    report = said(capsys, "report", "--at", AT)
    assert report.code == 0
    page = (synced / "report.html").read_text(encoding="utf-8")
    assert "was brought by a plan" in page
    assert "由预算计划导入" in page


def test_who_imports_must_be_known(
    synced: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option, then the environment, then the settings say who; else it is asked for."""
    monkeypatch.delenv("CRM_EXPENSES_PERSON")
    path = write(synced, *NEW)
    told = said(capsys, "budgets", "import", path, "--at", AT)
    assert (told.code, told.out) == (2, "")
    for word in ("--as", "CRM_EXPENSES_PERSON", "[identity]"):
        assert word in told.err
    settings = synced / "crm_expenses.toml"
    text = '[identity]\nperson = "P8"\n' + settings.read_text(encoding="utf-8")
    settings.write_text(text, encoding="utf-8")
    assert said(capsys, "budgets", "import", path, "--at", AT).code == 0
    assert "P8" in said(capsys, "audit", "log", "--action", "plan").out
    path = write(synced, NEW[0].replace("5000", "5001"))
    assert said(capsys, "budgets", "import", path, "--at", AT, "--as", "P7").code == 0
    assert "P7" in said(capsys, "audit", "log", "--action", "plan").out


def test_the_year_of_the_settings(synced: Path, capsys: Capsys) -> None:
    """[fiscal] says what FY2027 is, unless an option does; a wrong day is told with its place."""
    settings = synced / "crm_expenses.toml"
    plain = settings.read_text(encoding="utf-8")
    year = '[fiscal]\nstart = "07-01"\nnamed = "start"\nweeks = "4-4-5"\n'
    settings.write_text(year + plain, encoding="utf-8")
    path = write(synced, *NEW)
    shown = said(capsys, "budgets", "import", path, "--check", "--json").json["budgets"]
    assert shown[0]["start"] == "2026-06-29"
    words = ("--year-start", "04-01", "--year-named", "end")
    shown = said(capsys, "budgets", "import", path, "--check", "--json", *words).json["budgets"]
    assert shown[0]["start"] == "2025-03-31"
    settings.write_text('[fiscal]\nstart = "02-30"\n' + plain, encoding="utf-8")
    told = said(capsys, "budgets", "import", path, "--check")
    assert told.code == 2
    assert re.search(r"crm_expenses.toml:2:\d+: 02-30 is no first day", told.err)


@pytest.mark.parametrize(
    ("language", "would", "made", "none"),
    [
        ("en", "300.00 CNY would go into N-27", "300.00 CNY carried into N-27", "No budget"),
        ("zh", "将有 300.00 CNY 结转至 N-27", "300.00 CNY 已结转至 N-27", "没有待结转"),
    ],
)
def test_what_is_left_is_carried_over(
    synced: Path, capsys: Capsys, language: str, would: str, made: str, none: str
) -> None:
    """--plan shows it, --all does it, once; then the pair by name says that it was done."""
    assert said(capsys, "budgets", "import", write(synced, *NEW), "--at", AT).code == 0
    words = ("--at", NEXT_YEAR, "--lang", language)
    for more, wanted in ((("--plan",), would), ((), made), ((), none)):
        ran = said(capsys, "budgets", "carry", "--all", *more, *words)
        assert (ran.code, ran.err) == (0, "")
        assert wanted in ran.out
    again = said(capsys, "budgets", "carry", "N-26", "N-27", *words, "--json")
    assert again.json["carried"][0]["why"] == "carry.done"
    listed = said(capsys, "budgets", "--at", NEXT_YEAR, "--json").json["budgets"]
    assert [b["allocated"] for b in listed] == ["6300.00"]
    for wrong in ((), ("N-26",), ("N-26", "N-27", "--all")):
        told = said(capsys, "budgets", "carry", *wrong, *words)
        assert told.code == 2
        assert "--all" in told.err


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_transfer_from_asking_to_the_entries(synced: Path, capsys: Capsys, language: str) -> None:
    """Asked for, listed with who must say yes, approved by both, made; each said in words."""
    rows = (*NEW, "N-28,team,South,FY2026,100,CNY,,P2,,,")
    assert said(capsys, "budgets", "import", write(synced, *rows), "--at", AT).code == 0
    words = ("--at", AT, "--lang", language)
    ask = ("budgets", "transfer", "N-26", "N-28", "250.50", "--reason", "trade fair")
    asked = said(capsys, *ask, *words)
    assert (asked.code, asked.err) == (0, "")
    for word in ("T-1", "250.50 CNY", "P3, P2"):
        assert word in asked.out
    listed = said(capsys, "budgets", "transfers", "--lang", language)
    assert "trade fair" in listed.out
    assert ("asked" if language == "en" else "审批中") in listed.out
    stranger = said(capsys, "budgets", "approve", "T-1", *words)
    assert (stranger.code, "P9" in stranger.err) == (2, True)
    first = said(capsys, "budgets", "approve", "T-1", "--as", "P2", *words)
    assert ("still waits for P3" if language == "en" else "尚待 P3") in first.out
    last = said(capsys, "budgets", "approve", "T-1", "--as", "P3", *words)
    assert ("went from N-26 to N-28" if language == "en" else "已从 N-26 向 N-28") in last.out
    found = said(capsys, "budgets", "transfers", "--json").json["transfers"]
    assert [(t["state"], t["approved_by"], t["waiting_for"]) for t in found] == [
        ("made", ["P2", "P3"], [])
    ]
    listed = said(capsys, "budgets", "--at", AT, "--json").json["budgets"]
    amounts = {b["budget"]: b["allocated"] for b in listed}
    assert (amounts["N-26"], amounts["N-28"]) == ("4749.50", "350.50")
    assert said(capsys, "audit", "verify").code == 0


def test_a_transfer_that_is_refused(synced: Path, capsys: Capsys) -> None:
    """No reason, no request and no refusal; a bad amount is told; what was said can be erased."""
    rows = (*NEW, "N-28,team,South,FY2026,100,CNY,,P2,,,")
    assert said(capsys, "budgets", "import", write(synced, *rows), "--at", AT).code == 0
    ask = ("budgets", "transfer", "N-26", "N-28")
    assert said(capsys, "budgets", "transfers").out.startswith("Nobody has asked")
    for amount, more, word in (
        ("1", (), "--reason"),
        ("1.005", ("--reason", "x"), "1.005"),
        ("9999", ("--reason", "x"), "5000.00"),
    ):
        told = said(capsys, *ask, amount, *more, "--at", AT)
        assert (told.code, word in told.err) == (2, True)
    assert said(capsys, *ask, "1", "--reason", "for Ann", "--at", AT).code == 0
    assert said(capsys, "budgets", "refuse", "T-1", "--as", "P3", "--at", AT).code == 2
    words = ("budgets", "refuse", "T-1", "--reason", "no", "--at", AT)
    assert "refused" in said(capsys, *words, "--as", "P3").out
    assert said(capsys, "audit", "erase", "--person", "P9", "--reason", "asked").code == 0
    assert "(erased)" in said(capsys, "budgets", "transfers").out
    assert said(capsys, "audit", "verify").code == 0


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "to P1: N-1: 650.00 of 800.00 CNY used; 80 % is reached"),
        ("zh", "通知 P1：N-1：已使用 650.00，预算额 800.00 CNY；达到 80%"),
    ],
)
def test_alerts_in_words(company: Path, capsys: Capsys, language: str, text: str) -> None:
    """Who was told, once; nothing more after the last number."""
    path = write(company, "N-1,person,P1,FY2026,800,CNY,,,,,")
    words = ("--at", AT, "--lang", language)
    assert said(capsys, "budgets", "import", path, "--as", "P9", *words).code == 0
    assert said(capsys, "budgets", "alerts").out == "No budget crossed a threshold\n"
    assert said(capsys, "sync", "--at", AT).code == 0
    ran = said(capsys, "budgets", "alerts", "--lang", language)
    assert (ran.code, text in ran.out) == (0, True)
    found = said(capsys, "budgets", "alerts", "--json").json["alerts"]
    told = [(one["person"], one["threshold"]) for one in found if one["budget"] == "N-1"]
    assert told == [("P1", "80"), ("P3", "80")]
    last = str(found[-1]["seq"])
    assert said(capsys, "budgets", "alerts", "--since", last, "--json").json["alerts"] == []


def test_with_several_crms(synced: Path, capsys: Capsys) -> None:
    """Where there are several connections, each command takes one by name."""
    connect(synced, other="files")
    path = write(synced, *NEW)
    assert said(capsys, "budgets", "import", path, "--at", AT).code == 2
    assert said(capsys, "budgets", "import", path, "main", "--at", AT).code == 0
    words = ("budgets", "carry", "--all", "--at", NEXT_YEAR, "--json")
    assert said(capsys, *words).code == 2
    assert len(said(capsys, *words, "--crm", "main").json["carried"]) == 1
    assert said(capsys, *words, "--crm", "other").json["carried"] == []
