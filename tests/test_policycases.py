"""Cases of a policy: what is read, what is refused, and what counts as a difference."""

import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.claimdata import decision_json
from crm_expenses.errors import ConfigError
from crm_expenses.messages import text
from crm_expenses.policycases import (
    DAYS_TOLD,
    CaseResult,
    Difference,
    Note,
    cases_from,
    run_cases,
)
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.evaluate import Evaluator
from crm_expenses.tomlfile import parse_toml

POLICY: Final = """
[policy]
id = "small"
version = "1"
language = 1
currency = "EUR"
title = { en = "Small", zh = "小" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }
per_diem = { name = { en = "Daily allowance", zh = "每日补贴" } }
site = { name = { en = "Building site", zh = "工地" } }

[fact.start]
name = { en = "hour of beginning", zh = "开始时刻" }
type = "text"

[window.days_before]
name = { en = "lines of the same spell before", zh = "本阶段此前行数" }
on = ["site"]
per = ["person"]
period = "spell"
gap_days = 3

[[rule]]
code = "meal.day"
kind = "limit"
on = ["meal"]
title = { en = "Meals a day", zh = "每日餐费" }
per = ["person"]
period = "day"
at_most = "40"

[[rule]]
code = "meal.start"
kind = "forbid"
on = ["meal"]
effect = "review"
title = { en = "Before work", zh = "上班前" }
when = "present(start)"
that = "start == '07:30'"

[[rule]]
code = "meal.share"
kind = "measure"
on = ["meal"]
title = { en = "Half", zh = "一半" }
gives = "round(amount * 0.5, 0.01, half_up)"
per = ["person"]
period = "month"

[[rule]]
code = "day.flat"
kind = "allow"
on = ["per_diem"]
scope = "day"
component = "flat"
title = { en = "A day", zh = "一天" }
gives = "28"

[[rule]]
code = "claim.size"
kind = "measure"
scope = "claim"
title = { en = "Size", zh = "合计" }
gives = "claim_total"

[[rule]]
code = "site.second"
kind = "flag"
on = ["site"]
title = { en = "Not the first of its spell", zh = "非本阶段首行" }
that = "days_before > 0"

[[approval]]
code = "boss"
who = "manager"
when = "claim_total > 100"
"""
EVALUATOR: Final = Evaluator(parse_policy(POLICY))

CLAIM: Final = """
[case.claim]
claim = "C-2"
person = "P-1"
submitted = 2026-03-10
lines = [{ line = "1", date = 2026-03-03, category = "meal", amount = 50.25 }]
"""


def results(content: str) -> tuple[CaseResult, ...]:
    """Run the cases of a text."""
    return run_cases(EVALUATOR, cases_from(parse_toml(content, "x.cases.toml"), EVALUATOR.policy))


def differences(expect: str, claim: str = CLAIM, more: str = "") -> tuple[Difference, ...]:
    """Give where one case is not as expected."""
    (result,) = results(f'[[case]]\nname = "one"\n{more}\n{claim}\n[case.expect]\n{expect}')
    assert result.is_passed is (result.differences == ())
    return result.differences


def problems(text: str) -> list[tuple[str, int]]:
    """Give the code and line of every mistake in a cases file, by line."""
    with pytest.raises(ConfigError) as caught:
        results(text)
    for problem in caught.value.problems:
        assert problem.describe("en").isprintable()
        assert problem.describe("zh").isprintable()
        assert re.search(r"\{[a-z_]+\}", problem.describe("en")) is None
    return [(problem.code, problem.place.line) for problem in caught.value.problems]


RIGHT: Final = """
outcome = "reduced"
allowed = "40.00"
findings = ["meal.day"]
approvals = []
measures = { "claim.size" = 50.25 }
[[case.expect.lines]]
line = "1"
outcome = "reduced"
allowed = 40
findings = ["meal.day"]
measures = { "meal.share" = "25.13" }
totals = { "meal.share" = "25.130" }
"""


