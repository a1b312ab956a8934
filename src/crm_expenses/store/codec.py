"""From stored JSON back to typed values; the way out is `core.record.canonical`."""

from functools import cache
from typing import TYPE_CHECKING, Any

from crm_expenses.core.decision import Decision
from crm_expenses.core.record import TYPES, Kind, Record

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter(kind: Any) -> "TypeAdapter[Any]":  # noqa: ANN401  pydantic takes any type
    from pydantic import TypeAdapter  # noqa: PLC0415  paid at first use

    made: TypeAdapter[Any] = TypeAdapter(kind)
    return made


def read_record(kind: Kind, content: str) -> Record:
    """Read a stored record of a kind."""
    of: Any = TYPES[kind]
    found: Record = _adapter(of).validate_json(content)
    return found


def read_decision(content: str) -> Decision:
    """Read a stored decision."""
    found: Decision = _adapter(Decision).validate_json(content)
    return found


def read_as(kind: Any, content: str) -> Any:  # noqa: ANN401  typed by the caller
    """Read a stored value of any type of the package."""
    return _adapter(kind).validate_json(content)
