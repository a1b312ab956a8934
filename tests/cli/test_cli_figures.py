"""`budgets`, `roi` and `report`, each figure computed by hand."""

import shutil
from pathlib import Path

import pytest
from commandline import AT, SETTINGS, connect, contents, said

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def synced(company: Path, capsys: Capsys) -> Path:
    """The company after its first run."""
    assert said(capsys, "sync", "--at", AT).code == 0
    return company


def test_budgets_as_json(synced: Path, capsys: Capsys) -> None:
    """Available is what is allocated less committed and spent; a rejected claim takes nothing."""
    ran = said(capsys, "budgets", "--at", AT, "--json")
    assert (ran.code, ran.err) == (0, "")
    year = {"start": "2026-01-01", "end": "2026-12-31", "currency": "CNY"}
    days = {"days_elapsed": 64, "days_total": 261}  # Monday to Friday
    assert ran.json == {
        "as_of": "2026-03-31",
        # P2 has no budget of their own, but East covers all that is allowed.
        "uncovered": {"since": "2025-04-01", "currency": "CNY", "spending": []},
        "budgets": [
            # C-1 150 and C-2 500 committed, C-4 60 spent.
            {
                **year,
                "budget": "B-2",
                # 710.00 * 261 / 64; 3000.00 would last 270.4 days.
                "forecast": {
                    **days,
                    "burn_rate": "11.09",
                    "at_end": "2895.47",
                    "left_at_end": "104.53",
                    "lasting": "lasts",
                    "last_day": None,
                },
                "name": "East 2026",
                "owner": "East",
                "hard": False,
                "responsible": "",
                "allocated": "3000.00",
                "committed": "650.00",
                "spent": "60.00",
                "available": "2290.00",
            },
            {
                **year,
                "budget": "B-1",
                # 1000.00 lasts 98.5 days: the 99th working day is 19 May.
                "forecast": {
                    **days,
                    "burn_rate": "10.16",
                    "at_end": "2650.78",
                    "left_at_end": "-1650.78",
                    "lasting": "runs_out",
                    "last_day": "2026-05-19",
                },
                "name": "王芳 2026",
                "owner": "王芳",
                "hard": True,
                "responsible": "Zhao Min",
                "allocated": "1000.00",
                "committed": "650.00",
                "spent": "0.00",
                "available": "350.00",
            },
        ],
    }


