"""Erasing a person's words: they are gone from the file, and nothing else changes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from stored_company import (
    AT,
    CRM,
    PERSON,
    REF,
    allow_all,
    budget,
    claim,
    decide_pending,
    line,
    opened,
    put,
)

from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.record import Kind, canonical
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.core.words import stand_in
from crm_expenses.errors import StoreError
from crm_expenses.store import Store, open_store
from crm_expenses.store import tables as t
from crm_expenses.store.erasure import Request
from crm_expenses.store.log import write_log

HERS = {
    "merchant": "Zyxwv 小馆",
    "purpose": "Qwertz with the buyer of 东方",
    "justification": "He Pleaded 3 times",
}
HIS = "Uiop of somebody else"


def said_line(number: int, *, name: str = "", **words: str) -> ExpenseLine:
    """Give a line with words on it."""
    return replace(line(number, name=name), **(words or HERS))


def titled(number: int, title: str, person: str = "P1") -> Claim:
    """Give a claim with a title."""
    return replace(claim(number, person=person), title=title)


@pytest.fixture
def spoken(store: Store) -> Store:
    """Give a store with words of two people, on each database."""
    return speak(store)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Store]:
    """Give the same in a file of SQLite."""
    with opened(tmp_path) as made:
        yield speak(made)


def speak(store: Store) -> Store:
    """Put words of two people into a store, in several versions, and decide."""
    put(store, PERSON, replace(PERSON, id="P2"), budget(90_000))
    put(store, titled(1, "Trip to Asdfg"), said_line(1), said_line(1, name="L-1b"))
    put(store, titled(2, HIS, "P2"), said_line(2, purpose=HIS, merchant=HIS))
    decide_pending(store)
    put(store, said_line(1, purpose="Second Yxcvb", justification="Again"))
    decide_pending(store)
    with store.writing() as connection:
        for person, said in (("P1", "Hjklö, so be it"), ("P2", HIS)):
            write_log(
                connection, at=AT, actor=person, action="x", subject="C", content="0", said=said
            )
    return store


WORDS = (*HERS.values(), "Trip to Asdfg", "Second Yxcvb", "Hjklö, so be it", "Again")


def erase(store: Store, person: str = "P1") -> object:
    """Erase a person's words."""
    return store.erase(CRM, Request(person, "DPO", "asked for it"), AT)


def bytes_of(folder: Path) -> bytes:
    """Give every byte of the store's files."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("store.sqlite3*")))


def test_nothing_of_the_words_is_left(file: Store, tmp_path: Path) -> None:
    """No byte of the file, nor of its journal, has the words; somebody else's are all there."""
    before = bytes_of(tmp_path)
    assert all(said.encode() in before for said in (*WORDS, HIS))
    found = erase(file)
    assert (found.records, found.reasons, found.facts, found.kept_in) == (4, 1, 0, ())
    after = bytes_of(tmp_path)
    assert [said for said in WORDS if said.encode() in after] == []
    assert HIS.encode() in after


def test_copies_in_free_pages_go_too(file: Store, tmp_path: Path) -> None:
    """What SQLite left of a row that was deleted long ago is gone after erasing."""
    said = "Asdfg in a row of old"
    row = {"crm": CRM, "kind": "line", "id": "L-9", "place": "p", "problems": said}
    for change in (t.set_aside.insert().values(row | {"received_at": ""}), t.set_aside.delete()):
        with file.writing() as connection:
            connection.exec_driver_sql("PRAGMA secure_delete=OFF")  # some builds have it on
            connection.execute(change)
    file.close()
    assert said.encode() in bytes_of(tmp_path)
    erase(file)
    assert said.encode() not in bytes_of(tmp_path)


def test_sums_decisions_and_chain_stay(spoken: Store) -> None:
    """Amounts, decisions, budgets and the chain are as before, and the check says erased."""
    with spoken.reading() as connection:
        decided = connection.execute(select(t.decision)).all()
    positions = spoken.budget_positions(CRM, viewer=SYSTEM)
    before = spoken.check_contents()
    assert (before.broken, before.texts, before.erased) == (None, 8, 0)
    erase(spoken)
    with spoken.reading() as connection:
        assert connection.execute(select(t.decision)).all() == decided
    assert spoken.budget_positions(CRM, viewer=SYSTEM) == positions
    assert spoken.check_log().broken is None
    after = spoken.check_contents()
    assert (after.broken, after.texts, after.erased) == (None, 9, 5)
    assert spoken.pending(CRM) == ()


