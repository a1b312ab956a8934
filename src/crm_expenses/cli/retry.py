"""`crm-expenses retry`: results that wait for a person, and sending them again."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.desk import DeskOptions, Where, at_desk
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.settings import load_settings

if TYPE_CHECKING:
    import typer

    from crm_expenses.store.deadletters import DeadLetter

COLUMNS = (
    Column("retry.column.key"),
    Column("retry.column.kind"),
    Column("retry.column.record"),
    Column("retry.column.state"),
    Column("retry.column.since"),
    Column("retry.column.tries", is_number=True),
    Column("retry.column.reason"),
)


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen, has = given.screen, DeskOptions(given)

    def retry(
        words: list[str] = given.argument(None, "[CRM] [KEY]...", "option.retry_words"),
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        is_all: bool = given.option(False, "--all", "option.retry_all"),
        is_looking: bool = given.option(False, "--list", "option.retry_list"),
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.records import dead_letters  # noqa: PLC0415  heavy
        from crm_expenses.pipeline.records import retry as send_again  # noqa: PLC0415

        given_words = list(words or ())
        known = load_settings(settings).connections
        crm = given_words.pop(0) if given_words and given_words[0] in known else ""
        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            name = acting.desk.crm
            if is_looking:
                found: Sequence[DeadLetter] = dead_letters(acting.desk, viewer=acting.viewer)
            else:
                found = send_again(
                    acting.desk, given_words, is_all=is_all, by=acting.person, at=acting.at
                )
        if as_json:
            word = "results" if is_looking else "again"
            screen.give({"crm": name, word: [_json(one) for one in found]})
        else:
            _say(name, found, screen, is_looking=is_looking)

    given.add(app, "retry", retry)


def _json(one: "DeadLetter") -> dict[str, object]:
    return {
        "key": one.key,
        "kind": one.kind,
        "record": one.record,
        "state": one.state,
        "reason": one.reason,
        "since": one.since,
        "tries": one.tries,
    }


def _say(crm: str, found: "Sequence[DeadLetter]", screen: Screen, *, is_looking: bool) -> None:
    if not is_looking:
        screen.say(screen.text("retry.again", crm=crm, count=f"{len(found):,}"))
        return
    if not found:
        screen.say(screen.text("retry.none", crm=crm))
        return
    rows = [
        (
            *(one.short, one.kind, one.record, screen.text(f"retry.state.{one.state}")),
            *(one.since or "-", str(one.tries), one.reason or "-"),
        )
        for one in found
    ]
    screen.table(COLUMNS, rows)
