"""`crm-expenses policy new`: ask a few questions, then write a policy and its cases."""

import errno
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from crm_expenses.cli.clock import moment
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen, visible
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.tomlfile import TomlFile, parse_toml, read_toml

if TYPE_CHECKING:
    import typer

    from crm_expenses.policystart import Question

CASES: Final = ".cases.toml"
TRIES_MAX: Final = 5
ID_CHARS_MAX: Final = 80
_NO_LINKS: Final = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK)

Value = TypeVar("Value")


def add_new(group: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def new(
        file: Path = given.argument(..., "FILE", "option.policy_start"),
        answers: Path | None = given.option(None, "--answers", "option.answers", "FILE"),
        *,
        yes: bool = given.option(False, "--yes", "option.yes"),
    ) -> None:
        from crm_expenses.policyfile import parse_policy  # noqa: PLC0415  heavy
        from crm_expenses.policystart import cases_text, interview, policy_text  # noqa: PLC0415

        cases = file.parent / f"{file.stem}{CASES}"
        _demand_free(file, cases)
        asker = _Asker(screen, file, read_toml(answers) if answers else None, is_all=yes)
        found = interview(asker, given.language, moment("").date())
        asker.demand_good()
        made = policy_text(found, _id(file), file.name)
        parse_policy(made, str(file))
        texts = {file: made, cases: cases_text(found, file.name)}
        _write_all(texts)
        for path in texts:
            screen.say(screen.text("command.written", path=str(path)))
        screen.say(screen.text("command.policy_next", path=str(file)))

    given.add(group, "new", new, code="command.policy_new")


def _id(file: Path) -> str:
    name = "".join(c for c in file.stem.lower() if c.isascii() and (c.isalnum() or c in "_.-"))
    return name.strip("_.-")[:ID_CHARS_MAX] or "policy"


class _Asker:
    """Takes an answer from the file of answers, or the default, or asks on the terminal."""

    def __init__(
        self, screen: Screen, file: Path, answers: TomlFile | None, *, is_all: bool
    ) -> None:
        self._screen = screen
        self._file = file
        self._answers = answers or parse_toml("", "")
        self._is_all = is_all
        self._asked: list[tuple[str, ...]] = []
        self._open: list[str] = []
        self._problems: list[Problem] = []
        self._has_begun = False

    def ask(self, question: "Question[Value]") -> Value:
        """Give an answer that fits; what is wrong in a file is told at the end, all at once."""
        self._asked.append(question.path)
        given = self._given(question.path)
        if given is not None:
            try:
                return question.read(given)
            except ConfigError as error:
                place = self._answers.place(*question.path)
                self._problems += [Problem(p.code, p.values, place) for p in error.problems]
            return question.default
        if self._is_all or self._problems:
            return question.default
        if not sys.stdin.isatty():
            self._open.append(".".join(question.path))
            return question.default
        return self._by_hand(question)

    def demand_good(self) -> None:
        """Refuse answers that do not fit, answer nothing, or are missing.

        Raises:
            ConfigError: with every such answer, each with its place.
        """
        names = ", ".join(dict.fromkeys(path[0] for path in self._asked))
        for path in _paths(self._answers.data):
            if not any(_is_within(path, asked) for asked in self._asked):
                values = {"name": ".".join(path), "names": names}
                place = self._answers.place(*path)
                self._problems.append(Problem("answer.unknown", values, place))
        if self._problems:
            raise ConfigError.of(self._problems)
        if self._open:
            raise ConfigError("answer.no_terminal", names=", ".join(self._open))

    def _given(self, path: tuple[str, ...]) -> object:
        """Give what the file answers; one answer may stand for every tier."""
        held: object = self._answers.data
        for step in path:
            if not isinstance(held, Mapping):
                return held
            held = held.get(step)
        return held

    def _by_hand(self, question: "Question[Value]") -> Value:
        if not self._has_begun:
            self._has_begun = True
            self._screen.warn(self._screen.text("start.intro", path=str(self._file)))
        asked = self._screen.text(question.code, **question.values)
        for number, name in enumerate(question.options, 1):
            self._screen.warn(self._screen.text("start.option", number=str(number), name=name))
        prompt = self._screen.text("start.prompt", question=asked, default=question.shown)
        for _ in range(TRIES_MAX):
            print(visible(prompt), end="", file=sys.stderr, flush=True)  # noqa: T201
            try:
                typed = sys.stdin.readline()
            except UnicodeDecodeError:
                typed = "\ufffd\0\n"
            if not typed:
                raise ConfigError("answer.ended")
            if not typed.strip():
                return question.default
            try:
                return question.read(typed.strip())
            except ConfigError as error:
                reason = error.describe(self._screen.language)
                self._screen.warn(self._screen.text("start.again", reason=reason))
        raise ConfigError("answer.tries", count=str(TRIES_MAX))


def _paths(data: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _paths(value, (*above, name))
        else:
            yield (*above, name)


def _is_within(path: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    """Say whether a path is that of a question, lies below it, or stands for a group of them."""
    least = min(len(path), len(asked))
    return path[:least] == asked[:least]


# Writing


def _demand_free(*paths: Path) -> None:
    for path in paths:
        try:
            is_taken = path.exists() or path.is_symlink()
        except OSError as error:
            raise _not_written(path, error) from error
        if is_taken:
            raise ConfigError("command.policy_exists", path=str(path))
        if not path.parent.is_dir():
            detail = os.strerror(errno.ENOENT)
            raise ConfigError("command.publish_place", path=str(path), detail=detail)


def _write_all(texts: Mapping[Path, str]) -> None:
    """Write files that were not there: each one whole, and all of them or none."""
    with ExitStack() as undo, ExitStack() as always:
        beside = {}
        for number, (path, text) in enumerate(texts.items()):
            part = path.with_name(f".crm-expenses-{os.getpid()}-{number}.part")
            beside[path] = part
            try:
                with part.open("xb") as out:
                    always.callback(part.unlink, missing_ok=True)
                    out.write(text.encode())
                    out.flush()
                    os.fsync(out.fileno())
            except OSError as error:
                raise _not_written(path, error) from error
        for path, part in beside.items():
            try:
                _place(part, path)
            except FileExistsError as error:
                raise ConfigError("command.policy_exists", path=str(path)) from error
            except OSError as error:
                raise _not_written(path, error) from error
            undo.callback(path.unlink, missing_ok=True)
        undo.pop_all()


def _place(part: Path, path: Path) -> None:
    """Give a finished file its name, in one step and never over another file."""
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        path.open("xb").close()  # the file system has no links: take the name, then fill it
        part.replace(path)


def _not_written(path: Path, error: OSError) -> ConfigError:
    detail = error.strerror or type(error).__name__
    return ConfigError("command.publish_place", path=str(path), detail=detail)
