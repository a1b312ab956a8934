"""The hands on the other side: a real server of the small CRM, and what people do in it."""

from collections.abc import Mapping, Sequence

from tiny_crm import open_adapter
from tiny_crm.mapping import OBJECTS, tables

from crm_expenses.adapters.contract import (
    Adapter,
    BudgetResult,
    ClaimResult,
    LineResult,
    Opening,
    Result,
)
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.testing.bench import Bench
from crm_expenses.testing.tinycrm import Item, TinyCrm
from crm_expenses.testing.tinyserver import Failing, TinyServer

TOKEN = "tiny-secret-4711"  # noqa: S105  of a server of this test
MAPS = tables()
KINDS = {made: kind for kind, made in TYPES.items()}


def save(crm: TinyCrm, record: Record) -> None:
    """Let a person save a record in the CRM's own fields."""
    kind = KINDS[type(record)]
    if kind in OBJECTS:
        crm.put(OBJECTS[kind], MAPS[kind].write(record))


class TinyBench(Bench):
    """A server of its own for each test; `close` stops it."""

    secrets = (TOKEN,)
    page_rows_max = 2

    def __init__(self, **options: object) -> None:
        self.crm = TinyCrm()
        self.server = TinyServer(self.crm, token=TOKEN)
        self.options = {"url": self.server.url, "token": TOKEN, "page_size": 2, **options}

    def close(self) -> None:
        """Stop the server."""
        self.server.close()
        self.crm.close()

    def adapter(self) -> Adapter:
        """Open a new connection."""
        return open_adapter(Opening("main", self.options))

    def seed(self, records: Sequence[Record]) -> None:
        """Save records."""
        for record in records:
            self.edit(record)

    def edit(self, record: Record) -> None:
        """Save one."""
        save(self.crm, record)

    def break_record(self, kind: Kind) -> bool:
        """Save one that has nothing but an amount of nonsense."""
        self.crm.put(OBJECTS[kind], {"id": "broken", "amount": "1,234.5x"})
        return True

    def lose_reply(self, *, effect: bool) -> bool:
        """Lose the reply to the next batch."""
        self.server.fail("POST /api/batch", Failing.LOST_AFTER if effect else Failing.LOST_BEFORE)
        return True

    def effects(self) -> int | None:
        """Count the results that changed something."""
        return sum(slot != "change" for _, _, slot, _ in self.crm.effects())

    def changes(self) -> int | None:
        """Count the changes of facts that changed something."""
        return sum(slot == "change" for _, _, slot, _ in self.crm.effects())

    def delete(self, kind: Kind, record: str) -> bool:
        """Delete one."""
        self.crm.delete(OBJECTS[kind], record)
        return True

    def merge(self, kind: Kind, record: str, into: str) -> bool:
        """Merge one."""
        self.crm.delete(OBJECTS[kind], record, into)
        return True

    def attach(self, voucher: str, name: str, content: bytes) -> bool:
        """Put a file beside a receipt."""
        self.crm.attach(voucher, name, "application/octet-stream", content)
        return True

    def attached(self, voucher: str) -> Mapping[str, bytes]:
        """Read the files back."""
        found = {}
        for one in self.crm.files([voucher]):
            part = self.crm.content(one["id"], 0, one["size"])
            found[one["name"]] = part[0] if part else b""
        return found

    def written(self) -> Sequence[Result]:
        """Read the results back, field by field."""
        return [
            *map(claim_result, self._told("reports", "claim_result")),
            *map(line_result, self._told("items", "line_result")),
            *map(budget_result, self._told("budgets", "budget_result")),
        ]

    def _told(self, name: str, slot: str) -> list[Item]:
        return [item for item in self.crm.changed(name, "", "", 1000) if slot in item.keys]


def claim_result(item: Item) -> ClaimResult:
    """Read the result of a report."""
    return ClaimResult(
        item.id,
        Outcome(text(item, "check_outcome")),
        State(text(item, "check_state")),
        sure(item, "check_claimed"),
        sure(item, "check_allowed"),
        text(item, "check_findings_en"),
        text(item, "check_findings_zh"),
        text(item, "check_waiting_for"),
        text(item, "check_policy"),
        text(item, "check_decision"),
        text(item, "check_code"),
        amount(item, "check_approved"),
        text(item, "check_refused"),
    )


def line_result(item: Item) -> LineResult:
    """Read the result of an item."""
    return LineResult(
        item.id,
        text(item, "report"),
        Outcome(text(item, "check_outcome")),
        amount(item, "check_claimed"),
        sure(item, "check_allowed"),
        text(item, "check_findings_en"),
        text(item, "check_findings_zh"),
    )


def budget_result(item: Item) -> BudgetResult:
    """Read the position of a budget."""
    names = ("allocated", "committed", "spent", "available")
    return BudgetResult(item.id, *(sure(item, name) for name in names))


def text(item: Item, name: str) -> str:
    """Give a text, empty where there is none."""
    held = item.fields.get(name)
    return held if isinstance(held, str) else ""


def amount(item: Item, name: str) -> Money | None:
    """Give an amount, None where there is none."""
    held = text(item, name)
    return Money.of(held, text(item, f"{name}_currency")) if held else None


def sure(item: Item, name: str) -> Money:
    """Give an amount that is there."""
    return Money.of(text(item, name), text(item, f"{name}_currency"))
