"""Plans of budgets as files: read again as they were written; what is computed is refused."""

import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.budgetplan import load_plan, save_plan
from crm_expenses.core.budget import AtLimit, Budget, BudgetScope
from crm_expenses.core.budgetmove import CarryRule
from crm_expenses.core.budgetplan import COLUMNS, PlannedBudget
from crm_expenses.core.fiscal import FiscalCalendar
from crm_expenses.core.money import AMOUNT_MINOR_MAX, Money
from crm_expenses.errors import ConfigError

HEADER = ("budget", "scope", "owner", "period", "amount", "currency")
FORMS = (".csv", ".tsv", ".xlsx")

SIGNS = st.text("=+-@'\"＝,;\\%_x0041预算 ", max_size=8)
TEXTS = (SIGNS | st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12)).map(str.strip)
NAMES = TEXTS.filter(bool)
CURRENCIES = st.sampled_from(("CNY", "JPY", "KWD", "EUR"))
MINORS = st.integers(0, AMOUNT_MINOR_MAX)


@st.composite
def planned(draw: st.DrawFn) -> PlannedBudget:
    """Draw a budget of a plan, with texts that spreadsheets and CSV files like to spoil."""
    scope = draw(st.sampled_from(BudgetScope))
    first, last = sorted(draw(st.tuples(st.dates(), st.dates())))
    currency = draw(CURRENCIES)
    owner = draw(TEXTS if scope is BudgetScope.COMPANY else NAMES)
    budget = Budget(
        draw(NAMES),
        scope,
        first,
        last,
        Money(draw(MINORS), currency),
        owner=owner,
        category=draw(TEXTS),
        responsible=draw(TEXTS),
        name=draw(TEXTS),
        account="" if scope is BudgetScope.ACCOUNT else draw(TEXTS),
        at_limit=draw(st.sampled_from(AtLimit)),
    )
    levels = draw(st.frozensets(st.integers(1, 1000), max_size=4))
    limits = st.none() | MINORS.map(lambda minor: Money(minor, currency))
    carry = draw(st.none() | st.builds(CarryRule, st.integers(0, 100), limits))
    return PlannedBudget(budget, tuple(sorted(levels)), carry)


def key(one: PlannedBudget) -> tuple[object, ...]:
    """Give what no two budgets of a plan may share."""
    of = one.budget
    return (of.scope, of.owner, of.category, of.account, of.start, of.end, of.amount.currency)


PLANS = st.lists(planned(), min_size=1, max_size=5, unique_by=(lambda one: one.budget.id, key))


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None)
@given(plan=PLANS)
def test_written_and_read_again(
    tmp_path_factory: pytest.TempPathFactory, form: str, plan: list[PlannedBudget]
) -> None:
    """Export and import give the same plan, whatever stands in its texts; a second export, too."""
    folder = tmp_path_factory.mktemp("plan")
    first, second = folder / f"first{form}", folder / f"second{form}"
    save_plan(first, plan)
    read = load_plan(first)
    assert read == tuple(sorted(plan, key=lambda one: one.budget.id))
    save_plan(second, read)
    assert load_plan(second) == read
    if form != ".xlsx":  # a workbook says when it was made
        assert first.read_bytes() == second.read_bytes()


@given(plan=PLANS)
@settings(deadline=None, max_examples=30)
def test_no_cell_of_an_export_is_run(
    tmp_path_factory: pytest.TempPathFactory, plan: list[PlannedBudget]
) -> None:
    """No text in a file begins as a formula does, and a workbook holds none."""
    folder = tmp_path_factory.mktemp("plan")
    save_plan(folder / "plan.tsv", plan)
    text = (folder / "plan.tsv").read_bytes().decode("utf-8-sig")
    for cell in text.replace("\r\n", "\t").split("\t"):
        assert cell.removeprefix('"')[:1] not in tuple("=+-@＝")
    save_plan(folder / "plan.xlsx", plan)
    with zipfile.ZipFile(folder / "plan.xlsx") as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")


def sheet_of(rows: Sequence[Sequence[object]]) -> Callable[[Path], Path]:
    """Give what writes rows into a workbook; a text that begins with = is a formula there."""

    def write(folder: Path) -> Path:
        path = folder / "plan.xlsx"
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": True}) as book:
            for name, held in (("notes", [["=1+1"]]), ("plan", rows)):
                sheet = book.add_worksheet(name)
                for number, row in enumerate(held):
                    sheet.write_row(number, 0, row)
        return path

    return write


ROW = ("B-1", "team", "East", "FY2026", 120000.5, "CNY")


def test_a_workbook_of_a_person(tmp_path: Path) -> None:
    """Numbers and texts as a spreadsheet keeps them; other sheets are not looked at."""
    path = sheet_of([HEADER, ROW])(tmp_path)
    [made] = load_plan(path, sheet="plan")
    assert made.budget.amount == Money.of("120000.50", "CNY")
    with pytest.raises(ConfigError) as caught:
        load_plan(path)  # the first sheet is another one
    assert {p.code for p in caught.value.problems} >= {"budgets.plan_none"}


