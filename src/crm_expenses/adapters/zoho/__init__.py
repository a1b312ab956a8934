"""Zoho CRM. The vendor's SDK is loaded with the first call that needs it, and not before."""

from collections.abc import Mapping

from crm_expenses.adapters.contract import Adapter, Opening
from crm_expenses.crmsettings import ROLLING, LimitsPart


def open_adapter(opening: Opening) -> Adapter:
    """Open a connection to an organisation.

    Raises:
        ConfigError: what the settings say has mistakes.
    """
    from crm_expenses.adapters.zoho.client import open_zoho  # noqa: PLC0415  only when it is used

    return open_zoho(opening)


def usual_limits(options: Mapping[str, object]) -> LimitsPart:
    """Give what the organisation's edition allows in any 24 hours, in credits."""
    from crm_expenses.adapters.zoho.credits import allowance  # noqa: PLC0415  as above
    from crm_expenses.adapters.zoho.settings import edition_and_users  # noqa: PLC0415

    edition, users = edition_and_users(options)
    return LimitsPart(calls_per_day=allowance(edition, users), day_zone=ROLLING)
