"""Who we are: access tokens, made from a refresh token, kept in memory and nowhere else.

A token lives an hour; it is renewed a minute before its end, and once more when Zoho takes it no
longer. Zoho makes ten in ten minutes for a refresh token, whoever asks: so all adapters of this
process that use the same one share a token, one of their threads asks and the others wait, and we
ask three times in ten minutes at most.

Zoho's answer names the API's address (`api_domain`). It is never followed, only compared: a token
of production in the hands of a test must not lead there.
"""

import hashlib
import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Gate
from crm_expenses.adapters.exchange import (
    Clock,
    Limits,
    Received,
    Reply,
    Request,
    Secret,
    read_json,
)
from crm_expenses.adapters.transport import Transport
from crm_expenses.adapters.zoho.centres import host_of
from crm_expenses.adapters.zoho.settings import ZohoSettings
from crm_expenses.errors import AllowanceError, AuthError, CrmExpensesError, RetryableError

MARGIN_SECONDS: Final = 60
"""A token is renewed so long before it ends, or after nine tenths of a short life."""
LIFE_SECONDS: Final = 3_600
"""How long a token lives at most, whatever the answer says."""
REFRESHES_MAX: Final = 3
WINDOW_SECONDS: Final = 600
TRIES_MAX: Final = 2
"""So often one refresh asks, where the first answer was none."""
CALM_SECONDS: Final = 20
"""After a refresh that failed early, the old token is used for so long before the next one."""

_THROTTLED: Final = "access_denied"
_REVOKED: Final = "invalid_code"
_CLIENT: Final = frozenset({"invalid_client", "invalid_client_secret"})
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_ ]{0,59}", re.ASCII)
_LOG: Final = logging.getLogger("crm_expenses.zoho")


class Tokens(Protocol):
    """Where a connection has its access tokens from; for any number of threads."""

    def token(self) -> Secret:
        """Give the token that a call carries now.

        Raises:
            AuthError: there is none to be had.
            RetryableError: not now.
        """

    def instead(self, failed: Secret) -> Secret:
        """Give another token in place of one that Zoho did not take.

        Raises:
            AuthError: there is no other.
            RetryableError: not now.
        """

    def close(self) -> None:
        """Let go of connections."""


class GivenTokens:
    """Tokens that the caller gives, and renews: we never do."""

    def __init__(self, crm: str, given: Secret | Callable[[], str | Secret]) -> None:
        self._crm = crm
        self._given = given

    def __repr__(self) -> str:
        return f"GivenTokens({self._crm!r})"

    def token(self) -> Secret:
        """Give what the caller gives now."""
        held = self._given if isinstance(self._given, Secret) else self._given()
        found = held if isinstance(held, Secret) else Secret(held)
        if not found.reveal():
            raise AuthError("zoho.given_none", crm=self._crm)
        return found

    def instead(self, failed: Secret) -> Secret:
        """Give another one, where the caller has renewed it meanwhile."""
        found = self.token()
        if found.reveal() == failed.reveal():
            raise AuthError("zoho.given_over", crm=self._crm)
        return found

    def close(self) -> None:
        """Hold nothing."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; `renew_at` and `ends` are on the clock that never goes back.

    `home` is the host that Zoho named for the API, empty where it named none.
    """

    secret: Secret
    renew_at: float
    ends: float
    home: str = ""


