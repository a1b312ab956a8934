"""Rows a second of a pull by a connection file, beside dlt's REST source on the same server.

    pip install dlt==1.31.0        # in any environment; not a dependency of ours
    python benchmarks/rest_pull.py [--lines 100000] [--repeat 5] [--peer-python PYTHON]

The server is that of `initial_load.py`: pages of JSON, rendered before anything is measured, in a
process of its own that is not counted. Ours gives typed and validated records with their origin.
dlt runs in two ways: `dlt` extracts and normalises, which gives rows in the types of its schema, as
a pipeline does before it loads; `dlt_rows` gives the rows of the JSON as they are, with floats,
neither typed nor checked. Each run is a process of its own; the sides take turns. Counted are the
CPU time of the process, user and system, and the time that passes, without imports.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import initial_load

SIDES: Final = ("dlt", "dlt_rows", "ours")
CONNECTION: Final = """
[connection]
version = 1
title = "Benchmark"
base_url = "{config.url}"

[config.url]
help = "the server"

[auth]
kind = "none"

[records]
path = "lines"

[paging]
kind = "cursor"
param = "after"
cursor_path = "next"

[kind.line]
object = "lines"
calls.list.path = "/"

[kind.line.fields]
claim = "claim"
date = "spent_on"
category = "category"
amount = { field = "amount", as = "number", currency = "currency" }
city = "city"
account = "customer"
opportunity = "opportunity"
merchant = "merchant"
purpose = "purpose"
justification = "justification"
voucher = "voucher"
payment = "payment"
travel_class = "travel_class"
nights = "nights"
attendees = "attendees"
distance = { field = "distance", as = "number" }
pre_approved = "pre_approved"
trip = "trip"
"""


def ours(url: str) -> dict[str, Any]:
    """Pull all lines by a connection file."""
    from crm_expenses.adapters.contract import Opening  # noqa: PLC0415  not in the other process
    from crm_expenses.adapters.rest.client import open_rest  # noqa: PLC0415
    from crm_expenses.core.record import Kind  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bench.toml").write_text(CONNECTION)
        options = {"connection": "bench.toml", "url": url, "private_addresses": True}
        adapter = open_rest(Opening("bench", options, Path(folder)))
        mark, rows = _mark(), 0
        for page in adapter.pull(Kind.LINE, None):
            assert not page.set_aside, page.set_aside[0].problems[0].describe()
            rows += len(page.facts)
        return {"rows": rows, **_since(mark)}


def dlt_rows(url: str) -> dict[str, Any]:
    """Read all rows with dlt's REST source, as they are."""
    source = _source(url)
    mark, rows = _mark(), 0
    for _ in source.resources["lines"]:
        rows += 1
    return {"rows": rows, **_since(mark)}


def dlt(url: str) -> dict[str, Any]:
    """Extract all rows with dlt's REST source and normalise them into the types of its schema."""
    import dlt as peer  # noqa: PLC0415  a heavy peer

    with tempfile.TemporaryDirectory() as folder:
        pipeline = peer.pipeline("bench", pipelines_dir=folder, destination="filesystem")
        source = _source(url)
        mark = _mark()
        pipeline.extract(source, loader_file_format="jsonl")
        info = pipeline.normalize()
        return {"rows": info.row_counts["lines"], **_since(mark)}


def _source(url: str) -> Any:  # noqa: ANN401  the peer's
    from dlt.sources.rest_api import rest_api_source  # noqa: PLC0415  a heavy peer

    paginator = {"type": "cursor", "cursor_path": "next", "cursor_param": "after"}
    endpoint = {"path": "/", "data_selector": "lines", "paginator": paginator}
    client = {"base_url": url}
    resource = {"name": "lines", "endpoint": endpoint}
    return rest_api_source({"client": client, "resources": [resource]})


def _mark() -> tuple[float, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, time.perf_counter()


def _since(mark: tuple[float, float]) -> dict[str, float]:
    cpu, wall = _mark()
    return {"cpu": cpu - mark[0], "wall": wall - mark[1]}


def in_turns(url: str, options: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """Let the sides take turns, each time in another order."""
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for number in range(options.repeat):
        for side in SIDES if number % 2 == 0 else SIDES[::-1]:
            python = sys.executable if side == "ours" else options.peer_python
            command = [python, __file__, "--run", side, "--url", url]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  ourselves
            one = json.loads(told.splitlines()[-1])
            assert one["rows"] == options.lines, (side, one)
            found[side].append(one)
            if not options.json:
                rates = one["rows"] / one["cpu"], one["rows"] / one["wall"]
                print(f"{side}: {rates[0]:,.0f} rows a CPU second, {rates[1]:,.0f} a second")
    return found


def figures(found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Sum the runs up: medians, and the medians of the ratios of neighbours."""
    made: dict[str, Any] = {}
    for side, runs in found.items():
        for name in ("cpu", "wall"):
            made[f"{side}.rows_a_{name}_second"] = round(
                statistics.median(one["rows"] / one[name] for one in runs)
            )
    for peer in SIDES[:2]:
        pairs = list(zip(found[peer], found["ours"], strict=True))
        for name in ("cpu", "wall"):
            ratio = statistics.median(one[name] / our[name] for one, our in pairs)
            made[f"times_as_fast_as_{peer}_by_{name}"] = round(ratio, 2)
    return made


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--page", type=int, default=1_000)
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--run", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        sides = {"dlt": dlt, "dlt_rows": dlt_rows, "ours": ours}
        print(json.dumps(sides[options.run](options.url)))
        return
    with tempfile.TemporaryDirectory() as folder:
        server = initial_load.served(Path(folder), options.lines, options.page)
        found = figures(in_turns(next(server), options))
        server.close()
    print(json.dumps(found, indent=2) if options.json else _shown(found))


def _shown(found: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value:,}" for name, value in found.items())


if __name__ == "__main__":
    main()
