"""Modules and fields of an organisation, as its metadata describes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Type(StrEnum):
    """The data types that we know."""

    TEXT = "text"
    TEXTAREA = "textarea"
    EMAIL = "email"
    PHONE = "phone"
    WEBSITE = "website"
    INTEGER = "integer"
    BIGINT = "bigint"
    DOUBLE = "double"
    CURRENCY = "currency"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    PICKLIST = "picklist"
    MULTIPICK = "multiselectpicklist"
    LOOKUP = "lookup"
    OWNER = "ownerlookup"
    USER = "userlookup"
    SUBFORM = "subform"
    FILES = "fileupload"


RICH_LENGTH: Final = 50_000
TEXTS: Final = frozenset({Type.TEXT, Type.TEXTAREA, Type.EMAIL, Type.PHONE, Type.WEBSITE})
PEOPLE: Final = frozenset({Type.OWNER, Type.USER})
LINKS: Final = frozenset({Type.LOOKUP, *PEOPLE})

_LENGTHS: Final = {
    Type.TEXT: 255,
    Type.TEXTAREA: 2_000,
    Type.EMAIL: 100,
    Type.PHONE: 30,
    Type.WEBSITE: 450,
    Type.INTEGER: 9,
    Type.BIGINT: 18,
    Type.DOUBLE: 16,
    Type.CURRENCY: 16,
    Type.PERCENT: 5,
    Type.PICKLIST: 120,
}
_JSON_TYPES: Final = {
    Type.INTEGER: "integer",
    Type.BIGINT: "string",
    Type.DOUBLE: "double",
    Type.CURRENCY: "double",
    Type.PERCENT: "double",
    Type.BOOLEAN: "boolean",
    Type.MULTIPICK: "jsonarray",
    Type.SUBFORM: "jsonarray",
    Type.FILES: "jsonarray",
    Type.LOOKUP: "jsonobject",
    Type.OWNER: "jsonobject",
    Type.USER: "jsonobject",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `module` is what a lookup points to, or the module of a subform's rows."""

    name: str
    type: Type = Type.TEXT
    label: str = ""
    mandatory: bool = False
    unique: bool = False
    external: str = ""
    """`org` or `user` where it is an external id, else empty."""
    length: int = 0
    decimals: int = 2
    values: tuple[str, ...] = ()
    """The picklist."""
    module: str = ""
    read_only: bool = False
    custom: bool = False
    id: str = ""

    @property
    def length_max(self) -> int:
        """The most characters, or digits before the point.

        >>> Field("Name").length_max, Field("Count", Type.INTEGER).length_max
        (255, 9)
        """
        return self.length or _LENGTHS.get(self.type, 0)

    @property
    def is_rich(self) -> bool:
        """Whether it is rich text, of which lists show a part only."""
        return self.type is Type.TEXTAREA and self.length >= RICH_LENGTH

    @property
    def shown_label(self) -> str:
        """What people read."""
        return self.label or self.name.replace("_", " ")

    @property
    def json_type(self) -> str:
        """What its values are in JSON."""
        return _JSON_TYPES.get(self.type, "string")


@dataclass(slots=True)
class Module:
    """One module. `duplicates` are its system fields for duplicates; `parent` is a subform's."""

    name: str
    label: str = ""
    plural: str = ""
    custom: bool = False
    parent: str = ""
    name_field: str = "Name"
    duplicates: tuple[str, ...] = ()
    fields: dict[str, Field] = field(default_factory=dict)
    id: str = ""

    @property
    def generated_type(self) -> str:
        """Whose module it is."""
        return "subform" if self.parent else "custom" if self.custom else "default"

    def add(self, fields: Iterable[Field]) -> None:
        """Add fields, or replace them."""
        self.fields.update({one.name: one for one in fields})

    def subforms(self) -> list[Field]:
        """Give the fields that hold rows."""
        return [one for one in self.fields.values() if one.type is Type.SUBFORM]


def system_fields(*, owner: bool = True) -> list[Field]:
    """Give the fields that each module has."""
    held = [
        Field("id", Type.BIGINT, "Record Id", read_only=True),
        Field("Created_Time", Type.DATETIME, read_only=True),
        Field("Modified_Time", Type.DATETIME, read_only=True),
        Field("Created_By", Type.OWNER, module="Users", read_only=True),
        Field("Modified_By", Type.OWNER, module="Users", read_only=True),
    ]
    return [*held, Field("Owner", Type.OWNER, module="Users")] if owner else held


def standard_modules() -> Sequence[Module]:
    """Give the modules that an organisation has from the beginning, as far as we need them."""
    address = [Field(f"Billing_{part}") for part in ("Street", "City", "Country")]
    accounts = [
        Field("Account_Name", mandatory=True, length=200),
        Field("Parent_Account", Type.LOOKUP, module="Accounts"),
        Field("Industry", Type.PICKLIST, values=("-None-", "Technology", "Manufacturing")),
        Field("Account_Type", Type.PICKLIST, values=("-None-", "Customer", "Partner")),
        Field("Annual_Revenue", Type.CURRENCY),
        Field("Phone", Type.PHONE),
        Field("Website", Type.WEBSITE),
        Field("Description", Type.TEXTAREA, length=32_000),
        *address,
    ]
    contacts = [
        Field("First_Name", length=40),
        Field("Last_Name", mandatory=True, length=80),
        Field("Email", Type.EMAIL),
        Field("Account_Name", Type.LOOKUP, module="Accounts"),
    ]
    deals = [
        Field("Deal_Name", mandatory=True, length=120),
        Field("Account_Name", Type.LOOKUP, module="Accounts"),
        Field("Contact_Name", Type.LOOKUP, module="Contacts"),
        Field("Stage", Type.PICKLIST, mandatory=True, values=STAGES),
        Field("Amount", Type.CURRENCY),
        Field("Closing_Date", Type.DATE),
        Field("Probability", Type.INTEGER),
        Field("Description", Type.TEXTAREA, length=32_000),
    ]
    users = [
        Field("full_name"),
        Field("first_name"),
        Field("last_name", mandatory=True),
        Field("email", Type.EMAIL),
        Field("status", Type.PICKLIST, values=("active", "inactive", "disabled")),
        Field("role"),
        Field("profile"),
        Field("Reporting_To", Type.USER, module="Users"),
        Field("city"),
        Field("country"),
        Field("zuid"),
    ]
    made = [
        Module("Accounts", "Account", name_field="Account_Name", duplicates=("Account_Name",)),
        Module("Contacts", "Contact", name_field="Last_Name", duplicates=("Email",)),
        Module("Deals", "Deal", name_field="Deal_Name", duplicates=("Deal_Name",)),
        Module("Users", "User", name_field="full_name", duplicates=("email",)),
    ]
    for module, own in zip(made, (accounts, contacts, deals, users), strict=True):
        module.add(system_fields(owner=module.name != "Users"))
        module.add(own)
    return made


STAGES: Final = (
    "Qualification",
    "Needs Analysis",
    "Value Proposition",
    "Identify Decision Makers",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
    "Closed Lost to Competition",
)
