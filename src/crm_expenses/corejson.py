"""From canonical JSON back to typed values; the way out is `core.record.canonical`."""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter(kind: Any) -> "TypeAdapter[Any]":  # noqa: ANN401  pydantic takes any type
    from pydantic import TypeAdapter  # noqa: PLC0415  paid at first use

    made: TypeAdapter[Any] = TypeAdapter(kind)
    return made


def read_as(kind: Any, content: str) -> Any:  # noqa: ANN401  typed by the caller
    """Read a value of any type of the package.

    >>> from crm_expenses.core.money import Money
    >>> read_as(Money, '{"minor":125,"currency":"CNY"}')
    Money(minor=125, currency='CNY')
    """
    return _adapter(kind).validate_json(content)
