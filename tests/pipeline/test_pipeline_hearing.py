"""Approvals that are given in the CRM: which count, when, once; who is told why others do not."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from small_company import AT, cny
from spoken_company import Spoken, claim, line, spoken

from crm_expenses.core.approval import Provenance, Verdict
from crm_expenses.core.claim import Claim, ClaimStatus
from crm_expenses.core.lifecycle import State
from crm_expenses.pipeline import company_of
from crm_expenses.pipeline.advances import pay_out
from crm_expenses.pipeline.desk import Desk
from crm_expenses.store.erasure import Request

pytestmark = pytest.mark.usefixtures("database")
ONE = (claim(), line("L-1", "300"), line("L-2", "200"))
BIG = (claim(), line("L-1", "1300"))
PLAIN, AUDITED = Provenance.PLAIN_FIELD, Provenance.AUDITED_FIELD


def why(firm: Spoken, person: str = "") -> list[tuple[str, str, str]]:
    """Give who was told which record did not count, and the code of the reason."""
    told = [one.notice for one in firm.told(person) if one.notice.code == "not_counted"]
    values = [(one.person, dict(one.values)) for one in told]
    return [(who, held["record"], held["why"]) for who, held in values]


def test_a_yes_in_the_crm_counts_once(tmp_path: Path) -> None:
    """It counts with what the CRM vouches for, names its record, and never counts again."""
    with spoken(tmp_path, *BIG) as firm:
        made = firm.tell("Y-1", "P3")
        assert firm.job.store.pending(firm.job.adapter.name) == ()
        decisions = firm.job.store.count_decisions()
        firm.sync()
        assert firm.job.store.count_decisions() == decisions  # its place in the windows stays
        (one,) = firm.said()
        assert (one.approval.provenance, one.approval.at) == (AUDITED, made.at)
        assert one.source.startswith("Y-1 ")
        assert firm.life().asked == ("P9",)
        firm.sync()
        firm.put(replace(made, reason="looks good"))  # the words alone are no other word
        firm.sync()
        assert len(firm.said()) == 1
        assert why(firm) == []
        assert firm.job.store.check_contents().broken is None


def test_a_void_word_does_not_come_back(tmp_path: Path) -> None:
    """What a change voided does not count again when the content is what it was."""
    with spoken(tmp_path, *BIG) as firm:
        firm.tell("Y-1", "P3")
        firm.sync()
        for amount in ("1400", "1300"):
            firm.put(line("L-1", amount))
            firm.sync()
        assert [one.changes is None for one in firm.said()] == [False]
        assert firm.life().asked == ("P3",)
        firm.tell("Y-2", "P3")
        firm.sync()
        assert firm.life().asked == ("P9",)


def test_a_plain_field_counts_only_where_the_policy_says_so(tmp_path: Path) -> None:
    """Both are told once why it does not; with `accepts` it counts."""
    with spoken(tmp_path / "strict", *ONE, provenance=PLAIN) as firm:
        firm.tell("Y-1", "P3")
        for _ in range(3):
            firm.sync()
        assert firm.said() == ()
        assert why(firm) == [(p, "Y-1", "approvals.provenance") for p in ("P3", "P1")]
        assert firm.texts("P1", "zh") == [
            "C-1：CRM 中给出的审批不予承认：该审批来自 plain_field，但政策（accepts）规定节点 line "
            "至少须为 asserted。请按要求的方式审批"
        ]
        logged = [json.loads(body) for _, body, _ in firm.job.store.entries()]
        assert [e["subject"] for e in logged if e["action"] == "not_counted"] == ["C-1"]
    with spoken(tmp_path / "open", *ONE, provenance=PLAIN, accepts="plain_field") as firm:
        firm.tell("Y-1", "P3")
        firm.sync()
        assert firm.life().standing.due == cny("500")


@pytest.mark.parametrize(
    ("accepts", "state"), [("plain_field", State.APPROVED), ("asserted", State.IN_APPROVAL)]
)
def test_a_status_alone(tmp_path: Path, accepts: str, state: State) -> None:
    """A status `approved` is a plain field: it approves where the policy accepts that."""
    approved = Claim("C-1", "P1", AT, ClaimStatus.APPROVED)
    with spoken(tmp_path, approved, *ONE[1:], provenance=PLAIN, accepts=accepts) as firm:
        assert firm.life().state is state


def test_what_was_said_of_another_content(tmp_path: Path) -> None:
    """A yes with the code of before, or without one, is refused, whatever vouches for it."""
    with spoken(tmp_path, *ONE) as firm:
        firm.tell("Y-1", "P3")
        firm.tell("Y-2", "P3", content_code="")
        firm.put(line("L-1", "400"))
        firm.sync()
        assert firm.said() == ()
        assert why(firm, "P3") == [
            ("P3", "Y-1", "approvals.content"),
            ("P3", "Y-2", "approvals.unseen"),
        ]
        firm.tell("Y-1", "P3")
        firm.sync()
        assert firm.life().standing.due == cny("600")


def test_a_code_is_needed_whatever_the_crm_claims(tmp_path: Path) -> None:
    """Only our own command may do without the code, not a CRM that says that it is as good."""
    with spoken(tmp_path, *ONE, provenance=Provenance.ASSERTED) as firm:
        firm.tell("Y-1", "P3", content_code="")
        firm.sync()
        assert why(firm, "P3") == [("P3", "Y-1", "approvals.unseen")]


def test_whoever_is_too_early_counts_in_their_turn(tmp_path: Path) -> None:
    """A yes before its turn waits, and counts when the step before it is done, however."""
    with spoken(tmp_path / "here", *BIG) as firm:
        firm.tell("Y-1", "P9")
        firm.sync()
        assert why(firm, "P9") == [("P9", "Y-1", "approvals.not_asked")]
        life = firm.say("P3")
        assert life.state is State.APPROVED
    with spoken(tmp_path / "there", *BIG) as firm:
        firm.tell("Y-1", "P9")
        firm.tell("Y-2", "P3")
        firm.sync()
        assert firm.life().state is State.APPROVED
        assert [one.approval.approver for one in firm.said()] == ["P3", "P9"]
        assert why(firm) == []


def test_no_and_back_and_lines(tmp_path: Path) -> None:
    """A no, a return and refused lines are read with their reasons, and need them."""
    three = [r for n in (2, 3, 4) for r in (claim(n), line(f"A-{n}", "300", number=n))]
    with spoken(tmp_path, *ONE, *three) as firm:
        firm.tell("Y-1", "P3", refused="L-2", reason="no guest")
        firm.tell("Y-2", "P3", 2, verdict=Verdict.REJECT, reason="private")
        firm.tell("Y-3", "P3", 3, verdict=Verdict.RETURN, reason="who?")
        firm.tell("Y-4", "P3", 4, verdict=Verdict.REJECT)
        firm.sync()
        states = [firm.life(n).state for n in (1, 2, 3, 4)]
        ended = [State.PARTLY_APPROVED, State.REJECTED, State.RETURNED]
        assert states == [*ended, State.IN_APPROVAL]
        assert firm.said(2)[0].approval.reason == "private"
        assert firm.budget() == (60_000, 0)
        assert why(firm, "P3") == [("P3", "Y-4", "approvals.reason")]


def test_their_own_and_the_wrong_moment(tmp_path: Path) -> None:
    """Their own, one of tomorrow, and a no to an earlier version do not count; tomorrow's will."""
    with spoken(tmp_path, *ONE) as firm:
        firm.tell("Y-1", "P1")
        firm.tell("Y-2", "P3", verdict=Verdict.REJECT, reason="x", at=AT - timedelta(days=5))
        firm.tell("Y-3", "P3", at=AT + timedelta(days=1))
        firm.sync()
        assert why(firm, "P1") == [
            ("P1", "Y-2", "approvals.earlier"),
            ("P1", "Y-1", "approvals.own"),
            ("P1", "Y-3", "approvals.future"),
        ]
        firm.sync(days=1)
        assert firm.life().state is State.APPROVED


