"""`doctor`: what is told, in which shape, with which exit code."""

from pathlib import Path

import pytest
from commandline import AT, connect, contents, said

Capsys = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("language", "marks", "last"),
    [
        ("en", ("[ok]  ", "[look]"), "11 good, 2 to look at, 0 bad."),
        ("zh", ("[正常]", "[注意]"), "正常 11 项，注意 2 项，错误 0 项。"),
    ],
)
def test_everything_is_looked_at(
    company: Path, capsys: Capsys, language: str, marks: tuple[str, str], last: str
) -> None:
    """Settings, policy, store and every file of the CRM have a line; a count ends the page."""
    before = contents(company)
    ran = said(capsys, "doctor", "--lang", language)
    assert (ran.code, ran.err) == (0, "")
    *lines, counted = ran.out.splitlines()
    assert all(line.startswith(marks) for line in lines)
    assert counted == last
    assert len(lines) == 13
    for word in ("small", "store.sqlite3", "line.csv", "1,234.5x", "budget.csv", "results"):
        assert word in ran.out
    assert contents(company) == before


def test_json_has_both_languages(company: Path, capsys: Capsys) -> None:
    """A script reads level, code and message in both languages, whoever asks."""
    said(capsys, "sync", "--at", AT)
    english, chinese = (said(capsys, "doctor", "--json", "--lang", one) for one in ("en", "zh"))
    assert (english.code, english.err) == (0, "")
    assert english.json == chinese.json
    for found in english.json["diagnoses"]:
        assert set(found) == {"level", "code", "message"}
        assert found["level"] in {"good", "warning", "bad"}
        assert found["message"]["en"] != found["message"]["zh"]
    codes = [found["code"] for found in english.json["diagnoses"]]
    assert {"doctor.settings", "doctor.policy", "doctor.store", "doctor.set_aside"} <= set(codes)


def test_what_is_bad_is_two(company: Path, capsys: Capsys) -> None:
    """One bad part answers 2 and hides no other."""
    (company / "policy.toml").write_text("x = ", encoding="utf-8")
    (company / "crm" / "claim.csv").write_text("no,columns\n", encoding="utf-8")
    for language, mark in (("en", "[BAD] "), ("zh", "[错误]")):
        ran = said(capsys, "doctor", "--lang", language)
        assert ran.code == 2
        bad = [line for line in ran.out.splitlines() if line.startswith(mark)]
        assert any("policy.toml:1" in line for line in bad)
        assert any("claim.csv" in line for line in bad)
        assert "line.csv" in ran.out
    assert said(capsys, "doctor", "--json").code == 2


def test_no_settings(company: Path, capsys: Capsys) -> None:
    """Without settings there is one thing to say, and it is bad."""
    ran = said(capsys, "doctor", "--settings", "none.toml")
    assert ran.code == 2
    assert ran.out.endswith("0 good, 0 to look at, 1 bad.\n")


def test_one_crm_of_two(plugged: Path, capsys: Capsys) -> None:
    """A CRM that is named is looked at alone; else each is."""
    connect(plugged, one="files", two="quarrel")
    every = said(capsys, "doctor").out
    alone = said(capsys, "doctor", "two").out
    assert "line.csv" in every
    assert "line.csv" not in alone
    assert "two" in alone
    assert said(capsys, "doctor", "three").code == 2


def test_write_writes_nothing_where_it_cannot(company: Path, capsys: Capsys) -> None:
    """An adapter without scratch records says so; one that is bad is not written to."""
    before = contents(company)
    assert "no scratch record to write" in said(capsys, "doctor", "--write").out
    assert contents(company) == before
    (company / "crm" / "claim.csv").write_text("no,columns\n", encoding="utf-8")
    ran = said(capsys, "doctor", "--write")
    assert (ran.code, "nothing was written, because" in ran.out) == (2, True)
