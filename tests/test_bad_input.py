"""Bad input through the whole job: told clearly, nothing lost, and nothing leaves that is live."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path

import pytest

from crm_expenses.analytics.report import write_report
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import ConfigError, PolicyError
from crm_expenses.messages import fields as unfilled
from crm_expenses.messages import text
from crm_expenses.pipeline import RunSummary, open_job, report_figures, sync
from crm_expenses.settings import load_settings
from crm_expenses.store.queries import SetAsideRow

AT = datetime(2026, 3, 31, 20, tzinfo=timezone(timedelta(hours=8)))

SETTINGS = """
[company]
name = "Bad input 坏输入"
timezone = "Asia/Shanghai"

[policy]
file = "policy.toml"

[crm.main]
adapter = "files"
folder = "crm"
mapping = "mapping.toml"
"""

POLICY = """
[policy]
id = "bad-input"
version = "1"
language = 1
currency = "CNY"
title = { en = "P", zh = "政" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }

[parameter.most]
type = "money"
values = [{ from = 2020-01-01, is = 100 }]

[[rule]]
code = "meal.most"
kind = "limit"
on = ["meal"]
title = { en = "Most", zh = "上限" }
at_most = "most"
"""

MAPPING = """
[mapping]
version = 1
timezone = "Asia/Shanghai"

[[source]]
kind = "account_manager"
files = ["people.csv"]
[source.fields]
id = "Id"
name = "Name"
manager = "Manager"

[[source]]
kind = "budget"
files = ["budgets.csv"]
[source.fields]
id = "Id"
name = "Name"
scope = { value = "company" }
start = { value = "2026-01-01" }
end = { value = "2026-12-31" }
amount = "Amount"
currency = { value = "CNY" }

[[source]]
kind = "claim"
files = ["claims.csv"]
[source.fields]
id = "No"
person = "By"
submitted = "At"

