"""Forks of a process that has handlers of signals."""

import subprocess
import sys

FORKS = """
import os, signal, time
from page_tracker.operations.forks import hold_while_forking

received = []
hold_while_forking([signal.SIGQUIT])
signal.signal(signal.SIGQUIT, lambda *_: received.append(1))
for _ in range(20):
    child = os.fork()
    if not child:
        until = time.monotonic() + 2
        while not received and time.monotonic() < until:
            time.sleep(0.001)
        os._exit(not received)
    os.kill(child, signal.SIGQUIT)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_should_lose_no_signal_that_a_child_gets_at_once() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", FORKS], check=True, capture_output=True, timeout=20
    )

    assert printed.stdout.split() == [b"0"] * 20
