"""Files in a folder that are named after the tables."""

from collections.abc import Collection
from pathlib import Path

from crm_expenses.errors import ConfigError, Place, Problem

Found = tuple[str, tuple[Path, ...], str]
"""The place, the files, and what they are: `parquet` or `csv`."""


def folder_of(path: Path) -> Path:
    """Give a folder that is there.

    Raises:
        ConfigError: there is none.
    """
    if not path.is_dir():
        raise ConfigError("engine.no_folder", path=str(path))
    return path


def files_of(folder: Path, names: Collection[str]) -> dict[str, Found]:
    """Give the files of each table: `NAME.parquet`, `NAME.csv`, or a folder `NAME` of parts.

    Raises:
        ConfigError: a table has more than one of these.
    """
    found = {}
    problems = []
    for name in names:
        candidates: list[tuple[Path, tuple[Path, ...], str]] = [
            (path, (path,), path.suffix[1:])
            for path in (folder / f"{name}.parquet", folder / f"{name}.csv")
            if path.is_file()
        ]
        candidates += [
            (folder / name, parts, kind)
            for kind in ("parquet", "csv")
            if (parts := tuple(sorted((folder / name).glob(f"*.{kind}"))))
        ]
        if len(candidates) > 1:
            both = ", ".join(
                path.name + ("" if path.is_file() else f"/*.{kind}") for path, _, kind in candidates
            )
            values = {"table": name, "files": both}
            problems.append(Problem("engine.two_files", values, Place(str(folder))))
        elif candidates:
            path, parts, kind = candidates[0]
            found[name] = (str(path), parts, kind)
    if problems:
        raise ConfigError.of(problems)
    return found
