"""Two policies in one script: each gives what it gives alone, and what they share is made once."""

import sys
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path

import pytest
from drawn import HEAD, Drawn, coded, rules, written
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm_expenses.errors import ConfigError
from crm_expenses.rules.sql import BOTH, Rounds, Script, script, scripts
from crm_expenses.rules.sql.schema import RESULTS

sys.path.append(str(Path(__file__).parents[1] / "analytics"))

from agreement import Case, DuckDb, cases, policy_of, tables_of
from case_makers import dense

few = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
many = settings(few, max_examples=300)

Rows = Mapping[str, Sequence[tuple[object, ...]]]


@pytest.fixture(scope="module")
def engine() -> DuckDb:
    """One DuckDB for all cases."""
    return DuckDb()


def in_order(rows: Rows) -> dict[str, list[str]]:
    """Give rows in an order that does not depend on the engine."""
    return {name: sorted(map(repr, found)) for name, found in rows.items()}


def changed(text: str) -> str:
    """Give a policy with two of its figures changed."""
    return text.replace("is = 50 }", "is = 47 }").replace("is = 20 }", "is = 19 }")


def check(engine: DuckDb, case: Case, other: str, *, by_place: bool) -> None:
    """Compare a script of two policies with the script of each."""
    old, new = policy_of(case.text), policy_of(other)
    engine.load(tables_of(old, case))
    alone = [in_order(engine.run(script(one, "duckdb"))) for one in (old, new)]
    both = in_order(engine.run(scripts(old, new, "duckdb", by_place=by_place)))
    for head, rows in zip(("old_", "new_"), alone, strict=True):
        for name in RESULTS:
            assert both[head + name] == rows[name], f"{head}{name}\n{case.text}\n{other}"


@few
@given(case=cases(claims=4), other=rules(), by_place=st.booleans(), is_near=st.booleans())
def test_each_policy_gives_what_it_gives_alone(
    engine: DuckDb, case: Case, other: list[object], *, by_place: bool, is_near: bool
) -> None:
    """Whether two policies differ in two figures or in every rule, neither changes the other."""
    text = changed(case.text) if is_near else written(coded(other), HEAD)  # type: ignore[arg-type]
    check(engine, case, text, by_place=by_place)


@pytest.mark.slow
@many
@given(case=cases(claims=4), other=rules(), by_place=st.booleans(), is_near=st.booleans())
def test_many_policies_give_what_they_give_alone(
    engine: DuckDb, case: Case, other: list[object], *, by_place: bool, is_near: bool
) -> None:
    """The same of many pairs of policies."""
    text = changed(case.text) if is_near else written(coded(other), HEAD)  # type: ignore[arg-type]
    check(engine, case, text, by_place=by_place)


POLICY = (
    HEAD
    + """
[[rule]]
code = "meal.cap"
kind = "limit"
on = ["meal"]
title = { en = "R", zh = "R" }
at_most = "cap"

[[rule]]
code = "taxi.cap"
kind = "limit"
on = ["taxi"]
title = { en = "R", zh = "R" }
at_most = "often"
"""
)


def columns(made: Script) -> set[str]:
    """Give the names that a script gives to columns."""
    words: set[str] = set()
    for step in made.steps:
        queries = [one.query for one in step.body] if isinstance(step, Rounds) else [step.query]
        for query in queries:
            words |= {part.split(",")[0].split("\n")[0].strip() for part in query.split(" AS ")[1:]}
    return words


def test_only_what_a_changed_figure_reaches_is_made_twice() -> None:
    """Of a changed cap follow its rule, the amount and the outcome; the other rule is shared."""
    old, new = policy_of(POLICY), policy_of(changed(POLICY))
    mine = {name for name in columns(scripts(old, new, "duckdb")) if name.endswith("_new")}
    assert "x_meal_cap_new" in mine
    same = policy_of(POLICY.replace('version = "1"', 'version = "2"'))
    assert not [name for name in columns(scripts(old, same, "duckdb")) if name.endswith("_new")]
    near = policy_of(POLICY.replace("is = 50 }", "is = 47 }"))
    only = {name for name in columns(scripts(old, near, "duckdb")) if name.endswith("_new")}
    assert "x_meal_cap_new" in only
    assert "x_taxi_cap_new" not in only


def test_names_that_end_like_ours_stay_apart(engine: DuckDb) -> None:
    """Where `spent` and `spent_new` are names of both policies, neither is read for the other."""
    window = 'name = {{ en = "w", zh = "w" }}\nadds = "{}"\nper = ["person"]\nperiod = "month"\n'

    def text(adds: str) -> str:
        own = {"spent": adds, "spent_new": "2 * amount", "spent_new_": "4 * amount"}
        named = "".join(f"[window.{name}]\n{window.format(one)}" for name, one in own.items())
        rules = [Drawn("limit", "spent", "cap"), *(Drawn("measure", name) for name in own)]
        return HEAD + named + "\n".join(rule.toml(f"r{n}") for n, rule in enumerate(rules))

    for old, new in permutations((text("amount"), text("3 * amount"))):
        check(engine, Case(old, dense(1)), new, by_place=False)


@pytest.mark.parametrize("by_place", [False, True])
def test_a_rule_that_only_changes_what_it_does_is_told_by_each(
    engine: DuckDb, *, by_place: bool
) -> None:
    """What a rule finds is shared; whether it goes to a person or is noted is each policy's own."""
    flag = '\n[[rule]]\ncode = "late"\nkind = "flag"\neffect = "{}"\n'
    flag += 'title = {{ en = "L", zh = "L" }}\nthat = "amount > 20"\n'
    old, new = POLICY + flag.format("review"), POLICY + flag.format("note")
    check(engine, Case(old, dense(1)), new, by_place=by_place)


def test_both_decisions_stand_beside_each_other(engine: DuckDb) -> None:
    """One result has a row a line of claims that count, with what both policies decide."""
    old = policy_of(POLICY)
    made = scripts(old, policy_of(changed(POLICY)), "duckdb", only=(BOTH,))
    assert set(made.results) == {BOTH}


def test_a_dialect_that_is_not_known() -> None:
    """The known ones are named."""
    with pytest.raises(ConfigError) as caught:
        script(policy_of(POLICY), "oracle")
    assert caught.value.code == "sql.dialect"
    assert "duckdb" in caught.value.problems[0].values["known"]
