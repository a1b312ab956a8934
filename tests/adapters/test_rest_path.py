"""Paths into JSON: what is put somewhere is found there, and nothing else breaks."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.rest.path import DEPTH_MAX, NOT_THERE, found, put, steps_of

NAMES = st.text(st.characters(exclude_characters="[]\\", exclude_categories=["Cs"]), min_size=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def written(*steps: str | int) -> str:
    """Write a path as a file has it."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + step.replace(".", "\\.")
    return text


@given(st.lists(NAMES | st.integers(-999, 999), min_size=1, max_size=DEPTH_MAX))
def test_path_is_read_as_it_was_written(steps: list[str | int]) -> None:
    """Any names, points among them, and any places of lists are read as they were written."""
    assert steps_of(written(*steps)) == tuple(steps)


@given(st.lists(NAMES, min_size=1, max_size=DEPTH_MAX), JSON)
def test_what_was_put_is_found(names: list[str], value: object) -> None:
    """A value that was put at a path of names is found there, and the way to it is objects."""
    row: dict[str, object] = {}
    put(row, written(*names), value)  # type: ignore[arg-type]
    assert found(row, written(*names)) == value
    for length in range(1, len(names)):
        assert isinstance(found(row, written(*names[:length])), dict)


@given(JSON, st.lists(NAMES | st.integers(-9, 9), max_size=4))
def test_looking_never_breaks(value: object, steps: list[str | int]) -> None:
    """Whatever the answer is, a path finds something in it or nothing: no error."""
    held = found(value, written(*steps))
    assert held is NOT_THERE or held is value or steps


@given(st.text(max_size=60))
def test_any_text_is_a_path_or_a_mistake(text: str) -> None:
    """A text is a path or a ValueError with words; the empty one is the whole."""
    with suppress(ValueError):
        assert bool(steps_of(text)) == bool(text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data.items[0].id", 7),
        ("data.items[-1].id", 8),
        ("data.items[2]", NOT_THERE),
        ("data.items[-3]", NOT_THERE),
        ("data.items.id", NOT_THERE),
        ("data[0]", NOT_THERE),
        ("text[0]", NOT_THERE),
        ("text.x", NOT_THERE),
        ("nothing", None),
        ("nothing.x", NOT_THERE),
        ("@odata\\.etag", 'W/"1"'),
        ("a.b", NOT_THERE),
    ],
)
def test_values_are_found(path: str, value: object) -> None:
    """A name leads into objects only, a number into lists only; null is not nothing."""
    row = {
        "data": {"items": [{"id": 7}, {"id": 8}]},
        "text": "abc",
        "nothing": None,
        "@odata.etag": 'W/"1"',
        "a.b": 1,
    }
    assert found(row, path) == value


@pytest.mark.parametrize("path", ["", "a[0]", "[0]", "a.b"])
def test_put_leads_to_a_field_or_is_a_mistake(path: str) -> None:
    """Nothing is put into a list, at no name, or through something else than an object."""
    row: dict[str, object] = {"a": "text"}
    with pytest.raises(ValueError, match=r"field|object"):
        put(row, path, 1)  # type: ignore[arg-type]
    assert row == {"a": "text"}


def test_path_has_a_bound() -> None:
    """A path of more steps than any answer has is a mistake."""
    assert len(steps_of(written(*["a"] * DEPTH_MAX))) == DEPTH_MAX
    with pytest.raises(ValueError, match="more than"):
        steps_of(written(*["a"] * (DEPTH_MAX + 1)))
