"""`sync --plan --out` and `sync --exactly`: what was shown, or nothing and the reason."""

import json
from pathlib import Path

import pytest
from commandline import AT, RESULTS, contents, said
from jsonschema import Draft202012Validator
from stepping import Company, ended, gone, until

from crm_expenses.core.viewer import SYSTEM
from crm_expenses.pipeline import plan_schema
from crm_expenses.store import open_store
from servers import store_server as store_server  # noqa: PLC0414  a fixture
from stores import database as database  # noqa: PLC0414  a fixture
from stores import where

Capsys = pytest.CaptureFixture[str]


def planned(capsys: Capsys, *words: str) -> dict[str, object]:
    """Plan into a file; give what stands in it."""
    ran = said(capsys, "sync", "--plan", "--at", AT, "--out", "plan.json", *words)
    assert ran.code == 0, ran.err
    read: dict[str, object] = json.loads(Path("plan.json").read_text("utf-8"))
    return read


def edit(company: Path, old: str, new: str, table: str = "line") -> None:
    """Change something in the CRM."""
    path = company / "crm" / f"{table}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_exactly_what_was_planned(company: Path, capsys: Capsys) -> None:
    """Nothing changed since: the writes are made, all and no other; the file fits its schema."""
    made = planned(capsys)
    Draft202012Validator(plan_schema()).validate(made)
    assert not (company / "store.sqlite3").exists()
    ran = said(capsys, "sync", "--exactly", "plan.json", "--at", AT, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["runs"][0]["pushed"]["sent"] == RESULTS
    with open_store(company / "store.sqlite3") as store:
        assert store.to_send("main") == 0
    again = said(capsys, "sync", "--exactly", "plan.json", "--at", AT, "--json")
    assert (again.code, again.json["runs"][0]["pushed"]["sent"]) == (0, 0)


def test_a_plan_says_why(company: Path, capsys: Capsys) -> None:
    """Of each write it says which claim was decided, from which records, which budget moved."""
    said(capsys, "sync", "--at", AT)
    edit(company, "meal,60", "meal,70")
    ran = said(capsys, "sync", "--plan", "--at", AT)
    blocks = dict(part.partition("\n")[::2] for part in ran.out.split("main ")[1:])
    assert (
        "because: claim C-4 is decided anew\n  because: read: line L-5" in blocks["line_result L-5"]
    )
    assert "because: 60.00 CNY no longer spent, of claim C-4" in blocks["budget_result B-2"]
    assert "because: 70.00 CNY spent for claim C-4" in blocks["budget_result B-2"]
    chinese = said(capsys, "sync", "--plan", "--at", AT, "--lang", "zh").out
    assert "原因：报销单 C-4 重新审核" in chinese


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("line", "L-5,C-4,2026-03-03,meal,60", "L-5,C-4,2026-03-03,meal,61"),
            ("with another content (3): claim_result C-4, line_result L-5", "line L-5"),
        ),
        (
            ("claim", "03-07T09:00:00+08:00,submitted", "03-07T09:00:00+08:00,draft"),
            ("no longer to be written (2): claim_result C-3, line_result L-4", "claim C-3"),
        ),
        (
            ("claim", "03-09T09:00:00+08:00,draft", "03-09T09:00:00+08:00,submitted"),
            ("not planned (2): claim_result C-5, line_result L-6", "claim C-5"),
        ),
    ],
    ids=["other", "gone", "added"],
)
def test_what_changed_meanwhile_stops_it(
    company: Path, capsys: Capsys, change: tuple[str, str, str], told: tuple[str, ...]
) -> None:
    """Not one write is made; which differ is told, and which record was read otherwise."""
    planned(capsys)
    table, old, new = change
    edit(company, old, new, table)
    before = contents(company / "crm")
    ran = said(capsys, "sync", "--exactly", "plan.json", "--at", AT)
    assert (ran.code, ran.out) == (1, "")
    assert "no longer what was planned. Nothing was written" in ran.err
    for words in told:
        assert words in ran.err
    assert contents(company / "crm") == before
    assert (
        "情况与计划不符"
        in said(capsys, "sync", "--exactly", "plan.json", "--at", AT, "--lang", "zh").err
    )
    told_json = said(capsys, "sync", "--exactly", "plan.json", "--at", AT, "--json")
    assert told_json.code == 1
    assert told_json.json["runs"][0]["pushed"]["sent"] == 0
    assert set(told_json.json["runs"][0]["changed"]) == {
        *("settings", "records", "added", "gone", "other"),
    }
    assert said(capsys, "sync", "--at", AT).code == 0  # a plain run does what there is to do


@pytest.mark.parametrize(
    ("file", "old", "new", "name"),
    [
        ("policy.toml", "is = 500", "is = 400", "policy"),
        ("crm_expenses.toml", "Asia/Shanghai", "Asia/Tokyo", "timezone"),
        ("crm_expenses.toml", "[crm.main]", '[roles]\nboss = ["P3"]\n[crm.main]', "roles"),
    ],
)
def test_another_policy_or_settings_stop_it_first(
    company: Path, capsys: Capsys, file: str, old: str, new: str, name: str
) -> None:
    """With what would decide otherwise nothing is even read."""
    planned(capsys)
    path = company / file
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    ran = said(capsys, "sync", "--exactly", "plan.json", "--at", AT)
    assert (ran.code, ran.out) == (1, "")
    assert f"changed: {name}" in ran.err
    with open_store(company / "store.sqlite3") as store:
        assert list(store.decisions(viewer=SYSTEM)) == []


