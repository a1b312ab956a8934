"""Records that are changed here: kept until the CRM has them, and never lost when both sides do."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from planned_company import planned, quarter, take
from stored_company import (
    AT,
    CRM,
    budget,
    claim,
    cny,
    decide_pending,
    kind_of,
    line,
    opened,
    page,
    put,
)

from crm_expenses.adapters.contract import Change, Page, Received
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.given_approval import GivenApproval, Verdict
from crm_expenses.core.merge import Winner
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.ownclaim import OWN
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import CrmExpensesError, MappingError, RefusedError
from crm_expenses.pipeline.push import change_of
from crm_expenses.store import OutboxRow, Store
from crm_expenses.store.edits import (
    Changed,
    ClashRow,
    EditRow,
    NewEdit,
    Ruling,
    Version,
    change,
    clashes,
    edits_of,
    history,
    open_clashes,
    resolve,
)
from crm_expenses.store.ending import end_edits
from crm_expenses.store.erasure import Request

LATER = AT + timedelta(hours=1)
LINE = line(1)


def edit(store: Store, kind: Kind = Kind.LINE, of: str = "L-1", **values: object) -> Changed:
    """Change fields of a record, as P9 with a reason."""
    with store.work(CRM) as work:
        return change(work.connection, CRM, NewEdit(kind, of, values, "P9", "typing error"), AT)


def come(store: Store, record: Record, version: str = "", at: datetime | None = None) -> None:
    """Let a record come from the CRM, changed there at a time."""
    fact = Received(record, Origin(CRM, record.id, "there", version), at)
    store.append(CRM, Page(kind_of(record), (fact,), (), "next"), LATER)


def held(store: Store, kind: Kind = Kind.LINE) -> Any:  # noqa: ANN401  of the kind asked for
    """Give the only record of a kind, as it is here."""
    [found] = store.records(CRM, kind, viewer=SYSTEM)
    return found


def edits(store: Store, name: str = "L-1", kind: Kind = Kind.LINE) -> list[EditRow]:
    """Give the edits of a record."""
    with store.reading() as connection:
        return edits_of(connection, CRM, kind, name)


def states(store: Store, name: str = "L-1") -> list[tuple[str, str]]:
    """Give what became of the edits of a record: field and state, in their order."""
    return [(one.field, one.state) for one in edits(store, name)]


def quarrels(store: Store, *, only_open: bool = False) -> list[ClashRow]:
    """Give the clashes."""
    with store.reading() as connection:
        return clashes(connection, CRM, only_open=only_open)


def rule(store: Store, number: int, winner: Winner | None, value: object = None) -> ClashRow:
    """Settle a clash as P8."""
    with store.work(CRM) as work:
        ruling = Ruling(number, winner, "P8", "asked both", value)
        return resolve(work.connection, CRM, ruling, LATER)


def sent(store: Store) -> list[tuple[OutboxRow, Mapping[str, Any]]]:
    """Take what is to be written; give each change with the fields that it writes."""
    rows = store.take(CRM, 100)
    found = []
    for row in rows:
        made = change_of(row.content)
        assert isinstance(made, Change)
        assert made.record.id == row.record
        found.append((row, {name: getattr(made.record, name) for name in made.fields}))
    return found


def waiting(store: Store) -> list[Mapping[str, Any]]:
    """Take what is to be written; give only the fields."""
    return [fields for _, fields in sent(store)]


def whole(store: Store) -> bool:
    """Say whether the log and what is kept agree."""
    return store.check_log().broken is None and store.check_contents().broken is None


# --- changing -----------------------------------------------------------------------------------


def test_a_change_counts_at_once_and_waits(store: Store) -> None:
    """The record is changed here, its claim is decided anew, and a write waits with the version."""
    put(store, claim(1), LINE, version="7")
    decide_pending(store)
    made = edit(store, amount=cny(2_000), city="北京")
    assert made.before == {"amount": {"minor": 1_000, "currency": "CNY"}, "city": ""}
    assert held(store) == replace(LINE, amount=cny(2_000), city="北京")
    assert store.pending(CRM) == ("C-1",)
    assert states(store) == [("amount", "waiting"), ("city", "waiting")]
    [row] = [row for row in store.take(CRM, 10) if row.kind == "line_change"]
    assert (row.record, row.version) == ("L-1", "7")
    expected = Change(Kind.LINE, held(store), ("amount", "city"))
    assert change_of(row.content) == expected
    assert whole(store)


def test_who_changed_it_and_why(store: Store) -> None:
    """Each version says where it came from; one that was made here, by whom and why."""
    put(store, claim(1), LINE)
    edit(store, city="北京")
    come(store, replace(LINE, nights=2))
    with store.reading() as connection:
        found: list[Version] = list(history(connection, CRM, Kind.LINE, "L-1"))
    assert [(one.origin.place, one.by, one.said) for one in found] == [
        ("line/L-1", "", ""),
        ("edit/1", "P9", "typing error"),
        ("there", "", ""),
    ]
    assert found[2].record == replace(LINE, nights=2, city="北京")


def test_what_is_so_already_is_no_edit(store: Store) -> None:
    """A field that has the value already is not changed, and nothing waits."""
    put(store, claim(1), LINE)
    assert edit(store, category="meal", city="").edits == ()
    assert (edits(store), store.to_send(CRM)) == ([], 0)
    assert edit(store, category="meal", city="北京").before == {"city": ""}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"town": "x"}, "edits.field"),
        ({"id": "L-2"}, "edits.id"),
        ({"extra": (("a", "b"),)}, "edits.field"),
        ({"extra.": "b"}, "edits.field"),
        ({"extra.a": 3}, "edits.value"),
        ({"amount": "12"}, "edits.value"),
        ({"amount": None}, "edits.value"),
        ({"nights": "3"}, "edits.value"),
        ({"nights": True}, "edits.value"),
        ({"city": 3}, "edits.value"),
        ({"city": None}, "edits.value"),
        ({"date": "31.3.2026"}, "edits.value"),
        ({"voucher": "x" * 201}, "record.name_long"),
        ({"city": "\0"}, "record.nul"),
    ],
)
def test_what_cannot_be_is_refused(store: Store, values: dict[str, object], code: str) -> None:
    """Unknown fields and values of another type are told, and nothing at all is changed."""
    put(store, claim(1), LINE)
    before = store.dump()
    with pytest.raises(MappingError) as caught:
        edit(store, **(values | {"category": "gift"}))
    assert caught.value.code == code
    assert caught.value.describe("en") != caught.value.describe("zh")
    assert "{" not in caught.value.describe("en").replace("{}", "")
    assert store.dump() == before


def test_all_that_is_wrong_is_told(store: Store) -> None:
    """Two unknown fields are two problems."""
    put(store, claim(1), LINE)
    with pytest.raises(MappingError) as caught:
        edit(store, town="x", id="y")
    assert [problem.code for problem in caught.value.problems] == ["edits.field", "edits.id"]


def test_what_is_not_to_be_changed_here(store: Store) -> None:
    """No record, a claim that was made here, and what somebody said are refused."""
    given = GivenApproval("Y-1", "C-1", "P2", AT, Verdict.APPROVE)
    put(store, claim(1), given)
    for kind, name, code in (
        (Kind.LINE, "L-1", "edits.no_record"),
        (Kind.APPROVAL, "Y-1", "edits.approval"),
    ):
        with pytest.raises(RefusedError) as caught:
            edit(store, kind, name, city="x")
        assert caught.value.code == code
    with store.work(OWN) as work, pytest.raises(RefusedError) as caught:
        change(work.connection, OWN, NewEdit(Kind.CLAIM, "C-1", {"title": "x"}, "P9"), AT)
    assert caught.value.code == "edits.own"


def test_budgets_are_guarded(store: Store) -> None:
    """A budget keeps its currency, what a plan brought is the plan's, and the rest is allocated."""
    put(store, budget(9_000))
    assert held(store, Kind.BUDGET) == budget(9_000)
    edit(store, Kind.BUDGET, "B", amount=cny(7_000))
    assert store.budget_positions(CRM, viewer=SYSTEM)["B"].allocated == 7_000
    with pytest.raises(CrmExpensesError) as caught:
        edit(store, Kind.BUDGET, "B", amount=Money(1, "EUR"))
    assert caught.value.code == "record.budget_currency"
    take(store, planned(quarter("Q", 9)))
    with pytest.raises(CrmExpensesError) as caught:
        edit(store, Kind.BUDGET, "Q", name="x")
    assert caught.value.code == "edits.planned"


