"""The answers of the kit: each a whole sentence in both languages, each of its own class."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tiny_bench import TOKEN, TinyBench
from tiny_crm import open_adapter
from tiny_crm.client import CAPABILITIES

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Ack, AckState, FileWrite, Opening
from crm_expenses.errors import ConfigError, RetryableError
from crm_expenses.messages import LANGUAGES
from crm_expenses.testing.samples import results, write_back
from crm_expenses.testing.tinyserver import Failing

HERE = "http://127.0.0.1:1/"
WRITE = write_back("main", results(CAPABILITIES.writes)[0])
FILE = FileWrite("k", "V-1", "a.pdf", "application/pdf", 3, "0" * 64)


@pytest.mark.parametrize(
    ("make", "state"),
    [
        (lambda write: answers.refused("main", write, "no permission"), AckState.REFUSED),
        (lambda write: answers.no_record("main", write), AckState.REFUSED),
        (lambda write: answers.conflict("main", write), AckState.CONFLICT),
        (lambda write: answers.unknown("main", write, "cut off"), AckState.UNKNOWN),
    ],
)
@pytest.mark.parametrize("write", [WRITE, FILE])
def test_each_answer_says_of_what_and_why(
    make: Callable[[answers.Written], Ack], state: AckState, write: answers.Written
) -> None:
    """An answer carries the key, the state, and a sentence that names the record."""
    ack = make(write)
    assert (ack.key, ack.state) == (write.key, state)
    assert ack.problem is not None
    said = [ack.problem.describe(language) for language in LANGUAGES]
    assert len(set(said)) == 2
    assert all(("C-1" if write is WRITE else "V-1: a.pdf") in one for one in said)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, "crm.option"),
        ({"token": "", "url": HERE}, "crm.option"),
        ({"token": "t", "url": 7}, "crm.option"),
        (
            {"token": "t", "url": HERE, "timezone": "Mars/North"},
            "settings.timezone",
        ),
        ({"token": "t", "url": "http://crm.example.com/"}, "http.plain"),
    ],
)
def test_options_that_are_wrong(options: dict[str, object], code: str) -> None:
    """A missing option, a strange zone and an address that is not safe are told by name."""
    with pytest.raises(ConfigError) as caught:
        open_adapter(Opening("main", options))
    assert caught.value.code == code


def test_an_answer_of_another_form_is_none() -> None:
    """A row that lacks what every row has ends the reading, and may be asked for again."""
    bench = TinyBench()
    bench.crm.put("reports", {"id": "C-1"})
    adapter = bench.adapter()
    for how in (Failing.HTML, Failing.HIDDEN):
        bench.server.fail("GET /api/describe", how)
        with pytest.raises(RetryableError) as caught:
            adapter.check()
        assert caught.value.code == answers.WRONG_ANSWER
        assert TOKEN not in caught.value.describe()
    wire = vars(adapter)["_wire"]
    for row in ({}, {"id": 7, "at": "x"}, "no row"):
        with pytest.raises(RetryableError):
            wire._rows({"rows": [row]}, "rows", {"id": str, "at": str})
    for text in ("soon", "2026-01-01T00:00:00"):
        with pytest.raises(RetryableError):
            wire.moment(text)
    bench.close()


def test_a_batch_must_be_what_was_declared() -> None:
    """A batch beyond the declared size is refused before anything is sent."""
    bench = TinyBench()
    adapter = bench.adapter()
    writes = [replace(WRITE, key=f"k{number}") for number in range(21)]
    with pytest.raises(Exception, match="21 writes at once are more than 20"):
        adapter.push(writes)
    assert bench.server.calls == 0
    bench.close()
