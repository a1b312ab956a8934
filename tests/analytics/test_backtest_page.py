"""The page and the JSON of a back-test: whole, inert, in both languages, the same every time."""

import re
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from backtest_claims import policies
from test_report import HOSTILE, HOSTILE_SHOWN, Page

from crm_expenses.analytics.backtest import (
    BacktestFigures,
    backtest_json,
    backtest_schema,
    render_backtest,
    write_backtest,
)
from crm_expenses.analytics.backtest.aggregate import side_of
from crm_expenses.analytics.backtest.charts import BARS_MAX, month_chart, percent, signed
from crm_expenses.analytics.backtest.figures import (
    Change,
    Crossing,
    Flip,
    Group,
    LineFlip,
    PersonNeeded,
    RuleFigure,
    Said,
    Spend,
    SweepFigures,
    SweepPoint,
    Totals,
    Touched,
    Verdict,
)
from crm_expenses.analytics.figures import Label
from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.messages import LANGUAGES, Language, text

OLD, NEW = policies(("is = 150", "is = 120"))


def said(*, told: bool = True) -> Said:
    """Make a finding, with its sentence or without."""
    sentence = Label("Meals a day: 150.00 is over 120.00", "每日餐费：150.00 超过 120.00")
    title = Label("Meals a day", "每日餐费")
    return Said("meal.day", Effect.CAP, title, "3.1", text=sentence if told else None)


def build(months: int = 14) -> BacktestFigures:
    """Make figures in which everything is there."""
    spend, touched = Spend(1_234, 9_876_543, 9_000_000, 8_999_900), Touched(3, 2, 1)
    month = [f"{2025 + n // 12}-{n % 12 + 1:02}" for n in range(months)]
    lines = (
        LineFlip(
            *("L-1", "meal", date(2026, 1, 2), 15_000),
            Verdict(Outcome.PASS, 15_000),
            Verdict(Outcome.REDUCED, 14_900, (said(),)),
        ),
        LineFlip(
            *("L-2", "unknown", date(2026, 1, 2), None),
            Verdict(Outcome.PASS, 0),
            Verdict(Outcome.REVIEW, 0, (said(told=False),)),
        ),
    )
    flip = Flip(
        *("C-1", "P-1", "East", 15_000),
        Verdict(Outcome.PASS, 15_000),
        Verdict(Outcome.REVIEW, 14_900, (said(),)),
        lines,
        5,
    )
    crossing = Crossing("C-1", "P-1", "East", 15_000, Outcome.PASS, Outcome.REVIEW)
    points = tuple(
        SweepPoint(f"{n}.00", n * 1_000, {Outcome.PASS: n, Outcome.REJECT: 1}, n)
        for n in (80, 90, 120)
    )
    title = Label("Meals a day", "每日餐费")
    return BacktestFigures(
        side_of(OLD),
        side_of(NEW),
        "CNY",
        Totals(12, 4, 1, spend, touched),
        (
            RuleFigure("meal.day", 2, 3, Spend(2, 30_000, 15_000, 14_900), touched),
            RuleFigure("", 0, 0, Spend(1, 0, 0, 0), Touched(1, 1, 1)),
        ),
        (Group("meal", spend, touched),),
        (Group("East", spend, touched), Group("", Spend(0, 0, 0, 0), Touched(0, 0, 0))),
        tuple(Group(one, spend, touched) for one in month),
        (
            Change(Outcome.PASS, Outcome.REVIEW, 1, 1),
            Change(Outcome.REVIEW, Outcome.PASS, 1, 0),
            Change(Outcome.PASS, Outcome.PASS, 1_232, 11),
        ),
        PersonNeeded(7, 15_000, (crossing,)),
        PersonNeeded(0, 0),
        (flip,),
        {"meal.day": title},
        {"meal": Label("Meals", "餐费")},
        SweepFigures("meal_day", title, "CNY", date(2026, 1, 1), "120.00", points),
    )


def hostile(value: object) -> object:
    """Make every text of the data hostile, wherever it stands."""
    if type(value) is str:
        is_code = value in ("CNY", "meal.day", "meal") or re.fullmatch(r"[0-9.-]*", value)
        return value if is_code else HOSTILE
    if isinstance(value, tuple):
        return tuple(hostile(one) for one in value)
    if isinstance(value, dict):
        return {key: hostile(one) for key, one in value.items()}
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return replace(value, **{f.name: hostile(getattr(value, f.name)) for f in fields(value)})
    return value


@pytest.mark.parametrize("language", LANGUAGES)
def test_well_formed(language: Language) -> None:
    """Every element is closed in its order, ids are unique, and labels point at something."""
    made = Page(render_backtest(build(), language=language))
    ids = [held["id"] for _, held in made.tags if held.get("id")]
    assert len(ids) == len(set(ids))
    for _, held in made.tags:
        for name in ("aria-labelledby", "for"):
            assert set((held.get(name) or "").split()) <= set(ids)
    assert [h["id"] for t, h in made.tags if t == "input" and "checked" in h] == [
        f"lang-{language}"
    ]