def test_fields_of_the_crm_are_changed_one_by_one(store: Store) -> None:
    """A field that the CRM keeps beside the known ones is added, changed and taken out alone."""
    put(store, claim(1), replace(LINE, extra=(("miles", "12"), ("why", "x"))))
    edit(store, **{"extra.miles": "13", "extra.why": "", "extra.new": "y"})
    assert held(store).extra == (("miles", "13"), ("new", "y"))
    come(store, replace(LINE, extra=(("miles", "12"), ("other", "z"), ("why", "x"))))
    assert held(store).extra == (("miles", "13"), ("new", "y"), ("other", "z"))
    come(store, held(store))
    assert {state for _, state in states(store)} == {"done"}


def test_a_newer_change_carries_all_that_is_open(store: Store) -> None:
    """What waits for a record is one write with every open field, the newest value of each."""
    put(store, claim(1), LINE)
    edit(store, city="北京")
    edit(store, nights=2)
    edit(store, city="成都")
    assert waiting(store) == [{"city": "成都", "nights": 2}]
    assert store.outbox_counts(CRM) == {"sending": 1}


# --- the CRM is read ----------------------------------------------------------------------------


def test_an_old_reading_does_not_undo_an_edit(store: Store) -> None:
    """As the base: ours stands, nothing is news, and the write waits as it was."""
    put(store, claim(1), LINE, version="1")
    edit(store, city="北京")
    [before] = [row.key for row, _ in sent(store)]
    come(store, LINE, version="2")
    assert held(store).city == "北京"
    assert quarrels(store) == []
    [(row, fields)] = sent(store)
    assert (row.key, row.version, fields) == (before, "2", {"city": "北京"})


