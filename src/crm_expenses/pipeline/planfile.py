"""The file of a plan: what was shown, kept so that exactly that can be done later.

JSON, with a version of its shape and a digest over all the rest: a file that was cut off or edited
is not carried out. It holds fields of claims as a plan shows them, and no secret.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from crm_expenses.core.decision import PolicyRef
from crm_expenses.errors import ConfigError
from crm_expenses.pipeline.plan import Plan, PlannedWrite, Reason
from crm_expenses.store.planned import Point, ReadRecord

VERSION: Final = 1

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReasonJson(_Part):
    """Why a write is made, as a code with its values."""

    code: str
    values: dict[str, str]


class WriteJson(_Part):
    """One write; of each field that it changes the value before and after, empty where none."""

    key: Digest
    kind: str
    record: str
    fields: dict[str, tuple[str, str]]
    why: tuple[ReasonJson, ...] = ()


class RecordJson(_Part):
    """One record that was read for the plan, and the digest of what it held."""

    kind: str
    id: str
    digest: Digest
    claim: str = ""


class PolicyJson(_Part):
    """The policy that decided."""

    id: str
    version: str
    digest: str
    language: int


class PointJson(_Part):
    """How far the store had got before: the numbers of its newest rows."""

    records: int = Field(ge=0)
    entries: int = Field(ge=0)
    decisions: int = Field(ge=0)


class CrmJson(_Part):
    """The plan for one CRM."""

    crm: str
    policy: PolicyJson
    settings: dict[str, Digest] = Field(description="digests of what the settings say, by name")
    point: PointJson
    records: tuple[RecordJson, ...] = Field(description="read for the plan, newer than the store")
    writes: tuple[WriteJson, ...]


class PlanJson(_Part):
    """A plan of `crm-expenses sync --plan --out FILE`."""

    version: Literal[1]
    made_at: AwareDatetime
    crms: tuple[CrmJson, ...]
    digest: Digest = Field(description="SHA-256 of the rest as canonical JSON")


def plan_schema() -> dict[str, Any]:
    """Give the JSON Schema of a plan's file."""
    schema = PlanJson.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def plan_text(plans: Mapping[str, Plan], at: datetime) -> str:
    """Give the text of a plan's file."""
    body: dict[str, object] = {
        "version": VERSION,
        "made_at": at.isoformat(),
        "crms": [_crm_json(one) for one in plans.values()],
    }
    return json.dumps({**body, "digest": _digest(body)}, ensure_ascii=False, indent=1) + "\n"


def read_plan(path: Path) -> tuple[datetime, dict[str, Plan]]:
    """Read a plan's file: when it was made, and the plan for each CRM.

    Raises:
        ConfigError: there is none, or it is not as it was written.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        read = PlanJson.model_validate(found)
    except OSError as error:
        raise ConfigError("plan.no_file", path=str(path), detail=str(error.strerror)) from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, ValidationError) and _is_newer(found):
            shown = str(found["version"])
            raise ConfigError(
                "plan.newer", path=str(path), version=shown, known=str(VERSION)
            ) from None
        raise ConfigError("plan.damaged", path=str(path)) from None
    held = found.pop("digest")
    if _digest(found) != held:
        raise ConfigError("plan.damaged", path=str(path))
    return read.made_at, {one.crm: _plan_of(one) for one in read.crms}


def _digest(body: object) -> str:
    written = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def _is_newer(found: object) -> bool:
    version = found.get("version") if isinstance(found, dict) else None
    return isinstance(version, int) and version > VERSION


def _crm_json(one: Plan) -> dict[str, object]:
    return {
        "crm": one.crm,
        "policy": {
            "id": one.policy.id,
            "version": one.policy.version,
            "digest": one.policy.digest,
            "language": one.policy.language,
        },
        "settings": dict(one.settings),
        "point": {
            "records": one.point.records,
            "entries": one.point.entries,
            "decisions": one.point.decisions,
        },
        "records": [
            {"kind": r.kind, "id": r.id, "digest": r.digest, "claim": r.claim} for r in one.records
        ],
        "writes": [
            {
                "key": write.key,
                "kind": write.kind,
                "record": write.record,
                "fields": {name: list(pair) for name, pair in write.fields.items()},
                "why": why_json(write),
            }
            for write in one.writes
        ],
    }


def why_json(write: PlannedWrite) -> list[dict[str, object]]:
    """Give the reasons of a write as plain values."""
    return [{"code": one.code, "values": dict(one.values)} for one in write.why]


def _plan_of(one: CrmJson) -> Plan:
    return Plan(
        one.crm,
        PolicyRef(one.policy.id, one.policy.version, one.policy.digest, one.policy.language),
        one.settings,
        Point(one.point.records, one.point.entries, one.point.decisions),
        tuple(ReadRecord(r.kind, r.id, r.digest, r.claim) for r in one.records),
        tuple(
            PlannedWrite(
                write.kind,
                write.record,
                write.fields,
                write.key,
                tuple(Reason(w.code, w.values) for w in write.why),
            )
            for write in one.writes
        ),
    )
