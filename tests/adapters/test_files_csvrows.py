"""CSV: whatever a writer wrote comes back, and a lost quote costs one line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.files.csvrows import CsvRecord, csv_records
from crm_expenses.adapters.files.encoding import survey
from crm_expenses.adapters.files.rows import RECORD_LINES_MAX, Found

CELLS = st.text(
    st.sampled_from("ab\",;\n\r \t'王") | st.characters(codec="utf-8", exclude_characters="\0"),
    max_size=8,
)


def read(path: Path, text: str, delimiter: str = ",") -> list[CsvRecord]:
    """Write a file and read its rows."""
    path.write_bytes(text.encode())
    return list(csv_records(Found(path, path.name), survey(path), delimiter))


@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_rows_come_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    delimiter: str,
    quoting: int,
    end: str,
) -> None:
    """What the standard library writes, under any delimiter and quoting, is read as it was."""
    kept = [row for row in rows if delimiter.join(row).strip(delimiter + " \t\r\ufeff")]
    kept = [row for row in kept if quoting == csv.QUOTE_ALL or not _is_blank(row, delimiter)]
    held = io.StringIO()
    # Line ends inside cells are always quoted when the writer's own end holds both characters.
    writer = csv.writer(held, delimiter=delimiter, quoting=quoting, lineterminator="\r\n")  # type: ignore[arg-type]
    writer.writerows([["k1", "k2", "k3"], *kept])
    text = held.getvalue()
    if end == "\n" and "\r" not in "".join(cell for row in kept for cell in row):
        text = text.replace("\r\n", "\n")
    found = read(tmp_path_factory.mktemp("c") / "f.csv", text, delimiter)
    assert [record.fault for record in found] == [""] * len(found)
    assert [record.cells for record in found[1:]] == kept


def _is_blank(row: list[str], delimiter: str) -> bool:
    return not "".join(row).strip(delimiter + " \t\r\n\ufeff")


def test_quoted_cell_may_span_many_lines(tmp_path: Path) -> None:
    """A cell of as many lines as the limit allows is one row; one line more is a lost quote."""
    body = "\n".join(["x"] * (RECORD_LINES_MAX - 1))
    text = f'a,b\n1,"{body}\n"\n2,z\n'
    found = read(tmp_path / "f.csv", text)
    assert [record.fault for record in found] == ["", "", ""]
    assert found[1].cells == ["1", body + "\n"]
    longer = text.replace('"x', '"x\nx', 1)
    found = read(tmp_path / "f.csv", longer)
    assert found[1].fault == "record.quote"
    assert found[-1].cells == ["2", "z"]


def test_stray_quote_inside_a_cell_is_text(tmp_path: Path) -> None:
    """A quote in the middle of an unquoted cell opens nothing."""
    found = read(tmp_path / "f.csv", 'a,b\n5" pipe,6" pipe\n7" pipe,x\n')
    assert [record.cells for record in found[1:]] == [['5" pipe', '6" pipe'], ['7" pipe', "x"]]


def test_many_lost_quotes_stay_cheap(tmp_path: Path) -> None:
    """A file of nothing but lost quotes is read to its end, each line told by itself."""
    found = read(tmp_path / "f.csv", "a,b\n" + 'y,"z\n' * 2000 + "1,2\n")
    assert [record.fault for record in found] == ["", *["record.quote"] * 2000, ""]
    assert found[-1].cells == ["1", "2"]
