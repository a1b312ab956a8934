"""`crm-expenses claims pay`, `close` and `due`: what finance does with approved claims."""

from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.desk import (
    DeskOptions,
    Where,
    amount_of,
    at_desk,
    called,
    day_of,
    money_json,
    shown,
)
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column
from crm_expenses.core.money import Money

if TYPE_CHECKING:
    import typer

    from crm_expenses.pipeline.payments import Paid

DUE_COLUMNS = (
    Column("claims.column.number"),
    Column("claims.column.person"),
    Column("claims.column.open", is_number=True),
    Column("claims.column.due_on"),
    Column("claims.column.late", is_number=True),
)


def register(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    """Add the commands."""
    for part in (_pay, _close, _due):
        part(group, given, has)


def _pay(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def pay(  # noqa: PLR0913, PLR0917  one argument an option
        number: str = given.argument(..., "NUMBER", "option.claims_number"),
        amount: str = given.argument("", "AMOUNT", "option.claims_pay"),
        day: str = given.option("", "--day", "option.claims_day", "DATE"),
        reference: str = given.option("", "--reference", "option.claims_reference", "TEXT"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        is_back: bool = given.option(False, "--back", "option.claims_back"),
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.payments import pay as pay_claim  # noqa: PLC0415  heavy

        given_amount, moved_on = amount_of(amount), day_of(day)
        if is_back and given_amount is not None:
            given_amount = -given_amount
        with at_desk(Where(settings, crm, who, at)) as acting:
            done = pay_claim(
                acting.desk,
                number,
                given_amount,
                by=acting.person,
                at=acting.at,
                day=moved_on,
                reference=reference,
            )
        rest = _rest(done)
        if as_json:
            screen.give(
                {
                    "claim": number,
                    "paid": money_json(done.payment.amount),
                    "day": done.payment.day.isoformat(),
                    "open": money_json(rest),
                    "state": done.life.state.value,
                }
            )
            return
        values = {"amount": shown(done.payment.amount), "day": done.payment.day.isoformat()}
        screen.say(screen.text("claims.was_paid", claim=number, rest=shown(rest), **values))

    given.add(group, "pay", pay, code="command.claims_pay")


def _rest(done: "Paid") -> Money:
    standing = done.life.standing
    return Money(standing.open_amount, done.payment.amount.currency)


def _close(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def close(
        number: str = given.argument(..., "NUMBER", "option.claims_number"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.payments import close as close_claim  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at)) as acting:
            life = close_claim(acting.desk, number, by=acting.person, at=acting.at)
        if as_json:
            screen.give({"claim": number, "state": life.state.value})
        else:
            screen.say(screen.text("claims.was_closed", claim=number))

    given.add(group, "close", close, code="command.claims_close")


def _due(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def due(
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        only_overdue: bool = given.option(False, "--overdue", "option.claims_overdue"),
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.payments import due as what_is_due  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            today = acting.today
            found = what_is_due(
                acting.desk, viewer=acting.viewer, today=today, only_overdue=only_overdue
            )
            people = acting.desk.names()
        if as_json:
            rows = [
                {
                    "claim": one.claim,
                    "person": one.person,
                    "open": money_json(one.amount),
                    "due_on": one.due_on.isoformat() if one.due_on else None,
                    "days_late": one.days_late(today),
                }
                for one in found
            ]
            screen.give({"day": today.isoformat(), "due": rows})
            return
        if not found:
            screen.say(screen.text("claims.none_overdue" if only_overdue else "claims.none_due"))
            return
        screen.table(
            DUE_COLUMNS,
            [
                (
                    one.claim,
                    called(one.person, people),
                    shown(one.amount),
                    one.due_on.isoformat() if one.due_on else "-",
                    str(one.days_late(today)),
                )
                for one in found
            ],
        )

    given.add(group, "due", due, code="command.claims_due")
