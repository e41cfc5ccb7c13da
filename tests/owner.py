"""The owner of a tracker, who has its token."""

from base64 import b64encode

TOKEN = "a-token-of-the-tests"

BEARER = {"Authorization": f"Bearer {TOKEN}"}


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of HTTP Basic, as browsers send it (RFC 7617)."""
    return {
        "Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
    }