def test_what_comes_out_as_expected_passes() -> None:
    """Amounts are compared as numbers: 40, 40.00 and "40.0" are one."""
    assert differences(RIGHT) == ()


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ('outcome = "reduced"\nallowed = "', 'outcome = "pass"\nallowed = "', ("", "outcome", "")),
        ('"40.00"', '"40.01"', ("", "allowed", "")),
        ('findings = ["meal.day"]\napp', "findings = []\napp", ("", "findings", "")),
        ("approvals = []", 'approvals = ["boss"]', ("", "approvals", "")),
        ("50.25 }", "50.26 }", ("", "measures", "claim.size")),
        ('outcome = "reduced"\nallowed = 40', 'outcome = "pass"', ("1", "outcome", "")),
        ("allowed = 40\n", "allowed = 41\n", ("1", "allowed", "")),
        ('findings = ["meal.day"]\nm', "findings = []\nm", ("1", "findings", "")),
        ('"25.13"', '"25.12"', ("1", "measures", "meal.share")),
        ('"25.130"', '"25.13000001"', ("1", "totals", "meal.share")),
        ("totals", 'entitlements = { "flat" = 1 }\ntotals', ("1", "entitlements", "flat")),
    ],
)
def test_each_thing_that_is_named_is_compared(
    right: str, wrong: str, found: tuple[str, str, str]
) -> None:
    """Each expectation by itself can fail, and the difference says where and what."""
    assert right in RIGHT
    (one,) = differences(RIGHT.replace(right, wrong))
    assert (one.line, one.what, one.of) == found
    assert one.expected != one.got


def test_what_is_not_named_is_not_compared() -> None:
    """A case may name a single thing."""
    assert differences('allowed = "40.00"') == ()
    (one,) = differences('allowed = "50.25"')
    assert (one.expected, one.got) == ("50.25", "40.00")


EARLIER: Final = """
[[case.earlier]]
claim = "C-{number}"
person = "{person}"
submitted = {day}
status = "{status}"
lines = [{{ line = "1", date = {day}, category = "{category}", amount = 25 }}]
"""


def earlier(number: int = 0, **given: str) -> str:
    """Write an earlier claim."""
    plain = {"person": "P-1", "day": "2026-03-03", "status": "submitted", "category": "meal"}
    return EARLIER.format(number=number, **plain | given)


def test_earlier_claims_fill_the_sums() -> None:
    """A later claim gets what earlier ones left; a measure's total holds them all."""
    left = """
allowed = 15
[[case.expect.lines]]
line = "1"
totals = { "meal.share" = 37.63 }
"""
    assert differences(left, more=earlier()) == ()
    assert differences("allowed = 0", more=earlier(0) + earlier(1)) == ()
    assert differences("allowed = 40", more=earlier(person="P-2")) == ()


@pytest.mark.parametrize("status", ["withdrawn", "rejected", "returned", "draft"])
def test_earlier_claims_that_do_not_live_do_not_count(status: str) -> None:
    """Only live claims fill the sums."""
    assert differences("allowed = 40", more=earlier(status=status)) == ()


@pytest.mark.parametrize(("day", "outcome"), [("2026-02-27", "review"), ("2026-02-26", "pass")])
def test_a_gap_ends_a_spell(day: str, outcome: str) -> None:
    """A key under which nothing was counted is no day of a spell."""
    claim = CLAIM.replace('"meal"', '"site"')
    before = earlier(day=day, category="site")
    assert differences(f'outcome = "{outcome}"', claim, before) == ()


def test_times_of_toml_are_taken_as_they_stand() -> None:
    """Dates, times with a zone, times of day and decimals may be bare."""
    claim = """
[case.claim]
claim = "C-1"
person = { id = "P-1", grade = "x" }
submitted = 2026-03-10T09:00:00+01:00
[[case.claim.lines]]
line = "1"
date = 2026-03-02
category = "per_diem"
amount = 0
trip = "T"
[[case.claim.lines]]
line = "2"
date = 2026-03-02
category = "meal"
amount = 12.5
extra = { start = 07:30:00 }
[[case.claim.trips]]
trip = "T"
legs = [
  { departs = 2026-03-02T08:00:00+01:00, arrives = 2026-03-02T10:00:00+01:00, to = "Bonn" },
  { departs = 2026-03-03T15:00:00+01:00, arrives = 2026-03-03T17:00:00+01:00, from = "Bonn" },
]
"""
    expect = """
allowed = 68.5
findings = ["meal.start"]
lines = [{ line = "1", entitlements = { flat = 56 } }]
"""
    assert differences(expect, claim) == ()


def test_a_file_without_cases_has_none() -> None:
    """Nothing is made up; the command says that nothing was proved."""
    assert results("") == ()


