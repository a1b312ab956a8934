"""What is true of each CRM's connection file, whatever else its own tests show."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from likecrms import Held, Served, acks, claim_write, line_write, pulled, version_of

from crm_expenses.adapters.contract import AckState, Level
from crm_expenses.adapters.rest.client import RestAdapter
from crm_expenses.core.record import Kind
from crm_expenses.errors import AuthError


class ConnectionCases:
    """To be subclassed, with the fixtures `crm`, `server` and `adapter`.

    `claim` and `line` are records that are there; `line` is empty where no results of lines are
    written. `reads` are methods by which this CRM is read, beside GET.
    """

    claim = ""
    line = ""
    reads: tuple[str, ...] = ()

    def stranger(self, folder: Path, url: str) -> RestAdapter:
        """Open the connection with a wrong secret."""
        raise NotImplementedError

    def touch(self, crm: Held, record: str) -> None:
        """Change what a person can change of a claim."""
        raise NotImplementedError

    def held(self, crm: Held, kind: Kind, record: str) -> Mapping[str, object]:
        """Give `outcome`, `allowed` and `currency` as they stand beside a record."""
        raise NotImplementedError

    def test_doctor_signs_in_and_reads_every_kind(self, adapter: RestAdapter) -> None:
        """The probe names the user; every kind is read, and nothing is bad."""
        told = adapter.check()
        assert not [one.problem.describe() for one in told if one.level is Level.BAD]
        assert "knows who signs in" in told[0].problem.describe()

    def test_what_changed_comes_and_nothing_else(self, adapter: RestAdapter, crm: Held) -> None:
        """After a load, only the claim that was changed comes again."""
        first = pulled(adapter, Kind.CLAIM)
        assert self.claim in first.records
        self.touch(crm, self.claim)
        second = pulled(adapter, Kind.CLAIM, first.cursor)
        assert [*second.records] == [self.claim]

    def test_results_are_written_once(
        self, adapter: RestAdapter, crm: Held, server: Served
    ) -> None:
        """Fields beside the record get the result; a repetition sends nothing."""
        writes = [claim_write(self.claim, version_of(adapter, Kind.CLAIM, self.claim))]
        writes += [line_write(self.line, self.claim)] if self.line else []
        assert {ack.state for ack in acks(adapter, *writes)} == {AckState.DONE}
        told = {"outcome": "reduced", "allowed": "100.50", "currency": "EUR"}
        assert self.held(crm, Kind.CLAIM, self.claim) == told
        assert not self.line or self.held(crm, Kind.LINE, self.line) == told
        server.asked.clear()
        assert {ack.state for ack in acks(adapter, *writes)} == {AckState.DONE}
        assert not [one for one in server.writes() if not self._is_reading(one.path)]

    def test_what_a_person_changed_meanwhile_is_a_conflict(
        self, adapter: RestAdapter, crm: Held
    ) -> None:
        """A result that rests on what was there before is not written."""
        version = version_of(adapter, Kind.CLAIM, self.claim)
        self.touch(crm, self.claim)
        assert acks(adapter, claim_write(self.claim, version))[0].state is AckState.CONFLICT

    def test_a_record_that_is_gone_is_told(self, adapter: RestAdapter) -> None:
        """Reading it says so, and writing to it is refused."""
        assert adapter.look(Kind.CLAIM, ["404404"]).gone[0].origin.record == "404404"
        (ack,) = acks(adapter, claim_write("404404"))
        assert ack.problem is not None
        assert (ack.state, ack.problem.code) == (AckState.REFUSED, "crm.no_record")

    def test_who_is_not_signed_in_reads_nothing(self, server: Served, tmp_path: Path) -> None:
        """A wrong secret is told as one."""
        with pytest.raises(AuthError):
            pulled(self.stranger(tmp_path, server.url), Kind.CLAIM)

    def _is_reading(self, path: str) -> bool:
        return any(part in path for part in self.reads)
