"""Finding out how a list is paged, by asking for single records and looking which ones come. Pure.

`ask` sends the parameters and gives the answer, None where it was refused. At most some thirty
questions are asked of one list, and of the next lists of the same CRM two.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from crm_expenses.adapters.exchange import Received
from crm_expenses.adapters.rest.guess import Paged, paged_of, seen_fields
from crm_expenses.adapters.rest.path import found
from crm_expenses.adapters.rest.peekshape import Rows, place_of

TRIED: Final = "look.tried"
TOO_FEW: Final = "look.too_few"

PAGINGS: Final = (
    ("page", "perPage"), ("page", "per_page"), ("page", "page_size"), ("page", "pageSize"),
    ("offset", "limit"), ("skip", "limit"), ("page", "limit"), ("page", "size"),
    ("offset", "maxSize"), ("$skip", "$top"),
)  # fmt: skip
"""Pairs of parameters that are tried on one list, to see which of them it obeys."""

CURSORS: Final = ("cursor", "after", "starting_after", "page_token", "pageToken")
SIZES: Final = ("limit", "per_page", "page_size", "pageSize")

Ask = Callable[[Mapping[str, str]], Received]


def tried_pages(ask: Ask, rows: Rows, records: str, tried: list[tuple[str, str]]) -> Paged:
    """Say how the pages of a list are asked for; what worked is put into `tried`.

    `rows` are the records of the first page, at least two; `records` is where they stand.
    """
    for param, size in dict.fromkeys((*tried, *PAGINGS)):
        made = _counted(ask, rows, records, param, size)
        if made is not None:
            tried.append((param, size))
            return made
    for size in SIZES:
        body = ask({size: "1"})
        if _rows(body, records) == list(rows[:1]):
            return _cursor(ask, rows, records, size, body) or Paged("none", "look.no_paging")
    return Paged("none", "look.no_paging")


def _counted(ask: Ask, rows: Rows, records: str, param: str, size: str) -> Paged | None:
    """Ask for the first two pages of one record each, by their number or offset."""
    first = 1 if param == "page" else 0
    one, two = (_rows(ask({size: "1", param: str(n)}), records) for n in (first, first + 1))
    if (one, two) == ([rows[0]], [rows[1]]):
        kind = "page_number" if param == "page" else "offset"
        return Paged(kind, TRIED, param, size, first)
    if param == "page" and one == [rows[1]]:
        return Paged("page_number", TRIED, param, size, 0)
    return None


def _cursor(ask: Ask, rows: Rows, records: str, size: str, body: Received) -> Paged | None:
    """Look for the CRM's own cursor in an answer of one record, and go on from it."""
    place = place_of(body)
    beside = seen_fields([place[2]]) if place is not None else {}
    for param in CURSORS:
        told = paged_of((param,), beside)
        held = found(body, told.place) if told.kind == "cursor" else None
        if not isinstance(held, str | int) or isinstance(held, bool) or not held:
            continue
        if _rows(ask({size: "1", param: str(held)}), records) == [rows[1]]:
            return Paged("cursor", TRIED, param, size, place=told.place)
    return None


def _rows(body: Received, records: str) -> Sequence[Mapping[str, Received]]:
    place = place_of(body)
    return list(place[1]) if place is not None and place[0] == records else []
