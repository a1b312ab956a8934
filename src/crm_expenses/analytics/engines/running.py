"""How a script is run, on whatever engine: steps in order, rounds to their end."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final, Protocol

from crm_expenses.analytics.engines.contract import Attached, Progress
from crm_expenses.errors import ConfigError, Place, Problem, RefusedError
from crm_expenses.rules.sql.schema import CLAIMS, LINES, TABLES
from crm_expenses.rules.sql.script import Rounds, Script, Step

_WORD: Final = re.compile(r"\w+")
_SHOWN_MAX: Final = 5
MANY: Final = 2
"""Read more than once: worth keeping rather than computing again."""


class Maker(Protocol):
    """What an engine does to the tables of its session."""

    def fill(self, name: str, query: str, *, reads: int) -> None:
        """Make a table that will be read so many times."""

    def refill(self, name: str, query: str, *, reads: int) -> None:
        """Make a table of the round before once more."""

    def count(self, query: str) -> int:
        """Give the one number of a query."""

    def swap(self, one: str, other: str) -> None:
        """Let two tables change their names."""

    def drop(self, name: str) -> None:
        """Forget a table."""


def run_script(
    script: Script,
    maker: Maker,
    progress: Callable[[Progress], None] | None,
    *,
    keep: Collection[str],
    rounds_max: int,
) -> None:
    """Run the steps, and drop each table after its last use."""
    reads = _reads(script)
    ends = _ends(script, keep)
    total = len(script.steps)
    for at, step in enumerate(script.steps):
        match step:
            case Step():
                _tell(progress, Progress(at, total, step.name))
                maker.fill(step.name, step.query, reads=reads[step.name])
            case Rounds():
                for number in _rounds(step, maker, rounds_max):
                    _tell(progress, Progress(at, total, step.state, number))
        for name in ends.get(at, ()):
            maker.drop(name)
    _tell(progress, Progress(total, total))


def demand_tables(script: Script, known: Collection[str], place: str) -> None:
    """Refuse to run a script that reads tables which are not there.

    Raises:
        ConfigError: names each table, with what needs it.
    """
    absent = sorted(script.tables.difference(known))
    if absent:
        raise ConfigError.of(
            Problem(
                "engine.no_table",
                {"table": table, "where": place, "needed": ", ".join(_needed_by(script, table))},
            )
            for table in absent
        )


def attached(tables: Mapping[str, str], place: str) -> Attached:
    """Give what is there and what is not.

    Raises:
        ConfigError: a table without which nothing can be checked is not there.
    """
    absent = frozenset(TABLES).difference(tables)
    needed = sorted(absent.intersection({LINES.name, CLAIMS.name}))
    if needed:
        known = ", ".join(sorted(tables)) or "-"
        raise ConfigError.of(
            Problem("engine.no_lines", {"table": name, "known": known}, Place(place))
            for name in needed
        )
    return Attached(dict(tables), absent)


def _needed_by(script: Script, table: str) -> Iterator[str]:
    """Give what the steps that read a table are for."""
    needing = [
        " ".join(step.note) or _name(step)
        for step in script.steps
        if table in _words(_queries(step))
    ] or [name for name, query in script.results.items() if table in _words([query])]
    yield from needing[:_SHOWN_MAX]
    if len(needing) > _SHOWN_MAX:
        yield "…"


def _rounds(rounds: Rounds, maker: Maker, rounds_max: int) -> Iterator[int]:
    """Repeat the steps until nothing changes; give the number of each round before it."""
    maker.fill(rounds.state, rounds.start.query, reads=MANY)
    inside = _counts(chain((step.query for step in rounds.body), [rounds.differs]))
    made = False
    try:
        for number in range(1, rounds_max + 1):
            yield number
            fill = maker.refill if made else maker.fill
            for step in rounds.body:
                reads = MANY if step.name == rounds.next else inside[step.name]
                fill(step.name, step.query, reads=reads)
            made = True
            differing = maker.count(rounds.differs)
            maker.swap(rounds.state, rounds.next)
            if not differing:
                return
    finally:
        if made:
            for step in rounds.body:
                maker.drop(step.name)
    raise RefusedError("engine.rounds", table=rounds.state, limit=f"{rounds_max:,}")


def _ends(script: Script, keep: Collection[str]) -> dict[int, list[str]]:
    """Give, by the place of a step, the tables that nothing reads after it."""
    kept = _words(script.results.values()).union(keep)
    last: dict[str, int] = {}
    for at, step in enumerate(script.steps):
        words = _words(_queries(step))
        last.update((name, at) for name in last if name in words)
        last[_name(step)] = at
    ends: dict[int, list[str]] = {}
    for name, at in last.items():
        if name not in kept:
            ends.setdefault(at, []).append(name)
    return ends


def _reads(script: Script) -> Counter[str]:
    """Give how often each table is read; what rounds read counts as often as it takes."""
    reads = _counts(script.results.values())
    for step in script.steps:
        counted = _counts(_queries(step))
        if isinstance(step, Rounds):
            counted = Counter({word: number * MANY for word, number in counted.items()})
        reads += counted
    return reads


def _name(step: Step | Rounds) -> str:
    return step.name if isinstance(step, Step) else step.state


def _queries(step: Step | Rounds) -> Iterator[str]:
    match step:
        case Step():
            yield step.query
        case Rounds():
            yield step.start.query
            yield from (inner.query for inner in step.body)
            yield step.differs


def _counts(queries: Iterable[str]) -> Counter[str]:
    return Counter(chain.from_iterable(_WORD.findall(query) for query in queries))


def _words(queries: Iterable[str]) -> frozenset[str]:
    return frozenset(chain.from_iterable(_WORD.findall(query) for query in queries))


def _tell(progress: Callable[[Progress], None] | None, reached: Progress) -> None:
    if progress is not None:
        progress(reached)
