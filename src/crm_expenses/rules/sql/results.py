"""The result tables of a policy, from the relations that its steps leave."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.rules.sql.cell import names_of
from crm_expenses.rules.sql.dialect import Dialect, Fn
from crm_expenses.rules.sql.plan import Kept, Plan, State
from crm_expenses.rules.sql.schema import Kind
from crm_expenses.rules.sql.text import FAILED
from crm_expenses.rules.sql.thin import Late
from crm_expenses.rules.sql.verdict import FAILED_FROM, FOUND, JUSTIFIED, WAIVED

SUMMARY: Final = "line_summary"
"""One row a line: place, claim, line, outcome, claimed, allowed, and the codes of its findings."""

_OUTCOMES: Final = tuple(outcome.value for outcome in Outcome)


def _from(lines: str, *names: str) -> str:
    """Give the relation; one that is not kept, for the columns that these expressions name."""
    if isinstance(lines, Late):
        return lines.of(word for name in names for word in names_of(name))
    return lines


def results(
    plan: Plan,
    lines: str,
    claims: str,
    only: Collection[str],
) -> Mapping[str, str]:
    """Give the query of each result table that is asked for."""
    line_words, claim_words = plan.words, plan.claim_words
    made: Mapping[str, Callable[[], str]] = {
        SUMMARY: lambda: _summary(plan, lines, line_words),
        "decided_lines": lambda: _decided_lines(plan, lines),
        "decided_claims": lambda: _decided_claims(plan, claims),
        "findings": lambda: _findings(plan, lines, claims, line_words, claim_words),
        "carries": lambda: _kept(plan, lines, plan.carries, "amount", live_only=True),
        "entitlements": lambda: _kept(plan, lines, plan.entitlements, "component"),
        "measures": lambda: _measures(plan, lines, claims),
    }
    return {name: write() for name, write in made.items() if name in only}


def _decided_lines(plan: Plan, lines: str) -> str:
    named = plan.named
    worst = _named(plan.lines.dialect, named("worst"), _OUTCOMES)
    source = _from(lines, *map(named, ("worst", "f_amount", "f_allowed")))
    return (
        f"SELECT place, claim, line, {worst} AS outcome, {named('f_amount')} AS claimed,\n"
        f"  {named('f_allowed')} AS allowed\n"
        f"FROM {source} AS t"
    )


def _decided_claims(plan: Plan, claims: str) -> str:
    named = plan.named
    worst = _named(plan.lines.dialect, named("k_worst"), _OUTCOMES)
    source = _from(claims, *map(named, ("k_worst", "k_claimed", "k_allowed")))
    return (
        f"SELECT claim, {worst} AS outcome, {named('k_claimed')} AS claimed,\n"
        f"  {named('k_allowed')} AS allowed\n"
        f"FROM {source} AS t"
    )


def _summary(plan: Plan, lines: str, words: Sequence[tuple[str, list[State]]]) -> str:
    """Give one row a line with the codes of its findings as a text."""
    own = plan.lines.dialect
    worst = _named(own, f"t.{plan.named('worst')}", _OUTCOMES, is_listed=plan.lines.is_lean)
    joins, texts = "", []
    for name, states in words:
        parts, size = [], 1
        for state in states:
            kept = own(
                Fn.REMAINDER, own(Fn.TRUNCATED, "word", own.long(size)), own.long(state.top + 1)
            )
            parts.append(f"CASE WHEN {kept} <> 0 THEN {own.text(' ' + state.code)} ELSE '' END")
            size *= state.top + 1
        length = str(sum(len(state.code) + 1 for state in states))
        text = own(Fn.SUBSTRING, "(" + "\n    || ".join(parts) + ")", "2", length)
        if isinstance(lines, Late) and not lines.is_kept(name):
            told = text.replace("(word //", f"(t.{name} //")
            texts.append(f"(CASE WHEN t.{name} <> 0 THEN {told} END)")
            continue
        alias = f"codes_{name}"
        joins += (
            f"\nLEFT JOIN (\n  SELECT word, {text} AS codes\n"
            f"  FROM (SELECT DISTINCT {name} AS word FROM {_from(lines, name)} AS w"
            f" WHERE {name} <> 0) AS told\n"
            f") AS {alias} ON {alias}.word = t.{name}"
        )
        texts.append(f"{alias}.codes")
    codes = texts[0]
    for text in texts[1:]:
        codes = (
            f"CASE WHEN {codes} IS NULL THEN {text} WHEN {text} IS NULL THEN {codes}"
            f" ELSE {codes} || ' ' || {text} END"
        )
    claimed, allowed = plan.named("f_amount"), plan.named("f_allowed")
    source = _from(lines, claimed, allowed, plan.named("worst"), *(name for name, _ in words))
    return (
        f"SELECT t.place, t.claim, t.line, {worst} AS outcome,\n"
        f"  t.{claimed} AS claimed, t.{allowed} AS allowed, {codes} AS codes\n"
        f"FROM {source} AS t{joins}"
    )


def both_lines(plans: Sequence[Plan], lines: str, facts: Mapping[str, str]) -> str:
    """Give one row a line with what two policies decide on it, of claims that count."""
    old, new = plans
    own = old.lines.dialect
    outcomes = [_named(own, plan.named("worst"), _OUTCOMES) for plan in plans]
    cells = [plan.named(name) for plan in plans for name in ("worst", "f_allowed", "f_amount")]
    source = _from(lines, *cells, *facts.values())
    return (
        f"SELECT place, claim, line, {facts['person']} AS person,\n"
        f"  COALESCE({facts['team']}, '') AS team, {facts['category']} AS category,\n"
        f"  {facts['date']} AS spent_on, {old.named('f_amount')} AS claimed,\n"
        f"  {outcomes[0]} AS outcome_old, {old.named('f_allowed')} AS allowed_old,\n"
        f"  {outcomes[1]} AS outcome_new, {new.named('f_allowed')} AS allowed_new\n"
        f"FROM {source} AS t\nWHERE {facts['status_counts']}"
    )


def _named(own: Dialect, cell: str, words: Sequence[str], *, is_listed: bool = False) -> str:
    of_list = _list_of(own, words) if is_listed else ""
    cases = " ".join(f"WHEN {n} THEN {own.text(word)}{of_list}" for n, word in enumerate(words))
    return f"CASE {cell} {cases} END"


def _list_of(own: Dialect, words: Sequence[str]) -> str:
    """Write the type of words of a closed list, which DuckDB keeps and writes as numbers."""
    return f"::ENUM({', '.join(map(own.text, dict.fromkeys(words)))})"


def _findings(
    plan: Plan,
    lines: str,
    claims: str,
    line_words: Sequence[tuple[str, list[State]]],
    claim_words: Sequence[tuple[str, list[State]]],
) -> str:
    own = plan.lines.dialect
    parts = [
        _of_word(own, lines, word, states, is_line=True) for word, states in line_words if states
    ] + [
        _of_word(own, claims, word, states, is_line=False) for word, states in claim_words if states
    ]
    return "\nUNION ALL\n".join(parts)


def _of_word(own: Dialect, table: str, word: str, states: Sequence[State], *, is_line: bool) -> str:
    """Read the findings of one word: what each of its values says is worked out once."""
    rows, size = [], 1
    for state in states:
        effect = own.text(state.effect.value)
        rows.append(
            f"SELECT {own.text(state.code)} AS code, {effect} AS effect,"
            f" {own.long(size)} AS step, {own.long(state.top + 1)} AS radix"
        )
        size *= state.top + 1
    rules = "\n    UNION ALL ".join(rows)
    kept = own(Fn.REMAINDER, own(Fn.TRUNCATED, "w.word", "r.step"), "r.radix")
    reasons = " ".join(
        f"WHEN {FAILED_FROM + number} THEN {own.text(reason)}" for reason, number in FAILED.items()
    )
    review, note = own.text(Effect.REVIEW.value), own.text(Effect.NOTE.value)
    place = (
        "t.line, t.place"
        if is_line
        else f"{own.null(Kind.TEXT)} AS line, {own.null(Kind.WHOLE)} AS place"
    )
    table = _from(table, word)
    return f"""SELECT t.claim, {place}, s.code,
  CASE WHEN s.state = {FOUND} THEN s.effect WHEN s.state > {FAILED_FROM} THEN {review}
    ELSE {note} END AS effect,
  CASE s.state WHEN {JUSTIFIED} THEN 'justification' WHEN {WAIVED} THEN 'waiver' END AS resolved_by,
  CASE s.state {reasons} END AS failed