def test_what_stays_is_the_form(spoken: Store) -> None:
    """In the place of words stand signs of the same form; other people's words are untouched."""
    erase(spoken)
    lines = {one.id: one for one in spoken.records(CRM, Kind.LINE, viewer=SYSTEM)}
    assert lines["L-1b"] == said_line(1, name="L-1b", **{n: stand_in(s) for n, s in HERS.items()})
    assert lines["L-2"] == said_line(2, purpose=HIS, merchant=HIS)
    titles = [
        one.title
        for one in spoken.records(CRM, Kind.CLAIM, viewer=SYSTEM)
        if isinstance(one, Claim)
    ]
    assert titles == ["Aaaa·aa·Aaaaa", HIS]


def test_words_do_not_come_back(file: Store, tmp_path: Path) -> None:
    """The next pull brings the words again: they are no news, and no byte of them is kept."""
    erase(file)
    before = file.dump()
    put(file, titled(1, "Trip to Asdfg"), said_line(1, name="L-1b"))
    put(file, said_line(1, purpose="Second Yxcvb", justification="Again"))
    assert file.dump() == before
    assert file.pending(CRM) == ()
    changed = replace(said_line(1, name="L-1b"), city="Wuhan", purpose="Wholly new Qwertz")
    put(file, changed)
    assert file.pending(CRM) == ("C-1",)
    kept = {one.id: one for one in file.records(CRM, Kind.LINE, viewer=SYSTEM)}["L-1b"]
    assert isinstance(kept, ExpenseLine)
    assert (kept.city, kept.purpose) == ("Wuhan", stand_in(HERS["purpose"]))
    assert b"Qwertz" not in bytes_of(tmp_path)
    put(file, replace(changed, purpose="", merchant="", justification=""))
    put(file, changed)
    assert b"Qwertz" not in bytes_of(tmp_path)
    assert file.check_contents().broken is None


def test_later_claims_are_kept_as_they_come(spoken: Store) -> None:
    """Erasing is about what was said until then: a new claim has its words."""
    erase(spoken)
    put(spoken, titled(3, "New one"), said_line(3))
    lines = {one.id: one for one in spoken.records(CRM, Kind.LINE, viewer=SYSTEM)}
    assert lines["L-3"] == said_line(3)


def test_erasing_twice_and_erasing_nobody(spoken: Store) -> None:
    """A second request finds nothing more, and is an entry of its own; so is a stranger's."""
    erase(spoken)
    for person in ("P1", "nobody", '%_"', "\0", "\ud83d", "x" * 999):
        found = erase(spoken, person)
        assert (found.records, found.reasons, found.facts) == (0, 0, 0)
    assert spoken.check_log().broken is None
    assert spoken.check_contents().broken is None


def test_a_claim_that_changed_hands(store: Store) -> None:
    """What a person wrote in a claim that is somebody else's now is erased, too."""
    put(store, titled(1, "By me"), said_line(1))
    put(store, titled(1, "By you", "P2"))
    assert erase(store).records == 3


def test_a_line_that_changed_claims(store: Store, tmp_path: Path) -> None:
    """A line that stood in a person's claim once loses its words in every version."""
    put(store, claim(1), claim(2, person="P2"), said_line(1), said_line(2))
    put(store, replace(said_line(1), claim="C-2"))
    assert erase(store).records == 2
    kept = {one.id: one for one in store.records(CRM, Kind.LINE, viewer=SYSTEM)}
    assert kept["L-2"] == said_line(2)
    assert kept["L-1"] != replace(said_line(1), claim="C-2")
    assert store.check_contents().broken is None


def test_facts_that_a_plug_in_read(store: Store) -> None:
    """Facts kept for a policy with plug-ins lose their words; what quotes them is named."""
    put(store, PERSON, claim(1), said_line(1))
    with store.work(CRM) as work:
        work.use_policy(REF, AT, source="text", plug_ins=["curious"])
        made, facts = allow_all(work, "C-1")
        quoting = replace(made.decision, claim=HERS["merchant"])
        work.record(replace(made, decision=quoting, facts=canonical(facts)), AT)
    found = erase(store)
    assert (found.records, found.facts, found.kept_in) == (1, 1, ("C-1",))
    with store.reading() as connection:
        [row] = connection.execute(select(t.evidence)).all()
    assert row.erased
    assert "Qwertz" not in row.content


def test_another_process_keeps_the_file(file: Store, tmp_path: Path) -> None:
    """The words are erased, and the error says that the file could not be cleaned, and why."""
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as other:
        other.execute("begin")
        other.execute("select count(*) from record").fetchone()
        file.close()
        with open_store(tmp_path / "store.sqlite3") as again:
            with again.writing() as connection:
                connection.exec_driver_sql("PRAGMA busy_timeout=50")
            with pytest.raises(StoreError) as caught:
                erase(again)
        assert caught.value.code == "store.not_cleaned"
    with opened(tmp_path) as store:
        assert store.check_contents().erased == 5
