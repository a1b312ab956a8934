"""Which fields of a record name which other records, so that a merged one is read as what is left.

A word on a claim (`GivenApproval`) is no such record: whoever said it then said it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.record import TYPES, Kind, Record

Some = TypeVar("Some", bound=Record)
Name = tuple[Kind, str]
"""A record by its kind and its id."""

FIELDS: Final[Mapping[Kind, Mapping[str, Kind]]] = {
    Kind.ACCOUNT_MANAGER: {"manager": Kind.ACCOUNT_MANAGER},
    Kind.ACCOUNT: {"owner": Kind.ACCOUNT_MANAGER},
    Kind.OPPORTUNITY: {"owner": Kind.ACCOUNT_MANAGER, "account": Kind.ACCOUNT},
    Kind.SATISFACTION: {"account": Kind.ACCOUNT},
    Kind.COST: {"person": Kind.ACCOUNT_MANAGER},
    Kind.BUDGET: {"responsible": Kind.ACCOUNT_MANAGER, "account": Kind.ACCOUNT},
    Kind.WAIVER: {
        "granted_by": Kind.ACCOUNT_MANAGER,
        "person": Kind.ACCOUNT_MANAGER,
        "claim": Kind.CLAIM,
        "line": Kind.LINE,
    },
    Kind.PRE_APPROVAL: {
        "person": Kind.ACCOUNT_MANAGER,
        "granted_by": Kind.ACCOUNT_MANAGER,
        "account": Kind.ACCOUNT,
        "opportunity": Kind.OPPORTUNITY,
    },
    Kind.CLAIM: {"person": Kind.ACCOUNT_MANAGER},
    Kind.LINE: {
        "claim": Kind.CLAIM,
        "account": Kind.ACCOUNT,
        "opportunity": Kind.OPPORTUNITY,
        "voucher": Kind.VOUCHER,
    },
}
"""By the kind of a record, its fields that name one, each with the kind of what it names."""

_OWNERS: Final = {BudgetScope.PERSON: Kind.ACCOUNT_MANAGER, BudgetScope.ACCOUNT: Kind.ACCOUNT}
_KINDS: Final = {made: kind for kind, made in TYPES.items()}


def kinds_naming(kind: Kind) -> tuple[Kind, ...]:
    """Give the kinds of record that may name one of a kind, parents first.

    >>> [kind.value for kind in kinds_naming(Kind.VOUCHER)]
    ['line']
    """
    owned = {Kind.BUDGET} if kind in _OWNERS.values() else set()
    naming = owned | {of for of, fields in FIELDS.items() if kind in fields.values()}
    return tuple(of for of in Kind if of in naming)


def fields_naming(of: Kind, kind: Kind, row: Mapping[str, str]) -> tuple[str, ...]:
    """Give the fields of a record of kind `of` that name one of a kind; `row` has its own fields.

    >>> fields_naming(Kind.BUDGET, Kind.ACCOUNT, {"scope": "account"})
    ('account', 'owner')
    """
    named = [field for field, other in FIELDS.get(of, {}).items() if other is kind]
    scopes = {scope.value for scope, other in _OWNERS.items() if other is kind}
    owned = of is Kind.BUDGET and row.get("scope") in scopes
    return (*named, "owner") if owned else tuple(named)


def names_in(record: Record) -> dict[str, Name]:
    """Give by field what a record names.

    >>> from crm_expenses.core.party import Account
    >>> names_in(Account("A-1", "Nord", owner="P1"))["owner"][1]
    'P1'
    """
    fields: dict[str, Kind] = dict(FIELDS.get(_KINDS[type(record)], {}))
    if isinstance(record, Budget) and record.scope in _OWNERS:
        fields["owner"] = _OWNERS[record.scope]
    found = ((field, (kind, str(getattr(record, field)))) for field, kind in fields.items())
    return {field: name for field, name in found if name[1]}


def renamed(record: Some, now: Callable[[Name], str]) -> Some:
    """Give a record that names what `now` says in the place of what it names.

    >>> from crm_expenses.core.party import Account
    >>> renamed(Account("A-1", "Nord", owner="P1"), lambda name: "P2").owner
    'P2'
    """
    changed = {field: now(name) for field, name in names_in(record).items()}
    changed = {field: name for field, name in changed.items() if name != getattr(record, field)}
    of: Any = record
    made: Some = replace(of, **changed) if changed else record
    return made
