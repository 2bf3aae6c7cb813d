"""The `web` process: console and API."""

from __future__ import annotations

import errno
import threading

from config.settings import Settings
from hotline.errors import CannotListen
from hotline.migration import migrate_now_or_later

NO_ADDRESS = {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES}


def run(settings: Settings, stop: threading.Event) -> None:
    """Serve pages until `stop` is set."""
    from intake_api.server import run as serve

    migrate_now_or_later(settings, stop)
    try:
        serve(settings, stop)
    except OSError as error:
        if error.errno in NO_ADDRESS:
            raise CannotListen(str(error)) from error
        raise
