"""Where each kind stands in the organisation, and which fields it has there: data, nothing else.

Three read it: the mapping (which field is read as what), the set-up (what is to be created) and
`doctor`. A field of a standard module is there already (`is_own` False); what is own is created by
`crm setup`. Every name can be another one in an organisation: `[crm.NAME.modules]` and
`[crm.NAME.fields.KIND]` say so.
"""

from collections.abc import Mapping
from typing import Final

from crm_expenses.adapters.files.shape import EXTRA
from crm_expenses.adapters.zoho.moduleshape import (
    LONG_CHARS,
    TEXT_CHARS,
    Field,
    Module,
    link,
    own,
    pick,
    there,
    user,
)
from crm_expenses.core.budget import AtLimit, BudgetScope
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.given_approval import Verdict
from crm_expenses.core.record import Kind
from crm_expenses.core.trip import MealBy, Night
from crm_expenses.core.voucher import VoucherKind

USERS: Final = "Users"
"""The name of the users' module in the metadata; they are read by an API of their own."""

STATUS: Final = f"{EXTRA}.status"
"""Under this name stands the state of a user who is not active."""
EXTERNAL_ID: Final = "External_Id"
LABEL_CHARS_MAX: Final = 25
"""Of the label of a module; the platform's own bound."""


_ID: Final = there("id", "id", "bigint")
_NAME: Final = there("", "Name", "text", length=TEXT_CHARS)
_EXTERNAL: Final = own("", "External Id", "text", unique=True, external=True)
_CURRENCY: Final = own("amount_currency", "Currency Code", "text", length=3)


def _named(ours: str) -> Field:
    return there(ours, "Name", "text", length=TEXT_CHARS)


def _results_of(kind: str, *more: Field, amounts: tuple[str, ...]) -> tuple[Field, ...]:
    """Give the fields of a result; its amounts share one field for their currency."""
    currency = " ".join(f"{kind}.{one}_currency" for one in amounts)
    return (*more, own(currency, "Check Currency", "text", length=3))


def _findings(kind: str) -> tuple[Field, ...]:
    return (
        own(f"{kind}.outcome", "Check Outcome", "text", length=50),
        own(f"{kind}.claimed", "Claimed", "currency"),
        own(f"{kind}.allowed", "Allowed", "currency"),
        own(f"{kind}.findings_en", "Findings EN", "textarea", length=LONG_CHARS),
        own(f"{kind}.findings_zh", "Findings ZH", "textarea", length=LONG_CHARS),
    )


_CLAIM_RESULT: Final = _results_of(
    "claim_result",
    *_findings("claim_result"),
    own("claim_result.state", "Check State", "text", length=50),
    own("claim_result.waiting_for", "Waiting For", "textarea"),
    own("claim_result.policy", "Policy Version", "text"),
    own("claim_result.decision", "Decision Id", "text"),
    own("claim_result.content_code", "Content Code", "text", length=50),
    own("claim_result.approved", "Approved Amount", "currency"),
    own("claim_result.refused", "Refused Lines", "textarea"),
    amounts=("claimed", "allowed", "approved"),
)
_LINE_RESULT: Final = _results_of(
    "line_result", *_findings("line_result"), amounts=("claimed", "allowed")
)
_BUDGET_AMOUNTS: Final = ("allocated", "committed", "spent", "available")
_BUDGET_RESULT: Final = _results_of(
    "budget_result",
    *(own(f"budget_result.{one}", one.capitalize(), "currency") for one in _BUDGET_AMOUNTS),
    amounts=_BUDGET_AMOUNTS,
)


YES_NO: Final = ("Yes", "No")

STAGES: Final[Mapping[str, str]] = {
    "Qualification": "open",
    "Needs Analysis": "open",
    "Value Proposition": "open",
    "Identify Decision Makers": "open",
    "Id. Decision Makers": "open",
    "Perception Analysis": "open",
    "Proposal/Price Quote": "open",
    "Proposal/Quote": "open",
    "Negotiation/Review": "open",
    "Closed Won": "won",
    "Closed Lost": "lost",
    "Closed Lost to Competition": "lost",
    "Closed-Lost to Competition": "lost",
}
"""The stages that the platform ships, and what they mean here. `[crm.NAME.stages]` adds others."""

