"""`crm-expenses backtest`: what a changed policy would have decided on earlier claims."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.adapters.contract import SetAside
from crm_expenses.analytics.numerals import amount_text
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.errors import ConfigError

if TYPE_CHECKING:
    import typer

    from crm_expenses.analytics.backtest import BacktestFigures, SweepFigures, Swept
    from crm_expenses.analytics.backtest.figures import Spend, Touched
    from crm_expenses.backtest import Asked, Sourced
    from crm_expenses.rules.policy import Policy

ROWS_MAX: Final = 12
"""Most rows of one table on the terminal."""

AMOUNTS: Final = (
    Column("backtest.difference", is_number=True),
    Column("backtest.touched_lines", is_number=True),
    Column("backtest.touched_claims", is_number=True),
)
SPEND: Final = (
    Column("report.claimed", is_number=True),
    Column("backtest.allowed_before", is_number=True),
    Column("backtest.allowed_after", is_number=True),
    *AMOUNTS,
)
CHANGES: Final = (
    Column("backtest.before"),
    Column("backtest.after"),
    Column("report.lines_count", is_number=True),
    Column("report.claims_count", is_number=True),
)
POINTS: Final = (
    Column("backtest.value", is_number=True),
    Column("report.allowed", is_number=True),
    Column("backtest.against_before", is_number=True),
    Column("backtest.exceptions", is_number=True),
    Column("backtest.person", is_number=True),
)


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""

    def backtest(  # noqa: PLR0913, PLR0917  the options of the command
        data: Path = given.argument(..., "DATA", "option.backtest_data"),
        policy: Path = given.option(..., "--policy", "option.backtest_new", "NEW"),
        against: Path | None = given.option(None, "--against", "option.backtest_old", "OLD"),
        mapping: Path | None = given.option(None, "--mapping", "option.mapping", "FILE"),
        rates: Path | None = given.option(None, "--rates", "option.rates", "FILE"),
        crm: str | None = given.option(None, "--crm", "option.backtest_crm", "CRM"),
        sweep: str | None = given.option(None, "--sweep", "option.backtest_sweep", "WHAT"),
        html: Path | None = given.option(None, "--html", "option.backtest_html", "FILE"),
        flips: Path | None = given.option(None, "--flips", "option.backtest_flips", "FILE"),
        engine: str = given.option("duckdb", "--engine", "option.engine", "URL"),
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.analytics.backtest import (  # noqa: PLC0415  heavy
            backtest_json,
            write_backtest,
        )
        from crm_expenses.analytics.report import require_extra  # noqa: PLC0415
        from crm_expenses.backtest import backtest as compute  # noqa: PLC0415  heavy

        screen = given.screen
        if html is not None:
            require_extra()
        paths = _Paths(policy, against, mapping, rates)
        if data.is_dir() or engine != "duckdb":
            figures = _in_bulk(str(data), engine, paths, (sweep, flips), screen)
        else:
            with _claims(data, crm, paths, screen) as (claims, make):
                asked = make(sweep, flips)
                with screen.progress() as progress:
                    figures = compute(claims(asked), asked, progress)
        if html is not None:
            try:
                write_backtest(figures, html, language=given.language)
            except OSError as error:
                detail = error.strerror or str(error)
                raise ConfigError("backtest.page_place", path=str(html), detail=detail) from error
        if as_json:
            screen.give(backtest_json(figures))
            return
        _show(figures, screen)
        for path in (html, flips):
            if path is not None:
                screen.say(screen.text("backtest.line_written", path=str(path)))

    given.add(app, "backtest", backtest)


class _Paths:
    """The files that were named."""

    def __init__(
        self, new: Path, old: Path | None, mapping: Path | None, rates: Path | None
    ) -> None:
        self.new = new
        self.old = old
        self.mapping = mapping
        self.rates = rates


Ready = tuple["Callable[[Asked], Sourced]", "Callable[[str | None, Path | None], Asked]"]


@contextmanager
def _claims(data: Path, crm: str | None, paths: _Paths, screen: Screen) -> Iterator[Ready]:
    """Open what holds the claims: a store by its settings, or a file."""
    if data.suffix == ".toml":
        with _of_store(data, crm, paths) as ready:
            yield ready
    else:
        yield _of_file(data, paths, screen)


@contextmanager
def _of_store(settings: Path, crm: str | None, paths: _Paths) -> Iterator[Ready]:
    from crm_expenses.backtest import Asked, StoreClaims  # noqa: PLC0415  heavy
    from crm_expenses.pipeline import demand_store, open_job  # noqa: PLC0415  heavy
    from crm_expenses.plugins import with_plug_ins  # noqa: PLC0415  heavy
    from crm_expenses.policyfile import load_policy  # noqa: PLC0415  heavy
    from crm_expenses.settings import load_settings  # noqa: PLC0415  heavy

    loaded = load_settings(settings)
    demand_store(loaded)
    with open_job(loaded, crm) as job:
        plug_ins = loaded.plug_ins
        old = with_plug_ins(load_policy(paths.old), plug_ins) if paths.old else job.policy
        new = with_plug_ins(load_policy(paths.new), plug_ins)

        def asked(sweep: str | None, flips: Path | None) -> Asked:
            return Asked(old, new, _swept(new, sweep), flips)

        def claims(of: Asked) -> "Sourced":
            return iter(StoreClaims(job.store, job.adapter.name, of.old))

        yield claims, asked


def _of_file(path: Path, paths: _Paths, screen: Screen) -> Ready:
    from crm_expenses.adapters.files import rates_in  # noqa: PLC0415  heavy
    from crm_expenses.backtest import Asked, FileClaims  # noqa: PLC0415  heavy
    from crm_expenses.policyfile import load_policy  # noqa: PLC0415  heavy

    if paths.old is None:
        raise ConfigError("backtest.which_old")
    old, new = load_policy(paths.old), load_policy(paths.new)
    known, aside = rates_in(paths.rates, old.currency) if paths.rates else ((), ())

    def tell(found: SetAside) -> None:
        for problem in found.problems:
            screen.warn(screen.text("check.aside", text=problem.describe(screen.language)))

    for row in aside:
        tell(row)

    def asked(sweep: str | None, flips: Path | None) -> Asked:
        return Asked(old, new, _swept(new, sweep), flips)

    def claims(of: Asked) -> "Sourced":
        read = FileClaims(path, of, paths.mapping, rates=known, tell=tell)
        yield from read
        count = read.count
        if count.set_aside or count.without_line:
            values = {"set_aside": count.set_aside, "without": count.without_line}
            values |= {"rows": count.rows, "lines": count.lines}
            told = {name: f"{value:,}" for name, value in values.items()}
            screen.warn(screen.text("check.counts", **told))

    return claims, asked


def _in_bulk(
    data: str,
    engine: str,
    paths: _Paths,
    more: tuple[str | None, Path | None],
    screen: Screen,
) -> "BacktestFigures":
    """Back-test by queries, where the claims lie."""
    from crm_expenses.adapters.files import rates_in  # noqa: PLC0415  heavy
    from crm_expenses.backtest import Asked  # noqa: PLC0415  heavy
    from crm_expenses.bulk import Source, backtest, opened  # noqa: PLC0415  heavy
    from crm_expenses.policyfile import load_policy  # noqa: PLC0415  heavy

    if paths.old is None:
        raise ConfigError("backtest.which_old")
    old, new = load_policy(paths.old), load_policy(paths.new)
    known, rows = rates_in(paths.rates, old.currency) if paths.rates else ((), ())

    def tell(found: SetAside) -> None:
        for problem in found.problems:
            screen.warn(screen.text("check.aside", text=problem.describe(screen.language)))

    for row in rows:
        tell(row)
    sweep, flips = more
    asked = Asked(old, new, _swept(new, sweep), flips)
    source = Source(data, engine, paths.mapping, known)
    with (
        screen.progress() as progress,
        opened(source, (old, new), aside=tell, tell=progress) as claims,
    ):
        return backtest(claims, asked, progress)


def _swept(policy: "Policy", sweep: str | None) -> "Swept | None":
    from crm_expenses.analytics.backtest import read_sweep, swept  # noqa: PLC0415  heavy

    return swept(policy, read_sweep(sweep)) if sweep else None


def _show(figures: "BacktestFigures", screen: Screen) -> None:
    """Print the summary: the whole, the rules, the categories, the outcomes, the curve."""
    from crm_expenses.analytics.backtest import charts  # noqa: PLC0415  heavy

    language, currency = screen.language, figures.currency
    totals, spend = figures.totals, figures.totals.spend
    screen.say(
        screen.text(
            "backtest.line_whole",
            claims=f"{totals.claims:,}",
            lines=f"{spend.lines:,}",
            claimed=amount_text(spend.claimed, currency),
            before=amount_text(spend.before, currency),
            after=amount_text(spend.after, currency),
            difference=charts.signed(spend.difference, currency),
            currency=currency,
            share=f"({charts.percent(spend.difference, spend.before)})" if spend.before else "",
        ).rstrip()
    )
    if totals.left_out:
        screen.say(screen.text("backtest.left_out", claims=f"{totals.left_out:,}"))
    touched = totals.touched
    counts = {"claims": touched.claims, "lines": touched.lines, "people": touched.people}
    told = {name: f"{value:,}" for name, value in counts.items()}
    screen.say(screen.text("backtest.line_touched", **told))
    now, no_longer = figures.now_needs.claims, figures.no_longer_needs.claims
    screen.say(screen.text("backtest.line_person", now=f"{now:,}", no_longer=f"{no_longer:,}"))

    def rows(of: "Spend", touched: "Touched") -> tuple[str, ...]:
        difference = charts.signed(of.difference, currency)
        return (difference, f"{touched.lines:,}", f"{touched.claims:,}")

    rules = [
        (charts.rule_name(figures, rule.code, language), *rows(rule.spend, rule.touched))
        for rule in charts.rules_in_order(figures)
        if rule.touched.lines
    ]
    _table("report.rule", AMOUNTS, rules, screen)
    categories = [
        (
            figures.category_titles[group.key].of(language),
            *(
                amount_text(amount, currency)
                for amount in (group.spend.claimed, group.spend.before, group.spend.after)
            ),
            *rows(group.spend, group.touched),
        )
        for group in charts.by_difference(figures.categories)
    ]
    _table("backtest.categories_head", SPEND, categories, screen)
    moved = [
        (
            screen.text(f"word.{change.before.value}"),
            screen.text(f"word.{change.after.value}"),
            f"{change.lines:,}",
            f"{change.claims:,}",
        )
        for change in figures.changes
        if change.before is not change.after
    ]
    if moved:
        screen.say()
        screen.table(CHANGES, moved)
    if figures.sweep is not None:
        _show_curve(figures.sweep, spend.before, currency, screen)


def _show_curve(sweep: "SweepFigures", before: int, currency: str, screen: Screen) -> None:
    from crm_expenses.analytics.backtest.charts import signed  # noqa: PLC0415  heavy

    screen.say()
    screen.table(
        POINTS,
        [
            (
                point.value,
                amount_text(point.allowed, currency),
                signed(point.allowed - before, currency),
                f"{point.exceptions:,}",
                f"{point.claims_for_person:,}",
            )
            for point in sweep.points
        ],
    )


def _table(
    head: str, columns: tuple[Column, ...], rows: list[tuple[str, ...]], screen: Screen
) -> None:
    if not rows:
        return
    screen.say()
    screen.table((Column(head), *columns), rows[:ROWS_MAX])
    if len(rows) > ROWS_MAX:
        screen.say(screen.text("backtest.and_more", count=f"{len(rows) - ROWS_MAX:,}"))
