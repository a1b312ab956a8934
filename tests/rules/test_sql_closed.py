"""The SQL reading emits a closed list of words, each of which a vendor's page describes."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from crm_expenses.policyfile import load_policy
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql import script, scripts
from crm_expenses.rules.sql.cell import names_of
from crm_expenses.rules.sql.citations import CITATIONS, RESERVED, STANDARD, WORDS_CITED
from crm_expenses.rules.sql.dialect import DIALECTS, Dialect, Fn
from crm_expenses.rules.sql.layout import Token, TokenKind, lines_of, tokens
from crm_expenses.rules.sql.pair import renaming
from crm_expenses.rules.sql.schema import TABLES
from crm_expenses.rules.sql.script import Rounds, Script, Step
from crm_expenses.rules.sql.show import sql_text

sys.path.append(str(Path(__file__).parents[1] / "analytics"))

from agreement import Agreement, Case, DuckDb, policy_of
from drawn import coded, rules, written
from shipped_cases import GROUPS

EXAMPLES: Final = sorted(
    path
    for path in (Path(__file__).parents[2] / "examples").rglob("*.toml")
    if "\n[policy]" in f"\n{path.read_text('utf-8')}"
    and "\n[company]" not in path.read_text("utf-8")
    and ".cases." not in path.name
)
NAMES: Final = sorted(DIALECTS)
EXAMPLE: Final = next(path for path in EXAMPLES if path.name == "cn-company.toml")
SHARE: Final = 12
JOIN_SHARE: Final = 4
PAIR_SHARE: Final = 3


@cache
def texts() -> tuple[str, ...]:
    """Give the policies of all shipped cases."""
    return tuple(sorted({case.text for group in GROUPS.values() for case in group()}))


def policies() -> Iterator[Policy]:
    """Give those policies, and the examples."""
    yield from (policy_of(text) for text in texts())
    yield from (load_policy(path) for path in EXAMPLES)


@cache
def unlike(name: str) -> tuple[str, ...]:
    """Give every query that one of those policies makes for a dialect, each once."""
    found = {query for policy in policies() for query in queries(script(policy, name))}
    return tuple(sorted(found))


def queries(made: Script) -> Iterator[str]:
    """Give every query of a script."""
    for step in made.steps:
        if isinstance(step, Rounds):
            yield from (one.query for one in (step.start, *step.body))
            yield step.differs
        else:
            yield step.query
    yield from made.results.values()


@cache
def emitted(name: str) -> frozenset[str]:
    """Give the words of a dialect's table: of its functions, types and casts."""
    own = DIALECTS[name]
    forms = [*own.functions.values(), *own.types.values(), own.wide, own.long(1)]
    pieces = (
        token
        for form in forms
        for token in tokens(
            re.sub(r"[{][0-9][}]", "0", form), is_backslash_special=own.is_backslash_special
        )
    )
    return frozenset(token.text for token in pieces if token.kind is TokenKind.WORD)


def has_long_text(query: str) -> bool:
    """Say whether a text literal of a query may go over the end of a line."""
    return any(line.count("'") % 2 for line in query.split("\n"))


def bare(query: str, own: Dialect) -> list[Token]:
    """Give the pieces of a query, without its spaces."""
    found = tokens(query, is_backslash_special=own.is_backslash_special)
    return [token for token in found if token.kind is not TokenKind.SPACE]


