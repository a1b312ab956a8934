"""A folder of CSV, JSON Lines, Parquet or XLSX files, as any CRM exports them.

A mapping file says which column is which field. Results are written back as files beside the input.
The package is light to import: what it offers is loaded at first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_expenses.adapters.contract import Opening as Opening
    from crm_expenses.adapters.files.bundling import ClaimBundle as ClaimBundle
    from crm_expenses.adapters.files.client import FilesAdapter as FilesAdapter
    from crm_expenses.adapters.files.ratefile import rates_in as rates_in
    from crm_expenses.adapters.files.singlefile import ClaimStream as ClaimStream
    from crm_expenses.adapters.files.singlefile import claims_in as claims_in
    from crm_expenses.adapters.files.wholeclaims import ClaimRead as ClaimRead
    from crm_expenses.adapters.files.wholeclaims import ReadClaim as ReadClaim

_HOMES = {
    "FilesAdapter": "client",
    "ReadClaim": "wholeclaims",
    "ClaimBundle": "bundling",
    "ClaimRead": "wholeclaims",
    "ClaimStream": "singlefile",
    "claims_in": "singlefile",
    "rates_in": "ratefile",
}

__all__ = [
    "ClaimBundle",
    "ClaimRead",
    "ClaimStream",
    "FilesAdapter",
    "ReadClaim",
    "claims_in",
    "open_adapter",
    "rates_in",
]


def open_adapter(opening: "Opening") -> "FilesAdapter":
    """Open a folder as a CRM. Paths in the options are relative to the base.

    Options: `folder` and `mapping` (both needed), `results` (default: `results` in the folder),
    `results_format` (`csv` or `jsonl`).

    Raises:
        ConfigError: the options or the mapping file have mistakes; carries all of them. Or the
            settings name fields: here the mapping file does that.
    """
    from crm_expenses.adapters.files.client import FilesAdapter, read_options  # noqa: PLC0415
    from crm_expenses.errors import ConfigError  # noqa: PLC0415

    if opening.fields:
        raise ConfigError("files.fields", crm=opening.name)
    options = read_options(opening.name, opening.options, opening.base)
    return FilesAdapter(opening.name, options)


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{home}"), name)
