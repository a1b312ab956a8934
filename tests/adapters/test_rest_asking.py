"""Which fields a CRM is asked for."""

from dataclasses import dataclass

from crm_expenses.adapters.fieldmap import overridden
from crm_expenses.adapters.rest.asking import asked_of
from crm_expenses.adapters.rest.rowshape import map_of
from crm_expenses.adapters.rest.specfile import connection_of
from crm_expenses.core.record import Kind
from crm_expenses.tomlfile import parse_toml

HEAD = """
[connection]
version = 1
title = "A CRM"
base_url = "https://crm.example.com"
[auth]
kind = "bearer"
[secret.token]
help = "a token"
[calls]
list = { path = "/{object}" }
read = { path = "/{object}/{id}" }
update = { method = "PATCH", path = "/{object}/{id}", body = "{fields}" }
"""
KINDS = """
[kind.claim]
object = "claims"
id = "name"
since = { kind = "filter", field = "modified", query = { since = "{since}" } }
deletes = { kind = "flag", path = "state.gone" }
only = { company = "Ours" }
conflict = { style = "version", path = "version", header = "X-Version" }
fields = { person = "employee[0]", submitted = "created", title = "title", "extra.why" = "why" }
results.fields = { outcome = "check.outcome", allowed = { field = "allowed", currency = "unit" } }

[kind.line]
object = "lines"
nested = { parent = "claim", path = "items", parent_field = "claim" }
fields = { date = "day", category = "kind", amount = { field = "sum", fixed_currency = "CNY" } }
"""


@dataclass(frozen=True)
class _Asked:
    text: str

    def of(self, kind: Kind, **own: str) -> tuple[str, ...]:
        held = connection_of(parse_toml(self.text, "crm.toml"))
        maps = overridden("main", {kind: map_of(kind, held)}, {kind: own})
        return asked_of(held, kind, maps[kind])


def test_all_that_is_read_is_asked_for() -> None:
    """The time of change, the deletion, the version, results and rows inside are asked for, too."""
    assert _Asked(HEAD + KINDS).of(Kind.CLAIM) == (
        "allowed", "check", "company", "created", "employee", "items", "modified", "name", "state",
        "title", "unit", "version", "why",
    )  # fmt: skip


def test_the_users_own_names_take_the_place_of_the_files() -> None:
    """A field with a name of the user's is asked for by it; one that there is not, not at all."""
    asked = _Asked(HEAD + KINDS).of(Kind.CLAIM, title="subject", **{"extra.why": ""})
    assert "subject" in asked
    assert not {"title", "why"} & {*asked}


def test_what_stands_beside_wrapped_fields_comes_unasked() -> None:
    """Where fields stand in an object of the record, its id and times are not fields of it."""
    text = (
        HEAD
        + """
[kind.account]
object = "companies"
records = { path = "results", unwrap = "properties" }
since = { kind = "filter", field = ["properties.touched", "updatedAt"], query = { q = "{since}" } }
conflict = { style = "etag", path = "@odata\\\\.etag" }
fields = { name = "name", city = "city" }
"""
    )
    assert _Asked(text).of(Kind.ACCOUNT) == ("city", "name", "touched")
