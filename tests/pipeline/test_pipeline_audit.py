"""Audit of a store: the log, what is kept, and every decision derived again, byte for byte."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from many_claims import PEOPLE, VERSIONS, decided_in_rounds, opened
from small_company import AT, adapter_on, claim, job_on, line, march
from small_company import PEOPLE as STAFF

from crm_expenses.adapters.memory import MemoryCrm
from crm_expenses.core.audit import Fault
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.decision import Decision
from crm_expenses.core.facts import Facts
from crm_expenses.core.finding import Effect
from crm_expenses.core.record import Kind, canonical
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.derive import Derived, Deriver, Stored
from crm_expenses.errors import ConfigError
from crm_expenses.pipeline import sync
from crm_expenses.pipeline.audit import checkpoint, erase, policy_texts, read_entries, verify
from crm_expenses.policyfile import parse_policy
from crm_expenses.rules.plug_in import Remark
from crm_expenses.signing import NO_KEY
from crm_expenses.store import Store, open_store

COUNT = 300


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the store of many claims; tests that change it copy it."""
    folder = tmp_path_factory.mktemp("years")
    decided_in_rounds(folder, COUNT)
    return folder


@pytest.fixture
def store(years: Path, tmp_path: Path) -> Iterator[Store]:
    """Give a copy of that store."""
    with opened(years) as whole:
        whole.copy_to(tmp_path / "store.sqlite3")
    with opened(tmp_path) as copy:
        yield copy


def changed(folder: Path, *statements: str) -> Store:
    """Change the store's file behind its back, and open it."""
    with closing(sqlite3.connect(folder / "store.sqlite3")) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0
        connection.commit()
    return opened(folder)


def test_every_decision_derives_again(store: Store) -> None:
    """Decisions of three policy versions come out of what is kept, byte for byte."""
    found = verify(store)
    assert found.holds
    assert found.derived == {Derived.EQUAL: COUNT}
    assert {policy.version for policy in store.policies()} == {"1", "2", "3"}
    assert found.contents is not None
    assert found.contents.decisions == COUNT
    assert found.contents.texts > COUNT


def test_what_is_kept_of_a_policy_is_its_file(store: Store) -> None:
    """The text of each version that decided is kept as it was written."""
    kept = {row.version: row for row in store.policies()}
    for version in VERSIONS:
        policy = parse_policy(version)
        row = kept[policy.version]
        assert (row.content, row.digest, row.plug_ins) == (version, policy.digest, ())


def test_facts_hold_no_words(store: Store) -> None:
    """What decisions are derived from says nothing in anybody's words."""
    for row in store.decisions(viewer=SYSTEM):
        assert row.facts
        for said in ("had to", "said by", "Inn of", "Trip of", "拜访"):
            assert said not in row.facts


def test_erasing_everybody_changes_no_decision(store: Store, tmp_path: Path) -> None:
    """With all words erased, the log holds, sums stay, and every decision derives as before."""
    before = [(row.claim, row.decision, row.facts) for row in store.decisions(viewer=SYSTEM)]
    positions = store.budget_positions("main", viewer=SYSTEM)
    for number in range(PEOPLE):
        erase(store, "main", f"P{number}", actor="DPO", reason="asked", at=AT)
    found = verify(store)
    assert found.holds
    assert found.derived == {Derived.EQUAL: COUNT}
    assert found.contents is not None
    assert found.contents.erased == found.contents.texts - PEOPLE
    assert [
        (row.claim, row.decision, row.facts) for row in store.decisions(viewer=SYSTEM)
    ] == before
    assert store.budget_positions("main", viewer=SYSTEM) == positions
    store.close()
    whole = (tmp_path / "store.sqlite3").read_bytes()
    assert b"had to" not in whole
    assert "拜访客户".encode() not in whole


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("update policy_text set content = replace(content, '350', '351')", Derived.POLICY),
        ("update policy_text set content = 'x = ' where version = '3'", Derived.POLICY),
        ("delete from policy_text where version = '2'", Derived.POLICY),
    ],
)
def test_what_no_longer_derives(
    store: Store, tmp_path: Path, statement: str, reason: Derived
) -> None:
    """A policy that was changed is told with the claims that it decided."""
    store.close()
    with changed(tmp_path, statement) as other:
        found = verify(other)
    assert not found.holds
    assert found.wrong
    assert {became for _, became in found.wrong} == {reason}


