"""What the user's settings decide of a connection file."""

from pathlib import Path
from typing import Any

import pytest

from crm_expenses.adapters.contract import Opening
from crm_expenses.adapters.rest.client import sources_of
from crm_expenses.adapters.rest.rows import Source, read_record
from crm_expenses.adapters.rest.specfile import connection_of
from crm_expenses.adapters.rest.speckind import ConnectionFile
from crm_expenses.adapters.rest.usersettings import user_settings
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError
from crm_expenses.tomlfile import parse_toml

FILE = """
[connection]
version = 1
title = "A CRM"
base_url = "https://crm.example.com"
timezone = "{config.zone}"
empty = [false]
[config.zone]
help = "the server's zone"
default = "Asia/Shanghai"
[config.money]
help = "the currency"
[config.key]
help = "the key of a field"
default = "a1b2"
[auth]
kind = "none"
[calls]
list = { path = "/{object}" }
[kind.claim]
object = "claims_{config.key}"
fields = { person = "who", submitted = "sent", title = "title" }
[kind.line]
object = "lines"
fields = { claim = "claim", date = "day", category = "own.{config.key}", amount = { field = "sum", as = "float", scale = 2, fixed_currency = "{config.money}" }, city = "city", pre_approved = "agreed" }
"""  # noqa: E501

Opened = tuple[ConnectionFile, dict[Kind, Source]]


def _opened(folder: Path, text: str = FILE, **options: str) -> Opened:
    (folder / "crm.toml").write_text(text)
    opening = Opening("main", {"connection": "crm.toml", **options}, folder)
    user = user_settings(opening)
    return user.held, sources_of(opening, user)


def test_the_settings_decide_zone_names_and_currency(tmp_path: Path) -> None:
    """What stands in braces is the user's from the first record on."""
    held, sources = _opened(tmp_path, money="JPY")
    assert held.kind[Kind.CLAIM].object == "claims_a1b2"
    claim = read_record(
        sources[Kind.CLAIM], "1", {"id": "1", "who": "P", "sent": "2026-01-02 03:04:05"}
    )
    assert isinstance(claim, Claim)
    assert claim.submitted.isoformat() == "2026-01-02T03:04:05+08:00"
    row: dict[str, Any] = {"id": "2", "claim": "1", "day": "2026-01-02", "sum": 1200}
    line = read_record(sources[Kind.LINE], "2", {**row, "own": {"a1b2": "meal"}})
    assert isinstance(line, ExpenseLine)
    assert (line.category, line.amount) == ("meal", Money(1200, "JPY"))


def test_what_means_nothing_means_it_in_every_field_but_yes_and_no(tmp_path: Path) -> None:
    """A false is an empty text, a no where yes or no is meant; and an amount of 0 is no false."""
    _, sources = _opened(tmp_path, money="EUR")
    row: dict[str, Any] = {"claim": "1", "day": "2026-01-02", "own": {"a1b2": "meal"}, "sum": 0}
    line = read_record(sources[Kind.LINE], "2", {**row, "city": False, "agreed": False})
    assert isinstance(line, ExpenseLine)
    assert (line.city, line.pre_approved, line.amount) == ("", False, Money(0, "EUR"))
    assert sources[Kind.LINE].shape.nested({"city": None}) == {"city": False}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"zone": "Mars/Olympus", "money": "EUR"}, "rest.timezone"),
        ({"key": "a..b", "money": "EUR"}, "rest.path"),
    ],
)
def test_what_the_user_says_is_checked(tmp_path: Path, options: dict[str, str], code: str) -> None:
    """A zone and a path are looked at when they are known."""
    with pytest.raises(ConfigError) as caught:
        _opened(tmp_path, **options)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_only_what_is_declared_stands_in_braces() -> None:
    """A name that no [config] has is found when the file is read."""
    text = FILE.replace("{config.money}", "{config.currency}").replace("{config.zone}", "{zone}")
    with pytest.raises(ConfigError) as caught:
        connection_of(parse_toml(text, "crm.toml"))
    places = [(p.code, p.values["name"]) for p in caught.value.problems]
    assert places == [
        ("rest.unknown_placeholder", "zone"), ("rest.unknown_placeholder", "config.currency"),
    ]  # fmt: skip
