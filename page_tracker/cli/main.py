"""The program page-tracker: its commands, and how it reports errors."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import NoReturn

import click

from page_tracker.backends.protocol import BackendError
from page_tracker.counting.parsing import did_you_mean, quoted
from page_tracker.settings import SettingsError
from page_tracker.transfer.entries import FileError

_PROGRAM = "page-tracker"
_FAILED, _INVALID, _INTERRUPTED = 1, 2, 130
_EPILOG = """\
\b
All commands use the counts of the server: --backend, PAGE_TRACKER_BACKEND or
REDIS_URL. They read the variables listed by page-tracker serve --help.

\b
Exit codes: 0 success; 1 failure, nothing found, or a problem found by doctor;
2 wrong option, setting or file; 130 interrupted.

\b
Shell completion, in ~/.bashrc (for Zsh: zsh_source, in ~/.zshrc):
  eval "$(_PAGE_TRACKER_COMPLETE=bash_source page-tracker)"
For fish, in ~/.config/fish/completions/page-tracker.fish:
  _PAGE_TRACKER_COMPLETE=fish_source page-tracker | source
"""

# The commands in the order of the help.
_COMMANDS = (
    *("serve", "token", "doctor", "top", "show", "report"),
    *(
        "set",
        "add",
        "subtract",
        "delete",
        "rename",
        "merge",
        "share",
        "export",
        "import",
        "backup",
    ),
)
# Each has a module with a function of its name, except for names that Python has, too.
_FUNCTIONS = {"set": "set_views", "import": "import_"}


class _Commands(click.Group):
    """The commands. Each is imported when it is needed, because some import much."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Run "serve" if no command is named. A command may also follow its options."""
        if args:
            unnamed = args[0].startswith("-") and args[0] not in ("--help", "--version")
        else:
            # While the shell completes a word, it may still become a command.
            unnamed = not ctx.resilient_parsing
        if unnamed:
            args = args if set(_COMMANDS) & set(args) else ["serve", *args]
            args = sorted(args, key=lambda text: text not in _COMMANDS)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in their order."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command with this name, or None."""
        if cmd_name not in _COMMANDS:
            return None
        function = _FUNCTIONS.get(cmd_name, cmd_name)
        module = import_module(f"{__package__}.{function}")
        command: click.Command = getattr(module, function)
        return command

    def invoke(self, ctx: click.Context) -> None:
        """Run the command. Flush here, so that a closed pipe is noticed in time."""
        super().invoke(ctx)
        sys.stdout.flush()


@click.group(cls=_Commands, epilog=_EPILOG)
@click.version_option(version("page-tracker"), message="%(prog)s %(version)s")
def command_line() -> None:
    """Count page views: exact, durable, private, fast."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command. Its help lists the exit codes."""
    try:
        sys.exit(
            command_line.main(arguments, prog_name=_PROGRAM, standalone_mode=False)
        )
    except click.Abort:
        _end(_INTERRUPTED, "interrupted")
    except click.ClickException as error:
        _end(error.exit_code, _describe(error))
    except (SettingsError, FileError) as error:
        _end(_INVALID, str(error))
    except BackendError as error:
        cause = f": {error.__cause__}" if error.__cause__ else ""
        _end(_FAILED, f"{error}{cause}")


def _end(code: int, reason: str) -> NoReturn:
    click.echo(f"{_PROGRAM}: {reason}", err=True)
    sys.exit(code)


def _describe(error: click.ClickException) -> str:
    """Return one line that says what is wrong and what is allowed."""
    match error:
        case click.NoSuchOption(ctx=click.Context() as ctx):
            names = [name for option in _options(ctx) for name in option.opts]
            nearest = did_you_mean(error.option_name, names)
            allowed = ", ".join(map(_usage, _options(ctx)))
            text = f"unknown option {error.option_name}{nearest}; allowed: {allowed}"
        case click.NoSuchCommand():
            names = list(_COMMANDS)
            nearest = did_you_mean(error.command_name, names)
            text = (
                f"unknown command {quoted(error.command_name)}{nearest}; "
                f"allowed: {', '.join(names)}"
            )
        case click.MissingParameter(param=click.Parameter() as param):
            text = f"{_name(param)} is missing"
        case click.BadParameter(param=click.Parameter() as param):
            text = f"{_name(param)}: {error.message}"
        case _:
            text = error.format_message()
    if isinstance(error, click.UsageError) and ("@" in text or "://" in text):
        # Not quoted, because it may contain a password.
        return "a URL in the wrong place; allowed: --backend URL"
    return text


def _name(param: click.Parameter) -> str:
    if isinstance(param, click.Option):
        return param.opts[0]
    return param.human_readable_name


def _options(ctx: click.Context) -> list[click.Option]:
    params = ctx.command.get_params(ctx)
    return [param for param in params if isinstance(param, click.Option)]


def _usage(option: click.Option) -> str:
    return option.opts[0] if option.is_flag else f"{option.opts[0]} {option.metavar}"
