"""Results as files beside the input: one row a record, sorted by its key, each the newest.

A file is written whole to a temporary one in the same folder, synced, and put in its place in one
step: whoever reads it, or kills us, finds the old file or the new one. What is the same is not
written again. Reading and writing go row by row, so memory holds one batch and no more.
"""

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal

from crm_expenses.adapters.contract import (
    BudgetResult,
    Change,
    ClaimResult,
    LineResult,
    Result,
    ResultKind,
    ReturnResult,
    WriteBack,
)
from crm_expenses.adapters.files.rows import CELL_CHARS_MAX
from crm_expenses.core.decision import Outcome
from crm_expenses.core.money import Money
from crm_expenses.errors import ConfigError, RefusedError, RetryableError
from crm_expenses.messages import text

ResultsFormat = Literal["csv", "jsonl"]
Cells = tuple[str, ...]

LIVE_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet."""

TEMPORARY: Final = ".writing"


@dataclass(frozen=True, slots=True)
class Table:
    """One file of results: its name, its columns (the first is the key), those with our numbers."""

    name: str
    columns: tuple[str, ...]
    numbers: frozenset[str]


_WORDS: Final = ("outcome", "outcome_en", "outcome_zh")
_TEXTS: Final = ("findings_en", "findings_zh")
_CLAIM_COLUMNS: Final = (
    "claim",
    *_WORDS,
    *("state", "state_en", "state_zh"),
    *("currency", "claimed", "allowed"),
    *_TEXTS,
    *("waiting_for", "policy", "decision"),
    *("content_code", "approved", "refused"),
)
_LINE_COLUMNS: Final = ("line", "claim", *_WORDS, "currency", "claimed", "allowed", *_TEXTS)
_BUDGET_COLUMNS: Final = ("budget", "currency", "allocated", "committed", "spent", "available")
TABLES: Final[dict[ResultKind, Table]] = {
    ResultKind.CLAIM_RESULT: Table(
        "claims", _CLAIM_COLUMNS, frozenset({"claimed", "allowed", "approved"})
    ),
    ResultKind.LINE_RESULT: Table("lines", _LINE_COLUMNS, frozenset({"claimed", "allowed"})),
    ResultKind.BUDGET_RESULT: Table("budgets", _BUDGET_COLUMNS, frozenset(_BUDGET_COLUMNS[2:])),
}


def cells_of(result: Result) -> Cells:
    """Give a result as the cells of its row, in the order of its table's columns.

    >>> cells_of(BudgetResult("B", *(Money(minor, "CNY") for minor in (100, 30, 20, 50))))
    ('B', 'CNY', '1.00', '0.30', '0.20', '0.50')
    """
    match result:
        case ClaimResult():
            state = f"word.{result.state}"
            return (
                result.claim,
                *_outcome(result.outcome),
                *(str(result.state), text(state, "en"), text(state, "zh")),
                *(result.allowed.currency, _amount(result.claimed), _amount(result.allowed)),
                *(result.findings_en, result.findings_zh),
                *(result.waiting_for, result.policy, result.decision),
                *(result.content_code, _amount(result.approved), result.refused),
            )
        case LineResult():
            return (
                *(result.line, result.claim),
                *_outcome(result.outcome),
                *(result.allowed.currency, _amount(result.claimed), _amount(result.allowed)),
                *(result.findings_en, result.findings_zh),
            )
        case BudgetResult():
            amounts = (result.allocated, result.committed, result.spent, result.available)
            return (result.budget, result.allocated.currency, *(_amount(a) for a in amounts))
        case ReturnResult() | Change():
            raise TypeError(result)  # the adapter refuses these by its capabilities


def tamed(cell: str) -> str:
    """Give a text cell so that no spreadsheet runs it.

    >>> tamed("=1+1"), tamed("plain")
    ("'=1+1", 'plain')
    """
    return f"'{cell}" if cell.startswith(LIVE_SIGNS) else cell


def untamed(cell: str) -> str:
    """Give back the text that `tamed` was given, where that can be told.

    >>> untamed(tamed("-x")), untamed("'twas")
    ('-x', "'twas")
    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(LIVE_SIGNS) else cell


def merged(held: Iterable[Cells], new: Mapping[str, Cells]) -> Iterator[Cells]:
    """Join rows sorted by their first cell with newer ones, which take the place of their own key.

    >>> list(merged([("a", "1"), ("c", "1")], {"b": ("b", "2"), "c": ("c", "2")}))
    [('a', '1'), ('b', '2'), ('c', '2')]
    """
    waiting = sorted(new, reverse=True)
    for row in held:
        while waiting and waiting[-1] < row[0]:
            yield new[waiting.pop()]
        if waiting and waiting[-1] == row[0]:
            yield new[waiting.pop()]
        else:
            yield row
    while waiting:
        yield new[waiting.pop()]


