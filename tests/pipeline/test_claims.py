"""Claims without a CRM: noted, assembled, submitted, returned, changed, taken back, withdrawn."""

from dataclasses import replace
from pathlib import Path

import pytest
from own_company import (
    AT,
    FINANCE,
    desk_at,
    drafted,
    gift,
    held,
    later,
    meal,
    noted,
    put,
    said,
    seen,
)
from small_company import PEOPLE, POLICY

from crm_expenses.core.approval import Verdict
from crm_expenses.core.claim import Claim
from crm_expenses.core.lifecycle import State
from crm_expenses.core.ownclaim import Next, loose_of
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import ConfigError, CrmExpensesError, MappingError, RefusedError
from crm_expenses.pipeline import decide, quiet, review
from crm_expenses.pipeline.claims import Edit, change, new_claim, submit, take_back, withdraw
from crm_expenses.pipeline.claimviews import StepState, list_claims, show_claim
from crm_expenses.pipeline.loose import add_lines, discard_lines, line_of, loose_lines
from crm_expenses.policyfile import parse_policy
from crm_expenses.store.erasure import Request

pytestmark = pytest.mark.usefixtures("database")


def codes(error: pytest.ExceptionInfo[CrmExpensesError]) -> list[str]:
    """Give the codes of what went wrong."""
    return [problem.code for problem in error.value.problems]


def test_from_loose_lines_to_approval(tmp_path: Path) -> None:
    """Lines wait, a document is made of them and says what would come of it, and it is decided."""
    with desk_at(tmp_path) as desk:
        ids = noted(desk, meal("200"), gift("450"))
        assert [one.line.id for one in loose_lines(desk, "P1")] == sorted(ids)
        number = new_claim(desk, by="P1", at=AT, title=" Nordwind ")
        assert (number, loose_lines(desk, "P1")) == ("EX-2026-00001", ())
        draft = seen(desk, number)
        assert (draft.state, draft.claim.title, draft.is_trial) == (State.DRAFT, "Nordwind", True)
        assert draft.allowed is not None
        assert (draft.allowed.minor, draft.next.what) == (60_000, Next.SUBMIT)
        assert draft.route is not None
        assert [step.people for step in draft.route.steps] == [("P3",)]
        assert held(desk)["B-P1"] == (0, 0)
        life = submit(desk, number, by="P1", at=AT)
        assert (life.state, life.asked, life.standing.version) == (State.IN_APPROVAL, ("P3",), 1)
        assert held(desk)["B-P1"] == (60_000, 0)
        sent = seen(desk, number)
        assert [(one.step.code, one.state) for one in sent.steps] == [
            ("line_manager", StepState.OPEN)
        ]
        assert (sent.next.what, sent.next.who) == (Next.APPROVE, ("P3",))
        assert said(desk, number).state is State.APPROVED
        done = seen(desk, number)
        assert [(one.state, one.words[0].approver) for one in done.steps] == [
            (StepState.DONE, "P3")
        ]
        assert (done.next.what, str(done.next.by)) == (Next.PAY, "2026-03-25")
        assert desk.store.check_contents().broken is None


def test_numbers_have_no_gap_within_a_year(tmp_path: Path) -> None:
    """Each year begins anew; what was refused takes no number."""
    with desk_at(tmp_path) as desk:
        first = drafted(desk, meal("10"))
        with pytest.raises(RefusedError) as error:
            new_claim(desk, by="P1", at=AT)
        assert codes(error) == ["claims.no_loose"]
        second = drafted(desk, meal("20"), by="P2")
        third = drafted(desk, meal("30"), at=AT.replace(year=2027))
        fourth = drafted(desk, meal("40"))
        assert [first, second, third, fourth] == [
            *("EX-2026-00001", "EX-2026-00002", "EX-2027-00001", "EX-2026-00003")
        ]
        withdraw(desk, fourth, by="P1", at=AT)
        assert drafted(desk, meal("50")) == "EX-2026-00004"


