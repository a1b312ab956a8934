"""What an OpenAPI document (3.0, 3.1; JSON) says of a CRM. Pure: no reference leads out of it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

from crm_expenses.adapters.rest.discovered import Collection, Discovered, SignsIn, Why
from crm_expenses.adapters.rest.guess import Seen, escaped, kind_of, plain
from crm_expenses.adapters.rest.guesswords import GENERIC
from crm_expenses.adapters.rest.spec import AuthKind
from crm_expenses.errors import ConfigError

DEPTH_MAX: Final = 4
"""How deep a schema is followed: the answer, its list, a record's fields, what stands in them."""

PATHS_MAX: Final = 20_000
NODES_MAX: Final = 300_000
"""Schemas that are looked at: a document may refer to itself again and again."""

REFERENCES_MAX: Final = 50
_PARAMETER: Final = re.compile(r"\{[^{}/]+\}")
_FORMATS: Final = {"date": "date", "date-time": "date-time"}

Node = Mapping[str, Any]


def is_document(data: object) -> bool:
    """Say whether some JSON is an OpenAPI document, of any version."""
    return isinstance(data, dict) and ("openapi" in data or "swagger" in data)


def discovered(data: Node, source: str) -> Discovered:
    """Read a document; `source` is the address or the file it came from.

    Raises:
        ConfigError: its version is none that is read, or it has no paths.
    """
    version = str(data.get("openapi") or data.get("swagger") or "-")
    if not version.startswith(("3.0", "3.1")):
        raise ConfigError("connect.version", source=source, version=version[:20])
    reader = _Reader(data)
    origin, base = _server(data, source)
    paths = data.get("paths")
    if not isinstance(paths, dict) or not paths:
        raise ConfigError("connect.no_paths", source=source)
    info = data.get("info")
    title = str(info.get("title") or "CRM") if isinstance(info, dict) else "CRM"
    lists = [path for path in list(paths)[:PATHS_MAX] if _is_list(reader, paths[path], path)]
    known = [path for path in lists if kind_of(name_of(path))]
    return Discovered(
        title[:80],
        origin,
        base,
        source,
        _signs_in(reader),
        tuple(_collections(reader, paths, known)),
        tuple(path for path in lists if path not in known),
    )


class _Reader:
    """Follows references inside one document."""

    def __init__(self, data: Node) -> None:
        self.data = data
        self.nodes = 0

    def node(self, held: object) -> Node:
        """Give a node, or what it refers to; an empty one for what is none, or leads out."""
        for _ in range(REFERENCES_MAX):
            if not isinstance(held, dict):
                return {}
            reference = held.get("$ref")
            if not isinstance(reference, str):
                return held
            if not reference.startswith("#/"):
                return {}
            target: object = self.data
            for step in reference[2:].split("/"):
                name = step.replace("~1", "/").replace("~0", "~")
                target = target.get(name) if isinstance(target, dict) else None
            held = target
        return {}

    def schema(self, held: object, depth: int = 0) -> Node:
        """Give a schema with what it is made of put together: `allOf`, or the first choice."""
        node = self.node(held)
        self.nodes += 1
        if self.nodes > NODES_MAX:
            raise ConfigError("connect.deep", limit=str(NODES_MAX))
        if depth > DEPTH_MAX:
            return {}
        merged: dict[str, Any] = dict(node)
        for part in _list(node.get("allOf")):
            inner = self.schema(part, depth + 1)
            properties = {**inner.get("properties", {}), **merged.get("properties", {})}
            merged = {**inner, **merged}
            if properties:
                merged["properties"] = properties
        if "properties" not in merged and "items" not in merged:
            for part in (*_list(node.get("oneOf")), *_list(node.get("anyOf"))):
                inner = self.schema(part, depth + 1)
                if inner and inner.get("type") != "null":
                    return {**merged, **inner}
        return merged

    def seen(self, held: object, depth: int = 0) -> Seen:
        """Say what a field holds."""
        node = self.schema(held)
        form = _type(node)
        words = tuple(str(word) for word in _list(node.get("enum")) if isinstance(word, str))
        inner: dict[str, Seen] = {}
        if depth < DEPTH_MAX:
            below = self.schema(node.get("items")) if form == "array" else node
            properties = below.get("properties")
            if isinstance(properties, dict):
                inner = {str(n): self.seen(part, depth + 1) for n, part in properties.items()}
        return Seen(form, _FORMATS.get(str(node.get("format")), ""), words[:20], inner)