def test_a_claim_that_is_not_there(tmp_path: Path) -> None:
    """What is said of a claim that nobody has yet waits for it, without harm."""
    with spoken(tmp_path, *ONE) as firm:
        firm.tell("Y-1", "P3", claim="C-9")
        firm.sync()
        assert firm.life().state is State.IN_APPROVAL
        assert why(firm) == []


def test_an_approver_s_words_are_erased(tmp_path: Path) -> None:
    """What an approver wrote in the CRM is erased, stays so, and its no is not heard again."""
    with spoken(tmp_path, *ONE) as firm:
        store = firm.job.store
        said = firm.tell("Y-1", "P3", verdict=Verdict.REJECT, reason="smells private")
        firm.sync()
        store.erase("main", Request("P3", "P9", "asked for it"), firm.at)
        firm.put(said, claim(title="again"))
        firm.sync()
        assert "smells" not in store.dump()
        (one,) = firm.said()
        assert (one.is_erased, one.approval.reason) == (True, "")
        assert firm.life().state is State.REJECTED
        found = store.check_contents()
        assert (found.broken, store.log_broken_at()) == (None, None)
        assert found.erased == 2


def test_an_approval_in_the_crm_clears_advances(tmp_path: Path) -> None:
    """What the claimant was paid before counts as paid, whoever says yes, and wherever."""
    with spoken(tmp_path, *ONE) as firm:
        desk = Desk(firm.job.store, "main", company_of(firm.job))
        pay_out(desk, "P1", cny("100"), by="P9", at=firm.at)
        firm.tell("Y-1", "P3")
        firm.sync()
        standing = firm.life().standing
        assert (standing.state, standing.paid) == (State.PARTLY_PAID, cny("100"))
        assert firm.job.store.check_contents().broken is None