def test_other_fields_are_theirs(store: Store) -> None:
    """A field that no edit names is taken from the CRM; what waits then has it, too."""
    put(store, claim(1), LINE)
    edit(store, city="北京")
    come(store, replace(LINE, nights=3))
    assert held(store) == replace(LINE, nights=3, city="北京")
    [row] = store.take(CRM, 10)
    assert change_of(row.content) == Change(Kind.LINE, held(store), ("city",))
    assert quarrels(store) == []


def test_agreement_ends_the_edit(store: Store) -> None:
    """As ours: agreed, nothing waits any longer, and it is no news."""
    put(store, claim(1), LINE)
    edit(store, city="北京")
    come(store, replace(LINE, city="北京"))
    assert states(store) == [("city", "done")]
    assert (store.to_send(CRM), quarrels(store)) == (0, [])
    come(store, replace(LINE, city="成都"))
    assert held(store).city == "成都"


def test_the_echo_is_no_news(store: Store) -> None:
    """What we wrote and is read again is the same, and needs no further write."""
    put(store, claim(1), LINE, version="1")
    edit(store, city="北京")
    [(row, _)] = sent(store)
    store.answer(CRM, [(row.key, "done", "")], AT)
    assert states(store) == [("city", "done")]
    echo = page(Kind.LINE, [replace(LINE, city="北京")], version="2")
    count = store.append(CRM, echo, LATER)
    assert (count.same, count.changed) == (1, 0)
    assert store.to_send(CRM) == 0
    assert whole(store)


