"""The page: what it shows, that it is whole, inert and the same every time."""

import base64
import hashlib
import os
import random
import re
import subprocess
import sys
from dataclasses import fields, replace
from datetime import date
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from crm_expenses.analytics.figures import (
    BudgetFigure,
    Label,
    ReportFigures,
    SetAsideFigure,
    Totals,
    UncoveredFigure,
    WaitingFigure,
)
from crm_expenses.analytics.report import (
    UNCOVERED_MAX,
    WAITING_MAX,
    render,
    waiting_groups,
    write_report,
)
from crm_expenses.core.budget import NoBudget
from crm_expenses.core.budgetforecast import Forecast, Lasting, NoForecast
from crm_expenses.core.decision import Outcome
from crm_expenses.core.roi import Reason
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES, Language, text
from crm_expenses.messages.report import TEXTS

VOID = {"meta", "input", "br"}
HOSTILE = "<script>alert('x')</script>\"&amp; {{ 7*7 }} {name} \u202eevil\u2067 \x00\ud800 [red]"
HOSTILE_SHOWN = HOSTILE.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
HOSTILE_SHOWN = HOSTILE_SHOWN.replace("\u202e", "").replace("\u2067", "")


class Page(HTMLParser):
    """Reads a page strictly: every element closed in order; keeps tags, attributes and texts."""

    def __init__(self, page: str, language: Language = "en") -> None:
        super().__init__(convert_charrefs=True)
        self.language = language
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.names: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.text = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the element, and open it."""
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        held = dict(attrs)
        self.tags.append((tag, held))
        if tag in VOID:
            return
        self.open.append((tag, held))
        if tag == "bdi":
            self.names.append("")
        elif tag == "caption":
            self.tables[held["id"] or ""] = []
        elif tag == "tr":
            list(self.tables.values())[-1].append([])
        elif tag in ("td", "th"):
            list(self.tables.values())[-1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the element."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the element that is open, and no other."""
        assert self.open, tag
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        """Keep a text where it stands."""
        inside = [tag for tag, _ in self.open]
        if "script" in inside or "style" in inside:
            (self.scripts if "script" in inside else self.styles).append(data)
            return
        other = "zh" if self.language == "en" else "en"
        if any(held.get("class") == other for _, held in self.open):
            return
        self.text += data
        if "bdi" in inside:
            self.names[-1] += data
        if "td" in inside or "th" in inside:
            list(self.tables.values())[-1][-1][-1] += data


@pytest.fixture(scope="module")
def page(figures: ReportFigures) -> str:
    """The page of the large company, starting in English."""
    return render(figures, language="en")


def minor(shown: str) -> int:
    """Read an amount of a currency with two decimals back, currency or not."""
    number = re.fullmatch(r"(-?[0-9,]+)\.([0-9]{2})( [A-Z]{3})?", shown)
    assert number, shown
    return int(number[1].replace(",", "") + number[2])


def hostile(figures: ReportFigures) -> ReportFigures:
    """Every text of the data is hostile, wherever it stands."""

    def turn(value: object) -> object:
        if type(value) is str:
            return value if value in ("CNY", "USD") else HOSTILE
        if isinstance(value, tuple):
            return tuple(turn(one) for one in value)
        if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
            return replace(value, **{f.name: turn(getattr(value, f.name)) for f in fields(value)})
        return value

    turned = turn(figures)
    assert isinstance(turned, ReportFigures)
    return turned


@pytest.mark.parametrize("language", LANGUAGES)
def test_well_formed(figures: ReportFigures, language: Language) -> None:
    """Every element is closed in its order, ids are unique, labels point at something."""
    made = Page(render(figures, language=language))
    ids = [held["id"] for _, held in made.tags if held.get("id")]
    assert len(ids) == len(set(ids))
    for _, held in made.tags:
        for name in ("aria-labelledby", "for"):
            assert set((held.get(name) or "").split()) <= set(ids)
        link = held.get("href")
        assert link is None or (link.startswith("#") and link[1:] in ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_starts_in_the_language(figures: ReportFigures, language: Language) -> None:
    """The page's language, its title and the chosen button are those asked for."""
    made = Page(render(figures, language=language))
    tags = {"en": "en", "zh": "zh-CN"}
    (root,) = [held for tag, held in made.tags if tag == "html"]
    assert root["lang"] == tags[language]
    assert [h["id"] for t, h in made.tags if t == "input" and "checked" in h] == [
        f"lang-{language}"
    ]
    assert root["data-title-zh"] == text("report.title", "zh", company=figures.company)


def test_asks_for_nothing_from_outside(figures: ReportFigures) -> None:
    """No address, no import, no form, no frame; the policy allows our own two parts by digest."""
    page = render(hostile(figures), language="zh")
    made = Page(page)
    assert "://" not in page
    assert not re.search(r"url\s*\(|@import|javascript:", page)
    assert not {"link", "img", "iframe", "form", "object", "embed", "base", "image", "use"} & {
        tag for tag, _ in made.tags
    }
    for _, held in made.tags:
        assert not [
            n for n in held if n in ("src", "srcset", "style", "xlink:href") or n[:2] == "on"
        ]
    (policy,) = [
        h["content"] for _, h in made.tags if h.get("http-equiv") == "Content-Security-Policy"
    ]

    def digest(content: str) -> str:
        return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()

    (script,), (style,) = made.scripts, made.styles
    assert policy is not None
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest(style)}'",
        f"script-src 'sha256-{digest(script)}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_hostile_texts_stay_texts(figures: ReportFigures) -> None:
    """Names that are markup, template code or turns of direction are shown as they are."""
    made = Page(render(hostile(figures), language="en"))
    assert [tag for tag, _ in made.tags].count("script") == 1
    shown = set(made.names) - {""}
    assert shown == {HOSTILE_SHOWN}
    assert made.text.count(HOSTILE_SHOWN) == len([name for name in made.names if name]) + 1


