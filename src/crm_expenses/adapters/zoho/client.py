"""The adapter of Zoho CRM: the contract, on top of one wire to one organisation."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import (
    TOLD,
    Ability,
    Ack,
    Adapter,
    Capabilities,
    Cursor,
    Description,
    Diagnosis,
    FileRef,
    FileWrite,
    Opening,
    Page,
    ResultKind,
    Support,
    WriteBack,
)
from crm_expenses.adapters.exchange import Clock, Limits, Secret
from crm_expenses.adapters.fieldmap import PARENTS
from crm_expenses.adapters.settingup import SettingUp
from crm_expenses.adapters.zoho.asking import Asking
from crm_expenses.adapters.zoho.describing import checked
from crm_expenses.adapters.zoho.examining import described
from crm_expenses.adapters.zoho.filecalls import FileCalls
from crm_expenses.adapters.zoho.known import Known
from crm_expenses.adapters.zoho.looking import Looking
from crm_expenses.adapters.zoho.mapping import Company, Source, sources_of
from crm_expenses.adapters.zoho.metadata import Metadata
from crm_expenses.adapters.zoho.notifications import ZohoHints, renew
from crm_expenses.adapters.zoho.reading import Habits, Reading
from crm_expenses.adapters.zoho.sdk import Sdk
from crm_expenses.adapters.zoho.settings import (
    Edition,
    Needs,
    ReadBy,
    ZohoSettings,
    zoho_settings,
)
from crm_expenses.adapters.zoho.setup import ZohoSetUp
from crm_expenses.adapters.zoho.users import UserReading
from crm_expenses.adapters.zoho.wire import ZohoWire, open_wire
from crm_expenses.adapters.zoho.writing import Writing
from crm_expenses.core.approval import Provenance
from crm_expenses.core.record import Kind
from crm_expenses.errors import ConfigError

BATCH_MAX: Final = 10_000
"""Writes of one push; the calls that it is split into are smaller."""
SPARING: Final = 3_600
"""Seconds between two looks at what was deleted, for an edition with few credits."""


def open_zoho(
    opening: Opening,
    *,
    clock: Clock | None = None,
    limits: Limits | None = None,
    token: Callable[[], str | Secret] | Secret | None = None,
) -> "ZohoAdapter":
    """Open a connection to an organisation; nothing is sent yet.

    With a `token` of the caller's, or what gives one, none is made or refreshed here.

    Raises:
        ConfigError: what the settings say has mistakes.
    """
    settings = zoho_settings(opening, Needs.TOKEN if token is None else Needs.NOTHING)
    sources = sources_for(settings)
    wire = open_wire(settings, gate=opening.gate, clock=clock, limits=limits, token=token)
    return ZohoAdapter(wire, sources)


def sources_for(settings: ZohoSettings) -> dict[Kind, Source]:
    """Give where the records of each kind come from, as the settings say.

    Raises:
        ConfigError: a name is none, or the company's zone is not said.
    """
    if settings.zone is None:
        raise ConfigError("zoho.no_zone", crm=settings.crm)
    company = Company(settings.crm, settings.zone, settings.currency, settings.stages)
    return sources_of(company, settings.modules, settings.fields)


class ZohoAdapter(Adapter):
    """An organisation of Zoho CRM, as the package sees every CRM."""

    def __init__(self, wire: ZohoWire, sources: Mapping[Kind, Source]) -> None:
        zone = wire.settings.zone
        if zone is None:
            raise ConfigError("zoho.no_zone", crm=wire.crm)
        self._wire = wire
        self._zone = zone
        self._sources = sources
        self._habits = habits_of(wire.settings)
        self._known = Known()
        self.asking = Asking(wire)
        self.metadata = Metadata(self.asking)
        self._looking = Looking(self.asking, zone, self._habits, self.metadata)
        self.writing = Writing(
            self.asking, sources, self._looking, self._known, self.metadata, zone, self._habits
        )
        self._files = FileCalls(self.asking, sources.get(Kind.VOUCHER))
        self._capabilities = capabilities_of(sources, self._habits, wire.settings.returns)
        self._sdk = Sdk(wire)  # it loads nothing until it is asked

    def __repr__(self) -> str:
        return f"ZohoAdapter({self.name!r})"

    @property
    def name(self) -> str:
        """The name of the connection."""
        return self._wire.crm

    @property
    def capabilities(self) -> Capabilities:
        """What this CRM can do, as the settings have it."""
        return self._capabilities

    @property
    def wire(self) -> ZohoWire:
        """The connection itself, for who sets it up."""
        return self._wire

    @property
    def sources(self) -> Mapping[Kind, Source]:
        """Where records come from, for who sets it up."""
        return self._sources

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give what is new since the cursor, or all there is."""
        answers.demand_read(self.name, self._capabilities, kind)
        source = self._sources[kind]
        if source.is_users:
            return UserReading(self.asking, source, self._zone, self._habits).pages(since)
        return Reading(
            self.asking, source, self._zone, self._habits, self._known, self.metadata
        ).pages(since)

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write results and changes."""
        answers.demand_writes(self, writes)
        return self.writing.push(writes)

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        """Read some records now."""
        answers.demand_read(self.name, self._capabilities, kind)
        return self._looking.page(self._sources[kind], records)

    def check(self) -> Sequence[Diagnosis]:
        """Look at sign-in, scopes, the organisation, its modules, and what they lack."""
        return checked(self._sdk)

    def set_up(self) -> SettingUp:
        """Give what makes the modules and fields that the organisation lacks."""
        return ZohoSetUp(self._sdk)

    def hints(self, url: str, token: Secret) -> SettingUp:
        """Give what makes channels of notifications to an address."""
        return ZohoHints(self._sdk, url, token)

    def tend(self) -> Sequence[str]:
        """Renew the channels of notifications that end soon."""
        return renew(self._sdk)

    def describe(self) -> Sequence[Description]:
        """Say which fields each module has."""
        return described(self._sources, self.metadata)

    def files(self, vouchers: Sequence[str]) -> Iterable[FileRef]:
        """List the files beside some vouchers."""
        if self._capabilities.support(Ability.VOUCHER_FILES) is Support.NO:
            return super().files(vouchers)
        return self._files.listed(vouchers)

    def read_file(self, ref: FileRef) -> Iterator[bytes]:
        """Give the bytes of a file in portions."""
        if self._capabilities.support(Ability.VOUCHER_FILES) is Support.NO:
            return super().read_file(ref)
        return self._files.read(ref)

    def write_file(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        """Put a file beside a voucher, once for its bytes."""
        if self._capabilities.support(Ability.FILE_WRITES) is Support.NO:
            return super().write_file(write, portions)
        return self._files.write(write, portions)

    def close(self) -> None:
        """Let go of the connection, and of what the SDK was given."""
        self._sdk.close()
        self._wire.close()


def habits_of(settings: ZohoSettings) -> Habits:
    """Say how an organisation is read."""
    usual = SPARING if settings.edition is Edition.FREE else 0
    every = settings.deleted_seconds if settings.deleted_seconds is not None else usual
    return Habits(
        by_list=settings.read_by is ReadBy.LIST,
        may_fall_back=settings.read_by is not ReadBy.COQL,
        settle=timedelta(seconds=settings.settle_seconds),
        overlap=timedelta(seconds=settings.overlap_seconds),
        deleted_every=timedelta(seconds=every),
        horizon=timedelta(days=settings.deleted_days),
        by_bulk=settings.read_by is ReadBy.BULK,
        bulk_seconds=settings.bulk_seconds,
    )


def capabilities_of(
    sources: Mapping[Kind, Source], habits: Habits, returns: str = ""
) -> Capabilities:
    """Say what this CRM can do.

    That an approval is given by the person who is named in it, nothing there proves: whoever may
    edit the module may write any name. So it is trusted like any field.
    """
    writes = {result for result in TOLD if _is_written(sources.get(PARENTS[result]))}
    if not returns:
        writes.discard(ResultKind.RETURN_RESULT)
    changes = frozenset(kind for kind, source in sources.items() if source.is_changed)
    if changes:
        writes.add(ResultKind.CHANGE)
    abilities = {
        Ability.INCREMENTAL: Support.PARTLY,
        Ability.DELETES: Support.YES,
        Ability.LOOK_UP: Support.YES,
        Ability.CONFLICTS: Support.YES,
        Ability.DESCRIBE: Support.YES,
    }
    reasons = {Ability.INCREMENTAL: answers.OVERLAP}
    if any(source.is_subform for source in sources.values()) or habits.deleted_every:
        abilities[Ability.DELETES] = Support.PARTLY
        reasons[Ability.DELETES] = "zoho.deletes_late"
    if Kind.VOUCHER in sources and not sources[Kind.VOUCHER].is_subform:
        abilities |= {Ability.VOUCHER_FILES: Support.YES, Ability.FILE_WRITES: Support.YES}
    if Kind.APPROVAL in sources:
        abilities[Ability.APPROVALS] = Support.YES
    return Capabilities(
        reads=frozenset(sources),
        writes=frozenset(writes),
        batch_max=BATCH_MAX,
        abilities=abilities,
        reasons=reasons,
        provenance=Provenance.PLAIN_FIELD,
        changes=changes,
    )


def _is_written(source: Source | None) -> bool:
    return source is not None and not source.is_subform and bool(source.map.results)
