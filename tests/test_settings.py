"""Settings: every setting, every mistake with its place, and no secret in any text."""

import traceback
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from crm_expenses.address import Address
from crm_expenses.core.fiscal import FiscalCalendar, WeekPattern, YearName
from crm_expenses.core.roi import Numerator
from crm_expenses.demo.run import SETTINGS as DEMO
from crm_expenses.errors import ConfigError, Place
from crm_expenses.settings import (
    DEFAULT_FILE,
    Connection,
    Settings,
    load_settings,
    settings_schema,
)
from crm_expenses.tomlfile import parse_toml

LEAST = """\
[company]
name = "甲公司"
[policy]
file = "policy.toml"
"""
FULL = """\
[company]
name = "甲公司 Ltd"
timezone = "Asia/Shanghai"

[policy]
file = "rules/policy.toml"

[store]
file = "data/store.sqlite3"

[report]
file = "out/报告.html"
language = "zh"
months = 24

[return]
numerator = "margin"
margin = "0.35"

[fiscal]
start = "04-06"
named = "start"
weeks = "5-4-4"

[identity]
person = " P1 "

[roles]
finance = ["P1", "P2"]
nobody = []

[crm.main]
adapter = "files"
folder = "crm"
deep = { token = "t" }

[crm."二号"]
adapter = "memory"
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that writes a settings file and gives its path."""

    def written(content: str) -> Path:
        path = tmp_path / DEFAULT_FILE
        path.write_text(content, encoding="utf-8")
        return path

    return written


def refused(path: Path) -> ConfigError:
    """Give the error of a file that is not accepted."""
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    return caught.value


def test_every_setting(write: Write, tmp_path: Path) -> None:
    """Everything that can be set is read, and paths are beside the file."""
    made = load_settings(write(FULL))
    assert made == Settings(
        path=tmp_path / DEFAULT_FILE,
        company="甲公司 Ltd",
        zone=ZoneInfo("Asia/Shanghai"),
        policy=tmp_path / "rules" / "policy.toml",
        store=tmp_path / "data" / "store.sqlite3",
        report=tmp_path / "out" / "报告.html",
        language="zh",
        months=24,
        numerator=Numerator.MARGIN,
        margin=Decimal("0.35"),
        roles={"finance": ("P1", "P2"), "nobody": ()},
        connections={
            "main": Connection("main", "files", {"folder": "crm", "deep": {"token": "t"}}),
            "二号": Connection("二号", "memory", {}),
        },
        fiscal=FiscalCalendar(4, 6, YearName.START, WeekPattern.W544),
        person="P1",
    )
    assert made.base == tmp_path


def test_what_is_left_out(write: Write, tmp_path: Path) -> None:
    """A company and a policy are enough; everything else has a stated default."""
    made = load_settings(write(LEAST))
    assert made.zone == ZoneInfo("UTC")
    assert (made.store, made.report) == (
        tmp_path / "crm_expenses.sqlite3",
        tmp_path / "report.html",
    )
    assert (made.language, made.months) == ("en", 12)
    assert (made.numerator, made.margin) == (Numerator.REVENUE, Decimal(1))
    assert (made.roles, made.connections) == ({}, {})
    assert (made.fiscal, made.person) == (FiscalCalendar(), "")


