"""Budgets, and where they stand."""

from trytond.model import ModelSQL, ModelView, fields

from .words import Coded, Words


class Budget(Coded, ModelSQL, ModelView):
    """What a person or a team may spend in a period."""

    __name__ = "crm_expenses.budget"
    _rec_name = "name"

    name = Words("Name")
    scope = fields.Selection(
        [
            ("person", "Person"),
            ("team", "Team"),
            ("company", "Company"),
            ("account", "Account"),
        ],
        "Scope",
        required=True,
    )
    owner = Words("Owner")
    start = fields.Date("Start")
    end = fields.Date("End")
    category = Words("Category")
    hard = fields.Boolean("Hard limit")
    amount = fields.Numeric("Amount")
    currency = Words("Currency")
    check_currency = Words("Currency")
    allocated = fields.Numeric("Allocated")
    committed = fields.Numeric("Committed")
    spent = fields.Numeric("Spent")
    available = fields.Numeric("Available")
