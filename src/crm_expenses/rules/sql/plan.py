"""A policy as cells: counters, entitlements, rules by stage, measures, and what becomes of a claim.

The order of computing is not written here: it follows from what each cell needs (`schedule`).
"""

from crm_expenses.core.finding import Effect
from crm_expenses.rules.judge import NO_RATE, UNCOVERED
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql.counted import count, vouchers
from crm_expenses.rules.sql.dialect import Dialect
from crm_expenses.rules.sql.draft import Draft
from crm_expenses.rules.sql.entitled import entitled
from crm_expenses.rules.sql.judged import judged, measured, staged
from crm_expenses.rules.sql.outcome import of_claims, of_lines
from crm_expenses.rules.sql.state import Kept, Plan, State
from crm_expenses.rules.sql.text import Sql
from crm_expenses.rules.sql.verdict import FOUND


class Planner:
    """Makes the plan of one policy for one dialect."""

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
        self._draft = Draft(
            policy, dialect, absent=absent, flat=flat, is_single=is_single, by_place=by_place
        )

    def make(self) -> Plan:
        """Give the plan."""
        draft = self._draft
        lines = draft.lines
        for counter in draft.policy.counters.values():
            name = f"f_{counter.name}"
            lines.given[counter.name] = Sql(name, frozenset({name}), may_lack=True)
        for name in ("f_entitled", "f_allowed"):
            lines.given[name.removeprefix("f_")] = Sql(
                name, frozenset({name}), may_lack=name == "f_entitled"
            )
        uses = "f_voucher_uses_before"
        lines.given["voucher_uses_before"] = Sql(uses, frozenset({uses}))
        if not draft.policy.counts_vouchers:
            lines.row(uses, draft.own.long(0), frozenset())
        _built_in(draft)
        for counter in draft.policy.counters.values():
            count(draft, counter)
        if draft.policy.counts_vouchers:
            vouchers(draft)
        left = entitled(draft)
        left = judged(draft, left)
        left = staged(draft, left)
        lines.row("f_allowed", left, frozenset({left}))
        measured(draft)
        of_lines(draft)
        of_claims(draft)
        return draft.plan


def _built_in(draft: Draft) -> None:
    """Add what no rule says: an amount without a rate, a category without a rule."""
    lines = draft.lines
    amount = lines.read("amount")
    cell = draft.cell(
        "no_rate", f"(CASE WHEN {amount.text} IS NULL THEN 1 ELSE 0 END)", amount.needs
    )
    draft.keep(State(NO_RATE, cell, FOUND, Effect.REVIEW, frozenset({cell})))
    covered = [name for name in draft.policy.categories if draft.policy.covers(name)]
    is_on = lines.is_category(covered)
    cell = draft.cell("uncovered", f"(CASE WHEN {is_on.text} THEN 0 ELSE 1 END)", is_on.needs)
    draft.keep(State(UNCOVERED, cell, FOUND, Effect.REVIEW, frozenset({cell})))


__all__ = ["Kept", "Plan", "Planner", "State"]
