"""Languages, exit codes and what ends a command early."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import (
    AT,
    POLICY,
    SECRET,
    child,
    connect,
    environment,
    install_plug_ins,
    said,
)

from crm_expenses.cli.app import take_language, version_text
from crm_expenses.errors import ConfigError
from crm_expenses.messages import table, text

Capsys = pytest.CaptureFixture[str]

BLOCKED = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Missing())
from crm_expenses.cli import run
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    "words",
    [
        ("--lang", "zh", "policy", "check", "none.toml"),
        ("policy", "--lang", "zh", "check", "none.toml"),
        ("policy", "check", "--lang=zh", "none.toml"),
        ("policy", "check", "none.toml", "--lang", "zh"),
        ("--lang", "en", "policy", "check", "none.toml", "--lang", "zh"),
    ],
)
def test_language_stands_anywhere(capsys: Capsys, words: tuple[str, ...]) -> None:
    """`--lang` may stand before, between and after the other words; the last one counts."""
    ran = said(capsys, *words)
    assert ran.code == 2
    assert "无法读取 none.toml" in ran.err


def test_language_after_two_dashes_is_a_word(capsys: Capsys) -> None:
    """Behind `--` nothing is an option any more."""
    assert take_language(["demo", "--", "--lang", "zh"]) == (["demo", "--", "--lang", "zh"], "en")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--lang", "fr"), "fr"),
        (("--lang=",), "-"),
        (("--lang",), "-"),
        (("--lang", "中文"), "中文"),
    ],
)
def test_wrong_language_is_wrong_usage(capsys: Capsys, words: tuple[str, ...], named: str) -> None:
    """A language that there is not is named, with those that there are."""
    ran = said(capsys, "demo", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"there is no language {named}; use --lang en or --lang zh\n"


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.Big5"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": ""}, "en"),
    ],
)
def test_locale_chooses_the_language(
    capsys: Capsys, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    """Without `--lang` the locale decides, LC_ALL before LC_MESSAGES before LANG; `--lang` wins."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert take_language(["demo"])[1] == language
    assert take_language(["demo", "--lang", "en"])[1] == "en"
    expected = {"en": "there is no language xx", "zh": "没有语言 xx"}[language]
    assert expected in said(capsys, "--lang", "xx").err
    with pytest.raises(ConfigError):
        take_language(["--lang", "xx"])


def test_every_text_of_the_command_line_is_in_both_languages() -> None:
    """Each code that a module of the command line asks for is in the tables, in two languages."""
    folder = Path(sys.modules["crm_expenses.cli"].__file__ or "").parent
    asked = set()
    for module in sorted(folder.glob("*.py")):
        source = module.read_text(encoding="utf-8")
        heads = "command|option|usage|stage|summary|check|plan|figures|doctor|demo|report|extra"
        asked |= set(re.findall(rf'"((?:{heads})\.[a-z_]+)"', source))
    assert len(asked) > 60
    assert asked <= table().keys()
    for code in asked - {"summary.crm"}:  # CRM is the word in both
        assert table()[code][0] != table()[code][1], code
    for code in asked:
        assert set(re.findall(r"{\w+}", table()[code][0])) == set(
            re.findall(r"{\w+}", table()[code][1])
        ), code


def test_version_is_told(capsys: Capsys) -> None:
    """`--version` prints name and version and needs no command."""
    for language in ("en", "zh"):
        ran = said(capsys, "--version", "--lang", language)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == f"crm-expenses {version_text(language)}\n"


