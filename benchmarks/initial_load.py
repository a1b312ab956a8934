"""The first load of a company's expense lines from a server, beside a loop written by hand.

    python benchmarks/initial_load.py [--lines 1000000] [--repeat 3] [--page 1000] [--json]

A server on this machine (a process of its own, not counted) gives lines as pages of JSON, which
are rendered before anything is measured. Ours is what `crm-expenses sync` does first: an adapter
over `adapters.transport`, `pipeline.pull`, a store in SQLite. The other is `initial_load_hand.py`.
Each run is a process of its own with a new file; the runs take turns. Counted is the CPU time of
the process, user and system, without starting Python and without imports, and the most memory
that it ever had. Both files are then compared: as many rows, the same content, byte for byte.
"""

import argparse
import hashlib
import json
import random
import resource
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

SEED: Final = 11
AT: Final = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
SIDES: Final = ("hand", "ours")
_CITIES: Final = ("上海", "北京", "杭州", "成都", "深圳", "Hamburg", "Lyon")
_CATEGORIES: Final = ("meal", "entertainment", "lodging", "train", "flight", "taxi", "mileage")
_MERCHANTS: Final = (
    "和平饭店",
    "全季酒店 (虹桥)",
    "滴滴出行",
    "Gasthaus zum Löwen",
    "海底捞",
    "SNCF",
)
_PURPOSES: Final = (
    "与客户共进午餐，讨论续约",
    "Visit to the plant, quarterly review",
    "拜访客户",
    'Offer "B", second round; with the buyer',
    "Site survey before the tender",
)
_WHY: Final = ("比标准高：展会期间酒店已满", "Last train was cancelled, taxi instead")


def lines(first: int, count: int) -> list[dict[str, Any]]:
    """Give some rows as a CRM has them: about five a claim, a third of them on a trip."""
    return [_row(number) for number in range(first, first + count)]


def _row(number: int) -> dict[str, Any]:
    chance = random.Random(f"{SEED} {number}")
    claim = number // 5
    day = date(2023, 1, 1) + timedelta(days=claim % 1200, hours=number)
    category = chance.choice(_CATEGORIES)
    is_away = claim % 3 == 0
    modified = datetime(2023, 1, 2, tzinfo=UTC) + timedelta(seconds=number * 97)
    return {
        "id": f"L-{number:08}",
        "claim": f"C-{claim:07}",
        "spent_on": day.isoformat(),
        "category": category,
        "amount": chance.randrange(500, 900_000) / 100,
        "currency": chance.choice(("CNY",) * 8 + ("EUR", "USD")),
        "city": chance.choice(_CITIES),
        "customer": f"A-{chance.randrange(5_000):05}" if chance.random() < 0.7 else None,
        "opportunity": f"O-{chance.randrange(20_000):06}" if chance.random() < 0.4 else None,
        "merchant": chance.choice(_MERCHANTS) if chance.random() < 0.8 else "",
        "purpose": chance.choice(_PURPOSES) if chance.random() < 0.7 else "",
        "justification": chance.choice(_WHY) if chance.random() < 0.1 else None,
        "voucher": f"V-{number:08}" if chance.random() < 0.8 else None,
        "payment": chance.choice(("own", "company_card")),
        "travel_class": "second" if category == "train" else None,
        "nights": chance.randrange(1, 5) if category == "lodging" else None,
        "attendees": chance.randrange(2, 9) if category == "entertainment" else None,
        "distance": chance.randrange(10, 4_000) / 10 if category == "mileage" else None,
        "pre_approved": chance.choice((True, False)) if category == "flight" else None,
        "trip": f"T-{claim:07}" if is_away else None,
        "modified": modified.isoformat(),
    }


# The server


def render(folder: Path, count: int, page: int) -> None:
    """Write all pages into one file, and where each begins into another."""
    places = []
    with (folder / "pages").open("wb") as file:
        for first in range(0, count, page):
            rows = lines(first, min(page, count - first))
            end = first + len(rows)
            made = {"lines": rows, "next": str(end) if end < count else None}
            body = json.dumps(made, ensure_ascii=False).encode()
            places.append((str(first), file.tell(), len(body)))
            file.write(body)
    (folder / "places.json").write_text(json.dumps(places))


