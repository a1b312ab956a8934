"""What an organisation holds: its settings, modules, ids and rows, and how rows are shown."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from crm_expenses.testing.zohosim.files import Files
from crm_expenses.testing.zohosim.refusal import RefusalError
from crm_expenses.testing.zohosim.rows import Row, Shelf
from crm_expenses.testing.zohosim.schema import (
    LINKS,
    PEOPLE,
    Field,
    Module,
    Type,
    system_fields,
)
from crm_expenses.testing.zohosim.switches import Switches
from crm_expenses.testing.zohosim.values import shown

UNIQUE_FIELDS_MAX: Final = 2
RICH_LIST_MAX: Final = 500
_ID_BASE: Final = 10**12


def wall_clock() -> datetime:
    """Give the time of this machine."""
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one record."""

    module: str
    operation: str
    """insert, update or delete."""
    id: str
    at: datetime
    by: str
    fields: tuple[str, ...] = ()
    """The fields whose values are others now."""
    triggers: bool = True
    """Whether the writer let workflows run."""


@dataclass(slots=True)
class OrgSettings:
    """What an organisation is like."""

    number: int = 1
    name: str = ""
    zone: str = "Asia/Kolkata"
    edition: str = "enterprise"
    users: int = 25
    currency: str = "USD"
    rates: dict[str, Decimal] = field(default_factory=dict)
    """Further currencies: how many units of each are one of the home currency."""
    switches: Switches = field(default_factory=Switches)


