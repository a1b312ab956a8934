"""Help pages and usage errors, in both languages."""

import re
from pathlib import Path

import pytest
from commandline import said

Capsys = pytest.CaptureFixture[str]

COMMANDS = (
    (),
    ("demo",),
    ("policy",),
    ("policy", "check"),
    ("policy", "schema"),
    ("check",),
    ("sync",),
    ("budgets",),
    ("roi",),
    ("report",),
    ("doctor",),
)
ENGLISH = re.compile(
    r"(?i)\b(usage|options?|arguments?|args|commands?|required|default|error|show|missing|invalid|"
    r"value|input|should|valid|integer|unexpected|got|such|try|no|not|one of)\b"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WRONG = (
    ((), "sync"),
    (("nosuch",), "nosuch"),
    (("policy",), "check"),
    (("policy", "nosuch"), "nosuch"),
    (("demo", "--sed", "3"), "--seed"),
    (("demo", "--seed", "abc"), "--seed"),
    (("demo", "--seed", "9" * 5000), "--seed"),
    (("demo", "--seed"), "--seed"),
    (("demo", "--json=1"), "--json"),
    (("demo", "a", "b", "c"), "b c"),
    (("demo", "-x"), "-x"),
    (("check",), "CLAIMS"),
    (("check", "x.csv"), "--policy"),
    (("check", "x.csv", "--policy"), "--policy"),
    (("sync", "--fail-on", "nothing"), "findings, conflicts, set-aside"),
    (("chek",), "check"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_speaks_one_language(capsys: Capsys, command: tuple[str, ...]) -> None:
    """A help page in Chinese has no word of typer's own; one in English has no Chinese."""
    english = said(capsys, *command, "--help", "--lang", "en")
    chinese = said(capsys, *command, "--help", "--lang", "zh")
    assert (english.code, chinese.code) == (0, 0)
    assert (english.err, chinese.err) == ("", "")
    assert english.out.startswith(f"Usage: {' '.join(('crm-expenses', *command))} [OPTIONS]")
    assert chinese.out.startswith(f"用法：{' '.join(('crm-expenses', *command))} [选项]")
    assert not CHINESE.search(english.out)
    assert "选项：" in chinese.out
    assert "显示本帮助后结束。" in chinese.out
    assert not ENGLISH.search(chinese.out)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_the_same_names_in_both(capsys: Capsys, command: tuple[str, ...]) -> None:
    """Both pages name the same options, arguments and commands, and show no Python type."""
    pages = [said(capsys, *command, "--help", "--lang", one).out for one in ("en", "zh")]
    told = [re.findall(r"^  (--[a-z-]+|[a-z]+|[A-Z]+)  ", page, re.MULTILINE) for page in pages]
    assert told[0]
    assert told[0] == told[1]
    assert "<" not in pages[0] + pages[1]
    assert "{" not in pages[0] + pages[1]


@pytest.mark.parametrize(("words", "named"), WRONG, ids=lambda given: " ".join(given)[:40])
def test_wrong_usage_is_told_in_both_languages(
    company: Path, capsys: Capsys, words: tuple[str, ...], named: str
) -> None:
    """Wrong usage is 2, on standard error, names what is wrong, and speaks one language."""
    english, chinese = (said(capsys, *words, "--lang", one) for one in ("en", "zh"))
    for ran in (english, chinese):
        assert (ran.code, ran.out) == (2, "")
        assert named in ran.err
        assert "crm-expenses" in ran.err
    assert CHINESE.search(chinese.err)
    assert not CHINESE.search(english.err)
    told = chinese.err.replace("参见：crm-expenses", "").replace("nosuch", "")
    assert not ENGLISH.search(told)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("demo", "--seed"), "crm-expenses demo --help"),
        (("check",), "crm-expenses check --help"),
        (("policy", "nosuch"), "crm-expenses policy --help"),
        (("policy", "check", "--json=1"), "crm-expenses policy check --help"),
        (("nosuch",), "crm-expenses --help"),
    ],
)
def test_wrong_usage_says_where_the_help_is(
    capsys: Capsys, words: tuple[str, ...], command: str
) -> None:
    """The last line names the help page of the very command that was mistaken."""
    ran = said(capsys, *words)
    assert ran.err.splitlines()[-1] == f"See: {command}"


def test_a_slip_is_told_what_is_near(capsys: Capsys) -> None:
    """A misspelt command or option is told the one that was probably meant."""
    assert "Near: check." in said(capsys, "chek").err
    assert "Near: --seed." in said(capsys, "demo", "--sed", "1").err
    assert "没有命令 chek。相近的有：check。" in said(capsys, "chek", "--lang", "zh").err


def test_escapes_in_an_argument_are_inert(capsys: Capsys) -> None:
    """What was typed comes back without its power over the terminal."""
    ran = said(capsys, "no\x1b[2Jsuch\u202e")
    assert ran.code == 2
    assert "\x1b" not in ran.err
    assert "\u202e" not in ran.err
