"""Money that moved: payments of claims, and the entries of advances. Added only, never edited.

Each row has an entry of the log beside it, with the digest of the row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select

from crm_expenses.core.advance import AdvanceEntry, AdvancePosition
from crm_expenses.core.payment import Payment
from crm_expenses.core.record import canonical, digest
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_as
from crm_expenses.store.factreader import FactReader
from crm_expenses.store.life import next_seq
from crm_expenses.store.log import SYNC, write_log

_OF_PERSON: Final = (
    select(t.advance_entry.c.advance, t.advance_entry.c.content)
    .where(
        (t.advance_entry.c.crm == bindparam("of_crm"))
        & (t.advance_entry.c.person == bindparam("of_person"))
    )
    .order_by(t.advance_entry.c.seq)
)


@dataclass(frozen=True, slots=True)
class Advance:
    """An advance: whose it is, its entries in their order, and where it stands by them."""

    person: str
    entries: tuple[AdvanceEntry, ...]
    position: AdvancePosition

    @property
    def id(self) -> str:
        """The advance's id."""
        return self.position.advance


def add_payment(work: FactReader, payment: Payment) -> None:
    """Keep a payment."""
    content = canonical(payment)
    seq = next_seq(work.connection, t.payment)
    row = {"seq": seq, "crm": work.crm, "claim": payment.claim, "content": content}
    work.connection.execute(t.payment.insert(), row)
    write_log(
        work.connection,
        at=payment.at,
        actor=payment.by,
        action="pay",
        subject=payment.claim,
        content=payment_digest(seq, work.crm, content),
        rows=(seq, seq),
    )


def payment_digest(seq: int, crm: str, content: str) -> str:
    """Give what the log says of a payment."""
    return digest([seq, crm, content])


def payments_of(work: FactReader, claim: str) -> tuple[Payment, ...]:
    """Give the payments of a claim, in the order in which they were told."""
    pay = t.payment
    where = (pay.c.crm == work.crm) & (pay.c.claim == claim)
    rows = work.connection.execute(select(pay.c.content).where(where).order_by(pay.c.seq))
    return tuple(read_as(Payment, row.content) for row in rows)


def add_advance_entries(
    work: FactReader,
    person: str,
    entries: Iterable[AdvanceEntry],
    at: datetime,
    *,
    by: str = SYNC,
    said: str = "",
) -> None:
    """Keep what happened to advances of a person; whoever calls has checked that it fits."""
    for entry in entries:
        content = canonical(entry)
        seq = next_seq(work.connection, t.advance_entry)
        row = {
            "seq": seq,
            "crm": work.crm,
            "advance": entry.advance,
            "person": person,
            "claim": entry.claim,
            "content": content,
        }
        work.connection.execute(t.advance_entry.insert(), row)
        write_log(
            work.connection,
            at=at,
            actor=by,
            action="advance",
            subject=entry.advance,
            content=advance_digest(seq, work.crm, person, content),
            why="" if said else entry.kind.value,
            said=said,
            rows=(seq, seq),
        )


def advance_digest(seq: int, crm: str, person: str, content: str) -> str:
    """Give what the log says of an entry of an advance."""
    return digest([seq, crm, person, content])


def advances_of(work: FactReader, person: str) -> tuple[Advance, ...]:
    """Give the advances of a person, the oldest first."""
    of = {"of_crm": work.crm, "of_person": person}
    found: dict[str, list[AdvanceEntry]] = {}
    for row in work.connection.execute(_OF_PERSON, of):
        found.setdefault(row.advance, []).append(read_as(AdvanceEntry, row.content))
    return tuple(_advance(person, entries) for entries in found.values())


def advance(work: FactReader, name: str) -> Advance | None:
    """Give an advance, None where there is none of that id."""
    of = t.advance_entry
    where = (of.c.crm == work.crm) & (of.c.advance == name)
    row = work.connection.execute(select(of.c.person).where(where)).first()
    found = advances_of(work, row.person) if row else ()
    return next((one for one in found if one.id == name), None)


def advances(work: FactReader) -> tuple[Advance, ...]:
    """Give every advance, by person, the oldest first."""
    of = t.advance_entry
    people = select(of.c.person).where(of.c.crm == work.crm).distinct().order_by(of.c.person)
    names = work.connection.execute(people).scalars().all()
    return tuple(one for person in names for one in advances_of(work, person))


def next_advance(work: FactReader, prefix: str) -> str:
    """Give an id for an advance that was given none."""
    return f"{prefix}-{next_seq(work.connection, t.advance_entry):05}"


def _advance(person: str, entries: Sequence[AdvanceEntry]) -> Advance:
    first = entries[0]
    position = AdvancePosition(first.advance, first.amount.currency)
    for entry in entries:
        position = position.after(entry)
    return Advance(person, tuple(entries), position)
