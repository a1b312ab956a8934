"""`records`, `conflicts` and `retry`, on a CRM in memory that lasts from command to command."""

import importlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commandline import AT, PLUG_IN, connect, said

from crm_expenses.adapters.contract import ResultKind
from crm_expenses.adapters.memory import Failure, Fault, MemoryCrm, Step
from crm_expenses.adapters.textrow import from_row
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.record import Kind

Capsys = pytest.CaptureFixture[str]
BY = ("--as", "P9", "--why", "typing error", "--at", AT)


@pytest.fixture
def firm(plugged: Path, capsys: Capsys) -> Path:
    """The company on a CRM that lasts, synced once; P9 is finance, P8 an auditor."""
    connect(plugged, lasting="lasting")
    with (plugged / "crm_expenses.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[roles]\nfinance = ["P9"]\nauditor = ["P8"]\n')
    assert said(capsys, "sync", "--at", AT).code == 0
    return plugged


def tiny() -> Any:  # noqa: ANN401  the plug-in's module
    """Give the module of the plug-in CRMs."""
    return importlib.import_module(PLUG_IN)


def crm() -> MemoryCrm:
    """Give the CRM that lasts."""
    made: MemoryCrm = tiny().CRMS["lasting"]
    return made


def there() -> ExpenseLine:
    """Give the line as it is in the CRM."""
    [(_, held)] = crm().changed(Kind.LINE, 0, 10)
    return from_row(ExpenseLine, held.row)


def fail(*faults: Fault) -> None:
    """Let the next command's CRM fail."""
    tiny().FAULTS[:] = faults


def change(capsys: Capsys, *values: str) -> None:
    """Change the line here."""
    assert said(capsys, "records", "change", "line", "L-1", *values, *BY).code == 0


def quarrel(capsys: Capsys) -> None:
    """Change the city on both sides, and read it."""
    change(capsys, "city=北京")
    crm().put(replace(there(), city="成都"))
    assert said(capsys, "sync", "--at", AT).code == 0


def test_a_change_counts_and_is_written(firm: Path, capsys: Capsys) -> None:
    """Changed here it is told, shown by the plan, decided anew, and written by the next run."""
    before = there()
    words = ("records", "change", "line", "L-1", "city=北京", "amount=1,020.50 CNY", *BY)
    made = said(capsys, *words)
    assert (made.code, made.err) == (0, "")
    assert "city: - -> 北京" in made.out or "city" in made.out
    assert "amount" in made.out
    assert "20.00 CNY" in made.out
    [planned] = [
        row
        for row in said(capsys, "sync", "--plan", "--json", "--at", AT).lines
        if row["kind"] == "line_change"
    ]
    assert planned["fields"] == {"amount": ["20.00 CNY", "1020.50 CNY"], "city": ["", "北京"]}
    run = said(capsys, "sync", "--json", "--at", AT).json["runs"][0]
    assert run["decided"]["claims"] == 1
    assert there().city == "北京"
    assert str(there().amount) == "1020.50 CNY"
    assert replace(there(), city="", amount=before.amount) == before
    assert said(capsys, "audit", "verify").code == 0


def test_the_past_of_a_record(firm: Path, capsys: Capsys) -> None:
    """Versions say who made them and why, edits what became of them, in both languages."""
    change(capsys, "city=北京")
    shown = said(capsys, "records", "show", "line", "L-1", "--as", "P8", "--at", AT)
    assert shown.code == 0
    assert "by P9 (edit/1)" in shown.out
    assert "why: typing error" in shown.out
    assert "  city: 北京" in shown.out
    assert "waits" in shown.out
    said(capsys, "sync", "--at", AT)
    chinese = said(capsys, "--lang", "zh", "records", "show", "line", "L-1", "--as", "P8")
    assert "已写入" in chinese.out
    told = said(capsys, "records", "show", "line", "L-1", "--as", "P8", "--json").json
    assert [one["by"] for one in told["versions"]] == ["", "P9"]
    assert told["edits"] == [
        {"number": 1, "field": "city", "base": "", "ours": "北京", "state": "done", "at": AT}
    ]
    assert said(capsys, "records", "show", "line", "L-1", "--as", "P1").code == 0  # their own
    assert said(capsys, "records", "show", "line", "L-1", "--as", "P2").code == 4


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (("records", "change", "line", "L-1", "city=x", "--as", "P8", "--why", "x"), 4, "finance"),
        (("records", "change", "line", "L-1", "city=x", "--as", "P9"), 2, "--why"),
        (("records", "change", "line", "L-1", "town=x", *BY), 2, "town"),
        (("records", "change", "line", "L-1", "amount=x", *BY), 2, "amount"),
        (("records", "change", "line", "L-1", "date=1.2.2026", *BY), 2, "2026-01-31"),
        (("records", "change", "line", "L-1", "id=x", *BY), 2, "id"),
        (("records", "change", "line", "L-7", "city=x", *BY), 4, "L-7"),
        (("records", "change", "lines", "L-1", "city=x", *BY), 2, "account_manager"),
        (("records", "change", "approval", "Y-1", "reason=x", *BY), 2, "approval"),
        (("records", "change", "line", "L-1", "city", *BY), 2, "city"),
        (("records", "show", "line", "L-7", "--as", "P8"), 4, "L-7"),
        (("conflicts", "list", "--as", "P1"), 4, "P1"),
        (("conflicts", "show", "7", "--as", "P8"), 2, "7"),
        (("conflicts", "resolve", "7", "--take", "crm", *BY), 2, "7"),
        (("conflicts", "resolve", "7", "--take", "crm", "--as", "P8", "--why", "x"), 4, "finance"),
        (("retry", "--list", "--as", "P1"), 4, "P1"),
        (("retry", "--as", "P9"), 2, "--all"),
        (("retry", "abc", "--as", "P9"), 4, "abc"),
        (("retry", "--all", "--as", "P8"), 4, "finance"),
    ],
)
def test_what_is_refused(
    firm: Path, capsys: Capsys, words: tuple[str, ...], code: int, part: str
) -> None:
    """What may not be, or is not there, is refused with what to do, in both languages."""
    english = said(capsys, *words)
    chinese = said(capsys, "--lang", "zh", *words)
    assert (english.code, chinese.code) == (code, code)
    assert part in english.err
    assert english.err != chinese.err
    assert (english.out, chinese.out) == ("", "")


