"""Writes a file that people read, whole or not at all."""

import os
from pathlib import Path

from crm_expenses.errors import ConfigError


def write_page(path: Path, page: str) -> None:
    """Write a page beside its place and move it there, so that nobody ever reads half of one."""
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as out:
            out.write(page.encode())
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise ConfigError("command.publish_place", path=str(path), detail=detail) from error
