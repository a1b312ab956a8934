"""Claims of our own in the store: facts like any others, but that people here say them.

They go through the door that pulled facts go through. What is ours alone is the number of a claim
document: taken in the transaction that makes it, without a gap within a year.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.origin import Origin
from crm_expenses.core.ownclaim import OWN, number_text
from crm_expenses.core.record import TYPES, Kind, Record, canonical, digest
from crm_expenses.errors import ConfigError, MappingError, Problem
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.append import append_facts
from crm_expenses.store.codec import read_record
from crm_expenses.store.factreader import FactReader
from crm_expenses.store.keeping import problems_of
from crm_expenses.store.log import write_log
from crm_expenses.store.sight import claim_with_lines

_KINDS: Final = {made: kind for kind, made in TYPES.items()}


@dataclass(frozen=True, slots=True)
class _Said:
    """A fact that somebody here said."""

    record: Record
    origin: Origin


@dataclass(frozen=True, slots=True)
class _Page:
    """Facts of one kind, as the door takes them."""

    kind: Kind
    facts: tuple[_Said, ...]
    set_aside: tuple[()] = ()
    cursor: str = ""
    restart: bool = False
    gone: tuple[()] = ()
    whole: tuple[()] = ()


def keep_own(work: FactReader, records: Iterable[Record], *, by: str, at: datetime) -> int:
    """Keep facts that a person said; give how many are new or changed.

    Raises:
        MappingError: some of them cannot be kept; then none is.
    """
    pages: dict[Kind, list[_Said]] = {}
    problems: list[Problem] = []
    for record in records:
        problems += problems_with(record)
        said = _Said(record, Origin(OWN, record.id))
        pages.setdefault(_KINDS[type(record)], []).append(said)
    if problems:
        raise MappingError.of(problems)
    changes = 0
    for kind in sorted(pages, key=list(Kind).index):
        page = _Page(kind, tuple(pages[kind]))
        count = append_facts(work.connection, work.crm, page, at, actor=by)
        changes += count.new + count.changed
    return changes


def problems_with(record: Record) -> tuple[Problem, ...]:
    """Give why a fact cannot be kept; empty for nearly all."""
    return problems_of(record, canonical(record))


def new_number(work: FactReader, prefix: str, year: int, *, by: str, at: datetime) -> str:
    """Take the next number of a year for a claim document; give it as the claim's id.

    Raises:
        ConfigError: the CRM has a claim of that name; another prefix is needed.
    """
    own = t.own_claim
    where = (own.c.crm == work.crm) & (own.c.year == year)
    last: int | None = work.connection.execute(select(func.max(own.c.number)).where(where)).scalar()
    number = (last or 0) + 1
    claim = number_text(prefix, year, number)
    of = {"of_crm": work.crm, "of_claim": claim}
    if work.connection.execute(s.RECORD, of | {"of_kind": Kind.CLAIM.value}).first() is not None:
        raise ConfigError("claims.number_taken", number=claim, prefix=prefix)
    row = {"crm": work.crm, "claim": claim, "year": year, "number": number}
    work.connection.execute(own.insert(), row)
    write_log(
        work.connection,
        at=at,
        actor=by,
        action="claim_new",
        subject=claim,
        content=own_digest(work.crm, claim, year, number),
    )
    return claim


def own_digest(crm: str, claim: str, year: int, number: int) -> str:
    """Give what the log says of a number that was taken."""
    return digest([crm, claim, year, number])


def claim_of(work: FactReader, name: str) -> tuple[Claim, tuple[ExpenseLine, ...]] | None:
    """Give a claim and its lines; None where there is none of that name."""
    return claim_with_lines(work.connection, work.crm, name)


def records_named(work: FactReader, kind: Kind, ids: Sequence[str]) -> dict[str, Record]:
    """Give the newest versions of some records, by id; what is not there is left out."""
    of = {"of_crm": work.crm, "of_kind": kind.value}
    found = (
        read_record(kind, row.content)
        for names in s.portions(sorted(set(ids)))
        for row in work.connection.execute(s.RECORDS, of | {"of_names": names})
    )
    return {record.id: record for record in found}


def reasons_of(work: FactReader, entries: Sequence[int]) -> dict[int, str]:
    """Give why something was done, by the log's entry; those that were erased are left out."""
    if not entries:
        return {}
    where = t.reason.c.number.in_(sorted(set(entries))) & ~t.reason.c.erased
    rows = work.connection.execute(select(t.reason.c.number, t.reason.c.content).where(where))
    return {row.number: row.content for row in rows}
