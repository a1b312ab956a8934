"""Rows as they are held, and as readers see them: at once, later, or as of a frozen moment."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One version of a record. `before` is what readers see until `visible_at`."""

    id: str
    module: str
    values: Mapping[str, object] = field(default_factory=dict)
    created_at: datetime | None = None
    modified_at: datetime | None = None
    created_by: str = ""
    modified_by: str = ""
    deleted_at: datetime | None = None
    deleted_by: str = ""
    is_purged: bool = False
    visible_at: datetime | None = None
    before: "Row | None" = field(default=None, repr=False)

    def get(self, name: str) -> object:
        """Give the value of a field, as it is held."""
        match name:
            case "id":
                return self.id
            case "Created_Time":
                return self.created_at
            case "Modified_Time":
                return self.modified_at
            case "Created_By":
                return self.created_by
            case "Modified_By":
                return self.modified_by
            case _:
                return self.values.get(name)

    def as_seen(self, at: datetime) -> "Row | None":
        """Give the version that a reader sees at a moment."""
        seen: Row | None = self
        while seen is not None and seen.visible_at is not None and seen.visible_at > at:
            seen = seen.before
        return seen


class Shelf:
    """All rows, by module and id, with an index for each field that was asked for."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self._frozen: dict[str, dict[str, Row]] | None = None
        self._frozen_at: datetime | None = None
        self._indexes: dict[tuple[str, str], dict[object, set[str]]] = {}

    def put(self, row: Row) -> None:
        """Keep the newest version of a row."""
        old = self._rows[row.module].get(row.id)
        self._rows[row.module][row.id] = row
        for (module, name), index in self._indexes.items():
            if module == row.module:
                if old is not None and not old.deleted_at:
                    index[old.get(name)].discard(row.id)
                if not row.deleted_at:
                    index[row.get(name)].add(row.id)

    def newest(self, module: str, record: str) -> Row | None:
        """Give a row as it was written last, if it is there."""
        row = self._rows[module].get(record)
        return None if row is None or row.deleted_at else row

    def ever(self, module: str, record: str) -> Row | None:
        """Give a row even if it was deleted."""
        return self._rows[module].get(record)

    def all_newest(self, module: str) -> list[Row]:
        """Give all rows of a module as they were written last."""
        return [row for row in self._rows[module].values() if not row.deleted_at]

    def seen(self, module: str, record: str, at: datetime) -> Row | None:
        """Give a row as a reader sees it."""
        row = self._readable(module).get(record)
        found = row.as_seen(self._frozen_at or at) if row else None
        return None if found is None or found.deleted_at else found

    def all_seen(self, module: str, at: datetime) -> list[Row]:
        """Give all rows of a module as a reader sees them."""
        return [row for row in self._each_seen(module, at) if not row.deleted_at]

    def all_deleted(self, module: str, at: datetime) -> list[Row]:
        """Give what is gone of a module, as a reader sees it."""
        return [row for row in self._each_seen(module, at) if row.deleted_at]

    def _each_seen(self, module: str, at: datetime) -> Iterator[Row]:
        moment = self._frozen_at or at
        for row in list(self._readable(module).values()):
            found = row if row.visible_at is None else row.as_seen(moment)
            if found is not None:
                yield found

    def _readable(self, module: str) -> Mapping[str, Row]:
        held = self._rows if self._frozen is None else self._frozen
        return held.get(module, {})

    def having(self, module: str, name: str, value: object) -> list[Row]:
        """Give the rows, as written last, whose field has a value."""
        index = self._indexes.get((module, name))
        if index is None:
            index = defaultdict(set)
            for row in self.all_newest(module):
                index[row.get(name)].add(row.id)
            self._indexes[module, name] = index
        return [self._rows[module][one] for one in sorted(index.get(value, ()))]

    def freeze(self, at: datetime) -> None:
        """Let readers see what there is now, whatever is written from now on."""
        self._frozen = {module: dict(rows) for module, rows in self._rows.items()}
        self._frozen_at = at

    def thaw(self) -> None:
        """Let readers see everything again."""
        self._frozen = self._frozen_at = None
