"""Plug-in rules of other packages: found by entry point, loaded only if the settings allow them.

Entry points of the group `crm_expenses.rules` name an object that is a `rules.plug_in.PlugIn`, or a
callable without arguments that makes one. A plug-in that takes too long is given up: the claim goes
to a person, and it is not asked again in this run. Of one that does not stop talking, no more is
kept than may be said: nobody can end its thread.
"""

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from itertools import islice
from typing import Final

from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.record import digest
from crm_expenses.errors import ConfigError
from crm_expenses.rules.plug_in import REMARKS_MAX, PlugIn, Remark, TextPair
from crm_expenses.rules.policy import Policy

GROUP: Final = "crm_expenses.rules"
SECONDS_MAX: Final = 2.0
"""Longest that a plug-in may look at one claim."""

_MEMBERS: Final = ("name", "version", "title", "messages", "judge")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)


def with_plug_ins(policy: Policy, names: Sequence[str]) -> Policy:
    """Give a policy with these plug-ins; their names and versions become part of its digest.

    Raises:
        ConfigError: no such plug-in, two packages claim the name, it cannot be imported, it is
            none, or a rule of the policy has its name.
    """
    if not names:
        return policy
    found = tuple(load_plug_in(name) for name in sorted(set(names)))
    for plug_in in found:
        taken = [r.code for r in policy.rules if r.code.partition(".")[0] == plug_in.name]
        if taken:
            raise ConfigError("plug_in.code", name=plug_in.name, code=taken[0])
    versions = [[plug_in.name, plug_in.version] for plug_in in found]
    return replace(policy, plug_ins=found, digest=digest([policy.digest, versions]))


def load_plug_in(name: str) -> PlugIn:
    """Load the plug-in of a name.

    Raises:
        ConfigError: as for `with_plug_ins`.
    """
    entries = list(entry_points(group=GROUP))
    claims = [entry for entry in entries if entry.name == name]
    if not claims:
        known = ", ".join(sorted({entry.name for entry in entries})) or "-"
        raise ConfigError("plug_in.unknown", name=name[:60], known=known)
    if len({entry.value for entry in claims}) > 1:
        who = ", ".join(sorted(entry.dist.name if entry.dist else "?" for entry in claims))
        raise ConfigError("plug_in.twice", name=name, packages=who)
    try:
        loaded = claims[0].load()
        made = loaded() if isinstance(loaded, type) or not hasattr(loaded, "judge") else loaded
    except (Exception, SystemExit) as error:  # foreign code may raise anything at its import
        detail = f"{type(error).__name__}: {error}"[:300]
        raise ConfigError("plug_in.broken", name=name, detail=detail) from error
    missing = [member for member in _MEMBERS if not hasattr(made, member)]
    if missing:
        raise ConfigError("plug_in.none", name=name, missing=", ".join(missing))
    if made.name != name or not _NAME.fullmatch(name):
        raise ConfigError("plug_in.name", name=name, own=str(made.name)[:60])
    return BoundedPlugIn(made)


class BoundedPlugIn:
    """A plug-in that is given up when it takes too long."""

    def __init__(self, inner: PlugIn, seconds: float = SECONDS_MAX) -> None:
        self._inner = inner
        self._seconds = seconds
        self._is_stuck = False

    @property
    def name(self) -> str:
        """The plug-in's own name."""
        return self._inner.name

    @property
    def version(self) -> str:
        """The plug-in's own version."""
        return str(self._inner.version)

    @property
    def title(self) -> TextPair:
        """What people call it."""
        return self._inner.title

    @property
    def messages(self) -> Mapping[str, TextPair]:
        """What it says."""
        return self._inner.messages

    def judge(self, facts: Facts, decision: Decision) -> Iterable[Remark]:
        """Ask the plug-in, in a thread of its own.

        Raises:
            TimeoutError: it takes too long, or did so before.
            Exception: whatever the plug-in raises.
        """
        if self._is_stuck:
            raise TimeoutError(self.name)
        answer: list[Remark] = []
        raised: list[BaseException] = []

        def ask() -> None:
            try:
                # One more than is allowed, so that whoever counts sees that it was too many.
                answer.extend(islice(self._inner.judge(facts, decision), REMARKS_MAX + 1))
            except BaseException as error:  # noqa: BLE001  handed on to who asked
                raised.append(error)

        thread = threading.Thread(target=ask, name=f"plug-in {self.name}", daemon=True)
        thread.start()
        thread.join(self._seconds)
        if thread.is_alive():
            self._is_stuck = True
            raise TimeoutError(self.name)
        if raised:
            raise RuntimeError(type(raised[0]).__name__) from raised[0]
        return tuple(answer)