def test_a_crm_that_takes_no_changes(company: Path, capsys: Capsys) -> None:
    """Where the adapter cannot change a kind, the change is refused at once, and nothing waits."""
    settings = company / "crm_expenses.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[roles]\nfinance = ["P9"]\n', "utf-8")
    said(capsys, "sync", "--at", AT)
    made = said(capsys, "records", "change", "line", "L-1", "city=x", *BY)
    assert made.code == 2
    assert "line" in made.err
    assert "main" in made.err
    assert said(capsys, "sync", "--at", AT).out.count("0 changes") == 1


def test_a_conflict_from_beginning_to_end(firm: Path, capsys: Capsys) -> None:
    """Found by a sync and told; listed, shown and settled; ours is written in the end."""
    quarrel(capsys)
    assert said(capsys, "sync", "--at", AT, "--fail-on", "conflicts").code == 1
    told = said(capsys, "sync", "--at", AT).out
    assert "1 fields were changed on both sides" in told
    assert said(capsys, "sync", "--json", "--at", AT).json["runs"][0]["clashes"] == 1
    doctor = said(capsys, "doctor").out
    assert "conflicts list" in doctor
    [one] = said(capsys, "conflicts", "list", "--as", "P8", "--json").json["conflicts"]
    assert (one["base"], one["theirs"], one["ours"]) == ("", "成都", "北京")
    assert (one["by"], one["why"], one["winner"]) == ("P9", "typing error", "")
    for language, word in (("en", "asked"), ("zh", "待裁定")):
        shown = said(capsys, "conflicts", "list", "--as", "P8", "--lang", language)
        assert "成都" in shown.out
        assert word in shown.out
    assert "--take" in said(capsys, "conflicts", "show", "1", "--as", "P8").out
    settled = said(capsys, "conflicts", "resolve", "1", "--take", "ours", *BY)
    assert (settled.code, settled.err) == (0, "")
    assert "北京" in settled.out
    again = said(capsys, "conflicts", "resolve", "1", "--take", "crm", *BY)
    assert again.code == 4
    assert said(capsys, "sync", "--at", AT, "--fail-on", "conflicts").code == 0
    assert there().city == "北京"
    assert "agree" in said(capsys, "conflicts", "list", "--as", "P8").out
    [kept] = said(capsys, "conflicts", "list", "--all", "--as", "P8", "--json").json["conflicts"]
    assert kept["winner"] == "ours"
    assert said(capsys, "audit", "verify").code == 0


