"""The script that is written for speed says what `run` says: the one that `check --out` runs.

On DuckDB words are told apart once, where they are read; where each claim has one line, little is
kept between steps. The long sweep is run by hand, as that of `test_readings_agree`:

    CRM_EXPENSES_PAIRS=20000 CRM_EXPENSES_SEED=1 \
        .venv/bin/python -m pytest -q -n 2 -m slow tests/rules/test_lean_reading.py
"""

import sys
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from os import environ
from pathlib import Path
from typing import Final

import pytest
from hypothesis import assume, given, settings

from crm_expenses.rules.sql import script

sys.path.append(str(Path(__file__).parents[1] / "analytics"))

from agreement import Agreement, Case, DuckDb, cases, policy_of
from case_makers import claim, line
from drawn import HEAD
from shipped_cases import GROUPS
from sweeps import HISTORIES, Sides, sweep_drawn, sweep_wild
from wild_cases import wild_cases

PAIRS: Final = int(environ.get("CRM_EXPENSES_PAIRS", "20000"))
SEED: Final = int(environ.get("CRM_EXPENSES_SEED", "1"))
PARTS: Final = 4
SHARE: Final = 5
WILD: Final = 6


@lru_cache
def lean() -> Agreement:
    """Give the two readings side by side, the script written for speed."""
    return Agreement(DuckDb(), partial(script, by_place=True))


@lru_cache
def single() -> Agreement:
    """Give the same for claims of one line each."""
    return Agreement(DuckDb(), partial(script, by_place=True, single=True))


class Split(Agreement):
    """The same of any case, whose lines are put into claims of their own first."""

    def __init__(self) -> None:
        self.dialect = "duckdb"

    def differences(self, case: Case) -> str:
        """Give what differs, for people; an empty text where nothing does."""
        case = split(case)
        return single().differences(case) if case.claims else ""


def split(case: Case) -> Case:
    """Give a case whose claims have one line each, in the order of the lines."""
    claims = [
        replace(
            facts,
            claim=replace(facts.claim, id=f"{facts.claim.id}-{number}"),
            lines=(replace(line, claim=f"{facts.claim.id}-{number}"),),
            waivers=(),
        )
        for facts in case.claims
        for number, line in enumerate(facts.lines)
    ]
    return replace(case, claims=tuple(claims))


