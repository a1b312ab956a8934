"""Two organisations of Zoho CRM at once, in one process: nothing of one reaches the other."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Barrier

import pytest
from zoho_bench import organisation

from crm_expenses.adapters.contract import AckState, FileWrite, LineResult, Opening
from crm_expenses.adapters.exchange import Clock
from crm_expenses.adapters.zoho import sdkcalls
from crm_expenses.adapters.zoho.client import ZohoAdapter, open_zoho
from crm_expenses.adapters.zoho.modules import MODULES
from crm_expenses.adapters.zoho.sdk import Sdk
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.decision import Outcome
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.testing.samples import write_back
from crm_expenses.testing.zohosim import Field, Org, Site, ZohoSim
from crm_expenses.testing.zohosim.rows import Row

THREADS, ROUNDS, LINES, SDK_CALLS = 8, 3, 60, 8
CLAIM, VOUCHER, FIRST = "500001000000000001", "500001000000000002", 600_001_000_000_000_000


@dataclass(frozen=True)
class Side:
    """One organisation, and the name by which its records are known."""

    site: Site
    name: str

    @property
    def org(self) -> Org:
        """The organisation."""
        return self.site.org

    @property
    def field(self) -> str:
        """A field that this organisation alone has."""
        return self.name.replace("-", "_")

    def fill(self) -> None:
        """Put records there, under ids that the other one has as well."""
        self.org.add_fields("Deals", [Field(self.field)], custom=True)
        org, now = self.org, self.org.now()
        rows: dict[str, tuple[str, dict[str, object]]] = {
            CLAIM: (MODULES[Kind.CLAIM].name, {"Name": self.name}),
            VOUCHER: (MODULES[Kind.VOUCHER].name, {"Name": self.name}),
        }
        for number in range(LINES):
            rows[str(FIRST + number)] = (
                MODULES[Kind.LINE].name,
                {
                    "Name": self.name,
                    "Claim": CLAIM,
                    "Expense_Date": "2026-03-01",
                    "Category": "meal",
                    "Amount": Decimal(number),
                    "Currency_Code": "CNY",
                    "Merchant": self.name,
                },
            )
        for record, (module, values) in rows.items():
            org.shelf.put(Row(record, module, values, now, now, org.admin, org.admin))

    def opened(self, sim: ZohoSim, folder: Path) -> ZohoAdapter:
        """Open a connection."""
        options = {
            **sim.settings(self.site, folder=folder),
            "timezone": "Asia/Shanghai",
            "currency": "CNY",
            "modules": {kind.value: module.name for kind, module in MODULES.items()},
        }
        return open_zoho(Opening(self.name, options), clock=Clock(sleep=lambda _seconds: None))

    def worked(self, adapter: ZohoAdapter, worker: int) -> None:
        """Read, write, put a file there, and ask through the SDK; see that all is of this side."""
        sdk = Sdk(adapter.wire)
        for number in range(ROUNDS):
            text = f"{self.name} {worker} {number}"
            found = [fact for page in adapter.pull(Kind.LINE, None) for fact in page.facts]
            assert len(found) == LINES
            for fact in found:
                assert isinstance(fact.record, ExpenseLine)
                assert (fact.record.merchant, fact.origin.crm) == (self.name, self.name)
            amount = Money.of("1.25", "CNY")
            results = [
                LineResult(fact.record.id, CLAIM, Outcome.PASS, amount, amount, text, text)
                for fact in found
            ]
            acks = adapter.push([write_back(self.name, one) for one in results])
            assert {ack.state for ack in acks} == {AckState.DONE}
            content = text.encode()
            digest = hashlib.sha256(content).hexdigest()
            write = FileWrite(text, VOUCHER, f"{text}.txt", "text/plain", len(content), digest)
            assert adapter.write_file(write, [content]).state is AckState.DONE
            for ref in adapter.files([VOUCHER]):
                assert b"".join(adapter.read_file(ref)).startswith(self.name.encode())
            for _ in range(SDK_CALLS):
                assert sdkcalls.organisation(sdk).id == self.org.id
            names = {one.name for one in sdkcalls.fields(sdk, "Deals")}
            assert {name for name in names if name.startswith("side")} == {self.field}
        sdk.close()


@pytest.fixture
def sim() -> Iterator[ZohoSim]:
    """One server with two organisations."""
    with ZohoSim(organisation(), others=[organisation(number=2, edition="ultimate")]) as made:
        yield made


def test_nothing_crosses(sim: ZohoSim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight threads, two organisations with the same ids: records, tokens, credits, files apart.

    Each organisation gives one token, however many connections there are; what each connection
    counted is what its organisation was asked to pay; what the SDK wrote stands in folders apart.
    """
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    sides = [Side(site, f"side-{number}") for number, site in enumerate(sim.sites)]
    for side in sides:
        side.fill()
    adapters = [sides[number % 2].opened(sim, tmp_path) for number in range(THREADS)]
    barrier = Barrier(THREADS)

    def work(number: int) -> None:
        barrier.wait()
        sides[number % 2].worked(adapters[number], number)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    for side in sides:
        for row in side.org.listing(MODULES[Kind.LINE].name):
            assert str(row["Findings_EN"]).startswith(side.name)
        names = [one.name for one in side.org.files.of(MODULES[Kind.VOUCHER].name, VOUCHER)]
        assert len(names) == THREADS // 2 * ROUNDS
        assert all(name.startswith(side.name) for name in names)
        mine = [one for one in sim.log if one.organisation == side.org.id]
        assert len({one.token for one in mine}) == 1
        counted = [one.wire.credits.spent() for one in adapters if one.name == side.name]
        assert sum(counted) == sum(one.credits for one in mine) > 0
    assert len(sim.calls("/oauth/v2/token")) == 2
    written = [path for path in (tmp_path / "temporary").rglob("*") if path.is_file()]
    assert written == []
    for adapter in adapters:
        adapter.close()
    assert not list((tmp_path / "temporary").iterdir())
