"""What `doctor` finds out about a connection: signing in apart from reading, then each kind."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

from crm_expenses.adapters.contract import (
    Ability,
    Capabilities,
    Diagnosis,
    Level,
    Page,
    ResultKind,
    Support,
)
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.fieldmap import PARENTS
from crm_expenses.adapters.rest.fieldpaths import path_values
from crm_expenses.adapters.rest.paging import Pager
from crm_expenses.adapters.rest.path import NOT_THERE, found
from crm_expenses.adapters.rest.rows import Source, moment_of, names_of, page_of, records_in
from crm_expenses.adapters.rest.spec import SinceKind
from crm_expenses.adapters.rest.wire import Wire
from crm_expenses.core.record import Json, Kind
from crm_expenses.errors import AuthError, CrmExpensesError, Problem


@dataclass(frozen=True, slots=True)
class Sample:
    """The first page of a kind: what it was mapped to, and which fields stood in no record.

    `untimed` counts the records that do not say when they changed, `unsorted` those that come
    before an older one though the file says `sorted`; `unmapped` are the CRM's fields that nothing
    reads, each with a value that was seen.
    """

    page: Page
    rows: int
    lacking: tuple[str, ...]
    unmapped: Mapping[str, str]
    untimed: int
    unsorted: int = 0


def sample(wire: Wire, source: Source) -> Sample:
    """Read the first page of a kind and say what became of it; nothing is written anywhere."""
    listed = source.listed
    call = wire.held.call(listed.kind, "list")
    if call is None:
        raise AssertionError(f"{listed.kind} is not listed")
    pager = Pager(wire.crm, wire.held.paging_of(listed.kind))
    since = wire.held.since_of(listed.kind)
    names = names_of(listed)
    values: dict[str, Json] = {
        "object": listed.part.object,
        "field_list": ",".join(names),
        "field_names": list(names),
        "after": cast("Json", pager.paging.key_first),
        **path_values(wire.held, listed.kind, listed.shape.parts),
    }
    asked = pager.ask(pager.first)
    query = {**since.order_query, **asked.query}
    body = (since.order_body,) if since.order_body is not None else ()
    answer = wire.call(call, values, replace(asked, query=query, body=body))
    rows = wire.rows(answer, wire.held.records_of(listed.kind, call))
    raws = [raw for row in rows for _, raw in records_in(wire, source, row)]
    untimed = unsorted = 0
    if since.kind is SinceKind.FILTER and since.field:
        times = [moment_of(row, since, wire.zones) for row in rows]
        untimed = times.count(None)
        known = [time for time in times if time is not None]
        if since.sorted:
            unsorted = sum(one > other for one, other in pairwise(known))
    return Sample(
        page_of(wire, source, rows, ""),
        len(rows),
        tuple(_lacking(source, raws)),
        _unmapped(source, raws),
        untimed,
        unsorted,
    )


def examined(
    wire: Wire, sources: Mapping[Kind, Source], capabilities: Capabilities
) -> Sequence[Diagnosis]:
    """Look at a connection: sign in, read a page of each kind, and say what it can do."""
    found_out: list[Diagnosis] = [*_signed_in(wire)]
    if any(one.level is Level.BAD for one in found_out):
        return found_out
    for kind, source in sources.items():
        try:
            found_out += _of_kind(wire, kind, sample(wire, source))
        except CrmExpensesError as error:
            problem = Problem("rest.cannot_read", _told(wire, kind, detail=error.describe()))
            found_out += [Diagnosis(Level.BAD, problem)]
    return [*found_out, *_abilities(wire, capabilities)]


def _signed_in(wire: Wire) -> Iterator[Diagnosis]:
    values = {"crm": wire.crm, "title": wire.held.connection.title}
    if not wire.has_probe():
        yield Diagnosis(Level.WARNING, Problem("rest.no_probe", values))
        return
    try:
        wire.demand_signed_in()
    except CrmExpensesError as error:
        told = {**values, "detail": error.describe()}
        is_stranger = isinstance(error, AuthError)
        code = "rest.not_signed_in" if is_stranger else "rest.not_asked"
        yield Diagnosis(Level.BAD, Problem(code, told))
        return
    yield Diagnosis(Level.GOOD, Problem("rest.signed_in", values))


def _of_kind(wire: Wire, kind: Kind, held: Sample) -> Iterator[Diagnosis]:
    counts = {"rows": str(held.rows), "read": str(len(held.page.facts))}
    if held.rows == 0:
        yield Diagnosis(Level.WARNING, Problem("rest.empty", _told(wire, kind)))
        return
    level = Level.GOOD if held.page.facts else Level.BAD
    yield Diagnosis(level, Problem("rest.read", _told(wire, kind, **counts)))
    if held.page.set_aside:
        first = held.page.set_aside[0]
        detail = "; ".join(one.describe() for one in first.problems[:3])
        aside = {"count": str(len(held.page.set_aside)), "record": first.origin.record}
        yield Diagnosis(
            Level.WARNING, Problem("rest.aside", _told(wire, kind, detail=detail, **aside))
        )
    if held.lacking:
        names = ", ".join(held.lacking)[:300]
        yield Diagnosis(Level.WARNING, Problem("rest.lacking", _told(wire, kind, fields=names)))
    if held.untimed:
        yield Diagnosis(
            Level.WARNING,
            Problem("rest.untimed", _told(wire, kind, count=str(held.untimed), **counts)),
        )
    if held.unsorted:
        told = _told(wire, kind, count=str(held.unsorted), **counts)
        yield Diagnosis(Level.BAD, Problem("rest.unsorted", told))


def _abilities(wire: Wire, held: Capabilities) -> Iterator[Diagnosis]:
    nowhere = [kind.value for result, kind in PARENTS.items() if _lacks_results(held, result)]
    if nowhere and held.writes:
        values = {"crm": wire.crm, "kinds": ", ".join(nowhere)}
        yield Diagnosis(Level.WARNING, Problem("rest.no_results", values))
    lacking = [one.value for one in Ability if held.support(one) is Support.NO]
    partly = [one.value for one in Ability if held.support(one) is Support.PARTLY]
    values = {"crm": wire.crm, "lacking": ", ".join(lacking) or "-", "partly": ", ".join(partly)}
    yield Diagnosis(
        Level.GOOD, Problem("rest.abilities", {**values, "partly": values["partly"] or "-"})
    )


def _lacks_results(held: Capabilities, result: ResultKind) -> bool:
    """Say whether what is decided has no place there; return figures are nobody's decision."""
    is_decided = result is not ResultKind.RETURN_RESULT
    return is_decided and PARENTS[result] in held.reads and result not in held.writes


def _lacking(source: Source, raws: Sequence[Value]) -> Iterator[str]:
    """Give the mapped paths that stand in no record."""
    if not raws:
        return
    for path, part in source.shape.parts.items():
        if path and not any(found(raw, path) is not NOT_THERE for raw in raws):
            yield part.field or path


def _unmapped(source: Source, raws: Sequence[Value]) -> dict[str, str]:
    """Give the CRM's top fields that nothing reads, each with a value that was seen."""
    read = {path.partition(".")[0].partition("[")[0] for path in source.shape.parts}
    seen: Counter[str] = Counter()
    values: dict[str, str] = {}
    for raw in raws:
        for name, value in raw.items() if isinstance(raw, dict) else ():
            if name not in read:
                seen[name] += 1
                if value not in (None, "", [], {}):
                    values.setdefault(name, type(value).__name__)
    return {name: values.get(name, "-") for name, _ in seen.most_common()}


def _told(wire: Wire, kind: Kind, **values: str) -> dict[str, str]:
    return {"crm": wire.crm, "kind": kind.value, **values}
