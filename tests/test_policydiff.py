"""What changed between two policies: each kind of change is told, and nothing else."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.messages import LANGUAGES
from crm_expenses.policydiff import (
    PolicyDiff,
    compare,
    diff_json,
    diff_markdown,
    diff_text,
)
from crm_expenses.policyfile import load_policy, parse_policy
from crm_expenses.rules.evaluate import Evaluator

ROOT: Final = Path(__file__).resolve().parents[1]
SALES: Final = (ROOT / "examples" / "crm-sales" / "policy.toml").read_text("utf-8")
EVERYTHING: Final = (ROOT / "tests" / "rules" / "wording" / "everything.toml").read_text("utf-8")
DEMO: Final = (ROOT / "src" / "crm_expenses" / "demo" / "policy.toml").read_text("utf-8")


def changed(text: str, *pairs: tuple[str, str]) -> PolicyDiff:
    """Compare a policy with itself after some replacements, each of which must apply."""
    new = text
    for before, after in pairs:
        assert before in new
        new = new.replace(before, after)
    return compare(parse_policy(text), parse_policy(new))


def step_of_2020(value: int) -> tuple[str, str]:
    """Give the replacement that adds a value of the meal limit from 2020 on."""
    behind = "\n[parameter.entertainment_head]"
    return behind, f"\n[[parameter.meal_day.values]]\nfrom = 2020-01-01\nis = {value}\n{behind}"


def only(diff: PolicyDiff, *names: str) -> None:
    """See that nothing but these sections holds a change."""
    sections = (
        *("head", "categories", "rules", "parameters", "approvals"),
        *("windows", "facts", "lists", "calendar", "examples"),
        *("values", "components", "plug_ins"),
    )
    assert {name for name in sections if getattr(diff, name)} == set(names)


@pytest.mark.parametrize("text", [SALES, EVERYTHING, DEMO])
def test_a_policy_does_not_differ_from_itself(text: str) -> None:
    """The same policy, and the same policy in another order, has no difference."""
    diff = changed(text)
    assert diff.is_empty
    only(diff)
    assert diff.compared > 0
    for language in LANGUAGES:
        assert len(diff_text(diff, language).splitlines()) < 10


def test_another_version_is_no_change_of_the_rules() -> None:
    """A new version alone is told, and is no difference in what is decided."""
    diff = changed(SALES, ('version = "1"', 'version = "2"'))
    only(diff, "head")
    assert diff.is_empty
    assert "version: 1 → 2" in diff_text(diff, "en")


def test_a_figure() -> None:
    """A figure is told with its day and both values; the rules that look it up are the same."""
    diff = changed(SALES, ("is = 66", "is = 70"))
    only(diff, "parameters", "examples")
    (figure,) = diff.parameters
    (value,) = figure.values
    assert (figure.name, figure.how) == ("meal_day", "changed")
    assert value.start.isoformat() == "2017-07-01"
    assert (value.old, value.new) == (
        {"en": "66 USD", "zh": "66 美元"},
        {"en": "70 USD", "zh": "70 美元"},
    )


def test_a_new_day() -> None:
    """A value from a new day on is told against the one that would have held on."""
    diff = changed(SALES, step_of_2020(80))
    (figure,) = diff.parameters
    (value,) = figure.values
    assert (value.start.isoformat(), value.old, value.new) == (
        "2020-01-01",
        {"en": "66 USD", "zh": "66 美元"},
        {"en": "80 USD", "zh": "80 美元"},
    )


def test_the_same_values_written_otherwise() -> None:
    """A step that repeats the value before it changes nothing that is in force."""
    diff = changed(SALES, step_of_2020(66))
    assert not any(figure.values for figure in diff.parameters)
    assert not diff.examples or all(one.old.allowed == one.new.allowed for one in diff.examples)


def test_a_row_of_a_table() -> None:
    """A row is told by its key; a row that goes falls back to the value for all others."""
    diff = changed(
        DEMO, ('["junior", "1", 450]', '["junior", "1", 480]'), ('["Suzhou", "2"], ', "")
    )
    values = {f.name: f.values for f in diff.parameters}
    (row,), (city,) = values["lodging_cap"], values["city_tier"]
    assert (row.key["en"], row.new) == (
        "junior, 1",
        {"en": "480 CNY per night", "zh": "每晚 480 元"},
    )
    assert (city.key["en"], city.old, city.new) == (
        "Suzhou",
        {"en": "“2”", "zh": "“2”"},
        {"en": "“3”", "zh": "“3”"},
    )


def test_bands_source_and_type() -> None:
    """Bands are told whole, and a source, a day of checking or a unit by itself."""
    diff = changed(
        EVERYTHING,
        ('["car", 10000, "0.25"]', '["car", 9000, "0.25"]'),
        (
            'source = "chosen for the test"\nchecked = 2026-02-03',
            'source = "ours"\nchecked = 2026-03-01',
        ),
    )
    figure = next(f for f in diff.parameters if f.name == "mile_scale")
    (value,) = figure.values
    assert value.key["en"] == "car"
    assert value.new is not None
    assert value.new["en"] == "0.45 EUR per mile from 0 miles, 0.25 EUR per mile from 9,000 miles"
    parts = {part.part: (part.old["en"], part.new["en"]) for part in figure.parts}
    assert parts == {
        "source 2026-01-01": ("chosen for the test", "ours"),
        "checked 2026-01-01": ("2026-02-03", "2026-03-01"),
    }
    text = diff_text(diff, "en")
    assert "from 2026-01-01, source: chosen for the test → ours" in text


def test_parts_of_a_rule() -> None:
    """Each part of a rule is told by itself, in words before and after."""
    diff = changed(
        SALES,
        ('effect = "justify"\nclause = "2.1"', 'effect = "review"\nclause = "2.9"'),
        ('that = "amount > flight_review"', 'that = "amount >= flight_review"'),
        ('when = "present(nights)"', 'when = "present(nights) and nights > 0"'),
        ('on = ["gift"]\nclause = "2.3"', 'on = ["gift", "meal"]\nclause = "2.3"'),
        ('period = "quarter"', 'period = "month"'),
    )
    parts = {change.name: {part.part for part in change.parts} for change in diff.rules}
    assert parts == {
        "entertainment.head": {"effect", "clause"},
        "flight.dear": {"says"},
        "lodging.night": {"when"},
        "gift.quarter": {"on", "says"},
    }
    flight = next(change for change in diff.rules if change.name == "flight.dear")
    (part,) = flight.parts
    assert part.old["en"] == "Flagged: the amount is above 900 USD."
    assert part.new["en"] == "Flagged: the amount is at least 900 USD."
    assert part.new["zh"] == "标记情形：金额达到 900 美元。"


def test_rules_and_categories_come_and_go() -> None:
    """What is added or removed is told whole."""
    start = SALES.index('[[rule]]\ncode = "visit.complete"')
    end = SALES.index('[[rule]]\ncode = "meal.day"')
    without = SALES[:start] + SALES[end:]
    gone = compare(parse_policy(SALES), parse_policy(without))
    (change,) = gone.rules
    assert (change.name, change.how) == ("visit.complete", "removed")
    text = diff_text(gone, "en")
    assert "Nights or heads are given visit.complete [removed]" in text
    assert "  - If not, a person reviews it." in text
    come = compare(parse_policy(without), parse_policy(SALES))
    assert [change.how for change in come.rules] == ["added"]
    named = changed(SALES, ('gift = { name = { en = "Gifts"', 'gift = { name = { en = "Presents"'))
    only(named, "categories")
    assert "title: Gifts → Presents" in diff_text(named, "en")
    more = changed(
        SALES, ("[category]", '[category]\nbook = { name = { en = "Books", zh = "书" } }')
    )
    only(more, "categories", "examples") if more.examples else only(more, "categories")


def test_approvals_windows_facts_lists_and_calendar() -> None:
    """Everything else that a policy holds is compared, too."""
    diff = changed(
        EVERYTHING,
        ("above = 500", "above = 400"),
        ('year_starts = "04-06"', 'year_starts = "01-02"'),
        (
            'type = "number"\nunit = "mile"\nplaces = 1',
            'type = "number"\nunit = "mile"\nplaces = 2',
        ),
        ('grade = ["junior", "senior"]', 'grade = ["junior", "senior", "lead"]'),
        ("rest_days = [2026-05-01]", "rest_days = [2026-05-01, 2026-10-01]"),
        ("band_places = 1", "band_places = 2"),
    )
    assert [c.name for c in diff.approvals] == ["manager"]
    assert [c.name for c in diff.windows] == ["miles_before"]
    assert [c.name for c in diff.facts] == ["miles"]
    assert [c.name for c in diff.lists] == ["grade"]
    (days,) = diff.calendar
    assert (days.part, days.old["en"], days.new["en"]) == ("rest_days", "", "2026-10-01")
    assert not diff.rules
    text = diff_text(diff, "en")
    assert "[added] Days off that would be working days: 2026-10-01" in text
    assert "number (miles), with 1 decimal" in text
    assert "number (miles), with 2 decimals" in text


def test_the_order_of_steps() -> None:
    """The order of approval steps matters, and is told."""
    manager, finance = EVERYTHING.index("[[approval]]"), EVERYTHING.rindex("[[approval]]")
    end = EVERYTHING.index("[calendar]")
    turned = (
        EVERYTHING[:manager]
        + EVERYTHING[finance:end]
        + EVERYTHING[manager:finance]
        + EVERYTHING[end:]
    )
    diff = compare(parse_policy(EVERYTHING), parse_policy(turned))
    only(diff, "approvals")
    assert "order of the steps: manager, finance → finance, manager" in diff_text(diff, "en")


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400))
def test_examples_tell_who_is_paid_otherwise(old: int, new: int) -> None:
    """A limit raised or lowered is told by examples, each decided by both policies as it says."""
    line = "values = [{ from = 2016-01-01, is = 150, source"
    ours, theirs = (SALES.replace(line, line.replace("150", str(n))) for n in (old, new))
    diff = compare(parse_policy(ours), parse_policy(theirs))
    assert bool(diff.examples) is (old != new)
    for one in diff.examples:
        facts = one.example.facts
        before, after = (
            Evaluator(parse_policy(text)).decide(facts, digest=False) for text in (ours, theirs)
        )
        assert (before, after) == (one.old, one.new)
        assert before.allowed != after.allowed or before.outcome != after.outcome


def test_another_currency() -> None:
    """Policies in two currencies are compared without examples, and the reader is told why."""
    diff = compare(parse_policy(SALES), parse_policy(SALES.replace("USD", "EUR")))
    assert (diff.examples, diff.compared) == ((), 0)
    assert "The currencies differ" in diff_text(diff, "en")
    assert "币种不同" in diff_text(diff, "zh")


def holds_both(value: Any) -> bool:  # noqa: ANN401  JSON
    """Say whether each text in some JSON stands in both languages."""
    match value:
        case {"en": _, **rest}:
            return set(rest) == {"zh"}
        case dict():
            return all(map(holds_both, value.values()))
        case list():
            return all(map(holds_both, value))
        case _:
            return True


@pytest.mark.parametrize(("old", "new"), [(SALES, DEMO), (SALES, EVERYTHING), (DEMO, SALES)])
def test_every_form_of_two_strangers(old: str, new: str) -> None:
    """Two policies that share nothing are told in every form and language."""
    diff = compare(parse_policy(old), parse_policy(new))
    given_ = diff_json(diff)
    assert json.loads(json.dumps(given_)) == given_
    assert holds_both(given_)
    assert given_["same"] is False
    for language in LANGUAGES:
        text, marked = diff_text(diff, language), diff_markdown(diff, language)
        assert "None" not in text
        for change in diff.rules:
            assert change.name in text
            assert f"`{change.name}`" in marked
        for figure in diff.parameters:
            assert figure.name in text


def test_a_text_from_outside_is_escaped() -> None:
    """Markup in a policy is text in Markdown."""
    diff = changed(SALES, ('en = "Dear flights"', 'en = "<img src=x> | *y*"'))
    assert "\\<img src=x\\> \\| \\*y\\*" in diff_markdown(diff, "en")


def test_nested_parts_keep_their_depth() -> None:
    """A list in a list of a rule's condition stays one level below."""
    diff = compare(
        load_policy(ROOT / "examples" / "chamber" / "policy.toml"), parse_policy(EVERYTHING)
    )
    text = diff_text(diff, "en")
    assert (
        "  - Flagged if any of these holds:\n    - the expense date is a Saturday or Sunday" in text
    )