class ResultsFolder:
    """The folder in which results are kept."""

    def __init__(self, folder: Path, form: ResultsFormat) -> None:
        self.folder = folder
        self._form = form

    def path(self, kind: ResultKind) -> Path:
        """Give the file of a kind of result."""
        return self.folder / f"{TABLES[kind].name}.{self._form}"

    def write(self, writes: Sequence[WriteBack]) -> None:
        """Bring the results up to date; of several for one record the last counts.

        Raises:
            RefusedError: the folder may not be written.
            RetryableError: the disk is full, or whatever else may pass.
            ConfigError: a file of results is there that is not ours.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._clean()
            for kind in TABLES:
                rows = [cells_of(write.result) for write in writes if write.kind is kind]
                if rows:
                    self._update(kind, rows)
        except PermissionError as error:
            raise RefusedError("files.not_writable", path=str(self.folder)) from error
        except OSError as error:
            detail = error.strerror or str(error)
            raise RetryableError("files.write", path=str(self.folder), detail=detail) from error

    def _clean(self) -> None:
        """Remove what a killed process left half-written."""
        for kind in TABLES:
            self._temporary(kind).unlink(missing_ok=True)

    def _temporary(self, kind: ResultKind) -> Path:
        path = self.path(kind)
        return path.with_name(f".{path.name}{TEMPORARY}")

    def _update(self, kind: ResultKind, rows: Sequence[Cells]) -> None:
        table = TABLES[kind]
        path, temporary = self.path(kind), self._temporary(kind)
        new = {row[0]: row for row in (self._shaped(table, row) for row in rows)}
        standing = _standing(self._rows(path, table), new)
        if standing.same == len(new) and standing.is_sorted:
            return
        held: Iterable[Cells] = self._rows(path, table)
        if not standing.is_sorted:
            # Somebody sorted or edited it in a spreadsheet: of rows with one key the last counts.
            by_key = {row[0]: row for row in held}
            held = [by_key[key] for key in sorted(by_key)]
        with temporary.open("w", encoding="utf-8", newline="") as file:
            self._write(file, table, merged(held, new))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(self.folder)

    def _shaped(self, table: Table, row: Cells) -> Cells:
        """Give a row as it will stand in the file."""
        if self._form == "jsonl":
            return row
        return tuple(
            cell if column in table.numbers else tamed(_cut(cell))
            for column, cell in zip(table.columns, row, strict=True)
        )

    def _rows(self, path: Path, table: Table) -> Iterator[Cells]:
        """Give the rows that a file holds, as they stand there."""
        if not path.exists():
            return
        read = _csv_rows if self._form == "csv" else _json_rows
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                for row in read(file):
                    if row.keys() - set(table.columns) or not row.get(table.columns[0]):
                        raise ConfigError("files.results_foreign", path=str(path))
                    yield tuple(row.get(column, "") for column in table.columns)
        except (csv.Error, ValueError, TypeError, AttributeError) as error:
            raise ConfigError("files.results_foreign", path=str(path)) from error

    def _write(self, file: IO[str], table: Table, rows: Iterable[Cells]) -> None:
        if self._form == "csv":
            file.write("\ufeff")  # a spreadsheet shows Chinese only behind this mark
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow(table.columns)
            writer.writerows(rows)
            return
        for row in rows:
            held = dict(zip(table.columns, row, strict=True))
            file.write(json.dumps(held, ensure_ascii=False) + "\n")


@dataclass(frozen=True, slots=True)
class _Standing:
    """How the rows of a file compare with new ones: how many are the same, and their order."""

    same: int
    is_sorted: bool


def _standing(held: Iterable[Cells], new: Mapping[str, Cells]) -> _Standing:
    same, before, is_sorted = 0, "", True
    for row in held:
        is_sorted = is_sorted and before < row[0]
        before = row[0]
        same += new.get(row[0]) == row
    return _Standing(same, is_sorted)


def _csv_rows(file: IO[str]) -> Iterator[Mapping[str, str]]:
    reader = csv.reader(file, strict=True)
    header = next(reader, [])
    for cells in reader:
        yield dict(zip(header, cells, strict=True))


def _json_rows(file: IO[str]) -> Iterator[Mapping[str, str]]:
    for line in file:
        yield json.loads(line)


def _cut(cell: str) -> str:
    return cell if len(cell) <= CELL_CHARS_MAX else cell[: CELL_CHARS_MAX - 1] + "…"


def _outcome(outcome: Outcome) -> tuple[str, str, str]:
    code = f"word.{outcome}"
    return str(outcome), text(code, "en"), text(code, "zh")


def _amount(amount: Money | None) -> str:
    return "" if amount is None else f"{amount.amount:f}"


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself last; a system without it (Windows) has no such call."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