def serve(folder: Path, count: int, page: int) -> None:
    """Render the pages, say the port, then answer for ever."""
    render(folder, count, page)
    places = {name: rest for name, *rest in json.loads((folder / "places.json").read_text())}
    pages = (folder / "pages").open("rb")

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            after = parse_qs(urlsplit(self.path).query).get("after", ["0"])[0]
            start, length = places[after]
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.flush()
            self.connection.sendfile(pages, start, length)

        def setup(self) -> None:
            super().setup()
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    print(server.server_port, flush=True)
    server.serve_forever()


# One run


def run(side: str, url: str, file: Path) -> dict[str, Any]:
    """Load everything on one side; give what it took."""
    if side == "hand":
        import initial_load_hand as made  # noqa: PLC0415  what a run does not need is not loaded
    else:
        import initial_load_ours as made  # type: ignore[no-redef]  # noqa: PLC0415  likewise
    bare = _peak_mb()
    before, start = _cpu(), time.perf_counter()
    rows = made.load(url, file, AT)
    cpu, wall = _cpu() - before, time.perf_counter() - start
    return {"rows": rows, "cpu": cpu, "wall": wall, "peak_mb": _peak_mb(), "bare_mb": bare}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def kept(file: Path, table: str) -> tuple[int, str, int]:
    """Give how many rows a file has, a digest of their contents, and how large it is."""
    mark, count = hashlib.sha256(), 0
    db = sqlite3.connect(file)
    for count, (content,) in enumerate(db.execute(f"SELECT content FROM {table} ORDER BY id"), 1):  # noqa: B007
        mark.update(content.encode())
    db.close()
    return count, mark.hexdigest(), file.stat().st_size


def in_turns(
    url: str, folder: Path, repeat: int, *, quiet: bool
) -> dict[str, list[dict[str, Any]]]:
    """Let the sides take turns, each time in another order; compare what they kept."""
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for number in range(repeat):
        contents = {}
        for side in SIDES if number % 2 == 0 else SIDES[::-1]:
            file = folder / f"{side}.db"
            command = [sys.executable, __file__, "--run", side, "--url", url, "--file", str(file)]
            told = subprocess.run(  # noqa: S603  ourselves
                command, check=True, capture_output=True, text=True
            ).stdout
            one = json.loads(told)
            count, contents[side], one["bytes"] = kept(
                file, {"hand": "line", "ours": "record"}[side]
            )
            assert count == one["rows"], (side, count, one)
            found[side].append(one)
            for left in folder.glob(f"{side}.db*"):
                left.unlink()
            if not quiet:
                rate = one["rows"] / one["cpu"]
                print(f"{side}: {rate:,.0f} rows a CPU second; {one}", flush=True)
        assert len(set(contents.values())) == 1, "the two sides kept different contents"
    return found


def figures(found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Sum the runs up: medians, and the median of the ratios of neighbours."""
    made: dict[str, Any] = {}
    for side, runs in found.items():
        made[f"{side}.rows_a_cpu_second"] = round(
            statistics.median(one["rows"] / one["cpu"] for one in runs)
        )
        for name in ("cpu", "wall", "peak_mb", "bare_mb", "bytes"):
            made[f"{side}.{name}"] = round(statistics.median(one[name] for one in runs), 2)
    pairs = zip(found["hand"], found["ours"], strict=True)
    ratios = sorted(round(hand["cpu"] / ours["cpu"], 3) for hand, ours in pairs)
    return made | {"ratios": ratios, "pull.times_hand_written": statistics.median(ratios)}


def served(folder: Path, count: int, page: int) -> Iterator[str]:
    """Start the server, give its address, end it."""
    command = [sys.executable, __file__, "--serve", str(folder)]
    command += ["--lines", str(count), "--page", str(page)]
    with subprocess.Popen(  # noqa: S603  ourselves
        command, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/"
        finally:
            server.terminate()


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--page", type=int, default=1_000, help="lines on a page")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--run", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve, asked.lines, asked.page)
    elif asked.run:
        print(json.dumps(run(asked.run, asked.url, asked.file)))
    else:
        with tempfile.TemporaryDirectory() as base:
            for url in served(Path(base), asked.lines, asked.page):
                found = in_turns(url, Path(base), asked.repeat, quiet=asked.json)
        made = figures(found) | {"lines": asked.lines, "page": asked.page}
        print(json.dumps(made) if asked.json else "\n".join(f"{k}: {v}" for k, v in made.items()))


if __name__ == "__main__":
    main()
