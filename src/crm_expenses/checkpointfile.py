"""Checkpoints that leave the house: a file that somebody else keeps, and signatures on them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from crm_expenses.core.bundle import Marked
from crm_expenses.core.checkpoint import Kept
from crm_expenses.errors import ConfigError
from crm_expenses.signing import Signature, is_signed

CHECKPOINT_BYTES_MAX = 100_000


def write_checkpoint(kept: Kept, path: Path) -> None:
    """Write a checkpoint to a file that somebody else keeps.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        path.write_text(checkpoint_text(kept), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            "audit.place", path=str(path), detail=error.strerror or str(error)
        ) from error


def checkpoint_text(kept: Kept) -> str:
    """Give what stands in such a file."""
    return json.dumps(Marked(kept).plain(), ensure_ascii=False, indent=2) + "\n"


def read_checkpoint(path: Path) -> Kept:
    """Read a checkpoint that somebody kept.

    Raises:
        ConfigError: there is no such file, or it is no checkpoint.
    """
    try:
        if path.stat().st_size > CHECKPOINT_BYTES_MAX:
            raise ConfigError("audit.checkpoint_file", path=str(path), detail="> 100 KB")
        return Marked.of(json.loads(path.read_text(encoding="utf-8"))).kept
    except OSError as error:
        detail = error.strerror or str(error)
        raise ConfigError("audit.checkpoint_file", path=str(path), detail=detail) from error
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError("audit.checkpoint_file", path=str(path), detail="JSON") from None


@dataclass
class SignatureCheck:
    """Signatures on checkpoints: by which keys, and the sizes of those that do not hold.

    `strange` are signed by another key than the one that was given to compare with; `unsigned`
    have no signature though a key was given.
    """

    good: int = 0
    keys: set[bytes] = field(default_factory=set)
    bad: list[int] = field(default_factory=list)
    strange: list[int] = field(default_factory=list)
    unsigned: int = 0

    @property
    def holds(self) -> bool:
        """Whether no signature is wrong, and a key that was given has signed something."""
        return not self.bad and not self.strange


def check_signatures(kept: Iterable[Kept], key: bytes | None) -> SignatureCheck:
    """Check every signature; against a key that one trusts, where it is given.

    Raises:
        ConfigError: something is signed, and the extra `sign` is not installed.
    """
    found = SignatureCheck()
    for one in kept:
        if not one.signature:
            found.unsigned += 1
        elif not is_signed(one.body, Signature(one.key, one.signature)):
            found.bad.append(one.size)
        elif key is not None and one.key != key:
            found.strange.append(one.size)
        else:
            found.good += 1
            found.keys.add(one.key)
    return found