def test_a_plan_that_was_touched_is_refused(company: Path, capsys: Capsys) -> None:
    """Cut off, edited, of a later version, or not there: 2, and nothing is done."""
    planned(capsys)
    whole = Path("plan.json").read_text("utf-8")
    later = json.dumps({**json.loads(whole), "version": 2})
    cases = {
        whole[:-40]: "its digest does not fit",
        whole.replace("150.00 CNY", "151.00 CNY"): "its digest does not fit",
        "[" * 100_000: "its digest does not fit",
        later: "has version 2; this program knows 1",
    }
    for text, words in cases.items():
        Path("plan.json").write_text(text, "utf-8")
        ran = said(capsys, "sync", "--exactly", "plan.json", "--at", AT)
        assert (ran.code, ran.out) == (2, "")
        assert words in ran.err
    ran = said(capsys, "sync", "--exactly", "none.json")
    assert ran.code == 2
    assert "the plan none.json cannot be read" in ran.err
    assert not (company / "store.sqlite3").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--plan", "--watch", "5"), "--plan cannot be given together with --watch"),
        (("--plan", "--exactly", "p"), "--plan cannot be given together with --exactly"),
        (("--watch", "5", "--at", AT), "--watch cannot be given together with --at"),
        (("--out", "plan.json"), "--out needs --plan beside it"),
        (("--wait", "-1"), "--wait is -1, but whole seconds from 0 on"),
    ],
)
def test_ways_that_exclude_each_other(
    company: Path, capsys: Capsys, words: tuple[str, ...], told: str
) -> None:
    """Options without a meaning together are refused, and nothing is done."""
    ran = said(capsys, "sync", *words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert not (company / "store.sqlite3").exists()


@pytest.fixture
def firm(database: str, company: Path) -> Company:
    """A company with one CRM that holds still where it is told to, on each database."""
    del database
    return Company(company, where(company / "store.sqlite3"), "main")


def test_a_plan_that_was_cut_off_goes_on(firm: Company) -> None:
    """Killed between two batches, the same file is carried out again: each write arrives once."""
    assert firm.run("sync", "--plan", "--out", "plan.json")[0] == 0
    planned = json.loads((firm.folder / "plan.json").read_text("utf-8"))
    keys = [write["key"] for write in planned["crms"][0]["writes"]]
    assert len(keys) == 6
    firm.touch("main.hold-push")
    running = firm.start("sync", "--exactly", "plan.json")
    try:
        until(lambda: firm.noted("main.push"), running)
        firm.touch("main.hold-push2")
        firm.remove("main.hold-push")
        until(lambda: firm.noted("main.push2"), running)
        assert len(firm.noted("main.written")) == 4
    finally:
        gone([running])
    firm.remove("main.hold-push2")
    code, out, err = firm.run("sync", "--exactly", "plan.json", "--wait", "20", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["runs"][0]["pushed"]["sent"] == 2
    assert sorted(line.split()[3] for line in firm.noted("main.written")) == sorted(keys)


def test_a_plan_of_a_store_that_is_there(firm: Company) -> None:
    """What was synced already is not planned again; what changed there is, with its old value."""
    assert firm.run("sync")[0] == 0
    firm.touch("main.amount", "30")
    code, out, _ = firm.run("sync", "--plan", "--json", "--out", "plan.json")
    assert code == 0
    writes = [json.loads(line) for line in out.splitlines()]
    assert [(one["kind"], one["record"]) for one in writes] == [
        ("claim_result", "C-3"),
        ("line_result", "L-3"),
    ]
    assert writes[1]["fields"]["claimed"] == ["20.00 CNY", "30.00 CNY"]
    assert firm.run("sync", "--exactly", "plan.json")[0] == 0
    assert len(firm.noted("main.written")) == 6 + 2


def test_what_comes_during_the_push_is_not_sent(firm: Company) -> None:
    """A result that is put in the outbox after the comparison waits: it was not in the plan."""
    assert firm.run("sync", "--plan", "--out", "plan.json")[0] == 0
    firm.touch("main.hold-push")
    running = firm.start("sync", "--exactly", "plan.json")
    try:
        until(lambda: firm.noted("main.push"), running)
        with open_store(firm.store) as store, store.work("main") as work:
            from crm_expenses.store.work import Write

            work.send([Write("claim_result", "C-9", '{"claim":"C-9"}')])
        firm.remove("main.hold-push")
        assert ended(running)[0] == 0
    finally:
        gone([running])
    assert [line.split()[2] for line in firm.noted("main.written") if "C-9" in line] == []
    with open_store(firm.store) as store:
        assert [row.record for row, _ in store.waiting("main", viewer=SYSTEM)] == ["C-9"]
