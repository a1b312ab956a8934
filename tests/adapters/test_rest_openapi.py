"""What is read out of OpenAPI documents, and what no document can do to the file written."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.rest.discovered import Collection, Discovered, SignsIn, Why
from crm_expenses.adapters.rest.draft import chosen, draft_text
from crm_expenses.adapters.rest.guess import Paged, seen_fields
from crm_expenses.adapters.rest.openapi import discovered
from crm_expenses.adapters.rest.peek import Asking, looked_at
from crm_expenses.adapters.rest.spec import AuthKind
from crm_expenses.adapters.rest.specfile import connection_of
from crm_expenses.adapters.rest.speckind import ConnectionFile
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError
from crm_expenses.tomlfile import parse_toml

Doc = dict[str, Any]


def answer(schema: Doc) -> Doc:
    """Give a response that holds something."""
    return {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}


def ref(name: str) -> Doc:
    """Refer to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def fields(**properties: Doc) -> Doc:
    """Give an object."""
    return {"type": "object", "properties": properties}


def rows(schema: Doc) -> Doc:
    """Give a list."""
    return {"type": "array", "items": schema}


TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
DAY, TIME = {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}
PARAMETERS = [
    {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 0}},
    {"$ref": "#/components/parameters/size"},
    {"name": "updated_since", "in": "query", "schema": TIME},
    {"name": "X-Trace", "in": "header"},
]
NORDWIND: Doc = {
    "openapi": "3.1.0",
    "info": {"title": "Nordwind", "version": "7"},
    "servers": [
        {
            "url": "https://{tenant}.example.com/api/v2",
            "variables": {"tenant": {"default": "nordwind"}},
        }
    ],
    "security": [{"key": []}],
    "paths": {
        "/companies": {
            "parameters": PARAMETERS,
            "get": answer(fields(data=rows(ref("Company")), total=WHOLE)),
            "post": {},
        },
        "/companies/{id}": {
            "get": answer(fields(data=ref("Company"))),
            "patch": {},
            "delete": {},
        },
        "/expense-reports": {
            "get": {"parameters": PARAMETERS, **answer(fields(data=rows(ref("Report"))))},
            "post": {},
        },
        "/expense-reports/{reportId}": {"get": answer(fields(data=ref("Report"))), "put": {}},
        "/expense-reports/{reportId}/notes": {"get": answer(rows(fields(id=WHOLE)))},
        "/webhooks": {"get": answer(rows(fields(id=TEXT)))},
    },
    "components": {
        "parameters": {
            "size": {
                "name": "per_page",
                "in": "query",
                "schema": {"type": "integer", "maximum": 50},
            }
        },
        "securitySchemes": {
            "web": {"type": "openIdConnect"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        },
        "schemas": {
            "Base": fields(id=WHOLE, updated_at=TIME, parent=ref("Company")),
            "Company": {
                "allOf": [
                    ref("Base"),
                    fields(
                        name={"type": ["string", "null"]},
                        owner=fields(id=WHOLE, name=TEXT),
                        vat=TEXT,
                    ),
                ]
            },
            "Report": {
                "allOf": [
                    ref("Base"),
                    fields(
                        employee_id=WHOLE,
                        title=TEXT,
                        state={"type": "string", "enum": ["draft", "approve", "post"]},
                        submit_date=DAY,
                        lines=rows(
                            fields(
                                id=WHOLE, date=DAY, expense_type=TEXT, amount=NUMBER, currency=TEXT
                            )
                        ),
                    ),
                ]
            },
        },
    },
}


def file_of(document: Doc, source: str = "api.json") -> ConnectionFile:
    """Draft a file, and read it."""
    return connection_of(parse_toml(draft_text(discovered(document, source), "en"), "new.toml"))


def test_a_document_becomes_a_file() -> None:
    """Address, signing in, lists, paging, what is new, forms, and lines inside each claim."""
    held = file_of(NORDWIND)
    assert held.connection.title == "Nordwind"
    assert held.connection.base_url == "{config.url}/api/v2"
    assert held.config["url"].default == "https://nordwind.example.com"
    assert (held.auth.kind.value, held.auth.header) == ("api_key", "X-Api-Key")
    assert set(held.kind) == {Kind.ACCOUNT, Kind.CLAIM, Kind.LINE}
    claim, line = held.kind[Kind.CLAIM], held.kind[Kind.LINE]
    paging = held.paging_of(Kind.CLAIM)
    assert (paging.param, paging.first, paging.size_param, paging.size) == (
        "page",
        0,
        "per_page",
        50,
    )
    since = held.since_of(Kind.CLAIM)
    assert (since.field, since.query) == (("updated_at",), {"updated_since": "{since}"})
    records = held.records_of(Kind.CLAIM)
    assert (records.path, records.single_path) == ("data", "data")
    methods = {
        name: call.method
        for name in ("list", "read", "create", "update", "delete")
        if (call := held.call(Kind.CLAIM, name)) is not None
    }
    assert methods == {"list": "GET", "read": "GET", "create": "POST", "update": "PUT"}
    assert claim.fields["person"].form == "integer"
    assert claim.fields["submitted"].form == "date"
    assert claim.fields["status"].words == {"draft": "draft", "approve": "approved"}
    assert line.nested is not None
    assert line.fields["amount"].currency == "currency"
    assert held.kind[Kind.ACCOUNT].fields["owner"].key == "id"
    text = draft_text(discovered(NORDWIND, "api.json"), "en")
    assert "nobody could translate: post" in text
    assert "PUT, which may empty" in text
    assert "/webhooks" in text


SCHEMES: list[tuple[Doc, str, Doc]] = [
    ({"type": "http", "scheme": "Bearer"}, "bearer", {}),
    ({"type": "http", "scheme": "basic"}, "basic", {}),
    ({"type": "apiKey", "in": "query", "name": "key"}, "api_key", {"query": "key"}),
    ({"type": "openIdConnect"}, "bearer", {}),
    (
        {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/t", "scopes": {"a": ""}}}},
        "oauth2_client_credentials",
        {"path": "/t", "scope": "a"},
    ),
    (
        {"type": "oauth2", "flows": {"authorizationCode": {"tokenUrl": "https://x.example/t"}}},
        "oauth2_refresh_token",
        {"path": "https://x.example/t"},
    ),
    (
        {"type": "oauth2", "flows": {"password": {"tokenUrl": "/t"}}},
        "oauth2_password",
        {"path": "/t"},
    ),
    ({"type": "mutualTLS"}, "none", {}),
]


@pytest.mark.parametrize(("scheme", "kind", "more"), SCHEMES)
def test_ways_of_signing_in(scheme: Doc, kind: str, more: Doc) -> None:
    """Each scheme that we know becomes a kind, with what the settings must say for it."""
    components = {**NORDWIND["components"], "securitySchemes": {"one": scheme}}
    held = file_of({**NORDWIND, "security": [], "components": components})
    assert held.auth.kind.value == kind
    for name, value in more.items():
        assert getattr(held.auth, name) == value


def test_a_path_of_a_shape_that_no_one_gives_is_not_read() -> None:
    """References that lead out of the document, in circles or nowhere are no schemas."""
    schemas = {
        "A": ref("B"),
        "B": ref("A"),
        "Out": {"$ref": "https://elsewhere.example/x.json"},
        "Nowhere": ref("None"),
    }
    paths = {f"/{name}": {"get": answer(ref(schema))} for name, schema in zip(
        ("claims", "deals", "users", "budgets"), schemas, strict=True
    )}  # fmt: skip
    document = {"openapi": "3.0.0", "paths": paths, "components": {"schemas": schemas}}
    assert discovered(document, "x").collections == ()


def test_a_document_that_never_ends_is_given_up() -> None:
    """Schemas that hold each other many times over are bounded."""
    names = [f"S{n}" for n in range(40)]
    schemas = {name: fields(**{f"p{n}": ref(n) for n in names}) for name in names}
    document = {
        "openapi": "3.0.0",
        "paths": {"/claims": {"get": answer(rows(ref("S0")))}},
        "components": {"schemas": schemas},
    }
    with pytest.raises(ConfigError) as caught:
        discovered(document, "x")
    assert caught.value.code == "connect.deep"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        ('{"swagger": "2.0", "paths": {"/a": {}}}', "a.json", "connect.version"),
        ('{"openapi": "3.0.1", "paths": {}}', "a.json", "connect.no_paths"),
        ("openapi: 3.0.1\npaths: {}\n", "a.yaml", "connect.yaml"),
        ("openapi: 3.0.1\npaths: {}\n", "a.json", "connect.yaml"),
        ('{"data": []}', "a.json", "connect.no_document"),
        ("{", "a.json", "connect.no_json"),
        ("", "none.json", "connect.no_source"),
    ],
)
def test_what_is_no_document(tmp_path: Path, content: str, name: str, code: str) -> None:
    """Old versions, YAML, other JSON and files that are not there are told apart."""
    if name != "none.json":
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        looked_at([str(tmp_path / name)], Asking())
    assert caught.value.code == code