def test_a_number_of_the_crm_is_not_taken(tmp_path: Path) -> None:
    """Where the CRM has a claim of that name, the prefix must be another; nothing is written."""
    with desk_at(tmp_path, crm="main", records=(Claim("EX-2026-00001", "P2", AT),)) as desk:
        noted(desk, meal("10"))
        before = desk.store.dump()
        with pytest.raises(ConfigError) as error:
            new_claim(desk, by="P1", at=AT)
        assert codes(error) == ["claims.number_taken"]
        assert desk.store.dump() == before


def test_the_same_spending_is_noted_once(tmp_path: Path) -> None:
    """A file that is read twice brings nothing new; a true second one is told apart in its file."""
    with desk_at(tmp_path) as desk:
        policy = desk.company.policy
        twins = [line_of(meal("12"), "P1", policy) for _ in range(2)]
        assert len(add_lines(desk, twins, by="P1", at=AT).new) == 2
        again = add_lines(desk, twins, by="P1", at=AT)
        assert (again.new, again.changed, len(again.same)) == ((), (), 2)
        number = new_claim(desk, by="P1", at=AT)
        claimed = add_lines(desk, twins, by="P1", at=AT)
        assert (len(claimed.same), claimed.problems, loose_lines(desk, "P1")) == (2, (), ())
        named = [replace(one, line=replace(one.line, id="7")) for one in twins[:1]]
        assert add_lines(desk, named, by="P1", at=AT).new == ("P1/7",)
        more = [replace(named[0], line=replace(named[0].line, merchant="Inn"))]
        assert add_lines(desk, more, by="P1", at=AT).changed == ("P1/7",)
        change(desk, number, Edit(add=["7"]), by="P1", at=AT)
        told = add_lines(desk, named, by="P1", at=AT)
        assert [one.code for one in told.problems] == ["claims.line_claimed"]
        assert (told.new, told.changed, told.same) == ((), (), ())


def test_one_bad_line_does_not_stop_the_others(tmp_path: Path) -> None:
    """What cannot be kept is told by its line; the rest is kept."""
    with desk_at(tmp_path) as desk:
        policy = desk.company.policy
        good, bad = (line_of(meal(amount), "P1", policy) for amount in ("12", "13"))
        bad = replace(bad, line=replace(bad.line, merchant="a\0b"))
        added = add_lines(desk, [bad, good], by="P1", at=AT)
        assert ([one.code for one in added.problems], len(added.new)) == (["record.nul"], 1)
        assert len(loose_lines(desk, "P1")) == 1


def test_lines_are_thrown_away_and_come_back(tmp_path: Path) -> None:
    """What was thrown away is loose no more; noted again, it is."""
    with desk_at(tmp_path) as desk:
        (name,) = noted(desk, meal("12"))
        assert discard_lines(desk, [name.removeprefix("P1/")], by="P1", at=AT) == (name,)
        assert loose_lines(desk, "P1") == ()
        with pytest.raises(RefusedError) as error:
            discard_lines(desk, [name], by="P1", at=AT)
        assert codes(error) == ["claims.no_line"]
        added = add_lines(desk, [line_of(meal("12"), "P1", desk.company.policy)], by="P1", at=AT)
        assert added.changed == (name,)
        assert len(loose_lines(desk, "P1")) == 1


def test_everything_wrong_with_a_line_is_told_by_its_field() -> None:
    """Each field that cannot be read is named; nothing is said of a claim that nobody sees."""
    with pytest.raises(MappingError) as error:
        line_of({"date": "yesterday", "amount": "1e9", "citty": "x"}, "P1", parse_policy(POLICY))
    found = {(problem.place.file, problem.code) for problem in error.value.problems}
    assert {place for place, _ in found} == {"date", "amount", "category", "citty"}


