"""What a second process does in the tests: `python -m racing decide|journey STORE`.

It says what it has done, a word a line, so that the test can kill it at a chosen moment.
"""

import sys
from pathlib import Path
from typing import Final

from stored_company import AT, CRM, claim, decide_pending, line, page

from crm_expenses.core.record import Kind
from crm_expenses.pipeline import Company, decide
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.policy import Policy
from crm_expenses.store import Store, open_store

POLICY: Final = """
[policy]
id = "racing"
version = "1"
language = 1
currency = "CNY"
title = { en = "Racing", zh = "竞速" }

[category]
meal = { name = { en = "Meals", zh = "餐费" } }

[parameter.monthly]
type = "money"
values = [{ from = 2020-01-01, is = 300 }]

[[rule]]
code = "meal.month"
kind = "limit"
title = { en = "Meals a month", zh = "每月餐费" }
per = ["person"]
period = "month"
at_most = "monthly"
"""
PER_ROUND: Final = 3


def policy() -> Policy:
    """Give the policy: what a person may spend on meals in a month."""
    return parse_policy(POLICY)


def decide_all(where: Path | str) -> int:
    """Decide what waits, as one worker of several; give how many claims were ours."""

    def quiet(stage: str, done: int, whole: int | None) -> None:
        pass

    with open_store(where) as store:
        return decide(store, CRM, Company(policy(), {}), at=AT, progress=quiet).claims


def journey(store: Store, rounds: int, *, tell: bool = False) -> None:
    """Pull, decide and push round after round, from wherever the store has got to."""
    for _ in range(rounds + 2):
        reached = [int(store.cursor(CRM, kind) or 0) for kind in (Kind.CLAIM, Kind.LINE)]
        # As in a sync, everything is pulled before anything is decided, after a kill, too.
        for name in decide_pending(store) if reached[0] == reached[1] else ():
            say(f"decided {name}", tell=tell)
        while rows := store.take(CRM, 2):
            say("taken", tell=tell)
            store.answer(CRM, [(row.key, "done", "") for row in rows])
            say("answered", tell=tell)
        if min(reached) >= rounds:
            return
        turn = min(reached) + 1
        numbers = range(turn * PER_ROUND, (turn + 1) * PER_ROUND)
        if reached[0] < turn:
            store.append(CRM, page(Kind.CLAIM, map(claim, numbers), cursor=str(turn)), AT)
            say("claims", tell=tell)
        changed = [line(number - 1, 10 * turn) for number in numbers]
        store.append(CRM, page(Kind.LINE, changed, cursor=str(turn)), AT)
        say("lines", tell=tell)


def say(word: str, *, tell: bool) -> None:
    """Tell the test how far we are."""
    if tell:
        print(word, flush=True)  # noqa: T201  this is what the test waits for


def main() -> None:
    """Do what the command line says."""
    verb, where = sys.argv[1], sys.argv[2]
    if verb == "decide":
        say("ready", tell=True)
        sys.stdin.readline()
        say(str(decide_all(where)), tell=True)
        return
    with open_store(where) as store:
        journey(store, 10_000, tell=True)


if __name__ == "__main__":
    main()
