"""The conformance suite: what `adapters.contract` promises, as tests that every adapter passes.

Subclass `AdapterSuite` and give one fixture, `bench` (see `bench.Bench`). Each docstring is the
sentence that its test proves. An ability that an adapter does not declare is not skipped: the
suite asserts that it is not there. Failures are AssertionErrors with a sentence of their own, so
nothing here needs pytest to be imported.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from crm_expenses.adapters.contract import (
    Ability,
    AckState,
    ClaimResult,
    Diagnosis,
    Level,
    ResultKind,
    Support,
)
from crm_expenses.core.approval import Provenance
from crm_expenses.core.claim import Claim
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import TYPES, Kind, digest
from crm_expenses.errors import (
    CrmExpensesError,
    RetryableError,
    UnsupportedError,
)
from crm_expenses.messages import LANGUAGES
from crm_expenses.testing.bench import Bench
from crm_expenses.testing.changes import ChangeSuite
from crm_expenses.testing.expectations import (
    batches,
    changed,
    conflict_or_state,
    effects,
    expect,
    facts_of,
    leaves,
    pages,
    pull_refused,
    push,
    push_done,
    push_refused,
    reads,
    said,
    seeded,
    stands,
    version_of,
)
from crm_expenses.testing.samples import edited, write_back
from crm_expenses.testing.suite_abilities import AbilitySuite

BATCH_TRIED_MAX: Final = 500
"""A larger batch size than this is believed, not tried."""


class AdapterSuite(ChangeSuite, AbilitySuite):
    """To subclass, with a fixture `bench` that gives a new `Bench`."""

    # --- reading ---

    def test_only_core_types_come_out(self, bench: Bench) -> None:
        """Whatever is pulled is a page of core records, each with its Origin."""
        adapter = seeded(bench)
        for kind in reads(adapter):
            for page in pages(bench, adapter, kind):
                expect(type(page.cursor) is str, f"cursor {page.cursor!r} is not a text")
                for fact in page.facts:
                    made, origin = type(fact.record), fact.origin
                    expect(made is TYPES[kind], f"a page of {kind} holds a {made.__name__}")
                    expect(isinstance(origin, Origin), f"{fact.record!r} has no Origin")
                    expect(origin.crm == adapter.name, f"{origin} does not name {adapter.name}")
                    expect(origin.record, f"{origin} does not name the CRM's record")

    def test_every_record_arrives_unchanged(self, bench: Bench) -> None:
        """Each record in the CRM arrives once, with every field as it is there."""
        adapter = seeded(bench)
        for kind in reads(adapter):
            arrived = facts_of(pages(bench, adapter, kind))
            ids = Counter(fact.record.id for fact in arrived)
            by_id = {fact.record.id: fact.record for fact in arrived}
            for record in map(bench.kept, bench.sample({kind})):
                expect(ids[record.id] == 1, f"{kind} {record.id} came {ids[record.id]} times")
                found = by_id[record.id]
                expect(found == record, f"{kind} {record.id} changed on its way: {found!r}")
                if isinstance(found, Claim) and isinstance(record, Claim):
                    days = found.submitted.date(), record.submitted.date()
                    expect(days[0] == days[1], f"{record.id} was submitted on {days[1]}")
            expect(len(ids) == len(bench.sample({kind})), f"more {kind} came than there are: {ids}")

    def test_amounts_exact_and_times_with_a_zone(self, bench: Bench) -> None:
        """No float comes out, amounts are whole minor units, and every time has a zone."""
        adapter = seeded(bench)
        for kind in reads(adapter):
            for fact in facts_of(pages(bench, adapter, kind)):
                for value in leaves(fact.record):
                    expect(not isinstance(value, float), f"{fact.record!r} holds a float")
                    if isinstance(value, Decimal):
                        expect(value.is_finite(), f"{fact.record!r} holds {value}")
                    if isinstance(value, Money):
                        expect(type(value.minor) is int, f"{value!r} is not in whole minor units")
                    if isinstance(value, datetime):
                        expect(value.utcoffset() is not None, f"{value} of {kind} has no zone")

    def test_reading_twice_gives_equal_facts(self, bench: Bench) -> None:
        """The same records read twice, also after a restart, give facts of equal digest."""
        first = seeded(bench)
        for kind in reads(first):
            digests = [
                [digest(fact) for fact in facts_of(pages(bench, adapter, kind))]
                for adapter in (first, first, bench.adapter())
            ]
            expect(digests[0] == digests[1] == digests[2], f"{kind} read twice is not the same")

    def test_resuming_from_any_cursor_loses_nothing(self, bench: Bench) -> None:
        """What a pull gave up to a page, and a pull from that page's cursor, are together all."""
        adapter = seeded(bench)
        for kind in reads(adapter):
            expected = {record.id for record in bench.sample({kind})}
            found = pages(bench, adapter, kind)
            for number, page in enumerate(found, start=1):
                kept = facts_of(found[:number])
                resumed = facts_of(pages(bench, bench.adapter(), kind, page.cursor))
                lost = expected - {fact.record.id for fact in (*kept, *resumed)}
                expect(not lost, f"{sorted(lost)} is lost after page {number} of {kind}")

    def test_an_edit_comes_after_the_last_cursor(self, bench: Bench) -> None:
        """An edited record comes with a pull from the last cursor, as INCREMENTAL declares it.

        YES: nothing but it, and nothing before the edit. NO: everything again.
        """
        adapter = seeded(bench)
        support = adapter.capabilities.support(Ability.INCREMENTAL)
        for kind in reads(adapter):
            last = pages(bench, adapter, kind)[-1].cursor
            if support is Support.YES:
                again = facts_of(pages(bench, adapter, kind, last))
                expect(not again, f"{kind} declares INCREMENTAL, but unchanged records came again")
            records = bench.sample({kind})
            change = bench.kept(edited(records[1]))
            bench.edit(edited(records[1]))
            came = [f.record for f in facts_of(pages(bench, bench.adapter(), kind, last))]
            expect(change in came, f"the edited {kind} {change.id} did not come")
            if support is not Support.PARTLY:
                count = 1 if support is Support.YES else len(records)
                expect(len(came) == count, f"INCREMENTAL is {support}, but {len(came)} came")

    def test_a_cursor_of_nobody_loses_nothing(self, bench: Bench) -> None:
        """A cursor that the adapter never made is an error of ours, or everything comes."""
        adapter = seeded(bench)
        for kind in reads(adapter):
            try:
                came = facts_of(pages(bench, adapter, kind, "no cursor of yours"))
            except CrmExpensesError:
                continue
            expect(len(came) == len(bench.sample({kind})), f"{kind}: a wrong cursor hid records")

    def test_unreadable_records_are_set_aside(self, bench: Bench) -> None:
        """An unreadable record is set aside with reasons in both languages; the page goes on."""
        adapter = seeded(bench)
        for kind in reads(adapter):
            broken = 1 if bench.break_record(kind) else 0
            found = pages(bench, bench.adapter(), kind)
            aside = [one for page in found for one in page.set_aside]
            count = len(bench.sample({kind}))
            expect(len(facts_of(found)) == count, f"an unreadable {kind} took others with it")
            expect(len(aside) == broken, f"{len(aside)} of {kind} set aside, not {broken}")
            rows = sum(page.rows for page in found)
            expect(rows == count + broken, f"{rows} rows of {kind}, but there are {count + broken}")
            for one in aside:
                expect(one.problems, f"{one.origin} was set aside without a reason")
                expect(one.origin.crm == adapter.name, f"{one.origin} does not name the CRM")
                said(one.problems)

    def test_pages_are_bounded_and_read_when_asked_for(self, bench: Bench) -> None:
        """`pull` gives an iterator of pages, none of them larger than the bench says."""
        adapter = seeded(bench)
        for kind in reads(adapter):
            found = adapter.pull(kind, None)
            expect(isinstance(found, Iterator), f"pull of {kind} gives no iterator")
            pages(bench, adapter, kind)

    # --- what is declared ---

    def test_capabilities_are_honest(self, bench: Bench) -> None:
        """What is partly there says why.

        The batch size is at least 1; kinds and abilities are those of the contract. Who declares
        APPROVALS reads them; how far they can be trusted is one of the known ways.
        """
        held = bench.adapter().capabilities
        reads_them = Kind.APPROVAL in held.reads
        declared = held.support(Ability.APPROVALS) is not Support.NO
        expect(reads_them or not declared, "APPROVALS is declared, but no approval is read")
        expect(isinstance(held.provenance, Provenance), f"provenance is {held.provenance!r}")
        expect(held.batch_max >= 1, f"batch_max is {held.batch_max}")
        expect(all(kind in Kind for kind in held.reads), f"unknown kinds in {held.reads}")
        expect(all(kind in ResultKind for kind in held.writes), f"unknown kinds in {held.writes}")
        for ability in Ability:
            support = held.support(ability)
            expect(isinstance(support, Support), f"{ability} is {support!r}")
            if support is Support.PARTLY:
                expect(held.reasons.get(ability), f"{ability} is partly there: no reason is given")

    def test_an_approval_keeps_the_code_that_was_seen(self, bench: Bench) -> None:
        """The code that was written beside a claim comes back with what is said of it there."""
        adapter = seeded(bench)
        held = adapter.capabilities
        if Kind.APPROVAL not in held.reads or ResultKind.CLAIM_RESULT not in held.writes:
            return
        made = next(r for r in bench.results(held.writes) if isinstance(r, ClaimResult))
        given = next(r for r in bench.sample({Kind.APPROVAL}) if isinstance(r, GivenApproval))
        for code in ("00ff00ff00ff00ff", "1e30000000000000"):
            result = replace(made, content_code=code)
            push_done(adapter, [write_back(adapter.name, result)])
            stands(bench, [result])
            bench.edit(replace(given, content_code=code))
            came = (f.record for f in facts_of(pages(bench, bench.adapter(), Kind.APPROVAL)))
            found = (one for one in came if isinstance(one, GivenApproval) and one.id == given.id)
            codes = {one.content_code for one in found}
            expect(codes == {code}, f"the code {code} came back as {codes}")

    def test_kinds_not_read_are_refused(self, bench: Bench) -> None:
        """Pulling a kind that is not declared raises UnsupportedError."""
        adapter = seeded(bench)
        for kind in set(Kind) - adapter.capabilities.reads:
            pull_refused(adapter, kind)

    def test_results_not_written_are_refused(self, bench: Bench) -> None:
        """Pushing a kind of result that is not declared raises UnsupportedError, writes nothing."""
        adapter = seeded(bench)
        missing = set(ResultKind) - adapter.capabilities.writes
        for result in bench.results(missing):
            push_refused(adapter, write_back(adapter.name, result))
        expect(not bench.written(), "what was refused has been written")

    def test_a_batch_too_large_is_split_or_refused(self, bench: Bench) -> None:
        """One write more than batch_max gets one Ack a write, or UnsupportedError and no effect."""
        adapter = seeded(bench)
        held = adapter.capabilities
        if held.batch_max > BATCH_TRIED_MAX:
            return
        for result in bench.results(held.writes)[:1]:
            writes = [
                replace(write_back(adapter.name, result), key=digest(number))
                for number in range(held.batch_max + 1)
            ]
            try:
                push(adapter, writes)
            except UnsupportedError:
                expect(not bench.written(), "a batch was refused, yet some of it is written")

    # --- writing ---

    def test_results_arrive_unchanged(self, bench: Bench) -> None:
        """Each result stands in the CRM with every field; Acks come one a write, in order."""
        adapter = seeded(bench)
        sent = bench.results(adapter.capabilities.writes)
        for some in batches(adapter, sent):
            push_done(adapter, [write_back(adapter.name, one) for one in some])
        stands(bench, sent)

    def test_nothing_to_write_is_nothing(self, bench: Bench) -> None:
        """An empty push gets no Ack and changes nothing."""
        adapter = seeded(bench)
        expect(len(adapter.push([])) == 0, "an empty push got an Ack")
        expect(not bench.written(), "an empty push wrote something")

    def test_the_same_write_twice_acts_once(self, bench: Bench) -> None:
        """A write sent again with its key is DONE without a second effect, after a restart too."""
        adapter = seeded(bench)
        for number, result in enumerate(bench.results(adapter.capabilities.writes), start=1):
            write = write_back(adapter.name, result)
            for one in (adapter, adapter, bench.adapter()):
                push_done(one, [write])
            effects(bench, number)
        stands(bench, bench.results(adapter.capabilities.writes))

    def test_an_uncertain_write_is_not_doubled(self, bench: Bench) -> None:
        """A write that may have arrived acts once in all, whether it had arrived or not."""
        adapter = seeded(bench)
        sent = bench.results(adapter.capabilities.writes)
        for number, result in enumerate(sent, start=1):
            write = write_back(adapter.name, result)
            if number % 2:  # had arrived
                push_done(adapter, [write])
            push_done(bench.adapter(), [replace(write, uncertain=True)])
            effects(bench, number)
        stands(bench, sent)

    def test_a_lost_reply_is_unknown_and_then_settled(self, bench: Bench) -> None:
        """A lost reply is UNKNOWN (or a RetryableError), and sending again as uncertain settles it.

        Whether the write had its effect or not, it has it exactly once in the end.
        """
        opened = seeded(bench)
        sent = bench.results(opened.capabilities.writes)[:2]
        count = 0
        for effect, result in zip((True, False), sent, strict=False):
            if not bench.lose_reply(effect=effect):
                continue
            count += 1
            write = write_back(opened.name, result)
            try:
                acks = push(bench.adapter(), [write])
            except RetryableError:
                acks = []
            states = [ack.state for ack in acks]
            expect(states in ([], [AckState.UNKNOWN]), f"a lost reply was answered {states}")
            push_done(bench.adapter(), [replace(write, uncertain=True)])
            effects(bench, count)
        stands(bench, sent[:count])

    def test_a_newer_result_replaces_and_a_revert_is_written(self, bench: Bench) -> None:
        """A newer result takes the older one's place, and so does an older content sent again."""
        adapter = seeded(bench)
        for result in bench.results(adapter.capabilities.writes)[:1]:
            older, newer = result, changed(result)
            for one in (older, newer, older, newer):
                uncertain = one is newer
                push_done(adapter, [write_back(adapter.name, one, uncertain=uncertain)])
                stands(bench, [one])

    def test_a_stale_version_is_a_conflict(self, bench: Bench) -> None:
        """A write on a version that a person has changed is a conflict, as CONFLICTS declares it.

        YES: refused as a conflict and not written; our own writes are no conflict. NO: written.
        """
        adapter = seeded(bench)
        support = adapter.capabilities.support(Ability.CONFLICTS)
        declared = {Kind.CLAIM} <= adapter.capabilities.reads
        if not declared or ResultKind.CLAIM_RESULT not in adapter.capabilities.writes:
            expect(support is not Support.YES, "CONFLICTS is declared, but no claim can conflict")
            return
        result = bench.results({ResultKind.CLAIM_RESULT})[0]
        claim = next(r for r in bench.sample({Kind.CLAIM}) if r.id == write_back("", result).record)
        version = version_of(bench, adapter, claim)
        for own in (result, changed(result)):
            push_done(adapter, [write_back(adapter.name, own, version=version)])
        bench.edit(edited(claim))
        stale = write_back(adapter.name, result, version=version)
        state = conflict_or_state(bench.adapter(), stale)
        match support:
            case Support.YES:
                expect(version, "CONFLICTS is declared, but the Origin has no version")
                expect(state is AckState.CONFLICT, f"a stale version was answered {state}")
                stands(bench, [changed(result)])
                newest = version_of(bench, bench.adapter(), claim)
                push_done(bench.adapter(), [replace(stale, version=newest)])
                stands(bench, [result])
            case Support.NO:
                expect(state is AckState.DONE, f"no CONFLICTS, but the answer was {state}")
                stands(bench, [result])
            case Support.PARTLY:
                expect(state in (AckState.DONE, AckState.CONFLICT), f"the answer was {state}")

    # --- the rest ---

    def test_check_answers_and_changes_nothing(self, bench: Bench) -> None:
        """`check` answers in both languages, says nothing bad of a good CRM, and has no effect."""
        adapter = seeded(bench)
        found = adapter.check()
        expect(found, "check has nothing to say")
        for one in found:
            expect(isinstance(one, Diagnosis), f"check gave {one!r}")
            expect(one.level is not Level.BAD, f"check says BAD: {one.problem.describe()}")
        said([one.problem for one in found])
        expect(not bench.written(), "check wrote something")

    def test_no_secret_in_any_text(self, bench: Bench) -> None:
        """No text that the adapter gives or raises shows what it was entrusted with."""
        adapter = seeded(bench)
        texts = [repr(adapter), str(adapter), repr(adapter.capabilities)]
        problems = [one.problem for one in adapter.check()]
        for kind in reads(adapter):
            bench.break_record(kind)
            for page in pages(bench, bench.adapter(), kind):
                texts.append(repr(page))
                problems += [problem for one in page.set_aside for problem in one.problems]
        writes = [
            write_back(adapter.name, one) for one in bench.results(adapter.capabilities.writes)[:1]
        ]
        texts += [repr(ack) for ack in adapter.push(writes)]
        texts += [p.describe(language) for p in problems for language in LANGUAGES]
        texts += [repr(p) for p in problems]
        shown = [text[:80] for text in texts if any(secret in text for secret in bench.secrets)]
        expect(not shown, f"{len(shown)} texts show a secret")

    def test_closing_twice_is_harmless(self, bench: Bench) -> None:
        """An adapter may be closed twice, and another goes on with the same CRM."""
        adapter = seeded(bench)
        adapter.close()
        adapter.close()
        again = bench.adapter()
        for kind in reads(again):
            expect(pages(bench, again, kind), f"after a close, no {kind} comes")
