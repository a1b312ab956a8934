"""The names that a rule may read: type, unit, whether it may be missing, and the meaning.

The list is closed; a policy adds facts of its own under `[fact.NAME]` and windows under
`[window.NAME]`. A name that may be missing can be read only behind `present(name) and ...` or as
`default(name, value)`. A name that is not certain (a grade, a rate of exchange) is one that every
line should have: a rule that reads it where it is absent fails, and the line goes to a person.
"""

from crm_expenses.rules.catalogue.make import CHOICES_TAKEN, CURRENCY_CODES, catalogue
from crm_expenses.rules.catalogue.name import (
    COUNT_MAX,
    DAY_ONLY,
    LINE_AND_DAY,
    Catalogue,
    Name,
    RuleScope,
)

__all__ = [
    "CHOICES_TAKEN",
    "COUNT_MAX",
    "CURRENCY_CODES",
    "DAY_ONLY",
    "LINE_AND_DAY",
    "Catalogue",
    "Name",
    "RuleScope",
    "catalogue",
]
