"""A policy written for one engine: statements to run in order, and the queries of its results."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One temporary table: its name, the query that fills it, and what it is for, for people."""

    name: str
    query: str
    note: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rounds:
    """Steps that are repeated until nothing changes.

    First `start` fills the table `state`. In each round `body` makes its tables from `state`; the
    last of them has the name `next`, and takes the place of `state`. `differs` gives the number of
    rows in which the two differ; with 0 the rounds end, and `state` is what the later steps read.
    What a line counts depends on earlier lines only, so there is one end, and it is reached.
    """

    state: str
    next: str
    start: Step
    body: tuple[Step, ...]
    differs: str
    note: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A policy for one engine.

    `tables` are the tables of `rules.sql.schema.TABLES` that it reads; `results` has, by the name
    of a table of `rules.sql.schema.RESULTS`, the query that gives it once the steps have run.
    """

    dialect: str
    tables: frozenset[str]
    steps: tuple[Step | Rounds, ...]
    results: Mapping[str, str]
