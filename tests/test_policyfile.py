"""Policy files: each mistake in a file's shape has its place, and none hides the next."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_expenses.errors import ConfigError, PolicyError, Problem
from crm_expenses.policyfile import load_policy, parse_policy

DEMO: Final = files("crm_expenses.demo").joinpath("policy.toml").read_text("utf-8")
SMALL: Final = """
[policy]
id = "t"
version = "1"
language = 1
currency = "CNY"
title = { en = "T", zh = "测" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }

[parameter.cap]
type = "money"
values = [{ from = 2026-01-01, is = 100 }]

[[rule]]
code = "meal.cap"
kind = "limit"
title = { en = "Cap", zh = "限额" }
at_most = "cap"

[[approval]]
code = "line"
who = "manager"
above = 500

[calendar]
rest_days = [2026-10-01]
"""


def problems_of(text: str) -> tuple[Problem, ...]:
    """Give every problem of a policy text."""
    try:
        parse_policy(text, "p.toml")
    except PolicyError as error:
        return error.problems
    return ()


def caret(old: str, new: str) -> tuple[str, tuple[int, int]]:
    """Give the small policy with one part replaced, and where the caret of the new part stands."""
    assert SMALL.count(old) == 1
    marked = SMALL.replace(old, new)
    assert marked.count("^") == 1
    before = marked.partition("^")[0]
    return marked.replace("^", ""), (before.count("\n") + 1, len(before) - before.rfind("\n"))


SHAPES = [
    ("toml.missing", 'version = "1"\n', ""),
    ("toml.missing", 'id = "t"\n', ""),
    ("toml.missing", 'currency = "CNY"\n', ""),
    ("toml.not_choice", "language = 1", "language = ^2"),
    ("toml.not_choice", "language = 1", 'language = ^"1"'),
    ("toml.not_text", 'version = "1"', "version = ^1"),
    ("toml.empty", 'version = "1"', 'version = ^""'),
    ("toml.name", 'id = "t"', 'id = ^"Not a name"'),
    ("toml.not_table", '{ en = "T", zh = "测" }', '^"T"'),
    ("toml.missing", '{ en = "T", zh = "测" }', '^{ en = "T" }'),
    ("toml.empty", '{ en = "T", zh = "测" }', '{ en = "T", zh = ^"" }'),
    ("toml.unknown_name", '{ en = "T", zh = "测" }', '{ en = "T", zh = "测", fr = ^"E" }'),
    ("toml.unknown_name", 'currency = "CNY"', 'currency = "CNY"\ncurency = ^"CNY"'),
    ("toml.unknown_name", "[calendar]", "^[calender]\n[calendar]"),
    ("toml.unknown_name", "[[rule]]", "^[[rules]]\nx = 1\n[[rule]]"),
    ("toml.not_table", '{ name = { en = "Meals", zh = "餐费" } }', '^"Meals"'),
    ("toml.not_table", '{ en = "Meals", zh = "餐费" }', "^5"),
    ("toml.not_text", 'type = "money"', "type = ^5"),
    ("toml.not_list", "[{ from = 2026-01-01, is = 100 }]", "^100"),
    ("toml.missing", "{ from = 2026-01-01, is = 100 }", "^{ is = 100 }"),
    ("toml.unknown_name", "is = 100", "ist = ^100"),
    ("toml.not_date", "from = 2026-01-01", 'from = ^"2026-01-01"'),
    ("toml.not_date", "from = 2026-01-01", "from = ^20260101"),
    ("toml.not_date", "from = 2026-01-01", "from = ^2026-01-01T00:00:00Z"),
    ("toml.not_date", "from = 2026-01-01", "from = ^07:30:00"),
    ("toml.not_list", "is = 100", "table = ^5"),
    ("toml.not_list", "is = 100", "table = [^5]"),
    ("record.amount", "is = 100", "table = [[^true]]"),
    ("toml.not_text", 'code = "meal.cap"', "code = ^5"),
    ("toml.not_choice", 'kind = "limit"', 'kind = ^"limits"'),
    ("toml.unknown_name", 'kind = "limit"', 'kind = "limit"\natmost = ^"5"'),
    ("toml.not_choice", 'kind = "limit"', 'kind = "limit"\neffect = ^"punish"'),
    ("toml.not_list", 'kind = "limit"', 'kind = "limit"\non = ^"meal"'),
    ("toml.not_text", 'kind = "limit"', 'kind = "limit"\non = [^5]'),
    ("toml.not_choice", 'kind = "limit"', 'kind = "limit"\nperiod = ^"fortnight"'),
    (
        "toml.not_choice",
        'kind = "limit"',
        'kind = "limit"\nper = ["person"]\nperiod = "day"\ncounts = ^"all"',
    ),
    ("toml.missing", 'title = { en = "Cap", zh = "限额" }', 'title = ^{ zh = "限额" }'),
    ("toml.not_text", 'at_most = "cap"', "at_most = ^100"),
    ("toml.long", 'at_most = "cap"', f'at_most = "cap"\nclause = ^"{"x" * 201}"'),
    ("toml.missing", 'who = "manager"\n', ""),
    ("record.amount", "above = 500", "above = ^[500]"),
    ("toml.not_choice", "above = 500", 'outcome = ^"perhaps"'),
    ("toml.not_list", "rest_days = [2026-10-01]", "rest_days = ^2026-10-01"),
    ("toml.not_date", "rest_days = [2026-10-01]", 'rest_days = [^"2026-10-01"]'),
    ("toml.unknown_name", "rest_days = [2026-10-01]", "open_at = ^07:30:00"),
    ("toml.unknown_name", "[calendar]", "^[calender.sub]\n[calendar]"),
    ("toml.unknown_name", "\n[policy]", "^calender.x = 5\n[policy]"),
    (
        "toml.not_table",
        "[calendar]\nrest_days = [2026-10-01]",
        "^[[calendar]]",
    ),
]


@pytest.mark.parametrize(("code", "old", "new"), SHAPES)
def test_shapes(code: str, old: str, new: str) -> None:
    """A mistake in the shape gives one problem, at its place, told in both languages."""
    if "^" in new:
        text, place = caret(old, new)
    else:
        text = SMALL.replace(old, "")
        table = "[[approval]]" if old.startswith("who") else "[policy]"
        place = (text[: text.index(table)].count("\n") + 1, 1)
    found = problems_of(text)
    assert [(p.code, (p.place.line, p.place.column)) for p in found] == [(code, place)]
    for language in ("en", "zh"):
        assert "{" not in re.sub(r"\{ en.*\}", "", found[0].describe(language))


def test_the_small_policy_is_right() -> None:
    """The policy that these tests change is right as it stands, and so is the demo's."""
    assert problems_of(SMALL) == ()
    assert problems_of(DEMO) == ()


