"""Notifications: channels that are asked for, kept for a week at most, and told of changes."""

import http.client
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from crm_expenses.testing.zohosim.asking import NO_CONTENT, Answer, Ask, json_answer, json_text
from crm_expenses.testing.zohosim.faults import Fault, FaultPlan
from crm_expenses.testing.zohosim.holding import Change
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.refusal import RefusalError, bad_parameter
from crm_expenses.testing.zohosim.values import moment, moment_text

LIFE_MAX: Final = timedelta(days=7)
LIFE_UNSAID: Final = timedelta(hours=1)
TOKEN_MAX: Final = 50
CONDITION_FIELDS_MAX: Final = 10
_OPERATIONS: Final = {"create": "insert", "edit": "update", "delete": "delete"}
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})
_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: who is told of what."""

    id: str
    events: tuple[str, ...]
    url: str
    until: datetime
    token: str = field(default="", repr=False)
    with_values: bool = False
    fields: tuple[str, ...] = ()
    """Changes of these fields only; empty for all."""

    def wants(self, change: Change) -> bool:
        """Tell whether a change is one of its events."""
        for event in self.events:
            module, _, operation = event.rpartition(".")
            is_it = operation == "all" or _OPERATIONS[operation] == change.operation
            if module.lower() == change.module.lower() and is_it:
                is_edit = change.operation == "update" and self.fields
                return not is_edit or bool(set(self.fields) & set(change.fields))
        return False


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to a channel's address, and what was answered: 0 where nothing was."""

    url: str
    body: Mapping[str, Any] = field(repr=False)
    status: int = 0