def test_expenses_are_lines_where_claims_stand_elsewhere() -> None:
    """A list called expenses is claims where there is nothing better, else lines."""
    line = fields(id=TEXT, claim_id=TEXT, date=DAY, category=TEXT, amount=NUMBER, currency=TEXT)
    paths = {"/expenses": {"get": answer(rows(line))}}
    alone = discovered({"openapi": "3.0.0", "paths": paths}, "x")
    assert list(chosen(alone)) == [Kind.CLAIM]
    both = {**paths, "/claims": {"get": answer(rows(fields(id=TEXT, employee=TEXT, date=DAY)))}}
    held = file_of({"openapi": "3.0.0", "paths": both})
    assert held.kind[Kind.LINE].object == "expenses"
    assert held.kind[Kind.CLAIM].object == "claims"


def test_fields_inside_an_object_of_each_record() -> None:
    """Records whose fields stand in `attributes` are unwrapped; the time of change with them."""
    inner = fields(name=TEXT, owner_id=TEXT, city=TEXT, updatedAt=TIME)
    answered = fields(data=rows(fields(id=TEXT, type=TEXT, attributes=inner)))
    listed = {"parameters": [{"name": "since", "in": "query"}], **answer(answered)}
    held = file_of({"openapi": "3.0.0", "paths": {"/accounts": {"get": listed}}})
    assert held.records_of(Kind.ACCOUNT).unwrap == "attributes"
    assert held.since_of(Kind.ACCOUNT).field == ("attributes.updatedAt",)
    assert held.kind[Kind.ACCOUNT].fields["name"].field == "name"