def test_an_answer_closes_what_it_carried(store: Store) -> None:
    """A newer edit of the same field stays open after the older one has arrived."""
    put(store, claim(1), LINE)
    edit(store, city="北京", nights=1)
    [(first, _)] = sent(store)
    edit(store, city="成都")
    store.answer(CRM, [(first.key, "done", "")])
    assert states(store) == [("city", "done"), ("nights", "done"), ("city", "waiting")]
    [(second, fields)] = sent(store)
    assert fields["city"] == "成都"
    come(store, replace(LINE, city="北京", nights=1))  # read before the second was written
    assert (held(store).city, quarrels(store)) == ("成都", [])
    store.answer(CRM, [(second.key, "done", "")])
    assert {state for _, state in states(store)} == {"done"}


def test_what_was_sent_and_read_is_no_clash(store: Store) -> None:
    """A value of ours that arrived without an answer is ours, though a newer one waits."""
    put(store, claim(1), LINE)
    edit(store, city="北京")
    store.take(CRM, 10)
    edit(store, city="成都")
    come(store, replace(LINE, city="北京"))
    assert (held(store).city, quarrels(store)) == ("成都", [])
    assert states(store) == [("city", "done"), ("city", "waiting")]
    come(store, LINE)  # a person has undone what we wrote: no longer the base
    assert [one.theirs for one in quarrels(store)] == [""]


# --- both sides changed -------------------------------------------------------------------------


def clashed(store: Store, winner: Winner | None = None, at: datetime | None = None) -> None:
    """Change a city here to B and there to X; it was A."""
    if winner is not None:
        store.winners[CRM] = lambda _, field: winner if field == "city" else Winner.ASK
    put(store, claim(1), replace(LINE, city="A"))
    edit(store, city="B", nights=1)
    come(store, replace(LINE, city="X"), at=at)


def test_a_person_is_asked(store: Store) -> None:
    """Undeclared, the CRM's value stands, ours is kept and not sent; other fields go on."""
    clashed(store)
    assert (held(store).city, held(store).nights) == ("X", 1)
    [one] = quarrels(store, only_open=True)
    assert (one.base, one.theirs, one.ours, one.now, one.winner) == ("A", "X", "B", "X", "")
    assert (one.by, one.said) == ("P9", "typing error")
    assert states(store) == [("city", "asked"), ("nights", "waiting")]
    assert waiting(store) == [{"nights": 1}]
    come(store, replace(LINE, city="X"))
    assert len(quarrels(store)) == 1
    assert whole(store)


@pytest.mark.parametrize(
    ("winner", "at", "city", "word"),
    [
        (Winner.CRM, None, "X", "crm"),
        (Winner.OURS, None, "B", "ours"),
        (Winner.NEWEST, AT + timedelta(seconds=1), "X", "crm"),
        (Winner.NEWEST, AT - timedelta(seconds=1), "B", "ours"),
        (Winner.NEWEST, None, "X", ""),
        (Winner.ASK, AT, "X", ""),
    ],
)
def test_the_declared_winner_stands(
    store: Store, winner: Winner, at: datetime | None, city: str, word: str
) -> None:
    """Whoever wins, all three values are kept; ours is sent again only where it won."""
    clashed(store, winner, at)
    [one] = quarrels(store)
    assert (held(store).city, one.winner) == (city, word)
    assert (one.base, one.theirs, one.ours) == ("A", "X", "B")
    assert waiting(store) == [{"nights": 1} | ({"city": "B"} if word == "ours" else {})]
    come(store, replace(LINE, city="X"), at=at)  # read again: ours waits on top of it
    assert len(quarrels(store)) == 1
    assert held(store).city == city
    assert whole(store)


def test_a_lost_reply_and_then_another_edit(store: Store) -> None:
    """What may have arrived is not sent again once a person has written something else."""
    put(store, claim(1), replace(LINE, city="A"))
    edit(store, city="B")
    [(row, _)] = sent(store)
    store.answer(CRM, [(row.key, "unknown", "lost")], AT)
    come(store, replace(LINE, city="X"))
    assert [(one.theirs, one.ours) for one in quarrels(store)] == [("X", "B")]
    assert waiting(store) == []
    store.answer(CRM, [(row.key, "done", "")], AT)  # too late: it was given up
    assert store.outbox_counts(CRM) == {"superseded": 1}


