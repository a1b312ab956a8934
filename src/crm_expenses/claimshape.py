"""The shape of a claim given as a plain dict: what may stand where, checked by pydantic."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from crm_expenses.claimfields import (
    Count,
    CurrencyCode,
    Day,
    Distance,
    Exact,
    ExtraValues,
    Moment,
    RateValue,
    Zoned,
)
from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.trip import MealBy, Night
from crm_expenses.core.voucher import VoucherKind

FULL, BARE = "person as an object", "person as an id"
"""What pydantic calls the two ways to give a person; no part of a place."""


LEGS_MAX: Final = 200
DAYS_MAX: Final = 400
"""Most legs and days of a trip; more is a mistake."""


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class PersonInput(_Input):
    """Who spends."""

    id: str = Field(min_length=1)
    name: str = ""
    grade: str = ""
    team: str = ""
    city: str = ""
    manager: str = ""
    active_from: Day | None = None
    active_to: Day | None = None
    extra: ExtraValues = Field((), description="facts of the policy's own")


class VoucherInput(_Input):
    """What backs a line."""

    kind: VoucherKind
    number: str = ""
    code: str = ""
    amount: Exact | None = None
    currency: str = ""
    issued: Day | None = None
    seller: str = ""


class LineInput(_Input):
    """One spending."""

    line: str = Field(min_length=1)
    date: Day
    category: str = Field(min_length=1)
    amount: Exact
    currency: str = ""
    city: str = ""
    account: str = ""
    opportunity: str = ""
    merchant: str = ""
    purpose: str = ""
    justification: str = ""
    payment: str = ""
    travel_class: str = ""
    nights: Count | None = None
    attendees: Count | None = None
    distance: Distance | None = None
    pre_approved: bool | None = None
    trip: str = Field("", description="id of one of `trips`")
    extra: ExtraValues = Field((), description="facts of the policy's own")
    voucher: VoucherInput | None = None


class RateInput(_Input):
    """An exchange rate: one unit of `currency` in the policy's currency, from `date` on."""

    currency: CurrencyCode
    rate: RateValue
    date: Day
    source: str = ""


class LegInput(_Input):
    """One way of a trip; times carry their zone."""

    departs: Zoned
    arrives: Zoned
    origin: str = Field("", alias="from")
    destination: str = Field("", alias="to")


class TripDayInput(_Input):
    """What is known of one day of a trip beside its legs."""

    date: Day
    night: Night = Night.HOTEL
    place: str = ""
    breakfast: MealBy = MealBy.NONE
    lunch: MealBy = MealBy.NONE
    dinner: MealBy = MealBy.NONE
    breakfast_paid: Exact | None = None
    lunch_paid: Exact | None = None
    dinner_paid: Exact | None = None
    currency: str = Field("", description="of what was paid; default as for lines")
    extra: ExtraValues = Field((), description="facts of the policy's own")


class TripInput(_Input):
    """A trip: its legs in order, and what is known of its days."""

    trip: str = Field(min_length=1)
    legs: tuple[LegInput, ...] = Field(min_length=1, max_length=LEGS_MAX)
    days: tuple[TripDayInput, ...] = Field((), max_length=DAYS_MAX)


class WaiverInput(_Input):
    """Somebody lets a rule pass; without person, claim and line it is for this claim."""

    waiver: str = Field(min_length=1)
    rule: str = Field(min_length=1)
    granted_by: str = Field(min_length=1)
    until: Day
    start: Day | None = Field(None, alias="from")
    person: str = ""
    claim: str = ""
    line: str = ""


class PreApprovalInput(_Input):
    """Somebody approved in advance what the claim's person spends; without amount, any amount."""

    pre_approval: str = Field(min_length=1)
    granted_by: str = Field(min_length=1)
    until: Day
    start: Day | None = Field(None, alias="from")
    category: str = ""
    account: str = ""
    opportunity: str = ""
    trip: str = ""
    amount: Exact | None = Field(None, description="most that may be spent under it in all")
    currency: str = Field("", description="of the amount; default as for lines")


class ClaimInput(_Input):
    """A claim to check. `submitted` is a date, or a time with its zone."""

    claim: str = Field(min_length=1)
    person: Annotated[
        Annotated[PersonInput, Tag(FULL)] | Annotated[str, Tag(BARE), Field(min_length=1)],
        Discriminator(lambda given: BARE if isinstance(given, str) else FULL),
    ]
    submitted: Moment
    currency: str = Field("", description="of every line that names none")
    title: str = ""
    status: ClaimStatus = ClaimStatus.SUBMITTED
    lines: tuple[LineInput, ...]
    rates: tuple[RateInput, ...] = ()
    trips: tuple[TripInput, ...] = Field((), description="of the lines, and others of those days")
    waivers: tuple[WaiverInput, ...] = ()
    pre_approvals: tuple[PreApprovalInput, ...] = ()
    extra: ExtraValues = Field((), description="facts of the policy's own")
