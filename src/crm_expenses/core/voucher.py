"""Vouchers: receipts, fapiao, tickets."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crm_expenses.core.money import Money


class VoucherKind(StrEnum):
    """What a voucher is. `NONE` says that the claimant has none."""

    NONE = "none"
    RECEIPT = "receipt"
    FAPIAO = "fapiao"
    E_FAPIAO = "e_fapiao"
    TICKET = "ticket"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Voucher:
    """One voucher; it may back several lines.

    `number` identifies it (20 digits of a fully digital fapiao, or the number beside `code`).
    """

    id: str
    kind: VoucherKind
    number: str = ""
    code: str = ""
    amount: Money | None = None
    issued: date | None = None
    seller: str = ""
