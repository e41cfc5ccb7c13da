"""GET /api/export: all counts, or those of one site, as a file."""

import logging
import os
import re
import time
from collections.abc import Generator
from errno import EPIPE
from http import HTTPStatus
from typing import IO

from page_tracker.counting.parsing import parse_choice
from page_tracker.web import errors
from page_tracker.web.commands import Commands
from page_tracker.web.endpoints.api_requests import bad_request, parse_site
from page_tracker.web.handler import Handler, Services
from page_tracker.web.request import Request, RequestError
from page_tracker.web.response import Response, Stream
from page_tracker.web.uploads import temporary_file, text_of

_log = logging.getLogger("page_tracker")

_CSV, _JSON = "csv", "json"
_MEDIA_TYPES = {_CSV: "text/csv", _JSON: "application/json"}
_PART_BYTES = 64 * 1024
_LOOK_EVERY_S = 0.002


class _BrokenExportError(Exception):
    """The export cannot go on. The text says why."""


def export(request: Request, services: Services) -> Response:
    """Stream the same file as page-tracker export. Raises RequestError."""
    query, today = request.query(), services.rules.today()
    try:
        kind = parse_choice(query.get("format") or _CSV, [*_MEDIA_TYPES])
    except ValueError as error:
        raise bad_request("format", str(error)) from None
    options, name = [f"--format={kind}"], f"page-tracker-{today}.{kind}"
    one = query.get("site")
    site = parse_site(one, services.rules.naming) if one else None
    known = services.backend.sites(today, only=site)
    if site is not None:
        if not known:
            raise RequestError(HTTPStatus.NOT_FOUND, "the site has no counts")
        # In the command, / is the tracker's own site.
        options.append(f"--site={site or '/'}")
        name = f"{site or 'tracker'}-{today}.{kind}"
    parts = _read(services.commands, options)
    # Errors before the first part get an answer of their own.
    try:
        first = next(parts)
    except _BrokenExportError as error:
        raise RequestError(HTTPStatus.INTERNAL_SERVER_ERROR, str(error)) from None
    stream = Stream(_whole_or_broken(request, first, parts), parts.close)
    # The name of a site may have a port or be an address in brackets.
    name = re.sub(r"[^\w.-]", "-", name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(HTTPStatus.OK, stream, _MEDIA_TYPES[kind], headers)


def _read(commands: Commands, options: list[str]) -> Generator[bytes, None, None]:
    """Yield what the command writes. Raises RequestError and _BrokenExportError."""
    reader, writer = os.pipe()
    with (
        os.fdopen(reader, "rb", buffering=0) as output,
        os.fdopen(writer, "wb", buffering=0) as target,
        open(os.devnull, "rb") as nothing,
        temporary_file() as error,
    ):
        files = (nothing.fileno(), target.fileno(), error.fileno())
        with commands.running(["export", "-", *options], *files) as process:
            # Now only the command has it open, so it ends with the command.
            target.close()
            yield from _parts(output)
            if process.wait() != 0:
                lines = text_of(error).splitlines() or ["it was ended"]
                raise _BrokenExportError(lines[-1].removeprefix("page-tracker: "))


def _parts(output: IO[bytes]) -> Generator[bytes, None, None]:
    """Yield what comes out of a pipe. Other requests go on meanwhile."""
    os.set_blocking(output.fileno(), False)
    while (part := output.read(_PART_BYTES)) != b"":
        if part is None:
            time.sleep(_LOOK_EVERY_S)
        else:
            yield part


def _whole_or_broken(
    request: Request, first: bytes, others: Generator[bytes, None, None]
) -> Generator[bytes, None, None]:
    """Yield the parts. If that fails, break off, so that nobody takes it for whole."""
    try:
        yield first
        yield from others
    except Exception as error:  # pylint: disable=broad-exception-caught
        # The status has been sent. Whatever the error, only the connection can tell.
        _log.error("An export has broken off: %s", error)
        request.break_off()
        # Gunicorn logs no traceback of this.
        raise BrokenPipeError(EPIPE, "the export has broken off") from error


EXPORT = Handler(export, errors.as_json)
