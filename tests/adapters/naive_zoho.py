"""Zoho's SDK as its documents say to use it, unmodified: what it makes of an answer, told as JSON.

Run as a program of its own, against a simulator: `naive_zoho.py CASE`, with a line of JSON on
standard input that says where the simulator is. Nothing of ours is imported.
"""

import json
import logging
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

MODULE = "Deals"


def initialized(given: dict[str, str]) -> None:
    """Sign in with a refresh token, as the tutorial does."""
    from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken
    from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
    from zohocrmsdk.src.com.zoho.crm.api import Initializer
    from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter

    logging.getLogger("SDKLogger").addHandler(logging.NullHandler())
    folder = tempfile.mkdtemp(prefix="naive-")
    Initializer.initialize(
        DataCenter.Environment(given["url"], f"{given['url']}/oauth/v2/token", given["url"]),
        OAuthToken(
            client_id=given["client_id"],
            client_secret=given["client_secret"],
            refresh_token=given["refresh_token"],
            find_user=False,
        ),
        FileStore(f"{folder}/tokens.txt"),
        resource_path=folder,
    )


def listed(names: str) -> Any:
    """Ask for the first page of records."""
    from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, ParameterMap
    from zohocrmsdk.src.com.zoho.crm.api.record import GetRecordsParam, RecordOperations

    params = ParameterMap()
    params.add(GetRecordsParam.fields, names)
    return RecordOperations(MODULE).get_records(params, HeaderMap())


def updated(record: str, name: str, value: object) -> Any:
    """Change one field of a record."""
    from zohocrmsdk.src.com.zoho.crm.api import HeaderMap
    from zohocrmsdk.src.com.zoho.crm.api.record import BodyWrapper, Record, RecordOperations

    made = Record()
    made.add_key_value(name, value)
    body = BodyWrapper()
    body.set_data([made])
    return RecordOperations(MODULE).update_record(int(record), body, HeaderMap())


def told(response: Any) -> dict[str, object]:
    """Say what came back."""
    if response is None:
        return {"answer": None}
    held = response.get_object()
    made: dict[str, object] = {"status": response.get_status_code(), "object": type(held).__name__}
    if hasattr(held, "get_data"):
        made["rows"] = [_row(one) for one in held.get_data()]
    return made


def _row(one: Any) -> Any:
    if hasattr(one, "get_code"):
        return str(one.get_code().get_value())
    return {name: repr(value) for name, value in one.get_key_values().items()}


def case_list(given: dict[str, str]) -> object:
    """Read a page."""
    return told(listed(given["fields"]))


def case_unknown_field(given: dict[str, str]) -> object:
    """Write a field that was made after the SDK had read the metadata."""
    first = told(listed("Deal_Name"))
    print(json.dumps(first), flush=True)
    sys.stdin.readline()  # meanwhile somebody makes the field
    return told(updated(given["record"], given["name"], Decimal(given["value"])))


def case_decimal(given: dict[str, str]) -> object:
    """Write an amount as Decimal into a currency field that is known."""
    listed("Deal_Name")
    return told(updated(given["record"], given["name"], Decimal(given["value"])))


CASES: dict[str, Callable[[dict[str, str]], object]] = {
    "list": case_list,
    "unknown_field": case_unknown_field,
    "decimal": case_decimal,
}


def main() -> None:
    """Run a case and tell what came of it; an exception is told, too."""
    given = json.loads(sys.stdin.readline())
    initialized(given)
    from zohocrmsdk.src.com.zoho.crm.api.exception import SDKException

    try:
        result = CASES[sys.argv[1]](given)
    except SDKException as error:
        result = {"raised": error.code}
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
