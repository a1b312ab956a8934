"""Facts: the one immutable snapshot that a decision may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_expenses.core.budget import Budget, BudgetPosition
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.party import AccountManager
from crm_expenses.core.pre_approval import PreApproval
from crm_expenses.core.rates import KeptRate, Rate
from crm_expenses.core.record import digest
from crm_expenses.core.trip import Trip
from crm_expenses.core.voucher import Voucher
from crm_expenses.core.waiver import Waiver


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision on one claim may read; never another person's lines.

    `person` is None when the CRM does not know who submitted. `rates` are those of the lines'
    currencies. `windows` holds, by window key, what earlier lines already used (minor units).
    `budgets` and `positions` are those that cover some line of the claim, without what the claim
    itself holds. `trips` are those of the lines, and the person's others on the same days;
    `waivers` are those that name the person, the claim or one of its lines; `pre_approvals` those
    of the claim's person. `kept_rates` are those by which lines of the claim were converted before:
    they stay, whatever `rates` says by now.
    """

    claim: Claim
    lines: tuple[ExpenseLine, ...]
    person: AccountManager | None = None
    vouchers: tuple[Voucher, ...] = ()
    rates: tuple[Rate, ...] = ()
    windows: Mapping[str, int] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    positions: tuple[BudgetPosition, ...] = ()
    trips: tuple[Trip, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    pre_approvals: tuple[PreApproval, ...] = ()
    kept_rates: tuple[KeptRate, ...] = ()

    @property
    def all_rates(self) -> tuple[Rate, ...]:
        """The rates to convert by: `core.rates.in_force` finds a kept one first."""
        return (*self.kept_rates, *self.rates) if self.kept_rates else self.rates

    def digest(self) -> str:
        """Give the SHA-256 over the canonical form of every fact."""
        return digest(self)
