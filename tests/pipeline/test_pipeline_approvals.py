"""Approvals from the claim to the budget: our own command, the organisation, time, changes."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from small_company import AT, cny
from spoken_company import Spoken, claim, line, spoken

from crm_expenses.adapters.contract import ClaimResult
from crm_expenses.core.approval import Part, Substitute
from crm_expenses.core.lifecycle import State
from crm_expenses.core.party import AccountManager
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import Viewer
from crm_expenses.errors import ConfigError, RefusedError
from crm_expenses.pipeline import company_of, delegate, desk_of, pull, quiet, undelegate

pytestmark = pytest.mark.usefixtures("database")
ONE = (claim(), line("L-1", "300"), line("L-2", "200"))
BIG = (claim(), line("L-1", "1300"))


def refused(firm: Spoken, by: str, **more: object) -> str:
    """Say something that does not count; give the reason's code, and see that nothing moved."""
    before = firm.job.store.dump()
    with pytest.raises(RefusedError) as caught:
        firm.say(by, **more)
    assert firm.job.store.dump() == before
    return caught.value.code


def delegated(firm: Spoken, who: str, other: str, **more: object) -> int:
    """Let somebody name a substitute."""
    wanted: Substitute = replace(Substitute(who, other), **more)  # type: ignore[arg-type]
    return delegate(firm.job.store, "main", company_of(firm.job), wanted, at=firm.at)


def test_nobody_approves_their_own_claim(tmp_path: Path) -> None:
    """Neither directly, nor for whoever is asked, nor round a circle of substitutes."""
    with spoken(tmp_path, *ONE) as firm:
        assert firm.life().asked == ("P3",)
        assert refused(firm, "P1") == "approvals.own"
        delegated(firm, "P1", "P3")
        assert firm.life().asked == ("P3",)
        assert refused(firm, "P1") == "approvals.own"
        delegated(firm, "P2", "P3")
        delegated(firm, "P1", "P2")
        assert firm.life().asked == ("P2", "P3")
        assert refused(firm, "P1") == "approvals.own"
        assert firm.say("P2").state is State.APPROVED
        (one,) = firm.said()
        assert (one.approval.approver, one.approval.instead_of) == ("P2", "P3")


def test_each_in_their_turn(tmp_path: Path) -> None:
    """Who is not asked yet, or not at all, does not count; a step that is not open is named."""
    with spoken(tmp_path, *BIG) as firm:
        assert refused(firm, "P9") == "approvals.not_asked"
        assert refused(firm, "P9", step="money") == "approvals.turn"
        assert refused(firm, "P7") == "approvals.not_asked"
        assert refused(firm, "P3", step="no") == "approvals.no_step"
        assert firm.say("P3", step="line").asked == ("P9",)
        assert refused(firm, "P3") == "approvals.not_asked"
        assert firm.say("P9").standing.due == cny("1300")
        assert refused(firm, "P9") == "lifecycle.move"


def test_what_was_seen_is_what_counts(tmp_path: Path) -> None:
    """A claim that changed is not answered before it is decided, and then only as it is."""
    with spoken(tmp_path, *ONE) as firm:
        seen = firm.crm.results()["claim_result", "C-1"].content_code  # type: ignore[union-attr,index]
        firm.put(line("L-1", "400"))
        pull(firm.job.store, firm.job.adapter, firm.at, quiet)
        assert refused(firm, "P3") == "approvals.pending"
        firm.sync()
        assert refused(firm, "P3", seen=seen) == "approvals.content"
        now = firm.crm.results()["claim_result", "C-1"].content_code  # type: ignore[union-attr,index]
        assert firm.say("P3", seen=now).standing.due == cny("600")


def test_a_change_voids_and_says_why(tmp_path: Path) -> None:
    """A changed amount voids the yes; approver and claimant are told which parts changed."""
    with spoken(tmp_path, *BIG) as firm:
        firm.say("P3")
        firm.put(line("L-1", "1400"))
        firm.sync()
        (one,) = firm.said()
        assert one.changes is not None
        assert [change.part for change in one.changes] == [Part.AMOUNT, Part.ALLOWED]
        assert (firm.life().asked, firm.life().standing.version) == (("P3",), 2)
        assert (
            "C-1: your approval no longer counts, because it changed: an amount, what is allowed."
            in (firm.texts("P3"))
        )
        assert "C-1：内容已变更（金额、核准金额），P3 的审批不再有效。" in firm.texts("P1", "zh")
        assert firm.job.store.check_contents().broken is None


