"""The shell commands on a page of the documentation."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from tests.documentation.ci import lines_that_install

CONSOLE = "console"
_OTHER_SHELLS = {"bash", "fish", "powershell", "sh", "shell", "shell-session", "zsh"}
_PLAIN = {"", "plain", "text", "txt"}

_FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|~{3,}) *(?P<language>[\w-]*)")
_COMMENT = re.compile(r" *<!-- *(?P<text>.*?) *-->")
_NOT_RUN = re.compile(r"not run(?:: *(?P<reason>.*))?")
_IN_CONTAINERS = re.compile(
    r"in (?P<engines>Docker|Podman|Docker and Podman)(?: with (?P<files>\S+))?"
)
_HEADING = re.compile(r"#+ +(?P<title>.*)")
_EXIT_CODE = re.compile(r"exits with (?P<code>\d+)")
_WITH_FILES = re.compile(r"with (?P<files>\S+(?: \S+)*)")

_PROGRAMS = (
    r"(?:apt|apt-get|cd|curl|docker|eval|export|git|gunicorn|journalctl|mkdocs|npm"
    r"|page-tracker|pip|podman|podman-compose|pytest|python3?|redis-cli|redis-server"
    r"|source|sqlite3|sudo|systemctl|uv|valkey-cli|wget|\S*\.venv\S*/bin/\S+|\.ci/\S+)"
)
_LOOKS_LIKE_A_COMMAND = re.compile(rf"\$ |(?:[A-Z_]+=\S* +)*{_PROGRAMS}(?: |$)")


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and the output that the page shows below it."""

    line: int
    text: str
    expected: tuple[str, ...]
    exit_code: int = 0

    files: tuple[str, ...] = ()
    """The files of tests/sample_files that the commands of its block need."""

    block: int = 0
    """The line of its block."""


@dataclass(frozen=True, slots=True)
class ContainerBlock:
    """The commands of a block that tests/containers runs."""

    section: str
    """The heading above the block."""

    engines: tuple[str, ...]
    files: str
    """The COMPOSE_FILE of the stack that the commands find running, if any."""

    commands: tuple[Command, ...]


@dataclass(slots=True)
class Page:
    """The commands of a page, and the mistakes in how it writes them."""

    name: str
    commands: list[Command] = field(default_factory=list)
    container_blocks: list[ContainerBlock] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    def report(self, line: int, about: str) -> None:
        """Record a mistake."""
        self.mistakes.append(f"{self.name}:{line}: {about}")


@dataclass(frozen=True, slots=True)
class _Block:
    line: int
    section: str
    language: str
    lines: tuple[str, ...]
    marks: tuple[str, ...]


def read_page(name: str, text: str) -> Page:
    """Read the commands of a page in Markdown."""
    page = Page(name)
    for block in _blocks(page, text.splitlines()):
        if block.language == CONSOLE:
            _read_console(page, block)
        elif block.language in _OTHER_SHELLS:
            page.report(
                block.line,
                f"the block has the language {block.language}, not {CONSOLE}",
            )
        elif block.language in _PLAIN:
            _report_commands(page, block.line + 1, block.lines)
        if block.language != CONSOLE and block.marks:
            page.report(block.line, f"a mark that is not before a block of {CONSOLE}")
    return page


def _blocks(page: Page, lines: Sequence[str]) -> Iterator[_Block]:
    """Yield the fenced blocks, and report commands outside of them."""
    marks: list[str] = []
    at, after_blank, section = 0, True, ""
    while at < len(lines):
        line = lines[at]
        if fence := _FENCE.match(line):
            inside = list(
                takewhile(lambda each: not _ends(fence, each), lines[at + 1 :])
            )
            indent = len(fence["indent"])
            block = tuple(each[indent:] for each in inside)
            language = fence["language"].lower()
            yield _Block(at + 1, section, language, block, tuple(marks))
            marks = []
            at += len(inside) + 1
        elif heading := _HEADING.fullmatch(line):
            section = heading["title"]
        elif (mark := _COMMENT.fullmatch(line)) and _is_mark(mark["text"]):
            marks.append(mark["text"])
        elif line.strip() and marks:
            page.report(at + 1, f"a mark that is not before a block of {CONSOLE}")
            marks = []
        elif line.startswith("    ") and after_blank:
            _report_commands(page, at + 1, [line.strip()])
        after_blank = not line.strip() or after_blank and line.startswith("    ")
        at += 1
    if marks:
        page.report(at, "a mark without a block")


def _ends(fence: re.Match[str], line: str) -> bool:
    stripped = line.strip()
    return stripped.startswith(fence["fence"]) and not stripped.strip(stripped[0])


def _is_mark(text: str) -> bool:
    return text.startswith(("not run", "in ", "exits with", "with "))


def _report_commands(page: Page, first: int, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines, first):
        if _LOOKS_LIKE_A_COMMAND.match(line) and line not in lines_that_install():
            page.report(number, f"a command outside a block of {CONSOLE}: {line}")


def _read_console(page: Page, block: _Block) -> None:
    is_run, exit_code, files, containers = True, 0, "", None
    for mark in block.marks:
        if skipped := _NOT_RUN.fullmatch(mark):
            is_run = False
            if not skipped["reason"]:
                page.report(block.line, "the mark gives no reason")
        elif exits := _EXIT_CODE.fullmatch(mark):
            exit_code = int(exits["code"])
        elif needs := _WITH_FILES.fullmatch(mark):
            files = needs["files"]
        elif containers := _IN_CONTAINERS.fullmatch(mark):
            is_run = False
        else:
            page.report(block.line, f"an unknown mark: {mark}")
    commands = [
        replace(command, files=tuple(files.split()), block=block.line)
        for command in _commands(page, block, exit_code)
    ]
    if not commands:
        page.report(block.line, "a block without a command")
    if is_run:
        page.commands += commands
    if containers:
        engines = tuple(containers["engines"].lower().split(" and "))
        page.container_blocks.append(
            ContainerBlock(
                block.section, engines, containers["files"] or "", tuple(commands)
            )
        )


def _commands(page: Page, block: _Block, exit_code: int) -> Iterator[Command]:
    starts = [at for at, line in enumerate(block.lines) if line.startswith("$ ")]
    if starts[:1] != [0]:
        page.report(
            block.line,
            "the first line does not begin with '$ ', so it is not a command",
        )
    for start, end in zip(starts, [*starts[1:], len(block.lines)], strict=True):
        first, *others = block.lines[start:end]
        more = list(takewhile(lambda line: line.startswith("> "), others))
        yield Command(
            line=block.line + 1 + start,
            text="\n".join(line[2:] for line in [first, *more]),
            expected=tuple(others[len(more) :]),
            exit_code=exit_code if start == starts[-1] else 0,
        )
