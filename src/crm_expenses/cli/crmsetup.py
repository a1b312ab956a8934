"""`crm-expenses crm setup`: make what a CRM lacks, and say what only a person can make there."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.adapters.settingup import Step, StepDone
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Column, Screen
from crm_expenses.errors import Problem
from crm_expenses.messages import LANGUAGES

if TYPE_CHECKING:
    import typer

    from crm_expenses.adapters.settingup import SettingUp

REFUSED: Final = 4
COLUMNS: Final = (
    Column("crmsetup.name"),
    Column("crmsetup.what"),
    Column("crmsetup.cost", is_number=True),
)


def add_setup(group: "typer.Typer", given: Options) -> None:
    """Add the command."""

    def setup(
        crm: str = given.argument(..., "NAME", "option.setup_crm"),
        settings: Path = given.settings,
        *,
        plan: bool = given.option(False, "--plan", "option.setup_plan"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.crmsetup import crm_setting_up  # noqa: PLC0415  heavy

        with crm_setting_up(settings, crm) as held:
            show(given, crm, held, plan_only=plan, as_json=as_json)

    given.add(group, "setup", setup, code="command.crm_setup")


def show(given: Options, crm: str, held: "SettingUp", *, plan_only: bool, as_json: bool) -> None:
    """Show what lacks and, unless that is all, carry it out; leaves where a step was refused."""
    screen = given.screen
    steps = tuple(held.plan())
    if not as_json:
        _show_plan(screen, crm, steps)
    done: list[StepDone] = []
    if not plan_only:
        for one in held.carry_out(steps):
            done.append(one)
            if not as_json:
                _show_done(screen, one)
    if as_json:
        screen.give(_json(crm, steps, done))
    else:
        _show_by_hand(screen, [step for step in steps if step.by_hand])
    if any(one.problem is not None for one in done):
        given.leave(REFUSED)


def _show_plan(screen: Screen, crm: str, steps: Sequence[Step]) -> None:
    ours = [step for step in steps if not step.by_hand]
    if not ours:
        screen.say(screen.text("crmsetup.nothing", crm=crm))
        return
    counts = {"count": str(len(ours)), "cost": f"{sum(step.cost for step in ours):,}"}
    screen.say(screen.text("crmsetup.plan", crm=crm, **counts))
    screen.say()
    rows = [(step.name, step.told.describe(screen.language), str(step.cost)) for step in ours]
    screen.table(COLUMNS, rows)


def _show_done(screen: Screen, one: StepDone) -> None:
    if one.problem is None:
        screen.say(screen.text("crmsetup.done", name=one.step.name))
        return
    detail = one.problem.describe(screen.language)
    screen.say(screen.text("crmsetup.failed", name=one.step.name, detail=detail))


def _show_by_hand(screen: Screen, steps: Sequence[Step]) -> None:
    if not steps:
        return
    screen.say()
    screen.say(screen.text("crmsetup.by_hand", count=str(len(steps))))
    for number, step in enumerate(steps, 1):
        screen.say(f"{number}. {step.told.describe(screen.language)}")


def _json(crm: str, steps: Sequence[Step], done: Iterable[StepDone]) -> dict[str, object]:
    return {
        "crm": crm,
        "cost": sum(step.cost for step in steps if not step.by_hand),
        "steps": [_step(step) for step in steps],
        "done": [
            {"name": one.step.name, "problem": _told(one.problem) if one.problem else None}
            for one in done
        ],
    }


def _step(step: Step) -> dict[str, object]:
    facts = {"name": step.name, "by_hand": step.by_hand, "cost": step.cost}
    return {**facts, "facts": dict(step.facts), **_told(step.told)}


def _told(problem: Problem) -> dict[str, object]:
    messages = {language: problem.describe(language) for language in LANGUAGES}
    return {"code": problem.code, "message": messages}
