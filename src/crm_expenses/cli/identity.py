"""Who acts by a command: the option, the environment, or the settings say so.

Nobody proves it here. What such a person says is recorded as asserted, and a policy may ask for
more than that.
"""

import os
from typing import Final

from crm_expenses.errors import ConfigError
from crm_expenses.settings import Settings

VARIABLE: Final = "CRM_EXPENSES_PERSON"
"""Names the person in the environment; it comes before the settings."""


def acting_person(settings: Settings, given: str) -> str:
    """Give the id of the person who acts: as given, else of the environment, else of the settings.

    Raises:
        ConfigError: none of them names anybody.
    """
    person = given or os.environ.get(VARIABLE, "").strip() or settings.person
    if not person:
        raise ConfigError("identity.none", variable=VARIABLE, path=str(settings.path))
    return person