def test_a_computed_cell_is_refused(tmp_path: Path) -> None:
    """What a cell came to when the file was saved is not taken: each is told by its place."""
    rows = [HEADER, ROW, ("B-2", "company", None, "FY2026", "=E2*2", "CNY"), ("=A2", *ROW[1:])]
    with pytest.raises(ConfigError) as caught:
        load_plan(sheet_of(rows)(tmp_path), sheet="plan")
    found = {
        (p.place.line, p.place.column): (p.code, p.values["column"]) for p in caught.value.problems
    }
    assert found[3, 5] == ("budgets.plan_formula", "amount")
    assert found[4, 1] == ("budgets.plan_formula", "budget")
    assert "plan.xlsx:3:5: amount is" in caught.value.describe("en")


def test_a_half_good_file_gives_nothing(tmp_path: Path) -> None:
    """Good rows and lines that are none: all mistakes are told, with their lines."""
    path = tmp_path / "plan.csv"
    path.write_text(
        ",".join(HEADER)
        + '\nB-1,team,East,FY2026,5,CNY\n"B-2,team\nB-3,team,,FY2026,x,CNY\n,,,,,\n'
        + "B-4,team,West,FY2026,5,CNY\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load_plan(path)
    found = [(p.code, p.place.line, p.place.column) for p in caught.value.problems]
    assert found == [
        ("record.quote", 3, 0),
        ("budgets.plan_owner", 4, 3),
        ("record.amount", 4, 5),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_files_of_spreadsheets(tmp_path: Path, encoding: str, sign: str) -> None:
    """What spreadsheets in China and elsewhere save as CSV is understood."""
    path = tmp_path / "plan.csv"
    header = ("预算编号", "范围", "归属", "期间", "金额", "币种")
    rows = (header, ("B-1", "团队", "华东", "FY2026", "5", "CNY"))
    path.write_bytes("\r\n".join(sign.join(row) for row in rows).encode(encoding))
    [made] = load_plan(path)
    assert (made.budget.owner, made.budget.scope) == ("华东", BudgetScope.TEAM)


def test_the_companys_own_year(tmp_path: Path) -> None:
    """FY2026 is what the calendar says."""
    path = tmp_path / "plan.csv"
    path.write_text(",".join(HEADER) + "\nB,company,,FY2026,5,CNY\n", encoding="utf-8")
    [made] = load_plan(path, FiscalCalendar(4))
    assert (made.budget.start, made.budget.end) == (date(2025, 4, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("none.csv", "budgets.plan_file"),
        ("plan.pdf", "budgets.plan_suffix"),
        ("empty.csv", "budgets.plan_none"),
        ("broken.xlsx", "files.unreadable"),
    ],
)
def test_files_that_are_no_plan(tmp_path: Path, name: str, code: str) -> None:
    """A file that is not there, empty, broken, or of another kind is told as such."""
    if name != "none.csv":
        (tmp_path / name).write_bytes(b"" if name == "empty.csv" else b"PK")
    with pytest.raises(ConfigError) as caught:
        load_plan(tmp_path / name)
    assert caught.value.code == code


def test_a_workbook_made_to_do_harm(tmp_path: Path) -> None:
    """A part with a document type, which could name other files or grow without end, is refused."""
    good, bad = sheet_of([HEADER, ROW])(tmp_path), tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            held = source.read(name)
            if name == "xl/worksheets/sheet2.xml":
                held = held.replace(b"<worksheet", b"<!DOCTYPE x []><worksheet", 1)
            target.writestr(name, held)
    with pytest.raises(ConfigError) as caught:
        load_plan(bad, sheet="plan")
    assert caught.value.code == "files.unreadable"


def test_where_a_plan_cannot_be_written(tmp_path: Path) -> None:
    """A name of another kind, or a place that cannot be written to, leaves nothing behind."""
    budget = Budget("B", BudgetScope.COMPANY, date(2026, 1, 1), date(2026, 1, 2), Money(5, "CNY"))
    with pytest.raises(ConfigError) as caught:
        save_plan(tmp_path / "plan.pdf", [PlannedBudget(budget)])
    assert caught.value.code == "budgets.plan_suffix"
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError) as caught:
        save_plan(tmp_path / "file" / "plan.csv", [PlannedBudget(budget)])
    assert caught.value.code == "command.publish_place"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_every_column_is_written(tmp_path: Path) -> None:
    """An export has the columns in their order, and the mark that spreadsheets need for Chinese."""
    budget = Budget("B", BudgetScope.COMPANY, date(2026, 1, 1), date(2026, 1, 2), Money(5, "CNY"))
    save_plan(tmp_path / "plan.csv", [PlannedBudget(budget)])
    content = (tmp_path / "plan.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n")