def _is_list(reader: _Reader, held: object, path: str) -> bool:
    return bool(reader.node(reader.node(held).get("get"))) and not _PARAMETER.search(path)


def _collections(reader: _Reader, paths: Node, known: list[str]) -> Iterator[Collection]:
    for path in known:
        item = reader.node(paths[path])
        get = reader.node(item.get("get"))
        answer = _answer(reader, get)
        place = _place(reader, answer) if answer else None
        if place is None:
            continue
        records, rows, envelope = place
        single_path, single = _single(reader, paths, path)
        changes = [m for m in ("patch", "put") if m in single]
        parameters = list(_parameters(reader, item, get))
        yield Collection(
            name_of(path),
            path,
            rows,
            records,
            envelope,
            tuple(one["name"] for one in parameters),
            _first_page(parameters),
            _size_max(parameters),
            single_path,
            _wrapped(reader, single),
            changes[0].upper() if changes else "",
            "post" in item,
            "delete" in single,
            is_described=True,
        )


def name_of(path: str) -> str:
    """Give the part of a path that says what the records are, empty for none.

    >>> name_of("/api/v1/expense_claims/records"), name_of("/api/"), name_of("/Expense%20Claim")
    ('expense_claims', '', 'Expense Claim')
    """
    parts = [part for part in path.split("/") if part and not _PARAMETER.search(part)]
    telling = [part for part in parts if plain(part) not in GENERIC]
    return unquote(telling[-1]) if telling else ""


def _answer(reader: _Reader, operation: Node) -> Node:
    """Give the schema of a good answer, empty for none."""
    responses = reader.node(operation.get("responses"))
    for status in ("200", "201", "2XX", "default"):
        content = reader.node(reader.node(responses.get(status)).get("content"))
        for kind, held in content.items():
            if "json" in kind:
                return reader.schema(reader.node(held).get("schema"))
    return {}


def _place(reader: _Reader, answer: Node) -> tuple[str, Mapping[str, Seen], dict[str, Seen]] | None:
    """Find the list of records in an answer: where it is, its fields, and what is beside it."""
    if _type(answer) == "array":
        return "", reader.seen(answer).inner, {}
    beside = reader.seen(answer).inner
    for path, held in _lists(beside):
        return path, held.inner, {n: one for n, one in beside.items() if n != path}
    return None


def _lists(
    fields: Mapping[str, Seen], above: str = "", depth: int = 2
) -> Iterator[tuple[str, Seen]]:
    """Give the lists of objects in an answer, those at the top first."""
    for name, held in fields.items():
        if held.form == "array" and held.inner:
            yield above + escaped(name), held
    if depth:
        for name, held in fields.items():
            if held.form == "object":
                yield from _lists(held.inner, f"{above}{escaped(name)}.", depth - 1)


def _single(reader: _Reader, paths: Node, path: str) -> tuple[str, Node]:
    """Give the path of one record of a list, and its operations."""
    below = re.compile(re.escape(path.rstrip("/")) + r"/\{[^{}/]+\}/?")
    for other in paths:
        if below.fullmatch(other):
            end = "/" if other.endswith("/") else ""
            return f"{path.rstrip('/')}/{{id}}{end}", reader.node(paths[other])
    return "", {}


def _wrapped(reader: _Reader, single: Node) -> str:
    """Say where one record stands in the answer to a read, empty for the whole answer."""
    answer = _answer(reader, reader.node(single.get("get")))
    fields = reader.seen(answer).inner
    inner = [name for name, held in fields.items() if held.form == "object" and held.inner]
    plainly = [name for name in inner if plain(name) in ("data", "item", "record", "result")]
    return escaped(plainly[0]) if plainly and len(fields) <= 4 else ""


def _parameters(reader: _Reader, item: Node, operation: Node) -> Iterator[Node]:
    for held in (*_list(item.get("parameters")), *_list(operation.get("parameters"))):
        node = reader.node(held)
        if node.get("in") == "query" and isinstance(node.get("name"), str):
            yield {**node, "schema": reader.schema(node.get("schema"))}


