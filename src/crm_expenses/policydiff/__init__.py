"""What changed between two policies, in words: rules, figures, categories, approvals, examples.

Rules are compared by code and part: the expression, its condition, the effect, the window. Figures
are compared by what is in force, day by day and key by key, and not by how the file writes them.
Last come the worked examples of both policies that the new one decides otherwise.
"""

from crm_expenses.policydiff.changes import (
    Change,
    ExampleChange,
    FigureChange,
    PartChange,
    PolicyDiff,
    ValueChange,
)
from crm_expenses.policydiff.compare import compare
from crm_expenses.policydiff.output import diff_document, diff_json, diff_markdown, diff_text

__all__ = [
    "Change",
    "ExampleChange",
    "FigureChange",
    "PartChange",
    "PolicyDiff",
    "ValueChange",
    "compare",
    "diff_document",
    "diff_json",
    "diff_markdown",
    "diff_text",
]
