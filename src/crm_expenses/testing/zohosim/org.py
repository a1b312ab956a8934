"""One organisation: its modules, users and records, and what people do to them. No HTTP here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from crm_expenses.testing.zohosim.holding import Change, Holding, OrgSettings, wall_clock
from crm_expenses.testing.zohosim.refusal import RefusalError, invalid
from crm_expenses.testing.zohosim.rows import Row
from crm_expenses.testing.zohosim.schema import (
    LINKS,
    PEOPLE,
    Field,
    Module,
    Type,
    standard_modules,
)
from crm_expenses.testing.zohosim.values import accept

SUBFORM_ROWS_MAX: Final = 100


class Org(Holding):
    """An organisation. Its records change through `put` and `remove`, as people do it."""

    def __init__(
        self, settings: OrgSettings | None = None, *, clock: Callable[[], datetime] = wall_clock
    ) -> None:
        super().__init__(settings, clock=clock)
        for module in standard_modules():
            self.add_module(module)
        self.admin = self.put(
            "Users",
            {"last_name": "Administrator", "full_name": "Administrator", "status": "active"},
        )

    # -- what people do ----------------------------------------------------------------------

    def put(
        self,
        module: str,
        fields: Mapping[str, object],
        *,
        id: str | None = None,  # noqa: A002  the field's name
        by: str = "",
        visible_after: timedelta | None = None,
    ) -> str:
        """Make a record, or change it where there is one of that id; give its id.

        `Created_Time` may be given. Readers see it only `visible_after` the moment it is stamped
        with, as a slow transaction has it.

        Raises:
            RefusalError: the values are none that the module can have.
        """
        with self.lock:
            given = dict(fields)
            created = given.pop("Created_Time", None)
            if id is not None and self.shelf.newest(module, id):
                row = self.update(module, id, given, by=by, visible_after=visible_after)
            else:
                row = self.insert(module, given, id=id, by=by, visible_after=visible_after)
            if isinstance(created, datetime):
                row = replace(row, created_at=created.astimezone(UTC).replace(microsecond=0))
                self.shelf.put(row)
            return row.id

    def remove(
        self,
        module: str,
        record: str,
        *,
        by: str = "",
        purge: bool = False,
        visible_after: timedelta | None = None,
    ) -> None:
        """Delete a record; `purge` leaves it out of the recycle bin.

        Raises:
            RefusalError: there is no such record, or it is locked.
        """
        with self.lock:
            row = self.target(module, record)
            now = self.now()
            seen = now + visible_after if visible_after else None
            self.shelf.put(
                replace(
                    row,
                    deleted_at=now,
                    deleted_by=by or self.admin,
                    is_purged=purge,
                    visible_at=seen,
                    before=self._kept_before(row) if seen else None,
                )
            )
            for held in self.module(module).subforms():
                for child in self.shelf.having(held.module, "Parent_Id", record):
                    self.remove(held.module, child.id, by=by, purge=purge)
            self.tell(Change(module, "delete", record, now, by or self.admin))

    def record(self, module: str, record: str) -> dict[str, object] | None:
        """Give a record as it is, whatever readers see; None where there is none."""
        with self.lock:
            row = self.shelf.newest(module, record)
            return None if row is None else self.show(row)

    def listing(self, module: str) -> list[dict[str, object]]:
        """Give all records of a module as they are, in the order of their ids."""
        with self.lock:
            rows = sorted(self.shelf.all_newest(module), key=lambda row: row.id)
            return [self.show(row) for row in rows]

    def freeze(self) -> None:
        """Let readers see the records as they are now, like a replica that lags."""
        with self.lock:
            self.shelf.freeze(self.clock())

    def thaw(self) -> None:
        """Let readers see everything again."""
        with self.lock:
            self.shelf.thaw()

    # -- what writes come to ---------------------------------------------------------------------

    def insert(
        self,
        module: str,
        given: Mapping[str, object],
        *,
        id: str | None = None,  # noqa: A002  the field's name
        by: str = "",
        visible_after: timedelta | None = None,
        triggers: bool = True,
    ) -> Row:
        """Make a record.

        Raises:
            RefusalError: a value is missing, wrong, or there already.
        """
        with self.lock:
            held = self.module(module)
            values, lines = self._accepted(held, given, None)
            by = by or self.admin
            if "Owner" in held.fields:
                values.setdefault("Owner", by)
            for one in held.fields.values():
                if one.mandatory and values.get(one.name) is None:
                    details = {"api_name": one.name, "json_path": f"$.data[0].{one.name}"}
                    raise RefusalError("MANDATORY_NOT_FOUND", "required field not found", details)
            if self.settings.rates and "Exchange_Rate" in held.fields:
                code = str(values.get("Currency") or self.settings.currency)
                values["Currency"] = code
                if values.get("Exchange_Rate") is None:
                    values["Exchange_Rate"] = self.settings.rates.get(code, Decimal(1))
            self._unique(held, values, "")
            now = self.now()
            seen = now + visible_after if visible_after else None
            record = id or self.new_id()
            row = Row(record, module, values, now, now, by, by, visible_at=seen)
            self.shelf.put(row)
            self._put_lines(held, row, lines, by)
            self.tell(Change(module, "insert", record, now, by, tuple(values), triggers))
            return row

    def update(
        self,
        module: str,
        record: str,
        given: Mapping[str, object],
        *,
        by: str = "",
        visible_after: timedelta | None = None,
        triggers: bool = True,
    ) -> Row:
        """Change a record.

        Raises:
            RefusalError: there is none, it is locked, or a value is wrong.
        """
        with self.lock:
            held = self.module(module)
            old = self.target(module, record)
            values, lines = self._accepted(held, given, old)
            for name in values:
                if held.fields[name].mandatory and values[name] is None:
                    details = {"api_name": name, "json_path": f"$.data[0].{name}"}
                    raise RefusalError("MANDATORY_NOT_FOUND", "required field not found", details)
            self._unique(held, values, record)
            now = self.now()
            by = by or self.admin
            seen = now + visible_after if visible_after else None
            row = replace(
                old,
                values={**old.values, **values},
                modified_at=now,
                modified_by=by,
                visible_at=seen,
                before=self._kept_before(old) if seen else None,
            )
            self.shelf.put(row)
            self._put_lines(held, row, lines, by)
            self._bump_parent(held, row, now, by)
            changed = tuple(name for name in values if values[name] != old.values.get(name))
            self.tell(Change(module, "update", record, now, by, changed, triggers))
            return row

    def _accepted(
        self, module: Module, given: Mapping[str, object], old: Row | None
    ) -> tuple[dict[str, object], dict[str, Sequence[Mapping[str, object]]]]:
        """Check values one by one; lines of subforms apart."""
        values: dict[str, object] = {}
        lines: dict[str, Sequence[Mapping[str, object]]] = {}
        for name, value in given.items():
            held = module.fields.get(name)
            if held is None:
                if self.switches.unknown_fields == "refused" and not name.startswith("$"):
                    raise invalid(name)
                continue
            if held.read_only and not (name == "Parent_Id" and module.parent):
                continue
            if held.type is Type.SUBFORM:
                lines[name] = self._lines(held, value, old)
                continue
            read = accept(held, value, strict_picklists=self.switches.strict_picklists)
            if held.type in LINKS and read is not None:
                target = "Users" if held.type in PEOPLE else held.module
                if self.shelf.newest(target, str(read)) is None:
                    raise invalid(name, id=read)
            if isinstance(read, Decimal) and self.switches.round_currency:
                read = read.quantize(Decimal(1).scaleb(-held.decimals), ROUND_HALF_UP)
            if held.type is Type.FILES:
                read = self._kept_files(held, value)
            values[name] = read
        return values, lines

    def _kept_before(self, row: Row) -> Row:
        """Give a version to be seen for a while; what came before it only if it is seen still."""
        is_seen = row.visible_at is None or row.visible_at <= self.clock()
        return replace(row, visible_at=None, before=None) if is_seen else row

    def _kept_files(self, held: Field, value: object) -> tuple[str, ...]:
        """Read what a field of files is given: the ids of files that were uploaded."""
        names: list[str] = []
        for one in value if isinstance(value, list | tuple) else ():
            name = str(one.get("File_Id__s", "")) if isinstance(one, Mapping) else ""
            if self.files.kept(name) is None:
                raise invalid(held.name)
            names.append(name)
        return tuple(names)

    def _unique(self, module: Module, values: Mapping[str, object], record: str) -> None:
        for one in module.fields.values():
            if not one.unique or values.get(one.name) is None:
                continue
            for other in self.shelf.having(module.name, one.name, values[one.name]):
                if other.id != record:
                    raise RefusalError(
                        "DUPLICATE_DATA",
                        "duplicate data",
                        {
                            "api_name": one.name,
                            "json_path": f"$.data[0].{one.name}",
                            "id": other.id,
                        },
                    )

    # -- subforms --------------------------------------------------------------------------------

    def _lines(self, held: Field, value: object, old: Row | None) -> Sequence[Mapping[str, object]]:
        if value is None:
            value = []
        if not isinstance(value, list | tuple):
            raise invalid(held.name, "jsonarray")
        rows = self.module(held.module)
        present = self.shelf.having(held.module, "Parent_Id", old.id) if old else []
        ids = {row.id for row in present}
        added = 0
        for line in value:
            if not isinstance(line, Mapping):
                raise invalid(held.name, "jsonobject")
            record = str(line["id"]) if "id" in line else ""
            if record and record not in ids:
                raise invalid(held.name, id=record)
            self._accepted(rows, line, None)
            added += not record
            added -= "_delete" in line
        if len(present) + added > SUBFORM_ROWS_MAX and value:
            raise invalid(held.name, limit=SUBFORM_ROWS_MAX)
        return value

    def _put_lines(
        self,
        module: Module,
        parent: Row,
        lines: Mapping[str, Sequence[Mapping[str, object]]],
        by: str,
    ) -> None:
        for name, given in lines.items():
            rows = module.fields[name].module
            if not given:
                for child in self.shelf.having(rows, "Parent_Id", parent.id):
                    self.remove(rows, child.id, by=by)
            for line in given:
                if "_delete" in line:
                    self.remove(rows, str(line["id"]), by=by)
                elif "id" in line:
                    self.update(rows, str(line["id"]), line, by=by)
                else:
                    self.insert(rows, {**line, "Parent_Id": parent.id}, by=by)

    def _bump_parent(self, module: Module, row: Row, now: datetime, by: str) -> None:
        if module.parent and self.switches.subform_bumps_parent:
            parent = self.shelf.newest(module.parent, str(row.get("Parent_Id")))
            if parent is not None:
                self.shelf.put(replace(parent, modified_at=now, modified_by=by))
