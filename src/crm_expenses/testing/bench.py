"""The bench that an adapter stands on while the suite tries it: the hands on the other side."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence

from crm_expenses.adapters.contract import Adapter, Result, ResultKind
from crm_expenses.core.record import Kind, Record
from crm_expenses.testing.samples import renamed, results, sample


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

    def named(self, kind: Kind, record: str) -> str:  # noqa: ARG002  likewise
        """Give the CRM's own id of the sample record of this id, where it gives out ids itself.

        Where it does so only as a record is made: this id until `seed`, and the CRM's after it.
        """
        return record

    def sample(self, kinds: Collection[Kind]) -> tuple[Record, ...]:
        """Give the samples of some kinds under the ids that they have in this CRM."""
        return tuple(renamed(one, self.named) for one in sample(kinds))

    def results(self, kinds: Collection[ResultKind]) -> tuple[Result, ...]:
        """Give results for the samples of this CRM."""
        return tuple(renamed(one, self.named) for one in results(kinds))

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

    # --- hands that only some benches have: the defaults say "cannot" ---

    def delete(self, kind: Kind, record: str) -> bool:  # noqa: ARG002  likewise
        """Let a person delete a record; False where the bench cannot."""
        return False

    def merge(self, kind: Kind, record: str, into: str) -> bool:  # noqa: ARG002  likewise
        """Let a person merge a record into another; False where the CRM knows no such thing."""
        return False

    def attach(self, voucher: str, name: str, content: bytes) -> bool:  # noqa: ARG002  likewise
        """Let a person put a file beside a voucher; False where the bench cannot."""
        return False

    def attached(self, voucher: str) -> Mapping[str, bytes] | None:  # noqa: ARG002  likewise
        """Give the files beside a voucher by name, read from the CRM; None where it cannot."""
        return None

    def changes(self) -> int | None:
        """Count how often changes of fields have acted; None where nobody counts."""
        return None
