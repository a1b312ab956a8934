"""`crm-expenses conflicts`: fields that both sides changed, and whose value shall stand."""

from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.desk import DeskOptions, Where, at_desk
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.cli.valueshow import value_text

if TYPE_CHECKING:
    import typer

    from crm_expenses.store.edits import ClashRow

COLUMNS = (
    Column("conflicts.column.number", is_number=True),
    Column("conflicts.column.record"),
    Column("conflicts.column.field"),
    Column("conflicts.column.base"),
    Column("conflicts.column.theirs"),
    Column("conflicts.column.ours"),
    Column("conflicts.column.winner"),
    Column("conflicts.column.at"),
)


def register(app: "typer.Typer", given: Options) -> None:
    """Add the group."""
    group = given.group(app, "conflicts")
    has = DeskOptions(given)
    for part in (_list, _show, _resolve):
        part(group, given, has)


def _list(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def list_them(
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        is_all: bool = given.option(False, "--all", "option.conflicts_all"),
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.records import conflicts  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            found = conflicts(acting.desk, viewer=acting.viewer, only_open=not is_all)
            name = acting.desk.crm
        if as_json:
            screen.give({"crm": name, "conflicts": [_json(one) for one in found]})
        elif not found:
            screen.say(screen.text("conflicts.none"))
        else:
            screen.table(COLUMNS, [_cells(one, screen) for one in found])

    given.add(group, "list", list_them, code="command.conflicts_list")


def _show(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def show(
        number: int = given.argument(..., "NUMBER", "option.conflict"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.records import conflicts  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            viewer = acting.viewer
            [one] = conflicts(acting.desk, viewer=viewer, only_open=False, number=number)
        if as_json:
            screen.give(_json(one))
        else:
            _say(one, screen)

    given.add(group, "show", show, code="command.conflicts_show")


def _resolve(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def resolve(  # noqa: PLR0913  one argument an option
        number: int = given.argument(..., "NUMBER", "option.conflict"),
        take: str = given.option(..., "--take", "option.conflict_take", "crm|ours|VALUE"),
        why: str = given.option("", "--why", "option.record_why", "TEXT"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.records import resolve as settle  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            one = settle(
                acting.desk,
                acting.capabilities,
                number,
                take,
                by=acting.person,
                why=why,
                at=acting.at,
            )
        if as_json:
            screen.give(_json(one))
        else:
            told = {"number": str(one.number), "record": one.id, "field": one.field}
            screen.say(screen.text("conflicts.settled", **told, value=value_text(one.now)))

    given.add(group, "resolve", resolve, code="command.conflicts_resolve")


def _json(one: "ClashRow") -> dict[str, object]:
    return {
        "number": one.number,
        "kind": one.kind.value,
        "id": one.id,
        "field": one.field,
        "base": one.base,
        "theirs": one.theirs,
        "ours": one.ours,
        "now": one.now,
        "winner": one.winner,
        "at": one.at,
        "by": one.by,
        "why": one.said,
    }


def _winner(one: "ClashRow", screen: Screen) -> str:
    return screen.text(f"clash.winner.{one.winner or 'asked'}")


def _cells(one: "ClashRow", screen: Screen) -> tuple[str, ...]:
    values = (value_text(value) for value in (one.base, one.theirs, one.ours))
    record = f"{one.kind.value} {one.id}"
    return (str(one.number), record, one.field, *values, _winner(one, screen), one.at)


def _say(one: "ClashRow", screen: Screen) -> None:
    for column, cell in zip(COLUMNS, _cells(one, screen), strict=True):
        screen.say(f"{screen.text(column.code)}: {cell}")
    screen.say(f"{screen.text('conflicts.now')}: {value_text(one.now)}")
    if one.by:
        screen.say(screen.text("conflicts.by", by=one.by, why=one.said or "-"))
    if not one.winner:
        screen.say(screen.text("conflicts.next", number=str(one.number)))
