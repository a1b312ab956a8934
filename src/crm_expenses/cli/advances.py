"""`crm-expenses advances`: pay out, take back, list and show advances."""

from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.desk import DeskOptions, Where, amount_of, at_desk, called, money_json, shown
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.core.advance import AdvancePosition
from crm_expenses.core.money import Money
from crm_expenses.errors import ConfigError

if TYPE_CHECKING:
    import typer

    from crm_expenses.store.money import Advance

COLUMNS = (
    Column("advances.column.advance"),
    Column("claims.column.person"),
    Column("advances.column.paid_out", is_number=True),
    Column("advances.column.cleared", is_number=True),
    Column("advances.column.returned", is_number=True),
    Column("advances.column.left", is_number=True),
)


def register(app: "typer.Typer", given: Options) -> None:
    """Add the group."""
    group = given.group(app, "advances")
    has = DeskOptions(given)
    for part in (_pay_out, _return, _list, _show):
        part(group, given, has)


def _pay_out(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def pay_out(  # noqa: PLR0913, PLR0917  one argument an option
        person: str = given.argument(..., "PERSON", "option.advances_person"),
        amount: str = given.argument(..., "AMOUNT", "option.advances_amount"),
        currency: str = given.option("", "--currency", "option.claims_currency", "CODE"),
        name: str = given.option("", "--id", "option.advances_id", "ID"),
        reason: str = given.option("", "--reason", "option.advances_reason", "TEXT"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.advances import pay_out as act  # noqa: PLC0415  heavy

        number = amount_of(amount)
        if number is None:
            raise ConfigError("claims.amount", value="")
        with at_desk(Where(settings, crm, who, at)) as acting:
            money = Money.of(number, currency or acting.policy.currency)
            made = act(
                acting.desk,
                person,
                money,
                by=acting.person,
                at=acting.at,
                name=name,
                reason=reason,
            )
            people = acting.desk.names()
        if as_json:
            screen.give(_json(made))
            return
        values = {"amount": shown(money), "person": called(person, people)}
        screen.say(screen.text("advances.paid_out", advance=made.id, **values))

    given.add(group, "pay-out", pay_out, code="command.advances_pay_out")


def _return(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def give_back(
        name: str = given.argument(..., "ID", "option.advances_name"),
        amount: str = given.argument("", "AMOUNT", "option.advances_rest"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.advances import give_back as act  # noqa: PLC0415  heavy

        number = amount_of(amount)
        with at_desk(Where(settings, crm, who, at)) as acting:
            made = act(acting.desk, name, number, by=acting.person, at=acting.at)
        if as_json:
            screen.give(_json(made))
            return
        last = shown(made.entries[-1].amount)
        left = shown(_left(made.position))
        screen.say(screen.text("advances.returned", advance=made.id, amount=last, left=left))

    given.add(group, "return", give_back, code="command.advances_return")


def _list(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def list_(
        person: str = given.option("", "--person", "option.claims_person", "ID"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.advances import list_advances  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            found = list_advances(acting.desk, viewer=acting.viewer, person=person)
            people = acting.desk.names()
        if as_json:
            screen.give({"advances": [_json(one) for one in found]})
        elif not found:
            screen.say(screen.text("advances.none"))
        else:
            screen.table(COLUMNS, [_row(one, called(one.person, people)) for one in found])

    given.add(group, "list", list_, code="command.advances_list")


def _show(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def show(
        name: str = given.argument(..., "ID", "option.advances_name"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.advances import show_advance  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            found = show_advance(acting.desk, name, viewer=acting.viewer)
            people = acting.desk.names()
        if as_json:
            screen.give(_json(found))
            return
        screen.table(COLUMNS, [_row(found, called(found.person, people))])
        _say_entries(found, screen)

    given.add(group, "show", show, code="command.advances_show")


def _say_entries(found: "Advance", screen: Screen) -> None:
    for one in found.entries:
        code = f"advances.entry.{one.kind.value}"
        screen.say("  " + screen.text(code, amount=shown(one.amount), claim=one.claim))


def _row(one: "Advance", person: str) -> tuple[str, ...]:
    at, currency = one.position, one.position.currency
    figures = (at.paid_out, sum(at.cleared.values()), at.returned, at.outstanding)
    return (one.id, person, *(shown(Money(minor, currency)) for minor in figures))


def _left(at: AdvancePosition) -> Money:
    return Money(at.outstanding, at.currency)


def _json(one: "Advance") -> dict[str, object]:
    at, currency = one.position, one.position.currency
    return {
        "advance": one.id,
        "person": one.person,
        "paid_out": money_json(Money(at.paid_out, currency)),
        "cleared": money_json(Money(sum(at.cleared.values()), currency)),
        "returned": money_json(Money(at.returned, currency)),
        "left": money_json(_left(at)),
        "entries": [
            {"kind": entry.kind.value, "claim": entry.claim, **(money_json(entry.amount) or {})}
            for entry in one.entries
        ],
    }
