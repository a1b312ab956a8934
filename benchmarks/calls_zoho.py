"""Calls and credits of the Zoho adapter, beside the least that each job can cost.

    python benchmarks/calls_zoho.py [--records 50000] [--writes 10000] [--json]

Each job runs against the simulator over HTTP, which counts credits as the platform does. The bounds
are formulas over the platform's prices (source: facts of Zoho's API, 2026-08): of the ways that
there are the one with the fewest credits, with as many questions for a bulk job's state as that job
needed. Calls for tokens cost no credit and are not counted.

What is above its bound, and why: a first load of a kind asks for 2,000 rows at once, which for a
few costs 3 credits instead of 1; beyond one page it counts the records, so as to know whether a job
pays, and a job reads them from the beginning. Who does not know how many changes there are finds
out with a query of 200 rows, which is all that most readings need: 500 changes cost 5 credits
instead of 4. Return figures are looked for before they are written, fifty a call: a second sending
acts once.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

TESTS: Final = Path(__file__).parents[1] / "tests"
if __name__ == "__main__":
    sys.path[:0] = [str(TESTS), str(TESTS / "adapters")]

from zoho_bench import ZohoBench, organisation  # noqa: E402  it stands beside the tests

from crm_expenses.adapters.contract import (  # noqa: E402
    AckState,
    Change,
    FileWrite,
    LineResult,
    Result,
    ReturnResult,
    WriteBack,
)
from crm_expenses.adapters.exchange import Clock  # noqa: E402
from crm_expenses.adapters.zoho.client import ZohoAdapter, open_zoho  # noqa: E402
from crm_expenses.adapters.zoho.credits import cost_of_coql, cost_of_writes  # noqa: E402
from crm_expenses.adapters.zoho.modules import MODULES  # noqa: E402
from crm_expenses.core.claim import ExpenseLine  # noqa: E402
from crm_expenses.core.decision import Outcome  # noqa: E402
from crm_expenses.core.money import Money  # noqa: E402
from crm_expenses.core.record import Kind  # noqa: E402
from crm_expenses.testing.samples import write_back  # noqa: E402
from crm_expenses.testing.zohosim.rows import Row  # noqa: E402

BEGAN: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST: Final = 600_001_000_000_000_000
PAGE, QUERY, BATCH = 200, 2_000, 100
BULK_READ_ROWS, BULK_WRITE_ROWS = 200_000, 25_000
READ_JOB, WRITE_JOB = 50, 500
DELETED = 2
LIST_MAX: Final = 100_000
GOAL: Final = Decimal("1.1")
Act = Callable[[], object]
Bound = Callable[[int], "Cost"]


@dataclass(frozen=True)
class Cost:
    """What a job takes."""

    calls: int
    credits: int

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.calls + other.calls, self.credits + other.credits)


@dataclass(frozen=True)
class Found:
    """What a job took, and the least that it can take."""

    job: str
    ours: Cost
    bound: Cost

    @property
    def ratio(self) -> Decimal:
        """Credits over their bound."""
        return (Decimal(self.ours.credits) / self.bound.credits).quantize(Decimal("0.001"))


# --- the bounds ---


def parts(count: int, size: int) -> int:
    """Give how many parts of a size there are, the last one begun.

    >>> parts(0, 200), parts(200, 200), parts(201, 200)
    (0, 1, 2)
    """
    return -(-count // size)


def least(*ways: Cost) -> Cost:
    """Give the way with the fewest credits; of equal ones that with the fewest calls."""
    return min(ways, key=lambda way: (way.credits, way.calls))


def load(count: int, polls: int) -> Cost:
    """Give the least for reading all: by lists, by queries, or by bulk jobs.

    >>> load(10_000, 1), load(50_000, 1)
    (Cost(calls=5, credits=15), Cost(calls=3, credits=52))
    """
    jobs = parts(count, BULK_READ_ROWS)
    ways = [
        Cost(parts(count, QUERY), 3 * parts(count, QUERY)),
        Cost(jobs * (2 + polls), jobs * (READ_JOB + polls + 1)),
    ]
    if count <= LIST_MAX:
        ways.append(Cost(parts(count, PAGE), parts(count, PAGE)))
    return least(*ways)


def renewed(changed: int) -> Cost:
    """Give the least for what is new in one module: its rows, and what was deleted.

    >>> renewed(0), renewed(1), renewed(500)
    (Cost(calls=2, credits=3), Cost(calls=2, credits=3), Cost(calls=2, credits=4))
    """
    full, rest = divmod(changed, QUERY)
    pages = Cost(full, 3 * full) + (Cost(1, cost_of_coql(rest)) if rest else Cost(0, 0))
    listed = Cost(parts(changed, PAGE), parts(changed, PAGE))
    return least(pages if changed else Cost(1, 1), listed if changed else Cost(1, 1)) + Cost(
        1, DELETED
    )


def people(changed: int) -> Cost:
    """Give the least for new people: two lists, those who are there and those who were deleted."""
    return Cost(max(1, parts(changed, PAGE)) + 1, max(1, parts(changed, PAGE)) + 1)


def written(count: int, polls: int) -> Cost:
    """Give the least for writing rows: by calls of a hundred, or by bulk jobs.

    >>> written(1_000, 1), written(10_000, 1)
    (Cost(calls=10, credits=100), Cost(calls=4, credits=503))
    """
    full, rest = divmod(count, BATCH)
    calls = Cost(full, full * cost_of_writes(BATCH))
    calls += Cost(1, cost_of_writes(rest)) if rest else Cost(0, 0)
    jobs = parts(count, BULK_WRITE_ROWS)
    return least(calls, Cost(jobs * (3 + polls), jobs * (1 + WRITE_JOB + polls + 1)))


def attached(files: int, records: int) -> Cost:
    """Give the least for files, none of them twice: one call each, one list for each record."""
    return Cost(files + records, files + records)


# --- what ours takes ---


class Meter:
    """An organisation whose clock stands until it is moved, and what its simulator counts."""

    def __init__(self, folder: Path) -> None:
        self.bench = ZohoBench(folder, organisation())
        self.passed = timedelta(0)
        self.bench.org.clock = self.moment
        self._mark = 0

    def moment(self) -> datetime:
        """Give the time."""
        return BEGAN + self.passed

    def later(self, seconds: float) -> None:
        """Let time pass; this is also how anybody here sleeps."""
        self.passed += timedelta(seconds=seconds)

    def adapter(self) -> ZohoAdapter:
        """Open a connection as the settings have it, with nothing of the bench's own."""
        seconds = lambda: self.moment().timestamp()  # noqa: E731
        clock = Clock(monotonic=seconds, wall=seconds, sleep=self.later)
        return open_zoho(self.bench.opening(), clock=clock)

    def start(self) -> None:
        """Begin to count."""
        self._mark = len(self.bench.sim.log)

    def cost(self) -> Cost:
        """Give what came since."""
        seen = [one for one in self.bench.sim.log[self._mark :] if "oauth" not in one.path]
        return Cost(len(seen), sum(one.credits for one in seen))

    def polls(self) -> int:
        """Give how often a bulk job was asked for since."""
        log = self.bench.sim.log[self._mark :]
        return len([one for one in log if one.method == "GET" and _is_poll(one.path)])

    def close(self) -> None:
        """Stop the server."""
        self.bench.close()

    # --- the organisation ---

    def add_lines(self, count: int, first: int = 0) -> None:
        """Put lines of one claim into the organisation, or change them."""
        org, now = self.bench.org, self.bench.org.now()
        claim = self.bench.named(Kind.CLAIM, "C-1")
        for number in range(first, first + count):
            values = {
                "Name": f"L-{number}",
                "Claim": claim,
                "Expense_Date": "2026-03-01",
                "Category": "meal",
                "Amount": Decimal(number),
                "Currency_Code": "CNY",
                "Merchant": f"{now:%H%M%S}",
            }
            name = str(FIRST + number)
            org.shelf.put(Row(name, "Expense_Lines", values, now, now, org.admin, org.admin))

    def add_vouchers(self, count: int) -> None:
        """Put vouchers without files into the organisation."""
        org, now = self.bench.org, self.bench.org.now()
        module = MODULES[Kind.VOUCHER].name
        for number in range(count):
            values = {"Name": f"V-{number}"}
            org.shelf.put(Row(voucher(number), module, values, now, now, org.admin, org.admin))


