"""Read an access log: sum its views and visitors, and what is left out, by reason."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date

from page_tracker.counting.naming import MAX_CACHED_LENGTH
from page_tracker.transfer.documents import Document
from page_tracker.transfer.entries import (
    Entry,
    FileError,
    LeftOut,
    Note,
    Options,
    Views,
    Visitors,
)
from page_tracker.transfer.formats.access_logs.decision import Decision, describe
from page_tracker.transfer.formats.access_logs.request import (
    NO_ENTRY,
    NOT_OF_FORMAT,
    LoggedRequest,
    NewParse,
    Parse,
)
from page_tracker.transfer.rows import read_lines

# A few lines of another format are normal where a log was rotated or a disk was full.
_LINES_TO_CHECK = 1000
_MAX_PAGES = 2**15
_EXAMPLES = 3


def recognizes_log(document: Document, new_parse: NewParse) -> bool:
    """Return whether most lines in the head of a document have the format of a log."""
    if document.only is None:
        return False
    parse = new_parse(UTC)
    *lines, rest = document.only.head.split(b"\n")
    # The last line may be cut off.
    entries = [_parse_line(parse, line.removesuffix(b"\r")) for line in lines or [rest]]
    requests = sum(isinstance(entry, LoggedRequest) for entry in entries)
    return requests > entries.count(NOT_OF_FORMAT)


def read_log(
    document: Document, options: Options, new_parse: NewParse
) -> Iterator[Entry]:
    """Yield what counts in a log, and what does not. Raises FileError."""
    for member in document.members:
        parse, summing, line = new_parse(options.timezone), _Summing(options), 0
        with member.open() as file:
            for line, content in enumerate(read_lines(file), 1):
                entry = _parse_line(parse, content)
                if isinstance(entry, LoggedRequest):
                    yield from summing.add(line, entry)
                elif entry != NO_ENTRY:
                    yield from summing.leave_out(line, entry, content)
                if line == _LINES_TO_CHECK:
                    summing.check_format(line)
        summing.check_format(line)
        yield from summing.finish(line)


def _parse_line(parse: Parse, line: bytes) -> LoggedRequest | str:
    # A line has NUL bytes where the server wrote it while the machine crashed.
    if b"\0" in line:
        return NOT_OF_FORMAT
    # The parser of names percent-encodes bytes that are not UTF-8.
    return parse(line.decode(errors="surrogateescape")) if line else NO_ENTRY


class _Summing:
    """Sums the views of one log. Its methods return what need not be summed further."""

    def __init__(self, options: Options) -> None:
        self._visitors = options.visitors
        self._decide = Decision(options.rules).decide
        self._views: dict[tuple[str, str, date], int] = {}
        # The line of the first view of each.
        self._lines: dict[tuple[str, str, date], int] = {}
        self._left_out: Counter[str] = Counter()
        self._without_agent = self._first_wrong = 0

    def add(self, line: int, request: LoggedRequest) -> Sequence[Entry]:
        """Add a request. Raises FileError."""
        decided = self._decide(request)
        if decided.refused is not None:
            return self.leave_out(line, decided.refused, request)
        if not request.agent:
            self._without_agent += 1
        if decided.visitor is not None:
            self._add_visitor(line, decided.site, request.day, decided.visitor)
        key = (decided.site, decided.path, request.day)
        if key in self._views:
            self._views[key] += 1
            return ()
        if len(decided.path) > MAX_CACHED_LENGTH:
            return (Views(line, decided.site, decided.path, 1, request.day),)
        taken = self._take_views() if len(self._views) == _MAX_PAGES else ()
        self._views[key], self._lines[key] = 1, line
        return taken

    def leave_out(
        self, line: int, reason: str, content: LoggedRequest | bytes
    ) -> Sequence[Entry]:
        """Count a line that is left out, and return it if it is one of the first."""
        self._left_out[reason] += 1
        if reason is NOT_OF_FORMAT:
            self._first_wrong = self._first_wrong or line
        if self._left_out[reason] > _EXAMPLES:
            return ()
        if isinstance(content, bytes):
            text = content.decode(errors="replace")
        else:
            text = describe(content, reason)
        return (LeftOut(line, reason, text, unit="line"),)

    def check_format(self, lines: int) -> None:
        """Raise FileError if most lines so far do not have the format."""
        if 2 * self._left_out[NOT_OF_FORMAT] > lines:
            raise FileError(
                f"line {self._first_wrong}: {NOT_OF_FORMAT}, and so do more than half "
                f"of the first {lines} lines; allowed: a few such lines"
            )

    def finish(self, lines: int) -> Iterator[Entry]:
        """Yield all that is left."""
        yield from self._take_views()
        for site, day, number in self._visitors.new_counts():
            yield Visitors(lines, site, day, number)
        for reason, number in self._left_out.items():
            if number > _EXAMPLES:
                yield LeftOut(lines, reason, number=number - _EXAMPLES, unit="line")
        if self._without_agent:
            yield Note(
                lines,
                f"{self._without_agent} views have no agent (User-Agent), so that "
                "crawlers among them count too",
            )

    def _add_visitor(self, line: int, site: str, day: date, visitor: str) -> None:
        try:
            self._visitors.add(site, day, visitor)
        except ValueError as error:
            raise FileError(f"line {line}: {error}") from None

    def _take_views(self) -> Sequence[Entry]:
        taken = [
            Views(self._lines[key], site, path, views, day)
            for key, views in self._views.items()
            for site, path, day in (key,)
        ]
        self._views.clear()
        self._lines.clear()
        return taken
