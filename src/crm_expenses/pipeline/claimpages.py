"""The page of a claim document, from the claim as it stands in the store."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from crm_expenses.analytics.claimpage import ClaimPage, PageLine, PagePayment, PageStep, render
from crm_expenses.core.approval import Approval
from crm_expenses.core.capitals import capitals
from crm_expenses.core.money import Money
from crm_expenses.core.viewer import Viewer
from crm_expenses.messages import LANGUAGES, Language, text
from crm_expenses.pipeline.claimviews import ClaimView, LineView, show_claim
from crm_expenses.pipeline.desk import Desk
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.wording import finding_text


def claim_page(
    desk: Desk,
    number: str,
    *,
    viewer: Viewer,
    at: datetime,
    language: Language,
    company: str = "",
) -> str:
    """Give a claim as a page to print.

    Raises:
        RefusedError: the viewer may not see it; whether it exists is not said.
        ConfigError: the packages of the extra `report` are not installed.
    """
    view = show_claim(desk, number, viewer=viewer, at=at)
    words = _Words(view, desk.company.policy, language, desk.company.zone)
    return render(words.page(company), language=language)


class _Words:
    """A claim in the words of its page."""

    def __init__(self, view: ClaimView, policy: Policy, language: Language, zone: tzinfo) -> None:
        self._view = view
        self._policy = policy
        self._language = language
        self._side = LANGUAGES.index(language)
        self._zone = zone

    def page(self, company: str) -> ClaimPage:
        view = self._view
        life, decision = view.life, view.decision
        standing = life.standing if life is not None else None
        due = standing.due if standing is not None else None
        vouchers = {one.voucher.id for one in view.lines if one.voucher is not None}
        is_sent = life is not None and bool(life.submission)
        return ClaimPage(
            company,
            view.claim.id,
            self._called(view.claim.person),
            view.person.team if view.person is not None else "",
            self._day(view.claim.submitted) if is_sent else "",
            view.claim.title,
            text(f"word.{view.state.value}", self._language),
            str(standing.version if standing is not None else 0),
            self._policy.currency,
            tuple(self._line(one) for one in view.lines),
            _figure(decision.claimed if decision is not None else None),
            _figure(decision.allowed if decision is not None else None),
            _shown(due),
            capitals(due) if due is not None else "",
            len(vouchers),
            tuple(self._steps()),
            tuple(self._payments()),
        )

    def _called(self, person: str) -> str:
        name = self._view.people.get(person, "")
        return f"{name} ({person})" if name and name != person else person

    def _day(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d}"

    def _line(self, of: LineView) -> PageLine:
        line, policy = of.line, self._policy
        category = line.category
        if category in policy.categories:
            category = policy.title_of(category)[self._side]
        said = [part for part in (line.purpose, line.merchant, line.city) if part]
        rate = ""
        if of.rate is not None:
            rate = text(
                "claims.line_rate",
                self._language,
                currency=of.rate.currency,
                rate=f"{of.rate.rate:f}",
                into=of.rate.into,
                day=of.rate.day.isoformat(),
                source=of.rate.source or "—",
            )
        notes = [
            finding_text(policy, one, self._language)
            for one in (of.decided.findings if of.decided is not None else ())
        ]
        if of.is_refused:
            notes.append(text("page.not_refused", self._language))
        return PageLine(
            line.date.isoformat(),
            category,
            " · ".join(said),
            of.voucher.number if of.voucher is not None else "",
            _shown(line.amount),
            rate,
            _figure(of.decided.claimed if of.decided is not None else None),
            _figure(of.decided.allowed if of.decided is not None else None),
            tuple(notes),
        )

    def _steps(self) -> Iterator[PageStep]:
        for one in self._view.steps:
            title = one.step.title[self._side] or one.step.code
            if one.words:
                for word in one.words:
                    yield self._word(title, word)
            else:
                asked = ", ".join(self._called(person) for person in one.step.people)
                yield PageStep(title, asked, "", "")

    def _word(self, title: str, word: Approval) -> PageStep:
        said = text(f"page.word_{word.verdict.value}", self._language)
        if word.refused:
            refused = ", ".join(word.refused)
            said = text("page.word_partly", self._language, lines=refused)
        if word.reason:
            said = f"{said}: {word.reason}"
        at = f"{word.at.astimezone(self._zone):%Y-%m-%d %H:%M}"
        return PageStep(title, self._called(word.approver), at, said)

    def _payments(self) -> Iterator[PagePayment]:
        for advance, amount in self._view.cleared:
            said = text("page.cleared", self._language, advance=advance)
            yield PagePayment("", _shown(amount), said)
        for one in self._view.payments:
            by = self._called(one.by)
            said = f"{one.reference} ({by})" if one.reference else by
            yield PagePayment(one.day.isoformat(), _shown(one.amount), said)


def _figure(amount: Money | None) -> str:
    return "—" if amount is None else f"{amount.amount:,f}"


def _shown(amount: Money | None) -> str:
    return "—" if amount is None else f"{amount.amount:,f} {amount.currency}"
