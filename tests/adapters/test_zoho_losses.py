"""What Zoho's SDK loses without a word, and that we keep it or refuse.

The unmodified SDK runs in a process of its own, against the same simulator.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from zohoworld import sdk_to, wire_to

from crm_expenses.adapters.contract import Received, SetAside
from crm_expenses.adapters.zoho import sdkcalls
from crm_expenses.adapters.zoho.mapping import Company, Source, received, sources_of
from crm_expenses.adapters.zoho.wire import Call, ZohoWire
from crm_expenses.core.record import Kind
from crm_expenses.errors import RefusedError, RetryableError
from crm_expenses.testing.zohosim import Fault, Field, Type, ZohoSim

ZONE = ZoneInfo("Asia/Kolkata")
SCRIPT = Path(__file__).with_name("naive_zoho.py")
BIG = "99999999999999.99"
"""Sixteen digits: more than a float keeps."""


class Naive:
    """The unmodified SDK at work in a process of its own."""

    def __init__(self, sim: ZohoSim, case: str, **given: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT), case],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        told = {"url": sim.url, "client_id": sim.site.desk.client_id, **sim.secrets, **given}
        self._say(json.dumps(told))

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Give the next thing that it tells."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(self._process.communicate()[1])
        heard: dict[str, Any] = json.loads(line)
        return heard

    def go_on(self) -> None:
        """Let it go on."""
        self._say("")

    def end(self) -> None:
        """Wait for its end."""
        out, err = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, out + err


@contextmanager
def naive(sim: ZohoSim, case: str, **given: str) -> Iterator[Naive]:
    """Run a case of the unmodified SDK."""
    held = Naive(sim, case, **given)
    try:
        yield held
    finally:
        held.end()


def told(sim: ZohoSim, case: str, **given: str) -> dict[str, Any]:
    """Give what a case of the unmodified SDK comes to."""
    with naive(sim, case, **given) as held:
        return held.hear()


def deals(wire: ZohoWire) -> list[Any]:
    """Read deals as our data plane does: a query through the wire."""
    names = ", ".join(source().columns)
    text = f"select {names} from Deals where id is not null limit 200"
    call = Call("POST", "crm/v8/coql", json={"select_query": text}, repeatable=True)
    body = wire.send(call).body
    assert isinstance(body, dict)
    rows = body["data"]
    assert isinstance(rows, list)
    return rows


def source() -> Source:
    """Give where deals come from."""
    return sources_of(Company("main", ZONE, "USD"), {}, {})[Kind.OPPORTUNITY]


def seeded(sim: ZohoSim, amount: str = "12.50") -> list[str]:
    """Put three deals into an organisation."""
    account = sim.org.put("Accounts", {"Account_Name": "A-1"})
    return [
        sim.org.put(
            "Deals",
            {
                "Deal_Name": f"D-{number}",
                "Stage": "Closed Won",
                "Account_Name": account,
                "Amount": Decimal(amount),
                "Closing_Date": "2026-06-30",
            },
        )
        for number in (1, 2, 3)
    ]


def test_a_wrong_date_in_one_row_loses_the_whole_page_there_and_one_row_here() -> None:
    """The SDK gives 200 and nothing; we set the one record aside and read the others."""
    with ZohoSim() as sim:
        ids = seeded(sim)
        sim.faults.add(Fault.MALFORMED_RECORD, "GET /crm/v8/Deals")
        lost = told(sim, "list", fields="Deal_Name,Modified_Time")
        assert lost == {"status": 200, "object": "NoneType"}

        sim.faults.add(Fault.MALFORMED_RECORD, "POST /crm/v8/coql")
        found = [received("main", source(), row, ZONE) for row in deals(wire_to(sim))]
        assert sim.faults.happened[-1][1] is Fault.MALFORMED_RECORD
        aside = [one for one in found if isinstance(one, SetAside)]
        facts = [one for one in found if isinstance(one, Received)]
        assert (len(aside), len(facts)) == (1, 2)
        assert aside[0].problems
        assert {one.origin.record for one in found} == set(ids)


@pytest.mark.parametrize("fault", [Fault.TRUNCATED, Fault.EMPTY_200])
def test_an_answer_cut_short_is_nothing_there_and_an_error_here(fault: Fault) -> None:
    """The SDK gives 200 and None for half an answer; ours is asked again, then refused as none."""
    with ZohoSim() as sim:
        seeded(sim)
        sim.faults.add(fault, "GET /crm/v8/Deals")
        assert told(sim, "list", fields="Deal_Name")["object"] == "NoneType"

        sim.faults.add(fault, "POST /crm/v8/coql", times=9)
        with pytest.raises(RetryableError) as caught:
            deals(wire_to(sim))
        assert caught.value.code == "crm.answer"
        with sdk_to(sim) as sdk:
            sim.faults.add(fault, "GET /crm/v8/settings/modules", times=9)
            with pytest.raises(RetryableError):
                sdkcalls.modules(sdk)
            sim.faults.clear()
            assert len(deals(wire_to(sim))) == 3


def test_a_field_unknown_to_the_sdk_is_cleared_there_and_written_here() -> None:
    """The SDK sends null for a Decimal in a field that its cache has not, and is told SUCCESS."""
    with ZohoSim() as sim:
        record = seeded(sim)[0]
        with naive(sim, "unknown_field", record=record, name="Travel", value="7.25") as held:
            assert held.hear()["status"] == 200
            sim.org.add_fields("Deals", [Field("Travel", Type.CURRENCY)], custom=True)
            sim.org.put("Deals", {"Travel": Decimal("5.00")}, id=record)
            held.go_on()
            assert held.hear()["rows"] == ["SUCCESS"]
        assert _field(sim, record, "Travel") is None

        wire = wire_to(sim)
        row = {"id": record, "Travel": Decimal("7.25")}
        answer = wire.send(Call("PUT", "crm/v8/Deals", json={"data": [row]}, repeatable=True))
        assert answer.status == 200
        assert Decimal(str(_field(sim, record, "Travel"))) == Decimal("7.25")


def test_an_exact_amount_is_a_type_error_there_and_is_written_here() -> None:
    """The SDK takes no Decimal for a currency field; we write it as the number that it is."""
    with ZohoSim() as sim:
        record = seeded(sim)[0]
        lost = told(sim, "decimal", record=record, name="Amount", value="12.50")
        assert lost == {"raised": "TYPE ERROR"}

        wire = wire_to(sim)
        row = {"id": record, "Amount": Decimal("12.50")}
        wire.send(Call("PUT", "crm/v8/Deals", json={"data": [row]}, repeatable=True))
        assert Decimal(str(_field(sim, record, "Amount"))) == Decimal("12.50")


def test_digits_beyond_a_float_are_lost_there_and_kept_or_refused_here() -> None:
    """The SDK reads sixteen digits wrongly; we read them exactly, and refuse to write them so."""
    with ZohoSim() as sim:
        record = seeded(sim, BIG)[0]
        rows = told(sim, "list", fields="Deal_Name,Amount")["rows"]
        assert {Decimal(row["Amount"]) for row in rows} == {Decimal("99999999999999.98")}

        wire = wire_to(sim)
        assert {row["Amount"] for row in deals(wire)} == {Decimal(BIG)}
        # So large an amount is none of ours: the record is set aside, and its amount is told whole.
        aside = [received("main", source(), row, ZONE) for row in deals(wire)]
        told_of = [one.problems[0].values["value"] for one in aside if isinstance(one, SetAside)]
        assert told_of == [BIG] * 3
        before = len(sim.log)
        row = {"id": record, "Amount": Decimal(BIG)}
        with pytest.raises(RefusedError) as caught:
            wire.send(Call("PUT", "crm/v8/Deals", json={"data": [row]}, repeatable=True))
        assert caught.value.code == "http.number_digits"
        assert len(sim.log) == before


def test_rows_of_a_subform_are_left_out_of_lists_there_and_read_here() -> None:
    """The SDK's list has no rows and does not say so; we read the subform as the module it is."""
    with ZohoSim() as sim:
        sim.org.add_subform(
            "Deals", "Costs", "Cost_Rows", [Field("What"), Field("Cost", Type.CURRENCY)]
        )
        rows = [{"What": "Taxi", "Cost": Decimal("8.10")}, {"What": "Meal", "Cost": Decimal(20)}]
        record = seeded(sim)[0]
        sim.org.put("Deals", {"Costs": rows}, id=record)
        seen = told(sim, "list", fields="Deal_Name,Costs")["rows"]
        assert len(seen) == 3
        assert not [row for row in seen if row.get("Costs") not in (None, "None")]

        call = Call("GET", "crm/v8/Cost_Rows", {"fields": "Parent_Id,What,Cost"})
        body = wire_to(sim).send(call).body
        assert isinstance(body, dict)
        held = body["data"]
        assert isinstance(held, list)
        found = {(row["What"], row["Cost"], row["Parent_Id"]["id"]) for row in held}  # type: ignore[index,call-overload]
        assert found == {("Taxi", Decimal("8.1"), record), ("Meal", 20, record)}


def _field(sim: ZohoSim, record: str, name: str) -> object:
    held = sim.org.record("Deals", record)
    assert held is not None
    return held[name]
