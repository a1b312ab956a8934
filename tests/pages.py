"""Pages of the documentation as a reader goes through them: blocks of code, what they give."""

import io
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_expenses.cli import run

FENCE = re.compile(
    r"^```(?P<language>\w+)?(?: (?P<file>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A block of code of a page; `file` is the name that the page gives it."""

    language: str
    file: str
    body: str


def blocks(page: Path) -> list[Block]:
    """Give the blocks of a page in order."""
    found = FENCE.finditer(page.read_text(encoding="utf-8"))
    return [Block(m["language"] or "", m["file"] or "", m["body"]) for m in found]


class Session:
    """A reader who goes through a page, in a folder of their own, and does what it says."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "page"}
        self.code = 0

    def python(self, source: str) -> str:
        """Run a block of Python; give what it prints."""
        with redirect_stdout(io.StringIO()) as out:
            exec(compile(source, "<page>", "exec"), self.names)  # noqa: S102  our own pages
        return out.getvalue()

    def command(self, line: str) -> str:
        """Run a line of a console; give what it prints."""
        words = shlex.split(line)
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            match words:
                case ["echo", "$?"]:
                    out.write(f"{self.code}\n")
                case ["crm-expenses", *rest]:
                    self.code = run(rest)
                case ["python", file]:
                    source = Path(file).read_text(encoding="utf-8")
                    exec(compile(source, file, "exec"), {"__name__": "__main__"})  # noqa: S102
                case _:
                    raise AssertionError(f"the page runs {line!r}, which the tests cannot")
        return out.getvalue()


def commands_of(body: str) -> Iterator[tuple[str, str]]:
    """Give each command of a console block with the output that the page shows."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        joined = part.replace("\\\n", " ")
        line, _, shown = joined.partition("\n")
        yield line, shown


def agrees(shown: str, given: str) -> bool:
    """Say whether an output is the one that is shown; `...` stands for anything."""
    lines = [line.rstrip() for line in shown.strip("\n").split("\n")]
    pattern = "\n".join(".*".join(map(re.escape, line.split("..."))) for line in lines)
    said = "\n".join(line.rstrip() for line in given.strip("\n").split("\n"))
    return re.fullmatch(pattern, said, re.DOTALL) is not None


def go_through(page: Path, session: Session) -> Iterator[tuple[str, str, str]]:
    """Do what a page says; give each step with what it shows and what came out."""
    output = ""
    for block in blocks(page):
        if block.file:
            Path(block.file).parent.mkdir(parents=True, exist_ok=True)
            Path(block.file).write_text(block.body, encoding="utf-8")
        elif block.language == "python":
            output = session.python(block.body)
        elif block.language == "text" and output:
            yield "python", block.body, output
            output = ""
        elif block.language == "console":
            for line, shown in commands_of(block.body):
                yield line, shown, session.command(line)
