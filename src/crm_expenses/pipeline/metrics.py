"""Metrics: how the connections stand, in the text format that Prometheus reads.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/. No sample has a time of its
own, as the textfile collector of node_exporter demands.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from crm_expenses.messages import Language, text
from crm_expenses.pipeline.health import Health

Samples = Iterable[tuple[dict[str, str], float]]

STATES: Final = ("waiting", "sending", "done", "refused", "stuck", "superseded")
"""States of results that are always told, if only as 0."""


@dataclass(frozen=True)
class Family:
    """One metric: its name without `crm_expenses_`, its type, and its samples of a connection."""

    name: str
    type: Literal["counter", "gauge"]
    samples: Callable[[Health], Samples]


def exposition(healths: Iterable[Health], language: Language = "en") -> str:
    """Give all metrics of some connections, each with its help and type."""
    held = tuple(healths)
    return "".join(f"{line}\n" for family in FAMILIES for line in _lines(family, held, language))


def _lines(family: Family, healths: tuple[Health, ...], language: Language) -> Iterator[str]:
    name = f"crm_expenses_{family.name}"
    rows = [
        f"{name}{{{_labels({'crm': health.crm, **labels})}}} {_number(value)}"
        for health in healths
        for labels, value in family.samples(health)
    ]
    if rows:
        told = text(f"metric.{family.name}", language).replace("\\", r"\\").replace("\n", r"\n")
        yield f"# HELP {name} {told}"
        yield f"# TYPE {name} {family.type}"
        yield from rows


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    r"""Escape the value of a label.

    >>> _escaped('a"b\\c')
    'a\\"b\\\\c'
    """
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(value)


def _one(read: Callable[[Health], float | None]) -> Callable[[Health], Samples]:
    """Give a metric of one value; None is no sample."""

    def samples(health: Health) -> Samples:
        value = read(health)
        return () if value is None else [({}, value)]

    return samples


def _total(name: str) -> Family:
    def read(health: Health) -> float:
        run = health.standing.run
        return run.totals.get(name.removesuffix("_total"), 0) if run is not None else 0

    return Family(name, "counter", _one(read))


def _of_last_run(name: str) -> Family:
    def read(health: Health) -> float | None:
        run = health.standing.run
        return run.figures.get(name.removeprefix("last_run_")) if run is not None else None

    return Family(name, "gauge", _one(read))


def _seconds(health: Health) -> Samples:
    run = health.standing.run
    return [({"stage": s}, spent) for s, spent in run.seconds.items()] if run is not None else ()


def _outbox(health: Health) -> Samples:
    counts = dict.fromkeys(STATES, 0) | dict(health.standing.outbox)
    return [({"state": state}, number) for state, number in counts.items()]


def _stamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment is not None else 0


def _since(health: Health, moment: datetime | None) -> float | None:
    return None if moment is None else max(0.0, (health.at - moment).total_seconds())


def _last_run(health: Health) -> float:
    return _stamp(health.standing.run.at if health.standing.run is not None else None)


def _last_success(health: Health) -> float:
    run = health.standing.run
    return _stamp(run.succeeded_at if run is not None else None)


def _is_good(health: Health) -> float | None:
    run = health.standing.run
    return None if run is None else int(run.succeeded_at == run.at)


FAMILIES: Final = (
    Family("last_run_timestamp_seconds", "gauge", _one(_last_run)),
    Family("last_success_timestamp_seconds", "gauge", _one(_last_success)),
    Family("last_run_success", "gauge", _one(_is_good)),
    Family("last_run_seconds", "gauge", _seconds),
    _of_last_run("last_run_rows"),
    _of_last_run("last_run_changes"),
    _of_last_run("last_run_calls"),
    _of_last_run("last_run_retries"),
    _total("runs_total"),
    _total("failed_runs_total"),
    _total("rows_total"),
    _total("changes_total"),
    _total("claims_total"),
    _total("sent_total"),
    _total("calls_total"),
    _total("retries_total"),
    _total("bytes_sent_total"),
    _total("bytes_received_total"),
    Family("set_aside", "gauge", _one(lambda health: health.standing.set_aside)),
    Family("outbox", "gauge", _outbox),
    Family("open_conflicts", "gauge", _one(lambda health: health.standing.conflicts)),
    Family("dead_letters", "gauge", _one(lambda health: health.standing.dead_letters)),
    Family("due_seconds", "gauge", _one(lambda h: _since(h, h.standing.due_since))),
    Family("lease_age_seconds", "gauge", _one(lambda h: _since(h, h.standing.held_since))),
    Family("allowance_left", "gauge", _one(lambda health: health.allowance_left)),
)
