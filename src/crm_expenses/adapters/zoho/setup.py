"""`crm setup`: what an organisation lacks, made as far as Zoho lets a program make it.

Modules first, one a call; then fields, five a call. What was made is read back, so that a name
that came out different, or an answer that was lost, is noticed. What is there is left alone: a run
that was killed goes on, and a second one does nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from crm_expenses.adapters.settingup import Step, StepDone
from crm_expenses.adapters.writes import UNKNOWN_AFTER
from crm_expenses.adapters.zoho import sdkcalls
from crm_expenses.adapters.zoho.byhand import SUBFORM, by_hand, for_profiles
from crm_expenses.adapters.zoho.credits import CREATE_MODULE
from crm_expenses.adapters.zoho.moduleshape import Field
from crm_expenses.adapters.zoho.needs import (
    MODULE_EDITIONS,
    Needed,
    by_name,
    missing,
    needed,
    target_of,
)
from crm_expenses.adapters.zoho.sdk import Row, Sdk
from crm_expenses.adapters.zoho.sdkcalls import (
    FIELDS_A_CALL,
    FieldFacts,
    LayoutFacts,
    NewField,
    NewModule,
)
from crm_expenses.adapters.zoho.settings import ZohoSettings
from crm_expenses.errors import CrmExpensesError, Problem

DUPLICATE: Final = "DUPLICATE_DATA"
LOOKED_LIKE: Final = "Accounts"
"""Whoever sees this module's records shall see those of a new one."""