class Holding:
    """What an organisation holds. Its rows are written by `Org`."""

    def __init__(
        self, settings: OrgSettings | None = None, *, clock: Callable[[], datetime] = wall_clock
    ) -> None:
        self.settings = settings or OrgSettings()
        self.clock = clock
        self.lock = threading.RLock()
        self.shelf = Shelf()
        self.modules: dict[str, Module] = {}
        self.locked: set[str] = set()
        """Ids of records that nobody may change now."""
        self.in_approval: set[str] = set()
        """Ids of records that wait for an approval: nobody may change them either."""
        self._counter = 0
        self._named: dict[tuple[str, str], str] = {}
        self._hooks: list[Callable[[Change], None]] = []
        self.admin = ""
        self.files = Files(self)

    @property
    def zone(self) -> ZoneInfo:
        """The zone that answers are in."""
        return ZoneInfo(self.settings.zone)

    @property
    def switches(self) -> Switches:
        """What was chosen where the documents leave it open."""
        return self.settings.switches

    @property
    def id(self) -> str:
        """The organisation's own number, as `zgid`."""
        return str(60_000_000 + self.settings.number)

    def time(self) -> datetime:
        """Give the time; the clock may be another one later."""
        return self.clock()

    def now(self) -> datetime:
        """Give the time as stamps have it: whole seconds."""
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def new_id(self) -> str:
        """Give the next id: 18 digits, the same in each run."""
        with self.lock:
            self._counter += 1
            return str((400_000 + self.settings.number) * _ID_BASE + self._counter)

    def named_id(self, kind: str, name: str) -> str:
        """Give the id of what has a name only: a role, a layout, a value of a picklist."""
        with self.lock:
            if (kind, name) not in self._named:
                number = 900_000_000 + len(self._named)
                self._named[kind, name] = str((400_000 + self.settings.number) * _ID_BASE + number)
            return self._named[kind, name]

    def on_write(self, hook: Callable[[Change], None]) -> None:
        """Tell somebody of each change, after it was made.

        The organisation waits for it: who calls the server from there waits for ever.
        """
        self._hooks.append(hook)

    # -- modules ---------------------------------------------------------------------------------

    def add_module(self, module: Module | str, fields: Iterable[Field] = ()) -> Module:
        """Add a module; by its name alone it is a custom one, with `Name`."""
        made = (
            Module(module, custom=True, duplicates=("Name",))
            if isinstance(module, str)
            else (module)
        )
        with self.lock:
            if made.custom and not made.parent:
                made.add([*system_fields(), Field("Name", mandatory=True, length=120)])
            elif made.parent:
                made.add(system_fields(owner=False))
                made.add([Field("Parent_Id", Type.LOOKUP, module=made.parent, read_only=True)])
            made.id = made.id or self.new_id()
            made.label = made.label or made.name.replace("_", " ")
            made.plural = made.plural or made.label + "s"
            self.modules[made.name] = made
            given, made.fields = made.fields, {}
            self.add_fields(made.name, [*given.values()])
            self.add_fields(made.name, fields, custom=made.custom)
            self._add_currency(made)
        return made

    def _add_currency(self, module: Module) -> None:
        """Give a module's records a currency, where the organisation has several."""
        settings = self.settings
        if settings.rates and any(one.type is Type.CURRENCY for one in module.fields.values()):
            codes = (settings.currency, *settings.rates)
            self.add_fields(
                module.name,
                [
                    Field("Currency", Type.PICKLIST, values=codes),
                    Field("Exchange_Rate", Type.DOUBLE),
                ],
            )

    def add_fields(self, module: str, fields: Iterable[Field], *, custom: bool = False) -> None:
        """Add fields to a module.

        Raises:
            RefusalError: it would have more than two unique fields.
        """
        with self.lock:
            held = self.module(module)
            added = [
                replace(one, id=one.id or self.new_id(), custom=one.custom or custom)
                for one in fields
            ]
            after = {**held.fields, **{one.name: one for one in added}}
            if sum(one.unique for one in after.values()) > UNIQUE_FIELDS_MAX:
                raise RefusalError("LIMIT_EXCEEDED", details={"limit": UNIQUE_FIELDS_MAX})
            held.add(added)

    def add_subform(self, module: str, name: str, rows: str, fields: Iterable[Field]) -> Module:
        """Add a subform to a module; its rows are records of a module of their own."""
        made = self.add_module(Module(rows, parent=module), fields)
        self.add_fields(module, [Field(name, Type.SUBFORM, module=rows)], custom=True)
        return made

    def module(self, name: str) -> Module:
        """Give a module.

        Raises:
            RefusalError: there is none of that name.
        """
        found = self.modules.get(name)
        if found is None:
            message = "the module name given seems to be invalid"
            raise RefusalError("INVALID_MODULE", message, {"resource_path_index": 0})
        return found

    # -- showing ---------------------------------------------------------------------------------

    def target(self, module: str, record: str) -> Row:
        """Give the row that a write means.

        Raises:
            RefusalError: there is none, or nobody may change it now.
        """
        row = self.shelf.newest(module, record)
        if row is None:
            raise RefusalError("INVALID_DATA", "the id given seems to be invalid", {"id": record})
        if record in self.locked:
            raise RefusalError("RECORD_LOCKED", "the record is locked", {"id": record})
        if record in self.in_approval:
            raise RefusalError("NOT_APPROVED", "the record waits for approval", {"id": record})
        return row

    def show(
        self,
        row: Row,
        names: Iterable[str] | None = None,
        *,
        with_lines: bool = True,
        at: datetime | None = None,
    ) -> dict[str, object]:
        """Give a row as answers show it; lists have no lines, and rich text in part.

        Its lines are those that a reader sees at a moment, or those that there are.
        """
        module = self.module(row.module)
        made: dict[str, object] = {}
        for name in module.fields if names is None else names:
            held = module.fields.get(name)
            if held is None:
                continue
            if held.type is Type.SUBFORM:
                if with_lines:
                    made[name] = [self.show(line) for line in self._lines_of(held, row, at)]
                continue
            made[name] = self.show_value(held, row.get(name))
            if held.is_rich and not with_lines and isinstance(made[name], str):
                made[name] = str(made[name])[:RICH_LIST_MAX]
        made["id"] = row.id
        return made

    def _lines_of(self, held: Field, row: Row, at: datetime | None) -> list[Row]:
        if at is None:
            return self.shelf.having(held.module, "Parent_Id", row.id)
        seen = self.shelf.all_seen(held.module, at)
        return sorted(
            (line for line in seen if line.get("Parent_Id") == row.id), key=lambda line: line.id
        )

    def show_value(self, held: Field, value: object) -> object:
        """Give one value as answers show it."""
        if value is None:
            return [] if held.type in {Type.MULTIPICK, Type.FILES} else None
        if held.type in LINKS and isinstance(value, str):
            return self.reference(held, value)
        if held.type is Type.FILES and isinstance(value, tuple):
            return [self._shown_file(str(name)) for name in value]
        if held.type is Type.BIGINT:
            return str(value)
        return shown(value, self.zone)

    def _shown_file(self, name: str) -> dict[str, object]:
        kept = self.files.kept(name)
        return {
            "id": self.named_id("file", name),
            "File_Id__s": name,
            "File_Name__s": kept.file if kept else None,
            "Size__s": str(len(kept.content)) if kept else None,
        }

    def reference(self, held: Field, record: str) -> dict[str, object] | None:
        """Give what a lookup shows: the name and the id."""
        target = "Users" if held.type in PEOPLE else held.module
        row = self.shelf.ever(target, record)
        if row is None:
            return {"name": None, "id": record} if record else None
        made: dict[str, object] = {"name": row.get(self.module(target).name_field), "id": record}
        if target == "Users":
            made["email"] = row.get("email")
        return made

    def tell(self, change: Change) -> None:
        """Tell of a change."""
        for hook in list(self._hooks):
            hook(change)
