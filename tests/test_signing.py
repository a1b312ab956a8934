"""Signatures: by an Ed25519 key from a file or a variable, of which no error tells anything."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crm_expenses.checkpointfile import check_signatures, read_checkpoint, write_checkpoint
from crm_expenses.core.checkpoint import Checkpoint, Kept
from crm_expenses.errors import ConfigError
from crm_expenses.signing import KeyPlace, Signature, is_signed, public_key, sign

AT = datetime(2026, 3, 31, 20, tzinfo=UTC)
MADE = Checkpoint(7, "ab" * 32, AT, "0" * 64)


def pem(key: object) -> bytes:
    """Give a private key as a PEM file has it."""
    return key.private_bytes(  # type: ignore[attr-defined,no-any-return]
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.fixture
def place(tmp_path: Path) -> KeyPlace:
    """Give a file with a key."""
    path = tmp_path / "key.pem"
    path.write_bytes(pem(Ed25519PrivateKey.generate()))
    return KeyPlace(path)


def signed(place: KeyPlace) -> Kept:
    """Give a signed checkpoint."""
    made = sign(MADE.body, place)
    return Kept(MADE.size, MADE.body, (), made.key, made.value)


def test_a_known_signature(tmp_path: Path) -> None:
    """The first test vector of RFC 8032 comes out."""
    secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"  # noqa: S105
    path = tmp_path / "key.pem"
    path.write_bytes(pem(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))))
    made = sign(b"", KeyPlace(path))
    assert made.key.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert made.value.hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )


def test_a_signature_holds_for_its_bytes(place: KeyPlace) -> None:
    """A signature is that of its bytes by its key: any other byte breaks it."""
    made = sign(b"bytes", place)
    assert is_signed(b"bytes", made)
    assert not is_signed(b"bytez", made)
    for at in (0, 31):
        changed = bytes([*made.key[:at], made.key[at] ^ 1, *made.key[at + 1 :]])
        assert not is_signed(b"bytes", Signature(changed, made.value))
    assert not is_signed(b"bytes", Signature(made.key, made.value[::-1]))
    assert not is_signed(b"bytes", Signature(b"", b""))


def test_a_key_from_the_environment(place: KeyPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key may be the text of a variable; one that is not set is told by its name."""
    assert place.file is not None
    monkeypatch.setenv("OUR_KEY", place.file.read_text())
    assert sign(b"x", KeyPlace(variable="OUR_KEY")) == sign(b"x", place)
    monkeypatch.delenv("OUR_KEY")
    with pytest.raises(ConfigError, match="OUR_KEY") as caught:
        sign(b"x", KeyPlace(variable="OUR_KEY"))
    assert caught.value.code == "audit.no_variable"


def test_what_is_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another kind of key, a broken one or no file: told, and nothing of it is shown."""
    path = tmp_path / "key.pem"
    broken = pem(Ed25519PrivateKey.generate()).replace(b"M", b"Z", 3)
    for content in (b"", b"SECRET-4711", broken, pem(generate_private_key(SECP256R1()))):
        path.write_bytes(content)
        monkeypatch.setenv("OUR_KEY", content.decode())
        for place in (KeyPlace(path), KeyPlace(variable="OUR_KEY")):
            if place.variable and not content:
                continue
            with pytest.raises(ConfigError) as caught:
                sign(b"x", place)
            assert caught.value.code == "audit.key"
            assert caught.value.__cause__ is None
            told = caught.value.describe("en") + caught.value.describe("zh")
            for part in content.decode().split("\n")[1:]:
                assert not part or part.startswith("---") or part not in told
            assert "4711" not in told
        with pytest.raises(ConfigError):
            public_key(path)
    path.unlink()
    for ask in (lambda: sign(b"x", KeyPlace(path)), lambda: public_key(path)):
        with pytest.raises(ConfigError, match=r"key\.pem"):
            ask()


def test_the_public_part(place: KeyPlace, tmp_path: Path) -> None:
    """The public key is read from its own file, or from the private one."""
    assert place.file is not None
    key = Ed25519PrivateKey.generate()
    own, other = tmp_path / "own.pem", tmp_path / "public.pem"
    own.write_bytes(pem(key))
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    other.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, spki))
    assert public_key(own) == public_key(other) == sign(b"", KeyPlace(own)).key


def test_signatures_are_counted(place: KeyPlace) -> None:
    """Good, bad and unsigned ones, and those by another key than the one that is trusted."""
    good = signed(place)
    bad = replace(good, size=8, signature=b"\0" * 64)
    plain = Kept(7, MADE.body)
    found = check_signatures([good, bad, plain], None)
    assert (found.good, found.bad, found.unsigned, found.holds) == (1, [8], 1, False)
    assert check_signatures([good, plain], good.key).holds
    found = check_signatures([good], b"\1" * 32)
    assert (found.strange, found.holds) == ([7], False)


def test_a_checkpoint_in_a_file(place: KeyPlace, tmp_path: Path) -> None:
    """A checkpoint is written and read again, signature and all."""
    kept = signed(place)
    write_checkpoint(kept, tmp_path / "checkpoint.json")
    assert read_checkpoint(tmp_path / "checkpoint.json") == kept


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b'{"checkpoint": 5}', b"null"])
def test_a_file_that_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    """What is no checkpoint, too large, or not there, is told with its path."""
    path = tmp_path / "c.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"c\.json"):
        read_checkpoint(path)
    path.write_bytes(b" " * 200_000)
    with pytest.raises(ConfigError, match=r"c\.json"):
        read_checkpoint(path)
    path.unlink()
    with pytest.raises(ConfigError, match=r"c\.json"):
        read_checkpoint(path)
    with pytest.raises(ConfigError, match="none"):
        write_checkpoint(Kept(1, b""), tmp_path / "none" / "c.json")
