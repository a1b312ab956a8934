"""Records of the CRM that people change here, what both sides changed, results that wait for them.

Who holds the role finance changes and settles; who sees everything looks.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm_expenses.adapters.contract import Capabilities, ResultKind
from crm_expenses.adapters.textrow import from_row, to_row
from crm_expenses.core.merge import EXTRA, Winner
from crm_expenses.core.money import Money
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.core.viewer import Viewer
from crm_expenses.errors import (
    ConfigError,
    CrmExpensesError,
    MappingError,
    Problem,
    UnsupportedError,
)
from crm_expenses.pipeline.desk import Desk, demand_finance
from crm_expenses.store import deadletters, edits
from crm_expenses.store.deadletters import DeadLetter
from crm_expenses.store.edits import Changed, ClashRow, EditRow, NewEdit, Ruling, Version
from crm_expenses.store.own import records_named
from crm_expenses.store.sight import visible

TAKE_CRM, TAKE_OURS = Winner.CRM.value, Winner.OURS.value


def kind_of(word: str) -> Kind:
    """Give the kind of record that a word names.

    Raises:
        ConfigError: it names none.
    """
    try:
        return Kind(word)
    except ValueError:
        known = ", ".join(kind.value for kind in Kind)
        raise ConfigError("edits.kind", value=word[:40], known=known) from None


def demand_changeable(capabilities: Capabilities, crm: str, kind: Kind) -> None:
    """Make sure that records of a kind can be changed in a CRM from here.

    Raises:
        UnsupportedError: they cannot.
    """
    can = capabilities.changes if ResultKind.CHANGE in capabilities.writes else frozenset()
    if kind not in can:
        known = ", ".join(one.value for one in Kind if one in can) or "-"
        raise UnsupportedError("edits.not_there", kind=kind.value, crm=crm, known=known)


def change_record(
    desk: Desk,
    capabilities: Capabilities,
    of: tuple[Kind, str],
    given: Mapping[str, str],
    *,
    by: str,
    why: str,
    at: datetime,
) -> Changed:
    """Change fields of a record as somebody wrote them: `amount` as `120.50 CNY`, empty for none.

    Raises:
        RefusedError: `by` may not, or there is no such record, or it is not to be changed here.
        MappingError: a field is not known or a value does not fit.
        UnsupportedError: records of the kind cannot be changed in this CRM.
        ConfigError: no field, or no reason.
    """
    kind, name = of
    demand_finance(desk.company, by, name)
    demand_changeable(capabilities, desk.crm, kind)
    said = _demand_why(why)
    if not given:
        raise ConfigError("edits.none")
    with desk.store.work(desk.crm) as work:
        held = records_named(work, kind, [name]).get(name)
        values = values_read(held, given) if held is not None else dict(given)
        return edits.change(work.connection, desk.crm, NewEdit(kind, name, values, by, said), at)


def values_read(record: Record, given: Mapping[str, str]) -> dict[str, object]:
    """Read what somebody wrote for fields of a record; what is no field stays a text.

    Raises:
        MappingError: some of it cannot be read; carries all that is wrong.

    >>> from crm_expenses.core.party import Account
    >>> values_read(Account("A-1", "Acme"), {"city": "上海", "since": "2026-01-31"})
    {'city': '上海', 'since': datetime.date(2026, 1, 31)}
    """
    kind = next(kind for kind, made in TYPES.items() if isinstance(record, made))
    values: dict[str, object] = {}
    problems = []
    for name, text in given.items():
        if name.startswith(f"{EXTRA}.") or name in ("id", EXTRA) or not hasattr(record, name):
            values[name] = text
            continue
        try:
            values[name] = _read(kind, record, name, text)
        except CrmExpensesError:
            told = {"kind": kind.value, "field": name, "value": text[:60] or "-"}
            problems.append(Problem("edits.value", told))
    if problems:
        raise MappingError.of(problems)
    return values


def _read(kind: Kind, record: Record, name: str, text: str) -> object:
    row = to_row(record)
    number, _, currency = text.rpartition(" ")
    if isinstance(getattr(record, name), Money) and number:
        row |= {name: number.replace(",", "").strip(), f"{name}_currency": currency}
    else:
        row[name] = text
    return getattr(from_row(TYPES[kind], row), name)


def _demand_why(why: str) -> str:
    if not why.strip():
        raise ConfigError("edits.why")
    return why.strip()


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record with its past: its versions and its edits, the oldest first."""

    kind: Kind
    id: str
    versions: tuple[Version, ...]
    edits: tuple[EditRow, ...]


