"""The how-to for a CRM with a REST API is done as it stands, on a real PocketBase."""

import importlib.metadata
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pocketbase import await_answer, free_port, program

from pages import Session, agrees, blocks, commands_of

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "docs" / "how-to" / "connect-a-rest-crm.md",
    ROOT / "docs" / "zh-CN" / "how-to" / "connect-a-rest-crm.md",
]
PORT = "8090"
EXPORT = re.compile(r"export (?P<name>[A-Z_]+)=(?:\$\((?P<command>.*)\)|(?P<value>.*))")


class Shell:
    """What a reader types into a shell, beside our own commands: it is done as it is written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.running: list[subprocess.Popen[bytes]] = []

    def do(self, line: str) -> None:
        """Do one line."""
        exported = EXPORT.fullmatch(line)
        if exported:
            value = exported["value"]
            if exported["command"]:
                value = self._run(exported["command"]).strip()
            self.monkeypatch.setenv(exported["name"], value)
        elif line.startswith("pip install "):
            assert importlib.metadata.version(line.removeprefix("pip install "))
        elif line.startswith("pocketbase serve "):
            words = shlex.split(line)
            quiet = subprocess.DEVNULL
            command = [str(program()), *words[1:]]
            self.running.append(subprocess.Popen(command, stdout=quiet, stderr=quiet))
            address = next(w.partition("=")[2] for w in words if w.startswith("--http="))
            await_answer(f"http://{address}")
        else:
            self._run(line)

    def _run(self, line: str) -> str:
        programs = {"pocketbase": str(program()), "python": sys.executable}
        name, *rest = shlex.split(line)
        done = subprocess.run([programs[name], *rest], check=True, capture_output=True, text=True)
        return done.stdout

    def end(self) -> None:
        """Stop what was started."""
        for one in self.running:
            one.terminate()
            one.wait(20)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell in an empty folder, from which the examples are seen."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    made = Shell(monkeypatch)
    yield made
    made.end()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parts[-3])
def test_a_new_user_comes_to_a_decided_claim(
    page: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each block in order: files are written, commands are run, outputs are as shown."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8" if "zh-CN" in page.parts else "C.UTF-8")
    session, port = Session(), str(free_port())
    for block in blocks(page):
        body = block.body.replace(PORT, port)
        if block.file:
            Path(block.file).write_text(body, encoding="utf-8")
        elif block.language == "bash":
            for line in body.splitlines():
                shell.do(line)
        elif block.language == "python":
            session.python(body)
        elif block.language == "console":
            for line, shown in commands_of(body):
                given = session.command(line)
                assert agrees(shown, given), f"{line}\nshown:\n{shown}\ngiven:\n{given}"
    assert os.environ["CRM_TOKEN"] not in Path("first.toml").read_text("utf-8")
    assert session.code == 0