def _is_poll(path: str) -> bool:
    return "/bulk/" in path and path.rpartition("/")[2].isalnum() and "result" not in path


def voucher(number: int) -> str:
    """Give the id of a voucher."""
    return str(FIRST * 2 + number)


def measure(job: str, meter: Meter, act: Act, bound: Bound) -> Found:
    """Do a job and count."""
    meter.start()
    act()
    return Found(job, meter.cost(), bound(meter.polls()))


def loaded(meter: Meter, count: int) -> Iterable[Found]:
    """Read all lines of an organisation that has so many."""
    meter.add_lines(count)
    meter.later(3_600)
    adapter = meter.adapter()
    yield measure(
        f"first load, {count:,} records",
        meter,
        lambda: read(adapter, Kind.LINE, None, count),
        lambda polls: load(count, polls),
    )
    adapter.close()


def incremental(meter: Meter, changes: Sequence[int], count: int = 1_000) -> Iterable[Found]:
    """Read what is new of one kind, then of all kinds of a sync."""
    meter.bench.seed(meter.bench.sample(set(Kind)))
    meter.add_lines(count)
    meter.later(3_600)
    adapter = meter.adapter()
    kinds = sorted(adapter.capabilities.reads)
    cursors = {kind: read(adapter, kind, None) for kind in kinds}
    for changed in changes:
        meter.later(3_600)
        meter.add_lines(changed)
        meter.later(3_600)
        at = cursors[Kind.LINE]
        yield measure(
            f"incremental, {changed} changes, one kind",
            meter,
            lambda at=at, changed=changed: read(adapter, Kind.LINE, at, changed),  # type: ignore[misc]
            lambda _polls, changed=changed: renewed(changed),  # type: ignore[misc]
        )
        bound = sum((renewed(0) for _ in kinds[2:]), people(0) + renewed(changed))
        meter.start()
        cursors = {kind: read(adapter, kind, cursors[kind]) for kind in kinds}
        yield Found(f"incremental, {changed} changes, all {len(kinds)} kinds", meter.cost(), bound)
    adapter.close()


