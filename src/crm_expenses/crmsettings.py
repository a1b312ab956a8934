"""What the engine of the sync is told of a connection, beside the adapter's own options.

`[crm.NAME.sync]`, `[crm.NAME.limits]`, `[crm.NAME.webhook]` and `[crm.NAME.fields.KIND]`.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from crm_expenses.core.merge import Winner
from crm_expenses.core.record import Kind


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SyncPart(_Part):
    """How both sides are brought together: `[crm.NAME.sync]`."""

    winner: Winner = Field(Winner.ASK, description="where both sides changed a field")
    winners: dict[str, Winner] = Field(
        default_factory=dict, description="by field, like line.category"
    )
    full_every_days: int = Field(
        7, ge=0, le=366, strict=True, description="all is read again after so many; 0: never"
    )
    returns_every_days: int = Field(
        1, ge=0, le=366, strict=True, description="how often return figures are written; 0: never"
    )
    tries_max: int = Field(
        10, ge=1, le=1000, strict=True, description="a result that fails so often waits no longer"
    )
    lease_seconds: int = Field(60, ge=5, le=3600, strict=True, description="of a run that died")

    def of(self, kind: Kind, field: str) -> Winner:
        """Give the winner of a field."""
        return self.winners.get(f"{kind.value}.{field}", self.winner)

    @property
    def full_every(self) -> timedelta | None:
        """How often all is read again, None for never."""
        return timedelta(days=self.full_every_days) if self.full_every_days else None


ROLLING: Final = "rolling"
"""Stands for the zone of a day, where a CRM bounds the calls of any 24 hours."""


class LimitsPart(_Part):
    """How a CRM is treated: `[crm.NAME.limits]`; 0 is no limit."""

    calls_per_second: Decimal = Field(Decimal(0), ge=0, description="over all processes")
    calls_per_day: int = Field(
        0, ge=0, strict=True, description="what the CRM allows: calls, or credits that they cost"
    )
    reserve: int = Field(0, ge=0, strict=True, description="of these, left for others")
    day_zone: str = Field(
        "UTC", description="where the CRM's day begins; rolling: any 24 hours are bounded"
    )


class Signed(StrEnum):
    """What a CRM signs of a message."""

    BODY = "body"
    TIMED = "timestamp.body"


class Encoding(StrEnum):
    """How a signature is written."""

    HEX = "hex"
    BASE64 = "base64"


class WebhookPart(_Part):
    """How a CRM says that something changed: `[crm.NAME.webhook]`; one place of the secret."""

    secret_variable: str = Field("", description="the environment variable that holds the secret")
    secret_file: str = Field("", description="a file with the secret and nothing else")
    signature_header: str = Field("", description="like X-Signature; this or token_field")
    token_field: str = Field("", description="of a CRM that cannot sign: where the secret stands")
    timestamp_header: str = Field("", description="in which the CRM sends the time, if it does")
    prefix: str = Field("", description="before the signature, like sha256=")
    encoding: Encoding = Field(Encoding.HEX, description="of the signature")
    signed: Signed = Field(Signed.BODY, description="the body, or the time, a point and the body")
    replay_seconds: int = Field(
        300, ge=1, le=86_400, strict=True, description="how old or early a message may be"
    )


PARTS: Final = ("sync", "limits", "fields", "webhook")
"""Names of an adapter's table that are the engine's."""


class CrmParts(_Part):
    """The engine's part of a connection's table."""

    sync: SyncPart = SyncPart()
    limits: LimitsPart = LimitsPart()
    fields: dict[Kind, dict[str, str]] = Field(default_factory=dict)
    webhook: WebhookPart | None = None


def parts_of(table: Mapping[str, Any]) -> CrmParts:
    """Read the engine's part of a connection's table.

    Raises:
        pydantic.ValidationError: it has mistakes.

    >>> parts_of({"adapter": "files", "sync": {"winner": "ours"}}).sync.winner.value
    'ours'
    """
    return CrmParts.model_validate({name: table[name] for name in PARTS if name in table})
