"""The one way out to a CRM over HTTP; the only file that uses requests and tenacity.

Bounded: the time of a call from its first byte to its last (a server that drips a byte a second
is cut off), the bytes of a reply, the number of repetitions and the time that they take together.
Discreet: secrets go to the allowed hosts only, in headers only, and into no text. An error of the
driver carries the request with its token, so it is not chained: what it says that matters (the
kind of failure, the system's own words) stands in our message. A query is shown nowhere; still,
put no secret there, for servers and libraries write it into their logs.

Polite: each attempt passes the CRM's gate (`contract.Gate`) before it is made. The gate is told
what a reply says of staying away (Retry-After), so that others hear of it, too.
"""

import ipaddress
import logging
import re
import ssl
from collections.abc import Collection, Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import SplitResult, urljoin, urlsplit

from crm_expenses.adapters.contract import Gate, Open
from crm_expenses.adapters.exchange import (
    Clock,
    Counts,
    Limits,
    Reply,
    Request,
    Secret,
    json_bytes,
    retry_after_seconds,
)
from crm_expenses.adapters.watch import Inward, Outward, Watch, Watched
from crm_expenses.errors import (
    AllowanceError,
    AuthError,
    ConfigError,
    ConflictError,
    CrmExpensesError,
    RefusedError,
    RetryableError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session
    from requests.adapters import HTTPAdapter
    from tenacity import RetryCallState

MAY_HAVE_ACTED: Final = frozenset({"http.lost", "http.timeout", "http.server", "http.large"})
"""Codes of errors after which a write may have had its effect: its Ack is UNKNOWN."""

_PORTS: Final = {"http": 80, "https": 443}
_UNSAFE_IN_URL: Final = re.compile(r"[\x00-\x20\x7f\\]")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PRINTED: Final = r"\x21-\x7e\xa0-\xff"
_HEADER_VALUE: Final = re.compile(rf"[{_PRINTED}]([\t {_PRINTED}]*[{_PRINTED}])?")
_LOG: Final = logging.getLogger("crm_expenses.transport")


class Transport:
    """A connection to one CRM; for one thread.

    `secrets` are headers (name to value) sent to the base address's host and to `allowed_hosts`
    (`host` or `host:port`) only. `plain_http` states that http:// is meant, beyond this machine.
    With `public_only` nothing is sent to an address that is private, local or reserved, whatever
    name leads there.
    """

    def __init__(  # noqa: PLR0913  each is another matter, and all but two may be left out
        self,
        crm: str,
        base_url: str,
        *,
        secrets: Mapping[str, str | Secret] | None = None,
        allowed_hosts: Collection[str] = (),
        limits: Limits | None = None,
        clock: Clock | None = None,
        plain_http: bool = False,
        public_only: bool = False,
        gate: Gate | None = None,
    ) -> None:
        self._crm = crm
        self._base = _base(crm, base_url, plain_http=plain_http)
        others = (urlsplit(f"{self._base.scheme}://{host}") for host in allowed_hosts)
        self._hosts = frozenset(map(_address, (self._base, *others)))
        self._limits = limits if limits is not None else Limits()
        self._clock = clock if clock is not None else Clock()
        self._gate = gate if gate is not None else Open()
        self._public_only = public_only
        self._secrets: dict[str, Secret] = {}
        self._session: Session | None = None
        self._counts = Counts()
        self._bytes_sent = 0
        self.renew(secrets or {})

    def __repr__(self) -> str:
        return f"Transport({self._crm!r}, {self._base.geturl()!r})"

    @property
    def counts(self) -> Counts:
        """What has been done so far."""
        return self._counts

    def renew(self, secrets: Mapping[str, str | Secret]) -> None:
        """Replace the secrets of these names, say after a token was refreshed."""
        held = {n: v if isinstance(v, Secret) else Secret(v) for n, v in secrets.items()}
        self._check_headers({name: secret.reveal() for name, secret in held.items()})
        self._secrets |= held

    def close(self) -> None:
        """Let go of open connections."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def send(self, request: Request) -> Reply:
        """Send a request, again where that is safe, and give the reply.

        Raises:
            AllowanceError: the calls of the day, or of the run, are used up.
            RetryableError: unreachable, lost, too slow, busy or failing, after all repetitions.
            AuthError: 401, 403, 407.
            ConflictError: 409, 412.
            UnsupportedError: 405, 501, 505.
            RefusedError: any other status that is not a success, another host, a reply too large.
        """
        import tenacity  # noqa: PLC0415  only who talks to a CRM needs it

        url = self._url(request.target)
        self._check_headers(request.headers)
        sending = _Sending(self._clock.monotonic())
        if not request.may_repeat:
            return self._attempt(request, url, sending)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_heal),
            wait=self._wait_seconds,
            stop=lambda state: self._is_enough(state, sending.started),
            before_sleep=lambda _state: self._count(retries=1),
            sleep=self._clock.sleep,
            reraise=True,
        )
        return retrying(self._attempt, request, url, sending)

    def _wait_seconds(self, state: "RetryCallState") -> float:
        limits, chance = self._limits, self._clock.jitter()
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RetryableError) and error.retry_after is not None:
            return error.retry_after + chance * limits.wait_seconds_first
        longest = limits.wait_seconds_first * (1 << (state.attempt_number - 1))
        return chance * min(longest, limits.wait_seconds_max)

    def _is_enough(self, state: "RetryCallState", started: float) -> bool:
        passed = self._clock.monotonic() - started
        too_long = passed + state.upcoming_sleep >= self._limits.total_seconds
        return too_long or state.attempt_number >= self._limits.attempts_max

    def _attempt(self, request: Request, url: str, sending: "_Sending") -> Reply:
        asked = self._clock.monotonic()
        self._gate.enter(request.cost)
        begun = self._clock.monotonic()
        sending.started += begun - asked  # the gate has a bound of its own
        left = self._limits.total_seconds - (begun - sending.started)
        watch = Watch(max(min(self._limits.call_seconds, left), 0.001))
        failed: CrmExpensesError | None = None
        reply: Reply | None = None
        self._bytes_sent = 0
        try:
            with watch:
                reply = self._exchange(request, url, watch)
        except (OSError, CrmExpensesError) as error:  # OSError: base of all that requests raises
            failed = self._translated(error, request, url, watch)
        seconds = self._clock.monotonic() - begun
        received = len(reply.body) if reply else 0
        self._count(calls=1, bytes_received=received, seconds=seconds)
        is_retry, sending.attempts = sending.attempts > 0, sending.attempts + 1
        self._gate.done(
            sent=self._bytes_sent, received=received, seconds=seconds, is_retry=is_retry
        )
        status = str(reply.status) if reply else f"none ({failed.code if failed else '?'})"
        path = urlsplit(url).path
        line = "crm=%s method=%s path=%s status=%s seconds=%.3f"
        _LOG.debug(line, self._crm, request.method, path, status, seconds)
        if reply is None:
            # Raised out here, so that neither cause nor context holds the driver's error.
            raise failed or AssertionError("neither reply nor failure")
        refused = self._judged(reply, request, url)
        if refused is None:
            return reply
        raise refused

    def _judged(self, reply: Reply, request: Request, url: str) -> CrmExpensesError | None:
        """Say what a reply means, and tell the gate where the CRM wants to be left alone."""

        def usual() -> CrmExpensesError:
            return self._refusal(reply, request, url)

        if request.judge is not None:
            error = request.judge(reply, usual)
        elif 200 <= reply.status < 300 or reply.status in request.accept:
            return None
        else:
            error = usual()
        if isinstance(error, RetryableError) and error.retry_after:
            self._gate.closed(error.retry_after)
        return error

    def stream(self, request: Request) -> Generator[bytes]:
        """Send a request and give the body in portions, which is never held as a whole.

        It passes the gate, and is tried once. A body that ends early raises, so that nobody takes a
        part for the whole.

        Raises:
            CrmExpensesError: as `send`.
        """
        url = self._url(request.target)
        self._check_headers(request.headers)
        self._gate.enter(request.cost)
        begun, received = self._clock.monotonic(), 0
        failed: CrmExpensesError | None = None
        watch = Watch(self._limits.total_seconds)
        try:
            with watch:
                response = self._opened(request, url, watch)
                try:
                    if not 200 <= response.status_code < 300:
                        body = self._body(response, request, url)
                        names = {name.lower(): held for name, held in response.headers.items()}
                        reply = Reply(response.status_code, names, body)
                        failed = self._judged(reply, request, url) or self._refusal(
                            reply, request, url
                        )
                    else:
                        for portion in response.iter_content(self._limits.chunk_bytes):
                            received += len(portion)
                            yield portion
                finally:
                    response.close()
                if watch.fired:
                    raise TimeoutError
        except (OSError, CrmExpensesError) as error:
            failed = self._translated(error, request, url, watch)
        finally:
            seconds = self._clock.monotonic() - begun
            self._count(calls=1, bytes_received=received, seconds=seconds)
            self._gate.done(sent=0, received=received, seconds=seconds, is_retry=False)
        if failed is not None:
            raise failed

    def _exchange(self, request: Request, url: str, watch: Watch) -> Reply:
        response = self._opened(request, url, watch)
        try:
            body = self._body(response, request, url)
        finally:
            response.close()
        if watch.fired:  # a body that ends with its connection looks whole when we cut it
            raise TimeoutError
        names = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, names, body)

    def _opened(self, request: Request, url: str, watch: Watch) -> "Response":
        """Send a request and give the response with its body still to be read."""
        if self._session is None:
            self._session = _new_session(public_only=self._public_only)
        data: object = dict(request.form) if request.form else request.upload
        headers = dict(request.headers)
        if request.json is not None:
            data = json_bytes(request.json)
            headers.setdefault("Content-Type", "application/json")
        limits = self._limits
        return self._session.request(
            request.method,
            url,
            params=dict(request.query),
            data=data,  # type: ignore[arg-type]  # what `read` and `len` are enough for
            headers=headers,
            auth=self._sign,
            timeout=(
                min(limits.connect_seconds, watch.seconds),
                min(limits.read_seconds, watch.seconds),
            ),
            allow_redirects=False,
            stream=True,
        )

    def _sign(self, prepared: "PreparedRequest") -> "PreparedRequest":
        """Add the secrets, once more certain where they go: as requests itself has read it."""
        self._check_host(urlsplit(prepared.url or ""))
        self._bytes_sent = len(prepared.body or b"")  # bytes, a text in ASCII, or an Upload
        prepared.headers.update({name: secret.reveal() for name, secret in self._secrets.items()})
        return prepared

    def _body(self, response: "Response", request: Request, url: str) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(self._limits.chunk_bytes):
            body += chunk
            if len(body) > self._limits.body_bytes_max:
                raise RefusedError(
                    "http.large",
                    crm=self._crm,
                    request=_shown(request, url),
                    limit=str(self._limits.body_bytes_max),
                )
        return bytes(body)

    def _translated(
        self, error: OSError | CrmExpensesError, request: Request, url: str, watch: Watch
    ) -> CrmExpensesError:
        if isinstance(error, CrmExpensesError):
            return error
        from urllib3 import exceptions as below  # noqa: PLC0415

        crm, shown, chain = self._crm, _shown(request, url), tuple(_chain(error))
        if watch.fired or any(isinstance(e, below.ReadTimeoutError) for e in chain):
            seconds = watch.seconds if watch.fired else self._limits.read_seconds
            return RetryableError("http.timeout", crm=crm, request=shown, limit=f"{seconds:g}")
        detail = _detail(chain)
        if any(isinstance(e, Inward) for e in chain):
            host = _named(_address(urlsplit(url)))
            return RefusedError("http.private", crm=crm, host=host)
        if any(isinstance(e, ssl.SSLCertVerificationError) for e in chain):
            host = _named(_address(urlsplit(url)))
            return RefusedError("http.tls", crm=crm, host=host, detail=detail)
        if isinstance(error, ValueError):  # requests' word for an address that it cannot use
            return ConfigError("http.base_url", crm=crm, detail=detail)
        never_sent = (below.NewConnectionError, below.ConnectTimeoutError, below.ProxyError)
        if any(isinstance(e, never_sent) for e in chain):
            return RetryableError("http.unreachable", crm=crm, request=shown, detail=detail)
        # ConnectionError, ChunkedEncodingError (a body cut short), ContentDecodingError.
        return RetryableError("http.lost", crm=crm, request=shown, detail=detail)

    def _refusal(self, reply: Reply, request: Request, url: str) -> CrmExpensesError:
        crm, shown, status = self._crm, _shown(request, url), str(reply.status)
        match reply.status:
            case 401 | 407:
                return AuthError("http.auth", crm=crm, request=shown, status=status)
            case 403:
                return AuthError("http.permission", crm=crm, request=shown, status=status)
            case 409 | 412:
                return ConflictError("http.conflict", crm=crm, request=shown, status=status)
            case 405 | 501 | 505:
                return UnsupportedError("http.unsupported", crm=crm, request=shown, status=status)
            case 404 | 410:
                return RefusedError("http.not_found", crm=crm, request=shown, status=status)
            case 301 | 302 | 303 | 307 | 308:
                to = urljoin(url, reply.headers.get("location", ""))
                host = _named(_address(urlsplit(to)))
                return RefusedError(
                    "http.redirect", crm=crm, request=shown, status=status, host=host
                )
            case 408 | 425 | 429 | 503:
                code = "http.busy"
            case over if over >= 500:
                code = "http.server"
            case _:
                return RefusedError("http.refused", crm=crm, request=shown, status=status)
        after = retry_after_seconds(reply.headers.get("retry-after", ""), self._clock.wall())
        return RetryableError(code, retry_after=after, crm=crm, request=shown, status=status)

    def _url(self, target: str) -> str:
        if _UNSAFE_IN_URL.search(target):
            self._refuse_host("?")
        try:
            parts = urlsplit(urljoin(self._base.geturl(), target))
        except ValueError:
            parts = SplitResult("", "", "", "", "")
        self._check_host(parts)
        return parts._replace(fragment="").geturl()

    def _check_host(self, parts: SplitResult) -> None:
        address = _address(parts)
        if parts.scheme != self._base.scheme or "@" in parts.netloc or address not in self._hosts:
            self._refuse_host(_named(address))

    def _refuse_host(self, host: str) -> NoReturn:
        allowed = ", ".join(sorted(_named(address) for address in self._hosts))
        raise RefusedError("http.elsewhere", crm=self._crm, host=host, allowed=allowed)

    def _check_headers(self, headers: Mapping[str, str]) -> None:
        for name, value in headers.items():
            if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
                raise ConfigError("http.header", crm=self._crm, header=name)

    def _count(
        self, *, calls: int = 0, retries: int = 0, bytes_received: int = 0, seconds: float = 0.0
    ) -> None:
        held = self._counts
        self._counts = Counts(
            held.calls + calls,
            held.retries + retries,
            held.bytes_received + bytes_received,
            held.seconds + seconds,
        )


@dataclass(slots=True)
class _Sending:
    """A call with its repetitions: when it began, without its waits at the gate."""

    started: float
    attempts: int = 0


def _may_heal(error: BaseException) -> bool:
    """Say whether a repetition may help; no wait of ours brings back an allowance."""
    return isinstance(error, RetryableError) and not isinstance(error, AllowanceError)


def _new_session(*, public_only: bool = False) -> "Session":
    from http.cookiejar import DefaultCookiePolicy  # noqa: PLC0415

    import requests  # noqa: PLC0415  only who talks to a CRM needs it

    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # every call stands alone
    for scheme in _PORTS:
        session.mount(f"{scheme}://", _watched_adapter(public_only=public_only)())
    session.trust_env = not public_only  # a proxy would be asked for addresses that we cannot see
    return session


@cache
def _watched_adapter(*, public_only: bool) -> "type[HTTPAdapter]":
    from requests.adapters import HTTPAdapter  # noqa: PLC0415
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager  # noqa: PLC0415

    def pool(of: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
        bases = (Outward, Watched, of.ConnectionCls) if public_only else (Watched, of.ConnectionCls)
        connection = type("_Connection", bases, {})
        return type("_Pool", (of,), {"ConnectionCls": connection})

    pools = {"http": pool(HTTPConnectionPool), "https": pool(HTTPSConnectionPool)}

    class WatchedAdapter(HTTPAdapter):
        def init_poolmanager(self, *args: object, **options: object) -> None:
            super().init_poolmanager(*args, **options)  # type: ignore[arg-type]
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, proxy: str, **options: object) -> PoolManager:
            manager: PoolManager = super().proxy_manager_for(proxy, **options)
            if not proxy.lower().startswith("socks"):  # those have connections of their own
                manager.pool_classes_by_scheme = pools
            return manager

    return WatchedAdapter


def _base(crm: str, base_url: str, *, plain_http: bool) -> SplitResult:
    try:
        parts = urlsplit(base_url)
        fault = _base_fault(base_url, parts)
    except ValueError:
        fault = "it is not an address"
    if fault:  # the address itself is not shown: it may hold a password
        raise ConfigError("http.base_url", crm=crm, detail=fault)
    host = parts.hostname or ""
    if parts.scheme == "http" and not plain_http and not _is_this_machine(host):
        raise ConfigError("http.plain", crm=crm, host=host)
    return parts._replace(path=parts.path.rstrip("/") + "/")


def _base_fault(base_url: str, parts: SplitResult) -> str:
    if _UNSAFE_IN_URL.search(base_url):
        return "it holds a blank, a backslash or a control character"
    if parts.scheme not in _PORTS or not parts.hostname or parts.port == 0:
        return "it needs https:// and a host"
    return "it holds a user, a query or a #" if "@" in parts.netloc or parts[3:] != ("", "") else ""


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_Address = tuple[str, int]


def _address(parts: SplitResult) -> _Address:
    """Give host and port, the scheme's own port where none is named; `?` for what is neither."""
    try:
        port = parts.port
    except ValueError:
        return "?", 0
    return parts.hostname or "?", _PORTS.get(parts.scheme, 0) if port is None else port


def _named(address: _Address) -> str:
    host, port = address
    return host[:100] if port in (0, 80, 443) else f"{host[:100]}:{port}"


def _shown(request: Request, url: str) -> str:
    """Name a request for people, without its query."""
    return f"{request.method[:10]} {urlsplit(url).path[:200]}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and all that it wraps, in any of the ways in which requests wraps."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < 50:
        found = waiting.pop(0)
        if isinstance(found, BaseException) and id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += [found.__cause__, found.__context__, getattr(found, "reason", None)]
            waiting += found.args


def _detail(chain: Collection[BaseException]) -> str:
    """Give the kind of the innermost failure and the system's words, nothing that was sent."""
    spoken = [e for e in chain if isinstance(e, OSError) and isinstance(e.strerror, str)]
    if spoken:
        return f"{type(spoken[-1]).__name__}: {spoken[-1].strerror}"
    return type(list(chain)[-1]).__name__
