"""A check of the backend after the start, so that no visitor has to find a mistake."""

import logging
from collections.abc import Sequence

import gevent
from gunicorn.workers.base import Worker

from page_tracker.app import chosen_backend
from page_tracker.backends.choice import Choice
from page_tracker.backends.maintenance import examine
from page_tracker.backends.url import MEMORY_URL, describe_storage
from page_tracker.operations.findings import Finding
from page_tracker.settings import Settings

_log = logging.getLogger("page_tracker")

# The lookup of a host name has no timeout of its own.
_LONGEST_S = 10.0


def check_backend(settings: Settings, worker: Worker) -> None:
    """Let the first worker log in one line what page-tracker doctor would report.

    The check runs in the background. Other workers would report the same.
    """
    choice = chosen_backend(settings.backend, settings.data_folder)
    if worker.age == 1 and choice.url != MEMORY_URL:
        gevent.spawn(_check, choice, settings.deadline_s)


def _check(choice: Choice, deadline_s: float) -> None:
    examining = gevent.spawn(_find_problems, choice, deadline_s)
    examining.join(_LONGEST_S)
    storage = describe_storage(choice.url)
    if not examining.ready():
        _log.warning("%s did not answer within %g s", storage, _LONGEST_S)
    elif problems := examining.value:
        _log.warning("Problems with %s: %s", storage, _in_one_line(problems))


def _find_problems(choice: Choice, deadline_s: float) -> list[Finding]:
    try:
        findings = examine(choice, deadline_s=deadline_s, reads_all=False)
    except Exception as error:  # pylint: disable=broad-exception-caught
        # Nobody waits for this check, so its own failure is a problem to report. The
        # text of an unexpected error may contain a secret.
        return [Finding("check", "error", f"it failed with {type(error).__name__}")]
    return [found for found in findings if found.level != "ok"]


def _in_one_line(problems: Sequence[Finding]) -> str:
    texts = [f"{each.check}: {each.text} ({each.advice})" for each in problems]
    return " ".join("; ".join(texts).replace(" ()", "").split())
