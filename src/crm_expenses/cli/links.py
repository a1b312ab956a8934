"""`crm-expenses links`: records of several CRMs that are one and the same thing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_expenses.cli.clock import moment
from crm_expenses.cli.options import Options
from crm_expenses.settings import Settings, load_settings

if TYPE_CHECKING:
    import typer

    from crm_expenses.pipeline.links import LinkedGroup, Match
    from crm_expenses.store import Store


def register(app: "typer.Typer", given: Options) -> None:
    """Add the group."""
    group = given.group(app, "links")
    by = given.option("cli", "--by", "option.audit_by", "WHO")
    for part in (_list, _add, _remove, _match):
        part(group, given, by)


def _list(group: "typer.Typer", given: Options, _: Any) -> None:
    screen = given.screen

    def list_(
        kind: str = given.option("", "--kind", "option.links_kind", "KIND"),
        settings: Path = given.settings,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.links import kind_of, list_links  # noqa: PLC0415  heavy

        chosen = kind_of(kind) if kind else None
        with _store(load_settings(settings)) as store:
            found = list_links(store, chosen)
        if as_json:
            screen.give({"links": [_group_json(one) for one in found]})
        elif not found:
            screen.say(screen.text("links.none"))
        for one in () if as_json else found:
            _say_group(one, given)

    given.add(group, "list", list_, code="command.links_list")


def _add(group: "typer.Typer", given: Options, by: Any) -> None:
    screen = given.screen

    def add(  # noqa: PLR0913  one argument an option
        one: str = given.argument(..., "RECORD", "option.links_member"),
        other: str = given.argument(..., "RECORD", "option.links_member"),
        kind: str = given.option(..., "--kind", "option.links_kind", "KIND"),
        reason: str = given.option(..., "--reason", "option.links_reason", "TEXT"),
        who: str = by,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.links import add_link, kind_of, member_of  # noqa: PLC0415
        from crm_expenses.store.sames import Said  # noqa: PLC0415

        loaded = load_settings(settings)
        first, second = (member_of(word, loaded.connections) for word in (one, other))
        with _store(loaded) as store:
            is_new = add_link(store, kind_of(kind), first, second, Said(who, moment(at), reason))
        if as_json:
            screen.give({"linked": [str(first), str(second)], "is_new": is_new})
        else:
            code = "links.added" if is_new else "links.known"
            screen.say(screen.text(code, one=str(first), other=str(second)))

    given.add(group, "add", add, code="command.links_add")


def _remove(group: "typer.Typer", given: Options, by: Any) -> None:
    screen = given.screen

    def remove(
        one: str = given.argument(..., "RECORD", "option.links_member"),
        kind: str = given.option(..., "--kind", "option.links_kind", "KIND"),
        reason: str = given.option(..., "--reason", "option.links_reason", "TEXT"),
        who: str = by,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.links import kind_of, member_of, remove_link  # noqa: PLC0415
        from crm_expenses.store.sames import Said  # noqa: PLC0415

        loaded = load_settings(settings)
        member = member_of(one, loaded.connections)
        with _store(loaded) as store:
            remove_link(store, kind_of(kind), member, Said(who, moment(at), reason))
        if as_json:
            screen.give({"removed": str(member)})
        else:
            screen.say(screen.text("links.removed", one=str(member)))

    given.add(group, "remove", remove, code="command.links_remove")


def _match(group: "typer.Typer", given: Options, _: Any) -> None:
    screen = given.screen

    def match_(
        kind: str = given.option(..., "--kind", "option.links_kind", "KIND"),
        field: str = given.option(..., "--by", "option.links_by", "FIELD"),
        who: str = given.option("cli", "--as", "option.audit_by", "WHO"),
        settings: Path = given.settings,
        at: str = given.at,
        *,
        plan_only: bool = given.option(False, "--plan", "option.links_plan"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.links import kind_of, make_links, match  # noqa: PLC0415
        from crm_expenses.store.sames import Said  # noqa: PLC0415

        of = kind_of(kind)
        with _store(load_settings(settings)) as store:
            found = match(store, of, field)
            if not plan_only and found.pairs:
                make_links(store, of, found, by=field, said=Said(who, moment(at)))
        if as_json:
            screen.give({"planned": plan_only, **_match_json(found)})
        else:
            _say_match(found, given, plan_only=plan_only)

    given.add(group, "match", match_, code="command.links_match")


def _say_group(one: "LinkedGroup", given: Options) -> None:
    screen = given.screen
    screen.say(one.kind.value)
    for record in one.records:
        code = "links.record" if record.is_held else "links.record_not_held"
        told = {"record": str(record.member), "title": record.title or "-", "how": record.how}
        screen.say(screen.text(code, **told))


def _group_json(one: "LinkedGroup") -> dict[str, object]:
    records = [
        {
            "crm": record.member.crm,
            "id": record.member.id,
            "name": record.title,
            "how": record.how,
            "is_held": record.is_held,
        }
        for record in one.records
    ]
    return {"kind": one.kind.value, "records": records}


def _match_json(found: "Match") -> dict[str, object]:
    ambiguous = [
        {"value": value, "records": [str(one) for one in members]}
        for value, members in found.ambiguous
    ]
    pairs = [[str(one), str(other)] for one, other in found.pairs]
    return {"pairs": pairs, "known": found.known, "ambiguous": ambiguous}


def _say_match(found: "Match", given: Options, *, plan_only: bool) -> None:
    screen = given.screen
    for one, other in found.pairs:
        screen.say(f"{one} = {other}")
    for value, members in found.ambiguous:
        records = ", ".join(str(one) for one in members)
        screen.warn(screen.text("links.ambiguous", value=value, records=records))
    counts = {
        "made": str(len(found.pairs)),
        "known": str(found.known),
        "ambiguous": str(len(found.ambiguous)),
    }
    screen.say(screen.text("links.planned" if plan_only else "links.matched", **counts))


@contextmanager
def _store(settings: Settings) -> "Iterator[Store]":
    """Open the store; none is made."""
    from crm_expenses.pipeline import demand_store  # noqa: PLC0415  heavy
    from crm_expenses.store import open_store  # noqa: PLC0415

    demand_store(settings)
    with open_store(settings.store) as store:
        yield store
