"""The databases that a journey goes through."""

from servers import store_server as store_server  # noqa: PLC0414  a fixture
from stores import database as database  # noqa: PLC0414  a fixture
