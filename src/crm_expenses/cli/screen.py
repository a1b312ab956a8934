"""What a person sees of a command: lines, tables and progress bars, in one language.

Whatever comes from outside is made visible before it reaches a terminal: an escape sequence in a
name must not move the cursor, nor a mark of direction turn a line around.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_expenses.messages import Language, table, text

if TYPE_CHECKING:
    from crm_expenses.pipeline import Progress

WIDTH_PIPED = 200
"""Width of a table that nobody looks at on a terminal."""

WIDTH_MAX = 10_000
"""What a table may measure when we ask how wide it is; more is too wide for any terminal."""


def visible(value: str) -> str:
    r"""Show what cannot be printed by its escape; line ends stay, and spaces of every width.

    >>> visible("a\x1b[2Jb\u202ec")
    'a\\x1b[2Jb\\u202ec'
    """
    if value.isprintable():
        return value
    return "".join(
        c if c == "\n" or _is_inert(c) else c.encode("unicode_escape").decode() for c in value
    )


def inert_json(value: object) -> str:
    r"""Write a value as JSON on one line; what could move a terminal is written by its escape.

    >>> inert_json({"name": "王\u202e\x9b2J"})
    '{"name": "王\\u202e\\u009b2J"}'
    """
    written = json.dumps(value, ensure_ascii=False)
    if written.isprintable():
        return written
    return "".join(c if _is_inert(c) else json.dumps(c)[1:-1] for c in written)


def _is_inert(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Zs"


@dataclass(frozen=True)
class Column:
    """A column of a table: the code of its heading, and whether it holds figures."""

    code: str
    is_number: bool = False


@dataclass(frozen=True)
class Screen:
    """Standard output and standard error of one command."""

    language: Language

    def text(self, code: str, /, **values: str) -> str:
        """Give a text of the message tables."""
        return text(code, self.language, **values)

    def say(self, line: str = "") -> None:
        """Print a line for the reader of the answer."""
        print(visible(line))  # noqa: T201

    def warn(self, line: str) -> None:
        """Print a line beside the answer, on standard error."""
        print(visible(line), file=sys.stderr, flush=True)  # noqa: T201

    def give(self, value: object) -> None:
        """Print one JSON value on one line."""
        print(inert_json(value))  # noqa: T201

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Print a table, no figure of it cut: one too wide for the terminal is given row by row."""
        from rich.console import Console  # noqa: PLC0415  an extra, needed only here

        console = Console(width=None if sys.stdout.isatty() else WIDTH_PIPED)
        headings = [self.text(column.code) for column in columns]
        shown = [[visible(cell) for cell in row] for row in rows]
        made = _grid(columns, headings, shown)
        needed = console.measure(made, options=console.options.update(max_width=WIDTH_MAX)).minimum
        if needed <= console.width:
            # Captured, because rich ends the process by itself when a pipe's reader has gone.
            with console.capture() as written:
                console.print(made)
            print(written.get(), end="")  # noqa: T201
            return
        for name, *cells in shown:
            self.say(name)
            pairs = (f"{head} {cell}" for head, cell in zip(headings[1:], cells, strict=True))
            for line in _packed(pairs, console.width - 2):
                self.say(f"  {line}")

    @contextmanager
    def progress(self) -> "Iterator[Progress]":
        """Show how far each stage is while a person watches; tell nobody when piped."""
        if not sys.stderr.isatty():
            yield lambda _stage, _done, _whole: None
            return
        from rich import progress as bars_of  # noqa: PLC0415  an extra, needed only here
        from rich.console import Console  # noqa: PLC0415

        columns = (
            bars_of.TextColumn("{task.description}"),
            bars_of.BarColumn(),
            bars_of.MofNCompleteColumn(),
            bars_of.TimeElapsedColumn(),
        )
        console = Console(stderr=True, soft_wrap=True)
        # What is printed meanwhile goes above the bars, but never out of a pipe or file into them.
        above = sys.stdout.isatty()
        with bars_of.Progress(*columns, console=console, redirect_stdout=above) as bars:
            tasks = {}

            def tell(stage: str, done: int, whole: int | None) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(self.stage(stage), total=whole)
                bars.update(tasks[stage], completed=done, total=whole)

            yield tell
            for task in bars.tasks:
                bars.update(task.id, total=task.completed, completed=task.completed)

    def stage(self, stage: str) -> str:
        """Name a stage of a run."""
        code = f"stage.{stage}"
        return self.text(code) if code in table() else stage


def _grid(columns: Sequence[Column], headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  an extra, needed only here
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for column, heading in zip(columns, headings, strict=True):
        side: Any = "right" if column.is_number else "left"
        made.add_column(Text(heading), justify=side, no_wrap=column.is_number, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def _packed(parts: Iterable[str], width: int) -> Iterator[str]:
    """Put parts into lines of a width, none of them broken."""
    from rich.cells import cell_len  # noqa: PLC0415  an extra, needed only here

    line = ""
    for part in parts:
        longer = f"{line} · {part}" if line else part
        if line and cell_len(longer) > width:
            yield line
            line = part
        else:
            line = longer
    yield line