def test_asks_for_nothing_from_outside() -> None:
    """No address, no import, no form, no frame, and a policy that forbids them."""
    turned = hostile(build())
    assert isinstance(turned, BacktestFigures)
    page = render_backtest(turned, language="zh")
    made = Page(page)
    assert "://" not in page
    assert not re.search(r"url\s*\(|@import|javascript:", page)
    tags = {tag for tag, _ in made.tags}
    assert not {"link", "img", "iframe", "form", "object", "embed", "base", "image"} & tags
    for _, held in made.tags:
        assert not [n for n in held if n in ("src", "srcset", "style") or n[:2] == "on"]
    assert "default-src 'none'" in page


def test_hostile_texts_stay_texts() -> None:
    """Names that are markup or template code are shown as they are."""
    turned = hostile(build())
    assert isinstance(turned, BacktestFigures)
    made = Page(render_backtest(turned, language="en"))
    assert [tag for tag, _ in made.tags].count("script") == 1
    assert HOSTILE_SHOWN in made.names


def test_both_languages_are_whole() -> None:
    """Each text stands in both languages and no field is left open."""
    page = render_backtest(build(), language="en")
    made = Page(page)
    counts = {one: sum(held.get("class") == one for _, held in made.tags) for one in LANGUAGES}
    assert counts["en"] == counts["zh"] > 100
    for language in LANGUAGES:
        shown = Page(page, language).text
        assert not re.search(r"\{[a-z_]+\}", shown)
    assert "每日餐费：150.00 超过 120.00" in Page(page, "zh").text


def test_shows_the_figures() -> None:
    """What differs stands on the page: sums with their sign, flips with both sides, the curve."""
    made = Page(render_backtest(build(), language="en"))
    assert "−1.00" in made.text
    assert "Meals a day: 150.00 is over 120.00" in made.text
    assert "and 3 more lines" in made.text
    assert "1 of 2 claims, the biggest differences first" in made.text
    assert "120.00 ◆" in made.text
    total = made.tables["categories-caption"][-1]
    assert [cell.strip() for cell in total[1:7]] == [
        *("−1.00", "0.00%", "90,000.00", "89,999.00", "98,765.43", "1,234"),
    ]
    assert made.tables["person-1"][1][0] == "C-1"
    assert text("backtest.none_no_longer", "en") in made.text


def test_without_anything() -> None:
    """Where nothing was claimed, or nothing differs, the page says so."""
    zero, none = Spend(0, 0, 0, 0), Touched(0, 0, 0)
    empty = replace(
        build(),
        totals=Totals(0, 0, 0, zero, none),
        rules=(),
        categories=(),
        teams=(),
        months=(),
        changes=(),
        flips=(),
        now_needs=PersonNeeded(0, 0),
        sweep=None,
    )
    made = Page(render_backtest(empty, language="en"))
    assert text("backtest.no_flips", "en") in made.text
    assert text("backtest.none_rules", "en") in made.text
    assert "svg" not in {tag for tag, _ in made.tags}
    assert backtest_json(empty)["totals"]["spend"]["share"] is None


def test_a_chart_shows_the_last_months() -> None:
    """A chart of months is bounded; it shows the last ones."""
    chart = month_chart(build(months=40), "en")
    assert len(chart.bars) == BARS_MAX
    assert chart.bars[-1].name == "2028-04"


def test_written_once(tmp_path: Path) -> None:
    """Equal figures give equal bytes, and are not written again."""
    path = tmp_path / "page.html"
    assert write_backtest(build(), path, language="en")
    assert not write_backtest(build(), path, language="en")
    assert write_backtest(build(), path, language="zh")
    assert list(tmp_path.iterdir()) == [path]


def test_json_has_the_published_shape() -> None:
    """The JSON fits its schema, which is the one in the reference; amounts are exact texts."""
    made = backtest_json(build())
    jsonschema.Draft202012Validator(backtest_schema()).validate(made)
    assert made["totals"]["spend"] == {
        "lines": 1_234,
        "claimed": "98765.43",
        "before": "90000.00",
        "after": "89999.00",
        "difference": "-1.00",
        "share": "0.0000",
    }
    assert made["sweep"] is not None
    assert made["sweep"]["points"][0]["exceptions"] == 1
    jsonschema.Draft202012Validator(backtest_schema()).validate(
        backtest_json(replace(build(), sweep=None))
    )


def test_differences_carry_their_sign() -> None:
    """More is plus, less is minus, and nothing is neither."""
    assert [signed(n, "JPY") for n in (1_234, 0, -1)] == ["+1,234", "0", "−1"]
    assert [percent(n, 300) for n in (1, 0, -300)] == ["+0.33%", "0.00%", "−100.00%"]