[[source]]
kind = "line"
files = ["lines*.csv", "lines*.jsonl"]
[source.fields]
id = "No"
claim = "Claim"
date = { column = "Date", formats = ["%Y-%m-%d"] }
category = "Type"
amount = { column = "Amount", group = "," }
currency = "Cur"
merchant = "Shop"
"""

HEADER = "No,Claim,Date,Type,Amount,Cur,Shop\n"
FIRST = "L-1,C-1,2026-03-02,meal,80.00,CNY,Café\n"
LAST = "L-9,C-1,2026-03-03,meal,120.00,CNY,面馆\n"


@dataclass(frozen=True)
class Ran:
    """What a run did, and what was set aside after it."""

    run: RunSummary
    aside: list[SetAsideRow]

    @property
    def problems(self) -> list[dict[str, object]]:
        """Every problem of the rows set aside."""
        return [problem for row in self.aside for problem in json.loads(row.problems)]


def company(base: Path, files: Mapping[str, str | bytes], mapping: str = MAPPING) -> Path:
    """Write a company whose files are good, but for those given; give its settings."""
    (base / "crm_expenses.toml").write_text(SETTINGS, encoding="utf-8")
    (base / "policy.toml").write_text(POLICY, encoding="utf-8")
    (base / "mapping.toml").write_text(mapping, encoding="utf-8")
    good: dict[str, str | bytes] = {
        "people.csv": "Id,Name,Manager\nP-1,王芳,P-2\nP-2,Ann,\n",
        "budgets.csv": "Id,Name,Amount\nB-1,All,1000\n",
        "claims.csv": "No,By,At\nC-1,P-1,2026-03-05 09:00\n",
        "lines.csv": HEADER + FIRST + LAST,
    }
    (base / "crm").mkdir()
    for name, content in {**good, **files}.items():
        held = content.encode() if isinstance(content, str) else content
        (base / "crm" / name).write_bytes(held)
    return base / "crm_expenses.toml"


def ran(settings: Path) -> Ran:
    """Run the job once, as a new process would."""
    with open_job(load_settings(settings)) as job:
        run = sync(job, AT)
        return Ran(run, job.store.set_aside("main", viewer=SYSTEM))


def told(row: SetAsideRow) -> tuple[str, str]:
    """Give the reasons of one row, whole sentences in each language with nothing left open."""
    problems = json.loads(row.problems)
    english, chinese = (
        "; ".join(text(p["code"], side, **p["values"]) for p in problems) for side in ("en", "zh")
    )
    values = "".join(value for p in problems for value in p["values"].values())
    assert unfilled(english) | unfilled(chinese) <= unfilled(values)
    assert english != chinese
    return english, chinese


def results(base: Path, name: str) -> dict[str, dict[str, str]]:
    """Read a file of results by its first column."""
    with (base / "crm" / "results" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return {next(iter(row.values())): row for row in csv.DictReader(file)}


# --- a bad row among good ones ---

ROWS = {
    # The row, the code, and the words for value and fix that both sentences must have.
    "wrong date": (
        "L-2,C-1,2026-02-30,meal,1,CNY,",
        "record.cell_date",
        ("2026-02-30", "%Y-%m-%d"),
    ),
    "letters in an amount": (
        'L-2,C-1,2026-03-02,meal,"1,234.5x",CNY,',
        "record.cell_number",
        ("1,234.5x", "1,234.50"),
    ),
    "underscore": ("L-2,C-1,2026-03-02,meal,1_000,CNY,", "record.cell_number", ("1_000",)),
    "full-width digits": (
        "L-2,C-1,2026-03-02,meal,１２.５,CNY,",
        "record.cell_number",
        ("１２.５",),
    ),
    "NaN": ("L-2,C-1,2026-03-02,meal,NaN,CNY,", "record.cell_number", ("NaN",)),
    "exponent": ("L-2,C-1,2026-03-02,meal,1E+9999999,CNY,", "record.cell_number", ("1E+9999999",)),
    "unknown currency": ("L-2,C-1,2026-03-02,meal,1,RMB,", "record.cell_currency", ("RMB", "CNY")),
    "duplicate line": (
        "L-1,C-1,2026-03-02,meal,99,CNY,",
        "record.duplicate",
        ("L-1", "lines.csv:2", "template"),
    ),
    "no claim": ("L-2,,2026-03-02,meal,1,CNY,", "record.no_claim", ("Claim",)),
    "claim that is not there": ("L-2,C-77,2026-03-02,meal,1,CNY,", "record.orphan", ("C-77",)),
}


@pytest.mark.parametrize(("row", "code", "words"), ROWS.values(), ids=ROWS.keys())
def test_bad_row_is_told_and_the_rest_goes_on(
    tmp_path: Path, row: str, code: str, words: tuple[str, ...]
) -> None:
    """File, row, value and fix are told in both languages; the rows around it are decided."""
    after = ran(company(tmp_path, {"lines.csv": f"{HEADER}{FIRST}{row}\n{LAST}"}))
    (one,) = after.aside
    assert one.place == "lines.csv:3"
    assert [problem["code"] for problem in after.problems] == [code]
    for sentence in told(one):
        assert [word for word in words if word not in sentence] == []
    counts = after.run.pulled.kinds[Kind.LINE]
    assert counts.rows == after.run.decided.lines + len(after.aside) == 3
    lines = results(tmp_path, "lines")
    assert {name: held["allowed"] for name, held in lines.items()} == {
        "L-1": "80.00",
        "L-9": "100.00",
    }


def test_many_bad_rows_add_up(tmp_path: Path) -> None:
    """All bad rows at once: rows in are lines decided and lines set aside, each with its place."""
    rows = [row for row, _, _ in ROWS.values()]
    after = ran(company(tmp_path, {"lines.csv": HEADER + FIRST + "\n".join([*rows, LAST])}))
    counts = after.run.pulled.kinds[Kind.LINE]
    assert counts.rows == len(rows) + 2
    assert counts.rows == after.run.decided.lines + len(after.aside)
    assert sorted(row.place for row in after.aside) == sorted(
        f"lines.csv:{number}" for number in range(3, 3 + len(rows))
    )


def test_negative_amount_where_the_mapping_forbids_it(tmp_path: Path) -> None:
    """A refund is a credit line that gives room back, unless the mapping refuses it."""
    refund = "L-2,C-1,2026-03-02,meal,-30.00,CNY,\n"
    files = {"lines.csv": HEADER + FIRST + refund + LAST}
    (tmp_path / "credit").mkdir()
    after = ran(company(tmp_path / "credit", files))
    assert (after.aside, after.run.decided.lines) == ([], 3)
    assert results(tmp_path / "credit", "claims")["C-1"]["allowed"] == "150.00"
    refusing = MAPPING.replace('group = ","', 'group = ",", negative = "refuse"')
    (tmp_path / "refuse").mkdir()
    after = ran(company(tmp_path / "refuse", files, refusing))
    (one,) = after.aside
    assert one.place == "lines.csv:3"
    assert all('negative = "credit"' in sentence for sentence in told(one))
    assert after.run.decided.lines == 2


def test_json_with_the_same_key_twice(tmp_path: Path) -> None:
    """An object that gives a value twice is set aside by its line; the next one is decided."""
    good = {
        "No": "L-3",
        "Claim": "C-1",
        "Date": "2026-03-02",
        "Type": "meal",
        "Amount": "5",
        "Cur": "CNY",
    }
    twice = json.dumps(good)[:-1] + ', "Amount": "5000"}'
    rows = "\n".join([twice.replace("L-3", "L-2"), json.dumps(good)])
    after = ran(company(tmp_path, {"lines_more.jsonl": rows}))
    (one,) = after.aside
    assert one.place == "lines_more.jsonl:1"
    assert all("Amount" in sentence for sentence in told(one))
    assert results(tmp_path, "lines")["L-3"]["allowed"] == "5.00"


def test_time_without_a_zone(tmp_path: Path) -> None:
    """Where the mapping names no zone, a bare time is set aside; its lines wait for their claim."""
    rows = "No,By,At\nC-1,P-1,2026-03-05 09:00\nC-2,P-1,2026-03-05T09:00:00+08:00\n"
    lines = HEADER + FIRST + LAST.replace("C-1", "C-2")
    mapping = MAPPING.replace('timezone = "Asia/Shanghai"\n', "")
    after = ran(company(tmp_path, {"claims.csv": rows, "lines.csv": lines}, mapping))
    claim, orphan = after.aside
    assert (claim.place, orphan.place) == ("claims.csv:2", "lines.csv:2")
    assert all('timezone = "Asia/Shanghai"' in sentence for sentence in told(claim))
    counts = after.run.pulled.kinds[Kind.LINE]
    assert counts.rows == after.run.decided.lines + 1 == 2


def test_a_row_that_is_mended_takes_part(tmp_path: Path) -> None:
    """The corrected file brings the line in, and takes the row off the list."""
    settings = company(tmp_path, {"lines.csv": HEADER + FIRST + LAST.replace("120.00", "1_20")})
    assert len(ran(settings).aside) == 1
    (tmp_path / "crm" / "lines.csv").write_text(HEADER + FIRST + LAST, encoding="utf-8")
    after = ran(settings)
    assert after.aside == []
    assert results(tmp_path, "claims")["C-1"]["allowed"] == "180.00"
    assert ran(settings).run.changes == 0


# --- a bad file ---


def test_missing_column_stops_before_anything_is_kept(tmp_path: Path) -> None:
    """It is the mapping that must be mended: the file, the nearest column, and nothing lost."""
    lines = (HEADER + FIRST + LAST).replace("Amount", "Amonut")
    settings = company(tmp_path, {"lines.csv": lines})
    with pytest.raises(ConfigError) as caught:
        ran(settings)
    for language in ("en", "zh"):
        sentence = caught.value.describe(language)
        assert [w for w in ("lines.csv", "Amount", "Amonut") if w not in sentence] == []
    assert not (tmp_path / "crm" / "results").exists()
    (tmp_path / "crm" / "lines.csv").write_text(HEADER + FIRST + LAST, encoding="utf-8")
    after = ran(settings)
    assert (after.aside, after.run.decided.lines) == ([], 2)


SHOP = "广州酒家，第二分店"


def test_mixed_encodings(tmp_path: Path) -> None:
    """UTF-8 with and without its mark and GB18030 are read side by side, in one folder."""
    rows = HEADER + "L-{},C-1,2026-03-02,meal,1,CNY," + SHOP + "\n"
    files = {
        "lines.csv": rows.format("a").encode(),
        "lines_mark.csv": rows.format("b").encode("utf-8-sig"),
        "lines_old.csv": rows.format("c").encode("gb18030"),
    }
    settings = company(tmp_path, files)
    after = ran(settings)
    assert (after.aside, after.run.decided.lines) == ([], 3)
    with open_job(load_settings(settings)) as job:
        lines = [
            r
            for r in job.store.records("main", Kind.LINE, viewer=SYSTEM)
            if isinstance(r, ExpenseLine)
        ]
    assert [line.merchant for line in lines] == [SHOP] * 3


def test_encodings_mixed_within_a_file(tmp_path: Path) -> None:
    """A GB18030 line in a UTF-8 file is read; a line that is neither is set aside by its row."""
    good = [f"L-{n},C-1,2026-03-02,meal,1,CNY,{SHOP}\n".encode() for n in range(20)]
    old = f"L-old,C-1,2026-03-02,meal,1,CNY,{SHOP}\n".encode("gb18030")
    broken = b"L-broken,C-1,2026-03-02,meal,1,CNY,\xff\xfe\xff\n"
    content = HEADER.encode() + b"".join([*good, old, broken])
    after = ran(company(tmp_path, {"lines.csv": content}))
    (one,) = after.aside
    assert one.place == "lines.csv:23"
    assert all("gb18030" in sentence for sentence in told(one))
    assert after.run.decided.lines == 21


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", HEADER.encode()])
def test_empty_file(tmp_path: Path, content: bytes) -> None:
    """A file without rows is no fault: its claim is decided, and says that it has no lines."""
    after = ran(company(tmp_path, {"lines.csv": content}))
    assert after.aside == []
    assert after.run.decided.findings == {"claim.empty": 1}


FIVE_MISTAKES = """
[[rule]]
code = "meal.weekend"
kind = "flag"
on = ["meals"]
title = { en = "W", zh = "周" }
that = "is_weekend(day)"