@pytest.mark.parametrize("group", GROUPS)
def test_shipped_cases_agree(group: str) -> None:
    """On a share of what was written by hand the two say the same."""
    some = list(GROUPS[group]())
    for case in some[:: max(1, len(some) // SHARE)]:
        told = lean().differences(case)
        assert not told, told
        if split(case).claims:
            told = single().differences(split(case))
            assert not told, told


@settings(max_examples=25, deadline=None)
@given(cases())
def test_drawn_cases_agree(case: Case) -> None:
    """Of any policy and claims the two say the same."""
    told = lean().differences(case)
    assert not told, told


@settings(max_examples=25, deadline=None)
@given(cases())
def test_drawn_claims_of_one_line_agree(case: Case) -> None:
    """Of any policy and claims of one line the two say the same."""
    case = split(case)
    assume(case.claims)
    told = single().differences(case)
    assert not told, told


@pytest.mark.parametrize("number", range(WILD))
def test_wild_cases_agree(number: int) -> None:
    """Of policies put together from small parts the two say the same."""
    for case in wild_cases(number, histories=1):
        told = lean().differences(case) or single().differences(split(case))
        assert not told, told


SHARED: Final = (
    HEAD
    + """
[[rule]]
code = "on_meals"
kind = "limit"
on = ["meal"]
title = { en = "Meals", zh = "餐费" }
at_most = "cap"

[[rule]]
code = "on_taxis"
kind = "limit"
on = ["taxi"]
title = { en = "Taxis", zh = "出租车" }
at_most = "cap"
"""
)
"""A figure that two rules look up, each on a category of its own."""


def test_a_figure_is_looked_up_for_each_rule_that_reads_it() -> None:
    """On no category that a rule is on is a look-up left out."""
    lines = [line(n, 200, category=name) for n, name in enumerate(("meal", "taxi", "diem"))]
    case = Case(SHARED, (claim(0, lines),))
    assert not lean().differences(case)
    assert not single().differences(split(case))


CITIES: Final = tuple(f"Town {n:02}" for n in range(36))
LOOKED_UP: Final = (
    HEAD
    + '[parameter.by_town]\ntype = "money"\nkeys = ["grade", "city"]\n'
    + "".join(
        f"[[parameter.by_town.values]]\nfrom = {start}\nelse = 25\ntable = ["
        + ", ".join(
            f'["{grade}", "{city}", {first + 3 * n}]'
            for grade in ("junior", "senior")
            for n, city in enumerate(CITIES)
        )
        + "]\n"
        for start, first in (("2026-01-01", 10), ("2026-03-03", 40))
    )
    + """
[[rule]]
code = "in_town"
kind = "limit"
on = ["meal", "taxi"]
title = { en = "By town", zh = "按城市" }
when = "present(city)"
at_most = "by_town[grade, city]"

[[rule]]
code = "in_a_week"
kind = "limit"
on = ["taxi"]
per = ["person"]
period = "week"
title = { en = "By week", zh = "按周" }
when = "present(city)"
at_most = "by_town[grade, city] * 2"
"""
)
"""A table so long that it stands beside the lines, read by a rule on a line and by a window."""


def test_long_tables_are_read_where_they_stand() -> None:
    """Before, within and after what a table knows, and without a town, both say the same."""
    towns = (*CITIES[::5], "Nowhere", "")
    days = (date(2025, 12, 31), date(2026, 3, 2), date(2026, 3, 3))
    lines = [
        line(n, 30 + 17 * (n % 7), day, category=("meal", "taxi", "diem")[n % 3], city=town)
        for n, (day, town) in enumerate((day, town) for day in days for town in towns)
    ]
    assert "CROSS JOIN figures" in str(script(policy_of(LOOKED_UP), "duckdb", by_place=True).steps)
    case = Case(LOOKED_UP, (claim(0, lines), claim(1, lines)))
    assert not lean().differences(case)
    assert not single().differences(split(case))


WORDS: Final = (
    HEAD
    + """
[[rule]]
code = "said_so"
kind = "forbid"
title = { en = "Said", zh = "说明" }
that = "default(account, '') == 'n IN (1, 2)' and category in ('meal', 'taxi')"

[[rule]]
code = "below_zero"
kind = "limit"
on = ["taxi", "diem"]
title = { en = "Below zero", zh = "零以下" }
at_most = "amount * 0 - 5"

[[rule]]
code = "larger_of"
kind = "flag"
title = { en = "Larger", zh = "较大" }
when = "category != 'diem'"
that = "max(default(nights, 0), 1) > 3 and amount > 20"
"""
)
"""A text that reads like a condition, a limit below zero, and a name that may be missing."""


def test_what_reads_like_a_condition_is_left_alone() -> None:
    """No text of a policy is changed; a limit below zero takes all, and a refund is kept."""
    lines = [
        line(n, amount, category=category, account=account, nights=nights)
        for n, (amount, category, account, nights) in enumerate(
            (amount, category, account, nights)
            for amount in (30, -30, 0)
            for category in ("meal", "taxi", "diem")
            for account in ("n IN (1, 2)", "n BETWEEN 1 AND 2", "")
            for nights in (4, None)
        )
    ]
    case = Case(WORDS, (claim(0, lines),))
    assert not lean().differences(case)
    assert not single().differences(split(case))


@pytest.mark.slow
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("way", ["lean", "single"])
def test_many_cases_agree(way: str, part: int) -> None:
    """Of many policies and claims the two say the same."""
    sides = Sides((Split(),) if way == "single" else (lean(),))
    half = max(1, PAIRS // (4 * PARTS))
    first = SEED * 1_000 * PARTS + part * 1_000
    assert sweep_drawn(sides, first, half, shrink=False) == half
    count = max(1, half // HISTORIES)
    assert sweep_wild(sides, range(first + 1_000_000, first + 1_000_000 + count)) >= count