def test_a_purpose_voids_nothing(tmp_path: Path) -> None:
    """What money does not depend on may change: the yes stays, and so does the version."""
    with spoken(tmp_path, *BIG) as firm:
        firm.say("P3")
        firm.put(replace(line("L-1", "1300"), purpose="Dinner"))
        firm.sync()
        assert (firm.life().asked, firm.life().standing.version) == (("P9",), 1)
        assert [one.changes for one in firm.said()] == [None]


def test_the_manager_leaves(tmp_path: Path) -> None:
    """Who left is asked no longer, the next above is; both are told, and the log says why."""
    with spoken(tmp_path, *ONE) as firm:
        gone = date(2026, 3, 30)
        firm.put(AccountManager("P3", "Zhao Min", manager="P5", active_to=gone))
        firm.sync()
        assert firm.life().asked == ("P5",)
        assert firm.texts("P3")[-1] == "C-1: your approval is no longer asked for (line)."
        assert firm.texts("P5") == ["C-1: your approval is asked for (line)."]
        actions = [body for _, body, _ in firm.job.store.entries() if b'"reroute"' in body]
        assert len(actions) == 1
        assert b"left" in actions[0]
        assert firm.say("P5").state is State.APPROVED


def test_time_passes(tmp_path: Path) -> None:
    """After a working day a reminder, after three the next above is asked, too; each once."""
    with spoken(tmp_path, *ONE) as firm:  # a Tuesday evening
        firm.sync(days=1)
        firm.sync()
        assert firm.texts("P3") == [
            "C-1: your approval is asked for (line).",
            "C-1: your approval is still waited for (line).",
        ]
        firm.sync(days=1)
        assert firm.life().asked == ("P3",)
        firm.sync(days=1)
        firm.sync(days=1)
        assert firm.life().asked == ("P3", "P5")
        assert firm.texts("P5") == [
            "C-1: the step line has waited too long; your approval is asked for, too."
        ]
        assert firm.say("P5").state is State.APPROVED


def test_lines_one_by_one(tmp_path: Path) -> None:
    """A refused line's money goes back to the budget; that of the others stays committed."""
    with spoken(tmp_path, *ONE) as firm:
        assert firm.budget() == (50_000, 0)
        assert refused(firm, "P3", refused=("L-2",)) == "approvals.reason"
        assert refused(firm, "P3", refused=("L-9",), reason="no") == "approvals.line"
        life = firm.say("P3", refused=("L-2",), reason="no guest")
        assert (life.state, life.standing.due) == (State.PARTLY_APPROVED, cny("300"))
        assert firm.budget() == (30_000, 0)
        assert firm.texts("P1") == ["C-1: 300.00 CNY is approved; not approved: L-2."]
        firm.sync()
        told = firm.crm.results()["claim_result", "C-1"]  # type: ignore[index]
        assert isinstance(told, ClaimResult)
        assert (told.state, told.approved, told.refused) == (life.state, cny("300"), "L-2")


def test_a_return_and_what_stays(tmp_path: Path) -> None:
    """A claim that was returned comes back as version 2; a yes on lines that stayed is kept."""
    with spoken(tmp_path, *ONE, line("L-3", "90", "gift")) as firm:
        assert firm.say("P9").asked == ("P3",)
        assert refused(firm, "P3", verdict="return") == "approvals.reason"
        life = firm.say("P3", verdict="return", reason="who was there?")
        assert (life.state, life.asked, firm.budget()) == (State.RETURNED, (), (0, 0))
        assert firm.texts("P1")[-1] == "C-1: it was returned to you."
        firm.sync(days=1)
        assert firm.life().state is State.RETURNED
        firm.put(line("L-1", "250"), claim(days=3))
        firm.sync(days=2)
        life = firm.life()
        assert (life.state, life.standing.version, life.asked) == (State.IN_APPROVAL, 2, ("P3",))
        assert [(one.approval.approver, one.changes) for one in firm.said()] == [
            ("P9", None),
            ("P3", None),
        ]
        assert firm.say("P3").standing.due == cny("540")


def test_a_no(tmp_path: Path) -> None:
    """A no ends it, and nothing is held any more."""
    with spoken(tmp_path, *BIG) as firm:
        assert refused(firm, "P3", verdict="reject", reason=" ") == "approvals.reason"
        assert firm.say("P3", verdict="reject", reason="private").state is State.REJECTED
        assert firm.budget() == (0, 0)
        assert refused(firm, "P9") == "lifecycle.move"


