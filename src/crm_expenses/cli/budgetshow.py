"""What the commands on budgets show: changes of a plan, carry-over, transfers, alerts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.figures import plain_amount
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.core.budgetplan import COLUMNS, plan_cells
from crm_expenses.core.planimport import PlanChange, PlanImport
from crm_expenses.errors import Problem

if TYPE_CHECKING:
    from crm_expenses.pipeline.budgets import AlertRow, Carried, TransferView

TRANSFER_COLUMNS = (
    Column("transfer.id"),
    Column("transfer.from"),
    Column("transfer.to"),
    Column("transfer.amount", is_number=True),
    Column("transfer.by"),
    Column("transfer.on"),
    Column("transfer.state"),
    Column("transfer.waiting_for"),
    Column("transfer.why"),
)


def show_import(
    found: PlanImport, file: Path, screen: Screen, *, only_plan: bool, as_json: bool
) -> None:
    """Show what a plan changes, or would change, and why it may not."""
    if as_json:
        screen.give(
            {
                "file": str(file),
                "written": not only_plan,
                "changes": [_change(one) for one in found.changes],
                "same": found.same,
                "problems": [_problem(one) for one in found.problems],
            }
        )
        return
    for one in found.changes:
        after = str(one.after.budget.amount)
        told = {"budget": one.after.budget.id, "after": after, "fields": _fields(one, screen)}
        screen.say(screen.text(f"plan.change_{one.kind.value}", **told))
    for problem in found.problems:
        screen.warn(problem.describe(screen.language))
    counts = {"count": str(len(found.changes)), "same": str(found.same)}
    code = "plan.would_take" if only_plan else "plan.taken"
    screen.say(screen.text(code, path=str(file), **counts))


def show_carried(
    made: Sequence["Carried"], screen: Screen, *, only_plan: bool, as_json: bool
) -> None:
    """Show what was carried over, or would be, and why the rest was not."""
    if as_json:
        screen.give({"written": not only_plan, "carried": [_carried(one) for one in made]})
        return
    for one in made:
        if one.amount is None:
            screen.say(screen.text(one.why, old=one.old, new=one.new))
        else:
            told = {"old": one.old, "new": one.new, "amount": str(one.amount)}
            screen.say(screen.text("carry.would" if only_plan else "carry.made", **told))
    if not made:
        screen.say(screen.text("carry.none"))


def show_transfers(found: Sequence["TransferView"], screen: Screen, *, as_json: bool) -> None:
    """Show transfers, and who must still say yes."""
    if as_json:
        screen.give({"transfers": [transfer_json(one) for one in found]})
        return
    if not found:
        screen.say(screen.text("transfer.none"))
        return
    screen.table(TRANSFER_COLUMNS, [_transfer_row(one, screen) for one in found])


def show_transfer(of: "TransferView", code: str, screen: Screen, *, as_json: bool) -> None:
    """Show what became of one transfer just now."""
    if as_json:
        screen.give(transfer_json(of))
        return
    asked = of.row.transfer
    told = {"source": asked.source, "target": asked.target, "amount": str(asked.amount)}
    names = ", ".join(of.waiting_for)
    screen.say(screen.text(code, transfer=asked.id, names=names, **told))


def show_alerts(found: Sequence["AlertRow"], screen: Screen, *, as_json: bool) -> None:
    """Show who was told which crossing, in words."""
    if as_json:
        screen.give({"alerts": [_alert(one) for one in found]})
        return
    for one in found:
        said = screen.text(f"notice.{one.code}", **one.values)
        told = {"seq": str(one.seq), "at": one.at[:10], "text": said}
        person = one.person or screen.text("alert.nobody")
        screen.say(screen.text("alert.line", person=person, **told))
    if not found:
        screen.say(screen.text("alert.none"))


def transfer_json(of: "TransferView") -> dict[str, object]:
    """Give a transfer as plain values."""
    asked = of.row.transfer
    return {
        "transfer": asked.id,
        "from": asked.source,
        "to": asked.target,
        "amount": plain_amount(asked.amount.minor, asked.amount.currency),
        "currency": asked.amount.currency,
        "asked_by": asked.requested_by,
        "asked_at": of.row.at.isoformat(),
        "reason": of.row.said,
        "state": of.row.state.value,
        "approvers": list(of.approvers),
        "approved_by": [one.approver for one in of.row.approvals],
        "waiting_for": list(of.waiting_for),
    }


def _transfer_row(of: "TransferView", screen: Screen) -> tuple[str, ...]:
    asked, said = of.row.transfer, of.row.said
    return (
        asked.id,
        asked.source,
        asked.target,
        str(asked.amount),
        asked.requested_by,
        of.row.at.date().isoformat(),
        screen.text(f"transfer.state_{of.row.state.value}"),
        ", ".join(of.waiting_for) or "-",
        screen.text("transfer.erased") if said is None else said,
    )


def _alert(of: "AlertRow") -> dict[str, object]:
    return {
        "seq": of.seq,
        "at": of.at,
        "person": of.person,
        "code": of.code,
        **of.values,
    }


def _carried(of: "Carried") -> dict[str, object]:
    amount = of.amount
    return {
        "old": of.old,
        "new": of.new,
        "amount": plain_amount(amount.minor, amount.currency) if amount else None,
        "currency": amount.currency if amount else None,
        "why": of.why or None,
    }


def _fields(of: PlanChange, screen: Screen) -> str:
    """Give what differs, by the columns of a plan."""
    told = [
        screen.text("plan.field", name=name, before=before or "-", after=after or "-")
        for name, before, after in _differences(of)
    ]
    return "; ".join(told) or screen.text("plan.no_field")


def _differences(of: PlanChange) -> list[tuple[str, str, str]]:
    if of.before is None:
        return []
    cells = zip(COLUMNS, plan_cells(of.before), plan_cells(of.after), strict=True)
    return [(name, before, after) for name, before, after in cells if before != after]


def _change(of: PlanChange) -> dict[str, object]:
    return {
        "budget": of.after.budget.id,
        "kind": of.kind.value,
        "before": None if of.before is None else _columns(plan_cells(of.before)),
        "after": _columns(plan_cells(of.after)),
    }


def _columns(cells: Sequence[str]) -> dict[str, str]:
    return dict(zip(COLUMNS, cells, strict=True))


def _problem(of: Problem) -> dict[str, object]:
    return {
        "code": of.code,
        "line": of.place.line,
        "en": of.describe("en"),
        "zh": of.describe("zh"),
    }
