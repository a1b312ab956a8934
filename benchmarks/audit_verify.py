"""Checking a log of 100,000 entries, beside a bare loop that reads and hashes the same bytes.

    python benchmarks/audit_verify.py [--json] [--entries N] [--rounds N]

The log is written as the store writes it, checkpoints included. Both read the same SQLite file in
the same process, in turns, and the median of the ratios of the rounds counts, in CPU time:

- ours: `Store.check_log`: reads number, bytes and digest of each entry, hashes it, compares the
  digest, looks for the one before in it, builds the Merkle tree, compares every checkpoint;
- the bare loop: `select body from audit order by number` of the standard library's sqlite3, and
  `sha256(body).digest()`; it compares nothing, and would not see a change.

The key is `verify.times_bare_hash`; the goal is at most 3. Beside it, a change of one bit in an
entry drawn at random must be named, else there is no figure.
"""

import argparse
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from crm_expenses.core.audit import GENESIS, AuditEntry, digest_of
from crm_expenses.core.checkpoint import Checkpoint, parts_text
from crm_expenses.core.merkle import Tree
from crm_expenses.store import Store, open_store
from crm_expenses.store import tables as t
from crm_expenses.store.log import CHECKPOINT_EVERY

AT = datetime(2026, 1, 1, tzinfo=UTC)


def write_log(store: Store, count: int) -> None:
    """Write a log as the store would, with many entries in one transaction."""
    tree, head, named, last = Tree(), GENESIS, "", GENESIS
    rows, kept = [], []
    for number in range(1, count + 1):
        action, subject = ("decide", f"C-{number:06}")
        content = sha256(subject.encode()).hexdigest()
        if named:
            action, subject, content, named = "checkpoint", str(number - 1), named, ""
        at = AT + timedelta(seconds=number)
        entry = AuditEntry(number, at, "sync", action, subject, content, head)
        body = entry.body
        digest = digest_of(body)
        head = digest.hex()
        tree.extend([digest])
        rows.append({"number": number, "body": body, "digest": digest})
        if number % CHECKPOINT_EVERY == 0 and number < count:
            made = Checkpoint(number, tree.root().hex(), at, last)
            last = named = made.digest
            row = {"size": number, "body": made.body, "parts": parts_text(tree.parts)}
            kept.append(row | {"key": b"", "signature": b""})
    with store.writing() as connection:
        connection.execute(t.audit.insert(), rows)
        connection.execute(t.checkpoint.insert(), kept)


def bare(path: Path) -> None:
    """Read and hash, and compare nothing."""
    with closing(sqlite3.connect(path)) as connection:
        for (body,) in connection.execute("select body from audit order by number"):
            sha256(body).digest()


def seconds(run: Callable[[], object]) -> float:
    """Give the CPU seconds of one run."""
    start = time.process_time()
    run()
    return time.process_time() - start


def names_a_change(path: Path, number: int, bit: int) -> bool:
    """Change one bit of an entry, and say whether the check names it; then put it back."""
    with closing(sqlite3.connect(path)) as connection:
        of = "select body from audit where number = ?"
        (body,) = connection.execute(of, (number,)).fetchone()
        changed = bytearray(body)
        changed[bit // 8 % len(body)] ^= 1 << bit % 8
        put = "update audit set body = ? where number = ?"
        connection.execute(put, (bytes(changed), number))
        connection.commit()
        with open_store(path) as store:
            named = store.log_broken_at()
        connection.execute(put, (body, number))
        connection.commit()
    return named == number


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite3"
        with open_store(path) as store:
            write_log(store, asked.entries)
            found = store.check_log()
            if found.broken or found.entries != asked.entries:
                sys.exit(f"the log does not hold: {found.broken}")
        for _ in range(5):
            number = chance.randint(1, asked.entries)
            if not names_a_change(path, number, chance.randint(0, 2_000)):
                sys.exit(f"a change of entry {number} was not named: mend this first")
        ours, plain = [], []
        with open_store(path) as store:
            bare(path)
            for _ in range(asked.rounds):
                plain.append(seconds(lambda: bare(path)))
                ours.append(seconds(store.check_log))
    ratios = [one / other for one, other in zip(ours, plain, strict=True)]
    micro = 1e6 / asked.entries
    result = {
        "verify.times_bare_hash": round(statistics.median(ratios), 2),
        "verify.times_bare_hash_least": round(min(ratios), 2),
        "verify.times_bare_hash_most": round(max(ratios), 2),
        "verify.microseconds_an_entry": round(statistics.median(ours) * micro, 2),
        "verify.microseconds_bare": round(statistics.median(plain) * micro, 2),
        "verify.entries": asked.entries,
        "verify.checkpoints": found.checkpoints,
    }
    if asked.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:32} {value:>10}")


if __name__ == "__main__":
    main()
