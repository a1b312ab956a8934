"""What a record of a module is here: one table a kind, read in both directions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Final, cast

from crm_expenses.adapters.contract import (
    Change,
    Received,
    SetAside,
    Told,
)
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.fieldcodec import Choice, Codec, Currency, Unfit
from crm_expenses.adapters.fieldmap import RESULT_TYPES, FieldMap, field_map, overridden
from crm_expenses.adapters.files.shape import FieldShape, FieldType, field_shape, shapes
from crm_expenses.adapters.zoho.codecs import (
    NONE_CHOSEN,
    DayOf,
    Figure,
    Link,
    Maybe,
    Second,
    Shown,
    Stages,
    State,
    Sum,
    number_of,
)
from crm_expenses.adapters.zoho.modules import MODULES, RETURNS, STAGES, STATUS, USERS, chosen
from crm_expenses.adapters.zoho.moduleshape import words
from crm_expenses.adapters.zoho.query import COLUMNS_MAX
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Stage
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Json, Kind, Record, digest
from crm_expenses.errors import ConfigError, MappingError, Problem

Row = Mapping[str, Value]

ID: Final = "id"
MODIFIED: Final = "Modified_Time"
PARENT: Final = "Parent_Id"
"""The field by which a row of a subform names its record."""
VERSION_CHARS: Final = 32
"""Of the SHA-256 of what people can change: enough that no two are alike."""
_LINKS: Final = {
    Kind.ACCOUNT_MANAGER: ("manager",),
    Kind.ACCOUNT: ("owner",),
    Kind.OPPORTUNITY: ("owner", "account"),
    Kind.SATISFACTION: ("account",),
    Kind.COST: ("person",),
    Kind.BUDGET: ("responsible", "account"),
    Kind.WAIVER: ("granted_by", "person", "claim", "line"),
    Kind.PRE_APPROVAL: ("person", "granted_by", "account", "opportunity"),
    Kind.CLAIM: ("person",),
    Kind.LINE: ("claim", "account", "opportunity", "voucher"),
    Kind.APPROVAL: ("claim", "approver"),
}
"""The fields that name another record or a user."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where records of a kind come from, and how they are read.

    `is_subform` says that they are rows of a subform, which name their record in `Parent_Id`.
    `is_shared` says that the records are those of another kind, and only some have what makes one
    of this kind (a score in a field of an account).
    """

    kind: Kind
    module: str
    map: FieldMap
    is_subform: bool = False
    is_shared: bool = False
    columns: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        names = (ID, *self.map.theirs, *(() if self.is_users or self.is_subform else (MODIFIED,)))
        object.__setattr__(self, "columns", tuple(dict.fromkeys(names)))

    @property
    def is_users(self) -> bool:
        """Whether these are the users, which have an API of their own."""
        return self.module == USERS

    @property
    def is_changed(self) -> bool:
        """Whether fields of such records can be written from here.

        Of deals they cannot: when one was opened is the platform's own stamp, and its closing date
        is a plan until it is closed.
        """
        kept = self.kind in (Kind.APPROVAL, Kind.OPPORTUNITY)
        return not (self.is_users or self.is_subform or kept)


@dataclass(frozen=True, slots=True)
class Company:
    """What the mapping needs to know of the company: zone, home currency, its names of stages."""

    crm: str
    zone: tzinfo
    currency: str
    stages: Mapping[str, Stage] = field(default_factory=dict)


def sources_of(
    company: Company,
    modules: Mapping[Kind, str],
    own: Mapping[Kind, Mapping[str, str]],
) -> dict[Kind, Source]:
    """Give where the records of each kind come from, with the user's own names on top.

    Raises:
        ConfigError: a name is none, a stage means nothing here, a kind has too many fields.

    >>> from datetime import UTC
    >>> made = sources_of(Company("main", UTC, "CNY"), {Kind.CLAIM: "Claims"}, {})
    >>> made[Kind.CLAIM].module, made[Kind.CLAIM].map.mapped["person"], Kind.RATE in made
    ('Claims', 'Owner', False)
    """
    problems: list[Problem] = []
    places = chosen(modules)
    maps = {kind: _map_of(kind, company) for kind in places}
    for kind, names in own.items():
        if kind in maps:
            maps[kind] = _prepared(maps[kind], names, company)
    maps = overridden(company.crm, maps, own)
    sources = {kind: _source(kind, places, maps) for kind in places}
    for source in sources.values():
        if len({*source.columns, *source.map.results.values()}) > COLUMNS_MAX:
            values = {"crm": company.crm, "kind": source.kind.value, "limit": str(COLUMNS_MAX)}
            problems.append(Problem("zoho.many_fields", values))
    if problems:
        raise ConfigError.of(problems)
    return sources


def _source(kind: Kind, places: Mapping[Kind, str], maps: Mapping[Kind, FieldMap]) -> Source:
    mapped = maps[kind].mapped
    others = [one for one, name in places.items() if name == places[kind] and one is not kind]
    return Source(
        kind,
        places[kind],
        maps[kind],
        is_subform=PARENT in mapped.values(),
        is_shared=kind is Kind.SATISFACTION and bool(others or mapped["account"] == ID),
    )


def _map_of(kind: Kind, company: Company) -> FieldMap:
    names = dict(MODULES[kind].names)
    codecs = {ours: _codec(kind, ours, company) for ours in names if not _is_currency(kind, ours)}
    results = RETURNS.results if kind is RETURNS.kind else MODULES[kind].results
    return field_map(kind, names, codecs, results)


def _prepared(held: FieldMap, names: Mapping[str, str], company: Company) -> FieldMap:
    """Add the fields that the user's own names bring, with the codecs of this platform.

    `overridden` then checks and renames them; by itself it would give them the standard codecs.
    """
    there = held.mapped
    new = {
        ours: theirs
        for ours, theirs in names.items()
        if theirs and ours not in there and field_shape(held.kind, ours) is not None
    }
    if not new:
        return held
    codecs = {one.ours: one.codec for one in held.fields}
    codecs |= {ours: _codec(held.kind, ours, company) for ours in new}
    return field_map(held.kind, {**there, **new}, codecs, held.results)


def _is_currency(kind: Kind, ours: str) -> bool:
    return ours.endswith("_currency") and ours not in shapes(kind)


def _codec(kind: Kind, ours: str, company: Company) -> Codec:
    if kind is Kind.OPPORTUNITY and ours == "stage":
        shipped = {name: Stage(word) for name, word in STAGES.items() if name not in company.stages}
        return Stages({**company.stages, **shipped}, company.crm)  # the own words are written
    if (kind, ours) == (Kind.ACCOUNT_MANAGER, STATUS):
        return State()
    if ours in _LINKS.get(kind, ()):
        return Link()
    shape = field_shape(kind, ours)
    if shape is None:
        raise ValueError(f"a {kind} has no field {ours}")
    return _standard(shape, MODULES[kind].names.get(ours, ""), kind, company)


def _standard(shape: FieldShape, theirs: str, kind: Kind, company: Company) -> Codec:
    if shape.choices is not None:
        return Choice(shape.choices, words(shape.choices))
    match shape.form:
        case FieldType.ID:
            return Link()
        case FieldType.DATE:
            return DayOf(company.zone)
        case FieldType.TIME:
            return Second(company.zone)
        case FieldType.MONEY:
            return Sum(currency=company.currency)
        case FieldType.NUMBER:
            return Figure()
        case FieldType.CURRENCY:
            return Currency()
        case FieldType.YES_NO if any(
            one.name == theirs and one.type == "picklist" for one in MODULES[kind].fields
        ):
            return Maybe()
        case FieldType.TEXT:
            return Shown()
        case _:
            return field_map(kind, {shape.name: "x"}).fields[0].codec


# --- rows ---


def read_row(source: Source, row: Row) -> Record:
    """Read a row of an answer.

    Raises:
        MappingError: with everything that is wrong in it.
    """
    return source.map.read(flat(source, row))


def flat(source: Source, row: Row) -> dict[str, Value]:
    """Give the fields that are mapped, by the names of the map.

    A name with points is a column of that name, or leads into what a lookup shows. The closing date
    of a deal that is open is a plan: it says nothing of when it was closed.
    """
    made: dict[str, Value] = {}
    for name in source.map.theirs:
        held = row[name] if name in row else _within(row, name)
        made[name] = None if held == NONE_CHOSEN else held
    if source.kind is Kind.OPPORTUNITY:
        names = source.map.mapped
        stage = made.get(names["stage"])
        codec = next(one.codec for one in source.map.fields if one.ours == "stage")
        closed = names.get("closed", "")
        if closed and isinstance(codec, Stages) and codec.words.get(str(stage)) is Stage.OPEN:
            made[closed] = None
    return made


def _within(row: Row, name: str) -> Value:
    held: Value = cast("Value", row)
    for part in name.split("."):
        held = held.get(part) if isinstance(held, dict) else None
    return held


def is_there(source: Source, row: Row) -> bool:
    """Say whether a row holds a record of the kind: of a shared module, whether it has a score."""
    return not source.is_shared or row.get(source.map.mapped["score"]) is not None


def id_of(row: object) -> str:
    """Give the id of a row, empty where it has none."""
    held = row.get(ID) if isinstance(row, dict) else None
    return str(held) if isinstance(held, str | int) and not isinstance(held, bool) else ""


def modified(row: object, zone: tzinfo) -> datetime | None:
    """Give when a row was changed, None where it does not say or nobody can read it."""
    held = row.get(MODIFIED) if isinstance(row, dict) else None
    try:
        return Second(zone).read(held)
    except Unfit:
        return None


def received(crm: str, source: Source, row: Row, zone: tzinfo) -> Received | SetAside:
    """Give the fact that a row holds, or what is wrong with it."""
    name = id_of(row)
    try:
        record = read_row(source, row)
    except MappingError as error:
        return SetAside(origin_of(crm, source, name), error.problems)
    return Received(record, origin_of(crm, source, name, version_of(record)), modified(row, zone))


def version_of(record: Record) -> str:
    """Give the version of a record: a digest of what people can change.

    The time of change counts our own writes, too, and a result of ours is no change of a person's.
    """
    return digest(record)[:VERSION_CHARS]


def origin_of(crm: str, source: Source, name: str, version: str = "") -> Origin:
    """Give where a record came from."""
    return Origin(crm, name, f"{source.module}/{name}", version)


# --- what is written ---


def result_row(source: Source, result: Told) -> dict[str, Json]:
    """Give the fields of a result: amounts as numbers, what is empty emptied."""
    kind = next(kind for kind, made in RESULT_TYPES.items() if type(result) is made)
    row: dict[str, Json] = {}
    for one in fields(result):
        place, held = f"{kind.value}.{one.name}", getattr(result, one.name)
        theirs = source.map.results.get(place, "")
        if theirs:
            row[theirs] = _plain(place, held)
        currency = source.map.results.get(f"{place}_currency", "")
        if currency and isinstance(held, Money):
            if row.get(currency) not in (None, held.currency):
                problem = {"theirs": currency, "currency": held.currency}
                raise MappingError.of([Problem("zoho.two_currencies", problem)])
            row[currency] = held.currency
    return row


def change_row(source: Source, change: Change) -> dict[str, Json]:
    """Give the fields of a change.

    Raises:
        MappingError: a field has no place there, or cannot hold the value.
    """
    return source.map.write(change.record, only=change.fields)


def _plain(place: str, held: object) -> Json:
    """Write a value of a result: amounts and shares as numbers, a person as a user."""
    match held:
        case Money():
            return number_of(held.amount)
        case Decimal():
            return number_of(held)
        case date():
            return held.isoformat()
        case int():
            return held
        case str() if place == "return_result.person":
            return Link().write(held)
    return str(held) or None if isinstance(held, str) else None


def same(wanted: Mapping[str, Json], row: Row) -> bool:
    """Say whether a row holds some values: empty is empty, 12.5 is 12.50, a lookup is its id.

    >>> same({"A": Decimal("12.50"), "B": None}, {"A": Decimal("12.5")}), same({"A": "x"}, {})
    (True, False)
    """
    return all(_alike(value, row.get(name)) for name, value in wanted.items())


def _alike(wanted: object, held: object) -> bool:
    empty: tuple[object, ...] = (None, "", [], NONE_CHOSEN)
    if wanted in empty or held in empty:
        return wanted in empty and held in empty
    if isinstance(wanted, bool) or isinstance(held, bool):
        return wanted is held
    if isinstance(wanted, dict) and ID in wanted:
        return str(wanted[ID]) == (id_of(held) if isinstance(held, dict) else str(held))
    if isinstance(wanted, int | Decimal) and isinstance(held, int | Decimal):
        return wanted == held
    return str(wanted) == str(held)
