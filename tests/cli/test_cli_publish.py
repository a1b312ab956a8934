"""`policy publish`, `quiz` and `diff` as people and scripts run them."""

import json
from pathlib import Path
from typing import Final

import pytest
from commandline import child, said

from crm_expenses.handbook import publish
from crm_expenses.policydiff import compare, diff_json
from crm_expenses.policyfile import load_policy
from crm_expenses.quiz import questions, quiz_json

ROOT: Final = Path(__file__).resolve().parents[2]
SALES: Final = str(ROOT / "examples" / "crm-sales" / "policy.toml")
CHAMBER: Final = str(ROOT / "examples" / "chamber" / "policy.toml")
Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# publish


def test_a_folder_gets_a_file_a_language(here: Path, capsys: Capsys) -> None:
    """Both languages in a folder are two files, each the handbook in its language."""
    ran = said(capsys, "policy", "publish", SALES, "--out", "book", "--language", "both")
    assert (ran.code, ran.err) == (0, "")
    assert sorted(path.name for path in (here / "book").iterdir()) == [
        "crm-sales-example.en.html",
        "crm-sales-example.zh.html",
    ]
    policy = load_policy(SALES)
    for language in ("en", "zh"):
        page = (here / "book" / f"crm-sales-example.{language}.html").read_text("utf-8")
        assert page == publish(policy, (language,), "html")
        assert f"crm-sales-example.{language}.html" in ran.out


def test_a_file_gets_it_all(here: Path, capsys: Capsys) -> None:
    """One file holds what was asked for; its name says the form unless an option does."""
    policy = load_policy(SALES)
    said(capsys, "policy", "publish", SALES, "--out", "a.html", "--language", "both")
    assert Path("a.html").read_text("utf-8") == publish(policy, ("en", "zh"), "html")
    said(capsys, "policy", "publish", SALES, "--out", "deep/b.md", "--lang", "zh")
    assert Path("deep/b.md").read_text("utf-8") == publish(policy, ("zh",), "md")
    said(capsys, "policy", "publish", SALES, "--out", "c.txt", "--format", "md")
    assert Path("c.txt").read_text("utf-8") == publish(policy, ("en",), "md")
    assert sorted(path.name for path in here.iterdir()) == ["a.html", "c.txt", "deep"]


def test_publishing_again_changes_nothing(here: Path, capsys: Capsys) -> None:
    """The second time the same bytes stand there, and no half-written file beside them."""
    said(capsys, "policy", "publish", SALES, "--out", "a.html")
    before = Path("a.html").read_bytes()
    assert said(capsys, "policy", "publish", SALES, "--out", "a.html").code == 0
    assert Path("a.html").read_bytes() == before
    assert [path.name for path in here.iterdir()] == ["a.html"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_place_that_cannot_be_written(here: Path, capsys: Capsys, language: str) -> None:
    """A file where a folder should be is wrong usage, told with the place."""
    (here / "taken").write_text("x", encoding="utf-8")
    ran = said(capsys, "policy", "publish", SALES, "--out", "taken/a.html", "--lang", language)
    assert (ran.code, ran.out) == (2, "")
    assert "taken/a.html" in ran.err


def test_a_bad_policy_is_not_published(here: Path, capsys: Capsys) -> None:
    """A policy with a mistake is refused with the place of the mistake, and nothing is written."""
    text = Path(SALES).read_text("utf-8").replace("amount > flight_review", "amount >> 5")
    (here / "bad.toml").write_text(text, encoding="utf-8")
    ran = said(capsys, "policy", "publish", "bad.toml", "--out", "a.html")
    assert ran.code != 0
    assert "bad.toml:" in ran.err
    assert not (here / "a.html").exists()


def test_a_form_or_language_that_is_none(here: Path, capsys: Capsys) -> None:
    """A word that is no form or language is wrong usage, told with those that are."""
    for option, words in (("--format", "html, md"), ("--language", "en, zh, both")):
        ran = said(capsys, "policy", "publish", SALES, "--out", "x", option, "pdf")
        assert ran.code == 2
        assert words in ran.err


# quiz


def test_quiz_json_and_text(capsys: Capsys) -> None:
    """A script gets the questions of the seed; a person gets them in their language."""
    asked = questions(load_policy(SALES), seed=9, count=4)
    ran = said(capsys, "policy", "quiz", SALES, "--seed", "9", "--count", "4", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == quiz_json(load_policy(SALES), asked, seed=9)
    shown = said(capsys, "policy", "quiz", SALES, "--seed", "9", "--count", "4", "--lang", "zh")
    assert asked[0].claim["zh"] in shown.out
    assert "答案" in shown.out


@pytest.mark.parametrize("count", ["0", "201", "x"])
def test_quiz_count(capsys: Capsys, count: str) -> None:
    """A number of questions that cannot be asked is wrong usage."""
    ran = said(capsys, "policy", "quiz", SALES, "--count", count)
    assert (ran.code, ran.out) == (2, "")
    assert "--count" in ran.err


def test_quiz_without_rules(here: Path, capsys: Capsys) -> None:
    """A policy of which nothing can be asked says so, and answers no."""
    text = Path(CHAMBER).read_text("utf-8")
    (here / "empty.toml").write_text(text[: text.index("[[rule]]")], encoding="utf-8")
    ran = said(capsys, "policy", "quiz", "empty.toml")
    assert (ran.code, ran.out) == (1, "")
    assert "empty.toml" in ran.err


# diff


def test_diff_in_each_form(here: Path, capsys: Capsys) -> None:
    """Differences come as text, as Markdown and as JSON."""
    new = here / "new.toml"
    text = Path(SALES).read_text("utf-8").replace('version = "1"', 'version = "2"')
    new.write_text(text.replace("is = 66", "is = 70"), encoding="utf-8")
    plain = said(capsys, "policy", "diff", SALES, "new.toml")
    assert (plain.code, plain.err) == (0, "")
    assert "From 2017-07-01 · Before 66 USD · Now 70 USD" in plain.out
    marked = said(capsys, "policy", "diff", SALES, "new.toml", "--format", "md", "--lang", "zh")
    assert "| 2017-07-01 | 66 美元 | 70 美元 |" in marked.out
    given = said(capsys, "policy", "diff", SALES, "new.toml", "--json")
    assert given.json == diff_json(compare(load_policy(SALES), load_policy(new)))


def test_diff_of_a_file_that_is_not_there(here: Path, capsys: Capsys) -> None:
    """No file is wrong usage."""
    ran = said(capsys, "policy", "diff", SALES, "none.toml")
    assert (ran.code, ran.out) == (2, "")
    assert "none.toml" in ran.err


# all


def test_in_a_process_of_its_own(here: Path) -> None:
    """The commands work as a script runs them, and print JSON and nothing else."""
    assert child("policy", "new", "p.toml", "--yes", cwd=here).code == 0
    ran = child("policy", "quiz", "p.toml", "--json", "--count", "2", cwd=here)
    assert ran.code == 0
    assert len(json.loads(ran.out)["questions"]) == 2
