"""A claim document (报销单) as a page to print: one that opens without a network.

The page is a pure function of the figures; each text is ready in the language of the page.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from crm_expenses.analytics import markup
from crm_expenses.messages import Language, text


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of the page; all of it in words. `notes` are its findings."""

    date: str
    category: str
    purpose: str
    voucher: str
    spent: str
    rate: str
    claimed: str
    allowed: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageStep:
    """A word of an approver, or the step that waits for one."""

    step: str
    by: str
    at: str
    said: str


@dataclass(frozen=True, slots=True)
class PagePayment:
    """A payment of the claim, or what an advance took of it."""

    day: str
    amount: str
    reference: str


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """All that stands on the page. `capitals` is empty where the currency has none."""

    company: str
    number: str
    person: str
    team: str
    submitted: str
    title: str
    state: str
    version: str
    currency: str
    lines: tuple[PageLine, ...]
    claimed: str
    allowed: str
    due: str
    capitals: str
    vouchers: int
    steps: tuple[PageStep, ...]
    payments: tuple[PagePayment, ...]


SIGNED_BY: Final = (
    "page.sign_claimant",
    "page.sign_manager",
    "page.sign_finance",
    "page.sign_cashier",
)


def render(page: ClaimPage, *, language: Language) -> str:
    """Give the whole page.

    Raises:
        ConfigError: the packages of the extra `report` are not installed.
    """
    environment = markup.environment()
    own = files("crm_expenses.analytics")
    style = own.joinpath("claimpage.css").read_text("utf-8")
    template = environment.from_string(own.joinpath("claimpage.html.j2").read_text("utf-8"))
    return template.render(
        page=page,
        tag=markup.TAGS[language],
        style=markup.markup(style),
        style_digest=markup.digest(style),
        t=lambda code, **values: text(code, language, **values),
        bdi=markup.bdi,
        signed_by=SIGNED_BY,
    )
