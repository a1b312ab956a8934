"""`crm-expenses policy test`: decide the cases beside a policy, and say what came out otherwise."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.errors import ConfigError

if TYPE_CHECKING:
    import typer

    from crm_expenses.policycases import CaseResult, Difference


def add_test(group: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def test(
        policies: list[Path] = given.argument(..., "FILE...", "option.policy_files"),
        cases: Path | None = given.option(None, "--cases", "option.cases", "FILE"),
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.policycases import cases_beside, load_cases, run_cases  # noqa: PLC0415
        from crm_expenses.policyfile import load_policy  # noqa: PLC0415  heavy
        from crm_expenses.rules.evaluate import Evaluator  # noqa: PLC0415  heavy

        if cases is not None and len(policies) > 1:
            raise ConfigError("cases.one_file", count=str(len(policies)))
        is_good, told = True, []
        for file in policies:
            policy = load_policy(file)
            held = cases or cases_beside(file)
            results = run_cases(Evaluator(policy), load_cases(held, policy))
            failed = [result for result in results if not result.is_passed]
            is_good = is_good and bool(results) and not failed
            if as_json:
                told.append(_json(file, results))
                continue
            for result in failed:
                _tell(result, screen)
            if not results:
                screen.warn(screen.text("test.none", path=str(held)))
            passed = str(len(results) - len(failed))
            counts = {"passed": passed, "failed": str(len(failed))}
            screen.say(screen.text("test.sum", path=str(file), **counts))
        if as_json:
            screen.give({"passed": is_good, "files": told})
        if not is_good:
            given.leave(1)

    given.add(group, "test", test, code="command.policy_test")


def _tell(result: "CaseResult", screen: Screen) -> None:
    """Print a case that failed: where it stands, what it rests on, each difference."""
    case = result.case
    screen.say(screen.text("test.failed", place=str(case.place), name=case.name))
    if case.source:
        screen.say(screen.text("test.source", source=case.source))
    if case.certainty:
        screen.say(screen.text("test.certainty", certainty=case.certainty))
    for found in result.differences:
        screen.say(_difference(found, screen))


def _difference(found: "Difference", screen: Screen) -> str:
    where = screen.text(f"test.what.{found.what}", of=found.of)
    if found.line:
        where = screen.text("test.of_line", line=found.line, what=where)
    nothing = screen.text("test.empty")
    expected, got = (
        screen.text(f"word.{value}") if found.what == "outcome" else value or nothing
        for value in (found.expected, found.got)
    )
    return screen.text("test.difference", where=where, expected=expected, got=got)


def _json(file: Path, results: "Sequence[CaseResult]") -> dict[str, object]:
    failed = sum(not result.is_passed for result in results)
    return {
        "file": str(file),
        "passed": len(results) - failed,
        "failed": failed,
        "cases": [
            {
                "name": result.case.name,
                "source": result.case.source,
                "certainty": result.case.certainty,
                "passed": result.is_passed,
                "differences": [
                    {
                        "line": one.line,
                        "what": one.what,
                        "of": one.of,
                        "expected": one.expected,
                        "got": one.got,
                    }
                    for one in result.differences
                ],
            }
            for result in results
        ],
    }
