"""`crm-expenses doctor`: look at everything that a run needs; only `--write` changes something."""

from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.adapters.contract import Level
from crm_expenses.cli.options import Options
from crm_expenses.messages import LANGUAGES

if TYPE_CHECKING:
    import typer


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def doctor(
        crm: str | None = given.crm,
        settings: Path = given.settings,
        *,
        write: bool = given.option(False, "--write", "option.doctor_write"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.doctor import diagnose  # noqa: PLC0415  heavy

        counts = dict.fromkeys(Level, 0)
        rows = []
        for found in diagnose(settings, crm, write=write):
            counts[found.level] += 1
            problem = found.problem
            if as_json:
                messages = {language: problem.describe(language) for language in LANGUAGES}
                rows.append({"level": found.level, "code": problem.code, "message": messages})
            else:
                label = screen.text(f"doctor.{found.level.value}")
                screen.say(f"{label}  {problem.describe(given.language)}")
        if as_json:
            screen.give({"diagnoses": rows})
        else:
            told = {level.value: str(count) for level, count in counts.items()}
            screen.say(screen.text("doctor.sum", **told))
        if counts[Level.BAD]:
            given.leave(2)

    given.add(app, "doctor", doctor)
