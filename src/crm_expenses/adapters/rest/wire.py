"""The calls of a connection file, sent: templates filled, signed in, judged, read as JSON."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final, cast
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Gate
from crm_expenses.adapters.exchange import (
    Clock,
    Limits,
    Received,
    Reply,
    Request,
    Upload,
    json_bytes,
)
from crm_expenses.adapters.rest.codecs import Zones
from crm_expenses.adapters.rest.judging import Judging, body_of
from crm_expenses.adapters.rest.path import NOT_THERE, found, put
from crm_expenses.adapters.rest.signin import SignIn
from crm_expenses.adapters.rest.spec import Call, Category, Probe, Records
from crm_expenses.adapters.rest.template import Filler, Template, Values
from crm_expenses.adapters.rest.usersettings import UserSettings
from crm_expenses.adapters.transport import Transport
from crm_expenses.core.record import Json
from crm_expenses.errors import AuthError, ConfigError, RefusedError

PROBE_SECONDS: Final = 30
"""Who was seen to be signed in so lately is not asked again."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What goes on top of a call's own: the next page, what is new, and in which order."""

    query: Mapping[str, Template] = field(default_factory=dict)
    body: tuple[Template, ...] = ()
    puts: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the JSON, the headers, and whether it is empty or behind the last page."""

    body: Received
    headers: Mapping[str, str]
    category: Category
    at: datetime | None


class Wire:
    """One connection to a CRM, for one thread."""

    def __init__(
        self,
        user: UserSettings,
        *,
        gate: Gate,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.user = user
        self.crm = user.crm
        self.held = user.held
        connection, manners = user.held.connection, user.held.limits
        self.filler = Filler(user.crm, connection.escape)
        self.zone = ZoneInfo(connection.timezone)
        self.zones = Zones(self.zone, user.zone or self.zone)
        base = self.filler.text(connection.base_url, user.values)
        self._clock = clock if clock is not None else Clock()
        own = limits or Limits(
            call_seconds=manners.call_seconds,
            attempts_max=manners.attempts_max,
            body_bytes_max=manners.body_bytes_max,
        )
        self._transport = Transport(
            user.crm,
            base,
            allowed_hosts=connection.allowed_hosts,
            limits=own,
            clock=self._clock,
            plain_http=user.plain_http,
            public_only=not user.private_addresses,
            gate=gate,
        )
        self._signin = SignIn(user, base, limits=own, gate=gate, clock=self._clock)
        self._probed: float | None = None
        self._headers = {
            "Accept": "application/json",
            **{
                name: self.filler.header(held, user.revealed())
                for name, held in connection.headers.items()
            },
        }

    def __repr__(self) -> str:
        return f"Wire({self.crm!r}, {self.held.connection.title!r})"

    # --- calls ---

    def call(self, call: Call, values: Values, extra: Extra | None = None) -> Answer:
        """Send a call and give its answer.

        Raises:
            CrmExpensesError: what the rules of the file make of it.
        """
        more = extra or Extra()
        known: Values = {**self.user.values, **values}
        filled = self._request(call, known, more)
        judging = self._judging(call, filled)
        return self._sent(filled, judging)

    def stream(self, call: Call, values: Values) -> Iterator[bytes]:
        """Send a call and give the bytes of its answer in portions."""
        known: Values = {**self.user.values, **values}
        filled = self._request(call, known, Extra())
        headers = {name: text for name, text in filled.headers.items() if name != "Accept"}
        request = Request(filled.method, filled.target, filled.query, headers=headers)
        self._transport.renew(self._signin.headers())
        portions = self._transport.stream(self._signed(request))
        try:
            first = next(portions, b"")
        except AuthError as error:
            if error.code != "http.auth" or not self._signin.expire():
                raise
            self._transport.renew(self._signin.headers())
            portions = self._transport.stream(self._signed(request))
            first = next(portions, b"")
        yield first
        yield from portions

    def upload(self, call: Call, values: Values, upload: Upload, content_type: str) -> Answer:
        """Send a call with a body of its own."""
        known: Values = {**self.user.values, **values}
        filled = self._request(call, known, Extra())
        headers = {**filled.headers, "Content-Type": content_type}
        request = Request(
            filled.method, filled.target, filled.query, headers=headers, upload=upload
        )
        return self._sent(request, self._judging(call, request))

    def demand_signed_in(self, *, anew: bool = False) -> None:
        """Ask the CRM who we are, unless that was seen just now and need not be seen `anew`.

        A server may take a token that is over for nobody's, and give nobody an empty list.

        Raises:
            AuthError: we are not signed in.
            RetryableError: the token was over until a moment ago: what was read before is doubtful.
        """
        probe, now = self.held.auth.probe, self._clock.monotonic()
        if probe is None:
            return
        is_seen = self._probed is not None and now - self._probed < PROBE_SECONDS
        if not (is_seen and not anew):
            before = self._signin.expired
            self.probe(probe)
            if self._signin.expired != before:
                raise answers.wrong_answer(self.crm, "the token was over, and there is a new one")

    def probe(self, probe: Probe) -> None:
        """Ask the CRM who we are.

        Raises:
            AuthError: we are not signed in.
        """
        call = Call(method=probe.method, path=probe.path, query=probe.query, body=probe.body)
        try:
            answer = self.call(call, {})
        except RefusedError as error:
            values = error.problems[0].values
            raise AuthError(
                "http.auth",
                crm=self.crm,
                request=values.get("request", probe.path),
                status=values.get("status", "-"),
            ) from error
        for path, pattern in probe.expect.items():
            held = found(answer.body, path)
            if held is NOT_THERE or not re.search(pattern, str(held)):
                raise AuthError("rest.nobody", crm=self.crm, path=path or "-")
        self._probed = self._clock.monotonic()

    def has_probe(self) -> bool:
        """Say whether the file knows how to ask who we are."""
        return self.held.auth.probe is not None

    def rows(self, answer: Answer, records: Records) -> list[Received]:
        """Give the records of an answer.

        Raises:
            RetryableError: they are not where they must be: an error inside a success, most likely.
        """
        if answer.category in (Category.EMPTY, Category.END):
            return []
        path = records.path or ""
        held = found(answer.body, path)
        if held is NOT_THERE or held is None:
            if records.missing == "empty" and isinstance(answer.body, dict):
                return []
            raise answers.wrong_answer(self.crm, f"there is no list at {path or 'the top'}")
        if not isinstance(held, list):
            raise answers.wrong_answer(self.crm, f"{path or 'the top'} is no list")
        return held

    def single(self, answer: Answer, records: Records) -> dict[str, Received]:
        """Give the one record of an answer to a read.

        Raises:
            RetryableError: there is none where it must be.
        """
        held = found(answer.body, records.single_path)
        if isinstance(held, list) and len(held) == 1:
            held = held[0]
        if not isinstance(held, dict):
            where = records.single_path or "the top"
            raise answers.wrong_answer(self.crm, f"there is no record at {where}")
        return held

    def now(self) -> datetime:
        """Give this machine's time, where the CRM does not tell its own."""
        return datetime.fromtimestamp(self._clock.wall(), UTC)

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()
        self._signin.close()

    # --- inside ---

    def _sent(self, request: Request, judging: Judging) -> Answer:
        """Send, and once more with a new token where the old one is over."""
        self._transport.renew(self._signin.headers())
        try:
            reply = self._transport.send(self._signed(request, judging))
        except AuthError as error:
            if error.code != "http.auth" or request.upload is not None or not self._signin.expire():
                raise
            self._transport.renew(self._signin.headers())
            reply = self._transport.send(self._signed(request, judging))
        category = judging.category(reply)
        if category in (Category.EMPTY, Category.END):
            return Answer(None, reply.headers, category, _date(reply))
        return Answer(body_of(self.crm, reply), reply.headers, category, _date(reply))

    def _signed(self, request: Request, judging: Judging | None = None) -> Request:
        body = json_bytes(request.json).decode() if request.json is not None else ""
        path = urlsplit(request.target).path
        signature = self._signin.signature(request.method, path, body)
        return Request(
            request.method,
            request.target,
            {**request.query, **self._signin.query()},
            json=request.json,
            form=request.form,
            headers={**request.headers, **signature},
            repeatable=request.repeatable,
            judge=judging.judge if judging is not None else None,
            upload=request.upload,
        )

    def _judging(self, call: Call, request: Request) -> Judging:
        success = call.success or self.held.success
        shown = f"{call.method} {urlsplit(request.target).path[:200]}"
        return Judging(self.crm, self.held.error, success, shown, self.zone, self._clock.wall)

    def _request(self, call: Call, values: Values, more: Extra) -> Request:
        headers = {
            **self._headers,
            **{name: self.filler.text(text, values) for name, text in call.headers.items()},
            **{name: self.filler.text(text, values) for name, text in more.headers.items()},
        }
        repeatable = True if call.repeatable else None
        target = self.filler.path(call.path, values).lstrip("/")
        if more.link:
            return Request(
                call.method,
                _joined(target, more.link),
                headers=headers,
                json=self._body(call, values, more),
                repeatable=repeatable or call.method == "POST",
            )
        query = {
            name: text
            for name, held in {**call.query, **more.query}.items()
            if (text := self._parameter(held, values)) is not None
        }
        form = call.form and {n: self.filler.text(t, values) for n, t in call.form.items()}
        return Request(
            call.method,
            target,
            query,
            json=self._body(call, values, more),
            form=form or None,
            headers=headers,
            repeatable=repeatable,
        )

    def _body(self, call: Call, values: Values, more: Extra) -> object:
        if call.body is None and not more.body and not more.puts:
            return None
        made: Any = self.filler.fill(call.body, values) if call.body is not None else {}
        for template in more.body:
            made = _merged(made, self.filler.fill(template, values))
        if more.puts:
            if not isinstance(made, dict):
                raise ConfigError("rest.body_no_object", crm=self.crm, path=call.path)
            for path, value in more.puts.items():
                put(made, path, value)
        return cast("object", made)

    def _parameter(self, template: Template, values: Values) -> str | list[str] | None:
        held = self.filler.fill(template, values)
        if held is None:
            return None
        if isinstance(held, list):
            return [_text(each) for each in held]
        return _text(held)


def _joined(target: str, link: str) -> str:
    """Read a link from where the call went, as browsers do; what is no address stays as it is.

    >>> _joined("api/accounts", "?page=2"), _joined("api/accounts", "/v8/accounts?page=2")
    ('api/accounts?page=2', '/v8/accounts?page=2')
    """
    try:
        return urljoin(target, link)
    except ValueError:
        return link


def _text(value: Json | Decimal) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json_bytes(value, is_compact=True).decode()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _merged(held: Json, over: Json) -> Json:
    """Put one table on top of another, name by name; a list takes the place of a list."""
    if isinstance(held, dict) and isinstance(over, dict):
        return {**held, **{name: _merged(held.get(name), value) for name, value in over.items()}}
    return over


def _date(reply: Reply) -> datetime | None:
    """Give the CRM's own time, as its answer says it."""
    try:
        return parsedate_to_datetime(reply.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
