"""CPU time to decode a page of 200 records with 19 fields: ours, the SDK's, and JSON alone.

    python benchmarks/decode_zoho.py [--repeat 15] [--json]

The page comes from the simulator, once for each side. Ours gives typed and validated records of
`core` with their origin, amounts exact. The SDK, unmodified and in a process of its own, gives its
`Record` objects, amounts as floats, with the fields of the modules read before (its file of fields
is small: the modules of one organisation that lines lead to). Both decode the same answer again and
again, without a network; the sides take turns, and the median of the CPU times counts. `json` is
`json.loads`, `json_exact` the same with `Decimal`.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

TESTS: Final = Path(__file__).parents[1] / "tests"
ROWS: Final = 200
FIELDS: Final = 19
MODULE: Final = "Expense_Lines"
LEFT_OUT: Final = {"travel_class": "", "trip": ""}
FIRST: Final = 600_001_000_000_000_000


# --- the SDK, in a process of its own ---


def sdk_side() -> None:
    """Decode as often as a line on standard input says, with the SDK; tell the CPU times."""
    import logging  # noqa: PLC0415  of this process only

    import zohocrmsdk.src.com.zoho.crm.api.util.api_http_connector as connector  # noqa: PLC0415
    from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken  # noqa: PLC0415
    from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore  # noqa: PLC0415
    from zohocrmsdk.src.com.zoho.crm.api import (  # noqa: PLC0415
        HeaderMap,
        Initializer,
        ParameterMap,
    )
    from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter  # noqa: PLC0415
    from zohocrmsdk.src.com.zoho.crm.api.record import (  # noqa: PLC0415
        GetRecordsParam,
        RecordOperations,
    )

    given = json.loads(sys.stdin.readline())
    logging.getLogger("SDKLogger").addHandler(logging.NullHandler())
    with tempfile.TemporaryDirectory() as folder:
        Initializer.initialize(
            DataCenter.Environment(given["url"], f"{given['url']}/oauth/v2/token", given["url"]),
            OAuthToken(
                client_id=given["client_id"],
                client_secret=given["client_secret"],
                refresh_token=given["refresh_token"],
                find_user=False,
            ),
            FileStore(f"{folder}/tokens.txt"),
            resource_path=folder,
        )

        def page() -> int:
            asked = ParameterMap()
            asked.add(GetRecordsParam.fields, given["fields"])
            asked.add(GetRecordsParam.per_page, ROWS)
            held = RecordOperations(MODULE).get_records(asked, HeaderMap()).get_object()
            return len(held.get_data())

        assert page() == ROWS  # the fields are known now
        real, kept = connector.requests, []

        class Kept:
            """Answers with what was answered once."""

            def __getattr__(self, name: str) -> Any:  # noqa: ANN401  of the real one
                return getattr(real, name)

            def get(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401  likewise
                if not kept:
                    kept.append(real.get(*args, **named))
                return kept[0]

        connector.requests = Kept()
        page()
        cache = sum(path.stat().st_size for path in Path(folder).glob("resources/*.json"))
        print(json.dumps({"cache_bytes": cache}), flush=True)
        for line in sys.stdin:
            print(json.dumps(cpu_of(page, int(line))), flush=True)


def cpu_of(act: Callable[[], int], times: int) -> float:
    """Give the CPU seconds of one time, of several."""
    began = time.process_time()
    for _ in range(times):
        assert act() == ROWS
    return (time.process_time() - began) / times


# --- ours ---


@dataclass(frozen=True)
class Page:
    """One answer, and how ours decodes it."""

    body: bytes
    fields: tuple[str, ...]
    decoded: Callable[[], int]


def page_of(bench: Any) -> Page:  # noqa: ANN401  of the tests' folder
    """Put a page of lines into an organisation, and ask for it once."""
    from crm_expenses.adapters.contract import Received  # noqa: PLC0415  not for the other process
    from crm_expenses.adapters.exchange import read_json  # noqa: PLC0415
    from crm_expenses.adapters.zoho.mapping import (  # noqa: PLC0415
        ID,
        Company,
        received,
        sources_of,
    )
    from crm_expenses.adapters.zoho.wire import Answer, Call  # noqa: PLC0415
    from crm_expenses.core.record import Kind  # noqa: PLC0415

    add_lines(bench)
    adapter = bench.zoho()
    zone = adapter.wire.settings.zone
    company = Company("main", zone, "CNY")
    source = sources_of(company, {Kind.LINE: MODULE}, {Kind.LINE: LEFT_OUT})[Kind.LINE]
    assert len(source.columns) == FIELDS, source.columns
    fields = tuple(name for name in source.columns if name != ID)
    call = Call("GET", f"crm/v8/{MODULE}", {"fields": ",".join(fields), "per_page": str(ROWS)})
    answer = adapter.wire.send(call)
    adapter.close()
    asking = adapter.asking

    def decoded() -> int:
        again = Answer(
            answer.status, read_json(answer.content), answer.headers, answer.at, answer.content
        )
        rows = asking._rows(again, "data", ROWS)  # noqa: SLF001  as a page is read
        made = [received("main", source, row, zone) for row in rows.rows]
        return sum(isinstance(one, Received) for one in made)

    return Page(answer.content, fields, decoded)


def add_lines(bench: Any) -> None:  # noqa: ANN401  of the tests' folder
    """Put lines with every field into the organisation."""
    from crm_expenses.core.record import Kind  # noqa: PLC0415  as above
    from crm_expenses.testing.zohosim.rows import Row  # noqa: PLC0415

    org, now = bench.org, bench.org.now()
    bench.seed(bench.sample(set(Kind) - {Kind.LINE}))
    links = (Kind.CLAIM, Kind.ACCOUNT, Kind.OPPORTUNITY, Kind.VOUCHER)
    sources = bench.sources()
    one = {kind: org.listing(sources[kind].module)[0]["id"] for kind in links}
    for number in range(ROWS):
        values = {
            "Name": f"L-{number}",
            "Claim": one[Kind.CLAIM],
            "Expense_Date": "2026-03-01",
            "Category": "meal",
            "Amount": Decimal(number) + Decimal("0.25"),
            "Currency_Code": "CNY",
            "City": "上海",
            "Account": one[Kind.ACCOUNT],
            "Deal": one[Kind.OPPORTUNITY],
            "Merchant": f"餐厅 {number}",
            "Purpose": "Visit to the customer before the renewal",
            "Justification": "No other flight was left on that day",
            "Voucher": one[Kind.VOUCHER],
            "Payment": "own",
            "Nights": 2,
            "Attendees": 3,
            "Distance_Km": Decimal("12.500"),
            "Pre_Approved": "No",
        }
        name = str(FIRST + number)
        org.shelf.put(Row(name, MODULE, values, now, now, org.admin, org.admin))


# --- the sides ---


def in_turns(page: Page, sdk: Any, repeat: int) -> dict[str, float]:  # noqa: ANN401  a process
    """Let the sides take turns; give the median CPU time of a page."""

    def by_sdk() -> float:
        sdk.stdin.write("1\n")
        sdk.stdin.flush()
        return float(sdk.stdout.readline())

    sides: dict[str, Callable[[], float]] = {
        "ours": lambda: cpu_of(page.decoded, 10),
        "sdk": by_sdk,
        "json": lambda: cpu_of(lambda: len(json.loads(page.body)["data"]), 50),
        "json_exact": lambda: cpu_of(
            lambda: len(json.loads(page.body, parse_float=Decimal)["data"]), 50
        ),
    }
    found: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(repeat):
        for side in list(sides) if number % 2 == 0 else list(sides)[::-1]:
            found[side].append(sides[side]())
    return {side: statistics.median(times) for side, times in found.items()}


def measured(repeat: int) -> dict[str, Any]:
    """Measure all sides in one run."""
    sys.path[:0] = [str(TESTS), str(TESTS / "adapters")]
    from zoho_bench import ZohoBench  # noqa: PLC0415  it stands beside the tests

    with tempfile.TemporaryDirectory() as folder:
        bench = ZohoBench(Path(folder))
        bench.rows_max = ROWS
        page = page_of(bench)
        secrets = bench.sim.secrets
        given = {
            "url": bench.sim.url,
            "client_id": bench.options["client_id"],
            "client_secret": secrets["client_secret"],
            "refresh_token": secrets["refresh_token"],
            "fields": ",".join(page.fields),
        }
        sdk = subprocess.Popen(  # noqa: S603  ourselves
            [sys.executable, __file__, "--side", "sdk"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert sdk.stdin is not None
        assert sdk.stdout is not None
        with sdk:
            sdk.stdin.write(f"{json.dumps(given)}\n")
            sdk.stdin.flush()
            cache = json.loads(sdk.stdout.readline())["cache_bytes"]
            times = in_turns(page, sdk, repeat)
            sdk.stdin.close()
        bench.close()
    return {"page_bytes": len(page.body), "sdk_cache_bytes": cache, "seconds": times}


def main() -> None:
    """Measure, and print figures and ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        sdk_side()
        return
    found = measured(options.repeat)
    times = found["seconds"]
    found["sdk_over_ours"] = round(times["sdk"] / times["ours"], 1)
    found["ours_over_json"] = round(times["ours"] / times["json"], 1)
    found["sdk_over_json"] = round(times["sdk"] / times["json"], 1)
    if options.json:
        print(json.dumps(found))
        return
    print(f"{ROWS} records, {FIELDS} fields, {found['page_bytes']:,} bytes of JSON")
    print(f"the SDK's file of fields: {found['sdk_cache_bytes']:,} bytes")
    for side, seconds in times.items():
        print(f"{side:12}{seconds * 1e6 / ROWS:10.1f} microseconds a record")
    print(f"SDK / ours {found['sdk_over_ours']}, ours / json {found['ours_over_json']}")


if __name__ == "__main__":
    main()
