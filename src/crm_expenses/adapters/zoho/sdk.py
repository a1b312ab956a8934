"""Zoho's own SDK, held at arm's length; the only file that imports it, and only inside functions.

The SDK is loaded with the first call that needs it: 1,700 modules. What is wrong with it for us
(docs/decisions/0028-zoho-sdk.md) is kept out here:

- Its HTTP goes through our wire (credits, gate, time-outs, allowed hosts, the token): a small
  object stands where two of its modules look up the name `requests`. Whoever else uses the SDK in
  this process gets the real `requests` from it, as before.
- It never holds a token, so that none can reach its logs, its store or the names of its files: the
  wire adds the token as a call leaves.
- Its process-wide state is set for one organisation at a time, under one lock, and put back.
- An answer that it lost without a word (`result_of`) is an error.
"""

import importlib
import logging
import os
import shutil
import tempfile
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from importlib import metadata
from types import ModuleType
from typing import Any, Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.exchange import Received, read_json
from crm_expenses.adapters.zoho.wire import Answer, Call, ZohoWire
from crm_expenses.errors import ConfigError, CrmExpensesError, RefusedError

VERSION: Final = "7.0.0"
"""The one version whose insides this file knows; others are refused."""

DISTRIBUTION: Final = "zohocrmsdk8-0"
OTHERS: Final = ("zohocrmsdk7-0",)
"""Distributions that put another generation into the same folder."""

EMPTY: Final = frozenset({204, 304})
"""Statuses of an answer that has no body, and is none the worse."""

_API: Final = "zohocrmsdk.src.com.zoho.crm.api"
_CONNECTOR: Final = f"{_API}.util.api_http_connector"
_OAUTH: Final = "zohocrmsdk.src.com.zoho.api.authenticator.oauth_token"
_TOKEN: Final = "zohocrmsdk.src.com.zoho.api.authenticator.token"  # noqa: S105  a module
_STORE: Final = "zohocrmsdk.src.com.zoho.api.authenticator.store.token_store"
_LOGGER: Final = "SDKLogger"
_NOT_OURS: Final = frozenset({"authorization", "x-zoho-sdk", "content-type"})
"""Headers that the SDK sets and the wire does not send on: the wire has its own, and X-ZOHO-SDK
tells the kernel of this machine."""

_LOCK: Final = threading.RLock()
_NOW: Final = threading.local()
"""The use of the SDK that runs in this thread, if one does."""


class Sdk:
    """The SDK, for one organisation. It loads nothing until `call` is called."""

    def __init__(self, wire: ZohoWire) -> None:
        self._wire = wire
        self._folder = ""
        self._finalizer: Callable[[], object] | None = None

    def __repr__(self) -> str:
        return f"Sdk({self._wire.crm!r})"

    @property
    def wire(self) -> ZohoWire:
        """The way that its calls go."""
        return self._wire

    def part(self, name: str) -> ModuleType:
        """Give a package of the SDK's API, like `fields`.

        Raises:
            ConfigError: the SDK is not there, or not the version that we know.
        """
        loaded(self._wire.crm)
        return importlib.import_module(f"{_API}.{name}")

    def call(
        self,
        ask: Callable[[], object],
        expected: type,
        *,
        credits: int = 1,  # noqa: A002  the word of Zoho's own price list
        repeatable: bool | None = None,
    ) -> Any:
        """Make a call of the SDK and give its result, an `expected`; None for an empty answer.

        `repeatable` states that it may be sent twice; unstated, reading may.

        Raises:
            CrmExpensesError: as `ZohoWire.send`, and where the SDK lost what was answered.
        """
        crm = self._wire.crm
        use = _Use(self._wire, credits, repeatable)
        response: object = None
        failed: CrmExpensesError | None = None
        with _LOCK, _using(use), self._switched():
            try:
                response = ask()
            except Exception as error:  # noqa: BLE001  it wraps whatever happens in its own kind
                failed = use.failed or _refused(crm, error)
        if failed is None:
            failed = use.failed
        if failed is not None:
            # Raised out here, so that no error of the SDK, which holds what was sent, is chained.
            raise failed
        return result_of(crm, response, expected)

    def close(self) -> None:
        """Remove the folder that the SDK was given."""
        if self._finalizer is not None:
            self._finalizer()
            self._finalizer, self._folder = None, ""

    @contextmanager
    def _switched(self) -> Iterator[None]:
        """Let the SDK be this organisation's, in this thread; afterwards all is as before."""
        made = loaded(self._wire.crm)
        initializer = importlib.import_module(f"{_API}.initializer").Initializer
        there = initializer.initializer
        local = getattr(initializer.LOCAL, "init", None)
        token, ours = made.token(), None
        environment = _environment()
        config = _config()
        try:
            if there is None:  # it cannot switch from nobody
                initializer.initialize(
                    environment, token, made.store(), config, resource_path=self._place()
                )
                ours = initializer.initializer
            initializer.switch_user(environment=environment, token=token, sdk_config=config)
            # Both would be those of the first organisation, or of somebody else's.
            initializer.LOCAL.init.store = made.store()
            initializer.LOCAL.init.resource_path = self._place()
            yield
        finally:
            initializer.LOCAL.init = local
            if ours is not None and initializer.initializer is ours:
                initializer.initializer = there

    def _place(self) -> str:
        """Give a folder of our own for what the SDK writes: one a process and organisation."""
        if not self._folder:
            self._folder = tempfile.mkdtemp(prefix="crm-expenses-")
            # Also at the end of the process; not in a child, whose parent still needs it.
            self._finalizer = weakref.finalize(self, _removed, self._folder, os.getpid())
        return self._folder