class ZohoSetUp:
    """What an organisation lacks for the package, and the making of it."""

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk
        self._settings: ZohoSettings = sdk.wire.settings
        self._needs = {need.name: need for need in needed(self._settings)}

    def plan(self) -> Sequence[Step]:
        """Compare what is there with what must be: a credit for the modules, two for each."""
        there = by_name(sdkcalls.modules(self._sdk))
        steps: list[Step] = []
        for need in needed(self._settings):
            module = there.get(need.name)
            held: tuple[FieldFacts, ...] = ()
            layouts: tuple[LayoutFacts, ...] = ()
            is_ours = need.can_be_made and self._settings.edition in MODULE_EDITIONS
            if module is not None:
                held = sdkcalls.fields(self._sdk, need.name)
                layouts = sdkcalls.layouts(self._sdk, need.name)
                is_ours = module.type != SUBFORM  # whose fields no program can make
            elif is_ours:
                steps.append(self._module_step(need))
            hand = list(by_hand(self._settings, need, module, held, layouts))
            steps += hand
            told = {step.name for step in hand}
            if is_ours:
                steps += [
                    self._field_step(need, one)
                    for one in missing(need, held)
                    if one.is_own and _step_name(need, one) not in told
                ]
        made = [step.name for step in steps if step.cost]
        if made:
            steps.append(for_profiles(made))
        return sorted(_once(steps), key=_order)

    def carry_out(self, steps: Sequence[Step]) -> Iterator[StepDone]:
        """Make modules, then fields; each step is given as it is over."""
        ours = [step for step in steps if not step.by_hand]
        failed: set[str] = set()
        for step in ours:
            if step.name in self._needs:
                done = StepDone(step, self._make_module(self._needs[step.name]))
                failed |= {step.name} if done.problem else set()
                yield done
        of_module: dict[str, list[Step]] = {}
        for step in ours:
            module, point, _ = step.name.partition(".")
            if point:
                of_module.setdefault(module, []).append(step)
        for module, group in of_module.items():
            if module in failed:
                problem = Problem("zoho.setup_no_module", self._told(module=module))
                yield from (StepDone(step, problem) for step in group)
                continue
            yield from self._make_fields(self._needs[module], group)

    def _make_module(self, need: Needed) -> Problem | None:
        there = by_name(sdkcalls.modules(self._sdk))
        if need.name in there:  # made by the run that was killed
            return None
        like = there.get(LOOKED_LIKE)
        new = NewModule(
            need.name, need.module.singular, need.module.plural, like.profiles if like else ()
        )
        try:
            row = sdkcalls.create_module(self._sdk, new)
        except CrmExpensesError as error:
            if error.code not in UNKNOWN_AFTER:
                return error.problems[0]
            return None if self._is_there(need.name) else error.problems[0]
        if not row.is_done and row.code != DUPLICATE:
            return self._refused(need.name, row)
        if not self._is_there(need.name):
            told = self._told(name=need.name, kind=need.kind.value)
            return Problem("zoho.setup_other_name", told)
        return None

    def _is_there(self, module: str) -> bool:
        return module in by_name(sdkcalls.modules(self._sdk))

    def _make_fields(self, need: Needed, steps: Sequence[Step]) -> Iterator[StepDone]:
        wanted = {_step_name(need, one): one for one in need.fields}
        there = {one.name for one in sdkcalls.fields(self._sdk, need.name)}
        problems: dict[str, Problem] = {}
        left = [step for step in steps if wanted[step.name].name not in there]
        for start in range(0, len(left), FIELDS_A_CALL):
            group = left[start : start + FIELDS_A_CALL]
            made = [self._new(wanted[step.name]) for step in group]
            problems |= self._make(need, group, made)
        if left:
            there = {one.name for one in sdkcalls.fields(self._sdk, need.name)}
        for step in steps:
            if wanted[step.name].name in there:
                yield StepDone(step)
                continue
            told = self._told(name=step.name, kind=need.kind.value)
            usual = Problem("zoho.setup_other_name", told)
            yield StepDone(step, problems.get(step.name, usual))

    def _make(
        self, need: Needed, steps: Sequence[Step], new: Sequence[NewField]
    ) -> dict[str, Problem]:
        """Make some fields; give what was wrong with each. What is there in the end counts."""
        try:
            rows = sdkcalls.create_fields(self._sdk, need.name, new)
        except CrmExpensesError as error:
            return {step.name: error.problems[0] for step in steps}
        return {
            step.name: self._refused(step.name, row)
            for step, row in zip(steps, rows, strict=False)
            if not row.is_done
        }

    def _new(self, one: Field) -> NewField:
        return NewField(
            one.label,
            one.type,
            one.length if one.type in ("text", "textarea") else None,
            one.decimals,
            is_unique=one.unique,
            is_external=one.external,
            lookup=target_of(one, self._settings),
            options=one.options,
        )

    def _module_step(self, need: Needed) -> Step:
        told = {"singular": need.module.singular, "plural": need.module.plural}
        facts = {"kind": need.kind.value, "object": "module", **told}
        return Step(need.name, Problem("zoho.setup_module", told), cost=CREATE_MODULE, facts=facts)

    def _field_step(self, need: Needed, one: Field) -> Step:
        told = {"label": one.label, "type": one.type}
        if one.external:
            code, told["length"] = "zoho.setup_external", str(one.length)
        elif one.options:
            code, told["options"] = "zoho.setup_options", ", ".join(one.options)
        elif one.type == "lookup":
            code, told["target"] = "zoho.setup_lookup", target_of(one, self._settings)
        elif one.decimals is not None:
            code, told["decimals"] = "zoho.setup_number", str(one.decimals)
        elif one.length is not None:
            code, told["length"] = "zoho.setup_text", str(one.length)
        else:
            code = "zoho.setup_plain"
        facts = {"kind": need.kind.value, "object": "field", **told}
        return Step(_step_name(need, one), Problem(code, told), facts=facts)

    def _refused(self, name: str, row: Row) -> Problem:
        detail = f"{row.code}: {row.message}"[:300]
        return Problem("zoho.setup_refused", self._told(name=name, detail=detail))

    def _told(self, **values: str) -> dict[str, str]:
        return {"crm": self._sdk.wire.crm, **values}


def _step_name(need: Needed, one: Field) -> str:
    return f"{need.name}.{one.name}"


def _order(step: Step) -> int:
    """Put modules before fields, and what is for a person last; else as it was."""
    return 2 if step.by_hand else int("." in step.name)


def _once(steps: Sequence[Step]) -> list[Step]:
    """Give steps without those of the same name; a call for five fields costs a credit."""
    held: dict[tuple[str, bool, str], Step] = {}
    for step in steps:
        held.setdefault((step.name, step.by_hand, step.told.code), step)
    return _with_costs(list(held.values()))


def _with_costs(steps: Sequence[Step]) -> list[Step]:
    """Put the cost of each call on the first of its five fields."""
    seen: dict[str, int] = {}
    made: list[Step] = []
    for step in steps:
        module, point, _ = step.name.partition(".")
        cost = step.cost
        if point and not step.by_hand:
            count = seen.get(module, 0)
            cost = 1 if count % FIELDS_A_CALL == 0 else 0
            seen[module] = count + 1
        made.append(Step(step.name, step.told, cost, step.by_hand, step.facts))
    return made
