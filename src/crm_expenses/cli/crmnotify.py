"""`crm-expenses crm notify`: let a CRM tell us of changes, at the address where we listen."""

from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.adapters.exchange import Secret
from crm_expenses.cli.crmsetup import show
from crm_expenses.cli.options import Options
from crm_expenses.errors import ConfigError
from crm_expenses.settings import Settings, load_settings

if TYPE_CHECKING:
    import typer


def add_notify(group: "typer.Typer", given: Options) -> None:
    """Add the command."""

    def notify(
        crm: str = given.argument(..., "NAME", "option.setup_crm"),
        url: str = given.option("", "--url", "option.notify_url", "URL"),
        settings: Path = given.settings,
        *,
        stop: bool = given.option(False, "--stop", "option.notify_stop"),
        plan: bool = given.option(False, "--plan", "option.notify_plan"),
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.pipeline.crmsetup import crm_hints  # noqa: PLC0415  heavy

        if bool(url) == stop:
            raise ConfigError("webhook.url_or_stop")
        loaded = load_settings(settings)
        with crm_hints(loaded, crm, url, token_of(loaded, crm)) as held:
            show(given, crm, held, plan_only=plan, as_json=as_json)

    given.add(group, "notify", notify, code="command.crm_notify")


def token_of(settings: Settings, crm: str) -> Secret:
    """Give the secret that the receiver looks for in the body of a message.

    Raises:
        ConfigError: the connection has no webhook, or one whose messages are signed.
    """
    from crm_expenses.webhook import secret_of  # noqa: PLC0415  heavy

    part = settings.connection(crm).parts.webhook
    if part is None or not part.token_field:
        raise ConfigError("webhook.no_token", crm=crm)
    return Secret(secret_of(settings, crm, part).decode("utf-8", "replace"))
