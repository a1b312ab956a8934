"""One table for both directions: a field of the core, the CRM's field, and the value's form there.

Pure. An adapter writes one `FieldMap` a kind; the user's own names (`[crm.NAME.fields.KIND]`) go on
top of it with `overridden`. A row that cannot be read tells everything that is wrong with it.
"""

import difflib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

from crm_expenses.adapters.contract import (
    BudgetResult,
    ClaimResult,
    Description,
    FieldInfo,
    LineResult,
    ResultKind,
    ReturnResult,
    Told,
)
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.fieldcodec import (
    Amount,
    Choice,
    Codec,
    Currency,
    Pairs,
    Text,
    Unfit,
    standard,
    told,
)
from crm_expenses.adapters.files.shape import EXTRA, field_shape, has_extra, shapes
from crm_expenses.core.money import Money
from crm_expenses.core.record import TYPES, Json, Kind, Record
from crm_expenses.errors import ConfigError, CrmExpensesError, MappingError, Problem

Row = Mapping[str, Value]
"""A record as the CRM sends it: its own names, plain values."""

RESULT_TYPES: Final[Mapping[ResultKind, type[Told]]] = {
    ResultKind.CLAIM_RESULT: ClaimResult,
    ResultKind.LINE_RESULT: LineResult,
    ResultKind.BUDGET_RESULT: BudgetResult,
    ResultKind.RETURN_RESULT: ReturnResult,
}
PARENTS: Final[Mapping[ResultKind, Kind]] = {
    ResultKind.CLAIM_RESULT: Kind.CLAIM,
    ResultKind.LINE_RESULT: Kind.LINE,
    ResultKind.BUDGET_RESULT: Kind.BUDGET,
    ResultKind.RETURN_RESULT: Kind.ACCOUNT_MANAGER,
}
"""The records that results are written beside."""

_OF_CURRENCY: Final = "_currency"
_CURRENCY: Final = Currency()
_EXTRA_DOT: Final = f"{EXTRA}."


@dataclass(frozen=True, slots=True)
class Mapped:
    """One field: `ours` in the core, `theirs` in the CRM; money has its currency in `currency`."""

    ours: str
    theirs: str
    codec: Codec
    currency: str = ""


_Step = tuple[str, bool, str, Callable[[Value], object] | None, Mapped]
"""What is done for a field of each row, looked up once: the CRM's field; whether an empty text is
a value; the field here, empty where it is kept beside the known ones; what reads it, None for an
amount whose currency stands in the row; the field itself."""


