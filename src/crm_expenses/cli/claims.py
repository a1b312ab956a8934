"""`crm-expenses claims`: note lines, assemble claims, submit, change and follow them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_expenses.cli.claimshow import (
    loose_json,
    row_json,
    say_claim,
    say_loose,
    say_rows,
    view_json,
)
from crm_expenses.cli.desk import Acting, DeskOptions, Where, at_desk, fields_of, shown
from crm_expenses.cli.options import Options
from crm_expenses.core.life import UNDECIDED, Life
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import total
from crm_expenses.errors import ConfigError

if TYPE_CHECKING:
    import typer


def register(app: "typer.Typer", given: Options) -> None:
    """Add the group."""
    from crm_expenses.cli import claimpay  # noqa: PLC0415  beside its group

    group = given.group(app, "claims")
    has = DeskOptions(given)
    for part in (_add, _loose, _discard, _new, _change, _drop, _moves, _list, _show):
        part(group, given, has)
    claimpay.register(group, given, has)


def _add(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def add(  # noqa: PLR0913, PLR0917  one argument an option
        file: Path | None = given.argument(None, "FILE", "option.claims_file"),
        mapping: Path | None = given.option(None, "--mapping", "option.mapping", "FILE"),
        day: str = given.option("", "--date", "option.claims_date", "DATE"),
        category: str = given.option("", "--category", "option.claims_category", "CODE"),
        amount: str = given.option("", "--amount", "option.claims_amount", "AMOUNT"),
        currency: str = given.option("", "--currency", "option.claims_currency", "CODE"),
        more: list[str] = given.option([], "--set", "option.claims_set", "NAME=VALUE"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.loose import add_lines, line_of, loose_lines  # noqa: PLC0415

        values = {"date": day, "category": category, "amount": amount, "currency": currency}
        said = {name: value for name, value in values.items() if value} | fields_of(more)
        if (file is None) == (not said):
            raise ConfigError("claims.file_or_line")
        with at_desk(Where(settings, crm, who, at)) as acting:
            problems: tuple[Any, ...] = ()
            if file is not None:
                from crm_expenses.linefile import read_lines  # noqa: PLC0415  heavy

                read = read_lines(file, mapping, acting.person, acting.policy, acting.at)
                noted, problems = read.lines, read.problems
                if read.unread:
                    screen.warn(screen.text("claims.unread", names=", ".join(read.unread[:20])))
            else:
                noted = (line_of(said, acting.person, acting.policy),)
            added = add_lines(acting.desk, noted, by=acting.person, at=acting.at)
            held = loose_lines(acting.desk, acting.person)
        problems = (*problems, *added.problems)
        for problem in problems:
            screen.warn(problem.describe(screen.language))
        counts = {"new": added.new, "changed": added.changed, "same": added.same}
        if as_json:
            told = [{"code": p.code, "text": p.describe(screen.language)} for p in problems]
            screen.give({**{name: list(ids) for name, ids in counts.items()}, "problems": told})
        else:
            sizes = {name: str(len(ids)) for name, ids in counts.items()}
            screen.say(screen.text("claims.added", **sizes, wrong=str(len(problems))))
            if held:
                sums = _sums([one.line.amount for one in held])
                count = str(len(held))
                screen.say(screen.text("claims.added_next", count=count, total=sums))
        if problems:
            given.leave(1)

    given.add(group, "add", add, code="command.claims_add")


def _sums(amounts: Any) -> str:
    currencies = sorted({one.currency for one in amounts})
    return " + ".join(
        shown(total([one for one in amounts if one.currency == code], code)) for code in currencies
    )


def _loose(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def loose(
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.loose import loose_lines  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            held = loose_lines(acting.desk, acting.person)
            if as_json:
                screen.give({"lines": [loose_json(one) for one in held]})
            else:
                say_loose(held, acting.policy, screen)

    given.add(group, "loose", loose, code="command.claims_loose")


def _discard(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def discard(
        lines: list[str] = given.argument(..., "LINES", "option.claims_lines"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.loose import discard_lines  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at)) as acting:
            gone = discard_lines(acting.desk, lines, by=acting.person, at=acting.at)
        if as_json:
            screen.give({"discarded": list(gone)})
        else:
            screen.say(screen.text("claims.discarded", lines=", ".join(gone)))

    given.add(group, "discard", discard, code="command.claims_discard")


def _new(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def new(  # noqa: PLR0913  one argument an option
        line: list[str] = given.option([], "--line", "option.claims_line", "LINE"),
        title: str = given.option("", "--title", "option.claims_title", "TEXT"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        everything: bool = given.option(False, "--all", "option.claims_all"),
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.claims import new_claim  # noqa: PLC0415  heavy

        if bool(line) == everything:
            raise ConfigError("claims.which_lines")
        with at_desk(Where(settings, crm, who, at)) as acting:
            chosen = line or None
            number = new_claim(
                acting.desk, by=acting.person, at=acting.at, lines=chosen, title=title
            )
            if not as_json:
                screen.say(screen.text("claims.made", claim=number))
            _tell(acting, number, given, as_json=as_json)

    given.add(group, "new", new, code="command.claims_new")


def _change(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    def change(  # noqa: PLR0913, PLR0917  one argument an option
        number: str = given.argument(..., "NUMBER", "option.claims_number"),
        line: str = given.option("", "--line", "option.claims_line", "LINE"),
        values: list[str] = given.option([], "--set", "option.claims_set", "NAME=VALUE"),
        title: str | None = given.option(None, "--title", "option.claims_title", "TEXT"),
        add: list[str] = given.option([], "--add", "option.claims_add", "LINE"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.claims import Edit  # noqa: PLC0415  heavy

        if bool(line) != bool(values):
            raise ConfigError("claims.one_line")
        edit = Edit(title, {line: fields_of(values)} if line else {}, add)
        with at_desk(Where(settings, crm, who, at)) as acting:
            _edit(acting, number, edit, given, as_json=as_json)

    given.add(group, "change", change, code="command.claims_change")


def _drop(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    def drop(
        number: str = given.argument(..., "NUMBER", "option.claims_number"),
        lines: list[str] = given.argument(..., "LINES", "option.claims_lines"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.claims import Edit  # noqa: PLC0415  heavy

        with at_desk(Where(settings, crm, who, at)) as acting:
            _edit(acting, number, Edit(drop=lines), given, as_json=as_json)

    given.add(group, "drop-line", drop, code="command.claims_drop")


def _edit(acting: Acting, number: str, edit: Any, given: Options, *, as_json: bool) -> None:
    from crm_expenses.pipeline.claims import change  # noqa: PLC0415  heavy

    life = change(acting.desk, number, edit, by=acting.person, at=acting.at)
    if not as_json:
        is_submitted = life is not None and life.state not in UNDECIDED
        code = "claims.was_changed" if is_submitted else "claims.was_kept"
        version = str(life.standing.version) if life is not None else "0"
        given.screen.say(given.screen.text(code, claim=number, version=version))
    _tell(acting, number, given, as_json=as_json)


def _moves(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    """Add the moves of a claimant that need nothing but the number."""
    screen = given.screen

    def made(name: str, said: str) -> None:
        def move(
            number: str = given.argument(..., "NUMBER", "option.claims_number"),
            crm: str = has.crm,
            who: str = has.who,
            settings: Path = has.settings,
            at: str = has.at,
            *,
            as_json: bool = has.json,
        ) -> None:
            from crm_expenses.pipeline import claims  # noqa: PLC0415  heavy

            act = getattr(claims, name)
            with at_desk(Where(settings, crm, who, at)) as acting:
                life: Life | None = act(acting.desk, number, by=acting.person, at=acting.at)
                if not as_json:
                    version = str(life.standing.version) if life is not None else "0"
                    screen.say(screen.text(said, claim=number, version=version))
                _tell(acting, number, given, as_json=as_json)

        given.add(group, name.replace("_", "-"), move, code=f"command.claims_{name}")

    made("submit", "claims.was_submitted")
    made("take_back", "claims.was_taken_back")
    made("withdraw", "claims.was_withdrawn")


def _list(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def list_(
        state: str = given.option("", "--state", "option.claims_state", "STATE"),
        person: str = given.option("", "--person", "option.claims_person", "ID"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        from crm_expenses.pipeline.claimviews import list_claims  # noqa: PLC0415  heavy

        chosen = _state(state)
        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            viewer = acting.viewer
            rows = list_claims(acting.desk, viewer=viewer, state=chosen, person=person)
            people = acting.desk.names()
        if as_json:
            screen.give({"claims": [row_json(one) for one in rows]})
        elif rows:
            say_rows(rows, people, screen)
        else:
            screen.say(screen.text("claims.none"))

    given.add(group, "list", list_, code="command.claims_list")


def _state(given: str) -> State | None:
    try:
        return State(given.replace("-", "_")) if given else None
    except ValueError:
        raise ConfigError("claims.state", value=given[:40], known=", ".join(State)) from None


def _show(group: "typer.Typer", given: Options, has: DeskOptions) -> None:
    screen = given.screen

    def show(
        number: str = given.argument(..., "NUMBER", "option.claims_number"),
        html: Path | None = given.option(None, "--html", "option.claims_html", "FILE"),
        crm: str = has.crm,
        who: str = has.who,
        settings: Path = has.settings,
        at: str = has.at,
        *,
        as_json: bool = has.json,
    ) -> None:
        with at_desk(Where(settings, crm, who, at), is_looking=True) as acting:
            if html is None:
                _tell(acting, number, given, as_json=as_json)
                return
            from crm_expenses.cli.pagefile import write_page  # noqa: PLC0415
            from crm_expenses.pipeline.claimpages import claim_page  # noqa: PLC0415  heavy

            page = claim_page(
                acting.desk,
                number,
                viewer=acting.viewer,
                at=acting.at,
                language=given.language,
                company=acting.company,
            )
        write_page(html, page)
        if as_json:
            screen.give({"claim": number, "page": str(html)})
        else:
            screen.say(screen.text("claims.page_at", claim=number, path=str(html)))

    given.add(group, "show", show, code="command.claims_show")


def _tell(acting: Acting, number: str, given: Options, *, as_json: bool) -> None:
    """Show a claim as it stands after what was done."""
    from crm_expenses.pipeline.claimviews import show_claim  # noqa: PLC0415  heavy

    view = show_claim(acting.desk, number, viewer=acting.viewer, at=acting.at)
    if as_json:
        given.screen.give(view_json(view, acting.policy))
    else:
        say_claim(view, acting.policy, given.screen, zone=acting.desk.company.zone)
