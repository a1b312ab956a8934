"""`crm-expenses approvals delegate`, `delegates`, `undelegate`: who acts for you, until when."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.approvaldesk import acting
from crm_expenses.cli.clock import moment
from crm_expenses.cli.desk import called
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.core.approval import Substitute
from crm_expenses.errors import ConfigError

if TYPE_CHECKING:
    import typer


def register(group: "typer.Typer", given: Options) -> None:
    """Add the commands."""
    _add_delegate(group, given)
    _add_delegates(group, given)
    _add_undelegate(group, given)


def _add_delegate(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def delegate_to(  # noqa: PLR0913  one argument an option
        to: str = given.argument(..., "PERSON", "option.delegate_to"),
        start: str = given.option("", "--from", "option.delegate_from", "DATE"),
        until: str = given.option("", "--until", "option.delegate_until", "DATE"),
        claim: str = given.option("", "--claim", "option.delegate_claim", "CLAIM"),
        reason: str = given.option("", "--reason", "option.say_reason", "TEXT"),
        *,
        crm: str | None = given.option(None, "--crm", "option.crm_name", "CRM"),
        person: str = given.option("", "--as", "option.as", "PERSON"),
        settings: Path = given.settings,
        at: str = given.at,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline import delegate  # noqa: PLC0415  heavy

        first, last = _day(start), _day(until)
        with acting(settings, crm, person) as now:
            asked = moment(at)
            wanted = Substitute(to, now.person, first, last, claim)
            store, company = now.job.store, now.company
            number = delegate(store, now.crm, company, wanted, at=asked, said=reason)
            with now.desk() as desk:
                made = dict(desk.substitutes())[number]
                names = {person: of.name for person, of in desk.people().items()}
        if as_json:
            screen.give({"number": number, **_json(made)})
        else:
            screen.say(_said(number, made, names, screen))

    given.add(group, "delegate", delegate_to, code="command.approvals_delegate")


def _add_delegates(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def delegates(
        crm: str | None = given.option(None, "--crm", "option.crm_name", "CRM"),
        person: str = given.option("", "--as", "option.as", "PERSON"),
        settings: Path = given.settings,
        *,
        as_json: bool = given.json,
    ) -> None:
        with acting(settings, crm, person) as now, now.desk() as desk:
            found = desk.substitutes()
            names = {person: of.name for person, of in desk.people().items()}
        if as_json:
            screen.give({"delegates": [{"number": n, **_json(one)} for n, one in found]})
            return
        for number, one in found:
            screen.say(_said(number, one, names, screen))
        if not found:
            screen.warn(screen.text("delegate.nobody", person=now.person))

    given.add(group, "delegates", delegates, code="command.approvals_delegates")


def _add_undelegate(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def end(
        number: int = given.argument(..., "NUMBER", "option.delegate_number"),
        *,
        crm: str | None = given.option(None, "--crm", "option.crm_name", "CRM"),
        person: str = given.option("", "--as", "option.as", "PERSON"),
        settings: Path = given.settings,
        at: str = given.at,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline import undelegate  # noqa: PLC0415  heavy

        with acting(settings, crm, person) as now:
            store, by = now.job.store, now.person
            ended = undelegate(store, now.crm, now.company, number, by=by, at=moment(at))
            with now.desk() as desk:
                names = {person: of.name for person, of in desk.people().items()}
        if as_json:
            screen.give({"number": number, "ended": True, **_json(ended)})
            return
        who, other = (called(one, names) for one in (ended.who, ended.instead_of))
        screen.say(screen.text("delegate.ended", number=str(number), who=who, other=other))

    given.add(group, "undelegate", end, code="command.approvals_undelegate")


def _day(given: str) -> date | None:
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ConfigError("approvals.day", value=given[:40]) from None


def _said(number: int, one: Substitute, names: dict[str, str], screen: Screen) -> str:
    code = "delegate.days_to" if one.until else "delegate.days_from"
    days = screen.text(code, start=f"{one.start}", until=f"{one.until}")
    who, other = (called(one, names) for one in (one.who, one.instead_of))
    said = screen.text("delegate.made", number=str(number), who=who, other=other, days=days)
    return screen.text("delegate.for_claim", text=said, claim=one.claim) if one.claim else said


def _json(one: Substitute) -> dict[str, object]:
    return {
        "who": one.who,
        "instead_of": one.instead_of,
        "from": one.start.isoformat() if one.start else None,
        "until": one.until.isoformat() if one.until else None,
        "claim": one.claim,
    }
