"""Who is counted as a visitor, and how they are told apart without being known."""

from datetime import date
from hashlib import blake2b

from page_tracker.backends.protocol import BackendError, CounterBackend
from page_tracker.http import Request

_HASH_BYTES = 8


def visitor(
    request: Request, site: str, day: date, backend: CounterBackend
) -> bytes | None:
    """Hash who asks, so that it means nothing on another site or another day.

    None if they ask not to be tracked: by Sec-GPC (Global Privacy Control) or by DNT
    (Tracking Preference Expression, W3C 2019). None, too, while the backend has no
    salt: the view can still be counted.
    """
    if request.untracked:
        return None
    try:
        salt = backend.salt(day)
    except BackendError:
        return None
    who = f"{site}\n{request.address}\n{request.agent}"
    # Keyed (RFC 7693): without the salt, no address can be tried out on a hash.
    return blake2b(
        who.encode(errors="replace"), digest_size=_HASH_BYTES, key=salt
    ).digest()
