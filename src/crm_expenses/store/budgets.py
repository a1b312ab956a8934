"""The transaction in which a person works on budgets: plans, carry-over, transfers.

It holds the store's one write lock, so that what is available is so until the end of it. Nothing
here decides; the rules are `core.budgetmove` and `core.planimport`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from crm_expenses.core.approval import Organisation
from crm_expenses.core.budget import Budget, BudgetEntry, BudgetPosition
from crm_expenses.core.budgetmove import (
    Transfer,
    TransferApproval,
    TransferCase,
    approvers_of,
    carry_name,
    carry_over,
    successors,
    transfer_problems,
    transferred,
)
from crm_expenses.core.budgetplan import NO_TERMS, PlannedBudget
from crm_expenses.core.money import Money
from crm_expenses.core.planimport import PlanImport, plan_import
from crm_expenses.errors import ConfigError
from crm_expenses.store import statements as s
from crm_expenses.store.alerting import look
from crm_expenses.store.keeping import NAME_MAX, shown
from crm_expenses.store.ledger import add_entries, positions
from crm_expenses.store.planning import write_plan
from crm_expenses.store.terms import all_terms
from crm_expenses.store.transfers import (
    TransferRow,
    TransferState,
    TransferView,
    add_approval,
    add_transfer,
    close_transfer,
    next_name,
    read_transfers,
    view,
    write_refusal,
)
from crm_expenses.store.work import Work

OPEN = "budgets.transfer_open"


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one budget that ended: how much went into which, or why nothing did.

    `why` is the code of a text, empty where an amount was carried.
    """

    old: str
    new: str = ""
    amount: Money | None = None
    why: str = ""


