"""One CRM with what others hold of the same people: spending here meets revenue there.

People are called by their names in the one CRM; who has no name there is left out. Customers and
deals are told apart by their groups, so that one that several CRMs hold counts once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from crm_expenses.core.opportunity import Opportunity
from crm_expenses.core.party import Account, AccountManager, PersonCost, SatisfactionScore
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.store import Store
from crm_expenses.store.groups import Member, Names, groups


@dataclass(frozen=True)
class Joined:
    """A CRM, first of `crms`, and those of which people are linked to its own."""

    store: Store
    crms: tuple[str, ...]
    people: Mapping[str, AccountManager]
    names: Names
    one_thing: Mapping[tuple[Kind, Member], str]

    @property
    def crm(self) -> str:
        """The CRM by whose names people are called."""
        return self.crms[0]

    def person(self, crm: str, name: str) -> str | None:
        """Give the name of a person of any of the CRMs, None for who has none."""
        return self.names.known(crm, name)

    def key(self, kind: Kind, crm: str, name: str) -> str:
        """Give what tells a record from others; those of one group have the same."""
        member = Member(crm, name)
        return self.one_thing.get((kind, member), str(member))

    def accounts(self) -> Iterator[tuple[str, str]]:
        """Give the key of each customer with its owner, once; of several CRMs the first one's."""
        seen: set[str] = set()
        for crm, account in self._records(Kind.ACCOUNT):
            if not isinstance(account, Account) or not account.owner:
                continue
            key, owner = self.key(Kind.ACCOUNT, crm, account.id), self.person(crm, account.owner)
            if owner is not None and key not in seen:
                seen.add(key)
                yield key, owner

    def deals(self) -> Iterator[tuple[str, Opportunity]]:
        """Give each deal once, with the CRM that it is from, in our names."""
        seen: set[str] = set()
        for crm, deal in self._records(Kind.OPPORTUNITY):
            if not isinstance(deal, Opportunity):
                continue
            key, owner = self.key(Kind.OPPORTUNITY, crm, deal.id), self.person(crm, deal.owner)
            if owner is None or key in seen:
                continue
            seen.add(key)
            account = self.key(Kind.ACCOUNT, crm, deal.account) if deal.account else ""
            yield crm, replace(deal, owner=owner, account=account)

    def scores(self) -> Iterator[SatisfactionScore]:
        """Give every answer of a customer, by its key."""
        for crm, score in self._records(Kind.SATISFACTION):
            if isinstance(score, SatisfactionScore):
                yield replace(score, account=self.key(Kind.ACCOUNT, crm, score.account))

    def costs(self) -> Iterator[tuple[str, PersonCost]]:
        """Give what people cost; what two CRMs say of the same month and kind counts once."""
        told: dict[tuple[str, str, int, int], str] = {}
        for crm, cost in self._records(Kind.COST):
            person = self.person(crm, cost.person) if isinstance(cost, PersonCost) else None
            if person is None or not isinstance(cost, PersonCost):
                continue
            of = (person, cost.kind, cost.month.year, cost.month.month)
            if told.setdefault(of, crm) == crm:
                yield crm, replace(cost, person=person)

    def rates(self) -> dict[str, tuple[Rate, ...]]:
        """Give the rates of each CRM; one without any uses those of the first."""
        own: dict[str, list[Rate]] = {crm: [] for crm in self.crms}
        for crm, rate in self._records(Kind.RATE):
            if isinstance(rate, Rate):
                own[crm].append(rate)
        return {crm: tuple(own[crm] or own[self.crm]) for crm in self.crms}

    def _records(self, kind: Kind) -> Iterator[tuple[str, Record]]:
        for crm in self.crms:
            for record in self.store.records(crm, kind, viewer=SYSTEM):
                yield crm, record


def joined(store: Store, crm: str) -> Joined:
    """Give a CRM with what others hold of the same people."""
    with store.looking(crm) as work:
        known = work.reference
        beyond = known.beyond
        names = beyond.names[Kind.ACCOUNT_MANAGER] if beyond else Names(crm)
        one_thing = {
            (group.kind, member): f"{group.kind}={group.name}"
            for group in (groups(work.connection) if beyond else ())
            for member in group.members
        }
    return Joined(store, (crm, *names.crms), known.people, names, one_thing)