def test_ours_that_won_is_sent_under_a_new_key(store: Store) -> None:
    """A read-back of the old write must not be taken for the new one."""
    store.winners[CRM] = lambda _, __: Winner.OURS
    put(store, claim(1), replace(LINE, city="A"))
    edit(store, city="B")
    [(row, _)] = sent(store)
    come(store, replace(LINE, city="X"))
    [(again, fields)] = sent(store)
    assert fields == {"city": "B"}
    assert (again.key != row.key, again.uncertain) == (True, False)


@pytest.mark.parametrize(
    ("winner", "value", "city", "word"),
    [
        (Winner.CRM, None, "X", "crm"),
        (Winner.OURS, None, "B", "ours"),
        (None, "C", "C", "third"),
        (None, "X", "X", "third"),
    ],
)
def test_a_person_settles_it(
    store: Store, winner: Winner | None, value: str | None, city: str, word: str
) -> None:
    """Theirs, ours or a third value stands; what is not theirs is sent, by whoever said so."""
    clashed(store)
    [one] = quarrels(store)
    settled = rule(store, one.number, winner, value)
    assert (settled.winner, settled.now, held(store).city) == (word, city, city)
    with store.reading() as connection:
        assert open_clashes(connection, CRM) == 0
    assert waiting(store) == [{"nights": 1} | ({"city": city} if city != "X" else {})]
    come(store, replace(LINE, city="X"))
    assert held(store).city == city
    assert len(quarrels(store)) == 1
    with pytest.raises(RefusedError) as caught:
        rule(store, one.number, Winner.CRM)
    assert caught.value.code == "clash.settled"
    assert "asked both" in store.reasons(viewer=SYSTEM).values()
    assert whole(store)


def test_what_cannot_be_settled(store: Store) -> None:
    """No such clash, a value that does not fit: nothing is settled."""
    clashed(store)
    before = store.dump()
    for number, value, code in ((9, None, "clash.none"), (1, 3, "edits.value")):
        with pytest.raises(CrmExpensesError) as caught:
            rule(store, number, None, value)
        assert caught.value.code == code
    assert store.dump() == before


def test_a_field_in_question_is_not_changed(store: Store) -> None:
    """While a person is asked about a field, it is settled and not changed."""
    clashed(store)
    with pytest.raises(RefusedError) as caught:
        edit(store, city="D")
    assert caught.value.code == "edits.asked"
    edit(store, nights=5)


def test_agreement_settles_what_was_asked(store: Store) -> None:
    """Where the CRM takes our value by itself, nobody is asked any longer."""
    clashed(store)
    come(store, replace(LINE, city="B"))
    assert [one.winner for one in quarrels(store)] == ["ours"]
    assert states(store) == [("city", "done"), ("nights", "waiting")]
    assert whole(store)


def test_a_plan_wins_over_an_edit(store: Store) -> None:
    """A budget that a plan has taken since is as the plan says; the edit is in a clash."""
    store.winners[CRM] = lambda _, __: Winner.OURS
    there = quarter("Q", 9)
    put(store, there)
    edit(store, Kind.BUDGET, "Q", name="ours")
    take(store, planned(replace(there, name="plan's")), take_over=True)
    come(store, replace(there, name="plan's"))
    assert held(store, Kind.BUDGET).name == "plan's"
    assert [(one.winner, one.ours) for one in quarrels(store)] == [("crm", "ours")]


# --- what the CRM refused -----------------------------------------------------------------------


def test_a_refused_change_stays_open(store: Store) -> None:
    """Refused, it is not sent again by itself; the next change of the record carries it, too."""
    put(store, claim(1), LINE)
    edit(store, city="北京")
    [(row, _)] = sent(store)
    store.answer(CRM, [(row.key, "refused", "no such city")], AT)
    come(store, replace(LINE, nights=2))
    assert held(store).city == "北京"
    assert waiting(store) == []
    edit(store, category="gift")
    assert waiting(store) == [{"category": "gift", "city": "北京"}]
    assert store.outbox_counts(CRM) == {"sending": 1, "superseded": 1}


