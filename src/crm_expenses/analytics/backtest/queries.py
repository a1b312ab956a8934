"""The queries of a back-test, over the result tables of two policies.

They read the tables of `rules.sql.schema`: the inputs by their own names, the results of the old
policy behind `old_` and those of the new one behind `new_`. All of it is plain SQL that DuckDB,
PostgreSQL and Spark read alike; only sums and the decisions that differ ever come back. Where an
engine has the same rows more cheaply, `Relations` takes another query for them.
"""

from dataclasses import dataclass
from typing import Final

from crm_expenses.analytics.backtest.figures import NEEDS_PERSON
from crm_expenses.core.claim import DECIDED_STATUSES
from crm_expenses.core.finding import Effect

Named = tuple[str, str]
"""A temporary table: its name and the query that fills it."""

COUNTED: Final = ", ".join(f"'{status.value}'" for status in sorted(DECIDED_STATUSES))

CLAIMS: Final = f"""
SELECT c.claim, c.person, COALESCE(p.team, '') AS team
FROM claims c
LEFT JOIN people p ON p.person = c.person
  AND (p.valid_from IS NULL OR p.valid_from <= c.submitted_on)
  AND (p.valid_until IS NULL OR p.valid_until >= c.submitted_on)
WHERE COALESCE(c.status, 'submitted') IN ({COUNTED})
"""

LEFT_OUT: Final = f"""
SELECT c.claim FROM claims c WHERE COALESCE(c.status, 'submitted') NOT IN ({COUNTED})
"""

CHANGED: Final = """
SELECT o.place, o.claimed, o.outcome AS outcome_old, n.outcome AS outcome_new,
  o.allowed AS allowed_old, n.allowed AS allowed_new
FROM old_decided_lines o
JOIN new_decided_lines n ON n.place = o.place
WHERE o.outcome <> n.outcome OR o.allowed <> n.allowed
"""


@dataclass(frozen=True, slots=True)
class Relations:
    """Where the rows come from, each a query.

    - `claims`: claim, person and team of every claim that counts; `left_out`: the other claims.
    - `changed`: the lines that differ in outcome or amount: place, claimed, outcome_old,
      outcome_new, allowed_old, allowed_new. Where an engine has more at hand, `changed_whole` has
      claim, line, person, team, category and spent_on as well, of claims that count only.
    - `lines`, where it is given: every line of a claim that counts, with place, claim, team,
      category, spent_on, and by the old policy outcome, claimed and allowed. Without it the lines
      are joined from the tables.
    """

    claims: str = CLAIMS
    left_out: str = LEFT_OUT
    changed: str = CHANGED
    changed_whole: str = ""
    lines: str = ""

    @property
    def spent(self) -> str:
        """Every line that counts with the old policy's decision."""
        return (
            self.lines
            or f"""
SELECT l.place, l.claim, c.team, l.category, l.spent_on, d.outcome, d.claimed, d.allowed
FROM old_decided_lines d
JOIN expense_lines l ON l.place = d.place
JOIN ({self.claims}) c ON c.claim = l.claim
"""
        )


def _rank(effect: str) -> str:
    whens = " ".join(f"WHEN '{one.value}' THEN {one.rank + 1}" for one in Effect)
    return f"CASE {effect} {whens} END"


def left_out(of: Relations) -> Named:
    """Claims that do not count: drafts, and what was withdrawn, returned or rejected by hand."""
    return "bt_left_out", of.left_out


def zeroed() -> Named:
    """Claims that a rule on the claim rejects: none of their lines is paid, whatever they say."""
    sides = (
        f"SELECT claim, {int(side == 'old')} AS zero_old, {int(side == 'new')} AS zero_new "
        f"FROM {side}_findings WHERE line IS NULL AND effect = 'reject'"
        for side in ("old", "new")
    )
    return "bt_zeroed", (
        "SELECT claim, MAX(zero_old) AS zero_old, MAX(zero_new) AS zero_new FROM ("
        f"{' UNION ALL '.join(sides)}) z GROUP BY claim"
    )


