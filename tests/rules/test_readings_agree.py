"""The readings of a policy agree: `run` and SQL find the same, and allow the same to the last unit.

The long sweeps are run by hand; number of pairs and seed are read from the environment:

    CRM_EXPENSES_PAIRS=20000 CRM_EXPENSES_SEED=1 \
        .venv/bin/python -m pytest -q -n 2 -m slow tests/rules/test_readings_agree.py -k duckdb

A pair is a policy and up to six claims; one takes about 0.15 s on DuckDB. The other engines are
`-k postgres` and `-k spark`.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from os import environ
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from crm_expenses.core.money import Rounding, divide_whole
from crm_expenses.core.waiver import Waiver
from crm_expenses.rules import compile as compiled
from crm_expenses.rules import window
from crm_expenses.rules.functions import FUNCTIONS
from crm_expenses.rules.judge import Judge
from crm_expenses.rules.sql import script
from crm_expenses.rules.sql.script import Rounds, Script, Step
from crm_expenses.rules.tree import Op, walk
from crm_expenses.rules.window import WindowPeriod

sys.path.append(str(Path(__file__).parents[1] / "analytics"))

from agreement import (
    Agreement,
    Case,
    DuckDb,
    Through,
    cases,
    decided,
    differences,
    evaluator_of,
    normal,
    policy_of,
    rows_of,
)
from shipped_cases import GROUPS, functions, persons, rejected, rounding, spells, uncovered, waivers
from wild_cases import wild_cases

from servers import postgres, spark  # noqa: F401  fixtures

ENGINES: Final = ("duckdb", "postgres", "spark")
PAIRS: Final = {"duckdb": 20_000, "postgres": 2_000, "spark": 500}
"""Pairs of a long sweep, where the environment does not say: half are drawn, half are wild."""

PARTS: Final = 4
"""Parts of a long sweep, each with a seed of its own, which may run side by side."""

SHARE: Final = 6
"""About how many cases of a group are run each time."""

WILD: Final = 8
"""How many wild policies are run each time."""

HISTORIES: Final = 3
"""Histories under each wild policy of a long sweep."""

SEED: Final = int(environ.get("CRM_EXPENSES_SEED", "1"))


@lru_cache
def agreement() -> Agreement:
    """Give the two readings side by side, on DuckDB; one connection serves all cases."""
    return Agreement(DuckDb(), script)


@pytest.fixture(scope="module")
def side_by_side(request: pytest.FixtureRequest) -> Iterator[Agreement]:
    """The two readings side by side, on the engine that is asked for."""
    if request.param == "duckdb":
        yield agreement()
        return
    server = request.getfixturevalue(request.param)
    engine = Through(server.url() if request.param == "postgres" else "spark://local")
    yield Agreement(engine, script)
    engine.close()


def pairs_of(side_by_side: Agreement) -> int:
    """Give how many pairs are asked for, or as many as an engine has time for."""
    return int(environ.get("CRM_EXPENSES_PAIRS", PAIRS[side_by_side.dialect]))


on_each = pytest.mark.parametrize("side_by_side", ENGINES, indirect=True)


@pytest.mark.parametrize("group", GROUPS)
def test_shipped_cases_agree(group: str) -> None:
    """On a share of what was written by hand the two say the same, on DuckDB."""
    some = list(GROUPS[group]())
    _agree(agreement(), group, step=max(1, len(some) // SHARE))


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("group", GROUPS)
@on_each
def test_all_shipped_cases_agree(side_by_side: Agreement, group: str) -> None:
    """On all that was written by hand the two say the same, on each engine."""
    _agree(side_by_side, group)


def test_the_engine_of_the_package_agrees() -> None:
    """What runs scripts in commands gives what the quick engine of these tests gives."""
    engine = Through("duckdb")
    for group in ("rejected", "entitlements"):
        _agree(Agreement(engine, script), group, step=7)
    engine.close()


def _agree(side_by_side: Agreement, group: str, *, step: int = 1) -> None:
    for number, case in list(enumerate(GROUPS[group]()))[::step]:
        told = side_by_side.differences(case)
        assert not told, f"{group} {number}: {told}"


@settings(max_examples=25, deadline=None)
@given(cases())
def test_drawn_cases_agree(case: Case) -> None:
    """Of any policy and claims the two say the same, on DuckDB."""
    told = agreement().differences(case)
    assert not told, told


@pytest.mark.parametrize("number", range(WILD))
def test_wild_cases_agree(number: int) -> None:
    """Of policies put together from small parts the two say the same, on DuckDB."""
    for case in wild_cases(number, histories=1):
        told = agreement().differences(case)
        assert not told, told


@pytest.mark.slow
@pytest.mark.timeout(6 * 3_600)
@pytest.mark.parametrize("part", range(PARTS))
@on_each
def test_wild_cases_agree_in_a_long_sweep(side_by_side: Agreement, part: int) -> None:
    """The two agree on thousands of such policies, too; the message has the number of a case."""
    pairs = pairs_of(side_by_side) // 2
    for number in range(part, -(-pairs // HISTORIES), PARTS):
        seeded = SEED * 1_000_000 + number
        for case in wild_cases(seeded, histories=HISTORIES):
            told = side_by_side.differences(case)
            assert not told, f"wild case {seeded}: {told}"


@pytest.mark.slow
@pytest.mark.timeout(6 * 3_600)
@pytest.mark.parametrize("part", range(PARTS))
@on_each
def test_drawn_cases_agree_in_a_long_sweep(side_by_side: Agreement, part: int) -> None:
    """The two agree on thousands of policies, too; a seed draws the same ones again."""
    pairs = pairs_of(side_by_side) // 2

    @seed(SEED * PARTS + part)
    @settings(
        max_examples=-(-pairs // PARTS),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def sweep(case: Case) -> None:
        told = side_by_side.differences(case)
        assert not told, told

    sweep()


def test_a_seed_draws_the_same_cases() -> None:
    """Whoever is told a seed sees the same policies and claims."""

    def some() -> list[Case]:
        held: list[Case] = []

        @seed(SEED)
        @settings(max_examples=5, deadline=None, database=None, phases=[Phase.generate])
        @given(cases())
        def draw(case: Case) -> None:
            held.append(case)

        draw()
        return held

    assert some() == some()


# How two readings are compared


def _rows() -> tuple[Case, dict[str, list[tuple[object, ...]]]]:
    case = next(iter(GROUPS["rejected"]()))
    return case, rows_of(case.claims, decided(evaluator_of(case.text), case.claims))


def test_every_row_that_differs_is_told() -> None:
    """A value that is off by one, a row that is left out or stands twice: each is told."""
    case, rows = _rows()
    ours = normal(rows)
    assert not differences(case, ours, normal(rows))
    for table, some in rows.items():
        for at, row in enumerate(some):
            if table == "carries" and not row[-1]:
                continue
            others: list[list[tuple[object, ...]]] = [some[:at] + some[at + 1 :], [*some, row]]
            for place, value in enumerate(row):
                changed = value + 1 if isinstance(value, int) else f"{value}x"
                new = (*row[:place], changed, *row[place + 1 :])
                others.append([*some[:at], new, *some[at + 1 :]])
            for other in others:
                told = differences(case, ours, normal({**rows, table: other}))
                assert f"table {table}" in told
                assert "kind = " in told


def test_what_a_line_counts_may_come_in_parts() -> None:
    """Parts of what a line counts under a code add up; nothing is as good as no row."""
    case, rows = _rows()
    *key, amount = rows["carries"][0]
    parts = [(*key, amount - 5), (*key, 5), (*key[:-1], "other", 0)]
    other = {**rows, "carries": [*parts, *rows["carries"][1:]]}
    assert not differences(case, normal(rows), normal(other))


# What the cases hold


def _texts() -> list[str]:
    return list(dict.fromkeys(case.text for group in GROUPS.values() for case in group()))


def test_every_word_of_the_language_is_in_some_case() -> None:
    """No function and no operation is left out of what is compared."""
    texts = _texts()
    called = {name for text in texts for name in re.findall(r"\b([a-z_]+)\(", text)}
    assert called >= FUNCTIONS.keys(), FUNCTIONS.keys() - called
    met = set()
    for text in texts:
        policy = policy_of(text)
        trees = [tree for rule in policy.rules for tree in rule.expressions]
        trees += [counter.adds for counter in policy.counters.values()]
        trees += [value.node for value in policy.values.values()]
        met |= {node.op for tree in trees for node in walk(tree)}
    assert met == set(Op), set(Op) - met


def test_every_shape_of_rule_is_in_some_case() -> None:
    """No period of a window, and no name of the catalogue, is left out of what is compared."""
    periods, read, names = set(), set(), set()
    for text in _texts():
        policy = policy_of(text)
        names |= policy.catalogue.names.keys() - policy.facts.keys() - policy.counters.keys()
        for rule in policy.rules:
            read |= rule.reads
            periods |= {rule.window.period} if rule.window else set()
        for value in policy.values.values():
            read |= {str(node.value) for node in walk(value.node) if node.op is Op.NAME}
    assert periods == set(WindowPeriod)
    assert names <= read, names - read


# Planted bugs


def _ties_go_up(dividend: int, divisor: int, how: Rounding) -> int:
    """Round ties of negative figures the wrong way."""
    if how is Rounding.HALF_UP and divisor and 2 * (dividend % divisor) == abs(divisor):
        return -(-dividend // divisor)
    return divide_whole(dividend, divisor, how)


def _found(group: Callable[[], object]) -> bool:
    evaluator_of.cache_clear()
    return any(agreement().differences(case) for case in group())  # type: ignore[attr-defined]


@pytest.fixture
def fresh() -> object:
    """Forget evaluators that were made with a planted bug."""
    yield
    evaluator_of.cache_clear()


def test_a_wrong_tie_is_found(monkeypatch: pytest.MonkeyPatch, fresh: object) -> None:
    """Ties below zero that go the wrong way do not stay hidden."""
    monkeypatch.setattr(compiled, "divide_whole", _ties_go_up)
    assert _found(rounding)


def test_a_wrong_gap_is_found(monkeypatch: pytest.MonkeyPatch, fresh: object) -> None:
    """A spell that goes on for a day too long does not stay hidden."""
    spell = window._spell

    def longer(code: str, of: window.Window, line: object, used: dict[str, int]) -> int:
        return spell(code, replace(of, gap_days=of.gap_days + 1), line, used)

    monkeypatch.setattr(window, "_spell", longer)
    assert _found(spells)


def test_a_waiver_that_never_ends_is_found(monkeypatch: pytest.MonkeyPatch, fresh: object) -> None:
    """A waiver that holds after its last day does not stay hidden."""
    covers = Waiver.covers

    def longer(self: Waiver, **of: object) -> bool:
        return covers(replace(self, until=window.date.max), **of)  # type: ignore[arg-type]

    monkeypatch.setattr(Waiver, "covers", longer)
    assert _found(waivers)


def test_a_limit_that_is_met_is_found(monkeypatch: pytest.MonkeyPatch, fresh: object) -> None:
    """A limit that finds what is just at it does not stay hidden, in one reading or the other."""
    limit = Judge._limit

    def strict(self: Judge, ready: object, of: object, first: object, taken: int, two: object):  # noqa: ANN202
        most, before = two  # type: ignore[misc]
        return limit(self, ready, of, first, taken, (most - 1, before))  # type: ignore[arg-type]

    monkeypatch.setattr(Judge, "_limit", strict)
    assert _found(rejected)


PLANTED: Final = {
    "order": (r" < ", " <= "),
    "sums": (r"(?i)\bsum\(", "MAX("),
    "missing": (r"(?i) is not null", " IS NULL"),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_bug_in_the_queries_is_found(bug: str) -> None:
    """What is changed in the text of the queries does not stay hidden."""
    pattern, other = PLANTED[bug]

    def changed(step: Step) -> Step:
        return replace(step, query=re.sub(pattern, other, step.query))

    def planted(policy: object, dialect: str) -> Script:
        made = script(policy, dialect)
        steps = [
            replace(one, start=changed(one.start), body=tuple(map(changed, one.body)))
            if isinstance(one, Rounds)
            else changed(one)
            for one in made.steps
        ]
        assert steps != list(made.steps), "the bug was not planted"
        return replace(made, steps=tuple(steps))

    broken = Agreement(DuckDb(), planted)
    groups = (uncovered, functions, persons)
    assert any(broken.differences(case) for group in groups for case in group())