def test_five_mistakes_are_told_at_once() -> None:
    """A policy with five mistakes, of shape and of meaning, tells all five, in order."""
    text = SMALL
    for old, new in (
        ('version = "1"', "version = 1"),
        ("is = 100", 'is = "1_00"'),
        ('kind = "limit"', 'kind = "limit"\nperiod = "fortnight"'),
        ('at_most = "cap"', 'at_most = "1 + nights"'),
        ('who = "manager"', 'who = "boss"'),
    ):
        assert old in text
        text = text.replace(old, new)
    assert [p.code for p in problems_of(text)] == [
        "toml.not_text",
        "record.amount",
        "toml.not_choice",
        "expression.missing",
        "policy.who",
    ]


def test_a_wrong_rule_is_still_read_on() -> None:
    """A rule with a wrong effect, title and period has its expression checked as well."""
    text = SMALL.replace(
        'kind = "limit"\ntitle = { en = "Cap", zh = "限额" }',
        'kind = "limit"\neffect = "x"\ntitle = 5\nper = "x"\nperiod = "y"',
    ).replace('"cap"', '"cpa"')
    assert [p.code for p in problems_of(text)] == [
        "toml.not_choice",
        "toml.not_table",
        "toml.not_list",
        "toml.not_choice",
        "expression.unknown",
    ]


@pytest.mark.parametrize("part", ["category", "parameter", "choices"])
def test_no_table_where_one_is_needed(part: str) -> None:
    """A part that is no table is told at its place; what needs it is told as well."""
    head = SMALL.partition("[category]")[0]
    found = problems_of(f"{part} = 5\n{head}")
    assert [(p.code, str(p.place)) for p in found] == [
        ("toml.not_table", f"p.toml:1:{len(part) + 4}")
    ]


