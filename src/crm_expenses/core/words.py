"""What a person wrote in their own words: which fields hold it, and what is left when it is erased.

The log never holds words. It holds a commitment: a digest over the words and a salt that nobody can
guess, both kept beside it. Once words and salt are gone, the commitment says nothing, and the log
holds as before. Rules see of words only that they are there, how long they are and what form they
have (`rules.reading`), so a stand-in of the same form takes their place.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any, Final

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.jsontext import Parts, parted, quoted
from crm_expenses.core.record import Record, canonical

PRESENT: Final = "·"
"""Stands for words of which only their presence is read."""

NO_WORDS: Final = "{}"
"""The canonical text of no words."""

WORDS: Final[Mapping[type[Record], tuple[str, ...]]] = {
    Claim: ("title",),
    ExpenseLine: ("merchant", "purpose", "justification"),
    GivenApproval: ("reason",),
}
"""The fields of each kind of record that hold a person's own words."""

Texts = Parts
"""The canonical text of a record, the same without its words, and that of its words by field."""


def words_of(record: Record) -> dict[str, str]:
    """Give what a person wrote in a record, by field; what is empty is left out.

    >>> from datetime import UTC, datetime
    >>> words_of(Claim("C", "P", datetime(2026, 1, 1, tzinfo=UTC), title="Trip to Ann"))
    {'title': 'Trip to Ann'}
    """
    found = {name: str(getattr(record, name)) for name in WORDS.get(type(record), ())}
    return {name: said for name, said in found.items() if said}


def with_words(record: Record, words: Mapping[str, str]) -> Record:
    """Give a record with other words in it."""
    given: Any = {name: words.get(name, "") for name in WORDS.get(type(record), ())}
    return replace(record, **given) if given else record


def texts_of(record: Record) -> Texts:
    """Give the canonical text of a record, the same without its words, and its words by field.

    >>> from datetime import UTC, datetime
    >>> one = Claim("C", "P", datetime(2026, 1, 1, tzinfo=UTC), title="Trip")
    >>> content, bare, words = texts_of(one)
    >>> (content == canonical(one), bare == canonical(with_words(one, {})), words)
    (True, True, '{"title":"Trip"}')
    """
    kind: Any = type(record)
    write = _writer(kind)
    if write is None:
        content = canonical(record)
        return content, content, NO_WORDS
    found = write(record)
    if found is not None:
        return found
    return canonical(record), canonical(with_words(record, {})), canonical(words_of(record))


@cache
def _writer(kind: Any) -> Callable[[Any], Texts | None] | None:  # noqa: ANN401  a kind
    """Give what writes the three texts of a kind at once; None where it has no words."""
    return parted(kind, WORDS[kind]) if kind in WORDS else None


def commitment(salt: str, words: object) -> str:
    """Give what the log holds of words.

    >>> commitment("5a", {"title": "x"}) == commitment("5b", {"title": "x"})
    False
    """
    return committed(salt, canonical(words))


def committed(salt: str, words: str) -> str:
    """Give the same of the canonical text of words.

    >>> committed("5a", '{"title":"x"}') == commitment("5a", {"title": "x"})
    True
    """
    return sha256(f"[{quoted(salt)},{words}]".encode()).hexdigest()


def stand_in(said: str, kept: Iterable[str] = "") -> str:
    """Give a text of the same length and form, in which nothing is said; `kept` characters stay.

    >>> stand_in("Dinner with Dr. Li, 3 people"), stand_in("AB-12", kept="-")
    ('Aaaaaa·aaaa·Aa··Aa··0·aaaaaa', 'AA-00')
    """
    stays = frozenset(kept)
    return "".join(one if one in stays else _class(one, stays) for one in said)


def _class(one: str, kept: frozenset[str]) -> str:
    """Give a character of the same class that is none of those with a meaning of their own."""
    if "0" <= one <= "9":
        options = "0123456789"
    elif "A" <= one <= "Z":
        options = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    elif "a" <= one <= "z":
        options = "abcdefghijklmnopqrstuvwxyz"
    else:
        options = "·¸•‧"
    return next((option for option in options if option not in kept), one)


StandIn = Callable[[str, str], str]
"""What takes the place of words: of a field's name and what was said; never empty."""


def form_of(_: str, said: str) -> str:
    """Give the stand-in that keeps the form, for where nobody knows what policies read."""
    return stand_in(said)


def erased(record: Record, how: StandIn = form_of) -> Record:
    """Give a record in which stand-ins take the place of words.

    >>> from datetime import UTC, datetime
    >>> erased(Claim("C", "P", datetime(2026, 1, 1, tzinfo=UTC), title="Trip 7")).title
    'Aaaa·0'
    """
    said = words_of(record)
    return with_words(record, {name: how(name, words) or PRESENT for name, words in said.items()})


def unsaid(record: Record, held: Record) -> Record:
    """Give a record whose words were erased in the version that is `held`: it says no more.

    >>> from datetime import UTC, datetime
    >>> held = Claim("C", "P", datetime(2026, 1, 1, tzinfo=UTC), title="Aaaa")
    >>> unsaid(Claim("C", "P2", datetime(2026, 1, 1, tzinfo=UTC), title="Said again"), held).title
    'Aaaa'
    """
    left = words_of(held)
    return with_words(record, {name: left.get(name, PRESENT) for name in words_of(record)})


def mark_of(kind: str, bare: str, committed: str, origin: str) -> str:
    """Give what the log says of a record: kind, content without words, their commitment, origin.

    >>> mark_of("claim", "{}", "", "{}") == mark_of("claim", "{}", "", '{"crm":"main"}')
    False
    """
    return sha256(f'["{kind}",{bare},"{committed}",{origin}]'.encode()).hexdigest()