STEPS: Final = """
[policy]
id = "steps"
version = "1"
language = 1
currency = "EUR"
title = { en = "Steps", zh = "步" }
[category]
meal = { name = { en = "Meals", zh = "餐费" } }
gift = { name = { en = "Gifts", zh = "礼品" } }
[parameter.cap]
type = "money"
unit = "EUR/person"
keys = ["category"]
[[parameter.cap.values]]
from = 2026-01-01
table = [["meal", 10], ["gift", 20]]
[[parameter.cap.values]]
from = 2026-07-01
table = [["meal", 10], ["gift", 30]]
[[rule]]
code = "x"
kind = "flag"
title = { en = "X", zh = "某" }
when = "present(attendees)"
that = "amount > cap[category] * attendees"
"""


def test_a_difference_that_goes_on_is_told_once() -> None:
    """A key that differs from a day on is not told again at a step that changes another key."""
    diff = changed(STEPS, ('["meal", 10]', '["meal", 12]'))
    (figure,) = diff.parameters
    assert [(v.start.isoformat(), v.key["en"]) for v in figure.values] == [("2026-01-01", "Meals")]


def test_more_decimals_of_a_figure_change_no_rule() -> None:
    """A finer figure changes how a rule computes inside, and nothing of what it says."""
    diff = changed(STEPS, ('["gift", 30]', '["gift", "30.125"]'))
    assert diff.rules == ()
    (figure,) = diff.parameters
    assert [value.new["en"] for value in figure.values if value.new] == ["30.125 EUR per person"]


