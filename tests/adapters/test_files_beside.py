"""What a mapping reads beside the claims: trips, waivers, people, vouchers and rates."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files import ClaimBundle, ClaimStream, claims_in
from crm_expenses.adapters.files.beside import Beside
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.rates import Rate
from crm_expenses.core.record import Kind
from crm_expenses.core.trip import Night, TripLeg, TripNote
from crm_expenses.core.waiver import Waiver
from crm_expenses.errors import ConfigError
from crm_expenses.filecheck import claim_reader

HEAD: Final = '[mapping]\nversion = 1\ntimezone = "Europe/Lisbon"\n'
CLAIMS: Final = """
[[source]]
kind = "claim"
files = ["crm/claims.csv"]
distinct = true
[source.fields]
id = "Claim"
person = "Who"
submitted = "When"
status = { column = "Status", else = { value = "submitted" } }
[[source]]
kind = "line"
files = ["crm/claims.csv"]
[source.fields]
id = "Line"
claim = "Claim"
date = "Day"
category = { value = "per_diem" }
amount = "Amount"
currency = { value = "EUR" }
trip = "Trip"
voucher = "Voucher"
"""
LEGS: Final = """
[[source]]
kind = "trip_leg"
files = ["travel/legs*.csv"]
[source.fields]
id = { template = "{Trip}/{No}" }
trip = "Trip"
departs = "Left"
arrives = "Reached"
origin = "From"
destination = "To"
"""
NOTES: Final = """
[[source]]
kind = "trip_note"
files = ["travel/days.csv"]
[source.fields]
id = { template = "{Trip}/{Day}" }
trip = "Trip"
day = "Day"
night = "Night"
breakfast_paid = "Paid"
currency = { value = "GBP" }
"extra.visit" = "Visit"
"""
WAIVERS: Final = """
[[source]]
kind = "waiver"
files = ["crm/waivers.csv"]
[source.fields]
id = "No"
rule = "Rule"
granted_by = "By"
until = "Until"
person = "Who"
claim = "Claim"
line = "Line"
"""
OTHERS: Final = """
[[source]]
kind = "pre_approval"
files = ["crm/approved.csv"]
[source.fields]
id = "No"
person = "Who"
granted_by = "By"
until = "Until"
[[source]]
kind = "account_manager"
files = ["crm/people.csv"]
[source.fields]
id = "Id"
name = "Name"
[[source]]
kind = "voucher"
files = ["crm/vouchers.csv"]
[source.fields]
id = "Id"
kind = { value = "receipt" }
[[source]]
kind = "rate"
files = ["crm/rates.csv"]
[source.fields]
id = { template = "{Cur}/{From}" }
currency = "Cur"
into = { value = "EUR" }
day = "From"
rate = "Rate"
source = { value = "bank" }
"""
FILES: Final = {
    "crm/claims.csv": """
Claim,Who,When,Status,Line,Day,Amount,Trip,Voucher
C-1,P1,2026-03-10T09:00:00+01:00,,L-1,2026-03-04,30,T-1,V-1
C-2,P1,2026-03-11T09:00:00+01:00,,L-2,2026-03-04,30,T-2,
C-3,P2,2026-03-12T09:00:00+01:00,,L-3,2026-03-04,30,T-1,
C-4,P1,2026-03-13T09:00:00+01:00,draft,L-4,2026-03-04,30,T-3,
C-5,P1,2026-03-14T09:00:00+01:00,,L-5,2026-03-04,30,T-9,
""",
    "travel/legs-1.csv": """
Trip,No,Left,Reached,From,To
T-1,1,2026-03-02T08:00,2026-03-02T10:00,Lisboa,Lyon
T-1,2,2026-03-04T18:00,2026-03-04T20:00,Lyon,Lisboa
T-2,1,2026-03-04T21:00,2026-03-04T23:00,Lisboa,Porto
T-3,1,2026-03-04T21:00,2026-03-04T23:00,Lisboa,Faro
""",
    "travel/legs-2.csv": """
