"""The simulator over HTTP, on this machine only: connections, faults, and the log of calls."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from crm_expenses.testing.zohosim import damage
from crm_expenses.testing.zohosim.asking import Answer, Ask, json_answer, refusal_answer
from crm_expenses.testing.zohosim.credits import Ledger
from crm_expenses.testing.zohosim.faults import Fault, FaultPlan
from crm_expenses.testing.zohosim.handler import LOOPBACK, Handler, Server
from crm_expenses.testing.zohosim.holding import wall_clock
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.refusal import RefusalError
from crm_expenses.testing.zohosim.site import Site
from crm_expenses.testing.zohosim.tokens import Access, need_scope
from crm_expenses.testing.zohosim.watching import Pusher

PRODUCTION: Final = "https://www.zohoapis.com"
SKEW: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Logged:
    """One call that came."""

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    status: int
    credits: int
    token: int
    """Which token of the run it carried, from 1; 0 for none."""
    connection: int
    organisation: str
    code: str = ""
    """The code of a refusal."""

    @property
    def call(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


class ZohoSim:
    """A running simulator; it ends with `close`. `heard` is told of each call before its answer."""

    def __init__(
        self,
        org: Org | None = None,
        *,
        clock: Callable[[], datetime] = wall_clock,
        others: Sequence[Org] = (),
        heard: Callable[[Ask], None] | None = None,
        port: int = 0,
    ) -> None:
        self.org = org or Org(clock=clock)
        self.faults = FaultPlan()
        self.pusher = Pusher(self.faults)
        self.sites = [Site(one, self.pusher) for one in (self.org, *others)]
        self.log: list[Logged] = []
        self.heard = heard
        self.inside: Callable[[Ask], None] | None = None
        """Told of each call while it holds its place among those that run at once."""
        self.hang_seconds = 30.0
        self.slow_seconds = 1.0
        self.ended = threading.Event()
        self._lock = threading.Lock()
        made = type("_Bound", (Handler,), {"sim": self})
        self._server: ThreadingHTTPServer = Server((LOOPBACK, port), made)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    @property
    def site(self) -> Site:
        """The first organisation's side of the server."""
        return self.sites[0]

    @property
    def credits(self) -> Ledger:
        """The ledger of the first organisation."""
        return self.site.credits

    @property
    def secrets(self) -> dict[str, str]:
        """What signs in to the first organisation; the grant is a new one each time."""
        return {**self.secrets_of(self.site), "grant_token": self.site.desk.new_grant()}

    def given_secrets(self) -> frozenset[str]:
        """Give each secret that anybody ever had: what a log, a file or a text may not have."""
        return frozenset().union(*(site.desk.secrets for site in self.sites))

    def secrets_of(self, site: Site) -> dict[str, str]:
        """Give the secrets of an organisation."""
        return {
            "client_secret": site.desk.client_secret,
            "refresh_token": site.desk.refresh_token,
        }

    def environment(self, site: Site | None = None) -> dict[str, str]:
        """Give the variables that `settings` names."""
        held = site or self.site
        number = held.org.settings.number
        return {f"SIM{number}_{name.upper()}": text for name, text in self.secrets_of(held).items()}

    def settings(self, site: Site | None = None, *, folder: Path | None = None) -> dict[str, Any]:
        """Give what `[crm.NAME]` says; secrets by variables, or by files in a folder."""
        held = site or self.site
        number, own = held.org.settings.number, held.org.settings
        told: dict[str, Any] = {
            "data_centre": "us",
            "addresses": {
                "accounts": f"{self.url}/oauth/v2/token",
                "api": self.url,
                "content": self.url,
            },
            "client_id": held.desk.client_id,
            "edition": own.edition,
            "users": own.users,
            "organisation": held.org.id,
            "private_addresses": True,
            "plain_http": True,
        }
        for name, text in self.secrets_of(held).items():
            if folder is None:
                told[f"{name}_variable"] = f"SIM{number}_{name.upper()}"
            else:
                file = folder / f"{name}-{number}"
                file.write_text(text, encoding="utf-8")
                file.chmod(0o600)
                told[f"{name}_file"] = str(file)
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering, and end all connections."""
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.pusher.close()

    # -- answering -------------------------------------------------------------------------------

    def answer(self, ask: Ask) -> tuple[Answer, frozenset[Fault]]:
        """Answer one call, and say what becomes of the answer on its way."""
        if self.heard is not None:
            self.heard(ask)
        faults = self.faults.take(ask)
        access, site = self._holder(ask)
        spent = 0
        try:
            early = damage.early(faults)
            if early is not None:
                answer = early
            elif ask.path.startswith("/oauth/v2/token"):
                answer = self._token_call(ask, faults)
            else:
                answer, spent = self._api_call(ask, faults, access, site)
        except RefusalError as error:
            answer = refusal_answer(error)
        self._note(ask, answer, spent, access, site)
        return answer, faults

    def _holder(self, ask: Ask) -> tuple[Access | None, Site | None]:
        for site in self.sites:
            access = site.desk.holder(ask)
            if access is not None:
                return access, site
        return None, None

    def _token_call(self, ask: Ask, faults: frozenset[Fault]) -> Answer:
        asked = {**ask.query, **ask.form()}
        if ask.path == "/oauth/v2/token/revoke":
            is_known = any(site.desk.revoke(asked.get("token", "")) for site in self.sites)
            return json_answer(
                {"status": "success"} if is_known else {"error": "invalid_token"},
                200 if is_known else 400,
            )
        for site in self.sites:
            if site.desk.knows(asked):
                answer = site.desk.answer(asked)
                if Fault.PRODUCTION_DOMAIN in faults:
                    told = {**json.loads(answer.body), "api_domain": PRODUCTION}
                    return json_answer(told)
                return answer
        return json_answer({"error": "invalid_client"})

    def _api_call(
        self, ask: Ask, faults: frozenset[Fault], access: Access | None, site: Site | None
    ) -> tuple[Answer, int]:
        if access is None or site is None:
            raise RefusalError("INVALID_TOKEN", "invalid oauth token", status=401)
        damage.before(site, faults, access)
        routed = site.routed(replace(ask, wanted=damage.inside(faults)), access)
        need_scope(access, routed.scope, status=site.org.switches.scope_status)
        with site.turnstile.entered(heavy=routed.is_heavy):
            site.credits.spend(routed.credits)
            try:
                if self.inside is not None:
                    self.inside(ask)
                with site.org.lock:
                    answer = routed.act()
            except RefusalError as error:
                answer = refusal_answer(error)
        answer = damage.after(site, faults, ask, answer)
        more = (*answer.headers, *site.credits.remaining_header())
        return replace(answer, headers=more), routed.credits

    def _note(
        self, ask: Ask, answer: Answer, spent: int, access: Access | None, site: Site | None
    ) -> None:
        found = re.search(rb'"code":"([A-Z_]+)"', answer.body[:200])
        code = found[1].decode() if found and answer.status >= 400 else ""
        with self._lock:
            self.log.append(
                Logged(
                    ask.method,
                    ask.path,
                    ask.query,
                    answer.status,
                    spent,
                    access.number if access else 0,
                    ask.connection,
                    site.org.id if site else "",
                    code,
                )
            )

    def calls(self, match: str = "") -> list[Logged]:
        """Give the calls whose `METHOD /path` has a pattern."""
        with self._lock:
            return [one for one in self.log if re.search(match, one.call)]

    def date(self, faults: frozenset[Fault]) -> datetime:
        """Give the time that answers carry."""
        return self.org.clock() + (SKEW if Fault.CLOCK_SKEW in faults else timedelta())