def result_of(crm: str, response: Any, expected: type) -> Any:
    """Give what an answer holds, None where it is empty; all else is an error.

    The SDK gives None for an answer, or an answer without an object, where it could not read it: a
    wrong date in one row, a body cut short. That is never "nothing there".

    Raises:
        RetryableError: the answer was lost, or is not what was asked for.
    """
    if response is None:
        raise answers.wrong_answer(crm, "SDK: no answer")
    status, held = response.get_status_code(), response.get_object()
    if held is None and status in EMPTY:
        return None
    if 200 <= status < 300 and isinstance(held, expected):
        return held
    if status == 400 and isinstance(held, expected):  # every row of it was refused: rows tell
        return held
    raise answers.wrong_answer(crm, f"SDK: {status} {type(held).__name__}")


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one part of a write; `values` are the details that it was told with."""

    is_done: bool
    code: str
    message: str
    values: Mapping[str, object]

    @property
    def id(self) -> str:
        """The id of what was made, as text."""
        return str(self.values.get("id", ""))


def rows_of(rows: object) -> tuple[Row, ...]:
    """Give what became of each part of a write, in its order."""
    return tuple(map(_row, rows)) if isinstance(rows, list) else ()


def _row(row: Any) -> Row:
    return Row(
        plain(row.get_status()) == "success",
        str(plain(row.get_code())),
        str(plain(row.get_message())),
        row.get_details() or {},
    )


def plain(value: Any) -> Any:
    """Take a value out of the SDK's `Choice`; others stay as they are.

    >>> plain("text"), plain(None)
    ('text', None)
    """
    return value.get_value() if type(value).__name__ == "Choice" else value


@dataclass(frozen=True, slots=True)
class _Made:
    """Classes of ours that the SDK wants as subclasses of its own."""

    token: type
    store: type


@dataclass(slots=True)
class _Use:
    """One use of the SDK: the way of its calls, and the error that one of them ended with."""

    wire: ZohoWire
    credits: int
    repeatable: bool | None
    failed: CrmExpensesError | None = None


@contextmanager
def _using(use: _Use) -> Iterator[None]:
    before = getattr(_NOW, "use", None)
    _NOW.use = use
    try:
        yield
    finally:
        _NOW.use = before


_MADE: Final[list[_Made]] = []


def loaded(crm: str = "") -> _Made:
    """Load the SDK once, and put our transport into it.

    Raises:
        ConfigError: it is not there, or not the version that we know.
    """
    with _LOCK:
        if not _MADE:
            demand_version(crm)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of its own, when Python compiles it anew
                connector = importlib.import_module(_CONNECTOR)
                oauth = importlib.import_module(_OAUTH)
            both: tuple[Any, ...] = (connector, oauth)
            for module in both:
                if not isinstance(module.requests, _Requests):
                    module.requests = _Requests(module.requests)
            logging.getLogger(_LOGGER).addFilter(_is_not_ours)
            _MADE.append(_classes())
        return _MADE[0]


def demand_version(crm: str = "") -> None:
    """Refuse to go on without the SDK in the version that we know.

    Raises:
        ConfigError: it is not there, it is another version, or another generation is there, too.
    """
    found = _version(DISTRIBUTION)
    code, name = "", ""
    if found is None:
        code = "zoho.no_sdk"
    elif found != VERSION:
        code, name = "zoho.sdk_version", f"{DISTRIBUTION} {found}"
    for other in OTHERS:
        if not code and _version(other) is not None:
            code, name = "zoho.sdk_twice", other
    if code:
        known = f"{DISTRIBUTION} {VERSION}"
        raise ConfigError(code, crm=crm or "-", known=known, found=name)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _classes() -> _Made:
    token_base: type = importlib.import_module(_TOKEN).Token
    store_base: type = importlib.import_module(_STORE).TokenStore

    def nothing(*_: object) -> None:
        return None

    def authenticate(_: object, __: object) -> None:
        """Add nothing: the wire's token source gives the header as the call leaves."""

    token = type(
        "WireToken",
        (token_base,),
        {"authenticate": authenticate, "generate_token": nothing, "remove": nothing},
    )
    names = ("find_token", "find_token_by_id", "save_token", "delete_token", "delete_tokens")
    return _Made(
        token, type("NoStore", (store_base,), dict.fromkeys((*names, "get_tokens"), nothing))
    )


