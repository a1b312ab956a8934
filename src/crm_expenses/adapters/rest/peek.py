"""A look at a CRM over the network, before there is a connection file: a few calls that only read.

The same bounds and the same manners as for every CRM: one host, no redirect, no private address
unless that is said, bounded bytes and seconds. The token is sent to that one host.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from crm_expenses.adapters.exchange import Limits, Received, Reply, Request, Secret, read_json
from crm_expenses.adapters.rest.discovered import Collection, Discovered, SignsIn, Why
from crm_expenses.adapters.rest.guess import (
    Paged,
    escaped,
    id_of_names,
    kind_of,
    paged_of,
    plain,
    seen_fields,
)
from crm_expenses.adapters.rest.openapi import discovered as of_document
from crm_expenses.adapters.rest.openapi import is_document, name_of
from crm_expenses.adapters.rest.path import found as at_path
from crm_expenses.adapters.rest.peekshape import (
    Rows,
    base_of,
    common,
    moved,
    named_in,
    place_of,
)
from crm_expenses.adapters.rest.spec import AuthKind
from crm_expenses.adapters.rest.trypages import TOO_FEW, TRIED, tried_pages
from crm_expenses.adapters.transport import Transport
from crm_expenses.errors import AuthError, ConfigError, RefusedError

DOCUMENT_BYTES_MAX: Final = 30_000_000
LIMITS: Final = Limits(
    call_seconds=60, total_seconds=90, attempts_max=2, body_bytes_max=DOCUMENT_BYTES_MAX
)
AUTHORIZATION: Final = "Authorization"
LISTS_MAX: Final = 12
"""Lists of an index that are looked into."""


_YAML: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Asking:
    """How to ask: the variable with the token, the header that carries it, and where it may go."""

    token_variable: str = ""
    token_header: str = AUTHORIZATION
    private: bool = False
    plain_http: bool = False


def looked_at(sources: Sequence[str], asking: Asking) -> Discovered:
    """Look at addresses, or at one OpenAPI document, by its file or its address.

    Raises:
        ConfigError: there is nothing to read there, or it is nothing that we know.
        CrmExpensesError: the address could not be read.
    """
    first = sources[0]
    if "://" not in first:
        return of_document(_file(Path(first)), first)
    tried: list[tuple[str, str]] = []
    found = [_Peek(address, asking, tried).found() for address in sources]
    one = found[0]
    strange = [each.origin for each in found if each.origin != one.origin]
    if strange:
        raise ConfigError("connect.two_hosts", first=one.origin, second=strange[0])
    base = common([each.base_path for each in found])
    lists = [
        moved(one, each.base_path, base) for each in found for one in each.collections
    ]  # fmt: skip
    others = tuple(name for each in found for name in each.others)
    return replace(one, base_path=base, collections=tuple(_alike(lists)), others=others)


def _alike(lists: Sequence[Collection]) -> Iterator[Collection]:
    """Let a list of too few records be paged as the others of its host are, where those agree."""
    known = {one.paged for one in lists if one.paged is not None and one.paged.why == TRIED}
    for one in lists:
        is_unknown = one.paged is not None and one.paged.why == TOO_FEW
        if is_unknown and len(known) == 1:
            yield replace(one, paged=replace(next(iter(known)), why="look.like_others"))
        else:
            yield one


def _file(path: Path) -> Mapping[str, Received]:
    if path.suffix.lower() in _YAML:
        raise ConfigError("connect.yaml", source=str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(DOCUMENT_BYTES_MAX + 1)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise ConfigError("connect.no_source", source=str(path), detail=detail) from error
    if len(raw) > DOCUMENT_BYTES_MAX:
        raise ConfigError("connect.large", source=str(path), limit=str(DOCUMENT_BYTES_MAX))
    data = _json(raw, str(path))
    if not is_document(data) or not isinstance(data, dict):
        raise ConfigError("connect.no_document", source=str(path))
    return data


def _json(raw: bytes, source: str) -> Received:
    try:
        return read_json(raw)
    except RefusedError as error:
        start = raw.lstrip()[:200]
        if start.startswith((b"openapi:", b"swagger:", b"---", b"#")):
            raise ConfigError("connect.yaml", source=source) from error
        detail = error.problems[0].values.get("detail", error.code)
        raise ConfigError("connect.no_json", source=source, detail=detail) from error


class _Peek:
    """Calls to one address and to what stands below it.

    `tried` are the pairs of parameters that other lists obeyed: they are tried first. A query may
    hold a key, so that it is sent and shown nowhere.
    """

    def __init__(self, address: str, asking: Asking, tried: list[tuple[str, str]]) -> None:
        try:
            parts = urlsplit(address)
        except ValueError as error:
            detail = "it is not an address"
            raise ConfigError("connect.no_source", source=address[:60], detail=detail) from error
        self.asking = asking
        self.tried = tried
        self.address = parts._replace(query="", fragment="").geturl()
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.query = parts.query
        self.path = parts.path
        self._transport = Transport(
            parts.hostname or "-",
            self.origin,
            secrets=_secrets(asking),
            limits=LIMITS,
            plain_http=asking.plain_http,
            public_only=not asking.private,
        )

    def found(self) -> Discovered:
        """Say what is there."""
        try:
            return self._found()
        finally:
            self._transport.close()

    def _found(self) -> Discovered:
        try:
            reply = self._get(self.path + (f"?{self.query}" if self.query else ""))
        except RefusedError as error:
            if error.code != "http.private":
                raise
            raise ConfigError("connect.private", source=self.address) from error
        except AuthError as error:
            if self.asking.token_variable:
                raise
            status = error.problems[0].values.get("status", "-")
            raise AuthError("connect.needs_token", source=self.address, status=status) from error
        body = _json(reply.body, self.address)
        if is_document(body) and isinstance(body, dict):
            made = of_document(body, self.address)
            return made if made.origin else replace(made, origin=self.origin)
        one = self._list(self.path, body, reply)
        lists = [one] if one is not None else list(self._index(body))
        if not lists:
            raise ConfigError("connect.no_list", source=self.address)
        known = [each for each in lists if kind_of(each.name)]
        unknown = [each for each in lists if each not in known]
        if len(lists) == 1:  # it is what the person asked for, whatever it is called
            known, unknown = lists, []
        others = tuple(each.list_path for each in unknown)
        base = base_of(self.path if one is not None else self.path.rstrip("/") + "/x")
        lists = [
            replace(
                each,
                list_path=each.list_path.removeprefix(base),
                item_path=each.item_path.removeprefix(base),
            )
            for each in known
        ]
        return Discovered(
            urlsplit(self.origin).hostname or "CRM",
            self.origin,
            base,
            self.address,
            self._signs_in(),
            tuple(lists),
            others,
        )

    # --- lists ---

    def _list(self, path: str, body: Received, reply: Reply) -> Collection | None:
        """Give the list that an answer is, None where it is none."""
        place = place_of(body)
        if place is None:
            return None
        records, rows, beside = place
        if not rows:
            raise ConfigError("connect.empty", source=path)
        fields, envelope = seen_fields(rows), seen_fields([beside])
        item, single = self._item(path, rows)
        made = Collection(
            name_of(path) or "records", path, fields, records, envelope,
            item_path=item, single=single,
        )  # fmt: skip
        return replace(made, paged=self._paged(path, made, rows, reply))

    def _index(self, body: Received) -> Iterator[Collection]:
        """Follow what an index of lists names, where its names say what they are."""
        for name, target in list(named_in(body))[:LISTS_MAX]:
            if kind_of(name) is None or not self._is_below(target):
                continue
            path = self._path(target)
            try:
                reply = self._get(path)
                one = self._list(path, read_json(reply.body), reply)
            except (RefusedError, AuthError, ConfigError):
                continue
            if one is not None:
                yield one

    def _is_below(self, target: str) -> bool:
        parts = urlsplit(target)
        return not parts.netloc or f"{parts.scheme}://{parts.netloc}" == self.origin

    def _path(self, target: str) -> str:
        path = urlsplit(target).path
        return path if path.startswith("/") else f"{self.path.rstrip('/')}/{path}"

    def _item(self, path: str, rows: Rows) -> tuple[str, str]:
        """Look whether one record is found by its id below the list, and where it stands there."""
        key = id_of_names(rows[0]) if rows else ""
        name = rows[0].get(key) if key else None
        if not isinstance(name, str | int) or not _is_safe(str(name)):
            return "", ""
        try:
            body = read_json(self._get(f"{path.rstrip('/')}/{name}").body)
        except (RefusedError, AuthError):
            return "", ""
        if isinstance(body, dict):
            if body.get(key) == name:
                return f"{path.rstrip('/')}/{{id}}", ""
            for inner, held in body.items():
                if isinstance(held, dict) and held.get(key) == name:
                    return f"{path.rstrip('/')}/{{id}}", escaped(inner)
        return "", ""

    def _paged(self, path: str, one: Collection, rows: Rows, reply: Reply) -> Paged:
        """Find out how pages are asked for: by what the answer says, else by trying."""
        if 'rel="next"' in reply.headers.get("link", "").replace("'", '"'):
            return Paged("header_link", "look.header_link")
        told = paged_of((), one.envelope)
        if told.kind == "json_link" and _is_link(at_path(reply.json(), told.place)):
            return told
        if len(rows) < 2:
            return Paged("none", TOO_FEW)

        def ask(query: Mapping[str, str]) -> Received:
            try:
                return read_json(self._get(path, query).body)
            except (RefusedError, AuthError):
                return None

        return tried_pages(ask, rows, one.records or "", self.tried)

    # --- calls ---

    def _get(self, target: str, query: Mapping[str, str] | None = None) -> Reply:
        headers = {"Accept": "application/json"}
        return self._transport.send(Request("GET", target, query or {}, headers=headers))

    def _signs_in(self) -> SignsIn:
        if not self.asking.token_variable:
            return SignsIn(AuthKind.NONE, Why("look.open"))
        header = self.asking.token_header
        if plain(header) == "authorization":
            return SignsIn(AuthKind.BEARER, Why("look.asked"))
        return SignsIn(AuthKind.API_KEY, Why("look.asked"), header=header)


def _secrets(asking: Asking) -> dict[str, Secret]:
    if not asking.token_variable:
        return {}
    token = os.environ.get(asking.token_variable, "").strip()
    if not token:
        raise ConfigError("connect.no_token", variable=asking.token_variable)
    is_bearer = plain(asking.token_header) == "authorization" and " " not in token
    return {asking.token_header: Secret(f"Bearer {token}" if is_bearer else token)}


def _is_link(held: object) -> bool:
    return held is None or (isinstance(held, str) and ("/" in held or "?" in held))


def _is_safe(name: str) -> bool:
    return bool(name) and all(c.isalnum() or c in "-_" for c in name)
