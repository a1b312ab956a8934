"""One file of claims without settings: bundles in order, and rows that add up."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.adapters.contract import SetAside
from crm_expenses.adapters.files import ClaimBundle, ClaimStream, claims_in
from crm_expenses.core.money import Money
from crm_expenses.core.voucher import VoucherKind
from crm_expenses.errors import ConfigError
from crm_expenses.filecheck import claim_reader
from crm_expenses.messages import fields as unfilled

HEADER = "claim,person,submitted,date,category,amount,currency"
ROW = "C-1,P-1,2026-02-01T10:00:00+08:00,2026-01-31,meal,12.50,CNY"


def read(path: Path, content: str, mapping: str | None = None) -> ClaimStream:
    """Write a file, and perhaps a mapping, and open it."""
    path.write_text(content, encoding="utf-8")
    if mapping is None:
        return opened(path)
    (path.parent / "m.toml").write_text(mapping, encoding="utf-8")
    return opened(path, path.parent / "m.toml")


def opened(path: Path, mapping: Path | None = None) -> ClaimStream:
    """Open a file, with the reader of whole claims that `check` has."""
    return claims_in(path, mapping, read_claim=claim_reader("CNY"))


def parted(stream: ClaimStream) -> tuple[list[ClaimBundle], list[SetAside]]:
    """Read to the end, and see that the rows add up and that every reason is a sentence."""
    items = list(stream)
    bundles = [item for item in items if isinstance(item, ClaimBundle)]
    aside = [item for item in items if isinstance(item, SetAside)]
    assert len(bundles) + len(aside) == len(items)
    counts = stream.counts
    assert counts.rows == counts.lines + counts.set_aside + counts.without_line
    assert counts.lines == sum(len(bundle.lines) for bundle in bundles)
    assert counts.set_aside == len(aside)
    for problem in (p for one in aside for p in one.problems):
        sentences = problem.describe("en"), problem.describe("zh")
        assert sentences[0] != sentences[1]
        assert not unfilled("".join(sentences)) - unfilled("".join(problem.values.values()))
    return bundles, aside


def codes(aside: list[SetAside]) -> list[tuple[str, list[str]]]:
    """Give the place and the codes of what was set aside."""
    return [(one.origin.place, [problem.code for problem in one.problems]) for one in aside]


def test_required_columns_are_enough(tmp_path: Path) -> None:
    """A file with the required columns needs no mapping; a line without an id takes its row."""
    ((bundle,), aside) = parted(read(tmp_path / "c.csv", f"{HEADER}\n{ROW}\n{ROW}\n"))
    assert not aside
    assert [line.id for line in bundle.lines] == ["2", "3"]
    assert bundle.lines[0].amount == Money(1250, "CNY")
    assert bundle.claim.submitted.isoformat() == "2026-02-01T02:00:00+00:00"
    assert bundle.person is not None
    assert (bundle.person.id, bundle.person.name) == ("P-1", "P-1")
    assert bundle.vouchers == ()


def test_optional_columns_are_read_where_they_are(tmp_path: Path) -> None:
    """Whatever of the other columns a file has is read, too."""
    header = HEADER + (
        ",line,person_name,grade,team,person_city,title,status,city,nights,pre_approved,distance,"
        "voucher_kind,voucher_number,voucher_amount"
    )
    row = ROW + ",L-1,王芳,G3,East,上海,Trip,Paid,北京,2,yes,12.5,fapiao,0123,12.50"
    ((bundle,), aside) = parted(read(tmp_path / "c.csv", f"{header}\n{row}\n"))
    assert not aside
    (line,), (voucher,) = bundle.lines, bundle.vouchers
    assert (line.id, line.city, line.nights, line.pre_approved) == ("L-1", "北京", 2, True)
    assert (bundle.claim.status, bundle.claim.title) == ("paid", "Trip")
    assert bundle.person is not None
    assert (bundle.person.name, bundle.person.grade, bundle.person.city) == ("王芳", "G3", "上海")
    assert line.voucher == voucher.id == "0123"
    assert (voucher.kind, voucher.amount) == (VoucherKind.FAPIAO, Money(1250, "CNY"))


def test_receipt_without_a_number_is_a_voucher(tmp_path: Path) -> None:
    """A voucher that has only a kind is there, one a row; a row without any has none."""
    rows = f"{HEADER},voucher_kind\n{ROW},receipt\n{ROW},receipt\n{ROW},\n"
    ((bundle,), _) = parted(read(tmp_path / "c.csv", rows))
    assert len({voucher.id for voucher in bundle.vouchers}) == 2
    assert [line.voucher for line in bundle.lines][:2] == [v.id for v in bundle.vouchers]
    assert bundle.lines[2].voucher == ""


def test_missing_required_columns_are_all_named(tmp_path: Path) -> None:
    """Every required column that is not there is named at once, with the nearest that is."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path / "c.csv", "claim,persn,submitted,date,category\n")
    assert [problem.values["column"] for problem in caught.value.problems] == [
        "person",
        "amount",
        "currency",
    ] or len(caught.value.problems) == 3
    assert "persn" in caught.value.describe()
    assert "--mapping" in caught.value.describe()


