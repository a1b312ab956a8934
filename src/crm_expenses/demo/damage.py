"""Rows that are written badly and must be set aside, and texts that must be carried safely."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.opportunity import Opportunity
from crm_expenses.core.party import Account, PersonCost, SatisfactionScore
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, Record
from crm_expenses.demo.faults import FaultKind, PlantedFault
from crm_expenses.demo.spending import Spending

_LINE_CELLS: Final = (
    (FaultKind.WRONG_DATE, "date", ("2026/13/07", "2026/02/30", "next week", "31.12.2025")),
    (FaultKind.WRONG_AMOUNT, "amount", ("1,234.5x", "1_000", "NaN", "1E+9999999")),
    (FaultKind.FULL_WIDTH_AMOUNT, "amount", ("１２.５", "３８０．００")),
    (FaultKind.UNKNOWN_CURRENCY, "currency", ("XQQ", "人民币元")),
    (FaultKind.UNKNOWN_VALUE, "category", ("神秘支出",)),
    (FaultKind.NO_SUCH_CLAIM, "claim", ("BX209901-0001", "BX209901-0002")),
)
_TEXTS: Final = ('=HYPERLINK("http://example.invalid","x")', "+1+1", "@SUM(A1:A9)", "-2+3")


@dataclass(frozen=True, slots=True)
class DamagedRow:
    """A row that is written like `record`, but with the `cells` named put in as they stand here.

    A cell is a field of the record and its text; the money's currency is the field `currency`.
    """

    fault: PlantedFault
    record: Record
    cells: tuple[tuple[str, str], ...]


def with_unsafe_names(accounts: Sequence[Account]) -> tuple[list[Account], list[PlantedFault]]:
    """Give three customers names that would do harm where a text is not carried as text."""
    names = {
        FaultKind.HTML_IN_NAME: '<script>alert("demo")</script>{name}',
        FaultKind.MARKUP_IN_NAME: "[red]{name}[/red]",
        FaultKind.RIGHT_TO_LEFT_MARK: "{name}\u200f\u202e",
    }
    changed = list(accounts)
    faults: list[PlantedFault] = []
    for position, (kind, pattern) in enumerate(names.items(), 1):
        account = changed[position * 17]
        renamed = replace(account, name=pattern.replace("{name}", account.name))
        changed[position * 17] = renamed
        faults.append(PlantedFault(kind, Kind.ACCOUNT, account.id))
    return changed, faults


def with_formula_cells(
    rng: Random, spending: Spending, avoid: frozenset[str]
) -> tuple[Spending, list[PlantedFault]]:
    """Give a few lines a purpose that a spreadsheet would take for a formula."""
    plain = [line.id for line in spending.lines if line.id not in avoid]
    texts = dict(zip(rng.sample(plain, len(_TEXTS)), _TEXTS, strict=True))
    lines = tuple(
        replace(line, purpose=texts.get(line.id, line.purpose)) for line in spending.lines
    )
    faults = [PlantedFault(FaultKind.FORMULA_CELL, Kind.LINE, number) for number in texts]
    return replace(spending, lines=lines), faults


def damaged_lines(rng: Random, spending: Spending) -> list[DamagedRow]:
    """Make the damaged rows among the lines: copies of good ones under numbers of their own."""
    paid = {claim.id for claim in spending.claims if claim.status is ClaimStatus.PAID}
    good = [line for line in spending.lines if line.claim in paid and line.amount.minor > 0]
    rows: list[DamagedRow] = []
    for kind, name, cells in _LINE_CELLS:
        for line, cell in zip(rng.sample(good, len(cells)), cells, strict=True):
            number = f"{line.claim}-{90 + len(rows) % 10}"
            copy = replace(line, id=number, voucher="")
            rows.append(_row(kind, Kind.LINE, copy, name, cell))
    for line in rng.sample(good, 3):
        dearer = replace(line, voucher="")
        cell = f"{dearer.amount.amount + 1}"
        rows.append(_row(FaultKind.DUPLICATE_ID, Kind.LINE, dearer, "amount", cell))
    return rows


def damaged_others(
    *,
    spending: Spending,
    account: Account,
    deals: tuple[Opportunity, Opportunity],
    score: SatisfactionScore,
    rate: Rate,
    cost: PersonCost,
) -> list[DamagedRow]:
    """Make damaged rows of the other kinds, each a copy of the good record given."""
    claim, voucher = spending.claims[0], spending.vouchers[0]
    stem = claim.id.rpartition("-")[0]
    first, second = deals
    return [
        _row(
            FaultKind.WRONG_DATE,
            Kind.CLAIM,
            replace(claim, id=f"{stem}-9001"),
            "submitted",
            "2026-06-31 10:00",
        ),
        _row(
            FaultKind.UNKNOWN_VALUE,
            Kind.CLAIM,
            replace(claim, id=f"{stem}-9002"),
            "status",
            "On hold?",
        ),
        _row(FaultKind.KEY_TWICE, Kind.OPPORTUNITY, replace(first, id="O90001"), "amount", "1.00"),
        _row(
            FaultKind.WRONG_AMOUNT,
            Kind.OPPORTUNITY,
            replace(second, id="O90002"),
            "amount",
            "12.5万",
        ),
        _row(
            FaultKind.WRONG_DATE,
            Kind.ACCOUNT,
            replace(account, id="A9001"),
            "since",
            "2021.13.45",
        ),
        _row(
            FaultKind.WRONG_AMOUNT, Kind.SATISFACTION, replace(score, id="S90001"), "score", "five"
        ),
        _row(FaultKind.WRONG_AMOUNT, Kind.RATE, replace(rate, id="USD-9999"), "rate", "7.1x"),
        _row(FaultKind.WRONG_AMOUNT, Kind.VOUCHER, replace(voucher, id="V900001"), "amount", "¥ ?"),
        _row(
            FaultKind.WRONG_DATE,
            Kind.COST,
            replace(cost, id=f"{cost.id}-9"),
            "month",
            "2026-00",
        ),
    ]


def _row(fault: FaultKind, kind: Kind, record: Record, name: str, cell: str) -> DamagedRow:
    return DamagedRow(PlantedFault(fault, kind, record.id), record, ((name, cell),))
