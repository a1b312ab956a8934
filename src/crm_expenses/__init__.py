"""Expense policy, budgets, approvals, audit and return on spending, inside a company's own CRM.

The public names, each loaded when it is first used, so that importing the package costs next to
nothing:

    policy = crm_expenses.load_policy("policy.toml")
    decision = crm_expenses.check({"claim": "C-1", ...}, policy)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_expenses.api import check, decision_dict
    from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
    from crm_expenses.core.decision import Decision, LineDecision, Outcome
    from crm_expenses.core.facts import Facts
    from crm_expenses.core.finding import Effect, Finding
    from crm_expenses.core.money import Money
    from crm_expenses.core.party import AccountManager
    from crm_expenses.core.rates import Rate
    from crm_expenses.core.voucher import Voucher, VoucherKind
    from crm_expenses.errors import ConfigError, CrmExpensesError, MappingError, PolicyError
    from crm_expenses.policyfile import load_policy, parse_policy
    from crm_expenses.rules.policy import Policy

_HOMES = {
    "check": "api",
    "decision_dict": "api",
    "Claim": "core.claim",
    "ClaimStatus": "core.claim",
    "ExpenseLine": "core.claim",
    "Decision": "core.decision",
    "LineDecision": "core.decision",
    "Outcome": "core.decision",
    "Facts": "core.facts",
    "Effect": "core.finding",
    "Finding": "core.finding",
    "Money": "core.money",
    "AccountManager": "core.party",
    "Rate": "core.rates",
    "Voucher": "core.voucher",
    "VoucherKind": "core.voucher",
    "ConfigError": "errors",
    "CrmExpensesError": "errors",
    "MappingError": "errors",
    "PolicyError": "errors",
    "load_policy": "policyfile",
    "parse_policy": "policyfile",
    "Policy": "rules.policy",
}

__all__ = [
    "AccountManager",
    "Claim",
    "ClaimStatus",
    "ConfigError",
    "CrmExpensesError",
    "Decision",
    "Effect",
    "ExpenseLine",
    "Facts",
    "Finding",
    "LineDecision",
    "MappingError",
    "Money",
    "Outcome",
    "Policy",
    "PolicyError",
    "Rate",
    "Voucher",
    "VoucherKind",
    "check",
    "decision_dict",
    "load_policy",
    "parse_policy",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
