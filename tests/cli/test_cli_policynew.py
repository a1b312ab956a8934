"""`policy new`: asked on a terminal, answered by a file, or with every default."""

import errno
import io
import os
import pty
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest
from commandline import PATIENCE, Ran, child, contents, environment, said

from crm_expenses.cli import policynew
from crm_expenses.policyfile import load_policy
from crm_expenses.quiz import questions

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Terminal(io.StringIO):
    """Standard input as a terminal on which these lines are typed."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def typed(monkeypatch: pytest.MonkeyPatch, capsys: Capsys, lines: str, *words: str) -> Ran:
    """Run the command while these lines are typed."""
    monkeypatch.setattr(sys, "stdin", Terminal(lines))
    return said(capsys, "policy", "new", "p.toml", *words)


def good(capsys: Capsys, file: str = "p.toml") -> None:
    """The policy has no mistake, and all of its cases pass."""
    assert said(capsys, "policy", "check", file).code == 0
    assert said(capsys, "policy", "test", file).code == 0


ENTER: Final = "\n" * 60


@pytest.mark.parametrize(("language", "currency"), [("en", "USD"), ("zh", "CNY")])
def test_enter_takes_every_default(
    here: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch, language: str, currency: str
) -> None:
    """With Enter alone, questions in the command's language end in a good policy and cases."""
    ran = typed(monkeypatch, capsys, ENTER, "--lang", language)
    assert ran.code == 0
    assert sorted(path.name for path in here.iterdir()) == ["p.cases.toml", "p.toml"]
    assert ("公司名称 [本公司]：" in ran.err) is (language == "zh")
    assert ("Name of the company [Our company]: " in ran.err) is (language == "en")
    assert "p.cases.toml" in ran.out
    policy = load_policy("p.toml")
    assert (policy.id, policy.currency) == ("p", currency)
    asked = {question.rule for question in questions(policy, count=200)}
    assert asked == {rule.code for rule in policy.rules}
    good(capsys)