def strange(query: str, own: Dialect) -> set[str]:
    """Give the words of a query that are neither of the table nor names of tables and columns."""
    known, found = emitted(own.name), set()
    pieces = [*bare(query, own), Token(TokenKind.SIGN, ";")]
    for before, token, after in zip([pieces[-1], *pieces], pieces, pieces[1:], strict=False):
        if token.kind is not TokenKind.WORD:
            continue
        is_plain = token.text in STANDARD
        is_called = after.text == "(" and before.text not in ("AS", "WITH", ",")
        if is_called and not (is_plain or token.text in known):
            found.add(f"{token.text}(")
        is_name = not token.text.isupper() and token.text not in known
        if is_name and token.text.upper() in RESERVED.get(own.name, ()):
            found.add(f"{token.text} is reserved")
        if token.text.isupper() and len(token.text) > 1 and not (is_plain or token.text in known):
            found.add(token.text)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_nothing_else_is_emitted(name: str) -> None:
    """In every shipped policy each function and keyword is of the dialect's table, or plain SQL."""
    own = DIALECTS[name]
    special, found = own.is_backslash_special, set()
    lines = {
        "".join(token.text for token in line)
        for query in unlike(name)
        for line in (lines_of(query, is_backslash_special=special) if has_long_text(query) else ())
    }
    lines |= {
        line for query in unlike(name) if not has_long_text(query) for line in query.split("\n")
    }
    for line in lines:
        found |= strange(line, own)
    assert not found


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
@settings(max_examples=12, deadline=None)
def test_nothing_else_is_emitted_for_drawn_policies(name: str, data: st.DataObject) -> None:
    """So it is for policies that nobody thought of."""
    policy = policy_of(written(coded(data.draw(rules()))))
    own = DIALECTS[name]
    for query in queries(script(policy, name)):
        assert not strange(query, own)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT IFNULL(a, 0) AS b FROM c", {"IFNULL(", "IFNULL"}),
        ("SELECT concat(a, 'MOD(x)') AS b FROM c", {"concat("}),
        ("SELECT a AS b FROM c QUALIFY d = 1", {"QUALIFY"}),
        ("SELECT a AS row FROM c", {"row is reserved"}),
        ("SELECT MOD(a, 2) AS b FROM c -- TRUNC(a)", set()),
    ],
)
def test_what_is_not_in_the_table_is_seen(query: str, found: set[str]) -> None:
    """The check sees a function, a keyword and a reserved name that are not in the table."""
    assert strange(query, DIALECTS["snowflake"]) == found


def parsed(text: str, name: str) -> list[exp.Expr | None]:
    """Parse a text as its engine would; fail on any error in it."""
    return sqlglot.parse(text, read=name, error_level=sqlglot.ErrorLevel.RAISE)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", ["a share", pytest.param("all", marks=pytest.mark.slow)])
def test_it_is_the_language_of_its_engine(part: str, name: str) -> None:
    """Each query is parsed by sqlglot in the engine's own dialect, without an error."""
    kinds: set[type] = set()
    for query in unlike(name)[:: 1 if part == "all" else SHARE]:
        (one,) = parsed(query, name)
        kinds.add(type(one))
    assert kinds <= {exp.Select, exp.Union}, kinds


@pytest.mark.parametrize("name", NAMES)
def test_what_is_printed_is_the_language_of_its_engine(name: str) -> None:
    """The printed text of a policy with every kind of step is parsed without an error."""
    text = sql_text(load_policy(EXAMPLE), name, "zh", rounds=1)
    kinds = {type(one) for one in parsed(text, name) if one is not None}
    created = exp.Cache if name == "spark" else exp.Create
    assert kinds == {exp.Select, exp.Union, created}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", ["a share", pytest.param("all", marks=pytest.mark.slow)])
def test_every_name_stands_for_one_column(part: str, name: str) -> None:
    """No query gives a name to two columns, or reads joined tables without saying which one.

    DuckDB takes the first of two columns with one name; the other engines refuse.
    """
    keyed = {
        q for case in GROUPS["same_keys"]() for q in queries(script(policy_of(case.text), name))
    }
    some = {*unlike(name)[:: 1 if part == "all" else SHARE], *keyed}
    found = {fault for query in sorted(some) for fault in ambiguous(query, name)}
    assert not found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", ["single", "pair"])
