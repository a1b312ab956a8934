"""Zoho CRM. The vendor's SDK is loaded with the first call that needs it, and not before."""

from crm_expenses.adapters.contract import Adapter, Opening


def open_adapter(opening: Opening) -> Adapter:
    """Open a connection to an organisation.

    Raises:
        ConfigError: what the settings say has mistakes.
    """
    from crm_expenses.adapters.zoho.client import open_zoho  # noqa: PLC0415  only when it is used

    return open_zoho(opening)
