"""A plan in the making: its frames, and the words that all its parts share."""

from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql.base import Steps, ordered_rules, stems
from crm_expenses.rules.sql.cell import FROM_OTHERS, Cell, CellKind, closure
from crm_expenses.rules.sql.claim_rows import Claims
from crm_expenses.rules.sql.dialect import Dialect
from crm_expenses.rules.sql.line_rows import Lines
from crm_expenses.rules.sql.state import Plan, State
from crm_expenses.rules.sql.tables import Lookups
from crm_expenses.rules.sql.text import FAILED, Sql


class Draft:
    """A policy for one dialect, with the cells that it has so far."""

    def __init__(
        self,
        policy: Policy,
        dialect: Dialect,
        *,
        absent: frozenset[str],
        flat: frozenset[str],
        is_single: bool,
        by_place: bool,
    ) -> None:
        steps = Steps()
        lookups = Lookups(policy.parameters, policy.catalogue, dialect)
        self.policy = policy
        self.own = dialect
        self.lines = lines = Lines(policy, dialect, lookups, steps, absent, flat, by_place=by_place)
        self.claims = Claims(lines)
        self.plan = Plan(lines, self.claims, steps, is_single=is_single)
        lines.of_claim = self.of_claim
        self.stems = stems(policy)
        self.rules = ordered_rules(policy)

    def cell(self, name: str, sql: Sql | str, needs: frozenset[str] | None = None) -> str:
        """Add a cell of the lines and give its name."""
        if isinstance(sql, Sql):
            return self.lines.row(name, sql.text, sql.needs)
        return self.lines.row(name, sql, needs or frozenset())

    def keep(self, state: State) -> None:
        """Add the state of a rule on lines."""
        self.plan.states.append(state)

    def rejected(self, test: Sql) -> Sql:
        """Give a name to what says that a line is rejected, if it is long."""
        known = self.lines.bind(test, "rejected")
        if known.text in self.lines.cells:
            self.plan.quiet[known.text] = "FALSE"
        return known

    def is_late(self, needs: frozenset[str]) -> bool:
        """Say whether something waits for other lines, for days or for the claim."""
        cells = self.lines.cells
        return any(cells[name].kind in FROM_OTHERS for name in closure(cells, needs))

    def of_claim(self, name: str) -> Sql:
        """Bring a fact of the claim down to its lines."""
        if self.plan.is_single:
            return self._of_only_line(name)
        found = self.claims.read(name)
        text = self.claims.bind(found, "down")
        needs = text.needs
        value = self.down(text.text, needs)
        fail = self.down(text.fail, needs) if text.fail is not None else None
        cells = frozenset({value} | ({fail} if fail else set()))
        return Sql(value, cells, fail, may_lack=True)

    def _of_only_line(self, name: str) -> Sql:
        """Give what the claim's only line gives."""
        head, _, listed = name.partition(":")
        own, lines = self.own, self.lines
        amount, category = lines.read("amount"), lines.read("category")
        if head == "claim_total":
            return amount
        if head == "claim_lines":
            return Sql(own.long(1))
        words = ", ".join(own.text(word) for word in listed.split(","))
        is_in = f"{category.text} IN ({words})"
        if head == "count_of":
            return Sql(f"(CASE WHEN {is_in} THEN 1 ELSE 0 END)", category.needs)
        fail = f"CASE WHEN {is_in} AND {amount.text} IS NULL THEN {FAILED['missing']} END"
        text = f"(CASE WHEN {is_in} THEN {amount.text} ELSE 0 END)"
        return Sql(text, category.needs | amount.needs, fail, may_lack=True)

    def down(self, text: str, needs: frozenset[str]) -> str:
        """Add a cell of the lines that has the value of a cell of the claim."""
        if text not in self.claims.cells:
            text = self.claims.row(f"k_down_{len(self.claims.cells)}", text, needs)
        name = f"of_{text}"
        self.lines.cells.setdefault(name, Cell(name, CellKind.DOWN, text, frozenset({text})))
        return name
