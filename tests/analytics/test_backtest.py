"""The figures of a back-test against plain sums over the same decisions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from backtest_claims import (
    PEOPLE,
    blamed,
    by_rule,
    changes,
    counted,
    flipped,
    histories,
    policies,
    rows,
    spoken,
    sums,
)
from hypothesis import given, settings

from crm_expenses.analytics.backtest import (
    RELATIONS,
    Backtest,
    BacktestFigures,
    DecidedTables,
    Pair,
    Relations,
    sweep_point,
)
from crm_expenses.analytics.backtest.aggregate import FLIPS_MAX, rows_of
from crm_expenses.analytics.backtest.figures import NEEDS_PERSON, Group, share
from crm_expenses.analytics.engines.duckdb import open_duckdb
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.decision import Decision, LineDecision, Outcome, decide_claim, outcome_of
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect, Finding
from crm_expenses.core.money import Money
from crm_expenses.errors import ConfigError

OLD, NEW = policies(("is = 150", "is = 120"))


def aggregated(history: Iterable[Pair]) -> BacktestFigures:
    """Give the figures of decisions, by way of tables."""
    with DecidedTables() as tables:
        for pair in history:
            tables.add(pair)
        tables.flush()
        return Backtest(tables.session, OLD, NEW, RELATIONS).figures()


def plain(groups: Sequence[Group]) -> dict[str, tuple[int, ...]]:
    """Give groups as tuples of figures."""
    return {
        g.key: (
            *(g.spend.lines, g.spend.claimed, g.spend.before, g.spend.after),
            *(g.touched.lines, g.touched.claims, g.touched.people),
        )
        for g in groups
    }


@given(histories())
@settings(max_examples=25, deadline=None)
def test_every_figure_is_a_plain_sum(history: list[Pair]) -> None:
    """By category, team, month and rule, and in the whole, the engine's sums are the plain ones."""
    figures = aggregated(history)
    assert plain(figures.categories) == sums(history, "category")
    assert plain(figures.teams) == sums(history, "team")
    assert plain(figures.months) == sums(history, "month")
    whole = sums(history, "").get("", (0,) * 7)
    spend, touched = figures.totals.spend, figures.totals.touched
    assert (spend.lines, spend.claimed, spend.before, spend.after) == whole[:4]
    assert touched.lines == whole[4]
    assert touched.claims == len(flipped(history))
    assert figures.totals.claims == len(counted(history))
    assert figures.totals.left_out == len(history) - len(counted(history))
    assert figures.totals.people == len({p.facts.claim.person for p in counted(history)})
    own = {
        rule.code: (
            *(rule.spend.lines, rule.spend.claimed, rule.spend.before, rule.spend.after),
            *(rule.touched.lines, rule.touched.claims, rule.touched.people),
        )
        for rule in figures.rules
        if rule.touched.lines
    }
    assert own == by_rule(history)
    before = {r.code: r.findings_before for r in figures.rules if r.findings_before}
    after = {r.code: r.findings_after for r in figures.rules if r.findings_after}
    assert (before, after) == (spoken(history, "old"), spoken(history, "new"))


@given(histories())
@settings(max_examples=25, deadline=None)
def test_sums_and_changes_add_up(history: list[Pair]) -> None:
    """Every grouping gives the same difference, and the changes of outcomes give all that count."""
    figures = aggregated(history)
    spend = figures.totals.spend
    assert spend.before == sum(pair.old.allowed.minor for pair in counted(history))
    assert spend.after == sum(pair.new.allowed.minor for pair in counted(history))
    for groups in (figures.categories, figures.teams, figures.months, figures.rules):
        assert sum(one.spend.difference for one in groups) == spend.difference
        assert sum(one.touched.lines for one in groups) == figures.totals.touched.lines
    expected = changes(history)
    assert {(c.before, c.after, "lines"): c.lines for c in figures.changes if c.lines} == {
        key: n for key, n in expected.items() if key[2] == "lines"
    }
    assert {(c.before, c.after, "claims"): c.claims for c in figures.changes if c.claims} == {
        key: n for key, n in expected.items() if key[2] == "claims"
    }
    for needed, side, other in (
        (figures.now_needs, "new", "old"),
        (figures.no_longer_needs, "old", "new"),
    ):
        crossing = [
            pair
            for pair in counted(history)
            if getattr(pair, side).outcome in NEEDS_PERSON
            and getattr(pair, other).outcome not in NEEDS_PERSON
        ]
        assert needed.claims == len(crossing) == len(needed.listed)
        assert needed.claimed == sum(pair.old.claimed.minor for pair in crossing)


