"""POST /api/import: take in an uploaded file, or say what that would do."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from page_tracker.counting.parsing import parse_choice
from page_tracker.counting.stored_names import OWN_SITE
from page_tracker.web import errors
from page_tracker.web.commands import Commands
from page_tracker.web.endpoints.api_requests import bad_request, json_response
from page_tracker.web.handler import Handler, Services
from page_tracker.web.request import Parameters, Request, RequestError
from page_tracker.web.response import Response
from page_tracker.web.same_origin import check_origin
from page_tracker.web.uploads import received, temporary_file, text_of

_log = logging.getLogger("page_tracker")

# The exit codes of the command.
_DONE, _FAILED, _WRONG = 0, 1, 2
_DRY_RUN, _MODE = "dry_run", "mode"
_FLAGS = (_DRY_RUN, "count_visits")
_VALUES = ("format", "site", "timezone", "columns", "from", "until")
_ALLOWED = (*_FLAGS, _MODE, *_VALUES)
_IN_COMMAND, _IN_UPLOAD = "standard input", "the file"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How the command has ended."""

    code: int
    """Its exit code; negative for a signal that has ended it."""

    output: str
    error: str
    """The last line of its standard error, without the name of the program."""


def import_(request: Request, services: Services) -> Response:
    """Import the body of the request. Raises RequestError."""
    check_origin(request, services.rules)
    query = request.query()
    arguments = ["--json", *_arguments(query)]
    outcome = _run(request, services.commands, arguments)
    if outcome.code != _DONE:
        return _refusal(outcome)
    answer = json.loads(outcome.output)
    if answer["added"]:
        sites = [each["site"] or "/" for each in answer["sites"]]
        _log.info("Imported an uploaded file into %s", ", ".join(sites))
    return json_response(json.dumps(_renamed(answer)))


def _run(request: Request, commands: Commands, arguments: list[str]) -> _Outcome:
    with (
        received(request) as file,
        temporary_file() as output,
        temporary_file() as error,
    ):
        files = [each.fileno() for each in (file, output, error)]
        with commands.running(["import", "-", *arguments], *files) as process:
            code = process.wait()
        lines = text_of(error).splitlines() or [""]
        reason = lines[-1].removeprefix("page-tracker: ")
        return _Outcome(code, text_of(output), reason)


def _arguments(query: Parameters) -> Iterator[str]:
    """Yield the options of the command. Raises RequestError."""
    for name in query:
        value = query.get(name) or ""
        try:
            if name in _FLAGS:
                if parse_choice(value, ["true", "false"]) == "true":
                    yield f"--{name.replace('_', '-')}"
            elif name == _MODE:
                yield f"--{parse_choice(value, ['add', 'replace'])}"
            elif name not in _VALUES:
                # A misspelled dry_run must not import.
                raise ValueError(f"is not known; allowed: {', '.join(_ALLOWED)}")
            elif "\0" in value:
                raise ValueError("contains a zero byte; allowed: text")
            elif value:
                # In the command, / is the tracker's own site.
                own_site = name == "site" and value == OWN_SITE
                yield f"--{name}={'/' if own_site else value}"
        except ValueError as error:
            raise bad_request(name, str(error)) from None


def _refusal(outcome: _Outcome) -> Response:
    """Return the answer if nothing was imported. Raises RequestError."""
    reason = outcome.error.removeprefix(f"{_IN_COMMAND}: ")
    reason = reason.replace(_IN_COMMAND, _IN_UPLOAD)
    if outcome.code == _WRONG:
        # A dry run says what the file has, even if the site has it already.
        found = json.loads(outcome.output) if outcome.output else {}
        text = json.dumps({"error": reason, **_renamed(found)})
        return Response(HTTPStatus.BAD_REQUEST, f"{text}\n", "application/json")
    if outcome.code == _FAILED:
        raise RequestError(HTTPStatus.CONFLICT, reason)
    _log.error("An import ended with %d: %s", outcome.code, outcome.error)
    raise RequestError(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "the import was ended; allowed: the same import again, which counts nothing "
        "twice",
    )


def _renamed(answer: dict[str, Any]) -> dict[str, Any]:
    for file in answer.get("files", ()):
        if file["file"] == _IN_COMMAND:
            file["file"] = _IN_UPLOAD
    skipped = answer.get("skipped", {})
    if _IN_COMMAND in skipped:
        skipped[_IN_UPLOAD] = skipped.pop(_IN_COMMAND)
    return answer


IMPORT = Handler(import_, errors.as_json)