def test_yes_writes_what_enter_writes(
    here: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--yes` asks nothing and gives the same two files."""
    typed(monkeypatch, capsys, ENTER)
    first = contents(here)
    for name in first:
        (here / name).unlink()
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    ran = said(capsys, "policy", "new", "p.toml", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert contents(here) == first


def test_what_was_answered_stands_in_the_policy(
    here: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, lists and figures are those that a person typed."""
    lines = 'Zhou "]]" \\ & Söhne\neur\n2026-04-01\nA，B\n2, 6\nX, rest\nKöln\n100 , 120.50\n80\n'
    ran = typed(monkeypatch, capsys, lines + "40\n150\n" + ENTER)
    assert ran.code == 0
    assert "  8 Own car, by kilometre" in ran.err
    data = tomllib.loads(Path("p.toml").read_text("utf-8"))
    assert data["policy"]["title"]["en"] == 'Expense policy of Zhou "]]" \\ & Söhne'
    assert data["policy"]["currency"] == "EUR"
    assert data["choices"] == {"grade": ["A", "B"], "tier": ["X", "rest"]}
    assert list(data["category"]) == ["lodging", "gift"]
    (night,) = data["parameter"]["lodging_night"]["values"]
    assert night["table"] == [
        ["A", "X", 100],
        ["B", "X", 120.5],
        ["A", "rest", 80],
        ["B", "rest", 80],
    ]
    assert data["parameter"]["gift_year"]["values"][0]["is"] == 150
    good(capsys)


@pytest.mark.parametrize(("language", "word"), [("en", "Not taken"), ("zh", "未采用")])
def test_a_bad_answer_is_asked_again(
    here: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    """Bad input is told with its reason, and the question comes again."""
    ran = typed(monkeypatch, capsys, "\nRMB\n人民币\nCNY\n" + ENTER, "--lang", language)
    assert ran.code == 0
    assert ran.err.count(word) == 2
    assert "RMB" in ran.err
    assert load_policy("p.toml").currency == "CNY"


def test_questions_come_a_bounded_number_of_times(
    here: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After five answers that do not fit, the command ends with 2 and writes nothing."""
    ran = typed(monkeypatch, capsys, "\n" + "X\n" * 9)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("Not taken") == 5
    assert not list(here.iterdir())


def test_input_that_ends(here: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the input ends in the middle, nothing is written."""
    ran = typed(monkeypatch, capsys, "\n\n")
    assert (ran.code, ran.out) == (2, "")
    assert "nothing was written" in ran.err
    assert not list(here.iterdir())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_terminal_and_no_answers(here: Path, language: str) -> None:
    """A script that answers nothing is told so at once, with the names of the questions."""
    ran = child("policy", "new", "p.toml", "--lang", language, cwd=here)
    assert (ran.code, ran.out) == (2, "")
    for word in ("--answers", "--yes", "company", "finance_above"):
        assert word in ran.err
    assert not list(here.iterdir())


ANSWERS: Final = """
company = "Acme"
currency = "CNY"
starts = 2026-07-01
grades = ["员工", "经理"]
categories = ["meal", "lodging", "gift"]
tiers = ["一线", "其他"]
meal_day = 120
gift_item = "200.50"
gift_year = 1000
voucher = "fapiao"
voucher_from = 0
submit_days = 45
manager_above = 300
finance_above = 300

[cities]
"一线" = ["北京", "上海"]

[lodging_night]
"一线" = { "经理" = 800, "员工" = 650.50 }
"其他" = 400
"""


def test_answers_of_a_file(here: Path, capsys: Capsys) -> None:
    """A file answers every question, so nothing is asked."""
    (here / "a.toml").write_text(ANSWERS, encoding="utf-8")
    ran = said(capsys, "policy", "new", "p.toml", "--answers", "a.toml")
    assert (ran.code, ran.err) == (0, "")
    data = tomllib.loads(Path("p.toml").read_text("utf-8"))
    (night,) = data["parameter"]["lodging_night"]["values"]
    assert night["table"][:2] == [["员工", "一线", 650.5], ["经理", "一线", 800]]
    assert [step["above"] for step in data["approval"]] == [300, 300]
    good(capsys)


def test_mistakes_of_a_file(here: Path, capsys: Capsys) -> None:
    """Every answer that does not fit, or answers nothing, is told at once with its place."""
    text = ANSWERS.replace("meal_day = 120", "meal_day = true").replace('"CNY"', '"RMB"')
    text = text.replace("finance_above = 300", "finance_above = 299\nmileage_rate = 1")
    (here / "a.toml").write_text(text + '"三线" = 5\n', encoding="utf-8")
    ran = said(capsys, "policy", "new", "p.toml", "--answers", "a.toml", "--yes")
    assert (ran.code, ran.out) == (2, "")
    lines = text.split("\n")
    for start in ("currency", "meal_day", "finance_above", "mileage_rate"):
        number = next(n for n, line in enumerate(lines, 1) if line.startswith(start))
        assert f"a.toml:{number}:" in ran.err
    assert "三线" in ran.err
    assert len(ran.err.splitlines()) == 5
    assert [path.name for path in here.iterdir()] == ["a.toml"]


def test_what_a_file_leaves_out(
    here: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is asked on a terminal, taken as default with --yes, else named and refused."""
    (here / "a.toml").write_text(ANSWERS.replace("submit_days = 45\n", ""), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    ran = said(capsys, "policy", "new", "p.toml", "--answers", "a.toml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.rstrip().endswith("submit_days")
    ran = typed(monkeypatch, capsys, "77\n", "--answers", "a.toml")
    assert ran.code == 0
    assert "is = 77," in Path("p.toml").read_text("utf-8")


@pytest.mark.parametrize("taken", ["p.toml", "p.cases.toml"])
def test_nothing_is_overwritten(here: Path, capsys: Capsys, taken: str) -> None:
    """Where either file is there already, both stay as they are, and nothing is asked."""
    (here / taken).write_text("mine", encoding="utf-8")
    ran = said(capsys, "policy", "new", "p.toml")
    assert (ran.code, ran.out) == (2, "")
    assert taken in ran.err
    assert {path.name: path.read_text("utf-8") for path in here.iterdir()} == {taken: "mine"}


@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize("taken", ["p.toml", "p.cases.toml"])
def test_a_file_that_comes_in_between(
    here: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch, taken: str, *, has_links: bool
) -> None:
    """A file that appears while the questions are asked is left alone, and no other is left."""
    free = policynew._demand_free

    def late(*paths: Path) -> None:
        free(*paths)
        (here / taken).write_text("mine", encoding="utf-8")

    monkeypatch.setattr(policynew, "_demand_free", late)
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    ran = said(capsys, "policy", "new", "p.toml", "--yes")
    assert ran.code == 2
    assert {path.name: path.read_text("utf-8") for path in here.iterdir()} == {taken: "mine"}


def no_links(_source: object, _target: object) -> None:
    """Answer as a file system without links does."""
    raise OSError(errno.EOPNOTSUPP, "no links here")


def test_without_links(here: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without links both files are written all the same."""
    monkeypatch.setattr(os, "link", no_links)
    assert said(capsys, "policy", "new", "p.toml", "--yes").code == 0
    assert sorted(path.name for path in here.iterdir()) == ["p.cases.toml", "p.toml"]
    good(capsys)


def test_a_place_that_is_none(here: Path, capsys: Capsys) -> None:
    """A folder that is not there, and a folder in place of a file, are wrong usage."""
    ran = said(capsys, "policy", "new", "none/p.toml", "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert "none/p.toml" in ran.err
    assert said(capsys, "policy", "new", ".", "--yes").code == 2
    long = "x" * 300 + ".toml"
    assert said(capsys, "policy", "new", long, "--yes").code == 2
    assert not list(here.iterdir())


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Ours 2026.toml", "ours2026"),
        ("政策.toml", "policy"),
        ("_-..toml", "policy"),
        ("x" * 200 + ".toml", "x" * 80),
        ('a"\n]]\n[x].toml', "ax"),
    ],
)
def test_names_of_files(here: Path, capsys: Capsys, name: str, id_: str) -> None:
    """Whatever the file is called, its policy is good and has a short name."""
    assert said(capsys, "policy", "new", name, "--yes").code == 0
    assert load_policy(name).id == id_
    good(capsys, name)


def terminal(here: Path, lines: bytes, *, stop: bool = False) -> Ran:
    """Run the command on a true terminal; `stop` sends it Ctrl-C's signal at the first question."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "crm_expenses", "policy", "new", "p.toml", "--lang", "zh"],
        cwd=here,
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while "本公司".encode() not in shown:
            shown += os.read(ours, 4096)
        if stop:
            running.send_signal(signal.SIGINT)
        else:
            os.write(ours, lines)
        while True:
            try:
                shown += os.read(ours, 4096)
            except OSError:  # how Linux tells that the other end is closed
                break
        code = running.wait(PATIENCE)
    finally:
        running.kill()
        running.wait()
        os.close(ours)
    return Ran(code, "", shown.decode())


def test_on_a_true_terminal(here: Path, capsys: Capsys) -> None:
    """On a terminal in Chinese, Chinese answers are taken."""
    ran = terminal(here, ("东方贸易\n" + ENTER).encode())
    assert ran.code == 0, ran.err
    assert 'zh = "东方贸易费用报销制度"' in Path("p.toml").read_text("utf-8")
    good(capsys)


def test_ctrl_c_writes_nothing(here: Path) -> None:
    """Ctrl-C at a question ends the command, and no file is there."""
    ran = terminal(here, b"", stop=True)
    assert ran.code == 130
    assert "已停止" in ran.err
    assert not list(here.iterdir())
