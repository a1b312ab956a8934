"""The limits of a connection: what its adapter knows of the CRM, and what the settings say over it.

A CRM's edition may say what may be spent in a day; then nobody has to look it up and write it into
`[crm.NAME.limits]`, and whoever does is believed.
"""

from crm_expenses.adapters.registry import usual_limits
from crm_expenses.crmsettings import LimitsPart
from crm_expenses.errors import ConfigError
from crm_expenses.settings import Connection


def limits_of(connection: Connection) -> LimitsPart:
    """Give the limits of a connection.

    Raises:
        ConfigError: the reserve leaves no call to be made.
    """
    given = connection.parts.limits
    usual = usual_limits(connection.adapter, connection.options)
    if usual is None:
        made = given
    else:
        said = {name: getattr(given, name) for name in given.model_fields_set}
        made = usual.model_copy(update=said)
    if made.reserve and made.reserve >= made.calls_per_day:
        limit, crm = str(made.calls_per_day), connection.name
        raise ConfigError("settings.reserve", crm=crm, value=str(made.reserve), limit=limit)
    return made
