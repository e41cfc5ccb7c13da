"""The command line, up to the point where a command starts its work."""

from importlib.metadata import version
from pathlib import Path

import pytest

from page_tracker import BackendError
from page_tracker.backends import choice
from page_tracker.cli import backend as cli_backend
from page_tracker.cli.main import main
from page_tracker.server import serving
from page_tracker.settings import Settings


def test_should_print_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["--version"])

    assert exited.value.code == 0
    assert capsys.readouterr().out == f"page-tracker {version('page-tracker')}\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--port", "http"], "--port: 'http' is not allowed; allowed: a whole number"),
        (
            ["serve", "--workers", "0"],
            "--workers: '0' is not allowed; allowed: a whole number from 1 to 1024",
        ),
        (["--redis-url", "redis://me:s3cret@:0"], "--backend: "),
    ],
)
def test_should_exit_with_one_line_when_a_setting_is_wrong(
    capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)

    assert exited.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"page-tracker: {reason}")
    assert "s3cret" not in line


@pytest.mark.parametrize(
    "arguments", [["redis://:s3cret@h"], ["--redis-ur=redis://:s3 cret@h"], ["cret@h"]]
)
def test_should_not_quote_a_url_in_the_wrong_place(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)

    assert exited.value.code == 2
    assert "allowed: --backend URL" in (message := capsys.readouterr().err)
    assert "s3" not in message and "cret" not in message


@pytest.mark.parametrize(
    ("arguments", "port"),
    [
        ([], 8000),
        (["serve"], 8000),
        (["--port", "80"], 80),
        (["serve", "--port=80", "--workers", "4"], 80),
        (["--port", "80", "serve", "--workers=4"], 80),
    ],
)
def test_should_serve_when_no_other_command_is_named(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], port: int
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr(serving, "serve", served.append)
    # main() changes the signal handler and WEB_CONCURRENCY. Restore both at the end.
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    monkeypatch.delenv("PORT", raising=False)

    with pytest.raises(SystemExit) as exited:
        main(arguments)

    assert not exited.value.code
    assert [settings.port for settings in served] == [port]


@pytest.mark.parametrize(
    ("failure", "code", "line"),
    [
        (BackendError("Redis is gone"), 1, "page-tracker: Redis is gone"),
        (KeyboardInterrupt(), 130, "page-tracker: interrupted"),
    ],
)
def test_should_exit_with_one_line_when_it_fails_or_is_interrupted(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException,
    code: int,
    line: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setenv("REDIS_URL", "redis://redis.example")
    monkeypatch.setattr(cli_backend, "open_backend", fail)

    with pytest.raises(SystemExit) as exited:
        main(["top"])

    assert exited.value.code == code
    assert capsys.readouterr().err.strip() == line


def test_should_report_that_no_counts_were_found(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setattr(choice, "_ping", lambda *_: "Connection refused")

    with pytest.raises(SystemExit) as exited:
        main(["top"])

    assert exited.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"SQLite at {tmp_path}/counts.db does not exist" in line
    assert "no Redis answers at localhost:6379 (Connection refused)" in line
    assert "allowed: --backend URL" in line
    assert not list(tmp_path.iterdir())


def test_should_refuse_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["destroy"])

    assert exited.value.code == 2
    assert "unknown command 'destroy'; allowed: serve, token" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "question"),
    [
        (["tpo"], "unknown command 'tpo' (did you mean top?); allowed: serve, "),
        (["--prot", "80"], "unknown option --prot (did you mean --port?); allowed: "),
        (["top", "--jsn"], "unknown option --jsn (did you mean --json?); allowed: "),
    ],
)
def test_should_ask_whether_a_similar_name_was_meant(
    capsys: pytest.CaptureFixture[str], arguments: list[str], question: str
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)

    assert question in capsys.readouterr().err


def test_should_print_a_new_token_as_a_valid_setting(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tokens = set()
    for _ in range(2):
        with pytest.raises(SystemExit) as exited:
            main(["token"])
        assert not exited.value.code
        output = capsys.readouterr().out
        # It may be appended to a file whose last line has no end.
        assert output.startswith("\n") and output.endswith("\n")
        name, _, token = output.strip().partition("=")
        assert Settings.read({name: token}).rules.token == token
        tokens.add(token)
    assert len(tokens) == 2


def test_should_warn_of_a_misspelled_variable_before_any_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDIS_URL", "memory://")
    monkeypatch.setenv("PAGE_TRACKER_BACKND", "redis://:s3cret@h")

    with pytest.raises(SystemExit):
        main(["top"])

    first, _ = capsys.readouterr().err.splitlines()
    assert first == (
        "page-tracker: PAGE_TRACKER_BACKND is not a setting; "
        "did you mean PAGE_TRACKER_BACKEND?"
    )
