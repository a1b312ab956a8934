"""What a rule says of a day that the policy's calendar does not cover."""

import pytest

from crm_expenses import check, decision_dict, parse_policy
from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.core.finding import Finding
from crm_expenses.rules.judge import RULE_FAILED

POLICY = """
[policy]
id = "p"
version = "1"
language = 1
currency = "CNY"
title = { en = "P", zh = "政" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }

[[rule]]
code = "rest"
kind = "flag"
title = { en = "Rest", zh = "休" }
that = "not is_working_day(date)"

[[rule]]
code = "soon"
kind = "require"
effect = "reject"
title = { en = "Soon", zh = "及时" }
that = "working_days(date, submitted) <= 5"

[calendar]
"""
SPAN = "from = 2026-01-01\nuntil = 2026-12-31\n"


def decided(day: str, submitted: str, calendar: str = SPAN) -> Decision:
    """Decide a line of a day under a calendar."""
    line = {"line": "1", "date": day, "category": "meal", "amount": "5"}
    claim = {"claim": "C", "person": {"id": "P"}, "submitted": submitted, "lines": [line]}
    return check(claim, parse_policy(POLICY + calendar))


def found(decision: Decision) -> dict[str, Finding]:
    """Give the findings of the one line by their codes."""
    return {finding.code: finding for finding in decision.lines[0].findings}


def test_a_covered_day_is_judged() -> None:
    """On the first and on the last day that is covered, the rules say what the calendar says."""
    assert not found(decided("2026-01-01", "2026-01-05"))
    late = found(decided("2026-12-21", "2026-12-31"))
    assert (set(late), late["soon"].failed) == ({"soon"}, "")


@pytest.mark.parametrize(
    ("day", "submitted", "outside"),
    [
        ("2025-12-31", "2026-01-02", {"rest": "2025-12-31", "soon": "2025-12-31"}),
        ("2026-12-31", "2027-01-01", {"soon": "2027-01-01"}),
        ("2027-01-04", "2027-01-05", {"rest": "2027-01-04", "soon": "2027-01-04"}),
    ],
)
def test_a_day_outside_goes_to_a_person(day: str, submitted: str, outside: dict[str, str]) -> None:
    """A day that is not covered fails the rule: a person looks, whatever the rule's own effect."""
    decision = decided(day, submitted)
    assert decision.outcome is Outcome.REVIEW
    assert {code: dict(f.evidence)["day"] for code, f in found(decision).items()} == outside
    assert {finding.failed for finding in found(decision).values()} == {"calendar"}


def test_the_message_names_day_and_span() -> None:
    """The finding says in both languages which day lies outside of what, and what to do."""
    decision = decided("2027-01-04", "2027-01-05")
    (first, _) = decision_dict(decision, parse_policy(POLICY + SPAN))["lines"][0]["findings"]
    for language in ("en", "zh"):
        said = first["message"][language]
        assert "2027-01-04" in said
        assert "2026-01-01 – 2026-12-31" in said
        assert "crm-expenses policy calendar" in said
        assert "{" not in said


@pytest.mark.parametrize("calendar", ["", "rest_days = [2026-10-01]\n"])
def test_without_ends_weekdays_count(calendar: str) -> None:
    """A calendar without from and until answers for every day, as it always did."""
    assert not found(decided("2040-01-02", "2040-01-03", calendar))
    assert set(found(decided("2040-01-01", "2040-01-02", calendar))) == {"rest"}


def test_the_ends_are_part_of_the_digest() -> None:
    """Another from or until is another content of the policy."""
    ends = ("", SPAN, SPAN.replace("2026-01-01", "2025-01-01"), "until = 2026-12-31\n")
    assert len({parse_policy(POLICY + end).digest for end in ends}) == len(ends)


def test_judges_know_the_error() -> None:
    """Whatever computes a rule takes the calendar's end for a rule that failed."""
    assert "CalendarEndError" in {kind.__name__ for kind in RULE_FAILED}
