"""The plan is what a sync then writes: all of it, in that order, and nothing before it is asked."""

from dataclasses import fields
from pathlib import Path

from small_company import AT, adapter_on, claim, dumped, filled, job_on, line, march, synced

from crm_expenses.adapters.contract import ClaimResult, Result
from crm_expenses.adapters.memory import Failure, Fault, MemoryAdapter, MemoryCrm, Step
from crm_expenses.core.record import Kind
from crm_expenses.pipeline import PlannedWrite, make_plan, plan
from crm_expenses.store.edits import NewEdit, change


def planned(folder: Path, crm: MemoryCrm) -> tuple[PlannedWrite, ...]:
    """Plan, as a new process would."""
    with job_on(folder, adapter_on(crm)) as job:
        return plan(job, AT)


def written_since(crm: MemoryCrm, count: int) -> list[tuple[str, str]]:
    """Give kind and record of every write after the first `count`, in order."""
    return [(kind.value, record) for kind, record, _, _ in crm.log[count:]]


def values_of(result: Result) -> dict[str, str]:
    """Give a result's fields that are not empty, as a person reads them."""
    held = {f.name: getattr(result, f.name) for f in fields(result)}
    return {name: str(value) for name, value in held.items() if value not in (None, "")}


def test_the_plan_is_what_the_sync_writes(tmp_path: Path) -> None:
    """Each planned write is made, in the planned order, with the planned values, and no other."""
    crm = filled(MemoryCrm())
    expected = planned(tmp_path, crm)
    synced(tmp_path, adapter_on(crm))
    assert [(write.kind, write.record) for write in expected] == written_since(crm, 0)
    results = {(kind.value, record): r for (kind, record), r in crm.results().items()}
    for write in expected:
        after = {name: new for name, (_, new) in write.fields.items() if new}
        assert after == values_of(results[write.kind, write.record])
        assert all(old == "" for old, _ in write.fields.values())


def test_planning_writes_nothing(tmp_path: Path) -> None:
    """Neither the CRM nor the store nor the folder is changed by a plan, however often."""
    crm = filled(MemoryCrm())
    before = dumped(tmp_path, adapter_on(crm))
    first = planned(tmp_path, crm)
    assert planned(tmp_path, crm) == first
    assert len(first) == 23
    assert crm.log == []
    assert dumped(tmp_path, adapter_on(crm)) == before
    assert {p.name.partition(".")[0] for p in tmp_path.iterdir()} == {"store"}


def test_after_a_sync_there_is_nothing_to_plan(tmp_path: Path) -> None:
    """A plan after an undisturbed run is empty."""
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm))
    assert planned(tmp_path, crm) == ()


def test_a_change_is_planned_with_old_and_new_value(tmp_path: Path) -> None:
    """A planned write names the fields that change, each with what stands there and what will."""
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm))
    crm.put(line("L-2", "lodging", "600", march(4), nights=2, voucher="V-1"))
    writes = {write.record: write.fields for write in planned(tmp_path, crm)}
    assert sorted(writes) == ["B-EAST", "B-P1", "C-2", "L-2"]
    assert writes["L-2"] == {
        "outcome": ("reduced", "pass"),
        "claimed": ("900.00 CNY", "600.00 CNY"),
        "allowed": ("800.00 CNY", "600.00 CNY"),
        "findings_en": ("A night: 900.00 is over the limit of 800.00 by 100.00", ""),
        "findings_zh": ("每晚住宿：900.00 超过限额 800.00，超出 100.00", ""),
    }
    assert set(writes["B-P1"]) == {"committed", "available"}
    count = len(crm.log)
    synced(tmp_path, adapter_on(crm))
    assert [record for _, record in written_since(crm, count)] == list(writes)


def test_what_was_lost_is_planned_again(tmp_path: Path) -> None:
    """A result whose reply was lost is in the plan until it is settled; a refused one is not."""
    crm = filled(MemoryCrm())
    faults = [Fault(Step.WRITE, 1, Failure.LOST_AFTER), Fault(Step.WRITE, 2, Failure.REFUSED)]
    synced(tmp_path, MemoryAdapter("main", crm, page_size=4, faults=faults))
    assert [write.record for write in planned(tmp_path, crm)] == [crm.log[0][1]]
    synced(tmp_path, adapter_on(crm))
    assert planned(tmp_path, crm) == ()


def test_a_plan_counts_what_waits_in_windows(tmp_path: Path) -> None:
    """A plan decides on what is stored already: a later claim of the day gets what is left."""
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm))
    crm.put(claim(12, "P1"))
    crm.put(line("L-12", "meal", "20", march(2)))
    writes = {write.record: write.fields for write in planned(tmp_path, crm)}
    synced(tmp_path, adapter_on(crm))
    result = next(r for (_, record), r in crm.results().items() if record == "C-12")
    assert isinstance(result, ClaimResult)
    assert result.allowed.minor == 0
    assert writes["C-12"]["allowed"] == ("", "0.00 CNY")


def test_an_edit_is_planned_with_who_made_it(tmp_path: Path) -> None:
    """A field that was changed here is planned with what both sides agreed on, ours, and why."""
    crm = filled(MemoryCrm())
    synced(tmp_path, adapter_on(crm))
    with job_on(tmp_path, adapter_on(crm)) as job:
        for name in ("Wu", "Wen"):
            with job.store.writing() as connection:
                edit = NewEdit(Kind.ACCOUNT_MANAGER, "P1", {"name": name}, by="P9")
                held = change(connection, "main", edit, AT)
        made = make_plan(job, AT)
    [write] = made.writes
    assert (write.kind, write.record) == ("account_manager_change", "P1")
    assert write.fields["name"][1] == "Wen"
    assert write.fields["name"][0] not in ("", "Wu", "Wen")
    assert [(one.code, one.values["field"]) for one in write.why] == [
        ("plan.why_edit", "name"),
        ("plan.why_edit", "name"),
    ]
    assert held.record.id == "P1"