def test_a_substitute_with_dates(tmp_path: Path) -> None:
    """A substitute acts from one day to another, for all claims or one, until it is ended."""
    with spoken(tmp_path, *ONE, claim(2), line("L-9", "300", number=2)) as firm:
        day = AT.date()
        number = delegated(firm, "P7", "P3", until=day + timedelta(days=1), claim="C-1")
        assert [firm.life(n).asked for n in (1, 2)] == [("P7", "P3"), ("P3",)]
        assert firm.texts("P7") == ["C-1: your approval is asked for (line)."]
        firm.sync(days=1)
        assert firm.life().asked == ("P7", "P3")
        firm.sync(days=1)
        assert firm.life().asked == ("P3",)
        later = delegated(firm, "P7", "P3", start=day + timedelta(days=3))
        assert firm.life().asked == ("P3",)
        firm.sync(days=1)
        assert [firm.life(n).asked[0] for n in (1, 2)] == ["P7", "P7"]
        company = company_of(firm.job)
        for by, ended in (("P7", later), ("P3", 99)):
            with pytest.raises(RefusedError) as caught:
                undelegate(firm.job.store, "main", company, ended, by=by, at=firm.at)
            assert caught.value.code == "delegate.none"
        undelegate(firm.job.store, "main", company, later, by="P3", at=firm.at)
        assert "P7" not in firm.life(2).asked
        undelegate(firm.job.store, "main", company, number, by="P3", at=firm.at)
        assert firm.job.store.check_contents().broken is None


@pytest.mark.parametrize(
    ("who", "more", "code"),
    [
        ("P3", {}, "delegate.self"),
        ("P0", {}, "delegate.unknown"),
        ("P7", {"until": date(2026, 3, 30)}, "delegate.days"),
        ("P7", {"start": date(2026, 5, 2), "until": date(2026, 5, 1)}, "delegate.days"),
        ("P7", {"claim": "C-9"}, "viewer.refused"),
    ],
)
def test_substitutes_that_are_refused(
    tmp_path: Path, who: str, more: dict[str, object], code: str
) -> None:
    """Nobody acts for themselves, is unknown, or acts in the past or on a claim not to be seen."""
    with spoken(tmp_path, *ONE) as firm:
        with pytest.raises(RefusedError) as caught:
            delegated(firm, who, "P3", **more)
        assert caught.value.code == code
        with pytest.raises(ConfigError):
            delegated(firm, "P7", "P0")
        delegated(firm, "P7", "P3")
        with pytest.raises(RefusedError) as caught:
            delegated(firm, "P7", "P3")
        assert caught.value.code == "delegate.twice"


def test_who_sees_a_claim(tmp_path: Path) -> None:
    """Who is asked, and who has spoken, sees the claim with its lines, and nobody else does."""
    with spoken(tmp_path, *BIG, claim(2, "P2"), line("L-2", "300", number=2)) as firm:
        store = firm.job.store

        def sees(person: str) -> list[str]:
            own = Viewer(person)  # without the sight that a manager or finance has
            found = [
                r.id for k in (Kind.CLAIM, Kind.LINE) for r in store.records("main", k, viewer=own)
            ]
            for name in ("C-1", "C-2"):
                if name in found:
                    held = store.claim("main", name, viewer=own)
                    assert held is not None
                    assert {one.id for one in held[1]} <= set(found)
                else:
                    with pytest.raises(RefusedError):
                        store.claim("main", name, viewer=own)
            with store.desk("main", viewer=own) as desk:
                assert [one.claim for one in desk.lives()] == [n for n in found if n[0] == "C"]
            return found

        assert (sees("P9"), sees("P7"), sees("P")) == ([], [], [])
        assert sees("P3") == ["C-1", "C-2", "L-1", "L-2"]
        assert sees("P1") == ["C-1", "L-1"]
        firm.say("P3")
        assert sees("P9") == ["C-1", "L-1"]
        delegated(firm, "P7", "P9")
        assert sees("P7") == ["C-1", "L-1"]
        firm.say("P7")
        assert sees("P9") == []
        assert sees("P7") == ["C-1", "L-1"]
        assert sees("P3") == ["C-1", "C-2", "L-1", "L-2"]


def test_what_others_were_told(tmp_path: Path) -> None:
    """Each reads what they were told; what others were told reads who sees everything."""
    with spoken(tmp_path, *ONE) as firm:
        company = company_of(firm.job)
        with desk_of(firm.job.store, "main", company, "P3") as desk:
            assert [one.notice.code for one in desk.notices("P3")] == ["asked"]
            assert list(desk.notices("P3", since=1)) == []
            for other in ("", "P1"):
                with pytest.raises(RefusedError):
                    list(desk.notices(other))
        with desk_of(firm.job.store, "main", company, "P9") as desk:
            assert len(list(desk.notices())) == 1
        with (
            pytest.raises(ConfigError),
            desk_of(firm.job.store, "main", company, "P0"),
        ):
            pass
