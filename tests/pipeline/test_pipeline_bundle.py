"""An audit bundle: an outsider checks it with nothing else, and finds whatever was changed."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from many_claims import PEOPLE, VERSIONS, decided_in_rounds, opened
from small_company import AT, adapter_on, job_on
from spoken_company import claim, line, spoken

import crm_expenses
from crm_expenses.api import evaluator_of
from crm_expenses.bundlecheck import BundleCheck, check_bundle
from crm_expenses.core.bundle import CHECKPOINTS, DECISIONS, ENTRIES, MANIFEST, SAID, same_bytes
from crm_expenses.core.checkpoint import Kept
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.money import Money
from crm_expenses.core.record import canonical
from crm_expenses.corejson import read_as
from crm_expenses.derive import Derived
from crm_expenses.errors import ConfigError
from crm_expenses.pipeline import sync
from crm_expenses.pipeline.audit import checkpoint, erase
from crm_expenses.pipeline.bundle import BundleMade, Drawn, make_bundle
from crm_expenses.policyfile import parse_policy
from crm_expenses.signing import NO_KEY
from crm_expenses.store import open_store

COUNT = 60


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a store of claims of several people, an early checkpoint among its log."""
    folder = tmp_path_factory.mktemp("company")
    decided_in_rounds(folder, COUNT)
    return folder


def bundled(folder: Path, out: Path, drawn: Drawn) -> BundleMade:
    """Write a bundle of a store."""
    with opened(folder) as store:
        kept = checkpoint(store, NO_KEY, at=AT, actor="P9")
        return make_bundle(store, "main", kept, drawn, out, at=AT)


@pytest.fixture(scope="module")
def made(company: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Kept]:
    """Give a bundle of a sample, and a checkpoint that somebody kept before it was made."""
    with opened(company) as store:
        early = checkpoint(store, NO_KEY, at=AT, actor="P9")
        erase(store, "main", "nobody", actor="DPO", reason="so that the log goes on", at=AT)
    out = tmp_path_factory.mktemp("bundle") / "b"
    bundled(company, out, Drawn(count=9, seed=3))
    return out, early


@pytest.fixture
def bundle(made: tuple[Path, Kept], tmp_path: Path) -> Path:
    """Give a copy of the bundle that a test may change."""
    return Path(shutil.copytree(made[0], tmp_path / "b"))


def test_a_bundle_holds(made: tuple[Path, Kept]) -> None:
    """The sample is drawn, its entries lead to the checkpoint, its decisions derive again."""
    folder, early = made
    found = check_bundle(folder, outside=[early])
    assert found.problems == []
    assert (len(found.claims), found.derived) == (9, {Derived.EQUAL: 9})
    assert (found.checkpoints, found.outside) == (2, 1)
    assert found.sample["population"] == COUNT
    assert (found.sample["drawn"], found.sample["seed"]) == (9, 3)
    assert {p.name for p in (folder / "policies").iterdir()} <= {
        f"{n:03}-small-{v}.toml" for n in (1, 2, 3) for v in (1, 2, 3)
    }


