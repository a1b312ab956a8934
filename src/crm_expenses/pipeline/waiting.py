"""What an approver looks at: the claims that wait for them, and one claim with all that was said.

Whoever looks sees their own and their people's claims, those that wait for them, and those that
they have spoken on; holders of the roles `finance` and `auditor` see all.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from crm_expenses.core.approval import Progress, content_code, opened_at, progress
from crm_expenses.core.approval.authority import Title
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.decision import Decision
from crm_expenses.core.life import SETTLED, Life
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.viewer import SYSTEM, viewer_of
from crm_expenses.errors import ConfigError, RefusedError
from crm_expenses.pipeline.turns import Company
from crm_expenses.store import Store
from crm_expenses.store.desk import Desk, Said


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim that waits for somebody to approve it.

    `since` is when its step opened, in the company's zone; `code` stands for what there is to
    approve, and `asked` are those who may. `is_pending` says that it has changed since.
    """

    claim: str
    person: str
    name: str
    allowed: Money
    step: str
    title: Title
    since: datetime
    code: str
    asked: tuple[str, ...]
    is_pending: bool


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """One claim with its decision, its route, and every word that ever counted on it.

    `opened` is when the open step opened, `reminder` and `escalation` when these are due, in the
    company's zone; None where there is none. `names` are what people are called.
    """

    life: Life
    claim: Claim
    lines: tuple[ExpenseLine, ...]
    decision: Decision
    said: tuple[Said, ...]
    progress: Progress
    code: str
    opened: datetime | None
    reminder: datetime | None
    escalation: datetime | None
    names: Mapping[str, str]
    is_pending: bool

    @property
    def is_approved_there(self) -> bool:
        """Whether nothing but the CRM's own status says yes."""
        return self.life.state in SETTLED and self.progress.open is not None


@contextmanager
def desk_of(store: Store, crm: str, company: Company, person: str) -> Iterator[Desk]:
    """Give what a person may see of approvals.

    Raises:
        ConfigError: nobody of the CRM's people, and no role of the settings, is called so.
    """
    with store.desk(crm, viewer=SYSTEM) as every:
        people = every.people()
    if person not in people and not any(person in held for held in company.roles.values()):
        raise ConfigError("identity.unknown", person=person[:80])
    with store.desk(crm, viewer=viewer_of(person, people, company.roles)) as desk:
        yield desk


def waiting_claims(desk: Desk, company: Company, *, asked: str = "") -> tuple[Waiting, ...]:
    """Give the claims in approval that the viewer may see, those first that wait longest.

    With `asked`, only those that wait for that person.
    """
    names = names_of(desk)
    titles = {step.code: step.title for step in company.policy.authorities}
    found = []
    for life in desk.lives(State.IN_APPROVAL):
        if asked and asked not in life.asked:
            continue
        here = _progress(life, desk.said(life))
        held = desk.held(life)
        if held is None:
            continue
        found.append(
            Waiting(
                claim=life.claim,
                person=life.person,
                name=names.get(life.person, ""),
                allowed=held.decision.allowed,
                step=life.open_step,
                title=titles.get(life.open_step, ("", "")),
                since=_opened(life, desk.said(life), here).astimezone(company.zone),
                code=content_code(life.content),
                asked=life.asked,
                is_pending=desk.is_pending(life),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.since, one.claim)))


def shown_claim(desk: Desk, company: Company, claim: str) -> ShownClaim:
    """Give one claim as it stands.

    Raises:
        RefusedError: there is no such claim, or the viewer may not see it.
    """
    life = desk.life(claim)
    held = desk.held(life) if life is not None else None
    if life is None or held is None:
        raise RefusedError("approvals.no_claim", claim=claim)
    said = desk.said(life)
    here = _progress(life, said)
    is_open = life.state is State.IN_APPROVAL and here.open is not None
    opened = _opened(life, said, here).astimezone(company.zone) if is_open else None
    times: tuple[datetime | None, ...] = (None, None)
    if here.open is not None and opened is not None:
        times = here.open.deadline.times(opened, company.policy.calendar)
    return ShownClaim(
        life=life,
        claim=held.facts.claim,
        lines=held.facts.lines,
        decision=held.decision,
        said=said,
        progress=here,
        code=content_code(life.content),
        opened=opened,
        reminder=times[0],
        escalation=times[1],
        names=names_of(desk),
        is_pending=desk.is_pending(life),
    )


def names_of(desk: Desk) -> dict[str, str]:
    """Give what the people of the CRM are called, by id."""
    return {person: of.name for person, of in desk.people().items()}


def _progress(life: Life, said: tuple[Said, ...]) -> Progress:
    given = [one.approval for one in said if one.changes is None]
    return progress(life.route, given, life.content, version=life.standing.version)


def _opened(life: Life, said: tuple[Said, ...], here: Progress) -> datetime:
    given = [one.approval for one in said if one.changes is None]
    return opened_at(life.route, given, here, life.since)