def test_all_mistakes_are_told_at_once() -> None:
    """One bad case does not hide the mistakes of the others; each has its line."""
    text = f"""
[[case]]
name = "a"
{CLAIM}
[case.expect]
outcome = "fine"
alowed = 3

[[case]]
name = "b"
{CLAIM.replace("50.25", "'ten'")}
[case.expect]
allowed = 1.0

[[case]]
name = "b"
{CLAIM}
[case.expect]
allowed = "1_000"

[[case]]
{CLAIM}
[case.expect]
allowed = 1
"""
    codes = {code for code, _ in problems(text)}
    assert codes == {"toml.not_choice", "toml.unknown_name", "record.amount", "toml.missing"}
    assert len(problems(text)) == 5
    assert all(line > 1 for _, line in problems(text))


ONE: Final = f'[[case]]\nname = "one"{CLAIM}'


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (f"{ONE}[case.expect]\n", "cases.nothing", 8),
        (f"{ONE}[case.expect]\nlines = [{{ line = '1' }}]\n", "cases.nothing", 8),
        (f"{ONE}[case.expect]\nfindings = ['meal.dy']\n", "cases.unknown", 9),
        (f"{ONE}[case.expect]\napprovals = ['chef']\n", "cases.unknown", 9),
        (f"{ONE}[case.expect]\nmeasures = {{ 'meal.day' = 1 }}\n", "cases.unknown", 9),
        (f"{ONE}[case.expect]\nlines = [{{ line = '2', allowed = 1 }}]\n", "cases.unknown", 9),
        (f"{ONE}[case.expect]\nlines = [{{ line = '1', entitlements = {{ x = 1 }} }}]\n", None, 9),
        (f"{ONE}[case.expect]\nlines = [{{ line = '1', totals = {{ x = 1 }} }}]\n", None, 9),
        (f"{ONE}[case.expect]\nlines = [{{ line = '1', measures = {{ x = 1 }} }}]\n", None, 9),
        (f"{ONE}[case.expect]\nlines = [{{ line = '1', findings = ['x'] }}]\n", None, 9),
        (f"{ONE}[case.expect]\nallowed = true\n", "record.amount", 9),
        (f"{ONE}[case.expect]\nallowed = nan\n", "record.amount", 9),
        (f"{ONE}[case.expect]\nallowed = 1e400\n", "record.amount", 9),
        (f"{ONE}colour = 1\n[case.expect]\nallowed = 1\n", "claim.unknown_name", 8),
        (f"{ONE}[case.expect]\nallowed = 1\n{ONE}[case.expect]\nallowed = 1\n", "cases.twice", 11),
        ("cases = 1\n", "toml.unknown_name", 1),
        ("case = 1\n", "toml.not_list", 1),
        ("case = [1]\n", "toml.not_table", 1),
    ],
)
def test_a_case_that_could_never_fail_is_a_mistake(text: str, code: str | None, line: int) -> None:
    """Unknown names, expectations of nothing and bad shapes are told with their line."""
    ((found, at),) = problems(text)
    assert found == (code or "cases.unknown")
    assert abs(at - line) <= 1


def test_what_is_missing_in_a_claim_is_told() -> None:
    """A claim that does not fit is a mistake of the file, at its place, earlier ones too."""
    text = ONE.replace('person = "P-1"\n', "") + "[case.expect]\nallowed = 1\n"
    assert problems(text) == [("claim.missing", 3)]
    before = earlier().replace("2026-03-03", "'soon'")
    told = problems(f'[[case]]\nname = "x"{before}{CLAIM}[case.expect]\nallowed = 1\n')
    assert {code for code, _ in told} == {"claim.date", "claim.submitted"}


@pytest.mark.parametrize(("of", "to"), [('lines = [{ line = "1"', 'lines = [{ line = " 1 "')])
def test_lines_are_named_as_they_are_read(of: str, to: str) -> None:
    """Spaces around an id are no part of it, as everywhere."""
    lines = 'lines = [{ line = "1", allowed = 40 }]'
    assert differences(lines, CLAIM.replace(of, to)) == ()


@pytest.mark.parametrize("lines", ["lines = 3", "lines = [3]", "lines = 'x'", ""])
def test_lines_that_are_none_are_told(lines: str) -> None:
    """A claim without a list of lines is a mistake, whatever stands in its place."""
    claim = f"[case.claim]\nclaim = 'C'\nperson = 'P'\nsubmitted = 2026-03-10\n{lines}\n"
    told = problems(
        f"[[case]]\nname = 'x'\n{claim}[case.expect]\nlines = [{{ line = '1', allowed = 1 }}]"
    )
    assert len(told) == 1


