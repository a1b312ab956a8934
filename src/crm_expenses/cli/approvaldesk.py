"""`crm-expenses approvals list` and `show`, and `notices`: what approvers look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crm_expenses.cli.desk import called
from crm_expenses.cli.figures import synced_job
from crm_expenses.cli.identity import acting_person
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.core.record import to_json
from crm_expenses.messages import LANGUAGES, Language

if TYPE_CHECKING:
    import typer

    from crm_expenses.pipeline import Company, Job, Waiting
    from crm_expenses.store.desk import Desk

COLUMNS: Final = (
    Column("approve.claim"),
    Column("approve.person"),
    Column("approve.allowed", is_number=True),
    Column("approve.currency"),
    Column("approve.step"),
    Column("approve.since"),
    Column("approve.code"),
)


@dataclass(frozen=True)
class Acting:
    """Who acts, with what: the open job, its company, the person."""

    job: "Job"
    company: "Company"
    person: str

    @property
    def crm(self) -> str:
        """The name of the connection."""
        return self.job.adapter.name

    @contextmanager
    def desk(self) -> "Iterator[Desk]":
        """Give what the person may see."""
        from crm_expenses.pipeline import desk_of  # noqa: PLC0415  heavy

        with desk_of(self.job.store, self.crm, self.company, self.person) as desk:
            yield desk


@contextmanager
def acting(settings: Path, crm: str | None, given: str) -> Iterator[Acting]:
    """Open what was synced before, for the person who acts.

    Raises:
        ConfigError: nobody is named who acts, or nothing was synced yet.
    """
    from crm_expenses.pipeline import company_of  # noqa: PLC0415  heavy

    with synced_job(settings, crm) as job:
        yield Acting(job, company_of(job), acting_person(job.settings, given))


def register(app: "typer.Typer", group: "typer.Typer", given: Options) -> None:
    """Add the commands."""
    _add_list(group, given)
    _add_show(group, given)
    _add_notices(app, given)


def _add_list(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def waiting(
        crm: str | None = given.option(None, "--crm", "option.crm_name", "CRM"),
        person: str = given.option("", "--as", "option.as", "PERSON"),
        settings: Path = given.settings,
        *,
        every: bool = given.option(False, "--all", "option.approvals_all"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline import waiting_claims  # noqa: PLC0415  heavy

        with acting(settings, crm, person) as now, now.desk() as desk:
            asked = "" if every else now.person
            found = waiting_claims(desk, now.company, asked=asked)
        if as_json:
            screen.give({"person": now.person, "claims": [_json(one) for one in found]})
        elif found:
            columns = (*COLUMNS, Column("approve.asked")) if every else COLUMNS
            rows = [_row(one, screen) for one in found]
            if every:
                rows = [(*row, ", ".join(one.asked)) for row, one in zip(rows, found, strict=True)]
            screen.table(columns, rows)
        else:
            code = "approve.none_all" if every else "approve.none"
            screen.warn(screen.text(code, person=now.person))

    given.add(group, "list", waiting, code="command.approvals_list")


def _row(one: "Waiting", screen: Screen) -> tuple[str, ...]:
    claim = screen.text("approve.changed", claim=one.claim) if one.is_pending else one.claim
    return (
        claim,
        called(one.person, {one.person: one.name}),
        f"{one.allowed.amount:,f}",
        one.allowed.currency,
        one.title[LANGUAGES.index(screen.language)] or one.step,
        f"{one.since:%Y-%m-%d %H:%M}",
        one.code,
    )


def _json(one: "Waiting") -> dict[str, object]:
    return {
        "claim": one.claim,
        "person": one.person,
        "name": one.name,
        "allowed": f"{one.allowed.amount:f}",
        "currency": one.allowed.currency,
        "step": one.step,
        "title": dict(zip(LANGUAGES, one.title, strict=True)),
        "since": one.since.isoformat(),
        "content_code": one.code,
        "asked": list(one.asked),
        "pending": one.is_pending,
    }


def _add_show(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def show(
        claim: str = given.argument(..., "CLAIM", "option.claim_id"),
        crm: str | None = given.option(None, "--crm", "option.crm_name", "CRM"),
        person: str = given.option("", "--as", "option.as", "PERSON"),
        settings: Path = given.settings,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.cli.claimview import claim_json, claim_lines  # noqa: PLC0415  heavy
        from crm_expenses.pipeline import shown_claim  # noqa: PLC0415  heavy

        with acting(settings, crm, person) as now, now.desk() as desk:
            found = shown_claim(desk, now.company, claim)
        if as_json:
            screen.give(claim_json(found, now.company.policy))
            return
        for line in claim_lines(found, now.company.policy, now.company.zone, given.language):
            screen.say(line)

    given.add(group, "show", show, code="command.approvals_show")


def _add_notices(app: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def notices(
        crm: str | None = given.option(None, "--crm", "option.crm_name", "CRM"),
        whose: str = given.option("", "--person", "option.notice_person", "PERSON"),
        since: int = given.option(0, "--since", "option.notice_since", "NUMBER"),
        person: str = given.option("", "--as", "option.as", "PERSON"),
        settings: Path = given.settings,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.notices import notice_text  # noqa: PLC0415  heavy

        with acting(settings, crm, person) as now, now.desk() as desk:
            of = whose or ("" if desk.viewer.sees_all else now.person)
            found = list(desk.notices(of, since=since))
        steps = {step.code: step.title for step in now.company.policy.authorities}

        def said(number: int, language: Language) -> str:
            return notice_text(found[number].notice, language, steps)

        zone = now.company.zone
        if as_json:
            told: list[dict[str, Any]] = [
                {
                    "number": one.number,
                    "at": one.at.astimezone(zone).isoformat(),
                    "person": one.notice.person,
                    "code": one.notice.code,
                    "subject": one.notice.subject,
                    "values": to_json(dict(one.notice.values)),
                    "text": {language: said(place, language) for language in LANGUAGES},
                }
                for place, one in enumerate(found)
            ]
            screen.give({"notices": told, "last": found[-1].number if found else since})
            return
        for place, one in enumerate(found):
            at = f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}"
            values = {"number": str(one.number), "at": at, "person": one.notice.person}
            told_text = said(place, given.language)
            screen.say(screen.text("notices.line", text=told_text, **values))
        if not found:
            screen.warn(screen.text("notices.none", since=str(since)))

    given.add(app, "notices", notices)
