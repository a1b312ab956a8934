"""The text of a first connection file, from what was learned of a CRM. Pure.

Nothing in it is certain: whatever is guessed is marked `# LOOK:`, with the reason. What comes from
outside stands in quotes or on one line of a comment, so that no name can write a line of its own.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from crm_expenses.adapters.files.shape import shapes
from crm_expenses.adapters.rest.discovered import Collection, Discovered, SignsIn, Why
from crm_expenses.adapters.rest.draftfields import field_lines, unwrap_in
from crm_expenses.adapters.rest.drafttext import braces, one_line, quoted, table_lines
from crm_expenses.adapters.rest.guess import (
    Paged,
    Seen,
    changed_of,
    escaped,
    field_of,
    fields_guessed,
    id_of_names,
    kind_of,
    paged_of,
    plain,
    since_of,
)
from crm_expenses.adapters.rest.spec import AuthKind
from crm_expenses.core.record import Kind
from crm_expenses.messages import Language, table, text

SIZE: Final = 100
OTHERS_MAX: Final = 40
_ROWS: Final = (
    "lines", "items", "expenses", "lineitems", "expenselines", "expenseitems",
    "details", "entries",
)  # fmt: skip
_CREDENTIALS: Final[Mapping[AuthKind, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    AuthKind.NONE: ((), ()),
    AuthKind.BEARER: ((), ("token",)),
    AuthKind.API_KEY: ((), ("token",)),
    AuthKind.BASIC: (("user",), ("password",)),
    AuthKind.OAUTH2_CLIENT_CREDENTIALS: (("client_id",), ("client_secret",)),
    AuthKind.OAUTH2_REFRESH_TOKEN: (("client_id",), ("client_secret", "refresh_token")),
    AuthKind.OAUTH2_PASSWORD: (("client_id", "user"), ("client_secret", "password")),
}
"""What the settings say for each kind of signing in: values, and secrets."""


@dataclass(frozen=True, slots=True)
class Part:
    """What the file says of one kind; `nested` are its rows that stand inside each record."""

    kind: Kind
    one: Collection
    is_plain: bool
    calls: Mapping[str, str]
    records: str
    paging: str
    paging_why: Why
    since: str
    since_why: Why | None


def draft_text(found: Discovered, language: Language) -> str:
    """Write the file."""
    return "\n".join(_Draft(found, language).lines()) + "\n"


def chosen(found: Discovered) -> dict[Kind, tuple[Collection, bool]]:
    """Give the collection of each kind, and whether its name says plainly what it is.

    A list called “expenses” may be claims or lines: lines, where claims stand elsewhere.
    """
    best: dict[Kind, tuple[Collection, bool]] = {}
    loose: list[Collection] = []
    for one in sorted(found.collections, key=lambda each: len(each.list_path)):
        guessed = kind_of(one.name) or (_by_fields(one), False)
        if guessed[0] is None:
            continue
        kind, is_plain = guessed[0], guessed[1]
        held = best.get(kind)
        if held is None or (is_plain and not held[1]):
            if held is not None:
                loose.append(held[0])
            best[kind] = (one, is_plain)
        elif not is_plain:
            loose.append(one)
    if Kind.CLAIM in best and Kind.LINE not in best:
        lines = [one for one in loose if kind_of(one.name) == (Kind.CLAIM, False)]
        if lines:
            best[Kind.LINE] = (lines[0], False)
    return {kind: best[kind] for kind in Kind if kind in best}


def credentials(found: Discovered) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give what the settings must say beside the address: names of values, and of secrets."""
    return _CREDENTIALS[found.signs_in.kind]


def _by_fields(one: Collection) -> Kind | None:
    """Guess a kind by the fields, where the name says nothing: the one that most of them fit."""
    score: Counter[Kind] = Counter()
    for kind in Kind:
        hits = [ours for ours in fields_guessed(kind) if field_of(kind, ours, one.fields)]
        needed = [n for n, shape in shapes(kind).items() if shape.is_required and n != "id"]
        if hits and all(name in hits for name in needed):
            score[kind] = len(hits)
    return score.most_common(1)[0][0] if score else None


