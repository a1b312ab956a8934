"""The printed script: the same statements, laid out and explained, and it runs as it stands."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from crm_expenses.analytics.engines import open_engine
from crm_expenses.messages import LANGUAGES, Language, table
from crm_expenses.policyfile import load_policy
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql import script
from crm_expenses.rules.sql.dialect import DIALECTS
from crm_expenses.rules.sql.layout import (
    WIDTH,
    Token,
    TokenKind,
    columns,
    comment,
    lines_of,
    tokens,
    wrapped,
)
from crm_expenses.rules.sql.schema import RESULTS
from crm_expenses.rules.sql.script import Rounds, Step
from crm_expenses.rules.sql.show import renamed, sql_text
from crm_expenses.rules.unparse import unparse

sys.path.append(str(Path(__file__).parents[1] / "analytics"))

from agreement import Case, DuckDb, Loaded, Row, normal, policy_of, tables_of
from shipped_cases import GROUPS

from servers import Server
from servers import postgres as postgres  # noqa: PLC0414  a fixture

POLICIES: Final = Path(__file__).parents[2] / "examples" / "policies"
NAMES: Final = sorted(DIALECTS)
END: Final = "\n;\n"
ENOUGH: Final = 8
"""Rounds that every case of this page ends in."""
SHARE: Final = 2


@cache
def example(name: str = "cn-company") -> Policy:
    """Give a policy with every kind of step."""
    return load_policy(POLICIES / f"{name}.toml")


@cache
def shipped() -> tuple[Policy, ...]:
    """Give a policy of each group of shipped cases."""
    return tuple(policy_of(next(group()).text) for group in GROUPS.values())


def words(sql: str, name: str) -> list[str]:
    """Give the pieces of a query without spaces and comments."""
    special = DIALECTS[name].is_backslash_special
    apart = (TokenKind.SPACE, TokenKind.COMMENT)
    return [t.text for t in tokens(sql, is_backslash_special=special) if t.kind not in apart]


def laid_out(sql: str, *, special: bool = False, width: int = WIDTH) -> str:
    """Lay a query out."""
    lines = lines_of(sql, is_backslash_special=special)
    return "\n".join(part for line in lines for part in wrapped(line, width))


# Laying out


@pytest.mark.parametrize("name", NAMES)
def test_the_words_stay_as_they_are(name: str) -> None:
    """Each query has the same words in the same order before and after."""
    for policy in (example(), *shipped()[::4]):
        made = script(policy, name)
        printed = words(sql_text(policy, name, rounds=1), name)
        expected: list[str] = []
        for step in made.steps:
            if isinstance(step, Step):
                expected += words(step.query, name)
        text = " ".join(printed)
        for step in made.steps:
            if isinstance(step, Step):
                assert " ".join(words(step.query, name)) in text
        for query in made.results.values():
            assert " ".join(words(query, name)) in text
        assert len(printed) > len(expected)


def test_texts_are_not_broken() -> None:
    """A space, an end of line or a dash in a text stays, whatever its length."""
    said = "a  'quoted'\n-- text " * 9
    for name in ("duckdb", "bigquery"):
        own = DIALECTS[name]
        query = f"SELECT {own.text(said)} AS a,\n  {own.text('b c')} AS b -- that's it\nFROM c"
        shown = laid_out(query, special=own.is_backslash_special, width=20)
        assert words(shown, name) == words(query, name)
        assert own.text(said) in shown


def test_a_long_line_is_broken_outside_first() -> None:
    """A line that is too long ends before the words of its outermost part."""
    query = (
        "SELECT (CASE WHEN aaaa = 1 AND bbbb = 2 AND cc = 3 THEN dddd WHEN e = 3 THEN 1 END) AS f"
    )
    assert laid_out(query, width=62).splitlines() == [
        "SELECT (CASE WHEN aaaa = 1 AND bbbb = 2 AND cc = 3 THEN dddd",
        "      WHEN e = 3 THEN 1 END) AS f",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_lines_fit_a_page(name: str, language: Language) -> None:
    """No line is wider than a page, unless one word alone is."""
    for line in sql_text(example(), name, language).splitlines():
        alone = re.sub(r"^(?:THEN|ELSE|WHEN) [(]*'", "'", line.strip())
        assert columns(line) <= WIDTH or " " not in re.sub(r"'[^']*'", "", alone), line


def test_comments_hold_what_they_are_given() -> None:
    """A comment has no end of line, nothing that dbt reads, and no sign that moves a terminal."""
    told = "a\n; DROP TABLE b -- {{ c }} {% d %} {# e #} \x1b[2J f"
    (line,) = comment(told)
    assert line.startswith("-- ")
    assert "\n" not in line
    assert "\x1b" not in line
    assert not re.search(r"[{][{%#]|[}%#][}]", line)
    assert next(comment("字" * 60)) == "-- " + "字" * 48


def test_only_names_are_renamed() -> None:
    """Names of tables change where they stand as names; texts keep their words."""
    query = "SELECT 'solved_1' AS a FROM solved_1 AS l JOIN solved_12 AS m ON m.b = l.b"
    assert renamed(query, {"solved_1": "x"}, DIALECTS["duckdb"]) == (
        "SELECT 'solved_1' AS a FROM x AS l JOIN solved_12 AS m ON m.b = l.b"
    )


def test_a_sign_that_no_query_has_is_refused() -> None:
    """What the layout does not know it does not print."""
    with pytest.raises(ValueError, match="#"):
        list(tokens("a # b", is_backslash_special=False))
    assert list(tokens("a", is_backslash_special=False)) == [Token(TokenKind.WORD, "a")]


# What it says


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_stands_beside_its_columns(language: Language) -> None:
    """Each rule has its code, title, clause and expressions directly above its first column."""
    policy, at = example(), LANGUAGES.index(language)
    text = sql_text(policy, "snowflake", language)
    flat = " ".join(re.sub(r"\n *-- *", " ", text).split())
    for rule in policy.rules:
        assert rule.code in text
        assert " ".join(rule.title[at].split()) in flat
        assert not rule.clause or rule.clause in flat
        stem = rule.code.replace(".", "_")
        assert re.search(rf"-- (?:k_)?[xa]_{stem}(?::|：).*{re.escape(rule.code)}", text), rule.code
        written = [unparse(tree) for tree in rule.expressions]
        assert all(" ".join(one.split()) in flat for one in written), rule.code


def test_it_says_what_it_is() -> None:
    """The heading names policy, version, digest, both versions, the dialect, and the tables."""
    policy = example()
    head = sql_text(policy, "bigquery").partition("\n\n")[0]
    for said in (policy.id, policy.version, policy.digest, "bigquery", "expense_lines", "not run"):
        assert said in head
    assert all(name in head for name in RESULTS)
    assert "not run" not in sql_text(policy, "duckdb").partition("\n\n")[0]


def test_it_explains_the_lists_of_constants() -> None:
    """Each parameter that a rule looks up is explained once: unit, keys with their words, dates."""
    text = sql_text(example(), "duckdb")
    told = re.findall(r"^-- The parameter (\w+) stands", text, re.MULTILINE)
    assert len(told) == len(set(told)) > 8
    flat = re.sub(r"\n-- +", " ", text)
    assert "CNY/night; from 2026-01-01." in flat
    assert "grade (staff, manager, director)" in flat


def notes(policy: Policy) -> Iterator[str]:
    """Give the notes of all steps."""
    for step in script(policy, "duckdb").steps:
        inner = (step.start, *step.body) if isinstance(step, Rounds) else (step,)
        for one in inner:
            yield from () if one.name.startswith("words_") else one.note


def test_every_note_is_said_in_both_languages() -> None:
    """No step has a note that a Chinese reader would see in English."""
    known = {pair[0] for code, pair in table().items() if code.startswith("sqltext.note.")}
    found = {note for policy in (example(), *shipped()) for note in notes(policy)}
    assert found <= known


def test_it_is_the_same_each_time() -> None:
    """Nothing of a day, a machine or a run is in the text."""
    assert sql_text(example(), "spark", "zh") == sql_text(example(), "spark", "zh")


# What it does


class Session(Protocol):
    """Where statements are run."""

    dialect: str

    def load(self, tables: Loaded) -> None:
        """Put rows in the place of what was loaded before."""

    def ask(self, statement: str) -> list[Row]:
        """Run a statement."""


class Duck(DuckDb):
    """DuckDB, statement by statement."""

    def ask(self, statement: str) -> list[Row]:
        """Run a statement."""
        return self._held.execute(statement).fetchall()


class Postgres:
    """PostgreSQL, statement by statement, in the session of an engine of the package."""

    dialect = "postgres"

    def __init__(self, server: Server) -> None:
        self._held: Any = open_engine(server.url())

    def load(self, tables: Loaded) -> None:
        """Put rows in the place of what was loaded before; what was made is gone."""
        self._held.load(tables)

    def ask(self, statement: str) -> list[Row]:
        """Run a statement."""
        return [tuple(row) for row in self._held._connection.run(statement) or []]

    def close(self) -> None:
        """End the session."""
        self._held.close()


def run(session: Session, text: str) -> Mapping[str, Sequence[Row]]:
    """Run a printed script; give the rows of its results by their headings."""
    results: dict[str, Sequence[Row]] = {}
    for statement in text.removesuffix(END).split(END):
        found = session.ask(statement)
        if heading := re.search(r"^-- Result (\w+):", statement, re.MULTILINE):
            results[heading[1]] = found
    return results


def cases(*groups: str) -> list[Case]:
    """Give a share of the cases of some groups."""
    found = []
    for name in groups:
        held = list(GROUPS[name]())
        found += held[:: max(1, len(held) // SHARE)][:SHARE]
    return found


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_the_printed_text_does_what_the_script_does(group: str) -> None:
    """On DuckDB the printed text gives, to the last row, what the script gives."""
    for case in cases(group):
        policy = policy_of(case.text)
        tables = tables_of(policy, case)
        engine, session = DuckDb(), Duck()
        engine.load(tables)
        session.load(tables)
        printed = run(session, sql_text(policy, "duckdb", rounds=ENOUGH))
        assert normal(printed) == normal(engine.run(script(policy, "duckdb")))


def test_the_printed_text_runs_on_postgres(postgres: Server) -> None:
    """On a real PostgreSQL it gives what the script gives on DuckDB."""
    of_rules = ("windows", "same_keys", "spells", "entitlements")
    of_facts = ("waivers", "own_facts", "rates", "words")
    for case in cases(*of_rules, *of_facts):
        policy = policy_of(case.text)
        tables = tables_of(policy, case)
        engine = DuckDb()
        engine.load(tables)
        with closing(Postgres(postgres)) as session:
            session.load(tables)
            printed = run(session, sql_text(policy, "postgres", rounds=ENOUGH))
        assert normal(printed) == normal(engine.run(script(policy, "duckdb")))


def test_too_few_rounds_stop_the_script() -> None:
    """With one round too few the guard stops the script with an error: nothing is approximated."""
    stopped = 0
    for case in cases("windows", "rejected", "spells", "waivers"):
        policy = policy_of(case.text)
        session = Duck()
        session.load(tables_of(policy, case))
        text = sql_text(policy, "duckdb", rounds=1)
        try:
            run(session, text)
        except Exception as error:  # noqa: BLE001  DuckDB's own
            assert "not ended after 1 rounds" in str(error)  # noqa: PT017  not every case stops
            stopped += 1
    assert stopped
