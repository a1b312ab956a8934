"""Merkle trees: the reference vectors of RFC 6962, and laws over all small trees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.merkle import (
    EMPTY,
    Prover,
    Tree,
    head_of,
    is_consistent,
    is_included,
    leaf,
    node,
)

# The inputs, heads and paths that the reference implementation of RFC 6962 is tested with.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
HEADS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PATHS = (
    (0, 1, ()),
    (
        0,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        5,
        8,
        (
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (2, 3, ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",)),
    (
        1,
        5,
        (
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
)
PROOFS = (
    (1, 1, ()),
    (
        1,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        6,
        8,
        (
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (
        2,
        5,
        (
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
)

LEAVES = [leaf(data) for data in INPUTS]


def leaves_of(count: int) -> list[bytes]:
    """Give the hashes of so many different leaves."""
    return [leaf(number.to_bytes(4, "big")) for number in range(count)]


def plain_head(leaves: list[bytes]) -> bytes:
    """Give the head as the RFC defines it, word for word: a list is split and hashed."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node(plain_head(leaves[:half]), plain_head(leaves[half:]))


def texts(path: tuple[bytes, ...]) -> tuple[str, ...]:
    """Give a path in hexadecimal."""
    return tuple(part.hex() for part in path)


def test_reference_heads() -> None:
    """The heads over the first leaves are those of the reference, the empty one included."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert EMPTY.hex() == head_of([]).hex() == Prover([]).root().hex() == empty
    for size, expected in enumerate(HEADS, start=1):
        assert head_of(LEAVES[:size]).hex() == expected
        assert Prover(LEAVES).root(size).hex() == expected


@pytest.mark.parametrize(("index", "size", "expected"), PATHS)
def test_reference_inclusion(index: int, size: int, expected: tuple[str, ...]) -> None:
    """The paths of leaves are those of the reference, and lead to the head."""
    path = Prover(LEAVES).inclusion(index, size)
    assert texts(path) == expected
    head = head_of(LEAVES[:size])
    assert is_included(LEAVES[index], index, size=size, root=head, path=path)


@pytest.mark.parametrize(("earlier", "size", "expected"), PROOFS)
def test_reference_consistency(earlier: int, size: int, expected: tuple[str, ...]) -> None:
    """The proofs between heads are those of the reference, and hold."""
    path = Prover(LEAVES).consistency(earlier, size)
    assert texts(path) == expected
    old, head = (head_of(LEAVES[:count]) for count in (earlier, size))
    assert is_consistent(earlier, size, old=old, root=head, path=path)


MOST = 40


def test_heads_are_those_of_the_definition() -> None:
    """A tree that grew leaf by leaf, or from where it was left, has the head of the definition."""
    leaves = leaves_of(MOST)
    for size in range(MOST + 1):
        expected = plain_head(leaves[:size])
        assert head_of(leaves[:size]) == Prover(leaves).root(size) == expected
        grown = Tree()
        grown.extend(leaves[: size // 2])
        later = Tree(grown.size, grown.parts)
        later.extend(leaves[size // 2 : size])
        assert (later.size, later.root()) == (size, expected)


def test_every_leaf_proves_and_no_other() -> None:
    """Each leaf's path proves it at its place in its tree, and no other leaf, place or tree."""
    leaves = leaves_of(MOST)
    prover = Prover(leaves)
    for size in range(1, MOST + 1):
        root = prover.root(size)
        for index in range(size):
            path = prover.inclusion(index, size)
            assert is_included(leaves[index], index, size=size, root=root, path=path)
            for other in range(size):
                if other != index:
                    assert not is_included(leaves[other], index, size=size, root=root, path=path)
                    assert not is_included(leaves[index], other, size=size, root=root, path=path)
            assert not is_included(leaves[index], index, size=size, root=EMPTY, path=path)
            longer = (*path, root)
            assert not is_included(leaves[index], index, size=size, root=root, path=longer)
            if path:
                assert not is_included(leaves[index], index, size=size, root=root, path=path[1:])
                assert not is_included(leaves[index], index, size=size, root=root, path=path[:-1])


def test_every_beginning_is_consistent_and_no_other() -> None:
    """For every m up to n the proof holds; with another old head, head or path it does not."""
    leaves = leaves_of(MOST)
    prover = Prover(leaves)
    for size in range(1, MOST + 1):
        root = prover.root(size)
        for earlier in range(1, size + 1):
            old = prover.root(earlier)
            path = prover.consistency(earlier, size)
            assert is_consistent(earlier, size, old=old, root=root, path=path)
            assert not is_consistent(earlier, size, old=EMPTY, root=root, path=path)
            assert not is_consistent(earlier, size, old=old, root=EMPTY, path=path)
            assert not is_consistent(earlier, size, old=old, root=root, path=(*path, root))
            if path:
                for at in range(len(path)):
                    wrong = [*path[:at], EMPTY, *path[at + 1 :]]
                    assert not is_consistent(earlier, size, old=old, root=root, path=wrong)
                    short = [*path[:at], *path[at + 1 :]]
                    assert not is_consistent(earlier, size, old=old, root=root, path=short)


@given(st.integers(1, 5_000), st.data())
def test_a_changed_byte_proves_nothing(size: int, data: st.DataObject) -> None:
    """In a tree of any size, one bit changed in leaf, path or head breaks the proof."""
    index = data.draw(st.integers(0, size - 1))
    prover = Prover(leaves_of(size))
    made, path, root = leaf(index.to_bytes(4, "big")), prover.inclusion(index), prover.root()
    assert is_included(made, index, size=size, root=root, path=path)
    parts = [made, *path, root]
    place = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = int.from_bytes(parts[place], "big") ^ (1 << bit)
    parts[place] = changed.to_bytes(32, "big")
    assert not is_included(parts[0], index, size=size, root=parts[-1], path=parts[1:-1])


def test_what_is_outside() -> None:
    """Places outside of a tree have no proof, and prove nothing."""
    prover = Prover(leaves_of(5))
    for index, size in ((-1, 5), (5, 5), (0, 0), (2, 6)):
        with pytest.raises(IndexError):
            prover.inclusion(index, size)
    for earlier, size in ((0, 5), (6, 5), (2, 6)):
        with pytest.raises(IndexError):
            prover.consistency(earlier, size)
    assert not is_included(EMPTY, 5, size=5, root=prover.root(), path=())
    assert not is_included(EMPTY, -1, size=5, root=prover.root(), path=())
    assert not is_consistent(0, 5, old=EMPTY, root=prover.root(), path=())
    assert not is_consistent(6, 5, old=EMPTY, root=prover.root(), path=())
    assert not is_consistent(3, 5, old=prover.root(3), root=prover.root(), path=())
    with pytest.raises(ValueError, match="whole parts"):
        Tree(3, [EMPTY])