Trip,No,Left,Reached,From,To
T-7,1,2026-03-03T08:00,late,Lisboa,Lyon
T-1,2,2026-03-05T18:00,2026-03-05T20:00,Lyon,Lisboa
""",
    "travel/days.csv": """
Trip,Day,Night,Paid,Visit
T-1,2026-03-03,private,2.50,yes
T-2,2026-03-04,none,,
T-9,2026-03-04,none,,
""",
    "crm/waivers.csv": """
No,Rule,By,Until,Who,Claim,Line
W-3,meal.cap,P9,2026-12-31,,,L-1
W-2,meal.cap,P9,2026-12-31,,C-1,
W-1,meal.cap,P9,2026-12-31,P1,,
W-4,meal.cap,P9,2026-12-31,P1,C-2,
W-5,meal.cap,P9,2026-12-31,P2,C-1,
""",
    "crm/approved.csv": """
No,Who,By,Until
A-2,P1,P9,2026-12-31
A-1,P1,P9,2026-06-30
A-3,P2,P9,2026-12-31
""",
    "crm/people.csv": "\nId,Name\nP1,Ana\nP3,Rui\n",
    "crm/vouchers.csv": "\nId\nV-1\nV-2\n",
    "crm/rates.csv": "\nCur,From,Rate\nGBP,2026-01-01,1.2\n",
}


def opened(folder: Path, mapping: str, claims: str = "crm/claims.csv") -> ClaimStream:
    """Write the files and a mapping, and open the claims."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content.lstrip("\n"), encoding="utf-8")
    (folder / "m.toml").write_text(mapping, encoding="utf-8")
    return claims_in(folder / claims, folder / "m.toml", read_claim=claim_reader("EUR"))


def parted(stream: ClaimStream) -> tuple[dict[str, ClaimBundle], list[tuple[str, str]]]:
    """Read to the end, and see that the rows add up."""
    items = list(stream)
    counts = stream.counts
    assert counts.rows == counts.lines + counts.set_aside + counts.without_line
    aside = [
        (one.origin.place, problem.code)
        for one in items
        if isinstance(one, SetAside)
        for problem in one.problems
    ]
    return {one.claim.id: one for one in items if isinstance(one, ClaimBundle)}, aside


WHOLE: Final = HEAD + CLAIMS + LEGS + NOTES + WAIVERS + OTHERS


def test_trips_come_from_files_of_their_own(tmp_path: Path) -> None:
    """Legs and notes are found by the trip of a line, in the zone of the mapping."""
    found, aside = parted(opened(tmp_path, WHOLE))
    assert aside == [
        ("travel/legs-2.csv:2", "record.cell_date"),
        ("travel/legs-2.csv:3", "record.differs"),
    ]
    trip, other = found["C-1"].trips
    assert (trip.id, other.id) == ("T-1", "T-2")
    assert [leg.destination for leg in trip.legs] == ["Lyon", "Lisboa"]
    assert trip.departs == datetime(2026, 3, 2, 8, tzinfo=UTC)
    (note,) = trip.notes
    assert (note.day, note.night) == (date(2026, 3, 3), Night.PRIVATE)
    assert (note.breakfast_paid, note.extra) == (Money(250, "GBP"), (("visit", "yes"),))


def test_other_trips_of_those_days_are_the_persons_own(tmp_path: Path) -> None:
    """Beside its own trips a claim has the person's on the same days, of claims that count."""
    found, _ = parted(opened(tmp_path, WHOLE))
    for name in ("C-1", "C-2"):
        assert [(t.id, len(t.notes)) for t in found[name].trips] == [("T-1", 1), ("T-2", 1)]
    assert [t.id for t in found["C-3"].trips] == ["T-1"]
    assert [t.id for t in found["C-4"].trips] == ["T-1", "T-2", "T-3"]
    assert found["C-5"].trips == ()


def test_waivers_are_those_of_the_claim(tmp_path: Path) -> None:
    """A waiver is there for the person, the claim and the line that it names, and nobody else."""
    found, _ = parted(opened(tmp_path, WHOLE))
    assert {name: [w.id for w in one.waivers] for name, one in found.items()} == {
        "C-1": ["W-1", "W-2", "W-3"],
        "C-2": ["W-1", "W-4"],
        "C-3": [],
        "C-4": ["W-1"],
        "C-5": ["W-1"],
    }