@given(histories())
@settings(max_examples=15, deadline=None)
def test_flips_are_those_that_differ(history: list[Pair]) -> None:
    """Claims that differ are listed, the biggest differences first, with both sides' findings."""
    figures = aggregated(history)
    assert [flip.claim for flip in figures.flips] == flipped(history)[:FLIPS_MAX]
    by_claim = {pair.facts.claim.id: pair for pair in history}
    lines = {(r.pair.facts.claim.id, r.line.id): r for r in rows(history) if r.differs}
    for flip in figures.flips:
        pair = by_claim[flip.claim]
        for verdict, decision in ((flip.before, pair.old), (flip.after, pair.new)):
            assert (verdict.outcome, verdict.allowed) == (decision.outcome, decision.allowed.minor)
            assert codes(verdict.findings) == codes(decision.findings)
        for line in flip.lines:
            row = lines.pop((flip.claim, line.line))
            assert (line.before.allowed, line.after.allowed) == (row.before, row.after)
            assert codes(line.before.findings) == codes(row.old.findings)
            assert codes(line.after.findings) == codes(row.new.findings)
        assert flip.lines_count == len(flip.lines)
    assert not lines


def codes(findings: Iterable[object]) -> list[tuple[object, ...]]:
    """Give findings by code, effect and what became of them."""
    return sorted((f.code, f.effect, f.resolved_by, f.failed) for f in findings)  # type: ignore[attr-defined]


@given(histories())
@settings(max_examples=10, deadline=None)
def test_a_policy_against_itself(history: list[Pair]) -> None:
    """Where both sides decide alike, nothing differs anywhere."""
    figures = aggregated(Pair(pair.facts, pair.old, pair.old) for pair in history)
    touched = figures.totals.touched
    assert (touched.lines, touched.claims, touched.people) == (0, 0, 0)
    assert figures.flips == ()
    assert figures.now_needs.claims == figures.no_longer_needs.claims == 0
    for groups in (figures.categories, figures.teams, figures.months, figures.rules):
        assert all(g.spend.difference == 0 and g.touched.lines == 0 for g in groups)
    assert all(change.before is change.after for change in figures.changes)


# Single cases


def line(number: int, outcome_findings: tuple[Finding, ...], allowed: int) -> LineDecision:
    """Make a decision on a line of 100.00."""
    claimed = Money(10_000, "CNY")
    outcome = outcome_of(outcome_findings)
    return LineDecision(str(number), outcome, claimed, Money(allowed, "CNY"), outcome_findings)


def decision(*lines: LineDecision, own: tuple[Finding, ...] = ()) -> Decision:
    """Make the decision on a claim."""
    return decide_claim("C-1", lines, own, (), "CNY", OLD.ref, "")


def facts(count: int, status: ClaimStatus = ClaimStatus.SUBMITTED) -> Facts:
    """Make a claim with lines of 100.00."""
    claim = Claim("C-1", "P1", datetime(2026, 3, 1, tzinfo=UTC), status)
    made = (
        ExpenseLine(str(n), "C-1", date(2026, 2, 1), "meal", Money(10_000, "CNY"))
        for n in range(count)
    )
    return Facts(claim, tuple(made), PEOPLE[0])


CAP = Finding("meal.day", Effect.CAP)
REVIEW = Finding("taxi.ride", Effect.REVIEW)