class Channels:
    """The channels of one organisation."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.held: dict[str, Channel] = {}

    def alive(self) -> list[Channel]:
        """Give the channels that have not ended."""
        now = self.org.clock()
        return [one for one in self.held.values() if one.until > now]

    def answer(self, ask: Ask) -> Answer:
        """Answer /actions/watch.

        Raises:
            RefusalError: what is asked cannot be.
        """
        match ask.method:
            case "GET":
                return self._details(ask)
            case "DELETE":
                return self._ended(ask)
            case "POST" | "PUT" | "PATCH":
                return self._written(ask)
            case _:
                raise RefusalError("INVALID_REQUEST_METHOD", status=405)

    def _written(self, ask: Ask) -> Answer:
        asked = ask.json().get("watch")
        if not isinstance(asked, list) or not asked:
            raise RefusalError("MANDATORY_NOT_FOUND", details={"api_name": "watch"})
        rows = []
        for given in asked:
            try:
                rows.append(self._one(ask.method, given))
            except RefusalError as error:
                rows.append(error.as_json())
        bad = sum(row["status"] == "error" for row in rows)
        ok = 201 if ask.method == "POST" else 200
        return json_answer({"watch": rows}, ok if not bad else 400 if bad == len(rows) else 207)

    def _one(self, method: str, given: Mapping[str, Any]) -> dict[str, object]:
        name = str(given.get("channel_id") or "")
        if not name.isdecimal():
            raise RefusalError("MANDATORY_NOT_FOUND", details={"api_name": "channel_id"})
        old = self.held.get(name)
        if method != "POST" and old is None:
            raise RefusalError("NOT_SUBSCRIBED", details={"channel_id": name})
        if method == "PATCH" and old is not None:
            made = replace(old, **self._changes(given))
        else:
            for key in ("events", "notify_url"):
                if not given.get(key):
                    raise RefusalError("MANDATORY_NOT_FOUND", details={"api_name": key})
            until = self._until(given.get("channel_expiry"))
            made = replace(Channel(name, (), "", until), **self._changes(given))
        self.held[name] = made
        message = "Successfully subscribed for actions-watch of the given module"
        if method == "PATCH":
            message = "Successfully updated the subscribe details"
        return {
            "code": "SUCCESS",
            "details": {"events": [self._event(made, event) for event in made.events]},
            "message": message,
            "status": "success",
        }

    def _changes(self, given: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if "events" in given:
            made["events"] = tuple(self._checked_event(one) for one in given["events"])
        if "notify_url" in given:
            if urlsplit(str(given["notify_url"])).scheme not in {"http", "https"}:
                raise RefusalError("INVALID_DATA", details={"api_name": "notify_url"})
            made["url"] = str(given["notify_url"])
        if "token" in given:
            if len(str(given["token"])) > TOKEN_MAX:
                details = {"api_name": "token", "maximum_length": TOKEN_MAX}
                raise RefusalError("INVALID_DATA", details=details)
            made["token"] = str(given["token"])
        if "channel_expiry" in given:
            made["until"] = self._until(given["channel_expiry"])
        if "return_affected_field_values" in given:
            made["with_values"] = given["return_affected_field_values"] is True
        if "notification_condition" in given:
            names = tuple(_named_fields(given["notification_condition"]))
            if len(names) > CONDITION_FIELDS_MAX:
                raise RefusalError("LIMIT_EXCEEDED", details={"limit": CONDITION_FIELDS_MAX})
            made["fields"] = names
        return made

    def _checked_event(self, event: object) -> str:
        module, _, operation = str(event).rpartition(".")
        names = {name.lower() for name in self.org.modules}
        if module.lower() not in names or operation not in {*_OPERATIONS, "all"}:
            raise RefusalError("INVALID_DATA", details={"api_name": "events"})
        return str(event)

    def _until(self, given: object) -> datetime:
        """Say when a channel ends: a time that is missing or too late comes to one hour."""
        now = self.org.clock()
        read = moment(given) if isinstance(given, str) else None
        return read if read is not None and now < read <= now + LIFE_MAX else now + LIFE_UNSAID

    def _event(self, channel: Channel, event: str) -> dict[str, object]:
        name = event.rpartition(".")[0]
        held = next(one for one in self.org.modules.values() if one.name.lower() == name.lower())
        return {
            "channel_expiry": moment_text(channel.until, self.org.zone),
            "resource_uri": f"https://www.zohoapis.com/crm/v2/{held.name}",
            "resource_id": held.id,
            "resource_name": held.name,
            "channel_id": channel.id,
        }

    def _details(self, ask: Ask) -> Answer:
        held = self.alive()
        if "channel_id" in ask.query:
            held = [one for one in held if one.id == ask.query["channel_id"]]
        told = [
            {
                **self._event(one, event),
                "events": [event],
                "notify_url": one.url,
                "token": one.token,
                "notify_on_related_action": False,
                "return_affected_field_values": one.with_values,
                "notification_condition": None,
            }
            for one in held
            for event in one.events
        ]
        if not told:
            return NO_CONTENT
        info = {"per_page": 200, "count": len(told), "page": 1, "more_records": False}
        return json_answer({"watch": told, "info": info})

    def _ended(self, ask: Ask) -> Answer:
        ids = [one for one in ask.query.get("channel_ids", "").split(",") if one]
        if not ids:
            raise bad_parameter("channel_ids", "REQUIRED_PARAM_MISSING")
        rows: list[dict[str, object]] = []
        for one in ids:
            held = self.held.pop(one, None)
            if held is None:
                rows.append(RefusalError("NOT_SUBSCRIBED", details={"channel_id": one}).as_json())
                continue
            details = {"channel_id": one, "resource_uri": "", "resource_id": ""}
            rows.append(
                {
                    "code": "SUCCESS",
                    "details": details,
                    "message": "Successfully un-subscribed from actions-watch",
                    "status": "success",
                }
            )
        bad = sum(row["status"] == "error" for row in rows)
        return json_answer({"watch": rows}, 200 if not bad else 400 if bad == len(rows) else 207)

    def notices(self, change: Change) -> Iterator[Notice]:
        """Give what is said of a change, and to whom."""
        for channel in self.alive():
            if not channel.wants(change):
                continue
            row = self.org.shelf.ever(change.module, change.id)
            body: dict[str, Any] = {
                "server_time": int(self.org.clock().timestamp() * 1_000),
                "query_params": {},
                "module": change.module,
                "resource_uri": f"https://www.zohoapis.com/crm/v2/{change.module}",
                "ids": [change.id],
                "affected_fields": [{change.id: list(change.fields)}],
                "operation": change.operation,
                "channel_id": channel.id,
                "token": channel.token,
            }
            if channel.with_values and row is not None:
                values = self.org.show(row, change.fields, with_lines=False)
                body["affected_values"] = [{"record_id": change.id, "values": values}]
            yield Notice(channel.url, body)


def _named_fields(conditions: object) -> Iterator[str]:
    if isinstance(conditions, Mapping):
        name = (conditions.get("field") or {}).get("api_name")
        if name:
            yield str(name)
        yield from _named_fields(conditions.get("group"))
        yield from _named_fields(conditions.get("field_selection"))
    elif isinstance(conditions, Sequence) and not isinstance(conditions, str):
        for one in conditions:
            yield from _named_fields(one)


class Pusher:
    """Who posts the notices, one after the other, to this machine only."""

    def __init__(self, faults: FaultPlan) -> None:
        self.is_on = True
        self.sent: list[Notice] = []
        self.unsent: list[Notice] = []
        """What was for an address that is not on this machine, or came while it was off."""
        self._faults = faults
        self._queue: queue.Queue[Notice | None] = queue.Queue()
        self._waiting: list[Notice] = []
        self._thread: threading.Thread | None = None

    def push(self, notice: Notice) -> None:
        """Send a notice soon, or as the faults have it."""
        name = f"{notice.body.get('module', '')}.{notice.body.get('operation', '')}"
        faults = self._faults.take_notice(name)
        if not self.is_on or Fault.NOTICE_LOST in faults:
            self.unsent.append(notice)
            return
        if Fault.NOTICE_FORGED in faults:
            notice = replace(notice, body={**notice.body, "token": "nobody agreed on this"})
        if Fault.NOTICE_SWAPPED in faults:
            self._waiting.append(notice)
            return
        for one in (notice, *([notice] if Fault.NOTICE_TWICE in faults else ()), *self._waiting):
            self._enqueue(one)
        self._waiting.clear()

    def _enqueue(self, notice: Notice) -> None:
        parts = urlsplit(notice.url)
        if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
            self.unsent.append(notice)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._queue.put(notice)

    def flush(self) -> None:
        """Wait until everything was sent that there is."""
        self._queue.join()

    def close(self) -> None:
        """End, after what there is was sent."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (notice := self._queue.get()) is not None:
            try:
                self.sent.append(replace(notice, status=_post(notice)))
            finally:
                self._queue.task_done()
        self._queue.task_done()


def _post(notice: Notice) -> int:
    parts = urlsplit(notice.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=_SECONDS)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        head = {"Content-Type": "application/json"}
        connection.request("POST", target or "/", json_text(notice.body), head)
        reply = connection.getresponse()
        reply.read()
    except (OSError, http.client.HTTPException):
        return 0
    else:
        return reply.status
    finally:
        connection.close()
