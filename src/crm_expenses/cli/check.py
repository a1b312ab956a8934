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

    from crm_expenses.core.rates import Rate
    from crm_expenses.filecheck import CheckCount, CheckRun
    from crm_expenses.rules.policy import Policy


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""

    def check(  # noqa: PLR0913  the options of the command
        claims: Path = given.argument(..., "CLAIMS", "option.claims"),
        policy: Path = given.option(..., "--policy", "option.policy", "FILE"),
        mapping: Path | None = given.option(None, "--mapping", "option.mapping", "FILE"),
        rates: Path | None = given.option(None, "--rates", "option.rates", "FILE"),
        explain: str | None = given.option(None, "--explain", "option.explain", "LINE"),
        out: Path | None = given.option(None, "--out", "option.check_out", "PATH"),
        engine: str = given.option("duckdb", "--engine", "option.engine", "URL"),
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.adapters.files import rates_in  # noqa: PLC0415  heavy
        from crm_expenses.filecheck import check_file  # noqa: PLC0415  heavy
        from crm_expenses.policyfile import load_policy  # noqa: PLC0415  heavy

        screen = given.screen
        loaded = load_policy(policy)
        known, aside = rates_in(rates, loaded.currency) if rates else ((), ())
        for row in aside:
            _tell(row, screen)
        if out is not None:
            if explain is not None:
                raise ConfigError("bulk.not_with_out", option="--explain")
            place = (str(claims), engine, mapping, known)
            is_clean = _in_bulk(place, loaded, out, screen, as_json=as_json)
        elif claims.is_dir() or engine != "duckdb":
            raise ConfigError("bulk.needs_out", path=str(claims), engine=engine.partition(":")[0])
        else:
            run = check_file(claims, loaded, mapping, rates=known)
            explained = _one_by_one(run, loaded, explain, screen, as_json=as_json)
            if explain is not None and not explained:
                raise ConfigError("command.no_line", line=explain, path=str(claims))
            is_clean = run.count.is_clean
        if aside or not is_clean:
            given.leave(1)

    given.add(app, "check", check)


def _one_by_one(
    run: "CheckRun", policy: "Policy", explain: str | None, screen: Screen, *, as_json: bool
) -> int:
    """Decide and show each claim; give how many lines were explained."""
    from crm_expenses.claimdata import decision_json  # noqa: PLC0415  heavy

    explained = 0
    with screen.progress() as progress:
        for number, found in enumerate(run, start=1):
            if isinstance(found, SetAside):
                _tell(found, screen)
            elif explain is not None:
                explained += _explain(run, policy, explain, screen)
            elif as_json:
                screen.give(decision_json(found, policy))
            else:
                _show(found, policy, screen)
            progress("check", number, None)
    _tell_unread(run.count, screen)
    if explain is None:
        _sum_up(run.count, screen)
    return explained


def _in_bulk(
    place: "tuple[str, str, Path | None, tuple[Rate, ...]]",
    policy: "Policy",
    out: Path,
    screen: Screen,
    *,
    as_json: bool,
) -> bool:
    """Decide by queries; say whether every row was read and every claim passes."""
    from crm_expenses.analytics.numerals import amount_text  # noqa: PLC0415  heavy
    from crm_expenses.bulk import Source, check, opened  # noqa: PLC0415  heavy

    source = Source(*place)

    def aside(found: SetAside) -> None:
        refused.append(found)
        _tell(found, screen)

    refused: list[SetAside] = []
    with (
        screen.progress() as progress,
        opened(source, (policy,), aside=aside, tell=progress) as claims,
    ):
        count = check(claims, policy, out, progress)
    if claims.count is not None:
        _tell_unread(claims.count, screen)
    if as_json:
        screen.give({**count.as_json(), "set_aside": len(refused), "currency": policy.currency})
    else:
        for code, number in sorted(count.findings.items(), key=lambda pair: (-pair[1], pair[0])):
            screen.say(f"{number:>12,}  {code}")
    screen.warn(
        screen.text(
            "bulk.written",
            lines=f"{sum(count.lines.values()):,}",
            claims=f"{sum(count.claims.values()):,}",
            claimed=amount_text(count.claimed, policy.currency),
            allowed=amount_text(count.allowed, policy.currency),
            currency=policy.currency,
            path=str(out),
        )
    )
    outcomes = outcomes_text(count.claims, screen) or "-"
    claims_of = f"{sum(count.claims.values()):,}"
    screen.warn(screen.text("check.claims", claims=claims_of, list=outcomes))
    return not refused and set(count.claims) <= {Outcome.PASS.value}


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