@given(st.lists(st.decimals(0, 60, places=2), min_size=1, max_size=5))
def test_order_of_claims_is_that_of_the_file(amounts: list[object]) -> None:
    """For any claims of one day, the last gets what the others left of 40."""
    *before, last = [float(str(amount)) for amount in amounts]
    left = max(0.0, 40.0 - sum(before))
    due = round(min(last, left), 2)
    more = "".join(
        earlier(n).replace("amount = 25", f'amount = "{amount:.2f}"')
        for n, amount in enumerate(before)
    )
    claim = CLAIM.replace("50.25", f'"{last:.2f}"')
    assert differences(f'allowed = "{due:.2f}"', claim, more) == ()


# What a difference says beside the figures

TRIP: Final = """
[case.claim]
claim = "C-3"
person = "P-1"
submitted = 2026-03-10
[[case.claim.lines]]
line = "1"
date = 2026-03-03
category = "per_diem"
amount = 0
trip = "T"
[[case.claim.lines]]
line = "2"
date = 2026-03-03
category = "meal"
amount = 10
[[case.claim.trips]]
trip = "T"
legs = [{ departs = 2026-03-02T08:00:00Z, arrives = 2026-03-03T17:00:00Z }]
"""
FLAT: Final = Note(
    "test.made_of_days",
    {
        "line": "1",
        "component": "flat",
        "rules": "day.flat",
        "amount": "56.00",
        "days": "2026-03-02 28.00, 2026-03-03 28.00",
    },
)


@pytest.mark.parametrize(
    ("expect", "line"),
    [
        ("allowed = 60", ""),
        ("lines = [{ line = '1', allowed = 50 }]", "1"),
        ("lines = [{ line = '1', entitlements = { flat = 50 } }]", "1"),
    ],
)
def test_an_amount_is_told_with_components_and_days(expect: str, line: str) -> None:
    """Where an amount differs, each component of it is named with what its days gave."""
    (one,) = differences(expect, TRIP)
    assert (one.line, one.notes) == (line, (FLAT,))
    for language in ("en", "zh"):
        said = text(FLAT.code, language, **FLAT.values)
        assert "2026-03-03 28.00" in said
        assert "{" not in said


def test_components_are_told_once() -> None:
    """Where the claim and a line differ, the line tells what it is made of, and the claim not."""
    first, second = differences("allowed = 60\nlines = [{ line = '1', allowed = 50 }]", TRIP)
    assert (first.line, first.notes) == ("", ())
    assert (second.line, second.notes) == ("1", (FLAT,))
    (one,) = differences("lines = [{ line = '2', allowed = 50 }]", TRIP)
    assert one.notes == ()


def test_a_long_trip_is_told_in_part() -> None:
    """Of a trip of many days the first are named."""
    (one,) = differences("allowed = 1", TRIP.replace("03-03T17", "06-03T17"))
    (note,) = one.notes
    assert note.values["days"].count("2026-") == DAYS_TOLD
    assert note.values["days"].endswith(", …")


def test_a_measure_of_lines_is_no_measure_of_the_claim() -> None:
    """A measure that is looked for in the wrong place is told with the place where it is."""
    (one,) = differences("measures = { 'meal.share' = 5 }", TRIP)
    assert (one.expected, one.got) == ("5", "")
    assert one.notes == (Note("test.of_lines", {"lines": "2 (5.00)"}),)
    (one,) = differences("lines = [{ line = '2', measures = { 'claim.size' = 10 } }]", TRIP)
    assert (one.line, one.got) == ("2", "")
    assert one.notes == (Note("test.of_claim", {"value": "10.00"}),)
    (one,) = differences("measures = { 'claim.size' = 11 }", TRIP)
    assert one.notes == ()


# What must not be there


