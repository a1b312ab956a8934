"""Where things are in answers and addresses of a CRM that nobody has described yet. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from crm_expenses.adapters.exchange import Received
from crm_expenses.adapters.rest.discovered import Collection
from crm_expenses.adapters.rest.guess import escaped, plain

_LISTS: Final = ("items", "data", "results", "value", "records", "rows", "list", "content")
"""What a list is called that may be empty: an empty one shows no records to know it by."""

_END: Final = re.compile(r"api|rest|odata|v[0-9]+(\.[0-9]+)*", re.IGNORECASE)
"""Parts of a path behind which its lists stand: the API, and its version."""

Rows = list[Mapping[str, Received]]


def place_of(
    body: Received,
) -> tuple[str, Rows, dict[str, Received]] | None:
    """Find the list of records in an answer: where it is, its records, and what is beside it."""
    if isinstance(body, list):
        rows = [row for row in body if isinstance(row, dict)]
        return ("", list(rows), {}) if rows or not body else None
    if not isinstance(body, dict):
        return None
    for path, held in _inside(body):
        rows = [row for row in held if isinstance(row, dict)]
        is_empty = not held and plain(path) in _LISTS
        if is_empty or (rows and not _are_links(rows)):
            beside = {name: value for name, value in body.items() if escaped(name) != path}
            return path, list(rows), beside
    return None


def named_in(body: Received) -> Iterator[tuple[str, str]]:
    """Give the lists that an index names: an object of links, or OData's list of them."""
    if not isinstance(body, dict):
        return
    for name, held in body.items():
        if isinstance(held, str) and ("/" in held):
            yield name, held
        if isinstance(held, list):
            for row in held:
                if isinstance(row, dict) and {"name", "url"} <= {*row}:
                    yield str(row["name"]), str(row["url"])


def base_of(path: str) -> str:
    """Guess where the base address ends: behind its last api or version, else before the list.

    >>> base_of("/rest/api/v2.1/accounts"), base_of("/crm/accounts"), base_of("/accounts")
    ('/rest/api/v2.1', '/crm', '')
    """
    parts = [part for part in path.split("/") if part]
    ends = [at for at, part in enumerate(parts[:-1]) if _END.fullmatch(part)]
    kept = parts[: ends[-1] + 1] if ends else parts[:-1]
    return "".join(f"/{part}" for part in kept)


def common(paths: Sequence[str]) -> str:
    """Give what all paths begin with, by whole parts.

    >>> common(["/api/v1", "/api/v2"]), common(["/api", "/api"])
    ('/api', '/api')
    """
    split = [path.split("/") for path in paths]
    kept: list[str] = []
    for parts in zip(*split, strict=False):
        if len(set(parts)) > 1:
            break
        kept.append(parts[0])
    return "/".join(kept)


def moved(one: Collection, base: str, to: str) -> Collection:
    """Give a list whose paths began below one base address, below a shorter one."""
    more = base.removeprefix(to)
    item = more + one.item_path if one.item_path else ""
    return replace(one, list_path=more + one.list_path, item_path=item)


def _inside(body: Mapping[str, Received], above: str = "", depth: int = 2) -> Iterator[
    tuple[str, list[Received]]
]:  # fmt: skip
    for name, held in body.items():
        if isinstance(held, list):
            yield above + escaped(name), held
    if depth:
        for name, held in body.items():
            if isinstance(held, dict):
                yield from _inside(held, f"{above}{escaped(name)}.", depth - 1)


def _are_links(rows: Sequence[Mapping[str, Received]]) -> bool:
    """Say whether a list names lists, as OData does, and holds no records itself."""
    return all({"name", "url"} <= {*row} and len(row) <= 4 for row in rows)
