"""Who looks, and whose claims they may see: their own, their people's, or everybody's.

Reading other people's spending is a right, like spending. Every read of it says who looks. Finance
and auditors see all; a manager sees the people below, however far down; everybody sees their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from crm_expenses.core.party import AccountManager
from crm_expenses.errors import RefusedError

SEEING_ALL: Final = frozenset({"finance", "auditor"})
"""The roles of the settings whose holders see everything."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks: `people` are those whose claims they may see beside their own.

    >>> Viewer("P1", frozenset({"P2"})).may_see("P2"), Viewer("P1").may_see("P2")
    (True, False)
    """

    person: str
    people: frozenset[str] = frozenset()
    sees_all: bool = False

    def may_see(self, person: str) -> bool:
        """Say whether what belongs to a person may be seen; what belongs to nobody, by all-seers.

        >>> Viewer("P1").may_see("P1"), Viewer("").may_see("")
        (True, False)
        """
        return self.sees_all or (bool(person) and (person == self.person or person in self.people))

    def demand(self, person: str, what: str) -> None:
        """Make sure that something of a person may be seen.

        Raises:
            RefusedError: it may not; it does not say whose it is, nor whether it exists.
        """
        if not self.may_see(person):
            self.refuse(what)

    def refuse(self, what: str) -> NoReturn:
        """Say that something may not be seen, or is not there: which of the two is not said.

        Raises:
            RefusedError: always.
        """
        raise RefusedError("viewer.refused", viewer=self.person or "-", what=what)


SYSTEM: Final = Viewer("", sees_all=True)
"""The package itself, at work for nobody in particular: a sync, a check of the store."""


def viewer_of(
    person: str, people: Mapping[str, AccountManager], roles: Mapping[str, Sequence[str]]
) -> Viewer:
    """Give a person as a viewer, by the organisation and the roles of the settings.

    A circle of managers is walked once; who is not in the organisation sees their own.

    >>> staff = {p.id: p for p in (AccountManager("B", "", manager="A"), AccountManager("A", ""))}
    >>> viewer_of("A", staff, {}).people
    frozenset({'B'})
    """
    if any(person in roles.get(role, ()) for role in SEEING_ALL):
        return Viewer(person, sees_all=True)
    reports: dict[str, list[str]] = {}
    for one in people.values():
        reports.setdefault(one.manager, []).append(one.id)
    below: set[str] = set()
    found = [person] if person else []
    while found:
        new = {name for manager in found for name in reports.get(manager, ())} - below
        below |= new
        found = sorted(new)
    return Viewer(person, frozenset(below - {person}))