_MODULES: Final = (
    Module(
        Kind.ACCOUNT_MANAGER,
        USERS,
        "User",
        "Users",
        (
            _ID,
            there("name", "full_name", "text", length=TEXT_CHARS),
            there("team", "role", "lookup"),
            there("manager", "Reporting_To", "userlookup"),
            there("city", "city", "text", length=TEXT_CHARS),
            there(STATUS, "status", "picklist"),
        ),
        is_own=False,
    ),
    Module(
        Kind.ACCOUNT,
        "Accounts",
        "Account",
        "Accounts",
        (
            _ID,
            there("name", "Account_Name", "text", length=TEXT_CHARS),
            there("owner", "Owner", "ownerlookup", lookup=Kind.ACCOUNT_MANAGER),
            there("industry", "Industry", "picklist"),
            there("city", "Billing_City", "text", length=TEXT_CHARS),
        ),
        is_own=False,
    ),
    Module(
        Kind.OPPORTUNITY,
        "Deals",
        "Deal",
        "Deals",
        (
            _ID,
            there("owner", "Owner", "ownerlookup", lookup=Kind.ACCOUNT_MANAGER),
            there("stage", "Stage", "picklist", options=tuple(STAGES)),
            there("account", "Account_Name", "lookup", lookup=Kind.ACCOUNT),
            there("name", "Deal_Name", "text", length=TEXT_CHARS),
            there("amount", "Amount", "currency"),
            there("opened", "Created_Time", "datetime"),
            there("closed", "Closing_Date", "date"),
        ),
        is_own=False,
    ),
    Module(
        Kind.SATISFACTION,
        "Satisfaction_Scores",
        "Satisfaction Score",
        "Satisfaction Scores",
        (
            _ID,
            _NAME,
            link("account", "Account", Kind.ACCOUNT),
            own("day", "Day", "date"),
            own("score", "Score", "double", decimals=4),
            _EXTERNAL,
        ),
    ),
    Module(
        Kind.COST,
        "Person_Costs",
        "Person Cost",
        "Person Costs",
        (
            _ID,
            _NAME,
            user("person", "Person"),
            own("month", "Month", "date"),
            own("kind", "Cost Kind", "text"),
            own("amount", "Amount", "currency"),
            _CURRENCY,
            _EXTERNAL,
        ),
    ),
    Module(
        Kind.RATE,
        "Expense_Rates",
        "Expense Rate",
        "Expense Rates",
        (
            _ID,
            _NAME,
            own("currency", "Currency Code", "text", length=3),
            own("into", "Into Currency", "text", length=3),
            own("day", "Day", "date"),
            own("rate", "Rate", "double", decimals=9),
            own("source", "Source", "textarea"),
            _EXTERNAL,
        ),
        is_default=False,
    ),
    Module(
        Kind.BUDGET,
        "Expense_Budgets",
        "Expense Budget",
        "Expense Budgets",
        (
            _ID,
            _named("name"),
            pick("scope", "Scope", BudgetScope),
            own("start", "Start Date", "date"),
            own("end", "End Date", "date"),
            own("amount", "Amount", "currency"),
            _CURRENCY,
            own("owner", "Budget For", "text"),
            own("category", "Category", "text"),
            own("hard", "Hard", "boolean"),
            user("responsible", "Responsible"),
            link("account", "Account", Kind.ACCOUNT),
            pick("at_limit", "At Limit", AtLimit),
            *_BUDGET_RESULT,
            _EXTERNAL,
        ),
    ),
    Module(
        Kind.PRE_APPROVAL,
        "Pre_Approvals",
        "Pre Approval",
        "Pre Approvals",
        (
            _ID,
            _NAME,
            user("person", "Person"),
            user("granted_by", "Granted By"),
            own("until", "Until", "date"),
            own("start", "Start Date", "date"),
            own("category", "Category", "text"),
            link("account", "Account", Kind.ACCOUNT),
            link("opportunity", "Deal", Kind.OPPORTUNITY),
            own("trip", "Trip", "text"),
            own("amount", "Amount", "currency"),
            _CURRENCY,
            _EXTERNAL,
        ),
        is_default=False,
    ),
    Module(
        Kind.TRIP_LEG,
        "Trip_Legs",
        "Trip Leg",
        "Trip Legs",
        (
            _ID,
            _NAME,
            own("trip", "Trip", "text"),
            own("departs", "Departs", "datetime"),
            own("arrives", "Arrives", "datetime"),
            own("origin", "Origin", "text"),
            own("destination", "Destination", "text"),
            _EXTERNAL,
        ),
        is_default=False,
    ),
    Module(
        Kind.TRIP_NOTE,
        "Trip_Notes",
        "Trip Note",
        "Trip Notes",
        (
            _ID,
            _NAME,
            own("trip", "Trip", "text"),
            own("day", "Day", "date"),
            pick("night", "Night", Night),
            own("place", "Place", "text"),
            pick("breakfast", "Breakfast", MealBy),
            pick("lunch", "Lunch", MealBy),
            pick("dinner", "Dinner", MealBy),
            own("breakfast_paid", "Breakfast Paid", "currency"),
            own("lunch_paid", "Lunch Paid", "currency"),
            own("dinner_paid", "Dinner Paid", "currency"),
            own(
                "breakfast_paid_currency lunch_paid_currency dinner_paid_currency",
                "Currency Code",
                "text",
                length=3,
            ),
            _EXTERNAL,
        ),
        is_default=False,
    ),
    Module(
        Kind.VOUCHER,
        "Expense_Vouchers",
        "Expense Voucher",
        "Expense Vouchers",
        (
            _ID,
            _NAME,
            pick("kind", "Voucher Kind", VoucherKind),
            own("number", "Voucher Number", "text"),
            own("code", "Voucher Code", "text"),
            own("amount", "Amount", "currency"),
            _CURRENCY,
            own("issued", "Issued", "date"),
            own("seller", "Seller", "text"),
            _EXTERNAL,
        ),
    ),
    Module(
        Kind.CLAIM,
        "Expense_Claims",
        "Expense Claim",
        "Expense Claims",
        (
            _ID,
            _named("title"),
            there("person", "Owner", "ownerlookup", lookup=Kind.ACCOUNT_MANAGER),
            own("submitted", "Submitted At", "datetime"),
            pick("status", "Status", ClaimStatus),
            *_CLAIM_RESULT,
            _EXTERNAL,
        ),
    ),
    Module(
        Kind.LINE,
        "Expense_Lines",
        "Expense Line",
        "Expense Lines",
        (
            _ID,
            _NAME,
            link("claim", "Claim", Kind.CLAIM),
            own("date", "Expense Date", "date"),
            own("category", "Category", "text"),
            own("amount", "Amount", "currency"),
            _CURRENCY,
            own("city", "City", "text"),
            link("account", "Account", Kind.ACCOUNT),
            link("opportunity", "Deal", Kind.OPPORTUNITY),
            own("merchant", "Merchant", "text"),
            own("purpose", "Purpose", "textarea"),
            own("justification", "Justification", "textarea"),
            link("voucher", "Voucher", Kind.VOUCHER),
            own("payment", "Payment", "text"),
            own("travel_class", "Travel Class", "text"),
            own("nights", "Nights", "integer"),
            own("attendees", "Attendees", "integer"),
            own("distance", "Distance Km", "double", decimals=3),
            own("pre_approved", "Pre Approved", "picklist", options=YES_NO),
            own("trip", "Trip", "text"),
            *_LINE_RESULT,
            _EXTERNAL,
        ),
    ),
    Module(
        Kind.WAIVER,
        "Expense_Waivers",
        "Expense Waiver",
        "Expense Waivers",
        (
            _ID,
            _NAME,
            own("rule", "Rule", "text"),
            user("granted_by", "Granted By"),
            own("until", "Until", "date"),
            own("start", "Start Date", "date"),
            user("person", "Person"),
            link("claim", "Claim", Kind.CLAIM),
            link("line", "Line", Kind.LINE),
            _EXTERNAL,
        ),
        is_default=False,
    ),
    Module(
        Kind.APPROVAL,
        "Expense_Approvals",
        "Expense Approval",
        "Expense Approvals",
        (
            _ID,
            _NAME,
            link("claim", "Claim", Kind.CLAIM),
            user("approver", "Approver"),
            own("at", "Decided At", "datetime"),
            pick("verdict", "Verdict", Verdict),
            own("step", "Step", "text"),
            own("refused", "Refused Lines", "textarea"),
            own("reason", "Reason", "textarea"),
            own("content_code", "Content Code", "text", length=50),
            _EXTERNAL,
        ),
    ),
)