# --- what is gone, and what is erased ------------------------------------------------------------


def test_edits_of_what_is_gone_end(store: Store) -> None:
    """Each value of ours stays in a clash, nothing more is sent, nobody is asked."""
    clashed(store)
    edit(store, category="gift")
    with store.work(CRM) as work:
        assert end_edits(work.connection, CRM, Kind.LINE, "L-1", LATER) == 3
        assert end_edits(work.connection, CRM, Kind.LINE, "L-1", LATER) == 0
    found = {one.field: (one.ours, one.winner) for one in quarrels(store)}
    assert found == {"city": ("B", "gone"), "nights": (1, "gone"), "category": ("gift", "gone")}
    assert store.to_send(CRM) == 0
    assert {state for _, state in states(store)} == {"ended"}
    assert whole(store)


def test_erased_words_are_in_no_edit(store: Store) -> None:
    """Words that are erased go from edits, clashes and what waits, and the log still fits."""
    put(store, claim(1), replace(LINE, purpose="secret A", merchant="secret A"))
    edit(store, purpose="secret B", merchant="secret B", city="B")
    come(store, replace(LINE, purpose="secret X", merchant="secret A"))
    assert [(one.theirs, one.ours) for one in quarrels(store)] == [("secret X", "secret B")]
    store.erase(CRM, Request("P1", "P8", "asked for"), LATER)
    assert "secret" not in store.dump()
    assert waiting(store) == [{"city": "B"}]
    assert quarrels(store, only_open=True) == []
    with pytest.raises(RefusedError) as caught:
        edit(store, purpose="secret C")
    assert caught.value.code == "edits.erased"
    come(store, replace(LINE, purpose="secret Y", merchant="secret Y"))
    assert "secret" not in store.dump()
    assert held(store).city == "B"
    assert whole(store)


@pytest.mark.parametrize(
    "statement",
    [
        "update edit set ours = '\"Z\"' where seq = 1",
        "update edit set base = '\"Z\"' where seq = 1",
        "update edit set field = 'trip' where seq = 1",
        "update edit set at = '' where seq = 2",
        "delete from edit where seq = 3",
        "insert into edit select 9, crm, kind, id, field, base, ours, state, entry, at "
        "from edit where seq = 1",
        "update clash set theirs = '\"Z\"' where seq = 1",
        "update clash set ours = '\"Z\"' where seq = 1",
        "update clash set winner = 'ours' where seq = 1",
        "update clash set winner = 'crm' where seq = 2",
        "update clash set settled = 0 where seq = 2",
        "delete from clash where seq = 2",
    ],
)
def test_a_changed_row_is_named_by_the_log(tmp_path: Path, statement: str) -> None:
    """An edit or a clash that was changed, added or taken out behind the store's back is told."""
    with opened(tmp_path) as store:
        clashed(store, Winner.CRM)
        come(store, replace(LINE, city="X", nights=7))
        rule(store, 2, Winner.OURS)
        assert [(one.number, one.winner) for one in quarrels(store)] == [(1, "crm"), (2, "ours")]
        assert whole(store)
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as connection:
        assert connection.execute(statement).rowcount > 0
        connection.commit()
    with opened(tmp_path) as store:
        assert store.check_contents().broken is not None


def test_edits_are_json_of_the_core(store: Store) -> None:
    """What is kept of a value is its canonical JSON."""
    put(store, claim(1), LINE)
    edit(store, amount=cny(5), date=date(2026, 3, 2), pre_approved=True)
    found = {one.field: one.ours for one in edits(store)}
    assert found == {
        "amount": {"minor": 5, "currency": "CNY"},
        "date": "2026-03-02",
        "pre_approved": True,
    }
    assert json.dumps(found)
    assert isinstance(held(store), ExpenseLine)
