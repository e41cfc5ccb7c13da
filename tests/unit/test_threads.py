"""Functions that run in real threads."""

import subprocess
import sys

PROGRAM = """
from gevent import monkey
monkey.patch_all()
from page_tracker.backends.sqlite.threads import run_in_thread
print(run_in_thread(lambda: "returned"))
try:
    run_in_thread(lambda: {}["missing"])
except KeyError as error:
    print("raised", error)
"""


def test_should_raise_the_error_of_the_function_and_log_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )

    assert ended.stdout == "returned\nraised 'missing'\n"
    assert ended.stderr == ""