def test_both_languages_are_whole(page: str) -> None:
    """Each text stands in both languages, none is empty, and no field is left open."""
    made = Page(page)
    counts = {one: sum(held.get("class") == one for _, held in made.tags) for one in LANGUAGES}
    assert counts["en"] == counts["zh"] > 200
    assert not re.search(r'class="(en|zh)" lang="[a-zA-Z-]+"></span>', page)
    for language in LANGUAGES:
        assert not re.search(r"\{[a-z_]+\}|\{\{|\}\}|\{%", Page(page, language).text)


def test_every_text_is_used(page: str) -> None:
    """No text of the report's table is dead: each stands in the template or in a module by code."""
    own = files("crm_expenses.analytics")
    sources = [own.joinpath(name).read_text("utf-8") for name in ("report.html.j2", "charts.py")]
    sources += [own.joinpath("report.py").read_text("utf-8")]
    whole = "\n".join(sources)
    made = {f"roi.{r}" for r in Reason}
    states = ("within", "near", "over", "unallocated")
    made |= {f"report.state_{state}" for state in states}
    for subject in ("budgets", "spend", "findings", "returns"):
        made |= {f"report.{subject}", f"report.{subject}_about"}
    made |= {"report.define_return_revenue", "report.define_return_margin"}
    words = set(re.findall(r"""["']([a-z_.]+)["']""", whole))
    for code in TEXTS:
        assert code in made or {code, code.removeprefix("report.")} & words, code


def test_headline(figures: ReportFigures, page: str) -> None:
    """The headline figures are those of the input."""
    cards = re.findall(r"<dd>([^<]+?) ?(?:<small>CNY</small>)?</dd>", page)
    totals = figures.totals
    assert [minor(card) for card in cards[:3]] == [totals.claimed, totals.allowed, totals.saved]
    assert [int(card.replace(",", "")) for card in cards[3:]] == [
        totals.claims,
        totals.lines,
        len(figures.waiting),
        totals.set_aside,
    ]


def test_budgets_equal_the_input(figures: ReportFigures, page: str) -> None:
    """Each budget has its row with its amounts, its currency and its mark."""
    rows = Page(page).tables["budgets-caption"][1:]
    shown = sorted((r[0], *(minor(cell) for cell in r[3:6]), r[3][-3:]) for r in rows)
    assert shown == sorted(
        (
            f"{b.name}{b.period.start} – {b.period.end}",
            b.allocated,
            b.committed,
            b.spent,
            b.currency,
        )
        for b in figures.budgets
    )
    by_name = {row[0].split("2026-")[0]: row for row in rows}
    for b in figures.budgets:
        over = b.used > b.allocated
        assert ("above 100%" in by_name[b.name][2]) == over
        assert ("above 80%" in by_name[b.name][2]) == (not over and b.used * 5 > b.allocated * 4)


def test_spend_equals_the_input(figures: ReportFigures, page: str) -> None:
    """Each month and category has its amount; the sums are right."""
    head, *rows, last = Page(page).tables["spend-caption"]
    cells = {
        (row[0], name): minor(cell)
        for row in rows
        for name, cell in zip(head[2:], row[2:], strict=True)
        if cell != "–"
    }
    assert cells == {(s.month.isoformat()[:7], s.name.en): s.allowed for s in figures.spend}
    assert minor(last[1]) == sum(cells.values()) == sum(minor(row[1]) for row in rows)