def results(meter: Meter, count: int) -> Iterable[Found]:
    """Write the results of so many lines, in a sync that has read before."""
    meter.add_lines(count)
    meter.later(3_600)
    before = meter.adapter()
    at = read(before, Kind.LINE, None, count)
    before.close()
    meter.later(3_600)
    adapter = meter.adapter()
    read(adapter, Kind.LINE, at, 0)
    writes = [write_back("main", line_result(number)) for number in range(count)]
    yield measure(
        f"results of {count:,} lines",
        meter,
        lambda: push(adapter, writes),
        lambda polls: written(count, polls),
    )
    adapter.close()


def figures(meter: Meter, count: int) -> Iterable[Found]:
    """Write the return figures of so many people: upserts by an external id."""
    org = meter.bench.org
    names = [
        org.put("Users", {"full_name": f"客户经理 {number}", "last_name": str(number)})
        for number in range(count)
    ]
    meter.later(3_600)
    adapter = meter.adapter()
    read(adapter, Kind.ACCOUNT_MANAGER, None)
    writes = [write_back("main", return_result(name)) for name in names]
    yield measure(
        f"return figures of {count} people (upsert)",
        meter,
        lambda: push(adapter, writes),
        lambda polls: written(count, polls),
    )
    adapter.close()


def edits(meter: Meter, count: int) -> Iterable[Found]:
    """Change a field of so many lines, each on the condition that nobody else did."""
    meter.add_lines(count)
    meter.later(3_600)
    adapter = meter.adapter()
    facts = [fact for page in adapter.pull(Kind.LINE, None) for fact in page.facts]
    writes = []
    for fact in facts:
        assert isinstance(fact.record, ExpenseLine)
        change = Change(Kind.LINE, replace(fact.record, purpose="visit"), ("purpose",))
        writes.append(write_back("main", change, version=fact.origin.version))
    yield measure(
        f"{count} changes, each on a condition",
        meter,
        lambda: push(adapter, writes),
        lambda _polls: Cost(count, count),
    )
    adapter.close()


