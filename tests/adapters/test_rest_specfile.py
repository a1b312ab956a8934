"""Connection files: each mistake has a code, a place and a fix, and all are told at once."""

import ast
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crm_expenses.adapters.rest as package
from crm_expenses.adapters.rest.specfile import connection_of, read_connection, shipped_names
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.messages import fields, table
from crm_expenses.tomlfile import parse_toml

GOOD: Final = """\
[connection]
version = 1
title = "Good"
base_url = "{config.url}/api"
[config.url]
help = "the address"
[secret.token]
help = "the token"
[auth]
kind = "bearer"
[records]
path = "items"
[calls]
list = { path = "/{object}" }
read = { path = "/{object}/{id}" }
update = { method = "PATCH", path = "/{object}/{id}", body = "{fields}" }
[kind.account]
object = "accounts"
fields = { name = "name" }
"""
LINES: Final = '[kind.line]\nobject = "lines"\n'
LINE: Final = 'fields = { claim = "c", date = "d", category = "k", amount = { %s } }\n'


def problems(text: str) -> tuple[Problem, ...]:
    """Give the mistakes of a file."""
    with pytest.raises(ConfigError) as raised:
        connection_of(parse_toml(text, "odd.toml"))
    return raised.value.problems


def account(*lines: str) -> str:
    """Give the file with other lines for accounts."""
    return GOOD.replace('fields = { name = "name" }\n', "\n".join(lines) + "\n")


def calls(line: str) -> str:
    """Give the file with a call more."""
    return GOOD.replace("[kind.account]", f"{line}\n[kind.account]")


FIELDS: Final = 'fields = { name = "name" }'
APART: Final = (
    '[kind.claim]\nobject="c"\nfields={person="p", submitted="s"}\n[kind.claim.results]\n'
)