def test_every_name_stands_for_one_column_in_other_scripts(part: str, name: str) -> None:
    """So it is where each claim has one line, and where two policies are one script."""
    found: set[str] = set()
    held = [policy_of(next(group()).text) for group in GROUPS.values()][::PAIR_SHARE]
    for old, new in pairwise(held):
        made = script(new, name, single=True) if part == "single" else scripts(old, new, name)
        found.update(fault for query in queries(made) for fault in ambiguous(query, name))
    assert not found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT a.x AS x, b.y AS y FROM a JOIN b ON b.x = a.x", set()),
        ("SELECT x FROM a WHERE x IN (SELECT x FROM b)", set()),
        ("SELECT a.x FROM a JOIN (SELECT x, y, x FROM b) AS c ON c.x = a.x", {"x twice"}),
        ("WITH c AS (SELECT x, 1 AS X FROM b) SELECT y FROM c", {"x twice"}),
        ("SELECT a.x, x FROM a JOIN b ON b.x = a.x", {"x twice", "x of which table"}),
        ("SELECT a.x FROM a, b WHERE a.x = b.x ORDER BY y", {"y of which table"}),
        ("SELECT a.*, 1 AS y, 2 AS y FROM a", {"y twice"}),
        (
            "SELECT c.*, 1 AS x FROM (SELECT b.*, 2 AS z FROM (SELECT x FROM a) AS b) AS c",
            {"x twice"},
        ),
        ("SELECT trips.*, 1 AS person FROM trips", {"person twice"}),
    ],
)
def test_a_name_of_two_columns_is_seen(query: str, found: set[str]) -> None:
    """The check sees a name that is given twice, also by a star, and one that no table owns."""
    assert set(ambiguous(query, "postgres")) == found


def ambiguous(query: str, name: str) -> Iterator[str]:
    """Give the names of a query that could stand for two columns."""
    given: dict[int, list[str]] = {}
    for scope in traverse_scope(sqlglot.parse_one(query, read=name)):
        if not isinstance(scope.expression, exp.Select):
            given[id(scope)] = scope.expression.named_selects
            continue
        names = [one for part in scope.expression.expressions for one in named(part, scope, given)]
        given[id(scope)] = names
        yield from (f"{one} twice" for one, count in Counter(names).items() if count > 1)
        if len(scope.selected_sources) > 1:
            bare = (column for column in scope.columns if not column.table)
            yield from (f"{column.name} of which table" for column in bare)


def named(part: exp.Expr, scope: Scope, given: dict[int, list[str]]) -> list[str]:
    """Give the names of the columns that a part of a query gives; all of a table for a star."""
    if not part.is_star:
        return [part.alias_or_name.lower()]
    tables = [part.table] if isinstance(part, exp.Column) else list(scope.selected_sources)
    found: list[str] = []
    for table in tables:
        source = scope.sources[table]
        if isinstance(source, Scope):
            found += given[id(source)]
        elif source.name in TABLES:
            found += [column.name for column in TABLES[source.name].columns]
    return found


def test_bigquery_joins_by_an_equality() -> None:
    """Each outer join has an equality between both sides, without which BigQuery refuses it."""
    joins: set[str] = set()
    for query in unlike("bigquery")[::JOIN_SHARE]:
        for join in sqlglot.parse_one(query, read="bigquery").find_all(exp.Join):
            if join.side == "LEFT":
                joins.add(join.sql())
                own = join.this.alias_or_name
                assert any(is_across(one, own) for one in conjuncts(join.args["on"])), join.sql()
    assert len(joins) > 20


def conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    """Give the conditions that must all hold."""
    if isinstance(condition, exp.Paren):
        yield from conjuncts(condition.this)
    elif isinstance(condition, exp.And):
        yield from conjuncts(condition.left)
        yield from conjuncts(condition.right)
    else:
        yield condition


def is_across(condition: exp.Expr, own: str) -> bool:
    """Say whether a condition is an equality of the joined table with another one."""
    if not isinstance(condition, exp.EQ):
        return False
    sides = [
        {column.table for column in side.find_all(exp.Column)}
        for side in (condition.left, condition.right)
    ]
    return {own} in sides and not any(own in side and len(side) > 1 for side in sides)


