"""The names of a claim as a whole."""

from crm_expenses.core.money import exponent
from crm_expenses.rules.catalogue.line import AGE_MAX
from crm_expenses.rules.catalogue.name import CLAIM_ONLY, EVERYWHERE, Name, count
from crm_expenses.rules.tree import DATE, quantity


def claim_names(currency: str) -> list[Name]:
    """Give the names."""
    top = 10**15
    return [
        Name(
            "claim_total",
            quantity(currency, exponent(currency)),
            ("sum of the claim's lines, in the policy's currency", "报销单合计"),
            low=-top,
            high=top,
            scopes=EVERYWHERE,
            is_certain=False,
        ),
        Name(
            "claim_allowed",
            quantity(currency, exponent(currency)),
            ("sum of what is allowed of the claim's lines", "报销单允许金额合计"),
            low=-top,
            high=top,
            scopes=CLAIM_ONLY,
            is_result=True,
        ),
        count(
            "claim_lines",
            "line",
            ("number of the claim's lines", "报销单明细数"),
            scopes=EVERYWHERE,
        ),
        Name(
            "first_date",
            DATE,
            ("earliest day of spending", "最早消费日期"),
            scopes=CLAIM_ONLY,
            may_be_missing=True,
        ),
        Name(
            "last_date",
            DATE,
            ("latest day of spending", "最晚消费日期"),
            scopes=CLAIM_ONLY,
            may_be_missing=True,
        ),
        Name(
            "oldest_days",
            quantity("day"),
            ("days from the earliest spending to the submission", "最早消费到提交的天数"),
            may_be_missing=True,
            low=-AGE_MAX,
            high=AGE_MAX,
            scopes=CLAIM_ONLY,
        ),
    ]