def _first_page(parameters: list[Node]) -> int | None:
    """Say which page is the first, where the document says it."""
    for one in parameters:
        if plain(one["name"]).startswith("page") and "size" not in plain(one["name"]):
            for key in ("minimum", "default"):
                if one["schema"].get(key) in (0, 1):
                    return int(one["schema"][key])
    return None


def _size_max(parameters: list[Node]) -> int:
    """Give how many records a page may have, 0 where nothing says it."""
    sizes = [
        one["schema"].get("maximum")
        for one in parameters
        if "size" in plain(one["name"]) or plain(one["name"]) in ("limit", "perpage", "top", "max")
    ]
    return next((int(n) for n in sizes if isinstance(n, int) and 1 <= n <= 100_000), 0)


def _server(data: Node, source: str) -> tuple[str, str]:
    """Give the origin and the path of the first server; no origin where only a file knows it."""
    servers = _list(data.get("servers"))
    first = servers[0] if servers and isinstance(servers[0], dict) else {}
    url = str(first.get("url") or "/")
    variables = first.get("variables")
    for name, held in (variables if isinstance(variables, dict) else {}).items():
        default = held.get("default") if isinstance(held, dict) else None
        url = url.replace(f"{{{name}}}", str(default or ""))
    whole = urljoin(source, url) if "://" in source else url
    parts = urlsplit(whole)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""
    return origin, parts.path.rstrip("/")


def _signs_in(reader: _Reader) -> SignsIn:
    """Guess how one signs in: what the whole document asks for first, else any that we know."""
    components = reader.node(reader.data.get("components"))
    schemes = reader.node(components.get("securitySchemes"))
    wanted = [name for one in _list(reader.data.get("security")) for name in one]
    for name in (*(n for n in wanted if n in schemes), *schemes):
        made = _scheme(reader.node(schemes[name]), str(name))
        if made is not None:
            return made
    return SignsIn(AuthKind.NONE, Why("look.no_scheme"))


def _scheme(held: Node, name: str) -> SignsIn | None:
    why = Why("look.scheme", {"name": name})
    match held.get("type"), str(held.get("scheme", "")).lower(), held.get("in"):
        case "http", "bearer", _:
            return SignsIn(AuthKind.BEARER, why)
        case "http", "basic", _:
            return SignsIn(AuthKind.BASIC, why)
        case "apiKey", _, "header":
            return SignsIn(AuthKind.API_KEY, why, header=str(held.get("name", "")))
        case "apiKey", _, "query":
            return SignsIn(AuthKind.API_KEY, why, query=str(held.get("name", "")))
        case "oauth2", _, _:
            return _oauth2(held, why)
        case "openIdConnect", _, _:
            return SignsIn(AuthKind.BEARER, Why("look.openid", {"name": name}))
        case _:
            return None


def _oauth2(held: Node, why: Why) -> SignsIn | None:
    kinds = {
        "clientCredentials": AuthKind.OAUTH2_CLIENT_CREDENTIALS,
        "authorizationCode": AuthKind.OAUTH2_REFRESH_TOKEN,
        "password": AuthKind.OAUTH2_PASSWORD,
    }
    flows = held.get("flows")
    for name, kind in kinds.items():
        flow = flows.get(name) if isinstance(flows, dict) else None
        if isinstance(flow, dict) and flow.get("tokenUrl"):
            scopes = flow.get("scopes")
            asked = " ".join(scopes) if isinstance(scopes, dict) and len(scopes) <= 5 else ""
            return SignsIn(kind, why, path=str(flow["tokenUrl"]), scope=asked)
    return None


def _type(node: Node) -> str:
    """Give the JSON type of a schema: 3.1 may list several, of which null says nothing."""
    held = node.get("type")
    names = [one for one in (held if isinstance(held, list) else [held]) if one != "null"]
    if len(names) == 1 and isinstance(names[0], str):
        return names[0]
    if "properties" in node:
        return "object"
    return "array" if "items" in node else ""


def _list(held: object) -> list[Any]:
    return held if isinstance(held, list) else []
