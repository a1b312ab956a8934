"""What people were told, in words."""

from crm_expenses.core.notice import Notice
from crm_expenses.messages import Language, text


def notice_text(notice: Notice, language: Language) -> str:
    """Say a notice in a language.

    >>> notice_text(Notice("P", "returned", "C-1"), "en")
    'C-1: it was returned to you.'
    """
    values = dict(notice.values)
    return text(f"notice.{notice.code}", language, **{"claim": notice.subject, **values})