def test_budgets_for_a_person(synced: Path, capsys: Capsys) -> None:
    """A table has a row a budget under headings in the reader's language."""
    english = said(capsys, "budgets", "--at", AT)
    chinese = said(capsys, "budgets", "--at", AT, "--lang", "zh")
    assert (english.code, chinese.code, english.err, chinese.err) == (0, 0, "", "")
    head, _, east, person = (line.split() for line in english.out.splitlines())
    assert [" ".join(words) for words in (head, east, person)] == [
        "Budget Owner Until Currency Allocated Committed Spent Available Used "
        "A working day By the end Left then Lasts until",
        "East 2026 East 2026-12-31 CNY 3,000.00 650.00 60.00 2,290.00 23.7% "
        "11.09 2,895.47 104.53 the end",
        "王芳 2026 王芳 2026-12-31 CNY 1,000.00 650.00 0.00 350.00 65.0% "
        "10.16 2,650.78 -1,650.78 2026-05-19",
    ]
    head = chinese.out.splitlines()[0].split()
    assert " ".join(head) == (
        "预算 归属 截止 币种 预算额 已占用 已支出 可用 已使用 每工作日 期末预计 期末结余 可用至"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_budgets_of_another_year(synced: Path, capsys: Capsys, language: str) -> None:
    """When no budget is in force on the day, a reader is told when they are; a script gets none."""
    at = "2027-01-01T00:30:00+08:00"
    ran = said(capsys, "budgets", "--at", at, "--lang", language)
    assert (ran.code, ran.out) == (0, "")
    for word in ("2", "2027-01-01", "2026-01-01", "2026-12-31", "--at"):
        assert word in ran.err
    told = said(capsys, "budgets", "--at", at, "--json")
    assert (told.json["as_of"], told.json["budgets"]) == ("2027-01-01", [])
    # The day is that of the company: there it is still 2026.
    west = said(capsys, "budgets", "--at", "2026-12-31T15:59:00+00:00", "--json")
    assert west.json["as_of"] == "2026-12-31"
    assert len(west.json["budgets"]) == 2


def test_a_company_without_budgets(company: Path, capsys: Capsys) -> None:
    """Where there is no budget at all, that is said, and what was spent without one."""
    (company / "crm" / "budget.csv").write_text(
        "id,scope,start,end,amount,currency,owner,hard,responsible,name\n", encoding="utf-8"
    )
    said(capsys, "sync", "--at", AT)
    for language, told, why in (
        ("en", "No budget covers this period", "no budget is known"),
        ("zh", "本期没有预算", "没有任何预算"),
    ):
        ran = said(capsys, "budgets", "--at", AT, "--lang", language)
        assert ran.code == 0
        assert told in ran.err
        rows = [line for line in ran.out.splitlines() if why in line]
        assert [row.split()[-1] for row in rows] == ["500.00", "150.00", "60.00"]
    told = said(capsys, "budgets", "--at", AT, "--json").json["uncovered"]["spending"]
    assert [(one["category"], one["reason"], one["amount"]) for one in told] == [
        ("gift", "none_known", "500.00"),
        ("meal", "none_known", "150.00"),
        ("meal", "none_known", "60.00"),
    ]


def test_roi_as_json(synced: Path, capsys: Capsys) -> None:
    """Cost, won and every ratio are those computed by hand; what cannot be said says why."""
    ran = said(capsys, "roi", "--at", AT, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["currency"] == "CNY"
    first, second = ran.json["returns"]
    # 150 + 500 allowed and 4350 of salary; half of the 20000 that were won, less 5000, by 5000.
    assert (first["person"], first["name"], first["team"]) == ("P1", "王芳", "East")
    assert (first["cost"], first["won"], first["months"]) == ("5000.00", "20000.00", 12)
    assert (first["numerator"], first["margin"]) == ("margin", "0.5")
    values = {
        name: first[name]["value"]
        for name in ("return", "growth", "win_rate", "retention", "satisfaction")
    }
    assert values == {
        "return": "1.0000",
        "growth": "1.0000",
        "win_rate": "0.6667",
        "retention": "1.0000",
        "satisfaction": "4.0000",
    }
    assert first["win_rate"]["count"] == 3
    assert first["customers_new"] == 1
    assert float(first["win_rate"]["low"]) < 0.6667 < float(first["win_rate"]["high"])
    # 60 allowed and 940 of salary; nothing won, nothing lost, one answer.
    assert (second["person"], second["cost"], second["won"]) == ("P2", "1000.00", "0.00")
    assert second["growth"] == {"value": None, "reason": "zero_base", "count": 0}
    assert second["satisfaction"] == {"value": None, "reason": "too_few", "count": 1}


def test_roi_for_a_person(synced: Path, capsys: Capsys) -> None:
    """The highest return stands first; what is not known is said in words."""
    english = said(capsys, "roi", "--at", AT)
    chinese = said(capsys, "roi", "--at", AT, "--lang", "zh")
    assert (english.code, english.err) == (0, "")
    currency, _, _, first, second = english.out.splitlines()
    assert currency == "Amounts in CNY"
    wanted = "王芳 5,000.00 20,000.00 100.00% 100.00% 66.67% 100.00% 1 4.00"
    assert first.split() == wanted.split()
    assert second.split()[:4] == ["Li", "Lei", "1,000.00", "0.00"]
    assert "no base" in second
    assert "too few" in second
    assert "金额单位 CNY" in chinese.out
    assert "样本太少" in chinese.out
    assert "too few" not in chinese.out


def test_roi_of_nobody(company: Path, capsys: Capsys) -> None:
    """Where nobody has figures, that is said instead of an empty table."""
    for name in ("account", "opportunity", "claim", "line", "cost"):
        table = company / "crm" / f"{name}.csv"
        table.write_text(table.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    said(capsys, "sync", "--at", AT)
    ran = said(capsys, "roi", "--at", AT)
    assert (ran.code, ran.out) == (0, "")
    assert "No account manager with figures" in ran.err
    assert said(capsys, "roi", "--at", AT, "--json").json == {"currency": "CNY", "returns": []}


def test_report_is_written_where_it_is_asked(synced: Path, capsys: Capsys) -> None:
    """`--out` names the page, the settings do else; a page that is the same is not written anew."""
    ran = said(capsys, "report", "--at", AT, "--out", "here.html")
    assert (ran.code, ran.out, ran.err) == (0, "Report: here.html\n", "")
    page = (synced / "here.html").read_text(encoding="utf-8")
    for word in ("Small 小公司", "王芳", "3,000.00", "C-2", "1,234.5x"):
        assert word in page
    assert not (synced / "report.html").exists()
    assert said(capsys, "report", "--at", AT, "--out", "here.html", "--json").json == {
        "report": "here.html",
        "changed": False,
    }
    other = said(capsys, "report", "--at", AT, "--lang", "zh")
    assert other.out == f"报告：{synced / 'report.html'}\n"
    assert (synced / "report.html").read_text(encoding="utf-8") == page


def test_report_in_a_folder_that_is_not_there(synced: Path, capsys: Capsys) -> None:
    """A place that cannot be written is told, and is not a fault of ours."""
    for place in ("none/here.html", "crm"):
        for language, told in (("en", "cannot be written"), ("zh", "无法将报告写入")):
            ran = said(capsys, "report", "--at", AT, "--out", place, "--lang", language)
            assert (ran.code, ran.out) == (2, "")
            assert told in ran.err
            assert place in ran.err


@pytest.mark.parametrize("verb", ["budgets", "roi", "report"])
def test_looking_makes_no_store(company: Path, capsys: Capsys, verb: str) -> None:
    """Before the first run there is nothing to look at: told, and nothing is made."""
    before = contents(company)
    for language, told in (("en", "crm-expenses sync"), ("zh", "请先运行")):
        for more in ((), ("--json",)):
            ran = said(capsys, verb, "--at", AT, "--lang", language, *more)
            assert (ran.code, ran.out) == (2, "")
            assert told in ran.err
    assert contents(company) == before


@pytest.mark.parametrize("verb", ["budgets", "roi"])
def test_looking_changes_nothing(synced: Path, capsys: Capsys, verb: str) -> None:
    """A look leaves every byte of store and folder as it was."""
    before = contents(synced)
    assert said(capsys, verb, "--at", AT).code == 0
    assert contents(synced) == before


@pytest.mark.parametrize("verb", ["budgets", "roi", "report"])
def test_two_crms_must_be_told_apart(synced: Path, capsys: Capsys, verb: str) -> None:
    """Where the settings have two CRMs, one must be named; a wrong name is told the right ones."""
    connect(synced, other="files")
    ran = said(capsys, verb, "--at", AT)
    assert (ran.code, ran.out) == (2, "")
    assert "main, other" in ran.err
    assert said(capsys, verb, "third", "--at", AT).code == 2
    assert said(capsys, verb, "main", "--at", AT).code == 0


def test_settings_may_stand_elsewhere(
    synced: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths in the settings start from the settings, wherever the command is run."""
    (synced / "sub").mkdir()
    shutil.copy(synced / "crm_expenses.toml", synced / "mine.toml")
    monkeypatch.chdir(synced / "sub")
    ran = said(capsys, "budgets", "--at", AT, "--settings", "../mine.toml", "--json")
    assert len(ran.json["budgets"]) == 2
    assert said(capsys, "budgets", "--at", AT).code == 2


def test_names_in_a_table_are_inert(company: Path, capsys: Capsys) -> None:
    """A budget's name with markup and escapes is text in the table."""
    budgets = company / "crm" / "budget.csv"
    hostile = budgets.read_text(encoding="utf-8").replace("East 2026", "[red]E\x9b\u202e2026")
    budgets.write_text(hostile, encoding="utf-8")
    said(capsys, "sync", "--at", AT)
    for more in ((), ("--json",)):
        ran = said(capsys, "budgets", "--at", AT, *more)
        assert "[red]E" in ran.out
        assert not {"\x9b", "\u202e"} & set(ran.out)


def test_wrong_settings_are_told_all_at_once(company: Path, capsys: Capsys) -> None:
    """Every mistake of a settings file is told with its line."""
    wrong = SETTINGS.replace("Asia/Shanghai", "Asia/Shanhai").replace("[store]", "[stor]")
    (company / "crm_expenses.toml").write_text(wrong, encoding="utf-8")
    ran = said(capsys, "budgets", "--at", AT)
    assert ran.code == 2
    assert "crm_expenses.toml:" in ran.err
