"""A bound on the time of a whole call, however the other side spreads its bytes."""

import ipaddress
import socket
import threading
from contextlib import suppress
from contextvars import ContextVar
from typing import Final, Self


class Watch:
    """Cuts a call's connection when its time is up, whatever it is reading or waiting for.

    The time-outs of a socket bound each wait, not their sum. Not covered: looking up the name, and
    a TLS handshake, of which each single wait is bounded by the connect time-out.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.fired = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._fire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._token = _CURRENT.set(self)
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _CURRENT.reset(self._token)

    def hold(self, used: socket.socket | None) -> None:
        """Learn which socket the call uses."""
        self._socket = used
        if self.fired:
            raise TimeoutError

    def _fire(self) -> None:
        self.fired = True
        if self._socket is not None:
            with suppress(OSError):
                # The system's own shutdown: TLS would wait for the other side's farewell.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


_CURRENT: Final[ContextVar[Watch | None]] = ContextVar("_CURRENT", default=None)


class Watched:
    """Mixed into urllib3's connections: tells the watch of the call which socket is used."""

    sock: socket.socket | None

    def connect(self) -> None:
        """Connect, then tell."""
        super().connect()  # type: ignore[misc]  # urllib3's
        self._tell()

    def request(self, *args: object, **options: object) -> None:
        """Tell, then send: a connection may have been kept from an earlier call."""
        self._tell()
        super().request(*args, **options)  # type: ignore[misc]  # urllib3's

    def _tell(self) -> None:
        watch = _CURRENT.get()
        if watch is not None and self.sock is not None:
            watch.hold(self.sock)


_GATEWAYS: Final = ipaddress.IPv6Network("64:ff9b::/96")


class Inward(OSError):  # noqa: N818  never leaves the transport
    """A name led to an address that is not of the open network."""


class Outward:
    """Mixed into urllib3's connections: sends nothing to an address that is private or local.

    It looks at the address that the connection was made to, so that no name, and no name that
    changes between two look-ups, leads inside.
    """

    sock: socket.socket | None

    def _new_conn(self) -> socket.socket:
        """Connect, and let go of what is inside before a byte is sent."""
        made: socket.socket = super()._new_conn()  # type: ignore[misc]  # urllib3's
        address = made.getpeername()[0]
        if not is_open(address):
            made.close()
            raise Inward(f"{address} is not of the open network")
        return made


def is_open(address: str) -> bool:
    """Say whether an address is of the open network; one that wraps another is that other one.

    >>> is_open("8.8.8.8"), is_open("10.0.0.1"), is_open("::ffff:127.0.0.1")
    (True, False, False)
    """
    held = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(held, ipaddress.IPv6Address):
        inner = held.ipv4_mapped or held.sixtofour or _translated(held)
        if inner is not None:
            return is_open(str(inner))
    return held.is_global and not held.is_multicast


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Give the address to which a gateway of RFC 6052 translates this one."""
    return ipaddress.IPv4Address(address.packed[-4:]) if address in _GATEWAYS else None
