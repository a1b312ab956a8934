"""A real Tryton for the tests: a server of an environment of its own, on loopback.

`.ci/tryton` makes that environment, once.
"""

import atexit
import itertools
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from json import dumps
from pathlib import Path
from typing import Any

import requests
from forwarding import Forwarding
from heard_bench import HeardBench
from pocketbase import budget_result, claim_result, free_port, line_result, small

from crm_expenses.adapters.contract import Adapter, Opening, Result
from crm_expenses.adapters.rest.client import open_rest
from crm_expenses.adapters.rest.rowshape import map_of, shape_of
from crm_expenses.adapters.rest.specfile import read_connection
from crm_expenses.core.budget import Budget
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.opportunity import Opportunity
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import TYPES, Kind, Record

KINDS = {made: kind for kind, made in TYPES.items()}
FILE = read_connection("tryton")
WAIT_SECONDS = 120
FIRST_DAY = date(2020, 1, 1)
COMPANY = "甲公司"
NUMBERS = itertools.count(1)


def place() -> Path:
    """Find the environment in which Tryton is installed."""
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crm-expenses-tryton"
    found = Path(os.environ.get("CRM_EXPENSES_TRYTON") or usual)
    if not (found / "ready").exists():
        raise RuntimeError(
            f"there is no Tryton in {found}. `.ci/tryton` installs it, in two minutes; these tests "
            "are marked slow, and `-m 'not slow'` leaves them out"
        )
    return found


@dataclass(frozen=True)
class Server:
    """A running server with a folder of databases."""

    url: str
    folder: Path
    key: str
    company: str


@cache
def server() -> Server:
    """Start the server, once for a run of the tests; each test has a database of its own in it."""
    home, folder, port = place(), Path(tempfile.mkdtemp(prefix="crm-expenses-tryton-")), free_port()
    settings = folder / "trytond.conf"
    settings.write_text(
        f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n"
        "[request]\nmax_size = 20000000\nmax_size_authenticated = 20000000\n"
        "[session]\ntimeout = 0\n"  # so long a list of the databases is kept
    )
    with (folder / "log").open("w") as log:
        command = [str(home / "venv/bin/trytond"), "-c", str(settings)]
        running = subprocess.Popen(command, stdout=log, stderr=log)
    atexit.register(running.terminate)
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + WAIT_SECONDS
    while True:
        try:
            requests.get(url, timeout=5)
        except requests.RequestException:
            if time.monotonic() > end or running.poll() is not None:
                raise RuntimeError((folder / "log").read_text()[-2000:]) from None
            time.sleep(0.1)
        else:
            return Server(url, folder, (home / "key").read_text(), (home / "company").read_text())