MISTAKES: Final = [
    # code, text, what stands on the line of its place
    ("rest.placeholder", GOOD.replace("{config.url}/api", "{open('x')}"), "base_url"),
    ("rest.placeholder", GOOD.replace("{config.url}/api", "{a}}"), "base_url"),
    ("rest.unknown_placeholder", GOOD.replace('{object}/{id}" }', '{key}" }'), "{key}"),
    ("rest.unknown_placeholder", GOOD.replace("{config.url}/api", "{secret.token}"), "base_url"),
    ("rest.unknown_placeholder", GOOD + '[since]\nheaders = { A = "{id}" }', "{id}"),
    ("rest.unknown_placeholder", GOOD + '[auth.probe]\npath = "/{object}"', "{object}"),
    ("rest.unknown_placeholder", GOOD + '[since]\nquery = { a = "{ids}" }', "{ids}"),
    (
        "rest.unknown_placeholder",
        GOOD + '[deletes]\nkind = "list"\nlist = { path = "/x", query = { a = "{key}" } }',
        "{key}",
    ),
    ("rest.unknown_placeholder", GOOD + APART + "defaults = { a = '{id}' }", "defaults"),
    ("rest.unknown_placeholder", GOOD + '[paging]\nrange = "{from}"', "range"),
    ("rest.rule_for_all", GOOD + '[[error]]\ncategory = "transient"', "[[error]]"),
    ("rest.files_of_nothing", GOOD + '[files]\nfield = "f"', "[files]"),
    ("rest.lacks", GOOD + '[files]\nfield = "f"', "[files]"),
    ("rest.lacks", GOOD + '[files]\ndownload = { path = "/{file}" }', "[files]"),
    ("rest.lacks", GOOD.replace('"bearer"', '"login"'), "[auth]"),
    ("rest.lacks", GOOD.replace('"bearer"', '"login"\npath = "/l"'), "[auth]"),
    ("rest.lacks", GOOD.replace('"bearer"', '"hmac"\nsecret = "x"'), "[auth]"),
    ("rest.lacks", GOOD + '[paging]\nkind = "page_number"', "[paging]"),
    ("rest.lacks", GOOD + '[paging]\nkind = "offset"', "[paging]"),
    ("rest.lacks", GOOD + '[paging]\nkind = "cursor"\nparam = "c"', "[paging]"),
    ("rest.lacks", GOOD + '[paging]\nkind = "json_link"', "[paging]"),
    ("rest.lacks", GOOD + '[paging]\nkind="offset"\nparam="o"\nstop="has_more"', "[paging]"),
    ("rest.lacks", GOOD + '[since]\nkind = "filter"', "[since]"),
    ("rest.lacks", GOOD + '[since]\nkind = "delta_link"', "[since]"),
    ("rest.lacks", GOOD + "[since]\nsorted = true", "[since]"),
    ("rest.lacks", GOOD.replace('list = { path = "/{object}" }\n', ""), "[kind.account]"),
    ("rest.lacks", account(FIELDS, 'deletes = { kind = "list" }'), "[kind.account]"),
    ("rest.lacks", account(FIELDS, 'deletes = { kind = "flag" }'), "[kind.account]"),
    ("rest.lacks", account(FIELDS, 'conflict = { style = "etag" }'), "conflict"),
    ("rest.lacks", account(FIELDS, 'match = "client_id"'), "[kind.account]"),
    ("rest.lacks", account(FIELDS, 'batch = { path = "/b", item = "{id}" }'), "batch"),
    ("rest.lacks", GOOD + APART + 'fields = { outcome = "o" }\nobject = "x"', "results"),
    (
        "rest.lacks",
        GOOD + APART + 'object="x"\nexternal_id="k"\nmatch="search_then_create"',
        "match",
    ),
    ("rest.lacks", GOOD + APART + 'object="x"\nexternal_id="k"\nmatch="client_id"', "match"),
    ("rest.lacks", GOOD + APART + 'object="x"\nexternal_id="k"\nmatch="server_upsert"', "match"),
    (
        "rest.lacks",
        account(FIELDS, "changes = true").replace('read = { path = "/{object}/{id}" }\n', ""),
        "changes",
    ),
    ("rest.two_bodies", calls('create = { path="/x", body={a=1}, form={a="1"} }'), "create"),
    (
        "rest.no_parent",
        GOOD + LINES + 'nested = { parent = "claim", path = "l", parent_field = "claim" }\n'
        + LINE % 'field = "a", fixed_currency = "CNY"',
        "nested",
    ),
    ("rest.field", account('fields = { name = "name", nmae = "n" }'), "nmae"),
    (
        "rest.field",
        GOOD + LINES + 'nested = { parent = "account", path = "l", parent_field = "clam" }\n'
        + LINE % 'field = "a", fixed_currency = "CNY"',
        "nested",
    ),
    ("rest.field_missing", account('fields = { city = "c" }'), "fields"),
    ("rest.no_place", account("fields = { name = { read_only = true } }"), "name"),
    ("rest.wrap", account('fields = { name = { field = "n", wrap = { a = "x" } } }'), "wrap"),
    (
        "rest.wrap",
        account('fields = { name = { field = "n", wrap = { a = "{value}", b = "{x}" } } }'),
        "wrap",
    ),
    ("rest.result", GOOD + APART + 'fields = { outcom = "o" }', "outcom"),
    ("rest.keyset", GOOD + '[paging]\nkind = "keyset"', "[kind.account]"),
    (
        "rest.after",
        GOOD + '[paging]\nkind = "keyset"\n[since]\nkind = "filter"\nsorted = true\n'
        'field = "m"\nquery = { a = "{since}" }',
        "[since]",
    ),
    ("rest.encode", calls('find = { path="/x", query={a={encode="xml", value=1}} }'), "find"),
    ("rest.each", calls('find = { path = "/x", query = { a = "{each}" } }'), "{each}"),
    ("rest.each", calls('find = { path="/x", query={a={encode="each", value="x"}} }'), "find"),
    (
        "rest.each",
        calls('find = { path="/x", query={a={encode="each", of="key", value="{each}"}} }'),
        "find",
    ),
    (
        "rest.each",
        calls('list = { path="/x", query={a={encode="each", of="ids", value="{each}"}} }').replace(
            'list = { path = "/{object}" }\n', ""
        ),
        "list",
    ),
    ("rest.path", GOOD.replace('path = "items"', 'path = "a..b"'), "a..b"),
    ("rest.path", GOOD.replace('path = "items"', 'path = "a"\nsingle_path = ".x"'), "single_path"),
    ("rest.path", GOOD.replace('path = "items"', 'path = "a"\nunwrap = "a["'), "unwrap"),
    ("rest.path", account('fields = { name = "a[x]" }'), "a[x]"),
    ("rest.path", account('fields = { name = { field = "a", key = "b." } }'), "key"),
    ("rest.path", account(FIELDS, 'id = "a."'), "id ="),
    ("rest.path", account(FIELDS, 'only = { "a." = 1 }'), "only"),
    ("rest.path", account(FIELDS, 'conflict = { style="etag", path="a." }'), "conflict"),
    ("rest.path", account(FIELDS, 'deletes = { kind="flag", path="a." }'), "deletes"),
    ("rest.path", account(FIELDS, 'records = { path = "a." }'), "records"),
    ("rest.path", calls('find = { path = "/x", records = { path = "a." } }'), "find"),
    ("rest.path", calls('find = { path = "/x", success = { body = { "a." = 1 } } }'), "find"),
    ("rest.path", GOOD + '[since]\nlink_path = "a."', "link_path"),
    ("rest.path", GOOD + '[[error]]\nstatus=400\ncategory="empty"\ndetail="a."', "detail"),
    ("rest.path", GOOD + '[success]\nbody = { "a." = 1 }', "a."),
    ("rest.regex", GOOD + '[[error]]\ncategory = "empty"\nmessage = "("', "message"),
    ("rest.regex", GOOD.replace('"the address"', '"x"\npattern = "["'), "pattern"),
    ("rest.timezone", GOOD.replace('"Good"', '"Good"\ntimezone = "Mars"'), "timezone"),
    ("rest.timezone", account('fields={name="n", since={field="s", timezone="Mars"}}'), "since"),
    ("rest.form", account('fields = { name = { field = "n", as = "cents" } }'), "name"),
    ("rest.no_currency", GOOD + LINES + LINE % 'field = "a"', "amount"),
    ("rest.not_money", account('fields = { name = { field="n", currency="c" } }'), "name"),
    (
        "rest.no_scale",
        GOOD + LINES + LINE % 'field="a", as="float", fixed_currency="CNY"',
        "amount",
    ),
    (
        "rest.words",
        GOOD + '[kind.claim]\nobject="c"\nfields={person="p", submitted="s", '
        'status={field="x", words={a="nonsense"}}}',
        "status",
    ),
    (
        "rest.constant",
        account('fields = { name = "n", since = { value = "no day" } }'),
        "since",
    ),
    ("rest.format", GOOD + '[since]\nformat = "iso"', "format"),
    ("rest.format", account('fields={name="n", since={field="s", format="dd.mm"}}'), "since"),
    ("rest.host", GOOD.replace('"Good"', '"Good"\nallowed_hosts = ["https://x.y"]'), "allowed"),
]  # fmt: skip


