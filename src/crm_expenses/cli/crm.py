"""`crm-expenses crm`: what helps to write the connection file of a CRM with a REST API."""

from typing import TYPE_CHECKING

from crm_expenses.cli.crmconnect import add_connect
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
    add_sign_in(group, given)