def test_every_function_is_cited() -> None:
    """Each function has a page of Snowflake's and of BigQuery's documentation, in two languages."""
    assert set(CITATIONS) == {"snowflake", "bigquery"}
    hosts = {"snowflake": "https://docs.snowflake.com/", "bigquery": "https://cloud.google.com/"}
    for name, cited in CITATIONS.items():
        assert set(cited) == set(Fn)
        words = [getattr(one, name) for one in WORDS_CITED]
        for citation in (*cited.values(), *words):
            assert citation.url.startswith(hosts[name])
            assert citation.page
            assert all(citation.says)


def test_the_names_of_the_schema_are_free() -> None:
    """No table or column of the input schema is a reserved word of Snowflake or BigQuery."""
    names = {name.upper() for name in TABLES}
    names |= {column.name.upper() for table in TABLES.values() for column in table.columns}
    assert not names & (RESERVED["snowflake"] | RESERVED["bigquery"])


# What engines do not agree on

ARGUMENTS_MAX: Final = 40


class Strict(DuckDb):
    """DuckDB, with LEAST and GREATEST that are NULL as soon as one value is: as in warehouses."""

    def __init__(self) -> None:
        super().__init__()
        for name, sign in (("least", "<"), ("greatest", ">")):
            step = f"CASE WHEN x IS NULL OR y IS NULL THEN NULL WHEN y {sign} x THEN y ELSE x END"
            forms = []
            for count in range(1, ARGUMENTS_MAX):
                listed = ", ".join(f"a{n}" for n in range(count))
                forms.append(f"({listed}) AS list_reduce([{listed}], lambda x, y: {step})")
            self._held.execute(f"CREATE MACRO strict_{name}{', '.join(forms)}")

    def run(self, script: Script) -> dict[str, list[tuple[object, ...]]]:  # type: ignore[override]
        """Run the script with them."""
        return dict(super().run(strictly(script)))  # type: ignore[arg-type]


def strictly(made: Script) -> Script:
    """Give a script that calls the strict functions."""

    def changed(query: str) -> str:
        return re.sub(r"\b(LEAST|GREATEST)\(", lambda m: f"strict_{m[1].lower()}(", query)

    def step_of(step: Step) -> Step:
        return Step(step.name, changed(step.query), step.note)

    steps: list[Step | Rounds] = []
    for step in made.steps:
        if isinstance(step, Rounds):
            body = tuple(step_of(one) for one in step.body)
            start = step_of(step.start)
            steps.append(Rounds(step.state, step.next, start, body, step.differs, step.note))
        else:
            steps.append(step_of(step))
    results = {name: changed(query) for name, query in made.results.items()}
    return Script(made.dialect, made.tables, tuple(steps), results)


def some(group: str, share: int = 4) -> list[Case]:
    """Give a share of a group's cases, spread over it."""
    cases = list(GROUPS[group]())
    return cases[:: max(1, len(cases) // share)]


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_no_result_depends_on_null_in_least_and_greatest(group: str) -> None:
    """With LEAST and GREATEST as Snowflake and BigQuery have them, all results are the same."""
    agreement = Agreement(Strict(), script)
    told = [found for case in some(group) if (found := agreement.differences(case))]
    assert not told, told[0]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda one: one.name)
@pytest.mark.parametrize("value", ["a\\", "\\'", "it's", "x\n", "\\\\", ""])
def test_the_end_of_a_text_is_found(dialect: Dialect, value: str) -> None:
    """The names behind a text are found, and none in it, whatever stands there."""
    written = f"{dialect.text(value)} = x1 AND y1 = {dialect.text(value)} OR z1"
    assert [name for name in names_of(written) if name[-1] == "1"] == ["x1", "y1", "z1"]
    renamed = renaming({"x1": "x2", "a": "b"})(written)
    assert renamed == written.replace("x1", "x2")