def test_version_of_a_source_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is installed the package says so, and that is no fault."""
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if "site-packages" not in entry])
    monkeypatch.setattr(sys, "meta_path", [])
    assert version_text("zh") == text("command.no_version", "zh")


@pytest.mark.parametrize(
    ("missing", "words", "extra"),
    [
        ("typer", ("demo", "x"), "cli"),
        ("sqlalchemy", ("sync",), "sql"),
        ("sqlalchemy", ("budgets",), "sql"),
        ("sqlalchemy", ("doctor",), "sql"),
        ("sqlalchemy", ("demo", "x"), "sql"),
        ("duckdb", ("check", "claims.parquet", "--policy", "policy.toml"), "duckdb"),
        ("jinja2", ("report", "--at", AT), "report"),
    ],
)
def test_a_missing_package_is_told_with_its_command(
    company: Path, capsys: Capsys, missing: str, words: tuple[str, ...], extra: str
) -> None:
    """A package that is not installed is wrong usage, told with the pip command that mends it."""
    assert said(capsys, "sync", "--at", AT).code == 0
    (company / "claims.parquet").write_bytes(b"PAR1 and more")
    ran = child(missing, *words, cwd=company, program=("-c", BLOCKED))
    assert (ran.code, ran.out) == (2, "")
    assert f"package {missing}," in ran.err
    assert f"pip install 'crm-expenses[{extra}]'" in ran.err


def test_policies_and_claims_need_no_database(company: Path) -> None:
    """`policy check` and `check` of a CSV work without the packages of the store and of engines."""
    claims = company / "claims.csv"
    claims.write_text(
        "claim,person,submitted,date,category,amount,currency\n"
        "C-1,P1,2026-03-05,2026-03-02,meal,20,CNY\n",
        encoding="utf-8",
    )
    for missing in ("sqlalchemy", "duckdb", "jinja2"):
        for words in (
            ("policy", "check", "policy.toml"),
            ("check", "claims.csv", "--policy", "policy.toml"),
        ):
            assert child(missing, *words, cwd=company, program=("-c", BLOCKED)).code == 0


def test_a_fault_in_a_child_shows_no_private_word(company: Path) -> None:
    """In a real process, too, a fault is 70, one line, without what the exception carries."""
    plug_ins = install_plug_ins(company.parent / "plug_ins")
    connect(company, other="faulty")
    paths = f"{plug_ins}:{environment()['PYTHONPATH']}"
    ran = child("sync", "other", cwd=company, PYTHONPATH=paths)
    assert (ran.code, ran.out) == (70, "")
    assert SECRET not in ran.err
    assert ran.err.count("\n") == 1
    assert "CRM_EXPENSES_TRACE=1" in ran.err
    traced = child("sync", "other", cwd=company, PYTHONPATH=paths, CRM_EXPENSES_TRACE="1")
    assert traced.code == 70
    assert SECRET in traced.err


@pytest.mark.parametrize(("policy", "code"), [(POLICY, 0), (POLICY + "[[rule]]", 1)])
def test_a_child_ends_with_the_exit_code(company: Path, policy: str, code: int) -> None:
    """The exit code of the process is the answer of the command."""
    (company / "policy.toml").write_text(policy, encoding="utf-8")
    assert child("policy", "check", "policy.toml", cwd=company).code == code


def closed_pipe(folder: Path, *words: str, both: bool = False) -> tuple[int, str]:
    """Run a command whose reader has gone before it writes; give the code and standard error."""
    running = subprocess.Popen(
        [sys.executable, "-m", "crm_expenses", *words],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if both else subprocess.PIPE,
    )
    assert running.stdout is not None
    running.stdout.close()
    err = running.stderr.read().decode() if running.stderr else ""
    if running.stderr:
        running.stderr.close()
    return running.wait(120), err


@pytest.mark.parametrize(
    "words",
    [
        ("policy", "schema"),
        ("budgets", "--at", AT),
        ("roi", "--at", AT),
        ("sync", "--at", AT, "--json"),
        ("doctor",),
        ("--help",),
    ],
)
def test_a_closed_pipe_ends_quietly(company: Path, capsys: Capsys, words: tuple[str, ...]) -> None:
    """When the reader has gone the command ends with 141 and without a word."""
    said(capsys, "sync", "--at", AT)
    assert closed_pipe(company, *words) == (141, "")


@pytest.mark.parametrize("words", [("sync", "none"), ("doctor",), ("nosuch",)])
def test_a_closed_pipe_for_both_streams(company: Path, words: tuple[str, ...]) -> None:
    """Also where standard error goes into the same closed pipe."""
    assert closed_pipe(company, *words, both=True) == (141, "")


def test_what_a_terminal_cannot_encode_is_escaped(company: Path) -> None:
    """A stream that knows ASCII only gets escapes, not an error."""
    ran = child("policy", "check", "中.toml", "--lang", "zh", cwd=company, PYTHONIOENCODING="ascii")
    assert ran.code == 2
    assert "\\u4e2d.toml" in ran.err


def test_an_interrupt_is_130(
    company: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt is told in the reader's language, and is what a shell expects."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("crm_expenses.policyfile.read_toml", interrupted)
    ran = said(capsys, "--lang", "zh", "policy", "check", "policy.toml")
    assert (ran.code, ran.out) == (128 + signal.SIGINT, "")
    assert ran.err == text("command.stopped", "zh") + "\n"
