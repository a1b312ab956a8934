"""`crm-expenses policy`: check, publish, compare and begin a policy; ask about it; its schema."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.cli.options import Options
from crm_expenses.cli.pagefile import write_page
from crm_expenses.cli.policycalendar import add_calendar
from crm_expenses.cli.policynew import add_new
from crm_expenses.cli.policysql import add_sql
from crm_expenses.cli.policytest import add_test
from crm_expenses.errors import ConfigError, CrmExpensesError, PolicyError
from crm_expenses.messages import LANGUAGES, Language
from crm_expenses.policyfile import load_policy, policy_schema

if TYPE_CHECKING:
    import typer


class PageForm(StrEnum):
    """In which form a handbook is written."""

    HTML = "html"
    MD = "md"


class TextForm(StrEnum):
    """In which form differences are printed."""

    TEXT = "text"
    MD = "md"


class PageLanguage(StrEnum):
    """In which language a handbook is written."""

    EN = "en"
    ZH = "zh"
    BOTH = "both"


QUESTIONS: Final = 10
QUESTIONS_MAX: Final = 200


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
    for add in (add_new, _add_publish, _add_quiz, _add_diff, add_sql, add_test, add_calendar):
        add(group, given)


def _add_publish(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def publish(
        file: Path = given.argument(..., "FILE", "option.policy_file"),
        out: Path = given.option(..., "--out", "option.publish_out", "DIR|FILE"),
        form: PageForm | None = given.option(None, "--format", "option.publish_format", "html|md"),
        language: PageLanguage | None = given.option(
            None, "--language", "option.publish_language", "en|zh|both"
        ),
    ) -> None:
        from crm_expenses.handbook import publish as write  # noqa: PLC0415  heavy

        policy = load_policy(file)
        is_folder = out.is_dir() or not out.suffix
        chosen = form or (PageForm.MD if out.suffix == ".md" else PageForm.HTML)
        languages = _languages(language, given.language)
        pages: dict[Path, tuple[Language, ...]] = {out: languages}
        if is_folder:
            pages = {out / f"{policy.id}.{one}.{chosen}": (one,) for one in languages}
        for path, of in pages.items():
            write_page(path, write(policy, of, chosen.value))
            screen.say(screen.text("command.published", path=str(path)))

    given.add(group, "publish", publish, code="command.policy_publish")


def _add_quiz(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def quiz(
        file: Path = given.argument(..., "FILE", "option.policy_file"),
        seed: int = given.option(0, "--seed", "option.quiz_seed", "N"),
        count: int = given.option(QUESTIONS, "--count", "option.quiz_count", "N"),
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.quiz import questions, quiz_json, quiz_text  # noqa: PLC0415  heavy

        if not 1 <= count <= QUESTIONS_MAX:
            limit = str(QUESTIONS_MAX)
            raise ConfigError("command.quiz_count", value=str(count), limit=limit)
        policy = load_policy(file)
        asked = questions(policy, seed=seed, count=count)
        if not asked:
            screen.warn(screen.text("quiz.none", path=str(file)))
            given.leave(1)
        if as_json:
            screen.give(quiz_json(policy, asked, seed=seed))
        else:
            screen.say(quiz_text(policy, asked, given.language).rstrip())

    given.add(group, "quiz", quiz, code="command.policy_quiz")


def _add_diff(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def diff(
        old: Path = given.argument(..., "OLD", "option.policy_old"),
        new: Path = given.argument(..., "NEW", "option.policy_new"),
        form: TextForm = given.option(TextForm.TEXT, "--format", "option.diff_format", "text|md"),
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses import policydiff  # noqa: PLC0415  heavy

        found = policydiff.compare(load_policy(old), load_policy(new))
        if as_json:
            screen.give(policydiff.diff_json(found))
        elif form is TextForm.MD:
            screen.say(policydiff.diff_markdown(found, given.language).rstrip())
        else:
            screen.say(policydiff.diff_text(found, given.language).rstrip())

    given.add(group, "diff", diff, code="command.policy_diff")


_SPOKEN: Final[dict[PageLanguage, Language]] = {PageLanguage.EN: "en", PageLanguage.ZH: "zh"}


def _languages(asked: PageLanguage | None, own: Language) -> tuple[Language, ...]:
    if asked is PageLanguage.BOTH:
        return LANGUAGES
    return (own if asked is None else _SPOKEN[asked],)


def problems(error: CrmExpensesError) -> list[dict[str, object]]:
    """Give every problem of a file as plain values."""
    return [
        {
            "code": problem.code,
            "line": problem.place.line,
            "column": problem.place.column,
            "message": {language: problem.describe(language) for language in LANGUAGES},
        }
        for problem in error.problems
    ]
