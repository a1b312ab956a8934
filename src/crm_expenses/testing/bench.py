"""The bench that an adapter stands on while the suite tries it: the hands on the other side."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from crm_expenses.adapters.contract import Adapter, Result
from crm_expenses.core.record import Kind, Record


class Bench(ABC):
    """One empty CRM, a new one for each test, and what people and the network do to it.

    Let the adapter read small pages (2 or 3 records), so that there are several to resume from, in
    the company's zone +08:00. `secrets` are texts (tokens, passwords) that the adapter was given
    and that must show nowhere.
    """

    secrets: Sequence[str] = ()
    page_rows_max: int = 10_000
    """No page may be larger than this."""

    @abstractmethod
    def adapter(self) -> Adapter:
        """Open a new adapter on the same CRM, as after a restart; also before `seed`."""

    @abstractmethod
    def seed(self, records: Sequence[Record]) -> None:
        """Put these records into the empty CRM; called once."""

    @abstractmethod
    def edit(self, record: Record) -> None:
        """Let a person change the record of this id into this one."""

    @abstractmethod
    def written(self) -> Sequence[Result]:
        """Give every result that stands in the CRM, in any order, read from there."""

    def kept(self, record: Record) -> Record:
        """Give what the CRM makes of a record, where it cannot hold all of it (say why)."""
        return record

    def break_record(self, kind: Kind) -> bool:  # noqa: ARG002  for those who can
        """Add one record that cannot be read, after the others; False where that cannot be."""
        return False

    def lose_reply(self, *, effect: bool) -> bool:  # noqa: ARG002  likewise
        """Lose the reply to the next push of an adapter opened from now on, after or before effect.

        False where the bench cannot do that.
        """
        return False

    def effects(self) -> int | None:
        """Count how often writes have changed the CRM; None where nobody counts."""
        return None

    def changes(self) -> int | None:
        """Count how often changes of fields have acted; None where nobody counts."""
        return None
