"""What people said of claims in the CRM: which of it has not counted yet, and who was told why.

What counts is a row of approvals that names the record it came with. Only the words themselves may
change of a record that has counted: what else is changed is another word.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.lifecycle import State
from crm_expenses.core.notice import NoticeCode, notices
from crm_expenses.core.record import Kind, digest
from crm_expenses.core.words import with_words
from crm_expenses.errors import Problem
from crm_expenses.store import statements as s
from crm_expenses.store.codec import read_as, read_record
from crm_expenses.store.keeping import NAME_MAX, shown
from crm_expenses.store.life import tell
from crm_expenses.store.log import SYNC, write_log

NOT_COUNTED: Final = "not_counted"
"""The action of the log's entry that says that a word did not count."""


def source_of(one: GivenApproval) -> str:
    """Name a word by its record and the digest of what it says, without the reason in words.

    >>> from datetime import UTC
    >>> said = GivenApproval("A-1", "C-1", "P2", datetime(2026, 1, 1, tzinfo=UTC))
    >>> source_of(said)[:8]
    'A-1 ac16'
    """
    return f"{one.id} {digest(with_words(one, {}))}"


class Hearing:
    """The words of one CRM, in a write transaction."""

    def __init__(self, connection: Connection, crm: str) -> None:
        self._connection = connection
        self._crm = crm

    def open_claims(self) -> frozenset[str]:
        """Give the claims in approval of which anything was said in the CRM."""
        of = {"of_crm": self._crm, "of_state": State.IN_APPROVAL.value}
        return frozenset(self._connection.execute(s.SPOKEN_OF, of).scalars())

    def unheard(self, claim: str) -> tuple[GivenApproval, ...]:
        """Give what was said of a claim in the CRM and has not counted, in order of its moments."""
        of = {"of_crm": self._crm, "of_claim": claim}
        rows = self._connection.execute(s.LINES, of | {"of_kind": Kind.APPROVAL.value}).all()
        if not rows:
            return ()
        read = (read_record(Kind.APPROVAL, row.content) for row in rows)
        said = [one for one in read if isinstance(one, GivenApproval)]
        heard = set(self._connection.execute(s.SOURCES, of).scalars())
        left = (one for one in said if source_of(one) not in heard)
        return tuple(sorted(left, key=lambda one: (one.at, one.id)))

    def refuse(self, one: GivenApproval, claimant: str, why: Problem, at: datetime) -> bool:
        """Tell whoever said it, and the claimant, why it does not count; once for each reason."""
        source = source_of(one)
        if (source, why.code) in self._told(one):
            return False
        values = {**why.values, "why": why.code, "record": one.id, "source": source}
        people = (one.approver, claimant)
        told = notices(people, NoticeCode.NOT_COUNTED, one.claim, **values)
        tell(self._connection, self._crm, told, at)
        write_log(
            self._connection,
            at=at,
            actor=SYNC,
            action=NOT_COUNTED,
            subject=one.claim,
            content=digest([self._crm, source, why.code]),
            why=why.code,
        )
        return True

    def _told(self, one: GivenApproval) -> set[tuple[str, str]]:
        of = {"of_crm": self._crm, "of_person": shown(one.approver, NAME_MAX)}
        of |= {"of_claim": shown(one.claim, NAME_MAX), "of_code": NoticeCode.NOT_COUNTED.value}
        rows = self._connection.execute(s.TOLD, of).scalars()
        held: list[dict[str, str]] = [read_as(dict[str, str], content) for content in rows]
        return {(values["source"], values["why"]) for values in held}
