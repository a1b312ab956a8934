"""`approvals list`, `show`, `approve`, `delegate` and `notices` as people and scripts run them."""

import os
from pathlib import Path

import pytest
from commandline import POLICY, SETTINGS, TABLES, Ran, said

Capsys = pytest.CaptureFixture[str]
AT = "2026-03-31T20:00:00+08:00"
LATER = "2026-04-01T09:00:00+08:00"
STEPS = """
[automatic]
up_to = 160
outcome = "reduced"

[[approval]]
code = "line"
title = { en = "Line manager", zh = "直属上级" }
who = "manager"
above = 100
remind_after = 2
escalate_after = 5

[[approval]]
code = "money"
title = { en = "Finance", zh = "财务" }
who = "role:finance"
above = 400
"""
ROLES = """
[roles]
finance = ["P9"]
"""
MORE_CLAIMS = """C-6,P1,2026-03-20T09:00:00+08:00,submitted
C-7,P2,2026-03-21T09:00:00+08:00,submitted
"""
MORE_LINES = """L-8,C-6,2026-03-18,gift,300,CNY
L-9,C-6,2026-03-18,gift,200,CNY
L-10,C-7,2026-03-19,gift,250,CNY
"""


@pytest.fixture
def here(company: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The company with steps and two more claims, synced; nobody is named who acts."""
    monkeypatch.delenv("CRM_EXPENSES_PERSON", raising=False)
    (company / "policy.toml").write_text(POLICY + STEPS, encoding="utf-8")
    (company / "crm_expenses.toml").write_text(SETTINGS + ROLES, encoding="utf-8")
    crm = company / "crm"
    (crm / "claim.csv").write_text(TABLES["claim"].lstrip() + MORE_CLAIMS, encoding="utf-8")
    (crm / "line.csv").write_text(TABLES["line"].lstrip() + MORE_LINES, encoding="utf-8")
    synced(capsys)
    return company


def synced(capsys: Capsys, at: str = AT) -> None:
    """Run."""
    assert said(capsys, "sync", "--at", at).code == 0


def asked(capsys: Capsys, *words: str, by: str = "P3", lang: str = "en") -> Ran:
    """Run one of the commands for a person."""
    return said(capsys, *words, "--as", by, "--lang", lang)


def test_what_waits(here: Path, capsys: Capsys) -> None:
    """The claims that wait for a person, with what they need to answer; --all has all in sight."""
    found = asked(capsys, "approvals", "list")
    assert found.code == 0
    heads = ("claim", "claimant", "allowed", "step", "open since", "content code", "Line manager")
    assert [head for head in heads if head not in found.out] == []
    listed = asked(capsys, "approvals", "list", "--json").json
    assert [(c["claim"], c["allowed"], c["step"], c["since"]) for c in listed["claims"]] == [
        ("C-6", "500.00", "line", AT),
        ("C-7", "250.00", "line", AT),
    ]
    assert all(len(c["content_code"]) == 16 for c in listed["claims"])
    assert asked(capsys, "approvals", "list", by="P1").err == "Nothing waits for P1.\n"
    every = asked(capsys, "approvals", "list", "--all", "--json", by="P1").json["claims"]
    assert [c["claim"] for c in every] == ["C-6"]
    assert "直属上级" in asked(capsys, "approvals", "list", lang="zh").out
    none = asked(capsys, "approvals", "list", "--all", by="P9", lang="zh")
    assert "审批人" in none.out


def test_one_claim(here: Path, capsys: Capsys) -> None:
    """Lines, route, times, words, in both languages; what follows from a word."""
    shown = asked(capsys, "approvals", "show", "C-6").out
    code = asked(capsys, "approvals", "list", "--json").json["claims"][0]["content_code"]
    assert shown == (
        f"C-6: in approval; version 1; content code {code}\n"
        "  王芳 (P1), submitted 2026-03-20 09:00: 500.00 CNY claimed, 500.00 CNY allowed\n"
        "  B-1: 350.00 is left, but 500.00 is needed; nothing was committed to it\n"
        "Lines:\n"
        "  L-8  2026-03-18  Gifts  300.00 CNY, allowed 300.00 CNY: pass\n"
        "  L-9  2026-03-18  Gifts  200.00 CNY, allowed 200.00 CNY: pass\n"
        "Route:\n"
        "  1. Line manager: Zhao Min (P3)\n"
        "     - because more than 100.00 CNY is allowed: 500.00\n"
        "     - open since 2026-03-31 20:00\n"
        "     - reminder 2026-04-02 20:00\n"
        "     - escalation 2026-04-07 20:00\n"
        "  2. Finance: P9\n"
        "     - because more than 400.00 CNY is allowed: 500.00\n"
        "  Next: Zhao Min (P3)\n"
    )
    answer = asked(capsys, "approvals", "approve", "C-6", "--seen", code, "--at", LATER)
    assert (answer.code, answer.out) == (
        0,
        "C-6: your answer counts (yes).\n"
        "  It is in approval; next: P9.\n"
        "The CRM is told with the next `crm-expenses sync`.\n",
    )
    words = ("C-6", "--refuse", "L-9", "--reason", "没有客人")
    done = asked(capsys, "approvals", "approve", *words, "--at", LATER, by="P9", lang="zh")
    assert done.out.startswith(
        "C-6：您的意见已生效（同意）。\n  当前状态：部分批准，300.00 CNY。\n"
    )
    shown = asked(capsys, "approvals", "show", "C-6", by="P1", lang="zh").out
    assert "  L-9  2026-03-18  礼品  200.00 CNY，核准 200.00 CNY：通过、未批准\n" in shown
    assert shown.endswith(
        "审批记录：\n"
        "  2026-04-01 09:00  Zhao Min (P3)：同意（直属上级）\n"
        "    来源：本软件命令，以所声明的身份\n"
        "  2026-04-01 09:00  P9：同意（财务）\n"
        "    来源：本软件命令，以所声明的身份\n"
        "    未批准的明细：L-9\n"
        "    理由：没有客人\n"
        "已批准 300.00 CNY，已支付 0.00 CNY，付款日 2026-04-02。\n"
    )
    held = asked(capsys, "approvals", "show", "C-6", "--json", by="P1").json
    assert (held["state"], held["approved"]["amount"], held["refused"]) == (
        "partly_approved",
        "300.00",
        ["L-9"],
    )
    assert [(w["approver"], w["reason"], w["counts"]) for w in held["said"]] == [
        ("P3", "", True),
        ("P9", "没有客人", True),
    ]


def test_several_at_once(here: Path, capsys: Capsys) -> None:
    """One that is refused does not stop the others, and the command answers 4."""
    done = asked(capsys, "approvals", "approve", "C-6", "C-1", "C-7", "C-9")
    assert done.code == 4
    assert done.out.count("your answer counts (yes)") == 2
    assert done.err.count("not counted: ") == 2
    again = asked(capsys, "approvals", "approve", "C-6", "C-7", "--json")
    assert again.code == 4
    assert [one["counted"] for one in again.json["answers"]] == [False, False]
    for option in ("--seen", "--refuse"):
        one = asked(capsys, "approvals", "approve", "C-6", "C-7", option, "x")
        assert (one.code, option in one.err) == (2, True)


def test_no_and_back(here: Path, capsys: Capsys) -> None:
    """A no and a return need a reason; the claimant reads it."""
    assert asked(capsys, "approvals", "reject", "C-6").code == 2
    assert asked(capsys, "approvals", "reject", "C-6", "--reason", " ").code == 4
    no = asked(capsys, "approvals", "reject", "C-6", "--reason", "private", "--at", LATER)
    assert no.out.startswith("C-6: your answer counts (no).\n  It is rejected.\n")
    back = asked(capsys, "approvals", "return", "C-7", "--reason", "who?", "--json")
    assert back.json["answers"][0]["state"] == "returned"
    assert "reason: private" in asked(capsys, "approvals", "show", "C-6", by="P1").out
    told = asked(capsys, "notices", by="P1").out
    assert told.endswith("C-6: it was rejected.\n")


def test_an_erased_reason_is_said_to_be(here: Path, capsys: Capsys) -> None:
    """Where an approver's words were erased, show says so, and the store still verifies."""
    asked(capsys, "approvals", "reject", "C-6", "--reason", "smells private")
    done = said(
        capsys, "audit", "erase", "--person", "P3", "--by", "P9", "--reason", "asked for it"
    )
    assert done.code == 0, done.err
    shown = asked(capsys, "approvals", "show", "C-6", by="P1")
    assert "reason: erased" in shown.out
    assert "smells" not in shown.out
    assert said(capsys, "audit", "verify").code == 0


def test_who_may_look(here: Path, capsys: Capsys) -> None:
    """Nobody reads, or answers, what is not theirs; whoever is unknown, or nobody, is told so."""
    for words in (("show", "C-6"), ("approve", "C-6")):
        other = asked(capsys, "approvals", *words, by="P2")
        assert other.code == 4
        assert "P2 may not see C-6" in other.err
        assert "P3" not in other.err
    assert asked(capsys, "approvals", "approve", "C-6", by="P1").code == 4
    unknown = asked(capsys, "approvals", "list", by="P0")
    assert (unknown.code, "P0 is nobody" in unknown.err) == (2, True)
    nobody = said(capsys, "approvals", "list")
    assert (nobody.code, "CRM_EXPENSES_PERSON" in nobody.err) == (2, True)
    os.environ["CRM_EXPENSES_PERSON"] = "P3"
    try:
        assert len(said(capsys, "approvals", "list", "--json").json["claims"]) == 2
    finally:
        del os.environ["CRM_EXPENSES_PERSON"]
    refused = asked(capsys, "notices", "--person", "P1")
    assert refused.code == 4


def test_no_person_is_needed(here: Path, capsys: Capsys) -> None:
    """A claim that the policy lets pass says so, with the figures."""
    shown = asked(capsys, "approvals", "show", "C-1", by="P1").out
    assert "No person is needed: 150.00 CNY" in shown
    assert "无须人工审批：150.00 CNY" in asked(capsys, "approvals", "show", "C-1", lang="zh").out


def test_a_changed_claim(here: Path, capsys: Capsys) -> None:
    """What voided a yes is said with before and after; a code of before is refused."""
    code = asked(capsys, "approvals", "list", "--json").json["claims"][0]["content_code"]
    asked(capsys, "approvals", "approve", "C-6", "--at", LATER)
    lines = here / "crm" / "line.csv"
    lines.write_text(lines.read_text("utf-8").replace("gift,300", "gift,310"), "utf-8")
    synced(capsys, LATER)
    shown = asked(capsys, "approvals", "show", "C-6").out
    assert (
        "    of version 1\n"
        "    void, because it changed: an amount (L-8): 300.00 CNY → 310.00 CNY; "
        "what is allowed (L-8): 300.00 CNY → 310.00 CNY\n"
    ) in shown
    late = asked(capsys, "approvals", "approve", "C-6", "--seen", code)
    assert (late.code, code in late.err) == (4, True)
    told = asked(capsys, "notices", "--json").json
    assert [one["code"] for one in told["notices"]] == ["asked", "asked", "void", "asked"]
    assert told["notices"][2]["text"] == {
        "en": "C-6: your approval no longer counts, because it changed: "
        "an amount, what is allowed.",
        "zh": "C-6：内容已变更（金额、核准金额），您此前的审批不再有效。",
    }
    last = str(told["last"])
    assert asked(capsys, "notices", "--since", last, "--json").json == {
        "notices": [],
        "last": int(last),
    }
    assert (
        asked(capsys, "notices", "--since", last).err == f"Nobody was told anything after {last}.\n"
    )
    people = {one["person"] for one in asked(capsys, "notices", "--json", by="P9").json["notices"]}
    assert people >= {"P1", "P3"}


def test_substitutes(here: Path, capsys: Capsys) -> None:
    """One is named with days, listed by both, asked at once, and ended."""
    words = ("P9", "--until", "2026-04-10", "--reason", "away", "--at", LATER)
    made = asked(capsys, "approvals", "delegate", *words)
    assert made.out == "1: P9 acts for Zhao Min (P3) from 2026-04-01 to 2026-04-10.\n"
    for by in ("P3", "P9"):
        assert asked(capsys, "approvals", "delegates", by=by).out == made.out
    assert asked(capsys, "approvals", "delegates", by="P1").err.startswith("Nobody acts for P1")
    waiting = asked(capsys, "approvals", "list", "--json", by="P9").json["claims"]
    assert [(one["claim"], one["asked"]) for one in waiting] == [
        ("C-6", ["P9", "P3"]),
        ("C-7", ["P9", "P3"]),
    ]
    done = asked(capsys, "approvals", "approve", "C-7", "--at", LATER, by="P9")
    assert done.code == 0
    assert "P9 for Zhao Min (P3): yes" in asked(capsys, "approvals", "show", "C-7").out
    only = ("P2", "--claim", "C-6", "--from", "2026-04-02", "--at", LATER, "--json")
    assert asked(capsys, "approvals", "delegate", *only).json == {
        "number": 2,
        "who": "P2",
        "instead_of": "P3",
        "from": "2026-04-02",
        "until": None,
        "claim": "C-6",
    }
    assert "Only for C-6." in asked(capsys, "approvals", "delegates").out
    ended = asked(capsys, "approvals", "undelegate", "1", lang="zh")
    assert ended.out == "1：P9 不再代 Zhao Min (P3) 审批。\n"
    assert asked(capsys, "approvals", "list", by="P9").err == "Nothing waits for P9.\n"
    assert asked(capsys, "approvals", "undelegate", "1").code == 4
    assert asked(capsys, "approvals", "delegate", "P9", "--from", "soon").code == 2
    listed = asked(capsys, "approvals", "delegates", "--json").json["delegates"]
    assert [one["number"] for one in listed] == [2]
    end = asked(capsys, "approvals", "undelegate", "2", "--json")
    assert end.json["ended"] is True


SAID = """
[[source]]
kind = "approval"
files = ["approval.csv"]
[source.fields]
id = "No"
claim = "Claim"
approver = "By"
at = "At"
verdict = { column = "Said", values = { "同意" = "approve", "驳回" = "reject" } }
refused = "Not"
reason = "Why"
content_code = "Code"
"""


@pytest.mark.parametrize("approvals", ["audited_field", "plain_field", ""])
def test_approvals_in_a_folder(here: Path, capsys: Capsys, approvals: str) -> None:
    """What the settings say of a folder's approvals decides whether they count; doctor says it."""
    code = asked(capsys, "approvals", "list", "--json").json["claims"][0]["content_code"]
    with (here / "mapping.toml").open("a", encoding="utf-8") as mapping:
        mapping.write(SAID)
    rows = f"No,Claim,By,At,Said,Not,Why,Code\nY-1,C-6,P3,{LATER},同意,L-9,no guest,{code}\n"
    (here / "crm" / "approval.csv").write_text(rows, encoding="utf-8")
    option = f'approvals = "{approvals}"\n' if approvals else ""
    settings = (SETTINGS + option + ROLES) if approvals else SETTINGS + ROLES
    (here / "crm_expenses.toml").write_text(settings, encoding="utf-8")
    synced(capsys, LATER)
    counted = approvals == "audited_field"
    held = asked(capsys, "approvals", "show", "C-6", "--json").json
    assert held["open"]["asked"] == (["P9"] if counted else ["P3"])
    assert [(one["provenance"], one["refused"]) for one in held["said"]] == (
        [("audited_field", ["L-9"])] if counted else []
    )
    shown = asked(capsys, "approvals", "show", "C-6").out
    assert ("source: a field whose changes the CRM records" in shown) is counted
    told = asked(capsys, "notices").out
    assert ("does not count" in told) is not counted
    examined = said(capsys, "doctor").out
    assert f"({approvals or 'plain_field'})" in examined


def test_a_word_for_approvals_that_is_none(here: Path, capsys: Capsys) -> None:
    """The option takes three words."""
    settings = SETTINGS + 'approvals = "asserted"\n'
    (here / "crm_expenses.toml").write_text(settings, encoding="utf-8")
    refused = said(capsys, "sync")
    assert (refused.code, "approvals" in refused.err) == (2, True)
