"""`crm-expenses demo`: a whole company in a folder, and a short summary of the job on it."""

from pathlib import Path

from crm_expenses.demo.run import DemoResult, run_demo
from crm_expenses.messages import Language, text
from crm_expenses.pipeline import quiet


def show_demo(folder: Path, seed: int, language: Language) -> None:
    """Run the demo and print what it did."""
    result = run_demo(folder, seed=seed, language=language, progress=quiet)
    print(summary(result, language))  # noqa: T201


def summary(result: DemoResult, language: Language) -> str:
    """Give the summary that a person reads."""
    totals = result.figures.totals
    lines = [
        text(
            "command.demo_done",
            language,
            claims=str(result.run.decided.claims),
            lines=str(result.run.decided.lines),
            set_aside=str(totals.set_aside),
            waiting=str(len(result.figures.waiting)),
        )
        if result.changes
        else text("command.demo_same", language),
        text("command.report_at", language, path=str(result.report)),
    ]
    return "\n".join(lines)
