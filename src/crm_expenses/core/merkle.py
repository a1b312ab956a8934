"""Merkle trees in the shape of RFC 6962 (section 2.1): heads, inclusion proofs, consistency proofs.

Whoever holds the head of a log can be shown that an entry stands in it, and that an earlier head
was the head of its beginning, without seeing the other entries. A leaf is hashed behind a zero
byte, a node behind a one, so that neither can be taken for the other.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

EMPTY: Final = sha256().digest()
"""The head of a tree without leaves."""


def leaf(data: bytes) -> bytes:
    """Give the hash of a leaf.

    >>> leaf(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Give the hash of a node above two others."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows at its end, held as the heads of its whole parts, from large to small.

    >>> tree = Tree()
    >>> tree.root() == EMPTY
    True
    >>> tree.extend([leaf(b"a"), leaf(b"b")])
    >>> tree.size, tree.root() == node(leaf(b"a"), leaf(b"b"))
    (2, True)
    """

    def __init__(self, size: int = 0, parts: Iterable[bytes] = ()) -> None:
        self.size = size
        self._parts = list(parts)
        if len(self._parts) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} whole parts")

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The heads of the whole parts: all that is needed to go on."""
        return tuple(self._parts)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add the hashes of leaves."""
        added = list(leaves)
        start = 0
        while start < len(added):
            # The largest part that is whole where the tree ends: level by level is the quickest.
            count = 1 << ((len(added) - start).bit_length() - 1)
            if self.size:
                count = min(count, self.size & -self.size)
            head = _whole(added[start : start + count])
            full = self.size // count
            while full & 1:
                head = node(self._parts.pop(), head)
                full >>= 1
            self._parts.append(head)
            self.size += count
            start += count

    def root(self) -> bytes:
        """Give the head of the whole tree."""
        if not self._parts:
            return EMPTY
        *others, head = self._parts
        for part in reversed(others):
            head = node(part, head)
        return head


def _whole(level: list[bytes]) -> bytes:
    """Give the head over so many leaves as a power of two."""
    while len(level) > 1:
        pairs = iter(level)
        level = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(pairs, pairs, strict=True)
        ]
    return level[0]


def head_of(leaves: Iterable[bytes]) -> bytes:
    """Give the head over the hashes of leaves."""
    tree = Tree()
    tree.extend(leaves)
    return tree.root()


class Prover:
    """Proofs over a log's leaves; the heads of whole parts are computed once and kept."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels: list[Sequence[bytes]] = [leaves]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            whole = range(0, len(below) - 1, 2)
            self._levels.append([node(below[at], below[at + 1]) for at in whole])

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0])

    def root(self, size: int | None = None) -> bytes:
        """Give the head over the first `size` leaves, of all where nothing is said."""
        return self._head(0, self.size if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Give the path from a leaf to the head over the first `size` leaves."""
        whole = self.size if size is None else size
        if not 0 <= index < whole <= self.size:
            raise IndexError(index)
        start, end, path = 0, whole, []
        while end - start > 1:
            middle = start + _half(end - start)
            if index < middle:
                path.append(self._head(middle, end))
                end = middle
            else:
                path.append(self._head(start, middle))
                start = middle
        return tuple(reversed(path))

    def consistency(self, earlier: int, size: int | None = None) -> tuple[bytes, ...]:
        """Give the proof that the first `earlier` leaves are the beginning of the first `size`."""
        whole = self.size if size is None else size
        if not 0 < earlier <= whole <= self.size:
            raise IndexError(earlier)
        start, end, is_known, path = 0, whole, True, []
        while earlier != end:
            middle = start + _half(end - start)
            if earlier <= middle:
                path.append(self._head(middle, end))
                end = middle
            else:
                path.append(self._head(start, middle))
                start, is_known = middle, False
        if not is_known:
            path.append(self._head(start, end))
        return tuple(reversed(path))

    def _head(self, start: int, end: int) -> bytes:
        """Give the head over a part that begins where such a part may begin."""
        count = end - start
        if count == 0:
            return EMPTY
        if count & (count - 1) == 0:
            level = count.bit_length() - 1
            return self._levels[level][start >> level]
        middle = start + _half(count)
        return node(self._head(start, middle), self._head(middle, end))


def _half(count: int) -> int:
    """Give the largest power of two below a count of at least two."""
    return 1 << ((count - 1).bit_length() - 1)


def is_included(made: bytes, index: int, *, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Say whether a path leads from a leaf's hash at `index` to the head of a tree of `size`.

    >>> one, two = leaf(b"a"), leaf(b"b")
    >>> is_included(one, 0, size=2, root=node(one, two), path=[two])
    True
    """
    if not 0 <= index < size:
        return False
    at, last, head = index, size - 1, made
    for part in path:
        if not last:
            return False
        if at & 1 or at == last:
            head = node(part, head)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            head = node(head, part)
        at, last = at >> 1, last >> 1
    return not last and head == root


def is_consistent(
    earlier: int, size: int, *, old: bytes, root: bytes, path: Sequence[bytes]
) -> bool:
    """Say whether a path shows that the head `old` of `earlier` leaves begins that of `size`."""
    if not 0 < earlier <= size:
        return False
    if earlier == size:
        return not path and old == root
    steps = list(path)
    if earlier & (earlier - 1) == 0:
        steps.insert(0, old)
    if not steps:
        return False
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = now = steps[0]
    for part in steps[1:]:
        if not last:
            return False
        if at & 1 or at == last:
            before, now = node(part, before), node(part, now)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            now = node(now, part)
        at, last = at >> 1, last >> 1
    return not last and before == old and now == root