class _Draft:
    """One file that is being written."""

    def __init__(self, found: Discovered, language: Language) -> None:
        self.found = found
        self.language = language
        self.parts = [
            self._part(kind, one, is_plain) for kind, (one, is_plain) in chosen(found).items()
        ]

    def lines(self) -> Iterator[str]:
        yield f"# {self._said(Why('look.head', {'source': self.found.source}))}"
        yield f"# {self._said(Why('look.head_next'))}"
        if self.found.others:
            names = ", ".join(self.found.others[:OTHERS_MAX])
            yield f"# {self._said(Why('look.others', {'names': names}))}"
        yield from ("", "[connection]", "version = 1", f"title = {quoted(self.found.title)}")
        yield f"base_url = {quoted('{config.url}' + braces(self.found.base_path))}"
        yield from ("", "[config]")
        yield from self._url()
        values, secrets = _CREDENTIALS[self.found.signs_in.kind]
        for name in values:
            yield f"{name} = {_help(name)}"
        if secrets:
            yield from ("", "[secret]")
            for name in secrets:
                yield f"{name} = {_help(name)}"
        yield from ("", "[auth]")
        yield from self._auth(self.found.signs_in)
        shared = self._shared_calls()
        if shared:
            yield from ("", "[calls]")
            yield from self._calls(shared)
        yield from self._shared("records", [part.records for part in self.parts], "look.records")
        yield from self._shared_paging()
        yield from self._shared_since()
        for part in self.parts:
            yield from self._kind(part, shared)

    # --- the whole file ---

    def _url(self) -> Iterator[str]:
        if self.found.origin:
            yield self._look(Why("look.origin"))
            yield f"url = {_help('url', self.found.origin)}"
        else:
            yield f"url = {_help('url')}"

    def _auth(self, held: SignsIn) -> Iterator[str]:
        yield self._look(held.why)
        yield f"kind = {quoted(held.kind.value)}"
        if held.header:
            yield f"header = {quoted(held.header)}"
        if held.query:
            yield f"query = {quoted(held.query)}"
        if held.path:
            yield f"path = {quoted(braces(held.path))}"
        if held.scope:
            yield f"scope = {quoted(braces(held.scope))}"
        yield self._look(Why("look.probe"))
        yield '# probe = { path = "/me", expect = { id = "." } }'

    def _shared_calls(self) -> dict[str, str]:
        """Give the calls that are the same for all kinds."""
        if not self.parts:
            return {}
        first = self.parts[0].calls
        return {
            name: call
            for name, call in first.items()
            if all(part.calls.get(name) == call for part in self.parts)
        }

    def _calls(self, calls: Mapping[str, str]) -> Iterator[str]:
        tried = [name for name in calls if name in ("list", "read")]
        for name in tried:
            yield f"{name} = {calls[name]}"
        others = [name for name in calls if name not in tried]
        if not others:
            return
        if "update" in others and self.parts[0].one.update == "PUT":
            yield self._look(Why("look.put"))
        is_described = all(part.one.is_described for part in self.parts)
        yield self._look(Why("look.writes" if is_described else "look.writes_untried"))
        for name in others:
            yield f"{'' if is_described else '# '}{name} = {calls[name]}"

    def _shared(self, name: str, held: Sequence[str], why: str) -> Iterator[str]:
        if held and len(set(held)) == 1:
            yield from ("", f"[{name}]", self._look(Why(why)), *table_lines(held[0]))

    def _shared_paging(self) -> Iterator[str]:
        held = {part.paging for part in self.parts}
        if len(held) == 1:
            part = self.parts[0]
            yield from ("", "[paging]", self._look(part.paging_why), *table_lines(part.paging))

    def _shared_since(self) -> Iterator[str]:
        held = {part.since for part in self.parts}
        if len(held) != 1 or not self.parts:
            return
        why, since = self.parts[0].since_why, self.parts[0].since
        if why is not None:
            yield ""
            if since:
                yield "[since]"
            yield self._look(why)
            yield from table_lines(since) if since else ()

    # --- one kind ---

    def _kind(self, part: Part, shared: Mapping[str, str]) -> Iterator[str]:
        one, kind = part.one, part.kind
        yield from ("", f"[kind.{kind.value}]")
        why = "look.kind" if part.is_plain else "look.kind_loose"
        yield self._look(Why(why, {"path": one.list_path, "kind": kind.value}))
        yield f"object = {quoted(one.name)}"
        unwrap = unwrap_in(one)
        key = id_of_names(one.fields)
        if not key:
            yield self._look(Why("look.no_id"))
        elif key != "id":
            yield self._look(Why("look.id"))
            yield f"id = {quoted(escaped(key))}"
        own = {name: call for name, call in part.calls.items() if name not in shared}
        is_real = one.is_described or {*own} <= {"list", "read"}
        if own and not is_real:
            own = {name: call for name, call in own.items() if name in ("list", "read")}
        if own:
            if is_real and part.one.update == "PUT":
                yield self._look(Why("look.put"))
            inside = ", ".join(f"{name} = {call}" for name, call in own.items())
            yield f"calls = {{ {inside} }}"
        if len({each.records for each in self.parts}) > 1:
            yield self._look(Why("look.records"))
            yield f"records = {part.records}"
        if len({each.paging for each in self.parts}) > 1:
            yield self._look(part.paging_why)
            yield f"paging = {part.paging}"
        if len({each.since for each in self.parts}) > 1 and part.since_why is not None:
            yield self._look(part.since_why)
            if part.since:
                yield f"since = {part.since}"
        fields = one.fields[unwrap].inner if unwrap else one.fields
        yield from ("", f"[kind.{kind.value}.fields]")
        yield from field_lines(kind, fields, key, self._said)
        rows = self._rows(part, fields)
        if rows is not None:
            yield from self._nested(*rows)

    def _rows(self, part: Part, fields: Mapping[str, Seen]) -> tuple[str, Seen] | None:
        """Find lines that stand inside a claim, where there is no list of lines."""
        if part.kind is not Kind.CLAIM or any(each.kind is Kind.LINE for each in self.parts):
            return None
        for name, held in fields.items():
            if held.form == "array" and held.inner and plain(name) in _ROWS:
                return name, held
        return None

    def _nested(self, name: str, held: Seen) -> Iterator[str]:
        yield from ("", "[kind.line]")
        yield self._look(Why("look.nested", {"name": name}))
        yield f"object = {quoted(name)}"
        place = f'parent = "claim", path = {quoted(escaped(name))}, parent_field = "claim"'
        yield f"nested = {{ {place} }}"
        key = id_of_names(held.inner)
        if not key:
            yield self._look(Why("look.no_id"))
        elif key != "id":
            yield f"id = {quoted(escaped(key))}"
        yield from ("", "[kind.line.fields]")
        yield from field_lines(Kind.LINE, held.inner, key, self._said, given=("claim",))

    # --- what is known of a collection ---

    def _part(self, kind: Kind, one: Collection, is_plain: bool) -> Part:  # noqa: FBT001  a fact
        unwrap = unwrap_in(one)
        paged = one.paged or paged_of(one.parameters, one.envelope)
        since, since_why = _since(one, unwrap)
        return Part(
            kind,
            one,
            is_plain,
            dict(_calls(one)),
            _records(one, unwrap),
            _paging(one, paged),
            Why(paged.why, {"param": paged.param or "-", "place": paged.place or "-"}),
            since,
            since_why,
        )

    def _look(self, why: Why) -> str:
        return f"# LOOK: {self._said(why)}"

    def _said(self, why: Why) -> str:
        values = {name: one_line(value) for name, value in why.values.items()}
        return text(why.code, self.language, **values)