@pytest.mark.parametrize(("take", "city"), [("crm", "成都"), ("上海", "上海")])
def test_theirs_or_a_third_value(firm: Path, capsys: Capsys, take: str, city: str) -> None:
    """The CRM's value stays; another one is written over both."""
    quarrel(capsys)
    made = said(capsys, "conflicts", "resolve", "1", "--take", take, *BY, "--json").json
    assert made["now"] == city
    assert said(capsys, "sync", "--at", AT).code == 0
    assert there().city == city


def test_the_declared_winner(firm: Path, capsys: Capsys) -> None:
    """A winner of the settings settles it without asking; the values are kept."""
    settings = firm / "crm_expenses.toml"
    settings.write_text(
        settings.read_text("utf-8") + '\n[crm.lasting.sync]\nwinners = { "line.city" = "ours" }\n',
        "utf-8",
    )
    quarrel(capsys)
    assert there().city == "北京"
    [kept] = said(capsys, "conflicts", "list", "--all", "--as", "P8", "--json").json["conflicts"]
    assert (kept["winner"], kept["theirs"]) == ("ours", "成都")


def test_dead_letters_are_listed_and_sent_again(firm: Path, capsys: Capsys) -> None:
    """A refused write is told with its reason, by `doctor` too, and goes when it is sent again."""
    change(capsys, "city=北京")
    fail(Fault(Step.WRITE, 2, Failure.REFUSED))  # the claim's result goes first
    assert said(capsys, "sync", "--at", AT).code == 0
    assert "retry --list" in said(capsys, "doctor").out
    [one] = said(capsys, "retry", "--list", "--as", "P8", "--json").json["results"]
    assert (one["kind"], one["record"], one["state"], one["since"]) == (
        "line_change",
        "L-1",
        "refused",
        AT,
    )
    assert "refused" in one["reason"]
    for language, word in (("en", "refused"), ("zh", "被拒绝")):
        listed = said(capsys, "retry", "--list", "--as", "P8", "--lang", language)
        assert word in listed.out
        assert one["key"][:12] in listed.out
    assert said(capsys, "sync", "--at", AT).code == 0
    assert there().city == ""
    made = said(capsys, "retry", "lasting", one["key"][:12], "--as", "P9", "--at", AT)
    assert (made.code, made.err) == (0, "")
    assert "1 results" in made.out
    said(capsys, "sync", "--at", AT)
    assert there().city == "北京"
    assert "no result waits" in said(capsys, "retry", "--list", "--as", "P8").out
    assert said(capsys, "retry", "--all", "--as", "P9", "--json").json == {
        "crm": "lasting",
        "again": [],
    }
    assert said(capsys, "audit", "verify").code == 0


def test_a_write_that_conflicts_too_often(firm: Path, capsys: Capsys) -> None:
    """After so many tries it waits no longer, is told, and may arrive once it is sent again."""
    settings = firm / "crm_expenses.toml"
    settings.write_text(
        settings.read_text("utf-8") + "\n[crm.lasting.sync]\ntries_max = 2\n", "utf-8"
    )
    change(capsys, "city=北京")
    outs = []
    for number in (2, 1, 1):  # the claim's result goes first, and once
        fail(Fault(Step.WRITE, number, Failure.CONFLICT))
        outs.append(said(capsys, "sync", "--json", "--at", AT).json["runs"][0]["pushed"])
    assert [(out["conflicts"], out["stuck"]) for out in outs] == [(1, 0), (1, 1), (0, 0)]
    fail()
    [one] = said(capsys, "retry", "--list", "--as", "P8", "--json").json["results"]
    assert (one["kind"], one["state"], one["tries"]) == ("line_change", "stuck", 2)
    assert "tries_max" in one["reason"]
    assert said(capsys, "retry", "--all", "--as", "P9", "--at", AT).code == 0
    said(capsys, "sync", "--at", AT)
    assert there().city == "北京"
    assert len(crm().changes) == 1
    assert {kind for kind, *_ in crm().log} == {ResultKind.CLAIM_RESULT, ResultKind.LINE_RESULT}