@pytest.mark.parametrize("part", ["rule", "approval"])
def test_no_list_where_one_is_needed(part: str) -> None:
    """Rules and steps under one bracket instead of two are told at their place."""
    head = SMALL.partition("[category]")[0]
    (found,) = problems_of(f"{head}\n[{part}]\nx = 1\n")
    assert (found.code, found.values["name"]) == ("toml.not_list", part)
    assert found.place.line == head.count("\n") + 2


def test_a_rule_that_is_no_table() -> None:
    """An entry of the list of rules that is no table is told, and the others are read."""
    head = SMALL.partition("[category]")[0]
    found = problems_of("rule = [5]\n" + head)
    assert [(p.code, str(p.place)) for p in found] == [("toml.not_table", "p.toml:1:9")]


@pytest.mark.parametrize("text", ["", "# nothing\n", "x = 1\n", '[category]\nmeal = "x"\n'])
def test_no_head(text: str) -> None:
    """A file without [policy] says so first of all."""
    assert problems_of(text)[0].code == "toml.missing"
    assert problems_of(text)[0].values["name"] == "policy"


def test_not_toml_is_a_policy_error(tmp_path: Path) -> None:
    """A policy file that is not TOML, or not UTF-8, is a PolicyError with the place."""
    path = tmp_path / "p.toml"
    path.write_text("a = \n")
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    assert str(caught.value.problems[0].place) == f"{path}:1:5"
    path.write_bytes(SMALL.encode("gb18030"))
    with pytest.raises(PolicyError) as caught:
        load_policy(str(path))
    assert caught.value.code == "toml.encoding"
    with pytest.raises(PolicyError):
        parse_policy("a = ")


def test_no_file_is_a_config_error(tmp_path: Path) -> None:
    """A policy file that is not there is a wrong path, not a wrong policy."""
    with pytest.raises(ConfigError) as caught:
        load_policy(tmp_path / "nothing.toml")
    assert caught.value.code == "toml.no_file"


def test_load_and_parse_agree(tmp_path: Path) -> None:
    """The same text gives the same policy from a file and from memory, whatever its line ends."""
    path = tmp_path / "p.toml"
    path.write_bytes(b"\xef\xbb\xbf" + DEMO.replace("\n", "\r\n").encode())
    loaded, parsed = load_policy(path), parse_policy(DEMO)
    assert loaded.digest == parsed.digest
    assert loaded.rules == parsed.rules
    assert loaded.ref == parsed.ref


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("# a comment", "", True),
        ('[policy]\nid = "t"\nversion = "1"', '[policy]\nversion = "1"\nid = "t"', True),
        ("is = 100", "is = 0x64", True),
        ("is = 100", "is = 101", False),
        ("is = 100", "is = 100.0", False),
        ('"Cap"', '"Caps"', False),
        ("2026-10-01", "2026-10-02", False),
        ("from = 2026-01-01", "from = 2026-01-02", False),
    ],
)
def test_digest(old: str, new: str, *, same: bool) -> None:
    """The digest is of the content: layout and comments are not, every value is."""
    text = "# a comment\n" + SMALL
    assert old in text
    one, two = parse_policy(text), parse_policy(text.replace(old, new))
    assert (one.digest == two.digest) is same


def test_messages_default_by_kind() -> None:
    """A rule without words of its own takes its kind's, in both languages."""
    (plain,) = parse_policy(SMALL).rules
    text = SMALL.replace('kind = "limit"', 'kind = "limit"\nper = ["person"]\nperiod = "day"')
    (window,) = parse_policy(text).rules
    assert plain.message != window.message
    assert "{before}" in window.message[0]
    assert "{before}" in window.message[1]


LINES = DEMO.split("\n")


@settings(deadline=None)
@given(st.data())
def test_any_damage_is_told_with_a_place(data: st.DataObject) -> None:
    """However a policy file is damaged, it loads or every problem has a place inside the file."""
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.integers(0, 3)):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, data.draw(st.sampled_from(LINES)))
            case 2:
                cut = data.draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:cut]
            case _:
                cut = data.draw(st.integers(0, len(lines[at])))
                extra = data.draw(
                    st.sampled_from(["'", '"', " 5", "[", "}", "é", " = ", "\\", "%"])
                )
                lines[at] = lines[at][:cut] + extra + lines[at][cut:]
    for problem in problems_of("\n".join(lines)):
        assert problem.place.file == "p.toml"
        assert 1 <= problem.place.line <= len(lines) + 1
        assert problem.describe("en")
        assert problem.describe("zh")