COMPANY: Final = (ROOT / "examples" / "policies" / "cn-company.toml").read_text("utf-8")
RAISED: Final = (
    'is = 300, source = "handbook, 7 (an example)" }',
    'is = 300, source = "handbook, 7 (an example)" }, '
    '{ from = 2026-07-01, is = 350, source = "notice 12" }',
)


def test_a_figure_from_a_day_on_names_its_rules_and_its_source() -> None:
    """A figure stands under the titles of its rules, with where its new value comes from."""
    diff = changed(COMPANY, RAISED)
    text = diff_text(diff, "zh")
    assert "单件礼品限额 gift_item [修改]" in text
    assert "自 2026-07-01 起的标准，来源：notice 12" in text
    assert "自 2026-07-01 · 原标准 300 元 · 新标准 350 元" in text


def test_an_example_is_told_with_its_day() -> None:
    """What a figure of July decides otherwise is told with a day in July."""
    diff = changed(COMPANY, RAISED)
    assert diff.examples
    for one in diff.examples:
        day = one.example.facts.lines[0].date.isoformat()
        assert all(day in one.claim[language] for language in LANGUAGES)
        assert day >= "2026-07-01"


def test_an_example_is_told_once() -> None:
    """Claims that both policies tell alike and decide alike stand once."""
    diff = changed(COMPANY, RAISED, ('["staff", "1", 600]', '["staff", "1", 650]'))
    told = [(one.claim["en"], one.result_old["en"]) for one in diff.examples]
    assert len(set(told)) == len(told)


