"""Which tables tell more of a line, and how they are joined with the lines."""

from crm_expenses.rules.catalogue import RuleScope
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql.base import Base, Steps, people_join, stems
from crm_expenses.rules.sql.cell import Cell, CellKind
from crm_expenses.rules.sql.dialect import Dialect, Fn
from crm_expenses.rules.sql.script import Step
from crm_expenses.rules.sql.tables import Lookups
from crm_expenses.rules.sql.text import Sql
from crm_expenses.rules.sql.trips import SPANS, numbers, spans


class LineTables(Base):
    """The lines, and how the tables are joined with them that tell more of a line."""

    scope = RuleScope.LINE

    def __init__(
        self,
        policy: Policy,
        dialect: Dialect,
        lookups: Lookups,
        steps: Steps,
        absent: frozenset[str],
        flat: frozenset[str],
        *,
        by_place: bool,
    ) -> None:
        super().__init__(policy, dialect, lookups, steps)
        self.by_place = by_place
        self.absent = absent
        self.flat = flat

    @property
    def is_lean(self) -> bool:
        """Whether the script is written for speed, for the one engine that we tune for."""
        return self.by_place and self.dialect.name == "duckdb"

    # Tables

    def claims(self) -> str:
        """Join the claims; give the alias that their columns are read by."""
        if "claims" in self.flat:
            return "l"
        self.steps.tables.add("claims")
        return self.join("c", "JOIN claims AS c ON c.claim = l.claim")

    def people(self) -> str:
        """Join the person of the claim; give the alias."""
        self.steps.tables.add("people")
        c = self.claims()
        return self.join("p", people_join(c), c)

    def vouchers(self) -> str:
        """Join the voucher of the line; give the alias."""
        if "vouchers" in self.flat:
            return "l"
        self.steps.tables.add("vouchers")
        return self.join("v", "LEFT JOIN vouchers AS v ON v.voucher = NULLIF(l.voucher, '')")

    def trips(self) -> str:
        """Join the span of the line's trip; give the alias."""
        self.steps.add(numbers())
        self.steps.add(spans(self.dialect), "trips", "trip_legs")
        return self.join("t", f"LEFT JOIN {SPANS} AS t ON t.trip = NULLIF(l.trip, '')")

    def approved(self) -> str:
        """Join the pre-approval that covers the line; give the alias."""
        c = self.claims()
        own, home = self.dialect, self.policy.currency
        self.rates()
        minor = (
            f"CASE WHEN a.amount IS NULL THEN NULL WHEN a.currency = {own.text(home)} THEN a.amount"
            f" ELSE {self.converted('a.amount', 'r')} END"
        )
        same = "\n    AND ".join(
            f"(NULLIF(a.{name}, '') IS NULL OR a.{name} = l.{name})"
            for name in ("category", "account", "opportunity", "trip")
        )
        claims = "" if c == "l" else "  JOIN claims AS c ON c.claim = l.claim\n"
        query = f"""WITH fitting AS (
  SELECT l.place, a.pre_approval, {minor} AS minor
  FROM expense_lines AS l
{claims}  JOIN pre_approvals AS a ON a.person = {c}.person
  LEFT JOIN rates AS r ON r.currency = a.currency AND r.rate_day <= l.spent_on
    AND (r.until_day IS NULL OR l.spent_on < r.until_day)
  WHERE a.granted_by <> {c}.person AND l.spent_on <= a.ends_on
    AND (a.starts_on IS NULL OR a.starts_on <= l.spent_on)
    AND {same}
), best AS (
  SELECT place, pre_approval, minor, ROW_NUMBER() OVER (
    PARTITION BY place
    ORDER BY CASE WHEN minor IS NULL THEN 1 ELSE 0 END, minor DESC,
      {own(Fn.ORDERED, "pre_approval")}) AS n
  FROM fitting
)
SELECT place, pre_approval, minor FROM best WHERE n = 1"""
        note = ("the pre-approval that covers a line: the largest amount, then the first by id",)
        self.steps.add(Step("approved", query, note), "pre_approvals")
        return self.join("a", "LEFT JOIN approved AS a ON a.place = l.place")

    def position(self) -> str:
        """Join the budget position of the line; give the alias."""
        self.steps.tables.add("budget_positions")
        return self.join(
            "b", "LEFT JOIN budget_positions AS b ON b.claim = l.claim AND b.line = l.line"
        )

    def waived(self, stem: str) -> Sql | None:
        """Say whether a waiver covers a line for a rule; None without waivers."""
        if "waivers" in self.absent:
            return None
        self._waivers()
        self.join("w", "LEFT JOIN waived AS w ON w.place = l.place")
        name = f"waived_{stem}"
        self.source(name, f"COALESCE(w.w_{stem}, 0)", ("w",))
        return Sql(name, frozenset({name}))

    def _waivers(self) -> None:
        c = self.claims()
        own = self.dialect
        flags = ",\n  ".join(
            f"MAX(CASE WHEN w.rule_code = {own.text(code)} THEN 1 ELSE 0 END) AS w_{stem}"
            for code, stem in stems(self.policy).items()
        )
        claims = "" if c == "l" else "JOIN claims AS c ON c.claim = l.claim\n"
        named = " AND ".join(
            f"(NULLIF(w.{name}, '') IS NULL OR w.{name} = {column})"
            for name, column in (
                ("person", f"{c}.person"),
                ("claim", "l.claim"),
                ("line", "l.line"),
            )
        )
        query = f"""SELECT l.place, {flags}
FROM expense_lines AS l
{claims}JOIN waivers AS w ON {named}
WHERE w.granted_by <> {c}.person AND l.spent_on <= w.ends_on
  AND (w.starts_on IS NULL OR w.starts_on <= l.spent_on)
  AND COALESCE(NULLIF(w.person, ''), NULLIF(w.claim, ''), NULLIF(w.line, '')) IS NOT NULL
GROUP BY l.place"""
        note = ("the rules that a waiver lets pass, by line",)
        self.steps.add(Step("waived", query, note), "waivers")

    def place(self, name: str, words: tuple[str, ...]) -> Sql | None:
        """Give the place of a word where the table is read, so that no rule compares texts."""
        plain = ("category", "currency", "city", "payment", "travel_class")
        if not self.by_place or not words:
            return None
        if name in plain:
            alias, column = "l", name
        elif name in ("grade", "team"):
            alias, column = self.people(), name
        elif name == "voucher_kind":
            alias, column = self.vouchers(), "kind"
        else:
            return None
        inner = self.inner.setdefault(alias, {})
        text = self.dialect.place(words, column)
        known = next((key for key, held in inner.items() if held == text), None)
        if known is None:
            known = f"{column}_no" if f"{column}_no" not in inner else f"{column}_no{len(inner)}"
            inner[known] = text
        value = f"{alias}.{known}"
        if alias != "l":
            other = words.index("none") + 1 if "none" in words else 0
            value = f"COALESCE({value}, {other})"
        found = self.column(f"{name}_{known}", value, alias, lacks=False)
        if name == "voucher_kind" and alias == "l":
            none = words.index("none") + 1 if "none" in words else 0
            self.cells[found.text] = Cell(
                found.text,
                CellKind.SOURCE,
                f"(CASE WHEN NULLIF(l.kind, '') IS NULL THEN {none} ELSE {value} END)",
                frozenset(),
            )
        return found