def test_a_claim_rejected_as_a_whole_pays_nothing() -> None:
    """A rule on the claim takes all its lines away, though each line by itself passes."""
    rejected = (Finding("claim.late", Effect.REJECT),)
    old, new = decision(line(0, (), 10_000)), decision(line(0, (), 10_000), own=rejected)
    figures = aggregated([Pair(facts(1), old, new)])
    assert figures.totals.spend.difference == -10_000
    assert [(r.code, r.spend.difference) for r in figures.rules] == [("claim.late", -10_000)]
    assert figures.flips[0].lines[0].after.allowed == 0
    back = aggregated([Pair(facts(1), new, old)])
    assert back.totals.spend.difference == 10_000


def test_a_difference_counts_for_what_began_to_speak() -> None:
    """A rule that is new on a line goes before one that says the same with other figures."""
    old = decision(line(0, (CAP,), 9_000))
    new = decision(line(0, (CAP, REVIEW), 8_000))
    figures = aggregated([Pair(facts(1), old, new)])
    assert {r.code: r.touched.lines for r in figures.rules} == {"meal.day": 0, "taxi.ride": 1}
    assert blamed(rows([Pair(facts(1), old, new)])[0]) == "taxi.ride"


def test_without_a_finding_no_rule_is_named() -> None:
    """Amounts that rules give differ without any finding: they stand under no rule."""
    pair = Pair(facts(1), decision(line(0, (), 5_000)), decision(line(0, (), 6_000)))
    figures = aggregated([pair])
    assert [(r.code, r.spend.difference) for r in figures.rules] == [("", 1_000)]


def test_what_was_withdrawn_takes_no_part() -> None:
    """A claim that is not live is left out of every sum, and counted as left out."""
    old, new = decision(line(0, (), 10_000)), decision(line(0, (CAP,), 5_000))
    for status in (ClaimStatus.WITHDRAWN, ClaimStatus.DRAFT, ClaimStatus.REJECTED):
        figures = aggregated([Pair(facts(1, status), old, new)])
        assert figures.totals.left_out == 1
        assert figures.totals.spend.lines == figures.totals.claims == 0
        assert figures.rules == figures.flips == ()


def test_nothing_at_all() -> None:
    """No claim gives a back-test of zeros."""
    figures = aggregated([])
    assert figures.totals.spend.claimed == 0
    assert figures.changes == ()


def test_different_currencies_are_refused() -> None:
    """Amounts of two currencies are never set side by side."""
    other = policies(('currency = "CNY"', 'currency = "EUR"'), ('band = "CNY"', 'band = "EUR"'))[1]
    with pytest.raises(ConfigError) as caught, DecidedTables() as tables:
        Backtest(tables.session, OLD, other)
    assert caught.value.code == "backtest.currency"


def test_shares() -> None:
    """A share is rounded once, half up, and there is none of nothing."""
    assert [str(share(part, 3)) for part in (1, 2, -1)] == ["0.3333", "0.6667", "-0.3333"]
    assert share(1, 0) is None


# Tables as an engine has them


TABLES = """
CREATE TABLE expense_lines (place BIGINT, claim VARCHAR, line VARCHAR, spent_on DATE,
  category VARCHAR);
CREATE TABLE claims (claim VARCHAR, person VARCHAR, submitted_on DATE, status VARCHAR);
CREATE TABLE people (person VARCHAR, valid_from DATE, valid_until DATE, team VARCHAR);
INSERT INTO claims VALUES ('C1', 'P1', '2026-01-10', NULL), ('C2', 'P1', '2026-02-10', 'paid'),
  ('C3', 'P2', '2026-02-10', 'withdrawn');
INSERT INTO people VALUES ('P1', NULL, '2026-01-31', 'East'), ('P1', '2026-02-01', NULL, 'West');
INSERT INTO expense_lines VALUES (1, 'C1', '1', '2026-01-02', 'meal'),
  (2, 'C2', '1', '2026-02-02', 'meal'), (3, 'C3', '1', '2026-02-02', 'meal');
CREATE TABLE old_decided_lines AS SELECT place, claim, line, 'pass' AS outcome, 100::BIGINT AS
  claimed, 100::BIGINT AS allowed FROM expense_lines;
CREATE TABLE new_decided_lines AS SELECT place, claim, line, 'reduced' AS outcome, claimed,
  80::BIGINT AS allowed FROM old_decided_lines;
CREATE TABLE old_decided_claims AS SELECT claim, outcome, claimed, allowed FROM old_decided_lines;
CREATE TABLE new_decided_claims AS SELECT claim, outcome, claimed, allowed FROM new_decided_lines;
CREATE TABLE old_findings (claim VARCHAR, line VARCHAR, place BIGINT, code VARCHAR, effect VARCHAR,
  resolved_by VARCHAR, failed VARCHAR);
CREATE TABLE new_findings AS SELECT claim, line, place, 'meal.day' AS code, 'cap' AS effect,
  NULL::VARCHAR AS resolved_by, NULL::VARCHAR AS failed FROM new_decided_lines;
"""