def attachments(meter: Meter, count: int, each: int) -> Iterable[Found]:
    """Put so many files beside vouchers, some beside each."""
    vouchers = parts(count, each)
    meter.add_vouchers(vouchers)
    adapter = meter.adapter()
    yield measure(
        f"{count} attachments, {each} a voucher",
        meter,
        lambda: put_files(adapter, count, each),
        lambda _polls: attached(count, vouchers),
    )
    adapter.close()


# --- acts ---


def read(adapter: ZohoAdapter, kind: Kind, since: str | None, rows: int | None = None) -> str:
    """Read a kind to its end; give the cursor. What comes twice is counted once."""
    seen, cursor = set(), since
    for page in adapter.pull(kind, since):
        assert not page.set_aside, page.set_aside
        seen |= {fact.record.id for fact in page.facts}
        cursor = page.cursor
    assert rows is None or len(seen) == rows, (len(seen), rows)
    assert cursor is not None
    return cursor


def push(adapter: ZohoAdapter, writes: Sequence[WriteBack]) -> None:
    """Write, all of it."""
    most = adapter.capabilities.batch_max
    for start in range(0, len(writes), most):
        acks = adapter.push(writes[start : start + most])
        assert {ack.state for ack in acks} == {AckState.DONE}, acks[:3]


def put_files(adapter: ZohoAdapter, count: int, each: int) -> None:
    """Put files beside vouchers."""
    for number in range(count):
        content = f"file {number}".encode()
        name = hashlib.sha256(content).hexdigest()
        write = FileWrite(
            f"K-{number}",
            voucher(number // each),
            f"{number}.txt",
            "text/plain",
            len(content),
            name,
        )
        assert adapter.write_file(write, [content]).state is AckState.DONE


def line_result(number: int) -> Result:
    """Make the result of a line."""
    amount = Money.of(Decimal(number), "CNY")
    claim = "500001000000000000"
    return LineResult(str(FIRST + number), claim, Outcome.PASS, amount, amount, "fine", "合格")


def return_result(person: str) -> Result:
    """Make the return figures of a person."""
    cost = Money.of("12.50", "CNY")
    return ReturnResult(
        person, date(2026, 1, 1), date(2026, 3, 31), cost, cost, *[None] * 5, 3, "", ""
    )


def all_jobs(records: int, writes: int) -> Iterable[Found]:
    """Measure every job, each in an organisation of its own."""
    jobs: list[Callable[[Meter], Iterable[Found]]] = [
        lambda meter: loaded(meter, 10_000),
        lambda meter: loaded(meter, records),
        lambda meter: incremental(meter, (0, 1, 500)),
        lambda meter: results(meter, writes // 10),
        lambda meter: results(meter, writes),
        lambda meter: figures(meter, 200),
        lambda meter: edits(meter, 100),
        lambda meter: attachments(meter, 200, 1),
        lambda meter: attachments(meter, 200, 10),
    ]
    for job in jobs:
        with tempfile.TemporaryDirectory() as folder:
            meter = Meter(Path(folder))
            try:
                yield from job(meter)
            finally:
                meter.close()


def told(found: Found) -> dict[str, Any]:
    """Give a row for a program."""
    return {**asdict(found), "ratio": str(found.ratio)}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--writes", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.json:
        print(f"{'job':44}{'calls':>7}{'least':>7}{'credits':>9}{'least':>7}{'ratio':>8}")
    for found in all_jobs(options.records, options.writes):
        ours, bound = found.ours, found.bound
        if options.json:
            print(json.dumps(told(found)), flush=True)
            continue
        over = "  over the goal" if found.ratio > GOAL else ""
        print(
            f"{found.job:44}{ours.calls:7,}{bound.calls:7,}{ours.credits:9,}{bound.credits:7,}"
            f"{found.ratio:8}{over}",
            flush=True,
        )


if __name__ == "__main__":
    main()
