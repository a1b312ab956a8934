"""Where a fact came from: which system, which record, which place in it."""

from dataclasses import dataclass

from crm_expenses.core.quick import quick_init


@quick_init
@dataclass(frozen=True, slots=True)
class Origin:
    """The source of one fact.

    `crm` is the name of the connection in the settings, `record` the id of the record there, and
    `place` a file with its row, a page's address or whatever else finds it again. `version` is the
    other side's own mark of the record's state (a time stamp, an ETag), empty where it has none.

    >>> Origin("main", "C-1", "claims.csv:2").place
    'claims.csv:2'
    """

    crm: str
    record: str
    place: str = ""
    version: str = ""
