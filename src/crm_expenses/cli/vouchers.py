"""`crm-expenses vouchers`: files of vouchers, and those that stand behind several."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.clock import moment
from crm_expenses.cli.desk import DeskOptions, Where, at_desk
from crm_expenses.cli.identity import acting_person
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.settings import load_settings

if TYPE_CHECKING:
    import typer

    from crm_expenses.pipeline.vouchers import Duplicate
    from crm_expenses.store.files import FileRow

COLUMNS = (
    Column("vouchers.column_voucher"),
    Column("vouchers.column_name"),
    Column("vouchers.column_size", is_number=True),
    Column("vouchers.column_state"),
    Column("vouchers.column_digest"),
)
DIGEST_SHOWN = 12
"""Digits of a digest in a table; JSON has them all."""


def register(app: "typer.Typer", given: Options) -> None:
    """Add the group."""
    group = given.group(app, "vouchers")
    has = DeskOptions(given)
    for part in (_files, _attach, _save, _duplicates, _retry):
        part(group, given, has)


def _files(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def files(
        voucher: str = given.argument("", "VOUCHER", "option.voucher"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.vouchers import known_files  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            desk = acting.desk
            rows = known_files(desk.store, desk.crm, viewer=acting.viewer, voucher=voucher)
        if as_json:
            screen.give({"files": [file_json(row) for row in rows]})
        elif rows:
            _say_files(rows, screen)
        else:
            screen.say(screen.text("vouchers.none"))

    given.add(group, "files", files, code="command.vouchers_files")


def _attach(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def attach(
        voucher: str = given.argument(..., "VOUCHER", "option.voucher"),
        file: Path = given.argument(..., "FILE", "option.voucher_file"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline import demand_store, open_job  # noqa: PLC0415  heavy
        from crm_expenses.pipeline.desk import looked_at  # noqa: PLC0415
        from crm_expenses.pipeline.shelfcheck import shelf_of  # noqa: PLC0415
        from crm_expenses.pipeline.vouchers import attach as put  # noqa: PLC0415
        from crm_expenses.store.files import IN_SENDING  # noqa: PLC0415

        loaded = load_settings(settings)
        person, now = acting_person(loaded, who), moment(at)
        demand_store(loaded)
        with open_job(loaded, crm or None) as job:
            viewer, shelf = looked_at(job).viewer(person), shelf_of(loaded)
            row = put(
                job.store, job.adapter, shelf, voucher=voucher, path=file, viewer=viewer, at=now
            )
        if as_json:
            screen.give(file_json(row))
            return
        told = {"name": row.name, "voucher": row.voucher, "size": f"{row.size:,}"}
        screen.say(screen.text("vouchers.attached", **told, digest=row.digest))
        if row.state in IN_SENDING:
            screen.say(screen.text("vouchers.attached_next"))

    given.add(group, "attach", attach, code="command.vouchers_attach")


def _save(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def save(
        voucher: str = given.argument(..., "VOUCHER", "option.voucher"),
        folder: Path = given.argument(..., "FOLDER", "option.voucher_folder"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.shelfcheck import shelf_of  # noqa: PLC0415  heavy
        from crm_expenses.pipeline.vouchers import known_files, save  # noqa: PLC0415

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            desk = acting.desk
            rows = known_files(desk.store, desk.crm, viewer=acting.viewer, voucher=voucher)
            made = save(shelf_of(load_settings(settings)), rows, folder)
        if as_json:
            screen.give({"saved": [{**file_json(row), "path": str(path)} for row, path in made]})
            return
        for _, path in made:
            screen.say(str(path))
        count = str(len(made))
        screen.say(screen.text("vouchers.saved_count", count=count, folder=str(folder)))

    given.add(group, "save", save, code="command.vouchers_save")


def _duplicates(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def duplicates(
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.vouchers import duplicate_files  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            found = duplicate_files(acting.desk.store, viewer=acting.viewer)
        if as_json:
            screen.give({"duplicates": [_duplicate_json(one) for one in found]})
        elif found:
            for one in found:
                _say_duplicate(one, screen)
        else:
            screen.say(screen.text("vouchers.no_duplicates"))

    given.add(group, "duplicates", duplicates, code="command.vouchers_duplicates")


def _retry(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def retry(
        voucher: str = given.argument("", "VOUCHER", "option.voucher"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.vouchers import try_again  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            desk = acting.desk
            count = try_again(desk.store, desk.crm, viewer=acting.viewer, voucher=voucher)
        if as_json:
            screen.give({"again": count})
        else:
            screen.say(screen.text("vouchers.again", count=str(count)))

    given.add(group, "retry", retry, code="command.vouchers_retry")


def file_json(row: "FileRow") -> dict[str, object]:
    """Give what is known of a file as a script reads it."""
    return {
        "crm": row.crm,
        "voucher": row.voucher,
        "id": row.id,
        "name": row.name,
        "type": row.type,
        "size": row.size,
        "version": row.version,
        "sha256": row.digest,
        "state": row.state.value,
        "reason": row.reason,
        "tries": row.tries,
    }


def _say_files(rows: "Sequence[FileRow]", screen: Screen) -> None:
    screen.table(
        COLUMNS,
        [
            (
                *(row.voucher, row.name or "-", f"{row.size:,}"),
                screen.text(f"vouchers.state_{row.state.value}"),
                row.digest[:DIGEST_SHOWN] or "-",
            )
            for row in rows
        ],
    )
    for row in rows:
        if row.reason:
            name = row.name or row.voucher
            screen.say(screen.text("vouchers.reason", name=name, reason=row.reason))


def _duplicate_json(one: "Duplicate") -> dict[str, object]:
    places = [
        {**file_json(place.file), "claims": list(place.claims), "people": list(place.people)}
        for place in one.places
    ]
    return {"sha256": one.digest, "size": one.size, "places": places}


def _say_duplicate(one: "Duplicate", screen: Screen) -> None:
    count = len({(place.file.crm, place.file.voucher) for place in one.places})
    told = {"digest": one.digest[:DIGEST_SHOWN], "size": f"{one.size:,}", "count": str(count)}
    screen.say(screen.text("vouchers.duplicate", **told))
    for place in one.places:
        screen.say(
            screen.text(
                "vouchers.duplicate_place",
                crm=place.file.crm,
                voucher=place.file.voucher,
                name=place.file.name,
                claims=", ".join(place.claims) or "-",
                people=", ".join(place.people) or "-",
            )
        )