def test_good_file_is_read() -> None:
    """The file that all mistakes here are made in is a good one; so is each that is shipped."""
    assert connection_of(parse_toml(GOOD, "good.toml")).connection.title == "Good"
    for name in shipped_names():
        assert read_connection(name).connection.version == 1


@pytest.mark.parametrize(
    ("code", "text", "mark"),
    MISTAKES,
    ids=[f"{n} {code}" for n, (code, _, _) in enumerate(MISTAKES)],
)
def test_mistake_has_its_place_and_its_fix(code: str, text: str, mark: str) -> None:
    """Each mistake is told with the line where it stands, and all of its text is filled in."""
    found = [one for one in problems(text) if one.code == code]
    lines = text.splitlines()
    places = [lines[one.place.line - 1] for one in found if one.place is not None]
    assert any(mark in line for line in places), [one.describe() for one in problems(text)]
    for one in found:
        for language in ("en", "zh"):
            assert one.describe(language)
        lacking = (
            fields(table()[code][0])
            - {*one.values}
            - {"config", "value", "id", "after", "since", "each"}
        )
        assert not lacking


def test_each_check_has_a_mistake() -> None:
    """Each code that a check of the file can give is given by some mistake above."""
    folder = Path(package.__file__).parent
    named: set[str] = set()
    for module in ("specfile.py", "specsense.py", "codecs.py", "template.py"):
        for node in ast.walk(ast.parse((folder / module).read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named |= {*re.findall(r"^rest\.[a-z_]+$", node.value)}
    of_values = {"rest.unsafe_path", "rest.unsafe_value", "rest.no_connection"}
    assert named - of_values == {code for code, _, _ in MISTAKES}


def test_all_mistakes_are_told_at_once() -> None:
    """A file with three mistakes tells all three, each with its own place."""
    text = account('fields = { city = "a..b" }').replace('path = "items"', 'path = "a.."')
    found = problems(text)
    assert {one.code for one in found} == {"rest.path", "rest.field_missing"}
    assert len({(one.place.line, one.place.column) for one in found if one.place}) == 3


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        (GOOD.replace("title", "titel"), "titel"),
        (GOOD + "[pagin]\nkind = 'none'", "pagin"),
        (GOOD.replace("version = 1", "version = 2"), "version"),
        (GOOD.replace('"bearer"', '"magic"'), "kind"),
        (GOOD + "[paging]\nsize = '5'", "size"),
        (GOOD + "[paging]\nsize = 0", "size"),
        (GOOD + "[paging]\nfirst = 2", "first"),
        (GOOD + '[[error]]\nstatus = 999\ncategory = "empty"', "status"),
        (GOOD + "[kind.unicorn]\nobject = 'u'\nfields = {}", "unicorn"),
        (GOOD.replace("[connection]", "[conection]"), ""),
    ],
)
def test_wrong_shape_has_its_place(text: str, mark: str) -> None:
    """A name that is none, and a value of the wrong type or size, is told with its place."""
    found = problems(text)
    lines = text.splitlines()
    places = [lines[one.place.line - 1] for one in found if one.place is not None]
    assert any(mark in line for line in places)


PLACES: Final = {
    "base_url": "{config.url}/api",
    "path": "/{object}/{id}",
    "items": "items",
    "name": "the address",
}


@given(st.text(max_size=80), st.sampled_from(sorted(PLACES)))
def test_no_text_breaks_the_reader(text: str, place: str) -> None:
    """Whatever text stands in a file, it is read or refused with problems, never anything else."""
    made = GOOD.replace(
        {
            "base_url": "{config.url}/api",
            "path": "/{object}/{id}",
            "items": "items",
            "name": "the address",
        }[place],
        "".join(f"\\U{ord(c):08x}" for c in text if not 0xD800 <= ord(c) < 0xE000),
    )
    with suppress(ConfigError):
        connection_of(parse_toml(made, "odd.toml"))