def test_paths_do_not_depend_on_where_we_stand(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file named relatively gives the same settings, and an absolute path stays as it is."""
    write(LEAST.replace("policy.toml", "/etc/policy.toml"))
    monkeypatch.chdir(tmp_path)
    made = load_settings(Path(DEFAULT_FILE))
    assert made.path == tmp_path / DEFAULT_FILE
    assert made.policy == Path("/etc/policy.toml")
    assert made.store.is_absolute()


@pytest.mark.parametrize(
    ("added", "code", "place"),
    [
        ("[company]\nname = 5\n[policy]\nfile = 'p'", "toml.not_text", (2, 8)),
        ("[company]\nname = ''\n[policy]\nfile = 'p'", None, (2, 8)),
        ("[company]\n[policy]\nfile = 'p'", "toml.missing", (1, 1)),
        (f"[fiscal]\nstart = '04-31'\n{LEAST}", "budgets.year_start", (2, 9)),
        (f"[fiscal]\nstart = 'April'\n{LEAST}", "budgets.year_start", (2, 9)),
        (f"[fiscal]\nnamed = 'middle'\n{LEAST}", None, (2, 9)),
        (f"[fiscal]\nweeks = '4-4-6'\n{LEAST}", None, (2, 9)),
        ("[policy]\nfile = 'p'", "toml.missing", (1, 1)),
        ("[company]\nname = 'x'", "toml.missing", (1, 1)),
        ("company = 'x'\n[policy]\nfile = 'p'", "toml.not_table", (1, 11)),
        ("[company]\nname = 'x'\n[policy]\nfile = ''", None, (4, 8)),
        (f"{LEAST}timezone = 'UTC'", "toml.unknown_name", (5, 12)),
        (f"{LEAST}[store]\nfile = ''", None, (6, 8)),
        (f"{LEAST}[report]\nlanguage = 'fr'", "toml.not_choice", (6, 12)),
        (f"{LEAST}[report]\nmonths = '12'", "toml.not_whole", (6, 10)),
        (f"{LEAST}[report]\nmonths = 12.5", "toml.not_whole", (6, 10)),
        (f"{LEAST}[report]\nmonths = true", "toml.not_whole", (6, 10)),
        (f"{LEAST}[report]\nmonths = 0", None, (6, 10)),
        (f"{LEAST}[report]\nmonths = 121", None, (6, 10)),
        (f"{LEAST}[return]\nnumerator = 'profit'", "toml.not_choice", (6, 13)),
        (f"{LEAST}[return]\nmargin = 0.5", "settings.margin", (6, 10)),
        (f"{LEAST}[return]\nnumerator = 'margin'\nmargin = 1.01", None, (7, 10)),
        (f"{LEAST}[return]\nnumerator = 'margin'\nmargin = -0.1", None, (7, 10)),
        (f"{LEAST}[return]\nnumerator = 'margin'\nmargin = nan", None, (7, 10)),
        (f"{LEAST}[return]\nnumerator = 'margin'\nmargin = 'much'", None, (7, 10)),
        (f"{LEAST}[roles]\nfinance = 'P1'", "toml.not_list", (6, 11)),
        (f"{LEAST}[roles]\nfinance = ['P1', 5]", "toml.not_text", (6, 18)),
        (f"{LEAST}[crm.main]\nfolder = 'x'", "settings.no_adapter", (5, 1)),
        (f"{LEAST}[crm.main]\nadapter = 3", "settings.no_adapter", (5, 1)),
        (f"{LEAST}[crm]\nadapter = 'files'", "toml.not_table", (6, 11)),
        ("crm = 5\n" + LEAST, "toml.not_table", (1, 7)),
        (f"{LEAST}[stroe]\nfile = 'x'", "toml.unknown_name", (5, 1)),
        (f"{LEAST}[store\n", "toml.syntax", (5, 7)),
    ],
)
def test_every_mistake_has_its_place(
    write: Write, added: str, code: str | None, place: tuple[int, int]
) -> None:
    """Each mistake is told alone, with file, line and column, in English and Chinese."""
    path = write(added)
    error = refused(path)
    [problem] = error.problems
    assert problem.place == Place(str(path), *place)
    assert code is None or problem.code == code
    english, chinese = error.describe("en"), error.describe("zh")
    assert english != chinese
    for said in (english, chinese):
        assert said.startswith(f"{path}:{place[0]}:{place[1]}: ")
        assert "{" not in said.replace("{ en =", "")


@pytest.mark.parametrize(
    "zone", ["Mars/Base", "", "../../etc/passwd", "/etc/passwd", "GMT+8", "a\0b"]
)
def test_what_is_no_time_zone(write: Write, zone: str) -> None:
    """A time zone is an IANA name; nothing else is read, whatever file it would name."""
    shown = zone.replace("\0", "\\u0000")
    error = refused(write(LEAST.replace("[policy]", f'timezone = "{shown}"\n[policy]')))
    [problem] = error.problems
    assert problem.code == "settings.timezone"
    assert (problem.place.line, problem.place.column) == (3, 12)


def test_all_mistakes_at_once(write: Write) -> None:
    """One reading tells every mistake, of whatever sort, in the order of the file."""
    content = """\
[company]
name = 7
timezone = "Mars/Base"
[policy]
[report]
language = "fr"
[return]
margin = 0.5
[roles]
finance = "P1"
[crm.main]
folder = "x"
[odd]
"""
    found = [(p.place.line, p.code) for p in refused(write(content)).problems]
    assert found == [
        (2, "toml.not_text"),
        (3, "settings.timezone"),
        (4, "toml.missing"),
        (6, "toml.not_choice"),
        (8, "settings.margin"),
        (10, "toml.not_list"),
        (11, "settings.no_adapter"),
        (13, "toml.unknown_name"),
    ]


@pytest.mark.parametrize(
    ("content", "near", "far"),
    [
        (f"{LEAST}[stroe]", "store", "timezone"),
        (LEAST.replace("name", "timezon = 'UTC'\nname"), "timezone", "store"),
        (f"{LEAST}[report]\nmonth = 5", "months", "store"),
        (f"{LEAST}[return]\nprofit = 5", "numerator, margin", "store"),
    ],
)
def test_an_unknown_name_is_told_the_nearest(
    write: Write, content: str, near: str, far: str
) -> None:
    """What is near, or else what may stand in that very table, is named; other tables are not."""
    [problem] = refused(write(content)).problems
    assert problem.values["names"] == near
    assert far not in problem.describe("en")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """No file, a folder, another encoding: each has its own message with the path."""
    gone = refused(tmp_path / "none.toml")
    assert gone.code == refused(tmp_path).code == "settings.no_file"
    odd = tmp_path / "odd.toml"
    odd.write_bytes(LEAST.encode("gb18030"))
    assert refused(odd).code == "toml.encoding"
    for language in ("en", "zh"):
        assert str(tmp_path / "none.toml") in gone.describe(language)
        assert str(odd) in refused(odd).describe(language)


SECRET = "s3cret-Tok3n"  # noqa: S105  planted, to be looked for


@pytest.mark.parametrize(
    "content",
    [
        f"{LEAST}[crm]\nadapter = 'salesforce'\ntoken = '{SECRET}'",
        f"{LEAST}[crm.main]\ntoken = '{SECRET}'",
        f"{LEAST}[crm.main]\nadapter = ['{SECRET}']",
        f"{LEAST}[crm]\nmain = '{SECRET}'",
        f"crm = '{SECRET}'\n{LEAST}",
        f"{LEAST}token = '{SECRET}'",
        f"token = '{SECRET}'\n{LEAST}",
        f"{LEAST}[store]\npassword = '{SECRET}'",
        f"{LEAST}[crm.main]\nadapter = 'files'\ntoken = '{SECRET}'\nsyntax",
        f"{LEAST}[crm.main]\nadapter = 'files'\ntoken = '{SECRET}",
        f"{LEAST}[crm.main]\nadapter = 'files'\ntoken = {SECRET}",
    ],
)
def test_no_secret_in_an_error(write: Write, content: str) -> None:
    """A secret that stands in the wrong place shows in no text, value, representation or trace."""
    error = refused(write(content))
    shown = [error.describe("en"), error.describe("zh"), repr(error), repr(error.problems)]
    shown.append("".join(traceback.format_exception(error)))
    assert all(SECRET not in text for text in shown)


def test_no_secret_in_settings_shown(write: Write) -> None:
    """Printing settings, as a debugger or a log does, shows no option of a connection."""
    made = load_settings(write(f"{LEAST}[crm.main]\nadapter = 'files'\ntoken = '{SECRET}'"))
    assert made.connections["main"].options == {"token": SECRET}
    for shown in (repr(made), str(made), f"{made.connections}", repr(made.connection("main"))):
        assert SECRET not in shown
        assert "files" in shown


def test_the_connection_that_is_meant(write: Write) -> None:
    """A connection is found by its name, and the only one without."""
    full = load_settings(write(FULL))
    assert full.connection("二号").adapter == "memory"
    one = load_settings(write(f"{LEAST}[crm.main]\nadapter = 'files'"))
    assert one.connection(None) == one.connection("main") == one.connections["main"]


@pytest.mark.parametrize(
    ("content", "name", "code", "known"),
    [
        (FULL, None, "settings.which_crm", "main, 二号"),
        (FULL, "mian", "settings.no_crm", "main, 二号"),
        (LEAST, None, "settings.which_crm", "-"),
        (LEAST, "main", "settings.no_crm", "-"),
    ],
)
def test_a_connection_that_is_not_clear(
    write: Write, content: str, name: str | None, code: str, known: str
) -> None:
    """Where no connection or several could be meant, those that there are are named."""
    made = load_settings(write(content))
    with pytest.raises(ConfigError) as caught:
        made.connection(name)
    assert caught.value.code == code
    assert known in caught.value.describe("en")
    assert known in caught.value.describe("zh")


def plain(content: str) -> dict[str, Any]:
    """Give a file's values as an editor's schema check sees them: decimals are numbers."""

    def numbers(value: object) -> Any:  # noqa: ANN401  any TOML value
        if isinstance(value, Mapping):
            return {key: numbers(held) for key, held in value.items()}
        return float(value) if isinstance(value, Decimal) else value

    made: dict[str, Any] = numbers(parse_toml(content, "x.toml").data)
    return made


@pytest.mark.parametrize("content", [LEAST, FULL, DEMO.replace("LANGUAGE", "zh")])
def test_the_schema_accepts_good_settings(write: Write, content: str) -> None:
    """The published schema accepts what we accept: the demo's settings among them."""
    schema = settings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(plain(content), schema)
    assert load_settings(write(content)).company


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[company]\nname = ''\n[policy]\nfile = 'p'",
        f"{LEAST}[stroe]",
        f"{LEAST}timezone = 'UTC'",
        f"{LEAST}[store]\nfile = ''",
        f"{LEAST}[report]\nmonths = true",
        f"{LEAST}[report]\nmonths = 121",
        f"{LEAST}[report]\nlanguage = 'fr'",
        f"{LEAST}[return]\nmargin = 1.5",
        f"{LEAST}[roles]\nfinance = 'P1'",
        f"{LEAST}[crm]\nadapter = 'files'",
    ],
)
def test_the_schema_refuses_what_we_refuse(write: Write, content: str) -> None:
    """An editor with the schema marks the mistakes of shape that loading would tell."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain(content), settings_schema())
    assert refused(write(content)).problems


def test_a_store_on_a_server(write: Write) -> None:
    """The address of a server is read, and no text shows its password."""
    url = "postgres://ada:hunter2@db.example:5433/books?schema=crm"
    made = load_settings(write(f'{LEAST}[store]\nurl = "{url}"\n'))
    assert isinstance(made.store, Address)
    assert made.store.shown == "postgres://ada@db.example:5433/books?schema=crm"
    assert made.store.password == "hunter2"  # noqa: S105
    assert "hunter2" not in repr(made)


@pytest.mark.parametrize(
    ("store", "code"),
    [
        ('url = "mysql://ada:hunter2@db/books"', "store.url"),
        ('url = "postgres://ada:hunter2@db/books?hunter2=1"', "store.url"),
        ('url = "hunter2"', "store.url"),
        ('file = "s.db"\nurl = "postgres://ada:hunter2@db/books"', "store.both"),
        ("url = 5", "toml.not_text"),
    ],
)
def test_a_wrong_store(write: Write, store: str, code: str) -> None:
    """A store that cannot be is told with its place, and what was written is not repeated."""
    with pytest.raises(ConfigError) as caught:
        load_settings(write(f"{LEAST}[store]\n{store}\n"))
    [problem] = caught.value.problems
    assert (problem.code, problem.place.line >= 6) == (code, True)
    told = "".join(traceback.format_exception(caught.value))
    told += problem.describe("en") + problem.describe("zh")
    assert "hunter2" not in told


@pytest.mark.parametrize(
    ("limits", "code", "value"),
    [
        ("calls_per_day = 100\nreserve = 100", "settings.reserve", "100"),
        ('day_zone = "Mars/Olympus"', "settings.day_zone", "Mars/Olympus"),
        ("calls_per_second = -1", "toml.value", ""),
        ("calls_per_day = 1.5", "toml.not_whole", ""),
    ],
)
def test_limits_of_a_crm_that_cannot_be_kept(
    write: Write, limits: str, code: str, value: str
) -> None:
    """What leaves no call to make, or is no zone, is told with its line and its value."""
    content = f'{LEAST}[crm.main]\nadapter = "files"\n[crm.main.limits]\n{limits}\n'
    with pytest.raises(ConfigError) as caught:
        load_settings(write(content))
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line) == (code, content.count("\n"))
    assert value in problem.describe("en")
    assert value in problem.describe("zh")


def test_limits_of_a_crm(write: Write) -> None:
    """What is allowed is read exactly; without the table there is no limit."""
    table = "[crm.main.limits]\ncalls_per_second = 2.5\ncalls_per_day = 9\nreserve = 8\n"
    head = f'{LEAST}[crm.main]\nadapter = "files"\n'
    limits = load_settings(write(head + table)).connection("main").parts.limits
    assert (limits.calls_per_second, limits.calls_per_day, limits.reserve) == (
        Decimal("2.5"),
        9,
        8,
    )
    assert not load_settings(write(head)).connection("main").parts.limits.calls_per_second