def test_results_name_rules_by_their_titles() -> None:
    """Who decides otherwise is told by the titles of the rules, in the words of each policy."""
    diff = changed(COMPANY, ('zh = "住宿每晚限额"', 'zh = "每晚住宿上限"'),
                   ('["staff", "1", 600]', '["staff", "1", 650]'))  # fmt: skip
    text = diff_text(diff, "zh")
    assert "  - 原：核减为 1,200 元（住宿每晚限额）" in text
    assert "  - 现：核减为 1,300 元（每晚住宿上限）" in text
    assert "  - 标题：住宿每晚限额 → 每晚住宿上限" in text
    assert "自 2026-01-01 · 职级 / 城市类别 员工、一类城市 · 原标准 每晚 600 元" in text


def test_a_figure_that_no_rule_uses_is_told_by_its_name() -> None:
    """A figure without a rule stands under its name alone."""
    text = diff_text(changed(COMPANY, (
        "[parameter.gift_item]",
        '[parameter.spare]\ntype = "money"\nvalues = [{ from = 2026-01-01, is = 1 }]\n'
        "[parameter.gift_item]",
    )), "en")  # fmt: skip
    assert "\nspare [added]\n  From 2026-01-01 · Before nothing · Now 1 CNY\n" in text


DIET: Final = """
[policy]
id = "diet"
version = "1"
language = 1
currency = "EUR"
title = { en = "Diet", zh = "餐" }
[choices.zone]
home = { en = "at home", zh = "国内" }
abroad = { en = "abroad", zh = "国外" }
[category]
diem = { name = { en = "Daily allowance", zh = "每日补贴" } }
[component.diet]
name = { en = "Diet", zh = "伙食" }
[fact.zone]
name = { en = "zone", zh = "区域" }
type = "zone"
[fact.guests]
name = { en = "guests", zh = "客人" }
type = "count"
[parameter.diet]
type = "money"
values = [{ from = 2026-01-01, is = 28 }]
[window.before]
name = { en = "trips before", zh = "此前出差" }
per = ["person"]
period = "year"
[value.share]
name = { en = "share of the diet", zh = "伙食折算" }
scope = "day"
gives = "1 if minutes_away > hours(12) else 0.5"
[value.is_long]
name = { en = "long", zh = "较长" }
gives = "default(trip_minutes, 0) > hours(8)"
[[rule]]
code = "diem.diet"
kind = "allow"
on = ["diem"]
component = "diet"
title = { en = "Diet", zh = "伙食" }
when = "is_long and present(trip)"
gives = "round(diet * total_of(share), 0.01, half_up)"
"""


