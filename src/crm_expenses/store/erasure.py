"""What is kept of people's words, and how they are erased.

Words stand in the records as they came, and beside them (`words`) the salt with which the log
commits to them. Erasing puts stand-ins in the place of words in every version, and takes the salt:
what the log holds of them can then be compared with nothing. Amounts, dates and decisions stay.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import BindParameter, Connection, bindparam, delete, select, update

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import TYPES, Kind, Record, canonical, digest
from crm_expenses.core.words import (
    NO_WORDS,
    WORDS,
    StandIn,
    committed,
    erased,
    form_of,
    words_of,
)
from crm_expenses.core.words import unsaid as words_left
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_as, read_record
from crm_expenses.store.editwords import erase_edits
from crm_expenses.store.keeping import NAME_MAX, SAID_MAX, shown
from crm_expenses.store.log import write_log
from crm_expenses.store.many import Row

KINDS: Final = tuple(kind for kind in Kind if TYPES[kind] in WORDS)
"""The kinds of record that hold words."""

AT_ONCE: Final = 500


class _Received(Protocol):
    @property
    def record(self) -> Record: ...
    @property
    def origin(self) -> Origin: ...


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A record whose words were erased before: the CRM may still have them, and we keep none."""

    record: Record
    origin: Origin


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: versions of records, reasons, facts of decisions; the entry that says so.

    `kept_in` are claims whose decisions still hold words, which a plug-in put in them.
    """

    records: int
    reasons: int
    facts: int
    entry: int
    kept_in: tuple[str, ...]


def unsaid(
    connection: Connection, crm: str, kind: Kind, facts: Sequence[_Received]
) -> list[_Received]:
    """Give facts as they may be kept: what was erased does not come back with the next pull."""
    if kind not in KINDS:
        return list(facts)
    gone: dict[str, Record] = {}
    ids = sorted({fact.record.id for fact in facts})
    for start in range(0, len(ids), AT_ONCE):
        of = {"of_crm": crm, "of_kind": kind.value, "of_names": ids[start : start + AT_ONCE]}
        rows = connection.execute(s.ERASED, of)
        gone |= {row.id: read_record(kind, row.content) for row in rows}
    return [
        Unsaid(words_left(fact.record, gone[fact.record.id]), fact.origin)
        if fact.record.id in gone
        else fact
        for fact in facts
    ]


def sealed(
    seq: int, words: str, salts: Iterator[str], *, is_erased: bool
) -> tuple[str, Row | None]:
    """Give the log's commitment to the words of a new version, and the row that is kept of them.

    `salts` gives a new one for each. Without words there is neither, unless they were erased.
    """
    if words == NO_WORDS:
        return "", (seq, "", "", True) if is_erased else None
    salt = "" if is_erased else next(salts)
    commitment = committed(salt, words)
    return commitment, (seq, salt, commitment, is_erased)


@dataclass(frozen=True, slots=True)
class Request:
    """Whose words are to be erased, who does it, why in their words, and what stays instead."""

    person: str
    actor: str
    said: str
    how: StandIn = form_of


def erase(connection: Connection, crm: str, request: Request, at: datetime) -> Erased:
    """Erase a person's words: in their claims and lines, and in what they gave as reasons."""
    person = shown(request.person, NAME_MAX)
    claims = _claims(connection, crm, person)
    rows = _records(connection, crm, person, claims)
    for row in rows:
        _erase_record(connection, row, request.how)
    for kind, name in sorted({(row.kind, row.id) for row in rows}):
        of = {"of_crm": crm, "of_kind": kind, "of_names": [name]}
        for held in connection.execute(s.RECORDS, of).all():
            left = read_record(Kind(kind), held.content)
            erase_edits(connection, crm, Kind(kind), name, left, at)
    reasons = list(connection.execute(s.REASONS_OF, {"of_person": person}).scalars())
    connection.execute(s.ERASE_REASONS, {"of_person": person})
    facts, kept_in = _erase_facts(connection, crm, claims, rows)
    taken = sorted([row.commitment for row in rows] + [str(number) for number in reasons])
    entry = write_log(
        connection,
        at=at,
        actor=shown(request.actor, NAME_MAX),
        action="erase",
        subject=person,
        content=digest(taken),
        said=shown(request.said, SAID_MAX),
    )
    return Erased(len(rows), len(reasons), facts, entry, kept_in)


