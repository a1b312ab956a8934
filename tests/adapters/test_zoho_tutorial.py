"""The tutorial for Zoho CRM is done as it stands, command by command, on the simulator."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pocketbase import free_port

from pages import agrees, blocks, commands_of

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "docs" / "tutorials" / "connect-zoho.md",
    ROOT / "docs" / "zh-CN" / "tutorials" / "connect-zoho.md",
]
PORT = "8810"
EXPORT = re.compile(r"export (?P<name>[A-Z_]+)=\$\((?P<command>.*)\)")
PROGRAMS = {"crm-expenses": "-m crm_expenses", "python": ""}
PATIENCE = 60


class Terminal:
    """Two terminals in one folder: a program runs in one, lines are typed in the other."""

    def __init__(self, folder: Path, locale: str) -> None:
        self.folder = folder
        programs = folder / "programs"
        programs.mkdir()
        for name, words in PROGRAMS.items():
            script = programs / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', "utf-8")
            script.chmod(0o700)
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        source = str(ROOT / "src")
        self.environment = {**os.environ, "PATH": path, "LC_ALL": locale, "PYTHONPATH": source}
        self.running: list[subprocess.Popen[str]] = []

    def start(self, line: str) -> None:
        """Start a program that says a line when it is ready."""
        one = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {line}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running.append(one)
        assert one.stdout is not None
        assert one.stdout.readline().startswith("http://127.0.0.1:")

    def type(self, line: str) -> str:
        """Type a line; give what is shown."""
        exported = EXPORT.fullmatch(line)
        if not exported:
            done = self._run(line, subprocess.STDOUT)
            return done.stdout
        done = self._run(exported["command"], subprocess.PIPE)
        self.environment[exported["name"]] = done.stdout.strip()
        return done.stderr

    def _run(self, line: str, errors: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def end(self) -> None:
        """Stop what was started."""
        for one in self.running:
            one.terminate()
            one.wait(PATIENCE)
            if one.stdout is not None:
                one.stdout.close()


@pytest.fixture
def terminal(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """A terminal in an empty folder, from which the examples are seen, in the page's language."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    is_chinese = "zh-CN" in request.getfixturevalue("page").parts
    made = Terminal(tmp_path, "zh_CN.UTF-8" if is_chinese else "C.UTF-8")
    yield made
    made.end()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parts[-3])
def test_a_new_user_comes_to_a_decided_claim(page: Path, terminal: Terminal) -> None:
    """Each block in order: files are written, commands are run, outputs are as shown."""
    port, typed = str(free_port()), 0
    for block in blocks(page):
        body = block.body.replace(PORT, port)
        if block.file:
            (terminal.folder / block.file).write_text(body, encoding="utf-8")
        elif block.language == "bash":
            terminal.start(body.strip())
        elif block.language == "console":
            for line, shown in commands_of(body):
                typed += 1
                given = terminal.type(line)
                assert agrees(shown, given), f"{line}\nshown:\n{shown}\ngiven:\n{given}"
    assert typed >= 12
    token = terminal.environment["ZOHO_REFRESH_TOKEN"]
    for file in terminal.folder.glob("*.*"):
        assert token.encode() not in file.read_bytes(), file.name
