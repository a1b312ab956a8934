"""A file on its way into the CRM, in portions: it goes on where an earlier try was cut off."""

import base64
from collections.abc import Iterable, Iterator

from crm_expenses.adapters import answers
from crm_expenses.adapters.contract import Ack, FileWrite
from crm_expenses.core.record import Json
from crm_expenses.errors import ConflictError, RetryableError
from tiny_crm.wire import Wire

PORTION_BYTES = 256 * 1024
"""No more of a file is ever held at once."""


def upload(wire: Wire, write: FileWrite, portions: Iterable[bytes]) -> Ack:
    """Send a file; the key is the name of the upload, so that it is there once."""
    try:
        return _uploaded(wire, write, portions)
    except (RetryableError, ConflictError) as error:  # a conflict: somebody else sends it, too
        return answers.unknown(wire.crm, write, error.describe())


def _uploaded(wire: Wire, write: FileWrite, portions: Iterable[bytes]) -> Ack:
    told: Json = {
        "key": write.key,
        "receipt": write.voucher,
        "name": write.name,
        "type": write.type,
        "size": write.size,
        "digest": write.digest,
    }
    status, answer = wire.upload("POST", "uploads", told, accept={404})
    if status == 404:
        return answers.no_record(wire.crm, write)
    if answer.get("done"):
        return answers.done(write)
    target, there = f"uploads/{write.key}", int(answer.get("offset", 0))
    for start, part in _cut(portions):
        if start + len(part) <= there:
            continue  # it was sent by the try before
        rest = part[max(there - start, 0) :]
        body: Json = {"offset": max(start, there), "data": base64.b64encode(rest).decode()}
        wire.upload("PUT", target, body)
    status, answer = wire.upload("POST", f"{target}/done", {}, accept={422})
    if status == 422:
        return answers.refused(wire.crm, write, str(answer.get("detail")))
    return answers.done(write)


def _cut(portions: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Give portions of bounded size, each with where it begins, whatever sizes come in."""
    start = 0
    for portion in portions:
        for at in range(0, len(portion), PORTION_BYTES):
            part = portion[at : at + PORTION_BYTES]
            yield start, part
            start += len(part)
