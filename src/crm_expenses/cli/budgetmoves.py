"""`crm-expenses budgets carry`, `transfer` and what belongs to it, `alerts`: money that moves."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_expenses.cli.budgetshow import (
    show_alerts,
    show_carried,
    show_transfer,
    show_transfers,
)
from crm_expenses.cli.clock import moment
from crm_expenses.cli.figures import synced_job
from crm_expenses.cli.identity import acting_person
from crm_expenses.cli.options import Options
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import ConfigError

if TYPE_CHECKING:
    import typer


def add_moves(group: "typer.Typer", given: Options) -> None:
    """Add the commands to the group of budgets."""
    acting = given.option("", "--as", "option.as", "PERSON")
    _add_carry(group, given, acting)
    _add_transfer(group, given, acting)
    _add_transfers(group, given)
    _add_approve(group, given, acting)
    _add_refuse(group, given, acting)
    _add_alerts(group, given)


def _add_carry(group: "typer.Typer", given: Options, who: Any) -> None:
    screen = given.screen

    def carry(  # noqa: PLR0913  the options of the command
        old: str = given.argument("", "OLD", "option.carry_old"),
        new: str = given.argument("", "NEW", "option.carry_new"),
        crm: str | None = given.option(None, "--crm", "option.crm", "CRM"),
        acting: str = who,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        every: bool = given.option(False, "--all", "option.carry_all"),
        only_plan: bool = given.option(False, "--plan", "option.plan_only"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.budgets import carry as carry_over  # noqa: PLC0415  heavy

        if every == bool(old) or bool(old) != bool(new):
            raise ConfigError("budgets.carry_names")
        with synced_job(settings, crm) as job:
            now = moment(at)
            made = carry_over(
                job,
                old,
                new,
                day=now.astimezone(job.settings.zone).date(),
                actor="" if only_plan else acting_person(job.settings, acting),
                at=now,
                only_plan=only_plan,
            )
        show_carried(made, screen, only_plan=only_plan, as_json=as_json)

    given.add(group, "carry", carry, code="command.budgets_carry")


def _add_transfer(group: "typer.Typer", given: Options, who: Any) -> None:
    screen = given.screen

    def transfer(  # noqa: PLR0913, PLR0917  the options of the command
        source: str = given.argument(..., "FROM", "option.transfer_from"),
        target: str = given.argument(..., "TO", "option.transfer_to"),
        amount: str = given.argument(..., "AMOUNT", "option.transfer_amount"),
        crm: str | None = given.option(None, "--crm", "option.crm", "CRM"),
        reason: str = given.option("", "--reason", "option.budget_reason", "TEXT"),
        acting: str = who,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.budgets import ask_transfer  # noqa: PLC0415  heavy

        said = _reason(reason)
        with synced_job(settings, crm) as job:
            actor = acting_person(job.settings, acting)
            made = ask_transfer(job, source, target, amount, actor=actor, said=said, at=moment(at))
        show_transfer(made, "transfer.asked_now", screen, as_json=as_json)

    given.add(group, "transfer", transfer, code="command.budgets_transfer")


def _add_transfers(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def transfers(
        crm: str | None = given.crm,
        settings: Path = given.settings,
        *,
        as_json: bool = given.json,
    ) -> None:
        with synced_job(settings, crm) as job:
            found = job.store.transfers(job.adapter.name, viewer=SYSTEM)
        show_transfers(found, screen, as_json=as_json)

    given.add(group, "transfers", transfers, code="command.budgets_transfers")


def _add_approve(group: "typer.Typer", given: Options, who: Any) -> None:
    screen = given.screen

    def approve(
        name: str = given.argument(..., "TRANSFER", "option.transfer"),
        crm: str | None = given.option(None, "--crm", "option.crm", "CRM"),
        acting: str = who,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.budgets import approve_transfer  # noqa: PLC0415  heavy

        with synced_job(settings, crm) as job:
            actor = acting_person(job.settings, acting)
            made = approve_transfer(job, name, actor=actor, at=moment(at))
        code = "transfer.approved_now" if made.waiting_for else "transfer.made_now"
        show_transfer(made, code, screen, as_json=as_json)

    given.add(group, "approve", approve, code="command.budgets_approve")


def _add_refuse(group: "typer.Typer", given: Options, who: Any) -> None:
    screen = given.screen

    def refuse(
        name: str = given.argument(..., "TRANSFER", "option.transfer"),
        crm: str | None = given.option(None, "--crm", "option.crm", "CRM"),
        reason: str = given.option("", "--reason", "option.budget_reason", "TEXT"),
        acting: str = who,
        settings: Path = given.settings,
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.budgets import refuse_transfer  # noqa: PLC0415  heavy

        said = _reason(reason)
        with synced_job(settings, crm) as job:
            actor = acting_person(job.settings, acting)
            made = refuse_transfer(job, name, actor=actor, said=said, at=moment(at))
        show_transfer(made, "transfer.refused_now", screen, as_json=as_json)

    given.add(group, "refuse", refuse, code="command.budgets_refuse")


def _add_alerts(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def alerts(
        crm: str | None = given.crm,
        since: int = given.option(0, "--since", "option.alerts_since", "NUMBER"),
        settings: Path = given.settings,
        *,
        as_json: bool = given.json,
    ) -> None:
        with synced_job(settings, crm) as job:
            found = job.store.budget_alerts(job.adapter.name, viewer=SYSTEM, since=since)
        show_alerts(found, screen, as_json=as_json)

    given.add(group, "alerts", alerts, code="command.budgets_alerts")


def _reason(said: str) -> str:
    if not said.strip():
        raise ConfigError("budgets.transfer_why")
    return said.strip()
