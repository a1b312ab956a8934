"""One organisation as its callers reach it: what each call is, and what it costs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from crm_expenses.testing.zohosim import (
    bulkread,
    bulkwrite,
    filing,
    metadata,
    organisation,
    parameters,
    querying,
    reading,
    writing,
)
from crm_expenses.testing.zohosim.asking import Answer, Ask
from crm_expenses.testing.zohosim.bulkjobs import Jobs
from crm_expenses.testing.zohosim.credits import Ledger, Turnstile, allowance, rows_cost
from crm_expenses.testing.zohosim.holding import Change
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.refusal import RefusalError
from crm_expenses.testing.zohosim.tokens import Access, TokenDesk
from crm_expenses.testing.zohosim.watching import Channels, Notice, Pusher

VERSIONS: Final = ("v2", "v3", "v4", "v5", "v6", "v7", "v8")
MODULE_CREDITS: Final = 500
BULK_READ_CREDITS: Final = 50
BULK_WRITE_CREDITS: Final = 500


@dataclass(frozen=True, slots=True)
class Routed:
    """What a call is: its credits, its scope, and what answers it."""

    act: Callable[[], Answer]
    scope: str
    credits: int = 1
    is_heavy: bool = False


class Site:
    """The server's side of one organisation."""

    def __init__(self, org: Org, pusher: Pusher) -> None:
        self.org = org
        settings = org.settings
        self.desk = TokenDesk(f"org{settings.number}", org.time, user=org.admin)
        total = allowance(settings.edition, settings.users)
        self.credits = Ledger(total, org.time)
        self.turnstile = Turnstile(settings.edition)
        self.pages = reading.PageTokens()
        self.jobs = Jobs(org)
        self.uploads = bulkwrite.Uploads()
        self.channels = Channels(org)
        self._pusher = pusher
        org.on_write(self._told)

    def _told(self, change: Change) -> None:
        for notice in self.channels.notices(change):
            self._pusher.push(notice)

    def routed(self, ask: Ask, access: Access) -> Routed:
        """Say what a call is.

        Raises:
            RefusalError: there is no such address.
        """
        match ask.steps:
            case "crm", "bulk", version, *rest if version in VERSIONS and rest:
                return self._bulk(ask, access, tuple(rest))
            case "crm", version, *rest if version in VERSIONS and rest:
                return self._crm(ask, access, tuple(rest))
            case "v2", "crm", self.org.id, "bulk-write", job, _ if ask.method == "GET":
                return Routed(lambda: self.jobs.fetched(job), "ZohoCRM.bulk.READ")
            case _:
                raise no_address(ask)

    def _bulk(self, ask: Ask, access: Access, rest: tuple[str, ...]) -> Routed:
        jobs, user, scope = self.jobs, access.user, "ZohoCRM.bulk"
        match ask.method, *rest:
            case "POST", "read":
                return Routed(
                    lambda: self._begun(ask, user, "read"), f"{scope}.READ", BULK_READ_CREDITS
                )
            case "GET", "read", job:
                return Routed(lambda: bulkread.status(jobs, job), f"{scope}.READ")
            case "GET", "read", job, "result":
                return Routed(lambda: jobs.fetched(job), f"{scope}.READ")
            case "POST", "write":
                act = lambda: self._begun(ask, user, "write")  # noqa: E731
                return Routed(act, f"{scope}.CREATE", BULK_WRITE_CREDITS)
            case "GET", "write", job:
                return Routed(lambda: bulkwrite.status(jobs, job), f"{scope}.READ")
            case _:
                raise no_address(ask)

    def _begun(self, ask: Ask, user: str, operation: str) -> Answer:
        """Begin a bulk job; who wants to be called back is, and then it has ended."""
        if operation == "read":
            answer = bulkread.created(self.jobs, ask, user)
        else:
            answer = bulkwrite.created(self.jobs, self.uploads, ask, user)
        callback = ask.json().get("callback")
        if callback:
            job = [*self.jobs.held.values()][-1]
            job.polls = self.org.switches.bulk_polls
            told = bulkread.callback_of if operation == "read" else bulkwrite.callback_of
            self._pusher.push(Notice(str(callback.get("url")), told(job)))
        return answer

    def _crm(self, ask: Ask, access: Access, rest: tuple[str, ...]) -> Routed:
        org, user = self.org, access.user
        match ask.method, *rest:
            case "GET", "users":
                return Routed(lambda: organisation.users(org, ask, user), "ZohoCRM.users.READ")
            case "GET", "users", record if parameters.is_id(record):
                return Routed(lambda: organisation.user(org, record), "ZohoCRM.users.READ")
            case "GET", "org":
                return Routed(lambda: organisation.organisation(org), "ZohoCRM.org.READ")
            case "GET", "org", "currencies":
                scope = "ZohoCRM.settings.currencies.READ"
                return Routed(lambda: organisation.currencies(org), scope)
            case "POST", "upload":
                act = lambda: bulkwrite.uploaded(self.jobs, self.uploads, ask)  # noqa: E731
                return Routed(act, "ZohoFiles.files.CREATE")
            case "POST", "files":
                return Routed(lambda: filing.kept(org, org.files, ask), "ZohoCRM.Files.CREATE")
            case "GET", "files":
                return Routed(lambda: filing.kept_file(org.files, ask), "ZohoCRM.Files.READ")
            case method, "actions", "watch":
                verbs = {"GET": "READ", "POST": "CREATE", "DELETE": "DELETE"}
                scope = f"ZohoCRM.notifications.{verbs.get(method, 'UPDATE')}"
                return Routed(lambda: self.channels.answer(ask), scope)
            case "POST", "coql":
                price = querying.cost(org, ask)
                act = lambda: querying.queried(org, ask)  # noqa: E731
                return Routed(act, "ZohoCRM.coql.READ", price, is_heavy=True)
            case _, "settings", *what:
                return self._settings(ask, tuple(what))
            case _, module, *what:
                return self._records(ask, access, module, tuple(what))
            case _:
                raise no_address(ask)

    def _settings(self, ask: Ask, what: tuple[str, ...]) -> Routed:
        org = self.org
        scope = f"ZohoCRM.settings.{what[0] if what else ''}"
        match ask.method, *what:
            case "GET", "modules":
                return Routed(lambda: metadata.modules(org), f"{scope}.READ")
            case "GET", "modules", name:
                return Routed(lambda: metadata.one_module(org, name), f"{scope}.READ")
            case "POST", "modules":
                act = lambda: metadata.create_modules(org, ask.json())  # noqa: E731
                return Routed(act, f"{scope}.CREATE", MODULE_CREDITS)
            case "GET", "fields":
                return Routed(lambda: metadata.fields(org, ask), f"{scope}.READ")
            case "POST", "fields":
                return Routed(lambda: metadata.create_fields(org, ask), f"{scope}.CREATE")
            case "GET", "profiles":
                return Routed(lambda: metadata.profiles(org), f"{scope}.READ")
            case "GET", "roles":
                return Routed(lambda: metadata.roles(org), f"{scope}.READ")
            case "GET", "layouts":
                return Routed(lambda: metadata.layouts(org, ask), f"{scope}.READ")
            case _:
                raise no_address(ask)

    def _records(self, ask: Ask, access: Access, name: str, what: tuple[str, ...]) -> Routed:
        org, user = self.org, access.user
        held = org.module(name)
        scope = f"ZohoCRM.modules.{'custom' if held.custom else name.lower()}"
        match ask.method, *what:
            case ("GET",):
                is_heavy = "cvid" in ask.query or "sort_by" in ask.query
                price = 3 if "cvid" in ask.query else 1
                act = lambda: reading.listed(org, self.pages, ask, name, user)  # noqa: E731
                return Routed(act, f"{scope}.READ", price, is_heavy)
            case "GET", "deleted":
                act = lambda: reading.deleted(org, ask, name)  # noqa: E731
                return Routed(act, f"{scope}.READ", org.switches.deleted_credits)
            case "GET", "actions", "count":
                return Routed(lambda: reading.counted(org, name), "ZohoSearch.securesearch.READ")
            case _, record, "Attachments", *rest:
                return self._files(ask, user, (name, record), tuple(rest))
            case "GET", record:
                return Routed(lambda: reading.one(org, ask, name, record), f"{scope}.READ")
            case ("POST" | "PUT",) | ("POST", "upsert") | ("PUT", _):
                return self._write(ask, user, name, what, scope)
            case ("DELETE",) | ("DELETE", _):
                record = what[0] if what else ""
                rows = len(ask.query.get("ids", "").split(","))
                act = lambda: writing.removed(org, ask, name, user, record=record)  # noqa: E731
                return Routed(act, f"{scope}.DELETE", 1, rows > 10)
            case _:
                raise no_address(ask)

    def _files(self, ask: Ask, user: str, at: tuple[str, str], rest: tuple[str, ...]) -> Routed:
        org, files, scope = self.org, self.org.files, "ZohoCRM.modules.attachments"
        match ask.method, *rest:
            case ("GET",):
                return Routed(lambda: filing.listed(org, files, ask, *at), f"{scope}.READ")
            case ("POST",):
                act = lambda: filing.uploaded(org, files, ask, at, user)  # noqa: E731
                return Routed(act, f"{scope}.CREATE")
            case "GET", file:
                return Routed(lambda: filing.downloaded(org, files, at, file), f"{scope}.READ")
            case ("DELETE",) | ("DELETE", _):
                ids = list(rest) or ask.query.get("ids", "").split(",")
                return Routed(lambda: filing.removed(files, ids), f"{scope}.DELETE")
            case _:
                raise no_address(ask)

    def _write(self, ask: Ask, user: str, name: str, what: tuple[str, ...], scope: str) -> Routed:
        try:
            rows = len(writing.rows_of(ask))
        except RefusalError:
            rows = 1
        record = what[0] if what and what[0] != "upsert" else ""
        verb = "UPDATE" if ask.method == "PUT" else "CREATE"
        return Routed(
            lambda: writing.written(self.org, ask, name, user, record=record),
            f"{scope}.{verb}",
            rows_cost(rows),
            rows > 10,
        )


def no_address(ask: Ask) -> RefusalError:
    """Refuse an address that there is not."""
    del ask
    message = "Please check if the URL trying to access is a correct one"
    return RefusalError("INVALID_URL_PATTERN", message, status=404)
