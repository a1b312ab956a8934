"""What all writes of records have in common: their calls, and what their failures mean."""

from typing import Final

from crm_expenses.adapters.contract import WriteBack
from crm_expenses.adapters.zoho.asking import Asking
from crm_expenses.adapters.zoho.credits import cost_of_writes, is_heavy_write
from crm_expenses.adapters.zoho.judging import zoho_code
from crm_expenses.adapters.zoho.outcomes import Became, RowOutcome
from crm_expenses.adapters.zoho.wire import Call
from crm_expenses.errors import CrmExpensesError, Problem

ROWS_MAX: Final = 100
"""Rows of one call; each ten of them cost a credit."""


def write_call(asking: Asking, method: str, path: str, body: object, rows: int) -> Call:
    """Make the call of a write; whether it had its effect is looked up, so it goes once."""
    return Call(
        method,
        asking.path(path),
        json=body,
        credits=cost_of_writes(rows),
        is_heavy=is_heavy_write(rows),
        repeatable=False,
    )


def refused_by(error: CrmExpensesError) -> RowOutcome:
    """Give what became of a row whose whole call was refused."""
    detail = error.problems[0].values.get("detail", "") or error.describe()
    return RowOutcome(Became.REFUSED, code=zoho_code(error), detail=detail)


def of_write(fault: Problem, write: WriteBack) -> Problem:
    """Add to a problem the record that was to be written."""
    return Problem(fault.code, {**fault.values, "record": write.record})