class TrytonBench(HeardBench):
    """A database of its own for each test."""

    page_rows_max = 2

    def __init__(self, folder: Path, **options: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.server = server()
        self.way = Forwarding(self.server.url)
        self.database = f"crm{next(NUMBERS)}"
        self._file = self.server.folder / f"{self.database}.sqlite"
        shutil.copyfile(place() / "db/template.sqlite", self._file)
        secret = folder / "key"
        secret.write_text(self.server.key)
        self.secrets = (self.server.key,)
        self._session = requests.Session()
        self.options: dict[str, object] = {
            "connection": "tryton",
            "url": self.way.url,
            "database": self.database,
            "company": self.server.company,
            "key_file": str(secret),
            "timezone": "Asia/Shanghai",
            "private_addresses": True,
            **options,
        }

    def close(self) -> None:
        """Let go of the database."""
        self.way.close()
        self._session.close()
        for end in ("", "-shm", "-wal"):
            self._file.with_name(f"{self._file.name}{end}").unlink(missing_ok=True)

    def opening(self) -> Opening:
        """Give what an adapter is opened with."""
        return Opening("main", self.options)

    def adapter(self) -> Adapter:
        """Open a new connection that reads two records a page."""
        return small(open_rest(self.opening()))

    def seed(self, records: Sequence[Record]) -> None:
        """Save records; who reports to whom comes last, for each must be there first."""
        people = [one for one in records if isinstance(one, AccountManager)]
        for record in (*people, *(one for one in records if one not in people)):
            self._create(record)
        for one in people:
            if one.manager:
                held = {"supervisor": self._number("company.employee", "party.code", one.manager)}
                self._put("company.employee", "party.code", one.id, held)

    def edit(self, record: Record) -> None:
        """Save one that is there."""
        part = FILE.kind[KINDS[type(record)]]
        fields = self._fields(record)
        fields.pop(part.id, None)  # what others know it by is never changed
        if isinstance(record, Opportunity):
            self._state("lead", record.id)  # the fields of a closed one are not changed
        self._put(part.object, part.id, record.id, fields)
        if isinstance(record, Opportunity):
            self._state(record.stage.value, record.id)
        if isinstance(record, AccountManager):
            self._put("party.party", "code", record.id, {"name": record.name})

    def kept(self, record: Record) -> Record:
        """Tryton's own texts have one line; opportunities have a first day; `extra` has no place.

        Whose employee one is stands in the company that is read.
        """
        match record:
            case AccountManager():
                return replace(record, name=_one_line(record.name), company=COMPANY)
            case Account():
                return replace(record, name=_one_line(record.name))
            case Opportunity():
                opened = record.opened or FIRST_DAY
                return replace(record, name=_one_line(record.name), opened=opened)
            case ExpenseLine():
                return replace(record, extra=())
            case _:
                return record

    def break_record(self, kind: Kind) -> bool:
        """Save one that lacks what it cannot be without, or has a word of nonsense."""
        part, code = FILE.kind[kind], f"broken-{kind.value}"
        made: dict[str, object]
        match kind:
            case Kind.ACCOUNT_MANAGER:
                party = self.call("POST", "party.party", {"code": code})["id"]
                made = {"party": party, "company": int(self.server.company)}
            case Kind.ACCOUNT:
                made = {"code": code, "crm_owner": "P-1"}
            case Kind.OPPORTUNITY:
                made = {"start_date": _day(FIRST_DAY)}
            case Kind.CLAIM:
                made = {"code": code, "person": "P-1", "status": "submitted"}
            case Kind.LINE:
                made = {"code": code, "claim": "C-1"}
            case Kind.BUDGET:
                made = {"code": code, "scope": "person"}
            case Kind.VOUCHER:
                made = {"code": code, "kind": "1,234.5x"}
            case _:
                made = {"code": code, "claim": "C-1", "approver": "P-9", "verdict": "1,234.5x"}
        self.call("POST", part.object, made)
        return True

    def delete(self, kind: Kind, record: str) -> bool:
        """Delete one; Tryton lets go of none whom others name, nor of an open opportunity."""
        if kind in (Kind.ACCOUNT_MANAGER, Kind.ACCOUNT, Kind.OPPORTUNITY):
            return False
        part = FILE.kind[kind]
        self.call("DELETE", f"{part.object}/{self._number(part.object, part.id, record)}")
        return True

    def attach(self, voucher: str, name: str, content: bytes) -> bool:
        """Put a file beside a voucher."""
        held = {"__class__": "bytes", "base64": b64encode(content).decode()}
        made = {"resource": self._resource(voucher), "name": name, "type": "data", "data": held}
        self.call("POST", "ir.attachment", made)
        return True

    def attached(self, voucher: str) -> Mapping[str, bytes]:
        """Read the files back."""
        rows = self.rows(
            "ir.attachment", ["name", "data"], ["resource", "=", self._resource(voucher)]
        )
        return {
            row["name"]: b64decode(row["data"]["base64"]) if row["data"] else b"" for row in rows
        }

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
        for part in FILE.kind.values():
            more = ["write_date"] if times else []
            rows = self.rows(part.object, [*filter(None, shape_of(part).parts), *more])
            parts += [part.object, *sorted(dumps(row, sort_keys=True) for row in rows)]
        return "\n".join(parts)

    def call(self, method: str, path: str, body: object = None, **query: Any) -> Any:  # noqa: ANN401
        """Do something as the one who may do anything."""
        context = {"company": int(self.server.company), "active_test": False}
        headers = {
            "Authorization": f"Bearer {self.server.key}",
            "X-Tryton-Context": _packed(context),
        }
        url = f"{self.server.url}/{self.database}/rest/model/{path}"
        answer = self._session.request(
            method, url, json=body, params=query, headers=headers, timeout=60
        )
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:600]}")
        return answer.json() if answer.content else None

    def rows(self, model: str, fields: Sequence[str], *domain: object) -> list[dict[str, Any]]:
        """Read all records of a model."""
        found: list[dict[str, Any]] = self.call(
            "GET", model, f=list(fields), d=_packed(domain), o=_packed([["id", "ASC"]])
        )
        return found

    def _told(self, kind: Kind, field: str) -> list[dict[str, Any]]:
        part = FILE.kind[kind]
        shape = shape_of(part)
        flat = [shape.flat(row) for row in self.rows(part.object, [*filter(None, shape.parts)])]
        return [defaultdict(str, {**row, "id": row["code"]}) for row in flat if row.get(field)]

    def _create(self, record: Record) -> None:
        part, made = FILE.kind.get(KINDS[type(record)]), self._fields(record)
        if part is None:
            return
        if isinstance(record, AccountManager):
            party = {"code": record.id, "name": record.name and _one_line(record.name)}
            made["party"] = self.call("POST", "party.party", party)["id"]
        self.call("POST", part.object, made)
        if isinstance(record, Opportunity):
            self._state(record.stage.value, record.id)

    def _state(self, stage: str, name: str) -> None:
        """Move an opportunity, as Tryton does it: over REST, it takes neither number nor state.

        An opportunity that has no number of ours yet gets it.
        """
        state = {"open": "opportunity"}.get(stage, stage)
        with closing(sqlite3.connect(self._file, timeout=60)) as database, database:
            new = "UPDATE sale_opportunity SET number = ? WHERE number NOT LIKE 'O-%'"
            database.execute(new, (name,))
            moved = "UPDATE sale_opportunity SET state = ? WHERE number = ?"
            database.execute(moved, (state, name))

    def _fields(self, record: Record) -> dict[str, Any]:
        """Give the fields of a record as Tryton holds them."""
        match record:
            case AccountManager():
                return {
                    "company": int(self.server.company),
                    "crm_grade": record.grade,
                    "crm_team": record.team,
                    "crm_city": record.city,
                    "start_date": _day(record.active_from),
                    "end_date": _day(record.active_to),
                }
            case Opportunity():
                amount = record.amount
                currency = amount.currency if amount is not None else "CNY"
                made = {
                    "description": _one_line(record.name),
                    "employee": self._number("company.employee", "party.code", record.owner),
                    "party": self._number("party.party", "code", record.account),
                    "start_date": _day(record.opened or FIRST_DAY),
                    "end_date": _day(record.closed),
                    "currency": self._number("currency.currency", "code", currency),
                }
                if amount is not None:
                    made["amount"] = {"__class__": "Decimal", "decimal": f"{amount.amount:f}"}
                return made
            case _:
                kind = KINDS[type(record)]
                if kind not in FILE.kind:
                    return {}
                row = shape_of(FILE.kind[kind]).nested(map_of(kind, FILE).write(self.kept(record)))
                return {**row, **({"hard": record.hard} if isinstance(record, Budget) else {})}

    def _put(self, model: str, key: str, name: str, fields: object) -> None:
        self.call("PUT", f"{model}/{self._number(model, key, name)}", fields)

    def _number(self, model: str, key: str, name: str) -> int | None:
        """Give the number of a record that is known by a field; None where nobody is named."""
        if not name:
            return None
        (row,) = self.rows(model, ["id"], [key, "=", name])
        return int(row["id"])

    def _resource(self, voucher: str) -> str:
        model = FILE.kind[Kind.VOUCHER].object
        return f"{model},{self._number(model, 'code', voucher)}"


def _packed(value: object) -> str:
    return urlsafe_b64encode(dumps(value).encode()).decode()


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


def _day(value: date | None) -> dict[str, object] | None:
    if value is None:
        return None
    return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
