"""Signing in: grant, refresh and access tokens, their life, and how many there may be."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from crm_expenses.testing.zohosim.asking import Answer, Ask, json_answer
from crm_expenses.testing.zohosim.refusal import RefusalError

LIVE_MAX: Final = 15
MADE_MAX: Final = 10
MADE_WITHIN: Final = timedelta(minutes=10)
GRANT_LIFE: Final = timedelta(minutes=3)
REFRESH_MAX: Final = 20
SCOPES: Final = (
    "ZohoCRM.modules.ALL",
    "ZohoCRM.settings.ALL",
    "ZohoCRM.users.ALL",
    "ZohoCRM.org.ALL",
    "ZohoCRM.coql.READ",
    "ZohoCRM.bulk.ALL",
    "ZohoFiles.files.ALL",
    "ZohoCRM.Files.ALL",
    "ZohoSearch.securesearch.READ",
    "ZohoCRM.notifications.ALL",
)
_PREFIX: Final = "zoho-oauthtoken "


@dataclass(slots=True)
class Access:
    """One access token."""

    token: str = field(repr=False)
    refresh: str = field(repr=False)
    number: int
    """Which token of the run it is, from 1: what logs may name."""
    until: datetime
    user: str
    scopes: Sequence[str]


@dataclass(slots=True)
class _Refresh:
    user: str
    scopes: Sequence[str]
    made: list[datetime] = field(default_factory=list)
    live: list[str] = field(default_factory=list, repr=False)


class TokenDesk:
    """The accounts server of one organisation's client."""

    def __init__(self, name: str, clock: Callable[[], datetime], *, user: str) -> None:
        self.client_id = f"1000.{name.upper()}"
        self.client_secret = f"client-secret-of-{name}"
        self.clock = clock
        self.life = timedelta(hours=1)
        self.api_domain: str | None = None
        """What token answers name as the domain of the interface; None leaves it out."""
        self.calls = 0
        self._name = name
        self._user = user
        self._lock = threading.Lock()
        self.secrets = {self.client_secret}
        """What must be seen nowhere else: the client's secret, and each token that was given."""
        self._counter = 0
        self._grants_made = 0
        self._refreshes_made = 0
        self._grants: dict[str, tuple[datetime, str, Sequence[str]]] = {}
        self._refreshes: dict[str, _Refresh] = {}
        self._accesses: dict[str, Access] = {}
        self.refresh_token = self.new_refresh()

    def new_refresh(self, *, user: str = "", scopes: Sequence[str] = SCOPES) -> str:
        """Make a refresh token, as after a consent; the 21st of a user ends the first."""
        with self._lock:
            return self._new_refresh(user or self._user, scopes)

    def _new_refresh(self, user: str, scopes: Sequence[str]) -> str:
        self._refreshes_made += 1
        token = self._given(f"1000.refresh-{self._name}-{self._refreshes_made}")
        self._refreshes[token] = _Refresh(user, scopes)
        own = [one for one, held in self._refreshes.items() if held.user == user]
        for old in own[:-REFRESH_MAX]:
            self._end(old)
        return token

    def _given(self, token: str) -> str:
        self.secrets.add(token)
        return token

    def new_grant(self, *, user: str = "", scopes: Sequence[str] = SCOPES) -> str:
        """Make a grant token, as the console does for a self client."""
        with self._lock:
            self._grants_made += 1
            token = self._given(f"1000.grant-{self._name}-{self._grants_made}")
            self._grants[token] = (self.clock() + GRANT_LIFE, user or self._user, scopes)
            return token

    def new_access(self) -> str:
        """Make an access token without a call, for who is given one."""
        with self._lock:
            return self._made(self.refresh_token).token

    def revoke(self, token: str) -> bool:
        """End a token; a refresh token takes its access tokens with it."""
        with self._lock:
            if token in self._refreshes:
                self._end(token)
                return True
            return self._accesses.pop(token, None) is not None

    def revoke_accesses(self) -> None:
        """End all access tokens: the refresh tokens stay."""
        with self._lock:
            self._accesses.clear()

    def knows(self, asked: Mapping[str, str]) -> bool:
        """Tell whether a call for a token is about this client."""
        return asked.get("client_id") == self.client_id

    def answer(self, asked: Mapping[str, str]) -> Answer:
        """Answer a call for a token."""
        with self._lock:
            self.calls += 1
            if asked.get("client_secret") != self.client_secret:
                return json_answer({"error": "invalid_client_secret"})
            match asked.get("grant_type"):
                case "refresh_token":
                    return self._refreshed(asked.get("refresh_token", ""))
                case "authorization_code":
                    return self._granted(asked.get("code", ""))
                case _:
                    return json_answer({"error": "unsupported_grant_type"})

    def holder(self, ask: Ask) -> Access | None:
        """Give the live token that a request carries, if it is one of ours."""
        given = ask.headers.get("authorization", "")
        if not given.lower().startswith(_PREFIX):
            return None
        with self._lock:
            held = self._accesses.get(given[len(_PREFIX) :].strip())
            return held if held is not None and self.clock() < held.until else None

    def _refreshed(self, token: str) -> Answer:
        held = self._refreshes.get(token)
        if held is None:
            return json_answer({"error": "invalid_code"})
        now = self.clock()
        held.made = [one for one in held.made if now - one < MADE_WITHIN]
        if len(held.made) >= MADE_MAX:
            described = "You have made too many requests continuously. Please try again later."
            return json_answer(
                {"error_description": described, "error": "Access Denied", "status": "failure"}
            )
        held.made.append(now)
        return json_answer(self._told(self._made(token)))

    def _granted(self, code: str) -> Answer:
        until, user, scopes = self._grants.pop(code, (self.clock(), "", ()))
        if until <= self.clock():
            return json_answer({"error": "invalid_code"})
        token = self._new_refresh(user, scopes)
        return json_answer({**self._told(self._made(token)), "refresh_token": token})

    def _made(self, refresh: str) -> Access:
        held = self._refreshes[refresh]
        self._counter += 1
        token = self._given(f"1000.access-{self._name}-{self._counter}")
        until = self.clock() + self.life
        made = Access(token, refresh, self._counter, until, held.user, held.scopes)
        self._accesses[token] = made
        held.live.append(token)
        for old in held.live[:-LIVE_MAX]:
            self._accesses.pop(old, None)
        held.live = held.live[-LIVE_MAX:]
        return made

    def _told(self, made: Access) -> dict[str, object]:
        told: dict[str, object] = {
            "access_token": made.token,
            "scope": " ".join(made.scopes),
            "token_type": "Bearer",
            "expires_in": int(self.life.total_seconds()),
        }
        return told if self.api_domain is None else {**told, "api_domain": self.api_domain}

    def _end(self, refresh: str) -> None:
        for token in self._refreshes.pop(refresh).live:
            self._accesses.pop(token, None)


def need_scope(access: Access, *names: str, status: int = 401) -> None:
    """Refuse who has none of some scopes.

    Raises:
        RefusalError: the token's scopes have none of them.
    """
    for name in names:
        if any(_covers(held, name) for held in access.scopes):
            return
    raise RefusalError(
        "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL", status=status
    )


def _covers(held: str, name: str) -> bool:
    """Tell whether a wider scope holds a narrower one: `a.settings.ALL` has `a.settings.x.READ`.

    >>> _covers("ZohoCRM.settings.ALL", "ZohoCRM.settings.fields.READ")
    True
    """
    stem, _, verb = held.rpartition(".")
    return verb in {"ALL", name.rpartition(".")[2]} and name.startswith(f"{stem}.")
