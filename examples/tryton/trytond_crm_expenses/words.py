"""Fields of texts that keep what is written into them, and records with a code of their own."""

from typing import Any

from trytond.model import Model, Unique, fields


class Words(fields.Char):
    """A text of any characters: the standard one takes no line breaks and cuts blanks off."""

    forbidden_chars = ""

    def __init__(self, string: str = "", **more: Any) -> None:  # noqa: ANN401  the field's own
        super().__init__(string, strip=False, **more)


class Coded(Model):
    """A record that others, and whoever reads it over the REST interface, know by its code."""

    code = fields.Char("Code", required=True)

    @classmethod
    def __setup__(cls) -> None:
        super().__setup__()
        table = cls.__table__()
        cls._sql_constraints += [
            ("code_unique", Unique(table, table.code), "crm_expenses.msg_code_unique")
        ]