def test_claims_come_by_submission_lines_by_row(tmp_path: Path) -> None:
    """Claims come by instant of submission, then by id; lines as they stand in the file."""
    rows = [
        ROW.replace("C-1", "C-9"),
        ROW.replace("C-1", "C-2"),
        ROW.replace("C-1", "C-3").replace("2026-02-01T10", "2026-02-01T09"),
        ROW.replace("C-1", "C-9"),
    ]
    bundles, _ = parted(read(tmp_path / "c.csv", "\n".join([HEADER, *rows])))
    found = [(b.claim.id, [line.id for line in b.lines]) for b in bundles]
    assert found == [("C-3", ["4"]), ("C-2", ["3"]), ("C-9", ["2", "5"])]


def test_bad_rows_are_set_aside_whole(tmp_path: Path) -> None:
    """What is wrong in any part of a row sets its line aside, once, with everything."""
    header = HEADER + ",line"
    rows = [
        ROW + ",L-1",
        ROW.replace("12.50", "1_0").replace("P-1", "") + ",L-2",
        ROW.replace("C-1", "") + ",L-3",
        ROW + ",L-1",
        ROW.replace("P-1", "P-2") + ",L-4",
        "C-1",
        ROW + ",L-5",
    ]
    (bundle,), aside = parted(read(tmp_path / "c.csv", "\n".join([header, *rows])))
    assert [line.id for line in bundle.lines] == ["L-1", "L-5"]
    found = dict(codes(aside))
    assert set(found["c.csv:3"]) == {"record.missing", "record.cell_number"}
    assert set(found["c.csv:4"]) == {"record.missing", "record.no_claim"}
    assert found["c.csv:5"] == ["record.duplicate"]
    assert found["c.csv:6"] == ["record.differs", "record.differs"]
    assert found["c.csv:7"] == ["record.cells_few"]


def test_person_may_change_between_claims(tmp_path: Path) -> None:
    """A person's grade belongs to the claim: another claim may have another one."""
    rows = f"{HEADER},grade\n{ROW},G1\n{ROW.replace('C-1', 'C-2')},G2\n{ROW},G2\n"
    bundles, aside = parted(read(tmp_path / "c.csv", rows))
    assert [b.person.grade for b in bundles if b.person] == ["G1", "G2"]
    assert codes(aside) == [("c.csv:4", ["record.differs"])]


def test_voucher_that_differs_is_told(tmp_path: Path) -> None:
    """One voucher may back several lines; described otherwise, its row is set aside."""
    header = f"{HEADER},voucher_number,voucher_amount\n"
    rows = f"{ROW},V,5\n{ROW},V,5\n{ROW},V,6\n{ROW.replace('C-1', 'C-2')},V,7\n"
    bundles, aside = parted(read(tmp_path / "c.csv", header + rows))
    assert [len(b.vouchers) for b in bundles] == [1, 1]
    assert codes(aside) == [("c.csv:4", ["record.differs"])]


FLAT = {
    "claim": "C-1",
    "person": "P-1",
    "submitted": "2026-02-01",
    "date": "2026-01-31",
    "category": "meal",
    "amount": "12.50",
    "currency": "CNY",
}
INSIDE = {
    "claim": "C-2",
    "person": {"id": "P-2", "name": "李雷", "grade": "G2"},
    "submitted": "2026-02-02",
    "currency": "CNY",
    "lines": [
        {"line": "L-1", "date": "2026-01-31", "category": "meal", "amount": 3.1},
        {
            "line": "L-2",
            "date": "2026-01-31",
            "category": "taxi",
            "amount": "4",
            "currency": "JPY",
        },
    ],
}


def test_json_flat_and_nested(tmp_path: Path) -> None:
    """JSON Lines may be flat lines, claims with their lines inside, or both in one file."""
    content = "\n".join(json.dumps(one) for one in (FLAT, INSIDE, {**FLAT, "line": "L-9"}))
    (first, second), aside = parted(read(tmp_path / "c.jsonl", content))
    assert not aside
    assert [line.id for line in first.lines] == ["1", "L-9"]
    assert [(line.id, str(line.amount)) for line in second.lines] == [
        ("L-1", "3.10 CNY"),
        ("L-2", "4 JPY"),
    ]
    assert second.person is not None
    assert (second.person.id, second.person.name, second.person.grade) == ("P-2", "李雷", "G2")


