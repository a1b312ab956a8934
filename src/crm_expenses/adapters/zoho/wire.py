"""The one way to Zoho CRM: every call of this adapter, the SDK's too, goes through here.

Bounded, counted and judged: host, time, size and number of calls at once are limited, each sending
passes the gate with what it costs, and each answer is what Zoho means by it, or an error of ours.
For any number of threads.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from crm_expenses.adapters.contract import Gate
from crm_expenses.adapters.exchange import (
    Clock,
    Limits,
    Received,
    Reply,
    Request,
    Secret,
    Upload,
)
from crm_expenses.adapters.transport import Transport
from crm_expenses.adapters.zoho import judging
from crm_expenses.adapters.zoho.centres import host_of
from crm_expenses.adapters.zoho.credits import CreditLedger, Slots, allowance
from crm_expenses.adapters.zoho.settings import ZohoSettings
from crm_expenses.adapters.zoho.tokens import GivenTokens, RefreshedTokens, Tokens, key_of
from crm_expenses.errors import AuthError, RetryableError

SHORT_SECRET: Final = 6
"""A text that is shorter is found everywhere; it is no secret."""

_CLOSES_MAX: Final = 5
"""A CRM that is busy is left alone for 1, 2, 4 … up to 2 to the power of this in seconds."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `path` is below the API's address, or an address of a host that is allowed.

    `credits` is what it costs, and `is_heavy` says that it counts among the few heavy ones at once.
    `repeatable` states whether it may be sent again after a failure; unstated, reads may. An
    `upload` is a body of any size, of the given `content_type`.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: object = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    credits: int = 1
    is_heavy: bool = False
    repeatable: bool | None = None
    upload: Upload | None = field(default=None, repr=False)
    content_type: str = ""
    to_content_host: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `body` is None for 204 and 304. `at` is Zoho's own time.

    `content` are the bytes as they came; names of headers are in lower case.
    """

    status: int
    body: Received = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    at: datetime | None
    content: bytes = field(default=b"", repr=False)


Given = Secret | Callable[[], str | Secret]
"""An access token of the caller's, or what gives one."""


def open_wire(
    settings: ZohoSettings,
    *,
    gate: Gate,
    clock: Clock | None = None,
    limits: Limits | None = None,
    token: Given | None = None,
) -> "ZohoWire":
    """Open a connection; nothing is sent yet. With a `token` of the caller's none is made."""
    clock = clock if clock is not None else Clock()
    limits = limits if limits is not None else Limits()
    given = token if token is not None else settings.access_token
    ledger = CreditLedger(allowance(settings.edition, settings.users), clock.monotonic)
    metered = _Metered(gate, ledger)
    tokens: Tokens
    if given is not None:
        tokens, slots = GivenTokens(settings.crm, given), Slots(settings.edition)
    else:
        tokens = RefreshedTokens(settings, limits=limits, clock=clock, gate=metered)
        slots = Slots.shared(key_of(settings), settings.edition)
    return ZohoWire(settings, tokens, metered, _Bounds(clock, limits, slots, ledger))