def _claims(connection: Connection, crm: str, person: str) -> list[str]:
    """Give the claims that some version says are a person's."""
    says = t.record.c.content.contains(f'"person":{canonical(person)}', autoescape=True)
    of = select(t.record.c.id, t.record.c.content).where(
        (t.record.c.crm == crm) & (t.record.c.kind == Kind.CLAIM.value) & says
    )
    read = (read_record(Kind.CLAIM, row.content) for row in connection.execute(of))
    return sorted({one.id for one in read if isinstance(one, Claim) and one.person == person})


def _records(connection: Connection, crm: str, person: str, claims: Sequence[str]) -> list[Any]:
    """Give every version that has a person's words: claims and lines, and what they said of others.

    What others said of the person's claims is not theirs.
    """
    theirs = frozenset(claims)
    joined = t.words.join(t.record, t.record.c.seq == t.words.c.seq)
    where = (t.record.c.crm == crm) & ~t.words.c.erased
    of = select(t.record, t.words.c.commitment).select_from(joined).where(where)
    rows = connection.execute(of.order_by(t.record.c.seq).execution_options(yield_per=1000))
    owned = [(row, read_record(Kind(row.kind), row.content)) for row in rows]
    names = {(row.kind, row.id) for row, one in owned if _is_of(one, person, theirs)}
    return [row for row, _ in owned if (row.kind, row.id) in names]


def _is_of(record: Record, person: str, claims: frozenset[str]) -> bool:
    """Say whether the words in a record are a person's."""
    if isinstance(record, GivenApproval):
        return record.approver == person
    return _claim_of(record) in claims


def _claim_of(record: Record) -> str:
    """Give the claim that a claim, a line or an approval belongs to."""
    return record.claim if isinstance(record, ExpenseLine | GivenApproval) else record.id


def _erase_record(connection: Connection, row: Any, how: StandIn) -> None:  # noqa: ANN401  a row
    left = erased(read_record(Kind(row.kind), row.content), how)
    content = canonical(left)
    mark = digest([row.kind, content])
    seq: BindParameter[int] = bindparam("of_seq")
    changed = update(t.record).where(t.record.c.seq == seq)
    connection.execute(changed.values(content=content, digest=mark), {"of_seq": row.seq})
    newest = update(t.latest).where(t.latest.c.seq == seq).values(digest=mark)
    connection.execute(newest, {"of_seq": row.seq})
    gone = update(t.words).where(t.words.c.seq == seq).values(salt="", erased=True)
    connection.execute(gone, {"of_seq": row.seq})
    aside = t.set_aside.c
    where = (aside.crm == row.crm) & (aside.kind == row.kind) & (aside.id == row.id)
    connection.execute(delete(t.set_aside).where(where))


def _erase_facts(
    connection: Connection, crm: str, claims: Sequence[str], rows: Iterable[Any]
) -> tuple[int, tuple[str, ...]]:
    """Erase words from facts that a plug-in could read; name the decisions that quote them."""
    said: dict[str, set[str]] = {}
    for row in rows:
        record = read_record(Kind(row.kind), row.content)
        said.setdefault(_claim_of(record), set()).update(words_of(record).values())
    read_by = _read_by_plug_ins(connection)
    count = 0
    kept_in = []
    for claim in claims:
        for row in connection.execute(s.DERIVED, {"of_crm": crm, "of_claim": claim}).all():
            policy = json.loads(row.content)["policy"]
            if row.facts is not None and (policy["id"], policy["version"]) in read_by:
                _erase_evidence(connection, row)
                count += not row.erased
            if any(f'"{one}"' in row.content for one in said.get(claim, ())):
                kept_in.append(claim)
    return count, tuple(sorted(set(kept_in)))


def _read_by_plug_ins(connection: Connection) -> set[tuple[str, str]]:
    """Give the policies with plug-ins: only of those do the facts hold words as they were said."""
    rows = connection.execute(select(t.policy_text).where(t.policy_text.c.plug_ins != "[]"))
    return {(row.id, row.version) for row in rows}


def _erase_evidence(connection: Connection, row: Any) -> None:  # noqa: ANN401  a row
    facts: Facts = read_as(Facts, row.facts)
    lines: Any = tuple(erased(line) for line in facts.lines)
    claim: Any = erased(facts.claim)
    left = canonical(replace(facts, claim=claim, lines=lines))
    of = update(t.evidence).where(t.evidence.c.seq == row.seq)
    connection.execute(of.values(content=left, erased=True))
