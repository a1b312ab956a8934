"""Every text exists in both languages, is used, and nothing asks for a text that is not there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import crm_expenses
from crm_expenses.messages import LANGUAGES, TABLES, fields, fill, table, text

SOURCE: Final = Path(crm_expenses.__file__).parent
CODE: Final = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z0-9_]*)+")
CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
BARE: Final = {"result.line"}
"""Texts that hold nothing but fields: they are the same in every language."""
NO_CODE: Final = {
    *("person.id", "person.name", "record.seq", "figures.roi.value"),
    *("budget.alert_up", "budget.alert_back"),
}
"""Columns, paths in a template, and codes of notices without what leads them: no codes of texts."""
FILES: Final = (
    *(".toml", ".html", ".css", ".js", ".json", ".csv", ".sql", ".md", ".py", ".j2", ".sqlite3"),
)


def modules() -> Iterator[ast.Module]:
    """Give the syntax tree of each source file, without docstrings and without the tables."""
    for path in sorted(SOURCE.rglob("*.py")):
        if path.parent.name == "messages" and path.stem in TABLES:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [part for part in body if not _is_text_alone(part)]  # type: ignore[attr-defined]
        yield tree


def _is_text_alone(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def spoken() -> tuple[set[str], set[str]]:
    """Give every text constant of the source and its templates, and patterns of composed codes."""
    whole: set[str] = set()
    composed: set[str] = set()
    for tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "(.+)"
                    for part in node.values
                ]
                composed.add("".join(parts))
    for path in SOURCE.rglob("*.j2"):
        held = path.read_text("utf-8")
        whole |= set(re.findall(r'"([a-z_.]+)"', held))
        composed |= {re.escape(start) + "(.+)" for start in re.findall(r't\("([a-z_.]+)" ~', held)}
        composed |= {
            re.escape(start) + "(.+)" + re.escape(end)
            for start, end in re.findall(r't\("([a-z_.]+)" ~ \w+ ~ "([a-z_.]+)"', held)
        }
    return whole, {pattern for pattern in composed if re.match(r"[a-z_]+\\\.", pattern)}


def codes_asked() -> set[str]:
    """Give every constant of the source that can only be the code of a text."""
    subjects = {code.partition(".")[0] for code in table()}
    whole, _ = spoken()
    return {
        said
        for said in whole
        if CODE.fullmatch(said)
        and said.partition(".")[0] in subjects
        and not said.endswith((*FILES, "_"))
        and said not in NO_CODE
    }


def is_used(code: str, whole: set[str], composed: set[str]) -> bool:
    """Say whether some constant is the code, or some composed text can become it."""
    if code in whole:
        return True
    for pattern in composed:
        found = re.fullmatch(pattern, code)
        if found is not None and all(hole in whole for hole in found.groups()):
            return True
    return False


@pytest.mark.parametrize("code", sorted(table()))
def test_both_languages(code: str) -> None:
    """A text has English without Chinese characters, Chinese with them, and the same fields."""
    english, chinese = table()[code]
    assert english.strip()
    assert chinese.strip()
    assert fields(english) == fields(chinese)
    if code not in BARE and re.search(r"[a-z]{3}", re.sub(r"\{\w+\}", "", english)):
        assert CHINESE.search(chinese), "the Chinese text is not translated"


def test_english_texts_are_english() -> None:
    """An English text holds Chinese only in an example that it quotes."""
    mixed = {code for code, (english, _) in table().items() if CHINESE.search(english)}
    mixed -= {"record.cell_yes_no"}  # it lists the words that a cell may hold
    for code in mixed:
        without = re.sub(r'zh = "[^"]*"|\([^)]*\)|[“"\'`][^”"\'`]*[”"\'`]', "", table()[code][0])
        assert not CHINESE.search(without), code


def test_every_code_that_is_asked_for_exists() -> None:
    """No part of the source names a text that the tables do not have."""
    assert codes_asked() - table().keys() == set()


def test_every_text_is_used() -> None:
    """No text lies in the tables that nothing in the source can ask for."""
    whole, composed = spoken()
    assert [code for code in table() if not is_used(code, whole, composed)] == []


def test_the_scan_sees_codes() -> None:
    """The scan finds codes in calls, in tables of codes and in templates, and composed ones."""
    whole, composed = spoken()
    assert {"toml.syntax", "claim.whole", "report.chart_table"} <= whole
    assert is_used("word.reduced", whole, composed)
    assert is_used("rule.failed.zero", whole, composed)
    assert not is_used("word.nowhere_said", whole, composed)
    assert not is_used("toml.nowhere_said", whole, composed)


def test_fill_reaches_nothing() -> None:
    """Filling replaces known names only: no attribute, index or format can be reached."""
    values = {"name": "{other}", "other": "secret"}
    assert fill("{name} {0} {name.x} {name!r} {name:>9} {{name}}", values) == (
        "{other} {0} {name.x} {name!r} {name:>9} {{other}}"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_by_language(language: str) -> None:
    """A text comes in the language asked for, with its fields filled in."""
    said = text("budget.exceeded", language, budget="B-1", available="1.00", needed="2.00")  # type: ignore[arg-type]
    assert "B-1" in said
    assert bool(CHINESE.search(said)) is (language == "zh")