@dataclass(slots=True)
class Shelf:
    """The token of one refresh token, and how often it was asked for; shared in this process.

    `failures` counts refreshes that failed, so that who waited for one is told, and does not ask
    again at once.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    held: Token | None = None
    asked: deque[float] = field(default_factory=deque)
    failures: int = 0
    failed: CrmExpensesError | None = None
    calm_until: float = 0.0
    __weakref__: object = field(init=False, repr=False, compare=False)


_SHELVES: Final[WeakValueDictionary[tuple[str, str, str], Shelf]] = WeakValueDictionary()
_SHELVES_LOCK: Final = threading.Lock()


def key_of(settings: ZohoSettings) -> tuple[str, str, str]:
    """Give what is the same for all who use a refresh token at the same place; no secret."""
    digest = hashlib.sha256(settings.refresh_token.reveal().encode()).hexdigest()
    return settings.addresses.accounts, settings.client_id, digest


def shelf_of(settings: ZohoSettings) -> Shelf:
    """Give the shelf of a refresh token: the same one to all who use it at the same place."""
    key = key_of(settings)
    with _SHELVES_LOCK:
        found = _SHELVES.get(key)
        if found is None:
            found = _SHELVES[key] = Shelf()
        return found


class RefreshedTokens:
    """Tokens made from a refresh token, as the settings say where it is."""

    def __init__(self, settings: ZohoSettings, *, limits: Limits, clock: Clock, gate: Gate) -> None:
        self._settings = settings
        self._clock = clock
        self._limits = limits
        self._shelf = shelf_of(settings)
        self._desk = Desk(settings, limits=limits, clock=clock, gate=gate)

    def __repr__(self) -> str:
        return f"RefreshedTokens({self._settings.crm!r})"

    def token(self) -> Secret:
        """Give the token, renewed where that is due."""
        held, now = self._shelf.held, self._clock.monotonic()
        if held is None or now >= held.renew_at:
            held = self._renewed(None)
        return self._at_home(held)

    def instead(self, failed: Secret) -> Secret:
        """Renew, unless somebody has done so since the token that failed was given."""
        return self._at_home(self._renewed(failed))

    def close(self) -> None:
        """Let go of the connection to where tokens are made."""
        self._desk.close()

    def _renewed(self, failed: Secret | None) -> Token:
        shelf = self._shelf
        seen = shelf.failures
        with shelf.lock:
            now, held = self._clock.monotonic(), shelf.held
            if held is not None and not _is_over(held, now, failed):
                return held
            if shelf.failures != seen and shelf.failed is not None:
                problem: CrmExpensesError | None = shelf.failed
            elif held is not None and failed is None and now < shelf.calm_until and now < held.ends:
                return held
            else:
                problem = self._ask(shelf)
            if problem is None and shelf.held is not None:
                return shelf.held
            if isinstance(problem, RetryableError) and failed is None and held is not None:
                now = self._clock.monotonic()
                if now < held.ends:  # it is good for a moment yet
                    shelf.calm_until = now + CALM_SECONDS
                    return held
        raise _again(problem)

    def _ask(self, shelf: Shelf) -> CrmExpensesError | None:
        """Ask for a token and put it on the shelf; give what went wrong instead."""
        problem: CrmExpensesError | None = None
        for attempt in range(TRIES_MAX):
            problem = self._asked(shelf)
            if problem is None:
                return None
            if not isinstance(problem, RetryableError) or problem.retry_after is not None:
                break
            if attempt + 1 < TRIES_MAX:
                self._clock.sleep(self._limits.wait_seconds_first * (1 + self._clock.jitter()))
        shelf.failures += 1
        shelf.failed = problem
        return problem

    def _asked(self, shelf: Shelf) -> CrmExpensesError | None:
        now = self._clock.monotonic()
        while shelf.asked and now - shelf.asked[0] >= WINDOW_SECONDS:
            shelf.asked.popleft()
        if len(shelf.asked) >= REFRESHES_MAX:
            return RetryableError(
                "zoho.token_budget",
                retry_after=max(1, int(shelf.asked[0] + WINDOW_SECONDS - now) + 1),
                crm=self._settings.crm,
                limit=str(REFRESHES_MAX),
                minutes=str(WINDOW_SECONDS // 60),
            )
        shelf.asked.append(now)
        try:
            answer = self._desk.ask(
                {
                    "grant_type": "refresh_token",
                    "refresh_token": self._settings.refresh_token.reveal(),
                }
            )
        except CrmExpensesError as error:
            if error.code in _NEVER_SENT or isinstance(error, AllowanceError):
                shelf.asked.pop()
            return error
        shelf.held = _token_of(answer, now)
        _LOG.info("crm=%s token=renewed", self._settings.crm)
        return None

    def _at_home(self, held: Token) -> Secret:
        demand_home(self._settings, held.home)
        return held.secret


_NEVER_SENT: Final = frozenset({"http.unreachable", "manners.away"})


def _is_over(held: Token, now: float, failed: Secret | None) -> bool:
    if failed is not None and held.secret.reveal() == failed.reveal():
        return True
    return now >= held.renew_at


def _again(problem: CrmExpensesError | None) -> CrmExpensesError:
    """Make an error anew: one that is raised in two threads would grow a traceback of both."""
    if problem is None:
        raise AssertionError("neither token nor failure")
    made = type(problem).of(problem.problems)
    if isinstance(made, RetryableError) and isinstance(problem, RetryableError):
        made.retry_after = problem.retry_after
    return made


def demand_home(settings: ZohoSettings, home: str) -> None:
    """Make sure that a token is one of where the settings say that the API is.

    Raises:
        AuthError: Zoho named another host for it; nothing is sent there.
    """
    ours = host_of(settings.addresses.api)
    if home and home != ours:
        raise AuthError("zoho.elsewhere", crm=settings.crm, host=home[:100], ours=ours)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a grant token was exchanged for."""

    refresh_token: Secret
    scope: str = ""


