"""Calendars in policy files: the days are right, and nothing else of the file changes."""

import stat
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.errors import ConfigError, PolicyError
from crm_expenses.policycalendar import CalendarChange, plan_calendar, write_calendar
from crm_expenses.policycalendar.rewrite import with_calendar
from crm_expenses.policycalendar.sources import days_of, years_of
from crm_expenses.policyfile import load_policy, parse_policy

HEAD: Final = """[policy]
id = "p"
version = "1"
language = 1
currency = "CNY"
title = { en = "P ]] [calendar]", zh = "政" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
"""

NOTICE: Final = {
    # 国办发明电〔2024〕12号 and 〔2025〕7号, as published: first and last day, days worked instead.
    2025: (
        "01-01/01-01 01-28/02-04 04-04/04-06 05-01/05-05 05-31/06-02 10-01/10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        "01-01/01-03 02-15/02-23 04-04/04-06 05-01/05-05 06-19/06-21 09-25/09-27 10-01/10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


def days_of_notice(year: int) -> tuple[set[date], set[date]]:
    """Give the days of rest, and those worked on a weekend, as the notice has them."""
    spans, worked = NOTICE[year]
    rest = set()
    for span in spans.split():
        first, last = (date.fromisoformat(f"{year}-{end}") for end in span.split("/"))
        rest |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return rest, {date.fromisoformat(f"{year}-{day}") for day in worked.split()}


def policy(folder: Path, calendar: str, *, newline: str = "\n", mark: bytes = b"") -> Path:
    """Write a policy file."""
    path = folder / "p.toml"
    path.write_bytes(mark + (HEAD + calendar).replace("\n", newline).encode())
    return path


def changed(path: Path, years: str, **how: Any) -> CalendarChange:  # noqa: ANN401  two kinds
    """Plan the change and make it."""
    change = plan_calendar(path, years_of(years), **how)
    write_calendar(change)
    return change


def code_of(path: Path, years: str, **how: Any) -> str:  # noqa: ANN401  two kinds
    """Give the code of the error that a plan ends with."""
    before = path.read_bytes()
    with pytest.raises(ConfigError) as caught:
        changed(path, years, **how)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir() if p.name.endswith(".part")] == []
    for language in ("en", "zh"):
        assert "{" not in caught.value.describe(language)  # type: ignore[arg-type]
    return caught.value.code


# Sources


@pytest.mark.parametrize("year", [2025, 2026])
def test_china_is_what_the_notice_says(year: int) -> None:
    """Every day of the year is worked, or not, as the State Council's notice says."""
    found = days_of([year], country="CN")
    calendar = WorkCalendar(found.rest, found.work)
    rest, worked = days_of_notice(year)
    day = date(year, 1, 1)
    while day.year == year:
        wanted = day in worked or (day.weekday() < 5 and day not in rest)
        assert calendar.is_working_day(day) is wanted, day
        day += timedelta(days=1)


def test_both_packages_agree_on_china() -> None:
    """What two independent packages know of the same year is the same."""
    import holidays

    theirs = holidays.country_holidays("CN", years=range(2024, 2028))
    found = days_of([2025, 2026], country="CN")
    calendar = WorkCalendar(found.rest, found.work)
    day = date(2025, 1, 1)
    while day <= date(2026, 12, 31):
        assert calendar.is_working_day(day) is theirs.is_working_day(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("country", "day", "worked"),
    [
        ("DE", date(2026, 10, 3), False),
        ("DE", date(2026, 1, 6), True),
        ("DE-BY", date(2026, 1, 6), False),
        ("US", date(2026, 11, 26), False),
        ("IL", date(2026, 3, 6), False),  # a Friday, which is a weekend there
        ("IL", date(2026, 3, 8), True),  # a Sunday
    ],
)
def test_other_countries(country: str, day: date, worked: bool) -> None:  # noqa: FBT001  a table
    """Holidays of a country or a part of it, and weekends that are not ours, are known."""
    found = days_of([2026], country=country)
    assert WorkCalendar(found.rest, found.work).is_working_day(day) is worked


@pytest.mark.parametrize(
    ("country", "years", "values"),
    [
        ("CN", "2026-2027", {"year": "2027", "last": "2026", "package": "chinesecalendar"}),
        ("CN", "2003", {"year": "2003", "first": "2004"}),
        ("HU", "2027", {"year": "2027", "last": "2026", "package": "holidays"}),
        ("DE", "2101", {"year": "2101", "last": "2100"}),
    ],
)
def test_an_unknown_year_is_refused(
    tmp_path: Path, country: str, years: str, values: dict[str, str]
) -> None:
    """A year that a package does not know is named with its last one; nothing is guessed."""
    path = policy(tmp_path, "")
    with pytest.raises(ConfigError) as caught:
        plan_calendar(path, years_of(years), country=country)
    (problem,) = caught.value.problems
    assert problem.code == "calendar.unknown_year"
    assert values.items() <= problem.values.items()
    assert "--file" in caught.value.describe("en")


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("MA", "calendar.estimated"),
        ("XX", "calendar.country"),
        ("cn", "calendar.country"),
        ("CN-BJ", "calendar.country"),
        ("DE-XX", "calendar.country"),
        ("../DE", "calendar.country"),
        ("", "calendar.source"),
    ],
)
def test_countries_that_cannot_be(tmp_path: Path, country: str, code: str) -> None:
    """No country, an unknown one, and days that are only reckoned are refused."""
    assert code_of(policy(tmp_path, ""), "2026", country=country) == code


