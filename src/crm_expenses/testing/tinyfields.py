"""The objects of the small CRM that ships for tests, and their fields, under names of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crm_expenses.core.budget import AtLimit, BudgetScope
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.given_approval import Verdict
from crm_expenses.core.voucher import VoucherKind


@dataclass(frozen=True, slots=True)
class TinyField:
    """One field. `api` says that a program may write it; people may write every one."""

    name: str
    type: str = "text"
    required: bool = False
    unique: bool = False
    api: bool = True
    length: int | None = None
    options: tuple[str, ...] = ()


STAGES: Final = ("prospecting", "closed_won", "closed_lost")
"""The stages of a deal, in this CRM's own words."""


def _id() -> TinyField:
    return TinyField("id", required=True, unique=True, api=False, length=255)


def _texts(*names: str) -> tuple[TinyField, ...]:
    return tuple(TinyField(name) for name in names)


def _of(kind: str, *names: str) -> tuple[TinyField, ...]:
    return tuple(TinyField(name, kind) for name in names)


def _list(name: str, *options: str) -> TinyField:
    return TinyField(name, "picklist", options=options)


def _money(name: str) -> tuple[TinyField, ...]:
    return TinyField(name, "money"), TinyField(f"{name}_currency", length=3)


_REPORT_RESULT: Final = (
    *_texts("check_outcome", "check_state"),
    *_money("check_claimed"),
    *_money("check_allowed"),
    *_money("check_approved"),
    *(TinyField(name, length=32_000) for name in ("check_findings_en", "check_findings_zh")),
    *_texts("check_waiting_for", "check_policy", "check_decision", "check_code", "check_refused"),
)
_ITEM_RESULT: Final = (
    *_texts("check_outcome"),
    *_money("check_claimed"),
    *_money("check_allowed"),
    *(TinyField(name, length=32_000) for name in ("check_findings_en", "check_findings_zh")),
)
_BUDGET_RESULT: Final = tuple(
    field for name in ("allocated", "committed", "spent", "available") for field in _money(name)
)

OBJECTS: Final[Mapping[str, tuple[TinyField, ...]]] = {
    "people": (
        _id(),
        *_texts("name", "grade", "team", "city"),
        TinyField("boss", "reference"),
        *_texts("firm"),
        *_of("date", "active_from", "active_to"),
        TinyField("more", "object"),
    ),
    "customers": (
        _id(),
        *_texts("title"),
        TinyField("owner", "reference"),
        *_texts("industry", "city"),
        TinyField("since", "date"),
    ),
    "deals": (
        _id(),
        *_of("reference", "owner", "customer"),
        _list("stage", *STAGES),
        *_texts("title"),
        *_money("value"),
        *_of("date", "opened", "closed"),
    ),
    "rates": (_id(), *_texts("base", "quote"), TinyField("day", "date"),
              TinyField("rate", "decimal"), *_texts("source")),
    "budgets": (
        _id(),
        _list("scope", *BudgetScope),
        *_of("date", "starts", "ends"),
        *_money("amount"),
        *_texts("owner", "category", "title"),
        TinyField("is_hard", "checkbox"),
        *_of("reference", "contact", "customer"),
        _list("at_limit", *AtLimit),
        *_BUDGET_RESULT,
    ),
    "receipts": (
        _id(),
        _list("kind", *VoucherKind),
        *_texts("number", "code", "seller"),
        *_money("amount"),
        TinyField("issued", "date"),
    ),
    "reports": (
        _id(),
        TinyField("owner", "reference"),
        TinyField("sent_at", "datetime"),
        _list("status", *ClaimStatus),
        *_texts("title"),
        TinyField("more", "object"),
        *_REPORT_RESULT,
    ),
    "items": (
        _id(),
        *_of("reference", "report", "customer", "deal", "receipt"),
        TinyField("day", "date"),
        *_texts("category", "city", "merchant", "purpose", "excuse", "paid_by", "class", "trip"),
        *_money("amount"),
        *_of("integer", "nights", "guests"),
        TinyField("km", "decimal"),
        TinyField("asked_before", "checkbox"),
        TinyField("more", "object"),
        *_ITEM_RESULT,
    ),
    "sign_offs": (
        _id(),
        *_of("reference", "report", "person"),
        TinyField("at", "datetime"),
        _list("said", *Verdict),
        *_texts("step", "refused", "reason", "code"),
    ),
}  # fmt: skip


def fault_of(field: TinyField, value: object) -> str:
    """Say what a value is that a field cannot take; empty where it can. None empties a field.

    >>> fault_of(TinyField("km", "decimal"), 1.5), fault_of(TinyField("x", length=3), "long")
    ('km: not decimal', 'x: longer than 3')
    """
    made = _JSON.get(field.type, str)
    if value is None:
        return ""
    if not isinstance(value, made) or (made is int and isinstance(value, bool)):
        return f"{field.name}: not {field.type}"
    if isinstance(value, str) and field.length is not None and len(value) > field.length:
        return f"{field.name}: longer than {field.length}"
    if field.options and value not in field.options:
        return f"{field.name}: not among its options"
    return ""


_JSON: Final[Mapping[str, type]] = {"checkbox": bool, "integer": int, "object": dict}