def test_returned_with_a_reason_and_submitted_again(tmp_path: Path) -> None:
    """What was returned says why, can be changed in peace, and goes as its next version."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, gift("450"), meal("120"))
        submit(desk, number, by="P1", at=AT)
        said(desk, number, verdict=Verdict.RETURN, reason="which customer?", at=later(1))
        back = seen(desk, number)
        assert (back.state, back.reason, back.next.what) == (
            State.RETURNED,
            "which customer?",
            Next.RESUBMIT,
        )
        assert held(desk)["B-P1"] == (0, 0)
        (line,) = [one.line for one in back.lines if one.line.category == "gift"]
        change(desk, number, Edit(lines={line.id: {"purpose": "Nordwind"}}), by="P1", at=later(2))
        quiet = seen(desk, number)
        assert (quiet.state, quiet.reason, held(desk)["B-P1"]) == (
            State.RETURNED,
            "which customer?",
            (0, 0),
        )
        assert desk.store.pending(desk.crm) == ()
        life = submit(desk, number, by="P1", at=later(3))
        assert (life.state, life.standing.version) == (State.IN_APPROVAL, 2)
        now = seen(desk, number)
        assert (now.reason, now.ended_by, held(desk)["B-P1"]) == ("", None, (57_000, 0))
        assert said(desk, number, at=later(4)).state is State.APPROVED


def test_what_was_returned_stays_so_until_its_claimant_submits(tmp_path: Path) -> None:
    """Whatever changes in the claim or beside it, only the claimant submits it again."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, gift("450", voucher_number="26310000000000000001"), meal("120"))
        submit(desk, number, by="P1", at=AT)
        said(desk, number, verdict=Verdict.RETURN, reason="why?", at=later(1))
        lines = seen(desk, number).lines
        voucher = next(one.voucher for one in lines if one.voucher is not None)
        for edit in (None, Edit("Nordwind"), None):
            if edit is not None:
                change(desk, number, edit, by="P1", at=later(2))
            voucher = replace(voucher, seller=f"{voucher.seller}x")
            put(desk.store, desk.crm, voucher)
            assert desk.store.pending(desk.crm) == (number,)
            decide(desk.store, desk.crm, desk.company, at=later(2), progress=quiet)
            view = seen(desk, number)
            assert (view.state, view.reason, held(desk)["B-P1"]) == (State.RETURNED, "why?", (0, 0))
        assert submit(desk, number, by="P1", at=later(3)).standing.version == 2


def test_resubmitted_without_a_change(tmp_path: Path) -> None:
    """What was returned may be submitted as it is: a new version, asked anew."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, gift("450"), meal("120"))
        submit(desk, number, by="P1", at=AT)
        said(desk, number, verdict=Verdict.RETURN, reason="why?", at=later(1))
        assert submit(desk, number, by="P1", at=later(2)).standing.version == 2


def test_completed_by_the_claimant(tmp_path: Path) -> None:
    """A claim that lacks a reason waits for the claimant; with the reason it goes on by itself."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, gift("700"))
        assert submit(desk, number, by="P1", at=AT).state is State.WAITING_FOR_CLAIMANT
        assert seen(desk, number).next.what is Next.COMPLETE
        (line,) = (one.line.id for one in seen(desk, number).lines)
        reason = Edit(lines={line: {"justification": "new customer"}})
        life = change(desk, number, reason, by="P1", at=later(1))
        assert life is not None
        assert life.state is State.IN_APPROVAL


def test_an_approved_claim_that_changes_is_asked_anew(tmp_path: Path) -> None:
    """A changed amount voids the yes; a changed purpose does not."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, gift("450"), meal("120"))
        submit(desk, number, by="P1", at=AT)
        said(desk, number, at=later(1))
        (line,) = [one.line.id for one in seen(desk, number).lines if one.line.category == "gift"]
        edit = Edit(lines={line: {"purpose": "Nordwind"}})
        life = change(desk, number, edit, by="P1", at=later(2))
        assert life is not None
        assert (life.state, life.standing.version) == (State.APPROVED, 1)
        life = change(desk, number, Edit(lines={line: {"amount": "460"}}), by="P1", at=later(3))
        assert life is not None
        assert (life.state, life.standing.version) == (State.IN_APPROVAL, 2)


def test_lines_come_and_go(tmp_path: Path) -> None:
    """Lines are dropped among the loose ones and taken in again; the claim is decided anew."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, gift("450"), meal("120"))
        submit(desk, number, by="P1", at=AT)
        lines = {one.line.category: one.line.id for one in seen(desk, number).lines}
        life = change(desk, number, Edit(drop=[lines["gift"]]), by="P1", at=later(1))
        assert life is not None
        assert (life.state, held(desk)["B-P1"]) == (State.APPROVED, (12_000, 0))
        assert [one.line.id for one in loose_lines(desk, "P1")] == [lines["gift"]]
        with pytest.raises(RefusedError) as error:
            change(desk, number, Edit(drop=[lines["meal"]]), by="P1", at=later(1))
        assert codes(error) == ["claims.no_lines"]
        life = change(desk, number, Edit(add=[lines["gift"]]), by="P1", at=later(2))
        assert life is not None
        assert (life.state, held(desk)["B-P1"]) == (State.IN_APPROVAL, (57_000, 0))