def test_a_figure_may_be_expected_not_to_be_there() -> None:
    """`none` holds where there is no such figure, and fails where there is one, even of zero."""
    right = """
[[case.expect.lines]]
line = "1"
measures = { "meal.share" = "none" }
totals = { "meal.share" = "none" }
[[case.expect.lines]]
line = "2"
entitlements = { flat = "none" }
"""
    assert differences(right, TRIP) == ()
    zero = TRIP.replace("amount = 10", "amount = 0")
    wrong = """
measures = { "claim.size" = "none" }
[[case.expect.lines]]
line = "1"
entitlements = { flat = "none" }
[[case.expect.lines]]
line = "2"
measures = { "meal.share" = "none" }
totals = { "meal.share" = "none" }
"""
    assert [(d.line, d.what, d.expected, d.got) for d in differences(wrong, zero)] == [
        ("", "measures", "", "0.00"),
        ("1", "entitlements", "", "56.00"),
        ("2", "measures", "", "0.00"),
        ("2", "totals", "", "0.00"),
    ]


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        ("measures = { 'meal.share' = 'none' }", "cases.absent_of_line"),
        ("lines = [{ line = '1', measures = { 'claim.size' = 'none' } }]", "cases.absent_of_claim"),
        ("measures = { 'claim.size' = 'nothing' }", "record.amount"),
        ("allowed = 'none'", "record.amount"),
    ],
)
def test_none_where_nothing_could_be_is_a_mistake(expect: str, code: str) -> None:
    """What is never there cannot be expected to be absent: such a case would never fail."""
    assert [found for found, _ in problems(f"{ONE}[case.expect]\n{expect}\n")] == [code]


# Approvals

STEPS: Final = Evaluator(
    parse_policy(
        POLICY
        + """
[[approval]]
code = "finance"
who = "role:finance"
above = 30

[[approval]]
code = "audit"
who = "role:audit"
outcome = "review"

[[rule]]
code = "site.never"
kind = "forbid"
on = ["site"]
title = { en = "Never", zh = "不可" }
when = "amount > claim_total - 90"
that = "present(purpose)"
"""
    )
)


@pytest.mark.parametrize(
    ("amount", "category", "more", "due"),
    [
        ("30", "meal", "", ""),
        ("31", "meal", "", "finance"),
        ("200", "meal", "", "boss, finance"),
        ("20", "meal", ", extra = { start = '07:30' }", "audit"),
        ("101", "site", "", "boss, finance"),
        ("101", "site", ", purpose = 'x'", ""),
    ],
)
def test_approvals_are_all_steps_that_are_due(
    amount: str, category: str, more: str, due: str
) -> None:
    """Steps by amount, by outcome and by their own condition count; a rejected claim has none."""
    claim = CLAIM.replace("amount = 50.25", f"amount = {amount}{more}").replace("meal", category)
    right = due.split(", ") if due else []
    other = next(code for code in ("boss", "finance", "audit") if code not in right)
    for expected in (right, [*right, other]):
        toml = f'[[case]]\nname = "one"\n{claim}\n[case.expect]\napprovals = {expected}\n'
        cases = cases_from(parse_toml(toml, "x.cases.toml"), STEPS.policy)
        (result,) = run_cases(STEPS, cases)
        assert [found.got for found in result.differences] == ([] if expected is right else [due])
    decision = decision_json(STEPS.decide(result.facts), STEPS.policy)
    assert ", ".join(sorted(decision["approvals"])) == due


def test_lines_that_are_concerned() -> None:
    """Those that differ; where only the claim differs, all of them."""

    def concerned(expect: str) -> tuple[tuple[str, ...], bool]:
        (result,) = results(f'[[case]]\nname = "one"\n{TRIP}\n[case.expect]\n{expect}')
        return result.lines_concerned, result.is_of_claim

    assert concerned("allowed = 1") == (("1", "2"), True)
    assert concerned("lines = [{ line = '2', allowed = 1 }]") == (("2",), False)
    assert concerned("allowed = 1\nlines = [{ line = '2', allowed = 1 }]") == (("2",), True)


# What a case knows beside its claim

COMPANY: Final = Evaluator(
    parse_policy("""
[policy]
id = "company"
version = "1"
language = 1
currency = "EUR"
title = { en = "Company", zh = "公司" }
[category]
diem = { name = { en = "Allowance", zh = "补贴" } }
meal = { name = { en = "Meals", zh = "餐费" } }
[[rule]]
code = "diem.day"
kind = "allow"
on = ["diem"]
scope = "day"
title = { en = "Five hours away", zh = "外出五小时" }
gives = "28 if minutes_away >= hours(5) else 0"
[[rule]]
code = "budget.low"
kind = "flag"
on = ["meal"]
title = { en = "Budget low", zh = "预算不足" }
when = "present(budget_available) and present(budget_allocated)"
that = "budget_available * 5 < budget_allocated"
[[rule]]
code = "meal.month"
kind = "limit"
on = ["meal"]
title = { en = "A month", zh = "每月" }
per = ["person"]
period = "month"
at_most = "100"
[[rule]]
code = "meal.big"
kind = "forbid"
on = ["meal"]
title = { en = "Too much", zh = "过高" }
that = "amount > 80"
""")
)


