"""What a person sees: nothing from outside moves the terminal, no figure is cut."""

import json
from pathlib import Path

import pytest
from commandline import AT, on_terminal, said
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.cli.screen import Column, Screen, inert_json, visible

Capsys = pytest.CaptureFixture[str]

HOSTILE = "\x1b]0;x\x07\x1b[2J\x9b31m[red]\u202egpj.exe\u2066\x00\x7f"
LIVE = ("\x1b", "\x07", "\x9b", "\x00", "\x7f", "\u202e", "\u2066")


@given(st.text())
def test_visible_leaves_nothing_live(value: str) -> None:
    """Whatever is shown is printable, a space or a line end, and what was so already stays."""
    shown = visible(value)
    assert all(c.isprintable() or c == "\n" or c.isspace() for c in shown)
    assert not set(shown) & {*LIVE, "\r", "\t", "\u2028"}
    assert visible(shown) == shown


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=5))
def test_json_is_inert_and_the_same(value: object) -> None:
    """JSON holds no live character, stands on one line, and reads back as what was given."""
    written = inert_json(value)
    assert all(c.isprintable() or c.isspace() for c in written)
    assert "\n" not in written
    assert json.loads(written) == value


def test_chinese_text_stays_as_it_is() -> None:
    """Chinese with its wide spaces and marks is shown as written."""
    assert visible("王　芳，（华东）\u00a0x") == "王　芳，（华东）\u00a0x"


def test_table_shows_markup_as_text(capsys: Capsys) -> None:
    """A cell in square brackets is no style, and an escape sequence no command."""
    Screen("en").table((Column("report.budget"), Column("report.spent")), [(HOSTILE, "[bold]1")])
    out = capsys.readouterr().out
    assert "[red]" in out
    assert "[bold]1" in out
    assert not any(c in out for c in LIVE)


def test_table_aligns_wide_characters(capsys: Capsys) -> None:
    """A Chinese character takes two places: figures stand under each other."""
    columns = (Column("report.person"), Column("report.cost", is_number=True))
    Screen("zh").table(columns, [("王芳", "1.00"), ("Li Lei", "23.00")])
    heading, _, *rows = capsys.readouterr().out.splitlines()
    assert [row.rstrip() for row in (heading, *rows)] == [
        "客户经理   成本",
        "王芳       1.00",
        "Li Lei    23.00",
    ]


def test_table_into_a_pipe_cuts_nothing(capsys: Capsys) -> None:
    """A name longer than the table is wide goes on in the next line, whole."""
    name = "x" * 500
    columns = (Column("report.budget"), Column("report.spent", is_number=True))
    Screen("en").table(columns, [(name, "12,345,678.90")])
    out = capsys.readouterr().out
    assert out.count("x") == 500
    assert "12,345,678.90" in out
    assert "…" not in out


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures_on_a_terminal_are_whole(
    company: Path, capsys: Capsys, width: int, language: str
) -> None:
    """However narrow the terminal, no amount and no name of a table is cut."""
    said(capsys, "sync", "--at", AT)
    for verb, wanted in (
        ("budgets", ("1,000.00", "650.00", "350.00", "2,290.00", "王芳", "2026-12-31")),
        ("roi", ("5,000.00", "20,000.00", "100.00%", "66.67%", "1,000.00", "Lei")),
    ):
        ran = on_terminal(verb, "--at", AT, "--lang", language, cwd=company, width=width)
        assert ran.code == 0
        assert "…" not in ran.err
        for figure in wanted:
            assert figure in ran.err


def test_narrow_terminal_names_each_figure(company: Path, capsys: Capsys) -> None:
    """What does not fit as a table comes row by row, each figure with its heading."""
    said(capsys, "sync", "--at", AT)
    ran = on_terminal("budgets", "--at", AT, cwd=company, width=60)
    words = ran.err
    assert "East 2026\r\n" in words
    for pair in ("Owner East", "Allocated 3,000.00", "Available 2,290.00", "Used 23.7%"):
        assert pair in words


def test_answer_goes_into_its_pipe_while_bars_are_shown(company: Path, capsys: Capsys) -> None:
    """Who watches bars and sends the answer into a file finds the answer in the file."""
    (company / "claims.csv").write_text(
        "claim,person,submitted,date,category,amount,currency\n"
        "C-1,P1,2026-03-05,2026-03-02,meal,20,CNY\n",
        encoding="utf-8",
    )
    words = ("check", "claims.csv", "--policy", "policy.toml", "--json")
    ran = on_terminal(*words, cwd=company, is_piped=True)
    assert ran.code == 0
    assert json.loads(ran.out)["claim"] == "C-1"
    assert "Checking claims" in ran.err
    assert "facts" not in ran.err
    alone = on_terminal(*words, cwd=company, width=60)
    # On one terminal both are shown, and the answer is not broken into lines.
    assert '"claim": "C-1", "outcome": "pass", "currency": "CNY", "claimed": "20.00"' in alone.err


def test_a_stage_without_a_name_is_shown_by_its_code() -> None:
    """A stage of a later pipeline that has no text yet is shown as it is called."""
    assert Screen("zh").stage("pull") == "读取 CRM"
    assert Screen("zh").stage("later") == "later"
