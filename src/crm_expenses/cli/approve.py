"""`crm-expenses approvals approve`, `reject`, `return`: a person's word, recorded as asserted."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.cli.approvaldesk import Acting, acting
from crm_expenses.cli.clock import moment
from crm_expenses.cli.desk import called
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.core.approval import Verdict, Word
from crm_expenses.core.life import SETTLED, Life
from crm_expenses.core.ownclaim import OWN
from crm_expenses.errors import ConfigError, RefusedError, exit_code
from crm_expenses.messages import LANGUAGES

if TYPE_CHECKING:
    import typer


@dataclass(frozen=True)
class _Answer:
    """What became of one claim: its life afterwards, or why the word does not count."""

    claim: str
    life: Life | None = None
    error: RefusedError | None = None


def register(group: "typer.Typer", given: Options) -> None:
    """Add the commands."""
    _add_approve(group, given)
    for name, verdict in (("reject", Verdict.REJECT), ("return", Verdict.RETURN)):
        _add_no(group, given, name, verdict)


def _add_approve(group: "typer.Typer", given: Options) -> None:
    def approve(  # noqa: PLR0913  one argument an option
        claims: list[str] = given.argument(..., "CLAIM...", "option.claim_ids"),
        refuse: list[str] = given.option([], "--refuse", "option.refuse", "LINE"),
        reason: str = given.option("", "--reason", "option.say_reason", "TEXT"),
        step: str = given.option("", "--step", "option.step", "CODE"),
        seen: str = given.option("", "--seen", "option.seen", "CODE"),
        *,
        crm: str | None = given.option(None, "--crm", "option.crm_name", "CRM"),
        person: str = given.option("", "--as", "option.as", "PERSON"),
        settings: Path = given.settings,
        at: str = given.at,
        as_json: bool = given.json,
    ) -> None:
        for option, value in (("--refuse", refuse), ("--seen", seen)):
            if value and len(claims) > 1:
                raise ConfigError("approve.one_only", option=option, count=str(len(claims)))
        with acting(settings, crm, person) as now:
            word = Word(
                now.person, moment(at), Verdict.APPROVE, step, tuple(refuse), reason, seen=seen
            )
            _answer_all(now, list(dict.fromkeys(claims)), word, given, as_json=as_json)

    given.add(group, "approve", approve, code="command.approvals_approve")


def _add_no(group: "typer.Typer", given: Options, name: str, verdict: Verdict) -> None:
    def answer(  # noqa: PLR0913  one argument an option
        claim: str = given.argument(..., "CLAIM", "option.claim_id"),
        reason: str = given.option(..., "--reason", "option.say_reason", "TEXT"),
        step: str = given.option("", "--step", "option.step", "CODE"),
        seen: str = given.option("", "--seen", "option.seen", "CODE"),
        *,
        crm: str | None = given.option(None, "--crm", "option.crm_name", "CRM"),
        person: str = given.option("", "--as", "option.as", "PERSON"),
        settings: Path = given.settings,
        at: str = given.at,
        as_json: bool = given.json,
    ) -> None:
        with acting(settings, crm, person) as now:
            word = Word(now.person, moment(at), verdict, step, (), reason, seen=seen)
            _answer_all(now, [claim], word, given, as_json=as_json)

    given.add(group, name, answer, code=f"command.approvals_{name}")


def _answer_all(
    now: Acting, claims: list[str], word: Word, given: Options, *, as_json: bool
) -> None:
    """Answer each claim; one that is refused does not stop the others."""
    screen = given.screen
    answers = [_answer(now, claim, word) for claim in claims]
    if as_json:
        screen.give({"answers": [_json(one) for one in answers]})
    else:
        with now.desk() as desk:
            names = {person: of.name for person, of in desk.people().items()}
        for one in answers:
            _tell(one, word.verdict, names, screen)
        if now.crm != OWN and any(one.life for one in answers):
            screen.say(screen.text("approve.tell"))
    codes = [exit_code(one.error) for one in answers if one.error is not None]
    if codes:
        given.leave(codes[0])


def _answer(now: Acting, claim: str, word: Word) -> _Answer:
    from crm_expenses.pipeline import speak  # noqa: PLC0415  heavy

    try:
        with now.desk() as desk:
            desk.life(claim)  # whoever may not see it is not told whom it waits for
        life = speak(now.job.store, now.crm, claim, word, now.company)
    except RefusedError as error:
        return _Answer(claim, error=error)
    return _Answer(claim, life)


def _tell(one: _Answer, verdict: Verdict, names: dict[str, str], screen: Screen) -> None:
    if one.life is None:
        told = one.error.describe(screen.language) if one.error else ""
        screen.warn(screen.text("approve.refused", text=told))
        return
    said = screen.text(f"approve.verdict_{verdict.value}")
    screen.say(screen.text("approve.counted", claim=one.claim, verdict=said))
    life, state = one.life, screen.text(f"word.{one.life.state.value}")
    due = life.standing.due
    if life.asked:
        comma = screen.text("prose.comma")
        asked = comma.join(called(person, names) for person in life.asked)
        screen.say("  " + screen.text("approve.next", state=state, list=asked))
    elif due is not None and life.state in SETTLED:
        shown = f"{due.amount:,f} {due.currency}"
        screen.say("  " + screen.text("approve.now_due", state=state, due=shown))
    else:
        screen.say("  " + screen.text("approve.now", state=state))


def _json(one: _Answer) -> dict[str, object]:
    if one.life is None:
        problem = one.error.problems[0] if one.error else None
        return {
            "claim": one.claim,
            "counted": False,
            "code": problem.code if problem else "",
            "message": {at: problem.describe(at) if problem else "" for at in LANGUAGES},
        }
    life, due = one.life, one.life.standing.due
    return {
        "claim": one.claim,
        "counted": True,
        "state": life.state.value,
        "version": life.standing.version,
        "step": life.open_step,
        "asked": list(life.asked),
        "approved": None
        if due is None
        else {"amount": f"{due.amount:f}", "currency": due.currency},
        "refused": list(life.standing.refused),
    }