FROM {table} AS t
JOIN (
  SELECT w.word, r.code, r.effect, {kept} AS state
  FROM (SELECT DISTINCT {word} AS word FROM {table} AS d WHERE {word} <> 0) AS w
  CROSS JOIN (
    {rules}
  ) AS r
) AS s ON s.word = t.{word} AND s.state <> 0"""


def _kept(
    plan: Plan, lines: str, kept: Sequence[Kept], column: str, *, live_only: bool = False
) -> str:
    own = plan.lines.dialect
    name = "component" if column == "component" else "code"
    where = f" AND NOT {plan.named('dead')}" if live_only else ""
    of_list = _list_of(own, [one.code for one in kept]) if kept and plan.lines.is_lean else ""
    parts = [
        f"SELECT place, claim, line, {own.text(one.code)}{of_list} AS {name},"
        f" {one.value} AS amount\n"
        f"FROM {_from(lines, one.value, one.is_there, where)} AS t\nWHERE {one.is_there}{where}"
        for one in kept
    ]
    if not parts:
        empty = f"{own.null(Kind.TEXT)} AS {name}, {own.null(Kind.WHOLE)} AS amount"
        return f"SELECT place, claim, line, {empty}\nFROM {_from(lines)} AS t\nWHERE place IS NULL"
    return "\nUNION ALL\n".join(parts)


def _measures(plan: Plan, lines: str, claims: str) -> str:
    own = plan.lines.dialect
    parts = [
        f"SELECT claim, line, place, {own.text(one.code)} AS code, {one.value} AS value,"
        f" {one.total or own.null(Kind.WHOLE)} AS total\n"
        f"FROM {_from(lines, one.value, one.is_there, one.total)} AS t\nWHERE {one.is_there}"
        for one in plan.measures
    ]
    parts += [
        f"SELECT claim, {own.null(Kind.TEXT)} AS line, {own.null(Kind.WHOLE)} AS place,"
        f" {own.text(one.code)} AS code, {one.value} AS value, {own.null(Kind.WHOLE)} AS total\n"
        f"FROM {_from(claims, one.value, one.is_there)} AS t\nWHERE {one.is_there}"
        for one in plan.claim_measures
    ]
    if not parts:
        return (
            f"SELECT claim, line, place, {own.null(Kind.TEXT)} AS code,"
            f" {own.null(Kind.WHOLE)} AS value, {own.null(Kind.WHOLE)} AS total\n"
            f"FROM {_from(lines)} AS t\nWHERE place IS NULL"
        )
    return "\nUNION ALL\n".join(parts)
