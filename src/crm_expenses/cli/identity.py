"""Who acts: the person that a command was told, else the environment's, else the settings'."""

import os
from typing import Final

from crm_expenses.errors import ConfigError
from crm_expenses.settings import Settings

VARIABLE: Final = "CRM_EXPENSES_PERSON"


def acting_person(settings: Settings, given: str) -> str:
    """Give the id of the person who acts; `given` is what the option --as said, or nothing.

    Raises:
        ConfigError: nobody is named anywhere.
    """
    person = given.strip() or os.environ.get(VARIABLE, "").strip() or settings.person
    if not person:
        raise ConfigError("identity.none", variable=VARIABLE)
    return person