@pytest.mark.parametrize("years", ["", "26", "2026-2025", "2026,2027", "2000-2090", "２０２６"])
def test_years_that_are_none(years: str) -> None:
    """What names no years, or too many, is refused."""
    with pytest.raises(ConfigError) as caught:
        years_of(years)
    assert caught.value.code == "calendar.years"


# A company's list


def listed(folder: Path, text: str, *, name: str = "days.csv", encoding: str = "utf-8") -> Path:
    """Write a list of days."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    "text",
    [
        "date,kind\n2027-02-05,rest\n2027-02-07,work\n",
        "kind;note;date\nrest;x;2027/2/5\n\nwork;y;2027-02-07 00:00:00\n;;\n",
        "Date\tKind \r\n2027.2.5\tREST\r\n2027-2-7\twork\r\n",
        '日期,类型\n2027年2月5日,休\n"2027年2月7日","上班"\n',
    ],
)
def test_a_list_as_spreadsheets_save_it(tmp_path: Path, text: str, encoding: str) -> None:
    """Other delimiters, encodings, spellings of a date and blank rows are read."""
    path = policy(tmp_path, "")
    change = changed(path, "2027", file=listed(tmp_path, text, encoding=encoding))
    assert change.after == WorkCalendar(
        frozenset({date(2027, 2, 5)}),
        frozenset({date(2027, 2, 7)}),
        date(2027, 1, 1),
        date(2027, 12, 31),
    )


def test_a_list_in_a_workbook(tmp_path: Path) -> None:
    """True dates of a workbook's cells are read."""
    book = xlsxwriter.Workbook(str(tmp_path / "days.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["date", "kind"])
    sheet.write_datetime(1, 0, date(2027, 2, 5), book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write(1, 1, "rest")
    book.close()
    change = changed(policy(tmp_path, ""), "2027", file=tmp_path / "days.xlsx")
    assert change.after.rest_days == {date(2027, 2, 5)}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("14/02/2027,rest", "calendar.date"),
        ("2027-02-30,rest", "calendar.date"),
        ("46431,rest", "calendar.date"),
        ('"=DATE(2027,2,5)",rest', "calendar.date"),
        ("2027-2/5,rest", "calendar.date"),
        ("2027-02-05 09:30,rest", "calendar.date"),
        ("２０２７-02-05,rest", "calendar.date"),
        ("0000-01-01,rest", "calendar.date"),
        (",rest", "calendar.date"),
        ("2027-02-05,holiday", "calendar.kind"),
        ("2027-02-05,", "calendar.kind"),
        ("2028-02-05,rest", "calendar.other_year"),
        ("2027-02-05,rest\n2027-02-05,work", "calendar.twice"),
        ("", "calendar.no_row"),
        ('2027-02-05,"rest', "record.quote"),
        ("2027-02-05,rest,x,y", "record.misfit"),
    ],
)
def test_a_list_with_mistakes(tmp_path: Path, rows: str, code: str) -> None:
    """A cell that is no day, or could be another one, is refused and never guessed."""
    path = policy(tmp_path, "")
    file = listed(tmp_path, f"date,kind\n{rows}\n")
    found = code_of(path, "2027", file=file)
    assert found == code if code != "record.misfit" else found.startswith("record.")


def test_every_mistake_of_a_list_has_its_place(tmp_path: Path) -> None:
    """All mistakes are told at once, each with file and line."""
    file = listed(tmp_path, "date,kind\n1/2/2027,rest\n2027-02-06,work\n2027-02-07,no\n")
    with pytest.raises(ConfigError) as caught:
        plan_calendar(policy(tmp_path, ""), (2027,), file=file)
    assert [str(p.place) for p in caught.value.problems] == ["days.csv:2", "days.csv:4"]


def test_a_list_of_a_year_must_name_days_of_it(tmp_path: Path) -> None:
    """A year of which a list has no row is refused: it would be plain weekdays."""
    path = policy(tmp_path, "")
    file = listed(tmp_path, "date,kind\n2027-02-05,rest\n")
    assert code_of(path, "2027-2028", file=file) == "calendar.no_row"
    assert code_of(path, "2027", file=tmp_path / "none.csv") == "calendar.no_file"
    assert code_of(path, "2027", file=listed(tmp_path, "a,b\n")) == "calendar.columns"
    assert code_of(path, "2027", file=listed(tmp_path, "", name="d.doc")) == "files.suffix"


def test_a_list_on_top_of_a_country(tmp_path: Path) -> None:
    """With both, the company's days change those of the country and no others."""
    file = listed(tmp_path, "date,kind\n2026-12-31,rest\n2026-02-14,rest\n2026-02-16,work\n")
    both = days_of([2026], country="CN", file=file)
    plain = days_of([2026], country="CN")
    assert both.rest ^ plain.rest == {date(2026, 12, 31), date(2026, 2, 16)}
    assert both.work ^ plain.work == {date(2026, 2, 14)}


# What becomes of the file


BEFORE: Final = """
# what stands before stays   \t
[calendar] # ours
rest_days = [ # by hand
  # the year before
  2024-05-01, 2024-05-02,
  2025-01-01, # New Year
  # the last one
  2025-10-01,
]   # end of the list
"work_days"   =   [2024-05-11]

[[rule]]
code = "meal.rest"
kind = "flag"
title = { en = "[calendar]", zh = "rest_days = []" }
that = "not is_working_day(date)"
"""


def test_only_the_calendar_changes(tmp_path: Path) -> None:
    """Other years, comments, the rest of the table and all of the file's other bytes stay."""
    path = policy(tmp_path, BEFORE)
    old = path.read_text("utf-8")
    changed(path, "2025-2026", country="CN")
    new = path.read_text("utf-8")
    for kept in (
        old.partition("[calendar] # ours")[0] + "[calendar] # ours\n",
        "\n]   # end of the list\n",
        '\n"work_days"   =   [',
        old[old.index("\n\n[[rule]]") :],
        "# by hand",
        "# the year before",
        "# New Year",
        "# the last one",
    ):
        assert kept in new
    made = load_policy(path).calendar
    assert {day for day in made.rest_days if day.year == 2024} == {
        date(2024, 5, 1),
        date(2024, 5, 2),
    }
    assert date(2024, 5, 11) in made.work_days
    assert (made.first, made.last) == (date(2024, 1, 1), date(2026, 12, 31))
    assert date(2025, 1, 1) in made.rest_days
    assert max(map(len, new.splitlines())) <= 100


def test_again_changes_nothing(tmp_path: Path) -> None:
    """The second time the file is not touched."""
    path = policy(tmp_path, BEFORE)
    changed(path, "2025-2026", country="CN")
    raw = path.read_bytes()
    assert plan_calendar(path, (2025, 2026), country="CN").is_same
    assert plan_calendar(path, (2026,), country="CN").is_same
    assert path.read_bytes() == raw


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    "calendar",
    [
        "",
        "\n[calendar]",
        "\n[calendar]\n",
        "\n[ calendar ] # x\nuntil = 2025-12-31\n[parameter]\n",
        '\n["calendar"]\nwork_days = []\nrest_days = [\n]\n',
        "\n[calendar]\nfrom = 2026-01-01\nuntil = 2026-12-31\nrest_days = [2026-01-01]",
    ],
)
def test_every_way_to_begin(tmp_path: Path, calendar: str, newline: str, mark: bytes) -> None:
    """Without the table, with an empty or a partial one: the days stand in it, lines end alike."""
    path = policy(tmp_path, calendar, newline=newline, mark=mark)
    old = path.read_bytes()
    changed(path, "2026", country="CN")
    new = path.read_bytes()
    made = load_policy(path).calendar
    wanted = days_of([2026], country="CN")
    assert (made.rest_days, made.work_days) == (wanted.rest, wanted.work)
    assert made.last == date(2026, 12, 31)
    assert new.startswith(old[: len(mark) + len(HEAD.replace("\n", newline).encode())])
    if newline == "\r\n":
        assert new.count(b"\n") == new.count(b"\r\n")
    else:
        assert b"\r" not in new