def exchange_grant(
    settings: ZohoSettings,
    grant: Secret,
    *,
    gate: Gate,
    clock: Clock | None = None,
    limits: Limits | None = None,
) -> Granted:
    """Exchange the grant token of a self client for a refresh token. It can be done once.

    Raises:
        AuthError: the grant token is used, too old, or of another client or data centre.
        RetryableError: no answer.
    """
    desk = Desk(settings, limits=limits or Limits(), clock=clock or Clock(), gate=gate)
    try:
        answer = desk.ask({"grant_type": "authorization_code", "code": grant.reveal()})
    finally:
        desk.close()
    demand_home(settings, _home_of(answer))
    found = answer.get("refresh_token")
    if not isinstance(found, str) or not found:
        raise AuthError("zoho.no_refresh_token", crm=settings.crm)
    scope = answer.get("scope")
    return Granted(Secret(found), scope if isinstance(scope, str) else "")


class Desk:
    """Where tokens are made: a connection of its own, that knows no other secret."""

    def __init__(self, settings: ZohoSettings, *, limits: Limits, clock: Clock, gate: Gate) -> None:
        self._settings = settings
        self._transport = Transport(
            settings.crm,
            settings.addresses.accounts,
            limits=limits,
            clock=clock,
            plain_http=settings.plain_http,
            public_only=not settings.private_addresses,
            gate=gate,
        )

    def ask(self, what: Mapping[str, str]) -> Mapping[str, Received]:
        """Ask once for a token; the answer has one.

        Raises:
            AuthError: Zoho says no.
            RetryableError: Zoho asks to wait, or this is no answer of Zoho's.
        """
        settings = self._settings
        judge = _Judge(settings, is_grant="code" in what)
        request = Request(
            "POST",
            settings.addresses.accounts,
            form={
                **what,
                "client_id": settings.client_id,
                "client_secret": settings.client_secret.reveal(),
            },
            headers={"Accept": "application/json"},
            repeatable=False,
            judge=judge.judge,
            cost=0,
        )
        return judge.body(self._transport.send(request))

    def close(self) -> None:
        """Let go of the connection."""
        self._transport.close()


@dataclass(frozen=True, slots=True)
class _Judge:
    """Says what an answer of the place of tokens means."""

    settings: ZohoSettings
    is_grant: bool

    def judge(self, reply: Reply, usual: Callable[[], CrmExpensesError]) -> CrmExpensesError | None:
        if reply.status >= 500 or reply.status == 429:
            return usual()
        body = self.body(reply)
        if "error" in body:
            return self._refused(body["error"])
        if not 200 <= reply.status < 300:
            return usual()
        if not body:
            kind = reply.headers.get("content-type", "?")[:60]
            return answers.wrong_answer(self.settings.crm, f"{kind} in place of a token")
        if not isinstance(body.get("access_token"), str) or not body["access_token"]:
            return AuthError("zoho.no_token", crm=self.settings.crm, host=self._host())
        return None

    def body(self, reply: Reply) -> Mapping[str, Received]:
        """Give the answer, empty where it is none (a page of HTML, say)."""
        try:
            found = read_json(reply.body)
        except CrmExpensesError:
            return {}
        return found if isinstance(found, dict) else {}

    def _refused(self, error: Received) -> CrmExpensesError:
        """Tell Zoho's own word, but only where it is one: it might repeat what was sent."""
        crm, host = self.settings.crm, self._host()
        said = str(error)
        word = said if _WORD.fullmatch(said) else "-"
        match word.strip().lower().replace(" ", "_"):
            case "access_denied":
                return RetryableError(
                    "zoho.token_throttled", retry_after=WINDOW_SECONDS, crm=crm, word=word
                )
            case "invalid_code":
                code = "zoho.grant_over" if self.is_grant else "zoho.revoked"
                return AuthError(code, crm=crm, host=host, word=word)
            case "invalid_client" | "invalid_client_secret":
                return AuthError("zoho.client", crm=crm, host=host, word=word)
            case _:
                return AuthError("zoho.token_refused", crm=crm, host=host, word=word)

    def _host(self) -> str:
        return host_of(self.settings.addresses.accounts)


def _token_of(answer: Mapping[str, Received], now: float) -> Token:
    """Read the answer to a refresh; `now` is when it was asked for."""
    said = answer.get("expires_in")
    is_life = isinstance(said, int) and not isinstance(said, bool) and said > 0
    life = min(said, LIFE_SECONDS) if is_life and isinstance(said, int) else LIFE_SECONDS
    renew_at = now + max(life - MARGIN_SECONDS, life * 9 // 10, 1)
    return Token(Secret(str(answer["access_token"])), renew_at, now + life, _home_of(answer))


def _home_of(answer: Mapping[str, Received]) -> str:
    """Give the host that an answer names for the API; empty where it names none."""
    said = answer.get("api_domain")
    if not isinstance(said, str) or not said:
        return ""
    is_whole = bool(urlsplit(said).scheme) if said.isprintable() else True
    return host_of(said if is_whole else f"https://{said}")
