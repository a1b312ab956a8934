"""What every command about claims of our own works with, and whom it serves."""

from dataclasses import dataclass, replace
from datetime import datetime

from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.clearing import cleared_of
from crm_expenses.core.life import Life
from crm_expenses.core.lifecycle import Standing, State
from crm_expenses.core.money import Money
from crm_expenses.core.ownclaim import OWN, PREFIX
from crm_expenses.core.viewer import Viewer, viewer_of
from crm_expenses.errors import RefusedError
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.pull import pull
from crm_expenses.pipeline.summary import quiet
from crm_expenses.pipeline.sync import company_of
from crm_expenses.pipeline.turns import Company
from crm_expenses.store import Store, Work
from crm_expenses.store.money import advances_of
from crm_expenses.store.own import claim_of

FINANCE = "finance"
"""The role of the settings whose holders pay."""

_BEFORE_DECISION = {
    ClaimStatus.DRAFT: State.DRAFT,
    ClaimStatus.RETURNED: State.RETURNED,
    ClaimStatus.REJECTED: State.REJECTED,
    ClaimStatus.WITHDRAWN: State.WITHDRAWN,
}


@dataclass(frozen=True)
class Desk:
    """Where claims are made, decided and paid: a store, a connection of it, a company.

    `prefix` leads the numbers of claims.
    """

    store: Store
    crm: str
    company: Company
    prefix: str = PREFIX

    def viewer(self, person: str) -> Viewer:
        """Give a person with whose claims they may see."""
        with self.store.looking(self.crm) as work:
            return viewer_of(person, work.reference.people, self.company.roles)

    def names(self) -> dict[str, str]:
        """Give what people are called, by their ids."""
        with self.store.looking(self.crm) as work:
            return {one.id: one.name for one in work.reference.people.values()}


def desk_of(job: Job, at: datetime) -> Desk:
    """Give the desk of a job; without a CRM, the people and rates are read first."""
    if job.adapter.name == OWN:
        pull(job.store, job.adapter, at, quiet)
    return Desk(job.store, job.adapter.name, company_of(job), job.settings.claims.prefix)


def looked_at(job: Job) -> Desk:
    """Give the desk of a job only to look at: nothing is read anew."""
    return Desk(job.store, job.adapter.name, company_of(job), job.settings.claims.prefix)


@dataclass(frozen=True, slots=True)
class Mine:
    """A claim document of the person who acts, as it stands."""

    claim: Claim
    lines: tuple[ExpenseLine, ...]
    life: Life | None

    @property
    def state(self) -> State:
        """Where it stands."""
        return state_of(self.claim, self.life)


def state_of(claim: Claim, life: Life | None) -> State:
    """Give where a claim stands; one that was never decided stands where its facts say."""
    if life is not None:
        return life.state
    return _BEFORE_DECISION.get(claim.status, State.SUBMITTED)


def demand_person(work: Work, person: str) -> None:
    """Make sure that somebody is known.

    Raises:
        RefusedError: nobody is known by this id.
    """
    if person not in work.reference.people:
        raise RefusedError("claims.no_person", person=person)


def demand_finance(company: Company, person: str, what: str) -> None:
    """Make sure that somebody may pay.

    Raises:
        RefusedError: they do not hold the role.
    """
    holders = company.roles.get(FINANCE, ())
    if person not in holders:
        known = ", ".join(holders) or "-"
        raise RefusedError("claims.not_finance", person=person, what=what, known=known)


def mine(work: Work, number: str, person: str) -> Mine:
    """Give a claim document of a person.

    Raises:
        RefusedError: they made none of this number here; whether others did is not said.
    """
    demand_person(work, person)
    found = claim_of(work, number) if number in work.reference.own else None
    if found is None or found[0].person != person:
        raise RefusedError("claims.not_yours", claim=number, person=person)
    return Mine(found[0], found[1], work.life(number))


def without_advances(work: Work, life: Life) -> Standing:
    """Give where a claim stands without what it cleared of advances: no money moved for that."""
    standing = life.standing
    paid = standing.paid
    if paid is None or not paid.minor:
        return standing
    positions = [one.position for one in advances_of(work, life.person)]
    left = paid.minor - cleared_of(life.claim, paid.currency, positions)
    state = standing.state
    if state in {State.PAID, State.PARTLY_PAID} and not left:
        state = State.PARTLY_APPROVED if standing.refused else State.APPROVED
    return replace(standing, state=state, paid=Money(left, paid.currency))
