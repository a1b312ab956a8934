"""`crm-expenses approvals`: check an organisation, and show a claim's route before submitting."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_expenses.cli import approvaldesk, approve, delegate
from crm_expenses.cli.clock import moment
from crm_expenses.cli.options import Options
from crm_expenses.core.approval.check import check_organisation
from crm_expenses.core.approval.weakness import Checked, Plan, Weak, Weakness
from crm_expenses.core.money import Money, read_number
from crm_expenses.core.record import to_json
from crm_expenses.errors import ConfigError, MappingError
from crm_expenses.messages import LANGUAGES, Language, text
from crm_expenses.organisationfile import read_organisation
from crm_expenses.policyfile import load_policy
from crm_expenses.rules.routewords import route_lines

if TYPE_CHECKING:
    import typer

    from crm_expenses.core.party import AccountManager
    from crm_expenses.rules.policy import Policy

OF_TEAMS: Final = frozenset({Weak.PASSES, Weak.NO_STEP, Weak.DEPENDS})
"""Findings whose path names teams, not people."""


def register(app: "typer.Typer", given: Options) -> None:
    """Add the commands."""
    group = given.group(app, "approvals")
    screen = given.screen

    def check(
        file: Path = given.argument(..., "POLICY", "option.policy_file"),
        people: Path = given.option(..., "--people", "option.people", "FILE"),
        substitutes: Path | None = given.option(
            None, "--substitutes", "option.substitutes", "FILE"
        ),
        roles: Path | None = given.option(None, "--roles", "option.roles", "FILE"),
        day: str = given.option("", "--day", "option.day", "DATE"),
        greatest: str = given.option("", "--greatest", "option.greatest", "AMOUNT"),
        *,
        as_json: bool = given.json,
    ) -> None:
        policy = load_policy(file)
        read = read_organisation(people, substitutes, _roles(roles))
        if read.ignored:
            screen.warn(screen.text("approvals.ignored", names=", ".join(read.ignored[:20])))
        plan = Plan(
            policy.authorities,
            policy.terms,
            tuple(policy.categories),
            read.organisation,
            _day(day),
            _amount(greatest, policy.currency),
        )
        checked = check_organisation(plan)
        named = _named(read.organisation.people)
        if as_json:
            screen.give(_json(checked, policy, named))
        else:
            for one in sorted(checked.found, key=lambda one: one.is_note):
                label = "approvals.note" if one.is_note else "approvals.bad"
                said = _said(one, policy, named, given.language)
                screen.say(screen.text(label, text=said))
            screen.say(_summary(checked, given.language))
        if not checked.is_sound:
            given.leave(1)

    given.add(group, "check", check, code="command.approvals_check")
    _add_route(group, given)
    approvaldesk.register(app, group, given)
    approve.register(group, given)
    delegate.register(group, given)


def _add_route(group: "typer.Typer", given: Options) -> None:
    screen = given.screen

    def route(  # noqa: PLR0913  one argument an option
        claims: Path = given.argument(..., "CLAIMS", "option.claims"),
        policy: Path = given.option(..., "--policy", "option.policy", "FILE"),
        people: Path = given.option(..., "--people", "option.people", "FILE"),
        substitutes: Path | None = given.option(
            None, "--substitutes", "option.substitutes", "FILE"
        ),
        roles: Path | None = given.option(None, "--roles", "option.roles", "FILE"),
        mapping: Path | None = given.option(None, "--mapping", "option.mapping", "FILE"),
        at: str = given.at,
        *,
        as_json: bool = given.json,
    ) -> None:
        from crm_expenses.adapters.contract import SetAside  # noqa: PLC0415  heavy
        from crm_expenses.api import route_of  # noqa: PLC0415  heavy
        from crm_expenses.filecheck import check_file  # noqa: PLC0415  heavy

        loaded = load_policy(policy)
        read = read_organisation(people, substitutes, _roles(roles))
        if read.ignored:
            screen.warn(screen.text("approvals.ignored", names=", ".join(read.ignored[:20])))
        firm, opened = read.organisation, moment(at)
        called = {person: of.name for person, of in firm.people.items()}
        run = check_file(claims, loaded, mapping)
        aside = False
        for found in run:
            if isinstance(found, SetAside) or run.facts is None:
                aside = True
                for problem in found.problems if isinstance(found, SetAside) else ():
                    text_of = problem.describe(screen.language)
                    screen.warn(screen.text("check.aside", text=text_of))
                continue
            facts = run.facts
            if facts.person is None:
                facts = replace(facts, person=firm.people.get(facts.claim.person))
            _, made = route_of(facts, loaded, firm, opened.date())
            said = {
                one: route_lines(made, loaded, one, people=called, opened=opened)
                for one in LANGUAGES
            }
            if as_json:
                screen.give({"route": to_json(made), "acts_next": made.acts_next, "text": said})
            else:
                screen.say(screen.text("route.claim", claim=made.claim))
                for line in said[given.language]:
                    screen.say(f"  {line}")
        if aside:
            given.leave(1)

    given.add(group, "route", route, code="command.approvals_route")


def _roles(settings: Path | None) -> Mapping[str, Sequence[str]]:
    if settings is None:
        return {}
    from crm_expenses.settings import load_settings  # noqa: PLC0415  only where it is asked for

    return load_settings(settings).roles


def _day(given: str) -> date:
    if not given:
        return moment("").date()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ConfigError("approvals.day", value=given[:40]) from None


def _amount(given: str, currency: str) -> int | None:
    if not given:
        return None
    try:
        found = Money.of(read_number(given), currency).minor
    except MappingError:
        found = 0
    if found <= 0:
        raise ConfigError("approvals.greatest", value=given[:40], currency=currency)
    return found


def _named(people: Mapping[str, "AccountManager"]) -> Mapping[str, str]:
    """Give what a person is called here: the id, and the name where it says more."""
    return {
        person: f"{person} {of.name}" if of.name and of.name != person else person
        for person, of in people.items()
    }


def _said(one: Weakness, policy: "Policy", named: Mapping[str, str], language: Language) -> str:
    seen = one.witness
    side = LANGUAGES.index(language)
    values = {
        "who": _who(one.who, policy, named, side),
        "claimant": named.get(seen.claimant, seen.claimant) or "-",
        "amount": _shown(seen.amount, policy.currency),
        "category": _category(seen.category, policy, side),
        "step": seen.step or "-",
        "path": " → ".join(named.get(person, person) for person in seen.path) or "-",
    }
    if one.kind in OF_TEAMS:
        every = text("organisation.every_team", language)
        values["path"] = ("、" if side else ", ").join(seen.path) or every
    said = text(f"organisation.{one.kind.value}", language, **values)
    if seen.also:
        return text("organisation.also", language, text=said, count=str(seen.also))
    return said


def _who(who: str, policy: "Policy", named: Mapping[str, str], side: int) -> str:
    codes = who.split(", ")
    if all(code in policy.categories for code in codes):
        return ("、" if side else ", ").join(policy.title_of(code)[side] for code in codes)
    return named.get(who, who)


def _category(code: str, policy: "Policy", side: int) -> str:
    return policy.title_of(code)[side] if code else "-"


def _shown(minor: int | None, currency: str) -> str:
    return "-" if minor is None else f"{Money(minor, currency).amount:,f} {currency}"


def _summary(checked: Checked, language: Language) -> str:
    wrong = sum(not one.is_note for one in checked.found)
    return text(
        "approvals.sound" if checked.is_sound else "approvals.unsound",
        language,
        people=f"{checked.claimants:,}",
        seats=f"{checked.seats:,}",
        count=f"{wrong:,}",
    )


def _json(checked: Checked, policy: "Policy", named: Mapping[str, str]) -> dict[str, object]:
    return {
        "policy": {"id": policy.id, "version": policy.version, "digest": policy.digest},
        "sound": checked.is_sound,
        "claimants": checked.claimants,
        "seats": checked.seats,
        "currency": policy.currency,
        "amounts": [_plain(one, policy.currency) for one in checked.amounts],
        "found": [
            {
                "kind": one.kind.value,
                "note": one.is_note,
                "who": one.who,
                "claimant": one.witness.claimant,
                "amount": _plain(one.witness.amount, policy.currency),
                "category": one.witness.category,
                "step": one.witness.step,
                "path": list(one.witness.path),
                "also": one.witness.also,
                "message": {
                    language: _said(one, policy, named, language) for language in LANGUAGES
                },
            }
            for one in checked.found
        ],
    }


def _plain(minor: int | None, currency: str) -> str | None:
    return None if minor is None else f"{Money(minor, currency).amount:f}"
