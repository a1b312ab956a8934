"""How calls fail on demand, and which ones."""

import re
import threading
from dataclasses import dataclass
from enum import StrEnum

from crm_expenses.testing.zohosim.asking import Ask


class Fault(StrEnum):
    """One way to fail."""

    BUSY = "busy"
    """429, TOO_MANY_REQUESTS."""
    BUSY_OLD = "busy_old"
    """429, in the older shape: `{"code": 429, "error": ...}`."""
    BUSY_RATE = "busy_rate"
    """429, RATE_LIMIT_EXCEEDED."""
    ERROR_500 = "error_500"
    HTML_502 = "html_502"
    EMPTY_503 = "empty_503"
    HTML_200 = "html_200"
    """200, and a page for people."""
    DROP_BEFORE = "drop_before"
    """The connection ends, nothing was done."""
    DROP_AFTER = "drop_after"
    """The connection ends after the effect, before the answer."""
    HANG_BEFORE = "hang_before"
    """Nothing is done and nothing is said, for a bounded time."""
    HANG_AFTER = "hang_after"
    """The effect is there and nothing is said, for a bounded time."""
    SLOW = "slow"
    """The body comes in small pieces."""
    TRUNCATED = "truncated"
    """The body ends in its middle, as if it were whole."""
    CUT = "cut"
    """The connection ends in the middle of the body."""
    EMPTY_200 = "empty_200"
    """The effect is there, and 200 without a body."""
    TOKEN_REFUSED = "token_refused"  # noqa: S105  no secret
    """401 for a token that is good."""
    TOKENS_REVOKED = "tokens_revoked"
    """All access tokens end at this call."""
    REFRESH_REVOKED = "refresh_revoked"
    """The refresh token ends at this call, with its access tokens."""
    SCOPE_MISSING = "scope_missing"
    NO_PERMISSION = "no_permission"
    REFRESH_DENIED = "refresh_denied"
    """A call for a token: 200, Access Denied."""
    REFRESH_HTML = "refresh_html"
    """A call for a token: 200, a page for people."""
    PRODUCTION_DOMAIN = "production_domain"
    """A call for a token: `api_domain` names the production host."""
    MALFORMED_RECORD = "malformed_record"
    """One record of the page has a date, or a number, that is none."""
    UNKNOWN_FIELD = "unknown_field"
    """The records of the page have a field that the metadata has not."""
    UNKNOWN_PICKLIST = "unknown_picklist"
    """The records of the page have a picklist value that nobody knows."""
    CHANGED_BETWEEN_PAGES = "changed_between_pages"
    """After the answer, its first record is changed by somebody."""
    DELETED_AFTER_LIST = "deleted_after_list"
    """After the answer, its first record is deleted by somebody."""
    PAGE_TOKEN_EXPIRED = "page_token_expired"  # noqa: S105  no secret
    PARTIAL_BATCH = "partial_batch"
    """Each second row of the write is refused."""
    LOCKED_RECORD = "locked_record"
    """The first row of the write is refused: locked."""
    BULK_STUCK = "bulk_stuck"
    """The bulk job that this call makes never ends."""
    BULK_FAILURE = "bulk_failure"
    """The bulk job that this call makes fails."""
    VIRUS_DETECTED = "virus_detected"
    """The upload is refused for what is in it."""
    ZIP_TRUNCATED = "zip_truncated"
    CLOCK_SKEW = "clock_skew"
    """The Date of the answer is ten minutes off."""
    NO_CREDITS = "no_credits"
    """The credits of the day are used up before this call."""
    NOTICE_LOST = "notice_lost"
    NOTICE_TWICE = "notice_twice"
    NOTICE_SWAPPED = "notice_swapped"
    """The notice waits for the next one, and comes after it."""
    NOTICE_FORGED = "notice_forged"
    """The notice carries a token that nobody agreed on."""


NOTICES = frozenset(one for one in Fault if one.name.startswith("NOTICE_"))


@dataclass(slots=True)
class _Planned:
    fault: Fault
    match: re.Pattern[str]
    times: int
    skip: int


class FaultPlan:
    """Which calls fail how. A notice is matched by `NOTICE Module.operation`."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()
        self.happened: list[tuple[str, Fault]] = []

    def add(self, fault: Fault, match: str = "", *, times: int = 1, skip: int = 0) -> None:
        """Let the next calls fail whose `METHOD /path` has the pattern, after some of them."""
        with self._lock:
            self._planned.append(_Planned(fault, re.compile(match), times, skip))

    def clear(self) -> None:
        """Let nothing fail any more."""
        with self._lock:
            self._planned.clear()

    def take(self, ask: Ask) -> frozenset[Fault]:
        """Give how a call shall fail."""
        return self._take(ask.call, notices=False)

    def take_notice(self, name: str) -> frozenset[Fault]:
        """Give how a notice shall fail."""
        return self._take(f"NOTICE {name}", notices=True)

    def _take(self, call: str, *, notices: bool) -> frozenset[Fault]:
        taken: set[Fault] = set()
        with self._lock:
            for one in self._planned:
                is_meant = (one.fault in NOTICES) == notices and one.match.search(call)
                if not is_meant or one.times <= 0 or one.fault in taken:
                    continue
                if one.skip > 0:
                    one.skip -= 1
                    continue
                one.times -= 1
                taken.add(one.fault)
                self.happened.append((call, one.fault))
        return frozenset(taken)
