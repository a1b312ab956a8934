"""Claims that stand whole in one JSON object, in the published shape.

What such an object means is known further up, where claims are given as plain dicts: whoever opens
a file brings the reader. Here is what it must give, and what no text of an object may hold.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from crm_expenses.adapters.files.jsonrows import Object
from crm_expenses.adapters.files.rows import CELL_CHARS_MAX, text_fault
from crm_expenses.adapters.files.values import shown
from crm_expenses.core.facts import Facts
from crm_expenses.core.record import Kind, Record
from crm_expenses.errors import Place, Problem


@dataclass(frozen=True, slots=True)
class ClaimRead:
    """What an object says: its facts, None where it gives none, and what of it was set aside.

    `aside` has the problems of each line that was left out, or once those of the whole claim; the
    place of a problem is the path inside the object. `unread` has names that no field has.
    """

    facts: Facts | None
    aside: tuple[tuple[Problem, ...], ...] = ()
    unread: frozenset[str] = frozenset()


ReadClaim = Callable[[Object], ClaimRead]
"""Reads one object that is a claim."""


def records_of(facts: Facts) -> Iterator[tuple[Kind, Record]]:
    """Give all that belongs to a claim beside itself and its person, in order."""
    for kind, records in _kinds_of(facts):
        yield from ((kind, record) for record in records)


def _kinds_of(facts: Facts) -> Iterator[tuple[Kind, Sequence[Record]]]:
    yield Kind.LINE, facts.lines
    yield Kind.VOUCHER, facts.vouchers
    yield Kind.RATE, facts.rates
    for trip in facts.trips:
        yield Kind.TRIP_LEG, trip.legs
        yield Kind.TRIP_NOTE, trip.notes
    yield Kind.WAIVER, facts.waivers
    yield Kind.PRE_APPROVAL, facts.pre_approvals


def inside(place: Place, problem: Problem) -> Problem:
    """Put a problem of an object where the object stands.

    >>> inside(Place("c.jsonl", 3), Problem("claim.missing", {}, Place("lines.0.date"))).place
    Place(file='c.jsonl:3:lines.0.date', line=0, column=0)
    """
    path = problem.place.file
    return Problem(problem.code, problem.values, Place(f"{place}:{path}") if path else place)


def text_problems(value: Object) -> list[Problem]:
    """Find texts that are too long, or hold what no text may hold; also among names."""
    problems = []
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        path, held = waiting.pop()
        if isinstance(held, str):
            code = text_fault(held)
            if code:
                values = {"column": shown(path), "value": shown(held)}
                values |= {"size": str(len(held)), "limit": str(CELL_CHARS_MAX)}
                problems.append(Problem(code, values))
        elif isinstance(held, list):
            waiting += [(f"{path}.{n}".lstrip("."), part) for n, part in enumerate(held)]
        elif isinstance(held, dict):
            waiting += [(f"{path}.{name}".lstrip("."), part) for name, part in held.items()]
            waiting += [(path, name) for name in held]
    return problems