def test_fields_whose_names_are_those_of_each_company() -> None:
    """Properties that a document leaves open are unwrapped; a person fills their names in."""
    paging = fields(next=fields(after=TEXT, link=TEXT))
    record = fields(id=TEXT, properties={"type": "object"}, createdAt=TIME, updatedAt=TIME)
    listed = {
        "parameters": [{"name": "limit", "in": "query"}, {"name": "after", "in": "query"}],
        **answer(fields(results=rows(record), paging=paging)),
    }
    document = {"openapi": "3.0.1", "paths": {"/crm/v3/objects/companies": {"get": listed}}}
    text = draft_text(discovered(document, "x"), "en").replace('# name = "..."', 'name = "name"')
    held = connection_of(parse_toml(text, "x.toml"))
    assert held.records_of(Kind.ACCOUNT).unwrap == "properties"
    paged = held.paging_of(Kind.ACCOUNT)
    assert (paged.kind.value, paged.param, paged.cursor_path) == (
        "cursor",
        "after",
        "paging.next.after",
    )


ANY = st.text(max_size=20)


@given(
    title=ANY,
    source=ANY,
    names=st.lists(ANY, max_size=6, unique=True),
    words=st.lists(ANY),
    end=ANY,
)
def test_no_name_writes_a_line_of_its_own(
    title: str, source: str, names: list[str], words: list[str], end: str
) -> None:
    """Whatever a document calls things, the file is TOML and says what it would say anyway."""
    row = fields(
        **dict.fromkeys(names, TEXT),
        status={"type": "string", "enum": words},
        employee=TEXT,
        date=DAY,
    )
    segment = end.replace("/", "").replace("{", "").replace("}", "")
    document = {
        "openapi": "3.0.0",
        "info": {"title": title},
        "paths": {
            f"/{segment}/claims": {"get": answer(rows(row))},
            f"/other{segment}": {"get": answer(rows(row))},
        },
        "components": {"securitySchemes": {"x": {"type": "apiKey", "in": "header", "name": title}}},
    }
    found: Discovered = discovered(json.loads(json.dumps(document)), source)
    for language in ("en", "zh"):
        made = tomllib.loads(draft_text(found, language))
        assert made["connection"]["title"] == (title[:80] or "CRM")
        assert set(made) <= {
            "connection", "config", "secret", "auth", "calls", "records", "paging", "since", "kind",
        }  # fmt: skip
        assert set(made["kind"]) == {kind.value for kind in chosen(found)}
        for part in made["kind"].values():
            assert set(part) <= {"object", "id", "calls", "records", "paging", "since", "fields"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | ANY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY, inner, max_size=4),
    max_leaves=12,
)
OURS = st.sampled_from(["id", "person", "amount", "currency", "status", "date", "updated", "lines"])


@given(rows=st.lists(st.dictionaries(OURS | ANY, JSON, max_size=6), max_size=3))
def test_no_value_writes_a_line_of_its_own(rows: list[dict[str, Any]]) -> None:
    """Whatever records hold, the file that is drafted from them is TOML, of these kinds alone."""
    lists = tuple(
        Collection(name, f"/{name}", seen_fields(rows), paged=Paged("none", "look.no_paging"))
        for name in ("claims", "expense_lines", "deals")
    )
    signs_in = SignsIn(AuthKind.BEARER, Why("look.asked"))
    found = Discovered("T", "https://crm.example.com", "", "x", signs_in, lists)
    made = tomllib.loads(draft_text(found, "zh"))
    assert set(made["kind"]) <= {"claim", "line", "opportunity"}
