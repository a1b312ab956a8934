"""A company whose CRM is a simulated organisation of Zoho, and what people do there."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from command_company import CommandCompany
from small_company import ORPHAN, RECORDS
from zoho_bench import OWN_NAMES, ZohoBench

from crm_expenses.core.record import Kind, Record
from crm_expenses.testing.samples import renamed


@dataclass
class ZohoCompany(CommandCompany):
    """The small company, under the ids of the organisation."""

    bench: ZohoBench
    own: Mapping[str, object] = field(default_factory=dict)
    """Options that take the place of the bench's."""

    def connection(self) -> str:
        """Give the lines of `[crm.main]`."""
        names = {kind.value: dict(names) for kind, names in OWN_NAMES.items()}
        options = {"adapter": "zoho", **self.bench.options, "fields": names, **self.own}
        return "\n".join(f"{name} = {toml(value)}" for name, value in options.items())

    def write_settings(self) -> None:
        """Write the settings file; who is in finance has an id of the organisation's."""
        super().write_settings()
        text = self.settings.read_text("utf-8")
        finance = self.bench.named(Kind.ACCOUNT_MANAGER, "P9")
        self.settings.write_text(text.replace('["P9"]', f'["{finance}"]'), encoding="utf-8")

    def id(self, kind: Kind, name: str) -> str:
        """Give the organisation's id of a record of the small company."""
        return self.bench.named(kind, name)

    def theirs(self, record: Record) -> Record:
        """Give a record under the organisation's ids."""
        made: Record = renamed(record, self.bench.named)
        return made

    def records(self) -> list[Record]:
        """Give the records of the small company."""
        return [self.theirs(one) for one in RECORDS if one.id != ORPHAN.id]

    def dump(self) -> str:
        """Give what stands in the organisation, the same for equal ones."""
        return "\n".join(
            json.dumps({**row, "Modified_Time": ""}, sort_keys=True, default=str)
            for name in sorted(self.bench.org.modules)
            for row in self.bench.org.listing(name)
        )

    def times(self) -> str:
        """Give when each record was changed."""
        return "\n".join(
            f"{row['id']} {row['Modified_Time']}"
            for name in sorted(self.bench.org.modules)
            for row in self.bench.org.listing(name)
        )

    def store(self) -> str:
        """Give the logical content of the store, but how far the organisation was read."""
        parts = re.split("^(?=-- )", super().store(), flags=re.MULTILINE)
        return "".join(part for part in parts if not part.startswith("-- cursor\n"))

    @property
    def calls(self) -> int:
        """How many calls the organisation has got."""
        return len(self.bench.sim.calls())

    def effects(self) -> Sequence[tuple[str, ...]]:
        """Give the writes that changed something in the organisation, in order."""
        held = self.bench.sim.calls("^(PUT|POST) .*/(Expense|Accounts|Deals)")
        return tuple((one.method, one.path) for one in held if one.status < 300)


def toml(value: object) -> str:
    """Write an option as TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case dict():
            inner = ", ".join(f'"{name}" = {toml(held)}' for name, held in value.items())
            return f"{{ {inner} }}"
    return json.dumps(str(value), ensure_ascii=False)