def changed(of: Relations, *, has_zeroed: bool) -> Named:
    """Lines that differ, with all that they are grouped by."""
    rows = (
        of.changed_whole
        or f"""
SELECT r.place, l.claim, l.line, c.person, c.team, l.category, l.spent_on, r.claimed,
  r.outcome_old, r.outcome_new, r.allowed_old, r.allowed_new
FROM ({of.changed}) r
JOIN expense_lines l ON l.place = r.place
JOIN ({of.claims}) c ON c.claim = l.claim
"""
    )
    if not has_zeroed:
        return "bt_changed", rows
    old, new = (
        f"CASE WHEN z.zero_{side} = 1 THEN 0 ELSE {side[0]}.allowed END" for side in ("old", "new")
    )
    return (
        "bt_changed",
        f"""
SELECT w.place, w.claim, w.line, w.person, w.team, w.category, w.spent_on, w.claimed,
  w.outcome_old, w.outcome_new, w.allowed_old, w.allowed_new
FROM ({rows}) w
WHERE NOT EXISTS (SELECT 1 FROM bt_zeroed z WHERE z.claim = w.claim)
UNION ALL
SELECT o.place, o.claim, o.line, c.person, c.team, l.category, l.spent_on, o.claimed,
  o.outcome, n.outcome, {old}, {new}
FROM bt_zeroed z
JOIN old_decided_lines o ON o.claim = z.claim
JOIN new_decided_lines n ON n.place = o.place
JOIN expense_lines l ON l.place = o.place
JOIN ({of.claims}) c ON c.claim = z.claim
WHERE o.outcome <> n.outcome OR {old} <> {new}
""",
    )


MONTH: Final = "EXTRACT(YEAR FROM spent_on) * 12 + EXTRACT(MONTH FROM spent_on) - 1"
"""The month as one number, in words that every engine knows."""


def cells(of: Relations, *, has_zeroed: bool) -> Named:
    """What the old policy decided, by category, team, month and outcome: one pass over the lines.

    All totals are sums of these cells and of the lines that differ, so they add up.
    """
    allowed, zeroed_too = "l.allowed", ""
    if has_zeroed:
        allowed = "CASE WHEN z.zero_old = 1 THEN 0 ELSE l.allowed END"
        zeroed_too = "LEFT JOIN bt_zeroed z ON z.claim = l.claim"
    return (
        "bt_cells",
        f"""
SELECT l.category, l.team, {MONTH.replace("spent_on", "l.spent_on")} AS month_number, l.outcome,
  COUNT(*) AS line_count, SUM(COALESCE(l.claimed, 0)) AS claimed, SUM({allowed}) AS allowed
FROM ({of.spent}) l
{zeroed_too}
GROUP BY 1, 2, 3, 4
""",
    )


def marks(*, has_zeroed: bool) -> Named:
    """Rules that spoke on a line that differs, with how strongly before and after; 0 is not at all.

    A rule that rejects the whole claim spoke on each of its lines.
    """
    parts = []
    for side in ("old", "new"):
        ranks = ", ".join(
            f"{_rank('f.effect') if one == side else 0} AS rank_{one}" for one in ("old", "new")
        )
        source = f"SELECT c.place, f.code, {ranks} FROM {side}_findings f JOIN bt_changed c ON "
        parts.append(f"{source} c.place = f.place")
        if has_zeroed:
            parts.append(f"{source} c.claim = f.claim WHERE f.line IS NULL AND f.effect = 'reject'")
    return "bt_marks", (
        "SELECT place, code, MAX(rank_old) AS rank_old, MAX(rank_new) AS rank_new "
        f"FROM ({' UNION ALL '.join(parts)}) m GROUP BY place, code"
    )


BLAME: Final[Named] = (
    "bt_blame",
    """
SELECT place, code FROM (
  SELECT place, code, ROW_NUMBER() OVER (
    PARTITION BY place
    ORDER BY CASE WHEN rank_old <> rank_new THEN 0 ELSE 1 END,
      CASE WHEN rank_old > rank_new THEN rank_old ELSE rank_new END DESC, code
  ) AS turn
  FROM bt_marks
) m
WHERE turn = 1
""",
)
"""The one rule that a line's difference counts for.

A rule that began or ceased to speak, or speaks more or less strongly, comes before one that says
the same with other figures; then the stronger word; then the code.
"""


