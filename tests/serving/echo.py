"""The tracker, which also answers how it sees each request."""

import json
import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from page_tracker.app import PageTracker, create_app_from
from page_tracker.settings import Settings


class EchoTracker(PageTracker):
    """The tracker, with the header Seen in each answer: the environ as JSON."""

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        # The ports differ between connections and servers.
        seen = {
            name: value
            for name, value in environ.items()
            if isinstance(value, (str, bool)) and not name.endswith("_PORT")
        }

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> object:
            return start_response(status, [*headers, ("Seen", json.dumps(seen))])

        return super().__call__(environ, start)  # type: ignore[arg-type]


app = create_app_from(Settings.read(os.environ))
app.__class__ = EchoTracker
