"""Which fields a CRM is asked for, where it gives only those that are named. Pure.

What the map reads is not all: the time of change, the mark of a deletion, the version, the rows
that stand inside, and the results, which are compared before they are written.
"""

from collections.abc import Iterator

from crm_expenses.adapters.fieldmap import FieldMap
from crm_expenses.adapters.rest.path import steps_of
from crm_expenses.adapters.rest.spec import DeletesKind
from crm_expenses.adapters.rest.speckind import ConnectionFile
from crm_expenses.core.record import Kind

_CONSTANT = "="
_NOTED = "@"
"""Begins the name of what a CRM puts beside the fields, unasked, like an ETag."""


def asked_of(held: ConnectionFile, kind: Kind, known: FieldMap) -> tuple[str, ...]:
    """Give the names of the fields to ask for, each once, sorted; `known` has the user's own.

    Where the fields of a record stand in an object of it (`unwrap`), what stands beside that object
    comes unasked.
    """
    unwrap = held.records_of(kind).unwrap
    inner = {path for path in _inner(held, kind, known) if not path.startswith(_CONSTANT)}
    outer = {*_outer(held, kind)}
    if unwrap:
        below = f"{unwrap}."
        outer = {path.removeprefix(below) for path in outer if path.startswith(below)}
    else:
        outer.add(held.kind[kind].id)
    first = {str(steps_of(path)[0]) for path in inner | outer if path}
    return tuple(sorted(name for name in first if not name.startswith(_NOTED)))


def _inner(held: ConnectionFile, kind: Kind, known: FieldMap) -> Iterator[str]:
    """Give the paths inside the fields of a record."""
    part = held.kind[kind]
    yield from (path for ours, path in known.mapped.items() if ours != "id")
    for ours in {*part.fields} & {*known.mapped}:
        yield part.fields[ours].fallback
        yield from part.fields[ours].also
    yield from part.whole
    if not part.results.object:
        for one in part.results.fields.values():
            yield from (one.field, one.currency)
    for other in held.kind.values():
        if other.nested is not None and other.nested.parent is kind:
            yield other.nested.path


def _outer(held: ConnectionFile, kind: Kind) -> Iterator[str]:
    """Give the paths in a row as the CRM lists it."""
    part, deletes = held.kind[kind], held.deletes_of(kind)
    yield from held.since_of(kind).field
    yield from part.only
    yield part.conflict.path
    if deletes.kind is DeletesKind.FLAG:
        yield deletes.path
