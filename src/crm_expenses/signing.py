"""Signatures of checkpoints: Ed25519, from the package `cryptography` (extra `sign`).

A key is a PEM file, or the text of one in an environment variable. It is never logged, and no
error carries any of it.
"""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from crm_expenses.errors import ConfigError


@dataclass(frozen=True)
class KeyPlace:
    """Where the private key is: a file, or an environment variable."""

    file: Path | None = None
    variable: str = ""

    def __bool__(self) -> bool:
        return self.file is not None or bool(self.variable)


NO_KEY: Final = KeyPlace()


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature, and the public key that it is checked with."""

    key: bytes
    value: bytes


def fingerprint(key: bytes) -> str:
    """Give what people compare of a public key: the beginning of its SHA-256.

    >>> fingerprint(b"")
    'e3b0:c442:98fc:1c14'
    """
    made = sha256(key).hexdigest()[:16]
    return ":".join(made[at : at + 4] for at in range(0, 16, 4))


def sign(body: bytes, place: KeyPlace) -> Signature:
    """Sign bytes.

    Raises:
        ConfigError: there is no key where the settings say, or the extra is not installed.
    """
    _cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  an extra
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        load_pem_private_key,
    )

    pem, name = _private_pem(place)
    try:
        key: Any = load_pem_private_key(pem, password=None)
    except Exception:  # noqa: BLE001  whatever it is: nothing of a key may stand in an error
        raise ConfigError("audit.key", path=name, detail="PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError("audit.key", path=name, detail=type(key).__name__)
    return Signature(key.public_key().public_bytes_raw(), key.sign(body))


def public_key(path: Path) -> bytes:
    """Read a public key; from a private one its public part is taken.

    Raises:
        ConfigError: the file cannot be read or holds no Ed25519 key.
    """
    _cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  an extra
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        load_pem_private_key,
        load_pem_public_key,
    )

    pem = _read(path)
    try:
        key: Any = load_pem_public_key(pem)
    except ValueError:
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            raise ConfigError("audit.key", path=str(path), detail="PEM") from None
    if isinstance(key, Ed25519PrivateKey):
        key = key.public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError("audit.key", path=str(path), detail=type(key).__name__)
    return key.public_bytes_raw()


def is_signed(body: bytes, signature: Signature) -> bool:
    """Say whether the signature is that of the bytes, by its own key.

    Raises:
        ConfigError: the extra is not installed.
    """
    _cryptography()
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  an extra
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PublicKey,
    )

    try:
        Ed25519PublicKey.from_public_bytes(signature.key).verify(signature.value, body)
    except (InvalidSignature, ValueError):
        return False
    return True


def _cryptography() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415  only to say which extra is missing
    except ImportError:
        raise ConfigError("extra.missing", package="cryptography", extra="sign") from None


def _private_pem(place: KeyPlace) -> tuple[bytes, str]:
    if place.file is not None:
        return _read(place.file), str(place.file)
    held = os.environ.get(place.variable)
    if not held:
        raise ConfigError("audit.no_variable", name=place.variable)
    return held.encode(errors="replace"), place.variable


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError("audit.key", path=str(path), detail=error.strerror or "") from None
