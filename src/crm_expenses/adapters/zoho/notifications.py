"""Channels of notifications: Zoho tells our webhook that something changed, for a week at most.

One channel a module that is read, with an id of our own that never changes, so that making it again
is no second one. A message is a hint and nothing more: it bears no signature, only the secret that
we gave (`[crm.NAME.webhook] token_field = "token"`), it may be lost, doubled or out of order, and
nothing of it is read. Channels are renewed as a run begins, when half of their time is over.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from crm_expenses.adapters.contract import Diagnosis, Level
from crm_expenses.adapters.exchange import Received, Secret
from crm_expenses.adapters.settingup import Step, StepDone
from crm_expenses.adapters.zoho import sdkcalls
from crm_expenses.adapters.zoho.modules import USERS, chosen
from crm_expenses.adapters.zoho.sdk import Row, Sdk
from crm_expenses.adapters.zoho.sdkcalls import Channel
from crm_expenses.adapters.zoho.wire import Call, ZohoWire
from crm_expenses.errors import ConfigError, CrmExpensesError, Problem

LIFE: Final = timedelta(days=7) - timedelta(minutes=5)
"""How long a channel is asked to live. A week is the most: one that asks for more gets an hour, and
nobody says so; hence it is reckoned on Zoho's own clock."""

RENEWED_BEFORE: Final = timedelta(days=3, hours=12)
"""So long before its end a channel is renewed; a sync that runs twice a week keeps all alive."""

TOKEN_CHARS_MAX: Final = 50
"""Of the secret that comes back in each message."""

NOT_SUBSCRIBED: Final = "NOT_SUBSCRIBED"
"""Zoho's word for a channel that is not there."""

PAGE_ROWS: Final = 200
PAGES_MAX: Final = 50

_ID_DIGITS: Final = 15


def channel_id(crm: str, module: str) -> str:
    """Give the id of the channel of a module: the same one whenever it is asked for.

    >>> channel_id("main", "Deals") == channel_id("main", "Deals") != channel_id("main", "Leads")
    True
    >>> len(channel_id("main", "Deals"))
    15
    """
    digest = hashlib.sha256(f"crm_expenses\0{crm}\0{module}".encode()).hexdigest()
    # Not zero in front: it is a number to Zoho.
    return f"1{int(digest, 16) % 10 ** (_ID_DIGITS - 1):0{_ID_DIGITS - 1}d}"


def wanted(sdk: Sdk, now: datetime) -> tuple[Channel, ...]:
    """Give the channels that there should be, without address and token."""
    settings = sdk.wire.settings
    names = chosen(settings.modules)
    ends = (now + LIFE).replace(microsecond=0)
    homes = dict.fromkeys(names.values())  # two kinds may live in one module
    return tuple(
        Channel(channel_id(sdk.wire.crm, name), (f"{_event(name)}.all",), ends) for name in homes
    )


def _event(module: str) -> str:
    return "users" if module == USERS else module


@dataclass(frozen=True, slots=True)
class Listed:
    """The channels of an organisation by their ids, and its own time as it told of them."""

    channels: Mapping[str, Channel]
    now: datetime


def listed(wire: ZohoWire) -> Listed:
    """Ask which channels there are: a credit for 200 of them.

    By the wire: every sync looks, and need not load the SDK for it.
    """
    found: dict[str, Channel] = {}
    now = wire.now()
    for page in range(1, PAGES_MAX + 1):
        query = {"page": str(page), "per_page": str(PAGE_ROWS)}
        answer = wire.send(Call("GET", f"crm/{wire.settings.version}/actions/watch", query))
        now = answer.at or now
        body = answer.body if isinstance(answer.body, dict) else {}
        rows, info = body.get("watch"), body.get("info")
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict):
                held = _channel(row)
                found[held.id] = held
        if not (isinstance(info, dict) and info.get("more_records") is True):
            break
    return Listed(found, now)


def _channel(row: Mapping[str, Received]) -> Channel:
    try:
        ends = datetime.fromisoformat(str(row.get("channel_expiry")))
    except ValueError:
        ends = None
    # Without a zone it would be nobody's time; then it is renewed.
    ends = ends if ends is not None and ends.tzinfo is not None else None
    return Channel(str(row.get("channel_id") or ""), (), ends, str(row.get("notify_url") or ""))


