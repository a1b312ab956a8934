"""`crm-expenses audit`: read and check the log, make checkpoints and bundles, erase words."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_expenses.cli.auditshow import (
    show_bundle,
    show_erased,
    show_files,
    show_log,
    show_made,
    show_store,
)
from crm_expenses.cli.clock import moment
from crm_expenses.cli.options import Options
from crm_expenses.errors import ConfigError
from crm_expenses.settings import Settings, load_settings

if TYPE_CHECKING:
    import typer

    from crm_expenses.store import Store


def register(app: "typer.Typer", given: Options) -> None:
    """Add the group."""
    group = given.group(app, "audit")
    by = given.option("cli", "--by", "option.audit_by", "WHO")
    for part in (_log, _verify, _checkpoint, _bundle, _erase):
        part(group, given, by)


def _log(group: "typer.Typer", given: Options, _: Any) -> None:
    screen = given.screen

    def log(
        subject: str = given.option("", "--subject", "option.audit_subject", "ID"),
        action: str = given.option("", "--action", "option.audit_action", "WORD"),
        last: int | None = given.option(None, "--last", "option.audit_last", "NUMBER"),
        settings: Path = given.settings,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.audit import read_entries  # noqa: PLC0415  heavy

        with _store(load_settings(settings)) as store:
            found = read_entries(store, subject=subject, action=action, last=last)
            show_log(found, screen, as_json=as_json)

    given.add(group, "log", log, code="command.audit_log")


def _verify(group: "typer.Typer", given: Options, _: Any) -> None:
    screen = given.screen

    def verify(
        bundle: Path | None = given.argument(None, "BUNDLE", "option.audit_bundle"),
        checkpoint: list[Path] = given.option(
            [], "--checkpoint", "option.audit_checkpoint", "FILE"
        ),
        key: Path | None = given.option(None, "--key", "option.audit_key", "FILE"),
        settings: Path = given.settings,
        *,
        quick: bool = given.option(False, "--quick", "option.audit_quick"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.checkpointfile import read_checkpoint  # noqa: PLC0415  heavy
        from crm_expenses.signing import public_key  # noqa: PLC0415

        outside = [read_checkpoint(path) for path in checkpoint]
        trusted = public_key(key) if key else None
        if bundle is not None:
            from crm_expenses.bundlecheck import check_bundle  # noqa: PLC0415  heavy

            checked = check_bundle(bundle, outside=outside, key=trusted)
            show_bundle(checked, screen, has_key=trusted is not None, as_json=as_json)
            holds = checked.holds
        else:
            from crm_expenses.pipeline.audit import verify as verify_store  # noqa: PLC0415  heavy
            from crm_expenses.pipeline.shelfcheck import shelf_of  # noqa: PLC0415  heavy

            loaded = load_settings(settings)
            shelf = shelf_of(loaded)
            with _store(loaded) as store, screen.progress() as progress:
                found = verify_store(
                    store,
                    outside=outside,
                    key=trusted,
                    quick=quick,
                    progress=progress,
                    shelf=shelf,
                )
            show_store(
                found, screen, has_key=trusted is not None, outside=len(outside), as_json=as_json
            )
            if not as_json:
                show_files(found, shelf.folder, screen)
            holds = found.holds
        if not holds:
            given.leave(1)

    given.add(group, "verify", verify, code="command.audit_verify")


def _checkpoint(group: "typer.Typer", given: Options, by: Any) -> None:
    screen = given.screen

    def checkpoint(
        out: Path | None = given.option(None, "--out", "option.audit_out", "FILE"),
        who: str = by,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.checkpointfile import checkpoint_text, write_checkpoint  # noqa: PLC0415
        from crm_expenses.pipeline.audit import checkpoint as make  # noqa: PLC0415  heavy

        loaded = load_settings(settings)
        with _store(loaded) as store:
            made = make(store, loaded.audit_key, at=moment(at), actor=who)
        if out is not None:
            write_checkpoint(made, out)
        show_made(made, out, screen, as_json=as_json, text=checkpoint_text(made))

    given.add(group, "checkpoint", checkpoint, code="command.audit_checkpoint")


def _bundle(group: "typer.Typer", given: Options, by: Any) -> None:
    screen = given.screen

    def bundle(  # noqa: PLR0913, PLR0917  the options of the command
        crm: str | None = given.crm,
        out: Path = given.option(..., "--out", "option.audit_folder", "FOLDER"),
        claims: str = given.option("", "--claims", "option.audit_claims", "IDS"),
        sample: int | None = given.option(None, "--sample", "option.audit_sample", "NUMBER"),
        seed: int = given.option(0, "--seed", "option.audit_seed", "NUMBER"),
        who: str = by,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.audit import checkpoint as make  # noqa: PLC0415  heavy
        from crm_expenses.pipeline.bundle import Drawn, make_bundle  # noqa: PLC0415

        names = tuple(name.strip() for name in claims.split(",") if name.strip())
        if bool(names) == (sample is not None):
            raise ConfigError("audit.which")
        loaded, now = load_settings(settings), moment(at)
        name = loaded.connection(crm).name
        with _store(loaded) as store:
            kept = make(store, loaded.audit_key, at=now, actor=who)
            drawn = Drawn(names, sample or 0, seed)
            made = make_bundle(store, name, kept, drawn, out, at=now)
        if as_json:
            screen.give(
                {
                    "folder": str(made.folder),
                    "claims": list(made.claims),
                    "population": made.population,
                    "decisions": made.decisions,
                    "entries": made.entries,
                    "checkpoint": {"size": made.size, "root": made.root},
                }
            )
            return
        counts = {
            "claims": f"{len(made.claims):,}",
            "population": f"{made.population:,}",
            "decisions": f"{made.decisions:,}",
            "entries": f"{made.entries:,}",
        }
        screen.say(screen.text("audit.bundle_at", path=str(made.folder), **counts))
        screen.say(screen.text("audit.bundle_next", path=str(made.folder)))

    given.add(group, "bundle", bundle, code="command.audit_bundle")


def _erase(group: "typer.Typer", given: Options, by: Any) -> None:
    screen = given.screen

    def erase(
        crm: str | None = given.crm,
        person: str = given.option("", "--person", "option.audit_person", "ID"),
        reason: str = given.option("", "--reason", "option.audit_reason", "TEXT"),
        who: str = by,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.audit import erase as erase_words  # noqa: PLC0415  heavy

        if not person.strip() or not reason.strip():
            raise ConfigError("audit.person")
        loaded = load_settings(settings)
        names = [loaded.connection(crm).name] if crm else list(loaded.connections)
        now: datetime = moment(at)
        with _store(loaded) as store:
            made = [
                (name, erase_words(store, name, person, actor=who, reason=reason, at=now))
                for name in names
            ]
        show_erased(made, screen, as_json=as_json)

    given.add(group, "erase", erase, code="command.audit_erase")


@contextmanager
def _store(settings: Settings) -> "Iterator[Store]":
    """Open what is there; looking never makes a store."""
    from crm_expenses.store import has_store, name_of, open_store  # noqa: PLC0415  heavy

    if not has_store(settings.store):
        raise ConfigError("store.none", path=name_of(settings.store))
    with open_store(settings.store) as store:
        yield store
