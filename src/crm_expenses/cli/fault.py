"""How a fault of ours is told: where it is, and nothing that it carries."""

import os
import traceback
from pathlib import Path
from typing import Final

from crm_expenses.messages import Language, text

TRACE: Final = "CRM_EXPENSES_TRACE"
"""Set in the environment, a fault of ours is told with its whole trace."""


def fault_text(error: Exception, language: Language) -> str:
    """Say where a fault of ours is. What an exception carries may be private, so it is not told."""
    if os.environ.get(TRACE):
        return "".join(traceback.format_exception(error))
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "crm_expenses" in f.filename] or frames
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "?"
    return text("command.fault", language, kind=type(error).__name__, place=place, variable=TRACE)
