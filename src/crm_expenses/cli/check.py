"""`crm-expenses check`: decide the claims of one file, with no store and no settings."""

from pathlib import Path
from typing import TYPE_CHECKING

from crm_expenses.adapters.contract import SetAside
from crm_expenses.cli.options import Options
from crm_expenses.cli.screen import Screen
from crm_expenses.cli.summary import outcomes_text
from crm_expenses.core.decision import Decision, Outcome
from crm_expenses.errors import ConfigError
from crm_expenses.rules.wording import finding_text

if TYPE_CHECKING:
    import typer

    from crm_expenses.filecheck import CheckCount, CheckRun
    from crm_expenses.rules.policy import Policy


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""

    def check(
        claims: Path = given.argument(..., "CLAIMS", "option.claims"),
        policy: Path = given.option(..., "--policy", "option.policy", "FILE"),
        mapping: Path | None = given.option(None, "--mapping", "option.mapping", "FILE"),
        rates: Path | None = given.option(None, "--rates", "option.rates", "FILE"),
        explain: str | None = given.option(None, "--explain", "option.explain", "LINE"),
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.adapters.files import rates_in  # noqa: PLC0415  heavy
        from crm_expenses.claimdata import decision_json  # noqa: PLC0415  heavy
        from crm_expenses.filecheck import check_file  # noqa: PLC0415  heavy
        from crm_expenses.policyfile import load_policy  # noqa: PLC0415  heavy

        screen = given.screen
        loaded = load_policy(policy)
        known, aside = rates_in(rates, loaded.currency) if rates else ((), ())
        for row in aside:
            _tell(row, screen)
        run = check_file(claims, loaded, mapping, rates=known)
        explained = 0
        with screen.progress() as progress:
            for number, found in enumerate(run, start=1):
                if isinstance(found, SetAside):
                    _tell(found, screen)
                elif explain is not None:
                    explained += _explain(run, loaded, explain, screen)
                elif as_json:
                    screen.give(decision_json(found, loaded))
                else:
                    _show(found, loaded, screen)
                progress("check", number, None)
        _tell_unread(run.count, screen)
        if explain is None:
            _sum_up(run.count, screen)
        elif not explained:
            raise ConfigError("command.no_line", line=explain, path=str(claims))
        if aside or not run.count.is_clean:
            given.leave(1)

    given.add(app, "check", check)


def _explain(run: "CheckRun", policy: "Policy", line: str, screen: Screen) -> int:
    """Print how the decision on a line came about; give how many lines of this id there were."""
    from crm_expenses.api import evaluator_of  # noqa: PLC0415  heavy
    from crm_expenses.rules.explain import explain_claim, explain_line  # noqa: PLC0415  heavy

    facts = run.facts
    if facts is None or line not in {one.id for one in facts.lines}:
        return 0
    evaluator = evaluator_of(policy)
    for drawn in explain_line(evaluator, facts, line, screen.language).lines():
        screen.say(drawn)
    of_claim = explain_claim(evaluator, facts, screen.language)
    for drawn in of_claim.lines() if of_claim.inner else ():
        screen.say(drawn)
    return 1


def _tell(found: SetAside, screen: Screen) -> None:
    for problem in found.problems:
        screen.warn(screen.text("check.aside", text=problem.describe(screen.language)))


def _show(decision: Decision, policy: "Policy", screen: Screen) -> None:
    """Print a claim that does not pass, with the reasons."""
    if decision.outcome is Outcome.PASS:
        return
    language = screen.language
    screen.say(
        screen.text(
            "check.claim",
            claim=decision.claim,
            outcome=screen.text(f"word.{decision.outcome.value}"),
            claimed=f"{decision.claimed.amount:,f}",
            allowed=f"{decision.allowed.amount:,f}",
            currency=decision.allowed.currency,
        )
    )
    for finding in decision.findings:
        screen.say(f"  {finding.code}: {finding_text(policy, finding, language)}")
    for line in decision.lines:
        for finding in line.findings:
            words = finding_text(policy, finding, language)
            screen.say(f"  {line.line}  {finding.code}: {words}")


def _tell_unread(count: "CheckCount", screen: Screen) -> None:
    if count.unread:
        screen.warn(screen.text("check.unread", names=", ".join(sorted(count.unread)[:20])))
    if count.absent:
        screen.warn(screen.text("check.absent", kinds=", ".join(sorted(count.absent))))


def _sum_up(count: "CheckCount", screen: Screen) -> None:
    screen.warn(
        screen.text(
            "check.counts",
            rows=f"{count.rows:,}",
            lines=f"{count.lines:,}",
            set_aside=f"{count.set_aside:,}",
            without=f"{count.without_line:,}",
        )
    )
    outcomes = outcomes_text(count.outcomes, screen) or "-"
    screen.warn(screen.text("check.claims", claims=f"{count.claims:,}", list=outcomes))
