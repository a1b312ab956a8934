"""`audit`: what is shown, written and erased, in both languages, with which exit codes."""

import json
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from commandline import AT, POLICY, Ran, child, contents, said

Capsys = pytest.CaptureFixture[str]

LATER = "2026-04-01T09:00:00+08:00"


@pytest.fixture
def synced(company: Path, capsys: Capsys) -> Path:
    """Give the company after a run, with words on two lines."""
    lines = company / "crm" / "line.csv"
    rows = lines.read_text("utf-8").splitlines()
    extra = {0: "purpose", 1: "Dinner with Ann Z", 4: "No words of P1"}
    rows = [f"{row},{extra.get(at, '')}" for at, row in enumerate(rows)]
    lines.write_text("\n".join(rows) + "\n", "utf-8")
    mapping = company / "mapping.toml"
    head, mark, tail = mapping.read_text("utf-8").partition('kind = "line"')
    tail = tail.replace('amount = "amount"', 'amount = "amount"\npurpose = "purpose"', 1)
    mapping.write_text(head + mark + tail, "utf-8")
    assert said(capsys, "sync", "--at", AT).code == 0
    return company


def edit(statement: str) -> None:
    """Change the store behind its back."""
    with closing(sqlite3.connect("store.sqlite3")) as connection:
        assert connection.execute(statement).rowcount > 0
        connection.commit()


def audit(capsys: Capsys, *words: str) -> Ran:
    """Run a command of the group."""
    return said(capsys, "audit", *words)


def test_log_for_people_and_scripts(synced: Path, capsys: Capsys) -> None:
    """The log is a table for people, and one JSON value an entry for scripts."""
    told = audit(capsys, "log")
    assert (told.code, told.err) == (0, "")
    assert "C-1" in told.out
    assert "first use" in told.out
    assert "首次使用" in audit(capsys, "log", "--lang", "zh").out
    rows = audit(capsys, "log", "--json").lines
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(one["digest"] == two["previous"] for one, two in pairwise(rows))
    decided = audit(capsys, "log", "--action", "decide", "--json").lines
    assert [row["subject"] for row in decided] == ["C-1", "C-2", "C-3", "C-4"]
    about = audit(capsys, "log", "--subject", "C-1", "--json").lines
    assert [row["action"] for row in about] == ["budget", "decide"]
    assert audit(capsys, "log", "--last", "2", "--json").lines == rows[-2:]


@pytest.mark.parametrize(
    ("language", "marks"),
    [
        ("en", ("The log holds", "4 decisions derive again")),
        ("zh", ("日志完好", "4 个结论")),
    ],
)
def test_verify_says_what_holds(
    synced: Path, capsys: Capsys, language: str, marks: tuple[str, ...]
) -> None:
    """A whole store answers 0, says what was compared, and is not changed by it."""
    before = contents(synced)
    told = audit(capsys, "verify", "--lang", language)
    assert (told.code, told.err) == (0, "")
    for mark in marks:
        assert mark in told.out
    assert contents(synced) == before
    script = audit(capsys, "verify", "--json")
    assert (script.code, script.json["holds"], script.json["broken"]) == (0, True, None)
    assert script.json["derived"] == {"equal": 4}
    quick = audit(capsys, "verify", "--quick", "--json").json
    assert (quick["holds"], quick["contents"], quick["derived"]) == (True, None, {})


@pytest.mark.parametrize(
    ("statement", "entry", "fault"),
    [
        (
            "update audit set body = cast(replace(cast(body as text), 'sync', 'sink') as blob) "
            "where number = 6",
            6,
            "changed",
        ),
        ("delete from audit where number = 3", 3, "missing"),
        (
            "update decision set content = replace(content, '15000', '25000') where claim = 'C-1'",
            12,
            "content",
        ),
    ],
)
def test_verify_names_the_entry(
    synced: Path, capsys: Capsys, statement: str, entry: int, fault: str
) -> None:
    """A change behind the store's back answers 1 and names the entry, in both languages."""
    edit(statement)
    for language in ("en", "zh"):
        told = audit(capsys, "verify", "--lang", language)
        assert told.code == 1
        assert f" {entry} " in told.out.splitlines()[0]
    script = audit(capsys, "verify", "--json")
    assert script.code == 1
    broken = script.json["broken"]
    assert (broken["entry"], broken["fault"]) == (entry, fault)
    assert broken["message"]["en"] != broken["message"]["zh"]


