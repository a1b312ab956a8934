"""The shelf: files of vouchers in a folder beside the store, each kept once, under its digest.

A file comes in portions and is never held whole: it is written to a temporary file while its
SHA-256 is computed, made safe on the disk, and only then takes its name. What is cut off leaves a
temporary file, which the next run clears away. A name from outside never becomes a path here.
"""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from crm_expenses.errors import MappingError, StoreError

PORTION: Final = 65_536
"""Most bytes of a file that are read at once."""

BYTES_MAX: Final = 50_000_000
"""Most bytes of a file, unless the settings say otherwise."""

COMING: Final = "coming"
"""The folder of files that are on their way in."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_OPENINGS_MAX: Final = 100


class Standing(StrEnum):
    """How a file of the shelf stands."""

    WHOLE = "whole"
    MISSING = "missing"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A file that is kept: the SHA-256 of its bytes, in hexadecimal, and how many they are."""

    digest: str
    size: int


class Shelf:
    """A folder of files by their content. Nothing is made before the first file comes."""

    def __init__(self, folder: Path, bytes_max: int = BYTES_MAX) -> None:
        self.folder = folder
        self.bytes_max = bytes_max

    def keep(
        self, portions: Iterable[bytes], *, name: str, size_told: int | None = None
    ) -> OnShelf:
        """Keep a file; one that is kept already stays as it is. `name` is only for messages.

        `size_told` is how many bytes the other side says that there are.

        Raises:
            MappingError: it has more bytes than are allowed, or not as many as was said; what came
                of it is gone again.
            StoreError: the folder cannot be written.
        """
        hashed, size = hashlib.sha256(), 0
        with self._coming() as (file, path):
            for portion in portions:
                size += len(portion)
                if size > self.bytes_max:
                    raise too_large(name, str(size), self.bytes_max)
                hashed.update(portion)
                with self._told():
                    file.write(portion)
            if size_told not in (None, size):
                code, told = "vouchers.size_differs", str(size_told)
                raise MappingError(code, name=name, size=str(size), told=told)
            digest = hashed.hexdigest()
            with self._told():
                file.flush()
                os.fsync(file.fileno())
                target = self._path(digest)
                _make(target.parent)
                path.replace(target)  # over an equal file, or over one that was altered
                _settle(target.parent)
        return OnShelf(digest, size)

    def has(self, digest: str) -> bool:
        """Say whether there is a file of this digest; it is not read."""
        return self._path(digest).is_file()

    def size(self, digest: str) -> int | None:
        """Give how many bytes a file has, None where it is missing."""
        try:
            return self._path(digest).stat().st_size
        except OSError:
            return None

    def read(self, digest: str) -> Iterator[bytes]:
        """Give a file in portions.

        Raises:
            StoreError: it is missing, or cannot be read.
        """
        with self._told(), self._path(digest).open("rb") as file:
            while portion := file.read(PORTION):
                yield portion

    def look(self, digest: str) -> Standing:
        """Read a file whole, and say whether its bytes are those that its name says."""
        hashed = hashlib.sha256()
        try:
            with self._path(digest).open("rb") as file:
                while portion := file.read(PORTION):
                    hashed.update(portion)
        except FileNotFoundError:
            return Standing.MISSING
        except OSError:  # what cannot be read is not what was kept
            return Standing.ALTERED
        return Standing.WHOLE if hashed.hexdigest() == digest else Standing.ALTERED

    def clear(self) -> int:
        """Remove what runs that were cut off left behind; what still comes in stays.

        Gives how many were removed.
        """
        removed = 0
        for path in sorted(self._coming_folder.glob("*")):
            with suppress(OSError), path.open("rb") as file:
                if _lock(file):
                    path.unlink()
                    removed += 1
        return removed

    @property
    def _coming_folder(self) -> Path:
        return self.folder / COMING

    def _path(self, digest: str) -> Path:
        """Give where a file stands.

        Raises:
            StoreError: that is no digest, and must not become a path.
        """
        if not _DIGEST.fullmatch(digest):
            raise StoreError("vouchers.digest", value=digest[:80])
        return self.folder / digest[:2] / digest

    @contextmanager
    def _coming(self) -> Iterator[tuple[BinaryIO, Path]]:
        """Open a temporary file that nobody clears away while it is open; it goes at the end."""
        file, path = self._opened()
        try:
            with file:
                yield file, path
        finally:
            path.unlink(missing_ok=True)

    def _opened(self) -> tuple[BinaryIO, Path]:
        with self._told():
            _make(self.folder)
            _make(self._coming_folder)
            for _ in range(_OPENINGS_MAX):
                number, name = tempfile.mkstemp(dir=self._coming_folder)  # only for its owner
                file = os.fdopen(number, "wb")
                if _lock(file) and os.fstat(number).st_nlink:
                    return file, Path(name)
                file.close()  # another run cleared it away between the two
        raise StoreError("vouchers.shelf", path=str(self.folder), detail="-")  # pragma: no cover

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in our words what the disk could not do."""
        try:
            yield
        except OSError as error:
            detail = error.strerror or type(error).__name__
            raise StoreError("vouchers.shelf", path=str(self.folder), detail=detail) from error


def too_large(name: str, size: str, limit: int) -> MappingError:
    """Make the error of a file that has too many bytes."""
    return MappingError("vouchers.too_large", name=name, size=size, limit=str(limit))


def portions_of(path: Path) -> Iterator[bytes]:
    """Give a file of somebody in portions.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        while portion := file.read(PORTION):
            yield portion


def _make(folder: Path) -> None:
    """Make a folder that only its owner may look into."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _settle(folder: Path) -> None:
    """Make sure that a new name is on the disk, where the system can do that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _lock(file: BinaryIO) -> bool:
    """Take the lock of an open file; False where somebody else holds it."""
    if sys.platform == "win32":  # where an open file cannot be removed anyway
        return True
    import fcntl  # noqa: PLC0415  not there on Windows

    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
