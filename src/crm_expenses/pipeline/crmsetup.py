"""What makes a CRM ready for the package, opened by its name in the settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from crm_expenses.adapters.contract import Adapter
from crm_expenses.adapters.exchange import Secret
from crm_expenses.adapters.settingup import SettingUp
from crm_expenses.errors import ConfigError
from crm_expenses.pipeline.doctor import polite
from crm_expenses.pipeline.staff import connected
from crm_expenses.settings import Settings, load_settings


@contextmanager
def crm_setting_up(settings_file: Path, crm: str) -> Iterator[SettingUp]:
    """Give what makes a CRM ready: its modules and fields. No store is made or changed for it.

    Raises:
        ConfigError: no such connection, or it has mistakes.
        UnsupportedError: this CRM is not set up from here.
    """
    with _opened(load_settings(settings_file), crm) as adapter:
        yield adapter.set_up()


@contextmanager
def crm_hints(settings: Settings, crm: str, url: str, token: Secret) -> Iterator[SettingUp]:
    """Give what lets a CRM tell `url` of changes, or without an address what ends that.

    Raises:
        ConfigError: no such connection, or the address is none that a CRM could reach safely.
        UnsupportedError: this CRM is not told of it from here.
    """
    if url:
        demand_safe(url)
    with _opened(settings, crm) as adapter:
        yield adapter.hints(url, token)


def demand_safe(url: str) -> None:
    """Refuse an address at which the secret in a message could be overheard.

    Raises:
        ConfigError: it is not https, or no address.

    >>> demand_safe("https://hooks.example.com/main")
    """
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_safe = False
    if not is_safe or not url.isprintable() or " " in url:
        raise ConfigError("webhook.url", value=url.partition("?")[0][:100] or "-")


@contextmanager
def _opened(settings: Settings, crm: str) -> Iterator[Adapter]:
    connection = settings.connection(crm)
    with polite(settings, connection) as gate:
        _, adapter = connected(settings, connection, "", gate)
        try:
            yield adapter
        finally:
            adapter.close()