def test_vouchers_are_changed_with_their_line(tmp_path: Path) -> None:
    """A line gets a voucher, and another number; another claim with the number is told at once."""
    with desk_at(tmp_path) as desk:
        first = drafted(desk, gift("50"))
        submit(desk, first, by="P1", at=AT)
        second = drafted(desk, gift("60", voucher_number="26310000000000000007"), by="P2")
        assert submit(desk, second, by="P2", at=later(1)).state is State.APPROVED
        (line,) = (one.line.id for one in seen(desk, first).lines)
        edit = Edit(lines={line: {"voucher_number": "26310000000000000007"}})
        life = change(desk, first, edit, by="P1", at=later(2))
        assert life is not None
        assert life.state is State.REJECTED
        edit = Edit(lines={line: {"voucher_number": "26310000000000000008"}})
        assert change(desk, first, edit, by="P1", at=later(3)) is not None
        (shown,) = seen(desk, first).lines
        assert shown.voucher is not None
        assert shown.voucher.number == "26310000000000000008"
        assert submit(desk, first, by="P1", at=later(4)).state is State.APPROVED


def test_taken_back_and_withdrawn(tmp_path: Path) -> None:
    """A claim that is taken back holds nothing and can go again; one that is withdrawn is over."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, gift("450"), meal("120"))
        submit(desk, number, by="P1", at=AT)
        life = take_back(desk, number, by="P1", at=later(1))
        assert life is not None
        assert (life.state, held(desk)["B-P1"]) == (State.DRAFT, (0, 0))
        assert seen(desk, number).next.what is Next.SUBMIT
        assert submit(desk, number, by="P1", at=later(2)).standing.version == 2
        life = withdraw(desk, number, by="P1", at=later(3))
        assert life is not None
        assert (life.state, held(desk)["B-P1"]) == (State.WITHDRAWN, (0, 0))
        assert seen(desk, number).next.what is Next.NOTHING
        draft = drafted(desk, meal("10"))
        assert withdraw(desk, draft, by="P1", at=AT) is None
        assert seen(desk, draft).state is State.WITHDRAWN
        assert desk.store.pending(desk.crm) == ()


@pytest.mark.parametrize("act", [take_back, submit])
def test_an_illegal_move_says_what_is_allowed(tmp_path: Path, act: object) -> None:
    """What a claimant may not do as the claim stands is refused, with what they may."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, meal("10"))
        if act is submit:
            submit(desk, number, by="P1", at=AT)
        before = desk.store.dump()
        with pytest.raises(RefusedError) as error:
            act(desk, number, by="P1", at=AT)  # type: ignore[operator]
        values = error.value.problems[0].values
        allowed = "withdraw, change" if act is submit else "submit, withdraw"
        assert set(allowed.split(", ")) <= set(values["allowed"].split(", "))
        assert desk.store.dump() == before


def test_nobody_changes_the_claims_of_others(tmp_path: Path) -> None:
    """Not a colleague, the manager, finance or somebody unknown; nor is a CRM's claim changed."""
    with desk_at(tmp_path, records=(Claim("C-1", "P1", AT),)) as desk:
        number = drafted(desk, meal("10"))
        for person in ("P2", "P3", FINANCE):
            with pytest.raises(RefusedError) as error:
                submit(desk, number, by=person, at=AT)
            assert codes(error) == ["claims.not_yours"]
        with pytest.raises(RefusedError) as error:
            submit(desk, number, by="P77", at=AT)
        assert codes(error) == ["claims.no_person"]
        for other in ("C-1", "EX-2026-00099", loose_of("P1")):
            with pytest.raises(RefusedError) as error:
                withdraw(desk, other, by="P1", at=AT)
            assert codes(error) == ["claims.not_yours"]
        with pytest.raises(ConfigError) as nothing:
            change(desk, number, Edit(), by="P1", at=AT)
        assert codes(nothing) == ["claims.no_change"]


