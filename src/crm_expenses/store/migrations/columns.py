"""The types of columns, as they were when the steps were written."""

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.dialects.postgresql import TEXT


def name(length: int) -> String:
    """Give the type of a text that is searched or sorted by."""
    return String(length).with_variant(TEXT(collation="C"), "postgresql")


BODY = Text().with_variant(TEXT(collation="C"), "postgresql")
NUMBER = BigInteger().with_variant(Integer, "sqlite")