def test_a_decision_that_was_made_up(store: Store) -> None:
    """A decision that its facts and policy do not give is told, though its digests fit."""
    row = next(row for row in store.decisions(viewer=SYSTEM) if '"outcome":"pass"' in row.decision)
    forged = row.decision.replace('"outcome":"pass"', '"outcome":"review"')
    deriver = Deriver(policy_texts(store.policies()))
    assert deriver.derive(Stored(row.decision, row.facts)) is Derived.EQUAL
    assert deriver.derive(Stored(forged, row.facts)) is Derived.DIFFERS
    other = (row.facts or "").replace("East", "West")
    assert deriver.derive(Stored(row.decision, other)) is Derived.FACTS
    assert deriver.derive(Stored(row.decision, None)) is Derived.NO_FACTS
    assert deriver.derive(Stored(row.decision, row.facts, is_erased=True)) is Derived.ERASED
    assert deriver.counts.total() == 5


def test_a_log_that_does_not_hold(store: Store, tmp_path: Path) -> None:
    """A broken log is told alone; with a tail cut off, what is kept is looked at, too."""
    store.close()
    with changed(tmp_path, "update audit set body = x'00' where number = 5") as other:
        found = verify(other)
    assert (found.holds, found.contents) == (False, None)
    assert found.broken is not None
    assert (found.broken.number, found.broken.fault) == (5, Fault.CHANGED)
    with changed(tmp_path, "delete from audit where number > 4") as other:
        found = verify(other)
    assert found.broken is not None
    assert found.broken.number == 5


class Curious:
    """A plug-in that reads words, and quotes one."""

    name = "curious"
    version = "1"
    title = ("Curious", "好奇")
    messages: ClassVar = {"said": ("said {words}", "说了 {words}")}

    def judge(self, facts: Facts, decision: Decision) -> Iterable[Remark]:
        """Quote the purpose of lines that have a merchant, too."""
        return [
            Remark("said", Effect.NOTE, line.id, (("words", line.purpose),))
            for line in facts.lines
            if line.merchant and line.purpose
        ]


def test_a_policy_with_plug_ins(tmp_path: Path) -> None:
    """What foreign code decided is not derived again; erased, it says so; quotes are named."""
    crm = MemoryCrm()
    for record in (*STAFF, claim(1, "P1"), claim(2, "P1")):
        crm.put(record)
    crm.put(replace(line("L-1", "meal", "5", march(2)), purpose="My own words", merchant="Inn"))
    crm.put(replace(line("L-2", "meal", "5", march(3)), purpose="Other words"))
    with job_on(tmp_path, adapter_on(crm)) as job:
        policy = replace(job.policy, plug_ins=(Curious(),), digest="c" * 64)
        sync(replace(job, policy=policy), AT)
        found = verify(job.store)
        assert (found.holds, found.derived) == (True, {Derived.PLUG_INS: 2})
        assert [row.plug_ins for row in job.store.policies()] == [("curious",)]
        made = erase(job.store, "main", "P1", actor="DPO", reason="asked", at=AT)
        assert (made.records, made.facts, made.kept_in) == (2, 2, ("C-1",))
        found = verify(job.store)
        assert (found.holds, found.derived) == (True, {Derived.ERASED: 2})
        assert not any(
            "Other words" in (row.facts or "") for row in job.store.decisions(viewer=SYSTEM)
        )