_RETURN_CURRENCY: Final = "return_result.cost_currency return_result.won_currency"
_RATIOS: Final = ("ROI", "Growth", "Win Rate", "Retention", "Satisfaction")

RETURNS: Final = Module(
    Kind.ACCOUNT_MANAGER,
    "Return_Figures",
    "Return Figure",
    "Return Figures",
    (
        _NAME,
        user("return_result.person", "Person"),
        own("return_result.start", "Start Date", "date"),
        own("return_result.end", "End Date", "date"),
        own("return_result.cost", "Cost", "currency"),
        own("return_result.won", "Won", "currency"),
        own(_RETURN_CURRENCY, "Currency Code", "text", length=3),
        *(
            own(f"return_result.{one.lower().replace(' ', '_')}", one, "double", decimals=4)
            for one in _RATIOS
        ),
        own("return_result.customers_new", "New Customers", "integer"),
        own("return_result.notes_en", "Notes EN", "textarea", length=LONG_CHARS),
        own("return_result.notes_zh", "Notes ZH", "textarea", length=LONG_CHARS),
        _EXTERNAL,
    ),
)
"""Where return figures go: records of our own, one a person, whose external id is the person's."""

MODULES: Final[Mapping[Kind, Module]] = {module.kind: module for module in _MODULES}
"""Every kind with its module, in the order in which records need one another."""


def chosen(named: Mapping[Kind, str]) -> dict[Kind, str]:
    """Give the module of each kind that is read: the user's own names on top of the defaults.

    A kind whose name is empty is not read.

    >>> chosen({Kind.CLAIM: "Claims", Kind.BUDGET: ""})[Kind.CLAIM]
    'Claims'
    """
    default = {kind: one.name for kind, one in MODULES.items() if one.is_default}
    names = {**default, **named}
    return {kind: names[kind] for kind in MODULES if names.get(kind)}