def show_record(desk: Desk, kind: Kind, name: str, *, viewer: Viewer) -> RecordView:
    """Give every version of a record and every edit of it.

    Raises:
        RefusedError: there is none, or the viewer may not see it: which of the two is not said.
    """
    with desk.store.looking(desk.crm) as work:
        connection = work.connection
        versions = tuple(edits.history(connection, desk.crm, kind, name))
        newest = [one.record for one in versions[-1:]]
        if not list(visible(connection, desk.crm, kind, newest, viewer)):
            viewer.refuse(name)
        changed = tuple(edits.edits_of(connection, desk.crm, kind, name))
    return RecordView(kind, name, versions, changed)


def conflicts(
    desk: Desk, *, viewer: Viewer, only_open: bool = True, number: int | None = None
) -> list[ClashRow]:
    """Give the fields that both sides changed, the oldest first.

    Raises:
        RefusedError: they are everybody's, so only who sees everything may; or there is none.
    """
    viewer.demand("", "conflicts")
    with desk.store.looking(desk.crm) as work:
        found = edits.clashes(work.connection, desk.crm, only_open=only_open, number=number)
    if number is not None and not found:
        raise _no_clash(desk, number)
    return found


def _no_clash(desk: Desk, number: int) -> CrmExpensesError:
    return ConfigError("clash.none", clash=str(number), crm=desk.crm)


def resolve(
    desk: Desk,
    capabilities: Capabilities,
    number: int,
    take: str,
    *,
    by: str,
    why: str,
    at: datetime,
) -> ClashRow:
    """Settle a field that both sides changed: `crm`, `ours`, or a third value as it is written.

    Raises:
        RefusedError: `by` may not, or it is settled already.
        MappingError: the value does not fit the field.
        ConfigError: no such conflict, or no reason.
    """
    demand_finance(desk.company, by, f"conflict {number}")
    said = _demand_why(why)
    with desk.store.work(desk.crm) as work:
        found = edits.clashes(work.connection, desk.crm, only_open=False, number=number)
        if not found:
            raise _no_clash(desk, number)
        one = found[0]
        winner = Winner(take) if take in (TAKE_CRM, TAKE_OURS) else None
        value: object = None
        if winner is not Winner.CRM:
            demand_changeable(capabilities, desk.crm, one.kind)
        if winner is None:
            held = records_named(work, one.kind, [one.id]).get(one.id)
            given = {one.field: take}
            value = values_read(held, given)[one.field] if held is not None else take
        ruling = Ruling(number, winner, by, said, value)
        return edits.resolve(work.connection, desk.crm, ruling, at)


def dead_letters(desk: Desk, *, viewer: Viewer) -> list[DeadLetter]:
    """Give the results that wait for a person.

    Raises:
        RefusedError: they are everybody's, so only who sees everything may.
    """
    viewer.demand("", "outbox")
    with desk.store.looking(desk.crm) as work:
        return deadletters.dead_letters(work.connection, desk.crm)


def retry(
    desk: Desk, keys: Collection[str], *, is_all: bool, by: str, at: datetime
) -> Sequence[DeadLetter]:
    """Put results that wait for a person back to those that are sent.

    Raises:
        RefusedError: `by` may not, or a key names none.
        ConfigError: nothing is named.
    """
    demand_finance(desk.company, by, "retry")
    if not keys and not is_all:
        raise ConfigError("retry.which")
    with desk.store.work(desk.crm) as work:
        chosen = None if is_all else list(keys)
        return deadletters.send_again(work.connection, desk.crm, chosen, by=by, at=at)
