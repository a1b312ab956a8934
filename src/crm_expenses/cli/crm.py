"""`crm-expenses crm`: connect a CRM: its connection file, its fields, its messages."""

from typing import TYPE_CHECKING

from crm_expenses.cli.crmconnect import add_connect
from crm_expenses.cli.crmnotify import add_notify
from crm_expenses.cli.crmsetup import add_setup
from crm_expenses.cli.crmsignin import add_sign_in
from crm_expenses.cli.crmtry import add_try
from crm_expenses.cli.options import Options

if TYPE_CHECKING:
    import typer


def register(app: "typer.Typer", given: Options) -> None:
    """Add the commands."""
    group = given.group(app, "crm")
    add_connect(group, given)
    add_try(group, given)
    add_setup(group, given)
    add_notify(group, given)
    add_sign_in(group, given)
