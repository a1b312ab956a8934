"""How one comes from page to page, as a connection file says it. Pure.

A place is a text that a cursor can hold: the number of a page, an offset, the CRM's own cursor, or
a link. Paging never ends on a total that the CRM names: totals are estimates in more than one CRM.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from crm_expenses.adapters import answers
from crm_expenses.adapters.exchange import Received
from crm_expenses.adapters.rest.path import found
from crm_expenses.adapters.rest.spec import Category, Paging, PagingKind, Stop
from crm_expenses.adapters.rest.template import Template
from crm_expenses.adapters.rest.wire import Answer, Extra
from crm_expenses.core.record import Json

_LINK: Final = re.compile(r"<([^<>]*)>([^,]*)")
_NEXT: Final = re.compile(r";\s*rel=\"?next\"?", re.IGNORECASE)
_LINKS: Final = frozenset({PagingKind.JSON_LINK, PagingKind.HEADER_LINK})
_COUNTED: Final = frozenset({PagingKind.PAGE_NUMBER, PagingKind.OFFSET})


@dataclass(frozen=True, slots=True)
class Pager:
    """The pages of one reading. `crm` is named in errors."""

    crm: str
    paging: Paging

    @property
    def first(self) -> str:
        """The place of the first page."""
        if self.paging.kind is PagingKind.PAGE_NUMBER:
            return str(self.paging.first)
        return "0" if self.paging.kind is PagingKind.OFFSET else ""

    @property
    def is_counted(self) -> bool:
        """Whether pages are counted from the beginning, so that rows may shift between them."""
        return self.paging.kind in _COUNTED

    def ask(self, place: str) -> Extra:
        """Give what asks for the page at a place."""
        paging, values = self.paging, dict[str, Json]()
        if paging.kind in _LINKS and place:
            return Extra(link=place)
        if paging.size_param and paging.kind is not PagingKind.NONE:
            values[paging.size_param] = paging.size
        if paging.param and place:
            values[paging.param] = self._written(place)
        match paging.place:
            case "query":
                return Extra(query=cast("dict[str, Template]", values))
            case "body":
                return Extra(puts=values)
            case _:
                return Extra(headers={name: str(value) for name, value in values.items()})

    def _written(self, place: str) -> Json:
        if not self.is_counted:
            return place
        start = int(place)
        if not self.paging.range:
            return start
        ends = {"{start}": start, "{end}": start + self.paging.size}
        ends["{last}"] = ends["{end}"] - 1
        text = self.paging.range
        for name, number in ends.items():
            text = text.replace(name, str(number))
        return text

    def next(self, place: str, answer: Answer, count: int, honoured: int) -> str | None:
        """Give the place of the next page, None behind the last.

        `count` are the records of this page, `honoured` those of the first: as many as the CRM
        really gives, whatever was asked for.

        Raises:
            RetryableError: the answer says that there is more, and not where.
        """
        paging = self.paging
        if paging.kind is PagingKind.NONE or answer.category is Category.END:
            return None
        if self._is_last(answer, count, honoured):
            return None
        match paging.kind:
            case PagingKind.KEYSET:
                return ""
            case PagingKind.PAGE_NUMBER:
                return str(int(place) + 1)
            case PagingKind.OFFSET:
                return str(int(place) + count)
            case PagingKind.CURSOR:
                return self._told(found(answer.body, paging.cursor_path), place)
            case PagingKind.JSON_LINK:
                return self._told(found(answer.body, paging.link_path), place)
            case _:
                return self._told(_next_link(answer.headers), place)

    def _is_last(self, answer: Answer, count: int, honoured: int) -> bool:
        paging = self.paging
        match paging.ends:
            case Stop.SHORT_PAGE:
                return count == 0 or count < min(honoured, paging.size)
            case Stop.EMPTY_PAGE:
                return count == 0
            case Stop.HAS_MORE:
                more = found(answer.body, paging.more_path)
                if not isinstance(more, bool):
                    raise answers.wrong_answer(self.crm, f"{paging.more_path} is not yes or no")
                return not more
            case Stop.NO_CURSOR:
                return False

    def _told(self, held: object, place: str) -> str | None:
        """Read the CRM's cursor or link; the same one again would go on for ever."""
        if isinstance(held, int) and not isinstance(held, bool):
            held = str(held)
        if not isinstance(held, str) or not held:
            return None
        if held == place:
            raise answers.wrong_answer(self.crm, "the next page is the same page again")
        return held


def _next_link(headers: Mapping[str, str]) -> Received:
    for link, rest in _LINK.findall(headers.get("link", "")):
        if _NEXT.search(rest):
            return str(link)
    return None
