"""Return figures for the CRM: of the whole months that have ended, made once a day at most."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from crm_expenses.adapters.contract import ResultKind, ReturnResult
from crm_expenses.core.money import Money
from crm_expenses.core.period import Period
from crm_expenses.core.record import canonical
from crm_expenses.core.roi import Figure, PersonReturn
from crm_expenses.messages import Language, text
from crm_expenses.pipeline.figures import look_back, people_of, return_rows_of
from crm_expenses.pipeline.job import Job
from crm_expenses.store.returns import keep_returns_day, returns_day
from crm_expenses.store.work import Write

KIND: Final = ResultKind.RETURN_RESULT
_FIGURES: Final = {
    "roi": "report.return",
    "growth": "report.growth",
    "win_rate": "report.win_rate",
    "retention": "report.retention",
    "satisfaction": "report.satisfaction",
}
"""The figures that may be lacking, each with the code of its name."""


def tell_returns(job: Job, at: datetime) -> None:
    """Put return figures into the outbox where the CRM has a place for them and they are due.

    What is told already is not told again; who is not known to the CRM is left out.
    """
    every = job.parts.sync.returns_every_days
    if not every or KIND not in job.adapter.capabilities.writes:
        return
    day = at.astimezone(job.settings.zone).date()
    crm = job.adapter.name
    with job.store.reading() as connection:
        last = returns_day(connection, crm)
    if last is not None and timedelta() <= day - last < timedelta(days=every):
        return
    period = look_back(day.replace(day=1) - timedelta(days=1), job.settings.months)
    known = people_of(job.store, crm)
    rows = (one.figures for one in return_rows_of(job, period))
    writes = [_write(one, period) for one in rows if one.person in known]
    with job.store.work(crm) as work:
        work.send(writes)
        keep_returns_day(work.connection, crm, day)


def _write(made: PersonReturn, period: Period) -> Write:
    result = ReturnResult(
        person=made.person,
        start=period.start,
        end=period.end,
        cost=Money(made.cost, made.currency),
        won=Money(made.won, made.currency),
        roi=made.roi.value,
        growth=made.growth.value,
        win_rate=made.win_rate.value,
        retention=made.retention.value,
        satisfaction=made.satisfaction.value,
        customers_new=made.customers_new,
        notes_en="\n".join(_notes(made, "en")),
        notes_zh="\n".join(_notes(made, "zh")),
    )
    return Write(KIND.value, made.person, canonical(result))


def _notes(made: PersonReturn, language: Language) -> Iterator[str]:
    """Say which figures the data do not carry, and why."""
    for name, code in _FIGURES.items():
        figure: Figure = getattr(made, name)
        if figure.reason is not None:
            why = text(f"roi.{figure.reason}", language)
            yield text("word.lacking", language, figure=text(code, language), why=why)
