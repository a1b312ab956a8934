"""The people of a company without a CRM, seen as a CRM is: who there is, rates, and nothing else.

Reading again reads everything; equal content is no news. Nothing is written back: there is nobody
to tell.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crm_expenses.adapters.contract import (
    Ability,
    Ack,
    AckState,
    Adapter,
    Capabilities,
    Cursor,
    Diagnosis,
    Gate,
    Gone,
    Level,
    Open,
    Opening,
    Page,
    Received,
    SetAside,
    Support,
    WriteBack,
)
from crm_expenses.adapters.files import rates_in
from crm_expenses.adapters.registry import open_adapter
from crm_expenses.core.origin import Origin
from crm_expenses.core.ownclaim import OWN
from crm_expenses.core.record import Kind, Record
from crm_expenses.errors import Problem
from crm_expenses.organisationfile import OrganisationRead, read_organisation
from crm_expenses.settings import Connection, Settings

CAPABILITIES = Capabilities(
    reads=frozenset({Kind.ACCOUNT_MANAGER, Kind.RATE}),
    writes=frozenset(),
    batch_max=1_000,
    abilities={Ability.LOOK_UP: Support.YES},
)


@dataclass(frozen=True)
class StaffAdapter(Adapter):
    """People from a table, and exchange rates from another where there is one."""

    people: Path
    staff: OrganisationRead
    rates: Path | None
    currency: str
    name: str = OWN
    capabilities: Capabilities = CAPABILITIES

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:  # noqa: ARG002  all, always
        """Give everything of a kind."""
        if kind is Kind.ACCOUNT_MANAGER:
            people = self.staff.organisation.people.values()
            yield _page(kind, people, (), self.people)
        elif self.rates is not None:
            rates, aside = rates_in(self.rates, self.currency)
            yield _page(kind, rates, aside, self.rates)

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        """Say which of some people or rates stand in their table; the others are gone."""
        wanted = set(records)
        pages = list(self.pull(kind, None))
        facts = tuple(one for page in pages for one in page.facts if one.record.id in wanted)
        aside = tuple(
            one for page in pages for one in page.set_aside if one.origin.record in wanted
        )
        left = wanted - {one.record.id for one in facts} - {one.origin.record for one in aside}
        gone = tuple(Gone(Origin(OWN, name)) for name in sorted(left))
        return Page(kind, facts, aside, "", gone=gone)

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Say that all is done: nothing is ever put in the outbox of this connection."""
        return [Ack(write.key, AckState.DONE) for write in writes]

    def check(self) -> Sequence[Diagnosis]:
        """Say who was found, and which columns nobody reads."""
        count = str(len(self.staff.organisation.people))
        found = [_said(Level.GOOD, "claims.people_read", path=str(self.people), count=count)]
        if self.staff.ignored:
            names = ", ".join(self.staff.ignored[:20])
            found.append(_said(Level.WARNING, "claims.people_columns", names=names))
        if self.rates is not None:
            rates, aside = rates_in(self.rates, self.currency)
            values = {"path": str(self.rates), "count": str(len(rates))}
            found.append(_said(Level.GOOD, "claims.rates_read", **values))
            found += [Diagnosis(Level.BAD, p) for row in aside for p in row.problems]
        return found

    def close(self) -> None:
        """Hold nothing open."""


def connected(
    settings: Settings, connection: Connection, currency: str, gate: Gate | None = None
) -> tuple[Settings, Adapter]:
    """Open a connection; where it is our own, the roles that the people's table names count, too.

    `currency` is the policy's. Calls to the CRM pass the gate; our own people are no CRM.

    Raises:
        ConfigError: the connection, or a table, has mistakes.
    """
    if connection.name != OWN:
        fields = connection.parts.fields
        opening = Opening(
            connection.name, connection.options, settings.base, gate or Open(), fields
        )
        return settings, open_adapter(connection.adapter, opening)
    people = settings.base / settings.claims.people
    rates = settings.base / settings.claims.rates if settings.claims.rates else None
    staff = read_organisation(people, roles=settings.roles)
    roles = {role: tuple(held) for role, held in staff.organisation.roles.items()}
    kinds = CAPABILITIES.reads if rates is not None else frozenset({Kind.ACCOUNT_MANAGER})
    able = replace(CAPABILITIES, reads=kinds)
    adapter = StaffAdapter(people, staff, rates, currency, capabilities=able)
    return replace(settings, roles=roles), adapter


def _page(kind: Kind, records: Iterable[Record], aside: Sequence[SetAside], path: Path) -> Page:
    facts = tuple(Received(record, Origin(OWN, record.id, path.name)) for record in records)
    return Page(kind, facts, tuple(aside), "", restart=True)


def _said(level: Level, code: str, **values: str) -> Diagnosis:
    return Diagnosis(level, Problem(code, values))
