"""A check of the backend after the start, so that no visitor has to find a mistake."""

import logging
from collections.abc import Sequence

import gevent
from gunicorn.workers.base import Worker

from page_tracker.app import choose_url
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
    url = choose_url(settings.backend, settings.data_folder)
    if worker.age == 1 and url != MEMORY_URL:
        choice = settings.backend or Choice(url, "no backend is set")
        gevent.spawn(_check, choice, settings.deadline_s)


def _check(choice: Choice, deadline_s: float) -> None:
    examining = gevent.spawn(examine, choice, deadline_s=deadline_s, reads_all=False)
    examining.join(_LONGEST_S)
    storage = describe_storage(choice.url)
    if not examining.ready():
        _log.warning("%s did not answer within %g s", storage, _LONGEST_S)
    elif problems := [found for found in examining.value or () if found.level != "ok"]:
        _log.warning("Problems with %s: %s", storage, _in_one_line(problems))


def _in_one_line(problems: Sequence[Finding]) -> str:
    texts = [f"{each.check}: {each.text} ({each.advice})" for each in problems]
    return " ".join("; ".join(texts).replace(" ()", "").split())
