"""What `crm-expenses audit` shows, for people and for scripts."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_expenses.cli.screen import Column, Screen
from crm_expenses.core.audit import Broken, Fault
from crm_expenses.core.checkpoint import Checkpoint, Kept
from crm_expenses.messages import LANGUAGES, table

if TYPE_CHECKING:
    from crm_expenses.bundlecheck import BundleCheck
    from crm_expenses.checkpointfile import SignatureCheck
    from crm_expenses.derive import Derived
    from crm_expenses.pipeline.audit import ReadEntry, StoreAudit
    from crm_expenses.store.erasure import Erased

FILES_SHOWN = 20

COLUMNS = (
    Column("audit.number", is_number=True),
    Column("audit.at"),
    Column("audit.actor"),
    Column("audit.action"),
    Column("audit.subject"),
    Column("audit.why"),
)


def show_log(found: "Iterable[ReadEntry]", screen: Screen, *, as_json: bool) -> None:
    """Show entries: a table, or one JSON value a line."""
    rows = []
    for one in found:
        entry = one.entry
        if as_json:
            screen.give(
                {
                    "number": entry.number,
                    "at": entry.at.isoformat(),
                    "actor": entry.actor,
                    "action": entry.action,
                    "subject": entry.subject,
                    "why": one.said or ("" if entry.why.startswith("~") else entry.why),
                    "erased": one.is_erased,
                    "content": entry.content,
                    "previous": entry.previous,
                    "digest": one.digest,
                }
            )
            continue
        at = entry.at.isoformat(sep=" ", timespec="seconds")
        cells = (str(entry.number), at, entry.actor, entry.action, entry.subject)
        rows.append((*cells, _why(one, screen)))
    if rows:
        screen.table(COLUMNS, rows)


def _why(one: "ReadEntry", screen: Screen) -> str:
    if one.is_erased:
        return screen.text("audit.erased_words")
    code = f"audit.why_{one.entry.why}"
    if code in table():
        return screen.text(code)
    return one.said or ("" if one.entry.why.startswith("~") else one.entry.why)


def fault_text(broken: Broken, screen: Screen) -> str:
    """Say what is wrong with the log."""
    values = {"entry": f"{broken.number:,}", "size": f"{broken.size:,}"}
    return screen.text(f"audit.fault_{broken.fault.value}", **values)


def show_store(
    found: "StoreAudit", screen: Screen, *, has_key: bool, outside: int, as_json: bool
) -> None:
    """Show what the check of a store found."""
    if as_json:
        screen.give(_store_json(found))
        return
    log, contents, broken = found.log, found.contents, found.broken
    if broken is not None:
        screen.say(screen.text("audit.log_breaks", detail=fault_text(broken, screen)))
    else:
        agree = {"entries": f"{log.entries:,}", "checkpoints": f"{log.checkpoints:,}"}
        screen.say(screen.text("audit.log_holds", **agree))
        if outside:
            screen.say(screen.text("audit.outside", count=f"{outside:,}"))
        beyond = log.entries - log.covered
        if beyond:
            screen.say(screen.text("audit.log_beyond", count=f"{beyond:,}"))
    if contents is not None and contents.broken is None:
        kept = {
            "records": f"{contents.records:,}",
            "decisions": f"{contents.decisions:,}",
            "moves": f"{contents.moves:,}",
            "texts": f"{contents.texts:,}",
            "words": f"{contents.words:,}",
        }
        screen.say(screen.text("audit.contents", **kept))
    if contents is not None and contents.erased:
        screen.say(screen.text("audit.erased", count=f"{contents.erased:,}"))
    if contents is not None and contents.older:
        screen.say(screen.text("audit.older", count=f"{contents.older:,}"))
    _show_derived(found.derived, screen)
    for claim, became in found.wrong:
        screen.say(screen.text(f"bundle.derived_{became.value}", claim=claim))
    _show_signatures(found.signatures, screen, has_key=has_key, with_faults=True)


def show_files(found: "StoreAudit", folder: Path, screen: Screen) -> None:
    """Show how the files of vouchers stand, where they were looked at and there are some."""
    files = found.files
    if files is None:
        return
    if files.holds and files.whole:
        screen.say(screen.text("audit.files", count=f"{files.whole:,}"))
    for digest in files.missing[:FILES_SHOWN]:
        screen.say(screen.text("audit.file_missing", digest=digest, path=str(folder)))
    for digest in files.altered[:FILES_SHOWN]:
        screen.say(screen.text("audit.file_altered", digest=digest, path=str(folder)))


def _files_json(found: "StoreAudit") -> dict[str, object] | None:
    files = found.files
    if files is None:
        return None
    wrong = {"missing": list(files.missing), "altered": list(files.altered)}
    return {"whole": files.whole, **wrong}


def _store_json(found: "StoreAudit") -> dict[str, object]:
    contents = found.contents
    return {
        "holds": found.holds,
        "entries": found.log.entries,
        "checkpoints": found.log.checkpoints,
        "covered": found.log.covered,
        "root": found.log.tree.root().hex(),
        "broken": _broken_json(found.broken),
        "contents": None
        if contents is None
        else {
            "records": contents.records,
            "decisions": contents.decisions,
            "moves": contents.moves,
            "texts": contents.texts,
            "approvals": contents.words,
            "erased": contents.erased,
            "older": contents.older,
        },
        "derived": {became.value: count for became, count in sorted(found.derived.items())},
        "wrong": [{"claim": claim, "reason": became.value} for claim, became in found.wrong],
        "signatures": _signatures_json(found.signatures),
        "files": _files_json(found),
    }


def _broken_json(broken: Broken | None) -> dict[str, object] | None:
    if broken is None:
        return None
    made: dict[str, object] = {"entry": broken.number, "fault": broken.fault.value}
    has_size = broken.fault in (Fault.REWRITTEN, Fault.CHECKPOINT)
    shown = [Screen(language) for language in LANGUAGES]
    messages = {one.language: fault_text(broken, one) for one in shown}
    return made | ({"checkpoint": broken.size} if has_size else {}) | {"message": messages}


def _show_derived(derived: "Mapping[Derived, int]", screen: Screen) -> None:
    for became, count in sorted(derived.items()):
        code = "audit.derived" if became == "equal" else f"audit.derived_{became.value}"
        if code in table():
            screen.say(screen.text(code, count=f"{count:,}"))


def _show_signatures(
    found: "SignatureCheck", screen: Screen, *, has_key: bool, with_faults: bool
) -> None:
    from crm_expenses.signing import fingerprint  # noqa: PLC0415  only where something is signed

    keys = ", ".join(sorted(fingerprint(key) for key in found.keys))
    if keys:
        screen.say(screen.text("audit.signed", count=f"{found.good:,}", key=keys))
        if not has_key:
            screen.say(screen.text("audit.not_compared"))
    if with_faults:
        for code, sizes in (("bundle.signature", found.bad), ("bundle.strange", found.strange)):
            for size in sizes:
                screen.say(screen.text(code, size=f"{size:,}"))


def _signatures_json(found: "SignatureCheck") -> dict[str, object]:
    return {
        "good": found.good,
        "unsigned": found.unsigned,
        "bad": found.bad,
        "strange": found.strange,
        "keys": sorted(key.hex() for key in found.keys),
    }


def show_bundle(found: "BundleCheck", screen: Screen, *, has_key: bool, as_json: bool) -> None:
    """Show what the check of a bundle found."""
    if as_json:
        head = found.head
        screen.give(
            {
                "holds": found.holds,
                "claims": list(found.claims),
                "sample": dict(found.sample),
                "entries": found.entries,
                "checkpoint": {"size": head.size, "root": head.root} if head else None,
                "checkpoints": found.checkpoints,
                "outside": found.outside,
                "derived": {k.value: count for k, count in sorted(found.derived.items())},
                "signatures": _signatures_json(found.signatures),
                "problems": [
                    {
                        "code": one.code,
                        "message": {language: one.describe(language) for language in LANGUAGES},
                    }
                    for one in found.problems
                ],
            }
        )
        return
    for one in found.problems:
        screen.say(one.describe(screen.language))
    if found.problems:
        screen.say(screen.text("audit.bundle_bad", count=f"{len(found.problems):,}"))
    elif found.head is not None:
        agree = {
            "entries": f"{found.entries:,}",
            "size": f"{found.head.size:,}",
            "checkpoints": f"{found.checkpoints:,}",
        }
        screen.say(screen.text("audit.bundle_good", **agree))
        if found.outside:
            screen.say(screen.text("audit.outside", count=f"{found.outside:,}"))
    _show_derived(found.derived, screen)
    _show_signatures(found.signatures, screen, has_key=has_key, with_faults=False)


def show_made(kept: Kept, out: Path | None, screen: Screen, *, as_json: bool, text: str) -> None:
    """Show a checkpoint that was made."""
    made = Checkpoint.of(kept.body)
    if as_json:
        body: dict[str, Any] = {"size": made.size, "root": made.root, "at": made.at.isoformat()}
        signed = {"key": kept.key.hex(), "signature": kept.signature.hex()}
        screen.give(body | {"previous": made.previous, "digest": made.digest} | signed)
        return
    if out is None:
        screen.say(text.rstrip())
        return
    screen.say(screen.text("audit.checkpoint_made", size=f"{made.size:,}", root=made.root))
    screen.say(screen.text("audit.checkpoint_at", path=str(out)))
    screen.say(screen.text("audit.checkpoint_next"))


def show_erased(made: "Sequence[tuple[str, Erased]]", screen: Screen, *, as_json: bool) -> None:
    """Show what was erased, by CRM."""
    if as_json:
        screen.give(
            {
                "erased": [
                    {
                        "crm": crm,
                        "records": found.records,
                        "reasons": found.reasons,
                        "facts": found.facts,
                        "entry": found.entry,
                        "kept_in": list(found.kept_in),
                    }
                    for crm, found in made
                ]
            }
        )
        return
    for _, found in made:
        counts = {
            "records": f"{found.records:,}",
            "reasons": f"{found.reasons:,}",
            "facts": f"{found.facts:,}",
            "entry": f"{found.entry:,}",
        }
        screen.say(screen.text("audit.erase_done", **counts))
        if found.kept_in:
            claims = ", ".join(found.kept_in)
            screen.say(screen.text("audit.erase_kept", claims=claims))
    screen.say(screen.text("audit.erase_crm"))
