"""Whether every file of a voucher is on the shelf, and is what it was when it came."""

from dataclasses import dataclass

from crm_expenses.pipeline.summary import Progress, quiet
from crm_expenses.settings import Settings
from crm_expenses.store import Store, files
from crm_expenses.store.shelf import Shelf, Standing


def shelf_of(settings: Settings) -> Shelf:
    """Give the shelf of a company; nothing is made."""
    return Shelf(settings.files_folder, settings.file_bytes_max)


@dataclass(frozen=True, slots=True)
class ShelfCheck:
    """How the files stand that must be there; each that does not, by its digest."""

    whole: int = 0
    missing: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether none is missing or altered."""
        return not self.missing and not self.altered


def check_shelf(
    store: Store, shelf: Shelf, *, quick: bool = False, progress: Progress = quiet
) -> ShelfCheck:
    """Look at every file that must be there: read whole, or, quickly, only its size."""
    with store.reading() as connection:
        every = list(files.digests(connection))
    whole = 0
    missing: list[str] = []
    altered: list[str] = []
    for number, (name, size) in enumerate(every, start=1):
        match _looked(shelf, name, size, quick=quick):
            case Standing.WHOLE:
                whole += 1
            case Standing.MISSING:
                missing.append(name)
            case Standing.ALTERED:
                altered.append(name)
        progress("shelf", number, len(every))
    return ShelfCheck(whole, tuple(missing), tuple(altered))


def _looked(shelf: Shelf, name: str, size: int, *, quick: bool) -> Standing:
    if not quick:
        return shelf.look(name)
    held = shelf.size(name)
    if held is None:
        return Standing.MISSING
    return Standing.WHOLE if held == size else Standing.ALTERED
