"""The command line."""

from crm_expenses.cli.app import run

__all__ = ["run"]
