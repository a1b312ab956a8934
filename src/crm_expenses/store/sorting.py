"""Telling the facts of a page apart: what is new or changed, and what is held already.

Runs for every row that ever comes, so that it makes the rows of the tables as they are written,
and asks the database once a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final, Protocol

from sqlalchemy import Connection

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, Record, canonical, content_digest
from crm_expenses.core.words import Texts, mark_of, texts_of
from crm_expenses.store import statements as s
from crm_expenses.store.erasure import Unsaid, sealed, unsaid
from crm_expenses.store.keeping import NAME_MAX, shown
from crm_expenses.store.log import new_salts
from crm_expenses.store.many import Row, rows_of
from crm_expenses.store.merging import Merging, merged


class Fact(Protocol):
    """One fact with its origin."""

    @property
    def record(self) -> Record:
        """The fact."""

    @property
    def origin(self) -> Origin:
        """Where it came from."""


_Held = tuple[str, str, str]
"""What is held of a record: the digest of its newest content, its claim, its version."""


@dataclass(slots=True)
class SortedOut:
    """The facts of a page, told apart.

    `new`, `changed` and `same` count them. `rows` are those of `record`, `words` those of `words`,
    `latest` has those of `latest` by record. `marks` is what the log says of the new rows, `fresh`
    are their records. `held` are the ids of which something was held before: only theirs has to be
    looked up or taken away. `added` are the records that were not held before, or are back.
    `claims` are those that the new rows belong to and those that they belonged to before, `moved`
    the records that went from one to another. `touched` are new versions of content that is held.
    """

    held: frozenset[str]
    new: int = 0
    changed: int = 0
    same: int = 0
    rows: list[Row] = field(default_factory=list)
    words: list[Row] = field(default_factory=list)
    latest: dict[str, Row] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    fresh: list[Record] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    claims: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    touched: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def span(self) -> tuple[int, ...]:
        """The first and the last of the new rows."""
        return (self.rows[0][0], self.rows[-1][0]) if self.rows else ()


def sort_out(
    connection: Connection,
    crm: str,
    kind: Kind,
    readable: Sequence[tuple[Fact, Texts]],
    stamp: str,
    merging: Merging | None = None,
) -> SortedOut:
    """Tell facts apart, in their order; `merging` brings them together with what changed here."""
    of_kind = kind.value
    held = _held(connection, crm, kind, {fact.record.id for fact, _ in readable})
    out = SortedOut(frozenset(held))
    facts = _without_erased(connection, crm, kind, readable) if held else readable
    if merging is not None and held:
        facts = merged(connection, crm, kind, facts, merging)
    seq, salts = connection.execute(s.NEWEST_RECORD).scalar() or 0, new_salts()
    for fact, (content, bare, words) in facts:
        record, version = fact.record, shown(fact.origin.version, NAME_MAX)
        name, mark = record.id, content_digest(of_kind, content)
        before = held.get(name)
        if before is not None and before[0] == mark:
            out.same += 1
            # Equal content is no news; the record's own version may still have moved.
            if before[2] != version:
                of = {"of_crm": crm, "of_kind": of_kind, "of_claim": name}
                out.touched[name] = of | {"of_version": version}
            continue
        out.touched.pop(name, None)  # the row that comes now brings its own version
        claim, voucher, submitted = _references(record)
        if before is None:
            out.new += 1
        else:
            out.changed += 1
            if before[1] != claim:
                out.claims.add(before[1])
                out.moved.add(name)
        if before is None or not before[0]:
            out.added.append(name)
        out.claims.add(claim)
        held[name] = (mark, claim, version)
        seq, origin = seq + 1, _origin(fact.origin)
        out.rows.append((seq, crm, of_kind, name, mark, content, origin, stamp))
        out.latest[name] = (crm, of_kind, name, seq, mark, version, claim, voucher, submitted)
        commitment, kept = sealed(seq, words, salts, is_erased=isinstance(fact, Unsaid))
        if kept is not None:
            out.words.append(kept)
        out.marks.append(mark_of(of_kind, bare, commitment, origin))
        out.fresh.append(record)
    out.claims.discard("")
    return out


def _held(connection: Connection, crm: str, kind: Kind, ids: set[str]) -> dict[str, _Held]:
    rows = rows_of(connection, s.HELD, {"of_crm": crm, "of_kind": kind.value}, ids)
    return {row.id: (row.digest, row.claim, row.version) for row in rows}


def _without_erased(
    connection: Connection, crm: str, kind: Kind, kept: Sequence[tuple[Fact, Texts]]
) -> list[tuple[Fact, Texts]]:
    """Give the same facts, without the words that were erased of them before."""
    left = unsaid(connection, crm, kind, [fact for fact, _ in kept])
    return [
        (now, texts if now is fact else texts_of(now.record))
        for now, (fact, texts) in zip(left, kept, strict=True)
    ]


_NO_REFERENCES: Final = ("", "", "")


def _references(record: Record) -> tuple[str, str, str]:
    """Give the claim that a record belongs to, its voucher, and when it was submitted."""
    match record:
        case ExpenseLine():
            return record.claim, record.voucher, ""
        case GivenApproval():
            return record.claim, "", ""
        case Claim():
            submitted = record.submitted.astimezone(UTC).isoformat(timespec="microseconds")
            return record.id, "", submitted
        case _:
            return _NO_REFERENCES


def _origin(origin: Origin) -> str:
    text = canonical(origin)
    return text if text.isascii() else shown(text, len(text))