def test_json_claim_with_a_fault_is_set_aside(tmp_path: Path) -> None:
    """What is wrong with the claim sets it aside whole, told once; a claim may have no lines."""
    wrong = {**INSIDE, "submitted": "soon"}
    bare = {**INSIDE, "claim": "C-3", "lines": []}
    odd = {**INSIDE, "claim": "C-4", "lines": 5}
    content = "\n".join(json.dumps(one) for one in (wrong, bare, odd, [])) + '\n{"a":1,"a":2}\n'
    stream = read(tmp_path / "c.jsonl", content)
    (bundle,), aside = parted(stream)
    assert (bundle.claim.id, bundle.lines) == ("C-3", ())
    assert stream.counts.without_line == 1
    assert codes(aside) == [
        ("c.jsonl:1", ["claim.submitted"]),
        ("c.jsonl:3", ["claim.list"]),
        ("c.jsonl:4", ["record.json_object"]),
        ("c.jsonl:5", ["record.json_twice"]),
    ]


def test_parquet_without_a_mapping(tmp_path: Path) -> None:
    """A Parquet file whose columns are named like the fields needs no mapping."""
    import duckdb

    path = tmp_path / "c.parquet"
    names = HEADER.split(",")
    values = ", ".join(f"'{v}' AS {n}" for v, n in zip(ROW.split(","), names, strict=True))
    duckdb.sql(f"SELECT {values}").write_parquet(str(path))
    (bundle,), _ = parted(opened(path))
    assert bundle.lines[0].amount == Money(1250, "CNY")


MAPPING = """
[mapping]
version = 1
timezone = "UTC"
[[source]]
kind = "claim"
files = ["exports/c*.csv"]
distinct = true
[source.fields]
id = "Claim"
person = "Who"
submitted = "When"
[[source]]
kind = "line"
files = ["exports/c*.csv"]
[source.fields]
id = { template = "{Claim}/{row}" }
claim = "Of"
date = "When"
category = { value = "meal" }
amount = "Amount"
currency = { value = "BRL" }
"""


def test_mapping_of_a_folder_serves_one_file(tmp_path: Path) -> None:
    """The sources that name the file are used; a line of an unknown claim is not lost."""
    rows = "Claim,Of,Who,When,Amount\nC-1,C-1,P,2026-01-31,5\nC-1,C-7,P,2026-01-31,6\n"
    stream = read(tmp_path / "c1.csv", rows, MAPPING)
    (bundle,), aside = parted(stream)
    assert [line.id for line in bundle.lines] == ["C-1/2"]
    assert codes(aside) == [("c1.csv:3", ["record.no_such_claim"])]


def test_mapping_without_this_file(tmp_path: Path) -> None:
    """A mapping that does not name the file says which patterns it has; nothing is guessed."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path / "x.csv", "Claim\n", MAPPING)
    assert caught.value.code == "files.not_in_mapping"
    assert "exports/c*.csv" in caught.value.describe("zh")


def test_mapping_with_two_sources_of_lines(tmp_path: Path) -> None:
    """One row cannot be two lines here: refused, rather than one of them lost."""
    second = MAPPING + MAPPING[MAPPING.rindex("[[source]]") :].replace("{row}", "{row}b")
    with pytest.raises(ConfigError) as caught:
        read(tmp_path / "c1.csv", "Claim\n", second)
    assert caught.value.code == "files.kind_twice"


@pytest.mark.parametrize("name", ["nothing.csv", "claims.pdf"])
def test_no_such_file(tmp_path: Path, name: str) -> None:
    """A file that is not there, or of no known kind, is an error that says so."""
    if name.endswith("pdf"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        opened(tmp_path / name)
    assert caught.value.code in ("files.no_claims_file", "files.suffix")
    assert name in caught.value.describe()


@pytest.mark.parametrize("content", ["", HEADER, "\ufeff" + HEADER + "\r\n"])
def test_empty_file_has_no_claims(tmp_path: Path, content: str) -> None:
    """An empty file, or one with a header only, has no claims and no faults."""
    assert parted(read(tmp_path / "c.csv", content)) == ([], [])


CELLS = st.sampled_from(
    ["C-1", "C-2", "", "x", "12.5", "1_0", '"', "a,b", "2026-01-31", "CNY", "\0"]
)


@given(rows=st.lists(st.lists(CELLS, min_size=6, max_size=9), max_size=8))
def test_rows_always_add_up(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    """Whatever the rows hold, each is a line of a bundle or set aside, and nothing is lost."""
    lines = [",".join(row) for row in rows]
    content = "\n".join([HEADER, ROW, *lines, ROW.replace("C-1", "C-9")])
    bundles, _ = parted(read(tmp_path_factory.mktemp("s") / "c.csv", content))
    assert {"C-1", "C-9"} <= {bundle.claim.id for bundle in bundles}