def test_what_was_approved_in_advance_is_the_persons(tmp_path: Path) -> None:
    """A claim has the pre-approvals of its person, by id."""
    found, _ = parted(opened(tmp_path, WHOLE))
    assert [one.id for one in found["C-1"].pre_approvals] == ["A-1", "A-2"]
    assert [one.id for one in found["C-3"].pre_approvals] == ["A-3"]


def test_people_vouchers_and_rates(tmp_path: Path) -> None:
    """People and vouchers are found by id; rates are there for every claim."""
    found, _ = parted(opened(tmp_path, WHOLE))
    first = found["C-1"]
    assert first.person is not None
    assert first.person.name == "Ana"
    assert [v.id for v in first.vouchers] == ["V-1"]
    assert first.rates == (
        Rate("GBP/2026-01-01", "GBP", "EUR", date(2026, 1, 1), Decimal("1.2"), "bank"),
    )
    assert found["C-3"].person is None


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Kinds of which no file is there are told; a kind that has one is not."""
    stream = opened(tmp_path, WHOLE)
    assert stream.counts.absent == frozenset()
    stream = opened(tmp_path, WHOLE.replace("travel/days.csv", "travel/nights.csv"))
    found, _ = parted(stream)
    assert stream.counts.absent == {Kind.TRIP_NOTE}
    assert found["C-1"].trips[0].notes == ()


def test_a_file_outside_its_folder(tmp_path: Path) -> None:
    """Where the claims stand elsewhere, names without a folder are looked for beside them."""
    near = WHOLE.replace('"crm/waivers.csv"', '"waivers.csv"')
    opened(tmp_path, near)
    away = tmp_path / "away"
    away.mkdir()
    for name in ("claims", "waivers"):
        (tmp_path / "crm" / f"{name}.csv").rename(away / f"{name}.csv")
    stream = claims_in(away / "claims.csv", tmp_path / "m.toml", read_claim=claim_reader("EUR"))
    found, _ = parted(stream)
    assert [w.id for w in found["C-3"].waivers] == []
    assert [w.id for w in found["C-4"].waivers] == ["W-1"]
    assert Kind.WAIVER not in stream.counts.absent
    assert Kind.TRIP_LEG in stream.counts.absent


def test_columns_of_other_files_are_looked_at_first(tmp_path: Path) -> None:
    """A column that one of the other files lacks stops all before anything is read."""
    with pytest.raises(ConfigError) as caught:
        opened(tmp_path, WHOLE.replace('"Reached"', '"Reachd"'))
    assert {str(p.place) for p in caught.value.problems} == {
        "travel/legs-1.csv:1",
        "travel/legs-2.csv:1",
    }


ONE_FILE: Final = (
    HEAD
    + CLAIMS.replace("crm/claims.csv", "one.csv").replace('voucher = "Voucher"\n', "")
    + "".join(
        f"""