def _environment() -> object:
    center = importlib.import_module(f"{_API}.dc.data_center").DataCenter
    # Only the path counts: the wire knows where its calls go.
    return center.Environment(_BASE, _BASE, _BASE)


_BASE: Final = "https://zoho.invalid"


def _config() -> object:
    made = importlib.import_module(f"{_API}.sdk_config").SDKConfig
    return made(pick_list_validation=False, update_api_domain=False)


def _removed(folder: str, process: int) -> None:
    if process == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)


def _is_not_ours(_: logging.LogRecord) -> bool:
    """Let pass only what others log through the SDK: of ours, the wire tells what matters."""
    return getattr(_NOW, "use", None) is None


def _refused(crm: str, error: Exception) -> RefusedError:
    """Make the error of a call that the SDK itself would not make; nothing that it holds."""
    code = getattr(error, "code", None)
    cause = getattr(error, "cause", None)
    detail = f"{type(error).__name__} {code if isinstance(code, str) else type(cause).__name__}"
    return RefusedError("zoho.sdk_refused", crm=crm, detail=detail[:200])


class _Requests:
    """What stands where the SDK looks up `requests`: our wire for us, the real one for others."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def get(self, url: str, **given: Any) -> Any:
        """Ask."""
        return self._sent("GET", url, given)

    def post(self, url: str, **given: Any) -> Any:
        """Send."""
        return self._sent("POST", url, given)

    def put(self, url: str, **given: Any) -> Any:
        """Replace."""
        return self._sent("PUT", url, given)

    def patch(self, url: str, **given: Any) -> Any:
        """Change."""
        return self._sent("PATCH", url, given)

    def delete(self, url: str, **given: Any) -> Any:
        """Remove."""
        return self._sent("DELETE", url, given)

    def _sent(self, method: str, url: str, given: Mapping[str, Any]) -> Any:
        use: _Use | None = getattr(_NOW, "use", None)
        if use is None:
            return getattr(self._real, method.lower())(url, **given)
        try:
            return _Reply(use.wire.send(_call(use, method, url, given)))
        except CrmExpensesError as error:
            use.failed = error  # the SDK swallows some of what is raised, and wraps the rest
            raise


def _call(use: _Use, method: str, url: str, given: Mapping[str, Any]) -> Call:
    path = url.removeprefix(f"{_BASE}/")
    if path == url or "://" in path or given.get("files"):
        # A link that was answered, a token's call, an upload (its query would be lost).
        raise RefusedError("zoho.sdk_refused", crm=use.wire.crm, detail=f"{method} beside the API")
    headers = {
        name: str(value)
        for name, value in (given.get("headers") or {}).items()
        if name.lower() not in _NOT_OURS
    }
    body = given.get("data")
    return Call(
        method,
        path,
        query={name: str(value) for name, value in (given.get("params") or {}).items()},
        json=read_json(body if isinstance(body, bytes) else str(body).encode()) if body else None,
        headers=headers,
        credits=use.credits,
        repeatable=use.repeatable,
    )


class _Reply:
    """An answer of the wire as the SDK reads one."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.headers = dict(answer.headers)
        self._body = answer.body
        if answer.body is not None:
            self.headers["Content-Type"] = "application/json"

    def json(self) -> object:
        """Give the body, with the floats that the SDK expects."""
        return _with_floats(self._body)


def _with_floats(value: Received) -> object:
    if isinstance(value, Decimal):
        made = float(value)
        if Decimal(repr(made)) != value:
            raise RefusedError("http.number_digits", value=str(value)[:60])
        return made
    if isinstance(value, list):
        return [_with_floats(one) for one in value]
    if isinstance(value, dict):
        return {name: _with_floats(one) for name, one in value.items()}
    return value
