"""The conformance suite, second part: what only some CRMs can, and how the others refuse it.

An ability that is declared is tried, with the bench's hands; one that is not is seen to be refused
with a reason in both languages. `AdapterSuite` has these tests, too.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from crm_expenses.adapters.contract import (
    Ability,
    AckState,
    Adapter,
    Description,
    FileRef,
    FileWrite,
    Gone,
    Level,
    Page,
    Support,
)
from crm_expenses.adapters.fieldcheck import compare
from crm_expenses.adapters.files.shape import shapes
from crm_expenses.adapters.settingup import Step
from crm_expenses.core.record import Kind
from crm_expenses.errors import UnsupportedError
from crm_expenses.testing.bench import Bench
from crm_expenses.testing.expectations import expect, facts_of, pages, reads, refused, said, seeded

PORTION_BYTES_MAX: Final = 1024 * 1024
"""No portion of a file may be larger: whatever its size, no more of it is held at once."""

BIG: Final = bytes(range(251)) * 13_000
"""A file of some three megabytes whose pieces are not alike."""

_NOBODY: Final = "nobody-of-this-id"


class AbilitySuite:
    """The tests of optional abilities; `AdapterSuite` inherits them."""

    # --- what is gone ---

    def test_what_is_deleted_is_told(self, bench: Bench) -> None:
        """A pull from the last cursor tells what was deleted meanwhile, as DELETES declares it.

        NO: no page ever tells of anything gone. In a reading of all, it is not there any more.
        """
        adapter = seeded(bench)
        support = adapter.capabilities.support(Ability.DELETES)
        for kind in reads(adapter):
            found = pages(bench, adapter, kind)
            expect(not _gone(found), f"{kind}: something is gone before anybody deleted it")
            victim = bench.sample({kind})[2].id
            deleted = bench.delete(kind, victim)
            expect(deleted or support is Support.NO, f"DELETES, but the bench deletes no {kind}")
            if not deleted:
                continue
            after = pages(bench, bench.adapter(), kind, found[-1].cursor)
            told = _gone(after)
            if support is Support.NO:
                expect(not told, f"{kind}: gone is told, but DELETES is not declared")
            else:
                _named(adapter, told, [victim])
                again = _gone(pages(bench, bench.adapter(), kind, after[-1].cursor))
                expect({one.origin.record for one in again} <= {victim}, f"{again} went again")
            whole = facts_of(pages(bench, bench.adapter(), kind))
            there = victim in {fact.record.id for fact in whole}
            expect(not there, f"{kind} {victim} is deleted, but a reading of all gives it")

    def test_what_is_merged_says_into_what(self, bench: Bench) -> None:
        """A record that was merged into another is gone, and names the other."""
        adapter = seeded(bench)
        if adapter.capabilities.support(Ability.DELETES) is Support.NO:
            return
        for kind in reads(adapter):
            cursor = pages(bench, adapter, kind)[-1].cursor
            lost, kept = bench.sample({kind})[3].id, bench.sample({kind})[1].id
            if not bench.merge(kind, lost, kept):
                continue
            told = _gone(pages(bench, bench.adapter(), kind, cursor))
            _named(adapter, told, [lost])
            into = {one.into for one in told}
            expect(into == {kept}, f"{lost} was merged into {kept}, but {into} is told")

    # --- looking up ---

    def test_a_look_up_gives_just_what_was_asked_for(self, bench: Bench) -> None:
        """Each record that is looked up is a fact, set aside, or gone, and nothing else comes."""
        adapter = seeded(bench)
        if adapter.capabilities.support(Ability.LOOK_UP) is Support.NO:
            for kind in reads(adapter):
                refused(partial(adapter.look, kind, ["X"]), f"look at {kind}")
            return
        for kind in reads(adapter):
            first, second = (bench.kept(one) for one in bench.sample({kind})[:2])
            broken = [_broken(bench, kind)] if bench.break_record(kind) else []
            page = bench.adapter().look(kind, [second.id, _NOBODY, first.id, *broken])
            expect(isinstance(page, Page), f"look gave {type(page).__name__}")
            expect(page.cursor == "", f"a look-up of {kind} has a cursor")
            by_id = {fact.record.id: fact.record for fact in page.facts}
            expect(by_id == {first.id: first, second.id: second}, f"{kind}: {by_id} was found")
            expect([one.origin.record for one in page.set_aside] == broken, "set aside differs")
            _named(adapter, page.gone, [_NOBODY])
            if bench.delete(kind, first.id):
                after = bench.adapter().look(kind, [first.id])
                expect(not after.facts, f"{kind} {first.id} is deleted, but was found")
                _named(adapter, after.gone, [first.id])

    # --- the CRM's own words for its fields ---

    def test_a_description_has_every_field_that_is_read(self, bench: Bench) -> None:
        """`describe` tells of each kind that is read; all that is mapped is there, and fits."""
        adapter = seeded(bench)
        if adapter.capabilities.support(Ability.DESCRIBE) is Support.NO:
            refused(adapter.describe, "describe")
            return
        described = list(adapter.describe())
        kinds = [one.kind for one in described]
        expect(sorted(kinds) == sorted(reads(adapter)), f"described are {kinds}")
        for one in described:
            expect(isinstance(one, Description), f"describe gave {one!r}")
            needed = {name for name, shape in shapes(one.kind).items() if shape.is_required}
            lacking = needed - one.mapped.keys()
            expect(not lacking, f"{one.kind} cannot be without {sorted(lacking)}")
        found = list(compare(adapter.name, described, adapter.capabilities.changes))
        said([one.problem for one in found])
        bad = [one.problem.describe() for one in found if one.level is Level.BAD]
        expect(not bad, "\n".join(bad))

    # --- making it ready ---

    def test_a_plan_of_setting_up_changes_nothing(self, bench: Bench) -> None:
        """`set_up` is refused with a reason, or plans steps that can be told, and writes nothing.

        What there is to tend is tended without a change to any record, too.
        """
        adapter = seeded(bench)
        # An adapter that names no base need not have either.
        set_up = getattr(adapter, "set_up", None)
        tend = getattr(adapter, "tend", None)
        if set_up is not None:
            try:
                held = set_up()
            except UnsupportedError as error:
                said(error.problems)
            else:
                steps = list(held.plan())
                strangers = [one for one in steps if not isinstance(one, Step)]
                expect(not strangers, f"the plan has {strangers}")
                said([one.told for one in steps])
                done = list(held.carry_out(()))
                expect(not done, f"of no steps, {done} were carried out")
        if tend is not None:
            expect(not isinstance(tend(), str), "tend gives the names of what was renewed")
        expect(not bench.written(), "setting up, or tending, wrote something")

    # --- files ---

    def test_files_are_listed_and_come_in_portions(self, bench: Bench) -> None:
        """Files beside vouchers are listed and read whole, in portions of bounded size."""
        adapter = seeded(bench)
        voucher, other = (bench.named(Kind.VOUCHER, one) for one in ("V-1", "V-2"))
        if adapter.capabilities.support(Ability.VOUCHER_FILES) is Support.NO:
            refused(lambda: list(adapter.files([voucher])), "files")
            refused(lambda: list(adapter.read_file(FileRef(voucher, "F", "x"))), "read_file")
            return
        held = {"发票 1.pdf": BIG, "empty.txt": b"", "small.png": b"\x89PNG\x00\xff"}
        for name, content in held.items():
            expect(bench.attach(voucher, name, content), "VOUCHER_FILES, but no file is attached")
        expect(bench.attach(other, "not asked for.pdf", b"x"), "likewise")
        refs = list(bench.adapter().files([voucher]))
        expect({ref.name for ref in refs} == held.keys(), f"listed are {refs}")
        expect(len({ref.id for ref in refs}) == len(refs), f"two files have one id: {refs}")
        for ref in refs:
            expect(ref.voucher == voucher, f"{ref} is not of {voucher}")
            expect(ref.size in (None, len(held[ref.name])), f"{ref} has another size")
            read = _portions(bench.adapter(), ref)
            expect(read == held[ref.name], f"{ref.name} came with {len(read)} other bytes")
        expect(not list(bench.adapter().files([])), "files of no voucher")

    def test_a_file_is_written_once_a_key(self, bench: Bench) -> None:
        """A file that is put beside a voucher is there once, whole, however often it is sent."""
        adapter = seeded(bench)
        voucher = bench.named(Kind.VOUCHER, "V-1")
        write = _write("k1", voucher, "checked.pdf", BIG)
        if adapter.capabilities.support(Ability.FILE_WRITES) is Support.NO:
            refused(lambda: adapter.write_file(write, iter([BIG])), "write_file")
            return
        for uncertain in (True, False, True):
            sent = replace(write, uncertain=uncertain)
            ack = bench.adapter().write_file(sent, _pieces(BIG))
            expect((ack.key, ack.state) == (write.key, AckState.DONE), f"the answer was {ack}")
        second = _write("k2", voucher, "empty.txt", b"")
        expect(adapter.write_file(second, iter(())).state is AckState.DONE, "an empty file")
        there = bench.attached(voucher)
        expect(there == {"checked.pdf": BIG, "empty.txt": b""}, "the files there are others")
        lost = adapter.write_file(_write("k3", _NOBODY, "x", b"x"), iter([b"x"]))
        expect(lost.state is AckState.REFUSED, f"no such voucher, and the answer was {lost.state}")
        said([lost.problem] if lost.problem else [])
        wrong = replace(_write("k4", voucher, "cut.pdf", b"abc"), digest="0" * 64)
        ack = adapter.write_file(wrong, iter([b"abc"]))
        expect(ack.state is not AckState.DONE, "bytes of another digest were taken")
        expect(
            "cut.pdf" not in (bench.attached(voucher) or {}), "bytes of another digest stand there"
        )


def _gone(found: Sequence[Page]) -> list[Gone]:
    return [one for page in found for one in page.gone]


def _named(adapter: Adapter, told: Sequence[Gone], ids: Sequence[str]) -> None:
    """See that exactly these are told to be gone, each with its CRM."""
    names = [one.origin.record for one in told]
    expect(sorted(names) == sorted(ids), f"gone are {names}, not {list(ids)}")
    expect(all(one.origin.crm == adapter.name for one in told), "gone, but of another CRM")


def _broken(bench: Bench, kind: Kind) -> str:
    """Give the id of the record that cannot be read, as a pull tells it."""
    found = pages(bench, bench.adapter(), kind)
    return next(one.origin.record for page in found for one in page.set_aside)


def _portions(adapter: Adapter, ref: FileRef) -> bytes:
    read = bytearray()
    portions = adapter.read_file(ref)
    expect(isinstance(portions, Iterator), "read_file gives no iterator")
    for portion in portions:
        expect(0 < len(portion) <= PORTION_BYTES_MAX, f"a portion of {len(portion)} bytes")
        read += portion
    return bytes(read)


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), 100_003):
        yield content[start : start + 100_003]


def _write(key: str, voucher: str, name: str, content: bytes) -> FileWrite:
    digest = hashlib.sha256(content).hexdigest()
    return FileWrite(key, voucher, name, "application/pdf", len(content), digest)
