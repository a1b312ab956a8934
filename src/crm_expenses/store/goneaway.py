"""Records that are no longer in the CRM: what they leave, what stays of them, and how they return.

What is gone leaves `latest` and `link`; its versions stay in `record`, and `gone` says which was
the last. Three things stay although they are gone, because money hangs on them: a claim, which is
withdrawn unless it was paid; the lines of a paid claim; a budget. Whatever goes, no paid claim is
decided again because of it. Each record has an entry in the log when it goes and when it is back.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import Connection, delete, select, update

from crm_expenses.core.claim import Claim, ClaimStatus
from crm_expenses.core.lifecycle import State
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, digest
from crm_expenses.errors import Problem
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_record
from crm_expenses.store.keeping import NAME_MAX, shown
from crm_expenses.store.links import GRANTS, Named, claims_touched
from crm_expenses.store.log import SYNC, write_log
from crm_expenses.store.mergednames import Again

GONE: Final = "gone"
BACK: Final = "back"

STAYING: Final = frozenset({Kind.CLAIM, Kind.BUDGET})
"""The kinds that stay although they are gone."""

OPEN: Final = frozenset({"waiting", "sending", "refused", "stuck"})
"""The states of a result that is still to be sent, or that a person may send again."""

PAID: Final = frozenset({State.PARTLY_PAID, State.PAID, State.CLOSED})
"""A claim in one of these has been paid, at least in part."""


class GoneRecord(Protocol):
    """One record that is no longer there (`adapters.contract.Gone`)."""

    @property
    def origin(self) -> Origin:
        """Which one."""

    @property
    def into(self) -> str:
        """What it was merged into, empty where it was deleted."""


class WholeClaims(Protocol):
    """A page that may hold all lines of some claims (`adapters.contract.Page`)."""

    @property
    def kind(self) -> Kind:
        """The kind of its records."""

    @property
    def facts(self) -> Sequence["Found"]:
        """What was read."""

    @property
    def set_aside(self) -> Sequence["Found"]:
        """What could not be read."""

    @property
    def whole(self) -> Sequence[str]:
        """The claims."""


class Found(Protocol):
    """Something on a page."""

    @property
    def origin(self) -> Origin:
        """Where it came from."""


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """A line that its claim no longer has."""

    origin: Origin
    into: str = ""


class Addressed(Protocol):
    """A result to be written to a record (`store.work.Write`)."""

    @property
    def kind(self) -> str:
        """The kind of result."""

    @property
    def record(self) -> str:
        """The record that it is for."""


@dataclass(frozen=True, slots=True)
class Away:
    """What follows where records went.

    `count` are those of which that was news, `withdrawn` claims as they are now, `claims` those to
    be decided again, `merged` the ids that others may name.
    """

    count: int = 0
    withdrawn: tuple[Again, ...] = ()
    claims: frozenset[str] = frozenset()
    merged: frozenset[str] = frozenset()


def has_gone(connection: Connection, crm: str) -> bool:
    """Say whether any record of a CRM is gone."""
    return connection.execute(s.ANY_GONE, {"of_crm": crm}).first() is not None


def left_out(connection: Connection, crm: str, page: WholeClaims) -> list[GoneRecord]:
    """Give the lines that are held of claims that came whole, and that did not come with them."""
    if page.kind is not Kind.LINE or not page.whole:
        return []
    there = {shown(one.origin.record, NAME_MAX) for one in (*page.facts, *page.set_aside)}
    of = t.latest.c
    its = (of.crm == crm) & (of.kind == page.kind.value)
    found: list[GoneRecord] = []
    for names in s.portions({shown(name, NAME_MAX) for name in page.whole}):
        ids = connection.execute(select(of.id).where(its & of.claim.in_(names))).scalars()
        found += [_LeftOut(Origin(crm, name)) for name in sorted(ids) if name not in there]
    return found


def take_away(
    connection: Connection,
    crm: str,
    kind: Kind,
    told: Sequence[GoneRecord],
    *,
    there: Collection[str],
    at: datetime,
) -> Away:
    """Let records go; `there` are those of which the same page says that they are there."""
    asked = {
        shown(one.origin.record, NAME_MAX): shown(one.into, NAME_MAX)
        for one in told
        if one.origin.record and one.origin.record not in there
    }
    _no_longer_aside(connection, crm, kind, asked)
    held = _held(connection, crm, kind, asked)
    paid = paid_claims(connection, crm, {_claim_in(kind, row) for row in held.values()})
    known = _known(connection, crm, kind, asked)
    went: list[_Went] = []
    for name, into in sorted(asked.items()):
        made = _Went.of(kind, name, into, held.get(name), known.get(name), paid)
        if made is not None:
            went.append(made)
    if not went:
        return Away()
    _note(connection, crm, kind, went, at)
    _overtake(connection, crm, kind, [one.id for one in went])
    rows = [held[one.id] for one in went if one.leaves]
    claims = _leave(connection, crm, kind, rows)
    return Away(
        len(went),
        tuple(_withdrawn(crm, one, held[one.id]) for one in went if one.is_withdrawn),
        frozenset(claims - paid_claims(connection, crm, claims)),
        frozenset(one.id for one in went if one.into),
    )


def come_back(
    connection: Connection, crm: str, kind: Kind, ids: Iterable[str], at: datetime
) -> None:
    """Let records that are there again be news, whatever their content."""
    back = _known(connection, crm, kind, ids)
    for name, row in sorted(back.items()):
        write_log(
            connection,
            at=at,
            actor=SYNC,
            action=BACK,
            subject=subject_of(row),
            content=back_digest(subject_of(row), row.entry),
        )
        place = {"crm": crm, "kind": kind.value, "id": name}
        of = (t.latest.c.crm == crm) & (t.latest.c.kind == kind.value) & (t.latest.c.id == name)
        stays = connection.execute(update(t.latest).where(of).values(digest="")).rowcount
        if row.seq and not stays:  # its last version again, until the new one takes its place
            connection.execute(t.latest.insert(), place | {"seq": row.seq, "digest": ""})
    for names in s.portions(back):
        connection.execute(delete(t.gone).where(_of(crm, kind) & t.gone.c.id.in_(names)))


def still_there(connection: Connection, crm: str, writes: Sequence[Addressed]) -> list[Any]:
    """Give the results whose record is not gone: nobody can be told of one that is."""
    gone = {
        (row.kind, row.id)
        for names in s.portions({write.record for write in writes})
        for row in connection.execute(s.GONE_NAMED, {"of_crm": crm, "of_names": names})
    }
    return [one for one in writes if (one.kind.removesuffix("_result"), one.record) not in gone]


def paid_claims(connection: Connection, crm: str, claims: Iterable[str]) -> set[str]:
    """Give the claims of which something was paid, here or as the CRM says."""
    asked = set(claims) - {""}
    states = [state.value for state in PAID]
    found: set[str] = set()
    for names in s.portions(asked):
        lives = (t.life.c.crm == crm) & t.life.c.claim.in_(names) & t.life.c.state.in_(states)
        found |= set(connection.execute(select(t.life.c.claim).where(lives)).scalars())
        of = {"of_crm": crm, "of_kind": Kind.CLAIM.value, "of_names": names}
        for row in connection.execute(s.RECORDS, of):
            claim = read_record(Kind.CLAIM, row.content)
            if isinstance(claim, Claim) and claim.status is ClaimStatus.PAID:
                found.add(claim.id)
    return found


def subject_of(row: Any) -> str:  # noqa: ANN401  a row of `gone`
    """Give what the log calls a record that is gone."""
    return f"{row.crm}/{row.kind}/{row.id}"


def gone_digest(crm: str, kind: str, name: str, into: str, seq: int) -> str:
    """Give what the log says of a record that is gone."""
    return digest([crm, kind, name, into, seq])


def back_digest(subject: str, entry: int) -> str:
    """Give what the log says of a record that is back, of which an entry said that it was gone."""
    return digest([subject, entry])


@dataclass(frozen=True, slots=True)
class _Went:
    """One record that went: its last version, and what becomes of it."""

    id: str
    into: str
    seq: int
    why: str
    leaves: bool
    is_withdrawn: bool

    @classmethod
    def of(
        cls,
        kind: Kind,
        name: str,
        into: str,
        row: Any,  # noqa: ANN401  a row
        known: Any,  # noqa: ANN401  a row
        paid: Collection[str],
    ) -> "_Went | None":
        """Tell what becomes of a record; None where there is nothing new in it."""
        is_paid = row is not None and _claim_in(kind, row) in paid
        stays = kind in STAYING or (kind is Kind.LINE and is_paid)
        leaves = row is not None and not stays
        into = "" if into == name or (kind is Kind.CLAIM and is_paid) else into
        if known is not None:
            into = into or known.into
            if into == known.into and not leaves:
                return None
        elif row is None and not into:
            return None
        seq = row.seq if row is not None else known.seq if known is not None else 0
        why = "paid" if stays and is_paid else "merged" if into else "deleted"
        is_withdrawn = kind is Kind.CLAIM and row is not None and not is_paid and known is None
        return cls(name, into, seq, why, leaves, is_withdrawn)


def _claim_in(kind: Kind, row: Any) -> str:  # noqa: ANN401  a row
    """Give the claim that a row of `latest` belongs to, where its being paid matters."""
    return str(row.claim) if kind in (Kind.CLAIM, Kind.LINE) else ""


def _of(crm: str, kind: Kind) -> Any:  # noqa: ANN401  a condition
    return (t.gone.c.crm == crm) & (t.gone.c.kind == kind.value)


def _held(connection: Connection, crm: str, kind: Kind, ids: Iterable[str]) -> dict[str, Any]:
    its = t.latest.c
    joined = t.latest.join(t.record, t.record.c.seq == its.seq)
    columns = (its.id, its.seq, its.claim, its.version, t.record.c.content)
    where = (its.crm == crm) & (its.kind == kind.value)
    of = select(*columns).select_from(joined).where(where)
    return {
        row.id: row
        for names in s.portions(set(ids))
        for row in connection.execute(of.where(its.id.in_(names)))
    }


def _known(connection: Connection, crm: str, kind: Kind, ids: Iterable[str]) -> dict[str, Any]:
    of = select(t.gone).where(_of(crm, kind))
    return {
        row.id: row
        for names in s.portions(set(ids))
        for row in connection.execute(of.where(t.gone.c.id.in_(names)))
    }


def _note(
    connection: Connection, crm: str, kind: Kind, went: Sequence[_Went], at: datetime
) -> None:
    """Say in the log, and in `gone`, what went."""
    rows = []
    for one in went:
        entry = write_log(
            connection,
            at=at,
            actor=SYNC,
            action=GONE,
            subject=f"{crm}/{kind.value}/{one.id}",
            content=gone_digest(crm, kind.value, one.id, one.into, one.seq),
            why=one.why,
        )
        place = {"crm": crm, "kind": kind.value, "id": one.id}
        rows.append(place | {"into": one.into, "seq": one.seq, "entry": entry})
    for names in s.portions(one.id for one in went):
        connection.execute(delete(t.gone).where(_of(crm, kind) & t.gone.c.id.in_(names)))
    connection.execute(t.gone.insert(), rows)


def _no_longer_aside(connection: Connection, crm: str, kind: Kind, ids: Iterable[str]) -> None:
    """Let nobody mend what is gone, also where it was never read."""
    aside = (t.set_aside.c.crm == crm) & (t.set_aside.c.kind == kind.value)
    for names in s.portions(set(ids)):
        connection.execute(delete(t.set_aside).where(aside & t.set_aside.c.id.in_(names)))


def _leave(connection: Connection, crm: str, kind: Kind, rows: Sequence[Any]) -> set[str]:
    """Take records out of what is newest; give the claims whose facts that changes."""
    if not rows:
        return set()
    ids = [row.id for row in rows]
    named = _unlinked(connection, crm, kind, ids)
    of = {"of_crm": crm, "of_kind": kind.value}
    for names in s.portions(ids):
        connection.execute(s.NOT_LATEST, of | {"of_names": names})
    if kind is Kind.APPROVAL:  # a word does not change what it is about: `pipeline.hearing`
        return set()
    claims = {row.claim for row in rows} - {""}
    if kind is Kind.VOUCHER:
        for names in s.portions(ids):
            backed = connection.execute(s.BACKED, {"of_crm": crm, "of_names": names})
            claims |= {row.claim for row in backed}
    grants = [read_record(kind, row.content) for row in rows] if kind in GRANTS else []
    return claims | claims_touched(connection, crm, kind, named=named, grants=grants)


def _unlinked(
    connection: Connection, crm: str, kind: Kind, ids: Sequence[str]
) -> Mapping[str, Named]:
    """Take away what records name; give it."""
    before: dict[str, dict[str, str]] = {}
    for names in s.portions(ids):
        of = {"of_crm": crm, "of_kind": kind.value, "of_names": names}
        for row in connection.execute(s.LINKS, of):
            before.setdefault(row.id, {})[row.role] = row.name
        connection.execute(s.NO_LINKS, of)
    return {name: Named(held, {}) for name, held in before.items()}


def _withdrawn(crm: str, one: _Went, row: Any) -> Again:  # noqa: ANN401  a row
    """Give a claim that is gone as it is held from now on."""
    claim = read_record(Kind.CLAIM, row.content)
    if isinstance(claim, Claim):
        claim = replace(claim, status=ClaimStatus.WITHDRAWN)
    place = f"merged into {one.into} in the CRM" if one.into else "deleted in the CRM"
    return Again(claim, Origin(crm, one.id, place, row.version))


def _overtake(connection: Connection, crm: str, kind: Kind, ids: Sequence[str]) -> None:
    """Let what waits for records that are gone wait no longer, and what they were told be void.

    So whatever is to be said of one that comes back is said anew.
    """
    newest: dict[tuple[str, str], Any] = {}
    waiting: list[Any] = []
    for names in s.portions(ids):
        for row in connection.execute(s.SENT_BEFORE, {"of_crm": crm, "of_names": names}):
            if _is_of(kind, row):
                newest[row.kind, row.record] = row
                waiting += [row] if row.state in OPEN else []
    for row in waiting:
        kept = {"state": "superseded", "reason": _reason(kind, row.record)}
        connection.execute(update(t.outbox).where(t.outbox.c.seq == row.seq).values(kept))
    told = [r for r in newest.values() if r.state == "done" and r.kind.endswith("_result")]
    last = connection.execute(s.NEWEST_WRITE).scalar() or 0 if told else 0
    rows = [
        {
            "seq": seq,
            "crm": crm,
            "key": digest([crm, GONE, row.kind, row.record, row.seq]),
            "kind": row.kind,
            "record": row.record,
            "content": row.content,
            "state": "superseded",
            "reason": _reason(kind, row.record),
        }
        for seq, row in enumerate(told, start=last + 1)
    ]
    if rows:
        connection.execute(s.ADD_WRITES, rows)


def _is_of(kind: Kind, row: Any) -> bool:  # noqa: ANN401  a row
    """Say whether a row of the outbox is for a record of a kind."""
    return row.kind in {f"{kind.value}_result", f"{kind.value}_change"}


def _reason(kind: Kind, name: str) -> str:
    return Problem("sync.record_gone", {"kind": kind.value, "record": name}).describe("en")
