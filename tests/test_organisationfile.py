"""Tables of people and substitutes: what they become, and every mistake with its row."""

from datetime import date
from pathlib import Path

import pytest

from crm_expenses.core.approval import Substitute
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES
from crm_expenses.organisationfile import read_organisation

PEOPLE = """\ufeffid,name, manager ,team,grade,roles,from,until,email
P1,王芳,P2,East,junior,,2026-01-01,2026-12-31,a@example.com

P2,Li Lei,,East,,finance; legal,,,
"""
ACTING = "who,instead_of,from,until,claim\nP1,P2,2026-08-01,2026-08-14,\nP3,P2,,,C-1\n"


def write(folder: Path, people: str, acting: str = "") -> tuple[Path, Path]:
    """Write both tables."""
    paths = folder / "people.csv", folder / "acting.csv"
    for path, text in zip(paths, (people, acting), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_people_and_substitutes(tmp_path: Path) -> None:
    """Every known column arrives; roles of the settings and of the table are held together."""
    read = read_organisation(*write(tmp_path, PEOPLE, ACTING), {"finance": ["P9"]})
    firm = read.organisation
    first = firm.people["P1"]
    assert (first.name, first.manager, first.team, first.grade) == ("王芳", "P2", "East", "junior")
    assert (first.active_from, first.active_to) == (date(2026, 1, 1), date(2026, 12, 31))
    assert firm.roles == {"finance": ["P9", "P2"], "legal": ["P2"]}
    assert firm.substitutes == (
        Substitute("P1", "P2", date(2026, 8, 1), date(2026, 8, 14)),
        Substitute("P3", "P2", claim="C-1"),
    )
    assert read.ignored == ("email",)
    assert read_organisation(write(tmp_path, "id\nP1\n")[0]).organisation.substitutes == ()


@pytest.mark.parametrize(
    ("people", "acting", "codes"),
    [
        ("name\nx\n", "", ["people.column 1"]),
        ("", "", ["people.column 1"]),
        ("id,from\nP1,soon\n,2026-02-30\nP1,\n", "", ["people.day 2", "people.day 3"]),
        ("id\nP1\nP1\n", "", ["people.twice 3"]),
        ('id\n"P1\n', "", ["people.csv 2"]),
        ("id\nP1\n", "who,from\nP1,\n", ["people.column 1"]),
        ("id\nP1\n", "who,instead_of\nP1,\n,P1\n", ["people.empty 2", "people.empty 3"]),
    ],
)
def test_mistakes(tmp_path: Path, people: str, acting: str, codes: list[str]) -> None:
    """Mistakes are told all at once, each with file and row, in both languages."""
    with pytest.raises(ConfigError) as caught:
        read_organisation(*write(tmp_path, people, acting or ACTING))
    found = [f"{p.code} {p.place.line}" for p in caught.value.problems]
    assert [one for one in found if one in codes] == codes
    told = [p.describe(language) for p in caught.value.problems for language in LANGUAGES]
    assert not any("{" in one for one in told)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is not there, or is no UTF-8, is named."""
    with pytest.raises(ConfigError, match="none"):
        read_organisation(tmp_path / "none.csv")
    (tmp_path / "gbk.csv").write_bytes("id,name\nP1,王芳\n".encode("gbk"))
    with pytest.raises(ConfigError) as caught:
        read_organisation(tmp_path / "gbk.csv")
    assert caught.value.code == "people.encoding"
