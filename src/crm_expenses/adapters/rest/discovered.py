"""What was learned of a CRM before there is a connection file: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_expenses.adapters.rest.guess import Paged, Seen
from crm_expenses.adapters.rest.spec import AuthKind


@dataclass(frozen=True, slots=True)
class Why:
    """Why something is guessed: a code of the texts, and its values."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignsIn:
    """How one signs in, as far as it is known.

    `header` carries the key of `api_key`, `query` is its parameter instead; `path` is where tokens
    are given.
    """

    kind: AuthKind
    why: Why
    header: str = ""
    query: str = ""
    path: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """A list of records of one kind, and the calls around it.

    `list_path` is below the base address; `records` is where its list stands (None: nobody knows).
    `envelope` is what stands beside the list. An empty `update` or False means that there is none,
    or that nobody knows: `is_described` says which.
    """

    name: str
    list_path: str
    fields: Mapping[str, Seen]
    records: str | None = ""
    envelope: Mapping[str, Seen] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    page_first: int | None = None
    size_max: int = 0
    item_path: str = ""
    single: str = ""
    update: str = ""
    can_create: bool = False
    can_delete: bool = False
    is_described: bool = False
    paged: Paged | None = None


@dataclass(frozen=True, slots=True)
class Discovered:
    """A CRM: its title, where it is, how one signs in, and what it has.

    `others` are lists of which nobody can say what they are to us.
    """

    title: str
    origin: str
    base_path: str
    source: str
    signs_in: SignsIn
    collections: tuple[Collection, ...]
    others: tuple[str, ...] = ()
