"""A company whose CRM is reached by a connection file, and what people do to its CRM."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from command_company import CommandCompany
from forwarding import Forwarding

from crm_expenses.adapters.contract import Adapter, Result
from crm_expenses.core.record import Kind, Record


class Hands(Protocol):
    """What a bench of a real CRM does for the main job."""

    options: dict[str, object]

    def adapter(self) -> Adapter:
        """Open a new connection."""

    def seed(self, records: Sequence[Record]) -> None:
        """Save new records."""

    def edit(self, record: Record) -> None:
        """Let a person save one that is there."""

    def kept(self, record: Record) -> Record:
        """Give what the CRM makes of a record."""

    def delete(self, kind: Kind, record: str) -> bool:
        """Let a person delete one."""

    def break_record(self, kind: Kind) -> bool:
        """Save one that cannot be read."""

    def attach(self, voucher: str, name: str, content: bytes) -> bool:
        """Put a file beside a voucher."""

    def attached(self, voucher: str) -> Mapping[str, bytes] | None:
        """Give the files beside a voucher."""

    def written(self) -> Sequence[Result]:
        """Give every result that stands there."""

    def dump(self, *, times: bool = False) -> str:
        """Give what stands there; `times`: and when it changed."""

    def close(self) -> None:
        """Stop it."""


@dataclass
class RestCompany(CommandCompany):
    """A company connected to a real CRM, whose calls are heard on the way."""

    bench: Hands
    way: Forwarding
    own: Mapping[str, str] = field(default_factory=dict)
    """Options that take the place of the bench's."""

    def connection(self) -> str:
        """Give the lines of `[crm.main]`."""
        options = {**self.bench.options, "url": self.way.url, **self.own}
        lines = [f"{name} = {written(value)}" for name, value in options.items()]
        return "\n".join(['adapter = "rest"', *lines])

    def dump(self) -> str:
        """Give what stands in the CRM."""
        return self.bench.dump()

    def store(self) -> str:
        """Give the logical content of the store, but how far the CRM was read.

        That is a time of the CRM's own clock, another one for each reading.
        """
        parts = re.split("^(?=-- )", super().store(), flags=re.MULTILINE)
        return "".join(part for part in parts if not part.startswith("-- cursor\n"))

    @property
    def calls(self) -> int:
        """How many calls the CRM has got."""
        return self.way.calls

    def effects(self) -> Sequence[tuple[str, ...]]:
        """Give the writes that changed something in the CRM, in order."""
        return tuple(self.way.effects)


def written(value: object) -> str:
    """Write an option as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"'