def test_who_sees_which_claims(tmp_path: Path) -> None:
    """People see their own claims, managers those below them, finance all."""
    with desk_at(tmp_path) as desk:
        mine = drafted(desk, meal("10"))
        other = drafted(desk, meal("20"), by="P9")
        submit(desk, other, by="P9", at=AT)
        for person, expected in (
            ("P1", [mine]),
            ("P2", []),
            ("P3", [mine, other]),
            (FINANCE, [mine, other]),
        ):
            rows = list_claims(desk, viewer=desk.viewer(person))
            assert [one.claim for one in rows] == expected, person
        everybody = desk.viewer(FINANCE)
        drafts = list_claims(desk, viewer=everybody, state=State.DRAFT)
        assert [one.claim for one in drafts] == [mine]
        assert [one.claim for one in list_claims(desk, viewer=everybody, person="P9")] == [other]
        with pytest.raises(RefusedError):
            seen(desk, "EX-2026-00099")
        with pytest.raises(RefusedError):
            show_claim(desk, mine, viewer=desk.viewer("P2"), at=AT)


def test_whoever_is_asked_sees_the_claim(tmp_path: Path) -> None:
    """An approver who is not above the claimant sees what waits for them, and nothing else."""
    with desk_at(tmp_path, policy=POLICY.replace('"manager"', '"person:P2"')) as desk:
        number = drafted(desk, gift("450"), meal("120"), by="P9")
        with pytest.raises(RefusedError):
            show_claim(desk, number, viewer=desk.viewer("P2"), at=AT)
        submit(desk, number, by="P9", at=AT)
        assert show_claim(desk, number, viewer=desk.viewer("P2"), at=AT).next.who == ("P2",)
        with pytest.raises(RefusedError):
            show_claim(desk, number, viewer=desk.viewer("P1"), at=AT)


def test_a_crm_is_told_nothing_of_claims_that_it_does_not_have(tmp_path: Path) -> None:
    """Beside a CRM's claims, ours are decided alike; only the budgets are told."""
    with desk_at(tmp_path, crm="main") as desk:
        number = drafted(desk, gift("450"), meal("120"))
        submit(desk, number, by="P1", at=AT)
        said(desk, number, at=later(1))
        withdraw(desk, number, by="P1", at=later(2))
        told = {row.kind for row, _ in desk.store.waiting("main", viewer=SYSTEM)}
        assert told == {"budget_result"}
        assert desk.store.cursor("main", Kind.CLAIM) is None
    (tmp_path / "own").mkdir()
    with desk_at(tmp_path / "own") as desk:
        submit(desk, drafted(desk, meal("120")), by="P1", at=AT)
        assert desk.store.waiting(desk.crm, viewer=SYSTEM) == []


def test_words_of_own_claims_are_erased(tmp_path: Path) -> None:
    """Titles and purposes go from every version; amounts, decisions and the log stay."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, gift("450", purpose="Secretly", merchant="Hidden Inn"))
        change(desk, number, Edit("Covertly"), by="P1", at=AT)
        submit(desk, number, by="P1", at=AT)
        noted(desk, meal("5", purpose="Silently"))
        desk.store.erase(desk.crm, Request("P1", "cli", "asked"), later(1))
        left = desk.store.dump()
        for word in ("Secretly", "Hidden", "Covertly", "Silently"):
            assert word not in left
        assert desk.store.check_contents().broken is None
        view = seen(desk, number)
        assert (view.state, view.allowed and view.allowed.minor) == (State.APPROVED, 45_000)


def test_the_organisation_changes_under_a_claim(tmp_path: Path) -> None:
    """Whoever becomes the manager is asked, and the claimant sees it."""
    with desk_at(tmp_path) as desk:
        number = drafted(desk, gift("450"), meal("120"))
        submit(desk, number, by="P1", at=AT)
        put(desk.store, desk.crm, replace(PEOPLE[0], manager="P9"))
        assert review(desk.store, desk.crm, desk.company, later(1)) == 1
        assert seen(desk, number).next.who == ("P9",)
