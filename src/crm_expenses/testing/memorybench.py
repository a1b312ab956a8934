"""The bench of the CRM in memory: the suite is proved on it, and it is an example to follow."""

from collections.abc import Mapping, Sequence

from crm_expenses.adapters.contract import Adapter, Capabilities, Result
from crm_expenses.adapters.memory import (
    CAPABILITIES,
    Failure,
    Fault,
    MemoryAdapter,
    MemoryCrm,
    Step,
)
from crm_expenses.core.record import Kind, Record
from crm_expenses.testing.bench import Bench


class MemoryBench(Bench):
    """A bench around one `MemoryCrm`, new or given; `made` is the adapter class to try."""

    secrets = ("hunter2",)  # given to nobody: a planted leak shows it
    page_rows_max = 2

    def __init__(
        self,
        made: type[MemoryAdapter] = MemoryAdapter,
        capabilities: Capabilities = CAPABILITIES,
        crm: MemoryCrm | None = None,
    ) -> None:
        self.crm = crm or MemoryCrm()
        self.made = made
        self.capabilities = capabilities
        self.faults: list[Fault] = []

    def adapter(self) -> Adapter:
        """Open an adapter; it takes the failures that wait."""
        faults, self.faults = self.faults, []
        return self.made(
            "main", self.crm, page_size=2, faults=faults, capabilities=self.capabilities
        )

    def seed(self, records: Sequence[Record]) -> None:
        """Put records."""
        for record in records:
            self.crm.put(record)

    def edit(self, record: Record) -> None:
        """Put one."""
        self.crm.put(record)

    def delete(self, kind: Kind, record: str) -> bool:
        """Delete one."""
        self.crm.delete(kind, record)
        return True

    def merge(self, kind: Kind, record: str, into: str) -> bool:
        """Merge one into another."""
        self.crm.merge(kind, record, into)
        return True

    def written(self) -> Sequence[Result]:
        """Read the results back."""
        return list(self.crm.results().values())

    def break_record(self, kind: Kind) -> bool:
        """Put a row without most of its columns."""
        self.crm.put_row(kind, {"id": "broken", "amount": "1,234.5x"})
        return True

    def lose_reply(self, *, effect: bool) -> bool:
        """Let the next adapter lose its first reply."""
        self.faults.append(
            Fault(Step.PUSH, 1, Failure.LOST_AFTER if effect else Failure.LOST_BEFORE)
        )
        return True

    def effects(self) -> int | None:
        """Count what was written, repetitions included."""
        return len(self.crm.log)

    def attach(self, voucher: str, name: str, content: bytes) -> bool:
        """Put a file beside a voucher."""
        self.crm.put_file(voucher, f"P{len(self.crm.files) + 1}", content, name=name)
        return True

    def attached(self, voucher: str) -> Mapping[str, bytes] | None:
        """Give the files beside a voucher."""
        return {
            held.ref.name: held.content
            for (of, _), held in self.crm.files.items()
            if of == voucher and isinstance(held.content, bytes)
        }

    def changes(self) -> int | None:
        """Count the changes, repetitions included."""
        return len(self.crm.changes)
