"""What several calls read from their query and headers alike."""

from datetime import datetime

from crm_expenses.testing.zohosim.asking import Ask
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.refusal import RefusalError, bad_parameter
from crm_expenses.testing.zohosim.values import ID, moment


def whole(ask: Ask, name: str, otherwise: int) -> int:
    """Read a whole number of the query.

    Raises:
        RefusalError: it is none above zero.
    """
    text = ask.query.get(name)
    if text is None:
        return otherwise
    if not text.isdecimal() or int(text) < 1:
        raise bad_parameter(name)
    return int(text)


def since_header(ask: Ask) -> datetime | None:
    """Read If-Modified-Since: ISO with an offset, not the date that HTTP has.

    Raises:
        RefusalError: it is none.
    """
    text = ask.headers.get("if-modified-since")
    if text is None:
        return None
    read = moment(text)
    if read is None:
        raise RefusalError("INVALID_DATA", details={"header": "If-Modified-Since"})
    return read


def is_later(org: Org, at: datetime | None, since: datetime) -> bool:
    """Tell whether something happened since then."""
    if at is None:
        return False
    return at >= since if org.switches.modified_since_inclusive else at > since


def is_id(text: str) -> bool:
    """Tell whether a step of a path is an id."""
    return ID.fullmatch(text) is not None
