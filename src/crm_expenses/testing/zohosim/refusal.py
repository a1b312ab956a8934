"""How the platform says no: a status, a code, and what it was about."""

from collections.abc import Mapping


class RefusalError(Exception):
    """One refusal, of a whole request or of one row of it."""

    def __init__(
        self,
        code: str,
        message: str = "",
        details: Mapping[str, object] | None = None,
        *,
        status: int = 400,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message or code.lower().replace("_", " ")
        self.details = dict(details or {})

    def as_json(self) -> dict[str, object]:
        """Give the body, or the row, that says it."""
        return {
            "code": self.code,
            "details": self.details,
            "message": self.message,
            "status": "error",
        }


def invalid(api_name: str, expected: str = "", **more: object) -> RefusalError:
    """Refuse the value of one field.

    >>> invalid("Amount", "double").as_json()["details"]
    {'api_name': 'Amount', 'json_path': '$.data[0].Amount', 'expected_data_type': 'double'}
    """
    told: dict[str, object] = {"api_name": api_name, "json_path": f"$.data[0].{api_name}"}
    if expected:
        told["expected_data_type"] = expected
    return RefusalError("INVALID_DATA", "invalid data", {**told, **more})


def bad_parameter(name: str, code: str = "INVALID_DATA", **more: object) -> RefusalError:
    """Refuse a parameter of the query."""
    return RefusalError(code, details={"param_name": name, **more})