[[source]]
kind = "trip_leg"
files = ["one.csv"]
optional = true
[source.fields]
id = {{ template = "{{Trip}}/{way}" }}
trip = "Trip"
departs = "{way} left"
arrives = "{way} reached"
"""
        for way in ("Out", "Back")
    )
)


def test_legs_in_the_rows_of_the_lines(tmp_path: Path) -> None:
    """One row may hold a line and both legs of its trip; the same leg may come again."""
    rows = (
        "Claim,Who,When,Status,Line,Day,Amount,Trip,Out left,Out reached,Back left,Back reached",
        *(
            f"C-1,P1,2026-03-10T09:00:00+01:00,,{line},2026-03-04,30,{trip}"
            for line, trip in (
                ("L-1", f"T-1,2026-03-02T08:00,{'2026-03-02T10:00'},2026-03-04T08:00,2026-03-04"),
                ("L-2", f"T-1,2026-03-02T08:00,{'2026-03-02T10:00'},2026-03-04T08:00,2026-03-04"),
                ("L-3", f"T-1,2026-03-02T09:00,{'2026-03-02T10:00'},2026-03-04T08:00,2026-03-04"),
                ("L-4", ",,,,"),
            )
        ),
    )
    (tmp_path / "one.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "m.toml").write_text(ONE_FILE, encoding="utf-8")
    stream = claims_in(tmp_path / "one.csv", tmp_path / "m.toml", read_claim=claim_reader("EUR"))
    found, aside = parted(stream)
    assert aside == [("one.csv:4", "record.differs")]
    assert [line.id for line in found["C-1"].lines] == ["L-1", "L-2", "L-4"]
    (trip,) = found["C-1"].trips
    assert [leg.id for leg in trip.legs] == ["T-1/Out", "T-1/Back"]
    assert trip.departs.hour == 8


def test_legs_inside_a_claim_of_json_lines(tmp_path: Path) -> None:
    """An array of legs is exploded like one of lines; its claim is read once."""
    mapping = ONE_FILE[: ONE_FILE.index('\n[[source]]\nkind = "trip_leg"')]
    mapping = mapping.replace("one.csv", "one.jsonl").replace(
        'kind = "line"\n', 'kind = "line"\nexplode = "lines"\n'
    )
    for name in ("Line", "Day", "Amount", "Trip"):
        mapping = mapping.replace(f'= "{name}"', f'= "lines.{name}"')
    mapping += """
[[source]]
kind = "trip_leg"
files = ["one.jsonl"]
explode = "legs"
[source.fields]
id = { template = "{row}-{item}" }
trip = "legs.Trip"
departs = "legs.Left"
arrives = "legs.Reached"
"""
    (tmp_path / "one.jsonl").write_text(
        '{"Claim": "C-1", "Who": "P1", "When": "2026-03-10", "lines": [{"Line": "L-1", '
        '"Day": "2026-03-04", "Amount": "30", "Trip": "T-1"}], "legs": [{"Trip": "T-1", '
        '"Left": "2026-03-02T08:00", "Reached": "2026-03-02T09:00"}, {"Trip": "T-1", '
        '"Left": "2026-03-04T08:00", "Reached": "2026-03-04T09:00"}]}',
        encoding="utf-8",
    )
    (tmp_path / "m.toml").write_text(mapping, encoding="utf-8")
    stream = claims_in(tmp_path / "one.jsonl", tmp_path / "m.toml", read_claim=claim_reader("EUR"))
    found, aside = parted(stream)
    assert aside == []
    assert len(found["C-1"].trips[0].legs) == 2
    assert (stream.counts.rows, stream.counts.lines) == (3, 1)


def leg(trip: str, day: int) -> TripLeg:
    """Give a leg of an hour."""
    at = datetime(2026, 3, day, 8, tzinfo=UTC)
    return TripLeg(f"{trip}/{day}", trip, at, at.replace(hour=9))


def test_the_first_record_of_an_id_counts() -> None:
    """A record is kept once; one that says otherwise leaves the first as it was."""
    with Beside() as beside:
        beside.add(Kind.TRIP_LEG, leg("T", 2), "a:1")
        beside.add(Kind.TRIP_LEG, leg("T", 2), "a:2")
        beside.add(Kind.TRIP_NOTE, TripNote("n", "T", date(2026, 3, 2)), "a:3")
        beside.add(Kind.WAIVER, Waiver("W", "r", "P9", date(2026, 1, 1), claim="C"), "a:4")
        beside.close_input(lambda: ())
        met = beside.find(Kind.TRIP_LEG, "T/2")
        assert met is not None
        assert met.place == "a:1"
        assert beside.find(Kind.TRIP_NOTE, "T/2") is None
        claim = Claim("C", "P", datetime(2026, 3, 9, tzinfo=UTC))
        line = ExpenseLine("L", "C", date(2026, 3, 2), "meal", Money(1, "EUR"), trip="T")
        (trip,) = beside.trips("P", [line])
        assert (len(trip.legs), len(trip.notes)) == (1, 1)
        assert [w.id for w in beside.waivers(claim, [line])] == ["W"]
        assert beside.waivers(Claim("D", "P", claim.submitted), []) == ()
