"""Templates: look-ups and nothing else, and no value leaves its place in an address or a filter."""

import base64
import json
import re
from contextlib import suppress
from decimal import Decimal
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_expenses.adapters.exchange import read_json
from crm_expenses.adapters.rest.template import Filler, faults, placeholders
from crm_expenses.errors import RefusedError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NASTY = st.sampled_from(
    [
        *(
            "..",
            ".",
            "/",
            "//evil.example",
            "..\\..",
            "%2e%2e",
            "%2F",
            "?x=1",
            "#x",
            "a/../b",
            "@h",
        ),
        *("\r\nX: y", "http://evil.example", "'", '"', "\\", "' or '1'='1", '\\" || true', "{id}"),
        *("{{", "}}", "{config.url}", "__class__", "0", "日本", "\x00", "\u202e", "a;b", "a&b=c"),
    ]
)
VALUES = TEXTS | NASTY
NAMES = {"id", "object", "config.*"}


@given(VALUES)
def test_no_template_reaches_anything(text: str) -> None:
    """A text is a template whose names are known, or it has faults: nothing in it ever runs."""
    known = {"id": "1", "object": "o", "config.url": "u"}
    if list(faults(text, known)):
        return
    assert {*placeholders(text)} <= {*known}
    made = Filler("x").text(text, known)
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    assert "{{" in text or "}}" in text or made == text


@pytest.mark.parametrize(
    "text",
    [
        "{id.__class__}", "{id!r}", "{id:>10}", "{0}", "{}", "{id[0]}", "{config.url.x}", "{ID}",
        "{open('/etc/passwd')}", "{id", "id}", "{{id}", "{secret.token}", "{self}", "{id }",
        "{config.}", "{id}{x}", "{\n}", "{config.url.__init__.__globals__}",
    ],
)  # fmt: skip
def test_what_is_no_name_is_a_fault(text: str) -> None:
    """Attributes, calls, formats, places and unknown names are faults; nobody is asked for them."""
    assert list(faults({"a": [text]}, NAMES - {"config.*"} | {"config.url"}))


@given(VALUES, VALUES)
@example("..", "x")
@example("", "x")
@example("a/../../b", "..;/x")
def test_value_in_a_path_changes_neither_host_nor_depth(first: str, second: str) -> None:
    """Any id in the path of a call: the host is the same, and so is the number of its steps."""
    try:
        made = Filler("x").path("/api/{object}/{id}/end", {"object": first, "id": second})
    except RefusedError:
        assert {first, second} & {"", ".", ".."}
        return
    whole = urlsplit(urljoin("https://crm.example.com/base/", made.lstrip("/")))
    assert whole.netloc == "crm.example.com"
    assert (whole.query, whole.fragment) == ("", "")
    steps = whole.path.split("/")
    assert steps[:3] == ["", "base", "api"]
    assert [unquote(step) for step in steps[3:]] == [first, second, "end"]


def unquoted(text: str, mark: str, *, escape: str) -> str:
    """Read a quoted text as a server does, and say what stands behind its end."""
    assert text[0] == mark
    at, read = 1, ""
    while at < len(text):
        if escape == "backslash" and text[at] == "\\":
            read, at = read + text[at + 1], at + 2
        elif text[at] == mark:
            if escape == "double" and text[at + 1 : at + 2] == mark:
                read, at = read + mark, at + 2
                continue
            assert at == len(text) - 1, "the value ended its quotes"
            return read
        else:
            read, at = read + text[at], at + 1
    raise AssertionError("the quotes have no end")


@given(VALUES, st.sampled_from(["'", '"']), st.sampled_from(["none", "backslash", "double"]))
def test_value_in_a_filter_never_ends_its_quotes(value: str, mark: str, escape: str) -> None:
    """Any value between the quotes of a filter is refused, or read as itself by the server."""
    try:
        made = Filler("x", escape).fill(f"{mark}{{id}}{mark}", {"id": value})
    except RefusedError:
        assert re.search(r"['\"\\\x00-\x1f\x7f]", value)
        return
    assert isinstance(made, str)
    assert unquoted(made, mark, escape=escape) == value


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_each_value_of_several_stays_in_its_quotes(values: list[str]) -> None:
    """Several ids in one filter: each is refused or stays where it was put."""
    template = {"encode": "each", "of": "ids", "value": "'{each}'", "join": "|"}
    with suppress(RefusedError):
        made = Filler("x", "none").fill(template, {"ids": list(values)})  # type: ignore[arg-type]
        assert made == "|".join(f"'{value}'" for value in values)
        assert not any("'" in value for value in values)


@given(VALUES | st.integers() | st.booleans() | st.none() | st.lists(TEXTS, max_size=3))
def test_value_alone_keeps_its_type(value: object) -> None:
    """A text that is one placeholder gives the value itself, in any depth."""
    values = {"id": value}
    made = Filler("x").fill({"a": [{"b": "{id}"}], "n": 1, "t": True, "x": None}, values)  # type: ignore[arg-type]
    assert made == {"a": [{"b": value}], "n": 1, "t": True, "x": None}


@given(
    VALUES,
    st.decimals(allow_nan=False, allow_infinity=False, places=2, max_value=10**9, min_value=0),
)
def test_json_in_a_parameter_is_read_as_itself(value: str, number: Decimal) -> None:
    """What is encoded as JSON, or that as base64url, is read back as it was, without blanks."""
    template = {"value": ["name", "=", "{id}", number]}
    for kind in ("json", "base64url_json"):
        made = Filler("x").fill({"encode": kind, **template}, {"id": value})  # type: ignore[dict-item]
        assert isinstance(made, str)
        text = made.encode() if kind == "json" else base64.urlsafe_b64decode(made)
        assert read_json(text) == ["name", "=", value, number]


def test_braces_are_written_twice() -> None:
    """Doubled braces are braces, in texts, paths and filters alike."""
    filler = Filler("x")
    assert filler.text("{{{id}}}", {"id": "a"}) == "{a}"
    assert filler.fill("{{id}} {id}", {"id": "a"}) == "{id} a"
    assert json.loads(str(filler.fill('{{"a": "{id}"}}', {"id": "b"}))) == {"a": "b"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "n=true"), (None, "n="), (7, "n=7"), (["a", "b"], "n=a,b"),
        (Decimal("1E+3"), "n=1000"), ({"a": 1}, 'n={"a":1}'),
    ],
)  # fmt: skip
def test_values_are_written_plainly(value: object, text: str) -> None:
    """Inside a text, yes is true, nothing is empty, lists have commas, numbers no exponent."""
    assert Filler("x").text("n={n}", {"n": value}) == text  # type: ignore[dict-item]


def test_refusal_shows_no_control_character() -> None:
    """A value that is refused is shown without what could harm a terminal, and is short."""
    with pytest.raises(RefusedError) as raised:
        Filler("x").fill("a '{id}'", {"id": "\x1b[2J'" + "z" * 500})
    assert "\x1b" not in raised.value.describe()
    assert len(raised.value.describe()) < 400