[[rule]]
code = "meal.round"
kind = "flag"
title = { en = "R", zh = "整" }
that = "amount >"
"""


def test_policy_with_six_mistakes(tmp_path: Path) -> None:
    """All six are told at once, each with its line, column and value, in both languages."""
    settings = company(tmp_path, {})
    good = POLICY.replace("is = 100", 'is = "1_00"').replace('kind = "limit"', 'kind = "limits"')
    policy = good.replace('currency = "CNY"', 'currency = "RMB"') + FIVE_MISTAKES
    (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        ran(settings)
    mistakes = ('"RMB"', '"1_00"', '"limits"', '"meals"', "(day)", '"amount >"')
    rows = policy.splitlines()
    expected = [next(n for n, row in enumerate(rows, 1) if m in row) for m in mistakes]
    assert [problem.place.line for problem in caught.value.problems] == expected
    for problem in caught.value.problems:
        assert problem.place.file.endswith("policy.toml")
        assert problem.place.column
        sentences = problem.describe("en"), problem.describe("zh")
        assert sentences[0] != sentences[1]
        assert all(str(problem.place) in sentence for sentence in sentences)
    assert not (tmp_path / "crm" / "results").exists()


# --- what leaves ---

LIVE = ("=1+1", '=HYPERLINK("http://example.invalid","x")', "+1+1", "-2+3", "@SUM(A1:A9)")


def hostile_files() -> dict[str, str]:
    """Give files whose every id, name and category begins as a formula does."""

    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    people = [f"{quoted(cell)},{quoted(cell)},{quoted(cell)}" for cell in LIVE]
    budgets = [f"{quoted(cell)},{quoted(cell)},1" for cell in LIVE]
    claims = [f"{quoted(cell)},{quoted(cell)},2026-03-05 09:00" for cell in LIVE]
    lines = [
        f"{quoted(cell)},{quoted(cell)},2026-03-02,{quoted(cell)},{amount},CNY,{quoted(cell)}"
        for cell, amount in zip(LIVE, (5, -5, 5, 5, 5), strict=True)
    ]
    return {
        "people.csv": "\n".join(["Id,Name,Manager", *people]),
        "budgets.csv": "\n".join(["Id,Name,Amount", *budgets]),
        "claims.csv": "\n".join(["No,By,At", *claims]),
        "lines.csv": "\n".join([HEADER.strip(), *lines]),
    }


def test_no_cell_leaves_as_a_live_formula(tmp_path: Path) -> None:
    """In every CSV of results no cell begins with = + - @, but for our own plain numbers."""
    after = ran(company(tmp_path, hostile_files()))
    assert (after.aside, after.run.decided.lines) == ([], len(LIVE))
    number = re.compile(r"-?[0-9]+(\.[0-9]+)?")
    cells = 0
    for path in (tmp_path / "crm" / "results").iterdir():
        assert path.suffix == ".csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    cells += 1
                    live = cell.startswith(("=", "+", "-", "@", "\t", "\r"))
                    assert not live or number.fullmatch(cell), (path.name, cell)
    assert cells > 100
    # They are tamed, not lost: the text stands behind the mark, and a repeat finds it again.
    assert set(results(tmp_path, "claims")) == {f"'{cell}" for cell in LIVE}
    assert ran(tmp_path / "crm_expenses.toml").run.changes == 0


def test_json_results_are_strings_as_they_were(tmp_path: Path) -> None:
    """JSON Lines carry the same texts as strings of JSON, one object a line, unchanged."""
    settings = company(tmp_path, hostile_files())
    with_json = SETTINGS + 'results_format = "jsonl"\n'
    settings.write_text(with_json, encoding="utf-8")
    ran(settings)
    written = (tmp_path / "crm" / "results" / "claims.jsonl").read_text("utf-8")
    rows = [json.loads(row) for row in written.splitlines()]
    assert {row["claim"] for row in rows} == set(LIVE)
    assert all(isinstance(cell, str) for row in rows for cell in row.values())


NAMES = (
    "<script>alert(1)</script>",
    "</script></style><img src=x onerror=alert(2)>",
    "[red]Ann[/red]",
    "\u202egnp.exe\u200f",
    '" onmouseover="alert(3)',
    "{{ 7 * 7 }}",
)


class Elements(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text.append(data)


def test_hostile_names_are_inert_in_the_report(tmp_path: Path) -> None:
    """Markup in names stays text, and no mark turns the direction of what follows."""
    quoted = ['"' + name.replace('"', '""') + '"' for name in NAMES]
    people = [f"P-{n},{name},P-0" for n, name in enumerate(quoted)]
    budgets = [f"B-{n},{name},10" for n, name in enumerate(quoted)]
    claims = [f"C-{n},P-{n},2026-03-05 09:00" for n in range(len(NAMES))]
    lines = [f"L-{n},C-{n},2026-03-02,{name},50,CNY,{name}" for n, name in enumerate(quoted)] + [
        f"L-x{n},C-{n},{name},meal,50,CNY," for n, name in enumerate(quoted)
    ]
    files = {
        "people.csv": "\n".join(["Id,Name,Manager", *people]),
        "budgets.csv": "\n".join(["Id,Name,Amount", *budgets]),
        "claims.csv": "\n".join(["No,By,At", *claims]),
        "lines.csv": "\n".join([HEADER.strip(), *lines]),
    }
    settings_file = company(tmp_path, files)
    named = SETTINGS.replace("Bad input", "<video id='x'>{{ 7 * 7 }}</video>")
    settings_file.write_text(named, encoding="utf-8")
    settings = load_settings(settings_file)
    with open_job(settings) as job:
        sync(job, AT)
        figures = report_figures(job, AT)
    assert write_report(figures, settings.report, language="en")
    page = settings.report.read_text("utf-8")
    found = Elements(page)
    assert found.tags.count("script") == 1
    assert {"img", "video"}.isdisjoint(found.tags)
    assert not [name for name in found.attributes if name.startswith("on")]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page)
    shown = " ".join(found.text)
    for name in NAMES:
        assert name.replace("\u202e", "") in shown


def test_hostile_names_are_inert_in_the_results(tmp_path: Path) -> None:
    """What the CRM is told is text: markup is carried as it is, not run and not lost."""
    rows = HEADER + "\n".join(
        f'L-{n},C-1,2026-03-02,"{name.replace(chr(34), chr(34) * 2)}",5,CNY,'
        for n, name in enumerate(NAMES)
    )
    ran(company(tmp_path, {"lines.csv": rows}))
    lines = results(tmp_path, "lines")
    for n, name in enumerate(NAMES):
        assert name in lines[f"L-{n}"]["findings_en"]
        assert name in lines[f"L-{n}"]["findings_zh"]


# --- a large file ---

PULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.pipeline import open_job, sync
from crm_expenses.settings import load_settings

with open_job(load_settings(Path(sys.argv[1]))) as job:
    run = sync(job, datetime(2026, 3, 31, tzinfo=UTC))
    print(run.pulled.rows, run.decided.lines, len(job.store.set_aside("main", viewer=SYSTEM)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""

ROW_BYTES = 2_000
LINES_A_CLAIM = 50
MEMORY_GROWTH_MAX = 40
"""In megabytes, from a file of one megabyte to a large one."""


def peak_of(base: Path, megabytes: int) -> int:
    """Run the job on lines of so many megabytes, one in a hundred of them bad; give its peak."""
    base.mkdir()
    settings = company(base, {})
    rows = megabytes * 1_000_000 // ROW_BYTES
    shop = "x" * (ROW_BYTES - 50)
    with (base / "crm" / "lines.csv").open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for n in range(rows):
            amount = "1_0" if n % 100 == 99 else f"{n % 90}.50"
            file.write(f"L-{n},C-{n // LINES_A_CLAIM},2026-03-02,meal,{amount},CNY,{shop}\n")
    claims = [f"C-{n},P-1,2026-03-05 09:00\n" for n in range(-(-rows // LINES_A_CLAIM))]
    (base / "crm" / "claims.csv").write_text("No,By,At\n" + "".join(claims), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PULL, str(settings)], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    counts, peak = done.stdout.splitlines()
    _, decided, aside = map(int, counts.split())
    assert aside == rows // 100
    assert decided + aside == rows
    return int(peak)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """The whole job on 20 MB of lines takes hardly more memory than on one.

    The same on 500 MB is `test_memory_on_500_megabytes`, run by hand with `-m slow`.
    """
    assert peak_of(tmp_path / "large", 20) - peak_of(tmp_path / "small", 1) < MEMORY_GROWTH_MAX


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_memory_on_500_megabytes(tmp_path: Path) -> None:
    """The whole job on 500 MB of lines takes hardly more memory than on one megabyte."""
    assert peak_of(tmp_path / "large", 500) - peak_of(tmp_path / "small", 1) < MEMORY_GROWTH_MAX
