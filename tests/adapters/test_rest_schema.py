"""The JSON Schema of connection files agrees with what is read."""

from typing import Any

import jsonschema
import pytest

from crm_expenses.adapters.rest.specfile import connection_of, connection_toml, shipped_names
from crm_expenses.adapters.rest.speckind import connection_schema
from crm_expenses.errors import ConfigError
from crm_expenses.tomlfile import parse_toml


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    """The schema itself is one."""
    schema = connection_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_files_are_valid(name: str, validator: jsonschema.Draft202012Validator) -> None:
    """An editor that knows the schema finds nothing wrong with a shipped file."""
    data: Any = connection_toml(name).data
    assert [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(data)] == []


SMALL = """
error = [
  { status = 429, category = "rate_limited" },
  { body = { code = [7, "x"] }, category = "end" },
]
[connection]
version = 1
title = "T"
base_url = "https://crm.example.com"
[auth]
kind = "none"
[calls]
list = { path = "/{object}" }
[since]
field = "updated"
[paging]
kind = "page_number"
in = "query"
param = "page"
[kind.account]
object = "accounts"
only = { type = "customer", size = 1.5 }
fields = { name = "name", since = { field = "since", as = "epoch_s" } }
"""


@pytest.mark.parametrize(
    ("old", "new", "is_valid"),
    [
        ("", "", True),
        ("status = 429", "status = [429, 503]", True),
        ("status = 429", 'status = "429"', False),
        ('"updated"', '["updated", "created"]', True),
        ('kind = "none"', 'kind = "nobody"', False),
        ("[kind.account]", "[kind.accounts]", False),
        ('as = "epoch_s"', 'form = "epoch_s"', False),
        ("version = 1", "version = 2", False),
        ('title = "T"', 'title = "T"\ntitel = "T"', False),
    ],
)
def test_the_schema_and_the_reader_agree(
    old: str,
    new: str,
    is_valid: bool,  # noqa: FBT001  what is expected
    validator: jsonschema.Draft202012Validator,
) -> None:
    """What one refuses, the other refuses."""
    toml = parse_toml(SMALL.replace(old, new) if old else SMALL, "small.toml")
    data: Any = toml.data
    assert validator.is_valid(data) is is_valid
    if is_valid:
        connection_of(toml)
    else:
        with pytest.raises(ConfigError):
            connection_of(toml)
