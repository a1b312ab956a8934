"""What a reply means, by the rules of a connection file. Pure.

The rules come first, in their order; then the rule of success; then the usual meaning of the
status. An answer that says success and is no JSON is none: a proxy's page, most likely.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from crm_expenses.adapters import answers
from crm_expenses.adapters.exchange import Received, Reply, read_json, retry_after_seconds
from crm_expenses.adapters.rest.path import found
from crm_expenses.adapters.rest.spec import Category, Constant, ErrorRule, Success
from crm_expenses.errors import (
    AllowanceError,
    AuthError,
    ConfigError,
    ConflictError,
    CrmExpensesError,
    RefusedError,
    RetryableError,
)

TEXT_BYTES_MAX: Final = 20_000
"""So much of a body is searched for the words of a rule."""

_GOOD: Final = frozenset({Category.SUCCESS, Category.EMPTY, Category.END})
_REFUSED: Final[Mapping[Category, str]] = {
    Category.NOT_FOUND: "http.not_found",
    Category.VALIDATION: "rest.validation",
    Category.DUPLICATE: "rest.duplicate",
}
DUPLICATE: Final = "rest.duplicate"
NOT_FOUND: Final = "http.not_found"


@dataclass(frozen=True, slots=True)
class Judging:
    """The rules of one call; `shown` names the call for people, without what is secret.

    `wall` gives seconds since 1970, `zone` is the CRM's.
    """

    crm: str
    rules: tuple[ErrorRule, ...]
    success: Success
    shown: str
    zone: ZoneInfo
    wall: Callable[[], float]

    def judge(self, reply: Reply, usual: Callable[[], CrmExpensesError]) -> CrmExpensesError | None:
        """Say what a reply means: None for a good one."""
        body = _Body(reply)
        rule = self.rule(reply, body)
        if rule is not None:
            return None if rule.category in _GOOD else self._error(rule, reply, body, usual)
        if reply.status not in self.success.status:
            if 200 <= reply.status < 300:  # a job that is still to be done, say: nobody knows
                return answers.wrong_answer(self.crm, f"status {reply.status}")
            return usual()
        for path, allowed in self.success.body.items():
            if not is_one(found(body.read, path), allowed):
                detail = f"{path or 'the body'} is not {', '.join(map(str, allowed))}"
                return answers.wrong_answer(self.crm, detail)
        return None

    def rule(self, reply: Reply, body: "_Body") -> ErrorRule | None:
        """Give the first rule that fits."""
        return next((rule for rule in self.rules if _fits(rule, reply, body)), None)

    def category(self, reply: Reply) -> Category:
        """Give what a good reply is: success, empty, or the end of the pages."""
        rule = self.rule(reply, _Body(reply))
        return rule.category if rule is not None else Category.SUCCESS

    def _error(
        self,
        rule: ErrorRule,
        reply: Reply,
        body: "_Body",
        usual: Callable[[], CrmExpensesError],
    ) -> CrmExpensesError:
        detail = _words(found(body.read, rule.detail)) if rule.detail else ""
        if not detail and rule.detail_header:
            detail = _words(reply.headers.get(rule.detail_header.lower(), ""))
        crm, shown, status, told = self.crm, self.shown, str(reply.status), detail or "-"
        match rule.category:
            case (Category.NOT_FOUND | Category.VALIDATION | Category.DUPLICATE) as category:
                code = _REFUSED[category]
                return RefusedError(code, crm=crm, request=shown, status=status, detail=told)
            case Category.AUTH_EXPIRED:
                return AuthError("http.auth", crm=crm, request=shown, status=status)
            case Category.FORBIDDEN:
                return AuthError("http.permission", crm=crm, request=shown, status=status)
            case Category.CONFLICT:
                return ConflictError("http.conflict", crm=crm, request=shown, status=status)
            case Category.RATE_LIMITED | Category.LOCKED:
                wait = self._wait(rule, reply)
                return RetryableError(
                    "http.busy", retry_after=wait, crm=crm, request=shown, status=status
                )
            case Category.QUOTA_EXHAUSTED:
                wait = self._wait(rule, reply) or self._to_midnight()
                return AllowanceError(
                    "rest.quota", retry_after=wait, crm=crm, request=shown, detail=told
                )
            case Category.TRANSIENT:
                wait = self._wait(rule, reply)
                return RetryableError(
                    "http.server", retry_after=wait, crm=crm, request=shown, status=status
                )
            case Category.CONFIG:
                return ConfigError("rest.config", crm=crm, request=shown, detail=told)
            case _:
                error = usual()
                if isinstance(error, RetryableError):
                    return error
                return answers.wrong_answer(crm, detail or f"status {status}")

    def _wait(self, rule: ErrorRule, reply: Reply) -> int | None:
        if rule.wait == "until_midnight":
            return self._to_midnight()
        told = retry_after_seconds(reply.headers.get("retry-after", ""), self.wall())
        if told is None or rule.wait == "seconds":
            return rule.wait_seconds or told
        return told

    def _to_midnight(self) -> int:
        now = datetime.fromtimestamp(self.wall(), UTC).astimezone(self.zone)
        end = datetime.combine(now.date() + timedelta(days=1), time(), self.zone)
        return max(1, int((end - now).total_seconds()))


def body_of(crm: str, reply: Reply) -> Received:
    """Give the body of a good reply; an empty one is None.

    Raises:
        RetryableError: it is no JSON.
    """
    if not reply.body.strip():
        return None
    try:
        return read_json(reply.body)
    except RefusedError as error:
        kind = reply.headers.get("content-type", "?")[:60]
        raise answers.wrong_answer(crm, f"{kind}: {error.describe()}"[:200]) from error


class _Body:
    """The body of a reply, read as JSON when a rule asks for it: a page may be large."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    @cached_property
    def read(self) -> Received:
        """The JSON, None where it is empty or none."""
        try:
            return read_json(self._reply.body) if self._reply.body.strip() else None
        except RefusedError:
            return None


def _fits(rule: ErrorRule, reply: Reply, body: _Body) -> bool:
    if rule.status is not None and reply.status not in rule.status:
        return False
    if not all(is_one(found(body.read, path), allowed) for path, allowed in rule.body.items()):
        return False
    for name, pattern in rule.header.items():
        if not re.search(pattern, reply.headers.get(name.lower(), "")):
            return False
    if rule.message:
        text = reply.body[:TEXT_BYTES_MAX].decode("utf-8", "replace")
        return re.search(rule.message, text) is not None
    return True


def is_one(held: object, allowed: tuple[Constant, ...]) -> bool:
    """Say whether one of the values stands there.

    A number is equal to its text, 1 and 0 are yes and no, and nothing is nothing but itself.

    >>> is_one("7", (7,)), is_one(1, (True,)), is_one("1", (True,)), is_one(None, (0, "", False))
    (True, True, False, False)
    """
    return any(_is(held, value) for value in allowed)


def _is(held: object, value: Constant) -> bool:
    if held is None or value is None:
        return held is value
    if isinstance(held, int | Decimal) and isinstance(value, int | Decimal):
        return held == value
    if isinstance(held, bool) or isinstance(value, bool):
        return False
    return isinstance(held, str | int | Decimal) and str(held) == str(value)


def _words(held: object) -> str:
    """Give the CRM's words for people, short and on one line."""
    if not isinstance(held, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in held)[:200].strip()