def test_the_same_seed_draws_the_same(company: Path, tmp_path: Path) -> None:
    """A seed draws the same claims again, another seed others."""
    drawn = [
        bundled(company, tmp_path / str(n), Drawn(count=9, seed=seed)).claims
        for n, seed in enumerate((3, 3, 4))
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_nothing_but_the_package_is_needed(made: tuple[Path, Kept], tmp_path: Path) -> None:
    """A process without a store, an engine or signing checks it: the base install is enough."""
    code = (
        "import sys\n"
        "for name in ('sqlalchemy', 'sqlite3', 'duckdb', 'cryptography', 'typer', 'requests'):\n"
        "    sys.modules[name] = None\n"
        "from pathlib import Path\n"
        "from crm_expenses.bundlecheck import check_bundle\n"
        "found = check_bundle(Path(sys.argv[1]))\n"
        "print(found.holds, sum(found.derived.values()))\n"
    )
    source = Path(crm_expenses.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code, str(made[0])],
        cwd=tmp_path,
        env={"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("True 9\n", "")


@pytest.mark.parametrize("person", range(PEOPLE))
def test_no_other_person_is_shown(company: Path, tmp_path: Path, person: int) -> None:
    """A bundle of one person's claims has no line, claim, voucher or word of anybody else."""
    mine = tuple(f"C-{n}" for n in range(COUNT) if n % PEOPLE == person)
    bundled(company, tmp_path / "b", Drawn(mine))
    found = check_bundle(tmp_path / "b")
    assert (found.problems, found.claims) == ([], tuple(sorted(mine)))
    held = b"\n".join(p.read_bytes() for p in (tmp_path / "b").rglob("*") if p.is_file())
    for number in range(COUNT):
        for name in (f'"C-{number}"', f'"L-{number}-', f'"V-L-{number}-'):
            is_there = name.encode() in held
            assert not is_there or number % PEOPLE == person
    for other in range(PEOPLE):
        if other not in (person, 0):  # P0 leads them all, and is named as such
            assert f'"P{other}"'.encode() not in held
    for said in ("had to", "said by", "Inn of", "Trip of"):
        assert said.encode() not in held


def test_a_bundle_after_erasing(company: Path, tmp_path: Path) -> None:
    """Words that were erased are missed by no decision."""
    with opened(company) as whole:
        whole.copy_to(tmp_path / "store.sqlite3")
    with open_store(tmp_path / "store.sqlite3") as store:
        for number in range(PEOPLE):
            erase(store, "main", f"P{number}", actor="DPO", reason="asked", at=AT)
    bundled(tmp_path, tmp_path / "b", Drawn(count=COUNT))
    found = check_bundle(tmp_path / "b")
    assert (found.problems, found.derived) == ([], {Derived.EQUAL: COUNT})


# What is changed is found


def relisted(folder: Path) -> BundleCheck:
    """Make the manifest agree with the files, as a forger would, and check."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    names = [p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST]
    manifest["files"] = {
        p.relative_to(folder).as_posix(): sha256(p.read_bytes()).hexdigest() for p in names
    }
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return check_bundle(folder)


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first place of a text in a file."""
    held = path.read_bytes()
    assert old.encode() in held
    path.write_bytes(held.replace(old.encode(), new.encode(), 1))


def other_root(path: Path) -> None:
    """Change one digit of the first head in a file."""
    held = path.read_bytes()
    at = held.index(b'root\\":\\"') + 9
    path.write_bytes(held[:at] + (b"1" if held[at : at + 1] == b"0" else b"0") + held[at + 1 :])


def drop_line(path: Path) -> None:
    """Take the first line out of a file."""
    path.write_bytes(path.read_bytes().partition(b"\n")[2])


def policy_file(folder: Path) -> Path:
    """Give one of the policy files."""
    return min((folder / "policies").iterdir())


def decide_on_other_facts(folder: Path) -> None:
    """Change an amount, and decide on it anew: facts, digest and decision agree with each other."""
    lines = (folder / DECISIONS).read_text("utf-8").splitlines()
    read = json.loads(lines[0])
    version = read["decision"]["policy"]["version"]
    policy = parse_policy(next(one for one in VERSIONS if f'version = "{version}"' in one))
    read["facts"]["lines"][0]["amount"]["minor"] = 4_711
    facts = read_as(Facts, same_bytes(read["facts"]))
    read["decision"] = json.loads(canonical(evaluator_of(policy).decide(facts)))
    (folder / DECISIONS).write_text("\n".join([json.dumps(read), *lines[1:]]) + "\n", "utf-8")


FORGERIES: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "an amount of a decision": (
        lambda b: edit(b / DECISIONS, '"decision":{"allowed":{"currency":"CNY","minor":', "9"),
        {"bundle.line", "bundle.no_decision"},
    ),
    "a decision": (
        lambda b: edit(b / DECISIONS, '"outcome":"', '"outcome":"x'),
        {"bundle.decision", "bundle.derived_differs"},
    ),
    "facts": (
        lambda b: edit(b / DECISIONS, '"category":"', '"category":"x'),
        {"bundle.derived_facts"},
    ),
    "facts, and the decision on them": (decide_on_other_facts, {"bundle.decision"}),
    "no facts": (
        lambda b: edit(b / DECISIONS, '"facts":{', '"facts":null,"x":{'),
        set(),
    ),
    "a decision's entry": (
        lambda b: edit(b / DECISIONS, '"entry":', '"entry":1'),
        {"bundle.decision", "bundle.no_decision"},
    ),
    "a decision taken out": (lambda b: drop_line(b / DECISIONS), {"bundle.no_decision"}),
    "an entry": (
        lambda b: edit(b / ENTRIES, "sync", "sink"),
        {"bundle.entry", "bundle.decision", "bundle.policy"},
    ),
    "a path": (
        lambda b: edit(b / ENTRIES, '"path": ["', '"path": ["00'),
        {"bundle.entry", "bundle.decision", "bundle.policy"},
    ),
    "a policy": (lambda b: edit(policy_file(b), "= 500", "= 501"), {"bundle.derived_policy"}),
    "no policy": (lambda b: policy_file(b).unlink(), {"bundle.derived_policy"}),
    "the head of a checkpoint": (lambda b: other_root(b / CHECKPOINTS), {"bundle.mark"}),
    "the time of a checkpoint": (
        lambda b: edit(b / CHECKPOINTS, "T20:00", "T21:00"),
        {"bundle.mark"},
    ),
    "no checkpoint any more": (
        lambda b: edit(b / CHECKPOINTS, '\\"size\\"', '\\"seize\\"'),
        {"bundle.changed", "bundle.head"},
    ),
    "no checkpoint": (lambda b: (b / CHECKPOINTS).write_text("[]"), {"bundle.head"}),
    "no list of checkpoints": (
        lambda b: (b / CHECKPOINTS).write_text("{"),
        {"bundle.changed", "bundle.head"},
    ),
}


@pytest.mark.parametrize("forged", FORGERIES)
def test_what_a_forger_changes(bundle: Path, forged: str) -> None:
    """Whatever is changed, with the manifest made to agree, is told by its own problem."""
    change, expected = FORGERIES[forged]
    change(bundle)
    plain = check_bundle(bundle)
    assert {p.code for p in plain.problems} <= {"bundle.changed", "bundle.missing"}
    assert plain.problems
    found = relisted(bundle)
    assert {p.code for p in found.problems} & expected or not expected
    assert {p.code for p in found.problems} <= expected
    for problem in found.problems:
        assert "{" not in problem.describe("en") + problem.describe("zh")
    if forged == "no facts":
        assert found.derived[Derived.NO_FACTS] == 1  # told, but no lie


@pytest.mark.parametrize(
    ("forge", "problem"),
    [
        (lambda path: None, None),
        (lambda path: edit(path, '\\"approver\\":\\"P3', '\\"approver\\":\\"P5'), "bundle.said"),
        (lambda path: edit(path, '"entry": ', '"entry": 1'), "bundle.said"),
        (lambda path: edit(path, '"row": [1, "main"', '"row": [1, "other"'), "bundle.said"),
        (lambda path: edit(path, "{", "x{"), "bundle.line"),
        (drop_line, "bundle.said"),
        (lambda path: path.write_text("", "utf-8"), "bundle.said"),
    ],
)
def test_what_was_said_is_in_it(
    tmp_path: Path, forge: Callable[[Path], object], problem: str | None
) -> None:
    """Approvals and what voided them are proved as decisions are; nobody else's are in it."""
    two = (claim(2, "P2"), line("L-2", "300", number=2))
    with spoken(tmp_path / "firm", claim(), line("L-1", "1300"), *two) as firm:
        firm.say("P3")
        firm.say("P3", 2)
        firm.put(line("L-1", "1400"))
        firm.sync()
        kept = checkpoint(firm.job.store, NO_KEY, at=AT, actor="P9")
        out = tmp_path / "b"
        make_bundle(firm.job.store, "main", kept, Drawn(claims=("C-1",)), out, at=AT)
    assert "C-2" not in (out / SAID).read_text("utf-8")
    forge(out / SAID)
    found = relisted(out)
    assert found.said == 2 or problem
    codes = {one.code for one in found.problems}
    assert problem in codes if problem else not codes


def test_files_that_come_and_go(bundle: Path) -> None:
    """A file that is not listed, or listed and not there, is told by its name."""
    (bundle / "more.txt").write_text("x")
    (bundle / DECISIONS).unlink()
    codes = [(p.code, p.values["file"]) for p in check_bundle(bundle).problems]
    assert codes == [("bundle.missing", DECISIONS), ("bundle.extra", "more.txt")]


def test_another_log_than_the_one_kept(bundle: Path, made: tuple[Path, Kept]) -> None:
    """A checkpoint of another log, or of a size that the bundle lacks, does not agree."""
    early = made[1]
    read = early.read()
    assert read is not None
    other = Kept(early.size, early.body.replace(read.root.encode(), b"0" * 64))
    assert [p.code for p in check_bundle(bundle, outside=[other]).problems] == ["bundle.outside"]
    size = f'"size":{early.size}'.encode()
    unknown = Kept(7, early.body.replace(size, b'"size":7'))
    assert [p.code for p in check_bundle(bundle, outside=[unknown]).problems] == ["bundle.unknown"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 2}', "\x00"])
def test_what_is_no_bundle(tmp_path: Path, content: str) -> None:
    """A folder without a manifest, or with one that is not ours, is no bundle."""
    with pytest.raises(ConfigError, match="bundle"):
        check_bundle(tmp_path)
    (tmp_path / MANIFEST).write_text(content, "utf-8")
    with pytest.raises(ConfigError, match="bundle"):
        check_bundle(tmp_path)


def test_what_cannot_be_bundled(company: Path, tmp_path: Path) -> None:
    """No such claim, more than there are, none, or a folder with something in it."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "file").touch()
    cases = (
        (Drawn(("C-1", "C-999")), "b", "audit.no_claim"),
        (Drawn(count=COUNT + 1), "b", "audit.sample"),
        (Drawn(), "b", "audit.sample"),
        (Drawn(("C-1",)), "full", "audit.not_empty"),
        (Drawn(("C-1",)), "file", "audit.place"),
    )
    for drawn, name, code in cases:
        with pytest.raises(ConfigError) as caught:
            bundled(company, tmp_path / name, drawn)
        assert caught.value.code == code
    assert not (tmp_path / "b").exists()
    assert len(VERSIONS) == 3


def test_a_claim_decided_several_times(tmp_path: Path) -> None:
    """Every decision on a claim is in its bundle, not only the one that counts."""
    crm = decided_in_rounds(tmp_path, 6)
    crm.put(ExpenseLine("L-5-new", "C-5", date(2026, 1, 6), "meal", Money(4_000, "CNY")))
    with job_on(tmp_path, adapter_on(crm), VERSIONS[2]) as job:
        sync(job, AT)
    made = bundled(tmp_path, tmp_path / "b", Drawn(("C-5",)))
    found = check_bundle(tmp_path / "b")
    assert (made.decisions, found.problems, found.derived) == (2, [], {Derived.EQUAL: 2})
