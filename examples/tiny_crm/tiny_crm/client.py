"""The adapter: the contract of `crm_expenses.adapters.contract`, over the CRM's own calls."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import (
    RESULTS,
    Ability,
    Ack,
    Adapter,
    Capabilities,
    Change,
    Cursor,
    Description,
    Diagnosis,
    FieldInfo,
    FileRef,
    FileWrite,
    Gone,
    Opening,
    Page,
    Received,
    ResultKind,
    SetAside,
    Support,
    WriteBack,
)
from crm_expenses.adapters.exchange import Limits
from crm_expenses.adapters.fieldmap import PARENTS, FieldMap, overridden
from crm_expenses.adapters.timecursor import Spot, TimeCursor
from crm_expenses.adapters.transport import MAY_HAVE_ACTED, Transport
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Json, Kind
from crm_expenses.errors import MappingError, RetryableError
from tiny_crm.mapping import OBJECTS, tables
from tiny_crm.uploads import PORTION_BYTES, upload
from tiny_crm.wire import Answer, Wire

BATCH_MAX = 20
PAGES_MAX = 1_000_000

CAPABILITIES = Capabilities(
    reads=frozenset(OBJECTS),
    writes=RESULTS | {ResultKind.CHANGE},
    batch_max=BATCH_MAX,
    abilities={
        Ability.INCREMENTAL: Support.PARTLY,
        Ability.DELETES: Support.YES,
        Ability.LOOK_UP: Support.YES,
        Ability.CONFLICTS: Support.YES,
        Ability.DESCRIBE: Support.YES,
        Ability.VOUCHER_FILES: Support.YES,
        Ability.FILE_WRITES: Support.YES,
        Ability.APPROVALS: Support.YES,
    },
    reasons={Ability.INCREMENTAL: answers.OVERLAP},
    changes=frozenset(OBJECTS) - {Kind.APPROVAL},
)


def open_adapter(opening: Opening) -> "TinyAdapter":
    """Open a connection. Options: `url`, `token`; `timezone`, `page_size` where they are given.

    Raises:
        ConfigError: an option is missing, or a name in [crm.NAME.fields.KIND] is none.
    """
    token = answers.option(opening, "token")
    transport = Transport(
        opening.name,
        answers.option(opening, "url"),
        secrets={"Authorization": f"Bearer {token}"},
        limits=Limits(attempts_max=4, wait_seconds_first=0.1, wait_seconds_max=2),
        gate=opening.gate,
    )
    maps = overridden(opening.name, tables(answers.zone(opening)), opening.fields)
    size = opening.options.get("page_size")
    return TinyAdapter(Wire(opening.name, transport, size if isinstance(size, int) else 100), maps)


class TinyAdapter(Adapter):
    """The small CRM as the package sees every CRM."""

    def __init__(self, wire: Wire, maps: dict[Kind, FieldMap]) -> None:
        self._wire = wire
        self._maps = maps
        self._times = TimeCursor(wire.crm, settle=timedelta(), overlap=timedelta(seconds=2))

    @property
    def name(self) -> str:
        """The name of the connection."""
        return self._wire.crm

    @property
    def capabilities(self) -> Capabilities:
        """What this CRM can do."""
        return CAPABILITIES

    # --- reading ---

    def pull(self, kind: Kind, since: Cursor | None) -> Iterator[Page]:
        """Give what changed since the cursor, then what went; without one, all there is."""
        answers.demand_read(self.name, CAPABILITIES, kind)
        places = ("", "") if since is None else self._places(since)
        return self._pages(kind, *places)

    def _pages(self, kind: Kind, place: Cursor, lost: Cursor) -> Iterator[Page]:
        restart, spot = not place, self._times.begin(place or None)
        started = None
        for _ in range(PAGES_MAX):
            answer = self._wire.changed("records", OBJECTS[kind], spot)
            started = started or self._wire.moment(answer["now"])
            spot = self._last(answer["rows"], "modified") or spot
            more = answer["more"] and spot is not None
            # Deletions are told from the moment at which the first reading of all began.
            lost = lost or self._times.end(started)
            place = self._times.after(spot, started) if more and spot else self._times.end(started)
            yield self._page(kind, answer["rows"], _cursor(place, lost), restart=restart)
            restart = False
            if not more:
                break
        yield from self._gone(kind, place, lost)

    def _gone(self, kind: Kind, place: Cursor, lost: Cursor) -> Iterator[Page]:
        spot, started = self._times.begin(lost), None
        for _ in range(PAGES_MAX):
            answer = self._wire.changed("gone", OBJECTS[kind], spot)
            started = started or self._wire.moment(answer["now"])
            spot = self._last(answer["rows"], "at") or spot
            more = answer["more"] and spot is not None
            lost = self._times.after(spot, started) if more and spot else self._times.end(started)
            gone = tuple(self._lost(kind, row) for row in answer["rows"])
            if gone:
                yield Page(kind, (), (), _cursor(place, lost), gone=gone)
            if not more:
                return

    def look(self, kind: Kind, records: Sequence[str]) -> Page:
        """Read some records now."""
        answers.demand_read(self.name, CAPABILITIES, kind)
        answer = self._wire.found(OBJECTS[kind], records)
        gone = tuple(self._lost(kind, row) for row in answer["gone"])
        page = self._page(kind, answer["rows"], "", restart=False)
        return Page(kind, page.facts, page.set_aside, "", gone=gone)

    def _page(self, kind: Kind, rows: Sequence[Answer], cursor: Cursor, *, restart: bool) -> Page:
        facts: list[Received] = []
        aside: list[SetAside] = []
        for row in rows:
            record = str(row["id"])
            origin = Origin(self.name, record, f"{OBJECTS[kind]}/{record}", str(row["version"]))
            try:
                read = self._maps[kind].read({**row["fields"], "id": record})
            except MappingError as error:
                aside.append(SetAside(origin, error.problems))
            else:
                facts.append(Received(read, origin, self._wire.moment(row["edited"])))
        return Page(kind, tuple(facts), tuple(aside), cursor, restart)

    def _lost(self, kind: Kind, row: Answer) -> Gone:
        record = str(row["id"])
        origin = Origin(self.name, record, f"{OBJECTS[kind]}/{record}")
        return Gone(origin, str(row.get("into") or ""))

    def _last(self, rows: Sequence[Answer], name: str) -> Spot | None:
        return Spot(self._wire.moment(rows[-1][name]), rows[-1]["id"]) if rows else None

    def _places(self, since: Cursor) -> tuple[Cursor, Cursor]:
        try:
            place, lost = json.loads(since)
        except (ValueError, TypeError) as error:
            raise answers.wrong_cursor(self.name, since) from error
        if not isinstance(place, str) or not isinstance(lost, str) or not lost:
            raise answers.wrong_cursor(self.name, since)
        self._times.begin(lost)  # here, and not only after the first page
        return place, lost

    # --- writing ---

    def push(self, writes: Sequence[WriteBack]) -> Sequence[Ack]:
        """Write results and changes; what may have arrived is read back first."""
        answers.demand_writes(self, writes)
        acks = {write.key: answers.done(write) for write in self._arrived(writes)}
        rows: list[tuple[WriteBack, Json]] = []
        for write in writes:
            if write.key in acks:
                continue
            try:
                rows.append((write, self._row(write)))
            except MappingError as error:
                acks[write.key] = answers.unmapped(write, error)
        acks |= {ack.key: ack for ack in self._sent(rows)} if rows else {}
        return [acks[write.key] for write in writes]

    def _arrived(self, writes: Sequence[WriteBack]) -> Iterator[WriteBack]:
        uncertain = [write for write in writes if write.uncertain]
        for name in dict.fromkeys(_object(write) for write in uncertain):
            asked = [write for write in uncertain if _object(write) == name]
            found = self._wire.found(name, [write.record for write in asked])
            keys = {str(row["id"]): row["keys"] for row in found["rows"]}
            for write in asked:
                if keys.get(write.record, {}).get(write.kind.value) == write.key:
                    yield write

    def _row(self, write: WriteBack) -> Json:
        kind, result = _kind(write), write.result
        if isinstance(result, Change):
            fields = self._maps[kind].write(result.record, only=result.fields)
        else:
            fields = self._maps[kind].write_result(result)
        version = int(write.version) if write.version.isdecimal() else None
        return {
            "object": _object(write),
            "id": write.record,
            "fields": fields,
            "key": write.key,
            "slot": write.kind.value,
            "if_version": version,
        }

    def _sent(self, rows: Sequence[tuple[WriteBack, Json]]) -> Iterator[Ack]:
        try:
            results = self._wire.batch([row for _, row in rows])
        except RetryableError as error:
            if error.code not in {*MAY_HAVE_ACTED, answers.WRONG_ANSWER}:
                raise  # nothing was done: a busy CRM, or one that cannot be reached
            detail = error.describe()
            yield from (answers.unknown(self.name, write, detail) for write, _ in rows)
            return
        for (write, _), result in zip(rows, results, strict=True):
            yield self._ack(write, result)

    def _ack(self, write: WriteBack, result: Answer) -> Ack:
        match result.get("status"):
            case 200:
                return answers.done(write)
            case 404:
                return answers.no_record(self.name, write)
            case 409:
                return answers.conflict(self.name, write)
            case 422:
                return answers.refused(self.name, write, str(result.get("detail")))
            case status:
                return answers.unknown(self.name, write, f"status {status}")

    # --- what the CRM says of itself, and files ---

    def check(self) -> Sequence[Diagnosis]:
        """Say what the CRM has."""
        return [
            answers.good(self.name, ", ".join(str(one["name"]) for one in self._wire.objects()))
        ]

    def describe(self) -> Sequence[Description]:
        """Say which fields the CRM has."""
        objects = {str(one["name"]): one["fields"] for one in self._wire.objects()}
        return [
            self._maps[kind].description(name, [_info(one) for one in objects.get(name, ())])
            for kind, name in OBJECTS.items()
        ]

    def files(self, vouchers: Sequence[str]) -> Iterable[FileRef]:
        """List the files beside receipts."""
        for one in self._wire.files(vouchers):
            yield FileRef(
                str(one["receipt"]),
                str(one["id"]),
                str(one["name"]),
                int(one["size"]),
                str(one["type"]),
                str(one["version"]),
            )

    def read_file(self, ref: FileRef) -> Iterator[bytes]:
        """Give a file in portions, each by a call of its own."""
        start, total = 0, 1
        while start < total:
            part, total = self._wire.file_part(ref.id, start, PORTION_BYTES)
            if not part and total:
                raise answers.wrong_answer(self.name, "a part of a file that is empty")
            start += len(part)
            if part:
                yield part

    def write_file(self, write: FileWrite, portions: Iterable[bytes]) -> Ack:
        """Put a file beside a receipt; what is there already is not sent again."""
        return upload(self._wire, write, portions)

    def close(self) -> None:
        """Let go of the connection."""
        self._wire.transport.close()


def _cursor(place: Cursor, lost: Cursor) -> Cursor:
    return json.dumps([place, lost])


def _kind(write: WriteBack) -> Kind:
    return write.result.kind if isinstance(write.result, Change) else PARENTS[write.kind]


def _object(write: WriteBack) -> str:
    return OBJECTS[_kind(write)]


def _info(one: Answer) -> FieldInfo:
    return FieldInfo(
        str(one["name"]),
        str(one["type"]),
        writable=bool(one["api"]),
        required=bool(one["required"]),
        unique=bool(one["unique"]),
        length=one["length"],
        options=tuple(one["options"]),
    )
