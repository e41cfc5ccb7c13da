"""Batches of views that the owner brings: all of them count, or none."""

from collections.abc import Sequence
from dataclasses import replace

import apsw

from page_tracker.backends.protocol import BackendError
from page_tracker.backends.sqlite.recording import record
from page_tracker.backends.sqlite.schema import number_of
from page_tracker.counting.model import Limits, View

_MOVE_FIRST_DAY = "UPDATE site SET first_day = ?1 WHERE name = ?2 AND first_day > ?1"


def record_batch(
    connection: apsw.Connection, views: Sequence[View], limits: Limits
) -> int:
    """Count all views, and return their number. Raises BackendError and apsw.Error.

    The time of a view is not known, so nothing is a repeat.
    """
    for outcome in record(connection, views, replace(limits, repeats_s=0)):
        if isinstance(outcome, BackendError):
            raise outcome
    for site, day in {(view.page.site, view.day) for view in views}:
        connection.execute(_MOVE_FIRST_DAY, (number_of(day), site))
    return len(views)
