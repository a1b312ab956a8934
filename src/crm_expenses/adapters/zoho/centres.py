"""Where Zoho's data centres are: the address that gives tokens, the API's, that of uploads.

A token is good in its own data centre only. The addresses of the built-in ones are those that the
SDK 7.0.0 knows; for any other (the United Kingdom, the Emirates, one that is new) the settings
give all three.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

TOKEN_PATH: Final = "/oauth/v2/token"  # noqa: S105  a path


class Environment(StrEnum):
    """Which of an organisation's three worlds is meant."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    DEVELOPER = "developer"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Whole addresses: `accounts` is the one that tokens are asked at, with its path."""

    accounts: str
    api: str
    content: str


_ACCOUNTS: Final[Mapping[str, str]] = {
    "us": "accounts.zoho.com",
    "eu": "accounts.zoho.eu",
    "in": "accounts.zoho.in",
    "cn": "accounts.zoho.com.cn",
    "au": "accounts.zoho.com.au",
    "jp": "accounts.zoho.jp",
    "ca": "accounts.zohocloud.ca",
    "sa": "accounts.zoho.sa",
}
_ENDINGS: Final[Mapping[str, str]] = {
    **{name: name for name in ("eu", "in", "jp", "ca", "sa")},
    "us": "com",
    "cn": "com.cn",
    "au": "com.au",
}
_UPLOADS: Final[Mapping[str, str]] = {
    "ca": "https://upload.zohocloud.ca",
    "sa": "https://files.zoho.sa",
}
"""Those whose uploads do not go to `content.` of the API's domain."""

CENTRES: Final = tuple(_ACCOUNTS)
"""The data centres whose addresses are built in."""

_FIRST: Final[Mapping[Environment, str]] = {
    Environment.PRODUCTION: "www",
    Environment.SANDBOX: "sandbox",
    Environment.DEVELOPER: "developer",
}


def addresses_of(centre: str, environment: Environment = Environment.PRODUCTION) -> Addresses:
    """Give the addresses of a built-in data centre.

    >>> addresses_of("ca").content, addresses_of("cn", Environment.SANDBOX).api
    ('https://upload.zohocloud.ca', 'https://sandbox.zohoapis.com.cn')
    """
    domain = f"zohoapis.{_ENDINGS[centre]}"
    return Addresses(
        accounts=f"https://{_ACCOUNTS[centre]}{TOKEN_PATH}",
        api=f"https://{_FIRST[environment]}.{domain}",
        content=_UPLOADS.get(centre, f"https://content.{domain}"),
    )


def host_of(address: str) -> str:
    """Give host and port of an address, by which two of them are the same place; `?` for none.

    >>> host_of("https://www.zohoapis.com/crm"), host_of("HTTPS://WWW.zohoapis.com:443")
    ('www.zohoapis.com', 'www.zohoapis.com')
    >>> host_of("http://127.0.0.1:8123/oauth/v2/token"), host_of("www.zohoapis.com")
    ('127.0.0.1:8123', '?')
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "?"
    if not host or parts.scheme not in ("http", "https"):
        return "?"
    usual = 443 if parts.scheme == "https" else 80
    return host if port in (None, usual) else f"{host}:{port}"


def with_token_path(address: str) -> str:
    """Give the address that tokens are asked at, where only its host was named.

    >>> with_token_path("https://accounts.zoho.uk")
    'https://accounts.zoho.uk/oauth/v2/token'
    >>> with_token_path("https://login.example/token")
    'https://login.example/token'
    """
    parts: SplitResult = urlsplit(address)
    return address if parts.path.strip("/") else parts._replace(path=TOKEN_PATH).geturl()