def touched(of: Relations) -> tuple[Named, Named]:
    """Claims that differ: in outcome, in amount, or in one of their lines.

    A claim can differ only through a line or through a finding of its own, so only those are
    looked at.
    """
    return (
        "bt_candidates",
        "SELECT claim FROM bt_changed "
        "UNION SELECT claim FROM old_findings WHERE line IS NULL "
        "UNION SELECT claim FROM new_findings WHERE line IS NULL",
    ), (
        "bt_touched",
        f"""
SELECT o.claim, c.person, c.team, o.claimed, o.outcome AS outcome_old, n.outcome AS outcome_new,
  o.allowed AS allowed_old, n.allowed AS allowed_new, COALESCE(x.line_count, 0) AS line_count
FROM bt_candidates k
JOIN old_decided_claims o ON o.claim = k.claim
JOIN new_decided_claims n ON n.claim = k.claim
JOIN ({of.claims}) c ON c.claim = k.claim
LEFT JOIN (SELECT claim, COUNT(*) AS line_count FROM bt_changed GROUP BY claim) x
  ON x.claim = k.claim
WHERE o.outcome <> n.outcome OR o.allowed <> n.allowed OR x.line_count > 0
""",
    )


def by(key: str) -> tuple[str, str]:
    """Give the totals of a grouping, and of it what differs; an empty key is the whole."""
    keys = {"": "''", "month": "month_number"}
    of_cells = keys.get(key, key)
    of_changed = MONTH if key == "month" else keys.get(key, key)
    return (
        f"SELECT {of_cells}, SUM(line_count), SUM(claimed), SUM(allowed) "
        "FROM bt_cells GROUP BY 1 ORDER BY 1",
        f"SELECT {of_changed}, COUNT(*), COUNT(DISTINCT claim), COUNT(DISTINCT person), "
        "SUM(allowed_new - allowed_old) FROM bt_changed GROUP BY 1 ORDER BY 1",
    )


BY_RULE: Final = """
SELECT COALESCE(b.code, ''), COUNT(*), COUNT(DISTINCT c.claim), COUNT(DISTINCT c.person),
  SUM(COALESCE(c.claimed, 0)), SUM(c.allowed_old), SUM(c.allowed_new)
FROM bt_changed c
LEFT JOIN bt_blame b ON b.place = c.place
GROUP BY 1 ORDER BY 1
"""


def _counted_only(alias: str, *, has_left_out: bool) -> str:
    if not has_left_out:
        return ""
    return f"WHERE NOT EXISTS (SELECT 1 FROM bt_left_out x WHERE x.claim = {alias}.claim)"


def spoken(side: str, *, has_left_out: bool) -> str:
    """How often each rule spoke."""
    return (
        f"SELECT f.code, COUNT(*) FROM {side}_findings f "
        f"{_counted_only('f', has_left_out=has_left_out)} GROUP BY f.code ORDER BY f.code"
    )


def claims_by_outcome(side: str, *, has_left_out: bool) -> str:
    """Claims by their outcome, with what they claim and are allowed."""
    return (
        f"SELECT d.outcome, COUNT(*), SUM(d.claimed), SUM(d.allowed) FROM {side}_decided_claims d "
        f"{_counted_only('d', has_left_out=has_left_out)} GROUP BY d.outcome"
    )


def lines_by_outcome(side: str, *, has_left_out: bool) -> str:
    """Lines by their outcome."""
    return (
        f"SELECT d.outcome, COUNT(*) FROM {side}_decided_lines d "
        f"{_counted_only('d', has_left_out=has_left_out)} GROUP BY d.outcome"
    )


def people(of: Relations) -> str:
    """Count the people with a claim that counts."""
    return f"SELECT COUNT(DISTINCT person) FROM ({of.claims}) c"


OUTCOMES_OF_LINES: Final = "SELECT outcome, SUM(line_count) FROM bt_cells GROUP BY 1"
TOUCHED: Final = "SELECT COUNT(*), COUNT(DISTINCT person) FROM bt_touched"
CHANGES_OF_LINES: Final = (
    "SELECT outcome_old, outcome_new, COUNT(*) FROM bt_changed GROUP BY 1, 2 ORDER BY 1, 2"
)
CHANGES_OF_CLAIMS: Final = (
    "SELECT outcome_old, outcome_new, COUNT(*), SUM(claimed) FROM bt_touched "
    "GROUP BY 1, 2 ORDER BY 1, 2"
)


# The lists

_WAITS: Final = ", ".join(f"'{outcome.value}'" for outcome in NEEDS_PERSON)


