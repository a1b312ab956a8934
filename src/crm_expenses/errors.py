"""Every exception of the package, grouped by what the caller should do next.

A broken rule of the company is a value (`core.finding.Finding`). An exception here means that
we could not decide or could not act. Each error carries a code and values; its text in English
or Chinese is rendered from the tables in `messages`, so no text is written where it is raised.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

from crm_expenses.messages import Language, text


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was read: a file (or table, or page) with line and column from 1.

    >>> str(Place("policy.toml", 12, 5))
    'policy.toml:12:5'
    >>> str(Place("claims.csv", 7))
    'claims.csv:7'
    """

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file or "?"]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake found in something a person wrote, with its place.

    `code` names an entry of `messages.problems`, `values` fill its fields.

    >>> p = Problem("toml.syntax", {"detail": "Invalid value"}, Place("p.toml", 3, 8))
    >>> p.describe("en").startswith("p.toml:3:8: ")
    True
    """

    code: str
    values: Mapping[str, str] = field(default_factory=dict)
    place: Place = NOWHERE

    def describe(self, language: Language = "en") -> str:
        """Give the whole sentence, led by the place where that is known."""
        body = text(self.code, language, **self.values)
        return f"{self.place}: {body}" if self.place != NOWHERE else body


class CrmExpensesError(Exception):
    """Base of every error of this package; carries one or more problems.

    >>> error = ConfigError("settings.no_file", path="x.toml")
    >>> error.code
    'settings.no_file'
    """

    def __init__(self, code: str, /, *, place: Place = NOWHERE, **values: str) -> None:
        self.problems: tuple[Problem, ...] = (Problem(code, values, place),)
        super().__init__(code)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """Make one error that carries all `problems`, in the order of their places."""
        ordered = tuple(
            sorted(problems, key=lambda p: (p.place.file, p.place.line, p.place.column, p.code))
        )
        error = cls(ordered[0].code)
        error.problems = ordered
        return error

    @property
    def code(self) -> str:
        """Code of the first problem."""
        return self.problems[0].code

    def describe(self, language: Language = "en") -> str:
        """Give every problem, one a line, in the language asked for."""
        return "\n".join(problem.describe(language) for problem in self.problems)

    def __str__(self) -> str:
        return self.describe("en")


class ConfigError(CrmExpensesError):
    """The settings, the command or the installation must be mended first."""


class PolicyError(CrmExpensesError):
    """The policy file must be mended; carries all its problems at once."""


class MappingError(CrmExpensesError):
    """This one record cannot be read: set it aside and go on."""


class UnsupportedError(CrmExpensesError):
    """This CRM, engine or plan cannot do that."""


class AdapterError(CrmExpensesError):
    """Base of what can go wrong with the other side."""


class RetryableError(AdapterError):
    """Try again, after `retry_after` seconds where the other side named a time."""

    def __init__(
        self, code: str, /, *, retry_after: int | None = None, place: Place = NOWHERE, **values: str
    ) -> None:
        super().__init__(code, place=place, **values)
        self.retry_after = retry_after


class AllowanceError(RetryableError):
    """The calls that may be made are used up: those of the CRM's day, or those of this run."""


class AuthError(AdapterError):
    """The credentials must be renewed or the permission granted."""


class RefusedError(AdapterError):
    """The other side said no; the same request will not succeed."""


class ConflictError(AdapterError):
    """The record has changed meanwhile: pull it and decide anew."""


class StoreError(CrmExpensesError):
    """The store cannot be opened or written, or holds something that we cannot read."""


class StoreAwayError(StoreError):
    """The store is busy or out of reach: try again; what was not finished was undone."""


ExitCode = Literal[0, 1, 2, 3, 4, 70]


def exit_code(error: BaseException) -> ExitCode:
    """Give the exit code that a command ends with on `error`.

    >>> exit_code(ConfigError("settings.no_file", path="x")), exit_code(ValueError())
    (2, 70)
    >>> exit_code(AuthError("crm.auth")), exit_code(RetryableError("crm.unavailable"))
    (4, 3)
    """
    match error:
        case AuthError() | RefusedError():
            return 4
        case AdapterError() | StoreAwayError():
            return 3
        case ConfigError() | PolicyError() | MappingError() | UnsupportedError() | StoreError():
            return 2
        case _:
            return 70