def test_findings_equal_the_input(figures: ReportFigures, page: str) -> None:
    """Each rule has its row with counts and the amount at stake."""
    rows = Page(page, "zh").tables["findings-caption"][1:]
    assert sorted((r[0], int(r[2]), int(r[3]), minor(r[4]), r[5]) for r in rows) == sorted(
        (f.title.zh, f.lines, f.claims, f.at_stake, f.code) for f in figures.findings
    )


def test_waiting_equals_the_input(figures: ReportFigures, page: str) -> None:
    """The oldest hundred are listed under the person they wait for, the others counted there."""
    rows = Page(page).tables["waiting-caption"][1:]
    oldest = sorted(figures.waiting, key=lambda w: (w.submitted, w.claim))[:WAITING_MAX]
    listed = [r for r in rows if len(r) == 7]
    assert {(r[0], minor(r[3]), r[6]) for r in listed} == {
        (w.claim, w.allowed, w.submitted.isoformat()) for w in oldest
    }
    heads = [r[0] for r in rows if len(r) == 1 and "waiting," in r[0]]
    assert sum(int(re.findall(r"([0-9]+) waiting", h)[0]) for h in heads) == len(figures.waiting)
    more = [int(r[0].split()[1]) for r in rows if len(r) == 1 and r[0].startswith("and ")]
    assert sum(more) == len(figures.waiting) - WAITING_MAX
    assert "100 more are waiting" in Page(page).text
    assert any("nobody found" in head for head in heads)


def test_waiting_groups_keep_everybody(figures: ReportFigures) -> None:
    """A person whose claims are all too new to be listed still stands there with the count."""

    def claim(number: int, person: str, days: int) -> WaitingFigure:
        day = date(2026, 11, 23).fromordinal(date(2026, 11, 23).toordinal() - days)
        return WaitingFigure(f"C{number}", "c", person, "s", day, days, 5, Outcome.REVIEW)

    waiting = (*(claim(n, "a", 9) for n in range(WAITING_MAX)), claim(999, "b", 1))
    first, second = waiting_groups(replace(figures, waiting=waiting[::-1]))
    assert (first.waiting_for, first.count, first.rest, first.amount) == ("a", 100, 0, 500)
    assert (second.waiting_for, second.listed, second.rest, second.days) == ("b", (), 1, 1)


def test_returns_equal_the_input(figures: ReportFigures, page: str) -> None:
    """Each person has cost, won, and each figure with its interval, or the reason why not."""
    rows = {row[0].split("East")[0]: row for row in Page(page).tables["returns-caption"][1:]}
    assert len(rows) == len(figures.returns) == 30
    for person in figures.returns:
        row, f = rows[person.name], person.figures
        assert (minor(row[1]), minor(row[2]), int(row[7])) == (f.cost, f.won, f.customers_new)
        for cell, figure in ((3, f.roi), (4, f.growth), (5, f.win_rate), (6, f.retention)):
            if figure.value is None:
                assert row[cell] == text(f"roi.{figure.reason}", "en")
                continue
            shown = [f"{figure.value * 100:,.2f}%"]
            if figure.low is not None and figure.high is not None:
                shown += [f"{figure.low * 100:.2f}% – {figure.high * 100:.2f}%n = {figure.count}"]
            assert row[cell] == "".join(shown)
    assert "(won × 30% - cost) ÷ cost" in Page(page).text


def test_set_aside_rows(figures: ReportFigures, page: str) -> None:
    """The first fifty rows are listed with place and reason, the whole number is said."""
    rows = Page(page).tables["set-aside-caption"][1:]
    assert rows == [[s.place, s.reason.en] for s in figures.set_aside[:50]]
    assert "first 50 of 63 rows" in Page(page).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_yet(nothing: ReportFigures, language: Language) -> None:
    """A company without data gets a whole page that says so, part by part, and draws nothing."""
    made = Page(render(nothing, language=language), language)
    for code in TEXTS:
        if code.startswith("report.none_"):
            assert text(code, language) in made.text
    assert not made.tables
    assert "svg" not in {tag for tag, _ in made.tags}


