"""A check of the storage whose outcome concurrent callers share."""

import time
from collections.abc import Callable, Sequence
from math import inf

from page_tracker.backends.group_commit import GroupCommit, Pending, in_thread
from page_tracker.backends.protocol import BackendError, Health

_DEADLINE_S = 0.9
_VALID_FOR_S = 0.5

_Outcome = Health | BackendError


class SharedCheck:
    """Runs a check at most every 0.5 s, so that frequent checks cause no load."""

    def __init__(self, run: Callable[[], Health], *, storage: str) -> None:
        """Prepare to run this check. It raises BackendError if views cannot be stored.

        The name of the storage is a part of error texts.
        """
        self._run = run
        self._checks: GroupCommit[None, _Outcome] = GroupCommit(
            in_thread(self._commit), deadline_s=_DEADLINE_S, storage=storage
        )
        self._checked_at = -inf
        self._outcome: _Outcome = Health()

    def check(self) -> Health:
        """Return an outcome that is at most 0.5 s old. Raises BackendError."""
        outcome = self._checks.call(None)
        if isinstance(outcome, BackendError):
            raise BackendError(*outcome.args) from outcome.__cause__
        return outcome

    def _commit(self, checks: Sequence[Pending[None, _Outcome]]) -> None:
        if time.monotonic() - self._checked_at > _VALID_FOR_S:
            try:
                self._outcome = self._run()
            except BackendError as error:
                self._outcome = error
            self._checked_at = time.monotonic()
        for check in checks:
            check.succeed(self._outcome)
