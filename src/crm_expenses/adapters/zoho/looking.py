"""Records by their ids, read now: for a look, and before a write that must know what is there."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Gone, Page, Received, SetAside
from crm_expenses.adapters.zoho import query
from crm_expenses.adapters.zoho.asking import IDS_MAX, Asking, Rows
from crm_expenses.adapters.zoho.credits import cost_of_coql
from crm_expenses.adapters.zoho.mapping import (
    ID,
    Row,
    Source,
    id_of,
    is_there,
    origin_of,
    received,
)
from crm_expenses.adapters.zoho.metadata import Metadata
from crm_expenses.adapters.zoho.reading import Habits
from crm_expenses.adapters.zoho.users import UserReading

MANY: Final = 400
"""Records beyond which it may cost less to read all that stand between them."""


def pages_worth(records: int) -> int:
    """Give how many full pages cost no more than asking for so many records by their ids.

    >>> pages_worth(400), pages_worth(10_000)
    (2, 66)
    """
    return records // query.IN_MAX // cost_of_coql(query.ROWS_MAX)


class Looking:
    """Reads records of an organisation by their ids."""

    def __init__(self, asking: Asking, zone: tzinfo, habits: Habits, metadata: Metadata) -> None:
        self._asking = asking
        self._zone = zone
        self._habits = habits
        self._metadata = metadata

    def page(self, source: Source, names: Sequence[str]) -> Page:
        """Give some records: each is a fact, set aside, or gone."""
        crm = self._asking.wire.crm
        rows = self.rows(source, names)
        there = {name: row for name, row in rows.items() if is_there(source, row)}
        made = [received(crm, source, row, self._zone) for row in there.values()]
        return Page(
            source.kind,
            tuple(one for one in made if isinstance(one, Received)),
            tuple(one for one in made if isinstance(one, SetAside)),
            "",
            gone=tuple(
                Gone(origin_of(crm, source, name))
                for name in dict.fromkeys(names)
                if name not in there
            ),
        )

    def rows(
        self, source: Source, names: Sequence[str], more: Sequence[str] = ()
    ) -> dict[str, Row]:
        """Give the rows that are there, by id; what is no id is not asked for.

        `more` are columns beside those that the map reads.
        """
        wanted = [name for name in dict.fromkeys(names) if query.is_id(name)]
        if source.is_users:
            return UserReading(self._asking, source, self._zone, self._habits).rows(wanted)
        columns = list(dict.fromkeys((*source.columns, *more)))
        by_list = self._habits.by_list or source.is_subform
        if by_list:
            self._metadata.demand(source)
        held: dict[str, Row] = {}
        most = IDS_MAX if by_list else query.IN_MAX
        left = wanted
        if not by_list and len(wanted) > MANY:
            held, left = self._ranged(source, columns, wanted)
        while left:
            some = left[:most]
            if by_list:
                found = self._listed(source, columns, some)
            else:
                where, rows = query.among(ID, some), query.ROWS_SAFE
                found = self._asking.query(columns, source.module, where, order=(ID,), rows=rows)
            came = {id_of(row) for row in found.rows}
            if not came <= {*some} or (found.has_more and not came):
                detail = "records came that were not asked for"
                raise answers.wrong_answer(self._asking.wire.crm, detail)
            held |= {id_of(row): row for row in found.rows}
            done = came if found.has_more else set(some)
            left = [name for name in left if name not in done]
        return {name: held[name] for name in wanted if name in held}

    def _ranged(
        self, source: Source, columns: Sequence[str], names: Sequence[str]
    ) -> tuple[dict[str, Row], list[str]]:
        """Give rows by all that stand between the first id and the last, while that costs less.

        What is left is still to be asked for by its ids.
        """
        left = sorted(names, key=int)
        held: dict[str, Row] = {}
        wanted, budget = {*left}, pages_worth(len(left))
        for _ in range(budget):
            low, high = query.compare(ID, ">=", left[0]), query.compare(ID, "<=", left[-1])
            where = query.both(low, high)
            found = self._asking.query(columns, source.module, where, order=(ID,))
            held |= {id_of(row): row for row in found.rows if id_of(row) in wanted}
            if not found.has_more:
                return held, []
            last = int(id_of(found.rows[-1])) if found.rows else 0
            rest = [name for name in left if int(name) > last]
            if not rest or len(rest) == len(left):
                return held, rest
            left = rest
        return held, left

    def _listed(self, source: Source, columns: Sequence[str], names: Sequence[str]) -> Rows:
        fields = ",".join(name for name in columns if name != ID)
        asked = {"ids": ",".join(names), "fields": fields, "page": "1"}
        return self._asking.page(source.module, asked)
