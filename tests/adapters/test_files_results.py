"""Results: sorted, merged, never half-written, never a live formula."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.contract import (
    RESULTS,
    ClaimResult,
    LineResult,
    Result,
    ResultKind,
    WriteBack,
)
from crm_expenses.adapters.files.results import (
    LIVE_SIGNS,
    TABLES,
    ResultsFolder,
    ResultsFormat,
    merged,
    tamed,
    untamed,
)
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.errors import ConfigError, RefusedError, RetryableError
from crm_expenses.testing.samples import results, write_back

FORMS: tuple[ResultsFormat, ...] = ("csv", "jsonl")


def claim(number: str, *, allowed: int = 100, text: str = "") -> ClaimResult:
    """Make a result."""
    amount = Money(200, "CNY")
    return ClaimResult(
        number,
        Outcome.PASS,
        State.APPROVED,
        amount,
        Money(allowed, "CNY"),
        text,
        text,
        "",
        "p",
        "d",
    )


def write(folder: ResultsFolder, *made: Result) -> None:
    """Write results."""
    folder.write([write_back("main", one) for one in made])


def rows(path: Path) -> list[dict[str, str]]:
    """Read a file of results as a spreadsheet or a script would."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".csv":
            return list(csv.DictReader(file))
        return [json.loads(line) for line in file]


@pytest.mark.parametrize("form", FORMS)
def test_results_are_merged_by_key_and_sorted(tmp_path: Path, form: ResultsFormat) -> None:
    """One row a record, sorted by its key, the newest result of each, whatever came when."""
    folder = ResultsFolder(tmp_path / "results", form)
    write(folder, claim("C-3"), claim("C-1"))
    write(folder, claim("C-2"), claim("C-3", allowed=7), claim("C-3", allowed=8))
    found = rows(folder.path(ResultKind.CLAIM_RESULT))
    assert [(row["claim"], row["allowed"]) for row in found] == [
        ("C-1", "1.00"),
        ("C-2", "1.00"),
        ("C-3", "0.08"),
    ]
    assert found[0]["outcome_zh"] == "通过"
    assert found[0]["state_en"] == "approved"
    assert [path.name for path in folder.folder.iterdir()] == [f"claims.{form}"]


@pytest.mark.parametrize("form", FORMS)
def test_same_content_leaves_the_file_alone(tmp_path: Path, form: ResultsFormat) -> None:
    """What already stands there is not written again: not a byte, not a time."""
    folder = ResultsFolder(tmp_path, form)
    made = results(RESULTS)
    write(folder, *made)
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.iterdir()}
    assert len(before) == 3
    time.sleep(0.01)
    write(folder, *made)
    write(folder, made[0])
    assert before == {
        path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.iterdir()
    }


def test_csv_opens_in_a_spreadsheet(tmp_path: Path) -> None:
    """CSV begins with the mark that spreadsheets need to show Chinese; numbers stay numbers."""
    folder = ResultsFolder(tmp_path, "csv")
    write(folder, claim("C-1", allowed=-5, text="=cmd|'/c calc'!A0"))
    raw = folder.path(ResultKind.CLAIM_RESULT).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = rows(folder.path(ResultKind.CLAIM_RESULT))
    assert (row["allowed"], row["findings_en"]) == ("-0.05", "'=cmd|'/c calc'!A0")


def test_jsonl_keeps_texts_as_they_are(tmp_path: Path) -> None:
    """JSON Lines are not opened by spreadsheets: nothing is prefixed."""
    folder = ResultsFolder(tmp_path, "jsonl")
    write(folder, claim("=1", text="+x"))
    (row,) = rows(folder.path(ResultKind.CLAIM_RESULT))
    assert (row["claim"], row["findings_en"]) == ("=1", "+x")


KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
SENTENCES = st.text(
    st.sampled_from("=+-@\t\r\n\"',x王") | st.characters(codec="utf-8", exclude_characters="\0"),
    max_size=12,
)


@given(made=st.dictionaries(KEYS, SENTENCES, min_size=1, max_size=5), form=st.sampled_from(FORMS))
def test_results_come_back(
    tmp_path_factory: pytest.TempPathFactory, made: dict[str, str], form: ResultsFormat
) -> None:
    """Whatever texts are written, one write at a time, are read back, and no cell is live."""
    folder = ResultsFolder(tmp_path_factory.mktemp("r"), form)
    for key, sentence in made.items():
        write(folder, claim(key, text=sentence))
    found = rows(folder.path(ResultKind.CLAIM_RESULT))
    if form == "csv":
        for row in found:
            live = {name for name, cell in row.items() if cell.startswith(LIVE_SIGNS)}
            assert live <= TABLES[ResultKind.CLAIM_RESULT].numbers
        found = [{name: untamed(cell) for name, cell in row.items()} for row in found]
    texts = {row["claim"]: row["findings_zh"] for row in found}
    # A text that was written with our own sign before it comes back without: known, and harmless.
    assert {untamed(k): untamed(v) for k, v in texts.items()} == {
        untamed(k): untamed(v) for k, v in made.items()
    }


