"""`crm-expenses policy`: check a policy file, print its JSON Schema."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.options import Options
from crm_expenses.errors import PolicyError
from crm_expenses.messages import LANGUAGES
from crm_expenses.policyfile import load_policy, policy_schema

if TYPE_CHECKING:
    import typer


def register(app: "typer.Typer", given: Options) -> None:
    """Add the commands."""
    group = given.group(app, "policy")
    screen = given.screen

    def check(
        file: Path = given.argument(..., "FILE", "option.policy_file"),
        *,
        as_json: bool = given.json,
    ) -> None:
        try:
            policy = load_policy(file)
        except PolicyError as error:
            if as_json:
                screen.give({"file": str(file), "valid": False, "problems": problems(error)})
            else:
                screen.warn(error.describe(given.language))
                count = str(len(error.problems))
                screen.warn(screen.text("command.policy_bad", path=str(file), count=count))
            given.leave(1)
        of = {"id": policy.id, "version": policy.version}
        rules, parameters = len(policy.rules), len(policy.parameters)
        if as_json:
            screen.give(
                {
                    "file": str(file),
                    "valid": True,
                    "problems": [],
                    "policy": {**of, "digest": policy.digest, "rules": rules},
                }
            )
        else:
            figures = {"rules": str(rules), "parameters": str(parameters)}
            screen.say(screen.text("command.policy_good", path=str(file), **of, **figures))

    def schema() -> None:
        print(json.dumps(policy_schema(), indent=2, ensure_ascii=False))  # noqa: T201

    given.add(group, "check", check, code="command.policy_check")
    given.add(group, "schema", schema, code="command.policy_schema")


def problems(error: PolicyError) -> list[dict[str, object]]:
    """Give every problem of a policy as plain values."""
    return [
        {
            "code": problem.code,
            "line": problem.place.line,
            "column": problem.place.column,
            "message": {language: problem.describe(language) for language in LANGUAGES},
        }
        for problem in error.problems
    ]
