"""What the platform's documents leave open, or say differently on different pages: choose here."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Switches:
    """How this organisation behaves where the documents do not settle it.

    The values from the beginning are the ones that are harder on a program.
    """

    unknown_fields: Literal["ignored", "refused"] = "ignored"
    """A field in a write that the module has not."""
    strict_picklists: bool = True
    """Whether a value that is not listed is refused; some modules accept it."""
    all_failed_status: int = 400
    """Status where each row of a write was refused: 400, 202 or 207."""
    paging: Literal["keyset", "offset"] = "keyset"
    """What a page token holds: the last row seen, or how many were seen."""
    modified_since_inclusive: bool = False
    """Whether If-Modified-Since takes the very second that it names."""
    coql_rows_max: int = 2_000
    """Rows of one query: 2,000, or 200 on older pages."""
    coql_offset_max: int = 100_000
    coql_criteria_max: int = 25
    coql_in_max: int = 50
    coql_nested_pairs: bool = True
    """Whether three conditions in a row without brackets are refused."""
    coql_subforms: bool = True
    """Whether the rows of a subform can be queried."""
    coql_backslash: bool = True
    """Whether a backslash escapes the next character in a text."""
    subform_listing: bool = True
    """Whether the rows of a subform can be listed as a module."""
    subform_bumps_parent: bool = False
    """Whether a row that is edited by itself moves its record's Modified_Time."""
    external_in_upsert: bool = True
    """Whether X-EXTERNAL works for lookups in an upsert."""
    deleted_credits: int = 2
    unmodified_in_batches: bool = True
    """Whether If-Unmodified-Since is looked at where a write has more than one row."""
    scope_status: int = 401
    """Status of OAUTH_SCOPE_MISMATCH: 401, or 403 on some pages."""
    user_lookups_in_coql_have_names: bool = False
    attachment_bytes_max: int = 100_000_000
    file_bytes_max: int = 20_000_000
    attachment_bumps_record: bool = False
    """Whether a new attachment moves its record's Modified_Time."""
    bulk_rows_max: int = 200_000
    """Rows of one bulk read."""
    bulk_polls: int = 2
    """How often a bulk job is asked for before it has ended."""
    bulk_id_column: str = "id"
    """The head of the column of ids in a bulk read: `id`, or `Id` as some samples have it."""
    list_rows_max: int = 100_000
    """Rows that a list reaches with page tokens."""
    round_currency: bool = False
    """Whether an amount is rounded to the decimals of its field without a word."""
