"""What an approval signs: the claim's lines with what money depends on, and what voids it.

The content of a claim is who claims, and for each line its id, the amount as it was spent and as it
is allowed, each with its currency, the category and the voucher. An approval signs the part that
its step covers: the lines of the step's categories, or all. Its signature is the SHA-256 over the
digests of these lines, so that one line can be shown without the others.

An approval is void exactly when the signature over the part that it covers is another one now. So
a change of an amount, a currency, a category or a voucher, a line that came, went, or moved into or
out of the step's categories voids it; a change of a purpose, of another step's line, of the order
of lines does not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crm_expenses.core.approval.verdict import Approval
from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.record import digest

SHAPE: Final = "approval content 1"
"""Leads what is signed: another shape of the content never gives the same signature."""

CODE_LENGTH: Final = 16
"""Hexadecimal digits of the short code that a person or a CRM's field carries."""


@dataclass(frozen=True, slots=True)
class LineContent:
    """What an approval signs of one line; `voucher` is the digest of the voucher, empty without."""

    line: str
    category: str
    amount: Money
    allowed: Money
    voucher: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What an approval signs of a claim; the lines in the order of their ids."""

    claim: str
    person: str
    lines: tuple[LineContent, ...]

    def covered(self, on: frozenset[str] | None) -> tuple[LineContent, ...]:
        """Give the lines of some categories, or all."""
        return tuple(one for one in self.lines if on is None or one.category in on)


def content_of(facts: Facts, decision: Decision) -> Content:
    """Give what there is to approve of a claim as it was decided."""
    vouchers = {one.id: digest(one) for one in facts.vouchers}
    allowed = {one.line: one.allowed for one in decision.lines}
    return content(
        facts.claim.id,
        facts.claim.person,
        (
            LineContent(
                line.id,
                line.category,
                line.amount,
                allowed[line.id],
                # a voucher that is named and not there yet is another one than it will be
                vouchers.get(line.voucher) or (digest((line.voucher,)) if line.voucher else ""),
            )
            for line in facts.lines
        ),
    )


def content(claim: str, person: str, lines: Iterable[LineContent]) -> Content:
    """Make a content, with its lines in order.

    >>> five = Money(500, "CNY")
    >>> [one.line for one in content("C", "p", [LineContent(n, "meal", five, five)
    ...                                        for n in ("2", "1")]).lines]
    ['1', '2']
    """
    return Content(claim, person, tuple(sorted(lines, key=lambda one: one.line)))


def signature(of: Content, on: frozenset[str] | None = None) -> str:
    """Give the SHA-256, in hexadecimal, that an approval of these categories signs.

    >>> five = Money(500, "CNY")
    >>> before = content("C", "p", [LineContent("1", "meal", five, five)])
    >>> after = content("C", "p", [*before.lines, LineContent("2", "gift", five, five)])
    >>> meal = frozenset({"meal"})
    >>> signature(before, meal) == signature(after, meal), signature(before) == signature(after)
    (True, False)
    """
    lines = [(one.line, digest(one)) for one in of.covered(on)]
    return digest((SHAPE, of.claim, of.person, lines))


def content_code(of: Content) -> str:
    """Give the short code of a whole content, which we write into the CRM's record.

    An approval given there counts only where this code and the content read with it agree.
    """
    return signature(of)[:CODE_LENGTH]


class Part(StrEnum):
    """What of a content changed."""

    CLAIMANT = "claimant"
    ADDED = "added"
    REMOVED = "removed"
    AMOUNT = "amount"
    CURRENCY = "currency"
    ALLOWED = "allowed"
    CATEGORY = "category"
    VOUCHER = "voucher"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, with what stood there before and after; `line` is empty for the claim."""

    part: Part
    line: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Voided:
    """An approval that no longer counts, and the changes in what it signed.

    `UNKNOWN` stands where the approval signed something else than the content before.
    """

    approval: Approval
    changes: tuple[Change, ...]


def voided(approvals: Sequence[Approval], old: Content, new: Content) -> tuple[Voided, ...]:
    """Give exactly the approvals that a change voids, each with the reasons.

    >>> from datetime import UTC, datetime
    >>> five, six = Money(500, "CNY"), Money(600, "CNY")
    >>> old = content("C", "p", [LineContent("1", "meal", five, five)])
    >>> new = content("C", "p", [LineContent("1", "meal", six, six)])
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> yes = Approval("C", ("line manager",), "m", at, signature(old))
    >>> [(c.part.value, c.before, c.after) for c in voided([yes], old, new)[0].changes]
    [('amount', '5.00 CNY', '6.00 CNY'), ('allowed', '5.00 CNY', '6.00 CNY')]
    """
    found = []
    for one in approvals:
        if one.signed != signature(new, one.on):
            changes = tuple(_changes(old, new, one.on)) if _is_of(one, old) else ()
            found.append(Voided(one, changes or (Change(Part.UNKNOWN),)))
    return tuple(found)


def _is_of(approval: Approval, of: Content) -> bool:
    return approval.signed == signature(of, approval.on)


def _changes(old: Content, new: Content, on: frozenset[str] | None) -> Iterator[Change]:
    if old.person != new.person:
        yield Change(Part.CLAIMANT, "", old.person, new.person)
    before, after = ({one.line: one for one in of.lines} for of in (old, new))
    signed = {one.line for of in (old, new) for one in of.covered(on)}
    for line in sorted(signed):
        was, now = before.get(line), after.get(line)
        if was is not None and now is not None:
            yield from _of_line(was, now)
        elif was is not None:
            yield Change(Part.REMOVED, line, _money(was.amount), "")
        elif now is not None:  # pragma: no branch  a line stands on one side at least
            yield Change(Part.ADDED, line, "", _money(now.amount))


def _of_line(was: LineContent, now: LineContent) -> Iterator[Change]:
    if was.amount.currency != now.amount.currency:
        yield Change(Part.CURRENCY, was.line, _money(was.amount), _money(now.amount))
    elif was.amount != now.amount:
        yield Change(Part.AMOUNT, was.line, _money(was.amount), _money(now.amount))
    if was.allowed != now.allowed:
        yield Change(Part.ALLOWED, was.line, _money(was.allowed), _money(now.allowed))
    if was.category != now.category:
        yield Change(Part.CATEGORY, was.line, was.category, now.category)
    if was.voucher != now.voucher:
        yield Change(Part.VOUCHER, was.line, was.voucher[:CODE_LENGTH], now.voucher[:CODE_LENGTH])


def _money(amount: Money) -> str:
    return f"{amount.amount:f} {amount.currency}"
