"""`crm-expenses policy test`: decide the cases beside a policy, and say what came out otherwise."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES, text

if TYPE_CHECKING:
    import typer

    from crm_expenses.policycases import CaseResult, Difference
    from crm_expenses.rules.evaluate import Evaluator


def add_test(group: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def test(
        policies: list[Path] = given.argument(..., "FILE...", "option.policy_files"),
        cases: Path | None = given.option(None, "--cases", "option.cases", "FILE"),
        *,
        explain: bool = given.option(False, "--explain", "option.explain_cases"),
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
            evaluator = Evaluator(policy)
            results = run_cases(evaluator, load_cases(held, policy))
            failed = [result for result in results if not result.is_passed]
            is_good = is_good and bool(results) and not failed
            if as_json:
                of = evaluator if explain else None
                told.append(_json(file, results, of, screen))
                continue
            for result in failed:
                _tell(result, screen)
                if explain:
                    for drawn in _derivation(result, evaluator, screen):
                        screen.say(f"    {drawn}")
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
        for note in found.notes:
            screen.say(f"    {screen.text(note.code, **note.values)}")


def _derivation(result: "CaseResult", evaluator: "Evaluator", screen: Screen) -> list[str]:
    """Draw how the decision on the lines that differ came about, and that on the claim."""
    from crm_expenses.rules.explain import explain_claim, explain_line  # noqa: PLC0415  heavy

    drawn: list[str] = []
    for line in result.lines_concerned:
        drawn += explain_line(evaluator, result.facts, line, screen.language).lines()
    if result.is_of_claim:
        of_claim = explain_claim(evaluator, result.facts, screen.language)
        drawn += of_claim.lines() if of_claim.inner else ()
    return drawn


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


def _json(
    file: Path, results: "Sequence[CaseResult]", evaluator: "Evaluator | None", screen: Screen
) -> dict[str, object]:
    """Give the results as plain values; with an evaluator, the derivation of those that failed."""
    failed = sum(not result.is_passed for result in results)
    cases = []
    for result in results:
        case: dict[str, object] = {
            "name": result.case.name,
            "source": result.case.source,
            "certainty": result.case.certainty,
            "passed": result.is_passed,
            "differences": [_difference_json(one) for one in result.differences],
        }
        if evaluator is not None and not result.is_passed:
            case["derivation"] = _derivation(result, evaluator, screen)
        cases.append(case)
    return {
        "file": str(file),
        "passed": len(results) - failed,
        "failed": failed,
        "cases": cases,
    }


def _difference_json(found: "Difference") -> dict[str, object]:
    return {
        "line": found.line,
        "what": found.what,
        "of": found.of,
        "expected": found.expected,
        "got": found.got,
        "notes": [
            {language: text(note.code, language, **note.values) for language in LANGUAGES}
            for note in found.notes
        ],
    }
