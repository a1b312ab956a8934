"""Errors: what each tells, in which order and language, and the exit code that follows."""

import inspect
import pickle

import pytest

from crm_expenses import errors
from crm_expenses.errors import (
    NOWHERE,
    AdapterError,
    AllowanceError,
    AuthError,
    ConfigError,
    ConflictError,
    CrmExpensesError,
    ExitCode,
    MappingError,
    Place,
    PolicyError,
    Problem,
    RefusedError,
    RetryableError,
    StoreAwayError,
    StoreError,
    UnsupportedError,
    exit_code,
)

EXIT_CODES: list[tuple[BaseException, ExitCode]] = [
    (ConfigError("settings.no_file", path="x"), 2),
    (PolicyError("toml.syntax", detail="x"), 2),
    (MappingError("record.amount", value="x"), 2),
    (UnsupportedError("settings.no_crm", name="x", known=""), 2),
    (StoreError("store.none", path="x"), 2),
    (StoreAwayError("store.busy", path="x", seconds="15", detail="d"), 3),
    (RetryableError("crm.unavailable", crm="x", detail=""), 3),
    (AllowanceError("manners.calls_max", crm="x", limit="9"), 3),
    (AuthError("crm.auth", crm="x"), 4),
    (RefusedError("crm.auth", crm="x"), 4),
    (ConflictError("crm.auth", crm="x"), 3),
    (AdapterError("crm.auth", crm="x"), 3),
    (CrmExpensesError("crm.auth", crm="x"), 70),
    (ValueError("x"), 70),
    (KeyboardInterrupt(), 70),
]


@pytest.mark.parametrize(("error", "code"), EXIT_CODES)
def test_exit_codes(error: BaseException, code: int) -> None:
    """What a person must mend is 2, wait and retry 3, refused 4, anything else a fault of ours."""
    assert exit_code(error) == code


def test_every_error_has_its_exit_code() -> None:
    """The table above names every class of error, and all have one base and end in Error."""
    classes = {
        made
        for name, made in inspect.getmembers(errors, inspect.isclass)
        if issubclass(made, Exception) and made.__module__ == errors.__name__
    }
    assert classes <= {type(error) for error, _ in EXIT_CODES}
    assert all(made.__name__.endswith("Error") for made in classes)
    assert all(issubclass(made, CrmExpensesError) for made in classes)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "p.toml:3:8: x is missing. Add it to this table"),
        ("zh", "p.toml:3:8: 缺少 x。请在此表中加上"),
    ],
)
def test_describe(language: str, expected: str) -> None:
    """A problem is told with its place, in the language asked for."""
    problem = Problem("toml.missing", {"name": "x"}, Place("p.toml", 3, 8))
    assert problem.describe(language) == expected  # type: ignore[arg-type]
    assert PolicyError.of([problem]).describe(language) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place("a.csv", 7, 2), "a.csv:7:2"),
        (Place("a.csv", 7), "a.csv:7"),
        (Place("a.csv"), "a.csv"),
        (Place("", 7, 2), "?:7:2"),
        (Place("a.csv", 0, 9), "a.csv"),
        (NOWHERE, "?"),
    ],
)
def test_places(place: Place, expected: str) -> None:
    """A place says no more than is known of it."""
    assert str(place) == expected


def test_no_place_is_not_told() -> None:
    """A problem without a place is the sentence alone."""
    assert Problem("toml.missing", {"name": "x"}).describe() == "x is missing. Add it to this table"


def test_all_problems_in_order_of_place() -> None:
    """An error carries every problem once, by file, line, column and code, one a line."""
    places = [("b", 1, 1), ("a", 10, 1), ("a", 9, 5), ("a", 9, 4), ("a", 9, 4)]
    codes = ["toml.missing", "toml.missing", "toml.missing", "toml.value", "toml.missing"]
    problems = [
        Problem(code, {"name": "x", "value": "5", "detail": "no"}, Place(*place))
        for code, place in zip(codes, places, strict=True)
    ]
    error = ConfigError.of(problems)
    assert [(str(p.place), p.code) for p in error.problems] == [
        ("a:9:4", "toml.missing"),
        ("a:9:4", "toml.value"),
        ("a:9:5", "toml.missing"),
        ("a:10:1", "toml.missing"),
        ("b:1:1", "toml.missing"),
    ]
    assert error.code == "toml.missing"
    assert isinstance(error, ConfigError)
    assert str(error) == error.describe("en")
    assert str(error).count("\n") == 4


def test_retry_after_is_kept() -> None:
    """Where the other side named a time to wait, the error carries it."""
    error = RetryableError("crm.unavailable", retry_after=30, crm="x", detail="busy")
    assert (error.retry_after, error.code) == (30, "crm.unavailable")
    assert RetryableError("crm.unavailable").retry_after is None


def test_errors_travel_between_processes() -> None:
    """An error that a worker process raises arrives whole."""
    error = PolicyError.of([Problem("toml.missing", {"name": "x"}, Place("p.toml", 3, 8))])
    back = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert back.problems == error.problems
    assert type(back) is PolicyError