@dataclass(frozen=True, slots=True)
class FieldMap:
    """The fields of one kind, and by `KIND_OF_RESULT.FIELD` those that results are written into.

    >>> from crm_expenses.core.party import Account
    >>> names = {"id": "Id", "name": "Name", "owner": "OwnerId"}
    >>> accounts = field_map(Kind.ACCOUNT, names)
    >>> accounts.read({"Id": "A-1", "Name": "东方贸易", "OwnerId": None, "Unknown": 1}).name
    '东方贸易'
    >>> accounts.write(Account("A-1", "东方贸易"), only={"name", "owner"})
    {'Name': '东方贸易', 'OwnerId': None}
    """

    kind: Kind
    fields: tuple[Mapped, ...]
    results: Mapping[str, str] = field(default_factory=dict)
    _steps: tuple[_Step, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_steps", tuple(map(_step, self.fields)))

    @property
    def mapped(self) -> Mapping[str, str]:
        """The CRM's field by the name here; of an amount also `NAME_currency`."""
        found = {one.ours: one.theirs for one in self.fields}
        return found | {
            one.ours + _OF_CURRENCY: one.currency for one in self.fields if one.currency
        }

    @property
    def theirs(self) -> tuple[str, ...]:
        """Every field of the CRM that is read, each once, for a CRM that wants to be told."""
        return tuple(dict.fromkeys(self.mapped.values()))

    def read(self, row: Row) -> Record:
        """Read a row of the CRM.

        Raises:
            MappingError: with everything that is wrong in it.
        """
        values: dict[str, object] = {}
        extra: dict[str, str] = {}
        problems: list[Problem] = []
        for theirs, may_be_empty, ours, read, one in self._steps:
            held = row.get(theirs)
            if held is None or (held == "" and not may_be_empty):
                continue
            try:
                found = read(held) if read is not None else _read_amount(one, held, row)
            except Unfit as unfit:
                problems.append(self._problem(one, unfit, held))
                continue
            if ours:
                values[ours] = found
            else:
                extra.update(_beside(one, found))
        if extra:
            values[EXTRA] = tuple(sorted(extra.items()))
        if problems or not values.keys() >= _required(self.kind) or values["id"] == "":
            problems += self._missing(values, {problem.values["ours"] for problem in problems})
            raise MappingError.of(problems)
        return self._build(values)

    def write(self, record: Record, *, only: Collection[str] | None = None) -> dict[str, Json]:
        """Give the CRM's fields of a record: all of them, or those that `only` names.

        What is empty here is emptied there.

        Raises:
            MappingError: a field has no place there, or cannot hold the value.
        """
        row: dict[str, Json] = {}
        problems = self._unplaced(only)
        needed = {ours for ours, shape in shapes(self.kind).items() if shape.is_required}
        for one in self._chosen(only):
            value = _value(record, one.ours)
            try:
                if value is None or value in ("", ()):
                    row[one.theirs] = "" if one.ours in needed else None
                    continue
                row[one.theirs] = one.codec.write(value)
                if isinstance(value, Money):
                    _write_currency(one, value, row)
            except Unfit as unfit:
                problems.append(self._problem(one, unfit, str(value)))
        if problems:
            raise MappingError.of(problems)
        return row

    def write_result(self, result: Told) -> dict[str, Json]:
        """Give the CRM's fields of a result; what is not mapped is not written.

        >>> from crm_expenses.core.money import Money
        >>> budgets = field_map(Kind.BUDGET, {"id": "Id"}, results={"budget_result.spent": "Spent"})
        >>> cny = Money(1250, "CNY")
        >>> budgets.write_result(BudgetResult("B-1", cny, cny, cny, cny))
        {'Spent': '12.50'}
        """
        kind = next(kind for kind, made in RESULT_TYPES.items() if type(result) is made)
        row: dict[str, Json] = {}
        for one in fields(result):
            place = f"{kind.value}.{one.name}"
            theirs, held = self.results.get(place, ""), getattr(result, one.name)
            if theirs:
                row[theirs] = _plain(held)
            currency = self.results.get(place + _OF_CURRENCY, "")
            if currency:
                row[currency] = held.currency if isinstance(held, Money) else None
        return row

    def description(self, name: str, infos: Sequence[FieldInfo]) -> Description:
        """Say what the CRM says of these fields, for `Adapter.describe`."""
        options = {
            one.ours: one.codec.options for one in self.fields if isinstance(one.codec, Choice)
        }
        mapped = {**self.mapped, **self.results}
        return Description(self.kind, name, tuple(infos), mapped, options)

    def _chosen(self, only: Collection[str] | None) -> list[Mapped]:
        if only is None:
            return list(self.fields)
        names = {self._place(ours) for ours in only}
        return [one for one in self.fields if one.ours in names or _base(one.ours) in names]

    def _unplaced(self, only: Collection[str] | None) -> list[Problem]:
        have = {one.ours for one in self.fields} | {_base(one.ours) for one in self.fields}
        lacking = sorted(ours for ours in only or () if self._place(ours) not in have)
        return [
            Problem("fieldmap.not_mapped", {"ours": ours, "kind": self.kind.value})
            for ours in lacking
        ]

    def _place(self, ours: str) -> str:
        """Give the name under which a field is mapped: `extra.NAME` may stand in `extra`."""
        own = {one.ours for one in self.fields}
        return EXTRA if ours not in own and _base(ours) == EXTRA and EXTRA in own else ours

    def _problem(self, one: Mapped, unfit: Unfit, value: Value) -> Problem:
        theirs = unfit.values.get("theirs", one.theirs)
        values = {"kind": self.kind.value, "ours": one.ours, "value": told(value)}
        return Problem(unfit.code, {**values, **unfit.values, "theirs": theirs})

    def _missing(self, values: Mapping[str, object], told_of: Collection[str]) -> list[Problem]:
        names = self.mapped
        return [
            Problem(
                "fieldmap.missing",
                {"kind": self.kind.value, "ours": ours, "theirs": names.get(ours, "-")},
            )
            for ours, shape in shapes(self.kind).items()
            if shape.is_required and values.get(ours, "") == "" and ours not in told_of
            if ours == "id" or ours not in values
        ]

    def _build(self, values: Mapping[str, Any]) -> Record:
        try:
            return TYPES[self.kind](**values)
        except (CrmExpensesError, ValueError) as error:
            detail = error.describe() if isinstance(error, CrmExpensesError) else str(error)
            problem = Problem("fieldmap.unreadable", {"kind": self.kind, "detail": detail[:200]})
            raise MappingError.of([problem]) from error


def field_map(
    kind: Kind,
    names: Mapping[str, str],
    codecs: Mapping[str, Codec] | None = None,
    results: Mapping[str, str] | None = None,
) -> FieldMap:
    """Make the table of a kind: the CRM's field by the name here.

    A field that `codecs` does not name is read the standard way for its type. `NAME_currency` is
    where the currency of the amount NAME stands; `extra.NAME` is a text beside the known fields,
    `extra` an object of such. `results` has the CRM's field by `claim_result.FIELD` and the like.

    Raises:
        ValueError: a name that is none here: a slip of the adapter.

    >>> field_map(Kind.LINE, {"amount": "Total", "amount_currency": "Curr"}).fields[0].currency
    'Curr'
    """
    given = codecs or {}
    found: list[Mapped] = []
    for ours, theirs in names.items():
        if ours.endswith(_OF_CURRENCY) and ours.removesuffix(_OF_CURRENCY) in names:
            continue
        codec = given.get(ours) or _standard(kind, ours)
        if codec is None:
            raise ValueError(f"a {kind} has no field {ours}")
        currency = names.get(ours + _OF_CURRENCY, "") if isinstance(codec, Amount) else ""
        found.append(Mapped(ours, theirs, codec, currency))
    return FieldMap(kind, tuple(found), results or {})


def overridden(
    crm: str, maps: Mapping[Kind, FieldMap], names: Mapping[Kind, Mapping[str, str]]
) -> dict[Kind, FieldMap]:
    """Put the user's own names on top; an empty one says that the CRM has no such field.

    Raises:
        ConfigError: with every name that is none, and every needed field that is mapped to nothing.

    >>> maps = {Kind.ACCOUNT: field_map(Kind.ACCOUNT, {"id": "Id", "name": "Name"})}
    >>> overridden("main", maps, {Kind.ACCOUNT: {"city": "City__c"}})[Kind.ACCOUNT].mapped["city"]
    'City__c'
    """
    made = dict(maps)
    problems: list[Problem] = []
    for kind, own in names.items():
        if kind not in maps:
            known = ", ".join(sorted(maps)) or "-"
            values = {"crm": crm, "kind": kind.value, "known": known}
            problems.append(Problem("fieldmap.kind", values))
            continue
        wrong = [_wrong(crm, kind, ours, theirs) for ours, theirs in own.items()]
        if any(wrong):
            problems += [one for one in wrong if one is not None]
            continue
        made[kind] = _with(maps[kind], own)
    if problems:
        raise ConfigError.of(problems)
    return made


def _with(held: FieldMap, own: Mapping[str, str]) -> FieldMap:
    own_fields = {one.ours: one for one in held.fields}
    results = {**held.results, **{ours: own[ours] for ours in own if ours in _results(held.kind)}}
    for ours, theirs in own.items():
        amount = ours.removesuffix(_OF_CURRENCY)
        if ours.endswith(_OF_CURRENCY) and ours not in shapes(held.kind):
            if amount in own_fields:
                own_fields[amount] = replace(own_fields[amount], currency=theirs)
        elif not theirs:
            own_fields.pop(ours, None)
        elif ours in own_fields:
            own_fields[ours] = replace(own_fields[ours], theirs=theirs)
        elif (codec := _standard(held.kind, ours)) is not None:
            own_fields[ours] = Mapped(ours, theirs, codec, own.get(ours + _OF_CURRENCY, ""))
    kept = {ours: theirs for ours, theirs in results.items() if theirs}
    return FieldMap(held.kind, tuple(own_fields.values()), kept)


def _wrong(crm: str, kind: Kind, ours: str, theirs: str) -> Problem | None:
    known = _known(kind)
    values = {"crm": crm, "kind": kind.value, "ours": ours[:60]}
    if ours not in known and _standard(kind, ours) is None:
        near = difflib.get_close_matches(ours, known, n=1, cutoff=0.0)[0]
        return Problem("fieldmap.unknown", {**values, "near": near, "known": ", ".join(known)})
    shape = shapes(kind).get(ours)
    if not theirs and shape is not None and shape.is_required:
        return Problem("fieldmap.required", values)
    return None


def _known(kind: Kind) -> list[str]:
    """Give every name that settings may use for a kind, but for `extra.NAME`."""
    found: list[str] = []
    for ours, shape in shapes(kind).items():
        found.append(ours)
        if isinstance(standard(shape), Amount):
            found.append(ours + _OF_CURRENCY)
    return [*found, *([EXTRA] if has_extra(kind) else []), *_results(kind)]


def _results(kind: Kind) -> list[str]:
    """Give the names of the fields of results that stand beside records of a kind."""
    found: list[str] = []
    for result, made in RESULT_TYPES.items():
        if PARENTS[result] is kind:
            for one in fields(made):
                found.append(f"{result.value}.{one.name}")
                if "Money" in str(one.type):
                    found.append(f"{result.value}.{one.name}{_OF_CURRENCY}")
    return found


def _standard(kind: Kind, ours: str) -> Codec | None:
    if ours == EXTRA:
        return Pairs() if has_extra(kind) else None
    shape = field_shape(kind, ours) if ours.startswith(_EXTRA_DOT) else shapes(kind).get(ours)
    return standard(shape) if shape is not None else None


@cache
def _required(kind: Kind) -> frozenset[str]:
    return frozenset(ours for ours, shape in shapes(kind).items() if shape.is_required)


def _step(one: Mapped) -> _Step:
    is_beside = one.ours == EXTRA or one.ours.startswith(_EXTRA_DOT)
    needs_row = isinstance(one.codec, Amount) and one.currency
    return (
        one.theirs,
        isinstance(one.codec, Text),
        "" if is_beside else one.ours,
        None if needs_row else one.codec.read,
        one,
    )


def _read_amount(one: Mapped, held: Value, row: Row) -> object:
    if not isinstance(one.codec, Amount):
        return one.codec.read(held)
    currency = row.get(one.currency) or one.codec.currency or None
    try:
        known = _CURRENCY.read(currency)
    except Unfit as unfit:
        raise Unfit(unfit.code, theirs=one.currency, value=told(currency)) from unfit
    return one.codec.read_in(held, known)


def _write_currency(one: Mapped, value: Money, row: dict[str, Json]) -> None:
    if one.currency:
        held = row.get(one.currency)
        if held not in (None, value.currency):
            values = {"expected": str(held), "currency": value.currency, "theirs": one.currency}
            raise Unfit("fieldmap.two_currencies", **values)
        row[one.currency] = value.currency
    elif isinstance(one.codec, Amount) and one.codec.currency != value.currency:
        expected = one.codec.currency or "-"
        raise Unfit("fieldmap.other_currency", expected=expected, currency=value.currency)


def _plain(held: object) -> Json:
    """Give a value of a result as JSON; what is empty is emptied there."""
    match held:
        case Money():
            return f"{held.amount:f}"
        case Decimal():
            return f"{held:f}"
        case date():
            return held.isoformat()
        case int():
            return held
        case _:
            return str(held) or None if isinstance(held, str) else None


def _value(record: Record, ours: str) -> Any:  # noqa: ANN401  whatever the field holds
    if ours.startswith(_EXTRA_DOT):
        return dict(getattr(record, EXTRA)).get(ours.removeprefix(_EXTRA_DOT))
    return getattr(record, ours)


def _base(ours: str) -> str:
    return EXTRA if ours.startswith(_EXTRA_DOT) else ours


def _beside(one: Mapped, read: object) -> dict[str, str]:
    """Give what a field brings beside the known ones, by name."""
    if one.ours == EXTRA:
        return dict(read) if isinstance(read, tuple) else {}
    return {one.ours.removeprefix(_EXTRA_DOT): str(read)} if read else {}
