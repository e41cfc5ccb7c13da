"""Credentials of the owner of a tracker."""

from base64 import b64encode
from wsgiref.types import WSGIApplication

from webtest import TestApp

TOKEN = "a-token-of-the-tests"

BEARER = {"Authorization": f"Bearer {TOKEN}"}


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header that a browser sends for Basic authentication (RFC 7617)."""
    return {
        "Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
    }


def owner_of(app: WSGIApplication) -> TestApp:
    """Return a client that sends TOKEN with every request."""
    client = TestApp(app)
    client.authorization = ("Bearer", TOKEN)
    return client