class ZohoHints:
    """The channels to an address: what lacks, and making it; without an address, their end."""

    def __init__(self, sdk: Sdk, url: str, token: Secret) -> None:
        self._sdk = sdk
        self._url = url
        self._token = token
        self._now: datetime | None = None
        if len(token.reveal()) > TOKEN_CHARS_MAX:
            limit = str(TOKEN_CHARS_MAX)
            raise ConfigError("zoho.notify_token", crm=sdk.wire.crm, limit=limit)

    def plan(self) -> Sequence[Step]:
        """Give a step for each channel that is not there, goes elsewhere, or ends soon."""
        held = listed(self._sdk.wire)
        there, now = held.channels, held.now
        self._now = now
        if not self._url:
            ours = [one for one in wanted(self._sdk, now) if one.id in there]
            return [self._end(one, cost=int(number == 0)) for number, one in enumerate(ours)]
        steps = [
            step
            for one in wanted(self._sdk, now)
            if (step := self._step(one, there.get(one.id), now)) is not None
        ]
        # One call makes all the new ones, another changes the others.
        seen: set[str] = set()
        made: list[Step] = []
        for step in steps:
            cost = int(_call(step) not in seen)
            seen.add(_call(step))
            made.append(replace(step, cost=cost))
        return made

    def carry_out(self, steps: Sequence[Step]) -> Iterator[StepDone]:
        """Make and change channels; doing so again does no harm."""
        if not self._url:
            yield from self._ended(steps)
            return
        now = self._now or listed(self._sdk.wire).now
        channels = {_name(one): one for one in wanted(self._sdk, now)}
        for code, send in (("new", sdkcalls.watch), ("changed", sdkcalls.watch_again)):
            group = [step for step in steps if _call(step) == code]
            given = [
                replace(channels[step.name], url=self._url, token=self._token.reveal())
                for step in group
            ]
            if not given:
                continue
            rows = send(self._sdk, given)
            for number, step in enumerate(group):
                row = rows[number] if number < len(rows) else None
                is_done = row is not None and row.is_done
                yield StepDone(step, None if is_done else self._refused(step, row))

    def _end(self, one: Channel, *, cost: int) -> Step:
        told = {"events": ", ".join(one.events)}
        facts = {"channel": one.id, "call": "ended", **told}
        return Step(_name(one), Problem("zoho.notify_ended", told), cost=cost, facts=facts)

    def _ended(self, steps: Sequence[Step]) -> Iterator[StepDone]:
        """Remove channels; one that is not there any more has ended, too."""
        group = [step for step in steps if _call(step) == "ended"]
        if not group:
            return
        rows = sdkcalls.watch_no_more(self._sdk, [step.facts["channel"] for step in group])
        for number, step in enumerate(group):
            row = rows[number] if number < len(rows) else None
            is_over = row is not None and (row.is_done or row.code == NOT_SUBSCRIBED)
            yield StepDone(step, None if is_over else self._refused(step, row))

    def _refused(self, step: Step, row: Row | None) -> Problem:
        detail = f"{row.code}: {row.message}"[:300] if row is not None else "-"
        told = {"crm": self._sdk.wire.crm, "name": step.name, "detail": detail}
        return Problem("zoho.setup_refused", told)

    def _step(self, one: Channel, held: Channel | None, now: datetime) -> Step | None:
        name = _name(one)
        ends = one.expires.isoformat() if one.expires is not None else "-"
        told = {"events": ", ".join(one.events), "ends": ends, "url": self._url}
        facts = {"channel": one.id, "events": told["events"], "ends": ends}
        if held is None or _is_over(held, now):
            return Step(name, Problem("zoho.notify_new", told), facts={**facts, "call": "new"})
        elsewhere = bool(held.url) and held.url != self._url
        if elsewhere or _ends_soon(held, now):
            facts["call"] = "changed"
            return Step(name, Problem("zoho.notify_changed", told), facts=facts)
        return None


def _name(one: Channel) -> str:
    return one.events[0].partition(".")[0]


def _call(step: Step) -> str:
    return step.facts.get("call", "")


def _is_over(held: Channel, now: datetime) -> bool:
    return held.expires is None or held.expires <= now


def _ends_soon(held: Channel, now: datetime) -> bool:
    return held.expires is None or held.expires - now <= RENEWED_BEFORE


def renew(sdk: Sdk) -> tuple[str, ...]:
    """Let our channels that end soon live on; give the modules whose channel was renewed.

    A look costs a credit; only where something ends soon, a second one is spent. A channel that has
    ended already has lost its address: `crm notify` makes it again, and `doctor` says so.
    """
    found = listed(sdk.wire)
    there, now = found.channels, found.now
    ending = [
        one
        for one in wanted(sdk, now)
        if (held := there.get(one.id)) is not None
        and not _is_over(held, now)
        and _ends_soon(held, now)
    ]
    if not ending:
        return ()
    rows = sdkcalls.watch_longer(sdk, ending)
    return tuple(_name(one) for one, row in zip(ending, rows, strict=False) if row.is_done)


def looked_at(sdk: Sdk) -> Iterator[Diagnosis]:
    """Say until when we are told of changes; nothing where no channel was ever made."""
    try:
        found = listed(sdk.wire)
    except CrmExpensesError:  # of the scope it is told with the other scopes
        return
    crm, there, now = sdk.wire.crm, found.channels, found.now
    ours = [(one, there[one.id]) for one in wanted(sdk, now) if one.id in there]
    if not ours:
        return
    over = [_name(one) for one, held in ours if _is_over(held, now)]
    lacking = [_name(one) for one in wanted(sdk, now) if one.id not in there]
    if over or lacking:
        names = ", ".join([*over, *lacking])
        yield Diagnosis(Level.WARNING, Problem("zoho.notify_over", {"crm": crm, "names": names}))
    ends = [held.expires for _, held in ours if held.expires is not None and held.expires > now]
    if ends:
        told = {"crm": crm, "count": str(len(ends)), "ends": min(ends).isoformat()}
        yield Diagnosis(Level.GOOD, Problem("zoho.notify_good", told))
