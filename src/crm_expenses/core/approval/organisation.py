"""Who there is: people and their managers, roles, substitutes, and how much each may approve."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from crm_expenses.core.approval.authority import (
    EVERYONE,
    GRADE,
    PERSON,
    ROLE,
    AuthorityLimit,
    in_force,
)
from crm_expenses.core.party import AccountManager


@dataclass(frozen=True, slots=True)
class Substitute:
    """`who` acts for `instead_of` from `start` to `until`, for one claim or for all."""

    who: str
    instead_of: str
    start: date | None = None
    until: date | None = None
    claim: str = ""

    def acts(self, day: date, claim: str) -> bool:
        """Say whether it is in force on a day, for a claim.

        >>> away = Substitute("b", "a", date(2026, 8, 1), date(2026, 8, 14))
        >>> away.acts(date(2026, 8, 14), "C-1"), away.acts(date(2026, 8, 15), "C-1")
        (True, False)
        """
        return self.claim in ("", claim) and in_force(self.start, self.until, day)


@dataclass(frozen=True)
class Organisation:
    """Who reports to whom, who holds which role, and who acts for whom when.

    A person whom `people` does not have (somebody of finance who is in no CRM) counts as active,
    without a manager.
    """

    people: Mapping[str, AccountManager]
    roles: Mapping[str, Sequence[str]]
    substitutes: Sequence[Substitute] = ()

    @cached_property
    def _substituted(self) -> Mapping[str, Sequence[Substitute]]:
        """Who acts for each person at some time."""
        found: dict[str, list[Substitute]] = {}
        for one in self.substitutes:
            found.setdefault(one.instead_of, []).append(one)
        return found

    def manager_of(self, person: str) -> str:
        """Give the id of a person's manager, empty at the top or where unknown."""
        found = self.people.get(person)
        return found.manager if found else ""

    def is_active(self, person: str, day: date) -> bool:
        """Say whether a person is there on a day: not before the first, nor after the last.

        >>> gone = AccountManager("a", "A", active_to=date(2026, 3, 31))
        >>> Organisation({"a": gone}, {}).is_active("a", date(2026, 4, 1))
        False
        """
        found = self.people.get(person)
        return found is None or in_force(found.active_from, found.active_to, day)

    def above(self, person: str) -> Iterator[str]:
        """Give the managers above a person, nearest first; a circle ends where it closes.

        >>> ring = {n: AccountManager(n, n, manager=m) for n, m in ("ab", "bc", "cb")}
        >>> list(Organisation(ring, {}).above("a"))
        ['b', 'c']
        """
        seen = {person}
        here = self.manager_of(person)
        while here and here not in seen:
            yield here
            seen.add(here)
            here = self.manager_of(here)

    def acting_for(
        self, person: str, day: date, claim: str, *, but_not: str = ""
    ) -> tuple[str, ...]:
        """Give who acts for a person on a day, the last of a chain of substitutes first.

        A chain ends before `but_not`: whom the claimant sends does not act on the claimant's claim.

        >>> away = (Substitute("b", "a"), Substitute("c", "b"), Substitute("a", "c"))
        >>> Organisation({}, {}, away).acting_for("a", date(2026, 1, 1), "")
        ('c', 'b')
        """
        if person not in self._substituted:
            return ()
        levels: list[list[str]] = [[person]]
        seen = {person, but_not}
        while levels[-1]:
            beyond = [
                one.who
                for here in levels[-1]
                for one in self._substituted.get(here, ())
                if one.who not in seen and one.acts(day, claim)
            ]
            levels.append(list(dict.fromkeys(beyond)))
            seen.update(beyond)
        return tuple(who for level in reversed(levels[1:]) for who in level)

    def limit_of(self, person: str, limits: Sequence[AuthorityLimit]) -> int | None:
        """Give up to how much a person may approve, in minor units; None is without limit.

        >>> limits = (AuthorityLimit("everyone", 100), AuthorityLimit("role:cfo"))
        >>> firm = Organisation({}, {"cfo": ["z"]})
        >>> firm.limit_of("a", limits), firm.limit_of("z", limits), firm.limit_of("a", ())
        (100, None, None)
        """
        if not limits:
            return None
        highest = 0
        for one in limits:
            if self._is_named(person, one.who):
                if one.up_to is None:
                    return None
                highest = max(highest, one.up_to)
        return highest

    def may_approve(self, person: str, amount: int, limits: Sequence[AuthorityLimit]) -> bool:
        """Say whether a person's limit reaches an amount."""
        limit = self.limit_of(person, limits)
        return limit is None or amount <= limit

    def _is_named(self, person: str, who: str) -> bool:
        if who == EVERYONE:
            return True
        if who.startswith(PERSON):
            return who.removeprefix(PERSON) == person
        if who.startswith(ROLE):
            return person in self.roles.get(who.removeprefix(ROLE), ())
        found = self.people.get(person)
        return found is not None and who == f"{GRADE}{found.grade}"