@given(cell=st.text())
def test_tamed_cell_is_never_live(cell: str) -> None:
    """No text begins with a live sign once it is tamed."""
    assert not tamed(cell).startswith(LIVE_SIGNS)


@given(
    held=st.dictionaries(KEYS, st.just("old")),
    new=st.dictionaries(KEYS, st.just("new"), max_size=4),
)
def test_merging_is_the_union_of_dictionaries(held: dict[str, str], new: dict[str, str]) -> None:
    """Merging sorted rows gives what merging dictionaries gives, sorted."""
    given_rows = [(key, held[key]) for key in sorted(held)]
    joined = list(merged(given_rows, {key: (key, value) for key, value in new.items()}))
    assert joined == sorted({**held, **new}.items())


def test_file_sorted_by_somebody_is_mended(tmp_path: Path) -> None:
    """A file that a person sorted otherwise is put in order again, and no row is lost."""
    folder = ResultsFolder(tmp_path, "csv")
    write(folder, *(claim(f"C-{n}") for n in range(5)))
    path = folder.path(ResultKind.CLAIM_RESULT)
    head, *body = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + b"".join(reversed(body)))
    write(folder, claim("C-2", allowed=9))
    found = rows(path)
    assert [row["claim"] for row in found] == [f"C-{n}" for n in range(5)]
    assert found[2]["allowed"] == "0.09"


FOREIGN = [b"a,b\r\n1,2\r\n", b"\xff\xfe\x00", b'claim\r\n"open', b"claim,x\r\nC-1\r\n"]


@pytest.mark.parametrize("content", FOREIGN)
def test_file_that_is_not_ours_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """A file of another make under our name is an error, and stays as it is."""
    folder = ResultsFolder(tmp_path, "csv")
    path = folder.path(ResultKind.CLAIM_RESULT)
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        write(folder, claim("C-1"))
    assert caught.value.code == "files.results_foreign"
    assert path.read_bytes() == content


def test_leftovers_are_cleaned(tmp_path: Path) -> None:
    """What a killed process left half-written is gone after the next write of anything."""
    folder = ResultsFolder(tmp_path, "csv")
    write(folder, claim("C-1"))
    leftover = tmp_path / ".claims.csv.writing"
    leftover.write_text("half", encoding="utf-8")
    line = next(one for one in results(RESULTS) if isinstance(one, LineResult))
    write(folder, line)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claims.csv", "lines.csv"]


def test_failing_disk_is_worth_another_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails leaves the old file, and says that a later try may do."""
    folder = ResultsFolder(tmp_path, "csv")
    write(folder, claim("C-1"))
    before = folder.path(ResultKind.CLAIM_RESULT).read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RetryableError) as caught:
        write(folder, claim("C-2"))
    assert "No space left" in caught.value.describe()
    assert folder.path(ResultKind.CLAIM_RESULT).read_bytes() == before


def test_forbidden_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be written is refused, once and for all."""

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", forbidden)
    with pytest.raises(RefusedError):
        write(ResultsFolder(tmp_path / "results", "csv"), claim("C-1"))


def test_long_text_fits_a_cell(tmp_path: Path) -> None:
    """A text longer than a spreadsheet's cell is cut, and the file can be read and merged again."""
    folder = ResultsFolder(tmp_path, "csv")
    write(folder, claim("C-1", text="x" * 200_000))
    write(folder, claim("C-2"))
    assert len(rows(folder.path(ResultKind.CLAIM_RESULT))[0]["findings_en"]) == 32_767


KILLED = """
import sys
from pathlib import Path
from crm_expenses.adapters.contract import *
from crm_expenses.adapters.files.results import ResultsFolder
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
folder = ResultsFolder(Path(sys.argv[1]), "csv")
print("ready", flush=True)
for turn in range(1000):
    amount = Money(turn, "CNY")
    folder.write([
        WriteBack(f"{turn}-{n}", ResultKind.CLAIM_RESULT, f"C-{n}",
                  ClaimResult(f"C-{n:04}", Outcome.PASS, State.APPROVED, amount, amount,
                              "", "", "", "p", "d"))
        for n in range(300)
    ])
"""


def test_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    """Killed at any moment, there is one whole file: all rows of one turn, none of another."""
    seen = 0
    for wait in (0.02, 0.05, 0.08, 0.11, 0.14):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        with process:
            process.stdout.readline()
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
        path = tmp_path / "claims.csv"
        if path.exists():
            found = rows(path)
            assert len(found) == 300
            assert len({row["allowed"] for row in found}) == 1
            seen += 1
    assert seen
    write(ResultsFolder(tmp_path, "csv"), claim("C-9999"))
    assert len(rows(tmp_path / "claims.csv")) == 301
    assert [path.name for path in tmp_path.iterdir()] == ["claims.csv"]


def test_uncertain_write_is_just_written(tmp_path: Path) -> None:
    """A write that may have arrived has its effect once: the key's row is there, once."""
    folder = ResultsFolder(tmp_path, "csv")
    made: WriteBack = write_back("main", claim("C-1"))
    folder.write([made, replace(made, uncertain=True)])
    assert len(rows(folder.path(ResultKind.CLAIM_RESULT))) == 1
