"""`crm-expenses records`: the past of a record, and changing it from here."""

from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.desk import DeskOptions, Where, at_desk, fields_of
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.cli.valueshow import value_text
from crm_expenses.core.merge import values_of

if TYPE_CHECKING:
    import typer

    from crm_expenses.pipeline.records import RecordView
    from crm_expenses.store.edits import Changed

EDIT_COLUMNS = (
    Column("records.column.field"),
    Column("records.column.before"),
    Column("records.column.ours"),
    Column("records.column.state"),
    Column("records.column.at"),
)


def register(app: "typer.Typer", given: Options) -> None:
    """Add the group."""
    group = given.group(app, "records")
    has = DeskOptions(given)
    _show(group, given, has)
    _change(group, given, has)


def _show(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def show(
        kind: str = given.argument(..., "KIND", "option.record_kind"),
        name: str = given.argument(..., "ID", "option.record_id"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.records import kind_of, show_record  # noqa: PLC0415  heavy

        of = kind_of(kind)
        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            found = show_record(acting.desk, of, name, viewer=acting.viewer)
        if as_json:
            screen.give(_view_json(found))
        else:
            _say_view(found, screen)

    given.add(group, "show", show, code="command.records_show")


def _change(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def change(  # noqa: PLR0913, PLR0917  one argument an option
        kind: str = given.argument(..., "KIND", "option.record_kind"),
        name: str = given.argument(..., "ID", "option.record_id"),
        values: list[str] = given.argument(..., "FIELD=VALUE...", "option.record_values"),
        why: str = given.option("", "--why", "option.record_why", "TEXT"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.records import change_record, kind_of  # noqa: PLC0415  heavy

        of = (kind_of(kind), name)
        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            done = change_record(
                acting.desk,
                acting.capabilities,
                of,
                fields_of(values),
                by=acting.person,
                why=why,
                at=acting.at,
            )
        if as_json:
            screen.give(_changed_json(kind, name, done))
        else:
            _say_changed(name, done, screen)

    given.add(group, "change", change, code="command.records_change")


def _changed_json(kind: str, name: str, done: "Changed") -> dict[str, object]:
    now = values_of(done.record)
    changed = {field: [value, now.get(field)] for field, value in done.before.items()}
    return {"kind": kind, "id": name, "changed": changed, "edits": list(done.edits)}


def _say_changed(name: str, done: "Changed", screen: Screen) -> None:
    if not done.before:
        screen.say(screen.text("records.same", record=name))
        return
    now = values_of(done.record)
    for field, value in done.before.items():
        told = {"name": field, "before": value_text(value), "after": value_text(now.get(field))}
        screen.say(screen.text("plan.field", **told))
    screen.say(screen.text("records.changed", record=name))


def _view_json(found: "RecordView") -> dict[str, object]:
    return {
        "kind": found.kind.value,
        "id": found.id,
        "versions": [
            {
                "at": one.at,
                "crm": one.origin.crm,
                "place": one.origin.place,
                "version": one.origin.version,
                "by": one.by,
                "why": one.said,
                "erased": one.is_erased,
                "fields": values_of(one.record),
            }
            for one in found.versions
        ],
        "edits": [
            {
                "number": one.number,
                "field": one.field,
                "base": one.base,
                "ours": one.ours,
                "state": one.state,
                "at": one.at,
            }
            for one in found.edits
        ],
    }


def _say_view(found: "RecordView", screen: Screen) -> None:
    before: dict[str, object] = {}
    for number, one in enumerate(found.versions, start=1):
        by = one.by or one.origin.crm
        where = one.origin.place or one.origin.record
        head = {"number": str(number), "at": one.at, "by": by, "place": where}
        screen.say(screen.text("records.version", **head))
        if one.said:
            screen.say("  " + screen.text("records.why", why=one.said))
        now = values_of(one.record)
        for field, value in now.items():
            if field not in before and value_text(value) == "-":
                continue
            if field not in before or before[field] != value:
                screen.say(f"  {field}: {value_text(value)}")
        for field in before.keys() - now.keys():
            screen.say(f"  {field}: -")
        before = dict(now)
    if found.edits:
        screen.say()
        screen.table(
            EDIT_COLUMNS,
            [
                (
                    one.field,
                    value_text(one.base),
                    value_text(one.ours),
                    screen.text(f"edits.state.{one.state}"),
                    one.at,
                )
                for one in found.edits
            ],
        )