def passed(content: str) -> bool:
    """Say whether the one case of a text passes with the company's policy."""
    toml = parse_toml(content, "x.cases.toml")
    (result,) = run_cases(COMPANY, cases_from(toml, COMPANY.policy))
    return result.is_passed


@pytest.mark.parametrize(("spent", "findings"), [("800.00", "[]"), ("800.01", '["budget.low"]')])
def test_a_case_may_have_budgets(spent: str, findings: str) -> None:
    """A rule reads the tightest budget of its category that the case gives."""
    assert passed(f"""
[[case]]
name = "one"
budgets = [
  {{ budget = "A", allocated = 1000, spent = "{spent}" }},
  {{ budget = "B", allocated = 9000 }},
  {{ budget = "C", allocated = 1, committed = 1, category = "diem" }},
]
{CLAIM}
[case.expect]
findings = {findings}
""")


@pytest.mark.parametrize(
    ("said", "finding"),
    [
        ("", "budget.overdrawn"),
        ("hard = true", "budget.exceeded"),
        ('at_limit = "notify"', "budget.overdrawn"),
        ('at_limit = "approve"', "budget.approval"),
        ('at_limit = "freeze"', "budget.exceeded"),
        ('hard = true, at_limit = "approve"', "budget.approval"),
    ],
)
def test_what_a_budget_of_a_case_does_at_its_limit(said: str, finding: str) -> None:
    """A case says what happens at the limit as a plan does; where it does, that alone decides."""
    more = f", {said}" if said else ""
    assert passed(f"""
[[case]]
name = "one"
budgets = [{{ budget = "A", allocated = 1{more} }}]
{CLAIM}
[case.expect]
findings = ["{finding}"]
approvals = {["budget:A"] if finding == "budget.approval" else []}
""")


@pytest.mark.parametrize("text", ['allocated = "1.001"', "alocated = 5", 'allocated = "x"'])
def test_a_wrong_budget_is_told(text: str) -> None:
    """An amount that does not fit, and a misspelt name, are mistakes with their place."""
    content = f'[[case]]\nname = "one"\nbudgets = [{{ budget = "A", {text} }}]\n{CLAIM}'
    with pytest.raises(ConfigError) as caught:
        passed(f'{content}[case.expect]\noutcome = "pass"')
    assert {problem.place.line for problem in caught.value.problems} == {3}


def away(number: int, leaves: int, returns: int) -> str:
    """Write a claim on a trip of some hours of the third of March."""
    return f"""
claim = "C-{number}"
person = "P-1"
submitted = 2026-03-10
lines = [{{ line = "1", date = 2026-03-03, category = "diem", amount = 0, trip = "T-{number}" }}]
[[{{of}}.trips]]
trip = "T-{number}"
legs = [{{ departs = 2026-03-03T{leaves:02}:00:00Z, arrives = 2026-03-03T{returns:02}:00:00Z }}]
"""


def test_trips_of_earlier_claims_are_known() -> None:
    """Two trips on a day, in two claims, are one absence; the claims need not repeat them."""
    first = away(1, 6, 10).replace("[[{of}", "[[case.earlier")
    second = away(2, 12, 15).replace("[[{of}", "[[case.claim")
    content = (
        f'[[case]]\nname = "one"\n[[case.earlier]]{first}[case.claim]{second}'
        '[case.expect]\nallowed = "28.00"\n'
    )
    assert passed(content)
    other = content.replace('person = "P-1"', 'person = "P-2"', 1)
    assert not passed(other)


def test_a_rejected_claim_counts_in_no_window() -> None:
    """A claim with a line that is rejected is rejected: none of its lines uses up anything."""
    before = """
claim = "C-1"
person = "P-1"
submitted = 2026-03-09
lines = [
  { line = "1", date = 2026-03-02, category = "meal", amount = 60 },
  { line = "2", date = 2026-03-02, category = "meal", amount = 90 },
]
"""
    content = '[[case]]\nname = "one"\n[[case.earlier]]%s%s[case.expect]\nallowed = "%s"\n'
    assert passed(content % (before, CLAIM, "50.25"))
    small = before.replace("90", "20")
    assert passed(content % (small, CLAIM, "20.00"))