@pytest.mark.parametrize(
    "calendar",
    ["calendar = { rest_days = [] }\n", "calendar.rest_days = []\n", "[calendar.x]\n"],
)
def test_a_calendar_of_another_form_is_refused(tmp_path: Path, calendar: str) -> None:
    """One that is no table of its own is not touched, and the reason is told."""
    path = tmp_path / "p.toml"
    path.write_text(calendar + HEAD if "x]" not in calendar else HEAD + calendar, "utf-8")
    with pytest.raises((ConfigError, PolicyError)):
        changed(path, "2026", country="CN")
    if "x]" not in calendar:
        assert code_of(path, "2026", country="CN") == "calendar.form"


@pytest.mark.parametrize(
    ("calendar", "years", "missing"),
    [
        ("from = 2022-01-01\nuntil = 2022-12-31\n", "2025", "2023, 2024"),
        ("from = 2026-01-01\nuntil = 2026-12-31\n", "2023", "2024, 2025"),
        ("from = 2024-02-01\nuntil = 2024-11-30\n", "2025", "2024"),
        ("rest_days = [2022-05-03]\n", "2025-2026", "2023, 2024"),
        ("until = 2023-12-31\n", "2025", "2024"),
    ],
)
def test_no_gap_is_covered(tmp_path: Path, calendar: str, years: str, missing: str) -> None:
    """Years between those covered and those named are asked for, never taken for known."""
    path = policy(tmp_path, f"[calendar]\n{calendar}")
    with pytest.raises(ConfigError) as caught:
        plan_calendar(path, years_of(years), country="CN")
    (problem,) = caught.value.problems
    assert (problem.code, problem.values["years"]) == ("calendar.gap", missing)
    whole = str(problem.values["whole"])
    assert changed(path, whole, country="CN").after.covers(date(2024, 6, 1))


