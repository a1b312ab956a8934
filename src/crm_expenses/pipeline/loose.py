"""Loose lines: what a person spent, noted down before it is claimed.

They wait in a draft of the person's own. The same spending noted twice is one line: where nobody
gave it an id, its id is made of what it says.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from crm_expenses.claimdata import facts_from
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.ownclaim import UNNAMED, Noted, discarded_of, loose_of
from crm_expenses.core.record import Kind, Record, canonical, digest
from crm_expenses.core.voucher import Voucher
from crm_expenses.errors import MappingError, Place, Problem, RefusedError
from crm_expenses.pipeline.desk import Desk, demand_person
from crm_expenses.pipeline.lineshape import claim_dict, plain_line
from crm_expenses.rules.policy import Policy
from crm_expenses.store import Work
from crm_expenses.store.own import claim_of, keep_own, problems_with, records_named

_ID_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class Added:
    """What became of lines that were noted down, by their ids; what was wrong with the others."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def line_of(values: Mapping[str, str], person: str, policy: Policy) -> Noted:
    """Read one line that is given by the names of its fields.

    Raises:
        MappingError: with everything that is wrong with it.
    """
    made: dict[str, Any] = {"line": UNNAMED, **plain_line(values)}
    try:
        facts = facts_from(claim_dict(loose_of(person), person, [made]), policy.currency)
    except MappingError as error:
        raise MappingError.of([_at_field(problem) for problem in error.problems]) from None
    return Noted(facts.lines[0], facts.vouchers[0] if facts.vouchers else None)


def _at_field(problem: Problem) -> Problem:
    """Name the field, without the place of the line in a claim that nobody sees."""
    field = problem.place.file.removeprefix("lines.0").removeprefix(".")
    return Problem(problem.code, problem.values, Place(field) if field else Place())


def add_lines(desk: Desk, noted: Iterable[Noted], *, by: str, at: datetime) -> Added:
    """Put lines among a person's loose ones; one that cannot be kept does not stop the others.

    Raises:
        RefusedError: nobody is known by the id `by`.
    """
    given = _named(noted, by)
    with desk.store.work(desk.crm) as work:
        demand_person(work, by)
        held = records_named(work, Kind.LINE, [one.line.id for one in given])
        kept: list[Record] = []
        told: dict[str, list[str]] = {"new": [], "changed": [], "same": []}
        problems: list[Problem] = []
        for one in given:
            before = held.get(one.line.id)
            if isinstance(before, ExpenseLine) and before.claim not in _waiting(by):
                is_same = canonical(replace(before, claim=one.line.claim)) == canonical(one.line)
                if is_same:
                    told["same"].append(one.line.id)
                    continue
                values = {"line": one.line.id, "claim": before.claim}
                problems.append(Problem("claims.line_claimed", values))
                continue
            is_same = before is not None and canonical(before) == canonical(one.line)
            told["same" if is_same else "changed" if before else "new"].append(one.line.id)
            kept += [one.line, one.voucher] if one.voucher is not None else [one.line]
        problems += _keep(work, kept, by, at)
    wrong = {problem.values.get("line") for problem in problems}
    left = {name: tuple(i for i in ids if i not in wrong) for name, ids in told.items()}
    return Added(**left, problems=tuple(problems))


def _keep(work: Work, kept: Sequence[Record], by: str, at: datetime) -> list[Problem]:
    """Keep what can be kept; give what is wrong with the others."""
    problems: list[Problem] = []
    good: list[Record] = []
    for record in kept:
        wrong = problems_with(record)
        good += [] if wrong else [record]
        problems += [Problem(p.code, {**p.values, "line": record.id}, p.place) for p in wrong]
    if good:
        keep_own(work, [drawer(work, by, at), *good], by=by, at=at)
        work.done(loose_of(by))
        work.done(discarded_of(by))
    return problems


def drawer(work: Work, person: str, at: datetime) -> Claim:
    """Give the draft that holds a person's loose lines, as it is or new."""
    found = claim_of(work, loose_of(person))
    return found[0] if found else Claim(loose_of(person), person, at, ClaimStatus.DRAFT)


def loose_lines(desk: Desk, person: str) -> tuple[Noted, ...]:
    """Give the loose lines of a person, by day."""
    with desk.store.looking(desk.crm) as work:
        found = claim_of(work, loose_of(person))
        lines = found[1] if found else ()
        vouchers = records_named(work, Kind.VOUCHER, [one.voucher for one in lines if one.voucher])
    made = []
    for line in sorted(lines, key=lambda one: (one.date, one.id)):
        voucher = vouchers.get(line.voucher)
        made.append(Noted(line, voucher if isinstance(voucher, Voucher) else None))
    return tuple(made)


def discard_lines(desk: Desk, ids: Sequence[str], *, by: str, at: datetime) -> tuple[str, ...]:
    """Throw loose lines away: they are kept, and count for nothing; give their ids.

    Raises:
        RefusedError: one is no loose line of this person.
    """
    with desk.store.work(desk.crm) as work:
        demand_person(work, by)
        lines = [replace(one, claim=discarded_of(by)) for one in chosen_lines(work, ids, by)]
        found = claim_of(work, discarded_of(by))
        bin_ = found[0] if found else Claim(discarded_of(by), by, at, ClaimStatus.WITHDRAWN)
        keep_own(work, [bin_, *lines], by=by, at=at)
        work.done(bin_.id)
        work.done(loose_of(by))
    return tuple(line.id for line in lines)


def chosen_lines(work: Work, ids: Sequence[str], person: str) -> tuple[ExpenseLine, ...]:
    """Give loose lines by their ids, with or without the person's own before them.

    Raises:
        RefusedError: one is no loose line of this person.
    """
    found = claim_of(work, loose_of(person))
    held = {line.id: line for line in (found[1] if found else ())}
    chosen = []
    for name in dict.fromkeys(ids):
        line = held.get(name) or held.get(f"{person}/{name}")
        if line is None:
            known = ", ".join(list(held)[:10]) or "-"
            raise RefusedError("claims.no_line", line=name, claim=loose_of(person), known=known)
        chosen.append(line)
    return tuple(chosen)


def _waiting(person: str) -> tuple[str, str]:
    return (loose_of(person), discarded_of(person))


def _named(noted: Iterable[Noted], person: str) -> tuple[Noted, ...]:
    """Give lines the ids by which they are kept: the person's own, and never twice the same."""
    made: dict[str, Noted] = {}
    times: Counter[str] = Counter()
    for one in noted:
        name = one.line.id
        if name.startswith(UNNAMED):
            said = replace(one.line, id="-", claim="-", voucher="")
            voucher = one.voucher and replace(one.voucher, id="-")
            name = digest([said, voucher])[:_ID_LENGTH]
            times[name] += 1
            name += f"-{times[name]}" if times[name] > 1 else ""
        line_id = f"{person}/{name.removeprefix(f'{person}/')}"
        voucher = one.voucher and replace(one.voucher, id=line_id)
        line = replace(
            one.line, id=line_id, claim=loose_of(person), voucher=voucher.id if voucher else ""
        )
        made[line_id] = Noted(line, voucher)
    return tuple(made.values())
