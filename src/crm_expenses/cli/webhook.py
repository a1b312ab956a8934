"""`crm-expenses webhook`: take webhooks on this machine, for trying out."""

from pathlib import Path
from signal import SIGINT, signal
from typing import TYPE_CHECKING

from crm_expenses.cli.options import Options
from crm_expenses.errors import ConfigError
from crm_expenses.settings import load_settings

if TYPE_CHECKING:
    import typer


def register(app: "typer.Typer", given: Options) -> None:
    """Add the command."""
    screen = given.screen

    def webhook(
        settings: Path = given.settings,
        listen: str = given.option("127.0.0.1:8080", "--listen", "option.listen", "ADDRESS:PORT"),
    ) -> None:
        from wsgiref.simple_server import (  # noqa: PLC0415  only here
            WSGIRequestHandler,
            WSGIServer,
            make_server,
        )

        from crm_expenses.webhook import application, listener  # noqa: PLC0415  heavy

        class Quiet(WSGIRequestHandler):
            timeout = 30  # a connection that says nothing is let go

            def log_message(self, *_: object) -> None:
                """Say nothing: paths come from outside."""

        class Interruptible(WSGIServer):
            is_stopped = False

            def stop(self, *_: object) -> None:
                self.is_stopped = True
                raise KeyboardInterrupt

            def service_actions(self) -> None:
                """Stop after a request: while it is answered, wsgiref swallows the interrupt."""
                if self.is_stopped:
                    raise KeyboardInterrupt

        loaded = load_settings(settings)
        made, place = application(loaded), listener(listen)
        try:
            server = make_server(place.host, place.port, made, Interruptible, Quiet)
        except OSError as error:
            detail = error.strerror or type(error).__name__
            raise ConfigError("webhook.listen", value=listen[:60], detail=detail) from error
        with server:
            names = [name for name, one in loaded.connections.items() if one.parts.webhook]
            url = f"http://{place.host}:{server.server_port}/"
            screen.warn(screen.text("webhook.listening", url=url, crms=", ".join(names)))
            before = signal(SIGINT, server.stop)
            try:
                server.serve_forever()
            finally:
                signal(SIGINT, before)

    given.add(app, "webhook", webhook)