def test_tables_of_the_schema(tmp_path: Path) -> None:
    """The tables as the input schema has them are enough: teams by day, NULL as submitted."""
    session = open_duckdb()
    session.execute(TABLES, "tables")
    found = Backtest(session, OLD, NEW)
    figures = found.figures()
    assert {g.key: g.spend.difference for g in figures.teams} == {"East": -20, "West": -20}
    assert {g.key: g.spend.difference for g in figures.months} == {"2026-01": -20, "2026-02": -20}
    assert (figures.totals.claims, figures.totals.left_out, figures.totals.people) == (2, 1, 1)
    assert figures.flips[0].lines[0].after.findings[0].clause == "3.1"
    point = sweep_point(session, "120.00")
    assert (point.allowed, point.lines, point.claims_for_person) == (160, {Outcome.REDUCED: 2}, 0)
    found.flips_to(tmp_path / "it's.parquet")
    path = str(tmp_path / "it's.parquet").replace("'", "''")
    kept = rows_of(
        session,
        "SELECT level, claim, line, difference, rule_code, findings_after "  # noqa: S608
        f"FROM read_parquet('{path}') ORDER BY level, claim",
    )
    assert kept == [
        ("claim", "C1", None, -20, None, None),
        ("claim", "C2", None, -20, None, None),
        ("line", "C1", "1", -20, "meal.day", "meal.day:cap"),
        ("line", "C2", "1", -20, "meal.day", "meal.day:cap"),
    ]
    session.close()


def test_other_relations_give_the_same() -> None:
    """An engine may give the joined lines, and those that differ, itself."""
    session = open_duckdb()
    session.execute(TABLES, "tables")
    expected = Backtest(session, OLD, NEW).figures()
    lines = f"SELECT * FROM ({Relations().spent}) s"  # noqa: S608
    of = Relations()
    changed = f"""
SELECT r.*, l.claim, l.line, c.person, c.team, l.category, l.spent_on
FROM ({of.changed}) r
JOIN expense_lines l ON l.place = r.place
JOIN ({of.claims}) c ON c.claim = l.claim
"""  # noqa: S608
    given = Relations(lines=lines, changed_whole=changed)
    assert Backtest(session, OLD, NEW, given).figures() == expected
    session.close()


def test_contradicting_tables_are_told() -> None:
    """Two rows for one person on a day would count lines twice; that is refused."""
    session = open_duckdb()
    session.execute(TABLES, "tables")
    session.execute("INSERT INTO people VALUES ('P1', NULL, NULL, 'North')", "people")
    with pytest.raises(ConfigError) as caught:
        Backtest(session, OLD, NEW).figures()
    assert caught.value.code == "backtest.sums"
    session.close()


def test_only_the_first_flips_are_listed() -> None:
    """Of many claims that differ the given number is listed, the biggest first; all are counted."""
    with DecidedTables() as tables:
        for number in range(7):
            old = replace(decision(line(0, (), 10_000)), claim=f"C-{number}")
            new = replace(decision(line(0, (CAP,), 10_000 - number)), claim=f"C-{number}")
            claim = replace(facts(1).claim, id=f"C-{number}")
            tables.add(Pair(replace(facts(1), claim=claim), old, new))
        tables.flush()
        figures = Backtest(tables.session, OLD, NEW, RELATIONS).figures(most=2)
    assert [flip.claim for flip in figures.flips] == ["C-6", "C-5"]
    assert figures.totals.touched.claims == 7
