"""Jobs that the platform carries out by itself: asked for until they end, and what they leave.

Nothing here goes on for ever: a job is waited for so long and no longer, and a zip that would
unpack into far more than it is, or than any job leaves, is not unpacked.
"""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Final, cast

from crm_expenses.adapters import answers
from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.zoho.asking import Asking
from crm_expenses.adapters.zoho.judging import is_busy
from crm_expenses.adapters.zoho.wire import Call
from crm_expenses.errors import RetryableError

WAITS: Final = (2.0, 3.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds before each question for a job's state; the last of them again and again."""
ZIP_BYTES_MAX: Final = 500 * 1024 * 1024
CSV_BYTES_MAX: Final = 2 * 1024 * 1024 * 1024
RATIO_MAX: Final = 300
"""So many times its size may a zip unpack into, beyond `FREE_BYTES`: tables stay far below."""
FREE_BYTES: Final = 20 * 1024 * 1024
BUSY_SECONDS: Final = 61.0
ENDED: Final = "COMPLETED"
FAILED: Final = frozenset({"FAILURE", "FAILED"})


class BulkJobs:
    """Waits for the jobs of one organisation, and reads what they leave."""

    def __init__(self, asking: Asking, seconds_max: float) -> None:
        self._asking = asking
        self._wire = asking.wire
        self._seconds_max = seconds_max

    def ended(self, path: str, word: str) -> Mapping[str, Value]:
        """Wait until a job has ended, and give what is told of it; `word` names its state there.

        Raises:
            RetryableError: it failed, or takes longer than we wait.
        """
        crm, waited = self._wire.crm, 0.0
        for number in range(10_000):
            told = first_of(self._wire.send(Call("GET", path)).body)
            state = str(told.get(word) or "")
            if state == ENDED:
                return told
            if state in FAILED:
                raise RetryableError("zoho.bulk_failed", crm=crm, job=path.rpartition("/")[2])
            seconds = WAITS[min(number, len(WAITS) - 1)]
            if waited + seconds > self._seconds_max:
                break
            self._wire.pause(seconds)
            waited += seconds
        limit = f"{self._seconds_max:g}"
        raise RetryableError(
            "zoho.bulk_slow", crm=crm, job=path.rpartition("/")[2], seconds=limit, state=state
        )

    @contextmanager
    def table(self, path: str) -> Iterator[Iterator[dict[str, str]]]:
        """Fetch the zip that a job left, and give the rows of its one table, by their heads.

        Raises:
            RetryableError: it is no such zip, or a part of one.
        """
        crm = self._wire.crm
        with tempfile.TemporaryFile() as held:
            size = self._fetched(path, cast("IO[bytes]", held))
            try:
                with zipfile.ZipFile(held) as packed:
                    name = self._one_table(packed, size)
                    with packed.open(name) as file:
                        yield self._rows(file)
            except (zipfile.BadZipFile, UnicodeDecodeError, EOFError, csv.Error) as error:
                detail = f"the result of a job is no sound zip ({type(error).__name__})"
                raise answers.wrong_answer(crm, detail) from error

    def _fetched(self, path: str, held: IO[bytes]) -> int:
        """Fetch a file; give its size. Ten a minute may be fetched, and then one has to wait."""
        for is_last in (False, False, True):
            size = 0
            try:
                for portion in self._wire.stream(Call("GET", path)):
                    size += len(portion)
                    if size > ZIP_BYTES_MAX:
                        detail = f"a zip of more than {ZIP_BYTES_MAX} bytes"
                        raise answers.wrong_answer(self._wire.crm, detail)
                    held.write(portion)
            except RetryableError as error:
                if not is_busy(error) or is_last:
                    raise
                self._wire.pause(BUSY_SECONDS)
            else:
                return size
        raise AssertionError("the last try returns or raises")

    def _one_table(self, packed: zipfile.ZipFile, size: int) -> zipfile.ZipInfo:
        tables = [one for one in packed.infolist() if one.filename.lower().endswith(".csv")]
        crm = self._wire.crm
        if len(tables) != 1:
            raise answers.wrong_answer(crm, f"a zip with {len(tables)} tables")
        (table,) = tables
        most = min(CSV_BYTES_MAX, max(FREE_BYTES, size * RATIO_MAX))
        if table.file_size > most:
            raise answers.wrong_answer(crm, f"a zip of {size} bytes with {table.file_size} in it")
        return table

    def _rows(self, file: IO[bytes]) -> Iterator[dict[str, str]]:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        table = csv.reader(text, strict=True)
        heads = next(table, None)
        if not heads or len(set(heads)) < len(heads):
            raise answers.wrong_answer(self._wire.crm, "a table without heads")
        for row in table:
            if len(row) != len(heads):
                detail = f"a row of {len(row)} cells for {len(heads)} columns"
                raise answers.wrong_answer(self._wire.crm, detail)
            yield dict(zip(heads, row, strict=True))


def first_of(body: Value) -> Mapping[str, Value]:
    """Give what is told of a job: in a list, or bare."""
    held = body.get("data") if isinstance(body, dict) else None
    if isinstance(held, list) and held and isinstance(held[0], dict):
        return held[0]
    return body if isinstance(body, dict) else {}


def packed(name: str, rows: Iterator[list[str]]) -> tuple[IO[bytes], int]:
    """Write a table into a zip; give the open file, at its beginning, and its size."""
    held = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115  closed by who gets it
    with (
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made,
        made.open(name, "w") as file,
    ):
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        text.flush()
        text.detach()
    size = held.tell()
    held.seek(0)
    return held, size