class ZohoWire:
    """One connection to an organisation, for any number of threads."""

    def __init__(
        self, settings: ZohoSettings, tokens: Tokens, gate: Gate, bounds: "_Bounds"
    ) -> None:
        self.settings = settings
        self.crm = settings.crm
        self.credits = bounds.ledger
        self._tokens = tokens
        self._gate = gate
        self._clock = bounds.clock
        self._limits = bounds.limits
        self._slots = bounds.slots
        self._lock = threading.Lock()
        self._idle: list[Transport] = [self._transport()]  # what is wrong with the address, now
        self._is_closed = False

    def __repr__(self) -> str:
        return f"ZohoWire({self.crm!r}, {host_of(self.settings.addresses.api)!r})"

    def send(self, call: Call) -> Answer:
        """Send a call, again where that is safe, and give its answer.

        2xx, 304, and what tells of records one by one come back, whatever the status.

        Raises:
            AuthError: the token is not taken, even a new one; a scope or permission is lacking.
            ConflictError: the record was changed meanwhile.
            RefusedError: Zoho says no; `judging.zoho_code` gives its code.
            RetryableError: busy, failing, out of reach, or an answer that is none of Zoho's.
            AllowanceError: the credits of the day, or the calls of the run, are used up.
        """
        with self._slots.taken(self.crm, self._limits.total_seconds, is_heavy=call.is_heavy):
            secret = self._tokens.token()
            reply = self._signed(call, secret, is_last=False)
            if reply is None:
                reply = self._signed(call, self._instead(call, secret), is_last=True)
        if reply is None:
            raise AssertionError("neither answer nor failure")
        is_empty = reply.status in judging.NO_BODY
        body = None if is_empty else judging.body_of(reply)
        return Answer(reply.status, body, reply.headers, _date(reply), reply.body)

    def stream(self, call: Call) -> Iterator[bytes]:
        """Send a call and give its answer's bytes in portions; it is tried once.

        Raises:
            CrmExpensesError: as `send`; a body that ends early, too.
        """
        with self._slots.taken(self.crm, self._limits.total_seconds, is_heavy=call.is_heavy):
            secret = self._tokens.token()
            for is_last in (False, True):
                with self._lent(secret) as transport:
                    request = self._request(call, secret)
                    with closing(transport.stream(request)) as portions:
                        try:
                            first = next(portions, b"")
                        except AuthError as error:
                            if error.code != judging.TOKEN_OVER or is_last:
                                raise
                        else:
                            yield first
                            yield from portions
                            return
                secret = self._instead(call, secret)

    def pause(self, seconds: float) -> None:
        """Wait, by the clock that repetitions wait by."""
        self._clock.sleep(seconds)

    def now(self) -> datetime:
        """Give this machine's time."""
        return datetime.fromtimestamp(self._clock.wall(), UTC)

    def close(self) -> None:
        """Let go of the connections; a call that is under way ends by itself."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for transport in idle:
            transport.close()
        self._tokens.close()

    # --- inside ---

    def _signed(self, call: Call, secret: Secret, *, is_last: bool) -> Reply | None:
        """Send with a token; None where it is over and there may be another."""
        try:
            return self._patiently(call, secret)
        except AuthError as error:
            if error.code != judging.TOKEN_OVER or is_last:
                raise
        return None

    def _instead(self, call: Call, failed: Secret) -> Secret:
        """Give another token, for the call or, where its body is gone, for the next one."""
        found = self._tokens.instead(failed)
        if call.upload is not None:
            raise RetryableError("zoho.upload_again", crm=self.crm)
        return found

    def _patiently(self, call: Call, secret: Secret) -> Reply:
        """Send; where Zoho was too busy to act, even what may not be sent twice goes again."""
        request, limits = self._request(call, secret), self._limits
        is_ours = not request.may_repeat and call.upload is None  # what may is the transport's
        for attempt in range(1, limits.attempts_max + 1):
            try:
                with self._lent(secret) as transport:
                    return transport.send(request)
            except RetryableError as error:
                if not is_ours or not judging.is_busy(error) or attempt == limits.attempts_max:
                    raise
            longest = min(limits.wait_seconds_first * (1 << attempt), limits.wait_seconds_max)
            self._clock.sleep(self._clock.jitter() * longest)
        raise AssertionError("no attempt was made")

    def _request(self, call: Call, secret: Secret) -> Request:
        base = self.settings.addresses.content if call.to_content_host else ""
        target = f"{base.rstrip('/')}/{call.path.lstrip('/')}" if base else call.path
        headers = {"Accept": "application/json", **call.headers}
        if call.content_type:
            headers["Content-Type"] = call.content_type
        judge = judging.Judging(
            self.crm,
            f"{call.method} {urlsplit(call.path).path[:200]}",
            _Backing(self._gate),
            self._told,
            self._hiding(secret),
        )
        return Request(
            call.method,
            target,
            call.query,
            json=call.json,
            headers=headers,
            repeatable=False if call.upload is not None else call.repeatable,
            judge=judge.judge,
            upload=call.upload,
            cost=call.credits,
        )

    def _told(self, left: int) -> None:
        self.credits.told(left)
        self._gate.left(left)

    def _hiding(self, secret: Secret) -> Callable[[str], str]:
        """Give what takes our secrets out of a text."""
        held = self.settings
        texts = [s.reveal() for s in (secret, held.refresh_token, held.client_secret)]

        def hidden(text: str) -> str:
            for one in texts:
                if len(one) >= SHORT_SECRET:
                    text = text.replace(one, "***")
            return text

        return hidden

    @contextmanager
    def _lent(self, secret: Secret) -> Iterator[Transport]:
        """Lend a transport to this call alone."""
        with self._lock:
            lent = self._idle.pop() if self._idle else self._transport()
        try:
            lent.renew({"Authorization": Secret(f"Zoho-oauthtoken {secret.reveal()}")})
            yield lent
        finally:
            with self._lock:
                keeps = not self._is_closed
                if keeps:
                    self._idle.append(lent)
            if not keeps:
                lent.close()

    def _transport(self) -> Transport:
        settings = self.settings
        content = urlsplit(settings.addresses.content)
        return Transport(
            settings.crm,
            settings.addresses.api,
            allowed_hosts=[content.netloc],
            limits=self._limits,
            clock=self._clock,
            plain_http=settings.plain_http,
            public_only=not settings.private_addresses,
            gate=self._gate,
        )


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What bounds a wire: time, calls at once, credits."""

    clock: Clock
    limits: Limits
    slots: Slots
    ledger: CreditLedger


class _Backing:
    """Tells the gate that Zoho was busy, for longer each time that a call hears it."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._times = 0

    def __call__(self) -> None:
        self._gate.closed(1 << min(self._times, _CLOSES_MAX))
        self._times += 1


class _Metered:
    """A gate that keeps the ledger of credits, too."""

    def __init__(self, gate: Gate, ledger: CreditLedger) -> None:
        self._gate = gate
        self._ledger = ledger

    def enter(self, cost: int = 1) -> None:
        """Wait for a turn, and take note of what it costs."""
        self._gate.enter(cost)
        self._ledger.spend(cost)

    def closed(self, seconds: int) -> None:
        """Say that everybody is to stay away."""
        self._gate.closed(seconds)

    def left(self, credits_left: int) -> None:
        """Say what is left."""
        self._gate.left(credits_left)

    def done(self, *, sent: int, received: int, seconds: float, is_retry: bool) -> None:
        """Count what a call moved."""
        self._gate.done(sent=sent, received=received, seconds=seconds, is_retry=is_retry)


def _date(reply: Reply) -> datetime | None:
    """Give Zoho's own time, as its answer says it."""
    try:
        return parsedate_to_datetime(reply.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
