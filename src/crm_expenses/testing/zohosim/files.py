"""Files: attachments of records, and files that wait to be put into a field."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from crm_expenses.testing.zohosim.multipart import Part
from crm_expenses.testing.zohosim.refusal import RefusalError

if TYPE_CHECKING:  # the organisation has files, and they need to know whose they are
    from crm_expenses.testing.zohosim.holding import Holding


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file at a record."""

    id: str
    module: str
    parent: str
    name: str
    content: bytes = field(repr=False)
    at: datetime
    by: str
    file_id: str


class Files:
    """The files of one organisation. `attach` is what people do."""

    def __init__(self, org: "Holding") -> None:
        self._org = org
        self._attachments: dict[str, Attachment] = {}
        self._waiting: dict[str, Part] = {}

    def attach(self, module: str, record: str, name: str, content: bytes, *, by: str = "") -> str:
        """Put a file at a record; give the attachment's id.

        Raises:
            RefusalError: there is no such record, or nobody may change it now.
        """
        org = self._org
        with org.lock:
            row = org.target(module, record)
            made = Attachment(
                org.new_id(),
                module,
                record,
                name,
                content,
                org.now(),
                by or org.admin,
                f"file{org.new_id()}",
            )
            self._attachments[made.id] = made
            if org.switches.attachment_bumps_record:
                org.shelf.put(replace(row, modified_at=made.at, modified_by=made.by))
            return made.id

    def detach(self, attachment: str) -> None:
        """Delete an attachment.

        Raises:
            RefusalError: there is none.
        """
        if self._attachments.pop(attachment, None) is None:
            raise RefusalError("INVALID_DATA", details={"id": attachment})

    def of(self, module: str, record: str) -> list[Attachment]:
        """Give the attachments of a record, the newest first."""
        found = [
            one
            for one in self._attachments.values()
            if (one.module, one.parent) == (module, record)
        ]
        return sorted(found, key=lambda one: one.id, reverse=True)

    def get(self, attachment: str) -> Attachment | None:
        """Give an attachment."""
        return self._attachments.get(attachment)

    def keep(self, part: Part) -> str:
        """Keep a file for a field; give the id that the field takes."""
        name = f"waiting{self._org.new_id()}"
        self._waiting[name] = part
        return name

    def kept(self, name: str) -> Part | None:
        """Give a file that was kept."""
        return self._waiting.get(name)
