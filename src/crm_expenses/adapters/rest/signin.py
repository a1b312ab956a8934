"""Signing in, as a connection file says it: what a call carries, and when it is renewed.

A token is asked for when it is first needed, is renewed before its time is over, and once more when
the CRM says that it is over. It is kept in memory only. Where tokens are given is reached over a
connection of its own, which knows none of the other secrets.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crm_expenses.adapters.contract import Gate
from crm_expenses.adapters.exchange import Clock, Limits, Received, Request, Secret
from crm_expenses.adapters.rest.judging import Judging, body_of
from crm_expenses.adapters.rest.path import found
from crm_expenses.adapters.rest.spec import Auth, AuthKind, Success
from crm_expenses.adapters.rest.template import Filler, placeholders
from crm_expenses.adapters.rest.usersettings import UserSettings
from crm_expenses.adapters.transport import Transport
from crm_expenses.core.record import Json
from crm_expenses.errors import AuthError, RefusedError

MARGIN_SECONDS: Final = 60
"""A token is renewed so long before it ends, or after nine tenths of a short life."""

RENEWALS_MIN_SECONDS: Final = 5
"""No token is asked for again sooner: who is refused at once would be refused again."""

_STATIC: Final = frozenset({AuthKind.BEARER, AuthKind.API_KEY, AuthKind.BASIC})
_GRANTS: Final = {
    AuthKind.OAUTH2_CLIENT_CREDENTIALS: "client_credentials",
    AuthKind.OAUTH2_REFRESH_TOKEN: "refresh_token",
    AuthKind.OAUTH2_PASSWORD: "password",
}


class SignIn:
    """The headers of one connection. `limits`, `gate` and `clock` are those of the connection."""

    def __init__(
        self, user: UserSettings, base_url: str, *, limits: Limits, gate: Gate, clock: Clock
    ) -> None:
        self._user = user
        self._auth: Auth = user.held.auth
        self._filler = Filler(user.crm)
        self._clock = clock
        self._ends = 0.0
        self.expired = 0
        self._asked: float | None = None
        self._renews = ""
        self._headers: dict[str, Secret] = {}
        self._plain: dict[str, str] = {}
        self._tokens: Transport | None = None
        if self._auth.path:
            values = user.values
            target = self._filler.text(self._auth.path, values)
            is_whole = bool(urlsplit(target).scheme)
            self._target = target if is_whole else target.lstrip("/")
            self._plain = {} if is_whole else _plain_headers(user, self._filler)
            self._tokens = Transport(
                user.crm,
                target if is_whole else base_url,
                limits=limits,
                clock=clock,
                gate=gate,
                plain_http=user.plain_http,
                public_only=not user.private_addresses,
            )

    def __repr__(self) -> str:
        return f"SignIn({self._user.crm!r}, {self._auth.kind.value!r})"

    def headers(self) -> Mapping[str, Secret]:
        """Give the headers that every call carries, signing in where that is due.

        Raises:
            CrmExpensesError: signing in failed.
        """
        if self._auth.kind in _STATIC and not self._headers:
            self._headers = self._static()
        if self._tokens is not None and self._clock.monotonic() >= self._ends:
            self._renew()
        return self._headers

    def query(self) -> dict[str, str]:
        """Give the parameters that carry a key where headers do not."""
        if self._auth.kind is AuthKind.API_KEY and self._auth.query:
            return {self._auth.query: self._text(self._auth.token)}
        return {}

    def signature(self, method: str, path: str, body: str) -> dict[str, str]:
        """Give the header that signs a call."""
        auth = self._auth
        if auth.kind is not AuthKind.HMAC:
            return {}
        values = {**self._user.revealed(), "method": method, "path": path, "body": body}
        message = self._filler.text(auth.message, values).encode()
        key = self._text(auth.secret).encode()
        made = hmac.new(key, message, getattr(hashlib, auth.algorithm))
        written = made.hexdigest()
        if auth.encoding == "base64":
            written = base64.b64encode(made.digest()).decode()
        shown = self._filler.text(auth.signature, {**values, "signature": written})
        if auth.signature_base64:
            shown = base64.b64encode(shown.encode()).decode()
        return {auth.header: (auth.prefix or "") + shown}

    def expire(self) -> bool:
        """Take note that the CRM takes the token no more; say whether a new one can be had."""
        if self._tokens is None:
            return False
        now = self._clock.monotonic()
        if self._asked is not None and now - self._asked < RENEWALS_MIN_SECONDS:
            return False
        self._ends = 0.0
        self.expired += 1
        return True

    def close(self) -> None:
        """Let go of the connection."""
        if self._tokens is not None:
            self._tokens.close()

    def _static(self) -> dict[str, Secret]:
        auth = self._auth
        if auth.kind is AuthKind.BASIC:
            pair = f"{self._text(auth.user)}:{self._text(auth.password)}".encode()
            return {"Authorization": Secret("Basic " + base64.b64encode(pair).decode())}
        if auth.kind is AuthKind.API_KEY and auth.query:
            return {}
        prefix = auth.prefix
        if prefix is None:
            prefix = "Bearer " if auth.kind is AuthKind.BEARER else ""
        return {auth.header: Secret(prefix + self._text(auth.token))}

    def _renew(self) -> None:
        assert self._tokens is not None  # noqa: S101  asked before
        auth = self._auth
        self._asked = self._clock.monotonic()
        answer = self._answer(self._tokens)
        token = found(answer, auth.token_path)
        if not isinstance(token, str) or not token:
            raise AuthError("rest.no_token", crm=self._user.crm, path=auth.token_path or "-")
        life = found(answer, auth.expires_in_path) if auth.expires_in_path else None
        seconds = _seconds(life) or auth.ttl_seconds
        self._ends = self._asked + max(seconds - MARGIN_SECONDS, seconds * 9 // 10, 1)
        self._renews = _text(found(answer, "refresh_token")) or self._renews
        prefix = auth.prefix
        if prefix is None:
            prefix = "" if auth.kind is AuthKind.LOGIN else "Bearer "
        headers = {auth.header: Secret(prefix + token)}
        for name, template in auth.carry.items():
            values = {
                path: _text(found(answer, path.partition(".")[2]))
                for path in placeholders(template)
            }
            headers[name] = Secret(self._filler.text(template, values))
        self._headers = headers

    def _answer(self, transport: Transport) -> Received:
        auth, user = self._auth, self._user
        form, body = auth.form, None
        if auth.kind is AuthKind.LOGIN:
            values: Mapping[str, Json] = user.revealed()
            body = self._filler_all(auth.body, values) if auth.body is not None else None
            form = {n: self._filler.text(t, values) for n, t in (form or {}).items()} or None
        else:
            form = self._grant()
        judging = Judging(
            user.crm,
            user.held.error,
            Success(),
            f"{auth.method} {urlsplit(self._target).path}",
            _zone(user),
            self._clock.wall,
        )
        request = Request(
            auth.method,
            self._target,
            json=body,
            form=form,
            headers={"Accept": "application/json", **self._plain},
            repeatable=True,
            judge=judging.judge,
        )
        try:
            return body_of(user.crm, transport.send(request))
        except RefusedError as error:  # 400 and 422 are what many say to a wrong password
            if error.code not in ("http.refused", "rest.validation", "http.not_found"):
                raise
            status = error.problems[0].values.get("status", "-")
            shown = judging.shown
            raise AuthError("http.auth", crm=user.crm, request=shown, status=status) from error

    def _filler_all(self, template: object, values: Mapping[str, Json]) -> Json:
        """Fill what is sent as JSON: nothing is escaped there, for it is not put into a text."""
        if isinstance(template, str):
            return self._filler.text(template, values)
        if isinstance(template, dict):
            return {name: self._filler_all(each, values) for name, each in template.items()}
        if isinstance(template, list):
            return [self._filler_all(each, values) for each in template]
        return template if isinstance(template, bool | int | None) else str(template)

    def _grant(self) -> dict[str, str]:
        auth = self._auth
        form = {
            "grant_type": _GRANTS[auth.kind],
            "client_id": self._text(auth.client_id),
            "client_secret": self._text(auth.client_secret),
        }
        if auth.scope:
            form["scope"] = self._text(auth.scope)
        if auth.kind is AuthKind.OAUTH2_REFRESH_TOKEN:
            form["refresh_token"] = self._renews or self._text(auth.refresh_token)
        if auth.kind is AuthKind.OAUTH2_PASSWORD:
            form |= {"username": self._text(auth.user), "password": self._text(auth.password)}
        return form

    def _text(self, template: str) -> str:
        return self._filler.text(template, self._user.revealed())


def _plain_headers(user: UserSettings, filler: Filler) -> dict[str, str]:
    return {
        name: filler.text(text, user.revealed())
        for name, text in user.held.connection.headers.items()
    }


def _zone(user: UserSettings) -> ZoneInfo:
    return ZoneInfo(user.held.connection.timezone)


def _seconds(held: object) -> int:
    if isinstance(held, str) and held.isascii() and held.isdecimal() and len(held) < 10:
        return int(held)
    return held if isinstance(held, int) and not isinstance(held, bool) and held > 0 else 0


def _text(held: object) -> str:
    return str(held) if isinstance(held, str | int) and not isinstance(held, bool) else ""
