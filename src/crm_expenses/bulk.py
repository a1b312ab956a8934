"""Bulk: the claims of a file, a folder of tables or a warehouse, decided by the SQL reading.

The query travels to where the claims lie; what comes back are counts, and a Parquet file. Of a file
that a mapping describes the lines go into the engine's own tables first, some at a time.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from crm_expenses.adapters.contract import SetAside
from crm_expenses.analytics.backtest import (
    Backtest,
    BacktestFigures,
    Relations,
    SweepPoint,
    Swept,
    sweep_point,
)
from crm_expenses.analytics.claimtables import ClaimTables
from crm_expenses.analytics.engines import Engine, open_engine
from crm_expenses.analytics.engines.contract import Progress, Row
from crm_expenses.backtest import Asked, sweep_figures, write_flips
from crm_expenses.core.origin import Origin
from crm_expenses.core.rates import Rate
from crm_expenses.errors import ConfigError, MappingError
from crm_expenses.filecheck import CheckCount, FileFacts, file_facts
from crm_expenses.rules.own_fact import FactOf
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.sql import BOTH, SUMMARY, Script, script, scripts
from crm_expenses.rules.sql.schema import RESULTS, TABLES

Tell = Callable[[str, int, int | None], None]
"""Is told how far a stage is: its name, what is done, and of how much if that is known."""

LOAD: Final = "load"
CHECK: Final = "check"
BACKTEST: Final = "backtest"
SWEEP: Final = "sweep"
LINES_MAX: Final = 50_000
"""Lines of a file that are held in memory before they go to the engine."""

DEFAULT_ENGINE: Final = "duckdb"


@dataclass
class Claims:
    """Claims that an engine sees: which tables are not there, and what was read of a file."""

    engine: Engine
    absent: frozenset[str]
    count: CheckCount | None = None


@dataclass
class BulkCount:
    """What a bulk check found: claims and lines by outcome, findings by code, and the amounts.

    Amounts are in minor units of the policy's currency.
    """

    claims: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    claimed: int = 0
    allowed: int = 0

    def as_json(self) -> dict[str, object]:
        """Give the counts as plain values."""
        return {
            "claims": dict(sorted(self.claims.items())),
            "lines": dict(sorted(self.lines.items())),
            "findings": dict(sorted(self.findings.items())),
            "claimed_minor": self.claimed,
            "allowed_minor": self.allowed,
        }


@dataclass(frozen=True)
class Source:
    """Where claims come from: a file with its mapping and rates, a folder, or a warehouse."""

    data: str
    url: str = DEFAULT_ENGINE
    mapping: Path | None = None
    rates: tuple[Rate, ...] = ()

    @property
    def is_file(self) -> bool:
        """Whether the claims stand in one file."""
        return Path(self.data).is_file()


@contextmanager
def opened(
    source: Source,
    policies: Sequence[Policy],
    *,
    aside: Callable[[SetAside], None],
    tell: Tell,
) -> Iterator[Claims]:
    """Open an engine that sees the claims of a source.

    `aside` is given each row of a file that cannot be read.

    Raises:
        ConfigError: the source or the engine is not there, or a table does not fit.
        AdapterError: the engine cannot be reached.
    """
    facts = _own_facts(policies)
    with open_engine(source.url) as engine:
        if source.is_file:
            yield _loaded(source, policies, engine, aside, tell)
            return
        where = source.data
        if engine.dialect == "duckdb" and not Path(where).exists():
            raise ConfigError("bulk.no_source", path=where)
        found = engine.attach("" if where == "-" else where, facts=facts)
        yield Claims(engine, found.absent)


def _own_facts(policies: Sequence[Policy]) -> Mapping[str, FactOf]:
    return {name: fact.of for policy in policies for name, fact in policy.facts.items()}


def _loaded(
    source: Source,
    policies: Sequence[Policy],
    engine: Engine,
    aside: Callable[[SetAside], None],
    tell: Tell,
) -> Claims:
    """Put the claims of a file into tables of the engine, some lines at a time."""
    facts = _own_facts(policies)
    claims: FileFacts = file_facts(Path(source.data), policies, source.mapping, rates=source.rates)
    tables = ClaimTables(facts, policies[0].currency)
    columns = {name: tables.columns(name) for name in TABLES}

    def put(rows: Mapping[str, Sequence[Row]]) -> None:
        engine.add({name: (columns[name], held) for name, held in rows.items()})

    put(dict.fromkeys(TABLES, ()))
    for number, found in enumerate(claims, start=1):
        if isinstance(found, SetAside):
            aside(found)
            continue
        try:
            tables.add(found)
        except MappingError as error:
            aside(SetAside(Origin("file", found.claim.id, source.data), error.problems))
        if tables.lines_waiting >= LINES_MAX:
            put(tables.take())
        tell(LOAD, number, None)
    put(tables.rest())
    return Claims(engine, frozenset(), claims.count)


# One policy


def check(claims: Claims, policy: Policy, out: Path, tell: Tell) -> BulkCount:
    """Decide all claims, and write what became of each line to a Parquet file.

    A place that is a folder gets a file for each table of results instead.

    Raises:
        ConfigError: a rule needs a table that is not there, or the file cannot be written.
        RefusedError: the engine refuses a step.
    """
    wanted = (*RESULTS, SUMMARY) if out.is_dir() else (SUMMARY, "decided_claims", "findings")
    made = script(
        policy,
        claims.engine.dialect,
        absent=claims.absent,
        only=wanted,
        by_place=claims.engine.dialect == "duckdb",
    )
    _run(claims, made, CHECK, tell)
    for name in sorted(RESULTS) if out.is_dir() else ():
        _write(claims.engine, made.results[name], out / f"{name}.parquet")
    if not out.is_dir():
        _write(claims.engine, _written(policy, made.results[SUMMARY]), out)
    return _counted(claims.engine, made)


def _written(policy: Policy, summary: str) -> str:
    currency = f"'{policy.currency}' AS currency"
    columns = f"claim, line, outcome, {currency}, claimed, allowed, codes"
    return f"SELECT {columns}\nFROM (\n{summary}\n) AS lines"


def _run(claims: Claims, made: Script, stage: str, tell: Tell, base: int = 0) -> None:
    def told(progress: Progress) -> None:
        tell(stage, base + progress.done, base + progress.total)

    claims.engine.run(made, told)


def _write(engine: Engine, query: str, path: Path) -> None:
    if not path.absolute().parent.is_dir():
        raise ConfigError("bulk.out_place", path=str(path), detail=str(path.absolute().parent))
    try:
        engine.write(query, path)
    except OSError as error:
        detail = error.strerror or str(error)
        raise ConfigError("bulk.out_place", path=str(path), detail=detail) from error


def _counted(engine: Engine, made: Script) -> BulkCount:
    count = BulkCount()
    queries = {name: f"(\n{query}\n) AS counted" for name, query in made.results.items()}
    of_claims = (
        "SELECT outcome, COUNT(*), SUM(claimed), SUM(allowed)\n"
        f"FROM {queries['decided_claims']}\nGROUP BY outcome"
    )
    for outcome, number, claimed, allowed in _rows(engine, of_claims):
        count.claims[str(outcome)] = _whole(number)
        count.claimed += _whole(claimed)
        count.allowed += _whole(allowed)
    for name, key, of in (
        (SUMMARY, "outcome", count.lines),
        ("findings", "code", count.findings),
    ):
        query = f"SELECT {key}, COUNT(*)\nFROM {queries[name]}\nGROUP BY {key}"
        of.update({str(word): _whole(number) for word, number in _rows(engine, query)})
    return count


def _rows(engine: Engine, query: str) -> Iterator[Row]:
    for batch in engine.rows(query):
        yield from batch


def _whole(value: object) -> int:
    return int(str(value)) if value is not None else 0


# Two policies


def backtest(claims: Claims, asked: Asked, tell: Tell) -> BacktestFigures:
    """Decide all claims by two policies in one script, and give what differs.

    Raises:
        ConfigError: the policies decide in different currencies, a rule needs a table that is not
            there, or the file of flips cannot be written.
        RefusedError: the engine refuses a step.
    """
    if asked.old.currency != asked.new.currency:
        raise ConfigError("backtest.currency", old=asked.old.currency, new=asked.new.currency)
    engine = claims.engine
    made = scripts(
        asked.old,
        asked.new,
        engine.dialect,
        absent=claims.absent,
        by_place=engine.dialect == "duckdb",
        only=("decided_lines", "decided_claims", "findings", BOTH),
    )
    _run(claims, made, BACKTEST, tell)
    for name, query in made.results.items():
        engine.view(name, query)
    relations = _relations(claims.absent)
    found = Backtest(engine, asked.old, asked.new, relations)
    if asked.flips is not None:
        write_flips(found, asked.flips)
    figures = found.figures()
    if asked.swept is None:
        return figures
    points = tuple(sweep(claims, asked.swept, relations, tell))
    return replace(figures, sweep=sweep_figures(asked.swept, points))


def sweep(claims: Claims, of: Swept, relations: Relations, tell: Tell) -> Iterator[SweepPoint]:
    """Decide all claims once for each value of a sweep; what a value leads to is added up."""
    engine = claims.engine
    for number, (value, policy) in enumerate(of.policies.items(), start=1):
        made = script(
            policy,
            engine.dialect,
            absent=claims.absent,
            by_place=engine.dialect == "duckdb",
            only=("decided_lines", "decided_claims", "findings"),
        )
        engine.run(made)
        for name, query in made.results.items():
            engine.view(f"sweep_{name}", query)
        yield sweep_point(engine, value, relations, side="sweep")
        tell(SWEEP, number, len(of.policies))


def _relations(absent: Collection[str]) -> Relations:
    """Give the rows that the script has at hand already."""
    lines = (
        "SELECT place, claim, team, category, spent_on, outcome_old AS outcome, claimed,\n"
        f"  allowed_old AS allowed\nFROM {BOTH}"
    )
    changed = (
        "SELECT place, claim, line, person, team, category, spent_on, claimed,\n"
        f"  outcome_old, outcome_new, allowed_old, allowed_new\nFROM {BOTH}\n"
        "WHERE outcome_old <> outcome_new OR allowed_old <> allowed_new"
    )
    if "people" not in absent:
        return Relations(lines=lines, changed_whole=changed)
    counted = Relations().claims.partition("WHERE")[2]
    return Relations(
        claims=f"SELECT c.claim, c.person, '' AS team\nFROM claims c\nWHERE{counted}",
        lines=lines,
        changed_whole=changed,
    )


__all__ = ["BulkCount", "Claims", "Source", "backtest", "check", "opened"]
