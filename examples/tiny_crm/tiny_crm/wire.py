"""The calls of the small CRM: what is sent, and what an answer must look like to be one."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_expenses.adapters.answers import wrong_answer
from crm_expenses.adapters.exchange import Reply, Request
from crm_expenses.adapters.timecursor import Spot
from crm_expenses.adapters.transport import Transport
from crm_expenses.core.record import Json
from crm_expenses.errors import RefusedError

Answer = Mapping[str, Any]

RECORD = {"id": str, "version": int, "modified": str, "edited": str, "fields": dict, "keys": dict}
GONE = {"id": str, "at": str}
"""What every row has; an answer without is none."""


class Wire:
    """One connection: each method is one call, and gives what is in its answer."""

    def __init__(self, crm: str, transport: Transport, page_size: int) -> None:
        self.crm = crm
        self.transport = transport
        self.page_size = page_size

    def changed(self, feed: str, name: str, since: Spot | None) -> Answer:
        """Ask for a page of what changed (`records`) or went (`gone`) after a place in time."""
        query = {"limit": str(self.page_size)}
        if since is not None:
            query |= {"since": since.time.isoformat(), "since_id": since.id}
        reply = self.transport.send(Request("GET", f"{feed}/{name}", query))
        answer = self._read(reply, {"rows": list, "more": bool, "now": str})
        return self._rows(answer, "rows", RECORD if feed == "records" else GONE)

    def found(self, name: str, ids: Sequence[str]) -> Answer:
        """Ask for some records by their ids."""
        query = {"ids": json.dumps(list(ids), ensure_ascii=False)}
        reply = self.transport.send(Request("GET", f"records/{name}", query))
        answer = self._read(reply, {"rows": list, "gone": list})
        return self._rows(self._rows(answer, "rows", RECORD), "gone", {"id": str})

    def batch(self, rows: Sequence[Json]) -> Sequence[Answer]:
        """Write rows, and give one answer a row. Never sent again by itself: it may have acted."""
        reply = self.transport.send(Request("POST", "batch", json={"writes": list(rows)}))
        results: Sequence[Answer] = self._read(reply, {"results": list})["results"]
        if len(results) != len(rows):
            raise wrong_answer(self.crm, f"{len(results)} results for {len(rows)} rows")
        return results

    def objects(self) -> Sequence[Answer]:
        """Ask which objects there are, with their fields."""
        reply = self.transport.send(Request("GET", "describe"))
        objects: Sequence[Answer] = self._read(reply, {"objects": list})["objects"]
        return objects

    def files(self, receipts: Sequence[str]) -> Sequence[Answer]:
        """Ask for the files beside some receipts."""
        query = {"receipts": json.dumps(list(receipts), ensure_ascii=False)}
        reply = self.transport.send(Request("GET", "files", query))
        files: Sequence[Answer] = self._read(reply, {"files": list})["files"]
        return files

    def file_part(self, file: str, start: int, size: int) -> tuple[bytes, int]:
        """Read some bytes of a file; with them comes how many it has in all."""
        span = f"bytes={start}-{start + size - 1}"
        request = Request("GET", f"files/{file}", headers={"Range": span}, accept={416})
        reply = self.transport.send(request)
        total = reply.headers.get("content-range", "").rpartition("/")[2]
        if not total.isdecimal():
            raise wrong_answer(self.crm, "a part of a file without its size")
        return (b"" if reply.status == 416 else reply.body), int(total)

    def upload(
        self, method: str, target: str, body: Json, accept: Collection[int] = ()
    ) -> tuple[int, Answer]:
        """Do one step of an upload."""
        request = Request(method, target, json=body, accept=accept)
        reply = self.transport.send(request)
        return reply.status, self._read(reply, {})

    def _read(self, reply: Reply, needed: Mapping[str, type]) -> Answer:
        """Read an answer: a page for people, or an error inside a success, is none."""
        try:
            held = reply.json()
        except RefusedError as error:
            raise wrong_answer(self.crm, error.describe()) from error
        if not isinstance(held, dict):
            raise wrong_answer(self.crm, "no object")
        wrong = [name for name, made in needed.items() if not isinstance(held.get(name), made)]
        if wrong:
            said = held.get("error")
            raise wrong_answer(self.crm, str(said) if said else f"without {', '.join(wrong)}")
        return held

    def _rows(self, answer: Answer, name: str, needed: Mapping[str, type]) -> Answer:
        """See that each row of an answer has what every row has."""
        for row in answer[name]:
            for key, made in needed.items():
                if not isinstance(row, dict) or not isinstance(row.get(key), made):
                    raise wrong_answer(self.crm, f"a row without {key}")
        return answer

    def moment(self, text: str) -> datetime:
        """Read a moment of the CRM."""
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            read = None
        if read is None or read.tzinfo is None:
            raise wrong_answer(self.crm, "a moment that is none")
        return read
