"""Advances: money paid out before it is spent, cleared by claims, and given back.

Entries only, never edited. What claims cleared and what was returned is never more than what was
paid out, after each entry; who would break that is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from crm_expenses.core.money import Money
from crm_expenses.errors import RefusedError


class AdvanceKind(StrEnum):
    """What an entry does to an advance."""

    PAY_OUT = "pay_out"
    CLEAR = "clear"
    RESTORE = "restore"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class AdvanceEntry:
    """One movement, above zero. `claim` is what clears it, or cleared it and no longer does."""

    advance: str
    kind: AdvanceKind
    amount: Money
    claim: str = ""


@dataclass(frozen=True, slots=True)
class AdvancePosition:
    """Where an advance stands, in minor units of its currency; `cleared` by claim.

    >>> paid = AdvancePosition("A", "CNY").after(
    ...     AdvanceEntry("A", AdvanceKind.PAY_OUT, Money(1000, "CNY")))
    >>> paid.after(AdvanceEntry("A", AdvanceKind.CLEAR, Money(300, "CNY"), "C-1")).outstanding
    700
    """

    advance: str
    currency: str
    paid_out: int = 0
    returned: int = 0
    cleared: Mapping[str, int] = field(default_factory=dict)

    @property
    def outstanding(self) -> int:
        """What was paid out, and neither cleared nor returned."""
        return self.paid_out - self.returned - sum(self.cleared.values())

    def after(self, entry: AdvanceEntry) -> "AdvancePosition":
        """Give the position after one more entry.

        Raises:
            RefusedError: it is of another advance or currency, not above zero, clears for no claim,
                or takes more than there is.
        """
        minor = entry.amount.minor
        has_claim = entry.kind in (AdvanceKind.CLEAR, AdvanceKind.RESTORE)
        if (entry.advance, entry.amount.currency) != (self.advance, self.currency):
            raise self._refused("advance.other", entry)
        if minor <= 0 or has_claim != bool(entry.claim):
            raise self._refused("advance.entry", entry)
        held = self.cleared.get(entry.claim, 0)
        room = held if entry.kind is AdvanceKind.RESTORE else self.outstanding
        if entry.kind is not AdvanceKind.PAY_OUT and minor > room:
            raise self._refused("advance.too_much", entry, room)
        match entry.kind:
            case AdvanceKind.PAY_OUT:
                return replace(self, paid_out=self.paid_out + minor)
            case AdvanceKind.RETURN:
                return replace(self, returned=self.returned + minor)
            case AdvanceKind.CLEAR:
                return replace(self, cleared={**self.cleared, entry.claim: held + minor})
            case AdvanceKind.RESTORE:  # pragma: no branch  every kind stands above
                return replace(self, cleared={**self.cleared, entry.claim: held - minor})

    def _refused(self, code: str, entry: AdvanceEntry, room: int = 0) -> RefusedError:
        return RefusedError(
            code,
            advance=self.advance,
            kind=entry.kind,
            amount=f"{entry.amount.amount:f} {entry.amount.currency}",
            room=f"{Money(room, self.currency).amount:f} {self.currency}",
        )


def position_of(advance: str, currency: str, entries: Iterable[AdvanceEntry]) -> AdvancePosition:
    """Sum an advance's entries.

    Raises:
        RefusedError: some entry does not fit to those before it.
    """
    position = AdvancePosition(advance, currency)
    for entry in entries:
        position = position.after(entry)
    return position


def clear(claim: str, due: Money, positions: Iterable[AdvancePosition]) -> tuple[AdvanceEntry, ...]:
    """Give the entries that take what a claim is due from advances, in the order given.

    What remains of `due` is paid to the claimant. Advances in another currency are left alone: they
    are cleared by claims in theirs.

    >>> open_advance = AdvancePosition("A", "CNY", paid_out=300)
    >>> [entry.amount.minor for entry in clear("C-1", Money(1000, "CNY"), [open_advance])]
    [300]
    """
    entries = []
    rest = due.minor
    for one in positions:
        taken = min(rest, one.outstanding) if one.currency == due.currency else 0
        if taken > 0:
            amount = Money(taken, due.currency)
            entries.append(AdvanceEntry(one.advance, AdvanceKind.CLEAR, amount, claim))
            rest -= taken
    return tuple(entries)


def restore(claim: str, positions: Iterable[AdvancePosition]) -> tuple[AdvanceEntry, ...]:
    """Give the entries that undo what a claim cleared, before a changed claim clears anew.

    >>> restore("C-1", [AdvancePosition("A", "CNY", 300, 0, {"C-1": 100})])[0].amount.minor
    100
    """
    return tuple(
        AdvanceEntry(one.advance, AdvanceKind.RESTORE, Money(minor, one.currency), claim)
        for one in positions
        if (minor := one.cleared.get(claim, 0))
    )