class BudgetWork:
    """One write transaction on the budgets of a CRM, by a person, at a moment.

    `work` is the same transaction as decisions see it: people, budgets, results to be sent.
    """

    def __init__(self, connection: Connection, crm: str, work: Work, at: datetime) -> None:
        self._connection = connection
        self._crm = crm
        self._at = at
        self.work = work
        self.moved: dict[str, BudgetPosition] = {}

    # Plans

    def compare(self, planned: Iterable[PlannedBudget], *, take_over: bool) -> PlanImport:
        """Say what a plan would change, and why it may not."""
        terms = all_terms(self._connection, self._crm)
        return plan_import(planned, self.work.reference.budgets, terms, take_over=take_over)

    def take(self, found: PlanImport, *, actor: str, said: str) -> None:
        """Write what a plan changes.

        Raises:
            ConfigError: it may not be taken, or some of it cannot be kept.
        """
        write_plan(self._connection, self._crm, found, actor=_name(actor), said=said, at=self._at)
        self.moved |= self._positions([change.after.budget.id for change in found.changes])

    # Carry-over

    def carry(self, old: str, new: str, *, day: date, actor: str, only_plan: bool) -> Carried:
        """Carry what is left of one budget into another, by the rule of its terms.

        Raises:
            ConfigError: no such budget, no rule, or the two do not fit.
        """
        source, target = self.budget(old), self.budget(new)
        rule = all_terms(self._connection, self._crm).get(old, NO_TERMS).carry
        if rule is None:
            raise ConfigError("budgets.carry_no_rule", budget=old)
        position = self._position(source)
        done = self._done([carry_name(old)])
        entries = carry_over(source, target, position, rule, day=day, done=done)
        if not entries:
            why = "carry.done" if done else "carry.nothing"
            return Carried(old, new, why=why)
        self._book(entries, actor, only_plan=only_plan)
        return Carried(old, new, entries[1].amount)

    def carry_all(self, *, day: date, actor: str, only_plan: bool) -> tuple[Carried, ...]:
        """Carry what is left of each budget that ended and has a rule into its next period's.

        Those that were carried over before are left out.
        """
        budgets = self.work.reference.budgets
        terms = all_terms(self._connection, self._crm)
        ended = [
            budgets[name]
            for name, one in terms.items()
            if one.carry is not None and name in budgets and budgets[name].end < day
        ]
        done = self._done([carry_name(budget.id) for budget in ended])
        made = []
        for old in sorted(ended, key=lambda budget: (budget.end, budget.id)):
            rule = terms[old.id].carry
            if carry_name(old.id) in done or rule is None:
                continue
            next_ones = successors(old, budgets.values())
            if len(next_ones) != 1:
                why = "carry.which" if next_ones else "carry.no_next"
                names = ", ".join(one.id for one in next_ones)
                made.append(Carried(old.id, names, why=why))
                continue
            entries = carry_over(old, next_ones[0], self._position(old), rule, day=day)
            if not entries:
                made.append(Carried(old.id, next_ones[0].id, why="carry.nothing"))
                continue
            self._book(entries, actor, only_plan=only_plan)
            made.append(Carried(old.id, next_ones[0].id, entries[1].amount))
        return tuple(made)

    # Transfers

    def ask(self, source: str, target: str, amount: Money, *, actor: str, said: str) -> TransferRow:
        """Ask that money goes from one budget into another.

        Raises:
            ConfigError: no such budget, nothing like that available, or nobody who could approve.
        """
        name = next_name(self._connection, self._crm)
        asked = Transfer(name, source, target, amount, _name(actor))
        problems = [p for p in transfer_problems(self._case(asked, ())) if p.code != OPEN]
        if problems:
            raise ConfigError.of(problems)
        add_transfer(self._connection, self._crm, asked, said, self._at)
        return self._transfer(name)

    def approve(self, name: str, *, actor: str) -> TransferRow:
        """Say yes to a transfer; the last yes makes it.

        Raises:
            ConfigError: it is closed, not for this person to approve, or not enough is left.
        """
        row = self._open(name)
        asked, who = row.transfer, _name(actor)
        if who not in self.approvers(asked):
            names = ", ".join(self.approvers(asked)) or "-"
            raise ConfigError("budgets.transfer_not_yours", transfer=name, who=who, approvers=names)
        if who in {one.approver for one in row.approvals}:
            raise ConfigError("budgets.transfer_twice", transfer=name, who=who)
        given = TransferApproval(name, asked.content, who)
        add_approval(self._connection, self._crm, given, self._at)
        case = self._case(asked, (*row.approvals, given))
        if all(problem.code != OPEN for problem in transfer_problems(case)):
            self._book(transferred(case), who, only_plan=False)
            close_transfer(self._connection, self._crm, row, TransferState.MADE)
        return self._transfer(name)

    def refuse(self, name: str, *, actor: str, said: str) -> TransferRow:
        """Say no to a transfer; who asked for it may take it back like this.

        Raises:
            ConfigError: it is closed, or not for this person to refuse.
        """
        row = self._open(name)
        who = _name(actor)
        may = (*self.approvers(row.transfer), row.transfer.requested_by)
        if who not in may:
            names = ", ".join(dict.fromkeys(may))
            raise ConfigError("budgets.transfer_not_yours", transfer=name, who=who, approvers=names)
        write_refusal(self._connection, self._crm, row, actor=who, said=said, at=self._at)
        return self._transfer(name)

    def approvers(self, asked: Transfer) -> tuple[str, ...]:
        """Give who must say yes to a transfer, the giver's first."""
        known = self.work.reference
        return approvers_of(asked, known.budgets, Organisation(known.people, {}))

    def view(self, row: TransferRow) -> TransferView:
        """Add to a transfer who must say yes to it."""
        known = self.work.reference
        return view(row, known.budgets, known.people)

    def _case(self, asked: Transfer, given: Sequence[TransferApproval]) -> TransferCase:
        source, target = self.budget(asked.source), self.budget(asked.target)
        organisation = Organisation(self.work.reference.people, {})
        return TransferCase(asked, source, target, self._position(source), given, organisation)

    def _transfer(self, name: str) -> TransferRow:
        known = _name(name)
        found = read_transfers(self._connection, self._crm, known) if known else ()
        if not found:
            raise ConfigError("budgets.transfer_none", transfer=name or "-")
        return found[0]

    def _open(self, name: str) -> TransferRow:
        row = self._transfer(name)
        if row.state is not TransferState.ASKED:
            raise ConfigError("budgets.transfer_closed", transfer=name, state=row.state.value)
        return row

    # What they share

    def budget(self, name: str) -> Budget:
        """Give a budget by its id.

        Raises:
            ConfigError: there is none.
        """
        found = self.work.reference.budgets.get(name)
        if found is None:
            raise ConfigError("budgets.unknown", budget=name or "-")
        return found

    def _positions(self, names: Sequence[str]) -> dict[str, BudgetPosition]:
        found: dict[str, BudgetPosition] = {}
        for some in s.portions(names):
            found |= positions(self._connection, self._crm, some)
        return found

    def _position(self, of: Budget) -> BudgetPosition:
        """Give where a budget stands, with what was only planned so far."""
        held = self.moved.get(of.id) or self._positions([of.id]).get(of.id)
        return held or BudgetPosition(of.id, of.amount.currency)

    def _done(self, names: Sequence[str]) -> set[str]:
        of = {"of_crm": self._crm}
        return {
            move
            for some in s.portions(names)
            for move in self._connection.execute(s.MOVES, of | {"of_names": some}).scalars()
        }

    def _book(self, entries: Sequence[BudgetEntry], actor: str, *, only_plan: bool) -> None:
        """Add the entries of a move, and tell of the thresholds that they cross."""
        known = self.work.reference
        if only_plan:
            for entry in entries:
                before = self._position(known.budgets[entry.budget])
                self.moved[entry.budget] = before.after(entry)
            return
        stamp = self._at.isoformat()
        moved = add_entries(self._connection, self._crm, entries, stamp, actor=_name(actor))
        look(
            self._connection,
            self._crm,
            moved,
            budgets=known.budgets,
            people=known.people,
            at=self._at,
        )
        self.moved |= moved


def _name(actor: str) -> str:
    return shown(actor, NAME_MAX)
