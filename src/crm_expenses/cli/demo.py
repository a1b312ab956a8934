"""`crm-expenses demo`: a whole company in a folder, and a short summary of the job on it."""

from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.cli.summary import run_lines
from crm_expenses.demo.company import SEED

if TYPE_CHECKING:
    import typer

    from crm_expenses.demo.run import DemoResult

FOLDER = "crm-expenses-demo"


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""

    def demo(
        folder: Path = given.argument(FOLDER, "FOLDER", "option.demo_folder"),
        seed: int = given.option(SEED, "--seed", "option.seed", "NUMBER"),
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.demo.run import run_demo  # noqa: PLC0415  heavy

        screen = given.screen
        with screen.progress() as progress:
            result = run_demo(folder, seed=seed, language=given.language, progress=progress)
        if as_json:
            screen.give(summary(result))
        else:
            show(result, screen)

    given.add(app, "demo", demo)


def summary(result: "DemoResult") -> dict[str, object]:
    """Give what the demo did as plain values."""
    return {
        "folder": str(result.folder),
        "files_written": result.files_written,
        "run": result.run.as_json(),
        "claims": result.figures.totals.claims,
        "set_aside": result.figures.totals.set_aside,
        "waiting": len(result.figures.waiting),
        "report": str(result.report),
        "report_changed": result.report_changed,
        "changes": result.changes,
    }


def show(result: "DemoResult", screen: Screen) -> None:
    """Print what the demo did, and what to look at next."""
    if result.changes:
        for line in run_lines(result.run, screen):
            screen.say(line)
        aside, waiting = result.figures.totals.set_aside, len(result.figures.waiting)
        screen.say(screen.text("demo.aside", rows=f"{aside:,}"))
        screen.say(screen.text("demo.waiting", claims=f"{waiting:,}"))
    else:
        screen.say(screen.text("command.same"))
    screen.say()
    at = result.moment.isoformat()
    settings = result.folder / "crm_expenses.toml"
    screen.say(screen.text("demo.next", settings=str(settings), at=at))
    screen.say()
    screen.say(screen.text("command.report_at", path=str(result.report)))