def test_checkpoint_is_kept_and_compared(synced: Path, capsys: Capsys) -> None:
    """A checkpoint is printed or written; later the log agrees with it, or a rewritten one not."""
    printed = json.loads(audit(capsys, "checkpoint", "--at", LATER).out)
    told = audit(capsys, "checkpoint", "--out", "kept.json", "--at", LATER)
    assert told.code == 0
    assert json.loads(Path("kept.json").read_text("utf-8")) == printed
    made = audit(capsys, "checkpoint", "--at", LATER, "--json").json
    assert (made["size"], made["signature"]) == (19, "")
    agreed = audit(capsys, "verify", "--checkpoint", "kept.json")
    assert (agreed.code, "1 checkpoints that were kept outside agree" in agreed.out) == (0, True)
    other = json.loads(printed["checkpoint"]) | {"root": "0" * 64}
    forged = json.dumps(other, sort_keys=True, separators=(",", ":"))
    Path("other.json").write_text(json.dumps(printed | {"checkpoint": forged}), "utf-8")
    assert audit(capsys, "verify", "--checkpoint", "other.json").code == 1
    assert audit(capsys, "verify", "--checkpoint", "none.json").code == 2


def test_a_signed_checkpoint(synced: Path, capsys: Capsys) -> None:
    """With a key in the settings checkpoints are signed, and held against a trusted one."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    form = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for name in ("ours.pem", "theirs.pem"):
        Path(name).write_bytes(Ed25519PrivateKey.generate().private_bytes(*form))
    with Path("crm_expenses.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[audit]\nkey_file = "ours.pem"\n')
    assert audit(capsys, "checkpoint", "--at", LATER, "--json").json["signature"]
    told = audit(capsys, "verify").out
    assert "signed by the key" in told
    assert "not compared" in told
    ours = audit(capsys, "verify", "--key", "ours.pem")
    assert (ours.code, "not compared" in ours.out) == (0, False)
    theirs = audit(capsys, "verify", "--key", "theirs.pem")
    assert (theirs.code, "another key" in theirs.out) == (1, True)
    assert audit(capsys, "bundle", "--claims", "C-1", "--out", "b", "--at", LATER).code == 0
    assert audit(capsys, "verify", "b", "--key", "ours.pem").code == 0
    assert audit(capsys, "verify", "b", "--key", "theirs.pem").code == 1
    assert audit(capsys, "verify", "b", "--key", "none.pem").code == 2


def test_bundle_and_its_check(synced: Path, capsys: Capsys) -> None:
    """A bundle is written for some claims, and holds wherever it is; a change answers 1."""
    audit(capsys, "checkpoint", "--out", "kept.json", "--at", LATER)
    told = audit(capsys, "bundle", "--sample", "2", "--seed", "1", "--out", "b", "--at", LATER)
    assert told.code == 0
    assert "2 of 4 claims" in told.out
    Path("crm_expenses.toml").rename("settings.moved")
    assert audit(capsys, "verify", "b", "--checkpoint", "kept.json").code == 0
    found = audit(capsys, "verify", "b", "--json").json
    assert (found["holds"], found["derived"], len(found["claims"])) == (True, {"equal": 2}, 2)
    for language in ("en", "zh"):
        assert audit(capsys, "verify", "b", "--lang", language).code == 0
    Path("b/policies/001-small-1.toml").write_text(POLICY + "\n", "utf-8")
    for language in ("en", "zh"):
        wrong = audit(capsys, "verify", "b", "--lang", language)
        assert (wrong.code, "001-small-1.toml" in wrong.out) == (1, True)
    assert audit(capsys, "verify", "b", "--json").json["problems"][0]["code"] == "bundle.changed"
    assert audit(capsys, "verify", "crm").code == 2


def test_bundle_for_scripts(synced: Path, capsys: Capsys) -> None:
    """Claims are named with commas between them; the answer for scripts has the counts."""
    made = audit(capsys, "bundle", "--claims", "C-1, C-2", "--out", "b", "--at", LATER, "--json")
    assert made.json["claims"] == ["C-1", "C-2"]
    assert (made.json["population"], made.json["decisions"]) == (4, 2)
    assert made.json["checkpoint"]["size"] == 19


@pytest.mark.parametrize(
    "words",
    [
        ("--out", "b"),
        ("--out", "b", "--claims", "C-1", "--sample", "1"),
        ("--out", "b", "--claims", "C-99"),
        ("--out", "b", "--sample", "5"),
        ("--out", "b", "--sample", "0"),
        ("--out", "crm", "--claims", "C-1"),
        ("--claims", "C-1"),
    ],
)
def test_bundle_that_cannot_be(synced: Path, capsys: Capsys, words: tuple[str, ...]) -> None:
    """Wrong usage answers 2, says what to do, and writes nothing."""
    told = audit(capsys, "bundle", *words)
    assert (told.code, told.out) == (2, "")
    assert told.err
    assert not Path("b").exists()


def test_erase(synced: Path, capsys: Capsys) -> None:
    """Words are erased, the log says so, and the check says how many; the next run brings none."""
    assert b"Dinner with Ann Z" in Path("store.sqlite3").read_bytes()
    told = audit(capsys, "erase", "--person", "P1", "--reason", "Asked in writing", "--by", "DPO")
    assert told.code == 0
    assert "1 versions" in told.out
    assert b"Dinner with Ann Z" not in Path("store.sqlite3").read_bytes()
    checked = audit(capsys, "verify")
    assert (checked.code, "1 texts are erased" in checked.out) == (0, True)
    [entry] = audit(capsys, "log", "--action", "erase", "--json").lines
    assert (entry["actor"], entry["subject"], entry["why"]) == ("DPO", "P1", "Asked in writing")
    assert said(capsys, "sync", "--at", LATER).out.splitlines()[1].startswith("0 changes")
    assert b"Dinner with Ann Z" not in Path("store.sqlite3").read_bytes()
    assert b"No words of P1" in Path("store.sqlite3").read_bytes()
    again = audit(capsys, "erase", "--person", "DPO", "--reason", "Me, too", "--json")
    assert again.json["erased"][0]["reasons"] == 1
    assert "(erased)" in audit(capsys, "log").out
    assert audit(capsys, "verify", "--json").json["contents"]["erased"] == 2


@pytest.mark.parametrize("words", [(), ("--person", "P1"), ("--reason", "x"), ("--person", " ")])
def test_erase_needs_whom_and_why(synced: Path, capsys: Capsys, words: tuple[str, ...]) -> None:
    """Whose words, and why, must be said."""
    told = audit(capsys, "erase", *words)
    assert (told.code, told.out) == (2, "")


@pytest.mark.parametrize("verb", ["log", "verify", "checkpoint"])
def test_no_store_yet(company: Path, capsys: Capsys, verb: str) -> None:
    """Where nothing was synced there is nothing to look at, and no store is made."""
    told = audit(capsys, verb)
    assert (told.code, told.out) == (2, "")
    assert "store.sqlite3" in told.err
    assert not Path("store.sqlite3").exists()


def test_an_auditor_with_the_commands_alone(synced: Path, capsys: Capsys, tmp_path: Path) -> None:
    """The command checks a bundle in a folder of its own, without settings."""
    audit(capsys, "bundle", "--sample", "4", "--out", str(tmp_path / "b"), "--at", LATER)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ran = child("audit", "verify", str(tmp_path / "b"), cwd=elsewhere)
    assert (ran.code, ran.err) == (0, "")
    assert "4 decisions derive again" in ran.out
