"""What a viewer sees of lives and approvals: what waits, was said, was voided, was told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from crm_expenses.core.approval import Approval, Substitute
from crm_expenses.core.approval.content import Change
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.life import Life
from crm_expenses.core.notice import Notice
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import Viewer
from crm_expenses.store import sight
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_as, read_record
from crm_expenses.store.life import lives, numbered_substitutes, read_life
from crm_expenses.store.work import Held, read_held


@dataclass(frozen=True, slots=True)
class Said:
    """A word that counted, with its reason as it was said; `source` names the CRM's record of it.

    `changes` are those that voided it, None while it counts.
    """

    number: int
    approval: Approval
    source: str
    is_erased: bool
    changes: tuple[Change, ...] | None


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """A notice with its number, after which whoever brings it to people goes on, and its moment."""

    number: int
    notice: Notice
    at: datetime


class Desk:
    """Questions of one viewer to one state of the store, for one CRM; nothing is changed."""

    def __init__(self, connection: Connection, crm: str, viewer: Viewer) -> None:
        self._connection = connection
        self._crm = crm
        self._viewer = viewer

    @property
    def viewer(self) -> Viewer:
        """Who looks."""
        return self._viewer

    def lives(self, *states: str) -> Iterator[Life]:
        """Give the lives in some states that the viewer may see, by claim; without states, all."""
        opened = sight.claims_opened_to(self._connection, self._crm, self._viewer.person)
        for life in lives(self._connection, self._crm, states):
            if life.claim in opened or self._viewer.may_see(life.person):
                yield life

    def life(self, claim: str) -> Life | None:
        """Give where a claim stands, None where it was never decided.

        Raises:
            RefusedError: the viewer may not see it; whether it exists is not said.
        """
        found = read_life(self._connection, self._crm, claim)
        if not sight.is_opened_to(self._connection, self._crm, claim, self._viewer.person):
            self._viewer.demand(found.person if found else "", claim)
        return found

    def said(self, life: Life) -> tuple[Said, ...]:
        """Give every word that ever counted on a claim, in the order in which they were said."""
        of = {"of_crm": self._crm, "of_claim": life.claim}
        return tuple(_said(row) for row in self._connection.execute(s.SAID, of))

    def held(self, life: Life) -> Held | None:
        """Give the decision on a claim that counts, None where there is none with its facts."""
        return read_held(self._connection, self._crm, life.claim)

    def lines(self, life: Life) -> tuple[Claim, tuple[ExpenseLine, ...]] | None:
        """Give a claim and its lines as the CRM has them."""
        return sight.claim_with_lines(self._connection, self._crm, life.claim)

    def is_pending(self, life: Life) -> bool:
        """Say whether a claim changed since it was decided."""
        of = {"of_crm": self._crm, "of_claim": life.claim}
        return self._connection.execute(s.IS_PENDING, of).first() is not None

    def people(self) -> Mapping[str, AccountManager]:
        """Give the people of the CRM, by id."""
        return people_in(self._connection, self._crm)

    def substitutes(self) -> tuple[tuple[int, Substitute], ...]:
        """Give who acts for whom by our own command, each with its number.

        It is for both of them, and for who may see them.
        """
        found = numbered_substitutes(self._connection, self._crm)
        see = self._viewer.may_see
        return tuple((seq, one) for seq, one in found if see(one.instead_of) or see(one.who))

    def notices(self, person: str = "", *, since: int = 0) -> Iterator[ToldNotice]:
        """Give what a person was told after a number; of everybody, where none is named.

        Raises:
            RefusedError: only who sees everything reads what others were told.
        """
        if person != self._viewer.person or not person:
            self._viewer.demand("", "notices")
        of = select(t.notice).where((t.notice.c.crm == self._crm) & (t.notice.c.seq > since))
        if person:
            of = of.where(t.notice.c.person == person)
        rows = self._connection.execute(of.order_by(t.notice.c.seq))
        for row in rows:
            values = tuple(read_as(dict[str, str], row.content).items())
            notice = Notice(row.person, row.code, row.subject, values)
            yield ToldNotice(row.seq, notice, datetime.fromisoformat(row.at))


def people_in(connection: Connection, crm: str) -> dict[str, AccountManager]:
    """Give the people of a CRM, by id."""
    of = {"of_crm": crm, "of_kind": Kind.ACCOUNT_MANAGER.value}
    read = (read_record(Kind.ACCOUNT_MANAGER, r.content) for r in connection.execute(s.OF_KIND, of))
    return {one.id: one for one in read if isinstance(one, AccountManager)}


def _said(row: Any) -> Said:  # noqa: ANN401  a row
    found: Approval = read_as(Approval, row.content)
    return Said(
        row.seq,
        replace(found, reason=row.reason or ""),
        row.source,
        bool(row.erased),
        None if row.changes is None else tuple(read_as(list[Change], row.changes)),
    )