def test_erasing_where_a_policy_has_no_text(store: Store, tmp_path: Path) -> None:
    """A store with a policy of an older version keeps the form of what is erased."""
    store.close()
    with changed(tmp_path, "delete from policy_text where version = '2'") as other:
        erase(other, "main", "P1", actor="DPO", reason="asked", at=AT)
        lines = [
            one
            for one in other.records("main", Kind.LINE, viewer=SYSTEM)
            if isinstance(one, ExpenseLine)
        ]
    said = {one.justification for one in lines if one.claim == "C-1"}
    assert said <= {"", "A0·aaa·aa"}


def test_quick_looks_at_the_log_alone(store: Store, tmp_path: Path) -> None:
    """The quick way sees a change of the log, and no change of what is kept."""
    store.close()
    with changed(tmp_path, "update decision set content = '{}' where seq = 1") as other:
        assert verify(other, quick=True).holds
        assert verify(other, quick=False).broken is not None


def test_a_checkpoint_that_somebody_kept(store: Store, tmp_path: Path) -> None:
    """A store put back to an older state, or led on otherwise, does not agree with a later one."""
    store.copy_to(tmp_path / "earlier.sqlite3")
    erase(store, "main", "P1", actor="DPO", reason="asked", at=AT)
    kept = checkpoint(store, NO_KEY, at=AT, actor="P9")
    assert verify(store, outside=[kept]).holds
    with open_store(tmp_path / "earlier.sqlite3") as earlier:
        assert verify(earlier).holds
        broken = verify(earlier, outside=[kept]).broken
        assert broken is not None
        assert (broken.number, broken.fault) == (kept.size, Fault.SHORT)
        erase(earlier, "main", "P1", actor="DPO", reason="asked", at=AT)
        assert verify(earlier).holds
        broken = verify(earlier, outside=[kept]).broken
        assert broken is not None
        assert (broken.fault, broken.size) == (Fault.REWRITTEN, kept.size)


def test_no_checkpoint_of_nothing(tmp_path: Path) -> None:
    """An empty log has no checkpoint, and the error says what to do."""
    with opened(tmp_path) as empty, pytest.raises(ConfigError) as caught:
        checkpoint(empty, NO_KEY, at=AT, actor="P9")
    assert caught.value.code == "audit.empty"


def test_entries_are_chosen(store: Store) -> None:
    """Entries are found by what they are about, by action, and the last ones."""
    about = list(read_entries(store, subject="C-7"))
    assert {one.entry.action for one in about} <= {"decide", "budget"}
    assert len([one for one in about if one.entry.action == "decide"]) == 1
    policies = [one.entry.subject for one in read_entries(store, action="policy")]
    assert policies == ["small 1", "small 2", "small 3"]
    last = list(read_entries(store, last=3))
    whole = list(read_entries(store))
    assert last == whole[-3:]
    assert list(read_entries(store, last=0)) == []
    erase(store, "main", "P1", actor="DPO", reason="asked for it", at=AT)
    [made] = read_entries(store, action="erase")
    assert (made.said, made.is_erased) == ("asked for it", False)
    erase(store, "main", "DPO", actor="other", reason="asked, too", at=AT)
    first, _ = read_entries(store, action="erase")
    assert (first.said, first.is_erased) == ("", True)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_decisions_derive_again(tmp_path: Path) -> None:
    """10,000 decisions of three policy versions come out of what is kept, byte for byte."""
    decided_in_rounds(tmp_path, 10_000)
    with opened(tmp_path) as store:
        deriver = Deriver(policy_texts(store.policies()))
        versions = set()
        for row in store.decisions(viewer=SYSTEM):
            assert deriver.derive(Stored(row.decision, row.facts)) is Derived.EQUAL
            versions.add(canonical(row.decision.partition('"policy":')[2]))
        assert deriver.counts == {Derived.EQUAL: 10_000}
        assert len(versions) == 3
        assert verify(store).holds
