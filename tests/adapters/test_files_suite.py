"""The conformance suite, on a folder: CSV in and out, and JSON Lines in and out."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest

from crm_expenses.adapters.contract import (
    RESULTS,
    Adapter,
    BudgetResult,
    ClaimResult,
    LineResult,
    Opening,
    Result,
)
from crm_expenses.adapters.files import client, open_adapter
from crm_expenses.adapters.files.results import ResultsFormat, untamed
from crm_expenses.adapters.files.shape import has_extra, mappable, shapes
from crm_expenses.core.decision import Outcome
from crm_expenses.core.lifecycle import State
from crm_expenses.core.money import Money
from crm_expenses.core.record import TYPES, Kind, Record
from crm_expenses.testing.bench import Bench
from crm_expenses.testing.samples import sample
from crm_expenses.testing.suite import AdapterSuite


class FolderBench(Bench):
    """A folder with one file a kind, whose columns are named like the fields."""

    page_rows_max = 2

    def __init__(self, base: Path, form: ResultsFormat) -> None:
        self.base = base
        self.form: ResultsFormat = form
        self.rows: dict[Kind, list[dict[str, str]]] = {kind: [] for kind in Kind}
        (base / "in").mkdir()
        mapping = ['[mapping]\nversion = 1\ntimezone = "Asia/Shanghai"\n']
        for kind in Kind:
            fields = "\n".join(f'"{name}" = "{name}"' for name in columns(kind))
            mapping.append(
                f'[[source]]\nkind = "{kind}"\nfiles = ["{kind}.{form}"]\n'
                f"[source.fields]\n{fields}\n"
            )
        (base / "mapping.toml").write_text("\n".join(mapping), encoding="utf-8")

    def adapter(self) -> Adapter:
        """Open the folder."""
        options = {"folder": "in", "mapping": "mapping.toml", "results_format": self.form}
        return open_adapter(Opening("main", options, self.base))

    def seed(self, records: Sequence[Record]) -> None:
        """Write a file a kind."""
        for record in records:
            self.rows[self._kind(record)].append(self._row(record))
        for kind in Kind:
            self._write(kind)

    def edit(self, record: Record) -> None:
        """Write the kind's file anew."""
        kind = self._kind(record)
        self.rows[kind] = [
            self._row(record) if row["id"] == record.id else row for row in self.rows[kind]
        ]
        self._write(kind)

    def break_record(self, kind: Kind) -> bool:
        """Add a row that has only its id."""
        self.rows[kind].append({**dict.fromkeys(columns(kind), ""), "id": "broken"})
        self._write(kind)
        return True

    def written(self) -> Sequence[Result]:
        """Read the files of results back."""
        found: list[Result] = [
            ClaimResult(
                row["claim"],
                Outcome(row["outcome"]),
                State(row["state"]),
                Money.of(row["claimed"], row["currency"]),
                Money.of(row["allowed"], row["currency"]),
                row["findings_en"],
                row["findings_zh"],
                row["waiting_for"],
                row["policy"],
                row["decision"],
                row["content_code"],
                Money.of(row["approved"], row["currency"]) if row["approved"] else None,
                row["refused"],
            )
            for row in self._results("claims")
        ]
        for row in self._results("lines"):
            claimed = Money.of(row["claimed"], row["currency"]) if row["claimed"] else None
            allowed = Money.of(row["allowed"], row["currency"])
            texts = row["findings_en"], row["findings_zh"]
            found.append(
                LineResult(
                    row["line"], row["claim"], Outcome(row["outcome"]), claimed, allowed, *texts
                )
            )
        names = ("allocated", "committed", "spent", "available")
        for row in self._results("budgets"):
            amounts = [Money.of(row[name], row["currency"]) for name in names]
            found.append(BudgetResult(row["budget"], *amounts))
        return found

    def _results(self, name: str) -> Iterator[dict[str, str]]:
        path = self.base / "in" / "results" / f"{name}.{self.form}"
        if not path.exists():
            return
        with path.open(encoding="utf-8-sig", newline="") as file:
            if self.form == "jsonl":
                yield from map(json.loads, file)
                return
            for row in csv.DictReader(file):
                yield {column: untamed(cell) for column, cell in row.items()}

    @staticmethod
    def _kind(record: Record) -> Kind:
        return next(kind for kind, made in TYPES.items() if type(record) is made)

    def _row(self, record: Record) -> dict[str, str]:
        row = dict.fromkeys(columns(self._kind(record)), "")
        row |= {f"extra.{name}": text for name, text in getattr(record, "extra", ())}
        for name in shapes(self._kind(record)):
            value = getattr(record, name)
            if isinstance(value, Money):
                row[name], row["currency"] = f"{value.amount:f}", value.currency
            elif isinstance(value, date):
                row[name] = value.isoformat()
            elif isinstance(value, Decimal):
                row[name] = f"{value:f}"
            elif value is not None:
                row[name] = str(value)
        return row

    def _write(self, kind: Kind) -> None:
        path = self.base / "in" / f"{kind}.{self.form}"
        with path.open("w", encoding="utf-8", newline="") as file:
            if self.form == "jsonl":
                file.writelines(json.dumps(row) + "\n" for row in self.rows[kind])
                return
            writer = csv.DictWriter(file, columns(kind))
            writer.writeheader()
            writer.writerows(self.rows[kind])


def columns(kind: Kind) -> list[str]:
    """Give the columns of a kind's file: its fields, and what the samples have beside them."""
    extras = {n for one in sample({kind}) for n, _ in getattr(one, "extra", ())}
    return [*mappable(kind), *(f"extra.{name}" for name in sorted(extras) if has_extra(kind))]


class FolderSuite(AdapterSuite):
    """What both forms share."""

    form: ClassVar[ResultsFormat]

    @pytest.fixture
    def bench(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
        """Give an empty folder, read two records a page."""
        monkeypatch.setattr(client, "PAGE_RECORDS", 2)
        return FolderBench(tmp_path, self.form)


class TestCsvFolder(FolderSuite):
    """CSV."""

    form = "csv"


class TestJsonFolder(FolderSuite):
    """JSON Lines."""

    form = "jsonl"


def test_bench_writes_what_it_is_given(tmp_path: Path) -> None:
    """The bench itself starts empty, so that nothing passes by finding nothing."""
    bench = FolderBench(tmp_path, "csv")
    assert not bench.written()
    assert bench.adapter().capabilities.writes == RESULTS
    assert replace(bench.adapter().capabilities).reads == set(Kind)
