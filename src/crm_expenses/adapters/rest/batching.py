"""The results of a batch whose errors stand apart from them. Pure."""

from collections.abc import Iterator
from typing import cast

from crm_expenses.adapters.exchange import Received as Value
from crm_expenses.adapters.rest.path import found
from crm_expenses.adapters.rest.speckind import Batch


class Failed(dict[str, Value]):
    """A result that is an error."""


def results_in(batch: Batch, body: Value) -> object:
    """Give the list of results, with an error for each id that one is about.

    >>> batch = Batch(
    ...     path="/b", item={}, results_path="results", align="id",
    ...     errors_path="errors", error_ids_path="context.ids",
    ... )
    >>> error = {"message": "no such option", "context": {"ids": ["8"]}}
    >>> results_in(batch, {"results": [{"id": "7"}], "errors": [error]})
    [{'id': '7'}, {'message': 'no such option', 'context': {'ids': ['8']}, 'id': '8'}]
    """
    held = found(body, batch.results_path or "")
    if not batch.errors_path:
        return held
    return [*(held if isinstance(held, list) else []), *_failed(batch, body)]


def _failed(batch: Batch, body: Value) -> Iterator[Failed]:
    errors = found(body, batch.errors_path)
    for error in errors if isinstance(errors, list) else []:
        names = found(error, batch.error_ids_path)
        for name in names if isinstance(names, list) else [names]:
            if isinstance(error, dict) and isinstance(name, str | int):
                yield Failed({**error, batch.result_id_path: cast("Value", name)})
