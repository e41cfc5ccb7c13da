"""The end-to-end tests can be run against any tracker."""

import sys
from subprocess import PIPE, STDOUT

import pytest

from tests import processes
from tests.counting import view_front_page


@pytest.mark.parametrize("option", ["--app-url", "--flask-url"])
def test_should_test_the_tracker_that_an_option_names(
    app_url: str, option: str
) -> None:
    first = view_front_page(app_url)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    command += ["tests/e2e/test_health.py", option, app_url]

    with processes.running(command, stdout=PIPE, stderr=STDOUT, text=True) as run:
        printed, _ = run.communicate(timeout=25)

    assert run.returncode == 0, printed
    assert view_front_page(app_url) > first + 1
