"""The lives of claims in the store: where each stands, what people said of it, who acts for whom.

What people said is never edited: what no longer counts has a row of its own that says so. Every row
here but the life itself, which follows from the others, is named by an entry of the log.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from crm_expenses.core.approval import Approval, Substitute, Verdict, Voided
from crm_expenses.core.approval.reroute import SeatMove
from crm_expenses.core.life import Life
from crm_expenses.core.notice import Notice
from crm_expenses.core.record import canonical, digest
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_as
from crm_expenses.store.keeping import NAME_MAX, SAID_MAX, shown
from crm_expenses.store.log import SYNC, write_log

REASON_MARK: Final = "#"
"""Leads, in place of a reason, the number of the log's entry beside which the words are kept."""


@dataclass(frozen=True, slots=True)
class Given:
    """A word that counts, with its row. Its reason is a mark: the words stand beside the log."""

    seq: int
    approval: Approval


def next_seq(connection: Connection, table: Table) -> int:
    """Give the number of a table's next row; the one write lock is held."""
    last: int | None = connection.execute(select(func.max(table.c.seq))).scalar()
    return (last or 0) + 1


def read_life(connection: Connection, crm: str, claim: str) -> Life | None:
    """Give where a claim stands, None where it was never decided."""
    row = connection.execute(s.LIFE, {"of_crm": crm, "of_claim": claim}).first()
    return _life(row) if row else None


def lives(connection: Connection, crm: str, states: Iterable[str] = ()) -> Iterator[Life]:
    """Give the lives of all claims, or of those in some states, by claim."""
    named = list(states)
    of = select(t.life.c.content).where(t.life.c.crm == crm).order_by(t.life.c.claim)
    if named:
        of = of.where(t.life.c.state.in_(named))
    for row in connection.execute(of.execution_options(yield_per=1000)):
        yield _life(row)


def _life(row: Any) -> Life:  # noqa: ANN401  a row
    found: Life = read_as(Life, row.content)
    return found


def keep_life(connection: Connection, crm: str, life: Life) -> None:
    """Keep where a claim stands now."""
    of = {"of_crm": crm, "of_claim": life.claim}
    connection.execute(s.NO_LIFE, of)
    connection.execute(
        s.ADD_LIFE,
        {
            "crm": crm,
            "claim": life.claim,
            "person": life.person,
            "state": life.state.value,
            "due_on": life.due_on.isoformat() if life.due_on else "",
            "content": canonical(life),
        },
    )


def given_for(connection: Connection, crm: str, claim: str) -> tuple[Given, ...]:
    """Give the words on a claim that count, in the order in which they were said."""
    rows = connection.execute(s.GIVEN, {"of_crm": crm, "of_claim": claim})
    return tuple(Given(row.seq, _approval(row)) for row in rows)


def _approval(row: Any) -> Approval:  # noqa: ANN401  a row
    found: Approval = read_as(Approval, row.content)
    is_explained = found.verdict is not Verdict.APPROVE or found.refused
    return replace(found, reason=f"{REASON_MARK}{row.entry}") if is_explained else found


def add_approval(
    connection: Connection, crm: str, approval: Approval, *, at: datetime, source: str = ""
) -> Given:
    """Keep a word that counts; its reason goes beside the log, where it can be erased.

    `source` names the record of the CRM that it came with, empty for our own command.
    """
    content = canonical(replace(approval, reason=""))
    seq = next_seq(connection, t.approval)
    entry = write_log(
        connection,
        at=at,
        actor=approval.approver,
        action=approval.verdict.value,
        subject=approval.claim,
        content=digest([seq, crm, source, content]),
        said=shown(approval.reason, SAID_MAX),
        rows=(seq, seq),
    )
    row = {
        "seq": seq,
        "crm": crm,
        "claim": approval.claim,
        "entry": entry,
        "source": source,
        "content": content,
    }
    connection.execute(t.approval.insert(), row)
    return given_for(connection, crm, approval.claim)[-1]


def void(
    connection: Connection,
    crm: str,
    gone: Sequence[Voided],
    given: Sequence[Given],
    at: datetime,
) -> None:
    """Keep that words no longer count, each with the changes that voided it."""
    rows = {one.approval: one.seq for one in given}
    for one in gone:
        seq = next_seq(connection, t.voiding)
        content = canonical(one.changes)
        row = {"seq": seq, "crm": crm, "claim": one.approval.claim, "content": content}
        connection.execute(t.voiding.insert(), row | {"approval": rows[one.approval]})
        write_log(
            connection,
            at=at,
            actor=SYNC,
            action="void",
            subject=one.approval.claim,
            content=digest([seq, crm, rows[one.approval], content]),
            why=",".join(dict.fromkeys(change.part.value for change in one.changes)),
            rows=(seq, seq),
        )


def say_moves(connection: Connection, claim: str, moves: Sequence[SeatMove], at: datetime) -> None:
    """Say in the log which open seats of a claim others take now, and why."""
    if not moves:
        return
    why = dict.fromkeys(why.value for one in moves for _, why in (*one.gone, *one.new))
    write_log(
        connection,
        at=at,
        actor=SYNC,
        action="reroute",
        subject=claim,
        content=digest(moves),
        why=",".join(why),
    )


def substitutes_in(connection: Connection, crm: str) -> tuple[Substitute, ...]:
    """Give who acts for whom by our own command, now or at some time; not those that ended."""
    return tuple(one for _, one in numbered_substitutes(connection, crm))


def numbered_substitutes(connection: Connection, crm: str) -> tuple[tuple[int, Substitute], ...]:
    """Give the same with their numbers."""
    rows = connection.execute(s.SUBSTITUTES, {"of_crm": crm})
    return tuple((row.seq, read_as(Substitute, row.content)) for row in rows)


def add_substitute(
    connection: Connection, crm: str, one: Substitute, *, by: str, at: datetime, said: str = ""
) -> int:
    """Keep that somebody acts for somebody; give its number."""
    seq = next_seq(connection, t.substitute)
    content = canonical(one)
    row = {"seq": seq, "crm": crm, "instead_of": one.instead_of, "content": content, "ended": 0}
    connection.execute(t.substitute.insert(), row)
    write_log(
        connection,
        at=at,
        actor=by,
        action="delegate",
        subject=one.instead_of,
        content=digest([seq, crm, content]),
        said=shown(said, SAID_MAX),
        rows=(seq, seq),
    )
    return seq


def end_substitute(connection: Connection, crm: str, seq: int, *, by: str, at: datetime) -> bool:
    """End it; False where there is none of that number that is in force."""
    held = dict(numbered_substitutes(connection, crm))
    if seq not in held:
        return False
    entry = write_log(
        connection,
        at=at,
        actor=by,
        action="delegate_end",
        subject=held[seq].instead_of,
        content=digest([seq, crm]),
        rows=(seq, seq),
    )
    where = (t.substitute.c.crm == crm) & (t.substitute.c.seq == seq)
    connection.execute(t.substitute.update().where(where).values(ended=entry))
    return True


def tell(connection: Connection, crm: str, told: Sequence[Notice], at: datetime) -> None:
    """Keep what people are told; whoever brings it to them reads it from here, in its order."""
    if not told:
        return
    first = next_seq(connection, t.notice)
    rows = [
        {
            "seq": seq,
            "crm": crm,
            "person": shown(one.person, NAME_MAX),
            "code": one.code,
            "subject": shown(one.subject, NAME_MAX),
            "content": canonical(dict(one.values)),
            "at": at.isoformat(),
        }
        for seq, one in enumerate(told, start=first)
    ]
    connection.execute(t.notice.insert(), rows)