def test_odd_figures(nothing: ReportFigures, figures: ReportFigures) -> None:
    """Budgets without allocation, counts without rows, people without figures: a page still."""
    odd = replace(
        nothing,
        currency="JPY",
        totals=Totals(1, 1, 0, 5, 3),
        budgets=(BudgetFigure("b", "", figures.period, "JPY", 0, 0, 0),),
        returns=tuple(r for r in figures.returns if r.figures.roi.value is None),
        set_aside=(SetAsideFigure("f:1", Label("same", "same")),),
    )
    made = Page(render(odd, language="en"))
    assert "nothing allocated" in made.text
    assert "-5 JPY" in made.text
    assert "{n} of {n} have not enough data".format(n=len(odd.returns)) in made.text
    assert "first 1 of 3 rows" in made.text
    assert "svg" not in {tag for tag, _ in made.tags}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("2026-05-19", "the end", "used up", "too few days", "no budget of that time")),
        ("zh", ("2026-05-19", "期末", "已用完", "天数太少", "该期间没有预算")),
    ],
)
def test_what_is_ahead(nothing: ReportFigures, language: Language, words: tuple[str, ...]) -> None:
    """Each budget says how long it lasts, or why nobody can say; what has no budget says why."""
    day = date(2026, 5, 19)
    made = [
        Forecast(5, 1, 2, 5, 777, -333, Lasting.RUNS_OUT, day),
        Forecast(5, 1, 2, 5, 10, 90, Lasting.LASTS),
        Forecast(5, 1, 2, 5, 10, -5, Lasting.USED_UP),
        NoForecast.TOO_FEW_DAYS,
        None,
    ]
    held = tuple(
        BudgetFigure(f"b{n}", "o", nothing.period, "JPY", 100, 5, 0, forecast=one)
        for n, one in enumerate(made)
    )
    rows = tuple(
        UncoveredFigure(f"Ann {n}", "meal", Label("Meals", "餐费"), NoBudget.NOT_THEN, 3, n)
        for n in range(UNCOVERED_MAX + 1)
    )
    figures = replace(nothing, currency="JPY", budgets=held, uncovered=rows)
    page = Page(render(figures, language=language), language)
    for word in (*words, "777", "-333", f"Ann {UNCOVERED_MAX}"):
        assert word in page.text
    # The smallest is not listed, and that is said.
    assert "Ann 0" not in page.text
    assert f"{UNCOVERED_MAX + 1}" in page.text


def test_order_of_the_parts_does_not_matter(figures: ReportFigures, page: str) -> None:
    """The same figures in another order are the same page."""
    rng = random.Random(3)
    shuffled = {}
    for name in ("budgets", "spend", "findings", "waiting", "returns"):
        rows = list(getattr(figures, name))
        rng.shuffle(rows)
        shuffled[name] = tuple(rows)
    assert render(replace(figures, **shuffled), language="en") == page


def test_same_bytes_in_every_process(page: str) -> None:
    """Two other processes, with other hash seeds, give the same bytes."""
    code = (
        "import hashlib, sys; sys.path.insert(0, sys.argv[1])\n"
        "from conftest import build_figures\n"
        "from crm_expenses.analytics.report import render\n"
        "page = render(build_figures(), language='en')\n"
        "print(hashlib.sha256(page.encode()).hexdigest())"
    )
    here = hashlib.sha256(page.encode()).hexdigest()
    for seed in ("1", "2"):
        made = subprocess.run(
            [sys.executable, "-c", code, str(Path(__file__).parent)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert made.stdout.strip() == here


def test_write_only_when_it_differs(nothing: ReportFigures, tmp_path: Path) -> None:
    """The second writing changes nothing; another language or figure does; no file is left over."""
    path = tmp_path / "report.html"
    assert write_report(nothing, path, language="en")
    before = path.stat()
    assert not write_report(nothing, path, language="en")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert write_report(nothing, path, language="zh")
    assert write_report(replace(nothing, company="Other"), path, language="zh")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert b"\r" not in path.read_bytes()


def test_write_after_a_killed_run(nothing: ReportFigures, tmp_path: Path) -> None:
    """Half a page that a killed run left beside is taken away, whether or not the page changed."""
    path = tmp_path / "report.html"
    beside = tmp_path / ".report.html.part"
    beside.write_text("half")
    assert write_report(nothing, path, language="en")
    beside.write_text("half")
    assert not write_report(nothing, path, language="en")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_write_that_fails_keeps_the_old_page(
    nothing: ReportFigures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk fails, what stood there stands there still."""
    path = tmp_path / "report.html"
    write_report(nothing, path, language="en")
    before = path.read_bytes()

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_report(nothing, path, language="zh")
    assert path.read_bytes() == before


def test_missing_package(nothing: ReportFigures, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without jinja2 the error names it and its extra."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ConfigError) as caught:
        render(nothing, language="en")
    assert caught.value.code == "extra.missing"
    assert "jinja2" in caught.value.describe("zh")


def test_imports_are_late() -> None:
    """Importing the report brings in neither the template engine nor the drawing package."""
    code = (
        "import sys, crm_expenses.analytics.report\n"
        "print(sorted({'jinja2', 'vl_convert', 'markupsafe'} & set(sys.modules)))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert made.stdout.strip() == "[]"
