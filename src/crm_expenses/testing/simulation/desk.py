"""What people change on our side, in our store, while processes come and go."""

from dataclasses import dataclass

from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import RefusedError
from crm_expenses.store import Store
from crm_expenses.store.deadletters import dead_letters
from crm_expenses.store.edits import NewEdit, change, clashes
from crm_expenses.testing.simulation import company
from crm_expenses.testing.simulation.adapter import NAME
from crm_expenses.testing.simulation.world import World


@dataclass(frozen=True, slots=True)
class OurEdit:
    """One field of a record that was changed here."""

    kind: Kind
    record: str
    field: str
    value: str


class Desk:
    """Somebody who changes records here; `made` are the edits that were taken, in order."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.made: list[OurEdit] = []

    def act(self, store: Store) -> None:
        """Change a field of some record, if there is one and nobody is asked about it."""
        chance = self.world.chance
        kind = chance.choice((Kind.LINE, Kind.LINE, Kind.CLAIM))
        names = [one.id for one in store.records(NAME, kind, viewer=SYSTEM)]
        if not names:
            return
        field, value = "title", f"改 {chance.randint(1, 99)}"
        if kind is Kind.LINE:
            field = chance.choice(("purpose", "category"))
            value = chance.choice(company.CATEGORIES) if field == "category" else value
        edit = OurEdit(kind, chance.choice(names), field, value)
        try:
            with store.writing() as connection:
                new = NewEdit(kind, edit.record, {field: value}, "P9")
                changed = change(connection, NAME, new, self.world.now)
        except RefusedError as error:
            self.world.say(f"we may not set {edit.record} {field}={value}: {error.code}")
            return
        if changed.before:
            self.world.say(f"we set {edit.record} {field}={value}")
            self.made.append(edit)

    def listed(self, store: Store) -> frozenset[tuple[Kind, str, str]]:
        """Give the fields of which both sides' values are listed."""
        with store.reading() as connection:
            rows = clashes(connection, NAME, only_open=False)
        return frozenset((row.kind, row.id, row.field) for row in rows)

    def dead(self, store: Store) -> frozenset[tuple[str, str]]:
        """Give kind and record of the writes that a person has to send again."""
        with store.reading() as connection:
            return frozenset((one.kind, one.record) for one in dead_letters(connection, NAME))
