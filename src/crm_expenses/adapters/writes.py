"""Writes of one push, whatever CRM they go to: which record, in which order, what stays unclear."""

from collections.abc import Iterator, Sequence
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Change, WriteBack
from crm_expenses.adapters.fieldmap import PARENTS
from crm_expenses.adapters.transport import MAY_HAVE_ACTED
from crm_expenses.core.record import Kind

UNKNOWN_AFTER: Final = frozenset({*MAY_HAVE_ACTED, answers.WRONG_ANSWER})
"""Codes of errors after which nobody knows whether a write had its effect."""


def kind_of(write: WriteBack) -> Kind:
    """Give the kind of the record that a write goes to."""
    return write.result.kind if isinstance(write.result, Change) else PARENTS[write.kind]


def one_a_record(writes: Sequence[WriteBack]) -> Iterator[list[WriteBack]]:
    """Split writes so that no group has two of one record: the second must see the first."""
    left = list(writes)
    while left:
        seen: set[str] = set()
        group: list[WriteBack] = []
        later: list[WriteBack] = []
        for write in left:
            (later if write.record in seen else group).append(write)
            seen.add(write.record)
        yield group
        left = later


def value_of(record: object, name: str) -> object:
    """Give a field of a record, or one of those that the CRM keeps beside the known ones."""
    if name.startswith("extra."):
        return dict(getattr(record, "extra", ())).get(name.removeprefix("extra."), "")
    return getattr(record, name)
