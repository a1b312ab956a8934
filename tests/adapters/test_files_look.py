"""Records are looked up in the files as they stand now."""

from pathlib import Path

import pytest
from test_files import GOOD, TITLES, folder, opened

from crm_expenses.adapters.contract import Ability, Support
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError, UnsupportedError

BAD = 'L-2,C-1,2026/02/31,餐费,"1.00",CNY,Café\n'


def test_a_look_gives_what_stands_there(tmp_path: Path) -> None:
    """A row that can be read, one that cannot, and one that is not there."""
    adapter = opened(folder(tmp_path, {"lines.csv": TITLES + GOOD + BAD}))
    assert adapter.capabilities.support(Ability.LOOK_UP) is Support.YES
    page = adapter.look(Kind.LINE, ["L-1", "L-2", "L-3"])
    assert [fact.record.id for fact in page.facts] == ["L-1"]
    assert [aside.origin.record for aside in page.set_aside] == ["L-2"]
    assert [gone.origin.record for gone in page.gone] == ["L-3"]
    assert (page.cursor, page.rows) == ("", 3)
    assert adapter.look(Kind.LINE, []).rows == 0


def test_no_file_is_no_answer(tmp_path: Path) -> None:
    """Where the file is away, nothing is said to be gone: that is for a person to see."""
    base = folder(tmp_path, {"lines.csv": TITLES + GOOD})
    adapter = opened(base)
    (base / "in" / "lines.csv").unlink()
    with pytest.raises(ConfigError) as caught:
        adapter.look(Kind.LINE, ["L-1"])
    assert caught.value.code == "files.no_files"
    assert list(adapter.pull(Kind.LINE, "anything")) == []
    with pytest.raises(UnsupportedError):
        adapter.look(Kind.CLAIM, ["C-1"])


def test_a_file_without_rows_is_a_reading_too(tmp_path: Path) -> None:
    """When its last row goes, one empty page begins a reading of all; then there is nothing new."""
    base = folder(tmp_path, {"lines.csv": TITLES + GOOD})
    cursor = list(opened(base).pull(Kind.LINE, None))[-1].cursor
    (base / "in" / "lines.csv").write_text(TITLES, encoding="utf-8")
    pages = list(opened(base).pull(Kind.LINE, cursor))
    assert [(page.rows, page.restart) for page in pages] == [(0, True)]
    assert list(opened(base).pull(Kind.LINE, pages[-1].cursor)) == []