def test_the_first_day_of_all(tmp_path: Path) -> None:
    """The earliest date there is can be an end, too."""
    path = policy(tmp_path, "[calendar]\nfrom = 0001-01-01\nuntil = 9999-12-31\n")
    made = changed(path, "2026", country="CN").after
    assert (made.first, made.last) == (date.min, date.max)


def test_a_bad_policy_is_left_alone(tmp_path: Path) -> None:
    """A policy with mistakes is refused with their places, and nothing is written."""
    path = policy(tmp_path, "[calendar]\nrest_days = 5\n")
    with pytest.raises(PolicyError):
        plan_calendar(path, (2026,), country="CN")
    path.write_bytes(b"\xff")
    with pytest.raises(PolicyError):
        plan_calendar(path, (2026,), country="CN")
    assert path.read_bytes() == b"\xff"
    assert code_of_missing(tmp_path / "none.toml") == "toml.no_file"


def code_of_missing(path: Path) -> str:
    """Give the code of the error for a file that is not there."""
    with pytest.raises(ConfigError) as caught:
        plan_calendar(path, (2026,), country="CN")
    return caught.value.code


def test_a_file_that_changed_meanwhile(tmp_path: Path) -> None:
    """What somebody else wrote between plan and write is not lost."""
    path = policy(tmp_path, "")
    change = plan_calendar(path, (2026,), country="CN")
    path.write_bytes(path.read_bytes() + b"# mine\n")
    with pytest.raises(ConfigError) as caught:
        write_calendar(change)
    assert caught.value.code == "calendar.changed"
    assert path.read_bytes().endswith(b"# mine\n")
    assert [p.name for p in tmp_path.iterdir()] == ["p.toml"]


def test_rights_and_links_are_kept(tmp_path: Path) -> None:
    """The file keeps its rights, and a link to it stays a link."""
    path = policy(tmp_path, "")
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    changed(link, "2026", country="CN")
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert load_policy(path).calendar.last == date(2026, 12, 31)


DAYS: Final = st.dates(date(2024, 1, 1), date(2027, 12, 31))
COMMENTS: Final = st.sampled_from(["", " # a ] comment", "\n# own line\n", "\n\n"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(DAYS, COMMENTS), max_size=12),
    st.frozensets(DAYS, max_size=40),
    st.frozensets(DAYS, max_size=3),
)
def test_any_calendar_is_written_into_any_list(
    old: list[tuple[date, str]], rest: frozenset[date], work: frozenset[date]
) -> None:
    """Whatever stood in the lists, the new days are read back, all else and each comment stay."""
    body = "".join(f"{day.isoformat()},{note}\n" for day, note in old)
    text = f"{HEAD}[calendar]\nrest_days = [{body}] # end\n[choices]\ngrade = ['x']\n"
    wanted = WorkCalendar(rest, work, date(2024, 1, 1), date(2027, 12, 31))
    made = with_calendar(text.encode(), wanted, "p.toml").decode()
    assert parse_policy(made).calendar == wanted
    before, after = tomllib.loads(text), tomllib.loads(made)
    assert before | {"calendar": 0} == after | {"calendar": 0}
    assert made.startswith(HEAD)
    assert made.endswith(" # end\n[choices]\ngrade = ['x']\n")
    for mark in ("# a ] comment", "# own line"):
        assert made.count(mark) == text.count(mark)