def crossing(most: int, *, now: bool) -> str:
    """Claims that go to a person by one policy and not by the other, the largest first."""
    waits, not_yet = ("new", "old") if now else ("old", "new")
    return f"""
SELECT claim, person, team, claimed, outcome_old, outcome_new
FROM bt_touched
WHERE outcome_{waits} IN ({_WAITS}) AND outcome_{not_yet} NOT IN ({_WAITS})
ORDER BY claimed DESC, claim LIMIT {most}
"""


FLIP_ORDER: Final = "ABS(allowed_new - allowed_old) DESC, line_count DESC, claim"


def listed(most: int) -> Named:
    """The claims that are listed: the biggest differences first."""
    return "bt_listed", f"SELECT * FROM bt_touched ORDER BY {FLIP_ORDER} LIMIT {most}"


LISTED: Final = f"""
SELECT claim, person, team, claimed, outcome_old, outcome_new, allowed_old, allowed_new, line_count
FROM bt_listed ORDER BY {FLIP_ORDER}
"""


def listed_lines(most: int) -> str:
    """The first lines that differ of each listed claim."""
    return f"""
SELECT claim, line, category, spent_on, claimed, outcome_old, outcome_new, allowed_old, allowed_new
FROM (
  SELECT c.*, ROW_NUMBER() OVER (
    PARTITION BY c.claim ORDER BY ABS(c.allowed_new - c.allowed_old) DESC, c.place
  ) AS turn
  FROM bt_changed c JOIN bt_listed k ON k.claim = c.claim
) r
WHERE turn <= {most} ORDER BY claim, turn
"""


def listed_findings(side: str) -> str:
    """All findings of the listed claims."""
    return (
        "SELECT f.claim, f.line, f.code, f.effect, f.resolved_by, f.failed "
        f"FROM {side}_findings f JOIN bt_listed k ON k.claim = f.claim"
    )


_JOINED: Final = {
    "duckdb": "STRING_AGG(word, ' ' ORDER BY word)",
    "postgres": "STRING_AGG(word, ' ' ORDER BY word)",
    "bigquery": "STRING_AGG(word, ' ' ORDER BY word)",
    "spark": "LISTAGG(word, ' ') WITHIN GROUP (ORDER BY word)",
    "snowflake": "LISTAGG(word, ' ') WITHIN GROUP (ORDER BY word)",
}
"""How each dialect joins texts in order; the one thing here that has no common words."""


def all_flips(dialect: str, currency: str) -> str:
    """Every decision that differs, for a file: lines, and claims, with the rules that spoke.

    Rows of both levels stand in one table: sums are taken over one of them.
    """
    of_lines = _codes(dialect, "bt_changed", "place", "c.place = f.place")
    of_claims = _codes(dialect, "bt_touched", "claim", "c.claim = f.claim AND f.line IS NULL")
    amounts = f"""'{currency}' AS currency, t.claimed, t.allowed_old AS allowed_before,
  t.allowed_new AS allowed_after, t.allowed_new - t.allowed_old AS difference,
  t.outcome_old AS outcome_before, t.outcome_new AS outcome_after,
  old_codes.words AS findings_before, new_codes.words AS findings_after"""
    return f"""
SELECT 'line' AS level, t.claim, t.line, t.person, t.team, t.category, t.spent_on,
  {amounts}, b.code AS rule_code
FROM bt_changed t
LEFT JOIN bt_blame b ON b.place = t.place
{of_lines}
UNION ALL
SELECT 'claim', t.claim, NULL, t.person, t.team, NULL, NULL,
  {amounts}, NULL
FROM bt_touched t
{of_claims}
ORDER BY 2, 1, 3
"""


def _codes(dialect: str, table: str, owner: str, on: str) -> str:
    """Join the findings of both sides as text: `meal.cap:cap voucher.missing:review`."""
    return "\n".join(
        f"LEFT JOIN (SELECT owner, {_JOINED[dialect]} AS words FROM "
        f"(SELECT DISTINCT c.{owner} AS owner, f.code || ':' || f.effect AS word "
        f"FROM {side}_findings f JOIN {table} c ON {on}) w GROUP BY owner) {side}_codes "
        f"ON {side}_codes.owner = t.{owner}"
        for side in ("old", "new")
    )
