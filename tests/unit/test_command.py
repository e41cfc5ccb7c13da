"""The command line, up to where the server starts."""

from importlib.metadata import version

import pytest

from page_tracker.cli import main


def test_should_tell_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["--version"])

    assert exited.value.code == 0
    assert capsys.readouterr().out == f"page-tracker {version('page-tracker')}\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--port", "http"], "--port: 'http' is no number from 0 to 65535"),
        (["serve", "--workers", "0"], "--workers: '0' is no number from 1 to 1024"),
        (["--redis-url", "redis://me:s3cret@:0"], "--redis-url: "),
    ],
)
def test_should_end_with_one_line_when_a_setting_is_wrong(
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
def test_should_not_quote_a_url_where_none_belongs(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        main(arguments)

    assert exited.value.code == 2
    assert "allowed: --redis-url URL" in (message := capsys.readouterr().err)
    assert "s3" not in message and "cret" not in message


def test_should_refuse_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["destroy"])

    assert exited.value.code == 2
    assert "destroy" in capsys.readouterr().err
