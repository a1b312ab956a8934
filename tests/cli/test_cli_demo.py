"""`demo`, once and again: what it says and what it leaves alone."""

from pathlib import Path

import pytest
from commandline import Ran, child, contents, said

Capsys = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """A demo and what its first run said, as a script."""
    home = tmp_path_factory.mktemp("demo")
    return home / "crm-expenses-demo", child("demo", "--json", cwd=home)


def test_first_run_counts_what_it_did(made: tuple[Path, Ran]) -> None:
    """The default folder is made; the counts of the run are on standard output and nowhere else."""
    folder, ran = made
    assert (ran.code, ran.err) == (0, "")
    told = ran.json
    assert set(told) == {
        "folder",
        "files_written",
        "run",
        "claims",
        "set_aside",
        "waiting",
        "report",
        "report_changed",
        "changes",
    }
    assert told["folder"] == folder.name
    assert told["report_changed"] is True
    run = told["run"]
    assert told["changes"] == told["files_written"] + run["changes"] + 1
    assert min(told["set_aside"], told["waiting"], run["decided"]["claims"]) > 0
    assert Path(told["report"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_second_run_changes_nothing_and_says_so(
    made: tuple[Path, Ran], capsys: Capsys, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """Over the same folder nothing changes; the reader is told so, and where to look."""
    folder, _ = made
    monkeypatch.chdir(folder.parent)
    before = {name: held for name, held in contents(folder).items() if "store" not in name}
    ran = said(capsys, "demo", "--lang", language)
    assert (ran.code, ran.err) == (0, "")
    assert {"en": "0 changes", "zh": "0 处变化"}[language] in ran.out
    for verb in ("budgets", "roi", "doctor"):
        assert f"crm-expenses {verb} --settings crm-expenses-demo/crm_expenses.toml" in ran.out
    assert ran.out.endswith(f"{folder / 'report.html'}\n")
    after = {name: held for name, held in contents(folder).items() if "store" not in name}
    assert after == before
    assert said(capsys, "demo", "--json").json["changes"] == 0


def test_what_it_says_to_do_next_works(
    made: tuple[Path, Ran], capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command that the demo prints can be typed as it stands."""
    folder, _ = made
    monkeypatch.chdir(folder.parent)
    told = said(capsys, "demo").out.splitlines()
    commands = [line.split()[1:] for line in told if line.startswith("  crm-expenses ")]
    assert [words[0] for words in commands] == ["budgets", "roi", "doctor"]
    for words in commands:
        ran = said(capsys, *words)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.count("\n") > 10


def test_another_seed_does_not_mix(made: tuple[Path, Ran], capsys: Capsys) -> None:
    """A folder that holds another demo is refused, and stays as it is."""
    folder, _ = made
    before = contents(folder)
    for language in ("en", "zh"):
        ran = said(capsys, "demo", str(folder), "--seed", "8", "--lang", language)
        assert (ran.code, ran.out) == (2, "")
        assert str(folder) in ran.err
    assert contents(folder) == before


def test_a_folder_of_something_else_is_refused(tmp_path: Path, capsys: Capsys) -> None:
    """A folder that is not empty and not the demo's own, and a file, are left alone."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for place in (tmp_path, tmp_path / "mine.txt"):
        ran = said(capsys, "demo", str(place))
        assert (ran.code, ran.out) == (2, "")
        assert "mine.txt" in ran.err
    assert contents(tmp_path) == {"mine.txt": b"mine"}