def test_a_value_that_is_only_summed() -> None:
    """What a sum adds up is told by itself, in the asked language, with the rules that read it."""
    diff = changed(DIET, ("hours(12)", "hours(10)"))
    only(diff, "values", *(["examples"] if diff.examples else []))
    (change,) = diff.values
    assert (change.name, change.how, change.used) == ("share", "changed", ("diem.diet",))
    text = diff_text(diff, "en")
    assert "- “share of the diet” [changed]" in text
    assert "before: 1 if the time away that day is longer than 12 hours" in text
    assert "now: 1 if the time away that day is longer than 10 hours" in text
    assert "Used by: Diet" in text
    chinese = diff_text(diff, "zh")
    assert "“伙食折算”" in chinese
    assert "12 小时" in chinese
    assert diff.examples


def test_a_value_that_is_read() -> None:
    """A rule that reads a value by its name has not changed; the value has."""
    diff = changed(DIET, ("default(trip_minutes, 0) > hours(8)", "present(trip)"))
    assert not diff.rules
    (change,) = diff.values
    assert (change.name, change.used) == ("is_long", ("diem.diet",))
    (part,) = change.parts
    for language in LANGUAGES:
        assert part.old[language] != part.new[language]


def test_names_and_lists_and_windows() -> None:
    """What people call components and words, and which lines a window counts, are compared."""
    diff = changed(
        DIET,
        ('zh = "伙食" }\n[fact.zone]', 'zh = "膳食" }\n[fact.zone]'),
        ('en = "abroad"', 'en = "elsewhere"'),
        ('period = "year"', 'period = "year"\ncounts = "eligible"'),
        ('type = "count"', 'type = "yes_no"'),
    )
    only(diff, "components", "lists", "windows", "facts")
    text, chinese = diff_text(diff, "en"), diff_text(diff, "zh")
    assert "title: only the Chinese text changed" in text
    assert "标题：伙食 → 膳食" in chinese
    assert "at home (home), abroad (abroad)" not in text
    assert "elsewhere (abroad)" in text
    assert "those that no rule rejects" in text
    assert "all that fit, rejected ones, too" in text
    assert "yes or no" in text
    assert "是或否" in chinese


def test_no_example_is_told_twice() -> None:
    """An example that reads the same and comes out the same is listed and counted once."""
    diff = changed(SALES, ("is = 66", "is = 70"), ("is = 75", "is = 80"))
    told = [(e.claim["en"], e.result_old["en"], e.result_new["en"]) for e in diff.examples]
    assert len(told) == len(set(told)) > 0
