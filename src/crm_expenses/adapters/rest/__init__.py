"""Any CRM with a REST API, from a connection file. See `spec` for what such a file says."""

from crm_expenses.adapters.contract import Adapter, Opening


def open_adapter(opening: Opening) -> Adapter:
    """Open a connection by its file.

    Raises:
        ConfigError: the file, or what the settings say beside it, has mistakes.
    """
    from crm_expenses.adapters.rest.client import open_rest  # noqa: PLC0415  only when it is used

    return open_rest(opening)