def _calls(one: Collection) -> Iterator[tuple[str, str]]:
    """Give the calls of a collection as tables; its name in them is `{object}`."""
    listed, item = _template(one.list_path, one.name), _template(one.item_path, one.name)
    yield "list", f"{{ path = {quoted(listed)} }}"
    if item:
        yield "read", f"{{ path = {quoted(item)} }}"
    if one.can_create or not one.is_described:
        yield "create", f'{{ method = "POST", path = {quoted(listed)}, body = "{{fields}}" }}'
    if item and (one.update or not one.is_described):
        method = one.update or "PATCH"
        yield "update", f'{{ method = "{method}", path = {quoted(item)}, body = "{{fields}}" }}'
    if item and (one.can_delete or not one.is_described):
        yield "delete", f'{{ method = "DELETE", path = {quoted(item)} }}'


def _template(path: str, name: str) -> str:
    """Write a path with `{object}` where the name of the list stands last."""
    parts = path.split("/")
    named = [number for number, part in enumerate(parts) if unquote(part) == name]
    at = named[-1] if named else -1
    shown = [
        "{object}" if number == at else part if part == "{id}" else braces(part)
        for number, part in enumerate(parts)
    ]
    return "/".join(shown)


def _records(one: Collection, unwrap: str) -> str:
    held = [f"path = {quoted(one.records or '')}"]
    if one.single:
        held.append(f"single_path = {quoted(one.single)}")
    if unwrap:
        held.append(f"unwrap = {quoted(escaped(unwrap))}")
    return f"{{ {', '.join(held)} }}"


def _paging(one: Collection, paged: Paged) -> str:
    held = [f"kind = {quoted(paged.kind)}"]
    if paged.param:
        held.append(f"param = {quoted(paged.param)}")
    first = one.page_first if one.page_first is not None else paged.first
    if paged.kind == "page_number" and first != 1:
        held.append(f"first = {first}")
    if paged.size_param and paged.kind != "none":
        held.append(f"size_param = {quoted(paged.size_param)}")
        held.append(f"size = {min(one.size_max or SIZE, 1000)}")
    if paged.place:
        name = "cursor_path" if paged.kind == "cursor" else "link_path"
        held.append(f"{name} = {quoted(paged.place)}")
    return f"{{ {', '.join(held)} }}"


def _since(one: Collection, unwrap: str) -> tuple[str, Why | None]:
    fields = {**(one.fields[unwrap].inner if unwrap else {}), **one.fields}
    changed = changed_of(fields)
    if not changed:
        return "", Why("look.no_changed")
    path = (
        f"{escaped(unwrap)}.{escaped(changed)}" if changed not in one.fields else escaped(changed)
    )
    parameter = since_of(one.parameters)
    if not parameter:
        return "", Why("look.no_since", {"field": path})
    form = fields[changed].format
    held = [f'kind = "filter", field = {quoted(path)}']
    held.append(f'query = {{ {quoted(parameter)} = "{{since}}" }}')
    if form.startswith("epoch"):
        held.append(f"format = {quoted(form)}")
    return f"{{ {', '.join(held)} }}", Why("look.since", {"param": parameter})


def _help(name: str, default: str = "") -> str:
    en, zh = table()[f"draft.{name}"]
    more = f", default = {quoted(default)}" if default else ""
    return f"{{ help = {quoted(en)}, help_zh = {quoted(zh)}{more} }}"
