"""Writing records: a hundred rows a call, each answered at its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from crm_expenses.testing.zohosim.asking import Answer, Ask, json_answer
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.reading import external_id
from crm_expenses.testing.zohosim.refusal import RefusalError, bad_parameter, invalid
from crm_expenses.testing.zohosim.rows import Row
from crm_expenses.testing.zohosim.schema import LINKS, Module, Type
from crm_expenses.testing.zohosim.values import accept, id_text, moment, moment_text

ROWS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Write:
    """One call that writes."""

    org: Org
    ask: Ask
    module: Module
    user: str
    unmodified_since: datetime | None = None
    triggers: bool = True
    duplicates: tuple[str, ...] | None = None
    """The fields for duplicates that an upsert names; None where it names none."""


def rows_of(ask: Ask) -> list[Any]:
    """Read the rows of a write, whatever type the body says it has.

    Raises:
        RefusalError: there are none, or too many.
    """
    data = ask.json().get("data")
    if not isinstance(data, list) or not data:
        details = {"api_name": "data", "json_path": "$.data", "expected_data_type": "jsonarray"}
        raise RefusalError("MANDATORY_NOT_FOUND", "required field not found", details)
    if len(data) > ROWS_MAX:
        raise RefusalError("LIMIT_EXCEEDED", details={"json_path": "$.data", "limit": ROWS_MAX})
    return data


def written(org: Org, ask: Ask, name: str, user: str, *, record: str = "") -> Answer:
    """Answer POST and PUT of /MODULE, PUT of /MODULE/ID and POST of /MODULE/upsert."""
    module = org.module(name)
    if module.parent or name == "Users":
        raise RefusalError("NOT_ALLOWED", "rows of a subform are written with their record")
    rows = rows_of(ask)
    is_upsert = ask.path.endswith("/upsert")
    write = _write(org, ask, module, user, is_upsert=is_upsert)
    if write.unmodified_since and len(rows) > 1 and not org.switches.unmodified_in_batches:
        write = Write(org, ask, module, user, None, write.triggers, write.duplicates)
    if record and len(rows) != 1:
        raise RefusalError("LIMIT_EXCEEDED", details={"json_path": "$.data", "limit": 1})
    act = _upsert if is_upsert else _insert if ask.method == "POST" else _update
    answers = [_row(act, write, given, record, place) for place, given in enumerate(rows)]
    return _answer(org, answers, ok=201 if act is _insert else 200)


def _write(org: Org, ask: Ask, module: Module, user: str, *, is_upsert: bool) -> Write:
    given = ask.json()
    text = ask.headers.get("if-unmodified-since")
    since = moment(text) if text else None
    if text and since is None:
        raise RefusalError("INVALID_DATA", details={"header": "If-Unmodified-Since"})
    named = given.get("duplicate_check_fields") if is_upsert else None
    duplicates = None if named is None else tuple(str(one) for one in named)
    for one in duplicates or ():
        held = module.fields.get(one)
        if held is None or not (held.unique or one in module.duplicates):
            details = {"json_path": "$.duplicate_check_fields", "api_name": one}
            raise RefusalError("INVALID_DATA", details=details)
    return Write(org, ask, module, user, since, given.get("trigger") != [], duplicates)


def _row(
    act: Callable[[Write, dict[str, Any], str], dict[str, object]],
    write: Write,
    given: object,
    record: str,
    place: int,
) -> dict[str, object]:
    try:
        _wanted_failure(write.ask, place)
        with write.org.lock:
            return act(write, _linked(write, _object(given)), record)
    except RefusalError as error:
        told = error.as_json()
        path = error.details.get("json_path")
        if isinstance(path, str):
            error.details["json_path"] = path.replace("$.data[0]", f"$.data[{place}]", 1)
        return {**told, "details": error.details, "$status": error.status}


def _object(given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise RefusalError("INVALID_DATA", details={"expected_data_type": "jsonobject"})
    return given


def _wanted_failure(ask: Ask, place: int) -> None:
    """Refuse some rows, where a test asked for that."""
    if ask.wanted == "partial" and place % 2:
        raise RefusalError("INTERNAL_ERROR", "Internal Server Error", status=500)
    if ask.wanted == "locked" and place == 0:
        raise RefusalError("RECORD_LOCKED", "the record is locked")


def _answer(org: Org, rows: list[dict[str, object]], *, ok: int = 200) -> Answer:
    statuses = [row.pop("$status", 400) for row in rows]
    bad = sum(row["status"] == "error" for row in rows)
    if not bad:
        status = ok
    elif bad < len(rows):
        status = 207
    else:
        status = 412 if statuses == [412] * len(rows) else org.switches.all_failed_status
    return json_answer({"data": rows}, status)


def _insert(write: Write, given: dict[str, Any], record: str) -> dict[str, object]:
    if record:
        raise RefusalError("INVALID_REQUEST_METHOD")
    row = write.org.insert(write.module.name, given, by=write.user, triggers=write.triggers)
    return _success(write.org, row, "record added")


def _update(write: Write, given: dict[str, Any], record: str) -> dict[str, object]:
    held = record or _named(write, given)
    if not held:
        details = {"api_name": "id", "json_path": "$.data[0].id"}
        raise RefusalError("MANDATORY_NOT_FOUND", "required field not found", details)
    return _change(write, given, held, "record updated")


def _upsert(write: Write, given: dict[str, Any], _record: str) -> dict[str, object]:
    own = id_text(given.get("id"))
    if own:
        return _change(write, given, own, "record updated", action="update")
    for name in _checked(write):
        held = write.module.fields[name]
        if given.get(name) in {None, ""}:
            continue
        value = accept(held, given[name], strict_picklists=False)
        found = write.org.shelf.having(write.module.name, name, value)
        if found:
            record = found[0].id
            made = _change(write, given, record, "record updated", action="update")
            return {**made, "duplicate_field": name}
    made = _insert(write, given, "")
    return {**made, "action": "insert", "duplicate_field": None}


def _checked(write: Write) -> list[str]:
    """Give the fields that an upsert looks at, in their order.

    System fields first where none are named; else only the named ones of them, and each unique one.
    """
    module = write.module
    unique = [one.name for one in module.fields.values() if one.unique]
    if write.duplicates is None:
        return [*module.duplicates, *(one for one in unique if one not in module.duplicates)]
    return [*write.duplicates, *(one for one in unique if one not in write.duplicates)]


def _change(
    write: Write, given: dict[str, Any], record: str, message: str, *, action: str = ""
) -> dict[str, object]:
    org = write.org
    old = org.target(write.module.name, record)
    at = old.modified_at
    if write.unmodified_since and at is not None and at > write.unmodified_since:
        details = {"id": record, **_stamps(org, old)}
        raise RefusalError(
            "ALREADY_MODIFIED", "record has been modified already", details, status=412
        )
    row = org.update(write.module.name, record, given, by=write.user, triggers=write.triggers)
    return _success(org, row, message, action=action)


def _named(write: Write, given: dict[str, Any]) -> str:
    """Give the record that a row of an update means: by id, or by its external id."""
    header = write.ask.headers.get("x-external", "")
    for part in header.split(","):
        steps = part.strip().split(".")
        if len(steps) == 2 and steps[0] == write.module.name:
            value = given.get(steps[1])
            found = external_id(write.org, write.ask, write.module, str(value))
            if not found:
                raise invalid(steps[1])
            return found
    if "id" in given and id_text(given["id"]) is None:
        raise invalid("id", "bigint")
    return id_text(given.get("id")) or ""


def _linked(write: Write, given: dict[str, Any]) -> dict[str, Any]:
    """Put ids where lookups are named by an external id: `Module.Lookup.Field`."""
    header = write.ask.headers.get("x-external", "")
    made = dict(given)
    if write.ask.path.endswith("/upsert") and not write.org.switches.external_in_upsert:
        return made
    for part in header.split(","):
        steps = part.strip().split(".")
        if steps[0] != write.module.name:
            continue
        if len(steps) == 3 and steps[1] in made:
            made[steps[1]] = _by_external(
                write.org, write.module, steps[1], steps[2], made[steps[1]]
            )
        elif len(steps) == 4 and isinstance(made.get(steps[1]), list):
            rows = write.org.module(write.module.fields[steps[1]].module)
            made[steps[1]] = [
                {
                    **line,
                    steps[2]: _by_external(write.org, rows, steps[2], steps[3], line[steps[2]]),
                }
                if isinstance(line, dict) and steps[2] in line
                else line
                for line in made[steps[1]]
            ]
    return made


def _by_external(org: Org, module: Module, name: str, target_field: str, value: object) -> object:
    held = module.fields.get(name)
    if held is None or held.type not in LINKS:
        raise invalid(name)
    external = org.module(held.module).fields.get(target_field)
    if external is None or not external.external:
        raise invalid(name, header="X-EXTERNAL")
    text = value.get(target_field, value.get("id")) if isinstance(value, Mapping) else value
    found = org.shelf.having(held.module, target_field, text)
    if not found:
        raise invalid(name)
    return {"id": found[0].id}


def _success(org: Org, row: Row, message: str, *, action: str = "") -> dict[str, object]:
    people = org.module(row.module).fields["Created_By"]
    details = {
        "id": row.id,
        "Created_By": org.reference(people, row.created_by),
        "Created_Time": moment_text(row.created_at, org.zone) if row.created_at else None,
        **_stamps(org, row),
    }
    if org.module(row.module).fields.get("$approval_state"):
        details["$approval_state"] = "approved"
    told: dict[str, object] = {
        "code": "SUCCESS",
        "details": details,
        "message": message,
        "status": "success",
    }
    return {**told, "action": action} if action in {"insert", "update"} else told


def _stamps(org: Org, row: Row) -> dict[str, object]:
    people = org.module(row.module).fields["Modified_By"]
    return {
        "Modified_Time": moment_text(row.modified_at, org.zone) if row.modified_at else None,
        "Modified_By": org.reference(people, row.modified_by),
    }


def removed(org: Org, ask: Ask, name: str, user: str, *, record: str = "") -> Answer:
    """Answer DELETE /MODULE?ids= and DELETE /MODULE/ID."""
    module = org.module(name)
    given = [record] if record else [one for one in ask.query.get("ids", "").split(",") if one]
    if not given:
        raise bad_parameter("ids", "REQUIRED_PARAM_MISSING")
    if len(given) > ROWS_MAX:
        raise bad_parameter("ids", "LIMIT_EXCEEDED", limit=ROWS_MAX)
    rows: list[dict[str, object]] = []
    for text in given:
        try:
            held = external_id(org, ask, module, text)
            org.remove(name, held, by=user)
            rows.append(
                {
                    "code": "SUCCESS",
                    "details": {"id": held},
                    "message": "record deleted",
                    "status": "success",
                }
            )
        except RefusalError as error:
            rows.append(error.as_json())
    return _answer(org, rows)


def lines_in(module: Module, given: Mapping[str, Any]) -> int:
    """Count the rows of subforms that a row of a write brings."""
    names = [one.name for one in module.fields.values() if one.type is Type.SUBFORM]
    return sum(len(given[name]) for name in names if isinstance(given.get(name), list))
